// The promises themselves: small worlds in which every network can be tried, and runs of guess and
// check in them, counted.
#include "bound/bound.h"
#include "run_suite.h"
#include <math.h>
#include <string.h>

enum { POINTS = 8, MOST = 64 };

// Weights of a network 3-d1-..-1 with ReLUs, layer by layer, neuron by neuron, the bias last; the
// inputs are {-1,1}^3, the output is 1 where the last sum is above 0. Bit i of the answer is the
// output at the point whose coordinate j is +1 iff bit j of i is set.
static unsigned answers(const BoundCase *world, const uint64_t *wide, const int8_t *weight) {
    unsigned bits = 0;
    for (unsigned point = 0; point < 1u << world->inputs; point++) {
        int64_t u[MOST], next[MOST];
        size_t read = world->inputs;
        const int8_t *w = weight;
        for (size_t j = 0; j < read; j++) u[j] = point >> j & 1 ? 1 : -1;
        for (size_t l = 0; l <= world->layers; l++) {
            size_t neurons = l < world->layers ? wide[l] : 1;
            for (size_t i = 0; i < neurons; i++) {
                next[i] = 0;
                for (size_t j = 0; j < read; j++) next[i] += *w++ * u[j];
                if (world->bias) next[i] += *w++;
            }
            read = neurons;
            for (size_t i = 0; i < neurons; i++)
                u[i] = l < world->layers && next[i] < 0 ? 0 : next[i];
        }
        bits |= (unsigned)(u[0] > 0) << point;
    }
    return bits;
}

static void draw(int8_t *weight, size_t count, Random *random) {
    for (size_t i = 0; i < count; i++) weight[i] = (int8_t)(random_below(random, 3)) - 1;
}

// ---- the teacher bound, by trying every student ----

// How many of all 3^k students answer as each function, 2^(2^d0) of them.
static void count_students(const BoundCase *world, uint32_t *times) {
    int8_t weight[MOST];
    size_t k = (size_t)bound_facts(world).weights;
    memset(weight, -1, sizeof weight);
    for (size_t i = 0; i < k;) {
        times[answers(world, world->hidden, weight)]++;
        for (i = 0; i < k && ++weight[i] == 2; i++) weight[i] = -1;
    }
}

// Every teacher there is: at least 3^(k-M) students answer as it does.
static void check_teachers(const BoundCase *world) {
    uint32_t times[256] = {0};
    int8_t weight[MOST];
    BoundCase teacher = *world;
    BoundFacts facts = bound_facts(world);
    memcpy(teacher.hidden, world->teacher, sizeof teacher.hidden);
    size_t k = (size_t)bound_facts(&teacher).weights;
    count_students(world, times);
    memset(weight, -1, sizeof weight);
    double promised = exp(facts.log_teacher - facts.log_weights) * (1 - 1e-12), least = INFINITY;
    for (size_t i = 0; i < k;) {
        least = fmin(least, times[answers(world, world->teacher, weight)]);
        for (i = 0; i < k && ++weight[i] == 2; i++) weight[i] = -1;
    }
    ck_assert_msg(least >= promised, "a teacher has %g students, promised are %g", least, promised);
}

START_TEST(students_of_every_teacher) {
    const BoundCase worlds[] = {
        {.levels = 3, .inputs = 2, .layers = 1, .hidden = {2}, .teacher = {1}},
        {.levels = 3, .inputs = 2, .layers = 1, .hidden = {3}, .teacher = {1}},
        {.levels = 3, .inputs = 2, .layers = 1, .hidden = {2}, .teacher = {1}, .bias = true},
        {.levels = 3, .inputs = 3, .layers = 1, .hidden = {2}, .teacher = {2}},
        {.levels = 3, .inputs = 2, .layers = 2, .hidden = {2, 2}, .teacher = {1, 1}},
        {.levels = 3, .inputs = 2, .layers = 2, .hidden = {2, 2}, .teacher = {2, 1}},
        {.levels = 3, .inputs = 1, .layers = 2, .hidden = {2, 1}, .teacher = {1, 1}, .bias = true},
    };
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
        BoundCase world = worlds[i];
        world.eta = world.delta = world.share = 0.5;
        check_teachers(&world);
    }
}
END_TEST

// The counts that the exercise sheet's setting has.
START_TEST(counts_of_the_sheet) {
    BoundCase world = {.levels = 3, .inputs = 2, .layers = 1, .hidden = {2}, .eta = 0.5};
    uint32_t two[256] = {0}, three[256] = {0};
    count_students(&world, two);
    ck_assert_uint_eq(two[0], 377);
    ck_assert_uint_eq(two[8], 45);
    ck_assert_uint_eq(two[6], 2);
    world.hidden[0] = 3;
    count_students(&world, three);
    ck_assert_uint_eq(three[0], 7891);
    ck_assert_uint_eq(three[8], 1450);
    ck_assert_uint_eq(three[6], 168);
}
END_TEST

// ---- guess and check ----

enum { RUNS = 400 };

// Eight points of which one is rare: errors of 1/64 and so on occur, and are missed.
static unsigned draw_point(Random *random) {
    unsigned draw = (unsigned)random_below(random, 64);
    return draw < 2 ? 7 : draw % 7;
}

static double error_of(unsigned wrong) {
    double error = 0;
    for (unsigned draw = 0; draw < 64; draw++)
        error += (wrong >> (draw < 2 ? 7 : draw % 7) & 1) / 64.0;
    return error;
}

typedef struct Run {
    uint64_t guesses;
    double error;
} Run;

static Run guess_and_check(const BoundCase *world, unsigned truth, uint64_t index) {
    Random random = random_stream(2385, RANDOM_TEST, index);
    unsigned seen = 0, found;
    int8_t weight[MOST];
    size_t k = (size_t)bound_facts(world).weights;
    for (uint64_t i = 0; i < world->samples; i++) seen |= 1u << draw_point(&random);
    Run run = {0};
    do {
        draw(weight, k, &random);
        found = answers(world, world->hidden, weight);
        run.guesses++;
    } while ((found ^ truth) & seen);
    run.error = error_of(found ^ truth);
    return run;
}

// A promise that is broken with its probability x in each of 400 independent runs is broken in more
// than 64 of them with probability 7e-5 for x = 0.1, in more than 112 with 5e-5 for x = 0.2: 4e-4
// for the number of guesses and the five bounds that are held here.
START_TEST(promises_are_kept) {
    const int8_t and_of_three[] = {1, 1, 1, 1}; // relu(x1 + x2 + x3) > 0: the majority
    BoundCase world = {.levels = 3,
                       .inputs = 3,
                       .layers = 1,
                       .hidden = {3},
                       .teacher = {1},
                       .samples = 24,
                       .delta = 0.1,
                       .eta = 0.1,
                       .share = 0.5};
    unsigned truth = answers(&world, world.teacher, and_of_three);
    ck_assert_uint_eq(truth, 0xe8); // at least two of three
    BoundFacts facts = bound_facts(&world);
    int late = 0, broken[8] = {0}, told[8] = {0};
    for (uint64_t i = 0; i < RUNS; i++) {
        Run run = guess_and_check(&world, truth, i);
        late += (double)run.guesses > facts.guesses_bound;
        world.guesses = run.guesses;
        for (size_t b = 0; b < bound_count(); b++) {
            BoundValue value = bound_evaluate(bound_table[b], &world, &facts);
            broken[b] += value.holds && !bound_table[b]->average && run.error > value.value;
            told[b] += value.holds && !value.vacuous;
        }
    }
    ck_assert_int_le(late, 40 + 4 * 6);
    for (size_t b = 0; b < bound_count(); b++) {
        ck_assert_int_le(broken[b], b == 0 ? 80 + 4 * 8 : 40 + 4 * 6);
        if (b != 1) ck_assert_int_eq(told[b], RUNS); // none is kept by saying nothing
    }
}
END_TEST

// The mean error over all 3^8 networks that fit, exactly, against the PAC-Bayes bounds, with the
// number of those that fit as the hits of 3^8 trials. Three bounds: 2e-4.
START_TEST(averages_are_kept) {
    BoundCase world = {.levels = 3,
                       .inputs = 3,
                       .layers = 1,
                       .hidden = {2},
                       .samples = 24,
                       .delta = 0.1,
                       .eta = 0.1,
                       .trials = 6561,
                       .share = 0.5};
    uint32_t times[256] = {0};
    int broken[8] = {0};
    count_students(&world, times);
    for (uint64_t i = 0; i < RUNS; i++) {
        Random random = random_stream(19, RANDOM_TEST, i);
        unsigned seen = 0;
        double error = 0;
        for (uint64_t n = 0; n < world.samples; n++) seen |= 1u << draw_point(&random);
        world.hits = 0;
        for (unsigned f = 0; f < 256; f++) {
            if ((f ^ 0xe8) & seen) continue;
            world.hits += times[f];
            error += times[f] * error_of(f ^ 0xe8);
        }
        ck_assert_uint_gt(world.hits, 0);
        BoundFacts facts = bound_facts(&world);
        for (size_t b = 0; b < bound_count(); b++) {
            BoundValue value = bound_evaluate(bound_table[b], &world, &facts);
            if (bound_table[b]->average)
                broken[b] += error / (double)world.hits > value.value || value.vacuous;
        }
    }
    for (size_t b = 0; b < bound_count(); b++) ck_assert_int_le(broken[b], 40 + 4 * 6);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("worlds");
    TCase *tests = tcase_create("worlds");
    tcase_add_test(tests, students_of_every_teacher);
    tcase_add_test(tests, counts_of_the_sheet);
    tcase_add_test(tests, promises_are_kept);
    tcase_add_test(tests, averages_are_kept);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
