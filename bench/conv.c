// bench_conv: the three passes of convolutions on one core. A line each: axes, kernel, side,
// channels in and out, stride, batch; GFLOP/s of forward, weights and biases, input; milliseconds
// of all three. Seconds are the core's, the best of several runs; taps on padding count as work.
#include "layer/layer.h"
#include "num/num.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LANES = 16, TRIES = 5, STRIDE = 0 }; // STRIDE: the option's number

typedef struct Case {
    int axes;
    int64_t kernel, side, in, out, stride;
    size_t batch;
} Case;

static const Case CASES[] = {
    {2, 3, 32, 2, 2, 1, 128},     {2, 3, 32, 4, 4, 1, 128},     {2, 3, 32, 8, 8, 1, 128},
    {2, 3, 32, 12, 12, 1, 128},   {2, 3, 32, 16, 16, 1, 128},   {2, 3, 32, 24, 24, 1, 128},
    {2, 3, 32, 32, 32, 1, 128},   {2, 3, 32, 64, 64, 1, 128},   {2, 3, 32, 3, 64, 1, 128},
    {2, 3, 32, 64, 128, 2, 128},  {2, 3, 16, 128, 128, 1, 128}, {2, 3, 8, 256, 256, 1, 128},
    {2, 3, 4, 512, 512, 1, 128},  {2, 1, 32, 64, 128, 2, 128},  {1, 5, 40, 1, 25, 1, 100},
    {1, 3, 40, 10, 10, 2, 100},   {1, 3, 40, 25, 25, 2, 100},   {1, 3, 20, 100, 100, 2, 100},
    {1, 5, 40, 100, 100, 1, 100},
};

typedef void Run(const Layer *layer, const LayerPass *pass);

static float *fill(size_t count) {
    float *x = memory_try(count, sizeof *x, "bench", NULL);
    for (size_t i = 0; i < count; i++) x[i] = (float)(i * 2385 % 1009) / 1009 - 0.5f;
    return x;
}

static double core_seconds(void) { // others on the machine do not count
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double best_of(const Layer *layer, const LayerPass *pass, Run *run) {
    double best = 1e9, begin = core_seconds();
    for (int i = 0; i < TRIES || (core_seconds() - begin < 0.05 && i < 1000); i++) {
        double start = core_seconds();
        run(layer, pass);
        double seconds = core_seconds() - start;
        if (seconds < best) best = seconds;
    }
    return best;
}

static Layer layer_of(const Case *c) {
    Layer layer = {.kind = layer_find("conv"), .kernel = c->kernel, .size = c->out};
    Error error;
    layer.in = c->axes == 1 ? (Shape){2, {c->side, c->in}} : (Shape){3, {c->side, c->side, c->in}};
    layer_set_defaults(&layer);
    layer.option[STRIDE].whole = c->stride;
    if (!layer.kind->resolve(&layer, &error)) exit(1);
    layer.slot[1].offset = layer.slot[0].fan_in * c->out; // of the biases: behind the weights
    return layer;
}

static void measure(const Case *c) {
    Layer layer = layer_of(c);
    size_t groups = (c->batch + LANES - 1) / LANES, row = groups * LANES;
    size_t in = (size_t)shape_count(&layer.in) * row, out = (size_t)shape_count(&layer.out) * row;
    size_t weights = (size_t)(layer.slot[1].offset + c->out);
    float *w = fill(weights), *dw = fill(weights), *x = fill(in), *dx = fill(in), *y = fill(out),
          *dy = fill(out), *work = fill(layer.kind->work(&layer, groups, 1));
    LayerPass pass = {.groups = groups,
                      .live = c->batch,
                      .learns = true,
                      .w = w,
                      .dw = dw,
                      .x = x,
                      .y = y,
                      .dy = dy,
                      .work = work};
    double forward = best_of(&layer, &pass, layer.kind->forward);
    double weight = best_of(&layer, &pass, layer.kind->backward);
    pass.dx = dx;
    double both = best_of(&layer, &pass, layer.kind->backward);
    double flop = 2e-9 * (double)layer.macs * (double)c->batch;
    printf("%d %d %d %d %d %d %zu %.1f %.1f %.1f %.4f\n", c->axes, (int)c->kernel, (int)c->side,
           (int)c->in, (int)c->out, (int)c->stride, c->batch, flop / forward, flop / weight,
           flop / (both - weight), 1000 * (forward + both));
    float *all[] = {w, dw, x, dx, y, dy, work};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_free(all[i]);
}

int main(void) {
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) measure(&CASES[i]);
    return 0;
}
