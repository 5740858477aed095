// Does equivariance of phi(W x) tie W?
#include "symmetry/inner.h"
#include <math.h>

enum { GRID = 40 };
static const double NEAR = 1e-9, SAME = 1e-12;

static double phi_at(const SymmetryPhi *phi, double x) {
    double value;
    phi->evaluate(phi->context, 1, &x, &value, NULL);
    return value;
}

static bool near_zero(double value, double scale) {
    return fabs(value) <= SAME * scale;
}

// Whether phi(factor * x) = phi(x) on a grid of both signs.
static bool is_blind_to(const SymmetryPhi *phi, double factor) {
    for (int i = 1; i <= GRID; i++) {
        double x = 0.11 * i;
        for (int sign = -1; sign <= 1; sign += 2) {
            double a = phi_at(phi, sign * x), b = phi_at(phi, factor * sign * x);
            if (!near_zero(a - b, fabs(a) + fabs(b))) return false;
        }
    }
    return true;
}

// Whether phi is continuous at 0 and its slopes on both sides do not cancel.
static bool sees_differences(const SymmetryPhi *phi) {
    const double x[] = {-NEAR, 0, NEAR};
    double y[3], slope[3];
    phi->evaluate(phi->context, 3, x, y, slope);
    double sum = slope[0] + slope[2], size = fabs(slope[0]) + fabs(slope[2]);
    if (!isfinite(sum) || !isfinite(y[0]) || !isfinite(y[1]) || !isfinite(y[2])) return false;
    double jump = fabs(y[2] - y[1]) + fabs(y[1] - y[0]);
    return jump <= 2 * NEAR * size + SAME * fabs(y[1]) && fabs(sum) > 1e-6 * size;
}

SymmetryVerdict symmetry_converse(const SymmetryPhi *phi) {
    if (!phi || sees_differences(phi)) return (SymmetryVerdict){.converse = CONVERSE_HOLDS};
    if (is_blind_to(phi, -1)) return (SymmetryVerdict){.converse = CONVERSE_FAILS, .second = -1};
    if (is_blind_to(phi, 2)) return (SymmetryVerdict){.converse = CONVERSE_FAILS, .second = 2};
    return (SymmetryVerdict){.converse = CONVERSE_UNKNOWN};
}
