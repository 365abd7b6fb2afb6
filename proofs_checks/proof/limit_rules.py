"""Rules on limits: of equations whose coefficients have limits, and of starts that are null.

`rules` has the others; all are listed there.
"""

from __future__ import annotations

from typing import Any

from sympy import simplify, sympify

from proofs_checks.proof.rule import Rule, unconditional
from theory.symbols import z


def _rises_inside(rate: Any) -> str:
    """Say that a rate isn't κ(1-g²) or a positive multiple of it."""
    share = simplify(sympify(rate) / (1 - z**2))
    return "" if share.is_positive else f"{rate} isn't positive on (-1, 1) and 0 at the ends"


def _expands(growth: Any) -> str:
    return "" if sympify(growth).is_positive else f"the growth {growth} isn't positive"


def _damped(rate: Any) -> str:
    return "" if sympify(rate).is_positive else f"the rate {rate} isn't positive"


def _one_point(points: Any, codimension: Any) -> str:
    """Say that sections may hold more than countably many points, or fill the factor."""
    if sympify(points).is_finite is not True:
        return f"a section of {points} points"
    known = (sympify(codimension) - 1).is_nonnegative
    return "" if known else f"the codimension {codimension} isn't shown >= 1"


ENDS = Rule(
    "one of two ends",
    "-1 <= g <= 1, g' >= f(g) - ε(t), ε -> 0, f continuous, f > 0 on (-1, 1), f(±1) = 0: g -> 1 or "
    "g -> -1",
    "for η < 1, g' >= min f/2 on |g| <= η from some time on, so that g, once above -η, is above η "
    "soon and for ever",
    3,
    _rises_inside,
)


REPELLED = Rule(
    "a repelling limit",
    "x' = F(x,t), F -> F* in C^1 near p, F*(p) = 0, <v, DF*(p) v> >= λ |v|², λ > 0: at most one "
    "solution tends to p",
    "two that stay in a small ball around p part like e^{λ(t-s)/2} at least; Teschl, Theorem 2.8",
    3,
    _expands,
)


SECTIONS = Rule(
    "null by sections",
    "a Borel set of starts (x_1, …, x_k) in which, for given x_1, …, x_{k-1}, there are at most "
    "finitely many x_k of S^{d-1}, d >= 2, is null",
    "Tonelli: points are null on a sphere of dimension >= 1",
    1,
    _one_point,
)


FORCED = Rule(
    "limit of a forced equation",
    "y' = -(λ + o(1)) y + b(t), λ > 0, b -> b*: y -> b*/λ",
    "variation of constants; Coppel, Stability and Asymptotic Behavior, Chapter III",
    2,
    _damped,
)


INTEGRABLE = Rule(
    "integrable perturbation",
    "y' = E(t) y, ∫|E| dt < ∞: y has a limit, which isn't 0 unless y = 0",
    "Levinson; Teschl, Problem 3.41: Grönwall forwards and backwards",
    2,
    unconditional,
)


LIMIT_RULES = (ENDS, REPELLED, SECTIONS, FORCED, INTEGRABLE)
