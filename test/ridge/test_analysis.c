// Everything at once against its parts: curves against the sub-matrices themselves, held-out errors
// and cross-validation against direct sums, and JSON that every reader takes.
#include "ridge/ridge.h"
#include "data/help.h"
#include "num/linear.h"
#include <math.h>
#include <string.h>

static const RidgeLaw LAW = {.signal = 2.385, .noise = 0.7};

static void analyse(const RidgeRequest *request, RidgeAnalysis *analysis) {
    Error error = {0};
    linear_threads(1, NULL);
    ck_assert_msg(ridge_analyse(request, analysis, &error), "%s", error.text);
}

static void check_close(double a, double b, double tolerance) {
    ck_assert_msg(fabs(a - b) <= tolerance * fabs(b), "%.17g, but %.17g is expected", a, b);
}

// 25 values of mu over six decades around mu*, or around the mean eigenvalue where mu* is 0 or inf.
START_TEST(default_mus) {
    const RidgeLaw laws[] = {{2.385, 0.7}, {2.385, 0}, {0, 0.7}};
    for (int i = 0; i < 3; i++) {
        RidgeAnalysis a;
        analyse(&(RidgeRequest){.data = "gaussian:11,7", .law = laws[i]}, &a);
        ck_assert_uint_eq(a.mu_count, 25);
        double trace = 0, middle = 7 * 0.7 / 2.385;
        for (size_t j = 0; j < 7; j++) trace += a.spectrum.lambda[j];
        if (i > 0) middle = trace / 7;
        check_close(a.mu[0], middle / 1000, 1e-12);
        check_close(a.mu[12], middle, 1e-12);
        check_close(a.mu[24], middle * 1000, 1e-12);
        ridge_analysis_free(&a);
    }
}
END_TEST

// Without noise the best is the least norm, without signal it is w = 0.
START_TEST(best_at_the_edges) {
    RidgeAnalysis a;
    analyse(&(RidgeRequest){.data = "gaussian:5,9", .law = {2.385, 0}}, &a);
    ck_assert_double_eq(a.best_mu, 0);
    check_close(a.best.risk, 2.385 * 4 / 9, 1e-12);
    ridge_analysis_free(&a);
    analyse(&(RidgeRequest){.data = "gaussian:5,9", .law = {0, 0.7}}, &a);
    ck_assert(isinf(a.best_mu));
    ck_assert_double_eq(a.best.risk, 0);
    ridge_analysis_free(&a);
}
END_TEST

// Rows 3 to 5 repeat 1 and 2, and mu* is nothing beside numbers of 1e20: there the curve has the
// variance of the three directions that are seen, se2 sum 1/lambda, and sw2/4 for the fourth.
START_TEST(best_beside_large_numbers) {
    const char *path = "large.csv";
    const char *text = "2e20,1e20,0,-1e20\n1e20,0,3e20,1e20\n2e20,1e20,0,-1e20\n"
                       "1e20,0,3e20,1e20\n2e20,1e20,0,-1e20\n1e20,-2e20,1e20,0\n";
    ck_assert(file_write(path, text, strlen(text), NULL));
    RidgeAnalysis a;
    analyse(&(RidgeRequest){.data = path, .law = LAW, .vary = RIDGE_SAMPLES}, &a);
    ck_assert_uint_eq(a.curve.points, 6);
    const double seen[] = {1, 2, 2, 2, 2, 3};
    for (int k = 0; k < 6; k++)
        check_close(a.curve.best[k], 2.385 * (4 - seen[k]) / 4 + a.curve.least_norm[k].variance,
                    1e-12);
    ridge_analysis_free(&a);
}
END_TEST

// A temperature in C and in F beside a column of ones, in a data set with targets of its own: the
// third column depends on the others, as it does where X is read without targets. In floats it
// would not.
START_TEST(data_sets_keep_their_digits) {
    static const double celsius[] = {20.1, 17.4, 23.85, -3.3, 8.7, 31.9};
    Text x = {0}, xy = {0}, y = {0};
    for (int i = 0; i < 6; i++) {
        text_printf(&x, "1,%.17g,%.17g,%d\n", celsius[i], 1.8 * celsius[i] + 32, i * i % 5);
        text_printf(&xy, "1,%.17g,%.17g,%d,%g\n", celsius[i], 1.8 * celsius[i] + 32, i * i % 5,
                    2.385 - 0.1 * i + 0.3 * (i * i % 5));
        text_printf(&y, "%g\n", 2.385 - 0.1 * i + 0.3 * (i * i % 5));
    }
    ck_assert(file_write("y.csv", y.data, y.length, NULL));
    ck_assert(file_write("x.csv", x.data, x.length, NULL));
    ck_assert(file_write("xy.csv", xy.data, xy.length, NULL));
    RidgeAnalysis a, b;
    analyse(&(RidgeRequest){.data = "x.csv", .law = LAW, .vary = RIDGE_FEATURES}, &a);
    analyse(&(RidgeRequest){.data = "csv:file=xy.csv,task=regression",
                            .law = LAW,
                            .vary = RIDGE_FEATURES,
                            .class = -1,
                            .targets = "y.csv"},
            &b);
    ck_assert_uint_eq(a.spectrum.rank, 3);
    ck_assert_uint_eq(b.spectrum.rank, 3);
    for (int k = 0; k < 4; k++)
        ck_assert_double_eq(a.curve.least_norm[k].risk, b.curve.least_norm[k].risk);
    check_close(b.curve.fit[2].train_error, b.curve.fit[1].train_error, 1e-10);
    ck_assert_double_le(b.curve.fit[3].train_error, 0.5 * b.curve.fit[2].train_error);
    ridge_analysis_free(&a);
    ridge_analysis_free(&b);
    text_free(&x);
    text_free(&xy);
    text_free(&y);
}
END_TEST

// The points of a curve are what the sub-matrices give on their own.
static void check_curve(const char *data, RidgeVary vary, size_t n, size_t d) {
    const double mu = 0.31;
    RidgeAnalysis a;
    RidgeRequest request = {.data = data, .law = LAW, .mu = &mu, .mu_count = 1, .vary = vary};
    analyse(&request, &a);
    const RidgeCurve *curve = &a.curve;
    size_t counts = vary == RIDGE_SAMPLES ? n : d;
    ck_assert_uint_eq(curve->counts, counts);
    ck_assert_uint_le(curve->points, 60);
    ck_assert_uint_eq(curve->at[curve->points - 1], counts);
    RidgeDesign *whole = ridge_design_open(data, &(RidgeDesignOptions){0}, NULL);
    double *x = memory_try(n * d, sizeof *x, "test", NULL);
    for (size_t i = 0; i < curve->points; i++) {
        size_t rows = vary == RIDGE_SAMPLES ? curve->at[i] : n;
        size_t columns = vary == RIDGE_SAMPLES ? d : curve->at[i];
        ck_assert(whole->read(whole, 0, rows, 0, columns, x, NULL));
        RidgeDesign *part = ridge_design_of(rows, columns, x);
        RidgeSpectrum spectrum;
        RidgeWeights weights;
        ck_assert(ridge_spectrum(part, 0, RIDGE_SINGULAR, &spectrum, NULL));
        ck_assert(ridge_weights(part, &spectrum, RIDGE_PARAMETERS, &LAW, NULL, &weights, NULL));
        double best = ridge_best_mu(&LAW, columns),
               least = curve->least_norm[curve->at[i] - 1].risk;
        check_close(curve->fixed[i], ridge_risk(&spectrum, &weights, &LAW, mu).risk, 1e-11);
        check_close(curve->best[i], ridge_risk(&spectrum, &weights, &LAW, best).risk, 1e-11);
        check_close(least, ridge_risk(&spectrum, &weights, &LAW, 0).risk, 1e-7);
        ck_assert(curve->gaussian[i] == ridge_gaussian_risk(rows, columns, &LAW));
        check_close(curve->limit[i], ridge_limit_best((double)columns / (double)rows, &LAW), 1e-12);
        ridge_weights_free(&weights);
        ridge_spectrum_free(&spectrum);
        ridge_design_close(part);
    }
    memory_free(x);
    ridge_design_close(whole);
    ridge_analysis_free(&a);
}

START_TEST(curves_are_those_of_the_parts) {
    check_curve("gaussian:23,13", RIDGE_SAMPLES, 23, 13);
    check_curve("gaussian:13,23", RIDGE_FEATURES, 13, 23);
    check_curve("gaussian:150,70", RIDGE_SAMPLES, 150, 70); // more counts than points
}
END_TEST

// w = (X'X + mu I)^-1 X'y by Cholesky, and its mean squared error on rows of x (n, d).
static double direct_error(const DataSet *set, double mu, const double *y, const double *y_test) {
    size_t n = set->n_train, d = set->d, m = set->n_test;
    double *h = memory_try(d * d, sizeof *h, "test", NULL), *w = memory_new(d, sizeof *w), sum = 0;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) {
            h[i * d + j] = i == j ? mu : 0;
            for (size_t k = 0; k < n; k++)
                h[i * d + j] += (double)set->x_train[k * d + i] * (double)set->x_train[k * d + j];
        }
        for (size_t k = 0; k < n; k++) w[i] += (double)set->x_train[k * d + i] * y[k];
    }
    ck_assert(linear_cholesky(d, h));
    linear_triangle_solve(d, h, true, 1, w);
    linear_triangle_solve(d, h, false, 1, w);
    for (size_t k = 0; k < m; k++) {
        double e = -y_test[k];
        for (size_t j = 0; j < d; j++) e += (double)set->x_test[k * d + j] * w[j];
        sum += e * e / (double)m;
    }
    memory_free(h);
    memory_free(w);
    return sum;
}

// One class against the rest, by the definition.
START_TEST(held_out_error) {
    const char *data = "mnist1d:train=61,test=37";
    const double mus[] = {1e-3, 2.385, 50, 1e4};
    RidgeAnalysis a;
    RidgeRequest request = {.data = data, .law = LAW, .mu = mus, .mu_count = 4, .targets = "own"};
    request.class = 3;
    analyse(&request, &a);
    const DataSet *set = data_open(data, NULL);
    double y[61], y_test[37];
    for (size_t i = 0; i < 61; i++) y[i] = set->y_train[i] == 3 ? 1 : -1;
    for (size_t i = 0; i < 37; i++) y_test[i] = set->y_test[i] == 3 ? 1 : -1;
    ck_assert_uint_eq(a.real->n_test, 37);
    int best = 0;
    for (int i = 1; i < 4; i++) {
        if (a.real->at[i].leave_one_out < a.real->at[best].leave_one_out) best = i;
    }
    ck_assert_double_eq(a.real->chosen_mu, mus[best]);
    check_close(a.real->held_out, direct_error(set, mus[best], y, y_test), 1e-9);
    check_close(a.real->held_out_evidence, direct_error(set, a.real->evidence_mu, y, y_test), 1e-9);
    data_close(set);
    ridge_analysis_free(&a);
}
END_TEST

// A set without a test part has targets all the same: what they say is what the file of its targets
// says, for real targets, classes, and one class of several.
START_TEST(own_targets_without_test_part) {
    static const char rows[] =
        "a,b,t\n1,2.385,0\n0.5,-1,2\n-2,1,1\n3,0.25,2\n-1,-1.5,0\n2,2,2\n0,1,1\n";
    static const char *const targets[] = {"t\n0\n2\n1\n2\n0\n2\n1\n",
                                          "t\n-1\n1\n-1\n1\n-1\n1\n-1\n"};
    static const char x[] = "a,b\n1,2.385\n0.5,-1\n-2,1\n3,0.25\n-1,-1.5\n2,2\n0,1\n";
    ck_assert(file_write("own.csv", rows, strlen(rows), NULL));
    ck_assert(file_write("x.csv", x, strlen(x), NULL));
    const double mu = 2.385;
    for (int classes = 0; classes < 2; classes++) {
        RidgeAnalysis a, b;
        ck_assert(file_write("t.csv", targets[classes], strlen(targets[classes]), NULL));
        RidgeRequest request = {.data = classes ? "csv:file=own.csv,label=t"
                                                : "csv:file=own.csv,label=t,task=regression",
                                .law = LAW,
                                .mu = &mu,
                                .mu_count = 1,
                                .targets = "own",
                                .class = classes ? 2 : -1};
        analyse(&request, &a);
        request.data = "x.csv", request.targets = "t.csv", request.class = -1;
        analyse(&request, &b);
        ck_assert_uint_eq(a.real->n_test, 0);
        ck_assert(isnan(a.real->held_out) && isnan(a.real->held_out_evidence));
        check_close(a.real->at[0].leave_one_out, b.real->at[0].leave_one_out, 1e-6); // float rows
        check_close(a.real->evidence.law.noise, b.real->evidence.law.noise, 1e-6);
        ridge_analysis_free(&a);
        ridge_analysis_free(&b);
    }
}
END_TEST

// The fits along features are those of the solutions of least norm, whose spectrum says it, too.
START_TEST(fits_along_features) {
    RidgeAnalysis a;
    RidgeRequest request = {.data = "mnist1d:train=31,test=20",
                            .design = {.features = "relu:45", .seed = 4},
                            .law = LAW,
                            .vary = RIDGE_FEATURES,
                            .targets = "own",
                            .class = -1};
    analyse(&request, &a);
    ck_assert_ptr_null(a.real); // ten classes, none chosen
    ck_assert_ptr_nonnull(a.curve.fit);
    ck_assert(a.curve.fit[2].train_error > a.curve.fit[20].train_error);
    for (size_t k = 31; k <= 45; k++) ck_assert(a.curve.fit[k - 1].train_error < 1e-18);
    size_t worst = 0;
    for (size_t k = 1; k < 45; k++) {
        if (a.curve.fit[k].test_error > a.curve.fit[worst].test_error) worst = k;
    }
    ck_assert(worst + 1 >= 29 && worst + 1 <= 33); // the peak
    ridge_analysis_free(&a);
}
END_TEST

static void check_finite(const json_t *json) {
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_real(json)) ck_assert(isfinite(json_real_value(json)));
    json_array_foreach(json, i, value) check_finite(value);
    json_object_foreach((json_t *)(uintptr_t)json, key, value) check_finite(value);
}

START_TEST(json_is_whole) {
    const double mu[] = {0, 2.385}, time = 0.31;
    RidgeAnalysis a;
    RidgeRequest request = {.data = "gaussian:7,7", .law = LAW, .mu = mu, .mu_count = 2};
    request.time = &time, request.time_count = 1;
    request.draws = 20;
    request.vary = RIDGE_SAMPLES;
    analyse(&request, &a);
    json_t *json = ridge_to_json(&a);
    check_finite(json);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "d")), 7);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "risk")), 2);
    ck_assert_double_eq(json_real_value(json_array_get(json_object_get(json, "bias"), 1)),
                        a.risk[1].bias);
    json_t *curve = json_object_get(json, "vary");
    ck_assert(json_is_null(json_array_get(json_object_get(curve, "gaussian"), 6))); // N = d
    json_decref(json);
    ridge_analysis_free(&a);
}
END_TEST

// Stopped before any part of any stage, an analysis says so, leaves whole parts only and frees all.
static size_t calls_left;

static bool let(const char *stage, size_t part, size_t parts) {
    ck_assert(stage && (part < parts || parts == 0));
    return calls_left-- > 0;
}

static void stop_everywhere(const RidgeRequest *wanted, size_t least_stops) {
    RidgeRequest request = *wanted;
    request.progress = let;
    bool ok = false;
    size_t stops = 0;
    for (; !ok; stops++) {
        RidgeAnalysis a;
        Error error = {0};
        calls_left = stops;
        ok = ridge_analyse(&request, &a, &error);
        ck_assert(ok || error.kind == ERROR_INTERRUPTED);
        if (a.risk) {
            Text text = {0};
            ridge_describe(&a, &text);
            json_t *json = ridge_to_json(&a);
            ck_assert(json && text.length > 0 && a.at_infinity.risk > 0);
            ck_assert(ok || !a.curve.counts || request.targets);
            json_decref(json);
            text_free(&text);
        }
        ridge_analysis_free(&a);
    }
    ck_assert_uint_ge(stops, least_stops);
}

START_TEST(can_be_stopped_anywhere) {
    static const double mus[] = {0.31, 2.385};
    RidgeRequest request = {.data = "gaussian:13,7", .law = LAW, .mu = mus, .mu_count = 2};
    request.draws = 19;
    stop_everywhere(&request, 4);
    request.route = RIDGE_SINGULAR;
    request.vary = RIDGE_SAMPLES;
    stop_everywhere(&request, 10);
    request.route = RIDGE_LANCZOS;
    stop_everywhere(&request, 10);
    request.best_only = true;
    stop_everywhere(&request, 3);
    stop_everywhere(&(RidgeRequest){.data = "mnist1d:train=30,test=20",
                                    .law = LAW,
                                    .class = -1,
                                    .vary = RIDGE_FEATURES,
                                    .targets = "own"},
                    9);
    stop_everywhere(
        &(RidgeRequest){
            .data = "mnist1d:train=30,test=20", .law = LAW, .class = 2, .targets = "own"},
        4);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("ridge/analysis");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, help_enter, help_leave);
    tcase_add_test(all, default_mus);
    tcase_add_test(all, can_be_stopped_anywhere);
    tcase_add_test(all, best_at_the_edges);
    tcase_add_test(all, best_beside_large_numbers);
    tcase_add_test(all, data_sets_keep_their_digits);
    tcase_add_test(all, curves_are_those_of_the_parts);
    tcase_add_test(all, held_out_error);
    tcase_add_test(all, own_targets_without_test_part);
    tcase_add_test(all, fits_along_features);
    tcase_add_test(all, json_is_whole);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
