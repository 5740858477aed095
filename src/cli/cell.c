#include "cli/cell.h"
#include "train/train.h"
#include <string.h>

// What a table says about its runs, and not a setting of their task.
static bool is_about(const char *name) {
    static const char *const ABOUT[] = {"task", "numerics", "network", "data_hash"};
    for (size_t i = 0; i < sizeof ABOUT / sizeof *ABOUT; i++) {
        if (strcmp(name, ABOUT[i]) == 0) return true;
    }
    return false;
}

static bool several(const char *store, const SweepTable *table, Error *error) {
    Text text = {0};
    for (size_t i = 0; i < table->columns; i++) {
        const SweepColumn *column = &table->column[i];
        if (column->kind == SWEEP_SETTING && column->varies && !is_about(column->name))
            text_printf(&text, "%s%s", text.length ? ", " : "", column->name);
    }
    error_set(error, "%s: several runs have these settings; NAME=VALUE picks one, by %s", store,
              text.length ? text.data : "cell");
    text_free(&text);
    return false;
}

static bool take_cell(const char *store, const SweepTable *table, Cell *cell, Error *error) {
    if (table->rows == 0) return error_set(error, "%s: no run has these settings", store);
    const char **keys = sweep_table_find(table, "cell")->text;
    for (size_t row = 1; row < table->rows; row++) {
        if (strcmp(keys[row], keys[0]) != 0) return several(store, table, error);
    }
    const char *task = sweep_table_find(table, "task")->text[0];
    if (strcmp(task, train_task.name) != 0)
        return error_set(error, "%s: a run of task %s has no weights", store, task);
    cell->key = memory_text(keys[0]);
    cell->network = memory_text(sweep_table_find(table, "network")->text[0]);
    for (size_t i = 0; i < table->columns; i++) {
        const SweepColumn *column = &table->column[i];
        bool own = column->kind == SWEEP_SETTING && column->text && !is_about(column->name);
        if (own && *column->text[0]) // "" where another run has this setting and ours has not
            settings_set(&cell->settings, column->name, column->text[0], store);
    }
    return true;
}

bool cli_find_cell(const char *store, const Settings *where, Cell *cell, Error *error) {
    SweepTable table;
    *cell = (Cell){0};
    if (!sweep_table(store, &(SweepFilter){.where = where}, &table, error)) return false;
    bool ok = take_cell(store, &table, cell, error);
    sweep_table_free(&table);
    return ok;
}

void cli_free_cell(Cell *cell) {
    memory_free(cell->key);
    memory_free(cell->network);
    settings_free(&cell->settings);
}

bool cli_read_names(const Arguments *arguments, WeightNames *names, Error *error) {
    const Option option = {.name = "names",
                           .type = OPTION_CHOICE,
                           .words = weights_names,
                           .fallback = weights_names[0]};
    const char *given = cli_flag(arguments, "names");
    int choice = WEIGHTS_OWN;
    if (given && !option_set(&option, &choice, given, "--names", error)) return false;
    *names = (WeightNames)choice;
    return true;
}

static bool copy_weights(const char *store, const Cell *cell, const Net *net, const char *path,
                         WeightNames names, Error *error) {
    float *w = memory_try((size_t)net->parameters, sizeof *w, "weights", error);
    float *buffers = memory_try((size_t)net->buffers, sizeof *buffers, "buffers", error);
    char *bytes = NULL;
    size_t size;
    Settings metadata = {0};
    settings_set(&metadata, "format", "pt", NULL);
    settings_set(&metadata, "program", "benign " BENIGN_VERSION, NULL);
    settings_set(&metadata, "network", cell->network, NULL);
    WeightsFile *file = NULL;
    bool ok = w && buffers && sweep_state(store, cell->key, &bytes, &size, error) &&
              (file = weights_parse(store, bytes, size, error)) &&
              weights_take(file, net, w, buffers, NULL, error);
    const char *input = ok ? weights_metadata(file, DATA_INPUT_KEY) : NULL;
    if (input) settings_set(&metadata, DATA_INPUT_KEY, input, NULL);
    ok = ok && weights_write(path, net, names, w, buffers, &metadata, error);
    weights_close(file);
    settings_free(&metadata);
    memory_free(bytes);
    memory_free(buffers);
    memory_free(w);
    return ok;
}

bool cli_write_weights(const char *store, const Cell *cell, const char *path, WeightNames names,
                       Error *error) {
    NetProgram *program = net_parse(store, cell->network, strlen(cell->network), error);
    Net *net = program ? net_build(program, NULL, error) : NULL;
    bool ok = net && copy_weights(store, cell, net, path, names, error);
    net_free(net);
    net_program_free(program);
    return ok;
}
