// Worlds: points, labels, teachers, samples; what is refused, word for word.
#include "guess/labels.h"
#include "guess/world.h"
#include "run_suite.h"
#include <string.h>

static void fill(Settings *settings, const char *const *pairs) {
    for (; *pairs; pairs += 2) {
        Text place = {0};
        text_printf(&place, "--%s", pairs[0]);
        settings_set(settings, pairs[0], pairs[1], place.data);
        text_free(&place);
    }
}

typedef struct Opened {
    Settings settings;
    World world;
    Error error;
    bool ok;
} Opened;

// pairs: NAME, VALUE, ..., NULL
static Opened *open_world(const char *const *pairs) {
    Opened *opened = memory_new(1, sizeof *opened);
    fill(&opened->settings, pairs);
    opened->ok = world_open(&opened->settings, &opened->world, &opened->error);
    return opened;
}

static void close_world(Opened *opened) {
    world_close(&opened->world);
    settings_free(&opened->settings);
    memory_free(opened);
}

#define PAIRS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NET2       "model", "input 2 fc-2 relu fc-1"
#define NET4       "model", "input 4 fc-8 bias=no relu fc-1 bias=no"

START_TEST(tables_by_name_and_number) {
    static const struct {
        const char *text, *printed;
        size_t d;
    } cases[] = {
        {"and", "0x8", 2},       {"or", "0xe", 2},
        {"xor", "0x6", 2},       {"nand", "0x7", 2},
        {"nor", "0x1", 2},       {"xnor", "0x9", 2},
        {"majority", "0xe8", 3}, {"MAJORITY", "0x8", 2},
        {"xor", "0x96", 3},      {"x0", "0xa", 2},
        {"x1", "0xc", 2},        {"x2", "0xf0", 3},
        {"all", "0x3", 1},       {"none", "0x0", 4},
        {"0x8001", "0x8001", 4}, {"0X00Ff", "0xff", 3},
        {"0x2", "0x2", 1},       {"and", "0x80000000000000000000000000000000", 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bit[128];
        Error error;
        Text text = {0};
        ck_assert(labels_read(cases[i].text, cases[i].d, "--labels", bit, &error));
        labels_print(bit, cases[i].d, &text);
        ck_assert_str_eq(text.data, cases[i].printed);
        text_free(&text);
    }
}
END_TEST

START_TEST(tables_that_are_none) {
    static const char *const bad[] = {"",    "0x",  "0xg", "8",    "x3",
                                      "x-1", "x+1", "x",   "andd", "0x 8"};
    uint8_t bit[8];
    Error error;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert(!labels_read(bad[i], 3, "--labels", bit, &error));
        ck_assert_msg(strncmp(error.text, "--labels: \"", 11) == 0, "%s", error.text);
    }
    ck_assert(!labels_read("0x100", 3, "a.yaml:2:9", bit, &error));
    ck_assert_str_eq(error.text, "a.yaml:2:9: 0x100 names point 8, but the cube has 8 points");
}
END_TEST

// Point i has coordinate j = +1 exactly when bit j of i is set.
START_TEST(the_cube_in_order) {
    Opened *opened = open_world(PAIRS(NET4, "labels", "x2"));
    const World *world = &opened->world;
    ck_assert_msg(opened->ok, "%s", opened->error.text);
    ck_assert(world->tests == 16 && world->points.n == 16 && world->drawn == 16 && world->complete);
    for (size_t i = 0; i < 16; i++) {
        for (size_t j = 0; j < 4; j++)
            ck_assert(world->test_x[i * 4 + j] == ((i >> j & 1) ? 1.0f : -1.0f));
        ck_assert_int_eq(world->test_y[i], (i >> 2 & 1) ? 1 : -1);
        ck_assert_uint_eq(world->place[i], i);
    }
    close_world(opened);
}
END_TEST

START_TEST(named_points_come_first) {
    Opened *opened = open_world(PAIRS(NET4, "labels", "0xbeef", "points", "0x2481"));
    const World *world = &opened->world;
    static const uint32_t order[] = {0, 7, 10, 13, 1, 2, 3, 4, 5, 6, 8, 9, 11, 12, 14, 15};
    ck_assert_msg(opened->ok, "%s", opened->error.text);
    ck_assert(world->points.n == 4 && world->points.all == 16 && world->drawn == 4);
    ck_assert_mem_eq(world->place, order, sizeof order);
    for (size_t i = 0; i < 16; i++) {
        ck_assert_int_eq(world->points.y[i], (0xbeef >> order[i] & 1) ? 1 : -1);
        ck_assert_mem_eq(world->points.x + 4 * i, world->test_x + 4 * order[i], 16);
    }
    close_world(opened);
}
END_TEST

// Each of 16 points has probability 1/16: over 4000 samples of 10 points, chi-square with 15
// degrees of freedom is above 44.3 with probability 1e-4.
START_TEST(samples_are_uniform) {
    Opened *opened = open_world(PAIRS(NET4, "labels", "and", "samples", "10"));
    World *world = &opened->world;
    size_t times[16] = {0}, different = 0;
    ck_assert_msg(opened->ok, "%s", opened->error.text);
    for (int64_t seed = 0; seed < 4000; seed++) {
        ck_assert(world_redraw(world, seed, &opened->error));
        ck_assert(world->drawn == 10 && world->points.n <= 10 && world->points.all == 16);
        times[world->place[0]]++; // the first draw
        different += world->points.n;
    }
    double chi = 0;
    for (int i = 0; i < 16; i++) chi += ((double)times[i] - 250) * ((double)times[i] - 250) / 250;
    ck_assert_double_lt(chi, 44.3);
    // E = 16 (1 - (15/16)^10) = 7.608; the variance of one sample is below 1: 4.4 sd of the mean
    ck_assert_double_eq_tol((double)different / 4000, 7.60808, 0.07);
    close_world(opened);
}
END_TEST

START_TEST(a_teacher_labels) {
    Opened *opened = open_world(PAIRS(NET4, "teacher", "1", "teacher_weights", "1,-1,0,1,1"));
    const World *world = &opened->world;
    ck_assert_msg(opened->ok, "%s", opened->error.text);
    for (size_t i = 0; i < 16; i++) {
        const float *x = world->test_x + 4 * i;
        ck_assert_int_eq(world->test_y[i], x[0] - x[1] + x[3] > 0 ? 1 : -1);
    }
    close_world(opened);
}
END_TEST

static size_t count_ones(const World *world) {
    size_t ones = 0;
    for (size_t i = 0; i < world->tests; i++) ones += world->test_y[i] > 0;
    return ones;
}

START_TEST(a_drawn_teacher_says_both) {
    int8_t first[16];
    bool all_same = true;
    for (int seed = 0; seed < 9; seed++) {
        char text[16];
        snprintf(text, sizeof text, "%d", seed);
        Opened *opened = open_world(PAIRS(NET4, "teacher", "2", "teacher_seed", text));
        ck_assert_msg(opened->ok, "%s", opened->error.text);
        size_t ones = count_ones(&opened->world);
        ck_assert(ones >= 2 && ones <= 14);
        if (seed == 0) memcpy(first, opened->world.test_y, 16);
        all_same = all_same && memcmp(first, opened->world.test_y, 16) == 0;
        close_world(opened);
    }
    ck_assert(!all_same);
}
END_TEST

START_TEST(normal_points) {
    Opened *opened =
        open_world(PAIRS(NET4, "data", "normal:4", "samples", "19", "test", "500", "teacher", "3"));
    World *world = &opened->world;
    ck_assert_msg(opened->ok, "%s", opened->error.text);
    ck_assert(world->points.n == 19 && world->points.all == 19 && world->tests == 500);
    ck_assert(!world->complete);
    float x = world->points.x[0], test = world->test_x[0];
    double sum = 0, squares = 0;
    for (size_t i = 0; i < 2000; i++) {
        sum += (double)world->test_x[i];
        squares += (double)world->test_x[i] * (double)world->test_x[i];
    }
    ck_assert_double_lt(sum / 2000, 0.1); // 4.5 sd
    ck_assert_double_eq_tol(squares / 2000, 1, 0.15);
    ck_assert(world_redraw(world, 1, &opened->error));
    ck_assert(world->points.x[0] != x && world->test_x[0] == test);
    close_world(opened);
}
END_TEST

START_TEST(two_classes_of_a_data_set) {
    Opened *opened =
        open_world(PAIRS("model", "input 40 fc-2 relu fc-1", "prior", "normal", "data",
                         "mnist1d:train=300,test=200", "classes", "3,8", "samples", "19"));
    World *world = &opened->world;
    ck_assert_msg(opened->ok, "%s", opened->error.text);
    ck_assert(world->points.n == 19 && world->drawn == 19 && world->rows > 19);
    for (size_t i = 0; i < world->rows; i++) {
        int32_t label = world->set->y_train[world->row[i]];
        ck_assert(label == 3 || label == 8);
    }
    size_t at = 0;
    for (size_t i = 0; i < world->set->n_test; i++) {
        int32_t label = world->set->y_test[i];
        if (label != 3 && label != 8) continue;
        ck_assert_int_eq(world->test_y[at], label == 8 ? 1 : -1);
        ck_assert_mem_eq(world->test_x + 40 * at++, world->set->x_test + 40 * i, 160);
    }
    ck_assert_uint_eq(at, world->tests);
    close_world(opened);
}
END_TEST

typedef struct Refusal {
    const char *const *pairs;
    const char *text;
} Refusal;

#define REFUSED(text, ...)                                                                         \
    { (const char *const[]){__VA_ARGS__, NULL}, text }

START_TEST(what_is_refused) {
    const Refusal refused[] = {
        REFUSED("--teacher: \"9\": a teacher is no wider than the student; the student's hidden "
                "layers are 8",
                NET4, "teacher", "9"),
        REFUSED(
            "--teacher: \"2x\": it takes widths from 1 up, such as 2 or 2x3; the student's hidden "
            "layers are 8",
            NET4, "teacher", "2x"),
        REFUSED(
            "--teacher: \"1x1\": it takes one width for each hidden layer; the student's hidden "
            "layers are 8",
            NET4, "teacher", "1x1"),
        REFUSED("--teacher: \"1\": there are 1 to 16 of them; the student's hidden layers are none",
                "model", "input 2 fc-1", "teacher", "1"),
        REFUSED("--teacher_weights: 2 numbers, but this teacher has 5 weights", NET4, "teacher",
                "1", "teacher_weights", "1,2"),
        REFUSED("--teacher_weights: labels are given, too; one of them says it all", NET4, "labels",
                "and", "teacher", "1", "teacher_weights", "1,1,1,1,1"),
        REFUSED("--points: there is no point in it (N = 0)", NET4, "labels", "and", "points",
                "none"),
        REFUSED("--samples: N = 0 leaves nothing to fit; without it all points are taken", NET4,
                "labels", "and", "samples", "0"),
        REFUSED("--samples: points are named, too; the sample is those, or drawn", NET4, "labels",
                "and", "points", "0x3", "samples", "2"),
        REFUSED("--data: cube:21; it takes a dimension from 1 to 20, as cube:4", NET4, "data",
                "cube:21"),
        REFUSED("--data: the network takes 4 inputs, but cube:3 has 3", NET4, "data", "cube:3"),
        REFUSED("--labels: normal:4 has none to choose", NET4, "data", "normal:4", "labels", "and"),
        REFUSED("--classes: \"3\"; it takes two different classes of 0 to 9, such as 3,8", "model",
                "input 40 fc-1", "data", "mnist1d:train=50,test=9", "classes", "3"),
        REFUSED("--classes: \"3,10\"; it takes two different classes of 0 to 9, such as 3,8",
                "model", "input 40 fc-1", "data", "mnist1d:train=50,test=9", "classes", "3,10"),
        REFUSED("--data: gaussian:n=9,d=4,test=3,signal=1,noise=0.25,seed=0 has no classes to tell "
                "apart",
                NET4, "data", "gaussian:n=9,d=4,test=3"),
        REFUSED("--levels: 0 stands there twice", NET2, "levels", "0,1,0"),
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        Opened *opened = open_world(refused[i].pairs);
        ck_assert_msg(!opened->ok, "%s", refused[i].text);
        if (i + 1 < sizeof refused / sizeof *refused)
            ck_assert_str_eq(opened->error.text, refused[i].text);
        close_world(opened);
    }
}
END_TEST

// The same image twice, with both labels.
START_TEST(contradictory_labels) {
    ck_assert(file_write("two.csv", "1,2,0\n3,4,1\n1,2,1\n5,6,0\n", 24, NULL));
    Opened *opened = open_world(PAIRS(NET2, "data", "csv:file=two.csv"));
    ck_assert(!opened->ok);
    ck_assert_str_eq(opened->error.text,
                     "--data: two equal points have different labels: no network "
                     "fits, p_S = 0");
    close_world(opened);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("guess/world");
    TCase *all = tcase_create("world");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, tables_by_name_and_number);
    tcase_add_test(all, tables_that_are_none);
    tcase_add_test(all, the_cube_in_order);
    tcase_add_test(all, named_points_come_first);
    tcase_add_test(all, samples_are_uniform);
    tcase_add_test(all, a_teacher_labels);
    tcase_add_test(all, a_drawn_teacher_says_both);
    tcase_add_test(all, normal_points);
    tcase_add_test(all, two_classes_of_a_data_set);
    tcase_add_test(all, what_is_refused);
    tcase_add_test(all, contradictory_labels);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
