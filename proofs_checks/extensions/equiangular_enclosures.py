"""γ enclosure: equiangular_gamma is within 1e-12 of the solution of (6.9), (6.10).

How it is proved
----------------
The equation of each flow is derived and compared with (6.9) or (6.10). At drawn n, β and t an
enclosure of γ is certified, 15 decimals, and the checker must accept it; the doubles may not lie
more than 1e-12 outside.

References
----------
arXiv 2312.10794, Theorem 6.8, (6.9) and (6.10).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from numerics.equiangular import equiangular_gamma
from proofs_checks.certificates import certify_equiangular, enclosure_of
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    Counterexample,
    Flow,
    Sheet,
    Statement,
    accepted,
    as_rational,
    derived,
    equiangular_law,
    has_softmax,
    not_asked,
    off_curve,
)
from theory.bounded import simplified
from theory.models import REPULSIVE, SA, USA
from theory.predictions import equiangular_rate, equiangular_time
from theory.symbols import gamma

Curve = Callable[[float, float, int, str], float]
"""``γ(t, β, n, model)`` in doubles."""


def _name(flow: Flow) -> str:
    """Name of the curve that the certificates know."""
    return "SA" if has_softmax(flow.model) else "USA"


def refute_curve(flow: Flow, prediction: Curve | None, budget: Budget) -> Counterexample | None:
    """Compare γ' of the flow with (6.9) or (6.10)."""
    wrong = off_curve(flow.model, _name(flow))
    return Counterexample(wrong) if wrong else None


def decide(flow: Flow, prediction: Curve) -> Sheet:
    """Derive γ' of the flow, which is the certificates' one."""
    own = equiangular_law(flow.model).rate
    rate = equiangular_rate(model=_name(flow))
    return Sheet((derived(f"γ' = {rate}", simplified(own - rate)),))


def enclose(flow: Flow, prediction: Curve, budget: Budget) -> Sheet | Counterexample:
    """Enclose γ at random t, β, n and compare the doubles with the enclosure."""
    worst, steps, name = 0.0, [], _name(flow)
    for _ in range(budget.cases):
        size = int(budget.rng.integers(2, 33))
        hot = Fraction(int(budget.rng.integers(1, 49)), 16)
        target = float(budget.rng.uniform(0.05, 0.95))
        curve = equiangular_time(gamma, as_rational(hot), size, name)
        time = Fraction(int(2**20 * curve.subs(gamma, target).evalf(12)) + 1, 2**20)
        value = Fraction(prediction(float(time), float(hot), size, name))
        case = f"{name}, n = {size}, β = {hot}, t = {time}"
        certificate = certify_equiangular(time, hot, size, name, digits=15)
        low, high = enclosure_of(certificate)
        step = accepted(f"{case}: γ in [{float(low)!r}, {float(high)!r}]", certificate)
        off = max(low - value, value - high, Fraction(0))
        if step.holds and off > Fraction(1, 10**12):
            return Counterexample(
                f"{case}: γ is {float(value)!r} in doubles, outside [{float(low)!r}, "
                f"{float(high)!r}] by {float(off):.3g}"
            )
        steps.append(replace(step, evidence=step.evidence or f"the double is {float(value)!r}"))
        worst = max(worst, float(off))
    return Sheet(
        tuple(steps),
        {"n": "2 to 32", "beta": "(0, 3]", "gamma": "0.05 to 0.95"},
        summary=f"doubles within 1e-12 of enclosures of 15 decimals, the worst {worst:.1g} outside",
        cases=budget.cases,
    )


ENCLOSED: Statement[Curve] = Statement(
    "",
    "γ in doubles is within 1e-12 of the solution of (6.9), (6.10)",
    decide,
    not_asked,
    refute_curve,
    search=enclose,
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
    "equiangular_gamma is within 1e-12 of the solution of (6.9), (6.10) in each sampled case, each "
    "certified.",
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
    cases=3,
    origin="extension",
)


CLAIMS = (GAMMA_ENCLOSURE,)
