#!/usr/bin/env python3
"""Orbits and orders by SymPy: writes reference.h.

The groups are written out here as destination lists, by their definitions and not by our notation;
orders are SymPy's (its own Schreier-Sims), orbits are counted by a flood over pairs.

    python3 reference.py > reference.h
"""
import itertools

from sympy.combinatorics import Permutation, PermutationGroup


def symmetric(n):
    swap, turn = list(range(n)), [(i + 1) % n for i in range(n)]
    swap[0], swap[1] = 1, 0
    return [swap, turn]


def act(generators, points, move):
    place = {point: i for i, point in enumerate(points)}
    return [[place[move(g, point)] for point in points] for g in generators]


def tuples(generators, k):
    points = list(itertools.product(range(len(generators[0])), repeat=k))
    return act(generators, points, lambda g, p: tuple(g[i] for i in p))


def subsets(generators, k):
    points = list(itertools.combinations(range(len(generators[0])), k))
    return act(generators, points, lambda g, p: tuple(sorted(g[i] for i in p)))


def distinct(generators):
    points = list(itertools.permutations(range(len(generators[0])), 2))
    return act(generators, points, lambda g, p: tuple(g[i] for i in p))


def words(n, letters, places):
    points = list(itertools.product(range(n), repeat=len(places[0])))

    def put(g, p):
        q = [0] * len(p)
        for i, letter in enumerate(p):
            q[g[i]] = letter
        return tuple(q)

    first = act(letters, points, lambda g, p: (g[p[0]],) + p[1:])
    return first + act(places, points, put)


def blocks(n, inner, outer):
    points = [(b, a) for b in range(len(outer[0])) for a in range(n)]
    first = act(inner, points, lambda g, p: (p[0], g[p[1]]) if p[0] == 0 else p)
    return first + act(outer, points, lambda g, p: (g[p[0]], p[1]))


def image(n, *moves):
    points = [(r, c) for r in range(n) for c in range(n)]
    table = {
        "turn": lambda p: (p[1], n - 1 - p[0]),
        "flip": lambda p: (p[0], n - 1 - p[1]),
        "down": lambda p: ((p[0] + 1) % n, p[1]),
        "right": lambda p: (p[0], (p[1] + 1) % n),
    }
    return act(moves, points, lambda g, p: table[g](p))


def cycles(n, *generators):
    lists = []
    for g in generators:
        to = list(range(n))
        for c in g:
            for a, b in zip(c, c[1:] + c[:1]):
                to[a - 1] = b - 1
        lists.append(to)
    return lists


RUBIK = cycles(
    48,
    [[1, 3, 8, 6], [2, 5, 7, 4], [9, 33, 25, 17], [10, 34, 26, 18], [11, 35, 27, 19]],
    [[9, 11, 16, 14], [10, 13, 15, 12], [1, 17, 41, 40], [4, 20, 44, 37], [6, 22, 46, 35]],
    [[17, 19, 24, 22], [18, 21, 23, 20], [6, 25, 43, 16], [7, 28, 42, 13], [8, 30, 41, 11]],
    [[25, 27, 32, 30], [26, 29, 31, 28], [3, 38, 43, 19], [5, 36, 45, 21], [8, 33, 48, 24]],
    [[33, 35, 40, 38], [34, 37, 39, 36], [3, 9, 46, 32], [2, 12, 47, 29], [1, 14, 48, 27]],
    [[41, 43, 48, 46], [42, 45, 47, 44], [14, 22, 30, 38], [15, 23, 31, 39], [16, 24, 32, 40]],
)
M11 = cycles(11, [list(range(1, 12))], [[3, 7, 11, 8], [4, 10, 5, 6]])

GROUPS = {
    "S7": symmetric(7),
    "S5 on pairs": tuples(symmetric(5), 2),
    "S4 on tuples(3)": tuples(symmetric(4), 3),
    "S6 on distinct-pairs": distinct(symmetric(6)),
    "S7 on subsets(3)": subsets(symmetric(7), 3),
    "S6 on subsets(3)": subsets(symmetric(6), 3),
    "M11": M11,
    "M11 on subsets(2)": subsets(M11, 2),
    "M11 on pairs": tuples(M11, 2),
    "rubik": RUBIK,
    "S3 wr S4": blocks(3, symmetric(3), symmetric(4)),
    "S3 wr S3 on product": words(3, symmetric(3), symmetric(3)),
    "S2 wr S5 on product": words(2, symmetric(2), symmetric(5)),
    "rot90 5x5": image(5, "turn"),
    "square 5x5": image(5, "turn", "flip"),
    "torus 6x6": image(6, "down", "right"),
    "p4m 6x6": image(6, "down", "right", "turn", "flip"),
    "(1 2 3 4 5 6 7), (2 3)(4 7)": cycles(7, [[1, 2, 3, 4, 5, 6, 7]], [[2, 3], [4, 7]]),
}


def orbits(start, generators, move):
    seen, count = set(), 0
    for point in start:
        if point in seen:
            continue
        count += 1
        queue = [point]
        seen.add(point)
        while queue:
            p = queue.pop()
            for g in generators:
                q = move(g, p)
                if q not in seen:
                    seen.add(q)
                    queue.append(q)
    return count


print("// Written by reference.py; do not edit.")
print("#pragma once\n\n#include <stddef.h>\n")
print("static const struct {\n    const char *text;\n    size_t weights, biases;")
print("    const char *order;\n} SYMPY[] = {")
for text, generators in GROUPS.items():
    n = len(generators[0])
    pairs = itertools.product(range(n), repeat=2)
    weights = orbits(pairs, generators, lambda g, p: (g[p[0]], g[p[1]]))
    biases = orbits(range(n), generators, lambda g, p: g[p])
    order = PermutationGroup([Permutation(g) for g in generators]).order()
    print(f'    {{"{text}", {weights}, {biases}, "{order}"}},')
print("};")
