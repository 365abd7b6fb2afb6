"""E.Proposition 3.4, Proposition 3.4: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import S, cosh, exp, pi

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_3.proposition_3_4_extremisers import (
    DEGREE,
    ERRATUM_PROPOSITION_3_4,
    EXTREMISERS,
    ORDER,
)
from theory.derivations import phi
from theory.energy import interaction_energy
from theory.models import SA, SYMMETRIC_QKV, USA, gradient_flow
from theory.symbols import beta, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER_SA, HOTTER_USA = SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta})


def run(claim, model=None, prediction=None):
    model = claim.model if model is None else model
    prediction = claim.prediction if prediction is None else prediction
    return claim.check(model, prediction, Budget(20, np.random.default_rng(3)))


def test_zonal_term_is_the_chebyshev_series():
    term = ERRATUM_PROPOSITION_3_4.prediction.term
    total = float(ERRATUM_PROPOSITION_3_4.prediction.constant.subs(beta, 2).evalf(20))
    for degree in range(1, 25):
        value = term.subs({ORDER: 0, DEGREE: degree, phi: pi / 5, beta: 2})
        total += float(value.evalf(20))
    assert total == pytest.approx(float(np.exp(2 * np.cos(np.pi / 5))), rel=1e-13)


def test_extremisers_hypotheses():
    assert EXTREMISERS.unmet(beta=2.0, d=3) == ()
    assert EXTREMISERS.unmet(beta=0.0, d=1) == ("beta > 0", "d >= 2")


@pytest.mark.parametrize("kernel", [cosh(2 * z), -z, z**4, -exp(beta * z)])
def test_other_kernels_have_other_extremisers(kernel):
    model = gradient_flow(interaction_energy(kernel), parameters=(beta,))
    assert run(EXTREMISERS, model).verdict is Verdict.REFUTED


def test_an_energy_without_a_pair_kernel_is_out_of_reach():
    assert run(EXTREMISERS, SYMMETRIC_QKV).verdict is Verdict.UNDECIDED


def test_the_printed_form_carries_its_counterexample(reports):
    found = dict(reports["E.Proposition 3.4"].controls)
    assert "nan" in found["λ = 0 put into the term"].detail


def test_own_twin_is_refuted():
    evidence = run(EXTREMISERS, gradient_flow(interaction_energy(z**3)))
    assert evidence.verdict is Verdict.REFUTED and " = " in evidence.detail


TWINS = {
    "3.4 with constant 1": changed(ERRATUM_PROPOSITION_3_4, constant=S.One),
    "3.4 of hotter models": replace(ERRATUM_PROPOSITION_3_4, model=HOTTER_USA, printed=None),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
