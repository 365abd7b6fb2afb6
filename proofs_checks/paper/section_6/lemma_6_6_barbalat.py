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
from typing import Any

from sympy import Expr, S, Sum, Symbol, integrate, oo, simplify

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict


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


def check_barbalat(model: Any, prediction: Barbalat, budget: Budget) -> Evidence:
    """Integrate the least function that the hypotheses allow, or give a function that refutes.

    Parameters
    ----------
    model : object
        Not used.
    prediction : Barbalat
        Constant and hypotheses.
    budget : Budget
        Not used.
    """
    level, slope = Symbol("f", positive=True), Symbol("L", positive=True)
    s, k = Symbol("s", real=True), Symbol("k", integer=True, positive=True)
    if not prediction.integrable:
        constant = S.One
        return Evidence(
            Verdict.REFUTED,
            f"f = {constant}: f' = {constant.diff(s)} is bounded, and f doesn't tend to 0",
        )
    if not prediction.bounded_slope:
        # Triangles of height 1 and width 2^-k at s = k.
        area = Sum(integrate(1 - s * 2 ** (k + 1), (s, 0, 2 ** (-k - 1))) * 2, (k, 1, oo)).doit()
        top = (1 - s * 2 ** (k + 1)).subs(s, 0)
        verdict = Verdict.REFUTED if area.is_finite and top == 1 else Verdict.UNDECIDED
        return Evidence(
            verdict, f"triangles of height {top} and width 2^-k at s = k: ∫|f| = {area}, no limit"
        )
    least = integrate(level - slope * s, (s, 0, level / slope))
    ratio = simplify(least / (level**2 / slope))
    if prediction.constant != ratio and prediction.constant < 0:
        raise ValueError(f"Expected a constant >= 0 but got constant={prediction.constant}.")
    if prediction.constant > ratio:
        return Evidence(
            Verdict.REFUTED,
            f"f(s) = max(0, 1 - s) with L = 1: the integral from 0 to 1 is "
            f"{least.subs({level: 1, slope: 1})} < {prediction.constant}",
        )
    return Evidence(
        Verdict.PROVED,
        f"|f(s)| >= |f(t)| - L(s-t) on [t, t + |f(t)|/L], whose integral is {least}; if "
        "|f(t_k)| >= c at times t_k -> ∞, disjoint intervals add up to ∞",
        {"f": "any differentiable function", "L": "symbolic"},
    )


LEMMA_6_6 = Claim(
    "Lemma 6.6",
    "If |f| is integrable and f' bounded, f tends to 0: ∫|f| near t is >= |f(t)|²/(2L).",
    None,
    Barbalat(),
    check_barbalat,
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
