"""T13: constants watched at pairs of states in numpy, fields without one, and mutated proofs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import (
    Abs,
    DiagMatrix,
    Function,
    MatrixSymbol,
    Rational,
    S,
    Transpose,
    cos,
    exp,
    lambdify,
    log,
    sqrt,
)

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.propositions import All, Is, Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, one_sided, replayed, settle
from proofs_checks.theorems.chord_rates import chords
from proofs_checks.theorems.chords import (
    APART,
    FAST,
    IN_BALL,
    MOMENT,
    PART,
    SHARES_MOVE,
    SLOPED,
    SLOPES,
    bounds_of,
)
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import OTHER, TOKEN, solving
from proofs_checks.theorems.sheets import steps_of
from theory.atoms import Elementwise, RowSoftmax, Sinkhorn, Tangent, row_normalised
from theory.function_ranges import largest
from theory.masks import Mask
from theory.models import QK_SA, QK_USA, QKV, SA, Model, catalogue
from theory.positive_part import PositivePart
from theory.symbols import K, Q, V, X, alpha, beta, m, n, t, z
from theory.terms import Inner, Item, OperatorNorm, Row, Vec, ddt, total
from theory.weights import SinkSoftmax

WHOLE = total(Item(m, OTHER), OTHER)


def rate_of(model: Model, **values: Any) -> Any:
    """K of a theorem that is concluded again."""
    given = {symbol: values[str(symbol)] for symbol in model.parameters if str(symbol) in values}
    own = one_sided(Subject.of(model, given))
    assert own is not None
    found = replayed(own.found)
    assert isinstance(found, Theorem) and found.says == own.says.then
    assert found.given == set(own.says.given)
    return found.says.right / APART


HOT = Abs(beta)


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        *((name, 2 * (1 + HOT)) for name in ("causal", "strictly causal", "window", "graph")),
        *((name, 2 * (1 + HOT)) for name in ("bipartite", "ALiBi", "RoPE", "sink", "SA")),
        ("CoD", 2 * (1 + HOT) / sqrt(1 + t)),
        ("sigmoid", 2 * WHOLE * (1 + HOT)),
        ("linear", 4 * WHOLE * HOT),
        ("ReLU", 4 * WHOLE * HOT),
        ("USA", 2 * WHOLE * (1 + HOT) * exp(HOT)),
        ("positive features", 2 * (1 + beta)),
        ("Sinkhorn", 2 + 2 * HOT + 2 * HOT * exp(4 * HOT)),
    ],
)
def test_the_constant_is_the_models_own(name: str, rate: Any) -> None:
    assert (rate_of(catalogue(name)) - rate).expand() == 0


MAPPED_HEAT = HOT * OperatorNorm(Transpose(Q) * K)
WITHOUT_SUM = Model(
    "exponentials through V",
    Tangent(X, Elementwise(exp(beta * z), X * Q.T * K * X.T) * DiagMatrix(m) * X * V.T),
    parameters=(beta, Q, K, V),
)


@pytest.mark.parametrize(
    ("model", "rate"),
    [
        (QK_SA, 2 * (1 + MAPPED_HEAT)),
        (QK_USA, 2 * WHOLE * (1 + MAPPED_HEAT) * exp(MAPPED_HEAT)),
        (QKV, 2 * (1 + MAPPED_HEAT) * OperatorNorm(V)),
        (WITHOUT_SUM, 2 * WHOLE * (1 + MAPPED_HEAT) * exp(MAPPED_HEAT) * OperatorNorm(V)),
    ],
)
def test_matrices_stand_in_the_constant(model: Model, rate: Any) -> None:
    assert (rate_of(model) - rate).expand() == 0


@pytest.mark.parametrize("model", [QK_USA, QKV, WITHOUT_SUM], ids=lambda one: one.name)
def test_pairs_stay_below_the_constant_of_matrices(model: Model) -> None:
    rng, near = np.random.default_rng(3), 0.0
    for first, second in pairs(rng, True):
        names = [one for one in ("Q", "K", "V") if one in map(str, model.parameters)]
        drawn = {name: rng.standard_normal((2, 2)) for name in names}
        masses, hot = rng.uniform(0.1, 1, len(first)), float(rng.normal())
        masses /= masses.sum() if model is QKV else 1
        field = compile_model(model, beta=hot, masses=masses, **drawn)
        heat = abs(hot) * np.linalg.norm(drawn["Q"].T @ drawn["K"], 2)
        most = 2 * (1 + heat) * (1 if model is QKV else np.exp(heat) * masses.sum())
        most *= np.linalg.norm(drawn["V"], 2) if "V" in drawn else 1
        near = max(near, growth(field, first, second) / most)
    assert 0.2 < near < 1


def test_numbers_and_paces() -> None:
    assert rate_of(catalogue("causal"), beta=S(2)) == 6
    assert rate_of(catalogue("causal"), beta=S(0)) == 2
    turning = Model("turning", Tangent(X, cos(t) * SA.velocity.field), parameters=(beta,))
    assert (rate_of(turning) - Abs(cos(t)) * 2 * (1 + HOT)).expand() == 0
    assert alpha not in turning.parameters
    still = Model("at rest", Tangent(X, 0 * SA.velocity.field), parameters=())
    assert rate_of(still) == 0


def growth(field: Any, first: Any, second: Any) -> float:
    """One-sided growth of the largest chord, over the chord."""
    moves, gap = field(first) - field(second), first - second
    sizes = np.linalg.norm(gap, axis=1)
    i = int(np.argmax(sizes))
    return float(gap[i] @ moves[i] / sizes[i] ** 2)


def pairs(rng: Any, opposed: bool) -> Any:
    """Pairs of states; tokens opposite each other part fastest under a softmax."""
    for size, noise in [(3, 1e-3), (4, 0.05), (5, 0.5)] * 40:
        first = random_points(size, 2, rng)
        if opposed:
            first[0] = [1, 0]
            first[1:] = np.array([-1, 0]) + 0.3 * first[1:]
            first /= np.linalg.norm(first, axis=1, keepdims=True)
        second = first + noise * rng.standard_normal(first.shape)
        yield first, second / np.linalg.norm(second, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("name", "least"),
    [("RoPE", 0), ("causal", 0), ("sink", 0), ("bipartite", 0), ("positive features", 0.5)],
)
def test_pairs_of_states_stay_below_the_constant(name: str, least: float) -> None:
    hot = 4.0
    more = {"base": 100.0} if name == "RoPE" else {"sink": 0.5} if name == "sink" else {}
    field = compile_model(catalogue(name), beta=hot, **more)
    opposed = name != "positive features"
    found = [growth(field, *both) for both in pairs(np.random.default_rng(0), opposed)]
    assert least < max(found) < 2 * (1 + hot)


def with_potentials(x: Any, hot: float, masses: Any) -> Any:
    """A of the potential that is iterated here."""
    p = np.zeros(len(x))
    for _ in range(600):
        p = (p - np.log(np.exp(hot * x @ x.T + p) @ masses)) / 2
    return np.exp(p[:, None] + hot * x @ x.T + p) * masses


@pytest.mark.parametrize("hot", [-0.7, 0.6])
def test_outputs_of_potentials_move_as_is_said_in_the_ball(hot: float) -> None:
    rng, step = np.random.default_rng(5), 1e-4
    for _ in range(6):
        x, v = (random_points(3, 3, rng) * rng.uniform(0, 1, (3, 1)) for _ in range(2))
        masses = rng.uniform(0.1, 1, 3)
        outputs = [with_potentials(y, hot, masses) @ y for y in (x + step * v, x - step * v)]
        moved = np.linalg.norm(outputs[0] - outputs[1], axis=1).max() / (2 * step)
        most = 1 + 2 * abs(hot) * (1 + np.exp(4 * abs(hot)))
        assert moved <= most * np.linalg.norm(v, axis=1).max() + 1e-6
        weights = with_potentials(x, hot, masses)
        assert np.allclose(weights.sum(axis=1), 1)
        assert (weights >= np.exp(-4 * abs(hot)) * masses / masses.sum() - 1e-12).all()


@pytest.mark.parametrize("name", ["sigmoid", "summed sigmoid", "linear", "ReLU"])
def test_weights_of_inner_products_stay_below_theirs(name: str) -> None:
    rng, model, hot = np.random.default_rng(4), catalogue(name), 2.0
    masses = rng.uniform(0.2, 2, 4)
    field = compile_model(model, masses=masses, **{str(p): hot for p in model.parameters})
    put = {WHOLE: masses.sum(), **dict.fromkeys(model.parameters, Rational(2)), n: 4}
    rate = float(rate_of(model).subs(put))
    for far in (1e-3, 0.1, 1.0):
        for _ in range(30):
            x = random_points(4, 2, rng)
            y = x + far * rng.normal(size=x.shape)
            y /= np.linalg.norm(y, axis=1, keepdims=True)
            assert growth(field.unchecked, x, y) <= rate


@pytest.mark.parametrize(("sink", "row"), [(0.0, False), (0.8, False), (0.0, True)])
def test_outputs_of_shares_move_as_is_said_in_the_ball(sink: float, row: bool) -> None:
    """|A_i'| <= (1 + 2|β|) max |x_k'| of motions inside the ball too, of either sign of β."""
    rng = np.random.default_rng(2)
    for _ in range(200):
        hot, size = rng.normal() * 3, 4
        x = random_points(size, 3, rng) * rng.uniform(0, 1, (size, 1))
        v = random_points(size, 3, rng) * rng.uniform(0, 1, (size, 1))
        masses, seen = rng.uniform(0.1, 1, size), np.tril(np.ones((size, size))) if row else 1.0

        def output(y: Any, hot: float = hot, masses: Any = masses, seen: Any = seen) -> Any:
            k = seen * masses * np.exp(hot * y @ y.T)
            return k @ y / (sink + k.sum(axis=1, keepdims=True))

        moved = (output(x + 1e-6 * v) - output(x - 1e-6 * v)) / 2e-6
        fast = np.linalg.norm(v, axis=1).max()
        assert np.linalg.norm(moved, axis=1).max() <= (1 + 2 * abs(hot)) * fast + 1e-6
        assert np.linalg.norm(output(x), axis=1).max() <= 1


# -- bounds by form ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kernel",
    [
        1 / (1 + exp(-3 * z)),
        5 / (2 + exp(z) + exp(-2 * z)),
        z**3 - 2 * z,
        exp(z) * z,
        PositivePart(2 * z - 1, 1),
        1 / (exp(-z) + Rational(1, 7)),
        exp(z**2 - z),
    ],
)
def test_bounds_are_above_at_two_thousand_places(kernel: Any) -> None:
    found, places = bounds_of(kernel), np.linspace(-1, 1, 1999)
    assert found is not None
    for body, most in zip((kernel, kernel.diff(z)), found, strict=True):
        values = np.abs(lambdify(z, body)(places) + 0 * places)
        assert np.nanmax(values) <= float(most) * (1 + 1e-12)


@pytest.mark.parametrize(
    "kernel", [1 / (2 - z - beta), log(1 + z), 1 / z, cos(beta / z), 1 / (1 - exp(z)), z**-1 + 1]
)
def test_what_may_have_a_pole_isnt_bounded_by_its_form(kernel: Any) -> None:
    assert largest(kernel) is None


@pytest.mark.parametrize("power", [0, Rational(1, 2)])
def test_steps_and_roots_have_no_slope(power: Any) -> None:
    kernel = PositivePart(z, power)
    assert bounds_of(kernel) is None
    model = Model("own", Tangent(X, Elementwise(kernel, X * X.T) * DiagMatrix(m) * X))
    assert one_sided(Subject.of(model)) is None


def test_the_engine_decides_what_is_shown() -> None:
    g = gram(TOKEN, OTHER)
    kernel = 1 / (1 + exp(-g))
    assert isinstance(settle(SLOPES, Is(SLOPED, g, kernel, S(1), S(1))), Theorem)
    for size, slope in ((S(1), S(2)), (S(2), S(1)), (S(1), S.Half)):
        assert isinstance(settle(SLOPES, Is(SLOPED, g, kernel, size, slope)), Refusal)
    other = Inner(Row(X, TOKEN), Vec("w"))
    assert isinstance(settle(SLOPES, Is(SLOPED, other, kernel, S(1), S(1))), Refusal)


# -- fields without a constant, and hostile ones -------------------------------------------------

VALUES = MatrixSymbol("c", n, 1)
TWINS = {
    "values that move": Tangent(X, RowSoftmax(beta * X * X.T, m) * X * X.T * X),
    "two values": Tangent(X, RowSoftmax(beta * X * X.T, m) * (X * V + X)),
    "a sink that tokens move": Tangent(X, SinkSoftmax(beta * X * X.T, m, X * X.T * m) * X),
    "scores of matrices that move": Tangent(X, RowSoftmax(beta * X * X.T * X * X.T, m) * X),
    "exponentials that grow": Tangent(X, Elementwise(exp(z**2), X * V * X.T) * DiagMatrix(m) * X),
    "balanced scores of other rows": Tangent(X, Sinkhorn(beta * X * V * X.T, m) * X),
    "masses of any sign": Tangent(X, RowSoftmax(beta * X * X.T, VALUES) * X),
    "other masses of potentials": Tangent(X, Sinkhorn(beta * X * X.T, VALUES) * X),
    "a code": Tangent(X, RowSoftmax(Function("f")(t) * X * X.T * m * m.T, m) * X),
    "a pace of tokens": Tangent(X, DiagMatrix(X * X.T * m) * RowSoftmax(beta * X * X.T, m) * X),
}


@pytest.mark.parametrize("twin", TWINS)
def test_other_fields_are_refused(twin: str) -> None:
    model = Model(twin, TWINS[twin], parameters=(beta, V, VALUES))
    assert one_sided(Subject.of(model)) is None


def test_models_of_more_than_tokens_are_refused() -> None:
    for name in ("pre-LN", "nGPT", "moving masses", "discrete layer", "no projection"):
        assert one_sided(Subject.of(catalogue(name))) is None, name
    named = Model("own", Tangent(X, MOMENT * SA.velocity.field), parameters=(beta, MOMENT))
    assert one_sided(Subject.of(named)) is None


def features(first: Any, second: Any, *parameters: Any) -> Model:
    field = row_normalised(Elementwise(first, X) * Elementwise(second, X).T, m) * X
    return Model("own", Tangent(X, field), parameters=parameters)


def test_positive_features_have_the_slope_of_their_logarithm() -> None:
    """|d log φ| <= |β| |dx| of e^{βz}; 1/(2 + z) <= 1 on [-1, 1]."""
    assert rate_of(features(exp(beta * z), exp(beta * z), beta)) == 2 * (1 + HOT)
    assert (rate_of(features(exp(beta * z), 2 + z, beta)) - HOT - 3).expand() == 0


@pytest.mark.parametrize("body", [1 + z, 1 + 2 * z, PositivePart(z, 1)], ids=str)
def test_features_that_vanish_somewhere_have_no_constant_by_it(body: Any) -> None:
    assert one_sided(Subject.of(features(body, body))) is None


# -- mutations -----------------------------------------------------------------------------------

MODELS = {
    "SA": SA,
    "ALiBi + sink": catalogue("ALiBi + sink"),
    "RoPE": catalogue("RoPE"),
    "CoD": catalogue("CoD"),
    "sigmoid + causal": catalogue("sigmoid + causal"),
    "Sinkhorn": catalogue("Sinkhorn"),
    "e^(βz)": features(exp(beta * z), exp(beta * z), beta),
}


def weaker(one: Any) -> Any:
    """Facts that say less, or of one token only, with what each assumes."""
    says = one.says
    local = assume(Rel("<=", 0, Inner(Row(X, TOKEN), Vec("v"))))
    here = apply(part, apply(together, one, local), place=0)
    yield here, next(iter(local.given)) if isinstance(local, Theorem) else None
    for less in _less(says):
        if less != says:
            yield assume(less), less


def _less(says: Any) -> Any:
    if isinstance(says, All):
        for place, own in enumerate(says.args):
            for less in _less(own):
                yield All(*says.args[:place], less, *says.args[place + 1 :])
    elif isinstance(says, Rel) and not isinstance(says.left, Vec):
        try:
            yield Rel(says.op, says.left, says.right + 1)
            yield Rel(says.op, says.right, says.left)
        except TypeError:
            return
    elif isinstance(says, Is):
        yield Is(says.definition, *says.arguments[:-1], says.arguments[-1] + 1)


@pytest.mark.parametrize("name", MODELS)
def test_mutated_steps_conclude_less_or_nothing(name: str) -> None:
    """Premises dropped, swapped, weakened or of one token are refused, or say less."""
    whole = chords(Subject.of(MODELS[name]))
    assert isinstance(whole, Theorem)
    looked = 0
    ours = [one for one in steps_of(whole) if one.by.__class__.__name__ == "Rule" and one.premises]
    for one in ours:
        assert one.by is not None
        if not one.by.conclude.__module__.endswith("chords"):
            continue
        for place, premise in enumerate(one.premises):
            before, after = one.premises[:place], one.premises[place + 1 :]
            assert isinstance(apply(one.by, *before, *after, **one.parameters), Refusal)
            swapped = apply(one.by, *before, whole, *after, **one.parameters)
            assert isinstance(swapped, Refusal)
            for less, extra in weaker(premise):
                found = apply(one.by, *before, less, *after, **one.parameters)
                if isinstance(found, Theorem) and found.says == one.says:
                    assert extra in found.given and one.by not in (PART, SHARES_MOVE), place
                looked += 1
    assert looked > 10


def test_the_last_rule_asks_for_every_motion_at_a_time_that_is_held() -> None:
    """Bounds along solutions, of one time, or of the running time aren't enough."""
    subject = Subject.of(catalogue("CoD"))
    whole = chords(subject)
    assert isinstance(whole, Theorem)
    motion, held = whole.premises
    weight = whole.parameters["weight"]
    assert Is(IN_BALL, subject) in held.given
    for hypothesis in (
        solving(subject),
        Rel("<=", MOMENT, 1),
        Rel("<=", FAST, 1),
        Rel("<=", 0, Inner(Row(X, OTHER), Vec("w"))),
    ):
        under = apply(part, apply(together, held, assume(hypothesis)), place=0)
        assert isinstance(apply(PART, motion, under, weight=weight), Refusal), hypothesis
    known = apply(part, apply(together, motion, assume(Rel("<=", 0, beta))), place=0)
    assert isinstance(apply(PART, known, held, weight=weight), Refusal)
    running = assume(held.says.xreplace({MOMENT: t}))
    assert isinstance(apply(PART, motion, running, weight=weight), Refusal)
    other = chords(Subject.of(SA))
    assert isinstance(other, Theorem)
    assert isinstance(apply(PART, motion, other.premises[1], weight=weight), Refusal)


def test_a_mask_with_another_bound_is_refused() -> None:
    """A share of other tokens, and a slope of other scores."""
    subject = Subject.of(
        Model(
            "seen",
            Tangent(X, RowSoftmax(beta * X * X.T, m, mask=Mask.causal()) * X),
            parameters=(beta,),
        )
    )
    whole = chords(subject)
    assert isinstance(whole, Theorem)
    shares = next(one for one in steps_of(whole) if one.by is SHARES_MOVE)
    share = shares.parameters["share"]
    turned = share.xreplace({TOKEN: OTHER, OTHER: TOKEN})
    assert isinstance(apply(SHARES_MOVE, *shares.premises, share=turned), Refusal)
    own = ddt(gram(TOKEN, OTHER))
    slope = assume(All(Rel("<=", -FAST, own), Rel("<=", own, FAST)))
    assert isinstance(
        apply(SHARES_MOVE, *shares.premises[:3], slope, share=shares.parameters["share"]), Refusal
    )
