"""Forecasts of theory for a coarsening run: which clusters merge next, when, and at what energy.

The time of two clusters alone and the plateau energy ΣΣ m_a m_b e^{−β(1−<c_a,c_b>)} are put beside
a run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    IntArray,
    check_masses,
    check_model,
    check_order,
    checked_first,
)
from numerics.coarsening.pair_times import check_beta, pair_log_time, pair_rate
from numerics.coarsening.result import Coarsening, Merge, check_run
from numerics.records import Result
from theory import SA, attention_form
from theory.models import Model
from theory.summaries import Tabled

_CHUNK = 32  # pairs forecast at a time


@dataclass(frozen=True)
class PairForecast(Tabled):
    """When two clusters would merge if they were alone.

    Attributes
    ----------
    pair : (int, int)
        Rows of the two clusters, ascending.
    log_time : float
        Logarithm of the time from now; inf for an antipodal pair.
    leading : float
        Its leading order as β grows, β(1−cos θ) − log((m1/m2 + m2/m1) β sin² θ) for SA and
        −β cos θ − log((m1+m2) β sin² θ) for USA; −inf at β = 0.
    angle : float
        Angle between them now.
    """

    pair: tuple[int, int]
    log_time: float
    leading: float
    angle: float


def _state(points: ArrayLike, masses: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    x = sphere.check_points(points)
    if x.ndim != 2:
        raise ValueError(
            f"Expected one system of clusters (k, d) but got points.shape={x.shape}. "
            "Call once for each system of a batch."
        )
    weights = np.full(len(x), 1.0 / len(x)) if masses is None else check_masses(masses, len(x))
    if weights.ndim != 1:
        raise ValueError(
            f"Expected one mass for each cluster but got masses.shape={weights.shape}. "
            "Pass a vector."
        )
    return x, weights


def _leading(
    theta: FloatArray, beta: float, m1: FloatArray, m2: FloatArray, normalised: bool
) -> FloatArray:
    with np.errstate(divide="ignore"):
        width = np.log(beta * np.sin(theta) ** 2)
    if beta == 0:
        return np.full(theta.shape, -np.inf)
    if normalised:
        return np.asarray(2 * beta * np.sin(theta / 2) ** 2 - np.log(m1 / m2 + m2 / m1) - width)
    return np.asarray(-beta * np.cos(theta) - np.log(m1 + m2) - width)


def _make(
    x: FloatArray, masses: FloatArray, i: IntArray, j: IntArray, beta: float, model: Model
) -> list[PairForecast]:
    theta = _angles(x, i, j)
    times = pair_log_time(pair_rate(model), theta, beta, masses[i], masses[j])
    form = attention_form(model)
    assert form is not None
    leading = _leading(theta, beta, masses[i], masses[j], bool(form.normalised))
    return [
        PairForecast((int(a), int(b)), float(t), float(e), float(angle))
        for a, b, t, e, angle in zip(i, j, times, leading, theta, strict=True)
    ]


def _angles(x: FloatArray, i: IntArray, j: IntArray) -> FloatArray:
    """Angles of pairs, full accuracy at 0 and at π."""
    apart = np.linalg.norm(x[i] - x[j], axis=1)
    across = np.linalg.norm(x[i] + x[j], axis=1)
    return np.asarray(2 * np.arctan2(apart, across))


def forecast_merges(
    points: ArrayLike, masses: ArrayLike | None, beta: float, model: Model = SA
) -> tuple[PairForecast, ...]:
    """Forecast which clusters merge next: every pair, as if it were alone, soonest first.

    Parameters
    ----------
    points : (k, d) array
        Where the clusters are now.
    masses : (k,) array, optional
        Their masses; 1/k each by default.
    beta : float
        Inverse temperature ≥ 0.
    model : Model
        `theory.SA` or `theory.USA`.

    Returns
    -------
    tuple of PairForecast
        All k(k−1)/2 pairs.

    Notes
    -----
    The others act on a pair e^{−β(cos θ − cos θ')} times less than the two on each other, θ' > θ
    being the next angles: the forecast of the first pair is good where the second is far behind.

    Examples
    --------
    >>> first = forecast_merges([[1, 0], [0.8, 0.6], [-0.6, 0.8]], None, beta=40)[0]
    >>> first.pair, round(first.log_time, 3)
    ((0, 1), 4.837)
    """
    check_order("forecast_merges(points, masses, beta, model)", points, model)
    x, weights = _state(points, masses)
    check_model(model)
    i, j = (index.astype(np.int64) for index in np.triu_indices(len(x), 1))
    found = _make(x, weights, i, j, check_beta(beta), model)
    return tuple(sorted(found, key=lambda pair: (pair.log_time, pair.pair)))


def _first(
    x: FloatArray, masses: FloatArray, beta: float, model: Model
) -> tuple[PairForecast, float] | None:
    """Find the soonest pair and how much later, in log t, the next is, without trying them all."""
    if len(x) < 2:
        return None
    i, j = (index.astype(np.int64) for index in np.triu_indices(len(x), 1))
    theta = _angles(x, i, j)
    order = np.argsort(theta, kind="stable")
    # 1/R lies in [1/(r + 1/r), 1], r the ratio of the masses; for equal masses it is at least 1/2
    r = float(masses.max() / masses.min())
    margin = math.log(r + 1 / r) if has_row_sums(model) else math.log(r) + math.log(2)
    best: list[PairForecast] = []
    mean = math.sqrt(float(masses.max() * masses.min()))
    for low in range(0, len(order), _CHUNK):
        chosen = order[low : low + _CHUNK]
        if len(best) > 1:
            floor = pair_log_time(pair_rate(model), theta[chosen[:1]], beta, mean, mean)
            if float(floor[0]) - margin > best[1].log_time:
                break
        best += _make(x, masses, i[chosen], j[chosen], beta, model)
        best = sorted(best, key=lambda pair: (pair.log_time, pair.pair))[:2]
    if not math.isfinite(best[0].log_time):  # on top of each other already, or all antipodal
        return best[0], 0.0
    return best[0], best[1].log_time - best[0].log_time if len(best) > 1 else math.inf


def has_row_sums(model: Model) -> bool:
    """Whether the model divides by the row sums, as SA does."""
    form = attention_form(model)
    return form is not None and bool(form.normalised)


def plateau_energy(points: ArrayLike, masses: ArrayLike | None, beta: float) -> float:
    """Energy ΣΣ m_a m_b e^{−β(1−<c_a,c_b>)} of clusters: the height of the staircase there.

    Parameters
    ----------
    points : (k, d) array
        Where the clusters are.
    masses : (k,) array, optional
        Their masses; 1/k each by default.
    beta : float
        Inverse temperature ≥ 0.

    Returns
    -------
    float
        In (0, (Σm)²].

    Examples
    --------
    >>> round(plateau_energy([[1, 0], [-1, 0]], [0.75, 0.25], beta=20), 6)
    0.625
    """
    x, weights = _state(points, masses)
    exponents = 0.5 * check_beta(beta) * np.sum((x[:, None, :] - x[None, :, :]) ** 2, axis=2)
    return float(weights @ np.exp(-exponents) @ weights)


@dataclass(frozen=True, eq=False)
class Comparison(Result):
    """One merge of a run, and what the clusters just after the merge before foretold.

    Attributes
    ----------
    merge : Merge
        What happened.
    before : tuple of int
        Ids of the clusters just after the merge before.
    pair : (int, int) or None
        Ids of the clusters that were to merge next; None if no pair was to.
    predicted : float
        Logarithm of the time at which `pair` was to merge, the clock starting with the run.
    own : float
        The same for the clusters that did merge, of more than two the soonest pair.
    leading : float
        The same for the clusters that did merge, from the leading order as β grows.
    gap : float
        How much later, in log t, the second pair was to merge: the forecast holds where it is
        large. 0 if the centres of the first were within reach already.
    angle : float
        Angle between the clusters that did merge, of more than two that of the soonest pair.
    plateau : float
        Energy of the clusters just after the merge before: what `merge.energy_before` is to be.
    """

    merge: Merge
    before: tuple[int, ...]
    pair: tuple[int, int] | None
    predicted: float
    own: float
    leading: float
    gap: float
    angle: float
    plateau: float

    @property
    def right(self) -> bool:
        """Whether the forecast pair is among those that merged."""
        return self.pair is not None and set(self.pair) <= set(self.merge.children)

    @property
    def error(self) -> float:
        """Measured minus predicted log time of the clusters that merged (0 if both are −inf)."""
        if self.merge.log_time == self.own:
            return 0.0
        return self.merge.log_time - self.own


@checked_first(check_run)
def compare_with_forecast(result: Coarsening) -> tuple[Comparison, ...]:
    """Put the forecast of theory beside every merge of a run.

    Parameters
    ----------
    result : Coarsening
        A run of SA or USA, finished or not.

    Returns
    -------
    tuple of Comparison
        One for each merge, in order. The forecast for a merge uses the clusters' places just after
        the merge before (for the first, the start), and the law of two clusters alone.

    Examples
    --------
    >>> from numerics.coarsening.run import coarsen
    >>> last = compare_with_forecast(coarsen([[1, 0], [0.8, 0.6], [-0.6, 0.8]], beta=40))[-1]
    >>> last.right, abs(last.error) < 1e-6
    (True, True)
    """
    if not result.merges:
        return ()
    beta, model = result.beta, result.model
    starts = np.array([-np.inf, *(merge.log_time for merge in result.merges[:-1])])
    members = {k: [k] for k in range(result.n)}
    found = []
    for block in range(0, len(starts), 64):
        states = result.at(starts[block : block + 64])
        for offset, particles in enumerate(states):
            start, merge = float(starts[block + offset]), result.merges[block + offset]
            ids = sorted(members)
            centres, masses = _centres(particles, result.masses, [members[k] for k in ids])
            row = {cluster: k for k, cluster in enumerate(ids)}
            children = np.array([row[c] for c in merge.children], dtype=np.int64)
            first, second = np.triu_indices(len(children), 1)
            pairs = _make(centres, masses, children[first], children[second], beta, model)
            own = min(pairs, key=lambda pair: (pair.log_time, pair.pair))
            best = _first(centres, masses, beta, model)
            assert best is not None
            forecast, gap = best
            never = forecast.log_time == math.inf
            found.append(
                Comparison(
                    merge=merge,
                    before=tuple(ids),
                    pair=None if never else (ids[forecast.pair[0]], ids[forecast.pair[1]]),
                    predicted=float(np.logaddexp(start, forecast.log_time)),
                    own=float(np.logaddexp(start, own.log_time)),
                    leading=float(np.logaddexp(start, own.leading)),
                    gap=gap,
                    angle=own.angle,
                    plateau=plateau_energy(centres, masses, beta),
                )
            )
            members[merge.cluster] = [p for c in merge.children for p in members.pop(c)]
    return tuple(found)


def _centres(
    particles: FloatArray, masses: FloatArray, groups: list[list[int]]
) -> tuple[FloatArray, FloatArray]:
    """Normalised centres of mass and masses of groups of particles."""
    sums = np.array([masses[g] @ particles[g] for g in groups])
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return sums / norms, np.array([masses[g].sum() for g in groups])
