"""Ensembles of runs from uniform tokens: phase diagrams over (β, t), the exact law of the start.

How many runs a budget buys, and numbers as text. All in floats.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc

from numerics import sphere
from numerics.ensembles import ClosePairs, EnsembleStatus
from numerics.phase import Draw, PhaseDiagram
from proofs_checks.claim import Budget
from proofs_checks.proof.alphabet import Array
from proofs_checks.proof.power_law import SIGMAS
from proofs_checks.shared_runs import ensemble
from theory.models import Model

PAIR_GAP = 1e-3


_MORE = 16
"""In full, so many times the runs of a quick check."""


def run_count(budget: Budget) -> int:
    """How many runs an ensemble takes: more with ``--full``."""
    return budget.cases * (_MORE if budget.full else 1)


def level_note(budget: Budget) -> str:
    """End of a detail: what ``--full`` adds, if it wasn't asked for."""
    return "" if budget.full else "; --full goes to larger sizes and more runs"


def shown_numbers(values: Array | list[float], form: str = ".3g") -> str:
    """Join numbers for a detail, in one format."""
    return ", ".join(format(value, form) for value in values)


def start_law(shares: ArrayLike, bounds: ArrayLike, n: int, d: int, runs: int) -> tuple[float, str]:
    """Compare shares of pairs at the start with their exact law: the worst margin and words.

    That <x_i,x_j> >= b for uniform points is the area of a cap, as (1 - <x_i,x_j>)/2 has the law
    Beta((d-1)/2, (d-1)/2). Inner products of uniform points are independent pair by pair, so that
    the variance of a share is binomial although triples depend on each other. One pair in all is
    allowed beyond 4σ: where close pairs are rare, the law is Poisson and has a longer tail.
    """
    found, least = np.atleast_1d(shares), np.atleast_1d(bounds)
    exact, pairs = betainc((d - 1) / 2, (d - 1) / 2, (1 - least) / 2), runs * n * (n - 1) / 2
    allowed = SIGMAS * np.sqrt(exact * (1 - exact) / pairs) + 1 / pairs
    margins = 1 - np.abs(found - exact) / allowed
    k = int(np.argmin(margins))
    words = (
        f"at the start {found[k]:.4f} of the pairs have <x_i,x_j> >= {least[k]:.3g}, exact "
        f"{exact[k]:.4f}"
    )
    return float(margins[k]), words


def diagram_of(
    model: Model,
    sizes: tuple[int, int],
    grid: tuple[Array, Array],
    runs: int,
    budget: Budget,
    rtol: float,
    matrices: Draw | None = None,
) -> PhaseDiagram:
    """Make a phase diagram of n tokens in d dimensions over (β, t), all runs as one batch."""
    (n, d), (betas, times) = sizes, grid
    parameters: dict[str, Any] = {}
    if matrices is not None:
        drawn = [matrices(budget.rng, d) for _ in range(runs)]
        parameters = {name: np.stack([one[name] for one in drawn])[:, None] for name in drawn[0]}
    found = ensemble(
        model,
        sphere.random_points(n, d, budget.rng, batch=(runs, 1)),
        t_eval=times,
        rtol=rtol,
        observe=ClosePairs(PAIR_GAP),
        beta=betas,
        **parameters,
    )
    assert found.observed is not None
    stopped = found.status >= EnsembleStatus.MAX_STEPS
    if stopped.any():
        raise RuntimeError(
            f"Expected all systems to reach t = {times[-1]:g} but got {stopped.sum()} that were "
            "stopped; loosen rtol."
        )
    counts = np.moveaxis(found.observed, 0, -1)
    return PhaseDiagram(betas, times, counts, stopped, n, d, PAIR_GAP, model)
