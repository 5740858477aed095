"""The published MNIST-1D sweep as a PyTorch user would tune it. Called by train.py.

    peer_torch.py EPOCHS PROCESSES DATA.npz        prints one JSON object

Tuned means: data in memory, one shuffle per epoch by index_select, batches as views, one thread per
process and one process per core, flush-denormal, no DataLoader, no .item() in the loop. Three
variants are timed per width on a few epochs and the fastest runs: eager with a fused or foreach
optimiser, torch.compile of the whole step, and torch.func.vmap over four seeds (time divided by
four). Evaluation is the same as ours: loss and error on all training and test samples at the same
epochs.
"""
import json
import sys
import time

import numpy as np
import torch
import torch.multiprocessing as mp
import torch.nn.functional as F

WIDTHS = sorted({int(2 * 150 ** (i / 19)) for i in range(20)} | {300})
BATCH, LR, MOMENTUM, CALIBRATION, SEEDS = 100, 0.01, 0.9, 3, 4


def grid(epochs, records):
    points = {0, epochs}
    j = 0
    while int(2 ** (j / records)) <= epochs:
        points.add(int(2 ** (j / records) * (1 + 1e-12)))
        j += 1
    return points


def load(path):
    arrays = np.load(path)
    return [torch.from_numpy(arrays[name]) for name in ("x", "y", "x_test", "y_test")]


def model_of(width):
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(40, width), torch.nn.ReLU(),
                               torch.nn.Linear(width, width), torch.nn.ReLU(),
                               torch.nn.Linear(width, 10))


def evaluate(model, x, y):
    with torch.no_grad():
        loss = errors = 0
        for xb, yb in zip(x.split(1000), y.split(1000)):
            u = model(xb)
            loss += F.cross_entropy(u, yb, reduction="sum")
            errors += (u.argmax(1) != yb).sum()
        return float(loss) / len(x), int(errors) / len(x)


def optimizer_of(model):
    for kind in ({"fused": True}, {"foreach": True}, {}):
        try:
            return torch.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM, **kind)
        except (TypeError, RuntimeError):
            continue


def make_eager(width):
    model = model_of(width)
    optimizer = optimizer_of(model)

    def step(xb, yb):
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(xb), yb).backward()
        optimizer.step()

    return model, step


def make_compiled(width):
    model, step = make_eager(width)
    return model, torch.compile(step)


def epoch_of(step, x, y):
    order = torch.randperm(len(x))
    for xb, yb in zip(x[order].split(BATCH), y[order].split(BATCH)):
        step(xb, yb)


def make_vmapped(width):
    from torch.func import functional_call, grad, stack_module_state, vmap
    models = [model_of(width) for _ in range(SEEDS)]
    parameters, _ = stack_module_state(models)
    parameters = {k: v.detach() for k, v in parameters.items()}
    velocity = {k: torch.zeros_like(v) for k, v in parameters.items()}
    one = grad(lambda p, xb, yb: F.cross_entropy(functional_call(models[0], p, (xb,)), yb))
    many = vmap(one, in_dims=(0, 0, 0))

    def run(x, y):
        order = torch.stack([torch.randperm(len(x)) for _ in range(SEEDS)])
        xs, ys = x[order], y[order]
        names = list(parameters)
        w, v = [parameters[n] for n in names], [velocity[n] for n in names]
        for i in range(0, len(x), BATCH):
            slopes = many(parameters, xs[:, i:i + BATCH], ys[:, i:i + BATCH])
            torch._foreach_mul_(v, MOMENTUM)
            torch._foreach_add_(v, [slopes[n] for n in names])
            torch._foreach_add_(w, v, alpha=-LR)

    return run


def timed(run, x, y):
    run(x, y)  # warm-up; compilation
    begin = time.perf_counter()
    for _ in range(CALIBRATION):
        run(x, y)
    return (time.perf_counter() - begin) / CALIBRATION


def calibrate(width, data, variants):
    x, y = data[:2]
    seconds = {}
    for name in variants:
        try:
            if name == "vmap":
                seconds[name] = timed(make_vmapped(width), x, y) / SEEDS
            else:
                make = make_eager if name == "eager" else make_compiled
                step = make(width)[1]
                seconds[name] = timed(lambda a, b: epoch_of(step, a, b), x, y)
        except Exception as problem:  # a variant that this version lacks
            seconds[name] = float("inf")
            print(f"# {name} at width {width}: {str(problem).splitlines()[0]}", file=sys.stderr)
    return seconds


def setup():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def worker(path, epochs, records, jobs, choice, barrier, results):
    setup()
    data = load(path)
    x, y, x_test, y_test = data
    points = grid(epochs, records)
    ready = {}
    for width, variant in choice.items():  # compile before the clock runs
        if variant == "compile":
            ready[width] = make_compiled(width)
            ready[width][1](x[:BATCH], y[:BATCH])
    barrier.wait()
    while True:
        width = jobs.get()
        if width is None:
            return
        model, step = ready[width] if width in ready else make_eager(width)
        training = 0.0
        for epoch in range(epochs + 1):
            if epoch in points:
                errors = evaluate(model, x, y), evaluate(model, x_test, y_test)
            if epoch < epochs:
                begin = time.perf_counter()
                epoch_of(step, x, y)
                training += time.perf_counter() - begin
        results.put((width, training, errors[0][1], errors[1][1]))


def main():
    epochs, processes, path, records = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], 4
    setup()
    variants = ["eager"] + (["compile", "vmap"] if hasattr(torch, "compile") else [])
    data = load(path)
    table = {width: calibrate(width, data, variants) for width in WIDTHS}
    choice = {w: min((v for v in variants if v != "vmap"), key=table[w].get) for w in WIDTHS}
    context = mp.get_context("spawn")
    jobs, results, barrier = context.Queue(), context.Queue(), context.Barrier(processes + 1)
    team = [context.Process(target=worker,
                            args=(path, epochs, records, jobs, choice, barrier, results))
            for _ in range(processes)]
    for process in team:
        process.start()
    barrier.wait()
    begin = time.perf_counter()
    for width in sorted(WIDTHS, reverse=True) + [None] * processes:
        jobs.put(width)
    rows = [results.get() for _ in WIDTHS]
    wall = time.perf_counter() - begin
    for process in team:
        process.join()
    print(json.dumps({
        "torch": torch.__version__,
        "blas": "MKL" if torch.backends.mkl.is_available() else "the system's BLAS",
        "seconds": wall,
        "training_seconds": sum(row[1] for row in rows),
        "per_epoch": {str(w): table[w] for w in WIDTHS},
        "choice": {str(w): choice[w] for w in WIDTHS},
    }))


if __name__ == "__main__":
    main()
