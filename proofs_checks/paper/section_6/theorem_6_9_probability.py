"""Theorem 6.9, E.Theorem 6.9: the printed probability says nothing for any dimension in use.

Main results
------------
- Theorem 6.9: as printed, it is positive only for d > (2n²)^64, at least 6·10^57.
- E.Theorem 6.9: it is positive only for d > (2n²)^64, not from (D.9) on.

How it is proved
----------------
A theorem: 1 - c d^{-1/64} > 0 if and only if d > c^64, for every n. The first claim is VACUOUS by
this; interval arithmetic adds for how long the bound says something even there, for n = 2 and
β <= 1. No flow is run and no point is drawn.

References
----------
arXiv 2312.10794, Theorem 6.9; (D.9).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Integer, log

from proofs_checks.claim import WARM, Budget, Claim, Control, Hypothesis, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    NO_FLOW,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    gap,
    not_asked,
)
from proofs_checks.theorems import Concludes, Conclusion, Refusal, positive_beyond, sheet_of
from theory.models import Model
from theory.predictions import theorem_6_9_dimension
from theory.symbols import n


@dataclass(frozen=True)
class ProbabilityBound:
    """The printed probability ``1 - prefactor d^{-1/root}`` and what multiplies the time.

    Attributes
    ----------
    prefactor : Expr
        In ``n``.
    root : int
    """

    prefactor: Expr = 2 * n**2
    root: int = 64

    def threshold(self, tokens: int) -> Integer:
        """Largest d at which the bound is at most 0."""
        return Integer(self.prefactor.subs(n, tokens)) ** self.root


def _power_of_ten(number: Integer) -> str:
    """Digits after the first three are dropped: ``d.dd·10^e`` of a whole number."""
    digits = str(number)
    return f"{digits[0]}.{digits[1:3]}·10^{len(digits) - 1}" if len(digits) > 4 else digits


@dataclass(frozen=True)
class From:
    """The bound, used from a dimension on."""

    dimension: Integer


_Case = tuple[ProbabilityBound, Expr | From]
"""The printed bound, and the largest d, in n, at which it says nothing; or a d to ask it at."""

_SIZES = (2, 3, 8, 32)
_IN_USE = Integer(10) ** 18
"""No dimension in use exceeds it."""


def _bound_and_dimension(model: Any, prediction: Any) -> tuple[tuple[Model, Any], ...]:
    return ((NO_FLOW, (model, prediction)),)


def refute(flow: Flow, prediction: _Case | None, budget: Budget) -> Counterexample | None:
    """Find a dimension at which the sign of the bound isn't the predicted one, in integers."""
    if prediction is None:
        return None
    bound, largest = prediction
    if bound.prefactor.subs(n, 2) <= 0:
        shown = 1 - bound.prefactor.subs(n, 2)
        return Counterexample(f"n = 2, d = 1: the bound {shown} of a probability is > 1")
    if isinstance(largest, From):
        return None
    for size in _SIZES:
        claimed, exact = Integer(largest.subs(n, size)), bound.threshold(size)
        if claimed != exact:
            place = min(claimed, exact) + 1
            sign = "positive" if place > exact else "at most 0"
            return Counterexample(
                f"n = {size}: 1 - ({bound.prefactor}) d^(-1/{bound.root}) is {sign} at d = "
                f"{_power_of_ten(place)}",
                {"n": str(size)},
            )
    return None


def conclude_dimension(flow: Flow, prediction: _Case) -> Conclusion | Refusal:
    """Say that the bound is positive beyond a dimension, and only there."""
    bound, largest = prediction
    if isinstance(largest, From):
        return Refusal("it is about one dimension")
    return positive_beyond(bound.prefactor, bound.root, largest)


def decide_at(flow: Flow, prediction: _Case) -> Sheet:
    """Find that the bound says nothing of two tokens, at one dimension."""
    bound, largest = prediction
    own = conclude_dimension(flow, (bound, bound.prefactor**bound.root))
    sheet = Sheet((gap("d > c^r", str(own)),)) if isinstance(own, Refusal) else sheet_of(flow, own)
    if not isinstance(largest, From):
        return Sheet((gap(f"d > {largest}", "it isn't where the bound is 0"),))
    place, zero = largest.dimension, bound.threshold(2)
    text = f"n = 2: d = {_power_of_ten(place)} <= {_power_of_ten(zero)} = c^{bound.root}"
    small = Step(text, How.DERIVED) if place <= zero else gap(text, "d is larger")
    empty = f"at d = {_power_of_ten(place)} the probability bound is at most 0"
    return Sheet((*sheet.steps, small), {"n": "2"}, vacuous=empty)


def decide_vacuous(flow: Flow, prediction: _Case) -> Sheet:
    """Conclude that the bound says nothing in any dimension in use, nor for long beyond."""
    bound, _ = prediction
    own = conclude_dimension(flow, prediction)
    if isinstance(own, Refusal):  # it is asked of the erratum alone
        return Sheet((gap("d > c^r", str(own)),))
    sheet = sheet_of(flow, own)
    least = bound.threshold(2)
    text = f"c^{bound.root} >= {_power_of_ten(least)} > 10^18 for n >= 2"
    beyond = Step(text, How.DERIVED) if least > _IN_USE else gap(text, "it may be reached")
    # Beyond: the bound 2 c^{nt} sqrt(log d / d) stays below 2 while nt log c < log(d/log d)/2.
    width = enclose(log(least + 1))
    horizon = (width - width.log()) / 2 / (10 * 2)
    late = f"n = 2, β <= 1: the first bound is below 2 only for t < {float(horizon.b):.4g}"
    parts = "; ".join(f"n = {k}: d > {_power_of_ten(bound.threshold(k))}" for k in _SIZES)
    return Sheet(
        (*sheet.steps, beyond, Step(late, How.ENCLOSED, enclosed=True)),
        {"n": "2, 3, 8, 32, exact", "d": "any up to 10^57"},
        vacuous=f"the probability is positive only for {parts}; even there {late}",
    )


DIMENSION: Statement[_Case] = Statement(
    "",
    "the dimension from which on the printed probability is positive",
    Concludes(conclude_dimension, decide_at, words=(("n", "symbolic"), ("d", "symbolic"))),
    not_asked,
    refute,
    cases=_bound_and_dimension,
    typed=True,
)


PROBABILITY = replace(
    DIMENSION,
    sentence="the printed probability is positive",
    decide=decide_vacuous,
    typed=False,
)


def _threshold(n: float = 2, d: float = 2, **_: float) -> float:
    return 1.0 if Integer(int(d)) > theorem_6_9_dimension(int(n)) else -1.0


THEOREM_6_9 = Claim(
    "Theorem 6.9",
    "As printed, the probability is positive only for d > (2n²)^64, at least 6·10^57.",
    ProbabilityBound(),
    (2 * n**2) ** 64,
    PROBABILITY,
    (
        Control("(2n²)^64 -> (2n²)^32", prediction=(2 * n**2) ** 32),
        Control("2n² -> n²", prediction=n**128),
        Control("exponent 1/64 -> 1/4 in the bound", model=ProbabilityBound(root=4)),
    ),
    Verdict.VACUOUS,
    (Hypothesis("d > (2n²)^64", _threshold), WARM),
)


ERRATUM_6_9 = Claim(
    "E.Theorem 6.9",
    "The probability of Theorem 6.9 is positive only for d > (2n²)^64, not from (D.9) on.",
    ProbabilityBound(),
    (2 * n**2) ** 64,
    DIMENSION,
    (
        Control("(2n²)^64 -> (2n²)^32", prediction=(2 * n**2) ** 32),
        Control("2n² -> n²", prediction=n**128),
        Control("1/64 -> 1/32 in the bound", model=ProbabilityBound(root=32)),
    ),
    Verdict.PROVED,
    printed=Control("as printed, at d = 10^17, beyond (D.9)", prediction=From(Integer(10) ** 17)),
    origin="erratum",
    kind="vacuous",
)


CLAIMS = (THEOREM_6_9, ERRATUM_6_9)
