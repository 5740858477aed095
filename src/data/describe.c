#include "base/json.h"
#include "data/load.h"
#include <stdio.h>

// How many examples each class has, (classes); memory_free.
static size_t *count_labels(const int32_t *label, size_t n, int classes) {
    size_t *count = memory_new((size_t)classes, sizeof *count);
    for (size_t i = 0; i < n; i++) count[label[i]]++;
    return count;
}

static void add_reals(Text *text, const char *name, double train, double test, bool has_test) {
    text_printf(text, "%-12s%14.6g", name, train);
    if (has_test) text_printf(text, "%14.6g", test);
    text_add(text, "\n");
}

static void add_counts(Text *text, const char *name, size_t train, size_t test) {
    text_printf(text, "%-12s%14zu%14zu\n", name, train, test);
}

static void add_moments(Text *text, const char *what, const Moments *train, const Moments *test,
                        bool has_test) {
    text_printf(text, "%s\n", what);
    add_reals(text, "  mean", train->mean, test->mean, has_test);
    add_reals(text, "  sd", train->sd, test->sd, has_test);
    add_reals(text, "  min", train->low, test->low, has_test);
    add_reals(text, "  max", train->high, test->high, has_test);
}

static void add_classes(const DataSet *set, Text *text) {
    enum { SHOWN = 20 };
    size_t *train = count_labels(set->y_train, set->n_train, set->classes);
    size_t *test = count_labels(set->y_test, set->n_test, set->classes);
    for (int c = 0; c < set->classes && c < SHOWN; c++) {
        char name[32];
        snprintf(name, sizeof name, "  class %d", c);
        add_counts(text, name, train[c], test[c]);
        if (!set->class_name) continue;
        text_cut(text, text->length - 1);
        text_add(text, "  ");
        text_add_tame(text, set->class_name[c]);
        text_add(text, "\n");
    }
    if (set->classes > SHOWN) text_printf(text, "  and %d more classes\n", set->classes - SHOWN);
    memory_free(train);
    memory_free(test);
}

static Moments moments_of(const float *x, size_t n, size_t width) {
    return load_moments(x, n, width, width);
}

void data_describe(const DataSet *set, Text *text) {
    text_printf(text, "%-12s%s\n%-12s", "data", set->spec, "shape");
    for (int i = 0; i < set->rank; i++)
        text_printf(text, "%s%lld", i ? "x" : "", (long long)set->size[i]);
    if (set->classes)
        text_printf(text, "\n%-12s%d\n", "classes", set->classes);
    else
        text_printf(text, "\n%-12s%zu\n", "targets", set->outputs);
    char hash[33];
    hash_print(&set->hash, hash);
    if (set->note) text_printf(text, "%-12s%s\n", "note", set->note);
    text_printf(text, "%-12s%s\n\n%-12s%14s%14s\n", "hash", hash, "", "train", "test");
    add_counts(text, "examples", set->n_train, set->n_test);
    if (set->classes) add_classes(set, text);
    Moments train = moments_of(set->x_train, set->n_train, set->d);
    Moments test = moments_of(set->x_test, set->n_test, set->d);
    add_moments(text, "features", &train, &test, set->n_test > 0);
    if (set->classes) return;
    train = moments_of(set->t_train, set->n_train, set->outputs);
    test = moments_of(set->t_test, set->n_test, set->outputs);
    add_moments(text, "targets", &train, &test, set->n_test > 0);
}

static json_t *moments_to_json(const float *x, size_t n, size_t width) {
    if (n == 0) return json_null();
    Moments m = moments_of(x, n, width);
    return json_pack("{s:f, s:f, s:f, s:f}", "mean", m.mean, "sd", m.sd, "min", m.low, "max",
                     m.high);
}

static json_t *counts_to_json(const int32_t *label, size_t n, int classes) {
    size_t *count = count_labels(label, n, classes);
    json_t *counts = json_array();
    for (int c = 0; c < classes; c++)
        json_array_append_new(counts, json_integer((json_int_t)count[c]));
    memory_free(count);
    return counts;
}

// One of the two parts: "train" or "test".
static json_t *part_to_json(const DataSet *set, bool train) {
    size_t n = train ? set->n_train : set->n_test;
    json_t *part = json_pack("{s:I, s:o}", "n", (json_int_t)n, "features",
                             moments_to_json(train ? set->x_train : set->x_test, n, set->d));
    if (set->classes)
        json_object_set_new(part, "class_counts",
                            counts_to_json(train ? set->y_train : set->y_test, n, set->classes));
    else
        json_object_set_new(part, "targets",
                            moments_to_json(train ? set->t_train : set->t_test, n, set->outputs));
    return part;
}

static json_t *names_to_json(const DataSet *set) {
    json_t *names = json_array();
    for (int c = 0; c < set->classes; c++) {
        json_array_append_new(names, json_text(set->class_name[c]));
    }
    return names;
}

json_t *data_to_json(const DataSet *set) {
    char hash[33];
    hash_print(&set->hash, hash);
    json_t *shape = json_array();
    for (int i = 0; i < set->rank; i++) json_array_append_new(shape, json_integer(set->size[i]));
    json_t *json = json_pack("{s:o, s:o, s:i, s:I, s:o, s:o, s:o}", "data", json_text(set->spec),
                             "shape", shape, "classes", set->classes, "outputs",
                             (json_int_t)set->outputs, "hash", json_text(hash), "train",
                             part_to_json(set, true), "test", part_to_json(set, false));
    if (set->class_name) json_object_set_new(json, "class_names", names_to_json(set));
    if (set->note) json_put(json, "note", json_text(set->note));
    return json;
}
