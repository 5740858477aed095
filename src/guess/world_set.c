// Two classes of a data set.
#include "guess/world.h"
#include <stdio.h>
#include <string.h>

static bool read_classes(World *world, Error *error) {
    const char *text = *world->options.classes ? world->options.classes : "0,1";
    long long a, b;
    int end = 0;
    if (sscanf(text, "%lld,%lld%n", &a, &b, &end) != 2 || text[end] || a == b || a < 0 || b < 0 ||
        a >= world->set->classes || b >= world->set->classes)
        return error_set(error,
                         "%s: \"%s\"; it takes two different classes of 0 to %d, such as 3,8",
                         world_place(world, "classes"), text, world->set->classes - 1);
    world->class[0] = (int32_t)a, world->class[1] = (int32_t)b;
    return true;
}

static bool counts(const World *world, int32_t label) {
    return label == world->class[0] || label == world->class[1];
}

static bool find_rows(World *world, Error *error) {
    const DataSet *set = world->set;
    world->row = memory_try(set->n_train, sizeof *world->row, "the rows of two classes", error);
    if (!world->row) return false;
    for (uint32_t i = 0; i < set->n_train; i++) {
        if (counts(world, set->y_train[i])) world->row[world->rows++] = i;
    }
    if ((uint64_t)world->options.samples <= world->rows && world->rows) return true;
    return error_set(error, "%s: %lld, but %s has %zu training examples of classes %d and %d",
                     world_place(world, "samples"), (long long)world->options.samples, set->spec,
                     world->rows, world->class[0], world -> class[1]);
}

static bool take_tests(World *world, Error *error) {
    const DataSet *set = world->set;
    size_t count = 0, most = (size_t)world->options.test;
    for (size_t i = 0; i < set->n_test; i++) count += counts(world, set->y_test[i]);
    if (!world_new_tests(world, count < most ? count : most, error)) return false;
    for (size_t i = 0, at = 0; at < world->tests; i++) {
        if (!counts(world, set->y_test[i])) continue;
        memcpy(world->test_x + at * set->d, set->x_test + i * set->d, set->d * sizeof(float));
        world->test_y[at++] = set->y_test[i] == world->class[1] ? 1 : -1;
    }
    return true;
}

static bool check_classes(const World *world, Error *error) {
    if (world->set->classes >= 2) return true;
    return error_set(error, "%s: %s has no classes to tell apart", world_place(world, "data"),
                     world->set->spec);
}

static bool open(World *world, const char *rest, Error *error) {
    world->set = data_open(rest, error);
    return world->set && check_classes(world, error) &&
           (data_fits(world->set, &world->net->input, error) ||
            error_prefix(error, "%s", world_place(world, "data"))) &&
           read_classes(world, error) && find_rows(world, error) && take_tests(world, error);
}

static bool draw(World *world, uint64_t seed, Error *error) {
    const DataSet *set = world->set;
    size_t n = world->options.samples ? (size_t)world->options.samples : world->rows;
    uint32_t *order = memory_try(world->rows, sizeof *order, "the order of a sample", error);
    if (!order || !world_new_points(world, n, n, error)) {
        memory_free(order);
        return false;
    }
    Random random = random_stream(seed, RANDOM_SUBSET, 0);
    random_permutation(&random, order, world->rows);
    for (size_t i = 0; i < n; i++) {
        uint32_t row = world->row[order[i]];
        memcpy(world->points.x + i * set->d, set->x_train + row * set->d, set->d * sizeof(float));
        world->points.y[i] = set->y_train[row] == world->class[1] ? 1 : -1;
    }
    world->drawn = n;
    world->population = world->rows;
    if (n == world->rows)
        world->not_drawn =
            "the sample is all training examples there are, not a random part of them";
    memory_free(order);
    return true;
}

static const char *const REFUSED[] = {"labels", "points", "teacher_weights", NULL};
const WorldKind world_set = {NULL, REFUSED, open, draw};
