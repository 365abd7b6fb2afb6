"""Small heats: a lemma at one time, at one β or of another model is refused, as twins are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Piecewise, exp

from proofs_checks.decide import climbs
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import HELD, Found, Refusal, Theorem, common_sight, replayed
from proofs_checks.theorems.clustered_starts import meeting_in, of_those_that_last
from proofs_checks.theorems.kernel import apply, assume, read
from proofs_checks.theorems.logic import discharge
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS, WARM
from proofs_checks.theorems.readers import TO_ONE
from proofs_checks.theorems.small_heats import (
    CONTINUOUS_IN_BETA,
    SMALL_HEATS,
    SMALL_HEATS_IF_LASTING,
    at_zero,
    later,
    small_heat_starts,
)
from proofs_checks.theorems.starts import almost_every_start
from theory.atoms import Tangent
from theory.models import COD, PRE_LN, SA, USA, catalogue
from theory.symbols import X, beta, t


def known(found: Found) -> Theorem:
    assert isinstance(found, Theorem)
    return found


def of(model: Any) -> tuple[Subject, Any, Any]:
    subject = Subject.of(model)
    said = almost_every_start("Theorem 4.1", at_zero(subject))
    assert said is not None
    return subject, common_sight(later(subject)), said[1].found


@pytest.mark.parametrize("name", ["SA", "causal", "nGPT", "CoD", "LNS with scores", "mix-LN"])
def test_small_heats_are_concluded_again(name: str) -> None:
    found = small_heat_starts(*of(catalogue(name)))
    assert isinstance(found, Theorem) and replayed(found).says == found.says
    assert not {HIGH, UNIT_AXIS, WARM} & found.given and len(found.given) == 2


def test_other_premises_are_refused() -> None:
    subject, lemma, cold = of(SA)
    joint, near, meets = read(CONTINUOUS_IN_BETA, subject), meeting_in(lemma), meeting_in(cold)
    assert isinstance(joint, Theorem) and isinstance(near, Theorem)
    assert isinstance(apply(SMALL_HEATS, joint, near, meets), Theorem)
    _, other_lemma, other_cold = of(USA)
    moved, moved_lemma, moved_cold = of(COD)
    at_start = meeting_in(known(common_sight(moved)))
    lasting, lasting_lemma, lasting_cold = of(PRE_LN)
    three = of_those_that_last(known(meeting_in(lasting_cold)))
    read_of_lasting, near_of_lasting = (
        read(CONTINUOUS_IN_BETA, lasting),
        meeting_in(lasting_lemma),
    )
    ready = (read_of_lasting, near_of_lasting, *three)
    assert isinstance(apply(SMALL_HEATS_IF_LASTING, *ready), Theorem)
    everywhere = apply(discharge, near, hypothesis=HIGH)
    hot = Rel("<=", 1, beta)
    of_moved = read(CONTINUOUS_IN_BETA, moved), meeting_in(moved_cold)
    assert isinstance(
        apply(SMALL_HEATS, of_moved[0], meeting_in(moved_lemma), of_moved[1]), Theorem
    )
    for rule, facts in (
        (SMALL_HEATS, (joint, near)),
        (SMALL_HEATS, (near, joint, meets)),
        (SMALL_HEATS, (joint, meets, near)),
        (SMALL_HEATS, (joint, everywhere, meets)),
        (SMALL_HEATS, (joint, meeting_in(other_lemma), meets)),
        (SMALL_HEATS, (joint, near, meeting_in(other_cold))),
        (SMALL_HEATS, (joint, assume(TO_ONE), meets)),
        (SMALL_HEATS, (assume(joint.says), near, meets)),
        (SMALL_HEATS, (of_moved[0], at_start, of_moved[1])),
        (SMALL_HEATS, (joint, near, assume(hot))),
        (SMALL_HEATS_IF_LASTING, ready[:4]),
        (SMALL_HEATS_IF_LASTING, (joint, near, *three)),
        (SMALL_HEATS_IF_LASTING, (read_of_lasting, near_of_lasting, meets, *three[1:])),
    ):
        assert isinstance(apply(rule, *facts), Refusal)


def at_a_factor(factor: Any, *more: Any) -> Subject:
    velocity = Tangent(X, factor * SA.velocity.field)
    return Subject.of(replace(SA, velocity=velocity, parameters=(*SA.parameters, *more)))


@pytest.mark.parametrize(
    "factor", [1 / beta, Piecewise((1, beta <= 0), (2, True)), Piecewise((1, t < 1), (2, t < 2))]
)
def test_velocities_that_jump_or_have_no_value(factor: Any) -> None:
    assert isinstance(read(CONTINUOUS_IN_BETA, at_a_factor(factor)), Refusal)
    assert isinstance(read(CONTINUOUS_IN_BETA, at_a_factor(1 + beta)), Theorem)
    assert later(at_a_factor(exp(-t))) == at_a_factor(exp(-t - HELD), HELD)
    assert at_zero(at_a_factor(1 + beta)) != at_zero(Subject.of(USA))


def test_what_climbs_from_a_positive_number() -> None:
    assert climbs(1 + exp(beta + t) - exp(beta), t) == (beta.is_real is True)
    assert not climbs(HELD - t, t) and not climbs(beta, t)
