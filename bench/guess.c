// bench_guess MODEL PRIOR POINTS LABELS GUESSES [METHOD]: guesses a second of one core.
//
//   MODEL    such as "input 4 fc-8 bias=no relu fc-1 bias=no"
//   PRIOR    levels as -1,0,1, or START..END for all whole numbers between, or normal, uniform
//   POINTS   cube: all of {-1, 1}^d; signs:N: N random ones of it; real:N: N normal ones
//   LABELS   teacher: what a draw with another seed says; random
//   METHOD   best (the default), lanes, tables
//
// Prints guesses a second (best of three runs), method, instruction set, hits.
#include "guess/kernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SEED = 2385, OTHER_SEED = 71 };

static void stop(const Error *error) {
    fprintf(stderr, "bench_guess: %s\n", error->text);
    exit(1);
}

static double core_seconds(void) { // of this process alone, whatever else runs
    return (double)clock() / CLOCKS_PER_SEC;
}

static bool read_prior(const char *text, GuessPrior *prior, Error *error) {
    int first, last;
    Text levels = {0};
    if (sscanf(text, "%d..%d", &first, &last) != 2)
        return strchr(text, ',') ? guess_read_levels(text, "PRIOR", prior, error)
                                 : guess_read_prior(text, "PRIOR", prior, error);
    for (int i = first; i <= last; i++) text_printf(&levels, i > first ? ",%d" : "%d", i);
    bool ok = guess_read_levels(levels.data, "PRIOR", prior, error);
    text_free(&levels);
    return ok;
}

static void make_points(const char *kind, size_t d, GuessPoints *points) {
    Random random = random_stream(SEED, RANDOM_WORLD, 0);
    const char *count = strchr(kind, ':');
    bool real = strncmp(kind, "real", 4) == 0;
    size_t n = count ? (size_t)atol(count + 1) : (size_t)1 << d;
    *points = (GuessPoints){.d = d, .n = n, .all = n};
    points->x = memory_new(n * d, sizeof *points->x);
    points->y = memory_new(n, sizeof *points->y);
    for (size_t i = 0; i < n * d; i++) {
        uint64_t bit = count ? random_bits(&random) & 1 : i / d >> i % d & 1;
        points->x[i] = real ? (float)random_normal(&random) : bit ? 1 : -1;
    }
}

static bool make_labels(const char *kind, const GuessModel *model, GuessPoints *points,
                        Error *error) {
    Random random = random_stream(SEED, RANDOM_WORLD, 1);
    float *w = memory_new(model->weights, sizeof *w), *u = memory_new(points->all, sizeof *u);
    bool ok = guess_weights(model, OTHER_SEED, 0, w, error) &&
              guess_outputs(model, w, points->all, points->x, u, error);
    for (size_t i = 0; i < points->all; i++) {
        bool yes = strcmp(kind, "teacher") == 0 ? u[i] > 0 : random_bits(&random) & 1;
        points->y[i] = yes ? 1 : -1;
    }
    memory_free(w);
    memory_free(u);
    return ok;
}

static bool measure(const GuessProblem *problem, uint64_t guesses, const char *method,
                    Error *error) {
    SamplerMethod wish = strcmp(method, "lanes") == 0    ? SAMPLER_LANES
                         : strcmp(method, "tables") == 0 ? SAMPLER_TABLES
                                                         : SAMPLER_BEST;
    double best = 0;
    GuessTally tally;
    GuessSampler *sampler = sampler_new(problem, wish, error);
    if (!sampler) return error->kind ? false : error_set(error, "no tables of this problem");
    for (int i = 0; i < 3; i++) {
        tally = (GuessTally){0};
        double begin = core_seconds();
        guess_sampler_run(sampler, 0, guesses, &tally);
        double speed = (double)guesses / (core_seconds() - begin);
        if (speed > best) best = speed;
    }
    printf("%.4g guesses/s, %s, %s, %llu hits\n", best, guess_sampler_method(sampler),
           num_isa_name(num_isa()), (unsigned long long)tally.hits);
    guess_sampler_free(sampler);
    return true;
}

int main(int argc, char **argv) {
    Error error = {0};
    GuessPrior prior;
    GuessModel model;
    GuessPoints points;
    if (argc < 6) return 2;
    NetProgram *program = net_parse("MODEL", argv[1], strlen(argv[1]), &error);
    Net *net = program ? net_build(program, NULL, &error) : NULL;
    if (!net || !read_prior(argv[2], &prior, &error) ||
        !guess_model(program, net, &prior, &model, &error))
        stop(&error);
    make_points(argv[3], model.inputs, &points);
    GuessProblem problem = {.model = &model, .points = &points, .seed = SEED};
    if (!make_labels(argv[4], &model, &points, &error) ||
        !measure(&problem, (uint64_t)atof(argv[5]), argc > 6 ? argv[6] : "best", &error))
        stop(&error);
    memory_free(points.x);
    memory_free(points.y);
    net_free(net);
    net_program_free(program);
    return 0;
}
