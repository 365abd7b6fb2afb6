"""Lipschitz and stability constants that replace those of (D.1), (D.4) and (4.4)."""

from __future__ import annotations

from sympy import Expr, Piecewise, Rational, S, exp, sqrt, sympify

from theory import symbols
from theory.predictions.arguments import (
    Value,
    inverse_temperature,
    is_sa,
    positive_number,
    score_bound,
)


def chord_lipschitz(beta: Value = symbols.beta, model: str = "SA", mass: Value = 1) -> Expr:
    """One-sided Lipschitz constant in ``max_i |x_i - y_i|``: ``2(1+β)``, USA ``2(1+β) e^β M``.

    For every n and d. Source: replaces the constant of (D.1) (extension), from
    ``<x-y, P_x m - P_y m'> <= |x-y||m-m'| + |x-y|²`` and a variance bound of the weights.
    """
    beta, mass = inverse_temperature(beta), positive_number(mass, "mass")
    return 2 * (1 + beta) if is_sa(model) else 2 * (1 + beta) * exp(beta) * mass


def geodesic_lipschitz(beta: Value = symbols.beta, model: str = "SA", mass: Value = 1) -> Expr:
    """Growth bound in ``max_i dist(x_i, y_i)``: the sharpest one that needs β alone.

    The greatest value over g in [-1, 1] of ``(1-g)(1+2β(1+g))`` for SA, which is
    ``(4β+1)²/(8β)`` for β >= 1/4 and 2 below; for USA of that times ``e^{βg} M``, reached at
    ``g = (sqrt(16β²+8β+17) - 5)/(4β)`` for β >= 1/6 and at -1 below.

    Notes
    -----
    Source: replaces the constant of (D.4) (extension). The distance grows at most at the rate
    ``max_i Σ_j a_ij (1-g_ij)(1+2β(1+g_ij))``; this is that rate maximised over inner products.

    Examples
    --------
    >>> geodesic_lipschitz(0), geodesic_lipschitz(Rational(1, 4)), geodesic_lipschitz(1)
    (2, 2, 25/8)
    """
    beta, mass = inverse_temperature(beta), positive_number(mass, "mass")
    attention = is_sa(model)
    if beta.is_zero:
        return S(2) if attention else 2 * mass
    if attention:
        return Piecewise((S(2), beta <= Rational(1, 4)), ((4 * beta + 1) ** 2 / (8 * beta), True))
    g = (sqrt(16 * beta**2 + 8 * beta + 17) - 5) / (4 * beta)
    inside = exp(beta * g) * (1 - g) * (1 + 2 * beta * (1 + g))
    return mass * Piecewise((2 * exp(-beta), beta <= Rational(1, 6)), (inside, True))


def mean_lipschitz(beta: Value = symbols.beta) -> Expr:
    """Lipschitz constant of SA in the mean norm, hence for W_1: ``1 + β + (1+2β) e^{2β}``.

    Source: Remark 3.3 with an explicit constant (extension).
    """
    beta = inverse_temperature(beta)
    return 1 + beta + (1 + 2 * beta) * exp(2 * beta)


def temperature_deviation(
    t: Value = symbols.t,
    beta: Value = symbols.beta,
    model: str = "SA",
    norm: Value | None = None,
) -> Expr:
    """Bound on ``|x_i^β(t) - x_i^0(t)|``: ``β(e^{2t}-1)/2`` (SA), ``(e^β-1)(e^{2t}-1)/2`` (USA).

    With query and key matrices and V = I, |β||QᵀK| takes the place of β; ``norm`` is |QᵀK|.
    Source: (4.4) in the proof of Theorem 4.2, with explicit constants. Total mass 1.
    """
    t, reach = sympify(t), score_bound(beta, norm)
    force = reach if is_sa(model) else exp(reach) - 1
    return force * (exp(2 * t) - 1) / 2
