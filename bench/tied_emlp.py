"""Bases of equivariant matrices by EMLP (Finzi et al. 2021): python tied_emlp.py GROUP N, one line."""
import sys
import time

import emlp.groups
from emlp.reps import V

name, n = sys.argv[1], int(sys.argv[2])
group = {"S": emlp.groups.S, "C": emlp.groups.Z}[name](n)
start = time.time()
rep = V(group)
basis = (rep >> rep).equivariant_basis()
print(f"EMLP {name}{n}: {basis.shape[-1]} basis matrices, {time.time() - start:.2f} s")
