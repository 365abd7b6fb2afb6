"""No mass is left behind where tokens meet: rules refuse other premises, and divergences >= 0."""

from __future__ import annotations

from typing import Any

import pytest

from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    common_sight,
    lasting_solutions,
    no_mass_left,
    no_mass_of_few,
    pull_of,
    replayed,
    vanishing,
)
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.clustered_starts import meeting_in
from proofs_checks.theorems.consensus_modes import ALL_MODES
from proofs_checks.theorems.kernel import apply, assume, read
from proofs_checks.theorems.left_behind import (
    FEW_TOKENS,
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
from theory.symbols import d, n

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


def test_no_more_tokens_than_dimensions() -> None:
    lemma, lasting = common_sight(Subject.of(SA)), lasting_solutions(Subject.of(SA))
    assert isinstance(lemma, Theorem)
    near, many = meeting_in(lemma), assume(Rel("<=", n, d))
    found = apply(FEW_TOKENS, near, lasting, many)
    assert isinstance(found, Theorem) and HIGH not in found.given and len(found.given) == 3
    for facts in (
        (near, lasting, assume(Rel("<=", n, d + 1))),
        (near, many, lasting),
        (near, lasting_solutions(Subject.of(USA)), many),
        (meeting_in(of_starts(CAUSAL)), lasting, many),
    ):
        assert isinstance(apply(FEW_TOKENS, *facts), Refusal)
    pre: Any = catalogue("pre-LN")
    of_lengths = common_sight(Subject.of(pre))
    assert isinstance(of_lengths, Theorem) and no_mass_of_few(of_lengths) is None


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
