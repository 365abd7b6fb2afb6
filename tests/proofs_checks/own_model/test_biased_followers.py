"""Rows on a causal mask that a bias refutes: against the compiled model."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.compile import compile_model
from proofs_checks import check_model
from proofs_checks.claim import Verdict
from proofs_checks.own_model.biased_followers import OF_BIASES, share_of_first
from proofs_checks.proof import Flow
from theory.models import CAUSAL, SA, catalogue
from theory.models.by_parts import attention_model

BIASED = catalogue("causal ALiBi")


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_the_share_is_the_rate_of_the_second_token(slope: float) -> None:
    field = compile_model(BIASED, beta=1.7, slope=slope)
    small = 1e-6
    rates = field(np.array([[1.0, 0.0], [np.cos(small), np.sin(small)]]))
    share = share_of_first(Flow.of(BIASED, slope=slope))
    assert -rates[1, 1] / small == pytest.approx(float(share), rel=1e-4)
    assert float(share) == pytest.approx(1 / (1 + np.exp(slope)))


def test_rows() -> None:
    for given, refuted in (({}, True), ({"slope": 1}, True), ({"slope": 0}, False)):
        report = check_model(BIASED, only=list(OF_BIASES), **given)
        for row in OF_BIASES:
            assert (report[row].verdict is Verdict.REFUTED) is refuted, (row, report[row].detail)


def test_other_models_have_no_such_share() -> None:
    lengths = attention_model(mask="causal", scheme="pre-LN")
    for model in (SA, catalogue("ALiBi"), catalogue("strictly causal"), lengths):
        assert share_of_first(Flow.of(model)) is None
    report = check_model(CAUSAL, only=list(OF_BIASES))
    assert {report[row].verdict for row in OF_BIASES} == {Verdict.PROVED}
