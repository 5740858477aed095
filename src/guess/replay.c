// One guess alone.
#include "guess/inner.h"
#include "base/json.h"
#include <math.h>

static const LayerSlot *slot_name(const Layer *layer, int s, Text *name) {
    name->length = 0;
    text_printf(name, "%s.%s", layer->name, layer->slot[s].name);
    return &layer->slot[s];
}

static json_t *weights_to_json(const Net *net, const float *w) {
    json_t *all = json_object();
    Text name = {0};
    for (size_t l = 0; l < net->layers; l++) {
        for (int s = 0; s < net->layer[l].slots; s++) {
            const LayerSlot *slot = slot_name(&net->layer[l], s, &name);
            json_t *values = json_array();
            for (int64_t i = 0; i < slot->count; i++)
                json_array_append_new(values, json_number((double)w[slot->offset + i]));
            json_object_set_new(all, name.data, values);
        }
    }
    text_free(&name);
    return all;
}

static void describe_weights(const Net *net, const float *w, Text *text) {
    Text name = {0};
    for (size_t l = 0; l < net->layers; l++) {
        for (int s = 0; s < net->layer[l].slots; s++) {
            const LayerSlot *slot = slot_name(&net->layer[l], s, &name);
            int64_t row = slot->rank > 1 ? slot->count / slot->size[0] : slot->count;
            for (int64_t i = 0; i < slot->count; i++) {
                if (i % row == 0) text_printf(text, "%s%-12s", i ? "\n" : "", i ? "" : name.data);
                text_printf(text, " %7.4g", (double)w[slot->offset + i]);
            }
            text_add(text, "\n");
        }
    }
    text_free(&name);
}

typedef struct Replay {
    const World *world;
    uint64_t t;
    const float *w, *u; // weights, outputs at the points
    size_t wrong;       // of the sample
    double test_error;
} Replay;

static void describe(const Replay *replay, Text *text) {
    const GuessPoints *points = &replay->world->points;
    text_printf(text, "guess %llu of seed %lld\n", (unsigned long long)replay->t,
                (long long)replay->world->options.guess_seed);
    describe_weights(replay->world->net, replay->w, text);
    text_printf(text, "wrong at %zu of %zu points of the sample", replay->wrong, points->n);
    if (isfinite(replay->test_error)) text_printf(text, ", test error %.4g", replay->test_error);
    text_add(text, "\n");
}

static json_t *to_json(const Replay *replay) {
    const GuessPoints *points = &replay->world->points;
    json_t *json = json_object(), *outputs = json_array(), *labels = json_array();
    for (size_t i = 0; i < points->n; i++) {
        json_array_append_new(outputs, json_number((double)replay->u[i]));
        json_array_append_new(labels, json_integer(points->y[i]));
    }
    json_object_set_new(json, "guess", json_integer((json_int_t)replay->t));
    json_object_set_new(json, "weights", weights_to_json(replay->world->net, replay->w));
    json_object_set_new(json, "outputs", outputs);
    json_object_set_new(json, "labels", labels);
    json_object_set_new(json, "wrong", json_integer((json_int_t)replay->wrong));
    json_object_set_new(json, "test_error", json_number(replay->test_error));
    return json;
}

static bool look(Replay *replay, float *w, float *u, Error *error) {
    const World *world = replay->world;
    Experiment experiment = {.world = (World *)(uintptr_t)world,
                             .problem = {.model = &world->model,
                                         .points = &world->points,
                                         .zero = (GuessZero)world->options.zero}};
    replay->w = w, replay->u = u;
    if (!guess_weights(&world->model, (uint64_t)world->options.guess_seed, replay->t, w, error) ||
        !guess_outputs(&world->model, w, world->points.n, world->points.x, u, error) ||
        !experiment_error(&experiment, w, &replay->test_error, error))
        return false;
    for (size_t i = 0; i < world->points.n; i++)
        replay->wrong += !guess_agrees(u[i], world->points.y[i], (GuessZero)world->options.zero);
    return true;
}

bool guess_replay(const Settings *settings, uint64_t t, bool json, Text *text, Error *error) {
    World world;
    Replay replay = {.world = &world, .t = t};
    bool ok = world_open(settings, &world, error);
    float *w = ok ? memory_try(world.model.weights, sizeof *w, "weights", error) : NULL;
    float *u = w ? memory_try(world.points.n, sizeof *u, "outputs", error) : NULL;
    ok = u && look(&replay, w, u, error);
    if (ok && json) {
        json_add(text, to_json(&replay), JSON_INDENT(2));
        text_add(text, "\n");
    } else if (ok) {
        describe(&replay, text);
    }
    memory_free(w);
    memory_free(u);
    world_close(&world);
    return ok;
}
