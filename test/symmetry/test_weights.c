// From weights to symmetry: the check with its x, the projection, the group of a matrix, closures.
#include "activation/activation.h"
#include "invariants.h"
#include "run_suite.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static Symmetry *read(const char *text) {
    Error error = {0};
    Symmetry *symmetry = symmetry_read(text, strlen(text), false, &error);
    ck_assert_msg(symmetry != NULL, "%s", error.text);
    return symmetry;
}

static Activation *phi(const char *text) {
    return text ? activation_read(text, strlen(text), NULL) : NULL;
}

static DataMatrix random_matrix(const Symmetry *symmetry, uint64_t index) {
    DataMatrix W = {.rows = symmetry->out.n, .cols = symmetry->in.n};
    Random random = random_stream(2385, RANDOM_TEST, index);
    W.x = memory_new(W.rows * W.cols, sizeof *W.x);
    for (size_t i = 0; i < W.rows * W.cols; i++) W.x[i] = random_normal(&random);
    return W;
}

static void evaluate(const void *activation, size_t count, const double *x, double *value,
                     double *slope) {
    activation_evaluate(activation, count, x, value, slope);
}

static bool checked(const Symmetry *symmetry, const DataMatrix *W, double tolerance,
                    const Activation *activation, SymmetryCheck *check) {
    const SymmetryPhi map = {evaluate, activation};
    return symmetry_check(symmetry, W, tolerance, activation ? &map : NULL, check, NULL);
}

static double apply(const Activation *activation, double u) {
    double value = u;
    if (activation) activation_evaluate(activation, 1, &u, &value, NULL);
    return value;
}

static double output(const DataMatrix *W, const Activation *activation, const double *x, size_t i) {
    double u = 0;
    for (size_t j = 0; j < W->cols; j++) u += W->x[i * W->cols + j] * x[j];
    return apply(activation, u);
}

// f(t x)[s(i)] and f(x)[i], by the definitions.
static void both_ways(const Symmetry *symmetry, const DataMatrix *W, const Activation *activation,
                      const SymmetryCheck *check, double *moved, double *wanted) {
    const int32_t *s = symmetry->out.image + check->x_generator * W->rows;
    const int32_t *t = symmetry->in.image + check->x_generator * W->cols;
    double *tx = memory_new(W->cols, sizeof *tx);
    for (size_t j = 0; j < W->cols; j++) tx[t[j]] = check->x[j];
    for (size_t i = 0; i < W->rows; i++)
        if ((size_t)s[i] == check->output) *wanted = output(W, activation, check->x, i);
    *moved = output(W, activation, tx, check->output);
    memory_free(tx);
}

static const char *const GROUPS[] = {"S5",        "C19",       "S4 on pairs", "S4 on pairs to S4",
                                     "M11",       "rot90 4x4", "D7 x A4",     "S3 wr S2 on product",
                                     "trivial(3)"};
enum { COUNT = sizeof GROUPS / sizeof *GROUPS };

START_TEST(projections_are_equivariant) {
    static const char *const PHI[] = {NULL, "relu", "tanh", "gelu", "abs(x)", "sign"};
    for (size_t g = 0; g < COUNT; g++) {
        Symmetry *symmetry = read(GROUPS[g]);
        DataMatrix W = random_matrix(symmetry, g);
        double distance, again;
        ck_assert(symmetry_project(symmetry, &W, W.x, &distance, NULL));
        for (size_t p = 0; p < sizeof PHI / sizeof *PHI; p++) {
            Activation *activation = phi(PHI[p]);
            SymmetryCheck check;
            ck_assert(checked(symmetry, &W, 0, activation, &check));
            ck_assert(check.tied && check.known && check.equivariant && !check.x);
            symmetry_check_free(&check);
            activation_free(activation);
        }
        ck_assert(symmetry_project(symmetry, &W, W.x, &again, NULL));
        ck_assert_double_lt(again, 1e-13);
        if (strncmp(GROUPS[g], "trivial", 7) == 0)
            ck_assert_double_eq(distance, 0);
        else
            ck_assert_double_gt(distance, 0.1);
        memory_free(W.x);
        symmetry_free(symmetry);
    }
}
END_TEST

// The mean over the whole group, D4 in full: another way to the nearest matrix.
START_TEST(projection_is_the_mean_over_the_group) {
    enum { N = 4 };
    Symmetry *symmetry = read("D4");
    DataMatrix W = random_matrix(symmetry, 77);
    double P[N * N], mean[N * N] = {0}, distance, sum = 0;
    for (size_t turn = 0; turn < N; turn++)
        for (size_t flip = 0; flip < 2; flip++)
            for (size_t i = 0; i < N; i++)
                for (size_t j = 0; j < N; j++) {
                    size_t a = (flip ? N - i : i) + turn, b = (flip ? N - j : j) + turn;
                    mean[i * N + j] += W.x[a % N * N + b % N] / (2 * N);
                }
    ck_assert(symmetry_project(symmetry, &W, P, &distance, NULL));
    for (size_t i = 0; i < N * N; i++) {
        ck_assert_double_eq_tol(P[i], mean[i], 1e-14);
        sum += (W.x[i] - mean[i]) * (W.x[i] - mean[i]);
    }
    ck_assert_double_eq_tol(distance, sqrt(sum), 1e-13);
    memory_free(W.x);
    symmetry_free(symmetry);
}
END_TEST

START_TEST(an_x_shows_it) {
    static const char *const PHI[] = {NULL,   "relu",   "tanh", "gelu",    "leaky slope=0.1",
                                      "silu", "abs(x)", "sign", "hardtanh"};
    for (size_t g = 0; g + 1 < COUNT; g++) { // not the trivial group
        Symmetry *symmetry = read(GROUPS[g]);
        for (size_t p = 0; p < sizeof PHI / sizeof *PHI; p++) {
            DataMatrix W = random_matrix(symmetry, 100 + g);
            Activation *activation = phi(PHI[p]);
            SymmetryCheck check;
            double moved = NAN, wanted = NAN;
            ck_assert(checked(symmetry, &W, NAN, activation, &check));
            ck_assert(!check.tied && check.known && !check.equivariant && check.x);
            both_ways(symmetry, &W, activation, &check, &moved, &wanted);
            ck_assert_double_eq(moved, check.moved);
            ck_assert_double_eq(wanted, check.wanted);
            ck_assert_double_ne(moved, wanted);
            symmetry_check_free(&check);
            activation_free(activation);
            memory_free(W.x);
        }
        symmetry_free(symmetry);
    }
}
END_TEST

static SymmetryCheck check_square(const char *group, size_t n, const double *w,
                                  const char *formula) {
    Symmetry *symmetry = read(group);
    DataMatrix W = {n, n, (double *)w};
    Activation *activation = phi(formula);
    SymmetryCheck check;
    ck_assert(checked(symmetry, &W, NAN, activation, &check));
    if (check.x) {
        double moved = NAN, wanted = NAN;
        both_ways(symmetry, &W, activation, &check, &moved, &wanted);
        ck_assert_double_ne(moved, wanted);
    }
    activation_free(activation);
    symmetry_free(symmetry);
    return check;
}

static void expect(size_t n, const double *w, const char *group, const char *formula,
                   bool equivariant) {
    SymmetryCheck check = check_square(group, n, w, formula);
    ck_assert(!check.tied && check.known);
    ck_assert_msg(check.equivariant == equivariant, "%s %s", group, formula);
    ck_assert_int_eq(check.x != NULL, !equivariant);
    symmetry_check_free(&check);
}

// Untied and yet equivariant; and nearly so, where only a sum of two unit vectors tells.
START_TEST(the_converse) {
    const double mirror[] = {1, 0, 0, -1}, scaled[] = {1, 0, 0, 2}, signs[] = {1, 2, 2, -1};
    const double rays[] = {1, 3, 9, 2.385};
    expect(2, mirror, "S2", "abs(x)", true);
    expect(2, mirror, "S2", "x^2", true);
    expect(2, mirror, "S2", "relu", false);
    expect(2, mirror, "S2", "sign", false);
    expect(2, scaled, "S2", "sign", true);
    expect(2, scaled, "S2", "abs(x)", false);
    expect(2, scaled, "S2", "tanh", false);
    expect(2, signs, "S2", "abs(x)", false); // rows (1, 2) and (-1, 2)
    expect(2, rays, "S2", "sign", false);    // rows (1, 3) and (2.385, 9): signs alike
}
END_TEST

START_TEST(verdicts) {
    static const struct {
        const char *phi;
        SymmetryConverse converse;
        double second;
    } VERDICTS[] = {
        {"relu", CONVERSE_HOLDS, 0},    {"tanh", CONVERSE_HOLDS, 0},
        {"sigmoid", CONVERSE_HOLDS, 0}, {"gelu", CONVERSE_HOLDS, 0},
        {"silu", CONVERSE_HOLDS, 0},    {"hardtanh", CONVERSE_HOLDS, 0},
        {"abs(x)", CONVERSE_FAILS, -1}, {"x^2", CONVERSE_FAILS, -1},
        {"sign", CONVERSE_FAILS, 2},    {"relu(x-1)", CONVERSE_UNKNOWN, 0},
    };
    for (size_t i = 0; i < sizeof VERDICTS / sizeof *VERDICTS; i++) {
        Activation *activation = phi(VERDICTS[i].phi);
        const SymmetryPhi map = {evaluate, activation};
        SymmetryVerdict verdict = symmetry_converse(activation ? &map : NULL);
        ck_assert_msg(verdict.converse == VERDICTS[i].converse, "%s", VERDICTS[i].phi);
        ck_assert_double_eq(verdict.second, VERDICTS[i].second);
        activation_free(activation);
    }
}
END_TEST

START_TEST(the_worst_place) {
    Symmetry *symmetry = read("C7");
    DataMatrix W = random_matrix(symmetry, 5);
    double distance;
    SymmetryCheck check;
    ck_assert(symmetry_project(symmetry, &W, W.x, &distance, NULL));
    W.x[3 * 7 + 5] += 2.385;
    ck_assert(checked(symmetry, &W, NAN, NULL, &check));
    ck_assert_double_eq_tol(check.worst, 2.385, 1e-14);
    ck_assert(check.row == 2 && check.col == 4 && check.to_row == 3 && check.to_col == 5);
    symmetry_check_free(&check);
    ck_assert(checked(symmetry, &W, 2.4, NULL, &check));
    ck_assert(check.tied);
    symmetry_check_free(&check);
    memory_free(W.x);
    symmetry_free(symmetry);
}
END_TEST

// ---- the group of a matrix ----

static SymmetryFound find(const DataMatrix *W, double tolerance) {
    SymmetryFound found;
    Error error = {0};
    ck_assert_msg(symmetry_find(W, tolerance, 60, &found, &error), "%s", error.text);
    found_check_matrix(W, &found);
    ck_assert(found.in_time);
    return found;
}

// Weights tied by a 2-closed group have that group; noise below the tolerance does not matter.
START_TEST(groups_are_found_again) {
    static const struct {
        const char *text, *order;
        size_t weights;
    } FOUND[] = {{"C7", "7", 7},
                 {"D8", "16", 5},
                 {"S5", "120", 2},
                 {"A4", "24", 2}, // what it closes to
                 {"S4 on pairs", "24", 15},
                 {"S2 wr S3 on product", "48", 4},
                 {"S4 on pairs to S4", "24", 5},
                 {"rot90 4x4", "4", 64},
                 {"trivial(5)", "1", 25}};
    for (size_t i = 0; i < sizeof FOUND / sizeof *FOUND; i++) {
        Symmetry *symmetry = read(FOUND[i].text);
        DataMatrix W = random_matrix(symmetry, 200 + i);
        double distance;
        ck_assert(symmetry_project(symmetry, &W, W.x, &distance, NULL));
        Random random = random_stream(7, RANDOM_TEST, i);
        for (size_t k = 0; k < W.rows * W.cols; k++) W.x[k] += 1e-9 * random_uniform(&random);
        SymmetryFound found = find(&W, NAN);
        ck_assert_msg(strcmp(found.order, FOUND[i].order) == 0, "%s: %s", FOUND[i].text,
                      found.order);
        ck_assert_uint_eq(found.weights, FOUND[i].weights);
        ck_assert_uint_eq(found.values, FOUND[i].weights);
        ck_assert(found.margin_below < 1e-9 && found.margin_above > found.tolerance);
        symmetry_found_free(&found);
        memory_free(W.x);
        symmetry_free(symmetry);
    }
}
END_TEST

START_TEST(margins) {
    double w[] = {1, 1.125, 4, 1};
    const DataMatrix W = {2, 2, w};
    SymmetryFound found = find(&W, 0.25);
    ck_assert_double_eq(found.margin_below, 0.125);
    ck_assert_double_eq(found.margin_above, 2.875);
    ck_assert_str_eq(found.order, "1");
    symmetry_found_free(&found);
    found = find(&W, 3);
    ck_assert_str_eq(found.order, "2");
    ck_assert(isinf(found.margin_above));
    symmetry_found_free(&found);
}
END_TEST

// ---- closures ----

START_TEST(closures) {
    static const struct {
        const char *text, *order;
    } CLOSURES[] = {
        {"C7", "7"},
        {"A4", "24"},
        {"M11", "39916800"}, // 11!
        {"D8", "16"},
        {"S4 on pairs", "24"},
        {"S3 x S4 on grid", "144"},
        {"S3 wr S4", "31104"},
        {"rubik", "519024039293878272000"}, // 8! 3^8 12! 2^12: cubies put together anyhow
        {"S6 on subsets(3)", "1440"},       // and complements
        {"S4 to S4", "24"},
    };
    for (size_t i = 0; i < sizeof CLOSURES / sizeof *CLOSURES; i++) {
        Symmetry *symmetry = read(CLOSURES[i].text);
        SymmetryPattern pattern;
        char *order;
        ck_assert(symmetry_pattern(symmetry, &pattern, NULL));
        char *known;
        ck_assert(symmetry_order(symmetry, SYMMETRY_EFFORT, &known, NULL));
        const char *const LEAST[] = {NULL, known, CLOSURES[i].order}; // with proofs and without
        for (int k = 0; k < 3; k++) {
            ck_assert(
                symmetry_closure(&pattern, symmetry->rectangular, LEAST[k], 60, &order, NULL));
            ck_assert_ptr_nonnull(order);
            ck_assert_msg(strcmp(order, CLOSURES[i].order) == 0, "%s: %s", CLOSURES[i].text, order);
            memory_free(order);
        }
        memory_free(known);
        symmetry_pattern_free(&pattern);
        symmetry_free(symmetry);
    }
}
END_TEST

// Cells prove what a search would not find in time.
START_TEST(closures_by_proof) {
    static const char *const TEXTS[] = {"S2 wr S10 on product", "S17 wr S17", "S23 x S19 on grid",
                                        "torus 23x19",          "D300",       "S40 to trivial(10)",
                                        "S12 on pairs"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        Symmetry *symmetry = read(TEXTS[i]);
        SymmetryReport report;
        SymmetryOptions options = {SYMMETRY_EFFORT, 1, 1, 1, false};
        ck_assert(symmetry_report(symmetry, &options, &report, NULL));
        ck_assert_ptr_nonnull(report.order);
        ck_assert_ptr_nonnull(report.closure);
        ck_assert_str_eq(report.order, report.closure);
        symmetry_report_free(&report);
        symmetry_free(symmetry);
    }
}
END_TEST

// ---- files ----

static void write_text(const char *path, const char *text) {
    ck_assert(file_write(path, text, strlen(text), NULL));
}

START_TEST(graphs) {
    // Petersen's: a pentagon, a pentagram and five spokes
    write_text("petersen.txt", "0 1\n1 2\n2 3\n3 4\n4 0 # outside\n0 5\n1 6\n2 7\n3 8\n4 9\n"
                               "5 7\n7 9\n9 6\n6 8\n8 5\n");
    Symmetry *symmetry = read("aut(petersen.txt)");
    char *order;
    ck_assert(symmetry_order(symmetry, SYMMETRY_EFFORT, &order, NULL));
    ck_assert_str_eq(order, "120");
    memory_free(order);
    symmetry_free(symmetry);
    Error error = {0};
    write_text("bad.txt", "0 1\n2\n");
    ck_assert_ptr_null(symmetry_read("aut(bad.txt)", 12, false, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "group:1:1: bad.txt:2: 1 points; an edge has 2"));
    remove("petersen.txt");
    remove("bad.txt");
}
END_TEST

START_TEST(npy_files) {
    const double w[] = {1, -2.385, 1e-300, 4, 5, 6};
    const uint16_t label[] = {0, 1, 65535};
    DataMatrix W;
    ck_assert(data_write_npy("w.npy", "f8", 2, 3, w, NULL));
    ck_assert(data_read_npy("w.npy", &W, NULL));
    ck_assert(W.rows == 2 && W.cols == 3 && memcmp(W.x, w, sizeof w) == 0);
    memory_free(W.x);
    ck_assert(data_write_npy("w.npy", "u2", 3, 1, label, NULL));
    ck_assert(data_read_npy("w.npy", &W, NULL));
    ck_assert(W.rows == 3 && W.x[1] == 1 && W.x[2] == 65535);
    memory_free(W.x);
    remove("w.npy");
}
END_TEST

START_TEST(refusals) {
    Symmetry *symmetry = read("C7");
    double w[6] = {0}, distance;
    Error error = {0};
    const DataMatrix small = {2, 3, w};
    ck_assert(!symmetry_project(symmetry, &small, w, &distance, &error));
    ck_assert_str_eq(error.text,
                     "W has 2 rows and 3 columns; the group acts on 7 outputs and 7 inputs");
    symmetry_free(symmetry);
    SymmetryFound found;
    w[4] = NAN;
    ck_assert(!symmetry_find(&small, NAN, 10, &found, &error));
    ck_assert_str_eq(error.text, "W is not a number in row 1, column 1");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("symmetry");
    TCase *test = tcase_create("weights");
    tcase_add_test(test, projections_are_equivariant);
    tcase_add_test(test, projection_is_the_mean_over_the_group);
    tcase_add_test(test, an_x_shows_it);
    tcase_add_test(test, the_converse);
    tcase_add_test(test, verdicts);
    tcase_add_test(test, the_worst_place);
    tcase_add_test(test, groups_are_found_again);
    tcase_add_test(test, margins);
    tcase_add_test(test, closures);
    tcase_add_test(test, closures_by_proof);
    tcase_add_test(test, graphs);
    tcase_add_test(test, npy_files);
    tcase_add_test(test, refusals);
    suite_add_tcase(suite, test);
    return run_suite(suite);
}
