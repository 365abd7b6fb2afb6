"""Problem 6: no temperature selects among the futures of Example 9.3; every leave time is a limit.

How it is proved
----------------
Nobody has a principle. Runs of (9.4) from z_3 = (ε, 0), β up to 200, with ε = e^{-cβ}: the middle
path is left near t = c. First β -> ∞ leaves at once, first ε -> 0 never.

References
----------
arXiv 2312.10794, Problem 6, Example 9.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

import numpy as np

from numerics.compile import compile_model
from numerics.integration import integrate
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import Flow, Sheet, Statement, Trial, not_asked, open_problem
from theory.models import STEADY_ATTENTION


@dataclass(frozen=True)
class Leaves:
    """The time at which z_3 leaves the middle is said to tend to ``share`` · c, ε = e^{-cβ}."""

    share: float = 1.0


_RATES = (0.0, 0.1, 0.25, 0.5)
_MOST = 26.0  # ε = e^{-26} is what doubles still tell from 0 in a score


def decide(flow: Flow, said: Leaves) -> Sheet:
    """Say what is open."""
    text = "a principle selects one solution of (9.5)-(9.6)"
    return Sheet((open_problem(text, "limits in several orders differ: evidence, not a proof"),))


def watch(flow: Flow, said: Leaves, budget: Budget) -> Trial:
    """Run (9.4) on Example 9.3 and compare where z_3 is at t = 1 with a path that leaves at c."""
    heats = (50.0, 75.0, 100.0, 200.0) if budget.full else (50.0, 100.0)
    worst, cases, places = np.inf, 0, []
    for heat in heats:
        field = compile_model(flow.model, beta=heat, Q=np.eye(2), K=np.eye(2), V=np.eye(2))
        tolerance = 1.5 * log(heat) / heat
        for rate in (*_RATES, None):
            if rate is not None and rate * heat > _MOST:
                continue
            off = 0.0 if rate is None else 0.5 * exp(-rate * heat)
            start = np.array([[1.0, 1.0], [-1.0, 1.0], [off, 0.0]])
            run = integrate(field, start, 1.0, t_eval=[1.0], rtol=1e-8, atol=1e-200)
            end = float(run.points[-1][2, 0])
            # At once (β first) the token starts at 1/2; on the middle path it never parts.
            at = 2.0 if rate is None else said.share * rate
            wanted = 0.0 if at >= 1 else 1 - (1 - 0.5 * (rate == 0)) * exp(-(1 - at))
            slack = tolerance - abs(end - wanted)
            worst, cases = min(worst, slack), cases + 1
            if slack < 0:
                words = f"β = {heat:g}, c = {rate}: z_3 is at {end:.4g}, not {wanted:.4g}, at t = 1"
                return Trial(words, slack, cases)
            places.append(f"{end:.3g}")
    seen = f"left near t = c within 1.5 log β/β, never for ε = 0: z_3 at {', '.join(places[-4:])}"
    return Trial("", worst, cases, seen=seen, scope={"n": "3", "d": "2", "beta": "50 to 200"})


SELECTION: Statement[Leaves] = Statement(
    "", "which future cold attention selects", decide, not_asked, trial=watch
)

PROBLEM_6 = Claim(
    "Problem 6",
    "Example 9.3 from z_3 = (ε, 0): β first selects z_1 at once, ε first the mean, ε = e^{-cβ} "
    "the solution that leaves the mean at t = c; a selection principle is open.",
    STEADY_ATTENTION,
    Leaves(),
    SELECTION,
    (
        Control("it leaves at c -> at once", prediction=Leaves(0.0)),
        Control("it leaves at c -> 2c", prediction=Leaves(2.0)),
    ),
    Verdict.OPEN,
    cases=2,
)

CLAIMS = (PROBLEM_6,)
