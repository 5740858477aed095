// Any bytes as an activation: no crash, what is accepted evaluates alike alone and in a block, and
// moments keep to what holds for all; of short ones all that `benign activation` says.
#include "../test/activation/invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { SHORT = 24 };
    formula_check_text((const char *)data, size);
    if (size <= SHORT && size % 4 == 0) formula_check_report((const char *)data, size);
    return 0;
}
