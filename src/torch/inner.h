// Private: what the files of torch/ share.
#pragma once

#include "torch/torch.h"
#include "train/train.h"

typedef struct TorchWord {
    const char *name, *python;
} TorchWord;

// The text of a word in a table that ends in name == NULL; a bug when there is none.
const char *torch_find(const TorchWord *table, const char *name);

// Adds the generators of a group on inputs and on outputs, as lists of where points go.
void torch_add_generators(const char *group, Text *text);

extern const TorchWord torch_helpers[];    // classes that modules need
extern const TorchWord torch_losses[];     // of outputs u and truth y: the loss of every example
extern const TorchWord torch_optimizers[]; // of parameter groups, with {NAME} for options
extern const TorchWord torch_schedules[];  // the rate of step t, so too

// Adds python, every {NAME} in it replaced by what value(context, NAME, text) adds.
void torch_fill(const char *python, void (*value)(const void *, const char *, Text *),
                const void *context, Text *text);

// A run whose parts are open.
typedef struct TorchRun {
    const TrainOptions *options;
    const Net *net;
    const DataView *sample;
} TorchRun;

// The program; options may be NULL: then without --train.
void torch_print_program(const Net *net, const char *title, const TrainOptions *options,
                         Text *python);
void torch_print_training(const Net *net, const TrainOptions *options, Text *python);
bool torch_write_run(const TorchRun *run, const char *folder, Error *error);
