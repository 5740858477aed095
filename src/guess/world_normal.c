// Points x ~ N(0, I) with a teacher's labels: a fresh sample, and test points that stay.
#include "guess/world.h"

static const uint64_t TEST = 1ULL << 62; // first number of streams

// Point i has the stream (seed, RANDOM_WORLD, first + i): a smaller sample is a prefix.
static void fill(size_t count, size_t d, uint64_t seed, uint64_t first, float *x) {
    for (size_t i = 0; i < count; i++) {
        Random random = random_stream(seed, RANDOM_WORLD, first + i);
        for (size_t j = 0; j < d; j++) x[i * d + j] = (float)random_normal(&random);
    }
}

static bool open(World *world, const char *rest, Error *error) {
    int64_t d;
    if (!text_to_int(rest, &d) || d < 1 || d > 1000000)
        return error_set(error,
                         "%s: normal:%s; it takes a dimension from 1 to 1000000, as normal:10",
                         world_place(world, "data"), rest);
    if (world->options.samples < 1)
        return error_set(error, "%s: how many points of normal:%s? N is at least 1",
                         world_place(world, "samples"), rest);
    if (!world->teacher[0])
        return error_set(error,
                         "%s: who labels the points? teacher=2 draws a network with 2 hidden "
                         "neurons",
                         world_place(world, "teacher"));
    if (!world_check_inputs(world, (size_t)d, world->options.data, error) ||
        !world_new_tests(world, (size_t)world->options.test, error))
        return false;
    fill(world->tests, (size_t)d, (uint64_t)world->options.teacher_seed, TEST, world->test_x);
    return teacher_open(world, world->tests, world->test_x, error) &&
           teacher_label(world, world->tests, world->test_x, world->test_y, &world->teacher_zero,
                         error);
}

static bool draw(World *world, uint64_t seed, Error *error) {
    GuessPoints *points = &world->points;
    size_t n = (size_t)world->options.samples;
    if (!world_new_points(world, n, n, error)) return false;
    fill(n, points->d, seed, 0, points->x);
    world->drawn = n;
    return teacher_label(world, n, points->x, points->y, &world->sample_zero, error);
}

static const char *const REFUSED[] = {"labels", "points", "classes", NULL};
const WorldKind world_normal = {"normal", REFUSED, open, draw};
