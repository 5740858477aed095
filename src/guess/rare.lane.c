// Moves of one neuron in 16 networks at once. Outputs are bit for bit those of guess_outputs: a
// neuron's sum is always made anew, from its bias on; nothing is updated by differences.
#include "num/lane.h"
#include "num/philox.h"
#include "guess/rare.h"

enum { ROWS = 8 }; // points at a time: so many sums are under way at once

// ---- random words ----

// 64 blocks side by side: one after the other they would wait for every product.
static void refill(RareStream *stream) {
    enum { BLOCKS = RARE_VECTORS / 4 * LANE };
    uint32_t c[4][BLOCKS];
    uint32_t k0 = (uint32_t)stream->seed, k1 = (uint32_t)(stream->seed >> 32);
    for (uint32_t l = 0; l < BLOCKS; l++) {
        uint64_t block = stream->block + l;
        c[0][l] = (uint32_t)block;
        c[1][l] = (uint32_t)stream->index;
        c[2][l] = (uint32_t)(stream->index >> 32);
        c[3][l] = RANDOM_RARE + ((uint32_t)(block >> 32) << 16);
    }
    philox_blocks(c[0], BLOCKS, k0, k1);
    memcpy(stream->bits, c, sizeof c);
    stream->block += BLOCKS;
    stream->used = 0;
}

static const uint32_t *words(RareStream *stream) {
    if (stream->used == RARE_VECTORS) refill(stream);
    return stream->bits[stream->used++];
}

static lane signed_fraction(const uint32_t bits[LANE]) { // odd multiples of 2^-24 in (-1, 1)
    float v[LANE];
    for (int l = 0; l < LANE; l++)
        v[l] = (float)((int32_t)(bits[l] >> 8) * 2 + 1 - (1 << 24)) * 0x1p-24f;
    return lane_load(v);
}

static void normals(RareStream *stream, lane *first, lane *second) { // Box, Muller 1958
    lane half = lane_splat(0.5f), v = signed_fraction(words(stream));
    lane r =
        lane_sqrt(lane_mul(lane_splat(-2), lane_log(lane_mul(half, lane_add(lane_splat(1), v)))));
    lane angle = signed_fraction(words(stream));
    *first = lane_mul(r, lane_cospi(angle));
    *second = lane_mul(r, lane_sinpi(angle));
}

// ---- proposals: each kernel is reversible under the prior ----

// A level of the prior in every lane, but for those (fewer than one in 2^24) whose word would make
// some levels likelier than others: they keep what they have.
static void redraw_level(const GuessPrior *prior, const uint32_t bits[LANE], float *at) {
    uint32_t least = (uint32_t)((UINT64_C(1) << 32) % prior->levels);
    for (int l = 0; l < LANE; l++) {
        uint64_t product = bits[l] * (uint64_t)prior->levels;
        if ((uint32_t)product >= least) at[l] = (float)prior->level[product >> 32];
    }
}

static lane draw_normal(RareStream *stream) {
    if (!stream->has_spare) {
        lane first, second;
        normals(stream, &first, &second);
        lane_store(stream->spare, second);
        stream->has_spare = true;
        return first;
    }
    stream->has_spare = false;
    return lane_load(stream->spare);
}

static void redraw(const GuessPrior *prior, float scale, RareStream *stream, float *at) {
    switch (prior->law) {
    case GUESS_LEVELS:
        redraw_level(prior, words(stream), at);
        break;
    case GUESS_NORMAL:
        lane_store(at, lane_mul(lane_splat(scale), draw_normal(stream)));
        break;
    case GUESS_UNIFORM:
        lane_store(at, lane_mul(lane_splat(1.7320508f * scale), signed_fraction(words(stream))));
    }
}

// w' = sqrt(1 - s^2) w + s sigma z: Crank-Nicolson, first-order autoregressive (Neal 1999).
static void step_normal(float scale, float s, RareStream *stream, float *at) {
    lane keep = lane_splat(sqrtf(1 - s * s)), step = lane_splat(s * scale);
    lane_store(at, lane_fma(keep, lane_load(at), lane_mul(step, draw_normal(stream))));
}

// A uniform step of at most half the interval, mirrored at its ends.
static void step_uniform(float scale, float s, RareStream *stream, float *at) {
    float end = 1.7320508f * scale;
    lane high = lane_splat(end), low = lane_splat(-end), step = lane_splat(2 * s * end);
    lane w = lane_fma(step, signed_fraction(words(stream)), lane_load(at));
    w = lane_min(w, lane_sub(lane_splat(2 * end), w));
    w = lane_max(w, lane_sub(lane_splat(-2 * end), w));
    lane_store(at, lane_min(high, lane_max(low, w)));
}

static float *weights_of(const RareStage *stage, size_t neuron, float *w) {
    return w + (stage->w + neuron * stage->in) * LANE;
}

static void propose(const RareBench *bench, const RareMove *move, float *w, RareStream *stream) {
    const RareStage *stage = &bench->net->stage[move->stage];
    const GuessPrior *prior = &bench->net->model->prior;
    float *at = bench->proposal;
    memcpy(at, weights_of(stage, move->neuron, w), stage->in * LANE * sizeof *at);
    if (stage->bias != RARE_NO_BIAS)
        memcpy(at + stage->in * LANE, w + (stage->bias + move->neuron) * LANE, LANE * sizeof *at);
    for (size_t i = 0; i < move->places; i++)
        redraw(prior, stage->scale, stream, at + move->place[i] * LANE);
    for (size_t i = 0; move->step > 0 && i < rare_fan(stage); i++, at += LANE) {
        if (prior->law == GUESS_NORMAL) {
            step_normal(stage->scale, move->step, stream, at);
        } else {
            step_uniform(stage->scale, move->step, stream, at);
        }
    }
}

// ---- responses ----

static void activate(const RareNet *net, const RareStage *stage, float *y, size_t count) {
    for (size_t a = 0; a < stage->acts; a++) {
        const Layer *act = &net->act[stage->first_act + a];
        LayerPass pass = {.groups = count, .live = LANE, .x = y, .y = y};
        act->kind->forward(act, &pass);
    }
}

// A neuron at some points: x (rows, in), one number or one lane each, y[row * stride].
typedef struct Neuron {
    size_t in, stride; // stride in lanes
    const float *w, *bias, *x;
    float *y;
} Neuron;

LANE_INLINE void sum_rows(const Neuron *n, const size_t rows, const bool shared) {
    lane sum[ROWS];
    for (size_t r = 0; r < rows; r++) sum[r] = n->bias ? lane_load(n->bias) : lane_zero();
    for (size_t i = 0; i < n->in; i++) {
        lane w = lane_load(n->w + i * LANE);
        for (size_t r = 0; r < rows; r++) {
            size_t at = r * n->in + i;
            lane x = shared ? lane_splat(n->x[at]) : lane_load(n->x + at * LANE);
            sum[r] = lane_fma(w, x, sum[r]);
        }
    }
    for (size_t r = 0; r < rows; r++) lane_store(n->y + r * n->stride * LANE, sum[r]);
}

LANE_INLINE void sum_some(Neuron n, size_t rows, const bool shared) {
    while (rows) {
        size_t part = rows >= 8 ? 8 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
        switch (part) {
        case 8:
            sum_rows(&n, 8, shared);
            break;
        case 4:
            sum_rows(&n, 4, shared);
            break;
        case 2:
            sum_rows(&n, 2, shared);
            break;
        default:
            sum_rows(&n, 1, shared);
        }
        n.x += part * n.in * (shared ? 1 : LANE);
        n.y += part * n.stride * LANE;
        rows -= part;
    }
}

static void sum(const Neuron *n, size_t rows, bool shared) {
    if (shared) {
        sum_some(*n, rows, true);
    } else {
        sum_some(*n, rows, false);
    }
}

static float *responses(const RareBench *bench, float *cache, size_t stage, size_t point) {
    const RareStage *s = &bench->net->stage[stage];
    return cache + (bench->room * s->unit + point * s->out) * LANE;
}

// All neurons of a stage at some points, from x to y.
static void run_stage(const RareNet *net, size_t stage, const float *w, const float *x, float *y,
                      size_t rows) {
    const RareStage *s = &net->stage[stage];
    for (size_t o = 0; o < s->out; o++) {
        Neuron neuron = {.in = s->in,
                         .stride = s->out,
                         .w = w + (s->w + o * s->in) * LANE,
                         .bias = s->bias == RARE_NO_BIAS ? NULL : w + (s->bias + o) * LANE,
                         .x = x,
                         .y = y + o * LANE};
        sum(&neuron, rows, stage == 0);
    }
    activate(net, s, y, rows * s->out);
}

static void fill(const RareBench *bench, const float *w, const float *x, size_t count) {
    const RareNet *net = bench->net;
    for (size_t r = 0; r < count; r += ROWS) {
        size_t rows = count - r < ROWS ? count - r : ROWS;
        const float *in = x + r * net->stage[0].in;
        for (size_t s = 0; s < net->stages; s++) {
            float *out = responses(bench, bench->cache, s, r);
            run_stage(net, s, w, in, out, rows);
            in = out;
        }
    }
}

// ---- the distance from fitting ----

typedef struct Margins {
    lane wrong, all;
} Margins;

// Adds points from .. from + rows - 1 with outputs u (rows, 16). A nan is taken for below 0, as
// comparisons do.
static void add_margins(const RareSample *sample, const float *outputs, size_t from, size_t rows,
                        Margins *sum) {
    lane zero = lane_zero(), tau = lane_splat(sample->tau), minus_one = lane_splat(-1);
    for (size_t r = 0; r < rows; r++) {
        RareGate gate = sample->gate[from + r];
        lane u = lane_load(outputs + r * LANE), sign = lane_max(u, minus_one);
        lane margin = lane_add(lane_max(u, lane_sub(zero, u)), tau);
        bool right = gate.up != gate.tie; // where `test` is above 0
        lane test = gate.tie ? lane_sub(zero, sign) : sign;
        sum->all = lane_add(sum->all, margin);
        sum->wrong = lane_add(
            sum->wrong, lane_where_positive(test, right ? zero : margin, right ? margin : zero));
    }
}

// 0 / anything is 0, infinities and nan included: who fits has no distance. Who does not has one.
static void divide(const Margins *sum, float *s) {
    float wrong[LANE], all[LANE];
    lane_store(wrong, sum->wrong);
    lane_store(all, sum->all);
    for (int l = 0; l < LANE; l++) {
        float ratio = wrong[l] / all[l];
        s[l] = wrong[l] == 0 ? 0 : ratio > 0 ? ratio : 1;
    }
}

static void distance(const RareBench *bench, const RareSample *sample, float *s) {
    Margins sum = {lane_zero(), lane_zero()};
    add_margins(sample, responses(bench, bench->cache, bench->net->stages - 1, 0), 0, sample->n,
                &sum);
    divide(&sum, s);
}

// ---- moves ----

// The proposal at points from .. from + rows - 1: the neuron's own responses go into the cache, the
// old ones aside; those of later stages into the shadow. Returns the outputs.
static const float *respond(const RareBench *bench, const RareMove *move, const float *x,
                            const float *w, size_t from, size_t rows) {
    const RareNet *net = bench->net;
    const RareStage *stage = &net->stage[move->stage];
    bool first = move->stage == 0;
    float *own = responses(bench, bench->cache, move->stage, from), *old = bench->old + from * LANE;
    float *fresh = bench->shadow; // a moment's place for the responses, side by side
    Neuron neuron = {
        .in = stage->in,
        .stride = 1,
        .w = bench->proposal,
        .bias = stage->bias == RARE_NO_BIAS ? NULL : bench->proposal + stage->in * LANE,
        .x = first ? x + from * stage->in : responses(bench, bench->cache, move->stage - 1, from),
        .y = fresh};
    sum(&neuron, rows, first);
    activate(net, stage, fresh, rows);
    for (size_t r = 0; r < rows; r++) {
        float *at = own + (r * stage->out + move->neuron) * LANE;
        lane_store(old + r * LANE, lane_load(at));
        lane_store(at, lane_load(fresh + r * LANE));
    }
    const float *in = own;
    for (size_t s = move->stage + 1; s < net->stages; s++) {
        float *out = responses(bench, bench->shadow, s, from);
        run_stage(net, s, w, in, out, rows);
        in = out;
    }
    return in;
}

// to[l] = from[l] where take[l] > 0.
static void blend(lane take, float *to, const float *from, size_t count) {
    for (size_t i = 0; i < count; i++, to += LANE, from += LANE)
        lane_store(to, lane_where_positive(take, lane_load(from), lane_load(to)));
}

static lane lanes_of(uint32_t mask) {
    float take[LANE];
    for (int l = 0; l < LANE; l++) take[l] = (float)(mask >> l & 1);
    return lane_load(take);
}

// Lanes that do not move get the neuron's old responses back.
static void restore(const RareBench *bench, const RareMove *move, uint32_t moved, size_t points) {
    lane stay = lanes_of(~moved);
    for (size_t p = 0; p < points; p++)
        blend(stay, responses(bench, bench->cache, move->stage, p) + move->neuron * LANE,
              bench->old + p * LANE, 1);
}

static void take(const RareBench *bench, const RareMove *move, uint32_t moved, size_t points,
                 float *w) {
    const RareNet *net = bench->net;
    const RareStage *stage = &net->stage[move->stage];
    lane go = lanes_of(moved);
    blend(go, weights_of(stage, move->neuron, w), bench->proposal, stage->in);
    if (stage->bias != RARE_NO_BIAS)
        blend(go, w + (stage->bias + move->neuron) * LANE, bench->proposal + stage->in * LANE, 1);
    for (size_t s = move->stage + 1; s < net->stages; s++)
        blend(go, responses(bench, bench->cache, s, 0), responses(bench, bench->shadow, s, 0),
              points * net->stage[s].out);
}

// The latest points first: a proposal is likeliest to fail there.
static uint32_t move_neuron(const RareBench *bench, const RareSample *sample, float bar,
                            const RareMove *move, float *w, RareStream *stream) {
    Margins sum = {lane_zero(), lane_zero()};
    float s[LANE];
    uint32_t moved = 0;
    propose(bench, move, w, stream);
    for (size_t from = 0; from < sample->n; from += ROWS) {
        size_t rows = sample->n - from < ROWS ? sample->n - from : ROWS;
        add_margins(sample, respond(bench, move, sample->x, w, from, rows), from, rows, &sum);
    }
    divide(&sum, s);
    for (int l = 0; l < LANE; l++) moved |= (uint32_t)(s[l] <= bar) << l;
    restore(bench, move, moved, sample->n);
    if (moved) take(bench, move, moved, sample->n, w);
    return moved;
}

const RareKernels LANE_NAME(rare_table) = {
    .refill = refill, .fill = fill, .distance = distance, .move = move_neuron};
