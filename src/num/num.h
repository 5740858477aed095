// The door of num/: numbers in bulk.
//
//   num/lane.h     one number of each of 16 examples, and what one does with it. For *.lane.c only:
//                  such a file is compiled once per instruction set.
//   num/wide.h     the same with whole numbers of 64 bits.
//   num/philox.h   random numbers by the lane, those of base/random.h.
//   num/product.h  the one kernel that deserves tuning: a matrix times lanes.
//   num/linear.h   dense linear algebra in double, by OpenBLAS.
//   num/statistics.h  the beta law and limits of a share, divergence of coins, waiting times.
//   num/panel.h    a matrix times 32 vectors, in double, faster than OpenBLAS.
//   num/big.h      whole numbers of any size.
//   num/box.h      enclosures of functions over intervals and boxes of the complex plane.
//   num/quadrature.h  expectations under Gaussian laws, kinks and all.
#pragma once

#include "base/base.h"

// Instruction sets, worst first. All but generic give the same bits (fused multiply-adds, sums in
// one fixed order); generic differs where the machine has no fused multiply-add.
typedef enum Isa { ISA_GENERIC, ISA_AVX2, ISA_AVX512 } Isa;

// The best one that this processor has; the environment variable BENIGN_ISA (generic, avx2, avx512)
// can ask for a lesser one.
Isa num_isa(void);
const char *num_isa_name(Isa isa);

// "fma" or "nofma": what results depend on. Part of the numerics version of a stored run.
const char *num_arithmetic(void);

// From here on this thread takes subnormal numbers (below 1.2e-38) for 0: late in training
// gradients shrink to them, and they cost a hundred times the time of others. Returns what
// num_float_mode_set puts back. Does nothing where the processor has no such mode.
unsigned num_float_mode_fast(void);
void num_float_mode_set(unsigned mode);
void num_float_mode_begin(void); // the same for a thread that never goes back (team_new)

// Picks one of the objects that the *.lane.c files define once per instruction set: after
// LANE_DECLARE(extern const Table, table), LANE_PICK(table) is that of num_isa().
#if defined(__x86_64__)
#define LANE_DECLARE(type, name) type name##_generic, name##_avx2, name##_avx512
#define LANE_PICK(name)                                                                            \
    (num_isa() == ISA_AVX512 ? &name##_avx512                                                      \
     : num_isa() == ISA_AVX2 ? &name##_avx2                                                        \
                             : &name##_generic)
#else
#define LANE_DECLARE(type, name) type name##_generic
#define LANE_PICK(name)          (&name##_generic)
#endif
