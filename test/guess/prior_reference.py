#!/usr/bin/env python3
"""Shares of random networks that fit a sample, by NumPy in double precision, for test_prior.c.

    python3 test/guess/prior_reference.py > test/guess/prior_reference.h     (needs NumPy)

Networks 3-5-1 and 3-4-4-1 with biases; weights and biases of a layer are independent with standard
deviation 1/sqrt(fan_in): normal, or uniform on an interval around 0.
"""
import numpy as np

D, N, DRAWS = 3, 6, 20_000_000
CASES = [("tanh", "normal", [5]), ("relu", "uniform", [5]), ("relu", "normal", [4, 4])]
PHI = {"tanh": np.tanh, "relu": lambda u: np.maximum(u, 0)}


def points():
    i, j = np.mgrid[0:N, 0:D]
    x = np.sin(2.385 * (i + 1) * (j + 1) + j).astype(np.float32).astype(float)
    return x, np.array([1, -1, -1, 1, -1, 1])


def draw(random, law, fan_in, *shape):
    if law == "normal":
        return random.standard_normal(shape) / np.sqrt(fan_in)
    return random.uniform(-1, 1, shape) * np.sqrt(3 / fan_in)


def fits(random, phi, law, widths, batch):
    x, y = points()
    h = np.broadcast_to(x, (batch, N, D))
    for width in widths + [1]:
        fan_in = h.shape[-1]
        u = h @ draw(random, law, fan_in, batch, fan_in, width) + draw(random, law, fan_in, batch, 1, width)
        h = PHI[phi](u)
    return int(((u[..., 0] > 0) == (y > 0)).all(1).sum())


def main():
    print("// Written by test/guess/prior_reference.py; do not edit.")
    print("static const struct {")
    print("    const char *model, *prior;")
    print("    double share, standard_error;")
    print("} REFERENCE[] = {")
    for number, (phi, law, widths) in enumerate(CASES):
        random, batch = np.random.default_rng(number), 100_000
        p = sum(fits(random, phi, law, widths, batch) for _ in range(DRAWS // batch)) / DRAWS
        layers = "".join(f"fc-{width} {phi} " for width in widths)
        print(f'    {{"input {D} {layers}fc-1", "{law}", {p:.9g}, {np.sqrt(p * (1 - p) / DRAWS):.3g}}},')
    print("};")


main()
