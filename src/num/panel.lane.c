#include "num/lane.h"
#include "num/panel.h"
#include "num/panel_kernels.h"

// A pack is a vector register of doubles. A tile of ROWS x WIDE accumulators stays in registers.
#if defined(LANE_ISA_avx512)
typedef __m512d pack;
enum { ROWS = 6, WIDE = 4 };
LANE_INLINE pack pack_fma(pack a, pack b, pack c) {
    return _mm512_fmadd_pd(a, b, c);
}
#elif defined(LANE_ISA_avx2)
typedef __m256d pack;
enum { ROWS = 6, WIDE = 2 };
LANE_INLINE pack pack_fma(pack a, pack b, pack c) {
    return _mm256_fmadd_pd(a, b, c);
}
#else
typedef double pack __attribute__((vector_size(16)));
enum { ROWS = 6, WIDE = 2 };
LANE_INLINE pack pack_fma(pack a, pack b, pack c) {
#ifdef __FP_FAST_FMA
    for (int i = 0; i < 2; i++) c[i] = __builtin_fma(a[i], b[i], c[i]);
    return c;
#else
    return a * b + c;
#endif
}
#endif

enum {
    PACK = sizeof(pack) / sizeof(double),
    PACKS = PANEL / PACK,
    INNER = 1024,  // of a sum over columns: so much of x stays in the cache
    COLUMNS = 192, // of a, a multiple of ROWS and of a cache line,
    STRIP = 32,    // and rows, that are copied side by side
};

typedef pack loose __attribute__((aligned(8), may_alias));

LANE_INLINE pack pack_load(const double *from) {
    return *(const loose *)from;
}

LANE_INLINE void pack_store(double *to, pack a) {
    *(loose *)to = a;
}

LANE_INLINE pack pack_splat(double a) {
    return a - (pack){0};
}

// y (rows, PANEL) += a x, a(i, l) at a[i a_row + l a_column], x (k, PANEL); rows is a constant.
LANE_INLINE void tile(const double *a, size_t a_row, size_t a_column, size_t k, const double *x,
                      double *y, const size_t rows) {
    for (size_t at = 0; at < PANEL; at += WIDE * PACK) {
        pack sum[ROWS][WIDE];
#pragma GCC unroll 6
        for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 4
            for (size_t j = 0; j < WIDE; j++) sum[i][j] = pack_load(y + i * PANEL + at + j * PACK);
        for (size_t l = 0; l < k; l++) {
            pack from[WIDE];
#pragma GCC unroll 4
            for (size_t j = 0; j < WIDE; j++) from[j] = pack_load(x + l * PANEL + at + j * PACK);
#pragma GCC unroll 6
            for (size_t i = 0; i < rows; i++) {
                pack factor = pack_splat(a[i * a_row + l * a_column]);
#pragma GCC unroll 4
                for (size_t j = 0; j < WIDE; j++) sum[i][j] = pack_fma(factor, from[j], sum[i][j]);
            }
        }
#pragma GCC unroll 6
        for (size_t i = 0; i < rows; i++)
#pragma GCC unroll 4
            for (size_t j = 0; j < WIDE; j++) pack_store(y + i * PANEL + at + j * PACK, sum[i][j]);
    }
}

static void tiles(size_t rows, const double *a, size_t a_row, size_t a_column, size_t k,
                  const double *x, double *y) {
    size_t i = 0;
    for (; i + ROWS <= rows; i += ROWS)
        tile(a + i * a_row, a_row, a_column, k, x, y + i * PANEL, ROWS);
    for (; i < rows; i++) tile(a + i * a_row, a_row, a_column, k, x, y + i * PANEL, 1);
}

static void times(size_t first, size_t end, size_t n, const double *a, const double *x, double *y) {
    memset(y + first * PANEL, 0, (end - first) * PANEL * sizeof *y);
    for (size_t l = 0; l < n; l += INNER) {
        size_t k = n - l < INNER ? n - l : INNER;
        tiles(end - first, a + first * n + l, n, 1, k, x + l * PANEL, y + first * PANEL);
    }
}

// The copy spares the tile a stride of n numbers, in which cache lines evict each other; while a
// tile is worked on, a share of the next strip comes into the cache.
static void add_transposed(size_t first, size_t end, size_t rows, size_t n, const double *a,
                           const double *x, double *y) {
    double copy[STRIP * COLUMNS];
    for (size_t j = first; j < end; j += COLUMNS) {
        size_t columns = end - j < COLUMNS ? end - j : COLUMNS;
        for (size_t i = 0; i < rows; i += STRIP) {
            size_t count = rows - i < STRIP ? rows - i : STRIP;
            for (size_t l = 0; l < count; l++)
                memcpy(copy + l * COLUMNS, a + (i + l) * n + j, columns * sizeof *copy);
            for (size_t t = 0, at = i + STRIP; t < columns; t += ROWS) {
                for (size_t l = 0; l < STRIP * ROWS / COLUMNS && at < rows; l++, at++)
                    for (size_t byte = 0; byte < COLUMNS; byte += 8)
                        __builtin_prefetch(a + at * n + j + byte);
                size_t width = columns - t < ROWS ? columns - t : ROWS;
                tiles(width, copy + t, 1, COLUMNS, count, x + i * PANEL, y + (j + t) * PANEL);
            }
        }
    }
}

static void dot_panels(size_t first, size_t end, size_t n, const double *const *basis,
                       const double *w, double *dot) {
    for (size_t k = first; k < end; k++) {
        const double *from = basis[k];
        pack sum[PACKS] = {{0}};
        for (size_t i = 0; i < n; i++)
#pragma GCC unroll 16
            for (size_t j = 0; j < PACKS; j++)
                sum[j] = pack_fma(pack_load(from + i * PANEL + j * PACK),
                                  pack_load(w + i * PANEL + j * PACK), sum[j]);
        for (size_t j = 0; j < PACKS; j++) pack_store(dot + k * PANEL + j * PACK, sum[j]);
    }
}

static void subtract(size_t first, size_t end, size_t count, const double *const *basis,
                     const double *dot, double *w) {
    for (size_t i = first; i < end; i++) {
        pack left[PACKS];
#pragma GCC unroll 16
        for (size_t j = 0; j < PACKS; j++) left[j] = pack_load(w + i * PANEL + j * PACK);
        for (size_t k = 0; k < count; k++) {
            const double *from = basis[k] + i * PANEL, *by = dot + k * PANEL;
#pragma GCC unroll 16
            for (size_t j = 0; j < PACKS; j++)
                left[j] = pack_fma(-pack_load(by + j * PACK), pack_load(from + j * PACK), left[j]);
        }
#pragma GCC unroll 16
        for (size_t j = 0; j < PACKS; j++) pack_store(w + i * PANEL + j * PACK, left[j]);
    }
}

extern const PanelKernels LANE_NAME(panel_kernels);
const PanelKernels LANE_NAME(panel_kernels) = {times, add_transposed, dot_panels, subtract};
