"""Numbers of clusters of many runs at a few times: what Figure 4 shows of one run."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics import sphere
from numerics.arguments import FloatArray, as_float, check_number, check_whole
from numerics.clusters import find_clusters
from numerics.ensembles import EnsembleStatus, ensemble
from numerics.phase.run import check_flow
from numerics.records import Result
from numerics.sphere import Rng
from theory.models import SA, Model


@dataclass(frozen=True, eq=False)
class ClusterPersistence(Result):
    """Numbers of clusters of many runs at a few times: what Figure 4 shows of one run.

    Parameters
    ----------
    beta : float
        Inverse temperature.
    times : (time,) array
        Times.
    counts : (runs, time) int array
        Number of clusters by single linkage at `eps`.
    ambiguous : (runs, time) bool array
        Whether the gaps are less than three times the diameters.
    eps : float
        Geodesic distance of the linkage.
    """

    beta: float
    times: FloatArray
    counts: NDArray[np.int64]
    ambiguous: NDArray[np.bool_]
    eps: float

    def histogram(self) -> FloatArray:
        """Fraction of runs with 1, 2, … clusters at each time: shape (time, most).

        Returns
        -------
        ndarray
            The fractions, shape (time, most).
        """
        most = int(self.counts.max())
        return np.array(
            [np.bincount(column, minlength=most + 1)[1:] / len(column) for column in self.counts.T]
        )

    def constant(self, start: float, end: float) -> float:
        """Fraction of runs whose number of clusters is the same at all times from start to end.

        Parameters
        ----------
        start : float
            First time.
        end : float
            Last time.

        Returns
        -------
        float
            The fraction, in [0, 1].
        """
        inside = (self.times >= start) & (self.times <= end)
        if np.count_nonzero(inside) < 2:
            raise ValueError(
                f"Expected two times at least in [{start}, {end}] but got times={self.times}; "
                "count at more times."
            )
        part = self.counts[:, inside]
        return float(np.mean(np.all(part == part[:, :1], axis=1)))


def cluster_persistence(
    beta: float,
    n: int = 64,
    d: int = 2,
    times: ArrayLike = (0.0, 2.5, 18.0, 30.0),
    runs: int = 200,
    eps: float = 0.05,
    rng: Rng = 0,
    model: Model = SA,
    rtol: float = 1e-8,
    jobs: int = 1,
) -> ClusterPersistence:
    """Count clusters along SA from many random starts, as Figure 4 does along one.

    The panels of Figure 4 hold 64 tokens each, the phase diagram beside them 32, and its first
    panel is t = 0 where the caption says 2.5 (erratum); one start supports no frequency.

    Parameters
    ----------
    beta : float
        Inverse temperature.
    n, d : int
        Number of tokens, and dimension.
    times : (time,) array_like
        Ascending times.
    runs : int
        Random starts.
    eps : float
        Geodesic distance below which tokens are linked.
    rng : seed, SeedSequence, Generator or None
        Source of randomness (SPEC 7).
    model : Model
        A flow with the one parameter β.
    rtol : float
        Tolerance of a step.
    jobs : int
        Threads.

    Returns
    -------
    ClusterPersistence
        Numbers of clusters at each time.

    Raises
    ------
    TypeError, ValueError
        For arguments out of range.
    ArithmeticError
        If a system is stopped before the last time, such as USA's at large β.

    Examples
    --------
    >>> found = cluster_persistence(0.5, n=8, runs=4, times=[0.0, 30.0])
    >>> found.counts[:, 1].tolist()
    [1, 1, 1, 1]
    """
    check_whole(runs, "runs", 1)
    check_flow(model)
    temperature = check_number(beta, "beta", "call once for each temperature")
    distance = check_number(eps, "eps", "0.05 is usual")
    if not 0 < distance < math.pi:
        raise ValueError(f"Expected 0 < eps < pi but got eps={eps!r}; 0.05 is usual.")
    asked = as_float(times, "times")
    points = sphere.random_points(n, d, rng, batch=int(runs))
    found = ensemble(model, points, t_eval=asked, rtol=rtol, jobs=jobs, beta=temperature)
    assert found.points is not None
    worst = EnsembleStatus(int(found.status.max()))
    if worst >= EnsembleStatus.MAX_STEPS:
        stopped = int(np.count_nonzero(found.status >= EnsembleStatus.MAX_STEPS))
        raise ArithmeticError(
            f"Expected all systems to reach t={asked[-1]:g} but got {stopped} of {runs} that were "
            f"stopped, at beta={temperature:g}. {worst.message}"
        )
    clusters = find_clusters(np.swapaxes(found.points, 0, 1), distance)
    return ClusterPersistence(
        beta=temperature,
        times=found.times,
        counts=np.asarray(clusters.count),
        ambiguous=np.asarray(clusters.ambiguous),
        eps=distance,
    )
