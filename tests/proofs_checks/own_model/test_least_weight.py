"""(6.7), (6.8) where the least weight isn't positive: outside their domain, and by name."""

from __future__ import annotations

from typing import Any

import pytest

from proofs_checks import Verdict, check_model
from theory.models import CAUSAL, catalogue


@pytest.mark.every(2)
@pytest.mark.parametrize(
    ("model", "words"),
    [
        (CAUSAL, "κ = 0, as A_12 = 0"),
        (catalogue("bipartite"), "κ = 0, as A_11 = 0"),
        (catalogue("linear"), "κ <= k(-1/2)"),
        ("exp(beta*t)/beta - t", "κ <= k(0)"),
    ],
)
def test_a_bound_by_a_least_weight_that_is_not_positive_says_nothing(
    model: Any, words: str
) -> None:
    for label in ("(6.7)", "(6.8)"):
        found = check_model(model, only=[label])[label]
        assert found.verdict is Verdict.VACUOUS and words in found.detail, found.detail


def test_weights_that_are_negative_far_away_only_leave_it_open() -> None:
    """k = g + 3/5 is negative at -1, and at least 1/10 where α >= 1/2: it says something."""
    found = check_model("t**2/2 + 3*t/5", only=["(6.7)"])["(6.7)"]
    assert found.verdict is not Verdict.VACUOUS
