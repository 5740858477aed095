#!/usr/bin/env python3
"""The reference run of test_reference.c in NumPy and double precision, written from the formulas.

    python3 test/train/reference.py > test/train/reference.h

Nothing is shared with the C code: the random numbers (Philox4x32-10, Salmon et al. 2011), the order
of the samples, the initialisation, the passes, the optimisers and the schedules are written again.
"""
import math

import numpy as np

LAYERS = [(5, 7, "tanh", True), (7, 6, "relu", False), (6, 3, None, True)]
SAMPLES, BATCH, EPOCHS = 23, 8, 6
INIT_SEED, ORDER_SEED = 11, 13
PURPOSE_INIT, PURPOSE_ORDER = 4, 5


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


class Stream:
    def __init__(self, seed, purpose, index):
        self.key = (seed & 0xFFFFFFFF, seed >> 32)
        self.rest = (index & 0xFFFFFFFF, index >> 32, purpose)
        self.block, self.words, self.spare = 0, [], None

    def bits(self):
        if not self.words:
            self.words = philox((self.block,) + self.rest, self.key)
            self.block += 1
        return self.words.pop(0)

    def bits64(self):
        high = self.bits()
        return high << 32 | self.bits()

    def uniform(self):
        return (self.bits64() >> 11) * 2.0**-53

    def below(self, bound):
        limit = 2**64 - 1 - (2**64 - 1) % bound
        while True:
            bits = self.bits64()
            if bits < limit:
                return bits % bound

    def normal(self):
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        u, v = 1 - self.uniform(), self.uniform()
        radius = math.sqrt(-2 * math.log(u))
        self.spare = radius * math.sin(2 * math.pi * v)
        return radius * math.cos(2 * math.pi * v)

    def permutation(self, n):
        order = []
        for i in range(n):
            j = self.below(i + 1)
            order.append(i)
            order[i], order[j] = order[j], i
        return order


def data():
    i, j = np.mgrid[0:SAMPLES, 0:LAYERS[0][0]]
    x = np.sin(2.385 * (i + 1) * (j + 1) + j).astype(np.float32).astype(float)
    return x, np.array([(7 * i * i + 3 * i) % 3 for i in range(SAMPLES)])


def start():
    parameters, slot = [], 0
    for inputs, outputs, _, bias in LAYERS:
        stream = Stream(INIT_SEED, PURPOSE_INIT, slot)
        sigma = math.sqrt(2.0 / inputs)  # he
        w = np.array([[sigma * stream.normal() for _ in range(inputs)] for _ in range(outputs)])
        parameters.append(w.astype(np.float32).astype(float))
        slot += 1
        if bias:
            parameters.append(np.zeros(outputs))
            slot += 1
    return parameters


def forward(parameters, x):
    kept, p = [x], iter(parameters)
    for _, _, phi, bias in LAYERS:
        x = x @ next(p).T
        if bias:
            x = x + next(p)
        x = np.tanh(x) if phi == "tanh" else np.maximum(x, 0) if phi == "relu" else x
        kept.append(x)
    return kept


def loss_and_slope(kind, u, y):
    onehot = np.eye(u.shape[1])[y]
    if kind == "squared":
        return ((u - onehot) ** 2).sum(1), 2 * (u - onehot) / len(y)
    shifted = u - u.max(1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]), (p - onehot) / len(y)


def gradient(parameters, kept, du):
    slopes, at = [], len(parameters)
    for (_, _, phi, bias), x, y in reversed(list(zip(LAYERS, kept, kept[1:]))):
        if phi == "tanh":
            du = du * (1 - y * y)
        if phi == "relu":
            du = du * (y > 0)
        if bias:
            slopes.insert(0, du.sum(0))
            at -= 1
        slopes.insert(0, du.T @ x)
        at -= 1
        du = du @ parameters[at]
    return slopes


def rate(case, t, steps):
    lr = case["lr"]
    return {
        "constant": lambda: lr,
        "inverse_sqrt": lambda: lr / math.sqrt(1 + t // 4),
        "cosine": lambda: lr * (1 + math.cos(math.pi * t / (EPOCHS * steps))) / 2,
        "step": lambda: lr * 0.5 ** (t // steps // 4),
    }[case["schedule"]]()


def run(case):
    x, y = data()
    w = start()
    first = [p.copy() for p in w]
    m = [np.zeros_like(p) for p in w]
    v = [np.zeros_like(p) for p in w]
    steps = -(-SAMPLES // BATCH)
    rows = []

    def record():
        u = forward(w, x)[-1]
        loss = loss_and_slope(case["loss"], u, y)[0].mean()
        errors = int((u.argmax(1) != y).sum())
        norm = math.sqrt(sum((p * p).sum() for p in w))
        far = math.sqrt(sum(((p - q) ** 2).sum() for p, q in zip(w, first)))
        rows.append((loss, errors, norm, far))

    record()
    for epoch in range(EPOCHS):
        order = Stream(ORDER_SEED, PURPOSE_ORDER, epoch).permutation(SAMPLES)
        for step in range(steps):
            batch = order[step * BATCH:(step + 1) * BATCH]
            kept = forward(w, x[batch])
            du = loss_and_slope(case["loss"], kept[-1], y[batch])[1]
            t = epoch * steps + step
            lr = rate(case, t, steps)
            for i, g in enumerate(gradient(w, kept, du)):
                g = g + case["decay"] * w[i]
                if case["optimizer"] == "sgd":
                    v[i] = 0.9 * v[i] + g
                    w[i] = w[i] - lr * v[i]
                else:
                    m[i] = 0.9 * m[i] + 0.1 * g
                    v[i] = 0.999 * v[i] + 0.001 * g * g
                    w[i] = w[i] - lr / (1 - 0.9 ** (t + 1)) * m[i] / (
                        np.sqrt(v[i] / (1 - 0.999 ** (t + 1))) + 1e-8)
        record()
    return rows, np.concatenate([p.ravel() for p in w])


CASES = [
    dict(optimizer="sgd", loss="cross_entropy", schedule="constant", lr=0.05, decay=0.0),
    dict(optimizer="sgd", loss="squared", schedule="inverse_sqrt", lr=0.02, decay=0.003),
    dict(optimizer="adam", loss="cross_entropy", schedule="cosine", lr=0.01, decay=0.003),
    dict(optimizer="adam", loss="squared", schedule="step", lr=0.02, decay=0.0),
]


def main():
    print("// Written by test/train/reference.py; do not edit.")
    print(f"enum {{ SAMPLES = {SAMPLES}, BATCH = {BATCH}, EPOCHS = {EPOCHS}, CASES = {len(CASES)},")
    print(f"       INIT_SEED = {INIT_SEED}, ORDER_SEED = {ORDER_SEED}, WEIGHTS = 105 }};")
    print("static const struct {")
    print("    const char *optimizer, *loss, *schedule;")
    print("    double lr, decay;")
    print("    double row[EPOCHS + 1][4]; // after each epoch: loss, errors, weight norm, distance")
    print("    double w[WEIGHTS];         // at the end")
    print("} REFERENCE[CASES] = {")
    for case in CASES:
        rows, w = run(case)
        assert len(w) == 105
        print(f'    {{"{case["optimizer"]}", "{case["loss"]}", "{case["schedule"]}", {case["lr"]}, '
              f'{case["decay"]},')
        print("     {" + ",\n      ".join("{" + ", ".join(f"{v:.12g}" for v in row) + "}"
                                          for row in rows) + "},")
        print("     {" + ",\n      ".join(", ".join(f"{v:.10g}" for v in w[i:i + 6])
                                          for i in range(0, len(w), 6)) + "}},")
    print("};")


main()
