#include "num/lane.h"
#include <sleef.h>

// One line per function: the SLEEF routine of the instruction set at hand. u10: at most 1.0 ulp off
#if defined(LANE_ISA_avx512)
#define ELEMENTARY(name, f, ulp)                                                                   \
    lane name(lane a) {                                                                            \
        return Sleef_finz_##f##f16_##ulp##avx512f(a);                                              \
    }
#elif defined(LANE_ISA_avx2)
#define ELEMENTARY(name, f, ulp)                                                                   \
    lane name(lane a) {                                                                            \
        return (lane){Sleef_finz_##f##f8_##ulp##avx2(a.low),                                       \
                      Sleef_finz_##f##f8_##ulp##avx2(a.high)};                                     \
    }
#else
#define ELEMENTARY(name, f, ulp)                                                                   \
    lane name(lane a) {                                                                            \
        for (int i = 0; i < LANE; i++) a[i] = Sleef_##f##f_##ulp(a[i]);                            \
        return a;                                                                                  \
    }
#endif

ELEMENTARY(lane_exp, exp, u10)
ELEMENTARY(lane_expm1, expm1, u10)
ELEMENTARY(lane_log, log, u10)
ELEMENTARY(lane_log1p, log1p, u10)
ELEMENTARY(lane_tanh, tanh, u10)
ELEMENTARY(lane_erfc, erfc, u15)
ELEMENTARY(lane_sinpi, sinpi, u05)
ELEMENTARY(lane_cospi, cospi, u05)
