// A problem of guessing, from text and numbers; for the tests of the exact count.
#pragma once

#include "guess/exact.h"
#include "run_suite.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Problem {
    NetProgram *program;
    Net *net;
    GuessModel model;
    GuessPoints points;
    GuessProblem problem;
} Problem;

// The points are the cube {-1, 1}^inputs: coordinate j of point i is +1 where bit j of i is set.
static inline Problem *problem_new(const char *text, const char *levels) {
    Problem *p = memory_new(1, sizeof *p);
    GuessPrior prior;
    Error error = {0};
    p->program = net_parse("test", text, strlen(text), &error);
    p->net = p->program ? net_build(p->program, NULL, &error) : NULL;
    bool ok = p->net && guess_read_levels(levels, "levels", &prior, &error) &&
              guess_model(p->program, p->net, &prior, &p->model, &error);
    ck_assert_msg(ok, "%s: %s", text, error.text);
    size_t d = p->model.inputs, all = d < 7 ? (size_t)1 << d : 64;
    p->points = (GuessPoints){.d = d, .n = all, .all = all};
    p->points.x = memory_new(64 * d, sizeof(float));
    p->points.y = memory_new(64, 1);
    for (size_t i = 0; i < all; i++) {
        p->points.y[i] = -1;
        for (size_t j = 0; j < d; j++) p->points.x[i * d + j] = i >> j & 1 ? 1 : -1;
    }
    p->problem = (GuessProblem){.model = &p->model, .points = &p->points};
    return p;
}

static inline void problem_points(Problem *p, size_t all, const float *x) {
    memcpy(p->points.x, x, all * p->points.d * sizeof *x);
    p->points.n = p->points.all = all;
}

// Labels of all points: bit i is that of point i. n of them are to be fitted.
static inline void problem_labels(Problem *p, uint64_t mask, size_t n) {
    for (size_t i = 0; i < p->points.all; i++) p->points.y[i] = mask >> i & 1 ? 1 : -1;
    p->points.n = n;
}

static inline void problem_free(Problem *p) {
    memory_free(p->points.x);
    memory_free(p->points.y);
    net_free(p->net);
    net_program_free(p->program);
    memory_free(p);
}

static inline GuessExact count_of(const Problem *p) {
    GuessExact exact;
    Error error = {0};
    ck_assert_msg(guess_exact(&p->problem, &exact, &error), "%s", error.text);
    return exact;
}

// The count of a function, "0" where it is not in the list.
static inline const char *function_count(const GuessExact *exact, uint64_t mask) {
    for (size_t i = 0; i < exact->functions; i++) {
        if (exact->function[i].mask == mask) return exact->function[i].count;
    }
    return "0";
}
