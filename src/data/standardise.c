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

static double divisor(const Moments *m) { // a constant feature has a deviation of rounding errors
    return m->sd > 1e-12 * fabs(m->mean) && m->sd > 0 ? m->sd : 1;
}

static void shift_and_scale(const Values *x, size_t rows, size_t width, size_t step,
                            const Moments *m) {
    double scale = 1 / divisor(m);
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

// Both parts by the moments of the training examples.
static void standardise(DataSet *set, size_t block, Values train, Values test) {
    size_t d = set->d;
    for (size_t j = 0; j < d; j += block) {
        Values values = from(&train, j);
        Moments m = moments(&values, set->n_train, block, d);
        shift_and_scale(&values, set->n_train, block, d, &m);
        if (set->n_test) {
            values = from(&test, j);
            shift_and_scale(&values, set->n_test, block, d, &m);
        }
        if (train.exact) continue;
        set->mean[j / block] = m.mean;
        set->sd[j / block] = divisor(&m);
    }
}

void data_standardise(const DataSet *set, float *x, size_t rows) {
    const size_t block = set->blocks ? set->d / set->blocks : set->d;
    for (size_t k = 0; k < set->blocks; k++) {
        Moments m = {.mean = set->mean[k], .sd = set->sd[k]};
        shift_and_scale(&(Values){.single = x + k * block}, rows, block, set->d, &m);
    }
}

bool load_standardise(DataSet *set, int law, Error *error) {
    if (law == STANDARDISE_NONE) return true;
    if (law == STANDARDISE_CHANNEL && set->rank != 3)
        return error_set(error, "%s: standardise=channel needs images", set->spec);
    size_t d = set->d, block = block_of(set, law);
    set->zero = memory_try(d, sizeof *set->zero, "what 0 becomes", error);
    set->blocks = d / block;
    set->mean = memory_try(set->blocks, sizeof *set->mean, "means of features", error);
    set->sd = memory_try(set->blocks, sizeof *set->sd, "deviations of features", error);
    if (!set->zero || !set->mean || !set->sd) return false;
    standardise(set, block, (Values){.single = set->x_train}, (Values){.single = set->x_test});
    data_standardise(set, set->zero, 1);
    if (set->x_train_double)
        standardise(set, block, (Values){.exact = set->x_train_double},
                    (Values){.exact = set->x_test_double});
    return all_finite(set->x_test, set->n_test * d) ||
           error_set(error,
                     "%s: standardising by the training set takes a test value beyond the "
                     "range of a float",
                     set->spec);
}
