// Particles and the threads that work on them. A group depends on nothing but its own weights and
// its own random streams, and threads take groups in any order: any number of them gives the same
// bits.
#include "guess/rare.h"
#include <pthread.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { HANDS = 256 }; // threads at most

static size_t max(size_t a, size_t b) {
    return a > b ? a : b;
}

// ---- memory ----

static bool open_worker(const RareSwarm *swarm, RareWorker *worker, Error *error) {
    const RareNet *net = &swarm->net;
    size_t room = max(swarm->problem->points->n, 16);
    static const char WHAT[] = "what the neurons of 16 networks say at the sample";
    RareBench *bench = &worker->bench;
    *bench = (RareBench){.net = net, .room = room};
    worker->count = memory_try(net->stages * RARE_SIZES, sizeof *worker->count, WHAT, error);
    worker->place = memory_try(net->widest, sizeof *worker->place, WHAT, error);
    bench->old = memory_try(room, 16 * sizeof(float), WHAT, error);
    bench->proposal = memory_try(net->widest, 16 * sizeof(float), WHAT, error);
    bench->cache = memory_try(net->units * 16, room * sizeof(float), WHAT, error);
    bench->shadow = memory_try(net->units * 16, room * sizeof(float), WHAT, error);
    return worker->count && worker->place && bench->old && bench->proposal && bench->cache &&
           bench->shadow;
}

static void close_worker(RareWorker *worker) {
    memory_free(worker->count);
    memory_free(worker->place);
    memory_free(worker->bench.old);
    memory_free(worker->bench.proposal);
    memory_free(worker->bench.cache);
    memory_free(worker->bench.shadow);
}

// The points, through the activations in front of the first dense layer.
static bool copy_points(RareSwarm *swarm, Error *error) {
    const GuessPoints *points = swarm->problem->points;
    const RareNet *net = &swarm->net;
    size_t numbers = points->all * points->d, lanes = (numbers + 15) / 16;
    swarm->x = memory_try(lanes + 1, 16 * sizeof *swarm->x, "the points", error);
    swarm->gate = memory_try(points->n + 1, sizeof *swarm->gate, "the points", error);
    if (!swarm->x || !swarm->gate) return false;
    memcpy(swarm->x, points->x, numbers * sizeof *swarm->x);
    for (size_t a = 0; a < net->leading; a++) {
        LayerPass pass = {.groups = lanes, .live = 16, .x = swarm->x, .y = swarm->x};
        net->act[a].kind->forward(&net->act[a], &pass);
    }
    for (size_t p = 0; p < points->n; p++)
        swarm->gate[p] = rare_gate(points->y[p], swarm->problem->zero);
    swarm->sample = (RareSample){.n = points->n, .x = swarm->x, .gate = swarm->gate, .tau = 1};
    return true;
}

bool rare_swarm(const GuessProblem *problem, const GuessRareOptions *options, RareSwarm *swarm,
                Error *error) {
    *swarm = (RareSwarm){.problem = problem, .options = options};
    size_t workers = options->threads > 1 ? (size_t)options->threads : 1;
    if (workers > HANDS) workers = HANDS;
    if (!rare_net(problem->model, &swarm->net, error) || !copy_points(swarm, error)) return false;
    swarm->worker = memory_try(workers, sizeof *swarm->worker, "threads", error);
    for (; swarm->worker && swarm->workers < workers; swarm->workers++) {
        if (!open_worker(swarm, &swarm->worker[swarm->workers], error)) {
            close_worker(&swarm->worker[swarm->workers]);
            return false;
        }
    }
    return swarm->workers == workers;
}

bool rare_swarm_room(RareSwarm *swarm, size_t groups, Error *error) {
    memory_free(swarm->w);
    memory_free(swarm->alive);
    memory_free(swarm->order);
    memory_free(swarm->source);
    memory_free(swarm->distance);
    swarm->groups = groups;
    swarm->distance = memory_try(groups, 16 * sizeof *swarm->distance, "the particles", error);
    swarm->order = memory_try(groups, 16 * sizeof *swarm->order, "the particles", error);
    swarm->source = memory_try(groups, 16 * sizeof *swarm->source, "the particles", error);
    swarm->w = memory_try(groups * 16, swarm->problem->model->weights * sizeof *swarm->w,
                          "the weights of the particles", error);
    swarm->alive = memory_try(groups, sizeof *swarm->alive, "the particles", error);
    return swarm->w && swarm->alive && swarm->order && swarm->source && swarm->distance;
}

void rare_swarm_free(RareSwarm *swarm) {
    for (size_t i = 0; i < swarm->workers; i++) close_worker(&swarm->worker[i]);
    memory_free(swarm->worker);
    memory_free(swarm->w);
    memory_free(swarm->alive);
    memory_free(swarm->order);
    memory_free(swarm->source);
    memory_free(swarm->x);
    memory_free(swarm->gate);
    memory_free(swarm->distance);
    rare_net_free(&swarm->net);
}

// ---- threads ----

typedef struct Crew {
    RareSwarm *swarm;
    RareTask *task;
    atomic_size_t next;
    atomic_bool halt;
} Crew;

typedef struct Hand {
    Crew *crew;
    RareWorker *worker;
} Hand;

static void *work(void *of) {
    const Hand *hand = of;
    Crew *crew = hand->crew;
    RareSwarm *swarm = crew->swarm;
    const GuessRareOptions *options = swarm->options;
    bool own = hand->worker == swarm->worker;
    for (;;) {
        if (own && options->stop && options->stop(options->user)) crew->halt = true;
        size_t group = crew->next++;
        if (group >= swarm->groups || crew->halt) return NULL;
        crew->task(swarm, group, hand->worker);
    }
}

void rare_each(RareSwarm *swarm, RareTask *task) {
    Crew crew = {.swarm = swarm, .task = task};
    Hand hand[HANDS];
    pthread_t thread[HANDS];
    size_t started = 0, workers = swarm->workers;
    if (workers > swarm->groups) workers = swarm->groups;
    for (size_t i = 1; i < workers; i++) {
        hand[started] = (Hand){&crew, &swarm->worker[i]};
        if (pthread_create(&thread[started], NULL, work, &hand[started]) == 0) started++;
    }
    work(&(Hand){&crew, swarm->worker});
    for (size_t i = 0; i < started; i++) pthread_join(thread[i], NULL);
    if (crew.halt) swarm->halt = true;
}

// ---- random streams ----

typedef enum Use { USE_LANES, USE_CHOICE, USE_DEAL } Use;

// Never twice the same: run (14 bits), level (22), chunk (6), use (2), group (20).
static uint64_t stream_index(const RareSwarm *swarm, Use use, size_t group) {
    return swarm->run << 50 | (uint64_t)swarm->level << 28 | (uint64_t)swarm->chunk << 22 |
           (uint64_t)use << 20 | group;
}

// ---- tasks ----

static float *weights_of(const RareSwarm *swarm, size_t group) {
    return swarm->w + group * swarm->problem->model->weights * 16;
}

static const float *point(const RareSwarm *swarm, size_t p) {
    return swarm->x + p * swarm->problem->points->d;
}

static const float *outputs(const RareBench *bench) { // (points, 16)
    return bench->cache + bench->room * bench->net->stage[bench->net->stages - 1].unit * 16;
}

static void measure(RareSwarm *swarm, size_t group, const RareWorker *worker) {
    rare_kernels()->distance(&worker->bench, &swarm->sample, swarm->distance + group * 16);
}

// Particles are guesses far beyond those that anybody samples.
void rare_draw(RareSwarm *swarm, size_t group, RareWorker *worker) {
    uint64_t t = UINT64_C(1) << 63 | swarm->run << 40 | group * 16;
    guess_kernels()->weights(swarm->problem->model, swarm->problem->seed, t,
                             weights_of(swarm, group));
    rare_kernels()->fill(&worker->bench, weights_of(swarm, group), swarm->x, swarm->sample.n);
    measure(swarm, group, worker);
}

// A tenth of the root mean square of outputs at the sample, from a few networks of the prior.
void rare_scale(RareSwarm *swarm) {
    RareWorker *worker = swarm->worker;
    size_t n = swarm->sample.n, groups = swarm->groups < 8 ? swarm->groups : 8;
    double sum = 0;
    for (size_t g = 0; g < groups; g++) {
        rare_draw(swarm, g, worker);
        const float *u = outputs(&worker->bench);
        for (size_t i = 0; i < n * 16; i++) sum += (double)u[i] * u[i];
    }
    float tau = (float)(0.1 * sqrt(sum / (double)(groups * n * 16)));
    if (isfinite(tau) && tau > 0) swarm->sample.tau = tau;
}

typedef struct Choice {
    RareMove move;
    size_t size;
} Choice;

// Three moves of four have the size that the pilot found best, the others any.
static Choice choose(const RareSwarm *swarm, RareWorker *worker, Random *random) {
    const RareNet *net = &swarm->net;
    size_t neuron = (size_t)random_below(random, net->units), s = 0;
    while (s + 1 < net->stages && neuron >= net->stage[s + 1].unit) s++;
    const RareStage *stage = &net->stage[s];
    Choice choice = {{.stage = s, .neuron = neuron - stage->unit, .place = worker->place},
                     (size_t)random_below(random, rare_sizes(net, stage))};
    if (random_bits(random) >> 30 && !swarm->probing) choice.size = swarm->now->best[s];
    RareSize size = rare_size(net, stage, choice.size);
    size_t fan = rare_fan(stage);
    choice.move.places = size.places;
    choice.move.step = size.step;
    for (size_t i = 0; i < size.places; i++) // a place may come twice
        worker->place[i] = (uint32_t)(size.places == fan ? i : random_below(random, fan));
    return choice;
}

void rare_move(RareSwarm *swarm, size_t group, RareWorker *worker) {
    const RareKernels *kernels = rare_kernels();
    const RareLevel *level = swarm->now;
    float *w = weights_of(swarm, group);
    uint64_t seed = swarm->problem->seed;
    RareStream stream = {
        .seed = seed, .index = stream_index(swarm, USE_LANES, group), .used = RARE_VECTORS};
    Random random = random_stream(seed, RANDOM_RARE, stream_index(swarm, USE_CHOICE, group));
    kernels->fill(&worker->bench, w, swarm->x, swarm->sample.n);
    for (size_t i = 0; i < level->sweeps * swarm->net.units; i++) {
        Choice choice = choose(swarm, worker, &random);
        uint32_t moved =
            kernels->move(&worker->bench, &swarm->sample, level->bar, &choice.move, w, &stream);
        RareCount *count = &worker->count[choice.move.stage * RARE_SIZES + choice.size];
        count->tried += 16;
        count->moved += (uint64_t)__builtin_popcount(moved);
    }
    measure(swarm, group, worker);
}

// Errors at the points behind the sample.
void rare_judge(RareSwarm *swarm, size_t group, RareWorker *worker) {
    const GuessPoints *points = swarm->problem->points;
    const RareBench *bench = &worker->bench;
    const float *u = outputs(bench);
    for (size_t p = points->n; p < points->all; p += bench->room) {
        size_t count = points->all - p < bench->room ? points->all - p : bench->room;
        rare_kernels()->fill(bench, weights_of(swarm, group), point(swarm, p), count);
        for (size_t i = 0; i < count * 16; i++)
            worker->wrong += !guess_agrees(u[i], points->y[p + i / 16], swarm->problem->zero);
    }
}

// ---- selection ----

size_t rare_select(RareSwarm *swarm, float bar) {
    size_t living = 0;
    for (size_t i = 0; i < swarm->groups * 16; i++) {
        bool lives = swarm->distance[i] <= bar;
        if (i % 16 == 0) swarm->alive[i / 16] = 0;
        swarm->alive[i / 16] |= (uint32_t)lives << i % 16;
        living += lives;
    }
    return living;
}

// The dead lanes of a group become copies; the living are not touched by anybody.
static void copy_lanes(RareSwarm *swarm, size_t group, RareWorker *worker) {
    (void)worker;
    float *to[16];
    const float *from[16];
    size_t dead = 0;
    for (size_t l = 0; l < 16; l++) {
        size_t source = swarm->source[group * 16 + l];
        if (source == group * 16 + l) continue;
        to[dead] = weights_of(swarm, group) + l;
        from[dead++] = weights_of(swarm, source / 16) + source % 16;
    }
    for (size_t i = 0; i < swarm->problem->model->weights * 16; i += 16) {
        for (size_t l = 0; l < dead; l++) to[l][i] = from[l][i];
    }
}

void rare_resample(RareSwarm *swarm) {
    size_t particles = swarm->groups * 16, living = 0, dealt = 0;
    uint32_t *order = swarm->order;
    Random random =
        random_stream(swarm->problem->seed, RANDOM_RARE, stream_index(swarm, USE_DEAL, 0));
    for (uint32_t i = 0; i < particles; i++) {
        if (!(swarm->alive[i / 16] >> i % 16 & 1)) continue;
        size_t j = (size_t)random_below(&random, ++living); // a permutation, as in random.h
        order[living - 1] = order[j];
        order[j] = i;
    }
    REQUIRE(living > 0);
    for (uint32_t i = 0; i < particles; i++) {
        bool dead = !(swarm->alive[i / 16] >> i % 16 & 1);
        swarm->source[i] = dead ? order[dealt++ % living] : i;
    }
    rare_each(swarm, copy_lanes);
}
