#include "signal/inner.h"
#include "base/json.h"

static const char *name_of(const SignalReport *report, const SignalScheme *scheme, int64_t i) {
    return report->net->layer[scheme->layer[i].number].name;
}

static json_t *layer_to_json(const SignalReport *report, const SignalScheme *scheme, size_t i) {
    const SignalLayer *l = &scheme->layer[i];
    return json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "name", name_of(report, scheme, (int64_t)i), "sigma", json_number(l->sigma), "predicted",
        json_number(l->predicted), "predicted_finite", json_number(l->finite), "measured",
        json_number(l->measured), "measured_standard_error", json_number(l->measured_error),
        "across_predicted", json_number(l->across_predicted), "across", json_number(l->across),
        "spread", json_number(l->spread), "spread_predicted", json_number(l->spread_predicted),
        "ratio_predicted", json_number(l->ratio_predicted), "ratio", json_number(l->ratio),
        "kurtosis", json_number(l->kurtosis), "kurtosis_predicted",
        json_number(l->kurtosis_predicted), "ks_distance", json_number(l->distance),
        "gradient_predicted", json_number(l->gradient_predicted), "gradient_measured",
        json_number(l->gradient_measured), "gradient_standard_error",
        json_number(l->gradient_error));
}

static void add_judgement(json_t *object, const SignalReport *report, const SignalScheme *scheme,
                          const SignalJudgement *judgement) {
    json_object_set_new(object, "verdict", json_string(signal_verdicts[judgement->verdict]));
    if (judgement == &scheme->signal)
        json_object_set_new(object, "alike", json_boolean(judgement->alike));
    json_object_set_new(object, "leaves",
                        judgement->leaves < 0
                            ? json_null()
                            : json_string(name_of(report, scheme, judgement->leaves)));
    json_object_set_new(object, "lost_at_depth", json_number(judgement->depth));
    json_object_set_new(object, "rate", json_number(judgement->rate));
}

static json_t *scheme_to_json(const SignalReport *report, const SignalScheme *scheme) {
    json_t *layers = json_array(), *gradient = json_object();
    for (size_t i = 0; i < report->layers; i++)
        json_array_append_new(layers, layer_to_json(report, scheme, i));
    json_t *object =
        json_pack("{s:s, s:o}", "scheme", init_names[scheme->scheme], "layers", layers);
    add_judgement(object, report, scheme, &scheme->signal);
    add_judgement(gradient, report, scheme, &scheme->gradient);
    json_object_set_new(object, "gradient", gradient);
    json_object_set_new(object, "advice", json_string(scheme->advice));
    return object;
}

json_t *signal_to_json(const SignalReport *report) {
    const SignalOptions *options = &report->options;
    json_t *schemes = json_array();
    for (size_t s = 0; s < options->schemes; s++)
        json_array_append_new(schemes, scheme_to_json(report, &report->scheme[s]));
    return json_pack("{s:b, s:s, s:I, s:I, s:s, s:o}", "measured", (int)report->measured, "why_not",
                     report->why_not, "draws", (json_int_t)(report->measured ? options->draws : 0),
                     "examples", (json_int_t)options->examples, "law", init_laws[options->law],
                     "schemes", schemes);
}
