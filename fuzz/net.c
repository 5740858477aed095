// Any bytes as the text of a network: no crash, and what is accepted survives printing.
#include "../test/net/invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    net_check_text((const char *)data, size);
    return 0;
}
