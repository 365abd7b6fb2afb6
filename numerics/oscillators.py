"""Oscillators with frequencies, (7.2): the order parameter, and runs of O(n) a step.

A token is pulled by the mean alone, ``x_i' = ω_i J x_i + K P_i m̄``. While m̄ stands still that is
solved exactly: (x, 1) moves by a linear flow of three dimensions and is projected back. So fast
oscillators cost no small steps; errors come from the change of m̄ over a step alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    as_float,
    check_finite,
    check_masses,
    check_number,
    check_whole,
    shown,
)
from numerics.records import Result

_LARGEST = 1e100  # whose square is a number
_GROWTH = 20.0  # |K m̄| times a step: e^20 is far from an overflow
_RTOL = (1e-12, 1e-2)


def order_parameter(points: ArrayLike, masses: ArrayLike | None = None) -> FloatArray:
    """Length of the mean of the tokens, r in (7.2): 1 at consensus.

    Parameters
    ----------
    points : array_like, shape (..., n, d)
        Unit rows.
    masses : array_like, shape (n,), optional
        1/n each by default; divided by their sum.

    Returns
    -------
    (...) array
        The length, shape (...), in [0, 1].

    Examples
    --------
    >>> float(order_parameter([[1.0, 0.0], [0.0, 1.0]])).hex() == float(0.5**0.5).hex()
    True
    """
    x = as_float(points, "points")
    if x.ndim < 2 or 0 in x.shape[-2:]:
        raise ValueError(f"Expected points of shape (..., n, d) but got points.shape={x.shape}.")
    check_finite(x, "points")
    share = np.full(x.shape[-2], 1.0 / x.shape[-2])
    if masses is not None:
        share = check_masses(masses, x.shape[-2])
        share = share / share.sum(axis=-1, keepdims=True)
    return np.asarray(np.linalg.norm((share[..., None] * x).sum(axis=-2), axis=-1))


def quantile_frequencies(quantile: Any, n: int) -> FloatArray:
    """Return frequencies at the middles of n equal parts of a law, ascending.

    Parameters
    ----------
    quantile : callable
        Quantile function of an array in (0, 1), such as ``scipy.stats.cauchy(scale=w).ppf``.
    n : int
        Number of oscillators.

    Returns
    -------
    ndarray
        The frequencies, shape (n,).

    Examples
    --------
    >>> from scipy.stats import cauchy
    >>> [round(float(w), 12) for w in quantile_frequencies(cauchy(scale=2.0).ppf, 2)]
    [-2.0, 2.0]
    """
    check_whole(n, "n", 1, 1 << 26)
    if not callable(quantile):
        raise TypeError(
            f"Expected a quantile function but got quantile={shown(quantile)}; "
            "pass scipy.stats.cauchy().ppf."
        )
    try:
        found = as_float(quantile((np.arange(n) + 0.5) / n), "quantile")
    except Exception as error:  # the user's code may raise whatever it likes
        raise ValueError(
            f"Expected a quantile function of an array but got quantile={shown(quantile)}, which "
            f"fails ({type(error).__name__}: {error}); pass scipy.stats.cauchy().ppf."
        ) from error
    if found.shape != (n,):
        raise ValueError(
            f"Expected n={n} quantiles but got quantile(...).shape={found.shape}; take arrays."
        )
    check_finite(found, "quantile")
    return found


class OscillationStatus(Enum):
    """How a run of oscillators ended."""

    FINISHED = "finished"
    MAX_STEPS = "max_steps"

    @property
    def message(self) -> str:
        """What it means, and what to do."""
        if self is OscillationStatus.FINISHED:
            return "The last time was reached; each step errs by at most rtol in every row."
        return "The steps ran out: later times are NaN. Raise rtol, or lower t_end."


@dataclass(frozen=True, eq=False)
class Oscillation(Result):
    """Order parameters along a run of the Kuramoto model.

    Parameters
    ----------
    times : (time,) array
        Times, ascending.
    mean : (time, 2) array
        ``Σ m_j x_j / Σ m_j``.
    angles : (n,) array
        At the last time that was reached.
    status : OscillationStatus
        How it ended.
    steps : int
        Number of accepted steps.
    """

    _coordinates = (("time", "times"),)
    _variables = (
        ("mean", ("time", "component")),
        ("angles", ("oscillator",)),
    )

    times: FloatArray
    mean: FloatArray
    angles: FloatArray
    status: OscillationStatus
    steps: int

    @property
    def order(self) -> FloatArray:
        """R over time."""
        return np.asarray(np.linalg.norm(self.mean, axis=-1))


def oscillate(
    frequencies: ArrayLike,
    coupling: float,
    t_eval: ArrayLike,
    *,
    angles: ArrayLike | None = None,
    masses: ArrayLike | None = None,
    rng: Any = 0,
    rtol: float = 1e-5,
    max_steps: int = 1_000_000,
) -> Oscillation:
    """Integrate `theory.models.KURAMOTO` on the circle, in O(n) a step.

    A step freezes the mean at its middle; it is of second order in the step, whatever the
    frequencies are. Steps are chosen by comparing one with two halves, row by row.

    Parameters
    ----------
    frequencies : array_like, shape (n,)
        The numbers ω_i.
    coupling : float
        K.
    t_eval : array_like
        Ascending times >= 0 at which the mean is stored.
    angles : array_like, shape (n,), optional
        Start; uniform random ones from `rng` by default.
    masses : array_like, shape (n,), optional
        1/n each by default; used as given in the coupling.
    rng : seed, SeedSequence or Generator
        Source of randomness (SPEC 7).
    rtol : float
        Largest error of a step in a row, in [1e-12, 1e-2].
    max_steps : int
        Most steps that are tried.

    Returns
    -------
    Oscillation
        Order parameters along the run.

    Notes
    -----
    Source: (7.2); the frozen flow is the claim "Kuramoto, frozen mean".

    Examples
    --------
    Equal frequencies synchronise:

    >>> run = oscillate([1.0, 1.0, 1.0], 1.0, [0.0, 40.0], angles=[0.0, 1.0, 2.0])
    >>> run.status.name, round(float(run.order[-1]), 9)
    ('FINISHED', 1.0)
    """
    omega = as_float(frequencies, "frequencies")
    if omega.ndim != 1 or not omega.size:
        raise ValueError(
            f"Expected frequencies of shape (n,) but got frequencies.shape={omega.shape}."
        )
    check_finite(omega, "frequencies")
    if np.abs(omega).max() > _LARGEST:
        raise ValueError(f"Expected |frequencies| <= {_LARGEST:g} but got frequencies={omega}.")
    check_whole(max_steps, "max_steps", 1)
    strength = check_number(coupling, "coupling", "give the coupling K")
    if abs(strength) > _LARGEST:
        raise ValueError(f"Expected |coupling| <= {_LARGEST:g} but got coupling={coupling!r}.")
    tolerance = check_number(rtol, "rtol", "give a tolerance like 1e-5")
    if not _RTOL[0] <= tolerance <= _RTOL[1]:
        raise ValueError(f"Expected rtol in [1e-12, 1e-2] but got rtol={rtol!r}.")
    times = as_float(t_eval, "t_eval")
    if times.ndim != 1 or not times.size or np.any(np.diff(times) < 0) or not times[0] >= 0:
        raise ValueError(f"Expected ascending times >= 0 but got t_eval={times}; sort them.")
    check_finite(times, "t_eval")
    if angles is None:
        theta = sphere.generator(rng).uniform(-math.pi, math.pi, omega.size)
    else:
        theta = as_float(angles, "angles")
        check_finite(theta, "angles")
    if theta.shape != omega.shape:
        raise ValueError(
            f"Expected angles of shape {omega.shape} but got angles.shape={theta.shape}; one each."
        )
    share = np.full(omega.size, 1.0 / omega.size)
    if masses is not None:
        share = check_masses(masses, omega.size)
        if share.shape != omega.shape:
            raise ValueError(
                f"Expected masses of shape {omega.shape} but got masses.shape={share.shape}; "
                "one for each oscillator."
            )
    run = _Run(omega, strength * share, tolerance, max_steps)
    return run(np.stack([np.cos(theta), np.sin(theta)]), times, share / share.sum())


def frozen_flow(x: FloatArray, omega: FloatArray, pull: FloatArray, step: float) -> FloatArray:
    """Solve ``x' = ωJx + u - <u,x>x`` over a step, u = `pull` constant; rows are columns of x.

    (x, 1) moves by ``exp(hA)``, ``A = [[ωJ, u], [uᵀ, 0]]``, up to a factor; as A³ = sA with
    s = |u|² - ω², that is ``1 + (sinh(h√s)/√s) A + ((cosh(h√s) - 1)/s) A²``.

    Parameters
    ----------
    x : (2, n) array
        Unit vectors.
    omega : (n,) array
    pull : (2,) array
    step : float

    Returns
    -------
    (2, n) array
    """
    square = float(pull @ pull) - omega**2
    root = step * np.sqrt(np.abs(square))
    first = step * _sinhc(root, square)
    second = 0.5 * (step * _sinhc(0.5 * root, square)) ** 2
    u, v = pull
    p1, q1, w1 = -omega * x[1] + u, omega * x[0] + v, u * x[0] + v * x[1]
    p2, q2, w2 = -omega * q1 + u * w1, omega * p1 + v * w1, u * p1 + v * q1
    weight = 1.0 + first * w1 + second * w2
    moved = np.stack([x[0] + first * p1 + second * p2, x[1] + first * q1 + second * q2]) / weight
    return np.asarray(moved / np.hypot(moved[0], moved[1]))


def _sinhc(root: FloatArray, square: FloatArray) -> FloatArray:
    """``sinh(y)/y`` where the square is positive, ``sin(y)/y`` where it is negative."""
    safe = np.where(root < 1e-8, 1.0, root)
    grown = np.sinh(np.where(square > 0, safe, 0.0)) / safe
    value = np.where(square > 0, grown, np.sin(safe) / safe)
    return np.asarray(np.where(root < 1e-8, 1.0, value))


class _Run:
    """Steps of the Kuramoto model with the frozen flow; `pulls` are K m_j."""

    def __init__(self, omega: FloatArray, pulls: FloatArray, rtol: float, most: int) -> None:
        self.omega, self.pulls, self.rtol, self.most = omega, pulls, rtol, most
        self.total = float(np.abs(pulls).sum())

    def step(self, x: FloatArray, h: float) -> FloatArray:
        """Second order: the mean at the middle, from a half step with the mean at the start."""
        middle = frozen_flow(x, self.omega, x @ self.pulls, 0.5 * h)
        return frozen_flow(x, self.omega, middle @ self.pulls, h)

    def __call__(self, x: FloatArray, times: FloatArray, share: FloatArray) -> Oscillation:
        mean = np.full((times.size, 2), np.nan)
        longest = _GROWTH / self.total if self.total > 0 else math.inf
        at, h, steps, tries = 0.0, min(0.1, longest), 0, 0
        status = OscillationStatus.FINISHED
        for row, end in enumerate(times):
            while at < end and tries < self.most:
                tried, tries = min(h, end - at), tries + 1
                half = self.step(self.step(x, 0.5 * tried), 0.5 * tried)
                error = float(np.hypot(*(self.step(x, tried) - half)).max()) / 3.0
                factor = 0.9 * (self.rtol / error) ** (1 / 3) if error > 0 else 5.0
                if error <= self.rtol:
                    x, steps = half, steps + 1
                    at = float(end) if tried == end - at else at + tried
                    # A step cut short by an end says little about the next.
                    grown = tried * min(5.0, max(1.0, factor))
                    h = min(max(grown, h) if factor >= 1 else tried * factor, longest)
                else:
                    h = tried * max(0.2, factor)
            if at < end:
                status = OscillationStatus.MAX_STEPS
                break
            mean[row] = x @ share
        return Oscillation(times, mean, np.arctan2(x[1], x[0]), status, steps)
