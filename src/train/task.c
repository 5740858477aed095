#include "init/init.h"
#include "train/run.h"
#include "train/schedule.h"
#include <math.h>
#include <pthread.h>
#include <string.h>

static const char *const SEEDS[] = {"noise_seed", "init_seed", "order_seed", "augment_seed", NULL};
static const TaskOptions OPTIONS = {"train", train_options, SEEDS};

// Everything a cell opens; also what resolve looks at.
typedef struct Opened {
    TrainOptions options;
    NetProgram *program;
    Net *net;
    const DataSet *set;
    DataView sample;
    StopRule rule;
    TrainStartFound found; // in the file of first weights
} Opened;

static void close_all(Opened *opened) {
    data_view_free(&opened->sample);
    train_start_found_free(&opened->found);
    if (opened->set) data_close(opened->set);
    net_free(opened->net);
    net_program_free(opened->program);
    task_free(&OPTIONS, &opened->options);
    settings_free(&opened->options.variables);
}

static bool is_variable(const NetProgram *program, const char *name) {
    for (size_t i = 0; i < net_variables(program); i++) {
        if (text_equal_fold(net_variable(program, i), name)) return true;
    }
    return false;
}

static bool unknown_setting(const NetProgram *program, const Setting *setting, Error *error) {
    Text known = {0};
    text_add(&known, "the model's variables are: ");
    for (size_t i = 0; i < net_variables(program); i++) {
        text_printf(&known, "%s%s", i ? ", " : "", net_variable(program, i));
    }
    if (net_variables(program) == 0) text_add(&known, "none");
    task_unknown(&OPTIONS, setting, known.data, error);
    text_free(&known);
    return false;
}

static bool read_options(const Settings *given, Opened *opened, Error *error) {
    TrainOptions *options = &opened->options;
    if (!task_read(&OPTIONS, given, options, error)) return false;
    opened->program = net_read(options->model, error);
    if (!opened->program) return false;
    for (size_t i = 0; i < given->count; i++) {
        const Setting *setting = &given->item[i];
        if (task_knows(&OPTIONS, setting->name)) continue;
        if (!is_variable(opened->program, setting->name))
            return unknown_setting(opened->program, setting, error);
        settings_set(&options->variables, setting->name, setting->value, setting->place);
    }
    if (run_read_rule(options->until, &opened->rule, error)) return true;
    return error_prefix(error, "%s", task_place(&OPTIONS, settings_find(given, "until")));
}

// ---- do network, data and loss go together? ----

// Which loss: cross_entropy, squared, ...
static bool has_loss(const Opened *opened, const char *name) {
    return strcmp(train_loss_names[opened->options.loss], name) == 0;
}

static bool check_outputs(const Opened *opened, Error *error) {
    const DataSet *set = opened->set;
    int64_t outputs = opened->net->outputs;
    if (has_loss(opened, "logistic")) {
        if (outputs == 1 && set->classes == 2) return true;
        return error_set(error,
                         "loss logistic goes with one output and two classes, but the network "
                         "gives %lld, and %s has %d",
                         (long long)outputs, set->spec, set->classes);
    }
    if (set->classes && outputs != set->classes) {
        return error_set(error, "the network gives %lld outputs, but %s has %d classes",
                         (long long)outputs, set->spec, set->classes);
    }
    if (!set->classes && (size_t)outputs != set->outputs) {
        return error_set(error, "the network gives %lld outputs, but %s has %zu targets",
                         (long long)outputs, set->spec, set->outputs);
    }
    return true;
}

static bool check_data(const Opened *opened, Error *error) {
    return data_fits(opened->set, &opened->net->input, error) && check_outputs(opened, error) &&
           (opened->sample.n > 0 ||
            error_set(error, "%s: no training examples", opened->set->spec));
}

static int64_t channels_of(const Layer *layer) {
    return layer->in.size[layer->in.rank - 1];
}

// Layers that normalise by the batch need two numbers of each channel: examples times positions.
static bool check_batches(const Opened *opened, Error *error) {
    const TrainOptions *options = &opened->options;
    const Net *net = opened->net;
    const size_t n = opened->sample.n;
    const int64_t steps = run_steps(options, n);
    if (steps == 0)
        return error_set(error,
                         "batch is %lld and the sample has %zu examples: with last_batch=drop "
                         "nothing is left to learn from",
                         (long long)options->batch, n);
    if (run_last_batch(options, n) > 1 || (options->epochs == 0 && n > 1)) return true;
    Text text = {0};
    if (steps > 1 && options->batch > 1)
        text_printf(&text,
                    "%zu examples in batches of %lld: the last batch has one example, and the "
                    "single number that it gives each channel has no variance; last_batch=drop "
                    "leaves that batch out",
                    n, (long long)options->batch);
    else
        text_add(&text, "a batch of one example gives each channel a single number here, which "
                        "has no variance; a step needs two examples or more");
    bool ok = true;
    for (size_t l = 0; ok && l < net->layers; l++) {
        const Layer *layer = &net->layer[l];
        bool runs = layer->buffers > 0; // running statistics, of batches
        if (runs && shape_count(&layer->in) == channels_of(layer))
            ok = net_refuse(opened->program, layer, text.data, error);
    }
    text_free(&text);
    return ok;
}

static bool check_loss(const Opened *opened, Error *error) {
    const Net *net = opened->net;
    bool cross_entropy = has_loss(opened, "cross_entropy");
    if (cross_entropy && !opened->set->classes) {
        return error_set(error,
                         "loss cross_entropy needs classes, but %s has real targets; "
                         "loss=squared fits",
                         opened->set->spec);
    }
    if (!cross_entropy && net->layer[net->layers - 1].kind->is_loss) {
        return error_set(error, "loss %s goes with a network that does not end in softmax",
                         train_loss_names[opened->options.loss]);
    }
    return true;
}

static bool check_layers(const NetProgram *program, const Net *net, Error *error) {
    for (size_t l = 0; l < net->layers; l++) {
        const LayerKind *kind = net->layer[l].kind;
        if (!kind->forward || !kind->backward)
            return net_refuse(program, &net->layer[l],
                              "layers of this kind are counted, but cannot be trained yet", error);
        if (strcmp(kind->name, "layernorm") == 0 && channels_of(&net->layer[l]) == 1)
            return net_refuse(program, &net->layer[l],
                              "it normalises over channels, and of one channel nothing is left",
                              error);
    }
    if (net->parameters == 0) return error_set(error, "the network has nothing to learn");
    return true;
}

static Hash name_init(const Net *net, const TrainOptions *options) {
    Hash name = {0};
    Text text = {0};
    net_canonical(net, &text);
    hash_string(&name, text.data);
    hash_bytes(&name, &options->init, sizeof options->init);
    hash_bytes(&name, &options->init_law, sizeof options->init_law);
    text_free(&text);
    return name;
}

// Of thousands of cells many have the same network, and the moments of one take a millisecond: the
// last ones that passed are remembered. Workers ask, too.
static bool is_known_to_fit(const Hash *name, bool from_now_on) {
    enum { KEPT = 1024 };
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static Hash known[KEPT];
    Hash *place = &known[name->low % KEPT];
    pthread_mutex_lock(&mutex);
    if (from_now_on) *place = *name;
    bool found = memcmp(place, name, sizeof *name) == 0;
    pthread_mutex_unlock(&mutex);
    return found;
}

// Can the initialisation keep a signal alive here? What the data says of the first layer is not
// known yet.
static bool check_init(const NetProgram *program, const Net *net, const TrainOptions *options,
                       Error *error) {
    if (!init_schemes[options->init].needs_power || *options->start) return true;
    Hash name = name_init(net, options);
    if (is_known_to_fit(&name, false)) return true;
    InitOptions init = {options->init, options->init_law, 0, init_unit_input, false};
    InitLayer *layer = memory_try(net->layers, sizeof *layer, "moments of the layers", error);
    size_t at;
    Error reason;
    bool ok = layer && init_predict(net, &init, layer, &at, &reason);
    if (layer && !ok) {
        Text text = {0};
        text_printf(&text, "%s; init=%s cannot be had", reason.text, init_names[options->init]);
        net_refuse(program, &net->layer[at], text.data, error);
        text_free(&text);
    }
    memory_free(layer);
    if (ok) is_known_to_fit(&name, true);
    return ok;
}

// A file of first weights is known by its content, and fits.
static bool name_start(const Settings *given, Opened *opened, Error *error) {
    const Net *net = opened->net;
    char **start = &opened->options.start;
    if (!**start) return true;
    if (!run_fits(&opened->options, net, 1, error)) return false;
    float *w = memory_try((size_t)net->parameters, sizeof *w, "weights", error);
    float *buffers = memory_try((size_t)net->buffers, sizeof *buffers, "buffers", error);
    bool ok = w && buffers &&
              (train_start_file(*start, net, w, buffers, &opened->found, error) ||
               error_prefix(error, "%s", task_place(&OPTIONS, settings_find(given, "start"))));
    memory_free(buffers);
    memory_free(w);
    if (!ok) return false;
    memory_free(*start);
    *start = memory_text(opened->found.full.data);
    return true;
}

// What first weights were trained on should look like what they go on with.
static bool compare_start(const Settings *given, Opened *opened, Error *error) {
    TrainStartFound *found = &opened->found;
    DataSet before;
    Text how = {0};
    if (!found->input.length) return true;
    if (!data_input_read(found->input.data, &before, error))
        return error_prefix(error, "%s: %s", task_place(&OPTIONS, settings_find(given, "start")),
                            opened->options.start);
    if (data_input_differs(&before, opened->set, &how))
        text_printf(&found->said,
                    "%s: it was trained on data that were prepared otherwise, %s: %s\n",
                    opened->options.start, before.spec, how.data);
    text_free(&how);
    data_input_free(&before);
    return true;
}

static bool open_all(const Settings *given, Opened *opened, Error *error) {
    *opened = (Opened){0};
    if (!read_options(given, opened, error)) return false;
    const TrainOptions *options = &opened->options;
    opened->net = net_build(opened->program, &options->variables, error);
    if (!opened->net || !check_layers(opened->program, opened->net, error) ||
        !check_init(opened->program, opened->net, options, error) ||
        !name_start(given, opened, error))
        return false;
    opened->set = data_open(options->data, error);
    if (!opened->set || !compare_start(given, opened, error)) return false;
    return data_view(opened->set, &options->sample, &opened->sample, error) &&
           check_data(opened, error) && check_batches(opened, error) && check_loss(opened, error);
}

// ---- the task ----

static void print_settings(const Opened *opened, Settings *resolved) {
    Text text = {0};
    task_print(&OPTIONS, &opened->options, resolved);
    // The program's own text, so that a cell does not depend on a file that may change.
    net_print_line(opened->program, &text);
    settings_set(resolved, "model", text.data, NULL);
    settings_set(resolved, "data", opened->set->spec, NULL);
    // Named where it decides something, so that runs from before there was a choice are found.
    if (opened->options.last_batch == TRAIN_KEEP ||
        opened->sample.n % (size_t)opened->options.batch == 0)
        settings_remove(resolved, "last_batch");
    const Settings *variables = &opened->net->variables;
    for (size_t i = 0; i < variables->count; i++) {
        settings_set(resolved, variables->item[i].name, variables->item[i].value, NULL);
    }
    text_free(&text);
}

static int64_t grid_points(const TrainOptions *options) {
    int64_t points = 2; // 0 and the last
    for (int64_t e = 1; e < options->epochs && e < 1 << 20; e++) {
        points += run_on_grid(e, options->records);
    }
    return points;
}

static void state_facts(const Opened *opened, TaskFacts *facts) {
    const TrainOptions *options = &opened->options;
    const Net *net = opened->net;
    const size_t n = opened->sample.n;
    const double examples = (double)n, steps = (double)run_steps(options, n);
    double learned = (steps - 1) * (double)options->batch + (double)run_last_batch(options, n);
    double learning = 2 * run_learning_macs(net) * learned * (double)options->epochs;
    double looking = 2 * (double)net->macs * (examples + (double)opened->set->n_test);
    double looks =
        opened->rule.metric >= 0 ? (double)options->epochs + 1 : (double)grid_points(options);
    Text model = {0};
    net_canonical(net, &model);
    *facts = (TaskFacts){
        .parameters = (double)net->parameters,
        .flops = learning + looking * looks,
        .bytes = (double)run_bytes(options, net, 1),
        .model = model.data,
        .data = opened->set->hash,
        .horizon = options->epochs,
        .prefix = schedule_extends(options),
        .examples = (int64_t)opened->sample.n,
        .classes = opened->set->classes,
        .note = opened->found.said.length ? memory_text(opened->found.said.data) : NULL,
    };
}

static bool resolve(const Settings *given, Settings *resolved, TaskFacts *facts, Error *error) {
    Opened opened;
    bool ok = open_all(given, &opened, error);
    if (ok) {
        print_settings(&opened, resolved);
        state_facts(&opened, facts);
    }
    close_all(&opened);
    return ok;
}

static bool run(const Settings *resolved, TaskRun *task, RunOutcome *outcome, Error *error) {
    Opened opened;
    bool ok = open_all(resolved, &opened, error);
    if (ok) {
        RunParts parts = {&opened.options, opened.net, &opened.sample, opened.rule};
        ok = run_train(&parts, task, outcome, error);
    }
    close_all(&opened);
    return ok;
}

// Steps with as many examples as the batch, for 50 ms.
static double rate_of(const Opened *opened) {
    const Net *net = opened->net;
    if (!run_fits(&opened->options, net, 1, NULL)) return NAN;
    size_t batch = (size_t)opened->options.batch;
    if (batch > opened->sample.n) batch = opened->sample.n;
    Plan *plan = plan_new(&(PlanOptions){.net = net, .batch = batch, .learns = true}, NULL);
    float *w = memory_try(plan_parameters(net), sizeof *w, "parameters", NULL);
    float *dw = memory_try(plan_parameters(net), sizeof *dw, "gradient", NULL);
    double begin = system_seconds(), seconds = 0, steps = 0;
    for (; plan && w && dw && seconds < 0.05; seconds = system_seconds() - begin, steps++) {
        Truth truth = {opened->sample.label, opened->set->t_train};
        plan_load(plan, opened->set->x_train, opened->sample.row, batch);
        plan_forward(plan, w);
        plan_loss(plan, opened->options.loss, &truth, w, dw);
    }
    plan_free(plan);
    memory_free(w);
    memory_free(dw);
    return seconds > 0 ? 2 * run_learning_macs(net) * (double)batch * steps / seconds : NAN;
}

static double measure_rate(const Settings *resolved) {
    Opened opened;
    Error error;
    double rate = open_all(resolved, &opened, &error) ? rate_of(&opened) : NAN;
    close_all(&opened);
    return rate;
}

// The number goes up whenever the same settings give other bits.
static const char *numerics(void) {
    return strcmp(num_arithmetic(), "fma") == 0 ? "train-2 fma" : "train-2 nofma";
}

const Task train_task = {
    .name = "train",
    .numerics = numerics,
    .metrics = train_metrics,
    .horizon = "epochs",
    .options = train_options,
    .resolve = resolve,
    .run = run,
    .measure_rate = measure_rate,
};
