"""(7.5): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Rational, besseli

from proofs_checks.paper.section_7.eq_7_5_fourier import FOURIER, ORDER, TERM
from theory.symbols import beta


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


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
