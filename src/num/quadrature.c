#include "num/quadrature.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { HALF = QUADRATURE_POINTS / 2, DEPTH = 52, MOST_EDGES = 1024 };

static const double FURTHEST = 38, WIDTH = 2;

// Of [-1, 1], the upper half: abscissa, weight.
static const double RULE[HALF][2] = {
    {0.095012509837637440185, 0.18945061045506849629},
    {0.28160355077925891323, 0.18260341504492358887},
    {0.45801677765722738634, 0.16915651939500253819},
    {0.61787624440264374845, 0.14959598881657673208},
    {0.7554044083550030339, 0.12462897125553387205},
    {0.86563120238783174388, 0.09515851168249278481},
    {0.94457502307323257608, 0.062253523938647892863},
    {0.9894009349916499326, 0.027152459411754094852},
};

typedef struct Panel {
    double low, high, value, size; // size: of the absolute value of the integrand
} Panel;

// Values of both functions that two at once may take: 50 ms for a cheap one.
static const long MOST_VALUES = 3000000;

typedef struct Effort {
    double range;     // on both sides, at first
    double tolerance; // of one panel, relative to the whole, or to
    double floor;     // this, if it is larger
    int halvings;     // at most so many in one panel of the first ones
    long *values;     // that are left, of f: nothing is halved without; NULL: enough
} Effort;

static const Effort ONE = {12, 4 * DBL_EPSILON, 0, 400, NULL},
                    OF_TWO = {10, 64 * DBL_EPSILON, 0, 60, NULL};

typedef struct Walk {
    const QuadratureTerm *term;
    const Effort *effort;
    int left; // halvings in this panel
    QuadratureValue sum;
    double size; // of all panels: what a tolerance is relative to
} Walk;

static double density(double z) {
    return 0.39894228040143267794 * exp(-z * z / 2);
}

// One panel. An infinite f where the density has underflowed stays infinite.
static Panel measure(Walk *walk, double low, double high) {
    const QuadratureTerm *term = walk->term;
    double middle = (low + high) / 2, half = (high - low) / 2;
    double z[QUADRATURE_POINTS], x[QUADRATURE_POINTS], y[QUADRATURE_POINTS];
    Panel panel = {low, high, 0, 0};
    for (int i = 0; i < HALF; i++) {
        z[2 * i] = middle - half * RULE[i][0];
        z[2 * i + 1] = middle + half * RULE[i][0];
    }
    for (int i = 0; i < QUADRATURE_POINTS; i++) x[i] = term->mean + term->deviation * z[i];
    term->f(term->context, QUADRATURE_POINTS, x, y);
    if (walk->effort->values) *walk->effort->values -= QUADRATURE_POINTS;
    for (int i = 0; i < QUADRATURE_POINTS; i++) {
        if (isnan(y[i]) && isnan(walk->sum.at)) walk->sum.at = x[i];
        double weighted = half * RULE[i / 2][1] * y[i] * (isinf(y[i]) ? 1 : density(z[i]));
        panel.value += weighted;
        panel.size += fabs(weighted);
    }
    return panel;
}

// What the rounding of x makes of f, relative to its size, where f changes a lot within the panel.
static double rounding(const Walk *walk, const Panel *panel) {
    const QuadratureTerm *term = walk->term;
    double x = term->mean + term->deviation * (panel->low + panel->high) / 2;
    return 8 * DBL_EPSILON * fabs(x) / (term->deviation * (panel->high - panel->low));
}

static void refine(Walk *walk, const Panel *whole, int depth) {
    double middle = (whole->low + whole->high) / 2;
    Panel left = measure(walk, whole->low, middle), right = measure(walk, middle, whole->high);
    double value = left.value + right.value, size = left.size + right.size;
    double error = fabs(value - whole->value);
    walk->size += size - whole->size;
    double enough = walk->effort->tolerance * fmax(walk->size, walk->effort->floor);
    bool done = !(error > fmax(enough, rounding(walk, whole) * size)); // nan, inf - inf are final
    if (done || depth == DEPTH || walk->left == 0 || middle <= whole->low ||
        middle >= whole->high) {
        walk->sum.value += value;
        walk->sum.error += error;
        return;
    }
    walk->left--;
    if (walk->effort->values && *walk->effort->values < 0) walk->left = 0;
    refine(walk, &left, depth + 1);
    refine(walk, &right, depth + 1);
}

// ---- the first panels ----

// low < cut[0] < cut[1] < ... < high in units of z: the edges of f and a grid.
typedef struct Cuts {
    double at[MOST_EDGES + 64];
    size_t count;
} Cuts;

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void add_cut(Cuts *cuts, double z, double low, double high) {
    if (z >= low && z <= high && cuts->count < sizeof cuts->at / sizeof *cuts->at)
        cuts->at[cuts->count++] = z;
}

static void make_cuts(const QuadratureTerm *term, double low, double high, Cuts *cuts) {
    int pieces = (int)ceil((high - low) / WIDTH);
    cuts->count = 0;
    for (int i = 0; i <= pieces; i++)
        add_cut(cuts, i == pieces ? high : low + i * (high - low) / pieces, low, high);
    for (size_t i = 0; i < term->edges && term->deviation > 0; i++)
        add_cut(cuts, (term->edge[i] - term->mean) / term->deviation, low, high);
    qsort(cuts->at, cuts->count, sizeof *cuts->at, ascending);
}

// Adds the integral from low to high to walk->sum.
static void integrate(Walk *walk, double low, double high) {
    Cuts cuts;
    size_t panels = 0;
    make_cuts(walk->term, low, high, &cuts);
    Panel panel[sizeof cuts.at / sizeof *cuts.at];
    for (size_t i = 0; i + 1 < cuts.count; i++) {
        if (cuts.at[i] == cuts.at[i + 1]) continue;
        panel[panels] = measure(walk, cuts.at[i], cuts.at[i + 1]);
        walk->size += panel[panels++].size;
    }
    for (size_t i = 0; i < panels; i++) {
        bool spent = walk->effort->values && *walk->effort->values < 0;
        walk->left = spent ? 0 : walk->effort->halvings;
        refine(walk, &panel[i], 0);
    }
}

// The integrand's size at the end z, against what has been found so far.
static bool negligible(const Walk *walk, double z, double share) {
    double x = walk->term->mean + walk->term->deviation * z, y;
    walk->term->f(walk->term->context, 1, &x, &y);
    return y == 0 || fabs(y) * density(z) <= share * walk->size; // false for nan and inf
}

// E |f|
static double size_of(const QuadratureTerm *term) {
    Effort effort = OF_TWO;
    effort.tolerance = 1e-3;
    Walk walk = {.term = term, .effort = &effort, .sum.at = NAN};
    integrate(&walk, -effort.range, effort.range);
    return walk.size;
}

static QuadratureValue finish(const Walk *walk) {
    QuadratureValue sum = walk->sum;
    if (!isnan(sum.at)) {
        sum.value = NAN;
    } else if (!isfinite(walk->size) || sum.error > 1e-6 * fmax(walk->size, walk->effort->floor)) {
        sum.value = sum.value < 0 ? -INFINITY : INFINITY; // inf - inf, too
    }
    if (!isfinite(sum.value)) sum.error = INFINITY;
    return sum;
}

static QuadratureValue expect(const QuadratureTerm *term, const Effort *effort) {
    REQUIRE(term->deviation >= 0);
    Walk walk = {.term = term, .effort = effort, .sum.at = NAN};
    double range = effort->range;
    integrate(&walk, -range, range);
    if (!isnan(walk.sum.at) || !isfinite(walk.size)) return finish(&walk);
    const double end[2] = {-1, 1};
    for (int side = 0; side < 2; side++) {
        if (negligible(&walk, range * end[side], 1e-17)) continue;
        double low = side ? range : -FURTHEST, high = side ? FURTHEST : -range;
        integrate(&walk, low, high);
        if (!negligible(&walk, FURTHEST * end[side], 1e-9)) walk.size = INFINITY;
    }
    return finish(&walk);
}

QuadratureValue quadrature_normal(const QuadratureTerm *term) {
    return expect(term, &ONE);
}

// ---- two at once ----

typedef struct Pair {
    const QuadratureTerm *a, *b;
    double rho, rest; // rest = sqrt(1 - rho^2)
    double size;      // E |a| E |b|: what is far smaller need not be exact
    double *error;    // the largest of an inner expectation, with its weight
    double *at;       // where b is not a number
    long *values;     // that are left
} Pair;

// a(x1) E(b(x2) | z1)
static void outer(const void *context, size_t count, const double *z, double *y) {
    const Pair *pair = context;
    double x[QUADRATURE_POINTS] = {0};
    for (size_t i = 0; i < count; i++) x[i] = pair->a->mean + pair->a->deviation * z[i];
    pair->a->f(pair->a->context, count, x, y);
    for (size_t i = 0; i < count; i++) {
        if (y[i] == 0) continue;
        QuadratureTerm inner = *pair->b;
        Effort effort = OF_TWO;
        effort.values = pair->values;
        effort.floor = pair->size / (fabs(y[i]) * density(z[i]));
        inner.mean += inner.deviation * pair->rho * z[i];
        inner.deviation *= pair->rest;
        QuadratureValue value = expect(&inner, &effort);
        if (isnan(value.value)) *pair->at = value.at;
        *pair->error = fmax(*pair->error, fabs(y[i]) * density(z[i]) * value.error);
        y[i] *= value.value;
    }
}

static void product(const void *context, size_t count, const double *z, double *y) {
    const Pair *pair = context;
    double x[QUADRATURE_POINTS] = {0}, other[QUADRATURE_POINTS];
    for (size_t i = 0; i < count; i++) x[i] = pair->a->mean + pair->a->deviation * z[i];
    pair->a->f(pair->a->context, count, x, y);
    for (size_t i = 0; i < count; i++) x[i] = pair->b->mean + pair->b->deviation * pair->rho * z[i];
    pair->b->f(pair->b->context, count, x, other);
    for (size_t i = 0; i < count; i++) y[i] *= other[i];
}

typedef struct Edges {
    double at[MOST_EDGES];
    size_t count;
} Edges;

static void add_edge(Edges *edges, double z) {
    if (fabs(z) < FURTHEST && edges->count < MOST_EDGES) edges->at[edges->count++] = z;
}

// The edges of a term as values of z1, where x = mean + deviation scale z1. Around them E(b | z1)
// is steep over a width `steep`: panels that quadruple lead there.
static void add_edges(Edges *edges, const QuadratureTerm *term, double scale, double steep) {
    double slope = term->deviation * scale;
    for (size_t i = 0; i < term->edges && slope != 0; i++) {
        double z = (term->edge[i] - term->mean) / slope;
        add_edge(edges, z);
        for (double width = steep; width > 0 && width < 0.5; width *= 4) {
            add_edge(edges, z - width);
            add_edge(edges, z + width);
        }
    }
}

QuadratureValue quadrature_normal_pair(const QuadratureTerm *a, const QuadratureTerm *b,
                                       double rho) {
    REQUIRE(rho >= -1 && rho <= 1);
    double error = 0, at = NAN;
    long values = MOST_VALUES;
    Edges edges = {.count = 0};
    Pair pair = {.a = a, .b = b, .rho = rho, .error = &error, .at = &at, .values = &values};
    Effort effort = OF_TWO;
    effort.values = &values;
    pair.rest = sqrt((1 - rho) * (1 + rho));
    pair.size = effort.floor = size_of(a) * size_of(b);
    add_edges(&edges, a, 1, 0);
    if (pair.rest < 0.25) add_edges(&edges, b, rho, pair.rest); // else halving sees to it
    QuadratureTerm term = {
        pair.rest > 0 ? outer : product, &pair, edges.at, edges.count, .mean = 0, .deviation = 1};
    if (pair.rest == 0) return quadrature_normal(&term);
    qsort(edges.at, edges.count, sizeof *edges.at, ascending);
    QuadratureValue sum = expect(&term, &effort);
    sum.error += 2 * OF_TWO.range * error;
    if (isnan(sum.value)) sum.at = isnan(at) ? a->mean + a->deviation * sum.at : at;
    return sum;
}
