// One lane, one network: 16 whole networks side by side, until none of them fits.
#include "guess/kernels.h"
#include "guess/draw.h"

// ---- weights ----

LANE_INLINE lane level(const GuessModel *model, wide digit, const bool evenly) {
    if (!evenly) return lane_look_up(model->value, model->prior.levels, digit);
    float step = model->value[1] - model->value[0];
    return lane_fma(lane_of_upper(digit), lane_splat(step), lane_splat(model->value[0]));
}

// The digits of u, a fraction of 2^32, as levels: w (count, 16). What is left of u.
LANE_INLINE wide cut(const GuessModel *model, wide u, size_t count, float *w, const bool evenly) {
    wide q = wide_splat(model->prior.levels);
    for (size_t i = 0; i < count; i++) {
        u = wide_mul(u, q);
        lane_store(w + i * LANE, level(model, u, evenly));
    }
    return u;
}

static void redraw(const GuessModel *model, uint64_t seed, uint64_t t, size_t word, float *w) {
    uint8_t digit[DIGITS_MOST];
    model_draw_word(model, seed, t, word, digit);
    for (size_t i = 0; i < model_digits(model, word); i++) w[i * LANE] = model->value[digit[i]];
}

static void draw_levels(const GuessModel *model, uint64_t seed, uint64_t t, size_t word, wide bits,
                        float *w) {
    size_t count = model_digits(model, word);
    wide left =
        model->evenly ? cut(model, bits, count, w, true) : cut(model, bits, count, w, false);
    uint32_t again = wide_lower_below(left, model_least(model, word));
    for (; again; again &= again - 1) {
        unsigned l = (unsigned)__builtin_ctz(again);
        redraw(model, seed, t + l, word, w + l);
    }
}

// v in (-1, 1), exactly: 2^-24 (2 m + 1) - 1 with m the upper 24 bits.
LANE_INLINE lane signed_fraction(wide bits) {
    lane m = lane_of_upper(wide_mul(bits, wide_splat(1 << 24)));
    return lane_fma(m, lane_splat(0x1p-23f), lane_splat(0x1p-24f - 1));
}

static void store_normal(wide radius_bits, wide angle_bits, float *w, size_t count) {
    lane half = lane_splat(0.5f), v = signed_fraction(radius_bits), a = signed_fraction(angle_bits);
    lane log = lane_log(lane_mul(half, lane_add(lane_splat(1), v)));
    lane r = lane_sqrt(lane_mul(lane_splat(-2), log));
    lane_store(w, lane_mul(r, lane_cospi(a)));
    if (count > 1) lane_store(w + LANE, lane_mul(r, lane_sinpi(a)));
}

static void draw_continuous(const GuessModel *model, const wide *bits, size_t count, float *w) {
    if (model->prior.law == GUESS_NORMAL) {
        for (size_t i = 0; i < count; i += 2)
            store_normal(bits[i], bits[i + 1], w + i * LANE, count - i);
        return;
    }
    for (size_t i = 0; i < count; i++)
        lane_store(w + i * LANE, lane_mul(lane_splat(1.7320508f), signed_fraction(bits[i])));
}

// Weights from .. to - 1 times scale / sqrt(fan_in) of their slots.
static void rescale(const GuessModel *model, size_t from, size_t to, float *w) {
    for (size_t l = 0; l < model->net->layers; l++) {
        const Layer *layer = &model->net->layer[l];
        for (int s = 0; s < layer->slots; s++) {
            const LayerSlot *slot = &layer->slot[s];
            lane factor = lane_splat((float)(model->prior.scale / sqrt((double)slot->fan_in)));
            size_t begin = (size_t)slot->offset, end = begin + (size_t)slot->count;
            for (size_t i = begin > from ? begin : from; i < end && i < to; i++)
                lane_store(w + i * LANE, lane_mul(lane_load(w + i * LANE), factor));
        }
    }
}

enum {
    TOGETHER =
        8,       // words of two blocks, drawn at the same time: each block alone waits for products
    BATCH = 256, // words whose weights are rescaled while the first cache holds them
};

static void weights(const GuessModel *model, uint64_t seed, uint64_t t, float *w) {
    bool levels = model->prior.law == GUESS_LEVELS;
    const DrawKeys keys = model_keys(seed);
    for (size_t word = 0; word < model->words; word += TOGETHER) {
        size_t left = model->words - word, count = left < TOGETHER ? left : TOGETHER;
        float *at = w + word * model->digits * LANE;
        wide bits[TOGETHER];
        for (size_t i = 0; i < count; i += 4) draw_block(&keys, t, (word + i) / 4, bits + i);
        for (size_t i = 0; levels && i < count; i++)
            draw_levels(model, seed, t, word + i, bits[i], at + i * model->digits * LANE);
        if (levels) continue;
        draw_continuous(model, bits, count, at);
        size_t end = word + count;
        if (end % BATCH == 0 || end == model->words)
            rescale(model, (end - 1) / BATCH * BATCH, end, w);
    }
}

// ---- outputs ----

// A dense layer at GUESS_PASS points of 16 networks, or at 16 points of one network.
typedef struct Dense {
    size_t in, out;
    const float *w, *bias; // (out, in), (out) or NULL: lanes, or numbers of the one network
    const float *x;        // (in, points, 16), or NULL and then
    const float *point[GUESS_PASS]; // (in) each: the same for all networks
    float *y;                       // (out, points, 16)
    bool relu;                      // comes behind it
} Dense;

typedef struct Way { // what the compiler knows of it: loops over points unroll
    size_t points;
    bool one_network, same_x, relu;
} Way;

LANE_INLINE lane weight(const float *from, size_t i, const Way way) {
    return way.one_network ? lane_splat(from[i]) : lane_load(from + i * LANE);
}

LANE_INLINE lane input(const Dense *d, size_t i, size_t p, const Way way) {
    return way.same_x ? lane_splat(d->point[p][i]) : lane_load(d->x + (i * way.points + p) * LANE);
}

// y(o, p) = phi(bias(o) + sum_i w(o, i) x(i, p)) for `rows` outputs from o on.
LANE_INLINE void dense_rows(const Dense *d, size_t o, const size_t rows, const Way way) {
    lane sum[2][GUESS_PASS];
#pragma GCC unroll 2
    for (size_t r = 0; r < rows; r++) {
        lane bias = d->bias ? weight(d->bias, o + r, way) : lane_zero();
#pragma GCC unroll 4
        for (size_t p = 0; p < way.points; p++) sum[r][p] = bias;
    }
    for (size_t i = 0; i < d->in; i++) {
#pragma GCC unroll 2
        for (size_t r = 0; r < rows; r++) {
            lane w = weight(d->w, (o + r) * d->in + i, way);
#pragma GCC unroll 4
            for (size_t p = 0; p < way.points; p++)
                sum[r][p] = lane_fma(w, input(d, i, p, way), sum[r][p]);
        }
    }
#pragma GCC unroll 2
    for (size_t r = 0; r < rows; r++) {
#pragma GCC unroll 4
        for (size_t p = 0; p < way.points; p++) {
            lane u = way.relu ? lane_max(lane_zero(), sum[r][p]) : sum[r][p];
            lane_store(d->y + ((o + r) * way.points + p) * LANE, u);
        }
    }
}

LANE_INLINE void dense_way(const Dense *d, const Way way) {
    size_t o = 0;
    for (; o + 2 <= d->out; o += 2) dense_rows(d, o, 2, way);
    if (o < d->out) dense_rows(d, o, 1, way);
}

LANE_INLINE void dense(const Dense *d, Way way) {
    if (d->relu) {
        way.relu = true;
        dense_way(d, way);
    } else {
        dense_way(d, way);
    }
}

static void dense_points(const Dense *d) {
    if (d->x)
        dense(d, (Way){.points = GUESS_PASS});
    else
        dense(d, (Way){.points = GUESS_PASS, .same_x = true});
}

static void dense_one_network(const Dense *d) {
    dense(d, (Way){.points = 1, .one_network = true});
}

static bool is_relu(const Net *net, size_t l) {
    return l < net->layers && strcmp(net->layer[l].kind->name, "relu") == 0;
}

static void set_weights(Dense *d, const Layer *layer, const float *w, size_t stride) {
    const LayerSlot *slot = layer->slot;
    d->in = (size_t)slot[0].size[1];
    d->out = (size_t)slot[0].size[0];
    d->w = w + (size_t)slot[0].offset * stride;
    d->bias = layer->slots > 1 ? w + (size_t)slot[1].offset * stride : NULL;
}

static void spread(const Dense *d, size_t count, float *to) {
    for (size_t i = 0; i < count; i++) {
        for (size_t p = 0; p < GUESS_PASS; p++)
            lane_store(to + (i * GUESS_PASS + p) * LANE, lane_splat(d->point[p][i]));
    }
}

// From d's x or points to the output of the last layer, (points, 16): the network w, or the 16
// networks w. Layers take turns between the halves of work; one without slots and not an
// activation is a flatten, which is nothing here.
static const float *run(const GuessModel *model, const float *w, bool one_network, Dense d,
                        float *work) {
    size_t points = one_network ? 1 : GUESS_PASS, turn = 0;
    float *half[2] = {work, work + model->widest * points * LANE};
    for (size_t l = 0; l < model->net->layers; l++) {
        const Layer *layer = &model->net->layer[l];
        float *y = half[turn];
        if (layer->kind->is_activation) {
            if (d.relu) { // was done by the layer before it
                d.relu = false;
                continue;
            }
            if (!d.x) {
                spread(&d, model->inputs, half[1]);
                d.x = half[1];
            }
            LayerPass pass = {
                .groups = points, .live = points * LANE, .x = (void *)(uintptr_t)d.x, .y = y};
            layer->kind->forward(layer, &pass);
        } else if (layer->slots > 0) {
            set_weights(&d, layer, w, one_network ? 1 : LANE);
            d.relu = is_relu(model->net, l + 1);
            d.y = y;
            if (one_network)
                dense_one_network(&d);
            else
                dense_points(&d);
        } else {
            continue;
        }
        d.x = y;
        turn = !turn;
    }
    return d.x;
}

static void outputs(const GuessModel *model, const float *w, const float *x, float *u,
                    float *work) {
    memcpy(u, run(model, w, true, (Dense){.x = x}, work), LANE * sizeof *u);
}

// Outputs of 16 networks at points i .. i + GUESS_PASS - 1; those from `to` on are the last again.
static const float *run_points(const GuessProblem *problem, const float *w, size_t i, size_t to,
                               float *work) {
    Dense d = {0};
    for (size_t p = 0; p < GUESS_PASS; p++)
        d.point[p] = problem->points->x + (i + p < to ? i + p : to - 1) * problem->points->d;
    return run(problem->model, w, false, d, work);
}

LANE_INLINE uint32_t agreeing(lane u, int y, GuessZero zero) { // guess_agrees of 16 networks
    uint32_t zeros = lane_zero_bits(u), yes = lane_positive_bits(u);
    if (zero == GUESS_ZERO_POSITIVE) yes |= zeros;
    return (y > 0 ? yes : ~yes) & ~(zero == GUESS_ZERO_WRONG ? zeros : 0);
}

static uint32_t fit(const GuessProblem *problem, const float *w, size_t from, size_t to,
                    uint32_t alive, float *work) {
    for (size_t i = from; i < to && alive; i += GUESS_PASS) {
        const float *u = run_points(problem, w, i, to, work);
        for (size_t p = 0; p < GUESS_PASS && i + p < to; p++)
            alive &= agreeing(lane_load(u + p * LANE), problem->points->y[i + p], problem->zero);
    }
    return alive;
}

static uint32_t zeros(const GuessProblem *problem, const float *w, float *work) {
    size_t n = problem->points->n;
    uint32_t found = 0;
    for (size_t i = 0; i < n; i += GUESS_PASS) {
        const float *u = run_points(problem, w, i, n, work);
        for (size_t p = 0; p < GUESS_PASS; p++) found |= lane_zero_bits(lane_load(u + p * LANE));
    }
    return found;
}

extern uint64_t LANE_NAME(tables_look_up)(const GuessTables *tables, uint64_t t, uint64_t alive,
                                          uint64_t *full);

const GuessKernels LANE_NAME(guess_table) = {.weights = weights,
                                             .fit = fit,
                                             .zeros = zeros,
                                             .outputs = outputs,
                                             .look_up = LANE_NAME(tables_look_up)};
