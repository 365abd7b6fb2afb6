"""Ensembles of models with several blocks: the results of runs one by one."""

import numpy as np
import pytest
from sympy import DiagMatrix, MatrixSymbol, OneMatrix, Symbol, exp

from numerics import ClosePairs, EnsembleStatus, compile_model, ensemble, integrate
from numerics.sphere import random_points
from tests.numerics.catalogue_cases import Case, names
from theory import USA, Block, Model, catalogue
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.symbols import X, beta, d, m, n, r, t, z

ALPHA = Symbol("alpha", real=True)
PULL = Elementwise(exp(beta * z) / beta, X * X.T) * m
WEIGHED = Model(
    "moving masses",
    {X: USA.velocity, m: ALPHA * (DiagMatrix(m) * PULL - m * (m.T * PULL))},
    parameters=(beta, ALPHA),
    blocks=(Block(X), Block(m, "simplex")),
)
count = Symbol("l", integer=True, positive=True)
Y = MatrixSymbol("Y", count, d)
KEYS = Model(
    "keys",
    {X: Tangent(X, RowSoftmax(beta * X * Y.T, OneMatrix(count, 1) / count) * Y)},
    blocks=(Block(X), Block(Y, "constant")),
)
TIMES = np.array([0.0, 0.3, 2.0, 5.0])


@pytest.fixture(params=["numpy", "numba"])
def backend(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


@pytest.mark.every(4)
@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "mix-LN"])
def test_lengths_are_those_of_runs_one_by_one(name, backend):
    rng = np.random.default_rng(0)
    x, lengths = random_points(6, 3, rng=1, batch=(5, 1)), rng.uniform(0.3, 3.0, (5, 1, 6, 1))
    rates = np.array([0.5, 2.0])
    more = {"tau": 1.0} if name == "mix-LN" else {}
    found = ensemble(
        catalogue(name), {"X": x, "r": lengths}, t_eval=TIMES, rtol=1e-9, backend=backend,
        beta=rates, **more,
    )  # fmt: skip
    assert found.count(EnsembleStatus.FINISHED) == 10 and found.backend == backend
    assert found.points.shape == (4, 5, 2, 6, 3) and found.state["r"].shape == (4, 5, 2, 6, 1)
    for i in range(5):
        for k, rate in enumerate(rates):
            field = compile_model(catalogue(name), beta=rate, **more)
            start = {"X": x[i, 0], "r": lengths[i, 0]}
            run = integrate(field, start, 5.0, t_eval=TIMES, rtol=1e-10)
            assert np.allclose(found.points[:, i, k], run.points, atol=1e-7)
            assert np.allclose(found.state["r"][:, i, k], run.state["r"], rtol=1e-7)
    assert np.allclose(np.linalg.norm(found.points, axis=-1), 1.0, atol=1e-14)
    assert np.all(found.state["r"] > 0)


def several():
    """Names of the flows of the catalogue with several blocks."""
    models = ((name, catalogue(name)) for name in names())
    return [name for name, model in models if len(model.blocks) > 1 and model.kind == "flow"]


@pytest.mark.every(13)
@pytest.mark.parametrize("name", several())
def test_every_system_of_the_catalogue(name):
    """Runs one by one of every model with several blocks, and its blocks in their spaces."""
    case = Case(catalogue(name), 1.5, np.random.default_rng(7))
    other = Case(catalogue(name), 1.5, np.random.default_rng(8))
    both = {key: np.stack([case.state[key], other.state[key]]) for key in case.state}
    found = ensemble(case.model, both, t_eval=TIMES, rtol=1e-9, **case.parameters)
    assert found.count(EnsembleStatus.FINISHED) == 2
    for i in range(2):
        start = {key: value[i] for key, value in both.items()}
        field = compile_model(case.model, **case.parameters)
        run = integrate(field, start, 5.0, t_eval=TIMES, rtol=1e-10)
        for block in case.model.blocks:
            key = block.symbol.name
            if not block.moves:
                assert np.array_equal(found.state[key], both[key])
                continue
            value = found.state[key]
            assert np.allclose(value[:, i], run.state[key], rtol=1e-6, atol=1e-7), key
            if block.space == "sphere":
                assert np.allclose(np.linalg.norm(value, axis=-1), 1.0, atol=1e-14)
            if block.space in ("positive", "simplex"):
                assert np.all(value > 0)
            if block.space == "simplex":
                assert np.allclose(
                    value.sum(axis=(-2, -1)), value[0].sum(axis=(-2, -1)), rtol=1e-14
                )


@pytest.mark.slow
def test_masses_move_and_keep_their_sums():
    rng = np.random.default_rng(3)
    x = random_points(7, 3, rng=1, batch=(4,))
    masses = rng.uniform(0.2, 2.0, (4, 7))
    masses *= np.array([0.5, 1.0, 1.0, 3.0])[:, None] / masses.sum(axis=1, keepdims=True)
    found = ensemble(
        WEIGHED, {"X": x, "m": masses[..., None]}, t_eval=TIMES, rtol=1e-9, beta=1.5, alpha=0.7
    )
    totals = found.state["m"].sum(axis=(-2, -1))
    assert np.allclose(totals, masses.sum(axis=1), rtol=1e-14) and np.all(found.state["m"] > 0)
    for i in range(4):
        run = integrate(
            compile_model(WEIGHED, beta=1.5, alpha=0.7), {"X": x[i], "m": masses[i]}, 5.0,
            t_eval=TIMES, rtol=1e-10,
        )  # fmt: skip
        assert np.allclose(found.points[:, i], run.points, atol=1e-7)
        assert np.allclose(found.state["m"][:, i], run.state["m"], rtol=1e-6)


def test_constant_blocks_masses_and_times_of_each_system():
    x, keys = random_points(4, 3, rng=1, batch=(3,)), random_points(2, 3, rng=5, batch=(3,))
    found = ensemble(KEYS, {"X": x, "Y": keys}, t_eval=TIMES, rtol=1e-9, beta=[0.5, 1.0, 3.0])
    assert np.array_equal(found.state["Y"], keys)
    for i, rate in enumerate((0.5, 1.0, 3.0)):
        field = compile_model(KEYS, beta=rate)
        run = integrate(field, {"X": x[i], "Y": keys[i]}, 5.0, t_eval=TIMES, rtol=1e-10)
        assert np.allclose(found.points[:, i], run.points, atol=1e-7)
    timed = Model("timed", {X: USA.velocity, r: t * r}, blocks=(Block(X), Block(r, "positive")))
    masses = np.array([[0.1, 0.2, 0.3, 0.4], [1.0, 1.0, 1.0, 1.0], [0.4, 0.3, 0.2, 0.1]])
    grown = ensemble(
        timed, {"X": x, "r": np.ones((4, 1))}, t_eval=TIMES, rtol=1e-9, masses=masses, beta=1.0
    )
    assert np.allclose(np.log(grown.state["r"][-1]), 12.5, rtol=1e-7)
    for i in range(3):
        run = integrate(compile_model(USA, beta=1.0, masses=masses[i]), x[i], 5.0, t_eval=TIMES)
        assert np.allclose(grown.points[:, i], run.points, atol=1e-6)


def test_one_system_and_threads_and_stops():
    state = {"X": random_points(5, 3, rng=1), "r": np.ones(5)}
    one = ensemble(catalogue("pre-LN"), state, t_eval=TIMES, beta=1.0)
    assert one.points.shape == (4, 5, 3) and one.status.shape == ()
    many = {"X": random_points(5, 3, rng=1, batch=(4100,)), "r": np.ones((5, 1))}
    given = {"t_eval": [0.1], "rtol": 1e-4, "beta": 1.0}
    runs = [ensemble(catalogue("pre-LN"), many, jobs=k, **given) for k in (1, 2)]
    assert np.array_equal(runs[0].points, runs[1].points)
    short = ensemble(catalogue("pre-LN"), state, t_eval=TIMES, beta=1.0, max_steps=1)
    assert short.status == EnsembleStatus.MAX_STEPS and np.all(np.isnan(short.state["r"][-1]))


def test_what_is_observed():
    state = {"X": random_points(5, 3, rng=1, batch=(6,)), "r": np.ones((5, 1))}
    whole = ensemble(catalogue("pre-LN"), state, t_eval=TIMES, beta=1.0)
    least = ensemble(
        catalogue("pre-LN"), state, t_eval=TIMES, beta=1.0,
        observe=lambda s: s["r"].min(axis=(-2, -1)),
    )  # fmt: skip
    assert least.state is None and least.points is None
    assert np.array_equal(least.observed, whole.state["r"].min(axis=(-2, -1)))
    pairs = ensemble(catalogue("pre-LN"), state, t_eval=TIMES, beta=1.0, observe=ClosePairs(0.1))
    assert np.array_equal(pairs.observed, ClosePairs(0.1)(whole.points))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"r": None}, r"Expected a state with the blocks \['X', 'r'\]"),
        ({"r": -np.ones((4, 1))}, "Expected r positive"),
        ({"r": np.ones((3, 1))}, "n=4 of X"),
        ({"r": np.ones((3, 4, 1))}, "Expected leading axes that broadcast"),
    ],
)
def test_wrong_states_are_refused(change, message):
    state = {"X": random_points(4, 3, rng=1, batch=(2,)), "r": np.ones((4, 1)), **change}
    state = {key: value for key, value in state.items() if value is not None}
    with pytest.raises(ValueError, match=message):
        ensemble(catalogue("pre-LN"), state, t_eval=[1.0], beta=1.0)


@pytest.mark.parametrize("observe", [3, lambda s: 1.0, lambda s: s["q"]])
def test_bad_observers(observe):
    state = {"X": random_points(4, 3, rng=1, batch=(2,)), "r": np.ones((4, 1))}
    with pytest.raises((TypeError, ValueError), match="observe takes states"):
        ensemble(catalogue("pre-LN"), state, t_eval=[1.0], beta=1.0, observe=observe)


def test_functions_of_time_and_layers_are_refused():
    state = {"X": random_points(4, 3, rng=1), "r": np.ones((4, 1))}
    with pytest.raises(ValueError, match="Expected constant parameters"):
        ensemble(catalogue("pre-LN"), state, t_eval=[1.0], beta=lambda s: 1.0 + s)
    assert n in catalogue("pre-LN").blocks[1].symbol.shape
