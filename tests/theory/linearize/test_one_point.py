"""Spectra where all tokens are at one point, against Jacobians of the compiled velocity."""

import numpy as np
import pytest
from sympy import (
    DiagMatrix,
    Identity,
    Matrix,
    MatrixSymbol,
    OneMatrix,
    Rational,
    S,
    Symbol,
    cosh,
    exp,
    log,
    simplify,
)

from numerics import compile_model, sphere
from theory.atoms import Elementwise, RowNormalize, RowSoftmax, Tangent
from theory.blocks import Block
from theory.derivations import Obstruction
from theory.engines import DIRECTION, POINT, Evaluator
from theory.layers import DISCRETE_SA, discrete_layer, feed_forward, multi_head
from theory.linearize import PLACE, consensus, consensus_break, token_weights
from theory.linearize.one_point import _differentiated
from theory.masks import Mask
from theory.models import (
    COD,
    MIX_LN,
    NGPT,
    PERI_LN,
    PRE_LN,
    PURE_ATTENTION,
    QK_SA,
    QK_USA,
    QKV,
    REPULSIVE,
    SINKHORN,
    Model,
    catalogue,
)
from theory.models.transformer import layer_norm, rms_norm
from theory.positive_part import PositivePart
from theory.symbols import K, Q, V, X, alpha, beta, d, eta, k, m, n, t, tau, width, z

others = Symbol("l", integer=True, positive=True)
Y = MatrixSymbol("Y", others, d)
sink = Symbol("sink", real=True)
FULL = RowSoftmax(beta * X * X.T, m)
COLD = RowSoftmax(3 * beta * X * X.T / 2, m)


def attention(name, weights, *parameters):
    return Model(name, Tangent(X, weights * X), parameters=(beta, *parameters))


def kernel(name, body, *parameters):
    return attention(name, Elementwise(body, X * X.T) * DiagMatrix(m), *parameters)


def off_by(extra):
    """Softmax with ``extra`` more in the denominator."""
    weights = Elementwise(exp(beta * z), X * X.T)
    totals = weights * m + extra * OneMatrix(n, 1)
    return DiagMatrix(totals) ** -1 * weights * DiagMatrix(m)


SQUARES = Elementwise(z**2, X) * OneMatrix(d, 1)
DISTANCES = SQUARES * OneMatrix(1, n) + OneMatrix(n, 1) * SQUARES.T - 2 * X * X.T
STILL = {
    "sum": attention("sum", FULL + 2 * COLD),
    "sum of terms": Model("sum", Tangent(X, FULL * X + 3 * Tangent(X, COLD * X))),
    "sink": attention("sink", off_by(exp(sink)), sink),
    "off by one": attention("off by one", off_by(1)),
    "sigmoid": kernel("sigmoid", 1 / (1 + exp(-beta * z))),
    "linear": kernel("linear", z),
    "ReLU": kernel("ReLU", PositivePart(beta * z, 1)),
    "L2": attention("L2", RowSoftmax(-beta * DISTANCES, m)),
    "long context": attention("long", RowSoftmax(beta * log(n) * X * X.T, m)),
    "heads": Model(
        "heads",
        Tangent(X, FULL * X * (2 * Identity(d)) + RowSoftmax(X * Q.T * K * X.T, m) * X / 3),
        parameters=(beta, Q, K),
    ),
    "Sinkhorn": SINKHORN,
    "Sinkhorn and softmax": Model(
        "both", Tangent(X, RowSoftmax(beta * X * X.T, m) * X + SINKHORN.velocity.field)
    ),
    "repulsive": REPULSIVE,
    "nGPT": NGPT,
    "CoD": COD,
    "queries": QK_SA,
    "queries, no softmax": QK_USA,
    "normalised output": Model("N", Tangent(X, RowNormalize(FULL * X))),
    "pre-LN": PRE_LN,
    "peri-LN": PERI_LN,
    "mix-LN": MIX_LN,
}
"""Models that rest at every consensus."""


def drawn(model, rng, dimension, count=3):
    """Values for the parameters of a model."""
    sizes = {d: dimension, k: 2, width: 5, others: 3, n: count}
    values = {}
    for parameter in model.parameters:
        if isinstance(parameter, MatrixSymbol):
            shape = [int(S(side).subs(sizes)) for side in parameter.shape]
            values[str(parameter)] = rng.normal(size=shape)
        else:
            values[str(parameter)] = float(rng.uniform(0.4, 1.6))
    return values


def frame(point):
    """Orthonormal rows that span the tangent space at a point."""
    return np.linalg.svd(point[None])[2][1:]


def slope_along(function, base, direction, step=1e-3):
    """Derivative by central differences of order six, on the sphere."""

    def at(size):
        return function(sphere.project(base + size * step * direction))

    weights = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
    return sum(w * (at(j) - at(-j)) for j, w in weights.items()) / step


def moved(model, values, state):
    """Velocity of X as a function of X."""
    field = compile_model(model, **values)
    if len(model.blocks) == 1:
        return lambda points: field(points, 0.3)
    return lambda points: field({**state, "X": points}, 0.3)["X"]


def measured(model, count, point, values, state=None):
    """Eigenvalues of the tangent Jacobian at consensus."""
    function, base = moved(model, values, state or {}), np.tile(point, (count, 1))
    axes = frame(point)
    columns = []
    for i in range(count):
        for axis in axes:
            direction = np.zeros_like(base)
            direction[i] = axis
            columns.append((slope_along(function, base, direction) @ axes.T).ravel())
    return np.linalg.eigvals(np.array(columns).T)


def _number(body, value):
    return float(body.subs(z, value))


def listed(spectrum, values):
    found = spectrum.at(values)
    assert not found.factors and not found.places
    return np.sort_complex(
        [complex(value) for value, copies in found.eigenvalues for _ in range(int(copies))]
    )


@pytest.mark.every(3)
@pytest.mark.parametrize("name", STILL)
def test_rest_at_consensus_for_any_weights(name):
    model = STILL[name]
    rng = np.random.default_rng(3)
    count, dimension = int(rng.integers(2, 5)), int(rng.integers(2, 5))
    values = drawn(model, rng, dimension)
    point = sphere.random_points(1, dimension, rng=rng)[0]
    state = {"r": np.full(count, 1.7)}
    state = state if len(model.blocks) > 1 else {}
    spectrum = consensus(model)
    named = {s: values[str(s)] for s in model.parameters if np.ndim(values[str(s)]) == 0}
    named |= {n: count, d: dimension, t: 0.3, Symbol("r", positive=True, real=True): 1.7}
    matrices = {s: values[str(s)] for s in model.parameters if isinstance(s, MatrixSymbol)}
    named |= scores_at(spectrum, point, matrices)
    expected = listed(spectrum, named)
    assert len(expected) == count * (dimension - 1)
    found = np.sort_complex(measured(model, count, point, values, state))
    assert np.allclose(found, expected, atol=1e-7)


def scores_at(spectrum, point, matrices):
    """Numbers for the scores at consensus that eigenvalues hold."""
    symbols = {s for value, _ in spectrum.eigenvalues for s in value.free_symbols}
    table = {s: e for s, e in spectrum.scalars if s in symbols}
    at = Evaluator(
        {POINT: point[:, None].tolist(), **{s: v.tolist() for s, v in matrices.items()}},
        {d: len(point), k: 2, width: 5},
        apply=_number,
    )
    return {symbol: at(expr)[0][0] for symbol, expr in table.items()}


def test_known_rates():
    def across(model):
        return consensus(model).eigenvalues[-1]

    count = (n - 1) * (d - 1)
    total = exp(beta)
    assert across(STILL["sum"]) == (-3, count)
    rate, copies = across(STILL["off by one"])
    assert simplify(rate + total / (1 + total)) == 0 and copies == count
    assert simplify(across(STILL["sigmoid"])[0] + 1 / (1 + exp(-beta))) == 0
    assert across(STILL["heads"])[0] == -Rational(7, 3)
    assert across(STILL["Sinkhorn"])[0] == across(STILL["L2"])[0] == -1
    for model in (PRE_LN, PERI_LN):
        found = consensus(model)
        assert found.eigenvalues[-1][0] == -1 / Symbol("r", positive=True, real=True)
        assert found.others == ((0, n - 1),) and found.stable.name == "STABLE"
    assert consensus(MIX_LN).eigenvalues[-1][0].subs({tau: 2, t: 1}) == -1
    assert across(NGPT)[0] == -alpha
    assert simplify(across(COD)[0] + (t + 1) ** -Rational(1, 2)) == 0
    assert consensus(REPULSIVE).stable.name == "UNSTABLE"


@pytest.mark.every(4, rest="full")
@pytest.mark.parametrize(
    "name", ["sum", "sink", "sigmoid", "nGPT", "CoD", "queries, no softmax", "pre-LN", "peri-LN"]
)
def test_the_differential_gives_what_the_weights_give(name):
    model = STILL[name]
    by_weights = [simplify(v) for v, _ in consensus(model).eigenvalues]
    by_slope = [simplify(v) for v, _ in _differentiated(model, None, d).eigenvalues]
    assert len(by_weights) == len(by_slope)
    for value in by_weights:
        assert any(simplify(value - other) == 0 for other in by_slope)


def test_masses():
    total = Symbol("M", positive=True)
    assert simplify(consensus(STILL["linear"], total).eigenvalues[-1][0] + total) == 0
    model = attention("sum", FULL + Elementwise(cosh(z), X * X.T) * DiagMatrix(m))
    found = consensus(model, [1, 2, 3]).eigenvalues
    assert [simplify(v + 1 + 6 * cosh(1)) for v, _ in found if v != 0] == [0]


# ---- consensus that moves ------------------------------------------------------------------------

_READ = RowSoftmax(beta * X * Y.T, OneMatrix(others, 1)) * Y
CROSS = Model("cross", {X: Tangent(X, _READ)}, blocks=(Block(X), Block(Y, "constant")))
MOVING = {"values": QKV, "heads": multi_head(2), "feed-forward": feed_forward(2), "keys": CROSS}


@pytest.mark.every(4)
@pytest.mark.parametrize("name", MOVING)
def test_across_consensus_that_moves(name):
    model = MOVING[name]
    rng = np.random.default_rng(8)
    count, dimension = 4, 3
    values = drawn(model, rng, dimension)
    state = {"Y": sphere.random_points(3, dimension, rng=rng)} if model is CROSS else {}
    point = sphere.random_points(1, dimension, rng=rng)[0]
    function, base = moved(model, values, state), np.tile(point, (count, 1))
    spectrum = consensus(model)
    symbols = {str(s): s for s in model.parameters} | {"Y": Y}
    entries = {
        symbols[key]: np.asarray(value).tolist()
        for key, value in {**values, **state}.items()
        if np.ndim(value)
    }
    sizes = {d: dimension, k: 2, width: 5, others: 3}
    numbers = {symbols[key]: v for key, v in values.items() if np.ndim(v) == 0}

    def scalar(expr):
        found = {s: inner[s] for s in expr.free_symbols if s in inner}
        return float(S(expr).subs({**numbers, **found}))

    def applied(body, value):
        return float(body.subs(numbers).subs(z, value))

    inner = {}
    axes = frame(point)
    entries[POINT], entries[DIRECTION] = point[:, None].tolist(), axes[0][:, None].tolist()
    at = Evaluator(entries, sizes, scalar, applied)
    for symbol, expr in spectrum.scalars:
        inner[symbol] = at(expr)[0][0]
    ((_, speed),) = spectrum.moving
    assert np.allclose(np.ravel(at(speed)), function(base)[0])
    assert np.linalg.norm(function(base)[0]) > 1e-2
    weights = rng.normal(size=count)
    weights -= weights.mean()
    image = slope_along(function, base, np.outer(weights, axes[0])) @ axes.T
    if spectrum.operators:
        ((operator, copies),) = spectrum.operators
        assert copies == n - 1
        expected = axes @ np.ravel(at(operator))
    else:
        ((value, copies),) = spectrum.eigenvalues
        assert simplify(copies - (n - 1) * (d - 1)) == 0
        expected = np.array([scalar(value), 0])
    assert np.allclose(image, np.outer(weights, expected), atol=1e-7)


def test_in_all_of_space_nothing_draws_the_tokens_together():
    found = consensus(PURE_ATTENTION)
    assert found.eigenvalues == ((0, d * (n - 1)),)
    assert found.moving == ((X, V * POINT),)


@pytest.mark.slow
def test_layers_have_multipliers():
    found = consensus(DISCRETE_SA)
    assert found.multipliers
    values = dict((copies, value) for value, copies in found.eigenvalues)
    assert values[d - 1] == 1 and simplify(values[(d - 1) * (n - 1)] * (1 + eta)) == 1
    assert found.at({eta: Rational(1, 2), n: 3, d: 3}).stable.name == "STABLE"
    away = consensus(discrete_layer(REPULSIVE)).at({eta: Rational(1, 2), n: 3, d: 3})
    assert away.stable.name == "UNSTABLE"


# ---- masks, species ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "parameters"),
    [
        (RowSoftmax(beta * X * X.T, m, Mask.causal()) + FULL, ()),
        (2 * RowSoftmax(beta * X * X.T, m, Mask.strictly_causal()) + COLD, ()),
        (RowSoftmax(beta * X * X.T, m, Mask.bipartite(2)) + FULL, ()),
    ],
    ids=["causal + full", "strictly causal + full", "bipartite + full"],
)
def test_sums_with_masks(weights, parameters):
    model = attention("sum", weights, *parameters)
    rng = np.random.default_rng(1)
    point = sphere.random_points(1, 3, rng=rng)[0]
    expected = listed(consensus(model), {n: 5, d: 3})
    found = np.sort_complex(measured(model, 5, point, {"beta": 0.8}))
    assert np.allclose(found, expected, atol=0.05)  # Jordan blocks: roots of the rounding
    assert np.allclose(expected, listed(consensus(model, tokens=5), {d: 3}))
    assert consensus(model).stable.name == "STABLE"


def test_place_by_place():
    causal = attention("causal", RowSoftmax(beta * X * X.T, m, Mask.causal()))
    assert consensus(causal).places[0][0] == (1 - PLACE) / PLACE
    assert consensus(causal).stable.name == "STABLE"
    strict = attention("strict", RowSoftmax(beta * X * X.T, m, Mask.strictly_causal()))
    assert consensus(strict).places == ((-1, d - 1),)
    rotated = Model("away", Tangent(X, -(causal.velocity.field)))
    assert consensus(rotated).stable.name == "UNSTABLE"


def test_two_species_meet():
    alike = OneMatrix(others, 1)
    model = Model(
        "two",
        {
            X: Tangent(X, FULL * X + RowSoftmax(beta * X * Y.T, alike) * Y),
            Y: Tangent(Y, RowSoftmax(beta * Y * Y.T, alike) * Y),
        },
        blocks=(Block(X), Block(Y)),
    )
    found = consensus(model)
    assert dict(found.eigenvalues) == {
        S.Zero: d - 1,
        S(-2): (d - 1) * (n - 1),
        S(-1): others * (d - 1),
    }
    assert token_weights(model)[Y].keys() == {Y}


def test_windows_need_a_number_of_tokens():
    window = attention("window", RowSoftmax(beta * X * X.T, m, Mask.band(1)))
    with pytest.raises(ValueError, match="number of tokens"):
        consensus(window)
    assert consensus(window, tokens=4).tokens == 4


# ---- positions -----------------------------------------------------------------------------------


def turned(point, places, base):
    """<x, R^k x> of `Rotary`, one for each number k of places."""
    width = len(point)
    pairs = width // 2
    squares = point[: 2 * pairs : 2] ** 2 + point[1 : 2 * pairs : 2] ** 2
    angles = base ** (-2 * np.arange(pairs) / width)
    rest = (point[2 * pairs :] ** 2).sum()
    return {k: float(squares @ np.cos(k * angles) + rest) for k in places}


NAMES = (
    "ALiBi",
    "RoPE",
    "RoPE + sink",
    "window",
    "window + sigmoid",
    "ALiBi + window",
    "causal + sink",
    "ALiBi + causal",
    "RoPE + causal",
    "ALiBi + strictly causal + softmax-off-by-one",
    "RoPE + causal + pre-LN",
)


@pytest.mark.every(21)
@pytest.mark.parametrize("name", NAMES)
def test_positions_and_masks_of_the_catalogue(name):
    model, count, dimension = catalogue(name), 4, 3
    rng = np.random.default_rng(4)
    values = drawn(model, rng, dimension)
    if "base" in values:
        values["base"] = 30.0
    point = sphere.random_points(1, dimension, rng=rng)[0]
    named = {s: values[str(s)] for s in model.parameters} | {d: dimension}
    named |= {Symbol("r", positive=True, real=True): 1.7}
    state = {"r": np.full(count, 1.7)} if len(model.blocks) > 1 else {}
    found = np.sort_complex(measured(model, count, point, values, state))
    whole = consensus(model, tokens=count)
    inner = turned(point, range(1, count), values.get("base", 1.0))
    at = {s: inner[int(s.args[0])] for s, _ in whole.scalars if s.args}
    expected = listed(whole, {**at, **named})
    assert len(expected) == count * (dimension - 1)
    atol = 0.05 if "strictly" in name else 1e-6
    assert np.allclose(found, expected, atol=atol)
    assert whole.stable.name == "STABLE"
    if "causal" in name:  # place by place, at every number of tokens
        every = consensus(model)
        assert every.stable.name == "STABLE"
        functions = {s.func for s, _ in every.scalars if s.args}
        spelled = every.applied(lambda e: e.subs(n, count).doit()).at({n: count})
        for function in functions:
            spelled = spelled.at({function(j): inner[j] for j in inner})
        again = listed(spelled, named)
        assert np.allclose(again, expected, atol=1e-9)


def test_a_graph_by_its_matrix():
    ring = Matrix([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    found = consensus(catalogue("graph"), tokens=ring)
    assert found.contracting and found.stable.name == "STABLE"
    apart = Matrix([[1, 0, 0], [0, 1, 1], [0, 1, 1]])
    assert consensus(catalogue("graph"), tokens=apart).stable.name != "STABLE"


def test_a_slow_score_is_no_eigenvalue():
    """With positions the weights at consensus aren't the masses over their sums."""
    found = consensus(catalogue("ALiBi + causal")).places[0][0].doit()
    slope = next(s for s in found.free_symbols if str(s) == "slope")
    assert simplify(found.subs(PLACE, 3) + 1 - 1 / (1 + exp(-slope) + exp(-2 * slope))) == 0


# ---- where consensus moves -----------------------------------------------------------------------


def read_again(model, witness):
    """The difference of a witness, from the compiled velocity."""
    values = dict(witness.first.values)
    state = {str(b.symbol): np.array(values[b.symbol], float) for b in model.blocks}
    names = {str(s): s for s in model.parameters}
    given = {
        key: np.array(values[s], float) if isinstance(s, MatrixSymbol) else float(values[s])
        for key, s in names.items()
    }
    field = compile_model(model, **given)
    found = field(state)["X"] if len(state) > 1 else field(state["X"])
    other = found if witness.second.expr == witness.first.expr else 0 * found
    return found[witness.first.place] - other[witness.second.place]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["low-rank heads", "cross-attention", "no projection"])
def test_a_witness_that_consensus_moves(name):
    model = catalogue(name)
    witness = consensus_break(model)
    assert abs(witness.number) > 1e-3
    assert abs(witness.again() - witness.number) < 1e-12
    assert read_again(model, witness) == pytest.approx(float(witness.number), abs=1e-12)
    assert consensus(model).moving and "x*'" in str(consensus(model).residual)


def test_positions_in_the_values_are_an_obstruction():
    places = MatrixSymbol("p", n, d)
    field = RowSoftmax(beta * X * X.T, m, Mask.causal()) * (X + places)
    model = Model("placed", {X: Tangent(X, field)}, blocks=(Block(X), Block(places, "constant")))
    with pytest.raises(Obstruction) as raised:
        consensus(model)
    witness = raised.value.witness
    assert abs(witness.again() - witness.number) < 1e-12
    assert read_again(model, witness) == pytest.approx(float(witness.number), abs=1e-12)
    assert "yet" in witness.statement


@pytest.mark.slow
@pytest.mark.parametrize("layer", [layer_norm(MatrixSymbol("g", d, 1)), rms_norm()])
def test_across_a_normalisation(layer):
    rng = np.random.default_rng(2)
    ((operator, _),) = consensus(layer).operators
    point, direction, gain = rng.normal(size=(3, 4))
    image = compile_model(layer, **({"g": gain[:, None]} if layer.parameters else {}))
    step = 1e-5
    rows = [point + sign * step * direction for sign in (1, -1)]
    ahead, behind = (image(np.array([row, point]))[0] for row in rows)
    scalars = {}
    entries = {POINT: point[:, None].tolist(), DIRECTION: direction[:, None].tolist()}
    entries[MatrixSymbol("g", d, 1)] = gain[:, None].tolist()
    at = Evaluator(entries, {d: 4}, lambda e: float(S(e).subs({**scalars, d: 4})), _number)
    for symbol, expr in consensus(layer).scalars:
        scalars[symbol] = at(expr)[0][0]
    assert np.allclose(np.ravel(at(operator)), (ahead - behind) / (2 * step), atol=1e-6)


@pytest.mark.every(13)
@pytest.mark.parametrize("name", catalogue())
def test_every_name_of_the_catalogue_has_a_spectrum_or_a_witness(name):
    model = catalogue(name)
    tokens = {
        "window": 4,
        "ALiBi": 4,
        "RoPE": 4,
        "graph": Matrix([[1, 1, 0], [0, 1, 1], [1, 0, 1]]),
    }
    try:
        found = consensus(model, tokens=tokens.get(name))
    except Obstruction as error:
        assert abs(error.witness.again() - error.witness.number) < 1e-12
        assert abs(error.witness.number) > 1e-6
        return
    assert found.eigenvalues or found.operators
    assert bool(found.moving) == (consensus_break(model) is not None)
