#include "cli/ridge.h"
#include <math.h>

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

static void draw_risks(const RidgeAnalysis *analysis, Picture *picture) {
    size_t count = analysis->mu_count;
    picture->lines.x_name = "mu";
    picture->lines.y_name = "risk";
    picture->lines.mark = analysis->best_mu;
    picture->lines.mark_name = "mu*";
    add_line(picture, "risk", count, analysis->mu, FIELD(picture, analysis->risk, risk, count),
             false);
    add_line(picture, "bias", count, analysis->mu, FIELD(picture, analysis->risk, bias, count),
             true);
    add_line(picture, "variance", count, analysis->mu,
             FIELD(picture, analysis->risk, variance, count), true);
    if (!analysis->check) return;
    add_line(picture, "measured", count, analysis->mu,
             FIELD(picture, analysis->check, risk.mean, count), false);
    picture->line[picture->lines.lines - 1].spread =
        FIELD(picture, analysis->check, risk.standard_error, count);
}

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
    Picture picture = {.lines = {.mark = NAN, .source = analysis->name}};
    picture.lines.line = picture.line;
    if (analysis->curve.counts) {
        bool samples = analysis->request->vary == RIDGE_SAMPLES;
        picture.lines.x_name = samples ? "samples N" : "features P";
        picture.lines.mark = (double)(samples ? analysis->d : analysis->n);
        picture.lines.mark_name = samples ? "N = d" : "P = N";
        (analysis->curve.fit ? draw_fits : draw_curve)(analysis, &picture);
    } else {
        draw_risks(analysis, &picture);
    }
    bool ok = plot_lines(&picture.lines, options, error);
    for (size_t i = 0; i < picture.columns; i++) memory_free(picture.column[i]);
    return ok;
}
