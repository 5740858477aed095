#include "guess/world.h"
#include <string.h>

enum { LAYERS_MOST = 16, DRAWS_MOST = 10000 };

static bool is_fc(const Layer *layer) {
    return strcmp(layer->kind->name, "fc") == 0;
}

// ---- its widths ----

static size_t hidden_widths(const Net *net, int64_t *width) {
    size_t layers = 0;
    for (size_t l = 0; l < net->layers; l++) {
        if (!is_fc(&net->layer[l])) continue;
        if (layers < LAYERS_MOST) width[layers] = net->layer[l].size;
        layers++;
    }
    return layers - 1; // the last one is the output
}

static void print_widths(const int64_t *width, size_t layers, Text *text) {
    for (size_t l = 0; l < layers; l++)
        text_printf(text, "%s%lld", l ? "x" : "", (long long)width[l]);
}

static bool refuse(const World *world, const int64_t *student, const char *why, Error *error) {
    Text widths = {0};
    print_widths(student, world->hidden, &widths);
    error_set(error, "%s: \"%s\": %s; the student's hidden layers are %s",
              world_place(world, "teacher"), world->options.teacher, why,
              world->hidden ? widths.data : "none");
    text_free(&widths);
    return false;
}

// "2x3": one width after another.
static bool read_width(const char **text, int64_t *width) {
    char word[24] = {0};
    size_t length = strcspn(*text, "xX");
    if (length == 0 || length >= sizeof word) return false;
    memcpy(word, *text, length);
    *text += length;
    if (**text && !*++*text) return false; // an x at the end
    return text_to_int(word, width) && *width >= 1;
}

bool teacher_read(World *world, Error *error) {
    int64_t student[LAYERS_MOST] = {0};
    const char *text = world->options.teacher;
    world->hidden = hidden_widths(world->net, student);
    if (!*text) {
        if (!*world->options.teacher_weights) return true;
        return error_set(error, "%s: how wide is the teacher? teacher=2 says it",
                         world_place(world, "teacher_weights"));
    }
    if (world->hidden == 0 || world->hidden > LAYERS_MOST)
        return refuse(world, student, "there are 1 to 16 of them", error);
    size_t read = 0;
    for (; *text && read < world->hidden; read++) {
        if (!read_width(&text, &world->teacher[read]))
            return refuse(world, student, "it takes widths from 1 up, such as 2 or 2x3", error);
        if (world->teacher[read] > student[read])
            return refuse(world, student, "a teacher is no wider than the student", error);
    }
    if (!*text && read == world->hidden) return true;
    return refuse(world, student, "it takes one width for each hidden layer", error);
}

// ---- its network ----

typedef struct Teacher {
    NetProgram *program;
    Net *net;
    GuessModel model;
} Teacher;

// The student's text with other widths.
static void print_net(const World *world, Text *text) {
    size_t hidden = 0;
    text_add(text, "input ");
    shape_print(&world->net->input, text);
    for (size_t l = 0; l < world->net->layers; l++) {
        Layer layer = world->net->layer[l];
        if (is_fc(&layer) && hidden < world->hidden) layer.size = world->teacher[hidden++];
        text_add(text, " ");
        layer_print(&layer, text);
    }
}

static bool build(const World *world, Teacher *teacher, Error *error) {
    Text text = {0};
    print_net(world, &text);
    *teacher = (Teacher){.program = net_parse("teacher", text.data, text.length, error)};
    text_free(&text);
    teacher->net = teacher->program ? net_build(teacher->program, NULL, error) : NULL;
    return teacher->net &&
           guess_model(teacher->program, teacher->net, &world->model.prior, &teacher->model, error);
}

static void release(Teacher *teacher) {
    net_free(teacher->net);
    net_program_free(teacher->program);
}

// ---- its weights ----

static bool is_level(const GuessModel *model, float w) {
    for (size_t c = 0; c < model->prior.levels; c++) {
        if (model->value[c] == w) return true;
    }
    return false;
}

static bool read_weights(const World *world, size_t count, float *w, Error *error) {
    double *number;
    size_t found;
    const char *place = world_place(world, "teacher_weights");
    if (!sweep_numbers(place, world->options.teacher_weights, &number, &found, error)) return false;
    for (size_t i = 0; i < count && i < found; i++) w[i] = (float)number[i];
    memory_free(number);
    if (found == count) return true;
    return error_set(error, "%s: %zu numbers, but this teacher has %zu weights", place, found,
                     count);
}

static bool says_both(size_t count, const int8_t *y) {
    size_t ones = 0;
    for (size_t i = 0; i < count; i++) ones += y[i] > 0;
    size_t least = count < 10 ? 1 : (count + 9) / 10;
    return ones >= least && count - ones >= least;
}

static bool label(const World *world, const GuessModel *model, size_t count, const float *x,
                  int8_t *y, bool *gave_zero, Error *error) {
    float *u = memory_try(count, sizeof *u, "the answers of a teacher", error);
    bool ok = u && guess_outputs(model, world->teacher_w, count, x, u, error);
    *gave_zero = false;
    for (size_t i = 0; ok && i < count; i++) {
        y[i] = guess_agrees(u[i], 1, (GuessZero)world->options.zero) ? 1 : -1;
        *gave_zero |= u[i] == 0;
    }
    memory_free(u);
    return ok;
}

static bool draw(World *world, const GuessModel *model, size_t count, const float *x,
                 Error *error) {
    int8_t *y = memory_try(count, 1, "the answers of a teacher", error);
    bool ok = y != NULL, found = false, zero;
    uint64_t seed = (uint64_t)world->options.teacher_seed ^ (uint64_t)RANDOM_TEACHER << 56;
    for (uint64_t t = 0; ok && !found && t < DRAWS_MOST; t++) {
        ok = guess_weights(model, seed, t, world->teacher_w, error) &&
             label(world, model, count, x, y, &zero, error);
        found = ok && says_both(count, y);
    }
    memory_free(y);
    if (!ok || found) return ok;
    return error_set(error,
                     "%s: of %d teachers drawn none gives both answers at a tenth of the points",
                     world_place(world, "teacher"), DRAWS_MOST);
}

bool teacher_open(World *world, size_t count, const float *x, Error *error) {
    Teacher teacher;
    bool ok = build(world, &teacher, error);
    if (ok) {
        size_t k = world->teacher_weights = teacher.model.weights;
        world->teacher_w = memory_try(k, sizeof(float), "the teacher", error);
        ok = world->teacher_w &&
             (*world->options.teacher_weights ? read_weights(world, k, world->teacher_w, error)
                                              : draw(world, &teacher.model, count, x, error));
    }
    for (size_t i = 0; ok && i < world->teacher_weights; i++)
        world->teacher_off |= !is_level(&teacher.model, world->teacher_w[i]);
    release(&teacher);
    return ok;
}

bool teacher_label(const World *world, size_t count, const float *x, int8_t *y, bool *gave_zero,
                   Error *error) {
    Teacher teacher;
    bool ok = build(world, &teacher, error) &&
              label(world, &teacher.model, count, x, y, gave_zero, error);
    release(&teacher);
    return ok;
}

const char *teacher_unusable(const World *world) {
    if (!world->teacher_w) return NULL;
    if (world->teacher_off) return "the teacher's weights are not all among the levels";
    bool zero = world->teacher_zero || world->sample_zero;
    if (zero && world->options.zero == GUESS_ZERO_WRONG)
        return "the teacher gives 0 at some point, which is wrong at every label";
    return NULL;
}
