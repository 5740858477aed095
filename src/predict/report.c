#include "base/json.h"
#include "predict/predict.h"

static void add_name(Text *text, const char *name) {
    text_add_tame(text, name);
    text_add(text, "\n");
}

static void describe_class(const PredictClass *class, Text *text) {
    text_printf(text, "    %6.2f %%  ", 100 * class->probability);
    if (class->name) {
        add_name(text, class->name);
    } else {
        text_printf(text, "class %zu\n", class->number);
    }
}

void predict_describe(const Predictions *predictions, Text *text) {
    for (size_t i = 0; i < predictions->images; i++) {
        const Prediction *prediction = &predictions->image[i];
        if (i) text_add(text, "\n");
        add_name(text, prediction->image);
        for (size_t c = 0; c < predictions->top; c++) describe_class(&prediction->best[c], text);
    }
}

static json_t *class_to_json(const PredictClass *class) {
    return json_pack("{s:I, s:o, s:o, s:o}", "class", (json_int_t) class->number, "name",
                     json_text(class->name), "probability", json_number(class->probability),
                     "output", json_number(class->output));
}

json_t *predict_to_json(const Predictions *predictions) {
    json_t *images = json_array();
    for (size_t i = 0; i < predictions->images; i++) {
        const Prediction *prediction = &predictions->image[i];
        json_t *classes = json_array();
        for (size_t c = 0; c < predictions->top; c++)
            json_array_append_new(classes, class_to_json(&prediction->best[c]));
        json_array_append_new(images, json_pack("{s:o, s:o}", "image", json_text(prediction->image),
                                                "classes", classes));
    }
    return json_pack("{s:o}", "images", images);
}
