// Experiment files: whatever the text, a Sweep or an error that names a place in it.
#include "sweep/sweep.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Sweep *sweep;
    Error error = {0};
    if (sweep_parse("a.yaml", (const char *)data, size, NULL, &sweep, &error)) {
        for (size_t a = 0; a < sweep->axes; a++) {
            REQUIRE(sweep->axis[a].count > 0);
        }
        sweep_free(sweep);
    } else {
        REQUIRE(text_starts(error.text, "a.yaml:"));
    }
    // The same bytes as an override.
    char *value = malloc(size + 1);
    memcpy(value, data, size);
    value[size] = 0;
    Settings overrides = {0};
    settings_set(&overrides, "width", value, "command line");
    if (sweep_parse("a.yaml", "width: 3\n", 9, &overrides, &sweep, &error)) sweep_free(sweep);
    settings_free(&overrides);
    free(value);
    return 0;
}
