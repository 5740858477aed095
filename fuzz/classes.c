// Any bytes as a file of class names: refused, or every prediction has one of its lines as a name.
#include "file.h"
#include "predict/predict.h"
#include "weights/weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char MODEL[] = "input 2 fc-3";

// The weights of a network that sees two zeros, and these.
static void write_inputs(const char *weights, const char *npy) {
    static const float zero[16];
    NetProgram *program = net_read(MODEL, NULL);
    Net *net = program ? net_build(program, NULL, NULL) : NULL;
    REQUIRE(net && net->parameters <= 16);
    Settings metadata = {0};
    REQUIRE(weights_write(weights, net, WEIGHTS_OWN, zero, zero, &metadata, NULL));
    REQUIRE(data_write_npy(npy, "f4", 1, 2, zero, NULL));
    net_free(net);
    net_program_free(program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char weights[64], npy[64];
    char path[64];
    if (!*weights) {
        snprintf(weights, sizeof weights, "/tmp/benign-fuzz-%ld.safetensors", (long)getpid());
        snprintf(npy, sizeof npy, "/tmp/benign-fuzz-%ld.npy", (long)getpid());
        write_inputs(weights, npy);
    }
    fuzz_file(path, ".txt", data, size);
    Predictions predictions;
    Error error = {0};
    PredictOptions options = {
        .model = MODEL, .weights = weights, .classes = path, .top = 3, .threads = 1};
    const char *const images[] = {npy};
    if (predict(&options, images, 1, &predictions, &error)) {
        REQUIRE(predictions.images == 1 && predictions.image[0].best[2].name);
        predict_free(&predictions);
    } else {
        REQUIRE(error.text[0] != 0);
    }
    unlink(path);
    return 0;
}
