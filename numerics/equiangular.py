"""The equiangular curve γ(t) of (6.9) and (6.10) and its inverse T(γ), at any inverse temperature.

``equiangular_gap`` is 1 - γ with full relative accuracy; times may be given as logarithms, since
SA needs times of order e^β. The exact expressions are in ``theory.predictions``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from numerics.arguments import FloatArray, as_number, shown

__all__ = ["equiangular_gamma", "equiangular_gap", "equiangular_time"]

# The curve in the coordinate w = log(((n-1)γ+1)/(1-γ)) >= 0 is
#     γ = (e^w - 1)/(e^w - 1 + n),    1 - γ = n/(e^w - 1 + n),
#     USA: dt/dw = e^{-βγ}/2,         SA: dt/dw = (e^{β(1-γ)} + n - 1)/(2n),
# both smooth and positive on the whole half line: T is one quadrature, its inverse Newton's method.
# All times are kept divided by e^β (SA), so that nothing overflows.

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_DEPTH = 4.0  # change of βγ across one panel that 16 nodes integrate to rounding
_LENGTH = 1.0  # and change of w: the poles of γ(w) are at log(n-1) ± iπ


@dataclass(frozen=True)
class _Curve:
    """A table of scaled times at the ends of panels in w."""

    beta: float
    n: int
    attention: bool
    ends: FloatArray
    times: FloatArray

    @property
    def log_scale(self) -> float:
        """Logarithm of time over scaled time."""
        return self.beta - math.log(2 * self.n) if self.attention else -math.log(2)

    @property
    def floor(self) -> float:
        """Part of the scaled slope that does not depend on γ."""
        return (self.n - 1) * math.exp(-self.beta) if self.attention else 0.0

    def slope(self, w: FloatArray) -> FloatArray:
        """Scaled dt/dw, between e^{-β} and about 1."""
        growth = np.expm1(w)
        slope: FloatArray = np.exp(-self.beta * growth / (growth + self.n)) + self.floor
        return slope

    def integrate(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Scaled time from low to high, each pair inside one panel."""
        half = (high - low) / 2
        nodes = low[..., None] + half[..., None] * (1 + _NODES)
        total: FloatArray = half * (self.slope(nodes) @ _WEIGHTS)
        return total

    def forward(self, w: FloatArray) -> FloatArray:
        """Scaled time at w."""
        panel = np.clip(np.searchsorted(self.ends, w, side="right") - 1, 0, self.ends.size - 1)
        inside = np.minimum(w, self.ends[-1])
        start = self.ends[np.minimum(panel, self.ends.size - 2)]
        base = self.times[np.minimum(panel, self.ends.size - 2)]
        # Behind the last panel γ is 1 to rounding and the slope constant.
        beyond = (w - inside) * (math.exp(-self.beta) + self.floor)
        return base + self.integrate(start, inside) + beyond

    def backward(self, time: FloatArray) -> FloatArray:
        """Scaled time -> w."""
        panel = np.clip(np.searchsorted(self.times, time, side="right") - 1, 0, self.ends.size - 2)
        low, high = self.ends[panel], self.ends[panel + 1]
        base, top = self.times[panel], self.times[panel + 1]
        rest = np.minimum(time, self.times[-1]) - base
        # A panel on which the table does not move (β > 36) holds no time of its own.
        span = np.where(top > base, top - base, math.inf)
        w = low + (high - low) * np.clip(rest / span, 0.0, 1.0)
        # T is concave in w: after one step Newton's iterates lie below the root and increase.
        for _ in range(60):
            step = (rest - self.integrate(low, w)) / np.maximum(self.slope(w), 1e-300)
            new = np.clip(w + step, low, high)
            if np.all(np.abs(new - w) <= 2e-16 * np.abs(new)):
                break
            w = new
        limit = math.exp(-self.beta) + self.floor
        past = time > self.times[-1]
        if limit > 0:
            w = np.where(past, self.ends[-1] + (time - self.times[-1]) / limit, w)
        else:  # β > 745: the gap closes before the next double
            w = np.where(past, math.inf, w)
        return w


@lru_cache(maxsize=64)
def _curve(beta: float, n: int, attention: bool) -> _Curve:
    # Panels: w up to where β(1-γ) = β n e^{-w} is below rounding, ...
    last = math.log(n * max(beta, 1.0)) + 40.0
    ends = np.arange(0.0, last + _LENGTH, _LENGTH)
    # ... and, where βγ changes fast, one for each _DEPTH of βγ.
    levels = np.arange(_DEPTH, beta, _DEPTH) / beta if beta > 0 else np.empty(0)
    ends = np.union1d(ends, np.log1p(n * levels / (1 - levels)))
    empty = _Curve(beta, n, attention, ends, np.zeros_like(ends))
    times = np.concatenate([[0.0], np.cumsum(empty.integrate(ends[:-1], ends[1:]))])
    ends.setflags(write=False)
    times.setflags(write=False)
    return _Curve(beta, n, attention, ends, times)


LARGEST_BETA = 1e6
"""Largest β of a curve: its table has a node for each quarter of β or so."""
MOST_TOKENS = 10**15
"""Largest n: beyond, n and n + 1 are the same double, or nearly so."""


def _checked(beta: float, n: int, model: str) -> _Curve:
    value = as_number(beta, "beta", "the statement is made for attraction")
    if not 0 <= value <= LARGEST_BETA:
        raise ValueError(
            f"Expected a finite inverse temperature >= 0 but got beta={shown(beta)}; the statement "
            f"is made for attraction, the curve up to {LARGEST_BETA:g}."
        )
    tokens = as_number(n, "n", "pass a whole number of tokens")
    if not (2 <= tokens <= MOST_TOKENS and tokens == int(tokens)):
        raise ValueError(
            f"Expected a whole number of tokens >= 2 but got n={shown(n)}; pass one, "
            f"{MOST_TOKENS:g} at most."
        )
    if not (isinstance(model, str) and model in ("SA", "USA")):
        raise ValueError(f"Expected one of SA, USA but got model={shown(model)}; choose one.")
    return _curve(value, int(tokens), model == "SA")


def _odds(t: ArrayLike, beta: float, n: int, model: str, log_time: bool) -> FloatArray:
    """Return w at the times t."""
    curve = _checked(beta, n, model)
    times = np.asarray(t, dtype=np.float64)
    if np.any(np.isnan(times)) or (not log_time and np.any(times < 0)):
        raise ValueError(f"Expected times >= 0 but got t={t!r}; the start is orthonormal at t = 0.")
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        if curve.log_scale < 700 and not log_time:
            scaled = times / math.exp(curve.log_scale)
        else:
            scaled = np.exp((times if log_time else np.log(times)) - curve.log_scale)
    finite = np.isfinite(scaled)
    return np.where(finite, curve.backward(np.where(finite, scaled, 0.0)), math.inf)


def equiangular_gamma(
    t: ArrayLike, beta: float, n: int, model: str = "SA", *, log_time: bool = False
) -> FloatArray:
    """Evaluate the common inner product γ(t) of n tokens that start orthonormal.

    Parameters
    ----------
    t : array_like, any shape
        Times, t >= 0; their logarithms with ``log_time=True``.
    beta : float
        Inverse temperature, β >= 0.
    n : int
        Number of tokens of mass 1/n each, n >= 2.
    model : {"SA", "USA"}
        Which of (6.9) and (6.10).
    log_time : bool
        Whether t holds logarithms of times.

    Returns
    -------
    ndarray, shape of t
        γ in [0, 1], accurate relative to γ itself where γ is small; near 1 use
        :func:`equiangular_gap`.

    Raises
    ------
    ValueError
        If a time is negative or NaN, or another argument out of range.

    Notes
    -----
    Source: Theorem 6.8. For USA at large β the curve jumps from near 0 to near 1 within a
    relative time of e^{-β/2}: there a double cannot say more than on which side t lies.

    Examples
    --------
    >>> float(equiangular_gamma(1.0, beta=0.0, n=2))  # tanh(1)
    0.76159415595576...
    """
    w = _odds(t, beta, n, model, log_time)
    with np.errstate(over="ignore"):
        growth = np.expm1(w)
    return np.where(np.isinf(growth), 1.0, growth / (np.where(np.isinf(growth), 0, growth) + n))


def equiangular_gap(
    t: ArrayLike, beta: float, n: int, model: str = "SA", *, log_time: bool = False
) -> FloatArray:
    """``1 - γ(t)``, accurate relative to itself where γ is near 1.

    Arguments, errors and source as :func:`equiangular_gamma`.

    Examples
    --------
    >>> float(equiangular_gap(20.0, beta=0.0, n=2))  # 2/(e^40 + 1)
    8.49670851...e-18
    """
    w = _odds(t, beta, n, model, log_time)
    with np.errstate(over="ignore"):
        return n / (np.expm1(w) + n)


def equiangular_time(
    gamma: ArrayLike | None = None,
    beta: float = 0.0,
    n: int = 2,
    model: str = "SA",
    *,
    gap: ArrayLike | None = None,
    log_time: bool = False,
) -> FloatArray:
    """Time T(γ) at which n tokens that start orthonormal reach the common inner product γ.

    Parameters
    ----------
    gamma : array_like, any shape
        Inner products, 0 <= γ < 1.
    beta, n, model
        As in :func:`equiangular_gamma`.
    gap : array_like, optional
        ``1 - γ`` in place of gamma, 0 < gap <= 1: exact where γ is within rounding of 1.
    log_time : bool
        Whether to return log T, which is finite at every β.

    Returns
    -------
    ndarray, shape of gamma
        T, or log T; T is infinite where it exceeds the largest double.

    Raises
    ------
    ValueError
        If not exactly one of gamma and gap is given, or an argument is out of range.

    Notes
    -----
    Source: Theorem 6.8; (6.12) is the level set ``T(1 - δ) = t``.

    Examples
    --------
    >>> float(equiangular_time(0.5, beta=0.0, n=2))  # atanh(1/2)
    0.549306144334054...
    """
    curve = _checked(beta, n, model)
    if (gamma is None) == (gap is None):
        raise ValueError(
            f"Expected one of gamma and gap but got gamma={gamma!r}, gap={gap!r}; pass either."
        )
    if gap is None:
        inner = np.asarray(gamma, dtype=np.float64)
        if not np.all((inner >= 0) & (inner < 1)):
            raise ValueError(
                f"Expected inner products in [0, 1) but got gamma={gamma!r}; "
                "pass gap = 1 - gamma for values within rounding of 1."
            )
        w = np.log1p(n * inner / (1 - inner))
    else:
        rest = np.asarray(gap, dtype=np.float64)
        if not np.all((rest > 0) & (rest <= 1)):
            raise ValueError(f"Expected gaps in (0, 1] but got gap={gap!r}; the gap is 1 - γ.")
        w = np.where(rest < 0.5, np.log(n / rest - (n - 1)), np.log1p(n * (1 - rest) / rest))
    scaled = curve.forward(w)
    with np.errstate(divide="ignore", over="ignore"):
        if curve.log_scale < 700 and not log_time:
            return scaled * math.exp(curve.log_scale)
        logs: FloatArray = np.log(scaled) + curve.log_scale
        return logs if log_time else np.exp(logs)
