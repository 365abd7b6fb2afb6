"""Remark 3.5 as a theorem: what is claimed, what is broken, and its rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Rational, S

from proofs_checks.propositions import All, Implies, Rel, Subject
from proofs_checks.theorems import Refusal, apply, as_sheet, assume, plan_gradient
from proofs_checks.theorems.plan_gradients import MULTIPLIED
from proofs_checks.theorems.sheets import Says
from theory.atoms import Tangent
from theory.models import SA, SINKHORN, USA
from theory.symbols import X, beta, n, t
from theory.terms import Index, Inner, Row, Vec, ddt

G = Inner(Row(X, Index("i")), Vec("w"))


def holds(model, factor=S.One, marginal=S.One, energy=SINKHORN.energy):
    own = plan_gradient(Subject.of(model), energy, S(factor), marginal)
    return not isinstance(own, Refusal) and as_sheet(own.says, own.found, own.names).holds


def test_what_is_claimed_and_broken():
    """Factors, marginals, energies and flows that are others."""
    assert holds(SINKHORN)
    for factor in (2, Rational(1, 2), -1, 1 / beta, 1 + (n - 2) * (n - 3)):
        assert not holds(SINKHORN, factor)
    assert not holds(SINKHORN, marginal=S(2)) and not holds(SINKHORN, energy=SA.energy)
    assert not holds(SA) and not holds(USA)


@pytest.mark.parametrize("times", [2, Rational(1, 3), beta])
def test_multiples_of_the_energy_and_of_the_velocity(times):
    assert holds(SINKHORN, 1 / S(times), energy=times * SINKHORN.energy)
    faster = replace(SINKHORN, velocity=Tangent(X, times * SINKHORN.velocity.field))
    assert holds(faster, times) == (times != beta)  # of β nothing says yet that it is positive


def test_each_part_is_claimed_as_it_is():
    """A part dropped or doubled is another claim."""
    own = plan_gradient(Subject.of(SINKHORN), SINKHORN.energy, S.One)
    motion, over = own.says.then.args
    curve, parts = over.args[:2]
    for place, one in enumerate(parts.args):
        doubled = Rel("=", one.left, 2 * one.right)
        others = [*parts.args[:place], doubled, *parts.args[place + 1 :]]
        then = All(motion, Implies(curve, All(*others)))
        assert not as_sheet(Says(own.says.given, then), own.found).holds
    assert not as_sheet(Says((), own.says.then), own.found).holds


def test_the_derivative_of_a_multiple():
    """Of an equation about a derivative of a number, and of a factor that stays."""
    fact = assume(Rel("=", ddt(G), G))
    assert apply(MULTIPLIED, fact, factor=beta).says == Rel("=", ddt(beta * G), beta * G)
    for other, factor in (
        (fact, t),
        (fact, G),
        (assume(Rel("=", G, ddt(G))), beta),
        (assume(Rel("<=", ddt(G), G)), beta),
        (assume(Rel("=", ddt(Row(X, Index("i"))), Vec("w"))), beta),
    ):
        assert isinstance(apply(MULTIPLIED, other, factor=factor), Refusal)
