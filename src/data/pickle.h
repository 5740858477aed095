// Python's pickles, as far as the Python versions of CIFAR-10 and CIFAR-100 need them: protocol 2
// as Python 2 wrote it, with dictionaries, lists, tuples, strings, whole numbers and NumPy's arrays
// of bytes. Nothing is ever run: a pickle is a program that may name any function, and one that
// names another than the three which rebuild arrays is refused. Private to data/.
#pragma once

#include "base/base.h"

typedef enum PickleType {
    PICKLE_NONE,
    PICKLE_INT, // and truth values
    PICKLE_TEXT,
    PICKLE_LIST, // and tuples
    PICKLE_DICT,
    PICKLE_NAME,  // of a function or class
    PICKLE_DTYPE, // NumPy's
    PICKLE_ARRAY,
    PICKLE_MARK, // on the stack only
} PickleType;

typedef struct PickleValue {
    PickleType type;
    size_t offset; // in the file, of what made it
    size_t size;   // TEXT, NAME: its bytes
    union {
        int64_t number;
        const char *text;
        struct PickleNode *node;
    };
} PickleValue;

// LIST: its items. DICT: keys and values by turns. ARRAY: the state that NumPy gave it: version,
// shape, type, order, bytes. DTYPE: its name.
typedef struct PickleNode {
    PickleValue *item;
    size_t count, capacity;
    struct PickleNode *next; // of all, to be freed
} PickleNode;

typedef struct Pickle {
    const char *path; // not owned
    char *bytes;      // the file; texts point into it
    size_t size;
    PickleValue root; // a DICT
    PickleNode *nodes;
} Pickle;

// Errors begin with path and byte offset.
bool pickle_open(Pickle *pickle, const char *path, Error *error);
void pickle_close(Pickle *pickle);

bool pickle_is(const PickleValue *value, PickleType type, const char *text); // TEXT or NAME

// What stands under a key: a list of whole numbers, or an array of bytes, (rows, cols).
const PickleNode *pickle_numbers(const Pickle *pickle, const char *key, Error *error);
typedef struct PickleArray {
    size_t rows, cols, offset; // offset: in the file
    bool fortran;
    const unsigned char *bytes;
} PickleArray;
bool pickle_array(const Pickle *pickle, const char *key, PickleArray *array, Error *error);
