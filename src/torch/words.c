// What PyTorch calls the parts of ours: a line each.
#include "torch/inner.h"
#include <string.h>

static const TorchWord MODULES[] = {
    {"fc", "nn.Linear({features}, {size}, bias={bias})"},
    {"tied", "Tied({incoming}, {channels}, {out}, {bias}, {generators})"},
    {"conv", "nn.Conv{axes}d({channels}, {size}, {kernel}, stride={stride}, padding={pad}, "
             "groups={groups}, bias={bias})"},
    {"pool", "nn.MaxPool{axes}d({kernel}, stride={stride}, padding={pad})"},
    {"avgpool", "nn.AvgPool{axes}d({kernel}, stride={stride}, padding={pad})"},
    {"globalpool", "nn.AdaptiveAvgPool{axes}d(1)"},
    {"flatten", "nn.Flatten()"},
    {"batchnorm", "nn.BatchNorm{axes}d({channels}, eps={eps}, momentum={momentum})"},
    {"layernorm", "ChannelNorm({channels}, eps={eps})"},
    {"dropout", "nn.Dropout({p})"},
    {"relu", "nn.ReLU()"},
    {"tanh", "nn.Tanh()"},
    {"leaky", "nn.LeakyReLU({slope})"},
    {"elu", "nn.ELU({alpha})"},
    {"selu", "nn.SELU()"},
    {"gelu", "nn.GELU()"},
    {"silu", "nn.SiLU()"},
    {"sigmoid", "nn.Sigmoid()"},
    {"hardtanh", "nn.Hardtanh()"},
    {"sign", "Sign()"},
    {"softmax", NULL},  // part of the loss
    {"residual", NULL}, // a sum
    {0},
};

const TorchWord torch_helpers[] = {
    {"ChannelNorm", "class ChannelNorm(nn.LayerNorm):\n"
                    "    \"\"\"Over the channels, which stand behind the examples.\"\"\"\n\n"
                    "    def forward(self, x):\n"
                    "        return super().forward(x.movedim(1, -1)).movedim(-1, 1)\n"},
    {"Tied",
     "def orbits(rows, columns):\n"
     "    \"\"\"The orbits on pairs of generators given as lists of where points go.\"\"\"\n"
     "    label = [[-1] * len(columns[0]) for _ in rows[0]]\n"
     "    count = 0\n"
     "    for i in range(len(rows[0])):\n"
     "        for j in range(len(columns[0])):\n"
     "            found = [(i, j)] if label[i][j] < 0 else []\n"
     "            while found:\n"
     "                a, b = found.pop()\n"
     "                if label[a][b] < 0:\n"
     "                    label[a][b] = count\n"
     "                    found += [(s[a], t[b]) for s, t in zip(rows, columns)]\n"
     "            count = max(count, label[i][j] + 1)\n"
     "    return torch.tensor(label), count\n"
     "\n\n"
     "class Tied(nn.Module):\n"
     "    \"\"\"Fully connected; weights are shared along the orbits on (output, input).\"\"\"\n"
     "\n"
     "    def __init__(self, incoming, channels, out, bias, inputs, outputs):\n"
     "        super().__init__()\n"
     "        self.label, weights = orbits(outputs, inputs)\n"
     "        point, biases = orbits(outputs, [[0]] * len(outputs))\n"
     "        self.point, self.out = point[:, 0], out\n"
     "        self.weight = nn.Parameter(torch.zeros(channels, incoming, weights))\n"
     "        self.bias = nn.Parameter(torch.zeros(channels, biases)) if bias else None\n"
     "\n"
     "    def forward(self, x):\n"
     "        x = x.reshape(len(x), self.weight.shape[1], -1)\n"
     "        y = torch.einsum(\"ocij,ncj->noi\", self.weight[:, :, self.label], x)\n"
     "        y = y if self.bias is None else y + self.bias[:, self.point]\n"
     "        return y.reshape(len(x), *self.out)\n"},
    {"Sign", "class Sign(nn.Module):\n"
             "    \"\"\"-1 at 0; nothing before it learns.\"\"\"\n\n"
             "    def forward(self, x):\n"
             "        return torch.where(x > 0, 1.0, -1.0) + 0 * x\n"},
    {0},
};

const TorchWord torch_losses[] = {
    {"cross_entropy", "F.cross_entropy(u, y, reduction=\"none\")"},
    {"squared", "((u - (y if y.is_floating_point() else F.one_hot(y, u.shape[1]))) ** 2).sum(1)"},
    {"logistic", "F.softplus(-(2 * y - 1) * u[:, 0])"},
    {0},
};

const TorchWord torch_optimizers[] = {
    {"sgd", "torch.optim.SGD(groups, lr={lr}, momentum={momentum}, "
            "weight_decay={weight_decay})"},
    {"adam", "torch.optim.Adam(groups, lr={lr}, betas=({beta1}, {beta2}), "
             "eps={epsilon}, weight_decay={weight_decay})"},
    {0},
};

const TorchWord torch_schedules[] = {
    {"constant", "{lr}"},
    {"inverse_sqrt", "{lr} / math.sqrt(1 + t // {schedule_period})"},
    {"cosine", "{lr} * (1 + math.cos(math.pi * t / ({epochs} * steps))) / 2"},
    {"step", "{lr} * {schedule_factor} ** (t // steps // {schedule_period})"},
    {0},
};

const char *torch_find(const TorchWord *table, const char *name) {
    while (table->name && strcmp(table->name, name) != 0) table++;
    REQUIRE(table->name != NULL);
    return table->python;
}

const char *torch_module(const LayerKind *kind) {
    return torch_find(MODULES, kind->name);
}

void torch_fill(const char *python, void (*value)(const void *, const char *, Text *),
                const void *context, Text *text) {
    char name[40];
    for (const char *c = python; *c;) {
        size_t plain = strcspn(c, "{");
        text_add_bytes(text, c, plain);
        c += plain;
        if (!*c) return;
        size_t length = strcspn(++c, "}");
        REQUIRE(length < sizeof name);
        memcpy(name, c, length);
        name[length] = 0;
        value(context, name, text);
        c += length + 1;
    }
}
