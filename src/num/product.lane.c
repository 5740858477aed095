#include "num/product.h"

// A tile of ROWS x LANES accumulators stays in registers while l runs. 32 vector registers hold 24
// accumulators and the 4 lanes of x; AVX2 has 16 registers of half a lane.
#if defined(LANE_ISA_avx512)
enum { TILE_LANES = 4, BLOCK = 128 };
static const size_t TILE_ROWS[TILE_LANES + 1] = {0, 24, 12, 8, 6};
#else
enum { TILE_LANES = 1, BLOCK = 256 };
static const size_t TILE_ROWS[TILE_LANES + 1] = {0, 6};
#endif

typedef struct Tile { // a product cut down to one tile and one block of l
    const float *a, *x, *bias;
    float *y;
    size_t a_row, a_column, x_row, y_row, k;
    size_t last; // floats of y in the last lane, LANE when it is whole
    bool first;  // of the blocks: y starts from bias
} Tile;

// rows and lanes are constants wherever this is called, so that both loops unroll.
LANE_INLINE void tile_run(const Tile *t, const size_t rows, const size_t lanes) {
    lane sum[24][TILE_LANES]; // only [rows][lanes] of it, all in registers
#pragma GCC unroll 24
    for (size_t i = 0; i < rows; i++) {
#pragma GCC unroll 4
        for (size_t j = 0; j < lanes; j++) {
            float *y = t->y + i * t->y_row + j * LANE;
            if (t->first) {
                sum[i][j] = lane_splat(t->bias ? t->bias[i] : 0);
            } else if (j + 1 < lanes || t->last == LANE) {
                sum[i][j] = lane_load(y);
            } else {
                sum[i][j] = lane_load_part(y, t->last);
            }
        }
    }
    for (size_t l = 0; l < t->k; l++) {
        lane x[TILE_LANES];
#pragma GCC unroll 4
        for (size_t j = 0; j < lanes; j++) x[j] = lane_load(t->x + l * t->x_row + j * LANE);
#pragma GCC unroll 24
        for (size_t i = 0; i < rows; i++) {
            lane a = lane_splat(t->a[i * t->a_row + l * t->a_column]);
#pragma GCC unroll 4
            for (size_t j = 0; j < lanes; j++) sum[i][j] = lane_fma(a, x[j], sum[i][j]);
        }
    }
#pragma GCC unroll 24
    for (size_t i = 0; i < rows; i++) {
#pragma GCC unroll 4
        for (size_t j = 0; j < lanes; j++) {
            float *y = t->y + i * t->y_row + j * LANE;
            if (j + 1 < lanes || t->last == LANE) {
                lane_store(y, sum[i][j]);
            } else {
                lane_store_part(y, sum[i][j], t->last);
            }
        }
    }
}

// rows is one of: the full tile of this many lanes, 4, 2, 1.
LANE_INLINE void tile_rows(const Tile *t, size_t rows, const size_t lanes) {
    if (rows == 4) {
        tile_run(t, 4, lanes);
    } else if (rows == 2) {
        tile_run(t, 2, lanes);
    } else if (rows == 1) {
        tile_run(t, 1, lanes);
    } else {
        tile_run(t, TILE_ROWS[lanes], lanes);
    }
}

static void tile_any(const Tile *t, size_t rows, size_t lanes) {
    switch (lanes) {
    case 1:
        tile_rows(t, rows, 1);
        break;
#if defined(LANE_ISA_avx512)
    case 2:
        tile_rows(t, rows, 2);
        break;
    case 3:
        tile_rows(t, rows, 3);
        break;
    case 4:
        tile_rows(t, rows, 4);
        break;
#endif
    }
}

static size_t next_rows(size_t left, size_t full) {
    return left >= full ? full : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

void product(const Product *p) {
    size_t all = (p->n + LANE - 1) / LANE, parts = (all + TILE_LANES - 1) / TILE_LANES;
    for (size_t l = 0; l == 0 || l < p->k; l += BLOCK) { // a block of x stays in the first cache
        for (size_t part = 0; part < parts; part++) {
            size_t from = part * all / parts, to = (part + 1) * all / parts, rows;
            for (size_t i = 0; i < p->m; i += rows) {
                rows = next_rows(p->m - i, TILE_ROWS[to - from]);
                Tile tile = {
                    .a = p->a + i * p->a_row + l * p->a_column,
                    .x = p->x + l * p->x_row + from * LANE,
                    .bias = p->bias ? p->bias + i : NULL,
                    .y = p->y + i * p->y_row + from * LANE,
                    .a_row = p->a_row,
                    .a_column = p->a_column,
                    .x_row = p->x_row,
                    .y_row = p->y_row,
                    .k = p->k - l < BLOCK ? p->k - l : BLOCK,
                    .last = to == all ? p->n - (all - 1) * LANE : LANE,
                    .first = l == 0,
                };
                tile_any(&tile, rows, to - from);
            }
        }
    }
}

#if defined(LANE_ISA_avx512)

// A block of up to 16 x 16 in registers: four rounds, each of which doubles the length of the runs
// that are in their place.
static void transpose_block(const float *from, size_t from_row, size_t rows, size_t columns,
                            float *to, size_t to_row) {
    lane r[LANE], s[LANE];
    for (size_t i = 0; i < LANE; i++) {
        r[i] = i < rows ? lane_load_part(from + i * from_row, columns) : lane_zero();
    }
    for (int i = 0; i < LANE; i += 2) {
        s[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        s[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < LANE; i += 4) {
        for (int j = 0; j < 2; j++) {
            r[i + 2 * j] = _mm512_shuffle_ps(s[i + j], s[i + j + 2], 0x44);
            r[i + 2 * j + 1] = _mm512_shuffle_ps(s[i + j], s[i + j + 2], 0xee);
        }
    }
    for (int i = 0; i < LANE; i += 8) {
        for (int j = 0; j < 4; j++) {
            s[i + j] = _mm512_shuffle_f32x4(r[i + j], r[i + j + 4], 0x88);
            s[i + j + 4] = _mm512_shuffle_f32x4(r[i + j], r[i + j + 4], 0xdd);
        }
    }
    for (int j = 0; j < 8; j++) {
        r[j] = _mm512_shuffle_f32x4(s[j], s[j + 8], 0x88);
        r[j + 8] = _mm512_shuffle_f32x4(s[j], s[j + 8], 0xdd);
    }
    for (size_t j = 0; j < columns; j++) lane_store_part(to + j * to_row, r[j], rows);
}

#else

static void transpose_block(const float *from, size_t from_row, size_t rows, size_t columns,
                            float *to, size_t to_row) {
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) to[j * to_row + i] = from[i * from_row + j];
    }
}

#endif

static size_t up_to_lane(size_t count) {
    return count < LANE ? count : LANE;
}

void transpose(const float *from, size_t from_row, size_t rows, size_t columns, float *to,
               size_t to_row) {
    for (size_t i = 0; i < rows; i += LANE) {
        for (size_t j = 0; j < columns; j += LANE) {
            transpose_block(from + i * from_row + j, from_row, up_to_lane(rows - i),
                            up_to_lane(columns - j), to + j * to_row + i, to_row);
        }
    }
}
