"""Shares of clustered starts: what is known of some solutions alone is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Rational, S

from proofs_checks.propositions import Is, Rel, Subject, every
from proofs_checks.theorems import Refusal, Theorem, replayed
from proofs_checks.theorems.almost_every import MEETS
from proofs_checks.theorems.clustered_starts import (
    LATE,
    LATE_IF_LASTING,
    TWO_ON_CIRCLE,
    clustered_late,
    clustered_law,
    law_at,
    law_of_two,
    meeting_in,
)
from proofs_checks.theorems.equal_angles import EQUAL_IN_FLOWS, FLOW_ANGLES
from proofs_checks.theorems.even_weights import (
    AS_EVEN,
    EVEN,
    EVEN_WEIGHTS,
    as_even,
    even_pace,
    parts_of,
)
from proofs_checks.theorems.existence import lasting_solutions
from proofs_checks.theorems.kernel import apply, assume, read
from proofs_checks.theorems.one_pull import OFF_CENTRE
from proofs_checks.theorems.pulls import HIGH
from proofs_checks.theorems.readers import MASSES, TO_ONE, TOKEN, solving
from proofs_checks.theorems.saddles import ON_CIRCLES
from proofs_checks.theorems.starts import almost_every_start
from theory.atoms import Tangent
from theory.models import PRE_LN, REPULSIVE, SA, USA, catalogue
from theory.symbols import X, beta, gamma, m, t
from theory.terms import Item, at

NEAR = Rational(3, 4)


def cold(model: Any) -> Subject:
    return Subject.of(model, {beta: S.Zero})


def known(model: Any) -> Theorem:
    said = almost_every_start("Theorem 4.1", cold(model))
    assert said is not None and isinstance(said[1].found, Theorem)
    return said[1].found


@pytest.mark.parametrize("name", ["SA", "causal", "nGPT", "pre-LN", "mix-LN"])
def test_shares_are_concluded_again(name: str) -> None:
    found = clustered_late(known(catalogue(name)), NEAR)
    assert isinstance(found, Theorem) and replayed(found).says == found.says
    assert set(found.given) == {ON_CIRCLES}
    assert found.says.definition.name.endswith("lasts") == (name in ("pre-LN", "mix-LN"))


def test_what_is_known_of_some_solutions_is_refused() -> None:
    meets, tokens = meeting_in(known(SA)), meeting_in(known(PRE_LN))
    subject = cold(PRE_LN)
    masses, wide = read(MASSES, subject), assume(ON_CIRCLES)
    start = assume(Rel("<", 0, at(Item(m, TOKEN)) - 1))
    some_of_them = assume(TO_ONE)
    local = assume(Rel("<", 0, Item(m, TOKEN)))
    assert isinstance(apply(LATE, meets, near=NEAR), Theorem)
    assert isinstance(apply(LATE_IF_LASTING, tokens, masses, wide, near=NEAR), Theorem)
    for rule, facts, near in (
        (LATE, (meets,), S.One),
        (LATE, (meets,), t),
        (LATE, (tokens,), NEAR),
        (LATE, (wide,), NEAR),
        (LATE_IF_LASTING, (meets, masses, wide), NEAR),
        (LATE_IF_LASTING, (tokens, masses), NEAR),
        (LATE_IF_LASTING, (tokens, wide, masses), NEAR),
        (LATE_IF_LASTING, (tokens, local, wide), NEAR),
        (LATE_IF_LASTING, (tokens, start, wide), NEAR),
        (LATE_IF_LASTING, (some_of_them, masses, wide), NEAR),
        (LATE_IF_LASTING, (tokens, masses, wide), S.One),
    ):
        assert isinstance(apply(rule, *facts, near=near), Refusal)
    assert tokens.given == {OFF_CENTRE, solving(subject)}
    assert isinstance(clustered_late(assume(HIGH), NEAR), Refusal)


def test_even_weights() -> None:
    """Sinkhorn's and features' at β = 0, by numpy; not USA's, nor at a pace of t."""
    meets, other = meeting_in(known(SA)), cold(catalogue("Sinkhorn"))
    first, second = (read(EVEN_WEIGHTS, one) for one in (cold(SA), other))
    assert apply(AS_EVEN, first, second, meets).says == Is(MEETS, other)
    back = assume(Is(EVEN, other, -1))
    for facts in ((first, back, meets), (second, first, meets), (first, meets, second)):
        assert isinstance(apply(AS_EVEN, *facts), Refusal)
    assert isinstance(read(EVEN_WEIGHTS, cold(USA)), Refusal)
    assert isinstance(read(EVEN_WEIGHTS, Subject.of(SA)), Refusal)
    assert even_pace(Tangent(X, t * SA.velocity.field).xreplace({beta: 0})) is None
    assert isinstance(as_even(known(SA), cold(USA)), Refusal)
    assert len(parts_of(known(SA))) == 2 and parts_of(first) == [first]
    rng = np.random.default_rng(0)
    kernel, masses = np.full((5, 5), 3.0), rng.uniform(1, 2, 5)
    rows = kernel * masses / (kernel @ masses)[:, None]
    assert np.allclose(rows, masses / masses.sum())


def test_every_hypothesis_on_tokens_bars_it() -> None:
    """A theorem on starts in a hemisphere says nothing of almost all."""
    low = assume(every(TOKEN, Rel("<", 0, Item(m, TOKEN))))
    assert isinstance(apply(LATE, low, near=NEAR), Refusal)


def test_the_law_of_two_by_numpy() -> None:
    """Angles of γ' = 1 - γ² are solved by tanh: γ(t) = tanh(t + artanh γ(0))."""
    found = law_of_two(cold(SA), NEAR)
    assert isinstance(found, Theorem) and not found.given
    law, rng = found.says.arguments[2], np.random.default_rng(1)
    start = np.cos(rng.uniform(0, 2 * np.pi, 200_000))
    for time in (0.0, 0.5, 2.0):
        share = np.mean(np.tanh(time + np.arctanh(start)) > 0.75)
        assert share == pytest.approx(float(law.subs(t, time)), abs=0.005)


def test_laws_of_two_of_other_motions_are_refused() -> None:
    angles, lasts = read(EQUAL_IN_FLOWS, cold(SA)), lasting_solutions(cold(SA))
    assert isinstance(apply(TWO_ON_CIRCLE, angles, lasts, near=NEAR), Theorem)
    for facts, near in (
        ((angles, lasts), S.One),
        ((angles, lasts), -S.One),
        ((angles, lasts), beta),
        ((lasts, angles), NEAR),
        ((angles, lasting_solutions(cold(USA))), NEAR),
        ((angles, assume(Rel("<", 0, 1))), NEAR),
        ((assume(Is(FLOW_ANGLES, cold(SA), 1 - gamma**2)), lasts), NEAR),
        ((read(EQUAL_IN_FLOWS, Subject.of(SA)), lasting_solutions(Subject.of(SA))), NEAR),
        ((read(EQUAL_IN_FLOWS, cold(REPULSIVE)), lasting_solutions(cold(REPULSIVE))), NEAR),
    ):
        assert isinstance(apply(TWO_ON_CIRCLE, *facts, near=near), Refusal)
    other = clustered_law(cold(SA), NEAR, law_at(2, NEAR), known(SA))
    assert other.found.says != other.says.then
