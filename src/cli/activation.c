#include "activation/activation.h"
#include "cli/picture.h"
#include <math.h>
#include <stdio.h>

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"sw2", "SW2", "weights of variance SW2/fan_in (default: the exact rule, 1/E phi^2)"},
    {"sb2", "SB2", "biases of variance SB2 (default: 0)"},
    {"json", NULL, "print JSON"},
    {"plot", "FILE", "draw correlations after 1, 10 and 100 layers: .svg, .pdf or .png"},
    {"width", "LENGTH", "of the picture, such as 3.25in or 83mm (default: 6.5in)"},
    {0},
};

const Command command_activation = {
    .name = "activation",
    .form = "[NAME [OPTION=VALUE] | FORMULA]",
    .summary = "what an activation does to signals: exact gain, chi_1, correlations, edge of chaos",
    .more =
        "NAME is an activation of the network language; without one, all are listed. A FORMULA is a\n"
        "function of x (benign help formulas). Moments are those of phi(z) with z ~ N(0, 1); chi_1,\n"
        "fixed points and depth scales are those of wide networks.\n"
        "    benign activation gelu\n"
        "    benign activation leaky slope=0.1 --sw2 1.9 --sb2 0.05\n"
        "    benign activation \"x*tanh(log(1+exp(x)))\" --plot mish.svg",
    .flags = FLAGS,
    .most_words = 100,
    .run = run,
};

// ---- the picture ----

enum { POINTS = 181 };

static bool draw(const ActivationReport *report, const PlotOptions *options, Error *error) {
    static const ActivationDepths DEPTHS = {{1, 10, 100}, 3};
    static const char *const NAMES[] = {"after 1 layer", "after 10 layers", "after 100 layers"};
    const ActivationField *field = &report->field;
    double rho[POINTS], value[3 * POINTS];
    char mark[40];
    if (isnan(field->c))
        return error_set(error, "--plot: the signal %s, so it has no correlations to draw",
                         field->q == 0 ? "dies" : "explodes");
    for (int i = 0; i < POINTS; i++) rho[i] = -1 + 2.0 * i / (POINTS - 1);
    activation_correlation_after(report->activation, field, &DEPTHS, POINTS, rho, value);
    PlotLine line[] = {{.name = "at first", .count = POINTS, .x = rho, .y = rho, .dashed = true},
                       {.x = rho},
                       {.x = rho},
                       {.x = rho}};
    for (int i = 0; i < 3; i++)
        line[i + 1] =
            (PlotLine){.name = NAMES[i], .count = POINTS, .x = rho, .y = value + i * POINTS};
    snprintf(mark, sizeof mark, "c* = %.4g", field->c);
    PlotLines picture = {.x_name = "correlation of two signals",
                         .y_name = "their correlation in the network",
                         .line = line,
                         .lines = 4,
                         .mark = field->c < 1 ? field->c : NAN,
                         .mark_name = mark,
                         .source = activation_formula(report->activation)};
    PlotOptions titled = *options;
    titled.title = activation_name(report->activation);
    return plot_lines(&picture, &titled, error);
}

// ---- the command ----

static bool read_variances(const Arguments *arguments, double *sw2, double *sb2, Error *error) {
    *sw2 = NAN;
    *sb2 = 0;
    if (cli_flag(arguments, "sb2") && !cli_flag(arguments, "sw2"))
        return error_kind(error, ERROR_USAGE, "--sb2: with which weights? --sw2 says it");
    return cli_flag_real(arguments, "sw2", 1e-12, 1e12, sw2, error) &&
           cli_flag_real(arguments, "sb2", 0, 1e12, sb2, error);
}

static bool print(const Arguments *arguments, const ActivationReport *report, Error *error) {
    Text text = {0};
    if (cli_flag(arguments, "json")) {
        cli_add_json(&text, activation_to_json(report));
    } else {
        activation_describe(report, &text);
    }
    bool ok = cli_write(NULL, &text, error);
    text_free(&text);
    return ok;
}

static bool list(const Arguments *arguments, Error *error) {
    const char *const needs[] = {"sw2", "sb2", "plot", "width"};
    for (int i = 0; i < 4; i++) {
        if (cli_flag(arguments, needs[i]))
            return error_kind(error, ERROR_USAGE, "--%s: of which activation?", needs[i]);
    }
    Text text = {0};
    if (cli_flag(arguments, "json")) {
        cli_add_json(&text, activation_list_json());
    } else {
        activation_list(&text);
    }
    bool ok = cli_write(NULL, &text, error);
    text_free(&text);
    return ok;
}

static bool analyse(const Arguments *arguments, const Activation *activation, Error *error) {
    double sw2, sb2;
    PlotOptions picture;
    ActivationReport report;
    return read_variances(arguments, &sw2, &sb2, error) &&
           cli_read_picture(arguments, &picture, error) &&
           activation_report(activation, sw2, sb2, &report, error) &&
           (!picture.path || draw(&report, &picture, error)) && print(arguments, &report, error);
}

static bool run(const Arguments *arguments, Error *error) {
    if (!arguments->words) return list(arguments, error);
    Text text = {0};
    for (size_t i = 0; i < arguments->words; i++)
        text_printf(&text, "%s%s", i ? " " : "", arguments->word[i]);
    Activation *activation = activation_read(text.data, text.length, error);
    bool ok = activation && analyse(arguments, activation, error);
    activation_free(activation);
    text_free(&text);
    return ok;
}
