#include "init/init.h"
#include "train/train.h"
#include <math.h>

enum { MEASURED = 1024, LANES = 16 };

// sum_j of the mean square of feature j over the live examples of x (features, groups) lanes.
static double power_of(const float *x, size_t features, size_t row, size_t live) {
    double sum = 0;
    for (size_t j = 0; j < features; j++) {
        for (size_t e = 0; e < live; e++) sum += (double)x[j * row + e] * (double)x[j * row + e];
    }
    return sum / (double)live;
}

static bool fill_by_layer(const TrainStart *start, const InitOptions *options, Plan *plan, float *w,
                          Error *error) {
    size_t live = start->rows < MEASURED ? start->rows : MEASURED;
    size_t row = plan_groups(plan) * LANES;
    uint64_t number = 0;
    plan_load(plan, start->x, start->row, live);
    for (size_t l = 0; l < plan_layers(plan); l++) {
        const Layer *layer = &start->net->layer[l];
        double power = NAN;
        if (layer_weight(layer)) {
            const float *from = plan_output(plan, layer->from);
            power = layer->kind->power ? layer->kind->power(layer, from, plan_groups(plan), live)
                                       : power_of(from, (size_t)shape_count(&layer->in), row, live);
            if (!(power > 0 && power < INFINITY))
                return error_set(error,
                                 "%s: its inputs have second moment %g on the sample, and "
                                 "no initialisation makes that 1",
                                 layer->name, power);
        }
        if (!init_fill_layer(layer, number, options, power, w, error)) return false;
        number += (uint64_t)layer->slots;
        plan_step(plan, l, w);
    }
    return true;
}

bool train_start(const TrainStart *start, float *w, Error *error) {
    InitOptions options = {start->scheme, start->law, start->seed, init_unit_input, false};
    const InitScheme *scheme = &init_schemes[start->scheme];
    if (scheme->needs_power)
        options.input = init_measure_input(start->x, start->row, start->rows, &start->net->input);
    if (!scheme->from_data) return init_fill(start->net, &options, w, error);
    size_t batch = start->rows < MEASURED ? start->rows : MEASURED;
    Plan *plan = plan_new(&(PlanOptions){.net = start->net, .batch = batch, .learns = true}, error);
    bool ok = plan && fill_by_layer(start, &options, plan, w, error);
    plan_free(plan);
    return ok;
}
