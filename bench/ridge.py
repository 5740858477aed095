"""Ridge regression: ours against NumPy and scikit-learn, in one run on the same cores."""
import json
import os
import subprocess
import tempfile
import time

CORES = len(os.sched_getaffinity(0))
OURS = dict(os.environ)  # OPENBLAS_CORETYPE, where set, is meant for our OpenBLAS, not for NumPy's own
os.environ.pop("OPENBLAS_CORETYPE", None)
for name in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"]:
    os.environ[name] = str(CORES)

import numpy as np  # noqa: E402  after the number of threads
import sklearn  # noqa: E402
from sklearn.linear_model import RidgeCV  # noqa: E402

D = int(os.environ.get("D", 4000))
ROWS = int(os.environ.get("ROWS", 1000000))
SIGNAL, NOISE = 2.385, 0.7  # of ridge.c, too


def timed(function, *arguments):
    begin = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - begin, result


def sample(n, d, seed=0):
    random = np.random.default_rng(seed)
    x = random.standard_normal((n, d))
    w = random.standard_normal(d) * np.sqrt(SIGNAL / d)
    return x, x @ w + np.sqrt(NOISE) * random.standard_normal(n)


def ours(mode, x, y, mu):
    """The lines of bench_ridge as a dictionary of arrays."""
    with tempfile.NamedTemporaryFile() as file:
        for part in (x, y, mu):
            np.ascontiguousarray(part, dtype=np.float64).tofile(file)
        file.flush()
        text = subprocess.run(["bench_ridge", str(x.shape[0]), str(x.shape[1]), str(CORES), mode, file.name],
                              check=True, text=True, capture_output=True, env=OURS).stdout
    return {line.split()[0]: np.array(line.split()[1:], dtype=float) for line in text.splitlines()}


def difference(a, b):
    return np.max(np.abs(a / b - 1))


def risk_of(values, mu):
    """sum of (sw2/d mu^2 + se2 lambda) / (lambda + mu)^2, for each mu."""
    d = len(values)
    return np.array([np.sum((SIGNAL / d * m * m + NOISE * values) / (values + m) ** 2) for m in mu])


def measure_risk():
    n, d = 2 * D, D
    x, y = sample(n, d)
    mu = np.geomspace(1e-2, 1e8, 1000)
    gram_seconds, gram = timed(lambda: x.T @ x)
    eigen_seconds, values = timed(np.linalg.eigvalsh, gram)
    curve_seconds, risk = timed(risk_of, values, mu)
    theirs = gram_seconds + eigen_seconds + curve_seconds
    we = ours("risk", x, y, mu)
    mine, best = we["curve_seconds"][0], we["best_seconds"][0]
    print(f"risk at 1000 values of mu, N = {n}, d = {d}, {CORES} threads: {mine:.2f} s, of it the spectrum "
          f"{we['spectrum_seconds'][0]:.2f} s (route {int(we['route'][0])})")
    print(f"NumPy {np.__version__}, eigvalsh alone: {eigen_seconds:.2f} s = {eigen_seconds / mine:.2f} x ours")
    print(f"NumPy, X'X {gram_seconds:.2f} s + eigvalsh + curve {curve_seconds:.2f} s = {theirs:.2f} s "
          f"= {theirs / mine:.2f} x ours; largest relative difference {difference(we['risk'], risk):.1e}")
    ours_gram = we["gram_seconds"][0]
    print(f"R(mu*) alone by Cholesky: {best:.2f} s, {mine / best:.1f} times faster than through the spectrum; "
          f"both begin with X'X ({ours_gram:.2f} s), without it {(mine - ours_gram) / (best - ours_gram):.1f} times; "
          f"they differ by {difference(we['best'], we['best_of_curve']):.1e}")


def peak_memory(pid):
    """In kB; None when the process has ended."""
    with open(f"/proc/{pid}/status") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), None)


def measure_memory():
    """R(mu*) of a matrix that stays in its file, by the command."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.npy")
        matrix = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(ROWS, 1000))
        random = np.random.default_rng(0)
        for i in range(0, ROWS, 10000):
            matrix[i:i + 10000] = random.standard_normal((len(matrix[i:i + 10000]), 1000), dtype=np.float32)
        del matrix
        begin = time.perf_counter()
        process = subprocess.Popen(["benign", "ridge", path, "--mu", "best"], stdout=subprocess.DEVNULL, env=OURS)
        peak = 0
        while process.poll() is None:
            peak = peak_memory(process.pid) or peak
            time.sleep(0.01)
        print(f"{ROWS} x 1000, float32 in a file of {os.path.getsize(path) / 1e9:.1f} GB: R(mu*) in "
              f"{time.perf_counter() - begin:.1f} s with {peak / 1024:.0f} MB of memory")


def leave_one_out(x, y, alphas):
    model = RidgeCV(alphas=alphas, fit_intercept=False, store_cv_results=True)
    model.fit(x, y)
    return model.cv_results_.reshape(len(y), -1).mean(0), model.alpha_


def measure_validation(n, d):
    x, y = sample(n, d, 1)
    alphas = np.geomspace(1e-1, 1e5, 100)
    theirs, (expected, alpha) = timed(leave_one_out, x, y, alphas)
    we = ours("validate", x, y, alphas)
    mine, once = we["validate_seconds"][0], we["solver_seconds"][0]
    print(f"leave-one-out at 100 values of mu, N = {n}, d = {d}: {mine:.2f} s, of it the decomposition "
          f"{once:.2f} s; marginal likelihood {we['evidence_seconds'][0] - mine:.2f} s more")
    same = alphas[np.argmin(we["leave_one_out"])] == alpha
    print(f"RidgeCV of scikit-learn {sklearn.__version__}: {theirs:.2f} s = {theirs / mine:.1f} x ours; "
          f"largest relative difference {difference(we['leave_one_out'], expected):.1e}, "
          f"{'the same' if same else 'another'} best mu")


def write_gaussian(path, n, d):
    matrix = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n, d))
    random = np.random.default_rng(0)
    for i in range(0, n, 1000):
        matrix[i:i + 1000] = random.standard_normal((len(matrix[i:i + 1000]), d), dtype=np.float32)


def analysis(path, *flags):
    text = subprocess.run(["benign", "ridge", path, "--json", *flags], check=True, text=True, capture_output=True,
                          env=OURS).stdout
    return json.loads(text)


def measure_lanczos(n, d, compare):
    """Seconds and error bars; with compare, the true errors, in units of the bars."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.npy")
        write_gaussian(path, n, d)
        seconds, guess = timed(analysis, path, "--route", "lanczos")
        bars = np.array(guess["risk_error"]) / np.array(guess["risk"])
        print(f"stochastic Lanczos quadrature, {n} x {d}, float32: {seconds:.1f} s; relative error bars "
              f"{bars.min():.1e} to {bars.max():.1e}, at mu* {guess['best_risk_error'] / guess['best_risk']:.1e}")
        if not compare:
            return
        seconds, exact = timed(analysis, path)
        off = np.abs(np.array(guess["risk"]) - np.array(exact["risk"])) / np.array(guess["risk_error"])
        print(f"the exact route: {seconds:.1f} s; the estimates are off by up to {off.max():.2f} error bars")


measure_risk()
measure_lanczos(2 * D, 5 * D // 4, True)
measure_lanczos(30000, 20500, False)
measure_memory()
measure_validation(D // 2, D // 4)
measure_validation(D // 4, D // 2)
