"""Figure 2: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Integer, Rational, S, pi

from proofs_checks.claim import Verdict
from proofs_checks.paper.section_4.figure_2_map import FIGURE_2, RULES, Rule
from theory.symbols import n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


@pytest.mark.slow
def test_figure_2_is_not_proved_by_the_sampled_n(found):
    """A rule or an end that differs at an n that isn't sampled leaves it undecided."""
    seven = Rule("for n = 7", 2 + (n - 7) ** 2, Integer(2), S.Zero, S(3))
    hidden = FIGURE_2.prediction.low
    for size in (2, 3, 4, 5, 8, 32):
        hidden *= n - size
    for mutation in (
        replace(FIGURE_2, model=(*RULES, seven)),
        changed(FIGURE_2, low=1 + hidden),
    ):
        assert found(mutation).verdict is Verdict.UNDECIDED


def test_the_open_strip_is_empty_for_four_tokens():
    low, high = FIGURE_2.prediction.interval(4)
    assert high < low
    assert RULES[-1].interval(5, 2)[0] == (16 / pi**2).evalf(40)


TWINS = {
    "strip from 1/2 on": changed(FIGURE_2, low=Rational(1, 2)),
    "strip for d = 3": changed(FIGURE_2, dimension=3),
    "strip empty for n <= 3": changed(FIGURE_2, empty=3),
    "Figure 2 without Theorem 5.1": replace(FIGURE_2, model=RULES[:-1]),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
