// The door of activation/: what an activation phi does to Gaussian signals, in double precision.
//
//     E phi^2(z), z ~ N(0, 1), and the gain 1/sqrt(E phi^2) that keeps a signal alive
//     chi_1 = E phi'^2 / E phi^2, the growth of the squared gradient per layer under that gain
//     the correlation map C(rho), fixed points, depth scales, the edge of chaos
//
// An activation is a formula: that of a layer kind (LayerKind.formula, the one place where it is
// written down for arithmetic) or one that a person typed; src/activation/formula.h has the
// grammar. Derivatives are exact (dual numbers); kinks and jumps follow from the arguments of abs,
// max, min, relu, sign and the like. Everything here is a function of its arguments; nothing is
// random.
//
// Sources: He et al. 2015 (the rule); Poole et al. 2016 (lengths and correlations); Schoenholz et
// al. 2017 (chi_1, depth scales); Hayou, Doucet, Rousseau 2019 (the edge as a curve).
#pragma once

#include "layer/layer.h"
#include <jansson.h>

typedef struct Activation Activation;

// From what a person writes: the word of an activation's layer kind with its options, as in the
// network language ("leaky slope=0.1"), or else a formula in x ("x*tanh(log(1+exp(x)))"). NULL with
// an error that begins with "activation:line:column: " and shows the place.
Activation *activation_read(const char *text, size_t length, Error *error);

// That of a layer whose kind is an activation (is_activation), with the layer's options.
Activation *activation_of_layer(const Layer *layer);

// How a formula is written: what `benign help formulas` shows.
void activation_help(Text *text);

void activation_free(Activation *activation); // NULL is allowed

const char *activation_name(const Activation *activation);      // as written: leaky slope=0.1
const char *activation_formula(const Activation *activation);   // max(x, slope*x), constants named
const LayerKind *activation_kind(const Activation *activation); // NULL: a typed formula
double activation_torch_gain(const Activation *activation);     // NAN where PyTorch defines none

// phi[i] and, unless slope is NULL, phi'(x[i]), i < count.
void activation_evaluate(const Activation *activation, size_t count, const double *x, double *phi,
                         double *slope);

// Where phi may have a kink, a jump or a singularity, ascending; and does it jump anywhere?
size_t activation_kinks(const Activation *activation, const double **kink);
bool activation_jumps(const Activation *activation);

// Gaussian u with this mean and variance.
typedef struct ActivationLaw {
    double mean, variance;
} ActivationLaw;

// A number and how far it may be from the truth: an upper bound, rounding included. Infinite: the
// number is not known at all, or it is itself infinite or does not exist.
typedef struct ActivationNumber {
    double value, error;
} ActivationNumber;

// E phi^2(u) of u ~ N(mean, variance): the sum over a layer's inputs of these is 1/sigma^2 of the
// exact rule. *value is finite and above 0, usually to about 1e-15 relative. Errors: it is
// infinite, 0, not known to a factor of 2 for the work allowed, or phi is not a number somewhere:
// such a signal cannot be kept alive. Cost: 30 to 100 panels (num/box.h), about 0.1 ms, up to 1000
// for formulas with many waves or kinks.
bool activation_second_moment(const Activation *activation, ActivationLaw law, double *value,
                              Error *error);

// E phi(u1) phi(u2) of Gaussian u1 and u2 with correlation rho in [-1, 1]: for inputs that are not
// independent. By the Hermite series sum_n a_n b_n rho^n (Mehler), whose rest is at most
// |rho|^(N+1) times what the first N terms lack of sqrt(E phi^2(u1) E phi^2(u2)): *error is a
// bound. Where that is above 1e-12 of it, which takes kinks or jumps and |rho| near 1, panels in
// two dimensions (num/quadrature.h) refine the number within its bounds; *error is then ten times
// what halving them changed, an estimate. NAN or infinite as there. error may be NULL. Cost: about
// 1 ms; 5 ms with panels, at most 100 ms with many kinks.
double activation_product_moment(const Activation *activation, ActivationLaw first,
                                 ActivationLaw second, double rho, double *error);

// Moments of phi(u), u ~ N(mean, variance).
typedef struct ActivationMoments {
    double mean;                // E phi; NAN where it does not exist
    double second_moment;       // E phi^2
    double error;               // of E phi^2, relative: an upper bound
    double gain;                // 1/sqrt(E phi^2): the exact rule is sigma = gain/sqrt(fan_in)
    double slope_second_moment; // E phi'^2, of phi' where it exists; may be infinite
    double chi1;                // E phi'^2 / E phi^2
    // E (phi - E phi)^4 / (E (phi - E phi)^2)^2: 3 for a Gaussian; NAN where phi is constant.
    double kurtosis;
    // E phi^4 / (E phi^2)^2, about 0 and not about the mean: with Gaussian weights a layer of n
    // units multiplies the second moment of |h|^2 by 1 + (moment_ratio - 1)/n; ReLU: 1 + 5/n.
    double moment_ratio;
    struct { // upper bounds of the errors, absolute; infinite where a number is not known
        double mean, second_moment, gain, slope_second_moment, chi1, kurtosis, moment_ratio;
    } off;
} ActivationMoments;

// Errors as activation_second_moment.
bool activation_moments(const Activation *activation, ActivationLaw law, ActivationMoments *moments,
                        Error *error);

// ---- depth ----

// Wide networks u_l = W phi(u_(l-1)) + b with weights of variance sw2/fan_in and biases of variance
// sb2. The length q = E u^2 of a signal and the correlation c of two signals of length q* go from
// layer to layer by
//     V(q) = sw2 E phi^2(sqrt(q) z) + sb2,      C(c) = (sw2 E phi(u1) phi(u2) + sb2)/q*
// C is a power series in c with positive coefficients and C(1) = 1: on [0, 1] it has one more fixed
// point, c* < 1, exactly when chi_1 = C'(1) > 1, and then signals forget how alike they were.
typedef enum ActivationPhase {
    PHASE_ORDERED, // chi_1 < 1: signals become alike, gradients vanish
    PHASE_EDGE,    // chi_1 = 1 to 1e-9
    PHASE_CHAOTIC, // chi_1 > 1: signals become unlike, gradients explode
    PHASE_UNKNOWN, // the error of chi_1 leaves both open
} ActivationPhase;

typedef struct ActivationField {
    double sw2, sb2;
    // q*, the length that q = 1 ends at; 0: the signal dies; infinite: it explodes; NAN: not known,
    // since V cannot be computed at the length `lost` on the way there
    double q, lost;
    bool any_q;     // every length stays as it is (ReLU at sw2 = 2); q is 1 then
    double q_slope; // V'(q*); NAN where q* is 0, infinite or not known
    // 1/|log V'(q*)|: a deviation of q falls by e in so many layers (grows where V' > 1); infinite
    // at V' = 1
    double xi_q;
    double chi1;    // sw2 E phi'^2(sqrt(q*) z), of phi' where it exists: how squared gradients grow
    double c;       // c*, what correlations end at; NAN where q* is 0 or infinite
    double c_slope; // C'(c*)
    double xi_c;    // 1/|log C'(c*)|, layers
    // By chi_1; chaotic where phi jumps, since C'(1) is infinite then, whatever phi' says.
    ActivationPhase phase;
    struct { // upper bounds of the errors, absolute; infinite where a number is not known
        double sw2, q, q_slope, xi_q, chi1, c, c_slope, xi_c;
    } off;
} ActivationField;

// sw2 > 0, sb2 >= 0. Errors as activation_second_moment, at a length on the way. Fixed points are
// brackets whose ends have certain signs. Cost: about 20 ms.
bool activation_field(const Activation *activation, double sw2, double sb2, ActivationField *field,
                      Error *error);

// The same at a length q* > 0 that is known to be a fixed point; the exact rule, sw2 = 1/E phi^2
// and sb2 = 0, has q* = 1 by construction, whether or not V returns to it (V'(1) < 1). What the
// error of sw2 changes is part of all other errors.
bool activation_field_at(const Activation *activation, ActivationNumber sw2, double sb2, double q,
                         ActivationField *field, Error *error);

// C(rho) at field->q; NAN where that is 0 or infinite. C(1) = 1. As activation_product_moment.
double activation_correlation(const Activation *activation, const ActivationField *field,
                              double rho);

// What correlations rho (count) are after some numbers of layers: value (depths, count). C is
// computed at 65 places and interpolated in between, to about 1e-6 per layer: for pictures.
typedef struct ActivationDepths {
    int layers[8]; // (count) ascending
    size_t count;
} ActivationDepths;
void activation_correlation_after(const Activation *activation, const ActivationField *field,
                                  const ActivationDepths *depths, size_t count, const double *rho,
                                  double *value);

// The edge of chaos at this sb2: the (q, sw2) with V(q) = q and chi_1 = 1, found by a scan over
// shortest <= q <= longest and bisection. q = 0: the limit of ever shorter signals, which is on the
// edge when sb2 = 0, phi(0) = 0 and phi has a derivative at 0. An activation of one slope on each
// side of 0, such as ReLU, is on the edge with sb2 = 0 and every q (any_q), and nowhere with
// sb2 > 0. The scan is in steps of 1.5 from 1e-6 to 1e6, or as far from 1 as chi_1 and V are known:
// two edges within one step are missed.
enum { ACTIVATION_EDGES = 8 };
typedef struct ActivationEdgePoint {
    double q, sw2;
    bool any_q;
    double q_slope; // V'(q): below 1 the network comes back to this q
    struct {        // upper bounds of the errors
        double q, sw2, q_slope;
    } off;
} ActivationEdgePoint;
typedef struct ActivationEdge {
    ActivationEdgePoint point[ACTIVATION_EDGES];
    size_t points;            // 0: none was found
    double shortest, longest; // the lengths that were looked at; both 0: none
} ActivationEdge;
bool activation_edge(const Activation *activation, double sb2, ActivationEdge *edge, Error *error);

// ---- reports ----

enum { ACTIVATION_GRID = 21, ACTIVATION_LENGTHS = 9 };

// All of it: about 0.1 s, a second for formulas with hundreds of waves or kinks.
typedef struct ActivationReport {
    const Activation *activation;
    ActivationMoments moments; // at N(0, 1)
    bool given;                // the field is that of given sw2 and sb2, not of the exact rule
    ActivationField field;
    ActivationEdge edge;                           // at field.sb2
    double rho[ACTIVATION_GRID];                   // -1, -0.9, ..., 1
    ActivationNumber correlation[ACTIVATION_GRID]; // C(rho)
    double length[ACTIVATION_LENGTHS];             // q: 1/16, 1/8, ..., 16
    ActivationNumber next[ACTIVATION_LENGTHS];     // V(q) with the field's sw2 and sb2
} ActivationReport;

// sw2 NAN: the exact rule's, with sb2 0. Errors as activation_second_moment.
bool activation_report(const Activation *activation, double sw2, double sb2,
                       ActivationReport *report, Error *error);
void activation_describe(const ActivationReport *report, Text *text);

// Keys; what is infinite or does not exist is null, and what does not depend on sw2 comes first:
//     activation, formula, mean, second_moment, error, gain, torch_gain, slope_second_moment, chi1,
//     kurtosis, moment_ratio, errors{}, kinks[], jumps, exact (the field is the exact rule's),
//     field{sw2, sb2, q, any_q, q_slope, xi_q, chi1, c, c_slope, xi_c, phase, errors{}},
//     edge[]{q, any_q, sw2, q_slope, errors{}}, edge_from, edge_to (the q that were looked at),
//     correlation[]{rho, value, error}, length[]{q, next, error}
// errors{} has upper bounds, absolute, under the names of what they are of.
json_t *activation_to_json(const ActivationReport *report);

// One line for each activation of the language: moments at N(0, 1), PyTorch's gain, the formula.
void activation_list(Text *text);
json_t *activation_list_json(void); // an array of {activation, formula, mean, ..., moment_ratio}
