#include "data/data.h"

const char *const data_noise_laws[] = {"none", "wrong", "redrawn", NULL};

static bool check_noise(const DataSet *set, const DataOptions *options, Error *error) {
    double p = options->noise;
    int law = options->noise_law;
    REQUIRE(law >= NOISE_NONE && law <= NOISE_REDRAWN);
    if (!(p >= 0 && p <= 1))
        return error_set(error, "noise is %g; it takes a fraction of the labels, 0 to 1", p);
    if (law == NOISE_NONE && p > 0)
        return error_set(error,
                         "noise is %g, but by which law? noise_law takes wrong (a uniformly "
                         "random wrong class) or redrawn (over all classes, perhaps the right one)",
                         p);
    if (law != NOISE_NONE && set->classes == 0)
        return error_set(error, "noise_law is %s, but %s has targets, no labels",
                         data_noise_laws[law], set->spec);
    if (law == NOISE_WRONG && set->classes < 2)
        return error_set(error, "noise_law is wrong, but %s has one class", set->spec);
    return true;
}

static bool check_samples(const DataSet *set, const DataOptions *options, Error *error) {
    if (options->samples < 0)
        return error_set(error, "samples is %lld; it takes 1 up, or 0 for all",
                         (long long)options->samples);
    if ((uint64_t)options->samples > set->n_train)
        return error_set(error, "samples is %lld, but %s has %zu training examples",
                         (long long)options->samples, set->spec, set->n_train);
    return true;
}

static bool choose_rows(DataView *view, const DataOptions *options, Error *error) {
    size_t all = view->set->n_train;
    view->n = options->samples ? (size_t)options->samples : all;
    view->row = memory_try(all, sizeof *view->row, "the rows of a subset", error);
    if (!view->row) return false;
    if (options->samples) {
        Random random = random_stream((uint64_t)options->subset_seed, RANDOM_SUBSET, 0);
        random_permutation(&random, view->row, all);
    } else {
        for (size_t i = 0; i < all; i++) view->row[i] = (uint32_t)i;
    }
    return true;
}

static int32_t noisy_label(int32_t label, int classes, const DataOptions *options, uint32_t row) {
    Random random = random_stream((uint64_t)options->noise_seed, RANDOM_NOISE, row);
    if (!(random_uniform(&random) < options->noise)) return label;
    if (options->noise_law == NOISE_REDRAWN)
        return (int32_t)random_below(&random, (uint64_t)classes);
    int32_t other = (int32_t)random_below(&random, (uint64_t)classes - 1);
    return other + (other >= label);
}

static bool observe_labels(DataView *view, const DataOptions *options, Error *error) {
    const DataSet *set = view->set;
    view->label = memory_try(view->n, sizeof *view->label, "the labels of a subset", error);
    view->wrong = memory_try(view->n, sizeof *view->wrong, "the marks of wrong labels", error);
    if (!view->label || !view->wrong) return false;
    for (size_t i = 0; i < view->n; i++) {
        int32_t label = set->y_train[view->row[i]];
        view->label[i] = label;
        if (options->noise_law != NOISE_NONE)
            view->label[i] = noisy_label(label, set->classes, options, view->row[i]);
        view->wrong[i] = view->label[i] != label;
        view->wrong_count += view->wrong[i];
    }
    return true;
}

bool data_view(const DataSet *set, const DataOptions *options, DataView *view, Error *error) {
    *view = (DataView){.set = set};
    bool ok = check_samples(set, options, error) && check_noise(set, options, error) &&
              choose_rows(view, options, error) &&
              (!set->y_train || observe_labels(view, options, error));
    if (!ok) data_view_free(view);
    return ok;
}

void data_view_free(DataView *view) {
    memory_free(view->row);
    memory_free(view->label);
    memory_free(view->wrong);
    *view = (DataView){0};
}
