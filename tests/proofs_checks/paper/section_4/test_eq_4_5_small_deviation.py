"""(4.5): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, S

from proofs_checks.claim import Budget
from proofs_checks.paper.section_4.eq_4_5_small_deviation import EQUATION_4_5
from proofs_checks.proof import ByModel
from theory.atoms import Tangent
from theory.models import USA
from theory.symbols import X, beta

HOTTER_USA = USA.subs({beta: 3 * beta})


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


@pytest.mark.parametrize(
    "change", [{"near": Rational(7, 4)}, {"error": -S.One / 8}, {"hottest": ByModel(-S.One, S.One)}]
)
def test_what_is_no_distance_is_refused(change):
    wrong = changed(EQUATION_4_5, **change)
    with pytest.raises(ValueError, match=r"Expected near <= 1, error >= 0 and β_m > 0 but got"):
        wrong.check(wrong.model, wrong.prediction, Budget(1, np.random.default_rng(0)))


TWINS = {
    "(4.5) kept at 3/5": changed(EQUATION_4_5, kept=Rational(3, 5)),
    "(4.5) of hotter models": replace(EQUATION_4_5, model=(HOTTER_USA,)),
    "(4.5) of USA times β": replace(
        EQUATION_4_5, model=(replace(USA, velocity=Tangent(X, beta * USA.velocity.field)),)
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
