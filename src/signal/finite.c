// Networks of n units, to first order in 1/n. Given what is below, the outputs u_i of a dense layer
// are independent, of variance q = sigma^2 |x|^2 + sigma_b^2; so q/E q = 1 + r goes from layer to
// layer as a Markov chain, and of r the mean and the variance follow from V(r), what a layer makes
// of a q that is off by r, and from how much |phi(u)|^2 scatters.
#include "signal/inner.h"
#include <math.h>

typedef struct State {
    bool known, dense;   // dense: u of a dense layer, not yet read
    bool exact;          // every activation so far answers in proportion: all orders are there
    bool near;           // q has stayed near its mean: the first order is all of it
    double mean, square; // E r, and E q^2/(E q)^2 - 1
    double fourth;       // sum_j E x_j^4/(sum_j E x_j^2)^2 of what the next layer reads
    double kurtosis;     // of a weight
    double excess;       // E u^4/(E u^2)^2 - 3 E q^2/(E q)^2: u is no Gaussian, given what is below
    double scatter;      // Var log q, deviations taken as small
    double deviation;    // ln of what a small deviation of q has become
} State;

// How far q may stray from its mean, both relative, for the first order to be all of it.
static const double MOST_SQUARE = 0.5, MOST_MEAN = 0.2;

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
    double square = 1 + slope * slope * state->square, shape = state->excess / (1 + state->square);
    state->exact = state->exact && fabs(slope - 1) < 1e-6 && fabs(phi->reply_curvature) < 1e-6;
    double ratio = phi->moment_ratio * (state->exact ? 1 + shape / 3 : 1);
    state->scatter = slope * slope * state->scatter + log1p((ratio - 1) / n);
    state->deviation += log(fabs(slope));
    state->mean =
        slope * state->mean + phi->reply_curvature * (log1p(state->square) / 2 + state->excess / 6);
    state->square = square * (1 + (ratio - 1) / n) - 1;
    state->fourth = square * ratio / n;
    state->near = state->near && state->square <= MOST_SQUARE && fabs(state->mean) <= MOST_MEAN;
    state->dense = false;
}

// A dense layer; `share` of its u^2 are not biases.
static void weigh(const Layer *layer, double share, State *state) {
    if (state->dense) { // no activation in between
        double n = (double)shape_count(&layer->in);
        double fourth = 3 * (1 + state->square) + state->excess;
        state->scatter += log1p((fourth - 1 - state->square) / (1 + state->square) / n);
        state->square += (fourth - 1 - state->square) / n;
        state->fourth = fourth / n;
    }
    if (state->kurtosis != 3 && share < 1 - 1e-12) state->known = false; // u is not Gaussian
    state->mean *= share;
    state->square *= share * share;
    state->scatter *= share * share;
    state->deviation += log(share);
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
    double fourth = 3 * square + state->excess, own = (fourth - square) / n; // E u^4; of n units
    double scatter = state->scatter + log1p(own / square);
    found->scatter_predicted = sqrt(scatter);
    found->deviation = state->deviation;
    if (!state->exact && !state->near) return;
    found->finite = known->square * mean;
    // Lognormal q; the median of a mean of n squares by Wilson, Hilferty 1931.
    found->typical = found->finite * exp(-state->scatter / 2) * pow(1 - 2 / (9 * n), 3);
    found->spread_predicted = sqrt(square + own - 1);
    found->kurtosis_predicted = fourth / (mean * mean);
}

void signal_finite(const SignalReport *report, const InitLayer *known, const SignalInput *input,
                   SignalScheme *scheme) {
    const Net *net = report->net;
    const InitScheme *rule = &init_schemes[scheme->scheme];
    int law = report->options.law == LAW_SCHEME ? (int)rule->law : report->options.law;
    State state = {.known = law != LAW_ORTHOGONAL && !rule->from_data,
                   .exact = true,
                   .near = input->spread <= MOST_SQUARE,
                   .square = input->spread,
                   .scatter = log1p(input->spread),
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
