#include "symmetry/symmetry.h"
#include "cli/cli.h"
#include <stdio.h>
#include <string.h>

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"zero_based", NULL, "cycles count points from 0 (default: from 1)"},
    {"channels", "IN:OUT", "channels of each input and each output point (default: 1:1)"},
    {"effort", "N", "million steps that the order may take (default: 4000, about 4 s)"},
    {"seconds", "N", "that the 2-closure may take (default: 10)"},
    {"json", NULL, "print JSON"},
    {0},
};

const Command command_symmetry = {
    .name = "symmetry",
    .form = "GROUP",
    .summary = "weights tied by a permutation group: free parameters, pattern, order, 2-closure",
    .more =
        "GROUP is generators or a name, combined (benign help groups). The layer phi(W x) obeys it\n"
        "when weights are equal along its orbits on pairs (output, input).\n"
        "    benign symmetry \"(1 2 3)(4 5), (1 2)\"\n"
        "    benign symmetry \"S4 on pairs\" --channels 3:7\n"
        "    benign symmetry \"rot90 4x4\" --json",
    .flags = FLAGS,
    .least_words = 1,
    .most_words = 100,
    .run = run,
};

static bool read_channels(const char *text, SymmetryOptions *options, Error *error) {
    enum { MOST = 65536 };
    int in, out, used = 0;
    options->channels_in = options->channels_out = 1;
    if (!text) return true;
    if (sscanf(text, "%5d:%5d%n", &in, &out, &used) != 2 || text[used] || in < 1 || out < 1 ||
        in > MOST || out > MOST)
        return error_set(error,
                         "--channels: \"%s\"; it takes IN:OUT, each from 1 to %d, such as 3:7",
                         text, MOST);
    options->channels_in = (size_t)in, options->channels_out = (size_t)out;
    return true;
}

static bool read_options(const Arguments *arguments, SymmetryOptions *options, Error *error) {
    int64_t seconds = SYMMETRY_SECONDS;
    options->effort = SYMMETRY_EFFORT;
    options->zero_based = cli_flag(arguments, "zero_based") != NULL;
    bool ok = read_channels(cli_flag(arguments, "channels"), options, error) &&
              cli_flag_int(arguments, "effort", 1, 1000000, &options->effort, error) &&
              cli_flag_int(arguments, "seconds", 1, 86400, &seconds, error);
    options->seconds = (int)seconds;
    return ok;
}

static bool report(const Arguments *arguments, const Symmetry *symmetry,
                   const SymmetryOptions *options, Error *error) {
    SymmetryReport report;
    Text text = {0};
    if (!symmetry_report(symmetry, options, &report, error)) return false;
    if (cli_flag(arguments, "json"))
        cli_add_json(&text, symmetry_to_json(&report));
    else
        symmetry_describe(&report, &text);
    bool ok = cli_write(NULL, &text, error);
    symmetry_report_free(&report);
    text_free(&text);
    return ok;
}

static bool run(const Arguments *arguments, Error *error) {
    SymmetryOptions options;
    Text text = {0};
    if (!read_options(arguments, &options, error)) return false;
    for (size_t i = 0; i < arguments->words; i++)
        text_printf(&text, "%s%s", i ? " " : "", arguments->word[i]);
    Symmetry *symmetry = symmetry_read(text.data, text.length, options.zero_based, error);
    bool ok = symmetry && report(arguments, symmetry, &options, error);
    symmetry_free(symmetry);
    text_free(&text);
    return ok;
}
