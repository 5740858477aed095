#include "activation/inner.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_WORD = 60 };

static const char PLACE[] = "activation";

static Activation *new_activation(const LayerKind *kind, const char *name, size_t length,
                                  const char *formula) {
    Activation *activation = memory_new(1, sizeof *activation);
    Text text = {0};
    text_add_bytes(&text, name, length);
    activation->kind = kind;
    activation->name = text.data;
    activation->text = memory_text(formula ? formula : text.data);
    activation->torch_gain = NAN;
    return activation;
}

// ---- layers ----

// The options of a kind as names of numbers.
static size_t constants_of(const Layer *layer, FormulaConstant *constant) {
    size_t count = layer_options(layer->kind);
    for (size_t i = 0; i < count; i++)
        constant[i] = (FormulaConstant){layer->kind->options[i].name, layer->option[i].real};
    return count;
}

Activation *activation_of_layer(const Layer *layer) {
    const LayerKind *kind = layer->kind;
    REQUIRE(kind->is_activation && kind->formula);
    FormulaConstant constant[LAYER_OPTIONS];
    size_t constants = constants_of(layer, constant);
    Text name = {0};
    layer_print(layer, &name);
    Activation *activation = new_activation(kind, name.data, name.length, kind->formula);
    text_free(&name);
    Formula *formula = &activation->formula;
    double x = 0;
    if (kind->torch_gain) { // a formula without x
        REQUIRE(formula_parse(PLACE, kind->torch_gain, strlen(kind->torch_gain), constant,
                              constants, formula, NULL));
        formula_evaluate(formula, formula->nodes - 1, 1, &x, &activation->torch_gain, NULL);
    }
    REQUIRE(formula_parse(PLACE, kind->formula, strlen(kind->formula), constant, constants, formula,
                          NULL));
    activation_find_kinks(activation);
    return activation;
}

// ---- what a person writes ----

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

typedef struct Source {
    const char *text;
    size_t length, at;
} Source;

static void skip_blank(Source *source) {
    while (source->at < source->length && is_blank(source->text[source->at])) source->at++;
}

// The next run of letters, digits and "_", into word; its length, 0 where there is none or it is
// longer than any name.
static size_t next_word(Source *source, char word[LONGEST_WORD]) {
    size_t start = source->at, length;
    while (source->at < source->length && is_word(source->text[source->at])) source->at++;
    length = source->at - start;
    if (length >= LONGEST_WORD) length = 0;
    snprintf(word, LONGEST_WORD, "%.*s", (int)length, source->text + start);
    return length;
}

static bool refuse(const Source *source, size_t at, size_t width, const char *message,
                   Error *error) {
    return error_at(error, PLACE, source->text, source->length, at, width, "%s", message);
}

static bool unknown_option(const Source *source, size_t at, size_t width, const LayerKind *kind,
                           Error *error) {
    char message[200];
    snprintf(message, sizeof message, "%s has no such option; it is written %s", kind->name,
             kind->form);
    return refuse(source, at, width, message, error);
}

// NAME=VALUE
static bool read_option(Source *source, Layer *layer, Error *error) {
    char word[LONGEST_WORD], value[LONGEST_WORD];
    size_t start = source->at, length = next_word(source, word);
    const Option *option =
        length ? option_find(layer->kind->options, layer_options(layer->kind), word) : NULL;
    if (!option || source->at == source->length || source->text[source->at] != '=')
        return unknown_option(source, start, length ? length : 1, layer->kind, error);
    size_t from = ++source->at;
    while (source->at < source->length && !is_blank(source->text[source->at])) source->at++;
    size_t width = source->at - from;
    snprintf(value, sizeof value, "%.*s", width < LONGEST_WORD ? (int)width : 0,
             source->text + from);
    Error inner;
    if (option_set(option, layer->option, value, NULL, &inner)) return true;
    return refuse(source, from, width ? width : 1, inner.text, error);
}

// The kind of activation whose word stands here; NULL, and nothing read, where there is none.
static const LayerKind *read_kind(Source *source) {
    Source ahead = *source;
    char word[LONGEST_WORD];
    skip_blank(&ahead);
    const LayerKind *kind = next_word(&ahead, word) ? layer_find(word) : NULL;
    skip_blank(&ahead);
    bool alone = ahead.at == ahead.length || is_word(ahead.text[ahead.at]);
    if (!kind || !kind->is_activation || !alone) return NULL; // tanh(x) is a formula
    *source = ahead;
    return kind;
}

static Activation *read_layer(Source *source, const LayerKind *kind, Error *error) {
    Layer layer = {.kind = kind};
    layer_set_defaults(&layer);
    for (skip_blank(source); source->at < source->length; skip_blank(source)) {
        if (!read_option(source, &layer, error)) return NULL;
    }
    return activation_of_layer(&layer);
}

// A word on its own that is nothing: an activation misspelt?
static bool misspelt(const Source *source, Error *error) {
    Source ahead = *source;
    char word[LONGEST_WORD];
    const char *names[64];
    size_t count = 0;
    skip_blank(&ahead);
    size_t start = ahead.at, length = next_word(&ahead, word);
    skip_blank(&ahead);
    bool alone = ahead.at == ahead.length || is_word(ahead.text[ahead.at]);
    bool letter = length && !(word[0] >= '0' && word[0] <= '9');
    if (!letter || !alone || text_equal_fold(word, "x") || text_equal_fold(word, "e") ||
        text_equal_fold(word, "pi") || formula_function(word))
        return false;
    Text message = {0};
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        if ((*kind)->is_activation && count < 64) names[count++] = (*kind)->name;
    }
    const char *nearest = text_nearest(word, names, count, sizeof *names);
    text_printf(&message, "unknown activation \"%s\"", word);
    if (nearest) text_printf(&message, ", did you mean \"%s\"?", nearest);
    text_add(&message, nearest ? " There are" : "; there are");
    for (size_t i = 0; i < count; i++) text_printf(&message, "%s %s", i ? "," : "", names[i]);
    text_add(&message, "; or a formula in x");
    refuse(source, start, length, message.data, error);
    text_free(&message);
    return true;
}

Activation *activation_read(const char *text, size_t length, Error *error) {
    Source source = {text, length, 0};
    const LayerKind *kind = read_kind(&source);
    if (kind) return read_layer(&source, kind, error);
    if (misspelt(&source, error)) return NULL;
    Activation *activation = new_activation(NULL, text, length, NULL);
    if (formula_parse(PLACE, text, length, NULL, 0, &activation->formula, error)) {
        activation_find_kinks(activation);
        return activation;
    }
    activation_free(activation);
    return NULL;
}

void activation_free(Activation *activation) {
    if (!activation) return;
    memory_free(activation->name);
    memory_free(activation->text);
    memory_free(activation);
}

// ---- facts ----

const char *activation_name(const Activation *activation) {
    return activation->name;
}

const char *activation_formula(const Activation *activation) {
    return activation->text;
}

const LayerKind *activation_kind(const Activation *activation) {
    return activation->kind;
}

double activation_torch_gain(const Activation *activation) {
    return activation->torch_gain;
}

size_t activation_kinks(const Activation *activation, const double **kink) {
    *kink = activation->kink;
    return activation->kinks;
}

bool activation_jumps(const Activation *activation) {
    return activation->jumps;
}

void activation_evaluate(const Activation *activation, size_t count, const double *x, double *phi,
                         double *slope) {
    const Formula *formula = &activation->formula;
    for (size_t i = 0; i < count; i += FORMULA_BLOCK) {
        size_t block = count - i < FORMULA_BLOCK ? count - i : FORMULA_BLOCK;
        formula_evaluate(formula, formula->nodes - 1, block, x + i, phi + i,
                         slope ? slope + i : NULL);
    }
}
