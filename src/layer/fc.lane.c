// Fully connected: y_o = b_o + sum_i w_oi x_i. An input of higher rank is taken as one row of
// features, channel by channel (CHW).
#include "layer/kinds.h"

static const Option OPTIONS[] = {
    LAYER_BIAS_OPTION(0),
    {0},
};

static bool resolve(Layer *layer, Error *error) {
    int64_t in = shape_count(&layer->in), out = layer->size;
    if (__builtin_mul_overflow(in, out, &layer->macs)) {
        return error_set(error,
                         "%lld inputs times %lld outputs are more weights than can be counted",
                         (long long)in, (long long)out);
    }
    layer->out = (Shape){.rank = 1, .size = {out}};
    layer->window = layer_extent(layer);
    layer_add_slot(layer, (LayerSlot){.name = "weight",
                                      .rank = 2,
                                      .size = {out, in},
                                      .fan_in = in,
                                      .fan_out = out,
                                      .role = ROLE_WEIGHT});
    if (layer->option[0].choice) layer_add_bias(layer);
    return true;
}

static void forward(const Layer *layer, const LayerPass *pass) {
    size_t in = (size_t)layer->slot[0].size[1], out = (size_t)layer->slot[0].size[0];
    size_t row = pass->groups * LANE;
    product(&(Product){
        .m = out,
        .k = in,
        .n = row,
        .a = pass->w + layer->slot[0].offset,
        .a_row = in,
        .a_column = 1,
        .x = pass->x,
        .x_row = row,
        .y = pass->y,
        .y_row = row,
        .bias = layer->slots > 1 ? pass->w + layer->slot[1].offset : NULL,
    });
}

// x with one example a row, its features padded to whole lanes.
static size_t padded(size_t in) {
    return (in + LANE - 1) / LANE * LANE;
}

static size_t work(const Layer *layer, size_t groups, size_t threads) {
    (void)threads;
    return groups * LANE * padded((size_t)layer->slot[0].size[1]);
}

// dw_oi = sum over examples e of dy_oe x_ie: with x turned to one example a row this is a product,
// too, and nothing is summed across a lane.
static void backward_weights(const Layer *layer, const LayerPass *pass) {
    size_t in = (size_t)layer->slot[0].size[1], out = (size_t)layer->slot[0].size[0];
    size_t row = pass->groups * LANE;
    transpose(pass->x, row, in, row, pass->work, padded(in));
    product(&(Product){
        .m = out,
        .k = pass->live,
        .n = in,
        .a = pass->dy,
        .a_row = row,
        .a_column = 1,
        .x = pass->work,
        .x_row = padded(in),
        .y = pass->dw + layer->slot[0].offset,
        .y_row = in,
    });
}

static void backward_bias(const Layer *layer, const LayerPass *pass) {
    const LayerSlot *bias = &layer->slot[1];
    for (int64_t o = 0; o < bias->size[0]; o++) {
        const float *dy = (const float *)pass->dy + (size_t)o * pass->groups * LANE;
        lane sum = lane_zero();
        for (size_t g = 0; g < pass->groups; g++) sum = lane_add(sum, lane_load(dy + g * LANE));
        pass->dw[bias->offset + o] = lane_sum(sum);
    }
}

static void backward(const Layer *layer, const LayerPass *pass) {
    size_t in = (size_t)layer->slot[0].size[1], out = (size_t)layer->slot[0].size[0];
    size_t row = pass->groups * LANE;
    backward_weights(layer, pass);
    if (layer->slots > 1) backward_bias(layer, pass);
    if (!pass->dx) return;
    product(&(Product){
        .m = in,
        .k = out,
        .n = row,
        .a = pass->w + layer->slot[0].offset,
        .a_row = 1,
        .a_column = in,
        .x = pass->dy,
        .x_row = row,
        .y = pass->dx,
        .y_row = row,
    });
}

static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)in2;
    layer_signal_weights((double)layer->slot[0].fan_in, in, out);
    out->excess = -out->shared; // two outputs have weights of their own
}

const LayerKind LAYER_KIND(fc) = {
    .name = "fc",
    .alias = "linear",
    .form = "fc-UNITS [bias=yes|no]",
    .help = "fully connected: every output sees every input",
    .has_size = true,
    .sees_all = true,
    .options = OPTIONS,
    .resolve = resolve,
    .signal = signal,
    .work = work,
    .forward = forward,
    .backward = backward,
};
