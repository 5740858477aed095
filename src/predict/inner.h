// Private: what the files of predict/ share.
#pragma once

#include "predict/predict.h"
#include "train/train.h"

typedef struct Predictor {
    Net *net;
    float *w, *buffers, *x; // x: a batch of inputs, row-major
    Team *team;
    Plan *plan;
    char *class_text;        // a file of names
    const char **class_name; // (classes) in it, or NULL
} Predictor;

// One image: a file, or a row of an .npy file.
typedef struct PredictSource {
    char *name; // what it is called: the path, "batch.npy[3]"
    const DataFile *file;
    size_t row;
} PredictSource;

typedef struct PredictSources {
    PredictSource *item; // (count)
    size_t count, capacity;
    DataFile **file; // (files) that are open
    size_t files, file_capacity;
} PredictSources;

// All images that the paths stand for. Errors: a folder without images, an .npy file whose rows are
// no inputs of the network, a network that takes no images.
bool predict_find(const Net *net, const char *const *path, size_t paths, PredictSources *sources,
                  Error *error);
void predict_sources_free(PredictSources *sources);

// The input of the network from a source.
bool predict_read(const PredictOptions *options, const Net *net, const PredictSource *source,
                  float *x, Error *error);
