// The door of torch/: a network, and how it was trained, as a Python program with PyTorch, so that
// somebody else's code can check ours.
//
// The program is one file that reads like one written by hand. Its module has the names and shapes
// of our weights (weights/, names "own"), so that each reads the other's files:
//
//     python3 FILE.py --check weights.safetensors images.npy     prints the outputs
//     python3 FILE.py --train FOLDER                             repeats our run
//
// Whatever came from outside (names of files, models and data, the text of a network, settings)
// stands there as a literal of Python (text_add_python), never in a comment.
//
// --train is there when settings of a run were given: it begins with our first weights, takes our
// samples with their noisy labels in our order, and prints what we record. Only what dropout drops
// is not ours.
//
//   A layer kind, loss, optimiser or schedule has a line in words.c.
#pragma once

#include "net/net.h"

// How PyTorch writes a layer kind: NAME in {} is an option of the kind, or channels, features (of
// the input), axes (of positions, at least 1), kernel, size; of a tied layer incoming (channels),
// out (the shape without the examples) and generators. NULL: there is no module to it.
const char *torch_module(const LayerKind *kind);

// Appends the program of a network. title: what the user called it.
void torch_print(const Net *net, const char *title, Text *python);

// The same of a run of task train with these settings (as its resolve takes them); and writes into
// the folder, which is made, what --train reads: x_train.npy, y_train.npy (the sample, as it is
// observed), x_test.npy, y_test.npy, and the first weights, start.safetensors. --train adds
// end.safetensors. Errors as those of the task, and of the files.
bool torch_print_run(const Settings *settings, const char *title, const char *folder, Text *python,
                     Error *error);
