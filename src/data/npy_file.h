// An .npy file in memory. Private to data/. Format: NumPy Enhancement Proposal 1, versions 1 to 3.
#pragma once

#include "base/base.h"

enum { NPY_RANK = 8 };

typedef struct NpyType {
    char kind;                                   // f, i, u, b as in the file
    int bytes;                                   // of one value
    double (*value)(const unsigned char *bytes); // native order
} NpyType;

typedef struct Npy {
    const char *path;        // not owned
    char *bytes;             // the file as it is
    bool mapped;             // not read, but mapped
    size_t file_size, start; // of the values: offset in the file
    const NpyType *type;
    bool swapped, fortran;
    int rank;
    size_t size[NPY_RANK];
    size_t rows, cols; // size[0] (1 for rank 0) and the product of the others
} Npy;

// The size of the file equals what the header says. npy_map leaves the values in the file and reads
// pages as they are asked for; the file must not shrink meanwhile, which would end the program.
bool npy_open(Npy *npy, const char *path, Error *error);
bool npy_map(Npy *npy, const char *path, Error *error);
void npy_close(Npy *npy);

// An example of an array of examples: (n, d), (n, h, w) or (n, c, h, w); of others, all their
// values as one axis.
Shape npy_example(const Npy *npy);

// Where value (row, col) begins, col counting in C order.
size_t npy_offset(const Npy *npy, size_t row, size_t col);
double npy_value(const Npy *npy, size_t row, size_t col);

// The values (row .. row + rows - 1, col .. col + cols - 1) into x (rows, cols) row-major.
void npy_read(const Npy *npy, size_t row, size_t rows, size_t col, size_t cols, double *x);
