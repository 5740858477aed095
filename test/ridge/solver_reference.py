#!/usr/bin/env python3
"""What test_solver.c expects of RidgeSolver, by other means.

    python3 test/ridge/solver_reference.py > test/ridge/solver_reference.h

Cross-validation in exact rational arithmetic: every row is left out and the rest fitted again. mu = 0 is
mu = 10^-80, of which doubles cannot tell the limit. The marginal likelihood from the dense covariance:
NumPy's slogdet and solve on a grid of log mu, then the zero of the dense gradient.
"""
from fractions import Fraction

import numpy as np

MU = [0.0, 1e-12, 0.2385, 2.385, 1e6]
ALMOST_ZERO = Fraction(1, 10 ** 80)


def solve(a, b):
    """a x = b (columns of b) for a positive definite list of rows of fractions."""
    n = len(a)
    rows = [list(a[i]) + list(b[i]) for i in range(n)]
    for i in range(n):
        pivot = rows[i][i]
        rows[i] = [v / pivot for v in rows[i]]
        for k in range(n):
            if k != i and rows[k][i]:
                factor = rows[k][i]
                rows[k] = [v - factor * w for v, w in zip(rows[k], rows[i])]
    return [row[n:] for row in rows]


def inner(a, b):
    return sum((u * v for u, v in zip(a, b)), Fraction(0))


def fit(x, y, mu, extra=None):
    """(X'X + mu I)^-1 of X'y and of the columns in extra; d = 0 rows give 0."""
    d = len(x[0]) if x else 0
    gram = [[inner([r[i] for r in x], [r[j] for r in x]) + (mu if i == j else 0) for j in range(d)]
            for i in range(d)]
    right = [[inner([r[i] for r in x], y)] + (extra[i] if extra else []) for i in range(d)]
    return solve(gram, right)


def validate(x, y, mu):
    n, d = len(x), len(x[0])
    left_out = Fraction(0)
    for i in range(n):
        rest, targets = x[:i] + x[i + 1:], y[:i] + y[i + 1:]
        w = [row[0] for row in fit(rest, targets, mu)] if rest else [Fraction(0)] * d
        left_out += (y[i] - inner(x[i], w)) ** 2
    solution = fit(x, y, mu, [[r[i] for r in x] for i in range(d)])
    w = [row[0] for row in solution]
    trace = sum(inner([x[i][j] for j in range(d)], [solution[j][1 + i] for j in range(d)]) for i in range(n))
    train = sum((y[i] - inner(x[i], w)) ** 2 for i in range(n)) / n
    return left_out / n, train / (1 - trace / n) ** 2, train, w


def number(value):
    value = float(value)
    return "0" if abs(value) < 1e-40 else repr(value)


def array(values):
    return "{" + ", ".join(number(v) for v in values) + "}"


def eighths(random, *shape):
    return random.integers(-20, 21, shape) / 8


def designs():
    random = np.random.default_rng(2385)
    yield "tall", eighths(random, 13, 5)
    yield "wide", eighths(random, 5, 11)
    yield "square", eighths(random, 7, 7)
    yield "tall, rank 3", (random.integers(-3, 4, (11, 3)) @ random.integers(-3, 4, (3, 6))) / 4.0
    x = (random.integers(-3, 4, (7, 4)) @ random.integers(-3, 4, (4, 10))) / 4.0
    x[5] = x[2]
    yield "wide, rank 4, a row twice", x
    x = np.column_stack([eighths(random, 9, 3), np.zeros(9), np.ones(9), np.zeros(9)])
    x[4, 3] = 2.375  # the only row with this feature
    x[7] = 0
    yield "tall, leverage 1, zero row, zero and constant column", x
    x = eighths(random, 6, 11)
    x[5] = 0
    yield "wide, zero row", x
    yield "one row", eighths(random, 1, 4)
    yield "one column", eighths(random, 6, 1)
    yield "one number", np.array([[2.375]])
    yield "zero matrix", np.zeros((5, 3))
    yield "square, a row twice", np.array([[0, -1, 0, 1, 1, -1], [1, 0, 0, 1, 1, 1], [1, 0, 0, 1, 1, 1],
                                           [0, -1, 1, -1, 1, 1], [1, 0, 0, 0, 0, 0], [0, -1, 0, -1, -1, 1.0]])
    yield "a row twice, exact fit", np.array([[-1.0], [-1.0]])


def write_validation():
    random = np.random.default_rng(7)
    print("typedef struct ValidationCase {\n    const char *name;\n    size_t n, d;\n"
          "    double x[80], y[13];\n    double leave_one_out[5], gcv[5], train[5], w[5][11];\n"
          "} ValidationCase;\n")
    print("static const double reference_mu[5] = " + array(MU) + ";")
    print("static const ValidationCase validation_cases[] = {")
    for name, x in designs():
        y = eighths(random, len(x)) if "exact" not in name else -0.75 * x[:, 0]
        exact_x = [[Fraction(v) for v in row] for row in x.tolist()]
        exact_y = [Fraction(v) for v in y.tolist()]
        results = [validate(exact_x, exact_y, Fraction(mu) if mu else ALMOST_ZERO) for mu in MU]
        print(f'    {{"{name}", {x.shape[0]}, {x.shape[1]}, {array(x.ravel())}, {array(y)},')
        for part in range(3):
            print("     " + array(r[part] for r in results) + ",")
        print("     {" + ", ".join(array(r[3]) for r in results) + "}},")
    print("};\n")


def dense(k, y, mu):
    """log likelihood at the best noise for a ratio: noise, log likelihood, its slope in log mu."""
    n = len(y)
    shape = np.eye(n) + k / mu
    white = np.linalg.solve(shape, y)
    noise = y @ white / n
    loglik = -0.5 * (n * np.log(2 * np.pi) + np.linalg.slogdet(noise * shape)[1] + n)
    change = -k / mu  # of shape, with log mu
    slope = -0.5 * (np.trace(np.linalg.solve(shape, change)) - white @ change @ white / noise)
    return noise, loglik, slope


def maximise(x, y):
    """Every local maximum and the edges, as (log likelihood, signal, noise), best first."""
    (n, d), k, grid = x.shape, x @ x.T, np.arange(-22, 22, 0.05)
    found = [(-n / 2 * (np.log(2 * np.pi * (y @ y) / n) + 1), 0.0, y @ y / n)]
    if np.linalg.matrix_rank(k) == n:
        signal = d * (y @ np.linalg.solve(k, y)) / n
        found.append((-n / 2 * (np.log(2 * np.pi) + 1) - np.linalg.slogdet(k * signal / d)[1] / 2, signal, 0.0))
    slopes = [dense(k, y, np.exp(u))[2] for u in grid]
    for i in range(len(grid) - 1):
        if slopes[i] > 0 >= slopes[i + 1]:
            low, high = grid[i], grid[i + 1]
            for _ in range(60):
                middle = (low + high) / 2
                low, high = (middle, high) if dense(k, y, np.exp(middle))[2] > 0 else (low, middle)
            mu = np.exp((low + high) / 2)
            noise, loglik, _ = dense(k, y, mu)
            found.append((loglik, x.shape[1] * noise / mu, noise))
    return sorted(found, reverse=True)


def evidence_cases():
    random = np.random.default_rng(11)
    for name, n, d, noise in [("tall, edge without signal", 13, 5, 1.5), ("wide, edge without noise", 8, 10, 1.0),
                              ("tall", 13, 5, 1.0), ("wide", 9, 10, 2.0),
                              ("tall, little noise", 12, 6, 1e-2)]:
        x = eighths(random, n, d)
        yield name, x, x @ random.normal(0, 1, d) + random.normal(0, noise, n)
    # y along strong and weak directions: two maxima, the better one on either side
    x = np.diag([10.0, 10, 10, 10, 0.1, 0.1, 0.1, 0.1, 1e-3])
    for name in ["two maxima, left", "two maxima, right"]:
        for _ in range(100000):
            y = np.concatenate([random.normal(0, random.uniform(0, 60), 4),
                                random.normal(0, random.uniform(0, 3), 4), random.normal(0, 1, 1)])
            if better_side(x, y) == name:
                yield name, x, y
                break


def better_side(x, y):
    """Which of two clear maxima is the better one, for a diagonal x; None without two."""
    lam, n = np.diag(x) ** 2, len(y)
    u = np.arange(-16, 22, 0.1)[:, None]
    shape = 1 + lam / np.exp(u)
    value = -0.5 * (n * np.log((y ** 2 / shape).mean(1)) + np.log(shape).sum(1))
    peak = [i for i in range(1, len(value) - 1) if value[i] > value[i - 1] and value[i] >= value[i + 1]]
    if len(peak) != 2 or max(value[0], value[-1]) > value[peak].min() or abs(np.diff(value[peak]))[0] < 0.05:
        return None
    return "two maxima, left" if value[peak[0]] > value[peak[1]] else "two maxima, right"


def write_evidence():
    print("typedef struct EvidenceCase {\n    const char *name;\n    size_t n, d;\n    double x[96], y[13];\n"
          "    double log_likelihood, signal, noise;\n} EvidenceCase;\n")
    print("static const EvidenceCase evidence_cases[] = {")
    for name, x, y in evidence_cases():
        found = maximise(x, y)
        print(f'    {{"{name}", {x.shape[0]}, {x.shape[1]}, {array(x.ravel())},')
        print(f"     {array(y)}, {', '.join(number(v) for v in found[0])}}},")
    print("};")


print("// Written by solver_reference.py: exact cross-validation and brute-force maxima of the likelihood.")
print("// clang-format off\n#pragma once\n#include <stddef.h>\n")
write_validation()
write_evidence()
