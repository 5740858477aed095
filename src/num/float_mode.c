#include "num/num.h"

#if defined(__x86_64__)

#include <xmmintrin.h>

enum { FLUSH_RESULTS = 0x8000, FLUSH_OPERANDS = 0x0040 }; // of the control register

unsigned num_float_mode_fast(void) {
    unsigned mode = _mm_getcsr();
    _mm_setcsr(mode | FLUSH_RESULTS | FLUSH_OPERANDS);
    return mode;
}

void num_float_mode_set(unsigned mode) {
    _mm_setcsr(mode);
}

#else

unsigned num_float_mode_fast(void) {
    return 0;
}
void num_float_mode_set(unsigned mode) {
    (void)mode;
}

#endif

void num_float_mode_begin(void) {
    num_float_mode_fast();
}
