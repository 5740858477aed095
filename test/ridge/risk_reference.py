#!/usr/bin/env python3
"""What test_risk.c compares with, by dense matrices in 320 digits, without eigenvalues of H.

    python3 test/ridge/risk_reference.py > test/ridge/risk_reference.h     (needs mpmath)

The matrices hold multiples of 1/1024, so that the C test reads exactly the same ones. The risk at
mu -> 0+ is that of mu = 1e-50; gradient flow is the exponential of a block matrix.
"""

import mpmath as mp

mp.mp.dps = 320
SIGNAL, NOISE = mp.mpf(2.385), mp.mpf(0.71)
MUS = [0, 0.001, 2.385, 14.25, 1e4]
TIMES = [0, 0.003, 0.7, 40]
LIMIT = mp.mpf(10) ** -50


def numbers(seed):
    while True:
        seed = (6364136223846793005 * seed + 1442695040888963407) % 2**64
        yield mp.mpf((seed >> 40) % 4096 - 2048) / 1024


def matrix(n, d, seed):
    draw = numbers(seed)
    return mp.matrix([[next(draw) for _ in range(d)] for _ in range(n)])


def flat(x):
    return [x[i, j] for i in range(x.rows) for j in range(x.cols)]


def deficient():
    x = matrix(6, 5, 11)
    for i in range(6):
        x[i, 3] = x[i, 1]
        x[i, 4] = 0
    return x


def ill(n, d, seed):
    """Columns from 1 down to 2^-20, then mixed: no scaling of columns makes it well-conditioned."""
    x = matrix(n, d, seed)
    for j in range(d):
        for i in range(n):
            x[i, j] *= mp.mpf(2) ** (-5 * j)
    mixed = x * matrix(d, d, 4).apply(lambda v: mp.nint(3 * v / 2))
    assert all(v == float(v) for v in flat(mixed))
    return mixed


def constant():
    x = matrix(7, 4, 5)
    for i in range(7):
        x[i, 2] = 1
    return x


CASES = [
    ("tall", matrix(7, 5, 1)),
    ("wide", matrix(5, 8, 2)),
    ("square", matrix(4, 4, 3)),
    ("a column twice and a zero column", deficient()),
    ("a constant column", constant()),
    ("one row", matrix(1, 4, 8)),
    ("one column", matrix(5, 1, 9)),
    ("zero", mp.matrix(3, 2)),
    ("ill-conditioned, tall", ill(8, 5, 6)),
    ("ill-conditioned, wide", ill(8, 5, 7).T),
]


def trace(a):
    return sum(a[i, i] for i in range(a.rows))


def two_parts(bias, solution, s):
    """E of v'Sv for v = bias w + solution e, w ~ N(0, SIGNAL/d I), e ~ N(0, NOISE I)."""
    return (SIGNAL / bias.rows * trace(s * bias * bias.T), NOISE * trace(s * solution * solution.T))


def ridge(x, mu):
    d = x.cols
    inverse = (x.T * x + mu * mp.eye(d)) ** -1
    return -mu * inverse, inverse * x.T


def flow(x, t):
    """exp(-tH) and the integral of exp(-sH) X' over s < t."""
    d = x.cols
    block = mp.zeros(2 * d)
    block[:d, :d] = -t * (x.T * x)
    block[:d, d:] = t * mp.eye(d)
    full = mp.expm(block)
    return full[:d, :d], full[:d, d:] * x.T


def measures(x, sigma):
    return [mp.eye(x.cols), x.T * x / x.rows, sigma]


def number(v):
    return mp.nstr(v, 20)


def listed(values):
    return "{" + ", ".join(number(v) for v in values) + "}"


def slope(x, mu):
    """dR/dmu = tr d/dmu of SIGNAL/d mu^2 K^-2 + NOISE (K^-1 - mu K^-2), K = H + mu I."""
    k = ridge(x, mu)[0] / -mu
    k2, k3 = k * k, k * k * k
    signal = SIGNAL / x.cols
    return trace(signal * (2 * mu * k2 - 2 * mu**2 * k3) + NOISE * (-2 * k2 + 2 * mu * k3))


def cleaned(v):
    """Without what taking LIMIT for 0, or rounding, leaves."""
    return v if abs(v) > mp.mpf(10) ** -40 else mp.mpf(0)


def case(name, x):
    d = x.cols
    root = matrix(d, d, 77)
    sigma = root.T * root + mp.eye(d)
    lambdas = sorted((abs(v) for v in mp.eigsy(x.T * x, eigvals_only=True)), reverse=True)
    lambdas = [v if v > mp.mpf(10) ** -60 else mp.mpf(0) for v in lambdas]
    best = d * NOISE / SIGNAL
    print(f'    {{"{name}", {x.rows}, {d},')
    print(f"     .x = {listed(flat(x))},")
    print(f"     .sigma = {listed(flat(sigma))},")
    print(f"     .lambda = {listed(lambdas)},")
    rows = []
    for mu in MUS:
        parts = ridge(x, mp.mpf(mu) if mu else LIMIT)
        rows.append([v for s in measures(x, sigma) for v in two_parts(*parts, s)])
    rows[0] = [cleaned(v) for v in rows[0]]
    print("     .ridge = {" + ",\n               ".join(listed(r) for r in rows) + "},")
    rows = []
    for t in TIMES:
        parts = flow(x, mp.mpf(t))
        rows.append([v for s in measures(x, sigma) for v in two_parts(*parts, s)])
    print("     .flow = {" + ",\n              ".join(listed(r) for r in rows) + "},")
    slopes = [cleaned(slope(x, mp.mpf(mu) if mu else LIMIT)) for mu in MUS]
    print(f"     .slope = {listed(slopes)},")
    degrees = [trace(x * ridge(x, mp.mpf(mu) if mu else LIMIT)[1]) for mu in MUS]
    print(f"     .degrees = {listed(degrees)},")
    print(f"     .best = {number(sum(two_parts(*ridge(x, best), mp.eye(d))))}}},")


# R(mu*) where mu* is small and H would drown it.
def small(noise):
    x = ill(8, 5, 6)
    signal, noise = mp.mpf(2.385), mp.mpf(noise)
    mu = 5 * noise / signal
    return noise * trace((x.T * x + mu * mp.eye(5)) ** -1)


print("// Written by test/ridge/risk_reference.py; do not edit.")
print("// clang-format off")
print("enum { MUS = %d, TIMES = %d, CASES = %d };" % (len(MUS), len(TIMES), len(CASES)))
print("static const double SIGNAL = 2.385, NOISE = 0.71;")
print(f"static const double MU[MUS] = {{{', '.join(map(str, MUS))}}};")
print(f"static const double TIME[TIMES] = {{{', '.join(map(str, TIMES))}}};")
print("typedef struct Case {")
print("    const char *name;")
print("    size_t n, d;")
print("    double x[40], sigma[64], lambda[8];")
print("    double ridge[MUS][6], flow[TIMES][6]; // bias, variance: parameters, in sample, covariance")
print("    double slope[MUS], degrees[MUS], best;")
print("} Case;")
print("static const Case CASE[CASES] = {")
for name, x in CASES:
    case(name, x)
print("};")
NOISES = [1e-4, 1e-8, 1e-12]
print(f"static const double SMALL_NOISE[{len(NOISES)}] = {{{', '.join(map(str, NOISES))}}};")
print(f"static const double SMALL_BEST[{len(NOISES)}] = {listed(map(small, NOISES))};")
