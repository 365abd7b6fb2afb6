"""Remark 3.8: twins of our own, models, and row sums that NumPy makes."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Piecewise, S, lambdify

from proofs_checks.own_model import check_model
from proofs_checks.paper.section_3.remark_3_8_conformal import ALONE, CONFORMAL, LEVEL, WHOLE
from proofs_checks.proof import Flow
from theory.models import SA, USA
from theory.symbols import beta, n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
FACTOR, EXCESS = CONFORMAL.prediction.factor, CONFORMAL.prediction.excess


def test_the_factor_holds_the_level():
    assert {LEVEL, n} < FACTOR.free_symbols
    assert EXCESS.free_symbols == {LEVEL, beta, ALONE, WHOLE}


TWINS = {
    "conformal factor of a hotter SA": replace(CONFORMAL, model=HOTTER[0]),
    "conformal factor doubled": changed(CONFORMAL, factor=2 * FACTOR),
    "conformal for every n and mass": changed(CONFORMAL, excess=S.Zero),
    "conformal for n > 4": changed(CONFORMAL, excess=Piecewise((EXCESS, n <= 4), (S.Zero, True))),
    "a factor true for n = 2, 3, 4 only": changed(
        CONFORMAL, factor=FACTOR * (1 + (n - 2) * (n - 3) * (n - 4))
    ),
    "masses M/3": changed(CONFORMAL, excess=EXCESS.subs(WHOLE, 2 * WHOLE / 3)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def row_sums(x, masses, hot):
    return np.exp(hot * x @ x.T) @ masses


def on_sphere(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def test_seven_tokens_in_numpy():
    rng = np.random.default_rng(3)
    count, hot, level = 7, 1.7, 0.3
    # Equal angles: a simplex, lifted towards one more direction.
    gram = np.full((count, count), level) + (1 - level) * np.eye(count)
    simplex = np.linalg.cholesky(gram)
    equal = row_sums(simplex, np.full(count, 1 / count), hot)
    factor = lambdify((beta, LEVEL, n), FACTOR)(hot, level, count)
    assert equal == pytest.approx(np.full(count, factor))
    # One token apart from six others, any masses.
    masses = rng.uniform(0.2, 2, count)
    places = np.array([[1.0, 0.0], [level, np.sqrt(1 - level**2)]])
    sums = row_sums(places[[0] + [1] * 6], masses, hot)
    excess = lambdify((beta, LEVEL, ALONE, WHOLE), EXCESS)
    assert sums[0] - sums[1:] == pytest.approx(
        np.full(6, excess(hot, level, masses[0], masses.sum()))
    )
    # Two equal masses agree everywhere; three don't, nor do two others.
    two, three = (on_sphere(rng.normal(size=(k, 4))) for k in (2, 3))
    assert np.ptp(row_sums(two, np.array([0.4, 0.4]), hot)) < 1e-12
    assert np.ptp(row_sums(two, np.array([0.4, 0.5]), hot)) > 1e-3
    assert np.ptp(row_sums(three, np.full(3, 1 / 3), hot)) > 1e-3


def test_the_factor_of_a_model_is_its_own():
    ask = CONFORMAL.check.ask
    assert ask(Flow.of(SA)).prediction == CONFORMAL.prediction
    assert ask(Flow.of(USA)).prediction.factor == 1
    assert ask(Flow.of(USA)).prediction.excess == 0
    hot = ask(Flow.of(HOTTER[0]))
    assert hot.verdict.name == "PROVED"
    assert hot.prediction.factor == FACTOR.subs(beta, 3 * beta)


def test_a_kernel_that_may_not_vary_isnt_said_to():
    text = "exactly if n = 2 and the masses are equal"
    assert text in CONFORMAL.check.sheet(Flow.of(SA)).heading["claim"]
    for hot in (-2, 0):
        sheet = CONFORMAL.check.sheet(Flow.of(SA, beta=hot))
        assert sheet.holds and text not in sheet.heading["claim"]
    even = check_model("t**3/3 + 2*t", flow="softmax", only=["Remark 3.8"])["Remark 3.8"]
    assert even.verdict.name == "PROVED"
