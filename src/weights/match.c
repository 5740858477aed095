// Which tensor of a file is which of a network, whatever wraps the network there.
#include "weights/inner.h"
#include <stdlib.h>
#include <string.h>

// What wrappers put into names: nn.DataParallel and DDP, torch.compile, Lightning, FSDP and its
// checkpoints. No name of ours, of torchvision's and of nn.Sequential's has such a part.
static const char *const WRAPPERS[] = {"module", "_orig_mod", "model", "_fsdp_wrapped_module",
                                       "_checkpoint_wrapped_module"};

// What files hold besides weights and buffers: a count of batches, the state of an optimiser.
static bool is_beside(const char *name) {
    return text_ends_in(name, "num_batches_tracked") || text_ends_in(name, ".state0") ||
           text_ends_in(name, ".state1");
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const Match *)a)->name, ((const Match *)b)->name);
}

static const Tensor *find(const Match *item, size_t count, const char *name) {
    const Match key = {.name = name};
    const Match *found = count ? bsearch(&key, item, count, sizeof key, by_name) : NULL;
    return found ? found->tensor : NULL;
}

const Tensor *match_find(const Matches *matches, const char *name) {
    return find(matches->item, matches->count, name);
}

// ---- names without what wraps them ----

// The length of the first part of a name, without its dot; 0 where it is the last.
static size_t first_part(const char *name) {
    size_t length = strcspn(name, ".");
    return name[length] ? length : 0;
}

static bool is_wrapper(const char *part, size_t length) {
    for (size_t i = 0; i < sizeof WRAPPERS / sizeof *WRAPPERS; i++) {
        if (strlen(WRAPPERS[i]) == length && memcmp(WRAPPERS[i], part, length) == 0) return true;
    }
    return false;
}

static const char *unwrap(Arena *arena, const char *name) {
    Text text = {0};
    for (size_t part; (part = first_part(name)); name += part + 1) {
        if (!is_wrapper(name, part)) text_add_bytes(&text, name, part + 1);
    }
    text_add(&text, name);
    const char *kept = arena_text(arena, text.data, text.length);
    text_free(&text);
    return kept;
}

// The first part that all names have in common; 0: there is none.
static size_t common_part(const Match *item, size_t count) {
    size_t length = count ? first_part(item[0].name) : 0;
    for (size_t i = 1; length && i < count; i++) {
        if (strncmp(item[i].name, item[0].name, length + 1) != 0) length = 0;
    }
    return length;
}

// ---- numbers of nn.Sequential ----

// Does the name consist of numbers and a last part, "0.2.weight"?
static bool is_numbered(const char *name) {
    size_t part = first_part(name);
    if (!part) return false;
    for (; part; name += part + 1, part = first_part(name)) {
        if (strspn(name, "0123456789") != part) return false;
    }
    return true;
}

// By the numbers, one after the other, then by the rest.
static int by_number(const void *a, const void *b) {
    const char *x = ((const Match *)a)->name, *y = ((const Match *)b)->name;
    for (;;) {
        size_t i = first_part(x), j = first_part(y);
        if (!i || !j) return i ? 1 : j ? -1 : strcmp(x, y);
        int order = i != j ? (i < j ? -1 : 1) : strncmp(x, y, i); // without leading zeros
        if (order) return order;
        x += i + 1, y += j + 1;
    }
}

static size_t path_length(const char *name) { // all but the last part
    return (size_t)(strrchr(name, '.') - name);
}

static bool same_path(const char *a, const char *b) {
    size_t length = path_length(a);
    return length == path_length(b) && memcmp(a, b, length) == 0;
}

// "0 is conv1, 1 is batchnorm1, 4 is fc1": all of few, else the first and the last.
static void say_number(size_t k, size_t layers, const char *number, const char *own, Text *said) {
    enum { SHOWN = 4 };
    if (k == SHOWN && k + 1 < layers) text_add(said, ", ...");
    if (k >= SHOWN && k + 1 < layers) return;
    text_printf(said, "%s%.*s is %.*s", k ? ", " : "", (int)path_length(number), number,
                (int)path_length(own), own);
}

// Gives numbered names, in their order, the numbers of our layers with tensors; false, and the
// names as they were but sorted otherwise, where there are more or fewer layers.
static bool renumber(const NetTensors *list, const NetTensors *own, Match *item, size_t count,
                     Arena *arena, Text *said) {
    size_t *first = memory_new(list->count + 1, sizeof *first), layers = 0, paths = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (i == 0 || !same_path(list->tensor[i].name, list->tensor[i - 1].name))
            first[layers++] = i;
    }
    qsort(item, count, sizeof *item, by_number);
    for (size_t i = 0; i < count; i++)
        paths += i == 0 || !same_path(item[i].name, item[i - 1].name);
    const char *before = NULL;
    for (size_t i = 0, k = 0; paths == layers && i < count; i++) {
        const char *name = item[i].name;
        if (!before || !same_path(name, before)) {
            say_number(k, layers, name, own->tensor[first[k]].name, said);
            k++;
        }
        before = name;
        Text text = {0};
        const char *ours = list->tensor[first[k - 1]].name;
        text_add_bytes(&text, ours, path_length(ours));
        text_add(&text, name + path_length(name));
        item[i].name = arena_text(arena, text.data, text.length);
        text_free(&text);
    }
    memory_free(first);
    return paths == layers;
}

// ---- the best of all ways to read the names ----

typedef struct Search {
    const Net *net;
    Match *item; // (count) the names of this way, sorted
    size_t count, found;
    Matches *best;
} Search;

static Match *copy_items(const Search *search) {
    Match *copy = memory_new(search->count + 1, sizeof *copy);
    if (search->count) memcpy(copy, search->item, search->count * sizeof *copy);
    return copy;
}

static bool has_part(const char *name, const char *wanted) {
    for (size_t part; (part = first_part(name)); name += part + 1) {
        if (strlen(wanted) == part && memcmp(name, wanted, part) == 0) return true;
    }
    return false;
}

// What all names began with once they were unwrapped.
static void say_common(const Match *item, const char *before, Text *said) {
    Arena arena = {0};
    const char *name = unwrap(&arena, item->tensor->name);
    size_t length = strlen(name) - strlen(item->name);
    if (length) text_printf(said, "%s\"%.*s\"", before, (int)length, name);
    arena_free(&arena);
}

// `names are read without "module."`: what stands before each name, or what was taken out of some.
static void say_wrapped(const Match *item, size_t count, Text *said) {
    size_t length = strlen(item[0].tensor->name) - strlen(item[0].name);
    bool same = true;
    for (size_t i = 0; same && i < count; i++) {
        const char *name = item[i].tensor->name;
        same = strlen(name) == length + strlen(item[i].name) &&
               memcmp(name, item[0].tensor->name, length) == 0 &&
               strcmp(name + length, item[i].name) == 0;
    }
    if (same && length == 0) return;
    text_add(said, "names are read without ");
    if (same) {
        text_printf(said, "\"%.*s\"", (int)length, item[0].tensor->name);
        return;
    }
    size_t listed = 0;
    for (size_t i = 0; i < sizeof WRAPPERS / sizeof *WRAPPERS; i++) {
        bool held = false;
        for (size_t j = 0; !held && j < count; j++)
            held = has_part(item[j].tensor->name, WRAPPERS[i]);
        if (held) text_printf(said, "%s\"%s.\"", listed++ ? ", " : "", WRAPPERS[i]);
    }
    say_common(&item[0], listed ? " and " : "", said);
}

static void take_best(Search *search, NetTensors *list, Match *item, size_t found, Text *said) {
    Matches *best = search->best;
    weights_list_free(&best->wanted);
    memory_free(best->item);
    text_free(&best->said);
    best->wanted = *list;
    best->item = item;
    best->count = search->count;
    best->said = *said;
    search->found = found;
}

// Tries a set of names; where it is no better than the best yet, it is let go.
static void try_names(Search *search, WeightNames names) {
    NetTensors list;
    Text said = {0};
    if (!weights_list(search->net, names, &list, NULL)) return;
    Match *item = copy_items(search);
    if (search->count) say_wrapped(item, search->count, &said);
    bool ok = true;
    if (names == WEIGHTS_SEQUENTIAL) {
        NetTensors own;
        ok = weights_list(search->net, WEIGHTS_OWN, &own, NULL);
        text_add(&said, said.length ? "; and numbers of nn.Sequential in their order: "
                                    : "numbers of nn.Sequential are read in their order: ");
        ok = ok && renumber(&list, &own, item, search->count, &search->best->arena, &said);
        if (search->count) qsort(item, search->count, sizeof *item, by_name);
        weights_list_free(&own);
    }
    size_t found = 0;
    for (size_t i = 0; ok && i < list.count; i++)
        found += find(item, search->count, list.tensor[i].name) != NULL;
    if (ok && (found > search->found || !search->best->item)) {
        take_best(search, &list, item, found, &said);
        return;
    }
    weights_list_free(&list);
    memory_free(item);
    text_free(&said);
}

static void try_all(Search *search) {
    if (search->count) qsort(search->item, search->count, sizeof *search->item, by_name);
    for (size_t i = 1; i < search->count; i++) {
        if (strcmp(search->item[i - 1].name, search->item[i].name) == 0) return; // two became one
    }
    bool numbered = search->count > 0;
    for (size_t i = 0; numbered && i < search->count; i++)
        numbered = is_numbered(search->item[i].name);
    try_names(search, WEIGHTS_OWN);
    try_names(search, WEIGHTS_TORCHVISION);
    if (numbered) try_names(search, WEIGHTS_SEQUENTIAL);
}

bool match_names(const Net *net, const Tensors *tensors, Matches *matches, Error *error) {
    *matches = (Matches){0};
    Search search = {.net = net, .best = matches};
    search.item = memory_try(tensors->count + 1, sizeof *search.item, "a list of tensors", error);
    if (!search.item) return false;
    for (size_t i = 0; i < tensors->count; i++) {
        const Tensor *tensor = &tensors->tensor[i];
        if (!is_beside(tensor->name)) search.item[search.count++] = (Match){tensor->name, tensor};
    }
    try_all(&search);
    for (size_t i = 0; i < search.count; i++)
        search.item[i].name = unwrap(&matches->arena, search.item[i].name);
    try_all(&search);
    for (size_t part; (part = common_part(search.item, search.count));) {
        for (size_t i = 0; i < search.count; i++) search.item[i].name += part + 1;
        try_all(&search);
    }
    memory_free(search.item);
    return matches->item || error_set(error, "the tensors of a network: no memory left");
}

void match_free(Matches *matches) {
    weights_list_free(&matches->wanted);
    memory_free(matches->item);
    text_free(&matches->said);
    arena_free(&matches->arena);
    *matches = (Matches){0};
}
