#include "plot/inner.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const PLOT_COLOURS[8] = {"#D55E00", "#0072B2", "#009E73", "#CC79A7",
                                     "#E69F00", "#56B4E9", "#000000", "#F0E442"};

// A terminal of gnuplot: its name, units per inch for the size, what a point of font is in its own
// unit, and how much wider lines must be to look the same.
static const struct {
    const char *ending, *terminal, *options;
    double units, font, lines;
} FORMATS[PLOT_FORMATS] = {
    [PLOT_SVG] = {".svg", "svg", "rounded background rgb '#ffffff'", 96, 96.0 / 72, 1},
    [PLOT_PDF] = {".pdf", "pdfcairo", "rounded color pointscale 0.6", 1, 1, 1.2},
    [PLOT_PNG] = {".png", "pngcairo", "rounded pointscale 2 dashlength 2 background rgb '#ffffff'",
                  200, 200.0 / 96, 2},
};

bool plot_find_format(const char *path, PlotFormat *format, Error *error) {
    const char *ending = strrchr(path, '.');
    for (int i = 0; ending && i < PLOT_FORMATS; i++) {
        *format = (PlotFormat)i;
        if (text_equal_fold(ending, FORMATS[i].ending)) return true;
    }
    return error_kind(error, ERROR_USAGE, "%s: a picture's name ends in .svg, .pdf or .png", path);
}

bool plot_check_path(const char *path, Error *error) {
    PlotFormat format;
    return plot_find_format(path, &format, error);
}

bool plot_parse_width(const char *text, const char *place, double *inches, Error *error) {
    static const struct {
        const char *unit;
        double inches;
    } units[] = {{"in", 1}, {"cm", 1 / 2.54}, {"mm", 1 / 25.4}, {"pt", 1.0 / 72}};
    size_t length = strlen(text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (length < 3 || strcmp(text + length - 2, units[i].unit) != 0) continue;
        Text number = {0};
        text_add_bytes(&number, text, length - 2);
        bool ok = text_to_real(number.data, inches);
        text_free(&number);
        *inches *= units[i].inches;
        if (ok && *inches >= 1 && *inches <= 40) return true;
    }
    return error_kind(
        error, ERROR_USAGE,
        "%s: '%.100s' is no width; such as 3.25in, 83mm, 8.3cm or 240pt, from 1 to 40 "
        "inches",
        place, text);
}

void plot_start_script(Script *script, PlotFormat format, double width, double height) {
    double font = fmin(10, fmax(7, 5.6 + 0.7 * width));
    *script =
        (Script){.format = format, .width = width, .height = height, .font = font, .em = font / 72};
    double units = FORMATS[format].units;
    text_printf(&script->script,
                "set terminal %s size %.6g%s,%.6g%s font 'DejaVu Sans,%.3g' linewidth %g "
                "noenhanced %s\n",
                FORMATS[format].terminal, width * units, units == 1 ? "in" : "", height * units,
                units == 1 ? "in" : "", font * FORMATS[format].font, FORMATS[format].lines,
                FORMATS[format].options);
    text_add(&script->script,
             "if (!exists('PICTURE')) PICTURE = OUTPUT\n"
             "set output PICTURE\n"
             "set encoding utf8\n"
             "set datafile separator tab\n"
             "set datafile missing '?'\n"
             "set border 3 linecolor '#666666' linewidth 0.8\n"
             "set tics nomirror out scale 0.6 textcolor '" PLOT_INK "'\n"
             "set grid xtics ytics back linetype 1 linecolor '#E6E6E6' linewidth 0.6\n"
             "unset key\n"
             "set pointintervalbox 0.01\n" // it would cut error bars off around their points
             "set style fill noborder\n"
             "set multiplot\n");
}

void plot_free_script(Script *script) {
    text_free(&script->script);
    text_free(&script->data);
}

void plot_set_panel(Script *script, const Box *box) {
    script->panel = *box;
    text_printf(&script->script,
                "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
                "set bmargin at screen %.5f\nset tmargin at screen %.5f\n",
                box->left / script->width, box->right / script->width, box->bottom / script->height,
                box->top / script->height);
}

int plot_end_block(Script *script) {
    text_add(&script->data, "\n\n");
    return script->blocks++;
}

double plot_fraction(const Axis *axis, double value) {
    if (axis->log) return log(value / axis->low) / log(axis->high / axis->low);
    return (value - axis->low) / (axis->high - axis->low);
}

double plot_value(const Axis *axis, double fraction) {
    if (axis->log) return axis->low * pow(axis->high / axis->low, fraction);
    return axis->low + fraction * (axis->high - axis->low);
}

// Variation of the steps relative to their mean.
static double unevenness(const double *values, size_t count, bool logs) {
    double sum = 0, squares = 0, steps = (double)count - 1;
    for (size_t i = 1; i < count; i++) {
        double step = logs ? log(values[i] / values[i - 1]) : values[i] - values[i - 1];
        sum += step;
        squares += step * step;
    }
    return squares * steps / (sum * sum);
}

Axis plot_choose_axis(const double *values, size_t count) {
    double low = values[0], high = values[count - 1];
    Axis axis = {low, high, false};
    axis.log = count >= 3 && low > 0 && high / low >= 5 &&
               unevenness(values, count, true) < unevenness(values, count, false);
    if (low == high) return (Axis){low - 1, high + 1, false};
    double margin = 0.03;
    if (axis.log) {
        axis.low = low * pow(high / low, -margin);
        axis.high = high * pow(high / low, margin);
    } else {
        axis.low = low - margin * (high - low);
        axis.high = high + margin * (high - low);
    }
    return axis;
}

static double round_step(double range, double wanted) {
    double raw = range / wanted, unit = pow(10, floor(log10(raw)));
    double factor = raw / unit;
    return unit * (factor <= 1.001 ? 1 : factor <= 2.001 ? 2 : factor <= 5.001 ? 5 : 10);
}

Axis plot_round_axis(double low, double high) {
    if (!(high > low)) {
        double half = high == 0 ? 1 : 0.1 * fabs(high);
        return (Axis){high - half, high + half, false};
    }
    if (low > 0 && low < 0.35 * high) low = 0;
    double step = round_step(high - low, 10);
    double bottom = low == 0 ? -0.02 * (high - low) : floor(low / step) * step;
    return (Axis){bottom, high + 0.06 * (high - low), false};
}

Axis plot_log_axis(double low, double high) {
    double margin = high > low ? pow(high / low, 0.04) : 2;
    return (Axis){low / margin, high * margin, true};
}

// The tics of one axis, as `set xtics ('2' 2, ...)`. A label that would touch the one before it is
// left out; its tic stays.
typedef struct Tics {
    Script *script;
    const Axis *axis;
    char letter;
    bool labels;
    double length; // of the axis
    double end;    // of the last label, from the axis' start
    size_t count;
} Tics;

static void name_tic(double value, Text *label) {
    text_printf(label, fabs(value) >= 1e6 ? "%.0e" : "%.6g", value);
}

static void add_tic(Tics *tics, double value) {
    Text label = {0};
    name_tic(value, &label);
    double em = tics->script->em, middle = plot_fraction(tics->axis, value) * tics->length;
    double half = tics->letter == 'x' ? 0.5 * plot_text_width(tics->script, label.data) : 0.5 * em;
    bool fits = tics->count == 0 || middle - half > tics->end + 0.3 * em;
    if (fits) tics->end = middle + half;
    text_printf(&tics->script->script, "%s'%s' %.10g", tics->count++ ? ", " : "",
                tics->labels && fits ? label.data : "", value);
    text_free(&label);
}

// How many decades lie between tics, so that every one has its label.
static int decades_apart(const Tics *tics) {
    const Axis *axis = tics->axis;
    double decades = log10(axis->high / axis->low), em = tics->script->em, widest = em;
    for (int end = 0; tics->letter == 'x' && end < 2; end++) {
        Text label = {0};
        name_tic(pow(10, end ? floor(log10(axis->high)) : ceil(log10(axis->low))), &label);
        widest = fmax(widest, plot_text_width(tics->script, label.data));
        text_free(&label);
    }
    return (int)fmax(1, ceil((widest + 0.4 * em) * decades / tics->length));
}

// 1, 2, 5, 10, ... or, over many decades, powers of ten.
static void add_log_tics(Tics *tics) {
    static const double within[] = {1, 2, 5};
    const Axis *axis = tics->axis;
    int step = log10(axis->high / axis->low) > 3.5 ? 3 : 1,
        apart = step == 1 ? 1 : decades_apart(tics);
    for (int power = (int)floor(log10(axis->low)); pow(10, power) <= axis->high; power++) {
        for (int i = 0; power % apart == 0 && i < 3; i += step) {
            double value = within[i] * pow(10, power);
            if (value >= axis->low && value <= axis->high) add_tic(tics, value);
        }
    }
}

static void add_linear_tics(Tics *tics) {
    const Axis *axis = tics->axis;
    double room = tics->letter == 'x' ? 3.2 : 2;
    double wanted = fmin(6, fmax(2, tics->length / (room * tics->script->em)));
    double step = round_step(axis->high - axis->low, wanted);
    for (double k = ceil(axis->low / step); k * step <= axis->high; k++)
        add_tic(tics, k == 0 ? 0 : k * step);
}

void plot_set_axis(Script *script, char letter, const Axis *axis, bool labels) {
    Text *text = &script->script;
    const Box *panel = &script->panel;
    Tics tics = {.script = script, .axis = axis, .letter = letter, .labels = labels};
    tics.length = letter == 'x' ? panel->right - panel->left : panel->top - panel->bottom;
    text_printf(text, "%s logscale %c\n", axis->log ? "set" : "unset", letter);
    text_printf(text, "set %crange [%.10g:%.10g]\nset %ctics (", letter, axis->low, axis->high,
                letter);
    if (axis->log && axis->high > 5 * axis->low) // else 1, 2 and 5 may all lie outside
        add_log_tics(&tics);
    else
        add_linear_tics(&tics);
    text_add(text, ")\n");
}

void plot_set_label(Script *script, char letter, const char *label) {
    text_printf(&script->script, "set %clabel ", letter);
    plot_add_quoted(&script->script, label);
    text_printf(&script->script, " offset %s textcolor '" PLOT_INK "'\n",
                letter == 'x' ? "0,0.4" : "0,0");
}

// DejaVu Sans is 0.6 em wide on average.
double plot_text_width(const Script *script, const char *text) {
    double characters = 0;
    for (; *text; text++) characters += ((unsigned char)*text & 0xC0) != 0x80;
    return 0.6 * script->em * characters;
}
