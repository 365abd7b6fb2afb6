"""Runs of models with several blocks: against SciPy, exact solutions, and errors at the door."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sympy import DiagMatrix, MatrixSymbol, OneMatrix, Symbol, exp
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from numerics import Event, IntegrationStatus, compile_model, integrate
from numerics.sphere import random_points
from theory import SA, USA, Block, Model
from theory.atoms import Elementwise, RowNormalize, RowSoftmax, Tangent
from theory.symbols import X, beta, d, m, n, t, z

r = MatrixSymbol("r", n, 1)
count = Symbol("l", integer=True, positive=True)
Y = MatrixSymbol("Y", count, d)
MEAN = RowSoftmax(beta * X * X.T, m) * X
PRE = Model(
    "directions and lengths",
    {
        X: Tangent(X, DiagMatrix(Elementwise(1 / z, r)) * MEAN),
        r: DiagonalMatrix(X * MEAN.T) * OneMatrix(n, 1),
    },
    blocks=(Block(X), Block(r, "positive")),
)
ALPHA = Symbol("alpha", real=True)
PULL = Elementwise(exp(beta * z) / beta, X * X.T) * m
WEIGHED = Model(
    "moving masses",
    {X: USA.velocity, m: ALPHA * (DiagMatrix(m) * PULL - m * (m.T * PULL))},
    parameters=(beta, ALPHA),
    blocks=(Block(X), Block(m, "simplex")),
)


def test_directions_and_lengths_are_those_of_the_vectors():
    """The vectors y_i = r_i x_i follow y_i' = Σ_j A_ij x_j, which SciPy integrates in R^d."""
    rng = np.random.default_rng(2)
    x, length = random_points(5, 3, rng=1), rng.uniform(0.5, 2.0, 5)

    def slope(_, flat):
        y = flat.reshape(5, 3)
        unit = y / np.linalg.norm(y, axis=1, keepdims=True)
        weights = np.exp(1.5 * unit @ unit.T)
        return (weights / weights.sum(axis=1, keepdims=True) @ unit).ravel()

    times = np.array([0.5, 3.0, 20.0])
    start = (length[:, None] * x).ravel()
    truth = solve_ivp(slope, (0, 20), start, "DOP853", times, rtol=1e-12, atol=1e-13).y.T
    truth = truth.reshape(3, 5, 3)
    run = integrate(compile_model(PRE, beta=1.5), {"X": x, "r": length}, 20.0, t_eval=times)
    assert run.status is IntegrationStatus.FINISHED
    assert run.state["r"].shape == (3, 5, 1)
    assert np.allclose(run.points * run.state["r"], truth, rtol=1e-6)
    assert np.allclose(np.linalg.norm(run.points, axis=-1), 1.0, atol=1e-14)
    later = run.at([3.0])
    assert np.allclose(later["r"], run.state["r"][1:2], rtol=1e-12)


def test_masses_move_along_the_gradient_and_keep_their_sum():
    x, masses = random_points(6, 3, rng=4), np.arange(1.0, 7.0)
    masses /= masses.sum()

    def slope(_, flat):
        y, w = flat[:18].reshape(6, 3), flat[18:]
        kernel = np.exp(2.0 * y @ y.T)
        pull = kernel * w @ y
        pull -= np.sum(pull * y, axis=1, keepdims=True) * y
        height = kernel @ w / 2.0
        return np.concatenate([pull.ravel(), 0.7 * w * (height - w @ height)])

    start = np.concatenate([x.ravel(), masses])
    truth = solve_ivp(slope, (0, 2), start, "DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
    field = compile_model(WEIGHED, beta=2.0, alpha=0.7)
    run = integrate(field, {"X": x, "m": masses}, 2.0)
    assert np.allclose(run.points[-1], truth[:18].reshape(6, 3), atol=1e-6)
    assert np.allclose(run.state["m"][-1, :, 0], truth[18:], rtol=1e-6)
    assert np.allclose(run.state["m"].sum(axis=(1, 2)), 1.0, atol=1e-14)


def test_fixed_masses_are_the_model_of_one_block():
    x, masses = random_points(6, 3, rng=4), np.full(6, 1 / 6)
    still = integrate(compile_model(WEIGHED, beta=2.0, alpha=0.0), {"X": x, "m": masses}, 1.0)
    plain = integrate(compile_model(USA, beta=2.0, masses=masses, backend="plain"), x, 1.0)
    assert np.array_equal(still.state["m"][-1], masses[:, None])
    assert WEIGHED.subs({ALPHA: 0}).velocities[X] == USA.velocity
    velocity = compile_model(WEIGHED, beta=2.0, alpha=0.0)({"X": x, "m": masses})
    one = compile_model(USA, beta=2.0, masses=masses, backend="plain")
    assert np.array_equal(velocity["X"], one(x))
    assert not np.any(velocity["m"])
    assert np.array_equal(still.times, plain.times)
    assert np.array_equal(still.points, plain.points)
    assert still.state["m"].shape == (len(still.times), 6, 1)
    assert still.at(0.3)["m"].shape == (6, 1)


def test_constant_blocks_stay_and_other_species_have_their_own_number():
    keys = RowSoftmax(beta * X * Y.T, OneMatrix(count, 1) / count) * Y
    model = Model("keys", {X: Tangent(X, keys)}, blocks=(Block(X), Block(Y, "constant")))
    target = random_points(1, 3, rng=0)
    run = integrate(
        compile_model(model, beta=3.0), {"X": random_points(4, 3, rng=1), "Y": target}, 40.0
    )
    assert np.allclose(run.points[-1], target, atol=1e-7)
    assert np.array_equal(run.state["Y"], target)
    both = Model(
        "two species",
        {X: Tangent(X, keys), Y: Tangent(Y, RowSoftmax(beta * Y * X.T, m) * X)},
        blocks=(Block(X), Block(Y)),
    )
    state = {"X": random_points(4, 3, rng=1), "Y": random_points(2, 3, rng=5)}
    field = compile_model(both, beta=1.0)
    velocity = field(state)
    weights = np.exp(state["Y"] @ state["X"].T)
    mean = weights / weights.sum(axis=1, keepdims=True) @ state["X"]
    mean -= np.sum(mean * state["Y"], axis=1, keepdims=True) * state["Y"]
    assert np.allclose(velocity["Y"], mean, atol=1e-14)
    ended = integrate(field, state, 50.0)
    assert np.allclose(ended.state["Y"][-1], ended.points[-1, :1], atol=1e-6)


def test_batches_share_their_steps_and_parameters_change_in_time():
    x = np.stack([random_points(4, 3, rng=k) for k in range(3)])
    field = compile_model(PRE, beta=lambda time: 1.0 + time)
    run = integrate(field, {"X": x, "r": np.ones((3, 4, 1))}, 2.0)
    assert run.points.shape[1:] == (3, 4, 3)
    alone = integrate(field, {"X": x[1], "r": np.ones(4)}, 2.0)
    assert np.allclose(run.points[-1, 1], alone.points[-1], atol=1e-7)
    timed = Model("timed", {X: SA.velocity, r: t * r}, blocks=(Block(X), Block(r, "positive")))
    grown = integrate(compile_model(timed, beta=1.0), {"X": x[0], "r": np.ones(4)}, 3.0)
    assert np.allclose(np.log(grown.state["r"][-1]), 4.5, rtol=1e-7)


def test_layers_of_several_blocks_are_iterated():
    layer = Model(
        "layer",
        {X: RowNormalize(X + DiagMatrix(Elementwise(1 / z, r)) * MEAN), r: r + OneMatrix(n, 1)},
        kind="map",
        blocks=(Block(X), Block(r, "positive")),
    )
    run = integrate(
        compile_model(layer, beta=1.0), {"X": random_points(4, 3, rng=1), "r": np.ones(4)}, 6
    )
    assert run.times.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert np.allclose(run.state["r"][:, 0, 0], np.arange(1.0, 8.0))


def test_events_see_states():
    event = Event(lambda _, state: float(state["r"].min()) - 3.0)
    state = {"X": random_points(4, 3, rng=1), "r": np.ones(4)}
    run = integrate(compile_model(PRE, beta=1.0), state, 50.0, events=event)
    assert run.status is IntegrationStatus.EVENT
    assert abs(run.events[0].points["r"].min() - 3.0) < 1e-9
    assert run.state["r"][-1].min() == run.events[0].points["r"].min()


def test_energy_of_a_state():
    climbed = Model(
        "climbed",
        WEIGHED.velocities,
        energy=USA.energy,
        parameters=(beta, ALPHA),
        blocks=WEIGHED.blocks,
    )
    state = {"X": random_points(5, 3, rng=2), "m": np.full(5, 0.2)}
    run = integrate(compile_model(climbed, beta=1.0, alpha=1.0), state, 3.0)
    plain = compile_model(USA, beta=1.0).energy(state["X"])
    assert run.energy[0] == pytest.approx(plain, rel=1e-14)
    assert np.all(np.diff(run.energy) >= 0)
    with pytest.raises(ValueError, match="Expected a model with an energy"):
        compile_model(PRE, beta=1.0).energy({"X": state["X"], "r": np.ones(5)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"r": None}, r"Expected a state with the blocks \['X', 'r'\]"),
        ({"s": np.ones(4)}, r"Expected a state with the blocks"),
        ({"r": np.ones(3)}, r"n=4 of X but got r of shape \(3, 1\)"),
        ({"r": [1.0, -2.0, 1.0, 1.0]}, r"Expected r positive but got r\[1\]=-2.0"),
        ({"r": [1.0, np.nan, 1.0, 1.0]}, "finite"),
        ({"X": np.ones((4, 3))}, "X"),
    ],
)
def test_wrong_states_are_refused(change, message):
    state = {"X": random_points(4, 3, rng=1), "r": np.ones(4), **change}
    state = {key: value for key, value in state.items() if value is not None}
    field = compile_model(PRE, beta=1.0)
    with pytest.raises(ValueError, match=message):
        field(state)
    with pytest.raises(ValueError, match=message):
        integrate(field, state, 1.0)


def test_a_plain_array_for_a_state_is_refused():
    with pytest.raises(ValueError, match="Expected a state with the blocks"):
        compile_model(PRE, beta=1.0)(random_points(4, 3, rng=1))
