// Sets of points in clusters.
#include "help.h"
#include <math.h>

START_TEST(smaller_sets_are_prefixes) {
    const DataSet *small = help_open("sets:train=37,test=11");
    const DataSet *large = help_open("sets:train=200,test=100");
    ck_assert_int_eq(small->rank, 2);
    ck_assert_int_eq(small->size[0], 20);
    ck_assert_int_eq(small->size[1], 2);
    ck_assert_int_eq(small->classes, 3);
    ck_assert_mem_eq(small->x_train, large->x_train, 37 * 40 * sizeof(float));
    ck_assert_mem_eq(small->y_train, large->y_train, 37 * sizeof(int32_t));
    ck_assert_mem_eq(small->x_test, large->x_test, 11 * 40 * sizeof(float));
    ck_assert_mem_ne(small->x_train, small->x_test, 40 * sizeof(float));
    data_close(small);
    data_close(large);
}
END_TEST

// Without spread the points of a set are the centres of its clusters: 200 points miss one of five
// with probability 5 (4/5)^200 < 1e-18. Coordinates of a point are `points` numbers apart.
START_TEST(labels_count_clusters) {
    enum { POINTS = 200, DIM = 3, SETS = 60 };
    const DataSet *set = help_open("sets:train=60,test=1,points=200,dim=3,clusters=5,spread=0");
    int seen[5] = {0};
    for (size_t i = 0; i < SETS; i++) {
        const float *x = set->x_train + i * POINTS * DIM;
        int different = 0;
        for (size_t p = 0; p < POINTS; p++) {
            bool first = true;
            for (size_t q = 0; q < p && first; q++) {
                first = false;
                for (size_t c = 0; c < DIM; c++) first |= x[c * POINTS + p] != x[c * POINTS + q];
            }
            different += first;
        }
        ck_assert_int_eq(different, set->y_train[i] + 1);
        seen[set->y_train[i]]++;
    }
    for (int k = 0; k < 5; k++) ck_assert_int_gt(seen[k], 0); // missed with probability 8e-6
    data_close(set);
}
END_TEST

// One cluster of 400 points: each coordinate scatters by the spread, 0.5 +- 0.018; 4000 of them
// within 5.5 standard errors but for 2e-4.
START_TEST(spread_is_a_deviation) {
    const DataSet *set = help_open("sets:train=2000,test=1,points=400,clusters=1,spread=0.5");
    for (size_t i = 0; i < 2000 * 2; i++) {
        const float *x = set->x_train + i * 400;
        double mean = 0, square = 0;
        for (size_t p = 0; p < 400; p++) mean += (double)x[p] / 400;
        for (size_t p = 0; p < 400; p++) square += ((double)x[p] - mean) * ((double)x[p] - mean);
        ck_assert_double_eq_tol(sqrt(square / 399), 0.5, 5.5 * 0.5 / sqrt(2 * 399));
    }
    data_close(set);
}
END_TEST

START_TEST(what_does_not_fit_is_refused) {
    help_refused("sets:clusters=0", "data:1:15: clusters is \"0\"; it takes");
    help_refused("sets:points=1000000,dim=1000000,train=100000000", "");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/sets");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, smaller_sets_are_prefixes);
    tcase_add_test(tests, labels_count_clusters);
    tcase_add_test(tests, spread_is_a_deviation);
    tcase_add_test(tests, what_does_not_fit_is_refused);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
