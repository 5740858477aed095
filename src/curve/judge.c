#include "curve/inner.h"
#include <math.h>
#include <string.h>

enum { MOST_TESTED = 128 }; // points beyond it are thinned for the tests

typedef const CurveSummary *(*Which)(const CurvePoint *point);

static const CurveSummary *of_y(const CurvePoint *point) {
    return &point->y;
}

static const CurveSummary *of_train(const CurvePoint *point) {
    return &point->train;
}

// The points that have at least `runs` runs.
static size_t choose_points(const Curve *curve, Which which, size_t runs, size_t *chosen) {
    size_t count = 0;
    for (size_t i = 0; i < curve->points; i++) {
        if (which(&curve->point[i])->n >= runs) chosen[count++] = i;
    }
    return count;
}

static void map_place(CurvePlace *place, const size_t *chosen) {
    if (place->index != CURVE_NONE) place->index = chosen[place->index];
}

typedef void (*FindPlaces)(const double *x, const double *mean, size_t points,
                           CurveVerdict *verdict);

// The places of the chosen points, by their indices on the curve.
static void find_places(const Curve *curve, Which which, const size_t *chosen, size_t count,
                        FindPlaces find, CurveVerdict *verdict) {
    double *x = memory_new(2 * count, sizeof *x), *mean = x + count;
    for (size_t i = 0; i < count; i++) {
        x[i] = curve->point[chosen[i]].x;
        mean[i] = which(&curve->point[chosen[i]])->mean;
    }
    find(x, mean, count, verdict);
    CurvePlace *const places[] = {&verdict->first_minimum, &verdict->peak, &verdict->after_peak,
                                  &verdict->last, &verdict->largest};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) map_place(places[i], chosen);
    memory_free(x);
}

static size_t thin(size_t *chosen, size_t count) {
    if (count <= MOST_TESTED) return count;
    for (size_t i = 0; i < MOST_TESTED; i++)
        chosen[i] = chosen[i * (count - 1) / (MOST_TESTED - 1)];
    return MOST_TESTED;
}

// The values of the chosen points, of the seeds that have any of them; memory_free(sample.y).
static Sample take_sample(const Curve *curve, const double *y, bool whole, const size_t *chosen,
                          size_t count) {
    double *values = memory_new(count * curve->seeds, sizeof *values);
    Sample sample = {.points = count, .y = values, .whole = whole};
    for (size_t s = 0; s < curve->seeds; s++) {
        bool any = false;
        for (size_t i = 0; i < count; i++) {
            double value = y[s * curve->points + chosen[i]];
            values[sample.seeds * count + i] = value;
            any = any || !isnan(value);
        }
        sample.seeds += any;
    }
    return sample;
}

static void test_shape(const Curve *curve, const double *y, bool whole, const size_t *chosen,
                       size_t count, CurveVerdict *verdict) {
    double *x = memory_new(count, sizeof *x);
    for (size_t i = 0; i < count; i++) x[i] = curve->point[chosen[i]].x;
    Sample sample = take_sample(curve, y, whole, chosen, count);
    curve_test_shape(&sample, x, verdict);
    memory_free((double *)sample.y);
    memory_free(x);
}

static void locate(const Curve *curve, Which which, CurveVerdict *verdict) {
    *verdict = (CurveVerdict){.shape = CURVE_TOO_FEW_SEEDS,
                              .peak_low = NAN,
                              .peak_high = NAN,
                              .p_first_descent = NAN,
                              .p_rise = NAN,
                              .p_second_descent = NAN,
                              .p_valley = NAN,
                              .p_final_ascent = NAN};
    size_t *chosen = memory_new(curve->points, sizeof *chosen);
    size_t count = choose_points(curve, which, 1, chosen);
    find_places(curve, which, chosen, count, curve_find_places, verdict);
    memory_free(chosen);
}

static void judge(const Curve *curve, const double *y, Which which, bool whole,
                  CurveVerdict *verdict) {
    size_t *chosen = memory_new(curve->points, sizeof *chosen);
    size_t count = thin(chosen, choose_points(curve, which, CURVE_SEEDS_LEAST, chosen));
    if (count >= 3) test_shape(curve, y, whole, chosen, count, verdict);
    if (verdict->p_second_descent < CURVE_LEVEL)
        find_places(curve, which, chosen, count, curve_name_peak, verdict);
    memory_free(chosen);
}

static const CurveSummary *train_of(const CurveSet *set, const CurvePoint *point) {
    return set->has_train ? &point->train : &point->y;
}

static bool knows_train(const CurveSet *set) {
    return set->has_train || strcmp(set->y, "train_error") == 0;
}

// The first point from which the mean train error stays <= level, or CURVE_NONE.
static size_t stays_below(const CurveSet *set, const Curve *curve, double level) {
    size_t from = CURVE_NONE;
    for (size_t i = curve->points; i-- > 0;) {
        const CurveSummary *train = train_of(set, &curve->point[i]);
        if (train->n == 0) continue;
        if (!(train->mean <= level)) break;
        from = i;
    }
    return from;
}

// Where the first and the last seed reach the level for good, each by its own train errors.
static void find_seeds(const CurveSet *set, const Curve *curve, CurveThreshold *threshold) {
    const double *values = set->has_train ? curve->train : curve->y;
    double low = INFINITY, high = -INFINITY;
    for (size_t s = 0; s < curve->seeds; s++) {
        double from = INFINITY;
        for (size_t i = curve->points; i-- > 0;) {
            double error = values[s * curve->points + i];
            if (error > set->tolerance) break;
            if (!isnan(error)) from = curve->point[i].x;
        }
        low = fmin(low, from);
        high = fmax(high, from);
    }
    threshold->low = isfinite(high) ? low : NAN;
    threshold->high = isfinite(high) ? high : NAN;
}

static CurveThreshold find_threshold(const CurveSet *set, const Curve *curve) {
    CurveThreshold threshold = {
        .first = CURVE_NONE, .from = CURVE_NONE, .below = NAN, .low = NAN, .high = NAN};
    if (!knows_train(set)) return threshold;
    for (size_t i = 0; i < curve->points && threshold.first == CURVE_NONE; i++) {
        const CurveSummary *train = train_of(set, &curve->point[i]);
        if (train->n && train->mean <= set->tolerance) threshold.first = i;
    }
    threshold.from = stays_below(set, curve, set->tolerance);
    if (threshold.from == CURVE_NONE) return threshold;
    for (size_t i = 0; i < threshold.from; i++) {
        if (train_of(set, &curve->point[i])->n) threshold.below = curve->point[i].x;
    }
    find_seeds(set, curve, &threshold);
    return threshold;
}

static bool is_samples(const char *name) {
    for (const char *const *known = CURVE_SAMPLE_COLUMNS; *known; known++) {
        if (strcmp(*known, name) == 0) return true;
    }
    return false;
}

static CurveComplexity find_complexity(const CurveSet *set, const Curve *curve) {
    CurveComplexity complexity = {CURVE_NONE, NAN, false};
    if (!knows_train(set)) return complexity;
    if (!is_samples(set->x)) complexity.index = stays_below(set, curve, CURVE_EMC_EPSILON);
    for (size_t i = 0; is_samples(set->x) && i < curve->points; i++) {
        const CurveSummary *train = train_of(set, &curve->point[i]);
        if (train->n && train->mean <= CURVE_EMC_EPSILON) complexity.index = i;
    }
    if (complexity.index == CURVE_NONE) return complexity;
    const CurvePoint *point = &curve->point[complexity.index];
    complexity.n = is_samples(set->x) ? point->x : point->samples;
    complexity.edge = complexity.index == (is_samples(set->x) ? curve->points - 1 : 0);
    return complexity;
}

void curve_locate(CurveSet *set) {
    for (size_t i = 0; i < set->curves; i++) {
        Curve *curve = &set->curve[i];
        locate(curve, of_y, &curve->test);
        locate(curve, of_train, &curve->on_train);
        curve->detection = (CurveDetection){NAN, NAN};
        curve->threshold = find_threshold(set, curve);
        curve->complexity = find_complexity(set, curve);
    }
}

void curve_judge(CurveSet *set) {
    curve_locate(set);
    for (size_t i = 0; i < set->curves; i++) {
        Curve *curve = &set->curve[i];
        judge(curve, curve->y, of_y, set->whole_runs, &curve->test);
        judge(curve, curve->train, of_train, set->whole_runs, &curve->on_train);
    }
}

// The noise is known from 2 runs a point on; a test wants 3, so points with fewer count only where
// there are no 3 others.
static CurveDetection detect(const Curve *curve, bool whole, double effect) {
    CurveDetection detection = {NAN, NAN};
    size_t *chosen = memory_new(curve->points, sizeof *chosen), count = 0;
    for (size_t runs = CURVE_SEEDS_LEAST; runs >= 2 && count < 3; runs--)
        count = thin(chosen, choose_points(curve, of_y, runs, chosen));
    if (count >= 3) {
        Sample sample = take_sample(curve, curve->y, whole, chosen, count);
        detection = curve_detect_shape(&sample, effect);
        memory_free((double *)sample.y);
    }
    memory_free(chosen);
    return detection;
}

void curve_detect(CurveSet *set, double effect) {
    set->effect = effect;
    for (size_t i = 0; i < set->curves; i++)
        set->curve[i].detection = detect(&set->curve[i], set->whole_runs, effect);
}

const char *curve_shape_name(CurveShape shape) {
    static const char *const names[CURVE_SHAPES] = {
        [CURVE_TOO_FEW_SEEDS] = "too few seeds",   [CURVE_FLAT] = "flat",
        [CURVE_FALLING] = "monotone descent",      [CURVE_RISING] = "monotone ascent",
        [CURVE_CLASSICAL_U] = "classical U",       [CURVE_SINGLE_PEAK] = "single peak",
        [CURVE_DOUBLE_DESCENT] = "double descent", [CURVE_FINAL_ASCENT] = "final ascent",
    };
    REQUIRE(shape < CURVE_SHAPES);
    return names[shape];
}
