// Inside plot/: what its files share. Lengths are inches, from the lower left corner.
#pragma once

#include "plot/plot.h"

typedef enum PlotFormat { PLOT_SVG, PLOT_PDF, PLOT_PNG, PLOT_FORMATS } PlotFormat;

typedef struct Box {
    double left, bottom, right, top;
} Box;

// A script and its data under construction.
typedef struct Script {
    Text script, data;
    int blocks; // data blocks so far; gnuplot's `index`
    PlotFormat format;
    double width, height; // of the picture
    double font;          // points
    double em;            // its size in inches
    Box panel;            // the one being drawn
} Script;

// An axis: its range and whether it is logarithmic.
typedef struct Axis {
    double low, high;
    bool log;
} Axis;

// text.c: anybody's text made safe.
void plot_add_clean(Text *text, const char *more);  // control characters and non-UTF-8 become ?
void plot_add_quoted(Text *text, const char *more); // 'a gnuplot string', its ' made ’
void plot_add_xml(Text *text, const char *more);    // for XML and HTML, also inside attributes
bool plot_is_error(const char *name); // it ends in "error": a fraction, shown as per cent
void plot_add_axis_name(Text *text, const char *name, bool percent); // test_error: "test error (%)"

// script.c
bool plot_find_format(const char *path, PlotFormat *format, Error *error);
void plot_start_script(Script *script, PlotFormat format, double width, double height);
void plot_free_script(Script *script);
void plot_set_panel(Script *script, const Box *box); // where the next panel's axes lie
void plot_set_axis(Script *script, char letter, const Axis *axis, bool labels); // range and tics
void plot_set_label(Script *script, char letter, const char *label);            // "" for none
// Ends the data block that was added to script->data and returns its index.
int plot_end_block(Script *script);
double plot_fraction(const Axis *axis, double value);      // 0 at low, 1 at high
double plot_value(const Axis *axis, double fraction);      // the inverse
Axis plot_choose_axis(const double *values, size_t count); // of x: log where the grid is geometric
Axis plot_round_axis(double low, double high);             // of y: a little wider, round
Axis plot_log_axis(double low, double high);               // of y: a little wider; low > 0
double plot_text_width(const Script *script, const char *text); // estimate

// label.c: labels that do not lie on curves or on one another.
typedef struct Labels {
    Box panel;
    const Axis *x, *y;
    Script *script;
    Box *taken;
    size_t count, capacity;
} Labels;

void labels_avoid_line(Labels *labels, double x0, double y0, double x1, double y1); // data units
void labels_avoid_band(Labels *labels, double x0, double low0, double high0, double x1, double low1,
                       double high1);
// Puts one line or two (second NULL: one) near (x, y) where least is in the way.
void labels_put(Labels *labels, double x, double y, const char *first, const char *second,
                const char *colour);
void labels_free(Labels *labels);

// gnuplot.c: writes NAME.gp and NAME.tsv, runs gnuplot, notes the provenance, moves the picture to
// its place.
bool plot_draw(const Script *script, const char *path, const char *note, Error *error);

// note.c: where a picture comes from, and how to write that into it.
void plot_describe(const CurveSet *set, const PlotOptions *options, Text *note);
bool plot_note_picture(PlotFormat format, const char *data, size_t size, const char *note,
                       Text *picture, Error *error);

// The Okabe-Ito colours, most telling first; 8 of them.
extern const char *const PLOT_COLOURS[8];
#define PLOT_TEST  "#D55E00" // vermilion: test
#define PLOT_TRAIN "#0072B2" // blue: train
#define PLOT_INK   "#333333"
