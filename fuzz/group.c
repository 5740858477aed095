// Any bytes as a group: no crash, and what is accepted is permutations.
#include "../test/symmetry/invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    group_check_text((const char *)data, size);
    return 0;
}
