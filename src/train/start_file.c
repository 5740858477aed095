// First weights from a file.
#include "train/train.h"
#include "weights/weights.h"
#include <string.h>

enum { HASH_DIGITS = 32 };

// Where "@HASH" begins; at the end where there is none.
static size_t path_length(const char *file) {
    size_t length = strlen(file), tail = HASH_DIGITS + 1;
    bool named = length > tail && file[length - tail] == '@' &&
                 strspn(file + length - HASH_DIGITS, "0123456789abcdef") == HASH_DIGITS;
    return named ? length - tail : length;
}

// wanted: "@HASH" or "".
static bool check_hash(const char *path, const char *wanted, const char *found, Error *error) {
    if (!*wanted || strcmp(wanted + 1, found) == 0) return true;
    return error_set(error, "%s: is not what it was: its hash is %s, not %s", path, found,
                     wanted + 1);
}

void train_start_found_free(TrainStartFound *found) {
    text_free(&found->full);
    text_free(&found->said);
    text_free(&found->input);
}

bool train_start_file(const char *file, const Net *net, float *w, float *buffers,
                      TrainStartFound *found, Error *error) {
    Text path = {0};
    char digits[HASH_DIGITS + 1] = "";
    text_add_bytes(&path, file, path_length(file));
    WeightsFile *weights = weights_open(path.data, error);
    bool ok = weights != NULL;
    if (ok) {
        Hash hash = weights_hash(weights);
        hash_print(&hash, digits);
        ok = check_hash(path.data, file + path.length, digits, error) &&
             weights_take(weights, net, w, buffers, found ? &found->said : NULL, error);
    }
    if (ok && found) {
        const char *input = weights_metadata(weights, DATA_INPUT_KEY);
        text_printf(&found->full, "%s@%s", path.data, digits);
        if (input) text_add(&found->input, input);
    }
    weights_close(weights);
    text_free(&path);
    return ok;
}
