typedef struct Reference {
    const char *net, *levels;
    size_t all;
    const float *x;
    const char *total, *ties;
    size_t functions;
    const struct {
        uint64_t mask;
        const char *count;
        double share;
    } * function;
} Reference;
static const Reference REFERENCE[1];
