"""Theorem 6.8, E.Theorem 6.8: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from proofs_checks.claim import Verdict
from proofs_checks.paper.section_6.theorem_6_8_equiangular import ERRATUM_THEOREM_6_8, THEOREM_6_8
from theory.models import CAUSAL, SA, USA
from theory.symbols import beta, d, n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))


def test_orthonormal_tokens_are_not_proved_by_the_enumerated_sizes(found):
    prediction = ERRATUM_THEOREM_6_8.prediction
    hidden = (n - 2) * (n - 3) * (n - 4) * (n - 5)
    for fields in (
        {"excess": prediction.excess + hidden},
        {"last": d + (d - 2) * (d - 3) * (d - 4)},
    ):
        assert found(changed(ERRATUM_THEOREM_6_8, **fields)).verdict is Verdict.UNDECIDED


def test_a_causal_mask_separates_orthonormal_tokens(found):
    evidence = found(replace(THEOREM_6_8, model=CAUSAL))
    assert evidence.verdict is Verdict.REFUTED
    assert "orthonormal tokens" in evidence.detail


TWINS = {
    "orthonormal in any dimension": changed(ERRATUM_THEOREM_6_8, excess=d),
    "equiangular rate of hotter models": replace(THEOREM_6_8, model=HOTTER),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
