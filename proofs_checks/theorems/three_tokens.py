"""Problem 3, n = 3: on the circle two arcs of at most π/2 span less than π, for every β > 0.

Weights e^{bz} have z e^{bz} - b (1-z²) e^{bz} < 0 for z from -1 to 0, and cos π/(n-1) <= 0 for n
up to 3: it is negative up to cos π/(n-1). At β = 0 an energy of pairs is one of the barycentre.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import S, cos, pi

from proofs_checks.proof import Flow
from proofs_checks.propositions import All, Implies, Is, Proposition, Rel, Subject
from proofs_checks.theorems.arcs import COSINE_FALLS, dips, exponential_dips, profile, turn
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import attached
from proofs_checks.theorems.engines import ADDED, SIGNS
from proofs_checks.theorems.kernel import Found, Refusal, apply, assume, settle
from proofs_checks.theorems.logic import cut, discharge, together
from proofs_checks.theorems.order import CHAIN, NONZERO, RECIPROCAL, SCALE
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import CURVE, OTHER, TOKEN
from proofs_checks.theorems.saddles import ON_CIRCLES, strict
from proofs_checks.theorems.second_derivatives import BOTH, stated_pairs
from proofs_checks.theorems.states import States
from theory.symbols import beta, d, n, z
from theory.terms import Number as Term

HOT = Rel("<", 0, beta)
PLANE = Rel("<=", d, 2)
_INNER = gram(TOKEN, OTHER)


def _states(subject: Subject, kernel: Any) -> States | Refusal:
    """Return what is known at all states of ``Σ_i Σ_j m_i m_j h(<x_i,x_j>)``, h in z."""
    own = attached(subject)
    if isinstance(own, Refusal):
        return own
    pairs, weight = (BOTH * one.xreplace({z: _INNER}) for one in (kernel, 2 * kernel.diff(z)))
    return States(replace(own, pairs=pairs, weight=weight))


def _edge(most: int, heat: Any, hot: Found, low: Any) -> Found:
    """``(d-1) cos a < b (1 - cos² a)``, a = π/(n-1) for n up to a number, where 0 <= cos a."""
    place, end = cos(pi / (n - 1)), cos(pi / (most - 1))
    several, few = assume(SEVERAL), assume(Rel("<=", n, most))
    others = settle(SIGNS, Rel("<", 0, n - 1), several)
    order = apply(RECIPROCAL, others, settle(ADDED, Rel("<=", n - 1, most - 1), few))
    order = apply(SCALE, settle(SIGNS, Rel("<=", 0, pi)), order)
    falls = apply(COSINE_FALLS, settle(SIGNS, Rel("<", 0, pi / (most - 1))), order, turn(pi)[1])
    up, wide = assume(Rel("<=", 0, place)), settle(SIGNS, Rel("<=", 0, d - 1), assume(ON_CIRCLES))
    says = Rel("<", (d - 1) * place, heat * (1 - place**2))
    if end > 0:  # the longest arcs fit at the least β
        level = settle(SIGNS, Rel("<=", 0, 1 - end))
        level = settle(ADDED, Rel("<=", place, 1), falls, level, others)
        more = settle(ADDED, Rel("<=", 0, heat - low), assume(Rel("<=", low, heat)))
        parts = (
            settle(SIGNS, Rel("<=", 0, (heat - low) * (1 - place) * (1 + place)), more, level, up),
            settle(SIGNS, Rel("<=", 0, low * (end - place) * (end + place)), falls, up),
            settle(SIGNS, Rel("<", 0, low * (1 - end**2) - end)),
            settle(SIGNS, Rel("<=", 0, (2 - d) * place), assume(PLANE), up),
        )
        return settle(ADDED, says, *parts, falls, others)
    if end != 0:
        falls = apply(CHAIN, falls, settle(SIGNS, Rel("<=", end, 0)))
    room = settle(SIGNS, Rel("<", 0, heat * (1 - place) * (1 + place)), hot, falls, up)
    return settle(ADDED, says, apply(SCALE, wide, falls), room, others)


def stated_kernel(flow: Flow) -> tuple[Subject, Any] | Refusal:
    """Return of what a theorem speaks, and h, in z: its energy is Σ_i Σ_j m_i m_j h(<x_i,x_j>).

    Examples
    --------
    >>> from theory.models import CAUSAL, USA
    >>> stated_kernel(Flow.of(USA))[1]
    exp(beta*z)/(2*beta)
    >>> print(stated_kernel(Flow.of(CAUSAL)))
    the model states no energy
    """
    stated = stated_pairs(flow)
    if isinstance(stated, Refusal):
        return stated
    subject, pairs = stated
    kernel = (pairs / BOTH).xreplace({_INNER: z})
    return Refusal("its pairs aren't m_i m_j h") if kernel.has(Term) else (subject, kernel)


def few_saddles(
    subject: Subject, kernel: Any, cold: Any, most: int, low: Any
) -> Conclusion | Refusal:
    """Claim that on the circle all critical points of few tokens but consensus are strict saddles.

    Parameters
    ----------
    subject : Subject
    kernel, cold : Expr
        h and what is left of it at β = 0, in ``z``: E = Σ_i Σ_j m_i m_j h(<x_i,x_j>).
    most : int
        The largest number of tokens.
    low : Expr
        The least β.

    Examples
    --------
    >>> from sympy import Rational, exp
    >>> from theory.models import USA
    >>> usa, kernel = Subject.of(USA), exp(beta * z) / (2 * beta)
    >>> for most, low in ((3, 0), (4, 1), (3, -Rational(1, 2))):
    ...     own = few_saddles(usa, kernel, z / 2, most, low)
    ...     print(type(own.found).__name__)
    Theorem
    Theorem
    Refusal
    >>> print(few_saddles(usa, kernel, z / 2, 4, Rational(1, 2)))
    3 arcs are short for β > 2/3 alone
    """
    hot_states, cold_states = _states(subject, kernel), _states(subject, cold)
    if isinstance(hot_states, Refusal) or isinstance(cold_states, Refusal):
        return hot_states if isinstance(hot_states, Refusal) else Refusal(str(cold_states))
    own, heat, base = hot_states.kernel, hot_states.heat, S(low)
    if own is None or heat.has(z):
        return Refusal("weights aren't m_i m_j e^(b<x_i,x_j>)")
    end = cos(pi / (most - 1))
    if end > 0 and not (heat == beta and base > (short := end / (1 - end**2))):
        return Refusal(f"{most - 1} arcs are short for β > {short} alone")
    known = Rel("<=", n, most), SEVERAL, PLANE, ON_CIRCLES
    warm = assume(HOT if base == 0 else Rel("<=", base, beta))
    over = warm if base == 0 else apply(CHAIN, settle(SIGNS, Rel("<", 0, base)), warm)
    hot = over if heat == beta else settle(SIGNS, Rel("<", 0, heat), over)
    dip, given = exponential_dips(heat, hot, _edge(most, heat, hot, base)), Is(CURVE, subject)
    whole = apply(together, dip, hot_states.by_arcs(dip, ON_CIRCLES))
    whole = apply(cut, whole, apply(NONZERO, over))
    says: Proposition = All(dips(profile(own, d - 1), pi / (n - 1)), strict(hot_states.own.pairs))
    if base == 0:
        whole = apply(discharge, whole, hypothesis=HOT)
        whole = apply(together, whole, cold_states.cold())
        says = All(Implies(HOT, says), strict(cold_states.own.pairs))
    return claimed(whole, says, (*known, given, Rel("<=", base, beta)))


__all__ = ["few_saddles", "stated_kernel"]
