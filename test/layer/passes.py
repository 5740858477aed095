#!/usr/bin/env python3
"""Both passes of layers by PyTorch in double precision, for test_passes.c.

    python3 test/layer/passes.py > test/layer/passes_reference.h

Inputs, weights and gradients of outputs are made by numbers(), here and in C alike. Of every case:
outputs, input gradients, weight gradients, running statistics, one after the other.
"""
import torch
from torch import nn

EXAMPLES = 3
# kind, kernel, size, options, input shape (channels last, as the language has it), modulus of the
# inputs (few different ones: ties), learning
CASES = [
    ("conv", 3, 4, "", (5, 4, 2), 1009, True),
    ("conv", 3, 4, "stride=2 pad=2 groups=2", (5, 7, 4), 1009, True),
    ("conv", 5, 3, "stride=3 pad=2", (11, 2), 1009, True),
    ("conv", 1, 3, "stride=2", (3, 5, 4), 1009, True),
    ("conv", 2, 7, "pad=1 bias=no", (1, 2, 3), 1009, True),
    ("pool", 3, 0, "stride=2 pad=1", (6, 5, 2), 1009, True),
    ("pool", 2, 0, "", (5, 4, 2), 5, True),
    ("pool", 3, 0, "stride=1 pad=1", (9, 1), 5, True),
    ("avgpool", 3, 0, "stride=2 pad=1", (6, 5, 2), 1009, True),
    ("avgpool", 2, 0, "", (7, 3), 1009, True),
    ("globalpool", 0, 0, "", (3, 5, 2), 1009, True),
    ("flatten", 0, 0, "", (2, 3, 2), 1009, True),
    ("batchnorm", 0, 0, "", (3, 2, 3), 1009, True),
    ("batchnorm", 0, 0, "eps=0.01 momentum=0.385", (5,), 1009, True),
    ("batchnorm", 0, 0, "eps=0.01", (4, 3), 1009, False),
    ("layernorm", 0, 0, "", (3, 2, 5), 1009, True),
    ("layernorm", 0, 0, "eps=0.1", (7,), 1009, True),
]


def numbers(count, seed, modulus=1009):
    values = [((i * 2385 + seed * 17) % modulus - modulus // 2) / 256 for i in range(count)]
    return torch.tensor(values, dtype=torch.float64)


class ChannelNorm(nn.Module):
    """LayerNorm over the channels of one position."""

    def __init__(self, channels, eps):
        super().__init__()
        self.norm = nn.LayerNorm(channels, eps)

    def forward(self, x):
        return self.norm(x.movedim(1, -1)).movedim(-1, 1)


def module(kind, kernel, size, words, shape):
    channels, axes = shape[-1], len(shape) - 1
    whole = {key: int(words[key]) for key in ("stride", "groups", "pad") if key in words}
    if "pad" in whole:
        whole["padding"] = whole.pop("pad")
    pick = {1: 0, 2: 1}.get(axes)
    if kind == "conv":
        whole.setdefault("padding", (kernel - 1) // 2)
        return (nn.Conv1d, nn.Conv2d)[pick](channels, size, kernel,
                                            bias=words.get("bias") != "no", **whole)
    if kind == "pool":
        return (nn.MaxPool1d, nn.MaxPool2d)[pick](kernel, **whole)
    if kind == "avgpool":
        return (nn.AvgPool1d, nn.AvgPool2d)[pick](kernel, **whole)
    if kind == "globalpool":
        return (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d)[pick](1)
    if kind == "flatten":
        return nn.Flatten()
    eps = float(words.get("eps", 1e-5))
    if kind == "layernorm":
        return ChannelNorm(channels, eps)
    norm = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d)[axes]
    return norm(channels, eps, float(words.get("momentum", 0.1)))


def run(case):
    kind, kernel, size, options, shape, modulus, learns = case
    layer = module(kind, kernel, size, dict(word.split("=") for word in options.split()), shape)
    layer = layer.double().train(learns)
    weights = list(layer.parameters())
    buffers = [b for b in layer.buffers() if b.is_floating_point()]
    with torch.no_grad():
        for tensor, seed in zip(weights, (2, 3)):
            tensor.copy_(numbers(tensor.numel(), seed).view_as(tensor))
        for tensor, seed in zip(buffers, (5, 6)):
            tensor.copy_(numbers(tensor.numel(), seed).abs().view_as(tensor))
    size = [EXAMPLES, shape[-1], *shape[:-1]]
    x = numbers(torch.Size(size).numel(), 1, modulus).view(size).requires_grad_()
    y = layer(x)
    y.backward(numbers(y.numel(), 4).view_as(y))
    results = [y.detach(), x.grad] + [w.grad for w in weights] + buffers
    return torch.cat([tensor.flatten() for tensor in results]).tolist()


def main():
    print("// Written by passes.py.")
    print("enum { EXAMPLES = %d };" % EXAMPLES)
    print("static const struct {")
    print("    const char *kind, *options;")
    print("    int kernel, size, modulus, learns, rank, shape[3], first, count;")
    print("} REFERENCE[] = {")
    all_numbers = []
    for case in CASES:
        kind, kernel, size, options, shape, modulus, learns = case
        results = run(case)
        print('    {"%s", "%s", %d, %d, %d, %d, %d, {%s}, %d, %d},' %
              (kind, options, kernel, size, modulus, learns, len(shape),
               ", ".join(map(str, shape)), len(all_numbers), len(results)))
        all_numbers += results
    print("};")
    print("static const double NUMBER[] = {")
    for i in range(0, len(all_numbers), 6):
        print("    " + ", ".join("%.9g" % v for v in all_numbers[i:i + 6]) + ",")
    print("};")


main()
