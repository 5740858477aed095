#include "help.h"
#include <math.h>

static const DataSet *set;

static void open_set(void) {
    set = help_open("mnist1d:train=3000,test=10");
}

static void close_set(void) {
    data_close(set);
}

static DataView view_of(DataOptions options) {
    DataView view;
    Error error;
    if (!data_view(set, &options, &view, &error)) ck_abort_msg("%s", error.text);
    return view;
}

static void refused(const DataSet *of, DataOptions options, const char *beginning) {
    DataView view;
    Error error = {0};
    ck_assert(!data_view(of, &options, &view, &error));
    if (strncmp(error.text, beginning, strlen(beginning)) != 0) ck_abort_msg("%s", error.text);
}

START_TEST(everything_in_order_without_options) {
    DataView view = view_of((DataOptions){0});
    ck_assert_uint_eq(view.n, 3000);
    for (size_t i = 0; i < view.n; i++) {
        ck_assert_uint_eq(view.row[i], i);
        ck_assert_int_eq(view.label[i], set->y_train[i]);
        ck_assert_int_eq(view.wrong[i], 0);
    }
    ck_assert_uint_eq(view.wrong_count, 0);
    data_view_free(&view);
}
END_TEST

START_TEST(subsets_are_prefixes) {
    DataView small = view_of((DataOptions){.samples = 321, .subset_seed = 5});
    DataView large = view_of((DataOptions){.samples = 3000, .subset_seed = 5});
    DataView other = view_of((DataOptions){.samples = 321, .subset_seed = 6});
    ck_assert_uint_eq(small.n, 321);
    ck_assert_mem_eq(small.row, large.row, 321 * sizeof *small.row);
    ck_assert(memcmp(small.row, other.row, 321 * sizeof *small.row) != 0);
    static uint8_t seen[3000];
    for (size_t i = 0; i < 3000; i++) seen[large.row[i]]++;
    for (size_t i = 0; i < 3000; i++) ck_assert_uint_eq(seen[i], 1);
    data_view_free(&small);
    data_view_free(&large);
    data_view_free(&other);
}
END_TEST

// Both laws: what a low level hits, a high level hits with the same label; and a subset carries the
// noise of its rows.
START_TEST(noise_is_nested_and_belongs_to_the_row) {
    int law = _i ? NOISE_REDRAWN : NOISE_WRONG;
    DataView low = view_of((DataOptions){.noise = 0.137, .noise_law = law, .noise_seed = 9});
    DataView high = view_of((DataOptions){.noise = 0.425, .noise_law = law, .noise_seed = 9});
    DataView part = view_of((DataOptions){
        .samples = 700, .subset_seed = 2, .noise = 0.137, .noise_law = law, .noise_seed = 9});
    for (size_t i = 0; i < low.n; i++) {
        if (low.wrong[i]) ck_assert_int_eq(low.label[i], high.label[i]);
        ck_assert_int_eq(low.wrong[i], low.label[i] != set->y_train[i]);
    }
    ck_assert_uint_gt(high.wrong_count, 2 * low.wrong_count);
    for (size_t i = 0; i < part.n; i++) {
        ck_assert_int_eq(part.label[i], low.label[part.row[i]]);
        ck_assert_int_eq(part.wrong[i], low.wrong[part.row[i]]);
    }
    data_view_free(&low);
    data_view_free(&high);
    data_view_free(&part);
}
END_TEST

// u_i is what the header says, so other programs can make the same noise.
START_TEST(sample_i_is_hit_when_its_own_uniform_is_below_p) {
    DataView view = view_of((DataOptions){.noise = 0.3, .noise_law = NOISE_WRONG, .noise_seed = 4});
    for (uint32_t i = 0; i < view.n; i++) {
        Random random = random_stream(4, RANDOM_NOISE, i);
        ck_assert_int_eq(view.wrong[i], random_uniform(&random) < 0.3);
    }
    data_view_free(&view);
}
END_TEST

// The number of wrong labels is binomial: 3000 p under "wrong", 3000 p 9/10 under "redrawn"; six
// deviations fail by chance with probability 2e-9.
START_TEST(laws_hit_as_many_as_they_should) {
    double p = 0.15, share = _i ? 0.9 * p : p;
    DataView view = view_of(
        (DataOptions){.noise = p, .noise_law = _i ? NOISE_REDRAWN : NOISE_WRONG, .noise_seed = 11});
    double deviation = sqrt(3000 * share * (1 - share));
    ck_assert_double_eq_tol((double)view.wrong_count, 3000 * share, 6 * deviation);
    data_view_free(&view);
}
END_TEST

// At p = 1 the law "wrong" leaves no label right and spreads over the nine others: 300 of each
// true class, chi-squared with 80 degrees of freedom, beyond 170 with probability 2e-8.
START_TEST(wrong_labels_are_uniform_over_the_others) {
    DataView view = view_of((DataOptions){.noise = 1, .noise_law = NOISE_WRONG, .noise_seed = 1});
    ck_assert_uint_eq(view.wrong_count, 3000);
    double count[10][10] = {{0}}, chi = 0;
    for (size_t i = 0; i < view.n; i++) count[set->y_train[i]][view.label[i]]++;
    for (int c = 0; c < 10; c++) {
        for (int k = 0; k < 10; k++) {
            if (k != c) chi += pow(count[c][k] - 300.0 / 9, 2) / (300.0 / 9);
        }
    }
    ck_assert_double_lt(chi, 170);
    ck_assert_double_gt(chi, 25); // too even to be random: probability below 1e-8
    data_view_free(&view);
}
END_TEST

START_TEST(errors_say_what_would_fit) {
    refused(set, (DataOptions){.samples = 3001}, "samples is 3001, but mnist1d:train=3000,");
    refused(set, (DataOptions){.samples = -1}, "samples is -1; ");
    refused(set, (DataOptions){.noise = 0.15}, "noise is 0.15, but by which law? noise_law takes");
    refused(set, (DataOptions){.noise = 1.5, .noise_law = NOISE_WRONG}, "noise is 1.5; ");
    refused(set, (DataOptions){.noise = NAN, .noise_law = NOISE_WRONG}, "noise is ");
    const DataSet *targets = help_open("gaussian:n=3,d=2");
    refused(targets, (DataOptions){.noise = 0.1, .noise_law = NOISE_WRONG}, "noise_law is wrong");
    DataView view;
    Error error;
    ck_assert(data_view(targets, &(DataOptions){.samples = 2}, &view, &error));
    ck_assert(view.label == NULL && view.wrong == NULL && view.n == 2);
    data_view_free(&view);
    data_close(targets);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/view");
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, open_set, close_set);
    tcase_add_test(tests, everything_in_order_without_options);
    tcase_add_test(tests, subsets_are_prefixes);
    tcase_add_loop_test(tests, noise_is_nested_and_belongs_to_the_row, 0, 2);
    tcase_add_test(tests, sample_i_is_hit_when_its_own_uniform_is_below_p);
    tcase_add_loop_test(tests, laws_hit_as_many_as_they_should, 0, 2);
    tcase_add_test(tests, wrong_labels_are_uniform_over_the_others);
    tcase_add_test(tests, errors_say_what_would_fit);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
