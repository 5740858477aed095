// All points of {-1, 1}^d.
#include "guess/labels.h"
#include "guess/world.h"
#include <string.h>

static void fill_points(World *world) {
    size_t d = world->model.inputs;
    for (size_t i = 0; i < world->tests; i++) {
        for (size_t j = 0; j < d; j++) world->test_x[i * d + j] = i >> j & 1 ? 1 : -1;
    }
}

static bool read_labels(World *world, Error *error) {
    const GuessOptions *options = &world->options;
    uint8_t *bit = memory_try(world->tests, 1, "labels of the cube", error);
    bool ok = bit && labels_read(options->labels, world->model.inputs, world_place(world, "labels"),
                                 bit, error);
    for (size_t i = 0; ok && i < world->tests; i++) world->test_y[i] = bit[i] ? 1 : -1;
    memory_free(bit);
    return ok;
}

static bool make_labels(World *world, Error *error) {
    const GuessOptions *options = &world->options;
    if (*options->labels && *options->teacher_weights)
        return error_set(error, "%s: labels are given, too; one of them says it all",
                         world_place(world, "teacher_weights"));
    if (*options->labels) return read_labels(world, error);
    if (world->teacher[0])
        return teacher_open(world, world->tests, world->test_x, error) &&
               teacher_label(world, world->tests, world->test_x, world->test_y,
                             &world->teacher_zero, error);
    world->labelled = false;
    memset(world->test_y, -1, world->tests);
    if (options->method == GUESS_COUNT && !options->samples && !*options->points) return true;
    return error_set(error,
                     "%s: what are the networks to say? labels takes a truth table (0x8, and, "
                     "xor, majority, ...); teacher=2 draws a network with 2 hidden neurons",
                     world_place(world, "labels"));
}

static bool read_points(World *world, Error *error) {
    const char *points = world->options.points;
    world->chosen = memory_try(world->tests, 1, "the points of the cube", error);
    if (!world->chosen) return false;
    if (*points && world->options.samples)
        return error_set(error, "%s: points are named, too; the sample is those, or drawn",
                         world_place(world, "samples"));
    if (!labels_read(*points ? points : "all", world->model.inputs, world_place(world, "points"),
                     world->chosen, error))
        return false;
    if (memchr(world->chosen, 1, world->tests)) return true;
    return error_set(error, "%s: there is no point in it (N = 0)", world_place(world, "points"));
}

static bool open(World *world, const char *rest, Error *error) {
    int64_t d;
    Text what = {0};
    if (!text_to_int(rest, &d) || d < 1 || d > LABELS_MOST)
        return error_set(error, "%s: cube:%s; it takes a dimension from 1 to %d, as cube:4",
                         world_place(world, "data"), rest, LABELS_MOST);
    text_printf(&what, "cube:%lld", (long long)d);
    bool ok = world_check_inputs(world, (size_t)d, what.data, error) &&
              world_new_tests(world, (size_t)1 << d, error);
    text_free(&what);
    if (!ok) return false;
    world->complete = true;
    world->place = memory_try(world->tests, sizeof *world->place, "the points of the cube", error);
    fill_points(world);
    return world->place && read_points(world, error) && make_labels(world, error);
}

// With samples: that many points, each uniform, marks which came up. *n: the different ones, in the
// order in which they came; the others follow.
static void order_points(World *world, uint64_t seed, uint8_t *seen, size_t *n) {
    size_t samples = (size_t)world->options.samples;
    for (size_t i = 0; i < samples; i++) {
        Random random = random_stream(seed, RANDOM_WORLD, i);
        uint32_t at = (uint32_t)random_below(&random, world->tests);
        if (!seen[at]) world->place[(*n)++] = at;
        seen[at] = 1;
    }
    for (uint32_t i = 0; samples == 0 && i < world->tests; i++) {
        if (world->chosen[i]) world->place[(*n)++] = i;
        seen[i] = world->chosen[i];
    }
    world->drawn = samples ? samples : *n;
    if (samples == 0)
        world->not_drawn = *n == world->tests
                               ? "the sample is all points there are, not a random part of them"
                               : "the points were chosen, not drawn at random";
    for (uint32_t i = 0, at = (uint32_t)*n; i < world->tests; i++) {
        if (!seen[i]) world->place[at++] = i;
    }
}

static bool draw(World *world, uint64_t seed, Error *error) {
    size_t n = 0, d = world->model.inputs;
    uint8_t *seen = memory_try(world->tests, 1, "a sample of the cube", error);
    if (!seen) return false;
    order_points(world, seed, seen, &n);
    memory_free(seen);
    if (!world_new_points(world, n, world->tests, error)) return false;
    for (size_t i = 0; i < world->tests; i++) {
        memcpy(world->points.x + i * d, world->test_x + world->place[i] * d, d * sizeof(float));
        world->points.y[i] = world->test_y[world->place[i]];
    }
    return true;
}

static const char *const REFUSED[] = {"classes", NULL};
const WorldKind world_cube = {"cube", REFUSED, open, draw};
