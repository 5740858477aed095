// Private to bound/: the table of bounds, and what their files share. A bound NAME is one file
// NAME.c that ends in const Bound bound_NAME = {...}, and one line here, in the order of help.
#pragma once

#include "bound/bound.h"

#define BOUNDS(X)                                                                                  \
    X(sheet)                                                                                       \
    X(all_weights)                                                                                 \
    X(self_contained)                                                                              \
    X(first_fit)                                                                                   \
    X(certificate)                                                                                 \
    X(mcallester)                                                                                  \
    X(langford_seeger)                                                                             \
    X(maurer)

#define BOUND_DECLARE(name) extern const Bound bound_##name;
BOUNDS(BOUND_DECLARE)

// The largest whole number up to which every one has a double.
#define BOUND_LARGEST 0x1p53

// The sheet's number of networks considered, 1/p*, and its lack.
const char *bound_needs_teacher(const BoundCase *world, const BoundFacts *facts);

// Whose error a bound is about.
#define BOUND_OF_FIRST "the first guess that fits"
#define BOUND_OF_MEAN  "the mean over all guesses that fit"

// What the PAC-Bayes bounds need: a positive lower limit of p_S.
const char *bound_needs_fit(const BoundCase *world, const BoundFacts *facts);

double bound_one_minus_delta(const BoundCase *world);

// ln of 1/delta, less what was paid for the limit of p_S.
double bound_log_delta(const BoundCase *world, const BoundFacts *facts);
