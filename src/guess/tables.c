// Tables of neuron responses: when they apply, when they are worth while, and what stands in them.
#include "guess/kernels.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    POINTS_MOST = 64, // of the sample, and of the other points: behind them few networks live
    ENTRIES_MOST = 1 << 14,
    UNITS_MOST = 1 << 20, // levels and inputs in their units
    SHIFT_MOST = 20,      // the unit is 2^-20 or more
    EXACT_MOST = 1 << 24, // up to which lanes compute exactly, too
};

// ---- networks that have tables ----

// phi of a pre-activation, where `one` is what 1 is worth. What 1 is worth behind it is the same,
// except behind sign, where it is 1.
static int64_t identity(int64_t u, int64_t one) {
    (void)one;
    return u;
}
static int64_t relu(int64_t u, int64_t one) {
    (void)one;
    return u > 0 ? u : 0;
}
static int64_t sign(int64_t u, int64_t one) {
    (void)one;
    return u > 0 ? 1 : -1;
}
static int64_t hardtanh(int64_t u, int64_t one) {
    return u > one ? one : u < -one ? -one : u;
}

typedef int64_t Response(int64_t u, int64_t one);
static const struct {
    const char *name;
    Response *phi;
} RESPONSES[] = {{"relu", relu}, {"sign", sign}, {"hardtanh", hardtanh}};

typedef struct Neurons { // a network of one hidden layer, in whole numbers
    const GuessProblem *problem;
    const Layer *hidden, *output;
    Response *phi;
    size_t q, in, count; // levels, inputs and neurons
    int64_t level[GUESS_LEVELS_MOST];
    int64_t unit_w, unit_x; // what 1 is worth among levels and inputs,
    int64_t unit_u, unit_h; // before and behind phi
} Neurons;

// fc, fc or fc, activation, fc.
static bool find_layers(Neurons *n) {
    const Net *net = n->problem->model->net;
    const Layer *layer[3];
    size_t layers = 0;
    for (size_t l = 0; l < net->layers; l++) {
        bool flatten = !net->layer[l].slots && !net->layer[l].kind->is_activation;
        if (flatten) continue;
        if (layers == 3) return false;
        layer[layers++] = &net->layer[l];
    }
    if (layers < 2 || !layer[0]->slots || !layer[layers - 1]->slots) return false;
    n->hidden = layer[0];
    n->output = layer[layers - 1];
    n->phi = layers == 2 ? identity : NULL;
    for (size_t i = 0; layers == 3 && i < sizeof RESPONSES / sizeof *RESPONSES; i++) {
        if (strcmp(layer[1]->kind->name, RESPONSES[i].name) == 0) n->phi = RESPONSES[i].phi;
    }
    n->in = (size_t)n->hidden->slot[0].size[1];
    n->count = (size_t)n->hidden->slot[0].size[0];
    return n->phi != NULL;
}

// The least power of 2, from *unit on, that makes a whole number of a; false: beyond our limits.
static bool scale_to_whole(double a, int64_t *unit) {
    while (a * (double)*unit != nearbyint(a * (double)*unit)) {
        *unit *= 2;
        if (*unit > INT64_C(1) << SHIFT_MOST) return false;
    }
    return fabs(a) * (double)*unit <= UNITS_MOST;
}

static bool find_units(Neurons *n) {
    const GuessModel *model = n->problem->model;
    const GuessPoints *points = n->problem->points;
    n->unit_w = n->unit_x = 1;
    for (size_t c = 0; c < n->q; c++) {
        if (!scale_to_whole((double)model->value[c], &n->unit_w)) return false;
    }
    for (size_t i = 0; i < points->all * points->d; i++) {
        if (!scale_to_whole((double)points->x[i], &n->unit_x)) return false;
    }
    for (size_t c = 0; c < n->q; c++)
        n->level[c] = (int64_t)((double)model->value[c] * (double)n->unit_w);
    n->unit_u = n->unit_w * n->unit_x;
    n->unit_h = n->phi == sign ? 1 : n->unit_u;
    return true;
}

static int64_t largest_level(const Neurons *n) {
    int64_t most = 0;
    for (size_t c = 0; c < n->q; c++) {
        if (llabs(n->level[c]) > most) most = llabs(n->level[c]);
    }
    return most;
}

static int64_t input_unit(const Neurons *n, size_t point, size_t i) {
    return (int64_t)((double)n->problem->points->x[point * n->in + i] * (double)n->unit_x);
}

// Do pre-activations stay exact in single precision, and sums of rows within 16 bits?
static bool is_small(const Neurons *n) {
    double level = (double)largest_level(n), most = 0;
    for (size_t point = 0; point < n->problem->points->all; point++) {
        double u = n->hidden->slots > 1 ? level * (double)n->unit_x : 0;
        for (size_t i = 0; i < n->in; i++) u += level * (double)llabs(input_unit(n, point, i));
        if (u > most) most = u;
    }
    if (most > EXACT_MOST) return false;
    bool bounded = n->phi == sign || n->phi == hardtanh;
    double response = bounded ? (double)n->unit_h : most;
    double bias = n->output->slots > 1 ? level * (double)n->unit_h : 0;
    return (double)n->count * level * response + bias + 1 <= INT16_MAX;
}

static size_t power(size_t q, size_t exponent) { // ENTRIES_MOST + 1: that many or more
    size_t entries = 1;
    while (exponent-- && entries <= ENTRIES_MOST) entries *= q;
    return entries <= ENTRIES_MOST ? entries : ENTRIES_MOST + 1;
}

static bool find_neurons(const GuessProblem *problem, Neurons *n) {
    *n = (Neurons){.problem = problem, .q = problem->model->prior.levels};
    return problem->model->prior.law == GUESS_LEVELS && find_layers(n) &&
           power(n->q, n->in + (size_t)n->hidden->slots) + n->q <= ENTRIES_MOST && find_units(n) &&
           is_small(n);
}

// ---- where digits go ----

// Digit number i of a guess: the row it belongs to, and what it is worth in entries.
static void place_of(const Neurons *n, size_t i, size_t *row, size_t *place) {
    size_t fan = n->in, incoming = power(n->q, fan), weights = n->count * fan;
    bool bias = n->hidden->slots > 1;
    if (i < weights) {
        *row = i / fan;
        *place = power(n->q, fan - 1 - i % fan);
    } else if (bias && i < weights + n->count) {
        *row = i - weights;
        *place = incoming;
    } else if (i < weights + n->count * (1 + bias)) {
        *row = (i - weights) % n->count;
        *place = bias ? incoming * n->q : incoming;
    } else {
        *row = n->count;
        *place = 1;
    }
}

enum { ROW_BYTES = 32 };

static void add_digit(const Neurons *n, size_t digit, bool new_word, GuessTables *tables,
                      size_t *steps) {
    size_t row, place;
    place_of(n, digit, &row, &place);
    TableStep *last = tables->step + *steps - 1;
    // A run within a neuron's incoming weights; other rows change with every digit.
    if (!new_word && last->code == row * 16 && last->place == (float)(place * n->q * ROW_BYTES)) {
        last->outcomes *= n->q;
        last->place = (float)(place * ROW_BYTES);
        return;
    }
    tables->step[(*steps)++] =
        (TableStep){.outcomes = n->q, .place = (float)(place * ROW_BYTES), .code = row * 16};
}

static void plan_steps(const Neurons *n, GuessTables *tables) {
    const GuessModel *model = tables->model;
    size_t steps = 0;
    for (size_t word = 0; word < model->words; word++) {
        tables->word[word] = steps;
        for (size_t i = 0; i < model_digits(model, word); i++)
            add_digit(n, word * model->digits + i, i == 0, tables, &steps);
    }
    tables->word[model->words] = steps;
    if (tables->rows > n->count)
        tables->base[n->count] = (float)((tables->entries - n->q) * ROW_BYTES);
}

static void add_digits(const GuessTables *tables, size_t word, const uint8_t *digit, float sign,
                       float *code) {
    for (size_t s = tables->word[word]; s < tables->word[word + 1]; s++) {
        const TableStep *step = &tables->step[s];
        uint64_t outcome = 0, q = tables->model->prior.levels;
        for (uint64_t left = step->outcomes; left > 1; left /= q) outcome = outcome * q + *digit++;
        code[step->code] += sign * (float)outcome * step->place;
    }
}

void tables_redraw(const GuessTables *tables, uint64_t t, size_t word, float *code) {
    uint8_t digit[DIGITS_MOST];
    model_try_word(tables->model, tables->seed, t, word, 0, digit);
    add_digits(tables, word, digit, -1, code);
    model_draw_word(tables->model, tables->seed, t, word, digit);
    add_digits(tables, word, digit, 1, code);
}

// ---- responses ----

static size_t point_of(const GuessTables *tables, size_t chunk, size_t lane) { // SIZE_MAX: none
    size_t n = tables->sample;
    if (chunk < tables->middle) return chunk * 16 + lane < n ? chunk * 16 + lane : SIZE_MAX;
    size_t i = tables->first + (chunk - tables->middle) * 16 + lane;
    return i < tables->rest ? i : SIZE_MAX;
}

// phi(w x + b) of the weights with this code at one point.
static int64_t response(const Neurons *n, size_t point, size_t code, bool bias) {
    int64_t u = 0;
    for (size_t i = n->in; i-- > 0; code /= n->q)
        u += n->level[code % n->q] * input_unit(n, point, i);
    if (bias) u += n->level[code % n->q] * n->unit_x;
    return n->phi(u, n->unit_u);
}

static void fill_lane(const Neurons *n, size_t point, size_t entries, int16_t *entry,
                      int16_t *start) {
    int y = n->problem->points->y[point];
    bool bias = n->hidden->slots > 1;
    size_t codes = power(n->q, n->in + bias);
    for (size_t code = 0; code < codes; code++) {
        int64_t phi = response(n, point, code, bias);
        for (size_t c = 0; c < n->q; c++)
            entry[(c * codes + code) * 16] = (int16_t)(y * n->level[c] * phi);
    }
    for (size_t c = 0; codes * n->q + c < entries; c++)
        entry[(codes * n->q + c) * 16] = (int16_t)(y * n->level[c] * n->unit_h);
    *start = guess_agrees(0, y, n->problem->zero) ? 0 : -1;
}

static void fill(const Neurons *n, GuessTables *tables) {
    for (size_t chunk = 0; chunk < tables->chunks; chunk++) {
        for (size_t lane = 0; lane < 16; lane++) {
            size_t point = point_of(tables, chunk, lane);
            if (point == SIZE_MAX) continue;
            fill_lane(n, point, tables->entries,
                      tables->entry + chunk * tables->entries * 16 + lane,
                      tables->start + chunk * 16 + lane);
        }
    }
}

// ---- all of it ----

// Cycles of a guess by either method on a processor with AVX-512, roughly, without its random
// words: a rule that depends on nothing but the problem.
static double cost_of_lanes(const Neurons *n) {
    const GuessModel *model = n->problem->model;
    return 12 + 0.4 * (double)model->weights + 0.5 * (double)model->net->macs;
}

static double cost_of_tables(const GuessTables *tables) {
    bool near = tables->entries * ROW_BYTES <= 1 << 15; // in the first cache
    return 0.6 * (double)tables->word[tables->model->words] +
           (near ? 0.9 : 5.0) * (double)tables->rows;
}

static bool allocate(GuessTables *tables, Error *error) {
    static const char what[] = "tables of neuron responses";
    const GuessModel *model = tables->model;
    size_t rows = tables->chunks * tables->entries * 16;
    return (tables->entry = memory_try(rows, sizeof *tables->entry, what, error)) &&
           (tables->start = memory_try(tables->chunks * 16, sizeof *tables->start, what, error)) &&
           (tables->step = memory_try(model->weights, sizeof *tables->step, what, error)) &&
           (tables->word = memory_try(model->words + 1, sizeof *tables->word, what, error)) &&
           (tables->base = memory_try(tables->rows, sizeof *tables->base, what, error)) &&
           (tables->code =
                memory_try(GUESS_GROUPS * tables->rows * 16, sizeof *tables->code, what, error)) &&
           (tables->at =
                memory_try(GUESS_GROUPS * tables->rows * 16, sizeof *tables->at, what, error));
}

static void set_sizes(const Neurons *n, GuessTables *tables) {
    const GuessPoints *points = n->problem->points;
    bool bias = n->output->slots > 1;
    size_t most = points->n + POINTS_MOST;
    tables->rows = n->count + bias;
    tables->entries = power(n->q, n->in + (size_t)n->hidden->slots) + (bias ? n->q : 0);
    tables->sample = points->n < POINTS_MOST ? points->n : POINTS_MOST;
    tables->first = tables->rest = points->n;
    if (tables->sample == points->n) tables->rest = points->all < most ? points->all : most;
    tables->middle = (tables->sample + 15) / 16;
    tables->chunks = tables->middle + (tables->rest - tables->first + 15) / 16;
}

bool tables_new(const GuessProblem *problem, bool forced, GuessTables **tables, Error *error) {
    Neurons *n = memory_new(1, sizeof *n);
    GuessTables *made = memory_new(1, sizeof *made);
    bool apply = find_neurons(problem, n), ok = true;
    made->model = problem->model;
    made->seed = problem->seed;
    made->keys = model_keys(problem->seed);
    if (apply) {
        set_sizes(n, made);
        ok = allocate(made, error);
    }
    if (apply && ok) plan_steps(n, made);
    apply = apply && ok && (forced || cost_of_tables(made) < cost_of_lanes(n));
    if (apply) fill(n, made);
    *tables = apply ? made : NULL;
    if (!apply) tables_free(made);
    memory_free(n);
    return ok;
}

void tables_free(GuessTables *tables) {
    if (!tables) return;
    memory_free(tables->entry);
    memory_free(tables->start);
    memory_free(tables->step);
    memory_free(tables->word);
    memory_free(tables->base);
    memory_free(tables->code);
    memory_free(tables->at);
    memory_free(tables);
}
