"""Two time scales: the last merging time exceeds the first by a factor e^{cβ}.

How it is proved
----------------
c = cos θ_first - cos θ_last. Runs only: coarsening runs of SA on the circle from the same start
at two temperatures; where the same pairs merge first and last, the growth of log(T_last/T_first)
a unit of β is compared with c, to a tenth.

References
----------
arXiv 2312.10794, Section 6, Problem 1 (metastability).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from sympy import Expr, Float, cos

from numerics.coarsening import THETA, Coarsening, compare_with_forecast
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    RTOL,
    Flow,
    Statement,
    Trial,
    distinct_start,
    experiment,
    run_scope,
    token_count,
)
from proofs_checks.shared_runs import coarsen
from theory.models import SA


@dataclass(frozen=True)
class Scales:
    """How the last merging time over the first is to grow.

    Attributes
    ----------
    betas : (float, float)
        Where it is measured.
    exponent : Expr
        Growth of the log of a merging time per unit of β, in `THETA`, the angle of the pair.
    factor : float
        Least value at the second β.
    """

    betas: tuple[float, float]
    exponent: Expr = 1 - cos(THETA)
    factor: float = 1e3


def _first_and_last(result: Coarsening) -> tuple[frozenset[frozenset[int]], ...]:
    """Return the clusters, as sets of tokens, that meet in the first and in the last merge."""
    members = {p: frozenset({p}) for p in range(result.n)}
    for merge in result.merges:
        members[merge.cluster] = frozenset().union(*(members[c] for c in merge.children))
    return tuple(frozenset(members[c] for c in result.merges[k].children) for k in (0, -1))


def watch(flow: Flow, prediction: Scales, budget: Budget) -> Trial:
    """Measure log(T_last/T_first) of merges at two temperatures, and the angles of the pairs."""
    n = token_count(budget)
    low, high = prediction.betas
    if not (low < high and prediction.factor > 0):
        raise ValueError(
            "Expected two rising temperatures and a factor > 0 but got "
            f"betas={prediction.betas}, factor={prediction.factor}."
        )
    growths, ratios, gaps, tolerance = [], [], [], 0.1
    for _ in range(4 * budget.cases):
        points = distinct_start(budget, n, 2)
        runs = [
            coarsen(points, beta=b, model=flow.model, rtol=RTOL, error_bars=False)
            for b in (low, high)
        ]
        found = [run.merges[-1].log_time - run.merges[0].log_time for run in runs]
        ratios.append(found)
        if _first_and_last(runs[0]) != _first_and_last(runs[1]):
            continue  # a close call in between was decided otherwise: two other times
        pairs = compare_with_forecast(runs[1])
        slow, fast = (
            float(prediction.exponent.subs(THETA, Float(pairs[k].angle))) for k in (-1, 0)
        )
        growths.append((found[1] - found[0]) / (high - low))
        gaps.append(abs(growths[-1] - (slow - fast)) / max(abs(growths[-1]), abs(slow - fast)))
        if len(gaps) == budget.cases or gaps[-1] > tolerance:
            break
    scope = run_scope(n, "2", f"{low:g}, {high:g}")
    first, last = np.median(np.array(ratios), axis=0) / math.log(10)
    if not gaps:
        detail = f"last over first merging time 10^{last:.1f} at β = {high:g}, of other pairs"
        less = last < math.log10(prediction.factor)
        return Trial(detail if less else "", cases=len(ratios), silent=detail, scope=scope)
    growth, worst = float(np.median(growths)), max(gaps)
    detail = (
        f"last over first merging time 10^{first:.1f} at β = {low:g}, 10^{last:.1f} at "
        f"β = {high:g}: its log grows by {growth:.3g} per unit of β, to {worst:.1%} the difference "
        f"of {prediction.exponent} at the last and the first pair"
    )
    margin = float(min(1 - worst / tolerance, last / math.log10(prediction.factor) - 1))
    violation = "" if margin >= 0 else detail
    return Trial(violation, margin, len(ratios), seen=detail, scope=scope)


SCALES: Statement[Scales] = experiment("the last merging time exceeds the first by e^{cβ}", watch)


TWO_TIME_SCALES = Claim(
    "Two time scales",
    "The last merging time exceeds the first by a factor e^{cβ}, c = cos θ_first - cos θ_last.",
    SA,
    Scales((20.0, 60.0)),
    SCALES,
    (
        Control("β = 20, 60 -> 0.01, 0.02", prediction=Scales((0.01, 0.02))),
        Control(
            "exponent 1 - cos θ -> 2 (1 - cos θ)",
            prediction=Scales((20.0, 60.0), 2 * (1 - cos(THETA))),
        ),
    ),
    Verdict.SUPPORTED,
    cases=2,
    origin="extension",
    equivalents=(
        Equivalent(
            "another sample of large β",
            ("prediction.beta*: + 1", "prediction.beta*: ÷ 2", "prediction.betas.0: × 2"),
        ),
        Equivalent("another sample of large β", ("prediction.betas.1: × 2",)),
        Equivalent(
            "a lower bound of a factor that grows without limit",
            ("prediction.factor: + 1", "prediction.factor: × 2", "prediction.factor: ÷ 2"),
        ),
    ),
)


CLAIMS = (TWO_TIME_SCALES,)
