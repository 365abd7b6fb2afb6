"""Problem 5: an open problem stays open, and wrong shapes are refuted."""

from dataclasses import replace

import pytest

from proofs_checks import verify
from proofs_checks.claim import Verdict
from proofs_checks.paper.section_9.problem_5_limit_shapes import PROBLEM_5, Seen


@pytest.mark.every(3)
@pytest.mark.parametrize(
    ("values", "scores", "shape"),
    [
        ("identity", "negative", "POLYTOPE"),
        ("singular", "minus", "ORIGIN"),
        ("simple", "identity", "POINT"),
    ],
)
def test_wrong_shapes_are_refuted(values, scores, shape, found):
    claim = replace(PROBLEM_5, prediction=(Seen(values, scores, (shape,)),))
    assert found(claim).verdict is Verdict.REFUTED


@pytest.mark.full
def test_more_draws():
    (report,) = verify([PROBLEM_5], full=True)
    assert report.verdict is Verdict.OPEN, report.complaints
