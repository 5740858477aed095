#define _GNU_SOURCE // memmem
#include "help.h"
#include <math.h>

enum { PIXELS = 3072, RECORD = 1 + PIXELS };

// A file of fuzz/seeds/cifar, which pickles.py wrote.
typedef struct Seed {
    char *bytes;
    size_t size;
} Seed;

static Seed seed(const char *name) {
    Seed seed;
    Text path = {0};
    text_printf(&path, "%s/fuzz/seeds/cifar/%s", TOP, name);
    ck_assert(file_read(path.data, 1 << 20, &seed.bytes, &seed.size, NULL));
    text_free(&path);
    return seed;
}

static void write_seed(const char *name, const char *path) {
    Seed s = seed(name);
    help_write(path, s.bytes, s.size);
    memory_free(s.bytes);
}

static float pixel(size_t image, size_t k) { // as pickles.py has it
    return (float)((k * 7 + image * 31 + k / 100 + 5) % 256) / 255.0F;
}

static void is_images(const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < PIXELS; k++) ck_assert_float_eq(x[i * PIXELS + k], pixel(i, k));
    }
}

static void is_cifar10(const DataSet *set, size_t n_train, size_t n_test) {
    static const int32_t labels[] = {6, 9, 0};
    ck_assert(set->n_train == n_train && set->n_test == n_test && set->classes == 10);
    ck_assert(set->rank == 3 && set->size[0] == 32 && set->size[1] == 32 && set->size[2] == 3);
    for (size_t at = 0; at < n_train; at += 3) {
        size_t count = n_train - at < 3 ? n_train - at : 3;
        is_images(set->x_train + at * PIXELS, count);
        ck_assert_mem_eq(set->y_train + at, labels, count * sizeof *labels);
    }
    is_images(set->x_test, n_test);
    ck_assert_mem_eq(set->y_test, labels, n_test * sizeof *labels);
    ck_assert_str_eq(set->class_name[3], "cat");
}

static void opens(const char *spec, size_t n_train, size_t n_test) {
    const DataSet *set = help_open(spec);
    is_cifar10(set, n_train, n_test);
    data_close(set);
}

START_TEST(all_versions_give_the_same_images) {
    write_seed("cifar10", "data_batch_1");
    write_seed("cifar10-fortran", "test_batch");
    opens("cifar10:dir=.,standardise=none", 3, 3);
    write_seed("cifar10-protocol3", "data_batch_1"); // written anew by Python 3
    write_seed("cifar10-protocol4", "test_batch");
    opens("cifar10:dir=.,standardise=none", 3, 3);
    write_seed("binary", "train.bin"); // binary first
    write_seed("binary", "test.bin");
    write_seed("cifar10", "data_batch_2");
    opens("cifar10:dir=.,standardise=none,test=2", 3, 2);
    write_seed("binary", "data_batch_1.bin"); // and its published names before others
    write_seed("binary", "data_batch_2.bin");
    write_seed("binary", "test_batch.bin");
    opens("cifar10:dir=.,standardise=none", 6, 3);
    opens("cifar10:dir=.,standardise=none,train=4,test=1", 4, 1);
    write_seed("binary", "data_batch_3.bin");
    help_write("data_batch_3.bin", "", 0); // not looked at for four images
    opens("cifar10:dir=.,standardise=none,train=5,test=1", 5, 1);
    help_refused("cifar10:dir=.,train=7", "data_batch_3.bin: offset 0: the file ends 0 bytes "
                                          "into record 0, which has 3073");
}
END_TEST

START_TEST(cifar100_has_two_kinds_of_labels) {
    static const struct {
        const char *spec;
        int classes;
        int32_t label[2];
    } cases[] = {{"cifar100:dir=.,standardise=none", 100, {19, 99}},
                 {"cifar100:dir=.,standardise=none,labels=coarse", 20, {11, 3}}};
    unsigned char binary[2 * (RECORD + 1)] = {11, 19};
    binary[RECORD + 1] = 3, binary[RECORD + 2] = 99;
    for (size_t k = 0; k < 2 * PIXELS; k++)
        binary[k / PIXELS * (RECORD + 1) + 2 + k % PIXELS] =
            (unsigned char)lrintf(255 * pixel(k / PIXELS, k % PIXELS));
    for (int version = 0; version < 2; version++) {
        if (version == 0) {
            write_seed("cifar100", "train");
            write_seed("cifar100", "test");
        } else {
            help_write("train.bin", binary, sizeof binary);
            help_write("test.bin", binary, sizeof binary);
        }
        for (int i = 0; i < 2; i++) {
            const DataSet *set = help_open(cases[i].spec);
            ck_assert(set->n_train == 2 && set->n_test == 2 && set->classes == cases[i].classes);
            ck_assert_mem_eq(set->y_train, cases[i].label, sizeof cases[i].label);
            is_images(set->x_train, 2);
            data_close(set);
        }
    }
}
END_TEST

START_TEST(channels_are_standardised_apart) {
    write_seed("binary", "train.bin");
    write_seed("binary", "test.bin");
    const DataSet *set = help_open("cifar10:dir=.,train=2");
    for (size_t c = 0; c < 3; c++) {
        double sum = 0, squares = 0, mean = 0;
        for (size_t k = c * 1024; k < (c + 1) * 1024; k++) {
            double a = (double)set->x_train[k], b = (double)set->x_train[PIXELS + k];
            sum += a + b, squares += a * a + b * b;
            mean += ((double)pixel(0, k) + (double)pixel(1, k)) / 2048;
        }
        ck_assert_double_eq_tol(sum / 2048, 0, 1e-6);
        ck_assert_double_eq_tol(squares / 2048, 1, 1e-6);
        double x = (double)pixel(0, c * 1024),
               scale = ((double)set->x_train[c * 1024]) / (x - mean);
        ck_assert_double_eq_tol((double)set->zero[c * 1024 + 5], -mean * scale, 1e-5);
    }
    data_close(set);
}
END_TEST

START_TEST(folders_are_searched_by_a_clear_rule) {
    help_refused("cifar10:dir=.", ".: has no data_batch_1.bin or train.bin or data_batch_1");
    help_refused("cifar100:dir=.", ".: has no train.bin or train");
    help_refused("cifar10:dir=absent", "absent: not there");
    help_refused("cifar10:dir=",
                 "cifar10:dir=,train=0,test=0,standardise=channel: give dir=FOLDER");
    write_seed("binary", "data_batch_1.bin");
    help_refused("cifar10:dir=.", ".: has no test_batch.bin");
    write_seed("binary", "data_batch_3.bin");
    help_refused("cifar10:dir=.", ".: has data_batch_3.bin, but no data_batch_2.bin");
    unlink("data_batch_3.bin");
    write_seed("binary", "test_batch.bin");
    help_refused("cifar10:dir=.,train=4",
                 ".: has 3 images in data_batch_1.bin and its like, not 4");
    help_refused("cifar10:dir=.,test=4", ".: has 3 images in test_batch.bin and its like, not 4");
}
END_TEST

START_TEST(wrong_labels_are_refused) {
    Seed s = seed("binary");
    s.bytes[RECORD] = 10;
    help_write("train.bin", s.bytes, s.size);
    help_refused("cifar10:dir=.",
                 "train.bin: offset 3073: label 1 is 10, it is beyond the last class, 9");
    memory_free(s.bytes);
    unlink("train.bin");
    s = seed("cifar10");
    char *labels = memmem(s.bytes, s.size, "K\6K\11K\0e", 7);
    labels[3] = 77;
    help_write("data_batch_1", s.bytes, s.size);
    char expected[100];
    snprintf(expected, sizeof expected,
             "data_batch_1: offset %td: label 1 is 77, it is beyond the last class, 9",
             labels + 2 - s.bytes);
    help_refused("cifar10:dir=.", expected);
    memory_free(s.bytes);
}
END_TEST

// Cut at every byte outside the pixels, and at some inside.
START_TEST(cut_files_are_errors) {
    static const char *const names[] = {"binary", "cifar10", "cifar10-fortran"};
    const char *path = _i ? "data_batch_1" : "train.bin";
    Seed s = seed(names[_i]);
    for (size_t size = 0; size < s.size; size++) {
        bool pixels = size > 600 && size + 600 < s.size && size % RECORD > 2;
        if (pixels && size % 67) continue;
        help_write(path, s.bytes, size);
        char expected[64];
        snprintf(expected, sizeof expected, "%s: offset %zu: the file ends", path, size);
        if (_i || size % RECORD || size == 0) help_refused("cifar10:dir=.", expected);
    }
    memory_free(s.bytes);
}
END_TEST

// Programs that are no data sets; nothing is run, everything is refused where it stands.
START_TEST(other_pickles_are_refused) {
    static const struct {
        const char *program;
        size_t size;
        const char *message;
    } cases[] = {
#define CASE(text, message) {text, sizeof text - 1, message}
        CASE("(dp0\n.", "offset 0: not a pickle of protocol 2"),
        CASE("\x80\6.", "offset 0: protocol 6; 2 to 5 are read"),
        CASE("\x80\2cos\nsystem\nU\2lsR.", "offset 2: it asks Python for os.system; read are"),
        CASE("\x80\2c\x1b[31m\nx\nR.", "offset 2: it asks Python for ?[31m.x; read are"),
        CASE("\x80\5\x96\0.", "offset 2: operation 0x96, which no pickle of CIFAR has; "
                              "numpy.hstack([labels[:, None], data]).astype('u1').tofile("),
        CASE("\x80\4K\1\x8c\1a\x93.", "offset 7: a name that is no text"),
        CASE("\x80\4\x8c\2os\x8c\6system\x93.",
             "offset 14: it asks Python for os.system; read are"),
        CASE("\x80\4\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", "offset 2: a string of length -1"),
        CASE("\x80\4\x94.", "offset 2: the stack lacks what this operation takes"),
        CASE("\x80\2.", "offset 3: the pickle is not one dictionary"),
        CASE("\x80\2}}.", "offset 5: the pickle is not one dictionary"),
        CASE("\x80\2}.}", "offset 4: 1 bytes follow the end of the pickle"),
        CASE("\x80\2}q\3.", "offset 3: value 3 is put aside after 0"),
        CASE("\x80\2}r\xff\xff\xff\xff.", "offset 3: value -1 is put aside after 0"),
        CASE("\x80\2h\0.", "offset 2: value 0 was never put aside"),
        CASE("\x80\2(h\0", "offset 3: value 0 was never put aside"),
        CASE("\x80\2(q\0.", "offset 3: the stack lacks what this operation takes"),
        CASE("\x80\2}K\1s.", "offset 5: items for nothing that takes them"),
        CASE("\x80\2K\1K\2K\3s.", "offset 8: items for nothing that takes them"),
        CASE("\x80\2}(K\1u.", "offset 6: items for nothing that takes them"),
        CASE("\x80\2]e.", "offset 3: the stack has no mark"),
        CASE("\x80\2T\xff\xff\xff\xff.", "offset 2: a string of length -1"),
        CASE("\x80\2U\11abc", "offset 7: the file ends too early"),
        CASE("\x80\2cnumpy\nndarray\n)R.", "offset 18: a call of another kind"),
        CASE("\x80\2cnumpy\ndtype\nU\2u1\x85R.", "offset 20: a call of another kind"),
        CASE("\x80\2}}b.", "offset 4: a state of another kind"),
        CASE("\x80\2}.", "offset 2: the dictionary has no 'data'"),
        CASE("\x80\2}U\4dataK\1s.", "offset 9: 'data' is not a matrix of bytes"),
        CASE("\x80\2}q\0h\0h\0s.", "offset 2: the dictionary has no 'data'"), // holds itself
    };
    char expected[200];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        help_write("data_batch_1", cases[i].program, cases[i].size);
        snprintf(expected, sizeof expected, "data_batch_1: %s", cases[i].message);
        help_refused("cifar10:dir=.", expected);
    }
}
END_TEST

static void replace(Seed s, const char *from, const char *to, size_t size) {
    char *at = memmem(s.bytes, s.size, from, size);
    ck_assert_ptr_nonnull(at);
    memcpy(at, to, size);
}

// Arrays that are not what they say.
START_TEST(other_arrays_are_refused) {
    static const struct {
        const char *from, *to;
        size_t size;
        const char *message;
    } cases[] = {
        {"K\3M\0\14", "K\2M\0\14", 5, "'data' has 9216 bytes for 2x3072 values"},
        {"K\3M\0\14", "K\4M\0\11", 5, "'data' is 4x2304; images have 3072 bytes"},
        {"U\2u1", "U\2f4", 4, "'data' is not a matrix of bytes"},
        {"K\6K\11", "U\1a\x89", 4, "'labels' is not a list of whole numbers"},
        {"K\6K\11K", "K\6eN0K", 5, "operation 0x30"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Seed s = seed("cifar10");
        replace(s, cases[i].from, cases[i].to, cases[i].size);
        help_write("data_batch_1", s.bytes, s.size);
        memory_free(s.bytes);
        Error error;
        ck_assert_ptr_null(data_open("cifar10:dir=.", &error));
        ck_assert_msg(strstr(error.text, cases[i].message) != NULL, "%s", error.text);
    }
}
END_TEST

// A state of 10000 values given to 500 arrays in a file of 15 kB.
START_TEST(growth_beyond_reason_is_refused) {
    static const char first[] = "\x80\2cnumpy.core.multiarray\n_reconstruct\nq\0"
                                "cnumpy\nndarray\nNN\x87q\1(",
                      again[] = "h\0h\1Rh\2b";
    Text program = {0};
    text_add_bytes(&program, first, sizeof first - 1);
    for (int i = 0; i < 10000; i++) text_add(&program, "N");
    text_add(&program, "tq\2");
    for (int i = 0; i < 500; i++) text_add_bytes(&program, again, sizeof again - 1);
    help_write("data_batch_1", program.data, program.length);
    text_free(&program);
    help_refused("cifar10:dir=.", "data_batch_1: offset 13415: more than 4194304 values");
}
END_TEST

// The shared sample is a prefix of CIFAR-10: its first image is a frog, its first test image a cat,
// and the mean of red is near the published 0.4914.
START_TEST(real_images_are_read) {
    const char *dir = help_shared("data/cifar10");
    if (!dir) return;
    char spec[1100];
    snprintf(spec, sizeof spec, "cifar10:dir=%s,standardise=none,train=5000", dir);
    const DataSet *set = help_open(spec);
    ck_assert(set->n_train == 5000 && set->n_test == 1017 && set->d == PIXELS);
    static const double published[] = {0.4914, 0.4822, 0.4465};
    for (size_t c = 0; c < 3; c++) {
        double sum = 0;
        for (size_t i = 0; i < set->n_train; i++) {
            for (size_t k = 0; k < 1024; k++)
                sum += (double)set->x_train[i * PIXELS + c * 1024 + k];
        }
        ck_assert_double_eq_tol(sum / (5000 * 1024.0), published[c], 0.01);
    }
    data_close(set);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/cifar");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, help_enter, help_leave);
    tcase_add_test(tests, all_versions_give_the_same_images);
    tcase_add_test(tests, cifar100_has_two_kinds_of_labels);
    tcase_add_test(tests, channels_are_standardised_apart);
    tcase_add_test(tests, folders_are_searched_by_a_clear_rule);
    tcase_add_test(tests, wrong_labels_are_refused);
    tcase_add_loop_test(tests, cut_files_are_errors, 0, 3);
    tcase_add_test(tests, other_pickles_are_refused);
    tcase_add_test(tests, other_arrays_are_refused);
    tcase_add_test(tests, growth_beyond_reason_is_refused);
    tcase_add_test(tests, real_images_are_read);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
