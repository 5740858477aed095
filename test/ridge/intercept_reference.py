#!/usr/bin/env python3
"""What test_intercept.c expects of ridge regression with an intercept, by other means.

    python3 test/ridge/intercept_reference.py > test/ridge/intercept_reference.h

Needs NumPy, mpmath and scikit-learn. Cross-validation: every row is left out, the rest centred and fitted
again, in 170 digits (mu = 0 is mu = 10^-50); where mu is no extreme, scikit-learn's Ridge(fit_intercept=True)
in the same loop must agree. Minima over mu: a grid of log mu, then golden section in 170 digits. The
likelihood is that of explicit orthonormal contrasts of y, from their dense covariance, on a grid of log mu
and then by golden section.
"""
import numpy as np
from mpmath import mp, matrix, mpf
from sklearn.linear_model import Ridge

mp.dps = 170  # of 1 - tr h at mu = 10^-50 enough are left
MU = [0.0, 1e-12, 0.2385, 2.385, 1e6]


def rows_of(x, keep):
    return [[mpf(float(v)) for v in x[i]] for i in keep]


def fit(x, y, mu, keep):
    """Mean row, mean of y and w of the rows in keep."""
    rows, targets = rows_of(x, keep), [mpf(float(y[i])) for i in keep]
    d, n = len(rows[0]), len(rows)
    mean = [sum(r[j] for r in rows) / n for j in range(d)]
    centre = sum(targets) / n
    rows = [[v - m for v, m in zip(r, mean)] for r in rows]
    targets = [t - centre for t in targets]
    gram = matrix(d, d)
    right = matrix(d, 1)
    for i in range(d):
        right[i] = sum((r[i] * t for r, t in zip(rows, targets)), mpf(0))
        for j in range(d):
            gram[i, j] = sum((r[i] * r[j] for r in rows), mpf(0)) + (mu if i == j else 0)
    w = mp.lu_solve(gram, right)
    return mean, centre, [w[i] for i in range(d)], gram, rows


def predict(model, row):
    mean, centre, w = model[:3]
    return centre + sum((mpf(float(v)) - m) * b for v, m, b in zip(row, mean, w))


def leave_one_out(x, y, mu):
    n = len(y)
    total = mpf(0)
    for i in range(n):
        model = fit(x, y, mu, [k for k in range(n) if k != i])
        total += (mpf(float(y[i])) - predict(model, x[i])) ** 2
    return total / n


def gcv(x, y, mu):
    n = len(y)
    model = fit(x, y, mu, range(n))
    inverse = mp.inverse(model[3])
    trace = mpf(1)
    for r in model[4]:
        v = matrix(r)
        trace += (v.T * inverse * v)[0]
    train = sum((mpf(float(y[i])) - predict(model, x[i])) ** 2 for i in range(n)) / n
    return train / (1 - trace / n) ** 2, train, model[2]


def sklearn_agrees(x, y, mu, expected):
    errors = []
    for i in range(len(y)):
        keep = np.arange(len(y)) != i
        model = Ridge(alpha=mu, fit_intercept=True, solver="svd").fit(x[keep], y[keep])
        errors.append(y[i] - model.predict(x[i:i + 1])[0])
    found = np.mean(np.square(errors))
    assert abs(found - expected) <= 1e-10 * abs(expected) + 1e-25, (found, expected)


def golden(f, low, high):
    """The minimum of f between, to 20 digits."""
    ratio = (mp.sqrt(5) - 1) / 2
    a, b = mpf(low), mpf(high)
    c, d = b - ratio * (b - a), a + ratio * (b - a)
    fc, fd = f(c), f(d)
    while b - a > mpf(10) ** -20:
        if fc < fd:
            b, d, fd = d, c, fc
            c = b - ratio * (b - a)
            fc = f(c)
        else:
            a, c, fc = c, d, fd
            d = a + ratio * (b - a)
            fd = f(d)
    return (a + b) / 2


def least(f, at_infinity):
    """mu and the value of the least of f(mu): every local minimum of a grid refined, and both ends."""
    grid = [mpf(k) / 3 for k in range(-90, 75)]
    value = [f(mp.exp(u)) for u in grid]
    found = [(f(ALMOST_ZERO), mpf(0)), (at_infinity, mp.inf)]
    for i in range(1, len(grid) - 1):
        if value[i] < value[i - 1] and value[i] < value[i + 1]:
            u = golden(lambda v: f(mp.exp(v)), grid[i - 1], grid[i + 1])
            found.append((f(mp.exp(u)), mp.exp(u)))
    # of values that double precision cannot tell apart, an end
    best = min(v for v, _ in found)
    equal = [(v, mu) for v, mu in found if v - best <= abs(best) * mpf(10) ** -18]
    return next(((v, mu) for v, mu in equal if mu == mp.inf or mu == 0), min(equal)), len(found) - 2


ALMOST_ZERO = mpf(10) ** -50


def number(value):
    if value == mp.inf:
        return "INFINITY"
    value = float(value)
    return "0" if abs(value) < 1e-40 else repr(value)


def array(values):
    return "{" + ", ".join(number(v) for v in values) + "}"


def eighths(random, *shape):
    return random.integers(-20, 21, shape) / 8


def designs():
    random = np.random.default_rng(2385)
    offset = lambda x: x + np.arange(1, x.shape[1] + 1) * 3.0
    yield "tall", offset(eighths(random, 13, 5)), 7.25
    yield "wide", offset(eighths(random, 5, 11)), -3.5
    yield "square", offset(eighths(random, 7, 7)), 0.375
    yield "one column short of square", offset(eighths(random, 7, 6)), 0.375
    yield "tall, rank 3", offset((random.integers(-3, 4, (11, 3)) @ random.integers(-3, 4, (3, 6))) / 4.0), 2.0
    x = (random.integers(-3, 4, (7, 4)) @ random.integers(-3, 4, (4, 10))) / 4.0
    x[5] = x[2]
    yield "wide, rank 4, a row twice", offset(x), 1.125
    x = np.column_stack([eighths(random, 9, 3), np.full(9, 0.1), eighths(random, 9, 1), np.full(9, -1e3)])
    x[:, 4] = 0
    x[4, 4] = 2.375  # the only row with this feature
    yield "constant columns, leverage 1", x, 40.0
    yield "one column", eighths(random, 6, 1) + 11, 1.5
    yield "two rows", eighths(random, 2, 3), 2.5
    yield "two rows, one column", np.array([[2.375], [-1.0]]), 0.0
    yield "three rows", eighths(random, 3, 2), 2.5
    yield "three rows, wide", eighths(random, 3, 5), 2.5
    yield "all columns constant", np.full((5, 3), 0.7), 1.0
    scales = np.array([1.0, 2.0**-30, 2.0**17, 2.0**-9, 2.0**5])
    yield "tall, columns of scales 1e-9 to 1e5", offset(eighths(random, 12, 5)) * scales, 2.0
    yield "wide, columns of scales 1e-9 to 1e5", offset(eighths(random, 5, 8)) * np.resize(scales, 8), 2.0
    x = offset(eighths(random, 10, 5)) * scales
    x[:, 4] = (x[:, 0] + x[:, 1] * 2.0**30) * 2.0**10  # rank 4
    yield "rank 4, columns of scales 1e-9 to 1e5", x, -1.0


def write_validation():
    random = np.random.default_rng(7)
    print("typedef struct InterceptCase {\n    const char *name;\n    size_t n, d;\n    double x[90], y[13];\n"
          "    double leave_one_out[5], gcv[5], train[5], w[5][11];\n"
          "    double loo_mu, loo, gcv_mu, gcv_least;\n} InterceptCase;\n")
    print("static const double reference_mu[5] = " + array(MU) + ";")
    print("static const InterceptCase intercept_cases[] = {")
    for name, x, shift in designs():
        y = eighths(random, len(x)) + shift
        write_case(name, x, y)
    random = np.random.default_rng(5)
    for name, x, y in told_cases(random):
        write_case(name, x, y)
    print("};\n")


def told_cases(random):
    """A minimum inside, two of them with either the better one, and one at each end."""
    x = np.diag([10.0, 10, 10, 10, 0.1, 0.1, 0.1, 0.1, 0]) + 1
    wanted = {"two minima, left": 1, "two minima, right": 1}
    for _ in range(3000):
        y = np.round(np.concatenate([random.normal(0, random.uniform(0, 60), 4),
                                     random.normal(0, random.uniform(0, 3), 4), [0.0]]) * 8) / 8
        u = np.arange(-10, 14, 0.1)
        value = np.array([fast_loo(x, y, np.exp(v)) for v in u])
        inner = [i for i in range(1, len(u) - 1) if value[i] < value[i - 1] and value[i] < value[i + 1]]
        if len(inner) != 2 or min(value[0], value[-1]) < min(value[inner]):
            continue
        if abs(value[inner[0]] - value[inner[1]]) < 0.02 * value[inner[0]]:
            continue
        name = "two minima, left" if value[inner[0]] < value[inner[1]] else "two minima, right"
        if wanted.pop(name, 0):
            yield name, x, y
        if not wanted:
            break
    x, noise = eighths(np.random.default_rng(3), 12, 3) + 2, np.random.default_rng(4).normal(0, 2, 12)
    yield "least at mu -> 0", x, x @ np.array([1.0, -2, 0.5]) + 4
    yield "a minimum inside", x, x @ np.array([1.0, -0.5, 0.25]) + np.round(noise * 8) / 8


def fast_loo(x, y, mu):
    xc, yc = x - x.mean(0), y - y.mean()
    h = xc @ np.linalg.solve(xc.T @ xc + mu * np.eye(x.shape[1]), xc.T)
    return np.mean(((yc - h @ yc) / (1 - 1 / len(y) - np.diag(h))) ** 2)


def write_case(name, x, y):
    n = len(y)
    results = []
    for mu in MU:
        exact = mpf(mu) if mu else ALMOST_ZERO
        loo = leave_one_out(x, y, exact)
        if mu > 1e-3:
            sklearn_agrees(x, y, mu, float(loo))
        results.append((loo, *gcv(x, y, exact)))
    mean = sum(mpf(float(v)) for v in y) / n
    white = sum((mpf(float(v)) - mean) ** 2 for v in y) / n / (1 - mpf(1) / n) ** 2
    loo, _ = least(lambda mu: leave_one_out(x, y, mu), white)
    cross, _ = least(lambda mu: gcv(x, y, mu)[0], white)
    if all(abs(r[0] - white) < 1e-20 for r in results):
        loo = (white, mp.inf)
    if all(abs(r[1] - white) < 1e-20 for r in results):
        cross = (white, mp.inf)
    print(f'    {{"{name}", {x.shape[0]}, {x.shape[1]}, {array(x.ravel())}, {array(y)},')
    for part in range(3):
        print("     " + array(r[part] for r in results) + ",")
    print("     {" + ", ".join(array(r[3]) for r in results) + "},")
    print(f"     {number(loo[1])}, {number(loo[0])}, {number(cross[1])}, {number(cross[0])}}},")


# ---- the likelihood of contrasts ----

def contrasts(n):
    """Orthonormal rows, each with sum 0 (Helmert's)."""
    k = np.zeros((n - 1, n))
    for i in range(1, n):
        k[i - 1, :i] = 1
        k[i - 1, i] = -i
        k[i - 1] /= np.sqrt(i * (i + 1))
    return k


def profile(k, y, mu):
    """log likelihood of y ~ N(0, noise (I + k/mu)) at the best noise, and that noise."""
    n = len(y)
    shape = np.eye(n) + k / mu
    noise = y @ np.linalg.solve(shape, y) / n
    return -0.5 * (n * np.log(2 * np.pi) + np.linalg.slogdet(noise * shape)[1] + n), noise


def slope(k, y, mu):
    n = len(y)
    shape = np.eye(n) + k / mu
    white = np.linalg.solve(shape, y)
    change = -k / mu
    return -0.5 * (np.trace(np.linalg.solve(shape, change)) - white @ change @ white / (y @ white / n))


def maximise(x, y):
    kx, ky = contrasts(len(y)) @ x, contrasts(len(y)) @ y
    (n, d), k, grid = kx.shape, kx @ kx.T, np.arange(-16, 22, 0.05)
    found = [(-n / 2 * (np.log(2 * np.pi * (ky @ ky) / n) + 1), 0.0, ky @ ky / n)]
    if np.linalg.matrix_rank(k) == n:
        signal = d * (ky @ np.linalg.solve(k, ky)) / n
        found.append((-n / 2 * (np.log(2 * np.pi) + 1) - np.linalg.slogdet(k * signal / d)[1] / 2, signal, 0.0))
    slopes = [slope(k, ky, np.exp(u)) for u in grid]
    for i in range(len(grid) - 1):
        if slopes[i] > 0 >= slopes[i + 1]:
            low, high = grid[i], grid[i + 1]
            for _ in range(60):
                middle = (low + high) / 2
                low, high = (middle, high) if slope(k, ky, np.exp(middle)) > 0 else (low, middle)
            mu = np.exp((low + high) / 2)
            loglik, noise = profile(k, ky, mu)
            found.append((loglik, d * noise / mu, noise))
    return sorted(found, reverse=True)[0]


def write_evidence():
    print("typedef struct RestrictedCase {\n    const char *name;\n    size_t n, d;\n    double x[120], y[13];\n"
          "    double log_likelihood, signal, noise;\n} RestrictedCase;\n")
    print("static const RestrictedCase restricted_cases[] = {")
    random = np.random.default_rng(11)
    for name, n, d, noise in [("tall", 13, 5, 1.0), ("wide", 9, 10, 2.0), ("tall, little noise", 12, 6, 1e-2),
                              ("square", 8, 8, 0.5), ("tall, no signal", 13, 5, 100.0), ("three rows", 3, 2, 1.0),
                              ("wide, no noise", 7, 11, 1e-9)]:
        x = eighths(random, n, d) + 5
        y = np.round((x @ random.normal(0, 1, d) + 30 + random.normal(0, noise, n)) * 4096) / 4096
        print(f'    {{"{name}", {n}, {d}, {array(x.ravel())},')
        print(f"     {array(y)}, {', '.join(number(v) for v in maximise(x, y))}}},")
    print("};")


print("// Written by intercept_reference.py: refits with an intercept, least errors over mu, and maxima of")
print("// the likelihood of contrasts.")
print("// clang-format off\n#pragma once\n#include <math.h>\n#include <stddef.h>\n")
write_validation()
write_evidence()
