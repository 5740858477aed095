// Options and settings: declared once, read strictly, printed canonically.
#include "base/base.h"
#include "run_suite.h"
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const LAWS[] = {"none", "wrong", "redrawn", NULL};

typedef struct Values {
    char before[3];
    int64_t batch;
    double rate;
    int law;
    char *until;
} Values;

static const Option TABLE[] = {
    {"batch", OPTION_INT, offsetof(Values, batch), "100", 1, 1e6, NULL, "N", "examples"},
    {"weight_decay", OPTION_REAL, offsetof(Values, rate), "0.5", 0, INFINITY, NULL, "R", "rate"},
    {"noise_law", OPTION_CHOICE, offsetof(Values, law), "none", 0, 0, LAWS, "LAW", "how"},
    {"until", OPTION_TEXT, offsetof(Values, until), "", 0, 0, NULL, "RULE", "when"},
};
enum { COUNT = sizeof TABLE / sizeof *TABLE };

START_TEST(defaults_and_values) {
    Values values;
    memset(&values, 0x5a, sizeof values);
    option_defaults(TABLE, COUNT, &values);
    ck_assert_int_eq(values.batch, 100);
    ck_assert_double_eq(values.rate, 0.5);
    ck_assert_int_eq(values.law, 0);
    ck_assert_str_eq(values.until, "");
    ck_assert_int_eq(values.before[2], 0x5a);

    Error error;
    ck_assert(option_set(&TABLE[0], &values, "1e3", "--batch", &error));
    ck_assert(option_set(&TABLE[1], &values, "2.385e-3", "--weight-decay", &error));
    ck_assert(option_set(&TABLE[2], &values, "Redrawn", "--noise-law", &error));
    ck_assert(option_set(&TABLE[3], &values, "train_error<=0", "--until", &error));
    ck_assert_int_eq(values.batch, 1000);
    ck_assert_double_eq(values.rate, 2.385e-3);
    ck_assert_int_eq(values.law, 2);
    ck_assert_str_eq(values.until, "train_error<=0");
    option_free(TABLE, COUNT, &values);
    ck_assert_ptr_null(values.until);
}
END_TEST

START_TEST(wrong_values_change_nothing) {
    static const struct {
        int option;
        const char *value, *message;
    } CASES[] = {
        {0, "0", "a:1:2: batch is \"0\"; it takes a whole number from 1 to 1000000"},
        {0, "1000001", "a:1:2: batch is \"1000001\"; it takes a whole number from 1 to 1000000"},
        {0, "2.5", "a:1:2: batch is \"2.5\"; it takes a whole number from 1 to 1000000"},
        {0, "nan", "a:1:2: batch is \"nan\"; it takes a whole number from 1 to 1000000"},
        {0, "1e300", "a:1:2: batch is \"1e300\"; it takes a whole number from 1 to 1000000"},
        {1, "-0.1", "a:1:2: weight_decay is \"-0.1\"; it takes a number from 0 up"},
        {1, "nan", "a:1:2: weight_decay is \"nan\"; it takes a number from 0 up"},
        {1, "", "a:1:2: weight_decay is \"\"; it takes a number from 0 up"},
        {2, "rong", "a:1:2: noise_law is \"rong\"; it takes none, wrong, redrawn"},
    };
    Values values;
    option_defaults(TABLE, COUNT, &values);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Error error;
        ck_assert(!option_set(&TABLE[CASES[i].option], &values, CASES[i].value, "a:1:2", &error));
        ck_assert_str_eq(error.text, CASES[i].message);
    }
    ck_assert_int_eq(values.batch, 100);
    ck_assert_double_eq(values.rate, 0.5);
    ck_assert_int_eq(values.law, 0);
    option_free(TABLE, COUNT, &values);
}
END_TEST

// Equal values give equal texts, and the text gives the value.
START_TEST(printing_is_canonical) {
    static const char *const SAME[][4] = {
        {"100", "1e2", "+100", "0100"},
        {"0.001", "1e-3", "1.000e-3", ".001"},
        {"wrong", "WRONG", "Wrong", "wronG"},
    };
    Values values;
    option_defaults(TABLE, COUNT, &values);
    for (int option = 0; option < 3; option++) {
        for (int way = 0; way < 4; way++) {
            Error error;
            Text text = {0};
            ck_assert(option_set(&TABLE[option], &values, SAME[option][way], "here", &error));
            option_print(&TABLE[option], &values, &text);
            ck_assert_str_eq(text.data, SAME[option][0]);
            text_free(&text);
        }
    }
    Text text = {0};
    ck_assert(option_set(&TABLE[1], &values, "-0", "here", NULL));
    option_print(&TABLE[1], &values, &text);
    ck_assert_str_eq(text.data, "0");
    text_free(&text);
    option_free(TABLE, COUNT, &values);
}
END_TEST

START_TEST(names_and_flags) {
    ck_assert_ptr_eq(option_find(TABLE, COUNT, "weight_decay"), &TABLE[1]);
    ck_assert_ptr_eq(option_find(TABLE, COUNT, "weight-decay"), &TABLE[1]);
    ck_assert_ptr_null(option_find(TABLE, COUNT, "weight"));
    ck_assert_ptr_null(option_find(TABLE, COUNT, "weight_decays"));
    Text text = {0};
    option_flag("weight_decay", &text);
    ck_assert_str_eq(text.data, "--weight-decay");
    text_free(&text);
}
END_TEST

START_TEST(settings_keep_their_order) {
    Settings settings = {0}, copy = {0};
    char name[16];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "key%d", i);
        settings_set(&settings, name, "old", "a.yaml:1:1");
    }
    settings_set(&settings, "key7", "new", NULL);
    settings_set(&settings, "key7", settings_get(&settings, "key7"), NULL); // its own value
    settings_remove(&settings, "key3");
    settings_remove(&settings, "nobody");
    ck_assert_uint_eq(settings.count, 99);
    ck_assert_str_eq(settings.item[2].name, "key2");
    ck_assert_str_eq(settings.item[3].name, "key4");
    ck_assert_str_eq(settings.item[6].value, "new");
    ck_assert_ptr_null(settings_find(&settings, "key7")->place);
    ck_assert_str_eq(settings_find(&settings, "key8")->place, "a.yaml:1:1");
    ck_assert_ptr_null(settings_get(&settings, "key3"));

    settings_set(&copy, "gone", "1", NULL);
    settings_copy(&copy, &settings);
    settings_copy(&copy, &copy); // onto itself
    settings_free(&settings);
    ck_assert_uint_eq(copy.count, 99);
    ck_assert_str_eq(settings_get(&copy, "key99"), "old");
    ck_assert_ptr_null(settings_get(&copy, "gone"));
    settings_free(&copy);
    ck_assert_uint_eq(copy.count, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("base/option");
    TCase *all = tcase_create("option");
    tcase_add_test(all, defaults_and_values);
    tcase_add_test(all, wrong_values_change_nothing);
    tcase_add_test(all, printing_is_canonical);
    tcase_add_test(all, names_and_flags);
    tcase_add_test(all, settings_keep_their_order);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
