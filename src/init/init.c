#include "init/schemes.h"

#define SCHEMES(X)                                                                                 \
    X(he, "weights N(0, 2/fan_in), biases 0 (He et al. 2015)")                                     \
    X(glorot, "weights uniform within sqrt(6/(fan_in+fan_out)), biases 0 (Glorot, Bengio 2010)")   \
    X(lecun, "weights N(0, 1/fan_in), biases 0 (LeCun et al. 1998)")                               \
    X(torch, "weights and biases uniform within 1/sqrt(fan_in), PyTorch's default")

#define SCHEME(name, help) {#name, help, init_fill_##name},
#define NAME(name, help)   #name,

const InitScheme init_schemes[] = {SCHEMES(SCHEME){0}};
const char *const init_names[] = {SCHEMES(NAME) NULL};

void init_fill(const Net *net, int scheme, uint64_t seed, float *w) {
    uint64_t number = 0;
    for (size_t l = 0; l < net->layers; l++) {
        const Layer *layer = &net->layer[l];
        for (int s = 0; s < layer->slots; s++) {
            const LayerSlot *slot = &layer->slot[s];
            Random random = random_stream(seed, RANDOM_INIT, number++);
            for (int64_t i = 0; i < slot->count; i++) w[slot->offset + i] = 0;
            init_schemes[scheme].fill(slot, &random, w + slot->offset);
        }
    }
}

void init_normal(const LayerSlot *slot, Random *random, double sigma, float *w) {
    for (int64_t i = 0; i < slot->count; i++) w[i] = (float)(sigma * random_normal(random));
}

void init_uniform(const LayerSlot *slot, Random *random, double bound, float *w) {
    for (int64_t i = 0; i < slot->count; i++) {
        w[i] = (float)(bound * (2 * random_uniform(random) - 1));
    }
}
