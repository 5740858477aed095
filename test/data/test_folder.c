#include "help.h"
#include "images_reference.h"
#include <sys/stat.h>

static const unsigned char *bytes_of(const char *name, size_t *size) {
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (strcmp(files[i].name, name) != 0) continue;
        *size = files[i].size;
        return files[i].bytes;
    }
    ck_abort_msg("no %s", name);
}

// One of the reference's files at a path whose folders are made.
static void put(const char *path, const char *name) {
    char dir[64];
    snprintf(dir, sizeof dir, "%s", path);
    *strrchr(dir, '/') = 0;
    ck_assert(file_make_folder(dir, NULL));
    size_t size;
    const unsigned char *bytes = bytes_of(name, &size);
    help_write(path, bytes, size);
}

// Three classes; every PNG is 7x5.
static void write_classes(const char *dir) {
    static const char *const names[][2] = {
        {"zebra/b.png", "png_2_8"}, {"zebra/a.png", "png_6_8"}, {"ant/1.PNG", "png_0_4"},
        {"ant/2.png", "png_3_8"},   {"Bee/x.png", "png_2_16"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%s", dir, names[i][0]);
        put(path, names[i][1]);
    }
}

// Row `row` is the image of a file, channel-major and divided by 255.
static void is_file(const DataSet *set, size_t row, const char *path, size_t channels) {
    DataImage image;
    ck_assert(data_read_image(path, channels, &image, NULL));
    size_t plane = image.height * image.width;
    ck_assert_uint_eq(set->d, plane * channels);
    for (size_t k = 0; k < set->d; k++)
        ck_assert_float_eq(set->x_train[row * set->d + k],
                           (float)image.pixel[k % plane * channels + k / plane] / 255.0F);
    memory_free(image.pixel);
}

START_TEST(classes_and_files_come_sorted) {
    write_classes("d");
    put("d/.hidden/a.png", "png_2_8");
    help_write_text("d/readme.txt", "beside the classes");
    help_write_text("d/ant/.hidden", "");
    const DataSet *set = help_open("folder:dir=d,standardise=none");
    ck_assert(set->n_train == 5 && set->n_test == 0 && set->classes == 3);
    ck_assert(set->rank == 3 && set->size[0] == 5 && set->size[1] == 7 && set->size[2] == 3);
    static const int32_t labels[] = {0, 1, 1, 2, 2}; // Bee, ant, zebra: by their bytes
    ck_assert_mem_eq(set->y_train, labels, sizeof labels);
    ck_assert_str_eq(set->class_name[0], "Bee");
    ck_assert_str_eq(set->class_name[2], "zebra");
    is_file(set, 0, "d/Bee/x.png", 3);
    is_file(set, 1, "d/ant/1.PNG", 3);
    is_file(set, 4, "d/zebra/b.png", 3);
    data_close(set);
    set = help_open("folder:dir=d,standardise=none,colour=grey,holdout=0.4,seed=7");
    ck_assert(set->n_train == 3 && set->n_test == 2 && set->size[2] == 1);
    data_close(set);
}
END_TEST

START_TEST(train_and_test_may_be_folders) {
    write_classes("d/train");
    put("d/val/zebra/q.png", "png_2_8");
    put("d/val/ant/q.png", "png_2_8");
    const DataSet *set = help_open("folder:dir=d,standardise=none");
    ck_assert(set->n_train == 5 && set->n_test == 2);
    ck_assert(set->y_test[0] == 1 && set->y_test[1] == 2); // numbers are the training side's
    data_close(set);
    help_refused("folder:dir=d,holdout=0.5",
                 "folder:dir=d,size=0,colour=rgb,standardise=channel,holdout=0.5,seed=0: holdout, "
                 "but there is a folder d/val");
    put("d/test/cow/q.png", "png_2_8"); // test goes before val
    help_refused("folder:dir=d", "d/test/cow: a class without training images");
}
END_TEST

START_TEST(other_sizes_need_a_size) {
    write_classes("d");
    put("d/ant/3.jpg", "jpeg_colour");
    help_refused("folder:dir=d", "d/ant/3.jpg: 21x10 pixels, but d/Bee/x.png has 7x5; size=N");
    const DataSet *set = help_open("folder:dir=d,size=6,standardise=none");
    ck_assert(set->n_train == 6 && set->d == 3 * 6 * 6);
    float *x = memory_new(set->d, sizeof *x);
    const DataRecipe recipe = {6, 6, 6, 3, {0}, {1, 1, 1}};
    ck_assert(data_prepare_image("d/ant/3.jpg", &recipe, x, NULL));
    ck_assert_mem_eq(set->x_train + 3 * set->d, x, set->d * sizeof *x);
    memory_free(x);
    data_close(set);
}
END_TEST

START_TEST(what_is_no_class_or_image_is_named) {
    help_refused("folder", "folder:dir=,size=0,colour=rgb,standardise=channel,holdout=0,seed=0: "
                           "give dir=FOLDER");
    help_refused("folder:dir=absent", "absent: not there");
    put("d/one/a.png", "png_2_8");
    help_refused("folder:dir=d", "d: 1 folders; a folder for each class is expected, 2 to 65536");
    ck_assert(mkdir("d/empty", 0700) == 0);
    help_write_text("d/empty/Thumbs.db", ""); // what systems leave is no image and no fault
    help_write_text("d/empty/.DS_Store", "");
    help_write_text("d/empty/README", "");
    help_refused("folder:dir=d",
                 "d/empty: a class without images; remove the folder, or put them in");
    help_write_text("d/empty/a.txt", "");
    help_refused("folder:dir=d",
                 "d/empty/a.txt: not named as an image is, .png, .jpg or .jpeg; remove it");
    unlink("d/empty/a.txt");
    help_write_text("d/empty/a.webp", "");
    help_refused("folder:dir=d", "d/empty/a.webp: images are read as .png, .jpg or .jpeg; convert "
                                 "or remove it");
    unlink("d/empty/a.webp");
    ck_assert(mkdir("d/empty/in", 0700) == 0);
    help_refused("folder:dir=d", "d/empty/in: a folder inside the folder of a class; images lie in "
                                 "d/empty itself");
    rmdir("d/empty/in");
    help_write_text("d/b.jpg", "");
    help_refused("folder:dir=d",
                 "d/b.jpg: an image beside the folders of classes; which is its class?");
    unlink("d/b.jpg");
    help_write_text("d/empty/a.png", "GIF89a");
    help_refused("folder:dir=d",
                 "d/empty/a.png: offset 0: neither a PNG nor a JPEG file by its first bytes, but a "
                 "GIF file");
    size_t size;
    const unsigned char *bytes = bytes_of("png_2_8", &size);
    help_write("d/empty/a.png", bytes, size - 20);
    char expected[80];
    snprintf(expected, sizeof expected, "d/empty/a.png: offset %zu: the PNG file ends too early",
             size - 20);
    help_refused("folder:dir=d", expected);
    help_write_text("file", "");
    help_refused("folder:dir=file", "file: cannot open: Not a directory");
    if (getuid() == 0) return; // may read everything
    ck_assert(chmod("d/empty", 0) == 0);
    help_refused("folder:dir=d", "d/empty: cannot open: Permission denied");
    ck_assert(chmod("d/empty", 0700) == 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/folder");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, help_enter, help_leave);
    tcase_add_test(tests, classes_and_files_come_sorted);
    tcase_add_test(tests, train_and_test_may_be_folders);
    tcase_add_test(tests, other_sizes_need_a_size);
    tcase_add_test(tests, what_is_no_class_or_image_is_named);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
