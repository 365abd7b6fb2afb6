"""Theorem 6.9, E.Theorem 6.9: the printed probability says nothing for any dimension in use.

Main results
------------
- Theorem 6.9: as printed, it is positive only for d > (2n²)^64, at least 6·10^57.
- E.Theorem 6.9: it is positive only for d > (2n²)^64, not from (D.9) on.

How it is proved
----------------
1 - c d^{-1/64} > 0 if and only if d > c^64: both claims compare whole numbers, exactly, for n =
2, 3, 8, 32. The first is VACUOUS by this; interval arithmetic adds for how long the bound says
something even there, for n = 2 and β <= 1. No flow is run and no point is drawn.

References
----------
arXiv 2312.10794, Theorem 6.9; (D.9).
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, log

from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Hypothesis, Verdict
from proofs_checks.decide import enclose
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


def _power_of_ten(number: Integer) -> str:
    """Digits after the first three are dropped: ``d.dd·10^e`` of a whole number."""
    digits = str(number)
    return f"{digits[0]}.{digits[1:3]}·10^{len(digits) - 1}" if len(digits) > 4 else digits


def check_printed_probability(
    model: ProbabilityBound, prediction: Expr, budget: Budget
) -> Evidence:
    """Decide in whole numbers from which dimension on the printed probability is positive.

    ``1 - c d^{-1/r} > 0`` if and only if ``d > c^r``, compared at the predicted d and the next.

    Parameters
    ----------
    model : ProbabilityBound
        The printed bound.
    prediction : Expr
        Largest dimension, in n, at which the bound says nothing.
    budget : Budget
        Not used.
    """
    sizes, parts = (2, 3, 8, 32), []
    if model.prefactor.subs(n, 2) <= 0:
        detail = f"1 - ({model.prefactor.subs(n, 2)}) d^(-1/{model.root}) is positive for every d"
        return Evidence(Verdict.REFUTED, detail, {"n": "2"})
    for size in sizes:
        claimed = Integer(prediction.subs(n, size))
        factor = Integer(model.prefactor.subs(n, size))
        positive = [bool(place > factor**model.root) for place in (claimed, claimed + 1)]
        if positive != [False, True]:
            place, word = (claimed, "positive") if positive[0] else (claimed + 1, "not positive")
            return Evidence(
                Verdict.REFUTED,
                f"n = {size}: 1 - {factor} d^(-1/{model.root}) is {word} at d = "
                f"{_power_of_ten(place)}",
                {"n": str(size)},
            )
        parts.append(f"n = {size}: d > {_power_of_ten(claimed)}")
    least = Integer(prediction.subs(n, 2))
    # Beyond: the bound 2 c^{nt} sqrt(log d / d) stays below 2 while nt log c < log(d/log d)/2.
    size = least + 1
    width = enclose(log(size))
    horizon = (width - width.log()) / 2 / (10 * 2)
    detail = (
        f"the probability is positive only for {'; '.join(parts)}; even there (n = 2, β <= 1) the "
        f"first bound is below 2 only for t < {float(horizon.b):.4g}"
    )
    if least <= Integer(10) ** 18:
        return Evidence(Verdict.SUPPORTED, detail, {"n": "2, 3, 8, 32"})
    return Evidence(Verdict.VACUOUS, detail, {"n": "2, 3, 8, 32, exact", "d": "any up to 10^57"})


def _threshold(n: float = 2, d: float = 2, **_: float) -> float:
    return 1.0 if Integer(int(d)) > theorem_6_9_dimension(int(n)) else -1.0


THEOREM_6_9 = Claim(
    "Theorem 6.9",
    "As printed, the probability is positive only for d > (2n²)^64, at least 6·10^57.",
    ProbabilityBound(),
    (2 * n**2) ** 64,
    check_printed_probability,
    (
        Control("(2n²)^64 -> (2n²)^32", prediction=(2 * n**2) ** 32),
        Control("2n² -> n²", prediction=n**128),
        Control("exponent 1/64 -> 1/4 in the bound", model=ProbabilityBound(root=4)),
    ),
    Verdict.VACUOUS,
    (Hypothesis("d > (2n²)^64", _threshold), WARM),
)


@dataclass(frozen=True)
class From:
    """The bound, used from a dimension on."""

    dimension: Integer


def check_meaning(model: ProbabilityBound, prediction: Expr | From, budget: Budget) -> Evidence:
    """Compare ``d > prefactor^root`` in whole numbers at the predicted dimension and the next.

    Parameters
    ----------
    model : ProbabilityBound
        The printed bound ``1 - prefactor d^{-1/root}``.
    prediction : Expr or From
        Largest d, in ``n``, at which the bound is said to be empty; or a dimension to ask it at.
    budget : Budget
        Not used.
    """
    powers = []
    if isinstance(prediction, From):
        empty = prediction.dimension <= Integer(model.prefactor.subs(n, 2)) ** model.root
        detail = f"at d = {_power_of_ten(prediction.dimension)} the probability bound is at most 0"
        return Evidence(Verdict.VACUOUS if empty else Verdict.UNDECIDED, detail * bool(empty))
    if model.prefactor.subs(n, 2) <= 0:
        shown = 1 - model.prefactor.subs(n, 2)
        return Evidence(Verdict.REFUTED, f"n = 2, d = 1: the bound {shown} of a probability is > 1")
    for size in (2, 3, 8, 32):
        claimed = Integer(prediction.subs(n, size))
        exact = Integer(model.prefactor.subs(n, size)) ** model.root
        if claimed != exact:
            place = min(claimed, exact) + 1
            sign = "positive" if place > exact else "at most 0"
            return Evidence(
                Verdict.REFUTED,
                f"n = {size}: at d = {place if place < 10**9 else f'10^{len(str(place)) - 1}'} the "
                f"probability bound is {sign}",
                {"n": str(size)},
            )
        # a number of k digits lies below 10^k, and not below 10^(k-1)
        powers.append(f"n = {size}: d >= 10^{len(str(exact))}")
    return Evidence(
        Verdict.PROVED,
        f"1 - c d^(-1/{model.root}) > 0 iff d > c^{model.root}, in whole numbers; as powers of ten "
        f"it speaks for {', '.join(powers)} and not for the next lower",
        {"n": "2, 3, 8, 32", "d": "every integer"},
    )


ERRATUM_6_9 = Claim(
    "E.Theorem 6.9",
    "The probability of Theorem 6.9 is positive only for d > (2n²)^64, not from (D.9) on.",
    ProbabilityBound(),
    (2 * n**2) ** 64,
    check_meaning,
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
