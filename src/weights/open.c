// A file of weights, or the shards of an index, from where they lie.
#include "base/json.h"
#include "weights/inner.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { INDEX_MOST = 100 << 20 }; // bytes

// A file that was read.
typedef struct Shard {
    char *path, *bytes;
} Shard;

struct WeightsFile {
    char *name;
    Tensors tensors; // of all shards
    Shard *shard;    // (shards)
    size_t shards, capacity;
    Hash hash;
};

static size_t most(void) { // of what never ends no more is read than the machine has room for
    return (size_t)(system_memory() / 3);
}

// Looks at the first bytes of a regular file, so that not all of what is no file of weights is
// read.
static bool judge_start(const char *path, bool *is_json, Error *error) {
    char head[4096];
    struct stat status;
    *is_json = false;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) return true; // file_read says more
    FILE *file = fopen(path, "rb");
    size_t length = file ? fread(head, 1, sizeof head, file) : 0;
    if (!file) return true;
    fclose(file);
    *is_json = length > 0 && head[0] == '{';
    if (*is_json) return true;
    return tensors_judge(path, head, length, (size_t)status.st_size, error);
}

static Shard *add_shard(WeightsFile *file, const char *path) {
    file->shard = memory_grow(file->shard, file->shards, &file->capacity, sizeof *file->shard);
    file->shard[file->shards] = (Shard){.path = memory_text(path)};
    return &file->shard[file->shards++];
}

static bool read_file(WeightsFile *file, const char *path, size_t limit, size_t *size,
                      Error *error) {
    Shard *shard = add_shard(file, path);
    if (!file_read(path, limit, &shard->bytes, size, error)) return false;
    hash_bytes(&file->hash, shard->bytes, *size);
    return true;
}

static bool read_tensors(WeightsFile *file, const char *path, Tensors *tensors, Error *error) {
    size_t size;
    bool is_json;
    return judge_start(path, &is_json, error) && read_file(file, path, most(), &size, error) &&
           tensors_parse(file->shard[file->shards - 1].path, file->shard[file->shards - 1].bytes,
                         size, tensors, error);
}

// ---- shards ----

static bool has_shard(const WeightsFile *file, const char *path) {
    for (size_t i = 0; i < file->shards; i++) {
        if (strcmp(file->shard[i].path, path) == 0) return true;
    }
    return false;
}

static bool add_tensors(WeightsFile *file, const char *path, Error *error) {
    Tensors more = {0};
    if (!read_tensors(file, path, &more, error)) return false;
    if (file->tensors.header) {
        bool ok = tensors_join(&file->tensors, &more, error);
        tensors_free(&more);
        return ok;
    }
    file->tensors = more;
    return true;
}

// The path of a shard, which lies beside its index; memory_free.
static char *shard_path(const char *index, const char *tensor, const json_t *value, Error *error) {
    const char *name = json_string_value(value);
    bool plain = name && *name && !strchr(name, '/') && strcmp(name, ".") && strcmp(name, "..");
    if (!plain) {
        error_set(error, "%s: tensor \"%s\" is in no file beside this one", index, tensor);
        return NULL;
    }
    char *folder = file_folder(index), *path = file_join(folder, name);
    memory_free(folder);
    return path;
}

// Every tensor of the index lies where it says, and there are no others.
static bool check_index(const WeightsFile *file, const json_t *map, Error *error) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)map, name, value) {
        const Tensor *tensor = tensors_find(&file->tensors, name);
        char *path = shard_path(file->name, name, value, error);
        bool same = tensor && path && strcmp(tensor->file, path) == 0;
        if (path && !same)
            error_set(error, "%s: tensor \"%s\" should be in %s, and is not", file->name, name,
                      path);
        memory_free(path);
        if (!same) return false;
    }
    for (size_t i = 0; i < file->tensors.count; i++) {
        const Tensor *tensor = &file->tensors.tensor[i];
        if (json_object_get(map, tensor->name)) continue;
        return error_set(error, "%s: byte %zu: tensor \"%s\" is not in the index %s", tensor->file,
                         tensor->at, tensor->name, file->name);
    }
    return true;
}

static bool read_shards(WeightsFile *file, const json_t *map, Error *error) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)map, name, value) {
        char *path = shard_path(file->name, name, value, error);
        bool ok = path && (has_shard(file, path) || add_tensors(file, path, error) ||
                           error_prefix(error, "%s: an index of shards", file->name));
        memory_free(path);
        if (!ok) return false;
    }
    return check_index(file, map, error);
}

// {"metadata": {...}, "weight_map": {"fc1.weight": "model-00001-of-00002.safetensors", ...}}
static bool read_index(WeightsFile *file, const char *path, Error *error) {
    size_t size;
    json_error_t at;
    if (!read_file(file, path, INDEX_MOST, &size, error)) return false;
    json_t *index = json_loadb(file->shard[0].bytes, size, JSON_REJECT_DUPLICATES, &at);
    const json_t *map = json_object_get(index, "weight_map");
    bool ok = false;
    if (!index)
        error_set(error, "%s:%d:%d: %s", path, at.line, at.column, at.text);
    else if (!json_is_object(map) || json_object_size(map) == 0)
        error_set(error,
                  "%s: byte 0: JSON, and no index of shards: that would have a \"weight_map\"",
                  path);
    else
        ok = read_shards(file, map, error);
    json_decref(index);
    return ok;
}

// ---- the door ----

WeightsFile *weights_open(const char *path, Error *error) {
    WeightsFile *file = memory_new(1, sizeof *file);
    bool is_json;
    file->name = memory_text(path);
    bool ok = judge_start(path, &is_json, error) &&
              (is_json ? read_index(file, path, error) : add_tensors(file, path, error));
    if (ok) return file;
    weights_close(file);
    return NULL;
}

WeightsFile *weights_parse(const char *name, const void *bytes, size_t size, Error *error) {
    WeightsFile *file = memory_new(1, sizeof *file);
    file->name = memory_text(name);
    hash_bytes(&file->hash, bytes, size);
    if (tensors_parse(file->name, bytes, size, &file->tensors, error)) return file;
    weights_close(file);
    return NULL;
}

void weights_close(WeightsFile *file) {
    if (!file) return;
    tensors_free(&file->tensors);
    for (size_t i = 0; i < file->shards; i++) {
        memory_free(file->shard[i].path);
        memory_free(file->shard[i].bytes);
    }
    memory_free(file->shard);
    memory_free(file->name);
    memory_free(file);
}

const Tensors *weights_tensors(const WeightsFile *file) {
    return &file->tensors;
}

const char *weights_file_name(const WeightsFile *file) {
    return file->name;
}

Hash weights_hash(const WeightsFile *file) {
    return file->hash;
}

const char *weights_metadata(const WeightsFile *file, const char *key) {
    return tensors_metadata(&file->tensors, key);
}
