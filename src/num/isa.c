#include "num/num.h"
#include <stdlib.h>
#include <string.h>

static const char *const NAMES[] = {"generic", "avx2", "avx512"};

static Isa best(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
        return ISA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return ISA_AVX2;
#endif
    return ISA_GENERIC;
}

Isa num_isa(void) {
    Isa isa = best();
    const char *wish = getenv("BENIGN_ISA");
    for (int i = 0; wish && i < (int)isa; i++) {
        if (strcmp(wish, NAMES[i]) == 0) return (Isa)i;
    }
    return isa;
}

const char *num_isa_name(Isa isa) {
    return NAMES[isa];
}

const char *num_arithmetic(void) {
#ifdef __FP_FAST_FMAF
    return "fma";
#else
    return num_isa() == ISA_GENERIC ? "nofma" : "fma";
#endif
}
