#!/usr/bin/env python3
"""What test_statistics.c compares with, by arithmetic in 50 digits; SciPy as a second witness.

    python3 test/num/statistics_reference.py > test/num/statistics_reference.h  (needs mpmath, scipy)

I_x(a, b) is integrated in the log-odds of x with log-gamma functions of 50 digits: neither the
continued fraction nor the deviances of the C code. SciPy's betainc must agree to 1e-9 where its own
error is that small.
"""

import mpmath as mp
from scipy import special, stats

mp.mp.dps = 50


def tail(x, a, b):
    """The integral of the beta law from 0 to x."""
    x, a, b = mp.mpf(x), mp.mpf(a), mp.mpf(b)
    n = a + b
    log_beta = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(n)
    u0 = mp.log(x) - mp.log1p(-x)
    f = lambda u: a * u - n * mp.log1p(mp.exp(u)) - log_beta
    # Pieces of falling height downwards from the start (or from the mode, if that lies below).
    mode = mp.log(a) - mp.log(b)
    start = u0 if u0 < mode else mode
    top = f(start)

    def place(drop):
        step = mp.mpf(10) ** -12
        while f(start - step) > top - drop:
            step *= 2
        low, high = step / 2, step
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (middle, high) if f(start - middle) > top - drop else (low, middle)
        return start - high

    cuts = [place(d) for d in (110, 70, 40, 20, 10, 4, 1)] + [start]
    if u0 > mode:
        cuts += [start + (u0 - start) * i / 12 for i in range(1, 13)]
    # quad's tolerance is absolute: the integrand begins at 1.
    return mp.exp(top) * mp.quad(lambda u: mp.exp(f(u) - top), cuts)


def point(a, b, z):
    """A double z standard deviations from the mean."""
    a, b = mp.mpf(a), mp.mpf(b)
    mean = a / (a + b)
    sd = mp.sqrt(mean * (1 - mean) / (a + b + 1))
    return float(mean + z * sd)


SHAPES = [(0.5, 0.5), (0.05, 2.385), (2.385, 0.3), (1, 7), (7, 1), (2.385, 19.5), (19, 41), (150, 160),
          (199, 5000), (201, 5000), (250.5, 300), (1e3, 1e3), (1, 1e12), (3, 1e12), (45.5, 1e9),
          (190, 1e15), (1e4, 1e12), (1e6, 3e6), (1e12, 19), (5e11, 5e11), (1e15, 1e15), (3e14, 1e15),
          (1e15, 12)]
ZS = [-30, -8, -2.385, -0.7, 0, 0.3, 1.9, 6, 25]


def text(x):
    return mp.nstr(mp.mpf(x), 20, min_fixed=0, max_fixed=0)


rows = []
for a, b in SHAPES:
    for z in ZS:
        x = point(a, b, z)
        if not 0 < x < 1:
            continue
        low, high = tail(x, a, b), tail(1 - mp.mpf(x), b, a)
        assert abs(low + high - 1) < mp.mpf(10) ** -25, (a, b, z, low + high - 1)
        if a + b < 1e6 and min(low, high) > 1e-290:
            assert abs(special.betainc(a, b, x) / low - 1) < 1e-9, (a, b, z)
        if min(low, high) > 1e-290:
            rows.append((a, b, x, low, high))


def limit(hits, trials, alpha, upper):
    """By Newton's method from SciPy's double; the slope is the beta density."""
    if hits == (trials if upper else 0):
        return mp.mpf(1 if upper else 0)
    a, b = (hits + 1, trials - hits) if upper else (hits, trials - hits + 1)
    p = mp.mpf(stats.beta.isf(alpha, a, b) if upper else stats.beta.ppf(alpha, a, b))
    for _ in range(3):
        missed = (tail(1 - p, b, a) if upper else tail(p, a, b)) - mp.mpf(alpha)
        log_beta = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
        step = missed / mp.exp((a - 1) * mp.log(p) + (b - 1) * mp.log1p(-p) - log_beta)
        p += step if upper else -step
    assert abs(step) < mp.mpf(10) ** -22 * p, (hits, trials, alpha, step)
    return p


limits = []
for hits, trials in [(0, 1), (1, 1), (3, 19), (0, 729), (45, 729), (729, 729), (19, 10**6), (0, 10**12),
                     (7, 10**12), (23850, 10**12)]:
    for alpha in (0.05, 0.0125, 1e-9):
        limits.append((hits, trials, alpha, limit(hits, trials, alpha, False),
                       limit(hits, trials, alpha, True)))


def kl(a, b):
    a, b = mp.mpf(a), mp.mpf(b)
    terms = (a * mp.log(a / b) if a else 0) + ((1 - a) * mp.log((1 - a) / (1 - b)) if a < 1 else 0)
    return mp.mpf(terms)


def kl_inverse(a, c):
    low, high = mp.mpf(a), mp.mpf(1)
    for _ in range(130):
        middle = (low + high) / 2
        low, high = (middle, high) if kl(a, middle) <= c else (low, middle)
    return low


coins = [(a, b, kl(a, b)) for a in (0, 1e-12, 0.05, 0.3, 0.5, 0.999, 1)
         for b in (1e-15, 0.05, 0.05000001, 0.2385, 0.5, 0.9999)]
inverses = [(a, c, kl_inverse(a, c)) for a in (0, 1e-9, 0.05, 0.5, 0.99)
            for c in (1e-12, 0.002385, 0.3, 2.385, 20)]

print("// Written by test/num/statistics_reference.py; do not edit.")
print("// clang-format off")
print("static const struct { double a, b, x, lower, upper; } TAIL[] = {")
for a, b, x, low, high in rows:
    print(f"    {{{a!r}, {b!r}, {x!r}, {text(low)}, {text(high)}}},")
print("};\nstatic const struct { double hits, trials, alpha, lower, upper; } LIMIT[] = {")
for hits, trials, alpha, low, high in limits:
    print(f"    {{{hits}.0, {trials}.0, {alpha!r}, {text(low)}, {text(high)}}},")
print("};\nstatic const struct { double a, b, kl; } COIN[] = {")
for a, b, value in coins:
    print(f"    {{{a!r}, {b!r}, {text(value)}}},")
print("};\nstatic const struct { double a, divergence, b; } INVERSE[] = {")
for a, c, value in inverses:
    print(f"    {{{a!r}, {c!r}, {text(value)}}},")
print("};")
