"""Collection: a module that exists for an extra is left out where the extra is not installed."""

import gc
import os
import signal
from importlib.util import find_spec

from attnflow.rooms import MODULES

# As the command does for the claims, before any test imports SymPy or NumPy.
os.environ.setdefault("SYMPY_CACHE_SIZE", "None")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A shell's background job ignores Ctrl-C, and what it starts does; tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_NUMBA = [
    "numerics/compiled_pulls.py",
    "numerics/coarsening/all_pairs.py",
    "numerics/coarsening/compiled.py",
    "numerics/coarsening/exponents.py",
    "numerics/coarsening/lists.py",
    "numerics/coarsening/march.py",
    "numerics/coarsening/neighbour_lists.py",
    "numerics/coarsening/split.py",
    "numerics/ensembles/compiled.py",
    "numerics/fused/compiled.py",
    "numerics/fused/compiled_intervals.py",
    "numerics/machine_code.py",
    "numerics/stepping/columns.py",
    "numerics/stepping/compiled.py",
    "numerics/stepping/kernels.py",
    "numerics/stepping/merging.py",
    "numerics/stepping/pull_kernels.py",
    "numerics/stepping/signature.py",
]


# Garbage is looked for seldom: modules, tests and what SymPy remembers are none.
gc.set_threshold(100_000, *gc.get_threshold()[1:])


def pytest_collection_finish() -> None:
    """Look for no garbage among modules and tests, which stay."""
    gc.collect()
    gc.freeze()


# Each puts the module of a room in its place, which an import finds and pytest's own doesn't.
_DOORS = [f"attnflow/{name}.py" for name in MODULES]

collect_ignore = [*_DOORS, *([] if find_spec("numba") else _NUMBA)]

pytest_plugins = ["pytester"]  # tests of what a user's own run of pytest shows
