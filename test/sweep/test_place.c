// A store that is deleted, moved or written over while a sweep runs, and one that is read where
// nothing may be written.
#include "fake.h"
#include "run_suite.h"
#include <dirent.h>
#include <sqlite3.h>
#include <sys/stat.h>

static const char TEXT[] = "epochs: 40\nparameters: {width: [2, 3, 4]}\n";

static const char LONGER[] = "epochs: 70\nparameters: {width: [5, 6]}\n";

static void overwrite_store(void);
static void (*prank)(void); // what somebody does to the files, after some steps
static bool done;

static bool play(void *user) {
    (void)user;
    if (!done && fake_steps > 20) {
        done = true;
        prank();
    }
    return false;
}

static bool run_into(const char *path) {
    Sweep *sweep = parse(prank == overwrite_store ? LONGER : TEXT);
    SweepReport report;
    SweepOptions options = {.jobs = 1, .checkpoint_seconds = 0.01, .stop = prank ? play : NULL};
    bool ok = sweep_run(sweep, &fake_task, path, &options, &report, &fake_error);
    sweep_free(sweep);
    return ok;
}

static Text export_of(const char *path) {
    Text text = {0};
    OK(sweep_export(path, NULL, SWEEP_CSV, &text, &fake_error));
    return text;
}

static char *in_folder(const char *name) {
    static char path[4][160];
    static int next;
    char *own = path[next++ % 4];
    snprintf(own, 160, "%s/%s", fake_folder, name);
    return own;
}

static void delete_store(void) {
    unlink(fake_store);
    unlink(in_folder("runs.db-wal"));
    unlink(in_folder("runs.db-shm"));
}

static void move_store(void) {
    ck_assert_int_eq(rename(fake_store, in_folder("other.db")), 0);
}

static void replace_store(void) {
    OK(file_write(fake_store, "something else", 14, &fake_error));
}

static void delete_log(void) {
    unlink(in_folder("runs.db-wal"));
}

static void overwrite_store(void) {
    FILE *file = fopen(fake_store, "r+b");
    for (int i = 0; i < 60000; i++) fputc('x', file);
    fclose(file);
}

static const struct {
    void (*prank)(void);
    const char *says, *where; // a store with all that was computed; NULL: there is none
} pranks[] = {
    {delete_store, "runs.db: is no longer the file that was opened: it was deleted or replaced",
     "runs.db-rescued"},
    {replace_store, "runs.db: is no longer the file that was opened: it was deleted or replaced",
     "runs.db-rescued"},
    {move_store, "runs.db: is no longer the file that was opened: it was moved", "other.db"},
    {delete_log, "runs.db-wal: a part of the open store, was deleted or replaced", "runs.db"},
    {overwrite_store, "runs.db: ", NULL},
};

START_TEST(test_pranks) {
    prank = NULL;
    OK(run_into(fake_store));
    Text expected = export_of(fake_store);
    if (pranks[_i].where) delete_store(); // else the file has pages that will not be written anew
    fake_steps = 0;
    fake_nap = 2000; // so that one happens before the end
    done = false;
    prank = pranks[_i].prank;
    ck_assert(!run_into(fake_store));
    ck_assert_int_eq(fake_error.kind, ERROR_INPUT);
    ck_assert_msg(strstr(fake_error.text, pranks[_i].says) != NULL, "%s", fake_error.text);
    fake_nap = 0;
    prank = NULL;
    const char *where = pranks[_i].where;
    if (where) {
        ck_assert_msg(strstr(fake_error.text, where) != NULL, "%s", fake_error.text);
        long steps = fake_steps;
        OK(run_into(in_folder(where)));
        ck_assert_int_eq(fake_steps - steps, 120 - steps); // nothing is computed twice
        Text found = export_of(in_folder(where));
        ck_assert_str_eq(found.data, expected.data);
        text_free(&found);
    }
    text_free(&expected);
    unlink(in_folder("runs.db-rescued"));
    unlink(in_folder("other.db-wal"));
}
END_TEST

static size_t count_files(void) {
    size_t count = 0;
    DIR *folder = opendir(fake_folder);
    for (struct dirent *entry; (entry = readdir(folder));) count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

START_TEST(test_one_file) {
    prank = NULL;
    OK(run_into(fake_store));
    ck_assert_uint_eq(count_files(), 1);
}
END_TEST

static bool stop_at_once(void *user) {
    (void)user;
    return fake_steps > 20;
}

START_TEST(test_one_file_when_interrupted) {
    Sweep *sweep = parse(TEXT);
    SweepReport report;
    SweepOptions options = {.jobs = 2, .stop = stop_at_once};
    fake_nap = 2000;
    ck_assert(!sweep_run(sweep, &fake_task, fake_store, &options, &report, &fake_error));
    ck_assert_int_eq(fake_error.kind, ERROR_INTERRUPTED);
    ck_assert_uint_eq(count_files(), 1);
    sweep_free(sweep);
}
END_TEST

static void copy(const char *from, const char *to) {
    char *bytes;
    size_t size;
    OK(file_read(from, 1 << 24, &bytes, &size, &fake_error));
    OK(file_write(to, bytes, size, &fake_error));
    memory_free(bytes);
}

static char *copied_name, *copied_log; // NULL: not that one

static void copy_store(void) {
    if (copied_name) copy(fake_store, copied_name);
    if (copied_log) copy(in_folder("runs.db-wal"), copied_log);
}

// A copy of the file alone, made while a sweep runs: its rows are elsewhere, and that is said.
START_TEST(test_copy) {
    char name[160];
    snprintf(name, sizeof name, "%s", in_folder("other.db"));
    copied_name = name;
    copied_log = NULL;
    prank = copy_store;
    fake_nap = 1000;
    done = false;
    OK(run_into(fake_store));
    Text text = {0};
    ck_assert(!sweep_export(name, NULL, SWEEP_CSV, &text, &fake_error));
    ck_assert_msg(strstr(fake_error.text, "a copy, made without its log while a sweep was") != NULL,
                  "%s", fake_error.text);
    ck_assert_ptr_nonnull(strstr(fake_error.text, "other.db-wal beside the original"));
    text_free(&text);
}
END_TEST

// With its log, it is read even where SQLite cannot make the files that it wants beside it.
START_TEST(test_copy_with_log) {
    char name[160], log[160], away[160];
    snprintf(name, sizeof name, "%s", in_folder("other.db"));
    snprintf(log, sizeof log, "%s", in_folder("other.db-wal"));
    snprintf(away, sizeof away, "%s", in_folder("other.db-shm"));
    copied_name = name;
    copied_log = log;
    prank = copy_store;
    fake_nap = 1000;
    done = false;
    OK(run_into(fake_store));
    ck_assert_int_eq(mkdir(away, 0700), 0); // in the way of what SQLite would write
    Text text = {0};
    OK(sweep_export(name, NULL, SWEEP_CSV, &text, &fake_error));
    ck_assert_uint_gt(text.length, 300);
    ck_assert_int_eq(rmdir(away), 0);
    text_free(&text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sweep/place");
    TCase *tests = tcase_create("place");
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, test_pranks, 0, sizeof pranks / sizeof *pranks);
    tcase_add_test(tests, test_one_file);
    tcase_add_test(tests, test_one_file_when_interrupted);
    tcase_add_test(tests, test_copy);
    tcase_add_test(tests, test_copy_with_log);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
