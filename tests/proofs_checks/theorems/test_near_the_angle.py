"""(6.11): bounds by numbers along runs, premises that are needed, and models without a bound."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import exp

from numerics.compile import compile_model
from proofs_checks import check_model
from proofs_checks.propositions import All, Is, Rel, Subject
from proofs_checks.theorems import (
    HIGH,
    UNIT_AXIS,
    Conclusion,
    Pull,
    Refusal,
    Theorem,
    apply,
    as_sheet,
    assume,
    common_sight,
    near_angles,
    pull_of,
    read,
    solving,
    steps_of,
)
from proofs_checks.theorems.chords import APART, PAIR
from proofs_checks.theorems.near_the_angle import CLOSE, PAIR_UNIT, PARTED
from proofs_checks.theorems.readers import TOKEN, UNIT
from theory.models import catalogue
from theory.symbols import X, beta, t
from theory.terms import Inner, Norm, Row, Vec, at


def concluded(name: str) -> Conclusion | None:
    subject = Subject.of(catalogue(name))
    pull = pull_of(subject)
    assert isinstance(pull, Pull)
    return near_angles(pull, common_sight(subject))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SA", "CoD"])
def test_what_is_concluded_is_claimed(name: str) -> None:
    own = concluded(name)
    assert own is not None
    sheet = as_sheet(own.says, own.found, own.names)
    subject = Subject.of(catalogue(name))
    assert sheet.holds and {Is(PAIR, subject), HIGH, UNIT_AXIS} <= set(own.says.given)
    assert "; u_i = x_i/s_i" in sheet.heading["where"] and "y_i =" not in sheet.heading["where"]
    far = own.says.then.args[0].args[1].right / at(APART) / 2
    if name == "SA":
        assert (far - exp(t * 2 * (abs(beta) + 1))).expand() == 0


@pytest.mark.slow
def test_inner_products_of_a_sink_stay_near_the_angle() -> None:
    """Early 2 e^(2(1+β)t) ε_0, late D²/2, along runs by Euler steps, from nearly orthonormal."""
    hot, step = 1.0, 1e-3
    field = compile_model(catalogue("softmax-off-by-one"), beta=hot)
    rng = np.random.default_rng(3)
    for size in (1e-3, 1e-2):
        even = np.eye(4)[:3]
        points = even + size * rng.normal(size=even.shape)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        begin, axis = np.linalg.norm(points - even, axis=1).max(), even.sum(axis=0) / np.sqrt(3)
        for k in range(1500):
            points, even = (p + step * np.asarray(field.unchecked(p)) for p in (points, even))
            points, even = (p / np.linalg.norm(p, axis=1, keepdims=True) for p in (points, even))
            apart = np.abs(points @ points.T - even @ even.T).max()
            assert apart <= 2 * np.exp(2 * (1 + hot) * (k + 1) * step) * begin
            y = points / (points @ axis)[:, None]
            wide = np.linalg.norm(y[:, None] - y[None], axis=2).max()
            assert (1 - points @ points.T).max() <= wide**2 / 2 + 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("text", ["log(2+t)", "1/(3-t)"])
def test_kernels_that_are_quotients_have_a_bound(text: str) -> None:
    (row,) = check_model(text, only="(6.11)").rows
    assert row.evidence.word == "PROVED"


@pytest.mark.parametrize("name", ["mix-LN", "causal", "positive features", "moving masses"])
def test_where_a_bound_is_missing_nothing_is_joined(name: str) -> None:
    """Lengths and outputs near 0 part at any rate; labels and directions have no one angle."""
    assert concluded(name) is None


def test_premises_are_needed() -> None:
    """Both solutions on the sphere; heights > 0 of all tokens, over one axis."""
    subject = Subject.of(catalogue("SA"))
    own = concluded("SA")
    assert own is not None and isinstance(own.found, Theorem)
    parted, close = (
        next(one for one in steps_of(own.found) if one.by is rule) for rule in (PARTED, CLOSE)
    )
    unit = read(UNIT, subject)
    for facts in ((), (unit,), (assume(Rel("=", Norm(Row(X, TOKEN)), 1)),), (assume(HIGH),)):
        assert isinstance(apply(PARTED, *facts), Refusal)
    assert isinstance(read(PAIR_UNIT, Subject.of(catalogue("no projection"))), Refusal)
    said = parted.premises[0].says
    assert isinstance(said, All)
    double = All(said.args[0], Rel("=", said.args[1].left, 2))
    assert isinstance(apply(PARTED, assume(double)), Refusal)
    for place, premise in enumerate(close.premises):
        rest = close.premises[:place], close.premises[place + 1 :]
        assert isinstance(apply(CLOSE, *rest[0], *rest[1]), Refusal)
        assert isinstance(apply(CLOSE, *rest[0], assume(solving(subject)), *rest[1]), Refusal)
        assert isinstance(apply(CLOSE, *rest[0], close.premises[place - 1], *rest[1]), Refusal)
        says = premise.says
        assert isinstance(says, Rel)
        less = assume(Rel("<=", says.left, says.right) if place == 2 else Rel("<=", 1, says.left))
        assert isinstance(apply(CLOSE, *rest[0], less, *rest[1]), Refusal)
    here = assume(Rel("<", 0, Inner(Row(X, TOKEN), Vec("w"))))  # of one token, which is assumed
    assert isinstance(apply(CLOSE, *close.premises[:2], here), Refusal)


@pytest.mark.slow
def test_rows() -> None:
    found = check_model(catalogue("softmax-off-by-one"), only=["(6.11)"])["(6.11)"]
    assert found.word == "PROVED" and found.sheet.typed and "D^2/2" in found.sentence
    for name in ("causal", "positive features"):
        assert not check_model(catalogue(name), only=["(6.11)"])["(6.11)"].applies
    assert check_model(catalogue("linear"), only=["(6.11)"])["(6.11)"].word == "VACUOUS"
