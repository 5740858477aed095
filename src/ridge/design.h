// The sources of a design matrix, reading it in blocks, and what the spectra share. Private to
// ridge/.
#pragma once

#include "ridge/ridge.h"
#include <math.h>

// A source fills n, d, read, close and state of a design that has its name; what it had filled when
// it failed is freed by the caller.
bool design_from_file(RidgeDesign *design, const char *path, Error *error);
bool design_from_data(RidgeDesign *design, const char *spec, bool test, Error *error);

// Whether text begins as a data set: "npy:x=a.npy" ends as a file does, but is none.
bool design_is_data_set(const char *text);

// The rows of a sample, then the test examples of its data set; both are borrowed.
RidgeDesign *design_of_view(const DataView *view);

RidgeDesign *design_new(const char *name); // to be filled

// A matrix (rows, columns) of zeros for `what`, or NULL and an error. memory_free.
double *design_matrix(size_t rows, size_t columns, const char *what, Error *error);

// "gaussian:N,d".
bool design_is_gaussian(const char *text);
bool design_gaussian(RidgeDesign *design, const char *text, uint64_t seed, Error *error);

// Features of the rows of base, which is owned from here on, even when this fails.
bool design_features(RidgeDesign *design, RidgeDesign *base, const char *text, uint64_t seed,
                     Error *error);

// An error where a number of a rectangle that was read is not finite or too large.
bool design_check_numbers(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                          size_t columns, const double *x, Error *error);

// Further rows (of a test part), borrowed, less the mean row of what `contrasts` are of: f = mean
// of y + (x - mean)'w.
RidgeDesign *design_from_mean(const RidgeDesign *rows, const RidgeDesign *contrasts, Error *error);

// Other contrasts of the same rows, in memory: the first k - 1 of them are contrasts of the first k
// rows, for every k (Helmert 1876).
RidgeDesign *design_nested(const RidgeDesign *contrasts, Error *error);

// The first n rows and d columns of a design, which is borrowed.
RidgeDesign *design_part(const RidgeDesign *whole, size_t n, size_t d);

// Takes the mean of y (n), whose numbers are `step` apart, from each of them, and returns it.
double design_centre(size_t n, size_t step, double *y);

// y (n) becomes its contrasts (n - 1), and its mean is returned.
double design_gather(size_t n, double *y);

// From contrasts back to rows: x (n, columns) holds Z (n - 1, columns) behind its first row, and
// then the rows Q'[0; Z], which add up to 0.
void design_spread(size_t n, size_t columns, double *x);

// A number as a message shows it: never -nan.
static inline double design_shown(double x) {
    return x != x ? NAN : x;
}

// Larger numbers have squares whose sum over a matrix may be infinite.
#define DESIGN_LARGEST 1e140

// The design turned so that it is tall, and read in blocks of rows: T = X (n >= d) or X' (n < d).
typedef struct DesignBlocks {
    const RidgeDesign *design;
    bool turned;
    size_t rows, columns; // of T: max(n, d), min(n, d)
    size_t most;          // rows in a block at most
    double *strip;        // of X, to be turned
    double largest;       // of |x| read so far
    bool checked;         // all was read and is in order: it is not looked at again
} DesignBlocks;

// Blocks of about `numbers` numbers.
bool design_blocks_open(DesignBlocks *blocks, const RidgeDesign *design, size_t numbers,
                        Error *error);
void design_blocks_close(DesignBlocks *blocks);

// The rows first .. first + count - 1 of T into x (count, columns); count <= most.
bool design_blocks_read(DesignBlocks *blocks, size_t first, size_t count, double *x, Error *error);

// After all was read: an error when X'X is beyond the range of a double.
bool design_blocks_check(DesignBlocks *blocks, Error *error);

// T'T, (s, s) with s = min(n, d), upper triangle; NULL with an error. memory_free.
double *factor_gram(const RidgeDesign *design, Error *error);

// The triangular factor of T: R (s, s) with R'R = T'T, and `room` more rows of s numbers behind it,
// which hold rubbish; NULL with an error. memory_free.
double *factor_triangle(const RidgeDesign *design, size_t room, Error *error);

// The spectrum by stochastic Lanczos quadrature, into what ridge_spectrum has begun: n, d, count =
// min(n, d). X is read only once where `numbers` numbers hold it, else in smaller blocks.
bool spectrum_lanczos(const RidgeDesign *design, double least_mu, size_t numbers,
                      RidgeSpectrum *spectrum, Error *error);

// Whether RIDGE_AUTO takes Lanczos.
bool spectrum_is_huge(const RidgeDesign *design);

// To be called before part `part` of `parts` (0: not known) of a stage; an error of kind
// ERROR_INTERRUPTED when somebody who listens has had enough.
bool design_tell(const RidgeDesign *design, const char *stage, size_t part, size_t parts,
                 Error *error);

// max(n, d) epsilon: what counts as 0, relative to the largest singular value of X, or, where X'X
// was formed or multiplied by, to its largest eigenvalue.
double spectrum_zero(const RidgeSpectrum *spectrum);
