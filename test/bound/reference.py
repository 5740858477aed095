#!/usr/bin/env python3
"""What test_bounds.c compares with, in 50 digits.

    python3 test/bound/reference.py > test/bound/reference.h     (needs mpmath)

k and M are counted weight by weight, the beta quantile behind a measured p_S is found by bisection
on the binomial sum, the relative entropies are inverted by bisection, and samples needed by walking
from a start below: none of it as the C code does.
"""

import mpmath as mp

mp.mp.dps = 50
LAYERS = 4

# levels, inputs, hidden, teacher, bias, samples, delta, eta, guesses, hits, trials, share, log_fit (0: unknown)
CASES = [
    (3, 4, [8], [2], 0, 100, 0.05, 0.05, 1000, 0, 0, 0.5, 0),
    (3, 2, [8], [1], 1, 23, 0.05, 0.01, 1, 0, 0, 0.5, 0),
    (2, 5, [19], [3], 1, 2385, 0.0123, 0.3, 77, 7, 1900, 0.25, 0),
    (5, 7, [6, 4, 9], [2, 3, 1], 0, 517, 0.1, 0.2, 12345, 0, 0, 0.5, 0),
    (5, 7, [6, 4, 9], [2, 3, 1], 1, 517, 0.1, 0.2, 12345, 41, 2385, 0.9, 0),
    (3, 1, [2], [1], 0, 9, 0.05, 0.01, 2, 1, 3, 0.5, 0),
    (17, 784, [300, 100], [300, 100], 1, 60000, 0.001, 0.001, 10**12, 0, 0, 0.5, 0),
    (3, 1000, [1000], [10], 0, 10**6, 0.05, 0.05, 10**15, 3, 10**6, 0.1, 0),
    (3, 4, [8], [2], 0, 100, 0.05, 0.05, 1000, 7, 1900, 0.25, -2.385),
]


def pairs(case, copies):
    """Walks every weight and bias of the student; which of them a copied neuron reads."""
    levels, inputs, hidden, teacher, bias = case[:5]
    student, copied = [inputs] + hidden + [1], [inputs] + teacher + [1]
    total = 0
    for layer in range(1, len(student)):
        for neuron in range(student[layer]):
            if copies and neuron >= copied[layer]:
                continue
            total += student[layer - 1] + bias
    return total


def lower_limit(hits, trials, alpha):
    """The p at which `hits` or more of `trials` have probability alpha."""
    if hits == 0:
        return mp.mpf(0)
    low, high = mp.mpf(0), mp.mpf(hits) / trials
    for _ in range(110):
        p = (low + high) / 2
        fewer = sum(mp.binomial(trials, i) * p**i * (1 - p) ** (trials - i) for i in range(hits))
        low, high = (p, high) if 1 - fewer < alpha else (low, p)
    return low


def kl_inverse_at_0(c):
    low, high = mp.mpf(0), mp.mpf(1)
    for _ in range(170):
        b = (low + high) / 2
        low, high = (b, high) if b < 1 and mp.log(1 / (1 - b)) <= c else (low, b)
    return low


def bounds(case):
    levels, inputs, hidden, teacher, bias, samples, delta, eta, t, hits, trials, share, known = case
    n, delta, eta, q = mp.mpf(samples), mp.mpf(delta), mp.mpf(eta), mp.mpf(levels)
    k, pinned = pairs(case, False), pairs(case, True)
    left = delta
    if known:
        fit = mp.exp(mp.mpf(known))
    elif trials:
        paid = mp.mpf(share) * delta
        fit, left = lower_limit(hits, trials, paid), delta - paid
    else:
        fit = q**-pinned
    guesses = mp.ceil(mp.log(1 / eta) * q**pinned)
    t0 = mp.ceil(mp.log(2 / delta) * q**pinned)
    values = [
        (mp.log(mp.log(1 / eta)) + pinned * mp.log(q) + mp.log(1 / delta)) / n,
        (k * mp.log(q) + mp.log(1 / delta)) / n,
        1 - mp.exp(-(mp.log(t0) + mp.log(2 / delta)) / n),
        1 - mp.exp((mp.log(delta) - pinned * mp.log(q)) / n),
        1 - (delta / (mp.mpf(t) * (t + 1))) ** (1 / n),
        mp.sqrt((mp.log(1 / fit) + mp.log(n / left)) / (2 * (n - 1))),
        kl_inverse_at_0((mp.log(1 / fit) + mp.log((n + 1) / left)) / n),
        kl_inverse_at_0((mp.log(1 / fit) + mp.log(2 * mp.sqrt(n) / left)) / n),
    ]
    return k, pinned, guesses, mp.log(guesses), mp.log(fit), values


def text(x):
    return mp.nstr(x, 20, min_fixed=0, max_fixed=0)


def row(widths):
    return "{" + ", ".join(str(w) for w in widths) + "}"


print("// Written by test/bound/reference.py; do not edit.")
print("// clang-format off")
print("#include <math.h>")
print("enum { BOUNDS_HERE = 8 };")
print("static const struct {")
print("    BoundCase world;")
print("    double weights, pinned, guesses, log_guesses, log_fit, value[BOUNDS_HERE];")
print("} REFERENCE[] = {")
for case in CASES:
    levels, inputs, hidden, teacher, bias, samples, delta, eta, t, hits, trials, share, known = case
    k, pinned, guesses, log_guesses, log_fit, values = bounds(case)
    small = guesses < 2**53
    print(f"    {{{{{levels}, false, {inputs}, {len(hidden)}, {row(hidden)}, {row(teacher)}, "
          f"{'true' if bias else 'false'}, {samples}, {delta}, {eta}, {t}, {hits}, {trials}, {share}, {known}, NULL, NULL}},")
    print(f"     {k}, {pinned}, {int(guesses) if small else 'NAN'}, {text(log_guesses)}, {text(log_fit)},")
    print(f"     {{{', '.join(text(v) for v in values)}}}}},")
print("};")
