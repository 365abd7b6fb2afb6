"""Problem 1: tokens stay near few clusters for a long time.

How it is proved
----------------
Nobody has a proof: runs from finitely many random starts on the circle. Each runs in
logarithmic time to consensus at β = 60 and must have a plateau ten times longer than it took to
form. The clusters of the plateau are run on at β = 200 and 400: the log lifetime grows by 1 -
cos θ per unit of β, θ the least angle between two clusters, within 5 %.

References
----------
arXiv 2312.10794, Problem 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from sympy import Expr, Float, cos

from numerics import sphere
from numerics.coarsening import THETA, CoarsenStatus
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Hypothesis, Verdict
from proofs_checks.proof import (
    RTOL,
    Flow,
    Sheet,
    Statement,
    Trial,
    cluster_state,
    distinct_start,
    longest_plateau,
    open_problem,
    run_scope,
    token_count,
)
from proofs_checks.shared_runs import coarsen
from theory.models import SA, USA


@dataclass(frozen=True)
class Plateaus:
    """What metastability predicts.

    Attributes
    ----------
    betas : (float, float, float)
        The first for the run from random points; its clusters live on at all of them.
    exponent : Expr
        Growth of the log lifetime with beta, in `THETA`, the least angle between two clusters.
    factor : float
        A plateau lasts at least this many times longer than it took to form.
    """

    betas: tuple[float, float, float]
    exponent: Expr
    factor: float = 10.0


def decide(flow: Flow, prediction: Plateaus) -> Sheet:
    """Say what is proved, that tokens stay on the circle, and what nobody has proved."""
    lives = open_problem(
        f"generic starts: plateaus of 1 < m < n clusters, of life e^(β ({prediction.exponent}))",
        "finitely many random starts: evidence, not a proof for generic data",
    )
    return Sheet((flow.on_sphere, lives))


def coarsens(flow: Flow, prediction: Plateaus, budget: Budget) -> Trial:
    """Find plateaus from random points, and measure how their lifetimes grow with β."""
    model, n, d = flow.model, token_count(budget), 2
    cold, warm, hot = prediction.betas
    if not (warm < hot and prediction.factor > 0):
        raise ValueError(
            "Expected two rising temperatures and a factor > 0 but got "
            f"betas={prediction.betas}, factor={prediction.factor}."
        )
    lengths, tolerance = [], 0.05
    gaps: list[float] = []
    while len(gaps) < budget.cases and max(gaps, default=0.0) <= tolerance:
        result = coarsen(
            distinct_start(budget, n, d), beta=cold, model=model, rtol=RTOL, error_bars=False
        )
        length, left, k = longest_plateau(result)
        if result.status is not CoarsenStatus.CONSENSUS or length < math.log(prediction.factor):
            return Trial(
                f"no plateau at β = {cold:g}: {left} clusters last {math.exp(length):.3g} times "
                f"their time of formation, less than {prediction.factor:g}",
                cases=len(gaps) + 1,
                scope=run_scope(n, str(d), f"{cold:g}"),
            )
        lengths.append(length / math.log(10))
        centres, masses = cluster_state(result, k)
        distances = sphere.pairwise_distances(centres)
        angle = float(distances[~np.eye(len(centres), dtype=bool)].min())
        lives = []
        for b in (warm, hot):
            merged = coarsen(
                centres, beta=b, model=model, masses=masses, rtol=RTOL, error_bars=False
            ).merges
            lives.append(merged[0].log_time)
        # The lifetime is e^{β c}/β times a factor without β: c is what is left.
        found = (lives[1] - lives[0] + math.log(hot / warm)) / (hot - warm)
        expected = float(prediction.exponent.subs(THETA, Float(angle)))
        gaps.append(abs(found - expected) / max(abs(found), abs(expected)))
    worst = max(gaps)
    margin = 1 - worst / tolerance
    scope = run_scope(n, str(d), ", ".join(f"{b:g}" for b in prediction.betas))
    grows = f"by {prediction.exponent} per unit of β"
    if not worst <= tolerance:
        broken = f"log lifetime doesn't grow {grows}: off by {worst:.1%}"
        return Trial(broken, margin, len(gaps), scope=scope)
    seen = (
        f"plateaus last 10^{min(lengths):.1f} to 10^{max(lengths):.1f} times longer than they "
        f"take to form; log lifetime grows {grows}, to {worst:.1%}"
    )
    return Trial("", margin, budget.cases, seen=seen, scope=scope)


METASTABLE: Statement[Plateaus] = Statement(
    "", "tokens stay near 1 < m < n clusters for times like e^{cβ}", decide, trial=coarsens
)


def _hot(**parameters: float) -> float:
    return parameters["beta"] - 4.0


PROBLEM_1 = Claim(
    "Problem 1",
    "For large β tokens stay near 1 < m < n clusters for times that grow like e^{cβ}.",
    SA,
    Plateaus((60.0, 200.0, 400.0), 1 - cos(THETA)),
    METASTABLE,
    (
        Control("β = 60 -> β = 0.01", prediction=Plateaus((0.01, 200.0, 400.0), 1 - cos(THETA))),
        Control(
            "exponent 1 - cos θ -> 2 (1 - cos θ)",
            prediction=Plateaus((60.0, 200.0, 400.0), 2 * (1 - cos(THETA))),
        ),
        Control("the model USA, whose lifetimes grow as -cos θ", model=USA),
    ),
    Verdict.OPEN,
    (Hypothesis("β is large, here at least 4", _hot),),
    cases=2,
    equivalents=(
        Equivalent(
            "another sample of large β",
            ("prediction.beta*: + 1", "prediction.beta*: ÷ 2", "prediction.betas.0: × 2"),
        ),
        Equivalent("another sample of large β", ("prediction.betas.2: × 2",)),
        Equivalent(
            "a lower bound of a factor that grows without limit",
            ("prediction.factor: + 1", "prediction.factor: × 2", "prediction.factor: ÷ 2"),
        ),
    ),
)


CLAIMS = (PROBLEM_1,)
