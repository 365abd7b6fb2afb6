"""γ enclosure: equiangular_gamma is within 10^-12 of the solution of (6.9), (6.10).

How it is proved
----------------
A theorem: T(γ) of Theorem 6.8 reads the time, and rises. At five n, β and t T is enclosed 10^-12
below and above what doubles give: the time lies between. Enclosures of 15 decimals refute others.

References
----------
arXiv 2312.10794, Theorem 6.8, (6.9) and (6.10).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from sympy import Expr, Rational

from numerics.equiangular import equiangular_gamma
from proofs_checks.certificates import certify_equiangular, enclosure_of
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.paper.section_6.theorem_6_8_equiangular import THEOREM_6_8
from proofs_checks.proof import (
    Counterexample,
    Flow,
    Statement,
    as_rational,
    has_softmax,
    not_asked,
    off_curve,
    statement_of,
)
from proofs_checks.theorems import Concludes, Conclusion, Refusal, angles_at, concluded_by
from theory.models import REPULSIVE, SA, USA

CASES = tuple(
    (size, Rational(hot), Rational(time))
    for size, hot, time in (
        *((2, "1/16", "1/2"), (3, "1/2", "1/4"), (5, "1", "1/8")),
        *((12, "2", "1/16"), (32, "3", "1")),
    )
)
"""n, β and t at which doubles are compared with γ."""

OFF = Rational(1, 10**12)

Curve = Callable[[float, float, int, str], float]
"""``γ(t, β, n, model)`` in doubles."""


def _name(flow: Flow) -> str:
    """Name of the curve that the certificates know."""
    return "SA" if has_softmax(flow.model) else "USA"


def _value(prediction: Curve, case: tuple[int, Expr, Expr], name: str) -> Fraction:
    """Return the angle that doubles give, exactly."""
    size, hot, time = case
    return Fraction(prediction(float(time), float(hot), size, name))


def refute(flow: Flow, prediction: Curve | None, budget: Budget) -> Counterexample | None:
    """Compare γ' of the flow with (6.9) or (6.10), and the doubles with enclosures of γ."""
    name = _name(flow)
    if wrong := off_curve(flow.model, name):
        return Counterexample(wrong)
    if prediction is None:
        return None
    for case in CASES:
        size, hot, time = case
        value = _value(prediction, case, name)
        low, high = enclosure_of(certify_equiangular(time, hot, size, name, digits=15))
        off = max(low - value, value - high, Fraction(0))
        if off > Fraction(int(OFF.p), int(OFF.q)):
            return Counterexample(
                f"{name}, n = {size}, β = {hot}, t = {time}: γ is {float(value)!r} in doubles, "
                f"outside [{float(low)!r}, {float(high)!r}] by {float(off):.3g}"
            )
    return None


def conclude(flow: Flow, prediction: Curve) -> Conclusion | Refusal:
    """Say where orthonormal tokens are at the times of the cases, by T of Theorem 6.8."""
    clocked = concluded_by(statement_of(THEOREM_6_8), flow, THEOREM_6_8.prediction)
    if isinstance(clocked, Refusal):
        return clocked
    name = _name(flow)
    cases = [(*case, as_rational(_value(prediction, case, name))) for case in CASES]
    return angles_at(clocked, cases, OFF)


ENCLOSED: Statement[Curve] = Statement(
    "",
    "γ in doubles is within 0.000000000001 of the solution of (6.9), (6.10)",
    Concludes(conclude, words=(("n", "2 to 32"), ("beta", "1/16 to 3"), ("masses", "1/n"))),
    not_asked,
    refute,
    typed=True,
)


def _gamma(time: float, hot: float, size: int, name: str) -> float:
    return float(equiangular_gamma(time, hot, size, name))


def _gamma_more(time: float, hot: float, size: int, name: str) -> float:
    return _gamma(time, hot, size + 1, name)


def _gamma_warm(time: float, hot: float, size: int, name: str) -> float:
    return _gamma(time, hot * (1 + 1e-9), size, name)


def _gamma_swapped(time: float, hot: float, size: int, name: str) -> float:
    return _gamma(time, hot, size, "USA" if name == "SA" else "SA")


GAMMA_ENCLOSURE = Claim(
    "γ enclosure",
    "equiangular_gamma is within 0.000000000001 of the solution of (6.9), (6.10) at five n, β and "
    "t of each model.",
    (SA, USA),
    _gamma,
    ENCLOSED,
    (
        Control("γ of n + 1 tokens", prediction=_gamma_more),
        Control("γ of the other model", prediction=_gamma_swapped),
        Control("β -> (1 + 1e-9) β", prediction=_gamma_warm),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.CERTIFIED,
    origin="extension",
)


CLAIMS = (GAMMA_ENCLOSURE,)
