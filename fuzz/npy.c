// Any bytes as an .npy file: no crash, and a matrix is no larger than the file.
#include "data/data.h"
#include "file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64], spec[160];
    fuzz_file(path, ".npy", data, size);
    DataMatrix matrix;
    if (data_read_npy(path, &matrix, NULL)) REQUIRE(matrix.rows * matrix.cols <= size);
    memory_free(matrix.x);
    snprintf(spec, sizeof spec, "npy:x=%s,y=%s,holdout=0.3,standardise=feature", path, path);
    fuzz_open(spec);
    unlink(path);
    return 0;
}
