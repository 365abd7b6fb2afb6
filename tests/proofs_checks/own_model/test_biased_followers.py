"""Rows on a causal mask that a bias refutes: against the compiled model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics.compile import compile_model
from proofs_checks import check_model
from proofs_checks.claim import Budget, Verdict
from proofs_checks.own_model.biased_followers import OF_BIASES, share_of_first
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import CAUSAL, SA, catalogue
from theory.models.by_parts import attention_model
from theory.symbols import X

BIASED = catalogue("causal ALiBi")


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_the_share_is_the_rate_of_the_second_token(slope: float) -> None:
    field = compile_model(BIASED, beta=1.7, slope=slope)
    small = 1e-6
    rates = field(np.array([[1.0, 0.0], [np.cos(small), np.sin(small)]]))
    pace, share = share_of_first(Flow.of(BIASED, slope=slope))
    assert pace == 1
    assert -rates[1, 1] / small == pytest.approx(float(share), rel=1e-4)
    assert float(share) == pytest.approx(1 / (1 + np.exp(slope)))


def test_rows() -> None:
    for given, refuted in (({}, True), ({"slope": 1}, True), ({"slope": 0}, False)):
        report = check_model(BIASED, only=list(OF_BIASES), **given)
        for row in OF_BIASES:
            assert (report[row].verdict is Verdict.REFUTED) is refuted, (row, report[row].detail)


def test_a_repelling_consensus_has_that_mode_too() -> None:
    """Turned round its sign changes; the gap of two tokens grows, and "rate of followers" ends."""
    turned = replace(BIASED, velocity=Tangent(X, -BIASED.velocity.field))
    found = check_model(turned, only="consensus spectrum under a mask").rows[0].evidence
    assert found.verdict is Verdict.REFUTED
    assert found.detail.startswith("slope > 0: two tokens")  # and nothing of slope = 0
    flow = Flow.of(turned)
    row = OF_BIASES["rate of followers"]
    assert row.refute(flow, None, Budget(3, np.random.default_rng(0))) is None


def test_other_models_have_no_such_share() -> None:
    lengths = attention_model(mask="causal", scheme="pre-LN")
    for model in (SA, catalogue("ALiBi"), catalogue("strictly causal"), lengths):
        assert share_of_first(Flow.of(model)) is None
    report = check_model(CAUSAL, only=list(OF_BIASES))
    assert {report[row].verdict for row in OF_BIASES} == {Verdict.PROVED}
