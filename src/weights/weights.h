// The door of weights/: the weights of a network in files that PyTorch reads, and back.
//
// A file holds every slot and every buffer of a network as a tensor of PyTorch's shape, by one of
// two sets of outside names, which follow from the network alone:
//
//     own          LAYER.SLOT, the layer by kind and number: conv1.weight, batchnorm1.running_mean,
//                  fc1.bias
//     torchvision  those of torchvision's models of this structure.
//         A chain (AlexNet, VGG with and without batch norm): features.N and, from the first fully
//         connected layer and the dropouts before it on, classifier.N, where N counts layers. A
//         classifier without any dropout is counted as VGG's, with one behind every activation.
//         Residual blocks (ResNet): conv1, bn1 before the first; layerS.B.convI and .bnI in a
//         block, layerS.B.downsample.N in its shortcut, where a shortcut with layers begins a new
//         stage S; fc at the end.
#pragma once

#include "net/net.h"

typedef enum WeightNames { WEIGHTS_OWN, WEIGHTS_TORCHVISION } WeightNames;
extern const char *const weights_names[]; // "own", "torchvision", NULL

// A tensor of a network: a slot, or a buffer as one row.
typedef struct NetTensor {
    const char *name; // its outside name
    int rank;
    int64_t size[4];
    int64_t offset, count; // in floats, from the start of Net's block of parameters or buffers
    bool is_buffer;
} NetTensor;

typedef struct NetTensors {
    NetTensor *tensor; // (count) layer by layer: its slots, then its buffers
    size_t count;
    Arena arena; // owns the names
} NetTensors;

// All tensors of a network by their names. An error, with the name of the layer, when torchvision
// has no model of this structure.
bool weights_list(const Net *net, WeightNames names, NetTensors *list, Error *error);
void weights_list_free(NetTensors *list);

// Writes w (net->parameters floats) and buffers (net->buffers; NULL when there are none) to a
// safetensors file; PyTorch's load_state_dict takes it. metadata: kept in the file.
bool weights_write(const char *path, const Net *net, WeightNames names, const float *w,
                   const float *buffers, const Settings *metadata, Error *error);

// Reads them from the bytes of a safetensors file that has either set of names; numbers of type
// F64, F16 and BF16 are rounded to float. What else a file may hold: num_batches_tracked and the
// state of an optimiser (NAME.state0), which are left alone. Errors begin with the path, and name
// what fits no tensor of the network and what is missing; or the tensor, its byte, the shape that
// it has and the one that the network wants. w and buffers are then half-written.
bool weights_unpack(const char *path, const void *bytes, size_t size, const Net *net, float *w,
                    float *buffers, Error *error);

// How long a file of weights may be: of what never ends, /dev/zero, no more is read than the
// machine has room for.
size_t weights_file_most(void);

// The same from a file.
bool weights_read(const char *path, const Net *net, float *w, float *buffers, Error *error);
