#include "data/pickle.h"
#include <string.h>

bool pickle_is(const PickleValue *value, PickleType type, const char *text) {
    return value->type == type && value->size == strlen(text) &&
           memcmp(value->text, text, value->size) == 0;
}

static const PickleValue *find(const Pickle *pickle, const char *key, Error *error) {
    const PickleNode *root = pickle->root.node;
    for (size_t i = root->count; i > 0; i -= 2) { // the last one counts
        if (pickle_is(&root->item[i - 2], PICKLE_TEXT, key)) return &root->item[i - 1];
    }
    error_set(error, "%s: offset %zu: the dictionary has no '%s'", pickle->path,
              pickle->root.offset, key);
    return NULL;
}

const PickleNode *pickle_numbers(const Pickle *pickle, const char *key, Error *error) {
    const PickleValue *list = find(pickle, key, error);
    if (!list) return NULL;
    size_t offset = list->offset;
    bool ok = list->type == PICKLE_LIST;
    for (size_t i = 0; ok && i < list->node->count; i++) {
        ok = list->node->item[i].type == PICKLE_INT;
        if (!ok) offset = list->node->item[i].offset;
    }
    if (ok) return list->node;
    error_set(error, "%s: offset %zu: '%s' is not a list of whole numbers", pickle->path, offset,
              key);
    return NULL;
}

static bool read_shape(const PickleValue *shape, PickleArray *array) {
    if (shape->type != PICKLE_LIST || shape->node->count != 2) return false;
    const PickleValue *size = shape->node->item;
    if (size[0].type != PICKLE_INT || size[1].type != PICKLE_INT) return false;
    if (size[0].number < 0 || size[1].number < 0) return false;
    array->rows = (size_t)size[0].number, array->cols = (size_t)size[1].number;
    return true;
}

bool pickle_array(const Pickle *pickle, const char *key, PickleArray *array, Error *error) {
    const PickleValue *value = find(pickle, key, error);
    if (!value) return false;
    const PickleNode *node = value->type == PICKLE_ARRAY ? value->node : NULL;
    const PickleValue *state = node && node->count == 5 ? node->item : NULL;
    bool ok = state && read_shape(&state[1], array) && state[2].type == PICKLE_DTYPE &&
              pickle_is(&state[2].node->item[0], PICKLE_TEXT, "u1") &&
              state[3].type == PICKLE_INT && state[4].type == PICKLE_TEXT;
    if (!ok)
        return error_set(error, "%s: offset %zu: '%s' is not a matrix of bytes", pickle->path,
                         value->offset, key);
    array->fortran = state[3].number != 0;
    array->bytes = (const unsigned char *)state[4].text;
    array->offset = (size_t)(state[4].text - pickle->bytes);
    size_t product; // no more than 2^31 each
    if (!__builtin_mul_overflow(array->rows, array->cols, &product) && product == state[4].size)
        return true;
    return error_set(error, "%s: offset %zu: '%s' has %zu bytes for %zux%zu values", pickle->path,
                     state[4].offset, key, state[4].size, array->rows, array->cols);
}
