#include "help.h"
#include <math.h>

// Writes .npy files by the words of the format, not with our reader's help.
static size_t npy_bytes(unsigned char *out, const char *descr, bool fortran, const char *shape,
                        const void *values, size_t size) {
    char dictionary[256];
    int length = snprintf(dictionary, sizeof dictionary,
                          "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr,
                          fortran ? "True" : "False", shape);
    size_t header = ((size_t)length + 1 + 10 + 63) / 64 * 64 - 10;
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    out[8] = (unsigned char)header;
    out[9] = (unsigned char)(header >> 8);
    memset(out + 10, ' ', header);
    memcpy(out + 10, dictionary, (size_t)length);
    out[9 + header] = '\n';
    if (size) memcpy(out + 10 + header, values, size);
    return 10 + header + size;
}

static void write_npy(const char *path, const char *descr, bool fortran, const char *shape,
                      const void *values, size_t size) {
    unsigned char *bytes = memory_new(512 + size, 1);
    help_write(path, bytes, npy_bytes(bytes, descr, fortran, shape, values, size));
    memory_free(bytes);
}

static void write_pair(void) { // x (3, 2), y (3)
    const float x[] = {1.5F, -2, 3, 4.25F, 5, 6};
    const int64_t y[] = {0, 2, 1};
    write_npy("x.npy", "<f4", false, "(3, 2)", x, sizeof x);
    write_npy("y.npy", "<i8", false, "(3,)", y, sizeof y);
}

static DataMatrix read_matrix(const char *path) {
    DataMatrix matrix;
    Error error;
    if (!data_read_npy(path, &matrix, &error)) ck_abort_msg("%s", error.text);
    return matrix;
}

static void refused_matrix(const char *path, const char *beginning) {
    DataMatrix matrix;
    Error error = {0};
    ck_assert(!data_read_npy(path, &matrix, &error));
    if (strncmp(error.text, beginning, strlen(beginning)) != 0) ck_abort_msg("%s", error.text);
}

// The values 3, 200, 45 as every type, in both byte orders.
START_TEST(every_type_and_byte_order_is_read) {
    const struct {
        const char *descr;
        unsigned char bytes[24];
        size_t size;
    } cases[] = {
        {"|u1", {3, 200, 45}, 3},
        {"|b1", {1, 0, 1}, 3},
        {"<i2", {3, 0, 200, 0, 45, 0}, 6},
        {">u2", {0, 3, 0, 200, 0, 45}, 6},
        {"<i4", {3, 0, 0, 0, 200, 0, 0, 0, 45}, 12},
        {">u4", {0, 0, 0, 3, 0, 0, 0, 200, 0, 0, 0, 45}, 12},
        {">i8", {[7] = 3, [15] = 200, [23] = 45}, 24},
        {"<u8", {[0] = 3, [8] = 200, [16] = 45}, 24},
        {">f4", {0x40, 0x40, 0, 0, 0x43, 0x48, 0, 0, 0x42, 0x34}, 12},
        {"<f4", {0, 0, 0x40, 0x40, 0, 0, 0x48, 0x43, 0, 0, 0x34, 0x42}, 12},
        {">f8", {0x40, 0x08, [8] = 0x40, 0x69, [16] = 0x40, 0x46, 0x80}, 24},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_npy("m.npy", cases[i].descr, false, "(3,)", cases[i].bytes, cases[i].size);
        DataMatrix m = read_matrix("m.npy");
        bool is_bool = cases[i].descr[1] == 'b';
        ck_assert(m.rows == 3 && m.cols == 1);
        ck_assert_double_eq(m.x[0], is_bool ? 1 : 3);
        ck_assert_double_eq(m.x[1], is_bool ? 0 : 200);
        ck_assert_double_eq(m.x[2], is_bool ? 1 : 45);
        memory_free(m.x);
    }
    const int8_t negative[] = {-3, -128};
    write_npy("m.npy", "|i1", false, "(1, 2)", negative, sizeof negative);
    DataMatrix m = read_matrix("m.npy");
    ck_assert(m.rows == 1 && m.cols == 2 && m.x[0] == -3 && m.x[1] == -128);
    memory_free(m.x);
}
END_TEST

// Values that numpy.float16 gives for these bits.
START_TEST(half_precision_is_read) {
    static const uint16_t bits[] = {0x3C00, 0xC000, 0x7BFF, 0x0001, 0x83FF, 0x0400, 0x40C5, 0x8000};
    static const double values[] = {1,       -2,          65504, 0x1p-24, -1023 * 0x1p-24,
                                    0x1p-14, 2.384765625, -0.0};
    unsigned char turned[sizeof bits];
    for (size_t i = 0; i < 8; i++)
        turned[2 * i] = (unsigned char)(bits[i] >> 8), turned[2 * i + 1] = (unsigned char)bits[i];
    for (int big = 0; big < 2; big++) {
        write_npy("m.npy", big ? ">f2" : "<f2", false, "(8,)", big ? (void *)turned : bits,
                  sizeof bits);
        DataMatrix m = read_matrix("m.npy");
        for (size_t i = 0; i < 8; i++) ck_assert_double_eq(m.x[i], values[i]);
        memory_free(m.x);
    }
    static const uint16_t special[] = {0x7C00, 0xFC00, 0x7E00};
    write_npy("m.npy", "<f2", false, "(3,)", special, sizeof special);
    DataMatrix m = read_matrix("m.npy");
    ck_assert(isinf(m.x[0]) && m.x[0] > 0 && isinf(m.x[1]) && m.x[1] < 0 && isnan(m.x[2]));
    memory_free(m.x);
}
END_TEST

START_TEST(shapes_of_python_2_are_read) {
    const float x[] = {1, 2, 3, 4, 5, 6};
    write_npy("m.npy", "<f4", false, "(3L, 2L)", x, sizeof x);
    DataMatrix m = read_matrix("m.npy");
    ck_assert(m.rows == 3 && m.cols == 2 && m.x[5] == 6);
    memory_free(m.x);
    write_npy("m.npy", "<f4", false, "(3LL, 2L)", x, sizeof x);
    refused_matrix("m.npy", "m.npy: offset ");
}
END_TEST

START_TEST(labels_count_from_0_without_a_gap) {
    write_pair();
    const int64_t y[] = {1, 3, 2}, gap[] = {0, 3, 0}, signs[] = {1, -1, 1};
    const uint8_t columns[] = {0, 1, 1, 0, 0, 1};
    write_npy("y.npy", "<i8", false, "(3,)", y, sizeof y);
    help_refused("npy:dir=.",
                 "y.npy: offset 128: labels are 1 to 3 and count from 0 here; class 0 "
                 "has no example: labels_from=1 makes classes 0 to 2 of them (classes=4 "
                 "if classes without examples are meant)");
    const DataSet *set = help_open("npy:dir=.,labels_from=1");
    ck_assert(set->classes == 3 && set->y_train[1] == 2);
    data_close(set);
    write_npy("y.npy", "<i8", false, "(3,)", gap, sizeof gap);
    help_refused("npy:dir=.", "y.npy: offset 136: labels are 0 to 3, but no example has label 1; "
                              "number them without a gap");
    write_npy("y.npy", "<i8", false, "(3,)", signs, sizeof signs);
    help_refused("npy:dir=.",
                 "y.npy: offset 136: row 1, column 0 is -1, it is negative, but labels "
                 "count from 0; of -1 and 1, (label + 1) / 2 makes 0 and 1");
    write_npy("y.npy", "|u1", false, "(3, 2)", columns, sizeof columns);
    help_refused("npy:dir=.", "y.npy: labels of 2 columns; one is expected (y.argmax(1) in NumPy "
                              "makes labels of columns of 0 and 1)");
}
END_TEST

START_TEST(fortran_order_is_turned) {
    const double x[] = {1, 4, 2, 5, 3, 6}; // columns of [[1 2 3] [4 5 6]]
    write_npy("m.npy", "<f8", true, "(2, 3)", x, sizeof x);
    DataMatrix m = read_matrix("m.npy");
    for (int i = 0; i < 6; i++) ck_assert_double_eq(m.x[i], i + 1);
    memory_free(m.x);

    uint8_t images[2 * 2 * 3 * 4], turned[sizeof images]; // n, c, h, w
    for (size_t n = 0; n < 2; n++)
        for (size_t c = 0; c < 2; c++)
            for (size_t h = 0; h < 3; h++)
                for (size_t w = 0; w < 4; w++) {
                    uint8_t value = (uint8_t)(100 * n + 50 * c + 10 * h + w);
                    images[((n * 2 + c) * 3 + h) * 4 + w] = value;
                    turned[n + 2 * (c + 2 * (h + 3 * w))] = value;
                }
    write_npy("x.npy", "|u1", true, "(2, 2, 3, 4)", turned, sizeof turned);
    const uint8_t y[] = {1, 0};
    write_npy("y.npy", "|u1", false, "(2,)", y, sizeof y);
    const DataSet *set = help_open("npy:dir=.");
    ck_assert(set->rank == 3 && set->size[0] == 3 && set->size[1] == 4 && set->size[2] == 2);
    for (size_t i = 0; i < sizeof images; i++)
        ck_assert_float_eq(set->x_train[i], (float)images[i]);
    data_close(set);
}
END_TEST

START_TEST(pairs_are_labels_or_targets) {
    write_pair();
    const DataSet *set = help_open("npy:x=x.npy,y=y.npy");
    ck_assert(set->rank == 1 && set->size[0] == 2 && set->d == 2 && set->classes == 3);
    ck_assert(set->n_train == 3 && set->n_test == 0 && set->t_train == NULL);
    ck_assert(set->x_train[3] == 4.25F && set->y_train[1] == 2);
    data_close(set);
    const double t[] = {0.5, -1, 2.385, 4, 5, 6};
    write_npy("t.npy", ">f4", false, "(3, 0)", t, 0);
    help_refused("npy:x=x.npy,y=t.npy", "t.npy: 0 columns");
    write_npy("t.npy", "<f8", false, "(3, 2)", t, sizeof t);
    set = help_open("npy:x=x.npy,y=t.npy");
    ck_assert(set->classes == 0 && set->outputs == 2 && set->y_train == NULL);
    ck_assert_float_eq(set->t_train[2], 2.385F);
    data_close(set);
    set = help_open("npy:x=x.npy,y=y.npy,task=regression");
    ck_assert(set->outputs == 1 && set->t_train[1] == 2);
    data_close(set);
    set = help_open("npy:x=x.npy,y=y.npy,classes=7");
    ck_assert_int_eq(set->classes, 7);
    data_close(set);
}
END_TEST

START_TEST(bad_values_are_named_by_row_and_column) {
    write_pair();
    const float x[] = {1, 2, 3, NAN, 5, 6};
    write_npy("x.npy", "<f4", false, "(3, 2)", x, sizeof x);
    help_refused("npy:dir=.", "x.npy: offset 140: row 1, column 1 is nan, it is not a number");
    const double large[] = {1, 2, 3, 4, 1e39, 6};
    write_npy("x.npy", "<f8", false, "(3, 2)", large, sizeof large);
    help_refused("npy:dir=.", "x.npy: offset 160: row 2, column 0 is 1e+39, it does not fit");
    write_pair();
    const int64_t y[3][3] = {{0, -4, 1}, {0, 1, 70000}, {0, 1, 3}};
    static const char *const says[] = {
        "y.npy: offset 136: row 1, column 0 is -4, it is negative",
        "y.npy: offset 144: row 2, column 0 is 70000, it is too large",
        "y.npy: offset 144: row 2, column 0 is 3, it is beyond the last class"};
    for (int i = 0; i < 3; i++) {
        write_npy("y.npy", "<i8", false, "(3,)", y[i], sizeof y[i]);
        help_refused(i == 2 ? "npy:dir=.,classes=3" : "npy:dir=.", says[i]);
    }
    const double fractions[] = {0, 0.5, 1};
    write_npy("y.npy", "<f8", false, "(3,)", fractions, sizeof fractions);
    help_refused("npy:dir=.,task=classification",
                 "y.npy: offset 136: row 1, column 0 is 0.5, it is not whole");
    write_npy("y.npy", "<i8", false, "(2,)", y, 16);
    help_refused("npy:dir=.", "y.npy: 2 rows, but x.npy has 3");
}
END_TEST

START_TEST(test_files_must_match) {
    write_pair();
    const float x[] = {1, 2, 3, 4};
    const int64_t y[] = {0, 3};
    write_npy("x_test.npy", "<f4", false, "(2, 2)", x, sizeof x);
    help_refused("npy:dir=.", "npy:dir=.,x=,y=,x_test=,y_test=,task=auto,standardise=none,"
                              "classes=0,holdout=0,seed=0: x_test and y_test come together");
    write_npy("y_test.npy", "<i8", false, "(2,)", y, sizeof y);
    help_refused("npy:dir=.", "y_test.npy: offset 136: row 1, column 0 is 3, it is beyond");
    write_npy("x_test.npy", "<f4", false, "(1, 4)", x, sizeof x);
    help_refused("npy:dir=.", "x_test.npy: its examples are not of the shape");
    write_npy("x_test.npy", "<f4", false, "(2, 2)", x, sizeof x);
    write_npy("y_test.npy", "<f8", false, "(2,)", y, sizeof y);
    help_refused("npy:dir=.", "y_test.npy: not of the type");
    const int64_t right[] = {1, 2};
    write_npy("y_test.npy", "<i8", false, "(2,)", right, sizeof right);
    help_refused("npy:dir=.,holdout=0.5", "npy:dir=.");
    const DataSet *set = help_open("npy:dir=.");
    ck_assert(set->n_test == 2 && set->x_test[3] == 4 && set->y_test[1] == 2);
    data_close(set);
}
END_TEST

// The test rows of a holdout and the training rows make up the file, in order; a larger holdout
// keeps the test rows of a smaller one.
START_TEST(holdouts_are_nested_and_complete) {
    enum { N = 97 };
    float x[N];
    int32_t y[N];
    for (int i = 0; i < N; i++) x[i] = (float)i, y[i] = i % 7;
    write_npy("x.npy", "<f4", false, "(97, 1)", x, sizeof x);
    write_npy("y.npy", "<i4", false, "(97, 1)", y, sizeof y);
    const DataSet *small = help_open("npy:dir=.,holdout=0.2,seed=3");
    const DataSet *large = help_open("npy:dir=.,holdout=0.4,seed=3");
    ck_assert(small->n_test == 19 && small->n_train == 78 && large->n_test == 39);
    int in_small[N] = {0}, in_large[N] = {0};
    for (size_t i = 0; i < 19; i++) in_small[(int)small->x_test[i]]++;
    for (size_t i = 0; i < 39; i++) in_large[(int)large->x_test[i]]++;
    for (size_t i = 1; i < 78; i++) ck_assert_float_lt(small->x_train[i - 1], small->x_train[i]);
    for (size_t i = 0; i < 78; i++) {
        in_small[(int)small->x_train[i]]++;
        ck_assert_int_eq(small->y_train[i], (int)small->x_train[i] % 7);
    }
    for (int i = 0; i < N; i++) ck_assert_int_eq(in_small[i], 1);
    for (size_t i = 0; i < 19; i++) ck_assert_int_eq(in_large[(int)small->x_test[i]], 1);
    const DataSet *other = help_open("npy:dir=.,holdout=0.2,seed=4");
    ck_assert(memcmp(other->x_test, small->x_test, 19 * sizeof(float)) != 0);
    data_close(other);
    data_close(small);
    data_close(large);
    help_refused("npy:dir=.,holdout=0.999", "npy:dir=.");
}
END_TEST

START_TEST(standardising_uses_the_training_set) {
    const double x[] = {1, 10, 7, 2, 10, 7, 6, 10, 7}; // the second and third columns are constant
    const double test[] = {3, 12, 7};
    const uint8_t y[] = {0, 1, 0};
    write_npy("x.npy", "<f8", false, "(3, 3)", x, sizeof x);
    write_npy("y.npy", "|u1", false, "(3,)", y, sizeof y);
    write_npy("x_test.npy", "<f8", false, "(1, 3)", test, sizeof test);
    write_npy("y_test.npy", "|u1", false, "(1,)", y, 1);
    const DataSet *set = help_open("npy:dir=.,standardise=feature");
    double sd = sqrt((4 + 1 + 9) / 3.0);
    ck_assert_double_eq_tol((double)set->x_train[0], (1 - 3) / sd, 1e-6);
    ck_assert_double_eq_tol((double)set->x_train[6], (6 - 3) / sd, 1e-6);
    ck_assert_float_eq(set->x_train[1], 0);
    ck_assert_float_eq(set->x_test[1], 2); // only shifted
    ck_assert_float_eq(set->x_test[0], 0);
    data_close(set);
    set = help_open("npy:dir=.,standardise=whole");
    double mean = 60.0 / 9, squares = 0;
    for (int i = 0; i < 9; i++) squares += (x[i] - mean) * (x[i] - mean) / 9;
    ck_assert_double_eq_tol((double)set->x_test[1], (12 - mean) / sqrt(squares), 1e-6);
    data_close(set);
}
END_TEST

START_TEST(hostile_headers_are_refused_unharmed) {
    const double x[] = {1, 2};
    static const struct {
        const char *descr, *shape, *says;
    } cases[] = {
        {"<f8", "(1000000000000, 1000)", "m.npy: offset 144: the file ends 7999999999999984 bytes"},
        {"<f8", "(99999999999999999999, 1)", "m.npy: offset "},
        {"<f8", "(4294967296, 4294967296)", "m.npy: offset 144: the shape asks for more bytes"},
        {"<f8", "(3,)", "m.npy: offset 144: the file ends 8 bytes too early"},
        {"<f8", "(1,)", "m.npy: offset 136: 8 bytes follow the last value"},
        {"<f8", "(-2,)", "m.npy: offset 61: the shape lacks a number"},
        {"<f8", "(1, 1, 2)", "m.npy: an array of 3 dimensions"},
        {"<f8", "(1,1,1,1,1,1,1,1,2)", "m.npy: offset "},
        {"<c16", "(1,)", "m.npy: offset 20: values of type '<c16'"},
        {"|O", "(1,)", "m.npy: offset 20: values of type '|O'"},
        {"", "(1,)", "m.npy: offset 20: values of type ''"},
        {"<f8", "(2,), 'more': 1", "m.npy: offset "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_npy("m.npy", cases[i].descr, false, cases[i].shape, x, sizeof x);
        refused_matrix("m.npy", cases[i].says);
    }
    write_npy("m.npy", "<f8", false, "(1152921504606846976, 0)", x, 0);
    DataMatrix m = read_matrix("m.npy"); // many rows of nothing: no time, no memory
    ck_assert_uint_eq(m.cols, 0);
    memory_free(m.x);
    refused_matrix("absent.npy", "absent.npy: cannot open");
    help_write_text("m.npy", "hello, I am no array");
    refused_matrix("m.npy", "m.npy: offset 0: not an .npy file");
}
END_TEST

// A file cut anywhere is an error; a file with any one byte changed is an error or a matrix.
START_TEST(cut_and_changed_files_do_no_harm) {
    const double x[] = {1, 2, 3, 4, 5, 6};
    unsigned char bytes[512];
    size_t size = npy_bytes(bytes, "<f8", false, "(2, 3)", x, sizeof x);
    for (size_t i = 0; i < size; i++) {
        help_write("m.npy", bytes, i);
        refused_matrix("m.npy", "m.npy: ");
    }
    for (size_t i = 0; i < size; i++) {
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] ^= (unsigned char)(1U << bit);
            help_write("m.npy", bytes, size);
            DataMatrix m;
            Error error = {0};
            if (data_read_npy("m.npy", &m, &error))
                ck_assert_uint_le(m.rows * m.cols, 48);
            else
                ck_assert(text_starts(error.text, "m.npy: "));
            memory_free(m.x);
            bytes[i] ^= (unsigned char)(1U << bit);
        }
    }
}
END_TEST

START_TEST(the_frozen_mnist1d_opens) {
    const char *path = help_shared("data/mnist1d");
    if (!path) return;
    char spec[1100];
    snprintf(spec, sizeof spec, "npy:dir=%s", path);
    const DataSet *set = help_open(spec);
    ck_assert(set->n_train == 4000 && set->n_test == 1000 && set->d == 40 && set->classes == 10);
    double sum = 0, squares = 0; // standardised as a whole, train and test together
    for (size_t i = 0; i < 4000 * 40; i++) sum += (double)set->x_train[i];
    for (size_t i = 0; i < 1000 * 40; i++) sum += (double)set->x_test[i];
    for (size_t i = 0; i < 4000 * 40; i++) squares += pow((double)set->x_train[i], 2);
    for (size_t i = 0; i < 1000 * 40; i++) squares += pow((double)set->x_test[i], 2);
    ck_assert_double_eq_tol(sum / 200000, 0, 1e-6);
    ck_assert_double_eq_tol(squares / 200000, 1, 1e-6);
    data_close(set);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/npy");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, help_enter, help_leave);
    tcase_add_test(tests, every_type_and_byte_order_is_read);
    tcase_add_test(tests, half_precision_is_read);
    tcase_add_test(tests, shapes_of_python_2_are_read);
    tcase_add_test(tests, labels_count_from_0_without_a_gap);
    tcase_add_test(tests, fortran_order_is_turned);
    tcase_add_test(tests, pairs_are_labels_or_targets);
    tcase_add_test(tests, bad_values_are_named_by_row_and_column);
    tcase_add_test(tests, test_files_must_match);
    tcase_add_test(tests, holdouts_are_nested_and_complete);
    tcase_add_test(tests, standardising_uses_the_training_set);
    tcase_add_test(tests, hostile_headers_are_refused_unharmed);
    tcase_add_test(tests, cut_and_changed_files_do_no_harm);
    tcase_add_test(tests, the_frozen_mnist1d_opens);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
