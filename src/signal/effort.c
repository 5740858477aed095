#include "signal/inner.h"
#include "train/train.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FEW = 16, LANES = 16 };
static const double BUDGET = 4e11; // FLOP of all draws: seconds on one core

// About three passes: forward, and two products for each on the way back.
static double flops_of_draw(const Net *net, int64_t examples) {
    double macs = 0, groups = ceil((double)examples / LANES);
    for (size_t l = 0; l < net->layers; l++) macs += (double)net->layer[l].macs;
    return 6 * macs * groups * LANES;
}

static double bytes_of(const Net *net, int64_t examples) {
    double numbers =
        2.0 * (double)net->parameters + (double)examples * (double)shape_count(&net->input);
    PlanOptions plan = {.net = net, .batch = (size_t)examples, .learns = true};
    return (double)plan_bytes(&plan) + 4 * numbers;
}

static bool cannot_run(const Net *net, char *why, size_t size) {
    for (size_t l = 0; l < net->layers; l++) {
        const LayerKind *kind = net->layer[l].kind;
        if (kind->forward && kind->backward) continue;
        snprintf(why, size, "%s is of a kind that is counted, but cannot run yet",
                 net->layer[l].name);
        return true;
    }
    return false;
}

static void choose(const Net *net, SignalOptions *options, size_t schemes) {
    if (options->examples < 0)
        options->examples =
            options->draws < 0 && 20 * (double)schemes * flops_of_draw(net, 64) > BUDGET ? FEW : 64;
    if (options->draws >= 0) return;
    double draws = BUDGET / ((double)schemes * flops_of_draw(net, options->examples));
    options->draws = draws >= 20 ? 20 : (int64_t)draws;
}

static void say_memory(int64_t examples, double bytes, double fewer, char *why, size_t size) {
    snprintf(why, size, "%lld examples need %.1f GB of memory and the machine has %.1f GB",
             (long long)examples, bytes * 1e-9, system_memory() * 1e-9);
    size_t length = strlen(why);
    if (fewer < system_memory() && examples > FEW)
        snprintf(why + length, size - length, "; --examples %d needs %.1f GB", FEW, fewer * 1e-9);
}

void signal_choose(const Net *net, SignalOptions *options, char *why, size_t size) {
    bool asked = options->draws >= 0;
    *why = 0;
    if (cannot_run(net, why, size)) options->draws = 0;
    choose(net, options, options->schemes);
    if (*why) return;
    double bytes = bytes_of(net, options->examples), fewer = bytes_of(net, FEW);
    if (options->draws == 0 && asked) {
        snprintf(why, size, "nobody asked for draws");
    } else if (bytes > system_memory()) {
        say_memory(options->examples, bytes, fewer, why, size);
    } else if (options->draws == 0) {
        snprintf(why, size,
                 "a draw of %d examples takes %.2g FLOP and %.1f GB; --draws 1 --examples %d does "
                 "it",
                 FEW, flops_of_draw(net, FEW), fewer * 1e-9, FEW);
    }
}
