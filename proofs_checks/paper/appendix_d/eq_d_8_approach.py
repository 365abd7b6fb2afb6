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
    Pow,
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

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    COMPARISON,
    EQUAL_ANGLES,
    FASTER,
    GRONWALL,
    SCOPE_WARM_EQUAL_MASSES_FROM_TWO,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    apply,
    derived,
    equiangular_speed,
    gap,
    leaves_sphere,
    not_asked,
    summed_rate,
)
from proofs_checks.said import Said, say, saying
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


def _moved(expr: Expr, late: bool, least: int = 2) -> Expr:
    """Write a function of r, s, γ, n in symbols that are >= 0."""
    if late:
        put = {gamma: (1 + 2 * _W) / (2 * (1 + _W)), _GROWN: _ROOT * (1 + _P)}
    else:
        put = {gamma: _W / (2 * (1 + _W)), _GROWN: 1 + _P}
    return expr.subs(put).subs({_ROOT: 1 + _Q, _TOKENS: least + _M})


def _never_less(large: Expr, small: Expr, late: bool, least: int = 2) -> tuple[Said, ...]:
    """Say of both that one is never less, in those symbols; nothing where they aren't algebraic."""
    try:
        parts = [_moved(_algebraic(part), late, least) for part in (small, large)]
    except (PolynomialError, TypeError):
        return ()
    return (say(parts[0], "<=", parts[1]),)


def _never_negative(expr: Expr, late: bool, least: int = 2) -> bool:
    """Whether a rational function of r, s, γ, n is >= 0 by its coefficients alone.

    r = 1 + q and n = least + k. For γ in [0, 1/2]: γ = w/(2(1+w)), s = 1 + p. For γ in [1/2, 1]:
    γ = (1+2w)/(2(1+w)), s = r (1 + p).
    """
    top, bottom = fraction(together(_moved(expr, late, least)))
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
        _inequality(rate, prediction.early, False)[1]
        or _inequality(rate, prediction.late * (1 - gamma), True)[1]
        or _too_late(rate, prediction)
    )
    return Counterexample(f"{flow.name}, {found}") if found else None


def _slope(text: str, rate: Expr, bound: Expr, late: bool) -> Step:
    """Whether ``γ' >= bound`` on [0, 1/2], or on [1/2, 1]."""
    step = gap(text, "neither proved nor refuted")
    if _inequality(rate, bound, late)[0]:
        names = "signs of coefficients in r = e^{β/2}, s = e^{βγ}, n and γ"
        step = Step(text, How.DECIDED, evidence=names)
    return saying(step, *_never_less(rate, bound, late))


def _before(prediction: Approach) -> tuple[Step, ...]:
    """Reasons for the times before the origin, for all n where the bound is said of them."""
    least = _everywhere(prediction)[:1]
    text = f"1-γ <= ½ + s early <= ½ + s late/2 <= ½ e^(late s), s = {prediction.origin} - t"
    if simplify(prediction.start - prediction.origin) != 0 and least != (2,):
        return (gap(text, "late >= 2 early isn't shown"),)
    evidence = "late >= 2 early by signs of coefficients"
    grown = say((1 + _P) / 2, "<=", exp(_P) / 2)
    half = prediction.late / 2
    return tuple(
        saying(
            Step(f"t >= 0, n >= {k}: {text}", How.DECIDED, evidence=evidence),
            *_never_less(half, prediction.early, False, k),
            grown,
        )
        for k in least
    )


@lru_cache(maxsize=64)
def _everywhere(prediction: Approach) -> tuple[int, ...]:
    """Least n, of 2 and 3, from which late >= 2 early: there the bound holds for all t >= 0."""
    spare = _algebraic(prediction.late / 2 - prediction.early)
    return tuple(least for least in (2, 3) if _never_negative(spare, False, least))


def decide(flow: Flow, prediction: Approach) -> Sheet:
    """Prove both inequalities for every n and β >= 0, and the bound from the start on."""
    rate = equiangular_speed(flow.model)
    early, late, origin = prediction.early, prediction.late, prediction.origin
    curve = Step(
        "g_ij = γ for i ≠ j, γ(0) = 0, masses 1/n: γ' = f(γ)", How.DERIVED, evidence=f"f = {rate}"
    )
    if flow.still_form is not None:
        curve = saying(curve, say(summed_rate(flow.still_form), "=", rate))
    first = _slope(f"γ' >= {early} for 0 <= γ <= 1/2", rate, early, False)
    then = _slope(f"γ' >= {late} (1-γ) for 1/2 <= γ <= 1", rate, late * (1 - gamma), True)
    reached = apply(COMPARISON, f"γ >= 1/2 from 1/(2 early) on, early = {early}", curve, first)
    same = derived(f"1/(2 early) = {origin}", simplify(origin - 1 / (2 * early)))
    same = saying(same, say(Pow(2 * early, -1, evaluate=False), "=", origin))
    half = derived("the factor is 1/2", simplify(prediction.prefactor - S.Half))
    text = f"1-γ <= ½ e^(-late (t - {origin})) for t >= {origin}, late = {late}"
    bound = apply(GRONWALL, text, then, reached, same, half, rate=late)
    steps = (curve, first, then, reached, same, half, bound, *_before(prediction))
    extra = ""
    if all(step.holds for step in steps) and _everywhere(prediction):
        extra = f"; for n >= {_everywhere(prediction)[0]} it holds for all t >= 0"
    return Sheet(
        steps,
        {**SCOPE_WARM_EQUAL_MASSES_FROM_TWO, "t": f"symbolic, >= {prediction.start}"},
        (flow.model.velocity, rate - early, rate - late * (1 - gamma)),
        f"γ' >= {early} up to 1/2, γ' >= {late} (1-γ) after, by the signs of coefficients; so "
        f"1-γ <= ½ e^(-late (t - {origin})){extra}",
    )


APPROACH: Statement[Approach] = Statement(
    "",
    "equal angles: how fast γ comes to 1",
    decide,
    not_asked,
    refute_approach,
    premises=(EQUAL_ANGLES,),
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
