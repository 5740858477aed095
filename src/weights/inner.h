// Private: what the files of weights/ share.
#pragma once

#include "weights/tensors.h"
#include "weights/weights.h"

// Refuses what the first `size` bytes of a file show to be of another kind, with what to do; true
// when they show nothing.
bool foreign_refuse(const char *file, const char *bytes, size_t size, Error *error);

const Tensors *weights_tensors(const WeightsFile *file);
const char *weights_file_name(const WeightsFile *file); // of an index, its own

// A tensor of a file, by the name that it has without what wraps the network.
typedef struct Match {
    const char *name;
    const Tensor *tensor;
} Match;

typedef struct Matches {
    NetTensors wanted; // by the set of names of which the file has most
    Match *item;       // (count) by name
    size_t count;
    Text said; // how names were read where they are not as they stand; empty: as they stand
    Arena arena;
} Matches;

// Which tensor of the file is which of the network. What does not fit is the caller's to say.
// Errors: memory.
bool match_names(const Net *net, const Tensors *tensors, Matches *matches, Error *error);
void match_free(Matches *matches);
const Tensor *match_find(const Matches *matches, const char *name); // NULL when absent
