"""From which dimension on uniform tokens follow γ(t), by the exact laws of Gram-Schmidt.

The closed form of ``theory.predictions.sufficient_dimension`` needs first moments alone; here the
squared projections of a token on the earlier ones have their Beta laws, and are independent. Tokens
in any dimension can be drawn as n numbers each, as only inner products matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import betainc
from sympy import Float, Symbol, lambdify

from numerics.arguments import FloatArray, check_whole
from numerics.equiangular import equiangular_time
from theory.predictions import orthonormal_radius, sufficient_dimension

__all__ = [
    "HighDimension",
    "draw_frames",
    "least_dimension",
    "log_dimension_at_rate",
    "near_probability",
]

_PARTS = 100
"""Into so many parts the tolerance is divided to choose when the late part begins."""


def near_probability(radius: float, n: int, d: float) -> float:
    """Probability that Gram-Schmidt moves no one of n uniform tokens by more than an angle.

    The product of the Beta(i/2, (d-i)/2) laws, i < n, at sin² of the angle. Source: (D.5).

    Parameters
    ----------
    radius : float
        The angle, 0 to π/2.
    n, d : int
        n tokens, d >= n; d may be beyond all doubles' whole numbers.
    """
    order = np.arange(1, n)
    return float(np.prod(betainc(order / 2, (float(d) - order) / 2, math.sin(radius) ** 2)))


@dataclass(frozen=True)
class HighDimension:
    """A dimension from which on tokens follow γ(t) with a probability.

    Attributes
    ----------
    dimension : int
        Every d from it on will do. Rounded up to three digits.
    radius : float
        How far each token may be from an orthonormal system.
    share : Fraction
        η/ε: where the late part begins.
    moments : float
        What first moments alone would ask for.
    """

    dimension: int
    radius: float
    share: Fraction
    moments: float


def least_dimension(
    n: int, beta: float, tolerance: float = 0.1, probability: float = 0.5
) -> HighDimension:
    """Find d from which on ``|<x_i,x_j>(t) - γ(t)| <= tolerance`` for all pairs and times.

    With the given probability at least, for n uniform tokens of SA or USA. The bound is rigorous
    up to rounding; it is not the least d for which it is true.

    Parameters
    ----------
    n : int
        2 or more.
    beta : float
        0 or more.
    tolerance : float
        Above 0, at most 1.
    probability : float
        Above 0, below 1.

    Notes
    -----
    Source: Theorem 6.9 with explicit constants (extension).

    Examples
    --------
    >>> least_dimension(2, 0.0, 0.5).dimension
    37
    """
    check_whole(n, "n", 2)
    if not beta >= 0 or not 0 < tolerance <= 1 or not 0 < probability < 1:
        raise ValueError(
            f"Expected β >= 0, 0 < tolerance <= 1 and 0 < probability < 1 but got beta={beta}, "
            f"tolerance={tolerance}, probability={probability}; give others."
        )
    late, exact = Symbol("late", positive=True), Float(beta)
    shares = np.arange(1, _PARTS) / _PARTS
    at = lambdify(late, orthonormal_radius(tolerance, late, exact, n), "numpy")
    radii = np.asarray(at(tolerance * shares))
    place = int(np.argmax(radii))
    radius = float(radii[place])
    if not radius > 1e-150:
        raise ValueError(f"Expected a smaller β but got beta={beta}; d has over 300 digits.")
    bound = sufficient_dimension(tolerance, tolerance * float(shares[place]), exact, n, probability)
    low, high = math.log(n), math.log(max(float(bound), n) + 1)
    while high - low > 1e-6:
        middle = (low + high) / 2
        if near_probability(radius, n, math.exp(middle)) >= probability:
            high = middle
        else:
            low = middle
    share = Fraction(place + 1, _PARTS)
    return HighDimension(_three_digits(math.exp(high)), radius, share, float(bound))


def log_dimension_at_rate(
    n: int, beta: float, rate: float, tolerance: float = 0.1, probability: float = 0.5
) -> float:
    """Find log10 d by a constant rate of growth without n, for comparison; SA.

    Starts within ``(ε-η) e^{-rate T(1-η)}/2`` of an orthonormal system keep to γ within ε, and
    first moments say from which d on uniform tokens are there. It has a million digits soon.

    Parameters
    ----------
    n, beta, tolerance, probability
        As for `least_dimension`.
    rate : float
        At which distances of two solutions grow at most.
    """
    late = tolerance * np.arange(1, _PARTS) / _PARTS
    time = np.asarray(equiangular_time(1 - late, beta, n, "SA"))
    radius = float(np.max(np.log((tolerance - late) / 2) - rate * time))
    places = math.log(n * (n - 1) / (2 * (1 - probability)))
    sine = math.log(math.sin(math.exp(radius))) if radius > -300 else radius
    return (places - 2 * sine) / math.log(10)


def _three_digits(value: float) -> int:
    """Round up to a whole number of at most three digits that aren't 0."""
    whole = math.ceil(value)
    unit = 10 ** max(len(str(whole)) - 3, 0)
    return -(-whole // unit) * unit


def draw_frames(count: int, n: int, d: float, rng: np.random.Generator) -> FloatArray:
    """Draw systems of n uniform tokens of S^{d-1}, d >= n, in coordinates that Gram-Schmidt finds.

    Row i has i coordinates that aren't 0: i - 1 normal ones and a χ of the others together. Inner
    products have the law that they have in R^d, whatever d is.

    Returns
    -------
    ndarray, shape (count, n, n)
    """
    rows = np.tril(rng.standard_normal((count, n, n)), -1)
    rest = np.sqrt(rng.chisquare(float(d) - np.arange(n), (count, n)))
    points = rows + rest[..., None] * np.eye(n)
    lengths = np.linalg.norm(points, axis=-1, keepdims=True)
    drawn: FloatArray = points / lengths
    return drawn
