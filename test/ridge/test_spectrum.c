// The spectrum by every route against 50-digit eigenvalues, exact invariants and each other.
#include "num/linear.h"
#include "ridge/design.h"
#include "spectrum_reference.h"
#include "run_suite.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { CASES = sizeof spectrum_reference / sizeof *spectrum_reference };

// The same as in spectrum_reference.py; every number is exact.
static double element(const char *kind, size_t i, size_t j) {
    if (strcmp(kind, "mixed") == 0) { // graded, times the Hadamard matrix of order 8
        double sum = 0;
        for (size_t k = 0; k < 8; k++)
            sum += element("graded", i, k) * (__builtin_parityl(j & k) ? -1 : 1);
        return sum;
    }
    if (strcmp(kind, "zero") == 0) return 0;
    if (strcmp(kind, "constant") == 0 && j == 3) return 2385.0 / 1024;
    if (strcmp(kind, "hole") == 0 && j == 4) return 0;
    if (strcmp(kind, "deficient") == 0 && j == 5) return element(kind, i, 2) + element(kind, i, 3);
    if (strcmp(kind, "deficient") == 0 && j == 7)
        return element(kind, i, 1) - 2 * element(kind, i, 6);
    double value = (double)((7919 * i + 104729 * j + 31 * i * j + 17 * i * i * j) % 1009) - 504;
    return value / 64 / (strcmp(kind, "graded") == 0 ? pow(4, (double)j) : 1);
}

static double *fill(size_t c, double scale) {
    size_t n = spectrum_reference[c].n, d = spectrum_reference[c].d;
    double *x = memory_new(n * d, sizeof *x);
    for (size_t k = 0; k < n * d; k++)
        x[k] = scale * element(spectrum_reference[c].kind, k / d, k % d);
    return x;
}

static RidgeSpectrum open_spectrum(const RidgeDesign *design, double mu, RidgeRoute route) {
    RidgeSpectrum spectrum;
    Error error;
    if (!ridge_spectrum(design, mu, route, &spectrum, &error)) ck_abort_msg("%s", error.text);
    return spectrum;
}

static RidgeSpectrum spectrum_of(size_t n, size_t d, const double *x, double mu, RidgeRoute route) {
    RidgeDesign *design = ridge_design_of(n, d, x);
    RidgeSpectrum spectrum = open_spectrum(design, mu, route);
    ck_assert(spectrum.n == n && spectrum.d == d);
    ridge_design_close(design);
    return spectrum;
}

// Singular values within a few epsilon of the largest, and zeros that are exact.
static void check_singular(size_t c, const RidgeSpectrum *spectrum, double scale) {
    const double *want = spectrum_reference[c].lambda;
    size_t n = spectrum_reference[c].n, d = spectrum_reference[c].d;
    ck_assert_uint_eq(spectrum->count, n < d ? n : d);
    ck_assert_uint_eq(spectrum->rank, spectrum_reference[c].rank);
    ck_assert(spectrum->weight == NULL && spectrum->probes == 0);
    for (size_t i = 0; i < spectrum->count; i++) {
        double sigma = sqrt(spectrum->lambda[i]) / scale;
        ck_assert_double_le(fabs(sigma - sqrt(want[i])), 8 * DBL_EPSILON * sqrt(want[0]));
        ck_assert((spectrum->lambda[i] > 0) == (i < spectrum->rank));
    }
}

START_TEST(singular_values_agree_with_50_digits) {
    double *x = fill((size_t)_i, 1);
    size_t n = spectrum_reference[_i].n, d = spectrum_reference[_i].d;
    RidgeSpectrum spectrum = spectrum_of(n, d, x, 0, RIDGE_SINGULAR);
    ck_assert_int_eq(spectrum.route, RIDGE_SINGULAR);
    check_singular((size_t)_i, &spectrum, 1);
    ridge_spectrum_free(&spectrum);
    ck_assert(spectrum.lambda == NULL && spectrum.count == 0);
    memory_free(x);
}
END_TEST

START_TEST(gram_agrees_with_50_digits) {
    const double *want = spectrum_reference[_i].lambda;
    double *x = fill((size_t)_i, 1);
    size_t n = spectrum_reference[_i].n, d = spectrum_reference[_i].d;
    RidgeSpectrum spectrum = spectrum_of(n, d, x, 0, RIDGE_GRAM);
    ck_assert_int_eq(spectrum.route, RIDGE_GRAM);
    bool lost = want[spectrum.count - 1] <= spectrum.gram && want[0] > 0;
    ck_assert_uint_eq(spectrum.rank, lost ? RIDGE_RANK_UNKNOWN : spectrum_reference[_i].rank);
    for (size_t i = 0; i < spectrum.count; i++) {
        ck_assert_double_le(fabs(spectrum.lambda[i] - want[i]), 8 * DBL_EPSILON * want[0]);
        ck_assert((spectrum.limit[i] > 0) == (want[i] > spectrum.gram));
    }
    ridge_spectrum_free(&spectrum);
    memory_free(x);
}
END_TEST

// sigma <= 5 epsilon sigma_max of the scaled columns is no rank in a matrix of 3 by 5. Unit columns
// at an angle t have the singular values sqrt(1 +- cos t), which is about sqrt(2) and t/sqrt(2).
START_TEST(rank_rule) {
    static const double scales[][2] = {{2.385, 2.385}, {2.385e-9, 1e5}, {1e5, 1e-9}};
    for (int i = 0; i < 3; i++) {
        double a = scales[i][0], b = scales[i][1];
        double x[3 * 5] = {[0] = a, [3] = b, [8] = b * 2 * 4 * DBL_EPSILON};
        RidgeSpectrum s = spectrum_of(3, 5, x, 0, RIDGE_AUTO);
        ck_assert(s.rank == 1 && s.found.ambiguous);
        ridge_spectrum_free(&s);
        x[8] = b * 2 * 6 * DBL_EPSILON;
        s = spectrum_of(3, 5, x, 0, RIDGE_AUTO);
        ck_assert(s.rank == 2 && s.found.ambiguous);
        ck_assert_double_eq_tol(s.found.least / DBL_EPSILON, 6, 0.5);
        ridge_spectrum_free(&s);
        x[8] = 0;
        s = spectrum_of(3, 5, x, 0, RIDGE_AUTO);
        ck_assert(s.rank == 1 && s.lambda[1] == 0 && !s.limit && !s.found.ambiguous);
        ridge_spectrum_free(&s);
    }
}
END_TEST

// A column in another unit is no other column: of any size it counts, and for mu > 0 its singular
// value is there whatever mu is.
START_TEST(small_columns_count) {
    double x[] = {1e5, 3e-12, 2e5, -1e-12, -1e5, 2.385e-12};
    RidgeSpectrum s = spectrum_of(3, 2, x, 0, RIDGE_AUTO);
    double a = 6e10, b = 9e-24 + 1e-24 + 2.385e-12 * 2.385e-12;
    double c = 3e-7 - 2e-7 - 2.385e-7; // det = a b - c^2, and the second eigenvalue det/a
    ck_assert(s.rank == 2 && !s.found.ambiguous);
    ck_assert_double_le(fabs(s.lambda[0] / a - 1), 1e-14);
    ck_assert_double_le(fabs(s.lambda[1] / (b - c * c / a) - 1), 1e-13);
    ridge_spectrum_free(&s);
}
END_TEST

// AUTO takes the Gram matrix exactly where the rule allows; its lambda + mu are then good to 1e-13
// (a little more: the rounding of a sum), and otherwise what the singular values allow.
START_TEST(auto_follows_its_rule) {
    const double *want = spectrum_reference[_i].lambda;
    double *x = fill((size_t)_i, 1);
    size_t n = spectrum_reference[_i].n, d = spectrum_reference[_i].d, count = n < d ? n : d;
    bool deficient = want[count - 1] == 0 && want[0] > 0;
    double edge = DBL_EPSILON * want[0] / 1e-13 - want[count - 1];
    const double mus[] = {0, fmax(0, edge * 0.99), fmax(0, edge * 1.01), 1e-9, 2.385e6, INFINITY};
    for (int k = 0; k < 6; k++) {
        RidgeSpectrum spectrum = spectrum_of(n, d, x, mus[k], RIDGE_AUTO);
        bool gram = !deficient && DBL_EPSILON * want[0] <= 1e-13 * (want[count - 1] + mus[k]);
        ck_assert_int_eq(spectrum.route, gram ? RIDGE_GRAM : RIDGE_SINGULAR);
        ck_assert_uint_eq(spectrum.rank, spectrum_reference[_i].rank);
        for (size_t i = 0; gram && i < count && mus[k] < INFINITY; i++)
            ck_assert_double_le(fabs(spectrum.lambda[i] - want[i]), 4e-13 * (want[i] + mus[k]));
        if (!gram) check_singular((size_t)_i, &spectrum, 1);
        double condition = (want[0] + mus[k]) / (want[count - 1] + mus[k]);
        if (mus[k] == INFINITY) condition = 1;
        if (want[count - 1] + mus[k] == 0) condition = INFINITY;
        if (isinf(condition))
            ck_assert(isinf(spectrum.condition));
        else
            ck_assert_double_le(fabs(spectrum.condition / condition - 1), 1e-7);
        ridge_spectrum_free(&spectrum);
    }
    memory_free(x);
}
END_TEST

// lambda -> c^2 lambda when X -> c X, far beyond what squares of X'X could bear.
START_TEST(scale_law) {
    static const double scales[] = {0x1p-450, 0x1p-20, 0x1p440};
    double *first = fill((size_t)_i, 1);
    size_t n = spectrum_reference[_i].n, d = spectrum_reference[_i].d;
    for (int k = 0; k < 3; k++) {
        double *x = fill((size_t)_i, scales[k]);
        RidgeSpectrum spectrum = spectrum_of(n, d, x, 0, RIDGE_SINGULAR);
        check_singular((size_t)_i, &spectrum, scales[k]);
        ridge_spectrum_free(&spectrum);
        RidgeSpectrum a = spectrum_of(n, d, first, 0, RIDGE_GRAM);
        RidgeSpectrum b = spectrum_of(n, d, x, 0, RIDGE_GRAM);
        for (size_t i = 0; i < a.count; i++)
            ck_assert_double_le(fabs(b.lambda[i] / scales[k] / scales[k] - a.lambda[i]),
                                8 * DBL_EPSILON * a.lambda[0]);
        ridge_spectrum_free(&a), ridge_spectrum_free(&b);
        memory_free(x);
    }
    memory_free(first);
}
END_TEST

// The risk of parameters, its zero eigenvalues not counted.
static double risk(size_t count, const double *lambda, const double *weight, double signal,
                   double noise, double mu) {
    long double sum = 0;
    for (size_t i = 0; i < count; i++) {
        long double l = (long double)lambda[i], below = (l + mu) * (l + mu);
        sum += (weight ? weight[i] : 1) * (signal * mu * mu + noise * l) / below;
    }
    return (double)sum;
}

// Forming X'X when cond(X) = 2e4 spoils the risk at small mu, and AUTO takes singular values; what
// those leave is cond(X) epsilon.
START_TEST(badly_conditioned_matrices_need_singular_values) {
    enum { MIXED = 13 };
    ck_assert_str_eq(spectrum_reference[MIXED].kind, "mixed");
    double *x = fill(MIXED, 1);
    const double mu = 1e-8;
    double want = risk(8, spectrum_reference[MIXED].lambda, NULL, 1, 1, mu);
    RidgeSpectrum gram = spectrum_of(14, 8, x, mu, RIDGE_GRAM);
    RidgeSpectrum chosen = spectrum_of(14, 8, x, mu, RIDGE_AUTO);
    double spoilt = fabs(risk(8, gram.lambda, NULL, 1, 1, mu) / want - 1);
    double good = fabs(risk(8, chosen.lambda, NULL, 1, 1, mu) / want - 1);
    ck_assert_double_gt(spoilt, 1e-10);
    ck_assert_double_le(good, 1e-12);
    ridge_spectrum_free(&gram), ridge_spectrum_free(&chosen);
    memory_free(x);
}
END_TEST

// A million numbers need several blocks; the elements are small integers, so that X'X is exact
// and with it the trace, the sum of squares and the determinant.
START_TEST(many_blocks_keep_the_invariants) {
    enum { LONG = 400009, SHORT = 3 };
    bool turned = _i % 2;
    RidgeRoute route = _i / 2 ? RIDGE_SINGULAR : RIDGE_GRAM;
    Error error;
    double *x = memory_try(LONG * SHORT, sizeof *x, "test", &error);
    long long g[SHORT][SHORT] = {{0}};
    for (size_t i = 0; i < LONG; i++) {
        long long row[SHORT];
        for (size_t j = 0; j < SHORT; j++) {
            row[j] = (long long)((i * 7919 + j * 104729 + i * j % 13 * 31) % 101) - 45;
            x[turned ? j * LONG + i : i * SHORT + j] = (double)row[j];
        }
        for (int a = 0; a < SHORT; a++)
            for (int b = 0; b < SHORT; b++) g[a][b] += row[a] * row[b];
    }
    RidgeSpectrum s = spectrum_of(turned ? SHORT : LONG, turned ? LONG : SHORT, x, 0, route);
    ck_assert(s.count == SHORT && s.rank == SHORT && s.route == route);
    long double m[SHORT][SHORT], trace = 0, squares = 0;
    for (int a = 0; a < SHORT; a++)
        for (int b = 0; b < SHORT; b++) m[a][b] = (long double)g[a][b];
    for (int a = 0; a < SHORT; a++) trace += m[a][a];
    for (int k = 0; k < 9; k++) squares += m[k / 3][k % 3] * m[k / 3][k % 3];
    long double determinant = m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
                              m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
                              m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
    const double *l = s.lambda;
    ck_assert_double_le(fabs((l[0] + l[1] + l[2]) / (double)trace - 1), 1e-13);
    ck_assert_double_le(fabs((l[0] * l[0] + l[1] * l[1] + l[2] * l[2]) / (double)squares - 1),
                        1e-13);
    ck_assert_double_le(fabs(l[0] * l[1] * l[2] / (double)determinant - 1), 1e-12);
    ridge_spectrum_free(&s);
    memory_free(x);
}
END_TEST

// X and X' have the same positive eigenvalues; one of them is turned to be read, in strips.
START_TEST(a_matrix_and_its_transpose_agree) {
    enum { SHORT = 131, LONG = 263 };
    static const RidgeRoute routes[] = {RIDGE_GRAM, RIDGE_SINGULAR};
    double *x = memory_new(LONG * SHORT, sizeof *x), *turned = memory_new(LONG * SHORT, sizeof *x);
    Random random = random_stream(6, RANDOM_TEST, 0);
    for (size_t k = 0; k < LONG * SHORT; k++)
        x[k] = turned[k % LONG * SHORT + k / LONG] = random_normal(&random);
    for (int r = 0; r < 2; r++) {
        RidgeSpectrum a = spectrum_of(SHORT, LONG, x, 0, routes[r]);
        RidgeSpectrum b = spectrum_of(LONG, SHORT, turned, 0, routes[r]);
        ck_assert(a.count == SHORT && b.count == SHORT && a.rank == SHORT);
        for (size_t i = 0; i < SHORT; i++)
            ck_assert_double_le(fabs(a.lambda[i] - b.lambda[i]), 1e-13 * a.lambda[0]);
        ridge_spectrum_free(&a), ridge_spectrum_free(&b);
    }
    memory_free(x), memory_free(turned);
}
END_TEST

// ---- Lanczos ----

// The mean of a risk over probes, and its standard error.
static double quadrature(const RidgeSpectrum *s, double signal, double noise, double mu,
                         double *standard_error) {
    size_t group = s->count / s->probes;
    double sum = 0, squares = 0, probes = (double)s->probes;
    for (int pass = 0; pass < 2; pass++) {
        double mean = sum / probes;
        for (size_t p = 0; p < s->probes; p++) {
            size_t at = p * group;
            double one = probes * risk(group, s->lambda + at, s->weight + at, signal, noise, mu);
            if (pass)
                squares += (one - mean) * (one - mean);
            else
                sum += one;
        }
    }
    *standard_error = sqrt(squares / (probes - 1) / probes);
    return sum / probes;
}

static void check_groups(const RidgeSpectrum *s) {
    size_t least = s->n < s->d ? s->n : s->d, group = s->count / s->probes;
    ck_assert(s->route == RIDGE_LANCZOS && s->probes == 32 && s->count % 32 == 0);
    ck_assert_uint_le(group, least < 128 ? least : 128);
    for (size_t p = 0; p < s->probes; p++) {
        double sum = 0;
        for (size_t k = p * group; k < (p + 1) * group; k++) {
            sum += s->weight[k];
            ck_assert(s->weight[k] >= 0 && s->lambda[k] >= 0);
            ck_assert(k == p * group || s->lambda[k] <= s->lambda[k - 1]);
        }
        ck_assert_double_le(fabs(sum / (double)least * 32 - 1), 1e-12);
    }
}

// With 32 probes the mean misses by four standard errors with probability 3.6e-4 (t, 31 degrees of
// freedom): 0.013 over the 36 risks here, if they were independent.
START_TEST(lanczos_is_within_its_error) {
    static const struct {
        const char *data, *features;
    } cases[] = {{"gaussian:300,200", NULL},      {"gaussian:150,263", NULL},
                 {"gaussian:61,40", NULL},        {"gaussian:190,5", "relu:170"},
                 {"gaussian:130,3", "cosine:90"}, {"gaussian:1,9", NULL}};
    static const double mus[] = {1e-2, 0.5, 20, 1000, 1e6, 1e12};
    Error error;
    RidgeDesignOptions options = {.features = cases[_i].features, .seed = 4};
    RidgeDesign *design = ridge_design_open(cases[_i].data, &options, &error);
    RidgeSpectrum exact = open_spectrum(design, 1e-2, RIDGE_SINGULAR);
    RidgeSpectrum lanczos = open_spectrum(design, 1e-2, RIDGE_LANCZOS);
    check_groups(&lanczos);
    for (int k = 0; k < 6; k++) {
        double bar, signal = 2.385 / (double)design->d;
        double estimate = quadrature(&lanczos, signal, 0.7, mus[k], &bar);
        double want = risk(exact.count, exact.lambda, NULL, signal, 0.7, mus[k]);
        ck_assert_double_le(fabs(estimate - want), 4 * bar + 1e-10 * want);
        ck_assert_double_le(bar, 0.2 * want);
    }
    ck_assert(lanczos.rank == RIDGE_RANK_UNKNOWN && isnan(ridge_degrees(&lanczos, 0)));
    ridge_spectrum_free(&exact), ridge_spectrum_free(&lanczos);
    ridge_design_close(design);
}
END_TEST

// Sums of u = mu/(lambda + mu) and of u^2.
static void sums(size_t count, const double *lambda, const double *weight, double mu,
                 double sum[2]) {
    sum[0] = sum[1] = 0;
    for (size_t i = 0; i < count; i++) {
        double u = mu / (lambda[i] + mu);
        sum[0] += weight[i] * u;
        sum[1] += weight[i] * u * u;
    }
}

static double scatter_of(const RidgeSpectrum *s, const RidgeWeights *w, double mu) {
    RidgeSpectrum whole = *s;
    whole.end_lambda = NULL; // nothing is cut off
    return ridge_risk_error(&whole, w, &(RidgeLaw){2.385, 0.7}, mu);
}

// Stopped early, the quadratures bracket what as many steps as there are give with the same
// probes, and the error says by how much; at the mu that it was stopped for, that is a tenth of the
// scatter.
START_TEST(lanczos_bounds_what_it_cuts_off) {
    static const char *const data[] = {"gaussian:150,101", "gaussian:79,123"};
    static const double least_mus[] = {1000, 30, 2};
    const RidgeLaw law = {2.385, 0.7};
    RidgeMeasure measure = _i % 2 ? RIDGE_IN_SAMPLE : RIDGE_PARAMETERS;
    Error error;
    RidgeDesign *design = ridge_design_open(data[_i / 2], &(RidgeDesignOptions){0}, &error);
    RidgeSpectrum all = open_spectrum(design, 1e-9, RIDGE_LANCZOS);
    size_t steps = 0;
    RidgeWeights w, w_all;
    ck_assert(ridge_weights(design, &all, measure, &law, NULL, &w_all, &error));
    for (int i = 0; i < 3; i++) {
        RidgeSpectrum s = open_spectrum(design, least_mus[i], RIDGE_LANCZOS);
        ck_assert(ridge_weights(design, &s, measure, &law, NULL, &w, &error));
        ck_assert(s.end_lambda && s.count >= steps && s.count < all.count);
        steps = s.count;
        for (double mu = 0.1; mu < 1e6; mu *= 10) {
            double low[2], exact[2], high[2];
            sums(s.count, s.lambda, s.weight, mu, low);
            sums(all.count, all.lambda, all.weight, mu, exact);
            sums(s.count + 32, s.end_lambda, s.end_weight, mu, high);
            for (int k = 0; k < 2; k++) {
                ck_assert_double_le(low[k], exact[k] * (1 + 1e-12));
                ck_assert_double_le(exact[k], high[k] * (1 + 1e-12));
            }
            double off =
                fabs(ridge_risk(&s, &w, &law, mu).risk - ridge_risk(&all, &w_all, &law, mu).risk);
            double bound = ridge_risk_error(&s, &w, &law, mu) - scatter_of(&s, &w, mu);
            ck_assert_double_le(off, bound + 1e-11);
        }
        double mu = least_mus[i], scatter = scatter_of(&s, &w, mu);
        if (!w.share) ck_assert_double_le(ridge_risk_error(&s, &w, &law, mu), 1.5 * scatter);
        ck_assert(isinf(ridge_risk_error(&s, &w, &law, 0)));
        ridge_weights_free(&w);
        ridge_spectrum_free(&s);
    }
    ridge_weights_free(&w_all);
    ridge_spectrum_free(&all);
    ridge_design_close(design);
}
END_TEST

// Random signs know the trace of a function of a diagonal matrix exactly. R of diag(1, 2, 3, 4)
// with signal 4 and noise 1 by hand: 205/144 at 0, 2 (1/4 + ... + 1/25) ... at 1.
START_TEST(lanczos_is_exact_for_diagonal_matrices) {
    double x[4 * 7] = {[0] = 1, [8] = 2, [16] = 3, [24] = 4};
    static const double want[] = {1.4236111111111112, 0.8588235294117647, 1.838859680007452};
    static const double mus[] = {0, 1, 10};
    RidgeSpectrum s = spectrum_of(4, 7, x, 0, RIDGE_LANCZOS);
    ck_assert_uint_eq(s.rank, RIDGE_RANK_UNKNOWN);
    check_groups(&s);
    for (int k = 0; k < 3; k++) {
        double bar;
        ck_assert_double_le(fabs(quadrature(&s, 1, 1, mus[k], &bar) - want[k]), 1e-12);
        ck_assert_double_le(bar, 1e-12);
    }
    ridge_spectrum_free(&s);
    const double zero[15] = {0}, one = -2.385;
    s = spectrum_of(5, 3, zero, 0, RIDGE_LANCZOS);
    check_groups(&s);
    ck_assert(s.lambda[0] == 0 && isinf(s.condition));
    ridge_spectrum_free(&s);
    s = spectrum_of(1, 1, &one, 0, RIDGE_LANCZOS);
    ck_assert(s.count == 32 && fabs(s.lambda[31] - 2.385 * 2.385) < 1e-14);
    ridge_spectrum_free(&s);
}
END_TEST

// The zeros of a matrix without full rank are nodes at 0 that carry their share.
START_TEST(lanczos_counts_zeros) {
    enum { DEFICIENT = 6 };
    double *x = fill(DEFICIENT, 1), zeros = 0;
    RidgeSpectrum s = spectrum_of(15, 8, x, 0, RIDGE_LANCZOS);
    check_groups(&s);
    for (size_t k = 0; k < s.count; k++) zeros += s.lambda[k] == 0 ? s.weight[k] : 0;
    ck_assert_double_le(fabs(zeros - 2), 1); // z'Pz of 32 probes, P a projection of rank 2
    for (size_t k = 0; k < s.count; k++) ck_assert(s.lambda[k] == 0 || s.lambda[k] > 168);
    ridge_spectrum_free(&s);
    memory_free(x);
}
END_TEST

// Three different eigenvalues take three steps, and nothing is cut off.
START_TEST(lanczos_stops_when_it_has_all) {
    double x[41 * 41] = {0};
    for (size_t i = 0; i < 41; i++) x[i * 42] = 1.1 * (double)(i % 3 + 1);
    RidgeSpectrum s = spectrum_of(41, 41, x, 0, RIDGE_LANCZOS);
    check_groups(&s);
    ck_assert_uint_eq(s.count, 3 * 32);
    ck_assert_ptr_null(s.end_lambda);
    for (size_t p = 0; p < 32; p++) {
        ck_assert_double_le(fabs(s.lambda[p * 3] - 3.3 * 3.3), 1e-13);
        ck_assert_double_le(fabs(s.lambda[p * 3 + 2] - 1.1 * 1.1), 1e-13);
        ck_assert_double_le(fabs(s.weight[p * 3 + 2] * 32 - 14), 1e-11);
    }
    ridge_spectrum_free(&s);
}
END_TEST

// The same call, the same bits; also in blocks, and with three threads.
START_TEST(lanczos_in_blocks_is_the_same) {
    Error error;
    RidgeDesignOptions options = {0};
    RidgeDesign *design =
        ridge_design_open(_i ? "gaussian:37,603" : "gaussian:603,37", &options, &error);
    RidgeSpectrum a = open_spectrum(design, 0, RIDGE_LANCZOS);
    RidgeSpectrum b = open_spectrum(design, 0, RIDGE_LANCZOS);
    RidgeSpectrum c = {.n = design->n, .d = design->d, .count = 37};
    linear_threads(3, NULL);
    ck_assert(spectrum_lanczos(design, 0, 1, &c, &error));
    linear_threads(1, NULL);
    ck_assert(memcmp(a.lambda, b.lambda, a.count * sizeof *a.lambda) == 0);
    ck_assert(memcmp(a.weight, b.weight, a.count * sizeof *a.weight) == 0);
    ck_assert_uint_eq(a.count, c.count);
    double bar;
    for (double mu = 1; mu < 1e4; mu *= 10) {
        double whole = quadrature(&a, 1, 1, mu, &bar), blocks = quadrature(&c, 1, 1, mu, &bar);
        ck_assert_double_eq(blocks, whole);
    }
    ridge_spectrum_free(&a), ridge_spectrum_free(&b), ridge_spectrum_free(&c);
    ridge_design_close(design);
}
END_TEST

// ---- errors ----

static void refused(size_t n, size_t d, const double *x, RidgeRoute route, const char *says) {
    RidgeDesign *design = ridge_design_of(n, d, x);
    RidgeSpectrum spectrum;
    Error error = {0};
    ck_assert(!ridge_spectrum(design, 0, route, &spectrum, &error));
    ck_assert_str_eq(error.text, says);
    ck_assert_ptr_null(spectrum.lambda);
    ridge_design_close(design);
}

START_TEST(numbers_out_of_range_are_refused) {
    RidgeRoute route = (RidgeRoute)_i;
    double x[6] = {1, 2, 3, 4, NAN, 6};
    refused(3, 2, x, route,
            "a matrix: row 2, column 0 (counted from 0) is nan; every number must be finite");
    refused(2, 3, x, route,
            "a matrix: row 1, column 1 (counted from 0) is nan; every number must be finite");
    x[4] = -2e140;
    refused(3, 2, x, route,
            "a matrix: the largest number is 2e+140 in absolute value; with 1e-140 to 1e140 the "
            "eigenvalues of X'X are within the range of a double");
    const double small[2] = {1e-150, -3e-141};
    refused(1, 2, small, route,
            "a matrix: the largest number is 3e-141 in absolute value; with 1e-140 to 1e140 the "
            "eigenvalues of X'X are within the range of a double");
}
END_TEST

static bool read_most(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                      size_t columns, double *x, Error *error) {
    memset(x, 0, rows * columns * sizeof *x);
    (void)column;
    if (row + rows <= design->n - 1) return true; // all but the last
    return error_set(error, "most: row %zu cannot be read", row);
}

START_TEST(errors_of_reading_are_passed_on) {
    RidgeDesign tall = {.name = (char[]){"most"}, .n = 400001, .d = 3, .read = read_most};
    RidgeDesign wide = {.name = (char[]){"most"}, .n = 73, .d = 75, .read = read_most};
    RidgeSpectrum spectrum;
    Error error = {0};
    ck_assert(!ridge_spectrum(&wide, 0, (RidgeRoute)_i, &spectrum, &error));
    ck_assert_str_eq(error.text, "most: row 64 cannot be read");
    ck_assert(!ridge_spectrum(&tall, 0, (RidgeRoute)_i, &spectrum, &error));
    ck_assert_str_eq(error.text, _i == RIDGE_LANCZOS ? "most: row 0 cannot be read"
                                                     : "most: row 349525 cannot be read");
}
END_TEST

START_TEST(routes_have_names) {
    static const char *const names[] = {"auto", "gram", "singular", "lanczos"};
    for (int i = 0; i < 4; i++) ck_assert_str_eq(ridge_route_names[i], names[i]);
    ck_assert_ptr_null(ridge_route_names[4]);
}
END_TEST

int main(void) {
    linear_threads(1, NULL);
    Suite *suite = suite_create("ridge/spectrum");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, singular_values_agree_with_50_digits, 0, CASES);
    tcase_add_loop_test(tests, gram_agrees_with_50_digits, 0, CASES);
    tcase_add_test(tests, rank_rule);
    tcase_add_test(tests, small_columns_count);
    tcase_add_loop_test(tests, auto_follows_its_rule, 0, CASES);
    tcase_add_loop_test(tests, scale_law, 0, CASES);
    tcase_add_test(tests, badly_conditioned_matrices_need_singular_values);
    tcase_add_loop_test(tests, many_blocks_keep_the_invariants, 0, 4);
    tcase_add_test(tests, a_matrix_and_its_transpose_agree);
    tcase_add_loop_test(tests, lanczos_is_within_its_error, 0, 6);
    tcase_add_loop_test(tests, lanczos_bounds_what_it_cuts_off, 0, 4);
    tcase_add_test(tests, lanczos_is_exact_for_diagonal_matrices);
    tcase_add_test(tests, lanczos_counts_zeros);
    tcase_add_test(tests, lanczos_stops_when_it_has_all);
    tcase_add_loop_test(tests, lanczos_in_blocks_is_the_same, 0, 2);
    tcase_add_loop_test(tests, numbers_out_of_range_are_refused, 0, 4);
    tcase_add_loop_test(tests, errors_of_reading_are_passed_on, 0, 4);
    tcase_add_test(tests, routes_have_names);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
