#include "data/load.h"
#include <stdlib.h>
#include <string.h>

bool load_part_new(LoadPart *part, size_t n, size_t d, size_t outputs, Error *error) {
    *part = (LoadPart){.n = n, .d = d, .outputs = outputs};
    size_t values, targets;
    if (__builtin_mul_overflow(n, d, &values) || __builtin_mul_overflow(n, outputs, &targets))
        return error_set(error, "%zu examples of %zu features are more than any memory holds", n,
                         d);
    double bytes = ((double)values + (double)targets) * sizeof(float);
    if (bytes > system_memory()) // the kernel would promise it and then kill us
        return error_set(error,
                         "%zu examples of %zu features need %.1f GB; the machine has %.1f GB", n, d,
                         bytes * 1e-9, system_memory() * 1e-9);
    part->x = memory_try(values, sizeof *part->x, "the examples of a data set", error);
    if (!part->x) return false;
    if (outputs)
        part->target = memory_try(targets, sizeof(float), "targets", error);
    else
        part->label = memory_try(n, sizeof(int32_t), "labels", error);
    if (part->target || part->label) return true;
    load_part_free(part);
    return false;
}

bool load_part_double(LoadPart *part, const DataSet *set, Error *error) {
    if (!set->keeps_doubles) return true;
    size_t values = part->n * part->d, targets = part->n * part->outputs;
    part->x_double = memory_try(values, sizeof(double), "the examples of a data set", error);
    if (!part->x_double || !targets) return part->x_double != NULL;
    part->target_double = memory_try(targets, sizeof(double), "targets", error);
    return part->target_double != NULL;
}

void load_part_free(LoadPart *part) {
    memory_free(part->x);
    memory_free(part->label);
    memory_free(part->target);
    memory_free(part->x_double);
    memory_free(part->target_double);
    *part = (LoadPart){0};
}

const char *load_label_fault(double value, int64_t classes) {
    if (isnan(value) || isinf(value)) return "is not a number";
    if (value != floor(value)) return "is not whole";
    if (value < 0) return "is negative";
    if (classes && value >= (double)classes) return "is beyond the last class";
    if (value >= LOAD_CLASSES) return "is too large; labels are 0 to 65535";
    return NULL;
}

int load_part_classes(const LoadPart *part) {
    int32_t largest = 0;
    for (size_t i = 0; i < part->n; i++) {
        if (part->label[i] > largest) largest = part->label[i];
    }
    return largest + 1;
}

void load_take(DataSet *set, LoadPart *train, LoadPart *test) {
    REQUIRE(train->d == set->d && (test->n == 0 || test->d == set->d));
    REQUIRE(test->n == 0 || test->outputs == train->outputs);
    set->n_train = train->n;
    set->n_test = test->n;
    set->outputs = train->outputs;
    set->x_train = train->x, set->x_test = test->x;
    set->y_train = train->label, set->y_test = test->label;
    set->t_train = train->target, set->t_test = test->target;
    set->x_train_double = train->x_double, set->x_test_double = test->x_double;
    set->t_train_double = train->target_double, set->t_test_double = test->target_double;
    *train = *test = (LoadPart){0};
}

static void copy_example(LoadPart *to, size_t row, const LoadPart *from, size_t source) {
    memcpy(to->x + row * to->d, from->x + source * from->d, to->d * sizeof *to->x);
    if (to->x_double)
        memcpy(to->x_double + row * to->d, from->x_double + source * from->d,
               to->d * sizeof *to->x_double);
    if (to->label) to->label[row] = from->label[source];
    for (size_t k = 0; k < to->outputs; k++)
        to->target[row * to->outputs + k] = from->target[source * from->outputs + k];
    for (size_t k = 0; to->target_double && k < to->outputs; k++)
        to->target_double[row * to->outputs + k] = from->target_double[source * from->outputs + k];
}

// Row i of part goes to test where chosen[i], else to train; both have room for their number.
static void deal(const LoadPart *part, const uint8_t *chosen, LoadPart *train, LoadPart *test) {
    size_t trained = 0, tested = 0;
    for (size_t i = 0; i < part->n; i++) {
        if (chosen[i])
            copy_example(test, tested++, part, i);
        else
            copy_example(train, trained++, part, i);
    }
}

static uint8_t *choose(size_t n, size_t wanted, int64_t seed, Error *error) {
    uint32_t *order = memory_try(n, sizeof *order, "the order of a holdout", error);
    uint8_t *chosen = order ? memory_try(n, 1, "the choice of a holdout", error) : NULL;
    if (chosen) {
        Random random = random_stream((uint64_t)seed, RANDOM_HOLDOUT, 0);
        random_permutation(&random, order, n);
        for (size_t i = 0; i < wanted; i++) chosen[order[i]] = 1;
    }
    memory_free(order);
    return chosen;
}

bool load_split(DataSet *set, LoadPart *part, double holdout, int64_t seed, Error *error) {
    size_t n = part->n, wanted = (size_t)llround(holdout * (double)n);
    LoadPart train = {0}, test = {0};
    if (wanted == 0) {
        load_take(set, part, &test);
        return true;
    }
    uint8_t *chosen = NULL;
    bool ok = n > wanted ||
              error_set(error, "%s: a holdout of %g leaves none of %zu examples to train on",
                        set->spec, holdout, n);
    ok = ok && (chosen = choose(n, wanted, seed, error)) != NULL;
    ok = ok && load_part_new(&train, n - wanted, part->d, part->outputs, error);
    ok = ok && load_part_new(&test, wanted, part->d, part->outputs, error);
    ok = ok && (!part->x_double ||
                (load_part_double(&train, set, error) && load_part_double(&test, set, error)));
    if (ok) {
        deal(part, chosen, &train, &test);
        load_take(set, &train, &test);
    }
    load_part_free(&train);
    load_part_free(&test);
    load_part_free(part);
    memory_free(chosen);
    return ok;
}

static void drop_floats(double **values, const float *rounded, size_t count) {
    for (size_t i = 0; *values && i < count; i++) {
        if ((*values)[i] != (double)rounded[i]) return;
    }
    memory_free(*values);
    *values = NULL;
}

void load_drop_doubles(DataSet *set) {
    drop_floats(&set->x_train_double, set->x_train, set->n_train * set->d);
    drop_floats(&set->x_test_double, set->x_test, set->n_test * set->d);
    drop_floats(&set->t_train_double, set->t_train, set->n_train * set->outputs);
    drop_floats(&set->t_test_double, set->t_test, set->n_test * set->outputs);
}

void load_free(DataSet *set) {
    memory_free(set->spec);
    memory_free(set->x_train);
    memory_free(set->x_test);
    memory_free(set->y_train);
    memory_free(set->y_test);
    memory_free(set->t_train);
    memory_free(set->t_test);
    memory_free(set->x_train_double);
    memory_free(set->x_test_double);
    memory_free(set->t_train_double);
    memory_free(set->t_test_double);
    memory_free(set->zero);
    memory_free(set->mean);
    memory_free(set->sd);
    for (int c = 0; set->class_name && c < set->classes; c++) memory_free(set->class_name[c]);
    memory_free(set->class_name);
    *set = (DataSet){0};
}

static char *try_folder(const char *dir, size_t length, const char *path, Text *tried) {
    Text folder = {0};
    text_add_bytes(&folder, dir, length);
    char *candidate = file_join(folder.data, path);
    text_printf(tried, "%s%s", tried->length ? ", " : "", folder.data);
    text_free(&folder);
    if (file_exists(candidate)) return candidate;
    memory_free(candidate);
    return NULL;
}

char *load_find(const char *path, Error *error) {
    if (file_exists(path)) return memory_text(path);
    Text search = {0}, tried = {0};
    const char *own = getenv("BENIGN_DATA");
    text_printf(&search, "%s%sdata:/usr/share/datasets", own ? own : "", own ? ":" : "");
    char *found = NULL;
    const char *dir = search.data;
    while (!found && *path != '/' && *dir) {
        size_t length = strcspn(dir, ":");
        if (length) found = try_folder(dir, length, path, &tried);
        dir += length + (dir[length] == ':');
    }
    if (!found)
        error_set(error, "%s: not there%s%s%s", path, tried.length ? ", nor in " : "",
                  tried.length ? tried.data : "",
                  tried.length ? "; $BENIGN_DATA names more folders to look in" : "");
    text_free(&search);
    text_free(&tried);
    return found;
}
