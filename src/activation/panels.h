// Private: expectations of a formula under a Gaussian law, with bounds of their errors.
//
// The line is cut into panels. On one, phi is enclosed (enclose.c): over the panel, and over an
// ellipse around it in the complex plane. Where phi is analytic on the ellipse, with |g| <= M
// there, 16-point Gauss-Legendre quadrature of g is off by at most
//     4.01 M rho^-32/(1 - rho^-2) half the panel's width,      rho: sum of the ellipse's half-axes
// (|Chebyshev coefficient k| <= 2 M rho^-k, and the rule is exact below k = 32). Elsewhere g is
// known to lie between its bounds on the panel. Panels whose bounds are too far apart are halved,
// until the error is some 1e-16 of the whole or the work is used up: then the error that is left is
// stated. To it come the rounding of phi, by intervals at each node, and that of the sum.
//
// So nothing narrow can be missed. What is not proved: phi beyond 38 standard deviations, where the
// density is below 1e-313 (an integrand that is not small there is called infinite); places within
// 1e-14 of a singularity where phi is unbounded: what the panel there seems to hold is stated as
// error four times over; and an integrand whose share there is above 1e-3 is called infinite.
// A formula need not be a number beyond 12 standard deviations.
//
// Source: Petras, Self-validating integration and approximation of piecewise analytic functions,
// J. Comput. Appl. Math. 145 (2002). Test: test/activation/test_errors.c, against 30 digits.
#pragma once

#include "activation/inner.h"

// g(x) = (phi - centre)^power, or phi'^power; times (z^2 - 1) where scored, z = (x -
// mean)/deviation
typedef struct Integrand {
    int power;
    bool slope, scored;
    double centre;
} Integrand;

enum { PANEL_AIMS = 4 };

typedef struct PanelTask {
    const Formula *formula;
    const double *kink; // (kinks) where panels should end
    size_t kinks;
    ActivationLaw law;
    Integrand aim[PANEL_AIMS]; // (aims) panels are halved until these are known
    int aims;
    size_t most;   // panels
    int harmonics; // 0; or N: what is integrated is phi times an orthonormal Hermite polynomial <=
                   // N
} PanelTask;

// Of an activation's formula, without an aim yet; `most` panels for a short formula, fewer for a
// long one.
PanelTask moment_task(const Activation *activation, ActivationLaw law, size_t most);

typedef struct Panels Panels;
Panels *panels_new(const PanelTask *task);
void panels_free(Panels *panels);
size_t panels_count(const Panels *panels);

// NAN with `at` where phi is not a number; infinite where it does not converge.
ActivationNumber panels_expect(const Panels *panels, Integrand integrand, double *at);

// a[n] = E phi h_n(z), n <= harmonics, h_n = He_n/sqrt(n!); each is off by at most error[n].
void panels_hermite(const Panels *panels, double *a, double *error);
