// Marchenko-Pastur. With H/n of isotropic rows, m(-z) = lim (1/d) tr (H/n + z)^-1 is the positive
// root of gamma z m^2 + (1 - gamma + z) m - 1 = 0 (Marchenko, Pastur 1967). The sums of the risk at
// mu = z n are, eigenvalue by eigenvalue, with m' = lim (1/d) tr (H/n + z)^-2 = -dm(-z)/dz,
//     bias -> sw2 z^2 m',      variance -> se2 gamma (m - z m')
// (Dobriban, Wager 2018; Hastie, Montanari, Rosset, Tibshirani 2022). Differentiating the equation,
//     m' = m (1 + gamma m) / root,      root^2 = (1 - gamma + z)^2 + 4 gamma z,
// and m - z m' = m u / root with u = 1/m - z, the same transform of the n sides times z: it solves
// u^2 + (gamma - 1 + z) u - z = 0. All that is left are products of positive numbers.
#include "ridge/ridge.h"
#include <math.h>

double ridge_gaussian_risk(size_t n, size_t d, const RidgeLaw *law) {
    double rows = (double)n, columns = (double)d;
    double unseen = d > n ? law->signal * ((columns - rows) / columns) : 0;
    if (law->noise == 0) return unseen;
    if (rows - columns > 1) return law->noise * (columns / (rows - columns - 1));
    if (columns - rows > 1) return unseen + law->noise * (rows / (columns - rows - 1));
    return INFINITY;
}

typedef struct Limit {
    double root, z_m, m_u; // as above; z m and m u are both within [0, 1]
} Limit;

static double root_of(double z, double gamma) {
    return hypot(1 - gamma + z, 2 * sqrt(gamma) * sqrt(z));
}

// Of the two ways to write a root of a quadratic, the one that does not cancel.
static Limit limit(double z, double gamma) {
    double b = 1 - gamma + z, c = gamma - 1 + z, root = root_of(z, gamma);
    if (root == INFINITY) return (Limit){root, 1, 0};
    if (b < 0) return (Limit){root, (root - b) / (2 * gamma), (root - b) / (gamma * (c + root))};
    double m = 2 / (b + root), u = c > 0 ? 2 * z / (c + root) : (root - c) / 2;
    return (Limit){root, z * m, m * u};
}

double ridge_stieltjes(double z, double gamma) {
    REQUIRE(z > 0 && gamma > 0);
    double b = 1 - gamma + z, root = root_of(z, gamma);
    return b < 0 ? (root - b) / (2 * gamma) / z : 2 / (b + root);
}

double ridge_limit_risk(double z, double gamma, const RidgeLaw *law) {
    REQUIRE(z >= 0 && gamma > 0);
    if (z == INFINITY) return law->signal;
    Limit l = limit(z, gamma);
    if (l.root == 0) return law->noise == 0 ? 0 : INFINITY; // gamma = 1 without a penalty
    double bias = law->signal * l.z_m * ((z + gamma * l.z_m) / l.root);
    return bias + law->noise * (gamma * l.m_u / l.root);
}

// se2 gamma = sw2 z*, so that se2 gamma m = sw2 (z* m): right without noise, too.
double ridge_limit_best(double gamma, const RidgeLaw *law) {
    REQUIRE(gamma > 0);
    if (law->signal == 0) return 0;
    double z = gamma * law->noise / law->signal;
    Limit l = limit(z, gamma);
    return l.root == 0 ? 0 : law->signal * l.z_m;
}
