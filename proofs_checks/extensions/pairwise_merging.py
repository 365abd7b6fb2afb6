"""Pairwise merging: from uniform random points every merge is of two clusters.

How it is proved
----------------
Runs only: coarsening runs of SA on the sphere at β = 20 from drawn points; each merge must have
two children, and the least distance in log t between two merges is told. A ring of three, which
meets at once, is what refutes it for other starts.

References
----------
arXiv 2312.10794, Section 6, Problem 1 (metastability).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from proofs_checks.claim import Budget, Claim, Control, Verdict
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
class Pairwise:
    """How many clusters take part in a merge, and the starts it is said of."""

    children: int = 2
    ring: bool = False


def watch(flow: Flow, prediction: Pairwise, budget: Budget) -> Trial:
    """Count the clusters in each merge, from uniform points or from a ring about the pole."""
    n, hot = token_count(budget), 20.0
    merges, closest = 0, math.inf
    for _ in range(budget.cases):
        points = distinct_start(budget, n, 3)
        if prediction.ring:
            angles = 2 * np.pi * np.arange(3) / 3 + budget.rng.uniform(0, 2 * np.pi)
            high = 1 - 1 / (4 * hot)  # within the scale β^{-1/2}, where a ring contracts
            wide = math.sqrt(1 - high**2)
            points = np.stack(
                [wide * np.cos(angles), wide * np.sin(angles), np.full(3, high)], axis=1
            )
        result = coarsen(points, beta=hot, model=flow.model, rtol=RTOL, error_bars=False)
        for merge in result.merges:
            if len(merge.children) != prediction.children:
                return Trial(
                    f"{len(merge.children)} clusters merge at log t = {merge.log_time:.6f}, "
                    f"not {prediction.children}",
                    cases=budget.cases,
                    scope=run_scope(len(points), "3", f"{hot:g}"),
                )
        merges += len(result.merges)
        times = np.array([merge.log_time for merge in result.merges])
        closest = min(closest, float(np.diff(times).min()))
    return Trial(
        margin=closest / RTOL,
        cases=budget.cases,
        seen=f"{merges} merges, all of two clusters; the closest two are {closest:.2g} apart in "
        "log t",
        scope=run_scope(n, "3", f"{hot:g}"),
    )


PAIRS: Statement[Pairwise] = experiment("every merge is of two clusters", watch)


PAIRWISE_MERGING = Claim(
    "Pairwise merging",
    "From uniform random points every merge is of two clusters.",
    SA,
    Pairwise(),
    PAIRS,
    (
        Control("start: uniform -> a regular ring about the pole", prediction=Pairwise(ring=True)),
        Control("two clusters -> three", prediction=Pairwise(3)),
    ),
    Verdict.SUPPORTED,
    cases=3,
    origin="extension",
)


CLAIMS = (PAIRWISE_MERGING,)
