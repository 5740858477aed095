// Stores: whatever the bytes of the file, a table or an error that begins with its path. Bytes that
// begin with "SQL" are not a file but what somebody does to one: statements, run on a small store.
#include "file.h"
#include "sweep/sweep.h"
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool resolve(const Settings *given, Settings *resolved, TaskFacts *facts, Error *error) {
    (void)error;
    settings_copy(resolved, given);
    *facts = (TaskFacts){.parameters = 3, .flops = 4, .model = memory_text("m"), .horizon = 2};
    return true;
}

static bool walk(const Settings *resolved, TaskRun *run, RunOutcome *outcome, Error *error) {
    (void)resolved;
    *outcome = RUN_DONE;
    for (int64_t e = 0; e < 3; e++) {
        double value = 0.5 * (double)e;
        if (!run->record(run, e, true, &value, error)) return false;
    }
    return run->checkpoint(run, 2, "state", 6, error);
}

static const char *numerics(void) {
    return "1";
}

static const char *const METRICS[] = {"test_error", NULL};
static const Task TASK = {.name = "t",
                          .numerics = numerics,
                          .metrics = METRICS,
                          .horizon = "epochs",
                          .resolve = resolve,
                          .run = walk};

static bool sweep(const char *path, Error *error) {
    static const char TEXT[] = "a: 1\nparameters: {b: [2, 3]}\n";
    Sweep *experiment = NULL;
    SweepReport report;
    REQUIRE(sweep_parse("x.yaml", TEXT, sizeof TEXT - 1, NULL, &experiment, error));
    bool ok = sweep_run(experiment, &TASK, path, &(SweepOptions){.jobs = 1}, &report, error);
    sweep_free(experiment);
    return ok;
}

static int too_long(void *count) {
    return ++*(int *)count > 1000;
}

static void forget(const char *path) {
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char name[96];
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
}

static void do_to_store(const char *path, const uint8_t *sql, size_t size) {
    Error error = {0};
    REQUIRE(sweep(path, &error));
    char *text = malloc(size + 1);
    memcpy(text, sql, size);
    text[size] = 0;
    sqlite3 *db;
    int count = 0;
    if (sqlite3_open(path, &db) == SQLITE_OK) {
        sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0); // no other files
        sqlite3_progress_handler(db, 1000, too_long, &count);
        sqlite3_exec(db, text, NULL, NULL, NULL);
    }
    sqlite3_close(db);
    free(text);
}

static void look(const char *path) {
    Error error = {0};
    SweepTable table;
    SweepInspection inspection;
    Text text = {0};
    if (sweep_table(path, NULL, &table, &error)) {
        const SweepColumn *cell = sweep_table_find(&table, "cell");
        char *state;
        size_t size;
        if (table.rows && sweep_state(path, cell->text[0], &state, &size, &error))
            memory_free(state);
        sweep_table_free(&table);
    } else {
        REQUIRE(text_starts(error.text, path));
    }
    if (sweep_inspect(path, true, &inspection, &error)) sweep_inspection_free(&inspection);
    if (sweep_export(path, NULL, SWEEP_JSON, &text, &error)) text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    Error error = {0};
    fuzz_file(path, ".db", "", 0);
    forget(path);
    if (size > 3 && memcmp(data, "SQL", 3) == 0)
        do_to_store(path, data + 3, size - 3);
    else
        fuzz_file(path, ".db", data, size);
    look(path);
    if (!sweep(path, &error)) REQUIRE(text_starts(error.text, path));
    look(path);
    forget(path);
    return 0;
}
