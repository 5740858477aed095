// The exact count against published numbers, brute force, and big integers of Python.
#include "exact_help.h"
#include "exact_reference.h"

// memory_try gets its memory here, or not: allocation number `fail` fails.
static size_t allocations, fail = SIZE_MAX;

void *aligned_alloc(size_t alignment, size_t size) {
    void *block = NULL;
    if (allocations++ == fail || posix_memalign(&block, alignment, size)) return NULL;
    return block;
}

// ---- known numbers ----

typedef struct Known {
    const char *net;
    uint64_t mask;
    const char *count, *total, *ties; // ties: NULL where not known
} Known;

#define SHEET(d1)     "input 2 fc-" #d1 " bias=no relu fc-1 bias=no"
#define CUBE(d1, phi) "input 2 fc-" #d1 " " #phi " fc-1"

// Levels -1, 0, 1; an output of 0 says -1.
static const Known KNOWN[] = {
    {SHEET(2), 0x0, "377", "729", "713"},        {SHEET(2), 0x8, "45", "729", "713"},
    {SHEET(2), 0x6, "2", "729", "713"},          {SHEET(3), 0x0, "7891", "19683", "18387"},
    {SHEET(3), 0x8, "1450", "19683", "18387"},   {SHEET(3), 0x6, "168", "19683", "18387"},
    {CUBE(1, relu), 0x0, "130", "243", NULL},    {CUBE(1, relu), 0xf, "61", "243", NULL},
    {CUBE(1, relu), 0x8, "5", "243", NULL},      {CUBE(1, relu), 0xa, "5", "243", NULL},
    {CUBE(1, relu), 0x7, "3", "243", NULL},      {CUBE(1, relu), 0x6, "0", "243", NULL},
    {CUBE(2, relu), 0x0, "8829", "19683", NULL}, {CUBE(2, relu), 0xf, "3974", "19683", NULL},
    {CUBE(2, relu), 0x8, "655", "19683", NULL},  {CUBE(2, relu), 0xa, "652", "19683", NULL},
    {CUBE(2, relu), 0x7, "402", "19683", NULL},  {CUBE(2, relu), 0x6, "22", "19683", NULL},
    {CUBE(2, sign), 0x0, "7465", "19683", NULL}, {CUBE(2, sign), 0xf, "2726", "19683", NULL},
    {CUBE(2, sign), 0x8, "841", "19683", NULL},  {CUBE(2, sign), 0xa, "846", "19683", NULL},
    {CUBE(2, sign), 0x7, "659", "19683", NULL},  {CUBE(2, sign), 0x6, "54", "19683", NULL},
};

static void check_known(const Known *known) {
    Problem *p = problem_new(known->net, "-1,0,1");
    GuessExact exact = count_of(p);
    ck_assert_str_eq(function_count(&exact, known->mask), known->count);
    ck_assert_str_eq(exact.total, known->total);
    if (known->ties) ck_assert_str_eq(exact.ties, known->ties);
    guess_exact_free(&exact);
    problem_free(p);
}

START_TEST(known_numbers) {
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) check_known(&KNOWN[i]);
}
END_TEST

START_TEST(wide_shares) {
    static const struct {
        uint64_t mask;
        double share;
    } SHARES[] = {{0x0, .270745834}, {0xf, .129124159}, {0x8, .053709597}, {0x6, .006629595}};
    int seen = 0;
    Problem *p = problem_new(CUBE(8, relu), "-1,0,1");
    problem_labels(p, 0x8, 4);
    GuessExact exact = count_of(p);
    for (size_t i = 0; i < 4; i++) {
        for (size_t f = 0; f < exact.functions; f++) {
            if (exact.function[f].mask != SHARES[i].mask) continue;
            ck_assert_double_eq_tol(exact.function[f].share, SHARES[i].share, 5e-10);
            seen++;
        }
    }
    ck_assert_int_eq(seen, 4);
    ck_assert_str_eq(exact.full, function_count(&exact, 0x8));
    ck_assert_double_eq_tol(exact.p_star, SHARES[2].share, 5e-10);
    ck_assert_double_eq(exact.probability, exact.p_star);
    ck_assert_double_eq(exact.mean_error, 0);
    guess_exact_free(&exact);
    problem_free(p);
}
END_TEST

START_TEST(majority_of_three) {
    Problem *p = problem_new("input 3 fc-2 relu fc-1", "-1,0,1");
    problem_labels(p, 0xe8, 4);
    GuessExact exact = count_of(p);
    ck_assert_str_eq(exact.total, "177147");
    ck_assert_str_eq(exact.full, "1418");
    ck_assert_str_eq(exact.hits, "5145");
    ck_assert_double_eq(exact.p_star, 1418 / 177147.);
    ck_assert_double_eq(exact.probability, 5145 / 177147.);
    guess_exact_free(&exact);
    problem_free(p);
}
END_TEST

// ---- brute force ----

typedef struct Small {
    const char *net, *levels;
    float x[24]; // empty: the cube
    size_t all;  // 0: the cube
} Small;

static const Small SMALL[] = {
    {"input 2 fc-2 relu fc-1", "-1.5,0,0.25", {0}, 0},
    {"input 2 fc-2 hardtanh fc-1", "-1.5,0.25,2", {.5f, -1, .25f, 2, -.75f, .1f, .5f, -1}, 4},
    {"input 1 fc-2 leaky slope=0.25 fc-1", "-1.5,0,0.25,2", {-2, -.5f, .25f, 1.5f, 3}, 5},
    {"input 2 fc-2 bias=no sign fc-2 bias=no relu fc-1 bias=no", "-1,0.5", {0}, 0},
    {"input 2 fc-2 bias=no relu fc-2 bias=no hardtanh fc-1 bias=no", "-1,0.5", {0}, 0},
    {"input 2 fc-2 hardtanh fc-2 relu fc-1", "-0.5,2", {1, .5f, -1, .25f, 2, -3}, 3},
    {"input 1 fc-3 bias=no relu fc-2 sign fc-1", "-1,1", {-1, 0, .5f, 2}, 4},
    {"input 1 fc-1 relu fc-1 leaky slope=0.5 fc-2 bias=no sign fc-1", "-1,0,1", {-1, .5f, 2}, 3},
    {"input 3 fc-1", "-1.5,0,0.25,2", {0}, 0},
    {"input 4 fc-1 bias=no", "-1,0,1", {0}, 0},
    {"input 2 fc-2 bias=no fc-1", "-1,0,2", {1, 1, .5f, .25f, -1, 0, 0, 0}, 4},
    {"input 2 fc-3 bias=no leaky slope=0.125 fc-1 bias=no", "-1,0,1", {0}, 0},
    {"input 2 relu fc-2 bias=no sign fc-1 sign", "-1,0,1", {2, -1, -1, .5f, .25f, 1}, 3},
    {"input 2 relu fc-2 relu fc-1", "-2,-1,1", {0}, 0},
    {"input 2 relu fc-2 relu fc-1", "-1,0,1", {-1, 1, -2, 1, 1, -1, 1, 1}, 4},
    {"input 1 fc-2 relu fc-1", "-1,0.25,2", {1000.125f, -999.5f, 3, -7}, 4},
    {"input 2 fc-2 bias=no hardtanh relu fc-1 relu", "-1,0,0.5", {0}, 0},
    {"input 2 fc-2 bias=no relu sign fc-1 leaky slope=0", "-1,0,1", {0}, 0},
};

enum { WIDEST = 8, ALL_MOST = 64 };

static double activate(const Layer *layer, double u) {
    const char *name = layer->kind->name;
    if (strcmp(name, "relu") == 0) return u > 0 ? u : 0;
    if (strcmp(name, "sign") == 0) return u > 0 ? 1 : -1;
    if (strcmp(name, "hardtanh") == 0) return u > 1 ? 1 : u < -1 ? -1 : u;
    return u > 0 ? u : u * layer->option[0].real;
}

// All numbers are multiples of 1/64 or so, but for 0.1f: sums are exact up to that.
static double output(const Net *net, const double *w, const float *x) {
    double u[WIDEST], v[WIDEST];
    for (int64_t i = 0; i < shape_count(&net->input); i++) u[i] = round(1e6 * (double)x[i]) / 1e6;
    for (size_t l = 0; l < net->layers; l++) {
        const Layer *layer = &net->layer[l];
        int64_t in = shape_count(&layer->in), out = shape_count(&layer->out);
        for (int64_t o = 0; o < out; o++) {
            if (layer->kind->is_activation) {
                v[o] = activate(layer, u[o]);
                continue;
            }
            v[o] = layer->slots > 1 ? w[layer->slot[1].offset + o] : 0;
            for (int64_t i = 0; i < in; i++) v[o] += w[layer->slot[0].offset + o * in + i] * u[i];
        }
        memcpy(u, v, sizeof u);
    }
    return fabs(u[0]) < 1e-9 ? 0 : u[0];
}

typedef struct Brute {
    uint64_t mask[1024], count[1024];
    size_t functions;
    uint64_t total, ties, hits, full;
    double wrong;
} Brute;

static void add_vector(const Problem *p, const double *u, GuessZero zero, Brute *brute) {
    uint64_t mask = 0;
    size_t right = 0, first = 0, zeros = 0;
    for (size_t i = 0; i < p->points.all; i++) {
        bool agrees = guess_agrees((float)u[i], p->points.y[i], zero);
        mask |= (uint64_t)(u[i] > 0 || (u[i] == 0 && zero == GUESS_ZERO_POSITIVE)) << i;
        zeros += u[i] == 0;
        right += agrees;
        first += agrees && i < p->points.n;
    }
    brute->total++;
    brute->ties += zeros > 0;
    brute->full += right == p->points.all;
    brute->hits += first == p->points.n;
    if (first == p->points.n) brute->wrong += 1 - (double)right / (double)p->points.all;
    if (zeros && zero == GUESS_ZERO_WRONG) return;
    size_t f = 0;
    while (f < brute->functions && brute->mask[f] != mask) f++;
    REQUIRE(f < 1024); // a ck_assert here, once a vector, would take most of the time
    if (f == brute->functions) brute->mask[brute->functions++] = mask;
    brute->count[f]++;
}

// All weight vectors, under each of the three conventions.
static void brute_force(const Problem *p, Brute *brute) {
    size_t k = p->model.weights, digit[64] = {0}, i = 0;
    double w[64], u[ALL_MOST];
    do {
        for (i = 0; i < k; i++) w[i] = p->model.prior.level[digit[i]];
        for (i = 0; i < p->points.all; i++) u[i] = output(p->net, w, p->points.x + i * p->points.d);
        for (int zero = GUESS_ZERO_NEGATIVE; zero <= GUESS_ZERO_WRONG; zero++)
            add_vector(p, u, (GuessZero)zero, &brute[zero]);
        for (i = 0; i < k && ++digit[i] == p->model.prior.levels; i++) digit[i] = 0;
    } while (i < k);
}

static void same_number(const char *text, uint64_t number) {
    char expected[32];
    snprintf(expected, sizeof expected, "%llu", (unsigned long long)number);
    ck_assert_str_eq(text, expected);
}

static void compare(const GuessExact *exact, const Brute *brute) {
    same_number(exact->total, brute->total);
    same_number(exact->ties, brute->ties);
    same_number(exact->hits, brute->hits);
    same_number(exact->full, brute->full);
    ck_assert_uint_eq(exact->functions, brute->functions);
    ck_assert_uint_eq(exact->distinct, brute->functions);
    for (size_t f = 0; f < brute->functions; f++) {
        same_number(function_count(exact, brute->mask[f]), brute->count[f]);
        if (f == 0) continue;
        const GuessFunction *a = &exact->function[f - 1], *b = a + 1;
        ck_assert(a->share > b->share || (a->share == b->share && a->mask < b->mask));
    }
    if (brute->hits) {
        ck_assert_double_eq_tol(exact->mean_error, brute->wrong / (double)brute->hits, 1e-12);
    } else {
        ck_assert(isnan(exact->mean_error));
    }
    ck_assert_double_eq_tol(exact->probability, (double)brute->hits / (double)brute->total, 1e-15);
    ck_assert_double_eq_tol(exact->p_star, (double)brute->full / (double)brute->total, 1e-15);
    ck_assert_double_eq_tol(exact->tie_share, (double)brute->ties / (double)brute->total, 1e-15);
}

START_TEST(brute_forced) {
    const Small *small = &SMALL[_i];
    Problem *p = problem_new(small->net, small->levels);
    if (small->all) problem_points(p, small->all, small->x);
    problem_labels(p, 0x9c6a, p->points.all / 2 + (size_t)_i % 2);
    Brute *brute = memory_new(3, sizeof *brute);
    brute_force(p, brute);
    for (int zero = GUESS_ZERO_NEGATIVE; zero <= GUESS_ZERO_WRONG; zero++) {
        p->problem.zero = (GuessZero)zero;
        GuessExact exact = count_of(p);
        compare(&exact, &brute[zero]);
        guess_exact_free(&exact);
    }
    memory_free(brute);
    problem_free(p);
}
END_TEST

// ---- properties ----

static void add_decimal(char *sum, size_t digits, const char *number) { // sum: digits '0' ..
    size_t length = strlen(number);
    int carry = 0;
    for (size_t i = 0; i < digits; i++) {
        int digit = sum[digits - 1 - i] - '0' + carry;
        if (i < length) digit += number[length - 1 - i] - '0';
        sum[digits - 1 - i] = (char)('0' + digit % 10);
        carry = digit / 10;
    }
}

START_TEST(counts_sum_to_the_total) {
    Problem *p = problem_new("input 3 fc-3 relu fc-1", "-1,0,1");
    GuessExact exact = count_of(p);
    char sum[64];
    size_t digits = strlen(exact.total);
    memset(sum, '0', digits);
    sum[digits] = 0;
    double share = 0;
    for (size_t f = 0; f < exact.functions; f++) {
        add_decimal(sum, digits, exact.function[f].count);
        share += exact.function[f].share;
    }
    ck_assert_str_eq(sum, exact.total);
    ck_assert_double_eq_tol(share, 1, 1e-13);
    ck_assert_uint_gt(exact.functions, 200);
    guess_exact_free(&exact);
    problem_free(p);
}
END_TEST

// Points in another order, one of them twice: the masks follow.
START_TEST(permuted_points) {
    static const float X[] = {1, .5f, -1, .25f, 2, -3, -.5f, -1};
    static const size_t ORDER[] = {2, 0, 3, 1, 0};
    Problem *p = problem_new("input 2 fc-2 hardtanh fc-1", "-1,0,0.5,2"), *q;
    q = problem_new("input 2 fc-2 hardtanh fc-1", "-1,0,0.5,2");
    float x[10];
    for (size_t i = 0; i < 5; i++) memcpy(x + 2 * i, X + 2 * ORDER[i], 2 * sizeof *x);
    problem_points(p, 4, X);
    problem_points(q, 5, x);
    GuessExact a = count_of(p), b = count_of(q);
    ck_assert_uint_eq(a.functions, b.functions);
    ck_assert_str_eq(a.ties, b.ties);
    for (size_t f = 0; f < a.functions; f++) {
        uint64_t mask = 0;
        for (size_t i = 0; i < 5; i++) mask |= (a.function[f].mask >> ORDER[i] & 1) << i;
        ck_assert_str_eq(function_count(&b, mask), a.function[f].count);
    }
    guess_exact_free(&a);
    guess_exact_free(&b);
    problem_free(p);
    problem_free(q);
}
END_TEST

// ---- large numbers ----

START_TEST(big_numbers) {
    enum { LIMBS = 4 };
    uint64_t ones[LIMBS] = {UINT64_MAX, UINT64_MAX, UINT64_MAX}, one = 1, seven[LIMBS];
    uint64_t sum[LIMBS], two[2] = {UINT64_MAX, UINT64_MAX};
    memcpy(sum, ones, sizeof sum);
    big_add_product(LIMBS, sum, 1, &one, 1, &one); // carries through three limbs: 2^192
    ck_assert(sum[0] == 0 && sum[1] == 0 && sum[2] == 0 && sum[3] == 1);
    ck_assert_int_eq(big_compare(LIMBS, sum, ones), 1);
    char *text = big_print(LIMBS, sum, NULL);
    ck_assert_str_eq(text, "6277101735386680763835789423207666416102355444464034512896");
    memory_free(text);
    memset(sum, 0, sizeof sum);
    big_add_product(LIMBS, sum, 2, two, 2, two); // (2^128 - 1)^2 = 2^256 - 2^129 + 1
    ck_assert(sum[0] == 1 && sum[1] == 0 && sum[2] == UINT64_MAX - 1 && sum[3] == UINT64_MAX);
    big_power(LIMBS, seven, 7, 83);
    text = big_print(LIMBS, seven, NULL);
    ck_assert_str_eq(text,
                     "13903921949820524683398592075392719113700201232097144724944011875664343");
    memory_free(text);
    ck_assert_uint_eq(big_divide(LIMBS, seven, 1000), 343);
    ck_assert_double_eq_tol(big_ratio(LIMBS, seven, ones), 2215022559.127603, 1e-5);
    ck_assert_uint_eq(big_limbs(2, 63), 1);
    ck_assert_uint_eq(big_limbs(2, 64), 2);
    ck_assert_uint_eq(big_limbs(3, 40), 1); // 63.4 bits
    ck_assert_uint_eq(big_limbs(3, 41), 2);
    uint64_t none[LIMBS] = {0};
    text = big_print(LIMBS, none, NULL);
    ck_assert_str_eq(text, "0");
    memory_free(text);
}
END_TEST

// Among so many keys some pairs share all 32 bits of their tag.
START_TEST(large_table) {
    enum { KEYS = 300000 };
    ExactBudget budget = {.limit = 1 << 30};
    Table table = exact_table_new(&budget, 2, 1);
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < KEYS; i++) {
            uint64_t *count = exact_table_at(&table, (const uint64_t[]){i * i, ~i}, NULL);
            REQUIRE(count && *count == (round ? i : 0));
            *count = i;
        }
    }
    ck_assert_uint_eq(table.states, KEYS);
    ck_assert_uint_eq(budget.states, KEYS);
    ck_assert_uint_eq(exact_table_key(&table, 2385)[0], 2385 * 2385);
    exact_table_free(&table);
    ck_assert_uint_eq(budget.used, 0);
    ck_assert_uint_eq(budget.states, 0);
}
END_TEST

START_TEST(references) {
    const Reference *reference = &REFERENCE[_i];
    Problem *p = problem_new(reference->net, reference->levels);
    problem_points(p, reference->all, reference->x);
    GuessExact exact = count_of(p);
    ck_assert_str_eq(exact.total, reference->total);
    ck_assert_str_eq(exact.ties, reference->ties);
    ck_assert_uint_eq(exact.functions, reference->functions);
    for (size_t f = 0; f < exact.functions; f++) {
        ck_assert_uint_eq(exact.function[f].mask, reference->function[f].mask);
        ck_assert_str_eq(exact.function[f].count, reference->function[f].count);
        ck_assert_double_eq_tol(exact.function[f].share / reference->function[f].share, 1, 1e-15);
    }
    guess_exact_free(&exact);
    problem_free(p);
}
END_TEST

// ---- errors ----

static void refused(const Problem *p, const char *message) {
    GuessExact exact;
    Error error = {0};
    ck_assert(!guess_exact(&p->problem, &exact, &error));
    ck_assert_str_eq(error.text, message);
    ck_assert_int_eq(error.kind, ERROR_INPUT);
    ck_assert_ptr_null(exact.function);
}

static void net_refused(const char *net, const char *levels, float x, const char *message) {
    Problem *p = problem_new(net, levels);
    p->points.x[1] = x;
    refused(p, message);
    problem_free(p);
}

START_TEST(errors) {
    net_refused("input 2 fc-2 tanh fc-1", "-1,1", 1,
                "tanh1: an exact count takes relu, sign, hardtanh, leaky or no activation");
    net_refused("input 2 fc-2 leaky slope=0.1234567 fc-1", "-1,1", 1,
                "leaky1: slope 0.1234567: an exact count takes decimals of up to 6 digits behind "
                "the point, from -1e6 to 1e6");
    net_refused("input 2 fc-2 relu fc-1", "-1,0.1234567", 1,
                "level 0.1234567: an exact count takes decimals of up to 6 digits behind the "
                "point, from -1e6 to 1e6");
    net_refused("input 2 fc-2 relu fc-1", "-1,1", 1.f / 3,
                "point 0, input 1 is 0.333333343: an exact count takes decimals of up to 6 digits "
                "behind the point, from -1e6 to 1e6");
    net_refused("input 2 fc-2 relu fc-1", "-1,1", NAN,
                "point 0, input 1 is nan: an exact count takes decimals of up to 6 digits behind "
                "the point, from -1e6 to 1e6");
    net_refused("input 2 fc-2 relu fc-1", "-1,1000.001", .001f,
                "fc1: numbers of up to 3e+09 once all are whole; an exact count takes up to "
                "2147483647, so fewer digits would do");
    net_refused("input 2 fc-2 relu fc-1", "-1,100000.000001", 1,
                "levels: numbers of up to 1e+11 once all are whole; an exact count takes up to "
                "2147483647, so fewer digits would do");
    net_refused("input 1 fc-6000 relu fc-1", "-1,1", 1,
                "an exact count takes up to 16384 weights; the network has 18001");
    Problem *p = problem_new("input 2 fc-2 relu fc-1", "-1,1");
    p->points.x[0] = 1e6f, p->points.x[1] = 1e-6f;
    refused(p, "points: numbers of up to 1e+12 once all are whole; an exact count takes up to "
               "2147483647, so fewer digits would do");
    p->points.all = 65;
    refused(p, "an exact count takes 1 to 64 points; there are 65");
    p->points.all = p->points.n = 0;
    refused(p, "an exact count takes 1 to 64 points; there are 0");
    ck_assert(guess_read_prior("normal", "prior", &p->model.prior, NULL));
    refused(p, "an exact count goes through levels, such as -1,0,1; weights of a continuous prior "
               "cannot be counted");
    problem_free(p);
}
END_TEST

// Whatever the memory is used up for, nothing is left behind and the message says what would do.
static void count_in_little(const char *net, size_t step) {
    Problem *p = problem_new(net, "-1,0,1");
    GuessExact exact;
    Error error = {0};
    size_t limit = 0, failures = 0;
    for (; !exact_count(&p->problem, limit, &exact, &error); limit += step, failures++) {
        ck_assert_ptr_null(exact.function);
        ck_assert_msg(strstr(error.text, " states and more do not fit into the ") != NULL, "%s",
                      error.text);
    }
    ck_assert_uint_gt(failures, 20);
    guess_exact_free(&exact);
    problem_free(p);
}

START_TEST(little_memory) {
    count_in_little("input 2 fc-2 relu fc-1", 997);
    count_in_little("input 2 fc-2 bias=no sign fc-2 bias=no relu fc-1", 997);
    count_in_little("input 3 fc-1", 997);
    Problem *p = problem_new("input 3 fc-4 relu fc-1", "-1,0,1");
    GuessExact exact;
    Error error = {0};
    ck_assert(!exact_count(&p->problem, 1 << 18, &exact, &error));
    ck_assert_str_eq(
        error.text,
        "exact count, step 4 of 5: 4606 states and more do not fit into the 0.2621 MB that "
        "an exact count may use; fewer points, a narrower network or --rare would do");
    problem_free(p);
}
END_TEST

// Every single allocation fails once.
static void count_without(const char *net) {
    Problem *p = problem_new(net, "-1,0,1");
    GuessExact exact;
    Error error = {0};
    for (fail = allocations = 0; !guess_exact(&p->problem, &exact, &error); fail++) {
        ck_assert_uint_le(allocations, fail + 2);
        ck_assert_ptr_null(exact.function);
        ck_assert_msg(strstr(error.text, " MB of memory are not to be had") != NULL, "%s",
                      error.text);
        allocations = 0;
    }
    ck_assert_uint_gt(fail, 70);
    fail = SIZE_MAX;
    guess_exact_free(&exact);
    problem_free(p);
}

START_TEST(failing_allocations) {
    count_without("input 2 fc-2 relu fc-1");
    count_without("input 1 fc-2 sign fc-2 bias=no hardtanh fc-1");
    count_without("input 3 fc-1");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("guess/exact");
    TCase *tests = tcase_create("exact");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, known_numbers);
    tcase_add_test(tests, wide_shares);
    tcase_add_test(tests, majority_of_three);
    tcase_add_loop_test(tests, brute_forced, 0, sizeof SMALL / sizeof *SMALL);
    tcase_add_test(tests, counts_sum_to_the_total);
    tcase_add_test(tests, permuted_points);
    tcase_add_loop_test(tests, references, 0, sizeof REFERENCE / sizeof *REFERENCE);
    tcase_add_test(tests, big_numbers);
    tcase_add_test(tests, large_table);
    tcase_add_test(tests, errors);
    tcase_add_test(tests, little_memory);
    tcase_add_test(tests, failing_allocations);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
