#include "train/optimize.h"
#include "train/running.h"
#include "train/schedule.h"
#include <math.h>
#include <string.h>

const char *const train_metrics[] = {
    "train_loss",        "train_error", "train_error_clean",
    "train_error_noisy", "test_loss",   "test_error",
    "weight_norm",       "distance",    NULL,
};

bool run_read_rule(const char *text, StopRule *rule, Error *error) {
    *rule = (StopRule){.metric = -1};
    if (!*text) return true;
    size_t length = strcspn(text, "<");
    for (int m = 0; m < METRICS; m++) {
        if (strlen(train_metrics[m]) == length && strncmp(text, train_metrics[m], length) == 0)
            rule->metric = m;
    }
    const char *bound = text + length;
    if (*bound) bound++;
    rule->or_equal = *bound == '=';
    if (rule->metric >= 0 && text_to_real(bound + rule->or_equal, &rule->bound)) return true;
    return error_set(error,
                     "until is \"%s\"; it takes METRIC<=NUMBER or METRIC<NUMBER, such as "
                     "train_error<=0",
                     text);
}

static bool rule_holds(const StopRule *rule, const double *metrics) {
    if (rule->metric < 0) return false;
    double value = metrics[rule->metric];
    return rule->or_equal ? value <= rule->bound : value < rule->bound;
}

bool run_on_grid(int64_t epoch, int64_t records) {
    if (epoch <= 1) return true;
    double j = ceil((double)records * log2((double)epoch) - 1e-9); // the first that reaches epoch
    return (int64_t)floor(exp2(j / (double)records) * (1 + 1e-12)) == epoch;
}

static bool allocate(Run *run, Error *error) {
    size_t n = plan_parameters(run->net), batch = (size_t)run->options->batch;
    size_t most = batch > EVALUATION_BATCH ? batch : EVALUATION_BATCH;
    run->state.buffers =
        memory_try((size_t)run->net->buffers, sizeof(float), "running statistics", error);
    if (!run->state.buffers) return false;
    PlanOptions plan = {.net = run->net,
                        .batch = batch,
                        .learns = true,
                        .buffers = run->state.buffers,
                        .team = run->team};
    run->learner = plan_new(&plan, error);
    plan.batch = EVALUATION_BATCH;
    plan.learns = false;
    run->judge = run->learner ? plan_new(&plan, error) : NULL;
    if (!run->judge) return false;
    float **blocks[] = {&run->state.w, &run->dw, &run->start, &run->state.state[0],
                        &run->state.state[1]};
    for (int i = 0; i < 3 + run->state.states; i++) {
        *blocks[i] = memory_try(n, sizeof(float), "parameters, gradient, optimiser", error);
        if (!*blocks[i]) return false;
    }
    run->order = memory_try(run->sample->n, sizeof *run->order, "order of the samples", error);
    run->rows = memory_try(most, sizeof *run->rows, "a batch", error);
    run->labels = memory_try(most, sizeof *run->labels, "a batch", error);
    run->targets = memory_try(most * (run->set->outputs + 1), sizeof(float), "a batch", error);
    bool augments = run->options->augment.law != AUGMENT_NONE;
    if (augments) run->augmented = memory_try(batch * run->set->d, sizeof(float), "a batch", error);
    return run->order && run->rows && run->labels && run->targets && (run->augmented || !augments);
}

static void release(Run *run) {
    plan_free(run->learner);
    plan_free(run->judge);
    team_free(run->team);
    void *blocks[] = {
        run->state.w,       run->dw,    run->start, run->state.state[0], run->state.state[1],
        run->state.buffers, run->order, run->rows,  run->labels,         run->targets,
        run->augmented};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) memory_free(blocks[i]);
}

// ---- learning ----

// The examples of a batch as they are in this epoch; their rows are 0, 1, ... then.
static const float *augment(Run *run, size_t count) {
    for (size_t i = 0; i < count; i++) {
        data_augment(run->set, &run->options->augment, run->state.epoch, run->rows[i],
                     run->augmented + i * run->set->d);
        run->rows[i] = (uint32_t)i;
    }
    return run->augmented;
}

Truth running_load(Run *run, Plan *plan, const uint32_t *order, size_t from, size_t count) {
    const DataView *sample = run->sample;
    size_t outputs = run->set->outputs;
    for (size_t i = 0; i < count; i++) {
        size_t at = order ? order[from + i] : from + i;
        run->rows[i] = sample->row[at];
        if (sample->label) {
            run->labels[i] = sample->label[at];
        } else {
            memcpy(run->targets + i * outputs, run->set->t_train + sample->row[at] * outputs,
                   outputs * sizeof(float));
        }
    }
    bool learns = plan == run->learner && run->augmented;
    plan_load(plan, learns ? augment(run, count) : run->set->x_train, run->rows, count);
    return (Truth){sample->label ? run->labels : NULL, sample->label ? NULL : run->targets};
}

static void learn_step(Run *run) {
    size_t from = (size_t)(run->state.step * run->options->batch);
    size_t count = running_smaller((size_t)run->options->batch, run->sample->n - from);
    Truth truth = running_load(run, run->learner, run->order, from, count);
    int64_t t = run->state.epoch * run->steps + run->state.step;
    plan_draw(run->learner, (uint64_t)run->options->order_seed, (uint64_t)t);
    plan_forward(run->learner, run->state.w);
    const float *loss = plan_loss(run->learner, run->options->loss, &truth, run->state.w, run->dw);
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += loss[i];
    if (!isfinite(sum)) run->diverged = true;
    OptimizerStep step = {
        .count = plan_parameters(run->net),
        .w = run->state.w,
        .dw = run->dw,
        .state = {run->state.state[0], run->state.state[1]},
        .options = run->options,
        .lr = schedule_rate(run->options, t, run->steps),
        .t = t + 1,
    };
    optimize(run->optimizer, &step, run->net);
    run->state.step++;
}

// ---- the run ----

static bool save(Run *run, Error *error) {
    char *bytes;
    size_t size;
    if (!state_pack(run->net, &run->state, &bytes, &size, error)) return false;
    bool ok = run->task->checkpoint(run->task, run->state.epoch, bytes, size, error);
    memory_free(bytes);
    return ok;
}

static double fraction(const Run *run) {
    double done = (double)run->state.epoch + (double)run->state.step / (double)run->steps;
    return run->options->epochs ? done / (double)run->options->epochs : 1;
}

// The rest of the epoch under way. Sets *stopped when asked to stop on the way.
static bool learn_epoch(Run *run, bool *stopped, Error *error) {
    Random random =
        random_stream((uint64_t)run->options->order_seed, RANDOM_ORDER, (uint64_t)run->state.epoch);
    random_permutation(&random, run->order, run->sample->n);
    while (run->state.step < run->steps && !run->diverged) {
        if (run->task->stop(run->task)) {
            *stopped = true;
            return save(run, error);
        }
        if (run->task->checkpoint_due(run->task) && !save(run, error)) return false;
        learn_step(run);
        run->task->progress(run->task, fraction(run));
    }
    run->state.step = 0;
    run->state.epoch++;
    return true;
}

// Measures after an epoch where that is due; *finished when the stop rule holds.
static bool look(Run *run, Error *error) {
    int64_t epoch = run->state.epoch;
    bool on_grid = run_on_grid(epoch, run->options->records), last = epoch == run->options->epochs;
    bool ruled = run->parts->rule.metric >= 0;
    if (!on_grid && !last && !ruled && !run->diverged) return true;
    double metrics[METRICS];
    running_measure(run, metrics);
    if (last && !isfinite(metrics[METRIC_TRAIN_LOSS])) run->diverged = true;
    run->state.finished = rule_holds(&run->parts->rule, metrics);
    if (!on_grid && !last && !run->state.finished && !run->diverged) return true;
    return run->task->record(run->task, epoch, on_grid || run->state.finished, metrics, error);
}

static bool go(Run *run, RunOutcome *outcome, Error *error) {
    bool stopped = false;
    *outcome = RUN_DONE;
    if (run->state.epoch == 0 && run->state.step == 0 && !look(run, error)) return false;
    while (run->state.epoch < run->options->epochs && !run->state.finished && !run->diverged) {
        if (!learn_epoch(run, &stopped, error)) return false;
        if (stopped) {
            *outcome = RUN_INTERRUPTED;
            return true;
        }
        if (!look(run, error)) return false;
    }
    if (!run->diverged) return save(run, error);
    *outcome = RUN_DIVERGED; // nothing to go on from
    return true;
}

static bool start(const Run *run, Error *error) {
    const TrainOptions *options = run->options;
    if (*options->start)
        return train_start_file(options->start, run->net, run->start, run->state.buffers, NULL,
                                error);
    plan_start_buffers(run->net, run->state.buffers);
    return train_start(&(TrainStart){run->net, options->init, options->init_law,
                                     (uint64_t)options->init_seed, run->set->x_train,
                                     run->sample->row, run->sample->n},
                       run->start, error);
}

static bool open_team(Run *run, Error *error) {
    if (run->task->threads <= 1) return true;
    run->team = team_new((size_t)run->task->threads, num_float_mode_begin, error);
    return run->team != NULL;
}

// At the first weights, or where a checkpoint says.
static bool begin(Run *run, Error *error) {
    if (!start(run, error)) return false;
    memcpy(run->state.w, run->start, (size_t)run->net->parameters * sizeof(float));
    const TaskRun *task = run->task;
    return !task->state ||
           state_unpack("checkpoint", task->state, task->state_size, run->net, &run->state,
                        error) ||
           error_prefix(error, "%s", task->store);
}

bool run_train(const RunParts *parts, TaskRun *task, RunOutcome *outcome, Error *error) {
    const TrainOptions *options = parts->options;
    const Optimizer *optimizer = &train_kernels()->optimizer[options->optimizer];
    Run run = {
        .parts = parts,
        .options = options,
        .net = parts->net,
        .sample = parts->sample,
        .set = parts->sample->set,
        .task = task,
        .optimizer = optimizer,
        .state = {.states = optimizer->states},
        .steps = run_steps(options, parts->sample->n),
    };
    if (!run_fits(options, parts->net, task->threads, error)) return false;
    Text input = {0};
    bool ok = data_input_print(run.set, &input, error) && open_team(&run, error) &&
              allocate(&run, error) && begin(&run, error);
    run.state.input = input.data;
    unsigned mode = num_float_mode_fast();
    ok = ok && go(&run, outcome, error);
    num_float_mode_set(mode);
    release(&run);
    text_free(&input);
    return ok;
}

int64_t run_steps(const TrainOptions *options, size_t n) {
    int64_t left = options->last_batch == TRAIN_DROP ? 0 : options->batch - 1;
    return ((int64_t)n + left) / options->batch;
}

int64_t run_last_batch(const TrainOptions *options, size_t n) {
    int64_t left = (int64_t)n - (run_steps(options, n) - 1) * options->batch;
    return left < options->batch ? left : options->batch;
}

double run_learning_macs(const Net *net) {
    double macs = 0;
    bool first = true;
    for (size_t l = 0; l < net->layers; l++) {
        const Layer *layer = &net->layer[l];
        if (layer->slots == 0) continue;
        macs += (first ? 2.0 : 3.0) *
                (double)layer->macs; // forward, weights, and input but for the first
        first = false;
    }
    return macs;
}

// All that grows with the network: what allocate() takes but for a few numbers an example, and a
// checkpoint, of which the store makes a copy.
size_t run_bytes(const TrainOptions *options, const Net *net, int threads) {
    size_t states = (size_t)train_kernels()->optimizer[options->optimizer].states;
    PlanOptions plan = {.net = net, .threads = (size_t)threads};
    plan.batch = EVALUATION_BATCH;
    size_t bytes = plan_bytes(&plan);
    plan.batch = (size_t)options->batch;
    plan.learns = true;
    bytes += plan_bytes(&plan);
    size_t checkpoint = (1 + states) * plan_parameters(net) + (size_t)net->buffers;
    size_t held = (3 + states) * plan_parameters(net) + (size_t)net->buffers;
    if (options->augment.law != AUGMENT_NONE)
        held += (size_t)options->batch * (size_t)shape_count(&net->input);
    return bytes + (held + 2 * checkpoint) * sizeof(float);
}

bool run_fits(const TrainOptions *options, const Net *net, int threads, Error *error) {
    double bytes = (double)run_bytes(options, net, threads);
    if (bytes <= system_memory()) return true;
    return error_set(error, "this run needs %.1f GB of memory; the machine has %.1f GB",
                     bytes * 1e-9, system_memory() * 1e-9);
}
