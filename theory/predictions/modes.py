"""Growth of modes about the uniform state: Gegenbauer coefficients, rates, the fastest mode."""

from __future__ import annotations

from sympy import Eq, Expr, Piecewise, Rational, S, besseli, gamma, sqrt

from theory import symbols
from theory.predictions.arguments import (
    MOST,
    NONNEGATIVE,
    Dynamics,
    Value,
    inverse_temperature,
    is_sa,
    positive_number,
    whole_number,
    within,
)

_STEEPEST = 10**40
"""Of β whose fastest mode is looked for: some seconds of Bessel functions."""


def gegenbauer_coefficient(k: Value, beta: Value = symbols.beta, d: Value = symbols.d) -> Expr:
    r"""Coefficient of degree k of ``e^{βt}`` in dimension d; also its Funk-Hecke multiplier.

    .. math:: \hat f_k = \Gamma(d/2)\,(2/\beta)^{d/2-1} I_{k+d/2-1}(\beta) > 0

    With λ = d/2 - 1 > 0, ``e^{βt} = Σ_k f̂_k ((k+λ)/λ) C_k^λ(t)``; for d = 2,
    ``e^{β cos θ} = f̂_0 + 2 Σ_{k≥1} f̂_k cos kθ`` with ``f̂_k = I_k(β)``. For every d,
    ``∫ e^{β<x,y>} Y(y) dσ(y) = f̂_k Y(x)`` for a spherical harmonic Y of degree k.

    Parameters
    ----------
    k : int or Expr
        Degree, k >= 0.
    beta, d : number or Expr
        Inverse temperature β >= 0 and dimension d >= 2.

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
    Source: the proof of Proposition 3.4; the multiplier is the Funk-Hecke formula.

    Examples
    --------
    >>> gegenbauer_coefficient(3, d=2)
    besseli(3, beta)
    >>> gegenbauer_coefficient(0, 0, 5), gegenbauer_coefficient(2, 0, 5)
    (1, 0)
    """
    k, d = whole_number(k, "k", 0, MOST), whole_number(d, "d", 2, MOST)
    beta = inverse_temperature(beta)
    if beta.is_zero:
        return Piecewise((S.One, Eq(k, 0)), (S.Zero, True))
    order = d / 2 - 1
    return gamma(d / 2) * (2 / beta) ** order * besseli(k + order, beta)


def mode_growth_rate(
    mode: Value,
    beta: Value = symbols.beta,
    d: Value = 2,
    model: Dynamics = "SA",
    noise: Value = 0,
) -> Expr:
    """Growth rate of a mode of degree ``mode`` about the uniform probability measure.

    ``k(k+d-2) (f̂_k/β - κ)`` for USA, with ``f̂_k/(β f̂_0)`` for SA; ``f̂`` is
    :func:`gegenbauer_coefficient` and κ the noise of ``dx = … + sqrt(2κ) dB``. On the circle it is
    ``k² (I_k(β)/β - κ)`` and ``k² (I_k(β)/(β I_0(β)) - κ)``.

    Parameters
    ----------
    mode : int or Expr
        Degree k >= 1.
    beta, d : number or Expr
        Inverse temperature β >= 0 (at 0 the limit is taken) and dimension d >= 2.
    model : {"SA", "USA"} or Model
    noise : number or Expr
        The strength κ >= 0.

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
    Source: the mean-field equation (3.4) linearised about the uniform measure; with noise its
    Fokker-Planck equation, Problem 7 (extension).

    Examples
    --------
    >>> mode_growth_rate(2, model="USA")
    4*besseli(2, beta)/beta
    >>> mode_growth_rate(1, beta=0), mode_growth_rate(1, beta=0, d=3), mode_growth_rate(2, beta=0)
    (1/2, 2/3, 0)
    """
    mode, d = whole_number(mode, "mode", 1), whole_number(d, "d", 2)
    noise = within(noise, "noise", NONNEGATIVE, "κ is half of a variance.")
    return mode * (mode + d - 2) * (mode_drive(mode, beta, d, model) - noise)


def mode_drive(mode: Expr, beta: Value, d: Expr, model: Dynamics) -> Expr:
    """Growth rate of a mode over k(k+d-2), without noise."""
    attention, beta = is_sa(model), inverse_temperature(beta)
    if beta.is_zero:
        # f̂_1 = β/d + O(β³), and f̂_k = O(β^k).
        return Piecewise((1 / d, Eq(mode, 1)), (S.Zero, True))
    drive = gegenbauer_coefficient(mode, beta, d) / beta
    return drive / gegenbauer_coefficient(0, beta, d) if attention else drive


def fastest_mode(beta: Value, d: Value = 2) -> int:
    """Degree of the mode that grows fastest about the uniform measure, the same for SA and USA.

    The ratio of the rate of degree k+1 to that of degree k falls with k, because
    ``I_{ν+1}(β)/I_ν(β)`` falls with ν (Turán's inequality): the rates have one maximum, where the
    ratio passes 1, and bisection finds it. Bessel functions are taken with 30 digits.

    Parameters
    ----------
    beta : number or Expr
        Inverse temperature β.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.

    Returns
    -------
    int
        The degree, >= 1.

    Raises
    ------
    ValueError
        If β is not a positive number or d not a whole number >= 2.

    Notes
    -----
    Source: :func:`mode_growth_rate` (extension). On the circle it is near ``sqrt(2β)`` for large β.

    Examples
    --------
    >>> [fastest_mode(beta) for beta in (1, 4, 9, 81)]
    [1, 3, 4, 13]
    """
    beta, d = positive_number(beta, "beta"), whole_number(d, "d", 2, MOST)
    if not (beta.is_number and d.is_Integer):
        raise ValueError(f"Expected numbers but got beta={beta}, d={d}; pass numbers.")
    if beta > _STEEPEST:
        raise ValueError(
            f"Expected a number <= {_STEEPEST} but got beta={beta}; the degree has half as many "
            "digits there, near sqrt(2*beta)."
        )
    order = d / 2 - 1

    def rises(k: int) -> bool:
        quotient = (besseli(k + 1 + order, beta) / besseli(k + order, beta)).evalf(30)
        return bool(Rational(k + 1, k) * (k + d - 1) / (k + d - 2) * quotient > 1)

    if not rises(1):
        return 1
    low, high = 1, 2
    while rises(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if rises(middle) else (low, middle)
    return high


def expected_maxima(beta: Value = symbols.beta) -> Expr:
    r"""Mean number of maxima of the smoothed density of many independent uniform tokens, d = 2.

    .. math:: \sqrt{\frac{\sum_k k^4 I_k(\beta)^2}{\sum_k k^2 I_k(\beta)^2}}
        = \sqrt{1 + \frac{3\beta}{2}\,\frac{I_2(2\beta)}{I_1(2\beta)}}

    The density is ``∫ e^{β cos(θ-θ')} dμ(θ')`` of n tokens at time 0, for n → ∞.

    Parameters
    ----------
    beta : number or Expr, optional
        Inverse temperature β.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        If β is a number out of range.

    Notes
    -----
    Source: Kac-Rice for the Gaussian limit, whose mode k has variance proportional to I_k(β)²
    (extension). It is 1 at β = 0 and near sqrt(3β/2) for large β, below :func:`fastest_mode`,
    which is near sqrt(2β).

    Examples
    --------
    >>> [round(float(expected_maxima(beta)), 4) for beta in (1, 9, 25)]
    [1.2844, 3.6594, 6.114]
    """
    beta = inverse_temperature(beta)
    if beta.is_zero:
        return S.One
    return sqrt(1 + 3 * beta * besseli(2, 2 * beta) / (2 * besseli(1, 2 * beta)))
