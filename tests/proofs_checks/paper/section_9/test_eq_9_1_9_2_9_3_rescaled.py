"""(9.1)-(9.3): twins of our own, and runs of both flows."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm

from numerics import compile_model, integrate
from proofs_checks.claim import Verdict
from proofs_checks.paper.section_9.eq_9_1_9_2_9_3_rescaled import (
    EQUATION_9_1,
    EQUATION_9_2,
    EQUATION_9_3,
)
from theory.atoms import RowSoftmax
from theory.masks import Mask
from theory.models import CAUSAL, PURE_ATTENTION, RESCALED_ATTENTION
from theory.symbols import K, Q, V, X, beta, m


def test_a_run_of_one_is_a_run_of_the_other():
    rng = np.random.default_rng(0)
    points, value = rng.standard_normal((4, 3)), rng.standard_normal((3, 3)) / 2
    given = {"beta": 0.7, "Q": rng.standard_normal((2, 3)), "K": rng.standard_normal((2, 3))}
    x, z = (
        integrate(compile_model(model, V=value, **given), points, 1.2, rtol=1e-10).points[-1]
        for model in (PURE_ATTENTION, RESCALED_ATTENTION)
    )
    np.testing.assert_allclose(x, z @ expm(1.2 * value).T, atol=1e-7)


@pytest.mark.parametrize("claim", [EQUATION_9_1, EQUATION_9_2, EQUATION_9_3])
def test_a_flow_on_the_sphere_is_not_asked(claim, found):
    assert found(replace(claim, model=CAUSAL)).verdict is Verdict.UNDECIDED


def test_a_mask_keeps_rows_that_sum_to_one(found):
    scores = beta * X * Q.T * K * X.T
    seen = RowSoftmax(scores, m, Mask.causal()) * X * V.T
    masked = replace(PURE_ATTENTION, name="masked", velocity=seen)
    assert found(replace(EQUATION_9_3, model=masked)).verdict is Verdict.PROVED


def test_strictly_causal_rows_do_not(found):
    scores = beta * X * Q.T * K * X.T
    seen = RowSoftmax(scores, m, Mask.strictly_causal()) * X * V.T
    masked = replace(PURE_ATTENTION, name="masked", velocity=seen)
    assert found(replace(EQUATION_9_3, model=masked)).verdict is not Verdict.PROVED


def test_time_dependent_speed_is_refuted(found):
    fast = replace(PURE_ATTENTION, name="twice as fast", velocity=2 * PURE_ATTENTION.velocity)
    assert found(replace(EQUATION_9_3, model=fast)).verdict is Verdict.REFUTED
