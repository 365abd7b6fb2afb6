"""Time of coarsening runs to one cluster, against a fixed-step Euler 0.1 run over the same time.

Runs carry their twin: a cost is that of the numbers with their error bars. The second table is the
cost against n, d and beta.

Ratios are of processor seconds on the same machine in the same run; nothing is asserted. Where
Euler's 10·t steps would take longer than a few seconds its time per step is measured and multiplied
up; such a ratio is labelled "extrapolated" (and counts only the steps: whether Euler reaches the
same clusters is another matter).
"""

import math
import time

from benchmarks.machine import backends

import numpy as np  # isort: skip

from numerics import sphere
from numerics.coarsening import coarsen
from theory import SA

STEP = 0.1
AFFORDABLE = 50_000  # Euler steps taken in full


def euler_step(x, beta, masses):
    """One step of the scheme of the public scripts, as fast as plain NumPy does it."""
    weights = np.exp(beta * (x @ x.T - 1.0)) * masses
    pull = weights @ x
    pull /= weights.sum(axis=1, keepdims=True)
    pull -= np.sum(pull * x, axis=1, keepdims=True) * x
    x = x + STEP * pull
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def euler_seconds(x, beta, steps):
    masses = np.full(len(x), 1.0 / len(x))
    start = time.process_time()
    for _ in range(steps):
        x = euler_step(x, beta, masses)
    return time.process_time() - start


def compare(n, d, beta, rtol, backend, seed=0):
    points = sphere.random_points(n, d, seed)
    start = time.process_time()
    result = coarsen(points, beta=beta, model=SA, rtol=rtol, backend=backend)
    seconds = time.process_time() - start
    end = result.merges[-1].log_time
    log_steps = end - math.log(STEP)
    if log_steps < math.log(AFFORDABLE):
        ratio = math.log10(euler_seconds(points, beta, math.ceil(math.exp(log_steps))) / seconds)
        label = "measured"
    else:
        sample = max(20, 2_000_000 // (n * n))
        one = euler_seconds(points, beta, sample) / sample
        ratio = math.log10(one / seconds) + log_steps / math.log(10)
        label = "extrapolated"
    return {
        "n": n,
        "d": d,
        "beta": beta,
        "rtol": rtol,
        "backend": backend,
        "status": result.status.name,
        "steps": result.steps,
        "log_t": end,
        "seconds": seconds,
        "log10_ratio": ratio,
        "ratio": label,
    }


def measure(quick=False, threads=1):
    for backend in backends():  # compile before the clock runs
        coarsen(sphere.random_points(8, 2, 0), beta=9, backend=backend)
    fastest = backends()[-1]
    cases = [(64, 2, 1, 1e-6), (64, 3, 4, 1e-8), (64, 2, 9, 1e-8), (64, 2, 81, 1e-8)]
    cases += [(64, 2, 400, 1e-8), (64, 3, 400, 1e-8)]
    rows = [compare(*case, backend) for case in cases for backend in backends()]
    if not quick:
        larger = [(64, 16, 400, 1e-8), (256, 2, 9, 1e-6), (256, 3, 400, 1e-6)]
        larger += [(1000, 2, 400, 1e-6), (1000, 3, 400, 1e-6)]
        rows += [compare(*case, fastest) for case in larger]
    sizes = [16, 32, 64] if quick else [16, 32, 64, 128, 256]
    costs = [cost(n, d, beta, fastest) for d in (2, 3, 16) for beta in (9, 81, 400) for n in sizes]
    return {"rows": rows, "costs": costs}


def cost(n, d, beta, backend, rtol=1e-6, seed=0):
    """Seconds and steps of one run to the end, and how good its numbers are."""
    points = sphere.random_points(n, d, seed)
    start = time.process_time()
    result = coarsen(points, beta=beta, model=SA, rtol=rtol, backend=backend)
    seconds = time.process_time() - start
    tried = result.steps + result.rejected
    return {
        "n": n,
        "d": d,
        "beta": beta,
        "rtol": rtol,
        "steps": tried,
        "seconds": seconds,
        "microseconds_per_step": 1e6 * seconds / max(tried, 1),
        "median_error": float(np.median([m.log_time_error for m in result.merges])),
        "marked": sum(m.ill_conditioned for m in result.merges),
    }


def text(report):
    lines = [
        "coarsening to one cluster",
        "    n   d   beta   rtol     by     status  steps     log t   Euler 0.1 / coarsen",
    ]
    for row in report["rows"]:
        ratio = row["log10_ratio"]
        shown = f"{10**ratio:.1f}" if abs(ratio) < 4 else f"10^{ratio:.1f}"
        lines.append(
            f"{row['n']:5d} {row['d']:3d} {row['beta']:6g} {row['rtol']:6.0e} "
            f"{row['backend']:>6} {row['status']:>10} {row['steps']:6d} {row['log_t']:9.2f}   "
            f"{shown:>8} {row['ratio']}"
        )
    lines += [
        "cost with the twin, SA, rtol 1e-6, one seed",
        "    n   d   beta  steps   seconds   µs/step   median error of log t   marked",
    ]
    for row in report["costs"]:
        lines.append(
            f"{row['n']:5d} {row['d']:3d} {row['beta']:6g} {row['steps']:6d} {row['seconds']:9.3f} "
            f"{row['microseconds_per_step']:9.0f} {row['median_error']:23.1e} {row['marked']:8d}"
        )
    return "\n".join(lines)
