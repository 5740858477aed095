"""Ridge regression: ours against NumPy and scikit-learn, in one run on the same cores."""
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
    print(f"R(mu*) alone by Cholesky: {best:.2f} s, {mine / best:.1f} times faster than through the spectrum; "
          f"they differ by {difference(we['best'], we['best_of_curve']):.1e}")


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


measure_risk()
measure_validation(D // 2, D // 4)
measure_validation(D // 4, D // 2)
