"""Theorem 6.9, E.Theorem 6.9: the printed probability says nothing for any dimension in use.

Main results
------------
- Theorem 6.9: as printed, it is positive only for d > (2n²)^64, at least 6·10^57.
- E.Theorem 6.9: it is positive only for d > (2n²)^64, not from (D.9) on.

How it is proved
----------------
A theorem: 1 - c d^{-1/64} > 0 if and only if d > c^64, for every n, and c^64 > 6·10^57 for n >= 2.
The first claim is VACUOUS by this. No flow is run and no point is drawn.

References
----------
arXiv 2312.10794, Theorem 6.9; (D.9).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Integer

from proofs_checks.claim import WARM, Budget, Claim, Control, Hypothesis, Verdict
from proofs_checks.proof import NO_FLOW, Counterexample, Flow, Statement, not_asked
from proofs_checks.theorems import Concludes, Conclusion, Refusal, positive_beyond, silent_up_to
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
_REACH = 6 * Integer(10) ** 57
"""No dimension in use exceeds it; (2n²)^64 is 6.27·10^57 at n = 2."""


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
    """Say that the bound is positive beyond a dimension, and only there; or not yet at one."""
    bound, largest = prediction
    if isinstance(largest, From):
        own = bound.prefactor**bound.root
        return silent_up_to(bound.prefactor, bound.root, own, largest.dimension)
    return positive_beyond(bound.prefactor, bound.root, largest)


def conclude_vacuous(flow: Flow, prediction: _Case) -> Conclusion | Refusal:
    """Say that the bound is positive beyond a dimension alone, which is out of reach."""
    bound, largest = prediction
    if isinstance(largest, From):
        return Refusal("it is about one dimension")
    return silent_up_to(bound.prefactor, bound.root, largest, _REACH)


_WORDS = (("n", "symbolic"), ("d", "symbolic"))

DIMENSION: Statement[_Case] = Statement(
    "",
    "the dimension from which on the printed probability is positive",
    Concludes(conclude_dimension, words=_WORDS),
    not_asked,
    refute,
    cases=_bound_and_dimension,
    typed=True,
)


PROBABILITY = replace(
    DIMENSION,
    sentence="the printed probability is positive",
    decide=Concludes(conclude_vacuous, words=_WORDS),
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
