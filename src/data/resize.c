// From photos to what networks take. The resampling is that of Pillow (its file Resample.c says how
// it works), so that networks see the pixels that they were trained on.
#include "data/image.h"
#include <math.h>
#include <string.h>

// Weights are whole numbers with this many bits behind the point: 255 times their sum fits 31 bits.
enum { BITS = 22 };

// Output i is the sum over k < count[i] of weight[i][k] times input first[i] + k.
typedef struct Filter {
    size_t outputs, most;
    uint32_t *first, *count; // (outputs)
    int32_t *weight;         // (outputs, most)
} Filter;

static void filter_free(Filter *filter) {
    memory_free(filter->first);
    memory_free(filter->count);
    memory_free(filter->weight);
}

// A triangle around the place of output i, as wide as an output pixel is or an input pixel, if that
// is wider; the part of it inside the image has weight 1.
static void fill_output(Filter *filter, size_t i, size_t inputs, double *w) {
    double scale = (double)inputs / (double)filter->outputs, width = fmax(scale, 1);
    double centre = ((double)i + 0.5) * scale, sum = 0;
    double low = trunc(centre - width + 0.5), high = trunc(centre + width + 0.5);
    size_t first = low > 0 ? (size_t)low : 0;
    size_t end = high < (double)inputs ? (size_t)high : inputs;
    filter->first[i] = (uint32_t)first;
    filter->count[i] = (uint32_t)(end - first);
    REQUIRE(end - first <= filter->most);
    for (size_t k = 0; k < end - first; k++) {
        w[k] = fmax(1 - fabs(((double)(first + k) - centre + 0.5) / width), 0);
        sum += w[k];
    }
    for (size_t k = 0; k < end - first; k++)
        filter->weight[i * filter->most + k] = (int32_t)(0.5 + w[k] / sum * (1 << BITS));
}

static bool filter_new(Filter *filter, size_t inputs, size_t outputs, Error *error) {
    double width = fmax((double)inputs / (double)outputs, 1);
    *filter = (Filter){.outputs = outputs, .most = 2 * (size_t)ceil(width) + 1};
    filter->first = memory_try(outputs, sizeof *filter->first, "weights of resizing", error);
    filter->count = memory_try(outputs, sizeof *filter->count, "weights of resizing", error);
    filter->weight =
        memory_try(outputs * filter->most, sizeof *filter->weight, "weights of resizing", error);
    double *w = memory_try(filter->most, sizeof *w, "weights of resizing", error);
    bool ok = filter->first && filter->count && filter->weight && w;
    for (size_t i = 0; ok && i < outputs; i++) fill_output(filter, i, inputs, w);
    memory_free(w);
    if (!ok) filter_free(filter);
    return ok;
}

// (outer, inputs, inner) bytes become (outer, outputs, inner) bytes.
static void apply(const Filter *filter, const uint8_t *from, size_t outer, size_t inputs,
                  size_t inner, uint8_t *to) {
    for (size_t o = 0; o < outer; o++, from += inputs * inner) {
        for (size_t i = 0; i < filter->outputs; i++) {
            const int32_t *weight = filter->weight + i * filter->most;
            const uint8_t *x = from + filter->first[i] * inner;
            for (size_t j = 0; j < inner; j++) {
                int32_t sum = 1 << (BITS - 1);
                for (size_t k = 0; k < filter->count[i]; k++) sum += weight[k] * x[k * inner + j];
                int32_t value = sum >> BITS;
                *to++ = (uint8_t)(value < 255 ? value : 255);
            }
        }
    }
}

// Resamples one axis, `inputs` long in a block of (outer, inputs, inner) bytes. An axis that keeps
// its length keeps its bytes: the weights are 1 and 0.
static bool resample(const uint8_t *from, size_t outer, size_t inputs, size_t inner, size_t outputs,
                     uint8_t *to, Error *error) {
    Filter filter;
    if (!filter_new(&filter, inputs, outputs, error)) return false;
    apply(&filter, from, outer, inputs, inner, to);
    filter_free(&filter);
    return true;
}

bool data_resize(const DataImage *from, size_t shorter, DataImage *to, Error *error) {
    size_t height = from->height, width = from->width, channels = from->channels;
    *to = (DataImage){0};
    if (shorter == 0 || shorter > IMAGE_PIXELS)
        return error_set(error, "%zu pixels for the shorter side; 1 up are possible", shorter);
    size_t new_width = width <= height ? shorter : shorter * width / height;
    size_t new_height = width <= height ? shorter * height / width : shorter;
    DataImage between = {0}; // first across, then down
    bool ok =
        image_new(to, new_height, new_width, channels, error) &&
        image_new(&between, height, new_width, channels, error) &&
        resample(from->pixel, height, width, channels, new_width, between.pixel, error) &&
        resample(between.pixel, 1, height, new_width * channels, new_height, to->pixel, error);
    memory_free(between.pixel);
    if (ok) return true;
    memory_free(to->pixel);
    *to = (DataImage){0};
    return false;
}

// Where a window of `wanted` begins in `there` pixels: half a pixel goes to the even side.
static ptrdiff_t middle(size_t there, size_t wanted) {
    if (wanted > there) return -(ptrdiff_t)((wanted - there) / 2);
    size_t rest = there - wanted, half = rest / 2;
    return (ptrdiff_t)(half + (rest % 2 && half % 2));
}

bool data_crop(const DataImage *from, size_t height, size_t width, DataImage *to, Error *error) {
    if (!image_new(to, height, width, from->channels, error)) return false;
    ptrdiff_t top = middle(from->height, height), left = middle(from->width, width);
    size_t channels = from->channels, skip = left < 0 ? (size_t)-left : 0;
    size_t first = left < 0 ? 0 : (size_t)left;
    size_t count = width < from->width ? width : from->width;
    for (size_t i = 0; i < height; i++) {
        ptrdiff_t row = (ptrdiff_t)i + top;
        if (row < 0 || row >= (ptrdiff_t)from->height) continue;
        memcpy(to->pixel + (i * width + skip) * channels,
               from->pixel + ((size_t)row * from->width + first) * channels, count * channels);
    }
    return true;
}

void data_normalise(const DataImage *image, const float *mean, const float *sd, float *x) {
    size_t plane = image->height * image->width;
    for (size_t c = 0; c < image->channels; c++) {
        for (size_t i = 0; i < plane; i++)
            *x++ = ((float)image->pixel[i * image->channels + c] / 255.0F - mean[c]) / sd[c];
    }
}

const DataRecipe data_imagenet = {
    256, 224, 224, 3, {0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}};

bool data_prepare_image(const char *path, const DataRecipe *recipe, float *x, Error *error) {
    DataImage image, resized = {0}, cropped = {0};
    if (!data_read_image(path, recipe->channels, &image, error)) return false;
    const bool fits = image.height == recipe->height && image.width == recipe->width;
    const bool whole = fits && recipe->shorter == 0;
    const size_t larger = recipe->height > recipe->width ? recipe->height : recipe->width;
    bool ok = whole ||
              (data_resize(&image, recipe->shorter ? recipe->shorter : larger, &resized, error) &&
               data_crop(&resized, recipe->height, recipe->width, &cropped, error)) ||
              error_prefix(error, "%s", path);
    if (ok) data_normalise(whole ? &image : &cropped, recipe->mean, recipe->sd, x);
    memory_free(image.pixel);
    memory_free(resized.pixel);
    memory_free(cropped.pixel);
    return ok;
}
