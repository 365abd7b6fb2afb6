"""Theorem 6.9 with numbers: how near orthonormal tokens must start, and from which dimension on.

Tokens that start within ``orthonormal_radius`` of an orthonormal system keep all inner products
within a tolerance of γ(t) for ever, for SA and USA alike; independent uniform tokens start there
with a given probability from ``sufficient_dimension`` on.
"""

from __future__ import annotations

from sympy import Expr, Interval, Rational, exp, log, sin, sqrt

from theory import symbols
from theory.predictions.arguments import (
    HALF,
    UNIT,
    Value,
    inverse_temperature,
    whole_number,
    within,
)


def curve_growth(
    gamma: Value = symbols.gamma, beta: Value = symbols.beta, n: Value = symbols.n
) -> Expr:
    r"""Logarithm A(γ) of how much distances grow until orthonormal tokens have come to γ.

    .. math::
        A = \tfrac12\Big\{\log(1+(n-1)\gamma) + \beta\gamma
            + \beta\int_0^\gamma \sqrt{\frac{(n-1)(1+x)}{1+(n-1)x}}\,dx\Big\}

    in closed form: at most ½ log n + 1.65 β, whatever n and however long it takes.

    Parameters
    ----------
    gamma : number or Expr
        0 <= γ <= 1.
    beta, n : number or Expr
        Any β >= 0, and n >= 2 tokens of mass 1/n.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Notes
    -----
    Source: replaces ``log c(β)^{nt}`` of (D.6) (extension). The linearised flow grows at most at
    the mean over the weights of a token, and dγ = γ' dt of (6.9), (6.10) takes the place of time.

    Examples
    --------
    >>> curve_growth(1, 0)
    log(n)/2
    """
    gamma = within(gamma, "gamma", UNIT, "γ rises from 0 to 1.")
    beta, n = inverse_temperature(beta), whole_number(n, "n", 2)
    a = 1 / (n - 1)
    root = log((sqrt(1 + gamma) + sqrt(gamma + a)) / (1 + sqrt(a)))
    area = sqrt((1 + gamma) * (gamma + a)) - sqrt(a) + (1 - a) * root
    return (log(1 + (n - 1) * gamma) + beta * (gamma + area)) / 2


def nonlinear_loss(
    tolerance: Value, late: Value, beta: Value = symbols.beta, n: Value = symbols.n
) -> Expr:
    r"""Return what the second order costs: starts are allowed up to ``e^{-A}/loss``.

    With R = ε - η, m = n - 1, κ = (e^{2βR} - 1)/R,

    .. math::
        \frac1R + \kappa + e^{2\beta R}\,\frac{m}{2n}\log\frac{1+m(1-\eta)}{\eta}
        \Big(1 + 4\beta + \tfrac32\beta\sqrt{\frac{2m}{1+m(1-\eta)}}\Big)

    Parameters
    ----------
    tolerance, late : number or Expr
        0 < η < ε <= 1: from γ = 1-η on, products that are at least 1-ε stay there.
    beta, n : number or Expr
        Inverse temperature β. Number of tokens.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    half = "half the tolerance is a usable late."
    tolerance = within(tolerance, "tolerance", Interval.Lopen(0, 1), half)
    late = within(late, "late", Interval.open(0, 1), half)
    beta, n = inverse_temperature(beta), whole_number(n, "n", 2)
    if (tolerance - late).is_nonpositive:
        raise ValueError(
            f"Expected late < tolerance but got tolerance={tolerance}, late={late}; {half}"
        )
    room, m = tolerance - late, n - 1
    end = 1 + m * (1 - late)
    hot = exp(2 * beta * room)
    area = m * (log(1 / late) + log(end)) / (2 * n)
    slope = 1 + 4 * beta + Rational(3, 2) * beta * sqrt(2 * m / end)
    return 1 / room + (hot - 1) / room + hot * area * slope


def orthonormal_radius(
    tolerance: Value, late: Value, beta: Value = symbols.beta, n: Value = symbols.n
) -> Expr:
    """Geodesic distance from an orthonormal system within which every start keeps to γ.

    ``e^{-A(1-η)}/(2 loss)``: if each token starts within it, ``|<x_i,x_j>(t) - γ(t)| <= ε`` for all
    pairs and all t >= 0; SA and USA.

    Parameters
    ----------
    tolerance, late : number or Expr
        The numbers ε and η, 0 < η < ε <= 1; any η will do, and some allow more than others.
    beta, n : number or Expr
        Inverse temperature β. Number of tokens.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Notes
    -----
    Source: extension; Theorem 6.9, (6.11).

    Examples
    --------
    >>> orthonormal_radius(Rational(1, 10), Rational(1, 100), 0, 2).evalf(3)
    0.0285
    """
    loss = nonlinear_loss(tolerance, late, beta, n)
    late = within(late, "late", Interval.open(0, 1), "half the tolerance is a usable late.")
    return exp(-curve_growth(1 - late, beta, n)) / (2 * loss)


def sufficient_dimension(
    tolerance: Value,
    late: Value,
    beta: Value = symbols.beta,
    n: Value = symbols.n,
    probability: Value = HALF,
) -> Expr:
    """Dimension d* from which on uniform tokens keep to γ with a probability.

    ``n(n-1)/(2(1-p) sin²θ)`` with θ of ``orthonormal_radius``: for d >= d*, all
    ``|<x_i,x_j>(t) - γ(t)| <= ε`` at all t >= 0 with probability >= p. It is of the first moments
    alone; ``numerics.high_dimension`` finds lower ones from the exact laws.

    Parameters
    ----------
    tolerance, late : number or Expr
        The numbers ε and η, 0 < η < ε <= 1.
    beta, n : number or Expr
        Inverse temperature β. Number of tokens.
    probability : number or Expr
        0 <= p < 1.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Notes
    -----
    Source: Theorem 6.9 with explicit constants (extension).
    """
    n, remedy = whole_number(n, "n", 2), "no dimension makes it certain."
    probability = within(probability, "probability", Interval.Ropen(0, 1), remedy)
    radius = orthonormal_radius(tolerance, late, beta, n)
    return n * (n - 1) / (2 * (1 - probability) * sin(radius) ** 2)
