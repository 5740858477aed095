#include "cli/init.h"
#include <math.h>
#include <stdio.h>

enum { SCHEMES = 4 };

typedef struct Course { // of one scheme
    double *x, *predicted, *measured, *spread;
    char name[2][60];
} Course;

static void fill(const SignalReport *report, const SignalScheme *scheme, Course *course) {
    size_t n = report->layers;
    double **blocks[] = {&course->x, &course->predicted, &course->measured, &course->spread};
    for (int i = 0; i < 4; i++) *blocks[i] = memory_new(n, sizeof(double));
    for (size_t i = 0; i < n; i++) {
        course->x[i] = (double)(i + 1);
        course->predicted[i] = scheme->layer[i].predicted;
        course->measured[i] = scheme->layer[i].measured;
        course->spread[i] = scheme->layer[i].measured_error;
    }
    snprintf(course->name[0], sizeof course->name[0], "%s, wide networks",
             init_names[scheme->scheme]);
    snprintf(course->name[1], sizeof course->name[1], "%s, this one", init_names[scheme->scheme]);
}

static void release(Course *course) {
    memory_free(course->x);
    memory_free(course->predicted);
    memory_free(course->measured);
    memory_free(course->spread);
}

bool cli_draw_signal(const SignalReport *report, const PlotOptions *options, Error *error) {
    size_t schemes = report->options.schemes < SCHEMES ? report->options.schemes : SCHEMES;
    size_t lines = 0, n = report->layers;
    Course course[SCHEMES];
    PlotLine line[2 * SCHEMES];
    for (size_t s = 0; s < schemes; s++) {
        Course *c = &course[s];
        fill(report, &report->scheme[s], c);
        line[lines++] =
            (PlotLine){.name = c->name[0], .count = n, .x = c->x, .y = c->predicted, .dashed = s};
        if (report->measured)
            line[lines++] = (PlotLine){
                .name = c->name[1], .count = n, .x = c->x, .y = c->measured, .spread = c->spread};
    }
    PlotLines picture = {.x_name = "layer with weights",
                         .y_name = "second moment of its outputs u",
                         .line = line,
                         .lines = lines,
                         .log_y = true,
                         .mark = NAN,
                         .source = "first weights"};
    bool ok = plot_lines(&picture, options, error);
    for (size_t s = 0; s < schemes; s++) release(&course[s]);
    return ok;
}
