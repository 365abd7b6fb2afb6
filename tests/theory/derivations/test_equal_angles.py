"""Equal angles: derived rates against the velocities of tokens, and obstructions seen again."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sympy import MatrixSymbol, Rational, S, Symbol, exp, lambdify, simplify

from numerics import compile_model
from theory import Block, Model, catalogue, discrete_layer
from theory.atoms import RowSoftmax, Tangent
from theory.derivations import NotClosed, Obstruction, Reduction, equiangular
from theory.derivations.equal_angles import SQUARE
from theory.layers import DISCRETE_SA
from theory.masks import Mask
from theory.models import QK_SA, QKV, SA, USA
from theory.symbols import X, alpha, beta, eta, gamma, m, n, t, tau

COMBINED = ("causal + pre-LN", "RoPE + sink", "ALiBi + causal", "sink + peri-LN", "L2 + pre-LN")
CLOSED = (
    *("SA", "USA", "post-LN", "pre-LN", "peri-LN", "mix-LN", "nGPT", "CoD", "sink"),
    *("softmax-off-by-one", "sigmoid", "linear", "ReLU", "L2", "long context", "Sinkhorn"),
    *("repulsive", "cross-attention", "encoder-decoder", "sink + peri-LN", "L2 + pre-LN"),
)
NAMES = (*catalogue(), *COMBINED)


def outcome(name: str) -> Reduction | Obstruction:
    """What a model of the catalogue gives: its equation, or the obstruction."""
    try:
        return equiangular(catalogue(name))
    except Obstruction as found:
        return found


def tokens(gram: np.ndarray, rng: np.random.Generator, width: int) -> np.ndarray:
    """Rows with a Gram matrix, turned at random."""
    values, vectors = np.linalg.eigh(gram)
    rows = vectors * np.sqrt(np.clip(values, 0, None))
    padded = np.zeros((len(gram), width))
    padded[:, : len(gram)] = rows
    return padded @ np.linalg.qr(rng.normal(size=(width, width)))[0]


def even(size: int, angle: float) -> np.ndarray:
    return (1 - angle) * np.eye(size) + angle


@pytest.mark.every(11, rest="full")
@pytest.mark.parametrize("name", NAMES)
def test_every_model_has_an_equation_or_a_witness(name):
    found = outcome(name)
    if isinstance(found, Obstruction):
        assert name not in CLOSED
        return
    assert found.proved


@pytest.mark.every(13)
@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("seed", [0, 1])
def test_rates_are_those_of_tokens(name, seed):
    """Tokens of equal angles, turned at random: each scalar of the equation moves as derived."""
    rng = np.random.default_rng([seed, len(name)])
    model, found = catalogue(name), equiangular(catalogue(name))
    size, more = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    values = {str(p): float(rng.uniform(0.3, 2.0)) for p in model.parameters}
    at = {Symbol("l", integer=True, positive=True): more, n: size, t: 0.7}
    at |= {p: values[str(p)] for p in model.parameters}
    angle, across, other = 0.3 * rng.uniform(-1, 1) + 0.2, 0.25, 0.4
    second = any(str(block.symbol) == "Y" for block in model.blocks)
    gram = even(size, angle)
    if second:
        mixed = np.full((size, more), across)
        gram = np.block([[gram, mixed], [mixed.T, even(more, other)]])
    rows = tokens(gram, rng, size + more + 2)
    state = {"X": rows[:size]}
    at |= {gamma: angle}
    for block in model.blocks[1:]:
        label = str(block.symbol)
        state[label] = rows[size:] if label == "Y" else np.full(size, 1.7)
        at |= {Symbol(label, positive=True): 1.7}
    at |= {Symbol("gamma_XY", real=True): across, Symbol("gamma_YY", real=True): other}
    field = compile_model(model, **values)
    alone = len(model.blocks) == 1
    moved = {"X": field(state["X"], 0.7)} if alone else field(state, 0.7)
    x, fx = state["X"], np.asarray(moved["X"])
    pairs = fx @ x.T + x @ fx.T
    seen = {"gamma": pairs[~np.eye(size, dtype=bool)]}
    if second:
        y = state["Y"]
        fy = np.asarray(moved.get("Y", np.zeros_like(y)))
        seen["gamma_XY"] = fx @ y.T + x @ fy.T
        seen["gamma_YY"] = (fy @ y.T + y @ fy.T)[~np.eye(more, dtype=bool)]
    if "r" in state:
        seen["r"] = np.asarray(moved["r"])
    for scalar, rate in found.rhs.items():
        assert np.allclose(seen[str(scalar)], float(rate.subs(at)), rtol=1e-9, atol=1e-11), scalar


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name not in CLOSED])
def test_witnesses_are_seen_again_by_other_code(name):
    """The compiled velocity at the witness has the two numbers that the obstruction names."""
    try:
        equiangular(catalogue(name))
    except Obstruction as found:
        seen = found.witness
        assert abs(seen.again() - seen.number) < Rational(1, 10**13)
        assert abs(seen.number) > 1e-6
        assert broken(catalogue(name), seen) == pytest.approx(float(seen.number), rel=1e-9)
        gram = np.asarray((seen.points * seen.points.T).tolist(), float)
        assert np.allclose(gram, even(len(gram), gram[0, 1]))
        return
    assert equiangular(catalogue(name)).proved  # a name that is new here


def broken(model: Model, seen) -> float:
    """Difference of the two readings, from the compiled velocity."""
    values = seen.values
    named = {
        str(symbol): np.asarray(S(value).tolist(), float) if hasattr(value, "shape") else value
        for symbol, value in values.items()
    }
    given = {
        str(p): named[str(p)] if hasattr(named[str(p)], "shape") else float(named[str(p)])
        for p in model.parameters
        if str(p) in named
    }
    field = compile_model(model, **given)
    time = float(values[t])
    state = {str(b.symbol): named[str(b.symbol)] for b in model.blocks}
    moved = field(state, time) if len(state) > 1 else {"X": field(state["X"], time)}
    x, f = state["X"], np.asarray(moved["X"])
    rate = f @ f.T if model.kind == "map" else f @ x.T + x @ f.T
    return float(rate[seen.first.place] - rate[seen.second.place])


def test_distances_and_long_contexts_are_attention_at_other_temperatures():
    soft = equiangular(SA).rate
    near = equiangular(catalogue("L2")).rate
    assert simplify(near - soft.subs(beta, 2 * beta)) == 0
    power = catalogue("long context").parameters[0]
    from sympy import log

    long = equiangular(catalogue("long context")).rate
    assert simplify(long - soft.subs(beta, power * log(n))) == 0
    assert equiangular(catalogue("repulsive")).decay == exp(2 * t)


def test_a_sink_slows_consensus_by_the_share_it_takes():
    extra = next(p for p in catalogue("sink").parameters if str(p) == "sink")
    kept = n * exp(beta) / (n * exp(beta) + exp(extra))
    assert simplify(equiangular(catalogue("sink")).decay - exp(-2 * t * kept)) == 0


def test_masses_that_may_grow_are_a_scalar_of_their_own():
    from sympy import DiagMatrix

    from theory.atoms import Elementwise
    from theory.symbols import z

    pull = Elementwise(exp(beta * z) / beta, X * X.T) * m
    table = {X: USA.velocity, m: DiagMatrix(m) * pull}
    grown = Model("growing", table, blocks=(Block(X), Block(m, "positive")))
    found = equiangular(grown)
    mass = found.others[0][0]
    assert found.proved
    expected = mass**2 * (exp(beta) + (n - 1) * exp(beta * gamma)) / beta
    assert simplify(found.rhs[mass] - expected) == 0
    kept = {X: USA.velocity, m: DiagMatrix(m) * pull - m * (m.T * pull)}
    held = equiangular(Model("held", kept, blocks=(Block(X), Block(m, "simplex"))))
    assert held.proved
    assert held.rate == equiangular(USA).rate
    assert not held.others


@pytest.mark.slow
@pytest.mark.parametrize("model", [DISCRETE_SA, discrete_layer(USA)], ids=lambda v: v.name)
def test_a_layer_maps_equal_angles_to_equal_angles(model):
    found = equiangular(model)
    assert found.proved
    x = tokens(even(4, 0.35), np.random.default_rng(3), 6)
    after = compile_model(model, beta=1.3, eta=0.6)(x)
    said = float(found.rate.subs({gamma: 0.35, n: 4, beta: 1.3, eta: 0.6}))
    assert np.allclose((after @ after.T)[~np.eye(4, dtype=bool)], said)
    with pytest.raises(ValueError, match="Expected a flow on the sphere"):
        found.decay  # noqa: B018


def test_tokens_off_the_sphere_have_a_common_length():
    free = Model("free", RowSoftmax(beta * X * X.T, m) * X, space="euclidean")
    found = equiangular(free)
    assert found.proved
    x = tokens(2.2 * np.eye(3) + 0.4, np.random.default_rng(5), 4)
    f = compile_model(free, beta=0.8)(x)
    rate = f @ x.T + x @ f.T
    at = {gamma: 0.4, SQUARE: 2.6, n: 3, beta: 0.8}
    assert np.allclose(rate[~np.eye(3, dtype=bool)], float(found.rhs[gamma].subs(at)))
    assert np.allclose(np.diag(rate), float(found.rhs[SQUARE].subs(at)))


def test_a_mask_of_everybody_hides_nobody():
    """Three tokens with a window of two see each other: no witness there, one for more tokens."""
    wide = Model("wide", Tangent(X, RowSoftmax(beta * X * X.T, m, mask=Mask.band(5)) * X))
    with pytest.raises(Obstruction) as caught:
        equiangular(wide)
    assert caught.value.witness.points.rows >= 7


def test_positions_and_keys_are_obstructions():
    held = Model("held", {X: SA.velocity}, blocks=(Block(X), Block(m, "constant")))
    for model in (held, QK_SA, QKV):
        with pytest.raises(Obstruction, match="Witness: all <x_i,x_j> = "):
            equiangular(model)
    assert issubclass(Obstruction, NotClosed)


def test_a_second_species_on_no_sphere_is_refused():
    other = MatrixSymbol("Y", Symbol("l", integer=True, positive=True), X.shape[1])
    read = RowSoftmax(beta * X * other.T, MatrixSymbol("c", other.shape[0], 1))
    model = Model(
        "free keys",
        {X: Tangent(X, read * other), other: other},
        parameters=(beta, MatrixSymbol("c", other.shape[0], 1)),
        blocks=(Block(X), Block(other, "euclidean")),
    )
    with pytest.raises(NotClosed):
        equiangular(model)


def near_consensus(name: str, heat: float, last: float):
    """Run equal angles of a scheme to 1 - gamma = last; times, log(1 - gamma), and r if any."""
    found = equiangular(catalogue(name))
    at = {beta: heat, n: 5, alpha: 1.5, tau: 0.5}
    scalars = [symbol for symbol, _ in found.others]
    rates = [lambdify((t, gamma, *scalars), e.subs(at), "math") for e in found.rhs.values()]

    def slope(time, state):
        gap = np.exp(state[0])
        values = [f(time, 1 - gap, *state[1:]) for f in rates]
        return [-values[0] / gap, *values[1:]]

    def arrived(time, state):
        return state[0] - np.log(last)

    arrived.terminal = True
    start = [np.log(0.7), *(1.0 for _ in scalars)]
    return solve_ivp(slope, (0, 1e7), start, "LSODA", events=arrived, rtol=1e-10, atol=1e-12)


CLOCKS = {
    "post-LN": lambda time: 2 * time,
    "nGPT": lambda time: 3 * time,
    "CoD": lambda time: 4 * np.sqrt(time + 1),
}


@pytest.mark.every(15)
@pytest.mark.parametrize("heat", [0.5, 4.0])
@pytest.mark.parametrize("name", CLOCKS)
def test_exponential_schemes_close_at_the_derived_rate(name, heat):
    """As 1 - gamma comes to 1e-6 the last slope against the law's clock is -1 to 1e-3."""
    run = near_consensus(name, heat, 1e-6)
    late = run.y[0] < np.log(1e-5)
    last = np.polyfit(CLOCKS[name](run.t[late]), run.y[0][late], 1)[0]
    assert last == pytest.approx(-1, abs=1e-3)


@pytest.mark.every(5)
@pytest.mark.parametrize("heat", [0.5, 4.0])
@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "mix-LN"])
def test_growing_schemes_close_like_the_square_of_the_length(name, heat):
    """Over 1 - gamma in [1e-8, 1e-4] the slope of its logarithm against log r is -2 to 1e-3."""
    run = near_consensus(name, heat, 1e-8)
    seen = run.y[0] < np.log(1e-4)
    slope = np.polyfit(np.log(run.y[1][seen]), run.y[0][seen], 1)[0]
    assert slope == pytest.approx(-2, abs=1e-3)
