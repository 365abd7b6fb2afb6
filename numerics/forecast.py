"""Forecasts of theory for a coarsening run: which clusters merge next, when, and at what energy.

Two clusters alone, at the angle θ and with q = e^{−β(1−cos θ)}, approach at the exact rate

    SA:   θ' = −sin θ [m2 q/(m1 + m2 q) + m1 q/(m2 + m1 q)]
    USA:  θ' = −sin θ (m1 + m2) e^{β cos θ}

(`theory.predictions.two_cluster_rate`). Its quadrature in logarithms, the plateau energy
ΣΣ m_a m_b e^{−β(1−<c_a,c_b>)} and the eigenvalues of `theory.linearize` are put beside a run.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.coarsen import MERGE_DISTANCE, Coarsening, CoarsenStatus, Merge
from numerics.coarsen_kernels import FloatArray, IntArray
from theory import (
    SA,
    attention_form,
    gradient_flow,
    interaction_energy,
    linearize,
    predictions,
    symbols,
)
from theory.linearize import Spectrum
from theory.models import Model

__all__ = [
    "Comparison",
    "PairForecast",
    "compare_with_forecast",
    "escape_log_rate",
    "forecast_merges",
    "pair_log_time",
    "pair_rate",
    "plateau_energy",
    "stationary_verdict",
    "two_cluster_log_time",
]

MERGE_ANGLE = 2 * math.asin(MERGE_DISTANCE / 2)
"""Angle between two points at the chord `MERGE_DISTANCE`."""

THETA = sp.Symbol("theta", positive=True)
M1, M2 = sp.symbols("m_1 m_2", positive=True)
"""Angle and masses in the expressions that `pair_rate` returns and `pair_log_time` takes."""

_Q = sp.Symbol("q", positive=True)
_HOT = sp.Symbol("B", positive=True)  # e^β
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_DROP = 2.0  # change of the exponent within a panel
_SPAN = 0.5  # longest panel in log tan(θ/2)
_NEGLIGIBLE = 150.0  # drop of the exponent beyond which panels are left out
_CHUNK = 32  # pairs forecast at a time
_SHIFTED = interaction_energy(sp.exp(symbols.beta * (symbols.z - 1)) / symbols.beta)
_LARGEST_POLYGON = 8
_LARGEST_SPECTRUM = 48  # tangent dimensions


# --- the merging law of two clusters --------------------------------------------------------


@lru_cache(maxsize=8)
def pair_rate(model: Model = SA) -> sp.Expr:
    """Give θ' of two clusters as an expression in `THETA`, `M1`, `M2` and beta.

    Parameters
    ----------
    model : Model
        `theory.SA` or `theory.USA`, or any with the same attention.

    Returns
    -------
    Expr

    Raises
    ------
    ValueError
        If the model has another kernel than exp(beta z).
    """
    form = attention_form(model)
    kernel = sp.exp(symbols.beta * symbols.z)
    if form is None or form.scale != 1 or sp.simplify(form.kernel - kernel) != 0:
        raise ValueError(
            "Expected a model whose attention kernel is exp(beta*z) but got "
            f"model={model.name}. Derive its law with theory.reductions.two_clusters."
        )
    name = "SA" if form.normalised else "USA"
    return predictions.two_cluster_rate(THETA, symbols.beta, M1, M2, name)


@lru_cache(maxsize=32)
def _factored(rate: sp.Expr) -> tuple[int, int, Callable[..., Any]]:
    """Write −θ'/sin θ as q^k e^{lβ} R(q, m1, m2, β) with R finite and not 0 at q = 0: k, l, R."""

    def in_q(argument: sp.Expr) -> sp.Expr:
        poly = sp.Poly(sp.expand(argument), sp.cos(THETA))
        share = sp.cancel(poly.coeff_monomial(sp.cos(THETA)) / symbols.beta)
        # a + b cos θ = (a + b) − b (1 − cos θ)
        constant = sp.cancel(sum(poly.all_coeffs()) / symbols.beta)
        return _Q**share * _HOT**constant

    ratio = sp.cancel(sp.together((rate / -sp.sin(THETA)).replace(sp.exp, in_q)))
    top, bottom = sp.fraction(ratio)

    def lowest(symbol: sp.Symbol) -> int:
        def least(part: sp.Expr) -> int:
            return min(int(k) for (k,) in sp.Poly(part, symbol).monoms())

        return least(top) - least(bottom)

    k, hot = lowest(_Q), lowest(_HOT)
    rest = sp.factor(sp.cancel(ratio / (_Q**k * _HOT**hot)))
    if rest.has(_HOT) or rest.has(THETA):
        raise ValueError(
            f"Expected a rate that is rational in exp(-beta*(1-cos(theta))) but got rate={rate}. "
            "Take it from theory.predictions.two_cluster_rate."
        )
    function = sp.lambdify((_Q, M1, M2, symbols.beta), rest, "numpy")
    return k, hot, function


def pair_log_time(
    rate: sp.Expr,
    theta0: ArrayLike,
    beta: float,
    m1: ArrayLike,
    m2: ArrayLike,
    theta1: float = MERGE_ANGLE,
) -> FloatArray:
    """Integrate a merging law: log of the time from the angle θ0 to θ1, for many pairs at once.

    Parameters
    ----------
    rate : Expr
        θ' in `THETA`, `M1`, `M2` and beta, as `pair_rate` returns it.
    theta0 : array_like
        Angles from 0 to π.
    beta : float
        Inverse temperature ≥ 0.
    m1, m2 : array_like
        Masses, of shapes that broadcast with theta0.
    theta1 : float
        Angle at which a pair counts as merged.

    Returns
    -------
    array
        −inf where θ0 ≤ θ1, inf at θ0 = π, an equilibrium.

    Notes
    -----
    With u = log tan(θ/2), du = dθ/sin θ, the time is ∫ e^{kβ(1+tanh u) − lβ}/R du: the integrand is
    smooth on the scale of the smaller of 1 in u and 1 in the exponent. Gauss rules of 16 nodes on
    panels of that size, from θ0 downwards, leave only rounding.
    """
    power, hot, rest = _factored(rate)
    theta, first, second = np.broadcast_arrays(
        np.asarray(theta0, dtype=np.float64),
        np.asarray(m1, dtype=np.float64),
        np.asarray(m2, dtype=np.float64),
    )
    out = np.where(theta >= np.pi, np.inf, -np.inf)
    moving = (theta > theta1) & (theta < np.pi)
    if not moving.any():
        return out
    theta, first, second = theta[moving], first[moving], second[moving]
    bottom = math.log(math.tan(theta1 / 2))
    steepness = max(abs(power) * beta, 1e-300)
    upper = np.log(np.tan(theta / 2))
    start = 2 / (1 + np.exp(2 * upper))  # 1 + cos θ0
    total = np.zeros_like(theta)
    active = np.arange(theta.size)
    while active.size:
        b = upper[active]
        rise = 2 / (1 + np.exp(2 * b)) + _DROP / steepness
        with np.errstate(divide="ignore"):
            level = 0.5 * np.log(np.maximum(2 / rise - 1, 0.0))
        a = np.maximum(np.maximum(b - _SPAN, level), bottom)
        u = 0.5 * (a + b)[:, None] + 0.5 * (b - a)[:, None] * _NODES
        # 1 − cos θ, and how much further than at the start cos θ is
        opening = 2 / (1 + np.exp(-2 * u))
        drop = power * beta * (2 / (1 + np.exp(2 * u)) - start[active, None])
        values = rest(np.exp(-beta * opening), first[active, None], second[active, None], beta)
        total[active] += 0.5 * (b - a) * ((np.exp(-drop) / values) @ _WEIGHTS)
        upper[active] = a
        active = active[(a > bottom) & (drop[:, 0] < _NEGLIGIBLE)]
    far = 2 * np.sin(theta / 2) ** 2
    out[moving] = power * beta * far - hot * beta + np.log(total)
    return out


def two_cluster_log_time(
    theta0: float,
    beta: float,
    m1: float,
    m2: float,
    model: Model = SA,
    theta1: float | None = None,
) -> float:
    """Logarithm of the time in which two clusters alone come from the angle θ0 to θ1; exact.

    Parameters
    ----------
    theta0 : float
        Angle between the clusters, in [0, π].
    beta : float
        Inverse temperature, from 0 to 1e4 and beyond.
    m1, m2 : float
        Their masses.
    model : Model
        `theory.SA` or `theory.USA`.
    theta1 : float, optional
        Final angle, > 0; that of the chord `MERGE_DISTANCE` by default.

    Returns
    -------
    float
        −inf where θ0 ≤ θ1, and inf at θ0 = π, an equilibrium.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(two_cluster_log_time(1.0, 81, 0.5, 0.5), 8)
    32.51300685
    """
    final = MERGE_ANGLE if theta1 is None else float(theta1)
    for name, value in (("m1", m1), ("m2", m2), ("theta1", final)):
        if not (math.isfinite(value) and value > 0):
            raise ValueError(
                f"Expected a positive number but got {name}={value}. "
                "A pair without mass, or an end at angle 0, takes no finite time."
            )
    if not 0 <= theta0 <= math.pi:
        raise ValueError(
            f"Expected an angle from 0 to pi but got theta0={theta0}. "
            "Use numerics.sphere.geodesic_distance."
        )
    _check_beta(beta)
    return float(pair_log_time(pair_rate(model), theta0, float(beta), m1, m2, final))


def _check_beta(beta: float) -> None:
    if not (math.isfinite(beta) and beta >= 0):
        raise ValueError(
            f"Expected a finite number ≥ 0 but got beta={beta}. Negative beta has no merges."
        )


# --- which pair is next ---------------------------------------------------------------------


@dataclass(frozen=True)
class PairForecast:
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


def _state(
    points: ArrayLike, masses: ArrayLike | None, beta: float
) -> tuple[FloatArray, FloatArray]:
    x = sphere.check_points(points)
    if x.ndim != 2:
        raise ValueError(
            f"Expected one system of clusters (k, d) but got points.shape={x.shape}. "
            "Call once for each system of a batch."
        )
    weights = (
        np.full(len(x), 1.0 / len(x)) if masses is None else sphere.check_masses(masses, len(x))
    )
    if weights.ndim != 1:
        raise ValueError(
            f"Expected one mass for each cluster but got masses.shape={weights.shape}. "
            "Pass a vector."
        )
    _check_beta(beta)
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
    x, weights = _state(points, masses, beta)
    i, j = (index.astype(np.int64) for index in np.triu_indices(len(x), 1))
    found = _make(x, weights, i, j, float(beta), model)
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
    margin = math.log(r + 1 / r) if _divides(model) else math.log(r) + math.log(2)
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


def _divides(model: Model) -> bool:
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
    x, weights = _state(points, masses, beta)
    exponents = 0.5 * beta * np.sum((x[:, None, :] - x[None, :, :]) ** 2, axis=2)
    return float(weights @ np.exp(-exponents) @ weights)


# --- beside a run ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Comparison:
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
    >>> from numerics.coarsen import coarsen
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


# --- equilibria -----------------------------------------------------------------------------


def stationary_verdict(result: Coarsening) -> Spectrum:
    """Linearise the flow at the equilibrium where a run ended.

    Parameters
    ----------
    result : Coarsening
        A run that ended with status STATIONARY, d ≥ 2.

    Returns
    -------
    Spectrum
        Its ``stable`` is the verdict, its ``eigenvalues`` the rates; `escape_log_rate` gives the
        rate at which a perturbation grows. For an antipodal pair, and for equal clusters at the
        vertices of a regular polygon of up to 8, the eigenvalues are exact at every β; else they
        are floats, and tiny ones count as 0.

    Raises
    ------
    ValueError
        If the run did not end at an equilibrium, d = 1, or there are too many clusters.

    Examples
    --------
    >>> from numerics.coarsen import coarsen
    >>> spectrum = stationary_verdict(coarsen([[1, 0], [-1, 0]], beta=4))
    >>> spectrum.stable.name, round(escape_log_rate(spectrum), 6)
    ('UNSTABLE', -7.307188)
    """
    if result.status is not CoarsenStatus.STATIONARY:
        raise ValueError(
            f"Expected a run that ended at an equilibrium but got status={result.status.name}. "
            "Only STATIONARY ends have a spectrum."
        )
    x, masses = result.final_points, result.final_masses
    k, d = x.shape
    if d < 2:
        raise ValueError(
            f"Expected d >= 2 but got d={d}. Nothing moves on two points: embed them in a plane."
        )
    beta = sp.nsimplify(sp.Float(result.beta, 17), rational=True)
    known = _known(result.model, x, masses)
    if known is not None:
        return known.at({symbols.beta: beta})
    if k * (d - 1) > _LARGEST_SPECTRUM:
        raise ValueError(
            f"Expected at most {_LARGEST_SPECTRUM} tangent dimensions but got "
            f"k*(d-1)={k * (d - 1)}. Call theory.linearize.configuration with result.final_points; "
            "it takes minutes."
        )
    # USA's rates are of order e^β: divided by that they can be told from rounding
    divided = _divides(result.model)
    model = result.model if divided else gradient_flow(_SHIFTED, result.model.name)
    spectrum = linearize.configuration(
        model.subs({symbols.beta: sp.Float(result.beta)}),
        sp.Matrix(x.tolist()),
        [sp.Float(w) for w in masses],
    )
    if divided:
        return spectrum
    unit = sp.exp(beta)
    return replace(
        spectrum,
        eigenvalues=tuple((value * unit, count) for value, count in spectrum.eigenvalues),
        residual=spectrum.residual * unit,
    )


def _known(model: Model, x: FloatArray, masses: FloatArray) -> Spectrum | None:
    """Recognise an antipodal pair and regular polygons, whose spectra are exact."""
    k, d = x.shape
    exact = [sp.nsimplify(sp.Float(w, 15), rational=True) for w in masses.tolist()]
    if k == 2 and np.linalg.norm(x[0] + x[1]) < 1e-12:
        return linearize.antipodal(model, 1, 1, exact, d)
    equal = float(np.ptp(masses)) <= 1e-12 * float(masses.max())
    if not 3 <= k <= _LARGEST_POLYGON or not equal:
        return None
    # a regular polygon: of rank 2, and the sorted inner products with any vertex are its cosines
    cosines = np.sort(np.cos(2 * np.pi * np.arange(k) / k))
    gram = x @ x.T
    rank = int(np.linalg.matrix_rank(x, tol=1e-10))
    if rank != 2 or float(np.abs(np.sort(gram, axis=1) - cosines).max()) > 1e-10:
        return None
    return linearize.polygon(model, k, 1, sp.Integer(k) * exact[0], d)


def escape_log_rate(spectrum: Spectrum) -> float:
    """Logarithm of the rate of the fastest unstable mode, −inf if there is none.

    A perturbation of size ε leaves the equilibrium in a time of about log(1/ε) divided by this
    rate: the lifetime e^{−rate} of the state in log t, up to a logarithm.

    Parameters
    ----------
    spectrum : Spectrum
        With numbers for eigenvalues.

    Returns
    -------
    float
    """
    best = -math.inf
    for value, _ in spectrum.eigenvalues:
        # enough digits that sums of exponentials e^{-2β} do not cancel
        real = sp.re(sp.N(value, 30))
        if real > 0:
            best = max(best, float(sp.log(real)))
    return best
