"""Thresholds of β below or above which tokens meet from almost every start."""

from __future__ import annotations

from sympy import Expr, S, exp

from proofs_checks.proof import ONE_MASS
from proofs_checks.propositions import All, Implies, Is, Rel, Subject, every
from proofs_checks.theorems.almost_every import MEETS
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, SIGNS
from proofs_checks.theorems.kernel import Found, Refusal, apply, assume, settle
from proofs_checks.theorems.logic import cases, discharge, generalise, together
from proofs_checks.theorems.order import CHAIN, EXPONENTIAL, SCALE, TANGENT
from proofs_checks.theorems.readers import TOKEN
from proofs_checks.theorems.starts import states_of
from proofs_checks.theorems.unit_cones import EITHER
from theory.symbols import beta, m, t, z
from theory.terms import Item


def _below_exponential(heat: Expr, warm: Found, right: Expr) -> Found:
    """``(e^{bz} - 1) z <= right`` for every z from -1 to 1, where right is e^b - 1 or more."""
    low, high = Rel("<=", -1, z), Rel("<=", z, 1)
    power, most = exp(heat * z), exp(heat) - 1
    # z >= 0: e^{bz} <= e^b, and z <= 1.
    less = apply(EXPONENTIAL, apply(SCALE, warm, assume(high)))
    less = settle(ADDED, Rel("<=", power - 1, most), less)
    gain = settle(SIGNS, Rel("<=", 0, most), warm)
    first = apply(SCALE, assume(Rel("<=", 0, z)), less)
    rising = apply(CHAIN, first, apply(SCALE, gain, assume(high)))
    # z <= 0: (1 - e^{bz})(-z) <= 1 - e^{bz} <= 1 - e^{-b} <= e^b - 1.
    room = apply(EXPONENTIAL, apply(SCALE, warm, assume(Rel("<=", z, 0))))
    near = apply(SCALE, settle(ADDED, Rel("<=", 0, 1 - power), room), assume(low))
    far = apply(EXPONENTIAL, apply(SCALE, warm, assume(low)))
    over = [apply(TANGENT, number=one) for one in (heat, -heat)]
    falling = settle(ADDED, Rel("<=", z * (power - 1), most), near, far, *over)
    found = apply(cases, apply(EITHER, number=z), rising, falling)
    if right != most:
        more = settle(SIGNS, Rel("<=", 0, right - most), warm)
        found = settle(ADDED, Rel("<=", z * (power - 1), right), found, more)
    for one in (high, low):
        found = apply(discharge, found, hypothesis=one)
    return apply(generalise, found, variables=(z,))


def _beyond(threshold: Expr, simple: Expr) -> Found:
    """``e^{-threshold} < e^{-simple}`` for every μ > 0: it is more than the simple one."""
    heavy = Rel("<", 0, ONE_MASS)
    found = apply(TANGENT, settle(SIGNS, Rel("<", 0, simple), assume(heavy)), number=-simple)
    if exp(-threshold) != 1 - simple:
        more = settle(SIGNS, Rel("<=", 0, 1 - simple - exp(-threshold)), assume(heavy))
        found = settle(ADDED, Rel("<", exp(-threshold), exp(-simple)), found, more)
    found = apply(discharge, found, hypothesis=heavy)
    return apply(generalise, found, variables=(ONE_MASS,))


def small_starts(
    subject: Subject, right: Expr, threshold: Expr, simple: Expr
) -> Conclusion | Refusal:
    """Claim that tokens meet from almost every start at small β, how small, and why.

    Parameters
    ----------
    subject : Subject
    right : Expr
        ``(e^{bz} - 1) z <= right`` for z from -1 to 1, of weights of b<x_i,x_j>; in ``beta``.
    threshold : Expr
        Every ``β < threshold``, in ``ONE_MASS`` for each m_i; where b holds no β, of b.
    simple : Expr
        It is less than the threshold.

    Examples
    --------
    >>> from sympy import log
    >>> from theory.models import SA
    >>> sa, least = Subject.of(SA), -log(1 - ONE_MASS)
    >>> for simple in (ONE_MASS, 2 * ONE_MASS):
    ...     own = small_starts(sa, exp(beta) - 1, least, simple)
    ...     print(isinstance(own.found, Refusal))
    False
    True
    """
    states = states_of(subject)
    if states is None:
        return Refusal("no energy of pairs climbs")
    own, share = states.heat, states.heat / beta if states.heat.has(beta) else S.One
    if share.has(beta, t):
        return Refusal(f"{own} is no multiple of β")
    right, threshold, simple = right.subs(beta, own / share), share * threshold, share * simple
    found = apply(
        together,
        _below_exponential(own, states.warm, right),
        _beyond(threshold, simple),
        states.meets(states.small()),
    )
    below = Rel("<=", z * (exp(own * z) - 1), right)
    inside = Implies(Rel("<=", -1, z), Implies(Rel("<=", z, 1), below))
    more = Implies(Rel("<", 0, ONE_MASS), Rel("<", exp(-threshold), exp(-simple)))
    meets = All(Is(states.converges, subject), Is(MEETS, subject))
    then = All(every(z, inside), every(ONE_MASS, more), meets)
    reached = Rel("<", exp(-threshold.subs(ONE_MASS, Item(m, TOKEN))), exp(-own))
    return claimed(found, then, (every(TOKEN, reached), *states.given))
