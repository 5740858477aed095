"""Writes images_reference.h: PNG and JPEG files of every kind with the pixels that Pillow sees in
them, and what torchvision makes of images; and some of the files as fuzz/seeds/image. Run by hand:
python3 images.py
"""

import io
import struct
import zlib

import numpy as np
from PIL import Image
from torchvision import transforms

WIDTH, HEIGHT = 7, 5


def noise(height, width, channels):
    """The image that test_images.c makes: the upper byte of a multiplicative hash."""
    i, j, c = np.ogrid[:height, :width, :channels]
    mixed = (i * 7919 + j * 104729 + c * 1299709 + 1).astype(np.uint64) * np.uint64(2654435761)
    return ((mixed & np.uint64(0xFFFFFFFF)) >> np.uint64(24)).astype(np.uint8)


# ---- PNG files, written by the words of its specification ----

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2)]


def chunk(kind, content):
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def rows_of(samples, bits):
    rows = b""
    for row in samples:
        values = row.reshape(-1)
        if bits == 16:
            rows += b"\0" + values.astype(">u2").tobytes()
        else:
            digits = "".join(format(v, f"0{bits}b") for v in values)
            digits += "0" * (-len(digits) % 8)
            rows += b"\0" + int(digits, 2).to_bytes(len(digits) // 8, "big")
    return rows


def png(colour, bits, interlaced, transparent=False):
    random = np.random.default_rng(colour * 100 + bits)
    samples = random.integers(0, 1 << bits, (HEIGHT, WIDTH, CHANNELS[colour]))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, colour, 0, 0, interlaced)
    parts = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [samples]
    content = b"".join(rows_of(part, bits) for part in parts if part.size)
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    if colour == 3:
        out += chunk(b"PLTE", random.integers(0, 256, 3 << bits).astype(np.uint8).tobytes())
        out += chunk(b"tRNS", bytes([0, 128]))
    elif transparent:  # one colour is
        out += chunk(b"tRNS", samples[0, 0].astype(">u2").tobytes())
    return out + chunk(b"IDAT", zlib.compress(content, 9)) + chunk(b"IEND", b"")


def jpeg(mode, **options):
    image = Image.fromarray(noise(HEIGHT * 2, WIDTH * 3, 4))
    image = image.convert("RGB") if mode == "RGB" else image.convert("RGB").convert(mode)
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def files():
    for colour, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16],
                           6: [8, 16]}.items():
        for bits in depths:
            yield f"png_{colour}_{bits}", png(colour, bits, 0)
    for colour, bits in [(0, 1), (3, 4), (2, 8), (6, 16)]:
        yield f"png_{colour}_{bits}_interlaced", png(colour, bits, 1)
    for colour, bits in [(0, 2), (0, 8), (0, 16), (2, 8), (2, 16)]:
        yield f"png_{colour}_{bits}_transparent", png(colour, bits, 0, True)
    yield "jpeg_grey", jpeg("L", quality=40)
    yield "jpeg_colour", jpeg("RGB", quality=70, subsampling=0)
    yield "jpeg_subsampled", jpeg("RGB", quality=50, subsampling=2, progressive=True)
    yield "jpeg_cmyk", jpeg("CMYK", quality=60)


def upper_byte(image):
    """Pillow has no colour from 16 bits of grey; of 16 bits of colour it takes the upper 8."""
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image).astype(np.int64) >> 8).astype(np.uint8))
    return image


def add_bytes(out, name, content):
    out.write(f"static const unsigned char {name}[] = {{\n")
    for i in range(0, len(content), 20):
        out.write("    " + " ".join(f"{b}," for b in content[i:i + 20]) + "\n")
    out.write("};\n")


def write_files(out):
    table = ""
    for name, content in files():
        image = upper_byte(Image.open(io.BytesIO(content)))
        add_bytes(out, f"file_{name}", content)
        width, height = image.size
        sums = [zlib.crc32(image.convert(mode).tobytes()) for mode in ("L", "RGB")]
        table += f'    {{"{name}", file_{name}, sizeof file_{name}, {height}, {width}, '
        table += f"{{{sums[0]:#x}, {sums[1]:#x}}}}},\n"
    out.write("\n// Sums (CRC-32) of the pixels as grey and as colour.\n")
    out.write("static const struct {\n    const char *name;\n    const unsigned char *bytes;\n")
    out.write("    size_t size, height, width;\n    uint32_t sum[2];\n} files[] = {\n")
    out.write(table + "};\n")


# ---- what torchvision makes of noise ----

RESIZES = [(17, 23, 3, 9), (17, 23, 3, 40), (64, 64, 1, 31), (301, 257, 3, 256), (256, 300, 3, 256),
           (40, 1000, 3, 224), (5, 3, 1, 1), (2, 3, 3, 64), (333, 500, 3, 256), (641, 154, 3, 106)]
CROPS = [(17, 23, 3, 9, 10), (9, 10, 1, 9, 10), (5, 4, 3, 8, 9), (5, 30, 3, 8, 9), (256, 375, 3, 224, 224),
         (256, 377, 3, 224, 224)]


def image_of(height, width, channels):
    pixels = noise(height, width, channels)
    return Image.fromarray(pixels if channels == 3 else pixels[:, :, 0])


def resize(image, shorter):
    """Rows first. Pillow 13 takes the columns first where the height shrinks by more than twice as
    many pixels as the width; that differs by a rounding."""
    to = transforms.Resize(shorter)(image)
    rows = image.resize((to.width, image.height), Image.Resampling.BILINEAR)
    columns = rows.resize(to.size, Image.Resampling.BILINEAR)
    off = np.abs(np.asarray(to).astype(int) - np.asarray(columns).astype(int)).max()
    shrunk = image.height - to.height, image.width - to.width
    assert off <= (1 if shrunk[0] > max(0, 2 * shrunk[1]) else 0)
    return columns


def write_transforms(out):
    out.write("\n// height, width, channels; the shorter side; then what comes out and its sum\n")
    out.write("static const struct {\n    size_t height, width, channels, shorter, to_height, to_width;\n")
    out.write("    uint32_t sum;\n} resizes[] = {\n")
    for height, width, channels, shorter in RESIZES:
        to = resize(image_of(height, width, channels), shorter)
        out.write(f"    {{{height}, {width}, {channels}, {shorter}, {to.height}, {to.width}, "
                  f"{zlib.crc32(to.tobytes()):#x}}},\n")
    out.write("};\n\n// height, width, channels; of the window; its sum\n")
    out.write("static const struct {\n    size_t height, width, channels, to_height, to_width;\n")
    out.write("    uint32_t sum;\n} crops[] = {\n")
    for height, width, channels, to_height, to_width in CROPS:
        to = transforms.CenterCrop((to_height, to_width))(image_of(height, width, channels))
        out.write(f"    {{{height}, {width}, {channels}, {to_height}, {to_width}, "
                  f"{zlib.crc32(to.tobytes()):#x}}},\n")
    out.write("};\n")
    recipe = transforms.Compose([
        transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    x = recipe(image_of(301, 257, 3)).numpy()
    out.write("\n// ImageNet's recipe on 301x257x3: every 4999th of the values\n")
    out.write("static const double prepared[] = {\n    ")
    out.write(",\n    ".join(f"{value:.9g}" for value in x.reshape(-1)[::4999]))
    out.write(",\n};\n")


for name, content in files():
    if name in ("png_3_4_interlaced", "png_6_16", "png_0_1", "jpeg_subsampled", "jpeg_cmyk"):
        with open(f"../../fuzz/seeds/image/{name}", "wb") as seed:
            seed.write(content)
with open("images_reference.h", "w") as header:
    header.write("// Written by images.py.\n#pragma once\n")
    header.write("#include <stddef.h>\n#include <stdint.h>\n\n// clang-format off\n")
    write_files(header)
    write_transforms(header)
