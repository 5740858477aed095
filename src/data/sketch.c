#include "data/load.h"

static const char *const shades[] = {" ", "░", "▒", "▓", "█"};
static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

// The step of `count` steps between low and high that value is on.
static int step_of(double value, const Moments *range, int count) {
    double span = range->high - range->low;
    int step = span > 0 ? (int)((value - range->low) / span * count) : 0;
    return step < count ? step : count - 1;
}

// An image as the mean of its channels.
static void sketch_image(const DataSet *set, const float *x, Text *text) {
    size_t width = (size_t)set->size[1], plane = (size_t)set->size[0] * width;
    float *grey = memory_new(plane, sizeof *grey);
    for (size_t k = 0; k < set->d; k++) grey[k % plane] += x[k] / (float)set->size[2];
    Moments range = load_moments(grey, 1, plane, plane);
    for (size_t k = 0; k < plane; k++) {
        const char *shade = shades[step_of((double)grey[k], &range, 5)];
        text_printf(text, "%s%s%s", shade, shade, (k + 1) % width ? "" : "\n");
    }
    memory_free(grey);
}

static void sketch_line(const DataSet *set, const float *x, Text *text) {
    enum { SHOWN = 100 };
    Moments range = load_moments(x, 1, set->d, set->d);
    for (size_t j = 0; j < set->d && j < SHOWN; j++)
        text_add(text, bars[step_of((double)x[j], &range, 8)]);
    text_add(text, set->d > SHOWN ? " ...\n" : "\n");
}

static void add_label(const DataSet *set, size_t row, Text *text) {
    int32_t label = set->y_train[row];
    text_printf(text, "example %zu: class %d", row, label);
    if (set->class_name) {
        text_add(text, ", ");
        text_add_tame(text, set->class_name[label]);
    }
    text_add(text, "\n");
}

void data_sketch(const DataSet *set, size_t row, Text *text) {
    REQUIRE(row < set->n_train);
    const float *x = set->x_train + row * set->d;
    if (set->y_train)
        add_label(set, row, text);
    else
        text_printf(text, "example %zu: target %g\n", row,
                    (double)set->t_train[row * set->outputs]);
    if (set->rank == 3)
        sketch_image(set, x, text);
    else
        sketch_line(set, x, text);
}
