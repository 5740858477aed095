#include "train/layout.h"
#include <string.h>

enum { LANES = 16 };

static size_t whole_lanes(size_t floats) {
    return (floats + LANES - 1) / LANES * LANES;
}

static size_t tensor_of(int64_t layer) { // by the number of the layer that computes it
    return (size_t)(layer - LAYER_INPUT);
}

// ---- memory: first what is held for good, behind it what is let for a time ----

typedef struct Let {
    size_t offset, size, until;
} Let;

typedef struct Lets {
    size_t held;                 // the end of what is held for good
    Let *let;                    // those that may still be in use, by offset
    size_t count, capacity, top; // top: the highest end so far
} Lets;

static size_t hold(Lets *lets, size_t size) {
    size_t at = lets->held;
    lets->held = lets->top = at + size;
    return at;
}

// The lowest place where nobody is from time `from` on. Times of calls do not decrease, and nothing
// is held after the first of them.
static size_t let(Lets *lets, size_t size, size_t from, size_t until) {
    size_t left = 0, place = 0, at = lets->held;
    for (size_t i = 0; i < lets->count; i++) {
        if (lets->let[i].until >= from) lets->let[left++] = lets->let[i];
    }
    while (place < left && lets->let[place].offset < at + size) {
        at = lets->let[place].offset + lets->let[place].size;
        place++;
    }
    lets->let = memory_grow(lets->let, left, &lets->capacity, sizeof *lets->let);
    memmove(lets->let + place + 1, lets->let + place, (left - place) * sizeof *lets->let);
    lets->let[place] = (Let){at, size, until};
    lets->count = left + 1;
    if (at + size > lets->top) lets->top = at + size;
    return at;
}

// ---- who needs what ----

// Two in a row would overwrite the y that the first one's backward needs; and so it is with a
// tensor that somebody else reads.
static bool can_overwrite(const Net *net, size_t l, const size_t *readers) {
    const Layer *layer = &net->layer[l];
    if (!layer->kind->in_place || layer->from == LAYER_INPUT) return false;
    const LayerKind *before = net->layer[layer->from].kind;
    return !before->in_place && !before->needs_output && readers[tensor_of(layer->from)] == 1;
}

static void look_at_readers(const Net *net, Layout *layout) {
    size_t *readers = memory_new(layout->layers + 1, sizeof *readers);
    for (size_t t = 0; t <= layout->layers; t++) layout->reader[t] = -1;
    for (size_t l = 0; l < layout->layers; l++) {
        const Layer *layer = &net->layer[l];
        const int64_t from[] = {layer->from, layer->from2};
        for (int i = 0; i < 1 + layer->kind->is_join; i++) {
            readers[tensor_of(from[i])]++;
            layout->reader[tensor_of(from[i])] = (int64_t)l;
            if (layout->wanted[tensor_of(from[i])]) layout->wanted[l + 1] = true;
        }
        if (layer->slots > 0) layout->wanted[l + 1] = true;
    }
    for (size_t l = 0; l < layout->layers; l++) {
        layout->in_place[l] = can_overwrite(net, l, readers);
    }
    memory_free(readers);
}

// ---- tensors ----

static size_t numbers_of(const Net *net, size_t t, size_t groups) {
    const Layer *writer = layout_writer(net, t);
    return (size_t)shape_count(writer ? &writer->out : &net->input) * groups * LANES;
}

// The last layer that needs tensor t as an input, also under the names it has when it is
// overwritten. Of the output: one more than all layers.
static size_t last_reader(const Layout *layout, size_t t) {
    while (layout->reader[t] >= 0 && layout->in_place[layout->reader[t]])
        t = (size_t)layout->reader[t] + 1;
    if (t == layout->layers) return layout->layers;
    return layout->reader[t] < 0 ? t : (size_t)layout->reader[t];
}

// Tensors are held for backward, or else let until their last reader has run.
static void place_tensors(const LayoutNeeds *needs, Layout *layout, Lets *lets) {
    for (size_t t = 0; t <= layout->layers; t++) {
        size_t numbers = numbers_of(needs->net, t, needs->groups);
        if (t && layout->in_place[t - 1]) {
            layout->tensor[t] = layout->tensor[tensor_of(needs->net->layer[t - 1].from)];
        } else if (needs->learns) {
            layout->tensor[t] = hold(lets, numbers);
        } else {
            layout->tensor[t] = let(lets, numbers, t ? t - 1 : 0, last_reader(layout, t));
        }
    }
}

// ---- gradients: layer l goes back at time 2 layers - l ----

static size_t time_back(const Layout *layout, size_t l) {
    return 2 * layout->layers - l;
}

// A tensor has its gradient from when the last of its readers goes back until its writer has.
static size_t place_gradient(const LayoutNeeds *needs, const Layout *layout, size_t t, size_t from,
                             Lets *lets) {
    size_t until = time_back(layout, t - 1);
    for (size_t under = t; layout->in_place[under - 1];) { // dx = dy: it lives on below
        under = tensor_of(needs->net->layer[under - 1].from);
        until = time_back(layout, under - 1);
    }
    return let(lets, numbers_of(needs->net, t, needs->groups), from, until);
}

bool layout_comes_first(const Net *net, const Layout *layout, size_t l, int i) {
    const Layer *layer = &net->layer[l];
    size_t t = tensor_of(i ? layer->from2 : layer->from);
    return layout->reader[t] == (int64_t)l && !(i && layer->from2 == layer->from);
}

static void place_inputs(const LayoutNeeds *needs, Layout *layout, size_t l, Lets *lets) {
    const Layer *layer = &needs->net->layer[l];
    const int64_t from[] = {layer->from, layer->from2};
    for (int i = 0; i < 1 + layer->kind->is_join; i++) {
        size_t t = tensor_of(from[i]);
        if (!layout->wanted[t] || !layout_comes_first(needs->net, layout, l, i)) continue;
        layout->gradient[t] = layout->in_place[l] && i == 0
                                  ? layout->gradient[l + 1]
                                  : place_gradient(needs, layout, t, time_back(layout, l), lets);
    }
}

static void place_gradients(const LayoutNeeds *needs, Layout *layout, Lets *lets) {
    size_t L = layout->layers;
    if (L) layout->gradient[L] = place_gradient(needs, layout, L, L, lets);
    for (size_t l = L; l-- > 0;) {
        if (layout->wanted[l + 1]) place_inputs(needs, layout, l, lets);
    }
}

// ---- scratch ----

// The largest gradient that has to be added to another.
static size_t spare_numbers(const LayoutNeeds *needs, const Layout *layout) {
    size_t most = 0;
    for (size_t l = 0; l < layout->layers; l++) {
        const Layer *layer = &needs->net->layer[l];
        const int64_t from[] = {layer->from, layer->from2};
        for (int i = 0; i < 1 + layer->kind->is_join; i++) {
            size_t t = tensor_of(from[i]), numbers = numbers_of(needs->net, t, needs->groups);
            bool adds = layout->wanted[t] && !layout_comes_first(needs->net, layout, l, i);
            if (adds && numbers > most) most = numbers;
        }
    }
    return most;
}

static void hold_scratch(const LayoutNeeds *needs, Layout *layout, Lets *lets) {
    size_t work = 0;
    for (size_t l = 0; l < layout->layers; l++) {
        const Layer *layer = &needs->net->layer[l];
        const LayerKind *kind = layer->kind;
        size_t wish = kind->work ? kind->work(layer, needs->groups, needs->threads) : 0;
        size_t kept = needs->learns && kind->kept ? kind->kept(layer, needs->groups) : 0;
        if (wish > work) work = wish;
        layout->kept[l] = hold(lets, whole_lanes(kept));
    }
    layout->work = hold(lets, whole_lanes(work));
    layout->loss = hold(lets, needs->groups * LANES);
    if (needs->learns) layout->spare = hold(lets, spare_numbers(needs, layout));
}

void layout_make(const LayoutNeeds *needs, Layout *layout) {
    const Net *net = needs->net;
    size_t L = net->layers - (net->layers && net->layer[net->layers - 1].kind->is_loss);
    *layout = (Layout){.layers = L};
    layout->in_place = memory_new(L + 1, sizeof *layout->in_place);
    layout->wanted = memory_new(L + 1, sizeof *layout->wanted);
    layout->reader = memory_new(L + 1, sizeof *layout->reader);
    layout->tensor = memory_new(L + 1, sizeof *layout->tensor);
    layout->gradient = memory_new(L + 1, sizeof *layout->gradient);
    layout->kept = memory_new(L + 1, sizeof *layout->kept);
    look_at_readers(net, layout);
    Lets lets = {0};
    hold_scratch(needs, layout, &lets);
    if (needs->learns) place_tensors(needs, layout, &lets);
    size_t d = (size_t)shape_count(&net->input);
    layout->rows = let(&lets, whole_lanes(d) * needs->groups * LANES, 0, 0);
    if (!needs->learns) place_tensors(needs, layout, &lets);
    if (needs->learns) place_gradients(needs, layout, &lets);
    layout->total = lets.top;
    memory_free(lets.let);
}

void layout_free(Layout *layout) {
    memory_free(layout->in_place);
    memory_free(layout->wanted);
    memory_free(layout->reader);
    memory_free(layout->tensor);
    memory_free(layout->gradient);
    memory_free(layout->kept);
    *layout = (Layout){0};
}
