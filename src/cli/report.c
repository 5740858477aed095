#include "cli/table.h"
#include "plot/plot.h"

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    CLI_CURVE_FLAGS,
    {"out", "FILE.html", "the page (default: NAME.html, here)"},
    {"title", "TEXT", "the heading of the page"},
    {0},
};

const Command command_report = {
    .name = "report",
    .form = "RUNS.db [NAME=VALUE ...]",
    .summary = "one self-contained HTML page: verdict, curve, heat map, settings",
    .more =
        "Ends by saying where the critical point is and where the page lies. NAME=VALUE keeps only\n"
        "runs with that setting.",
    .flags = FLAGS,
    .most_words = 1000,
    .run = run,
};

static bool say_verdict(CurveSource *source, Text *text, Error *error) {
    CurveSet set;
    if (!curve_build(&source->table, &source->options, &set, error)) return false;
    curve_judge(&set);
    for (size_t i = 0; i < set.curves; i++) {
        curve_verdict_words(&set, &set.curve[i], text);
        text_add(text, "\n");
    }
    curve_free(&set);
    return true;
}

static bool write_report(const Arguments *arguments, CurveSource *source, Error *error) {
    Text path = {0}, said = {0};
    PlotOptions options = {.path = cli_flag(arguments, "out"),
                           .title = cli_flag(arguments, "title"),
                           .command = arguments->line.data};
    if (!options.path) {
        cli_default_picture(arguments, ".html", &path);
        options.path = path.data;
    }
    bool ok = plot_report(&source->table, &source->options, &options, error) &&
              say_verdict(source, &said, error);
    text_printf(&said, "The report: %s\n", options.path);
    ok = ok && cli_write(NULL, &said, error);
    text_free(&said);
    text_free(&path);
    return ok;
}

static bool run(const Arguments *arguments, Error *error) {
    CurveSource source;
    bool ok = cli_open_curve(arguments, &command_report, &source, error) &&
              write_report(arguments, &source, error);
    cli_close_curve(&source);
    return ok;
}
