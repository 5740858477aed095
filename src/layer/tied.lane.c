// Tied: fully connected, with weights shared along the orbits of a permutation group on the pairs
// (output point, input point), and biases along its orbits on output points:
//     y_o(i) = b_o[i] + sum over channels c and points j of w_oc[i, j] x_c(j)
// so that y(t x) = t y(x) for every t in the group. Each pair of channels has weights of its own.
// Sources: Shawe-Taylor 1993; Ravanbakhsh, Schneider, Poczos 2017; Zaheer et al. 2017 (sets).
//
// An input of rank 1 is a row of points with one channel; of rank 2 length is points; an image is
// its pixels, row by row. The output keeps the shape of an image with as many pixels as points;
// else it has rank 1 with one channel, and points x channels with more.
#include "layer/tied_product.h"

static const Option OPTIONS[] = {
    {.name = "group",
     .type = OPTION_TEXT,
     .offset = LAYER_OPTION(TIED_GROUP),
     .fallback = "",
     .metavar = "GROUP",
     .help = "in quotes, as \"S40\" or \"S40 to trivial(10)\" (benign help groups)"},
    {.name = "channels",
     .type = OPTION_INT,
     .offset = LAYER_OPTION(TIED_CHANNELS),
     .fallback = "1",
     .low = 1,
     .high = 9e18,
     .metavar = "N",
     .help = "of each output point"},
    LAYER_BIAS_OPTION(TIED_BIAS),
    {0},
};

// ---- shapes ----

static int64_t points_of(const Layer *layer) {
    int64_t points = layer->in.size[0];
    if (layer->in.rank == 3 && __builtin_mul_overflow(points, layer->in.size[1], &points)) return 0;
    return points;
}

static int64_t channels_of(const Layer *layer) {
    return layer->in.rank == 1 ? 1 : layer_channels(layer);
}

static Shape shape_of(const Layer *layer, int64_t points) {
    int64_t channels = layer->option[TIED_CHANNELS].whole;
    Shape out = {.rank = channels == 1 ? 1 : 2, .size = {layer->size, channels}};
    if (channels == 1) out.size[1] = 0;
    if (layer->in.rank < 3 || layer->size != points) return out;
    out = layer->in;
    out.size[2] = channels;
    return out;
}

// An error that the whole of the group's text stands for.
static void blame_group(Layer *layer) {
    layer->fault.option = TIED_GROUP;
    layer->fault.offset = 0;
    layer->fault.width = strlen(layer->option[TIED_GROUP].text);
}

static bool acquire(Layer *layer, Error *error) {
    SymmetryFault fault;
    layer->facts = tied_acquire(layer->option[TIED_GROUP].text, &fault);
    if (layer->facts) return true;
    layer->fault.option = TIED_GROUP;
    layer->fault.offset = fault.offset;
    layer->fault.width = fault.width;
    *error = fault.reason;
    return false;
}

static bool check_points(Layer *layer, int64_t points, Error *error) {
    const TiedFacts *facts = layer->facts;
    long long in = (long long)facts->in.rows, out = (long long)facts->out.rows;
    if (in == points && out == layer->size) return true;
    blame_group(layer);
    return error_set(
        error,
        "the group acts on %lld inputs and %lld outputs; there are %lld points in, and "
        "tied-%lld gives %lld",
        in, out, (long long)points, (long long)layer->size, (long long)layer->size);
}

static bool add_slots(Layer *layer, int64_t points, Error *error) {
    const TiedFacts *facts = layer->facts;
    int64_t in = channels_of(layer), out = layer->option[TIED_CHANNELS].whole, inputs, outputs;
    if (__builtin_mul_overflow(points, in, &inputs) ||
        __builtin_mul_overflow(layer->size, out, &outputs) ||
        __builtin_mul_overflow(inputs, outputs, &layer->macs))
        return error_set(error,
                         "%lld channels in and %lld out are more weights than can be counted",
                         (long long)in, (long long)out);
    LayerSlot slot = {.name = "weight",
                      .rank = 3,
                      .size = {out, in, (int64_t)facts->pattern.weights},
                      .fan_in = inputs,
                      .fan_out = outputs,
                      .role = ROLE_WEIGHT};
    layer_add_slot(layer, slot);
    if (!layer->option[TIED_BIAS].choice) return true;
    slot.name = "bias", slot.role = ROLE_BIAS;
    slot.rank = 2, slot.size[1] = (int64_t)facts->pattern.biases, slot.size[2] = 0;
    layer_add_slot(layer, slot);
    return true;
}

static bool resolve(Layer *layer, Error *error) {
    int64_t points = points_of(layer);
    if (!*layer->option[TIED_GROUP].text)
        return error_set(error, "it needs the group that ties its weights, such as group=\"S%lld\"",
                         (long long)layer->size);
    if (!acquire(layer, error) || !check_points(layer, points, error) ||
        !add_slots(layer, points, error))
        return false;
    layer->out = shape_of(layer, points);
    layer->window = layer_extent(layer);
    return !tied_by_sums(layer) || tied_sums(layer->facts, error);
}

static void release(Layer *layer) {
    tied_release(layer->facts);
}

// ---- passes ----

// In products of one channel with another, for one point: all places of W; against the sums, their
// making, shared by the output's channels, and one product for each label of a row. What stands in
// no tile of registers costs more, as measured (bench/tied.c).
static double cost_of_sums(const TiedSide *side, double from, double to) {
    return from * (4 * side->visits + (double)side->cols) +
           1.5 * (double)side->rows * (double)side->largest * from * to;
}

bool tied_by_sums(const Layer *layer) {
    const TiedFacts *facts = layer->facts;
    double in = (double)layer->slot[0].size[1], out = (double)layer->slot[0].size[0];
    double places = (double)facts->in.rows * (double)facts->out.rows;
    return cost_of_sums(&facts->out, in, out) + cost_of_sums(&facts->in, out, in) <
           2 * places * in * out;
}

TiedWay tied_forward(const Layer *layer, const LayerPass *pass) {
    const TiedFacts *facts = layer->facts;
    const LayerSlot *slot = &layer->slot[0];
    return (TiedWay){.facts = facts,
                     .side = &facts->out,
                     .from = (size_t)slot->size[1],
                     .to = (size_t)slot->size[0],
                     .w = pass->w + slot->offset,
                     .w_to = (size_t)(slot->size[1] * slot->size[2]),
                     .w_from = (size_t)slot->size[2],
                     .bias = layer->slots > 1 ? pass->w + layer->slot[1].offset : NULL,
                     .x = pass->x,
                     .y = pass->y,
                     .groups = pass->groups,
                     .work = pass->work,
                     .team = pass->team};
}

TiedWay tied_backward(const Layer *layer, const LayerPass *pass) {
    TiedWay way = tied_forward(layer, pass), back = way;
    back.side = &way.facts->in;
    back.from = way.to, back.to = way.from;
    back.w_to = way.w_from, back.w_from = way.w_to;
    back.bias = NULL;
    back.x = pass->dy, back.y = pass->dx;
    return back;
}

static size_t work(const Layer *layer, size_t groups, size_t threads) {
    return (tied_by_sums(layer) ? tied_sums_work : tied_dense_work)(layer, groups, threads);
}

static void forward(const Layer *layer, const LayerPass *pass) {
    TiedWay way = tied_forward(layer, pass);
    (tied_by_sums(layer) ? tied_sum : tied_dense)(&way);
}

// Runs of points of one orbit are summed in lanes, runs one after the other.
static void backward_bias(const Layer *layer, const LayerPass *pass) {
    const TiedFacts *facts = layer->facts;
    const TiedSide *side = &facts->out;
    const float *dy = pass->dy;
    float *db = pass->dw + layer->slot[1].offset;
    for (int64_t o = 0; o < layer->slot[1].size[0]; o++, db += side->orbits) {
        memset(db, 0, side->orbits * sizeof *db);
        for (size_t i = 0; i < side->rows;) {
            int32_t orbit = side->orbit[i];
            lane sum = lane_zero();
            for (; i < side->rows && side->orbit[i] == orbit; i++)
                for (size_t g = 0; g < pass->groups; g++, dy += LANE)
                    sum = lane_add(sum, lane_load(dy));
            db[orbit] += lane_sum(sum);
        }
    }
}

static void backward(const Layer *layer, const LayerPass *pass) {
    bool sums = tied_by_sums(layer);
    (sums ? tied_sum_weights : tied_dense_weights)(layer, pass);
    if (layer->slots > 1) backward_bias(layer, pass);
    if (!pass->dx) return;
    TiedWay way = tied_backward(layer, pass);
    (sums ? tied_sum : tied_dense)(&way);
}

// ---- moments ----

// With weights of variance 1, E u(i)^2 = sum over labels of E s_o(i)^2, and E u(i) u(i') = sum of
// E s_o(i) s_o(i'). With E x^2 = q, E x x' = c of two points of a channel and one example, h of a
// point in two examples and k of two points in two, and n_o(i) places of label o in row i,
//     E s_o(i)^2       = n_o(i) (q - c) + n_o(i)^2 c
//     E s_o(i) s_o(i') = n_o(i, i') (q - c) + n_o(i) n_o(i') c
//     E s_o(i) s_o(i)' = n_o(i) (h - k) + n_o(i)^2 k         of two examples
// where n_o(i, i') places are those of both rows; summed over i != i', in each column m (m - 1) of
// m places. k is not known: taken as the lesser of h and c. Channels add up. All of it holds
// whether or not points are alike, for averages over points; a following layer takes them as alike.
static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)in2;
    const TiedFacts *facts = layer->facts;
    double rows = (double)facts->out.rows, cols = (double)facts->in.rows;
    double q = in->square, h = in->shared, c = h + in->excess, k = h < c ? h : c;
    double channels = (double)layer->slot[0].size[1], squares = facts->out.squares / rows;
    *out = (LayerSignal){.gaussian = true};
    out->square = channels * (cols * (q - c) + squares * c);
    out->shared = channels * (cols * (h - k) + squares * k);
    // Gradients of points behind an invariant output are all the same; only where no column has a
    // label twice does it not matter what they have in common.
    bool once = facts->in.squares == rows * cols;
    out->gradient = once ? channels * cols : NAN;
    if (rows < 2) return;
    double both = facts->in.squares - rows * cols, apart = facts->size2 - facts->out.squares;
    double pairs = rows * (rows - 1);
    out->excess = channels * (both / pairs * (q - c) + apart / pairs * c) - out->shared;
}

// Rows of `live` examples, their sums by label; squared.
static double square_of_row(const TiedFacts *facts, size_t i, const float *x, size_t row,
                            size_t live, float *sum) {
    const TiedSide *side = &facts->out;
    size_t k = (size_t)side->orbit[i], labels = side->first[k + 1] - side->first[k];
    double square = 0;
    memset(sum, 0, labels * LANE * sizeof *sum);
    for (size_t j = 0; j < side->cols; j++) {
        uint32_t label = tied_label(side->label, facts->bytes, i * side->cols + j);
        float *at = sum + (label - side->first[k]) * LANE; // rows have their labels in order
        lane_store(at, lane_add(lane_load(at), lane_load(x + j * row)));
    }
    for (size_t l = 0; l < labels; l++)
        for (size_t e = 0; e < live; e++)
            square += (double)sum[l * LANE + e] * (double)sum[l * LANE + e];
    return square;
}

// The mean over points and examples of the sum over labels of s_o(i)^2.
static double power(const Layer *layer, const float *x, size_t groups, size_t live) {
    const TiedFacts *facts = layer->facts;
    size_t rows = facts->out.rows, row = groups * LANE;
    float *sum = memory_new(facts->out.largest * LANE, sizeof *sum);
    double square = 0;
    for (int64_t c = 0; c < layer->slot[0].size[1]; c++, x += facts->in.rows * row)
        for (size_t e = 0; e < live; e += LANE)
            for (size_t i = 0; i < rows; i++)
                square +=
                    square_of_row(facts, i, x + e, row, live - e < LANE ? live - e : LANE, sum);
    memory_free(sum);
    return square / ((double)rows * (double)live);
}

const LayerKind LAYER_KIND(tied) = {
    .name = "tied",
    .form = "tied-POINTS group=\"GROUP\" [channels=1] [bias=yes|no]",
    .help = "every output sees every input, with weights shared along the orbits of a group",
    .has_size = true,
    .sees_all = true,
    .options = OPTIONS,
    .resolve = resolve,
    .release = release,
    .signal = signal,
    .power = power,
    .mixes = true,
    .work = work,
    .forward = forward,
    .backward = backward,
};
