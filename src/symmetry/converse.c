// Does equivariance of phi(W x) tie W?
#include "symmetry/inner.h"
#include <math.h>

enum { GRID = 40 };
static const double NEAR = 1e-9, SAME = 1e-12;

static double phi_at(const Activation *activation, double x) {
    double phi;
    activation_evaluate(activation, 1, &x, &phi, NULL);
    return phi;
}

static bool near_zero(double value, double scale) {
    return fabs(value) <= SAME * scale;
}

// Whether phi(factor * x) = phi(x) on a grid of both signs.
static bool is_blind_to(const Activation *activation, double factor) {
    for (int i = 1; i <= GRID; i++) {
        double x = 0.11 * i;
        for (int sign = -1; sign <= 1; sign += 2) {
            double a = phi_at(activation, sign * x), b = phi_at(activation, factor * sign * x);
            if (!near_zero(a - b, fabs(a) + fabs(b))) return false;
        }
    }
    return true;
}

// Whether phi is continuous at 0 and its slopes on both sides do not cancel.
static bool sees_differences(const Activation *activation) {
    const double x[] = {-NEAR, 0, NEAR};
    double phi[3], slope[3];
    activation_evaluate(activation, 3, x, phi, slope);
    double sum = slope[0] + slope[2], size = fabs(slope[0]) + fabs(slope[2]);
    if (!isfinite(sum) || !isfinite(phi[0]) || !isfinite(phi[1]) || !isfinite(phi[2])) return false;
    double jump = fabs(phi[2] - phi[1]) + fabs(phi[1] - phi[0]);
    return jump <= 2 * NEAR * size + SAME * fabs(phi[1]) && fabs(sum) > 1e-6 * size;
}

SymmetryVerdict symmetry_converse(const Activation *activation) {
    if (!activation || sees_differences(activation))
        return (SymmetryVerdict){.converse = CONVERSE_HOLDS};
    if (is_blind_to(activation, -1))
        return (SymmetryVerdict){.converse = CONVERSE_FAILS, .second = -1};
    if (is_blind_to(activation, 2))
        return (SymmetryVerdict){.converse = CONVERSE_FAILS, .second = 2};
    return (SymmetryVerdict){.converse = CONVERSE_UNKNOWN};
}
