"""Mode growth: twins of our own, and kernels without a closed form."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import log, sympify

from proofs_checks.claim import Budget
from proofs_checks.extensions.mode_growth import CUBIC, GROWTHS, MODE, MODE_GROWTH, Growth, decide
from proofs_checks.proof import Flow
from theory.energy import interaction_energy
from theory.models import QKV, SA, USA, gradient_flow
from theory.symbols import d, z

BUDGET = Budget(2, np.random.default_rng(0))

TWINS = {
    "the models the other way round": replace(MODE_GROWTH, model=(USA, SA, CUBIC)),
    "degree 3 of the square alone": replace(
        MODE_GROWTH,
        prediction=(*GROWTHS[:2], Growth(6 / ((d + 2) * (d + 4)), 3)),
    ),
    "the circle's k² for every d": replace(
        MODE_GROWTH,
        prediction=(replace(GROWTHS[0], rate=GROWTHS[0].rate.subs(d, 2)), *GROWTHS[1:]),
    ),
    "a factor 1 + 1e-9": replace(
        MODE_GROWTH,
        prediction=(
            replace(GROWTHS[0], rate=GROWTHS[0].rate * (1 + sympify("1e-9"))),
            *GROWTHS[1:],
        ),
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_without_a_closed_form_nothing_is_proved():
    model = gradient_flow(interaction_energy(log(3 + z)), "log")
    sheet = decide(Flow.of_paper(model), Growth(MODE))
    assert any(not step.holds for step in sheet.steps)


def test_another_form_is_no_counterexample():
    evidence = MODE_GROWTH.check((QKV,), (GROWTHS[0],), BUDGET)
    assert evidence.verdict.name == "UNDECIDED"
