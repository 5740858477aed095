// Memory: checked, zeroed, aligned; arenas.
#include "base/base.h"
#include "run_suite.h"
#include <string.h>

// What cannot be had is NULL under the sanitizer, too.
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

static bool is_zero(const unsigned char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i]) return false;
    }
    return true;
}

START_TEST(zeroed_and_aligned) {
    static const size_t SIZES[] = {0, 1, 63, 64, 65, 2385};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        Error error;
        unsigned char *block = memory_try(SIZES[i], 3, "a test", &error);
        ck_assert_ptr_nonnull(block);
        ck_assert_uint_eq((uintptr_t)block % 64, 0);
        ck_assert(is_zero(block, 3 * SIZES[i]));
        memory_free(block);
    }
}
END_TEST

START_TEST(too_much_is_an_error) {
    Error error;
    ck_assert_ptr_null(memory_try(SIZE_MAX / 2, 3, "activations", &error));
    ck_assert_int_eq(error.kind, ERROR_INPUT);
    ck_assert(text_starts(error.text, "activations: "));
    ck_assert_ptr_null(memory_try((size_t)1 << 62, 1, "weights", &error));
    ck_assert(text_starts(error.text, "weights: "));
    ck_assert_ptr_null(memory_try(SIZE_MAX, 1, "nobody listens", NULL));
}
END_TEST

START_TEST(arrays_grow) {
    int *item = NULL;
    size_t count = 0, capacity = 0;
    for (int i = 0; i < 2385; i++) {
        item = memory_grow(item, count, &capacity, sizeof *item);
        item[count++] = i;
    }
    for (int i = 0; i < 2385; i++) ck_assert_int_eq(item[i], i);
    ck_assert_uint_lt(capacity, 2 * 2385);
    memory_free(item);
}
END_TEST

START_TEST(arenas) {
    Arena arena = {0};
    char *text[300];
    for (size_t i = 0; i < 300; i++) {
        size_t size = i * i % 977 + (i == 150 ? 100000 : 0); // one is larger than any block
        unsigned char *block = arena_new(&arena, size, 1);
        ck_assert_uint_eq((uintptr_t)block % 16, 0);
        ck_assert(is_zero(block, size));
        memset(block, 0xff, size);
        text[i] = arena_text(&arena, "width 64", i % 9);
    }
    for (size_t i = 0; i < 300; i++) {
        ck_assert_uint_eq(strlen(text[i]), i % 9);
        ck_assert(text_starts("width 64", text[i]));
    }
    arena_free(&arena);
    arena_free(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("base/memory");
    TCase *all = tcase_create("memory");
    tcase_add_test(all, zeroed_and_aligned);
    tcase_add_test(all, too_much_is_an_error);
    tcase_add_test(all, arrays_grow);
    tcase_add_test(all, arenas);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
