#include "help.h"
#include <math.h>

// A set of n examples in memory: feature k of example i is 1000 i + k + 1, so that every value
// says where it comes from, and 0 has become -k - 0.5.
typedef struct World {
    DataSet set;
    float *out, *plain;
} World;

static World world(int rank, int64_t a, int64_t b, int64_t c, size_t n) {
    World w = {.set = {.rank = rank, .size = {a, b, c}, .n_train = n}};
    w.set.d = (size_t)(a * b * c);
    w.set.x_train = memory_new(n * w.set.d, sizeof(float));
    w.set.zero = memory_new(w.set.d, sizeof(float));
    w.out = memory_new(w.set.d, sizeof(float));
    w.plain = memory_new(w.set.d, sizeof(float));
    for (size_t i = 0; i < n * w.set.d; i++)
        w.set.x_train[i] = (float)(1000 * (i / w.set.d) + i % w.set.d + 1);
    for (size_t k = 0; k < w.set.d; k++) w.set.zero[k] = -(float)k - 0.5F;
    return w;
}

static void world_free(World *w) {
    memory_free(w->set.x_train);
    memory_free(w->set.zero);
    memory_free(w->out);
    memory_free(w->plain);
}

// By the words of the header: pad, cut out at (top, left), mirror. As plain loops over (c, h, w).
static void plain_loop(const World *w, uint32_t row, int64_t pad, int64_t top, int64_t left,
                       bool mirrored) {
    const DataSet *set = &w->set;
    int64_t height = set->rank == 3 ? set->size[0] : 1;
    int64_t width = set->rank == 3 ? set->size[1] : set->size[0];
    for (int64_t k = 0; k < (int64_t)set->d; k++) {
        int64_t channel = k / (height * width), i = k / width % height, j = k % width;
        int64_t y = i + top - (set->rank == 3 ? pad : 0);
        int64_t x = (mirrored ? width - 1 - j : j) + left - pad;
        bool inside = y >= 0 && y < height && x >= 0 && x < width;
        w->plain[k] =
            inside ? set->x_train[row * set->d + (size_t)((channel * height + y) * width + x)]
                   : set->zero[k];
    }
}

typedef struct Found {
    int64_t top, left;
    bool mirrored;
} Found;

// Which of all crops and flips an output is; exactly one must fit.
static Found find(const World *w, uint32_t row, int64_t pad) {
    int fits = 0;
    Found found = {0};
    int64_t tops = w->set.rank == 3 ? 2 * pad : 0;
    for (int64_t top = 0; top <= tops; top++) {
        for (int64_t at = 0; at < 2 * (2 * pad + 1); at++) {
            plain_loop(w, row, pad, top, at / 2, at % 2);
            if (memcmp(w->plain, w->out, w->set.d * sizeof(float)) != 0) continue;
            found = (Found){top, at / 2, at % 2};
            fits++;
        }
    }
    ck_assert_int_eq(fits, 1);
    return found;
}

static const struct {
    int rank;
    int64_t size[3];
} shapes[] = {{3, {9, 7, 3}}, {3, {5, 11, 1}}, {2, {13, 2, 1}}, {1, {40, 1, 1}}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

// Over 4000 draws with pad 2, each of the 25 (signals: 5) places is met within 6 deviations of its
// mean, and flips likewise: by chance one of 26 fails with probability below 26 * 2e-9.
START_TEST(crops_and_flips_are_uniform) {
    enum { PAD = 2, DRAWS = 4000, ROWS = 40 };
    World w =
        world(shapes[_i].rank, shapes[_i].size[0], shapes[_i].size[1], shapes[_i].size[2], ROWS);
    DataAugment augment = {AUGMENT_CROP_FLIP, PAD, 7};
    double count[5][5] = {{0}}, mirrored = 0;
    for (int t = 0; t < DRAWS; t++) {
        uint32_t row = (uint32_t)t % ROWS;
        data_augment(&w.set, &augment, t / ROWS, row, w.out);
        Found found = find(&w, row, PAD);
        count[found.top][found.left]++;
        mirrored += found.mirrored;
    }
    int tops = shapes[_i].rank == 3 ? 5 : 1;
    double p = 1.0 / (5 * tops);
    for (int i = 0; i < tops; i++) {
        for (int j = 0; j < 5; j++)
            ck_assert_double_eq_tol(count[i][j], DRAWS * p, 6 * sqrt(DRAWS * p * (1 - p)));
    }
    ck_assert_double_eq_tol(mirrored, DRAWS / 2.0, 6 * sqrt(DRAWS / 4.0));
    world_free(&w);
}
END_TEST

// flip alone and crop alone: the flips are the same as together, the crops, too.
START_TEST(the_parts_are_those_of_the_whole) {
    enum { PAD = 3 };
    World w = world(3, 9, 7, 3, 30);
    for (uint32_t row = 0; row < 30; row++) {
        data_augment(&w.set, &(DataAugment){AUGMENT_CROP_FLIP, PAD, 5}, 2, row, w.out);
        Found both = find(&w, row, PAD);
        data_augment(&w.set, &(DataAugment){AUGMENT_FLIP, PAD, 5}, 2, row, w.out);
        Found flip = find(&w, row, PAD);
        ck_assert(flip.top == PAD && flip.left == PAD && flip.mirrored == both.mirrored);
        data_augment(&w.set, &(DataAugment){AUGMENT_CROP, PAD, 5}, 2, row, w.out);
        Found crop = find(&w, row, PAD);
        ck_assert(crop.top == both.top && crop.left == both.left && !crop.mirrored);
        data_augment(&w.set, &(DataAugment){AUGMENT_NONE, PAD, 5}, 2, row, w.out);
        ck_assert_mem_eq(w.out, w.set.x_train + row * w.set.d, w.set.d * sizeof(float));
    }
    world_free(&w);
}
END_TEST

// Seed, epoch and row decide, and nothing else: any order gives the same bits; each of the three
// gives other draws (two of 20 sequences of 40 draws agree by chance with probability 1e-60).
START_TEST(seed_epoch_and_row_alone_decide) {
    enum { ROWS = 40, PAD = 4 };
    World w = world(3, 8, 8, 1, ROWS);
    DataAugment augment = {AUGMENT_CROP_FLIP, PAD, 1};
    float *first = memory_new(ROWS * w.set.d, sizeof *first);
    for (uint32_t row = 0; row < ROWS; row++)
        data_augment(&w.set, &augment, 3, row, first + row * w.set.d);
    for (uint32_t row = ROWS; row-- > 0;) {
        data_augment(&w.set, &augment, 9, (row * 7) % ROWS, w.out);
        data_augment(&w.set, &augment, 3, row, w.out);
        ck_assert_mem_eq(w.out, first + row * w.set.d, w.set.d * sizeof *first);
    }
    size_t other[2] = {0};
    for (uint32_t row = 0; row < ROWS; row++) {
        for (int k = 0; k < 2; k++) {
            DataAugment changed = {AUGMENT_CROP_FLIP, PAD, k ? 2 : 1};
            data_augment(&w.set, &changed, k ? 3 : 4, row, w.out);
            other[k] += memcmp(w.out, first + row * w.set.d, w.set.d * sizeof *first) != 0;
        }
    }
    ck_assert(other[0] > ROWS / 2 && other[1] > ROWS / 2);
    memory_free(first);
    world_free(&w);
}
END_TEST

// Padding is what black became: of standardised pixels -mean/sd of their channel, and augmenting
// then standardising is standardising then augmenting.
START_TEST(padding_is_black) {
    help_enter();
    ck_assert(file_make_folder("raw", NULL));
    unsigned char record[3073 * 4];
    for (size_t i = 0; i < sizeof record; i++)
        record[i] = (unsigned char)(i % 3073 ? i * i / 7 % 200 + 40 * (i % 3073 / 1025) : i / 3073);
    help_write("raw/train.bin", record, sizeof record);
    help_write("raw/test.bin", record, sizeof record);
    const DataSet *raw = help_open("cifar10:dir=raw,standardise=none");
    const DataSet *scaled = help_open("cifar10:dir=raw");
    DataAugment augment = {AUGMENT_CROP_FLIP, 4, 11};
    float *a = memory_new(raw->d, sizeof *a), *b = memory_new(raw->d, sizeof *b);
    for (int64_t epoch = 0; epoch < 8; epoch++) {
        data_augment(raw, &augment, epoch, 1, a);
        data_augment(scaled, &augment, epoch, 1, b);
        for (size_t k = 0; k < raw->d; k++) {
            size_t first = k / 1024 * 1024; // of the channel
            double span = (double)(raw->x_train[first] - raw->x_train[first + 900]);
            double scale = (double)(scaled->x_train[first] - scaled->x_train[first + 900]) / span;
            ck_assert_double_eq_tol((double)b[k],
                                    (double)scaled->zero[first] + scale * (double)a[k], 1e-5);
        }
    }
    memory_free(a);
    memory_free(b);
    data_close(raw);
    data_close(scaled);
    help_leave();
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/augment");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, crops_and_flips_are_uniform, 0, SHAPES);
    tcase_add_test(tests, the_parts_are_those_of_the_whole);
    tcase_add_test(tests, seed_epoch_and_row_alone_decide);
    tcase_add_test(tests, padding_is_black);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
