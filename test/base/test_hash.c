// Hashes: stable over releases (they name the cells of a store), and sensitive.
#include "base/base.h"
#include "run_suite.h"
#include <string.h>

static const char *printed(Hash hash) {
    static char text[33];
    hash_print(&hash, text);
    return text;
}

// From the Python package xxhash: xxh3_128 of (low, high, low and high of the bytes' own, size).
START_TEST(known_values) {
    Hash hash = {0};
    hash_string(&hash, "benign");
    ck_assert_str_eq(printed(hash), "df37d669cc82f3d4e5a86ac091ed149f");
    unsigned char bytes[1000];
    for (int i = 0; i < 1000; i++) bytes[i] = (unsigned char)(37 * i % 251);
    hash_bytes(&hash, bytes, sizeof bytes);
    ck_assert_str_eq(printed(hash), "1422e6c45024fe95a5b9560555cb6645");
    ck_assert_str_eq(printed((Hash){.low = 0x2385, .high = 7}), "00000000000000070000000000002385");
}
END_TEST

static Hash of(const char *first, const char *second) {
    Hash hash = {0};
    hash_string(&hash, first);
    hash_string(&hash, second);
    return hash;
}

static bool same(Hash a, Hash b) {
    return a.low == b.low && a.high == b.high;
}

START_TEST(order_and_borders_matter) {
    ck_assert(same(of("width", "64"), of("width", "64")));
    ck_assert(!same(of("width", "64"), of("64", "width")));
    ck_assert(!same(of("width", "64"), of("width6", "4")));
    ck_assert(!same(of("", "x"), of("x", "")));
    Hash none = {0}, empty = {0};
    hash_bytes(&empty, "", 0);
    ck_assert(!same(none, empty));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("base/hash");
    TCase *all = tcase_create("hash");
    tcase_add_test(all, known_values);
    tcase_add_test(all, order_and_borders_matter);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
