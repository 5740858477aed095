// Private: sequential splitting. A group is 16 networks side by side, one lane each.
#pragma once

#include "guess/kernels.h"

// ---- the network, as moves see it ----

// A dense layer and the activations behind it: what its neurons say to the next.
typedef struct RareStage {
    size_t in, out;
    size_t w, bias;         // offsets in the flat block; bias RARE_NO_BIAS: none
    size_t unit;            // neurons of the stages before it
    float scale;            // continuous priors: standard deviation of its weights
    size_t first_act, acts; // its activations in RareNet.act
} RareStage;

#define RARE_NO_BIAS SIZE_MAX

typedef struct RareNet {
    const GuessModel *model;
    RareStage *stage; // (stages), at least one
    size_t stages;
    Layer *act;           // activations, each of one feature: groups are then numbers
    size_t acts, leading; // all; those in front of the first stage
    size_t units, widest; // neurons of all stages together; most weights of one neuron
} RareNet;

bool rare_net(const GuessModel *model, RareNet *net, Error *error);
void rare_net_free(RareNet *net);

static inline size_t rare_fan(const RareStage *stage) { // weights of one neuron
    return stage->in + (stage->bias != RARE_NO_BIAS);
}

// ---- the sample, as levels see it ----

// Output u is right at a point when (tie ? u >= 0 : u > 0) == up: guess_agrees, for nan as well.
typedef struct RareGate {
    bool up, tie;
} RareGate;

RareGate rare_gate(int y, GuessZero zero);

// How far a network is from fitting the sample, 0 .. 1: the wrong points' share of the margins,
//     S = sum over wrong points of (|u| + tau) / sum over all points of (|u| + tau).
// It is 0 exactly where the network fits. With tau = 0 it would not care how large outputs are, but
// call an output of 0 harmless; with a large tau it is the share of wrong points.

typedef struct RareLevel {
    float bar;     // level j: S <= bar, falling in j; the last has bar 0
    size_t sweeps; // moves of the level, in moves per neuron
    uint8_t *best; // (stages) the size of moves that is best there
} RareLevel;

// Moves of a neuron, by number. The first redraw places = fan, fan / 4, fan / 16, ..., 1 of its
// weights from the prior; under a continuous prior others shift all of them by a step of 1/2, 1/4,
// ..., 1/128 of the prior's width. gain: how much of the neuron it renews, 1 being all of it.
typedef struct RareSize {
    size_t places;
    float step;
    size_t draws; // random numbers
    double gain;
} RareSize;

enum { RARE_SIZES = 24 };

size_t rare_sizes(const RareNet *net, const RareStage *stage);
RareSize rare_size(const RareNet *net, const RareStage *stage, size_t size);

// ---- kernels ----

enum { RARE_VECTORS = 16 };

// Words of 32 bits for 16 lanes at once, 16 vectors at a time: of the 64 blocks from `block` on of
// random_stream(seed, RANDOM_RARE, index), words i fill vectors 4 i .. 4 i + 3.
typedef struct RareStream {
    uint64_t seed, index, block;
    uint32_t bits[RARE_VECTORS][16];
    int used;        // of the vectors; begins as RARE_VECTORS
    float spare[16]; // the second normals of a pair
    bool has_spare;
} RareStream;

// What a group is worked on with. Responses of neuron o of a stage at point p lie at
//     cache + (room * stage.unit + p * stage.out + o) * 16
typedef struct RareBench {
    const RareNet *net;
    size_t room;     // points
    float *cache;    // (units, room, 16)
    float *shadow;   // the same, of a proposal
    float *old;      // (room, 16) responses of the neuron that moves
    float *proposal; // (widest, 16) its new weights, the bias last
} RareBench;

typedef struct RareMove {
    size_t stage, neuron;
    const uint32_t *place; // (places) the weights to be redrawn; fan - 1, the last, is the bias
    size_t places;
    float step; // or, where it is above 0, by how much all of them shift
} RareMove;

// The sample, its leading activations done.
typedef struct RareSample {
    size_t n;
    const float *x;       // (n, d)
    const RareGate *gate; // (n)
    float tau;
} RareSample;

typedef struct RareKernels {
    void (*refill)(RareStream *stream); // the next vectors
    // Responses of networks w (k, 16) at x (count, d), into the cache from its start on.
    void (*fill)(const RareBench *bench, const float *w, const float *x, size_t count);
    // S of the networks whose responses at the sample are in the cache.
    void (*distance)(const RareBench *bench, const RareSample *sample, float *s);
    // Proposes new weights for one neuron and takes them in those lanes where S <= bar. w and the
    // responses follow. Which lanes moved.
    uint32_t (*move)(const RareBench *bench, const RareSample *sample, float bar,
                     const RareMove *move, float *w, RareStream *stream);
} RareKernels;

const RareKernels *rare_kernels(void);

// ---- particles ----

// Adds up what moves did.
typedef struct RareCount {
    uint64_t tried, moved; // lanes
} RareCount;

typedef struct RareSwarm RareSwarm;
typedef struct RareWorker {
    RareBench bench;
    RareCount *count; // (stages, RARE_SIZES)
    uint32_t *place;  // (widest)
    uint64_t wrong;   // at the points behind the sample
} RareWorker;

struct RareSwarm {
    const GuessProblem *problem;
    const GuessRareOptions *options;
    RareNet net;
    size_t groups;
    float *w;                 // (groups, k, 16)
    uint32_t *alive;          // (groups)
    uint32_t *order, *source; // (groups, 16)
    float *x;                 // (all, d)
    RareGate *gate;           // (n)
    RareSample sample;
    float *distance; // (groups, 16) S
    RareWorker *worker;
    size_t workers;
    uint64_t run;   // 0: the pilot
    size_t level;   // number of the level in work
    RareLevel *now; // whose moves are made
    size_t chunk;   // pilot: of the level's moves
    bool probing;   // pilot: all sizes alike, to find the best
    bool halt;      // somebody asked to stop
};

bool rare_swarm(const GuessProblem *problem, const GuessRareOptions *options, RareSwarm *swarm,
                Error *error);
bool rare_swarm_room(RareSwarm *swarm, size_t groups, Error *error); // for so many groups
void rare_swarm_free(RareSwarm *swarm);

typedef void RareTask(RareSwarm *swarm, size_t group, RareWorker *worker);
void rare_each(RareSwarm *swarm, RareTask *task); // of the groups, on all threads
RareTask rare_draw, rare_move, rare_judge;
void rare_scale(RareSwarm *swarm); // sets tau; overwrites particles

// Those beyond the bar die; how many live.
size_t rare_select(RareSwarm *swarm, float bar);
// The dead become copies of the living, which all get the same number of copies, but for a
// remainder dealt at random.
void rare_resample(RareSwarm *swarm); // at least one must live

// The schedule.
typedef struct RareSchedule {
    RareLevel *level; // (levels)
    size_t levels, room;
    Arena arena;
    double variance; // sum of (1 - f) / f
} RareSchedule;

bool rare_pilot(RareSwarm *swarm, RareSchedule *schedule, Error *error);
void rare_schedule_free(RareSchedule *schedule);
