// Sequential splitting against counts that are known exactly, against plain sampling, and its parts
// against what they must leave alone. Statistical tests have fixed seeds; the probability that a
// right program fails one with another seed stands beside it.
#include "guess/rare.h"
#include "run_suite.h"
#include <math.h>
#include <string.h>

// ---- problems ----

typedef struct World {
    NetProgram *program;
    Net *net;
    GuessModel model;
    GuessPoints points;
    GuessProblem problem;
} World;

enum { POINTS_MOST = 64, INPUTS_MOST = 40 };
static float x_of_world[POINTS_MOST * INPUTS_MOST];
static int8_t y_of_world[POINTS_MOST];

static World open_world(const char *text, const char *prior, size_t n, uint64_t seed) {
    Error error = {0};
    World w = {.program = net_parse("model", text, strlen(text), &error)};
    ck_assert_msg(w.program != NULL, "%s", error.text);
    w.net = net_build(w.program, NULL, &error);
    ck_assert_msg(w.net != NULL, "%s", error.text);
    GuessPrior law;
    bool ok = strchr(prior, ',') ? guess_read_levels(prior, "levels", &law, &error)
                                 : guess_read_prior(prior, "prior", &law, &error);
    ok = ok && guess_model(w.program, w.net, &law, &w.model, &error);
    ck_assert_msg(ok, "%s", error.text);
    w.points =
        (GuessPoints){.d = w.model.inputs, .n = n, .all = n, .x = x_of_world, .y = y_of_world};
    w.problem.seed = seed;
    return w;
}

// The pointers in it, once it lies where it stays.
static const GuessProblem *problem_of(World *w) {
    w->problem.model = &w->model;
    w->problem.points = &w->points;
    return &w->problem;
}

static void close_world(World *w) {
    net_free(w->net);
    net_program_free(w->program);
}

// The corners of {-1, 1}^2; the label of point i is bit i of the mask.
static void take_corners(unsigned mask) {
    for (unsigned i = 0; i < 4; i++) {
        x_of_world[2 * i] = i & 1 ? 1 : -1;
        x_of_world[2 * i + 1] = i & 2 ? 1 : -1;
        y_of_world[i] = mask >> i & 1 ? 1 : -1;
    }
}

static void take_random_points(size_t count, size_t d, uint64_t seed) {
    Random random = random_stream(seed, RANDOM_WORLD, 0);
    for (size_t i = 0; i < count * d; i++) x_of_world[i] = (float)random_normal(&random);
    for (size_t i = 0; i < count; i++) y_of_world[i] = random_bits(&random) >> 31 ? 1 : -1;
}

static GuessRare rare_of(World *w, const GuessRareOptions *options) {
    Error error = {0};
    GuessRare rare;
    ck_assert_msg(guess_rare(problem_of(w), options, &rare, &error), "%s", error.text);
    return rare;
}

// ---- against exact counts ----

typedef struct Known {
    const char *model, *levels;
    unsigned mask;
    double p;
} Known;

static const Known KNOWN[] = {
    {"input 2 fc-2 relu fc-1", "-1,0,1", 0x6, 22. / 19683},
    {"input 2 fc-2 relu fc-1", "-1,0,1", 0x8, 655. / 19683},
    {"input 2 fc-2 sign fc-1", "-1,0,1", 0x6, 54. / 19683},
    {"input 2 fc-8 relu fc-1", "-1,0,1", 0x6, .006629595},
    {"input 2 fc-2 bias=no relu fc-1 bias=no", "-1,0,1", 0x6, 2. / 729},
    {"input 2 fc-2 bias=no relu fc-1 bias=no", "-1,0,1", 0x8, 45. / 729},
    {"input 2 fc-3 bias=no relu fc-1 bias=no", "-1,0,1", 0x6, 168. / 19683},
};

// Within 5 standard errors of 10 runs: one in 1400 (Student's t, 9 degrees of freedom) goes wrong.
START_TEST(agrees_with_exact_counts) {
    const Known *known = &KNOWN[_i];
    take_corners(known->mask);
    World w = open_world(known->model, known->levels, 4, 19);
    GuessRare rare = rare_of(&w, &(GuessRareOptions){.particles = 480});
    double off = rare.log_probability - log(known->p), error = rare.log_spread / sqrt(10);
    ck_assert_msg(fabs(off) < 5 * error, "off by %g, standard error %g", off, error);
    ck_assert_double_lt(rare.log_spread, 0.6);
    ck_assert_uint_eq(rare.particles, 480);
    double product = 0;
    for (size_t j = 0; j < rare.levels; j++) product += log(rare.factor[j]);
    ck_assert_double_eq_tol(product, log(known->p), 0.3);
    guess_rare_free(&rare);
    close_world(&w);
}
END_TEST

// Orthogonal points and one layer without bias: labels are independent fair coins, p_S = 2^-n; with
// levels -1 and 1 one single weight vector of 2^40 fits.
START_TEST(agrees_at_1e_12) {
    static const char *const priors[] = {"normal:2.5", "-1,1"};
    take_random_points(40, 40, 3);
    for (size_t i = 0; i < 1600; i++) x_of_world[i] = i % 41 == 0 ? 1 : 0;
    World w = open_world("input 40 fc-1 bias=no", priors[_i], 40, 23);
    GuessRare rare = rare_of(
        &w, &(GuessRareOptions){.runs = 4, .particles = 112 + 288 * (size_t)_i, .sweeps = 20});
    double off = rare.log_probability + 40 * log(2);
    // 13 standard errors at 3 degrees of freedom: one in 1000.
    ck_assert_double_lt(fabs(off), 13 * rare.log_spread / sqrt(4));
    ck_assert_double_lt(fabs(off), 1.5);
    guess_rare_free(&rare);
    close_world(&w);
}
END_TEST

// 60 calls with 10 runs of 48 particles each: their 600 estimates are unbiased (4 standard errors:
// one in 16000), and the intervals hold the truth in 95 % of calls (fewer than 49 of 60: one in
// 30000).
START_TEST(is_unbiased_and_covers) {
    double sum = 0, squares = 0, p = 22. / 19683;
    int covered = 0;
    take_corners(0x6);
    for (uint64_t seed = 0; seed < 60; seed++) {
        World w = open_world("input 2 fc-2 relu fc-1", "-1,0,1", 4, 100 + seed);
        GuessRare rare = rare_of(&w, &(GuessRareOptions){.particles = 48, .sweeps = 3});
        for (size_t r = 0; r < rare.runs; r++) {
            double estimate = exp(rare.log_run[r]);
            sum += estimate;
            squares += estimate * estimate;
        }
        covered += rare.log_low <= log(p) && log(p) <= rare.log_high;
        guess_rare_free(&rare);
        close_world(&w);
    }
    double mean = sum / 600, error = sqrt((squares / 600 - mean * mean) / 599);
    ck_assert_msg(fabs(mean - p) < 4 * error, "%g +- %g", mean, error);
    ck_assert_double_lt(error, 0.1 * p);
    ck_assert_int_ge(covered, 49);
}
END_TEST

// ---- against plain sampling ----

static uint64_t count_hits(World *w, uint64_t guesses) {
    size_t k = w->model.weights;
    float *block = memory_new(k * 16 + model_work(&w->model), sizeof *block);
    const GuessKernels *kernels = guess_kernels();
    uint64_t hits = 0;
    for (uint64_t t = 0; t < guesses; t += 16) {
        kernels->weights(&w->model, 7, t, block);
        hits += (uint64_t)__builtin_popcount(
            kernels->fit(problem_of(w), block, 0, w->points.n, 0xffff, block + k * 16));
    }
    memory_free(block);
    return hits;
}

typedef struct Real {
    const char *model, *prior;
    size_t n;
} Real;

static const Real REAL[] = {
    {"input 3 fc-4 tanh fc-1", "normal:1.5", 8},
    {"input 3 fc-5 relu fc-3 leaky fc-1", "uniform:2", 6},
    {"input 3 relu fc-6 bias=no relu fc-1", "-1.5,-0.5,0.25,1", 5},
};

// Two estimates of p, about 1e-3: within 5 of their joint standard errors.
START_TEST(agrees_with_plain_sampling) {
    const Real *real = &REAL[_i];
    enum { GUESSES = 80000 };
    take_random_points(real->n, 3, 11 + (uint64_t)_i);
    World w = open_world(real->model, real->prior, real->n, 5);
    double hits = (double)count_hits(&w, GUESSES);
    GuessRare rare = rare_of(&w, &(GuessRareOptions){.particles = 320});
    ck_assert_double_gt(hits, 20);
    double off = rare.log_probability - log(hits / GUESSES);
    double error = sqrt(1 / hits + rare.log_spread * rare.log_spread / 10);
    ck_assert_msg(fabs(off) < 5 * error, "ln p %g, plain %g +- %g", rare.log_probability,
                  log(hits / GUESSES), error);
    guess_rare_free(&rare);
    close_world(&w);
}
END_TEST

// ---- the error of those that fit ----

// Number c of the 3^9 ternary networks.
static void network(size_t c, float *w) {
    for (size_t i = 0; i < 9; i++, c /= 3) w[i] = (float)(c % 3) - 1;
}

// Three corners are the sample, the fourth lies behind it: all 19683 networks are asked.
START_TEST(measures_the_error_of_those_that_fit) {
    double fit = 0, wrong = 0;
    take_corners(0x6);
    World w = open_world("input 2 fc-2 relu fc-1", "-1,0,1", 3, 31);
    w.points.all = 4;
    for (size_t c = 0; c < 19683; c++) {
        float weights[9], u[4];
        bool right[4];
        network(c, weights);
        ck_assert(guess_outputs(&w.model, weights, 4, x_of_world, u, NULL));
        for (int i = 0; i < 4; i++)
            right[i] = guess_agrees(u[i], y_of_world[i], GUESS_ZERO_NEGATIVE);
        fit += right[0] && right[1] && right[2];
        wrong += right[0] && right[1] && right[2] && !right[3];
    }
    GuessRare rare = rare_of(&w, &(GuessRareOptions){.particles = 320});
    double error = rare.log_spread / sqrt(10), off = rare.log_probability - log(fit / 19683);
    ck_assert_double_lt(fabs(off), 5 * error);
    off = rare.test_error - wrong / fit;
    ck_assert_msg(fabs(off) < 5 * rare.test_error_spread / sqrt(10), "%g, exactly %g",
                  rare.test_error, wrong / fit);
    ck_assert_double_lt(rare.test_error_spread, 0.1);
    guess_rare_free(&rare);
    close_world(&w);
}
END_TEST

// ---- moves ----

START_TEST(streams_are_those_of_base) {
    uint64_t seed = UINT64_C(0x123456789abcdef), index = UINT64_C(0xfedcba987654321);
    RareStream stream = {.seed = seed, .index = index};
    Random random = random_stream(seed, RANDOM_RARE, index);
    for (int v = 0; v < 3; v++) {
        rare_kernels()->refill(&stream);
        for (int b = 0; b < 64; b++) {
            for (int i = 0; i < 4; i++)
                ck_assert_uint_eq(stream.bits[4 * i + b / 16][b % 16], random_bits(&random));
        }
    }
}
END_TEST

// What a network's distance is, from the door's own functions.
static double distance_of(World *w, const RareSwarm *swarm, const float *lane) {
    float weights[256], u[POINTS_MOST];
    double wrong = 0, all = 0;
    for (size_t i = 0; i < w->model.weights; i++) weights[i] = lane[i * 16];
    ck_assert(guess_outputs(&w->model, weights, w->points.n, w->points.x, u, NULL));
    for (size_t p = 0; p < w->points.n; p++) {
        double margin = fabs((double)u[p]) + swarm->sample.tau;
        all += margin;
        wrong += guess_agrees(u[p], w->points.y[p], w->problem.zero) ? 0 : margin;
    }
    return wrong / all;
}

static void open_swarm(World *w, const GuessRareOptions *options, size_t groups, RareSwarm *swarm) {
    ck_assert(rare_swarm(problem_of(w), options, swarm, NULL));
    ck_assert(rare_swarm_room(swarm, groups, NULL));
    rare_scale(swarm);
    rare_each(swarm, rare_draw);
}

static const Real SHAPES[] = {
    {"input 5 fc-1", "normal", 13},
    {"input 3 relu tanh fc-6 bias=no relu fc-4 sigmoid sign fc-1 tanh", "uniform:2", 19},
    {"input 4 fc-5 relu fc-3 gelu fc-2 bias=no leaky fc-1", "normal:1.5", 21},
    {"input 6 fc-4 hardtanh fc-1 bias=no", "-1,0,2.5", 8},
};

// After many moves of all sizes the responses that are carried along are still, to the bit, those
// that the weights give, and every network is inside the level.
START_TEST(moves_keep_the_responses_right) {
    const Real *shape = &SHAPES[_i];
    uint8_t best[4] = {0};
    RareLevel level = {.bar = 0.55f, .sweeps = 30, .best = best};
    GuessRareOptions options = {.runs = 2};
    RareSwarm swarm;
    take_random_points(shape->n, 6, 2);
    World w = open_world(shape->model, shape->prior, shape->n, 8);
    w.problem.zero = GUESS_ZERO_WRONG;
    open_swarm(&w, &options, 3, &swarm);
    ck_assert_uint_gt(rare_select(&swarm, level.bar), 0);
    rare_resample(&swarm);
    swarm.now = &level;
    swarm.probing = true;
    rare_each(&swarm, rare_move);
    const RareCount *count = swarm.worker->count;
    ck_assert_uint_gt(count->moved, 0);
    for (size_t i = 0; i < 48; i++) {
        const float *lane = swarm.w + i / 16 * w.model.weights * 16 + i % 16;
        double s = distance_of(&w, &swarm, lane);
        ck_assert_double_eq_tol(swarm.distance[i], s, 1e-5);
        ck_assert_double_le(s, level.bar + 1e-5);
    }
    rare_kernels()->fill(&swarm.worker->bench, swarm.w + 2 * w.model.weights * 16, swarm.x,
                         shape->n);
    float again[16];
    rare_kernels()->distance(&swarm.worker->bench, &swarm.sample, again);
    ck_assert_mem_eq(again, swarm.distance + 32, sizeof again);
    rare_swarm_free(&swarm);
    close_world(&w);
}
END_TEST

typedef struct Law {
    const char *prior;
    double square, fourth; // moments of a weight times sqrt(fan_in), or of a level
} Law;

static const Law LAWS[] = {
    {"normal:2", 4, 48}, {"uniform:2", 4, 144. / 5}, {"-1,0,2,3", 3.5, 24.5}};

// Without a bar, moves leave the prior alone: moments of 64 x 16 networks with 6 + 2 weights of
// fan-in 2 and 1, after moves of all sizes. Standard errors are those of 8192 independent weights;
// five of them: one in 10^6 for each of the nine.
START_TEST(moves_leave_the_prior_alone) {
    const Law *law = &LAWS[_i];
    uint8_t best[4] = {0};
    RareLevel level = {.bar = 1, .sweeps = 20, .best = best};
    GuessRareOptions options = {.runs = 2};
    RareSwarm swarm;
    take_corners(0x6);
    World w = open_world("input 2 fc-2 relu fc-1", law->prior, 4, 41);
    open_swarm(&w, &options, 64, &swarm);
    swarm.now = &level;
    swarm.probing = true;
    rare_each(&swarm, rare_move);
    double square = 0, fourth = 0, product = 0;
    size_t k = w.model.weights;
    for (size_t i = 0; i < 64 * k * 16; i++) {
        double weight = swarm.w[i] * (strchr(law->prior, ',') ? 1 : sqrt(2)); // fan-in 2
        square += weight * weight;
        fourth += weight * weight * weight * weight;
    }
    double count = 64.0 * (double)k * 16;
    for (size_t g = 0; g < 64; g++) { // two weights of one neuron, two networks side by side
        const float *at = swarm.w + g * k * 16;
        for (size_t l = 0; l < 15; l++)
            product += at[l] * at[16 + l] + at[l] * at[l + 1] * (law->square == 4);
    }
    double of_square = sqrt((law->fourth - law->square * law->square) / count);
    ck_assert_double_eq_tol(square / count, law->square, 5 * of_square);
    ck_assert_double_eq_tol(fourth / count, law->fourth,
                            5 * sqrt(law->fourth * law->fourth * 11 / count));
    if (law->square == 4) ck_assert_double_lt(fabs(product), 5 * 2 * sqrt(2 * 64 * 15.0));
    rare_swarm_free(&swarm);
    close_world(&w);
}
END_TEST

// ---- the contract ----

START_TEST(threads_do_not_matter) {
    take_random_points(12, 3, 4);
    World w = open_world("input 3 fc-4 relu fc-1", "normal", 9, 13);
    w.points.all = 12;
    GuessRare one = rare_of(&w, &(GuessRareOptions){.runs = 3, .particles = 112, .threads = 1});
    GuessRare three = rare_of(&w, &(GuessRareOptions){.runs = 3, .particles = 112, .threads = 3});
    ck_assert_uint_eq(one.levels, three.levels);
    ck_assert_uint_eq(one.particles, three.particles);
    ck_assert_mem_eq(one.log_run, three.log_run, 3 * sizeof *one.log_run);
    ck_assert_mem_eq(one.factor, three.factor, one.levels * sizeof *one.factor);
    ck_assert_double_eq(one.test_error, three.test_error);
    ck_assert_double_eq(one.log_low, three.log_low);
    guess_rare_free(&one);
    guess_rare_free(&three);
    close_world(&w);
}
END_TEST

// One point with both labels: nobody fits, and the search for somebody ends.
START_TEST(the_impossible_has_probability_0) {
    static const char *const priors[] = {"normal", "-1,0,1"};
    take_random_points(6, 3, 4);
    memcpy(x_of_world + 15, x_of_world, 3 * sizeof *x_of_world);
    y_of_world[5] = (int8_t)-y_of_world[0];
    World w = open_world("input 3 fc-4 relu fc-1", priors[_i], 6, 13);
    w.points.all = 7;
    GuessRare rare = rare_of(&w, &(GuessRareOptions){.runs = 2, .particles = 16, .sweeps = 1});
    ck_assert_double_eq(rare.log_probability, -INFINITY);
    ck_assert_double_eq(rare.log_low, -INFINITY);
    ck_assert_double_eq(rare.log_high, 0);
    ck_assert(isnan(rare.log_spread) && isnan(rare.test_error));
    guess_rare_free(&rare);
    close_world(&w);
}
END_TEST

START_TEST(nothing_to_fit_is_certain) {
    World w = open_world("input 3 fc-4 relu fc-1", "normal", 0, 13);
    GuessRare rare = rare_of(&w, &(GuessRareOptions){.runs = 2});
    ck_assert_double_eq(rare.log_probability, 0);
    ck_assert_uint_eq(rare.levels, 0);
    guess_rare_free(&rare);
    close_world(&w);
}
END_TEST

START_TEST(one_run_is_refused) {
    Error error = {0};
    GuessRare rare;
    World w = open_world("input 3 fc-4 relu fc-1", "normal", 0, 13);
    ck_assert(!guess_rare(problem_of(&w), &(GuessRareOptions){.runs = 1}, &rare, &error));
    ck_assert_str_eq(error.text, "runs is 1; it takes 2 to 10000: one alone has no spread");
    close_world(&w);
}
END_TEST

typedef struct Watch {
    int asked, patience;
    double done;
} Watch;

static bool stop_after(void *user) {
    Watch *watch = user;
    return ++watch->asked > watch->patience;
}

static void note(void *user, double done) {
    Watch *watch = user;
    ck_assert_double_ge(done, watch->done);
    ck_assert_double_le(done, 1);
    watch->done = done;
}

// During the pilot, during the runs, never.
START_TEST(stops_when_asked) {
    static const int PATIENCE[] = {3, 900, 1 << 30};
    Watch watch = {.patience = PATIENCE[_i]};
    take_random_points(9, 3, 4);
    World w = open_world("input 3 fc-4 relu fc-1", "normal", 9, 13);
    GuessRare rare = rare_of(&w, &(GuessRareOptions){.runs = 3,
                                                     .particles = 160,
                                                     .sweeps = 1,
                                                     .threads = 2,
                                                     .progress = note,
                                                     .stop = stop_after,
                                                     .user = &watch});
    ck_assert(rare.interrupted == (_i < 2) || (_i == 1 && watch.asked <= 900));
    ck_assert(isnan(rare.log_probability) == rare.interrupted);
    if (!rare.interrupted) ck_assert_double_eq(watch.done, 1);
    guess_rare_free(&rare);
    close_world(&w);
}
END_TEST

static bool stop_late(void *user) {
    return ((Watch *)user)->done > 0.7;
}

// The runs that were whole are the first of those that nobody stopped.
START_TEST(keeps_whole_runs) {
    Watch watch = {0}, other = {0};
    take_random_points(9, 3, 4);
    World w = open_world("input 3 fc-4 relu fc-1", "normal", 9, 13);
    GuessRareOptions options = {
        .runs = 8, .particles = 160, .sweeps = 1, .threads = 1, .progress = note, .user = &watch};
    GuessRare whole = rare_of(&w, &options);
    options.user = &other;
    options.stop = stop_late;
    GuessRare part = rare_of(&w, &options);
    ck_assert(part.interrupted && part.runs >= 4 && part.runs <= 6);
    ck_assert_mem_eq(part.log_run, whole.log_run, part.runs * sizeof *part.log_run);
    ck_assert(part.log_low < part.log_probability && part.log_probability < part.log_high);
    guess_rare_free(&whole);
    guess_rare_free(&part);
    close_world(&w);
}
END_TEST

int main(void) {
    TCase *tests = tcase_create("rare");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, agrees_with_exact_counts, 0, sizeof KNOWN / sizeof *KNOWN);
    tcase_add_loop_test(tests, agrees_at_1e_12, 0, 2);
    tcase_add_test(tests, is_unbiased_and_covers);
    tcase_add_loop_test(tests, agrees_with_plain_sampling, 0, sizeof REAL / sizeof *REAL);
    tcase_add_test(tests, measures_the_error_of_those_that_fit);
    tcase_add_test(tests, streams_are_those_of_base);
    tcase_add_loop_test(tests, moves_keep_the_responses_right, 0, sizeof SHAPES / sizeof *SHAPES);
    tcase_add_loop_test(tests, moves_leave_the_prior_alone, 0, sizeof LAWS / sizeof *LAWS);
    tcase_add_test(tests, threads_do_not_matter);
    tcase_add_loop_test(tests, the_impossible_has_probability_0, 0, 2);
    tcase_add_test(tests, nothing_to_fit_is_certain);
    tcase_add_test(tests, one_run_is_refused);
    tcase_add_loop_test(tests, stops_when_asked, 0, 3);
    tcase_add_test(tests, keeps_whole_runs);
    Suite *suite = suite_create("rare");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
