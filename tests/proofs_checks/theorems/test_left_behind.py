"""No mass is left behind where tokens meet: rules refuse other premises, and divergences >= 0."""

from __future__ import annotations

from typing import Any

import pytest

from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    common_sight,
    no_mass_left,
    pull_of,
    replayed,
    vanishing,
)
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.clustered_starts import meeting_in
from proofs_checks.theorems.consensus_modes import ALL_MODES
from proofs_checks.theorems.kernel import apply, assume, read
from proofs_checks.theorems.left_behind import (
    LEFT_BEHIND,
    LEFT_IN_HEMISPHERES,
    VANISHES,
    divergence,
)
from proofs_checks.theorems.pulls import HIGH, H, height
from proofs_checks.theorems.readers import TOKEN
from proofs_checks.theorems.saddles import IN_SPACE, ON_CIRCLES
from proofs_checks.theorems.starts import almost_every_start
from theory.models import CAUSAL, COD, REPULSIVE, SA, USA, catalogue

WIDE = assume(SEVERAL), assume(ON_CIRCLES)


def of_starts(model: Any) -> Theorem:
    said = almost_every_start("Theorem 6.1", Subject.of(model))
    assert said is not None and isinstance(said[1].found, Theorem)
    return said[1].found


@pytest.mark.parametrize("name", ["RoPE", "moving masses", "LNS with scores"])
def test_hemispheres_are_concluded_again(name: str) -> None:
    model: Any = catalogue(name)
    lemma = common_sight(Subject.of(model))
    assert isinstance(lemma, Theorem)
    own = no_mass_left(lemma)
    assert own is not None and isinstance(own.found, Theorem)
    assert replayed(own.found).says == own.says.then and set(own.found.given) == {*own.says.given}
    assert HIGH not in own.found.given


def test_other_premises_are_refused() -> None:
    meets, lemma = meeting_in(of_starts(CAUSAL)), common_sight(Subject.of(SA))
    assert isinstance(lemma, Theorem)
    near, pull, other = meeting_in(lemma), pull_of(Subject.of(SA)), pull_of(Subject.of(USA))
    assert not isinstance(pull, Refusal) and not isinstance(other, Refusal)
    kept, at_start = pull.heights, assume(HIGH)
    assert isinstance(apply(LEFT_BEHIND, meets, *WIDE), Theorem)
    assert isinstance(apply(LEFT_IN_HEMISPHERES, near, kept, *WIDE), Theorem)
    for rule, facts in (
        (LEFT_BEHIND, (meets, WIDE[0])),
        (LEFT_BEHIND, (meets, WIDE[0], assume(IN_SPACE))),
        (LEFT_BEHIND, (near, *WIDE)),
        (LEFT_IN_HEMISPHERES, (meets, kept, *WIDE)),
        (LEFT_IN_HEMISPHERES, (near, at_start, *WIDE)),
        (LEFT_IN_HEMISPHERES, (near, other.heights, *WIDE)),
        (LEFT_IN_HEMISPHERES, (near, assume(Rel("<=", H, height(TOKEN))), *WIDE)),
        (LEFT_IN_HEMISPHERES, (near, kept, *WIDE[::-1])),
    ):
        assert isinstance(apply(rule, *facts), Refusal)


def test_a_divergence_below_zero() -> None:
    model: Any = catalogue("encoder-decoder")
    own = vanishing(Subject.of(model))
    assert own is not None and isinstance(own.found, Theorem)
    assert replayed(own.found).says == own.says.then
    modes, sign, *wide = own.found.premises
    again = read(ALL_MODES, Subject.of(REPULSIVE))
    assert isinstance(again, Theorem)
    weak = assume(Rel("<=", divergence(modes.fact)[1], 0))
    rises = assume(Rel("<", 0, divergence(again.fact)[1]))
    assert isinstance(apply(VANISHES, modes, sign, *wide), Theorem)
    for facts in ((modes, weak, *wide), (again, sign, *wide), (again, rises, *wide), (modes, sign)):
        assert isinstance(apply(VANISHES, *facts), Refusal)
    assert vanishing(Subject.of(COD)) is None and vanishing(Subject.of(REPULSIVE)) is None
