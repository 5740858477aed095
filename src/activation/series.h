// Private: two correlated signals by Hermite series. For standard Gaussian z, z' of correlation rho
//     E phi(m + s z) psi(m' + s' z') = sum_n a_n b_n rho^n,     a_n = E phi(m + s z)
//     He_n(z)/sqrt(n!)
// (Mehler). sum_n a_n^2 = E phi^2, so that what the terms beyond N amount to is bounded by what the
// first ones lack of it: nothing is assumed about phi.
#pragma once

#include "activation/inner.h"

typedef struct Series {
    int terms;               // a_0 .. a_(terms - 1)
    double *a, *off;         // (terms) off: bounds of their errors
    double rest;             // sum of a_n^2 over n >= terms: an upper bound
    ActivationNumber square; // E phi^2
} Series;

// NULL where E phi^2 is not known (activation_second_moment says why). Cost: (0.2 + terms/200) ms.
Series *series_new(const Activation *activation, ActivationLaw law, int terms);
void series_free(Series *series);

// E phi psi, and its derivative by rho, 0 <= rho < 1, for phi = psi.
ActivationNumber series_product(const Series *a, const Series *b, double rho);
ActivationNumber series_derivative(const Series *a, double rho);

// C(rho) of a field at whose length the series was made, -1 < rho <= 1.
ActivationNumber field_correlation(const ActivationField *field, const Series *series, double rho);

// C(-1), by an integral of its own: the series converges slowly there.
ActivationNumber field_opposite(const ActivationField *field, const Activation *activation);

// E phi(z) phi(-z), z ~ N(0, q).
ActivationNumber moment_mirrored(const Activation *activation, double q);
