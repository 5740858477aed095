// Any bytes as an image file: no crash, and what is read can be resized and cropped.
#include "file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    fuzz_file(path, ".png", data, size);
    DataImage image, resized, cropped;
    Error error = {0};
    bool read = data_read_image(path, 1 + 2 * (size % 2), &image, &error);
    REQUIRE(read == (image.pixel != NULL) && read == (error.text[0] == 0));
    if (read && image.height * image.width < 1 << 20 && data_resize(&image, 5, &resized, NULL)) {
        REQUIRE(resized.height == 5 || resized.width == 5);
        REQUIRE(data_crop(&resized, 4, 7, &cropped, NULL));
        memory_free(resized.pixel);
        memory_free(cropped.pixel);
    }
    memory_free(image.pixel);
    unlink(path);
    return 0;
}
