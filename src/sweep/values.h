// The values of one grid dimension, from a scalar: one value, or a generator such as
// geomspace(2, 300, 20).
#pragma once

#include "sweep/sweep.h"
#include "sweep/yaml.h"

// Appends to axis the values that the scalar stands for; each gets `place`.
bool values_add(const Document *document, const Node *scalar, const char *place, SweepAxis *axis,
                Error *error);

// Is it written like a generator: a word and a parenthesis?
bool values_generated(const char *text);

// Appends one value.
void values_add_one(Arena *arena, SweepAxis *axis, const char *text, const char *place);
