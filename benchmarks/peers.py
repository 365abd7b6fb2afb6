"""Work and precision of `integrate` beside SciPy's DOP853 and LSODA, and diffrax where it is.

All of them integrate SA at β = 4 from the same points; SciPy calls the same compiled field, diffrax
(group ``benchmarks``) its own jitted one. Errors are max |x − x_ref| against DOP853 at rtol 1e-13.
A time is a ratio to DOP853's at the same rtol in the same run, warm.
"""

from benchmarks.machine import best

import importlib  # isort: skip

import numpy as np
from scipy.integrate import solve_ivp

from numerics import compile_model, integrate, sphere
from theory import SA

BETA, T_END = 4.0, 5.0
SIZES = (8, 32, 128, 512)
TOLERANCES = (1e-4, 1e-6, 1e-8, 1e-10)


def scipy_runner(field, points, method):
    def rhs(_, flat):
        return field.unchecked(flat.reshape(points.shape)).reshape(-1)

    def run(rtol):
        found = solve_ivp(rhs, (0.0, T_END), points.reshape(-1), method, rtol=rtol, atol=rtol)
        return found.y[:, -1].reshape(points.shape)

    return run


def diffrax_runner(points):
    """Dormand–Prince 8(7) in double precision, compiled once a shape; None without diffrax."""
    try:
        jax, diffrax = importlib.import_module("jax"), importlib.import_module("diffrax")
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    np_ = jax.numpy

    def velocity(_, x, __):
        pull = jax.nn.softmax(BETA * x @ x.T, axis=1) @ x
        return pull - np_.sum(pull * x, axis=1, keepdims=True) * x

    @jax.jit
    def solve(x, rtol):
        controller = diffrax.PIDController(rtol=rtol, atol=rtol)
        return diffrax.diffeqsolve(
            diffrax.ODETerm(velocity), diffrax.Dopri8(), 0.0, T_END, None, x,
            saveat=diffrax.SaveAt(t1=True), stepsize_controller=controller, max_steps=100_000,
        ).ys[0]  # fmt: skip

    start = np_.asarray(points)
    return lambda rtol: np.asarray(solve(start, rtol))


def runners(n, d, threads):
    """The points, and what takes a tolerance to the points at the end, by name."""
    field = compile_model(SA, beta=BETA, threads=threads)
    points = sphere.random_points(n, d, 0)
    found = {
        "integrate": lambda rtol: integrate(field, points, T_END, rtol=rtol).points[-1],
        "DOP853": scipy_runner(field, points, "DOP853"),
        "LSODA": scipy_runner(field, points, "LSODA"),
        "diffrax": diffrax_runner(points),
    }
    return {name: run for name, run in found.items() if run}


def compare(n, d, tolerances, rounds, threads):
    found = runners(n, d, threads)
    exact = found["DOP853"](1e-13)
    rows = []
    for rtol in tolerances:
        errors, times = {}, {}
        for name, run in found.items():
            errors[name] = float(np.abs(run(rtol) - exact).max())  # compiles as well
            times[name] = best(lambda run=run, rtol=rtol: run(rtol), rounds)
        ratios = {name: time / times["DOP853"] for name, time in times.items()}
        rows.append({"n": n, "d": d, "rtol": rtol, "error": errors, "ratio": ratios})
    return rows


def measure(quick=False, threads=1):
    tolerances = TOLERANCES[1:3] if quick else TOLERANCES
    return [
        row
        for d in (2, 3)
        for n in (SIZES[:3] if quick else SIZES)
        for row in compare(n, d, tolerances, 3 if quick else 7, threads)
    ]


def text(rows):
    names = list(rows[0]["ratio"])
    lines = [
        f"SA, beta = {BETA:g}, to t = {T_END:g}: time over DOP853's, and the error",
        "  n  d   rtol  " + "".join(f"{name:>18}" for name in names),
    ]
    for row in rows:
        cells = (f"{row['ratio'][name]:9.2f} {row['error'][name]:8.0e}" for name in names)
        lines.append(f"{row['n']:3d} {row['d']:2d} {row['rtol']:6.0e}  " + "".join(cells))
    if "diffrax" not in names:
        lines.append("diffrax is not installed (pip install --group benchmarks)")
    return "\n".join(lines)
