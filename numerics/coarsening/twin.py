"""Error bars of merges: the run beside a twin that was displaced, and beside a finer repeat.

The twin takes its own steps, at a tolerance `TWIN_RTOL` times as coarse, from points displaced
along the sphere by rtol in the norm of the error control, and is displaced anew at each collapse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from numerics.coarsening.result import Coarsening, Merge

TWIN_RTOL = 4.0
"""The twin's tolerance in units of the run's: its own errors then show in the difference."""


LARGEST_LOG_TIME_ERROR = 1e-3
"""A merge whose error bar is larger, and larger than 100 rtol, is marked."""


LARGEST_SHIFT = 1e-4
"""A merge that the twin makes farther away, and farther than 100 rtol, is marked. Where a symmetry
decides the partner, the twin may break it to the same side and at nearly the same time by chance,
but not at the same place: its displacement has grown from rtol, that of the run from rounding."""


def with_error_bars(
    n: int, merges: Sequence[Merge], twin: Sequence[Merge], beta: float, rtol: float
) -> tuple[Merge, ...]:
    """Give each merge the error bar that the twin measures.

    Parameters
    ----------
    n : int
        Number of particles.
    merges, twin : sequences of Merge
        Of the run and of its twin.
    beta : float
        Inverse temperature: exponents of size β round to β·eps.
    rtol : float
        What the errors of the run's steps were held to.

    Returns
    -------
    tuple of Merge
        With `log_time_error`, `alternative` and the marks they entail.
    """
    own, other = particles_of(n, merges), particles_of(n, twin)
    known = {other[merge.cluster]: merge for merge in twin}
    out = []
    for merge in merges:
        found = known.get(own[merge.cluster])
        error, shift = math.inf, math.inf
        if found is not None:
            shift = float(np.linalg.norm(found.position - merge.position))
            same = found.log_time == merge.log_time
            error = 0.0 if same else abs(found.log_time - merge.log_time)
        if math.isfinite(merge.log_time):
            error += 4 * float(np.finfo(np.float64).eps) * (abs(merge.log_time) + beta + 1)
        children = frozenset(own[c] for c in merge.children)
        alternative = None
        if found is None or frozenset(other[c] for c in found.children) != children:
            alternative = _joined(own[merge.children[0]], twin, other)
        doubtful = (
            alternative is not None
            or not error <= max(LARGEST_LOG_TIME_ERROR, 100 * rtol)
            or not shift <= max(LARGEST_SHIFT, 100 * rtol)
            # several joins too close to be told apart: who comes first is rounding
            or (len(merge.children) > 2 and merge.log_time > -math.inf)
        )
        out.append(
            replace(
                merge,
                log_time_error=error,
                alternative=alternative,
                ill_conditioned=merge.ill_conditioned or doubtful,
            )
        )
    return tuple(out)


def _joined(
    inside: frozenset[int], twin: Sequence[Merge], other: dict[int, frozenset[int]]
) -> tuple[int, ...]:
    """Find the first cluster of the twin that holds these particles and more."""
    for merge in twin:
        if inside < other[merge.cluster]:
            return tuple(sorted(other[merge.cluster]))
    return ()


def particles_of(n: int, merges: Sequence[Merge]) -> dict[int, frozenset[int]]:
    """Collect the particles inside each cluster of the tree."""
    inside = {k: frozenset((k,)) for k in range(n)}
    for merge in merges:
        inside[merge.cluster] = frozenset().union(*(inside[c] for c in merge.children))
    return inside


def marked_by_repeat(result: Coarsening, repeat: Coarsening) -> Coarsening:
    """Mark the merges that the repeat doesn't bear out."""
    own = particles_of(result.n, result.merges)
    other = particles_of(repeat.n, repeat.merges)
    known = {
        other[merge.cluster]: (merge.log_time, frozenset(other[c] for c in merge.children))
        for merge in repeat.merges
    }

    def holds(merge: Merge) -> bool:
        time, children = known.get(own[merge.cluster], (math.nan, frozenset()))
        same_time = time == merge.log_time or abs(time - merge.log_time) <= 100 * result.reached
        return same_time and children == frozenset(own[c] for c in merge.children)

    merges = tuple(
        replace(merge, ill_conditioned=merge.ill_conditioned or not holds(merge))
        for merge in result.merges
    )
    confirmed = result.status is repeat.status and len(result.final_masses) == len(
        repeat.final_masses
    )
    return replace(result, merges=merges, confirmed=confirmed)
