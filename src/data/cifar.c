// CIFAR-10 and CIFAR-100 (Krizhevsky 2009) in their binary and Python versions: 32x32 images whose
// bytes are stored channel-major. https://www.cs.toronto.edu/~kriz/cifar.html
#include "data/load.h"
#include "data/pickle.h"
#include "data/source.h"

enum { SIDE = 32, COLOURS = 3, PIXELS = SIDE * SIDE * COLOURS, BATCHES = 5 };

typedef struct Cifar {
    char *dir;
    int64_t train, test;
    int standardise;
    int labels; // CIFAR-100's
} Cifar;

static const char *const label_words[] = {"fine", "coarse", NULL};
static const char *const names10[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                      "dog",      "frog",       "horse", "ship", "truck"};

#define CIFAR_OPTIONS(fallback)                                                                      \
    {"dir",                                                                                          \
     OPTION_TEXT,                                                                                    \
     offsetof(Cifar, dir),                                                                           \
     fallback,                                                                                       \
     .metavar = "FOLDER",                                                                            \
     .help = "holds the files of the binary or of the Python version, or their folder"},             \
        {"train",                                                                                    \
         OPTION_INT,                                                                                 \
         offsetof(Cifar, train),                                                                     \
         "0",                                                                                        \
         0,                                                                                          \
         1e9,                                                                                        \
         .metavar = "N",                                                                             \
         .help = "the first N training images only, 0: all"},                                        \
        {"test", OPTION_INT, offsetof(Cifar, test), "0",                                             \
         0,      1e9,        .metavar = "N",        .help = "the first N test images only, 0: all"}, \
        LOAD_STANDARDISE(Cifar, "channel")

static const Option options10[] = {CIFAR_OPTIONS("cifar10")};
static const Option options100[] = {
    CIFAR_OPTIONS("cifar100"),
    {"labels", OPTION_CHOICE, offsetof(Cifar, labels), "fine", .words = label_words,
     .metavar = "WORD", .help = "100 classes, or the 20 that they belong to"},
};

// The files of one version, as they are named where they come from.
typedef struct Version {
    bool pickled;
    const char *train[BATCHES + 1], *test; // train ends in NULL
} Version;

static const Version versions10[] = {
    {false,
     {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
      "data_batch_5.bin"},
     "test_batch.bin"},
    {false, {"train.bin"}, "test.bin"},
    {true,
     {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"},
     "test_batch"},
    {0},
};
static const Version versions100[] = {
    {false, {"train.bin"}, "test.bin"},
    {true, {"train"}, "test"},
    {0},
};

// What is being read: which labels, and where they are.
typedef struct Wanted {
    const Version *version;
    size_t label_bytes, label_byte; // binary: of a record
    const char *label_key;          // Python
    int classes;
} Wanted;

// An open file: image i, byte k is pixel[i * row_step + k * step].
typedef struct Batch {
    char *path, *bytes;
    Pickle pickle;
    const PickleNode *labels; // Python
    size_t rows, row_step, step;
    const unsigned char *pixel, *label; // label: binary, row_step apart
} Batch;

static void batch_close(Batch *batch) {
    pickle_close(&batch->pickle);
    memory_free(batch->bytes);
    memory_free(batch->path);
    *batch = (Batch){0};
}

static bool open_binary(Batch *batch, const Wanted *wanted, Error *error) {
    size_t size, record = wanted->label_bytes + PIXELS;
    if (!file_read(batch->path, source_limit, &batch->bytes, &size, error)) return false;
    batch->rows = size / record, batch->row_step = record, batch->step = 1;
    batch->label = (const unsigned char *)batch->bytes + wanted->label_byte;
    batch->pixel = (const unsigned char *)batch->bytes + wanted->label_bytes;
    if (size % record == 0 && size > 0) return true;
    return error_set(error,
                     "%s: offset %zu: the file ends %zu bytes into record %zu, which has %zu",
                     batch->path, size, size % record, batch->rows, record);
}

static bool open_pickled(Batch *batch, const Wanted *wanted, Error *error) {
    PickleArray array;
    if (!pickle_open(&batch->pickle, batch->path, error) ||
        !pickle_array(&batch->pickle, "data", &array, error))
        return false;
    batch->labels = pickle_numbers(&batch->pickle, wanted->label_key, error);
    if (!batch->labels) return false;
    batch->rows = array.rows, batch->pixel = array.bytes;
    batch->row_step = array.fortran ? 1 : PIXELS, batch->step = array.fortran ? array.rows : 1;
    if (array.cols != PIXELS || array.rows == 0)
        return error_set(error, "%s: offset %zu: 'data' is %zux%zu; images have %d bytes",
                         batch->path, array.offset, array.rows, array.cols, PIXELS);
    if (batch->labels->count == array.rows) return true;
    return error_set(error, "%s: offset %zu: %zu labels, but there are %zu images", batch->path,
                     array.offset, batch->labels->count, array.rows);
}

static bool take_label(const Batch *batch, const Wanted *wanted, size_t row, int32_t *label,
                       Error *error) {
    const PickleValue *value = batch->labels ? &batch->labels->item[row] : NULL;
    const unsigned char *byte = value ? NULL : batch->label + row * batch->row_step;
    int64_t number = value ? value->number : *byte;
    size_t offset = value ? value->offset : (size_t)((const char *)byte - batch->bytes);
    const char *fault = load_label_fault((double)number, &(LoadLabels){0, wanted->classes});
    *label = (int32_t)number;
    if (number < 0) fault = "is negative; classes are 0 to";
    return !fault || error_set(error, "%s: offset %zu: label %zu is %lld, it %s, %d", batch->path,
                               offset, row, (long long)number, fault, wanted->classes - 1);
}

// The first `rows` images of a batch become rows `at` up of a part.
static bool take_rows(const Batch *batch, const Wanted *wanted, size_t rows, LoadPart *part,
                      size_t at, Error *error) {
    for (size_t i = 0; i < rows; i++) {
        if (!take_label(batch, wanted, i, &part->label[at + i], error)) return false;
        const unsigned char *pixel = batch->pixel + i * batch->row_step;
        for (size_t k = 0; k < PIXELS; k++)
            part->x[(at + i) * PIXELS + k] = (float)pixel[k * batch->step] / 255.0F;
    }
    return true;
}

static bool fill_part(const Batch *batch, const Wanted *wanted, size_t rows, LoadPart *part,
                      Error *error) {
    if (!load_part_new(part, rows, PIXELS, 0, error)) return false;
    for (size_t at = 0; at < rows; at += batch++->rows) {
        size_t count = batch->rows < rows - at ? batch->rows : rows - at;
        if (!take_rows(batch, wanted, count, part, at, error)) return false;
    }
    return true;
}

// Opens dir/name if it is there.
static bool open_batch(const char *dir, const char *name, const Wanted *wanted, Batch *batch,
                       bool *there, Error *error) {
    char *path = file_join(dir, name);
    *there = file_exists(path);
    if (!*there) {
        memory_free(path);
        return true;
    }
    batch->path = path;
    return (wanted->version->pickled ? open_pickled : open_binary)(batch, wanted, error);
}

// Opens files in their order until they have the `rows` asked for (0: all there are) and sets *rows
// to what will be read. Later files may be absent, but none between others.
static bool open_batches(const char *dir, const char *const *names, const Wanted *wanted,
                         Batch *batch, size_t *rows, Error *error) {
    size_t all = 0;
    const char *missing = NULL;
    for (int i = 0; names[i] && (*rows == 0 || all < *rows); i++) {
        bool there;
        if (!open_batch(dir, names[i], wanted, &batch[i], &there, error)) return false;
        if (there && missing)
            return error_set(error, "%s: has %s, but no %s", dir, names[i], missing);
        if (!there && !missing) missing = names[i];
        all += batch[i].rows;
    }
    if (all == 0) return error_set(error, "%s: has no %s", dir, missing);
    if (*rows > all)
        return error_set(error, "%s: has %zu images in %s and its like, not %zu", dir, all,
                         names[0], *rows);
    if (*rows == 0) *rows = all;
    return true;
}

static bool read_part(const char *dir, const char *const *names, const Wanted *wanted, size_t rows,
                      LoadPart *part, Error *error) {
    Batch batch[BATCHES] = {0};
    bool ok = open_batches(dir, names, wanted, batch, &rows, error) &&
              fill_part(batch, wanted, rows, part, error);
    for (int i = 0; i < BATCHES; i++) batch_close(&batch[i]);
    return ok;
}

// The first version whose first file is there.
static const Version *find_version(const char *dir, const Version *version, Error *error) {
    Text names = {0};
    for (; version->test; version++) {
        char *path = file_join(dir, version->train[0]);
        bool there = file_exists(path);
        memory_free(path);
        text_printf(&names, "%s%s", names.length ? " or " : "", version->train[0]);
        if (there) break;
    }
    if (!version->test) error_set(error, "%s: has no %s", dir, names.data);
    text_free(&names);
    return version->test ? version : NULL;
}

static void name_classes(DataSet *set, const char *const *names) {
    set->class_name = memory_new((size_t)set->classes, sizeof *set->class_name);
    for (int c = 0; c < set->classes; c++) set->class_name[c] = memory_text(names[c]);
}

static bool load_dir(DataSet *set, const Cifar *parameters, const char *dir, Wanted *wanted,
                     const Version *versions, Error *error) {
    LoadPart train = {0}, test = {0};
    wanted->version = find_version(dir, versions, error);
    bool ok =
        wanted->version &&
        read_part(dir, wanted->version->train, wanted, (size_t)parameters->train, &train, error) &&
        read_part(dir, (const char *const[]){wanted->version->test, NULL}, wanted,
                  (size_t)parameters->test, &test, error);
    if (ok) {
        set->rank = 3;
        set->size[0] = set->size[1] = SIDE, set->size[2] = COLOURS;
        set->d = PIXELS;
        set->classes = wanted->classes;
        set->is_pixels = true;
        load_take(set, &train, &test);
        ok = load_standardise(set, parameters->standardise, error);
    }
    load_part_free(&train);
    load_part_free(&test);
    return ok;
}

// The folders that the archives unpack to.
static const char *const roots10[] = {"cifar-10-batches-bin", "cifar-10-batches-py", NULL};
static const char *const roots100[] = {"cifar-100-binary", "cifar-100-python", NULL};

static bool load(DataSet *set, const Cifar *parameters, Wanted *wanted, const Version *versions,
                 const char *const *roots, Error *error) {
    if (!*parameters->dir) return error_set(error, "%s: give dir=FOLDER", set->spec);
    char *found = load_find(parameters->dir, error);
    char *dir = found ? load_root(found, roots, error) : NULL;
    bool ok = dir && load_dir(set, parameters, dir, wanted, versions, error);
    memory_free(dir);
    memory_free(found);
    return ok;
}

static bool load10(DataSet *set, const void *parameters, Error *error) {
    Wanted wanted = {.label_bytes = 1, .label_key = "labels", .classes = 10};
    if (!load(set, parameters, &wanted, versions10, roots10, error)) return false;
    name_classes(set, names10);
    return true;
}

static bool load100(DataSet *set, const void *values, Error *error) {
    const Cifar *parameters = values;
    static const Wanted kinds[] = {
        {.label_bytes = 2, .label_byte = 1, .label_key = "fine_labels", .classes = 100},
        {.label_bytes = 2, .label_byte = 0, .label_key = "coarse_labels", .classes = 20},
    };
    Wanted wanted = kinds[parameters->labels];
    return load(set, parameters, &wanted, versions100, roots100, error);
}

const DataKind data_cifar10 = {
    .name = "cifar10",
    .form = "cifar10[:dir=cifar10,train=0,test=0,standardise=channel]",
    .help = "CIFAR-10, its binary version or its Python version, pixels / 255",
    .options = options10,
    .option_count = sizeof options10 / sizeof *options10,
    .bytes = sizeof(Cifar),
    .load = load10,
};

const DataKind data_cifar100 = {
    .name = "cifar100",
    .form = "cifar100[:dir=cifar100,train=0,test=0,standardise=channel,labels=fine]",
    .help = "CIFAR-100, its binary version or its Python version, pixels / 255",
    .options = options100,
    .option_count = sizeof options100 / sizeof *options100,
    .bytes = sizeof(Cifar),
    .load = load100,
};
