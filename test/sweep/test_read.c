// Experiment files: what is read, and what is refused with which words.
#include "fake.h"
#include "run_suite.h"

static Sweep *parse_with(const char *text, const char *name, const char *value) {
    Settings overrides = {0};
    Sweep *sweep = NULL;
    settings_set(&overrides, name, value, "command line");
    if (!sweep_parse("a.yaml", text, strlen(text), &overrides, &sweep, &fake_error)) sweep = NULL;
    settings_free(&overrides);
    return sweep;
}

static void join(const SweepAxis *axis, Text *text) {
    for (size_t i = 0; i < axis->count; i++) {
        text_printf(text, "%s%s", i ? " " : "", axis->value[i].text);
    }
}

static void check_axis(const Sweep *sweep, size_t a, const char *name, const char *values) {
    Text text = {0};
    ck_assert_uint_lt(a, sweep->axes);
    ck_assert_str_eq(sweep->axis[a].name, name);
    join(&sweep->axis[a], &text);
    ck_assert_str_eq(text.data, values);
    text_free(&text);
}

START_TEST(test_file) {
    Sweep *sweep = parse("name: mnist1d\n"
                         "description: \"a: b\"\n"
                         "method: grid\n"
                         "model: mlp\n"
                         "data: mnist1d:train=4000,test=12000\n"
                         "weight-decay: 1e-4\n"
                         "parameters:\n"
                         "  width: geomspace(2, 300, 20)\n"
                         "  init-seed: [0, 1, 2]\n"
                         "  noise: {values: [0, 0.15]}\n"
                         "  lr: {value: 0.1}\n"
                         "  batch:\n"
                         "  - 50\n"
                         "  - range(100, 103)\n"
                         "seeds: 3\n");
    ck_assert_str_eq(sweep->name, "mnist1d");
    ck_assert_str_eq(sweep->description, "a: b");
    ck_assert_str_eq(sweep->task.text, "train");
    ck_assert_uint_eq(sweep->fixed.count, 3);
    ck_assert_str_eq(settings_get(&sweep->fixed, "data"), "mnist1d:train=4000,test=12000");
    ck_assert_str_eq(settings_get(&sweep->fixed, "weight_decay"), "1e-4");
    ck_assert_str_eq(settings_find(&sweep->fixed, "weight_decay")->place, "a.yaml:6:15");
    ck_assert_uint_eq(sweep->axes, 6);
    check_axis(sweep, 1, "init_seed", "0 1 2");
    check_axis(sweep, 2, "noise", "0 0.15");
    check_axis(sweep, 3, "lr", "0.1");
    check_axis(sweep, 4, "batch", "50 100 101 102");
    check_axis(sweep, 5, "seed", "0 1 2");
    ck_assert_str_eq(sweep->axis[2].value[1].place, "a.yaml:10:23");
    sweep_free(sweep);
}
END_TEST

// The published widths of MNIST-1D: 20 geometric steps from 2 to 300, truncated, 19 distinct.
START_TEST(test_published_widths) {
    Sweep *sweep = parse("parameters: {width: [1]}\n");
    sweep_free(sweep);
    sweep = parse("parameters:\n  width: geomspace(2, 300, 20)\n");
    ck_assert_uint_eq(sweep->axis[0].count, 19);
    check_axis(sweep, 0, "width", "2 3 4 5 7 9 12 16 21 27 36 47 61 80 104 135 177 230 300");
    sweep_free(sweep);
}
END_TEST

static const char *const generated[][2] = {
    {"range(3)", NULL},
    {"range(0, 3)", "0 1 2"},
    {"range(5, 0, -2)", "5 3 1"},
    {"range(0, 0.3, 0.1)", "0 0.1 0.2"},
    {"linspace(0, 1, 5)", "0 0.25 0.5 0.75 1"},
    {"linspace(3, 9, 1)", "3"},
    {"geomspace(1, 1000, 4)", "1 10 100 1000"},
    {"geomspace(1000, 1, 4)", "1000 100 10 1"},
    {"geomspace(1., 8, 4)", "1 2 4 8"},
    {"geomspace(1e0, 2, 3)", "1 1.4142135623731 2"},
    {"geomspace(1, 2, 3)", "1 2"},
    {"geomspace(100000, 1000000, 2)", "100000 1000000"},
    {"logspace(-3, 0, 4)", "0.001 0.01 0.1 1"},
    {"'plain (text)'", "plain (text)"},
};

START_TEST(test_generators) {
    const char *values = generated[_i][1];
    char text[200];
    snprintf(text, sizeof text, "parameters:\n  x: %s\n", generated[_i][0]);
    Sweep *sweep = NULL;
    bool ok = sweep_parse("a.yaml", text, strlen(text), NULL, &sweep, &fake_error);
    ck_assert_int_eq(ok, values != NULL);
    if (ok) check_axis(sweep, 0, "x", values);
    if (ok) sweep_free(sweep);
}
END_TEST

static const char *const refused[][2] = {
    {"model mlp\n", "a.yaml:1:1: an experiment is a mapping: model: ..., parameters: ...\n"
                    "    model mlp\n    ^~~~~~~~~"},
    {"", "a.yaml:1:1: an experiment is a mapping: model: ..., parameters: ...\n    \n    ^"},
    {"epochs: 3\nepochs: 4\n", "a.yaml:2:1: \"epochs\" is given twice\n    epochs: 4\n    ^~~~~~"},
    {"weight-decay: 3\nweight_decay: 4\n",
     "a.yaml:2:1: \"weight_decay\" is given twice\n    weight_decay: 4\n    ^~~~~~~~~~~~"},
    {"name: a\nname: b\n", "a.yaml:2:1: \"name\" is given twice\n    name: b\n    ^~~~"},
    {"seeds: 2\nparameters:\n  seed: [0]\n",
     "a.yaml:3:3: \"seed\" is given twice\n      seed: [0]\n      ^~~~"},
    {"model: mlp\nparameters:\n  model: [a]\n",
     "a.yaml:3:3: \"model\" is given twice\n      model: [a]\n      ^~~~~"},
    {"paramters:\n  width: 3\n", "a.yaml:1:1: \"paramters\" takes one value, did you mean "
                                 "\"parameters\"?; values to vary go under parameters\n"
                                 "    paramters:\n    ^~~~~~~~~"},
    {"width: [1, 2]\n", "a.yaml:1:1: \"width\" takes one value; values to vary go under "
                        "parameters\n    width: [1, 2]\n    ^~~~~"},
    {"width: range(1, 2)\n", "a.yaml:1:1: \"width\" takes one value; values to vary go under "
                             "parameters\n    width: range(1, 2)\n    ^~~~~"},
    {"epochs:\nmodel: a\n", "a.yaml:1:1: \"epochs\" has no value\n    epochs:\n    ^~~~~~"},
    {"epochs: &a 3\n", "a.yaml:1:9: anchors are not used here\n    epochs: &a 3\n"
                       "            ^~~~"},
    {"epochs: *a\n", "a.yaml:1:9: aliases are not used here; write the value again\n"
                     "    epochs: *a\n            ^~"},
    {"epochs: !!int 3\n", "a.yaml:1:9: tags are not used here\n    epochs: !!int 3\n"
                          "            ^~~~~~~"},
    {"a: 1\n---\nb: 2\n", "a.yaml:2:1: a second document\n    ---\n    ^~~"},
    {"a: [1, 2\n", "a.yaml:2:1: not YAML: did not find expected ',' or ']' while parsing a flow "
                   "sequence\n    \n    ^"},
    {"a: \"b\\0c\"\n",
     "a.yaml:1:4: a 0 byte has no place in a text\n    a: \"b\\0c\"\n       ^~~~~~"},
    {"a: \x80\n", "a.yaml:1:4: not YAML: invalid leading UTF-8 octet\n    a: \x80\n       ^"},
    {"? [a]\n: 3\n", "a.yaml:1:3: a key is one word\n    ? [a]\n      ^"},
    {"a b: 3\n", "a.yaml:1:1: \"a b\" is no name: a letter, then letters, digits, - and _\n"
                 "    a b: 3\n    ^~~"},
    {"method: bayes\n", "a.yaml:1:9: method is \"bayes\"; every cell of the grid is run: grid\n"
                        "    method: bayes\n            ^~~~~"},
    {"seeds: 0\n", "a.yaml:1:8: seeds is \"0\"; it takes a whole number from 1 to 100000\n"
                   "    seeds: 0\n           ^"},
    {"parameters: 3\n", "a.yaml:1:1: parameters takes a mapping of names to values\n"
                        "    parameters: 3\n    ^~~~~~~~~~"},
    {"parameters:\n  w: []\n", "a.yaml:2:6: w has no values; a list such as [1, 2, 4] or "
                               "geomspace(2, 300, 20) fits\n      w: []\n         ^"},
    {"parameters:\n  w: {vales: [1]}\n",
     "a.yaml:2:7: unknown key \"vales\", did you mean \"values\"?; {values: [...]}, {value: ...} "
     "fit\n      w: {vales: [1]}\n          ^~~~~"},
    {"parameters:\n  w: {min: 1, max: 2}\n",
     "a.yaml:2:7: unknown key \"min\"; {values: [...]}, {value: ...} fit\n"
     "      w: {min: 1, max: 2}\n          ^~~"},
    {"parameters:\n  w: [[1]]\n", "a.yaml:2:7: w is a list; each value is one word or number\n"
                                  "      w: [[1]]\n          ^"},
    {"parameters:\n  w: geomspce(2, 300, 20)\n",
     "a.yaml:2:6: unknown \"geomspce(...)\", did you mean \"geomspace\"?; range, linspace, "
     "geomspace, logspace fit\n      w: geomspce(2, 300, 20)\n         ^~~~~~~~"},
    {"parameters:\n  w: geomspace(2, 3O0, 20)\n",
     "a.yaml:2:19: \"3O0\" is not a number\n      w: geomspace(2, 3O0, 20)\n"
     "                      ^~~"},
    {"parameters:\n  w: geomspace(0, 300, 20)\n",
     "a.yaml:2:16: equal ratios need an end above 0\n      w: geomspace(0, 300, 20)\n"
     "                   ^"},
    {"parameters:\n  w: 'linspace(0, 1, 2.5)'\n",
     "a.yaml:2:22: 2.5 values; a whole number from 1 to 1000000 fits\n"
     "      w: 'linspace(0, 1, 2.5)'\n                         ^~~"},
    {"parameters:\n  w: linspace(0, 1)\n",
     "a.yaml:2:6: too few numbers: linspace(first, last, n)\n      w: linspace(0, 1)\n"
     "         ^~~~~~~~"},
    {"parameters:\n  w: range(0, 1, 2, 3)\n",
     "a.yaml:2:21: too many numbers: range(first, end[, step])\n      w: range(0, 1, 2, 3)\n"
     "                        ^"},
    {"parameters:\n  w: range(3, 0)\n",
     "a.yaml:2:15: no value from the first one to this end\n      w: range(3, 0)\n"
     "                  ^"},
    {"parameters:\n  w: range(3, 9, 0)\n",
     "a.yaml:2:18: a step of 0 leads nowhere\n      w: range(3, 9, 0)\n"
     "                     ^"},
    {"parameters:\n  w: range(0, 1e300)\n",
     "a.yaml:2:15: 1e+300 values; a whole number from 1 to 1000000 fits\n"
     "      w: range(0, 1e300)\n                  ^~~~~"},
};

START_TEST(test_refused) {
    Sweep *sweep = NULL;
    const char *text = refused[_i][0];
    ck_assert(!sweep_parse("a.yaml", text, strlen(text), NULL, &sweep, &fake_error));
    ck_assert_str_eq(fake_error.text, refused[_i][1]);
}
END_TEST

START_TEST(test_overrides) {
    const char *text = "epochs: 200\nparameters:\n  width: [2, 4]\n  noise: [0, 0.15]\n";
    Sweep *sweep = parse_with(text, "epochs", "50");
    ck_assert_str_eq(settings_get(&sweep->fixed, "epochs"), "50");
    ck_assert_uint_eq(sweep->axes, 2);
    sweep_free(sweep);
    sweep = parse_with(text, "width", "[8, 16, 32]");
    check_axis(sweep, 0, "width", "8 16 32");
    check_axis(sweep, 1, "noise", "0 0.15");
    sweep_free(sweep);
    sweep = parse_with(text, "width", "geomspace(2,300,20)");
    ck_assert_uint_eq(sweep->axis[0].count, 19);
    sweep_free(sweep);
    sweep = parse_with(text, "width", "64");
    check_axis(sweep, 0, "noise", "0 0.15");
    ck_assert_str_eq(settings_get(&sweep->fixed, "width"), "64");
    sweep_free(sweep);
    sweep = parse_with(text, "epochs", "[1,2]");
    ck_assert_ptr_null(settings_get(&sweep->fixed, "epochs"));
    check_axis(sweep, 2, "epochs", "1 2");
    sweep_free(sweep);
    sweep = parse_with(text, "seeds", "2");
    check_axis(sweep, 2, "seed", "0 1");
    sweep_free(sweep);
    sweep = parse_with(text, "weight-decay", "mnist1d:train=4,test=5 # no comment");
    ck_assert_str_eq(settings_get(&sweep->fixed, "weight_decay"),
                     "mnist1d:train=4,test=5 # no comment");
    sweep_free(sweep);
}
END_TEST

START_TEST(test_refused_overrides) {
    const char *text = "parameters:\n  width: [2, 4]\n";
    ck_assert_ptr_null(parse_with(text, "width", "[2, 4"));
    ck_assert_str_eq(fake_error.text, "command line:1:6: not YAML: did not find expected ',' or "
                                      "']' while parsing a flow sequence\n    [2, 4\n         ^");
    ck_assert_ptr_null(parse_with(text, "width", "geomspace(2, x, 4)"));
    ck_assert_str_eq(fake_error.text, "command line:1:14: \"x\" is not a number\n"
                                      "    geomspace(2, x, 4)\n                 ^");
    ck_assert_ptr_null(parse_with(text, "parameters", "{width: 3}"));
    ck_assert_str_eq(fake_error.text, "command line: name the parameter itself, as in width=[2,4]");
    ck_assert_ptr_null(parse_with(text, "width", ""));
    ck_assert_str_eq(fake_error.text, "command line:1:1: \"width\" has no value\n    \n    ^");
}
END_TEST

START_TEST(test_numbers) {
    static const double wanted[] = {0.5, 1, 10, 100, 1000, -2.385e-7};
    double *value;
    size_t count;
    Error error = {0};
    ck_assert(
        sweep_numbers("--mu", "0.5, geomspace(1.0,1000,4),-2.385e-7", &value, &count, &error));
    ck_assert_uint_eq(count, 6);
    for (size_t i = 0; i < 6; i++) ck_assert_double_eq_tol(value[i], wanted[i], 1e-13);
    memory_free(value);
    static const char *const bad[][2] = {
        {"0.5,,1", "--mu:1:5: \"\" is no number; a list such as 0.1,1,10 or geomspace(0.1,10,3) "
                   "fits\n    0.5,,1\n        ^"},
        {"1,2x", "--mu:1:3: \"2x\" is no number; a list such as 0.1,1,10 or geomspace(0.1,10,3) "
                 "fits\n    1,2x\n      ^~"},
        {"1,geomspace(0,1,3)",
         "--mu:1:13: equal ratios need an end above 0\n    1,geomspace(0,1,3)\n                ^"},
        {"1,geomspaec(2,1,3)",
         "--mu:1:3: unknown \"geomspaec(...)\", did you mean \"geomspace\"?; range, linspace, "
         "geomspace, logspace fit\n    1,geomspaec(2,1,3)\n      ^~~~~~~~~"},
        {"", "--mu:1:1: \"\" is no number; a list such as 0.1,1,10 or geomspace(0.1,10,3) fits\n"
             "    \n    ^"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert(!sweep_numbers("--mu", bad[i][0], &value, &count, &error));
        ck_assert_str_eq(error.text, bad[i][1]);
    }
}
END_TEST

START_TEST(test_missing_file) {
    Sweep *sweep;
    ck_assert(!sweep_read("/nowhere/a.yaml", NULL, &sweep, &fake_error));
    ck_assert_str_eq(fake_error.text, "/nowhere/a.yaml: cannot open: No such file or directory");
}
END_TEST

// UTF-8 before the place: columns count characters, the caret stands below.
START_TEST(test_characters) {
    Sweep *sweep;
    const char *text = "name: \"grö\xc3\x9f"
                       "e\"\nparameters: {l: [\"é\", [1]]}\n";
    ck_assert(!sweep_parse("a.yaml", text, strlen(text), NULL, &sweep, &fake_error));
    ck_assert_str_eq(fake_error.text, "a.yaml:2:23: l is a list; each value is one word or number\n"
                                      "    parameters: {l: [\"é\", [1]]}\n"
                                      "                          ^");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sweep/read");
    TCase *tests = tcase_create("read");
    tcase_add_test(tests, test_file);
    tcase_add_test(tests, test_published_widths);
    tcase_add_loop_test(tests, test_generators, 0, sizeof generated / sizeof *generated);
    tcase_add_loop_test(tests, test_refused, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tests, test_overrides);
    tcase_add_test(tests, test_refused_overrides);
    tcase_add_test(tests, test_numbers);
    tcase_add_test(tests, test_missing_file);
    tcase_add_test(tests, test_characters);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
