"""What every benchmark shares: one BLAS thread, the clock, and the name of the processor.

Import this before NumPy, so that the limit on threads is read.
"""

import contextlib
import importlib
import os
import platform
import time
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")


def one_thread():
    """Hold BLAS at one thread, also when NumPy was imported before."""
    try:
        return importlib.import_module("threadpoolctl").threadpool_limits(1)
    except ImportError:
        return contextlib.nullcontext()


def processor():
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def machine():
    """Where the ratios were measured."""
    versions = {}
    for name in ("numpy", "numba", "finufft"):
        with contextlib.suppress(ImportError):
            versions[name] = importlib.import_module(name).__version__
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "blas_threads": int(os.environ["OPENBLAS_NUM_THREADS"]),
        "python": platform.python_version(),
        **versions,
    }


def seconds(function, repeats=1):
    """Wall time of one call, over several."""
    start = time.perf_counter()
    for _ in range(repeats):
        function()
    return (time.perf_counter() - start) / repeats


def best(function, rounds=3):
    """Shortest of several calls: what the machine does when nothing else disturbs it."""
    return min(seconds(function) for _ in range(rounds))


def backends():
    try:
        importlib.import_module("numba")
    except ImportError:
        return ("numpy",)
    return ("numpy", "numba")
