// Private: learning rates over time.
#pragma once

#include "train/train.h"

// The learning rate of step t (from 0) of `steps` steps an epoch.
//     constant      lr
//     inverse_sqrt  lr / sqrt(1 + floor(t / period))                  (Nakkiran et al. 2020: period
//     512) cosine        lr (1 + cos(pi t / (epochs steps))) / 2           (Loshchilov, Hutter
//     2017) step          lr factor^floor(epoch / period)
double schedule_rate(const TrainOptions *options, int64_t t, int64_t steps);

// True when a run of more epochs begins just as this one: the rate does not look at the end.
bool schedule_extends(const TrainOptions *options);

extern const char *const schedule_names[];
