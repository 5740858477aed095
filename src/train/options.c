#include "init/init.h"
#include "train/kernels.h"
#include "train/schedule.h"
#include <math.h>

#define AT(field) offsetof(TrainOptions, field)
#define COUNT     9e15 // the largest whole number that a double holds with room to spare

const Option train_options[] = {
    {"model", OPTION_TEXT, AT(model), "mlp", 0, 0, NULL, "MODEL",
     "a file, a name from models/, or the network's text"},
    {"data", OPTION_TEXT, AT(data), "mnist1d", 0, 0, NULL, "DATA",
     "a data set, NAME[:key=value,...]; see `benign data`"},
    {"samples", OPTION_INT, AT(sample.samples), "0", 0, COUNT, NULL, "N",
     "size of the training subset, 0 for all; a smaller one is part of a larger one"},
    {"subset_seed", OPTION_INT, AT(sample.subset_seed), "0", 0, COUNT, NULL, "SEED",
     "which samples a subset takes first"},
    {"noise", OPTION_REAL, AT(sample.noise), "0", 0, 1, NULL, "P",
     "probability that a training label is replaced"},
    {"noise_law", OPTION_CHOICE, AT(sample.noise_law), "none", 0, 0, data_noise_laws, "LAW",
     "how: by a wrong class, or redrawn over all classes; no default"},
    {"noise_seed", OPTION_INT, AT(sample.noise_seed), "0", 0, COUNT, NULL, "SEED",
     "which labels, and what they become"},
    {"init", OPTION_CHOICE, AT(init), "exact", 0, 0, init_names, "SCHEME",
     "how large the first weights are"},
    {"init_law", OPTION_CHOICE, AT(init_law), "scheme", 0, 0, init_laws, "LAW",
     "their law; scheme: normal, uniform with glorot and torch"},
    {"init_seed", OPTION_INT, AT(init_seed), "0", 0, COUNT, NULL, "SEED", "the first weights"},
    {"order_seed", OPTION_INT, AT(order_seed), "0", 0, COUNT, NULL, "SEED",
     "the order of the samples in each epoch"},
    {"optimizer", OPTION_CHOICE, AT(optimizer), "sgd", 0, 0, train_optimizer_names, "NAME",
     "sgd with momentum, or adam"},
    {"lr", OPTION_REAL, AT(lr), "0.01", 0, INFINITY, NULL, "RATE", "learning rate"},
    {"lr_last", OPTION_REAL, AT(lr_last), "1", 0, INFINITY, NULL, "F",
     "of the last layer with weights, as a multiple of lr"},
    {"momentum", OPTION_REAL, AT(momentum), "0.9", 0, 1, NULL, "MU", "sgd: momentum"},
    {"weight_decay", OPTION_REAL, AT(weight_decay), "0", 0, INFINITY, NULL, "LAMBDA",
     "added to the gradient, times the weight"},
    {"beta1", OPTION_REAL, AT(beta1), "0.9", 0, 1, NULL, "B", "adam: decay of the first moment"},
    {"beta2", OPTION_REAL, AT(beta2), "0.999", 0, 1, NULL, "B", "adam: decay of the second moment"},
    {"epsilon", OPTION_REAL, AT(epsilon), "1e-8", 0, INFINITY, NULL, "E",
     "adam: added to the root of the second moment"},
    {"schedule", OPTION_CHOICE, AT(schedule), "constant", 0, 0, schedule_names, "NAME",
     "the learning rate over time"},
    {"schedule_period", OPTION_INT, AT(schedule_period), "512", 1, COUNT, NULL, "N",
     "inverse_sqrt: steps; step: epochs"},
    {"schedule_factor", OPTION_REAL, AT(schedule_factor), "0.1", 0, 1, NULL, "F",
     "step: what the rate is multiplied with every period"},
    {"loss", OPTION_CHOICE, AT(loss), "cross_entropy", 0, 0, train_loss_names, "NAME",
     "cross_entropy (with softmax), squared, or logistic (two classes, one output)"},
    {"epochs", OPTION_INT, AT(epochs), "100", 0, 1e9, NULL, "N", "passes over the training set"},
    {"batch", OPTION_INT, AT(batch), "100", 1, 1e6, NULL, "N", "examples in a step"},
    {"records", OPTION_INT, AT(records), "4", 1, 1000, NULL, "N",
     "measurements for every doubling of the epochs"},
    {"until", OPTION_TEXT, AT(until), "", 0, 0, NULL, "RULE",
     "stop after the first epoch where it holds, such as train_error<=0"},
    {0},
};
const size_t train_option_count = sizeof train_options / sizeof *train_options - 1;
