// Several measured columns in one picture: those that scatter between seeds as points with standard
// errors, those that do not (theory) as lines.
#include "cli/table.h"
#include "plot/plot.h"
#include <math.h>
#include <string.h>

enum { MOST = 8 };

typedef struct Several {
    char *names; // cut into words
    PlotLine line[MOST];
    double *column[3 * MOST]; // x, mean, standard error of each
    size_t lines;
    char *x;
} Several;

static double *fill(Several *several, size_t which, const Curve *curve, size_t offset) {
    double *to = memory_new(curve->points, sizeof *to);
    for (size_t i = 0; i < curve->points; i++)
        to[i] = *(const double *)((const char *)&curve->point[i] + offset);
    return several->column[3 * several->lines + which] = to;
}

static bool scatters(const Curve *curve) {
    for (size_t i = 0; i < curve->points; i++) {
        if (curve->point[i].y.se > 1e-12 * fabs(curve->point[i].y.mean)) return true;
    }
    return false;
}

static bool add(Several *several, const CurveSource *source, const char *name, Error *error) {
    CurveOptions options = source->options;
    CurveSet set;
    options.y = name;
    if (several->lines == MOST)
        return error_set(error, "--y: at most %d columns fit into a picture", MOST);
    if (!curve_build(&source->table, &options, &set, error)) return false;
    const Curve *curve = &set.curve[0];
    PlotLine line = {.name = name, .count = curve->points};
    line.x = fill(several, 0, curve, offsetof(CurvePoint, x));
    line.y = fill(several, 1, curve, offsetof(CurvePoint, y.mean));
    line.spread = fill(several, 2, curve, offsetof(CurvePoint, y.se));
    line.joined = true;
    line.dashed = strncmp(name, "bound_", 6) == 0;
    if (!scatters(curve)) line.spread = NULL;
    several->line[several->lines++] = line;
    curve_free(&set);
    return true;
}

// Over how many powers of ten what is above 0 goes; 0 where something is not.
static double decades(const Several *several) {
    double low = INFINITY, high = 0;
    for (const PlotLine *line = several->line; line < several->line + several->lines; line++) {
        for (size_t i = 0; i < line->count; i++) {
            if (line->y[i] > 0) low = fmin(low, line->y[i]);
            if (isfinite(line->y[i])) high = fmax(high, line->y[i]);
        }
    }
    return high > 0 ? log10(high / low) : 0;
}

bool cli_plot_several(const CurveSource *source, const PlotOptions *options, Error *error) {
    if (source->options.by)
        return error_kind(error, ERROR_USAGE,
                          "--by: with several columns of --y there is one curve each");
    Several several = {.names = memory_text(source->options.y)};
    bool ok = true;
    for (char *name = strtok(several.names, ","); ok && name; name = strtok(NULL, ","))
        ok = add(&several, source, name, error);
    ok = ok && plot_lines(&(PlotLines){.x_name = source->options.x,
                                       .y_name = "mean over seeds, with standard errors",
                                       .line = several.line,
                                       .lines = several.lines,
                                       .log_y = decades(&several) > 1.5,
                                       .mark = NAN,
                                       .source = source->table.name},
                          options, error);
    for (size_t i = 0; i < 3 * MOST; i++) memory_free(several.column[i]);
    memory_free(several.names);
    return ok;
}
