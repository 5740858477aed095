#include "activation/inner.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Steps in asinh(x) on each side of 0: |x| <= 13.
enum { SCAN_SIDE = 1630 };
static const double SCAN_STEP = 0.002;

enum { MOST_STEEP = 16 };

typedef struct Place {
    double x, phi, slope;
} Place;

static Place look(const Activation *activation, double x) {
    Place place = {.x = x};
    activation_evaluate(activation, 1, &x, &place.phi, &place.slope);
    return place;
}

// ---- jumps at the places that the formula names ----

static double change(const Activation *activation, double at, double h) {
    return fabs(look(activation, at + h).phi - look(activation, at - h).phi);
}

// At a jump the change does not shrink with h; at a root singularity it does so, slowly.
static bool jumps_at(const Activation *activation, double at) {
    double scale = 1 + fabs(at), wide = change(activation, at, 1e-7 * scale);
    return change(activation, at, 1e-11 * scale) > 0.5 * wide && wide > 1e-9;
}

// ---- steep places ----

// Is the change of phi another one than the slopes at both ends tell?
static bool hides(const Place *low, const Place *high) {
    double change = high->phi - low->phi;
    double told = (low->slope + high->slope) / 2 * (high->x - low->x);
    double scale = fabs(high->phi) + fabs(low->phi);
    return isfinite(change) && isfinite(told) &&
           fabs(change - told) > 0.5 * fmax(fabs(change), fabs(told)) + 1e-6 * scale;
}

static bool has_kink(const Activation *activation, double low, double high) {
    for (size_t i = 0; i < activation->kinks; i++) {
        if (activation->kink[i] >= low && activation->kink[i] <= high) return true;
    }
    return false;
}

static void add(Activation *activation, double x) {
    if (activation->kinks < ACTIVATION_KINKS) activation->kink[activation->kinks++] = x;
}

// Halves the step until its slopes tell it, then puts edges around it, at distances that quadruple.
static void close_in(Activation *activation, Place low, Place high) {
    double step = high.x - low.x, least = 1e-9 * (1 + fabs(low.x));
    while (hides(&low, &high) && high.x - low.x > least) {
        Place middle = look(activation, low.x + (high.x - low.x) / 2);
        bool left = fabs(middle.phi - low.phi) > fabs(high.phi - middle.phi);
        if (left) high = middle;
        if (!left) low = middle;
    }
    double centre = (low.x + high.x) / 2, width = high.x - low.x;
    activation->jumps = activation->jumps || width <= least;
    add(activation, centre);
    for (; width <= step; width *= 4) {
        add(activation, centre - width);
        add(activation, centre + width);
    }
}

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

// More than a few are waves, which quadrature finds by itself.
static void find_steep(Activation *activation) {
    Place low[MOST_STEEP], high[MOST_STEEP];
    size_t steep = 0;
    Place before = look(activation, sinh(-SCAN_STEP * SCAN_SIDE));
    for (int i = 1 - SCAN_SIDE; i <= SCAN_SIDE; i++) {
        Place here = look(activation, sinh(SCAN_STEP * i));
        if (hides(&before, &here) && !has_kink(activation, before.x, here.x)) {
            if (steep == MOST_STEEP) return;
            low[steep] = before;
            high[steep++] = here;
        }
        before = here;
    }
    for (size_t i = 0; i < steep; i++) close_in(activation, low[i], high[i]);
    qsort(activation->kink, activation->kinks, sizeof *activation->kink, ascending);
}

static void find_landmarks(Activation *activation) {
    size_t count = activation->kinks;
    memcpy(activation->landmark, activation->kink, count * sizeof *activation->kink);
    activation->landmark[count++] = 0;
    for (double x = 1; x < 1e8; x *= 4) {
        activation->landmark[count++] = -x;
        activation->landmark[count++] = x;
    }
    activation->landmarks = count;
    qsort(activation->landmark, count, sizeof *activation->landmark, ascending);
}

void activation_find_kinks(Activation *activation) {
    activation->kinks = formula_kinks(&activation->formula, activation->kink, ACTIVATION_KINKS);
    for (size_t i = 0; i < activation->kinks; i++)
        activation->jumps = activation->jumps || jumps_at(activation, activation->kink[i]);
    find_steep(activation);
    find_landmarks(activation);
}
