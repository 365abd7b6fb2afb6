"""T7: facts at all states against numpy, runs from drawn starts, and twins that are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Abs, DiagMatrix, HadamardProduct, Integer, Matrix, Rational, S, exp, log, oo, sqrt

from numerics.sphere import random_points
from proofs_checks.proof import masked_attention
from proofs_checks.propositions import Is, Rel, Subject, Tends
from proofs_checks.theorems import Refusal, Theorem, apply, assume, read, replayed, settle
from proofs_checks.theorems.almost_every import (
    ALMOST,
    EACH_FOLLOWS,
    FIRST,
    FOLLOWING,
    RUNS_ON,
)
from proofs_checks.theorems.energy import attached, gradient_of
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.own_weight import narrow
from proofs_checks.theorems.readers import MOTION, ROOTED
from proofs_checks.theorems.starts import almost_every_start
from proofs_checks.theorems.states import States
from theory.atoms import Elementwise, RowNormalize, RowSoftmax, Tangent
from theory.masks import GRAPH, Mask
from theory.models import CAUSAL, SA, Model, catalogue
from theory.symbols import Q, X, beta, m, n, t, z
from theory.terms import Elapsed
from theory.weights import SinkSoftmax

SLOW = pytest.mark.slow


def _run(rate: Any, state: Any, times: int, step: float) -> Any:
    for _ in range(times):
        one = rate(state)
        two = rate(_moved(state, one, step / 2))
        state = _moved(state, two, step)
    return state


def _moved(state: Any, rate: Any, step: float) -> Any:
    x, r = state[0] + step * rate[0], state[1] + step * rate[1]
    return x / np.linalg.norm(x, axis=1, keepdims=True), r


@pytest.mark.parametrize(
    "name",
    ["causal", *(pytest.param(k, marks=SLOW) for k in ("pre-LN", "peri-LN", "nGPT", "sink"))],
)
def test_runs_meet(name: str) -> None:
    """From drawn starts on S² tokens end in one point; under causal sight in the first.

    At β = 1.2 six tokens of one mass are in (N), and no cluster is long-lived.
    """
    rng = np.random.default_rng(len(name))
    for _ in range(2):
        x = rng.normal(size=(6, 3))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        first = x[0]

        def rate(state: Any) -> Any:
            y, r = state
            w = np.exp(1.2 * y @ y.T) * (np.tri(6) if name == "causal" else 1.0)
            pull = w @ y / (w.sum(axis=1, keepdims=True) + (3.0 if name == "sink" else 0.0))
            size = np.linalg.norm(pull, axis=1)
            slow = {"pre-LN": r, "peri-LN": r * size, "nGPT": size}.get(name, np.ones(6))
            grows = {"pre-LN": 1.0, "peri-LN": 1 / size}.get(name, 0.0)
            radial = (pull * y).sum(axis=1)
            return (pull - radial[:, None] * y) / slow[:, None], radial * grows

        # with lengths the distance falls like 1/t
        times, step = (1500, 0.5) if name in ("pre-LN", "peri-LN") else (400, 0.25)
        end, _lengths = _run(rate, (x, np.ones(6)), times, step)
        assert np.linalg.norm(end - end[0], axis=1).max() < 0.05
        if name == "causal":
            assert np.linalg.norm(end - first, axis=1).max() < 1e-6


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("causal", "circle", "d >= 2: from almost every start all tokens tend to x_1(0)"),
        pytest.param("sink", "Theorem 6.1", "d >= 3: every solution converges", marks=SLOW),
        ("pre-LN", "Theorem 6.1", "d >= 3, (M - m_i) χ(β) < m_i e^β for every i (N)"),
        pytest.param(
            "nGPT",
            "Theorem 5.1",
            "d >= 2, β >= (d-1)(n-1)²/π², (M - m_i) χ(β) < m_i e^β",
            marks=SLOW,
        ),
        pytest.param(
            "CoD",
            "Theorem 4.3",
            "d >= 2, β < -log(1 - min m): every solution converges",
            marks=SLOW,
        ),
    ],
)
def test_what_is_said(name: str, row: str, said: str) -> None:
    found = almost_every_start(row, Subject.of(catalogue(name)))
    assert found is not None and found[0].startswith(said)
    own = found[1]
    again = replayed(own.found)
    assert isinstance(again, Theorem) and again.says == own.says.then
    assert (narrow(beta) in own.says.given) == ("(N)" in said or "χ" in said)


def _with(field: Any) -> Subject:
    return Subject.of(replace(SA, velocity=Tangent(X, field)))


@SLOW
def test_twins() -> None:
    """A speed of the other sign, one whose integral is finite, and what grows beyond all."""
    velocity = SA.velocity
    assert isinstance(velocity, Tangent)
    assert almost_every_start("Theorem 6.1", Subject.of(SA)) is not None
    assert almost_every_start("Theorem 6.1", _with(-velocity.field)) is None
    assert almost_every_start("Theorem 6.1", _with(exp(-t) * velocity.field)) is None
    for speed, right in ((1 / (1 + t), True), (1 / (1 + t) ** 2, False), (exp(-t), False)):
        runs = settle(RUNS_ON, Tends(Elapsed(speed), oo, oo))
        assert isinstance(runs, Theorem) == right


@SLOW
def test_who_follows() -> None:
    """The first token is met where no token sees a later one, at speeds that don't change."""
    for name, right in (
        ("strictly causal", True), ("causal ALiBi", True), ("RoPE + causal", True),
        ("causal + pre-LN", False), ("window", False), ("RoPE + causal + nGPT", False),
    ):  # fmt: skip
        found = almost_every_start("Theorem 5.1", Subject.of(catalogue(name)))
        first = found is not None and isinstance(found[1].says.then, Is)
        assert first == right, name
        if first and found is not None:
            assert found[1].says.then.definition is FIRST


@pytest.mark.parametrize(
    ("seen", "first"),
    [
        ([[1, 0, 0], [1, 1, 0], [0, 1, 1]], 1),
        ([[1, 1, 1], [0, 1, 0], [0, 1, 1]], 2),
        ([[1, 0, 1], [1, 1, 1], [0, 0, 1]], 3),
        ([[1, 0, 0], [0, 1, 0], [1, 1, 1]], None),  # two that see no other
        ([[1, 1, 0], [0, 1, 1], [0, 1, 1]], None),  # two that see each other
        ([[1, 1, 0], [0, 1, 1], [1, 0, 1]], None),  # a circle of three
    ],
)
def test_an_order_of_a_graph_is_found(seen: list[list[int]], first: int | None) -> None:
    """Tokens meet at the start of the one that sees no other, whatever the numbers of the rest."""
    mask = Mask(GRAPH, Matrix(seen), n)
    subject = _with(RowSoftmax(beta * SCORES, m, mask=mask) * X)
    found = almost_every_start("Theorem 6.1", subject)
    said = found is not None and isinstance(found[1].says.then, Is)
    assert said == (first is not None)
    if first is not None:
        assert found is not None and found[0].endswith(f"all tokens tend to x_{first}(0)")
        assert found[1].says.then.arguments == (subject, Integer(first))
        x = start = random_points(3, 3, rng=4)
        for _ in range(4000):
            w = np.exp(1.2 * x @ x.T) * np.array(seen)
            pull = w @ x / w.sum(axis=1, keepdims=True)
            x = x + 0.02 * (pull - (pull * x).sum(axis=1)[:, None] * x)
            x /= np.linalg.norm(x, axis=1)[:, None]
        assert np.abs(x - start[first - 1]).max() < 1e-6


def test_at_beta_zero_nothing_is_said_under_n() -> None:
    """(N) has no masses at β = 0, so pre-LN is not said to meet under it."""
    for name in ("pre-LN", "nGPT"):
        model = catalogue(name)
        assert isinstance(model, Model)
        subject = Subject.of(model, {beta: 0})
        assert almost_every_start("Theorem 6.1", subject) is None
        cold = almost_every_start("Theorem 4.1", subject)
        assert cold is not None and narrow(0 * beta) not in cold[1].says.given
    assert isinstance(
        almost_every_start("Theorem 4.1", Subject.of(catalogue("CoD"), {beta: 0})), tuple
    )


def test_what_is_known_along_solutions_is_not_known_at_all_states() -> None:
    """nGPT divides by |A_i|: that a solution has a value says nothing of the other states.

    Without (N) two opposite tokens, masses 1 and e^(2β), have A_1 = 0.
    """
    subject = Subject.of(catalogue("nGPT"))
    own = attached(subject)
    assert not isinstance(own, Refusal)
    states, root = States(own), read(ROOTED, subject)
    slope = gradient_of(own, states.unit, states.still, (root,))
    sign = settle(SIGNS, Rel("<", 0, own.pace), states.mass, root)
    assert isinstance(slope, Theorem) and isinstance(sign, Theorem)
    found = apply(ALMOST, states.in_space(), slope, read(MOTION, subject), sign)
    assert isinstance(found, Refusal) and "at all states" in found.reason


SCORES = X * X.T
CAUSAL_SIGHT = Mask.causal()


def _seen(kernel: Any) -> Any:
    """Weights of a kernel that aren't divided."""
    return HadamardProduct(Elementwise(kernel, SCORES), CAUSAL_SIGHT) * DiagMatrix(m)


@pytest.mark.parametrize(
    ("field", "right"),
    [
        (SinkSoftmax(beta * SCORES, m, beta, CAUSAL_SIGHT) * X, True),
        (RowSoftmax(Elementwise(z**2 - z, SCORES), m, mask=CAUSAL_SIGHT) * X, True),
        (_seen(1 / (1 + exp(-beta * z))) * X, True),
        (_seen(exp(z) + beta**2) * X, True),
        (_seen(1 + z) * X, False),  # which vanishes
        (_seen(exp(sqrt(1 + z))) * X, False),
        (_seen(exp(z) * (1 + t)) * X, False),
        # a speed of later tokens
        (SinkSoftmax(beta * SCORES, m, SCORES * m, CAUSAL_SIGHT) * X, False),
        # scores that have no slope, or no value, at opposite or orthogonal tokens
        (RowSoftmax(Elementwise(sqrt(1 + z), SCORES), m, mask=CAUSAL_SIGHT) * X, False),
        (RowSoftmax(Elementwise(Abs(z), SCORES), m, mask=CAUSAL_SIGHT) * X, False),
        (RowSoftmax(Elementwise(1 / z, SCORES), m, mask=CAUSAL_SIGHT) * X, False),
        # weights 1 + <x_i,x_j>, which vanish
        (RowSoftmax(Elementwise(log(1 + z), SCORES), m, mask=CAUSAL_SIGHT) * X, False),
    ],
)
def test_followers_have_smooth_positive_weights(field: Any, right: bool) -> None:
    assert isinstance(read(FOLLOWING, _with(field)), Theorem) == right


def test_scores_of_matrices_are_smooth() -> None:
    normed = RowSoftmax(RowNormalize(X * Q.T) * X.T, m, mask=CAUSAL_SIGHT) * X  # Qx may be 0
    own = masked_attention("causal QK", CAUSAL_SIGHT)
    assert isinstance(read(FOLLOWING, Subject.of(own)), Theorem)
    other = replace(own, velocity=Tangent(X, normed), parameters=(Q,))
    assert isinstance(read(FOLLOWING, Subject.of(other)), Refusal)


def test_one_start_stays_behind() -> None:
    """x_k = -x_1 does, where all before it are at x_1: none is too few, two are enough."""
    follows = read(FOLLOWING, Subject.of(CAUSAL))
    for count, right in ((1, True), (2, True), (0, False), (Rational(3, 2), False), (beta, False)):
        found = apply(EACH_FOLLOWS, follows, count=S(count))
        assert isinstance(found, Theorem) == right
        assert not right or found.says.arguments[1:] == (1, count)
    stays = assume(Is(FIRST, Subject.of(CAUSAL), 1))
    assert isinstance(apply(EACH_FOLLOWS, stays, count=S.One), Refusal)
