#include "num/box.h"
#include <float.h>
#include <math.h>

const Box BOX_ALL = {-INFINITY, INFINITY, INFINITY};

static const double PI = 3.14159265358979323846, TINIEST = 4.9406564584124654e-324;
static const double ULPS = 4 * DBL_EPSILON; // what the C library's functions may be off

// ---- bounds ----

static double down(double value, double relative) { // 0 stays: no function rounds to it from afar
    if (isinf(value)) return value > 0 ? DBL_MAX : value;
    return value == 0 ? 0 : value - fabs(value) * relative - TINIEST;
}

static double up(double value, double relative) {
    return -down(-value, relative);
}

static double low_sum(double a, double b) {
    double sum = a + b;
    if (isinf(a) || isinf(b)) return isnan(sum) ? -INFINITY : sum;
    if (isinf(sum)) return sum > 0 ? DBL_MAX : -INFINITY;
    double part = sum - a, lost = (a - (sum - part)) + (b - part);
    return lost < 0 ? down(sum, DBL_EPSILON) : sum;
}

static double high_sum(double a, double b) {
    return -low_sum(-a, -b);
}

// Is a b exact, product = a b rounded? By Dekker's splitting; no, where that could overflow.
static bool is_exact(double a, double b, double product) {
    const double splitter = 134217729;
    if (!(fabs(a) < 1e140 && fabs(b) < 1e140 && fabs(product) > 1e-280)) return false;
    double c = splitter * a, a_high = c - (c - a), a_low = a - a_high;
    double d = splitter * b, b_high = d - (d - b), b_low = b - b_high;
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low == 0;
}

static double low_product(double a, double b) {
    if (a == 0 || b == 0) return 0;
    double product = a * b;
    if (isinf(a) || isinf(b)) return product;
    if (isinf(product)) return product > 0 ? DBL_MAX : -INFINITY;
    if (is_exact(a, b, product)) return product;
    return product - fabs(product) * DBL_EPSILON - TINIEST;
}

static double high_product(double a, double b) {
    return -low_product(-a, b);
}

static Box make(double low, double high, double imaginary) {
    Box box = {low, high, imaginary};
    return isnan(low) || isnan(high) || !(imaginary < INFINITY) || low > high ? BOX_ALL : box;
}

// f has the range [low, high] (as computed) on the real part and |f'| <= steep on the whole box.
static Box spread(Box a, double low, double high, double steep) {
    double side = a.imaginary == 0 ? 0 : up(a.imaginary * steep, ULPS);
    return make(low_sum(down(low, ULPS), -side), high_sum(up(high, ULPS), side), side);
}

Box box_number(double value) {
    return make(value, value, 0);
}

Box box_interval(double low, double high) {
    return make(low, high, 0);
}

Box box_hull(Box a, Box b) {
    return make(fmin(a.low, b.low), fmax(a.high, b.high), fmax(a.imaginary, b.imaginary));
}

Box box_widen(Box a, double relative) {
    return make(down(a.low, relative), up(a.high, relative), a.imaginary);
}

static double furthest(Box a) { // of the real parts
    return fmax(fabs(a.low), fabs(a.high));
}

double box_most(Box a) {
    return a.imaginary == 0 ? furthest(a) : up(hypot(furthest(a), a.imaginary), ULPS);
}

double box_least(Box a) {
    return a.low > 0 ? a.low : a.high < 0 ? -a.high : 0;
}

// ---- arithmetic ----

Box box_add(Box a, Box b) {
    return make(low_sum(a.low, b.low), high_sum(a.high, b.high),
                high_sum(a.imaginary, b.imaginary));
}

Box box_negate(Box a) {
    return (Box){-a.high, -a.low, a.imaginary};
}

Box box_subtract(Box a, Box b) {
    return box_add(a, box_negate(b));
}

// Of real intervals; by their signs, two products tell the bounds.
static Box product(Box a, Box b) {
    if (b.low >= 0) {
        return (Box){low_product(a.low, a.low < 0 ? b.high : b.low),
                     high_product(a.high, a.high < 0 ? b.low : b.high), 0};
    }
    if (b.high <= 0) {
        return (Box){low_product(a.high, a.high < 0 ? b.high : b.low),
                     high_product(a.low, a.low < 0 ? b.low : b.high), 0};
    }
    if (a.low >= 0 || a.high <= 0) return product(b, a);
    return (Box){fmin(low_product(a.low, b.high), low_product(a.high, b.low)),
                 fmax(high_product(a.low, b.low), high_product(a.high, b.high)), 0};
}

Box box_multiply(Box a, Box b) {
    Box real = product(a, b);
    if (a.imaginary == 0 && b.imaginary == 0) return make(real.low, real.high, 0);
    double both = high_product(a.imaginary, b.imaginary);
    double side =
        high_sum(high_product(furthest(a), b.imaginary), high_product(furthest(b), a.imaginary));
    return make(low_sum(real.low, -both), high_sum(real.high, both), side);
}

// 1/z where the real parts are above 0.
static Box reciprocal(Box a) {
    double r = a.imaginary, high = up(1 / a.low, ULPS);
    if (r == 0) return make(down(1 / a.high, ULPS), high, 0);
    double at_low = a.low / (a.low * a.low + r * r), at_high = a.high / (a.high * a.high + r * r);
    double side = r <= a.low ? r / (a.low * a.low + r * r) : 0.5 / a.low;
    double low = isfinite(at_high) ? fmin(at_low, at_high) : 0;
    return make(down(low, ULPS), high, up(side, ULPS));
}

Box box_divide(Box a, Box b) {
    if (b.low > 0 && isfinite(b.low)) {
        Box inverse = reciprocal(b);
        if (a.imaginary == 0 && b.imaginary == 0 && a.low == a.high && b.low == b.high) {
            double value = a.low / b.low; // once rounded, not twice
            return make(down(value, DBL_EPSILON), up(value, DBL_EPSILON), 0);
        }
        return box_is_all(inverse) ? BOX_ALL : box_multiply(a, inverse);
    }
    if (b.high < 0) return box_divide(box_negate(a), box_negate(b));
    bool real = a.imaginary == 0 && b.imaginary == 0;
    if (!real || (b.low == 0 && b.high == 0)) return BOX_ALL;
    if (b.high == 0) return box_divide(box_negate(a), box_negate(b));
    if (b.low < 0) return make(-INFINITY, INFINITY, 0);
    double low = a.low < 0 ? -INFINITY : down(a.low / b.high, ULPS),
           high = a.high > 0 ? INFINITY : up(a.high / b.high, ULPS);
    return make(low, high, 0);
}

static bool is_whole(double value) {
    return value == rint(value) && fabs(value) < 1e9;
}

// (x + iy)^2 = x^2 - y^2 + 2ixy
static Box squared(Box a) {
    double x = box_least(a), y = a.imaginary, most = furthest(a);
    return make(low_sum(low_product(x, x), -high_product(y, y)), high_product(most, most),
                high_product(2 * most, y));
}

// z^n, n >= 0 whole
static Box whole_power(Box a, double n) {
    if (n == 0) return box_number(1);
    if (n == 1) return a;
    if (n == 2 && a.imaginary > 0) return squared(a);
    double at_low = pow(a.low, n), at_high = pow(a.high, n), steep = n * pow(box_most(a), n - 1);
    bool even = fmod(n, 2) == 0;
    if (!even) return spread(a, at_low, at_high, steep);
    double low = a.low <= 0 && a.high >= 0 ? 0 : fmin(at_low, at_high);
    return spread(a, low, fmax(at_low, at_high), steep);
}

Box box_power(Box a, Box b) {
    if (b.low == b.high && b.imaginary == 0 && is_whole(b.low)) {
        Box power = whole_power(a, fabs(b.low));
        if (b.low >= 0 || box_is_all(power)) return power;
        return box_divide(box_number(1), power);
    }
    if (a.low > 0) {
        if (a.imaginary == 0 && b.imaginary == 0) {
            double p = pow(a.low, b.low), q = pow(a.low, b.high), r = pow(a.high, b.low),
                   s = pow(a.high, b.high);
            return spread(a, fmin(fmin(p, q), fmin(r, s)), fmax(fmax(p, q), fmax(r, s)), 0);
        }
        Box exponent = box_log(a);
        if (!box_is_all(exponent)) exponent = box_multiply(b, exponent);
        return box_is_all(exponent) ? BOX_ALL : box_exp(exponent);
    }
    if (a.low != 0 || a.high == 0 || a.imaginary != 0 || b.imaginary != 0) return BOX_ALL;
    double p = pow(a.high, b.low), q = pow(a.high, b.high); // at 0 it is 0 or infinite
    return make(b.high > 0 ? 0 : down(fmin(p, q), ULPS),
                b.low > 0 ? up(fmax(p, q), ULPS) : INFINITY, 0);
}

// ---- functions ----

Box box_exp(Box a) {
    double low = exp(a.low), high = exp(a.high), r = a.imaginary;
    if (r > 0) low = r < PI / 2 ? low * cos(r) : r < PI ? high * cos(r) : -high;
    double side = r == 0 ? 0 : up(high * (r < PI / 2 ? sin(r) : 1), ULPS);
    return make(down(low, 2 * ULPS), high == 0 ? TINIEST : up(high, ULPS), side);
}

Box box_expm1(Box a) {
    return spread(a, expm1(a.low), expm1(a.high), up(exp(a.high), ULPS));
}

Box box_log(Box a) {
    if (a.low < 0 || a.high == 0 || (a.low == 0 && a.imaginary > 0)) return BOX_ALL;
    double high = a.imaginary == 0 ? log(a.high) : log(hypot(a.high, a.imaginary));
    return make(down(log(a.low), ULPS), up(high, ULPS),
                a.imaginary == 0 ? 0 : up(atan(a.imaginary / a.low), ULPS));
}

Box box_log1p(Box a) {
    if (a.imaginary == 0 && a.low > -1) return spread(a, log1p(a.low), log1p(a.high), 0);
    return box_log(box_add(box_number(1), a));
}

Box box_sqrt(Box a) {
    if (a.low < 0 || (a.low == 0 && a.imaginary > 0)) return BOX_ALL;
    return spread(a, sqrt(a.low), sqrt(a.high), 0.5 / sqrt(a.low));
}

// Of a wave with a maximum at `peak` and a period of 2 pi: does it have one in [low, high]? Yes,
// too, where that is not certain.
static bool has_peak(double low, double high, double peak) {
    double slack = 8 * DBL_EPSILON * (fmax(fabs(low), fabs(high)) + PI);
    double place = peak + 2 * PI * ceil((low - slack - peak) / (2 * PI));
    return place <= high + 2 * slack;
}

// Real parts in [low, high] of the wave on the real line, then up and down with the distance.
static Box wave(Box a, double at_low, double at_high, double peak) {
    double low = fmin(at_low, at_high), high = fmax(at_low, at_high);
    if (!(furthest(a) < 1e15) || has_peak(a.low, a.high, peak)) high = 1;
    if (!(furthest(a) < 1e15) || has_peak(a.low, a.high, peak + PI)) low = -1;
    low = fmax(down(low, ULPS), -1);
    high = fmin(up(high, ULPS), 1);
    if (a.imaginary == 0) return make(low, high, 0);
    double rise = up(cosh(a.imaginary), ULPS);
    return make(low < 0 ? low * rise : low, high > 0 ? high * rise : high,
                up(sinh(a.imaginary), ULPS));
}

Box box_sin(Box a) {
    return wave(a, sin(a.low), sin(a.high), PI / 2);
}

Box box_cos(Box a) {
    return wave(a, cos(a.low), cos(a.high), 0);
}

Box box_atan(Box a) { // singular at i and -i
    double least = box_least(a), gap = 1 + least * least - a.imaginary * a.imaginary;
    if (!(down(gap, 8 * ULPS * (1 + a.imaginary * a.imaginary)) > 0) && a.imaginary > 0)
        return BOX_ALL;
    return spread(a, atan(a.low), atan(a.high), a.imaginary == 0 ? 0 : up(1 / gap, 64 * ULPS));
}

// sinh(x + iy) = sinh x cos y + i cosh x sin y, and cosh likewise.
static Box turn(Box a, double low, double high, double side) {
    double r = a.imaginary, least = r < PI ? cos(r) : -1, turned = r < PI / 2 ? sin(r) : 1;
    low = down(low, ULPS);
    high = up(high, ULPS);
    if (r == 0) return make(low, high, 0);
    Box real = box_multiply(make(low, high, 0), make(down(least, ULPS), 1, 0));
    return make(real.low, real.high, up(side * turned, 2 * ULPS));
}

Box box_sinh(Box a) {
    return turn(a, sinh(a.low), sinh(a.high), cosh(furthest(a)));
}

Box box_cosh(Box a) {
    return turn(a, cosh(box_least(a)), cosh(furthest(a)), sinh(furthest(a)));
}

// 1/cosh^2 z = 2/(cosh 2x + cos 2y)
static double tanh_steep(Box a) {
    double below = a.imaginary < PI / 2 ? cos(2 * a.imaginary) : -1;
    double sum = cosh(2 * box_least(a)) + below;
    return sum > 1e-6 ? 2 / sum * (1 + 1e-9) : INFINITY;
}

Box box_tanh(Box a) {
    return spread(a, tanh(a.low), tanh(a.high), tanh_steep(a));
}

// sigmoid(z) = (1 + tanh(z/2))/2
static double sigmoid_steep(Box a) {
    return tanh_steep((Box){a.low / 2, a.high / 2, a.imaginary / 2}) / 4;
}

static double logistic(double x) {
    return 1 / (1 + exp(-x));
}

Box box_sigmoid(Box a) {
    return spread(a, logistic(a.low), logistic(a.high), sigmoid_steep(a));
}

static double soft(double x) {
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

Box box_softplus(Box a) {
    Box steep = a.imaginary == 0 ? a : box_sigmoid(a);
    return box_is_all(steep) ? BOX_ALL : spread(a, soft(a.low), soft(a.high), box_most(steep));
}

static const double TWO_BY_ROOT_PI = 1.1283791670955125739;

static double erf_steep(Box a) {
    double x = box_least(a), y = a.imaginary;
    return TWO_BY_ROOT_PI * exp(y * y - x * x) * (1 + 1e-12 + 8 * DBL_EPSILON * (x * x + y * y));
}

Box box_erf(Box a) {
    return spread(a, erf(a.low), erf(a.high), erf_steep(a));
}

Box box_erfc(Box a) {
    double low = erfc(a.high), high = erfc(a.low);
    return spread(a, low, high == 0 ? TINIEST : high, erf_steep(a));
}

// ---- derivatives ----

Box box_sech_squared(Box a) {
    double e = exp(-2 * furthest(a)), f = exp(-2 * box_least(a));
    return make(down(4 * e / ((1 + e) * (1 + e)), 2 * ULPS),
                up(4 * f / ((1 + f) * (1 + f)), 2 * ULPS) + TINIEST, 0);
}

Box box_bell(Box a) {
    double x = furthest(a), y = box_least(a);
    return make(down(exp(-x * x), ULPS + DBL_EPSILON * fmin(x * x, 800)),
                up(exp(-y * y), ULPS + DBL_EPSILON * fmin(y * y, 800)) + TINIEST, 0);
}

Box box_sigmoid_slope(Box a) {
    double x = furthest(a), y = box_least(a);
    return make(down(logistic(x) * logistic(-x), 3 * ULPS),
                up(logistic(y) * logistic(-y), 3 * ULPS) + TINIEST, 0);
}
