"""(7.5): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Rational, besseli, exp

from proofs_checks.paper.section_7.eq_7_5_fourier import FOURIER, ORDER, TERM
from proofs_checks.proof import Flow
from theory.energy import interaction_energy
from theory.models import USA, gradient_flow
from theory.symbols import beta, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_series_is_that_of_the_bessel_function():
    term = FOURIER.prediction.term
    at = {beta: Rational(7, 4), ORDER: 2}
    total = sum(term.subs(at).subs(TERM, j) for j in range(20))
    assert abs(float(total) - float(besseli(2, Rational(7, 4)))) < 1e-14


TWINS = {
    "Fourier series shifted": changed(
        FOURIER,
        term=FOURIER.prediction.term.subs(ORDER, ORDER + 1),
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_only_weights_that_rise_exponentially_have_positive_coefficients():
    ask = FOURIER.check.ask
    found = ask(Flow.of(gradient_flow(interaction_energy(exp(3 * z)), "")))
    at = {ORDER: 1, beta: 1}
    total = sum(found.prediction.term.subs(at).subs(TERM, j) for j in range(20))
    assert found.verdict.name == "PROVED" and abs(float(total / (3 * besseli(1, 3))) - 1) < 1e-12
    for model in (gradient_flow(interaction_energy(-exp(-2 * z)), ""), USA.subs({beta: -beta})):
        assert ask(Flow.of(model)).verdict.name == "UNDECIDED"
    assert ask(Flow.of(USA, beta=-1.0)).verdict.name == "VACUOUS"
