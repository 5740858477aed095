#!/usr/bin/env python3
"""The counts of models/*.net in PyTorch and torchvision, a second witness for test_counts.c.

    python3 test/net/reference.py > test/net/reference.h

Parameters, output shapes and multiply-adds come from modules that ran, receptive fields and strides
from gradients: which pixels of the input an output depends on.
"""
import torch
import torchvision.models as zoo
from torch import nn


# The networks that torchvision does not have, from the papers.

def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


class PreActivation(nn.Module):
    """Nakkiran et al. 2021: a shortcut that changes the shape reads what is rectified."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.shortcut = None
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
        self.relu = nn.ReLU()

    def forward(self, x):
        y = self.relu(self.norm1(x))
        z = self.conv2(self.relu(self.norm2(self.conv1(y))))
        return z + (x if self.shortcut is None else self.shortcut(y))


def resnet18k(k):
    blocks, inputs = [], k
    for stage, outputs in enumerate([k, 2 * k, 4 * k, 8 * k]):
        for block in range(2):
            blocks.append(PreActivation(inputs, outputs, 2 if stage and not block else 1))
            inputs = outputs
    return nn.Sequential(nn.Conv2d(3, k, 3, padding=1, bias=False), *blocks,
                         nn.AvgPool2d(4), nn.Flatten(), nn.Linear(8 * k, 10))


def mcnn(k):
    modules, inputs = [], 3
    for pool, outputs in zip([1, 2, 2, 2], [k, 2 * k, 4 * k, 8 * k]):
        modules += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(),
                    nn.MaxPool2d(pool)]
        inputs = outputs
    return nn.Sequential(*modules, nn.MaxPool2d(4), nn.Flatten(), nn.Linear(8 * k, 10))


def vgg11_32(k):  # kuangliu's pytorch-cifar
    modules, inputs = [], 3
    for outputs in [1, "M", 2, "M", 4, 4, "M", 8, 8, "M", 8, 8, "M"]:
        if outputs == "M":
            modules.append(nn.MaxPool2d(2))
        else:
            modules += [nn.Conv2d(inputs, outputs * k, 3, padding=1), nn.BatchNorm2d(outputs * k),
                        nn.ReLU()]
            inputs = outputs * k
    return nn.Sequential(*modules, nn.Flatten(), nn.Linear(8 * k, 10))


def mnist1d_cnn(c):
    return nn.Sequential(
        nn.Conv1d(1, c, 5, 2, 1), nn.ReLU(), nn.Conv1d(c, c, 3, 2, 1), nn.ReLU(),
        nn.Conv1d(c, c, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(5 * c, 10))


def mlp(width):
    return nn.Sequential(nn.Linear(40, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
                         nn.Linear(width, 10))


# Receptive fields

def thin(module):
    """One channel everywhere, positive weights, nothing that could hide a dependence."""
    for name, child in module.named_children():
        if isinstance(child, (nn.Conv1d, nn.Conv2d)):
            new = type(child)(1, 1, child.kernel_size, child.stride, child.padding, bias=False)
            nn.init.constant_(new.weight, 1 / new.weight.numel())
        elif isinstance(child, nn.MaxPool2d):
            new = nn.AvgPool2d(child.kernel_size, child.stride, child.padding)
        elif isinstance(child, (nn.BatchNorm2d, nn.ReLU, nn.AdaptiveAvgPool2d, nn.Linear,
                                nn.Flatten, nn.Dropout)):
            new = nn.Identity()
        else:
            new = thin(child)
        setattr(module, name, new)
    return module


def support(output, at, x):
    """The first and last column of x that column `at` in the middle row of output depends on."""
    row = output[0, 0] if output.dim() == 3 else output[0, 0, output.shape[2] // 2]
    gradient, = torch.autograd.grad(row[at], x, retain_graph=True)
    columns = gradient.reshape(-1, gradient.shape[-1]).sum(0).nonzero()
    return columns.min().item(), columns.max().item()


def fields(network, rank, size):
    """(receptive field, stride) of every convolution, in order, and of the last output that has
    positions; no border is in sight."""
    network = thin(network).double()
    outputs = []
    for module in network.modules():
        if isinstance(module, (nn.Conv1d, nn.Conv2d)):
            module.register_forward_hook(lambda m, i, o: outputs.append(o))
    x = torch.ones((1, 1) + (size,) * (rank - 1), dtype=torch.double, requires_grad=True)
    outputs.append(network(x))
    found = []
    for output in outputs:
        middle = output.shape[-1] // 2
        first, last = support(output, middle, x)
        assert 0 < first and last < size - 1, "the input is too small"
        found.append((last - first + 1, support(output, middle + 1, x)[0] - first))
    return found


def trunk(network):
    """The part of a torchvision model that has positions."""
    if hasattr(network, "features"):
        return network.features
    network.avgpool = network.fc = nn.Identity()
    return nn.Sequential(*network.children())


# What the header says

class Witness:
    def __init__(self, network, shape):
        self.layers = []
        for module in network.modules():
            if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Linear)):
                module.register_forward_hook(self.see)
        self.parameters = sum(p.numel() for p in network.parameters())
        with torch.no_grad():
            network.eval()(torch.zeros((1,) + shape))

    def see(self, module, inputs, output):
        shape = tuple(output.shape[1:])
        positions = output[0, 0].numel()
        macs = module.weight.numel() * positions
        parameters = sum(p.numel() for p in module.parameters())
        self.layers.append((shape[1:] + shape[:1], parameters, macs))


def write(model, variable, value, network, shape, size=0):
    witness = Witness(network, shape)
    seen = fields(trunk(network) if variable is None and hasattr(network, "avgpool") else network,
                  len(shape), size) if size else [(0, 0)]
    name = f"{model}_{value}".replace("-", "_")
    print(f"static const ReferenceLayer {name}[] = {{")
    for i, (output, parameters, macs) in enumerate(witness.layers):
        field, stride = seen[i] if i < len(seen) - 1 else (0, 0)
        sizes = ", ".join(str(s) for s in output)
        print(f"    {{{len(output)}, {{{sizes}}}, {parameters}, {macs}, {field}, {stride}}},")
    print("};")
    quoted = f'"{variable}"' if variable else "NULL"
    macs = sum(layer[2] for layer in witness.layers)
    return (f'    {{"{model}", {quoted}, {value}, {witness.parameters}, {macs}, '
            f"{seen[-1][0]}, {seen[-1][1]}, {len(witness.layers)}, {name}}},")


def main():
    print("""// Written by reference.py from PyTorch and torchvision. Every convolution and fully connected layer
// in the order in which it runs.
#include <stdint.h>

typedef struct ReferenceLayer {
    int rank;
    int64_t output[3]; // channels last
    int64_t parameters, macs;
    int64_t receptive, stride; // 0: a fully connected layer, which sees the whole input
} ReferenceLayer;

typedef struct Reference {
    const char *model, *variable; // variable is NULL, or set to value
    int64_t value, parameters, macs;
    int64_t receptive, stride; // of the last layer that has positions; 0: there is none
    int layers;
    const ReferenceLayer *layer;
} Reference;

// clang-format off""")
    rows = []
    image = (3, 224, 224)
    for name, size in [("vgg11", 500), ("vgg13", 500), ("vgg16", 600), ("vgg19", 700),
                       ("alexnet", 600)]:
        network = getattr(zoo, name)(**({} if name == "alexnet" else {"init_weights": False}))
        rows.append(write(name, None, 0, network, image, size))
    for name, size in [("resnet18", 1200), ("resnet34", 2000), ("resnet50", 1200)]:
        rows.append(write(name, None, 0, getattr(zoo, name)(), image, size))
    rows.append(write("lenet5", None, 0, lenet5(), (1, 28, 28), 60))
    for k in [1, 3, 7, 64]:
        rows.append(write("resnet18k", "k", k, resnet18k(k), (3, 32, 32), 500))
    for k in [1, 3, 7, 64]:
        rows.append(write("mcnn", "k", k, mcnn(k), (3, 32, 32), 200))
    for k in [1, 3, 7, 64]:
        rows.append(write("vgg11-32", "k", k, vgg11_32(k), (3, 32, 32), 300))
    for c in [1, 7, 25]:
        rows.append(write("mnist1d-cnn", "c", c, mnist1d_cnn(c), (1, 40), 100))
    for width in [7, 300]:
        rows.append(write("mlp", "width", width, mlp(width), (40,)))
    print("\nstatic const Reference references[] = {")
    print("\n".join(rows))
    print("};\n// clang-format on")


if __name__ == "__main__":
    main()
