#include "num/lane.h"
#include <sleef.h>

// One line per function: the SLEEF routine of the instruction set at hand.
#if defined(LANE_ISA_avx512)
#define ELEMENTARY(name, f)                                                                        \
    lane name(lane a) {                                                                            \
        return Sleef_finz_##f##f16_u10avx512f(a);                                                  \
    }
#elif defined(LANE_ISA_avx2)
#define ELEMENTARY(name, f)                                                                        \
    lane name(lane a) {                                                                            \
        return (lane){Sleef_finz_##f##f8_u10avx2(a.low), Sleef_finz_##f##f8_u10avx2(a.high)};      \
    }
#else
#define ELEMENTARY(name, f)                                                                        \
    lane name(lane a) {                                                                            \
        for (int i = 0; i < LANE; i++) a[i] = Sleef_##f##f_u10(a[i]);                              \
        return a;                                                                                  \
    }
#endif

ELEMENTARY(lane_exp, exp)
ELEMENTARY(lane_log, log)
ELEMENTARY(lane_tanh, tanh)
