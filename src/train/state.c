#include "train/state.h"
#include "weights/tensors.h"
#include "weights/weights.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// Block 0 of every tensor: the weights, or the buffers; block 1 + i of the weights: state[i].
static float *place_of(const RunState *state, const NetTensor *tensor, int block) {
    if (tensor->is_buffer) return state->buffers + tensor->offset;
    return (block == 0 ? state->w : state->state[block - 1]) + tensor->offset;
}

static const char *name_of(Arena *arena, const NetTensor *tensor, int block) {
    static const char *const SUFFIX[] = {"", ".state0", ".state1"};
    Text name = {0};
    text_printf(&name, "%s%s", tensor->name, SUFFIX[block]);
    const char *kept = arena_text(arena, name.data, name.length);
    text_free(&name);
    return kept;
}

// What a file of this state holds, in order.
typedef struct Parts {
    Tensor *tensor; // (count)
    float **place;  // (count) where its numbers lie in *state
    size_t count;
    NetTensors list;
} Parts;

static void list_parts(const Net *net, const RunState *state, Parts *parts) {
    *parts = (Parts){0};
    REQUIRE(weights_list(net, WEIGHTS_OWN, &parts->list, NULL)); // there was memory for the weights
    const size_t most = (size_t)(1 + state->states) * parts->list.count + 1;
    parts->tensor = memory_new(most, sizeof *parts->tensor);
    parts->place = memory_new(most, sizeof *parts->place);
    for (int block = 0; block <= state->states; block++) {
        for (size_t i = 0; i < parts->list.count; i++) {
            const NetTensor *from = &parts->list.tensor[i];
            if (from->is_buffer && block > 0) continue;
            Tensor *tensor = &parts->tensor[parts->count];
            *tensor = (Tensor){.rank = from->rank, .count = from->count};
            tensor->name = name_of(&parts->list.arena, from, block);
            memcpy(tensor->size, from->size, sizeof from->size);
            tensor->numbers = parts->place[parts->count++] = place_of(state, from, block);
        }
    }
}

static void free_parts(Parts *parts) {
    memory_free(parts->tensor);
    memory_free(parts->place);
    weights_list_free(&parts->list);
}

bool state_pack(const Net *net, const RunState *state, char **bytes, size_t *size, Error *error) {
    char epoch[24], step[24];
    snprintf(epoch, sizeof epoch, "%" PRId64, state->epoch);
    snprintf(step, sizeof step, "%" PRId64, state->step);
    Settings metadata = {0};
    settings_set(&metadata, "format", "pt", NULL);
    settings_set(&metadata, "program", "benign " BENIGN_VERSION, NULL);
    settings_set(&metadata, "epoch", epoch, NULL);
    settings_set(&metadata, "step", step, NULL);
    settings_set(&metadata, "finished", state->finished ? "yes" : "no", NULL);
    if (state->input) settings_set(&metadata, DATA_INPUT_KEY, state->input, NULL);
    Parts parts;
    list_parts(net, state, &parts);
    bool ok = tensors_pack(parts.tensor, parts.count, &metadata, bytes, size, error);
    free_parts(&parts);
    settings_free(&metadata);
    return ok;
}

static bool read_count(const Tensors *tensors, const char *key, int64_t *value, Error *error) {
    const char *text = tensors_metadata(tensors, key);
    if (text && text_to_int(text, value) && *value >= 0) return true;
    return error_set(error, "%s: byte 8: __metadata__ has no whole number \"%s\"", tensors->file,
                     key);
}

// Where the run stands.
static bool read_standing(const Tensors *tensors, RunState *state, Error *error) {
    const char *finished = tensors_metadata(tensors, "finished");
    state->finished = finished && strcmp(finished, "yes") == 0;
    return read_count(tensors, "epoch", &state->epoch, error) &&
           read_count(tensors, "step", &state->step, error);
}

static bool read_part(const Tensors *tensors, const Tensor *part, float *to, Error *error) {
    const Tensor *found = tensors_find(tensors, part->name);
    if (!found) return error_set(error, "%s: no tensor \"%s\"", tensors->file, part->name);
    bool fits =
        found->rank == part->rank && memcmp(found->size, part->size, sizeof part->size) == 0;
    if (!fits)
        return error_set(error, "%s: byte %zu: tensor \"%s\" has another shape than the network's",
                         tensors->file, found->at, part->name);
    return tensors_read(found, to, error);
}

bool state_unpack(const char *name, const void *bytes, size_t size, const Net *net, RunState *state,
                  Error *error) {
    Tensors tensors;
    if (!tensors_parse(name, bytes, size, &tensors, error)) return false;
    Parts parts;
    bool ok = read_standing(&tensors, state, error);
    list_parts(net, state, &parts);
    for (size_t i = 0; ok && i < parts.count; i++)
        ok = read_part(&tensors, &parts.tensor[i], parts.place[i], error);
    free_parts(&parts);
    tensors_free(&tensors);
    return ok;
}
