// bench_conv [BATCH]: the three passes of convolutions on one core, GFLOP/s of each: the best of
// several runs. Lines of: kernel, side (1-D: length), channels in and out, stride, forward, weights
// and bias, input, and milliseconds of all three. Padding counts as work.
#include "layer/layer.h"
#include "num/num.h"
#include <stdio.h>
#include <stdlib.h>

enum { LANES = 16, TRIES = 5 };

typedef struct Case {
    int rank; // 2: 1-D
    int64_t kernel, side, in, out, stride;
} Case;

static const Case CASES[] = {
    {3, 3, 32, 2, 2, 1},     {3, 3, 32, 4, 4, 1},     {3, 3, 32, 8, 8, 1},
    {3, 3, 32, 12, 12, 1},   {3, 3, 32, 16, 16, 1},   {3, 3, 32, 24, 24, 1},
    {3, 3, 32, 32, 32, 1},   {3, 3, 32, 64, 64, 1},   {3, 3, 32, 3, 64, 1},
    {3, 3, 32, 64, 128, 2},  {3, 3, 16, 128, 128, 1}, {3, 3, 8, 256, 256, 1},
    {3, 3, 4, 512, 512, 1},  {3, 1, 32, 64, 128, 2},  {2, 5, 40, 1, 25, 1},
    {2, 3, 40, 10, 10, 2},   {2, 3, 40, 25, 25, 2},   {2, 3, 20, 100, 100, 2},
    {2, 5, 40, 100, 100, 1},
};

static float *fill(size_t count) {
    float *x = memory_try(count, sizeof *x, "bench", NULL);
    for (size_t i = 0; i < count; i++) x[i] = (float)(i * 2385 % 1009) / 1009 - 0.5f;
    return x;
}

static double best_of(const Layer *layer, LayerPass pass,
                      void (*run)(const Layer *, const LayerPass *)) {
    double best = 1e9;
    for (int i = 0; i < TRIES || (best * i < 0.05 && i < 1000); i++) {
        double start = system_seconds();
        run(layer, &pass);
        double seconds = system_seconds() - start;
        if (seconds < best) best = seconds;
    }
    return best;
}

static Layer layer_of(const Case *c) {
    Layer layer = {.kind = layer_find("conv"), .kernel = c->kernel, .size = c->out};
    Error error;
    layer.in = (Shape){c->rank, {c->side, c->rank == 2 ? c->in : c->side, c->in}};
    layer_set_defaults(&layer);
    layer.option[0].whole = c->stride;
    if (!layer.kind->resolve(&layer, &error)) exit(1);
    int64_t count = 1;
    for (int i = 0; i < layer.slot[0].rank; i++) count *= layer.slot[0].size[i];
    layer.slot[1].offset = count;
    return layer;
}

static void measure(const Case *c, size_t batch) {
    Layer layer = layer_of(c);
    size_t groups = (batch + LANES - 1) / LANES, row = groups * LANES;
    size_t in = (size_t)shape_count(&layer.in) * row, out = (size_t)shape_count(&layer.out) * row;
    size_t weights = (size_t)(layer.slot[1].offset + layer.size);
    LayerPass pass = {.groups = groups,
                      .live = batch,
                      .learns = true,
                      .w = fill(weights),
                      .dw = fill(weights),
                      .x = fill(in),
                      .y = fill(out),
                      .dx = NULL,
                      .dy = fill(out),
                      .work = fill(layer.kind->work(&layer, groups, 1))};
    double forward = best_of(&layer, pass, layer.kind->forward);
    double weight = best_of(&layer, pass, layer.kind->backward);
    pass.dx = fill(in);
    double both = best_of(&layer, pass, layer.kind->backward);
    double flop = 2e-9 * (double)layer.macs * (double)batch;
    printf("%dD %lld %3lld %3lld %3lld %lld  %6.1f %6.1f %6.1f  %8.3f\n", c->rank - 1,
           (long long)c->kernel, (long long)c->side, (long long)c->in, (long long)c->out,
           (long long)c->stride, flop / forward, flop / weight, flop / (both - weight),
           1000 * (forward + both));
    fflush(stdout);
    memory_free((void *)pass.w), memory_free(pass.dw), memory_free(pass.x), memory_free(pass.y);
    memory_free(pass.dx), memory_free(pass.dy), memory_free(pass.work);
}

int main(int argc, char **argv) {
    size_t batch = argc > 1 ? (size_t)atoi(argv[1]) : 128;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        measure(&CASES[i], CASES[i].rank == 2 ? 100 : batch);
}
