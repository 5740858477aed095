#include "base/json.h"
#include "cli/init.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"data", "DATA", "inputs from its training set (default: N(0, 1))"},
    {"scheme", "LIST", "schemes to compare, such as exact,he,torch (default: exact)"},
    {"law", "LAW", "of the weights: scheme, normal, uniform, ternary, sign or orthogonal"},
    {"draws", "N", "draws of the weights, 0: predict only (default: 20; fewer of large networks)"},
    {"examples", "N", "inputs in each draw (default: 64; 16 of large networks)"},
    {"seed", "SEED", "of all draws (default: 0)"},
    {"widths", "NAME=LIST", "how Gaussian u is over a variable: width=8,32,128"},
    {"json", NULL, "print JSON: all layers"},
    {"plot", "FILE", "draw the layers, or the kurtosis over --widths: .svg, .pdf or .png"},
    {"width", "LENGTH", "of the picture, such as 3.25in or 83mm (default: 6.5in)"},
    {0},
};

const Command command_init = {
    .name = "init",
    .form = "MODEL [NAME=VALUE ...]",
    .summary = "does a network keep its signal and its gradients at the first weights?",
    .more =
        "For every layer with weights, u = W x + b:\n"
        "    sigma           of its weights\n"
        "    E u^2           in wide networks, then measured with its standard error\n"
        "    median          of one input's |u|^2/n over draws and inputs; of many layers the mean is that of\n"
        "                    few of them\n"
        "    spread, band    of one input's |u|^2/n over draws, relative; band: of this width, in theory,\n"
        "                    where theory goes that far; from 1 on a few draws show less\n"
        "    across          the part of E u^2 that differs between inputs\n"
        "    ratio           E phi^2(u)/E u^2 of the activation phi that follows\n"
        "    kurtosis, KS    3 and 0 where u is Gaussian; KS: the Kolmogorov-Smirnov distance\n"
        "    gradient        E |dL/du|^2, that of the network's output being 1, in wide networks; then\n"
        "                    measured, and its median\n"
        "and a verdict for each scheme: what the median does from the first layer to the last (gradients:\n"
        "from the last to the first). stable: within a factor 10; falling, growing: beyond, and still\n"
        "moving; vanishing, exploding: beyond a factor 10,000, or lost; uneven: far off on the way;\n"
        "unstable: draws part. Schemes and laws: benign help train, init and init-law.\n"
        "Networks that would take minutes are predicted only, unless --draws asks for it.\n"
        "    benign init mlp width=64 --scheme exact,he,torch\n"
        "    benign init 'input 784 repeat 50 { fc-100 tanh } fc-10' --plot signal.svg\n"
        "    benign init mlp --widths width=8,32,128 --draws 200 --plot kurtosis.svg",
    .flags = FLAGS,
    .most_words = 1000,
    .run = run,
};

enum { SCHEMES = 16, WIDTHS = 32 };

typedef struct Request {
    const char *model;
    NetProgram *program;
    const DataSet *data;
    Settings variables;
    int scheme[SCHEMES];
    SignalOptions options;
    PlotOptions picture;
    Text variable;        // of --widths, and its values
    double value[WIDTHS]; // ascending
    size_t widths;
} Request;

// ---- what was asked ----

static int find_word(const char *const *words, const char *word) {
    for (int i = 0; words[i]; i++) {
        if (text_equal_fold(words[i], word)) return i;
    }
    return -1;
}

static bool unknown_word(const char *flag, const char *what, const char *const *words,
                         const char *word, Error *error) {
    Text message = {0};
    size_t count = 0;
    while (words[count]) count++;
    const char *nearest = text_nearest(word, words, count, sizeof *words);
    text_printf(&message, "--%s: unknown %s \"%s\"", flag, what, word);
    if (nearest) text_printf(&message, ", did you mean \"%s\"?", nearest);
    text_add(&message, nearest ? " There are" : "; there are");
    for (size_t i = 0; i < count; i++) text_printf(&message, "%s %s", i ? "," : "", words[i]);
    error_kind(error, ERROR_USAGE, "%s", message.data);
    text_free(&message);
    return false;
}

// Calls take for each part of a list; the list is cut at its commas.
typedef bool TakePart(Request *request, const char *part, Error *error);
static bool each_part(Request *request, const char *list, TakePart *take, Error *error) {
    char *copy = memory_text(list), *part = copy, *end;
    bool ok = true;
    for (; ok && part; part = end) {
        end = strchr(part, ',');
        if (end) *end++ = 0;
        ok = take(request, part, error);
    }
    memory_free(copy);
    return ok;
}

static bool take_scheme(Request *request, const char *part, Error *error) {
    int scheme = find_word(init_names, part);
    if (scheme < 0) return unknown_word("scheme", "scheme", init_names, part, error);
    if (request->options.schemes == SCHEMES)
        return error_kind(error, ERROR_USAGE, "--scheme: at most %d at a time", SCHEMES);
    request->scheme[request->options.schemes++] = scheme;
    return true;
}

static bool take_width(Request *request, const char *part, Error *error) {
    int64_t value;
    size_t at = request->widths;
    if (!text_to_int(part, &value))
        return error_kind(error, ERROR_USAGE, "--widths: \"%s\" is no whole number", part);
    if (at == WIDTHS) return error_kind(error, ERROR_USAGE, "--widths: at most %d values", WIDTHS);
    for (; at > 0 && request->value[at - 1] > (double)value; at--)
        request->value[at] = request->value[at - 1];
    request->value[at] = (double)value;
    request->widths++;
    return true;
}

static bool read_widths(const Arguments *arguments, Request *request, Error *error) {
    const char *text = cli_flag(arguments, "widths"), *equals = text ? strchr(text, '=') : NULL;
    if (!text) return true;
    if (!equals || equals == text)
        return error_kind(error, ERROR_USAGE,
                          "--widths: \"%s\"; it takes NAME=LIST, such as width=8,32,128", text);
    text_add_bytes(&request->variable, text, (size_t)(equals - text));
    return each_part(request, equals + 1, take_width, error);
}

static bool read_options(const Arguments *arguments, Request *request, Error *error) {
    SignalOptions *options = &request->options;
    const char *schemes = cli_flag(arguments, "scheme"), *law = cli_flag(arguments, "law");
    int64_t seed = 0;
    *options = (SignalOptions){.scheme = request->scheme, .draws = -1, .examples = -1};
    if (law && (options->law = find_word(init_laws, law)) < 0)
        return unknown_word("law", "law", init_laws, law, error);
    bool ok = each_part(request, schemes ? schemes : "exact", take_scheme, error) &&
              cli_flag_int(arguments, "draws", 0, 1000000, &options->draws, error) &&
              cli_flag_int(arguments, "examples", 1, 1000000, &options->examples, error) &&
              cli_flag_int(arguments, "seed", 0, INT64_MAX, &seed, error);
    options->seed = (uint64_t)seed;
    return ok;
}

static bool open_request(const Arguments *arguments, Request *request, Error *error) {
    const char *data = cli_flag(arguments, "data");
    request->model = arguments->word[0];
    if (!read_options(arguments, request, error) ||
        !cli_read_picture(arguments, &request->picture, error) ||
        !read_widths(arguments, request, error) ||
        !cli_settings(arguments, &command_init, 1, &request->variables, error))
        return false;
    request->program = net_read(request->model, error);
    if (!request->program) return false;
    request->data = data ? data_open(data, error) : NULL;
    request->options.data = request->data;
    return !data || request->data;
}

static void close_request(Request *request) {
    text_free(&request->variable);
    if (request->data) data_close(request->data);
    net_program_free(request->program);
    settings_free(&request->variables);
}

// ---- the answer ----

// A network with its report; *net is to be freed after the report.
static bool analyse(const Request *request, Net **net, SignalReport *report, Error *error) {
    int64_t at = -1;
    Error reason;
    *net = net_build(request->program, &request->variables, error);
    if (!*net) return false;
    if (signal_analyse(*net, &request->options, report, &at, &reason)) return true;
    if (at < 0) {
        *error = reason;
    } else {
        net_refuse(request->program, &(*net)->layer[at], reason.text, error);
    }
    net_free(*net);
    return false;
}

static bool answer_one(const Arguments *arguments, const Request *request, Text *text,
                       Error *error) {
    Net *net;
    SignalReport report;
    if (!analyse(request, &net, &report, error)) return false;
    bool ok = !request->picture.path || cli_draw_signal(&report, &request->picture, error);
    if (ok && cli_flag(arguments, "json")) {
        cli_add_json(text, signal_to_json(&report));
    } else if (ok) {
        signal_describe(&report, text);
    }
    signal_free(&report);
    net_free(net);
    return ok;
}

static void add_widths(const SignalWidths *widths, Text *text) {
    text_printf(text, "%-8s %-10s %9s %8s %7s %8s %8s %6s\n", widths->variable, "scheme", "E u^2",
                "+-", "ratio", "kurtosis", "expected", "KS");
    for (size_t i = 0; i < widths->count; i++) {
        for (size_t s = 0; s < widths->schemes; s++) {
            const SignalLayer *l = &widths->last[i * widths->schemes + s];
            text_printf(text, "%-8.0f %-10s %9.4g %8.2g %7.4f %8.3f ", widths->value[i],
                        init_names[widths->scheme[s]], l->measured, l->measured_error, l->ratio,
                        l->kurtosis);
            if (isnan(l->kurtosis_predicted)) {
                text_printf(text, "%8s", "-");
            } else {
                text_printf(text, "%8.3f", l->kurtosis_predicted);
            }
            text_printf(text, " %6.4f\n", l->distance);
        }
    }
}

static bool analyse_width(Request *request, size_t i, SignalWidths *widths, json_t *all,
                          Error *error) {
    Net *net;
    SignalReport report;
    char value[30];
    snprintf(value, sizeof value, "%.0f", request->value[i]);
    settings_set(&request->variables, request->variable.data, value, "--widths");
    if (!analyse(request, &net, &report, error)) return false;
    bool ok = report.measured ||
              error_set(error, "--widths: nothing could be measured: %s", report.why_not);
    for (size_t s = 0; s < widths->schemes; s++)
        widths->last[i * widths->schemes + s] = *signal_last_hidden(&report, s);
    json_t *one = signal_to_json(&report);
    json_object_set_new(one, "value", json_text(value));
    json_array_append_new(all, one);
    signal_free(&report);
    net_free(net);
    return ok;
}

static bool answer_widths(const Arguments *arguments, Request *request, Text *text, Error *error) {
    SignalWidths widths = {request->variable.data, request->scheme, request->options.schemes,
                           request->widths,        request->value,  NULL};
    json_t *all = json_array();
    widths.last = memory_new(widths.count * widths.schemes, sizeof *widths.last);
    bool ok = true;
    for (size_t i = 0; ok && i < widths.count; i++)
        ok = analyse_width(request, i, &widths, all, error);
    ok = ok && (!request->picture.path || cli_draw_widths(&widths, &request->picture, error));
    if (ok && cli_flag(arguments, "json")) {
        cli_add_json(
            text, json_pack("{s:o, s:O}", "variable", json_text(widths.variable), "widths", all));
    } else if (ok) {
        add_widths(&widths, text);
    }
    json_decref(all);
    memory_free(widths.last);
    return ok;
}

static bool no_model(Error *error) {
    Text models = {0};
    net_list(&models);
    error_kind(error, ERROR_USAGE, "benign init: which model? %s\nusage: benign init %s",
               models.data, command_init.form);
    text_free(&models);
    return false;
}

static bool run(const Arguments *arguments, Error *error) {
    if (arguments->words == 0) return no_model(error);
    Request request = {0};
    Text text = {0};
    bool ok = open_request(arguments, &request, error) &&
              (request.widths ? answer_widths(arguments, &request, &text, error)
                              : answer_one(arguments, &request, &text, error)) &&
              cli_write(NULL, &text, error);
    text_free(&text);
    close_request(&request);
    return ok;
}
