// The door of weights/: the weights of a network in files that PyTorch reads, and back.
//
// A file holds every slot and every buffer of a network as a tensor of PyTorch's shape, by one of
// three sets of outside names, which follow from the network alone:
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

//     sequential   N.SLOT, as nn.Sequential counts modules: all layers, and an nn.Flatten before a
//                  fully connected layer that reads images. Of chains alone.
typedef enum WeightNames { WEIGHTS_OWN, WEIGHTS_TORCHVISION, WEIGHTS_SEQUENTIAL } WeightNames;
extern const char *const weights_names[]; // "own", "torchvision", "sequential", NULL

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

// All tensors of a network by their names. An error, with the name of the layer, when the names are
// of networks of another structure.
bool weights_list(const Net *net, WeightNames names, NetTensors *list, Error *error);
void weights_list_free(NetTensors *list);

// Writes w (net->parameters floats) and buffers (net->buffers; NULL when there are none) to a
// safetensors file; PyTorch's load_state_dict takes it. metadata: kept in the file.
bool weights_write(const char *path, const Net *net, WeightNames names, const float *w,
                   const float *buffers, const Settings *metadata, Error *error);

// ---- reading ----

typedef struct WeightsFile WeightsFile;

// Opens a safetensors file, or all shards of an index, which lie beside it (as Hugging Face's
// model.safetensors.index.json: {"weight_map": {TENSOR: FILE, ...}}; every tensor must be where the
// index says, and in no other). NULL with an error that begins with the path: what is wrong at
// which byte; of a file of another kind (PyTorch's .pth, .npz, a Git LFS pointer, a page, ...) what
// it is, and the lines of Python that convert it. Of a file that its first bytes show to be no
// safetensors file no more is read.
WeightsFile *weights_open(const char *path, Error *error);

// The same from the bytes of a safetensors file, which stay the caller's. name: what errors call
// it.
WeightsFile *weights_parse(const char *name, const void *bytes, size_t size, Error *error);
void weights_close(WeightsFile *file); // NULL is fine

Hash weights_hash(
    const WeightsFile *file); // of all bytes: of an index, of its own, then of its shards
const char *weights_metadata(const WeightsFile *file, const char *key); // NULL when absent

// Reads the tensors of a network into w and buffers, by the set of names of which the file has
// most; numbers of type F64, F16 and BF16 are rounded to float.
//   Names may be wrapped: `module.` (nn.DataParallel), `_orig_mod.` (torch.compile), `model.`
//   (Lightning), the two of FSDP, anywhere in a name and in any combination, and whatever all names
//   begin with. Numbers of nn.Sequential are taken in their order, layer after layer, so that
//   modules without weights may stand between them. How names were read, where it is not as they
//   stand, is added to *said (NULL: not wanted) in a line.
//   What else a file may hold: num_batches_tracked and the state of an optimiser (NAME.state0).
// Errors begin with the path, and name what fits no tensor of the network and what is missing; or
// the tensor, its byte, the shape that it has and the one that the network wants; of another head,
// the last layer alone, the lines of Python that put a new one there. w and buffers are then
// half-written.
bool weights_take(const WeightsFile *file, const Net *net, float *w, float *buffers, Text *said,
                  Error *error);

// weights_parse and weights_take in one.
bool weights_unpack(const char *name, const void *bytes, size_t size, const Net *net, float *w,
                    float *buffers, Error *error);
