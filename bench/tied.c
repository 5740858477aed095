// bench_tied: tied layers beside a fully connected layer of the same sizes, on one core. A line
// each: group, channels in and out, examples; its time over that of fc, forward and backward; fc's
// microseconds. Seconds are the core's, the best of several runs. With arguments --pattern GROUP:
// seconds of the pattern alone.
#include "net/net.h"
#include "symmetry/symmetry.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LANES = 16, TRIES = 3 };

typedef struct Case {
    const char *group;
    int in, out, c_in, c_out;
    size_t groups;
} Case;

static const Case CASES[] = {
    {"S64", 64, 64, 1, 1, 4},
    {"S64", 64, 64, 16, 16, 4},
    {"S400", 400, 400, 1, 1, 4},
    {"S400", 400, 400, 16, 16, 4},
    {"S20 wr S20", 400, 400, 1, 1, 4},
    {"S20 x S20 on grid", 400, 400, 1, 1, 4},
    {"S20 x S20 on grid", 400, 400, 16, 16, 4},
    {"S20 on pairs", 400, 400, 1, 1, 4},
    {"S20 on pairs", 400, 400, 16, 16, 4},
    {"S2 wr S9 on product", 512, 512, 1, 1, 4},
    {"S2 wr S9 on product", 512, 512, 16, 16, 4},
    {"C40", 40, 40, 8, 8, 4},
    {"C400", 400, 400, 1, 1, 2},
    {"C400", 400, 400, 1, 1, 4},
    {"C400", 400, 400, 4, 4, 4},
    {"C400", 400, 400, 16, 16, 4},
    {"torus 20x20", 400, 400, 1, 1, 4},
    {"torus 20x20", 400, 400, 4, 4, 4},
    {"S40 to trivial(10)", 40, 10, 16, 1, 4},
};

static double core_seconds(void) { // others on the machine do not count
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static float *fill(size_t count) {
    float *x = memory_try(count + LANES, sizeof *x, "bench", NULL);
    for (size_t i = 0; i < count; i++) x[i] = (float)(i * 2385 % 1009) / 1009 - 0.5f;
    return x;
}

typedef void Run(const Layer *layer, const LayerPass *pass);

static double best_of(const Layer *layer, const LayerPass *pass, Run *run) {
    double best = 1e9, begin = core_seconds();
    for (int i = 0; i < TRIES || (core_seconds() - begin < 0.1 && i < 1000); i++) {
        double start = core_seconds();
        run(layer, pass);
        double seconds = core_seconds() - start;
        if (seconds < best) best = seconds;
    }
    return best;
}

static void measure(const char *text, size_t groups, double *forward, double *backward) {
    Error error;
    NetProgram *program = net_parse("bench", text, strlen(text), &error);
    Net *net = program ? net_build(program, NULL, &error) : NULL;
    if (!net) exit((puts(error.text), 1));
    const Layer *layer = &net->layer[0];
    size_t row = groups * LANES, in = (size_t)shape_count(&layer->in) * row;
    size_t out = (size_t)shape_count(&layer->out) * row, weights = (size_t)net->parameters;
    float *block[] = {fill(in),
                      fill(in),
                      fill(out),
                      fill(out),
                      fill(weights),
                      fill(weights),
                      fill(layer->kind->work(layer, groups, 1))};
    LayerPass pass = {.groups = groups,
                      .live = row,
                      .learns = true,
                      .x = block[0],
                      .dx = block[1],
                      .y = block[2],
                      .dy = block[3],
                      .w = block[4],
                      .dw = block[5],
                      .work = block[6]};
    *forward = best_of(layer, &pass, layer->kind->forward);
    *backward = best_of(layer, &pass, layer->kind->backward);
    for (size_t i = 0; i < sizeof block / sizeof *block; i++) memory_free(block[i]);
    net_free(net);
    net_program_free(program);
}

static void compare(const Case *c) {
    char text[200];
    double forward[2], backward[2];
    snprintf(text, sizeof text, "input %d fc-%d", c->in * c->c_in, c->out * c->c_out);
    measure(text, c->groups, &forward[0], &backward[0]);
    snprintf(text, sizeof text, "input %dx%d tied-%d group=\"%s\" channels=%d", c->in, c->c_in,
             c->out, c->group, c->c_out);
    measure(text, c->groups, &forward[1], &backward[1]);
    printf("%-20s %2d:%-2d %3zu   %6.3f %6.3f   %8.0f %8.0f\n", c->group, c->c_in, c->c_out,
           c->groups * LANES, forward[1] / forward[0], backward[1] / backward[0], 1e6 * forward[0],
           1e6 * backward[0]);
    fflush(stdout);
}

static int pattern(const char *text) {
    Error error;
    SymmetryPattern found;
    Symmetry *symmetry = symmetry_read(text, strlen(text), false, &error);
    double start = core_seconds();
    if (!symmetry || !symmetry_pattern(symmetry, &found, &error)) return puts(error.text), 1;
    printf("%-24s n = %-6zu %8zu orbits %9.4f s\n", text, found.rows, found.weights,
           core_seconds() - start);
    symmetry_pattern_free(&found);
    symmetry_free(symmetry);
    return 0;
}

int main(int count, char **word) {
    if (count == 3 && strcmp(word[1], "--pattern") == 0) return pattern(word[2]);
    puts("group, channels, examples; forward and backward over fc's; fc's microseconds");
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) compare(&CASES[i]);
    return 0;
}
