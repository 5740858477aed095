// Data meet a network: axes are compared, not only the number of values.
#include "help.h"

static Shape shape_of(int rank, int64_t a, int64_t b, int64_t c) {
    return (Shape){rank, {a, b, c}};
}

static bool set_fits(const Shape *example, const char *spec, const Shape *input, Error *error) {
    char name[64];
    snprintf(name, sizeof name, "%s", spec);
    DataSet set = {.spec = name, .rank = example->rank};
    for (int i = 0; i < 3; i++) set.size[i] = example->size[i];
    return data_fits(&set, input, error);
}

static void accepted(Shape example, Shape input) {
    Error error = {0};
    if (!set_fits(&example, "set", &input, &error)) ck_abort_msg("%s", error.text);
}

static void refused(Shape example, const char *spec, Shape input, const char *message) {
    Error error = {0};
    ck_assert(!set_fits(&example, spec, &input, &error));
    ck_assert_str_eq(error.text, message);
}

START_TEST(equal_axes_and_no_axes_fit) {
    accepted(shape_of(3, 32, 19, 3), shape_of(3, 32, 19, 3));
    accepted(shape_of(3, 32, 19, 3), shape_of(1, 32 * 19 * 3, 0, 0)); // a flat input
    accepted(shape_of(2, 19, 7, 0), shape_of(2, 19, 7, 0));
    accepted(shape_of(2, 19, 7, 0), shape_of(3, 19, 1, 7)); // sizes of 1 are no axes
    accepted(shape_of(3, 1, 19, 7), shape_of(2, 19, 7, 0));
    accepted(shape_of(1, 40, 0, 0), shape_of(1, 40, 0, 0));
    accepted(shape_of(1, 40, 0, 0), shape_of(2, 40, 1, 0));
    accepted(shape_of(1, 40, 0, 0), shape_of(3, 40, 1, 1));
    accepted(shape_of(1, 105, 0, 0), shape_of(3, 5, 7, 3)); // a vector has no axes
}
END_TEST

START_TEST(other_axes_are_refused_with_what_to_write) {
    refused(shape_of(3, 32, 32, 3), "cifar10", shape_of(3, 3, 32, 32),
            "the network takes 3x32x32, but cifar10 has examples of 32x32x3 (height x width x "
            "channels); write input 32x32x3, or input 3072");
    refused(shape_of(3, 32, 32, 3), "cifar10", shape_of(3, 32, 3, 32),
            "the network takes 32x3x32, but cifar10 has examples of 32x32x3 (height x width x "
            "channels); write input 32x32x3, or input 3072");
    refused(shape_of(3, 28, 28, 1), "mnist", shape_of(2, 28, 28, 0),
            "the network takes 28x28, but mnist has examples of 28x28x1 (height x width x "
            "channels); write input 28x28x1, or input 784");
    refused(shape_of(3, 32, 32, 3), "cifar10", shape_of(2, 1024, 3, 0),
            "the network takes 1024x3, but cifar10 has examples of 32x32x3 (height x width x "
            "channels); write input 32x32x3, or input 3072");
    refused(shape_of(2, 19, 7, 0), "sets", shape_of(2, 7, 19, 0),
            "the network takes 7x19, but sets has examples of 19x7 (length x channels); write "
            "input 19x7, or input 133");
    refused(shape_of(1, 40, 0, 0), "mnist1d", shape_of(1, 41, 0, 0),
            "the network takes 41 inputs, but mnist1d has 40 features; write input 40");
    refused(shape_of(3, 28, 28, 1), "mnist", shape_of(3, 32, 32, 1),
            "the network takes 1024 inputs, but mnist has 784 features, 28x28x1; write input "
            "28x28x1, or input 784");
}
END_TEST

// (n, 16, 16, 3) in the file is read as 16 channels of 16 rows and 3 columns.
START_TEST(channels_last_is_named) {
#define LAST                                                                                       \
    "an .npy file of images is (n, channels, height, width), but this one seems to have its "      \
    "channels last: x.transpose(0, 3, 1, 2) in NumPy turns it"
    refused(shape_of(3, 16, 3, 16), "npy:dir=d", shape_of(3, 16, 16, 3),
            "the network takes 16x16x3, but npy:dir=d has examples of 16x3x16 (height x width x "
            "channels); " LAST);
    refused(shape_of(3, 5, 7, 9), "npy:dir=d", shape_of(3, 9, 5, 7), // a shape of no image
            "the network takes 9x5x7, but npy:dir=d has examples of 5x7x9 (height x width x "
            "channels); " LAST);
    refused(shape_of(3, 16, 3, 16), "npy:dir=d", shape_of(3, 16, 16, 1),
            "the network takes 256 inputs, but npy:dir=d has 768 features, 16x3x16; " LAST);
    refused(shape_of(3, 3, 100, 1), "npy:dir=d", shape_of(2, 100, 3, 0),
            "the network takes 100x3, but npy:dir=d has examples of 3x100x1 (height x width x "
            "channels); write input 3x100x1 for images; signals of several channels are (n, "
            "channels, 1, length): x[:, :, None, :] in NumPy");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/fits");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, equal_axes_and_no_axes_fit);
    tcase_add_test(tests, other_axes_are_refused_with_what_to_write);
    tcase_add_test(tests, channels_last_is_named);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
