// The door of plot/: pictures through gnuplot, and the report.
//
// A picture NAME.svg, NAME.pdf or NAME.png has NAME.gp and NAME.tsv beside it, the script and the
// data that drew it: edit the script and run `gnuplot NAME.gp` to restyle the picture. Every
// picture carries what it was made from: program version, command, source, settings and seeds, in
// <metadata> (SVG), the /Info dictionary (PDF) or an iTXt chunk "Description" (PNG), and at the
// head of the script.
//
// Nobody's text is ever run: titles, names and settings go into the script in single quotes,
// without markup; file names begin with ./ ; no shell is involved. A picture is complete or not
// there: when something fails, an older picture of that name stays and no temporary file does.
//
// Errors: an ending that is none of the three; gnuplot missing (install gnuplot-nox), not to be
// started (with the reason) or failing (with what it said); a folder that cannot be written.
//
// Colours are Okabe and Ito's (tell-apart for all kinds of colour vision); the heat map's are
// D. A. Green's cubehelix (2011), whose lightness is monotone, so that it survives grey printing.
#pragma once

#include "curve/curve.h"

typedef struct PlotOptions {
    const char *path;    // the ending chooses: .svg, .pdf, .png (.html for the report)
    double width;        // inches; 0: 6.5
    const char *title;   // NULL: none (a caption usually says it better)
    const char *about;   // the report's, under its title: a paragraph a line; NULL: none
    const char *command; // what the user typed, for the provenance; NULL: unknown
} PlotOptions;

// Reads "3.25in", "8.3cm", "83mm", "240pt": 1 to 40 inches. place begins the error ("--width").
bool plot_parse_width(const char *text, const char *place, double *inches, Error *error);

// Is this the name of a picture that can be drawn? For those who compute long before they draw.
bool plot_check_path(const char *path, Error *error);

// Curves that share their x, one panel above the other (all sets must have the same x), judged
// (curve_judge). Of each panel: the mean over seeds, the band from the least to the largest seed,
// every seed as a faint point. Where the set holds one curve: its train error, the interpolation
// threshold as a dashed line and, where a second descent is shown, the peak with its 95 % interval.
// Where it holds several (by): one colour each; of more than eight, eight that are spread evenly.
bool plot_curves(const CurveSet *const *panel, size_t panels, const PlotOptions *options,
                 Error *error);

// Heat map of options->y over x and epoch, both logarithmic where they grow like that, with the
// contour of train error 0, the peaks that are shown, the final values along x below, and the
// course of a small, a critical and a large network at the right. The table needs a column epoch;
// mean over seeds.
bool plot_map(const Table *table, const CurveOptions *curves, const PlotOptions *options,
              Error *error);

// One HTML page that needs nothing else: verdict, curve (with the loss below it where the table has
// test_loss), heat map (where the table has epochs), table of the points, settings, seeds, how to
// make it again. No scripts, no network; light and dark; prints.
bool plot_report(const Table *table, const CurveOptions *curves, const PlotOptions *options,
                 Error *error);

// A line of a picture of lines: theory drawn, measurement as points with their errors.
typedef struct PlotLine {
    const char *name; // in the key
    size_t count;
    const double *x, *y;  // (count), x ascending; a y that is not finite leaves a gap
    const double *spread; // (count) half the length of an error bar: points, no line; or NULL
    bool joined;          // a line through these points, too
    bool dashed;
    bool paired;              // in the colour of the line before it
    const double *low, *high; // (count) a band behind it, where both are finite; or NULL
    const char *band_name;    // in the key; NULL: not there
} PlotLine;

typedef struct PlotLines {
    const char *x_name, *y_name;
    const PlotLine *line; // (lines), at most 8
    size_t lines;
    bool log_y;            // a logarithmic y axis
    double top;            // lines are cut off above it; 0: none is
    double mark;           // a dashed upright there, NAN: none
    const char *mark_name; // beside it
    const char *source;    // what was computed, for the provenance
} PlotLines;

bool plot_lines(const PlotLines *picture, const PlotOptions *options, Error *error);
