#include "activation/inner.h"
#include <math.h>
#include <stdio.h>

bool activation_report(const Activation *activation, double sw2, double sb2,
                       ActivationReport *report, Error *error) {
    *report = (ActivationReport){.activation = activation, .given = !isnan(sw2)};
    if (!activation_moments(activation, (ActivationLaw){0, 1}, &report->moments, error))
        return false;
    bool ok = report->given ? activation_field(activation, sw2, sb2, &report->field, error)
                            : activation_field_at(activation, 1 / report->moments.second_moment, 0,
                                                  1, &report->field, error);
    const ActivationField *field = &report->field;
    if (!ok || !activation_edge(activation, field->sb2, &report->edge, error)) return false;
    for (int i = 0; i < ACTIVATION_GRID; i++) {
        report->rho[i] = (i - ACTIVATION_GRID / 2) / (double)(ACTIVATION_GRID / 2);
        report->correlation[i] = activation_correlation(activation, field, report->rho[i]);
    }
    for (int i = 0; i < ACTIVATION_LENGTHS; i++) {
        report->length[i] = ldexp(1, i - ACTIVATION_LENGTHS / 2);
        report->next[i] = field->sw2 * moment_square(activation, report->length[i]) + field->sb2;
    }
    return true;
}

// ---- for people ----

static double tidy(double value) { // what rounding leaves of 0
    return fabs(value) < 1e-14 ? 0 : value;
}

static void add_number(Text *text, double value) {
    if (isnan(value)) {
        text_add(text, "-");
    } else if (isinf(value)) {
        text_add(text, "infinite");
    } else {
        text_printf(text, "%.12g", tidy(value));
    }
}

static void add_row(Text *text, const char *name, double value, const char *meaning) {
    Text number = {0};
    add_number(&number, value);
    text_printf(text, "%-14s%-18s%s\n", name, number.data, meaning);
    text_free(&number);
}

static void describe_head(const ActivationReport *report, Text *text) {
    const Activation *activation = report->activation;
    text_printf(text, "phi(x) = %s", activation->text);
    if (activation->kind) text_printf(text, "   (%s)", activation->name);
    for (size_t i = 0; i < activation->kinks && i < 4; i++)
        text_printf(text, "%s%.6g", i ? ", " : "; edges at ", activation->kink[i]);
    if (activation->kinks > 4) text_printf(text, ", ... (%zu)", activation->kinks);
    if (activation->jumps) text_add(text, "; it jumps");
    text_add(text, "\n");
}

static void describe_moments(const ActivationReport *report, Text *text) {
    const ActivationMoments *moments = &report->moments;
    double torch = report->activation->torch_gain;
    char beside[80] = "1/sqrt(E phi^2): sigma = gain/sqrt(fan_in)";
    if (!isnan(torch)) snprintf(beside, sizeof beside, "PyTorch's calculate_gain: %.7g", torch);
    add_row(text, "E phi", moments->mean, "");
    add_row(text, "E phi^2", moments->second_moment, "");
    add_row(text, "gain", moments->gain, beside);
    add_row(text, "E phi'^2", moments->slope_second_moment, "");
    add_row(text, "chi_1", moments->chi1, "growth of the squared gradient per layer at this gain");
    add_row(text, "kurtosis", moments->kurtosis, "of phi(z), about its mean; a Gaussian has 3");
    add_row(text, "moment ratio", moments->moment_ratio,
            "E phi^4/(E phi^2)^2; n units spread lengths by 1 + (this - 1)/n");
}

static void add_layers(Text *text, double xi) {
    if (isinf(xi)) {
        text_add(text, "no finite depth scale");
    } else {
        text_printf(text, "depth scale %.6g layers", xi);
    }
}

static void describe_length(const ActivationField *field, Text *text) {
    if (field->q == 0) {
        text_add(text, "length: the signal dies, q* = 0\n");
    } else if (isinf(field->q)) {
        text_add(text, "length: the signal explodes, q* is infinite\n");
    } else if (field->any_q) {
        text_add(text, "length: every q = E u^2 stays as it is\n");
    } else {
        text_printf(text, "length: q* = %.12g, %s (slope %.6g), ", field->q,
                    fabs(field->q_slope) < 1 ? "stable" : "unstable", field->q_slope);
        add_layers(text, field->xi_q);
        text_add(text, "\n");
    }
}

static const char *const PHASES[] = {[PHASE_ORDERED] = "ordered",
                                     [PHASE_EDGE] = "on the edge of chaos",
                                     [PHASE_CHAOTIC] = "chaotic"};

static void describe_field(const ActivationReport *report, Text *text) {
    const ActivationField *field = &report->field;
    text_printf(text, "weights of variance sw2/fan_in, sw2 = %.12g%s, biases sb2 = %.6g:\n",
                field->sw2, report->given ? "" : " (the exact rule)", field->sb2);
    describe_length(field, text);
    text_printf(text, "phase: %s, chi_1 = ", PHASES[field->phase]);
    add_number(text, field->chi1);
    text_add(text, report->activation->jumps ? ", but C'(1) is infinite: phi jumps\n" : "\n");
    if (isnan(field->c)) return;
    text_printf(text, "correlation: c* = %.12g (slope %.6g), ", field->c, field->c_slope);
    add_layers(text, field->xi_c);
    text_add(text, "\n");
}

static void describe_edge(const ActivationReport *report, Text *text) {
    const ActivationEdge *edge = &report->edge;
    text_printf(text, "edge of chaos at sb2 = %.6g: ", report->field.sb2);
    if (!edge->points) text_add(text, "chi_1 = 1 at no length");
    for (size_t i = 0; i < edge->points; i++) {
        text_printf(text, "%ssw2 = %.12g", i ? "; " : "", edge->point[i].sw2);
        if (edge->point[i].any_q) {
            text_add(text, " with every length, and no edge at any other sb2");
        } else if (edge->point[i].q == 0) {
            text_add(text, " as q* -> 0");
        } else {
            text_printf(text, " with q* = %.6g%s", edge->point[i].q,
                        fabs(edge->point[i].q_slope) < 1 ? "" : " (unstable)");
        }
    }
    text_add(text, "\n");
}

static void describe_map(const ActivationReport *report, Text *text) {
    if (isnan(report->field.c)) return;
    text_add(text, "  rho ");
    for (int i = 0; i < ACTIVATION_GRID; i += 2) text_printf(text, "%8.1f", report->rho[i]);
    text_add(text, "\nC(rho)");
    for (int i = 0; i < ACTIVATION_GRID; i += 2)
        text_printf(text, "%8.4f",
                    fabs(report->correlation[i]) < 5e-5 ? 0 : report->correlation[i]);
    text_add(text, "\n");
}

void activation_describe(const ActivationReport *report, Text *text) {
    describe_head(report, text);
    describe_moments(report, text);
    describe_field(report, text);
    describe_map(report, text);
    describe_edge(report, text);
}

// ---- the list ----

static Activation *of_kind(const LayerKind *kind) {
    Layer layer = {.kind = kind};
    layer_set_defaults(&layer);
    return activation_of_layer(&layer);
}

static void list_one(const LayerKind *kind, Text *text) {
    Activation *activation = of_kind(kind);
    ActivationMoments moments;
    char torch[32] = "-";
    Error error;
    if (!isnan(activation->torch_gain))
        snprintf(torch, sizeof torch, "%.6f", activation->torch_gain);
    if (activation_moments(activation, (ActivationLaw){0, 1}, &moments, &error)) {
        text_printf(text, "%-9s %10.6f %10.6f %10.6f %9s %10.6f  %s\n", kind->name,
                    tidy(moments.mean), moments.second_moment, moments.gain, torch, moments.chi1,
                    activation->text);
    } else {
        text_printf(text, "%s\n", error.text);
    }
    activation_free(activation);
}

void activation_list(Text *text) {
    text_printf(text, "%-9s %10s %10s %10s %9s %10s  %s\n", "", "E phi", "E phi^2", "gain",
                "PyTorch's", "chi_1", "phi(x)");
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        if ((*kind)->is_activation) list_one(*kind, text);
    }
}

json_t *activation_list_json(void) {
    json_t *array = json_array();
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        if (!(*kind)->is_activation) continue;
        Activation *activation = of_kind(*kind);
        ActivationReport report = {.activation = activation};
        if (activation_moments(activation, (ActivationLaw){0, 1}, &report.moments, NULL))
            json_array_append_new(array, report_moments_json(&report));
        activation_free(activation);
    }
    return array;
}
