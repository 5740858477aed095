"""Writes mnist1d_reference.h: examples of MNIST-1D made by NumPy from the recipe's words, with the
random numbers that src/data/mnist1d.c draws. Run by hand: python3 mnist1d_reference.py
"""

import math

import numpy as np

MEAN, DEVIATION = -0.0060078, 0.1547011
DATA, TEST, LABELS = 1, 1 << 62, 1 << 63

TEMPLATES = np.array([
    [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
    [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
    [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
    [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
    [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
    [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
    [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
    [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
    [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
    [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5],
])


class Philox:
    """Philox4x32-10 (Salmon et al. 2011) as src/base/random.h keys it."""

    def __init__(self, seed, purpose, index):
        self.key = [seed & 0xFFFFFFFF, seed >> 32]
        self.counter = [0, index & 0xFFFFFFFF, index >> 32, purpose]
        self.words, self.spare = [], None

    def block(self):
        c, k = list(self.counter), list(self.key)
        for _ in range(10):
            a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [b >> 32 ^ c[1] ^ k[0], b & 0xFFFFFFFF, a >> 32 ^ c[3] ^ k[1], a & 0xFFFFFFFF]
            k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
        self.counter[0] += 1
        return c

    def bits(self):
        if not self.words:
            self.words = self.block()
        return self.words.pop(0)

    def bits64(self):
        high = self.bits()
        return high << 32 | self.bits()

    def uniform(self):
        return (self.bits64() >> 11) * 2.0**-53

    def below(self, bound):
        return self.bits64() % bound  # a rejection is as rare as 1e-18

    def normal(self):
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        u, v = 1 - self.uniform(), self.uniform()
        radius, angle = math.sqrt(-2 * math.log(u)), 2 * math.pi * v
        self.spare = radius * math.sin(angle)
        return radius * math.cos(angle)

    def permutation(self, count):
        order = []
        for i in range(count):
            j = self.below(i + 1)
            order.append(i)
            order[i], order[j] = order[j], i
        return order


def stretch(x, n):
    return np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(x)), x)


def smooth(x, sigma):
    radius = 4 * sigma
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return np.convolve(np.pad(x, radius, mode="symmetric"), kernel / kernel.sum(), mode="valid")


def example(label, rng):
    x = TEMPLATES[label] - TEMPLATES[label].mean()
    x = x / x.std()
    x = (x - x[0]) / 6 + 1e-8  # a speck, which tells the template's own zeros from the padding
    x = stretch(np.concatenate([x, np.zeros(36 + rng.below(25))]), 72)
    x = x * (1 + 0.4 * (rng.uniform() - 0.5))
    x = np.roll(x, rng.below(48))
    noise = smooth(0.25 * np.array([rng.normal() for _ in range(72)]), 2)
    x = np.where(np.abs(x) > 1e-13, x, noise)
    x = x + 0.02 * np.array([rng.normal() for _ in range(72)])
    x = x - 0.75 * (rng.uniform() - 0.5) * np.linspace(-0.5, 0.5, 72)
    return (stretch(x, 40) - MEAN) / DEVIATION


def examples(seed, first, count):
    for i in range(count):
        if i % 10 == 0:
            order = Philox(seed, DATA, LABELS + first + i // 10).permutation(10)
        label = order[i % 10]
        yield label, example(label, Philox(seed, DATA, first + i))


def write(out, name, seed, first, count):
    rows = list(examples(seed, first, count))
    labels = ", ".join(str(label) for label, _ in rows)
    out.write(f"\nstatic const int32_t reference_y_{name}[{count}] = {{{labels}}};\n")
    out.write(f"static const double reference_x_{name}[{count}][40] = {{\n")
    for _, x in rows:
        out.write("    {" + ", ".join(f"{value:.7g}" for value in x) + "},\n")
    out.write("};\n")


with open("mnist1d_reference.h", "w") as header:
    header.write("// Written by mnist1d_reference.py: the first examples of mnist1d:seed=42.\n")
    header.write("// clang-format off\n#pragma once\n#include <stdint.h>\n")
    write(header, "train", 42, 0, 20)
    write(header, "test", 42, TEST, 10)
