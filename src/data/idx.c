// IDX, the format of MNIST: big-endian magic number (0, 0, type, rank), one 32-bit size for each
// dimension, then the values. https://yann.lecun.com/exdb/mnist
#include "data/load.h"
#include "data/source.h"
#include <string.h>

typedef struct Idx {
    char *dir;
    int standardise;
    int64_t classes;
} Idx;

#define IDX_OPTIONS(fallback)                                                                      \
    {"dir",                                                                                        \
     OPTION_TEXT,                                                                                  \
     offsetof(Idx, dir),                                                                           \
     fallback,                                                                                     \
     .metavar = "FOLDER",                                                                          \
     .help = "holds train- and t10k-images-idx3-ubyte, -labels-idx1-ubyte, gzip or not"},          \
        LOAD_STANDARDISE(Idx, "none"), LOAD_CLASSES_OPTION(Idx)

static const Option idx_options[] = {IDX_OPTIONS("")};
static const Option mnist_options[] = {IDX_OPTIONS("mnist")};
static const Option fashion_options[] = {IDX_OPTIONS("fashion-mnist")};

enum { UBYTE = 0x0800, IMAGE_RANK = 3, MOST_RANK = 3 };

static uint32_t big_endian(const unsigned char *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

// The names in use: ...-images-idx3-ubyte and ...-images.idx3-ubyte, with and without .gz.
static char *find_file(const char *dir, const char *stem, int rank, Error *error) {
    static const char dots[] = {'-', '.'};
    for (int i = 0; i < 4; i++) {
        Text name = {0};
        text_printf(&name, "%s%cidx%d-ubyte%s", stem, dots[i / 2], rank, i % 2 ? "" : ".gz");
        char *path = file_join(dir, name.data);
        text_free(&name);
        if (file_exists(path)) return path;
        memory_free(path);
    }
    error_set(error, "%s: has no %s-idx%d-ubyte, with or without .gz", dir, stem, rank);
    return NULL;
}

// Reads magic number and sizes; true when the values can be there.
static bool read_header(Source *source, int rank, uint32_t *size, size_t *count, Error *error) {
    unsigned char word[4 * (1 + MOST_RANK)];
    if (!source_read(source, word, 4, error)) return false;
    uint32_t magic = big_endian(word), wanted = UBYTE + (uint32_t)rank;
    if (magic != wanted)
        return error_set(error, "%s: offset 0: magic number 0x%08x, but %s have 0x%08x",
                         source->path, magic, rank == 1 ? "labels" : "images", wanted);
    if (!source_read(source, word + 4, 4 * (size_t)rank, error)) return false;
    *count = 1;
    for (int i = 0; i < rank; i++) {
        size[i] = big_endian(word + 4 * (i + 1));
        if (size[i] == 0)
            return error_set(error, "%s: offset %d: a size of 0", source->path, 4 * (i + 1));
        if (__builtin_mul_overflow(*count, size[i], count)) *count = SIZE_MAX;
    }
    if (*count <= source_most(source)) return true;
    return error_set(error, "%s: offset %zu: the header promises %zu bytes; %zu follow at most",
                     source->path, source->offset, *count, source_most(source));
}

bool load_idx_images(const char *path, LoadPart *part, uint32_t *size, Error *error) {
    Source source;
    size_t count = 0;
    if (!source_open(&source, path, error)) return false;
    bool ok = read_header(&source, IMAGE_RANK, size, &count, error);
    unsigned char *pixels = ok ? memory_try(count, 1, "pixels", error) : NULL;
    ok = pixels && source_read(&source, pixels, count, error) && source_end(&source, error) &&
         load_part_new(part, size[0], count / size[0], 0, error);
    for (size_t i = 0; ok && i < count; i++) part->x[i] = (float)pixels[i] / 255.0F;
    memory_free(pixels);
    source_close(&source);
    return ok;
}

static bool take_labels(const Source *source, const unsigned char *bytes, LoadPart *part,
                        int64_t classes, Error *error) {
    for (size_t i = 0; i < part->n; i++) {
        const char *fault = load_label_fault(bytes[i], classes);
        part->label[i] = bytes[i];
        if (!fault) continue;
        Text place = {0};
        source_place(source, 8 + i, &place);
        error_set(error, "%s: label %zu is %d, it %s, %lld", place.data, i, bytes[i], fault,
                  (long long)classes - 1);
        text_free(&place);
        return false;
    }
    return true;
}

static bool read_labels(const char *path, LoadPart *part, int64_t classes, Error *error) {
    Source source;
    uint32_t size;
    size_t count = 0;
    if (!source_open(&source, path, error)) return false;
    bool ok = read_header(&source, 1, &size, &count, error);
    if (ok && count != part->n)
        ok = error_set(error, "%s: offset 4: %zu labels, but there are %zu images", path, count,
                       part->n);
    unsigned char *bytes = ok ? memory_try(count, 1, "labels", error) : NULL;
    ok = bytes && source_read(&source, bytes, count, error) && source_end(&source, error) &&
         take_labels(&source, bytes, part, classes, error);
    memory_free(bytes);
    source_close(&source);
    return ok;
}

// The pair of files of one set: which is "train" or "t10k".
static bool read_pair(const char *dir, const char *which, LoadPart *part, uint32_t *size,
                      int64_t classes, Error *error) {
    Text images = {0}, labels = {0};
    text_printf(&images, "%s-images", which);
    text_printf(&labels, "%s-labels", which);
    char *image_path = find_file(dir, images.data, 3, error);
    char *label_path = image_path ? find_file(dir, labels.data, 1, error) : NULL;
    bool ok = label_path && load_idx_images(image_path, part, size, error) &&
              read_labels(label_path, part, classes, error);
    text_free(&images);
    text_free(&labels);
    memory_free(image_path);
    memory_free(label_path);
    return ok;
}

static bool same_shape(const char *dir, const uint32_t *a, const uint32_t *b, Error *error) {
    if (a[1] == b[1] && a[2] == b[2]) return true;
    return error_set(error, "%s: training images are %ux%u, test images %ux%u", dir, a[1], a[2],
                     b[1], b[2]);
}

static bool load_dir(DataSet *set, const Idx *parameters, const char *dir, Error *error) {
    LoadPart train = {0}, test = {0};
    uint32_t size[IMAGE_RANK], test_size[IMAGE_RANK];
    bool ok = read_pair(dir, "train", &train, size, parameters->classes, error);
    if (ok)
        set->classes = parameters->classes ? (int)parameters->classes : load_part_classes(&train);
    ok = ok && read_pair(dir, "t10k", &test, test_size, set->classes, error) &&
         same_shape(dir, size, test_size, error);
    if (ok) {
        set->rank = 3;
        set->size[0] = size[1], set->size[1] = size[2], set->size[2] = 1;
        set->d = train.d;
        set->is_pixels = true;
        load_take(set, &train, &test);
        ok = load_standardise(set, parameters->standardise, error);
    }
    load_part_free(&train);
    load_part_free(&test);
    return ok;
}

static bool load(DataSet *set, const void *values, Error *error) {
    const Idx *parameters = values;
    if (!*parameters->dir) return error_set(error, "%s: give dir=FOLDER", set->spec);
    char *dir = load_find(parameters->dir, error);
    bool ok = dir && load_dir(set, parameters, dir, error);
    memory_free(dir);
    return ok;
}

#define IDX_KIND(NAME, FORM, HELP, OPTIONS)                                                        \
    {                                                                                              \
        .name = NAME, .form = FORM, .help = HELP, .options = OPTIONS,                              \
        .option_count = sizeof OPTIONS / sizeof *OPTIONS, .bytes = sizeof(Idx), .load = load       \
    }

const DataKind data_idx =
    IDX_KIND("idx", "idx:dir=FOLDER[,standardise=none,classes=0]",
             "images and labels in the format of MNIST, pixels / 255", idx_options);
const DataKind data_mnist = IDX_KIND("mnist", "mnist[:dir=mnist,standardise=none,classes=0]",
                                     "MNIST, from a folder mnist/", mnist_options);
const DataKind data_fashion_mnist =
    IDX_KIND("fashion-mnist", "fashion-mnist[:dir=fashion-mnist,standardise=none,classes=0]",
             "Fashion-MNIST, where Debian's dataset-fashion-mnist puts it", fashion_options);
