// Private: E phi(x) phi(x') of two numbers of one Gaussian law, quick enough for thousands of
// layers.
#pragma once

#include "activation/activation.h"

// What is known of one activation, and the last answer.
typedef struct Pairs {
    const Activation *activation;
    bool linear; // on each side of 0: phi(x) = above x for x > 0, below x for x < 0
    double above, below;
    bool smooth;       // no kink, no jump
    ActivationLaw law; // of the answer that was worked out last
    double rho, value;
} Pairs;

Pairs pairs_of(const Activation *activation);

// To about 1e-9 of what differs, E phi^2 - E phi(x) phi(x'). rho: their correlation. Of a phi that
// is linear on each side of 0 by the arc-cosine kernel (Cho, Saul 2009), of a smooth one by its
// Hermite coefficients (Mehler: sum_k a_k^2 rho^k), else as activation_product_moment; an answer is
// given again where nothing has changed, as at a fixed point. Cost: 0.1 ms, else 5 ms and more.
double pairs_moment(Pairs *pairs, ActivationLaw law, double second_moment, double rho);
