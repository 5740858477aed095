// Private: what a run has reached, as a safetensors file: weights and buffers by their outside
// names, the state of the optimiser as NAME.state0 and NAME.state1, and where the run stands in the
// metadata.
#pragma once

#include "train/train.h"

typedef struct RunState {
    int64_t epoch, step; // complete epochs, and steps of the next one
    bool finished;       // stopped by its rule: more epochs change nothing
    int states;          // of the optimiser
    float *w, *state[2]; // plan_parameters(net) floats each
    float *buffers;      // net->buffers floats; may be NULL when that is 0
    const char *input;   // how its data were prepared (data_input_print), as metadata; or NULL
} RunState;

// Writes the file's bytes to *bytes (memory_free). Error: memory.
bool state_pack(const Net *net, const RunState *state, char **bytes, size_t *size, Error *error);

// Reads them into the blocks that *state points to. name: what errors call the bytes.
bool state_unpack(const char *name, const void *bytes, size_t size, const Net *net, RunState *state,
                  Error *error);
