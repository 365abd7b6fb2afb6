"""Gaussian tokens: nodes of a quadrature follow the Gaussian law, drawn tokens leave it.

Main results
------------
- V = -1, A = β: 40 Gauss-Hermite nodes, their weights as masses, have the variance Σ_0/(1 + 2βΣ_0t)
  to 1e-9 on [0, 5].
- V = 1: independent tokens leave the law before it is infinite, at t = 1/(2βΣ_0); the run reports
  when, with 1000 of them in full.

How it is proved
----------------
The law is proved of the distribution (Gaussian closure). Of finitely many tokens it is seen in
runs.

References
----------
V. Castin, P. Ablin, J. A. Carrillo, G. Peyré, A unified perspective on the dynamics of deep
transformers, arXiv 2501.18322.
"""

from __future__ import annotations

import numpy as np
from sympy import Expr, Symbol, lambdify

from numerics.compile import compile_model
from numerics.integration import IntegrationStatus
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.literature.castin_2501_18322.gaussian_closure import CLOSURE
from proofs_checks.proof import (
    Flow,
    Sheet,
    Statement,
    Trial,
    by_statement,
    gap,
    not_asked,
    subjects,
)
from proofs_checks.shared_runs import integrate
from theory.atoms import RowSoftmax
from theory.models import Model
from theory.symbols import X, beta, m, t

START = Symbol("sigma_0", positive=True)
"""Σ_0."""

_FIELD = RowSoftmax(beta * X * X.T, m) * X

GATHERING = Model("attention, V = I", _FIELD, space="euclidean")

SPREADING = Model("attention, V = -I", -_FIELD, space="euclidean")

_NODES, _END, _CLOSE = 40, 5.0, 1e-9


def decide_tokens(flow: Flow, prediction: Expr) -> Sheet:
    """Say what is proved of the distribution, and that tokens are run."""
    course = by_statement(CLOSURE, flow, text="Gaussian closure, of the distribution")
    text = f"40 Gauss-Hermite nodes have the variance {prediction} to 1e-9 on [0, 5]"
    return Sheet(
        (course, gap(text, "finitely many tokens: experiments")),
        {"n": str(_NODES), "d": "1", "beta": "1/2 to 1", "t": "[0, 5]", "data": "Σ_0 in [1/2, 1]"},
        subjects(flow.model, prediction),
    )


def watch_tokens(flow: Flow, prediction: Expr, budget: Budget) -> Trial:
    """Run tokens at the nodes with V = -1, and drawn ones with V = 1."""
    if flow.model.parameters != (beta,):
        return Trial(silent=f"{flow.name}: no numbers to run it at")
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    masses, worst = weights / weights.sum(), 0.0
    law = lambdify((START, beta, t), prediction, "numpy")
    for warm, start in ((1.0, 1.0), (0.5, 1.0), (1.0, 0.5)):
        field = compile_model(flow.model, beta=warm, masses=masses)
        points, times = np.sqrt(start) * nodes[:, None], np.linspace(0.0, _END, 6)
        run = integrate(field, points, _END, t_eval=times, rtol=1e-11)
        said = np.array([float(law(start, warm, time)) for time in run.times])
        seen = np.array([masses @ state[:, 0] ** 2 for state in run.points])
        worst = max(worst, float(np.abs(seen - said).max()))
        if worst > _CLOSE or run.status is not IntegrationStatus.FINISHED:
            words = f"β = {warm}, Σ_0 = {start}: the variance is off by {worst:.2g} on [0, 5]"
            return Trial(words, 1 - worst / _CLOSE, 1)
    return Trial(
        margin=1 - worst / _CLOSE,
        cases=3,
        seen=f"the variance is the law's to {worst:.1g}; {drawn_tokens(budget)}",
    )


def drawn_tokens(budget: Budget) -> str:
    """Report when independent tokens with V = 1, β = 1 leave the law of their own variance."""
    size = 1000 if budget.full else 250
    field = compile_model(GATHERING, beta=1.0)
    run = integrate(
        field, budget.rng.normal(size=(size, 1)), 0.4, t_eval=np.linspace(0, 0.4, 9), rtol=1e-6
    )
    seen = np.array([state.var() for state in run.points])
    said = seen[0] / (1 - 2 * seen[0] * run.times)
    off = np.abs(seen / said - 1)
    late = np.flatnonzero((off > 0.05) | (said < 0))
    when = f"from t = {run.times[late[0]]:.2f} on" if late.size else "not up to t = 0.4"
    return (
        f"with V = I {size} drawn tokens are 5 % off {when}, {100 * off[6]:.0f} % at t = 0.3, and "
        f"the law is infinite at t = {1 / (2 * seen[0]):.2f}"
    )


TOKENS: Statement[Expr] = Statement(
    "", "tokens at the nodes of a quadrature follow", decide_tokens, not_asked, trial=watch_tokens
)


_LAW = START / (1 + 2 * beta * START * t)


GAUSSIAN_TOKENS = Claim(
    "Gaussian tokens",
    "With V = -I, 40 Gauss-Hermite nodes, their weights as masses, have the variance "
    "Σ_0/(1 + 2β Σ_0 t) to 1e-9 on [0, 5].",
    SPREADING,
    _LAW,
    TOKENS,
    (
        Control("V = I's law", prediction=START / (1 - 2 * beta * START * t)),
        Control("no 2", prediction=START / (1 + beta * START * t)),
        Control("2β -> 2β²", prediction=START / (1 + 2 * beta**2 * START * t)),
    ),
    Verdict.SUPPORTED,
    cases=1,
    origin="extension",
)


CLAIMS = (GAUSSIAN_TOKENS,)
