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
    ROWS = 8,        // of a tile, at most
    PART = 32,       // channels of dy of a part
    POSITIONS = 128, // lanes of a block of positions: of them ROWS channels go to the caches
};

typedef struct Task {
    const Conv *conv;
    ConvImages x;
    const float *dy;
    float *dw, *db; // db: NULL without biases
    float *work;
    ptrdiff_t parts;         // of one group of channels
    ptrdiff_t rows, columns; // positions of a block
    ptrdiff_t copy, sums;    // floats of scratch for one thread
} Task;

// dw_rk += sum over positions p and lanes of dy_rp x_kp
typedef struct Tile {
    const float *dy, *x[COLUMNS];
    float *sums;           // lanes: (columns, rows of the part)
    ptrdiff_t sums_column; // from one column to the next
    ptrdiff_t dy_plane;    // from one row of the tile to the next
    ptrdiff_t lines, dy_line, x_line;
    ptrdiff_t places, dy_place, x_place; // of a line
    ptrdiff_t floats;                    // neighbours, from every place on
} Tile;

LANE_INLINE void tile_run(const Tile *t, const int rows, const int columns) {
    lane sum[ROWS][COLUMNS];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 6
        for (int k = 0; k < columns; k++)
            sum[r][k] = lane_load(t->sums + k * t->sums_column + r * LANE);
    }
    for (ptrdiff_t line = 0; line < t->lines; line++) {
        for (ptrdiff_t p = 0; p < t->places; p++) {
            ptrdiff_t at = line * t->x_line + p * t->x_place;
            const float *dy_at = t->dy + line * t->dy_line + p * t->dy_place;
            for (ptrdiff_t j = 0; j < t->floats; j += LANE) {
                lane x[COLUMNS];
#pragma GCC unroll 6
                for (int k = 0; k < columns; k++) x[k] = lane_load(t->x[k] + at + j);
#pragma GCC unroll 8
                for (int r = 0; r < rows; r++) {
                    lane dy = lane_load(dy_at + r * t->dy_plane + j);
#pragma GCC unroll 6
                    for (int k = 0; k < columns; k++) sum[r][k] = lane_fma(dy, x[k], sum[r][k]);
                }
            }
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 6
        for (int k = 0; k < columns; k++)
            lane_store(t->sums + k * t->sums_column + r * LANE, sum[r][k]);
    }
}

static void tile_any(const Tile *t, ptrdiff_t rows, ptrdiff_t columns) {
#define TILE(k, r)                                                                                 \
    case (r)*8 + (k):                                                                              \
        tile_run(t, r, k);                                                                         \
        break;
    switch (rows * 8 + columns) { EACH_TILE(TILE) }
}

// Some output channels, some input channels, a block of positions.
typedef struct Block {
    const Task *task;
    ConvImages x;
    const float *dy; // its first position
    float *sums;     // lanes: (channels, taps, outputs)
    ptrdiff_t outputs, channels;
    ptrdiff_t row, column, lines, places; // positions of dy
} Block;

// Where column k of the block's weights, (channels, taps), begins to meet x.
static const float *column_of(const Block *block, ptrdiff_t k) {
    const WindowAxes *window = &block->task->conv->window;
    ptrdiff_t taps = block->task->conv->taps, along = window->along.kernel;
    ptrdiff_t row = block->row * window->down.stride - window->down.pad + k % taps / along;
    ptrdiff_t column = block->column * window->along.stride - window->along.pad + k % along;
    return conv_at(&block->x, row, column) + k / taps * block->x.plane;
}

static Tile tile_of(const Block *block) {
    const Conv *conv = block->task->conv;
    const WindowAxes *window = &conv->window;
    Tile tile = {
        .sums_column = block->outputs * LANE,
        .dy_plane = conv->y_plane,
        .lines = block->lines,
        .dy_line = window->along.out * conv->lanes,
        .x_line = window->down.stride * block->x.line,
        .places = block->places,
        .dy_place = conv->lanes,
        .x_place = window->along.stride * conv->lanes,
        .floats = conv->lanes,
    };
    if (window->along.stride == 1) tile.places = 1, tile.floats *= block->places;
    return tile;
}

static void block_run(const Block *block) {
    const Conv *conv = block->task->conv;
    ptrdiff_t weights = block->channels * conv->taps, cuts = conv_parts(weights, COLUMNS);
    Tile tile = tile_of(block);
    for (ptrdiff_t cut = 0; cut < cuts; cut++) {
        ptrdiff_t first = cut * weights / cuts, end = (cut + 1) * weights / cuts;
        ptrdiff_t parts = conv_parts(block->outputs, TILE_ROWS[end - first]);
        for (ptrdiff_t k = first; k < end; k++) tile.x[k - first] = column_of(block, k);
        for (ptrdiff_t part = 0; part < parts; part++) {
            ptrdiff_t r = part * block->outputs / parts, to = (part + 1) * block->outputs / parts;
            tile.dy = block->dy + r * conv->y_plane;
            tile.sums = block->sums + (first * block->outputs + r) * LANE;
            tile_any(&tile, to - r, end - first);
        }
    }
}

static ConvBox box_of(const Conv *conv, ptrdiff_t row, ptrdiff_t column, ptrdiff_t lines,
                      ptrdiff_t places) {
    const WindowAxis *down = &conv->window.down, *along = &conv->window.along;
    return (ConvBox){
        .row = row * down->stride - down->pad,
        .column = column * along->stride - along->pad,
        .rows = (lines - 1) * down->stride + down->kernel,
        .columns = (places - 1) * along->stride + along->kernel,
    };
}

// Copies where a window goes over the border, and where many channels share a cache's places.
static void block_channels(Block *block, const ConvImages *x, float *copy) {
    const Conv *conv = block->task->conv;
    ConvBox box = box_of(conv, block->row, block->column, block->lines, block->places);
    bool direct = conv->in < 16 && conv_inside(x, box);
    ptrdiff_t most = direct ? conv->in : conv_copy_channels(box, conv->lanes);
    float *sums = block->sums;
    for (ptrdiff_t first = 0; first < conv->in; first += most) {
        block->channels = conv_least(most, conv->in - first);
        block->x = *x;
        block->x.at += first * x->plane;
        if (!direct) block->x = conv_copy(&block->x, box, block->channels, copy);
        block->sums = sums + first * conv->taps * block->outputs * LANE;
        block_run(block);
    }
    block->sums = sums;
}

static void sum_up(const Block *block, float *dw) {
    ptrdiff_t weights = block->task->conv->in * block->task->conv->taps;
    for (ptrdiff_t r = 0; r < block->outputs; r++) {
        for (ptrdiff_t k = 0; k < weights; k++) {
            *dw++ = lane_sum(lane_load(block->sums + (k * block->outputs + r) * LANE));
        }
    }
}

static float sum_plane(const float *dy, ptrdiff_t count) {
    lane sum = lane_zero();
    for (ptrdiff_t j = 0; j < count; j += LANE) sum = lane_add(sum, lane_load(dy + j));
    return lane_sum(sum);
}

static void all_positions(Block *block, const ConvImages *x, const float *dy, float *copy) {
    const Task *t = block->task;
    const Conv *conv = t->conv;
    ptrdiff_t height = conv->window.down.out, width = conv->window.along.out;
    for (block->row = 0; block->row < height; block->row += t->rows) {
        for (block->column = 0; block->column < width; block->column += t->columns) {
            block->lines = conv_least(t->rows, height - block->row);
            block->places = conv_least(t->columns, width - block->column);
            block->dy = dy + (block->row * width + block->column) * conv->lanes;
            block_channels(block, x, copy);
        }
    }
}

// The weights of a few output channels of one group.
static void weights_part(void *context, size_t part, size_t thread) {
    const Task *t = context;
    const Conv *conv = t->conv;
    ptrdiff_t group = (ptrdiff_t)part / t->parts, piece = (ptrdiff_t)part % t->parts;
    ptrdiff_t first = piece * conv->out / t->parts, end = (piece + 1) * conv->out / t->parts;
    ptrdiff_t channel = group * conv->out + first;
    const float *dy = t->dy + channel * conv->y_plane;
    float *work = t->work + (ptrdiff_t)thread * (t->copy + t->sums);
    ConvImages x = t->x;
    x.at += group * conv->in * conv->x_plane;
    Block block = {.task = t, .outputs = end - first, .sums = work + t->copy};
    memset(block.sums, 0, (size_t)t->sums * sizeof(float));
    all_positions(&block, &x, dy, work);
    sum_up(&block, t->dw + channel * conv->in * conv->taps);
    for (ptrdiff_t r = 0; t->db && r < block.outputs; r++) {
        t->db[channel + r] = sum_plane(dy + r * conv->y_plane, conv->y_plane);
    }
}

// Blocks are about as high as wide: the fewer are their neighbours.
static Task task_of(const Conv *conv) {
    const WindowAxes *window = &conv->window;
    ptrdiff_t positions = POSITIONS * LANE / conv->lanes, side = 1;
    while ((side + 1) * (side + 1) <= positions) side++;
    Task task = {.conv = conv, .parts = conv_parts(conv->out, PART)};
    task.rows = conv_least(side, window->down.out);
    task.columns = conv_least(positions / task.rows, window->along.out);
    if (task.columns < 1) task.columns = 1;
    ConvBox most = box_of(conv, 0, 0, task.rows, task.columns);
    task.copy = conv_copy_floats(most, conv->in, conv->lanes);
    task.sums = conv->in * conv->taps * conv_least(conv->out, PART) * LANE;
    task.x = (ConvImages){.height = window->down.in,
                          .width = window->along.in,
                          .plane = conv->x_plane,
                          .line = window->along.in * conv->lanes,
                          .lanes = conv->lanes};
    return task;
}

size_t conv_weights_work(const Layer *layer, size_t groups, size_t threads) {
    Conv conv = conv_of(layer, groups);
    Task task = task_of(&conv);
    return threads * (size_t)(task.copy + task.sums);
}

void conv_backward_weights(const Layer *layer, const LayerPass *pass) {
    Conv conv = conv_of(layer, pass->groups);
    Task task = task_of(&conv);
    task.x.at = pass->x;
    task.dy = pass->dy;
    task.dw = pass->dw + layer->slot[0].offset;
    if (layer->slots > 1) task.db = pass->dw + layer->slot[1].offset;
    task.work = pass->work;
    team_share(pass->team, (size_t)(conv.groups * task.parts), weights_part, &task);
}
