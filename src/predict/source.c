// Where images come from.
#include "predict/inner.h"
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add_source(PredictSources *sources, PredictSource source) {
    sources->item =
        memory_grow(sources->item, sources->count, &sources->capacity, sizeof *sources->item);
    sources->item[sources->count++] = source;
}

// ---- .npy ----

static bool add_rows(const Net *net, const char *path, PredictSources *sources, Error *error) {
    DataFile *file = data_file_open(path, error);
    if (!file) return false;
    sources->file =
        memory_grow(sources->file, sources->files, &sources->file_capacity, sizeof *sources->file);
    sources->file[sources->files++] = file;
    bool fits = data_file_fits(file, &net->input, error);
    for (size_t row = 0; fits && row < file->rows; row++) {
        Text name = {0};
        text_printf(&name, "%s[%zu]", path, row);
        add_source(sources, (PredictSource){name.data, file, row});
    }
    return fits;
}

static bool read_row(const PredictSource *source, size_t d, float *x, Error *error) {
    double *row = memory_try(d, sizeof *row, source->name, error);
    if (!row) return false;
    bool finite = true;
    data_file_read(source->file, source->row, 1, 0, d, row);
    for (size_t i = 0; i < d; i++) {
        x[i] = (float)row[i];
        finite = finite && isfinite(x[i]);
    }
    memory_free(row);
    return finite || error_set(error, "%s: a number that is not finite", source->name);
}

// ---- image files ----

static int by_name(const void *a, const void *b) {
    return strcmp(((const PredictSource *)a)->name, ((const PredictSource *)b)->name);
}

static bool add_folder(const char *path, PredictSources *sources, Error *error) {
    const size_t from = sources->count;
    bool foreign = false;
    DIR *folder = opendir(path);
    if (!folder) return error_set(error, "%s: cannot open: %s", path, strerror(errno));
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.') continue;
        if (data_image_named(entry->d_name))
            add_source(sources, (PredictSource){.name = file_join(path, entry->d_name)});
        if (data_image_foreign(entry->d_name)) {
            foreign = true;
            error_set(error, "%s/%s: images are read as .png, .jpg or .jpeg; convert or remove it",
                      path, entry->d_name);
        }
    }
    closedir(folder);
    if (foreign) return false;
    if (sources->count == from)
        return error_set(error, "%s: no image (.png, .jpg, .jpeg) is in this folder", path);
    qsort(sources->item + from, sources->count - from, sizeof *sources->item, by_name);
    return true;
}

static bool takes_images(const Shape *input, Error *error) {
    if (input->rank == 3 && (input->size[2] == 1 || input->size[2] == 3)) return true;
    Text shape = {0};
    shape_print(input, &shape);
    error_set(error,
              "the network takes %s, and an image is heightxwidthx3 or heightxwidthx1; its inputs "
              "can be given as rows of an .npy file",
              shape.data);
    text_free(&shape);
    return false;
}

// ---- all of them ----

bool predict_find(const Predictor *predictor, const char *const *path, size_t paths,
                  PredictSources *sources, Error *error) {
    const Net *net = predictor->net;
    for (size_t i = 0; i < paths; i++) {
        if (text_ends_in(path[i], ".npy")) {
            if (!add_rows(net, path[i], sources, error)) return false;
            continue;
        }
        if (!takes_images(&predictor->preparation.image, error)) return false;
        if (!file_is_folder(path[i])) {
            add_source(sources, (PredictSource){.name = memory_text(path[i])});
        } else if (!add_folder(path[i], sources, error)) {
            return false;
        }
    }
    return true;
}

void predict_sources_free(PredictSources *sources) {
    for (size_t i = 0; i < sources->count; i++) memory_free(sources->item[i].name);
    for (size_t i = 0; i < sources->files; i++) data_file_close(sources->file[i]);
    memory_free(sources->item);
    memory_free(sources->file);
    *sources = (PredictSources){0};
}

bool predict_read(const Predictor *predictor, const PredictSource *source, float *x, Error *error) {
    const Preparation *preparation = &predictor->preparation;
    if (!source->file) return prepare_image(preparation, source->name, x, error);
    if (!read_row(source, (size_t)shape_count(&predictor->net->input), x, error)) return false;
    prepare_row(preparation, predictor->net, x);
    return true;
}
