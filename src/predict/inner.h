// Private: what the files of predict/ share.
#pragma once

#include "predict/predict.h"
#include "train/train.h"

// How inputs are made.
typedef struct Preparation {
    const char *file; // of weights
    bool knows;       // the file says how the training data were prepared:
    DataSet trained;  // without examples
    bool given;       // by options, which come first
    Shape image;      // what an image becomes; rank 3 where there is such a thing
    size_t shorter;   // its side before the middle is cut out; 0: what that takes
    float mean[PREDICT_CHANNELS], sd[PREDICT_CHANNELS]; // before data_standardise, if any
} Preparation;

// input: what the file of weights says, or NULL. Errors: it says nonsense, or is of other data.
bool prepare_open(const PredictOptions *options, const Net *net, const char *input, Preparation *p,
                  Error *error);
void prepare_close(Preparation *p);
const char *prepare_word(PredictHow how); // "as in training"; NULL of none
PredictHow prepare_images(const Preparation *p);
PredictHow prepare_rows(const Preparation *p);
bool prepare_image(const Preparation *p, const char *path, float *x, Error *error);
void prepare_row(const Preparation *p, const Net *net, float *x);

// Adds a line for images and one for rows, of those that there were.
void prepare_say(const Preparation *p, bool images, bool rows, Text *text);

// How many means and deviations are used, 0: none; and the first three of them.
size_t prepare_moments(const Preparation *p, bool images, double *mean, double *sd);

typedef struct Predictor {
    Net *net;
    float *w, *buffers, *x; // x: a batch of inputs, row-major
    Preparation preparation;
    Team *team;
    Plan *plan;
    char *class_text;        // a file of names
    const char **class_name; // (classes) in it, or in preparation.trained; or NULL
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
bool predict_find(const Predictor *predictor, const char *const *path, size_t paths,
                  PredictSources *sources, Error *error);
void predict_sources_free(PredictSources *sources);

// The input of the network from a source.
bool predict_read(const Predictor *predictor, const PredictSource *source, float *x, Error *error);
