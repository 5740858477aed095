// The pilot: one run that looks before every step which points come next, how large moves may be
// and how many it takes. What it finds is the schedule of the runs that count.
#include "guess/rare.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double LEAST = 0.4; // points join a level while its share stays above this
static const double FLOOR = 0.2; // a single point below this is approached in steps
static double RENEWAL = 1;       // moves go on until every neuron has been renewed so often
enum { PROBE_SWEEPS = 2, SWEEPS_MOST = 512, LOWERINGS_MOST = 40 };

typedef struct Pilot {
    RareSwarm *swarm;
    RareSchedule *schedule;
    size_t n, active; // points of the sample; those of the level at hand
    bool lowered;     // the last of them has not yet been passed
    size_t lowerings; // of that point
    uint32_t *right;  // (n, groups) who is right at the points from `active` (- 1 if lowered) on
    uint32_t *joint;  // (groups) who passes the level in the making
    float *value;     // (groups, 16)
} Pilot;

// ---- shares ----

static size_t count_lanes(const uint32_t *mask, const uint32_t *other, size_t groups) {
    size_t count = 0;
    for (size_t g = 0; g < groups; g++) count += (size_t)__builtin_popcount(mask[g] & other[g]);
    return count;
}

static double share(const Pilot *pilot, size_t point) {
    size_t groups = pilot->swarm->groups;
    return (double)count_lanes(pilot->joint, pilot->right + point * groups, groups) /
           (double)(groups * 16);
}

static void fill_mask(const Pilot *pilot, size_t point, RareGate gate, uint32_t *mask) {
    size_t groups = pilot->swarm->groups;
    const float *u = pilot->swarm->u + point * groups * 16;
    for (size_t g = 0; g < groups; g++) {
        mask[g] = 0;
        for (size_t l = 0; l < 16; l++) mask[g] |= (uint32_t)rare_passes(gate, u[g * 16 + l]) << l;
    }
}

static void look(Pilot *pilot) {
    size_t groups = pilot->swarm->groups;
    for (size_t p = pilot->active - pilot->lowered; p < pilot->n; p++)
        fill_mask(pilot, p, pilot->swarm->gate[p], pilot->right + p * groups);
    memset(pilot->joint, 0xff, groups * sizeof *pilot->joint);
    for (size_t g = 0; g < groups; g++) pilot->joint[g] = 0xffff;
}

// ---- which points come next ----

static void swap(void *a, void *b, size_t size) {
    unsigned char *p = a, *q = b;
    for (size_t i = 0; i < size; i++) {
        unsigned char moment = p[i];
        p[i] = q[i];
        q[i] = moment;
    }
}

// Point q becomes the next of the order.
static void bring(Pilot *pilot, size_t q) {
    RareSwarm *swarm = pilot->swarm;
    size_t p = pilot->active++, d = swarm->problem->points->d, groups = swarm->groups;
    if (p == q) return;
    swap(swarm->x + p * d, swarm->x + q * d, d * sizeof *swarm->x);
    swap(&swarm->gate[p], &swarm->gate[q], sizeof *swarm->gate);
    swap(swarm->u + p * groups * 16, swarm->u + q * groups * 16, groups * 16 * sizeof *swarm->u);
    swap(pilot->right + p * groups, pilot->right + q * groups, groups * sizeof *pilot->right);
}

static void join(Pilot *pilot, size_t point) {
    size_t groups = pilot->swarm->groups;
    for (size_t g = 0; g < groups; g++) pilot->joint[g] &= pilot->right[point * groups + g];
}

// Of the points not yet in the order that leave a share of at least `least`, the hardest; n: none.
static size_t hardest(const Pilot *pilot, double least) {
    size_t best = pilot->n;
    double best_share = INFINITY;
    for (size_t p = pilot->active; p < pilot->n; p++) {
        double s = share(pilot, p);
        if (s >= least && s < best_share) best = p, best_share = s;
    }
    return best;
}

static size_t easiest(const Pilot *pilot) {
    size_t best = pilot->active;
    double best_share = -1;
    for (size_t p = pilot->active; p < pilot->n; p++) {
        double s = share(pilot, p);
        if (s > best_share) best = p, best_share = s;
    }
    return best;
}

static int by_value(const void *a, const void *b) {
    float p = *(const float *)a, q = *(const float *)b;
    return (p > q) - (p < q);
}

static double share_above(const float *value, size_t count, float least) {
    size_t above = 0;
    for (size_t i = 0; i < count; i++) above += value[i] > least;
    return (double)above / (double)count;
}

// y u at the last point in the order, ascending. A nan is as good as its gate says.
static void sort_values(const Pilot *pilot, size_t point) {
    size_t count = pilot->swarm->groups * 16;
    bool up = pilot->swarm->gate[point].up;
    for (size_t i = 0; i < count; i++) {
        float u = pilot->swarm->u[point * count + i], v = up ? u : -u;
        pilot->value[i] = isnan(u) ? (up ? -INFINITY : INFINITY) : v;
    }
    qsort(pilot->value, count, sizeof *pilot->value, by_value);
}

// The bar in front of the last point that about half of the particles pass, more of them than are
// right: the median of y u or, where many are equal, the value below it. 0: there is none.
static float middle_bar(const Pilot *pilot, size_t point) {
    size_t count = pilot->swarm->groups * 16, middle = count / 2;
    const float *value = pilot->value;
    sort_values(pilot, point);
    float bar = value[middle];
    double above = share_above(value, count, bar);
    while (middle && value[middle] == bar) middle--;
    if (value[middle] < bar) {
        double below = share_above(value, count, value[middle]);
        if (above == 0 || log(below / 0.5) < log(0.5 / above)) {
            bar = value[middle];
            above = below;
        }
    }
    return bar < 0 && above > share(pilot, point) ? bar : 0;
}

// The last point in the order is hard: a bar in front of it, or, where there is none, the point.
static void approach(Pilot *pilot, RareLevel *level) {
    size_t last = pilot->active - 1, groups = pilot->swarm->groups;
    float bar = pilot->lowerings < LOWERINGS_MOST ? middle_bar(pilot, last) : 0;
    level->lowered = bar < 0;
    pilot->lowerings = bar < 0 ? pilot->lowerings + 1 : 0;
    if (bar < 0) {
        level->gate = rare_gate_near(pilot->swarm->gate[last].up ? 1 : -1, bar);
        fill_mask(pilot, last, level->gate, pilot->right + last * groups);
    }
    join(pilot, last);
}

// Points join while about half of the particles pass them all, hard ones first: the more particles
// a point splits off, the fewer are needed, and moves that few points watch are cheap.
static void choose(Pilot *pilot, RareLevel *level) {
    bool any = false;
    look(pilot);
    if (pilot->lowered || hardest(pilot, LEAST) == pilot->n) {
        if (!pilot->lowered) bring(pilot, easiest(pilot));
        size_t last = pilot->active - 1;
        if (share(pilot, last) < FLOOR) {
            approach(pilot, level);
        } else {
            pilot->lowerings = 0;
            join(pilot, last);
        }
        any = true;
    }
    while (!(any && level->lowered) && pilot->active < pilot->n) {
        size_t next = hardest(pilot, LEAST);
        if (next == pilot->n) break;
        bring(pilot, next);
        join(pilot, pilot->active - 1);
        any = true;
    }
    pilot->lowered = level->lowered;
    level->points = pilot->active;
}

// ---- moves ----

static void clear_counts(RareSwarm *swarm) {
    size_t size = swarm->net.stages * RARE_SIZES * sizeof(RareCount);
    for (size_t i = 0; i < swarm->workers; i++) memset(swarm->worker[i].count, 0, size);
}

static RareCount total(const RareSwarm *swarm, size_t stage, size_t size) {
    RareCount sum = {0};
    for (size_t i = 0; i < swarm->workers; i++) {
        const RareCount *count = &swarm->worker[i].count[stage * RARE_SIZES + size];
        sum.tried += count->tried;
        sum.moved += count->moved;
    }
    return sum;
}

static void find_best(const RareSwarm *swarm, RareLevel *level) {
    for (size_t s = 0; s < swarm->net.stages; s++) {
        const RareStage *stage = &swarm->net.stage[s];
        double best = -1;
        for (size_t size = 0; size < rare_sizes(&swarm->net, stage); size++) {
            RareCount count = total(swarm, s, size);
            double gain = rare_size(&swarm->net, stage, size).gain * (double)count.moved /
                          fmax(1, (double)count.tried);
            if (gain > best) best = gain, level->best[s] = (uint8_t)size;
        }
    }
}

// How often the moves counted so far have renewed a neuron, on average.
static double renewal(const RareSwarm *swarm) {
    double sum = 0;
    for (size_t s = 0; s < swarm->net.stages; s++) {
        const RareStage *stage = &swarm->net.stage[s];
        for (size_t size = 0; size < rare_sizes(&swarm->net, stage); size++)
            sum += rare_size(&swarm->net, stage, size).gain * (double)total(swarm, s, size).moved;
    }
    return sum / (double)(swarm->groups * 16 * swarm->net.units);
}

static size_t do_sweeps(RareSwarm *swarm, size_t sweeps, bool probing) {
    swarm->now->sweeps = sweeps;
    swarm->probing = probing;
    rare_each(swarm, rare_move);
    swarm->probing = false;
    swarm->chunk++;
    return sweeps;
}

static void move_particles(RareSwarm *swarm, RareLevel *level) {
    size_t fixed = swarm->options->sweeps, done;
    if (getenv("RENEW")) RENEWAL = atof(getenv("RENEW"));
    double renewed = 0;
    swarm->now = level;
    clear_counts(swarm);
    done = do_sweeps(swarm, PROBE_SWEEPS, true);
    find_best(swarm, level);
    renewed = renewal(swarm);
    if (fixed) do_sweeps(swarm, fixed, false);
    while (!fixed && renewed < RENEWAL && done < SWEEPS_MOST && !swarm->halt) {
        clear_counts(swarm);
        done += do_sweeps(swarm, done, false);
        renewed += renewal(swarm);
    }
    level->sweeps = fixed ? fixed : done;
    swarm->chunk = 0;
}

// ---- the run ----

static RareLevel *add_level(RareSwarm *swarm, RareSchedule *schedule) {
    if (schedule->levels == schedule->room || !schedule->level)
        schedule->level = memory_grow(schedule->level, schedule->levels, &schedule->room,
                                      sizeof *schedule->level);
    RareLevel *level = &schedule->level[schedule->levels++];
    *level = (RareLevel){.sweeps = 1};
    level->best = arena_new(&schedule->arena, swarm->net.stages, sizeof *level->best);
    return level;
}

static bool step(Pilot *pilot) {
    RareSwarm *swarm = pilot->swarm;
    RareLevel *level = add_level(swarm, pilot->schedule);
    choose(pilot, level);
    memcpy(swarm->alive, pilot->joint, swarm->groups * sizeof *swarm->alive);
    double f = (double)rare_living(swarm) / (double)(swarm->groups * 16);
    if (f == 0) { // the runs will say whether this is so
        level->points = pilot->n;
        level->lowered = false;
        return false;
    }
    pilot->schedule->variance += (1 - f) / f;
    bool last = pilot->active == pilot->n && !level->lowered;
    const GuessPoints *points = swarm->problem->points;
    if (last && points->all == points->n) return false;
    rare_resample(swarm);
    move_particles(swarm, level);
    swarm->level++;
    return !last;
}

static bool run_pilot(Pilot *pilot) {
    RareSwarm *swarm = pilot->swarm;
    const GuessRareOptions *options = swarm->options;
    swarm->run = swarm->level = 0;
    swarm->now = swarm->next = NULL;
    rare_each(swarm, rare_draw);
    while (!swarm->halt && step(pilot)) {
        if (options->progress)
            options->progress(options->user, (double)pilot->active / (double)pilot->n /
                                                 (double)(options->runs + 1));
    }
    return !swarm->halt;
}

bool rare_pilot(RareSwarm *swarm, RareSchedule *schedule, Error *error) {
    size_t n = swarm->problem->points->n, groups = swarm->groups;
    Pilot pilot = {.swarm = swarm, .schedule = schedule, .n = n};
    static const char WHAT[] = "what the particles of the pilot say at the sample";
    swarm->u = memory_try(n, groups * 16 * sizeof *swarm->u, WHAT, error);
    pilot.right = memory_try(n, groups * sizeof *pilot.right, WHAT, error);
    pilot.joint = memory_try(groups, sizeof *pilot.joint, WHAT, error);
    pilot.value = memory_try(groups, 16 * sizeof *pilot.value, WHAT, error);
    bool ok = swarm->u && pilot.right && pilot.joint && pilot.value;
    if (ok) run_pilot(&pilot);
    memory_free(swarm->u);
    memory_free(pilot.right);
    memory_free(pilot.joint);
    memory_free(pilot.value);
    swarm->u = NULL;
    return ok;
}

void rare_schedule_free(RareSchedule *schedule) {
    memory_free(schedule->level);
    arena_free(&schedule->arena);
}
