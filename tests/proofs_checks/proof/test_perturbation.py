"""Bounds of Appendix D as steps: by the signs of coefficients, and by Grönwall's inequality."""

from sympy import Max, S

from proofs_checks.proof import (
    PRINTED_GROWTH,
    Flow,
    How,
    Outcome,
    Step,
    at_least,
    gap,
    grown,
    softmax_heat,
)
from theory.models import SA, USA
from theory.symbols import beta, n, t

SLOPE = Step("D' <= 2 D", How.DERIVED)


def test_a_bound_holds_for_small_and_large_temperatures_or_is_a_gap():
    assert at_least(PRINTED_GROWTH, 2 * (1 + beta)).holds
    assert at_least(Max(1, beta), beta).holds
    assert at_least(10 * beta * n, 2 * (1 + beta)).outcome is Outcome.GAP  # not at β = 0
    assert at_least(S.One, S.Zero, "1 >= 0").text == "1 >= 0"


def test_growth_needs_a_constant_rate_and_its_slope():
    step = grown("D <= D(0) e^{2t}", SLOPE, rate=S(2))
    assert step.holds and step.cites == ("Grönwall's inequality",)
    assert not grown("D", SLOPE, rate=t).holds
    assert not grown("D", gap("D' <= 2 D", "unknown"), rate=S(2)).holds


def test_the_heat_of_a_softmax_is_no_heat_of_another_flow():
    assert softmax_heat(Flow.of_paper(SA)) == beta
    assert softmax_heat(Flow.of_paper(USA)) is None
    assert softmax_heat(Flow.of_paper(SA.subs({beta: -beta}))) is None
