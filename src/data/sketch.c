#include "data/load.h"

static const char *const shades[] = {" ", "░", "▒", "▓", "█"};
static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

// The step of `count` steps between low and high that value is on.
static int step_of(double value, const Moments *range, int count) {
    double span = range->high - range->low;
    int step = span > 0 ? (int)((value - range->low) / span * count) : 0;
    return step < count ? step : count - 1;
}

static void sketch_image(const DataSet *set, const float *x, Text *text) {
    int64_t height = set->size[0], width = set->size[1], channels = set->size[2];
    Moments range = load_moments(x, 1, set->d, set->d);
    for (int64_t i = 0; i < height; i++) {
        for (int64_t j = 0; j < width; j++) {
            double value = 0; // the mean of the channels
            for (int64_t c = 0; c < channels; c++)
                value += (double)x[(c * height + i) * width + j] / (double)channels;
            const char *shade = shades[step_of(value, &range, 5)];
            text_printf(text, "%s%s", shade, shade);
        }
        text_add(text, "\n");
    }
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
    if (set->class_name) text_printf(text, ", %s", set->class_name[label]);
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
