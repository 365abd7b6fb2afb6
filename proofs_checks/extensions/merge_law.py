"""Merge law: two clusters far closer than others merge when their own law says.

How it is proved
----------------
Runs only: coarsening runs of SA in two and three dimensions, with drawn masses. Where the next
pair is e^7 times slower, the log time of the merge is compared with the quadrature of the rate
of two clusters, to 0.03; the pair that merges must be the one foretold.

References
----------
arXiv 2312.10794, Section 6, Problem 1 (metastability).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sympy as sp
from sympy import Expr, cos, exp, sin

from numerics.coarsening import M1, M2, THETA, compare_with_forecast, pair_log_time, pair_rate
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    PAIR_WEIGHT,
    RTOL,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Trial,
    distinct_start,
    not_asked,
    pair_law,
    pair_step,
    run_scope,
    spread_masses,
    token_count,
    unproved,
)
from proofs_checks.shared_runs import coarsen
from theory.models import SA, USA
from theory.symbols import beta, n


@dataclass(frozen=True)
class MergeLaw:
    """The law of two clusters, at one temperature.

    Attributes
    ----------
    rate : Expr
        θ' in `THETA`, `M1`, `M2` and beta.
    beta : float
        Where it is tested.
    """

    rate: Expr
    beta: float = 60.0


_FAR = 7.0  # the next pair is e^7 times slower: its influence is a few thousandths


_APART = 0.1  # a hundred times the width of a cluster that has just merged


def refute_law(flow: Flow, prediction: MergeLaw | None, budget: Budget) -> Counterexample | None:
    """Find a point at which θ' of two clusters is another."""
    law, _ = pair_law(flow.model)
    if prediction is None or law is None:
        return None
    at = {beta: sp.Rational(5, 4), THETA: 1, M1: sp.Rational(1, 3), M2: sp.Rational(2, 3), n: 3}
    own, said = (rate.subs(at).evalf(20) for rate in (law, prediction.rate))
    if abs(own - said) > sp.Rational(1, 10**9):
        return Counterexample(f"at β = 5/4, θ = 1, m = 1/3, 2/3 θ' is {own.n(6)}, not {said.n(6)}")
    return None


def decide(flow: Flow, prediction: MergeLaw) -> Sheet:
    """Derive the law of two clusters from the flow; that others leave it alone is watched."""
    merges = unproved("two clusters far closer than others merge by that law")
    return Sheet((pair_step(flow, prediction.rate), merges))


def watch(flow: Flow, prediction: MergeLaw, budget: Budget) -> Trial:
    """Compare log times of merges with the quadrature of a law, where the next pair is far off."""
    size = token_count(budget)
    errors: list[float] = []
    pairs = right = 0
    for case in range(budget.cases):
        result = coarsen(
            distinct_start(budget, size, 2 + case % 2),
            beta=prediction.beta,
            model=flow.model,
            masses=spread_masses(budget, size),
            rtol=RTOL,
            error_bars=False,
        )
        starts = [-math.inf, *(merge.log_time for merge in result.merges[:-1])]
        masses = dict(enumerate(result.masses.tolist()))
        for start, found in zip(starts, compare_with_forecast(result), strict=True):
            merge = found.merge
            children = [masses[c] for c in merge.children]
            masses[merge.cluster] = merge.mass
            if found.gap < _FAR or found.angle < _APART:
                continue
            pairs += 1
            if not found.right or len(children) != 2:
                continue
            right += 1
            time = pair_log_time(
                prediction.rate, found.angle, prediction.beta, children[0], children[1]
            )
            errors.append(abs(float(np.logaddexp(start, time)) - merge.log_time))
    tolerance = 0.03
    scope = run_scope(size, "2, 3", f"{prediction.beta:g}") | {"masses": "random, ratio to 30"}
    if not errors:
        return Trial(silent=f"no merge stands {_FAR:g} apart in log t", scope=scope)
    worst = max(errors)
    margin = 1 - worst / tolerance
    if worst > tolerance or right < pairs:
        violation = (
            f"a merge comes {worst:.3g} in log t off the law; {right} of {pairs} pairs right"
        )
        return Trial(violation, margin, budget.cases, scope=scope)
    return Trial(
        margin=margin,
        cases=budget.cases,
        seen=f"{len(errors)} merges at most {worst:.1e} in log t off the law (median "
        f"{np.median(errors):.1e}); all {pairs} pairs foretold",
        scope=scope,
    )


LAW: Statement[MergeLaw] = Statement(
    "", "two clusters merge by their own law", decide, not_asked, refute_law, watch
)


MERGE_LAW = Claim(
    "Merge law",
    "Two clusters far closer than others merge when the law of two clusters alone says.",
    SA,
    MergeLaw(pair_rate(SA)),
    LAW,
    (
        Control(
            "without the masses: m2/m1 + m1/m2 -> 2",
            prediction=MergeLaw(-2 * sin(THETA) * PAIR_WEIGHT / (1 + PAIR_WEIGHT)),
        ),
        Control(
            "the law of USA", prediction=MergeLaw(-sin(THETA) * (M1 + M2) * exp(beta * cos(THETA)))
        ),
        Control("the model USA", model=USA),
    ),
    Verdict.SUPPORTED,
    cases=2,
    origin="extension",
    equivalents=(
        Equivalent(
            "another sample of large β",
            ("prediction.beta*: + 1", "prediction.beta*: ÷ 2", "prediction.beta: × 2"),
        ),
    ),
)


CLAIMS = (MERGE_LAW,)
