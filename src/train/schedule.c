#include "train/schedule.h"
#include <math.h>

static double constant(const TrainOptions *o, int64_t t, int64_t steps) {
    (void)t, (void)steps;
    return o->lr;
}

static double inverse_sqrt(const TrainOptions *o, int64_t t, int64_t steps) {
    (void)steps;
    return o->lr / sqrt(1 + (double)(t / o->schedule_period));
}

static double cosine(const TrainOptions *o, int64_t t, int64_t steps) {
    double progress = (double)t / ((double)o->epochs * (double)steps);
    return o->lr * (1 + cos(3.14159265358979324 * progress)) / 2;
}

static double step(const TrainOptions *o, int64_t t, int64_t steps) {
    return o->lr * pow(o->schedule_factor, (double)(t / steps / o->schedule_period));
}

static const struct {
    double (*rate)(const TrainOptions *, int64_t, int64_t);
    bool extends;
} SCHEDULES[] = {{constant, true}, {inverse_sqrt, true}, {cosine, false}, {step, true}};

const char *const schedule_names[] = {"constant", "inverse_sqrt", "cosine", "step", NULL};

double schedule_rate(const TrainOptions *options, int64_t t, int64_t steps) {
    return SCHEDULES[options->schedule].rate(options, t, steps);
}

bool schedule_extends(const TrainOptions *options) {
    return SCHEDULES[options->schedule].extends;
}
