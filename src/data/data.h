// The door of data/: data sets, subsets, label noise.
#pragma once

#include "base/base.h"

// A data set, read or generated once, never changed, shared by all runs in the process that name
// it.
typedef struct DataSet {
    char *spec;      // canonical: every parameter written out
    int rank;        // shape of one example: size[0..rank-1]; images are height, width, channels in
    int64_t size[3]; // shape, but stored channel-major as layers want it (CHW)
    size_t d;        // features of one example, the product of size
    int classes;     // 0: regression (targets instead of labels)
    size_t n_train, n_test;
    float *x_train, *x_test;   // (n, d) row-major
    int32_t *y_train, *y_test; // (n) labels 0 .. classes-1, or NULL
    size_t outputs;            // regression: targets per example
    float *t_train, *t_test;   // (n, outputs) targets, or NULL
    Hash hash;                 // of shapes and contents
} DataSet;

// Opens a data set by its text, NAME[:key=value,...]; NULL with an error. The same text gives the
// same object until everybody has closed it. Threads may call it at once.
const DataSet *data_open(const char *spec, Error *error);
void data_close(const DataSet *set);

// A data kind: one file and one line of the table in kinds.c.
typedef struct DataKind {
    const char *name;
    const char *form;      // "mnist1d[:train=4000,test=1000,seed=0]"
    const char *help;      // one line
    const Option *options; // key=value parameters into a struct of `bytes` bytes
    size_t option_count, bytes;
    // Fills *set (zeroed; spec is set by the caller) from parameters.
    bool (*load)(DataSet *set, const void *parameters, Error *error);
} DataKind;

extern const DataKind *const data_kinds[]; // ends in NULL

// The two laws of label noise. Sample i is hit at level p exactly when its own uniform u_i < p, so
// the noise of a lower level is part of that of a higher one.
typedef enum NoiseLaw {
    NOISE_NONE,   // allowed only with p = 0
    NOISE_WRONG,  // a uniformly random WRONG class (Nakkiran et al. 2020)
    NOISE_REDRAWN // redrawn over all classes, perhaps the right one (MNIST-1D notebook)
} NoiseLaw;
extern const char *const data_noise_laws[]; // "none", "wrong", "redrawn", NULL

typedef struct DataOptions {
    int64_t samples; // size of the training subset, 0: all. Nested: the smaller is a prefix
    int64_t subset_seed;
    double noise; // p
    int noise_law;
    int64_t noise_seed;
} DataOptions;

// The training sample of one run: a nested subset with noisy labels. Test labels stay clean.
typedef struct DataView {
    const DataSet *set; // not owned
    size_t n;
    uint32_t *row;  // (n) rows of x_train
    int32_t *label; // (n) observed labels; NULL for regression
    uint8_t *wrong; // (n) 1 where the observed label is not the true one
    size_t wrong_count;
} DataView;

// A sample is identified by its row in the full set: u_i and the new label depend on (noise_seed,
// row) alone. samples = 0 keeps the original order; otherwise the first `samples` of the
// permutation of subset_seed. Errors: samples > n_train; noise without a law; a law without
// classes.
bool data_view(const DataSet *set, const DataOptions *options, DataView *view, Error *error);
void data_view_free(DataView *view);

// Readers, for other rooms: a matrix from an .npy file (float32/64, int, bool; C or Fortran order).
// (to be extended)
