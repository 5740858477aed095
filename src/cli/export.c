#include "cli/cli.h"
#include "sweep/sweep.h"

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"json", NULL, "JSON instead of CSV"},
    {"timings", NULL, "also the seconds that each run took"},
    {"out", "FILE", "write to a file instead of standard output"},
    {0},
};

const Command command_export = {
    .name = "export",
    .form = "RUNS.db [NAME=VALUE ...]",
    .summary = "everything a store holds, as tidy CSV: a row for every recorded epoch",
    .more =
        "NAME=VALUE keeps only the runs with that setting. Equal runs give equal files, however\n"
        "they were computed.",
    .flags = FLAGS,
    .least_words = 1,
    .most_words = 1000,
    .run = run,
};

static bool run(const Arguments *arguments, Error *error) {
    Settings where = {0};
    Text text = {0};
    bool ok = cli_settings(arguments, &command_export, 1, &where, error);
    SweepFilter filter = {&where, cli_flag(arguments, "timings") != NULL};
    SweepFormat format = cli_flag(arguments, "json") ? SWEEP_JSON : SWEEP_CSV;
    ok = ok && sweep_export(arguments->word[0], &filter, format, &text, error) &&
         cli_write(cli_flag(arguments, "out"), &text, error);
    text_free(&text);
    settings_free(&where);
    return ok;
}
