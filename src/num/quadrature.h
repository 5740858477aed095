// Expectations under Gaussian laws, by panels of Gauss-Legendre quadrature. A rule of Gauss and
// Hermite knows nothing of kinks, and a kink inside a panel costs 1e-3; here panels end at the
// kinks that the caller names, and are halved until halving changes nothing.
//
// A panel has 16 points and is at most 2 standard deviations wide at first; it is halved until its
// two halves agree with it to 4 epsilon of E |f| (epsilon = 2^-52), or to what the rounding of x
// leaves. Where f is analytic between its edges the relative error is about 1e-16; where kinks,
// singularities or steep places are not named, halving finds them; `error` says what is left. The
// range is 12 standard deviations on both sides, and 38, as far as a double goes, where f grows so
// fast that 12 do not do. A spike narrower than 0.01 standard deviations, away from every edge, can
// lie between the points of the first panels and of their halves and be missed: put an edge there.
//
// Errors here are estimates: activation/panels.h has bounds, for functions that are known as
// formulas.
//
// Nothing here fails. The value is
//   nan        when f is not a number somewhere; `at` is the first such place that was met
//   infinity   (or -infinity) when it does not converge: f grows faster than the Gaussian law
//              falls, or overflows where that has not underflowed yet, or has a singularity that
//              is not integrable; said when less than 6 digits are certain
// Same input, same bits. Test: test/num/test_quadrature.c, against closed forms.
#pragma once

#include "base/base.h"

enum { QUADRATURE_POINTS = 16 };

// y[i] = f(x[i]), i < count <= QUADRATURE_POINTS.
typedef void QuadratureFunction(const void *context, size_t count, const double *x, double *y);

// f of x = mean + deviation z with z ~ N(0, 1).
typedef struct QuadratureTerm {
    QuadratureFunction *f;
    const void *context;
    const double *edge; // (edges) ascending: the x where f has a kink, a jump or a singularity
    size_t edges;
    double mean, deviation; // deviation >= 0
} QuadratureTerm;

typedef struct QuadratureValue {
    double value;
    double error; // what halving the panels changed, summed: an estimate, usually far too large
    double at;    // x where f is not a number, else NAN
} QuadratureValue;

// E f(x). Cost: about 600 values of f.
QuadratureValue quadrature_normal(const QuadratureTerm *term);

// E a(x1) b(x2), whose z1 and z2 have correlation rho, -1 <= rho <= 1:
//     x2 = b.mean + b.deviation (rho z1 + sqrt(1 - rho^2) z2')
// with z2' independent of z1; the inner expectation, over z2', is smooth in z1 (a Gaussian
// convolution), though steep near the edges of b where |rho| is near 1; panels end there, too. At
// rho = 1 and -1 the one expectation that is left. Agrees to about 1e-14 of E |a b|. Cost: about
// 250000 values of b, 5 ms for a cheap f, half where a is 0 on one side; times the square of the
// number of edges in reach where these are many.
QuadratureValue quadrature_normal_pair(const QuadratureTerm *a, const QuadratureTerm *b,
                                       double rho);
