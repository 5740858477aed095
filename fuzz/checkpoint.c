// Any bytes as the checkpoint of a run: no crash, and what is read is written and read again as it
// was.
#include "train/state.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 32 };

static float w[2][MOST], first[2][MOST], second[2][MOST], buffers[2][MOST];

static RunState state_of(int i) {
    return (RunState){
        .states = 2, .w = w[i], .state = {first[i], second[i]}, .buffers = buffers[i]};
}

static void check(const Net *net, const RunState *read) {
    RunState again = state_of(1);
    char *bytes = NULL;
    size_t size;
    REQUIRE(state_pack(net, read, &bytes, &size, NULL));
    REQUIRE(state_unpack("again", bytes, size, net, &again, NULL));
    REQUIRE(again.epoch == read->epoch && again.step == read->step &&
            again.finished == read->finished);
    REQUIRE(memcmp(w[0], w[1], sizeof w[0]) == 0 && memcmp(first[0], first[1], sizeof w[0]) == 0);
    REQUIRE(memcmp(buffers[0], buffers[1], sizeof w[0]) == 0);
    memory_free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char TEXT[] = "input 3x2 conv1-1 bn fc-1";
    static Net *net;
    if (!net) {
        NetProgram *program = net_parse("net", TEXT, sizeof TEXT - 1, NULL);
        net = net_build(program, NULL, NULL);
        net_program_free(program);
        REQUIRE(plan_parameters(net) <= MOST && net->buffers <= MOST);
    }
    Error error = {0};
    RunState state = state_of(0);
    if (state_unpack("checkpoint", data, size, net, &state, &error))
        check(net, &state);
    else
        REQUIRE(strncmp(error.text, "checkpoint: ", 12) == 0);
    return 0;
}
