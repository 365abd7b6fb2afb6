"""Thresholds of β below or above which tokens meet from almost every start."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, S, cancel, exp, pi, simplify, sqrt

from proofs_checks.proof import ONE_MASS
from proofs_checks.propositions import All, Implies, Is, Proposition, Rel, Subject, every
from proofs_checks.theorems.almost_every import MEETS
from proofs_checks.theorems.arcs import at_threshold, dips, exponential_dips, few_dip, profile
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS
from proofs_checks.theorems.kernel import Found, Refusal, Theorem, apply, assume, settle
from proofs_checks.theorems.logic import cases, discharge, generalise, together
from proofs_checks.theorems.order import CHAIN, EITHER, EXPONENTIAL, ROOT, SCALE, TANGENT
from proofs_checks.theorems.readers import TOKEN
from proofs_checks.theorems.saddles import CIRCLE, ON_CIRCLES
from proofs_checks.theorems.starts import states_of
from theory.symbols import beta, d, m, n, t, z
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


# -- from a β on -------------------------------------------------------------------------------


def _no_more(kernel: Expr, bracket: Expr, heat: Expr, hot: Found) -> tuple[Found, Proposition]:
    """``p <= k bracket`` for z from -1 to 1, k = e^{bz}; an equation where it is one."""
    own, said = profile(kernel, d - 1), kernel * bracket
    same = settle(EQUAL, Rel("=", own, said))
    if isinstance(same, Theorem):
        return same, same.says
    low, high = Rel("<=", -1, z), Rel("<=", z, 1)
    more = cancel((bracket - (d - 1) * z + heat * (1 - z**2)) / (1 - z**2))
    more *= (1 - z) * (1 + z)
    over = settle(SIGNS, Rel("<=", 0, more), hot, assume(low), assume(high))
    over = apply(SCALE, settle(SIGNS, Rel("<=", 0, kernel)), over)
    found = settle(ADDED, Rel("<=", own, said), over)
    for one in (high, low):
        found = apply(discharge, found, hypothesis=one)
    then = every(z, Implies(low, Implies(high, Rel("<=", own, said))))
    return apply(generalise, found, variables=(z,)), then


def _one_zero(bracket: Expr, critical: Expr, hot: Found) -> tuple[Found, Proposition]:
    """``bracket = e (z - c)(z + c + (d-1)/e)`` and ``0 < c + (d-1)/e - 1``, c the zero."""
    own, room, roomy = -bracket.subs(z, 0), (d - 1) ** 2, assume(ON_CIRCLES)
    ahead = settle(SIGNS, Rel("<", 0, simplify(beta / own)))
    bare = apply(SCALE, ahead, hot) if own.has(beta) and own != beta else hot
    rest, root = critical + (d - 1) / own, sqrt(room + 4 * own**2)
    # 2e <= √((d-1)² + 4e²), so that 2e (c - 1) + d - 1 is more than 0.
    double, square = (settle(SIGNS, Rel("<=", 0, one), bare) for one in (2 * own, 4 * own**2))
    more = settle(SIGNS, Rel("<=", 0, room))
    more = settle(ADDED, Rel("<=", 4 * own**2, room + 4 * own**2), more)
    longer = apply(ROOT, square, more, double, root=2 * own)
    above = d - 1 + root - 2 * own
    found = settle(ADDED, Rel("<", 0, above), longer, settle(SIGNS, Rel("<", 1 - d, 0), roomy))
    found = apply(SCALE, settle(SIGNS, Rel("<", 0, 1 / (2 * own)), bare), found)
    same = settle(EQUAL, Rel("=", above / (2 * own), rest - 1), bare)
    zero = Rel("=", bracket, own * (z - critical) * (z + rest))
    found = apply(together, settle(EQUAL, zero, bare), apply(CHAIN, found, same))
    return found, All(zero, Rel("<", 0, rest - 1))


@dataclass(frozen=True)
class Arcs:
    """What is said of the profile of weights e^{bz}, from a number on, and how it is concluded.

    Attributes
    ----------
    low : Rel
        ``c <= b``.
    hot, dip : Theorem or Refusal
        ``0 < b``, and where the profile is negative.
    found : tuple of Theorem or Refusal
        What is claimed.
    says : tuple of Proposition
    """

    low: Rel
    hot: Found
    dip: Found
    found: tuple[Found, ...]
    says: tuple[Proposition, ...]


def arcs_of(
    kernel: Expr, bracket: Expr, critical: Expr, threshold: Expr, length: Expr
) -> Arcs | Refusal:
    """Say how the profile of a kernel e^{bz} changes sign, and from which b on arcs are short.

    Parameters
    ----------
    kernel : Expr
        In ``z``.
    bracket : Expr
        ``(d-1) z - e (1-z²)``, at most the profile over the kernel; in ``beta``, ``d`` and ``z``.
    critical : Expr
        Its one zero on [-1, 1].
    threshold : Expr
        Of β, in ``n`` and ``d``: from it on the profile is negative up to cos a.
    length : Expr
        a = length/(n-1).

    Examples
    --------
    >>> found = arcs_of(exp(beta * z), (d - 1) * z - beta * (1 - z**2), d, d, pi)
    >>> print(found.low)
    Rel(<=, d, beta)
    """
    heat, unit = simplify(kernel.diff(z) / kernel), simplify(-bracket.subs(z, 0) / beta)
    share = heat / beta if heat.has(beta) else unit
    if heat.has(z) or share.has(beta, t) or not unit.is_positive:
        return Refusal(f"{kernel} is no exponential of a multiple of β")
    if not heat.has(beta):
        bracket, critical = (one.subs(beta, heat / unit) for one in (bracket, critical))
    low = Rel("<=", share * threshold, heat)
    hot, edge = at_threshold(heat, assume(low), length)
    dip = exponential_dips(heat, hot, edge, length)
    own = -bracket.subs(z, 0)
    if own != heat:
        hot = apply(SCALE, settle(SIGNS, Rel("<", 0, simplify(own / heat))), hot)
    whole, once = _no_more(kernel, bracket, heat, hot), _one_zero(bracket, critical, hot)
    says = whole[1], once[1], dips(profile(kernel, d - 1), length / (n - 1))
    return Arcs(low, hot, dip, (whole[0], once[0], dip), says)


def arcs_from(
    kernel: Expr, bracket: Expr, critical: Expr, threshold: Expr, length: Expr
) -> Conclusion | Refusal:
    """Claim what `arcs_of` says.

    Examples
    --------
    >>> c = (1 - d + sqrt((d - 1) ** 2 + 4 * beta**2)) / (2 * beta)
    >>> asked = exp(beta * z), (d - 1) * z - beta * (1 - z**2), c
    >>> for length in (pi, pi / 2):
    ...     own = arcs_from(*asked, (d - 1) * n**2 / pi**2, length)
    ...     print(isinstance(own.found, Theorem))
    True
    False
    """
    arcs = arcs_of(kernel, bracket, critical, threshold, length)
    if isinstance(arcs, Refusal):
        return arcs
    found = apply(together, *arcs.found)
    return claimed(found, All(*arcs.says), (ON_CIRCLES, SEVERAL, arcs.low))


def large_starts(
    subject: Subject, bracket: Expr, critical: Expr, threshold: Expr, length: Expr
) -> Conclusion | Refusal:
    """Claim what `arcs_of` says of a model, and that tokens meet from almost every start.

    Examples
    --------
    >>> from theory.models import SA
    >>> c = (1 - d + sqrt((d - 1) ** 2 + 4 * beta**2)) / (2 * beta)
    >>> asked = (d - 1) * z - beta * (1 - z**2), c, (d - 1) * (n - 1) ** 2 / pi**2
    >>> large_starts(Subject.of(SA), *asked, pi).found.by.name
    'and'
    """
    states = states_of(subject)
    kernel = None if states is None else states.kernel
    if states is None or kernel is None:
        return Refusal("no energy of pairs of one kernel climbs")
    arcs = arcs_of(kernel, bracket, critical, threshold, length)
    if isinstance(arcs, Refusal):
        return arcs
    meets = states.meets(states.by_arcs(arcs.dip, ON_CIRCLES))
    then = All(*arcs.says, All(Is(states.converges, subject), Is(MEETS, subject)))
    return claimed(apply(together, *arcs.found, meets), then, (arcs.low, *states.given))


def few_starts(subject: Subject, said: Expr, most: int) -> Conclusion | Refusal:
    """Claim that on the circle few tokens meet from almost every start, and why.

    Parameters
    ----------
    subject : Subject
    said : Expr
        Its profile, of ``z``.
    most : int
        The largest number of tokens.

    Examples
    --------
    >>> from theory.models import SA
    >>> own = few_starts(Subject.of(SA, {beta: 2}), z * exp(2 * z) - 2 * (1 - z**2) * exp(2 * z), 4)
    >>> own.found.by.name
    'and'
    """
    states = states_of(subject)
    kernel = None if states is None else states.kernel
    if states is None or kernel is None:
        return Refusal("no energy of pairs of one kernel climbs")
    own, scale = profile(kernel, S.One), said.subs(z, 1) / kernel.subs(z, 1)
    if not (scale.is_number and scale.is_positive):
        return Refusal("the profile isn't that of the energy, times a number")
    same = Rel("=", scale * own, said)
    whole, dip = few_dip(kernel, most)
    meets = states.meets(states.by_arcs(dip, CIRCLE))
    alike = said in (scale * own, profile(scale * kernel, S.One))
    written_so = () if alike else ((settle(EQUAL, same), same),)
    then = (
        *(one for _, one in written_so),
        dips(own, pi / (most - 1)),
        All(Is(states.converges, subject), Is(MEETS, subject)),
    )
    found = apply(together, *(one for one, _ in written_so), whole, meets)
    return claimed(found, All(*then), (Rel("<=", n, most), *states.given))
