// IDX, the format of MNIST: big-endian magic number (0, 0, type, rank), one 32-bit size for each
// dimension, then the values. https://yann.lecun.com/exdb/mnist
#include "data/load.h"
#include "data/source.h"
#include <string.h>

typedef struct Idx {
    char *dir, *split;
    int standardise;
    int64_t classes, labels_from;
} Idx;

#define IDX_OPTIONS(fallback)                                                                      \
    {"dir",                                                                                        \
     OPTION_TEXT,                                                                                  \
     offsetof(Idx, dir),                                                                           \
     fallback,                                                                                     \
     .metavar = "FOLDER",                                                                          \
     .help = "holds train- and t10k-images-idx3-ubyte, -labels-idx1-ubyte, gzip or not; or "       \
             "torchvision's root"},                                                                \
        LOAD_STANDARDISE(Idx, "none"), LOAD_CLASSES_OPTION(Idx), LOAD_LABELS_FROM(Idx), {          \
        "split", OPTION_TEXT, offsetof(Idx, split), "",                                            \
            .metavar = "WORD",                                                                     \
            .help = "of EMNIST: balanced, byclass, bymerge, digits, letters or mnist; images "     \
                    "stay transposed, as they are in its files"                                    \
    }

static const Option idx_options[] = {IDX_OPTIONS("")};
static const Option mnist_options[] = {IDX_OPTIONS("mnist")};
static const Option fashion_options[] = {IDX_OPTIONS("fashion-mnist")};

enum { UBYTE = 0x0800, IMAGE_RANK = 3, MOST_RANK = 3 };

static uint32_t big_endian(const unsigned char *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

// The names in use: ...-images-idx3-ubyte and ...-images.idx3-ubyte, with and without .gz. NULL:
// none of them is there.
static char *look_for(const char *dir, const char *stem, int rank) {
    static const char dots[] = {'-', '.'};
    for (int i = 0; i < 4; i++) {
        Text name = {0};
        text_printf(&name, "%s%cidx%d-ubyte%s", stem, dots[i / 2], rank, i % 2 ? "" : ".gz");
        char *path = file_join(dir, name.data);
        text_free(&name);
        if (file_exists(path)) return path;
        memory_free(path);
    }
    return NULL;
}

static const char *const SPLITS[] = {"balanced", "byclass", "bymerge",
                                     "digits",   "letters", "mnist"};

// EMNIST's files have names of their own.
static void name_splits(const char *dir, Text *text) {
    for (size_t i = 0; i < sizeof SPLITS / sizeof *SPLITS; i++) {
        Text stem = {0};
        text_printf(&stem, "emnist-%s-train-images", SPLITS[i]);
        char *path = look_for(dir, stem.data, 3);
        if (path)
            text_printf(text, "%s split=%s", text->length ? " or" : "; for EMNIST say", SPLITS[i]);
        memory_free(path);
        text_free(&stem);
    }
}

static char *find_file(const char *dir, const char *stem, int rank, Error *error) {
    char *path = look_for(dir, stem, rank);
    if (path) return path;
    Text splits = {0};
    name_splits(dir, &splits);
    error_set(error, "%s: has no %s-idx%d-ubyte, with or without .gz%s", dir, stem, rank,
              splits.data ? splits.data : "");
    text_free(&splits);
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

enum { LABELS_AT = 8 }; // offset of the first label

static bool refuse_label(const Source *source, size_t i, const char *what, Error *error) {
    Text place = {0};
    source_place(source, LABELS_AT + i, &place);
    error_set(error, "%s: %s", place.data, what);
    text_free(&place);
    return false;
}

static bool take_labels(const Source *source, const unsigned char *bytes, LoadPart *part,
                        const LoadLabels *labels, Error *error) {
    for (size_t i = 0; i < part->n; i++) {
        const char *fault = load_label_fault(bytes[i], labels);
        part->label[i] = fault ? 0 : (int32_t)(bytes[i] - labels->from);
        if (!fault) continue;
        Text what = {0};
        text_printf(&what, "label %zu is %d, it %s", i, bytes[i], fault);
        if (labels->classes && bytes[i] >= labels->from)
            text_printf(&what, ", %lld", (long long)(labels->classes + labels->from - 1));
        refuse_label(source, i, what.data, error);
        text_free(&what);
        return false;
    }
    return true;
}

// Of the training labels, whose number says how many classes there are.
static bool count_classes(const Source *source, const LoadPart *part, LoadLabels *labels,
                          Error *error) {
    size_t row = 0;
    Text why = {0};
    labels->classes = load_count_classes(part, labels, &row, &why);
    bool ok = labels->classes > 0 || refuse_label(source, row, why.data, error);
    text_free(&why);
    return ok;
}

// *labels: of the training labels learns the number of classes.
static bool read_labels(const char *path, LoadPart *part, LoadLabels *labels, Error *error) {
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
         take_labels(&source, bytes, part, labels, error) &&
         count_classes(&source, part, labels, error);
    memory_free(bytes);
    source_close(&source);
    return ok;
}

// The pair of files of one set.
static bool read_pair(const char *dir, const Idx *parameters, bool train, LoadPart *part,
                      uint32_t *size, LoadLabels *of, Error *error) {
    Text images = {0}, labels = {0}, set = {0};
    if (*parameters->split)
        text_printf(&set, "emnist-%s-%s", parameters->split, train ? "train" : "test");
    else
        text_add(&set, train ? "train" : "t10k");
    text_printf(&images, "%s-images", set.data);
    text_printf(&labels, "%s-labels", set.data);
    char *image_path = find_file(dir, images.data, 3, error);
    char *label_path = image_path ? find_file(dir, labels.data, 1, error) : NULL;
    bool ok = label_path && load_idx_images(image_path, part, size, error) &&
              read_labels(label_path, part, of, error);
    text_free(&images);
    text_free(&labels);
    text_free(&set);
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
    LoadLabels labels = {parameters->labels_from, parameters->classes};
    bool ok = read_pair(dir, parameters, true, &train, size, &labels, error) &&
              read_pair(dir, parameters, false, &test, test_size, &labels, error) &&
              same_shape(dir, size, test_size, error);
    if (ok) {
        set->classes = (int)labels.classes;
        load_name_labels(set, &labels);
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

// torchvision keeps the files of its data sets in ROOT/NAME/raw.
static const char *const MNIST[] = {"MNIST/raw", "raw", NULL};
static const char *const FASHION[] = {"FashionMNIST/raw", "raw", NULL};
static const char *const ANY[] = {
    "MNIST/raw", "FashionMNIST/raw", "KMNIST/raw", "EMNIST/raw", "raw", "gzip", NULL};

static bool load(DataSet *set, const void *values, const char *const *roots, Error *error) {
    const Idx *parameters = values;
    if (!*parameters->dir) return error_set(error, "%s: give dir=FOLDER", set->spec);
    char *found = load_find(parameters->dir, error);
    char *dir = found ? load_root(found, roots, error) : NULL;
    bool ok = dir && load_dir(set, parameters, dir, error);
    memory_free(dir);
    memory_free(found);
    return ok;
}

static bool load_idx(DataSet *set, const void *parameters, Error *error) {
    return load(set, parameters, ANY, error);
}

static bool load_mnist(DataSet *set, const void *parameters, Error *error) {
    return load(set, parameters, MNIST, error);
}

static bool load_fashion(DataSet *set, const void *parameters, Error *error) {
    return load(set, parameters, FASHION, error);
}

#define IDX_KIND(NAME, FORM, HELP, OPTIONS, LOAD)                                                  \
    {                                                                                              \
        .name = NAME, .form = FORM, .help = HELP, .options = OPTIONS,                              \
        .option_count = sizeof OPTIONS / sizeof *OPTIONS, .implied = 2, .bytes = sizeof(Idx),      \
        .load = LOAD                                                                               \
    }

const DataKind data_idx =
    IDX_KIND("idx", "idx:dir=FOLDER[,standardise=none,classes=0,labels_from=0,split=]",
             "images and labels in the format of MNIST, pixels / 255", idx_options, load_idx);
const DataKind data_mnist =
    IDX_KIND("mnist", "mnist[:dir=mnist,standardise=none,classes=0,labels_from=0,split=]",
             "MNIST, from a folder mnist/", mnist_options, load_mnist);
const DataKind data_fashion_mnist = IDX_KIND(
    "fashion-mnist",
    "fashion-mnist[:dir=fashion-mnist,standardise=none,classes=0,labels_from=0,split=]",
    "Fashion-MNIST, where Debian's dataset-fashion-mnist puts it", fashion_options, load_fashion);
