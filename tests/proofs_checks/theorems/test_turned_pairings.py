"""One pairing bends the energy: every premise is needed, and no more than the mean is concluded."""

from __future__ import annotations

import pytest
from sympy import Expr, S

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import Refusal, apply, as_sheet, assume, some_pairing_bends
from proofs_checks.theorems.pairings import ADDED_UP
from proofs_checks.theorems.turned_pairings import BEST_OF_PAIRINGS
from proofs_checks.theorems.turned_subsets import SKEW, B
from theory.models import SA
from theory.symbols import beta, d, n, z

COLD, BLOCK = Subject.of(SA, {beta: 0}), ((0, -1), (1, 0))
MEAN = 2 * (d - 1) / (d * n)


@pytest.mark.parametrize(
    ("total", "best", "holds"),
    [
        (1 - d, MEAN, True),
        (1 - d, 1 / (d * n), True),
        (-d, MEAN, False),
        (1 - d, 2 / n, False),
        (1 - d, S.Zero, False),
    ],
)
def test_no_more_than_the_mean(total: Expr, best: Expr, holds: bool) -> None:
    own = some_pairing_bends(COLD, z, 2 / n, BLOCK, total, best)
    assert as_sheet(own.says, own.found, own.names).holds is holds


def test_every_premise_is_needed() -> None:
    step = some_pairing_bends(COLD, z, 2 / n, BLOCK, 1 - d, MEAN).found.premises[1]
    bend, paired, added, less = step.premises
    asked = dict(step.parameters)
    assert apply(BEST_OF_PAIRINGS, *step.premises, **asked).says == step.says
    other = assume(Is(ADDED_UP, 0, -2, 2, 0, 1 - d))
    for facts in (
        (assume(bend.says), paired, added, less),
        (bend, added, paired, less),
        (bend, paired, other, less),
        (bend, paired, added, assume(Rel("<=", MEAN, MEAN * 2))),
        (paired, bend, added, less),
    ):
        assert isinstance(apply(BEST_OF_PAIRINGS, *facts, **asked), Refusal)
    for wrong in ({"factor": 1 / n}, {"best": 2 * MEAN}, {"energy": S.One}):
        assert isinstance(apply(BEST_OF_PAIRINGS, *step.premises, **{**asked, **wrong}), Refusal)


def test_what_is_assumed_of_the_matrix_is_in_what_is_said() -> None:
    found = some_pairing_bends(COLD, z, 2 / n, BLOCK, 1 - d, MEAN).found
    assert Is(SKEW, B) not in found.given and found.given == {Rel("<=", 2, d)}
