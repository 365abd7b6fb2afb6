"""T8e: what is Lipschitz on a compact state that it keeps, hostile twins, and mutated proofs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, Piecewise, Rational, S, Symbol, exp, sqrt, tan

from proofs_checks import Verdict, check_model
from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    apply,
    assume,
    lasting_of,
    lasting_solutions,
    read,
    replayed,
    rough,
    settle,
)
from proofs_checks.theorems.existence import (
    COMPACT,
    KEPT,
    LASTING,
    LIPSCHITZ,
    REST_AT_LIMIT,
    RESTS,
    SMOOTH,
    STATES,
    TANGENT,
    masses_kept,
    smooth_at_states,
)
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.readers import solving
from theory.atoms import Elementwise, RowSoftmax, Sinkhorn, Tangent
from theory.models import MOVING_MASSES, SA, Model, catalogue
from theory.positive_part import PositivePart
from theory.symbols import X, alpha, beta, m, t, z

ROW = "Remark 3.1"


@pytest.mark.parametrize(
    "name",
    [
        *("ALiBi", "RoPE", "causal", "strictly causal", "window", "bipartite", "graph", "sink"),
        *("sigmoid", "cross-attention", "encoder-decoder", "ReLU", "positive features", "Sinkhorn"),
        *("CoD", "moving masses", "low-rank heads", "MLP block", "L2", "RoPE + L2"),
    ],
)
def test_a_lipschitz_velocity_on_a_compact_state_lasts(name: str) -> None:
    own = lasting_of(Subject.of(catalogue(name)))
    assert own is not None
    again = replayed(own.found)
    assert isinstance(again, Theorem) and again.says == own.says.then
    hot = {Rel("!=", beta, 0)} if name == "moving masses" else set()
    assert again.given == hot == set(own.says.given)


@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "nGPT", "discrete layer", "no projection"])
def test_lengths_layers_and_tokens_off_the_sphere_are_refused(name: str) -> None:
    assert lasting_of(Subject.of(catalogue(name))) is None


@pytest.mark.parametrize("name", ["SA", "RoPE", "moving masses", "MLP block"])
def test_a_limit_is_at_rest(name: str) -> None:
    subject = Subject.of(catalogue(name))
    found = apply(REST_AT_LIMIT, smooth_at_states(subject))
    assert isinstance(found, Theorem) and found.says == Is(RESTS, subject)
    assert isinstance(apply(REST_AT_LIMIT), Refusal)
    for other in (read(STATES, subject), read(TANGENT, subject), assume(Rel("<", 0, beta))):
        assert isinstance(apply(REST_AT_LIMIT, other), Refusal)
    along = together, smooth_at_states(subject), assume(solving(subject))
    assert isinstance(apply(REST_AT_LIMIT, apply(part, apply(*along), place=0)), Refusal)


@pytest.mark.parametrize("name", ["CoD", "pre-LN"])
def test_a_limit_of_what_changes_in_time_or_is_rough_may_move(name: str) -> None:
    assert isinstance(apply(REST_AT_LIMIT, smooth_at_states(Subject.of(catalogue(name)))), Refusal)


TWINS = {
    "a clock with a pole": Tangent(X, tan(t) * RowSoftmax(beta * X * X.T, m) * X),
    "a clock that ends": Tangent(X, RowSoftmax(beta * X * X.T, m) * X / (1 - t)),
    "a jump in time": Tangent(
        X, Piecewise((1, t < 1), (2, True)) * RowSoftmax(beta * X * X.T, m) * X
    ),
    "a kernel that is too steep": Tangent(
        X, Elementwise(sqrt(abs(z)), X * X.T) * DiagMatrix(m) * X
    ),
    "a step": Tangent(X, Elementwise(PositivePart(z, 0), X * X.T) * DiagMatrix(m) * X),
    "a positive part that is too steep": Tangent(
        X, Elementwise(PositivePart(z, Rational(1, 2)), X * X.T) * DiagMatrix(m) * X
    ),
    "divided by features that may vanish": Tangent(
        X,
        DiagMatrix(Elementwise(PositivePart(z, 1), X) * Elementwise(exp(z), X.T) * m) ** -1
        * X
        * X.T
        * DiagMatrix(m)
        * X,
    ),
    "unequal shares of moving lengths": Tangent(X, Sinkhorn(X * X.T, m * beta) * X),
    "divided by its sum, which may be 0": Tangent(
        X, DiagMatrix(Elementwise(1 / z, X * X.T * m)) * X * X.T * DiagMatrix(m) * X
    ),
    "nothing in front": RowSoftmax(beta * X * X.T, m) * X,
    "projections that are added up": X * X.T * SA.velocity,
    "a projection at other rows": Tangent(2 * X, RowSoftmax(beta * X * X.T, m) * X),
}


@pytest.mark.parametrize("twin", TWINS)
def test_what_isnt_smooth_or_tangent_is_refused(twin: str) -> None:
    model = Model(twin, TWINS[twin], parameters=(beta,))
    assert lasting_of(Subject.of(model)) is None


def test_a_parameter_in_a_denominator_isnt_0() -> None:
    """At β = 0 such a velocity has no value; of β - 1 nothing is known."""
    gap = Symbol("a", real=True)
    for below, wanted in ((beta, {Rel("!=", beta, 0)}), (S(3), set()), (gap - 1, None)):
        field = RowSoftmax(X * X.T, m) * X / below
        own = lasting_of(Subject.of(Model("own", Tangent(X, field), parameters=(beta, gap))))
        assert (None if own is None else set(own.says.given)) == wanted
    with_pole = Subject.of(Model("own", Tangent(X, SA.velocity.field / beta), parameters=(beta,)))
    assert isinstance(settle(SMOOTH, Is(LIPSCHITZ, with_pole)), Refusal)


def test_masses_whose_sum_moves_dont_stay_on_a_simplex() -> None:
    grows = replace(
        MOVING_MASSES, velocity=MOVING_MASSES.velocities | {m: alpha * DiagMatrix(m) * m}
    )
    assert lasting_of(Subject.of(grows)) is None


def test_every_premise_is_needed() -> None:
    subject, other = Subject.of(MOVING_MASSES), Subject.of(SA)
    found = lasting_solutions(subject)
    assert isinstance(found, Theorem) and found.by is LASTING and len(found.premises) == 4
    for place in range(4):
        before, after = found.premises[:place], found.premises[place + 1 :]
        assert isinstance(apply(LASTING, *before, *after), Refusal)
        assert isinstance(apply(LASTING, *before, found, *after), Refusal)
        along = apply(
            part, apply(together, found.premises[place], assume(solving(subject))), place=0
        )
        assert isinstance(apply(LASTING, *before, along, *after), Refusal)
    for place, says in enumerate((Is(COMPACT, other), Is(KEPT, other), Is(LIPSCHITZ, other))):
        mixed = [*found.premises]
        mixed[place] = assume(says)
        assert isinstance(apply(LASTING, *mixed), Refusal)
    (says,) = masses_kept(subject)
    for less in (Rel("=", says.left, 1), Rel("<=", says.left, 0), Rel("=", 2 * says.left, 0)):
        assert isinstance(apply(LASTING, *found.premises[:3], assume(less)), Refusal)
    plain = read(STATES, other), read(TANGENT, other), settle(SMOOTH, Is(LIPSCHITZ, other))
    assert isinstance(apply(LASTING, *plain), Theorem)
    assert isinstance(apply(LASTING, *plain, assume(Rel("=", beta, 0))), Refusal)


def test_parts_are_named() -> None:
    for name in ("SA", "USA", "ReLU", "Sinkhorn"):
        assert rough(catalogue(name).velocity) == ""
    for field in (2 * X, (SA.velocity.field + X) * sqrt(1 + t), 2 * SA.velocity.field + X):
        assert rough(Tangent(X, field)) == ""
    steep = TWINS["a kernel that is too steep"]
    assert rough(steep) == "[sqrt(Abs(z)) at z=X*X.T]"


def test_sinkhorns_weights_are_smooth_also_of_scores_that_are_not_symmetric() -> None:
    """I + P is invertible for positive P with rows of sum 1: only 1 has modulus 1."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        plan = np.exp(3 * rng.normal(size=(5, 5)))
        plan /= plan.sum(axis=1, keepdims=True)
        assert np.min(np.abs(1 + np.linalg.eigvals(plan))) > 1e-3


@pytest.mark.slow
def test_the_row() -> None:
    found = check_model(catalogue("causal"), only=ROW)[ROW]
    assert found.verdict is Verdict.PROVED and "Lipschitz on a compact state" in found.sentence
