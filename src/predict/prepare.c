// What stands between an image, or a row of numbers, and the network: as in training where the file
// of weights says so, else as given or as assumed.
#include "predict/inner.h"
#include <math.h>
#include <string.h>

static const char *const HOW[] = {[PREPARED_NOT] = NULL,
                                  [PREPARED_AS_THEY_ARE] = "as they are",
                                  [PREPARED_AS_TRAINED] = "as in training",
                                  [PREPARED_AS_GIVEN] = "as given",
                                  [PREPARED_AS_ASSUMED] = "assumed"};

const char *prepare_word(PredictHow how) {
    return HOW[how];
}

// Means and deviations of channels work for images of every size, those of features for one.
static bool check_shape(Preparation *p, const Net *net, const char *file, Error *error) {
    DataSet *trained = &p->trained;
    const size_t d = (size_t)shape_count(&net->input);
    const bool channels = trained->rank == 3 && net->input.rank == 3 &&
                          trained->size[2] == net->input.size[2] &&
                          (trained->blocks <= 1 || trained->blocks == (size_t)trained->size[2]);
    if (trained->d != d && !channels) {
        Text shape = {0};
        shape_print(&net->input, &shape);
        error_set(error, "%s: its data had %zu numbers an example, but the network takes %s", file,
                  trained->d, shape.data);
        text_free(&shape);
        return false;
    }
    trained->d = d;
    return true;
}

static void take_image_shape(Preparation *p, const Net *net) {
    const DataSet *trained = &p->trained;
    const bool same = p->knows && trained->rank == 3;
    p->image = net->input;
    if (net->input.rank == 3 || !same) return;
    p->image.rank = 3; // `input 3072` of what were images
    for (int i = 0; i < 3; i++) p->image.size[i] = trained->size[i];
}

static size_t shorter_side(const Preparation *p, const PredictOptions *options) {
    const Shape *image = &p->image;
    const bool photo = image->rank == 3 && image->size[0] == (int64_t)data_imagenet.height &&
                       image->size[1] == image->size[0];
    if (options->shorter) return options->shorter;
    if (p->knows) return p->trained.shorter;
    return photo ? data_imagenet.shorter : 0; // torchvision's way for what was trained on 224x224
}

static void take_moments(Preparation *p, const PredictOptions *options) {
    for (int c = 0; c < PREDICT_CHANNELS; c++) p->mean[c] = 0, p->sd[c] = 1;
    if (options->has_moments) {
        memcpy(p->mean, options->mean, sizeof p->mean);
        memcpy(p->sd, options->sd, sizeof p->sd);
    } else if (!p->knows && p->image.rank == 3 && p->image.size[2] == 3) {
        memcpy(p->mean, data_imagenet.mean, sizeof p->mean);
        memcpy(p->sd, data_imagenet.sd, sizeof p->sd);
    }
}

bool prepare_open(const PredictOptions *options, const Net *net, const char *input, Preparation *p,
                  Error *error) {
    p->knows = input != NULL;
    p->given = options->has_moments;
    p->file = options->weights;
    if (input && !data_input_read(input, &p->trained, error))
        return error_prefix(error, "%s: byte 8", p->file);
    if (input && !check_shape(p, net, p->file, error)) return false;
    take_image_shape(p, net);
    p->shorter = shorter_side(p, options);
    take_moments(p, options);
    return true;
}

void prepare_close(Preparation *p) {
    data_input_free(&p->trained);
}

PredictHow prepare_images(const Preparation *p) {
    if (p->given) return PREPARED_AS_GIVEN;
    return p->knows && p->trained.is_pixels ? PREPARED_AS_TRAINED : PREPARED_AS_ASSUMED;
}

// Rows are what the file that a network was trained on had; of images they are what it takes.
PredictHow prepare_rows(const Preparation *p) {
    if (!p->knows || p->trained.is_pixels || !p->trained.blocks) return PREPARED_AS_THEY_ARE;
    return p->given ? PREPARED_AS_GIVEN : PREPARED_AS_TRAINED;
}

bool prepare_image(const Preparation *p, const char *path, float *x, Error *error) {
    DataRecipe recipe = {.shorter = p->shorter,
                         .height = (size_t)p->image.size[0],
                         .width = (size_t)p->image.size[1],
                         .channels = (size_t)p->image.size[2]};
    memcpy(recipe.mean, p->mean, sizeof recipe.mean);
    memcpy(recipe.sd, p->sd, sizeof recipe.sd);
    if (!data_prepare_image(path, &recipe, x, error)) return false;
    if (p->knows && !p->given) data_standardise(&p->trained, x, 1);
    return true;
}

void prepare_row(const Preparation *p, const Net *net, float *x) {
    const PredictHow how = prepare_rows(p);
    const size_t d = (size_t)shape_count(&net->input);
    const size_t channels = net->input.rank == 3 ? (size_t)net->input.size[2] : 1;
    if (how == PREPARED_AS_TRAINED) data_standardise(&p->trained, x, 1);
    for (size_t i = 0; how == PREPARED_AS_GIVEN && i < d; i++) {
        size_t c = channels == PREDICT_CHANNELS ? i / (d / channels) : 0;
        x[i] = (x[i] - p->mean[c]) / p->sd[c];
    }
}

// ---- in words ----

static void add_numbers(const char *before, const double *value, size_t count, Text *text) {
    text_add(text, before);
    for (size_t i = 0; i < count; i++) text_printf(text, "%s%.4g", i ? ", " : " ", value[i]);
}

size_t prepare_moments(const Preparation *p, bool images, double *mean, double *sd) {
    const bool trained = p->knows && !p->given;
    const size_t channels = p->image.rank == 3 ? (size_t)p->image.size[2] : 1;
    const PredictHow how = images ? prepare_images(p) : prepare_rows(p);
    if (how == PREPARED_AS_THEY_ARE) return 0;
    size_t count = trained ? p->trained.blocks : channels;
    bool plain = !trained;
    for (size_t i = 0; i < count && i < PREDICT_CHANNELS; i++) {
        mean[i] = trained ? p->trained.mean[i] : (double)p->mean[i];
        sd[i] = trained ? p->trained.sd[i] : (double)p->sd[i];
        plain = plain && mean[i] == 0 && sd[i] == 1;
    }
    return plain ? 0 : count;
}

static void say_moments(const Preparation *p, bool images, Text *text) {
    double mean[PREDICT_CHANNELS], sd[PREDICT_CHANNELS];
    size_t count = prepare_moments(p, images, mean, sd);
    if (count > PREDICT_CHANNELS) {
        text_printf(text, "standardised by %zu means and deviations", count);
    } else if (count) {
        add_numbers("minus", mean, count, text);
        add_numbers(", divided by", sd, count, text);
    }
    if (count) text_add(text, ", ");
}

static void say_source(const Preparation *p, PredictHow how, Text *text) {
    text_add(text, HOW[how]);
    if (how == PREPARED_AS_TRAINED) {
        text_add(text, " on ");
        text_add_tame(text, p->trained.spec);
    } else if (how == PREPARED_AS_ASSUMED && p->knows) {
        text_add(text, ": it was trained on numbers and not on pixels, ");
        text_add_tame(text, p->trained.spec);
    } else if (how == PREPARED_AS_ASSUMED) {
        text_add(text, p->image.size[2] == 3 ? ": these are ImageNet's, since " : ", since ");
        text_add_tame(text, p->file);
        text_add(text, " does not say how its images were prepared; --mean and --std do");
    }
    text_add(text, "\n");
}

void prepare_say(const Preparation *p, bool images, bool rows, Text *text) {
    if (images) {
        text_add(text, "images: ");
        if (p->shorter) text_printf(text, "the shorter side of %zu pixels, ", p->shorter);
        text_add(text, "pixels / 255, ");
        say_moments(p, true, text);
        say_source(p, prepare_images(p), text);
    }
    if (rows) {
        text_add(text, "rows: ");
        say_moments(p, false, text);
        say_source(p, prepare_rows(p), text);
    }
}
