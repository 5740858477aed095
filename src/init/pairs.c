#include "init/pairs.h"
#include <math.h>

static const double PI = 3.141592653589793;
enum { TERMS = 96, HALF = 192, NODES = 2 * HALF + 1 }; // z from -12 to 12 in steps of 1/16
static const double STEP = 1.0 / 16;

Pairs pairs_of(const Activation *activation) {
    static const double x[] = {1, 2.385, 19, 1e-3, -1, -2.385, -19, -1e-3};
    enum { COUNT = sizeof x / sizeof *x };
    double phi[COUNT];
    const double *kink;
    size_t kinks = activation_kinks(activation, &kink);
    activation_evaluate(activation, COUNT, x, phi, NULL);
    Pairs pairs = {.activation = activation,
                   .above = phi[0],
                   .below = -phi[COUNT / 2],
                   .smooth = kinks == 0 && !activation_jumps(activation),
                   .linear = kinks == 0 || (kinks == 1 && kink[0] == 0),
                   .law = {NAN, NAN},
                   .rho = NAN};
    for (int i = 0; i < COUNT; i++) {
        double slope = x[i] > 0 ? pairs.above : pairs.below;
        pairs.linear = pairs.linear && fabs(phi[i] - slope * x[i]) <= 1e-15 * fabs(slope * x[i]);
    }
    return pairs;
}

// phi = even |x| + odd x.
static double arc_cosine(const Pairs *pairs, double variance, double rho) {
    double even = (pairs->above - pairs->below) / 2, odd = (pairs->above + pairs->below) / 2;
    double magnitudes = 2 / PI * (sqrt(1 - rho * rho) + rho * asin(rho));
    return variance * (even * even * magnitudes + odd * odd * rho);
}

// By the trapezoid rule, which is exact to rounding where phi is analytic within 0.4 of the line of
// z. False: the first TERMS coefficients leave more than 1e-12 of E phi^2, *value is not to be
// used.
static bool by_hermite(const Pairs *pairs, ActivationLaw law, double second_moment, double rho,
                       double *value) {
    double x[NODES], phi[NODES], now[NODES], before[NODES], sum = 0, left = second_moment,
                                                            power = 1;
    for (int i = 0; i < NODES; i++) x[i] = law.mean + sqrt(law.variance) * STEP * (i - HALF);
    activation_evaluate(pairs->activation, NODES, x, phi, NULL);
    for (int i = 0; i < NODES; i++) {
        double z = STEP * (i - HALF);
        phi[i] *= STEP * exp(-z * z / 2) / sqrt(2 * PI);
        now[i] = 1, before[i] = 0;
    }
    for (int k = 0; k < TERMS; k++, power *= rho) {
        double coefficient = 0;
        for (int i = 0; i < NODES;
             i++) { // orthonormal: sqrt(k+1) h_(k+1) = z h_k - sqrt(k) h_(k-1)
            double next = (STEP * (i - HALF) * now[i] - sqrt(k) * before[i]) / sqrt(k + 1);
            coefficient += phi[i] * now[i];
            before[i] = now[i], now[i] = next;
        }
        sum += coefficient * coefficient * power;
        left -= coefficient * coefficient;
    }
    *value = sum + left * power;
    return fabs(left) <= 1e-12 * second_moment;
}

static bool is_known(const Pairs *pairs, ActivationLaw law, double rho) {
    return fabs(law.mean - pairs->law.mean) <= 1e-12 * sqrt(law.variance) &&
           fabs(law.variance - pairs->law.variance) <= 1e-12 * law.variance &&
           fabs(rho - pairs->rho) <= 1e-9 * (1 - rho);
}

double pairs_moment(Pairs *pairs, ActivationLaw law, double second_moment, double rho) {
    double value;
    if (pairs->linear && law.mean == 0) return arc_cosine(pairs, law.variance, rho);
    if (is_known(pairs, law, rho)) return pairs->value;
    if (!pairs->smooth || !by_hermite(pairs, law, second_moment, rho, &value))
        value = activation_product_moment(pairs->activation, law, law, rho, NULL);
    pairs->law = law, pairs->rho = rho, pairs->value = value;
    return value;
}
