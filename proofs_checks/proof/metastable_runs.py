"""Coarsening runs for Problem 1 and its extensions: starts, masses, plateaus, states of clusters.

Nothing is proved here. The weight of a pair is e^{-β(1-cos θ)}.
"""

from __future__ import annotations

import numpy as np
from sympy import cos, exp

from numerics import sphere
from numerics.coarsening import THETA, Coarsening
from proofs_checks.claim import Budget
from proofs_checks.proof.alphabet import Array
from theory.symbols import beta

_FEW, _MANY = 6, 12


RTOL = 1e-5


def token_count(budget: Budget) -> int:
    """How many tokens a run has: more with ``--full``."""
    return _MANY if budget.full else _FEW


def spread_masses(budget: Budget, n: int) -> Array:
    """Draw masses that spread over a factor of about thirty, of total 1."""
    weights = np.exp(budget.rng.uniform(0, 3.5, n))
    return np.asarray(weights / weights.sum())


def distinct_start(budget: Budget, n: int, d: int) -> Array:
    """Draw distinct uniform points: none within reach of a merge at the start."""
    while True:
        points = sphere.random_points(n, d, budget.rng)
        distances = sphere.pairwise_distances(points)
        if distances[~np.eye(n, dtype=bool)].min() > 0.02:
            return points


def longest_plateau(result: Coarsening) -> tuple[float, int, int]:
    """Longest stretch of log t with 1 < m < n clusters: its length, m, and the merge that ends it.

    Length 0 if the number of clusters is never in between.
    """
    best = (0.0, 0, 0)
    for k in range(1, len(result.merges)):
        left = result.n - sum(len(m.children) - 1 for m in result.merges[:k])
        length = result.merges[k].log_time - result.merges[k - 1].log_time
        if left < result.n and length > best[0]:
            best = (length, left, k)
    return best


def cluster_state(result: Coarsening, k: int) -> tuple[Array, Array]:
    """Places and masses of the clusters halfway, in log t, through the plateau before merge k."""
    members = {p: [p] for p in range(result.n)}
    for merge in result.merges[:k]:
        members[merge.cluster] = [p for c in merge.children for p in members.pop(c)]
    middle = 0.5 * (result.merges[k - 1].log_time + result.merges[k].log_time)
    particles = result.at(middle)
    centres = np.array([result.masses[g] @ particles[g] for g in members.values()])
    masses = np.array([result.masses[g].sum() for g in members.values()])
    return centres / np.linalg.norm(centres, axis=1, keepdims=True), masses


def run_scope(n: int, d: str, betas: str, times: str = "to the last merge") -> dict[str, str]:
    """Scope of runs on the clock of log t."""
    return {"n": str(n), "d": d, "beta": betas, "t": times}


PAIR_WEIGHT = exp(-beta * (1 - cos(THETA)))
