#!/usr/bin/env python3
"""Layers of odd configurations as PyTorch resolves them, for test_shapes.c.

    python3 test/layer/shapes.py > test/layer/shapes_reference.h

PyTorch says the shape of the output, that of the weight, the number of parameters and what it
refuses. The rest is counted, not computed from a formula: with weights, inputs and padding of 1 an
output is the number of its multiply-adds, and a gradient the number of outputs that an input feeds.
A window is found by moving a spike along an axis of zeros.
"""
import random

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
CONV = {2: nn.Conv1d, 3: nn.Conv2d}
POOL = {2: nn.MaxPool1d, 3: nn.MaxPool2d}
AVGPOOL = {2: nn.AvgPool1d, 3: nn.AvgPool2d}
GLOBALPOOL = {2: nn.AdaptiveAvgPool1d, 3: nn.AdaptiveAvgPool2d}
BATCHNORM = {1: nn.BatchNorm1d, 2: nn.BatchNorm1d, 3: nn.BatchNorm2d}


def batch(shape, fill, extra=0):
    """One example of our shape (positions, channels) in PyTorch's order: channels first."""
    return torch.full((1, shape[-1], *(n + extra for n in shape[:-1])), float(fill))


def ours(tensor):
    shape = tuple(tensor.shape[1:])
    return shape[1:] + shape[:1]


def ones(module):
    for parameter in module.parameters():
        nn.init.ones_(parameter)
    return module


def reach(module, x, axis, at):
    """The positions along an axis that the output at position `at` of it sees."""
    seen = []
    for i in range(x.shape[axis]):
        spike = torch.zeros_like(x)
        spike.select(axis, i).fill_(1)
        y = module(spike)
        y = y.flatten()[0] if y.dim() <= axis else y.select(axis, at).flatten()[0]
        if y != 0:
            seen.append(i)
    return seen


def slide(module, x, axes):
    """Window and step along the axes; a step of 0 where there is but one output."""
    windows, steps = [], []
    for axis in range(2, 2 + axes):
        first = reach(module, x, axis, 0)
        windows.append(first[-1] - first[0] + 1)
        if module(x).dim() > axis and module(x).shape[axis] > 1:
            steps.append(reach(module, x, axis, 1)[0] - first[0])
    return windows, steps


def same(values):
    assert len(set(values)) <= 1, values
    return values[0] if values else 0


def conv(shape, kernel, size, options):
    stride, groups = options.get("stride", 1), options.get("groups", 1)
    pad = options.get("pad", (kernel - 1) // 2)
    kind, channels = CONV[len(shape)], shape[-1]
    module = kind(channels, size, kernel, stride, pad, 1, groups, options.get("bias") != "no")
    facts = facts_of(module, shape, batch(shape, 0))

    bare = ones(kind(channels, size, kernel, stride, 0, 1, groups, False))
    padded = batch(shape, 1, 2 * pad)
    y = bare(padded)
    facts["macs"], facts["fan_in"] = int(y.sum()), int(y.max())
    windows, steps = slide(bare, padded, len(shape) - 1)
    facts["window"], facts["step"] = same(windows), same(steps)

    full = ones(kind(channels, size, kernel, 1, kernel - 1, 1, groups, False))
    x = batch(shape, 1).requires_grad_()
    full(x).sum().backward()
    facts["fan_out"] = int(x.grad.max())
    return facts


def pool(kinds):
    def resolve(shape, kernel, size, options):
        stride, pad = options.get("stride"), options.get("pad", 0)
        facts = facts_of(kinds[len(shape)](kernel, stride, pad), shape, batch(shape, 0))
        bare = kinds[len(shape)](kernel, stride)
        windows, steps = slide(bare, batch(shape, 0, 2 * pad), len(shape) - 1)
        facts["window"], facts["step"] = same(windows), same(steps)
        return facts
    return resolve


def fc(shape, kernel, size, options):
    count = batch(shape, 0).numel()
    facts = facts_of(nn.Sequential(nn.Flatten(), nn.Linear(count, size, options.get("bias") != "no")),
                     shape, batch(shape, 0))
    bare = ones(nn.Sequential(nn.Flatten(), nn.Linear(count, size, False)))
    x = batch(shape, 1).requires_grad_()
    y = bare(x)
    y.sum().backward()
    facts["macs"], facts["fan_in"] = int(y.sum()), int(y.max())
    facts["fan_out"] = int(x.grad.max())
    facts["window"] = max(slide(bare, x.detach(), len(shape) - 1)[0], default=1)
    return facts


def globalpool(shape, kernel, size, options):
    module = GLOBALPOOL[len(shape)](1)
    facts = facts_of(module, shape, batch(shape, 0))
    facts["window"] = max(slide(module, batch(shape, 0), len(shape) - 1)[0])
    return facts


def flatten(shape, kernel, size, options):
    return facts_of(nn.Flatten(), shape, batch(shape, 0))


def batchnorm(shape, kernel, size, options):
    return facts_of(BATCHNORM[len(shape)](shape[-1]).eval(), shape, batch(shape, 0))


def layernorm(shape, kernel, size, options):  # PyTorch's wants the channels last, as ours are
    module = nn.LayerNorm(shape[-1])
    return facts_of(module, shape, torch.zeros(1, *shape), lambda y: tuple(y.shape[1:]))


def dropout(shape, kernel, size, options):
    return facts_of(nn.Dropout(), shape, batch(shape, 0))


def facts_of(module, shape, x, order=ours):
    y = module(x)
    if y.numel() == 0:  # some of PyTorch's layers give nothing instead of an error
        raise ValueError("no window fits")
    weights = [p for name, p in module.named_parameters() if name.endswith("weight")]
    return {"out": order(y), "weight": tuple(weights[0].shape) if weights else (),
            "parameters": sum(p.numel() for p in module.parameters())}


def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]


def draw(rng, kind, rank):
    shape = tuple(rng.randint(1, 23) for _ in range(rank - 1)) + (rng.randint(1, 19),)
    kernel = rng.choice([1, 2, 3, 3, 4, 5, 7]) if kind in ("conv", "pool", "avgpool") else 0
    size, options = 0, {}
    if kernel:
        if rng.random() < 0.6:
            options["stride"] = rng.randint(1, 5)
        if rng.random() < 0.6:
            options["pad"] = rng.randint(0, 4 if kind == "conv" else kernel // 2 + 1)
    if kind in ("conv", "fc"):
        size = rng.randint(1, 21)
        if rng.random() < 0.4:
            options["bias"] = "no"
    if kind == "conv" and rng.random() < 0.6:
        options["groups"] = rng.choice(divisors(shape[-1]))
        if rng.random() < 0.8:
            size = options["groups"] * rng.randint(1, 4)
    return shape, kernel, size, options


def sizes(shape):
    return "{%d, {%s}}" % (len(shape), ", ".join(map(str, shape)) or "0")


def row(kind, resolve, shape, kernel, size, options):
    try:
        facts = resolve(shape, kernel, size, options)
    except (RuntimeError, ValueError):
        facts = {"out": (), "weight": (), "parameters": 0}
    text = " ".join("%s=%s" % item for item in options.items())
    numbers = ["parameters", "macs", "fan_in", "fan_out", "window", "step"]
    return '    {"%s", %d, %d, "%s", %s, %s, %s, %s},' % (
        kind, kernel, size, text, sizes(shape), sizes(facts["out"]), sizes(facts["weight"]),
        ", ".join(str(facts.get(name, 0)) for name in numbers))


# kind, its function, how many of rank 1, 2 and 3
PLAN = [
    ("conv", conv, (0, 25, 35)),
    ("pool", pool(POOL), (0, 12, 18)),
    ("avgpool", pool(AVGPOOL), (0, 8, 12)),
    ("globalpool", globalpool, (0, 3, 4)),
    ("flatten", flatten, (2, 2, 3)),
    ("fc", fc, (3, 3, 4)),
    ("batchnorm", batchnorm, (2, 3, 4)),
    ("layernorm", layernorm, (2, 3, 4)),
    ("dropout", dropout, (1, 1, 2)),
]


HEAD = """\
typedef struct Reference {
    const char *kind;
    int64_t kernel, size;
    const char *options;
    Shape in, out; // out of rank 0: PyTorch refuses it
    struct {
        int rank;
        int64_t size[4];
    } weight; // rank 0: none
    int64_t parameters, macs;
    int64_t fan_in, fan_out, window, step; // 0: not counted
} Reference;

// clang-format off
static const Reference REFERENCE[] = {"""


def main():
    rng = random.Random(2385)
    print("// Written by test/layer/shapes.py; do not edit.\n")
    print(HEAD)
    for kind, resolve, counts in PLAN:
        for rank, count in enumerate(counts, 1):
            for _ in range(count):
                print(row(kind, resolve, *draw(rng, kind, rank)))
    print("};")


main()
