"""Contraction of a cone (Lemma 6.4): its opening r0, the rate λ and the constant C."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Interval, Matrix, SympifyError, exp, ones, sqrt

from theory import symbols
from theory.predictions.arguments import (
    Dynamics,
    Value,
    is_sa,
    positive_number,
    score_bound,
    within,
)

_OPENING = Interval.Lopen(0, 1)
_ROUNDING = 1e-9  # what rounding leaves of a unit diagonal in floating point, and much more


def cone_opening(gram: Any) -> Expr:
    """``r0 = (1ᵀ G⁻¹ 1)^{-1/2}``: the common cosine of independent rows to one unit vector w.

    ``w = r0 Xᵀ G⁻¹ 1`` has ``<x_i, w> = r0`` for every i.
    Source: Theorem 6.3 with explicit constants (extension).

    Parameters
    ----------
    gram : matrix, shape (n, n)
        Positive definite Gram matrix with unit diagonal.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        If the matrix is not square and symmetric with a unit diagonal, or not positive definite.

    Examples
    --------
    >>> cone_opening([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    sqrt(3)/3
    """
    try:
        matrix = Matrix(gram)
    except (TypeError, ValueError, SympifyError, NotImplementedError):
        raise ValueError(f"Expected a Gram matrix but got gram={gram}; pass X*X.T.") from None
    if matrix.rows != matrix.cols or matrix.rows == 0:
        raise ValueError(
            f"Expected a square Gram matrix but got gram of shape {matrix.shape}; pass X*X.T."
        )
    tilted = any(abs(x) > _ROUNDING for x in matrix - matrix.T if x.is_number)
    lengths = any(abs(x - 1) > _ROUNDING for x in matrix.diagonal() if x.is_number)
    if tilted or lengths:
        raise ValueError(
            f"Expected a symmetric Gram matrix of unit vectors but got gram={gram}; divide each "
            "row by its length, and pass X*X.T."
        )
    if matrix.det() == 0:
        raise ValueError(
            f"Expected independent rows but got gram={gram} of determinant 0; "
            "find a direction w with <x_i, w> > 0 by linear programming."
        )
    if matrix.is_positive_definite is False:
        raise ValueError(
            f"Expected a positive definite Gram matrix but got gram={gram}; no vectors have these "
            "inner products."
        )
    column = ones(matrix.rows, 1)
    form = (column.T * matrix.LUsolve(column))[0, 0]
    return 1 / sqrt(form)


def cone_rate(
    opening: Value,
    beta: Value = symbols.beta,
    model: Dynamics = "SA",
    mass: Value = 1,
    norm: Value | None = None,
) -> Expr:
    """Rate λ of Lemma 6.4: tokens with ``<x_i, w> >= r0`` meet at least like ``e^{-λt}``.

    ``r0 e^{-2β}`` for SA and ``M r0 e^{-β}`` for USA of total mass M; with query and key matrices
    and V = I, ``r0 e^{-2|β||QᵀK|}`` and ``M r0 e^{-|β||QᵀK|}``.

    Parameters
    ----------
    opening : number or Expr
        ``0 < r0 <= 1``, the least ``<x_i, w>`` at the start, such as :func:`cone_opening`.
    beta : number or Expr
        Inverse temperature, β >= 0; of either sign with a norm.
    model : {"SA", "USA"} or Model
    mass : number or Expr
        Total mass M (SA does not depend on it).
    norm : number or Expr, optional
        Operator norm of QᵀK, or a bound of it; left out for Q = K = I.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Notes
    -----
    Source: Lemma 6.4 and Theorem 6.3 with explicit constants. The bound is on the diameter in
    gnomonic coordinates, which bounds every ``|x_i - x*|``; its factor is :func:`cone_constant`.

    Examples
    --------
    >>> cone_rate(1)
    exp(-2*beta)
    >>> cone_rate(1, beta=-3, norm=2)
    exp(-12)
    """
    opening, mass = _cosine(opening), positive_number(mass, "mass")
    reach = score_bound(beta, norm)
    return opening * exp(-2 * reach) if is_sa(model) else mass * opening * exp(-reach)


def cone_constant(opening: Value) -> Expr:
    """C of Lemma 6.4, ``2 sqrt(r0^{-2} - 1)``: ``|x_i(t) - x*| <= C e^{-λt}``.

    Parameters
    ----------
    opening : number or Expr
        Least cosine r0 to the pole, in (0, 1].

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    return 2 * sqrt(_cosine(opening) ** -2 - 1)


def _cosine(opening: Value) -> Expr:
    """Read the least cosine of the tokens to the pole of their open hemisphere."""
    return within(opening, "opening", _OPENING, "pass the least <x_i, w>, |w| = 1.")
