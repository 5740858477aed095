// Priors and models as people write them, and the law of a draw: against a plain loop over the
// stream of base/random.h, and against the laws themselves. Statistical tests have fixed seeds;
// each says how probable its failure would be if the law were right.
#include "guess_help.h"
#include "num/num.h"
#include "run_suite.h"

enum { SEED = 2385 };

// ---- priors ----

typedef struct Said {
    const char *text, *expected; // what is printed, or the error
} Said;

static void check_said(const Said *said, bool levels) {
    GuessPrior prior;
    Error error;
    Text printed = {0};
    bool ok = levels ? guess_read_levels(said->text, "--levels", &prior, &error)
                     : guess_read_prior(said->text, "--prior", &prior, &error);
    if (ok) guess_print_prior(&prior, &printed);
    ck_assert_str_eq(ok ? printed.data : error.text, said->expected);
    text_free(&printed);
}

START_TEST(levels_as_written) {
    static const Said SAID[] = {
        {"-1,0,1", "-1,0,1"},
        {"5", "-2,-1,0,1,2"},
        {"2.50,-0,1e-3", "2.5,0,0.001"},
        {"-1", "--levels: one level alone leaves nothing to guess; two or more, such as -1,1"},
        {"4",
         "--levels: 4 levels; a number of them is odd, from 3 to 255, for whole numbers around "
         "0; others are written out, such as -1,1"},
        {"257", "--levels: 257 levels; a number of them is odd, from 3 to 255, for whole numbers "
                "around 0; others are written out, such as -1,1"},
        {"-1,", "--levels: \"\" is no level; levels are numbers from -1e6 to 1e6, such as -1,0,1"},
        {"", "--levels: \"\" is no level; levels are numbers from -1e6 to 1e6, such as -1,0,1"},
        {"1,x", "--levels: \"x\" is no level; levels are numbers from -1e6 to 1e6, such as -1,0,1"},
        {"1,nan",
         "--levels: \"nan\" is no level; levels are numbers from -1e6 to 1e6, such as -1,0,1"},
        {"1,1.1e6",
         "--levels: \"1.1e6\" is no level; levels are numbers from -1e6 to 1e6, such as -1,0,1"},
        {"1,2,1", "--levels: level 1 stands there twice; levels are equally probable"},
        {"0,-0", "--levels: level 0 stands there twice; levels are equally probable"},
    };
    for (size_t i = 0; i < sizeof SAID / sizeof *SAID; i++) check_said(&SAID[i], true);
}
END_TEST

START_TEST(priors_as_written) {
    static const Said SAID[] = {
        {"normal", "normal:1"},
        {"normal:2.50", "normal:2.5"},
        {"uniform:1e-6", "uniform:1e-06"},
        {"levels", "--prior is \"levels\"; it takes normal or uniform, or normal:SCALE"},
        {"norm:1", "--prior is \"norm:1\"; it takes normal or uniform, or normal:SCALE"},
        {"uniform:", "--prior: the scale \"\" is no number from 1e-6 to 1e6"},
        {"normal:0", "--prior: the scale \"0\" is no number from 1e-6 to 1e6"},
        {"normal:nan", "--prior: the scale \"nan\" is no number from 1e-6 to 1e6"},
    };
    for (size_t i = 0; i < sizeof SAID / sizeof *SAID; i++) check_said(&SAID[i], false);
}
END_TEST

START_TEST(too_many_levels) {
    Text text = {0};
    GuessPrior prior;
    Error error;
    for (int i = 0; i < 256; i++) text_printf(&text, i ? ",%d" : "%d", i);
    ck_assert(guess_read_levels(text.data, "a.yaml:3:9", &prior, &error));
    ck_assert_uint_eq(prior.levels, 256);
    text_add(&text, ",256");
    ck_assert(!guess_read_levels(text.data, "a.yaml:3:9", &prior, &error));
    ck_assert_str_eq(error.text, "a.yaml:3:9: up to 256 levels");
    text_free(&text);
}
END_TEST

START_TEST(zero_among_levels) {
    GuessPrior with = help_prior("1,-0,2"), without = help_prior("-1,1"),
               normal = help_prior("normal");
    ck_assert(guess_has_zero(&with));
    ck_assert(!guess_has_zero(&without));
    ck_assert(!guess_has_zero(&normal));
}
END_TEST

// ---- models ----

#define DENSE_ONLY "only dense networks can be guessed: fc layers and activations between them\n"
#define ONE_OUTPUT "a guess says yes or no: the network needs one output, as of fc-1\n"

START_TEST(refused_models) {
    static const Said SAID[] = {
        {"input 4 fc-8 dropout fc-1",
         "model:1:14: dropout1: " DENSE_ONLY "    input 4 fc-8 dropout fc-1\n"
         "                 ^~~~~~~"},
        {"input 4 fc-1 softmax", "model:1:14: softmax1: " DENSE_ONLY "    input 4 fc-1 softmax\n"
                                 "                 ^~~~~~~"},
        {"input 4 residual { fc-4 } fc-1",
         "model:1:9: residual1: " DENSE_ONLY "    input 4 residual { fc-4 } fc-1\n"
         "            ^~~~~~~~"},
        {"input 4 fc-8 relu fc-2", "model:1:19: fc2: " ONE_OUTPUT "    input 4 fc-8 relu fc-2\n"
                                   "                      ^~"},
        {"input 1 relu", "the network has no weights to draw"},
        {"input 70000 fc-1000 fc-1",
         "the network has 70002001 weights; up to 67108864 can be guessed"},
    };
    GuessPrior prior = help_prior("-1,1");
    GuessModel model;
    Error error;
    for (size_t i = 0; i < sizeof SAID / sizeof *SAID; i++) {
        NetProgram *program = net_parse("model", SAID[i].text, strlen(SAID[i].text), &error);
        Net *net = net_build(program, NULL, &error);
        ck_assert(!guess_model(program, net, &prior, &model, &error));
        ck_assert_str_eq(error.text, SAID[i].expected);
        net_free(net);
        net_program_free(program);
    }
}
END_TEST

// q^digits <= 2^21 < q^(digits + 1)
START_TEST(digits_of_a_word) {
    static const struct {
        size_t q, digits, words; // of 26 weights
    } CASES[] = {{2, 21, 2},  {3, 13, 2},   {5, 9, 3},   {7, 7, 4},
                 {128, 3, 9}, {129, 2, 13}, {256, 2, 13}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        GuessPrior prior = help_levels(CASES[i].q);
        GuessModel model = help_model("input 3 fc-5 relu fc-1", &prior);
        ck_assert_uint_eq(model.weights, 26);
        ck_assert_uint_eq(model.widest, 5);
        ck_assert_uint_eq(model.digits, CASES[i].digits);
        ck_assert_uint_eq(model.words, CASES[i].words);
        help_model_free(&model);
    }
}
END_TEST

// ---- a draw, word by word ----

static uint32_t stream_number(uint64_t seed, uint64_t t, uint64_t place) {
    Random random = random_stream(seed, RANDOM_GUESS, t);
    random.counter[0] = (uint32_t)(place / 4);
    for (uint64_t i = 0; i < place % 4; i++) random_bits(&random);
    return random_bits(&random);
}

// Weights of guess t by the definition in guess.h; adds the words thrown away to *thrown.
static void plain_draw(const GuessModel *model, uint64_t seed, uint64_t t, float *w,
                       size_t *thrown) {
    uint64_t q = model->prior.levels;
    for (size_t i = 0; i * model->digits < model->weights; i++) {
        size_t left = model->weights - i * model->digits;
        size_t g = left < model->digits ? left : model->digits;
        uint64_t outcomes = 1;
        for (size_t j = 0; j < g; j++) outcomes *= q;
        for (uint64_t a = 0;; a++) {
            uint64_t word = stream_number(seed, t, i + (a << 26)), code = word * outcomes >> 32;
            for (size_t j = g; j-- > 0; code /= q)
                w[i * model->digits + j] = (float)model->prior.level[code % q];
            if ((uint32_t)(word * outcomes) >= (UINT64_C(1) << 32) % outcomes) break;
            ++*thrown;
        }
    }
}

static void check_draws(const char *text, const GuessPrior *prior, uint64_t first, size_t *thrown) {
    GuessModel model = help_model(text, prior);
    float *drawn = memory_new(model.weights, sizeof *drawn);
    float *plain = memory_new(model.weights, sizeof *plain);
    for (uint64_t t = first; t < first + 150; t++) {
        ck_assert(guess_weights(&model, SEED, t, drawn, NULL));
        plain_draw(&model, SEED, t, plain, thrown);
        ck_assert_mem_eq(drawn, plain, model.weights * sizeof *drawn);
    }
    memory_free(drawn);
    memory_free(plain);
    help_model_free(&model);
}

static const char *const ISAS[] = {"generic", "avx2", "avx512"};
enum { ISA_COUNT = 3 };

// First numbers near 2^32: the upper half of the counter moves within a group of 16.
START_TEST(draws_by_definition) {
    static const char *const MODELS[] = {"input 1 fc-1 bias=no", "input 7 fc-1 bias=no",
                                         "input 3 fc-5 relu fc-1",
                                         "input 11 fc-9 bias=no relu fc-1"};
    static const size_t QS[] = {2, 3, 5, 7, 16, 17, 256};
    size_t thrown = 0;
    setenv("BENIGN_ISA", ISAS[_i], 1);
    for (size_t m = 0; m < 4; m++) {
        for (size_t i = 0; i < sizeof QS / sizeof *QS; i++) {
            GuessPrior prior = help_levels(QS[i]);
            check_draws(MODELS[m], &prior, m % 2 ? 0 : (UINT64_C(5) << 32) - 77, &thrown);
        }
        GuessPrior uneven = help_prior("0.3,-1,7,1e-3,5"), many = help_levels(40);
        many.level[7] = 2.385;
        check_draws(MODELS[m], &uneven, 3, &thrown);
        check_draws(MODELS[m], &many, 3, &thrown);
    }
    ck_assert_uint_ge(thrown, 1);
}
END_TEST

// ---- the law of the digits ----

// Upper quantile of chi-square by Wilson, Hilferty 1931: exceeded with probability 1e-9.
static double chi_square_limit(double freedom) {
    double a = 2 / (9 * freedom), z = 5.998;
    return freedom * pow(1 - a + z * sqrt(a), 3);
}

static void check_uniform(const size_t *count, size_t cells, size_t draws) {
    double expected = (double)draws / (double)cells, sum = 0;
    for (size_t c = 0; c < cells; c++) {
        double off = (double)count[c] - expected;
        sum += off * off / expected;
    }
    ck_assert_msg(sum < chi_square_limit((double)cells - 1), "chi-square %g of %zu cells", sum,
                  cells);
}

// Every weight alone and with the next one; fails with probability below 1e-6.
START_TEST(weights_are_uniform) {
    static const size_t QS[] = {2, 3, 5, 7, 256};
    enum { DRAWS = 8000, WEIGHTS = 26 };
    static size_t one[WEIGHTS][256], two[WEIGHTS][49];
    size_t q = QS[_i];
    GuessPrior prior = help_levels(q);
    GuessModel model = help_model("input 3 fc-5 relu fc-1", &prior);
    float w[WEIGHTS];
    for (uint64_t t = 0; t < DRAWS; t++) {
        ck_assert(guess_weights(&model, SEED, t, w, NULL));
        for (size_t i = 0; i < WEIGHTS; i++) {
            size_t c = (size_t)(w[i] + (float)(q / 2)), next = (i + 1) % WEIGHTS;
            one[i][c]++;
            if (q < 10) two[i][c * q + (size_t)(w[next] + (float)(q / 2))]++;
        }
    }
    for (size_t i = 0; i < WEIGHTS; i++) {
        check_uniform(one[i], q, DRAWS);
        if (q < 10) check_uniform(two[i], q * q, DRAWS);
    }
    help_model_free(&model);
}
END_TEST

// What stands in for words thrown away is uniform, too: three digits of q = 127 lose one word in
// 2759. Fails with probability below 1e-8.
START_TEST(redraws_are_uniform) {
    enum { Q = 127, DIGITS = 3, WORDS = 1500000 };
    static size_t count[DIGITS][Q];
    const uint64_t outcomes = (uint64_t)Q * Q * Q, least = (UINT64_C(1) << 32) % outcomes;
    GuessPrior prior = help_levels(Q);
    GuessModel model = help_model("input 3 fc-1 bias=no", &prior);
    float w[DIGITS];
    size_t redrawn = 0;
    for (uint64_t t = 0; t < WORDS; t++) {
        Random random = random_stream(SEED, RANDOM_GUESS, t);
        if ((uint32_t)(random_bits(&random) * outcomes) >= least) continue;
        redrawn++;
        ck_assert(guess_weights(&model, SEED, t, w, NULL));
        for (size_t i = 0; i < DIGITS; i++) count[i][(size_t)(w[i] + Q / 2)]++;
    }
    ck_assert_uint_ge(redrawn, 300);
    for (size_t i = 0; i < DIGITS; i++) check_uniform(count[i], Q, redrawn);
    help_model_free(&model);
}
END_TEST

// ---- continuous priors ----

static double normal_law(double x) {
    return erfc(-x / sqrt(2)) / 2;
}

static double uniform_law(double x) {
    return fmin(1, fmax(0, (x / sqrt(3) + 1) / 2));
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Mean, variance and the distance of Kolmogorov and Smirnov; each fails with probability 1e-7.
static void check_law(double *v, size_t n, double kurtosis, double (*law)(double)) {
    double mean = 0, square = 0, distance = 0, root = sqrt((double)n);
    for (size_t i = 0; i < n; i++) mean += v[i] / (double)n, square += v[i] * v[i] / (double)n;
    ck_assert_msg(fabs(mean) < 5.33 / root, "mean %g", mean);
    ck_assert_msg(fabs(square - 1) < 5.33 * sqrt(kurtosis - 1) / root, "variance %g", square);
    qsort(v, n, sizeof *v, compare);
    for (size_t i = 0; i < n; i++) {
        double p = law(v[i]), low = (double)i / (double)n, high = (double)(i + 1) / (double)n;
        distance = fmax(distance, fmax(fabs(p - low), fabs(p - high)));
    }
    ck_assert_msg(distance < 2.9 / root, "distance %g", distance); // 2 exp(-2 * 2.9^2)
}

// All weights, divided by scale / sqrt(fan_in), and all pairs of them.
START_TEST(continuous_laws) {
    enum { DRAWS = 6000, WEIGHTS = 11 };
    static double v[WEIGHTS][DRAWS];
    GuessPrior prior = help_prior(_i ? "uniform:2.385" : "normal:2.385");
    GuessModel model = help_model("input 3 fc-2 tanh fc-1", &prior);
    float w[WEIGHTS];
    for (uint64_t t = 0; t < DRAWS; t++) {
        ck_assert(guess_weights(&model, SEED, t, w, NULL));
        for (size_t i = 0; i < WEIGHTS; i++) // 6 + 2 of fan-in 3, then 2 + 1 of fan-in 2
            v[i][t] = (double)w[i] / 2.385 * sqrt(i < 8 ? 3 : 2);
    }
    for (size_t i = 0; i < WEIGHTS; i++) {
        for (size_t j = 0; j < i; j++) {
            double sum = 0;
            for (size_t t = 0; t < DRAWS; t++) sum += v[i][t] * v[j][t] / DRAWS;
            ck_assert_msg(fabs(sum) < 5.33 / sqrt(DRAWS), "weights %zu, %zu: %g", i, j, sum);
        }
    }
    for (size_t i = 0; i < WEIGHTS; i++)
        check_law(v[i], DRAWS, _i ? 1.8 : 3, _i ? uniform_law : normal_law);
    help_model_free(&model);
}
END_TEST

// By the definition in guess.h, in double: single precision is within 3e-6 of it.
START_TEST(continuous_by_definition) {
    enum { WEIGHTS = 11 };
    GuessPrior prior = help_prior(_i ? "uniform" : "normal");
    GuessModel model = help_model("input 3 fc-2 tanh fc-1", &prior);
    float w[WEIGHTS];
    for (uint64_t t = 0; t < 300; t++) {
        double v[WEIGHTS + 1];
        for (uint64_t i = 0; i <= WEIGHTS; i++)
            v[i] = 0x1p-24 * (2.0 * (stream_number(SEED, t, i) >> 8) + 1) - 1;
        ck_assert(guess_weights(&model, SEED, t, w, NULL));
        for (size_t i = 0; i < WEIGHTS; i++) {
            double pi = acos(-1), r = sqrt(-2 * log((1 + v[i & ~1u]) / 2));
            double expected = _i      ? sqrt(3) * v[i]
                              : i % 2 ? r * sin(pi * v[i])
                                      : r * cos(pi * v[i + 1]);
            double fan = i < 8 ? 3 : 2;
            ck_assert_double_eq_tol((double)w[i], expected / sqrt(fan), 3e-6);
        }
    }
    help_model_free(&model);
}
END_TEST

START_TEST(same_bits_on_every_instruction_set) {
    static const char *const PRIORS[] = {"normal:0.7", "uniform", "-1,0,1", "0.3,1,7"};
    for (size_t p = 0; p < 4; p++) {
        GuessPrior prior = help_prior(PRIORS[p]);
        GuessModel model = help_model("input 7 fc-5 tanh fc-1", &prior);
        float w[2][46];
        for (uint64_t t = 0; t < 50; t++) {
            for (int i = 0; i < 2; i++) {
                setenv("BENIGN_ISA", ISAS[1 + i], 1);
                ck_assert(guess_weights(&model, SEED, t, w[i], NULL));
            }
            ck_assert_mem_eq(w[0], w[1], sizeof w[0]);
        }
        help_model_free(&model);
    }
}
END_TEST

// ---- outputs ----

START_TEST(outputs_by_definition) {
    static const char *const MODELS[] = {"input 3 fc-5 relu fc-1",
                                         "input 3 relu fc-4 tanh fc-3 fc-1", "input 3 fc-1",
                                         "input 3x1x1 flatten fc-7 sign fc-1"};
    const float x[19 * 3] = {0.5f, -1.25f, 2.385f, 1, -1, 0, 3, 0.1f, -0.7f};
    GuessPrior prior = help_prior("normal");
    for (size_t m = 0; m < 4; m++) {
        GuessModel model = help_model(MODELS[m], &prior);
        float w[64], u[19];
        ck_assert(guess_weights(&model, SEED, 5, w, NULL));
        ck_assert(guess_outputs(&model, w, 19, x, u, NULL));
        for (size_t i = 0; i < 19; i++)
            ck_assert_double_eq_tol((double)u[i], help_output(&model, w, x + 3 * i), 1e-5);
        help_model_free(&model);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("guess/model");
    TCase *all = tcase_create("all");
    tcase_add_test(all, levels_as_written);
    tcase_add_test(all, priors_as_written);
    tcase_add_test(all, too_many_levels);
    tcase_add_test(all, zero_among_levels);
    tcase_add_test(all, refused_models);
    tcase_add_test(all, digits_of_a_word);
    tcase_add_loop_test(all, draws_by_definition, 0, ISA_COUNT);
    tcase_add_loop_test(all, weights_are_uniform, 0, 5);
    tcase_add_test(all, redraws_are_uniform);
    tcase_add_loop_test(all, continuous_laws, 0, 2);
    tcase_add_loop_test(all, continuous_by_definition, 0, 2);
    tcase_add_test(all, same_bits_on_every_instruction_set);
    tcase_add_test(all, outputs_by_definition);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
