"""Every block stays in its space: unit tokens, lengths > 0, masses > 0 of constant sum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import DiagMatrix, MatrixSymbol, OneMatrix, Symbol, exp

from numerics import EnsembleStatus, IntegrationStatus, compile_model, ensemble, integrate
from numerics.sphere import random_points
from proofs_checks.strategies import betas, masses, points
from theory import SA, USA, Block, Model, catalogue
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.symbols import Q, V, X, beta, d, m, n, r, z

ALPHA = Symbol("alpha", real=True)
PULL = Elementwise(exp(beta * z) / beta, X * X.T) * m
CHANGE = ALPHA * (DiagMatrix(m) * PULL - m * (m.T * PULL))


def weighed(space):
    """Masses that move, in a space."""
    blocks = (Block(X), Block(m, space))
    return Model("weighed", {X: USA.velocity, m: CHANGE}, parameters=(beta, ALPHA), blocks=blocks)


def backward(model):
    """Make the model that runs the other way."""
    return Model(
        f"backward {model.name}",
        {symbol: -velocity for symbol, velocity in model.velocities.items()},
        parameters=model.parameters,
        blocks=model.blocks,
    )


SYSTEMS = {
    "pre-LN": (catalogue("pre-LN"), {}),
    "peri-LN": (catalogue("peri-LN"), {}),
    "mix-LN": (catalogue("mix-LN"), {"tau": 0.5}),
    "backward pre-LN": (backward(catalogue("pre-LN")), {}),
    "moving masses": (weighed("simplex"), {"alpha": 1.5}),
    "masses the other way": (weighed("simplex"), {"alpha": -1.5}),
}
HONEST = {
    IntegrationStatus.FINISHED,
    IntegrationStatus.STEP_UNDERFLOW,  # a length reached 0
    IntegrationStatus.MAX_STEPS,
}


def leave(state, start):
    """Names of the blocks that left their spaces."""
    found = []
    if np.max(np.abs(np.linalg.norm(state["X"], axis=-1) - 1.0)) > 1e-14:
        found.append("X")
    if "r" in state and not np.all(state["r"] > 0):
        found.append("r")
    if "m" in state:
        total = state["m"].sum(axis=(-2, -1)) / start["m"].sum()
        if not np.all(state["m"] > 0) or np.max(np.abs(total - 1.0)) > 1e-14:
            found.append("m")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", SYSTEMS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_blocks_stay_in_their_spaces(name, data):
    model, more = SYSTEMS[name]
    x = data.draw(points(n=(1, 5), d=(2, 4)))
    other = "m" if "masses" in name else "r"
    start = {"X": x, other: data.draw(masses(len(x)))}
    rate = data.draw(betas(-3, 6).filter(bool))
    end = data.draw(st.sampled_from([-1.0, 0.5, 20.0]))
    field = compile_model(model, beta=rate, **more)
    run = integrate(field, start, end, rtol=1e-5, max_steps=60)
    assert run.status in HONEST
    assert leave(run.state, start) == []
    if end > 0:
        found = ensemble(
            model, start, t_eval=[0.1, end], beta=rate, max_steps=60, rtol=1e-4, **more
        )
        reached = {k: v[np.isfinite(found.points).all(axis=(1, 2))] for k, v in found.state.items()}
        assert found.status == EnsembleStatus.FINISHED or len(reached["X"]) < 2
        assert not reached["X"].size or leave(reached, start) == []


def test_a_block_without_the_space_it_needs_leaves_it():
    """The comparison can fail: a positive block alone keeps no sum."""
    start = {"X": random_points(5, 3, rng=0), "m": np.full(5, 0.2)}
    model = Model(
        "grown",
        {X: USA.velocity, m: m},
        parameters=(beta,),
        blocks=(Block(X), Block(m, "positive")),
    )
    run = integrate(compile_model(model, beta=1.0), start, 1.0)
    assert leave(run.state, start) == ["m"]
    euclidean = Model(
        "off", {X: X, r: r}, blocks=(Block(X, "euclidean"), Block(r, "positive")), parameters=()
    )
    run = integrate(compile_model(euclidean), {"X": start["X"], "r": np.ones(5)}, 1.0)
    assert leave(run.state, start) == ["X"]


@pytest.mark.slow
def test_a_length_that_reaches_zero_ends_the_run():
    model = backward(catalogue("pre-LN"))
    start = {"X": random_points(5, 3, rng=0), "r": np.ones((5, 1))}
    run = integrate(compile_model(model, beta=2.0), start, 5.0)
    assert run.status is IntegrationStatus.STEP_UNDERFLOW and 1.0 < run.times[-1] < 2.0
    assert np.all(run.state["r"] > 0)
    found = ensemble(model, start, t_eval=[1.0, 5.0], beta=2.0)
    assert found.status == EnsembleStatus.OVERFLOW
    assert np.all(found.state["r"][0] > 0) and np.all(np.isnan(found.state["r"][1]))


@pytest.mark.slow
def test_what_decays_beyond_all_doubles_stays_positive():
    model = Model("decay", {X: SA.velocity, r: -r}, blocks=(Block(X), Block(r, "positive")))
    start = {"X": random_points(3, 3, rng=0), "r": np.array([1.0, 1e-200, 1e200])}
    run = integrate(compile_model(model, beta=1.0), start, 2000.0, t_eval=[500.0, 2000.0])
    assert run.status is IntegrationStatus.FINISHED and np.all(run.state["r"] > 0)
    assert np.allclose(np.log(run.state["r"][0, [0, 2], 0]), [-500, np.log(1e200) - 500])


def test_masses_matrices_and_functions_of_time():
    """Against a run of one block: X of the system moves as if alone."""
    mean = RowSoftmax(beta * X * Q.T * X.T, m) * X * V.T
    alone = Model("alone", Tangent(X, mean), parameters=(beta, Q, V))
    model = Model(
        "beside", {X: alone.velocity, r: -r}, parameters=(beta, Q, V),
        blocks=(Block(X), Block(r, "positive")),
    )  # fmt: skip
    rng = np.random.default_rng(0)
    x, weights = random_points(5, 3, rng=1, batch=(4,)), rng.uniform(0.5, 1.5, (4, 5))
    values = {
        "beta": lambda time: np.linspace(0.5, 2.0, 4) + time,
        "Q": rng.standard_normal((3, 3)) / 3,
        "V": rng.standard_normal((4, 3, 3)) / 3,
    }
    both = [compile_model(each, masses=weights, **values) for each in (model, alone)]
    state = {"X": x, "r": np.ones((5, 1))}
    assert np.allclose(both[0](state, 1.5)["X"], both[1](x, 1.5), atol=1e-15)
    runs = integrate(both[0], state, 2.0, t_eval=[1.0, 2.0]), integrate(both[1], x, 2.0, [1.0, 2.0])
    assert np.allclose(runs[0].points, runs[1].points, atol=1e-7)
    assert runs[0].state["r"].shape == (2, 4, 5, 1)
    assert np.array_equal(both[0](state, 1.5)["X"], both[0]({X: x, r: np.ones((5, 1))}, 1.5)["X"])


count = Symbol("l", integer=True, positive=True)
Y = MatrixSymbol("Y", count, d)
KEYS = Model(
    "keys",
    {X: Tangent(X, RowSoftmax(beta * X * Q * Y.T, OneMatrix(count, 1) / count) * Y), r: r},
    parameters=(beta, Q),
    blocks=(Block(X), Block(r, "positive"), Block(Y, "constant")),
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Y": None}, r"Expected a state with the blocks .* add \['Y'\]"),
        ({"s": 1.0}, r"Expected a state with the blocks .* drop \['s'\]"),
        ({"Y": np.ones((2, 4))}, r"Expected Y of shape .*d=3 of X but got Y of shape \(2, 4\)"),
        ({"r": 1.0}, "Expected r of shape"),
        ({"r": np.zeros(4)}, r"Expected r positive but got r\[0\]=0.0"),
        ({"r": [1.0, np.inf, 1.0, 1.0]}, "Expected finite"),
        ({"r": np.ones((4, 2))}, "Expected r of shape"),
        ({"X": random_points(4, 3, rng=1, batch=(2,)), "r": np.ones((3, 4, 1))}, "broadcast"),
    ],
)
def test_wrong_blocks_are_refused(change, message):
    state = {"X": random_points(4, 3, rng=1), "r": np.ones(4), "Y": random_points(2, 3, rng=2)}
    state = {key: value for key, value in (state | change).items() if value is not None}
    field = compile_model(KEYS, beta=1.0, Q=np.eye(3))
    for call in (field, lambda s: integrate(field, s, 1.0)):
        with pytest.raises(ValueError, match=message):
            call(state)


def test_wrong_values_beside_a_state_are_refused():
    state = {"X": random_points(4, 3, rng=1), "r": np.ones(4), "Y": random_points(2, 3, rng=2)}
    with pytest.raises(ValueError, match=r"Expected Q of shape .*d=3 of X but got Q"):
        compile_model(KEYS, beta=1.0, Q=np.eye(4))(state)
    with pytest.raises(TypeError, match="Expected an array of real numbers but got r"):
        compile_model(KEYS, beta=1.0, Q=np.eye(3))(state | {"r": np.ones(4) + 0j})
    with pytest.raises(ValueError, match="Expected a finite time"):
        compile_model(KEYS, beta=1.0, Q=np.eye(3))(state, np.nan)
    with pytest.raises(ValueError, match="n=3 of masses"):
        compile_model(KEYS, beta=1.0, Q=np.eye(3), masses=np.ones(3))(state)
    with pytest.raises(ValueError, match="Expected the masses of weighed in its states"):
        compile_model(weighed("simplex"), beta=1.0, alpha=1.0, masses=np.ones(4))
    with pytest.raises(ValueError, match="Expected a model of one block for precise=True"):
        compile_model(KEYS, beta=1.0, Q=np.eye(3), precise=True)
    with pytest.raises(ValueError, match=r"Expected m positive but got m\[1\]=-0.5"):
        compile_model(weighed("simplex"), beta=1.0, alpha=1.0)(
            {"X": state["X"], "m": [1.0, -0.5, 1.0, 1.0]}
        )
    with pytest.raises(OverflowError, match="overflow in block X"):
        compile_model(weighed("simplex"), beta=800.0, alpha=1.0)({"X": state["X"], "m": np.ones(4)})
    assert n in r.shape
