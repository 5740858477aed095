// Any bytes as an activation: no crash, and what is accepted evaluates alike alone and in a block.
#include "../test/activation/invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    formula_check_text((const char *)data, size);
    return 0;
}
