# What benign export --torch writes does in PyTorch what we do: runs end in the same weights, and
# networks give the same outputs. PYTHON: one that has PyTorch.
. "$TOP/test/cli_functions.sh"
python=${PYTHON:-python3}
if ! "$python" -c 'import numpy, torch, safetensors' 2>/dev/null; then
    echo 'needs a Python with PyTorch and safetensors; PYTHON=... names one'
    exit 77
fi
cat > compare.py <<'PY'
"""Two files of weights agree: |a - b| <= tolerance |a| for every tensor."""
import sys

from safetensors.torch import load_file

ours, theirs, tolerance = load_file(sys.argv[1]), load_file(sys.argv[2]), float(sys.argv[3])
theirs = {name: t for name, t in theirs.items() if not name.endswith("num_batches_tracked")}
assert ours.keys() == theirs.keys(), (ours.keys(), theirs.keys())
worst = max(((ours[name] - theirs[name]).norm() / ours[name].norm()).item() for name in ours)
print(f"{len(ours)} tensors, worst {worst:.1e}")
assert worst <= tolerance, worst
PY

# A run, by us and by the program.
runs() { # TOLERANCE SETTINGS...
    tolerance=$1
    shift
    rm -rf run train.db
    benign train "$@" --json --out ours.safetensors > ours.json
    benign export --torch "$@" --train run --out run.py
    "$python" run.py --train run > theirs.csv
    "$python" compare.py ours.safetensors run/end.safetensors "$tolerance"
    test "$(grep -c '"epoch":' ours.json)" = "$(($(wc -l < theirs.csv) - 1))" # the same epochs
}
noisy='data=mnist1d:train=150,test=50 noise=0.15 noise_law=wrong epochs=12 batch=32'
# shellcheck disable=SC2086  # words
{
runs 1e-5 mlp width=7 $noisy schedule=cosine weight_decay=0.001
runs 1e-5 mlp width=7 $noisy samples=77 seed=3 optimizer=adam schedule=step schedule_period=5 lr_last=0.3
runs 1e-5 'input 40 fc-9 tanh fc-10' $noisy loss=squared schedule=inverse_sqrt schedule_period=7
runs 1e-4 mnist1d-cnn c=5 $noisy
runs 1e-4 'input 40x1 conv5-6 stride=2 bias=no batchnorm relu residual { conv3-6 bias=no batchnorm relu conv3-6 }
    relu globalpool fc-10' $noisy
}
runs 1e-5 'input 5 fc-9 silu fc-1' data=gaussian:n=60,d=5 loss=squared epochs=9 batch=7

# What predict says of a batch and what the program prints: the same outputs.
benign train 'input 40x1 conv5-6 stride=2 batchnorm leaky residual { conv3-6 gelu } layernorm
    fc-10' --data mnist1d:train=150,test=20 --epochs 4 --store check.db > out
benign export check.db --weights w.safetensors
benign export --torch check.db --train check --out check.py
cat > same.py <<'PY'
"""The outputs of benign predict --json and those of --check agree."""
import json
import sys

ours = [{c["class"]: c["output"] for c in image["classes"]}
        for image in json.load(open(sys.argv[1]))["images"]]
theirs = [[float(u) for u in line.split()] for line in open(sys.argv[2])]
assert len(ours) == len(theirs) == 20
assert all(abs(a[c] - u) < 1e-5 for a, b in zip(ours, theirs) for c, u in enumerate(b))
PY
"$python" check.py --check w.safetensors check/x_test.npy > theirs
benign predict "$(sed -n 4p check.py | cut -c 5-)" w.safetensors check/x_test.npy --top 10 --json > ours
"$python" same.py ours theirs
