#include "guess/world.h"
#include <string.h>

// The table of kinds of data; the last takes what no other does.
static const WorldKind *const KINDS[] = {&world_cube, &world_normal, &world_set};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

const char *world_place(const World *world, const char *setting) {
    return task_place(&world_options, settings_find(world->given, setting));
}

// ---- the student ----

static bool is_variable(const NetProgram *program, const char *name) {
    for (size_t i = 0; i < net_variables(program); i++) {
        if (text_equal_fold(net_variable(program, i), name)) return true;
    }
    return false;
}

static bool read_variables(World *world, Error *error) {
    for (size_t i = 0; i < world->given->count; i++) {
        const Setting *setting = &world->given->item[i];
        if (task_knows(&world_options, setting->name)) continue;
        if (!is_variable(world->program, setting->name)) {
            Text known = {0};
            task_list(&world_options, &known);
            task_unknown(&world_options, setting, known.data, error);
            text_free(&known);
            return false;
        }
        settings_set(&world->options.variables, setting->name, setting->value, setting->place);
    }
    return true;
}

static bool read_prior(const World *world, GuessPrior *prior, Error *error) {
    const GuessOptions *options = &world->options;
    if (!*options->prior)
        return guess_read_levels(options->levels, world_place(world, "levels"), prior, error);
    if (settings_find(world->given, "levels") && settings_find(world->given, "levels")->place)
        return error_set(error, "%s: levels are given, too; weights have one law",
                         world_place(world, "prior"));
    return guess_read_prior(options->prior, world_place(world, "prior"), prior, error);
}

static bool open_student(World *world, Error *error) {
    GuessPrior prior;
    world->program = net_read(world->options.model, error);
    if (!world->program || !read_variables(world, error)) return false;
    world->net = net_build(world->program, &world->options.variables, error);
    return world->net && read_prior(world, &prior, error) &&
           guess_model(world->program, world->net, &prior, &world->model, error);
}

// ---- points ----

bool world_check_inputs(const World *world, size_t d, const char *what, Error *error) {
    if (d == world->model.inputs) return true;
    return error_set(error, "%s: the network takes %zu inputs, but %s has %zu",
                     world_place(world, "data"), world->model.inputs, what, d);
}

bool world_new_tests(World *world, size_t tests, Error *error) {
    world->tests = tests;
    world->test_x = memory_try(tests * world->model.inputs, sizeof(float), "test points", error);
    world->test_y = memory_try(tests, 1, "labels of test points", error);
    return world->test_x && world->test_y;
}

bool world_new_points(World *world, size_t n, size_t all, Error *error) {
    GuessPoints *points = &world->points;
    memory_free(points->x);
    memory_free(points->y);
    *points = (GuessPoints){.d = world->model.inputs, .n = n, .all = all};
    points->x = memory_try(all * points->d, sizeof(float), "the sample", error);
    points->y = memory_try(all, 1, "the labels of the sample", error);
    return points->x && points->y;
}

// data = NAME:REST
static const WorldKind *find_kind(const char *data, const char **rest) {
    size_t length = strcspn(data, ":");
    for (int k = 0; k < KIND_COUNT; k++) {
        const char *name = KINDS[k]->name;
        *rest = data;
        if (!name) return KINDS[k];
        if (strlen(name) != length || strncmp(name, data, length) != 0) continue;
        *rest = data + length + (data[length] == ':');
        return KINDS[k];
    }
    return NULL;
}

// What is not asked of this kind of data would be ignored.
static bool check_options(const World *world, const char *data, Error *error) {
    for (const char *const *name = world->kind->refused; *name; name++) {
        const char *value = settings_get(world->given, *name);
        if (value && *value)
            return error_set(error, "%s: %s has none to choose", world_place(world, *name), data);
    }
    const Setting *samples = settings_find(world->given, "samples");
    if (!samples || !samples->place || world->options.samples) return true;
    return error_set(error, "%s: N = 0 leaves nothing to fit; without it all points are taken",
                     samples->place);
}

static bool open_points(World *world, Error *error) {
    const char *data = world->options.data, *rest;
    Text own = {0};
    text_printf(&own, "cube:%zu", world->model.inputs);
    if (!*data) data = own.data;
    world->kind = find_kind(data, &rest);
    bool ok = check_options(world, data, error) && world->kind->open(world, rest, error);
    text_free(&own);
    return ok;
}

// ---- the sample ----

typedef struct Row {
    const float *x;
    size_t d;
    int8_t y;
} Row;

static int compare_rows(const void *a, const void *b) {
    const Row *first = a, *second = b;
    return memcmp(first->x, second->x, first->d * sizeof *first->x);
}

// Equal points with different labels leave nothing that could fit.
static bool check_labels(const World *world, Error *error) {
    const GuessPoints *points = &world->points;
    Row *row = memory_try(points->n, sizeof *row, "the sample", error);
    if (!row) return false;
    for (size_t i = 0; i < points->n; i++)
        row[i] = (Row){points->x + i * points->d, points->d, points->y[i]};
    qsort(row, points->n, sizeof *row, compare_rows);
    bool ok = true;
    for (size_t i = 1; ok && i < points->n; i++)
        ok = compare_rows(&row[i - 1], &row[i]) != 0 || row[i - 1].y == row[i].y;
    memory_free(row);
    if (ok) return true;
    return error_set(error, "%s: two equal points have different labels: no network fits, p_S = 0",
                     world_place(world, "data"));
}

bool world_redraw(World *world, int64_t sample_seed, Error *error) {
    return world->kind->draw(world, (uint64_t)sample_seed, error) && check_labels(world, error);
}

bool world_open(const Settings *given, World *world, Error *error) {
    *world = (World){.given = given, .labelled = true};
    return task_read(&world_options, given, &world->options, error) && open_student(world, error) &&
           teacher_read(world, error) && open_points(world, error) &&
           world_redraw(world, world->options.sample_seed, error);
}

void world_close(World *world) {
    void *const held[] = {world->points.x, world->points.y,  world->test_x, world->test_y,
                          world->place,    world->teacher_w, world->row,    world->chosen};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) memory_free(held[i]);
    if (world->set) data_close(world->set);
    net_free(world->net);
    net_program_free(world->program);
    task_free(&world_options, &world->options);
    settings_free(&world->options.variables);
}
