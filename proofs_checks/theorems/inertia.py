"""Remark B.1: where a flow rests its linearisation has the inertia of the energy that it climbs.

x' = v with Σ_i τ_i <y_i,v_i> = dE(y), τ_i > 0: v = G^{-1} grad E, G = diag(τ_i). Where v = 0 its
derivative is G^{-1} Hess E: G^{1/2} turns it into G^{-1/2} Hess E G^{-1/2}, congruent to Hess E.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Dummy, Integer, S, cos, simplify, sin, sympify

from proofs_checks.proof import SYLVESTER
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.analytic import analytic, of_product
from proofs_checks.theorems.attraction import UNIT_PRODUCT
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import PairEnergy, attached, heated
from proofs_checks.theorems.engines import EQUAL, SIGNS, spared
from proofs_checks.theorems.gradients import GRADIENT, MIRRORED, SHARES
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    read,
    settle,
)
from proofs_checks.theorems.logic import part, rename, together
from proofs_checks.theorems.order import CONSTANT, above, of_parameters, relation, wants
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import (
    CURVE,
    CURVE_MASSES,
    CURVE_POSITIVE,
    CURVE_UNIT,
    LIVE_MOTION,
    LIVES,
    OTHER,
    TOKEN,
    pulled,
)
from proofs_checks.theorems.stated import pairs_of
from theory.symbols import X, m, n
from theory.terms import (
    Inner,
    Item,
    Name,
    Row,
    Sort,
    TokenSum,
    VectorTokenSum,
    ddt,
    is_derivative,
    sort_of,
    total,
)
from theory.terms import Number as Term

INERTIA_AT_REST = Definition(
    "inertia at rest",
    "where the tokens of {0} rest, the linearisation of their motion on the spheres has as many "
    "positive, negative and zero eigenvalues, all real, as the Hessian of {1} there, masses fixed",
    (Subject, Sort.NUMBER),
)
_AT = "tokens of {{0}} of mass 1/{} on a circle, at angles {}, rest"
THREE_REST = Definition(
    "three at rest", _AT.format(3, "{1}, {2}, {3}"), (Subject, *(Sort.NUMBER,) * 3)
)
SIX_REST = Definition(
    "six at rest", _AT.format(6, "{1}, {2}, {3}, {4}, {5}, {6}"), (Subject, *(Sort.NUMBER,) * 6)
)
_RESTS = {3: THREE_REST, 6: SIX_REST}
_PULL = Row(X, TOKEN), Row(X, OTHER)
_PLACE = Dummy("z", real=True)


def at_rest(subject: Subject, angles: tuple[Any, ...]) -> Is:
    """Say that three or six tokens of equal mass rest at angles of a circle."""
    return Is(_RESTS[len(angles)], subject, *angles)


def _moved(motion: Fact) -> tuple[Subject, Any]:
    """Return the model of a motion x_i' = P_i Σ_j p_ij x_j of its tokens alone, and p_ij."""
    (given,) = motion.given if len(motion.given) == 1 else (None,)
    if not isinstance(given, Is) or given.definition is not LIVES:
        raise NotConcluded("it needs the motion of a model at any state, and nothing else given")
    subject = given.arguments[0]
    if set(subject.velocities) != {X}:
        raise NotConcluded("more than the tokens moves")
    says = relation(motion, "=")
    field: Any = says.right.args[1] if says.left == ddt(_PULL[0]) else None
    inside = field.opened(OTHER) if isinstance(field, VectorTokenSum) else None
    weight = S.One if inside == _PULL[1] else None
    if inside is not None and inside != _PULL[1]:
        weight = inside.args[0]
    if weight is None or says != pulled(weight):
        raise NotConcluded("tokens aren't pulled by each other")
    return subject, weight


def _along_curves(curve: Proposition, *facts: Fact) -> None:
    for one in facts:
        if curve not in one.given:
            raise NotConcluded("it isn't known along every curve of states")
        of_parameters(one.given - {curve})


def _inertia(change: Fact, sign: Fact, motion: Fact, rooms: Fact) -> Concluded:
    subject, weight = _moved(motion)
    says, curve = relation(change, "="), Is(CURVE, subject)
    pace = relation(sign, "<").right
    above(sign, pace, strict=True)
    if not is_derivative(says.left) or not isinstance(says.left.args[0], TokenSum):
        raise NotConcluded("its first premise isn't the derivative of an energy")
    energy = says.left.args[0]
    moves = Inner(ddt(_PULL[0]), pulled(weight).right)
    wants(change, Rel("=", ddt(energy), total(pace * moves, TOKEN)))
    product = gram(TOKEN, OTHER)
    wants(rooms, All(Rel("<=", -1, product), Rel("<=", product, 1)))
    known = tuple(Fact(one, rooms.given) for one in rooms.says.args)
    if not (analytic(energy, known) and of_product(pace, known) and analytic(weight, known)):
        raise NotConcluded("energy, weights and factors aren't seen to be analytic")
    (lives,) = motion.given
    _along_curves(curve, change, sign, rooms)
    discharged = {0: (curve,), 1: (curve,), 2: (lives,), 3: (curve,)}
    return Concluded(Is(INERTIA_AT_REST, subject, energy), discharged)


def _rests(share: Fact, sign: Fact, motion: Fact, angles: tuple[Any, ...]) -> Concluded:
    """Put tokens of mass 1/k at angles: P_i x_j is sin(θ_j - θ_i) times one vector."""
    subject, weight = _moved(motion)
    pace = relation(sign, "<").right
    above(sign, pace, strict=True)
    pull = relation(share, "=").right
    if sort_of(pull) is not Sort.NUMBER:
        raise NotConcluded("it needs the weights of the energy")
    wants(share, Rel("=", pace * weight, pull))
    angles = tuple(map(sympify, angles))
    if len(angles) not in _RESTS or not all(one.is_number for one in angles):
        raise NotConcluded("it is said of three or six angles")
    mass = Integer(1) / len(angles)
    for own in angles:
        speed = S.Zero
        for other in angles:
            put = {gram(TOKEN, OTHER): cos(own - other), Item(m, TOKEN): mass, Item(m, OTHER): mass}
            speed += pull.xreplace({**put, n: Integer(len(angles))}) * sin(other - own)
        if speed.has(Term, TOKEN, OTHER) or simplify(speed) != 0:
            raise NotConcluded(f"the token at {own} is pulled by {simplify(speed)}")
    (lives,) = motion.given
    curve = Is(CURVE, subject)
    _along_curves(curve, sign)
    of_parameters(share.given)
    discharged = {1: (curve,), 2: (lives,)}
    return Concluded(at_rest(subject, angles), discharged)


INERTIA_OF_ASCENT = Rule(
    "inertia at rest",
    "along curves E' = Σ_i τ_i <x_i',v_i>; 0 < τ_i; the motion x_i' = v_i of tokens; -1 <= "
    "<x_i,x_j> <= 1; all analytic: where v = 0 its linearisation has the inertia of Hess E",
    "v = G^{-1} grad E, so that dv = G^{-1} Hess E at a zero: similar to G^{-1/2} Hess E G^{-1/2}, "
    "which is congruent to Hess E; Sylvester's law",
    _inertia,
    (SYLVESTER,),
)
AT_REST = Rule(
    "at rest at angles",
    "τ_i p_ij = w_ij; 0 < τ_i; x_i' = P_i Σ_j p_ij x_j; Σ_j w_ij sin(θ_j - θ_i) = 0 for each of "
    "these tokens: they rest",
    "on the circle P_i x_j is sin(θ_j - θ_i) times one vector",
    _rests,
)


def _with_energy(own: PairEnergy, energy: Any) -> PairEnergy:
    """Attach an energy that is stated to the weights that climb a multiple of it."""
    pairs = pairs_of(energy)
    slope = pairs.xreplace({own.product: _PLACE}).diff(_PLACE).xreplace({_PLACE: own.product})
    ratio = simplify(2 * slope / own.weight)
    if ratio.has(Term):
        raise NotConcluded(f"its weights are {ratio} times those of the energy")
    return replace(own, pairs=pairs, weight=ratio * own.weight, pace=ratio * own.pace)


def _climbed(own: PairEnergy, unit: Found, rooms: Found) -> tuple[Found, Found]:
    """``E' = Σ_i τ_i <x_i',v_i>`` along curves, and ``τ_i p_ij = w_ij``."""
    still = read(CURVE_MASSES, own.pull.subject)
    known = *(apply(part, rooms, place=place) for place in (0, 1)), *heated(own.pairs)
    slope = Rel("=", ddt(own.pairs), own.weight * ddt(own.product) / 2)
    mirror = Rel("=", own.weight, own.weight.xreplace({TOKEN: OTHER, OTHER: TOKEN}))
    facts = (
        spared(EQUAL, slope, apply(CONSTANT, still), *known),
        spared(MIRRORED, mirror, *known),
        spared(SHARES, Rel("=", own.pace * own.pull.weight, own.weight), *known),
    )
    names = {"i": TOKEN, "j": OTHER, "weight": own.pull.weight, "pace": own.pace}
    return apply(GRADIENT, *facts, unit, **names), facts[2]


def inertia_at_rest(
    subject: Subject, energy: Any, places: tuple[tuple[Any, ...], ...]
) -> Conclusion | Refusal:
    """Claim that a flow has the inertia of an energy where it rests, and where that is.

    Parameters
    ----------
    subject : Subject
    energy : MatrixExpr, shape (1, 1), or None
        E; None for the one that is attached to its weights.
    places : tuple of tuple
        Three or six angles of tokens of equal mass on a circle, each.

    Examples
    --------
    >>> from sympy import pi
    >>> from theory.models import REPULSIVE, SA, USA
    >>> for one in (USA, REPULSIVE):
    ...     own = inertia_at_rest(Subject.of(one), SA.energy, ((0, 0, pi),))
    ...     print(type(own.found).__name__)
    Theorem
    Refusal
    """
    own = attached(subject)
    if isinstance(own, Refusal):
        return own
    if any(len(angles) not in _RESTS for angles in places):
        return Refusal("it is said of three or six angles")
    try:
        own = own if energy is None else _with_energy(own, energy)
    except NotConcluded as short:
        return Refusal(str(short))
    sign = settle(SIGNS, Rel("<", 0, own.pace), read(CURVE_POSITIVE, subject))
    motion = read(LIVE_MOTION, subject)
    unit = read(CURVE_UNIT, subject)
    rooms = apply(UNIT_PRODUCT, unit, apply(rename, unit, values={TOKEN: OTHER}))
    slope, share = _climbed(own, unit, rooms)
    found = [apply(INERTIA_OF_ASCENT, slope, sign, motion, rooms)]
    found += [apply(AT_REST, share, sign, motion, angles=one) for one in places]
    inertia = Is(INERTIA_AT_REST, subject, own.energy)
    then = All(inertia, *(at_rest(subject, one) for one in places)) if places else inertia
    given = tuple(one.says for one in heated(own.pairs) if isinstance(one, Theorem))
    whole = apply(together, *found) if places else found[0]
    return claimed(whole, then, given, (Name("E", own.energy),))


__all__ = ["AT_REST", "INERTIA_OF_ASCENT", "inertia_at_rest"]
