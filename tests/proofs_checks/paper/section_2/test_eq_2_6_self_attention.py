"""(2.6): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import OneMatrix, cos, exp

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_2.eq_2_6_self_attention import EQUATION_2_6, GAP, SPECIAL
from proofs_checks.proof import Flow, unprojected
from theory.atoms import RowSoftmax, Tangent
from theory.models import CAUSAL, QKV, SA, USA, Model
from theory.symbols import X, beta, d, m, n, t


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER_SA, HOTTER_USA = SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta})


def test_a_weaker_statement_is_still_proved():
    budget = Budget(2, np.random.default_rng(0))
    weaker = replace(EQUATION_2_6.prediction, speed=2 * EQUATION_2_6.prediction.speed)
    found = EQUATION_2_6.check(EQUATION_2_6.model, weaker, budget)
    assert found.verdict is Verdict.PROVED, found.detail


TWINS = {
    "(2.6) of a hotter SA": replace(EQUATION_2_6, model=(QKV, HOTTER_SA)),
    "(2.6) at the speed e^{-β}": changed(EQUATION_2_6, speed=exp(-beta) / 10),
    "(2.6) of SA without P": replace(EQUATION_2_6, model=(QKV, unprojected(SA))),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def _paced(factor):
    return replace(SA, velocity=Tangent(X, factor * SA.velocity.field))


_SCORES = beta * X * X.T
COUNTING = Tangent(X, RowSoftmax(_SCORES, OneMatrix(n, 1)) * X)
FLAT = RowSoftmax(_SCORES, m) * X
ASKED = {
    "SA": (SA, {}, Verdict.PROVED),
    "SA at β = 2": (SA, {"beta": 2.0}, Verdict.PROVED),
    "SA at β = 0": (SA, {"beta": 0}, Verdict.PROVED),
    "SA at β = -5": (SA, {"beta": -5.0}, Verdict.VACUOUS),
    "SA at β = code": (SA, {"beta": lambda s: 1.0 if s < 3 else 2.0}, Verdict.UNDECIDED),
    "SA at -β": (SA.subs({beta: -beta}), {}, Verdict.UNDECIDED),
    "SA at β cos t": (SA.subs({beta: beta * cos(t)}), {}, Verdict.UNDECIDED),
    "SA at β(1 + t)": (SA.subs({beta: beta * (1 + t)}), {}, Verdict.PROVED),
    "5 SA": (_paced(5), {}, Verdict.PROVED),
    "-SA": (_paced(-1), {}, Verdict.PROVED),
    "e^{-t} SA": (_paced(exp(-t)), {}, Verdict.PROVED),
    "USA": (USA, {}, None),
    "causal": (CAUSAL, {}, None),
    "masses not in the softmax": (Model("c", COUNTING, parameters=(beta,)), {}, None),
    "off the sphere": (
        Model("flat", FLAT, parameters=(beta,), space="euclidean"),
        {},
        None,
    ),
}


@pytest.mark.every(4)
@pytest.mark.parametrize(("model", "given", "expected"), ASKED.values(), ids=ASKED)
def test_a_softmax_of_inner_products_is_asked(model, given, expected):
    assert SPECIAL.ask(Flow.of(model, **given)).verdict is expected


def test_the_bound_of_a_flow_holds_for_it():
    flow = Flow.of(_paced(5).subs({beta: 2 * beta}))
    said = SPECIAL.ask(flow).prediction.said
    points = random_points(5, 3, np.random.default_rng(1), 50)
    speed = np.linalg.norm(compile_model(flow.model, beta=0.7)(points), axis=-1).max(axis=-1)
    largest = (points @ points.swapaxes(-1, -2) - 2 * np.eye(5)).max(axis=(-1, -2))
    for value, g in zip(speed, largest, strict=True):
        assert value <= said.speed.subs({n: 5, d: 3, beta: 0.7, GAP: g})
