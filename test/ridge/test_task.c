// The task `ridge` against NumPy's pseudo-inverse, against ridge_path_fit, and within a sweep.
#include "num/linear.h"
#include "ridge/ridge.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Reference {
    const char *features, *width, *mu;
    bool real, intercept;
    double fit[6]; // condition, train_loss, train_error, test_loss, test_error, weight_norm
} Reference;

#include "task_reference.h"
#include "run_suite.h"

enum { CASES = sizeof REFERENCE / sizeof *REFERENCE, METRICS = 7 };
enum { TRAIN_LOSS, TRAIN_ERROR, ERROR_CLEAN, ERROR_NOISY, TEST_LOSS, TEST_ERROR, WEIGHT_NORM };

static const char DATA[] =
    "npy:x=" TOP "/test/ridge/task_data/x.npy,x_test=" TOP "/test/ridge/task_data/x_test.npy,y=" TOP
    "/test/ridge/task_data/y.npy,y_test=" TOP "/test/ridge/task_data/y_test.npy";
static const char REAL_DATA[] =
    "npy:x=" TOP "/test/ridge/task_data/x.npy,x_test=" TOP "/test/ridge/task_data/x_test.npy,y=" TOP
    "/test/ridge/task_data/t.npy,y_test=" TOP "/test/ridge/task_data/t_test.npy";

// What a run tells, kept; it is stopped when it asks for the stop_at-th time.
typedef struct Heard {
    double metrics[METRICS];
    int records, checkpoints, asked, stop_at;
    double done;
} Heard;

static bool record(TaskRun *run, int64_t epoch, bool on_grid, const double *values, Error *error) {
    (void)error;
    Heard *heard = run->sweep;
    ck_assert(epoch == 1 && on_grid);
    memcpy(heard->metrics, values, sizeof heard->metrics);
    heard->records++;
    return true;
}

static bool checkpoint(TaskRun *run, int64_t epoch, const void *state, size_t size, Error *error) {
    (void)error;
    Heard *heard = run->sweep;
    ck_assert(epoch == 1 && size == 6 && memcmp(state, "fitted", size) == 0);
    heard->checkpoints++;
    return true;
}

static bool checkpoint_due(TaskRun *run) {
    (void)run;
    return false;
}

static bool stop(TaskRun *run) {
    Heard *heard = run->sweep;
    return ++heard->asked == heard->stop_at;
}

static void progress(TaskRun *run, double done) {
    Heard *heard = run->sweep;
    ck_assert(done >= 0 && done <= 1 + 1e-12 && (heard->stop_at || done >= heard->done));
    heard->done = done;
}

// Settings name, value, ..., NULL.
static Settings settings_of(const char *name, ...) {
    Settings settings = {0};
    va_list list;
    va_start(list, name);
    for (; name; name = va_arg(list, const char *)) {
        const char *value = va_arg(list, const char *);
        settings_set(&settings, name, value ? value : "", "x.yaml:3:5");
    }
    va_end(list);
    return settings;
}

// Resolves and runs the settings, which it frees.
static RunOutcome run(Settings settings, const char *state, Heard *heard, TaskFacts *facts) {
    Settings resolved = {0};
    TaskFacts own;
    Error error;
    RunOutcome outcome = RUN_DIVERGED;
    if (!ridge_task.resolve(&settings, &resolved, facts ? facts : &own, &error))
        ck_abort_msg("%s", error.text);
    TaskRun task = {.sweep = heard,
                    .state = state,
                    .state_size = state ? strlen(state) : 0,
                    .record = record,
                    .checkpoint = checkpoint,
                    .checkpoint_due = checkpoint_due,
                    .stop = stop,
                    .progress = progress};
    if (!ridge_task.run(&resolved, &task, &outcome, &error)) ck_abort_msg("%s", error.text);
    if (!facts) memory_free(own.model);
    settings_free(&resolved);
    settings_free(&settings);
    return outcome;
}

static void ck_near(const char *what, double is, double should, double condition) {
    double allowed = 1e-13 + 2e-15 * condition, scale = fabs(should) > 1 ? fabs(should) : 1;
    ck_assert_msg(fabs(is - should) <= allowed * scale, "%s: %.17g instead of %.17g", what, is,
                  should);
}

START_TEST(fits_as_numpy_does) {
    const Reference *r = REFERENCE + _i;
    Heard heard = {0};
    Settings settings = settings_of("data", r->real ? REAL_DATA : DATA, "features", r->features,
                                    "width", r->width, "mu", r->mu, "feature_seed", "5",
                                    "intercept", r->intercept ? "yes" : "no", NULL);
    ck_assert_int_eq(run(settings, NULL, &heard, NULL), RUN_DONE);
    ck_assert(heard.records == 1 && heard.checkpoints == 1 && heard.done == 1);
    const double *m = heard.metrics;
    ck_near("train_loss", m[TRAIN_LOSS], r->fit[1], r->fit[0]);
    ck_near("test_loss", m[TEST_LOSS], r->fit[3], r->fit[0]);
    ck_near("weight_norm", m[WEIGHT_NORM], r->fit[5], r->fit[0]);
    if (!isnan(r->fit[2])) ck_near("train_error", m[TRAIN_ERROR], r->fit[2], 1);
    if (!isnan(r->fit[4])) ck_near("test_error", m[TEST_ERROR], r->fit[4], 1);
    ck_assert(isnan(m[TRAIN_ERROR]) == r->real && isnan(m[TEST_ERROR]) == r->real);
    ck_assert(isnan(m[ERROR_CLEAN]) == r->real && isnan(m[ERROR_NOISY]));
}
END_TEST

static const char MNIST1D[] = "mnist1d:train=60,test=40";

// Targets and features of the same seed by way of the updated factorisation.
START_TEST(fits_as_the_path_does) {
    enum { N = 60, TEST = 40, C = 10, P = 131 };
    static const size_t widths[] = {1, 20, 45, 75, P};
    static double y[N * C], y_test[TEST * C];
    Error error;
    RidgeDesignOptions options = {.features = "relu:131", .seed = 3};
    RidgeDesign *design = ridge_design_open(MNIST1D, &options, &error);
    options.test = true;
    RidgeDesign *test = ridge_design_open(MNIST1D, &options, &error);
    const DataSet *set = data_open(MNIST1D, &error);
    for (size_t i = 0; i < N * C; i++) y[i] = (set->y_train[i / C] == (int)(i % C)) - 0.1;
    for (size_t i = 0; i < TEST * C; i++) y_test[i] = (set->y_test[i / C] == (int)(i % C)) - 0.1;
    RidgeTargets targets = {C, TEST, y, test, y_test};
    RidgeFit *fit = malloc(P * sizeof *fit);
    ck_assert(ridge_path_fit(design, &targets, fit, &error));
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        const RidgeFit *path = &fit[widths[i] - 1];
        char width[8];
        Heard heard = {0};
        snprintf(width, sizeof width, "%zu", widths[i]);
        run(settings_of("data", MNIST1D, "width", width, "seed", "3", NULL), NULL, &heard, NULL);
        ck_near(width, heard.metrics[TRAIN_LOSS], path->train_error, 1e3);
        ck_near(width, heard.metrics[TEST_LOSS], path->test_error, 1e3);
        ck_near(width, heard.metrics[WEIGHT_NORM], sqrt(path->norm), 1e3);
        ck_near(width, heard.metrics[TRAIN_ERROR], path->train_wrong, 1);
        ck_near(width, heard.metrics[TEST_ERROR], path->test_wrong, 1);
    }
    free(fit);
    data_close(set);
    ridge_design_close(test);
    ridge_design_close(design);
}
END_TEST

START_TEST(fits_in_the_limits) {
    Heard zero = {0}, tiny = {0}, huge = {0}, infinite = {0};
    Settings settings = settings_of("data", DATA, "features", "none", NULL);
    Settings copies[3] = {{0}};
    static const char *const mus[] = {"1e-300", "1e300", "inf"};
    Heard *const heard[] = {&tiny, &huge, &infinite};
    for (int i = 0; i < 3; i++) settings_copy(&copies[i], &settings);
    run(settings, NULL, &zero, NULL);
    for (int i = 0; i < 3; i++) {
        settings_set(&copies[i], "mu", mus[i], NULL);
        run(copies[i], NULL, heard[i], NULL);
    }
    ck_near("mu -> 0", tiny.metrics[TEST_LOSS], zero.metrics[TEST_LOSS], 1);
    ck_assert_double_eq_tol(huge.metrics[WEIGHT_NORM], 0, 1e-297);
    ck_assert_double_eq(infinite.metrics[WEIGHT_NORM], 0);
    ck_assert_double_eq_tol(infinite.metrics[TEST_LOSS], 0.1875, 1e-15); // (1 - 1/4)/4
}
END_TEST

// Of 60 labels, those that noise has changed are counted by themselves.
START_TEST(tells_noisy_samples) {
    Heard few = {0}, many = {0};
    const char *names[] = {"20", "400"};
    for (int i = 0; i < 2; i++)
        run(settings_of("data", MNIST1D, "width", names[i], "noise", "0.385", "noise_law", "wrong",
                        "noise_seed", "7", NULL),
            NULL, i ? &many : &few, NULL);
    Error error;
    DataView view;
    const DataSet *set = data_open(MNIST1D, &error);
    DataOptions options = {.noise = 0.385, .noise_law = NOISE_WRONG, .noise_seed = 7};
    ck_assert(data_view(set, &options, &view, &error));
    double wrong = (double)view.wrong_count, clean = 60 - wrong;
    const double *m = few.metrics;
    ck_assert_double_gt(m[ERROR_NOISY], 0);
    ck_assert_double_gt(m[ERROR_CLEAN], 0);
    ck_near("share", clean * m[ERROR_CLEAN] + wrong * m[ERROR_NOISY], 60 * m[TRAIN_ERROR], 1);
    ck_assert(many.metrics[ERROR_CLEAN] == 0 && many.metrics[ERROR_NOISY] == 0);
    data_view_free(&view);
    data_close(set);
}
END_TEST

START_TEST(states_facts) {
    Heard heard = {0};
    TaskFacts facts;
    run(settings_of("data", MNIST1D, "width", "23", "mu", "0.5", "samples", "37", NULL), NULL,
        &heard, &facts);
    ck_assert_str_eq(facts.model, "relu:23 mu=0.5 bias=1");
    ck_assert(facts.parameters == 230 && facts.examples == 37 && facts.classes == 10);
    ck_assert(facts.horizon == 1 && !facts.prefix && facts.bytes > 60 * 23 * 8);
    memory_free(facts.model);
    Settings given =
        settings_of("data", MNIST1D, "features", "none", "width", "5", "seed", "4", NULL);
    Settings resolved = {0};
    Error error;
    ck_assert(ridge_task.resolve(&given, &resolved, &facts, &error));
    ck_assert_str_eq(facts.model, "none:40 mu=0");
    ck_assert_str_eq(settings_get(&resolved, "width"), "40");
    ck_assert_str_eq(settings_get(&resolved, "feature_seed"), "0");
    ck_assert_str_eq(settings_get(&resolved, "noise_seed"), "4");
    ck_assert(text_starts(ridge_task.numerics(), "ridge-2 openblas-"));
    ck_assert_double_gt(ridge_task.measure_rate(&resolved), 1e6);
    memory_free(facts.model);
    settings_free(&resolved);
    settings_free(&given);
}
END_TEST

// An intercept is a setting like others, "no" where nobody asks, and part of what a cell is.
START_TEST(names_the_intercept) {
    static const char *const words[] = {NULL, "no", "yes"};
    for (int i = 0; i < 3; i++) {
        Settings given = settings_of("data", MNIST1D, "width", "23", "intercept", words[i], NULL);
        if (!words[i]) settings_remove(&given, "intercept");
        Settings resolved = {0};
        TaskFacts facts;
        Error error;
        ck_assert(ridge_task.resolve(&given, &resolved, &facts, &error));
        const char *named = settings_get(&resolved, "intercept");
        ck_assert_str_eq(named ? named : "", i == 2 ? "yes" : "no");
        ck_assert_str_eq(facts.model,
                         i == 2 ? "relu:23 mu=0 bias=1 intercept" : "relu:23 mu=0 bias=1");
        ck_assert_double_eq(facts.parameters, i == 2 ? 240 : 230);
        memory_free(facts.model);
        settings_free(&resolved);
        settings_free(&given);
    }
    Settings given = settings_of("data", MNIST1D, "samples", "1", "intercept", "yes", NULL);
    Settings resolved = {0};
    TaskFacts facts;
    Error error = {0};
    ck_assert(!ridge_task.resolve(&given, &resolved, &facts, &error));
    ck_assert_str_eq(error.text, "x.yaml:3:5: intercept is yes, and the sample has 1 example; at "
                                 "least 2 are needed");
    settings_free(&resolved);
    settings_free(&given);
}
END_TEST

// Wherever it is stopped, nothing is kept; what was fitted is not fitted again.
START_TEST(stops_and_resumes) {
    Heard all = {0}, resumed = {0};
    run(settings_of("data", MNIST1D, "width", "23", NULL), NULL, &all, NULL);
    ck_assert_int_ge(all.asked, 4);
    for (int at = 1; at <= all.asked; at++) {
        Heard heard = {.stop_at = at};
        Settings settings = settings_of("data", MNIST1D, "width", "23", NULL);
        ck_assert_int_eq(run(settings, NULL, &heard, NULL), RUN_INTERRUPTED);
        ck_assert(heard.records == 0 && heard.checkpoints == 0 && heard.done == 0);
    }
    Settings settings = settings_of("data", MNIST1D, "width", "23", NULL);
    ck_assert_int_eq(run(settings, "fitted", &resumed, NULL), RUN_DONE);
    ck_assert(resumed.records == 0 && resumed.asked == 0);
}
END_TEST

typedef struct Refusal {
    const char *name, *value, *message;
} Refusal;

static const Refusal REFUSALS[] = {
    {"widht", "3",
     "x.yaml:3:5: unknown setting \"widht\", did you mean \"width\"; task ridge has: data, samples, "
     "subset_seed, noise, noise_law, noise_seed, features, width, bias, intercept, mu, feature_seed, seed"},
    {"intercept", "maybe", "x.yaml:3:5: intercept is \"maybe\"; it takes no, yes"},
    {"width", "0", "x.yaml:3:5: width is \"0\"; it takes a whole number from 1 to 1000000000"},
    {"mu", "-2.385", "x.yaml:3:5: mu is \"-2.385\"; it takes a number from 0 up"},
    {"mu", "nan", "x.yaml:3:5: mu is \"nan\"; it takes a number from 0 up"},
    {"features", "tanh", "x.yaml:3:5: features is \"tanh\"; it takes none, relu, cosine"},
    {"seed", "x",
     "x.yaml:3:5: noise_seed is \"x\"; it takes a whole number from 0 to 9000000000000000"},
    {"samples", "61",
     "samples is 61, but mnist1d:train=60,test=40,seed=42,roll=no has 60 training examples"},
    {"noise", "0.5",
     "noise is 0.5, but by which law? noise_law takes wrong (a uniformly random wrong class) or "
     "redrawn (over all classes, perhaps the right one)"},
};
enum { REFUSED = sizeof REFUSALS / sizeof *REFUSALS };

START_TEST(refuses) {
    const Refusal *refusal = &REFUSALS[_i];
    Settings given = settings_of("data", MNIST1D, refusal->name, refusal->value, NULL);
    Settings resolved = {0};
    TaskFacts facts;
    Error error = {0};
    ck_assert(!ridge_task.resolve(&given, &resolved, &facts, &error));
    ck_assert_str_eq(error.text, refusal->message);
    settings_free(&resolved);
    settings_free(&given);
}
END_TEST

START_TEST(refuses_what_does_not_fit_into_memory) {
    Settings given = settings_of("data", MNIST1D, "width", "1000000000", "mu", "1", NULL);
    Settings resolved = {0};
    TaskFacts facts;
    Heard heard = {0};
    TaskRun task = {.sweep = &heard, .stop = stop, .progress = progress};
    RunOutcome outcome;
    Error error;
    ck_assert(ridge_task.resolve(&given, &resolved, &facts, &error));
    ck_assert(!ridge_task.run(&resolved, &task, &outcome, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "GB of memory; the machine has"));
    memory_free(facts.model);
    settings_free(&resolved);
    settings_free(&given);
}
END_TEST

static Text sweep_and_export(const char *text, int jobs) {
    char folder[] = "/tmp/benign-ridge-XXXXXX", store[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(store, sizeof store, "%s/runs.db", folder);
    Sweep *sweep = NULL;
    SweepReport report;
    SweepOptions options = {.jobs = jobs};
    Error error;
    Text csv = {0};
    bool ok = sweep_parse("a.yaml", text, strlen(text), NULL, &sweep, &error) &&
              sweep_run(sweep, &ridge_task, store, &options, &report, &error) &&
              sweep_export(store, NULL, SWEEP_CSV, &csv, &error);
    ck_assert_msg(ok, "%s", error.text);
    ck_assert_msg(report.done == report.cells, "%s", report.reason);
    ck_assert_uint_eq(report.cells, 24);
    sweep_free(sweep);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
    return csv;
}

START_TEST(same_bits_on_any_number_of_jobs) {
    static const char text[] = "task: ridge\ndata: mnist1d:train=60,test=40\nseeds: 2\n"
                               "noise_law: wrong\nparameters:\n  width: [7, 60, 61, 150]\n"
                               "  mu: [0, 2.385, 1e-9]\n";
    Text one = sweep_and_export(text, 1);
    Text again = sweep_and_export(text, 1);
    Text four = sweep_and_export(text, 4);
    ck_assert_str_eq(one.data, again.data);
    ck_assert_str_eq(one.data, four.data);
    text_free(&one);
    text_free(&again);
    text_free(&four);
}
END_TEST

int main(void) {
    linear_threads(1, NULL);
    Suite *suite = suite_create("ridge/task");
    TCase *tests = tcase_create("task");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, fits_as_numpy_does, 0, CASES);
    tcase_add_test(tests, fits_as_the_path_does);
    tcase_add_test(tests, fits_in_the_limits);
    tcase_add_test(tests, tells_noisy_samples);
    tcase_add_test(tests, states_facts);
    tcase_add_test(tests, names_the_intercept);
    tcase_add_test(tests, stops_and_resumes);
    tcase_add_loop_test(tests, refuses, 0, REFUSED);
    tcase_add_test(tests, refuses_what_does_not_fit_into_memory);
    tcase_add_test(tests, same_bits_on_any_number_of_jobs);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
