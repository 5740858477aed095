#!/usr/bin/env python3
"""p-values of waiting times that test_statistics.c compares with, from Python's own arithmetic.

    python3 test/num/waiting_reference.py > test/num/waiting_reference.h

The distance is sought over every number of guesses k, and the subsets are all listed (exact) or
drawn 200000 times by Python's generator (an error of at most 0.0012).
"""

import itertools
import random

HITS, RARE = 10, 200000


def distance(positions, guesses):
    h = len(positions)
    gaps = [b - a for a, b in zip((0,) + positions, positions)]
    return max(abs(sum(g <= k for g in gaps) / h - (1 - (1 - h / guesses) ** k))
               for k in range(max(gaps) + 1))


def subsets(guesses, ends, draw):
    """All of them, or many."""
    places, free = (guesses - 1, HITS - 1) if ends else (guesses, HITS)
    tail = (guesses,) if ends else ()
    if guesses <= 20:
        return [s + tail for s in itertools.combinations(range(1, places + 1), free)]
    return [tuple(sorted(draw.sample(range(1, places + 1), free))) + tail for _ in range(RARE)]


draw = random.Random(2385)
print("// Written by test/num/waiting_reference.py; do not edit.")
print("// clang-format off")
print("static const struct { uint64_t guesses; bool ends_with_hit; uint64_t position[10]; double p; }")
print("WAITING[] = {")
for guesses, ends in [(13, False), (13, True), (17, False), (20, True), (60, False), (45, True)]:
    law = subsets(guesses, ends, draw)
    known = sorted((distance(s, guesses), s) for s in law)
    values = [d for d, _ in known]
    for share in (0.2, 0.5, 0.8, 0.97):
        found, positions = known[int(share * len(known))]
        p = sum(d >= found * (1 - 1e-12) for d in values) / len(values)
        print(f"    {{{guesses}, {str(ends).lower()}, {{{', '.join(map(str, positions))}}}, {p:.6f}}},")
print("};")
