// Lanes, tables and a plain loop over guesses with its own forward pass count the same, on every
// instruction set and any number of threads; and frequencies are those of exact enumeration.
#include "guess_help.h"
#include "guess/kernels.h"
#include "run_suite.h"

enum { SEED = 2385, KEPT = 7, GUESSES = 1003 };

static const char *const ISAS[] = {"generic", "avx2", "avx512"};
enum { ISA_COUNT = 3 };

typedef enum World { CUBE, REAL, HALVES } World; // {-1, 1}^d, normal numbers, multiples of 1/2

typedef struct Case {
    const char *model, *prior;
    World world;
    size_t n, all;
    bool tables; // do they apply?
} Case;

static const Case CASES[] = {
    {"input 4 fc-8 bias=no relu fc-1 bias=no", "-1,0,1", CUBE, 5, 16, true},
    {"input 4 fc-8 relu fc-1", "-1,0,1", CUBE, 4, 16, true},
    {"input 3 fc-5 bias=no sign fc-1", "-1,1", CUBE, 8, 8, true},
    {"input 3 fc-5 sign fc-1 bias=no", "-0.5,0,0.75", HALVES, 3, 40, true},
    {"input 2 fc-19 hardtanh fc-1", "-2,-1,0,1,2", HALVES, 2, 61, true},
    {"input 2 fc-3 hardtanh fc-1", "-0.25,0,1", HALVES, 4, 17, true},
    {"input 5 fc-3 fc-1", "-1,0,1", CUBE, 3, 32, true},
    {"input 2 fc-4 relu fc-1", "-3,-1,0,2,7,1.5,4", HALVES, 4, 19, true},
    {"input 1 fc-1 relu fc-1", "-1,0,1", CUBE, 0, 2, true},
    {"input 2x2x1 flatten fc-6 relu flatten fc-1", "-1,0,1", CUBE, 3, 16, true},
    {"input 8 fc-2 relu fc-1", "-1,1", CUBE, 2, 150, true},
    {"input 8 fc-1 relu fc-1", "-1,1", CUBE, 90, 140, true},
    {"input 4 fc-8 relu fc-1", "-1,0,1", REAL, 3, 11, false},
    {"input 4 fc-8 relu fc-1", "0.3,-0.71", REAL, 3, 16, false},
    {"input 4 fc-8 relu fc-1", "normal", CUBE, 3, 16, false},
    {"input 9 fc-3 tanh fc-1", "-1,0,1", REAL, 4, 29, false},
    {"input 3 fc-5 relu fc-4 sign fc-1", "-1,0,1", CUBE, 4, 8, false},
    {"input 3 fc-5 relu fc-4 bias=no relu fc-3 fc-1", "uniform:2", REAL, 4, 8, false},
    {"input 3 relu fc-4 tanh fc-1", "normal", REAL, 4, 9, false},
    {"input 5 fc-1", "-1,0,1", CUBE, 4, 32, false},
    {"input 5 fc-3 relu fc-1 sign", "-1,0,1", CUBE, 4, 32, false},
};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

// ---- problems ----

typedef struct Scene { // a problem and what it stands on
    GuessPrior prior;
    GuessModel model;
    GuessPoints points;
    GuessProblem problem;
} Scene;

static float coordinate(World world, size_t point, size_t i, Random *random) {
    if (world == CUBE) return point >> i % 16 & 1 ? 1 : -1;
    if (world == REAL) return (float)random_normal(random);
    return (float)random_below(random, 9) / 2 - 2;
}

// Labels are those of a draw with another seed; in small samples every seventh is turned round.
static void set(Scene *s, const Case *c, GuessZero zero) {
    s->prior = help_prior(c->prior);
    s->model = help_model(c->model, &s->prior);
    size_t d = s->model.inputs;
    s->points = (GuessPoints){.d = d, .n = c->n, .all = c->all};
    s->points.x = memory_new(c->all * d, sizeof(float));
    s->points.y = memory_new(c->all, sizeof(int8_t));
    float *w = memory_new(s->model.weights, sizeof *w);
    Random random = random_stream(SEED, RANDOM_WORLD, 3);
    ck_assert(guess_weights(&s->model, 71, 2, w, NULL));
    for (size_t i = 0; i < c->all; i++) {
        float *x = s->points.x + i * d;
        for (size_t j = 0; j < d; j++) x[j] = coordinate(c->world, i, j, &random);
        bool yes = help_output(&s->model, w, x) > 0;
        s->points.y[i] = yes != (c->n < 40 && i % 7 == 5) ? 1 : -1;
    }
    memory_free(w);
    s->problem =
        (GuessProblem){.model = &s->model, .points = &s->points, .zero = zero, .seed = SEED};
}

static void unset(Scene *s) {
    memory_free(s->points.x);
    memory_free(s->points.y);
    help_model_free(&s->model);
}

// ---- counting ----

// In double: exact where lanes are, elsewhere as good, since no output comes so near to 0 that
// single precision gives it another sign.
static void plain_count(const GuessProblem *problem, uint64_t first, uint64_t guesses,
                        GuessTally *tally) {
    const GuessPoints *points = problem->points;
    float *w = memory_new(problem->model->weights, sizeof *w);
    for (uint64_t t = first; t < first + guesses; t++) {
        size_t right = 0;
        ck_assert(guess_weights(problem->model, problem->seed, t, w, NULL));
        for (; right < points->all; right++) {
            double u = help_output(problem->model, w, points->x + right * points->d);
            bool yes = u > 0 || (u == 0 && problem->zero == GUESS_ZERO_POSITIVE);
            bool wrong = u == 0 && problem->zero == GUESS_ZERO_WRONG;
            if (wrong || yes != (points->y[right] > 0)) break;
        }
        tally->guesses++;
        tally->full += right == points->all;
        if (right < points->n) continue;
        if (tally->hits++ < tally->room) tally->t[tally->kept++] = t;
    }
    memory_free(w);
}

typedef struct Counted {
    GuessTally tally;
    uint64_t t[KEPT];
} Counted;

static GuessTally *begin(Counted *counted) {
    *counted = (Counted){.tally = {.room = KEPT}};
    counted->tally.t = counted->t;
    return &counted->tally;
}

static void check_equal(const Counted *a, const Counted *b) {
    ck_assert_uint_eq(a->tally.guesses, b->tally.guesses);
    ck_assert_uint_eq(a->tally.hits, b->tally.hits);
    ck_assert_uint_eq(a->tally.full, b->tally.full);
    ck_assert_uint_eq(a->tally.kept, b->tally.kept);
    for (size_t i = 0; i < a->tally.kept; i++) ck_assert_uint_eq(a->t[i], b->t[i]);
}

// In two parts, so that groups of 16 begin and end anywhere.
static bool count(const GuessProblem *problem, SamplerMethod method, uint64_t first, Counted *to) {
    Error error = {0};
    GuessTally *tally = begin(to);
    GuessSampler *sampler = sampler_new(problem, method, &error);
    if (!sampler) return false;
    guess_sampler_run(sampler, first, 37, tally);
    guess_sampler_run(sampler, first + 37, GUESSES - 37, tally);
    guess_sampler_free(sampler);
    return true;
}

START_TEST(methods_agree) {
    const Case *c = &CASES[_i];
    size_t hits = 0;
    for (int zero = GUESS_ZERO_NEGATIVE; zero <= GUESS_ZERO_WRONG; zero++) {
        Scene s;
        Counted plain, ours;
        uint64_t first = zero ? 0 : (UINT64_C(9) << 32) - 500;
        set(&s, c, (GuessZero)zero);
        plain_count(&s.problem, first, GUESSES, begin(&plain));
        hits += plain.tally.hits;
        for (size_t isa = 0; isa < ISA_COUNT; isa++) {
            setenv("BENIGN_ISA", ISAS[isa], 1);
            ck_assert(count(&s.problem, SAMPLER_LANES, first, &ours));
            check_equal(&ours, &plain);
            ck_assert(count(&s.problem, SAMPLER_TABLES, first, &ours) == c->tables);
            if (c->tables) check_equal(&ours, &plain);
        }
        unset(&s);
    }
    ck_assert_msg(hits > 0, "nothing fits, so nothing is compared");
}
END_TEST

// Of 60000 guesses some 60 have a word that is thrown away: their digits are drawn one by one.
START_TEST(thrown_words_agree) {
    enum { MOST = 60000 };
    const Case c = {"input 4 fc-8 relu fc-1", "-1,0,1", CUBE, 2, 16, true};
    static uint64_t t[2][MOST];
    GuessTally tally[2] = {{.t = t[0], .room = MOST}, {.t = t[1], .room = MOST}};
    Scene s;
    set(&s, &c, GUESS_ZERO_NEGATIVE);
    for (int i = 0; i < 2; i++) {
        GuessSampler *sampler = sampler_new(&s.problem, i ? SAMPLER_TABLES : SAMPLER_LANES, NULL);
        guess_sampler_run(sampler, 0, MOST, &tally[i]);
        guess_sampler_free(sampler);
    }
    ck_assert_uint_gt(tally[0].hits, MOST / 10);
    ck_assert_uint_eq(tally[0].hits, tally[1].hits);
    ck_assert_uint_eq(tally[0].full, tally[1].full);
    ck_assert_mem_eq(t[0], t[1], sizeof t[0]);
    unset(&s);
}
END_TEST

// Every activation there is, in two layers and with real inputs.
START_TEST(every_activation) {
    size_t seen = 0;
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        if (!(*kind)->is_activation) continue;
        Text text = {0};
        Scene s;
        Counted plain, ours;
        text_printf(&text, "input 5 fc-6 %s fc-3 %s fc-1", (*kind)->name, (*kind)->name);
        const Case c = {text.data, "normal:2", REAL, 3, 6, false};
        set(&s, &c, GUESS_ZERO_NEGATIVE);
        plain_count(&s.problem, 0, GUESSES, begin(&plain));
        ck_assert(count(&s.problem, SAMPLER_LANES, 0, &ours));
        check_equal(&ours, &plain);
        seen++;
        unset(&s);
        text_free(&text);
    }
    ck_assert_uint_ge(seen, 10);
}
END_TEST

// The choice depends on the problem alone.
START_TEST(choice_of_method) {
    static const struct {
        Case c;
        const char *method;
    } CHOICES[] = {
        {{"input 4 fc-8 bias=no relu fc-1 bias=no", "-1,0,1", CUBE, 16, 16, true}, "tables"},
        {{"input 4 fc-64 bias=no relu fc-1 bias=no", "-1,0,1", CUBE, 16, 16, true}, "tables"},
        {{"input 1 fc-60 relu fc-1 bias=no", "-9,-5,0,1,3", CUBE, 2, 2, true}, "lanes"},
        {{"input 16 fc-8 relu fc-1", "-1,0,1", CUBE, 16, 16, false}, "lanes"},
    };
    for (size_t i = 0; i < sizeof CHOICES / sizeof *CHOICES; i++) {
        Scene s;
        set(&s, &CHOICES[i].c, GUESS_ZERO_NEGATIVE);
        GuessSampler *sampler = guess_sampler_new(&s.problem, NULL);
        ck_assert_str_eq(guess_sampler_method(sampler), CHOICES[i].method);
        guess_sampler_free(sampler);
        unset(&s);
    }
}
END_TEST

// ---- many threads ----

static const Case MANY = {"input 4 fc-8 bias=no relu fc-1 bias=no", "-1,0,1", CUBE, 7, 16, true};
enum { MANY_GUESSES = 5 * 65536 + 1234 };

typedef struct Stop {
    int calls, after;
} Stop;

static bool stop(void *user) {
    Stop *s = user;
    return ++s->calls > s->after;
}

static void sample(const GuessProblem *problem, GuessSampleOptions options, Counted *to,
                   bool interrupted) {
    Error error = {0};
    bool stopped;
    ck_assert_msg(guess_sample(problem, &options, &to->tally, &stopped, &error), "%s", error.text);
    ck_assert_int_eq(stopped, interrupted);
}

START_TEST(any_number_of_threads) {
    Scene s;
    Counted one, many;
    set(&s, &MANY, GUESS_ZERO_NEGATIVE);
    begin(&one);
    GuessSampler *sampler = guess_sampler_new(&s.problem, NULL);
    guess_sampler_run(sampler, 11, MANY_GUESSES, &one.tally);
    guess_sampler_free(sampler);
    ck_assert_uint_gt(one.tally.hits, 100);
    for (int threads = 0; threads <= 3; threads++) {
        begin(&many);
        sample(&s.problem,
               (GuessSampleOptions){.first = 11, .guesses = MANY_GUESSES, .threads = threads},
               &many, false);
        check_equal(&many, &one);
    }
    unset(&s);
}
END_TEST

START_TEST(interrupted_and_continued) {
    Scene s;
    Counted whole, parts;
    Stop after = {.after = 2};
    int runs = 0;
    set(&s, &MANY, GUESS_ZERO_NEGATIVE);
    begin(&whole);
    begin(&parts);
    sample(&s.problem, (GuessSampleOptions){.guesses = MANY_GUESSES, .threads = 2}, &whole, false);
    for (bool stopped = true; stopped; runs++) {
        uint64_t done = parts.tally.guesses;
        GuessSampleOptions options = {.first = done,
                                      .guesses = MANY_GUESSES - done,
                                      .threads = 1 + runs % 3,
                                      .stop = stop,
                                      .user = &after};
        after.calls = 0;
        ck_assert(guess_sample(&s.problem, &options, &parts.tally, &stopped, NULL));
        ck_assert_uint_ge(parts.tally.guesses, done);
        ck_assert(stopped || parts.tally.guesses == MANY_GUESSES);
        after.after += 2;
    }
    ck_assert_int_ge(runs, 2);
    check_equal(&parts, &whole);
    unset(&s);
}
END_TEST

// With a limit of hits the tally ends with the guess of that hit, whatever the blocks.
START_TEST(limit_of_hits) {
    static const uint64_t LIMITS[] = {1, 2, KEPT, 150, 1000000};
    Scene s;
    set(&s, &MANY, GUESS_ZERO_NEGATIVE);
    GuessSampler *sampler = guess_sampler_new(&s.problem, NULL);
    for (size_t i = 0; i < 5; i++) {
        Counted ours, plain;
        GuessSampleOptions options = {.guesses = MANY_GUESSES, .hits = LIMITS[i], .threads = 2};
        begin(&ours);
        sample(&s.problem, options, &ours, false);
        ck_assert_uint_le(ours.tally.hits, LIMITS[i]);
        guess_sampler_run(sampler, 0, ours.tally.guesses, begin(&plain));
        check_equal(&ours, &plain);
        if (LIMITS[i] == 1000000) continue;
        ck_assert_uint_eq(ours.tally.hits, LIMITS[i]);
        guess_sampler_run(sampler, 0, ours.tally.guesses - 1, begin(&plain));
        ck_assert_uint_eq(plain.tally.hits, LIMITS[i] - 1);
        options.first = ours.tally.guesses; // enough already: nothing is added
        sample(&s.problem, options, &ours, false);
        ck_assert_uint_eq(ours.tally.guesses, options.first);
    }
    guess_sampler_free(sampler);
    unset(&s);
}
END_TEST

// ---- ties ----

START_TEST(ties_by_definition) {
    static const int SOME[] = {1, 3, 5, 16, 20}; // in whole numbers
    for (size_t i = 0; i < sizeof SOME / sizeof *SOME; i++) {
        Scene s;
        uint64_t ties, expected = 0;
        float w[256];
        set(&s, &CASES[SOME[i]], GUESS_ZERO_NEGATIVE);
        ck_assert(guess_count_ties(&s.problem, GUESSES, &ties, NULL));
        for (uint64_t t = 0; t < GUESSES; t++) {
            bool zero = false;
            ck_assert(guess_weights(&s.model, SEED, t, w, NULL));
            for (size_t p = 0; p < s.points.n; p++)
                zero |= help_output(&s.model, w, s.points.x + p * s.points.d) == 0;
            expected += zero;
        }
        ck_assert_uint_eq(ties, expected);
        unset(&s);
    }
}
END_TEST

// ---- frequencies ----

typedef struct Frequency {
    const char *model;
    int mask;       // bit i: +1 at point i of {-1, 1}^2
    double vectors; // of 3^k weight vectors that say so, by enumeration
    double of;
} Frequency;

#define SHEET2 "input 2 fc-2 bias=no relu fc-1 bias=no" // the exercise sheet's: no biases
#define SHEET3 "input 2 fc-3 bias=no relu fc-1 bias=no"
#define RELU1  "input 2 fc-1 relu fc-1"
#define RELU2  "input 2 fc-2 relu fc-1"
#define RELU8  "input 2 fc-8 relu fc-1"
#define SIGN2  "input 2 fc-2 sign fc-1"

static const Frequency FREQUENCIES[] = {
    {SHEET2, 0x0, 377, 729},     {SHEET2, 0x8, 45, 729},      {SHEET2, 0x6, 2, 729},
    {SHEET3, 0x0, 7891, 19683},  {SHEET3, 0x8, 1450, 19683},  {SHEET3, 0x6, 168, 19683},
    {RELU1, 0x0, 130, 243},      {RELU1, 0xf, 61, 243},       {RELU1, 0x8, 5, 243},
    {RELU1, 0xa, 5, 243},        {RELU1, 0x7, 3, 243},        {RELU1, 0x6, 0, 243},
    {RELU2, 0x0, 8829, 19683},   {RELU2, 0xf, 3974, 19683},   {RELU2, 0x8, 655, 19683},
    {RELU2, 0xa, 652, 19683},    {RELU2, 0x7, 402, 19683},    {RELU2, 0x6, 22, 19683},
    {SIGN2, 0x0, 7465, 19683},   {SIGN2, 0xf, 2726, 19683},   {SIGN2, 0x8, 841, 19683},
    {SIGN2, 0xa, 846, 19683},    {SIGN2, 0x7, 659, 19683},    {SIGN2, 0x6, 54, 19683},
    {RELU8, 0x0, .270745834, 1}, {RELU8, 0xf, .129124159, 1}, {RELU8, 0x8, .053709597, 1},
    {RELU8, 0x6, .006629595, 1},
};

static void check_frequency(const Frequency *f) {
    enum { DRAWS = 1 << 16 };
    float x[8] = {-1, -1, 1, -1, -1, 1, 1, 1};
    int8_t y[4];
    for (int i = 0; i < 4; i++) y[i] = f->mask >> i & 1 ? 1 : -1;
    GuessPrior prior = help_prior("-1,0,1");
    GuessModel model = help_model(f->model, &prior);
    GuessPoints points = {.d = 2, .n = 4, .all = 4, .x = x, .y = y};
    GuessProblem problem = {.model = &model, .points = &points, .seed = SEED};
    GuessTally tally = {0};
    GuessSampler *sampler = guess_sampler_new(&problem, NULL);
    guess_sampler_run(sampler, 0, DRAWS, &tally);
    double p = f->vectors / f->of, sigma = sqrt(DRAWS * p * (1 - p));
    ck_assert_msg(fabs((double)tally.hits - DRAWS * p) <= 4 * sigma, "%s, mask %x: %g, not %g",
                  f->model, (unsigned)f->mask, (double)tally.hits / DRAWS, p);
    ck_assert_uint_eq(tally.full, tally.hits);
    guess_sampler_free(sampler);
    help_model_free(&model);
}

// Within 4 sigma; of 28 one is not with probability 0.2 %, and the seed is fixed.
START_TEST(frequencies_of_functions) {
    for (size_t i = 0; i < sizeof FREQUENCIES / sizeof *FREQUENCIES; i++)
        check_frequency(&FREQUENCIES[i]);
}
END_TEST

// 713 of 729 networks of the sheet's tie at some point, and 18387 of 19683.
START_TEST(frequencies_of_ties) {
    enum { DRAWS = 20000 };
    static const Frequency TIES[] = {{SHEET2, 0, 713, 729}, {SHEET3, 0, 18387, 19683}};
    float x[8] = {-1, -1, 1, -1, -1, 1, 1, 1};
    int8_t y[4] = {1, 1, 1, 1};
    for (size_t i = 0; i < 2; i++) {
        uint64_t ties;
        double p = TIES[i].vectors / TIES[i].of;
        GuessPrior prior = help_prior("-1,0,1");
        GuessModel model = help_model(TIES[i].model, &prior);
        GuessPoints points = {.d = 2, .n = 4, .all = 4, .x = x, .y = y};
        GuessProblem problem = {.model = &model, .points = &points, .seed = SEED};
        ck_assert(guess_count_ties(&problem, DRAWS, &ties, NULL));
        ck_assert_double_le(fabs((double)ties - DRAWS * p), 4 * sqrt(DRAWS * p * (1 - p)));
        help_model_free(&model);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("guess/sampler");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, methods_agree, 0, CASE_COUNT);
    tcase_add_test(all, thrown_words_agree);
    tcase_add_test(all, every_activation);
    tcase_add_test(all, choice_of_method);
    tcase_add_test(all, any_number_of_threads);
    tcase_add_test(all, interrupted_and_continued);
    tcase_add_test(all, limit_of_hits);
    tcase_add_test(all, ties_by_definition);
    tcase_add_test(all, frequencies_of_functions);
    tcase_add_test(all, frequencies_of_ties);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
