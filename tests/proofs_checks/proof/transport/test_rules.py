"""Rules on distances of measures, and the growth they bound, against finite sums."""

import numpy as np
import pytest

from proofs_checks.proof import Flow, How, Outcome, Step, apply, gap
from proofs_checks.proof.transport import ORDER, TRANSPORT_RULES, plan_growth
from theory.models import REPULSIVE, SA, USA
from theory.predictions import transport_lipschitz
from theory.symbols import beta

GOOD = Step("a", How.DERIVED)


@pytest.mark.parametrize("rule", TRANSPORT_RULES, ids=lambda rule: rule.name)
def test_a_broken_use_is_refused(rule):
    steps = (GOOD,) * rule.needs
    assert apply(rule, "so", *steps).holds
    assert apply(rule, "so", *steps[1:]).outcome is Outcome.GAP
    assert apply(rule, "so", *steps[1:], gap("b", "unknown")).outcome is Outcome.GAP


@pytest.mark.parametrize("p", [1, 1.5, 2, 7])
def test_schur_and_symmetric_weights_on_numbers(p):
    rng = np.random.default_rng(0)
    for _ in range(50):
        masses, a = rng.dirichlet(np.ones(5)), rng.exponential(size=(5, 5))
        u = rng.exponential(size=5)
        pulled = (masses * u ** (p - 1)) @ a @ (masses * u)
        rows, columns = (a @ masses).max(), (masses @ a).max()
        mean = masses @ u**p
        assert pulled <= rows ** (1 - 1 / p) * columns ** (1 / p) * mean * (1 + 1e-12)
        k = a + a.T
        assert (masses * u ** (p - 1)) @ k @ (masses * u) <= (masses * u**p) @ k @ masses + 1e-12


@pytest.mark.parametrize("model", [SA, USA], ids=lambda model: model.name)
def test_only_the_derived_constant_is_proved(model):
    own = transport_lipschitz(beta, model.name, ORDER)
    assert not plan_growth(Flow.of_paper(model), own + 1)[-1].holds
    assert not plan_growth(Flow.of_paper(REPULSIVE), own)[-1].holds
