"""(D.8), E.(D.8): how fast the equiangular γ of SA comes to 1.

Main results
------------
(D.8): γ' >= e^{-β}/n for γ <= 1/2, γ' >= n(1-γ)/(n+e^{β/2}) after.
E.(D.8): 1-γ <= ½ e^{-n(t-ne^β/2)/(n+e^{β/2})} for t >= ne^β/2, or n >= 3.

How it is proved
----------------
γ' is derived from the flow; with e^{β/2} and e^{βγ} as symbols both inequalities are rational
functions whose coefficients have one sign: exact for every n >= 2 and β >= 0. The bound on 1 - γ
follows from t = ne^β/2 on, and for n >= 3 from 0 on. The printed bound, for all t >= 0, is
refuted at n = 2. No runs.

References
----------
arXiv 2312.10794, Appendix D, (D.8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import (
    Expr,
    Integer,
    Poly,
    PolynomialError,
    Rational,
    S,
    Symbol,
    cancel,
    exp,
    expand,
    fraction,
    simplify,
    together,
)

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    FASTER,
    SCOPE_WARM_EQUAL_MASSES_FROM_TWO,
    equiangular_speed,
    unreached,
)
from theory.models import SA, Model, attention_form
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


_ROOT, _GROWN, _TOKENS = (Symbol(name, positive=True) for name in ("r", "s", "N"))


_P, _Q, _W, _M = (Symbol(name, nonnegative=True) for name in ("p", "q", "w", "k"))


def _algebraic(expr: Expr) -> Expr:
    """Write e^{β/2} as r and e^{βγ} as s, and n as a positive symbol."""

    def power(node: Expr) -> Expr:
        exponent, out = expand(node.args[0]), S.One
        for term in exponent.as_ordered_terms():
            ratio = simplify(term / beta)
            if ratio.is_number:
                out *= _ROOT ** (2 * ratio)
            else:
                out *= _GROWN ** simplify(ratio / gamma)
        return out

    return expr.replace(lambda node: isinstance(node, exp), power).subs(n, _TOKENS)


def _never_negative(expr: Expr, late: bool, least: int = 2) -> bool:
    """Whether a rational function of r, s, γ, n is >= 0 by its coefficients alone.

    r = 1 + q and n = least + k. For γ in [0, 1/2]: γ = w/(2(1+w)), s = 1 + p. For γ in [1/2, 1]:
    γ = (1+2w)/(2(1+w)), s = r (1 + p).
    """
    if late:
        put = {gamma: (1 + 2 * _W) / (2 * (1 + _W)), _GROWN: _ROOT * (1 + _P)}
    else:
        put = {gamma: _W / (2 * (1 + _W)), _GROWN: 1 + _P}
    moved = expr.subs(put).subs({_ROOT: 1 + _Q, _TOKENS: least + _M})
    top, bottom = fraction(together(moved))
    signs = [
        [c >= 0 for c in Poly(expand(part), _P, _Q, _W, _M).coeffs()] for part in (top, bottom)
    ]
    return all(map(all, signs)) or not any(map(any, signs))


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


@lru_cache(maxsize=64)
def _inequality(rate: Expr, bound: Expr, late: bool) -> tuple[bool, str]:
    """Whether rate >= bound is proved, and a counterexample, if any."""
    places = (S.Half, Rational(3, 4), Rational(9, 10)) if late else (S.Zero, Rational(1, 4), S.Half)
    found = _violated(rate, bound, places)
    if found:
        return False, found
    try:
        gap = _algebraic(rate - bound)
        if late:
            gap = cancel(together(gap / (1 - gamma)))
        return _never_negative(gap, late), ""
    except (PolynomialError, TypeError):
        # Only e^{β/2}, no power of β itself, is in the algebra.
        return False, ""


def _too_late(rate: Expr, prediction: Approach) -> str:
    """Counterexample to the bound: at t = 0, or at β = 0 where 1 - γ = n/(e^{2t} + n - 1)."""
    bound = prediction.prefactor * exp(-prediction.late * (t - prediction.origin))
    cold = simplify(rate.subs(beta, 0) - 2 * (1 - gamma) * ((n - 1) * gamma + 1) / n) == 0
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


def check_approach(model: Model, prediction: Approach, budget: Budget) -> Evidence:
    """Prove both inequalities for every n and β >= 0, and the bound from the start on."""
    if attention_form(model) is None:
        return unreached(model, f"{model.name} is no pair sum", budget.rng)
    rate = equiangular_speed(model)
    proved = True
    for late, bound in ((False, prediction.early), (True, prediction.late * (1 - gamma))):
        holds, found = _inequality(rate, bound, late)
        if found:
            return Evidence(Verdict.REFUTED, f"{model.name}, {found}")
        proved &= holds
    found = _too_late(rate, prediction)
    if found:
        return Evidence(Verdict.REFUTED, f"{model.name}, {found}")
    if not proved:
        return Evidence(Verdict.UNDECIDED, "an inequality is neither proved nor refuted")
    # γ >= 1/2 from 1/(2 early) on. Before, with s = origin - t: 1 - γ <= 1/2 + s early, and
    # e^{late s}/2 >= 1/2 + s late/2: the bound holds for all t >= 0 when late >= 2 early.
    reached = simplify(prediction.origin - 1 / (2 * prediction.early)) == 0
    if not reached or prediction.prefactor != S.Half:
        return Evidence(Verdict.UNDECIDED, "γ = 1/2 isn't reached at the origin of the bound")
    gap = _algebraic(prediction.late / 2 - prediction.early)
    everywhere = [least for least in (2, 3) if _never_negative(gap, False, least)]
    later = simplify(prediction.start - prediction.origin) == 0
    if not later and 2 not in everywhere:
        return Evidence(Verdict.UNDECIDED, f"before t = {prediction.origin} nothing is shown")
    extra = f"; for n >= {everywhere[0]} it holds for all t >= 0" if everywhere else ""
    return Evidence(
        Verdict.PROVED,
        f"γ' >= {prediction.early} up to 1/2, γ' >= {prediction.late} (1-γ) after, by the signs of "
        f"coefficients; so 1-γ <= ½ e^(-late (t - {prediction.origin})){extra}",
        {**SCOPE_WARM_EQUAL_MASSES_FROM_TWO, "t": f"symbolic, >= {prediction.start}"},
        identity=(
            model.velocity,
            rate - prediction.early,
            rate - prediction.late * (1 - gamma),
        ),
    )


_LATE = Approach(
    exp(-beta) / n, n / (n + exp(beta / 2)), S.Half, n * exp(beta) / 2, n * exp(beta) / 2
)


EQUATION_D_8 = Claim(
    "(D.8)",
    "SA: γ' >= e^{-β}/n for γ <= 1/2, γ' >= n(1-γ)/(n+e^{β/2}) after, for every n >= 2, β >= 0.",
    SA,
    _LATE,
    check_approach,
    (
        Control("γ' >= 3e^{-β}/n", prediction=replace(_LATE, early=3 * exp(-beta) / n)),
        Control("γ' >= 2n(1-γ)/(n+1)", prediction=replace(_LATE, late=2 * n / (n + 1))),
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
    _LATE,
    check_approach,
    (
        Control("prefactor 1/2 -> 1/20", prediction=replace(_LATE, prefactor=Rational(1, 20))),
        Control("origin ne^β/2 -> 0", prediction=replace(_LATE, origin=S.Zero, start=S.Zero)),
    ),
    Verdict.PROVED,
    (WARM,),
    printed=Control("as printed, for all t >= 0", prediction=replace(_LATE, start=S.Zero)),
    origin="erratum",
    kind="formula",
    equivalents=EQUATION_D_8.equivalents,
)


PLAIN = Approach(1 / n, exp(beta / 2), S.Half, n / 2, S.Zero)


CLAIMS = (EQUATION_D_8, ERRATUM_D_8)
