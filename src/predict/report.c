#include "base/json.h"
#include "predict/inner.h"
#include <string.h>

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
    if (predictions->said.length) text_printf(text, "\n%s", predictions->said.data);
}

static json_t *class_to_json(const PredictClass *class) {
    return json_pack("{s:I, s:o, s:o, s:o}", "class", (json_int_t) class->number, "name",
                     json_text(class->name), "probability", json_number(class->probability),
                     "output", json_number(class->output));
}

static json_t *moments_to_json(const double *value, size_t count) {
    if (count > PREDICT_CHANNELS) return json_integer((json_int_t)count);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(array, json_number(value[i]));
    return array;
}

static json_t *made_to_json(const Predictions *predictions) {
    const PredictMade *files = &predictions->files, *rows = &predictions->rows;
    const PredictMade *made = files->how != PREPARED_NOT ? files : rows;
    return json_pack("{s:o, s:o, s:o, s:o}", "images", json_text(prepare_word(files->how)), "rows",
                     json_text(prepare_word(rows->how)), "mean",
                     moments_to_json(made->mean, made->moments), "std",
                     moments_to_json(made->sd, made->moments));
}

static json_t *lines_to_json(const char *text) {
    json_t *lines = json_array();
    for (const char *c = text; c && *c;) {
        size_t length = strcspn(c, "\n");
        char *line = memory_new(length + 1, 1);
        memcpy(line, c, length);
        json_array_append_new(lines, json_text(line));
        memory_free(line);
        c += length + (c[length] == '\n');
    }
    return lines;
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
    return json_pack("{s:o, s:o, s:o, s:o}", "images", images, "data", json_text(predictions->data),
                     "prepared", made_to_json(predictions), "said",
                     lines_to_json(predictions->said.data));
}
