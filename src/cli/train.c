// One network: a sweep of one cell, so that it is stored, resumed and exported like all others.
#include "cli/cell.h"
#include "cli/store.h"
#include "train/train.h"
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// ---- lines as they come: the task with an ear at its records ----

static bool print_lines;

static void print_head(void) {
    printf("%8s %11s %11s %11s %11s %11s %11s %11s\n", "epoch", "train loss", "train error",
           "clean", "mislabelled", "test loss", "test error", "distance");
}

static void print_record(int64_t epoch, const double *m) {
    static const int SHOWN[] = {
        METRIC_TRAIN_LOSS, METRIC_TRAIN_ERROR, METRIC_TRAIN_ERROR_CLEAN, METRIC_TRAIN_ERROR_NOISY,
        METRIC_TEST_LOSS,  METRIC_TEST_ERROR,  METRIC_DISTANCE};
    printf("%8lld", (long long)epoch);
    for (size_t i = 0; i < sizeof SHOWN / sizeof *SHOWN; i++) {
        if (isnan(m[SHOWN[i]])) {
            printf(" %11s", "-");
        } else {
            printf(" %11.4f", m[SHOWN[i]]);
        }
    }
    printf("\n");
}

static bool listen(TaskRun *run, int64_t epoch, bool on_grid, const double *values, Error *error) {
    TaskRun *own = run->sweep;
    cli_progress_end();
    print_record(epoch, values);
    fflush(stdout);
    return own->record(own, epoch, on_grid, values, error);
}

static bool checkpoint(TaskRun *run, int64_t epoch, const void *state, size_t size, Error *error) {
    TaskRun *own = run->sweep;
    return own->checkpoint(own, epoch, state, size, error);
}

static bool checkpoint_due(TaskRun *run) {
    TaskRun *own = run->sweep;
    return own->checkpoint_due(own);
}

static bool stop(TaskRun *run) {
    TaskRun *own = run->sweep;
    return own->stop(own);
}

static void progress(TaskRun *run, double done) {
    TaskRun *own = run->sweep;
    own->progress(own, done);
}

static bool run_aloud(const Settings *resolved, TaskRun *run, RunOutcome *outcome, Error *error) {
    TaskRun heard = *run;
    heard.sweep = run;
    heard.record = listen;
    heard.checkpoint = checkpoint;
    heard.checkpoint_due = checkpoint_due;
    heard.stop = stop;
    heard.progress = progress;
    return train_task.run(resolved, print_lines ? &heard : run, outcome, error);
}

// ---- afterwards ----

static bool print_json(const char *store, const char *key, Error *error) {
    Settings where = {0};
    settings_set(&where, "cell", key, NULL);
    Text text = {0};
    bool ok = sweep_export(store, &(SweepFilter){.where = &where}, SWEEP_JSON, &text, error) &&
              cli_write(NULL, &text, error);
    text_free(&text);
    settings_free(&where);
    return ok;
}

// The lines of a run that the store already held.
static bool print_stored(const char *store, const char *key, Error *error) {
    Settings where = {0};
    settings_set(&where, "cell", key, NULL);
    SweepTable table;
    bool ok = sweep_table(store, &(SweepFilter){.where = &where}, &table, error);
    for (size_t row = 0; ok && row < table.rows; row++) {
        double metrics[METRICS];
        for (int m = 0; m < METRICS; m++) {
            const SweepColumn *column = sweep_table_find(&table, train_metrics[m]);
            metrics[m] = column ? column->real[row] : NAN;
        }
        print_record((int64_t)sweep_table_find(&table, "epoch")->real[row], metrics);
    }
    if (ok) sweep_table_free(&table);
    settings_free(&where);
    return ok;
}

static bool outcome_of(const SweepReport *report, const char *store, const char *key,
                       Error *error) {
    if (report->failed) return error_set(error, "%s", report->reason);
    if (print_lines && report->reused && !print_stored(store, key, error)) return false;
    if (print_lines && report->diverged) printf("the run diverged: its loss is no longer finite\n");
    return true;
}

static bool write_weights(const char *store, const SweepCell *from, const Arguments *arguments,
                          Error *error) {
    const char *out = cli_flag(arguments, "out");
    WeightNames names;
    Cell cell = {.key = (char *)from->key, .network = from->facts.model};
    return !out || (cli_read_names(arguments, &names, error) &&
                    cli_write_weights(store, &cell, out, names, error));
}

static bool train(const Sweep *sweep, const Arguments *arguments, Error *error) {
    const char *store = cli_flag(arguments, "store");
    if (!store) store = "train.db";
    CliCores cores = {1, 1};
    if (!cli_flag_int(arguments, "threads", 1, 1024, &cores.threads, error)) return false;
    if (cli_flag(arguments, "dry_run"))
        return cli_dry_run(sweep, &train_task, store, cores, arguments, error);
    SweepGrid grid;
    if (!sweep_grid(sweep, &train_task, &grid, error)) return false;
    Task task = train_task;
    task.run = run_aloud;
    print_lines = !cli_flag(arguments, "json");
    if (print_lines) {
        printf("%.0f parameters, %lld examples\n", grid.cell[0].facts.parameters,
               (long long)grid.cell[0].facts.examples);
        print_head();
    }
    SweepReport report = {0};
    bool ok = cli_run_sweep(sweep, &task, store, cores, arguments, &report, error) &&
              outcome_of(&report, store, grid.cell[0].key, error) &&
              write_weights(store, &grid.cell[0], arguments, error) &&
              (print_lines || print_json(store, grid.cell[0].key, error));
    sweep_grid_free(&grid);
    return ok;
}

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"store", "FILE", "where the run is kept (default: train.db, here)"},
    {"out", "FILE", "write the weights as safetensors"},
    {"names", "NAMES",
     "of its tensors: own (fc1.weight), torchvision (features.0.weight), sequential (0.weight)"},
    CLI_THREADS_FLAG,
    CLI_DRY_RUN_FLAG,
    {"json", NULL, "print all records as JSON at the end"},
    {0},
};

const Command command_train = {
    .name = "train",
    .form = "[MODEL] [NAME=VALUE ...]",
    .summary = "train one network and record how it learns and generalises",
    .more =
        "MODEL is a file, a name from models/, or the network's text; NAME=VALUE sets one of its\n"
        "variables. The run is kept in a store: the same command goes on where it stopped.",
    .flags = FLAGS,
    .options = train_options,
    .most_words = 1000,
    .run = run,
};

// The experiment that consists of this one run.
static bool read_sweep(const Arguments *arguments, Sweep **sweep, Error *error) {
    Settings settings = {0};
    bool has_model = arguments->words &&
                     (!strchr(arguments->word[0], '=') || strpbrk(arguments->word[0], " \t\n"));
    if (has_model) settings_set(&settings, "model", arguments->word[0], "MODEL");
    static const char TEXT[] = "task: train\n";
    bool ok = cli_settings(arguments, &command_train, has_model, &settings, error) &&
              sweep_parse("train", TEXT, sizeof TEXT - 1, &settings, sweep, error);
    settings_free(&settings);
    return ok;
}

static bool run(const Arguments *arguments, Error *error) {
    Sweep *sweep = NULL;
    if (!read_sweep(arguments, &sweep, error)) return false;
    void *holding = cli_hold_data(sweep, &train_task);
    bool ok = train(sweep, arguments, error);
    cli_let_data_go(holding);
    sweep_free(sweep);
    return ok;
}
