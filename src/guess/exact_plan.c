#include "guess/exact.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 6, NARROW = 32000 };
static const double LARGEST = 1e6;
static const int64_t POWERS[DIGITS + 1] = {1, 10, 100, 1000, 10000, 100000, 1000000};
static const char DECIMALS[] =
    "an exact count takes decimals of up to 6 digits behind the point, from -1e6 to 1e6";

// ---- decimals ----

static int64_t divisor_of(int64_t a, int64_t b) {
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

// How many digits behind the point value has; -1: it is no such decimal. single: the decimal was
// rounded to single precision.
static int digits_of(double value, bool single) {
    for (int digits = 0; fabs(value) <= LARGEST && digits <= DIGITS; digits++) {
        double power = (double)POWERS[digits], back = round(value * power) / power;
        if (single ? (float)back == (float)value : back == value) return digits;
    }
    return -1;
}

// whole[i] = value[i] * one; takes out what all have in common with one, which is a power of ten.
static int64_t make_whole(size_t count, const double *value, int digits, int64_t *whole) {
    int64_t one = POWERS[digits], common = one;
    for (size_t i = 0; i < count; i++) {
        whole[i] = llround(value[i] * (double)one);
        common = divisor_of(common, whole[i]);
    }
    for (size_t i = 0; i < count; i++) whole[i] /= common;
    return one / common;
}

static int64_t greatest_of(size_t count, const int64_t *whole) {
    int64_t greatest = 0;
    for (size_t i = 0; i < count; i++) {
        if (llabs(whole[i]) > greatest) greatest = llabs(whole[i]);
    }
    return greatest;
}

// ---- the parts ----

// What is known while the network is gone through, input to output.
typedef struct Scale {
    int64_t level_one, level_most; // what stands for 1 among the levels; the greatest of them
    int64_t one, most;             // the same for what the next layer sees
} Scale;

static bool too_large(const char *name, double most, Error *error) {
    return error_set(error,
                     "%s: numbers of up to %.3g once all are whole; an exact count takes up to "
                     "%d, so fewer digits would do",
                     name, most, INT32_MAX);
}

static bool read_levels(const GuessPrior *prior, ExactPlan *plan, Scale *scale, Error *error) {
    int64_t whole[GUESS_LEVELS_MOST];
    int most = 0;
    plan->levels = prior->levels;
    for (size_t i = 0; i < prior->levels; i++) {
        int digits = digits_of(prior->level[i], false);
        if (digits < 0) return error_set(error, "level %.9g: %s", prior->level[i], DECIMALS);
        if (digits > most) most = digits;
    }
    scale->level_one = make_whole(prior->levels, prior->level, most, whole);
    scale->level_most = greatest_of(prior->levels, whole);
    if (scale->level_most > INT32_MAX) return too_large("levels", (double)scale->level_most, error);
    for (size_t i = 0; i < prior->levels; i++) plan->level[i] = (int32_t)whole[i];
    plan->symmetric = true;
    for (size_t i = 0; i < prior->levels; i++) {
        bool found = false;
        for (size_t j = 0; j < prior->levels; j++) found |= whole[j] == -whole[i];
        plan->symmetric &= found;
    }
    return true;
}

static bool read_decimals(const GuessPoints *points, double *value, int *digits, Error *error) {
    *digits = 0;
    for (size_t i = 0; i < points->all * points->d; i++) {
        value[i] = (double)points->x[i];
        int own = digits_of(value[i], true);
        if (own < 0)
            return error_set(error, "point %zu, input %zu is %.9g: %s", i / points->d,
                             i % points->d, value[i], DECIMALS);
        if (own > *digits) *digits = own;
    }
    return true;
}

static bool read_points(const GuessPoints *points, ExactPlan *plan, Scale *scale, Error *error) {
    size_t count = points->all * points->d;
    int digits;
    plan->x = memory_try(count, sizeof *plan->x, "points", error);
    double *value = plan->x ? memory_try(count, sizeof *value, "points", error) : NULL;
    int64_t *whole = value ? memory_try(count, sizeof *whole, "points", error) : NULL;
    bool ok = whole && read_decimals(points, value, &digits, error);
    if (ok) {
        scale->one = make_whole(count, value, digits, whole);
        scale->most = greatest_of(count, whole);
        ok = scale->most <= INT32_MAX || too_large("points", (double)scale->most, error);
    }
    for (size_t i = 0; ok && i < count; i++) plan->x[i] = (int32_t)whole[i];
    plan->points = points->all;
    memory_free(value);
    memory_free(whole);
    return ok;
}

// ---- stages ----

static const char *const KINDS[] = {[EXACT_RELU] = "relu",
                                    [EXACT_SIGN] = "sign",
                                    [EXACT_HARDTANH] = "hardtanh",
                                    [EXACT_LEAKY] = "leaky",
                                    NULL};

static bool read_slope(const Layer *layer, ExactActivation *act, Error *error) {
    double slope = layer->option[0].real;
    int64_t num;
    int digits = digits_of(slope, false);
    if (digits < 0) return error_set(error, "%s: slope %.9g: %s", layer->name, slope, DECIMALS);
    act->den = (int32_t)make_whole(1, &slope, digits, &num);
    act->num = (int32_t)num;
    return true;
}

static bool add_activation(const Layer *layer, ExactPlan *plan, Scale *scale, Error *error) {
    size_t kind = 0;
    while (KINDS[kind] && strcmp(KINDS[kind], layer->kind->name) != 0) kind++;
    if (!KINDS[kind])
        return error_set(error,
                         "%s: an exact count takes relu, sign, hardtanh, leaky or no activation",
                         layer->name);
    if (scale->one > INT32_MAX) return too_large(layer->name, (double)scale->one, error);
    ExactActivation *act = &plan->act[plan->acts++];
    *act = (ExactActivation){.kind = (ExactKind)kind, .one = (int32_t)scale->one, .den = 1};
    if (kind == EXACT_LEAKY && !read_slope(layer, act, error)) return false;
    if (kind == EXACT_SIGN) scale->one = scale->most = 1;
    if (kind == EXACT_HARDTANH && scale->most > scale->one) scale->most = scale->one;
    scale->one *= act->den; // both factors have 32 bits
    scale->most *= act->den;
    return scale->most <= INT32_MAX || too_large(layer->name, (double)scale->most, error);
}

static bool add_stage(const Layer *layer, ExactPlan *plan, Scale *scale, Error *error) {
    ExactStage *stage = &plan->stage[plan->stages++];
    stage->in = (size_t)layer->slot[0].size[1];
    stage->out = (size_t)layer->slot[0].size[0];
    stage->bias = layer->slots > 1;
    if (scale->one > INT32_MAX && stage->bias)
        return too_large(layer->name, (double)scale->one, error);
    double sum = (double)stage->in * (double)scale->most + (double)(stage->bias ? scale->one : 0);
    double most = sum * (double)scale->level_most;
    if (most > INT32_MAX || (double)scale->one * (double)scale->level_one > 0x1p62)
        return too_large(layer->name, most, error);
    stage->one = stage->bias ? (int32_t)scale->one : 0;
    scale->most = (int64_t)most;
    scale->one *= scale->level_one;
    stage->narrow = most <= NARROW;
    stage->act = plan->acts;
    return true;
}

static bool add_layer(const Layer *layer, ExactPlan *plan, Scale *scale, Error *error) {
    if (strcmp(layer->kind->name, "fc") == 0) return add_stage(layer, plan, scale, error);
    if (!layer->kind->is_activation) return true; // flatten
    if (!add_activation(layer, plan, scale, error)) return false;
    if (plan->stages) return true;
    for (size_t i = 0; i < plan->points * plan->inputs; i++)
        plan->x[i] = exact_activate(&plan->act[plan->acts - 1], plan->x[i]);
    return true;
}

static bool read_layers(const Net *net, ExactPlan *plan, Scale *scale, Error *error) {
    plan->stage = memory_try(net->layers, sizeof *plan->stage, "layers", error);
    if (plan->stage) plan->act = memory_try(net->layers, sizeof *plan->act, "layers", error);
    if (!plan->act) return false;
    for (size_t l = 0; l < net->layers; l++) {
        if (!add_layer(&net->layer[l], plan, scale, error)) return false;
        if (plan->stages) plan->stage[plan->stages - 1].to = plan->acts;
    }
    return true;
}

// Points that are the same to the first dense layer count once.
static void keep_different(ExactPlan *plan) {
    size_t all = plan->points, d = plan->inputs;
    plan->points = 0;
    for (size_t i = 0; i < all; i++) {
        size_t p = 0;
        int32_t *next = plan->x + plan->points * d;
        memmove(next, plan->x + i * d, d * sizeof *next);
        while (memcmp(plan->x + p * d, next, d * sizeof *next) != 0) p++;
        plan->of[i] = (uint8_t)p;
        if (p == plan->points) plan->points++;
    }
}

int32_t exact_activate(const ExactActivation *act, int32_t u) {
    switch (act->kind) {
    case EXACT_RELU:
        return u > 0 ? u : 0;
    case EXACT_SIGN:
        return u > 0 ? 1 : -1;
    case EXACT_HARDTANH:
        return u > act->one ? act->one : u < -act->one ? -act->one : u;
    case EXACT_LEAKY:
        return u > 0 ? u * act->den : u * act->num;
    }
    return u;
}

static bool can_count(const GuessProblem *problem, Error *error) {
    const GuessModel *model = problem->model;
    if (model->prior.law != GUESS_LEVELS)
        return error_set(error, "an exact count goes through levels, such as -1,0,1; weights of a "
                                "continuous prior cannot be counted");
    if (problem->points->all == 0 || problem->points->all > EXACT_POINTS)
        return error_set(error, "an exact count takes 1 to %d points; there are %zu", EXACT_POINTS,
                         problem->points->all);
    if (model->weights > EXACT_WEIGHTS)
        return error_set(error, "an exact count takes up to %d weights; the network has %zu",
                         EXACT_WEIGHTS, model->weights);
    return true;
}

bool exact_plan(const GuessProblem *problem, ExactPlan *plan, Error *error) {
    const GuessModel *model = problem->model;
    Scale scale = {0};
    *plan = (ExactPlan){.weights = model->weights, .inputs = model->inputs};
    if (!can_count(problem, error)) return false;
    REQUIRE(problem->points->d == model->inputs && problem->points->n <= problem->points->all);
    bool ok = read_levels(&model->prior, plan, &scale, error) &&
              read_points(problem->points, plan, &scale, error) &&
              read_layers(model->net, plan, &scale, error);
    if (ok) keep_different(plan);
    if (!ok) exact_plan_free(plan);
    return ok;
}

void exact_plan_free(ExactPlan *plan) {
    memory_free(plan->x);
    memory_free(plan->stage);
    memory_free(plan->act);
    *plan = (ExactPlan){0};
}
