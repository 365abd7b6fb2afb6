"""Lipschitz and stability constants: those of (D.1), (D.4) and (4.4), and of Remark 3.3."""

from __future__ import annotations

from sympy import Expr, Max, Piecewise, Rational, S, exp, sqrt, sympify

from theory import symbols
from theory.predictions.arguments import (
    NONNEGATIVE,
    Dynamics,
    Value,
    inverse_temperature,
    is_sa,
    positive_number,
    score_bound,
    within,
)


def chord_lipschitz(beta: Value = symbols.beta, model: Dynamics = "SA", mass: Value = 1) -> Expr:
    """One-sided Lipschitz constant in ``max_i |x_i - y_i|``: ``2(1+β)``, USA ``2(1+β) e^β M``.

    For every n and d. Source: replaces the constant of (D.1) (extension), from
    ``<x-y, P_x m - P_y m'> <= |x-y||m-m'| + |x-y|²`` and a variance bound of the weights.

    Parameters
    ----------
    beta : number or Expr, optional
        Inverse temperature β.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.
    mass : number or Expr, optional
        Total mass, 1 for probabilities.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    beta, mass = inverse_temperature(beta), positive_number(mass, "mass")
    return 2 * (1 + beta) if is_sa(model) else 2 * (1 + beta) * exp(beta) * mass


def geodesic_lipschitz(beta: Value = symbols.beta, model: Dynamics = "SA", mass: Value = 1) -> Expr:
    """Growth bound in ``max_i dist(x_i, y_i)`` by β alone; of USA `transport_lipschitz` is smaller.

    The greatest value over g in [-1, 1] of ``(1-g)(1+2β(1+g))`` for SA, which is
    ``(4β+1)²/(8β)`` for β >= 1/4 and 2 below; for USA of that times ``e^{βg} M``, reached at
    ``g = (sqrt(16β²+8β+17) - 5)/(4β)`` for β >= 1/6 and at -1 below.

    Parameters
    ----------
    beta : number or Expr, optional
        Inverse temperature β.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.
    mass : number or Expr, optional
        Total mass, 1 for probabilities.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

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

    Parameters
    ----------
    beta : number or Expr, optional
        Inverse temperature β.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    return transport_lipschitz(beta)


def transport_lipschitz(
    beta: Value = symbols.beta, model: Dynamics = "SA", p: Value = S.One, mass: Value = 1
) -> Expr:
    r"""Constant of Dobrushin: ``W_p(μ(t), ν(t)) <= e^{Ct} W_p(μ(0), ν(0))`` for any two solutions.

    For measures as well as particles, every dimension and p in [1, ∞]; the distance is geodesic.
    SA: ``C = 1 + β + (1+2β) e^{2β/p}``. USA, the same for every p:

    .. math:: C = M \max_{-1\le g\le 1} e^{\beta g}\max(1+q, 2q), \qquad q = \beta(1-g^2) - g

    Parameters
    ----------
    beta : number or Expr
        Inverse temperature β >= 0.
    model : {"SA", "USA"} or Model
    p : number or Expr
        Order of the distance, ``oo`` included.
    mass : number or Expr
        Total mass M.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        If a number is out of range.

    Notes
    -----
    Source: Remark 3.3 with explicit constants (extension). A plan of the starts is carried along
    both flows. Of USA the first maximum is at ``g = (sqrt(4β²+4β+5)-3)/(2β)``, the second at
    ``g = (sqrt(4β²+5)-3)/(2β)``, or -1. The second is reached by one light token beside a heavy
    one, so on the circle no smaller constant does where it is the larger of the two (β >= 2).

    Examples
    --------
    >>> transport_lipschitz(1), transport_lipschitz(1, p=S.Infinity), transport_lipschitz(0, "USA")
    (2 + 3*exp(2), 5, 2)
    """
    beta, mass = inverse_temperature(beta), positive_number(mass, "mass")
    order = sympify(p)
    if order.is_number and not (order.is_extended_real and order >= 1):
        raise ValueError(f"Expected an order >= 1 but got p={p}; pass p = 1 or 2.")
    if is_sa(model):
        return 1 + beta + (1 + 2 * beta) * (S.One if order is S.Infinity else exp(2 * beta / order))
    if beta.is_zero:
        return 2 * mass
    own, both = (_largest_of_pair(beta, shift) for shift in (1, 0))
    return mass * Max(own, both)


def _largest_of_pair(beta: Expr, shift: int) -> Expr:
    """Maximum over g of ``e^{βg} (1+q)``, or of ``2 e^{βg} q``; q = β(1-g²) - g."""
    g = (sqrt(4 * beta**2 + 4 * beta * shift + 5) - 3) / (2 * beta)
    q = beta * (1 - g**2) - g
    inside = exp(beta * g) * (1 + q if shift else 2 * q)
    from_here = Rational(1, 4) if shift else Rational(1, 3)
    return Piecewise((2 * exp(-beta), beta <= from_here), (inside, True))


def temperature_deviation(
    t: Value = symbols.t,
    beta: Value = symbols.beta,
    model: Dynamics = "SA",
    norm: Value | None = None,
) -> Expr:
    """Bound on ``|x_i^β(t) - x_i^0(t)|``: ``β(e^{2t}-1)/2`` (SA), ``(e^β-1)(e^{2t}-1)/2`` (USA).

    With query and key matrices and V = I, |β||QᵀK| takes the place of β; ``norm`` is |QᵀK|.
    Source: (4.4) in the proof of Theorem 4.2, with explicit constants. Total mass 1.

    Parameters
    ----------
    t : number or Expr, optional
        Time, >= 0.
    beta : number or Expr, optional
        Inverse temperature β.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.
    norm : number or Expr, optional
        Operator norm of QᵀK; 1 by default.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    t, reach = within(t, "t", NONNEGATIVE, "it is a time."), score_bound(beta, norm)
    force = reach if is_sa(model) else exp(reach) - 1
    return force * (exp(2 * t) - 1) / 2
