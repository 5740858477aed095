// Facts and bounds against arithmetic in 50 digits (reference.py), the numbers of the exercise
// sheet, monotonicity over a grid, and the inversions by evaluation on both sides.
#include "bound/bound.h"
#include "bound/reference.h"
#include "run_suite.h"
#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void near(double found, double wanted, double tolerance, const char *what, size_t at) {
    ck_assert_msg(found == wanted || (isnan(found) && isnan(wanted)) ||
                      fabs(found - wanted) <= tolerance * fabs(wanted),
                  "%s %zu: %.17g, should be %.17g", what, at, found, wanted);
}

static BoundValue evaluate(const char *name, const BoundCase *world) {
    BoundFacts facts = bound_facts(world);
    const Bound *bound = bound_find(name);
    ck_assert_ptr_nonnull(bound);
    return bound_evaluate(bound, world, &facts);
}

// Everything given: two layers, no biases, d0 = 4, d1 = 8, d1* = 2.
static const BoundCase WORLD = {.levels = 3,
                                .inputs = 4,
                                .layers = 1,
                                .hidden = {8},
                                .teacher = {2},
                                .samples = 100,
                                .delta = 0.05,
                                .eta = 0.05,
                                .guesses = 1000,
                                .hits = 7,
                                .trials = 23850,
                                .share = 0.5};

// ---- against 50 digits ----

START_TEST(facts_in_50_digits) {
    for (size_t i = 0; i < COUNT(REFERENCE); i++) {
        BoundFacts facts = bound_facts(&REFERENCE[i].world);
        double log_q = log((double)REFERENCE[i].world.levels);
        ck_assert(bound_check(&REFERENCE[i].world, NULL));
        ck_assert_double_eq(facts.weights, REFERENCE[i].weights);
        ck_assert_double_eq(facts.pinned, REFERENCE[i].pinned);
        near(facts.log_weights, -REFERENCE[i].weights * log_q, 1e-15, "q^-k", i);
        near(facts.log_teacher, -REFERENCE[i].pinned * log_q, 1e-15, "q^-M", i);
        near(facts.guesses_bound, REFERENCE[i].guesses, 0, "guesses", i);
        near(facts.log_guesses_bound, REFERENCE[i].log_guesses, 1e-15, "log of guesses", i);
        near(facts.log_fit, REFERENCE[i].log_fit, 1e-14, "log p_S", i);
    }
}
END_TEST

START_TEST(bounds_in_50_digits) {
    ck_assert_uint_eq(bound_count(), BOUNDS_HERE);
    for (size_t i = 0; i < COUNT(REFERENCE); i++) {
        BoundFacts facts = bound_facts(&REFERENCE[i].world);
        for (size_t b = 0; b < BOUNDS_HERE; b++) {
            BoundValue value = bound_evaluate(bound_table[b], &REFERENCE[i].world, &facts);
            ck_assert_msg(value.holds, "%s: %s", bound_table[b]->name, value.reason);
            near(value.value, REFERENCE[i].value[b], 1e-14, bound_table[b]->name, i);
            ck_assert(value.vacuous == (value.value >= 1));
        }
    }
}
END_TEST

// ---- the exercise sheet ----

static BoundFacts small(uint64_t hidden, uint64_t teacher, bool bias) {
    BoundCase world = WORLD;
    world.inputs = 2;
    world.hidden[0] = hidden;
    world.teacher[0] = teacher;
    world.bias = bias;
    return bound_facts(&world);
}

START_TEST(counts_of_the_sheet) {
    BoundFacts facts = small(2, 1, false);
    near(exp(facts.log_teacher - facts.log_weights), 9, 1e-13, "of 729", 0);
    near(exp(-facts.log_weights), 729, 1e-13, "networks", 0);
    facts = small(3, 1, false);
    near(exp(facts.log_teacher - facts.log_weights), 81, 1e-13, "of 19683", 0);
    near(exp(-facts.log_weights), 19683, 1e-13, "networks", 0);
    facts = small(1, 1, true);
    near(exp(-facts.log_weights), 243, 1e-13, "networks", 0);
    facts = small(2, 1, true);
    near(exp(-facts.log_weights), 19683, 1e-13, "networks", 0);
    facts = small(8, 1, true);
    ck_assert_double_eq(facts.pinned, 12);
    near(exp(facts.log_teacher), 1.9e-6, 0.02, "AND", 0);
    ck_assert_double_eq(facts.inverse_teacher, 531441);
}
END_TEST

START_TEST(certificates_of_the_sheet) {
    const struct {
        uint64_t t, n;
        double value;
    } cases[] = {{1, 16, 0.205907}, {1000, 32, 0.408671}, {1000000, 100, 0.26381}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        BoundCase world = WORLD;
        world.guesses = cases[i].t;
        world.samples = cases[i].n;
        near(evaluate("certificate", &world).value, cases[i].value, 2e-6, "certificate", i);
    }
}
END_TEST

START_TEST(guesses_are_rounded_up) {
    ck_assert_double_eq(bound_guesses(10, 0.5), 7); // 6.93
    near(pow(0.9, 6), 0.531, 1e-3, "P(T > 6.93)", 0);
    ck_assert_double_le(pow(0.9, 7), 0.5);
    ck_assert_double_eq(bound_guesses(1, 0.999), 1);
    near(bound_guesses(0x1p52, exp(-1.5)), 1.5 * 0x1p52, 1e-15, "guesses", 0);
    ck_assert_double_eq(fmod(bound_guesses(0x1p50, exp(-1.5)), 1), 0);
    ck_assert(isnan(bound_guesses(0x1p53, exp(-1.5))));
    ck_assert(isnan(bound_guesses(INFINITY, 0.5)));
    for (double inverse = 1; inverse < 1e12; inverse *= 1.7385) // it promises what it says
        ck_assert_double_le(bound_guesses(inverse, 0.2385) * log1p(-1 / inverse),
                            log(0.2385) * (1 - 1e-12));
}
END_TEST

START_TEST(condition_of_the_sheet) {
    BoundCase world = WORLD;
    BoundFacts facts = bound_facts(&world);
    BoundCondition condition = bound_condition(&world, &facts);
    near(condition.left, 4 * 6 * log(3), 1e-15, "left", 0);
    near(condition.right, log(log(20)), 1e-15, "right", 0);
    ck_assert(condition.smaller);
    world.inputs = 1; // the counterexample: 1.10 < 1.53
    world.teacher[0] = 7;
    world.eta = 0.01;
    facts = bound_facts(&world);
    condition = bound_condition(&world, &facts);
    near(condition.left, 1.10, 0.002, "left", 1);
    near(condition.right, 1.53, 0.002, "right", 1);
    ck_assert(!condition.smaller);
    world.teacher[0] = 0;
    facts = bound_facts(&world);
    ck_assert(isnan(bound_condition(&world, &facts).left));
}
END_TEST

// The condition says what a comparison of the two bounds says, over a grid with both answers.
START_TEST(condition_is_exact) {
    int smaller = 0, larger = 0;
    for (uint64_t inputs = 1; inputs <= 3; inputs++) {
        for (uint64_t teacher = 5; teacher <= 8; teacher++) {
            for (double eta = 1e-7; eta < 0.36; eta *= 3.7) {
                BoundCase world = WORLD;
                world.inputs = inputs;
                world.teacher[0] = teacher;
                world.eta = eta;
                BoundFacts facts = bound_facts(&world);
                bool found =
                    evaluate("sheet", &world).value < evaluate("all_weights", &world).value;
                ck_assert(bound_condition(&world, &facts).smaller == found);
                smaller += found;
                larger += !found;
            }
        }
    }
    ck_assert_int_gt(smaller, 20);
    ck_assert_int_gt(larger, 20);
}
END_TEST

// ---- probabilities that no double holds ----

START_TEST(a_million_weights) {
    const BoundFacts facts = bound_facts(&REFERENCE[7].world);
    Text text = {0};
    ck_assert_double_eq(facts.weights, 1001000);
    bound_add_power(&text, facts.log_weights);
    ck_assert_str_eq(text.data, "10^-477598.4"); // 1001000 log10 3 = 477598.38
    text_cut(&text, 0);
    bound_add_power(&text, log(2.385e-12));
    ck_assert_str_eq(text.data, "2.385e-12");
    text_free(&text);
}
END_TEST

// ---- monotone ----

typedef struct Change {
    const char *what;
    void (*change)(BoundCase *world); // for the worse: no bound gets smaller
    const char *strictly;             // the bounds that get larger
} Change;

static void fewer_samples(BoundCase *world) {
    world->samples--;
}

static void less_delta(BoundCase *world) {
    world->delta *= 0.7;
}

static void less_eta(BoundCase *world) {
    world->eta *= 0.7;
}

static void more_levels(BoundCase *world) {
    world->levels++;
}

static void more_inputs(BoundCase *world) {
    world->inputs++;
}

static void wider(BoundCase *world) {
    world->hidden[world->layers - 1]++;
}

static void wider_teacher(BoundCase *world) {
    world->teacher[0]++;
}

static void biases(BoundCase *world) {
    world->bias = true;
}

static void more_guesses(BoundCase *world) {
    world->guesses += 3;
}

static void fewer_hits(BoundCase *world) {
    if (world->trials) world->hits--;
}

static void more_trials(BoundCase *world) {
    if (world->trials) world->trials += 19;
}

#define FROM_TEACHER "sheet self_contained first_fit"
static const Change CHANGES[] = {
    {"samples", fewer_samples,
     "sheet all_weights self_contained first_fit certificate mcallester "
     "langford_seeger maurer"},
    {"delta", less_delta,
     "sheet all_weights self_contained first_fit certificate mcallester langford_seeger "
     "maurer"},
    {"eta", less_eta, "sheet"},
    {"levels", more_levels, FROM_TEACHER " all_weights"},
    {"inputs", more_inputs, FROM_TEACHER " all_weights"},
    {"hidden", wider, FROM_TEACHER " all_weights"},
    {"teacher", wider_teacher, FROM_TEACHER},
    {"bias", biases, FROM_TEACHER " all_weights"},
    {"guesses", more_guesses, "certificate"},
    {"hits", fewer_hits, ""},
    {"trials", more_trials, ""},
};

static void check_change(const BoundCase *world, const Change *change) {
    BoundCase worse = *world;
    change->change(&worse);
    BoundFacts facts = bound_facts(world), worse_facts = bound_facts(&worse);
    for (const Bound *const *bound = bound_table; *bound; bound++) {
        BoundValue before = bound_evaluate(*bound, world, &facts);
        BoundValue after = bound_evaluate(*bound, &worse, &worse_facts);
        if (!before.holds || !after.holds) continue;
        bool sure = strstr(change->strictly, (*bound)->name) && before.value < 1 - 1e-9;
        ck_assert_msg(sure ? after.value > before.value : after.value >= before.value,
                      "%s: %s for the worse, from %.17g to %.17g", (*bound)->name, change->what,
                      before.value, after.value);
    }
}

// The average of what may go wrong is sharper than the sum over all that may.
START_TEST(first_fit_is_the_sharper_one) {
    for (size_t i = 0; i < COUNT(REFERENCE); i++) {
        const BoundCase *world = &REFERENCE[i].world;
        ck_assert_double_le(evaluate("first_fit", world).value,
                            evaluate("self_contained", world).value);
    }
}
END_TEST

START_TEST(bounds_are_monotone) {
    const uint64_t samples[] = {2, 3, 9, 47, 2385, 1000003};
    for (int kind = 0; kind < 8; kind++) {
        BoundCase world = WORLD;
        if (kind & 1) world.trials = world.hits = 0;
        if (kind & 2) world.layers = 2, world.hidden[1] = 7, world.teacher[1] = 3;
        if (kind & 4) world.eta = 0.3, world.delta = 0.6;
        for (size_t i = 0; i < COUNT(samples); i++) {
            world.samples = samples[i];
            for (size_t c = 0; c < COUNT(CHANGES); c++) check_change(&world, &CHANGES[c]);
        }
    }
}
END_TEST

// ---- the other way round ----

START_TEST(samples_are_the_least) {
    const double error[] = {0.5, 0.05, 0.002385, 1e-6};
    for (const Bound *const *bound = bound_table; *bound; bound++) {
        for (size_t i = 0; i < COUNT(error); i++) {
            BoundCase world = WORLD;
            double samples = bound_samples(*bound, &world, error[i]);
            world.samples = (uint64_t)samples;
            ck_assert_double_le(evaluate((*bound)->name, &world).value, error[i]);
            world.samples--;
            BoundValue one_less = evaluate((*bound)->name, &world);
            ck_assert(!one_less.holds || one_less.value > error[i]);
        }
    }
    BoundCase world = WORLD;
    near(bound_samples(bound_find("sheet"), &world, 0.05),
         ceil((log(log(20)) + 16 * log(3) + log(20)) / 0.05), 0, "sheet", 0);
    ck_assert_double_eq(bound_samples(bound_find("maurer"), &world, 0.999999), 8);
    ck_assert(isnan(bound_samples(bound_find("all_weights"), &world, 1e-15)));
    world.eta = 0.5;
    ck_assert(isnan(bound_samples(bound_find("sheet"), &world, 0.5)));
}
END_TEST

START_TEST(widths_are_the_largest) {
    Error error;
    double width;
    int found = 0;
    for (const Bound *const *bound = bound_table; *bound; bound++) {
        if (!(*bound)->has_width) continue;
        for (uint64_t samples = 20; samples < 1000000; samples = samples * 3 + 1) {
            BoundCase world = WORLD;
            world.samples = samples;
            ck_assert(bound_width(*bound, &world, &width, &error));
            world.hidden[0] = isnan(width) ? world.teacher[0] : (uint64_t)width;
            ck_assert(evaluate((*bound)->name, &world).vacuous == isnan(width));
            world.hidden[0]++;
            ck_assert(evaluate((*bound)->name, &world).vacuous);
            found += !isnan(width);
        }
    }
    ck_assert_int_gt(found, 10);
    BoundCase world = WORLD;
    ck_assert(bound_width(bound_find("all_weights"), &world, &width, &error));
    near(width, floor((100 - log(20)) / (5 * log(3))), 0, "width", 0);
    world.layers = 2;
    world.hidden[1] = world.teacher[1] = 2;
    ck_assert(!bound_width(bound_find("sheet"), &world, &width, &error));
    ck_assert_str_eq(error.text, "--hidden: 2 layers; the largest width is that of one");
}
END_TEST

// ---- conditions ----

static void refuses(const char *name, const BoundCase *world, const char *reason) {
    BoundValue value = evaluate(name, world);
    ck_assert(!value.holds && !value.vacuous && isnan(value.value) && value.probability == 0);
    ck_assert_str_eq(value.reason, reason);
}

START_TEST(conditions_that_fail_say_why) {
    BoundCase world = WORLD;
    world.eta = 0.37; // 1/e = 0.3679
    refuses("sheet", &world, "it needs eta < 1/e, where log log(1/eta) > 0");
    world.eta = 0.36;
    ck_assert(evaluate("sheet", &world).holds);
    world.delta = 0.64;
    refuses("sheet", &world, "delta + eta is 1 or more: it promises nothing");
    world = WORLD;
    world.guesses = 0;
    refuses("certificate", &world, "it needs the number t of the guess that fitted (--guesses)");
    world = WORLD;
    world.samples = 7;
    refuses("maurer", &world, "it needs N >= 8");
    world.samples = 1;
    refuses("mcallester", &world, "it needs N >= 2");
    world = WORLD;
    world.hits = 0;
    refuses("langford_seeger", &world, "no guess fitted, so that the lower limit of p_S is 0");
    world = WORLD;
    world.teacher[0] = 0;
    refuses("sheet", &world, "it needs a teacher (--teacher)");
    refuses("self_contained", &world, "it needs a teacher (--teacher)");
    ck_assert(evaluate("maurer", &world).holds);
    world.trials = 0;
    refuses("maurer", &world,
            "it needs p_S: measured (--hits, --trials) or a teacher's (--teacher)");
}
END_TEST

START_TEST(probabilities_are_what_was_paid) {
    near(evaluate("sheet", &WORLD).probability, 0.9, 1e-15, "sheet", 0);
    for (const Bound *const *bound = bound_table + 1; *bound; bound++)
        near(evaluate((*bound)->name, &WORLD).probability, 0.95, 1e-15, (*bound)->name, 0);
}
END_TEST

static void wrong(const BoundCase *world, const char *message) {
    Error error;
    ck_assert(!bound_check(world, &error));
    ck_assert_str_eq(error.text, message);
}

START_TEST(cases_that_are_none) {
    BoundCase world = WORLD;
    world.teacher[0] = 9;
    wrong(&world, "--teacher: layer 1 has 9 neurons, the student's has 8; 1 to 8 fit");
    world = WORLD;
    world.no_zero = true;
    wrong(&world,
          "--levels: 0 is not among them, so a student wider than its teacher cannot switch "
          "neurons off; give 0, or no --teacher");
    world.teacher[0] = 8;
    ck_assert(bound_check(&world, NULL));
    world.teacher[0] = 0;
    ck_assert(bound_check(&world, NULL));
    world = WORLD;
    world.levels = 1;
    wrong(&world, "--levels: 1; 2 and more fit");
    world = WORLD;
    world.samples = 0;
    wrong(&world, "--samples: 0; 1 and more fit");
    world = WORLD;
    world.delta = 1;
    wrong(&world, "--delta: 1; it takes a number above 0 and below 1");
    world = WORLD;
    world.eta = NAN;
    wrong(&world, "--eta: nan; it takes a number above 0 and below 1");
    world = WORLD;
    world.hits = 23851;
    wrong(&world, "--hits: 23851 of 23850 trials; at most all of them can hit");
    world = WORLD;
    world.delta = 1e-300;
    wrong(&world, "--share: 5e-301 of delta is paid and 5e-301 left; 1e-290 and more fit");
    world.trials = world.hits = 0;
    ck_assert(bound_check(&world, NULL));
    world = WORLD;
    world.inputs = (uint64_t)1 << 53;
    wrong(&world, "--hidden: 7.21e+16 weights; fewer than 2^53 fit");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bounds");
    TCase *tests = tcase_create("bounds");
    tcase_add_test(tests, facts_in_50_digits);
    tcase_add_test(tests, bounds_in_50_digits);
    tcase_add_test(tests, counts_of_the_sheet);
    tcase_add_test(tests, certificates_of_the_sheet);
    tcase_add_test(tests, guesses_are_rounded_up);
    tcase_add_test(tests, condition_of_the_sheet);
    tcase_add_test(tests, condition_is_exact);
    tcase_add_test(tests, a_million_weights);
    tcase_add_test(tests, bounds_are_monotone);
    tcase_add_test(tests, first_fit_is_the_sharper_one);
    tcase_add_test(tests, samples_are_the_least);
    tcase_add_test(tests, widths_are_the_largest);
    tcase_add_test(tests, conditions_that_fail_say_why);
    tcase_add_test(tests, probabilities_are_what_was_paid);
    tcase_add_test(tests, cases_that_are_none);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
