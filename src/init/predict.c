#include "init/pairs.h"
#include "init/places.h"
#include <math.h>
#include <string.h>

// An activation as it stands in a network, made once for all layers that are alike.
typedef struct Known {
    const Layer *layer;
    Activation *activation;
    Pairs pairs;
} Known;

// The Gaussian that an activation reads: for LayerSignal.sample.
typedef struct Origin {
    const Activation *activation;
    double mean, deviation;
} Origin;

typedef struct Prediction {
    const Net *net;
    const InitOptions *options;
    InitLayer *layer;
    LayerSignal *signal; // (layers) of their outputs
    Origin *origin;      // (layers)
    double *factor;      // (layers) E |dx|^2 / E |dy|^2
    Places *places;
    Known *known;
    size_t count, capacity;
    bool mixes; // E x x' of two examples is followed
    bool exact; // to the last bits: first weights rest on it
} Prediction;

// ---- activations ----

static bool alike(const Layer *a, const Layer *b) {
    return a->kind == b->kind && memcmp(a->option, b->option, sizeof a->option) == 0;
}

static Known *known_at(Prediction *p, const Layer *layer) {
    for (size_t i = 0; i < p->count; i++) {
        if (alike(p->known[i].layer, layer)) return &p->known[i];
    }
    p->known = memory_grow(p->known, p->count, &p->capacity, sizeof *p->known);
    Known *known = &p->known[p->count++];
    *known = (Known){.layer = layer, .activation = activation_of_layer(layer)};
    known->pairs = pairs_of(known->activation);
    return known;
}

static void sample_phi(const void *context, size_t count, const double *z, double *x,
                       double *slope) {
    const Origin *origin = context;
    for (size_t i = 0; i < count; i++) {
        double u = origin->mean + origin->deviation * z[i];
        activation_evaluate(origin->activation, 1, &u, &x[i], slope ? &slope[i] : NULL);
    }
}

// A signal that has died or exploded under a scheme that cannot help it.
static bool is_lost(double variance) {
    return !(variance > 1e-280 && variance < 1e280);
}

static void apply_constant(const Activation *activation, const LayerSignal *in, LayerSignal *out) {
    double phi, slope;
    activation_evaluate(activation, 1, &in->mean, &phi, &slope);
    bool dead = in->square < 1;
    *out = (LayerSignal){.mean = dead ? phi : NAN,
                         .square = dead ? phi * phi : INFINITY,
                         .shared = dead ? phi * phi : INFINITY,
                         .apart = dead ? phi * phi : INFINITY,
                         .gradient = dead ? slope * slope : NAN};
}

static double correlation_of(ActivationLaw law, double shared) {
    return fmax(-1, fmin(1, (shared - law.mean * law.mean) / law.variance));
}

// E phi(x) phi(x') of two numbers of this law with E x x' = shared.
static double product_moment(const Prediction *p, Known *known, ActivationLaw law,
                             const ActivationMoments *moments, double shared) {
    double rho = correlation_of(law, shared);
    if (fabs(rho) <= 1e-12) return moments->mean * moments->mean;
    if (rho > 1 - 1e-13) return moments->second_moment;
    if (!p->exact) return pairs_moment(&known->pairs, law, moments->second_moment, rho);
    return activation_product_moment(known->activation, law, law, rho, NULL);
}

static void correct(LayerSignal *out, double factor) {
    out->square *= factor;
    out->shared *= factor;
    out->apart *= factor;
    out->excess *= factor;
}

// What two of its numbers have in common: in two examples, apart, in one example.
static void set_common(const Prediction *p, size_t l, Known *known,
                       const ActivationMoments *moments, ActivationLaw law, const LayerSignal *in,
                       LayerSignal *out) {
    double thin = places_thin(p->places, p->net->layer[l].from), apart = in->apart / thin;
    out->correlation = correlation_of(law, in->shared);
    out->shared = out->apart = moments->mean * moments->mean;
    if (!p->mixes) return;
    out->shared = product_moment(p, known, law, moments, in->shared);
    bool differ = fabs(apart - in->shared) > 1e-12 * in->square;
    out->apart = differ ? product_moment(p, known, law, moments, apart) : out->shared;
    if (in->excess != 0)
        out->excess = product_moment(p, known, law, moments, in->shared + in->excess) - out->shared;
}

static void set_reply(const Activation *activation, ActivationLaw law, InitLayer *layer) {
    static const double STEP = 1e-3;
    double v[3];
    for (int i = 0; i < 3; i++) {
        ActivationLaw near = {law.mean, law.variance * (1 + STEP * (i - 1))};
        if (!activation_second_moment(activation, near, &v[i], NULL)) return;
    }
    layer->reply_slope = (v[2] - v[0]) / (2 * STEP * v[1]);
    layer->reply_curvature = (v[2] - 2 * v[1] + v[0]) / (STEP * STEP * v[1]);
}

static bool apply_activation(Prediction *p, size_t l, const LayerSignal *in, LayerSignal *out,
                             Error *error) {
    Known *known = known_at(p, &p->net->layer[l]);
    const Activation *activation = known->activation;
    ActivationLaw law = {in->mean, in->square - in->mean * in->mean};
    ActivationMoments moments;
    p->layer[l].moment_ratio = 3;
    if (is_lost(law.variance)) {
        apply_constant(activation, in, out);
        return true;
    }
    if (!activation_moments(activation, law, &moments, error)) return false;
    if (p->options->alike) set_reply(activation, law, &p->layer[l]);
    *out = (LayerSignal){.mean = moments.mean,
                         .square = moments.second_moment,
                         .gradient = moments.slope_second_moment,
                         .sample = sample_phi,
                         .context = &p->origin[l],
                         .largest_of = 1,
                         .steepness = moments.slope_second_moment};
    set_common(p, l, known, &moments, law, in, out);
    p->origin[l] = (Origin){activation, in->mean, sqrt(law.variance)};
    p->layer[l].moment_ratio = moments.moment_ratio;
    correct(out, places_activate(p->places, l, activation, in, out));
    out->apart *= places_thin(p->places, (int64_t)l);
    return true;
}

// ---- layers with weights ----

static double bias_square(const Prediction *p, const Layer *layer, double power) {
    double square = 0;
    for (int s = 0; s < layer->slots; s++) {
        if (layer->slot[s].role != ROLE_BIAS) continue;
        double sigma = init_sigma(&layer->slot[s], p->options, power);
        square += sigma * sigma;
    }
    return square;
}

// From weights of variance 1 to those of the scheme.
static bool scale(const Prediction *p, size_t l, LayerSignal *out, Error *error) {
    const Layer *layer = &p->net->layer[l];
    double power = out->square;
    bool needs = init_schemes[p->options->scheme].needs_power;
    if (needs && !(power > 0 && power < INFINITY))
        return error_set(error,
                         "its inputs have second moment %g, and no initialisation makes "
                         "that 1",
                         power);
    double sigma = init_sigma(layer_weight(layer), p->options, power), square = sigma * sigma;
    double bias = bias_square(p, layer, power);
    p->layer[l].power = power;
    p->layer[l].sigma = sigma;
    // Features that share nothing share no bias; positions do.
    bool alone = layer->out.rank == 1 && out->shared + out->excess == 0;
    places_add_bias(p->places, l, power * square / (power * square + bias));
    out->square = out->square * square + bias;
    out->shared = out->shared * square + bias;
    out->apart = out->apart * square + bias;
    out->excess = alone ? -out->shared : out->excess * square;
    out->gradient *= square;
    return true;
}

// ---- the network ----

static LayerSignal input_of(const Prediction *p, int64_t from) {
    const InitInput *input = &p->options->input;
    if (from != LAYER_INPUT) return p->signal[from];
    return (LayerSignal){.mean = input->mean,
                         .square = input->square,
                         .shared = input->shared,
                         .apart = input->shared,
                         .excess = input->excess};
}

// Of two features of a row made of several channels few are of the same; others share their means.
static void mix_channels(const Layer *layer, LayerSignal *out) {
    double features = (double)shape_count(&layer->in);
    double points = features / (double)layer->in.size[layer->in.rank - 1];
    double same = features > 1 ? (points - 1) / (features - 1) : 0;
    out->excess =
        same * (out->shared + out->excess) + (1 - same) * out->mean * out->mean - out->shared;
}

static bool forward(Prediction *p, size_t l, Error *error) {
    const Layer *layer = &p->net->layer[l];
    LayerSignal in = input_of(p, layer->from), in2 = {0}, *out = &p->signal[l];
    if (layer->kind->is_join) in2 = input_of(p, layer->from2);
    p->layer[l] = (InitLayer){.power = NAN,
                              .sigma = NAN,
                              .moment_ratio = NAN,
                              .reply_slope = NAN,
                              .reply_curvature = NAN};
    if (layer->kind->is_activation) {
        if (!apply_activation(p, l, &in, out, error)) return false;
    } else {
        if (!layer->kind->signal)
            return error_set(error, "layers of this kind have no moment rule yet");
        layer->kind->signal(layer, &in, &in2, out);
        double pairs = places_pairs(p->places, l), sum = out->apart;
        if (layer->out.rank == 1 && layer->in.rank > 1 && !layer_weight(layer))
            mix_channels(layer, out);
        correct(out, places_forward(p->places, l, &in, &in2, out));
        out->apart = shape_positions(&layer->out) > 1 ? sum * pairs : out->shared;
        if (layer_weight(layer) && !scale(p, l, out, error)) return false;
    }
    InitLayer *known = &p->layer[l];
    known->mean = out->mean, known->square = out->square, known->shared = out->shared;
    known->excess = out->excess;
    known->gaussian = out->gaussian;
    for (InitPlace place = 0; place < INIT_PLACES; place++)
        known->place[place] = out->square * places_at(p->places, l, place);
    p->factor[l] = out->gradient;
    return true;
}

static void backward(Prediction *p) {
    places_start_back(p->places);
    for (size_t l = p->net->layers; l-- > 0;) {
        p->layer[l].gradient = places_gradient(p->places, l);
        places_back(p->places, l, p->factor[l]);
    }
}

static bool walk(Prediction *p, size_t *at, Error *error) {
    for (size_t l = 0; l < p->net->layers; l++) p->exact |= p->net->layer[l].kind->mixes;
    p->mixes = p->exact || p->options->alike;
    for (size_t l = 0; l < p->net->layers; l++) {
        *at = l;
        if (!forward(p, l, error)) return false;
    }
    backward(p);
    return true;
}

bool init_predict(const Net *net, const InitOptions *options, InitLayer *layer, size_t *at,
                  Error *error) {
    Prediction p = {.net = net, .options = options, .layer = layer};
    p.signal = memory_try(net->layers, sizeof *p.signal, "moments of the layers", error);
    p.origin = memory_try(net->layers, sizeof *p.origin, "moments of the layers", error);
    p.factor = memory_try(net->layers, sizeof *p.factor, "moments of the layers", error);
    p.places = places_new(net, error);
    *at = 0;
    bool ok = p.places && p.signal && p.origin && p.factor && walk(&p, at, error);
    for (size_t i = 0; i < p.count; i++) activation_free(p.known[i].activation);
    memory_free(p.known);
    memory_free(p.signal);
    memory_free(p.origin);
    memory_free(p.factor);
    places_free(p.places);
    return ok;
}
