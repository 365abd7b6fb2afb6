"""(6.12) of any model whose equal angles stay equal: whether its time T to an angle rises with β.

T falls for late angles where the rate λ at consensus rises with β: T(1-δ) = (1 + o(1))
log(1/δ)/λ.
"""

from __future__ import annotations

from sympy import Dummy, Integer, S, simplify

from proofs_checks.claim import Budget, Verdict
from proofs_checks.own_model.shown import Shown, stated
from proofs_checks.proof import Counterexample, Flow
from proofs_checks.proof.kinds import ALIKE, IN_TIME, SPHERE, VARIED
from proofs_checks.theorems import Refusal, later, sight_in, words_of
from theory.symbols import beta, gamma, n, t

OF_ORTHONORMAL = {"d": "symbolic, >= n", "masses": "1/n"}
"""Scope of what is said of orthonormal tokens."""


def of_later(flow: Flow) -> Shown | None:
    """(6.12): when orthonormal tokens reach an angle, in t."""
    found = sight_in(flow, still=False)
    own = None if isinstance(found, Refusal) else later(*found)
    return None if own is None else Shown(words_of(own), own, words=OF_ORTHONORMAL)


def _proved(flow: Flow) -> Shown | None:
    """(6.12), where it is concluded: what is refuted is the paper's sentence."""
    found = of_later(flow)
    return None if found is None or isinstance(found.own.found, Refusal) else found


def falls_late(flow: Flow, shown: Shown | None, budget: Budget) -> Counterexample | None:
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


LEVEL = stated("(6.12)", _proved, (IN_TIME, SPHERE, ALIKE, VARIED), (beta,), refute=falls_late)


__all__ = ["LEVEL", "OF_ORTHONORMAL", "of_later"]
