# Weights remember how the data were prepared: predict sees test images as training saw them, to the
# last one, and says so.
. "$TOP/test/cli_functions.sh"
python3 -c '' 2>/dev/null || exit 77
cat > images.py <<'PY'
"""Folders of noisy grey and colour PNG images of three classes, and the same numbers as .npy."""
import os
import random
import struct
import zlib

random.seed(2385)
HEIGHT, WIDTH = 6, 9


def write_png(path, rows, channels):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0 if channels == 1 else 2, 0, 0, 0)
    data = b"".join(b"\0" + bytes(row) for row in rows)
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
                  chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def write_npy(path, kind, shape, data):
    head = str({"descr": kind, "fortran_order": False, "shape": shape})
    head += " " * (117 - len(head)) + "\n"
    with open(path, "wb") as out:
        out.write(b"\x93NUMPY\1\0" + struct.pack("<H", 118) + head.encode() + data)


for folder, channels in [("colour", 3), ("grey", 1)]:
    for part, count in [("train", 14), ("test", 11)]:
        for c, name in enumerate(["ant", "bee", "c\u00e9f\xe9 | 'wasp'"]):
            os.makedirs(f"{folder}/{part}/{name}")
            for i in range(count):
                rows = [[min(255, max(0, int(random.gauss(110 + 9 * ((j + c) % 3), 90))))
                         for j in range(WIDTH * channels)] for _ in range(HEIGHT)]
                write_png(f"{folder}/{part}/{name}/{i:02d}.png", rows, channels)
os.makedirs("numbers")
for part, count in [("", 40), ("_test", 33)]:
    label = [i % 3 for i in range(count)]
    x = [random.gauss(300 * j + 40 * ((j + c) % 3), 120) for c in label for j in range(7)]
    write_npy(f"numbers/x{part}.npy", "<f8", (count, 7), struct.pack(f"<{len(x)}d", *x))
    write_npy(f"numbers/y{part}.npy", "<i4", (count,), struct.pack(f"<{count}i", *label))
PY
cat > check.py <<'PY'
"""check.py PREDICTION RUN NAMED: errors of the first over the last of the other are the same."""
import json
import sys

predicted, run = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
classes = sorted({row["image"].split("/")[-2] for row in predicted["images"]
                  if "/" in row["image"] and not row["image"].startswith("numbers")})
wrong = 0
for i, row in enumerate(predicted["images"]):
    first = row["classes"][0]
    truth = classes.index(row["image"].split("/")[-2]) if classes else i % 3
    wrong += first["class"] != truth
    assert first["name"] == (classes[first["class"]] if classes else None), row
count = len(predicted["images"])
error = run[-1]["test_error"]
assert count == 33 and 0 < wrong < 33 and error == wrong / count, (wrong, count, error)
assert sys.argv[3] in json.dumps(predicted["prepared"]), predicted["prepared"]
assert any(sys.argv[4] in line for line in predicted["said"]), predicted["said"]
PY
python3 images.py

# What a network saw in training, predict sees: NAME PREPARED SAID NET SETTINGS...
same() {
    name=$1 prepared=$2 said=$3 net=$4
    shift 4
    benign train "$net" "$@" --epochs 6 --batch 7 --json --store "$name.db" \
        --out "$name.safetensors" > "$name.run"
    # shellcheck disable=SC2086  # paths
    benign predict "$net" "$name.safetensors" $inputs --top 1 --json > "$name.json"
    python3 check.py "$name.json" "$name.run" "$prepared" "$said"
    benign export "$name.db" --weights again.safetensors
    cmp again.safetensors "$name.safetensors"
}
conv='input 6x9x3 conv3-4 relu fc-3 softmax'
inputs='colour/test/ant colour/test/bee colour/test/c*'
same channel '"as in training"' ', as in training on folder:dir=colour,' "$conv" \
    data=folder:dir=colour
same feature '"mean": 162' 'standardised by 162 means and deviations' "$conv" \
    data=folder:dir=colour,standardise=feature
same whole '"as in training"' 'images: pixels / 255, minus 0.4' "$conv" \
    data=folder:dir=colour,standardise=whole
same none '"mean": []' 'images: pixels / 255, as in training' "$conv" \
    data=folder:dir=colour,standardise=none
same flat '"as in training"' ', as in training on' 'input 162 fc-6 relu fc-3 softmax' \
    data=folder:dir=colour
same resized '"as in training"' 'the shorter side of 4 pixels, pixels / 255' \
    'input 4x4x3 conv3-4 relu fc-3 softmax' data=folder:dir=colour,size=4
inputs='grey/test/ant grey/test/bee grey/test/c*'
same grey '"as in training"' 'as in training on folder:dir=grey,' \
    'input 6x9x1 conv3-4 relu fc-3 softmax' data=folder:dir=grey,colour=grey
inputs=numbers/x_test.npy
same numbers '"rows": "as in training"' 'rows: standardised by 7 means and deviations, as in' \
    'input 7 fc-3 softmax' data=npy:dir=numbers,standardise=feature
same raw '"rows": "as they are"' 'rows: as they are' 'input 7 fc-3 softmax' data=npy:dir=numbers lr=1e-6

# Options come first; what the file does not say is assumed, and said.
shows 'images: pixels / 255, minus 0.5, 0.5, 0.5, divided by 0.25, 0.25, 0.25, as given' \
    benign predict "$conv" channel.safetensors colour/test/ant --mean 0.5 --std 0.25
has 'classes: their names stand in channel.safetensors'
has ' %  ant'
python3 - <<'PY'
import json
import struct
data = open("channel.safetensors", "rb").read()
size, = struct.unpack("<Q", data[:8])
header = json.loads(data[8:8 + size])
for name, metadata in [("other", None), ("broken", "{}"), ("wrong", header["__metadata__"]["benign_input"])]:
    header["__metadata__"] = {"benign_input": metadata} if metadata else {"format": "pt"}
    if name == "wrong":
        header["__metadata__"]["benign_input"] = metadata.replace('"shape":[6,9,3]', '"shape":[6,8,3]')
    text = json.dumps(header).encode()
    open(name + ".safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data[8 + size:])
PY
shows "divided by 0.229, 0.224, 0.225, assumed: these are ImageNet's, since other.safetensors does" \
    benign predict "$conv" other.safetensors colour/test/ant
has ' %  class '
refuses 1 'broken.safetensors: byte 8: benign_input in __metadata__ does not say how its data were prepared:' \
    benign predict "$conv" broken.safetensors colour/test/ant
shows ', as in training on' benign predict "$conv" wrong.safetensors colour/test/ant
# Means of channels suit images of another size, those of features do not.
pool='conv3-4 relu globalpool fc-3 softmax'
for law in channel feature; do
    benign train "input 6x9x3 $pool" data=folder:dir=colour,standardise=$law --epochs 1 --store p.db \
        --out pool-$law.safetensors > out
done
shows ', as in training on' benign predict "input 5x5x3 $pool" pool-channel.safetensors \
    colour/test/ant
refuses 1 'pool-feature.safetensors: its data had 162 numbers an example, but the network takes 5x5x3' \
    benign predict "input 5x5x3 $pool" pool-feature.safetensors colour/test/ant

# Training that begins with weights of other data says how these differ.
start() { benign train "$conv" --start channel.safetensors --epochs 0 --store s.db "$@" 2> err > out; }
start data=folder:dir=colour
test ! -s err
start data=folder:dir=colour,standardise=none
grep -q '^channel.safetensors@[0-9a-f]*: it was trained on data that were prepared otherwise, folder:dir=colour,' err
grep -q ': standardised there and not here$' err
start data=folder:dir=grey
grep -q ': mean 0\.[0-9]* and deviation 0\.[0-9]* there, 0\.[0-9]* and 0\.[0-9]* here$' err
cat > start.yaml <<YAML
model: $conv
data: folder:dir=colour,standardise=none
start: channel.safetensors
epochs: 0
seeds: 3
YAML
benign sweep start.yaml 2> err > out
test "$(grep -c 'prepared otherwise' err)" = 1 # of three cells
