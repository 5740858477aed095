// Forward pass and input gradient of a convolution, which are one sum over channels and taps. What
// differs is which positions meet under which taps (WindowTaps), and the strides of the weights.
#include "layer/conv.h"

// A tile of rows (channels of y) x lanes (neighbours along a row of y) stays in registers while
// channels and taps run. TILE_LANES[rows]: as many as there are registers for.
#if defined(LANE_ISA_avx512)
enum { ROWS = 8, LANES = 8 };
static const int TILE_LANES[ROWS + 1] = {0, 8, 8, 8, 6, 4, 4, 3, 3};
#define EACH_TILE(X)                                                                               \
    TILES_8(X, 1)                                                                                  \
    TILES_8(X, 2)                                                                                  \
    TILES_8(X, 3) TILES_6(X, 4) TILES_4(X, 5) TILES_4(X, 6) TILES_3(X, 7) TILES_3(X, 8)
#else
enum { ROWS = 6, LANES = 6 };
static const int TILE_LANES[ROWS + 1] = {0, 6, 3, 2, 1, 1, 1};
#define EACH_TILE(X) TILES_6(X, 1) TILES_3(X, 2) TILES_2(X, 3) X(4, 1) X(5, 1) X(6, 1)
#endif

// The sum, whichever pass it is of: x is what is read and y what is written.
typedef struct Sum {
    const Conv *conv;
    WindowTaps (*taps)(const WindowAxis *axis, ptrdiff_t p);
    ConvImages x;
    float *y;
    ptrdiff_t height, width, y_line, y_plane; // of y
    ptrdiff_t rows, channels;                 // of y and of x, in one group
    const float *w, *bias;
    ptrdiff_t w_row, w_channel; // from one to the next
    ptrdiff_t columns;          // of a row of y at a time
    float *turned, *copies;     // weights in the order of the tiles; copies of x, one a thread
    ptrdiff_t copy;             // floats of one, or 0: x is read where it is
} Sum;

typedef struct Tile {
    const float *x, *w, *bias;
    float *y;
    bool begins;                     // with the bias, and not with what is in y
    ptrdiff_t channels, down, along; // how many
    ptrdiff_t x_plane, x_down, x_along, y_plane;
    ptrdiff_t w_plane, w_down, w_along;
} Tile;

// y_rj = b_r + sum over channels c and taps (h, k) of w_rc(h, k) x_cj(h, k). rows and lanes are
// constants wherever this is called, so that the loops over them unroll.
LANE_INLINE void tile_run(const Tile *t, const int rows, const int lanes) {
    lane y[ROWS][LANES];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 8
        for (int j = 0; j < lanes; j++) {
            y[r][j] = t->begins ? lane_splat(t->bias ? t->bias[r] : 0)
                                : lane_load(t->y + r * t->y_plane + j * LANE);
        }
    }
    for (ptrdiff_t c = 0; c < t->channels; c++) {
        for (ptrdiff_t h = 0; h < t->down; h++) {
            const float *at = t->x + c * t->x_plane + h * t->x_down;
            const float *w = t->w + c * t->w_plane + h * t->w_down;
            for (ptrdiff_t k = 0; k < t->along; k++, at += t->x_along, w += t->w_along) {
                lane x[LANES];
#pragma GCC unroll 8
                for (int j = 0; j < lanes; j++) x[j] = lane_load(at + j * LANE);
#pragma GCC unroll 8
                for (int r = 0; r < rows; r++) {
                    lane a = lane_splat(w[r]);
#pragma GCC unroll 8
                    for (int j = 0; j < lanes; j++) y[r][j] = lane_fma(a, x[j], y[r][j]);
                }
            }
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 8
        for (int j = 0; j < lanes; j++) lane_store(t->y + r * t->y_plane + j * LANE, y[r][j]);
    }
}

static void tile_any(const Tile *t, ptrdiff_t rows, ptrdiff_t lanes) {
#define TILE(r, j)                                                                                 \
    case (r)*16 + (j):                                                                             \
        tile_run(t, r, j);                                                                         \
        break;
    switch (rows * 16 + lanes) { EACH_TILE(TILE) }
}

// ---- weights, turned: (groups, tiles, channels, taps, rows of a tile) ----

static void turn_part(void *context, size_t part, size_t thread) {
    (void)thread;
    const Sum *s = context;
    ptrdiff_t tiles = conv_parts(s->rows, ROWS), taps = s->conv->taps;
    ptrdiff_t group = (ptrdiff_t)part / tiles, tile = (ptrdiff_t)part % tiles;
    ptrdiff_t first = tile * s->rows / tiles, end = (tile + 1) * s->rows / tiles;
    ptrdiff_t skip = group * s->rows * s->channels * taps;
    float *to = s->turned + skip + first * s->channels * taps;
    for (ptrdiff_t c = 0; c < s->channels; c++) {
        for (ptrdiff_t t = 0; t < taps; t++) {
            const float *from = s->w + skip + c * s->w_channel + t;
            for (ptrdiff_t r = first; r < end; r++) *to++ = from[r * s->w_row];
        }
    }
}

// ---- one row of y ----

// Some channels of x and a row of y; of the row, a run of positions that see the same taps.
typedef struct Run {
    const Sum *sum;
    ConvImages x;
    ptrdiff_t group, row, first, channels; // first: of the channels, in the group
    ptrdiff_t p, lanes;
    WindowTaps down, along;
} Run;

static Tile tile_of(const Run *run) {
    const Sum *s = run->sum;
    return (Tile){
        .x = conv_at(&run->x, run->down.x, run->along.x),
        .y = s->y + run->group * s->rows * s->y_plane + run->row * s->y_line +
             run->p * s->conv->lanes,
        .bias = s->bias ? s->bias + run->group * s->rows : NULL,
        .begins = run->first == 0,
        .channels = run->channels,
        .down = run->down.count,
        .along = run->along.count,
        .x_plane = run->x.plane,
        .x_down = run->down.x_step * run->x.line,
        .x_along = run->along.x_step * run->x.lanes,
        .y_plane = s->y_plane,
    };
}

// Rows r to r + rows of the run.
static void run_tiles(const Run *run, ptrdiff_t r, ptrdiff_t rows) {
    const Sum *s = run->sum;
    ptrdiff_t kernel = s->conv->window.along.kernel,
              cuts = conv_parts(run->lanes, TILE_LANES[rows]);
    ptrdiff_t w = (run->group * s->rows + r) * s->channels * s->conv->taps;
    Tile all = tile_of(run);
    all.w_plane = s->conv->taps * rows;
    all.w_down = run->down.w_step * kernel * rows;
    all.w_along = run->along.w_step * rows;
    all.w = s->turned + w + run->first * all.w_plane + (run->down.w * kernel + run->along.w) * rows;
    all.y += r * s->y_plane;
    if (all.bias) all.bias += r;
    for (ptrdiff_t cut = 0; cut < cuts; cut++) {
        ptrdiff_t from = cut * run->lanes / cuts, to = (cut + 1) * run->lanes / cuts;
        Tile tile = all;
        tile.x += from * LANE;
        tile.y += from * LANE;
        tile_any(&tile, rows, to - from);
    }
}

// How many positions from p to end see the taps that p sees, each one input further than the last.
static ptrdiff_t run_length(const Sum *s, ptrdiff_t p, ptrdiff_t end) {
    const WindowAxis *along = &s->conv->window.along;
    WindowTaps first = s->taps(along, p);
    ptrdiff_t n = 1;
    for (; p + n < end; n++) {
        WindowTaps next = s->taps(along, p + n);
        if (next.w != first.w || next.count != first.count || next.x != first.x + n) break;
    }
    return n;
}

static void run_positions(Run *run, ptrdiff_t p, ptrdiff_t end) {
    const Sum *s = run->sum;
    ptrdiff_t tiles = conv_parts(s->rows, ROWS), n;
    for (; p < end; p += n) {
        n = run_length(s, p, end);
        run->p = p;
        run->lanes = n * s->conv->lanes / LANE;
        run->along = s->taps(&s->conv->window.along, p);
        for (ptrdiff_t tile = 0; tile < tiles; tile++) {
            ptrdiff_t r = tile * s->rows / tiles;
            run_tiles(run, r, (tile + 1) * s->rows / tiles - r);
        }
    }
}

// What positions p to end of the run's row see.
static ConvBox box_of(const Run *run, ptrdiff_t p, ptrdiff_t end) {
    const WindowTaps *down = &run->down;
    ptrdiff_t low = PTRDIFF_MAX, high = 0;
    for (; p < end; p++) {
        WindowTaps taps = run->sum->taps(&run->sum->conv->window.along, p);
        ptrdiff_t last = taps.x + taps.x_step * (taps.count - 1);
        if (taps.count == 0) continue;
        if (taps.x < low) low = taps.x;
        if (last < low) low = last;
        if (taps.x >= high) high = taps.x + 1;
        if (last >= high) high = last + 1;
    }
    if (high == 0) low = 0;
    ptrdiff_t top = down->x_step > 0 ? down->x : down->x - down->count + 1;
    return (ConvBox){top, low, down->count, high - low};
}

// Some positions of one row of y, of all channels of one group.
static void sum_part(void *context, size_t part, size_t thread) {
    const Sum *s = context;
    ptrdiff_t cuts = conv_parts(s->width, s->columns), rest = (ptrdiff_t)part / cuts;
    ptrdiff_t p = (ptrdiff_t)part % cuts * s->columns, end = conv_least(p + s->columns, s->width);
    Run run = {.sum = s, .group = rest / s->height, .row = rest % s->height};
    run.down = s->taps(&s->conv->window.down, run.row);
    ConvBox box = box_of(&run, p, end);
    ptrdiff_t most = s->copy ? conv_copy_channels(box, s->x.lanes) : s->channels;
    for (run.first = 0; run.first < s->channels; run.first += most) {
        run.channels = conv_least(most, s->channels - run.first);
        run.x = s->x;
        run.x.at += (run.group * s->channels + run.first) * s->x.plane;
        if (s->copy) {
            float *to = s->copies + (ptrdiff_t)thread * s->copy;
            run.x = conv_copy(&run.x, box, run.channels, to);
        }
        run_positions(&run, p, end);
    }
}

// ---- the two passes ----

enum { COLUMNS = 64 }; // lanes of a row of y that are done at a time

// A copy pays where a number of x meets many weights, and many channels share a cache's places.
static void choose_copy(Sum *s) {
    const WindowAxes *window = &s->conv->window;
    ptrdiff_t lanes = s->x.lanes, positions = COLUMNS * LANE / lanes;
    s->columns = positions > 0 ? positions : 1;
    if (s->rows < 32 || s->channels < 16) {
        if (s->height > 1) s->columns = s->width; // where it is 1, the parts for threads are few
        return;
    }
    ConvBox most = {
        // of the box of any row
        .rows = conv_least(window->down.kernel, s->x.height),
        .columns =
            conv_least((s->columns - 1) * window->along.stride + window->along.kernel, s->x.width),
    };
    s->copy = conv_copy_floats(most, s->channels, lanes);
}

static Sum forward_sum(const Conv *conv) {
    const WindowAxes *window = &conv->window;
    ptrdiff_t line = window->along.in * conv->lanes;
    Sum sum = {
        .conv = conv,
        .taps = window_taps,
        .x = {NULL, 0, 0, window->down.in, window->along.in, conv->x_plane, line, conv->lanes},
        .height = window->down.out,
        .width = window->along.out,
        .y_line = window->along.out * conv->lanes,
        .y_plane = conv->y_plane,
        .rows = conv->out,
        .channels = conv->in,
        .w_row = conv->in * conv->taps,
        .w_channel = conv->taps,
    };
    choose_copy(&sum);
    return sum;
}

static Sum backward_sum(const Conv *conv) {
    const WindowAxes *window = &conv->window;
    ptrdiff_t line = window->along.out * conv->lanes;
    Sum sum = {
        .conv = conv,
        .taps = window_taps_back,
        .x = {NULL, 0, 0, window->down.out, window->along.out, conv->y_plane, line, conv->lanes},
        .height = window->down.in,
        .width = window->along.in,
        .y_line = window->along.in * conv->lanes,
        .y_plane = conv->x_plane,
        .rows = conv->in,
        .channels = conv->out,
        .w_row = conv->taps,
        .w_channel = conv->in * conv->taps,
    };
    choose_copy(&sum);
    return sum;
}

static size_t sum_work(const Sum *sum, size_t threads) {
    ptrdiff_t weights = sum->conv->groups * sum->rows * sum->channels * sum->conv->taps;
    return (size_t)conv_parts(weights, LANE) * LANE + threads * (size_t)sum->copy;
}

size_t conv_sum_work(const Layer *layer, size_t groups, size_t threads) {
    Conv conv = conv_of(layer, groups);
    Sum forward = forward_sum(&conv), backward = backward_sum(&conv);
    size_t one = sum_work(&forward, threads), other = sum_work(&backward, threads);
    return one > other ? one : other;
}

static void sum_run(Sum *sum, const Layer *layer, const LayerPass *pass) {
    ptrdiff_t tiles = conv_parts(sum->rows, ROWS), cuts = conv_parts(sum->width, sum->columns);
    size_t parts = (size_t)(sum->conv->groups * sum->height * cuts);
    sum->w = pass->w + layer->slot[0].offset;
    sum->turned = pass->work;
    sum->copies = pass->work + sum_work(sum, 0);
    team_share(pass->team, (size_t)(sum->conv->groups * tiles), turn_part, sum);
    team_share(pass->team, parts, sum_part, sum);
}

void conv_forward(const Layer *layer, const LayerPass *pass) {
    Conv conv = conv_of(layer, pass->groups);
    Sum sum = forward_sum(&conv);
    sum.x.at = pass->x;
    sum.y = pass->y;
    if (layer->slots > 1) sum.bias = pass->w + layer->slot[1].offset;
    sum_run(&sum, layer, pass);
}

void conv_backward_input(const Layer *layer, const LayerPass *pass) {
    Conv conv = conv_of(layer, pass->groups);
    Sum sum = backward_sum(&conv);
    sum.x.at = pass->dy;
    sum.y = pass->dx;
    sum_run(&sum, layer, pass);
}
