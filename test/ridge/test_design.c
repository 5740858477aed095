// The sources of a design matrix: what they hold, in whole and in blocks, and what they refuse.
#include "ridge/ridge.h"
#include "../data/help.h"
#include <math.h>
#include <sys/stat.h>
#include <zlib.h>

static const double PI = 3.141592653589793;

static void write_npy(const char *path, const char *descr, bool fortran, const char *shape,
                      const void *values, size_t size) {
    unsigned char bytes[1024] = "\x93NUMPY\x01\x00\x76"; // a header of 118 bytes
    memset(bytes + 10, ' ', 118);
    int length =
        snprintf((char *)bytes + 10, 117, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }",
                 descr, fortran ? "True" : "False", shape);
    bytes[10 + length] = ' ';
    bytes[127] = '\n';
    memcpy(bytes + 128, values, size);
    help_write(path, bytes, 128 + size);
}

static RidgeDesign *open_with(const char *data, RidgeDesignOptions options) {
    Error error;
    RidgeDesign *design = ridge_design_open(data, &options, &error);
    if (!design) ck_abort_msg("%s", error.text);
    return design;
}

static RidgeDesign *open_design(const char *data) {
    return open_with(data, (RidgeDesignOptions){0});
}

static void refused_with(const char *data, RidgeDesignOptions options, const char *says) {
    Error error = {0};
    ck_assert_ptr_null(ridge_design_open(data, &options, &error));
    ck_assert_str_eq(error.text, says);
}

static void refused(const char *data, const char *says) {
    refused_with(data, (RidgeDesignOptions){0}, says);
}

static double *read_part(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                         size_t columns) {
    Error error;
    double *x = memory_new(rows * columns, sizeof *x);
    if (!design->read(design, row, rows, column, columns, x, &error))
        ck_abort_msg("%s", error.text);
    return x;
}

static double *read_whole(const RidgeDesign *design) {
    return read_part(design, 0, design->n, 0, design->d);
}

// Rectangles of many odd sizes hold what the whole holds there.
static void check_blocks(const RidgeDesign *design, double tolerance) {
    double *whole = read_whole(design);
    static const size_t sizes[] = {1, 3, 5, 11};
    for (int a = 0; a < 4; a++) {
        for (int b = 0; b < 4; b++) {
            for (size_t i = 0; i < design->n; i += sizes[a]) {
                for (size_t j = 0; j < design->d; j += sizes[b]) {
                    size_t rows = design->n - i < sizes[a] ? design->n - i : sizes[a];
                    size_t columns = design->d - j < sizes[b] ? design->d - j : sizes[b];
                    double *part = read_part(design, i, rows, j, columns);
                    for (size_t k = 0; k < rows * columns; k++) {
                        size_t at = (i + k / columns) * design->d + j + k % columns;
                        ck_assert_double_le(fabs(part[k] - whole[at]), tolerance);
                    }
                    memory_free(part);
                }
            }
        }
    }
    memory_free(whole);
}

static void check_values(const char *data, size_t n, size_t d, const double *x) {
    RidgeDesign *design = open_design(data);
    ck_assert_str_eq(design->name, data);
    ck_assert_uint_eq(design->n, n);
    ck_assert_uint_eq(design->d, d);
    double *whole = read_whole(design);
    for (size_t k = 0; k < n * d; k++) ck_assert_double_eq(whole[k], x[k]);
    memory_free(whole);
    check_blocks(design, 0);
    ridge_design_close(design);
}

enum { N = 13, D = 6 };

START_TEST(arrays_of_numpy) {
    double x[N * D], turned[N * D], flat[N * D];
    float single[N * D];
    int16_t whole[N * D];
    unsigned char swapped[N * D * 8];
    for (size_t k = 0; k < N * D; k++) {
        whole[k] = (int16_t)(k * 37 - 1000);
        flat[k] = whole[k];
        x[k] = 2.385 * (double)whole[k];
        single[k] = (float)x[k];
        turned[k % D * N + k / D] = x[k];
        for (size_t i = 0; i < 8; i++) swapped[8 * k + i] = ((unsigned char *)&x[k])[7 - i];
    }
    write_npy("a.npy", "<f8", false, "(13, 6)", x, sizeof x);
    check_values("a.npy", N, D, x);
    write_npy("a.npy", "<f8", true, "(13, 6)", turned, sizeof turned);
    check_values("a.npy", N, D, x);
    write_npy("a.npy", ">f8", false, "(13, 2, 3)", swapped, sizeof swapped);
    check_values("a.npy", N, D, x);
    write_npy("a.npy", "<i2", false, "(13, 6)", whole, sizeof whole);
    check_values("a.npy", N, D, flat);
    write_npy("a.npy", "<i2", false, "(78,)", whole, sizeof whole);
    check_values("a.npy", N * D, 1, flat);
    for (size_t k = 0; k < N * D; k++) x[k] = (double)single[k];
    write_npy("a.npy", "<f4", false, "(13, 6)", single, sizeof single);
    check_values("a.npy", N, D, x);
    for (size_t k = 0; k < N * D; k++) single[k % D * N + k / D] = (float)x[k];
    write_npy("a.npy", "<f4", true, "(13, 6)", single, sizeof single);
    check_values("a.npy", N, D, x);
}
END_TEST

START_TEST(tables_of_text) {
    static const double x[] = {1.5, -2, 2.385, 1e-3, 5, 6};
    help_write_text("a.csv", "\xEF\xBB\xBFwidth, \"loss, mean\"\n1.5,-2\r\n\n2.385,1e-3\n5,6");
    check_values("a.csv", 3, 2, x);
    help_write_text("a.csv", "1.5,-2,2.385\n0.001,\t5,\"6\"\n");
    check_values("a.csv", 2, 3, x);
}
END_TEST

START_TEST(images_of_idx) {
    static const unsigned char bytes[] = {0, 0, 8, 3, 0, 0, 0, 2,  0,   0,
                                          0, 2, 0, 0, 0, 1, 0, 51, 102, 255};
    double x[4];
    for (int i = 0; i < 4; i++) x[i] = (double)((float)bytes[16 + i] / 255.0F);
    help_write("train-images-idx3-ubyte", bytes, sizeof bytes);
    check_values("train-images-idx3-ubyte", 2, 2, x);
    gzFile file = gzopen("t-ubyte.gz", "wb");
    ck_assert(gzwrite(file, bytes, sizeof bytes) == sizeof bytes && gzclose(file) == Z_OK);
    check_values("t-ubyte.gz", 2, 2, x);
}
END_TEST

// A name is looked for in the folders of $BENIGN_DATA.
START_TEST(files_are_found) {
    ck_assert(mkdir("deep", 0777) == 0 && setenv("BENIGN_DATA", "deep", 1) == 0);
    help_write_text("deep/a.csv", "2.385\n");
    const double x = 2.385;
    check_values("a.csv", 1, 1, &x);
}
END_TEST

START_TEST(data_sets) {
    RidgeDesign *design = open_design("mnist1d:train=23,test=5,seed=7");
    const DataSet *set = help_open("mnist1d:train=23,test=5,seed=7");
    ck_assert(design->n == 23 && design->d == 40);
    double *x = read_whole(design);
    for (size_t k = 0; k < 23 * 40; k++) ck_assert_double_eq(x[k], (double)set->x_train[k]);
    data_close(set);
    memory_free(x);
    check_blocks(design, 0);
    ridge_design_close(design);
    const float values[] = {1, 2, 3, 4, 5, 6, 7, 8};
    write_npy("x.npy", "<f4", false, "(4, 2)", values, sizeof values);
    write_npy("y.npy", "<f4", false, "(4,)", values, 16);
    design = open_design("npy:x=x.npy,y=y.npy"); // ends as a file does
    ck_assert(design->n == 4 && design->d == 2);
    ridge_design_close(design);
}
END_TEST

START_TEST(gaussian_rows_are_streams) {
    RidgeDesign *design = open_with("gaussian:31,17", (RidgeDesignOptions){.seed = 5});
    ck_assert(design->n == 31 && design->d == 17);
    check_blocks(design, 0);
    double *x = read_whole(design);
    for (size_t i = 0; i < 31; i++) {
        Random random = random_stream(5, RANDOM_DATA, i);
        for (size_t j = 0; j < 17; j++) ck_assert_double_eq(x[i * 17 + j], random_normal(&random));
    }
    memory_free(x);
    ridge_design_close(design);
    RidgeDesignOptions some = {.samples = 9, .seed = 5};
    design = open_with("gaussian:31,17", some);
    ck_assert(design->n == 9 && design->d == 17);
    ridge_design_close(design);
}
END_TEST

START_TEST(features_follow_their_formula) {
    RidgeDesign *base = open_with("gaussian:19,7", (RidgeDesignOptions){.seed = 3});
    double *x = read_whole(base);
    static const char *const kinds[] = {"relu:23", "relu:23,bias=0", "relu:23,bias=2.385",
                                        "cosine:23"};
    static const double biases[] = {1, 0, 2.385, 0};
    for (int kind = 0; kind < 4; kind++) {
        RidgeDesignOptions options = {.features = kinds[kind], .seed = 3};
        RidgeDesign *design = open_with("gaussian:19,7", options);
        ck_assert(text_starts(design->name, "gaussian:19,7, "));
        ck_assert_str_eq(design->name + 15, kinds[kind]);
        ck_assert(design->n == 19 && design->d == 23);
        check_blocks(design, 1e-14);
        double *y = read_whole(design);
        for (size_t j = 0; j < 23; j++) {
            Random random = random_stream(3, RANDOM_FEATURES, j);
            double u = random_uniform(&random), v[7], square = 0;
            for (int k = 0; k < 7; k++) v[k] = random_normal(&random), square += v[k] * v[k] / 7;
            double bias = biases[kind] * (2 * u - 1) * sqrt(square);
            for (size_t i = 0; i < 19; i++) {
                double sum = 0;
                for (size_t k = 0; k < 7; k++) sum += v[k] * x[i * 7 + k] / sqrt(7);
                double want = kind == 3 ? sqrt(2) * cos(sum + 2 * PI * u) : fmax(sum + bias, 0);
                ck_assert_double_le(fabs(y[i * 23 + j] - want), 1e-14);
            }
        }
        memory_free(y);
        ridge_design_close(design);
    }
    memory_free(x);
    ridge_design_close(base);
}
END_TEST

// The mean over features of phi(x) phi(y) is a kernel: exp(-|x - y|^2/(2 d)) for cosine (Rahimi,
// Recht 2007), the arc-cosine kernel of degree 1 for relu (Cho, Saul 2009). Five standard errors of
// 40000 features: a true sample fails with probability 6e-7 in each of 2.
START_TEST(features_tend_to_their_kernel) {
    enum { P = 40000 };
    static const double x[] = {1.2, -0.7, 2.385, 0.3, 0.9, -1.1};
    write_npy("x.npy", "<f8", false, "(2, 3)", x, sizeof x);
    double gap = 0, xx = 0, yy = 0, xy = 0;
    for (int k = 0; k < 3; k++) {
        gap += (x[k] - x[3 + k]) * (x[k] - x[3 + k]);
        xx += x[k] * x[k], yy += x[3 + k] * x[3 + k], xy += x[k] * x[3 + k];
    }
    double angle = acos(xy / sqrt(xx * yy));
    double kernel[] = {sqrt(xx * yy) / 3 * (sin(angle) + (PI - angle) * cos(angle)) / (2 * PI),
                       exp(-gap / 6)};
    for (int cosine = 0; cosine < 2; cosine++) {
        RidgeDesignOptions options = {.features = cosine ? "cosine:40000" : "relu:40000,bias=0"};
        RidgeDesign *design = open_with("x.npy", options);
        double *y = read_whole(design), sum = 0, squares = 0;
        for (size_t j = 0; j < P; j++) sum += y[j] * y[P + j];
        for (size_t j = 0; j < P; j++) squares += pow(y[j] * y[P + j] - sum / P, 2);
        ck_assert_double_le(fabs(sum / P - kernel[cosine]), 5 * sqrt(squares) / P);
        memory_free(y);
        ridge_design_close(design);
    }
}
END_TEST

// Without a bias P features of one input are multiples of two; with it they bend at points spread
// over
// [-1, 1], and more and more of them are independent.
START_TEST(biases_give_one_input_rank) {
    double x[41], rank[2];
    for (int i = 0; i < 41; i++) x[i] = (i - 20) / 21.0;
    write_npy("x.npy", "<f8", false, "(41, 1)", x, sizeof x);
    for (int biased = 0; biased < 2; biased++) {
        Error error;
        RidgeSpectrum spectrum;
        RidgeDesignOptions options = {.features = biased ? "relu:300" : "relu:300,bias=0"};
        RidgeDesign *design = open_with("x.npy", options);
        ck_assert(ridge_spectrum(design, 0, RIDGE_AUTO, &spectrum, &error));
        rank[biased] = (double)spectrum.rank;
        ridge_spectrum_free(&spectrum);
        ridge_design_close(design);
    }
    ck_assert_double_eq(rank[0], 2);
    ck_assert_double_ge(rank[1], 37); // 300 points in 42 gaps leave more than 4 empty with p < 1e-4
}
END_TEST

// Fewer features are the first of more.
START_TEST(features_are_nested) {
    help_write_text("a.csv", "1,2\n3,-4\n-5,6\n");
    RidgeDesign *few = open_with("a.csv", (RidgeDesignOptions){.features = "relu:5", .samples = 2});
    RidgeDesign *many = open_with("a.csv", (RidgeDesignOptions){.features = "relu:11"});
    ck_assert(few->n == 2 && many->n == 3);
    double *x = read_part(few, 0, 2, 0, 5), *y = read_part(many, 0, 2, 0, 5);
    for (int k = 0; k < 10; k++) ck_assert_double_eq(x[k], y[k]);
    RidgeDesign *other = open_with("a.csv", (RidgeDesignOptions){.features = "relu:11", .seed = 1});
    double *z = read_part(other, 0, 2, 0, 5);
    ck_assert(memcmp(y, z, 10 * sizeof *y) != 0);
    memory_free(x), memory_free(y), memory_free(z);
    ridge_design_close(few), ridge_design_close(many), ridge_design_close(other);
}
END_TEST

START_TEST(numbers_must_be_finite) {
    double x[3 * 5] = {0};
    x[7] = NAN;
    write_npy("x.npy", "<f8", false, "(3, 5)", x, sizeof x);
    refused("x.npy", "x.npy: row 1, column 2 (counted from 0) is nan; every number must be finite");
    refused_with("x.npy", (RidgeDesignOptions){.features = "relu:3"},
                 "x.npy: row 1, column 2 (counted from 0) is nan; every number must be finite");
    ridge_design_close(open_with("x.npy", (RidgeDesignOptions){.samples = 1})); // row 0 is good
    x[7] = 0, x[14] = -INFINITY;
    write_npy("x.npy", "<f8", true, "(3, 5)", x, sizeof x);
    refused("x.npy",
            "x.npy: row 2, column 4 (counted from 0) is -inf; every number must be finite");
    x[14] = 0, x[0] = 1.5e140;
    write_npy("x.npy", "<f8", false, "(3, 5)", x, sizeof x);
    refused("x.npy", "x.npy: row 0, column 0 (counted from 0) is 1.5e+140; numbers up to 1e140 are "
                     "possible, so that X'X is finite");
    help_write_text("a.csv", "a,b\n1,2\n3,inf\n");
    refused("a.csv", "a.csv: row 1, column 1 (counted from 0) is inf; every number must be finite");
}
END_TEST

START_TEST(sizes_must_fit) {
    write_npy("x.npy", "<f8", false, "(0, 5)", "", 0);
    refused("x.npy", "x.npy: 0 rows and 5 columns; at least one of each is needed");
    write_npy("x.npy", "<f8", false, "(3, 0)", "", 0);
    refused("x.npy", "x.npy: 3 rows and 0 columns; at least one of each is needed");
    const double x[6] = {1};
    write_npy("x.npy", "<f8", false, "(3, 2)", x, sizeof x);
    refused_with("x.npy", (RidgeDesignOptions){.samples = 4},
                 "x.npy: 4 samples are asked for; 0 (all) to 3 are possible");
    refused_with("x.npy", (RidgeDesignOptions){.samples = -1},
                 "x.npy: -1 samples are asked for; 0 (all) to 3 are possible");
    write_npy("x.npy", "<f8", false, "()", x, 8);
    refused("x.npy", "x.npy: a single number, not a matrix");
    static const char header[] = "\x93NUMPY\x01\x00\x76\x00{'descr': '|i1', 'fortran_order': "
                                 "False, 'shape': (2147483648, 1)}";
    unsigned char start[128];
    memset(start, ' ', sizeof start);
    memcpy(start, header, sizeof header - 1);
    help_write("x.npy", start, sizeof start);
    ck_assert(truncate("x.npy", 128 + 2147483648LL) == 0); // a hole: takes no room
    refused("x.npy", "x.npy: 2147483648 rows and 1 columns; at most 2147483647 of each are "
                     "possible");
}
END_TEST

START_TEST(forms_must_be_right) {
    refused("gaussian:5", "data:1:10: gaussian:N,d takes two whole numbers from 1 to 2147483647\n"
                          "    gaussian:5\n"
                          "             ^");
    refused("gaussian:5,0", "data:1:10: gaussian:N,d takes two whole numbers from 1 to "
                            "2147483647\n"
                            "    gaussian:5,0\n"
                            "             ^~~");
    refused("gaussian:5,2147483648",
            "data:1:10: gaussian:N,d takes two whole numbers from 1 to 2147483647\n"
            "    gaussian:5,2147483648\n"
            "             ^~~~~~~~~~~~");
    refused("gaussian:d=0", "data:1:12: d is \"0\"; it takes a whole number from 1 to 10000000\n"
                            "    gaussian:d=0\n"
                            "               ^");
    static const char *const wrong[] = {
        "tanh:5",  "relu:0",         "relu:",           "cosine:2147483648", "relu:5x",
        "relu:5,", "relu:5,bias=-1", "relu:5,bias=nan", "cosine:5,bias=1",   "relu:5,bais=1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char says[256], marks[] = "^~~~~~~~~~~~~~~~~~~";
        marks[strlen(wrong[i])] = 0;
        snprintf(says, sizeof says,
                 "features:1:1: random features are relu:P, relu:P,bias=S or cosine:P, P a whole "
                 "number from 1 to 2147483647, S from 0 up\n    %s\n    %s",
                 wrong[i], marks);
        refused_with("gaussian:2,3", (RidgeDesignOptions){.features = wrong[i]}, says);
    }
    refused("nonsense",
            "data:1:1: unknown data set \"nonsense\"; there are mnist1d, gaussian, sets, "
            "fashion-mnist, mnist, cifar10, cifar100, idx, folder, npy, csv\n"
            "    nonsense\n"
            "    ^~~~~~~~");
}
END_TEST

// The content is checked against what the name says.
START_TEST(files_are_what_their_names_say) {
    const double x[] = {1, 2};
    static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 1, 7};
    unsetenv("BENIGN_DATA");
    refused("absent.npy", "absent.npy: not there, nor in data, /usr/share/datasets; $BENIGN_DATA "
                          "names more folders to look in");
    help_write_text("a.npy", "1,2\n3,4\n5,6\n");
    refused("a.npy", "a.npy: offset 0: not an .npy file: it does not begin with \\x93NUMPY and a "
                     "version");
    help_write_text("a.npy", "");
    refused("a.npy", "a.npy: offset 0: not an .npy file: it does not begin with \\x93NUMPY and a "
                     "version");
    ck_assert(mkdir("b.npy", 0777) == 0 && mkfifo("c.npy", 0666) == 0);
    refused("b.npy", "b.npy: a folder; a regular file is expected");
    refused("c.npy", "c.npy: a named pipe; a regular file is expected");
    write_npy("a.npy", "<f8", false, "(3,)", x, sizeof x);
    refused("a.npy", "a.npy: offset 144: the file ends 8 bytes too early for its shape");
    write_npy("a.csv", "<f8", false, "(2,)", x, sizeof x);
    refused("a.csv", "a.csv: offset 6: byte 0x01; this is no text");
    help_write("a.csv", "1,2\n\0", 5);
    refused("a.csv", "a.csv: offset 4: byte 0x00; this is no text");
    help_write("a-ubyte", labels, sizeof labels);
    refused("a-ubyte", "a-ubyte: offset 0: magic number 0x00000801, but images have 0x00000803");
    help_write_text("a.txt", "1,2\n");
    refused("a.txt", "a.txt: a file is known by its name, which ends in .npy, .csv, ubyte or "
                     "ubyte.gz");
}
END_TEST

START_TEST(lines_must_be_numbers) {
    static const char *const cases[][2] = {
        {"", "a.csv:1:1: the file has no lines"},
        {"a,b\n", "a.csv:2:1: no rows follow the header"},
        {"1,x\n", "a.csv:1:3: not a number\n    1,x\n      ^"},
        {"1,\n", "a.csv:1:3: a value is missing\n    1,\n      ^"},
        {"1,2\n3,,\n", "a.csv:2:4: 3 columns here, 2 in the first line\n    3,,\n       ^"},
        {"1,2\n3,four\n", "a.csv:2:3: not a number\n    3,four\n      ^~~~"},
        {"1,2\n,4\n", "a.csv:2:1: a value is missing\n    ,4\n    ^"},
        {"1,\"2\n", "a.csv:1:3: this quote is not closed\n    1,\"2\n      ^"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        help_write_text("a.csv", cases[i][0]);
        refused("a.csv", cases[i][1]);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("ridge/design");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, help_enter, help_leave);
    tcase_add_test(tests, arrays_of_numpy);
    tcase_add_test(tests, tables_of_text);
    tcase_add_test(tests, images_of_idx);
    tcase_add_test(tests, files_are_found);
    tcase_add_test(tests, data_sets);
    tcase_add_test(tests, gaussian_rows_are_streams);
    tcase_add_test(tests, features_follow_their_formula);
    tcase_add_test(tests, features_tend_to_their_kernel);
    tcase_add_test(tests, features_are_nested);
    tcase_add_test(tests, biases_give_one_input_rank);
    tcase_add_test(tests, numbers_must_be_finite);
    tcase_add_test(tests, sizes_must_fit);
    tcase_add_test(tests, forms_must_be_right);
    tcase_add_test(tests, files_are_what_their_names_say);
    tcase_add_test(tests, lines_must_be_numbers);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
