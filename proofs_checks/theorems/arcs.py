"""T6 by trees of short arcs: kernels whose second variation across a cut is positive from afar.

Averaged over rotations of one side of a cut, E'' is -Σ m_i m_j p(<x_i,x_j>) over the pairs across
it, p = (d-1) z k - (1-z²) k'. Where p < 0 from -1 to cos π/(n-1) some pair across is nearer.
"""

from __future__ import annotations

from sympy import Expr, Float, Integer, Rational, S, cos, exp, factor, pi

from proofs_checks.decide import decide_positive, enclose, sign_changes
from proofs_checks.proof import How
from proofs_checks.propositions import Bound, Implies, Proposition, Rel, every
from proofs_checks.theorems.analytic import analytic
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
    settle,
)
from proofs_checks.theorems.logic import cases, cut, detach, discharge, generalise, instantiate
from proofs_checks.theorems.order import (
    CHAIN,
    EITHER,
    RECIPROCAL,
    SCALE,
    above,
    of_all,
    of_parameters,
    relation,
    wants,
)
from proofs_checks.theorems.readers import OTHER, TOKEN
from proofs_checks.theorems.saddles import CIRCLE, ON_CIRCLES, mirrored, strict
from theory.symbols import d, m, n, t, z
from theory.terms import Item
from theory.terms import Number as Term

FROM, ROOM = Rel("<=", -1, z), Rel("<=", 0, d - 1)


def profile(kernel: Expr, room: Expr) -> Expr:
    """Return p = (d-1) z k - (1-z²) k' of a kernel k of z, d - 1 being the room."""
    return room * z * kernel - (1 - z**2) * kernel.diff(z)


def dips(below: Expr, angle: Expr) -> Bound:
    """Say that something is negative for z from -1 to the cosine of an angle."""
    return _below_up_to(below, cos(angle))


def _below_up_to(below: Expr, end: Expr) -> Bound:
    return every(z, Implies(FROM, Implies(Rel("<=", z, end), Rel("<", below, 0))))


# -- rules -------------------------------------------------------------------------------------


def _profiled(
    slope: Fact, mirror: Fact, sign: Fact, mass: Fact, dip: Fact, dimension: Fact
) -> Proposition:
    pairs, weight, inner = mirrored(slope, mirror, sign)
    above(sign, weight, strict=True)
    wants(mass, Rel("<", 0, Item(m, TOKEN)))
    of_all(mass, TOKEN, t)
    kernel = (weight / (Item(m, TOKEN) * Item(m, OTHER))).xreplace({inner: z})
    if not analytic(weight) or kernel.has(Term) or kernel.has(t):
        raise NotConcluded("the pairs aren't weighed by m_i m_j k(<x_i,x_j>), k analytic")
    if dimension.says != CIRCLE:
        wants(dimension, ON_CIRCLES)
    room = S.One if dimension.says == CIRCLE else d - 1
    wants(dip, dips(profile(kernel, room), pi / (n - 1)))
    of_parameters(dip.given)
    return strict(pairs)


def _square(positive: Fact, most: Fact) -> Proposition:
    angle = relation(positive, "<").right
    above(positive, angle, strict=True)
    wants(most, Rel("<=", angle, pi))
    return Rel("<", angle**2 * cos(angle), 1 - cos(angle) ** 2)


def _falls(positive: Fact, order: Fact, most: Fact) -> Proposition:
    says = relation(order, "<=")
    above(positive, says.left)
    wants(most, Rel("<=", says.right, pi))
    return Rel("<=", cos(says.right), cos(says.left))


ARC_SADDLES = Rule(
    "strict saddles by short arcs",
    "e_ij' = w_ij <x_i,x_j>'/2, w_ij = m_i m_j k(<x_i,x_j>), k analytic; w_ij = w_ji; 0 < w_ij; 0 "
    "< m_i; (d-1) z k - (1-z²) k' < 0 for z from -1 to cos π/(n-1); 2 <= d: each critical point of "
    "Σ_i Σ_j e_ij but consensus has a direction of E'' > 0",
    "turn one side of a cut: summed over the planes of two axes the second variation is -Σ m_i m_j "
    "((d-1) g k - (1-g²) k') over pairs across, so where there is no such direction some pair has "
    "g > cos π/(n-1). A tree of such arcs is shorter than π in all, so that it is in an open "
    "hemisphere, where the lowest token moves unless all are one",
    _profiled,
)
SQUARE = Rule(
    "square of an angle",
    "0 < a; a <= π: a² cos a < sin² a",
    "for a < π/2 it is sin a tan a > a²: (sin a tan a)'' = cos a + 2/cos³ a - 1/cos a > 2; else "
    "cos a <= 0, and sin a > 0 or cos a = -1",
    _square,
)
COSINE_FALLS = Rule(
    "cosine falls", "0 <= a; a <= b; b <= π: cos b <= cos a", "cos falls on [0, π]", _falls
)


def _dips(says: Proposition, exactly: bool) -> str:
    """Decide that a function of z alone is negative from -1 to a number."""
    if not isinstance(says, Bound) or len(says.bound) != 1:
        raise NotConcluded("it isn't that something is so for every z")
    body = says.opened(z)
    inner = body.args[1] if isinstance(body, Implies) else None
    near, dip = inner.args[:2] if isinstance(inner, Implies) else (None, None)
    if not (isinstance(near, Rel) and isinstance(dip, Rel)):
        raise NotConcluded("it isn't that something is negative from -1 to a number")
    end, below = near.right, dip.left
    if says != _below_up_to(below, end) or not end.is_number:
        raise NotConcluded("it isn't that something is negative from -1 to a number")
    roots = None if below.free_symbols - {z} else sign_changes(below)
    if roots is None or (exactly and any(root.has(Float) for root in roots)):
        raise NotConcluded("it is no such function of z alone")
    for power in (4, 12, 24, 40):
        step = Rational(1, 2**power)
        far = Integer(int((end.evalf(30) + 1) / step) + 1) * step - 1
        if enclose(far - end, {}).a >= 0 and decide_positive(-below, -1, far).for_all:
            return f"up to {far}"
    raise NotConcluded("its sign isn't decided")


def _exactly(says: Proposition, facts: tuple[Fact, ...]) -> str:
    return _dips(says, exactly=True)


def _enclosed(says: Proposition, facts: tuple[Fact, ...]) -> str:
    return _dips(says, exactly=False)


DIPS = Engine("negative from afar", How.DECIDED, _exactly)
DIPS_ENCLOSED = Engine("negative from afar, enclosed", How.ENCLOSED, _enclosed)


# -- exponentials ------------------------------------------------------------------------------


def turn(length: Expr) -> tuple[Found, Found]:
    """``0 < a`` and ``a <= π`` for one of n - 1 arcs that have a length of at most π in all."""
    several, angle = assume(SEVERAL), length / (n - 1)
    others = settle(SIGNS, Rel("<", 0, n - 1), several)
    less = settle(SIGNS, Rel("<=", 0, length * (n - 2) / (n - 1)), several)
    short = [settle(SIGNS, Rel("<=", 0, pi - length))] if length != pi else []
    less = settle(ADDED, Rel("<=", angle, pi), less, *short, others)
    return settle(SIGNS, Rel("<", 0, angle), several), less


def at_threshold(heat: Expr, low: Found, length: Expr = pi) -> tuple[Found, Found]:
    """``0 < b``, and ``(d-1) cos a < b sin² a`` where 0 <= cos a, of ``low <= b``.

    Parameters
    ----------
    heat : Expr
        b.
    low : Theorem or Refusal
        ``(d-1)/a² <= b``, or of something that isn't less.
    length : Expr
        a = length/(n-1).
    """
    if isinstance(low, Refusal):
        return low, low
    several, roomy, angle = assume(SEVERAL), assume(ON_CIRCLES), length / (n - 1)
    place, base = cos(angle), (d - 1) / angle**2
    said = relation(low.fact, "<=").left
    if said != base:
        more = settle(SIGNS, Rel("<=", 0, factor(said - base)), several, roomy)
        low = apply(CHAIN, settle(ADDED, Rel("<=", base, said), more), low)
    hot = apply(CHAIN, settle(SIGNS, Rel("<", 0, base), several, roomy), low)
    sign = settle(SIGNS, Rel("<=", 0, angle**2 * place), several, assume(Rel("<=", 0, place)))
    first = apply(SCALE, sign, low)
    return hot, apply(CHAIN, first, apply(SCALE, hot, apply(SQUARE, *turn(length))))


def exponential_dips(heat: Expr, hot: Found, edge: Found, length: Expr = pi) -> Found:
    """``(d-1) z k < (1-z²) k'`` of k = e^{bz} for z from -1 to cos a.

    Parameters
    ----------
    heat : Expr
        b.
    hot, edge : Theorem
        ``0 < b``; ``(d-1) cos a < b (1 - cos² a)``, where ``0 <= cos a`` may be assumed.
    length : Expr
        a = length/(n-1).
    """
    place, room = cos(length / (n - 1)), d - 1
    low, high = assume(FROM), assume(Rel("<=", z, place))
    up, down, roomy = assume(Rel("<=", 0, z)), assume(Rel("<=", z, 0)), assume(ON_CIRCLES)
    below = room * z - heat * (1 - z**2)
    # z >= 0: what is said rises up to cos a.
    over = apply(CHAIN, up, high)
    if isinstance(edge, Theorem) and isinstance(over, Theorem) and over.says in edge.given:
        edge = apply(cut, edge, over)
    rises = [
        settle(SIGNS, Rel("<=", 0, one), high, up, over, hot, roomy)
        for one in (room * (place - z), heat * (place - z) * (place + z))
    ]
    near = settle(ADDED, Rel("<", below, 0), edge, *rises)
    # z <= 0: z <= -z², and (d-1) z² + b (1-z²) is at least the smaller of d - 1 and b.
    side = apply(SCALE, settle(SIGNS, Rel("<=", 0, room * (1 + z)), low, roomy), down)
    wide, narrow = Rel("<=", 0, heat - room), Rel("<=", heat - room, 0)
    level = settle(SIGNS, Rel("<=", 0, 1 - z), down)
    first = settle(SIGNS, Rel("<=", 0, (heat - room) * (1 - z) * (1 + z)), assume(wide), level, low)
    second = settle(SIGNS, Rel("<=", 0, (room - heat) * z**2), assume(narrow))
    far = apply(
        cases,
        apply(EITHER, number=heat - room),
        settle(ADDED, Rel("<", below, 0), side, first, settle(SIGNS, Rel("<", 0, room), roomy)),
        settle(ADDED, Rel("<", below, 0), side, second, hot),
    )
    kernel = exp(heat * z)
    found = apply(cases, apply(EITHER, number=z), near, far)
    found = apply(SCALE, settle(SIGNS, Rel("<", 0, kernel)), found)
    said = profile(kernel, room)
    same = settle(EQUAL, Rel("=", said, kernel * below))
    found = apply(CHAIN, same, found)
    for one in (Rel("<=", z, place), FROM):
        found = apply(discharge, found, hypothesis=one)
    return apply(generalise, found, variables=(z,))


# -- kernels at numbers, on the circle ---------------------------------------------------------


def few_dip(kernel: Expr, most: int) -> tuple[Found, Found]:
    """Decide ``z k < (1-z²) k'`` up to cos π/(N-1), and conclude it up to cos π/(n-1), n <= N."""
    below, angle = profile(kernel, S.One), pi / (most - 1)
    whole = settle(DIPS, dips(below, angle))
    if isinstance(whole, Refusal):
        whole = settle(DIPS_ENCLOSED, dips(below, angle))
    several, few = assume(SEVERAL), assume(Rel("<=", n, most))
    others = settle(SIGNS, Rel("<", 0, n - 1), several)
    order = apply(RECIPROCAL, others, settle(ADDED, Rel("<=", n - 1, most - 1), few))
    order = apply(SCALE, settle(SIGNS, Rel("<=", 0, pi)), order)
    falls = apply(COSINE_FALLS, settle(SIGNS, Rel("<", 0, angle)), order, turn(pi)[1])
    high = Rel("<=", z, cos(pi / (n - 1)))
    found = apply(detach, apply(instantiate, whole, values=(z,)), assume(FROM))
    found = apply(detach, found, apply(CHAIN, assume(high), falls))
    for one in (high, FROM):
        found = apply(discharge, found, hypothesis=one)
    return whole, apply(generalise, found, variables=(z,))
