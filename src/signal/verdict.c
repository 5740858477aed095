#include "activation/activation.h"
#include "signal/inner.h"
#include <float.h>
#include <math.h>
#include <stdio.h>

const char *const signal_verdicts[] = {"stable", "vanishing", "exploding", "unknown"};

static const double RESOLUTION = 0x1p-46, MOVES = 0.01;

typedef enum What { SIGNAL, ACROSS, GRADIENT } What;

// The squares along one direction: number i of `count` steps; the gradient's go from the last layer
// to the first.
typedef struct Course {
    What what;
    const SignalLayer *layer; // (count)
    size_t count;
} Course;

// What was measured; what was predicted where nothing was.
static double square_at(const Course *course, size_t i) {
    const SignalLayer *layer = &course->layer[course->what == GRADIENT ? course->count - 1 - i : i];
    const double pair[][2] = {
        [SIGNAL] = {layer->measured, layer->predicted},
        [ACROSS] = {layer->across, layer->across_predicted},
        [GRADIENT] = {layer->gradient_measured, layer->gradient_predicted},
    };
    double square = pair[course->what][isnan(pair[course->what][0])];
    return course->what == GRADIENT ? square / layer->pooled : square;
}

// How far it may stray by step i: a gradient sees the same widths, from the other end.
static double band_at(const Course *course, size_t i) {
    double layers = (double)i + 1;
    return course->layer[i].band * (course->what == ACROSS ? 4 * layers * layers : 1);
}

static double log_ratio(const Course *course, size_t i) {
    double first = square_at(course, 0), square = square_at(course, i);
    if (square == 0) return -INFINITY;
    return isfinite(square) ? log(square / first) : INFINITY;
}

static bool is_lost(const Course *course, size_t i) {
    double square = square_at(course, i), most = (double)FLT_MAX * (double)FLT_MAX;
    return log_ratio(course, i) < log(RESOLUTION) || !(square < most);
}

static double rate_of(const Course *course) {
    size_t last = course->count - 1;
    for (size_t i = 1; i < course->count && last == course->count - 1; i++) {
        if (is_lost(course, i)) last = i; // what comes then is rounding
    }
    size_t half = last / 2;
    while (last > half + 1 && !isfinite(log_ratio(course, last))) last--;
    if (last == half) return 1;
    double rate = (log_ratio(course, last) - log_ratio(course, half)) / (double)(last - half);
    return isfinite(rate) ? exp(rate) : rate > 0 ? INFINITY : 0; // nan: nothing ever came in
}

static double depth_of(const Course *course, const SignalJudgement *judgement) {
    for (size_t i = 0; i < course->count; i++) {
        if (is_lost(course, i)) return (double)(i + 1);
    }
    double left = judgement->verdict == SIGNAL_VANISHING
                      ? log(RESOLUTION) - log_ratio(course, course->count - 1)
                      : 2 * log((double)FLT_MAX) - log(square_at(course, course->count - 1));
    double layers = left / log(judgement->rate);
    return layers > 0 && isfinite(layers) ? (double)course->count + ceil(layers) : NAN;
}

static SignalJudgement judge(const Course *course) {
    SignalJudgement judgement = {.leaves = -1, .depth = NAN, .rate = rate_of(course)};
    size_t last = course->count - 1;
    for (size_t i = 0; i <= last && judgement.leaves < 0; i++) {
        if (fabs(log_ratio(course, i)) > log(band_at(course, i)))
            judgement.leaves = (int64_t)(course->what == GRADIENT ? last - i : i);
    }
    bool moves = !(fabs(log(judgement.rate)) < MOVES);
    if (judgement.leaves < 0 || (!moves && !is_lost(course, last))) return judgement;
    judgement.verdict = log_ratio(course, last) < 0 ? SIGNAL_VANISHING : SIGNAL_EXPLODING;
    judgement.depth = depth_of(course, &judgement);
    return judgement;
}

// ---- what to change ----

// The activation in the middle one of those layers with weights that have one.
static const Layer *activation_in(const SignalReport *report) {
    const Layer *found = NULL;
    for (size_t i = 0; i < report->layers; i++) {
        const Layer *reader = signal_reader(report->net, report->scheme[0].layer[i].number);
        if (reader && (!found || i <= report->layers / 2)) found = reader;
    }
    return found;
}

static void advise_gain(const SignalReport *report, SignalScheme *scheme) {
    const Layer *layer = activation_in(report);
    double square;
    Activation *activation = layer ? activation_of_layer(layer) : NULL;
    if (activation && activation_second_moment(activation, (ActivationLaw){0, 1}, &square, NULL)) {
        snprintf(scheme->advice, sizeof scheme->advice,
                 "init=exact keeps the signal: sigma = gain/sqrt(fan_in), gain %.6g of %s",
                 1 / sqrt(square), layer->kind->name);
    } else {
        snprintf(scheme->advice, sizeof scheme->advice, "init=exact keeps the signal");
    }
    activation_free(activation);
}

// Of batch norm the growth on the way back: Yang et al. 2019, "A mean field theory of batch
// normalization".
static bool has_batchnorm(const Net *net) {
    for (size_t l = 0; l < net->layers; l++) {
        if (net->layer[l].kind->places == PLACES_CENTRE) return true;
    }
    return false;
}

static void advise_gradient(const SignalReport *report, SignalScheme *scheme) {
    const Layer *layer = activation_in(report);
    ActivationMoments moments;
    Activation *activation = layer ? activation_of_layer(layer) : NULL;
    if (has_batchnorm(report->net) && scheme->gradient.verdict == SIGNAL_EXPLODING)
        snprintf(scheme->advice, sizeof scheme->advice,
                 "batch norm makes gradients grow on the way back (with relu by pi/(pi-1) = 1.47 a "
                 "layer), whatever the scheme; residual blocks lessen it");
    else if (activation && activation_moments(activation, (ActivationLaw){0, 1}, &moments, NULL) &&
             fabs(log(moments.chi1)) > MOVES)
        snprintf(scheme->advice, sizeof scheme->advice,
                 "no scheme keeps both signal and gradient here: chi_1 of %s is %.4g, not 1; relu "
                 "and leaky have 1",
                 layer->kind->name, moments.chi1);
    else
        snprintf(scheme->advice, sizeof scheme->advice,
                 init_schemes[scheme->scheme].needs_power
                     ? "no scheme keeps both signal and gradient here: a layer between gives back "
                       "more or less than it was given"
                     : "the gradients follow the weights: compare init=exact");
    activation_free(activation);
}

static void advise(const SignalReport *report, SignalScheme *scheme) {
    bool exact = init_schemes[scheme->scheme].needs_power;
    if (scheme->signal.alike && exact) {
        advise_gradient(report, scheme);
    } else if (scheme->signal.verdict != SIGNAL_STABLE && exact) {
        snprintf(scheme->advice, sizeof scheme->advice,
                 "the rule is right for wide layers: these are too narrow for so many");
    } else if (scheme->signal.verdict != SIGNAL_STABLE) {
        advise_gain(report, scheme);
    } else if (scheme->gradient.verdict == SIGNAL_VANISHING ||
               scheme->gradient.verdict == SIGNAL_EXPLODING) {
        advise_gradient(report, scheme);
    }
}

// Below some max pools nothing is predicted.
static bool is_known(const Course *course) {
    for (size_t i = 0; i < course->count; i++) {
        if (isnan(square_at(course, i))) return false;
    }
    return true;
}

void signal_judge(const SignalReport *report, SignalScheme *scheme) {
    scheme->signal = judge(&(Course){SIGNAL, scheme->layer, report->layers});
    SignalJudgement across = judge(&(Course){ACROSS, scheme->layer, report->layers});
    if (scheme->signal.verdict == SIGNAL_STABLE && across.verdict == SIGNAL_VANISHING) {
        scheme->signal = across;
        scheme->signal.alike = true;
    }
    Course gradient = {GRADIENT, scheme->layer, report->layers};
    scheme->gradient = (SignalJudgement){SIGNAL_UNKNOWN, .leaves = -1, .depth = NAN, .rate = NAN};
    if (is_known(&gradient)) scheme->gradient = judge(&gradient);
    advise(report, scheme);
}
