"""Energies of codes, and the extremal values of (3.5) over all measures (A.11).

The uniform measure and Dirac masses (Proposition 3.4); simplex, cross-polytope, icosahedron and
polygon.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, S, cos, exp, pi, sqrt

from theory import symbols
from theory.predictions.arguments import (
    TERMS,
    Value,
    inverse_temperature,
    positive_number,
    whole_number,
)
from theory.predictions.modes import gegenbauer_coefficient
from theory.summaries import Summarised


def energy_minimum(beta: Value = symbols.beta, d: Value = symbols.d, mass: Value = 1) -> Expr:
    """Least interaction energy of a measure of the given mass: that of the uniform measure.

    Zero at β = 0, where the energy is the limit of ``E - mass²/(2β)``.

    Parameters
    ----------
    beta : number or Expr, optional
        Inverse temperature β.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.
    mass : number or Expr, optional
        Total mass, 1 for probabilities.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Notes
    -----
    Source: Proposition 3.4.

    Examples
    --------
    >>> energy_minimum(d=2)
    besseli(0, beta)/(2*beta)
    """
    mass = positive_number(mass, "mass")
    beta = inverse_temperature(beta)
    if beta.is_zero:
        return S.Zero
    return mass**2 * gegenbauer_coefficient(0, beta, d) / (2 * beta)


def energy_maximum(beta: Value = symbols.beta, mass: Value = 1) -> Expr:
    """Greatest interaction energy of a measure of the given mass: that of a point mass.

    At β = 0 the energy is the limit of ``E - mass²/(2β)``, and its maximum ``mass²/2``.

    Parameters
    ----------
    beta : number or Expr, optional
        Inverse temperature β.
    mass : number or Expr, optional
        Total mass, 1 for probabilities.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Notes
    -----
    Source: Proposition 3.4.

    Examples
    --------
    >>> energy_maximum()
    exp(beta)/(2*beta)
    """
    mass = positive_number(mass, "mass")
    beta = inverse_temperature(beta)
    if beta.is_zero:
        return mass**2 / 2
    return mass**2 * exp(beta) / (2 * beta)


def simplex_energy(n: Value = symbols.n, beta: Value = symbols.beta) -> Expr:
    """Energy of n equal atoms at the vertices of a regular simplex (n <= d + 1).

    The minimum over all n-point configurations: by Jensen's inequality the off-diagonal sum is
    least where all inner products are ``-1/(n-1)``. Source: Section 9.1 (extension).

    Parameters
    ----------
    n : number or Expr, optional
        Number of atoms.
    beta : number or Expr, optional
        Inverse temperature β.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> simplex_energy(2)
    (2*exp(beta) + 2*exp(-beta))/(8*beta)
    """
    n, beta = whole_number(n, "n", 2), positive_number(beta, "beta")
    return _code_energy(n, beta, n * (n - 1) * exp(-beta / (n - 1)))


def cross_polytope_energy(d: Value = symbols.d, beta: Value = symbols.beta) -> Expr:
    """Energy of 2d equal atoms at ±e_1, …, ±e_d. Source: Section 9.1 (extension).

    Parameters
    ----------
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.
    beta : number or Expr, optional
        Inverse temperature β.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    d, beta = whole_number(d, "d", 1), positive_number(beta, "beta")
    return _code_energy(2 * d, beta, 2 * d * (exp(-beta) + 2 * d - 2))


def icosahedron_energy(beta: Value = symbols.beta) -> Expr:
    """Energy of 12 equal atoms at an icosahedron's vertices. Source: Section 9.1 (extension).

    Parameters
    ----------
    beta : number or Expr, optional
        Inverse temperature β.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    beta = positive_number(beta, "beta")
    near = exp(beta / sqrt(5)) + exp(-beta / sqrt(5))
    return _code_energy(Integer(12), beta, 12 * (exp(-beta) + 5 * near))


def polygon_energy(n: Value, beta: Value = symbols.beta) -> Expr:
    """Energy of n equal atoms at the vertices of a regular n-gon, a finite sum.

    Equal to ``Σ_{j ≡ 0 mod n} I_j(β)/(2β)``. Source: Section 9.1 (extension).

    Parameters
    ----------
    n : number or Expr
        Number of atoms.
    beta : number or Expr, optional
        Inverse temperature β.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    n, beta = whole_number(n, "n", 1, TERMS), positive_number(beta, "beta")
    if not n.is_Integer:
        raise ValueError(f"Expected a number of vertices but got n={n}; the sum needs a number.")
    pairs = sum((exp(beta * cos(2 * pi * b / n)) for b in range(1, int(n))), S.Zero)
    return _code_energy(n, beta, n * pairs)


def _code_energy(n: Expr, beta: Expr, pairs: Expr) -> Expr:
    """``(n e^β + S)/(2β n²)``, S the sum over ordered pairs of different atoms."""
    return (n * exp(beta) + pairs) / (2 * beta * n**2)


@dataclass(frozen=True)
class EnergyBounds(Summarised):
    """Infimum and supremum of an energy over all probability measures, and where they are taken.

    Parameters
    ----------
    minimum : Expr
        Least energy.
    maximum : Expr
        Greatest energy.
    minimiser : str
        A measure that takes the minimum.
    maximiser : str
        A measure that takes the maximum.
    """

    minimum: Expr
    maximum: Expr
    minimiser: str
    maximiser: str


def energy_bounds() -> EnergyBounds:
    """Exact minimum and maximum of (3.5) over probabilities on S^{d-1}, β > 0 (Proposition 3.4).

    The minimum is taken at the uniform measure and the maximum at Dirac masses.

    Returns
    -------
    EnergyBounds
        Both bounds, and where they are taken.
    """
    return EnergyBounds(energy_minimum(), energy_maximum(), "uniform measure", "Dirac masses")
