// The grid: what is merged, what names a cell, in which order cells run.
#include "fake.h"
#include "run_suite.h"

static SweepGrid span(const char *text) {
    Sweep *sweep = parse(text);
    SweepGrid grid;
    OK(sweep_grid(sweep, &fake_task, &grid, &fake_error));
    sweep_free(sweep);
    return grid;
}

static void check_order(const SweepGrid *grid, const char *name, const char *expected) {
    Text text = {0};
    for (size_t i = 0; i < grid->cells; i++) {
        const Settings *settings = &grid->cell[grid->order[i]].settings;
        text_printf(&text, "%s%s", i ? " " : "", settings_get(settings, name));
    }
    ck_assert_str_eq(text.data, expected);
    text_free(&text);
}

START_TEST(test_product) {
    SweepGrid grid = span("epochs: 3\nparameters:\n  width: [2, 4]\n  noise: [0, 0.15, 0.3]\n");
    ck_assert_uint_eq(grid.cells, 6);
    ck_assert_str_eq(settings_get(&grid.cell[4].settings, "width"), "4");
    ck_assert_str_eq(settings_get(&grid.cell[4].settings, "noise"), "0.15");
    ck_assert_str_eq(settings_get(&grid.cell[4].settings, "epochs"), "3");
    ck_assert_double_eq(grid.cell[4].facts.flops, 12000);
    sweep_grid_free(&grid);
}
END_TEST

// 0.15 and 1.5e-1 are one value, and so are an option left out and its default.
START_TEST(test_merged) {
    SweepGrid grid = span("parameters:\n  noise: [0.15, 1.5e-1, 0.150]\n  width: [4, 5]\n");
    SweepGrid other = span("width: 4\nparameters: {noise: [15e-2]}\n");
    ck_assert_uint_eq(grid.combinations, 6);
    ck_assert_uint_eq(grid.cells, 2);
    ck_assert_str_eq(grid.cell[0].key, other.cell[0].key);
    ck_assert_str_ne(grid.cell[1].key, other.cell[0].key);
    sweep_grid_free(&grid);
    sweep_grid_free(&other);
}
END_TEST

static const char *other_numerics(void) {
    return "fake-2";
}

START_TEST(test_stem) {
    SweepGrid grid = span("parameters: {epochs: [10, 20], prefix: [0, 1]}\n");
    ck_assert_str_ne(grid.cell[1].key, grid.cell[3].key);
    ck_assert_str_eq(grid.cell[1].stem, grid.cell[3].stem);
    ck_assert_str_eq(grid.cell[0].stem, grid.cell[0].key);
    ck_assert_str_ne(grid.cell[0].stem, grid.cell[2].stem);
    Sweep *sweep = parse("epochs: 10\n");
    Task task = fake_task;
    SweepGrid other;
    task.numerics = other_numerics;
    OK(sweep_grid(sweep, &task, &other, &fake_error));
    ck_assert_str_ne(other.cell[0].key, grid.cell[1].key);
    sweep_grid_free(&other);
    sweep_grid_free(&grid);
    sweep_free(sweep);
}
END_TEST

// The key does not hang on the order in which a task lists its settings.
static bool resolve_reversed(const Settings *given, Settings *resolved, TaskFacts *facts,
                             Error *error) {
    Settings forward = {0};
    if (!fake_resolve(given, &forward, facts, error)) return false;
    for (size_t i = forward.count; i-- > 0;) {
        settings_set(resolved, forward.item[i].name, forward.item[i].value, NULL);
    }
    settings_free(&forward);
    return true;
}

START_TEST(test_key_order) {
    SweepGrid grid = span("width: 3\n"), other;
    Sweep *sweep = parse("width: 3\n");
    Task task = fake_task;
    task.resolve = resolve_reversed;
    OK(sweep_grid(sweep, &task, &other, &fake_error));
    ck_assert_str_eq(grid.cell[0].key, other.cell[0].key);
    sweep_grid_free(&grid);
    sweep_grid_free(&other);
    sweep_free(sweep);
}
END_TEST

START_TEST(test_coarse_to_fine) {
    SweepGrid grid = span("parameters:\n  width: range(1, 10)\n");
    check_order(&grid, "width", "9 5 1 7 3 8 6 4 2");
    sweep_grid_free(&grid);
    grid = span("seeds: 2\nparameters:\n  width: range(1, 6)\n");
    check_order(&grid, "width", "5 3 1 4 2 5 3 1 4 2");
    check_order(&grid, "init_seed", "0 0 0 0 0 1 1 1 1 1");
    sweep_grid_free(&grid);
}
END_TEST

START_TEST(test_errors) {
    SweepGrid grid;
    Sweep *sweep = parse("parameters:\n  width: [2, 0]\n");
    ck_assert(!sweep_grid(sweep, &fake_task, &grid, &fake_error));
    ck_assert_str_eq(fake_error.text, "a.yaml:2:14: width is \"0\"; it takes a whole number from 1 "
                                      "to 1000000\n      width: [2, 0]\n                 ^");
    sweep_free(sweep);
    sweep = parse("parameters:\n  a: range(0,9999)\n  b: range(0,9999)\n");
    ck_assert(!sweep_grid(sweep, &fake_task, &grid, &fake_error));
    ck_assert_str_eq(fake_error.text, "a.yaml: the grid has more than 1000000 cells");
    sweep_free(sweep);
}
END_TEST

START_TEST(test_finds_task) {
    const Task *const tasks[] = {&fake_task, NULL};
    Sweep *sweep = parse("name: a\ntask: fake\n");
    ck_assert_ptr_eq(sweep_task(sweep, tasks, &fake_error), &fake_task);
    sweep_free(sweep);
    sweep = parse("name: a\ntask: fkae\n");
    ck_assert_ptr_null(sweep_task(sweep, tasks, &fake_error));
    ck_assert_str_eq(fake_error.text, "a.yaml:2:7: unknown task \"fkae\"; there are: fake\n"
                                      "    task: fkae\n          ^");
    sweep_free(sweep);
    sweep = parse("name: a\n");
    ck_assert_ptr_null(sweep_task(sweep, tasks, &fake_error));
    ck_assert_str_eq(fake_error.text, "a.yaml: unknown task \"train\"; there are: fake");
    sweep_free(sweep);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sweep/grid");
    TCase *tests = tcase_create("grid");
    tcase_add_test(tests, test_product);
    tcase_add_test(tests, test_merged);
    tcase_add_test(tests, test_stem);
    tcase_add_test(tests, test_key_order);
    tcase_add_test(tests, test_coarse_to_fine);
    tcase_add_test(tests, test_errors);
    tcase_add_test(tests, test_finds_task);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
