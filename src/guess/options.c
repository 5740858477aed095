#include "guess/world.h"

#define AT(field) offsetof(GuessOptions, field)
#define COUNT     9e15 // the largest whole number that a double holds with room to spare

const char *const guess_methods[] = {"plain", "exact", "rare", NULL};

const Option guess_options[] = {
    {"model", OPTION_TEXT, AT(model), "input 4 fc-8 bias=no relu fc-1 bias=no", 0, 0, NULL, "MODEL",
     "dense layers and activations, one output: a file, a name, or the text itself"},
    {"levels", OPTION_TEXT, AT(levels), "-1,0,1", 0, 0, NULL, "LIST",
     "what a weight can be, all equally probable; an odd number Q: -(Q-1)/2 to (Q-1)/2"},
    {"prior", OPTION_TEXT, AT(prior), "", 0, 0, NULL, "LAW",
     "normal or uniform (or normal:SCALE) weights instead of levels"},
    {"data", OPTION_TEXT, AT(data), "", 0, 0, NULL, "DATA",
     "cube:D, normal:D, or a data set; default: the cube of the network's inputs"},
    {"labels", OPTION_TEXT, AT(labels), "", 0, 0, NULL, "TABLE",
     "of a cube: 0x and hexadecimal digits, bit i for point i, or and, or, xor, majority, ..."},
    {"points", OPTION_TEXT, AT(points), "", 0, 0, NULL, "SET",
     "of a cube, the training points, written like labels; default: all"},
    {"classes", OPTION_TEXT, AT(classes), "", 0, 0, NULL, "A,B",
     "of a data set: class A counts as -1, class B as +1; default: 0,1"},
    {"teacher", OPTION_TEXT, AT(teacher), "", 0, 0, NULL, "WIDTHS",
     "labels from a network with hidden layers that wide, such as 2 or 2x3"},
    {"teacher_weights", OPTION_TEXT, AT(teacher_weights), "", 0, 0, NULL, "LIST",
     "the weights of the teacher, in the order of benign guess --replay; default: drawn"},
    {"samples", OPTION_INT, AT(samples), "0", 0, 1e7, NULL, "N",
     "training points, drawn at random; default: all there are"},
    {"test", OPTION_INT, AT(test), "1000", 1, 1e7, NULL, "N",
     "test points of normal data, the most of a data set"},
    {"zero", OPTION_CHOICE, AT(zero), "negative", 0, 0, guess_zeros, "SIGN",
     "what an output of exactly 0 says"},
    {"method", OPTION_CHOICE, AT(method), "plain", 0, 0, guess_methods, "HOW",
     "plain sampling, the exact count, or splitting for rare events"},
    {"guesses", OPTION_INT, AT(guesses), "1e6", 1, 1e15, NULL, "N", "networks to draw, at most"},
    {"hits", OPTION_INT, AT(hits), "0", 0, COUNT, NULL, "N",
     "stop when so many fit; 0: draw them all"},
    {"delta", OPTION_REAL, AT(delta), "0.05", 1e-300, 0.999999, NULL, "P",
     "how improbable an unlucky sample shall be, for bounds"},
    {"eta", OPTION_REAL, AT(eta), "0.05", 1e-300, 0.999999, NULL, "P",
     "how improbable a long search shall be, for bounds"},
    {"guess_seed", OPTION_INT, AT(guess_seed), "0", 0, COUNT, NULL, "SEED", "the guesses"},
    {"sample_seed", OPTION_INT, AT(sample_seed), "0", 0, COUNT, NULL, "SEED", "the points"},
    {"teacher_seed", OPTION_INT, AT(teacher_seed), "0", 0, COUNT, NULL, "SEED", "the teacher"},
    {"particles", OPTION_INT, AT(particles), "0", 0, 1e7, NULL, "N",
     "rare: networks of a run; 0: chosen"},
    {"sweeps", OPTION_INT, AT(sweeps), "0", 0, 1e6, NULL, "N",
     "rare: moves of every weight at a level; 0: chosen"},
    {"runs", OPTION_INT, AT(runs), "10", 2, 10000, NULL, "N", "rare: independent runs"},
    {"descents", OPTION_INT, AT(descents), "0", 0, 100000, NULL, "N",
     "runs of gradient descent on the same sample, to compare with"},
    {0},
};

static const char *const SEEDS[] = {"guess_seed", "sample_seed", NULL};
const TaskOptions world_options = {"guess", guess_options, SEEDS};
