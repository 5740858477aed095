// The correlation map applied many times, for pictures.
#include "activation/inner.h"
#include "activation/series.h"
#include <math.h>

// C(cos(angle)) at angles from 0 to pi; even around both ends.
enum { STEPS = 64, TERMS = 256 };
static const double PI = 3.14159265358979323846;

static double at_step(const double *table, int step) {
    if (step < 0) step = -step;
    return table[step > STEPS ? 2 * STEPS - step : step];
}

// The cubic through the four points around rho.
static double interpolate(const double *table, double rho) {
    double place = acos(fmin(fmax(rho, -1), 1)) / PI * STEPS;
    int step = (int)place < STEPS ? (int)place : STEPS - 1;
    double t = place - step, a = at_step(table, step - 1), b = at_step(table, step),
           c = at_step(table, step + 1), d = at_step(table, step + 2);
    return -a * t * (t - 1) * (t - 2) / 6 + b * (t + 1) * (t - 1) * (t - 2) / 2 -
           c * (t + 1) * t * (t - 2) / 2 + d * (t + 1) * t * (t - 1) / 6;
}

void activation_correlation_after(const Activation *activation, const ActivationField *field,
                                  const ActivationDepths *depths, size_t count, const double *rho,
                                  double *value) {
    double table[STEPS + 1];
    Series *series = series_new(activation, (ActivationLaw){0, field->q}, TERMS);
    for (int i = 0; i <= STEPS; i++) {
        double c = cos(PI * i / STEPS);
        ActivationNumber next = {NAN, INFINITY};
        if (series) next = field_correlation(field, series, c);
        if (!(next.error < 1e-7)) next.value = activation_correlation(activation, field, c);
        table[i] = next.value;
    }
    series_free(series);
    for (size_t i = 0; i < count; i++) {
        double now = rho[i];
        int layer = 0;
        for (size_t d = 0; d < depths->count; d++) {
            for (; layer < depths->layers[d]; layer++) now = interpolate(table, now);
            value[d * count + i] = now;
        }
    }
}
