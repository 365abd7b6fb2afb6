"""Trials of any row answer, or say why they are silent, whatever parameters and pace a flow has."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Heaviside, Piecewise, Rational, Symbol, exp, tanh

from proofs_checks import check_model
from proofs_checks.claim import Budget
from proofs_checks.own_model.check import SHAPE, _questions
from proofs_checks.proof import Flow, Statement
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.models import CAUSAL, SA, USA, Model, gradient_flow
from theory.symbols import X, beta, m, t, z

CAP, RATE = Symbol("cap", positive=True), Symbol("a", positive=True)


def paced(pace, model=SA, *more):
    field = Tangent(X, pace * model.velocity.field)
    return replace(model, velocity=field, parameters=(*model.parameters, *more))


CAPPED = RowSoftmax(Elementwise(CAP * tanh(beta * z / CAP), X * X.T), m)
MODELS = {
    "two parameters": Model("capped", Tangent(X, CAPPED * X), parameters=(beta, CAP)),
    "a factor": paced(RATE, SA, RATE),
    "a factor of sums": paced(RATE, USA, RATE),
    "a factor under a mask": paced(RATE, CAUSAL, RATE),
    "a kernel of two": gradient_flow(interaction_energy(RATE * exp(beta * z))),
    "a step in time": paced(1 + Heaviside(5 - t)),
    "a step of sums": paced(1 + Heaviside(5 - t), USA),
    "two pieces in time": paced(Piecewise((1, t < 1), (2, True))),
    "a pace of its own": paced(1 / (1 + RATE * t), SA, RATE),
}
SPARSE = ("(6.4)", "Remark 3.1", "Theorem 5.1", "rates of schemes", "rate of followers")
"""Those that raised."""


def tried(name, rows=None):
    """Run the trials of rows, also where a proof spares them, and count them."""
    flow = Flow.of(MODELS[name])
    count = 0
    for row in (*SHAPE, *_questions().values()):
        if (
            not isinstance(row, Statement)
            or row.trial is None
            or row.name not in (rows or [row.name])
        ):
            continue
        prediction = row.derive(flow)
        if prediction is not None and not isinstance(prediction, str):
            row.trial(flow, prediction, Budget(2, np.random.default_rng(0)))
            count += 1
    return count


@pytest.mark.parametrize("name", MODELS)
def test_trials_that_raised_answer(name):
    assert tried(name, SPARSE)


@pytest.mark.slow
@pytest.mark.every(4)
@pytest.mark.parametrize("name", MODELS)
def test_trials_of_every_row_answer(name):
    assert tried(name) > 3


@pytest.mark.parametrize(
    ("name", "row"), [("two parameters", "(6.4)"), ("a step in time", "Theorem 5.1")]
)
def test_rows_name_what_is_missing(name, row):
    found = check_model(MODELS[name], only=row).rows[0].evidence
    assert "an error of ours" not in found.detail


@pytest.mark.parametrize("pace", [Rational(1, 2), 1, 3, 8])
def test_followers_are_run_for_as_long_as_their_rate_asks(pace):
    """At t = 40 eight times as quick tokens are one, and what is left of them is rounding."""
    row, flow = _questions()["rate of followers"], Flow.of(paced(pace, CAUSAL))
    found = row.trial(flow, row.derive(flow), Budget(2, np.random.default_rng(0)))
    assert found.violation == "" and found.margin > 0
