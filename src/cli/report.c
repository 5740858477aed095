#include "cli/table.h"
#include "plot/plot.h"
#include "sweep/sweep.h"

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
        "Ends by saying what is shown and where the page lies. NAME=VALUE keeps only runs with that\n"
        "setting.",
    .flags = FLAGS,
    .most_words = 1000,
    .run = run,
};

static bool say_verdict(CurveSource *source, Text *text, Error *error) {
    CurveSet set;
    if (!curve_build(&source->table, &source->options, &set, error)) return false;
    curve_judge(&set);
    curve_detect(&set, 0);
    curve_runs_words(&set.runs, text);
    for (size_t i = 0; i < set.curves; i++) {
        curve_verdict_words(&set, &set.curve[i], text);
        text_add(text, "\n");
    }
    curve_free(&set);
    return true;
}

// The names of the store's experiments are the heading, and what is said of each follows.
static bool add_experiments(const Arguments *arguments, Text *title, Text *about, Error *error) {
    SweepInspection inspection;
    if (cli_flag(arguments, "csv")) return true;
    if (!sweep_inspect(arguments->word[0], false, &inspection, error)) return false;
    for (size_t i = 0; i < inspection.experiments; i++) {
        const SweepExperiment *experiment = &inspection.experiment[i];
        text_printf(title, "%s%s", i ? ", " : "", experiment->name);
        text_printf(about, "%s%s%s\n", experiment->name, *experiment->description ? ": " : "",
                    experiment->description);
    }
    sweep_inspection_free(&inspection);
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
    Text about = {0}, title = {0};
    bool ok = add_experiments(arguments, &title, &about, error);
    options.about = about.data;
    if (!options.title) options.title = title.data;
    ok = ok && plot_report(&source->table, &source->options, &options, error) &&
         say_verdict(source, &said, error);
    text_printf(&said, "The report: %s\n", options.path);
    ok = ok && cli_write(NULL, &said, error);
    text_free(&title);
    text_free(&about);
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
