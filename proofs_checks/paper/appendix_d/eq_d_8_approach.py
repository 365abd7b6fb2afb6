"""(D.8), E.(D.8): how fast the equiangular γ of SA comes to 1.

Main results
------------
(D.8): γ' >= e^{-β}/n for γ <= 1/2, γ' >= n(1-γ)/(n+e^{β/2}) after.
E.(D.8): 1-γ <= ½ e^{-n(t-ne^β/2)/(n+e^{β/2})} for t >= ne^β/2, or n >= 3.

How it is proved
----------------
A theorem on models whose velocity keeps equal angles: γ' is read off the flow, no coefficient of
either difference is negative where e^{β/2} and e^{βγ} are 1 and more, for every n >= 2 and β >= 0.
The bound on 1 - γ follows from t = ne^β/2 on, and for n >= 3 from 0 on. The printed bound, for all
t >= 0, is refuted at n = 2. No runs.

References
----------
arXiv 2312.10794, Appendix D, (D.8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Integer, Rational, S, exp

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    EQUAL_ANGLES,
    FASTER,
    Counterexample,
    Flow,
    Statement,
    equiangular_speed,
    leaves_sphere,
    not_asked,
)
from proofs_checks.theorems import Concludes, Conclusion, Refusal, approaching, subject_in
from theory.bounded import simplified
from theory.models import SA
from theory.symbols import beta, gamma, n, t


@dataclass(frozen=True)
class Approach:
    """``1 - γ(t) <= prefactor e^{-late (t - origin)}`` for t >= start, and its two inequalities.

    Attributes
    ----------
    early : Expr
        ``γ' >= early`` for γ in [0, 1/2].
    late : Expr
        ``γ' >= late (1 - γ)`` for γ in [1/2, 1].
    prefactor, origin, start : Expr
        Functions of ``n`` and ``beta``.
    """

    early: Expr
    late: Expr
    prefactor: Expr
    origin: Expr
    start: Expr


def _violated(rate: Expr, bound: Expr, places: tuple[Expr, ...]) -> str:
    for tokens in (2, 3, 8):
        for hot in (S.Zero, Rational(1, 2), Integer(2), Integer(8)):
            for place in places:
                put = {n: tokens, beta: hot, gamma: place}
                gap = (rate - bound).subs(put).evalf(20)
                if gap < -1e-12:
                    return (
                        f"n = {tokens}, β = {hot}, γ = {place}: γ' = "
                        f"{rate.subs(put).evalf(5)} < {bound.subs(put).evalf(5)}"
                    )
    return ""


_EARLY, _LATE = (S.Zero, Rational(1, 4), S.Half), (S.Half, Rational(3, 4), Rational(9, 10))


def _too_late(rate: Expr, prediction: Approach) -> str:
    """Counterexample to the bound: at t = 0, or at β = 0 where 1 - γ = n/(e^{2t} + n - 1)."""
    bound = prediction.prefactor * exp(-prediction.late * (t - prediction.origin))
    cold = simplified(rate.subs(beta, 0) - 2 * (1 - gamma) * ((n - 1) * gamma + 1) / n) == 0
    for tokens in (2, 4):
        for hot in (S.Zero, Rational(1, 100)):
            put = {n: tokens, beta: hot}
            first = prediction.start.subs(put)
            times = [S.Zero] if first == 0 else []
            if cold and hot == 0 and first.is_Rational:
                times += [first + k for k in (S.Zero, S.One, Integer(4), Integer(9))]
            for time in times:
                value = enclose(bound.subs({**put, t: time}))
                gap = enclose(tokens / (exp(2 * time) + tokens - 1))
                if gap.a > value.b:
                    return (
                        f"n = {tokens}, β = {hot}, t = {time}: 1 - γ = {float(gap.a):.4g} > "
                        f"{float(value.b):.4g}"
                    )
    return ""


def refute_approach(
    flow: Flow, prediction: Approach | None, budget: Budget
) -> Counterexample | None:
    """Find a place where an inequality fails, or a time at which the bound does."""
    if flow.form is None or prediction is None:
        found = leaves_sphere(flow.model, budget.rng)
        return Counterexample(found) if found else None
    rate = equiangular_speed(flow.model)
    found = (
        _violated(rate, prediction.early, _EARLY)
        or _violated(rate, prediction.late * (1 - gamma), _LATE)
        or _too_late(rate, prediction)
    )
    return Counterexample(f"{flow.name}, {found}") if found else None


def conclude_approach(flow: Flow, prediction: Approach) -> Conclusion | Refusal:
    """Say both inequalities, and the bound from the start on; for n >= 3 always."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    early, late, start = prediction.early, prediction.late, prediction.start
    bound = prediction.prefactor * exp(-late * (t - prediction.origin))
    return approaching(subject, early, late, bound, start)


APPROACH: Statement[Approach] = Statement(
    "",
    "equal angles: how fast γ comes to 1",
    Concludes(conclude_approach),
    not_asked,
    refute_approach,
    premises=(EQUAL_ANGLES,),
    typed=True,
)


LATE = Approach(
    exp(-beta) / n, n / (n + exp(beta / 2)), S.Half, n * exp(beta) / 2, n * exp(beta) / 2
)


EQUATION_D_8 = Claim(
    "(D.8)",
    "SA: γ' >= e^{-β}/n for γ <= 1/2, γ' >= n(1-γ)/(n+e^{β/2}) after, for every n >= 2, β >= 0.",
    SA,
    LATE,
    APPROACH,
    (
        Control("γ' >= 3e^{-β}/n", prediction=replace(LATE, early=3 * exp(-beta) / n)),
        Control("γ' >= 2n(1-γ)/(n+1)", prediction=replace(LATE, late=2 * n / (n + 1))),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        FASTER,
        Equivalent(
            "for β < 1, where it is the larger, γ' >= 1/n and γ' >= 1 - γ: e^{βγ} times a concave "
            "factor is least at the ends of [0, 1/2], and 2 e^{β/2} >= e^β",
            ("prediction.early: β -> β²", "prediction.late: β -> β²"),
        ),
        Equivalent(
            "the time to reach 3/4 is at most (e^β + n - 1) log(3n+1)/(2n) <= n e^β/2",
            ("prediction.prefactor: ÷ 2",),
        ),
        Equivalent(
            "1 - γ <= n/(e^n + n - 1) <= e^{-n²/(2n+2)}/2 at t = n e^β/2, and the exponent moves "
            "by n²/(2n+2) at most",
            ("prediction.origin: × β", "prediction.origin: β -> β²"),
        ),
        Equivalent(
            "γ >= 1/2 from n e^{β²}/2 on: (e^β + n - 1) log(n+1) <= n² e^{β²} for β < 1",
            ("prediction.start: β -> β²",),
        ),
        Equivalent(
            "a lower bound of γ'",
            (
                "prediction.early: sign",
                "prediction.early: e^u*",
                "prediction.early: squared",
                "prediction.late: sign",
            ),
        ),
        Equivalent(
            "n/(n + e^{β/2}) < 1 falls when squared, and when β grows",
            ("prediction.late: e^u*", "prediction.late: squared"),
        ),
        Equivalent(
            "a larger bound of 1 - γ, as n e^β >= 2",
            (
                "prediction.prefactor: + 1",
                "prediction.prefactor: × 2",
                "prediction.origin: × n",
                "prediction.origin: e^u*",
                "prediction.origin: squared",
            ),
        ),
        Equivalent(
            "said of later times only",
            ("prediction.start: × n", "prediction.start: e^u*", "prediction.start: squared"),
        ),
    ),
)


ERRATUM_D_8 = Claim(
    "E.(D.8)",
    "1-γ <= ½ e^{-n(t-ne^β/2)/(n+e^{β/2})} for t >= ne^β/2, or n >= 3; n = 2 fails early.",
    SA,
    LATE,
    APPROACH,
    (
        Control("prefactor 1/2 -> 1/20", prediction=replace(LATE, prefactor=Rational(1, 20))),
        Control("origin ne^β/2 -> 0", prediction=replace(LATE, origin=S.Zero, start=S.Zero)),
    ),
    Verdict.PROVED,
    (WARM,),
    printed=Control("as printed, for all t >= 0", prediction=replace(LATE, start=S.Zero)),
    origin="erratum",
    kind="formula",
    equivalents=EQUATION_D_8.equivalents,
)


PLAIN = Approach(1 / n, exp(beta / 2), S.Half, n / 2, S.Zero)


CLAIMS = (EQUATION_D_8, ERRATUM_D_8)
