#include "help.h"
#include "mnist1d_reference.h"
#include <math.h>

static void compare(const float *x, const int32_t *y, const double (*x0)[40], const int32_t *y0,
                    size_t n) {
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(y[i], y0[i]);
        for (size_t j = 0; j < 40; j++)
            ck_assert_double_eq_tol((double)x[40 * i + j], x0[i][j], 2e-6);
    }
}

// The second witness is NumPy, following the recipe in its own way (mnist1d_reference.py).
START_TEST(numpy_makes_the_same_examples) {
    const DataSet *set = help_open("mnist1d:train=20,test=10,seed=42");
    compare(set->x_train, set->y_train, reference_x_train, reference_y_train, 20);
    compare(set->x_test, set->y_test, reference_x_test, reference_y_test, 10);
    data_close(set);
}
END_TEST

START_TEST(smaller_sets_are_prefixes_bit_for_bit) {
    const DataSet *small = help_open("mnist1d:train=137,test=23");
    const DataSet *large = help_open("mnist1d:train=4000,test=1000");
    ck_assert_uint_eq(small->n_train, 137);
    ck_assert_uint_eq(small->n_test, 23);
    ck_assert_mem_eq(small->x_train, large->x_train, 137 * 40 * sizeof(float));
    ck_assert_mem_eq(small->y_train, large->y_train, 137 * sizeof(int32_t));
    ck_assert_mem_eq(small->x_test, large->x_test, 23 * 40 * sizeof(float));
    ck_assert_mem_eq(small->y_test, large->y_test, 23 * sizeof(int32_t));
    data_close(small);
    data_close(large);
}
END_TEST

START_TEST(train_test_and_seeds_differ) {
    const DataSet *a = help_open("mnist1d:train=200,test=200");
    const DataSet *b = help_open("mnist1d:train=200,test=200,seed=43");
    size_t same = 0;
    for (size_t i = 0; i < 200; i++) {
        same += memcmp(a->x_train + 40 * i, a->x_test + 40 * i, 40 * sizeof(float)) == 0;
        same += memcmp(a->x_train + 40 * i, b->x_train + 40 * i, 40 * sizeof(float)) == 0;
    }
    ck_assert_uint_eq(same, 0);
    ck_assert(memcmp(a->y_train, a->y_test, 200 * sizeof(int32_t)) != 0);
    ck_assert(memcmp(a->y_train, b->y_train, 200 * sizeof(int32_t)) != 0);
    data_close(a);
    data_close(b);
}
END_TEST

START_TEST(every_ten_hold_each_class_once) {
    const DataSet *set = help_open("mnist1d");
    for (size_t i = 0; i < set->n_train; i += 10) {
        unsigned seen = 0;
        for (size_t k = 0; k < 10; k++) seen |= 1U << set->y_train[i + k];
        ck_assert_uint_eq(seen, 0x3ff);
    }
    data_close(set);
}
END_TEST

// roll=yes turns each example by an amount of its own, evenly: chi^2 of 39 degrees over 40000 rolls
// is beyond 96 with probability 1e-6.
START_TEST(rolled_examples_are_turned) {
    const DataSet *plain = help_open("mnist1d:train=40000,test=9");
    const DataSet *rolled = help_open("mnist1d:train=40000,test=9,roll=yes");
    double count[40] = {0}, chi2 = 0;
    ck_assert_mem_eq(plain->y_train, rolled->y_train, 40000 * sizeof(int32_t));
    for (size_t i = 0; i < 40000; i++) {
        const float *a = plain->x_train + 40 * i, *b = rolled->x_train + 40 * i;
        size_t roll = 0, same = 0;
        while (roll < 40 && b[roll] != a[0]) roll++;
        for (size_t j = 0; j < 40; j++) same += b[(j + roll) % 40] == a[j];
        ck_assert_uint_eq(same, 40);
        count[roll]++;
    }
    for (int r = 0; r < 40; r++) chi2 += (count[r] - 1000) * (count[r] - 1000) / 1000;
    ck_assert_double_lt(chi2, 96);
    data_close(plain);
    data_close(rolled);
}
END_TEST

// Over sets of 20000 the mean scatters by 0.0014 and the deviation by 0.0007 (measured over seeds):
// five of them fail by chance in less than one of 10^6 seeds.
START_TEST(the_fixed_constants_standardise) {
    const DataSet *set = help_open("mnist1d:train=20000,test=0,seed=7");
    double sum = 0, squares = 0, count = 20000.0 * 40;
    for (size_t i = 0; i < 20000 * 40; i++) {
        sum += (double)set->x_train[i];
        squares += (double)set->x_train[i] * (double)set->x_train[i];
    }
    double mean = sum / count;
    ck_assert_double_eq_tol(mean, 0, 0.007);
    ck_assert_double_eq_tol(sqrt(squares / count - mean * mean), 1, 0.0035);
    data_close(set);
}
END_TEST

// Sums over the examples of each class: of x_j, x_j^2, x_j x_{j+1} and x_j x_{j+8}.
enum { KINDS = 4, CLASSES = 10, FEATURES = 40 };
typedef struct Sums {
    double sum[KINDS][CLASSES][FEATURES], square[KINDS][CLASSES][FEATURES], count[CLASSES];
} Sums;

static void add(Sums *sums, const float *x, const int32_t *label, size_t n) {
    static const int lags[KINDS] = {-1, 0, 1, 8};
    for (size_t i = 0; i < n; i++, x += FEATURES) {
        sums->count[label[i]]++;
        for (int kind = 0; kind < KINDS; kind++) {
            for (int j = 0; j + (kind ? lags[kind] : 0) < FEATURES; j++) {
                double value = (double)x[j] * (kind ? (double)x[j + lags[kind]] : 1);
                sums->sum[kind][label[i]][j] += value;
                sums->square[kind][label[i]][j] += value * value;
            }
        }
    }
}

static double z_score(const Sums *a, const Sums *b, int kind, int c, int j) {
    double mean[2], variance[2];
    const Sums *both[2] = {a, b};
    for (int k = 0; k < 2; k++) {
        double n = both[k]->count[c];
        mean[k] = both[k]->sum[kind][c][j] / n;
        variance[k] = (both[k]->square[kind][c][j] / n - mean[k] * mean[k]) / n;
    }
    double total = variance[0] + variance[1];
    return total > 0 ? (mean[0] - mean[1]) / sqrt(total) : 0;
}

// 1600 two-sample z scores at most: the largest of so many standard normals is beyond 5.5 with
// probability 6e-5. Their mean square is 1 (0.8 for the longest lag, which leaves 32 features) with
// a scatter of about 0.06, since features of an example are correlated: beyond 1.35 with less than
// 1e-5.
START_TEST(it_is_the_frozen_set_in_distribution) {
    const char *path = help_shared("data/mnist1d");
    if (!path) return;
    char spec[1100];
    snprintf(spec, sizeof spec, "npy:dir=%s", path);
    const DataSet *frozen = help_open(spec);
    const DataSet *own = help_open("mnist1d:train=20000,test=0,seed=3");
    static Sums a, b;
    add(&a, frozen->x_train, frozen->y_train, frozen->n_train);
    add(&a, frozen->x_test, frozen->y_test, frozen->n_test);
    add(&b, own->x_train, own->y_train, own->n_train);
    for (int kind = 0; kind < KINDS; kind++) {
        double largest = 0, squares = 0;
        for (int c = 0; c < CLASSES; c++) {
            ck_assert_double_eq(a.count[c], 500);
            for (int j = 0; j < FEATURES; j++) {
                double z = z_score(&a, &b, kind, c, j);
                largest = fmax(largest, fabs(z));
                squares += z * z / (CLASSES * FEATURES);
            }
        }
        if (getenv("BENIGN_VERBOSE"))
            fprintf(stderr, "kind %d: largest %.2f, mean square %.3f\n", kind, largest, squares);
        ck_assert_double_lt(largest, 5.5);
        ck_assert_double_lt(squares, 1.35);
    }
    data_close(frozen);
    data_close(own);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/mnist1d");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, numpy_makes_the_same_examples);
    tcase_add_test(tests, smaller_sets_are_prefixes_bit_for_bit);
    tcase_add_test(tests, train_test_and_seeds_differ);
    tcase_add_test(tests, every_ten_hold_each_class_once);
    tcase_add_test(tests, rolled_examples_are_turned);
    tcase_add_test(tests, the_fixed_constants_standardise);
    tcase_add_test(tests, it_is_the_frozen_set_in_distribution);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
