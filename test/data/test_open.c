#include "help.h"
#include <math.h>
#include <pthread.h>

START_TEST(canonical_specs_write_everything_out) {
    const DataSet *set = help_open("mnist1d:seed=7,train=1e2");
    ck_assert_str_eq(set->spec, "mnist1d:train=100,test=1000,seed=7,roll=no");
    const DataSet *same = help_open(set->spec);
    ck_assert_ptr_eq(set, same);
    data_close(set);
    data_close(same);
}
END_TEST

START_TEST(misspellings_are_shown) {
    help_refused("mnist1d:tran=5", "data:1:9: unknown key \"tran\", did you mean \"train\"?\n"
                                   "    mnist1d:tran=5\n"
                                   "            ^~~~");
    help_refused("mnits1d", "data:1:1: unknown data set \"mnits1d\", did you mean \"mnist1d\"?");
    help_refused("zzz:train=5", "data:1:1: unknown data set \"zzz\"; there are mnist1d, ");
    help_refused("", "data:1:1: a data set begins with its name");
    help_refused("mnist1d:train=0", "data:1:15: train is \"0\"; it takes a whole number from 1");
    help_refused("mnist1d:train=5,train=6", "data:1:17: train is given twice");
    help_refused("mnist1d:", "data:1:9: key=value is expected");
    help_refused("mnist1d:train=5,", "data:1:17: key=value is expected");
    help_refused("mnist1d:train", "data:1:9: key=value is expected");
    help_refused("csv:file=a,task=guess",
                 "data:1:17: task is \"guess\"; it takes classification, regression");
    help_refused("csv", "csv:file=,label=last");
    help_refused("idx", "idx:dir=,standardise=none,classes=0: give dir=FOLDER");
}
END_TEST

START_TEST(commas_in_file_names_take_a_backslash) {
    help_enter();
    help_write_text("a,b\\c.csv", "1.5,0\n2.5,1\n");
    const DataSet *set = help_open("csv:file=a\\,b\\\\c.csv");
    ck_assert_uint_eq(set->n_train, 2);
    const DataSet *same = help_open(set->spec);
    ck_assert_ptr_eq(set, same);
    data_close(set);
    data_close(same);
    help_leave();
}
END_TEST

START_TEST(the_search_path_is_walked_in_order) {
    help_enter();
    Error error;
    ck_assert(file_make_folder("one", &error) && file_make_folder("two", &error) &&
              file_make_folder("data", &error));
    help_write_text("two/t.csv", "1,0\n1,1\n1,0\n");
    help_write_text("data/t.csv", "1,0\n");
    const DataSet *set = help_open("csv:file=t.csv"); // ./data without being asked
    ck_assert_uint_eq(set->n_train, 1);
    data_close(set);
    setenv("BENIGN_DATA", "one:two", 1);
    set = help_open("csv:file=t.csv");
    ck_assert_uint_eq(set->n_train, 3);
    data_close(set);
    help_refused("csv:file=u.csv", "u.csv: not there, nor in one, two, data, /usr/share/datasets");
    unsetenv("BENIGN_DATA");
    help_leave();
}
END_TEST

static void *open_in_thread(void *spec) {
    return (void *)(uintptr_t)data_open(spec, NULL);
}

// All threads that open at once get the one object, and closing it as often frees it (ASan would
// see a leak); a load that fails fails for all.
START_TEST(threads_share_one_load) {
    enum { THREADS = 8 };
    static char spec[2][64] = {"mnist1d:train=3000,seed=99", "csv:file=absent.csv"};
    pthread_t thread[THREADS];
    void *set[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert(pthread_create(&thread[i], NULL, open_in_thread, spec[_i]) == 0);
    for (int i = 0; i < THREADS; i++) pthread_join(thread[i], &set[i]);
    for (int i = 0; i < THREADS; i++) {
        ck_assert_ptr_eq(set[i], set[0]);
        ck_assert_int_eq(set[i] == NULL, _i);
        data_close(set[i]);
    }
}
END_TEST

START_TEST(a_failed_load_can_be_tried_again) {
    help_enter();
    help_refused("csv:file=late.csv", "late.csv: ");
    help_write_text("late.csv", "1,0\n2,1\n");
    data_close(help_open("csv:file=late.csv"));
    help_leave();
}
END_TEST

// The hash is of the content: the same from another file format or name, another when one bit, one
// label or the split changes. The number itself is pinned, since stores keep it.
START_TEST(hashes_name_contents) {
    help_enter();
    help_write_text("a.csv", "0.25,-3,0\n1.5,2,1\n8,9.75,1\n");
    help_write_text("b.csv", "p,q,label\r\n2.5e-1,-3,0\r\n1.50,2.0,1\r\n8,9.75,1\r\n");
    help_write_text("c.csv", "0.25,-3,0\n1.5,2,1\n8,9.75,0\n");
    help_write_text("d.csv", "0.25000003,-3,0\n1.5,2,1\n8,9.75,1\n");
    static const char *const specs[] = {"csv:file=a.csv", "csv:file=b.csv", "csv:file=c.csv",
                                        "csv:file=d.csv", "csv:file=a.csv,holdout=0.34"};
    char hash[5][33];
    for (int i = 0; i < 5; i++) {
        const DataSet *set = help_open(specs[i]);
        hash_print(&set->hash, hash[i]);
        data_close(set);
    }
    ck_assert_str_eq(hash[0], hash[1]);
    for (int i = 2; i < 5; i++) ck_assert_str_ne(hash[0], hash[i]);
    ck_assert_str_eq(hash[0], "b43d666ae517ddcca6e281677d720cba");
    help_leave();
}
END_TEST

START_TEST(descriptions_tell_the_counts) {
    help_enter();
    help_write_text("a.csv", "1,2,0\n3,4,1\n5,6,1\n");
    const DataSet *set = help_open("csv:file=a.csv");
    Text text = {0};
    data_describe(set, &text);
    ck_assert_ptr_nonnull(strstr(text.data, "  class 1                2             0\n"));
    ck_assert_ptr_nonnull(strstr(text.data, "  mean                 3.5\n"));
    text_free(&text);
    json_t *json = data_to_json(set);
    json_t *train = json_object_get(json, "train");
    ck_assert_int_eq(json_integer_value(json_object_get(train, "n")), 3);
    json_t *features = json_object_get(train, "features");
    ck_assert_double_eq_tol(json_real_value(json_object_get(features, "sd")), sqrt(35.0 / 12),
                            1e-12);
    ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(train, "class_counts"), 1)),
                     2);
    ck_assert(json_is_null(json_object_get(json_object_get(json, "test"), "features")));
    json_decref(json);
    data_sketch(set, 2, &text);
    ck_assert_str_eq(text.data, "example 2: class 1\n▁█\n");
    text_free(&text);
    data_close(set);
    help_leave();
}
END_TEST

// y = x'w + e with E|w|^2 = 2.25 and e of variance 0.7: over d = 400 and 20000 examples, |w|^2 is
// within 2.25 (1 +- 6 sqrt(2/400)) and var y within 6 deviations of |w|^2 + 0.7: failure by chance
// 1e-8. |w|^2 is estimated from the gaussian itself by E[y x_j] = w_j, less its bias d var(y)/n.
START_TEST(gaussian_data_has_its_signal_and_noise) {
    const DataSet *set = help_open("gaussian:n=20000,d=400,test=0,signal=2.25,noise=0.7");
    size_t n = set->n_train, d = set->d;
    double *w = memory_new(d, sizeof *w), power = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        double y = (double)set->t_train[i];
        power += y * y / (double)n;
        for (size_t j = 0; j < d; j++) w[j] += y * (double)set->x_train[i * d + j] / (double)n;
    }
    for (size_t j = 0; j < d; j++) square += w[j] * w[j];
    square -= (double)d * power / (double)n;
    ck_assert_double_eq_tol(square, 2.25, 2.25 * 6 * sqrt(2.0 / 400) + 0.1);
    ck_assert_double_eq_tol(power - square, 0.7, 0.2);
    const DataSet *part = help_open("gaussian:n=10,d=400,test=0,signal=2.25,noise=0.7");
    ck_assert_mem_eq(part->x_train, set->x_train, 10 * 400 * sizeof(float));
    ck_assert_mem_eq(part->t_train, set->t_train, 10 * sizeof(float));
    memory_free(w);
    data_close(part);
    data_close(set);
}
END_TEST

// Without noise, as many examples as features give the weights back: the residual of the
// least-squares fit on the others is rounding.
START_TEST(gaussian_data_without_noise_is_linear) {
    const DataSet *set = help_open("gaussian:n=6,d=2,test=3,noise=0");
    const float *x = set->x_train, *t = set->t_train;
    double det = (double)x[0] * (double)x[3] - (double)x[1] * (double)x[2];
    double w0 = ((double)t[0] * (double)x[3] - (double)t[1] * (double)x[1]) / det;
    double w1 = ((double)x[0] * (double)t[1] - (double)x[2] * (double)t[0]) / det;
    for (size_t i = 0; i < 3; i++) {
        double fit = w0 * (double)set->x_test[2 * i] + w1 * (double)set->x_test[2 * i + 1];
        ck_assert_double_eq_tol(fit, (double)set->t_test[i], 1e-5);
    }
    data_close(set);
}
END_TEST

static const DataSet *open_double(const char *spec) {
    Error error;
    const DataSet *set = data_open_double(spec, &error);
    if (!set) ck_abort_msg("%s", error.text);
    return set;
}

// What a float cannot hold is kept where it is asked for, also of held-out rows and standardised;
// 0.5 and 3 are floats, and nothing beside them is kept.
START_TEST(doubles_are_kept) {
    help_enter();
    help_write_text("a.csv", "0.1,0.3,1.7\n20.3,68.54,2.2\n-7.7,18.14,2.385\n1.9,35.42,-3.1\n");
    const char *spec = "csv:file=a.csv,task=regression";
    const DataSet *set = open_double(spec), *floats = help_open(spec);
    ck_assert(set != floats && !floats->x_train_double && !floats->t_train_double);
    ck_assert_double_eq(set->x_train_double[2], 20.3);
    ck_assert_double_eq(set->t_train_double[2], 2.385);
    for (int i = 0; i < 8; i++) ck_assert(set->x_train[i] == (float)set->x_train_double[i]);
    ck_assert(memcmp(&set->hash, &floats->hash, sizeof set->hash) != 0);
    ck_assert(open_double(spec) == set);
    data_close(set), data_close(set), data_close(floats);

    set = open_double("csv:file=a.csv,task=regression,holdout=0.5");
    for (int i = 0; i < 4; i++) {
        ck_assert(set->x_train[i] == (float)set->x_train_double[i]);
        ck_assert(set->x_test[i] == (float)set->x_test_double[i]);
    }
    ck_assert(set->t_test[1] == (float)set->t_test_double[1]);
    data_close(set);

    set = open_double("csv:file=a.csv,task=regression,standardise=feature");
    double mean = (0.1 + 20.3 - 7.7 + 1.9) / 4, square = 0;
    for (int i = 0; i < 4; i++) square += pow((double[]){0.1, 20.3, -7.7, 1.9}[i] - mean, 2);
    ck_assert_double_eq_tol(set->x_train_double[2], (20.3 - mean) / sqrt(square / 4), 1e-15);
    ck_assert_double_eq_tol((double)set->x_train[2], set->x_train_double[2], 1e-6);
    data_close(set);

    help_write_text("b.csv", "0.5,0.25,3\n1,-2,0.5\n");
    set = open_double("csv:file=b.csv,task=regression"), floats = help_open(set->spec);
    ck_assert(!set->x_train_double && !set->t_train_double);
    ck_assert(memcmp(&set->hash, &floats->hash, sizeof set->hash) == 0);
    data_close(set), data_close(floats);
    help_leave();
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/open");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, canonical_specs_write_everything_out);
    tcase_add_test(tests, misspellings_are_shown);
    tcase_add_test(tests, commas_in_file_names_take_a_backslash);
    tcase_add_test(tests, the_search_path_is_walked_in_order);
    tcase_add_loop_test(tests, threads_share_one_load, 0, 2);
    tcase_add_test(tests, a_failed_load_can_be_tried_again);
    tcase_add_test(tests, hashes_name_contents);
    tcase_add_test(tests, doubles_are_kept);
    tcase_add_test(tests, descriptions_tell_the_counts);
    tcase_add_test(tests, gaussian_data_has_its_signal_and_noise);
    tcase_add_test(tests, gaussian_data_without_noise_is_linear);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
