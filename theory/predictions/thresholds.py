"""Thresholds of Theorems 4.3, 5.1 and 6.1, and the profile of (B.3) that Figure 6 draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Interval, Piecewise, S, acos, cos, exp, floor, log, oo, pi, sin, sqrt

from theory import symbols
from theory.predictions.arguments import (
    Value,
    choice,
    positive_number,
    real_temperature,
    whole_number,
    within,
)
from theory.summaries import Summarised


def small_beta_threshold(
    n: Value = symbols.n, least_mass: Value | None = None, form: str = "simple"
) -> Expr:
    """Below this β Theorem 4.3 holds for every d: ``log(n/(n-1))``, or ``-log(1 - min m)``.

    Parameters
    ----------
    n : number or Expr
        Number of tokens of equal mass, n >= 2.
    least_mass : number or Expr, optional
        The least mass, of a total of 1; takes the place of 1/n.
    form : {"simple", "largest"}
        ``simple``: those; ``largest``: ``½ log(k/(k-1))``, k = ⌊n/2⌋, or ``-½ log(1 - 2 min m)``,
        which the moves of one token give at most; infinite for two or three tokens of equal mass.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        If a number is out of range or the form is unknown.

    Notes
    -----
    Source: Theorem 4.3 with the explicit constant C = 1: β <= 1/n suffices. A local maximum then
    lies in an open hemisphere, because ``(e^{βc}-1)c <= e^β-1`` on [-1, 1]. The largest form is
    more than 1/(n-1).

    Examples
    --------
    >>> small_beta_threshold(2)
    log(2)
    >>> small_beta_threshold(4, form="largest")
    log(2)/2
    """
    choice(form, "form", ("simple", "largest"))
    if least_mass is None:
        n = whole_number(n, "n", 2)
        if form == "simple":
            return log(n / (n - 1))
        half = floor(n / 2)
        return oo if half == 1 else log(half / (half - 1)) / 2
    remedy = "divide the masses by their sum."
    least = within(least_mass, "least_mass", Interval.open(0, 1), remedy)
    if form == "simple":
        return -log(1 - least)
    return oo if least.is_number and least >= S.Half else -log(1 - 2 * least) / 2


def critical_angle(beta: Value = symbols.beta, d: Value = 2) -> Expr:
    """Angle τ*, the zero in (0, π/2) of :func:`hessian_profile`; decreasing in β.

    ``cos τ* = (-(d-1) + sqrt((d-1)² + 4β²))/(2β)``. Source: (B.3).

    Parameters
    ----------
    beta : number or Expr, optional
        Inverse temperature β.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> critical_angle(2).evalf(6), critical_angle(6).evalf(6)
    (0.674889, 0.402377)
    """
    beta, d = positive_number(beta, "beta"), whole_number(d, "d", 2)
    return acos((-(d - 1) + sqrt((d - 1) ** 2 + 4 * beta**2)) / (2 * beta))


def hessian_profile(tau: Value, beta: Value = symbols.beta, d: Value = 2) -> Expr:
    """``g(τ) = e^{β cos τ} ((d-1) cos τ - β sin² τ)`` of (B.3); Figure 6 for d = 2.

    Parameters
    ----------
    tau : number or Expr
        Angle τ between two tokens.
    beta : number or Expr, optional
        Inverse temperature β.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    tau = within(tau, "tau", S.Reals, "pass an angle in radians.")
    beta, d = real_temperature(beta), whole_number(d, "d", 2)
    return exp(beta * cos(tau)) * ((d - 1) * cos(tau) - beta * sin(tau) ** 2)


def large_beta_threshold(n: Value = symbols.n, d: Value = 2, form: str = "exact") -> Expr:
    """Above this β Theorem 5.1 holds.

    Parameters
    ----------
    n, d : number or Expr
        Number of tokens n >= 2 and dimension d >= 2.
    form : {"exact", "simple", "printed"}
        ``exact``: the β with ``(n-1) τ* = π``, which is 0 for n <= 3; ``simple``: the larger
        ``(d-1)(n-1)²/π²``; ``printed``: the β with ``(n-1) τ* = π/2`` that the printed proof needs.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Raises
    ------
    ValueError
        If a number is out of range or the form is unknown.

    Notes
    -----
    Source: Theorem 5.1 with explicit constants. ``(n-1) τ* <= π`` is enough because n points
    joined by a tree of n - 1 arcs shorter than τ* lie on a closed curve shorter than 2π, hence in
    an open hemisphere.

    Examples
    --------
    >>> [large_beta_threshold(n).evalf(6) for n in (4, 5, 6)]
    [0.666667, 1.41421, 2.34164]
    >>> large_beta_threshold(3)
    0
    """
    choice(form, "form", ("exact", "simple", "printed"))
    n, d = whole_number(n, "n", 2), whole_number(d, "d", 2)
    if form == "simple":
        return (d - 1) * (n - 1) ** 2 / pi**2
    if form == "printed":
        angle = pi / (2 * (n - 1))
        return (d - 1) * cos(angle) / sin(angle) ** 2
    if n.is_number and n <= 3:  # τ* < π/2 at every β
        return S.Zero
    angle = pi / (n - 1)
    bound = (d - 1) * cos(angle) / sin(angle) ** 2
    return bound if n.is_number else Piecewise((S.Zero, n <= 3), (bound, True))


@dataclass(frozen=True)
class ThresholdRow(Summarised):
    """What Theorems 4.3 and 5.1 are proved to cover for n tokens of equal mass in dimension d.

    Parameters
    ----------
    n, d : int
        Number of tokens. Dimension: points lie on the sphere of R^d.
    small, largest : Expr
        One cluster below: ``log(n/(n-1))``, and the largest β_0(n) of the argument.
    smallest, large : Expr
        One cluster above: the smallest β_1(n, d) of the argument, and ``(d-1)(n-1)²/π²``.
    """

    n: int
    d: int
    small: Expr
    largest: Expr
    smallest: Expr
    large: Expr


def threshold_table(tokens: Iterable[int], dimensions: Iterable[int]) -> tuple[ThresholdRow, ...]:
    """List the thresholds of Theorems 4.3 and 5.1 for numbers of tokens and dimensions.

    Parameters
    ----------
    tokens : sequence of int
        Numbers of tokens.
    dimensions : sequence of int
        Dimensions, whole numbers >= 2.

    Returns
    -------
    tuple of ThresholdRow
        A row a pair of n and d.

    Examples
    --------
    >>> [(row.n, row.largest, row.smallest) for row in threshold_table((3, 4), (2,))]
    [(3, oo, 0), (4, log(2)/2, 2/3)]
    """
    sizes, rooms = _several(tokens, "tokens"), _several(dimensions, "dimensions")
    return tuple(
        ThresholdRow(
            size,
            room,
            small_beta_threshold(size),
            small_beta_threshold(size, form="largest"),
            large_beta_threshold(size, room),
            large_beta_threshold(size, room, "simple"),
        )
        for size in sizes
        for room in rooms
    )


def _several(given: Any, name: str) -> tuple[Any, ...]:
    """Read a sequence of numbers."""
    try:
        return tuple(given)
    except TypeError:
        words = f"Expected a sequence of numbers but got {name}={given}; write ({given},)."
        raise ValueError(words) from None


def saddle_bracket(inner_product: Value, beta: Value = symbols.beta, d: Value = symbols.d) -> Expr:
    """``d - 2 - G + β(1 - G²)``: the factor whose sign decides Theorem 6.1.

    ``Σ_z Hess[Pz, Pz] = Σ_{i≠j} K_ij (1-G_ij) (d - 2 - G_ij + β(1 - G_ij²))``, which is positive
    off consensus for d >= 3. Source: Theorem 6.1 (extension); z runs over an orthonormal basis.

    Parameters
    ----------
    inner_product : number or Expr
        Common inner product G.
    beta : number or Expr, optional
        Inverse temperature β.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    remedy = "it is one of unit vectors."
    g = within(inner_product, "inner_product", Interval(-1, 1), remedy)
    beta, d = real_temperature(beta), whole_number(d, "d", 2)
    return d - 2 - g + beta * (1 - g**2)
