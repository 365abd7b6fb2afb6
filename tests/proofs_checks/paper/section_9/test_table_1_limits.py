"""Table 1: what isn't asserted, twins of our own, all rows in full."""

from dataclasses import replace

import numpy as np
import pytest

from proofs_checks import verify
from proofs_checks.claim import Verdict
from proofs_checks.paper.section_9.table_1_limits import CLAIMS
from proofs_checks.proof import Flow
from theory.models import PURE_ATTENTION

ROW = {claim.label[-1]: claim for claim in CLAIMS}


@pytest.mark.every(5)
@pytest.mark.parametrize(
    ("row", "change", "words"),
    [
        ("1", {"scores": "minus"}, "positive definite"),
        ("1", {"scores": "indefinite"}, "positive definite"),
        ("1", {"values": "simple"}, "V = λI"),
        ("1", {"values": "jordan"}, "V = λI"),
        ("2", {"scores": "negative"}, "> 0"),
        ("2", {"values": "singular"}, "> 0"),
        ("2", {"values": "identity"}, "simple"),
        ("3", {"scores": "negative"}, "positive definite"),
        ("3", {"values": "complex"}, "on F"),
        ("3", {"values": "singular"}, "on F"),
        ("4", {"values": "identity"}, "V = -I"),
        ("4", {"scores": "definite"}, "Q^T K = I"),
        ("4", {"starts": "flat"}, "singular value"),
    ],
)
def test_without_the_hypothesis_nothing_is_asserted(row, change, words, found):
    claim = ROW[row]
    evidence = found(replace(claim, prediction=replace(claim.prediction, **change)))
    assert evidence.verdict is Verdict.VACUOUS
    assert words in evidence.detail


def test_a_singular_V_is_legal(found):
    claim = ROW["3"]
    assert found(claim).verdict is Verdict.SUPPORTED


@pytest.mark.full
def test_sixty_draws_of_each_row():
    for report in verify(CLAIMS, full=True):
        assert report.verdict is Verdict.SUPPORTED
        assert report.evidence.cases >= 50
        assert report.evidence.margin > 0


def test_a_fourth_level_is_refuted(found, monkeypatch):
    """The shapes of draws, said to have one level more than two: the check counts them."""
    from proofs_checks.proof.limit_rows import rows

    real = rows.limit_shape
    monkeypatch.setattr(
        rows, "limit_shape", lambda *a, **k: replace(real(*a, **k), levels=4, gap_ratio=1e6)
    )
    evidence = found(ROW["2"])
    assert evidence.verdict is Verdict.REFUTED and "4 levels, not 3" in evidence.detail


def test_tokens_that_lose_their_symmetry_are_refuted(monkeypatch):
    from proofs_checks.proof.limit_rows import rows

    real = rows.symmetric_levels
    monkeypatch.setattr(rows, "symmetric_levels", lambda *a, **k: replace(real(*a, **k), broken=1))
    margin, words = rows.three_levels(
        Flow.of_paper(PURE_ATTENTION), ROW["2"].prediction, np.random.default_rng(0)
    )
    assert margin < 0 and "don't stay so" in words
