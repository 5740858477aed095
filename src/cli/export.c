#include "cli/cell.h"
#include "cli/store.h"
#include "torch/torch.h"
#include "train/train.h"
#include <string.h>
#include <unistd.h>

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"json", NULL, "JSON instead of CSV"},
    {"timings", NULL, "also the seconds that each run took"},
    {"out", "FILE", "write to a file instead of standard output"},
    {"weights", "FILE", "instead: the weights of one run, as safetensors"},
    {"names", "NAMES",
     "of its tensors: own (fc1.weight), torchvision (features.0.weight), sequential (0.weight)"},
    {"torch", NULL, "instead: a Python program of a network, or of one run, with PyTorch"},
    {"train", "FOLDER", "with --torch: also the training; its data and first weights go there"},
    {0},
};

const Command command_export = {
    .name = "export",
    .form = "RUNS.db | MODEL [NAME=VALUE ...]",
    .summary = "everything a store holds, as CSV; weights as safetensors; networks for PyTorch",
    .more =
        "CSV has a row for every recorded epoch; NAME=VALUE keeps only the runs with that setting.\n"
        "Equal runs give equal files, however they were computed.\n"
        "    benign export runs.db width=64 seed=0 --weights w.safetensors\n"
        "With --torch a MODEL may stand in the place of the store, and NAME=VALUE sets one of its\n"
        "variables or, with --train, any setting of benign train:\n"
        "    benign export --torch resnet18 --out resnet18.py\n"
        "    benign export --torch mlp width=64 epochs=50 --train run --out run.py\n"
        "    python3 run.py --train run",
    .flags = FLAGS,
    .least_words = 1,
    .most_words = 1000,
    .run = run,
};

static bool export_table(const Arguments *arguments, const Settings *where, Error *error) {
    Text text = {0};
    SweepFilter filter = {where, cli_flag(arguments, "timings") != NULL};
    SweepFormat format = cli_flag(arguments, "json") ? SWEEP_JSON : SWEEP_CSV;
    bool ok = cli_look_at_store(arguments->word[0], error) &&
              sweep_export(arguments->word[0], &filter, format, &text, error) &&
              cli_write(cli_flag(arguments, "out"), &text, error);
    text_free(&text);
    return ok;
}

static bool export_weights(const Arguments *arguments, const Settings *where, Error *error) {
    WeightNames names;
    Cell cell = {0};
    bool ok =
        cli_read_names(arguments, &names, error) &&
        cli_find_cell(arguments->word[0], where, &cell, error) &&
        cli_write_weights(arguments->word[0], &cell, cli_flag(arguments, "weights"), names, error);
    cli_free_cell(&cell);
    return ok;
}

// ---- PyTorch ----

static bool is_store(const char *path) {
    char start[15] = "";
    struct stat status;
    int file = file_open(path, &status, NULL); // what is no file is the network's text
    ssize_t length = file < 0 ? 0 : read(file, start, sizeof start);
    if (file >= 0) close(file);
    return length == sizeof start && memcmp(start, "SQLite format 3", sizeof start) == 0;
}

static bool print_network(const char *model, const Settings *variables, const char *title,
                          Text *python, Error *error) {
    NetProgram *program = net_read(model, error);
    Net *net = program ? net_build(program, variables, error) : NULL;
    if (net) torch_print(net, title, python);
    net_free(net);
    net_program_free(program);
    return net != NULL;
}

// The settings of task train that give the run of a cell again: its network stands for model and
// variables.
static void settings_of(const Cell *cell, Settings *settings) {
    for (size_t i = 0; i < cell->settings.count; i++) {
        const Setting *own = &cell->settings.item[i];
        if (option_find(train_options, train_option_count, own->name))
            settings_set(settings, own->name, own->value, own->place);
    }
    settings_set(settings, "model", cell->network, NULL);
}

static bool print_cell(const char *store, const Settings *where, const char *folder, Text *python,
                       Error *error) {
    Cell cell = {0};
    Settings settings = {0};
    if (!cli_find_cell(store, where, &cell, error)) return false;
    settings_of(&cell, &settings);
    bool ok = folder ? torch_print_run(&settings, store, folder, python, error)
                     : print_network(cell.network, NULL, store, python, error);
    settings_free(&settings);
    cli_free_cell(&cell);
    return ok;
}

static bool print_model(const char *model, Settings *settings, const char *folder, Text *python,
                        Error *error) {
    if (!folder) return print_network(model, settings, model, python, error);
    settings_set(settings, "model", model, "MODEL");
    return torch_print_run(settings, model, folder, python, error);
}

static bool export_torch(const Arguments *arguments, Settings *settings, Error *error) {
    const char *from = arguments->word[0], *folder = cli_flag(arguments, "train");
    Text python = {0};
    bool ok = (is_store(from) ? print_cell(from, settings, folder, &python, error)
                              : print_model(from, settings, folder, &python, error)) &&
              cli_write(cli_flag(arguments, "out"), &python, error);
    text_free(&python);
    return ok;
}

static bool check_flags(const Arguments *arguments, Error *error) {
    bool torch = cli_flag(arguments, "torch"), weights = cli_flag(arguments, "weights");
    if (torch && weights)
        return error_kind(error, ERROR_USAGE, "--torch and --weights: one at a time");
    if (!torch && cli_flag(arguments, "train"))
        return error_kind(error, ERROR_USAGE, "--train: goes with --torch");
    if (!weights && cli_flag(arguments, "names"))
        return error_kind(error, ERROR_USAGE, "--names: goes with --weights");
    return true;
}

static bool run(const Arguments *arguments, Error *error) {
    Settings settings = {0};
    if (!check_flags(arguments, error)) return false;
    bool ok = cli_settings(arguments, &command_export, 1, &settings, error);
    if (ok && cli_flag(arguments, "torch")) {
        ok = export_torch(arguments, &settings, error);
    } else if (ok && cli_flag(arguments, "weights")) {
        ok = export_weights(arguments, &settings, error);
    } else if (ok) {
        ok = export_table(arguments, &settings, error);
    }
    settings_free(&settings);
    return ok;
}
