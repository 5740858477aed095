// Weight and bias gradient of a convolution: lane-wise sums over positions, and one sum across the
// lane at the end.
#include "layer/conv.h"

// A tile of rows (channels of dy) x columns (neighbouring weights of a row) stays in registers
// while positions run. TILE_ROWS[columns]: as many as there are registers for.
#if defined(LANE_ISA_avx512)
enum { COLUMNS = 6 };
static const int TILE_ROWS[COLUMNS + 1] = {0, 8, 8, 8, 6, 4, 4};
#define EACH_TILE(X)                                                                               \
    TILES_8(X, 1) TILES_8(X, 2) TILES_8(X, 3) TILES_6(X, 4) TILES_4(X, 5) TILES_4(X, 6)
#else
enum { COLUMNS = 3 };
static const int TILE_ROWS[COLUMNS + 1] = {0, 2, 2, 2};
#define EACH_TILE(X) TILES_2(X, 1) TILES_2(X, 2) TILES_2(X, 3)
#endif

enum {
    ROWS = 8,   // of a part
    CHUNK = 32, // lanes: so many, of ROWS channels of dy, stay in the first cache
};

typedef struct Task {
    Conv conv;
    const float *x, *dy;
    float *dw, *db; // db: NULL without biases
    float *work;
    ptrdiff_t sums, parts; // floats of scratch for one thread; parts of one group of channels
} Task;

// Some positions of one row of dy, which see the same taps, and where their sums are.
typedef struct Run {
    const Task *task;
    const float *x, *dy, *zeros; // of the first position, were all its taps inside
    float *sums;                 // lanes: (in, taps, ROWS)
    ptrdiff_t rows, positions;
    WindowTaps down, along;
} Run;

// dw_rk += sum over positions p and lanes j of dy_rpj x_kpj
typedef struct Tile {
    const float *dy, *x[COLUMNS];
    float *sums;
    ptrdiff_t dy_plane, dy_step, x_step; // from one place to the next
    ptrdiff_t places, floats;            // neighbouring floats from every place on
} Tile;

LANE_INLINE void tile_run(const Tile *t, const int rows, const int columns) {
    lane sum[ROWS][COLUMNS];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 6
        for (int k = 0; k < columns; k++) sum[r][k] = lane_load(t->sums + (k * ROWS + r) * LANE);
    }
    for (ptrdiff_t p = 0; p < t->places; p++) {
        for (ptrdiff_t j = 0; j < t->floats; j += LANE) {
            lane x[COLUMNS];
#pragma GCC unroll 6
            for (int k = 0; k < columns; k++) x[k] = lane_load(t->x[k] + p * t->x_step + j);
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) {
                lane dy = lane_load(t->dy + r * t->dy_plane + p * t->dy_step + j);
#pragma GCC unroll 6
                for (int k = 0; k < columns; k++) sum[r][k] = lane_fma(dy, x[k], sum[r][k]);
            }
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 6
        for (int k = 0; k < columns; k++) lane_store(t->sums + (k * ROWS + r) * LANE, sum[r][k]);
    }
}

static void tile_any(const Tile *t, ptrdiff_t rows, ptrdiff_t columns) {
#define TILE(k, r)                                                                                 \
    case (r)*8 + (k):                                                                              \
        tile_run(t, r, k);                                                                         \
        break;
    switch (rows * 8 + columns) { EACH_TILE(TILE) }
}

static void run_columns(const Run *run, Tile *tile, ptrdiff_t columns) {
    ptrdiff_t parts = conv_parts(run->rows, TILE_ROWS[columns]);
    const float *dy = tile->dy;
    float *sums = tile->sums;
    for (ptrdiff_t part = 0; part < parts; part++) {
        ptrdiff_t r = part * run->rows / parts, end = (part + 1) * run->rows / parts;
        tile->dy = dy + r * tile->dy_plane;
        tile->sums = sums + r * LANE;
        tile_any(tile, end - r, columns);
    }
}

static Tile tile_of(const Run *run) {
    const Conv *conv = &run->task->conv;
    ptrdiff_t stride = conv->window.along.stride;
    Tile tile = {
        .dy = run->dy,
        .dy_plane = conv->y_plane,
        .dy_step = conv->lanes,
        .x_step = stride * conv->lanes,
        .places = run->positions,
        .floats = conv->lanes,
    };
    if (stride == 1) tile.places = 1, tile.floats *= run->positions;
    return tile;
}

// The taps of one row of the window on one channel of x; outside x is 0.
static void run_taps(const Run *run, const float *x, float *sums) {
    const Conv *conv = &run->task->conv;
    const WindowTaps *along = &run->along;
    ptrdiff_t kernel = conv->window.along.kernel, parts = conv_parts(kernel, COLUMNS);
    for (ptrdiff_t part = 0; part < parts; part++) {
        ptrdiff_t from = part * kernel / parts, to = (part + 1) * kernel / parts;
        Tile tile = tile_of(run);
        tile.sums = sums + from * ROWS * LANE;
        for (ptrdiff_t k = from; k < to; k++) {
            bool inside = k >= along->w && k < along->w + along->count;
            tile.x[k - from] = inside ? x + (k - along->w) * conv->lanes : run->zeros;
        }
        run_columns(run, &tile, to - from);
    }
}

// A window of one position: the weights of neighbouring channels take the place of taps.
static void run_channels(const Run *run) {
    const Conv *conv = &run->task->conv;
    ptrdiff_t parts = conv_parts(conv->in, COLUMNS);
    for (ptrdiff_t part = 0; part < parts; part++) {
        ptrdiff_t from = part * conv->in / parts, to = (part + 1) * conv->in / parts;
        Tile tile = tile_of(run);
        tile.sums = run->sums + from * ROWS * LANE;
        for (ptrdiff_t i = from; i < to; i++) tile.x[i - from] = run->x + i * conv->x_plane;
        run_columns(run, &tile, to - from);
    }
}

static void run_all(const Run *run) {
    const Conv *conv = &run->task->conv;
    ptrdiff_t line = conv->window.along.in * conv->lanes;
    if (conv->taps == 1) {
        run_channels(run);
        return;
    }
    for (ptrdiff_t i = 0; i < conv->in; i++) {
        for (ptrdiff_t h = 0; h < run->down.count; h++) {
            ptrdiff_t tap = (run->down.w + h) * conv->window.along.kernel;
            run_taps(run, run->x + i * conv->x_plane + h * line,
                     run->sums + (i * conv->taps + tap) * ROWS * LANE);
        }
    }
}

// How many positions from p on, at most `most`, see the taps that p sees.
static ptrdiff_t run_length(const WindowAxis *along, ptrdiff_t p, ptrdiff_t most) {
    WindowTaps first = window_taps(along, p);
    ptrdiff_t n = 1;
    for (; n < most && p + n < along->out; n++) {
        WindowTaps next = window_taps(along, p + n);
        if (next.w != first.w || next.count != first.count) break;
    }
    return n;
}

static void run_row(Run *run, const float *x, const float *dy, ptrdiff_t row) {
    const Conv *conv = &run->task->conv;
    const WindowAxis *along = &conv->window.along;
    ptrdiff_t most = CHUNK * LANE / conv->lanes + (CHUNK * LANE < conv->lanes), n;
    run->down = window_taps(&conv->window.down, row);
    for (ptrdiff_t p = 0; p < along->out; p += n) {
        n = run_length(along, p, most);
        run->along = window_taps(along, p);
        if (run->along.count == 0 || run->down.count == 0) continue;
        run->positions = n;
        run->x = x + (run->down.x * along->in + run->along.x) * conv->lanes;
        run->dy = dy + (row * along->out + p) * conv->lanes;
        run_all(run);
    }
}

static void sum_up(const Run *run, float *dw) {
    const Conv *conv = &run->task->conv;
    for (ptrdiff_t r = 0; r < run->rows; r++) {
        for (ptrdiff_t k = 0; k < conv->in * conv->taps; k++) {
            *dw++ = lane_sum(lane_load(run->sums + (k * ROWS + r) * LANE));
        }
    }
}

static float sum_plane(const float *dy, ptrdiff_t count) {
    lane sum = lane_zero();
    for (ptrdiff_t j = 0; j < count; j += LANE) sum = lane_add(sum, lane_load(dy + j));
    return lane_sum(sum);
}

// The weights of a few output channels of one group.
static void weights_part(void *context, size_t part, size_t thread) {
    const Task *t = context;
    const Conv *conv = &t->conv;
    ptrdiff_t group = (ptrdiff_t)part / t->parts, piece = (ptrdiff_t)part % t->parts;
    ptrdiff_t first = piece * conv->out / t->parts, end = (piece + 1) * conv->out / t->parts;
    const float *x = t->x + group * conv->in * conv->x_plane;
    ptrdiff_t channel = group * conv->out + first;
    const float *dy = t->dy + channel * conv->y_plane;
    Run run = {
        .task = t,
        .zeros = t->work,
        .sums = t->work + conv->lanes + (ptrdiff_t)thread * t->sums,
        .rows = end - first,
    };
    memset(run.sums, 0, (size_t)t->sums * sizeof(float));
    for (ptrdiff_t row = 0; row < conv->window.down.out; row++) run_row(&run, x, dy, row);
    sum_up(&run, t->dw + channel * conv->in * conv->taps);
    for (ptrdiff_t r = 0; t->db && r < run.rows; r++) {
        t->db[channel + r] = sum_plane(dy + r * conv->y_plane, conv->y_plane);
    }
}

static size_t sums_of(const Layer *layer) {
    return (size_t)layer->slot[0].fan_in * ROWS * LANE;
}

size_t conv_work(const Layer *layer, size_t groups, size_t threads) {
    return groups * LANE + threads * sums_of(layer);
}

void conv_backward_weights(const Layer *layer, const LayerPass *pass) {
    Conv conv = conv_of(layer, pass);
    Task task = {
        .conv = conv,
        .x = pass->x,
        .dy = pass->dy,
        .dw = pass->dw + layer->slot[0].offset,
        .db = layer->slots > 1 ? pass->dw + layer->slot[1].offset : NULL,
        .work = pass->work,
        .sums = (ptrdiff_t)sums_of(layer),
        .parts = conv_parts(conv.out, ROWS),
    };
    memset(task.work, 0, (size_t)conv.lanes * sizeof(float));
    team_share(pass->team, (size_t)(conv.groups * task.parts), weights_part, &task);
}
