"""Which (n, d, β) theorems cover, from almost every start, and which they leave open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from sympy import Add, Expr, S, expand, pi

from proofs_checks.propositions import All, Implies, Is, Proposition, Rel, Subject, written
from proofs_checks.theorems.almost_every import MEETS
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.circle_saddles import LEAST_HEAT
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, SIGNS
from proofs_checks.theorems.kernel import Found, Refusal, Theorem, apply, assume, settle
from proofs_checks.theorems.logic import cut, discharge, part, together
from proofs_checks.theorems.order import CHAIN, RECIPROCAL, SAME, SCALE, TURNED
from proofs_checks.theorems.readers import CURVE
from proofs_checks.theorems.saddles import CIRCLE, IN_SPACE
from theory.symbols import beta, d, n

Region = tuple[Rel, ...]
"""Hypotheses of a theorem on n, d and β."""

WARM = (Rel("<=", 0, beta), Rel("!=", beta, 0))
TREE = (n - 1) ** 2 / pi**2
"""From which β on Theorem 5.1 holds at d = 2."""


def _summed(says: Rel, facts: Sequence[Found], *sizes: Found) -> Found:
    """Decide an order of numbers by a sum of facts, and what is left by its sign."""
    found: Found = Refusal("no sum of what is given", says)
    left: list[tuple[Expr, tuple[Found, ...]]] = []
    for several in (few for k in range(4) for few in combinations(facts, k)):
        own = [one.says for one in several if isinstance(one, Theorem)]
        known = Add(*(one.right - one.left for one in own))
        rest = says.right - says.left - known
        if expand(rest) != 0:
            left.append((rest, several))
        elif isinstance(found := settle(ADDED, says, *several), Theorem):
            return found
    for rest, several in left:  # what adds up as it stands needs no sign
        for form in (rest, expand(rest)):
            sign = settle(SIGNS, Rel("<", 0, form), *sizes)
            if isinstance(sign, Theorem):
                found = settle(ADDED, says, *several, sign)
            if isinstance(found, Theorem):
                return found
    return found


def _two() -> tuple[Found, Found]:
    """``d <= 2`` and ``2 <= d``, of d = 2."""
    two, same = assume(CIRCLE), apply(SAME, settle(SIGNS, Rel("<", 0, d)), number=d)
    return apply(CHAIN, same, two), apply(CHAIN, apply(TURNED, two), same)


def _tree() -> tuple[Found, Found]:
    """``d <= 2`` and ``2 <= d``, times `TREE`."""
    least = settle(SIGNS, Rel("<=", 0, TREE))
    low, high = (apply(SCALE, least, one) for one in _two())
    return low, high


def _share(size: Found) -> Found:
    """``1/n <= 1``."""
    one = settle(SIGNS, Rel("<", 0, S.One))
    return apply(RECIPROCAL, one, _summed(Rel("<=", 1, n), [size]))


def _consensus(found: Found) -> Found:
    """Take what a theorem says last of all."""
    while isinstance(found, Theorem) and isinstance(found.says, All):
        found = apply(part, found, place=len(found.says.args) - 1)
    return found


def _under(found: Found, *hypotheses: Rel) -> Found:
    for one in reversed(hypotheses):
        found = apply(discharge, found, hypothesis=one)
    return found


def _implied(says: Proposition, *hypotheses: Rel) -> Proposition:
    for one in reversed(hypotheses):
        says = Implies(one, says)
    return says


def covered(
    subject: Subject, in_space: Found, on_circle: Found, at_large: Found, *, low: Expr, high: Expr
) -> tuple[Conclusion, ...]:
    """Claim that almost all starts meet for d >= 3, and at d = 2 up to a β and from another on.

    Parameters
    ----------
    subject : Subject
    in_space, on_circle, at_large : Theorem or Refusal
        Theorem 6.1, "Saddles on the circle" and Theorem 5.1, of the subject.
    low, high : Expr
        Of n.
    """
    small, large = Rel("<=", beta, low), Rel("<=", high, beta)
    least, tree = Rel("<=", LEAST_HEAT, beta), Rel("<=", (d - 1) * TREE, beta)
    warm = apply(cut, _consensus(on_circle), _summed(least, [assume(WARM[0])]))
    met = settle(ADDED, tree, _tree()[0], assume(large))
    meets, given = Is(MEETS, subject), (Is(CURVE, subject), *WARM, SEVERAL)
    parts = (
        (_consensus(in_space), (IN_SPACE,)),
        (warm, (CIRCLE, small)),
        (apply(cut, _consensus(at_large), met, _two()[1]), (CIRCLE, large)),
    )
    return tuple(
        claimed(_under(found, *under), _implied(meets, *under), given) for found, under in parts
    )


def left_open(
    regions: Iterable[Region], low: Expr, high: Expr, empty: int
) -> tuple[Conclusion, ...] | Refusal:
    """Claim that ``low < β < high`` at d = 2 is in no region, and empty up to an n alone.

    Parameters
    ----------
    regions : iterable of Region
    low, high : Expr
        Of n.
    empty : int
        The largest n for which it is empty.

    Examples
    --------
    >>> from sympy import S
    >>> own = left_open([(IN_SPACE,), (Rel("<=", beta, 1),)], S.One, TREE, 4)
    >>> all(isinstance(one.found, Theorem) for one in own)
    True
    >>> print(left_open([(Rel("<=", 1, beta),)], S.One, TREE, 4).reason)
    1 <= β isn't excluded by 1 < β and β < (n - 1)^2/π^2 at d = 2
    """
    several, few = Rel("<=", empty + 1, n), Rel("<=", n, empty)
    inside, size = (Rel("<", low, beta), Rel("<", beta, high)), assume(several)
    facts = [*map(assume, inside), *_two(), size, *_tree(), _share(size)]
    outside: list[Theorem] = []
    for region in regions:
        each = (_summed(Rel("<", one.right, one.left), facts, size) for one in region)
        found = next((one for one in each if isinstance(one, Theorem)), None)
        if found is None:
            words, known = (" and ".join(map(written, one)) for one in (region, inside))
            return Refusal(f"{words} isn't excluded by {known} at d = 2")
        outside.append(found)
    strip = (CIRCLE, several, *inside)
    parts: tuple[tuple[Found, Proposition, Region], ...] = (
        (apply(together, *outside), All(*(one.says for one in outside)), strip),
        (_summed(Rel("<", low, high), [], size), Rel("<", low, high), (several,)),
        (_small(few, low, high), Rel("<", high, low), (few,)),
    )
    return tuple(
        claimed(_under(found, *under), _implied(says, *under), (SEVERAL,))
        for found, says, under in parts
    )


def _small(few: Rel, low: Expr, high: Expr) -> Found:
    """``high < low`` for n <= k, by ``(n-1)² <= (k-1)(n-1) <= (k-1)²``."""
    less = settle(ADDED, Rel("<=", n - 1, few.right - 1), assume(few))
    each = settle(SIGNS, Rel("<=", 0, (n - 1) / pi**2), assume(SEVERAL))
    most = settle(SIGNS, Rel("<=", 0, (few.right - 1) / pi**2))
    products = [apply(SCALE, each, less), apply(SCALE, most, less)]
    return _summed(Rel("<", high, low), products)
