"""How many clusters there are at a given log t, over many random starts.

A cluster is a set of particles that `numerics.coarsen` has merged. Each run has its own random
stream, fixed by the seed and its number: neither order nor executor changes the outcome.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    IntArray,
    as_float,
    check_executor,
    check_model,
    check_number,
    check_whole,
)
from numerics.coarsening.result import CoarsenStatus
from numerics.coarsening.run import coarsen
from numerics.records import Result
from numerics.sphere import Rng
from theory import SA
from theory.models import Model

__all__ = ["ClusterCounts", "cluster_counts"]

MOST_RUNS = 10_000_000
"""Runs of one call: each has a seed in memory."""


@dataclass(frozen=True, eq=False)
class ClusterCounts(Result):
    """Numbers of clusters of many runs.

    Parameters
    ----------
    log_times : (k,) array
        Natural logarithms of the times, ascending.
    counts : (runs, k) int array
        Number of clusters of each run at each time; −1 after the end of a run that was stopped by
        its limit of steps.
    n, d : int
        Number of particles and dimension.
    beta : float
        Inverse temperature.
    model : Model
        The flow.
    """

    _shown = ("model", "beta", "n", "d", "log_times", "counts")
    _coordinates = (("log_time", "log_times"),)
    _variables = (("counts", ("run", "log_time")),)

    log_times: FloatArray
    counts: IntArray
    n: int
    d: int
    beta: float
    model: Model

    @property
    def runs(self) -> int:
        """Number of runs."""
        return int(self.counts.shape[0])

    @property
    def unfinished(self) -> int:
        """Number of runs that their limit of steps stopped before the last time."""
        return int((self.counts < 0).any(axis=1).sum())

    @property
    def mean(self) -> FloatArray:
        """Mean number of clusters, shape (k,); NaN where no run has come."""
        known = self.counts >= 0
        number = known.sum(axis=0)
        total = np.where(known, self.counts, 0).sum(axis=0)
        return np.where(number > 0, total / np.maximum(number, 1), np.nan)

    def quantile(self, q: float | Sequence[float]) -> FloatArray:
        """Take quantiles over the runs (numbers of clusters that occur), shape (k,) or (len(q), k).

        Parameters
        ----------
        q : float | Sequence[float]
            Probabilities in [0, 1].

        Returns
        -------
        ndarray
            The quantiles, shape (k,), or (len(q), k).
        """
        masked = np.where(self.counts >= 0, self.counts, np.nan)
        return np.asarray(np.nanquantile(masked, q, axis=0, method="inverted_cdf"))

    def histogram(self) -> FloatArray:
        """Fraction of runs with 1, 2, …, n clusters at each time: shape (k, n), rows of sum 1.

        Returns
        -------
        ndarray
            The fractions, shape (k, n).
        """
        out = np.zeros((len(self.log_times), self.n))
        for row, column in zip(out, self.counts.T, strict=True):
            found = np.bincount(column[column >= 0], minlength=self.n + 1)[1:]
            row[:] = found / max(found.sum(), 1)
        return out


def cluster_counts(
    n: int,
    d: int,
    beta: float | None,
    runs: int,
    log_times: ArrayLike,
    rng: Rng = 0,
    model: Model = SA,
    executor: Executor | None = None,
    rtol: float = 1e-6,
) -> ClusterCounts:
    """Count the clusters of many runs from independent uniform points.

    Parameters
    ----------
    n, d : int
        Number of particles, and dimension.
    beta : float or None
        Inverse temperature ≥ 0; None for a model without it.
    runs : int
        Number of runs.
    log_times : (k,) array
        Natural logarithms of times, ascending; −inf and inf are allowed.
    rng : seed, SeedSequence, Generator or None
        Source of randomness (SPEC 7). Run k starts from the points drawn with the seed sequence
        of spawn key (…, k).
    model : Model
        `theory.SA`, `theory.USA`, or any other that `coarsen` takes.
    executor : concurrent.futures.Executor, optional
        Where to run; in this process by default.
    rtol : float
        Tolerance of the runs.

    Returns
    -------
    ClusterCounts
        Numbers of clusters at each time.

    Raises
    ------
    TypeError, ValueError
        If a number is none or out of range, or the times are not ascending.

    Examples
    --------
    >>> found = cluster_counts(8, 2, 20.0, runs=3, log_times=[-np.inf, 0, np.inf])
    >>> found.counts[:, [0, 2]].tolist()
    [[8, 1], [8, 1], [8, 1]]
    """
    times = as_float(log_times, "log_times")
    if times.ndim != 1 or times.size == 0 or np.isnan(times).any() or (np.diff(times) < 0).any():
        raise ValueError(
            f"Expected ascending logarithms of times but got log_times={times}. "
            "Pass numpy.linspace(0, 20, 101), for example."
        )
    check_whole(runs, "runs", 1, MOST_RUNS)
    check_model(model)
    check_executor(executor)
    temperature = None
    if beta is not None:
        temperature = check_number(beta, "beta", "call cluster_counts once for each temperature")
    root = sphere.seed_sequence(rng)
    seeds = [
        np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, k)) for k in range(runs)
    ]
    jobs = [(n, d, temperature, model, times, rtol, seed) for seed in seeds]
    rows: Iterable[IntArray] = map(_one, jobs) if executor is None else executor.map(_one, jobs)
    hot = math.nan if temperature is None else temperature
    return ClusterCounts(times, np.array(list(rows)), n, d, hot, model)


def _one(
    job: tuple[int, int, float | None, Model, FloatArray, float, np.random.SeedSequence],
) -> IntArray:
    """Count the clusters of one run."""
    n, d, beta, model, times, rtol, seed = job
    end = float(times[-1])
    result = coarsen(
        sphere.random_points(n, d, np.random.default_rng(seed)),
        beta=beta,
        model=model,
        rtol=rtol,
        log_t_end=end if math.isfinite(end) else None,
    )
    merges = np.array([merge.log_time for merge in result.merges], dtype=np.float64)
    lost = np.array([0, *(len(merge.children) - 1 for merge in result.merges)]).cumsum()
    counts: IntArray = (n - lost[np.searchsorted(merges, times, side="right")]).astype(np.int64)
    if result.status is CoarsenStatus.MAX_STEPS:
        counts[times > result.log_times[-1]] = -1
    return counts
