"""1 - γ to first order: rates of models, pieces of laws, and twins that are refused."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Min, Piecewise, Rational, exp, sqrt

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    apply,
    assume,
    law_near_one,
    read,
    replayed,
    settle,
)
from proofs_checks.theorems.angle_laws import (
    AT_ONE,
    INTEGRATED,
    LAW_NEAR_ONE,
    NEAR_ONE,
    pieces,
)
from proofs_checks.theorems.engines import EQUAL
from proofs_checks.theorems.kernel import NotConcluded
from proofs_checks.theorems.logic import part, together
from theory.models import CAUSAL, COD, MIX_LN, PRE_LN, SA, catalogue
from theory.symbols import beta, n, t, tau
from theory.terms import ddt

LENGTH = next(s for s in read(AT_ONE, Subject.of(PRE_LN)).says.arguments[1].free_symbols if s != t)
LATE = LENGTH**2 / (LENGTH + t - tau) ** 2
MIXED = Piecewise((exp(-2 * t), t <= tau), (exp(-2 * tau) * LATE, True))


def concluded(model: Any, law: Any) -> bool:
    own = law_near_one(Subject.of(model), law)
    found = own if isinstance(own, Refusal) else own.found
    assert isinstance(found, Refusal) or isinstance(replayed(found), Theorem)
    return isinstance(found, Theorem)


@pytest.mark.parametrize(
    ("model", "law", "right"),
    [
        (SA, exp(-2 * t), True),
        (SA, exp(-t), False),
        (SA, 2 * exp(-2 * t), False),
        (SA, exp(-2 * t) + t, False),
        (PRE_LN, LENGTH**2 / (LENGTH + t) ** 2, True),
        (PRE_LN, LENGTH / (LENGTH + t), False),
        (COD, exp(-4 * (sqrt(t + 1) - 1)), True),
        (COD, exp(-2 * (sqrt(t + 1) - 1)), False),
        (MIX_LN, MIXED, True),
        # another time, a leap, a second piece that isn't the first's end
        (MIX_LN, MIXED.subs(tau, 1), False),
        (MIX_LN, Piecewise((exp(-2 * t), t <= tau), (LATE, True)), False),
        (MIX_LN, exp(-2 * t), False),
        (SA, MIXED, False),
        (CAUSAL, exp(-2 * t), False),
        (catalogue("LNS"), LENGTH**2 / (LENGTH + 2 * sqrt(t + 1) - 2) ** 2, True),
        (catalogue("discrete layer"), exp(-2 * t), False),
    ],
)
def test_laws(model: Any, law: Any, right: bool) -> None:
    assert concluded(model, law) == right


def test_pieces() -> None:
    cut = Piecewise((1 / t, t < tau), (Min(t, tau), True))
    assert pieces(cut) == (tau, (1 / t, tau)) and pieces(n * t) == (None, (n * t,))
    assert pieces(cut.subs(tau, 0)) == (None, (0,))
    three = Piecewise((0, t < 1), (1, t < 2), (2, True))
    for wrong in (
        three,
        Piecewise((0, t > tau), (1, True)),
        Piecewise((0, t < beta), (1, True)),  # of either sign
        Piecewise((0, beta < 1), (t, True)),
        Piecewise((0, t < 2 * t - 1), (1, True)),
        Piecewise((0, t < tau), (1, True)) + Piecewise((0, t < 1), (1, True)),
        Piecewise((0, t < tau), (Piecewise((t, t < tau), (1, True)) ** 2, True)),
    ):
        with pytest.raises(NotConcluded):
            pieces(wrong)


def change(law: Any, rate: Any) -> Rel:
    return Rel("=", ddt(law), -rate * law)


def test_premises() -> None:
    """Another equation, one that is known at some times alone, one of the other piece."""
    near, law = read(AT_ONE, Subject.of(SA)), exp(-2 * t)
    right = settle(EQUAL, change(law, 2))
    assert isinstance(apply(INTEGRATED, near, right, law=law), Theorem)
    for facts in (
        (near, settle(EQUAL, change(exp(-t), 1))),
        (near, assume(change(law, 2))),  # at one time
        (near, assume(Rel("<=", ddt(law), -2 * law))),
        (near,),
        (near, right, right),
        (right, right),
        (assume(Is(LAW_NEAR_ONE, Subject.of(SA), law)), right),
        (assume(Is(NEAR_ONE, Subject.of(SA), Rational(3, 2))), right),
    ):
        assert isinstance(apply(INTEGRATED, *facts, law=law), Refusal)
    assert isinstance(apply(INTEGRATED, near, right, law=exp(-t)), Refusal)


def test_a_piece_is_of_its_own_times() -> None:
    """What is known from τ on is discharged of the second piece, and of no other."""
    own = law_near_one(Subject.of(MIX_LN), MIXED)
    assert not isinstance(own, Refusal) and isinstance(own.found, Theorem)
    near, first, second = own.found.premises
    late = Rel("<=", tau, t)
    assert second.given == {late} and not own.found.given
    assert isinstance(apply(INTEGRATED, near, second, first, law=MIXED), Refusal)
    plain = read(AT_ONE, Subject.of(SA))
    held = apply(part, apply(together, first, assume(late)), place=0)
    assert isinstance(apply(INTEGRATED, plain, held, law=exp(-2 * t)), Refusal)
    assert isinstance(apply(INTEGRATED, near, held, second, law=MIXED), Refusal)
