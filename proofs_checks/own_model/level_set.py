"""(6.12) of any model whose equal angles stay equal: whether its time T to an angle rises with β.

Where β enters γ' through ρ = e^{β(1-γ)} alone, the ratio of the own weight and another's, T rises
if γ' falls as ρ rises, and lengths grow more with each step of γ. T falls for late angles where the
rate λ at consensus rises with β: T(1-δ) = (1 + o(1)) log(1/δ)/λ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    Dummy,
    Expr,
    Integer,
    Piecewise,
    Pow,
    S,
    cancel,
    exp,
    fraction,
    piecewise_fold,
    simplify,
    together,
)

from proofs_checks.claim import Budget, Verdict
from proofs_checks.proof import (
    MORE_TOKENS,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    cited,
    gap,
)
from proofs_checks.proof.kinds import ALIKE, IN_TIME, SPHERE, VARIED
from proofs_checks.theorems import POWER, RATIO, in_ratio, rationally
from theory.symbols import beta, gamma, n, t

_SENTENCE = "the level set γ(t) = 1-δ is the graph of t = T(1-δ), T rises with β"


@dataclass(frozen=True)
class Stage:
    """Motion at equal angles while one formula holds, β in ρ alone.

    Attributes
    ----------
    pace : Expr
        γ' times the lengths it is divided by.
    growth : Expr
        The slope of the logarithm of the lengths over γ.
    """

    pace: Expr
    growth: Expr


def _in_ratio(expr: Expr, still: bool) -> Expr | None:
    """Write e^{uγ} and e^u as w and ρ w, u > 0 in β, and free of t if asked; None if w stays."""
    if beta not in expr.free_symbols or (
        still and any(t in e.free_symbols for e in expr.atoms(exp))
    ):
        return None
    found = in_ratio(expr)
    found = None if found is None else rationally(found)
    return None if found is None or found.free_symbols & {POWER, beta} else found


def _pieces(expr: Expr) -> list[Expr]:
    folded = piecewise_fold(expr)
    return [part for part, _ in folded.args] if isinstance(folded, Piecewise) else [expr]


def derive_stages(flow: Flow) -> tuple[Stage, ...] | None:
    """Return the stages of a model's motion at equal angles, where β enters by ρ.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> [len(derive_stages(Flow.of(catalogue(name)))) for name in ("pre-LN", "nGPT")]
    [1, 1]
    >>> derive_stages(Flow.of(catalogue("sink"))) is None
    True
    """
    found, rate = flow.equal_angles[0], flow.angle_rate
    if found is None or rate is None or beta not in rate.free_symbols:
        return None
    lengths = [(symbol, flow.put(growth)) for symbol, growth in found.others]
    if len(lengths) > 1:
        return None
    length, growth = lengths[0] if lengths else (Dummy("r", positive=True), S.Zero)
    stages = []
    speeds, growths = _pieces(rate), _pieces(growth)
    for place, speed in enumerate(speeds):
        longer = growths[min(place, len(growths) - 1)]
        pace, over = speed.as_independent(length, as_Add=False)
        if over not in (1, 1 / length) or length in longer.free_symbols:
            return None
        own = _in_ratio(pace, bool(lengths))
        slope = S.Zero if longer == 0 else _in_ratio(longer / pace, True)
        if own is None or slope is None or (lengths and not _of_one_clock(own, slope)):
            return None
        stages.append(Stage(own, slope))
    return tuple(stages)


def _of_one_clock(pace: Expr, slope: Expr) -> bool:
    """Whether time is a factor of γ' alone, so that angles and lengths have one clock."""
    timed = simplify(pace / pace.subs(t, S.Zero))
    return t not in slope.free_symbols and not timed.free_symbols & {gamma, RATIO}


@lru_cache(maxsize=256)
def _positive(expr: Expr, strict: bool = True) -> bool:
    """Whether an expression is positive for n >= 2, 0 < γ < 1, ρ > 1, t > 0."""
    above, more = Dummy("u", positive=True), Dummy("v", positive=True)
    at = {n: 1 + MORE_TOKENS, gamma: above / (1 + above), RATIO: 1 + more}
    undeclared = {s for s in expr.free_symbols - set(at) if s == t or s.is_real is None}
    at |= {s: Dummy(str(s), positive=True) for s in undeclared}
    found = cancel(together(expr.subs(at, simultaneous=True)))
    top, bottom = (part.expand() for part in fraction(found))
    signed = (top / bottom).is_positive
    return bool(signed) or (not strict and found == 0)


def _square(expr: Expr) -> Expr:
    """Return a square, free of roots where what is squared is a root."""
    return cancel(together(expr**2))


def _rootless(expr: Expr) -> Expr:
    """Return an expression without its factors that are roots, which aren't negative."""
    return expr.replace(lambda e: isinstance(e, Pow) and not e.exp.is_Integer, lambda e: S.One)


def decide_level(flow: Flow, stages: tuple[Stage, ...]) -> Sheet:
    """Compare the times to an angle at two β, the angle being the clock."""
    from proofs_checks.discovery import questions
    from proofs_checks.own_model.by_theorem import asked

    rises = asked(questions()["Theorem 6.8"], flow)
    text = f"Theorem 6.8: {rises.sentence or 'γ rises to 1 from orthonormal tokens'}"
    known = rises.verdict is Verdict.PROVED
    meets = Step(text, How.BY_STATEMENT) if known else gap(text, rises.detail)
    steps = [meets, Step("ρ = e^{β(1-γ)} rises with β for γ < 1", How.DERIVED)]
    for stage in stages:
        written = stage.pace.subs(RATIO, Dummy("ρ"))
        slower = _positive(_square(1 / stage.pace).diff(RATIO)) and _positive(_rootless(stage.pace))
        text = f"f = {written} > 0, ∂(1/f²)/∂ρ > 0 for 0 < γ < 1, ρ > 1, n >= 2"
        steps.append(Step(text, How.DECIDED) if slower else gap(text, "no sign"))
        if stage.growth == 0:
            continue
        longer = _positive(stage.growth.diff(RATIO), strict=False)
        text = f"d log r/dγ = {stage.growth.subs(RATIO, Dummy('ρ'))} rises with ρ"
        steps.append(Step(text, How.DECIDED) if longer else gap(text, "no sign"))
    alone = all(stage.growth == 0 for stage in stages)
    text, why = "γ(t) is lower at a greater β, T later", "γ' falls as β rises, at each γ < 1 and t"
    if not alone:
        text = "T = ∫ r dγ/f is later at a greater β, the lengths equal at the start"
        why = "γ' = f/r: over γ r is longer and 1/f more; a stage of r' = 0 ends at a lower γ"
    level = cited("comparison of first-order equations", *steps)
    ends = Step(text, How.BY_RULE, evidence=why)
    words = {"n": "symbolic, >= 2", "beta": "symbolic, > 0", "delta": "symbolic", "d": ">= n"}
    given = {k: v for k, v in rises.scope.items() if k in ("given", "existence")}
    words |= {**given, "masses": "1/n"}
    detail = "γ' falls as β rises, so γ(t) = 1-δ at a later time"
    return Sheet((*steps, level, ends), words, (), detail)


def falls_late(flow: Flow, stages: Any, budget: Budget) -> Counterexample | None:
    """Find two β of which the greater has the sooner T, or a γ that never passes 0.

    Examples
    --------
    >>> import numpy as np
    >>> from theory.models import USA
    >>> found = falls_late(Flow.of(USA), None, Budget(1, np.random.default_rng(0)))
    >>> found.text.partition(": ")[0]
    'n = 2, T(1-δ)/log(1/δ) -> 1/λ as δ -> 0'
    """
    found, rate = flow.equal_angles[0], flow.angle_rate
    if found is None or rate is None or found.others or t in rate.free_symbols:
        return None
    if any(t in value.free_symbols for value in flow.values.values()) or flow.code:
        return None
    others = {s: S.One for s in rate.free_symbols - {beta, gamma, n}}
    named = "".join(f", {s} = {value}" for s, value in others.items())
    plain = rate.subs({n: Integer(2), **others})
    hot = Dummy("b", positive=True)
    start = simplify(plain.subs({beta: hot, gamma: 0}))
    if start.is_nonpositive:
        text = f"n = 2{named}: γ(0) = 0, γ' = {plain}, at most 0 there: γ never passes 0"
        return Counterexample(f"{text}, so γ(t) = 1-δ has no t at any β > 0", {"n": "2"})
    cool, warm = (simplify(-plain.diff(gamma).subs({gamma: 1, beta: b})) for b in (1, 2))
    if not (cool.is_positive and (warm - cool).is_positive) or not _rises(flow):
        return None
    text = f"n = 2, T(1-δ)/log(1/δ) -> 1/λ as δ -> 0: λ = {cool} at β = 1, {warm} at β = 2{named}"
    return Counterexample(f"{text}: T falls for all small δ", {"n": "2", "d": ">= 2"})


def _rises(flow: Flow) -> bool:
    from proofs_checks.discovery import questions
    from proofs_checks.own_model.by_theorem import asked

    return asked(questions()["Theorem 6.8"], flow).verdict is Verdict.PROVED


def say_level(flow: Flow, stages: tuple[Stage, ...]) -> str:
    """Say of which lengths."""
    alone = all(stage.growth == 0 for stage in stages)
    return _SENTENCE if alone else f"equal lengths: {_SENTENCE}"


LEVEL: Statement[tuple[Stage, ...]] = Statement(
    "(6.12)",
    _SENTENCE,
    decide_level,
    derive_stages,
    falls_late,
    domain=(IN_TIME, SPHERE, ALIKE, VARIED),
    several_blocks=True,
    says=say_level,
    varies=(beta,),
)


__all__ = ["LEVEL", "Stage"]
