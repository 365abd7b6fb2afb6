"""(A.3), (B.4): how energies of pairs bend where the tokens of a set S turn by e^{tB}, B skew.

x_i' = c_i B x_i, c_i = 1 on S and 0 off it, so that c_i (1 - c_j) is 1 for the pairs across the
cut, and 0 for others. <x_i,x_j>' = (c_i - c_j) <B x_i,x_j>, and once more.
"""

from __future__ import annotations

from typing import Any

from sympy import Dummy, MatrixSymbol

from proofs_checks.proof import Flow, How
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import heated
from proofs_checks.theorems.engines import EQUAL, equations, undefined
from proofs_checks.theorems.gradients import SYMMETRIC
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.order import CHAIN, DIFFERENTIATED, TOKEN_SUM
from proofs_checks.theorems.pairings import even_pairings
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import OTHER, TOKEN, Facts, require_sphere
from proofs_checks.theorems.second_derivatives import (
    ACROSS,
    BOTH,
    OTHERS,
    OWN,
    hot,
    over_pairs,
    stated_pairs,
)
from theory.symbols import X, beta, d, m, n, z
from theory.terms import Image, Inner, Item, Name, Row, Sort, Vector, ddt, residual

B = MatrixSymbol("B", d, d)
"""The matrix by which tokens turn."""
SKEW = Definition("skew", "{0} is skew", (Sort.MAP,))
ON_TURN = Definition(
    "turning a subset by a matrix",
    "x_i' = c_i B x_i from any state of {0}: c_i is 1 on S and 0 off it, and all but the tokens "
    "stays",
    (Subject,),
)
_X, _Y = Row(X, TOKEN), Row(X, OTHER)
PRODUCT = gram(TOKEN, OTHER)
STRETCHED = Inner(Image(B, _X), _Y)
"""<B x_i,x_j>."""
BENT = Inner(Image(B, Image(B, _X)), _Y)
"""<B² x_i,x_j>."""
_PLACE = Dummy("z", real=True)
_SWAP = {TOKEN: OTHER, OTHER: TOKEN}


# -- a skew matrix -----------------------------------------------------------------------------


def one_side(a: Inner, matrix: Any) -> Any:
    """Write ``<B^k u, B^l v>`` as ``± <B^(k+l) u, v>``, u and v in order."""
    feet, powers = [], []
    for arm in a.args:
        power = 0
        while isinstance(arm, Image) and arm.args[0] == matrix:
            arm, power = arm.args[1], power + 1
        feet.append(arm)
        powers.append(power)
    whole, sign = sum(powers), (-1) ** powers[1]
    if str(feet[0]) > str(feet[1]):
        feet, sign = feet[::-1], sign * (-1) ** whole
    if feet[0] == feet[1] and whole % 2:
        return 0
    for _ in range(whole):
        feet[0] = Image(matrix, feet[0])
    return sign * Inner(*feet)


def _skewed(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide an equation of numbers by ``<Bu,v> = -<u,Bv>``, and by equations that are given."""
    skew = [
        f.says.arguments[0] for f in facts if isinstance(f.says, Is) and f.says.definition is SKEW
    ]
    if not isinstance(says, Rel) or says.op != "=" or isinstance(says.left, Vector):
        raise NotConcluded("it is no equation of numbers")
    if len(skew) != 1 or says.left == says.right:
        raise NotConcluded("nothing says that a matrix is skew, or both sides are the same")
    if lost := undefined((says.left, says.right), facts):
        raise NotConcluded(f"no fact says that {lost[0]} may be divided by, or rooted")
    left, right = (
        side.xreplace({a: one_side(a, skew[0]) for a in side.atoms(Inner)})
        for side in (says.left, says.right)
    )
    if residual(left, right, equations(facts)) != 0:
        raise NotConcluded("the two sides differ")
    return f"<{skew[0]}u,v> = -<u,{skew[0]}v>"


SKEWED = Engine("algebra of a skew matrix", How.DERIVED, _skewed)


# -- what is read ------------------------------------------------------------------------------


def _as_turned(name: str, says: Proposition) -> Reader:
    def so(subject: Subject) -> Facts:
        require_sphere(subject)
        return frozenset({Is(ON_TURN, subject)}), says, ON_TURN.name

    return Reader(f"{name} of turning by a matrix", so)


TURNING = _as_turned("motion", Rel("=", ddt(_X), Image(B, _X) * OWN))
STEADY = _as_turned("constant speeds", Rel("=", ddt(OWN), 0))
MASSIVE = _as_turned("constant masses", Rel("=", ddt(Item(m, TOKEN)), 0))
SQUARES = _as_turned("squares of speeds", Rel("=", OWN**2, OWN))


def _turned_once(own: Any, moved: Any, bare: Any, motion: Found, skew: Found) -> Found:
    """Conclude ``a' = (c_i - c_j) b`` of an inner product a."""
    says = Rel("=", moved, (OWN - OTHERS) * bare)
    return apply(
        CHAIN, settle(EQUAL, Rel("=", ddt(own), moved), motion), settle(SKEWED, says, skew)
    )


def _summed(fact: Found, *warm: Found) -> Found:
    """``(Σ_i Σ_j a_ij)' = Σ_i Σ_j b_ij`` of ``a_ij' = b_ij``."""
    if isinstance(fact, Refusal):
        return fact
    inside = fact.says.left
    whole = over_pairs(inside.args[0])
    sums = apply(TOKEN_SUM, apply(TOKEN_SUM, fact, index=OTHER), index=TOKEN)
    return apply(CHAIN, settle(EQUAL, Rel("=", ddt(whole), over_pairs(inside)), *warm), sums)


def _slopes(pairs: Any) -> tuple[Any, Any]:
    """Return the first and the second derivative of e_ij in <x_i,x_j>."""
    inside = pairs.xreplace({PRODUCT: _PLACE})
    first, second = (inside.diff(_PLACE, k).xreplace({_PLACE: PRODUCT}) for k in (1, 2))
    return first, second


def own_bend(pairs: Any) -> Any:
    """Return q_ij of an energy's own pairs: by each pair of tokens twice, (i,j) and (j,i)."""
    weight, more = _slopes(pairs)
    return 2 * (more * STRETCHED**2 + weight * BENT)


def bent_where_turned(subject: Subject, pairs: Any, value: Any) -> Found:
    """``E'' = Σ_i Σ_j c_i (1 - c_j) q_ij`` of E = Σ_i Σ_j e_ij."""
    skew, warm = assume(Is(SKEW, B)), heated(pairs) if pairs.has(beta) else ()
    motion, steady, still, squares = (
        read(one, subject) for one in (TURNING, STEADY, MASSIVE, SQUARES)
    )
    other, twice = Image(B, _Y), Image(B, Image(B, _X))
    spread = OWN * STRETCHED + OTHERS * Inner(_X, other)
    first = _turned_once(PRODUCT, spread, STRETCHED, motion, skew)
    spread = OWN * Inner(twice, _Y) + OTHERS * Inner(Image(B, _X), other)
    second = _turned_once(STRETCHED, spread, BENT, motion, skew)
    weight, more = _slopes(pairs)
    apart = OWN - OTHERS
    moved = weight * apart * STRETCHED
    bends = apart**2 * (more * STRETCHED**2 + weight * BENT)
    slope = settle(EQUAL, Rel("=", ddt(pairs), moved), first, still, *warm)
    bend = settle(EQUAL, Rel("=", ddt(moved), bends), first, second, steady, still, *warm)
    cut = ACROSS * value / 2 + (ACROSS * value / 2).xreplace(_SWAP)
    across = settle(SKEWED, Rel("=", bends, cut), skew, squares, *warm)
    again = _summed(apply(CHAIN, bend, across), *warm)
    twofold = apply(CHAIN, apply(DIFFERENTIATED, _summed(slope, *warm)), again)
    halves = settle(EQUAL, Rel("=", over_pairs(cut), over_pairs(ACROSS * value)), *warm)
    return apply(CHAIN, twofold, halves)


def _said(
    subject: Subject, pairs: Any, value: Any, skew: bool
) -> tuple[Found, Proposition, tuple[Proposition, ...], tuple[Name, ...]]:
    energy = over_pairs(pairs)
    says = Rel("=", ddt(ddt(energy)), over_pairs(ACROSS * value))
    given = Is(ON_TURN, subject), Is(SKEW if skew else SYMMETRIC, B), *hot(pairs)
    return bent_where_turned(subject, pairs, value), says, given, (Name("E", energy),)


def bend_of_subset(
    flow: Flow, value: Any, stretch: Any, bend: Any, skew: bool = True
) -> Conclusion | Refusal:
    """Claim ``E'' = Σ_(S×S^c) m_i m_j q_ij`` where S turns.

    Parameters
    ----------
    flow : Flow
    value : Expr
        q, in ``z`` = <x_i,x_j>, and symbols for <B x_i,x_j> and <B² x_i,x_j>.
    stretch, bend : Symbol
        Those symbols.
    skew : bool
        Whether B is skew, or symmetric.

    Examples
    --------
    >>> from sympy import exp, symbols
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> l, q = symbols("l q", real=True)
    >>> value = exp(beta * z) * (beta * l**2 + q)
    >>> [type(bend_of_subset(Flow.of(SA), c * value, l, q).found).__name__ for c in (1, 2)]
    ['Theorem', 'Refusal']
    """
    stated = stated_pairs(flow)
    if isinstance(stated, Refusal):
        return stated
    put = value.xreplace({z: PRODUCT, stretch: STRETCHED, bend: BENT})
    return claimed(*_said(*stated, BOTH * put, skew))


def cold_bend_of_subset(
    subject: Subject, kernel: Any, factor: Any, block: Any, skew: bool = True
) -> Conclusion:
    """Claim ``E_0'' = c Σ_(S×S^c) <B² x_i,x_j>``, and a skew B with B² = -I for even d.

    Parameters
    ----------
    subject : Subject
    kernel : Expr
        h, in ``z``: E_0 = Σ_i Σ_j h(<x_i,x_j>)/n.
    factor : Expr
        c.
    block : sequence of rows
        That of B.
    skew : bool
        Whether B is skew, or symmetric.

    Examples
    --------
    >>> from theory.models import SA
    >>> cold, block = Subject.of(SA, {beta: 0}), ((0, 1), (-1, 0))
    >>> [type(cold_bend_of_subset(cold, z, c / n, block).found).__name__ for c in (1, 2)]
    ['Refusal', 'Theorem']
    """
    pairs = kernel.xreplace({z: PRODUCT}) / n
    found, says, given, names = _said(subject, pairs, factor * BENT, skew)
    turned, paired = even_pairings(block)
    return claimed(apply(together, found, turned), All(says, paired), given, names)


__all__ = ["SKEWED", "bend_of_subset", "cold_bend_of_subset", "one_side", "own_bend"]
