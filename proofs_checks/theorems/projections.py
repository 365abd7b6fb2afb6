"""E.(D.5): how far a unit vector is from what is left of it, normalised, without a projection."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Symbol, sqrt

from proofs_checks.propositions import All, Proposition, Rel
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, spared
from proofs_checks.theorems.kernel import Fact, NotConcluded, Rule, apply, assume, settle
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.order import above, relation
from theory.terms import Inner, Norm, Vec

KEPT = Symbol("s", nonnegative=True)
"""Length of what is left; the projection has the length √(1-s²)."""
GIVEN = (
    *(Rel("=", Norm(Vec(name)), 1) for name in "uw"),
    Rel("=", Inner(Vec("u"), Vec("w")), 0),
    Rel("<", KEPT, 1),
)


def _length(square: Fact, sign: Fact, length: Any) -> Proposition:
    says = relation(square, "=")
    above(sign, length)
    arms: tuple[Any, ...] = says.left.args if isinstance(says.left, Inner) else ()
    if len(set(arms)) != 1 or (length**2 - says.right).expand() != 0:
        raise NotConcluded(f"{length} isn't the root of the square of a length")
    return Rel("=", Norm(arms[0]), length)


LENGTH = Rule("length", "<v,v> = c²; 0 <= c: |v| = c", "lengths are >= 0", _length)


def dropped(chord: Expr, radius: Symbol) -> Conclusion:
    """``|x - w| = c(r)`` and ``r² < |x - w|²`` of x = r u + s w, r = √(1-s²), s < 1.

    Parameters
    ----------
    chord : Expr
        c, a function of r.
    radius : Symbol
        r.

    Examples
    --------
    >>> r = Symbol("r", positive=True)
    >>> print(dropped(sqrt(2 - 2 * sqrt(1 - r**2)), r).found.by.name)
    and
    """
    u, w = Vec("u"), Vec("w")
    units, less = [*map(assume, GIVEN[:3])], assume(GIVEN[3])
    factors = settle(SIGNS, Rel("<=", 0, (1 - KEPT) * (1 + KEPT)), less)
    inside = settle(ADDED, Rel("<=", 0, 1 - KEPT**2), factors)
    length = sqrt(1 - KEPT**2)
    moved = u * length + w * KEPT - w
    square = settle(EQUAL, Rel("=", Inner(moved, moved), 2 - 2 * KEPT), *units, inside)
    room = settle(ADDED, Rel("<=", 0, 2 - 2 * KEPT), less, less)
    said = chord.subs(radius, length)
    own = apply(LENGTH, square, spared(SIGNS, Rel("<=", 0, said), room, inside), length=said)
    more = settle(SIGNS, Rel("<", 0, (1 - KEPT) ** 2), less)
    longer = settle(ADDED, Rel("<", 1 - KEPT**2, Inner(moved, moved)), more, *units, inside)
    then = All(Rel("=", Norm(moved), said), Rel("<", 1 - KEPT**2, Inner(moved, moved)))
    return claimed(apply(together, own, longer), then, GIVEN)
