// Any bytes as the images, then as the labels of an IDX folder, plain or gzip: no crash.
#include "file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_file(const char *dir, const char *name, const void *data, size_t size) {
    char *path = file_join(dir, name);
    unlink(path); // file systems write a truncated file out at once
    FILE *file = fopen(path, "wb");
    REQUIRE(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
    memory_free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char images[] = "\0\0\10\3\0\0\0\1\0\0\0\1\0\0\0\2ab";
    static const char labels[] = "\0\0\10\1\0\0\0\1\2";
    char dir[64], spec[160];
    snprintf(dir, sizeof dir, "/tmp/benign-fuzz-%ld", (long)getpid());
    snprintf(spec, sizeof spec, "idx:dir=%s,classes=3", dir);
    REQUIRE(file_make_folder(dir, NULL));
    write_file(dir, "t10k-images-idx3-ubyte", images, sizeof images - 1);
    write_file(dir, "t10k-labels-idx1-ubyte", labels, sizeof labels - 1);
    write_file(dir, "train-images-idx3-ubyte", data, size);
    write_file(dir, "train-labels-idx1-ubyte", labels, sizeof labels - 1);
    fuzz_open(spec);
    write_file(dir, "train-images-idx3-ubyte", images, sizeof images - 1);
    write_file(dir, "train-labels-idx1-ubyte", data, size);
    fuzz_open(spec);
    snprintf(spec, sizeof spec, "idx:dir=%s,labels_from=1", dir);
    fuzz_open(spec);
    return 0;
}
