#!/usr/bin/env python3
"""Wide networks with Python's integers, for test_exact.c.

    python3 test/guess/exact_reference.py > test/guess/exact_reference.h     (two minutes)

The sum over d1 hidden neurons is split into two halves that are alike, each kept in full as an
array with an axis for every different response. Functions are counted by dominance: the number of
vectors with sums <= t at some of the points, from prefix sums of one half at what the other half
leaves, then by inclusion and exclusion. Nothing is clamped, merged by symmetry or hashed.
"""
import itertools
import numpy as np

LEVELS = (-1, 0, 1)


def respond(phi, u):
    return max(u, 0) if phi == "relu" else 1 if u > 0 else -1


def neuron(phi, bias, x):
    """Every a * phi(w x + b) at the points, with the number of weights that give it."""
    law = {}
    for *w, a in itertools.product(LEVELS, repeat=len(x[0]) + bias + 1):
        sums = [sum(wi * xi for wi, xi in zip(w, tuple(p) + (1,) * bias)) for p in x]
        v = tuple(a * respond(phi, u) for u in sums)
        law[v] = law.get(v, 0) + 1
    return law


def half_sum(law, n, dims):
    """The law of n neurons as an array; index i of an axis is the value i - radius."""
    radius = [n * max(abs(v[p]) for v in law) for p in range(dims)]
    total = np.zeros([2 * r + 1 for r in radius], dtype=object)
    total[tuple(radius)] = 1
    for _ in range(n):
        new = np.zeros_like(total)
        for v, count in law.items():
            to = tuple(slice(max(0, s), n_ + min(0, s)) for s, n_ in zip(v, total.shape))
            back = tuple(slice(max(0, -s), n_ + min(0, -s)) for s, n_ in zip(v, total.shape))
            new[to] += count * total[back]
        total = new
    return radius, total


def below(half, radius, limit):
    """The number of pairs with a[p] + b[p] <= limit[p] (None: anything) on every axis."""
    prefix = half
    for axis, t in enumerate(limit):
        if t is None:
            prefix = np.sum(prefix, axis=axis, keepdims=True) * np.ones(
                [half.shape[axis] if i == axis else 1 for i in range(half.ndim)], dtype=object)
            continue
        prefix = np.cumsum(prefix, axis=axis)
        want = t - (np.arange(half.shape[axis]) - radius[axis]) + radius[axis]
        taken = np.take(prefix, np.clip(want, 0, half.shape[axis] - 1), axis=axis)
        low = [slice(None)] * half.ndim
        low[axis] = want < 0
        taken[tuple(low)] = 0
        prefix = taken
    return int(np.sum(half * prefix))


def count(phi, bias, d1, x, scale):
    """Masks with their counts, and ties. scale[i] = (axis, factor): point i sees factor times the
    response of the axis, plus the bias of the output."""
    axes = [next(i for i, s in enumerate(scale) if s == (axis, 1))
            for axis in sorted({a for a, _ in scale})]
    law = neuron(phi, bias, [x[i] for i in axes])
    for i, (axis, factor) in enumerate(scale):
        full = neuron(phi, bias, x)
        assert all(v[i] == factor * v[axes[axis]] for v in full)
    radius, half = half_sum(law, d1 // 2, len(axes))
    masks, ties, memory = {}, 0, {}
    points = range(len(x))
    for c in LEVELS:
        # factor * S + c <= 0 is S <= floor(-c / factor); < 0 is <= -1
        def number(limit):
            if limit not in memory:
                memory[limit] = below(half, radius, limit)
            return memory[limit]

        def sums(events):  # events: per point, the value that factor * S must not pass; None: any
            limit = [None] * len(axes)
            for (axis, factor), t in zip(scale, events):
                if t is not None:
                    t = t // factor
                    limit[axis] = t if limit[axis] is None else min(limit[axis], t)
            return number(tuple(limit))

        for mask in range(1 << len(x)):
            # 1 - [S <= 0] where the mask is set, [S <= 0] elsewhere
            n = 0
            for chosen in itertools.product((0, 1), repeat=len(x)):
                if any(not chosen[i] and not mask >> i & 1 for i in points):
                    continue
                sign = (-1) ** sum(chosen[i] and mask >> i & 1 for i in points)
                n += sign * sums([-c if chosen[i] else None for i in points])
            masks[mask] = masks.get(mask, 0) + n
        free = 0
        for chosen in itertools.product((0, 1, 2), repeat=len(x)):  # 1 - [S <= 0] + [S <= -1]
            free += (-1) ** chosen.count(1) * sums(
                [(None, -c, -c - 1)[k] for k in chosen])
        ties -= free
    k = d1 * (len(x[0]) + bias + 1) + 1
    ties += 3**k
    assert sum(masks.values()) == 3**k
    return masks, ties, 3**k


def show(phi, bias, d1, x, scale):
    masks, ties, total = count(phi, bias, d1, x, scale)
    lines = sorted((m for m in masks.items() if m[1]), key=lambda m: (-m[1], m[0]))
    net = f"input {len(x[0])} fc-{d1}{'' if bias else ' bias=no'} {phi} fc-1"
    print(f'    {{"{net}",\n     "-1,0,1",\n     {len(x)},')
    print("     (const float[]){" + ", ".join(str(c) for p in x for c in p) + "},")
    print(f'     "{total}",\n     "{ties}",\n     {len(lines)},\n     {{', end="")
    print(",\n      ".join(f'{{{mask}, "{n}", {n / total!r}}}' for mask, n in lines) + "}},")


def known():
    """Numbers that are known otherwise, also in test_exact.c."""
    cube = [(-1, -1), (1, -1), (-1, 1), (1, 1)]
    own = [(i, 1) for i in range(4)]
    masks, _, _ = count("relu", 1, 2, cube, own)
    assert [masks[m] for m in (0, 15, 8, 10, 7, 6)] == [8829, 3974, 655, 652, 402, 22]
    masks, _, _ = count("sign", 1, 2, cube, own)
    assert [masks[m] for m in (0, 15, 8, 10, 7, 6)] == [7465, 2726, 841, 846, 659, 54]


known()
print("// Written by exact_reference.py.")
print("// clang-format off")
print("typedef struct Reference {")
print("    const char *net, *levels;")
print("    size_t all;")
print("    const float *x;")
print("    const char *total, *ties;")
print("    size_t functions;")
print("    GuessFunction function[16];")
print("} Reference;")
print("static const Reference REFERENCE[] = {")
show("sign", 1, 32, [(-1, -1), (1, -1), (-1, 1), (1, 1)], [(0, 1), (1, 1), (2, 1), (3, 1)])
show("relu", 0, 38, [(1, -1), (2, -2), (-1, 1), (-3, 3)], [(0, 1), (0, 2), (1, 1), (1, 3)])
ray = np.array((1, -1, 1, 1, -1, 1))
show("sign", 0, 64, [tuple(f * ray) for f in (1, 2, -1, -3)], [(0, 1), (0, 1), (1, 1), (1, 1)])
print("};")
print("// clang-format on")
