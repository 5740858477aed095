// The door of train/: networks that learn, with everything about them recorded.
//
//   To add an optimiser, a loss or a schedule: one file and one line of the table in
//   kernels.h (optimisers, losses) or schedule.c.
#pragma once

#include "data/data.h"
#include "net/net.h"
#include "sweep/sweep.h"

// Everything that decides a run. Same options, same bits: on any number of threads, in any order,
// interrupted or not.
typedef struct TrainOptions {
    char *model, *data;
    DataOptions sample;
    DataAugment augment; // of what it learns from; it is measured on the examples as they are
    int init, init_law;
    char *start; // a file of first weights instead, PATH or PATH@HASH
    int64_t init_seed, order_seed;
    int optimizer;
    double lr, lr_last, momentum, weight_decay, beta1, beta2, epsilon;
    int schedule;
    int64_t schedule_period;
    double schedule_factor;
    int loss;
    int64_t epochs, batch, records;
    int last_batch; // TRAIN_KEEP or TRAIN_DROP
    char *until;
    Settings variables; // of the model
} TrainOptions;

// What becomes of the last batch of an epoch where it is smaller than the others.
enum { TRAIN_KEEP, TRAIN_DROP };

extern const Option train_options[]; // ends in name == NULL
extern const size_t train_option_count;

// The columns of a record. Errors are fractions of the examples; losses are means over examples.
enum {
    METRIC_TRAIN_LOSS,
    METRIC_TRAIN_ERROR,
    METRIC_TRAIN_ERROR_CLEAN, // on the samples whose observed label is the true one
    METRIC_TRAIN_ERROR_NOISY, // on the mislabelled ones: 0 when every wrong label is fitted
    METRIC_TEST_LOSS,
    METRIC_TEST_ERROR,
    METRIC_WEIGHT_NORM, // |w|
    METRIC_DISTANCE,    // |w - w at the start|
    METRICS
};
extern const char *const train_metrics[]; // their names; ends in NULL

// The task that sweeps and `benign train` run: settings are the options above, the model's
// variables, and the shorthand `seed`, which stands for init_seed, order_seed, noise_seed and
// augment_seed where these are not given. Its state is a safetensors file (weights_unpack reads
// the weights in it).
extern const Task train_task;

// ---- the parts, for tests, benchmarks and other rooms ----

// A plan: everything that running a network on batches needs, allocated once.
typedef struct Plan Plan;

typedef struct PlanOptions {
    const Net *net; // not owned, as everything here
    size_t batch;   // examples at most
    // Learns: normalises by the batch, drops, keeps what backward needs. Else it evaluates, in a
    // fraction of the memory, and every plan_load is good for one pass forward.
    bool learns;
    // (net->buffers) floats: running statistics, read by a plan that evaluates and updated by one
    // that learns. NULL: allowed where it learns, or where the network has none.
    float *buffers;
    Team *team; // shares the work; the bits do not depend on it. NULL: the caller's thread alone
    size_t threads; // of the team, for plan_bytes, which needs none
} PlanOptions;

Plan *plan_new(const PlanOptions *options, Error *error);
void plan_free(Plan *plan);
size_t plan_bytes(const PlanOptions *options); // what plan_new would take

// What dropout drops in the passes that follow: the same under the same seed and step.
void plan_draw(Plan *plan, uint64_t seed, uint64_t step);

// The buffers that a network begins with.
void plan_start_buffers(const Net *net, float *buffers);

// Takes `live` rows of x (., d) row-major, those of the numbers in row, as the batch.
void plan_load(Plan *plan, const float *x, const uint32_t *row, size_t live);

// The output (outputs, groups) lanes of the network without a final softmax.
const float *plan_forward(Plan *plan, const float *w);

// The first weights of a run into w (net->parameters floats): init_fill with the sample's moments,
// or layer by layer with those measured on its first 1024 examples (exact-data). Errors as
// init_fill; exact-data: a layer whose inputs are all 0.
typedef struct TrainStart {
    const Net *net;
    int scheme, law;
    uint64_t seed;
    const float *x;      // (., d) row-major
    const uint32_t *row; // (rows) of x
    size_t rows;
} TrainStart;
bool train_start(const TrainStart *start, float *w, Error *error);

// What was found in a file of first weights; each begins as {0} and is freed by its owner.
typedef struct TrainStartFound {
    Text full;  // PATH@HASH, so that a file that changes is not taken for what it was
    Text said;  // how names of tensors were read (weights_take)
    Text input; // how the data of its own training were prepared (data_input_print); empty: unsaid
} TrainStartFound;
void train_start_found_free(TrainStartFound *found);

// The first weights and buffers from a file of weights (weights/), PATH or PATH@HASH; adds to
// *found, which may be NULL. Errors: the content has another hash; those of weights_take.
bool train_start_file(const char *file, const Net *net, float *w, float *buffers,
                      TrainStartFound *found, Error *error);

typedef struct Truth {    // what the batch should have given; one of the two
    const int32_t *label; // (live) classes
    const float *target;  // (live, outputs) row-major
} Truth;

// The loss of every example of the last plan_forward, (live) floats; with dw (padded to whole
// lanes: plan_parameters(net) floats) also the gradient of their mean.
const float *plan_loss(Plan *plan, int loss, const Truth *truth, const float *w, float *dw);

// The same layer by layer, l = 0 .. plan_layers - 1: runs layer l and returns its output. A layer
// that works in place overwrites the output of the layer that it reads.
size_t plan_layers(const Plan *plan);
const float *plan_step(Plan *plan, size_t l, const float *w);

// The output of a layer, features by groups of lanes, from when it has run until its last reader
// has (a plan that learns: until the next pass, but for what is overwritten in place). LAYER_INPUT:
// the batch.
const float *plan_output(const Plan *plan, int64_t layer);

// And back, l = plan_layers - 1 down to 0: the gradient of the output of the last layer is put into
// plan_gradient of it, 0 in dead lanes; then plan_step_back does nothing where a layer does not
// depend on a parameter, and otherwise writes the gradients of its own parameters into dw (as in
// plan_loss). The gradient of a layer's output is complete when all that read it have gone back,
// and stays until it has gone back itself; NULL: it has none.
float *plan_gradient(Plan *plan, int64_t layer);
void plan_step_back(Plan *plan, size_t l, const float *w, float *dw);

size_t plan_groups(const Plan *plan);
size_t plan_parameters(const Net *net); // parameters rounded up to whole lanes
