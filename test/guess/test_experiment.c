// Whole experiments: plain sampling against the exact count and against itself on other threads,
// interrupted and continued; repetitions against what the bounds promise; gradient descent; the
// task.
#include "bound/bound.h"
#include "guess/inner.h"
#include "run_suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHEET "input 2 fc-3 bias=no relu fc-1 bias=no"
#define NET4  "input 4 fc-8 bias=no relu fc-1 bias=no"

static void fill(Settings *settings, const char *const *pairs) {
    for (; *pairs; pairs += 2) settings_set(settings, pairs[0], pairs[1], "test");
}

#define PAIRS(...) ((const char *const[]){__VA_ARGS__, NULL})

static GuessAnalysis analyse(const char *const *pairs, const GuessRun *run) {
    Settings settings = {0};
    GuessAnalysis analysis;
    Error error;
    fill(&settings, pairs);
    ck_assert_msg(guess_analyse(&settings, run, &analysis, &error), "%s", error.text);
    settings_free(&settings);
    return analysis;
}

static const GuessRun ONE = {.threads = 1};

// ---- plain and exact ----

// Shares and errors within 4 standard errors of the exact ones: 3 worlds, 3 numbers each, a false
// alarm with probability 6e-4. The intervals hold at 95 %, so they are not compared.
START_TEST(sampling_agrees_with_the_count) {
    static const char *const worlds[][4] = {
        {SHEET, "and", "0x7", "negative"},
        {"input 3 fc-2 relu fc-1", "majority", "0xf", "positive"},
        {"input 2 fc-2 sign fc-1", "xor", "0x3", "wrong"}};
    const char *const *w = worlds[_i];
    GuessAnalysis exact = analyse(
        PAIRS("model", w[0], "labels", w[1], "points", w[2], "zero", w[3], "method", "exact"),
        &ONE);
    GuessAnalysis plain = analyse(PAIRS("model", w[0], "labels", w[1], "points", w[2], "zero", w[3],
                                        "guesses", "60000", "guess_seed", "19"),
                                  &ONE);
    double trials = 60000, p = exact.probability, star = exact.p_star;
    ck_assert(plain.tally.guesses == 60000);
    ck_assert_double_eq_tol(plain.probability, p, 4 * sqrt(p * (1 - p) / trials));
    ck_assert_double_eq_tol(plain.p_star, star, 4 * sqrt(star * (1 - star) / trials) + 1e-9);
    ck_assert_double_eq_tol(plain.test_error.mean, exact.test_error.mean,
                            4 * plain.test_error.standard_error + 1e-9);
    ck_assert(plain.low < plain.probability && plain.probability < plain.high);
    ck_assert_double_gt(plain.geometric_p_value, 1e-4);
    guess_analysis_free(&exact);
    guess_analysis_free(&plain);
}
END_TEST

// The share of networks that tie at all points, as the exact count has it: 713 of 729.
START_TEST(ties_are_counted) {
    GuessAnalysis plain = analyse(PAIRS("model", "input 2 fc-2 bias=no relu fc-1 bias=no", "labels",
                                        "and", "guesses", "65536"),
                                  &ONE);
    double share = (double)plain.ties / (double)plain.tie_guesses, p = 713.0 / 729;
    ck_assert_uint_eq(plain.tie_guesses, 65536);
    ck_assert_double_eq_tol(share, p, 4 * sqrt(p * (1 - p) / 65536)); // fails with probability 6e-5
    guess_analysis_free(&plain);
}
END_TEST

START_TEST(masks_follow_the_cube) {
    GuessAnalysis exact =
        analyse(PAIRS("model", SHEET, "labels", "and", "points", "0xc", "method", "exact"), &ONE);
    for (size_t f = 0; f < exact.exact.functions; f++) {
        if (exact.exact.function[f].mask == 0x8)
            ck_assert_str_eq(exact.exact.function[f].count, "1450");
        if (exact.exact.function[f].mask == 0x6)
            ck_assert_str_eq(exact.exact.function[f].count, "168");
    }
    ck_assert_str_eq(exact.exact.total, "19683");
    ck_assert_str_eq(exact.exact.full, "1450");
    guess_analysis_free(&exact);
}
END_TEST

START_TEST(splitting_agrees_with_the_count) {
    GuessAnalysis exact =
        analyse(PAIRS("model", SHEET, "labels", "xor", "points", "0xe", "method", "exact"), &ONE);
    GuessAnalysis rare = analyse(PAIRS("model", SHEET, "labels", "xor", "points", "0xe", "method",
                                       "rare", "particles", "500"),
                                 &ONE);
    // 10 runs: a t law with 9 degrees of freedom is beyond 6 with probability 2e-4
    ck_assert_double_eq_tol(rare.rare.log_probability, log(exact.probability),
                            6 * rare.rare.log_spread / sqrt(10));
    ck_assert_double_eq_tol(rare.test_error.mean, exact.test_error.mean, 0.05);
    guess_analysis_free(&exact);
    guess_analysis_free(&rare);
}
END_TEST

// ---- the same numbers whatever happens ----

static char *dump(const GuessAnalysis *analysis) {
    json_t *json = guess_to_json(analysis);
    json_object_del(json, "seconds");
    json_object_del(json, "networks_per_second");
    char *text = json_dumps(json, JSON_INDENT(1));
    json_decref(json);
    return text;
}

static const char *const LONG[] = {"model",   NET4,     "teacher",  "2", "samples", "12",
                                   "guesses", "200000", "descents", "3", NULL};

START_TEST(threads_do_not_matter) {
    GuessAnalysis one = analyse(LONG, &(GuessRun){.threads = 1, .repeats = 5});
    GuessAnalysis three = analyse(LONG, &(GuessRun){.threads = 3, .repeats = 5});
    char *a = dump(&one), *b = dump(&three);
    ck_assert_str_eq(a, b);
    free(a);
    free(b);
    guess_analysis_free(&one);
    guess_analysis_free(&three);
}
END_TEST

static int polls;
static Text kept;

static bool stop_soon(void *user) {
    (void)user;
    return ++polls > 2;
}

static bool keep(void *user, const Text *state, Error *error) {
    (void)user, (void)error;
    text_cut(&kept, 0);
    text_add(&kept, state->data);
    return true;
}

START_TEST(interrupted_and_continued) {
    GuessAnalysis whole = analyse(LONG, &ONE);
    bool interrupted = true;
    for (int times = 0; interrupted; times++) {
        polls = 0;
        ck_assert_int_lt(times, 100);
        char *state = kept.length ? memory_text(kept.data) : NULL;
        GuessAnalysis part = analyse(LONG, &(GuessRun){.threads = 1,
                                                       .state = state,
                                                       .state_size = kept.length,
                                                       .state_name = "tally",
                                                       .save = keep,
                                                       .stop = times < 3 ? stop_soon : NULL});
        interrupted = part.interrupted;
        ck_assert(times > 0 || interrupted);
        char *a = dump(&whole), *b = dump(&part);
        ck_assert_int_eq(strcmp(a, b) == 0, !interrupted);
        free(a);
        free(b);
        guess_analysis_free(&part);
        memory_free(state);
    }
    guess_analysis_free(&whole);
    text_free(&kept);
}
END_TEST

START_TEST(states_that_do_not_fit) {
    static const struct {
        const char *text, *error;
    } bad[] = {
        {"{", "tally.json:1:1: string or '}' expected near end of file"},
        {"{\"of\": \"x\"}",
         "tally.json:1:1: this is the tally of another experiment; take another file, "
         "or remove this one"},
        {"[]",
         "tally.json:1:1: this is the tally of another experiment; take another file, or remove "
         "this one"},
    };
    Settings settings = {0};
    Error error;
    GuessAnalysis analysis;
    fill(&settings, LONG);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        GuessRun run = {.threads = 1,
                        .state = bad[i].text,
                        .state_size = strlen(bad[i].text),
                        .state_name = "tally.json"};
        ck_assert(!guess_analyse(&settings, &run, &analysis, &error));
        ck_assert_str_eq(error.text, bad[i].error);
    }
    settings_free(&settings);
}
END_TEST

// Every place of a tally is checked: none of these is taken.
START_TEST(tallies_that_are_none) {
    static const char *const bad[] = {
        "{\"of\": \"k\", \"guesses\": 9, \"hits\": 10, \"full\": 0, \"t\": []}",
        "{\"of\": \"k\", \"guesses\": 9, \"hits\": 2, \"full\": 3, \"t\": [1, 2]}",
        "{\"of\": \"k\", \"guesses\": 9, \"hits\": 2, \"full\": 0, \"t\": [1]}",
        "{\"of\": \"k\", \"guesses\": 9, \"hits\": 2, \"full\": 0, \"t\": [2, 1]}",
        "{\"of\": \"k\", \"guesses\": 9, \"hits\": 2, \"full\": 0, \"t\": [1, 9]}",
        "{\"of\": \"k\", \"guesses\": 9, \"hits\": 2, \"full\": 0, \"t\": [1, 2.5]}",
        "{\"of\": \"k\", \"guesses\": 9, \"hits\": 2, \"full\": 0, \"t\": [1, 2, 3]}",
        "{\"of\": \"k\", \"guesses\": -9, \"hits\": 2, \"full\": 0, \"t\": [1, 2]}",
        "{\"of\": \"k\", \"guesses\": 9, \"hits\": 2, \"full\": 0}",
    };
    uint64_t t[4];
    Error error;
    GuessTally tally = {.t = t, .room = 4};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!state_read("f", bad[i], strlen(bad[i]), "k", &tally, &error), "%s", bad[i]);
        ck_assert_str_eq(error.text,
                         "f:1:1: no tally of guesses; take another file, or remove this one");
    }
    Text text = {0};
    uint64_t numbers[] = {3, 1ull << 60};
    GuessTally good = {.guesses = (1ull << 60) + 1, .hits = 2, .full = 1, .t = numbers, .kept = 2};
    state_print("k", &good, &text);
    ck_assert(state_read("f", text.data, text.length, "k", &tally, &error));
    ck_assert(tally.guesses == good.guesses && tally.kept == 2 && t[1] == numbers[1]);
    text_free(&text);
}
END_TEST

// Every number that the tally keeps is that of a guess that fits.
START_TEST(hits_can_be_replayed) {
    Settings settings = {0};
    World world;
    Error error;
    fill(&settings, LONG);
    GuessAnalysis analysis = analyse(LONG, &ONE);
    ck_assert(world_open(&settings, &world, &error));
    float w[40], u[16];
    ck_assert(analysis.tally.kept > 100);
    for (size_t i = 0; i < 100; i++) {
        ck_assert(guess_weights(&world.model, 0, analysis.tally.t[i], w, &error));
        ck_assert(guess_outputs(&world.model, w, world.points.n, world.points.x, u, &error));
        for (size_t e = 0; e < world.points.n; e++)
            ck_assert(guess_agrees(u[e], world.points.y[e], GUESS_ZERO_NEGATIVE));
    }
    world_close(&world);
    settings_free(&settings);
    guess_analysis_free(&analysis);
}
END_TEST

// ---- promises ----

// In 300 fresh samples T is above its bound, and the error above each bound, in at most eta, delta
// + eta, delta of them: in more than 54 (of 30 expected at most) or 92 (of 60) with probability
// 2e-5 each.
START_TEST(promises_are_kept) {
    GuessAnalysis a =
        analyse(PAIRS("model", "input 3 fc-4 bias=no relu fc-1 bias=no", "teacher", "1", "samples",
                      "24", "delta", "0.1", "eta", "0.1", "guesses", "20000"),
                &(GuessRun){.threads = 1, .repeats = 300});
    ck_assert(a.has_bounds && a.repeat.repeats == 300 && a.repeat.fitted > 290);
    ck_assert_uint_eq(a.repeat.undecided, 0);
    ck_assert_uint_le(a.repeat.late, 54);
    for (size_t b = 0; b < bound_count(); b++) {
        if (bound_table[b]->average) continue;
        ck_assert_uint_eq(a.repeat.judged[b], a.repeat.fitted);
        ck_assert_uint_le(a.repeat.above[b], strcmp(bound_table[b]->name, "sheet") == 0 ? 92 : 54);
    }
    ck_assert_double_eq_tol(a.repeat.test_error.mean, 0.1, 0.1);
    guess_analysis_free(&a);
}
END_TEST

// No word about the error where the sample is no random one; what is known of T stays.
START_TEST(no_bound_without_a_random_sample) {
    static const struct {
        const char *option, *value, *reason;
    } cases[] = {
        {"points", "0x0ff0", "the points were chosen, not drawn at random"},
        {"points", "all", "the sample is all points there are, not a random part of them"},
        {"points", "", "the sample is all points there are, not a random part of them"},
        {"samples", "19", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        GuessAnalysis a = analyse(PAIRS("model", NET4, "teacher", "2", cases[i].option,
                                        cases[i].value, "guesses", "20000"),
                                  &ONE);
        ck_assert(a.has_bounds && a.facts.guesses_bound > 1);
        ck_assert_pstr_eq(a.bound.not_drawn, cases[i].reason);
        for (size_t b = 0; b < bound_count(); b++) {
            BoundValue value = bound_evaluate(bound_table[b], &a.bound, &a.facts);
            if (!cases[i].reason) {
                ck_assert(value.holds);
                continue;
            }
            ck_assert(!value.holds && isnan(value.value) && value.probability == 0);
            ck_assert_str_eq(value.reason, cases[i].reason);
        }
        guess_analysis_free(&a);
    }
}
END_TEST

// What bounds take for a teacher has to be one: 0.5 is no level; nothing with one hidden ReLU is
// the parity of three inputs, as the exact count finds; a teacher that gives 0 is wrong where 0 is
// wrong.
START_TEST(no_teacher_that_is_none) {
    GuessAnalysis off =
        analyse(PAIRS("model", "input 3 fc-2 bias=no relu fc-1 bias=no", "teacher", "1",
                      "teacher_weights", "0.5,1,1,1", "samples", "9", "guesses", "100"),
                &ONE);
    ck_assert_pstr_eq(off.bound.no_teacher, "the teacher's weights are not all among the levels");
    GuessAnalysis parity = analyse(PAIRS("model", "input 3 fc-2 relu fc-1", "teacher", "1",
                                         "labels", "xor", "samples", "9", "method", "exact"),
                                   &ONE);
    ck_assert_pstr_eq(parity.bound.no_teacher,
                      "there is no such teacher: the exact count is below q^-M");
    ck_assert(parity.claimed && isnan(parity.facts.log_teacher));
    GuessAnalysis zero = analyse(
        PAIRS("model", NET4, "teacher", "2", "zero", "wrong", "samples", "9", "guesses", "9"),
        &ONE);
    ck_assert_pstr_eq(zero.bound.no_teacher,
                      "the teacher gives 0 at some point, which is wrong at every label");
    GuessAnalysis *all[] = {&off, &parity, &zero};
    for (int i = 0; i < 3; i++) {
        BoundValue value = bound_evaluate(bound_find("first_fit"), &all[i]->bound, &all[i]->facts);
        ck_assert(!value.holds);
        ck_assert_str_eq(value.reason, all[i]->bound.no_teacher);
        guess_analysis_free(all[i]);
    }
}
END_TEST

// Runs that end at the 4th hit, or at 300 guesses, for 200 seeds, against the exact count (p_S =
// 0.0105). Where hits ended them all, the mean of (hits - 1)/(guesses - 1) is p_S; hits/guesses is
// a third too large. Both intervals miss in 5 % at most: in more than 25 of 200 with probability
// 1e-5; a mean is off by 4.5 standard errors with probability 7e-6.
static void check_stopping(const char *limit, bool unbiased) {
    enum { RUNS = 200 };
    const char *world[] = {"model", "input 3 fc-2 relu fc-1", "labels", "majority", "points",
                           "0x2f"};
    GuessAnalysis exact = analyse(
        PAIRS(world[0], world[1], world[2], world[3], world[4], world[5], "method", "exact"), &ONE);
    double sum = 0, squares = 0, star = 0, star_squares = 0;
    int missed = 0, star_missed = 0, limited = 0;
    for (int r = 0; r < RUNS; r++) {
        char seed[20];
        snprintf(seed, sizeof seed, "%d", 2385 + r);
        GuessAnalysis a = analyse(PAIRS(world[0], world[1], world[2], world[3], world[4], world[5],
                                        "guess_seed", seed, "guesses", limit, "hits", "4"),
                                  &ONE);
        limited += !a.ended_by_hits;
        ck_assert_str_eq(a.estimator,
                         a.ended_by_hits ? "(hits - 1)/(guesses - 1)" : "hits/guesses");
        missed += a.low > exact.probability || a.high < exact.probability;
        star_missed += a.star_low > exact.p_star || a.star_high < exact.p_star;
        sum += a.probability, squares += a.probability * a.probability;
        star += a.p_star, star_squares += a.p_star * a.p_star;
        guess_analysis_free(&a);
    }
    double mean = sum / RUNS, error = sqrt((squares / RUNS - mean * mean) / RUNS);
    double full = star / RUNS, full_error = sqrt((star_squares / RUNS - full * full) / RUNS);
    ck_assert_int_le(missed, 25);
    ck_assert_int_le(star_missed, 25);
    ck_assert_int_eq(limited == 0, unbiased);
    if (unbiased) ck_assert_double_eq_tol(mean, exact.probability, 4.5 * error);
    if (unbiased) ck_assert_double_eq_tol(full, exact.p_star, 4.5 * full_error);
    if (unbiased) ck_assert_double_gt(exact.probability * 4 / 3, mean + 4.5 * error);
    guess_analysis_free(&exact);
}

START_TEST(stopped_by_hits) {
    check_stopping(_i ? "300" : "1000000", _i == 0);
}
END_TEST

// ---- descent ----

START_TEST(descent_fits_what_it_can) {
    GuessAnalysis a = analyse(PAIRS("model", "input 4 fc-16 relu fc-1", "labels", "xor", "guesses",
                                    "10", "descents", "9"),
                              &ONE);
    ck_assert(a.descent.runs == 9 && a.descent.fitted >= 7);
    ck_assert_double_eq(a.descent.test_error.mean, 0); // all points are in the sample
    guess_analysis_free(&a);
    GuessAnalysis none = analyse(
        PAIRS("model", "input 4 fc-1", "labels", "xor", "guesses", "10", "descents", "2"), &ONE);
    ck_assert(none.descent.runs == 2 && none.descent.fitted == 0); // no line does that
    guess_analysis_free(&none);
}
END_TEST

// ---- small parts ----

START_TEST(quantiles_as_numpy) {
    double value[] = {2.385, -1, 0.7, 19, 3}; // numpy.quantile(value, [0, 0.25, 0.5, 0.75, 1])
    const double wanted[] = {-1, 0.7, 2.385, 3, 19};
    GuessSpread spread = spread_of(value, 5);
    for (int i = 0; i < GUESS_QUANTILES; i++) ck_assert_double_eq(spread.quantile[i], wanted[i]);
    ck_assert_double_eq_tol(spread.mean, 4.817, 1e-12);
    ck_assert_double_eq_tol(spread.standard_error, 3.61359, 5e-6);
    double two[] = {1, 2};
    ck_assert_double_eq_tol(spread_of(two, 2).quantile[1], 1.25, 1e-15);
    ck_assert(isnan(spread_of(two, 0).mean) && isnan(spread_of(two, 1).standard_error));
}
END_TEST

START_TEST(every_bound_is_a_metric) {
    for (const Bound *const *bound = bound_table; *bound; bound++) {
        bool found = false;
        for (const char *const *metric = guess_task.metrics; *metric; metric++)
            found = found || (strncmp(*metric, "bound_", 6) == 0 &&
                              strcmp(*metric + 6, (*bound)->name) == 0);
        ck_assert_msg(found, "%s", (*bound)->name);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("guess/experiment");
    TCase *all = tcase_create("experiment");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, sampling_agrees_with_the_count, 0, 3);
    tcase_add_test(all, ties_are_counted);
    tcase_add_test(all, masks_follow_the_cube);
    tcase_add_test(all, splitting_agrees_with_the_count);
    tcase_add_test(all, threads_do_not_matter);
    tcase_add_test(all, interrupted_and_continued);
    tcase_add_test(all, states_that_do_not_fit);
    tcase_add_test(all, tallies_that_are_none);
    tcase_add_test(all, hits_can_be_replayed);
    tcase_add_test(all, promises_are_kept);
    tcase_add_test(all, no_bound_without_a_random_sample);
    tcase_add_test(all, no_teacher_that_is_none);
    tcase_add_loop_test(all, stopped_by_hits, 0, 2);
    tcase_add_test(all, descent_fits_what_it_can);
    tcase_add_test(all, quantiles_as_numpy);
    tcase_add_test(all, every_bound_is_a_metric);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
