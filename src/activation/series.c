#include "activation/series.h"
#include "activation/panels.h"
#include <float.h>
#include <math.h>

void series_free(Series *series) {
    if (!series) return;
    memory_free(series->a);
    memory_free(series->off);
    memory_free(series);
}

// What the first terms lack of E phi^2, at most.
static double rest_of(const Series *series) {
    double found = 0;
    for (int n = 0; n < series->terms; n++) {
        double least = fmax(0, fabs(series->a[n]) - series->off[n]);
        found += least * least;
    }
    found *= 1 - series->terms * DBL_EPSILON;
    return fmax(0, series->square.value + series->square.error - found);
}

Series *series_new(const Activation *activation, ActivationLaw law, int terms) {
    Series *series = memory_new(1, sizeof *series);
    series->terms = terms;
    series->a = memory_new((size_t)terms, sizeof *series->a);
    series->off = memory_new((size_t)terms, sizeof *series->off);
    series->square = moment_square_of(activation, law);
    bool known = series->square.error < series->square.value; // false for nan and inf - inf
    if (known && isfinite(series->square.error)) {
        PanelTask task = moment_task(activation, law, SERIES_WORK);
        task.aim[0] = (Integrand){.power = 1};
        task.aims = 1;
        task.harmonics = terms - 1;
        Panels *panels = panels_new(&task);
        panels_hermite(panels, series->a, series->off);
        panels_free(panels);
        series->rest = rest_of(series);
        return series;
    }
    series_free(series);
    return NULL;
}

ActivationNumber series_product(const Series *a, const Series *b, double rho) {
    int terms = a->terms < b->terms ? a->terms : b->terms;
    double sum = 0, lost = 0, off = 0, power = 1, far = pow(fabs(rho), terms);
    for (int n = 0; n < terms; n++) {
        double term = a->a[n] * b->a[n] * power, next = sum + term, ahead = fabs(power);
        lost += fabs(sum) >= fabs(term) ? (sum - next) + term : (term - next) + sum;
        sum = next;
        off += (n + 3) * DBL_EPSILON * fabs(term); // powers of rho are rounded n times
        off +=
            ahead * (fabs(a->a[n]) * b->off[n] + fabs(b->a[n]) * a->off[n] + a->off[n] * b->off[n]);
        power *= rho;
    }
    double rest = sqrt(a->rest * b->rest) * far * (1 + 1e-9);
    sum += lost;
    if (a == b && rho > 0) // then the rest lies between 0 and that
        return (ActivationNumber){sum + rest / 2, off + rest / 2};
    return (ActivationNumber){sum, off + rest};
}

// sup of n x^(n - 1) over n >= least, 0 <= x < 1
static double largest_slope(double x, int least) {
    if (x <= 0) return least <= 1 ? 1 : 0;
    double peak = -1 / log(x);
    double n = fmax(least, peak);
    return n * pow(x, n - 1) * (1 + 1e-9) * (n > least ? 1 / x : 1);
}

ActivationNumber series_derivative(const Series *a, double rho) {
    double sum = 0, off = 0, power = 1;
    for (int n = 1; n < a->terms; n++) {
        sum += n * a->a[n] * a->a[n] * power;
        off += n * power * (2 * fabs(a->a[n]) + a->off[n]) * a->off[n];
        power *= rho;
    }
    double rest = a->rest * largest_slope(rho, a->terms);
    return (ActivationNumber){sum + rest / 2, off + rest / 2 + sum * (a->terms + 8) * DBL_EPSILON};
}

// ---- products ----

enum { FEW = 64, MANY = 256, MOST_NEAR = 24 };

static void values(const void *context, size_t count, const double *x, double *y) {
    activation_evaluate(context, count, x, y, NULL);
}

// By panels in two dimensions, within the bounds that the series gave.
static ActivationNumber refined(const Activation *activation, ActivationLaw first,
                                ActivationLaw second, double rho, ActivationNumber bounds) {
    QuadratureTerm a = {values,     activation,          activation->kink, activation->kinks,
                        first.mean, sqrt(first.variance)},
                   b = a;
    b.mean = second.mean;
    b.deviation = sqrt(second.variance);
    if (activation->kinks > MOST_NEAR) return bounds;
    QuadratureValue found = quadrature_normal_pair(&a, &b, rho);
    double off = 10 * found.error + 1e-14 * fabs(found.value);
    bool inside = fabs(found.value - bounds.value) <= bounds.error + off;
    if (!inside || !(off < bounds.error)) return bounds;
    return (ActivationNumber){found.value, off};
}

static bool by_series(const Activation *activation, ActivationLaw first, ActivationLaw second,
                      double rho, int terms, ActivationNumber *product) {
    bool same = first.mean == second.mean && first.variance == second.variance;
    Series *a = series_new(activation, first, terms);
    Series *b = same ? a : series_new(activation, second, terms);
    if (a && b) *product = series_product(a, b, rho);
    bool done = !a || !b || product->error <= 1e-12 * sqrt(a->square.value * b->square.value);
    if (!same) series_free(b);
    series_free(a);
    return done;
}

double activation_product_moment(const Activation *activation, ActivationLaw first,
                                 ActivationLaw second, double rho, double *error) {
    REQUIRE(rho >= -1 && rho <= 1 && first.variance >= 0 && second.variance >= 0);
    ActivationNumber product = {NAN, INFINITY};
    if (rho == 1 && first.mean == second.mean && first.variance == second.variance) {
        product = moment_square_of(activation, first);
        if (error) *error = product.error;
        return product.value;
    }
    if (!by_series(activation, first, second, rho, FEW, &product) &&
        !by_series(activation, first, second, rho, MANY, &product))
        product = refined(activation, first, second, rho, product);
    if (error) *error = product.error;
    return product.value;
}
