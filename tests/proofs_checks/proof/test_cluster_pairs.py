"""The law of two clusters, derived: against the closed forms, and where there is none."""

import pytest

from numerics.coarsening import pair_rate
from proofs_checks.proof import Flow, Outcome, pair_law, pair_step
from theory.models import CAUSAL, REPULSIVE, SA, USA


@pytest.mark.parametrize("model", [SA, USA], ids=lambda model: model.name)
def test_the_closed_form_is_derived(model):
    assert pair_step(Flow.of(model), pair_rate(model)).holds
    assert pair_step(Flow.of(model), 2 * pair_rate(model)).outcome is Outcome.OTHER


def test_repulsion_turns_the_law_round():
    assert pair_law(REPULSIVE)[0] == -pair_law(SA)[0]


def test_a_mask_has_no_law():
    law, reason = pair_law(CAUSAL)
    assert law is None and reason
    assert pair_step(Flow.of(CAUSAL), pair_rate(SA)).outcome is Outcome.GAP
