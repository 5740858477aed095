#include "cli/ridge.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 8 };

typedef struct Picture {
    PlotLines lines;
    PlotLine line[LINES];
    double *column[2 * LINES]; // to be freed
    size_t columns;
} Picture;

static double *new_column(Picture *picture, size_t count) {
    return picture->column[picture->columns++] = memory_new(count, sizeof(double));
}

static void add_line(Picture *picture, const char *name, size_t count, const double *x,
                     const double *y, bool dashed) {
    picture->line[picture->lines.lines++] =
        (PlotLine){.name = name, .count = count, .x = x, .y = y, .dashed = dashed};
}

// One field of an array of structs, every `stride` bytes.
static const double *field(Picture *picture, const void *first, size_t stride, size_t count) {
    double *to = new_column(picture, count);
    for (size_t i = 0; i < count; i++) to[i] = *(const double *)((const char *)first + i * stride);
    return to;
}

#define FIELD(picture, structs, name, count)                                                       \
    field(picture, &(structs)->name, sizeof *(structs), count)

// ---- over mu ----

typedef struct Place {
    double mu;
    size_t at; // in the list that was asked for
} Place;

static int by_mu(const void *a, const void *b) {
    double x = ((const Place *)a)->mu, y = ((const Place *)b)->mu;
    return (x > y) - (x < y);
}

// Ascending and without inf; 0 has a place beside numbers so near each other that the axis need not
// be logarithmic.
static size_t find_places(const RidgeAnalysis *analysis, Place *place) {
    size_t count = 0, zeros = 0;
    for (size_t i = 0; i < analysis->mu_count; i++) {
        if (isfinite(analysis->mu[i])) place[count++] = (Place){analysis->mu[i], i};
        zeros += analysis->mu[i] == 0;
    }
    qsort(place, count, sizeof *place, by_mu);
    if (zeros == 0 || zeros == count || place[count - 1].mu < 20 * place[zeros].mu) return count;
    memmove(place, place + zeros, (count - zeros) * sizeof *place);
    return count - zeros;
}

// Column `from` of the structs at the places.
static const double *pick(Picture *picture, const double *from, const Place *place, size_t count) {
    double *to = new_column(picture, count);
    for (size_t i = 0; i < count; i++) to[i] = from[place[i].at];
    return to;
}

static void draw_risks(const RidgeAnalysis *analysis, Picture *picture) {
    static const char *const NAMES[] = {
        [RIDGE_PARAMETERS] = "risk of the parameters",
        [RIDGE_ISOTROPIC] = "risk of predictions, isotropic",
        [RIDGE_IN_SAMPLE] = "risk of predictions, in-sample",
        [RIDGE_COVARIANCE] = "risk of predictions, covariance",
    };
    size_t all = analysis->mu_count;
    Place *place = memory_new(all, sizeof *place);
    size_t count = find_places(analysis, place);
    double *x = new_column(picture, count);
    for (size_t i = 0; i < count; i++) x[i] = place[i].mu;
    picture->lines.x_name = "mu";
    picture->lines.y_name = NAMES[analysis->request->measure];
    picture->lines.mark = analysis->best_mu;
    picture->lines.mark_name = "mu*";
#define PICK(structs, name) pick(picture, FIELD(picture, structs, name, all), place, count)
    add_line(picture, "risk", count, x, PICK(analysis->risk, risk), false);
    add_line(picture, "bias", count, x, PICK(analysis->risk, bias), true);
    add_line(picture, "variance", count, x, PICK(analysis->risk, variance), true);
    if (analysis->check) {
        add_line(picture, "measured", count, x, PICK(analysis->check, risk.mean), false);
        picture->line[3].spread = PICK(analysis->check, risk.standard_error);
    }
#undef PICK
    memory_free(place);
}

// ---- along samples or features ----

static const double *all_counts(Picture *picture, size_t count) {
    double *to = new_column(picture, count);
    for (size_t k = 0; k < count; k++) to[k] = (double)k + 1;
    return to;
}

// Numbers far beyond the rest would flatten everything else: the peak is cut off there.
static double cut(const double *y, size_t count) {
    double ends = fmax(y[0], y[count - 1]);
    return 5 * ends;
}

static void draw_fits(const RidgeAnalysis *analysis, Picture *picture) {
    const RidgeCurve *curve = &analysis->curve;
    const double *x = all_counts(picture, curve->counts);
    picture->lines.y_name = "mean squared error";
    add_line(picture, "test, least norm", curve->counts, x,
             FIELD(picture, curve->fit, test_error, curve->counts), false);
    add_line(picture, "train, least norm", curve->counts, x,
             FIELD(picture, curve->fit, train_error, curve->counts), false);
    picture->lines.top = cut(picture->line[0].y, curve->counts);
}

static void draw_curve(const RidgeAnalysis *analysis, Picture *picture) {
    const RidgeCurve *curve = &analysis->curve;
    double *at = new_column(picture, curve->points);
    for (size_t i = 0; i < curve->points; i++) at[i] = (double)curve->at[i];
    picture->lines.y_name = "risk of the parameters";
    picture->lines.log_y = true;
    add_line(picture, "mu -> 0+", curve->counts, all_counts(picture, curve->counts),
             FIELD(picture, curve->least_norm, risk, curve->counts), false);
    add_line(picture, "mu*", curve->points, at, curve->best, false);
    if (curve->fixed) add_line(picture, "fixed mu", curve->points, at, curve->fixed, false);
    if (curve->gaussian)
        add_line(picture, "0+, Gaussian", curve->points, at, curve->gaussian, true);
    if (curve->limit) add_line(picture, "mu*, limit", curve->points, at, curve->limit, true);
}

bool cli_draw_ridge(const RidgeAnalysis *analysis, const PlotOptions *options, Error *error) {
    Text source = {0};
    text_printf(&source, "%s%s", analysis->name,
                analysis->request->intercept ? ", columns centred" : "");
    Picture picture = {.lines = {.mark = NAN, .source = source.data}};
    picture.lines.line = picture.line;
    if (analysis->curve.counts) {
        bool samples = analysis->request->vary == RIDGE_SAMPLES;
        picture.lines.x_name = samples ? "samples N" : "features P";
        bool intercept = analysis->request->intercept;
        picture.lines.mark = (double)analysis->curve.square;
        picture.lines.mark_name =
            samples ? (intercept ? "N = d + 1" : "N = d") : (intercept ? "P = N - 1" : "P = N");
        (analysis->curve.fit ? draw_fits : draw_curve)(analysis, &picture);
    } else {
        draw_risks(analysis, &picture);
    }
    bool ok = plot_lines(&picture.lines, options, error);
    for (size_t i = 0; i < picture.columns; i++) memory_free(picture.column[i]);
    text_free(&source);
    return ok;
}
