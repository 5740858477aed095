#include "activation/activation.h"
#include "signal/inner.h"
#include <float.h>
#include <math.h>
#include <stdio.h>

const char *const signal_verdicts[] = {"stable",  "vanishing", "exploding", "unknown",
                                       "falling", "growing",   "uneven",    "unstable"};

static const double MOVES = 0.01, SHARE_LOST = 0.05;
static const int64_t FEW_DRAWS = 5;

typedef enum What { SIGNAL, APART, GRADIENT } What;

// The squares along one direction: number i of `count` steps; the gradient's go from the last layer
// to the first.
typedef struct Course {
    What what;
    const Net *net;
    const SignalLayer *layer; // (count)
    size_t count, kept;       // the first `kept` steps are before it is lost
    int64_t draws;            // 0: predicted
} Course;

static size_t layer_at(const Course *course, size_t i) {
    return course->what == GRADIENT ? course->count - 1 - i : i;
}

static double square_at(const Course *course, size_t i) {
    const SignalLayer *l = &course->layer[layer_at(course, i)];
    bool measured = course->draws > 0;
    if (course->what == GRADIENT)
        return (measured ? l->gradient_median : l->gradient_predicted) / l->pooled;
    if (course->what == APART) return measured ? l->apart : l->across_predicted / l->predicted;
    return measured ? l->median : isnan(l->typical) ? l->predicted : l->typical;
}

static double log_at(const Course *course, size_t i) { // relative to where it began, which is kept
    return log(square_at(course, i) / square_at(course, 0));
}

static bool is_lost(const Course *course, size_t i) {
    double square = square_at(course, i), least = (double)FLT_MIN, most = (double)FLT_MAX;
    if (course->what == APART) return !(square > 0x1p-46);
    return !(square >= least * least && square <= most * most);
}

// Of the logarithm of one draw and example, at the end; NAN: not known.
static double scatter_of(const Course *course) {
    const SignalLayer *end = &course->layer[layer_at(course, course->count - 1)];
    bool enough = course->draws >= FEW_DRAWS;
    if (course->what == SIGNAL) return enough ? end->scatter : end->scatter_predicted;
    return enough && course->what == GRADIENT ? end->gradient_scatter : NAN;
}

// ---- what the course was ----

static void find_extremes(const Course *course, SignalJudgement *j) {
    double lowest = 0, highest = 0;
    size_t low = 0, high = 0;
    for (size_t i = 0; i < course->kept; i++) {
        double away = log_at(course, i);
        if (away < lowest) lowest = away, low = i;
        if (away > highest) highest = away, high = i;
        if (fabs(away) > log(SIGNAL_NEAR) && j->leaves < 0)
            j->leaves = (int64_t)layer_at(course, i);
    }
    if (j->leaves < 0 && course->kept < course->count)
        j->leaves = (int64_t)layer_at(course, course->kept);
    j->low = (int64_t)layer_at(course, low), j->lowest = exp(lowest);
    j->high = (int64_t)layer_at(course, high), j->highest = exp(highest);
}

static void find_rate(const Course *course, SignalJudgement *j) {
    size_t last = course->kept ? course->kept - 1 : 0, half = last / 2;
    j->from = (int64_t)layer_at(course, half);
    j->to = (int64_t)layer_at(course, last);
    if (last == half) return;
    j->rate = exp((log_at(course, last) - log_at(course, half)) / (double)(last - half));
}

// The variance of the logarithm of a mean of n squares of Gaussians: that of the last layer's own,
// narrow as it may be, is no scatter of the signal.
static double own_scatter(const Course *course) {
    size_t end = course->layer[layer_at(course, course->count - 1)].number;
    double n = (double)shape_count(&course->net->layer[end].out);
    if (course->draws < FEW_DRAWS) return log1p(2 / n);
    return 2 / n + 2 / (n * n) + 4 / (3 * n * n * n); // trigamma(n/2), asymptotically
}

static bool draws_part(const Course *course, const SignalJudgement *j) {
    double lost = (double)(j->died + j->exploded), scatter = scatter_of(course);
    if (course->what == APART) return false;
    return scatter * scatter > pow(log(SIGNAL_NEAR), 2) + own_scatter(course) ||
           (lost > 0 && lost >= SHARE_LOST * (double)j->looked_at);
}

static SignalVerdict verdict_of(const Course *course, const SignalJudgement *j) {
    double away = log(j->end), moves = isnan(j->rate) ? 0 : log(j->rate);
    bool lost = course->kept < course->count;
    if (lost || fabs(away) > log(SIGNAL_FAR)) return away > 0 ? SIGNAL_EXPLODING : SIGNAL_VANISHING;
    if (draws_part(course, j)) return SIGNAL_UNSTABLE;
    if (fabs(away) <= log(SIGNAL_NEAR)) return j->leaves < 0 ? SIGNAL_STABLE : SIGNAL_UNEVEN;
    if (fabs(moves) < MOVES) return SIGNAL_STABLE;
    if (moves * away < 0) return SIGNAL_UNEVEN;
    return away < 0 ? SIGNAL_FALLING : SIGNAL_GROWING;
}

// The counts of draws in *j stay.
static void judge(Course *course, SignalJudgement *j) {
    j->leaves = -1, j->depth = NAN, j->rate = NAN;
    while (course->kept < course->count && !is_lost(course, course->kept)) course->kept++;
    if (course->kept < course->count) j->depth = (double)course->kept + 1;
    j->end = square_at(course, course->count - 1) / square_at(course, 0);
    if (isnan(j->end)) j->end = square_at(course, 0) > 0 ? INFINITY : 0; // infinite at first, or 0
    find_extremes(course, j);
    find_rate(course, j);
    j->verdict = verdict_of(course, j);
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

// Does every layer read the one before, so that all but the first stand behind an activation?
static bool is_chain(const SignalReport *report) {
    for (size_t l = 0; l < report->net->layers; l++) {
        const Layer *layer = &report->net->layer[l];
        if (layer->kind->is_join || layer->kind->mixes || layer->kind->places == PLACES_CENTRE)
            return false;
    }
    return true;
}

static void advise_gain(const SignalReport *report, const Layer *layer, SignalScheme *scheme) {
    double square;
    Activation *activation = layer && is_chain(report) ? activation_of_layer(layer) : NULL;
    snprintf(scheme->advice, sizeof scheme->advice, "init=exact makes E u^2 = 1 in wide networks");
    if (activation && activation_second_moment(activation, (ActivationLaw){0, 1}, &square, NULL))
        snprintf(scheme->advice, sizeof scheme->advice,
                 "init=exact makes E u^2 = 1 in wide networks: sigma = gain/sqrt(fan_in), gain "
                 "%.6g of %s",
                 1 / sqrt(square), layer->kind->name);
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

static bool grows(SignalVerdict verdict) {
    return verdict == SIGNAL_GROWING || verdict == SIGNAL_EXPLODING;
}

static bool falls(SignalVerdict verdict) {
    return verdict == SIGNAL_FALLING || verdict == SIGNAL_VANISHING;
}

// chi_1 is said where the gradient goes the way that it says.
static void advise_gradient(const SignalReport *report, const Layer *layer, SignalScheme *scheme) {
    ActivationMoments moments;
    SignalVerdict gradient = scheme->gradient.verdict;
    if (has_batchnorm(report->net) && grows(gradient)) {
        snprintf(scheme->advice, sizeof scheme->advice,
                 "batch norm makes gradients grow on the way back (with relu, in wide networks, by "
                 "pi/(pi-1) = 1.47 a layer), whatever the scheme; residual blocks lessen it");
    } else if (init_schemes[scheme->scheme].needs_power && layer && is_chain(report)) {
        Activation *activation = activation_of_layer(layer);
        bool known = activation_moments(activation, (ActivationLaw){0, 1}, &moments, NULL) &&
                     (grows(gradient) ? log(moments.chi1) > MOVES
                                      : falls(gradient) && log(moments.chi1) < -MOVES);
        activation_free(activation);
        if (known)
            snprintf(scheme->advice, sizeof scheme->advice,
                     "where E u^2 is 1, the gradient changes by chi_1 = %.4g a layer of %s; relu "
                     "and leaky have chi_1 = 1",
                     moments.chi1, layer->kind->name);
    } else if (!init_schemes[scheme->scheme].needs_power) {
        snprintf(scheme->advice, sizeof scheme->advice,
                 "the gradients follow the weights: compare --scheme exact");
    }
}

// Where E u^2 is 1 at every width, and yet draws leave it.
static void advise_narrow(const SignalReport *report, const Layer *layer, SignalScheme *scheme) {
    double growth = signal_growth(report, scheme);
    if (growth > 1 + MOVES && layer)
        snprintf(
            scheme->advice, sizeof scheme->advice,
            "exact keeps E u^2 = 1 of wide networks, but with %s a deviation grows by a factor "
            "%.4g a layer; relu and leaky keep it, tanh undoes it",
            layer->kind->name, growth);
    else if (!isnan(growth))
        snprintf(scheme->advice, sizeof scheme->advice,
                 "the rule is right for wide layers: these are too narrow for so many");
}

static void advise(const SignalReport *report, SignalScheme *scheme) {
    const Layer *layer = activation_in(report);
    bool exact = init_schemes[scheme->scheme].needs_power;
    if (scheme->signal.verdict == SIGNAL_STABLE || (scheme->signal.alike && exact)) {
        if (scheme->gradient.verdict != SIGNAL_STABLE) advise_gradient(report, layer, scheme);
    } else if (exact) {
        advise_narrow(report, layer, scheme);
    } else {
        advise_gain(report, layer, scheme);
    }
}

// ---- all of it ----

double signal_growth(const SignalReport *report, const SignalScheme *scheme) {
    size_t last = report->layers - 1, half = last / 2;
    if (last == half) return NAN;
    double change = scheme->layer[last].deviation - scheme->layer[half].deviation;
    return exp(change / (double)(last - half));
}

// Below some max pools nothing is predicted; one example tells nothing apart.
static bool is_known(const Course *course) {
    for (size_t i = 0; i < course->count; i++) {
        if (isnan(square_at(course, i))) return false;
    }
    return true;
}

static void judge_if_known(Course course, SignalJudgement *j) {
    *j = (SignalJudgement){.verdict = SIGNAL_UNKNOWN,
                           .end = NAN,
                           .rate = NAN,
                           .leaves = -1,
                           .depth = NAN,
                           .looked_at = j->looked_at,
                           .died = j->died,
                           .exploded = j->exploded};
    if (is_known(&course)) judge(&course, j);
}

void signal_judge(const SignalReport *report, SignalScheme *scheme) {
    Course course = {.net = report->net,
                     .layer = scheme->layer,
                     .count = report->layers,
                     .draws = report->measured ? report->options.draws : 0};
    SignalJudgement apart = {0};
    judge_if_known(course, &scheme->signal);
    course.what = APART;
    judge_if_known(course, &apart);
    bool lost =
        scheme->signal.verdict == SIGNAL_VANISHING || scheme->signal.verdict == SIGNAL_EXPLODING;
    if (!lost && apart.verdict == SIGNAL_VANISHING) {
        apart.looked_at = scheme->signal.looked_at;
        apart.died = scheme->signal.died, apart.exploded = scheme->signal.exploded;
        scheme->signal = apart;
        scheme->signal.alike = true;
    }
    course.what = GRADIENT;
    judge_if_known(course, &scheme->gradient);
    advise(report, scheme);
}
