// Any bytes as a file of CIFAR-10 or CIFAR-100, binary or Python: no crash, and a set that opens is
// what its files say.
#include "file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void open_as(const char *dir, const char *kind, const char *train, const char *test,
                    const uint8_t *data, size_t size) {
    const char *names[] = {train, test};
    char *path[2], spec[160];
    for (int i = 0; i < 2; i++) {
        path[i] = file_join(dir, names[i]);
        FILE *file = fopen(path[i], "wb");
        REQUIRE(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
    }
    snprintf(spec, sizeof spec, "%s:dir=%s", kind, dir);
    fuzz_open(spec);
    for (int i = 0; i < 2; i++) {
        unlink(path[i]); // file systems write a truncated file out at once
        memory_free(path[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char dir[64];
    snprintf(dir, sizeof dir, "/tmp/benign-fuzz-%ld", (long)getpid());
    REQUIRE(file_make_folder(dir, NULL));
    open_as(dir, "cifar10", "data_batch_1", "test_batch", data, size);
    open_as(dir, "cifar10", "train.bin", "test.bin", data, size);
    open_as(dir, "cifar100", "train", "test", data, size);
    return 0;
}
