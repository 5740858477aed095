#!/usr/bin/env python3
"""Activations and their derivatives by PyTorch in double precision, for test_activations.c.

    python3 test/layer/activations.py > test/layer/activations_reference.h

The derivatives are autograd's. Every u is a number of single precision.
"""
import torch
from torch.nn import functional as F

LAYERS = [
    ("relu", F.relu),
    ("leaky", F.leaky_relu),
    ("leaky slope=0.2385", lambda u: F.leaky_relu(u, 0.2385)),
    ("elu", F.elu),
    ("elu alpha=2.385", lambda u: F.elu(u, 2.385)),
    ("selu", F.selu),
    ("gelu", F.gelu),
    ("silu", F.silu),
    ("tanh", torch.tanh),
    ("sigmoid", torch.sigmoid),
    ("hardtanh", F.hardtanh),
    ("sign", lambda u: torch.where(u > 0, 1.0, -1.0) + 0 * u),  # torch.sign(0) is 0, ours -1
]
U = [-17.385, -6.125, -2.385, -1, -0.75, -0.0385, 0, 3e-6, 0.41, 1, 1.0625, 3.7, 12.385]


def row(values):
    return "{" + ", ".join("%.17g" % value for value in values) + "}"


def main():
    u = torch.tensor(U, dtype=torch.float32).double().requires_grad_()
    print("// Written by activations.py.")
    print("enum { POINTS = %d };" % len(U))
    print("static const double U[POINTS] = %s;" % row(u.tolist()))
    print("static const struct {")
    print("    const char *layer;")
    print("    double phi[POINTS], slope[POINTS];")
    print("} REFERENCE[] = {")
    for layer, phi in LAYERS:
        y = phi(u)
        (slope,) = torch.autograd.grad(y.sum(), u)
        print('    {"%s",\n     %s,\n     %s},' % (layer, row(y.tolist()), row(slope.tolist())))
    print("};")


main()
