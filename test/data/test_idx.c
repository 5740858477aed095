#include "help.h"
#include <zlib.h>

enum { IMAGES = 16 + 5 * 6, LABELS = 8 + 5 }; // five images of 2x3

static unsigned char images[IMAGES] = {0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 3};
static unsigned char labels[LABELS] = {0, 0, 8, 1, 0, 0, 0, 5, 3, 0, 1, 2, 3};

static size_t gzip(const void *bytes, size_t size, unsigned char *out, size_t room) {
    z_stream stream = {.next_in = (void *)(uintptr_t)bytes,
                       .avail_in = (uInt)size,
                       .next_out = out,
                       .avail_out = (uInt)room};
    ck_assert(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    ck_assert(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&stream);
    return room - stream.avail_out;
}

static void write_all(void) {
    for (size_t i = 16; i < IMAGES; i++) images[i] = (unsigned char)(7 * i);
    unsigned char packed[256];
    help_write("train-images-idx3-ubyte", images, IMAGES);
    help_write("train-labels-idx1-ubyte.gz", packed, gzip(labels, LABELS, packed, sizeof packed));
    help_write("t10k-images.idx3-ubyte.gz", packed, gzip(images, IMAGES, packed, sizeof packed));
    help_write("t10k-labels.idx1-ubyte", labels, LABELS);
}

START_TEST(plain_and_packed_files_are_read) {
    write_all();
    const DataSet *set = help_open("idx:dir=.");
    ck_assert(set->n_train == 5 && set->n_test == 5 && set->d == 6 && set->classes == 4);
    ck_assert(set->rank == 3 && set->size[0] == 2 && set->size[1] == 3 && set->size[2] == 1);
    for (size_t i = 0; i < 30; i++) {
        ck_assert_float_eq(set->x_train[i], (float)images[16 + i] / 255);
        ck_assert_float_eq(set->x_test[i], set->x_train[i]);
    }
    for (size_t i = 0; i < 5; i++) ck_assert_int_eq(set->y_test[i], labels[8 + i]);
    data_close(set);
}
END_TEST

static const char *const train_images = "train-images-idx3-ubyte";

static void refused_images(size_t size, const char *beginning) {
    help_write(train_images, images, size);
    help_refused("idx:dir=.", beginning);
}

START_TEST(wrong_headers_are_refused) {
    write_all();
    unsigned char kept[16];
    memcpy(kept, images, 16);
    images[2] = 9;
    refused_images(IMAGES, "train-images-idx3-ubyte: offset 0: magic number 0x00000903, but "
                           "images have 0x00000803");
    memcpy(images, kept, 16);
    memset(images + 4, 0xff, 12); // 2^96 pixels
    refused_images(IMAGES, "train-images-idx3-ubyte: offset 16: the header promises");
    memcpy(images, kept, 16);
    images[11] = 0;
    refused_images(IMAGES, "train-images-idx3-ubyte: offset 8: a size of 0");
    memcpy(images, kept, 16);
    images[7] = 4;
    refused_images(IMAGES, "train-images-idx3-ubyte: offset 40: 6 bytes follow the last value");
    refused_images(IMAGES - 6, "train-labels-idx1-ubyte.gz: offset 4: 5 labels, but there are 4");
    memcpy(images, kept, 16);
}
END_TEST

START_TEST(wrong_labels_are_refused) {
    write_all();
    unsigned char own[LABELS];
    memcpy(own, labels, LABELS);
    own[10] = 4; // training labels end at 3
    help_write("t10k-labels.idx1-ubyte", own, LABELS);
    help_refused("idx:dir=.", "t10k-labels.idx1-ubyte: offset 10: label 2 is 4, it is beyond");
    write_all();
    help_refused("idx:dir=.,classes=3", "train-labels-idx1-ubyte.gz: offset 8 of the unpacked "
                                        "content: label 0 is 3, it is beyond the last class, 2");
}
END_TEST

START_TEST(labels_may_begin_at_1) {
    write_all();
    unsigned char own[LABELS];
    memcpy(own, labels, LABELS);
    for (int i = 8; i < LABELS; i++) own[i]++;
    help_write("t10k-labels.idx1-ubyte", own, LABELS);
    unlink("train-labels-idx1-ubyte.gz");
    help_write("train-labels-idx1-ubyte", own, LABELS);
    help_refused("idx:dir=.", "train-labels-idx1-ubyte: offset 9: labels are 1 to 4 and count from "
                              "0 here; class 0 has no example: labels_from=1 makes classes 0 to 3");
    const DataSet *set = help_open("idx:dir=.,labels_from=1");
    ck_assert(set->classes == 4 && set->y_train[0] == 3 && set->y_test[1] == 0);
    ck_assert_str_eq(set->class_name[0], "1");
    data_close(set);
    own[12] = 0;
    help_write("t10k-labels.idx1-ubyte", own, LABELS);
    help_refused("idx:dir=.,labels_from=1",
                 "t10k-labels.idx1-ubyte: offset 12: label 4 is 0, it is below labels_from");
}
END_TEST

// ROOT/MNIST/raw is where torchvision puts its files; EMNIST's have names of their own.
START_TEST(folders_of_others_are_found) {
    write_all();
    ck_assert(
        system("mkdir -p root/MNIST/raw root/FashionMNIST root/EMNIST && mv t* root/MNIST/raw && "
               "cp -r root/MNIST/raw root/FashionMNIST/raw && cp -r root/MNIST/raw e && cd e && "
               "for f in train*; do mv $f emnist-letters-$f; done && "
               "for f in t10k*; do mv $f emnist-letters-test${f#t10k}; done") == 0);
    const DataSet *set = help_open("mnist:dir=root");
    ck_assert(set->n_train == 5 && set->classes == 4);
    data_close(set);
    data_close(help_open("fashion-mnist:dir=root"));
    data_close(help_open("idx:dir=root/MNIST"));
    help_refused("idx:dir=root", "root: has folders MNIST/raw and FashionMNIST/raw; "
                                 "dir=root/MNIST/raw says which");
    help_refused("idx:dir=e",
                 "e: has no train-images-idx3-ubyte, with or without .gz; for EMNIST say "
                 "split=letters");
    set = help_open("idx:dir=e,split=letters");
    ck_assert(set->n_train == 5 && set->n_test == 5);
    data_close(set);
    help_refused("idx:dir=e,split=digits", "e: has no emnist-digits-train-images-idx3-ubyte");
}
END_TEST

START_TEST(missing_files_are_named) {
    help_refused("idx:dir=.", ".: has no train-images-idx3-ubyte, with or without .gz");
    help_refused("idx:dir=absent", "absent: not there, nor in data, /usr/share/datasets");
}
END_TEST

// Cut at every byte: always an error that names the file.
START_TEST(cut_files_are_errors) {
    write_all();
    for (size_t i = 0; i < IMAGES; i++) refused_images(i, "train-images-idx3-ubyte: ");
    unsigned char packed[256];
    size_t size = gzip(images, IMAGES, packed, sizeof packed);
    unlink(train_images);
    for (size_t i = 0; i < size; i++) {
        help_write("train-images-idx3-ubyte.gz", packed, i);
        help_refused("idx:dir=.", "train-images-idx3-ubyte.gz: ");
    }
    help_write("train-images-idx3-ubyte.gz", packed, size);
    data_close(help_open("idx:dir=."));
    help_write("train-images-idx3-ubyte.gz", packed, size + 1);
    help_refused("idx:dir=.", "train-images-idx3-ubyte.gz: offset");
}
END_TEST

// Any one bit of a gzip file changed: an error or the right pixels (some header bits, such as the
// time, mean nothing here).
START_TEST(changed_gzip_files_are_errors_or_right) {
    write_all();
    unlink(train_images);
    unsigned char packed[256];
    size_t size = gzip(images, IMAGES, packed, sizeof packed), accepted = 0;
    for (size_t i = 0; i < 8 * size; i++) {
        packed[i / 8] ^= (unsigned char)(1U << i % 8);
        help_write("train-images-idx3-ubyte.gz", packed, size);
        Error error;
        const DataSet *set = data_open("idx:dir=.", &error);
        for (size_t k = 0; set && k < 30; k++)
            ck_assert_float_eq(set->x_train[k], (float)images[16 + k] / 255);
        accepted += set != NULL;
        data_close(set);
        packed[i / 8] ^= (unsigned char)(1U << i % 8);
    }
    ck_assert_uint_le(accepted, 8 * 8); // time, flags, system: no more than these bytes
    packed[size - 8] ^= 1;              // the sum
    help_write("train-images-idx3-ubyte.gz", packed, size);
    Error error;
    ck_assert_ptr_null(data_open("idx:dir=.", &error));
    ck_assert_ptr_nonnull(strstr(error.text, "corrupt gzip: incorrect data check"));
}
END_TEST

START_TEST(fashion_mnist_opens_where_it_is_installed) {
    if (!file_exists("/usr/share/datasets/fashion-mnist")) {
        fprintf(stderr, "skipped: dataset-fashion-mnist is not installed\n");
        return;
    }
    const DataSet *set = help_open("fashion-mnist");
    ck_assert(set->n_train == 60000 && set->n_test == 10000 && set->d == 784);
    size_t count[10] = {0};
    double sum = 0;
    for (size_t i = 0; i < set->n_train; i++) count[set->y_train[i]]++;
    for (int c = 0; c < 10; c++) ck_assert_uint_eq(count[c], 6000);
    for (size_t i = 0; i < set->n_train * 784; i++) sum += (double)set->x_train[i];
    ck_assert_double_eq_tol(sum / (60000.0 * 784), 0.2860, 5e-5); // the mean everybody quotes
    data_close(set);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/idx");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, help_enter, help_leave);
    tcase_add_test(tests, plain_and_packed_files_are_read);
    tcase_add_test(tests, wrong_headers_are_refused);
    tcase_add_test(tests, wrong_labels_are_refused);
    tcase_add_test(tests, labels_may_begin_at_1);
    tcase_add_test(tests, folders_of_others_are_found);
    tcase_add_test(tests, missing_files_are_named);
    tcase_add_test(tests, cut_files_are_errors);
    tcase_add_test(tests, changed_gzip_files_are_errors_or_right);
    tcase_add_test(tests, fashion_mnist_opens_where_it_is_installed);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
