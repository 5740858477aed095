// Clock, durations, processors, interruption.
#include "base/base.h"
#include "run_suite.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

START_TEST(durations) {
    static const struct {
        double seconds;
        const char *text;
    } CASES[] = {
        {0, "0.0 s"},
        {2.385, "2.4 s"},
        {9.99, "10 s"},
        {42.4, "42 s"},
        {59.7, "1 min 00 s"},
        {200, "3 min 20 s"},
        {3599.6, "1 h 00 min"},
        {7530, "2 h 05 min"},
        {1e12, "a very long time"},
        {0.0 / 0.0, "a very long time"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Text text = {0};
        system_duration(&text, CASES[i].seconds);
        ck_assert_str_eq(text.data, CASES[i].text);
        text_free(&text);
    }
}
END_TEST

START_TEST(machine) {
    double before = system_seconds();
    ck_assert_double_ge(system_seconds(), before);
    int count = system_processors();
    ck_assert(count >= 1 && count <= sysconf(_SC_NPROCESSORS_CONF));

    enum { BLOCK = 64 << 20 };
    size_t peak = system_peak_memory();
    char *block = memory_new(BLOCK, 1);
    memset(block, 1, BLOCK);
    ck_assert_int_eq(block[BLOCK / 2], 1);
    ck_assert_uint_ge(system_peak_memory(), peak + BLOCK / 2);
    memory_free(block);
}
END_TEST

START_TEST(first_interrupt_is_noted) {
    ck_assert(!system_interrupted());
    system_catch_interrupts();
    ck_assert(!system_interrupted());
    raise(SIGINT);
    ck_assert(system_interrupted());
}
END_TEST

START_TEST(termination_is_noted) {
    system_catch_interrupts();
    raise(SIGTERM);
    ck_assert(system_interrupted());
}
END_TEST

START_TEST(second_interrupt_ends) {
    system_catch_interrupts();
    raise(SIGINT);
    raise(SIGINT);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("base/system");
    TCase *all = tcase_create("system");
    tcase_add_test_raise_signal(all, second_interrupt_ends, SIGINT);
    tcase_add_test(all, durations);
    tcase_add_test(all, machine);
    tcase_add_test(all, first_interrupt_is_noted);
    tcase_add_test(all, termination_is_noted);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
