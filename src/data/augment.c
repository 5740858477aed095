#include "data/data.h"
#include <string.h>

const char *const data_augment_laws[] = {"none", "flip", "crop", "crop-flip", NULL};

// What happens to one example: output (i, j) is input (i + down, j + right), in a mirror or not.
typedef struct Move {
    int64_t down, right;
    bool mirrored;
} Move;

static int64_t draw_shift(Random *random, int64_t pad) {
    return (int64_t)random_below(random, 2 * (uint64_t)pad + 1) - pad;
}

static Move draw_move(const DataAugment *augment, int rank, int64_t epoch, uint32_t row) {
    uint64_t number = (uint64_t)epoch << 32 | row;
    Random random = random_stream((uint64_t)augment->seed, RANDOM_AUGMENT, number);
    Move move = {0};
    bool mirrored = random_bits(&random) & 1;
    if (augment->law != AUGMENT_CROP) move.mirrored = mirrored;
    if (augment->law == AUGMENT_FLIP) return move;
    move.right = draw_shift(&random, augment->pad);
    if (rank == 3) move.down = draw_shift(&random, augment->pad);
    return move;
}

// One line of `width` values; from is NULL where the whole line is padding.
static void move_line(const float *from, const float *zero, int64_t width, const Move *move,
                      float *to) {
    for (int64_t j = 0; j < width; j++) {
        int64_t source = (move->mirrored ? width - 1 - j : j) + move->right;
        bool inside = from && source >= 0 && source < width;
        to[j] = inside ? from[source] : zero ? zero[j] : 0;
    }
}

void data_augment(const DataSet *set, const DataAugment *augment, int64_t epoch, uint32_t row,
                  float *to) {
    REQUIRE(row < set->n_train && augment->pad >= 0);
    const float *x = set->x_train + row * set->d;
    if (augment->law == AUGMENT_NONE) {
        memcpy(to, x, set->d * sizeof *to);
        return;
    }
    Move move = draw_move(augment, set->rank, epoch, row);
    int64_t height = set->rank == 3 ? set->size[0] : 1;
    int64_t width = set->rank == 3 ? set->size[1] : set->size[0], plane = height * width;
    for (int64_t at = 0; at < (int64_t)set->d; at += width) { // the line, channel by channel
        int64_t i = at % plane / width + move.down;
        const float *from = i >= 0 && i < height ? x + at + move.down * width : NULL;
        move_line(from, set->zero ? set->zero + at : NULL, width, &move, to + at);
    }
}
