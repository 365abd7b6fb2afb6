"""Powers of numbers in order: from where on 1 - c d^(-1/r) is positive, and where it isn't."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Expr, Integer, Rational

from proofs_checks.propositions import All, Implies, Proposition, Rel
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS
from proofs_checks.theorems.kernel import Fact, NotConcluded, Rule, apply, assume, settle
from proofs_checks.theorems.logic import detach, discharge, part, together
from proofs_checks.theorems.order import CHAIN, SCALE, TURNED, above, relation
from theory.symbols import d


def _powers(first: Fact, second: Fact, power: Any) -> Proposition:
    sides = [relation(fact, "<", "<=").right for fact in (first, second)]
    for fact, side in zip((first, second), sides, strict=True):
        above(fact, side)
    if not (power.is_number and power.is_positive):
        raise NotConcluded(f"{power} is no number above 0")
    plain, powers = Rel("<", *sides), Rel("<", *(side**power for side in sides))
    return All(Implies(plain, powers), Implies(powers, plain))


POWERS = Rule(
    "order of powers",
    "0 <= a; 0 <= b; 0 < r, a number: a < b implies a^r < b^r; a^r < b^r implies a < b",
    "powers increase",
    _powers,
)


def positive_beyond(prefactor: Expr, root: int, largest: Expr) -> Conclusion:
    """Claim ``0 < 1 - c d^(-1/r)`` if and only if ``L < d``.

    Parameters
    ----------
    prefactor : Expr
        c.
    root : int
        r.
    largest : Expr
        L, which is to be c^r.

    Examples
    --------
    >>> from theory.symbols import n
    >>> for largest in (2**64 * n**128, n**128):
    ...     print(type(positive_beyond(2 * n**2, 64, largest).found).__name__)
    Theorem
    Refusal
    """
    edge = d ** Rational(1, root)
    beyond, speaks = Rel("<", largest, d), Rel("<", 0, 1 - prefactor / edge)
    signs = (settle(SIGNS, Rel("<=", 0, side)) for side in (prefactor, edge))
    both = apply(POWERS, *signs, power=Integer(root))
    over, same = assume(beyond), settle(EQUAL, Rel("=", largest, prefactor**root))
    if largest != prefactor**root:
        over = apply(CHAIN, apply(TURNED, same), over)
    share = settle(SIGNS, Rel("<", 0, 1 / edge))
    less = apply(SCALE, share, apply(detach, apply(part, both, place=1), over))
    then = apply(discharge, settle(ADDED, speaks, less), hypothesis=beyond)
    more = apply(SCALE, settle(SIGNS, Rel("<", 0, edge)), assume(speaks))
    over = apply(detach, apply(part, both, place=0), settle(ADDED, Rel("<", prefactor, edge), more))
    over = over if largest == prefactor**root else apply(CHAIN, same, over)
    only = apply(discharge, over, hypothesis=speaks)
    said = All(Implies(beyond, speaks), Implies(speaks, beyond))
    return claimed(apply(together, then, only), said, ())


def silent_up_to(prefactor: Expr, root: int, largest: Expr, reach: Expr) -> Conclusion:
    """Claim that ``1 - c d^(-1/r)`` is positive beyond L alone, and that ``R < L`` for 2 <= n.

    Parameters
    ----------
    prefactor, root, largest
        As `positive_beyond` takes them.
    reach : Expr
        R, which no dimension in use exceeds.

    Examples
    --------
    >>> from theory.symbols import n
    >>> for reach in (15, 16):
    ...     print(type(silent_up_to(n, 4, n**4, Integer(reach)).found).__name__)
    Theorem
    Refusal
    """
    own = positive_beyond(prefactor, root, largest)
    far = settle(SIGNS, Rel("<", 0, largest - reach), assume(SEVERAL))
    far = settle(ADDED, Rel("<", reach, largest), far)
    then = All(own.says.then, Rel("<", reach, largest))
    return replace(claimed(apply(together, own.found, far), then, (SEVERAL,)), vacuous=True)


__all__ = ["POWERS", "positive_beyond", "silent_up_to"]
