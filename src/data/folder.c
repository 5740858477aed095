// Folders of images, a folder a class: what torchvision calls an ImageFolder.
#include "data/load.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct Folder {
    char *dir;
    int64_t size, seed;
    double holdout;
    int colour, standardise;
} Folder;

enum { COLOUR_RGB, COLOUR_GREY };
static const char *const colours[] = {"rgb", "grey", NULL};

static const Option options[] = {
    {"dir", OPTION_TEXT, offsetof(Folder, dir), "", .metavar = "FOLDER",
     .help = "holds CLASS/*.png or .jpg; or train/CLASS/* and test/CLASS/* (or val/)"},
    {"size", OPTION_INT, offsetof(Folder, size), "0", 0, 16384, .metavar = "N",
     .help = "resize the shorter side to N and cut out the middle; 0: all are of one size"},
    {"colour", OPTION_CHOICE, offsetof(Folder, colour), "rgb", .words = colours, .metavar = "WORD",
     .help = "three channels or one"},
    LOAD_STANDARDISE(Folder, "channel"),
    LOAD_HOLDOUT(Folder),
    LOAD_SEED(Folder, "0"),
};

// Names in a folder, sorted.
typedef struct Names {
    char **name;
    size_t count, capacity;
} Names;

static void names_free(Names *names) {
    for (size_t i = 0; i < names->count; i++) memory_free(names->name[i]);
    memory_free(names->name);
    *names = (Names){0};
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// What a folder holds but hidden files; with `folders` its folders alone.
static bool list(const char *dir, bool folders, Names *names, Error *error) {
    DIR *stream = opendir(dir);
    if (!stream) return error_set(error, "%s: cannot open: %s", dir, strerror(errno));
    for (struct dirent *entry; (entry = readdir(stream));) {
        if (entry->d_name[0] == '.') continue;
        char *path = file_join(dir, entry->d_name);
        if (!folders || file_is_folder(path)) {
            names->name =
                memory_grow(names->name, names->count, &names->capacity, sizeof *names->name);
            names->name[names->count++] = memory_text(entry->d_name);
        }
        memory_free(path);
    }
    closedir(stream);
    if (names->count) qsort(names->name, names->count, sizeof *names->name, compare);
    return true;
}

// The images of one class.
typedef struct Class {
    char *dir;
    Names files;
} Class;

// One side of a data set: the classes of a folder, and what is read of them.
typedef struct Side {
    Names classes;
    Class *of; // (classes.count)
    size_t images;
} Side;

static void side_free(Side *side) {
    for (size_t c = 0; side->of && c < side->classes.count; c++) {
        memory_free(side->of[c].dir);
        names_free(&side->of[c].files);
    }
    memory_free(side->of);
    names_free(&side->classes);
    *side = (Side){0};
}

// What systems and people leave in folders beside images.
static bool is_stray(const char *name) {
    static const char *const strays[] = {"thumbs.db", "desktop.ini", "readme",     "readme.txt",
                                         "readme.md", "license",     "license.txt"};
    for (size_t i = 0; i < sizeof strays / sizeof *strays; i++)
        if (text_equal_fold(name, strays[i])) return true;
    return false;
}

static bool refuse_file(const char *dir, const char *name, Error *error) {
    char *path = file_join(dir, name);
    if (file_is_folder(path))
        error_set(error, "%s: a folder inside the folder of a class; images lie in %s itself", path,
                  dir);
    else if (data_image_foreign(name))
        error_set(error, "%s: images are read as .png, .jpg or .jpeg; convert or remove it", path);
    else
        error_set(error, "%s: not named as an image is, .png, .jpg or .jpeg; remove it", path);
    memory_free(path);
    return false;
}

// Leaves out what is known to be no image; what else is there might have been meant.
static bool list_class(Class *class, Error *error) {
    Names all = {0};
    bool ok = list(class->dir, false, &all, error);
    for (size_t i = 0; ok && i < all.count; i++) {
        char **name = &all.name[i];
        if (is_stray(*name)) continue;
        if (!data_image_named(*name)) {
            ok = refuse_file(class->dir, *name, error);
            continue;
        }
        Names *files = &class->files;
        files->name = memory_grow(files->name, files->count, &files->capacity, sizeof *files->name);
        files->name[files->count++] = *name;
        *name = NULL;
    }
    names_free(&all);
    if (!ok) return false;
    return class->files.count > 0 ||
           error_set(error, "%s: a class without images; remove the folder, or put them in",
                     class->dir);
}

// Images beside the folders of classes have no class.
static bool check_beside(const char *dir, Error *error) {
    Names all = {0};
    bool ok = list(dir, false, &all, error);
    for (size_t i = 0; ok && i < all.count; i++) {
        if (!data_image_named(all.name[i]) && !data_image_foreign(all.name[i])) continue;
        char *path = file_join(dir, all.name[i]);
        if (!file_is_folder(path))
            ok = error_set(error, "%s: an image beside the folders of classes; which is its class?",
                           path);
        memory_free(path);
    }
    names_free(&all);
    return ok;
}

static bool list_side(const char *dir, Side *side, Error *error) {
    if (!list(dir, true, &side->classes, error) || !check_beside(dir, error)) return false;
    side->of = memory_new(side->classes.count + 1, sizeof *side->of);
    for (size_t c = 0; c < side->classes.count; c++) {
        side->of[c].dir = file_join(dir, side->classes.name[c]);
        if (!list_class(&side->of[c], error)) return false;
        side->images += side->of[c].files.count;
    }
    return true;
}

// ---- reading ----

// What the images of both sides share.
typedef struct Reading {
    const Folder *parameters;
    size_t height, width, channels; // height 0: no image was read yet
    char *first;                    // whose size is the size of all
    const Names *classes;           // of the training side
} Reading;

// An image as it is in its file, or resized.
static bool read_image(const Reading *reading, const char *path, DataImage *image, Error *error) {
    size_t size = (size_t)reading->parameters->size;
    DataImage resized;
    if (!data_read_image(path, reading->channels, image, error)) return false;
    if (size == 0) return true;
    bool ok = data_resize(image, size, &resized, error);
    memory_free(image->pixel);
    image->pixel = NULL;
    if (!ok) return error_prefix(error, "%s", path);
    ok = data_crop(&resized, size, size, image, error);
    memory_free(resized.pixel);
    return ok;
}

static bool check_size(const Reading *reading, const char *path, const DataImage *image,
                       Error *error) {
    if (image->height == reading->height && image->width == reading->width) return true;
    return error_set(error, "%s: %zux%zu pixels, but %s has %zux%zu; size=N makes all of them NxN",
                     path, image->width, image->height, reading->first, reading->width,
                     reading->height);
}

static bool fill_row(Reading *reading, const char *path, float *x, Error *error) {
    static const float zero[3] = {0}, one[3] = {1, 1, 1};
    DataImage image;
    if (!read_image(reading, path, &image, error)) return false;
    bool ok = check_size(reading, path, &image, error);
    if (ok) data_normalise(&image, zero, one, x);
    memory_free(image.pixel);
    return ok;
}

// The size of the first image is what all must have.
static bool read_first(Reading *reading, const Side *side, Error *error) {
    DataImage image;
    reading->first = file_join(side->of[0].dir, side->of[0].files.name[0]);
    if (!read_image(reading, reading->first, &image, error)) return false;
    reading->height = image.height, reading->width = image.width;
    memory_free(image.pixel);
    return true;
}

// The number of a class by its name; of the test side a class that nobody trains on is refused.
static bool number_class(const Reading *reading, const Side *side, size_t c, int32_t *number,
                         Error *error) {
    const char *const *name =
        bsearch(&side->classes.name[c], reading->classes->name, reading->classes->count,
                sizeof *reading->classes->name, compare);
    if (!name) return error_set(error, "%s: a class without training images", side->of[c].dir);
    *number = (int32_t)(name - (const char *const *)reading->classes->name);
    return true;
}

static bool read_side(Reading *reading, const Side *side, LoadPart *part, Error *error) {
    size_t d = reading->height * reading->width * reading->channels, row = 0;
    if (!load_part_new(part, side->images, d, 0, error)) return false;
    for (size_t c = 0; c < side->classes.count; c++) {
        int32_t label = 0;
        if (!number_class(reading, side, c, &label, error)) return false;
        for (size_t i = 0; i < side->of[c].files.count; i++, row++) {
            char *path = file_join(side->of[c].dir, side->of[c].files.name[i]);
            bool ok = fill_row(reading, path, part->x + row * d, error);
            memory_free(path);
            if (!ok) return false;
            part->label[row] = label;
        }
    }
    return true;
}

// ---- the set ----

static void describe(DataSet *set, const Reading *reading) {
    set->rank = 3;
    set->size[0] = (int64_t)reading->height, set->size[1] = (int64_t)reading->width;
    set->size[2] = (int64_t)reading->channels;
    set->d = reading->height * reading->width * reading->channels;
    set->is_pixels = true;
    set->shorter = (size_t)reading->parameters->size;
    set->classes = (int)reading->classes->count;
    set->class_name = memory_new(reading->classes->count, sizeof *set->class_name);
    for (int c = 0; c < set->classes; c++)
        set->class_name[c] = memory_text(reading->classes->name[c]);
}

// test_dir NULL: a holdout, if any.
static bool read_sides(DataSet *set, Reading *reading, const char *train_dir, const char *test_dir,
                       Side *side, Error *error) {
    const Folder *parameters = reading->parameters;
    LoadPart train = {0}, test = {0};
    if (!list_side(train_dir, &side[0], error)) return false;
    if (side[0].classes.count < 2 || side[0].classes.count > LOAD_CLASSES)
        return error_set(error, "%s: %zu folders; a folder for each class is expected, 2 to %d",
                         train_dir, side[0].classes.count, LOAD_CLASSES);
    reading->classes = &side[0].classes;
    bool ok = (!test_dir || list_side(test_dir, &side[1], error)) &&
              read_first(reading, &side[0], error) && read_side(reading, &side[0], &train, error) &&
              (!test_dir || read_side(reading, &side[1], &test, error));
    if (ok) {
        describe(set, reading);
        if (test_dir)
            load_take(set, &train, &test);
        else
            ok = load_split(set, &train, parameters->holdout, parameters->seed, error);
    }
    load_part_free(&train);
    load_part_free(&test);
    return ok && load_standardise(set, parameters->standardise, error);
}

// dir/name where that is a folder, or NULL.
static char *folder_in(const char *dir, const char *name) {
    char *path = file_join(dir, name);
    if (file_is_folder(path)) return path;
    memory_free(path);
    return NULL;
}

static bool load_dir(DataSet *set, const Folder *parameters, const char *dir, Error *error) {
    char *train = folder_in(dir, "train"), *test = train ? folder_in(dir, "test") : NULL;
    if (train && !test) test = folder_in(dir, "val");
    Reading reading = {.parameters = parameters,
                       .channels = parameters->colour == COLOUR_GREY ? 1 : 3};
    Side side[2] = {0};
    bool ok = !(test && parameters->holdout > 0) ||
              error_set(error, "%s: holdout, but there is a folder %s", set->spec, test);
    ok = ok && read_sides(set, &reading, train ? train : dir, test, side, error);
    side_free(&side[0]);
    side_free(&side[1]);
    memory_free(reading.first);
    memory_free(train);
    memory_free(test);
    return ok;
}

static bool load(DataSet *set, const void *values, Error *error) {
    const Folder *parameters = values;
    if (!*parameters->dir) return error_set(error, "%s: give dir=FOLDER", set->spec);
    char *dir = load_find(parameters->dir, error);
    bool ok = dir && load_dir(set, parameters, dir, error);
    memory_free(dir);
    return ok;
}

const DataKind data_folder = {
    .name = "folder",
    .form = "folder:dir=FOLDER[,size=0,colour=rgb,standardise=channel,holdout=0,seed=0]",
    .help = "PNG and JPEG images, a folder for each class, pixels / 255",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .bytes = sizeof(Folder),
    .load = load,
};
