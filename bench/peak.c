// bench_peak [THREADS]: the machine's peak of single-precision multiply-adds, in GFLOP/s of all
// threads together, the best of five tries; then the instruction set.
#include "num/num.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

double peak_run_generic(long rounds);
#if defined(__x86_64__)
double peak_run_avx2(long rounds);
double peak_run_avx512(long rounds);
#endif

enum { THREADS = 256, TRIES = 5, FLOPS = 24 * 16 * 2 }; // of one round
static const long ROUNDS = 4000000;

static void *work(void *value) {
    *(double *)value = LANE_PICK(peak_run)(ROUNDS);
    return NULL;
}

static double measure(int threads) {
    pthread_t thread[THREADS];
    double value[THREADS], start = system_seconds();
    for (int i = 0; i < threads; i++) pthread_create(&thread[i], NULL, work, &value[i]);
    for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
    return (double)threads * FLOPS * (double)ROUNDS / (system_seconds() - start) * 1e-9;
}

int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : system_processors();
    if (threads < 1 || threads > THREADS) return 2;
    double best = 0;
    for (int i = 0; i < TRIES; i++) {
        double now = measure(threads);
        if (now > best) best = now;
    }
    printf("%.1f %s\n", best, num_isa_name(num_isa()));
    return 0;
}
