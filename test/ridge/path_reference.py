#!/usr/bin/env python3
"""Every prefix of small matrices by brute force, for test_path.c.

    python3 test/ridge/path_reference.py > test/ridge/path_reference.h

One pseudo-inverse or eigenvalue decomposition for each prefix, from the definitions: nothing is
updated. Numbers are multiples of 1/8, so that what should be dependent is dependent to the bit.
"""
import numpy as np

SIGNAL, NOISE, CUT = 2.385, 0.41, 1e-12


def risk(a, d):
    """Bias and variance of the minimum-norm solution on the rows a, with d parameters."""
    s = np.linalg.svd(a, compute_uv=False)
    s = s[s > CUT * s[0]] if s[0] > 0 else s[:0]
    cond = s[0] / s[-1] if len(s) else 1
    return cond, SIGNAL / d * (d - len(s)), NOISE * float(np.sum(1 / s**2))


def wrong(f, y):
    """Share of wrong answers; nan where rounding decides an answer."""
    best = np.sort(f, axis=1)
    lead = np.abs(f[:, 0]) if y.shape[1] == 1 else best[:, -1] - best[:, -2]
    if np.any(lead < 1e-6) and np.any(f != 0):
        return np.nan
    answers = (lambda g: np.sign(g[:, 0])) if y.shape[1] == 1 else (lambda g: np.argmax(g, axis=1))
    return np.mean(answers(f) != answers(y))


def fit(x, y, x_test, y_test):
    s = np.linalg.svd(x, compute_uv=False)
    s = s[s > CUT * s[0]] if s[0] > 0 else s[:0]
    w = np.linalg.pinv(x, rcond=CUT) @ y
    f, f_test = x @ w, x_test @ w
    return (s[0] / s[-1] if len(s) else 1, np.mean((f - y)**2), np.mean((f_test - y_test)**2),
            np.sum(w**2), wrong(f, y), wrong(f_test, y_test))


def eighths(r, *shape):
    return np.round(8 * r.standard_normal(shape)) / 8


def cases():
    r = np.random.default_rng(2385)
    yield "tall", eighths(r, 29, 13)
    yield "wide", eighths(r, 13, 29)
    yield "rank 5", eighths(r, 29, 5) @ eighths(r, 5, 13)
    yield "rank 4, wide", eighths(r, 11, 4) @ eighths(r, 4, 23)
    for name, n, d in (("copies", 13, 29), ("copies, tall", 31, 12)):
        x = eighths(r, n, d)
        x[:, 2], x[:, 3], x[:, 5] = 0, x[:, 1], 2 * x[:, 1] - 3 * x[:, 0]
        x[1], x[4], x[6], x[n - 1] = 0, x[2], 2 * x[3] - x[0], x[3]
        yield name, x
    x = eighths(r, 17, 9)
    x[0], x[:, 0], x[:, 4] = 0, 0, 2.375
    yield "zero first, a constant column", x
    yield "one row", eighths(r, 1, 7)
    yield "one column", eighths(r, 7, 1)
    yield "one number", np.array([[-0.625]])
    yield "zero", np.zeros((3, 5))
    # Row 2 is made from rows 0 and 1 with weights of 2^30: only singular values see that.
    x = eighths(r, 11, 6)
    x[1] = x[0] + x[2] * 2.0**-30
    yield "nearly the same rows", x
    x = eighths(r, 6, 11)
    x[:, 1] = x[:, 0] + x[:, 2] * 2.0**-30
    yield "nearly the same columns", x


def word(v):
    """Short where that is exact."""
    return "NAN" if np.isnan(v) else f"{v:.17g}" if 1024 * v == int(1024 * v) else v.hex()


def array(values):
    return "{" + ", ".join(word(float(v)) for v in np.ravel(values)) + "}"


def show(name, x, r):
    n, d = x.shape
    outputs, n_test = (1 if n % 2 == 0 or name == "wide" else 3), 11
    y, y_test, x_test = (eighths(r, k, m) for k, m in ((n, outputs), (n_test, outputs), (n_test, d)))
    rows = [risk(x[:k], d) for k in range(1, n + 1)]
    columns = [risk(x[:, :k], k) for k in range(1, d + 1)]
    fits = [fit(x[:, :k], y, x_test[:, :k], y_test) for k in range(1, d + 1)]
    print(f'    {{"{name}", {n}, {d}, {outputs}, {n_test},')
    for values in (x, y, x_test, y_test, rows, columns, fits):
        print(f"     (const double[]){array(values)},")
    print("    },")


print("// Written by path_reference.py.")
print("// clang-format off")
print(f"static const double SIGNAL = {SIGNAL}, NOISE = {NOISE};")
print("static const Reference REFERENCE[] = {")
stream = np.random.default_rng(41)
for case in cases():
    show(*case, stream)
print("};")
print("// clang-format on")
