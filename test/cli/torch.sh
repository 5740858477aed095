# What benign export --torch writes does in PyTorch what we do: runs end in the same weights,
# networks give the same outputs, photos the same classes. PYTHON: one that has PyTorch.
. "$TOP/test/cli_functions.sh"
python=${PYTHON:-python3}
if ! "$python" -c 'import torch, torchvision, safetensors' 2>/dev/null; then
    echo 'needs a Python with PyTorch, torchvision and safetensors; PYTHON=... names one'
    exit 77
fi

# A run, by us and as a program: folder NAME.
run() { # NAME SETTINGS...
    name=$1
    shift
    benign train "$@" --json --store "$name.db" --out "$name.safetensors" > "$name.json"
    benign export --torch "$@" --train "$name" --out "$name.py"
}
noisy='data=mnist1d:train=150,test=50 noise=0.15 noise_law=wrong epochs=12 batch=32'
# shellcheck disable=SC2086  # words
{
    run sgd mlp width=7 $noisy schedule=cosine weight_decay=0.001
    run adam mlp width=7 $noisy samples=77 seed=3 optimizer=adam schedule=step schedule_period=5 \
        lr_last=0.3
    run squared 'input 40 fc-9 tanh fc-10' $noisy loss=squared schedule=inverse_sqrt \
        schedule_period=7
    run convolution mnist1d-cnn c=5 $noisy
    run residual 'input 40x1 conv5-6 stride=2 bias=no batchnorm leaky
        residual { conv3-6 bias=no batchnorm gelu conv3-6 } layernorm fc-10' $noisy
    run drop 'input 40 fc-8 bias=no batchnorm relu fc-10' data=mnist1d:train=97,test=50 epochs=7 batch=32 \
        last_batch=drop schedule=cosine
    run tied 'input 8x5 tied-8 group="D8" channels=3 bias=no relu
        residual { tied-8 group="S3 x C5" channels=3 tanh } tied-4 group="S3 x C5 to S3 x trivial(1)"
        channels=2 relu tied-10 group="S3 x trivial(1) to trivial(10)"' $noisy lr=0.01
}
run regression 'input 5 fc-9 silu fc-1' data=gaussian:n=60,d=5 loss=squared epochs=9 batch=7

# A batch through what has learnt.
model=$("$python" -c 'import residual; print(residual.NETWORK)')
benign predict "$model" residual.safetensors residual/x_test.npy --top 10 --json > batch.json

# Photos, prepared as torchvision prepares them, with weights that PyTorch wrote.
photo='input 224x224x3 conv7-5 stride=6 batchnorm relu conv3-4 stride=3 tanh fc-10 softmax'
benign export --torch "$photo" --out photo.py
mkdir photos

cat > referee.py <<'PY'
import importlib
import json
import subprocess
import sys

import numpy as np
import torch
from safetensors.torch import load_file, save_file

sys.path.insert(0, ".")


def check_run(name, tolerance=1e-4):
    importlib.import_module(name).train(name)
    ours, theirs = load_file(f"{name}.safetensors"), load_file(f"{name}/end.safetensors")
    theirs = {key: t for key, t in theirs.items() if not key.endswith("num_batches_tracked")}
    assert ours.keys() == theirs.keys(), (ours.keys(), theirs.keys())
    worst = max(((ours[key] - theirs[key]).norm() / ours[key].norm()).item() for key in ours)
    print(f"{name}: {len(ours)} tensors, worst {worst:.1e}")
    assert worst <= tolerance, worst


def check_outputs(file, theirs):
    """What benign predict --json --top 10 said."""
    images = json.load(open(file))["images"]
    assert len(images) == len(theirs) > 0
    for image, outputs in zip(images, theirs.tolist()):
        assert len(image["classes"]) == len(outputs) == 10
        for one in image["classes"]:
            assert abs(one["output"] - outputs[one["class"]]) < 1e-5, (image, outputs)


def make_photos():
    """Two pictures and weights; returns what torchvision's preparation and PyTorch make of them."""
    from PIL import Image
    from torchvision import transforms as t
    prepare = t.Compose([t.Resize(256), t.CenterCrop(224), t.ToTensor(),
                         t.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    torch.manual_seed(2385)
    network = importlib.import_module("photo").Network().eval()
    save_file(network.state_dict(), "photo.safetensors")
    outputs = []
    for name, (width, height) in [("a.jpg", (301, 407)), ("b.png", (533, 260))]:
        y, x = np.mgrid[0:height, 0:width]
        pixels = np.stack([127 + 127 * np.sin(x / 23 + y / (7 + 9 * c)) for c in range(3)], 2)
        Image.fromarray(pixels.astype(np.uint8)).save("photos/" + name)
        with torch.no_grad():
            outputs.append(network(prepare(Image.open("photos/" + name).convert("RGB"))[None])[0])
    return torch.stack(outputs)


for run in ["sgd", "adam", "squared", "convolution", "residual", "drop", "tied", "regression"]:
    check_run(run)
network = importlib.import_module("residual").Network().eval()
network.load_state_dict(load_file("residual.safetensors"))
x = torch.from_numpy(np.load("residual/x_test.npy")).reshape(-1, 1, 40)
check_outputs("batch.json", network(x))
theirs = make_photos()
with open("photos.json", "w") as out:
    subprocess.run(["benign", "predict", sys.argv[1], "photo.safetensors", "photos", "--top", "10",
                    "--json"], stdout=out, check=True)
check_outputs("photos.json", theirs)
PY
"$python" referee.py "$photo" > out
grep -q 'regression: 4 tensors' out
