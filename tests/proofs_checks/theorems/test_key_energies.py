"""Energies of tokens beside keys that stay: each premise is needed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Rational

from proofs_checks.own_model.still_blocks import with_still
from proofs_checks.proof import Flow
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Conclusion, Refusal, Theorem, apply, read, replayed
from proofs_checks.theorems.key_energies import CURVE_KEYS, Keyed, keyed, with_keys
from proofs_checks.theorems.order import DIFFERENTIATED
from proofs_checks.theorems.readers import TOKEN
from proofs_checks.theorems.stated import dissipating, in_metric, of_stated, rising
from theory import Noise
from theory.models import CROSS_ATTENTION, ENCODER_DECODER, SA
from theory.symbols import X, m
from theory.terms import Item, Row, at

SUBJECT = Subject.of(CROSS_ATTENTION)
ENERGY: Any = CROSS_ATTENTION.energy


def own() -> Keyed:
    return keyed(SUBJECT, ENERGY, Item(m, TOKEN))


@pytest.mark.parametrize("claim", [in_metric, dissipating, rising])
def test_it_is_concluded_again_and_of_keys_that_are_parameters(claim: Any) -> None:
    found = claim(SUBJECT, ENERGY, m, frozenset())
    assert isinstance(found, Conclusion)
    again = replayed(found.found)
    assert isinstance(again, Theorem) and again.says == found.says.then
    assert again.given <= set(found.says.given)
    still = with_still(Flow.of(CROSS_ATTENTION))
    assert not isinstance(still, str)
    same = of_stated(claim, still[1], m, frozenset())
    assert isinstance(same, Conclusion) and same.says == found.says


@pytest.mark.parametrize("claim", [in_metric, dissipating, rising])
def test_another_metric_or_energy_is_not_its_own(claim: Any) -> None:
    for energy, metric in ((2 * ENERGY, m), (ENERGY, 2 * m), (-ENERGY, m), (SA.energy, m)):
        found = claim(SUBJECT, energy, metric, frozenset())
        assert isinstance(found, Refusal) or isinstance(found.found, Refusal), (energy, metric)
    turned = replace(CROSS_ATTENTION, velocity={X: -CROSS_ATTENTION.velocities[X]})
    found = claim(Subject.of(turned), ENERGY, m, frozenset())
    assert isinstance(found, Refusal) or isinstance(found.found, Refusal)
    found = claim(Subject.of(ENCODER_DECODER), ENERGY, m, frozenset())
    assert isinstance(found, Refusal) or isinstance(found.found, Refusal)


def test_keys_stay_along_curves_and_solutions() -> None:
    keys = read(CURVE_KEYS, SUBJECT)
    assert isinstance(keys, Theorem)
    row = Row(own().keys, own().share.args[2].func("a", own().keys.shape[0]))
    assert keys.says == Rel("=", row, at(row))
    assert isinstance(read(CURVE_KEYS, Subject.of(SA)), Refusal)
    along, solved = own().slope(curve=True), own().slope(curve=False)
    assert isinstance(along, Theorem) and isinstance(solved, Theorem)
    assert along.says == solved.says and along.given != solved.given
    assert isinstance(apply(DIFFERENTIATED, own().motion, own().motion), Refusal)


def test_what_has_noise_or_another_energy_has_no_such_keys() -> None:
    still = with_still(Flow.of(CROSS_ATTENTION))
    assert not isinstance(still, str)
    beside = with_keys(still[1])
    assert beside is not None and beside == SUBJECT
    noisy = replace(still[1], model=replace(still[1].model, noise=Noise(Rational(1, 10))))
    assert with_keys(noisy) is None
    slope = of_stated(dissipating, noisy, m, frozenset())
    assert isinstance(slope, Refusal) or isinstance(slope.found, Refusal)
    assert with_keys(Flow.of(SA)) is None
