#include "weights/weights.h"
#include "weights/tensors.h"
#include <stdlib.h>
#include <string.h>

// ---- writing ----

bool weights_write(const char *path, const Net *net, WeightNames names, const float *w,
                   const float *buffers, const Settings *metadata, Error *error) {
    NetTensors list;
    if (!weights_list(net, names, &list, error)) return false;
    Tensor *tensor = memory_new(list.count + 1, sizeof *tensor);
    for (size_t i = 0; i < list.count; i++) {
        const NetTensor *from = &list.tensor[i];
        tensor[i] = (Tensor){.name = from->name, .rank = from->rank, .count = from->count};
        memcpy(tensor[i].size, from->size, sizeof from->size);
        tensor[i].numbers = (from->is_buffer ? buffers : w) + from->offset;
    }
    char *bytes = NULL;
    size_t size;
    bool ok = tensors_pack(tensor, list.count, metadata, &bytes, &size, error) &&
              file_write(path, bytes, size, error);
    memory_free(bytes);
    memory_free(tensor);
    weights_list_free(&list);
    return ok;
}

// ---- reading: what fits and what does not ----

static size_t count_found(const NetTensors *list, const Tensors *tensors) {
    size_t found = 0;
    for (size_t i = 0; i < list->count; i++)
        found += tensors_find(tensors, list->tensor[i].name) != NULL;
    return found;
}

// The set of names of which the file has most.
static bool choose_names(const Net *net, const Tensors *tensors, NetTensors *list, Error *error) {
    NetTensors other;
    if (!weights_list(net, WEIGHTS_OWN, list, error)) return false;
    if (!weights_list(net, WEIGHTS_TORCHVISION, &other, NULL)) return true;
    if (count_found(&other, tensors) > count_found(list, tensors)) {
        NetTensors own = *list;
        *list = other;
        other = own;
    }
    weights_list_free(&other);
    return true;
}

static bool same_shape(const NetTensor *wanted, const Tensor *found) {
    return wanted->rank == found->rank &&
           memcmp(wanted->size, found->size, (size_t)wanted->rank * sizeof *wanted->size) == 0;
}

// What files hold besides weights and buffers: a count of batches, the state of an optimiser.
static bool is_beside(const char *name) {
    return text_ends_in(name, ".num_batches_tracked") || text_ends_in(name, ".state0") ||
           text_ends_in(name, ".state1");
}

// "; missing: "a", "b", "c" and 4 more": the text of names one by one.
typedef struct NameList {
    const char *title;
    size_t count;
    Text text;
} NameList;

static void list_name(NameList *list, const char *name) {
    enum { SHOWN = 3 };
    if (list->count++ < SHOWN)
        text_printf(&list->text, "%s\"%.200s\"", list->count > 1 ? ", " : list->title, name);
}

static void end_names(NameList *list, Text *text) {
    if (list->count) text_add(text, list->text.data);
    if (list->count > 3) text_printf(text, " and %zu more", list->count - 3);
    text_free(&list->text);
}

static void list_missing(const NetTensors *list, const Tensors *tensors, Text *text) {
    NameList missing = {.title = "; missing: "};
    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->tensor[i].name;
        if (!tensors_find(tensors, name)) list_name(&missing, name);
    }
    end_names(&missing, text);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char **sorted_names(const NetTensors *list) {
    const char **name = memory_new(list->count + 1, sizeof *name);
    for (size_t i = 0; i < list->count; i++) name[i] = list->tensor[i].name;
    qsort(name, list->count, sizeof *name, compare_names);
    return name;
}

static void list_unknown(const NetTensors *list, const Tensors *tensors, Text *text) {
    NameList unknown = {.title = "; not in the network: "};
    const char **known = sorted_names(list);
    for (size_t i = 0; i < tensors->count; i++) {
        const char *name = tensors->tensor[i].name;
        if (is_beside(name)) continue;
        if (!bsearch(&name, known, list->count, sizeof *known, compare_names))
            list_name(&unknown, name);
    }
    end_names(&unknown, text);
    memory_free(known);
}

static void tell_shapes(const NetTensors *list, const Tensors *tensors, Text *text) {
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const NetTensor *wanted = &list->tensor[i];
        const Tensor *found = tensors_find(tensors, wanted->name);
        if (!found || same_shape(wanted, found) || count++) continue;
        text_printf(text, "; tensor \"%s\" at byte %zu has shape ", found->name, found->at);
        tensor_print_shape(found->rank, found->size, text);
        text_add(text, ", the network wants ");
        tensor_print_shape(wanted->rank, wanted->size, text);
    }
    if (count > 1) text_printf(text, " (one of %zu such)", count);
}

static bool check_fit(const NetTensors *list, const Tensors *tensors, Error *error) {
    Text text = {0};
    tell_shapes(list, tensors, &text);
    list_missing(list, tensors, &text);
    list_unknown(list, tensors, &text);
    bool fits = text.length == 0;
    if (!fits) error_set(error, "%s: %s", tensors->file, text.data + strlen("; "));
    text_free(&text);
    return fits;
}

bool weights_unpack(const char *path, const void *bytes, size_t size, const Net *net, float *w,
                    float *buffers, Error *error) {
    Tensors tensors;
    NetTensors list;
    if (!tensors_parse(path, bytes, size, &tensors, error)) return false;
    bool ok = choose_names(net, &tensors, &list, error);
    if (ok) {
        ok = check_fit(&list, &tensors, error);
        for (size_t i = 0; ok && i < list.count; i++) {
            const NetTensor *to = &list.tensor[i];
            ok = tensors_read(&tensors, tensors_find(&tensors, to->name),
                              (to->is_buffer ? buffers : w) + to->offset, error);
        }
        weights_list_free(&list);
    }
    tensors_free(&tensors);
    return ok;
}

size_t weights_file_most(void) {
    return (size_t)(system_memory() / 3);
}

bool weights_read(const char *path, const Net *net, float *w, float *buffers, Error *error) {
    char *bytes;
    size_t size;
    if (!file_read(path, weights_file_most(), &bytes, &size, error)) return false;
    bool ok = weights_unpack(path, bytes, size, net, w, buffers, error);
    memory_free(bytes);
    return ok;
}
