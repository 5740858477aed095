# The lines of Python that a refused file of weights comes with do convert it. PYTHON: one that has
# PyTorch and safetensors.
. "$TOP/test/cli_functions.sh"
python=${PYTHON:-python3}
if ! "$python" -c 'import torch, numpy, safetensors' 2>/dev/null; then
    echo 'needs a Python with PyTorch and safetensors; PYTHON=... names one'
    exit 77
fi
cat > referee.py <<'PY'
import json
import os
import pickle
import subprocess

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn

NET = "input 6x6x2 conv3-4 batchnorm relu dropout flatten fc-5 softmax"
torch.manual_seed(2385)
network = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(),
                        nn.Flatten(), nn.Linear(144, 5))
x = torch.randn(3, 2, 6, 6)
network(x)  # running statistics of its own
network.eval()
np.save("x.npy", x.numpy())
outputs = network(x).detach()


def predict(file, net=NET):
    return subprocess.run(["benign", "predict", net, file, "x.npy", "--json"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def check(file, tolerance=1e-5):
    said = predict(file)
    assert said.returncode == 0, said.stderr
    for row, image in zip(outputs.tolist(), json.loads(said.stdout)["images"], strict=True):
        for one in image["classes"]:
            assert abs(one["output"] - row[one["class"]]) < tolerance, (file, one, row)


def convert(file, to, net=NET):
    """By the lines that the refusal shows."""
    said = predict(file, net)
    assert said.returncode == 1 and said.stdout == "", said
    lines = [line[4:] for line in said.stderr.split("\n") if line.startswith("    ")]
    assert len(lines) == 2, said.stderr
    exec("\n".join(lines), {})
    os.rename(to, "converted.safetensors")


state = network.state_dict()
wrapped = {"model._orig_mod." + key: value for key, value in state.items()}
parallel = nn.DataParallel(network).state_dict()
compiled = {"_orig_mod." + key: value for key, value in state.items()}
for names in [state, wrapped, parallel, compiled]:
    save_file(names, "w.st")
    check("w.st")
torch.save(state, 'new "one".pth')
convert('new "one".pth', "w.safetensors")
check("converted.safetensors")
torch.save(parallel, "old.pth", _use_new_zipfile_serialization=False)
convert("old.pth", "w.safetensors")
check("converted.safetensors")
arrays = {key: value.numpy() for key, value in state.items()}
np.savez("w.npz", **arrays)
convert("w.npz", "w.safetensors")
check("converted.safetensors")
with open("w.pkl", "wb") as out:
    pickle.dump(arrays, out)
convert("w.pkl", "w.safetensors")
check("converted.safetensors")
save_file({key: value.to(torch.float8_e5m2) if value.is_floating_point() else value
           for key, value in state.items()}, "w8.st")
convert("w8.st", "float.safetensors")
assert predict("converted.safetensors").returncode == 0
save_file({key: value.half() if value.is_floating_point() else value
           for key, value in state.items()}, "w16.st")
check("w16.st", 1e-2)
save_file(wrapped, "w.st")
convert("w.st", "start.safetensors", NET.replace("fc-5", "fc-9"))
assert predict("converted.safetensors", NET.replace("fc-5", "fc-9")).returncode == 0

names = list(state)
shards = {"one.safetensors": names[:3], "two.safetensors": names[3:]}
for shard, part in shards.items():
    save_file({key: state[key] for key in part}, shard)
with open("model.safetensors.index.json", "w") as out:
    json.dump({"metadata": {"total_size": 2385},
               "weight_map": {key: shard for shard, part in shards.items() for key in part}}, out)
check("model.safetensors.index.json")

# And what benign writes by numbers, nn.Sequential reads.
np.save("y.npy", np.array([0, 4, 2]))
save_file(state, "w.st")
subprocess.run(["benign", "train", NET, "data=npy:dir=.", "epochs=0", "start=w.st", "--names",
                "sequential", "--out", "back.st"], check=True, stdout=subprocess.DEVNULL)
back = load_file("back.st")
assert all(torch.equal(back[key], state[key]) for key in back) and len(back) == len(state) - 1
PY
"$python" referee.py
