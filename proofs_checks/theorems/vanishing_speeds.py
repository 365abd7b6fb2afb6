"""E.Lemma 6.4: over an equator speeds fall with the diameter, and what they add up to is finite.

|x_i'| <= (Σ_j p_ij) D, and D <= D(0) e^(-λt): so ∫_0^t |<x_i',w>| <= S D(0)/λ for Σ_j p_ij <= S.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Expr, exp

from proofs_checks.propositions import All, Proposition, Rel
from proofs_checks.theorems.attraction import cone_points
from proofs_checks.theorems.coefficients import COEFFICIENTS
from proofs_checks.theorems.conclusions import ONE_MASS, Conclusion, claimed, meeting_at, one_mass
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, needed, spared
from proofs_checks.theorems.hemisphere import common_sight_given
from proofs_checks.theorems.kernel import (
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
from proofs_checks.theorems.lengths import bounded
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.order import (
    CHAIN,
    ELAPSED,
    PRIMITIVE,
    REPLACE,
    SCALE,
    TURNED,
    above,
    of_all,
    relation,
    wants,
)
from proofs_checks.theorems.pulls import UNIT_AXIS, WARM, WIDTH, Pull, W, legend
from proofs_checks.theorems.readers import OTHER, TOKEN
from theory.symbols import X, t
from theory.terms import (
    Diameter,
    Elapsed,
    Index,
    Inner,
    Norm,
    Projected,
    Row,
    Sort,
    at,
    ddt,
    sort_of,
    total,
)

SPEED = ddt(Row(X, TOKEN))
"""x_i'."""
ALONG_AXIS = Abs(Inner(SPEED, W))
"""|<x_i',w>|."""


def _over_equator(
    motion: Fact,
    sign: Fact,
    points: Fact,
    axis: Fact,
    height: Fact,
    weight: Any,
    i: Index,
    j: Index,
) -> Proposition:
    x, y = cone_points(points, axis, height, i)
    above(sign, weight)
    of_all(sign, j)
    if i == j:
        raise NotConcluded("it is of one token and of each other")
    field = total(x.xreplace({i: j}) * weight, j)
    wants(motion, Rel("=", ddt(x), Projected(x, field)))
    return Rel("<=", Norm(ddt(x)), total(weight, j) * Diameter(y, i))


def _component(axis: Fact, vector: Any) -> Proposition:
    says = relation(axis, "=")
    if not isinstance(says.left, Norm) or says.right != 1 or sort_of(vector) is not Sort.VECTOR:
        raise NotConcluded("it needs a vector, and a unit vector")
    return Rel("<=", Abs(Inner(vector, says.left.args[0])), Norm(vector))


OVER_EQUATOR = Rule(
    "speed over an equator",
    "x_i' = P_i Σ_j p_ij x_j; 0 <= p_ij for every j; |x_i| = 1; |w| = 1; 0 < <x_i,w>: "
    "|x_i'| <= Σ_j p_ij diam y, y_i = x_i/<x_i,w>",
    "P_i x_j = P_i (x_j - x_i), and |x_j - x_i| <= |y_j - y_i|: |y_i|, |y_j| >= 1, where v -> "
    "v/|v| shortens",
    _over_equator,
)
COMPONENT = Rule("component", "|w| = 1: |<v,w>| <= |v|", "Cauchy-Schwarz", _component)


def _of_rows(pull: Pull, speed: Any) -> Found:
    """``Σ_j p_ij <= speed``, of masses of sum 1."""
    rows = bounded(pull).above(total(pull.weight, OTHER))
    even = apply(REPLACE, one_mass(pull.subject), rows)
    rows = rows if isinstance(even, Refusal) else even
    if isinstance(rows, Refusal) or rows.says.right == speed:
        return rows
    return apply(CHAIN, rows, spared(COEFFICIENTS, Rel("<=", rows.says.right, speed), assume(WARM)))


def _integrated(pull: Pull, small: Found, rate: Any) -> Found:
    """``∫_0^t |<x_i',w>| <= b(0)/λ``, of ``|<x_i',w>| <= b`` and b = b(0) e^(-λt)."""
    inside = apply(REPLACE, pull.motion, small)
    if isinstance(inside, Refusal) or isinstance(small, Refusal):
        return inside
    bound = inside.says.right
    finite = (pull.bounded(side, pull.upright) for side in inside.says.args[1:])
    area = apply(REPLACE, apply(TURNED, pull.motion), apply(ELAPSED, inside, *finite))
    signs = settle(SIGNS, Rel("<", 0, rate)), pull.upright
    decay = exp(-t * rate)
    whole = apply(PRIMITIVE, settle(EQUAL, Rel("=", ddt(-decay / rate), decay)))
    left = spared(SIGNS, Rel("<=", 0, bound / rate), *signs)
    wanted = Rel("<=", Elapsed(small.says.left), bound.subs(t, 0) / rate)
    return settle(ADDED, wanted, area, whole, left, *needed(wanted, signs))


def slowing(pull: Pull, sight: Theorem, rate: Expr, speed: Expr) -> Conclusion:
    """``|x_i'| <= S D(0) e^(-λt)`` and ``∫_0^t |<x_i',w>| <= S D(0)/λ``, of masses of sum 1.

    Parameters
    ----------
    pull : Pull
    sight : Theorem
        What `common_sight` concludes.
    rate : Expr
        λ, in h and whatever the model's own has.
    speed : Expr
        S, which no sum of a row of weights exceeds.
    """
    names = {"weight": pull.weight, "i": TOKEN, "j": OTHER}
    known = pull.motion, pull.positive, pull.unit, assume(UNIT_AXIS), pull.upright
    slow = apply(OVER_EQUATOR, *known, **names)
    wide = apply(SCALE, settle(SIGNS, Rel("<=", 0, WIDTH)), _of_rows(pull, speed))
    falls = apply(part, meeting_at(pull, sight, rate).found, place=0)
    falls = apply(SCALE, settle(SIGNS, Rel("<=", 0, speed)), falls)
    small = apply(CHAIN, apply(CHAIN, slow, wide), falls)
    along = apply(CHAIN, apply(COMPONENT, assume(UNIT_AXIS), vector=SPEED), small)
    found = apply(together, small, _integrated(pull, along, rate))
    most = speed * at(WIDTH)
    then = All(
        Rel("<=", Norm(SPEED), most * exp(-t * rate)),
        Rel("<=", Elapsed(ALONG_AXIS), most / rate),
    )
    given = *common_sight_given(pull.subject), ONE_MASS
    return claimed(found, then, given, legend(pull))
