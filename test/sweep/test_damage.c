// Bits flipped in a store, rows changed behind its back, files that were made to mislead: the same
// numbers come out, or an error does.
#include "fake.h"
#include "run_suite.h"
#include <sqlite3.h>

static const char GRID[] = "epochs: 13\nseeds: 2\n"
                           "parameters:\n  width: [2, 3, 4]\n  noise: [0, 0.15]\n";

static size_t words; // that the sweep had for a person
static char last_words[4096];

static void hear(void *user, const char *line) {
    (void)user;
    words++;
    snprintf(last_words, sizeof last_words, "%s", line);
}

static long stop_at; // steps

static bool stop(void *user) {
    (void)user;
    return fake_steps >= stop_at;
}

static bool run(const char *text, const char *store, bool early) {
    Sweep *sweep = parse(text);
    SweepReport report;
    SweepOptions options = {.jobs = 1, .say = hear, .stop = early ? stop : NULL};
    bool ok = sweep_run(sweep, &fake_task, store, &options, &report, &fake_error);
    sweep_free(sweep);
    return ok;
}

static bool export_all(Text *text) {
    text_cut(text, 0);
    return sweep_export(fake_store, NULL, SWEEP_CSV, text, &fake_error);
}

static void forget_store(void) {
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s%s", fake_store, ends[i]);
        unlink(path);
    }
}

static void execute(const char *sql) {
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(fake_store, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

// A bit of the file, of every second trial one in a byte that is not 0.
static size_t pick_bit(Random *random, const char *bytes, size_t size, bool used) {
    size_t at;
    do at = (size_t)random_below(random, size);
    while (used && bytes[at] == 0);
    return 8 * at + (size_t)random_below(random, 8);
}

static void put(const char *bytes, size_t size) {
    forget_store();
    FILE *file = fopen(fake_store, "wb"); // not file_write: that waits for the disk
    ck_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static void flip_bits(bool finished, uint64_t seed, int trials) {
    Text expected = {0}, found = {0};
    char *bytes;
    size_t size, told = 0;
    OK(run(GRID, fake_store, false));
    OK(export_all(&expected));
    if (!finished) {
        forget_store();
        fake_steps = 0;
        stop_at = 100; // of 156
        fake_nap = 300;
        ck_assert(!run(GRID, fake_store, true));
        fake_nap = 0;
        ck_assert_int_eq(fake_error.kind, ERROR_INTERRUPTED);
    }
    OK(file_read(fake_store, 1 << 24, &bytes, &size, &fake_error));
    Random random = random_stream(seed, RANDOM_TEST, 0);
    for (int t = 0; t < trials; t++) {
        size_t bit = pick_bit(&random, bytes, size, t % 2);
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        put(bytes, size);
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        if (finished && export_all(&found))
            ck_assert_msg(strcmp(found.data, expected.data) == 0, "bit %zu: other numbers", bit);
        words = 0;
        bool ok = run(GRID, fake_store, false);
        told += !ok || words;
        if (ok && export_all(&found))
            ck_assert_msg(strcmp(found.data, expected.data) == 0, "bit %zu: others, swept", bit);
        else
            ck_assert_msg(strstr(fake_error.text, "runs.db: ") != NULL, "%s", fake_error.text);
    }
    ck_assert_uint_gt(told, (size_t)trials / 20); // the flips do hit something
    memory_free(bytes);
    text_free(&expected);
    text_free(&found);
}

START_TEST(test_bits_of_finished) {
    flip_bits(true, 1, 200);
}
END_TEST

START_TEST(test_bits_of_begun) {
    flip_bits(false, 2, 200);
}
END_TEST

// ---- one thing changed at a time ----

typedef struct Change {
    const char *sql, *reader,
        *sweep; // what the reader says; what the sweep says: an error or words
} Change;

static const Change changes[] = {
    {"UPDATE record SET test_error = 0.25 WHERE epoch = 1 AND cell = 2", "is damaged in the store",
     "was damaged in the store; it begins anew"},
    {"UPDATE record SET epoch = 3 WHERE epoch = 2 AND cell = 2", "is damaged in the store",
     "it begins anew"},
    {"DELETE FROM record WHERE epoch = 1 AND cell = 2", "is damaged in the store",
     "it begins anew"},
    {"UPDATE setting SET value = '3' WHERE name = 'width' AND cell = 1", "is damaged in the store",
     "it begins anew"},
    {"DELETE FROM setting WHERE name = 'noise' AND cell = 1", "is damaged in the store",
     "it begins anew"},
    {"UPDATE cell SET flops = 1 WHERE id = 4", "is damaged in the store", "it begins anew"},
    {"UPDATE cell SET state = 'todo' WHERE id = 4", "is damaged in the store", "it begins anew"},
    {"DELETE FROM seal WHERE cell = 4", "is damaged in the store", "it begins anew"},
    {"DELETE FROM cell WHERE id = 4", "does not hold the runs that were put into it",
     "does not hold the runs that were put into it"},
    // Of a finished run nobody asks for its state.
    {"UPDATE checkpoint SET content = zeroblob(24) WHERE cell = 3", NULL, NULL},
    // Texts where numbers are, and other things that no program of ours writes.
    {"UPDATE record SET epoch = 'never' WHERE epoch = 2 AND cell = 2", "is damaged", "begins anew"},
    {"UPDATE record SET test_error = 'low' WHERE epoch = 1", "is damaged", "begins anew"},
    {"UPDATE cell SET fraction = 'all'", "is damaged", "in the column \"fraction\""},
    {"UPDATE cell SET key = x'00' WHERE id = 1", "does not hold the runs", "column \"key\""},
    {"PRAGMA ignore_check_constraints = ON; UPDATE cell SET state = 'odd' WHERE id = 1",
     "the state \"odd\"", "it begins anew"},
    {"CREATE VIEW mine AS SELECT * FROM record", "the view \"mine\" is not", "the view \"mine\""},
    {"CREATE TRIGGER own AFTER UPDATE ON cell BEGIN DELETE FROM record; END",
     "the trigger \"own\" is not", "the trigger \"own\" is not"},
    {"CREATE TABLE notes (text)", "the table \"notes\" is not", "the table \"notes\" is not"},
    {"ALTER TABLE record ADD COLUMN \"a\"\"b\" REAL", "\"record\" is not", "\"record\" is not"},
    {"DROP TABLE checkpoint", "a table of it is gone", "a table of it is gone"},
    {"DROP INDEX cell_stem", "a table of it is gone", "a table of it is gone"},
    {"PRAGMA user_version = 0", "a store of version 0", "a store of version 0"},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql ="
     " 'CREATE VIEW record AS SELECT 1 AS cell', type = 'view', rootpage = 0 WHERE name = 'record'",
     "", ""},
    {"ANALYZE", NULL, NULL}, // anybody may
};

START_TEST(test_changes) {
    const Change *change = &changes[_i];
    Text expected = {0}, found = {0};
    OK(run(GRID, fake_store, false));
    OK(export_all(&expected));
    execute(change->sql);
    bool ok = export_all(&found);
    ck_assert_msg(ok == !change->reader, "%s: read", change->sql);
    if (change->reader)
        ck_assert_msg(strstr(fake_error.text, change->reader) != NULL, "%s: %s", change->sql,
                      fake_error.text);
    words = 0;
    ok = run(GRID, fake_store, false);
    const char *said = ok ? last_words : fake_error.text;
    ck_assert_msg(change->sweep ? !ok || words : ok && !words, "%s: swept", change->sql);
    if (change->sweep)
        ck_assert_msg(strstr(said, change->sweep) != NULL, "%s: %s", change->sql, said);
    if (ok) {
        OK(export_all(&found));
        ck_assert_str_eq(found.data, expected.data);
    }
    text_free(&expected);
    text_free(&found);
}
END_TEST

// ---- checkpoints ----

static void interrupt(const char *text) {
    fake_steps = 0;
    stop_at = 5;
    fake_nap = 20000;
    ck_assert(!run(text, fake_store, true));
    fake_nap = 0;
}

START_TEST(test_checkpoint) {
    static const char *const sql[] = {
        "UPDATE checkpoint SET content = zeroblob(24)", "UPDATE checkpoint SET epoch = epoch + 1",
        "UPDATE checkpoint SET content = 'a text'", "UPDATE seal SET checkpoint = NULL"};
    static const char ONE[] = "epochs: 13\nparameters: {width: [3]}\n";
    Text expected = {0}, found = {0};
    OK(run(ONE, fake_store, false));
    OK(export_all(&expected));
    forget_store();
    interrupt(ONE);
    execute(sql[_i]);
    SweepInspection inspection;
    OK(sweep_inspect(fake_store, true, &inspection, &fake_error));
    ck_assert_uint_eq(inspection.damages, 1);
    ck_assert_ptr_nonnull(strstr(inspection.damage[0], ": its state (checkpoint) is damaged"));
    sweep_inspection_free(&inspection);
    words = 0;
    fake_steps = 0;
    bool ok = run(ONE, fake_store, false);
    if (_i == 2) { // bytes of another type
        ck_assert(!ok);
        ck_assert_ptr_nonnull(strstr(fake_error.text, "a text in the column \"content\""));
    } else {
        OK(ok);
        ck_assert_uint_eq(words, 1);
        ck_assert_ptr_nonnull(strstr(last_words, "run width=3 (cell "));
        ck_assert_ptr_nonnull(strstr(last_words, "a damaged checkpoint, which is set aside"));
        ck_assert_int_eq(fake_steps, 13);
        OK(export_all(&found));
        ck_assert_str_eq(found.data, expected.data);
    }
    text_free(&expected);
    text_free(&found);
}
END_TEST

// A longer run does not go on from a shorter one that is damaged.
START_TEST(test_donor) {
    static const char LONG[] = "epochs: 26\nwidth: 3\n";
    static const char *const sql[] = {"UPDATE checkpoint SET content = zeroblob(24)",
                                      "UPDATE record SET test_error = 0.5 WHERE epoch = 1"};
    OK(run("epochs: 13\nwidth: 3\n", fake_store, false));
    execute(sql[_i]);
    words = 0;
    fake_steps = 0;
    OK(run(LONG, fake_store, false));
    ck_assert_uint_eq(words, 1);
    ck_assert_ptr_nonnull(strstr(last_words, "cannot go on from a shorter run, which is damaged"));
    ck_assert_int_eq(fake_steps, 26);
}
END_TEST

// What is kept of a run is given out only whole.
START_TEST(test_state) {
    char *state = NULL, key[33];
    size_t size;
    Text text = {0};
    OK(run("epochs: 13\nwidth: 3\n", fake_store, false));
    SweepTable table;
    OK(sweep_table(fake_store, NULL, &table, &fake_error));
    snprintf(key, sizeof key, "%s", sweep_table_find(&table, "cell")->text[0]);
    sweep_table_free(&table);
    OK(sweep_state(fake_store, key, &state, &size, &fake_error));
    ck_assert_uint_eq(size, sizeof(FakeState));
    memory_free(state);
    execute("UPDATE checkpoint SET content = zeroblob(24)");
    ck_assert(!sweep_state(fake_store, key, &state, &size, &fake_error));
    ck_assert_ptr_nonnull(strstr(fake_error.text, "is damaged"));
    text_free(&text);
}
END_TEST

// A store as the program before made it, without seals: it is read as it is, and brought up to date
// by the next sweep, which says so once.
START_TEST(test_earlier_version) {
    Text before = {0}, after = {0};
    OK(run(GRID, fake_store, false));
    OK(export_all(&before));
    execute("DROP TABLE seal; DROP TABLE experiment; PRAGMA user_version = 1;"
            " DELETE FROM meta WHERE name IN ('runs', 'store')");
    OK(export_all(&after));
    ck_assert_str_eq(before.data, after.data);
    SweepInspection inspection;
    OK(sweep_inspect(fake_store, true, &inspection, &fake_error));
    ck_assert_int_eq(inspection.version, 1);
    ck_assert_uint_eq(inspection.damages, 0);
    ck_assert_uint_eq(inspection.runs, 12);
    sweep_inspection_free(&inspection);
    words = 0;
    fake_steps = 0;
    OK(run(GRID, fake_store, false));
    ck_assert_uint_eq(words, 1);
    ck_assert_ptr_nonnull(strstr(last_words, "a store of an earlier version, without checksums"));
    OK(run(GRID, fake_store, false));
    ck_assert_uint_eq(words, 1);
    ck_assert_int_eq(fake_steps, 0);
    OK(export_all(&after));
    ck_assert_str_eq(before.data, after.data);
    OK(sweep_inspect(fake_store, true, &inspection, &fake_error));
    ck_assert_int_eq(inspection.version, 2);
    ck_assert_uint_eq(inspection.damages, 0);
    sweep_inspection_free(&inspection);
    text_free(&before);
    text_free(&after);
}
END_TEST

// A table holds names and values as they are in the store; whoever prints them tames them.
START_TEST(test_any_bytes) {
    Text text = {0};
    OK(run("epochs: 13\nwidth: 3\n", fake_store, false));
    execute("UPDATE setting SET value = char(27) || '[2J' WHERE name = 'noise';"
            " UPDATE setting SET name = 'un' || char(7) || 'til' WHERE name = 'until';"
            " DROP TABLE seal; DROP TABLE experiment; PRAGMA user_version = 1");
    OK(export_all(&text));
    ck_assert_ptr_nonnull(strstr(text.data, "\33[2J"));
    ck_assert_ptr_nonnull(strstr(text.data, "un\atil"));
    text_free(&text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sweep/damage");
    TCase *tests = tcase_create("damage");
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, test_bits_of_finished);
    tcase_add_test(tests, test_bits_of_begun);
    tcase_add_loop_test(tests, test_changes, 0, sizeof changes / sizeof *changes);
    tcase_add_loop_test(tests, test_checkpoint, 0, 4);
    tcase_add_loop_test(tests, test_donor, 0, 2);
    tcase_add_test(tests, test_state);
    tcase_add_test(tests, test_earlier_version);
    tcase_add_test(tests, test_any_bytes);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
