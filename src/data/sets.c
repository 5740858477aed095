// Sets of points whose label does not depend on their order: a set has k clusters, k - 1 is its
// label. Centres are standard normal; every point chooses a cluster at random and lies around its
// centre. Example i has a random stream of its own, so a smaller set is a prefix. Shape: points,
// dim.
#include "data/load.h"

typedef struct Sets {
    int64_t train, test, points, dim, clusters, seed;
    double spread;
} Sets;

static const Option options[] = {
    {"train", OPTION_INT, offsetof(Sets, train), "2000", 1, 1e8, .metavar = "N",
     .help = "training examples"},
    {"test", OPTION_INT, offsetof(Sets, test), "1000", 0, 1e8, .metavar = "N",
     .help = "test examples"},
    {"points", OPTION_INT, offsetof(Sets, points), "20", 1, 1e6, .metavar = "N",
     .help = "points of a set"},
    {"dim", OPTION_INT, offsetof(Sets, dim), "2", 1, 1e6, .metavar = "N",
     .help = "numbers of a point"},
    {"clusters", OPTION_INT, offsetof(Sets, clusters), "3", 1, 1000, .metavar = "K",
     .help = "clusters at most; labels are 0 .. K-1"},
    {"spread", OPTION_REAL, offsetof(Sets, spread), "0.2", 0, 1e6, .metavar = "X",
     .help = "standard deviation of a cluster"},
    LOAD_SEED(Sets, "0"),
};

static const uint64_t TEST = 1ULL << 62; // first number of its streams

static void draw_set(const Sets *parameters, uint64_t number, double *centre, float *x,
                     int32_t *label) {
    Random random = random_stream((uint64_t)parameters->seed, RANDOM_DATA, number);
    size_t points = (size_t)parameters->points, dim = (size_t)parameters->dim;
    *label = (int32_t)random_below(&random, (uint64_t)parameters->clusters);
    size_t clusters = (size_t)*label + 1;
    for (size_t i = 0; i < clusters * dim; i++) centre[i] = random_normal(&random);
    for (size_t p = 0; p < points; p++) {
        const double *at = centre + (size_t)random_below(&random, clusters) * dim;
        for (size_t c = 0; c < dim; c++)
            x[c * points + p] = (float)(at[c] + parameters->spread * random_normal(&random));
    }
}

static bool draw_part(const Sets *parameters, LoadPart *part, uint64_t first, Error *error) {
    size_t count = (size_t)(parameters->clusters * parameters->dim);
    double *centre = memory_try(count, sizeof *centre, "centres of clusters", error);
    if (!centre) return false;
    for (size_t i = 0; i < part->n; i++)
        draw_set(parameters, first + i, centre, part->x + i * part->d, &part->label[i]);
    memory_free(centre);
    return true;
}

static bool load(DataSet *set, const void *values, Error *error) {
    const Sets *parameters = values;
    LoadPart train = {0}, test = {0};
    set->rank = 2;
    set->size[0] = parameters->points;
    set->size[1] = parameters->dim;
    set->d = (size_t)(parameters->points * parameters->dim);
    set->classes = (int)parameters->clusters;
    bool ok = load_part_new(&train, (size_t)parameters->train, set->d, 0, error) &&
              load_part_new(&test, (size_t)parameters->test, set->d, 0, error) &&
              draw_part(parameters, &train, 0, error) && draw_part(parameters, &test, TEST, error);
    if (ok) load_take(set, &train, &test);
    load_part_free(&train);
    load_part_free(&test);
    return ok;
}

const DataKind data_sets = {
    .name = "sets",
    .form = "sets[:train=2000,test=1000,points=20,dim=2,clusters=3,spread=0.2,seed=0]",
    .help = "sets of points in any order: how many clusters has each?; generated",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .bytes = sizeof(Sets),
    .load = load,
};
