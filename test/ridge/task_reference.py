#!/usr/bin/env python3
"""What test_task.c expects of the task `ridge`, by NumPy's pseudo-inverse and normal equations.

    python3 test/ridge/task_reference.py > test/ridge/task_reference.h

Also writes the data, task_data/*.npy: multiples of 1/8, the last column the sum of the first two, so
that X has rank 6 of 7 to the bit. Random features are drawn anew from their definition.
"""
import math
from pathlib import Path

import numpy as np

N, N_TEST, D, CLASSES, OUTPUTS, SEED, PURPOSE, CUT = 31, 23, 7, 4, 2, 5, 10, 1e-12
FOLDER = Path(__file__).resolve().parent / "task_data"


class Philox:
    """Philox4x32-10 (Salmon et al. 2011), keyed as src/base/random.h says."""

    def __init__(self, seed, purpose, index):
        self.key = [seed & 0xFFFFFFFF, seed >> 32]
        self.counter = [0, index & 0xFFFFFFFF, index >> 32, purpose]
        self.words, self.spare = [], None

    def bits(self):
        if not self.words:
            c, k = list(self.counter), list(self.key)
            for _ in range(10):
                a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
                c = [b >> 32 ^ c[1] ^ k[0], b & 0xFFFFFFFF, a >> 32 ^ c[3] ^ k[1], a & 0xFFFFFFFF]
                k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
            self.counter[0] += 1
            self.words = c
        return self.words.pop(0)

    def uniform(self):
        high = self.bits()
        return ((high << 32 | self.bits()) >> 11) * 2.0**-53

    def normal(self):
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        u, v = 1 - self.uniform(), self.uniform()
        radius, angle = math.sqrt(-2 * math.log(u)), 2 * math.pi * v
        self.spare = radius * math.sin(angle)
        return radius * math.cos(angle)


def features(kind, count, x):
    if kind == "none":
        return x
    columns = []
    for j in range(count):
        random = Philox(SEED, PURPOSE, j)
        uniform = random.uniform()
        v = np.array([random.normal() for _ in range(D)])
        u = x @ v / math.sqrt(D)
        bias = (2 * uniform - 1) * np.linalg.norm(v) / math.sqrt(D)
        columns.append(np.maximum(u + bias, 0) if kind == "relu"
                       else math.sqrt(2) * np.cos(u + 2 * math.pi * uniform))
    return np.array(columns).T


def wrong(f, label):
    """Share of wrong answers; nan where rounding decides one."""
    best = np.sort(f, axis=1)
    return np.nan if np.any(best[:, -1] - best[:, -2] < 1e-6) else np.mean(f.argmax(1) != label)


def fit(kind, count, mu, real, intercept=False):
    a, a_test = features(kind, count, x), features(kind, count, x_test)
    y, y_test = (t, t_test) if real else (np.eye(CLASSES)[c] - 1 / CLASSES for c in (label, label_test))
    mean = y.mean(0) if intercept else 0
    if intercept:  # columns and targets without the means of the sample, also of test rows
        a, a_test, y, y_test = a - a.mean(0), a_test - a.mean(0), y - mean, y_test - mean
    if mu > 0:
        w = np.linalg.solve(a.T @ a + mu * np.eye(a.shape[1]), a.T @ y)
        cond = np.linalg.cond(a.T @ a + mu * np.eye(a.shape[1]))
    else:
        w = np.linalg.pinv(a, rcond=CUT) @ y
        s = np.linalg.svd(a, compute_uv=False)
        s = s[s > CUT * s[0]]
        cond = s[0] / s[-1]
    f, f_test = a @ w, a_test @ w
    errors = (np.nan, np.nan) if real else (wrong(f + mean, label), wrong(f_test + mean, label_test))
    return (cond, np.mean((f - y)**2), errors[0], np.mean((f_test - y_test)**2), errors[1],
            math.sqrt(np.sum(w**2)))


def inputs(n):
    x = rng.integers(-24, 25, (n, D)) / 8
    x[:, -1] = x[:, 0] + x[:, 1]
    return x


rng = np.random.default_rng(2385)
x, x_test = inputs(N), inputs(N_TEST)
label, label_test = rng.integers(0, CLASSES, N), rng.integers(0, CLASSES, N_TEST)
label[:CLASSES] = range(CLASSES)
t, t_test = rng.integers(-24, 25, (N, OUTPUTS)) / 8, rng.integers(-24, 25, (N_TEST, OUTPUTS)) / 8
FOLDER.mkdir(exist_ok=True)
for name, values in (("x", x), ("x_test", x_test), ("t", t), ("t_test", t_test)):
    np.save(FOLDER / f"{name}.npy", values.astype("<f4"))
for name, values in (("y", label), ("y_test", label_test)):
    np.save(FOLDER / f"{name}.npy", values.astype("<i4"))

print("// Written by task_reference.py.")
print("// clang-format off")
print("static const Reference REFERENCE[] = {")
cases = [(*case, 0) for case in (("none", D, 0, 0), ("none", D, 2.385, 0), ("relu", 13, 0, 0),
                              ("relu", 31, 0, 0), ("relu", 57, 0, 0), ("relu", 13, 2.385, 0),
                              ("relu", 57, 0.2385, 0), ("relu", 31, 0.2385, 1), ("cosine", 1, 0, 0),
                              ("cosine", 19, 0, 1), ("cosine", 83, 0, 0), ("cosine", 83, 2.385, 1))]
cases += [("none", D, 0, 0, 1), ("none", D, 2.385, 1, 1), ("relu", 13, 0, 0, 1), ("relu", 57, 0, 1, 1),
          ("relu", 57, 0.2385, 0, 1), ("cosine", 30, 0.2385, 0, 1), ("cosine", 83, 0, 0, 1)]
for kind, count, mu, real, intercept in cases:
    numbers = ", ".join("NAN" if np.isnan(v) else repr(float(v)) for v in fit(kind, count, mu, real, intercept))
    print(f'    {{"{kind}", "{count}", "{mu}", {str(bool(real)).lower()}, {str(bool(intercept)).lower()}, '
          f'{{{numbers}}}}},')
print("};")
print("// clang-format on")
