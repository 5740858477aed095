// The most multiply-adds a core can do: 24 independent chains, no memory.
#include "num/lane.h"

#define peak_run LANE_NAME(peak_run)
double peak_run(long rounds);

enum { CHAINS = 24 };

// Does rounds * CHAINS fused multiply-adds of lanes; the value keeps them from being left out.
double peak_run(long rounds) {
    lane sum[CHAINS], a = lane_splat(0.9385f), b = lane_splat(2.385e-3f);
#pragma GCC unroll 24
    for (int c = 0; c < CHAINS; c++) sum[c] = lane_splat((float)c);
    for (long r = 0; r < rounds; r++) {
#pragma GCC unroll 24
        for (int c = 0; c < CHAINS; c++) sum[c] = lane_fma(a, sum[c], b);
    }
    double total = 0;
    for (int c = 0; c < CHAINS; c++) total += (double)lane_sum(sum[c]);
    return total;
}
