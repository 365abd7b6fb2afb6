"""Rates of the linearised flow at consensus, antipodal states and regular polygons."""

from __future__ import annotations

from typing import TypeAlias

from sympy import Expr, S, cos, exp, pi

from theory import symbols
from theory.predictions.arguments import (
    TERMS,
    Dynamics,
    Value,
    is_sa,
    positive_number,
    real_temperature,
    whole_number,
)
from theory.predictions.thresholds import hessian_profile

Spectrum: TypeAlias = tuple[tuple[Expr, Expr], ...]
"""Pairs (rate, multiplicity); rates of the linearised flow, positive means unstable."""


def consensus_rates(
    n: Value = symbols.n,
    d: Value = symbols.d,
    beta: Value = symbols.beta,
    model: Dynamics = "SA",
    mass: Value = 1,
) -> Spectrum:
    """Linearisation at consensus: -1 (SA) or ``-M e^β`` (USA), and 0 from rotations.

    Source: Remark 6.5.

    Parameters
    ----------
    n : number or Expr, optional
        Number of tokens.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.
    beta : number or Expr, optional
        Inverse temperature β.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.
    mass : number or Expr, optional
        Total mass, 1 for probabilities.

    Returns
    -------
    Spectrum
        Eigenvalues with their multiplicities.

    Examples
    --------
    >>> consensus_rates(model="USA")
    ((-exp(beta), (d - 1)*(n - 1)), (0, d - 1))
    """
    n, d = whole_number(n, "n", 1), whole_number(d, "d", 2)
    rate = (
        S.NegativeOne
        if is_sa(model)
        else -positive_number(mass, "mass") * exp(real_temperature(beta))
    )
    return ((rate, (n - 1) * (d - 1)), (S.Zero, d - 1))


def antipodal_rates(
    p: Value,
    q: Value,
    d: Value = symbols.d,
    beta: Value = symbols.beta,
    model: Dynamics = "SA",
) -> Spectrum:
    """Linearisation at p tokens in one point and q in the opposite one, equal masses.

    In this order: the relative mode, the modes inside the p-cluster and inside the q-cluster,
    rotations. Source: the Jacobian at the antipodal critical points of Lemma A.2 (extension).

    Parameters
    ----------
    p : number or Expr
        Number of tokens at the point.
    q : number or Expr
        Number of tokens at the antipode.
    d : number or Expr, optional
        Dimension: points lie on the sphere of R^d.
    beta : number or Expr, optional
        Inverse temperature β.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.

    Returns
    -------
    Spectrum
        Eigenvalues with their multiplicities.

    Examples
    --------
    >>> antipodal_rates(1, 1, 2, model="USA")
    ((exp(-beta), 1), (0, 1))
    """
    p, q, d = whole_number(p, "p", 1), whole_number(q, "q", 1), whole_number(d, "d", 2)
    beta = real_temperature(beta)
    near, far, n = exp(beta), exp(-beta), p + q
    if is_sa(model):
        z_p, z_q = p * near + q * far, q * near + p * far
    else:
        z_p = z_q = n
    # The relative rate is e^{-β}(q/z_p + p/z_q); with z = n that is e^{-β}.
    relative = far * (q / z_p + p / z_q) if is_sa(model) else far
    found = (
        (relative, d - 1),
        (-(p * near - q * far) / z_p, (p - 1) * (d - 1)),
        (-(q * near - p * far) / z_q, (q - 1) * (d - 1)),
        (S.Zero, d - 1),
    )
    return tuple((rate, count) for rate, count in found if count != 0)


def polygon_mode_rate(
    mode: Value, k: Value, beta: Value = symbols.beta, model: Dynamics = "SA"
) -> Expr:
    """Rate μ_p of cluster mode p when k equal clusters sit at the vertices of a regular k-gon.

    ``-(1/k) Σ_b g(2πb/k)(1 - cos(2πpb/k))`` for USA with g of (B.1); SA divides by
    ``(1/k) Σ_b e^{β cos(2πb/k)}``. Mode 0 is the rotation.
    Source: the circulant Hessian (B.2) (extension).

    Parameters
    ----------
    mode : number or Expr
        Number of the mode, >= 0.
    k : number or Expr
        Number of clusters, >= 2.
    beta : number or Expr, optional
        Inverse temperature β.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.

    Examples
    --------
    >>> polygon_mode_rate(1, 2, model="USA")
    exp(-beta)
    """
    mode, k, beta = whole_number(mode, "mode", 0), _clusters(k), real_temperature(beta)
    terms = (
        hessian_profile(2 * pi * b / k, beta) * (cos(2 * pi * mode * b / k) - 1)
        for b in range(int(k))
    )
    rate = sum(terms, S.Zero) / k
    return rate / _polygon_weight(k, beta) if is_sa(model) else rate


def polygon_splitting_rate(k: Value, beta: Value = symbols.beta, model: Dynamics = "SA") -> Expr:
    """Rate of the modes that split a cluster of the k-gon, negative.

    Of multiplicity n - k for n tokens. Source: as :func:`polygon_mode_rate`.

    Parameters
    ----------
    k : number or Expr
        Number of clusters, >= 2.
    beta : number or Expr, optional
        Inverse temperature β.
    model : str or Model, optional
        "SA" or "USA", or a model of the same velocity.

    Returns
    -------
    Expr
        The value, exact, in the symbols given.
    """
    k, beta = _clusters(k), real_temperature(beta)
    terms = (hessian_profile(2 * pi * b / k, beta) for b in range(int(k)))
    rate = -sum(terms, S.Zero) / k
    return rate / _polygon_weight(k, beta) if is_sa(model) else rate


def _clusters(k: Value) -> Expr:
    """Read a number of clusters, of which the sum has as many terms."""
    number = whole_number(k, "k", 2, TERMS)
    if not number.is_Integer:
        raise ValueError(f"Expected a number of clusters but got k={k}; the sum needs a number.")
    return number


def _polygon_weight(k: Expr, beta: Expr) -> Expr:
    return sum((exp(beta * cos(2 * pi * b / k)) for b in range(int(k))), S.Zero) / k
