// Stores that are none, or that cannot be had: every error begins with the path.
#include "fake.h"
#include "run_suite.h"
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

static bool run_at(const char *path) {
    Sweep *sweep = parse("epochs: 4\nparameters: {width: [2, 3, 4]}\n");
    SweepReport report;
    SweepOptions options = {.jobs = 2};
    bool ok = sweep_run(sweep, &fake_task, path, &options, &report, &fake_error);
    sweep_free(sweep);
    return ok;
}

static bool export_at(const char *path) {
    Text text = {0};
    bool ok = sweep_export(path, NULL, SWEEP_CSV, &text, &fake_error);
    text_free(&text);
    return ok;
}

static sqlite3 *execute(const char *sql) {
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(fake_store, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    return db;
}

static void check_error(const char *what) {
    char expected[256];
    snprintf(expected, sizeof expected, "%s: %s", fake_store, what);
    ck_assert_str_eq(fake_error.text, expected);
}

START_TEST(test_no_database) {
    const char text[] = "width,test_error\n3,0.5\n and so on, long enough for a header of SQLite, "
                        "which is a hundred bytes long\n";
    OK(file_write(fake_store, text, sizeof text - 1, &fake_error));
    ck_assert(!run_at(fake_store));
    check_error("not a store of runs (no SQLite database)");
    ck_assert(!export_at(fake_store));
    check_error("not a store of runs (no SQLite database)");
    char *data;
    size_t size;
    OK(file_read(fake_store, 10000, &data, &size, &fake_error));
    ck_assert_str_eq(data, text);
    memory_free(data);
}
END_TEST

START_TEST(test_other_program) {
    sqlite3_close(execute("CREATE TABLE bookmark (url TEXT)"));
    ck_assert(!run_at(fake_store));
    check_error("a database of another program, not a store of runs");
    ck_assert(!export_at(fake_store));
    check_error("a database of another program, not a store of runs");
}
END_TEST

START_TEST(test_version) {
    OK(run_at(fake_store));
    sqlite3_close(execute("PRAGMA user_version = 7"));
    ck_assert(!run_at(fake_store));
    check_error("a store of version 7; this program reads versions 1 to 2");
}
END_TEST

START_TEST(test_paths) {
    ck_assert(!run_at(fake_folder));
    ck_assert_ptr_nonnull(strstr(fake_error.text, ": not a file"));
    ck_assert(!run_at("/nowhere/runs.db"));
    ck_assert_str_eq(fake_error.text, "/nowhere/runs.db: No such file or directory");
    ck_assert(!export_at(fake_store));
    check_error("cannot open: No such file or directory");
    OK(file_write(fake_store, "", 0, &fake_error));
    ck_assert(!export_at(fake_store));
    check_error("an empty database, no store of runs");
    OK(run_at(fake_store));
    OK(export_at(fake_store));
}
END_TEST

START_TEST(test_locked) {
    OK(file_write(fake_store, "", 0, &fake_error));
    sqlite3 *other = execute("CREATE TABLE a (b); BEGIN EXCLUSIVE");
    ck_assert(!run_at(fake_store));
    check_error("the store is locked by another program");
    sqlite3_close(other);
}
END_TEST

// An archive: neither the file nor its folder may be written.
START_TEST(test_archive) {
    if (geteuid() == 0) {
        printf("skipped: root may write everywhere\n");
        return;
    }
    OK(run_at(fake_store));
    chmod(fake_store, 0444);
    chmod(fake_folder, 0555);
    OK(export_at(fake_store));
    ck_assert(!run_at(fake_store));
    check_error("the store cannot be written: it is read-only");
    chmod(fake_folder, 0755);
}
END_TEST

START_TEST(test_full) {
    OK(run_at(fake_store));
    struct rlimit limit = {50000, 50000};
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    Sweep *sweep = parse("epochs: 4\nparameters:\n  width: range(2, 3000)\n");
    SweepReport report;
    SweepOptions options = {.jobs = 2};
    ck_assert(!sweep_run(sweep, &fake_task, fake_store, &options, &report, &fake_error));
    check_error("writing fails: is the disk, or a limit on the size of files, exhausted?");
    OK(export_at(fake_store)); // what was there is there
    sweep_free(sweep);
}
END_TEST

// Full in the middle of running: the sweep ends with the error, the store stays whole.
START_TEST(test_full_later) {
    Sweep *sweep = parse("epochs: 3000\nparameters:\n  width: range(2, 60)\n");
    SweepReport report;
    SweepOptions options = {.jobs = 2, .checkpoint_seconds = 1e-9};
    OK(run_at(fake_store));
    struct rlimit limit = {600000, 600000};
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    // A reader that stays keeps the log from being emptied.
    sqlite3 *reader = execute("PRAGMA journal_mode = WAL; BEGIN; SELECT count(*) FROM cell");
    ck_assert(!sweep_run(sweep, &fake_task, fake_store, &options, &report, &fake_error));
    check_error("writing fails: is the disk, or a limit on the size of files, exhausted?");
    ck_assert_uint_lt(report.done, 58);
    sqlite3_close(reader);
    OK(export_at(fake_store));
    sweep_free(sweep);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sweep/store");
    TCase *tests = tcase_create("store");
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_no_database);
    tcase_add_test(tests, test_other_program);
    tcase_add_test(tests, test_version);
    tcase_add_test(tests, test_paths);
    tcase_add_test(tests, test_locked);
    tcase_add_test(tests, test_archive);
    tcase_add_test(tests, test_full);
    tcase_add_test(tests, test_full_later);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
