"""(D.9) dimensions: how high a dimension the threshold of (D.9) asks for.

How it is proved
----------------
γ(1/n) is enclosed by its T(γ), and log(d/log d) less its bound half a digit beside the decimals.
Certificates on the least dimensions are checked in balls.

References
----------
arXiv 2312.10794, Appendix D, (D.9); Theorem 6.9.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Rational, Symbol, log

from numerics.equiangular import equiangular_gamma
from proofs_checks.certificates import certify_dimension, enclosure_of
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Step,
    accepted,
    as_rational,
    derived,
    enclosure_ends,
    gap,
    leaves_sphere,
    not_asked,
    off_curve,
    six_digits,
)
from theory.derivations import circle_angles
from theory.models import SA, USA
from theory.predictions import equiangular_time


@dataclass(frozen=True)
class Dimensions:
    """Least dimension of (D.9): ``d/log d >= factor e^{2 rate max(1, β)}/γ_β(1/n)²``.

    Attributes
    ----------
    table : tuple of (n, β, decimals of log10 d)
    factor, rate : int
    """

    table: tuple[tuple[int, int, str], ...]
    factor: int = 16
    rate: int = 10


def _curve(flow: Flow) -> str:
    """Name of the equation, (6.9) or (6.10), that the flow's γ is compared with."""
    return "SA" if circle_angles(flow.model).normaliser is not None else "USA"


def _unit(decimals: str) -> Expr:
    return Rational(1, 2 * 10 ** len(decimals.partition(".")[2]))


def _sides(
    name: str, prediction: Dimensions, row: tuple[int, int, str]
) -> tuple[tuple[Expr, Expr], ...] | None:
    """Enclose log(d/log d) less its bound half a digit below and above; None if γ escapes."""
    size, hot, decimals = row
    inside = Symbol("inner", positive=True)
    curve = equiangular_time(inside, hot, size, name) - Rational(1, size)
    guess = Fraction(float(equiangular_gamma(1 / size, float(hot), size, name)))
    low, high = (as_rational(guess * (1 + Fraction(sign, 10**9))) for sign in (-1, 1))
    early, late = (enclosure_ends(curve, {inside: value}) for value in (low, high))
    if not early[1] < 0 < late[0]:
        return None
    need = log(prediction.factor) + 2 * prediction.rate * max(1, hot)
    logs = [(Rational(decimals) + sign * _unit(decimals)) * log(10) for sign in (-1, 1)]
    return tuple(
        enclosure_ends(u - log(u) - need + 2 * log(value))
        for u, value in zip(logs, (high, low), strict=True)
    )


def refute_dimensions(
    flow: Flow, prediction: Dimensions | None, budget: Budget
) -> Counterexample | None:
    """Find a flow with another γ, or a row whose decimals are wrong."""
    if prediction is None:
        return None
    found = leaves_sphere(flow.model, budget.rng) or off_curve(flow.model, _curve(flow))
    if found:
        return Counterexample(found)
    for row in prediction.table:
        sides = _sides(_curve(flow), prediction, row)
        if sides is not None and (sides[0][0] > 0 or sides[1][1] < 0):
            return Counterexample(
                f"{_curve(flow)}, n = {row[0]}, β = {row[1]}: log(d/log d) less its bound at "
                f"log10 d = {row[2]} is {six_digits(sides[0][0])}"
            )
    return None


def _certified(name: str, prediction: Dimensions, row: tuple[int, int, str]) -> Step:
    """Find the least dimension of a row in the interval that its decimals mean."""
    size, hot, decimals = row
    text = f"n = {size}, β = {hot}: the least d is 10^{decimals}, rounded"
    sides = _sides(name, prediction, row)
    if sides is None or not sides[0][1] < 0 < sides[1][0]:
        return gap(text, "the enclosures are too loose")
    certificate = certify_dimension(hot, size)
    low, high = (as_rational(end) for end in enclosure_of(certificate))
    if not abs(low - Rational(decimals)) < _unit(decimals) > abs(high - Rational(decimals)):
        return gap(text, f"log10 d in [{low}, {high}]")
    return accepted(text, certificate, f"log10 d in [{low.evalf(9)}, {high.evalf(9)}]")


def decide_dimensions(flow: Flow, prediction: Dimensions) -> Sheet:
    """Certify the rows, γ(1/n) being enclosed by its T(γ)."""
    steps = [derived(f"γ' is that of {_curve(flow)}", off_curve(flow.model, _curve(flow)) or 0)]
    steps += [_certified(_curve(flow), prediction, row) for row in prediction.table]
    rows = "; ".join(f"n = {a}, β = {b}: 10^{c}" for a, b, c in prediction.table)
    scope = {"n": "2, 32", "beta": "0, 1, 9"}
    return Sheet(tuple(steps), scope, summary=f"(D.9) asks for d at least {rows}")


LEAST_DIMENSIONS: Statement[Dimensions] = Statement(
    "",
    "the least dimensions that (D.9) asks for",
    decide_dimensions,
    not_asked,
    refute_dimensions,
)


_TABLE = (
    (2, 0, "12.002"),
    (2, 1, "12.423"),
    (2, 9, "89.508"),
    (32, 1, "16.920"),
    (32, 9, "91.932"),
)


DIMENSIONS = Claim(
    "(D.9) dimensions",
    "Theorem 6.9 thresholds: d/log d >= 16 c²/γ(1/n)² needs log10 d >= 12.002 (n = 2, β = 0) etc.",
    SA,
    Dimensions(_TABLE),
    LEAST_DIMENSIONS,
    (
        Control("16 -> 4", prediction=Dimensions(_TABLE, factor=4)),
        Control("c = e^{10 max} -> e^{9 max}", prediction=Dimensions(_TABLE, rate=9)),
        Control("γ of USA", model=USA),
        Control("last digit", prediction=Dimensions((*_TABLE[:4], (32, 9, "91.933")))),
    ),
    Verdict.CERTIFIED,
    origin="extension",
)


CLAIMS = (DIMENSIONS,)
