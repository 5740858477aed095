// The door of predict/: a trained network looks at images and says what it sees.
#pragma once

#include "data/data.h"
#include "net/net.h"

enum { PREDICT_CHANNELS = 3 };

typedef struct PredictOptions {
    const char *model;         // as net_read takes it
    const Settings *variables; // of the model; may be NULL
    const char *weights;       // a safetensors file (weights/)
    // What stands between an image file and the network, whose input says how much is cut out of
    // the middle: the shorter side becomes `shorter` pixels (0: 256 for an input of 224x224, which
    // is torchvision's way for ImageNet; else as many as the network takes), then (pixel / 255 -
    // mean) / sd, channel by channel.
    size_t shorter;
    bool has_moments; // else ImageNet's of a network that takes 3 channels, and 0 and 1 of others
    float mean[PREDICT_CHANNELS], sd[PREDICT_CHANNELS];
    const char *classes; // a file with the name of a class in each line; NULL: classes have numbers
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

typedef struct Predictions {
    Prediction *image; // (images)
    size_t images, top;
    size_t classes;
    Arena arena; // owns the texts
} Predictions;

// Looks at every path: an image file (PNG, JPEG); a folder, for the image files in it by name; or
// an .npy file whose rows are the network's input as it is (N, channels, height, width), nothing
// resized or normalised. Errors begin with the path of model, weights, classes or image; no
// predictions are left then. Cost: batches of 16 images, whatever their number.
bool predict(const PredictOptions *options, const char *const *path, size_t paths,
             Predictions *predictions, Error *error);
void predict_free(Predictions *predictions);

// A table for people.
void predict_describe(const Predictions *predictions, Text *text);

// {"images": [{"image": "a.png", "classes": [{"class": 3, "name": "cat" or null, "probability":
// 0.93, "output": 7.2}, ...]}, ...]}; a new reference.
json_t *predict_to_json(const Predictions *predictions);
