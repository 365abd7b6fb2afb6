"""Time of one velocity evaluation of SA, as a ratio to the floor, for both backends.

The floor is two matrix products and n² exponentials with preallocated outputs, batched, on the
same arrays, timed in turns with the kernels: each round measures all of them and the median ratio
is shown; for `precise=True` the ratio to the same backend without it. BLAS runs on one thread. No
absolute time is a result and nothing is asserted.
"""

import statistics

from benchmarks.machine import backends, seconds

import numpy as np  # isort: skip

from numerics import compile_model, sphere
from theory import SA

# (batch, n, d) and the ratios aimed at with NumPy and with numba
ROWS = {
    (1, 64, 3): (2.5, 0.9),
    (1, 1024, 3): (0.55, 0.5),
    (1, 4096, 64): (0.9, 0.9),
    (1, 10000, 2): (0.4, 0.4),
    (2048, 32, 2): (2.0, 1.2),
    (256, 32, 512): (2.0, 1.0),
}
BETA = 4.0


def floor(points):
    """Two products and n² exponentials into buffers made once."""
    size = points.shape[-2]
    scores = np.empty((*points.shape[:-2], size, size))
    out = np.empty_like(points)
    scaled = BETA * points

    def run():
        np.matmul(scaled, points.mT, out=scores)
        np.exp(scores, out=scores)
        np.matmul(scores, points, out=out)

    return run


def ratios(shape, rounds, threads):
    """Median over the rounds of each backend's time over the floor's, and of `precise` over it."""
    batch, n, d = shape
    points = sphere.random_points(n, d, 0, batch=(batch,) if batch > 1 else ())
    base = floor(points)
    functions = {}
    for name in backends():
        field = compile_model(SA, beta=BETA, backend=name, threads=threads)
        functions[name] = lambda field=field: field.unchecked(points)
        precise = compile_model(SA, beta=BETA, backend=name, threads=threads, precise=True)
        functions[f"precise {name}"] = lambda field=precise: field.unchecked(points)
    for function in functions.values():
        function()  # compiles
    once = seconds(base)
    repeats = max(1, int(0.02 / max(seconds(base, 2), 1e-7))) if once < 0.1 else 1
    found = {name: [] for name in functions}
    for _ in range(rounds):
        reference = seconds(base, repeats)
        for name, function in functions.items():
            found[name].append(seconds(function, repeats) / reference)
    for name in backends():
        slow, fast = found[f"precise {name}"], found[name]
        found[f"precise {name}"] = [a / b for a, b in zip(slow, fast, strict=True)]
    return {name: statistics.median(values) for name, values in found.items()}


def measure(quick=False, threads=1):
    rows = []
    for shape, aims in ROWS.items():
        reached = ratios(shape, 3 if quick else 9, threads)
        aimed = dict(zip(("numpy", "numba"), aims, strict=True))
        rows.append({"batch": shape[0], "n": shape[1], "d": shape[2],
                     "ratio": reached, "target": aimed})  # fmt: skip
    return {"threads": threads, "rows": rows}


def text(report):
    lines = [
        f"velocity of SA / floor, threads = {report['threads']} (targets are for one)",
        f"{'(batch, n, d)':>18}  {'numpy (target)':>16}  {'numba (target)':>16}"
        f"  {'precise / numpy':>16}  {'precise / numba':>16}",
    ]
    for row in report["rows"]:
        cells = [
            f"{row['ratio'][name]:6.2f} ({row['target'][name]:.2f})"
            if name in row["ratio"]
            else "not installed"
            for name in ("numpy", "numba")
        ]
        cells += [
            f"{row['ratio'][name]:16.2f}" if name in row["ratio"] else "not installed"
            for name in ("precise numpy", "precise numba")
        ]
        shape = f"({row['batch']}, {row['n']}, {row['d']})"
        lines.append(f"{shape:>18}  {cells[0]:>16}  {cells[1]:>16}  {cells[2]:>16}  {cells[3]:>16}")
    return "\n".join(lines)
