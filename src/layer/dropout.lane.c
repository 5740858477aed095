// Dropout: in training each number is 0 with probability p, and otherwise divided by 1 - p; later
// nothing happens to it (Srivastava et al. 2014).
#include "layer/kinds.h"
#include "num/philox.h"

static const Option OPTIONS[] = {
    {.name = "p",
     .type = OPTION_REAL,
     .offset = LAYER_OPTION(0),
     .fallback = "0.5",
     .low = 0,
     .high = 1,
     .metavar = "P",
     .help = "probability that a number is dropped"},
    {0},
};

// In training, where E y = E x and E y^2 = E x^2/(1 - p).
static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)in2;
    double keep = 1 - layer->option[0].real;
    *out = *in;
    out->square = keep > 0 ? in->square / keep : 0; // p = 1 drops everything
    out->shared = keep > 0 ? in->shared : 0;
    out->apart = keep > 0 ? in->apart : 0;
    out->excess = keep > 0 ? in->excess : 0;
    out->mean = keep > 0 ? in->mean : 0;
    out->gaussian = in->gaussian && keep == 1;
    out->sample = keep == 1 ? in->sample : NULL;
    out->gradient = keep > 0 ? 1 / keep : 0;
}

// ---- the mask ----

enum { WORDS = 4, PART = 1024 }; // lanes of random words made at a time; lanes of a part

// The blocks of 16 counters side by side: word w of lane l is word w of block `first` + l of the
// stream.
static void draw_words(const Random *stream, uint32_t first, uint32_t word[WORDS][LANE]) {
    uint32_t c[WORDS][LANE], k0 = stream->key[0], k1 = stream->key[1];
    for (uint32_t l = 0; l < LANE; l++) {
        c[0][l] = first + l;
        for (int i = 1; i < WORDS; i++) c[i][l] = stream->counter[i];
    }
    philox_blocks(c[0], LANE, k0, k1);
    memcpy(word, c, sizeof c);
}

// Odd multiples of 2^-24 in (0, 1).
static lane fraction(const uint32_t bits[LANE]) {
    float u[LANE];
    for (int l = 0; l < LANE; l++) u[l] = (float)(int32_t)(bits[l] >> 9 << 1 | 1) * 0x1p-24f;
    return lane_load(u);
}

// ---- both passes: to = from times the mask ----

typedef struct Task {
    const LayerPass *pass;
    const float *from;
    float *to;
    size_t lanes;
    float p;
} Task;

static void drop_part(void *context, size_t part, size_t thread) {
    (void)thread;
    const Task *t = context;
    Random stream = random_stream(t->pass->seed, RANDOM_DROPOUT, t->pass->draw + part);
    lane p = lane_splat(t->p), scale = lane_splat(t->p < 1 ? 1 / (1 - t->p) : 0);
    size_t first = part * PART, end = first + PART < t->lanes ? first + PART : t->lanes;
    uint32_t word[WORDS][LANE];
    for (size_t i = first; i < end; i++) {
        size_t at = i - first;
        if (at % WORDS == 0) draw_words(&stream, (uint32_t)(at / WORDS * LANE), word);
        lane keep = lane_sub(fraction(word[at % WORDS]), p);
        lane kept = lane_mul(scale, lane_load(t->from + i * LANE));
        lane_store(t->to + i * LANE, lane_where_positive(keep, kept, lane_zero()));
    }
}

static void drop(const Layer *layer, const LayerPass *pass, const void *from, void *to) {
    if (!pass->learns) {
        layer_copy(layer, pass, from, to);
        return;
    }
    size_t lanes = (size_t)shape_count(&layer->out) * pass->groups;
    Task task = {pass, from, to, lanes, (float)layer->option[0].real};
    team_share(pass->team, (lanes + PART - 1) / PART, drop_part, &task);
}

static void forward(const Layer *layer, const LayerPass *pass) {
    drop(layer, pass, pass->x, pass->y);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    if (pass->dx) drop(layer, pass, pass->dy, pass->dx);
}

const LayerKind LAYER_KIND(dropout) = {
    .name = "dropout",
    .form = "dropout [p=0.5]",
    .help = "in training, drops each number with probability p",
    .options = OPTIONS,
    .resolve = layer_resolve_elementwise,
    .signal = signal,
    .in_place = true,
    .forward = forward,
    .backward = backward,
};
