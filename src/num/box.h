// Rigorous enclosures of real functions, on the real line and in the complex plane around it.
//
// A box is the set {x + iy: low <= x <= high, |y| <= imaginary}. A function that is real on the
// real line takes conjugates to conjugates, so that boxes which are symmetric about it are all that
// is needed; imaginary = 0 is an interval. What a function here returns contains every value of the
// exact function on the box: bounds are moved outwards by more than the C library's rounding (at
// most 4 units in the last place are assumed of it); sums and products that are exact stay exact.
//
// BOX_ALL stands for the whole plane and for "not analytic, or not defined, somewhere in the
// argument"; its imaginary part is infinite. No function below may be handed it: the caller passes
// it on (box_is_all). An interval may be unbounded: 1/[0, 2] is [0.5, inf], where the point 0, at
// which there is no value, does not count.
//
// Source: interval arithmetic (Moore, Kearfott, Cloud 2009); for f' bounded by D on the box,
// |f(x + iy) - f(x)| <= D |y|. Test: test/num/test_box.c, against points within boxes.
#pragma once

#include "base/base.h"
#include <math.h>

typedef struct Box {
    double low, high, imaginary;
} Box;

extern const Box BOX_ALL;

static inline bool box_is_all(Box a) {
    return !(a.imaginary < INFINITY);
}

Box box_number(double value);              // one real number, exactly
Box box_interval(double low, double high); // a real interval; BOX_ALL where a bound is nan
Box box_hull(Box a, Box b);                // the least box that holds both
Box box_widen(Box a, double relative);     // both real bounds outwards by |bound| relative
double box_most(Box a);                    // sup |z|
double box_least(Box a);                   // inf |x| of the real parts: 0 where 0 is among them

Box box_add(Box a, Box b);
Box box_subtract(Box a, Box b);
Box box_multiply(Box a, Box b);
Box box_divide(Box a, Box b);
Box box_power(Box a, Box b); // b a number or a real interval
Box box_negate(Box a);

Box box_exp(Box a);
Box box_expm1(Box a);
Box box_log(Box a);
Box box_log1p(Box a);
Box box_sqrt(Box a);
Box box_sin(Box a);
Box box_cos(Box a);
Box box_atan(Box a);
Box box_sinh(Box a);
Box box_cosh(Box a);
Box box_tanh(Box a);
Box box_erf(Box a);
Box box_erfc(Box a);
Box box_sigmoid(Box a);
Box box_softplus(Box a);

// Derivatives of these on real intervals, where the rules above would lose: each is even and falls
// with |x|.
Box box_sech_squared(Box a);  // 1/cosh^2
Box box_bell(Box a);          // exp(-x^2)
Box box_sigmoid_slope(Box a); // sigmoid(x) sigmoid(-x)
