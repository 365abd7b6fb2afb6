"""When two clusters alone merge: their exact rate, and its quadrature in logarithms.

At the angle θ and with q = e^{−β(1−cos θ)} they approach at the rate

    SA:   θ' = −sin θ [m2 q/(m1 + m2 q) + m1 q/(m2 + m1 q)]
    USA:  θ' = −sin θ (m1 + m2) e^{β cos θ}

(`theory.predictions.two_cluster_rate`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from numerics.arguments import FloatArray, check_model, check_number
from numerics.coarsening.result import MERGE_DISTANCE
from theory import SA, attention_form, symbols
from theory.bounded import exponential_parts
from theory.models import Model
from theory.predictions import two_cluster_rate

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
    if form is None or form.scale != 1 or exponential_parts(form.kernel) != (1, symbols.beta):
        raise ValueError(
            "Expected a model whose attention kernel is exp(beta*z) but got "
            f"model={model.name}. Derive its law with theory.derivations.two_clusters."
        )
    name = "SA" if form.normalised else "USA"
    return two_cluster_rate(THETA, symbols.beta, M1, M2, name)


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
    TypeError, ValueError
        If an argument is no number or out of range.

    Examples
    --------
    >>> round(two_cluster_log_time(1.0, 81, 0.5, 0.5), 8)
    32.51300685
    """
    positive = []
    for name, value in (("m1", m1), ("m2", m2), ("theta1", theta1)):
        if name == "theta1" and value is None:
            value = MERGE_ANGLE
        positive.append(check_number(value, name, "give a positive number"))
        if positive[-1] <= 0:
            raise ValueError(
                f"Expected a positive number but got {name}={value}. "
                "A pair without mass, or an end at angle 0, takes no finite time."
            )
    first, second, final = positive
    start = check_number(theta0, "theta0", "use numerics.sphere.geodesic_distance")
    if not 0 <= start <= math.pi:
        raise ValueError(
            f"Expected an angle from 0 to pi but got theta0={theta0}. "
            "Use numerics.sphere.geodesic_distance."
        )
    check_model(model)
    rate = pair_rate(model)
    return float(pair_log_time(rate, start, check_beta(beta), first, second, final))


_LARGEST_BETA = 1e15


def check_beta(beta: float) -> float:
    """Read an inverse temperature; beyond 1e15 the rounding of an angle moves the exponents."""
    value = check_number(beta, "beta", "call once for each temperature")
    if not 0 <= value <= _LARGEST_BETA:
        raise ValueError(
            f"Expected a number from 0 to {_LARGEST_BETA:g} but got beta={beta}. Negative beta has "
            "no merges; beyond, exponents are rounding."
        )
    return value
