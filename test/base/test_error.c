// Errors: kinds, prefixes, and the caret under the user's place.
#include "base/base.h"
#include "run_suite.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(kinds_and_prefixes) {
    Error error;
    ck_assert(!error_set(&error, "%d cells", 19));
    ck_assert_int_eq(error.kind, ERROR_INPUT);
    ck_assert_str_eq(error.text, "19 cells");
    ck_assert(!error_kind(&error, ERROR_USAGE, "--jobs takes a number"));
    ck_assert(!error_prefix(&error, "%s:%d", "a.yaml", 12));
    ck_assert_int_eq(error.kind, ERROR_USAGE);
    ck_assert_str_eq(error.text, "a.yaml:12: --jobs takes a number");
    ck_assert(!error_set(NULL, "nobody listens"));
    ck_assert(!error_prefix(NULL, "nobody"));
    ck_assert(!error_at(NULL, "name", "text", 4, 0, 1, "nobody"));
}
END_TEST

START_TEST(long_messages_are_cut) {
    Error error;
    error_set(&error, "%05000d", 7);
    ck_assert_uint_eq(strlen(error.text), sizeof error.text - 1);
    error_prefix(&error, "%0300d", 7);
    ck_assert_uint_lt(strlen(error.text), sizeof error.text);
    ck_assert(strncmp(error.text + 299, "7: 000", 6) == 0);
    error_prefix(&error, "%05000d", 8);
    ck_assert_uint_lt(strlen(error.text), sizeof error.text);
}
END_TEST

static void expect_at(const char *source, const char *word, const char *expected) {
    Error error;
    const char *place = strstr(source, word);
    ck_assert_ptr_nonnull(place);
    ck_assert(!error_at(&error, "a.net", source, strlen(source), (size_t)(place - source),
                        strlen(word), "\"%s\"?", word));
    ck_assert_str_eq(error.text, expected);
    ck_assert_int_eq(error.kind, ERROR_INPUT);
}

START_TEST(caret_stands_under_the_place) {
    expect_at("input 40\nfc-7 rleu\nfc-10", "rleu",
              "a.net:2:6: \"rleu\"?\n    fc-7 rleu\n         ^~~~");
    expect_at("inptu 40", "inptu", "a.net:1:1: \"inptu\"?\n    inptu 40\n    ^~~~~");
    expect_at("a\n\nb", "b", "a.net:3:1: \"b\"?\n    b\n    ^");
    expect_at("dos\r\nlnie\r\n", "lnie", "a.net:2:1: \"lnie\"?\n    lnie\n    ^~~~");
}
END_TEST

START_TEST(tabs_and_characters_are_one_column) {
    expect_at("\tfc-7\trleu", "rleu", "a.net:1:7: \"rleu\"?\n     fc-7 rleu\n          ^~~~");
    expect_at("# caf\xc3\xa9 \xe2\x88\x91 \xf0\x9f\x90\xb1 x", "x",
              "a.net:1:12: \"x\"?\n    # caf\xc3\xa9 \xe2\x88\x91 \xf0\x9f\x90\xb1 x\n"
              "               ^");
    expect_at("a \xc3\xa9\xc3\xa9 b", "\xc3\xa9\xc3\xa9",
              "a.net:1:3: \"\xc3\xa9\xc3\xa9\"?\n    a \xc3\xa9\xc3\xa9 b\n      ^~");
}
END_TEST

START_TEST(the_end_is_a_place) {
    Error error;
    error_at(&error, "a.net", "let w =\n", 7, 7, 1, "an expression is missing");
    ck_assert_str_eq(error.text, "a.net:1:8: an expression is missing\n    let w =\n           ^");
    error_at(&error, "a.net", "", 0, 0, 1, "empty");
    ck_assert_str_eq(error.text, "a.net:1:1: empty\n    \n    ^");
}
END_TEST

// Splits the text of an error_at into its three lines; false when there are not three.
static bool split(char *text, char **shown, char **caret) {
    *shown = strchr(text, '\n');
    if (!*shown) return false;
    *(*shown)++ = 0;
    *caret = strchr(*shown, '\n');
    if (!*caret) return false;
    *(*caret)++ = 0;
    return strchr(*caret, '\n') == NULL;
}

static size_t characters(const char *text, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

START_TEST(long_lines_are_shown_around_the_place) {
    char source[1001];
    for (size_t i = 0; i < 1000; i++) source[i] = (char)('a' + i % 26);
    source[1000] = 0;
    for (size_t offset = 0; offset < 1000; offset += 37) {
        Error error;
        char *shown, *caret;
        error_at(&error, "a", source, 1000, offset, 5, "here");
        ck_assert(split(error.text, &shown, &caret));
        ck_assert_uint_le(strlen(shown), 4 + 180);
        ck_assert_int_eq(shown[strchr(caret, '^') - caret], source[offset]);
    }
}
END_TEST

// Any bytes, any place: nothing beyond the source is read (it lies at the end of its block), the
// three lines are there, and line and column are as counted from the front.
static void check_any_bytes(uint64_t seed) {
    static const char *const PIECES[] = {"a",    "fc-7",     "\t",           "\r",   "\0",   " ",
                                         "\x9f", "\xc3\xa9", "\xe2\x88\x91", "\xff", "\r\n", "\n"};
    uint64_t kinds = seed % 2 ? 12 : 10; // even: one long line
    Random random = random_stream(seed, RANDOM_TEST, 0);
    Text text = {0};
    size_t pieces = random_below(&random, 400);
    for (size_t i = 0; i < pieces; i++) {
        const char *piece = PIECES[random_below(&random, kinds)];
        text_add_bytes(&text, piece, *piece ? strlen(piece) : 1);
    }
    char *source = malloc(text.length ? text.length : 1);
    ck_assert_ptr_nonnull(source);
    if (text.length) memcpy(source, text.data, text.length);
    size_t offset = random_below(&random, text.length + 1);

    Error error;
    char *shown, *caret, place[80];
    error_at(&error, "n", source, text.length, offset, 1 + random_below(&random, 9), "m");
    size_t line = 1, start = 0;
    for (size_t i = 0; i < offset; i++) {
        if (source[i] == '\n') line++, start = i + 1;
    }
    snprintf(place, sizeof place, "n:%zu:%zu: m", line,
             1 + characters(source + start, offset - start));
    ck_assert(split(error.text, &shown, &caret));
    ck_assert_str_eq(error.text, place);
    ck_assert_uint_eq(strspn(caret, " ") + strspn(strchr(caret, '^'), "^~"), strlen(caret));
    free(source);
    text_free(&text);
}

START_TEST(any_bytes_any_place) {
    for (uint64_t seed = 0; seed < 1000; seed++) check_any_bytes(seed);
}
END_TEST

START_TEST(a_bug_stops_the_program) {
    REQUIRE(strlen("benign") == 6);
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr)); // quiet, for once
    REQUIRE(strlen("benign") == 7);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("base/error");
    TCase *all = tcase_create("error");
    tcase_add_test_raise_signal(all, a_bug_stops_the_program, SIGABRT);
    tcase_add_test(all, kinds_and_prefixes);
    tcase_add_test(all, long_messages_are_cut);
    tcase_add_test(all, caret_stands_under_the_place);
    tcase_add_test(all, tabs_and_characters_are_one_column);
    tcase_add_test(all, the_end_is_a_place);
    tcase_add_test(all, long_lines_are_shown_around_the_place);
    tcase_add_test(all, any_bytes_any_place);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
