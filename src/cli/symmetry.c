#include "symmetry/symmetry.h"
#include "activation/activation.h"
#include "cli/cli.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"zero_based", NULL, "cycles count points from 0 (default: from 1)"},
    {"channels", "IN:OUT", "channels of each input and each output point (default: 1:1)"},
    {"pattern", "FILE", "write the labels of shared weights as .npy, or as a picture, .png"},
    {"check", "W.npy", "is phi(W x) equivariant? the worst violation, and an x that shows it"},
    {"activation", "PHI", "of --check: a name or a formula (default: x itself)"},
    {"project", "W.npy", "write the nearest tied matrix to OUT.npy, and say how far it is"},
    {"find", "W.npy", "the group of a matrix; without GROUP"},
    {"tolerance", "T", "of --check, --find (default: 1e-6 of the largest weight)"},
    {"effort", "N", "million steps that the order may take (default: 4000, about 4 s)"},
    {"seconds", "N", "that the 2-closure may take (default: 10)"},
    {"json", NULL, "print JSON"},
    {0},
};

const Command command_symmetry = {
    .name = "symmetry",
    .form = "[GROUP] [OUT.npy]",
    .summary = "weights tied by a permutation group: free parameters, pattern, order, 2-closure",
    .more =
        "GROUP is generators or a name, combined (benign help groups). The layer phi(W x) obeys it\n"
        "when weights are equal along its orbits on pairs (output, input).\n"
        "    benign symmetry \"(1 2 3)(4 5), (1 2)\"\n"
        "    benign symmetry \"S4 on pairs\" --channels 3:7\n"
        "    benign symmetry \"rot90 4x4\" --json",
    .flags = FLAGS,
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

// Prints text, or json in its place when --json asks for it.
static bool print(const Arguments *arguments, Text *text, json_t *json, Error *error) {
    if (cli_flag(arguments, "json")) {
        text_cut(text, 0);
        cli_add_json(text, json);
    } else {
        json_decref(json);
    }
    bool ok = cli_write(NULL, text, error);
    text_free(text);
    return ok;
}

static bool write_pattern(const char *path, const SymmetryPattern *pattern, Error *error) {
    size_t length = strlen(path);
    if (length > 4 && text_equal_fold(path + length - 4, ".png"))
        return symmetry_draw(pattern, path, error);
    const char *type = pattern->bytes == 1 ? "u1" : pattern->bytes == 2 ? "u2" : "u4";
    return data_write_npy(path, type, pattern->rows, pattern->cols, pattern->label, error);
}

static bool report(const Arguments *arguments, const Symmetry *symmetry,
                   const SymmetryOptions *options, Error *error) {
    SymmetryReport report;
    Text text = {0};
    const char *path = cli_flag(arguments, "pattern");
    if (!symmetry_report(symmetry, options, &report, error)) return false;
    symmetry_describe(&report, &text);
    bool ok = !path || write_pattern(path, &report.pattern, error);
    ok = ok && print(arguments, &text, symmetry_to_json(&report), error);
    symmetry_report_free(&report);
    text_free(&text);
    return ok;
}

// ---- weights ----

static bool read_tolerance(const Arguments *arguments, double *tolerance, Error *error) {
    *tolerance = NAN;
    return cli_flag_real(arguments, "tolerance", 0, 1e300, tolerance, error);
}

static void evaluate(const void *activation, size_t count, const double *x, double *phi,
                     double *slope) {
    activation_evaluate(activation, count, x, phi, slope);
}

static bool check(const Arguments *arguments, const Symmetry *symmetry,
                  const SymmetryOptions *options, Error *error) {
    const char *path = cli_flag(arguments, "check"), *phi = cli_flag(arguments, "activation");
    double tolerance;
    DataMatrix W = {0};
    SymmetryCheck check = {0};
    Text text = {0};
    Activation *activation = phi ? activation_read(phi, strlen(phi), error) : NULL;
    const SymmetryPhi map = {evaluate, activation};
    bool ok = (!phi || activation) && read_tolerance(arguments, &tolerance, error) &&
              data_read_npy(path, &W, error);
    if (ok && !symmetry_check(symmetry, &W, tolerance, phi ? &map : NULL, &check, error))
        ok = error_prefix(error, "%s", path);
    if (ok) {
        symmetry_check_describe(symmetry, &check, options->zero_based, &text);
        ok = print(arguments, &text, symmetry_check_to_json(&check, W.cols), error);
    }
    symmetry_check_free(&check);
    activation_free(activation);
    memory_free(W.x);
    return ok;
}

static bool project(const Arguments *arguments, const Symmetry *symmetry, const char *to,
                    Error *error) {
    const char *path = cli_flag(arguments, "project");
    double distance;
    DataMatrix W = {0};
    Text text = {0};
    bool ok = data_read_npy(path, &W, error);
    if (ok && !symmetry_project(symmetry, &W, W.x, &distance, error))
        ok = error_prefix(error, "%s", path);
    ok = ok && data_write_npy(to, "f8", W.rows, W.cols, W.x, error);
    if (ok) {
        text_printf(&text, "distance    %.9g\n", distance);
        ok = print(arguments, &text, json_pack("{sf}", "distance", distance), error);
    }
    memory_free(W.x);
    return ok;
}

static bool find(const Arguments *arguments, const SymmetryOptions *options, Error *error) {
    const char *path = cli_flag(arguments, "find");
    double tolerance;
    DataMatrix W = {0};
    SymmetryFound found = {0};
    Text text = {0};
    bool ok = read_tolerance(arguments, &tolerance, error) && data_read_npy(path, &W, error);
    if (ok && !symmetry_find(&W, tolerance, options->seconds, &found, error))
        ok = error_prefix(error, "%s", path);
    if (ok) {
        symmetry_found_describe(&found, options->zero_based, &text);
        ok = print(arguments, &text, symmetry_found_to_json(&found), error);
    }
    symmetry_found_free(&found);
    memory_free(W.x);
    return ok;
}

// ---- the command ----

// What goes together; *words is how many of them are the group.
static bool check_usage(const Arguments *arguments, size_t *words, Error *error) {
    bool checks = cli_flag(arguments, "check"), projects = cli_flag(arguments, "project");
    bool finds = cli_flag(arguments, "find");
    *words = arguments->words - (projects && arguments->words);
    if (checks + projects + finds > 1)
        return error_kind(error, ERROR_USAGE, "one of --check, --project and --find at a time");
    if (finds && arguments->words)
        return error_kind(error, ERROR_USAGE, "--find: finds the group; none is given");
    if (projects && arguments->words < 2)
        return error_kind(error, ERROR_USAGE, "--project: GROUP and OUT.npy are missing");
    if (cli_flag(arguments, "activation") && !checks)
        return error_kind(error, ERROR_USAGE, "--activation: of which --check?");
    if (cli_flag(arguments, "tolerance") && !checks && !finds)
        return error_kind(error, ERROR_USAGE, "--tolerance: of which --check or --find?");
    if (cli_flag(arguments, "pattern") && (checks || projects || finds))
        return error_kind(error, ERROR_USAGE, "--pattern: of GROUP alone");
    return finds || *words || error_kind(error, ERROR_USAGE, "which group? (benign help groups)");
}

static bool with_group(const Arguments *arguments, size_t words, const SymmetryOptions *options,
                       Error *error) {
    Text text = {0};
    for (size_t i = 0; i < words; i++) text_printf(&text, "%s%s", i ? " " : "", arguments->word[i]);
    Symmetry *symmetry = symmetry_read(text.data, text.length, options->zero_based, error);
    bool ok = symmetry != NULL;
    if (ok && cli_flag(arguments, "check"))
        ok = check(arguments, symmetry, options, error);
    else if (ok && cli_flag(arguments, "project"))
        ok = project(arguments, symmetry, arguments->word[words], error);
    else if (ok)
        ok = report(arguments, symmetry, options, error);
    symmetry_free(symmetry);
    text_free(&text);
    return ok;
}

static bool run(const Arguments *arguments, Error *error) {
    SymmetryOptions options;
    size_t words;
    if (!check_usage(arguments, &words, error) || !read_options(arguments, &options, error))
        return false;
    return cli_flag(arguments, "find") ? find(arguments, &options, error)
                                       : with_group(arguments, words, &options, error);
}
