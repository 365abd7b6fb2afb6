"""(3.5): twins of our own."""

from dataclasses import replace

import pytest
from sympy import Piecewise, Rational, exp, log, sqrt

from proofs_checks.paper.section_3.eq_3_5_energy import EQUATION_3_5
from proofs_checks.proof import Flow
from theory.energy import interaction_energy
from theory.models import SA, gradient_flow
from theory.symbols import beta, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


CUBIC = gradient_flow(interaction_energy(z**3 / 3 + beta * z), "cubic")
TWINS = {
    "(3.5) of the cubic": replace(EQUATION_3_5, model=(CUBIC,)),
    "(3.5) from e^{-β²}": changed(EQUATION_3_5, low=exp(-(beta**2)) / (2 * beta**2)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def asked(kernel, **given):
    return EQUATION_3_5.check.ask(Flow.of(gradient_flow(interaction_energy(kernel), ""), **given))


@pytest.mark.parametrize(
    ("kernel", "low", "high"),
    [
        (-exp(-2 * z) / 2, -exp(2) / 4, -exp(-2) / 4),
        (log(2 - z), 0, log(3) / 2),
        ((1 + z) ** Rational(5, 2), 0, 2 * sqrt(2)),
        (z**3, -Rational(1, 2), Rational(1, 2)),
    ],
)
def test_bounds_are_half_the_kernel_at_the_ends(kernel, low, high):
    found = asked(kernel)
    assert found.verdict.name == "PROVED", found.detail
    assert (found.prediction.low, found.prediction.high) == (low, high)


def test_bounds_at_a_given_temperature_are_those_of_its_sign():
    found = asked(beta * z, beta=-1.0)
    assert (found.prediction.low, found.prediction.high) == (-Rational(1, 2), Rational(1, 2))
    cold = EQUATION_3_5.check.ask(Flow.of(SA, beta=0))
    assert cold.prediction.kernel == z


@pytest.mark.parametrize(
    "kernel",
    [Piecewise((z, z < 0), (z - 5, True)), 1 / (z - Rational(1, 2)), log(z), log(1 + z), z**2 + z],
    ids=str,
)
def test_no_bound_is_proved_for_a_kernel_that_jumps_or_turns(kernel):
    assert asked(kernel).verdict.name in ("UNDECIDED", "VACUOUS")


@pytest.mark.parametrize("kernel", [z**2, 3 * z**4, exp(z**2), beta * z**2 / 2], ids=str)
def test_an_even_kernel_is_less_in_between(kernel):
    """Two tokens at a right angle have the energy (h(1) + h(0))/4, less than half of both ends."""
    found = asked(kernel)
    h = kernel.subs(beta, 1)
    value = (h.subs(z, 1) + h.subs(z, 0)) / 4
    assert found.verdict.name == "REFUTED" and f"E = {value} of two tokens" in found.detail
    assert float(value) < float(min(h.subs(z, 1), h.subs(z, -1)) / 2)
