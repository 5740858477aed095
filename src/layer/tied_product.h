// Private: the products of a tied layer, two ways. For tied.lane.c and tied_*.lane.c.
//
//   dense   a block of rows of W is written out and multiplied: rows * cols products of channels
//   sums    s_o(i), the sum of the inputs that share label o in row i, is made once for all output
//           channels; y_i = sum over o of w_o s_o(i). The label that a row has most often costs one
//           subtraction from the sum of all inputs. S_n: 2 labels and 1 addition a row; sets of
//           sets: k additions; a grid of m x n points: m + n.
// The sums are made 64 examples at a time. Everything runs in an order that threads do not change.
#pragma once

#include "layer/kinds.h"
#include "layer/tied.h"

enum { TIED_GROUP, TIED_CHANNELS, TIED_BIAS }; // options

// One direction: forward from x (inputs) to y (outputs), or backward from dy to dx.
typedef struct TiedWay {
    const TiedFacts *facts;
    const TiedSide *side;
    size_t from, to; // channels of x and of y
    const float *w;  // of channels (o, i) and label l: w[o * w_to + i * w_from + l]
    size_t w_to, w_from;
    const float *bias; // (to, orbits), or NULL
    const float *x;    // (from, cols, groups) lanes
    float *y;          // (to, rows, groups) lanes
    size_t groups;
    float *work;
    Team *team;
} TiedWay;

// Whether the sums are the cheaper way for this layer.
bool LANE_NAME(tied_by_sums)(const Layer *layer);
#define tied_by_sums LANE_NAME(tied_by_sums)

TiedWay LANE_NAME(tied_forward)(const Layer *layer, const LayerPass *pass);
TiedWay LANE_NAME(tied_backward)(const Layer *layer, const LayerPass *pass);
#define tied_forward  LANE_NAME(tied_forward)
#define tied_backward LANE_NAME(tied_backward)

// y = W x + bias; dw of x and dy. work in floats, for both directions and the weights.
size_t LANE_NAME(tied_dense_work)(const Layer *layer, size_t groups, size_t threads);
void LANE_NAME(tied_dense)(const TiedWay *way);
void LANE_NAME(tied_dense_weights)(const Layer *layer, const LayerPass *pass);
size_t LANE_NAME(tied_sums_work)(const Layer *layer, size_t groups, size_t threads);
void LANE_NAME(tied_sum)(const TiedWay *way);
void LANE_NAME(tied_sum_weights)(const Layer *layer, const LayerPass *pass);
#define tied_dense_work    LANE_NAME(tied_dense_work)
#define tied_dense         LANE_NAME(tied_dense)
#define tied_dense_weights LANE_NAME(tied_dense_weights)
#define tied_sums_work     LANE_NAME(tied_sums_work)
#define tied_sum           LANE_NAME(tied_sum)
#define tied_sum_weights   LANE_NAME(tied_sum_weights)
