// Any bytes as a matrix whose group is asked for: no crash, and what is found keeps the matrix.
#include "../test/symmetry/invariants.h"

enum { MOST = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Rows, columns, and then the places: whole doubles where there are enough bytes, else small
// numbers.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3) return 0;
    double x[MOST * MOST] = {0};
    DataMatrix W = {.rows = 1 + data[0] % MOST, .cols = 1 + data[1] % MOST, .x = x};
    size_t places = W.rows * W.cols, left = size - 2;
    for (size_t i = 0; i < places; i++) {
        if (left >= 8 * places)
            memcpy(&x[i], data + 2 + 8 * i, sizeof x[i]);
        else
            x[i] = data[2 + i % left] % 4;
        if (!(x[i] > -1e300 && x[i] < 1e300)) return 0; // finite is what the reader promises
    }
    SymmetryFound found = {0};
    Error error = {0};
    if (symmetry_find(&W, NAN, 1, &found, &error))
        found_check_matrix(&W, &found);
    else
        REQUIRE(error.text[0]);
    symmetry_found_free(&found);
    return 0;
}
