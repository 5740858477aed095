#include "guess/kernels.h"

struct GuessSampler {
    GuessProblem problem;
    const GuessKernels *kernels;
    GuessTables *tables; // NULL: lanes alone
    float *w, *work;     // (weights, 16), (model_work)
};

GuessSampler *sampler_new(const GuessProblem *problem, SamplerMethod method, Error *error) {
    static const char what[] = "the weights of 16 networks";
    const GuessModel *model = problem->model;
    GuessSampler *sampler = memory_new(1, sizeof *sampler);
    *sampler = (GuessSampler){.problem = *problem, .kernels = guess_kernels()};
    bool ok = (sampler->w = memory_try(model->weights * 16, sizeof(float), what, error)) &&
              (sampler->work = memory_try(model_work(model), sizeof(float), what, error));
    if (ok && method != SAMPLER_LANES)
        ok = tables_new(problem, method == SAMPLER_TABLES, &sampler->tables, error);
    if (ok && (sampler->tables || method != SAMPLER_TABLES)) return sampler;
    guess_sampler_free(sampler);
    return NULL;
}

GuessSampler *guess_sampler_new(const GuessProblem *problem, Error *error) {
    return sampler_new(problem, SAMPLER_BEST, error);
}

void guess_sampler_free(GuessSampler *sampler) {
    if (!sampler) return;
    tables_free(sampler->tables);
    memory_free(sampler->w);
    memory_free(sampler->work);
    memory_free(sampler);
}

const char *guess_sampler_method(const GuessSampler *sampler) {
    return sampler->tables ? "tables" : "lanes";
}

typedef struct Found { // bit l: guess t + l
    uint64_t fit, full;
} Found;

// The 16 guesses from t on in `alive`, from point `sample` and from point `rest` on.
static Found look_by_lanes(const GuessSampler *sampler, uint64_t t, Found alive, size_t sample,
                           size_t rest) {
    const GuessProblem *problem = &sampler->problem;
    const GuessPoints *points = problem->points;
    const float *w = sampler->w;
    sampler->kernels->weights(problem->model, problem->seed, t, sampler->w);
    uint32_t fit =
        sampler->kernels->fit(problem, w, sample, points->n, (uint32_t)alive.fit, sampler->work);
    uint32_t full = sampler->kernels->fit(problem, w, rest, points->all, fit & (uint32_t)alive.full,
                                          sampler->work);
    return (Found){fit, full};
}

// The 64 guesses from t on in `alive`. Tables may not hold all points: lanes see to the rest.
static Found look(const GuessSampler *sampler, uint64_t t, uint64_t alive) {
    const GuessPoints *points = sampler->problem.points;
    const GuessTables *tables = sampler->tables;
    size_t sample = tables ? tables->sample : 0, rest = tables ? tables->rest : points->n;
    Found found = {alive, alive}, sure = {0, 0};
    if (tables) found.fit = sampler->kernels->look_up(tables, t, alive, &found.full);
    if (sample == points->n && (rest == points->all || !found.full) && tables) return found;
    for (int l = 0; l < 64; l += 16) {
        Found some = {found.fit >> l & 0xffff, found.full >> l & 0xffff};
        if (!some.fit) continue;
        some = look_by_lanes(sampler, t + (uint64_t)l, some, sample, rest);
        sure.fit |= some.fit << l;
        sure.full |= some.full << l;
    }
    return sure;
}

static void count(GuessTally *tally, uint64_t t, Found found) {
    tally->hits += (uint64_t)__builtin_popcountll(found.fit);
    tally->full += (uint64_t)__builtin_popcountll(found.full);
    for (; found.fit && tally->kept < tally->room; found.fit &= found.fit - 1)
        tally->t[tally->kept++] = t + (uint64_t)__builtin_ctzll(found.fit);
}

void guess_sampler_run(GuessSampler *sampler, uint64_t first, uint64_t number, GuessTally *tally) {
    for (uint64_t done = 0; done < number; done += 64) {
        uint64_t left = number - done, alive = left < 64 ? (UINT64_C(1) << left) - 1 : UINT64_MAX;
        Found found = look(sampler, first + done, alive);
        if (found.fit) count(tally, first + done, found);
    }
    tally->guesses += number;
}
