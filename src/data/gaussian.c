#include "data/load.h"

// Gaussian linear data: y = x'w + e with x ~ N(0, I), e ~ N(0, noise) and one w for the whole set,
// drawn from N(0, signal/d I), so that E|w|^2 = signal. Example i has a stream of its own and draws
// e first: a smaller n is a prefix, and a smaller d keeps the first features.
typedef struct Gaussian {
    int64_t n, d, test, seed;
    double signal, noise;
} Gaussian;

static const Option options[] = {
    {"n", OPTION_INT, offsetof(Gaussian, n), "200", 1, 1e8, .metavar = "N",
     .help = "training examples"},
    {"d", OPTION_INT, offsetof(Gaussian, d), "100", 1, 1e7, .metavar = "N", .help = "features"},
    {"test", OPTION_INT, offsetof(Gaussian, test), "1000", 0, 1e8, .metavar = "N",
     .help = "test examples"},
    {"signal", OPTION_REAL, offsetof(Gaussian, signal), "1", 0, 1e12, .metavar = "X",
     .help = "E|w|^2"},
    {"noise", OPTION_REAL, offsetof(Gaussian, noise), "0.25", 0, 1e12, .metavar = "X",
     .help = "variance of the noise"},
    LOAD_SEED(Gaussian, "0"),
};

static const uint64_t TEST = 1ULL << 62, WEIGHTS = 1ULL << 63; // first numbers of streams

static double *draw_weights(const Gaussian *parameters, Error *error) {
    size_t d = (size_t)parameters->d;
    double *w = memory_try(d, sizeof *w, "the weights of Gaussian data", error);
    if (!w) return NULL;
    Random random = random_stream((uint64_t)parameters->seed, RANDOM_DATA, WEIGHTS);
    double scale = sqrt(parameters->signal / (double)d);
    for (size_t j = 0; j < d; j++) w[j] = scale * random_normal(&random);
    return w;
}

static void draw_examples(LoadPart *part, const Gaussian *parameters, const double *w,
                          uint64_t first) {
    for (size_t i = 0; i < part->n; i++) {
        Random random = random_stream((uint64_t)parameters->seed, RANDOM_DATA, first + i);
        float *x = part->x + i * part->d;
        double y = sqrt(parameters->noise) * random_normal(&random);
        for (size_t j = 0; j < part->d; j++) {
            x[j] = (float)random_normal(&random);
            y += w[j] * (double)x[j];
        }
        part->target[i] = (float)y;
    }
}

static bool load(DataSet *set, const void *values, Error *error) {
    const Gaussian *parameters = values;
    LoadPart train = {0}, test = {0};
    double *w = draw_weights(parameters, error);
    set->rank = 1;
    set->size[0] = parameters->d;
    set->d = (size_t)parameters->d;
    bool ok = w && load_part_new(&train, (size_t)parameters->n, set->d, 1, error) &&
              load_part_new(&test, (size_t)parameters->test, set->d, 1, error);
    if (ok) {
        draw_examples(&train, parameters, w, 0);
        draw_examples(&test, parameters, w, TEST);
        load_take(set, &train, &test);
    }
    load_part_free(&train);
    load_part_free(&test);
    memory_free(w);
    return ok;
}

const DataKind data_gaussian = {
    .name = "gaussian",
    .form = "gaussian[:n=200,d=100,test=1000,signal=1,noise=0.25,seed=0]",
    .help = "Gaussian linear data, y = x'w + e, one target",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .bytes = sizeof(Gaussian),
    .load = load,
};
