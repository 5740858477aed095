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
        {"predicted_median", l->typical},
        {"measured", l->measured},
        {"measured_standard_error", l->measured_error},
        {"median", l->median},
        {"scatter", l->scatter},
        {"scatter_predicted", l->scatter_predicted},
        {"across_predicted", l->across_predicted},
        {"across", l->across},
        {"apart", l->apart},
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
        {"gradient_median", l->gradient_median},
        {"gradient_scatter", l->gradient_scatter},
    };
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        json_object_set_new(object, numbers[k].key, json_number(numbers[k].value));
    json_object_set_new(object, "corner", place_to_json(l, INIT_CORNER));
    json_object_set_new(object, "edge", place_to_json(l, INIT_EDGE));
    json_object_set_new(object, "middle", place_to_json(l, INIT_MIDDLE));
    return object;
}

static json_t *layer_name(const SignalReport *report, const SignalScheme *scheme, bool known,
                          int64_t i) {
    return known ? json_text(name_of(report, scheme, i)) : json_null();
}

static void add_judgement(json_t *object, const SignalReport *report, const SignalScheme *scheme,
                          const SignalJudgement *j) {
    bool has_rate = isfinite(j->rate);
    json_object_set_new(object, "verdict", json_text(signal_verdicts[j->verdict]));
    if (j == &scheme->signal) json_object_set_new(object, "alike", json_boolean(j->alike));
    json_object_set_new(object, "end", json_number(j->end));
    json_object_set_new(object, "leaves", layer_name(report, scheme, j->leaves >= 0, j->leaves));
    json_object_set_new(object, "lost_at_depth", json_number(j->depth));
    json_object_set_new(object, "rate", json_number(j->rate));
    json_object_set_new(object, "rate_from", layer_name(report, scheme, has_rate, j->from));
    json_object_set_new(object, "rate_to", layer_name(report, scheme, has_rate, j->to));
    const struct {
        const char *key;
        int64_t count;
    } counts[] = {{"looked_at", j->looked_at}, {"died", j->died}, {"exploded", j->exploded}};
    for (int i = 0; i < 3; i++)
        json_object_set_new(object, counts[i].key,
                            report->measured ? json_integer(counts[i].count) : json_null());
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
