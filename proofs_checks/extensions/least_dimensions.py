"""(D.9) dimensions: how high a dimension the threshold of (D.9) asks for.

How it is proved
----------------
A theorem: T(γ) of Theorem 6.8 is enclosed beside the double of γ(1/n), and d/log d, which rises,
half a digit beside the decimals of d.

References
----------
arXiv 2312.10794, Appendix D, (D.9); Theorem 6.9.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from sympy import Expr, Integer, Rational, Symbol, exp, log

from numerics.equiangular import equiangular_gamma
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    Counterexample,
    Flow,
    Statement,
    as_rational,
    enclosure_ends,
    leaves_sphere,
    not_asked,
    off_curve,
    six_digits,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    conjunction,
    dimension_from,
    sight_in,
    times,
)
from theory.derivations import circle_angles
from theory.models import SA, USA, Model
from theory.predictions import equiangular_rate, equiangular_time
from theory.symbols import beta

OFF = Rational(1, 10**12)
"""How near the decimals of γ(1/n) are to it."""


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


def _cold_and_warm(model: Model, prediction: Dimensions) -> tuple[tuple[Model, Dimensions], ...]:
    """Tell rows of β = 0 from others: T(γ) is another one there, and so is the flow."""
    parts = (
        tuple(row for row in prediction.table if bool(row[1]) is warm) for warm in (False, True)
    )
    return tuple((model, replace(prediction, table=part)) for part in parts if part)


def conclude_dimensions(flow: Flow, prediction: Dimensions) -> Conclusion | Refusal:
    """Say from which d on the inequality holds, γ(1/n) being enclosed by its T(γ)."""
    name = _curve(flow)
    rate, time = equiangular_rate(model=name), equiangular_time(model=name)
    if not any(hot for _, hot, _ in prediction.table):
        flow = Flow.of(flow.model, beta=0)
        rate, time = rate.subs(beta, 0), equiangular_time(beta=0, model=name)
    found = sight_in(flow)
    clocked = found if isinstance(found, Refusal) else times(*found, rate, time)
    if clocked is None or isinstance(clocked, Refusal):
        return clocked or Refusal("orthonormal tokens don't stay at equal angles")
    own = []
    for size, hot, decimals in prediction.table:
        angle = equiangular_gamma(1 / size, float(hot), size, name)
        need = prediction.factor * exp(2 * prediction.rate * max(1, hot))
        said = need, Rational(decimals), _unit(decimals)
        case = size, Integer(hot), Rational(1, size), Rational(round(angle / OFF), 1 / OFF)
        own.append(dimension_from(clocked, case, OFF, *said))
    return conjunction(*own)


LEAST_DIMENSIONS: Statement[Dimensions] = Statement(
    "",
    "the least dimensions that (D.9) asks for",
    Concludes(conclude_dimensions, words=(("n", "2, 32"), ("beta", "0, 1, 9"), ("masses", "1/n"))),
    not_asked,
    refute_dimensions,
    cases=_cold_and_warm,
    typed=True,
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
