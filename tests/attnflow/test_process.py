"""The user's process is as it was: before an import of ours, and after what we are asked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import attnflow as af

ROOT = Path(af.__file__).parents[1]

STATE = """
import gc, os, signal, sys, warnings

def state():
    '''What a process shares with everybody who works in it.'''
    found = {
        "meta_path": list(sys.meta_path),
        "path_hooks": list(sys.path_hooks),
        "excepthook": sys.excepthook,
        "recursion": sys.getrecursionlimit(),
        "thresholds": gc.get_threshold(),
        "frozen": gc.get_freeze_count(),
        "collects": gc.isenabled(),
        "environment": dict(os.environ),
        "interrupt": signal.getsignal(signal.SIGINT),
        "showwarning": warnings.showwarning,
    }
    if "numpy" in sys.modules:
        found["errors"] = sys.modules["numpy"].geterr()
        found["printing"] = sys.modules["numpy"].get_printoptions()
    return found
"""

LIBRARIES = """
import numpy, sympy, networkx, mpmath, scipy.sparse, scipy.special
filters = list(warnings.filters)  # theirs, put there by their imports
"""

WORK = """
points = af.sphere.random_points(5, 3, rng=0)
af.coarsen(points, beta=9.0)
af.integrate(af.SA, points, 1.0, beta=2.0)
assert not any(report.complaints for report in af.verify("(3.6)"))
assert af.check_model(af.USA, only="(3.6)").holds("(3.6)")
"""

COMMAND = """
from attnflow.__main__ import main
assert main(["verify", "(3.6)"]) == 0
assert main(["check", "--model", "USA", "--label", "(3.6)"]) == 0
"""


def run(code, *prelude):
    """Run code in a process that hasn't imported us."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    found = subprocess.run(
        [sys.executable, "-c", "".join((STATE, *prelude, code))],
        env={**kept, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


def test_to_import_us_changes_nothing():
    run("before = state(); import attnflow as af, theory; af.SA; assert state() == before")


@pytest.mark.slow
@pytest.mark.parametrize("work", [WORK, COMMAND], ids=["names", "command"])
def test_to_ask_us_changes_nothing(work):
    check = "after = state(); assert after == before, [k for k in after if after[k] != before[k]]\n"
    run(
        f"before = state()\nimport attnflow as af\n{work}\n{check}"
        "assert list(warnings.filters) == filters\n",
        LIBRARIES,
    )


@pytest.mark.slow
def test_the_memory_of_sympy_is_as_sympy_has_it():
    size = "import sympy; print(sympy.core.cache.SYMPY_CACHE_SIZE)"
    assert run(f"import proofs_checks, attnflow as af; af.SA; {size}") == run(size)


@pytest.mark.slow
@pytest.mark.extras
def test_compiled_functions_of_a_user_keep_their_class():
    pytest.importorskip("numba")
    code = """
import numba
from numba.core.registry import cpu_target

def library(function):
    function(1.5)
    return {type(each.library) for each in function.overloads.values()}

kept = cpu_target.target_context.codegen()._library_class
before = numba.njit(lambda a: 2 * a)
first = library(before)
import attnflow as af
af.coarsen(af.sphere.random_points(5, 3, rng=0), beta=9.0)
after = numba.njit(lambda a: 3 * a)
assert first == library(after) == {kept}
assert cpu_target.target_context.codegen()._library_class is kept
from numerics.machine_code import exponential
assert kept not in library(exponential), "ours have their own"
"""
    run(code)
