"""Adaptive steps against fixed Euler 0.1, and against the solvers of SciPy and diffrax.

Both integrate SA from the same points on the same compiled field. The reference is `integrate` at
rtol 1e-12. "Equal work" is the loosest tolerance whose run takes no more evaluations of the
velocity than Euler did; its error is shown beside Euler's.

Work and precision: the same flow, from the same points, on the same kernel, by `integrate`, by
DOP853 and LSODA of `scipy.integrate.solve_ivp`, and by Dopri8 of diffrax where it is installed,
each at several tolerances: the error it reaches, its evaluations, its time over that of `integrate`
at the same tolerance.
"""

from benchmarks.machine import backends, best

import importlib  # isort: skip
import importlib.util

import numpy as np
from scipy.integrate import solve_ivp

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


def rows_of(flat, shape):
    """Unit rows of a flat state, for solvers that know no sphere."""
    x = flat.reshape(shape)
    return x / np.sqrt(np.vecdot(x, x))[..., None]


def by_scipy(method, field, points, t_end, rtol):
    """A run of SciPy: its end, evaluations."""

    def rhs(t, flat):
        return field.unchecked(rows_of(flat, points.shape)).reshape(-1)

    span = (0.0, t_end)
    run = solve_ivp(rhs, span, points.reshape(-1), method=method, rtol=rtol, atol=rtol)
    return rows_of(run.y[:, -1], points.shape), run.nfev


def by_diffrax(field, points, t_end, rtol):
    """A run of diffrax, compiled at its first call: its end, attempts times stages."""
    diffrax, jax = importlib.import_module("diffrax"), importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)

    def rhs(t, y, args):
        return field.unchecked(y / jax.numpy.linalg.norm(y, axis=-1, keepdims=True))

    run = diffrax.diffeqsolve(
        diffrax.ODETerm(rhs), diffrax.Dopri8(), 0.0, t_end, None, jax.numpy.asarray(points),
        stepsize_controller=diffrax.PIDController(rtol=rtol, atol=rtol), max_steps=100_000,
    )  # fmt: skip
    return rows_of(np.asarray(run.ys[-1]), points.shape), 14 * int(run.stats["num_steps"])


def by_integrate(field, points, t_end, rtol):
    run = integrate(field, points, t_end, rtol=rtol)
    return run.points[-1], run.n_evaluations


def work_and_precision(n, d, beta, t_end, rounds):
    """Rows of every solver at every tolerance."""
    field = compile_model(SA, beta=beta, backend=backends()[-1])
    points = sphere.random_points(n, d, rng=0)
    exact = integrate(field, points, t_end, rtol=1e-13).points[-1]
    solvers = {
        "integrate": by_integrate,
        "DOP853": lambda *run: by_scipy("DOP853", *run),
        "LSODA": lambda *run: by_scipy("LSODA", *run),
    }
    if importlib.util.find_spec("diffrax"):
        solvers["diffrax"] = by_diffrax
    rows = []
    for rtol in (1e-4, 1e-6, 1e-8, 1e-10):
        unit = 0.0
        for name, solver in solvers.items():
            end, evaluations = solver(field, points, t_end, rtol)
            time = best(lambda s=solver, r=rtol: s(field, points, t_end, r), rounds)
            unit = unit or time
            error = float(np.abs(end - exact).max())
            rows.append(
                {"n": n, "d": d, "rtol": rtol, "solver": name, "error": error,
                 "evaluations": int(evaluations), "time_over_integrate": time / unit}
            )  # fmt: skip
    return rows


def measure(quick=False, threads=1):
    seeds = 3 if quick else 11
    cases = [(32, 2, 1.0, 5.0), (32, 2, 4.0, 5.0), (32, 3, 4.0, 30.0), (32, 2, 9.0, 30.0)]
    systems = [(32, 2), (32, 3)] if quick else [(32, 2), (32, 3), (512, 3)]
    work = [work_and_precision(n, d, 4.0, 10.0, 2 if n > 100 else 5) for n, d in systems]
    return {
        "rows": [compare(*case, seeds) for case in cases],
        "work": [row for rows in work for row in rows],
    }


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
    lines += ["", "  n  d    rtol  solver       error  evaluations  time over integrate"]
    for row in report["work"]:
        lines.append(
            f"{row['n']:3d} {row['d']:2d} {row['rtol']:7.0e}  {row['solver']:<9} "
            f"{row['error']:8.0e}  {row['evaluations']:11d}  {row['time_over_integrate']:19.2f}"
        )
    return "\n".join(lines)
