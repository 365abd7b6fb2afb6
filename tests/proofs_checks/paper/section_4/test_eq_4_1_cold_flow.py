"""(4.1), E.Appendix A: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Integer

from proofs_checks.paper.section_4.eq_4_1_cold_flow import EQUATION_4_1, ERRATUM_APPENDIX_A
from proofs_checks.proof import unprojected
from theory.energy import interaction_energy
from theory.models import SA, gradient_flow
from theory.symbols import beta, z

CUBIC = gradient_flow(interaction_energy(z**3 / 3 + beta * z), "cubic")


def test_the_growth_is_two():
    assert Integer(2) == EQUATION_4_1.prediction.growth


TWINS = {
    "(4.1) of a fast flow": replace(EQUATION_4_1, model=(CUBIC,)),
    "(4.1) of SA without P": replace(EQUATION_4_1, model=(unprojected(SA),)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_twice_the_energy_is_refuted(refuted):
    prediction = replace(ERRATUM_APPENDIX_A.prediction, kernel=2 * z)
    refuted(replace(ERRATUM_APPENDIX_A, prediction=prediction))


def test_the_printed_factor_is_refuted(reports):
    assert "velocity minus 1 gradient" in reports["E.Appendix A"].printed.detail
