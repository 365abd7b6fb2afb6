"""Inertia where a flow rests: every premise is needed, and tokens that are pulled don't rest."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Rational, S, log, pi

from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, inertia_at_rest
from proofs_checks.theorems.inertia import AT_REST, INERTIA_OF_ASCENT
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, USA, catalogue, gradient_flow
from theory.symbols import beta, z

HALVES = (S.Zero, S.Zero, pi, pi, pi, pi)


def found_of(model: Any, energy: Any, *places: Any) -> Any:
    return getattr(inertia_at_rest(Subject.of(model), energy, places), "found", None)


@pytest.mark.parametrize("model", [SA, USA, SA.subs({beta: 2 * beta})])
def test_a_flow_has_the_inertia_of_its_energy(model: Any) -> None:
    assert isinstance(found_of(model, model.energy, HALVES), Theorem)


def test_of_no_other_energy() -> None:
    assert isinstance(found_of(USA, SA.energy), Theorem)
    cubic = interaction_energy(z**3)
    for model, energy in ((REPULSIVE, SA.energy), (SA, -SA.energy), (SA, cubic)):
        assert not isinstance(found_of(model, energy), Theorem)
    logarithm = gradient_flow(interaction_energy(log(2 + z)), "logarithm")
    assert isinstance(found_of(logarithm, logarithm.energy), Theorem)
    edge = gradient_flow(interaction_energy((1 + z) ** Rational(3, 2)), "edge")
    assert not isinstance(found_of(edge, edge.energy), Theorem)
    assert not isinstance(found_of(catalogue("moving masses"), SA.energy), Theorem)


@pytest.mark.parametrize(
    "angles",
    [(0, pi / 3, pi), (0, pi / 2, pi), (0, 0, 0, pi / 2, pi, pi), (0, pi), (0, 2, 4)],
)
def test_tokens_that_are_pulled_dont_rest(angles: Any) -> None:
    assert not isinstance(found_of(SA, SA.energy, tuple(map(S, angles))), Theorem)


def test_every_premise_is_needed() -> None:
    inertia, rest = found_of(SA, SA.energy, HALVES).premises
    assert (inertia.by, rest.by) == (INERTIA_OF_ASCENT, AT_REST)
    assert not any(one.has(Subject) for one in (*inertia.given, *rest.given))
    for step in (inertia, rest):
        for place, premise in enumerate(step.premises):
            for other in (
                assume(premise.says),
                assume(Rel("<", 0, beta)),
                step.premises[place - 1],
            ):
                facts = [*step.premises]
                facts[place] = other
                found = apply(step.by, *facts, **dict(step.parameters))
                kept = isinstance(found, Theorem) and premise.says in found.given
                assert isinstance(found, Refusal) or kept
