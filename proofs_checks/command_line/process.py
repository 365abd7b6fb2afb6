"""What the command asks of its own process while it runs, and puts back: a library never does."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

YOUNG = 100_000
"""Objects made before garbage is looked for, in place of Python's 700."""


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look for garbage seldom: what SymPy remembers isn't any, and is looked at each time."""
    before = gc.get_threshold()
    raised = 0 < before[0] < YOUNG
    if raised:
        gc.set_threshold(YOUNG, *before[1:])
    try:
        yield
    finally:
        if raised:
            gc.set_threshold(*before)


ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")}
"""For NumPy: the claims' matrices are small, and threads that wait for one another by spinning took
more time than the products did."""

LONG_MEMORY = {"SYMPY_CACHE_SIZE": "None"}
"""For SymPy, which remembers 1 000 results: too few for proofs, which take a quarter more time."""


@contextmanager
def environment_of(module: str, values: Mapping[str, str]) -> Iterator[None]:
    """Set what a module reads when it is imported, if it isn't yet; what the user set stays."""
    ours = {} if module in sys.modules else {k: values[k] for k in values if k not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            del os.environ[name]
