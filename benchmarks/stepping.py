"""Adaptive steps against fixed Euler 0.1: work and the error that each reaches.

Both integrate SA from the same points on the same compiled field. The reference is `integrate` at
rtol 1e-12. "Equal work" is the loosest tolerance whose run takes no more evaluations of the
velocity than Euler did; its error is shown beside Euler's. A second table shows `integrate` beside
its peers.
"""

from benchmarks import peers
from benchmarks.machine import best

import numpy as np  # isort: skip

from numerics import compile_model, integrate, sphere
from theory import SA

STEP = 0.1
TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10)


def euler(field, points, t_end):
    """Fixed steps with projection, as public figure scripts take them."""
    x = points
    for _ in range(round(t_end / STEP)):
        x = x + STEP * field.unchecked(x)
        x = x / np.linalg.norm(x, axis=-1, keepdims=True)
    return x


def compare(n, d, beta, t_end, seeds):
    """Median over the seeds of errors, evaluations and times."""
    field = compile_model(SA, beta=beta)
    rows = []
    for seed in range(seeds):
        points = sphere.random_points(n, d, seed)
        exact = integrate(field, points, t_end, rtol=1e-12).points[-1]

        def error(x, exact=exact):
            return float(np.abs(x - exact).max())

        work = round(t_end / STEP)
        fitting = []
        for rtol in TOLERANCES:
            run = integrate(field, points, t_end, rtol=rtol)
            if run.n_evaluations <= work:
                fitting.append((error(run.points[-1]), run.n_evaluations, rtol))
        chosen = fitting[-1] if fitting else (np.nan, np.nan, TOLERANCES[0])
        tight = integrate(field, points, t_end, rtol=1e-6)
        rows.append(
            (
                error(euler(field, points, t_end)),
                *chosen[:2],
                error(tight.points[-1]),
                tight.n_evaluations,
                best(lambda p=points: euler(field, p, t_end), 2)
                / best(lambda p=points: integrate(field, p, t_end, rtol=1e-6), 2),
            )
        )
    middle = np.median(np.array(rows), axis=0)
    return {
        "n": n,
        "d": d,
        "beta": beta,
        "t": t_end,
        "seeds": seeds,
        "euler_evaluations": work,
        "euler_error": middle[0],
        "equal_work_error": middle[1],
        "equal_work_evaluations": middle[2],
        "error_at_1e-6": middle[3],
        "evaluations_at_1e-6": middle[4],
        "euler_time_over_adaptive": middle[5],
    }


def measure(quick=False, threads=1):
    seeds = 3 if quick else 11
    cases = [(32, 2, 1.0, 5.0), (32, 2, 4.0, 5.0), (32, 3, 4.0, 30.0), (32, 2, 9.0, 30.0)]
    rows = [compare(*case, seeds) for case in cases]
    return {"rows": rows, "peers": peers.measure(quick, threads)}


def text(report):
    lines = [
        "Euler 0.1 against integrate, SA, medians over random starts; errors max |x - x_ref|",
        "  n  d  beta    t   Euler: work  error   equal work: error   rtol 1e-6: work   error"
        "   time ratio",
    ]
    for row in report["rows"]:
        fits = np.isfinite(row["equal_work_error"])
        equal = f"{row['equal_work_error']:.0e}" if fits else "no run fits"
        lines.append(
            f"{row['n']:3d} {row['d']:2d} {row['beta']:5g} {row['t']:4g}   "
            f"{row['euler_evaluations']:11d} {row['euler_error']:6.0e}   "
            f"{equal:>17}   {row['evaluations_at_1e-6']:15.0f} "
            f"{row['error_at_1e-6']:7.0e}   {row['euler_time_over_adaptive']:10.2f}"
        )
    return "\n".join([*lines, peers.text(report["peers"])])
