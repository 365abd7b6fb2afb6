"""Fast sums of SA at β = 10 against the fused kernels, and a million tokens on the circle.

Measured exponents of time against n; ratios of direct to fast, the direct time at large n
extrapolated by n² from the largest n measured; the break-even. At the end SA is integrated to
t = 5 by fast sums, and E(5) − E(0) compared with the integral of ``Σ m_i Z_i |x_i'|²`` over time.
"""

from benchmarks.machine import best

import resource  # isort: skip

import numpy as np

from numerics import compile_model, integrate, sphere
from numerics.fastsum import break_even, fast_field
from theory import SA

BETA = 10.0
DIRECT = (1000, 2000, 4000, 8000, 16_000)
FAST = (1000, 10_000, 100_000, 1_000_000)
GRID = (8000, 5700, 4000, 2800, 2000, 1400, 1000, 700, 500, 350, 250)


def clock(field, n, d):
    points = sphere.random_points(n, d, 0)
    field.unchecked(points)  # compiles, fills the tables
    return best(lambda: field.unchecked(points))


def exponent(times):
    """Slope of log time against log n over the upper half of the sizes."""
    sizes = sorted(times)[(len(times) - 1) // 2 :]
    return float(np.polyfit(np.log(sizes), np.log([times[n] for n in sizes]), 1)[0])


def ways(d):
    try:
        __import__("finufft")
    except ImportError:
        return ("numpy",) if d == 2 else ()
    return ("numpy", "finufft") if d == 2 else ("finufft",)


def growth(d, quick, threads):
    """Exponents, and the ratio of direct to fast at each n."""
    direct = compile_model(SA, beta=BETA, threads=threads)
    slow = {n: clock(direct, n, d) for n in (DIRECT[:-1] if quick else DIRECT)}
    largest = max(slow)
    rows = [{"d": d, "who": "direct", "exponent": exponent(slow), "ratio": {}, "error": None}]
    points = sphere.random_points(2000, d, 1)
    for who in ways(d):
        fast = fast_field(SA, beta=BETA, backend=who, threads=threads)
        times = {n: clock(fast, n, d) for n in (FAST[:-1] if quick else FAST)}
        ratio = {
            n: slow.get(n, slow[largest] * (n / largest) ** 2) / time for n, time in times.items()
        }
        error = float(np.max(np.abs(fast(points) - direct(points))))
        rows.append(
            {"d": d, "who": who, "exponent": exponent(times), "ratio": ratio, "error": error}
        )
    return rows


def crossing(d, beta, threads):
    """Smallest n of a grid down to which the fast sum is quicker, and where it is put to use."""
    direct = compile_model(SA, beta=beta, threads=threads)
    fast = fast_field(SA, beta=beta, threads=threads)
    found = None
    for n in GRID:
        if clock(fast, n, d) > clock(direct, n, d):
            break
        found = n
    modes = fast.modes()
    used = break_even(d, modes)
    return {"d": d, "beta": beta, "modes": modes, "measured": found, "used": used}


def identity(n, threads, panels=5, order=10):
    """Energy gained to t = 5 against the integral of the dissipation, by Gauss–Legendre panels.

    The start is random, denser about three points, so that clusters form: a uniform one of a
    million tokens hardly moves before t = 5.
    """
    nodes, weights = np.polynomial.legendre.leggauss(order)
    width = 5.0 / panels
    times = np.concatenate([(k + (nodes + 1) / 2) * width for k in range(panels)])
    field = fast_field(SA, beta=BETA, threads=threads, tolerance=1e-11)
    angles = np.random.default_rng(0).uniform(0.0, 2 * np.pi, n)
    angles -= 0.25 * np.sin(3 * angles)
    start = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    trajectory = integrate(field, start, 5.0, t_eval=[0.0, *times, 5.0], rtol=1e-9)
    rates = []
    for x in trajectory.points[1:-1]:
        sums, log_scale = field.row_sums(x)
        speed = np.sum(field.unchecked(x) ** 2, axis=1)
        rates.append(float(np.exp(log_scale) * np.mean(sums * speed)))
    integral = float(np.tile(weights, panels) @ rates) * width / 2
    first, last = field.energy(trajectory.points[[0, -1]])
    return {
        "n": n,
        "sums": trajectory.sums,
        "status": trajectory.status.name,
        "steps": trajectory.n_steps,
        "evaluations": trajectory.n_evaluations,
        "energy": [float(first), float(last)],
        "relative_defect": float(abs(integral - (last - first)) / abs(last - first)),
        "peak_memory_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def measure(quick=False, threads=1):
    return {
        "growth": [row for d in (2, 3) for row in growth(d, quick, threads)],
        "break_even": [
            crossing(d, beta, threads)
            for d in (2, 3)
            for beta in (1.0, 10.0, 100.0, 1000.0)
            if ways(d)
        ],
        "integration": identity(FAST[-2 if quick else -1], threads),
    }


def text(report):
    lines = ["fast sums of SA at beta = 10: time as n^a, and direct time / fast time"]
    for row in report["growth"]:
        cells = ", ".join(f"{n}: {ratio:.3g}" for n, ratio in row["ratio"].items())
        error = "" if row["error"] is None else f"  error {row['error']:.0e}"
        lines.append(f"  d={row['d']} {row['who']:8} a = {row['exponent']:.2f}  {cells}{error}")
    lines.append("quicker from n = (and put to use from)")
    for row in report["break_even"]:
        lines.append(
            f"  d={row['d']} beta={row['beta']:<5g} {row['modes']:4d} modes: "
            f"{row['measured'] or f'not at {GRID[0]}'} ({row['used']})"
        )
    row = report["integration"]
    lines.append(
        f"circle, n = {row['n']}, to t = 5: {row['status']}, {row['sums']} sums, "
        f"{row['steps']} steps, {row['evaluations']} evaluations,\n"
        f"  E(5) - E(0) against the dissipation: {row['relative_defect']:.1e}; "
        f"peak memory {row['peak_memory_gb']:.1f} GB"
    )
    return "\n".join(lines)
