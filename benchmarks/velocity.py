"""Time of one velocity evaluation of SA, as a ratio to the floor, and of variants, as one to SA.

The floor is two matrix products and n² exponentials with preallocated outputs, batched, on the
same arrays, timed in turns with the kernels: each round measures all of them and the median ratio
is shown; for `precise=True` the ratio to the same backend without it. Variants (lengths, masks) run
in turns with SA on the same backend. BLAS runs on one thread. No absolute time is a result and
nothing is asserted.
"""

import statistics
from functools import partial

from benchmarks.machine import backends, seconds

import numpy as np  # isort: skip

from numerics import compile_model, sphere
from theory import SA, Mask, Model, catalogue
from theory.atoms import RowSoftmax, Tangent
from theory.symbols import X, beta, m

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


def masked(mask):
    return Model(str(mask), Tangent(X, RowSoftmax(beta * X * X.T, m, mask=mask) * X))


# at these sizes, and the ratio to SA aimed at
VARIANTS = {
    "pre-LN": catalogue("pre-LN"),
    "peri-LN": catalogue("peri-LN"),
    "causal": catalogue("causal"),
    "strictly causal": masked(Mask.strictly_causal()),
    "band of 32": masked(Mask.band(32)),
}
SIZES, WITHIN = [(1024, 3), (4096, 64)], 1.5


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


def against_sa(size, rounds, threads):
    """Median over the rounds of each variant's time over SA's, by backend and name."""
    points = sphere.random_points(*size, 0)
    state = {"X": points, "r": np.ones((size[0], 1))}
    found = {}
    for backend in backends():
        bound = {"beta": BETA, "backend": backend, "threads": threads}
        fields = {name: compile_model(model, **bound) for name, model in VARIANTS.items()}
        calls = {"SA": partial(compile_model(SA, **bound).unchecked, points)}
        for name, field in fields.items():
            at = points if len(field.model.blocks) == 1 else state
            calls[name] = partial(field.unchecked, at)
        for call in calls.values():
            call()  # compiles
        repeats = max(1, int(0.02 / max(seconds(calls["SA"], 2), 1e-7)))
        times = {name: [] for name in fields}
        for _ in range(rounds):
            reference = seconds(calls["SA"], repeats)
            for name in fields:
                times[name].append(seconds(calls[name], repeats) / reference)
        found[backend] = {name: statistics.median(values) for name, values in times.items()}
    return found


def measure(quick=False, threads=1):
    rows = []
    for shape, aims in ROWS.items():
        reached = ratios(shape, 3 if quick else 9, threads)
        aimed = dict(zip(("numpy", "numba"), aims, strict=True))
        rows.append({"batch": shape[0], "n": shape[1], "d": shape[2],
                     "ratio": reached, "target": aimed})  # fmt: skip
    variants = [
        {"n": size[0], "d": size[1], "ratio": against_sa(size, 3 if quick else 9, threads)}
        for size in SIZES[: 1 if quick else None]
    ]
    return {"threads": threads, "rows": rows, "variants": variants, "target of variants": WITHIN}


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
    lines += ["", f"variants / SA of the same backend (target at n = 1024: {WITHIN})"]
    for row in report["variants"]:
        for backend, found in row["ratio"].items():
            ratios_ = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
            lines.append(f"  ({row['n']}, {row['d']}) {backend}: {ratios_}")
    return "\n".join(lines)
