"""Wendel's probability of an open hemisphere (Theorem 6.7), and the dimension of Theorem 6.9."""

from __future__ import annotations

from sympy import Integer, Rational, S, binomial

from theory.predictions.arguments import MOST, Value, whole_number


def wendel_probability(n: Value, d: Value) -> Rational:
    """Probability that n independent uniform points of S^{d-1} lie in an open hemisphere.

    Exact, and 1 if and only if d >= n. Source: Theorem 6.7.

    Parameters
    ----------
    n : number or Expr
        Number of points.
    d : number or Expr
        Dimension: points lie on the sphere of R^d.

    Returns
    -------
    Rational
        The probability.

    Raises
    ------
    ValueError
        If n or d is not a whole number >= 1.

    Examples
    --------
    >>> wendel_probability(4, 2), wendel_probability(6, 3), wendel_probability(3, 3)
    (1/2, 1/2, 1)
    """
    n, d = whole_number(n, "n", 1), whole_number(d, "d", 1)
    if not (n.is_Integer and d.is_Integer):
        raise ValueError(f"Expected numbers but got n={n}, d={d}; the sum needs its length.")
    if d >= n:
        return S.One
    n = whole_number(n, "n", 1, MOST)
    return sum((binomial(n - 1, k) for k in range(int(d))), S.Zero) / 2 ** (n - 1)


def theorem_6_9_dimension(n: Value) -> Integer:
    """Dimension up to which the printed probability of Theorem 6.9 is not positive.

    ``1 - 2 n² d^{-1/64} > 0`` if and only if ``d > (2 n²)^{64}``.

    Parameters
    ----------
    n : number or Expr
        Number of tokens.

    Returns
    -------
    Integer
        The dimension.

    Examples
    --------
    >>> theorem_6_9_dimension(2) == 2**192
    True
    """
    return (2 * whole_number(n, "n", 1) ** 2) ** 64
