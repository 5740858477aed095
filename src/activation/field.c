// Lengths and correlations over depth: Poole et al. 2016, Schoenholz et al. 2017.
#include "activation/inner.h"
#include "activation/series.h"
#include <float.h>
#include <math.h>

static const double SHORTEST = 1e-12, LONGEST = 1e12; // lengths that still count as alive
static const double VANISHING = 1e-24;                // what stands for a length of 0

// -1, 0, 1: 0 where the error leaves both
static int sign_of(ActivationNumber number) {
    if (!(fabs(number.value) > number.error)) return 0;
    return number.value > 0 ? 1 : -1;
}

// number * factor with the errors of both, rounding, and what an input that is off by `relative`
// may change: 10 covers the sensitivity of the moments to the length, which is of order 1 relative
// to relative.
static ActivationNumber scaled(ActivationNumber number, ActivationNumber factor, double relative) {
    double value = number.value * factor.value;
    double off = number.error * (fabs(factor.value) + factor.error) +
                 fabs(number.value) * factor.error +
                 (4 * DBL_EPSILON + 10 * relative) * fabs(value);
    return (ActivationNumber){value, isnan(off) ? INFINITY : off};
}

static ActivationNumber over(ActivationNumber number, double divisor) {
    return (ActivationNumber){number.value / divisor, number.error / divisor};
}

static ActivationNumber tidy(ActivationNumber number) { // what rounding leaves of 0
    if (fabs(number.value) <= number.error && number.error < 1e-12) number.value = 0;
    return number;
}

// ---- lengths ----

typedef struct Map {
    const Activation *activation;
    ActivationNumber sw2;
    double sb2;
    size_t *left; // work
} Map;

// V(q) - q, relative to q
static ActivationNumber growth(const Map *map, double q) {
    ActivationNumber square = search_square(map->activation, q, map->left);
    ActivationNumber grown = scaled(square, over(map->sw2, q), 0);
    double biases = map->sb2 / q;
    return (ActivationNumber){grown.value + biases - 1,
                              grown.error + 2 * DBL_EPSILON * (1 + grown.value + biases)};
}

// A root of f between low and high, where f has the sign `below` at low, to the last bit or to
// where errors leave the sign open, or the work is done. *off: both sides of it have certain signs
// that far away.
typedef ActivationNumber Excess(const void *context, double q);

static double find_root(Excess *f, const void *context, double low, double high, int below,
                        double *off) {
    double first = low, last = high; // certain signs
    bool certain = sign_of(f(context, low)) == below && sign_of(f(context, high)) == -below;
    for (int i = 0; i < 200; i++) {
        double middle = sqrt(low * high);
        if (middle <= low || middle >= high) break;
        int sign = sign_of(f(context, middle));
        if (sign == 0) {
            low = high = middle;
        } else if (sign == below) {
            first = low = middle;
        } else {
            last = high = middle;
        }
    }
    double root = sqrt(low * high);
    *off = certain ? fmax(last - root, root - first) * (1 + 4 * DBL_EPSILON) : INFINITY;
    for (double width = 4 * DBL_EPSILON; width < 0.5; width *= 2) {
        if (sign_of(f(context, root * (1 - width))) == below &&
            sign_of(f(context, root * (1 + width))) == -below) {
            *off = fmin(*off, root * width);
            break;
        }
    }
    return root;
}

static ActivationNumber growth_of(const void *context, double q) {
    return growth(context, q);
}

// V neither lengthens nor shortens at q.
static bool keeps(const Map *map, double q) {
    ActivationNumber grown = growth(map, q);
    return fabs(grown.value) < 1e-13 && grown.error < 1e-12;
}

// From q = 1 on in the direction in which V moves it, to the first fixed point; 0 or infinite
// beyond SHORTEST and LONGEST. NAN where V(*last) is not known.
static double find_length(const Map *map, double *last, double *off) {
    int up = sign_of(growth(map, 1));
    double factor = up > 0 ? 1.5 : 1 / 1.5, q = 1;
    *last = 1;
    *off = 0;
    if (up == 0) return NAN;
    for (;;) {
        double next = q * factor;
        ActivationNumber grown = growth(map, next);
        int sign = sign_of(grown);
        *last = next;
        if (sign == 0 && !(grown.error < 1e-9)) return NAN;
        if (sign != up)
            return up > 0 ? find_root(growth_of, map, q, next, 1, off)
                          : find_root(growth_of, map, next, q, 1, off);
        q = next;
        if (q > LONGEST) return INFINITY;
        if (q < SHORTEST) return 0;
    }
}

// ---- correlations ----

static bool has_length(const ActivationField *field) {
    return field->q > 0 && isfinite(field->q);
}

static ActivationNumber weights_of(const ActivationField *field) { // sw2/q
    return over((ActivationNumber){field->sw2, field->off.sw2}, field->q);
}

// Where the error leaves room for |C| <= 1 (Cauchy-Schwarz), it is: the truth is there, too.
static ActivationNumber correlate(const ActivationField *field, ActivationNumber product) {
    ActivationNumber c = scaled(product, weights_of(field), field->off.q / field->q);
    c.value += field->sb2 / field->q;
    c.error += 2 * DBL_EPSILON * field->sb2 / field->q;
    if (fabs(c.value) > 1 && fabs(c.value) - c.error <= 1) c.value = copysign(1, c.value);
    return c;
}

ActivationNumber field_correlation(const ActivationField *field, const Series *series, double rho) {
    if (rho == 1) return correlate(field, series->square);
    return correlate(field, series_product(series, series, rho));
}

ActivationNumber field_opposite(const ActivationField *field, const Activation *activation) {
    return correlate(field, moment_mirrored(activation, field->q));
}

double activation_correlation(const Activation *activation, const ActivationField *field,
                              double rho) {
    if (!has_length(field)) return NAN;
    ActivationLaw law = {0, field->q};
    rho = fmax(-1, fmin(1, rho));
    return correlate(
               field,
               (ActivationNumber){activation_product_moment(activation, law, law, rho, NULL), 0})
        .value;
}

static ActivationNumber above(const ActivationField *field, const Series *series, double c) {
    ActivationNumber value = field_correlation(field, series, c);
    value.value -= c;
    return value;
}

// The fixed point below 1, where C'(1) > 1: C(c) - c is convex, at least 0 at 0, and below 0 just
// before 1. Halving, on brackets that close in on 1.
static ActivationNumber find_correlation(const ActivationField *field, const Series *series) {
    const ActivationNumber unknown = {1, INFINITY};
    double low = 0, high = 1, off;
    for (double rest = 0.5; rest > 1e-12; rest *= 0.25) {
        int sign = sign_of(above(field, series, 1 - rest));
        if (sign < 0) high = 1 - rest;
        if (sign < 0) break;
        if (sign > 0) low = 1 - rest;
    }
    if (high == 1) return unknown;
    ActivationNumber start = above(field, series, 0);
    if (low == 0 && start.value <= start.error) {
        ActivationNumber slope = series_derivative(series, high);
        slope = scaled(slope, weights_of(field), 0);
        double fall = 1 - slope.value - slope.error;
        off = fall > 0 ? (fabs(start.value) + start.error) / fall : high;
        return (ActivationNumber){0, off};
    }
    for (int i = 0; i < 80 && high - low > DBL_EPSILON * high; i++) {
        double middle = low + (high - low) / 2;
        if (above(field, series, middle).value > 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    for (off = 2 * DBL_EPSILON; off < 1; off *= 1.3) {
        double left = fmax(0, low - off), right = fmin(high + off, 1);
        bool below = left == 0 || sign_of(above(field, series, left)) > 0;
        if (right < 1 && below && sign_of(above(field, series, right)) < 0)
            return (ActivationNumber){low, off + high - low};
    }
    return unknown;
}

// C'(c) of any c within its error: C' grows with c.
static ActivationNumber correlation_slope(const ActivationField *field, const Series *series,
                                          ActivationNumber c) {
    double right = c.value + c.error;
    if (!(right < 1)) return (ActivationNumber){NAN, INFINITY};
    ActivationNumber most = series_derivative(series, right),
                     least = series_derivative(series, fmax(0, c.value - c.error)),
                     at = series_derivative(series, c.value);
    double off = fmax(most.value + most.error - at.value, at.value - least.value + least.error);
    return scaled((ActivationNumber){at.value, off}, weights_of(field), field->off.q / field->q);
}

// ---- all of it ----

// The layers in which a deviation falls by e: 1/|log |slope||.
static ActivationNumber layers(ActivationNumber slope) {
    double size = fabs(slope.value), away = fabs(log(size));
    if (!(slope.error < INFINITY)) return (ActivationNumber){NAN, INFINITY};
    if (away < 1e-9) return (ActivationNumber){INFINITY, INFINITY};
    if (size == 0) return (ActivationNumber){0, slope.error < 1 ? -1 / log(slope.error) : INFINITY};
    double low = size - slope.error, high = size + slope.error;
    if (low <= 1 && high >= 1) return (ActivationNumber){1 / away, INFINITY};
    double one = low > 0 ? 1 / fabs(log(low)) : 0, other = 1 / fabs(log(high));
    return (ActivationNumber){1 / away, fmax(fabs(one - 1 / away), fabs(other - 1 / away)) +
                                            8 * DBL_EPSILON / away};
}

static ActivationPhase phase_of(const Activation *activation, ActivationNumber chi1) {
    double excess = chi1.value - 1;
    if (activation->jumps) return PHASE_CHAOTIC;
    if (isnan(excess)) return PHASE_UNKNOWN;
    if (fabs(excess) < 1e-9 && chi1.error < 1e-9) return PHASE_EDGE;
    if (!(fabs(excess) > chi1.error) && !isinf(chi1.value)) return PHASE_UNKNOWN;
    return excess > 0 ? PHASE_CHAOTIC : PHASE_ORDERED;
}

static void set(ActivationNumber number, double *value, double *off) {
    *value = number.value;
    *off = number.error;
}

// Returns whether more terms than that would not help.
static bool find_with_terms(const Activation *activation, ActivationField *field, int terms) {
    Series *series = series_new(activation, (ActivationLaw){0, field->q}, terms);
    if (!series) return false;
    ActivationNumber c = find_correlation(field, series);
    bool rough = !(series->off[0] < 1e-10 * sqrt(series->square.value)); // more will not help
    if (field->off.c > c.error) {
        set(c, &field->c, &field->off.c);
        set(tidy(correlation_slope(field, series, c)), &field->c_slope, &field->off.c_slope);
    }
    series_free(series);
    return rough || field->off.c < 1e-12;
}

static void fill_correlations(const Activation *activation, ActivationField *field) {
    const ActivationNumber chi1 = {field->chi1, field->off.chi1};
    field->phase = phase_of(activation, chi1);
    field->c = field->c_slope = field->xi_c = NAN;
    field->off.c = field->off.c_slope = field->off.xi_c = INFINITY;
    if (!has_length(field) || field->phase == PHASE_UNKNOWN) return;
    if (field->phase == PHASE_CHAOTIC) {
        for (int terms = 64; terms <= 2048; terms *= terms == 64 ? 8 : 4) {
            if (find_with_terms(activation, field, terms)) break;
        }
    } else {
        field->c = 1;
        field->off.c = 0;
        set(chi1, &field->c_slope, &field->off.c_slope);
    }
    if (isfinite(field->off.c_slope))
        set(layers((ActivationNumber){field->c_slope, field->off.c_slope}), &field->xi_c,
            &field->off.xi_c);
}

// All that follows from q, which is off by off_q.
static void fill(const Map *map, double q, double off_q, ActivationField *field) {
    const Activation *activation = map->activation;
    const ActivationNumber sw2 = map->sw2;
    *field = (ActivationField){.sw2 = sw2.value, .sb2 = map->sb2, .q = q, .lost = NAN};
    field->off.sw2 = sw2.error;
    field->off.q = off_q;
    field->any_q = keeps(map, q) && keeps(map, 2.385 * q) && keeps(map, q / 19);
    ActivationNumber slope = tidy(scaled(moment_square_slope(activation, q), sw2, off_q / q));
    set(slope, &field->q_slope, &field->off.q_slope);
    set(layers(slope), &field->xi_q, &field->off.xi_q);
    set(scaled(moment_slope_square(activation, q, MOMENT_WORK), sw2, off_q / q), &field->chi1,
        &field->off.chi1);
    fill_correlations(activation, field);
}

bool activation_field_at(const Activation *activation, ActivationNumber sw2, double sb2, double q,
                         ActivationField *field, Error *error) {
    REQUIRE(sw2.value > 0 && sw2.error >= 0 && sb2 >= 0 && q > 0);
    if (!moment_check(activation, q, error)) return false;
    size_t left = ROOT_LEFT;
    Map map = {activation, sw2, sb2, &left};
    fill(&map, q, 0, field);
    return true;
}

// The length dies, explodes or is not known.
static void fill_without_length(const Activation *activation, const Map *map, double q,
                                ActivationField *field) {
    double near = q > 0 ? LONGEST : VANISHING; // chi_1 on the way there
    *field = (ActivationField){
        .sw2 = map->sw2.value, .sb2 = map->sb2, .q = q, .q_slope = NAN, .xi_q = NAN, .lost = NAN};
    field->off.q_slope = field->off.xi_q = INFINITY;
    if (isnan(q)) {
        field->chi1 = NAN;
        field->off.chi1 = field->off.q = INFINITY;
    } else {
        set(scaled(moment_slope_square(activation, near, MOMENT_WORK), map->sw2, 0), &field->chi1,
            &field->off.chi1);
    }
    fill_correlations(activation, field);
}

bool activation_field(const Activation *activation, double sw2, double sb2, ActivationField *field,
                      Error *error) {
    REQUIRE(sw2 > 0 && sb2 >= 0);
    if (!moment_check(activation, 1, error)) return false;
    size_t left = ROOT_LEFT;
    Map map = {activation, {sw2, 0}, sb2, &left};
    double last = 1, off = 0, q = keeps(&map, 1) ? 1 : find_length(&map, &last, &off);
    if (isnan(q) && isnan(growth(&map, last).value)) return moment_check(activation, last, error);
    if (q > 0 && isfinite(q)) {
        fill(&map, q, off, field);
    } else {
        fill_without_length(activation, &map, q, field);
        if (isnan(q)) field->lost = last;
    }
    return true;
}

// ---- the edge ----

// On the edge at length q: sw2 = 1/E phi'^2, and V(q) = q then asks for sb2 = q (1 - sw2 V/q).
static ActivationNumber edge_weights(ActivationNumber slope) {
    double value = 1 / slope.value, least = slope.value - slope.error;
    return (ActivationNumber){value, least > 0 ? slope.error / least * value + DBL_EPSILON * value
                                               : INFINITY};
}

typedef struct Edge {
    const Activation *activation;
    double sb2;
    size_t *left; // work
} Edge;

static ActivationNumber excess(const void *context, double q) { // of those biases, over q
    const Edge *edge = context;
    ActivationNumber square = search_square(edge->activation, q, edge->left),
                     slope = search_slope_square(edge->activation, q, edge->left),
                     weights = edge_weights(slope);
    double share = weights.value * square.value / q;
    double off = (weights.error * (square.value + square.error) + weights.value * square.error) / q;
    double value = 1 - share - edge->sb2 / q;
    if (!isfinite(value)) return (ActivationNumber){0, INFINITY};
    return (ActivationNumber){value, off + 8 * DBL_EPSILON * (1 + share + edge->sb2 / q)};
}

static void add_edge(const Edge *edge, ActivationEdge *found, double q, double off, bool any_q) {
    if (found->points == ACTIVATION_EDGES) return;
    double length = q > 0 ? q : VANISHING, relative = q > 0 ? off / q : 0;
    ActivationNumber sw2 =
        scaled(edge_weights(moment_slope_square(edge->activation, length, MOMENT_WORK)),
               (ActivationNumber){1, 0}, relative);
    ActivationEdgePoint *point = &found->point[found->points++];
    *point = (ActivationEdgePoint){.q = q, .any_q = any_q, .q_slope = NAN};
    point->off.q = off;
    point->off.q_slope = INFINITY;
    set(sw2, &point->sw2, &point->off.sw2);
    if (q > 0)
        set(scaled(moment_square_slope(edge->activation, q), sw2, relative), &point->q_slope,
            &point->off.q_slope);
}

// Is b(q) = 0 to rounding everywhere, as for an activation of one slope on each side of 0?
static bool any_length(const Activation *activation) {
    const double length[] = {1e-6, 0.019, 1, 23.85, 1e6};
    size_t left = SCAN_LEFT;
    Edge edge = {activation, 0, &left};
    for (int i = 0; i < 5; i++) {
        ActivationNumber biases = excess(&edge, length[i]);
        if (!(fabs(biases.value) < 1e-12 && biases.error < 1e-11)) return false;
    }
    return true;
}

// Signals so short that phi is a straight line through 0.
static bool line_through_zero(const Activation *activation) {
    const double x[3] = {-1e-6, 0, 1e-6};
    double phi[3], slope[3];
    activation_evaluate(activation, 3, x, phi, slope);
    return phi[1] == 0 && slope[1] != 0 && isfinite(slope[1]) &&
           fabs(slope[2] - slope[0]) < 1e-4 * fabs(slope[1]);
}

enum { SIDE_STEPS = 34 }; // of a factor 1.5, from 1 to 1e-6 and to 1e6

static double length_of(int step) {
    return pow(1.5, step);
}

// From q = 1 outwards, as far as chi_1 and V are known and the work allows.
static int scan(const Activation *activation, double sb2, int direction, ActivationNumber *value) {
    size_t left = SCAN_LEFT;
    const Edge edge = {activation, sb2, &left};
    int step = 0;
    for (; step != direction * (SIDE_STEPS + 1); step += direction) {
        value[step] = excess(&edge, length_of(step));
        if (!(value[step].error < 0.5)) break;
    }
    return step - direction;
}

static int clear_sign(ActivationNumber excess) { // 0: rounding
    return fabs(excess.value) < 1e-12 ? 0 : sign_of(excess);
}

bool activation_edge(const Activation *activation, double sb2, ActivationEdge *found,
                     Error *error) {
    REQUIRE(sb2 >= 0);
    *found = (ActivationEdge){0};
    if (!moment_check(activation, 1, error)) return false;
    ActivationNumber slope = moment_slope_square(activation, 1, MOMENT_WORK);
    if (activation->jumps || !(slope.value > slope.error)) return true;
    size_t left = ROOT_LEFT;
    Edge edge = {activation, sb2, &left};
    if (any_length(activation)) {
        if (sb2 == 0) add_edge(&edge, found, 1, 0, true);
        found->shortest = 0;
        found->longest = INFINITY;
        return true;
    }
    if (sb2 == 0 && line_through_zero(activation)) add_edge(&edge, found, 0, 0, false);
    ActivationNumber at[2 * SIDE_STEPS + 1];
    int low = scan(activation, sb2, -1, at + SIDE_STEPS),
        high = scan(activation, sb2, 1, at + SIDE_STEPS), sign = 0;
    if (low > 0 || high < 0) return true; // not even at q = 1
    found->shortest = length_of(low);
    found->longest = length_of(high);
    for (int step = low, last = low; step <= high; step++) {
        int now = clear_sign(at[SIDE_STEPS + step]);
        if (now && sign && now != sign) {
            double off, q = find_root(excess, &edge, length_of(last), length_of(step), sign, &off);
            add_edge(&edge, found, q, off, false);
        }
        if (now) sign = now, last = step;
    }
    return true;
}
