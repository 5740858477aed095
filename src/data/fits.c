// Do examples fit a network? The number of values alone does not say so: 3x32x32 has as many as
// 32x32x3.
#include "data/data.h"
#include "data/load.h"

// What the axes come down to: those along which positions lie, without sizes of 1, and channels.
typedef struct Axes {
    int places;
    int64_t place[3], channels;
} Axes;

static Axes axes_of(const Shape *shape) {
    int places = shape->rank > 1 ? shape->rank - 1 : shape->rank;
    Axes axes = {.channels = shape->rank > 1 ? shape->size[places] : 1};
    for (int i = 0; i < places; i++) {
        if (shape->size[i] != 1) axes.place[axes.places++] = shape->size[i];
    }
    return axes;
}

static bool fits(const Shape *example, const Shape *input) {
    Axes has = axes_of(example), takes = axes_of(input);
    if (shape_count(example) != shape_count(input)) return false;
    if (input->rank == 1 || example->rank == 1) return true;
    bool same = has.places == takes.places && has.channels == takes.channels;
    for (int i = 0; same && i < has.places; i++) same = has.place[i] == takes.place[i];
    return same;
}

// The shape that a file of such examples has in NumPy.
static void add_file_shape(Text *text, const Shape *shape) {
    const int64_t *size = shape->size;
    long long first = (long long)size[shape->rank - 1], height = (long long)size[0];
    if (shape->rank == 1) text_printf(text, "(n, %lld)", height);
    if (shape->rank == 2) text_printf(text, "(n, %lld, 1, %lld)", first, height);
    if (shape->rank == 3)
        text_printf(text, "(n, %lld, %lld, %lld)", first, height, (long long)size[1]);
}

static const char CHANNELS_LAST[] =
    "an .npy file of images is (n, channels, height, width), but this one seems to have its "
    "channels last: x.transpose(0, 3, 1, 2) in NumPy turns it";

bool load_channels_last(const Shape *example) {
    const int64_t *has = example->size;
    return example->rank == 3 && (has[1] == 1 || has[1] == 3 || has[1] == 4) && has[0] > has[1] &&
           has[2] > 4;
}

// A file (n, has[2], has[0], has[1]) would fit if its last axis were taken for the channels.
static bool seems_turned(const Shape *example, const Shape *input) {
    const int64_t *has = example->size, *takes = input->size;
    if (example->rank != 3) return false;
    return load_channels_last(example) ||
           (input->rank == 3 && has[2] == takes[0] && has[0] == takes[1] && has[1] == takes[2]);
}

static void add_advice(Text *text, const Shape *example, const Shape *input, bool npy, bool fixed) {
    long long count = (long long)shape_count(example);
    if (npy && seems_turned(example, input)) {
        text_add(text, CHANNELS_LAST);
    } else if (fixed) {
        text_add(text, "the file's shape should be ");
        add_file_shape(text, input);
    } else if (npy && example->rank == 3 && example->size[2] == 1 && input->rank == 2) {
        text_printf(text, "write input %lldx%lldx1 for images; signals of several channels are ",
                    (long long)example->size[0], (long long)example->size[1]);
        text_add(text, "(n, channels, 1, length): x[:, :, None, :] in NumPy");
    } else {
        text_add(text, "write input ");
        shape_print(example, text);
        if (example->rank > 1) text_printf(text, ", or input %lld", count);
    }
}

// who: "cifar10 has". fixed: the network cannot be written anew.
static bool check(const char *who, const Shape *example, const Shape *input, bool npy, bool fixed,
                  Error *error) {
    static const char *const axes[] = {"", "", " (length x channels)",
                                       " (height x width x channels)"};
    if (fits(example, input)) return true;
    Text takes = {0}, has = {0}, advice = {0};
    shape_print(input, &takes);
    shape_print(example, &has);
    add_advice(&advice, example, input, npy, fixed);
    long long inputs = (long long)shape_count(input), features = (long long)shape_count(example);
    if (inputs == features)
        error_set(error, "the network takes %s, but %s examples of %s%s; %s", takes.data, who,
                  has.data, axes[example->rank], advice.data);
    else if (example->rank == 1)
        error_set(error, "the network takes %lld inputs, but %s %lld features; %s", inputs, who,
                  features, advice.data);
    else
        error_set(error, "the network takes %lld inputs, but %s %lld features, %s; %s", inputs, who,
                  features, has.data, advice.data);
    text_free(&takes);
    text_free(&has);
    text_free(&advice);
    return false;
}

bool data_fits(const DataSet *set, const Shape *input, Error *error) {
    Shape example = {set->rank, {set->size[0], set->size[1], set->size[2]}};
    Text who = {0};
    text_printf(&who, "%s has", set->spec);
    bool ok = check(who.data, &example, input, text_starts(set->spec, "npy:"), false, error);
    text_free(&who);
    return ok;
}

bool data_file_fits(const DataFile *file, const Shape *input, Error *error) {
    return check("a row has", &file->row, input, true, true, error) ||
           error_prefix(error, "%s", file->path);
}
