#include "num/num.h"
#include "predict/inner.h"
#include "weights/weights.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 16, BATCH = 16, CLASSES_TEXT = 16 << 20 };

// ---- what is opened ----

static void close_all(Predictor *predictor) {
    plan_free(predictor->plan);
    team_free(predictor->team);
    memory_free(predictor->w);
    memory_free(predictor->buffers);
    memory_free(predictor->x);
    memory_free(predictor->class_text);
    memory_free(predictor->class_name);
    prepare_close(&predictor->preparation);
    net_free(predictor->net);
}

static bool check_layers(const NetProgram *program, const Net *net, Error *error) {
    for (size_t l = 0; l < net->layers; l++) {
        const LayerKind *kind = net->layer[l].kind;
        if (kind->forward || kind->is_loss) continue;
        return net_refuse(program, &net->layer[l],
                          "layers of this kind are counted, but cannot run yet", error);
    }
    return true;
}

static bool open_net(const PredictOptions *options, Predictor *predictor, Error *error) {
    NetProgram *program = net_read(options->model, error);
    if (program) predictor->net = net_build(program, options->variables, error);
    bool ok = predictor->net && check_layers(program, predictor->net, error);
    net_program_free(program);
    return ok;
}

// The kernel would promise what the machine does not have, and then kill us.
static bool check_memory(const PredictOptions *options, const Net *net, Error *error) {
    PlanOptions plan = {.net = net, .batch = BATCH, .threads = options->threads};
    double bytes = (double)plan_bytes(&plan) + (double)net->parameters * sizeof(float);
    if (bytes <= system_memory()) return true;
    return error_set(error, "%s: needs %.1f GB of memory; the machine has %.1f GB", options->model,
                     bytes * 1e-9, system_memory() * 1e-9);
}

static bool open_weights(const PredictOptions *options, Predictor *predictor, Text *said,
                         Error *error) {
    const Net *net = predictor->net;
    if (!check_memory(options, net, error)) return false;
    predictor->w = memory_try(plan_parameters(net), sizeof(float), "weights", error);
    predictor->buffers = memory_try((size_t)net->buffers, sizeof(float), "statistics", error);
    WeightsFile *file = NULL;
    bool ok = predictor->w && predictor->buffers &&
              (file = weights_open(options->weights, error)) != NULL &&
              weights_take(file, net, predictor->w, predictor->buffers, said, error) &&
              prepare_open(options, net, weights_metadata(file, DATA_INPUT_KEY),
                           &predictor->preparation, error);
    weights_close(file);
    return ok;
}

static bool open_plan(const PredictOptions *options, Predictor *predictor, Error *error) {
    const Net *net = predictor->net;
    predictor->x =
        memory_try(BATCH * (size_t)shape_count(&net->input), sizeof(float), "images", error);
    if (!predictor->x) return false;
    predictor->team = team_new(options->threads, num_float_mode_begin, error);
    if (!predictor->team) return false;
    predictor->plan = plan_new(
        &(PlanOptions){
            .net = net, .batch = BATCH, .buffers = predictor->buffers, .team = predictor->team},
        error);
    return predictor->plan != NULL;
}

static size_t classes_of(const Net *net) {
    return net->outputs > 1 ? (size_t)net->outputs : 2;
}

// Names of the training data, where they are as many as the network has classes.
static void take_classes(Predictor *predictor, Text *said) {
    const DataSet *trained = &predictor->preparation.trained;
    const size_t classes = classes_of(predictor->net);
    if (!trained->class_name || (size_t)trained->classes != classes) return;
    predictor->class_name = memory_new(classes, sizeof *predictor->class_name);
    for (size_t c = 0; c < classes; c++) predictor->class_name[c] = trained->class_name[c];
    text_add(said, "classes: their names stand in ");
    text_add_tame(said, predictor->preparation.file);
    text_add(said, "\n");
}

// A name a line, as many as classes.
static bool open_classes(const char *path, Predictor *predictor, Text *said, Error *error) {
    const size_t classes = classes_of(predictor->net);
    size_t size, lines = 0;
    if (!path) {
        take_classes(predictor, said);
        return true;
    }
    if (!file_read(path, CLASSES_TEXT, &predictor->class_text, &size, error)) return false;
    predictor->class_name = memory_try(classes, sizeof *predictor->class_name, path, error);
    if (!predictor->class_name) return false;
    for (char *c = predictor->class_text; *c; lines++) {
        size_t length = strcspn(c, "\n");
        bool ended = c[length] == '\n';
        c[length] = 0;
        if (length && c[length - 1] == '\r') c[length - 1] = 0;
        if (lines < classes) predictor->class_name[lines] = c;
        c += length + ended;
    }
    return lines == classes ||
           error_set(error, "%s: %zu lines, but the network has %zu classes", path, lines, classes);
}

// ---- from outputs to classes ----

static int by_output(const void *a, const void *b) {
    const PredictClass *left = a, *right = b;
    if (left->output != right->output) return left->output > right->output ? -1 : 1;
    return left->number < right->number ? -1 : left->number > right->number;
}

// All classes of one example, the best first.
static void rank_classes(const Predictor *predictor, const float *u, size_t example,
                         PredictClass *all) {
    const size_t classes = classes_of(predictor->net), row = plan_groups(predictor->plan) * LANES;
    const bool one = predictor->net->outputs == 1;
    double sum = 0;
    for (size_t c = 0; c < classes; c++) {
        double output = one ? c ? (double)u[example] : 0 : (double)u[c * row + example];
        const char *name = predictor->class_name ? predictor->class_name[c] : NULL;
        all[c] = (PredictClass){.number = c, .name = name, .output = output};
    }
    qsort(all, classes, sizeof *all, by_output);
    for (size_t c = 0; c < classes; c++) sum += exp(all[c].output - all[0].output);
    for (size_t c = 0; c < classes; c++)
        all[c].probability = exp(all[c].output - all[0].output) / sum;
}

static const char *keep(Arena *arena, const char *text) {
    return text ? arena_text(arena, text, strlen(text)) : NULL;
}

static void keep_best(const PredictClass *all, const char *image, Predictions *to) {
    Prediction *prediction = &to->image[to->images++];
    prediction->image = keep(&to->arena, image);
    prediction->best = arena_new(&to->arena, to->top, sizeof *all);
    memcpy(prediction->best, all, to->top * sizeof *all);
    for (size_t i = 0; i < to->top; i++)
        prediction->best[i].name = keep(&to->arena, prediction->best[i].name);
}

static bool are_finite(const PredictClass *all, size_t count) {
    for (size_t c = 0; c < count; c++) {
        if (!isfinite(all[c].output)) return false;
    }
    return true;
}

static bool run_batch(Predictor *predictor, const PredictSources *sources, size_t from,
                      size_t count, Predictions *to, Error *error) {
    static const uint32_t ROWS[BATCH] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    PredictClass *all = memory_new(to->classes, sizeof *all);
    plan_load(predictor->plan, predictor->x, ROWS, count);
    const float *u = plan_forward(predictor->plan, predictor->w);
    bool finite = true;
    for (size_t i = 0; finite && i < count; i++) {
        const char *name = sources->item[from + i].name;
        rank_classes(predictor, u, i, all);
        finite = are_finite(all, to->classes) ||
                 error_set(error, "%s: the network's outputs are not finite numbers", name);
        if (finite) keep_best(all, name, to);
    }
    memory_free(all);
    return finite;
}

static void say_made(const Predictor *predictor, const PredictSources *sources, Predictions *to) {
    const Preparation *p = &predictor->preparation;
    bool files = false, rows = false;
    for (size_t i = 0; i < sources->count; i++) {
        files = files || !sources->item[i].file;
        rows = rows || sources->item[i].file;
    }
    if (files) to->files.how = prepare_images(p);
    if (rows) to->rows.how = prepare_rows(p);
    if (files) to->files.moments = prepare_moments(p, true, to->files.mean, to->files.sd);
    if (rows) to->rows.moments = prepare_moments(p, false, to->rows.mean, to->rows.sd);
    to->data = keep(&to->arena, p->trained.spec);
    prepare_say(p, files, rows, &to->said);
}

static bool run_all(const PredictOptions *options, Predictor *predictor,
                    const PredictSources *sources, Predictions *to, Error *error) {
    const size_t d = (size_t)shape_count(&predictor->net->input);
    to->classes = classes_of(predictor->net);
    to->top = options->top < to->classes ? options->top : to->classes;
    to->image = memory_try(sources->count, sizeof *to->image, "predictions", error);
    if (!to->image) return false;
    for (size_t from = 0; from < sources->count; from += BATCH) {
        size_t count = sources->count - from < BATCH ? sources->count - from : BATCH;
        for (size_t i = 0; i < count; i++) {
            if (!predict_read(predictor, &sources->item[from + i], predictor->x + i * d, error))
                return false;
        }
        if (!run_batch(predictor, sources, from, count, to, error)) return false;
    }
    return true;
}

bool predict(const PredictOptions *options, const char *const *path, size_t paths,
             Predictions *predictions, Error *error) {
    Predictor predictor = {0};
    PredictSources sources = {0};
    *predictions = (Predictions){0};
    unsigned mode = num_float_mode_fast();
    bool ok = open_net(options, &predictor, error) &&
              open_weights(options, &predictor, &predictions->said, error) &&
              open_classes(options->classes, &predictor, &predictions->said, error) &&
              predict_find(&predictor, path, paths, &sources, error) &&
              open_plan(options, &predictor, error) &&
              run_all(options, &predictor, &sources, predictions, error);
    num_float_mode_set(mode);
    if (ok) say_made(&predictor, &sources, predictions);
    predict_sources_free(&sources);
    close_all(&predictor);
    if (!ok) predict_free(predictions);
    return ok;
}

void predict_free(Predictions *predictions) {
    memory_free(predictions->image);
    text_free(&predictions->said);
    arena_free(&predictions->arena);
    *predictions = (Predictions){0};
}
