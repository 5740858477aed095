// The pilot: one run that looks before every step how far the next level should reach, how large
// moves may be and how many it takes. What it finds is the schedule of the runs that count.
#include "guess/rare.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double HALF = 0.5;    // the share that a level keeps, where it can
static const double RENEWAL = 0.5; // moves go on until every neuron has been renewed so often
enum { PROBE_SWEEPS = 2, SWEEPS_MOST = 512, LEVELS_MOST = 2000 };

// ---- how far a level reaches ----

static int by_value(const void *a, const void *b) {
    float p = *(const float *)a, q = *(const float *)b;
    return (p > q) - (p < q);
}

// Of the distances, ascending: the median or, where many are equal, the next smaller one, whichever
// keeps a share closer to one half. The share falls from level to level or the bar reaches 0.
static float middle_bar(const float *s, size_t count) {
    size_t first = count / 2 - 1, last = first; // s[first] .. s[last] are equal to the median
    while (first && s[first - 1] == s[last]) first--;
    while (last + 1 < count && s[last + 1] == s[first]) last++;
    if (first == 0) return last + 1 < count ? s[0] : 0;
    double with = (double)(last + 1) / (double)count, without = (double)first / (double)count;
    return with / HALF <= HALF / without && last + 1 < count ? s[first] : s[first - 1];
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

// A random number takes about as long as 40 multiply-adds.
static double time_of(const RareSwarm *swarm, const RareStage *stage, RareSize size) {
    return (double)(rare_fan(stage) * swarm->sample.n) + 40 * (double)size.draws;
}

// The size that renews most in a given time.
static uint8_t find_best(const RareSwarm *swarm, size_t s) {
    const RareStage *stage = &swarm->net.stage[s];
    double most = -1;
    uint8_t best = 0;
    for (uint8_t i = 0; i < rare_sizes(&swarm->net, stage); i++) {
        RareCount count = total(swarm, s, i);
        RareSize size = rare_size(&swarm->net, stage, i);
        double moved = (double)count.moved / fmax(1, (double)count.tried);
        double rate = moved * size.gain / time_of(swarm, stage, size);
        if (rate > most) most = rate, best = i;
    }
    return best;
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
    double renewed = 0;
    swarm->now = level;
    clear_counts(swarm);
    done = do_sweeps(swarm, PROBE_SWEEPS, true);
    for (size_t s = 0; s < swarm->net.stages; s++) level->best[s] = find_best(swarm, s);
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

static bool step(RareSwarm *swarm, RareSchedule *schedule, float *sorted) {
    size_t count = swarm->groups * 16;
    RareLevel *level = add_level(swarm, schedule);
    memcpy(sorted, swarm->distance, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_value);
    level->bar = schedule->levels < LEVELS_MOST ? middle_bar(sorted, count) : 0;
    double f = (double)rare_select(swarm, level->bar) / (double)count;
    if (f == 0) return false; // the runs will say whether this is so
    schedule->variance += (1 - f) / f;
    rare_resample(swarm);
    move_particles(swarm, level);
    swarm->level++;
    return level->bar > 0;
}

bool rare_pilot(RareSwarm *swarm, RareSchedule *schedule, Error *error) {
    const GuessRareOptions *options = swarm->options;
    float *sorted = memory_try(swarm->groups, 16 * sizeof *sorted, "the pilot", error);
    if (!sorted) return false;
    if (swarm->sample.n) rare_scale(swarm);
    rare_each(swarm, rare_draw);
    while (!swarm->halt && swarm->sample.n && step(swarm, schedule, sorted)) {
        if (options->progress) {
            double bar = schedule->level[schedule->levels - 1].bar;
            options->progress(options->user, (1 - bar) / (double)(options->runs + 1));
        }
    }
    memory_free(sorted);
    return true;
}

void rare_schedule_free(RareSchedule *schedule) {
    memory_free(schedule->level);
    arena_free(&schedule->arena);
}
