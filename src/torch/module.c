// A network as a class.
#include "torch/inner.h"
#include "weights/weights.h"
#include <string.h>

// ---- __init__ ----

static bool starts(const char *text, const char *word) {
    return strncmp(text, word, strlen(word)) == 0;
}

static void add_option(const Layer *layer, const Option *option, Text *text) {
    if (option->type != OPTION_CHOICE) {
        option_print(option, layer->option, text);
        return;
    }
    Text word = {0};
    option_print(option, layer->option, &word);
    text_add(text, strcmp(word.data, "yes") == 0 ? "True" : "False"); // the only choice there is
    text_free(&word);
}

static bool is(const char *name, const char *other) {
    return strcmp(name, other) == 0;
}

// (8, 40): channels in front
static void add_out(const Shape *out, Text *text) {
    text_printf(text, "(%lld,", (long long)out->size[out->rank - 1]);
    for (int i = 0; i + 1 < out->rank; i++)
        text_printf(text, " %lld%s", (long long)out->size[i], i + 2 < out->rank ? "," : "");
    text_add(text, ")");
}

static void add_value(const void *context, const char *name, Text *text) {
    const Layer *layer = context;
    if (is(name, "out")) {
        add_out(&layer->out, text);
        return;
    }
    if (is(name, "generators")) {
        torch_add_generators(layer->option[0].text, text);
        return;
    }
    const int rank = layer->in.rank;
    const struct {
        const char *name;
        int64_t value;
    } FACTS[] = {{"channels", layer->in.size[rank - 1]},
                 {"features", shape_count(&layer->in)},
                 {"axes", rank > 1 ? rank - 1 : 1},
                 {"kernel", layer->kernel},
                 {"size", layer->size},
                 {"incoming", rank > 1 ? layer->in.size[rank - 1] : 1}};
    const Option *option = option_find(layer->kind->options, layer_options(layer->kind), name);
    for (size_t i = 0; !option && i < sizeof FACTS / sizeof *FACTS; i++) {
        if (!is(name, FACTS[i].name)) continue;
        text_printf(text, "%lld", (long long)FACTS[i].value);
        return;
    }
    REQUIRE(option != NULL); // a name in {} is an option of the kind or a fact
    add_option(layer, option, text);
}

static void add_module(const Layer *layer, Text *text) {
    const char *module = torch_module(layer->kind);
    if (!module) return;
    text_printf(text, "        self.%s = ", layer->name);
    torch_fill(module, add_value, layer, text);
    text_add(text, "\n");
}

// ---- forward: x, and b1, s1 for the block and the shortcut of a residual, b2, s2 within them ----

typedef struct Branch {
    int64_t join; // the residual that the layer is part of; -1: none
    bool is_shortcut;
} Branch;

// Marks layers first..last as a branch of a residual, but for those of residuals within it.
static void mark(Branch *branch, int64_t first, int64_t last, Branch as) {
    for (int64_t l = first; l <= last; l++) {
        if (branch[l].join < 0) branch[l] = as;
    }
}

// A block's layers lie one after the other, those of its shortcut behind them, then the join.
static Branch *find_branches(const Net *net) {
    Branch *branch = memory_new(net->layers, sizeof *branch);
    for (size_t l = 0; l < net->layers; l++) branch[l].join = -1;
    for (size_t l = 0; l < net->layers; l++) {
        const Layer *join = &net->layer[l];
        if (!join->kind->is_join) continue;
        const bool identity = join->from2 < join->from;
        int64_t start = identity ? join->from2 : net->layer[join->from + 1].from;
        mark(branch, start + 1, join->from, (Branch){(int64_t)l, false});
        if (!identity) mark(branch, join->from + 1, join->from2, (Branch){(int64_t)l, true});
    }
    return branch;
}

// The variable that holds the output of a layer.
static void add_variable(const Branch *branch, int64_t layer, Text *text) {
    int depth = 0;
    if (layer != LAYER_INPUT) {
        for (int64_t l = layer; branch[l].join >= 0; l = branch[l].join) depth++;
    }
    if (depth == 0) {
        text_add(text, "x");
    } else {
        text_printf(text, "%s%d", branch[layer].is_shortcut ? "s" : "b", depth);
    }
}

static void add_step(const Net *net, const Branch *branch, size_t l, Text *text) {
    const Layer *layer = &net->layer[l];
    if (layer->kind->is_loss) return;
    text_add(text, "        ");
    add_variable(branch, (int64_t)l, text);
    text_printf(text, layer->kind->is_join ? " = " : " = self.%s(", layer->name);
    add_variable(branch, layer->from, text);
    if (layer->kind->is_join) {
        text_add(text, " + ");
        add_variable(branch, layer->from2, text);
    } else {
        bool flat = is(layer->kind->name, "fc") && layer->in.rank > 1;
        text_add(text, flat ? ".flatten(1))" : ")"); // channel by channel, as ours
    }
    text_add(text, "\n");
}

// (N, 3, 224, 224)
static void add_shape(const Shape *shape, Text *text) {
    text_printf(text, "(N, %lld", (long long)shape->size[shape->rank - 1]);
    for (int i = 0; i + 1 < shape->rank; i++)
        text_printf(text, ", %lld", (long long)shape->size[i]);
    text_add(text, ")");
}

static void add_class(const Net *net, Text *text) {
    const Layer *last = &net->layer[net->layers - 1];
    text_add(text, "class Network(nn.Module):\n    def __init__(self):\n"
                   "        super().__init__()\n");
    for (size_t l = 0; l < net->layers; l++) add_module(&net->layer[l], text);
    text_add(text, "\n    def forward(self, x):  # ");
    add_shape(&net->input, text);
    text_add(text, "\n");
    Branch *branch = find_branches(net);
    for (size_t l = 0; l < net->layers; l++) add_step(net, branch, l, text);
    memory_free(branch);
    text_printf(text, "        return x%s\n",
                last->kind->is_loss ? "  # softmax is part of the loss" : "");
}

// ---- the file around it ----

static void add_helpers(const Net *net, Text *text) {
    for (const TorchWord *helper = torch_helpers; helper->name; helper++) {
        bool used = false;
        for (size_t l = 0; l < net->layers; l++) {
            const char *module = torch_module(net->layer[l].kind);
            used = used || (module && starts(module, helper->name));
        }
        if (used) text_printf(text, "%s\n\n", helper->python);
    }
}

// NAME = the canonical text, broken at blanks.
static void add_canonical(const Net *net, Text *text) {
    enum { WIDTH = 88 };
    text_add(text, "NETWORK = (\n");
    for (const char *c = net->canonical, *next; *c; c = next) {
        size_t length = strlen(c), blank = length < WIDTH ? length : WIDTH;
        while (length > WIDTH && blank > 0 && c[blank] != ' ') blank--;
        next = c + (blank ? blank + (c[blank] == ' ') : length); // else one long word
        char *part = memory_new((size_t)(next - c) + 1, 1);
        memcpy(part, c, (size_t)(next - c));
        text_add(text, "    ");
        text_add_python(text, part);
        text_add(text, "\n");
        memory_free(part);
    }
    text_add(text, ")\n");
}

static const char CHECK[] =
    "def check(weights, images):\n"
    "    network = Network()\n"
    "    network.load_state_dict(load_file(weights))\n"
    "    network.eval()\n"
    "    x = torch.from_numpy(np.load(images)).float().reshape(-1, *INPUT)\n"
    "    with torch.no_grad():\n"
    "        for row in network(x).flatten(1):\n"
    "            print(*(f\"{u:.9g}\" for u in row.tolist()))\n";

static const char MAIN[] =
    "if __name__ == \"__main__\":\n"
    "    parser = argparse.ArgumentParser(description=__doc__,\n"
    "                                     formatter_class=argparse.RawDescriptionHelpFormatter)\n"
    "    parser.add_argument(\"--check\", nargs=2, metavar=(\"WEIGHTS\", \"IMAGES\"))\n";

static void add_head(const Net *net, const char *title, bool trains, Text *text) {
    text_add(text, "#!/usr/bin/env python3\n"
                   "\"\"\"A network, written by benign " BENIGN_VERSION ".\n\n"
                   "    python3 FILE.py --check weights.safetensors images.npy    "
                   "prints a line of outputs for each image\n");
    if (trains) text_add(text, "    python3 FILE.py --train FOLDER    repeats the run\n");
    text_add(text, "\"\"\"\nimport argparse\n");
    if (trains) text_add(text, "import math\nimport os\n");
    text_add(text, "\nimport numpy as np\nimport torch\n");
    if (trains)
        text_add(text, "import torch.nn.functional as F\nfrom safetensors import safe_open\n");
    text_printf(text, "from safetensors.torch import load_file%s\nfrom torch import nn\n\nMODEL = ",
                trains ? ", save_file" : "");
    text_add_python(text, title);
    text_printf(text, "  # %lld parameters\n", (long long)net->parameters);
    add_canonical(net, text);
    text_add(text, "INPUT = ");
    add_out(&net->input, text);
    text_add(text, "\n\n\n");
}

void torch_print_program(const Net *net, const char *title, const TrainOptions *options,
                         Text *python) {
    add_head(net, title, options != NULL, python);
    add_helpers(net, python);
    add_class(net, python);
    text_printf(python, "\n\n%s\n\n", CHECK);
    if (options) torch_print_training(net, options, python);
    text_add(python, MAIN);
    if (options) text_add(python, "    parser.add_argument(\"--train\", metavar=\"FOLDER\")\n");
    text_add(python, "    arguments = parser.parse_args()\n"
                     "    if arguments.check:\n        check(*arguments.check)\n");
    if (options) text_add(python, "    if arguments.train:\n        train(arguments.train)\n");
}

void torch_print(const Net *net, const char *title, Text *python) {
    torch_print_program(net, title, NULL, python);
}
