#include "init/schemes.h"
#include <math.h>

enum { NOTHING, POWER, DATA };

#define SCHEME(id, name, law, needs, help)                                                         \
    {name, help, law, init_square_##id, (needs) != NOTHING, (needs) == DATA},
#define NAME(id, name, law, needs, help) name,

const InitScheme init_schemes[] = {INIT_SCHEMES(SCHEME){0}};
const char *const init_names[] = {INIT_SCHEMES(NAME) NULL};

const InitInput init_unit_input = {.square = 1};

// E x x' of two positions of a channel in one example v; 0 where there is one position.
static double pairs_of(const float *v, size_t channels, size_t points) {
    double pairs = 0;
    for (size_t c = 0; points > 1 && c < channels; c++) {
        double sum = 0, square = 0;
        for (size_t j = 0; j < points; j++, v++) {
            sum += (double)*v;
            square += (double)*v * (double)*v;
        }
        pairs += sum * sum - square;
    }
    return points > 1 ? pairs / ((double)channels * (double)points * (double)(points - 1)) : 0;
}

InitInput init_measure_input(const float *x, const uint32_t *row, size_t rows, const Shape *shape) {
    size_t d = (size_t)shape_count(shape);
    size_t channels = shape->rank == 1 ? 1 : (size_t)shape->size[shape->rank - 1];
    InitInput input = {0};
    double *sum = memory_new(d, sizeof *sum), pairs = 0;
    for (size_t i = 0; i < rows; i++) {
        const float *v = x + row[i] * d;
        for (size_t j = 0; j < d; j++) {
            sum[j] += (double)v[j];
            input.square += (double)v[j] * (double)v[j];
        }
        pairs += pairs_of(v, channels, d / channels) / (double)rows;
    }
    double n = (double)rows;
    for (size_t j = 0; j < d; j++) {
        input.mean += sum[j] / n;
        input.shared += (sum[j] / n) * (sum[j] / n);
    }
    memory_free(sum);
    input.mean /= (double)d;
    input.shared /= (double)d;
    input.square /= n * (double)d;
    if (d > channels) input.excess = pairs - input.shared;
    return input;
}

// The square for the law that is drawn, from that of the scheme's own: uniform ones mean the bound.
static double square_of(const LayerSlot *slot, const InitOptions *options, double power,
                        InitLaw *law) {
    const InitScheme *scheme = &init_schemes[options->scheme];
    double square = scheme->square(slot, power);
    *law = options->law == LAW_SCHEME ? scheme->law : (InitLaw)options->law;
    if (scheme->law == *law) return square;
    if (scheme->law == LAW_UNIFORM) return square / 3;
    return *law == LAW_UNIFORM ? square * 3 : square;
}

static bool is_random(const LayerSlot *slot) {
    return slot->role == ROLE_WEIGHT || slot->role == ROLE_BIAS;
}

double init_sigma(const LayerSlot *slot, const InitOptions *options, double power) {
    InitLaw law;
    if (!is_random(slot)) return 0;
    double square = square_of(slot, options, power, &law);
    return sqrt(law == LAW_UNIFORM ? square / 3 : square);
}

bool init_fill_layer(const Layer *layer, uint64_t number, const InitOptions *options, double power,
                     float *w, Error *error) {
    for (int s = 0; s < layer->slots; s++) {
        const LayerSlot *slot = &layer->slot[s];
        Random random = random_stream(options->seed, RANDOM_INIT, number + (uint64_t)s);
        float start = slot->role == ROLE_SCALE ? 1 : 0;
        for (int64_t i = 0; i < slot->count; i++) w[slot->offset + i] = start;
        if (!is_random(slot)) continue;
        InitLaw law;
        double square = square_of(slot, options, power, &law);
        if (square != 0 && !init_draw(slot, law, square, &random, w + slot->offset, error))
            return false;
    }
    return true;
}

static bool predict(const Net *net, const InitOptions *options, InitLayer *known, Error *error) {
    size_t at;
    return init_predict(net, options, known, &at, error) ||
           error_prefix(error, "%s", net->layer[at].name);
}

bool init_fill(const Net *net, const InitOptions *options, float *w, Error *error) {
    InitLayer *known = NULL;
    bool ok = true;
    if (init_schemes[options->scheme].needs_power) {
        known = memory_try(net->layers, sizeof *known, "moments of the layers", error);
        ok = known && predict(net, options, known, error);
    }
    uint64_t number = 0;
    for (size_t l = 0; ok && l < net->layers; l++) {
        const Layer *layer = &net->layer[l];
        ok = init_fill_layer(layer, number, options, known ? known[l].power : NAN, w, error);
        number += (uint64_t)layer->slots;
    }
    memory_free(known);
    return ok;
}
