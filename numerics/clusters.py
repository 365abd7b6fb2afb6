"""Who is in which cluster: connected components at a geodesic distance, and how far to trust them.

Two points are linked when their geodesic distance is at most ε; clusters are the connected
components (single linkage). The rank of a thresholded matrix, the count of many scripts, is wrong
for every chain x₁ ~ x₂ ~ x₃ with x₁ ≁ x₃.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster
from scipy.cluster.hierarchy import linkage as scipy_linkage
from scipy.spatial.distance import squareform

from numerics import sphere
from numerics.arguments import as_number, shown
from numerics.records import Result

__all__ = ["AMBIGUITY", "ClusterStatus", "Clusters", "find_clusters"]

AMBIGUITY = 3.0
"""Below this persistence the number of clusters depends too much on ε to be believed."""


class ClusterStatus(enum.Enum):
    """Whether the clusters stand apart; `message` says what to do when they don't."""

    CLEAR = "clear"
    AMBIGUOUS = "ambiguous"

    @property
    def message(self) -> str:
        """One sentence for people."""
        if self is ClusterStatus.CLEAR:
            return "The gaps between clusters are at least three times their diameters."
        return (
            "The gaps between clusters are less than three times their diameters, so the count "
            "depends on eps; look at a later time, or at several values of eps."
        )


@dataclass(frozen=True, eq=False)
class Clusters(Result):
    """Clusters of one configuration (n, d), or of a batch (…, n, d).

    Parameters
    ----------
    labels : (…, n) int array
        Cluster of each point, numbered from 0 in the order of first appearance.
    count : int, or (…) int array
        Number of clusters.
    persistence : float, or (…) array
        Smallest distance between points of different clusters, divided by the largest diameter of
        a cluster. For a single cluster the gap is π, the largest there can be on a sphere; it is
        infinite when all diameters are 0.
    status : ClusterStatus
        AMBIGUOUS when the persistence is below 3, in a batch for any configuration.
    """

    labels: NDArray[np.int64]
    count: Any
    persistence: Any
    status: ClusterStatus

    @property
    def ambiguous(self) -> Any:
        """Whether the persistence is below 3: a bool, or an array of them for a batch."""
        return self.persistence < AMBIGUITY


def find_clusters(points: ArrayLike, eps: float = 1e-3) -> Clusters:
    """Group points whose chains of geodesic distances stay within `eps`.

    Parameters
    ----------
    points : (…, n, d) array
        Unit vectors.
    eps : float
        Largest distance of two linked points, in [0, π].

    Returns
    -------
    Clusters
        Labels, count, persistence and status.

    Raises
    ------
    TypeError, ValueError
        If the points are not unit rows, or eps is no number or out of range.

    Notes
    -----
    Distances are 2·atan2(|x−y|, |x+y|): the arccosine of the inner product sees nothing below
    1e-8. Time and memory grow as n² for each configuration.

    Examples
    --------
    >>> import numpy as np
    >>> angles = np.array([0.0, 0.01, 0.02, 2.0])
    >>> found = find_clusters(np.stack([np.cos(angles), np.sin(angles)], axis=1), eps=0.015)
    >>> found.labels.tolist(), found.count, found.status.name
    ([0, 0, 0, 1], 2, 'CLEAR')
    """
    x = sphere.check_points(points)
    distance = as_number(eps, "eps", "give a geodesic distance from 0 to pi")
    if not 0 <= distance <= np.pi:
        raise ValueError(
            f"Expected a geodesic distance from 0 to pi but got eps={shown(eps)}. "
            "Merged clusters of an attention flow are well below 1e-3."
        )
    batch, n = x.shape[:-2], x.shape[-2]
    flat = x.reshape(-1, *x.shape[-2:])
    labels = np.zeros((len(flat), n), dtype=np.int64)
    persistence = np.empty(len(flat))
    for k, configuration in enumerate(flat):
        labels[k], persistence[k] = _single(configuration, distance)
    count = labels.max(axis=1) + 1
    status = ClusterStatus.AMBIGUOUS if (persistence < AMBIGUITY).any() else ClusterStatus.CLEAR
    if not batch:
        return Clusters(labels[0], int(count[0]), float(persistence[0]), status)
    return Clusters(
        labels.reshape(*batch, n), count.reshape(batch), persistence.reshape(batch), status
    )


def _single(x: NDArray[np.float64], eps: float) -> tuple[NDArray[np.int64], float]:
    """Labels and persistence of one configuration."""
    n = len(x)
    if n == 1:
        return np.zeros(1, dtype=np.int64), np.inf
    distances = sphere.pairwise_distances(x)
    raw = fcluster(scipy_linkage(squareform(distances, checks=False)), eps, "distance")
    _, first, inverse = np.unique(raw, return_index=True, return_inverse=True)
    labels = np.argsort(np.argsort(first))[inverse].astype(np.int64)
    together = labels[:, None] == labels
    diameter = float(distances[together].max())
    gap = float(distances[~together].min()) if len(first) > 1 else np.pi
    return labels, gap / diameter if diameter > 0 else np.inf
