#include "init/schemes.h"

#define SCHEME(name, help) {#name, help, init_fill_##name},
#define NAME(name, help)   #name,

const InitScheme init_schemes[] = {INIT_SCHEMES(SCHEME){0}};
const char *const init_names[] = {INIT_SCHEMES(NAME) NULL};

void init_fill(const Net *net, int scheme, uint64_t seed, float *w) {
    uint64_t number = 0;
    for (size_t l = 0; l < net->layers; l++) {
        const Layer *layer = &net->layer[l];
        for (int s = 0; s < layer->slots; s++) {
            const LayerSlot *slot = &layer->slot[s];
            Random random = random_stream(seed, RANDOM_INIT, number++);
            float start = slot->role == ROLE_SCALE ? 1 : 0;
            for (int64_t i = 0; i < slot->count; i++) w[slot->offset + i] = start;
            if (slot->role == ROLE_WEIGHT || slot->role == ROLE_BIAS)
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
