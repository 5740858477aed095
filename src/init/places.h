// Private: how second moments differ between the positions of an image. Behind a padded convolution
// borders get less, so they give less to the next one, which also looks at them less often: what
// counts is the mean over positions of the moments where they are, not the product of two means.
#pragma once

#include "activation/activation.h"
#include "init/init.h"

typedef struct Places Places;

// NULL with an error. Networks of more than 4e6 positions in a layer, or 1e9 taps of all its
// windows together, are not followed: all their positions count as alike.
Places *places_new(const Net *net, Error *error);
void places_free(Places *places);

// What layer l makes of the positions of its inputs, forward. By its moment rule, all positions
// alike, its output has out->square; returns by which factor that is off.
double places_forward(Places *places, size_t l, const LayerSignal *in, const LayerSignal *in2,
                      const LayerSignal *out);

// By which factor the layer's rule is off in E u u' at any two positions, of a kernel with weights:
// two positions have those taps in common that are live at both.
double places_pairs(const Places *places, size_t l);

// (mean of the root of E y^2 over its mean)^2: the mean of E y y' over pairs of positions, relative
// to that at two positions of mean E y^2. l may be LAYER_INPUT.
double places_thin(const Places *places, int64_t l);

// The same of an activation.
double places_activate(Places *places, size_t l, const Activation *activation,
                       const LayerSignal *in, const LayerSignal *out);

// A bias adds the same everywhere: `share` of the second moment is not the bias's.
void places_add_bias(Places *places, size_t l, double share);

// E |dL/dy|^2 of the network's output is 1. Then, l from the last layer down, once all that read it
// have gone back: what layer l asks of its inputs, where factor is E |dx|^2/E |dy|^2 by its rule.
void places_start_back(Places *places);
void places_back(Places *places, size_t l, double factor);
double places_gradient(const Places *places, size_t l); // E |dL/dy|^2 of layer l

// E y^2 over its mean at some positions of layer l, their mean.
double places_at(const Places *places, size_t l, InitPlace place);
