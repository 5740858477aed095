"""Guess and check, ours against PyTorch: a batch of networks as tensors, all samples at once, as the
published programs do it. One core each, and the same one. Times are of the core, not of the wall, so that what
else runs on the machine counts less; ours runs before and after PyTorch's variants and the better one counts."""
import os
import subprocess
import time
import warnings

CORE = min(os.sched_getaffinity(0))
os.sched_setaffinity(0, {CORE})
for name in ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "TORCHINDUCTOR_COMPILE_THREADS"]:
    os.environ[name] = "1"

import torch  # noqa: E402  after the number of threads

torch.set_num_threads(1)
warnings.filterwarnings("ignore")
SECONDS = float(os.environ.get("SECONDS_EACH", 1))

# d0, d1, biases, levels or None for N(0, 1 / fan_in), points as bench_guess names them, N, guesses of ours, more?
PROBLEMS = [
    (4, 8, False, (-1, 1), "cube", 16, 1e8, True),
    (4, 64, False, (-1, 1), "cube", 16, 1e7, False),
    (16, 32, False, (-1, 1), "signs:16", 16, 5e6, False),
    (4, 8, False, (-128, 127), "cube", 16, 2e7, False),
    (784, 32, True, None, "real:16", 16, 2e4, False),
]


def ours(problem, labels, method="best"):
    d0, d1, biases, levels, points, _, guesses, _ = problem
    bias = "" if biases else " bias=no"
    model = f"input {d0} fc-{d1}{bias} relu fc-1{bias}"
    prior = f"{levels[0]}..{levels[1]}" if levels else "normal"
    line = subprocess.run(["bench_guess", model, prior, points, labels, str(guesses), method], check=True, text=True,
                          capture_output=True).stdout
    return float(line.split()[0]), line.split(", ")[1], line.split(", ")[2]


def draw(levels, fan_in, *shape):
    if levels:
        return torch.randint(levels[0], levels[1] + 1, shape, dtype=torch.float32)
    return torch.randn(shape) / fan_in ** 0.5


def by_product(problem, x, y, batch):
    """All first layers side by side in one matrix: X (N, d0) times W (d0, batch d1)."""
    d0, d1, biases, levels = problem[:4]
    h = x @ draw(levels, d0, d0, batch * d1)
    if biases:
        h += draw(levels, d0, batch * d1)
    u = (torch.relu(h).view(-1, batch, d1) * draw(levels, d1, batch, d1)).sum(-1)
    if biases:
        u += draw(levels, d1, batch)
    return ((u > 0) == y[:, None]).all(0).sum()


def by_einsum(problem, x, y, batch):
    """A batch of matrices, one a network."""
    d0, d1, biases, levels = problem[:4]
    h = torch.einsum("nd,bdh->bnh", x, draw(levels, d0, batch, d0, d1))
    if biases:
        h += draw(levels, d0, batch, 1, d1)
    u = torch.bmm(torch.relu(h), draw(levels, d1, batch, d1, 1)).squeeze(-1)
    if biases:
        u += draw(levels, d1, batch, 1)
    return ((u > 0) == y).all(1).sum()


def as_written(problem, x, y, batch):
    """As guess and check is written first: whole numbers, then floats; one einsum a layer."""
    d0, d1, biases, levels = problem[:4]

    def weights(fan_in, *shape):
        return torch.randint(levels[0], levels[1] + 1, shape).float() if levels else draw(None, fan_in, *shape)

    h = torch.einsum("nd,bhd->bnh", x, weights(d0, batch, d1, d0))
    if biases:
        h = h + weights(d0, batch, d1)[:, None]
    u = torch.einsum("bnh,boh->bno", torch.relu(h), weights(d1, batch, 1, d1))[..., 0]
    if biases:
        u = u + weights(d1, batch, 1)
    return ((u > 0) == y[None]).float().mean(1).eq(1).sum()


def speed(function, problem, x, y, batch):
    function(problem, x, y, batch)  # compiles
    guesses, hits, begin = 0, 0, time.process_time()
    while time.process_time() - begin < SECONDS:
        hits += int(function(problem, x, y, batch))
        guesses += batch
    return guesses / (time.process_time() - begin)


def variants():
    for function in (by_product, by_einsum):
        yield function.__name__, function
        yield function.__name__ + ", compiled", torch.compile(function, dynamic=False)


def best_batch(function, name, problem, x, y):
    best = (0, "", 0)
    for batch in [2 ** i for i in (range(4, 9) if problem[0] > 100 else range(7, 17, 2))]:
        try:
            best = max(best, (speed(function, problem, x, y, batch), name, batch))
        except Exception as error:  # a compiler is not everywhere
            print(f"    {name}: {str(error).splitlines()[0]}")
            break
    return best


def theirs(problem):
    d0, points, n = problem[0], problem[4], problem[5]
    x = torch.randn(n, d0) if points.startswith("real") else torch.randint(0, 2, (n, d0)) * 2.0 - 1
    y = torch.randint(0, 2, (n,)) > 0
    best = (0, "", 0)
    with torch.no_grad():
        plain = best_batch(as_written, "as written first", problem, x, y)[0]
        for name, function in variants():
            torch._dynamo.reset()
            best = max(best, best_batch(function, name, problem, x, y))
    return best, plain


for problem in PROBLEMS:
    first, method, isa = ours(problem, "random")
    (peer, name, batch), plain = theirs(problem)
    mine = max(first, ours(problem, "random")[0])
    print(f"d0 = {problem[0]}, d1 = {problem[1]}, {problem[3] or 'normal'}, N = {problem[5]}: {mine:.3g} networks/s "
          f"({method}, {isa}); PyTorch {torch.__version__} {peer:.3g} ({name}, batch {batch}): "
          f"{mine / peer:.3g} times; as written first {plain:.3g}: {mine / plain:.3g} times", flush=True)
    if problem[7]:
        print(f"    labels of a teacher: {ours(problem, 'teacher')[0]:.3g}; by lanes: "
              f"{ours(problem, 'random', 'lanes')[0]:.3g}", flush=True)
