// Any bytes as an index of shards, or as a shard: no crash, and what is refused has a place.
#include "file.h"
#include "weights/weights.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The first byte says which: an index beside the seed's shards, or the second shard of one.
static const char SHARD[] =
    "\x50\0\0\0\0\0\0\0{\"fc1.weight\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[0,4]}}     "
    "                 1234";
static const char INDEX[] = "{\"weight_map\":{\"fc1.weight\":\"a\",\"fc1.bias\":\"b\"}}";

static void write_beside(const char *name, const void *bytes, size_t size) {
    FILE *file = fopen(name, "wb");
    REQUIRE(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static Net *net;
    if (!net) {
        static const char TEXT[] = "input 1 fc-1";
        char folder[] = "/tmp/benign-fuzz-XXXXXX";
        REQUIRE(mkdtemp(folder) && chdir(folder) == 0);
        NetProgram *program = net_parse("net", TEXT, sizeof TEXT - 1, NULL);
        net = net_build(program, NULL, NULL);
        net_program_free(program);
        write_beside("a", SHARD, 8 + 0x50 + 4);
    }
    if (size == 0) return 0;
    const bool index = data[0] % 2;
    write_beside("b", index ? (const void *)SHARD : data + 1, index ? 8 + 0x50 + 4 : size - 1);
    write_beside("i", index ? data + 1 : (const void *)INDEX, index ? size - 1 : sizeof INDEX - 1);
    Error error = {0};
    float w[2], buffers[1];
    WeightsFile *file = weights_open("i", &error);
    bool ok = file && weights_take(file, net, w, buffers, NULL, &error);
    weights_close(file);
    REQUIRE(ok || error.text[0]);
    return 0;
}
