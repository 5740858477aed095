// Private: a network under construction.
#pragma once

#include "net/program.h"

typedef struct Builder {
    const NetProgram *program;
    const int64_t *value; // (program->variables)
    Net *net;
    int64_t *count; // (kinds of layers) how many there are so far
    Text canonical;
    Error *error;
} Builder;

// A place where values flow: the output of the layer of that number, or LAYER_INPUT.
const Shape *builder_shape(const Builder *builder, int64_t at);

// Evaluates a size, which is at least 1.
bool builder_size(const Builder *builder, const Expression *size, Span place, int64_t *value);

// Adds the layer of a statement, which reads from *at, and moves *at behind it.
bool builder_layer(Builder *builder, const Statement *statement, int64_t *at);

// The parts of that, for joins: a name such as fc1; shapes, slots and sums; the length of the text.
void builder_name(const Builder *builder, Layer *layer);
bool builder_connect(const Builder *builder, const Statement *statement, Layer *layer, int64_t *at);
bool builder_check_length(const Builder *builder, const Statement *statement);

// *sum += a * b; false when that is more than 64 bits hold.
bool builder_add_product(int64_t *sum, int64_t a, int64_t b);
