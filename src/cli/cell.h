// Private to cli/: one trained network of a store.
#pragma once

#include "cli/cli.h"
#include "sweep/sweep.h"
#include "weights/weights.h"

typedef struct Cell {
    char *key;         // of sweep_state
    char *network;     // the canonical model: the text of a network without variables
    Settings settings; // of its task, all of them
} Cell;

// The one cell of a store that has these settings. An error when there are several (with the
// settings in which they differ), and when it is no run of task train.
bool cli_find_cell(const char *store, const Settings *where, Cell *cell, Error *error);
void cli_free_cell(Cell *cell);

// --names: a set of outside names; own where it is not given.
bool cli_read_names(const Arguments *arguments, WeightNames *names, Error *error);

// Writes the weights that the cell has reached as safetensors.
bool cli_write_weights(const char *store, const Cell *cell, const char *path, WeightNames names,
                       Error *error);
