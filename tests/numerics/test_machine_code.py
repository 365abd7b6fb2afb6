"""The exponential of the compiled loops, to two ulp; the bits and the cache of machine code."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from numerics.fused import load_numba

pytestmark = pytest.mark.extras


def test_the_polynomial_is_the_exponential_to_two_ulp():
    pytest.importorskip("numba")
    loops = load_numba()
    a = np.concatenate([np.linspace(-745.0, 0.0, 400_001), np.linspace(0.0, 708.0, 100_001)])
    a = np.concatenate([a, -np.logspace(-320, 0, 10_001)])
    expected = np.exp(a)
    computed = a.copy()
    loops.exponentials(computed)
    kept = a >= -708.0
    assert np.all(np.abs(computed - expected)[kept] <= 2 * np.spacing(expected[kept]))
    assert np.all(computed[~kept] == 0)


BITS = """
import sys
import numpy as np
from numerics import coarsen, compile_model, integrate, phase_diagram, sphere
from theory import SA, USA

def run(name):
    if name == "coarsen":
        result = coarsen(sphere.random_points(8, 3, rng=2), beta=20.0)
        return result.log_times, result.energies
    if name == "ensemble":
        times = np.array([1.0, 5.0])
        return phase_diagram(d=3, n=12, betas=[4.0], times=times, runs=16, rng=0).probability,
    out = []
    for model in (SA, USA):
        field = compile_model(model, beta=4.0, backend="numba")
        for n, d in ((20, 3), (12, 8)):
            trajectory = integrate(field, sphere.random_points(n, d, rng=1), 5.0)
            out += [trajectory.times, trajectory.points, trajectory.energy]
    return out

bits = {name: [x.tobytes().hex() for x in run(name)] for name in sys.argv[1:]}
print(sorted(bits.items()))
"""


@pytest.mark.full
def test_the_process_that_compiles_and_those_that_load_in_any_order_have_the_same_bits(tmp_path):
    pytest.importorskip("numba")

    def bits(*names):
        command = [sys.executable, "-c", BITS, *names]
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        return subprocess.run(command, env=environment, check=True, capture_output=True).stdout

    compiled = bits("integrate", "coarsen", "ensemble")
    assert bits("integrate", "coarsen", "ensemble") == compiled
    assert bits("ensemble", "coarsen", "integrate") == compiled


def _numba_functions(constant="SHIFT = 1.0", options="", callee="x + SHIFT"):
    """Two compiled functions, the second calls the first one, as they come from a file's text."""
    names = {}
    text = f"""
from numerics.machine_code import jit
{constant}
def first(x): return {callee}
first = jit(first{options})
def second(x): return 2.0 * first(x)
"""
    exec(text, names)
    return names["second"]


def test_code_is_compiled_anew_when_anything_changes_that_it_calls():
    digest = pytest.importorskip("numerics.machine_code")._digest
    same = digest(_numba_functions())
    assert digest(_numba_functions()) == same
    others = [
        {"constant": "SHIFT = 2.0"},
        {"callee": "x - SHIFT"},
        {"options": ", fastmath={'contract'}"},
    ]
    digests = {digest(_numba_functions(**other)) for other in others}
    assert len(digests) == 3 and same not in digests


def test_machine_code_that_is_being_loaded_comes_whole(monkeypatch):
    """LLVM calls Python for code that it has; what is raised there is lost, and so is the code."""
    pytest.importorskip("numba")
    from numba.core.registry import cpu_target

    from numerics.machine_code import jit

    engine = cpu_target.target_context.codegen()._engine._ee
    answer, asked = engine._object_cache_getbuffer, []

    def interrupted(module):
        asked.append(module)
        signal.raise_signal(signal.SIGINT)
        return answer(module)

    def twice(a):
        return 2.0 * a

    compiled = jit(twice)
    with monkeypatch.context() as patch:
        patch.setattr(engine, "_object_cache_getbuffer", interrupted)
        with pytest.raises(KeyboardInterrupt):
            compiled(1.5)
    assert asked and compiled(1.5) == 3.0
