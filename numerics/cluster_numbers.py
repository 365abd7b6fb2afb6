"""How many clusters form on the circle, from starts between equal spacing and independent draws.

Near equal spacing the fastest mode k* of the linearised flow sets the count; independent draws have
as many clusters as their smoothed density has maxima, by Kac and Rice. Between them, where the
spread of the start passes a crossover, one number takes over from the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    as_float,
    as_number,
    check_choice,
    check_model,
    check_watcher,
    check_whole,
    shown,
)
from numerics.ensembles import ensemble
from numerics.smoothed_density import density_maxima
from numerics.sphere import Rng
from theory import symbols
from theory.measures import continuity_equation
from theory.models import SA, Model
from theory.predictions import expected_maxima, fastest_mode
from theory.summaries import Tabled

SPREADS = (1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0, math.inf)
"""From starts that are nearly equally spaced to independent ones."""

_LATER = 5.0
"""Units of the fastest mode's time that pass after it has grown to size 1."""


@dataclass(frozen=True, eq=False)
class CountRegimes(Tabled):
    """Numbers of clusters by the spread of the start, beside both predictions.

    Parameters
    ----------
    spreads : (k,) array
        The spread ε: starts are equally spaced tokens, each moved by ε times a normal number;
        infinite for independent draws.
    counts : (k, runs) int array
        Maxima of the smoothed density at `times`.
    at_start : (k, runs) int array
        The same at time 0.
    times : (k,) array
        ``(log(1/s) + 5)/λ_{k*}``, s = min(ε, n^{-1/2}) the size that mode k* starts from.
    fastest : int
        The number k*.
    random : float
        Mean number of maxima of independent draws, n → ∞.
    beta : float
        Inverse temperature β.
    n : int
        Number of tokens.
    """

    spreads: FloatArray
    counts: NDArray[np.int64]
    at_start: NDArray[np.int64]
    times: FloatArray
    fastest: int
    random: float
    beta: float
    n: int

    @property
    def mean(self) -> FloatArray:
        """Mean counts, shape (k,)."""
        return np.asarray(self.counts.mean(axis=1))

    @property
    def crossover(self) -> float | None:
        """Spread at which the mean count last is halfway between those of the ends.

        By linear interpolation in log ε; None where the means of the ends don't differ by four of
        their errors, or one neighbour is infinite.
        """
        mean, error = self.mean, self.counts.std(axis=1) / math.sqrt(self.counts.shape[1])
        gap = mean[0] - mean[-1]
        if not abs(gap) > 4 * math.hypot(error[0], error[-1]):
            return None
        above = (mean - (mean[0] + mean[-1]) / 2) / gap
        row = int(np.flatnonzero(above > 0)[-1])
        low, high = self.spreads[row : row + 2]
        if not math.isfinite(high):
            return None
        share = above[row] / (above[row] - above[row + 1])
        return float(low * (high / low) ** share)


def count_regimes(
    beta: float,
    spreads: Sequence[float] = SPREADS,
    n: int = 256,
    runs: int = 100,
    model: Model = SA,
    rng: Rng = 0,
    progress: Callable[[int, int], None] | None = None,
) -> CountRegimes:
    """Count clusters on the circle from starts of several spreads.

    Parameters
    ----------
    beta : float
        Inverse temperature, > 0.
    spreads : sequence of float
        Spreads ε > 0, ascending; infinity for independent uniform draws.
    n, runs : int
        Tokens, and systems of each spread.
    model : Model
        ``theory.SA`` or ``theory.USA``.
    rng : seed, SeedSequence, Generator or None
        One stream for each spread (SPEC 7).
    progress : callable, optional
        Called with (finished spreads, all spreads).

    Returns
    -------
    CountRegimes
        Counts and both predictions.

    Raises
    ------
    TypeError, ValueError
        For arguments out of range, or another model.

    Notes
    -----
    A cluster is a local maximum of the density smoothed by ``e^{β cos}`` (`density_maxima`). The
    growth rate is derived from the model's continuity equation; the mean of independent draws is
    `theory.predictions.expected_maxima`.

    Examples
    --------
    >>> found = count_regimes(9.0, [1e-6, float("inf")], n=64, runs=4)
    >>> found.fastest, round(found.random, 2), found.counts.shape
    (4, 3.66, (2, 4))
    """
    check_model(model)
    names = ("SA", "USA")
    check_choice(model.name, "model", names, "predictions of the counts are for e^{β cos}")
    hot = as_number(beta, "beta", "give β > 0")
    if not 0 < hot <= 1e4:
        raise ValueError(f"Expected 0 < β <= 1e4 but got beta={shown(beta)}; give such a number.")
    check_whole(n, "n", 2, 1 << 20)
    check_whole(runs, "runs", 2, 1 << 20)
    check_watcher(progress, "progress")
    sizes = as_float(spreads, "spreads")
    if sizes.ndim != 1 or sizes.size == 0 or not np.all(sizes > 0) or np.any(np.diff(sizes) <= 0):
        raise ValueError(
            f"Expected ascending spreads > 0 but got spreads={shown(spreads)}; sort them."
        )
    fastest = fastest_mode(hot)
    rate = float(continuity_equation(model).growth_rate(fastest).subs(symbols.beta, hot).evalf())
    times = (np.log(1 / np.minimum(sizes, n**-0.5)) + _LATER) / rate
    streams = sphere.seed_sequence(rng).spawn(sizes.size)
    counts = np.empty((2, sizes.size, runs), dtype=np.int64)
    for row, (size, stream) in enumerate(zip(sizes, streams, strict=True)):
        start = _starts(float(size), n, runs, np.random.default_rng(stream))
        run = ensemble(model, start, t_eval=[0.0, float(times[row])], beta=hot)
        assert run.points is not None  # nothing is observed in their place
        counts[:, row] = density_maxima(run.points, hot)
        if progress is not None:
            progress(row + 1, sizes.size)
    random = float(expected_maxima(hot))
    return CountRegimes(sizes, counts[1], counts[0], times, fastest, random, hot, n)


def _starts(spread: float, n: int, runs: int, rng: np.random.Generator) -> FloatArray:
    """Draw unit rows, shape (runs, n, 2)."""
    if not math.isfinite(spread):
        return sphere.random_points(n, 2, rng, batch=(runs,))
    angles = 2 * np.pi * np.arange(n) / n + spread * rng.normal(size=(runs, n))
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


__all__ = ["SPREADS", "CountRegimes", "count_regimes"]
