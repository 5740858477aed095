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

const char *load_label_fault(double value, const LoadLabels *labels) {
    double class = value - (double)labels->from;
    if (isnan(value) || isinf(value)) return "is not a number";
    if (value != floor(value)) return "is not whole";
    if (class < 0 && labels->from == 0)
        return "is negative, but labels count from 0; of -1 and 1, (label + 1) / 2 makes 0 and 1";
    if (class < 0) return "is below labels_from";
    if (labels->classes && class >= (double)labels->classes) return "is beyond the last class";
    if (class >= LOAD_CLASSES) return "is too large; labels are 0 to 65535";
    return NULL;
}

// What to do about labels low .. high of which class `empty` has none.
static void explain_empty(const LoadLabels *labels, int64_t low, int64_t high, int64_t empty,
                          bool begins, Text *why) {
    if (low == high)
        text_printf(why, "labels are all %lld", (long long)low);
    else
        text_printf(why, "labels are %lld to %lld", (long long)low, (long long)high);
    if (begins)
        text_printf(why,
                    " and count from %lld here; class 0 has no example: labels_from=%lld makes "
                    "classes 0 to %lld of them",
                    (long long)labels->from, (long long)low, (long long)(high - low));
    else
        text_printf(why, ", but no example has label %lld; number them without a gap",
                    (long long)empty);
    text_printf(why, " (classes=%lld if classes without examples are meant)",
                (long long)(high - labels->from + 1));
}

int load_count_classes(const LoadPart *part, const LoadLabels *labels, size_t *row, Text *why) {
    if (labels->classes) return (int)labels->classes;
    int32_t low = INT32_MAX, high = 0, empty = 0, first = 0;
    uint8_t *seen = memory_new(LOAD_CLASSES, sizeof *seen);
    for (size_t i = 0; i < part->n; i++) {
        int32_t class = part->label[i];
        seen[class] = 1;
        if (class < low) low = class, *row = i;
        if (class > high) high = class;
    }
    while (empty <= high && seen[empty]) empty++;
    for (first = empty; first <= high && !seen[first];) first++; // behind the gap
    bool whole = empty > high, begins = empty == 0;
    for (int32_t c = first; c <= high; c++) begins = begins && seen[c];
    for (size_t i = part->n; i-- > 0 && !begins;)
        if (part->label[i] == first) *row = i;
    memory_free(seen);
    if (!whole)
        explain_empty(labels, low + labels->from, high + labels->from, empty + labels->from, begins,
                      why);
    return whole ? high + 1 : 0;
}

void load_name_labels(DataSet *set, const LoadLabels *labels) {
    if (labels->from == 0) return;
    set->class_name = memory_new((size_t)set->classes, sizeof *set->class_name);
    for (int c = 0; c < set->classes; c++) {
        Text name = {0};
        text_printf(&name, "%lld", (long long)(labels->from + c));
        set->class_name[c] = name.data;
    }
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

    memory_free(set->note);
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

char *load_root(const char *dir, const char *const *names, Error *error) {
    char *found = NULL;
    for (const char *first = NULL; *names; names++) {
        char *path = file_join(dir, *names);
        bool there = file_is_folder(path);
        if (there && !found) {
            found = path, first = *names;
            continue;
        }
        memory_free(path);
        if (!there) continue;
        error_set(error, "%s: has folders %s and %s; dir=%s/%s says which", dir, first, *names, dir,
                  first);
        memory_free(found);
        return NULL;
    }
    return found ? found : memory_text(dir);
}
