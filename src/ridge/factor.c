#include "num/linear.h"
#include "ridge/design.h"

static const size_t BLOCK = (size_t)1 << 20; // numbers

static size_t rows_from(const DesignBlocks *blocks, size_t first) {
    size_t rest = blocks->rows - first;
    return rest < blocks->most ? rest : blocks->most;
}

static bool tell(const DesignBlocks *blocks, const char *stage, size_t row, Error *error) {
    size_t parts = (blocks->rows + blocks->most - 1) / blocks->most;
    return design_tell(blocks->design, stage, row / blocks->most, parts, error);
}

static bool add_blocks(DesignBlocks *blocks, double *x, double *gram, Error *error) {
    for (size_t i = 0; i < blocks->rows; i += blocks->most) {
        size_t count = rows_from(blocks, i);
        if (!tell(blocks, "the Gram matrix", i, error) ||
            !design_blocks_read(blocks, i, count, x, error))
            return false;
        linear_gram_add(count, blocks->columns, x, gram);
    }
    return design_blocks_check(blocks, error);
}

double *factor_gram(const RidgeDesign *design, Error *error) {
    DesignBlocks blocks;
    double *gram = NULL, *x = NULL;
    if (!design_blocks_open(&blocks, design, BLOCK, error)) return NULL;
    size_t s = blocks.columns;
    bool ok = (gram = memory_try(s, s * sizeof *gram, "the Gram matrix", error)) &&
              (x = memory_try(blocks.most, s * sizeof *x, "a block of rows", error)) &&
              add_blocks(&blocks, x, gram, error);
    design_blocks_close(&blocks);
    memory_free(x);
    if (ok) return gram;
    memory_free(gram);
    return NULL;
}

// A block has at least as many rows as columns, so the first one fills the upper rows of the stack.
static bool stack_blocks(DesignBlocks *blocks, double *stack, Error *error) {
    size_t s = blocks->columns;
    for (size_t i = 0, kept = 0; i < blocks->rows; i += blocks->most, kept = s) {
        size_t count = rows_from(blocks, i);
        if (!tell(blocks, "the triangular factor", i, error) ||
            !design_blocks_read(blocks, i, count, stack + kept * s, error) ||
            !linear_qr_add(kept + count - s, s, stack, error))
            return false;
    }
    return design_blocks_check(blocks, error);
}

double *factor_triangle(const RidgeDesign *design, size_t room, Error *error) {
    DesignBlocks blocks;
    size_t s = design->n < design->d ? design->n : design->d;
    if (!design_blocks_open(&blocks, design, s * s > BLOCK ? s * s : BLOCK, error)) return NULL;
    size_t rows = blocks.most + (blocks.rows > blocks.most ? s : 0);
    if (rows < s + room) rows = s + room;
    double *stack = memory_try(rows, s * sizeof *stack, "a block of rows", error);
    bool ok = stack && stack_blocks(&blocks, stack, error);
    design_blocks_close(&blocks);
    if (ok) return stack;
    memory_free(stack);
    return NULL;
}
