"""T13 of weights whose slope is infinite at an end: two solutions part at a rate, along geodesics.

Chords take the slope of k, in the unit ball; geodesics stay on the sphere, where k(<x_i,x_j>) is
before P_i x_j, which is short where k is steep: (1 - g²) k' counts, as of √(1 - g).
"""

from __future__ import annotations

from math import ceil, floor, log10
from typing import Any

import numpy as np
from sympy import Expr, Rational, lambdify

from proofs_checks.decide import sphere_slope
from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems.almost_every import of_its_states
from proofs_checks.theorems.chords import APART, PAIR, kernel_in
from proofs_checks.theorems.engines import FINITE, LIMITS, SIGNS, limits_in, spared
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    read,
    settle,
)
from proofs_checks.theorems.order import above, of_all, of_parameters, wants
from proofs_checks.theorems.pulls import cosines_of, gram
from proofs_checks.theorems.readers import (
    CURVE,
    CURVE_POSITIVE,
    CURVE_UNIT,
    MOTION,
    OTHER,
    TOKEN,
    pulled,
    solved_in,
    weights_of,
)
from theory.symbols import X, m, t, z
from theory.terms import Item, Norm, Row, ddt, total

_PRODUCT = gram(TOKEN, OTHER)


def _slope(weight: Any) -> tuple[Any, Any]:
    """Return k and (1 - g²) k' of weights W_ij m_j k(g_ij)."""
    kernel = kernel_in(weight)
    slope = sphere_slope(kernel.xreplace({_PRODUCT: z}))
    if slope is None:
        raise NotConcluded("(1 - g²) k' isn't shown to be bounded on [-1, 1], or k is no number")
    return kernel, slope.xreplace({z: _PRODUCT})


def _bounds(a: Any, size: Any) -> tuple[Rel, Rel]:
    """Say ``0 <= size - a`` and ``0 <= size + a``."""
    return Rel("<=", 0, size - a), Rel("<=", 0, size + a)


def _geodesics(
    motion: Fact,
    unit: Fact,
    mass: Fact,
    *sizes: Fact,
    weight: Any,
    size: Any,
    pace: Any,
) -> Concluded:
    subject = solved_in(motion)
    wants(motion, pulled(weight))
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    above(mass, Item(m, TOKEN), strict=True)
    if set(subject.velocities) != {X}:
        raise NotConcluded("more than the tokens moves")
    kernel, slope = _slope(weight)
    wanted = *_bounds(kernel, size), *_bounds(slope, pace)
    if len(sizes) != len(wanted) or not (size.is_Rational and pace.is_Rational):
        raise NotConcluded("it needs bounds of k and of (1 - g²) k', by two numbers")
    for fact, says in zip(sizes, wanted, strict=True):
        wants(fact, says)
    for fact in (unit, mass, *sizes):
        of_all(fact, TOKEN, OTHER, t)
        if Is(CURVE, subject) not in fact.given:
            raise NotConcluded("it is known along solutions alone, not at all states")
    own = of_its_states(subject)
    of_parameters(unit.given.union(mass.given, *(one.given for one in sizes)) - own)
    rate = 2 * (size + pace) * total(Item(m, OTHER), OTHER)
    says, two = Rel("<=", ddt(APART), rate * APART), frozenset({Is(PAIR, subject)})
    return Concluded(says, spares=own, more=two)


GEODESICS = Rule(
    "growth of geodesics",
    "x_i' = P_i Σ_j W_ij m_j k(g_ij) x_j, W_ij 0 or 1; at all states |x_i| = 1; 0 < m_i; |k| <= a; "
    "|(1 - g_ij²) k'| <= b, k continuous: D' <= 2 (a + b) M D of two solutions, D = max_i |x_i - "
    "y_i|, M = Σ_j m_j",
    "each token runs along a geodesic from x_i to y_i, of velocity u_i; F_i = P_i Σ_j m_j k x_j: "
    "<u_i, ∇F_i> = Σ_j m_j (k' (<u_i,x_j> + <x_i,u_j>) <u_i,x_j> - k g_ij |u_i|² + k <u_i,u_j>)"
    " <= 2 (a + b) M max|u|², as |<u_i,x_j>| <= |u_i| √(1 - g²), |<x_i,u_j>| <= |u_j| √(1 - g²); "
    "where g = ±1 the term of j is 0 and changes by a |sin| of an angle at most. So the largest "
    "distance θ has θ' <= K θ, and D = 2 sin(θ/2) has D' <= K θ cos(θ/2) <= K D; at θ = π D' <= 0",
    _geodesics,
)


def _most(function: Expr) -> Rational | None:
    """Return a number of three digits that seems to be above |f| on [-1, 1]."""
    places = np.concatenate([np.linspace(-1, 1, 2001), 1 - np.logspace(-16, -3, 200)])
    with np.errstate(all="ignore"):
        values = np.abs(lambdify(z, function, "scipy")(places) + np.zeros_like(places))
    largest = values[np.isfinite(values)].max(initial=0.0)
    if largest == 0:
        return None
    digits = 10 ** Rational(2 - floor(log10(largest)))
    above = 1.001 * largest  # boxes decide what doesn't touch
    return Rational(ceil(above * float(digits))) / digits


def growth(subject: Subject) -> Found:
    """``(max_i |x_i - y_i|)' <= K max_i |x_i - y_i|`` of two solutions, along geodesics."""
    try:
        weight = weights_of(subject)
        kernel, slope = _slope(weight)
    except NotConcluded as short:
        return Refusal(str(short))
    size, pace = (_most(one.xreplace({_PRODUCT: z})) for one in (kernel, slope))
    if size is None or pace is None:
        return Refusal("no bounds are found")
    unit = read(CURVE_UNIT, subject)
    cosines = cosines_of(unit)
    sizes = []
    for a, most in ((kernel, size), (slope, pace)):
        finite = (settle(LIMITS, Is(FINITE, one), *cosines) for one in limits_in(a))
        known = *cosines, *finite
        sizes += [spared(SIGNS, says, *known) for says in _bounds(a, most)]
    facts = read(MOTION, subject), unit, read(CURVE_POSITIVE, subject), *sizes
    return apply(GEODESICS, *facts, weight=weight, size=size, pace=pace)


__all__ = ["GEODESICS", "growth"]
