#include "cli/table.h"

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    CLI_CURVE_FLAGS,
    {"effect", "SIZE", "say how many seeds would find a bump of this height, such as 0.02"},
    {"json", NULL, "print JSON"},
    {0},
};

const Command command_curve = {
    .name = "curve",
    .form = "RUNS.db [NAME=VALUE ...]",
    .summary = "where is the critical point, and is there a second descent",
    .more =
        "Averages over seeds, finds first minimum, peak and interpolation threshold, and judges the\n"
        "shape of the test and the training curve. NAME=VALUE keeps only runs with that setting.\n"
        "A critical point is named only where a second descent is shown. Where it is not, the\n"
        "smallest bump is given that these seeds would find in 80 % of cases.",
    .flags = FLAGS,
    .most_words = 1000,
    .run = run,
};

static bool run(const Arguments *arguments, Error *error) {
    CurveSource source;
    CurveSet set;
    Text text = {0};
    double effect = 0;
    bool ok = cli_open_curve(arguments, &command_curve, &source, error) &&
              cli_flag_real(arguments, "effect", 1e-300, 1e300, &effect, error);
    if (ok && (ok = curve_build(&source.table, &source.options, &set, error))) {
        curve_judge(&set);
        curve_detect(&set, effect);
        set.command = arguments->line.data;
        if (cli_flag(arguments, "json")) {
            curve_json(&set, &text);
        } else {
            curve_describe(&set, &text);
        }
        ok = cli_write(NULL, &text, error);
        curve_free(&set);
    }
    text_free(&text);
    cli_close_curve(&source);
    return ok;
}
