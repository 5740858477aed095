// The door of predict/: a trained network looks at images and says what it sees.
#pragma once

#include "data/data.h"
#include "net/net.h"

enum { PREDICT_CHANNELS = 3 };

typedef struct PredictOptions {
    const char *model;         // as net_read takes it
    const Settings *variables; // of the model; may be NULL
    const char *weights;       // a safetensors file (weights/)
    // What stands between an image file and the network: the shorter side becomes so many pixels,
    // the middle is cut out, then (pixel / 255 - mean) / sd. Where these are not given the file of
    // weights says what was done in training; files that benign writes do. Of others is assumed,
    // and said: 256 pixels for an input of 224x224, which is torchvision's way for ImageNet, else
    // as many as the network takes, or none where the image has that size; ImageNet's moments for 3
    // channels, 0 and 1 else.
    size_t shorter;   // 0: not given
    bool has_moments; // given
    float mean[PREDICT_CHANNELS], sd[PREDICT_CHANNELS];
    const char *classes; // a file with the name of a class in each line; NULL: those of the file of
                         // weights; else classes have numbers
    size_t top;          // how many classes to name, at most
    size_t threads;
} PredictOptions;

// A class and how sure the network is. Of a network with one output, which is that of class 1
// against class 0: 0 and the output.
typedef struct PredictClass {
    size_t number;
    const char *name;   // NULL: it has none
    double probability; // by softmax over the outputs
    double output;      // before that
} PredictClass;

typedef struct Prediction {
    const char *image;  // the file, or "batch.npy[3]"
    PredictClass *best; // (Predictions.top) the most probable first; of equals the first
} Prediction;

// How an input was made.
typedef enum PredictHow {
    PREPARED_NOT, // there was none
    PREPARED_AS_THEY_ARE,
    PREPARED_AS_TRAINED,
    PREPARED_AS_GIVEN,
    PREPARED_AS_ASSUMED
} PredictHow;

typedef struct PredictMade {
    PredictHow how;
    size_t moments;                                      // how many means and deviations; 0: none
    double mean[PREDICT_CHANNELS], sd[PREDICT_CHANNELS]; // the first ones
} PredictMade;

typedef struct Predictions {
    Prediction *image; // (images)
    size_t images, top;
    size_t classes;
    PredictMade files, rows; // of images, and of .npy files
    const char *data;        // that the network was trained on; NULL: its file does not say
    Text said;               // lines about all that, and how names of tensors were read
    Arena arena;             // owns the texts
} Predictions;

// Looks at every path: an image file (PNG, JPEG); a folder, for the image files in it by name; or
// an .npy file, whose rows (N, channels, height, width) are the network's input as it is, nothing
// resized or normalised; but where the network was trained on numbers that were standardised, rows
// are such numbers and are standardised so. Errors begin with the path of model, weights, classes
// or image; no predictions are left then. Cost: batches of 16 images, whatever their number.
bool predict(const PredictOptions *options, const char *const *path, size_t paths,
             Predictions *predictions, Error *error);
void predict_free(Predictions *predictions);

// A table for people.
void predict_describe(const Predictions *predictions, Text *text);

// {"images": [{"image": "a.png", "classes": [{"class": 3, "name": "cat" or null, "probability":
// 0.93, "output": 7.2}, ...]}, ...], "data": "cifar10:..." or null, "prepared": {"images": "as in
// training", "as given", "assumed" or null, "mean": [...], "std": [...] (of more than 3 their
// count), "rows": "as they are", ... or null}, "said": ["...", ...]}; a new reference.
json_t *predict_to_json(const Predictions *predictions);
