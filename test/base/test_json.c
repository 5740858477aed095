// Any bytes become JSON, and stay apart from others.
#include "base/base.h"
#include "base/json.h"
#include "run_suite.h"
#include <string.h>

static void expect(const char *bytes, const char *expected) {
    json_t *json = json_text(bytes);
    char *dump = json_dumps(json, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    ck_assert_str_eq(dump, expected);
    free(dump);
    json_decref(json);
}

START_TEST(texts) {
    expect("width", "\"width\"");
    expect("", "\"\"");
    expect(NULL, "null");
    expect("a\"b\\c\n", "\"a\\\"b\\\\c\\n\"");
    expect("d\xc3\xa9j\xc3\xa0", "\"d\\u00E9j\\u00E0\"");
    expect("a\xff\xc3.csv", "\"a\\\\xff\\\\xc3.csv\"");
    expect("\xed\xa0\x80", "\"\\\\xed\\\\xa0\\\\x80\"");                    // half a surrogate pair
    expect("\xc0\xaf\xf5", "\"\\\\xc0\\\\xaf\\\\xf5\"");                    // a long form
    expect("\xf0\x9f\x98\x80\xf0\x9f", "\"\\uD83D\\uDE00\\\\xf0\\\\x9f\""); // one is cut short
}
END_TEST

// Every pair of bytes, so that no byte depends on its neighbour alone.
START_TEST(pairs) {
    char bytes[3] = {0};
    for (int a = 1; a < 256; a++) {
        for (int b = 1; b < 256; b++) {
            bytes[0] = (char)a, bytes[1] = (char)b;
            json_t *json = json_text(bytes);
            ck_assert_msg(json != NULL, "%d %d", a, b);
            json_decref(json);
        }
    }
}
END_TEST

START_TEST(keys) {
    json_t *json = json_object();
    json_put(json, "a\xff", json_integer(1));
    json_put(json, "a\xfe", json_integer(2));
    ck_assert_uint_eq(json_object_size(json), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "a\\xfe")), 2);
    json_decref(json);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("json");
    TCase *tests = tcase_create("json");
    tcase_add_test(tests, texts);
    tcase_add_test(tests, pairs);
    tcase_add_test(tests, keys);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
