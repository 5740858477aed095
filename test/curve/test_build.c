// Tables into curves: grouping, seeds, epochs, refusals; places, threshold and complexity on the
// published MNIST-1D table.
#include "curve/curve.h"
#include "run_suite.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void read_table(const char *text, Table *table) {
    Error error = {0};
    ck_assert_msg(curve_parse_csv("t.csv", text, strlen(text), table, &error), "%s", error.text);
}

static void build(const char *text, const CurveOptions *options, CurveSet *set) {
    Table table;
    Error error = {0};
    read_table(text, &table);
    ck_assert_msg(curve_build(&table, options, set, &error), "%s", error.text);
    table_free(&table);
}

static void refuse(const char *text, const CurveOptions *options, const char *message) {
    Table table;
    CurveSet set;
    Error error = {0};
    read_table(text, &table);
    ck_assert(!curve_build(&table, options, &set, &error));
    ck_assert_str_eq(error.text, message);
    table_free(&table);
}

static const char RUNS[] = "width,lr,seed,parameters,epoch,train_error,test_error\n"
                           "4,0.1,2,20,10,0.125,0.75\n"
                           "2,0.1,1,10,1,0.75,0.5\n"
                           "2,0.1,1,10,10,0.25,0.375\n"
                           "2,0.1,2,10,1,0.5,0.625\n"
                           "2,0.1,2,10,5,0.375,0.875\n" // stopped early: its last record counts
                           "4,0.1,1,20,10,0,nan\n"      // diverged
                           "4,0.1,1,20,1,1,1\n";

START_TEST(test_summarises_over_seeds) {
    CurveSet set;
    build(RUNS, &(CurveOptions){.x = "width"}, &set);
    ck_assert_uint_eq(set.curves, 1);
    const Curve *curve = &set.curve[0];
    ck_assert_uint_eq(curve->points, 2);
    ck_assert_uint_eq(curve->seeds, 2);
    ck_assert_str_eq(curve->seed[1], "seed=2");
    const CurvePoint *point = curve->point;
    ck_assert_double_eq(point[0].x, 2);
    ck_assert_double_eq(point[0].y.mean, 0.625); // of 0.375 and 0.875
    ck_assert_double_eq_tol(point[0].y.sd, 0.3535533905932738, 1e-15);
    ck_assert_double_eq_tol(point[0].y.se, 0.25, 1e-15);
    ck_assert_double_eq(point[0].y.min, 0.375);
    ck_assert_double_eq(point[0].y.max, 0.875);
    ck_assert_double_eq(point[0].train.mean, 0.3125);
    ck_assert_double_eq(point[1].parameters, 20);
    ck_assert_uint_eq(point[1].y.n, 1);
    ck_assert_uint_eq(point[1].lost, 1);
    ck_assert(isnan(point[1].y.sd));
    ck_assert_str_eq(settings_get(&set.fixed, "lr"), "0.1");
    curve_free(&set);
}
END_TEST

START_TEST(test_takes_the_epoch_asked_for) {
    CurveSet set;
    build(RUNS, &(CurveOptions){.x = "width", .epoch = 4}, &set);
    ck_assert_double_eq(set.curve[0].point[0].y.mean, 0.5625); // 0.5 and 0.625 at epoch 1
    curve_free(&set);
    const char *const by[] = {"width", NULL};
    build(RUNS, &(CurveOptions){.x = "epoch", .by = by}, &set);
    ck_assert_uint_eq(set.curves, 2);
    ck_assert_str_eq(settings_get(&set.curve[1].by, "width"), "4");
    ck_assert_uint_eq(set.curve[0].points, 3); // epochs 1, 5, 10
    ck_assert(set.whole_runs);
    curve_free(&set);
}
END_TEST

START_TEST(test_numbers_repetitions_without_seeds) {
    CurveSet set;
    build("x,test_error\n1,3\n1,5\n2,7\n1,4\n", &(CurveOptions){.x = "x"}, &set);
    ck_assert_uint_eq(set.curve[0].seeds, 3);
    ck_assert_double_eq(set.curve[0].point[0].y.mean, 4);
    ck_assert_str_eq(set.curve[0].seed[2], "repetition 3");
    curve_free(&set);
}
END_TEST

static const char LRS[] = "width,lr,seed,test_error\n2,0.1,1,3\n2,0.01,1,4\n2,1,1,5\n";

START_TEST(test_names_the_column_that_varies) {
    CurveOptions options = {.x = "width"};
    refuse(LRS, &options,
           "t.csv: column lr takes 3 values (0.1, 0.01, 1); choose --by lr or lr=0.1");
    Settings where = {0};
    settings_set(&where, "lr", "1e-2", NULL);
    CurveSet set;
    build(LRS, &(CurveOptions){.x = "width", .where = &where}, &set);
    ck_assert_double_eq(set.curve[0].point[0].y.mean, 4);
    curve_free(&set);
    settings_set(&where, "lr", "7", NULL);
    refuse(LRS, &(CurveOptions){.x = "width", .where = &where}, "t.csv: no row passes the filter");
    settings_free(&where);
    const char *const by[] = {"lr", NULL};
    build(LRS, &(CurveOptions){.x = "width", .by = by}, &set);
    ck_assert_uint_eq(set.curves, 3);
    curve_free(&set);
}
END_TEST

START_TEST(test_refuses_what_is_not_a_curve) {
    CurveOptions options = {.x = "width"};
    refuse("with,test_error\n1,2\n", &options, "t.csv: no column 'width', did you mean 'with'?");
    refuse("width,loss\n1,2\n", &options, "t.csv: no column 'test_error'; there are width, loss");
    refuse("width,test_error\n1,2\nwide,3\n", &options, "t.csv:3:1: width is 'wide', not a number");
    refuse("width,test_error\n1,2\n3,big\n", &options,
           "t.csv:3:3: test_error is 'big', not a number");
    refuse("width,test_error\n", &options, "t.csv: no row at all");
    refuse("width,seed,test_error\n1,1,2\n1,2,4\n1,1,3\n", &options,
           "t.csv:4: the same settings and seeds as t.csv:2");
}
END_TEST

static const char PUBLISHED[] =
    "width,examples,classes,train_error,test_error,test_loss\n"
    "9,4000,10,47.5,49.0,1.34\n16,4000,10,39.7,47.2,1.32\n21,4000,10,38.1,50.8,1.53\n"
    "27,4000,10,29.6,50.7,1.66\n36,4000,10,19.0,52.8,2.50\n47,4000,10,5.5,54.05,5.70\n"
    "61,4000,10,0,54.02,5.79\n80,4000,10,0,52.1,4.72\n104,4000,10,0,50.2,3.92\n"
    "135,4000,10,0,48.4,3.49\n177,4000,10,0,47.9,3.12\n230,4000,10,0,46.5,2.89\n"
    "300,4000,10,0,45.5,2.63\n";

START_TEST(test_finds_the_published_places) {
    CurveSet set;
    build(PUBLISHED, &(CurveOptions){.x = "width"}, &set);
    curve_judge(&set);
    const Curve *curve = &set.curve[0];
    ck_assert_double_eq(curve->test.largest.x, 47);
    ck_assert_double_eq(curve->test.largest.value, 54.05);
    ck_assert_double_eq(curve->test.height, 54.05 - 47.2);
    ck_assert_double_eq(curve->test.first_minimum.x, 300);
    ck_assert_uint_eq(curve->test.peak.index, CURVE_NONE); // one seed shows none
    ck_assert_uint_eq(curve->test.after_peak.index, CURVE_NONE);
    ck_assert_double_eq(curve->test.last.x, 300);
    ck_assert_double_eq(curve->point[curve->threshold.from].x, 61);
    ck_assert_double_eq(curve->threshold.below, 47);
    ck_assert_uint_eq(curve->threshold.first, curve->threshold.from);
    ck_assert_int_eq(curve->test.shape, CURVE_TOO_FEW_SEEDS); // one seed
    ck_assert(isnan(curve->test.p_second_descent) && isnan(curve->test.peak_low));
    curve_free(&set);
    build(PUBLISHED, &(CurveOptions){.x = "width", .y = "test_loss"}, &set);
    curve_judge(&set);
    ck_assert_double_eq(set.curve[0].test.largest.x, 61);
    ck_assert_double_eq(set.curve[0].complexity.n, 4000); // EMC reaches n at 61: 5.5 is above 0.1
    ck_assert_double_eq(set.curve[0].point[set.curve[0].complexity.index].x, 61);
    curve_free(&set);
}
END_TEST

START_TEST(test_complexity_of_a_samples_sweep) {
    CurveSet set;
    build("samples,train_error,test_error\n100,0,9\n200,0.05,8\n400,0.1,7\n800,0.3,6\n",
          &(CurveOptions){.x = "samples"}, &set);
    curve_judge(&set);
    ck_assert_double_eq(set.curve[0].complexity.n, 400);
    ck_assert_uint_eq(set.curve[0].threshold.first, 0);
    ck_assert_uint_eq(set.curve[0].threshold.from, CURVE_NONE); // it leaves 0 again
    ck_assert(!set.curve[0].complexity.edge);
    curve_free(&set);
}
END_TEST

START_TEST(test_json_and_words) {
    CurveSet set;
    build(PUBLISHED, &(CurveOptions){.x = "width"}, &set);
    curve_judge(&set);
    Text text = {0};
    curve_json(&set, &text);
    json_t *root = json_loads(text.data, 0, NULL);
    ck_assert_ptr_nonnull(root);
    json_t *curve = json_array_get(json_object_get(root, "curves"), 0);
    double bump, height, threshold, neighbours;
    const char *test, *train;
    ck_assert_int_eq(
        json_unpack(curve, "{s:{s:F, s:F}, s:{s:F, s:F}, s:{s:s, s:s}, s:[n, n], s:n, s:n}",
                    "largest_bump", "x", &bump, "height", &height, "threshold", "x", &threshold,
                    "samples_times_classes", &neighbours, "verdict", "test", &test, "train", &train,
                    "peak_interval", "peak", "after_peak"),
        0);
    ck_assert_double_eq(bump, 47);
    ck_assert_double_eq_tol(height, 54.05 - 47.2, 1e-9);
    ck_assert_double_eq(threshold, 61);
    ck_assert_double_eq(neighbours, 40000);
    ck_assert_str_eq(test, "too few seeds");
    ck_assert(json_is_null(json_object_get(root, "runs")));
    json_decref(root);
    text_free(&text);
    curve_detect(&set, 2.385);
    curve_describe(&set, &text);
    ck_assert_ptr_nonnull(strstr(
        text.data, "No critical point is shown; the largest bump of the mean curve is 6.8 high, at "
                   "width 47. One run a point cannot show anything"));
    ck_assert_ptr_null(strstr(text.data, "The critical point"));
    ck_assert_ptr_null(strstr(text.data, "peak"));
    ck_assert(isnan(set.curve[0].detection.seeds)); // from one seed nothing is known of the noise
    ck_assert_ptr_nonnull(
        strstr(text.data, "The mean train error is 0 from width 61 on (not yet at 47)"));
    text_free(&text);
    curve_free(&set);
}
END_TEST

START_TEST(test_json_survives_any_bytes) {
    CurveSet set;
    build("width,test_error,k\xFF\n1,2,\xFE\n", &(CurveOptions){.x = "width"}, &set);
    curve_judge(&set);
    Text text = {0};
    curve_json(&set, &text);
    curve_describe(&set, &text);
    text_free(&text);
    curve_free(&set);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("build");
    TCase *group = tcase_create("build");
    tcase_add_test(group, test_summarises_over_seeds);
    tcase_add_test(group, test_takes_the_epoch_asked_for);
    tcase_add_test(group, test_numbers_repetitions_without_seeds);
    tcase_add_test(group, test_names_the_column_that_varies);
    tcase_add_test(group, test_refuses_what_is_not_a_curve);
    tcase_add_test(group, test_finds_the_published_places);
    tcase_add_test(group, test_complexity_of_a_samples_sweep);
    tcase_add_test(group, test_json_and_words);
    tcase_add_test(group, test_json_survives_any_bytes);
    suite_add_tcase(suite, group);
    return run_suite(suite);
}
