#!/usr/bin/env python3
"""What test_moments.c and test_field.c compare with, by arithmetic in 40 digits.

    python3 test/activation/reference.py > test/activation/reference.h      (needs mpmath)

Moments: Gauss-Legendre panels in mpmath, split at kinks written down here by hand; derivatives are
mpmath's or written down by hand. Correlations: the Hermite series sum_n a_n^2 rho^n (Mehler), not
an integral over two variables. Fixed points: roots of the maps by mpmath's findroot.
"""

import mpmath as mp

mp.mp.dps = 40
sqrt, exp, tanh = mp.sqrt, mp.exp, mp.tanh


def normal(x):
    return mp.erfc(-x / sqrt(2)) / 2


def sigmoid(x):
    return 1 / (1 + exp(-x))


L, A = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")


def elu(x, a=1):
    return x if x > 0 else a * mp.expm1(x)


def elu_slope(x, a=1):
    return mp.mpf(1) if x > 0 else a * exp(x)


def softplus_tanh(x):
    return x * tanh(mp.log1p(exp(x)))


def mish_slope(x):
    t = tanh(mp.log1p(exp(x)))
    return t + x * (1 - t * t) * sigmoid(x)


# as typed, phi, phi', kinks
CASES = [
    ("relu", lambda x: max(x, mp.mpf(0)), lambda x: mp.mpf(x > 0), [0]),
    ("leaky slope=0.1", lambda x: x if x > 0 else x * mp.mpf(0.1), lambda x: mp.mpf(1) if x > 0 else mp.mpf(0.1), [0]),
    ("leaky slope=0.2385", lambda x: x if x > 0 else x * mp.mpf(0.2385),
     lambda x: mp.mpf(1) if x > 0 else mp.mpf(0.2385), [0]),
    ("tanh", tanh, lambda x: mp.sech(x) ** 2, []),
    ("sigmoid", sigmoid, lambda x: sigmoid(x) * sigmoid(-x), []),
    ("gelu", lambda x: x * normal(x), lambda x: normal(x) + x * mp.npdf(x), []),
    ("silu", lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x)), []),
    ("elu", elu, elu_slope, [0]),
    ("elu alpha=2.385", lambda x: elu(x, mp.mpf(2.385)), lambda x: elu_slope(x, mp.mpf(2.385)), [0]),
    ("selu", lambda x: L * elu(x, A), lambda x: L * elu_slope(x, A), [0]),
    ("hardtanh", lambda x: min(max(x, mp.mpf(-1)), mp.mpf(1)), lambda x: mp.mpf(abs(x) < 1), [-1, 1]),
    ("sign", lambda x: mp.mpf(1) if x > 0 else mp.mpf(-1), lambda x: mp.mpf(0), [0]),
    ("x*tanh(log(1+exp(x)))", softplus_tanh, mish_slope, []),
    ("abs(x - 0.3)^1.5", lambda x: abs(x - mp.mpf(0.3)) ** mp.mpf(1.5),
     lambda x: mp.mpf(1.5) * sqrt(abs(x - mp.mpf(0.3))) * (1 if x > 0.3 else -1), [mp.mpf(0.3)]),
    ("max(sin(2.385*x), x/(1+abs(x)))", None, None, None),
    ("tanh(1e5*(x-0.3))", lambda x: tanh(100000 * (x - mp.mpf(0.3))),
     lambda x: 100000 * mp.sech(100000 * (x - mp.mpf(0.3))) ** 2,
     [mp.mpf(0.3) + s * mp.mpf(10) ** -k for s in (-1, 0, 1) for k in (2, 3, 4, 5, 6)]),
]


def bumpy(x):
    return max(mp.sin(mp.mpf(2.385) * x), x / (1 + abs(x)))


def bumpy_slope(x):
    a, b = mp.sin(mp.mpf(2.385) * x), x / (1 + abs(x))
    return mp.mpf(2.385) * mp.cos(mp.mpf(2.385) * x) if a > b else 1 / (1 + abs(x)) ** 2


def bumpy_kinks():
    f = lambda x: mp.sin(mp.mpf(2.385) * x) - x / (1 + abs(x))
    kinks, step = [mp.mpf(0)], mp.mpf("0.01")
    for i in range(-1700, 1700):
        a, b = i * step, (i + 1) * step
        if f(a) * f(b) < 0:
            kinks.append(mp.findroot(f, (a, b), solver="anderson", tol=1e-70))
    return kinks


CASES[14] = (CASES[14][0], bumpy, bumpy_slope, bumpy_kinks())

GAUSS = None


def gauss_legendre(n):
    nodes = []
    for i in range(1, n + 1):
        x = mp.cos(mp.pi * (i - mp.mpf(1) / 4) / (n + mp.mpf(1) / 2))
        for _ in range(60):
            p0, p1 = mp.mpf(1), x
            for k in range(2, n + 1):
                p0, p1 = p1, ((2 * k - 1) * x * p1 - (k - 1) * p0) / k
            d = n * (x * p1 - p0) / (x * x - 1)
            step = p1 / d
            x -= step
            if abs(step) < mp.mpf(10) ** -38:
                break
        nodes.append((x, 2 / ((1 - x * x) * d * d)))
    return nodes


def points(kinks, mean=0, sd=1, width=1, reach=17):
    """Nodes z and weights of the normal law, split at kinks and, towards them, in falling widths."""
    global GAUSS
    GAUSS = GAUSS or gauss_legendre(24)
    cuts = {mp.mpf(-reach), mp.mpf(reach)} | {mp.mpf(i) * width for i in range(-int(reach / width), int(reach / width) + 1)}
    for kink in kinks:
        z = (mp.mpf(kink) - mean) / sd
        cuts |= {z} | {z + s * mp.mpf(4) ** -k for s in (-1, 1) for k in range(1, 30)}
    cuts = sorted(c for c in cuts if abs(c) <= reach)
    for a, b in zip(cuts, cuts[1:]):
        for x, w in GAUSS:
            z = (a + b) / 2 + (b - a) / 2 * x
            yield z, w * (b - a) / 2 * mp.npdf(z)


def show(x):
    return mp.nstr(x, 20)


def moments(phi, slope, kinks, mean=0, sd=1):
    rows = [(w, phi(mean + sd * z), slope(mean + sd * z)) for z, w in points(kinks, mean, sd)]
    first = sum(w * p for w, p, s in rows)
    second = sum(w * p * p for w, p, s in rows)
    slopes = sum(w * s * s for w, p, s in rows)
    fourth = sum(w * p ** 4 for w, p, s in rows)
    variance = sum(w * (p - first) ** 2 for w, p, s in rows)
    centred = sum(w * (p - first) ** 4 for w, p, s in rows)
    return first, second, slopes, centred / variance ** 2, fourth / second ** 2


def hermite(phi, kinks, q, terms):
    """a_n = E phi(sqrt(q) z) He_n(z) / sqrt(n!)"""
    sum_ = [mp.mpf(0)] * terms
    for z, w in points(kinks, 0, sqrt(q)):
        before, now, p = mp.mpf(0), mp.mpf(1), w * phi(sqrt(q) * z)
        for n in range(terms):
            sum_[n] += p * now
            before, now = now, (z * now - sqrt(n) * before) / sqrt(n + 1)
    return sum_


def series(a, rho, derivative=False):
    if derivative:
        return sum(n * x * x * rho ** (n - 1) for n, x in enumerate(a) if n)
    return sum(x * x * rho ** n for n, x in enumerate(a))


def square(phi, q):
    return sum(w * phi(sqrt(q) * z) ** 2 for z, w in points([], 0, sqrt(q)))


def main():
    print("// Written by test/activation/reference.py; do not edit.")
    print("// clang-format off")
    print("static const struct {")
    print("    const char *text; double mean, variance;")
    print("    double first, second, slope, kurtosis, ratio;")
    print("} MOMENTS[] = {")
    for text, phi, slope, kinks in CASES:
        for mean, variance in [(0, 1), (0.385, 2.385)]:
            if mean and text.startswith("tanh(1e5"):
                continue
            found = moments(phi, slope, kinks, mp.mpf(mean), sqrt(mp.mpf(variance)))
            print('    {"%s", %r, %r,\n     %s},' % (text, mean, variance, ", ".join(map(show, found))))
    print("};\n")

    print("// C(rho) at the exact rule, by Hermite series")
    print("static const struct { const char *text; double rho, value; } CORRELATION[] = {")
    table = {case[0]: case for case in CASES}
    for text in ["tanh", "gelu", "silu", "sigmoid"]:
        a = hermite(table[text][1], [], mp.mpf(1), 130)
        whole = square(table[text][1], mp.mpf(1))
        for rho in [-0.6, 0.2385, 0.7]:
            print('    {"%s", %r, %s},' % (text, rho, show(series(a, mp.mpf(rho)) / whole)))
    print("};\n")

    print("// Fixed points: length, V', chi_1, correlation, C'")
    print("static const struct {")
    print("    const char *text; double sw2, sb2, q, q_slope, chi1, c, c_slope;")
    print("} FIELD[] = {")
    for text, sw2, sb2, start in [("tanh", 1.5, 0.05, 0.4), ("tanh", 2.385, 0.19, 1.1), ("gelu", 2, 0.1, 0.34),
                                  ("silu", 2, 0.1, 0.23), ("x*tanh(log(1+exp(x)))", 2, 0.05, 0.2)]:
        _, phi, slope, _ = table[text]
        sw2_, sb2_ = mp.mpf(sw2), mp.mpf(sb2)
        q = mp.findroot(lambda q: sw2_ * square(phi, q) + sb2_ - q, (start, start * 1.01), tol=1e-50)
        h = mp.mpf(10) ** -12
        q_slope = sw2_ * (square(phi, q + h) - square(phi, q - h)) / (2 * h)
        chi = sw2_ * square(slope, q)
        c, c_slope = mp.mpf(1), chi
        if chi > 1:
            a = hermite(phi, [], q, 110)
            f = lambda c: (sw2_ * series(a, c) + sb2_) / q - c
            c = mp.findroot(f, (mp.mpf("0.01"), mp.mpf("0.8")), solver="anderson", tol=1e-50)
            c_slope = sw2_ * series(a, c, True) / q
        print('    {"%s", %r, %r,\n     %s},' % (text, sw2, sb2, ", ".join(map(show, (q, q_slope, chi, c, c_slope)))))
    print("};\n")

    print("// The edge of chaos: sw2 and q at sb2")
    print("static const struct { const char *text; double sb2, sw2, q; } EDGE[] = {")
    for text, sb2, start in [("tanh", 0.05, 0.57), ("tanh", 0.19, 1.2), ("gelu", 0.1, 1.63), ("silu", 0.1, 1.55)]:
        _, phi, slope, _ = table[text]
        f = lambda q: q - square(phi, q) / square(slope, q) - mp.mpf(sb2)
        q = mp.findroot(f, (start, start * 1.01), tol=1e-50)
        print('    {"%s", %r, %s, %s},' % (text, sb2, show(1 / square(slope, q)), show(q)))
    print("};")


main()
