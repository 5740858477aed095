// What the facade does about OpenBLAS itself: the numbers are held against others in test/ridge.
#include "num/linear.h"
#include "run_suite.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <pthread.h>
#include <unistd.h>

// The sanitizers need more address space than any limit leaves.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { LIMITS = 0 };
#else
enum { LIMITS = 1 };
#endif

START_TEST(what_the_person_set_stays) {
    setenv("OPENBLAS_NUM_THREADS", "7", 1);
    ck_assert(linear_threads(1, NULL));
    ck_assert_str_eq(getenv("OPENBLAS_NUM_THREADS"), "7");
    ck_assert_int_eq(linear_thread_count(), 1);
    ck_assert(strchr(linear_arithmetic(), '-') != NULL);
}
END_TEST

static atomic_int inside, most;

// Products of more and more threads at a time; how many are inside is counted.
static void *work(void *unused) {
    (void)unused;
    enum { N = 64 };
    double *x = memory_new(3 * N * N, sizeof *x);
    for (int round = 0; round < 20; round++) {
        if (!linear_enter(NULL)) break;
        int now = atomic_fetch_add(&inside, 1) + 1, before = atomic_load(&most);
        while (now > before && !atomic_compare_exchange_weak(&most, &before, now)) continue;
        for (int i = 0; i < 2 * N * N; i++) x[i] = 0.25 * (i % 7);
        linear_product(&(LinearProduct){
            .m = N, .n = N, .k = N, .alpha = 1, .a = x, .b = x + N * N, .y = x + 2 * N * N});
        atomic_fetch_sub(&inside, 1);
        linear_leave();
    }
    memory_free(x);
    return NULL;
}

// Room for two buffers and four threads that want one: all finish, never more than the room allows.
START_TEST(threads_wait_for_room) {
    ck_assert(linear_threads(1, NULL));
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &limit), 0);
    if (LIMITS) {
        limit.rlim_cur = (size_t)600 << 20;
        ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    }
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 1 << 18);
    pthread_t thread[8];
    for (int i = 0; i < 8; i++) ck_assert_int_eq(pthread_create(&thread[i], &small, work, NULL), 0);
    for (int i = 0; i < 8; i++) pthread_join(thread[i], NULL);
    ck_assert_int_ge(atomic_load(&most), 1);
    if (LIMITS) ck_assert_int_le(atomic_load(&most), 4);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("num/linear");
    TCase *all = tcase_create("linear");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, what_the_person_set_stays);
    tcase_add_test(all, threads_wait_for_room);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
