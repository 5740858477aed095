// A tied layer by rows of W, written out: as fc does it, to the bit.
#include "layer/tied_product.h"

// Rows of a block; parts of dw at least (each is a row of output channels, or some of its points);
// up to FEW labels dw is added up in four columns, so that equal neighbours do not wait.
enum { ROWS = 48, PARTS = 8, FEW = 256, WAYS = 4, STRIP = 256 };

static size_t up(size_t count) { // to whole lanes
    return (count + LANE - 1) / LANE * LANE;
}

static size_t inputs(const Layer *layer) {
    const TiedFacts *facts = layer->facts;
    return (size_t)layer->slot[0].size[1] * facts->in.rows;
}

static size_t outputs(const Layer *layer) {
    const TiedFacts *facts = layer->facts;
    return (size_t)layer->slot[0].size[0] * facts->out.rows;
}

// ---- products ----

#define GATHER(bits)                                                                               \
    static void gather##bits(const float *restrict w, const uint##bits##_t *restrict label,        \
                             size_t count, float *restrict to) {                                   \
        for (size_t j = 0; j < count; j++) to[j] = w[label[j]];                                    \
    }
GATHER(8)
GATHER(16)
GATHER(32)

static void copy_runs(const float *restrict w, const TiedRun *run, const TiedRun *end,
                      float *restrict to) {
    for (; run < end; to += run->length, run++) {
        const float *from = w + run->label;
        if (run->step == 1)
            for (size_t j = 0; j < run->length; j++) to[j] = from[j];
        else if (run->step == 0)
            for (size_t j = 0; j < run->length; j++) to[j] = *from;
        else
            for (size_t j = 0; j < run->length; j++)
                to[run->length - 1 - j] = (from - run->length + 1)[j];
    }
}

static void gather(const float *w, const TiedFacts *facts, const TiedSide *side, size_t row,
                   float *to) {
    if (side->run) {
        copy_runs(w, side->run + side->run_at[row], side->run + side->run_at[row + 1], to);
        return;
    }
    const char *label = (const char *)side->label + row * side->cols * (size_t)facts->bytes;
    if (facts->bytes == 1)
        gather8(w, (const uint8_t *)label, side->cols, to);
    else if (facts->bytes == 2)
        gather16(w, (const uint16_t *)(const void *)label, side->cols, to);
    else
        gather32(w, (const uint32_t *)(const void *)label, side->cols, to);
}

static size_t blocks_of(const TiedSide *side) {
    return (side->rows + ROWS - 1) / ROWS;
}

static void multiply_block(void *context, size_t part, size_t thread) {
    const TiedWay *way = context;
    const TiedSide *side = way->side;
    size_t o = part / blocks_of(side), first = part % blocks_of(side) * ROWS;
    size_t rows = side->rows - first < ROWS ? side->rows - first : ROWS;
    size_t k = way->from * side->cols, row = way->groups * LANE;
    float *a = way->work + thread * (ROWS * up(k) + up(ROWS)), *bias = a + ROWS * up(k);
    for (size_t i = 0; i < rows; i++) {
        for (size_t c = 0; c < way->from; c++)
            gather(way->w + o * way->w_to + c * way->w_from, way->facts, side, first + i,
                   a + i * k + c * side->cols);
        if (way->bias) bias[i] = way->bias[o * side->orbits + (size_t)side->orbit[first + i]];
    }
    product(&(Product){
        .m = rows,
        .k = k,
        .n = row,
        .a = a,
        .a_row = k,
        .a_column = 1,
        .x = way->x,
        .x_row = row,
        .y = way->y + (o * side->rows + first) * row,
        .y_row = row,
        .bias = way->bias ? bias : NULL,
    });
}

void tied_dense(const TiedWay *way) {
    team_share(way->team, way->to * blocks_of(way->side), multiply_block, (void *)way);
}

// ---- the gradient of the weights ----

// dw_l = sum over the places (i, j) of label l of dy_i . x_j: the matrix of these products, block
// by block, and its sums along labels.
typedef struct Weights {
    const TiedFacts *facts;
    const LayerPass *pass;
    size_t from, to, inputs, row, labels;
    size_t pieces; // of the points of an output channel
    float *turned; // x, one example a row
    double *sum;   // (to, pieces, from, labels)
    float *block;  // (threads) rows of products
    double *ways;  // (threads)
    float *dw;
} Weights;

static size_t pieces_of(size_t channels) {
    return channels >= PARTS ? 1 : (PARTS + channels - 1) / channels;
}

// Scratch of a thread, in floats: a block of products, and WAYS sums of FEW labels.
static size_t thread_work(size_t inputs) {
    return ROWS * up(inputs) + 2 * WAYS * FEW;
}

static void turn_strip(void *context, size_t part, size_t thread) {
    const Weights *of = context;
    (void)thread;
    size_t from = part * STRIP, count = of->inputs - from < STRIP ? of->inputs - from : STRIP;
    transpose((const float *)of->pass->x + from * of->row, of->row, count, of->row,
              of->turned + from, up(of->inputs));
}

#define ADD_UP(bits)                                                                               \
    static void add_up##bits(const float *restrict d, const uint##bits##_t *restrict label,        \
                             size_t count, double *restrict sum) {                                 \
        for (size_t j = 0; j < count; j++) sum[label[j]] += (double)d[j];                          \
    }                                                                                              \
    static void add_few##bits(const float *restrict d, const uint##bits##_t *restrict label,       \
                              size_t count, double *restrict sum) {                                \
        size_t j = 0;                                                                              \
        for (; j + WAYS <= count; j += WAYS)                                                       \
            for (size_t k = 0; k < WAYS; k++) sum[WAYS * label[j + k] + k] += (double)d[j + k];    \
        for (; j < count; j++) sum[WAYS * label[j]] += (double)d[j];                               \
    }
ADD_UP(8)
ADD_UP(16)
ADD_UP(32)

static void add_runs(const float *restrict d, const TiedRun *run, const TiedRun *end,
                     double *restrict sum) {
    for (; run < end; d += run->length, run++) {
        double *to = sum + run->label, all = 0;
        if (run->step == 1)
            for (size_t j = 0; j < run->length; j++) to[j] += (double)d[j];
        else if (run->step == 0)
            for (size_t j = 0; j < run->length; j++) all += (double)d[j];
        else
            for (size_t j = 0; j < run->length; j++)
                (to - run->length + 1)[j] += (double)d[run->length - 1 - j];
        if (run->step == 0) *to += all;
    }
}

static void add_row(const Weights *of, size_t row, const float *d, double *sum, bool few) {
    const TiedSide *side = &of->facts->out;
    if (side->run) {
        add_runs(d, side->run + side->run_at[row], side->run + side->run_at[row + 1], sum);
        return;
    }
    const char *at = (const char *)side->label + row * side->cols * (size_t)of->facts->bytes;
    const void *label = at;
    if (of->facts->bytes == 1)
        (few ? add_few8 : add_up8)(d, label, side->cols, sum);
    else if (of->facts->bytes == 2)
        (few ? add_few16 : add_up16)(d, label, side->cols, sum);
    else
        (few ? add_few32 : add_up32)(d, label, side->cols, sum);
}

// Adds a block of products, of `rows` points from `first`, to the sums of one input channel.
static void add_block(const Weights *of, size_t first, size_t rows, const float *d, double *ways,
                      double *sum) {
    bool few = of->labels <= FEW && !of->facts->out.run;
    for (size_t l = 0; few && l < WAYS * of->labels; l++) ways[l] = 0;
    for (size_t i = 0; i < rows; i++)
        add_row(of, first + i, d + i * of->inputs, few ? ways : sum, few);
    for (size_t l = 0; few && l < of->labels; l++) {
        const double *w = ways + WAYS * l;
        sum[l] += (w[0] + w[1]) + (w[2] + w[3]);
    }
}

static void weigh_piece(void *context, size_t part, size_t thread) {
    const Weights *of = context;
    const TiedSide *side = &of->facts->out;
    size_t o = part / of->pieces, piece = part % of->pieces;
    size_t end = (piece + 1) * side->rows / of->pieces, rows;
    float *d = of->block + thread * thread_work(of->inputs);
    double *ways = (double *)(void *)(d + ROWS * up(of->inputs));
    double *sum = of->sum + part * of->from * of->labels;
    for (size_t l = 0; l < of->from * of->labels; l++) sum[l] = 0;
    for (size_t i = piece * side->rows / of->pieces; i < end; i += rows) {
        rows = end - i < ROWS ? end - i : ROWS;
        product(&(Product){
            .m = rows,
            .k = of->pass->live,
            .n = of->inputs,
            .a = (const float *)of->pass->dy + (o * side->rows + i) * of->row,
            .a_row = of->row,
            .a_column = 1,
            .x = of->turned,
            .x_row = up(of->inputs),
            .y = d,
            .y_row = of->inputs,
        });
        for (size_t c = 0; c < of->from; c++)
            add_block(of, i, rows, d + c * side->cols, ways, sum + c * of->labels);
    }
}

static void join_pieces(void *context, size_t o, size_t thread) {
    const Weights *of = context;
    (void)thread;
    size_t count = of->from * of->labels;
    const double *sum = of->sum + o * of->pieces * count;
    for (size_t l = 0; l < count; l++) {
        double all = 0;
        for (size_t piece = 0; piece < of->pieces; piece++) all += sum[piece * count + l];
        of->dw[o * count + l] = (float)all;
    }
}

void tied_dense_weights(const Layer *layer, const LayerPass *pass) {
    const LayerSlot *slot = &layer->slot[0];
    size_t in = inputs(layer), threads = team_threads(pass->team);
    Weights of = {.facts = layer->facts,
                  .pass = pass,
                  .from = (size_t)slot->size[1],
                  .to = (size_t)slot->size[0],
                  .inputs = in,
                  .row = pass->groups * LANE,
                  .labels = (size_t)slot->size[2],
                  .pieces = pieces_of((size_t)slot->size[0]),
                  .turned = pass->work,
                  .dw = pass->dw + slot->offset};
    of.block = of.turned + of.row * up(in);
    of.sum = (double *)(void *)(of.block + threads * thread_work(in));
    team_share(pass->team, (in + STRIP - 1) / STRIP, turn_strip, &of);
    team_share(pass->team, of.to * of.pieces, weigh_piece, &of);
    team_share(pass->team, of.to, join_pieces, &of);
}

size_t tied_dense_work(const Layer *layer, size_t groups, size_t threads) {
    size_t in = inputs(layer), out = outputs(layer), most = in > out ? in : out;
    size_t products = threads * (ROWS * up(most) + up(ROWS));
    size_t channels = (size_t)layer->slot[0].size[0];
    size_t weights = groups * LANE * up(in) + threads * thread_work(in) +
                     2 * pieces_of(channels) * (size_t)layer->slot[0].count;
    return products > weights ? products : weights;
}
