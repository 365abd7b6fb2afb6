"""Figure 3 (d = 2, 32 tokens, 90 values of β, t ≤ 30): time and error against fixed-step Euler 0.1.

Both start from the same points and count close pairs at the same 151 times. Ratios are of processor
seconds in the same run, by as many threads; nothing is asserted. Euler is what the public scripts
do, all systems at once; also in chunks that stay in the cache, which is as fast as NumPy goes.
Errors are against steps of tolerance 1e-10 from the same starts. `python -m benchmarks.phase RUNS`
takes more than the 96 (quick: 16) of the paper's 1024 runs.
"""

from benchmarks.machine import one_thread

import resource  # isort: skip
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from numerics import sphere
from numerics.ensembles import ClosePairs, ensemble
from numerics.phase import phase_diagram
from theory import SA

N, DELTA, STEP = 32, 1e-3, 0.1
BETAS = np.linspace(0.1, 9.0, 90)
TIMES = np.linspace(0.0, 30.0, 151)
EVERY = round(float(TIMES[1]) / STEP)  # Euler steps between two times


def starts(runs, seed=0):
    """The starts that phase_diagram draws."""
    seeds = [np.random.SeedSequence(seed, spawn_key=(k,)) for k in range(runs)]
    return np.stack([sphere.random_points(N, 2, np.random.default_rng(s)) for s in seeds])


def euler(x, beta):
    """Counts (systems, time) and the points at t = 5 and 30."""
    counts = np.empty((len(x), len(TIMES)), dtype=np.int32)
    kept = []
    for k in range(len(TIMES)):
        if k > 0:
            for _ in range(EVERY):
                weights = np.exp(beta * (x @ x.mT))
                pull = weights @ x
                pull /= weights.sum(axis=-1, keepdims=True)
                pull -= np.sum(pull * x, axis=-1, keepdims=True) * x
                x = x + STEP * pull
                x /= np.sqrt(np.sum(x * x, axis=-1, keepdims=True))
        counts[:, k] = (np.sum(x @ x.mT >= 1 - DELTA, axis=(-1, -2)) - N) // 2
        if k in (25, len(TIMES) - 1):
            kept.append(x)
    return counts, np.stack(kept)


def all_by_euler(points, jobs, chunk):
    x = np.repeat(points, len(BETAS), axis=0)
    beta = np.tile(BETAS, len(points))[:, None, None]
    parts = [slice(s, s + chunk) for s in range(0, len(x), chunk)]
    with ThreadPoolExecutor(jobs) as pool:
        done = list(pool.map(lambda part: euler(x[part], beta[part]), parts))
    counts = np.concatenate([c for c, _ in done])
    kept = np.concatenate([k for _, k in done], axis=1)
    return (
        counts.reshape(len(points), len(BETAS), -1),
        kept.reshape(2, len(points), len(BETAS), N, 2),
    )


def ours(runs, rtol, jobs):
    with ThreadPoolExecutor(jobs) as pool:
        return phase_diagram(
            d=2, n=N, betas=BETAS, times=TIMES, runs=runs, delta=DELTA, executor=pool, rtol=rtol
        )


def measured(function, *arguments):
    wall, cpu = time.perf_counter(), time.process_time()
    result = function(*arguments)
    return result, time.process_time() - cpu, time.perf_counter() - wall


def row(name, cpu, wall, counts, exact, points, exact_points):
    gap = np.mean(counts, axis=0) - np.mean(exact, axis=0)
    gap /= N * (N - 1) / 2
    far = np.abs(points - exact_points).max(axis=(-1, -2)).reshape(2, -1)
    return {
        "name": name,
        "cpu": cpu,
        "wall": wall,
        "error_t5": [float(np.quantile(far[0], q)) for q in (0.5, 0.9)],
        "error_t30": [float(np.quantile(far[1], q)) for q in (0.5, 0.9)],
        "rms_error_of_P": float(np.sqrt(np.mean(gap**2))),
        "largest_error_of_P": float(np.abs(gap).max()),
    }


def compare(runs, jobs):
    points = starts(runs)
    exact = ensemble(
        SA, points[:, None], t_eval=TIMES, rtol=1e-10, observe=ClosePairs(DELTA), beta=BETAS
    )
    exact_counts = np.moveaxis(exact.observed, 0, -1)
    shared = {"t_eval": [5.0, 30.0], "beta": BETAS}
    exact_points = ensemble(SA, points[:, None], rtol=1e-10, **shared).points
    rows = []
    for name, chunk in (("Euler, all at once", 10**9), ("Euler, in the cache", 64)):
        (counts, kept), cpu, wall = measured(all_by_euler, points, jobs, chunk)
        rows.append(row(name, cpu, wall, counts, exact_counts, kept, exact_points))
    for rtol in (1e-4, 1e-5, 1e-6, 1e-8):
        found, cpu, wall = measured(ours, runs, rtol, jobs)
        kept = ensemble(SA, points[:, None], rtol=rtol, **shared).points
        counts = found.counts.astype(np.int32)
        name = f"attnflow, rtol {rtol:.0e}"
        rows.append(row(name, cpu, wall, counts, exact_counts, kept, exact_points))
    return rows


def memory(runs, jobs):
    """Peak memory of the whole process after a diagram of many systems, in GB."""
    found = ours(runs, 1e-5, jobs)
    unit = 2**30 if sys.platform == "darwin" else 2**20  # bytes there, kilobytes elsewhere
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return {"systems": int(found.counts[..., 0].size), "peak_gb": peak}


def measure(quick=False, threads=2, runs=None):
    runs = runs or (16 if quick else 96)
    ours(1, 1e-5, 1)  # compile before the clock runs
    taken = None if quick else memory(1112, threads)  # first: the peak is of the whole process
    return {"runs": runs, "threads": threads, "memory": taken, "rows": compare(runs, threads)}


def text(report):
    rows = report["rows"]
    lines = [
        f"Figure 3, d = 2: {report['runs']} runs, {report['runs'] * len(BETAS)} systems, "
        f"threads = {report['threads']}",
        f"{'':<22} {'Euler / it, in processor time':>30}   |x - x_ref|, t = 5: {'P - P_ref:':>18}",
        f"{'':<22} {'all at once':>15} {'in the cache':>14}   {'median':>9} {'90%':>9} "
        f"{'rms':>9} {'max':>8}",
    ]
    for one in rows:
        ratios = [rows[k]["cpu"] / one["cpu"] for k in (0, 1)]
        lines.append(
            f"{one['name']:<22} {ratios[0]:15.1f} {ratios[1]:14.1f}   "
            f"{one['error_t5'][0]:9.1e} {one['error_t5'][1]:9.1e} "
            f"{one['rms_error_of_P']:9.1e} {one['largest_error_of_P']:8.1e}"
        )
    if report["memory"]:
        lines.append(
            f"{report['memory']['systems']} systems: peak memory of the process "
            f"{report['memory']['peak_gb']:.2f} GB"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    with one_thread():
        print(text(measure(runs=int(sys.argv[1]) if len(sys.argv) > 1 else None)))
