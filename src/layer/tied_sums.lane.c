// A tied layer by the sums of inputs that share a weight.
#include "layer/tied_product.h"

// Groups of 16 examples at a time; rows of a block, at most, and bytes of its sums, about; parts of
// the gradient, each with sums of its own.
enum { GROUPS = 4, ROWS = 16, BYTES = 1 << 17, PARTS = 8 };

// A tile of the gradient: accumulators in registers, of which AVX2 has half as many, half as wide.
#if defined(LANE_ISA_avx512)
enum { TILE = 4 };
#else
enum { TILE = 2 };
#endif

typedef struct Sums {
    const TiedWay *way;
    size_t block; // rows
    float *w;     // orbit by orbit: (to, from, labels of the orbit)
    float *bias;  // (orbits, to)
    float *total; // (from, groups) lanes: the sum over all columns
    float *each;  // (threads) sums of a block
    size_t span;  // floats of each
} Sums;

static size_t up(size_t count) { // to whole lanes
    return (count + LANE - 1) / LANE * LANE;
}

static size_t block_of(const TiedSide *side, size_t from) {
    size_t row = from * side->largest * GROUPS * LANE * sizeof(float);
    size_t rows = BYTES / row;
    return rows < 1 ? 1 : rows > ROWS ? ROWS : rows;
}

static size_t span_of(const TiedSide *side, size_t from) {
    return block_of(side, from) * from * side->largest * GROUPS * LANE;
}

static size_t labels_of(const TiedSide *side, size_t orbit) {
    return side->first[orbit + 1] - side->first[orbit];
}

// ---- what a pass begins with ----

static void pack(const Sums *sums) {
    const TiedWay *way = sums->way;
    const TiedSide *side = way->side;
    float *w = sums->w;
    for (size_t k = 0; k < side->orbits; k++) {
        for (size_t o = 0; o < way->to; o++) {
            for (size_t c = 0; c < way->from; c++) {
                const float *from = way->w + o * way->w_to + c * way->w_from;
                for (size_t l = side->first[k]; l < side->first[k + 1]; l++)
                    *w++ = from[side->labels[l]];
            }
            sums->bias[k * way->to + o] = way->bias ? way->bias[o * side->orbits + k] : 0;
        }
    }
}

static void add_all(void *context, size_t c, size_t thread) {
    const Sums *sums = context;
    const TiedWay *way = sums->way;
    (void)thread;
    size_t row = way->groups * LANE;
    const float *x = way->x + c * way->side->cols * row;
    float *total = sums->total + c * row;
    for (size_t g = 0; g < row; g += LANE) lane_store(total + g, lane_zero());
    for (size_t j = 0; j < way->side->cols; j++, x += row)
        for (size_t g = 0; g < row; g += LANE)
            lane_store(total + g, lane_add(lane_load(total + g), lane_load(x + g)));
}

static Sums begin(const TiedWay *way) {
    const TiedSide *side = way->side;
    size_t weights = way->facts->pattern.weights * way->to * way->from;
    Sums sums = {.way = way,
                 .block = block_of(side, way->from),
                 .w = way->work,
                 .span = span_of(side, way->from)};
    sums.bias = sums.w + up(weights);
    sums.total = sums.bias + up(side->orbits * way->to);
    sums.each = sums.total + way->from * way->groups * LANE;
    team_share(way->team, way->from, add_all, &sums);
    return sums;
}

// ---- the sums of a row ----

// The sum of some columns of x, of `groups` lanes; constant wherever this is called.
LANE_INLINE void add_columns(const float *x, size_t row, const uint16_t *column, size_t count,
                             float *to, const size_t groups) {
    lane sum[GROUPS];
#pragma GCC unroll 4
    for (size_t g = 0; g < groups; g++) sum[g] = lane_load(x + column[0] * row + g * LANE);
    for (size_t j = 1; j < count; j++) {
        const float *at = x + column[j] * row;
#pragma GCC unroll 4
        for (size_t g = 0; g < groups; g++) sum[g] = lane_add(sum[g], lane_load(at + g * LANE));
    }
#pragma GCC unroll 4
    for (size_t g = 0; g < groups; g++) lane_store(to + g * LANE, sum[g]);
}

static void add_some(const float *x, size_t row, const uint16_t *column, size_t count, float *to,
                     size_t groups) {
    switch (groups) {
    case 1:
        add_columns(x, row, column, count, to, 1);
        break;
    case 2:
        add_columns(x, row, column, count, to, 2);
        break;
    case 3:
        add_columns(x, row, column, count, to, 3);
        break;
    default:
        add_columns(x, row, column, count, to, GROUPS);
    }
}

// s_o(i) of one channel, for all labels o of the row: (labels, groups) lanes. What is left of the
// total once all others are gone is that of the label which the row has most often.
static void sum_channel(const Sums *sums, size_t i, size_t c, size_t first, size_t groups,
                        float *to) {
    const TiedWay *way = sums->way;
    const TiedSide *side = way->side;
    size_t row = way->groups * LANE, k = (size_t)side->orbit[i], labels = labels_of(side, k);
    const float *x = way->x + c * side->cols * row + first * LANE;
    const uint16_t *column = side->column + side->at[i];
    float *most = to + side->most[k] * groups * LANE;
    memcpy(most, sums->total + c * row + first * LANE, groups * LANE * sizeof *most);
    for (size_t l = 0; l < labels; l++) {
        float *sum = to + l * groups * LANE;
        if (l == side->most[k]) continue;
        size_t count = side->count[side->first[k] + l];
        add_some(x, row, column, count, sum, groups);
        column += count;
        for (size_t g = 0; g < groups * LANE; g += LANE)
            lane_store(most + g, lane_sub(lane_load(most + g), lane_load(sum + g)));
    }
}

// Of a row: (from, labels, groups) lanes.
static void sum_row(const Sums *sums, size_t i, size_t first, size_t groups, float *to) {
    size_t labels = labels_of(sums->way->side, (size_t)sums->way->side->orbit[i]);
    for (size_t c = 0; c < sums->way->from; c++)
        sum_channel(sums, i, c, first, groups, to + c * labels * groups * LANE);
}

// ---- products ----

// Few channels are not worth a tile; the order is that of product.
static void multiply_few(const float *w, const float *bias, const float *s, size_t terms,
                         size_t groups, size_t channels, float *y, size_t y_row) {
    for (size_t o = 0; o < channels; o++) {
        for (size_t g = 0; g < groups; g++) {
            lane sum = lane_splat(bias[o]);
            for (size_t l = 0; l < terms; l++)
                sum = lane_fma(lane_splat(w[o * terms + l]), lane_load(s + (l * groups + g) * LANE),
                               sum);
            lane_store(y + o * y_row + g * LANE, sum);
        }
    }
}

static void multiply_row(const Sums *sums, size_t i, size_t first, size_t groups, float *s) {
    const TiedWay *way = sums->way;
    const TiedSide *side = way->side;
    size_t k = (size_t)side->orbit[i], row = way->groups * LANE, y_row = side->rows * row;
    size_t terms = way->from * labels_of(side, k);
    const float *w = sums->w + way->to * way->from * side->first[k];
    const float *bias = sums->bias + k * way->to;
    float *y = way->y + i * row + first * LANE;
    sum_row(sums, i, first, groups, s);
    if (way->to < 4) {
        multiply_few(w, bias, s, terms, groups, way->to, y, y_row);
        return;
    }
    product(&(Product){
        .m = way->to,
        .k = terms,
        .n = groups * LANE,
        .a = w,
        .a_row = terms,
        .a_column = 1,
        .x = s,
        .x_row = groups * LANE,
        .y = y,
        .y_row = y_row,
        .bias = bias,
    });
}

static size_t chunks_of(size_t groups) {
    return (groups + GROUPS - 1) / GROUPS;
}

static size_t chunk_at(size_t groups, size_t first) {
    return groups - first < GROUPS ? groups - first : GROUPS;
}

static void multiply_block(void *context, size_t part, size_t thread) {
    const Sums *sums = context;
    size_t chunks = chunks_of(sums->way->groups), rows = sums->way->side->rows;
    size_t first = part % chunks * GROUPS, groups = chunk_at(sums->way->groups, first);
    size_t end = (part / chunks + 1) * ROWS;
    for (size_t i = part / chunks * ROWS; i < rows && i < end; i++)
        multiply_row(sums, i, first, groups, sums->each + thread * sums->span);
}

void tied_sum(const TiedWay *way) {
    Sums sums = begin(way);
    pack(&sums);
    size_t blocks = (way->side->rows + ROWS - 1) / ROWS;
    team_share(way->team, blocks * chunks_of(way->groups), multiply_block, &sums);
}

// ---- the gradient of the weights ----

// dw_o = sum over rows of dy_i . s_o(i)
typedef struct Weights {
    Sums sums;
    const float *dy; // (channels, rows, groups) lanes
    size_t channels, weights;
    float *part; // (PARTS) packed as Sums.w
} Weights;

// Rows i .. i+rows-1 of one orbit, whose sums are at s, `terms` of them a row: tile[o, l] += the
// products of dy of channel o and sum l. heights and widths are constants where this is called.
typedef struct Tile {
    const float *dy, *s;
    size_t dy_channel, dy_row, s_row, rows, groups, terms;
    float *to; // (channels, terms)
} Tile;

LANE_INLINE void tile_run(const Tile *t, const size_t height, const size_t width) {
    lane sum[TILE][TILE];
#pragma GCC unroll 4
    for (size_t o = 0; o < height; o++) {
#pragma GCC unroll 4
        for (size_t l = 0; l < width; l++) sum[o][l] = lane_zero();
    }
    for (size_t i = 0; i < t->rows; i++) {
        for (size_t g = 0; g < t->groups; g++) {
            const float *dy = t->dy + i * t->dy_row + g * LANE;
            const float *at = t->s + i * t->s_row + g * LANE;
            lane s[TILE];
#pragma GCC unroll 4
            for (size_t l = 0; l < width; l++) s[l] = lane_load(at + l * t->groups * LANE);
#pragma GCC unroll 4
            for (size_t o = 0; o < height; o++) {
                lane d = lane_load(dy + o * t->dy_channel);
#pragma GCC unroll 4
                for (size_t l = 0; l < width; l++) sum[o][l] = lane_fma(d, s[l], sum[o][l]);
            }
        }
    }
#pragma GCC unroll 4
    for (size_t o = 0; o < height; o++) {
#pragma GCC unroll 4
        for (size_t l = 0; l < width; l++) t->to[o * t->terms + l] += lane_sum(sum[o][l]);
    }
}

static void tile_any(const Tile *t, size_t height, size_t width) {
    if (height == TILE && width == TILE)
        tile_run(t, TILE, TILE);
    else if (height == TILE)
        tile_run(t, TILE, 1);
    else if (width == TILE)
        tile_run(t, 1, TILE);
    else
        tile_run(t, 1, 1);
}

static void weigh_rows(const Weights *of, size_t i, size_t rows, size_t first, size_t groups,
                       const float *s, float *to) {
    const TiedWay *way = of->sums.way;
    const TiedSide *side = way->side;
    size_t k = (size_t)side->orbit[i], row = way->groups * LANE, height, width;
    size_t terms = way->from * labels_of(side, k);
    Tile tile = {.dy_channel = side->rows * row,
                 .dy_row = row,
                 .s_row = terms * groups * LANE,
                 .rows = rows,
                 .groups = groups,
                 .terms = terms};
    for (size_t o = 0; o < of->channels; o += height) {
        height = of->channels - o < TILE ? 1 : TILE;
        for (size_t l = 0; l < terms; l += width) {
            width = terms - l < TILE ? 1 : TILE;
            tile.dy = of->dy + (o * side->rows + i) * row + first * LANE;
            tile.s = s + l * groups * LANE;
            tile.to = to + of->channels * way->from * side->first[k] + o * terms + l;
            tile_any(&tile, height, width);
        }
    }
}

static void weigh_part(void *context, size_t part, size_t thread) {
    const Weights *of = context;
    const TiedSide *side = of->sums.way->side;
    size_t all = of->sums.way->groups, end = (part + 1) * side->rows / PARTS, rows;
    float *s = of->sums.each + thread * of->sums.span, *to = of->part + part * of->weights;
    memset(to, 0, of->weights * sizeof *to);
    for (size_t first = 0; first < all; first += GROUPS) {
        size_t groups = chunk_at(all, first);
        for (size_t i = part * side->rows / PARTS; i < end; i += rows) {
            size_t labels = labels_of(side, (size_t)side->orbit[i]);
            size_t stride = of->sums.way->from * labels * groups * LANE;
            for (rows = 0; rows < of->sums.block && i + rows < end; rows++) {
                if (side->orbit[i + rows] != side->orbit[i]) break;
                sum_row(&of->sums, i + rows, first, groups, s + rows * stride);
            }
            weigh_rows(of, i, rows, first, groups, s, to);
        }
    }
}

void tied_sum_weights(const Layer *layer, const LayerPass *pass) {
    TiedWay way = tied_forward(layer, pass);
    const TiedSide *side = way.side;
    Weights of = {.sums = begin(&way),
                  .dy = pass->dy,
                  .channels = way.to,
                  .weights = (size_t)layer->slot[0].count};
    of.part = of.sums.each + team_threads(pass->team) * of.sums.span;
    team_share(pass->team, PARTS, weigh_part, &of);
    float *dw = pass->dw + layer->slot[0].offset;
    size_t at = 0;
    for (size_t k = 0; k < side->orbits; k++) {
        for (size_t o = 0; o < way.to; o++) {
            for (size_t c = 0; c < way.from; c++) {
                for (size_t l = side->first[k]; l < side->first[k + 1]; l++, at++) {
                    float sum = 0;
                    for (size_t p = 0; p < PARTS; p++) sum += of.part[p * of.weights + at];
                    dw[o * way.w_to + c * way.w_from + side->labels[l]] = sum;
                }
            }
        }
    }
}

static size_t way_work(const TiedSide *side, size_t from, size_t to, size_t weights, size_t groups,
                       size_t threads) {
    return up(weights) + up(side->orbits * to) + from * groups * LANE +
           threads * span_of(side, from);
}

size_t tied_sums_work(const Layer *layer, size_t groups, size_t threads) {
    const TiedFacts *facts = layer->facts;
    size_t from = (size_t)layer->slot[0].size[1], to = (size_t)layer->slot[0].size[0];
    size_t weights = (size_t)layer->slot[0].count;
    size_t forward = way_work(&facts->out, from, to, weights, groups, threads) + PARTS * weights;
    size_t back = way_work(&facts->in, to, from, weights, groups, threads);
    return forward > back ? forward : back;
}
