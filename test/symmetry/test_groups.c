// The notation, the pattern of shared weights and the order of a group, against published counts,
// sympy (reference.py) and brute force.
#include "symmetry/invariants.h"
#include "symmetry/reference.h"
#include "symmetry/symmetry.h"
#include "run_suite.h"
#include <string.h>

static Symmetry *read(const char *text) {
    Error error = {0};
    Symmetry *symmetry = symmetry_read(text, strlen(text), false, &error);
    ck_assert_msg(symmetry != NULL, "%s", error.text);
    return symmetry;
}

static SymmetryPattern pattern_of(const Symmetry *symmetry) {
    SymmetryPattern pattern;
    Error error = {0};
    ck_assert_msg(symmetry_pattern(symmetry, &pattern, &error), "%s", error.text);
    return pattern;
}

static size_t count_weights(const char *text) {
    Symmetry *symmetry = read(text);
    SymmetryPattern pattern = pattern_of(symmetry);
    size_t weights = pattern.weights;
    symmetry_pattern_free(&pattern);
    symmetry_free(symmetry);
    return weights;
}

static void check_order(const char *text, const char *wanted) {
    Symmetry *symmetry = read(text);
    char *order;
    Error error = {0};
    ck_assert_msg(symmetry_order(symmetry, SYMMETRY_EFFORT, &order, &error), "%s", error.text);
    ck_assert_ptr_nonnull(order);
    ck_assert_msg(strcmp(order, wanted) == 0, "%s: %s instead of %s", text, order, wanted);
    memory_free(order);
    symmetry_free(symmetry);
}

// ---- published counts ----

static const struct {
    const char *text;
    size_t weights;
} PUBLISHED[] = {
    {"S2", 2},
    {"S5", 2},
    {"S19", 2},
    {"A3", 3},
    {"A4", 2},
    {"C7", 7},
    {"C19", 19},
    {"D8", 5},
    {"D19", 10},
    {"S4 on pairs", 15},
    {"S7 on pairs", 15},
    {"S7 on subsets(2)", 3},
    {"S7 on subsets(3)", 4},
    {"S7 on subsets(5)", 3},
    {"S3 x S4 on grid", 4},
    {"S2 x S9 on grid", 4},
    {"torus 8x8", 64},
    {"torus 5x7", 35},
    {"S2 wr S3 on product", 4},
    {"S2 wr S6 on product", 7},
    {"rot90 4x4", 64},
    {"square 4x4", 36},
    {"S3 wr S4", 3},
    {"S5 wr S2", 3},
    {"rubik", 9},
};

START_TEST(published_counts) {
    for (size_t i = 0; i < sizeof PUBLISHED / sizeof *PUBLISHED; i++) {
        size_t weights = count_weights(PUBLISHED[i].text);
        ck_assert_msg(weights == PUBLISHED[i].weights, "%s: %zu", PUBLISHED[i].text, weights);
    }
}
END_TEST

START_TEST(sympy_agrees) {
    for (size_t i = 0; i < sizeof SYMPY / sizeof *SYMPY; i++) {
        Symmetry *symmetry = read(SYMPY[i].text);
        SymmetryPattern pattern = pattern_of(symmetry);
        ck_assert_msg(pattern.weights == SYMPY[i].weights && pattern.biases == SYMPY[i].biases,
                      "%s: %zu, %zu", SYMPY[i].text, pattern.weights, pattern.biases);
        symmetry_pattern_free(&pattern);
        symmetry_free(symmetry);
        check_order(SYMPY[i].text, SYMPY[i].order);
    }
}
END_TEST

// ---- brute force ----

// All elements of the group on outputs and inputs, (count, rows + cols), by closing under products.
static size_t all_elements(const Symmetry *symmetry, int32_t *element, size_t room) {
    size_t rows = symmetry->out.n, cols = symmetry->in.n, n = rows + cols, count = 1;
    for (size_t i = 0; i < n; i++) element[i] = (int32_t)(i < rows ? i : i - rows);
    for (size_t at = 0; at < count; at++) {
        for (size_t k = 0; k < symmetry->out.generators; k++) {
            ck_assert_uint_lt(count, room);
            int32_t *to = element + count * n;
            for (size_t i = 0; i < n; i++) {
                size_t image = (size_t)element[at * n + i];
                to[i] = i < rows ? symmetry->out.image[k * rows + image]
                                 : symmetry->in.image[k * cols + image];
            }
            size_t old = 0;
            while (old < count && memcmp(element + old * n, to, n * sizeof *to) != 0) old++;
            count += old == count;
        }
    }
    return count;
}

// Burnside: the number of orbits is the mean number of what an element leaves where it is.
static size_t burnside(const Symmetry *symmetry, const int32_t *element, size_t count) {
    size_t rows = symmetry->out.n, cols = symmetry->in.n, fixed = 0;
    for (size_t at = 0; at < count; at++, element += rows + cols) {
        size_t left = 0, right = 0;
        for (size_t i = 0; i < rows; i++) left += element[i] == (int32_t)i;
        for (size_t j = 0; j < cols; j++) right += element[rows + j] == (int32_t)j;
        fixed += left * right;
    }
    ck_assert_uint_eq(fixed % count, 0);
    return fixed / count;
}

// Labels by union-find over all pairs and generators, numbered as they first appear.
static uint32_t *plain_labels(const Symmetry *symmetry) {
    const SymmetryGroup *out = &symmetry->out, *in = &symmetry->in;
    size_t pairs = out->n * in->n;
    uint32_t *parent = memory_new(pairs, sizeof *parent), *label = memory_new(pairs, sizeof *label);
    for (size_t i = 0; i < pairs; i++) parent[i] = (uint32_t)i;
    for (size_t k = 0; k < out->generators; k++) {
        for (size_t i = 0; i < pairs; i++) {
            uint32_t a = (uint32_t)i;
            uint32_t b = (uint32_t)((size_t)out->image[k * out->n + i / in->n] * in->n +
                                    (size_t)in->image[k * in->n + i % in->n]);
            while (parent[a] != a) a = parent[a];
            while (parent[b] != b) b = parent[b];
            parent[a < b ? b : a] = a < b ? a : b;
        }
    }
    uint32_t labels = 0;
    for (size_t i = 0; i < pairs; i++) {
        uint32_t a = (uint32_t)i;
        while (parent[a] != a) a = parent[a];
        label[i] = a == i ? labels++ : label[a];
    }
    memory_free(parent);
    return label;
}

static void check_labels(const Symmetry *symmetry) {
    SymmetryPattern pattern = pattern_of(symmetry);
    uint32_t *label = plain_labels(symmetry);
    for (size_t i = 0; i < pattern.rows; i++)
        for (size_t j = 0; j < pattern.cols; j++)
            ck_assert_uint_eq(symmetry_label(&pattern, i, j), label[i * pattern.cols + j]);
    uint32_t *size = memory_new(pattern.weights, sizeof *size);
    size_t sum = 0;
    symmetry_sizes(&pattern, size);
    for (size_t i = 0; i < pattern.weights; i++) sum += size[i];
    ck_assert_uint_eq(sum, pattern.rows * pattern.cols);
    memory_free(size);
    memory_free(label);
    symmetry_pattern_free(&pattern);
}

// Random generators on a few points, so that groups are small and of every kind: points at random,
// or random permutations within blocks.
static void add_random_list(Text *text, Random *random, size_t n, size_t block) {
    uint32_t order[16];
    text_add(text, "[");
    for (size_t from = 0; from < n; from += block) {
        size_t part = n - from < block ? n - from : block;
        random_permutation(random, order, part);
        for (size_t i = 0; i < part; i++)
            text_printf(text, "%s%zu", from + i ? "," : "", from + order[i]);
    }
    text_add(text, "]");
}

static Symmetry *random_symmetry(Random *random, bool rectangular) {
    Text text = {0};
    size_t generators = 1 + random_below(random, 3);
    for (int side = 0; side < 1 + rectangular; side++) {
        size_t n = 1 + random_below(random, 6), block = 1 + random_below(random, n < 3 ? n : 3);
        text_add(&text, side ? " to " : "");
        for (size_t k = 0; k < generators; k++) {
            text_add(&text, k ? "," : "");
            add_random_list(&text, random, n, block);
        }
    }
    Symmetry *symmetry = read(text.data);
    text_free(&text);
    return symmetry;
}

START_TEST(random_groups) {
    enum { GROUPS = 200, ROOM = 2000 };
    static int32_t element[ROOM * 16];
    for (uint64_t i = 0; i < GROUPS; i++) {
        Random random = random_stream(2385, RANDOM_TEST, i);
        Symmetry *symmetry = random_symmetry(&random, i % 2);
        SymmetryPattern pattern = pattern_of(symmetry);
        size_t count = all_elements(symmetry, element, ROOM);
        ck_assert_uint_eq(pattern.weights, burnside(symmetry, element, count));
        char *order, wanted[32];
        snprintf(wanted, sizeof wanted, "%zu", count);
        ck_assert(symmetry_order(symmetry, SYMMETRY_EFFORT, &order, NULL));
        ck_assert_str_eq(order, wanted);
        memory_free(order);
        symmetry_pattern_free(&pattern);
        check_labels(symmetry);
        symmetry_free(symmetry);
    }
}
END_TEST

// One, two and four bytes a label; wide and narrow first guesses.
START_TEST(labels_of_named_groups) {
    static const struct {
        const char *text;
        int bytes;
    } GROUPS[] = {{"rubik", 1},
                  {"S5 on pairs to S5 on tuples(3)", 1},
                  {"C19 x trivial(30)", 2},
                  {"D6 wr A4", 1},
                  {"C300", 2},
                  {"trivial(260)", 4},
                  {"S300", 1},
                  {"S3 on distinct-pairs to S3 on subsets(2)", 1}};
    for (size_t i = 0; i < sizeof GROUPS / sizeof *GROUPS; i++) {
        Symmetry *symmetry = read(GROUPS[i].text);
        SymmetryPattern pattern = pattern_of(symmetry);
        ck_assert_msg(pattern.bytes == GROUPS[i].bytes, "%s: %d", GROUPS[i].text, pattern.bytes);
        symmetry_pattern_free(&pattern);
        check_labels(symmetry);
        symmetry_free(symmetry);
    }
}
END_TEST

// ---- orders ----

START_TEST(orders) {
    check_order("M11", "7920");
    check_order("rubik", "43252003274489856000");
    check_order("S19", "121645100408832000");
    check_order("A19", "60822550204416000");
    check_order("A4", "12");
    check_order("C19", "19");
    check_order("D19", "38");
    check_order("trivial(3)", "1");
    check_order("S1", "1");
    check_order("S3 wr S4", "31104");
    check_order("S3 wr S4 on product", "31104");
    check_order("S2 wr (S3 x S2)", "384");
    check_order("S6 on subsets(3)", "720");
    check_order("S5 x S5 on grid", "14400");
    check_order("p4m 5x5", "200");
    check_order("S5 on pairs to S5", "120");
    check_order("C3 to C2", "6"); // paired, and yet a group of 6
    check_order("(1 2 3 4 5)(6 7), (6 7)", "10");
}
END_TEST

// The proof by Schreier generators alone, where the notation proves nothing.
START_TEST(orders_of_bare_generators) {
    check_order("(1 2), (1 2 3 4 5 6 7)", "5040");
    check_order("(1 2 3), (1 2 3 4 5 6 7)", "2520");
    check_order("(1 2 3 4 5 6 7 8 9 10 11), (3 7 11 8)(4 10 5 6)", "7920");
    // PSL(2, 7) on 7 points, the symmetries of the Fano plane
    check_order("(1 2 3 4 5 6 7), (2 3)(4 7)", "168");
    // C3 wr C3
    check_order("(1 2 3)(4 5 6)(7 8 9), (1 4 7)", "81");
}
END_TEST

START_TEST(too_large_to_order) {
    Symmetry *symmetry = read("S30 wr S30");
    char *order;
    ck_assert(symmetry_order(symmetry, 1, &order, NULL));
    ck_assert_ptr_null(order);
    ck_assert_uint_eq(count_weights("S30 wr S30"), 3);
    symmetry_free(symmetry);
}
END_TEST

// ---- the notation ----

static void check_images(const char *text, bool zero_based, size_t n, const int32_t *image) {
    Symmetry *symmetry = symmetry_read(text, strlen(text), zero_based, NULL);
    ck_assert_ptr_nonnull(symmetry);
    ck_assert_uint_eq(symmetry->in.n, n);
    for (size_t i = 0; i < n; i++) ck_assert_int_eq(symmetry->in.image[i], image[i]);
    symmetry_free(symmetry);
}

START_TEST(notations) {
    check_images("(1 2 3)(4 5)", false, 5, (int32_t[]){1, 2, 0, 4, 3});
    check_images("(0,1,2)(3,4)", true, 5, (int32_t[]){1, 2, 0, 4, 3});
    check_images("[3,0,1,2]", false, 4, (int32_t[]){3, 0, 1, 2});
    check_images("(2 1)(4)", false, 4, (int32_t[]){1, 0, 2, 3});
    check_images("[1 0] x (1 2)", false, 4, (int32_t[]){1, 0, 2, 3});
    check_images("flip 2x3", false, 6, (int32_t[]){2, 1, 0, 5, 4, 3});
    check_images("rot90 2x2", false, 4, (int32_t[]){1, 3, 0, 2});
    check_images("C3 on distinct-pairs", false, 6, (int32_t[]){3, 2, 5, 4, 0, 1});
    check_images("C3 on subsets(2)", false, 3, (int32_t[]){2, 0, 1});
    check_images("C2 on pairs", false, 4, (int32_t[]){3, 2, 1, 0});
}
END_TEST

START_TEST(cycles_are_printed) {
    Symmetry *symmetry = read("(1 2 3)(4 5), (6)");
    Text text = {0};
    symmetry_add_cycles(&text, &symmetry->in, 0, false, 60);
    ck_assert_str_eq(text.data, "(1 2 3)(4 5)");
    symmetry_add_cycles(&text, &symmetry->in, 1, true, 60);
    ck_assert_str_eq(text.data, "(1 2 3)(4 5)()");
    text_cut(&text, 0);
    symmetry_add_cycles(&text, &symmetry->in, 0, true, 3);
    ck_assert_str_eq(text.data, "(0 1 ...");
    text_free(&text);
    symmetry_free(symmetry);
}
END_TEST

static const struct {
    const char *text, *message;
} REFUSED[] = {
    {"(1 2", "group:1:5: the group ends where a point or \")\" is expected"},
    {"(1 2 1)", "group:1:6: not a permutation: 1 is there twice"},
    {"(1 2)(2 3)", "group:1:7: not a permutation: 2 is there twice"},
    {"(0 1)", "group:1:2: points in cycles count from 1 (--zero-based: from 0)"},
    {"[0,1,1]", "group:1:6: not a permutation: 1 is there twice"},
    {"[0,1,5]", "group:1:6: not a permutation of 3 points"},
    {"[0,1,2],[0,1]", "group:1:9: a list of 2 points, but what stands before has 3"},
    {"[0,1,2],(4 5)", "group:1:10: not a permutation of 3 points"},
    {"S5 to S5 x S3", "group:1:1: unpaired generators: 2 on the inputs, 4 on the outputs"},
    {"S5 on grid", "group:1:7: found \"grid\" where an action (\"on grid\" comes right after A x B)"
                   " is expected"},
    {"S", "group:1:2: the group ends where \"(\" and a number is expected"},
    {"torus 8", "group:1:8: the group ends where \"x\" and the number of columns is expected"},
    {"rot90 3x4", "group:1:7: rot90 takes as many rows as columns"},
    {"S5 x", "group:1:5: the group ends where a group, such as S5 or (1 2 3), is expected"},
    {"S99999", "group:1:1: it acts on 99999 points; at most 65536 are taken"},
    {"S300 on tuples(3)", "group:1:1: it acts on 27000000 points; at most 65536 are taken"},
    {"S5 on subsets(7)", "group:1:1: subsets of 7 of 5 points; they have 1 to 5"},
    {"()", "group:1:1: a group on no points"},
    {"", "group:1:1: the group ends where a group, such as S5 or (1 2 3), is expected"},
    {"S3)", "group:1:3: found \")\" where x, wr, on, to or the end is expected"},
    {"S1000000000000", "group:1:2: the number is too large"},
    {"(70000 1)", "group:1:2: a group acts on at most 65536 points"},
};

START_TEST(refusals) {
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        Error error = {0};
        const char *text = REFUSED[i].text;
        ck_assert_ptr_null(symmetry_read(text, strlen(text), false, &error));
        error.text[strcspn(error.text, "\n")] = 0;
        ck_assert_str_eq(error.text, REFUSED[i].message);
    }
}
END_TEST

// Every cut of some notations, and every byte of them replaced.
START_TEST(invariants) {
    static const char *const TEXTS[] = {"(1 2 3)(4 5); [1,2,0,4,3] x S3 on grid to A5 wr C3",
                                        "(S2 wr S3 on product) on subsets(2) x torus 2x3"};
    static const char BYTES[] = "()[],;x1 S\x80-";
    for (size_t t = 0; t < sizeof TEXTS / sizeof *TEXTS; t++) {
        size_t length = strlen(TEXTS[t]);
        char copy[80];
        for (size_t i = 0; i < length; i++) {
            group_check_text(TEXTS[t], i);
            for (size_t b = 0; b < sizeof BYTES; b++) {
                memcpy(copy, TEXTS[t], length);
                copy[i] = BYTES[b];
                group_check_text(copy, length);
            }
        }
    }
}
END_TEST

START_TEST(unknown_names) {
    Error error = {0};
    ck_assert_ptr_null(symmetry_read("rubic", 5, false, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "unknown group \"rubic\", did you mean \"rubik\"?"));
    ck_assert_ptr_nonnull(strstr(error.text, "\n    rubic\n    ^~~~~"));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("symmetry");
    TCase *test = tcase_create("groups");
    tcase_add_test(test, published_counts);
    tcase_add_test(test, sympy_agrees);
    tcase_add_test(test, random_groups);
    tcase_add_test(test, labels_of_named_groups);
    tcase_add_test(test, orders);
    tcase_add_test(test, orders_of_bare_generators);
    tcase_add_test(test, too_large_to_order);
    tcase_add_test(test, notations);
    tcase_add_test(test, cycles_are_printed);
    tcase_add_test(test, refusals);
    tcase_add_test(test, invariants);
    tcase_add_test(test, unknown_names);
    suite_add_tcase(suite, test);
    return run_suite(suite);
}
