#include "guess/rare.h"
#include <math.h>
#include <string.h>

enum { RUNS = 10, RUNS_MOST = 10000, PILOT_GROUPS = 64, GROUPS_LEAST = 16, GROUPS_MOST = 512 };
static const double MEMORY = 0x1p29; // bytes of weights, unless asked for more
static const double SPREAD = 0.15;   // of ln(estimate) that is aimed at

// ---- one run ----

typedef struct Run {
    RareSwarm *swarm;
    const RareSchedule *schedule;
    GuessRare *rare;
    size_t runs, done;
    double *error;   // (runs) mean test error of each that lived
    size_t *reached; // (levels) by how many runs
    size_t errors;
} Run;

static void show(const Run *run, size_t level) {
    const GuessRareOptions *options = run->swarm->options;
    if (!options->progress) return;
    double part = (double)level / (double)run->schedule->levels;
    options->progress(options->user, (1 + (double)run->done + part) / (double)(run->runs + 1));
}

static void judge(Run *run) {
    RareSwarm *swarm = run->swarm;
    const GuessPoints *points = swarm->problem->points;
    size_t behind = points->all - points->n;
    if (behind == 0) return;
    rare_resample(swarm);
    rare_each(swarm, rare_move);
    for (size_t i = 0; i < swarm->workers; i++) swarm->worker[i].wrong = 0;
    rare_each(swarm, rare_judge);
    uint64_t wrong = 0;
    for (size_t i = 0; i < swarm->workers; i++) wrong += swarm->worker[i].wrong;
    if (!swarm->halt)
        run->error[run->errors++] = (double)wrong / ((double)behind * (double)swarm->groups * 16);
}

// ln of the product of the shares: an unbiased estimate's logarithm.
static double estimate(Run *run) {
    RareSwarm *swarm = run->swarm;
    const RareSchedule *schedule = run->schedule;
    double log_product = 0;
    swarm->run = 1 + run->done;
    rare_each(swarm, rare_draw);
    for (size_t j = 0; !swarm->halt; j++) {
        RareLevel *level = &schedule->level[j];
        double share = (double)rare_select(swarm, level->bar) / ((double)swarm->groups * 16);
        run->rare->factor[j] += share;
        run->reached[j]++;
        log_product += log(share);
        show(run, j + 1);
        if (share == 0) return log_product;
        swarm->level = j;
        swarm->now = level;
        if (j + 1 == schedule->levels) break;
        rare_resample(swarm);
        rare_each(swarm, rare_move);
    }
    if (!swarm->halt) judge(run);
    return swarm->halt ? NAN : log_product;
}

// ---- all runs together ----

// 97.5 % quantile of Student's t (Fisher, Cornish 1960: within 0.0005 from 5 degrees on).
static double student(size_t degrees) {
    static const double FEW[] = {0, 12.7062047, 4.3026527, 3.1824463, 2.7764451};
    if (degrees < sizeof FEW / sizeof *FEW) return FEW[degrees];
    double z = 1.959963984540054, n = (double)degrees, z2 = z * z;
    double g1 = z * (z2 + 1) / 4, g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
    double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
    return z + (g1 + (g2 + (g3 + g4 / n) / n) / n) / n;
}

typedef struct Moments {
    double mean, variance;
} Moments;

static Moments moments(const double *x, size_t count) {
    Moments m = {0, 0};
    for (size_t i = 0; i < count; i++) m.mean += x[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        m.variance += (x[i] - m.mean) * (x[i] - m.mean) / (double)(count - 1);
    return m;
}

// Some runs died out: the estimates, as multiples of the largest, are far from lognormal. Student's
// interval of their mean.
static void interval_of_mean(GuessRare *rare, double *multiple, double largest) {
    Moments m = moments(multiple, rare->runs);
    double half = student(rare->runs - 1) * sqrt(m.variance / (double)rare->runs);
    rare->log_spread = NAN;
    rare->log_low = m.mean > half ? largest + log(m.mean - half) : -INFINITY;
    rare->log_high = fmin(0, largest + log(m.mean + half));
}

static void interval_of_lognormal(GuessRare *rare) {
    double runs = (double)rare->runs;
    Moments m = moments(rare->log_run, rare->runs);
    double middle = m.mean + m.variance / 2;
    double half = student(rare->runs - 1) *
                  sqrt(m.variance / runs + m.variance * m.variance / (2 * (runs - 1)));
    rare->log_spread = sqrt(m.variance);
    rare->log_low = middle - half;
    rare->log_high = fmin(0, middle + half);
}

static bool conclude(const Run *run, Error *error) {
    GuessRare *rare = run->rare;
    double largest = -INFINITY, sum = 0;
    bool died = false;
    for (size_t r = 0; r < rare->runs; r++) {
        largest = fmax(largest, rare->log_run[r]);
        died |= rare->log_run[r] == -INFINITY;
    }
    if (run->errors) rare->test_error = moments(run->error, run->errors).mean;
    if (run->errors > 1) rare->test_error_spread = sqrt(moments(run->error, run->errors).variance);
    if (largest == -INFINITY) return true;
    double *multiple = memory_try(rare->runs, sizeof *multiple, "the runs", error);
    if (!multiple) return false;
    for (size_t r = 0; r < rare->runs; r++) {
        multiple[r] = exp(rare->log_run[r] - largest);
        sum += multiple[r];
    }
    rare->log_probability = largest + log(sum / (double)rare->runs);
    if (died) {
        interval_of_mean(rare, multiple, largest);
    } else {
        interval_of_lognormal(rare);
    }
    memory_free(multiple);
    return true;
}

static void nothing_known(GuessRare *rare) {
    rare->log_probability = rare->log_low = -INFINITY;
    rare->log_high = 0;
    rare->log_spread = rare->test_error = rare->test_error_spread = NAN;
}

// Fewer than two runs say nothing.
static void interrupt(GuessRare *rare, size_t whole) {
    rare->interrupted = true;
    rare->runs = whole < 2 ? 0 : whole;
    if (rare->runs == 0) rare->log_probability = NAN;
}

static double mean_sweeps(const RareSchedule *schedule) {
    double sum = 0;
    for (size_t j = 0; j < schedule->levels; j++) sum += (double)schedule->level[j].sweeps;
    return schedule->levels ? sum / (double)schedule->levels : 0;
}

static bool do_runs(Run *run, Error *error) {
    GuessRare *rare = run->rare;
    size_t levels = run->schedule->levels;
    rare->levels = levels;
    rare->sweeps = mean_sweeps(run->schedule);
    rare->log_run = memory_try(run->runs, sizeof *rare->log_run, "the runs", error);
    rare->factor = memory_try(levels + 1, sizeof *rare->factor, "the levels", error);
    run->reached = memory_try(levels + 1, sizeof *run->reached, "the levels", error);
    run->error = memory_try(run->runs, sizeof *run->error, "the runs", error);
    if (!rare->log_run || !rare->factor || !run->error || !run->reached) return false;
    for (; run->done < run->runs && !run->swarm->halt; run->done++)
        rare->log_run[run->done] = levels ? estimate(run) : 0;
    rare->runs = run->runs;
    for (size_t j = 0; j < levels; j++) rare->factor[j] /= fmax(1, (double)run->reached[j]);
    if (run->swarm->halt) interrupt(rare, run->done - 1);
    return rare->runs == 0 || conclude(run, error);
}

// ---- particles ----

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t affordable(const RareSwarm *swarm) {
    double group = 64.0 * (double)swarm->problem->model->weights;
    return (size_t)fmax(1, fmin(GROUPS_MOST, MEMORY / group));
}

static size_t groups_of_pilot(const RareSwarm *swarm) {
    size_t asked = (swarm->options->particles + 15) / 16;
    return asked ? asked : smaller(PILOT_GROUPS, affordable(swarm));
}

// Independent particles would spread ln(estimate) by sqrt(sum (1 - f) / f / particles).
static size_t groups_of_runs(const RareSwarm *swarm, const RareSchedule *schedule) {
    if (swarm->options->particles) return swarm->groups;
    double wanted = schedule->variance / (SPREAD * SPREAD) / 16;
    return smaller((size_t)ceil(fmax(GROUPS_LEAST, fmin(GROUPS_MOST, wanted))), affordable(swarm));
}

static bool check(const GuessRareOptions *options, Error *error) {
    if (options->runs == 1 || options->runs > RUNS_MOST)
        return error_set(error, "runs is %zu; it takes 2 to %d: one alone has no spread",
                         options->runs, RUNS_MOST);
    if (options->particles > 1 << 24)
        return error_set(error, "particles is %zu; it takes up to %d", options->particles, 1 << 24);
    return true;
}

static bool split(RareSwarm *swarm, RareSchedule *schedule, GuessRare *rare, Error *error) {
    if (!rare_swarm_room(swarm, groups_of_pilot(swarm), error) ||
        !rare_pilot(swarm, schedule, error))
        return false;
    if (swarm->halt) {
        interrupt(rare, 0);
        return true;
    }
    if (!rare_swarm_room(swarm, groups_of_runs(swarm, schedule), error)) return false;
    rare->particles = swarm->groups * 16;
    Run run = {.swarm = swarm, .schedule = schedule, .rare = rare};
    run.runs = swarm->options->runs;
    bool ok = do_runs(&run, error);
    memory_free(run.error);
    memory_free(run.reached);
    return ok;
}

bool guess_rare(const GuessProblem *problem, const GuessRareOptions *options, GuessRare *rare,
                Error *error) {
    GuessRareOptions filled = *options;
    RareSwarm swarm = {0};
    RareSchedule schedule = {0};
    *rare = (GuessRare){0};
    nothing_known(rare);
    if (!check(options, error)) return false;
    if (!filled.runs) filled.runs = RUNS;
    bool ok = rare_swarm(problem, &filled, &swarm, error) && split(&swarm, &schedule, rare, error);
    rare_swarm_free(&swarm);
    rare_schedule_free(&schedule);
    if (!ok) guess_rare_free(rare);
    return ok;
}

void guess_rare_free(GuessRare *rare) {
    memory_free(rare->log_run);
    memory_free(rare->factor);
    rare->log_run = rare->factor = NULL;
}
