// Forward pass and input gradient of a convolution, which are one sum over channels and taps. What
// differs is which positions meet under which taps (WindowTaps), and the strides of the weights.
#include "layer/conv.h"

// A tile of rows (channels of y) x lanes (neighbours along a row of y) stays in registers while
// channels and taps run. TILE_LANES[rows]: as many as there are registers for.
#if defined(LANE_ISA_avx512)
enum { ROWS = 8, LANES = 12 };
static const int TILE_LANES[ROWS + 1] = {0, 12, 12, 8, 6, 4, 4, 3, 3};
#define EACH_TILE(X)                                                                               \
    TILES_12(X, 1)                                                                                 \
    TILES_12(X, 2)                                                                                 \
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
    ptrdiff_t height, width;    // of y
    ptrdiff_t rows, channels;   // of y and of x, in one group
    ptrdiff_t w_row, w_channel; // from one to the next
    ptrdiff_t x_line, x_plane, y_line, y_plane;
    const float *x, *w, *bias;
    float *y;
} Sum;

typedef struct Tile {
    const Sum *sum;
    const float *x, *w, *bias;
    float *y;
    WindowTaps down, along;
} Tile;

// y_rj = b_r + sum over channels c and taps (h, k) of w_rc(h, k) x_cj(h, k). rows and lanes are
// constants wherever this is called, so that the loops over them unroll.
LANE_INLINE void tile_run(const Tile *t, const int rows, const int lanes) {
    const Sum *s = t->sum;
    const ptrdiff_t x_down = t->down.x_step * s->x_line, x_along = t->along.x_step * s->conv->lanes;
    const ptrdiff_t w_down = t->down.w_step * s->conv->window.along.kernel,
                    w_along = t->along.w_step;
    lane y[ROWS][LANES];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 12
        for (int j = 0; j < lanes; j++) y[r][j] = lane_splat(t->bias ? t->bias[r] : 0);
    }
    for (ptrdiff_t c = 0; c < s->channels; c++) {
        for (ptrdiff_t h = 0; h < t->down.count; h++) {
            const float *at = t->x + c * s->x_plane + h * x_down;
            const float *w = t->w + c * s->w_channel + h * w_down;
            for (ptrdiff_t k = 0; k < t->along.count; k++, at += x_along, w += w_along) {
                lane x[LANES];
#pragma GCC unroll 12
                for (int j = 0; j < lanes; j++) x[j] = lane_load(at + j * LANE);
#pragma GCC unroll 8
                for (int r = 0; r < rows; r++) {
                    lane a = lane_splat(w[r * s->w_row]);
#pragma GCC unroll 12
                    for (int j = 0; j < lanes; j++) y[r][j] = lane_fma(a, x[j], y[r][j]);
                }
            }
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 12
        for (int j = 0; j < lanes; j++) lane_store(t->y + r * s->y_plane + j * LANE, y[r][j]);
    }
}

static void tile_any(const Tile *t, ptrdiff_t rows, ptrdiff_t lanes) {
#define TILE(r, j)                                                                                 \
    case (r)*16 + (j):                                                                             \
        tile_run(t, r, j);                                                                         \
        break;
    switch (rows * 16 + lanes) { EACH_TILE(TILE) }
}

// A run: `lanes` of neighbouring positions of a row of y, which see the same taps.
static void run_rows(const Tile *run, ptrdiff_t lanes) {
    const Sum *s = run->sum;
    ptrdiff_t parts = conv_parts(s->rows, ROWS);
    for (ptrdiff_t part = 0; part < parts; part++) {
        ptrdiff_t r = part * s->rows / parts, rows = (part + 1) * s->rows / parts - r;
        ptrdiff_t cuts = conv_parts(lanes, TILE_LANES[rows]);
        for (ptrdiff_t cut = 0; cut < cuts; cut++) {
            ptrdiff_t from = cut * lanes / cuts, to = (cut + 1) * lanes / cuts;
            Tile tile = *run;
            tile.x += from * LANE;
            tile.y += r * s->y_plane + from * LANE;
            tile.w += r * s->w_row;
            if (tile.bias) tile.bias += r;
            tile_any(&tile, rows, to - from);
        }
    }
}

// How many positions from p on see the taps that p sees, each one input further than the last.
static ptrdiff_t run_length(const Sum *s, ptrdiff_t p) {
    const WindowAxis *along = &s->conv->window.along;
    WindowTaps first = s->taps(along, p);
    ptrdiff_t n = 1;
    for (; p + n < s->width; n++) {
        WindowTaps next = s->taps(along, p + n);
        if (next.w != first.w || next.count != first.count || next.x != first.x + n) break;
    }
    return n;
}

// One row of y, of all channels of one group.
static void sum_part(void *context, size_t part, size_t thread) {
    (void)thread;
    const Sum *s = context;
    const WindowAxes *window = &s->conv->window;
    ptrdiff_t group = (ptrdiff_t)part / s->height, row = (ptrdiff_t)part % s->height;
    ptrdiff_t lanes = s->conv->lanes, n;
    WindowTaps down = s->taps(&window->down, row);
    for (ptrdiff_t p = 0; p < s->width; p += n) {
        n = run_length(s, p);
        WindowTaps along = s->taps(&window->along, p);
        run_rows(
            &(Tile){
                .sum = s,
                .down = down,
                .along = along,
                .x = s->x + group * s->channels * s->x_plane + down.x * s->x_line + along.x * lanes,
                .w = s->w + group * s->conv->in * s->conv->out * s->conv->taps +
                     down.w * window->along.kernel + along.w,
                .y = s->y + group * s->rows * s->y_plane + row * s->y_line + p * lanes,
                .bias = s->bias ? s->bias + group * s->rows : NULL,
            },
            n * lanes / LANE);
    }
}

static void sum_run(Sum *sum, Team *team) {
    team_share(team, (size_t)(sum->conv->groups * sum->height), sum_part, sum);
}

void conv_forward(const Layer *layer, const LayerPass *pass) {
    Conv conv = conv_of(layer, pass);
    WindowAxes *window = &conv.window;
    sum_run(&(Sum){.conv = &conv,
                   .taps = window_taps,
                   .height = window->down.out,
                   .width = window->along.out,
                   .rows = conv.out,
                   .channels = conv.in,
                   .w_row = conv.in * conv.taps,
                   .w_channel = conv.taps,
                   .x_line = window->along.in * conv.lanes,
                   .x_plane = conv.x_plane,
                   .y_line = window->along.out * conv.lanes,
                   .y_plane = conv.y_plane,
                   .x = pass->x,
                   .w = pass->w + layer->slot[0].offset,
                   .bias = layer->slots > 1 ? pass->w + layer->slot[1].offset : NULL,
                   .y = pass->y},
            pass->team);
}

void conv_backward_input(const Layer *layer, const LayerPass *pass) {
    Conv conv = conv_of(layer, pass);
    WindowAxes *window = &conv.window;
    sum_run(&(Sum){.conv = &conv,
                   .taps = window_taps_back,
                   .height = window->down.in,
                   .width = window->along.in,
                   .rows = conv.in,
                   .channels = conv.out,
                   .w_row = conv.taps,
                   .w_channel = conv.in * conv.taps,
                   .x_line = window->along.out * conv.lanes,
                   .x_plane = conv.y_plane,
                   .y_line = window->along.in * conv.lanes,
                   .y_plane = conv.x_plane,
                   .x = pass->dy,
                   .w = pass->w + layer->slot[0].offset,
                   .y = pass->dx},
            pass->team);
}
