#include "weights/inner.h"
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

static bool same_shape(const NetTensor *wanted, const Tensor *found) {
    return wanted->rank == found->rank &&
           memcmp(wanted->size, found->size, (size_t)wanted->rank * sizeof *wanted->size) == 0;
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

static void list_missing(const Matches *matches, Text *text) {
    NameList missing = {.title = "; missing: "};
    for (size_t i = 0; i < matches->wanted.count; i++) {
        const char *name = matches->wanted.tensor[i].name;
        if (!match_find(matches, name)) list_name(&missing, name);
    }
    end_names(&missing, text);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void list_unknown(const Matches *matches, Text *text) {
    NameList unknown = {.title = "; not in the network: "};
    const NetTensors *list = &matches->wanted;
    const char **known = memory_new(list->count + 1, sizeof *known);
    for (size_t i = 0; i < list->count; i++) known[i] = list->tensor[i].name;
    qsort(known, list->count, sizeof *known, compare_names);
    for (size_t i = 0; i < matches->count; i++) {
        const Match *match = &matches->item[i];
        if (!bsearch(&match->name, known, list->count, sizeof *known, compare_names))
            list_name(&unknown, match->tensor->name);
    }
    end_names(&unknown, text);
    memory_free(known);
}

static void tell_shapes(const Matches *matches, Text *text) {
    size_t count = 0;
    for (size_t i = 0; i < matches->wanted.count; i++) {
        const NetTensor *wanted = &matches->wanted.tensor[i];
        const Tensor *found = match_find(matches, wanted->name);
        if (!found || same_shape(wanted, found) || count++) continue;
        text_printf(text, "; tensor \"%s\" at byte %zu has shape ", found->name, found->at);
        tensor_print_shape(found->rank, found->size, text);
        text_add(text, ", the network wants ");
        tensor_print_shape(wanted->rank, wanted->size, text);
    }
    if (count > 1) text_printf(text, " (one of %zu such)", count);
}

// ---- another head ----

// The first tensor of the last layer with parameters.
static size_t find_head(const Net *net, const NetTensors *list) {
    const Layer *last = NULL;
    for (size_t l = 0; l < net->layers; l++) {
        if (net->layer[l].slots > 0) last = &net->layer[l];
    }
    size_t i = 0;
    while (last && i < list->count &&
           (list->tensor[i].is_buffer || list->tensor[i].offset != last->slot[0].offset))
        i++;
    return i;
}

// Is the shape of the last layer all that does not fit, and that for another number of outputs?
static bool is_other_head(const Matches *matches, size_t head) {
    bool other = false;
    for (size_t i = 0; i < matches->wanted.count; i++) {
        const NetTensor *wanted = &matches->wanted.tensor[i];
        const Tensor *found = match_find(matches, wanted->name);
        if (!found) return false;
        if (same_shape(wanted, found)) continue;
        if (i < head || wanted->rank != found->rank ||
            memcmp(wanted->size + 1, found->size + 1,
                   (size_t)(wanted->rank - 1) * sizeof *wanted->size) != 0)
            return false;
        other = true;
    }
    return other;
}

static void add_new_head(const Matches *matches, size_t head, const char *file, Text *text) {
    text_add(text,
             ": all fits but the last layer, a head for other classes. In Python, a new one:\n"
             "    import torch; from safetensors.torch import load_file, save_file\n"
             "    w = load_file(");
    text_add_python(text, file);
    text_add(text, ")");
    for (size_t i = head; i < matches->wanted.count; i++) {
        const NetTensor *wanted = &matches->wanted.tensor[i];
        const Tensor *found = match_find(matches, wanted->name);
        if (same_shape(wanted, found)) continue;
        text_add(text, "; w[");
        text_add_python(text, found->name);
        text_printf(text, "] = torch.%s(", wanted->rank > 1 ? "randn" : "zeros");
        for (int k = 0; k < wanted->rank; k++)
            text_printf(text, "%s%lld", k ? ", " : "", (long long)wanted->size[k]);
        text_add(text, ")");
        if (wanted->rank > 1)
            text_printf(text, " / %lld ** 0.5", (long long)(wanted->count / wanted->size[0]));
    }
    text_add(text, "; save_file(w, \"start.safetensors\")");
}

static bool check_fit(const Net *net, const Matches *matches, const char *file, Error *error) {
    Text text = {0};
    tell_shapes(matches, &text);
    const size_t shapes = text.length, head = find_head(net, &matches->wanted);
    list_missing(matches, &text);
    list_unknown(matches, &text);
    const bool fits = text.length == 0, named = text.length == shapes;
    if (!named && matches->said.length) text_printf(&text, " (%s)", matches->said.data);
    if (named && is_other_head(matches, head)) add_new_head(matches, head, file, &text);
    if (!fits) error_set(error, "%s: %s", file, text.data + strlen("; "));
    text_free(&text);
    return fits;
}

bool weights_take(const WeightsFile *file, const Net *net, float *w, float *buffers, Text *said,
                  Error *error) {
    const Tensors *tensors = weights_tensors(file);
    Matches matches;
    if (!match_names(net, tensors, &matches, error)) return false;
    bool ok = check_fit(net, &matches, weights_file_name(file), error);
    for (size_t i = 0; ok && i < matches.wanted.count; i++) {
        const NetTensor *to = &matches.wanted.tensor[i];
        ok = tensors_read(match_find(&matches, to->name),
                          (to->is_buffer ? buffers : w) + to->offset, error);
    }
    if (ok && said && matches.said.length)
        text_printf(said, "%s: %s\n", weights_file_name(file), matches.said.data);
    match_free(&matches);
    return ok;
}

bool weights_unpack(const char *name, const void *bytes, size_t size, const Net *net, float *w,
                    float *buffers, Error *error) {
    WeightsFile *file = weights_parse(name, bytes, size, error);
    bool ok = file && weights_take(file, net, w, buffers, NULL, error);
    weights_close(file);
    return ok;
}
