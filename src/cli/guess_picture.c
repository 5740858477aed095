#include "cli/guess.h"
#include <math.h>
#include <stdlib.h>

enum { POINTS = 25 };

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

// Equal steps of T on a linear axis: the geometric law is a straight line there.
static bool draw_waiting(const GuessAnalysis *analysis, const PlotOptions *options, Error *error) {
    const GuessTally *tally = &analysis->tally;
    if (tally->kept < 2)
        return error_set(error, "%s: %zu of the guesses fit; waiting times take two", options->path,
                         tally->kept);
    uint64_t *wait = waiting_times(tally);
    double x[POINTS], y[POINTS], law[POINTS], spread[POINTS], kept = (double)tally->kept;
    double last = (double)wait[tally->kept - (tally->kept > 20 ? 5 : 1)]; // of fewer, bars reach 0
    for (size_t i = 0, below = 0; i < POINTS; i++) {
        x[i] = floor(1 + (last - 1) * (double)i / (POINTS - 1));
        while (below < tally->kept && (double)wait[below] < x[i]) below++;
        y[i] = 1 - (double)below / kept;
        law[i] = exp((x[i] - 1) * log1p(-analysis->probability));
        spread[i] = sqrt(y[i] * (1 - y[i]) / kept);
    }
    PlotLine line[] = {
        {.name = "geometric law", .count = POINTS, .x = x, .y = law},
        {.name = "measured", .count = POINTS, .x = x, .y = y, .spread = spread},
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
