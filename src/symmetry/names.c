// Groups that have a name.
#include "symmetry/inner.h"
#include <math.h>

bool group_new(SymmetryGroup *group, size_t n, size_t generators, Error *error) {
    *group = (SymmetryGroup){.log_most = INFINITY};
    if (n < 1) return error_set(error, "a group on no points");
    if (n > SYMMETRY_POINTS)
        return error_set(error, "it acts on %zu points; at most %d are taken", n, SYMMETRY_POINTS);
    if (generators > SYMMETRY_GENERATORS || generators > SYMMETRY_ENTRIES / n)
        return error_set(error, "%zu generators on %zu points; at most %d are taken, of %d in all",
                         generators, n, SYMMETRY_GENERATORS, SYMMETRY_ENTRIES);
    group->image = memory_try(n * generators, sizeof *group->image, "a group", error);
    if (!group->image) return false;
    group->n = n, group->generators = generators;
    return true;
}

void group_free(SymmetryGroup *group) {
    memory_free(group->image);
    *group = (SymmetryGroup){0};
}

int32_t *group_add(SymmetryGroup *group, Error *error) {
    SymmetryGroup more;
    if (!group_new(&more, group->n, group->generators + 1, error)) return NULL;
    size_t old = group->generators * group->n;
    for (size_t i = 0; i < old; i++) more.image[i] = group->image[i];
    for (size_t i = 0; i < group->n; i++) more.image[old + i] = (int32_t)i;
    more.log_most = group->log_most;
    group_free(group);
    *group = more;
    return group->image + old;
}

// ---- permutations of n points ----

static void set_identity(SymmetryGroup *group) {
    for (size_t k = 0; k < group->generators; k++)
        for (size_t i = 0; i < group->n; i++) group->image[k * group->n + i] = (int32_t)i;
}

// from -> from + 1 -> ... -> n - 1 -> from
static void set_cycle(SymmetryGroup *group, size_t k, size_t from) {
    for (size_t i = from; i < group->n; i++)
        group->image[k * group->n + i] = (int32_t)(i + 1 < group->n ? i + 1 : from);
}

static bool make_trivial(size_t n, size_t unused, SymmetryGroup *group, Error *error) {
    (void)unused;
    if (!group_new(group, n, 1, error)) return false;
    set_identity(group);
    group->log_most = 0;
    return true;
}

// (1 2) and (1 2 ... n)
static bool make_symmetric(size_t n, size_t unused, SymmetryGroup *group, Error *error) {
    (void)unused;
    if (!group_new(group, n, 2, error)) return false;
    set_identity(group);
    if (n > 1) group->image[0] = 1, group->image[1] = 0;
    set_cycle(group, 1, 0);
    group->log_most = lgamma((double)n + 1);
    return true;
}

// (1 2 3), and (1 2 ... n) or (2 3 ... n), whichever is even
static bool make_alternating(size_t n, size_t unused, SymmetryGroup *group, Error *error) {
    (void)unused;
    if (!group_new(group, n, 2, error)) return false;
    set_identity(group);
    group->log_most = 0;
    if (n < 3) return true;
    group->image[0] = 1, group->image[1] = 2, group->image[2] = 0;
    set_cycle(group, 1, n % 2 == 0);
    group->log_most = lgamma((double)n + 1) - log(2);
    return true;
}

static bool make_cyclic(size_t n, size_t unused, SymmetryGroup *group, Error *error) {
    (void)unused;
    if (!group_new(group, n, 1, error)) return false;
    set_cycle(group, 0, 0);
    group->log_most = log((double)n);
    return true;
}

static bool make_dihedral(size_t n, size_t unused, SymmetryGroup *group, Error *error) {
    (void)unused;
    if (!group_new(group, n, 2, error)) return false;
    set_cycle(group, 0, 0);
    for (size_t i = 0; i < n; i++) group->image[n + i] = (int32_t)((n - i) % n);
    group->log_most = log(2 * (double)n);
    return true;
}

// ---- permutations of the places of an image, (row, column) being row * cols + column ----

typedef enum Move { TURN, FLIP, DOWN, RIGHT } Move;

static void set_move(SymmetryGroup *group, size_t k, size_t rows, size_t cols, Move move) {
    int32_t *image = group->image + k * group->n;
    for (size_t row = 0; row < rows; row++) {
        for (size_t col = 0; col < cols; col++) {
            const size_t to[] = {[TURN] = col * cols + rows - 1 - row,
                                 [FLIP] = row * cols + cols - 1 - col,
                                 [DOWN] = (row + 1) % rows * cols + col,
                                 [RIGHT] = row * cols + (col + 1) % cols};
            image[row * cols + col] = (int32_t)to[move];
        }
    }
}

static bool make_rot90(size_t rows, size_t cols, SymmetryGroup *group, Error *error) {
    if (!group_new(group, rows * cols, 1, error)) return false;
    set_move(group, 0, rows, cols, TURN);
    group->log_most = log(4);
    return true;
}

static bool make_flip(size_t rows, size_t cols, SymmetryGroup *group, Error *error) {
    if (!group_new(group, rows * cols, 1, error)) return false;
    set_move(group, 0, rows, cols, FLIP);
    group->log_most = log(2);
    return true;
}

static bool make_square(size_t rows, size_t cols, SymmetryGroup *group, Error *error) {
    if (!group_new(group, rows * cols, 2, error)) return false;
    set_move(group, 0, rows, cols, TURN);
    set_move(group, 1, rows, cols, FLIP);
    group->log_most = log(8);
    return true;
}

static bool make_torus(size_t rows, size_t cols, SymmetryGroup *group, Error *error) {
    if (!group_new(group, rows * cols, 2, error)) return false;
    set_move(group, 0, rows, cols, DOWN);
    set_move(group, 1, rows, cols, RIGHT);
    group->log_most = log((double)(rows * cols));
    return true;
}

static bool make_p4m(size_t rows, size_t cols, SymmetryGroup *group, Error *error) {
    static const Move MOVES[] = {DOWN, RIGHT, TURN, FLIP};
    if (!group_new(group, rows * cols, 4, error)) return false;
    for (size_t k = 0; k < 4; k++) set_move(group, k, rows, cols, MOVES[k]);
    group->log_most = log(8 * (double)(rows * cols));
    return true;
}

// ---- two groups of fame, in cycles that count from 1 ----

typedef struct Cycle {
    int generator, length, point[11];
} Cycle;

static bool make_cycles(size_t n, size_t generators, const Cycle *cycle, size_t cycles,
                        SymmetryGroup *group, Error *error) {
    if (!group_new(group, n, generators, error)) return false;
    set_identity(group);
    for (const Cycle *c = cycle; c < cycle + cycles; c++)
        for (int i = 0; i < c->length; i++)
            group->image[(size_t)c->generator * n + (size_t)c->point[i] - 1] =
                c->point[(i + 1) % c->length] - 1;
    return true;
}

// Mathieu's group of degree 11, order 7920.
static bool make_m11(size_t rows, size_t cols, SymmetryGroup *group, Error *error) {
    static const Cycle CYCLES[] = {
        {0, 11, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}, {1, 4, {3, 7, 11, 8}}, {1, 4, {4, 10, 5, 6}}};
    (void)rows, (void)cols;
    return make_cycles(11, 2, CYCLES, sizeof CYCLES / sizeof *CYCLES, group, error);
}

// The cube's 48 facelets that move, numbered face by face (top, left, front, right, rear, bottom)
// and line by line, as Schoenert does in GAP's manual; a generator is a face's quarter turn.
static bool make_rubik(size_t rows, size_t cols, SymmetryGroup *group, Error *error) {
    static const Cycle CYCLES[] = {
        {0, 4, {1, 3, 8, 6}},     {0, 4, {2, 5, 7, 4}},     {0, 4, {9, 33, 25, 17}},
        {0, 4, {10, 34, 26, 18}}, {0, 4, {11, 35, 27, 19}}, {1, 4, {9, 11, 16, 14}},
        {1, 4, {10, 13, 15, 12}}, {1, 4, {1, 17, 41, 40}},  {1, 4, {4, 20, 44, 37}},
        {1, 4, {6, 22, 46, 35}},  {2, 4, {17, 19, 24, 22}}, {2, 4, {18, 21, 23, 20}},
        {2, 4, {6, 25, 43, 16}},  {2, 4, {7, 28, 42, 13}},  {2, 4, {8, 30, 41, 11}},
        {3, 4, {25, 27, 32, 30}}, {3, 4, {26, 29, 31, 28}}, {3, 4, {3, 38, 43, 19}},
        {3, 4, {5, 36, 45, 21}},  {3, 4, {8, 33, 48, 24}},  {4, 4, {33, 35, 40, 38}},
        {4, 4, {34, 37, 39, 36}}, {4, 4, {3, 9, 46, 32}},   {4, 4, {2, 12, 47, 29}},
        {4, 4, {1, 14, 48, 27}},  {5, 4, {41, 43, 48, 46}}, {5, 4, {42, 45, 47, 44}},
        {5, 4, {14, 22, 30, 38}}, {5, 4, {15, 23, 31, 39}}, {5, 4, {16, 24, 32, 40}},
    };
    (void)rows, (void)cols;
    return make_cycles(48, 6, CYCLES, sizeof CYCLES / sizeof *CYCLES, group, error);
}

const NamedGroup named_groups[] = {
    {"S", "Sn", "all n! permutations of n points", NAME_NUMBER, 1, false, make_symmetric},
    {"A", "An", "the even ones", NAME_NUMBER, 1, false, make_alternating},
    {"C", "Cn", "n rotations of a ring of n points", NAME_NUMBER, 1, false, make_cyclic},
    {"D", "Dn", "those and n mirrors: order 2n on n points", NAME_NUMBER, 3, false, make_dihedral},
    {"trivial", "trivial(n)", "n points that stay", NAME_NUMBER, 1, false, make_trivial},
    {"M11", "M11", "Mathieu's group on 11 points", NAME_ALONE, 0, false, make_m11},
    {"rubik", "rubik", "Rubik's cube on 48 facelets", NAME_ALONE, 0, false, make_rubik},
    {"rot90", "rot90 NxN", "quarter turns of an image", NAME_GRID, 1, true, make_rot90},
    {"square", "square NxN", "those and mirrors", NAME_GRID, 1, true, make_square},
    {"flip", "flip RxC", "its mirror image, left for right", NAME_GRID, 1, false, make_flip},
    {"torus", "torus RxC", "cyclic shifts of an image", NAME_GRID, 1, false, make_torus},
    {"p4m", "p4m NxN", "cyclic shifts, quarter turns and mirrors", NAME_GRID, 1, true, make_p4m},
    {0},
};
