#include "cli/table.h"
#include "plot/plot.h"
#include <string.h>

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    CLI_CURVE_FLAGS,
    {"map", NULL, "a heat map over x and epoch instead of a curve"},
    {"out", "FILE", "the picture: .svg, .pdf or .png (default: NAME.svg, here)"},
    {"width", "LENGTH", "such as 3.25in or 83mm (default: 6.5in)"},
    {"title", "TEXT", "a title above the picture"},
    {0},
};

const Command command_plot = {
    .name = "plot",
    .form = "RUNS.db [NAME=VALUE ...]",
    .summary = "draw a curve, or a map over width and epoch, through gnuplot",
    .more = "The script and the data are kept beside the picture, so that you can restyle it:\n"
            "gnuplot NAME.gp draws it again. NAME=VALUE keeps only runs with that setting;\n"
            "--y A,B,C draws several columns in one picture.",
    .flags = FLAGS,
    .most_words = 1000,
    .run = run,
};

void cli_default_picture(const Arguments *arguments, const char *ending, Text *path) {
    const char *source = cli_flag(arguments, "csv");
    if (!source) source = arguments->word[0];
    const char *slash = strrchr(source, '/'), *base = slash ? slash + 1 : source;
    const char *dot = strrchr(base, '.');
    text_add_bytes(path, base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
    text_add(path, ending);
}

static bool draw_curve(CurveSource *source, const PlotOptions *options, Error *error) {
    CurveSet set;
    if (!curve_build(&source->table, &source->options, &set, error)) return false;
    curve_judge(&set);
    const CurveSet *panel = &set;
    bool ok = plot_curves(&panel, 1, options, error);
    curve_free(&set);
    return ok;
}

static bool draw(const Arguments *arguments, CurveSource *source, Error *error) {
    Text path = {0};
    PlotOptions options = {.title = cli_flag(arguments, "title"), .command = arguments->line.data};
    options.path = cli_flag(arguments, "out");
    if (!options.path) {
        cli_default_picture(arguments, ".svg", &path);
        options.path = path.data;
    }
    const char *width = cli_flag(arguments, "width");
    bool ok = !width || plot_parse_width(width, "--width", &options.width, error);
    if (ok && cli_flag(arguments, "map")) {
        ok = plot_map(&source->table, &source->options, &options, error);
    } else if (ok && source->options.y && strchr(source->options.y, ',')) {
        ok = cli_plot_several(source, &options, error);
    } else if (ok) {
        ok = draw_curve(source, &options, error);
    }
    Text said = {0};
    curve_runs_words(&source->options.runs, &said);
    text_printf(&said, "%s\n", options.path);
    ok = ok && cli_write(NULL, &said, error);
    text_free(&said);
    text_free(&path);
    return ok;
}

static bool run(const Arguments *arguments, Error *error) {
    CurveSource source;
    bool ok =
        cli_open_curve(arguments, &command_plot, &source, error) && draw(arguments, &source, error);
    cli_close_curve(&source);
    return ok;
}
