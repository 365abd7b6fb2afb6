"""Equiangular configurations: the rate of (6.9) and (6.10), the time T(γ), and γ(t) at β = 0."""

from __future__ import annotations

from sympy import Ei, Expr, Interval, exp, log

from theory import symbols
from theory.predictions.arguments import (
    NONNEGATIVE,
    Dynamics,
    Value,
    inverse_temperature,
    is_sa,
    real_temperature,
    whole_number,
    within,
)


def equiangular_rate(
    gamma: Value = symbols.gamma,
    beta: Value = symbols.beta,
    n: Value = symbols.n,
    model: Dynamics = "SA",
) -> Expr:
    """Right side of (6.9) (SA) or (6.10) (USA): the speed of the common inner product γ.

    Parameters
    ----------
    gamma : number or Expr
        Common inner product, -1/(n-1) <= γ <= 1.
    beta, n : number or Expr
        Inverse temperature and number of tokens, n >= 2, of mass 1/n each.
    model : {"SA", "USA"} or Model

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        If a number is out of range or the model has no such formula.

    Examples
    --------
    >>> equiangular_rate(0, beta=0)
    2/n
    """
    beta, n = real_temperature(beta), whole_number(n, "n", 2)
    least = -1 / (n - 1) if n.is_number else -1
    gamma = within(gamma, "gamma", Interval(least, 1), "n vectors have no other common product.")
    shape = 2 * exp(beta * gamma) * (1 - gamma) * ((n - 1) * gamma + 1)
    return shape / (exp(beta) + (n - 1) * exp(beta * gamma)) if is_sa(model) else shape / n


def equiangular_time(
    gamma: Value = symbols.gamma,
    beta: Value = symbols.beta,
    n: Value = symbols.n,
    model: Dynamics = "SA",
) -> Expr:
    r"""Time T(γ) at which an orthonormal start has reached the common inner product γ.

    With c = 1/(n-1),

    .. math::
        T_{USA} = \tfrac12\{e^{-\beta}[Ei(\beta) - Ei(\beta(1-\gamma))]
                  + e^{\beta c}[Ei(-\beta(\gamma+c)) - Ei(-\beta c)]\},\quad
        T_{SA} = \tfrac{e^\beta}{n} T_{USA}
                  + \tfrac{n-1}{2n}\log\frac{(n-1)\gamma+1}{1-\gamma}

    and at β = 0 half the logarithm. For numbers at high or low β use
    ``numerics.equiangular``, which has neither overflow nor cancellation.

    Parameters
    ----------
    gamma : number or Expr
        0 <= γ < 1.
    beta, n : number or Expr
        Inverse temperature β >= 0 and number of tokens n >= 2, of mass 1/n each.
    model : {"SA", "USA"} or Model

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
    Source: Theorem 6.8; partial fractions of 1/((1-γ)((n-1)γ+1)) in (6.9) and (6.10).

    Examples
    --------
    >>> equiangular_time(beta=0, n=2)
    log((gamma + 1)/(1 - gamma))/2
    """
    beta, n = inverse_temperature(beta), whole_number(n, "n", 2)
    remedy = "the start is orthonormal, and γ = 1 is not reached."
    gamma = within(gamma, "gamma", Interval.Ropen(0, 1), remedy)
    attention = is_sa(model)
    odds = log(((n - 1) * gamma + 1) / (1 - gamma))
    if beta.is_zero:
        return odds / 2
    c = 1 / (n - 1)
    far = exp(-beta) * (Ei(beta) - Ei(beta * (1 - gamma)))
    near = exp(beta * c) * (Ei(-beta * (gamma + c)) - Ei(-beta * c))
    unnormalised = (far + near) / 2
    if not attention:
        return unnormalised
    return exp(beta) / n * unnormalised + (n - 1) / (2 * n) * odds


def equiangular_inner_product(t: Value = symbols.t, n: Value = symbols.n) -> Expr:
    """Solve for γ(t) at β = 0 from an orthonormal start, both models: the inverse of T(γ) there.

    For β > 0 there is no closed form: see ``numerics.equiangular``. Source: (6.9) at β = 0.

    Parameters
    ----------
    t : number or Expr, optional
        Time, >= 0.
    n : number or Expr, optional
        Number of tokens.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> equiangular_inner_product()
    (exp(2*t) - 1)/(n + exp(2*t) - 1)
    """
    t = within(t, "t", NONNEGATIVE, "γ(t) starts at 0, at t = 0.")
    n = whole_number(n, "n", 2)
    return (exp(2 * t) - 1) / (exp(2 * t) + n - 1)
