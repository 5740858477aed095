#include "num/statistics_inner.h"
#include <math.h>

// From where on quadrature takes over: the continued fraction needs about sqrt(min(a, b)) steps.
static const double LARGE = 200;

// The law of x at (a, b), with y = 1 - x, n = a + b and gap = a - n x = n y - b.
typedef struct Beta {
    double a, b, x, y, n, gap;
} Beta;

// ---- the power x^a y^b / B(a, b) ----

// a - a x - b x with the rounding of each product and sum carried along (Dekker, Knuth).
static double exact_gap(double a, double b, double x) {
    double ax = a * x, bx = b * x, rest = -fma(a, x, -ax) - fma(b, x, -bx);
    double first = a - ax, t = first - a;
    rest += (a - (first - t)) + (-ax - t);
    double second = first - bx;
    t = second - first;
    return second + (rest + ((first - (second - t)) + (-bx - t)));
}

// ln Gamma(a) - ((a - 1/2) ln a - a + ln(2 pi)/2), by its asymptotic series, from small a by
// stirling(a) - stirling(a + 1) = (a + 1/2) ln(1 + 1/a) - 1.
static double stirling(double a) {
    double sum = 0;
    for (; a < 16; a++) sum += (a + 0.5) * log1p(1 / a) - 1;
    double s = 1 / (a * a);
    return sum + (1.0 / 12 -
                  s * (1.0 / 360 -
                       s * (1.0 / 1260 - s * (1.0 / 1680 - s * (1.0 / 1188 - s * 691 / 360360))))) /
                     a;
}

// a ln(a/(n x)) + b ln(b/(n y)), from both sides as numbers that are at least 0.
static double deviance(double nx, double ny, double gap) {
    return nx * statistics_deviance(gap / nx) + ny * statistics_deviance(-gap / ny);
}

static double power(const Beta *at) {
    double correction = stirling(at->n) - stirling(at->a) - stirling(at->b);
    double lead = sqrt(at->a / at->n * at->b / 6.283185307179586);
    return lead * exp(correction - deviance(at->n * at->x, at->n * at->y, at->gap));
}

// ---- the lower tail, for x up to a/(a + b) ----

// DiDonato and Morris' equation 9, evaluated from the front (Lentz).
static double by_fraction(const Beta *at) {
    double a = at->a, b = at->b, x = at->x;
    double value = a * (at->gap + 1) / (a + 1), c = value, d = 0, change;
    double n = 0;
    do {
        n++;
        double odd = a + 2 * n - 1;
        double alpha = (a + n - 1) / odd * ((at->n + n - 1) / odd) * n * (b - n) * x * x;
        double beta =
            n + n * (b - n) * x / odd + (a + n) / (a + 2 * n + 1) * (at->gap + 1 + n * (1 + at->y));
        d = 1 / (beta + alpha * d);
        c = beta + alpha / c;
        change = c * d;
        value *= change;
    } while (fabs(change - 1) > 1e-16 && n < 10000);
    return power(at) / value;
}

// The points and weights of 16-point Gauss-Legendre quadrature on [-1, 1], its right half.
static const double POINT[8] = {0.0950125098376374402, 0.281603550779258913, 0.458016777657227386,
                                0.617876244402643748,  0.755404408355003034, 0.865631202387831744,
                                0.944575023073232576,  0.989400934991649933};
static const double WEIGHT[8] = {0.189450610455068496,  0.182603415044923589, 0.169156519395002538,
                                 0.149595988816576732,  0.124628971255533872, 0.0951585116824927848,
                                 0.0622535239386478929, 0.0271524594117540949};

// The deviance beyond that of x at log-odds lower by s.
static double rise(const Beta *at, double s, double here) {
    double shrink = expm1(-s), scale = 1 + at->x * shrink;
    double x = at->x * (1 + shrink) / scale, y = at->y / scale;
    double gap = at->gap - at->n * at->x * at->y * shrink / scale;
    return deviance(at->n * x, at->n * y, gap) - here;
}

// In the log-odds u = ln(x/y) the density is the power, dx = x y du: log-concave, so that it falls
// below exp(-38) of its start at the place found here and stays there.
static double by_quadrature(const Beta *at) {
    enum { PANELS = 4 };
    double here = deviance(at->n * at->x, at->n * at->y, at->gap), spread = at->n * at->x * at->y;
    double end = 80 / (at->gap + sqrt(at->gap * at->gap + 80 * spread)), sum = 0;
    while (rise(at, end, here) < 38) end *= 1.2;
    double half = end / (2 * PANELS);
    for (int panel = 0; panel < PANELS; panel++) {
        double middle = (2 * panel + 1) * half;
        for (int i = 0; i < 8; i++) {
            sum += WEIGHT[i] * (exp(-rise(at, middle - half * POINT[i], here)) +
                                exp(-rise(at, middle + half * POINT[i], here)));
        }
    }
    return power(at) * half * sum;
}

static double lower_tail(const Beta *at) {
    return at->a > LARGE && at->b > LARGE ? by_quadrature(at) : by_fraction(at);
}

// ---- both tails ----

static double tail(double x, double a, double b, bool upper) {
    REQUIRE(x >= 0 && x <= 1 && a > 0 && b > 0);
    if (x == 0 || x == 1) return (x == 1) != upper;
    Beta at = {a, b, x, 1 - x, a + b, exact_gap(a, b, x)};
    Beta turned = {b, a, at.y, x, at.n, -at.gap};
    double found = lower_tail(at.gap >= 0 ? &at : &turned);
    return (at.gap >= 0) != upper ? found : 1 - found;
}

double statistics_beta(double x, double a, double b) {
    return tail(x, a, b, false);
}

double statistics_beta_upper(double x, double a, double b) {
    return tail(x, a, b, true);
}

typedef struct Quantile {
    double probability, a, b;
} Quantile;

static bool below_lower(double x, const void *data) {
    const Quantile *wanted = data;
    return tail(x, wanted->a, wanted->b, false) <= wanted->probability;
}

static bool below_upper(double x, const void *data) {
    const Quantile *wanted = data;
    return tail(x, wanted->a, wanted->b, true) >= wanted->probability;
}

double statistics_beta_inverse(double probability, double a, double b) {
    REQUIRE(probability >= 0 && probability <= 1);
    if (probability == 0) return 0; // not the last x at which the tail underflows
    return statistics_bisect(0, 1, below_lower, &(Quantile){probability, a, b});
}

double statistics_beta_upper_inverse(double probability, double a, double b) {
    REQUIRE(probability >= 0 && probability <= 1);
    if (probability == 1) return 0;
    return statistics_bisect(0, 1, below_upper, &(Quantile){probability, a, b});
}
