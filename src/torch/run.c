// What a run begins with, for --train.
#include "torch/inner.h"
#include "weights/weights.h"
#include <string.h>

// A file of the folder.
static bool write_matrix(const char *folder, const char *name, const char *type, size_t rows,
                         size_t cols, const void *values, Error *error) {
    char *path = file_join(folder, name);
    bool ok = data_write_npy(path, type, rows, cols, values, error);
    memory_free(path);
    return ok;
}

// Rows of x (., cols), in the order of the sample.
static float *gather(const DataView *sample, const float *x, size_t cols, Error *error) {
    float *rows = memory_try(sample->n * cols, sizeof *rows, "a copy of the sample", error);
    for (size_t i = 0; rows && i < sample->n; i++)
        memcpy(rows + i * cols, x + sample->row[i] * cols, cols * sizeof *rows);
    return rows;
}

static bool write_rows(const char *folder, const char *name, const DataView *sample,
                       const float *values, size_t cols, Error *error) {
    float *rows = gather(sample, values, cols, error);
    bool ok = rows && write_matrix(folder, name, "f4", sample->n, cols, rows, error);
    memory_free(rows);
    return ok;
}

static bool write_train(const DataView *sample, const char *folder, Error *error) {
    const DataSet *set = sample->set;
    if (!write_rows(folder, "x_train.npy", sample, set->x_train, set->d, error)) return false;
    if (!sample->label)
        return write_rows(folder, "y_train.npy", sample, set->t_train, set->outputs, error);
    return write_matrix(folder, "y_train.npy", "u4", sample->n, 1, sample->label, error);
}

static bool write_test(const DataSet *set, const char *folder, Error *error) {
    if (!set->n_test) return true;
    if (!write_matrix(folder, "x_test.npy", "f4", set->n_test, set->d, set->x_test, error))
        return false;
    if (set->y_test)
        return write_matrix(folder, "y_test.npy", "u4", set->n_test, 1, set->y_test, error);
    return write_matrix(folder, "y_test.npy", "f4", set->n_test, set->outputs, set->t_test, error);
}

static bool first_weights(const TorchRun *run, float *w, float *buffers, Error *error) {
    const TrainOptions *options = run->options;
    if (*options->start) return train_start_file(options->start, run->net, w, buffers, NULL, error);
    plan_start_buffers(run->net, buffers);
    TrainStart start = {run->net,
                        options->init,
                        options->init_law,
                        (uint64_t)options->init_seed,
                        run->sample->set->x_train,
                        run->sample->row,
                        run->sample->n};
    return train_start(&start, w, error);
}

static bool write_start(const TorchRun *run, const char *folder, Error *error) {
    const Net *net = run->net;
    float *w = memory_try(plan_parameters(net), sizeof *w, "weights", error);
    float *buffers = memory_try((size_t)net->buffers, sizeof *buffers, "buffers", error);
    char *path = file_join(folder, "start.safetensors");
    Settings metadata = {0};
    Text input = {0};
    bool ok = w && buffers && first_weights(run, w, buffers, error) &&
              data_input_print(run->sample->set, &input, error);
    settings_set(&metadata, "format", "pt", NULL);
    if (ok) settings_set(&metadata, DATA_INPUT_KEY, input.data, NULL);
    ok = ok && weights_write(path, net, WEIGHTS_OWN, w, buffers, &metadata, error);
    text_free(&input);
    settings_free(&metadata);
    memory_free(path);
    memory_free(buffers);
    memory_free(w);
    return ok;
}

bool torch_write_run(const TorchRun *run, const char *folder, Error *error) {
    return file_make_folder(folder, error) && write_train(run->sample, folder, error) &&
           write_test(run->sample->set, folder, error) && write_start(run, folder, error);
}

// ---- from settings ----

static bool read_options(const Settings *resolved, TrainOptions *options, Error *error) {
    bool ok = true;
    option_defaults(train_options, train_option_count, options);
    for (const Option *option = train_options; ok && option->name; option++) {
        const char *value = settings_get(resolved, option->name);
        if (value) ok = option_set(option, options, value, NULL, error);
    }
    return ok;
}

// What --train does not do.
static bool check_options(const TrainOptions *options, Error *error) {
    return options->augment.law == AUGMENT_NONE ||
           error_set(error, "augment is \"%s\"; a Python program has runs with augment=none",
                     data_augment_laws[options->augment.law]);
}

// network: the canonical text.
static bool print_run(const TrainOptions *options, const char *network, const char *title,
                      const char *folder, Text *python, Error *error) {
    DataView sample = {0};
    NetProgram *program = net_parse(title, network, strlen(network), error);
    Net *net = program ? net_build(program, NULL, error) : NULL;
    const DataSet *set = net ? data_open(options->data, error) : NULL;
    bool ok = set && data_view(set, &options->sample, &sample, error) &&
              torch_write_run(&(TorchRun){options, net, &sample}, folder, error);
    if (ok) torch_print_program(net, title, options, python);
    data_view_free(&sample);
    data_close(set);
    net_free(net);
    net_program_free(program);
    return ok;
}

bool torch_print_run(const Settings *settings, const char *title, const char *folder, Text *python,
                     Error *error) {
    Settings resolved = {0};
    TaskFacts facts = {0};
    TrainOptions options = {0};
    bool ok = train_task.resolve(settings, &resolved, &facts, error) &&
              read_options(&resolved, &options, error) && check_options(&options, error) &&
              print_run(&options, facts.model, title, folder, python, error);
    option_free(train_options, train_option_count, &options);
    settings_free(&resolved);
    memory_free(facts.model);
    memory_free(facts.note);
    return ok;
}
