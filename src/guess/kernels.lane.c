// One lane, one network: 16 whole networks side by side, until none of them fits.
#include "num/lane.h"
#include "guess/kernels.h"
#include <Random123/philox.h>

// ---- weights ----

// Block `block` of words of guesses t .. t + 15: bits[4][16].
static void draw_block(uint64_t seed, uint64_t t, uint32_t block, uint32_t bits[4][LANE]) {
    for (int l = 0; l < LANE; l++) {
        uint64_t guess = t + (uint64_t)l;
        philox4x32_ctr_t counter = {
            {block, (uint32_t)guess, (uint32_t)(guess >> 32), RANDOM_GUESS}};
        philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
        philox4x32_ctr_t drawn = philox4x32(counter, key);
        for (int i = 0; i < 4; i++) bits[i][l] = drawn.v[i];
    }
}

// The digits of one word of each network, w (count, 16).
static void cut(const GuessModel *model, uint64_t seed, uint64_t t, size_t word,
                const uint32_t bits[LANE], float *w) {
    size_t count = model_digits(model, word);
    uint64_t q = model->prior.levels, outcomes = 1;
    uint32_t u[LANE];
    memcpy(u, bits, sizeof u);
    for (size_t i = 0; i < count; i++) {
        for (int l = 0; l < LANE; l++) {
            uint64_t product = u[l] * q;
            w[i * LANE + (size_t)l] = (float)model->prior.level[product >> 32];
            u[l] = (uint32_t)product;
        }
        outcomes *= q;
    }
    uint32_t least = (uint32_t)((UINT64_C(1) << 32) % outcomes);
    for (int l = 0; l < LANE; l++) {
        if (u[l] < least) model_draw_word(model, seed, t + (uint64_t)l, word, LANE, w + l);
    }
}

static lane signed_fraction(const uint32_t bits[LANE]) { // v in (-1, 1)
    float v[LANE];
    for (int l = 0; l < LANE; l++)
        v[l] = (float)((int32_t)(bits[l] >> 8) * 2 + 1 - (1 << 24)) * 0x1p-24f;
    return lane_load(v);
}

static void make_normal(const uint32_t radius_bits[LANE], const uint32_t angle_bits[LANE],
                        lane *first, lane *second) {
    lane half = lane_splat(0.5f), v = signed_fraction(radius_bits), a = signed_fraction(angle_bits);
    lane log = lane_log(lane_mul(half, lane_add(lane_splat(1), v)));
    lane r = lane_sqrt(lane_mul(lane_splat(-2), log));
    *first = lane_mul(r, lane_cospi(a));
    *second = lane_mul(r, lane_sinpi(a));
}

static void draw_continuous(const GuessModel *model, const uint32_t bits[4][LANE], lane value[4]) {
    if (model->prior.law == GUESS_NORMAL) {
        make_normal(bits[0], bits[1], &value[0], &value[1]);
        make_normal(bits[2], bits[3], &value[2], &value[3]);
        return;
    }
    for (int i = 0; i < 4; i++)
        value[i] = lane_mul(lane_splat(1.7320508f), signed_fraction(bits[i]));
}

// Every slot's weights times scale / sqrt(fan_in).
static void rescale(const GuessModel *model, float *w) {
    for (size_t l = 0; l < model->net->layers; l++) {
        const Layer *layer = &model->net->layer[l];
        for (int s = 0; s < layer->slots; s++) {
            const LayerSlot *slot = &layer->slot[s];
            lane factor = lane_splat((float)(model->prior.scale / sqrt((double)slot->fan_in)));
            float *at = w + (size_t)slot->offset * LANE;
            for (int64_t i = 0; i < slot->count; i++, at += LANE)
                lane_store(at, lane_mul(lane_load(at), factor));
        }
    }
}

static void weights(const GuessModel *model, uint64_t seed, uint64_t t, float *w) {
    bool levels = model->prior.law == GUESS_LEVELS;
    for (size_t word = 0; word < model->words; word += 4) {
        uint32_t bits[4][LANE];
        lane value[4];
        draw_block(seed, t, (uint32_t)(word / 4), bits);
        if (!levels) draw_continuous(model, (const uint32_t(*)[LANE])bits, value);
        for (size_t i = 0; i < 4 && word + i < model->words; i++) {
            float *at = w + (word + i) * model->digits * LANE;
            if (levels)
                cut(model, seed, t, word + i, bits[i], at);
            else
                lane_store(at, value[i]);
        }
    }
    if (!levels) rescale(model, w);
}

// ---- outputs ----

// w (out, in) and x (in) are lanes, or the same number in every lane.
typedef struct Dense {
    size_t in, out;
    const float *w, *bias, *x;
    float *y;
    bool shared_w, shared_x; // one number for all lanes
} Dense;

LANE_INLINE lane number(const float *from, size_t i, bool shared) {
    return shared ? lane_splat(from[i]) : lane_load(from + i * LANE);
}

LANE_INLINE void dense(const Dense *d, const bool shared_w, const bool shared_x) {
    for (size_t o = 0; o < d->out; o++) {
        lane sum = d->bias ? number(d->bias, o, shared_w) : lane_zero();
        for (size_t i = 0; i < d->in; i++)
            sum = lane_fma(number(d->w, o * d->in + i, shared_w), number(d->x, i, shared_x), sum);
        lane_store(d->y + o * LANE, sum);
    }
}

static Dense dense_of(const Layer *layer, const float *w, size_t stride) {
    const LayerSlot *slot = layer->slot;
    return (Dense){.in = (size_t)slot[0].size[1],
                   .out = (size_t)slot[0].size[0],
                   .w = w + (size_t)slot[0].offset * stride,
                   .bias = layer->slots > 1 ? w + (size_t)slot[1].offset * stride : NULL};
}

// From x to the output of the last layer, u (16). Layers take turns between the halves of work.
LANE_INLINE void run(const GuessModel *model, const float *w, bool shared_w, const float *x,
                     bool shared_x, float *work, float *u) {
    float *half[2] = {work, work + model->widest * LANE};
    for (size_t l = 0; l < model->net->layers; l++) {
        const Layer *layer = &model->net->layer[l];
        float *y = half[l % 2];
        if (layer->kind->is_activation && l == 0 && shared_x) {
            for (size_t i = 0; i < model->inputs; i++)
                lane_store(half[1] + i * LANE, lane_splat(x[i]));
            x = half[1], shared_x = false;
        }
        if (layer->kind->is_activation) {
            LayerPass pass = {.groups = 1, .live = LANE, .x = (void *)(uintptr_t)x, .y = y};
            layer->kind->forward(layer, &pass);
        } else {
            Dense d = dense_of(layer, w, shared_w ? 1 : LANE);
            d.x = x;
            d.y = y;
            if (shared_w) {
                dense(&d, true, false);
            } else if (shared_x) {
                dense(&d, false, true);
            } else {
                dense(&d, false, false);
            }
        }
        x = y, shared_x = false;
    }
    memcpy(u, x, LANE * sizeof *u);
}

static void outputs(const GuessModel *model, const float *w, const float *x, float *u,
                    float *work) {
    run(model, w, true, x, false, work, u);
}

static uint32_t fit(const GuessProblem *problem, const float *w, size_t from, size_t to,
                    uint32_t alive, float *work) {
    const GuessPoints *points = problem->points;
    for (size_t i = from; i < to && alive; i++) {
        float u[LANE];
        run(problem->model, w, false, points->x + i * points->d, true, work, u);
        for (int l = 0; l < LANE; l++)
            alive &= ~((uint32_t)!guess_agrees(u[l], points->y[i], problem->zero) << l);
    }
    return alive;
}

const GuessKernels LANE_NAME(guess_table) = {.weights = weights, .fit = fit, .outputs = outputs};
