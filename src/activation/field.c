// Lengths and correlations over depth: Poole et al. 2016, Schoenholz et al. 2017.
#include "activation/inner.h"
#include <math.h>

static const double SHORTEST = 1e-12, LONGEST = 1e12; // lengths that still count as alive
static const double VANISHING = 1e-24;                // what stands for a length of 0

// ---- lengths ----

static double clean(double slope, double scale) { // what rounding leaves of 0
    return fabs(slope) < 1e-13 * (isfinite(scale) ? fmax(scale, 1) : 1) ? 0 : slope;
}

typedef struct Map {
    const Activation *activation;
    double sw2, sb2;
} Map;

// V(q) - q, relative to q; NAN is told by moment_check later on.
static double growth(const Map *map, double q) {
    return (map->sw2 * moment_square(map->activation, q) + map->sb2) / q - 1;
}

static double bisect_length(const Map *map, double low, double high, bool rising) {
    for (int i = 0; i < 200; i++) {
        double middle = sqrt(low * high);
        if (middle <= low || middle >= high) break;
        if ((growth(map, middle) > 0) == rising) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return sqrt(low * high);
}

// V neither lengthens nor shortens at q.
static bool keeps(const Map *map, double q) {
    return fabs(growth(map, q)) < 1e-13;
}

// From q = 1 on in the direction in which V moves it, to the first fixed point. NAN where phi is
// not a number at the length *last.
static double find_length(const Map *map, double *last) {
    bool rising = growth(map, 1) > 0;
    double factor = rising ? 1.25 : 0.8, q = 1;
    for (;;) {
        double next = q * factor, grown = growth(map, next);
        *last = next;
        if (isnan(grown)) return NAN;
        if ((grown > 0) != rising) {
            return rising ? bisect_length(map, q, next, true) : bisect_length(map, next, q, true);
        }
        q = next;
        if (q > LONGEST) return INFINITY;
        if (q < SHORTEST) return 0;
    }
}

// ---- correlations ----

static double scale_to_rho(double rho) {
    return rho > 1 ? 1 : rho < -1 ? -1 : rho;
}

static double pair_moment(const Activation *activation, QuadratureFunction *f, double q,
                          double rho) {
    QuadratureTerm term = moment_term(activation, f, (ActivationLaw){0, q});
    return quadrature_normal_pair(&term, &term, scale_to_rho(rho)).value;
}

static bool has_length(const ActivationField *field) {
    return field->q > 0 && isfinite(field->q);
}

double activation_correlation(const Activation *activation, const ActivationField *field,
                              double rho) {
    if (!has_length(field)) return NAN;
    return (field->sw2 * pair_moment(activation, moment_phi, field->q, rho) + field->sb2) /
           field->q;
}

// C'(c), |c| < 1. With jumps phi' says nothing, and where phi' is unbounded its integral may not be
// had; C is smooth inside, so differences do.
static double correlation_slope(const Activation *activation, const ActivationField *field,
                                double c) {
    double slope =
        activation->jumps ? NAN : field->sw2 * pair_moment(activation, moment_slope, field->q, c);
    if (isfinite(slope)) return slope;
    double h = 0.005 * (1 - fabs(c)), step[2];
    for (int i = 0; i < 2; i++) {
        double wide = h * (i + 1);
        step[i] = (activation_correlation(activation, field, c + wide) -
                   activation_correlation(activation, field, c - wide)) /
                  (2 * wide);
    }
    return (4 * step[0] - step[1]) / 3;
}

static double above(const Activation *activation, const ActivationField *field, double c) {
    return activation_correlation(activation, field, c) - c;
}

// The fixed point below 1, where C'(1) > 1: C(c) - c is convex, at least 0 at 0, and below 0 just
// before 1. False position after Illinois, on brackets that close in on 1.
static double find_correlation(const Activation *activation, const ActivationField *field) {
    double low = 0, high, at_low = above(activation, field, 0), at_high = 0;
    if (at_low < 1e-14) return 0;
    for (double rest = 0.5;; rest *= 0.25) {
        high = 1 - rest;
        at_high = above(activation, field, high);
        if (at_high < 0) break;
        if (rest < 1e-9) return 1;
        low = high;
        at_low = at_high;
    }
    for (int i = 0, kept = 0; i < 100 && high - low > 1e-15; i++) {
        double c = (low * at_high - high * at_low) / (at_high - at_low);
        double at = above(activation, field, c);
        if (fabs(at) < 1e-15 || c <= low || c >= high) return c;
        if (at > 0) {
            low = c, at_low = at;
            if (kept == 1) at_high /= 2;
            kept = 1;
        } else {
            high = c, at_high = at;
            if (kept == -1) at_low /= 2;
            kept = -1;
        }
    }
    return (low + high) / 2;
}

// ---- all of it ----

static double layers(double slope) { // in which a deviation falls by e
    double log_slope = fabs(log(fabs(slope)));
    return log_slope < 1e-9 ? INFINITY : 1 / log_slope;
}

static void fill_correlations(const Activation *activation, ActivationField *field) {
    if (activation->jumps) {
        field->phase = PHASE_CHAOTIC;
    } else {
        field->phase = fabs(field->chi1 - 1) < 1e-9 ? PHASE_EDGE
                       : field->chi1 > 1            ? PHASE_CHAOTIC
                                                    : PHASE_ORDERED;
    }
    field->c = field->c_slope = field->xi_c = NAN;
    if (!has_length(field)) return;
    bool forgets = field->phase == PHASE_CHAOTIC;
    field->c = forgets ? find_correlation(activation, field) : 1;
    field->c_slope = field->c < 1 ? clean(correlation_slope(activation, field, field->c),
                                          activation->jumps ? 1 : field->chi1)
                                  : field->chi1;
    field->xi_c = layers(field->c_slope);
}

static bool check_length(const Activation *activation, double q, Error *error) {
    double value;
    return activation_second_moment(activation, (ActivationLaw){0, q}, &value, error);
}

bool activation_field_at(const Activation *activation, double sw2, double sb2, double q,
                         ActivationField *field, Error *error) {
    REQUIRE(sw2 > 0 && sb2 >= 0 && q > 0);
    if (!check_length(activation, q, error)) return false;
    Map map = {activation, sw2, sb2};
    *field = (ActivationField){.sw2 = sw2, .sb2 = sb2, .q = q};
    field->any_q = keeps(&map, q) && keeps(&map, 2.385 * q) && keeps(&map, q / 19);
    field->q_slope = clean(sw2 * moment_square_slope(activation, q), 1);
    field->xi_q = layers(field->q_slope);
    field->chi1 = sw2 * moment_slope_square(activation, q);
    fill_correlations(activation, field);
    return true;
}

bool activation_field(const Activation *activation, double sw2, double sb2, ActivationField *field,
                      Error *error) {
    REQUIRE(sw2 > 0 && sb2 >= 0);
    if (!check_length(activation, 1, error)) return false;
    Map map = {activation, sw2, sb2};
    double last = 1, q = keeps(&map, 1) ? 1 : find_length(&map, &last);
    if (q > 0 && isfinite(q)) return activation_field_at(activation, sw2, sb2, q, field, error);
    if (isnan(q)) return check_length(activation, last, error);
    double near = q > 0 ? LONGEST : VANISHING; // chi_1 on the way there
    *field = (ActivationField){.sw2 = sw2, .sb2 = sb2, .q = q, .q_slope = NAN, .xi_q = NAN};
    field->chi1 = sw2 * moment_slope_square(activation, near);
    fill_correlations(activation, field);
    return true;
}

// ---- the edge ----

// On the edge at length q: sw2 = 1/E phi'^2, and V(q) = q then asks for this sb2.
static double edge_weights(const Activation *activation, double q) {
    return 1 / moment_slope_square(activation, q);
}

static double edge_biases(const Activation *activation, double q) { // over q
    return 1 - edge_weights(activation, q) * moment_square(activation, q) / q;
}

static double excess(const Activation *activation, double sb2, double q) {
    return edge_biases(activation, q) - sb2 / q;
}

static void add_edge(const Activation *activation, ActivationEdge *edge, double q, bool any_q) {
    if (edge->points == ACTIVATION_EDGES) return;
    double length = q > 0 ? q : VANISHING, sw2 = edge_weights(activation, length);
    edge->point[edge->points].q = q;
    edge->point[edge->points].sw2 = sw2;
    edge->point[edge->points].any_q = any_q;
    edge->point[edge->points++].q_slope = q > 0 ? sw2 * moment_square_slope(activation, q) : NAN;
}

static double bisect_edge(const Activation *activation, double sb2, double low, double high) {
    bool positive = excess(activation, sb2, low) > 0;
    for (int i = 0; i < 200; i++) {
        double middle = sqrt(low * high);
        if (middle <= low || middle >= high) break;
        if ((excess(activation, sb2, middle) > 0) == positive) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return sqrt(low * high);
}

// Is b(q) = 0 to rounding everywhere, as for an activation of one slope on each side of 0?
static bool any_length(const Activation *activation) {
    const double length[] = {1e-6, 0.019, 1, 23.85, 1e6};
    for (int i = 0; i < 5; i++) {
        if (!(fabs(edge_biases(activation, length[i])) < 1e-12)) return false;
    }
    return true;
}

// Signals so short that phi is a straight line through 0.
static bool line_through_zero(const Activation *activation) {
    const double x[3] = {-1e-6, 0, 1e-6};
    double phi[3], slope[3];
    activation_evaluate(activation, 3, x, phi, slope);
    return phi[1] == 0 && slope[1] != 0 && fabs(slope[2] - slope[0]) < 1e-4 * fabs(slope[1]);
}

static int clear_sign(double excess) { // 0: rounding, or not finite
    return !isfinite(excess) || fabs(excess) < 1e-12 ? 0 : excess > 0 ? 1 : -1;
}

bool activation_edge(const Activation *activation, double sb2, ActivationEdge *edge, Error *error) {
    REQUIRE(sb2 >= 0);
    *edge = (ActivationEdge){0};
    if (!check_length(activation, 1, error)) return false;
    if (activation->jumps || !(moment_slope_square(activation, 1) > 0)) return true;
    if (any_length(activation)) {
        if (sb2 == 0) add_edge(activation, edge, 1, true);
        return true;
    }
    if (sb2 == 0 && line_through_zero(activation)) add_edge(activation, edge, 0, false);
    int sign = 0;
    for (double q = 1e-6, last = q; q < 1e6; q *= 1.25) {
        int now = clear_sign(excess(activation, sb2, q));
        if (now && sign && now != sign)
            add_edge(activation, edge, bisect_edge(activation, sb2, last, q), false);
        if (now) sign = now, last = q;
    }
    return true;
}
