#include "activation/inner.h"
#include "activation/series.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// C(rho) by as many terms as 12 digits take at rho = 0.9; at -1 by one integral.
static void fill_correlations(ActivationReport *report) {
    const Activation *activation = report->activation;
    const ActivationField *field = &report->field;
    ActivationNumber none = {NAN, INFINITY};
    Series *series = NULL;
    bool alive = field->q > 0 && isfinite(field->q);
    for (int terms = 64; alive && terms <= 512 && !(series && series->rest < 1e-13); terms *= 8) {
        series_free(series);
        series = series_new(activation, (ActivationLaw){0, field->q}, terms);
    }
    for (int i = 0; i < ACTIVATION_GRID; i++) {
        double rho = (i - ACTIVATION_GRID / 2) / (double)(ACTIVATION_GRID / 2);
        report->rho[i] = rho;
        report->correlation[i] = series ? field_correlation(field, series, rho) : none;
    }
    if (series) report->correlation[0] = field_opposite(field, activation);
    series_free(series);
}

static ActivationNumber exact(const ActivationMoments *moments) { // sw2 = 1/E phi^2
    double value = 1 / moments->second_moment, off = moments->off.second_moment;
    double relative = off / (moments->second_moment - off);
    return (ActivationNumber){value, value * (relative + DBL_EPSILON)};
}

bool activation_report(const Activation *activation, double sw2, double sb2,
                       ActivationReport *report, Error *error) {
    *report = (ActivationReport){.activation = activation, .given = !isnan(sw2)};
    if (!activation_moments(activation, (ActivationLaw){0, 1}, &report->moments, error))
        return false;
    bool ok = report->given ? activation_field(activation, sw2, sb2, &report->field, error)
                            : activation_field_at(activation, exact(&report->moments), 0, 1,
                                                  &report->field, error);
    const ActivationField *field = &report->field;
    if (!ok || !activation_edge(activation, field->sb2, &report->edge, error)) return false;
    fill_correlations(report);
    for (int i = 0; i < ACTIVATION_LENGTHS; i++) {
        report->length[i] = ldexp(1, i - ACTIVATION_LENGTHS / 2);
        ActivationNumber square = moment_square(activation, report->length[i], SEARCH_WORK);
        double value = field->sw2 * square.value + field->sb2;
        double off = (field->sw2 + field->off.sw2) * square.error + field->off.sw2 * square.value;
        report->next[i] = (ActivationNumber){value, off + 1e-15 * value};
    }
    return true;
}

// ---- for people ----

// Digits of the value that its error leaves certain, at most `most`: half a unit of the last one.
static int certain_digits(ActivationNumber number, int most) {
    if (number.value == 0) return most;
    double first = floor(log10(fabs(number.value)));
    for (int digits = most; digits > 0; digits--) {
        if (number.error <= 0.5 * pow(10, first - digits + 1)) return digits;
    }
    return 0;
}

static void add_bound(Text *text, double bound) { // one digit, rounded up
    if (bound == 0) bound = 1e-300;
    double unit = pow(10, floor(log10(bound)));
    text_printf(text, "%.1g", ceil(bound / unit * (1 - 1e-12)) * unit);
}

// No digit that the error leaves open, and beside fewer than `most` what the number printed may be
// off.
static void add_number(Text *text, ActivationNumber number, int most) {
    double size = fabs(number.value);
    if (isnan(number.value)) {
        text_add(text, "-");
    } else if (isinf(number.value)) {
        text_add(text, "infinite");
    } else if (isinf(number.error)) {
        text_add(text, "not known");
    } else if (size <= number.error) {
        text_add(text, "0");
        if (number.error < 1e-12) return;
        text_add(text, " +- ");
        add_bound(text, size + number.error);
    } else {
        int digits = certain_digits(number, most);
        char shown[40];
        snprintf(shown, sizeof shown, "%.*g", digits ? digits : 1, number.value);
        text_add(text, shown);
        if (digits == most) return;
        text_add(text, " +- ");
        add_bound(text, number.error + fabs(number.value - strtod(shown, NULL)));
    }
}

static void add_row(Text *text, const char *name, double value, double off, const char *meaning) {
    Text number = {0};
    add_number(&number, (ActivationNumber){value, off}, 12);
    text_printf(text, "%-14s%-17s %s\n", name, number.data, meaning);
    text_free(&number);
}

static void describe_head(const ActivationReport *report, Text *text) {
    const Activation *activation = report->activation;
    text_printf(text, "phi(x) = %s", activation->text);
    if (activation->kind) text_printf(text, "   (%s)", activation->name);
    for (size_t i = 0; i < activation->kinks && i < 4; i++)
        text_printf(text, "%s%.6g", i ? ", " : "; edges at ", activation->kink[i]);
    if (activation->kinks > 4)
        text_printf(text, ", ... (%zu%s)", activation->kinks,
                    activation->kinks == ACTIVATION_KINKS ? " or more" : "");
    if (activation->jumps) text_add(text, "; it jumps");
    text_add(text, "\n");
}

static void describe_moments(const ActivationReport *report, Text *text) {
    const ActivationMoments *m = &report->moments;
    double torch = report->activation->torch_gain;
    bool jumps = report->activation->jumps;
    char beside[80] = "1/sqrt(E phi^2): sigma = gain/sqrt(fan_in)";
    if (!isnan(torch)) snprintf(beside, sizeof beside, "PyTorch's calculate_gain: %.7g", torch);
    add_row(text, "E phi", m->mean, m->off.mean, "");
    add_row(text, "E phi^2", m->second_moment, m->off.second_moment, "");
    add_row(text, "gain", m->gain, m->off.gain, beside);
    add_row(text, "E phi'^2", m->slope_second_moment, m->off.slope_second_moment,
            jumps ? "of phi' where it exists: phi jumps, and a jump has no phi'" : "");
    add_row(text, "chi_1", m->chi1, m->off.chi1,
            "growth of the squared gradient per layer at this gain");
    add_row(text, "kurtosis", m->kurtosis, m->off.kurtosis,
            "of phi(z), about its mean; a Gaussian has 3");
    add_row(text, "moment ratio", m->moment_ratio, m->off.moment_ratio,
            "E phi^4/(E phi^2)^2; n units spread lengths by 1 + (this - 1)/n");
}

static void add_layers(Text *text, double xi, double off) {
    if (isinf(xi)) {
        text_add(text, "no finite depth scale");
    } else if (isinf(off) || isnan(xi)) {
        text_add(text, "depth scale not known");
    } else {
        text_add(text, "depth scale ");
        add_number(text, (ActivationNumber){xi, off}, 6);
        text_add(text, " layers");
    }
}

static const char *stability(double slope, double off) {
    if (!(fabs(fabs(slope) - 1) > off)) return "stable or not (not known)";
    return fabs(slope) < 1 ? "stable" : "unstable";
}

static void describe_length(const ActivationField *field, Text *text) {
    if (isnan(field->q)) {
        text_printf(text,
                    "length: q* is not known: V(q) cannot be computed at q = %.3g, which is on the "
                    "way to it\n",
                    field->lost);
    } else if (field->q == 0) {
        text_add(text, "length: the signal dies, q* = 0\n");
    } else if (isinf(field->q)) {
        text_add(text, "length: the signal explodes, q* is infinite\n");
    } else if (field->any_q) {
        text_add(text, "length: every q = E u^2 stays as it is\n");
    } else {
        text_add(text, "length: q* = ");
        add_number(text, (ActivationNumber){field->q, field->off.q}, 12);
        text_printf(text, ", %s (slope ", stability(field->q_slope, field->off.q_slope));
        add_number(text, (ActivationNumber){field->q_slope, field->off.q_slope}, 6);
        text_add(text, "), ");
        add_layers(text, field->xi_q, field->off.xi_q);
        text_add(text, "\n");
    }
}

static const char *const PHASES[] = {[PHASE_ORDERED] = "ordered",
                                     [PHASE_EDGE] = "on the edge of chaos",
                                     [PHASE_CHAOTIC] = "chaotic",
                                     [PHASE_UNKNOWN] = "not known"};

static void describe_field(const ActivationReport *report, Text *text) {
    const ActivationField *field = &report->field;
    text_add(text, "weights of variance sw2/fan_in, sw2 = ");
    add_number(text, (ActivationNumber){field->sw2, field->off.sw2}, 12);
    text_printf(text, "%s, biases sb2 = %.6g:\n", report->given ? "" : " (the exact rule)",
                field->sb2);
    describe_length(field, text);
    text_printf(text, "phase: %s, chi_1 = ", PHASES[field->phase]);
    add_number(text, (ActivationNumber){field->chi1, field->off.chi1}, 12);
    text_add(text, report->activation->jumps ? ", but C'(1) is infinite: phi jumps\n" : "\n");
    if (field->q == 0 || !isfinite(field->q)) return;
    if (isnan(field->c)) {
        text_add(text, "correlation: c* is not known\n");
        return;
    }
    text_add(text, "correlation: c* = ");
    add_number(text, (ActivationNumber){field->c, field->off.c}, 12);
    text_add(text, " (slope ");
    add_number(text, (ActivationNumber){field->c_slope, field->off.c_slope}, 6);
    text_add(text, "), ");
    add_layers(text, field->xi_c, field->off.xi_c);
    text_add(text, "\n");
}

static void describe_edge(const ActivationReport *report, Text *text) {
    const ActivationEdge *edge = &report->edge;
    text_printf(text, "edge of chaos at sb2 = %.6g: ", report->field.sb2);
    if (!edge->points && report->activation->jumps) {
        text_add(text, "none: phi jumps");
    } else if (!edge->points && edge->longest == 0) {
        text_add(text, "not known");
    } else if (!edge->points && isinf(edge->longest)) {
        text_add(text, "chi_1 = 1 at no length");
    } else if (!edge->points) {
        text_printf(text, "chi_1 = 1 was found at no length q from %.1g to %.1g", edge->shortest,
                    edge->longest);
    }
    for (size_t i = 0; i < edge->points; i++) {
        const ActivationEdgePoint *point = &edge->point[i];
        text_printf(text, "%ssw2 = ", i ? "; " : "");
        add_number(text, (ActivationNumber){point->sw2, point->off.sw2}, 12);
        if (point->any_q) {
            text_add(text, " with every length, and no edge at any other sb2");
        } else if (point->q == 0) {
            text_add(text, " as q* -> 0");
        } else {
            text_add(text, " with q* = ");
            add_number(text, (ActivationNumber){point->q, point->off.q}, 6);
            if (!(fabs(point->q_slope) < 1)) text_add(text, " (unstable)");
        }
    }
    text_add(text, "\n");
}

static void describe_map(const ActivationReport *report, Text *text) {
    if (isnan(report->correlation[ACTIVATION_GRID - 1].value)) return;
    text_add(text, "  rho ");
    for (int i = 0; i < ACTIVATION_GRID; i += 2) text_printf(text, "%8.1f", report->rho[i]);
    text_add(text, "\nC(rho)");
    for (int i = 0; i < ACTIVATION_GRID; i += 2) {
        ActivationNumber c = report->correlation[i];
        if (c.error < 5e-5) {
            text_printf(text, "%8.4f", fabs(c.value) < 5e-5 ? 0 : c.value);
        } else {
            text_add(text, "       ?");
        }
    }
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
                    fabs(moments.mean) < 1e-14 ? 0 : moments.mean, moments.second_moment,
                    moments.gain, torch, moments.chi1, activation->text);
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
