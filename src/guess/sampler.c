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

// Which of guesses t .. t + 15 in `alive` fit the sample, and in *full which of them all points.
// Tables may not hold all points; where they hold none, lanes begin at the first.
static uint32_t look(const GuessSampler *sampler, uint64_t t, uint32_t alive, uint32_t *full) {
    const GuessProblem *problem = &sampler->problem;
    const GuessPoints *points = problem->points;
    const GuessTables *tables = sampler->tables;
    size_t sample = tables ? tables->sample : 0, rest = tables ? tables->rest : points->n;
    uint32_t fit = *full = alive;
    if (tables) fit = sampler->kernels->look_up(tables, t, alive, full);
    bool sure = tables && sample == points->n && (rest == points->all || !*full);
    if (sure || !fit) return fit;
    sampler->kernels->weights(problem->model, problem->seed, t, sampler->w);
    fit = sampler->kernels->fit(problem, sampler->w, sample, points->n, fit, sampler->work);
    *full &= fit;
    *full = sampler->kernels->fit(problem, sampler->w, rest, points->all, *full, sampler->work);
    return fit;
}

static void count(GuessTally *tally, uint64_t t, uint32_t fit, uint32_t full) {
    tally->hits += (uint64_t)__builtin_popcount(fit);
    tally->full += (uint64_t)__builtin_popcount(full);
    for (; fit && tally->kept < tally->room; fit &= fit - 1)
        tally->t[tally->kept++] = t + (uint64_t)__builtin_ctz(fit);
}

void guess_sampler_run(GuessSampler *sampler, uint64_t first, uint64_t number, GuessTally *tally) {
    for (uint64_t done = 0; done < number; done += 16) {
        uint64_t left = number - done;
        uint32_t full, alive = left < 16 ? (1u << left) - 1 : 0xffff;
        uint32_t fit = look(sampler, first + done, alive, &full);
        if (fit) count(tally, first + done, fit, full);
    }
    tally->guesses += number;
}
