#include "guess/kernels.h"
#include <math.h>
#include <string.h>

enum { OUTCOMES_MOST = 1 << 21, WORDS_MOST = 1 << 26 };

// From net/: what a refused layer is told.
static const char DENSE_ONLY[] =
    "only dense networks can be guessed: fc layers and activations between them";

static bool is_dense(const Layer *layer) {
    return strcmp(layer->kind->name, "fc") == 0;
}

static bool is_plain(const Net *net, size_t l) {
    const Layer *layer = &net->layer[l];
    if (layer->from != (l ? (int64_t)l - 1 : LAYER_INPUT)) return false;
    return is_dense(layer) || layer->kind->is_activation ||
           strcmp(layer->kind->name, "flatten") == 0;
}

// The largest number of digits with q^digits <= 2^21.
static size_t digits_of(size_t q) {
    size_t digits = 0;
    for (uint64_t outcomes = q; outcomes <= OUTCOMES_MOST; outcomes *= q) digits++;
    return digits;
}

static uint32_t least_of(size_t q, size_t digits) {
    uint64_t outcomes = 1;
    while (digits--) outcomes *= q;
    return (uint32_t)((UINT64_C(1) << 32) % outcomes);
}

static bool is_float(double a) {
    return (double)(float)a == a;
}

static void choose_levels(GuessModel *model) {
    const GuessPrior *prior = &model->prior;
    float *value = model->value;
    for (size_t c = 0; c < prior->levels; c++) value[c] = (float)prior->level[c];
    double first = value[0], step = value[1] - value[0];
    model->evenly = true;
    for (size_t c = 0; c < prior->levels; c++) {
        double way = (double)c * step;
        if (!is_float(way) || first + way != (double)value[c]) model->evenly = false;
    }
}

static void choose_words(GuessModel *model) {
    bool levels = model->prior.law == GUESS_LEVELS;
    model->digits = levels ? digits_of(model->prior.levels) : 1;
    model->words = (model->weights + model->digits - 1) / model->digits;
    if (!levels) return;
    model->least = least_of(model->prior.levels, model->digits);
    model->least_last = least_of(model->prior.levels, model_digits(model, model->words - 1));
    choose_levels(model);
}

static bool too_many_words(const GuessModel *model, Error *error) {
    return error_set(error, "the network has %zu weights; up to %d can be guessed", model->weights,
                     WORDS_MOST);
}

bool guess_model(const NetProgram *program, const Net *net, const GuessPrior *prior,
                 GuessModel *model, Error *error) {
    *model = (GuessModel){.net = net, .prior = *prior, .weights = (size_t)net->parameters};
    model->inputs = model->widest = (size_t)shape_count(&net->input);
    for (size_t l = 0; l < net->layers; l++) {
        const Layer *layer = &net->layer[l];
        if (!is_plain(net, l)) return net_refuse(program, layer, DENSE_ONLY, error);
        size_t out = (size_t)shape_count(&layer->out);
        if (out > model->widest) model->widest = out;
    }
    if (net->outputs != 1) {
        return net_refuse(program, &net->layer[net->layers - 1],
                          "a guess says yes or no: the network needs one output, as of fc-1",
                          error);
    }
    if (model->weights == 0) return error_set(error, "the network has no weights to draw");
    if (model->weights > WORDS_MOST) return too_many_words(model, error);
    choose_words(model);
    return true;
}

// ---- weights ----

DrawKeys model_keys(uint64_t seed) {
    DrawKeys keys;
    for (uint32_t round = 0; round < DRAW_ROUNDS; round++) {
        keys.first[round] = (uint32_t)seed + round * 0x9E3779B9;
        keys.second[round] = (uint32_t)(seed >> 32) + round * 0xBB67AE85;
    }
    return keys;
}

static uint32_t word_at(uint64_t seed, uint64_t t, uint64_t word) {
    Random random = random_stream(seed, RANDOM_GUESS, t);
    random.counter[0] = (uint32_t)(word / 4);
    uint32_t bits = 0;
    for (uint64_t i = 0; i <= word % 4; i++) bits = random_bits(&random);
    return bits;
}

// One word's digits; what is left of its fraction of 2^32.
static uint32_t cut(size_t q, uint32_t bits, size_t count, uint8_t *digit) {
    for (size_t i = 0; i < count; i++) {
        uint64_t product = bits * (uint64_t)q;
        digit[i] = (uint8_t)(product >> 32);
        bits = (uint32_t)product;
    }
    return bits;
}

size_t model_digits(const GuessModel *model, size_t word) {
    size_t left = model->weights - word * model->digits;
    return left < model->digits ? left : model->digits;
}

bool model_try_word(const GuessModel *model, uint64_t seed, uint64_t t, size_t word, int try,
                    uint8_t digit[DIGITS_MOST]) {
    uint32_t bits = word_at(seed, t, word + (uint64_t)try * WORDS_MOST);
    uint32_t left = cut(model->prior.levels, bits, model_digits(model, word), digit);
    return left >= model_least(model, word);
}

void model_draw_word(const GuessModel *model, uint64_t seed, uint64_t t, size_t word,
                     uint8_t digit[DIGITS_MOST]) {
    for (int try = 0; !model_try_word(model, seed, t, word, try, digit);) try++;
}

bool guess_weights(const GuessModel *model, uint64_t seed, uint64_t t, float *w, Error *error) {
    float *all = memory_try(model->weights * 16, sizeof *all, "the weights of 16 networks", error);
    if (!all) return false;
    guess_kernels()->weights(model, seed, t, all);
    for (size_t i = 0; i < model->weights; i++) w[i] = all[i * 16];
    memory_free(all);
    return true;
}
