#include "cli/guess.h"
#include <math.h>
#include <stdlib.h>

enum { POINTS = 200, STEPS = 60 };

static int compare(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// The times between hits, ascending; memory_free.
static uint64_t *waiting_times(const GuessTally *tally) {
    uint64_t *wait = memory_new(tally->kept, sizeof *wait);
    for (size_t i = 0; i < tally->kept; i++)
        wait[i] = i ? tally->t[i] - tally->t[i - 1] : tally->t[0] + 1;
    qsort(wait, tally->kept, sizeof *wait, compare);
    return wait;
}

static bool draw_waiting(const GuessAnalysis *analysis, const PlotOptions *options, Error *error) {
    const GuessTally *tally = &analysis->tally;
    if (tally->kept < 2)
        return error_set(error, "%s: %zu of the guesses fit; waiting times take two", options->path,
                         tally->kept);
    uint64_t *wait = waiting_times(tally);
    size_t points = tally->kept < POINTS ? tally->kept : POINTS;
    double x[POINTS], y[POINTS], law_x[STEPS], law_y[STEPS];
    for (size_t i = 0; i < points; i++) { // the share of waiting times of x or more
        size_t at = i * tally->kept / points;
        x[i] = (double)wait[at];
        y[i] = 1 - (double)at / (double)tally->kept;
    }
    double last = x[points - 1], none[POINTS] = {0};
    for (int i = 0; i < STEPS; i++) {
        law_x[i] = 1 + (last - 1) * i / (STEPS - 1);
        law_y[i] = exp((law_x[i] - 1) * log1p(-analysis->probability));
    }
    PlotLine line[] = {
        {.name = "geometric law, p = hits/guesses", .count = STEPS, .x = law_x, .y = law_y},
        {.name = "measured", .count = points, .x = x, .y = y, .spread = none},
    };
    memory_free(wait);
    return plot_lines(&(PlotLines){.x_name = "guesses T until one fits",
                                   .y_name = "share of waiting times T or longer",
                                   .line = line,
                                   .lines = 2,
                                   .log_y = true,
                                   .mark = 1 / analysis->probability,
                                   .mark_name = "1/p_S",
                                   .source = analysis->model},
                      options, error);
}

static bool draw_functions(const GuessAnalysis *analysis, const PlotOptions *options,
                           Error *error) {
    const GuessExact *exact = &analysis->exact;
    size_t count = exact->functions;
    double *x = memory_try(count, sizeof *x, "a picture", error);
    double *y = x ? memory_try(count, sizeof *y, "a picture", error) : NULL;
    for (size_t f = 0; y && f < count; f++) {
        x[f] = (double)f + 1;
        y[f] = exact->function[f].share;
    }
    PlotLine line = {.name = "share of all networks", .count = count, .x = x, .y = y};
    bool ok = y && plot_lines(&(PlotLines){.x_name = "functions by rank",
                                           .y_name = "share of networks",
                                           .line = &line,
                                           .lines = 1,
                                           .log_y = true,
                                           .mark = NAN,
                                           .source = analysis->model},
                              options, error);
    memory_free(x);
    memory_free(y);
    return ok;
}

bool cli_draw_guess(const GuessAnalysis *analysis, const PlotOptions *options, Error *error) {
    if (analysis->exact.total && analysis->exact.functions)
        return draw_functions(analysis, options, error);
    if (analysis->options.method == GUESS_SAMPLE) return draw_waiting(analysis, options, error);
    return error_set(error, "%s: there is no curve to draw of this", options->path);
}
