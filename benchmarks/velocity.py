"""Time of one velocity evaluation of SA, as a ratio to the floor, for both backends.

    python benchmarks/velocity.py [--json] [--rounds 9]

The floor is two matrix products and n² exponentials with preallocated outputs, batched, on the
same arrays, timed in turns with the kernels: each round measures all of them and the median ratio
is shown. BLAS runs on one thread. No absolute time is a result and nothing is asserted.
"""

import argparse
import contextlib
import importlib
import json
import os
import platform
import statistics
import time
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # read when NumPy is imported

import numpy as np  # noqa: E402

from numerics import compile_model, sphere  # noqa: E402
from theory import SA  # noqa: E402

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


def one_thread():
    """Hold BLAS at one thread, also when NumPy was imported before."""
    try:
        return importlib.import_module("threadpoolctl").threadpool_limits(1)
    except ImportError:
        return contextlib.nullcontext()


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


def seconds(function, repeats):
    start = time.perf_counter()
    for _ in range(repeats):
        function()
    return (time.perf_counter() - start) / repeats


def backends():
    try:
        importlib.import_module("numba")
    except ImportError:
        return ("numpy",)
    return ("numpy", "numba")


def measure(shape, rounds):
    """Median over the rounds of each backend's time over the floor's."""
    batch, n, d = shape
    points = sphere.random_points(n, d, 0, batch=(batch,) if batch > 1 else ())
    base = floor(points)
    functions = {}
    for name in backends():
        field = compile_model(SA, beta=BETA, backend=name)
        functions[name] = lambda field=field: field.unchecked(points)
        functions[name]()  # compiles
    once = seconds(base, 1)
    repeats = max(1, int(0.02 / max(seconds(base, 2), 1e-7))) if once < 0.1 else 1
    ratios = {name: [] for name in functions}
    for _ in range(rounds):
        reference = seconds(base, repeats)
        for name, function in functions.items():
            ratios[name].append(seconds(function, repeats) / reference)
    return {name: statistics.median(values) for name, values in ratios.items()}


def processor():
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--rounds", type=int, default=9, help="rounds a row (default 9)")
    options = parser.parse_args()
    rows = []
    with one_thread():
        for shape, aims in ROWS.items():
            reached = measure(shape, options.rounds)
            aimed = dict(zip(("numpy", "numba"), aims, strict=True))
            rows.append({"batch": shape[0], "n": shape[1], "d": shape[2],
                         "ratio": reached, "target": aimed})  # fmt: skip
    report = {"processor": processor(), "threads": 1, "numpy": np.__version__, "rows": rows}
    if options.json:
        print(json.dumps(report, indent=1))
        return
    print(f"velocity / floor, one thread, {report['processor']}")
    print(f"{'(batch, n, d)':>18}  {'numpy (target)':>16}  {'numba (target)':>16}")
    for row in rows:
        cells = [
            f"{row['ratio'][name]:6.2f} ({row['target'][name]:.2f})"
            if name in row["ratio"]
            else "not installed"
            for name in ("numpy", "numba")
        ]
        shape = f"({row['batch']}, {row['n']}, {row['d']})"
        print(f"{shape:>18}  {cells[0]:>16}  {cells[1]:>16}")


if __name__ == "__main__":
    main()
