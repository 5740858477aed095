// Any bytes as the weights of a small network: no crash, and tensors lie within the file.
#include "../test/weights/invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char TEXT[] = "input 3x2 conv1-1 bn fc-1";
    static Net *net;
    if (!net) {
        NetProgram *program = net_parse("net", TEXT, sizeof TEXT - 1, NULL);
        net = net_build(program, NULL, NULL);
        net_program_free(program);
    }
    weights_check_bytes(net, (const char *)data, size);
    return 0;
}
