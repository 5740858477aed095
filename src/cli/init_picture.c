#include "cli/init.h"
#include <math.h>
#include <stdio.h>

enum { SCHEMES = 4, NUMBERS = 6 };

typedef struct Course { // of one scheme, over layers or over widths
    double *x, *predicted, *low, *high, *measured, *error;
    char name[3][60];
} Course;

static void course_new(Course *course, size_t count, int scheme, const char *of) {
    double **blocks[NUMBERS] = {&course->x,    &course->predicted, &course->low,
                                &course->high, &course->measured,  &course->error};
    for (int i = 0; i < NUMBERS; i++) *blocks[i] = memory_new(count, sizeof(double));
    snprintf(course->name[0], sizeof course->name[0], "%s, %s", init_names[scheme], of);
    snprintf(course->name[1], sizeof course->name[1], "%s, measured", init_names[scheme]);
    snprintf(course->name[2], sizeof course->name[2], "%s, spread of this width",
             init_names[scheme]);
}

static void course_free(Course *course) {
    memory_free(course->x);
    memory_free(course->predicted);
    memory_free(course->low);
    memory_free(course->high);
    memory_free(course->measured);
    memory_free(course->error);
}

static bool any(const double *value, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (isfinite(value[i])) return true;
    }
    return false;
}

static void add_lines(const Course *c, size_t count, bool measured, PlotLines *picture,
                      PlotLine *line) {
    bool predicted = any(c->predicted, count), band = any(c->low, count);
    if (predicted)
        line[picture->lines++] = (PlotLine){.name = c->name[0],
                                            .count = count,
                                            .x = c->x,
                                            .y = c->predicted,
                                            .low = band ? c->low : NULL,
                                            .high = c->high,
                                            .band_name = c->name[2]};
    if (!measured) return;
    line[picture->lines++] = (PlotLine){.name = c->name[1],
                                        .count = count,
                                        .x = c->x,
                                        .y = c->measured,
                                        .spread = c->error,
                                        .paired = predicted};
}

// The band holds two thirds of what single inputs do in networks of this width: one standard
// deviation of the logarithm either way.
static void set_band(const SignalLayer *layer, double *low, double *high) {
    double square = log1p(layer->spread_predicted * layer->spread_predicted);
    double middle = layer->finite * exp(-square / 2);
    *low = middle * exp(-sqrt(square));
    *high = middle * exp(sqrt(square));
}

static void fill(const SignalReport *report, const SignalScheme *scheme, Course *course) {
    course_new(course, report->layers, scheme->scheme, "wide networks");
    for (size_t i = 0; i < report->layers; i++) {
        const SignalLayer *layer = &scheme->layer[i];
        course->x[i] = (double)(i + 1);
        course->predicted[i] = layer->predicted;
        course->measured[i] = layer->measured;
        course->error[i] = layer->measured_error;
        set_band(layer, &course->low[i], &course->high[i]);
    }
}

bool cli_draw_signal(const SignalReport *report, const PlotOptions *options, Error *error) {
    size_t schemes = report->options.schemes < SCHEMES ? report->options.schemes : SCHEMES;
    Course course[SCHEMES];
    PlotLine line[2 * SCHEMES];
    PlotLines picture = {.x_name = "layer with weights",
                         .y_name = "second moment of its outputs u",
                         .line = line,
                         .log_y = true,
                         .mark = NAN,
                         .source = "first weights; the band is of networks of this width"};
    for (size_t s = 0; s < schemes; s++) {
        fill(report, &report->scheme[s], &course[s]);
        add_lines(&course[s], report->layers, report->measured, &picture, line);
    }
    bool ok = plot_lines(&picture, options, error);
    for (size_t s = 0; s < schemes; s++) course_free(&course[s]);
    return ok;
}

bool cli_draw_widths(const SignalWidths *widths, const PlotOptions *options, Error *error) {
    size_t schemes = widths->schemes < SCHEMES ? widths->schemes : SCHEMES;
    Course course[SCHEMES];
    PlotLine line[2 * SCHEMES];
    PlotLines picture = {.x_name = widths->variable,
                         .y_name = "kurtosis of u; 3: Gaussian",
                         .line = line,
                         .mark = NAN,
                         .source = "first weights, the last hidden layer"};
    for (size_t s = 0; s < schemes; s++) {
        course_new(&course[s], widths->count, widths->scheme[s], "to first order");
        for (size_t i = 0; i < widths->count; i++) {
            const SignalLayer *layer = &widths->last[i * widths->schemes + s];
            course[s].x[i] = widths->value[i];
            course[s].predicted[i] = layer->kurtosis_predicted;
            course[s].measured[i] = layer->kurtosis;
            course[s].low[i] = course[s].high[i] = NAN;
        }
        add_lines(&course[s], widths->count, true, &picture, line);
    }
    bool ok = plot_lines(&picture, options, error);
    for (size_t s = 0; s < schemes; s++) course_free(&course[s]);
    return ok;
}
