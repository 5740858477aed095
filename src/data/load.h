// What the data kinds share. Private to data/.
#pragma once

#include "data/data.h"
#include <math.h>

// Labels are 0 .. LOAD_CLASSES-1 at most: a stray identifier or a price is not a label.
enum { LOAD_CLASSES = 65536 };

// Examples as one file (or one pair of files) holds them.
typedef struct LoadPart {
    size_t n, d, outputs;
    float *x;                         // (n, d)
    int32_t *label;                   // (n), or NULL
    float *target;                    // (n, outputs), or NULL
    double *x_double, *target_double; // the same unrounded, or NULL
} LoadPart;

// IDX images, gzip or not; size (3): images, height, width. Pixels are divided by 255, labels are
// 0.
bool load_idx_images(const char *path, LoadPart *part, uint32_t *size, Error *error);

// Allocates x, and labels (outputs = 0) or targets. The caller has compared n and d with the size
// of the file first, so that a hostile header does not get what it asks for.
bool load_part_new(LoadPart *part, size_t n, size_t d, size_t outputs, Error *error);
void load_part_free(LoadPart *part);

// Room for the unrounded values, too, where the set is to keep them: whoever fills x and target
// then fills these. What is no more than the floats is dropped when the set has been loaded.
bool load_part_double(LoadPart *part, const DataSet *set, Error *error);
void load_drop_doubles(DataSet *set);

// How the labels of a file count.
typedef struct LoadLabels {
    int64_t from;    // the label of class 0
    int64_t classes; // 0: one more than the largest label that training examples have
} LoadLabels;

// Says why a value cannot be a label, or NULL when it can: class value - from.
const char *load_label_fault(double value, const LoadLabels *labels);

// The number of classes of the training examples of a file, whose label[] holds classes. Every
// class must have an example, but where the user gave their number: labels from 1 would train a
// network of one class too many, without a word. 0 when not: *why says so, *row is an example to
// point at.
int load_count_classes(const LoadPart *part, const LoadLabels *labels, size_t *row, Text *why);

// Names the classes by their labels in the file where these do not count from 0.
void load_name_labels(DataSet *set, const LoadLabels *labels);

// Whether images seem to come from a file whose channels are its last axis: 1, 3 or 4 columns, and
// more rows and "channels" than that.
bool load_channels_last(const Shape *example);

// Moves parts into the set; rank, size and d must be set already. test may be empty (n = 0).
void load_take(DataSet *set, LoadPart *train, LoadPart *test);

// Splits a part: round(holdout * n) rows drawn by seed are the test set, the others keep their
// order. A larger holdout keeps the test rows of a smaller one. The part is freed.
bool load_split(DataSet *set, LoadPart *part, double holdout, int64_t seed, Error *error);

// Subtracts the mean of the training set and divides by its standard deviation, in both sets: of
// all values (whole), of each feature apart, or of each channel of images. Where the deviation is
// 0, only subtracts.
typedef enum Standardise {
    STANDARDISE_NONE,
    STANDARDISE_WHOLE,
    STANDARDISE_FEATURE,
    STANDARDISE_CHANNEL
} Standardise;
extern const char *const load_standardise_words[];
bool load_standardise(DataSet *set, int law, Error *error);

// Mean and population standard deviation of `width` neighbours in each of `rows` rows, `step`
// apart.
typedef struct Moments {
    double mean, sd, low, high;
} Moments;
Moments load_moments(const float *x, size_t rows, size_t width, size_t step);

// Frees everything in a set but the set itself.
void load_free(DataSet *set);

// Where a path is found (see data.h); memory_free. NULL with an error that begins with the path and
// lists the folders tried.
char *load_find(const char *path, Error *error);

// The folder below dir, of those in `names` (ends in NULL), that is there, or dir itself where none
// is; memory_free. Two of them are an error: which is meant?
char *load_root(const char *dir, const char *const *names, Error *error);

// Lines of option tables that several kinds have, for a parameter struct Type.
#define LOAD_STANDARDISE(Type, law)                                                                \
    {                                                                                              \
        "standardise", OPTION_CHOICE, offsetof(Type, standardise), law,                            \
            .words = load_standardise_words, .metavar = "LAW",                                     \
            .help = "subtract the training mean, divide by the deviation: of all values, each "    \
                    "feature or each channel"                                                      \
    }
#define LOAD_CLASSES_OPTION(Type)                                                                  \
    {                                                                                              \
        "classes", OPTION_INT, offsetof(Type, classes), "0", 0, LOAD_CLASSES,                      \
            .metavar = "N",                                                                        \
            .help = "number of classes, 0: one more than the largest training label"               \
    }
#define LOAD_LABELS_FROM(Type)                                                                     \
    {                                                                                              \
        "labels_from", OPTION_INT, offsetof(Type, labels_from), "0", -1e9, 1e9,                    \
            .metavar = "N",                                                                        \
            .help = "the label of the first class, as 1 where labels are 1, 2, ..."                \
    }
#define LOAD_HOLDOUT(Type)                                                                         \
    {                                                                                              \
        "holdout", OPTION_REAL, offsetof(Type, holdout), "0", 0, 0.999999,                         \
            .metavar = "FRACTION", .help = "part of the examples that is kept for testing"         \
    }
#define LOAD_SEED(Type, text)                                                                      \
    {                                                                                              \
        "seed", OPTION_INT, offsetof(Type, seed), text, 0, 9e18,                                   \
            .metavar = "N", .help = "seed of everything drawn here"                                \
    }
