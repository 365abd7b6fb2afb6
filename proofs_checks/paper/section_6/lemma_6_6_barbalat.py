"""Lemma 6.6: an integrable f with bounded f' tends to 0.

How it is proved
----------------
The least function that the hypotheses allow near t falls with slope L from |f(t)|; SymPy
integrates it to |f(t)|²/(2L), exactly. Disjoint intervals with such integrals would add up to
infinity if f didn't tend to 0. Explicit functions refute the lemma without one of its
hypotheses. No flow is involved, and no point is drawn.

References
----------
arXiv 2312.10794, Lemma 6.6.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Derivative, Expr, Pow, S, Sum, Symbol, integrate, oo, simplify

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    DISJOINT,
    MEAN_VALUE,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    derived,
    gap,
    not_asked,
    of_no_flow,
)
from proofs_checks.said import say, saying


@dataclass(frozen=True)
class Barbalat:
    """``∫ |f| >= constant |f(t)|²/L`` near t when |f'| <= L; so an integrable f tends to 0.

    Attributes
    ----------
    constant : Expr
    bounded_slope, integrable : bool
        The two hypotheses.
    """

    constant: Expr = S.Half
    bounded_slope: bool = True
    integrable: bool = True


_LEVEL, _SLOPE = Symbol("f", positive=True), Symbol("L", positive=True)
_TIME = Symbol("s", real=True)


def _least_integral() -> Expr:
    """Integral of the least function that the hypotheses allow near t."""
    return integrate(_LEVEL - _SLOPE * _TIME, (_TIME, 0, _LEVEL / _SLOPE))


def refute(flow: Flow, prediction: Barbalat | None, budget: Budget) -> Counterexample | None:
    """Give a function that lacks one of the hypotheses, or whose integral is less."""
    if prediction is None:
        return None
    if not prediction.integrable:
        constant = S.One
        return Counterexample(
            f"f = {constant}: f' = {constant.diff(_TIME)} is bounded, and f doesn't tend to 0"
        )
    if not prediction.bounded_slope:
        # Triangles of height 1 and width 2^-k at s = k.
        k = Symbol("k", integer=True, positive=True)
        side = 1 - _TIME * 2 ** (k + 1)
        area = Sum(integrate(side, (_TIME, 0, 2 ** (-k - 1))) * 2, (k, 1, oo)).doit()
        top = side.subs(_TIME, 0)
        shown = f"triangles of height {top} and width 2^-k at s = k: ∫|f| = {area}, no limit"
        return Counterexample(shown) if area.is_finite and top == 1 else None
    if prediction.constant < 0:
        raise ValueError(f"Expected a constant >= 0 but got constant={prediction.constant}.")
    least = _least_integral().subs({_LEVEL: 1, _SLOPE: 1})
    if prediction.constant <= least:
        return None
    return Counterexample(
        f"f(s) = max(0, 1 - s) with L = 1: the integral from 0 to 1 is {least} < "
        f"{prediction.constant}"
    )


def _hypothesis(text: str, taken: bool) -> Step:
    """Take what the lemma assumes; what it doesn't is missing."""
    if taken:
        return Step(text, How.DERIVED, evidence="the hypothesis")
    return gap(text, "no hypothesis says so")


def decide(flow: Flow, prediction: Barbalat) -> Sheet:
    """Integrate the least function that the hypotheses allow, and add up disjoint intervals."""
    least = _least_integral()
    share = simplify(least * _SLOPE / _LEVEL**2)
    bounded = _hypothesis("|f'| <= L", prediction.bounded_slope)
    finite = _hypothesis("∫|f| < ∞", prediction.integrable)
    line = apply(MEAN_VALUE, "|f(s)| >= |f(t)| - L(s-t) for s >= t", bounded)
    text = "over [t, t + |f(t)|/L] the integral of the right side is |f(t)|²/(2L)"
    # By the primitive, which is 0 at t.
    primitive, width = _LEVEL * _TIME - _SLOPE * _TIME**2 / 2, _LEVEL / _SLOPE
    parts = (_LEVEL * width, -_SLOPE * Pow(width, 2, evaluate=False) / 2)
    gained = Add(*parts, evaluate=False)
    area = saying(
        derived(text, share - S.Half),
        say(Derivative(primitive, _TIME), "=", _LEVEL - _SLOPE * _TIME),
        say(gained, "=", _LEVEL**2 / (2 * _SLOPE)),
    )
    text = f"∫|f| near t is >= {prediction.constant} |f(t)|²/L"
    enough = prediction.constant <= share
    said = Step(text, How.DECIDED) if enough else gap(text, f"{share} is derived")
    said = saying(said, say(prediction.constant * _LEVEL**2 / _SLOPE, "<=", gained))
    text = "if |f(t_k)| >= c > 0 at t_k -> ∞, then ∫|f| = ∞; so f -> 0"
    ends = apply(DISJOINT, text, line, area, finite, area=least)
    return Sheet(
        (bounded, finite, line, area, said, ends),
        {"f": "any differentiable function", "L": "symbolic"},
        summary=f"|f(s)| >= |f(t)| - L(s-t) on [t, t + |f(t)|/L], whose integral is {least}; if "
        "|f(t_k)| >= c at times t_k -> ∞, disjoint intervals add up to ∞",
    )


TENDS_TO_ZERO: Statement[Barbalat] = Statement(
    "",
    "an integrable f with bounded f' tends to 0",
    decide,
    not_asked,
    refute,
    cases=of_no_flow,
)


LEMMA_6_6 = Claim(
    "Lemma 6.6",
    "If |f| is integrable and f' bounded, f tends to 0: ∫|f| near t is >= |f(t)|²/(2L).",
    None,
    Barbalat(),
    TENDS_TO_ZERO,
    (
        Control("f' not bounded", prediction=Barbalat(bounded_slope=False)),
        Control("f not integrable", prediction=Barbalat(integrable=False)),
        Control("|f(t)|²/(2L) -> |f(t)|²/L", prediction=Barbalat(S.One)),
    ),
    Verdict.PROVED,
    about=frozenset(),
    equivalents=(Equivalent("a smaller constant", ("prediction.constant: ÷ 2",)),),
)


CLAIMS = (LEMMA_6_6,)
