// Networks of n units, to first order in 1/n. Given what is below, the outputs u_i of a dense layer
// are independent, of variance q = sigma^2 |x|^2 + sigma_b^2; so q/E q = 1 + r goes from layer to
// layer as a Markov chain, and of r the mean and the variance follow from V(r), what a layer makes
// of a q that is off by r, and from how much |phi(u)|^2 scatters.
#include "signal/inner.h"
#include <math.h>

typedef struct State {
    bool known, dense;   // dense: u of a dense layer, not yet read
    double mean, square; // E r, and E q^2/(E q)^2 - 1
    double fourth;       // sum_j E x_j^4/(sum_j E x_j^2)^2 of what the next layer reads
    double kurtosis;     // of a weight
    double excess;       // of the kurtosis of u, above 3
} State;

static const double KURTOSIS[] = {[LAW_NORMAL] = 3,
                                  [LAW_UNIFORM] = 1.8,
                                  [LAW_TERNARY] = 1.5,
                                  [LAW_SIGN] = 1,
                                  [LAW_ORTHOGONAL] = 3};

// Behind an activation on n units whose u have this excess of kurtosis.
static void activate(const Layer *layer, const InitLayer *phi, State *state) {
    double n = (double)shape_count(&layer->in), slope = phi->reply_slope;
    state->known = state->known && state->dense && isfinite(slope);
    if (!state->known) return;
    state->mean =
        slope * state->mean + phi->reply_curvature * (log1p(state->square) / 2 + state->excess / 6);
    state->square = (1 + slope * slope * state->square) * (1 + (phi->moment_ratio - 1) / n) - 1;
    state->fourth = phi->moment_ratio / n;
    state->dense = false;
}

// A dense layer; `share` of its u^2 are not biases.
static void weigh(const Layer *layer, double share, State *state) {
    if (state->dense) { // no activation in between
        double n = (double)shape_count(&layer->in);
        state->square = (1 + state->square) * (1 + (2 + state->excess) / n) - 1;
        state->fourth = 3 / n;
    }
    if (state->kurtosis != 3 && share < 1 - 1e-12) state->known = false; // u is not Gaussian
    state->mean *= share;
    state->square *= share * share;
    state->excess = (state->kurtosis - 3) * state->fourth;
    state->dense = true;
}

static bool is_dense(const Layer *layer) {
    const LayerSlot *weight = layer_weight(layer);
    return weight && weight->rank == 2 && weight->size[0] == shape_count(&layer->out) &&
           weight->size[1] == shape_count(&layer->in);
}

// Flatten, softmax: no moment changes.
static bool passes_on(const InitLayer *in, const InitLayer *out) {
    return in->mean == out->mean && in->square == out->square && in->shared == out->shared;
}

static void pass(const Net *net, size_t l, const InitLayer *known, State *state) {
    const Layer *layer = &net->layer[l];
    const InitLayer *out = &known[l];
    if (layer->from != (int64_t)l - 1) state->known = false;
    if (is_dense(layer)) {
        weigh(layer, out->sigma * out->sigma * out->power / out->square, state);
    } else if (layer->kind->is_activation && l > 0) {
        activate(layer, out, state);
    } else if (l == 0 || !passes_on(&known[l - 1], out)) {
        state->known = false;
    }
}

static void conclude(const State *state, const Layer *layer, const InitLayer *known,
                     SignalLayer *found) {
    double n = (double)shape_count(&layer->out), square = 1 + state->square, mean = 1 + state->mean;
    found->finite = known->square * mean;
    found->spread_predicted = sqrt(square * (1 + (2 + state->excess) / n) - 1);
    found->kurtosis_predicted = (3 + state->excess) * square / (mean * mean);
}

void signal_finite(const SignalReport *report, const InitLayer *known, const SignalInput *input,
                   SignalScheme *scheme) {
    const Net *net = report->net;
    const InitScheme *rule = &init_schemes[scheme->scheme];
    int law = report->options.law == LAW_SCHEME ? (int)rule->law : report->options.law;
    State state = {.known = law != LAW_ORTHOGONAL && !rule->from_data,
                   .square = input->spread,
                   .fourth = input->fourth,
                   .kurtosis = KURTOSIS[law]};
    SignalLayer *found = scheme->layer;
    for (size_t l = 0; l < net->layers; l++) {
        pass(net, l, known, &state);
        if (!layer_weight(&net->layer[l])) continue;
        if (state.known) conclude(&state, &net->layer[l], &known[l], found);
        found++;
    }
}
