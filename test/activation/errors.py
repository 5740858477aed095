#!/usr/bin/env python3
"""Random formulas that are hard to integrate, and their moments by arithmetic in 40 digits.

    python3 test/activation/errors.py > test/activation/errors_reference.h            (needs python-flint)
    python3 test/activation/errors.py --seed 7 --count 400 --check build/release/benign

The first writes what test_errors.c compares with: 240 formulas, steep, oscillating, kinked, nested,
with jumps, with heavy tails and with singularities. The second tries other formulas on a program:
it prints those whose stated error is no upper bound of the true one.

Nothing is shared with the program: a formula is evaluated by Python, on dual numbers of Arb's reals,
over panels that end at kinks (sign changes of the arguments of abs, max, ..., by a scan in double
and bisection in Arb) and at the scales that the generator put in, halved until 24-point
Gauss-Legendre sums change by less than 1e-21: the halves are then good to 30 digits and more.
"""

import argparse
import json
import math
import random
import subprocess
import sys

from flint import arb, ctx

ctx.dps = 40

# ---- dual numbers ----


class Dual:
    def __init__(self, value, slope=0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        other = dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other):
        return self + -dual(other)

    def __neg__(self):
        return Dual(-self.value, -self.slope)

    def __mul__(self, other):
        other = dual(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def __truediv__(self, other):
        other = dual(other)
        value = self.value / other.value
        return Dual(value, (self.slope - value * other.slope) / other.value)

    def __pow__(self, power):
        power = dual(power).value
        if float(power) == int(float(power)):
            power = int(float(power))
        return Dual(self.value ** power, power * self.value ** (power - 1) * self.slope if power else 0)

    def __radd__(self, other):
        return dual(other) + self

    def __rsub__(self, other):
        return dual(other) - self

    def __rmul__(self, other):
        return dual(other) * self

    def __rtruediv__(self, other):
        return dual(other) / self


def dual(x):
    return x if isinstance(x, Dual) else Dual(x)


CONDITIONS = None  # while scanning: the arguments of kinked functions


def note(value):
    if CONDITIONS is not None:
        CONDITIONS.append(value)


def function(value, slope):
    return lambda x: Dual(value(x.value), slope(x.value) * x.slope)


def absolute(x):
    note(x.value)
    return x if x.value > 0 else -x


def relu(x):
    note(x.value)
    return x if x.value > 0 else Dual(x.value * 0, x.slope * 0)


def sign(x):
    note(x.value)
    return Dual(x.value * 0 + (1 if x.value > 0 else -1), x.slope * 0)


def maximum(a, b):
    a, b = dual(a), dual(b)
    note(a.value - b.value)
    return a if a.value > b.value else b


def minimum(a, b):
    return -maximum(-dual(a), -dual(b))


def logistic(m, x):
    return 1 / (1 + m.exp(-x)) if x > 0 else m.exp(x) / (1 + m.exp(x))


def names(m):  # m: Arb's functions, or math's
    sech2 = lambda x: 4 * m.exp(-2 * abs(x)) / (1 + m.exp(-2 * abs(x))) ** 2
    return {
        "tanh": function(m.tanh, sech2), "exp": function(m.exp, m.exp),
        "sin": function(m.sin, m.cos), "cos": function(m.cos, lambda x: -m.sin(x)),
        "atan": function(m.atan, lambda x: 1 / (1 + x * x)),
        "erf": function(m.erf, lambda x: 2 / m.sqrt(m.pi) * m.exp(-x * x)),
        "sigmoid": function(lambda x: logistic(m, x), lambda x: logistic(m, x) * logistic(m, -x)),
        "softplus": function(lambda x: m.log1p(m.exp(-abs(x))) + (x if x > 0 else 0), lambda x: logistic(m, x)),
        "cosh": function(m.cosh, m.sinh), "log": function(m.log, lambda x: 1 / x),
        "sqrt": function(m.sqrt, lambda x: 1 / (2 * m.sqrt(x)) if x > 0 else x),
        "abs": absolute, "relu": relu, "sign": sign, "max": maximum, "min": minimum,
    }


class Floats:  # math, where exp does not fail
    def __getattr__(self, name):
        return getattr(math, name)

    @staticmethod
    def exp(x):
        return math.exp(x) if x < 700 else math.inf


class Arbs:
    pi = arb.pi()

    def __getattr__(self, name):
        return getattr(arb, name)


ARB, FLOAT = names(Arbs()), names(Floats())


class Formula:
    """A text as the program reads it; its numbers are those doubles."""

    def __init__(self, text):
        python, i = "", 0
        while i < len(text):
            j = i
            while j < len(text) and (text[j].isdigit() or text[j] == "."
                                     or (j > i and text[j] == "e")
                                     or (j > i and text[j] in "+-" and text[j - 1] == "e")):
                j += 1
            if j > i and not (i and text[i - 1].isalpha()):
                python += "N(%s)" % text[i:j]
                i = j
            else:
                python += "**" if text[i] == "^" else text[i]
                i += 1
        self.text = text
        code = compile("lambda x: " + python, text, "eval")
        self.run = {id(ARB): eval(code, {**ARB, "N": lambda v: Dual(arb(v))}),
                    id(FLOAT): eval(code, {**FLOAT, "N": lambda v: Dual(float(v))})}

    def __call__(self, x, table):
        return dual(self.run[id(table)](Dual(x, 1)))

    def conditions(self, x, table):
        global CONDITIONS
        CONDITIONS = []
        self(x, table)
        found, CONDITIONS = CONDITIONS, None
        return found

    def kinks(self, reach):
        found, step = set(), 1 / 512
        grid = [-reach + step * (i + 0.137) for i in range(int(2 * reach / step))]
        rows = [self.conditions(x, FLOAT) for x in grid]
        for a, b, at_a, at_b in zip(grid, grid[1:], rows, rows[1:]):
            for k in range(min(len(at_a), len(at_b))):
                if (at_a[k] > 0) != (at_b[k] > 0):
                    found.add(self.bisect(k, arb(a), arb(b)))
        return found

    def bisect(self, k, low, high):
        below = self.conditions(low, ARB)[k] > 0
        for _ in range(110):
            middle = ((low + high) / 2).mid()
            if (self.conditions(middle, ARB)[k] > 0) == below:
                low = middle
            else:
                high = middle
        return high


# ---- integrals ----

GAUSS = [arb.legendre_p_root(24, i, weight=True) for i in range(24)]
ROOT_2_PI = (2 * arb.pi()).sqrt()


def panel(f, a, b):  # of phi, phi^2, phi'^2, phi^4, phi^3
    total = [arb(0)] * 5
    half, middle = (b - a) / 2, (a + b) / 2
    for x, w in GAUSS:
        z = (middle + half * x).mid()
        y = f(z)
        weight = w * half * (-z * z / 2).exp() / ROOT_2_PI
        square = y.value * y.value
        for i, v in enumerate((y.value, square, y.slope * y.slope, square * square, square * y.value)):
            total[i] += weight * v
    return total


WORK, MOST_WORK = [0], 4000  # panels of a formula


def size(x):
    return float(abs(x).mid())


def refine(f, a, b, whole, scale, depth, total):
    WORK[0] += 1
    if WORK[0] > MOST_WORK:
        raise ValueError("too much work")
    middle = ((a + b) / 2).mid()
    left, right = panel(f, a, middle), panel(f, middle, b)
    off = max(size(l + r - w) / s for l, r, w, s in zip(left, right, whole, scale))
    if off < 1e-21 or depth == 0:
        for i in range(5):
            total[i] += left[i] + right[i]
        return off
    return refine(f, a, middle, left, scale, depth - 1, total) + refine(f, middle, b, right, scale, depth - 1, total)


def integrate(f, cuts):
    panels = [(a, b, panel(f, a, b)) for a, b in zip(cuts, cuts[1:])]
    scale = [sum(size(p[2][i]) for p in panels) + 1e-60 for i in range(5)]
    total = [arb(0)] * 5
    WORK[0] = 0
    off = sum(refine(f, a, b, p, scale, 60, total) for a, b, p in panels)
    return total, off


def moments(text, places, reach=13):
    """E phi, E phi^2, E phi'^2, kurtosis, E phi^4/(E phi^2)^2 and what the last halving changed."""
    formula = Formula(text)
    cuts = [arb(i) / 2 for i in range(-2 * reach, 2 * reach + 1)] + [k.mid() for k in formula.kinks(reach)]
    for place, scale in places:
        cuts += [place] + [(place + s * scale * arb(2) ** k).mid() for s in (-1, 1) for k in range(-1, 20)]
    cuts = sorted((c for c in cuts if abs(c) <= reach), key=lambda c: (float(c), float(c - float(c))))
    cuts = [c for i, c in enumerate(cuts) if i == 0 or c > cuts[i - 1]]
    (first, second, slope, fourth, third), off = integrate(lambda z: formula(z, ARB), cuts)
    variance = second - first ** 2
    centred = fourth - 4 * first * third + 6 * first ** 2 * second - 3 * first ** 4
    return (first, second, slope, centred / variance ** 2 if size(variance) > 1e-12 * size(second) else None,
            fourth / second ** 2), off


# ---- formulas ----


def number(r, low, high):  # spread evenly in its logarithm
    return float("%.4g" % math.exp(r.uniform(math.log(low), math.log(high))))


def shift(r):
    return round(r.uniform(-2.5, 2.5), r.choice([0, 1, 3]))


def moved(b):
    return "x" if b == 0 else "(x-%.10g)" % b if b > 0 else "(x+%.10g)" % -b


def steep(r):
    k, b = number(r, 3, 3e4), shift(r)
    form = r.choice(["tanh(%s*%s)", "sigmoid(%s*%s)", "erf(%s*%s)", "atan(%s*%s)", "exp(-(%s*%s)^2)", "1/(1+(%s*%s)^2)",
                     "softplus(%s*%s)"])
    k = min(k, 20) if form.startswith("softplus") else k  # it grows: a wave of it would have k ripples
    return form % ("%.10g" % k, moved(b)), [(arb(b), 1 / arb(k))]


def wave(r):
    k, b = number(r, 0.5, 25), shift(r)
    return r.choice([
        "sin(%.10g*%s)" % (k, moved(b)), "cos(%.10g*x)" % k, "x*sin(%.10g*x)" % min(k, 12), "cos(%.3g*x^2)" % r.uniform(0.2, 1.5),
        "sin(%.10g*x)*exp(-x^2/%.3g)" % (k, r.uniform(0.5, 9)), "sin(exp(%.2g*x))" % r.uniform(0.2, 0.6)]), []


def tail(r):
    return r.choice(["exp(%.3g*x)" % r.uniform(0.1, 1.2), "exp(%.2g*x^2)" % r.uniform(0.01, 0.06), "x^%d" % r.randint(1, 6),
                     "cosh(%.3g*x)" % r.uniform(0.1, 1), "x*exp(%.3g*x)" % r.uniform(0.1, 0.8), "softplus(x)^2"]), []


def smooth(r):
    return r.choice([steep, wave, tail])(r)


def kinked(r):
    a, places = r.choice([wave, smooth])(r)
    c = round(r.uniform(-0.8, 0.8), 2)
    form = r.choice(["relu(%s)", "abs(%s)", "max(%s,C)", "min(%s,C)", "relu(%s-C)", "abs(%s)^3", "max(%s,x)", "min(%s,0.3*x)"])
    return form.replace("C", "%.10g" % c) % a, places


def jumping(r):
    a, places = wave(r)
    c = round(r.uniform(-0.8, 0.8), 2)
    return r.choice(["sign(%s)", "sign(%s-C)", "x*sign(%s)", "sign(x^2-1)*(%s)"]).replace("C", "%.10g" % c) % a, places


def nested(r):
    a, places = r.choice([kinked, smooth])(r)
    return r.choice(["abs(abs(%s)-0.5)", "relu(1-abs(%s))", "tanh(3*(%s))", "sin(2*(%s))", "max(-1,min(1,%s))", "abs(relu(%s)-0.3)",
                     "exp(-(%s)^2)"]) % a, places


def singular(r):
    b = shift(r)
    return r.choice(["abs(%s)^1.5", "abs(%s)^2.5", "sqrt(abs(%s))^3", "abs(%s)^1.25"]) % moved(b), [(arb(b), arb(1) / 100)]


def joined(r):
    a, p = r.choice([smooth, kinked, singular])(r)
    b, q = r.choice([wave, kinked, steep])(r)
    return r.choice(["(%s)+(%s)", "(%s)*tanh(%s)", "max(%s,%s)", "(%s)-0.5*(%s)"]) % (a, b), p + q


KINDS = [steep, wave, tail, kinked, kinked, jumping, nested, nested, singular, joined, joined]


def formulas(seed, count):
    r, seen = random.Random(seed), set()
    while len(seen) < count:
        text, places = KINDS[len(seen) % len(KINDS)](r)
        if text in seen or len(text) > 200:
            continue
        seen.add(text)
        yield text, places


# ---- output ----


def cases(seed, count):
    for text, places in formulas(seed, count):
        try:
            values, off = moments(text, places)
        except (OverflowError, ZeroDivisionError, ValueError) as problem:
            print("%s: %s" % (text, problem), file=sys.stderr)
            continue
        if not off < 1e-18 or not size(values[1]) > 1e-100:
            print("%s: not settled, %.3g" % (text, off), file=sys.stderr)
            continue
        yield text, values


def shown(value):
    return "NAN" if value is None else value.str(20, radius=False)


def write(seed, count):
    print("// Written by test/activation/errors.py; do not edit.")
    print("// clang-format off")
    print("#include <math.h>")
    print("static const struct { const char *text; double first, second, slope, kurtosis, ratio; } HARD[] = {")
    for text, values in cases(seed, count):
        print('    {"%s", %s},' % (text, ", ".join(shown(v) for v in values)), flush=True)
    print("};")


def check(seed, count, program):
    keys = ["mean", "second_moment", "slope_second_moment", "kurtosis", "moment_ratio"]
    tried = broken = loose = 0
    for text, values in cases(seed, count):
        run = subprocess.run([program, "activation", text, "--json"], capture_output=True, text=True)
        if run.returncode:
            print("%s: %s" % (text, run.stderr.strip()))
            continue
        found = json.loads(run.stdout)
        for key, value in zip(keys, values):
            number, error = found[key], found["errors"][key]
            if number is None or error is None or value is None:
                if number is None and value is not None:
                    print("%s: %s is not known, should be %s" % (text, key, shown(value)))
                continue
            tried += 1
            off = size(arb(number) - value)
            if off > error:
                broken += 1
                print("%s: %s = %.17g +- %.2g, should be %s" % (text, key, number, error, shown(value)))
            loose += error > 1e-9 * abs(number) + 1e-13
        sys.stdout.flush()
    print("%d numbers, %d errors that are no upper bound, %d known to less than 9 digits" % (tried, broken, loose))
    return 1 if broken else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=2385)
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--check", metavar="PROGRAM")
    options = parser.parse_args()
    if options.check:
        return check(options.seed, options.count, options.check)
    write(options.seed, options.count)
    return 0


sys.exit(main())
