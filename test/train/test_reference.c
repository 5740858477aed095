// A whole run agrees, epoch by epoch, with NumPy in double precision (reference.py wrote
// reference.h): order, initialisation, passes, optimisers, schedules, losses.
#include "init/init.h"
#include "train/run.h"
#include "weights/weights.h"
#include "reference.h"
#include "run_suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct World {
    DataSet set;
    DataView sample;
    Net *net;
    TrainOptions options;
} World;

static void option(World *world, const char *name, const char *value) {
    Error error;
    const Option *found = option_find(train_options, train_option_count, name);
    ck_assert_msg(found && option_set(found, &world->options, value, name, &error), "%s",
                  error.text);
}

static void option_number(World *world, const char *name, double value) {
    Text text = {0};
    text_add_real(&text, value);
    option(world, name, text.data);
    text_free(&text);
}

static void make_data(World *world) {
    DataSet *set = &world->set;
    *set = (DataSet){.rank = 1, .size = {5}, .d = 5, .classes = 3, .n_train = SAMPLES};
    set->x_train = memory_new(SAMPLES * 5, sizeof(float));
    set->y_train = memory_new(SAMPLES, sizeof(int32_t));
    world->sample = (DataView){.set = set, .n = SAMPLES};
    world->sample.row = memory_new(SAMPLES, sizeof(uint32_t));
    world->sample.wrong = memory_new(SAMPLES, 1);
    for (int i = 0; i < SAMPLES; i++) {
        for (int j = 0; j < 5; j++) {
            set->x_train[i * 5 + j] = (float)sin(2.385 * (i + 1) * (j + 1) + j);
        }
        set->y_train[i] = (7 * i * i + 3 * i) % 3;
        world->sample.row[i] = (uint32_t)i;
    }
    world->sample.label = set->y_train;
}

static void make_world(World *world, int c) {
    Error error = {0};
    *world = (World){0};
    make_data(world);
    static const char TEXT[] = "input 5 fc-7 tanh fc-6 bias=no relu fc-3";
    NetProgram *program = net_parse("test", TEXT, sizeof TEXT - 1, &error);
    world->net = program ? net_build(program, NULL, &error) : NULL;
    ck_assert_msg(world->net != NULL, "%s", error.text);
    net_program_free(program);
    option_defaults(train_options, train_option_count, &world->options);
    option(world, "init", "he");
    option(world, "optimizer", REFERENCE[c].optimizer);
    option(world, "loss", REFERENCE[c].loss);
    option(world, "schedule", REFERENCE[c].schedule);
    option(world, "schedule_factor", "0.5");
    option_number(world, "schedule_period", 4);
    option_number(world, "lr", REFERENCE[c].lr);
    option_number(world, "weight_decay", REFERENCE[c].decay);
    option_number(world, "init_seed", INIT_SEED);
    option_number(world, "order_seed", ORDER_SEED);
    option_number(world, "epochs", EPOCHS);
    option_number(world, "batch", BATCH);
    option_number(world, "records", 1000); // every epoch
}

static void free_world(World *world) {
    memory_free(world->set.x_train);
    memory_free(world->set.y_train);
    memory_free(world->sample.row);
    memory_free(world->sample.wrong);
    net_free(world->net);
    option_free(train_options, train_option_count, &world->options);
}

// ---- a listener in the place of a sweep ----

typedef struct Heard {
    double row[EPOCHS + 1][METRICS];
    int64_t epochs;
    char *state; // of the last checkpoint
    size_t size;
    long stop_after; // steps; -1: never
} Heard;

static bool record(TaskRun *run, int64_t epoch, bool on_grid, const double *values, Error *error) {
    Heard *heard = run->sweep;
    (void)on_grid, (void)error;
    ck_assert_int_le(epoch, EPOCHS);
    memcpy(heard->row[epoch], values, sizeof heard->row[epoch]);
    heard->epochs = epoch + 1;
    return true;
}

static bool checkpoint(TaskRun *run, int64_t epoch, const void *state, size_t size, Error *error) {
    Heard *heard = run->sweep;
    (void)epoch, (void)error;
    free(heard->state);
    heard->state = malloc(size);
    memcpy(heard->state, state, size);
    heard->size = size;
    return true;
}

static bool due(TaskRun *run) {
    (void)run;
    return false;
}

static bool stop(TaskRun *run) {
    Heard *heard = run->sweep;
    return heard->stop_after >= 0 && heard->stop_after-- == 0;
}

static void progress(TaskRun *run, double done) {
    (void)run;
    ck_assert(done >= 0 && done <= 1);
}

static bool try_world(const World *world, Heard *heard, const char *state, size_t size,
                      RunOutcome *outcome, Error *error) {
    TaskRun task = {.sweep = heard,
                    .store = "runs.db",
                    .state = state,
                    .state_size = size,
                    .threads = 1,
                    .record = record,
                    .checkpoint = checkpoint,
                    .checkpoint_due = due,
                    .stop = stop,
                    .progress = progress};
    RunParts parts = {&world->options, world->net, &world->sample, {.metric = -1}};
    return run_train(&parts, &task, outcome, error);
}

static RunOutcome run_world(const World *world, Heard *heard, const char *state, size_t size) {
    RunOutcome outcome;
    Error error = {0};
    ck_assert_msg(try_world(world, heard, state, size, &outcome, &error), "%s", error.text);
    return outcome;
}

#define CLOSE(a, b)                                                                                \
    ck_assert_msg(fabs((a) - (b)) < 1e-5 * (1 + fabs(b)), "epoch %d: %s = %.9g, NumPy %.9g", e,    \
                  #a, (double)(a), (double)(b))

START_TEST(agrees_with_numpy) {
    World world;
    make_world(&world, _i);
    Heard heard = {.stop_after = -1};
    ck_assert_int_eq(run_world(&world, &heard, NULL, 0), RUN_DONE);
    ck_assert_int_eq(heard.epochs, EPOCHS + 1);
    for (int e = 0; e <= EPOCHS; e++) {
        const double *row = heard.row[e], *wanted = REFERENCE[_i].row[e];
        CLOSE(row[METRIC_TRAIN_LOSS], wanted[0]);
        CLOSE(row[METRIC_TRAIN_ERROR] * SAMPLES, wanted[1]);
        CLOSE(row[METRIC_WEIGHT_NORM], wanted[2]);
        CLOSE(row[METRIC_DISTANCE], wanted[3]);
        ck_assert(isnan(row[METRIC_TEST_ERROR]) && isnan(row[METRIC_TRAIN_ERROR_NOISY]));
    }
    float w[WEIGHTS + 16];
    Error error = {0};
    ck_assert_int_eq(world.net->parameters, WEIGHTS);
    ck_assert_msg(weights_unpack("state", heard.state, heard.size, world.net, w, NULL, &error),
                  "%s", error.text);
    for (int e = 0; e < WEIGHTS; e++) CLOSE(w[e], REFERENCE[_i].w[e]);
    free(heard.state);
    free_world(&world);
}
END_TEST

// Stopped after any number of steps and gone on with: the same bits.
START_TEST(interruption_leaves_no_trace) {
    World world;
    make_world(&world, _i);
    Heard whole = {.stop_after = -1};
    run_world(&world, &whole, NULL, 0);
    for (long at = 0; at < 3 * EPOCHS; at += 2) {
        Heard parts = {.stop_after = at};
        ck_assert_int_eq(run_world(&world, &parts, NULL, 0), RUN_INTERRUPTED);
        char *state = parts.state;
        parts.state = NULL;
        ck_assert_int_eq(run_world(&world, &parts, state, parts.size), RUN_DONE);
        ck_assert_mem_eq(parts.row, whole.row, sizeof whole.row);
        ck_assert_uint_eq(parts.size, whole.size);
        ck_assert_mem_eq(parts.state, whole.state, whole.size);
        free(state);
        free(parts.state);
    }
    free(whole.state);
    free_world(&world);
}
END_TEST

// A checkpoint cut short or altered anywhere in its header is an error or harmless, never a crash.
START_TEST(broken_checkpoints_are_refused) {
    World world;
    make_world(&world, 0);
    Heard heard = {.stop_after = -1};
    run_world(&world, &heard, NULL, 0);
    float w[WEIGHTS + 16];
    Error error;
    for (size_t size = 0; size < heard.size; size++) {
        char *part = malloc(size + 1);
        memcpy(part, heard.state, size);
        ck_assert(!weights_unpack("w.safetensors", part, size, world.net, w, NULL, &error));
        ck_assert(strncmp(error.text, "w.safetensors: byte ", 20) == 0);
        free(part);
    }
    for (size_t at = 0; at < heard.size && at < 1200; at++) {
        char kept = heard.state[at];
        heard.state[at] = (char)(kept ^ 0x15);
        weights_unpack("w.safetensors", heard.state, heard.size, world.net, w, NULL, &error);
        heard.state[at] = kept;
    }
    free(heard.state);
    free_world(&world);
}
END_TEST

static char *find(Heard *heard, const char *text) {
    char *at = heard->state;
    while (memcmp(at, text, strlen(text)) != 0) at++;
    return at;
}

// The message says in which store; nobody begins anew with weights that were trained.
START_TEST(a_checkpoint_that_says_not_where_it_stands) {
    World world;
    make_world(&world, 0);
    Heard heard = {.stop_after = 5}, other = {.stop_after = -1};
    run_world(&world, &heard, NULL, 0);
    RunOutcome outcome;
    Error error = {0};
    *find(&heard, "\"step\":\"") = '\''; // no JSON
    ck_assert(!try_world(&world, &other, heard.state, heard.size, &outcome, &error));
    ck_assert(text_starts(error.text, "runs.db: checkpoint: byte "));
    memcpy(find(&heard, "'step\":\""), "\"stop", 5);
    ck_assert(!try_world(&world, &other, heard.state, heard.size, &outcome, &error));
    ck_assert_str_eq(error.text, "runs.db: checkpoint: byte 8: __metadata__ has no whole number "
                                 "\"step\"");
    free(heard.state);
    free_world(&world);
}
END_TEST

START_TEST(the_last_step_may_diverge) {
    World world;
    make_world(&world, 1);
    world.options.lr = 1e37;
    world.options.epochs = 1;
    world.options.batch = 1000; // one step
    Heard heard = {.stop_after = -1};
    ck_assert_int_eq(run_world(&world, &heard, NULL, 0), RUN_DIVERGED);
    ck_assert(heard.epochs == 2 && !isfinite(heard.row[1][METRIC_TRAIN_LOSS]));
    ck_assert_ptr_null(heard.state);
    free_world(&world);
}
END_TEST

START_TEST(divergence_is_an_outcome) {
    World world;
    make_world(&world, 1);
    world.options.lr = 1e6;
    Heard heard = {.stop_after = -1};
    ck_assert_int_eq(run_world(&world, &heard, NULL, 0), RUN_DIVERGED);
    free(heard.state);
    free_world(&world);
}
END_TEST

START_TEST(grid_is_logarithmic) {
    static const int64_t ON[] = {0,  1,  2,  3,  4,  5,  6,  8,  9,  11,
                                 13, 16, 19, 22, 26, 32, 38, 45, 53, 64};
    size_t next = 0;
    for (int64_t epoch = 0; epoch <= 64; epoch++) {
        bool on = next < sizeof ON / sizeof *ON && ON[next] == epoch;
        ck_assert_msg(run_on_grid(epoch, 4) == on, "epoch %d", (int)epoch);
        next += on;
    }
    for (int64_t epoch = 0; epoch < 200; epoch++) ck_assert(run_on_grid(epoch, 1000));
}
END_TEST

START_TEST(stop_rules_are_read) {
    StopRule rule;
    Error error;
    ck_assert(run_read_rule("train_error<=0.0385", &rule, &error));
    ck_assert(rule.metric == METRIC_TRAIN_ERROR && rule.or_equal && rule.bound == 0.0385);
    ck_assert(run_read_rule("test_loss<2.385", &rule, &error));
    ck_assert(rule.metric == METRIC_TEST_LOSS && !rule.or_equal && rule.bound == 2.385);
    static const char *const BAD[] = {"train_error", "train_error<=", "error<=0", "train_error=0",
                                      "<0"};
    for (size_t i = 0; i < 5; i++) ck_assert(!run_read_rule(BAD[i], &rule, &error));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("train/reference");
    TCase *all = tcase_create("reference");
    tcase_set_timeout(all, 120);
    tcase_add_loop_test(all, agrees_with_numpy, 0, CASES);
    tcase_add_loop_test(all, interruption_leaves_no_trace, 0, CASES);
    tcase_add_test(all, broken_checkpoints_are_refused);
    tcase_add_test(all, a_checkpoint_that_says_not_where_it_stands);
    tcase_add_test(all, divergence_is_an_outcome);
    tcase_add_test(all, the_last_step_may_diverge);
    tcase_add_test(all, grid_is_logarithmic);
    tcase_add_test(all, stop_rules_are_read);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
