// Running: the same export whatever happens on the way.
#define _GNU_SOURCE
#include "fake.h"
#include "run_suite.h"
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

static const char GRID[] = "epochs: 13\nseeds: 2\n"
                           "parameters:\n  width: [2, 3, 4, 6, 8]\n  noise: [0, 0.15]\n";

static SweepReport report;

static bool run_with(const char *text, const char *store, const SweepOptions *options) {
    Sweep *sweep = parse(text);
    bool ok = sweep_run(sweep, &fake_task, store, options, &report, &fake_error);
    sweep_free(sweep);
    return ok;
}

static void run(const char *text, const char *store, int jobs) {
    SweepOptions options = {.jobs = jobs};
    OK(run_with(text, store, &options));
}

static Text export_all(const char *store) {
    Text text = {0};
    OK(sweep_export(store, NULL, SWEEP_CSV, &text, &fake_error));
    return text;
}

static void execute(const char *sql) {
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(fake_store, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static int64_t ask(const char *sql) {
    sqlite3 *db;
    sqlite3_stmt *query = NULL;
    ck_assert_int_eq(sqlite3_open(fake_store, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    int64_t value = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &query, NULL) == SQLITE_OK &&
        sqlite3_step(query) == SQLITE_ROW)
        value = sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    sqlite3_close(db);
    return value;
}

// What an undisturbed run on one job exports.
static Text expected_of(const char *text) {
    char store[160];
    snprintf(store, sizeof store, "%s/other.db", fake_folder);
    long nap = fake_nap;
    fake_nap = 0;
    run(text, store, 1);
    Text expected = export_all(store);
    unlink(store);
    fake_nap = nap;
    return expected;
}

static void check_export(const char *text) {
    Text expected = expected_of(text), found = export_all(fake_store);
    ck_assert_str_eq(found.data, expected.data);
    text_free(&expected);
    text_free(&found);
}

START_TEST(test_export) {
    run("epochs: 3\nparameters: {width: [10, 9]}\n", fake_store, 1);
    ck_assert_uint_eq(report.done, 2);
    Text text = export_all(fake_store);
    Text expected = {0};
    text_add(&expected, "width,data_hash,diverge_at,epochs,fail_at,init_seed,network,noise,"
                        "numerics,prefix,task,until,parameters,flops,examples,classes,cell,state,"
                        "epoch,digits,test_error,train_loss\n");
    ck_assert_msg(text_starts(text.data, expected.data), "%s", text.data);
    const char *row = strchr(text.data, '\n') + 1;
    ck_assert_msg(text_starts(row, "9,"), "%s", row);
    ck_assert_ptr_nonnull(strstr(row, ",0,3,0,0,\"input 40 fc-10, \"\"fake\"\"\",0,fake-1,1,fake,0,"
                                      "369,27000,100,10,"));
    ck_assert_ptr_nonnull(strstr(row, ",done,0,0,,0\n"));
    ck_assert_ptr_nonnull(strstr(row, ",done,1,"));
    ck_assert_ptr_nonnull(strstr(row, ",0.3333333333333333,"));
    text.length = 0;
    OK(sweep_export(fake_store, NULL, SWEEP_JSON, &text, &fake_error));
    ck_assert(text_starts(text.data, "[\n{\"width\": 9, \"data_hash\": \""));
    ck_assert_ptr_nonnull(strstr(text.data, "\"network\": \"input 40 fc-10, \\\"fake\\\"\", "));
    ck_assert_ptr_nonnull(strstr(text.data, "\"test_error\": null, \"train_loss\": 0}"));
    ck_assert_str_eq(text.data + text.length - 4, "}\n]\n");
    text_free(&text);
    text_free(&expected);
}
END_TEST

START_TEST(test_table) {
    run(GRID, fake_store, 2);
    Settings where = {0};
    settings_set(&where, "init-seed", "1", "--where");
    settings_set(&where, "noise", "15e-2", "--where");
    SweepFilter filter = {.where = &where, .timings = true};
    SweepTable table;
    OK(sweep_table(fake_store, &filter, &table, &fake_error));
    ck_assert_uint_eq(table.rows, 5 * 6); // epochs 0 1 2 4 8 13
    const SweepColumn *width = sweep_table_find(&table, "width");
    ck_assert(width->varies && width->kind == SWEEP_SETTING);
    ck_assert(!sweep_table_find(&table, "init-seed")->varies);
    ck_assert_double_eq(width->real[6], 3);
    ck_assert_str_eq(width->text[6], "3");
    ck_assert_double_eq(sweep_table_find(&table, "epoch")->real[5], 13);
    ck_assert_ptr_nonnull(sweep_table_find(&table, "seconds"));
    ck_assert_ptr_null(sweep_table_find(&table, "nothing"));
    sweep_table_free(&table);
    settings_set(&where, "widht", "3", "--where");
    ck_assert(!sweep_table(fake_store, &filter, &table, &fake_error));
    ck_assert_str_eq(fake_error.text,
                     "--where: no run has a setting \"widht\", did you mean \"width\"?");
    settings_free(&where);
}
END_TEST

START_TEST(test_jobs) {
    fake_nap = 200;
    run(GRID, fake_store, 4);
    ck_assert_uint_eq(report.cells, 20);
    ck_assert_uint_eq(report.done, 20);
    check_export(GRID);
    fake_steps = 0;
    run(GRID, fake_store, 4);
    ck_assert_uint_eq(report.reused, 20);
    ck_assert_int_eq(fake_steps, 0);
}
END_TEST

static bool stop_after(void *user) {
    return fake_steps >= *(long *)user;
}

START_TEST(test_interrupted) {
    fake_nap = 15000; // so long that nobody is at the end before anybody asks whether to stop
    long after = 10;
    SweepOptions options = {.jobs = 3, .stop = stop_after, .user = &after};
    int rounds = 0;
    fake_steps = 0;
    while (!run_with(GRID, fake_store, &options)) {
        ck_assert_int_eq(fake_error.kind, ERROR_INTERRUPTED);
        ck_assert(report.interrupted);
        ck_assert_int_eq(ask("SELECT count(*) FROM cell WHERE state = 'running'"), 0);
        after = fake_steps + 60;
        ck_assert_int_lt(rounds++, 20);
    }
    ck_assert_int_ge(rounds, 2);
    ck_assert_int_eq(fake_steps, 20 * 13); // not one of them twice
    ck_assert_int_gt(fake_resume, 0);
    check_export(GRID);
}
END_TEST

static pid_t run_in_child(const char *text, int jobs) {
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child) return child;
    SweepOptions options = {.jobs = jobs, .checkpoint_seconds = 0.01};
    _exit(run_with(text, fake_store, &options) ? 0 : 1);
}

static void nap(double seconds) {
    nanosleep(&(struct timespec){(time_t)seconds, (long)(fmod(seconds, 1) * 1e9)}, NULL);
}

// Waits until the children have saved something worth killing them for. Their steps are long beside
// that: on a busy machine, too, they are not at their end by then.
static void wait_for_checkpoints(int64_t count) {
    int64_t found = 0;
    for (int i = 0; i < 60000; i++) {
        found = ask("SELECT count(*) FROM checkpoint WHERE epoch > 2");
        if (found >= count) return;
        nap(0.005);
    }
    ck_abort_msg("%lld checkpoints after 5 minutes; %lld are waited for", (long long)found,
                 (long long)count);
}

START_TEST(test_killed) {
    fake_nap = 40000;
    for (int64_t round = 1; round <= 3; round++) {
        pid_t child = run_in_child(GRID, 2);
        wait_for_checkpoints(4 * round);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    ck_assert_int_gt(ask("SELECT count(*) FROM cell WHERE state = 'running'"), 0);
    fake_nap = 0;
    double begun = system_seconds();
    run(GRID, fake_store, 2);
    // Dead owners are not waited for: their leases would have held a minute from the last kill.
    ck_assert_double_lt(system_seconds() - begun, 45);
    ck_assert_uint_eq(report.done, 20);
    ck_assert_int_gt(fake_resume, 0);
    ck_assert_int_lt(fake_steps, 20 * 13 - 3 * 4 * 2);
    check_export(GRID);
}
END_TEST

START_TEST(test_two_processes) {
    fake_nap = 40000; // alone the child needs 10 s
    pid_t child = run_in_child(GRID, 1);
    wait_for_checkpoints(1);
    fake_nap = 1000;
    run(GRID, fake_store, 1);
    int status;
    waitpid(child, &status, 0);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert_uint_eq(report.done, 20);
    ck_assert_int_lt(fake_steps, 20 * 13); // the child has run some
    ck_assert_int_gt(fake_steps, 0);
    check_export(GRID);
}
END_TEST

// A lease held elsewhere is waited for until it expires, and the program says whose it is.
static void see_holder(void *user, const SweepProgress *progress) {
    size_t *seen = user;
    if (!progress->elsewhere) return;
    ck_assert_str_eq(progress->holder, "process 17 on elsewhere");
    ck_assert_double_le(progress->holder_seconds, 5.9);
    ck_assert_double_lt(progress->fraction, 1);
    ck_assert(isnan(progress->eta_seconds) && isnan(progress->rate_flops));
    ck_assert_uint_eq(progress->done, 0);
    ++*seen;
}

START_TEST(test_lease) {
    fake_nap = 20000;
    pid_t child = run_in_child("epochs: 5000\nwidth: 2\n", 1);
    wait_for_checkpoints(1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    execute("UPDATE cell SET owner = 'elsewhere boot/pid:[1] 17 4711 1',"
            " lease = strftime('%s', 'now') + 5.9");
    fake_nap = 0;
    size_t seen = 0;
    SweepOptions options = {.jobs = 1, .progress = see_holder, .user = &seen};
    double begun = system_seconds();
    OK(run_with("epochs: 5000\nwidth: 2\n", fake_store, &options));
    ck_assert_double_gt(system_seconds() - begun, 0.5);
    ck_assert_uint_gt(seen, 0);
    check_export("epochs: 5000\nwidth: 2\n");
}
END_TEST

// Stops the child at a moment when it does not hold the lock on the store.
static void stop_outside_transaction(pid_t child) {
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(fake_store, &db), SQLITE_OK);
    for (int i = 0; i < 200; i++) {
        kill(child, SIGSTOP);
        nap(0.02);
        if (sqlite3_exec(db, "BEGIN IMMEDIATE; ROLLBACK", NULL, NULL, NULL) == SQLITE_OK) break;
        kill(child, SIGCONT);
        nap(0.003);
    }
    sqlite3_close(db);
}

// A process that slept through its lease finds its runs taken and writes nothing.
START_TEST(test_taken_over) {
    fake_nap = 20000;
    pid_t child = run_in_child(GRID, 2);
    wait_for_checkpoints(1);
    fake_nap = 0;
    stop_outside_transaction(child);
    execute("UPDATE cell SET lease = 0");
    run(GRID, fake_store, 2);
    ck_assert_uint_eq(report.done, 20);
    check_export(GRID);
    int64_t worked = ask("SELECT 1e9 * sum(seconds) FROM cell"); // every save adds to it
    kill(child, SIGCONT);
    int status;
    waitpid(child, &status, 0);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert_int_eq(ask("SELECT 1e9 * sum(seconds) FROM cell"), worked);
    check_export(GRID);
}
END_TEST

// 9 is not on the grid of a longer run; the wider grid and the longer run reuse all that holds.
START_TEST(test_enlarged) {
    run("epochs: 9\nparameters: {width: [2, 3]}\n", fake_store, 2);
    ck_assert_int_eq(ask("SELECT count(*) FROM record WHERE epoch = 9"), 2);
    fake_steps = fake_resume = 0;
    run("epochs: 20\nparameters: {width: [2, 3, 4]}\n", fake_store, 2);
    ck_assert_int_eq(fake_steps, 2 * 11 + 20);
    ck_assert_int_eq(fake_resume, 2);
    ck_assert_int_eq(ask("SELECT count(*) FROM record WHERE epoch = 9"), 2);
    Settings where = {0};
    settings_set(&where, "epochs", "20", NULL);
    SweepFilter filter = {.where = &where};
    Text longer = {0}, expected = expected_of("epochs: 20\nparameters: {width: [2, 3, 4]}\n");
    OK(sweep_export(fake_store, &filter, SWEEP_CSV, &longer, &fake_error));
    ck_assert_str_eq(longer.data, expected.data);
    text_free(&longer);
    text_free(&expected);
    settings_free(&where);
}
END_TEST

// A run that met its own rule serves as the run of any horizon beyond.
START_TEST(test_until) {
    run("epochs: 20\nuntil: 11\nwidth: 2\n", fake_store, 1);
    fake_steps = 0;
    run("epochs: 15\nuntil: 11\nwidth: 2\n", fake_store, 1);
    run("epochs: 40\nuntil: 11\nwidth: 2\n", fake_store, 1);
    ck_assert_int_eq(fake_steps, 0);
    ck_assert_int_eq(ask("SELECT count(*) FROM record WHERE epoch = 11"), 3);
    check_export("until: 11\nwidth: 2\nparameters: {epochs: [15, 20, 40]}\n");
}
END_TEST

// Where a shorter run is no beginning of a longer one, all is run anew.
START_TEST(test_no_prefix) {
    run("epochs: 8\nprefix: 0\nwidth: 2\n", fake_store, 1);
    ck_assert_int_eq(ask("SELECT count(*) FROM checkpoint"),
                     1); // its last state, for whoever wants it
    fake_steps = 0;
    run("epochs: 16\nprefix: 0\nwidth: 2\n", fake_store, 1);
    ck_assert_int_eq(fake_steps, 16);
}
END_TEST

static const char BROKEN[] = "epochs: 13\nfail_at: 6\ndiverge_at: 5\n"
                             "parameters: {width: [4, 5, 7, 9]}\n";

START_TEST(test_failures) {
    run(BROKEN, fake_store, 1);
    ck_assert_uint_eq(report.done, 2);
    ck_assert_uint_eq(report.diverged, 1);
    ck_assert_uint_eq(report.failed, 1);
    ck_assert_str_eq(report.reason, "width=7: the machine has no more of it");
    ck_assert_int_eq(ask("SELECT count(*) FROM record JOIN cell ON cell = id WHERE state = "
                         "'diverged'"),
                     4); // epochs 0 1 2 4
    check_export(BROKEN);
    Sweep *sweep = parse(BROKEN);
    SweepList list;
    OK(sweep_list(sweep, &fake_task, fake_store, &list, &fake_error));
    ck_assert_int_eq(list.item[2].state, CELL_FAILED);
    ck_assert_str_eq(list.item[2].reason, "the machine has no more of it");
    ck_assert_int_eq(list.item[1].state, CELL_DIVERGED);
    sweep_list_free(&list);
    sweep_free(sweep);
    fake_steps = 0;
    run(BROKEN, fake_store, 3); // the failed one is tried again
    ck_assert_int_eq(fake_steps, 6);
    ck_assert_uint_eq(report.reused, 3);
}
END_TEST

START_TEST(test_list) {
    Sweep *sweep = parse("epochs: 100\nparameters: {width: [2, 4]}\n");
    SweepList list;
    OK(sweep_list(sweep, &fake_task, fake_store, &list, &fake_error));
    ck_assert_double_eq(list.flops, 600000);
    ck_assert_double_eq(list.flops_left, 600000);
    ck_assert_double_eq(list.largest_bytes, 32);
    ck_assert(isnan(list.seconds_left));
    ck_assert(!file_exists(fake_store));
    sweep_list_free(&list);
    fake_nap = 2000;
    run("epochs: 100\nwidth: 2\n", fake_store, 1); // at least 0.2 s for 2e5 FLOPs
    double seconds = 1e-6 * (double)ask("SELECT 1e6 * sum(seconds) FROM cell");
    OK(sweep_list(sweep, &fake_task, fake_store, &list, &fake_error));
    ck_assert_double_eq(list.flops_left, 400000);
    ck_assert_int_eq(list.item[0].state, CELL_DONE);
    ck_assert_double_ge(seconds, 0.2);
    ck_assert_double_eq_tol(list.seconds_left, 2 * seconds, 1e-5);
    sweep_list_free(&list);
    sweep_free(sweep);
}
END_TEST

typedef struct Seen {
    SweepProgress last;
    int calls;
} Seen;

static void see(void *user, const SweepProgress *progress) {
    Seen *seen = user;
    ck_assert_double_ge(progress->fraction, seen->last.fraction);
    seen->last = *progress;
    seen->calls++;
}

START_TEST(test_progress) {
    Seen seen = {0};
    fake_nap = 10000;
    SweepOptions options = {.jobs = 2, .progress = see, .user = &seen};
    OK(run_with("epochs: 40\nparameters: {width: [3, 4]}\n", fake_store, &options));
    ck_assert_int_ge(seen.calls, 3);
    ck_assert_uint_eq(seen.last.done, 2);
    ck_assert_uint_eq(seen.last.running, 0);
    ck_assert_double_eq(seen.last.fraction, 1);
    ck_assert_double_eq(seen.last.eta_seconds, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sweep/run");
    TCase *tests = tcase_create("run");
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_export);
    tcase_add_test(tests, test_table);
    tcase_add_test(tests, test_jobs);
    tcase_add_test(tests, test_interrupted);
    tcase_add_test(tests, test_killed);
    tcase_add_test(tests, test_two_processes);
    tcase_add_test(tests, test_lease);
    tcase_add_test(tests, test_taken_over);
    tcase_add_test(tests, test_enlarged);
    tcase_add_test(tests, test_until);
    tcase_add_test(tests, test_no_prefix);
    tcase_add_test(tests, test_failures);
    tcase_add_test(tests, test_list);
    tcase_add_test(tests, test_progress);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
