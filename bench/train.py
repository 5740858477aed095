"""Ours against the machine's peak and against PyTorch, in one run on the same cores."""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np

WIDTHS = sorted({int(2 * 150 ** (i / 19)) for i in range(20)} | {300})
EXPERIMENT = "experiments/mnist1d-published.yaml"
CORES = len(os.sched_getaffinity(0))


def learning_flops(epochs):
    """2 FLOPs a multiply-add; forward, weights, input, but no gradient to the first input."""
    return sum(4000 * epochs * 2 * (2 * 40 * h + 3 * h * h + 3 * 10 * h) for h in WIDTHS)


def peak():
    number, isa = subprocess.run(["bench_peak", str(CORES)], check=True, text=True,
                                 capture_output=True).stdout.split()
    return float(number), isa


def ours(folder, epochs, records):
    store = f"{folder}/ours-{epochs}-{records}.db"
    begin = time.perf_counter()
    subprocess.run(["benign", "sweep", EXPERIMENT, "seeds=1", f"epochs={epochs}",
                    f"records={records}", "--store", store, "--jobs", str(CORES)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - begin
    export = subprocess.run(["benign", "export", store, "--timings", "--json"], check=True, text=True,
                            capture_output=True).stdout
    return wall, json.loads(export)


def peer(python, folder, epochs):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    environment["OMP_NUM_THREADS"] = "1"
    done = subprocess.run([python, "bench/peer_torch.py", str(epochs), str(CORES),
                           f"{folder}/data.npz"], text=True, capture_output=True, env=environment)
    if done.returncode:
        print(f"{python}: {done.stderr.strip().splitlines()[-1] if done.stderr else 'failed'}")
        return None
    return json.loads(done.stdout.splitlines()[-1])


def write_data(folder):
    """Random numbers of the right shape: the time of a step does not depend on the values."""
    random = np.random.default_rng(0)
    np.savez(f"{folder}/data.npz", x=random.standard_normal((4000, 40), dtype=np.float32),
             y=random.integers(0, 10, 4000), y_test=random.integers(0, 10, 12000),
             x_test=random.standard_normal((12000, 40), dtype=np.float32))


def start_time():
    times = []
    for _ in range(20):
        begin = time.perf_counter()
        subprocess.run(["benign", "--version"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - begin)
    return sorted(times)[len(times) // 2]


def main():
    epochs, peer_epochs = int(os.environ.get("EPOCHS", 500)), int(os.environ.get("PEER_EPOCHS", 60))
    print(f"start of the program: {1000 * start_time():.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        before, isa = peak()
        wall, _ = ours(folder, epochs, 1)
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        after, _ = peak()
        limit, flops = max(before, after), learning_flops(epochs)
        print(f"peak of multiply-adds, {CORES} cores, {isa}: {limit:.0f} GFLOP/s")
        print(f"ours, {len(WIDTHS)} widths, {epochs} epochs: {wall:.1f} s for {flops:.3g} FLOP of "
              f"learning = {flops / wall / 1e9:.0f} GFLOP/s = {100 * flops / wall / limit / 1e9:.0f} % "
              f"of peak, evaluation at 0, 1, 2, 4, ... epochs included")
        print(f"largest process so far: {memory:.0f} MB")

        write_data(folder)
        mine, _ = ours(folder, peer_epochs, 4)
        print(f"ours, {peer_epochs} epochs, the peers' evaluation: {mine:.2f} s")
        for python in [sys.executable, "/usr/bin/python3"]:
            theirs = peer(python, folder, peer_epochs)
            if not theirs:
                continue
            per = theirs["per_epoch"]
            print(f"PyTorch {theirs['torch']} ({theirs['blas']}), {CORES} processes: "
                  f"{theirs['seconds']:.2f} s = {theirs['seconds'] / mine:.1f} x ours")
            for variant in next(iter(per.values())):
                total = sum(row[variant] for row in per.values())
                print(f"    {variant}: {total:.2f} s of one core an epoch of all widths; at "
                      + ", ".join(f"H={w} {1000 * per[str(w)][variant]:.1f} ms"
                                  for w in (2, 36, 104, 300)))


main()
