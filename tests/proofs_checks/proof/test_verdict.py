"""What a verdict is when a statement's machinery has no answer at all."""

from __future__ import annotations

import numpy as np

from proofs_checks import Budget, Verdict
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.proof import Flow, judge, statement_of
from theory import HARDMAX


def test_an_atom_that_no_engine_evaluates_is_undecided() -> None:
    """No crash, and no verdict either: hardmax has entries at given scores alone."""
    budget = Budget(3, np.random.default_rng(0))
    found = judge(statement_of(LEMMA_6_4), Flow.of(HARDMAX), None, budget, tried=False)
    assert found.verdict is Verdict.UNDECIDED and "Hardmax" in found.detail
