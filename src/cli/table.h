// Private to cli/: where curve, plot and report get their numbers.
#pragma once

#include "cli/cli.h"
#include "plot/plot.h"

// What curve, plot and report take to say which numbers and which curve.
#define CLI_CURVE_FLAGS                                                                            \
    {"x", "NAME", "what the curve runs along (default: width, or the setting that varies most)"},  \
        {"y", "NAME", "what is measured (default: test_error)"},                                   \
        {"by", "NAME[,NAME]", "draw one curve for each value of these settings"},                  \
        {"epoch", "N", "look at the records of this epoch instead of the last"}, {                 \
        "csv", "FILE", "take the numbers from a CSV file instead of a store"                       \
    }

typedef struct CurveSource {
    Table table;
    Settings where;
    Text by_text; // holds what `by` points to
    const char *by[16];
    CurveOptions options;
} CurveSource;

// Reads the table (word 0 is a store, or --csv FILE) and the flags; words NAME=VALUE filter.
bool cli_open_curve(const Arguments *arguments, const Command *command, CurveSource *source,
                    Error *error);
void cli_close_curve(CurveSource *source);

// Draws all columns that options.y names ("a,b,c") in one picture; src/cli/plot_several.c.
bool cli_plot_several(const CurveSource *source, const PlotOptions *options, Error *error);

// runs/a.db -> a.svg, for pictures that nobody named.
void cli_default_picture(const Arguments *arguments, const char *ending, Text *path);
