// Any bytes as the text of a data set: an error with a message, or a canonical text that is its own
// canonical text. Nothing is opened.
#include "data/spec.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Error error = {0};
    Spec spec, again;
    char *text = memory_new(size + 1, 1); // cut at the first 0, as an argument is
    memcpy(text, data, size);
    if (spec_parse(text, &spec, &error)) {
        REQUIRE(spec_parse(spec.canonical, &again, &error));
        REQUIRE(strcmp(spec.canonical, again.canonical) == 0);
        spec_free(&again);
        spec_free(&spec);
    } else {
        REQUIRE(error.text[0] != 0);
    }
    memory_free(text);
    return 0;
}
