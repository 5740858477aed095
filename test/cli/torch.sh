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
}
runs 1e-5 'input 5 fc-9 silu fc-1' data=gaussian:n=60,d=5 loss=squared epochs=9 batch=7
