#include "ridge/design.h"
#include <float.h>
#include <math.h>

enum { STRIP = 64 }; // rows of X that are turned at a time

bool design_blocks_open(DesignBlocks *blocks, const RidgeDesign *design, size_t numbers,
                        Error *error) {
    bool turned = design->n < design->d;
    *blocks = (DesignBlocks){.design = design, .turned = turned};
    blocks->rows = turned ? design->d : design->n;
    blocks->columns = turned ? design->n : design->d;
    blocks->most = numbers / blocks->columns;
    if (blocks->most < 256) blocks->most = 256; // narrower products are slow
    if (blocks->most > blocks->rows) blocks->most = blocks->rows;
    if (!turned) return true;
    blocks->strip = memory_try(STRIP * blocks->most, sizeof(double), "a strip of rows", error);
    return blocks->strip != NULL;
}

void design_blocks_close(DesignBlocks *blocks) {
    memory_free(blocks->strip);
    blocks->strip = NULL;
}

static bool read_turned(const DesignBlocks *blocks, size_t first, size_t count, double *x,
                        Error *error) {
    const RidgeDesign *design = blocks->design;
    for (size_t row = 0; row < design->n; row += STRIP) {
        size_t rows = design->n - row < STRIP ? design->n - row : STRIP;
        if (!design->read(design, row, rows, first, count, blocks->strip, error)) return false;
        for (size_t j = 0; j < count; j++) {
            for (size_t i = 0; i < rows; i++)
                x[j * design->n + row + i] = blocks->strip[i * count + j];
        }
    }
    return true;
}

// Of a source that was not checked when it was opened: a matrix in memory.
static bool refuse_value(const DesignBlocks *blocks, size_t row, size_t column, double value,
                         Error *error) {
    return error_set(error,
                     "%s: row %zu, column %zu (counted from 0) is %g; every number must be "
                     "finite",
                     blocks->design->name, blocks->turned ? column : row,
                     blocks->turned ? row : column, design_shown(value));
}

bool design_blocks_read(DesignBlocks *blocks, size_t first, size_t count, double *x, Error *error) {
    const RidgeDesign *design = blocks->design;
    REQUIRE(count <= blocks->most);
    bool ok = blocks->turned ? read_turned(blocks, first, count, x, error)
                             : design->read(design, first, count, 0, design->d, x, error);
    double largest = blocks->largest;
    for (size_t k = 0; ok && !blocks->checked && k < count * blocks->columns; k++) {
        double size = fabs(x[k]);
        if (!(size <= DBL_MAX))
            return refuse_value(blocks, first + k / blocks->columns, k % blocks->columns, x[k],
                                error);
        if (size > largest) largest = size;
    }
    blocks->largest = largest;
    return ok;
}

bool design_blocks_check(DesignBlocks *blocks, Error *error) {
    double largest = blocks->largest, least = 1 / DESIGN_LARGEST;
    blocks->checked = largest == 0 || (largest >= least && largest <= DESIGN_LARGEST);
    if (blocks->checked) return true;
    return error_set(error,
                     "%s: the largest number is %g in absolute value; with 1e-140 to 1e140 the "
                     "eigenvalues of X'X are within the range of a double",
                     blocks->design->name, largest);
}
