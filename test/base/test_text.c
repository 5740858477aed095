// Text: growth, numbers to text and back, the nearest word.
#include "base/base.h"
#include "run_suite.h"
#include <float.h>
#include <math.h>
#include <string.h>

START_TEST(grows) {
    Text text = {0};
    for (int i = 0; i < 1000; i++) text_printf(&text, "%d,", i);
    text_add(&text, "end");
    ck_assert_uint_eq(text.length, 10 * 2 + 90 * 3 + 900 * 4 + 3);
    ck_assert_uint_eq(strlen(text.data), text.length);
    ck_assert_str_eq(text.data + text.length - 7, "999,end");
    text_free(&text);
    text_add_bytes(&text, "a\0b", 3);
    ck_assert(memcmp(text.data, "a\0b", 4) == 0);
    text_free(&text);
    text_add_quoted(&text, "it's \\ $5", "'\\$");
    ck_assert_str_eq(text.data, "it\\'s \\\\ \\$5");
    text_free(&text);
    ck_assert_ptr_null(text.data);
}
END_TEST

static void expect_real(double value, const char *expected) {
    Text text = {0};
    text_add_real(&text, value);
    ck_assert_str_eq(text.data, expected);
    text_free(&text);
}

START_TEST(cut) {
    Text text = {0};
    text_cut(&text, 0);
    ck_assert_ptr_null(text.data);
    text_add(&text, "benign");
    text_cut(&text, 3);
    ck_assert_str_eq(text.data, "ben");
    text_add(&text, "t");
    ck_assert_str_eq(text.data, "bent");
    text_free(&text);
}
END_TEST

START_TEST(reals_are_short) {
    expect_real(0.1, "0.1");
    expect_real(2.385, "2.385");
    expect_real(1e-8, "1e-08");
    expect_real(3.19e12, "3190000000000");
    expect_real(2.385e22, "2.385e+22");
    expect_real(1e16, "1e+16");
    expect_real(9007199254740992, "9007199254740992");
    expect_real(300, "300");
    expect_real(47.25, "47.25");
    expect_real(0.0001, "0.0001");
    expect_real(-0.00002385, "-2.385e-05");
    expect_real(0.1 + 0.2, "0.30000000000000004");
    expect_real(-0.0, "0"); // equal values, equal texts
    expect_real(NAN, "nan");
    expect_real(-NAN, "nan");
    expect_real(-INFINITY, "-inf");
}
END_TEST

static void round_trip(double value) {
    Text text = {0};
    double back = 0;
    text_add_real(&text, value);
    ck_assert(text_to_real(text.data, &back));
    ck_assert_msg(memcmp(&back, &value, sizeof value) == 0, "%a became %s", value, text.data);
    text_free(&text);
}

START_TEST(reals_round_trip) {
    Random random = random_stream(1, RANDOM_TEST, 0);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = random_bits64(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) round_trip(value);
        round_trip(random_normal(&random));
    }
    round_trip(DBL_MAX);
    round_trip(DBL_MIN);
    round_trip(0x1p-1074);
    round_trip(-INFINITY);
}
END_TEST

START_TEST(integers_are_whole_strings) {
    int64_t value = 77;
    ck_assert(text_to_int("-9223372036854775808", &value) && value == INT64_MIN);
    ck_assert(text_to_int("9223372036854775807", &value) && value == INT64_MAX);
    static const char *const REFUSED[] = {
        "", " 1", "1 ", "1x", "x", "-", "1.5", "1e3", "0x10", "9223372036854775808", "\n1"};
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        value = 77;
        ck_assert_msg(!text_to_int(REFUSED[i], &value), "took \"%s\"", REFUSED[i]);
        ck_assert_int_eq(value, 77);
    }
}
END_TEST

START_TEST(reals_are_whole_strings) {
    double value = 77;
    ck_assert(text_to_real("-2.385e-3", &value) && value == -2.385e-3);
    ck_assert(text_to_real("inf", &value) && isinf(value));
    ck_assert(text_to_real("nan", &value) && isnan(value));
    ck_assert(text_to_real("1e-400", &value) && value == 0);
    static const char *const REFUSED[] = {"",    " 1",    "1 ",     "1,5", ".",     "e5",
                                          "--1", "1e400", "0x1p-3", "0x8", "nan(7)"};
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        value = 77;
        ck_assert_msg(!text_to_real(REFUSED[i], &value), "took \"%s\"", REFUSED[i]);
        ck_assert_double_eq(value, 77);
    }
}
END_TEST

START_TEST(nearest_word) {
    static const struct {
        int before;
        const char *name;
    } NAMES[] = {{1, "epochs"}, {2, "momentum"}, {3, "noise"}, {4, "noise_law"}, {5, "lr"}};
    const char *const *first = &NAMES[0].name;
    static const char *const PAIRS[][2] = {
        {"epoch", "epochs"},       {"EPOCHS", "epochs"},
        {"momentun", "momentum"},  {"niose", "noise"},
        {"noiselaw", "noise_law"}, {"ls", "lr"},
        {"width", NULL},           {"", NULL},
    };
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        const char *found = text_nearest(PAIRS[i][0], first, 5, sizeof *NAMES);
        if (PAIRS[i][1]) {
            ck_assert_pstr_eq(found, PAIRS[i][1]);
        } else {
            ck_assert_pstr_eq(found, NULL);
        }
    }
    char long_word[500];
    memset(long_word, 'e', sizeof long_word);
    long_word[499] = 0;
    ck_assert_ptr_null(text_nearest(long_word, first, 5, sizeof *NAMES));
}
END_TEST

START_TEST(comparisons) {
    ck_assert(text_equal_fold("ReLU", "relu"));
    ck_assert(!text_equal_fold("relu", "relu6"));
    ck_assert(!text_equal_fold("relu6", "relu"));
    ck_assert(text_starts("noise_law", "noise"));
    ck_assert(!text_starts("noise", "noise_law"));
    ck_assert(text_starts("x", ""));
}
END_TEST

// What a file is called does not move the cursor of a terminal.
START_TEST(tame) {
    char name[] = "a\x1b[31m\tb\nc\x7f \xC2\x9Bm \xC3\x9B \xC2\xB5", lines[] = "\a\n", none[] = "";
    char bytes[] = "\x9b[31m\x9b\x9b a\xc3\x9b \xe2\x82\xac \xff";
    text_tame(name, "");
    text_tame(bytes, "");
    ck_assert_str_eq(bytes, "?[31m?? a\xc3\x9b \xe2\x82\xac \xff");
    ck_assert_str_eq(name, "a?[31m?b?c? ??m \xC3\x9B \xC2\xB5");
    text_tame(lines, "\n");
    ck_assert_str_eq(lines, "?\n");
    text_tame(none, "");
    ck_assert_str_eq(none, "");
    Text text = {0};
    text_add(&text, "\a ");
    text_add_tame(&text, "b\rc");
    ck_assert_str_eq(text.data, "\a b?c");
    text_free(&text);
}
END_TEST

static void expect_python(const char *bytes, const char *expected) {
    Text text = {0};
    text_add_python(&text, bytes);
    ck_assert_str_eq(text.data, expected);
    text_free(&text);
}

// test/cli/export.sh holds every byte against Python itself.
START_TEST(python) {
    expect_python("", "\"\"");
    expect_python("mnist1d:train=400", "\"mnist1d:train=400\"");
    expect_python("a\nimport os # '''", "\"a\\nimport os # '''\"");
    expect_python("\"\"\"\\", "\"\\\"\\\"\\\"\\\\\"");
    expect_python("\r\t\x7f\x01", "\"\\x0d\\x09\\u007f\\x01\"");
    expect_python("d\xc3\xa9j", "\"d\\u00e9j\"");
    expect_python("\xe2\x80\xa8\xe2\x80\xae", "\"\\u2028\\u202e\""); // a line end, right to left
    expect_python("\xf0\x9f\x98\x80", "\"\\U0001f600\"");
    expect_python("\xff\xc3", "\"\\udcff\\udcc3\""); // no UTF-8
}
END_TEST

// One line of printable ASCII, and its only bare quotes are the first and the last byte.
static void check_literal(const char *literal) {
    size_t end = strlen(literal) - 1;
    ck_assert(literal[0] == '"' && end > 0);
    for (size_t i = 1; i < end; i++) {
        ck_assert_msg(literal[i] >= ' ' && literal[i] <= '~' && literal[i] != '"', "%s", literal);
        if (literal[i] != '\\') continue;
        i++;
        ck_assert_msg(i < end && strchr("nxuU\"\\", literal[i]), "%s", literal);
    }
    ck_assert(literal[end] == '"');
}

START_TEST(python_pairs) {
    Text text = {0};
    for (int a = 1; a < 256; a++) {
        for (int b = 1; b < 256; b++) {
            const char bytes[] = {(char)a, (char)b, 0};
            text_cut(&text, 0);
            text_add_python(&text, bytes);
            check_literal(text.data);
        }
    }
    text_free(&text);
}
END_TEST

START_TEST(characters) {
    uint32_t code = 7;
    ck_assert_uint_eq(text_character("", &code), 1);
    ck_assert_uint_eq(code, 0);
    ck_assert_uint_eq(text_character("\xc2\x80", &code), 2);
    ck_assert_uint_eq(code, 0x80);
    ck_assert_uint_eq(text_character("\xf4\x8f\xbf\xbf", &code), 4);
    ck_assert_uint_eq(code, 0x10FFFF);
    static const char *const NONE[] = {
        "\x80",     "\xc1\xbf",         "\xe0\x9f\xbf",     "\xed\xa0\x80",
        "\xe2\x82", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
        "\xff"};
    for (size_t i = 0; i < sizeof NONE / sizeof *NONE; i++)
        ck_assert_uint_eq(text_character(NONE[i], NULL), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("base/text");
    TCase *all = tcase_create("text");
    tcase_add_test(all, grows);
    tcase_add_test(all, cut);
    tcase_add_test(all, reals_are_short);
    tcase_add_test(all, reals_round_trip);
    tcase_add_test(all, integers_are_whole_strings);
    tcase_add_test(all, reals_are_whole_strings);
    tcase_add_test(all, nearest_word);
    tcase_add_test(all, comparisons);
    tcase_add_test(all, tame);
    tcase_add_test(all, characters);
    tcase_add_test(all, python);
    tcase_add_test(all, python_pairs);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
