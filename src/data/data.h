// The door of data/: data sets, subsets, label noise.
//
// A data set is named by a text, NAME[:key=value,...]:
//     mnist1d:train=400,seed=7
//     fashion-mnist:standardise=whole
//     npy:dir=measured,holdout=0.2
// NAME is a kind of the table in kinds.c, the keys are its options. A comma or a backslash inside
// a value is written with a backslash before it. A relative path of a file or folder is looked for
// where the program runs, then in every folder of $BENIGN_DATA (separated by colons), in ./data
// and in /usr/share/datasets.
//
//   To add a kind: write src/data/NAME.c (it ends in one DataKind) and add one line to the table
//   in kinds.c. load.h has what the kinds share.
#pragma once

#include "base/base.h"
#include <jansson.h>

// A data set, read or generated once, never changed, shared by all runs in the process that name
// it.
typedef struct DataSet {
    char *spec;      // canonical: every parameter written out
    int rank;        // shape of one example: size[0..rank-1]; images are height, width, channels in
    int64_t size[3]; // shape, but stored channel-major as layers want it (CHW)
    size_t d;        // features of one example, the product of size
    int classes;     // 0: regression (targets instead of labels)
    size_t n_train, n_test;    // n_train >= 1; n_test = 0 when nobody gave or asked for a test set
    float *x_train, *x_test;   // (n, d) row-major, finite
    int32_t *y_train, *y_test; // (n) labels 0 .. classes-1, or NULL
    size_t outputs;            // regression: targets per example
    float *t_train, *t_test;   // (n, outputs) targets, finite, or NULL
    // data_open_double: the same before they were rounded to floats; NULL where floats hold all.
    double *x_train_double, *x_test_double, *t_train_double, *t_test_double;
    char **class_name; // (classes), or NULL where nobody gave names
    // How an input became an example; see data_input_print.
    bool is_pixels;     // pixel / 255 of images
    size_t shorter;     // of their sides, in pixels, before the middle was cut out; 0: as they are
    size_t blocks;      // 0: not standardised. Else d / blocks features in a row have one mean,
    double *mean, *sd;  // (blocks) subtracted, and divided by
    char *note;         // what was left out of a file and why, or NULL
    float *zero;        // (d) what 0 has become by standardising; NULL: still 0
    Hash hash;          // of shapes and contents, not of the spec
    bool keeps_doubles; // opened by data_open_double
} DataSet;

// Opens a data set by its text; NULL with an error. Texts with the same canonical spec give the
// same object until everybody has closed it. Threads may call it at once: one loads, the others
// wait. Errors in the text begin "data:1:COLUMN:" and show it with a caret; errors in files begin
// with the file and the byte offset, or line:column.
const DataSet *data_open(const char *spec, Error *error);
void data_close(const DataSet *set); // NULL is fine

// The same for who computes in double precision: .npy and CSV files may hold more digits than a
// float. A column that is a sum of others there is one no longer when each is rounded to a float.
// An object of its own, whose hash differs from that of data_open where its doubles do.
const DataSet *data_open_double(const char *spec, Error *error);

// ---- what a network that was trained on a set has to know ----

// Adds what other examples need to be seen as those of this set were: its text, the shape, whether
// it holds pixels and how large, mean and deviation, the names of classes; as one line of JSON,
// which files of weights carry. Error: memory.
bool data_input_print(const DataSet *set, Text *text, Error *error);
#define DATA_INPUT_KEY "benign_input" // what it is called in their metadata

// Reads that back as a data set without examples (data_input_free). The error says which part is
// not as it is written; the caller puts the name of the file before it.
bool data_input_read(const char *text, DataSet *input, Error *error);
void data_input_free(DataSet *input);

// Rows of x (rows, d) by the mean and deviation of the set: the bits that its own examples have.
void data_standardise(const DataSet *set, float *x, size_t rows);

// Were the examples of two sets prepared otherwise? Then adds how: "mean 0.49 and deviation 0.24
// there, 0.13 and 0.31 here".
bool data_input_differs(const DataSet *there, const DataSet *here, Text *how);

// Whether a network can take the examples of a set: as many values, and the same axes where both
// have some. Sizes of 1 are no axes (20x2 is 20x1x2). A vector (rank 1) has none and is taken
// channel by channel, row by row; an input of rank 1 takes everything. Errors say what to write.
bool data_fits(const DataSet *set, const Shape *input, Error *error);

// A data kind: one file and one line of the table in kinds.c.
typedef struct DataKind {
    const char *name;
    const char *form;      // "mnist1d[:train=4000,test=1000,seed=42,roll=no]"
    const char *help;      // one line
    const Option *options; // key=value parameters into a struct of `bytes` bytes
    size_t option_count, bytes;
    // So many at the end are left out of the canonical text where they have their default: what was
    // named by texts from before there were such options keeps its name.
    size_t implied;
    // Fills *set (zeroed but for spec) from parameters; what it had filled when it failed is freed
    // by the caller.
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
    uint8_t *wrong; // (n) 1 where the observed label is not the true one; NULL for regression
    size_t wrong_count;
} DataView;

// A sample is identified by its row in the full set: u_i and the new label depend on (noise_seed,
// row) alone, and the new label is the same at every level that hits the sample. samples = 0 keeps
// the original order; otherwise the first `samples` of the permutation of subset_seed. Errors:
// samples > n_train; noise outside [0, 1]; noise without a law; a law without classes (wrong needs
// two). Cost: O(n_train).
bool data_view(const DataSet *set, const DataOptions *options, DataView *view, Error *error);
void data_view_free(DataView *view);

// What an augmentation does to every example in every epoch.
typedef enum AugmentLaw { AUGMENT_NONE, AUGMENT_FLIP, AUGMENT_CROP, AUGMENT_CROP_FLIP } AugmentLaw;
extern const char *const data_augment_laws[]; // "none", "flip", "crop", "crop-flip", NULL

typedef struct DataAugment {
    int law;
    int64_t pad; // crop: how far at most
    int64_t seed;
} DataAugment;

// Fills `to` (d) with training example `row` as it is in an epoch. crop: padded by `pad` black
// pixels on every side and cut out at a uniformly random place, (2 pad + 1)^2 of them; flip: then
// mirrored left to right with probability 1/2. As torchvision's RandomCrop(size, padding=pad) and
// RandomHorizontalFlip before ToTensor and Normalize: black is 0 before standardising. Signals
// (rank 1 or 2: length, channels) are cropped along their length, and mirrored. Place and flip
// depend on (seed, epoch, row) alone, and the flip is the same with and without a crop.
void data_augment(const DataSet *set, const DataAugment *augment, int64_t epoch, uint32_t row,
                  float *to);

// A table for people: counts, shape, classes, moments and extremes, hash.
void data_describe(const DataSet *set, Text *text);

// The same for programs; a new reference.
json_t *data_to_json(const DataSet *set);

// A training example (row < n_train) as a small picture of characters: images as shades of a
// character each two wide, everything else as a line of bars; its label above.
void data_sketch(const DataSet *set, size_t row, Text *text);

// ---- images ----

// An image as its file has it.
typedef struct DataImage {
    size_t height, width, channels; // 1 (grey) or 3 (red, green, blue)
    uint8_t *pixel;                 // (height, width, channels) row-major; memory_free
} DataImage;

// Reads a PNG or JPEG file, told by its first bytes, as an image of 1 or 3 channels: the pixels of
// Pillow's Image.open(path).convert("L" or "RGB"). Grey becomes three equal channels, colour
// becomes grey by 0.299 R + 0.587 G + 0.114 B; transparency is dropped; of 16 bits the upper 8 are
// kept (of grey, too, which Pillow clips); colour profiles and orientation are ignored. Errors
// begin with path and byte offset; a header that promises more than its file can hold is refused
// before anything is allocated.
bool data_read_image(const char *path, size_t channels, DataImage *image, Error *error);

// Fills a row of pixels: (width) of red, green and blue.
typedef void DataPixels(const void *context, size_t row, uint8_t *rgb);

enum { DATA_PNG = 1 << 24 }; // pixels of a side, at most

// Writes a PNG of 8-bit colours, row after row as pixels() gives them; the sides are 1 to DATA_PNG.
// Errors: memory, the file.
bool data_write_png(const char *path, size_t width, size_t height, DataPixels *pixels,
                    const void *context, Error *error);

bool data_image_named(const char *name);   // whether a name ends in .png, .jpg or .jpeg
bool data_image_foreign(const char *name); // as other images do, .webp or .tiff, which are not read

// The shorter side becomes `shorter` pixels, the longer one keeps the ratio, rounded down: triangle
// filter with antialiasing, to the bit torchvision's Resize(shorter) on Pillow's images. (Pillow 13
// takes columns before rows where the height shrinks by more than twice as many pixels as the
// width; there a pixel may differ by 1 of 255.)
bool data_resize(const DataImage *from, size_t shorter, DataImage *to, Error *error);

// Its middle, height x width; where the image is smaller, a border of 0: torchvision's CenterCrop.
bool data_crop(const DataImage *from, size_t height, size_t width, DataImage *to, Error *error);

// x (channels, height, width) = (pixel / 255 - mean[c]) / sd[c]: ToTensor and Normalize.
void data_normalise(const DataImage *image, const float *mean, const float *sd, float *x);

// What stands between a photo and a network: colour, resize, crop, normalise.
typedef struct DataRecipe {
    size_t shorter;                 // side after resizing; 0: as the middle takes, or as it is
    size_t height, width, channels; // of what is cut out of the middle; 1 or 3 channels
    float mean[3], sd[3];
} DataRecipe;
extern const DataRecipe data_imagenet; // 256, 224, and ImageNet's moments as torchvision has them

// Reads an image into x (channels, height, width). Errors begin with the path.
bool data_prepare_image(const char *path, const DataRecipe *recipe, float *x, Error *error);

// A matrix of doubles, such as a design matrix.
typedef struct DataMatrix {
    size_t rows, cols;
    double *x; // (rows, cols) row-major; memory_free
} DataMatrix;

// Reads a matrix from an .npy file (NumPy's format, versions 1 to 3): float32/64, bool, or integers
// of 1 to 8 bytes, any byte order, C or Fortran order. A vector of length n gives (n, 1). Integers
// beyond 2^53 are rounded; nan and inf are kept. Errors begin with path and byte offset.
bool data_read_npy(const char *path, DataMatrix *matrix, Error *error);

// Writes (rows, cols) values as an .npy file, version 1, in native byte order; type is as in its
// header, without the order: f8, f4, u1, u2, u4. The file is replaced in one step.
bool data_write_npy(const char *path, const char *type, size_t rows, size_t cols,
                    const void *values, Error *error);

// A matrix that stays in its file, read in rectangles. What it is, the end of its name says, and
// the content must agree:
//   .npy             as above, but mapped and never copied whole; axes beyond the second are
//                    flattened. The file must not shrink while it is open.
//   .csv             numbers (RFC 4180), a row a line, between them commas, semicolons, tabs or
//                    blanks, as the first line has it; a first line without any number is a header,
//                    and a first column without a name there an index, which is left out
//   ubyte, ubyte.gz  images in the IDX format of MNIST, a row an image, pixels / 255
typedef struct DataFile {
    size_t rows, cols;
    Shape row;        // of one row of an .npy file as data sets take it; else of one axis
    char *path;       // as found, see above
    const char *note; // what was left out of it and why, or NULL
    void *state;
} DataFile;

bool data_file_named(const char *name); // whether a name ends so
DataFile *data_file_open(const char *path, Error *error);
void data_file_close(DataFile *file); // NULL is fine

// data_fits for its rows; the error begins with its path and says which shape would fit.
bool data_file_fits(const DataFile *file, const Shape *input, Error *error);

// Rows row .. row + rows - 1, columns col .. col + cols - 1 into x (rows, cols) row-major. nan and
// inf are kept.
void data_file_read(const DataFile *file, size_t row, size_t rows, size_t col, size_t cols,
                    double *x);
