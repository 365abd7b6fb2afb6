"""Where Problem 3 fails below zero: clusters of a, b, b tokens at 0, φ, -φ, and their β.

Two statements share this: that they fail there, and that nothing fails above.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from sympy import Expr, Rational, Symbol, exp, lambdify

C = Symbol("c", negative=True)
"""cos φ, φ the angle from the lone cluster to each of the pair."""
DOUBLE = 2 * C**2 - 1
"""cos 2φ."""
SIDEWAYS = C / (1 - C**2)
"""β at which g(φ) = 0: the lone cluster may move sideways."""
BREATHING = 1 / (C * (1 - 4 * C))
"""β at which a g(φ) + 2b g(2φ) = 0 where the clusters balance: the pair may part."""


@dataclass(frozen=True)
class Failure:
    """Three clusters that are critical, no direction ascending to second order, at one β < 0.

    Attributes
    ----------
    lone, pair : int
        Tokens of the cluster at 0 and of each of the two at ±φ.
    hot : Expr
        β in ``C``.
    value : Rational
        β, to six places.
    """

    lone: int
    pair: int
    hot: Expr
    value: Rational

    @property
    def tokens(self) -> int:
        """How many tokens there are."""
        return self.lone + 2 * self.pair


FAILURES = (
    Failure(1, 1, SIDEWAYS, Rational(-2, 3)),
    Failure(2, 1, BREATHING, Rational(-2212428, 10**6)),
    Failure(1, 2, SIDEWAYS, Rational(-1442905, 10**6)),
    Failure(2, 2, SIDEWAYS, Rational(-2, 3)),
    Failure(1, 3, SIDEWAYS, Rational(-1716912, 10**6)),
)


def balance(lone: int, pair: int, hot: Expr) -> Expr:
    """Return the force on a cluster of the pair, over sin φ e^{βc}, in ``C``."""
    return lone + 2 * pair * C * exp(hot * (DOUBLE - C))


def balanced(force: Expr) -> list[float]:
    """Return the cosines at which a force changes its sign, from -1 up, in floats."""
    at = lambdify(C, force, "numpy")
    grid = np.linspace(-0.9993, -0.0503, 400)
    with np.errstate(over="ignore"):
        values = at(grid)
        found = np.flatnonzero(values[:-1] * values[1:] < 0)
    return [float(brentq(at, grid[k], grid[k + 1], xtol=1e-15)) for k in found]
