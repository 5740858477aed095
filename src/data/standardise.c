#include "data/load.h"

const char *const load_standardise_words[] = {"none", "whole", "feature", "channel", NULL};

// Of a set's floats, or of its doubles: the other pointer is NULL.
typedef struct Values {
    float *single;
    double *exact;
} Values;

static double value_of(const Values *x, size_t i) {
    return x->exact ? x->exact[i] : (double)x->single[i];
}

static Values from(const Values *x, size_t i) {
    return (Values){x->exact ? NULL : x->single + i, x->exact ? x->exact + i : NULL};
}

static Moments moments(const Values *x, size_t rows, size_t width, size_t step) {
    Moments m = {0};
    if (rows == 0 || width == 0) return m;
    double sum = 0, squares = 0, count = (double)(rows * width);
    m.low = m.high = value_of(x, 0);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < width; j++) {
            double value = value_of(x, i * step + j);
            sum += value;
            if (value < m.low) m.low = value;
            if (value > m.high) m.high = value;
        }
    }
    m.mean = sum / count;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < width; j++) {
            double off = value_of(x, i * step + j) - m.mean;
            squares += off * off;
        }
    }
    m.sd = sqrt(squares / count);
    return m;
}

Moments load_moments(const float *x, size_t rows, size_t width, size_t step) {
    return moments(&(Values){.single = (float *)(uintptr_t)x}, rows, width, step);
}

static void shift_and_scale(const Values *x, size_t rows, size_t width, size_t step,
                            const Moments *m) {
    // A constant feature has a deviation of rounding errors.
    double scale = m->sd > 1e-12 * fabs(m->mean) && m->sd > 0 ? 1 / m->sd : 1;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < width; j++) {
            double value = (value_of(x, i * step + j) - m->mean) * scale;
            if (x->exact)
                x->exact[i * step + j] = value;
            else
                x->single[i * step + j] = (float)value;
        }
    }
}

static bool all_finite(const float *x, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(x[i])) return false;
    }
    return true;
}

// How many features in a row have their moments together.
static size_t block_of(const DataSet *set, int law) {
    if (law == STANDARDISE_WHOLE) return set->d;
    return law == STANDARDISE_FEATURE ? 1 : (size_t)(set->size[0] * set->size[1]);
}

// Both parts by the moments of the training examples; zero (d), or NULL, as one more example.
static void standardise(const DataSet *set, size_t block, Values train, Values test, float *zero) {
    size_t d = set->d;
    for (size_t j = 0; j < d; j += block) {
        Values values = from(&train, j);
        Moments m = moments(&values, set->n_train, block, d);
        shift_and_scale(&values, set->n_train, block, d, &m);
        if (set->n_test) {
            values = from(&test, j);
            shift_and_scale(&values, set->n_test, block, d, &m);
        }
        if (zero) shift_and_scale(&(Values){.single = zero + j}, 1, block, d, &m);
    }
}

bool load_standardise(DataSet *set, int law, Error *error) {
    if (law == STANDARDISE_NONE) return true;
    if (law == STANDARDISE_CHANNEL && set->rank != 3)
        return error_set(error, "%s: standardise=channel needs images", set->spec);
    size_t d = set->d, block = block_of(set, law);
    set->zero = memory_try(d, sizeof *set->zero, "what 0 becomes", error);
    if (!set->zero) return false;
    standardise(set, block, (Values){.single = set->x_train}, (Values){.single = set->x_test},
                set->zero);
    if (set->x_train_double)
        standardise(set, block, (Values){.exact = set->x_train_double},
                    (Values){.exact = set->x_test_double}, NULL);
    return all_finite(set->x_test, set->n_test * d) ||
           error_set(error,
                     "%s: standardising by the training set takes a test value beyond the "
                     "range of a float",
                     set->spec);
}
