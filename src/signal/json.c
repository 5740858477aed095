#include "signal/inner.h"
#include "base/json.h"
#include <math.h>

static const char *name_of(const SignalReport *report, const SignalScheme *scheme, int64_t i) {
    return report->net->layer[scheme->layer[i].number].name;
}

static json_t *place_to_json(const SignalLayer *l, InitPlace place) {
    if (isnan(l->place_predicted[place])) return json_null();
    return json_pack("{s:o, s:o}", "predicted", json_number(l->place_predicted[place]), "measured",
                     json_number(l->place[place]));
}

static json_t *layer_to_json(const SignalReport *report, const SignalScheme *scheme, size_t i) {
    const SignalLayer *l = &scheme->layer[i];
    json_t *object = json_pack("{s:o}", "name", json_text(name_of(report, scheme, (int64_t)i)));
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"sigma", l->sigma},
        {"predicted", l->predicted},
        {"predicted_finite", l->finite},
        {"measured", l->measured},
        {"measured_standard_error", l->measured_error},
        {"across_predicted", l->across_predicted},
        {"across", l->across},
        {"spread", l->spread},
        {"spread_predicted", l->spread_predicted},
        {"ratio_predicted", l->ratio_predicted},
        {"ratio", l->ratio},
        {"kurtosis", l->kurtosis},
        {"kurtosis_predicted", l->kurtosis_predicted},
        {"ks_distance", l->distance},
        {"gradient_predicted", l->gradient_predicted},
        {"gradient_measured", l->gradient_measured},
        {"gradient_standard_error", l->gradient_error},
    };
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        json_object_set_new(object, numbers[k].key, json_number(numbers[k].value));
    json_object_set_new(object, "corner", place_to_json(l, INIT_CORNER));
    json_object_set_new(object, "edge", place_to_json(l, INIT_EDGE));
    json_object_set_new(object, "middle", place_to_json(l, INIT_MIDDLE));
    return object;
}

static void add_judgement(json_t *object, const SignalReport *report, const SignalScheme *scheme,
                          const SignalJudgement *judgement) {
    json_object_set_new(object, "verdict", json_text(signal_verdicts[judgement->verdict]));
    if (judgement == &scheme->signal)
        json_object_set_new(object, "alike", json_boolean(judgement->alike));
    json_object_set_new(object, "leaves",
                        judgement->leaves < 0
                            ? json_null()
                            : json_text(name_of(report, scheme, judgement->leaves)));
    json_object_set_new(object, "lost_at_depth", json_number(judgement->depth));
    json_object_set_new(object, "rate", json_number(judgement->rate));
}

static json_t *scheme_to_json(const SignalReport *report, const SignalScheme *scheme) {
    json_t *layers = json_array(), *gradient = json_object();
    for (size_t i = 0; i < report->layers; i++)
        json_array_append_new(layers, layer_to_json(report, scheme, i));
    json_t *object =
        json_pack("{s:o, s:o}", "scheme", json_text(init_names[scheme->scheme]), "layers", layers);
    add_judgement(object, report, scheme, &scheme->signal);
    add_judgement(gradient, report, scheme, &scheme->gradient);
    json_object_set_new(object, "gradient", gradient);
    json_object_set_new(object, "advice", json_text(scheme->advice));
    return object;
}

json_t *signal_to_json(const SignalReport *report) {
    const SignalOptions *options = &report->options;
    json_t *schemes = json_array();
    for (size_t s = 0; s < options->schemes; s++)
        json_array_append_new(schemes, scheme_to_json(report, &report->scheme[s]));
    return json_pack("{s:b, s:o, s:I, s:I, s:o, s:o}", "measured", (int)report->measured, "why_not",
                     json_text(report->why_not), "draws",
                     (json_int_t)(report->measured ? options->draws : 0), "examples",
                     (json_int_t)options->examples, "law", json_text(init_laws[options->law]),
                     "schemes", schemes);
}
