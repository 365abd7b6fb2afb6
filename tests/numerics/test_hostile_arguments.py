"""Every public function of numerics, called with arguments of every wrong kind and size.

A call returns, or raises an error that says what was expected, what came, and what to do: never the
traceback of whatever the code below happens to stumble upon.
"""

from __future__ import annotations

import contextlib
import datetime
import decimal
import fractions
import importlib
import inspect
import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import numerics
from numerics import coarsen, compile_model, merge_tree, sphere
from numerics.sweeps import SweepError
from theory import PURE_ATTENTION, SA, USA, Noise, gradient_flow, interaction_energy
from theory.symbols import beta, z

POINTS = sphere.random_points(3, 2, rng=0)
ALIKE = sphere.project(POINTS + 4.0)  # in a small cap: consensus comes soon
ANTIPODES = np.array([[1.0, 0.0], [-1.0, 0.0]])
UNFUSED = gradient_flow(interaction_energy(beta * z + z**2 / 4), "no compiled loop")
FIELD = compile_model(SA, beta=1.0)
NOISY = replace(SA, noise=Noise(0.1))
RESULT = coarsen(ALIKE, beta=1.0, max_steps=200, backend="numpy")
STOPPED = coarsen(POINTS, beta=1.0, max_steps=2, backend="numpy")
TREE = merge_tree(RESULT)


@pytest.fixture(autouse=True, scope="module")
def no_compiling() -> Iterator[None]:
    """Let coarsening run in NumPy: compiling takes longer than all of these calls."""
    with pytest.MonkeyPatch.context() as patch:
        backends = importlib.import_module("numerics.coarsening.backends")
        patch.setattr(backends, "numba_works", lambda: False)
        yield


def constant(cell: Any, rng: np.random.Generator) -> dict[str, Any]:
    return {"value": 1.0}


@contextlib.contextmanager
def entered(**arguments: Any) -> Iterator[None]:
    with numerics.open_executor(**arguments):
        yield


def opened(**arguments: Any) -> None:
    """Open and close: a context manager checks nothing before it is entered."""
    with entered(**arguments):
        pass


# Arguments of a call that returns soon; one or more of them are replaced. What bounds the work
# (steps, runs, times) is small.
CALLS: dict[str, dict[str, Any]] = {
    "cluster_counts": {
        "n": 3, "d": 2, "beta": 1.0, "runs": 1, "log_times": [0.0, 0.5], "rng": 0, "model": SA,
        "executor": None, "rtol": 1e-4,
    },
    "cluster_persistence": {
        "beta": 1.0, "n": 3, "d": 2, "times": [0.0, 0.1], "runs": 1, "eps": 0.1, "rng": 0,
        "model": UNFUSED, "rtol": 1e-3, "jobs": 1,
    },
    "clusters_at": {"tree": TREE, "log_time": 0.0},
    "codes": {
        "n": 3, "d": 2, "beta": 1.0, "starts": 1, "rng": 0, "executor": None, "progress": False,
    },
    "coarsen": {
        "points": ALIKE, "beta": 1.0, "model": SA, "masses": None, "rtol": 1e-4, "log_t_end": None,
        "max_steps": 3, "check": False, "error_bars": True, "backend": "numpy", "flow": None,
        "watch": None,
    },
    "compare_with_forecast": {"result": RESULT},
    "compile_model": {
        "model": SA, "masses": None, "backend": "numpy", "threads": 1, "precise": False,
        "beta": 1.0,
    },
    "consensus_event": {"delta": 1e-3},
    "count_regimes": {
        "beta": 1.0, "spreads": [0.1], "n": 8, "runs": 2, "model": SA, "rng": 0, "progress": None,
    },
    "density_maxima": {"points": POINTS, "beta": 1.0},
    "ensemble": {
        "model": SA, "points": POINTS, "t_eval": [0.0, 0.1], "rtol": 1e-3, "observe": None,
        "masses": None, "backend": "numpy", "jobs": 1, "max_steps": 20, "beta": 1.0,
        "max_step": 0.05, "t_stops": [0.05],
    },
    "fast_field": {
        "model": SA, "masses": None, "tolerance": 1e-6, "backend": "auto", "threads": 1,
        "beta": 1.0,
    },
    "find_clusters": {"points": POINTS, "eps": 0.1},
    "hysteresis": {
        "model": USA, "beta": 1.0, "kappas": [0.5, 1.0], "n": 3, "d": 2, "time": 0.1, "dt": 0.05,
        "scheme": "weak2", "rng": 0, "out": None, "progress": None,
    },
    "ordered_branch": {"model": USA, "beta": 1.0, "d": 2, "kappa_least": 0.5},
    "stationary_states": {"model": USA, "kappa": 0.5, "beta": 1.0, "d": 2},
    "transition": {"model": USA, "beta": 1.0, "d": 2},
    "polish": {
        "model": SA.subs({beta: 1}),
        "points": ANTIPODES,
        "masses": [0.5, 0.5],
        "matrices": None,
        "within": 0.1,
    },
    "spectrum_at": {
        "model": SA.subs({beta: 1}),
        "points": ANTIPODES,
        "masses": [0.5, 0.5],
        "matrices": None,
        "counts": [1, 2],
    },
    "finite_size_front": {"betas": [1.0], "n": 3, "d": 4, "delta": 0.1, "model": SA},
    "forecast_merges": {"points": POINTS, "masses": None, "beta": 1.0, "model": SA},
    "gamma_front": {"betas": [1.0], "n": 3, "delta": 0.1, "model": SA},
    "grid": {"beta": [1.0, 2.0], "n": [1]},
    "hardmax": {
        "points": POINTS, "t_end": 0.1, "Q": np.eye(2), "K": np.eye(2), "V": np.eye(2),
        "reading": "filippov", "leave": None, "max_branches": 4,
    },
    "integrate": {
        "field": FIELD, "points": POINTS, "t_end": 0.1, "t_eval": None, "rtol": 1e-3, "atol": None,
        "events": None, "max_steps": 20, "t_start": 0.0, "log_t_end": None, "sums": "auto",
        "max_step": 0.05, "t_stops": [0.05],
    },
    "limit_shape": {
        "points": POINTS, "Q": np.eye(2), "K": np.eye(2), "V": np.eye(2), "beta": 1.0,
        "t_end": 0.2, "model": PURE_ATTENTION,
    },
    "linkage": {"tree": TREE, "top": None},
    "mean_field_distances": {
        "model": SA, "density": np.ones_like, "sizes": (2,), "t_end": 0.1, "runs": 1,
        "starts": "iid", "p": 2, "rng": 0, "limit": np.ones(4), "rtol": 1e-3, "progress": None,
        "beta": 1.0,
    },
    "mean_field": {
        "model": SA, "density": np.ones(16), "t_end": 0.1, "t_eval": None, "d": 2, "modes": 16,
        "rtol": 1e-3, "max_steps": 3, "report": None, "beta": 1.0,
    },
    "merge_tree": {"result": RESULT},
    "newick": {"tree": TREE},
    "noisy": {
        "model": NOISY, "points": POINTS, "t_end": 0.1, "dt": 0.05, "scheme": "euler", "rng": 0,
        "t_eval": None, "masses": None, "backend": "numpy", "max_steps": 20, "beta": 1.0,
    },
    "open_executor": {"jobs": 1, "scheduler": None, "timeout": 0.1},
    "order_parameter": {"points": POINTS, "masses": None},
    "oscillate": {
        "frequencies": [0.0, 1.0], "coupling": 1.0, "t_eval": [0.0, 0.1], "angles": None,
        "masses": None, "rng": 0, "rtol": 1e-3, "max_steps": 20,
    },
    "pair_law": {
        "model": USA, "n": 3, "t_end": 0.1, "closure": "kirkwood", "t_eval": None, "cells": 16,
        "max_steps": 20, "beta": 1.0,
    },
    "pair_samples": {
        "model": USA, "n": 2, "t_eval": [0.0, 0.1], "copies": 4, "rng": 0, "rtol": 1e-3,
        "start": None, "jobs": 1, "max_steps": 20, "beta": 1.0,
    },
    "phase_diagram": {
        "d": 2, "n": 3, "betas": [1.0], "times": [0.0, 0.1], "runs": 1, "delta": 0.1, "rng": 0,
        "model": None, "statistic": "pairs", "executor": None, "matrices": None, "rtol": 1e-3,
        "backend": "numpy", "out": None, "progress": False, "accept_changes": False,
    },
    "rescaled_run": {
        "points": POINTS, "Q": np.eye(2), "K": np.eye(2), "V": np.eye(2), "beta": 1.0,
        "t_end": 0.2, "to_rest": True, "model": PURE_ATTENTION,
    },
    "recognise": {"points": ANTIPODES},
    "quantile_frequencies": {"quantile": np.tan, "n": 3},
    "stationary_verdict": {"result": STOPPED},
    "sweep": {
        "function": constant, "cells": [{"a": 1}], "rng": 0, "out": None, "executor": None,
        "progress": False, "accept_changes": False,
    },
    "sweep_limit_shapes": {
        "values": ["identity"], "scores": ["identity"], "n": 3, "d": 2, "beta": 1.0, "runs": 1,
        "rng": 0, "out": None, "executor": None, "progress": False, "accept_changes": False,
        "model": PURE_ATTENTION,
    },
    "two_cluster_log_time": {
        "theta0": 1.0, "beta": 1.0, "m1": 0.5, "m2": 0.5, "model": SA, "theta1": None,
    },
    "wasserstein": {
        "a": POINTS, "b": ALIKE, "p": 2, "masses_a": None, "masses_b": None, "method": "exact",
        "slices": 4, "rng": 0,
    },
    "sphere.check_points": {"points": POINTS, "name": "points", "space": "sphere"},
    "sphere.exp_map": {"points": POINTS, "vectors": POINTS},
    "sphere.generator": {"rng": 0},
    "sphere.geodesic_distance": {"x": POINTS, "y": POINTS},
    "sphere.gram": {"points": POINTS},
    "sphere.log_map": {"x": POINTS, "y": POINTS},
    "sphere.pairwise_distances": {"points": POINTS},
    "sphere.project": {"points": POINTS},
    "sphere.random_points": {"n": 3, "d": 2, "rng": 0, "batch": ()},
    "sphere.seed_sequence": {"rng": 0},
    "sphere.tangent": {"points": POINTS, "vectors": POINTS},
    "MATRICES": {"rng": 0, "d": 2},
    "ClosePairs": {"delta": 0.1},
    "Grid": {"axes": (("a", (1,)),)},
}  # fmt: skip

NOT_CALLED = {
    "ArrayPrinter", "ClusterCounts", "ClusterPersistence", "Clusters", "CountRegimes",
    "CoarsenStatus",
    "Coarsening", "Convergence", "Ensemble", "EnsembleStatus", "Event", "FastField",
    "FunctionField", "IntegrationStatus", "Merge", "PhaseDiagram", "StateTrajectory", "SweepError",
    "SweepResult", "SystemField", "Trajectory", "VelocityField", "sphere",
    "EventKind", "Hardmax", "HardmaxBranch", "HardmaxEvent", "HardmaxStatus",
    "Agreement", "MeanField", "MeanFieldStatus",
    "Branch", "Hysteresis", "NoisyRun", "NoisyStatus", "StationaryState", "Transition",
    "LimitShape", "LimitStatus", "RescaledRun", "Shape", "ShapeSweep",
    "Codes", "CodesStatus", "NotRecognised", "Recognised",
    "Oscillation", "OscillationStatus", "PairLaw", "PairSamples", "PairStatus",
    "load",  # its files, and all that aren't, are in records/test_files.py
}  # fmt: skip
"""What results, fields and errors are made of is no entry point; the module has its own calls."""


def target(name: str) -> Callable[..., Any]:
    if name == "open_executor":
        return opened
    if name == "MATRICES":
        return numerics.MATRICES["a"]
    owner, _, function = name.rpartition(".")
    return getattr(sphere if owner else numerics, function)


class Odd:
    """Of no kind that anyone expects."""

    def __repr__(self) -> str:
        return "<odd>"


HOSTILE: list[Any] = [
    None, True, False, 0, -1, 1, 2, 10**18, -(10**18), 10**400, -(10**400), 0.0, -0.0, 0.5, 1.5,
    -1.5, 1e-320, 1e-12, 1e17, 1e150, 1e300, -1e300, math.nan, math.inf, -math.inf, 1j,
    complex(math.nan, 0), "", "1", "numpy", "numba", "nan", "β", b"1", [], [[]], [[], []], (), {},
    {"a": 1}, set(), [1, [2, 3]], [1], [1.0, 2.0], [0.5, 0.25, 0.25], [[1.0, 0.0]],
    [[1.0, 0.0], [0.0, 1.0]], [[1, 0], [1, 0], [1, 0]], [[1, 0], [-1, 0], [0, 1]], [None], ["a"],
    [[None, 1.0]], [math.nan], [math.inf, 1.0], [1e300, 1e300, 1e300], [1e-320, 1e-320, 1e-320],
    [1e300, 1e-300, 1.0], [10**400], [[math.nan, 1.0]], [[0.0, 0.0]], [True, False, True],
    np.array(1.0), np.array(1), np.array(None), np.array("a"), np.array([]), np.zeros((0, 2)),
    np.zeros((3, 0)), np.zeros((2, 0, 2)), np.ones(3), np.ones((3, 2)), np.ones((2, 3, 2)),
    np.full((3, 2), np.nan), np.full((3, 2), 1e300), np.full((3, 2), 1e-320), np.eye(3),
    np.ones((3, 2), dtype=complex), np.ones((3, 2), dtype=object), np.ones((3, 2), dtype=bool),
    np.ones((3, 2), dtype="U1"), np.array(["2020-01-01"], dtype="M8[D]"), np.ones((1,) * 20),
    np.ma.masked_array([[1.0, 0.0]], mask=[[True, False]]), np.float64(2.0), np.float32(0.5),
    np.int64(2), np.bool_(True), np.float64("nan"), np.longdouble(2.0), range(3), range(0),
    slice(3), Odd(), Odd, object, print, len, math.sin, lambda *_: None, lambda *_: 1.0,
    lambda *_: [], SA, USA, FIELD, RESULT, STOPPED, TREE, POINTS, ALIKE, np.random.default_rng(0),
    np.random.SeedSequence(0), np.random.RandomState(0), decimal.Decimal("1.5"),
    fractions.Fraction(1, 3), datetime.timedelta(1), NotImplemented, ..., iter([1.0]),
    {"beta": [1.0]}, [{"a": 1}], [{1: 1}], [{"a": Odd()}], numerics.consensus_event(0.1), [print],
    [None, print], "pairs", "all", "direct", "fast", "euclidean", "mpi", "tcp://", "finufft",
]  # fmt: skip

TOO_MUCH = {
    ("open_executor", "scheduler"): {"mpi"},  # starts MPI where it is installed
    ("open_executor", "jobs"): {2},  # starts processes: two seconds a call
    ("codes", "progress"): {True},  # draws a bar
    ("phase_diagram", "progress"): {True},
    ("sweep", "progress"): {True},
    ("sweep_limit_shapes", "progress"): {True},
    ("sweep_limit_shapes", "values"): {None},  # all of them
    ("sweep_limit_shapes", "scores"): {None},
}
"""Legal arguments that cost more than they teach here."""

FURTHER_ERRORS = (OverflowError, ArithmeticError, ModuleNotFoundError, ConnectionError, SweepError)
"""What some functions document beside TypeError and ValueError."""


def test_every_function_is_called() -> None:
    own = {
        f"sphere.{name}"
        for name, value in vars(sphere).items()
        if inspect.isfunction(value) and value.__module__ == sphere.__name__ and name[0] != "_"
    }
    assert set(CALLS) == (set(numerics.__all__) | own) - NOT_CALLED


@pytest.mark.every(3)
@pytest.mark.parametrize("name", CALLS)
def test_every_argument_is_there(name: str) -> None:
    if name not in ("grid", "MATRICES", "open_executor"):
        known = inspect.signature(target(name)).parameters
        named = {k for k, p in known.items() if p.kind is not inspect.Parameter.VAR_KEYWORD}
        assert named <= set(CALLS[name])
    with contextlib.suppress(ValueError):  # the one that has no equilibrium
        target(name)(**CALLS[name])


def is_ours(error: BaseException) -> bool:
    text = str(error)
    kinds = (TypeError, ValueError, *FURTHER_ERRORS)
    absent = isinstance(error, ModuleNotFoundError | ConnectionError)
    said = "but got" in text or absent
    return isinstance(error, kinds) and text.startswith("Expected") and said


def attempt(name: str, replaced: dict[str, Any]) -> None:
    function = target(name)
    with warnings.catch_warnings():
        # numbers may overflow on the way to an error; what is said of them is no traceback
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            function(**{**CALLS[name], **replaced})
        except Exception as error:
            assert is_ours(error), f"{name}({replaced}): {type(error).__name__}: {error}"


def legal(name: str, argument: str, value: Any) -> bool:
    try:
        return value not in TOO_MUCH.get((name, argument), ())
    except (TypeError, ValueError):
        return True


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    name = draw(st.sampled_from(sorted(CALLS)))
    arguments = list(CALLS[name])
    chosen = draw(st.lists(st.sampled_from(arguments), min_size=1, max_size=3, unique=True))
    # Whole numbers between would be honest work, or honest memory.
    whole = st.integers(-12, 12) | st.integers(min_value=10**13) | st.integers(max_value=-(10**13))
    number = st.floats() | whole
    nested = st.lists(st.lists(number, max_size=3), max_size=3)
    value = st.one_of(
        st.sampled_from(HOSTILE),
        st.sampled_from(HOSTILE),
        number,
        st.lists(number, max_size=4),
        nested,
        st.text(max_size=4),
    )
    replaced = {argument: draw(value) for argument in chosen}
    return name, {k: v for k, v in replaced.items() if legal(name, k, v)}


def hostile(examples: int) -> Callable[[], None]:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(call=calls())
    def run(call: tuple[str, dict[str, Any]]) -> None:
        attempt(*call)

    return run


@pytest.mark.slow
def test_hostile_calls_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # out="numpy" makes a folder
    hostile(300)()


@pytest.mark.full
def test_hostile_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hostile(3000)()


@pytest.mark.parametrize(
    ("name", "replaced", "said"),
    [
        ("coarsen", {"rtol": None}, "rtol=None"),
        ("coarsen", {"rtol": "1"}, "rtol='1'"),
        ("coarsen", {"rtol": [1e-6]}, r"rtol=\[1e-06\]"),
        ("coarsen", {"max_steps": math.inf}, "max_steps=inf"),
        ("coarsen", {"max_steps": math.nan}, "max_steps=nan"),
        ("coarsen", {"max_steps": None}, "max_steps=None"),
        ("coarsen", {"log_t_end": "1"}, "log_t_end='1'"),
        ("coarsen", {"model": []}, r"model=\[\]"),
        ("coarsen", {"beta": 10**400}, "beta=1000"),
        ("coarsen", {"beta": [1, [2]]}, r"beta=\[1, \[2\]\]"),
        ("coarsen", {"masses": [1e300] * 3}, r"masses=\[1e\+300"),
        ("coarsen", {"masses": [1e-300, 1.0, 1e300]}, "masses="),
        ("coarsen", {"check": np.ones(3)}, "check=array"),
        ("coarsen", {"error_bars": "no"}, "error_bars='no'"),
        ("compile_model", {"beta": []}, r"beta=\[\]"),
        ("compile_model", {"beta": len}, "beta=<built-in function len>"),
        ("compile_model", {"masses": np.array(1.0)}, r"masses=array\(1\.\)"),
        ("sphere.random_points", {"rng": 1.5}, "rng=1.5"),
        ("sphere.random_points", {"batch": 1.5}, "batch=1.5"),
        ("sphere.random_points", {"batch": -1}, "batch=-1"),
        ("sphere.random_points", {"n": 10**18}, "n=1000000000000000000"),
        ("sphere.gram", {"points": np.array(1.0)}, r"points.shape=\(\)"),
        ("sphere.tangent", {"points": np.ones((2, 2))}, r"points.shape=\(2, 2\)"),
        ("phase_diagram", {"executor": 1}, "executor=1"),
        ("phase_diagram", {"runs": 10**18}, "runs=1000000000000000000"),
        ("cluster_counts", {"executor": object}, "executor=<class 'object'>"),
        ("sweep", {"cells": 1}, "cells=1"),
        ("sweep", {"progress": 5}, "progress=5"),
        ("sweep", {"out": 3}, "out=3"),
        ("grid", {"beta": np.array(1.0)}, r"beta=array\(1\.\)"),
        ("find_clusters", {"eps": None}, "eps=None"),
        ("consensus_event", {"delta": None}, "delta=None"),
        ("fast_field", {"tolerance": None}, "tolerance=None"),
        ("integrate", {"rtol": 10**400}, "rtol=1000"),
        ("integrate", {"t_eval": "1"}, "t_eval of dtype"),
        ("integrate", {"events": len}, "event=<built-in function len>"),
        ("two_cluster_log_time", {"beta": 1e18}, "beta=1e"),
        ("merge_tree", {"result": None}, "result=None"),
        ("newick", {"tree": 3}, "tree=3"),
        ("noisy", {"model": SA}, "model=SA, which has none"),
        ("noisy", {"dt": 1e-300}, "dt=1e-300"),
        ("open_executor", {"jobs": 10**400}, "jobs=1000"),
        ("open_executor", {"scheduler": 3}, "scheduler=3"),
        ("gamma_front", {"betas": [1e150]}, "betas="),
        ("finite_size_front", {"n": 10**400, "d": 10**400}, "n=1000"),
    ],
)
def test_what_is_said(name: str, replaced: dict[str, Any], said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^Expected .*but got .*{said}"):
        target(name)(**{**CALLS[name], **replaced})


def test_a_number_without_axes_is_a_number() -> None:
    found = numerics.find_clusters(POINTS, eps=np.array(0.1))
    assert found.count == numerics.find_clusters(POINTS, eps=0.1).count
    assert coarsen(ALIKE, beta=np.array(1.0), rtol=np.array(1e-4)).merges
    with pytest.raises(ValueError, match="<int too long to write>"):
        coarsen(ALIKE, beta=10**5000)
