"""Writes the pickles of fuzz/seeds/cifar: small files as the Python versions of CIFAR-10 and
CIFAR-100 have them, operation by operation as Python 2 pickled them, and checks that Python's own
pickle reads them. Run by hand: python3 pickles.py
"""

import pickle
import struct

import numpy as np

PIXELS = 3072


def image(i):
    return [(k * 7 + i * 31 + k // 100 + 5) % 256 for k in range(PIXELS)]


class Writer:
    def __init__(self):
        self.out, self.puts = b"\x80\x02", 0

    def raw(self, code):
        self.out += code
        return self

    def put(self):
        self.puts += 1
        return self.raw(b"q" + bytes([self.puts]) if self.puts < 256 else
                        b"r" + struct.pack("<I", self.puts))

    def text(self, value):
        if len(value) < 256:
            return self.raw(b"U" + bytes([len(value)]) + value)
        return self.raw(b"T" + struct.pack("<i", len(value)) + value)

    def number(self, value):
        if 0 <= value < 256:
            return self.raw(b"K" + bytes([value]))
        if 0 <= value < 65536:
            return self.raw(b"M" + struct.pack("<H", value))
        return self.raw(b"J" + struct.pack("<i", value))

    def listed(self, values, add):
        self.raw(b"]").put().raw(b"(")
        for value in values:
            add(value)
        return self.raw(b"e")

    def array(self, rows, fortran):
        data = np.array([image(i) for i in range(rows)], np.uint8)
        self.raw(b"cnumpy.core.multiarray\n_reconstruct\n").put().raw(b"cnumpy\nndarray\n").put()
        self.number(0).raw(b"\x85").put().text(b"b").raw(b"\x87").put().raw(b"R").put()
        self.raw(b"(").number(1).number(rows).number(PIXELS).raw(b"\x86").put()
        self.raw(b"cnumpy\ndtype\n").put().text(b"u1").put().number(0).number(1).raw(b"\x87").put()
        self.raw(b"R").put().raw(b"(").number(3).text(b"|").put().raw(b"NNN").number(-1).number(-1)
        self.number(0).raw(b"t").put().raw(b"b").raw(b"\x88" if fortran else b"\x89")
        return self.text(data.tobytes("F" if fortran else "C")).raw(b"t").put().raw(b"b")

    def key(self, name):
        return self.text(name).put()


def write(name, labels, fortran, rows):
    out = Writer()
    out.raw(b"}").put().raw(b"(")
    out.key(b"batch_label").text(b"training batch 1 of 5").put()
    for key, values in labels.items():
        out.key(key).listed(values, out.number)
    out.key(b"data").array(rows, fortran)
    out.key(b"filenames").listed([b"a%d.png" % i for i in range(rows)],
                                 lambda value: out.text(value).put())
    out.raw(b"u.")
    found = pickle.loads(out.out, encoding="bytes")
    assert found[b"data"].tolist() == [image(i) for i in range(rows)]
    assert all(found[key] == values for key, values in labels.items())
    with open(f"../../fuzz/seeds/cifar/{name}", "wb") as file:
        file.write(out.out)


write("cifar10", {b"labels": [6, 9, 0]}, False, 3)
write("cifar10-fortran", {b"labels": [6, 9, 0]}, True, 3)
write("cifar100", {b"fine_labels": [19, 99], b"coarse_labels": [11, 3]}, False, 2)
# The same written anew by Python 3 with NumPy 2, and under the name that NumPy 1 has.
with open("../../fuzz/seeds/cifar/cifar10", "rb") as file:
    read = pickle.load(file, encoding="bytes")
for protocol in 3, 4:
    again = pickle.dumps(read, protocol=protocol)
    if protocol == 3:  # whose names end with their line
        again = again.replace(b"numpy._core.multiarray\n", b"numpy.core.multiarray\n")
    with open(f"../../fuzz/seeds/cifar/cifar10-protocol{protocol}", "wb") as file:
        file.write(again)
with open("../../fuzz/seeds/cifar/binary", "wb") as file:
    for row, label in enumerate([6, 9, 0]):
        file.write(bytes([label] + image(row)))
