"""C13, Remark D.1 threshold: below which β printed bounds of Appendix D fail.

Main results
------------
C13: at t = 0 (D.8) fails for n = 2, β < 0.046816, not for n = 3, 4, 8, 32 and β <= 20.
Remark D.1 threshold: n = 2, β <= 1: printed c(β)^{nt} is too small just for β < 0.04384.

How it is proved
----------------
Both are zeros of a function of β that rises: a theorem whose leaves are certificates that the
checker accepts, on the zero, on its closed form, and on the signs of other n.

References
----------
arXiv 2312.10794, Appendix D, Remark D.1 and (D.8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Integer, Rational, exp, log, sqrt

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    Counterexample,
    Flow,
    Outcome,
    Statement,
    Step,
    enclosure_ends,
    not_asked,
    of_no_flow,
    positive_on_box,
    six_digits,
)
from proofs_checks.theorems import Concludes, Conclusion, conjunction, crossing, positive
from theory.symbols import beta, n

_CLOSE = Rational(1, 10**20)
"""How near a closed form the zero is shown to be."""


@dataclass(frozen=True)
class FailsBelow:
    """A printed bound holds if and only if ``slack >= 0``: for β at or above ``root`` only.

    Attributes
    ----------
    slack : Expr
        In ``beta`` and ``n``; negative at β = 0, it increases on [0, 1].
    root : Expr or None
        Closed form of its zero, where there is one.
    decimals : str
        The zero, rounded.
    size : int
        The n it speaks of.
    never : tuple of int
        Those n where the slack is positive on all of [0, 20].
    """

    slack: Expr
    root: Expr | None
    decimals: str
    size: int = 2
    never: tuple[int, ...] = ()

    def at(self, size: int) -> Expr:
        """Slack for a number of tokens."""
        if size < 2:
            raise ValueError(f"Expected at least 2 tokens but got size={size}; one has no pair.")
        return self.slack.subs(n, size)


def _beside(expr: Expr, place: Expr, step: Expr) -> tuple[tuple[Expr, Expr], ...]:
    """Enclosures a step below and above a place."""
    return tuple(enclosure_ends(expr, {beta: place + side}) for side in (-step, step))


def _rounding(prediction: FailsBelow) -> tuple[Expr, Expr]:
    """Return the decimals, and half a unit of the last of them."""
    digits = len(prediction.decimals.partition(".")[2])
    return Rational(prediction.decimals), Rational(1, 2 * 10**digits)


def _closed_form(prediction: FailsBelow) -> tuple[tuple[Expr, Expr], ...]:
    """Enclosures of the slack 1e-20 below and above the closed form."""
    low, high = enclosure_ends(prediction.root)
    one = prediction.at(prediction.size)
    return tuple(enclosure_ends(one, {beta: end}) for end in (low - _CLOSE, high + _CLOSE))


def _positive(prediction: FailsBelow, size: int) -> Step:
    """Step that the slack of n = size has no zero on [0, 20]."""
    text = f"n = {size}: the slack is > 0 on [0, 20]"
    return positive_on_box(text, prediction.at(size), ((beta, 0, 20),))


def refute_fails_below(
    flow: Flow, prediction: FailsBelow | None, budget: Budget
) -> Counterexample | None:
    """Find a zero elsewhere: by signs beside the decimals, at 0, at the closed form, or on [0, 20].

    The printed bounds speak of γ, whose equation has its own claims: no flow enters.
    """
    if prediction is None:
        return None
    one, (place, unit) = prediction.at(prediction.size), _rounding(prediction)
    below, above = _beside(one, place, unit)
    if below[0] > 0 or above[1] < 0:
        word = "below" if below[0] > 0 else "above"
        return Counterexample(
            f"the slack is {six_digits(below[0])} at β = {(place - unit).evalf(8)} and "
            f"{six_digits(above[1])} at {(place + unit).evalf(8)}: its zero is {word}"
        )
    start = enclosure_ends(one, {beta: 0})
    if start[0] >= 0:
        return Counterexample(
            f"the slack is {six_digits(start[0])} at β = 0, where the bound is to fail"
        )
    if prediction.root is not None:
        early, late = _closed_form(prediction)
        if early[0] > 0 or late[1] < 0:
            shown = six_digits(enclosure_ends(prediction.root)[0])
            return Counterexample(
                f"the slack at {prediction.root} = {shown} is {six_digits(early[0])}"
            )
    wrong = (
        s for k in prediction.never if (s := _positive(prediction, k)).outcome is Outcome.FAILS
    )
    step = next(wrong, None)
    return None if step is None else Counterexample(f"{step.text}: {step.evidence}")


def conclude_fails_below(flow: Flow, prediction: FailsBelow) -> Conclusion:
    """Say that the slack is < 0 below its zero and > 0 above, and where n has none, > 0."""
    one, ends = prediction.at(prediction.size), (Integer(0), Integer(1))
    own = [crossing(one, beta, ends, _rounding(prediction), prediction.root)]
    own += [positive(prediction.at(k), beta, Integer(0), Integer(20)) for k in prediction.never]
    return conjunction(*own)


FAILS_BELOW: Statement[FailsBelow] = Statement(
    "",
    "a printed bound fails below one temperature",
    Concludes(conclude_fails_below, words=(("n", "those named"), ("beta", "the ranges named"))),
    not_asked,
    refute_fails_below,
    cases=of_no_flow,
    typed=True,
)


# Exponent of (D.8) at t = 0 less log 2: 1 <= ½ e^{n² e^β/(2(n + e^{β/2}))} is needed.
_EARLY = FailsBelow(
    n / (n + exp(beta / 2)) * n * exp(beta) / 2 - log(2),
    2 * log((log(2) + sqrt(log(2) ** 2 + 16 * log(2))) / 4),
    "0.046816",
    never=(3, 4, 8, 32),
)


C13 = Claim(
    "C13",
    "At t = 0 (D.8) fails for n = 2, β < 0.046816: log 2 = 2s²/(2+s), s = e^{β/2}; it doesn't for "
    "n = 3, 4, 8, 32 and β <= 20.",
    None,
    _EARLY,
    FAILS_BELOW,
    (
        Control("n = 2 among the n without a zero", prediction=replace(_EARLY, never=(2,))),
        Control("0.046816 -> 0.046817", prediction=replace(_EARLY, decimals="0.046817")),
        Control(
            "other constant in the root",
            prediction=replace(_EARLY, root=2 * log((log(2) + sqrt(17 * log(2))) / 4)),
        ),
    ),
    Verdict.CERTIFIED,
    cases=10,
    origin="extension",
    about=frozenset(),
    equivalents=(
        Equivalent("n > 0: the slack keeps its sign", ("prediction.slack: × n",)),
        Equivalent(
            "another n > 2: n²/(n + s) grows with n",
            ("prediction.never.?: + 1", "prediction.never.[1-3]: - 1"),
        ),
    ),
)


# c^{nt} of Remark D.1, c = e^{10 β e^{2β}}, against the antipodal pair's rate e^{-β}.
_CONSTANT = FailsBelow(10 * n * beta * exp(3 * beta) - 1, None, "0.04384")


CONSTANT_D_1 = Claim(
    "Remark D.1 threshold",
    "Two tokens, β in [0, 1]: the printed c(β)^{nt} is below the growth of an antipodal pair, "
    "20βe^{3β} < 1, exactly for β < 0.04384.",
    None,
    _CONSTANT,
    FAILS_BELOW,
    (
        Control("n = 2 -> n = 3", prediction=replace(_CONSTANT, size=3)),
        Control(
            "e^{3β} -> e^{2β}",
            prediction=replace(_CONSTANT, slack=10 * n * beta * exp(2 * beta) - 1),
        ),
    ),
    Verdict.CERTIFIED,
    cases=10,
    origin="extension",
    about=frozenset(),
    equivalents=(Equivalent("n > 0: the slack keeps its sign", ("prediction.slack: × n",)),),
)


CLAIMS = (C13, CONSTANT_D_1)
