"""Rules on energies of pairs: the gradient of Σ_i Σ_j e_ij(<x_i,x_j>), and what climbs it.

With e_ij' = w_ij <x_i,x_j>'/2 and w_ij = w_ji the gradient in x_i is Σ_j w_ij x_j, on the sphere
P_i Σ_j w_ij x_j. Weights p_ij of a pull with τ_i p_ij = w_ij make it τ_i P_i Σ_j p_ij x_j, whatever
τ_i depends on. A row that a mask leaves empty has p_ij = w_ij = 0, and needs no case of its own.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Mul, Piecewise, Transpose, expand_mul, piecewise_fold

from proofs_checks.proof import How
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel
from proofs_checks.theorems.engines import undefined
from proofs_checks.theorems.kernel import Engine, Fact, NotConcluded, Rule
from proofs_checks.theorems.order import above, of_all, relation, wants
from theory.masks import Mask
from theory.symbols import X, m, t
from theory.terms import (
    Entry,
    Image,
    Index,
    Inner,
    Item,
    Multiple,
    Norm,
    Projected,
    Row,
    Sort,
    TokenSum,
    Vector,
    VectorTokenSum,
    ddt,
    is_derivative,
    moving,
    shares,
    total,
)

# -- engines -----------------------------------------------------------------------------------


def _in_pieces(product: Any) -> Any:
    """Multiply the factors in pieces of a product piece by piece."""
    pieces = [factor for factor in Mul.make_args(product) if isinstance(factor, Piecewise)]
    rest = [factor for factor in Mul.make_args(product) if not isinstance(factor, Piecewise)]
    return Mul(piecewise_fold(Mul(*pieces, evaluate=False)), *rest) if pieces else product


def _without(product: Any, part: Any) -> Any:
    """Return a product without some of its factors, None where it hasn't them."""
    factors = list(Mul.make_args(product))
    for one in Mul.make_args(part):
        if one not in factors:
            return None
        factors.remove(one)
    return Mul(*factors)


def _sums(product: Expr) -> Expr:
    """Multiply out, without going into sums over tokens: 3 (Z/3 + c/3) is Z + c."""
    return expand_mul(product, deep=False)


def _shares(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide ``f Z A_ij = f w_ij`` for an entry ``A_ij = w_ij/Z`` of a softmax; 0 = 0 if Z = 0."""
    if not isinstance(says, Rel) or says.op != "=":
        raise NotConcluded("it is no equation")
    if lost := undefined((says.left, says.right), facts):
        raise NotConcluded(f"no fact says that {lost[0]} may be divided by, or rooted")
    left = _in_pieces(says.left)
    if left == says.right:
        return "as it is written"
    entries = [factor for factor in Mul.make_args(left) if isinstance(factor, Entry)]
    for one in entries:
        try:
            above, below = shares(one)
        except ValueError:
            continue
        ahead = _without(says.right, above)
        if ahead is not None and _sums(left) == _sums(ahead * below * one):
            return "as it is defined; where nobody is seen both sides are 0"
    raise NotConcluded("it isn't the definition of an entry of a softmax, times a factor")


SYMMETRIC = Definition("symmetric", "{0} is symmetric", (Sort.MAP,))


"""Of a matrix that isn't the model's own: what a claim supposes."""


def _turned_form(a: Inner, even: frozenset[Any]) -> Inner:
    """Write ``<x_i, M x_j>`` of a symmetric M with its tokens in order."""
    for image, other in (a.args, a.args[::-1]):
        if isinstance(image, Image) and Is(SYMMETRIC, image.args[0]) in even:
            own, token = image.args
            if isinstance(token, Row) and isinstance(other, Row):
                low, high = sorted((token, other), key=str)
                return Inner(low, Image(own, high))
    return a


def _turned_entry(a: Entry) -> Entry:
    """Write an entry of a symmetric matrix with its indices in order."""
    matrix, i, j = a.args
    even = matrix.symmetric if isinstance(matrix, Mask) else Transpose(matrix).doit() == matrix
    return Entry(matrix, *sorted((i, j), key=str)) if even else a


def _mirrored(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide ``w_ij = w_ji``, by the symmetry of inner products and of the matrices in it.

    Facts say of others that they are symmetric.
    """
    if not isinstance(says, Rel) or says.op != "=":
        raise NotConcluded("it is no equation")
    if lost := undefined((says.left, says.right), facts):
        raise NotConcluded(f"no fact says that {lost[0]} may be divided by, or rooted")
    even = frozenset(fact.says for fact in facts)
    one, two = (
        side.xreplace(
            {
                **{a: _turned_entry(a) for a in side.atoms(Entry)},
                **{a: _turned_form(a, even) for a in side.atoms(Inner)},
            }
        )
        for side in (says.left, says.right)
    )
    if one != two:
        raise NotConcluded("the two sides differ")
    return "<x_i,x_j> = <x_j,x_i>, and symmetric matrices"


SHARES = Engine("weights as they are defined", How.DERIVED, _shares)
MIRRORED = Engine("symmetry", How.DERIVED, _mirrored)


# -- rules -------------------------------------------------------------------------------------


def pair_of(slope: Fact) -> tuple[Any, Any, Any]:
    """Return e_ij, w_ij and <x_i,x_j> of ``e_ij' = w_ij <x_i,x_j>'/2``."""
    says = relation(slope, "=")
    inner = [a for a in Mul.make_args(says.right) if is_derivative(a)]
    if not is_derivative(says.left) or len(inner) != 1 or not isinstance(inner[0].args[0], Inner):
        raise NotConcluded("its first premise isn't the derivative of energies of pairs")
    return says.left.args[0], 2 * says.right / inner[0], inner[0].args[0]


def _value_of(inner: Inner, x: Vector, other: Vector, even: Fact | None) -> Vector:
    """Return v_j of ``<x_i, v_j>``: x_j, or M x_j of a symmetric M that stays."""
    if inner == Inner(x, other) and even is None:
        return other
    for image in inner.args:
        if isinstance(image, Image) and inner == Inner(x, image) and image.args[1] == other:
            if even is None or moving(image.args[0]):
                raise NotConcluded("it needs a matrix that is symmetric, and stays")
            wants(even, Is(SYMMETRIC, image.args[0]))
            return image
    raise NotConcluded("the energies are of the products of these tokens")


def _gradient(
    slope: Fact,
    mirror: Fact,
    share: Fact,
    unit: Fact,
    even: Fact | None = None,
    *,
    i: Index,
    j: Index,
    weight: Any,
    pace: Any,
) -> Proposition:
    energy, pull, inner = pair_of(slope)
    swapped = pull.xreplace({i: j, j: i})
    wants(mirror, Rel("=", pull, swapped))
    wants(share, Rel("=", pace * weight, pull))
    says = relation(unit, "=")
    x = says.left.args[0] if isinstance(says.left, Norm) else None
    if x is None or says.right != 1 or i not in x.free_symbols or not moving(x):
        raise NotConcluded("it needs tokens of length 1")
    if j in pace.free_symbols or i == j:
        raise NotConcluded("a factor is of one token")
    value = _value_of(inner, x, x.xreplace({i: j}), even)
    of_all(slope, i, j, t)
    of_all(mirror, i, j)
    of_all(share, i, j)
    of_all(unit, i, t)
    pulled = Projected(x, total(value * weight, j))
    total_energy = total(total(energy, j), i)
    return Rel("=", ddt(total_energy), total(pace * Inner(ddt(x), pulled), i))


def _moves(gradient: Fact, motion: Fact, i: Index) -> Proposition:
    says, moves = relation(gradient, "="), relation(motion, "=")
    if not is_derivative(says.left) or not isinstance(says.right, TokenSum) or says.right.but:
        raise NotConcluded("its first premise isn't the derivative of an energy, a sum over tokens")
    if not is_derivative(moves.left) or not isinstance(moves.right, Projected):
        raise NotConcluded("its second premise is no projected velocity")
    if not isinstance(moves.right.args[1], VectorTokenSum):
        raise NotConcluded("its second premise is no pull")
    change = Inner(moves.left, moves.right)
    pace = says.right.opened(i) / change
    if pace.has(change) or says.right != total(pace * change, i):
        raise NotConcluded("the velocity is another one")
    of_all(motion, i)
    return Rel("=", says.left, total(pace * Inner(moves.left, moves.left), i))


def _climb_at_a_pace(
    gradient: Fact,
    motion: Fact,
    sign: Fact,
    speed: Fact,
    i: Index,
    j: Index,
    weight: Any,
    pace: Any,
) -> Proposition:
    says, moves = relation(gradient, "="), relation(motion, "=")
    x: Any = moves.right.args[0] if isinstance(moves.right, Projected) else None
    known = x is not None and moves.left == ddt(x) and is_derivative(says.left)
    if not known or i == j or {i, j} & pace.free_symbols:
        raise NotConcluded("it needs the derivative of an energy, tokens, and one pace of all")
    still, whole = (Projected(x, total(x.xreplace({i: j}) * a, j)) for a in (weight, pace * weight))
    slow, factors = relation(sign, "<", "<="), relation(speed, "<", "<=")
    if moves.right != whole or says.right != total(slow.right * Inner(moves.left, still), i):
        raise NotConcluded("the velocity is another one")
    if slow.left != 0 or factors.args[1:] != (0, pace):
        raise NotConcluded("it needs the signs of the pace and of the factors of the tokens")
    of_all(motion, i)
    of_all(sign, i)
    return Rel("<=", 0, says.left)


def _grows(
    heat: Fact,
    mirror: Fact,
    slopes: Fact,
    share: Fact,
    unit: Fact,
    motion: Fact,
    growth: Fact,
    speeds: Fact,
    mass: Fact,
    sign: Fact,
    i: Index,
    j: Index,
    pace: Any,
    rate: Any,
) -> Proposition:
    says, moves = relation(heat, "="), relation(motion, "=")
    x, y = Row(X, i), Row(X, j)
    inner = ddt(Inner(x, y))
    if not is_derivative(says.left) or i == j or {i, j} & rate.free_symbols:
        raise NotConcluded("it needs slopes of pairs, and one rate of all masses")
    pair, weight = says.left.args[0], says.right / inner
    if pair.has(m) or weight.has(m) or weight.has(inner) or j in pace.free_symbols:
        raise NotConcluded("the pairs are those of tokens, and factors of a token")
    turned = {i: j, j: i}
    wants(mirror, Rel("=", pair, pair.xreplace(turned)))
    wants(slopes, Rel("=", weight, weight.xreplace(turned)))
    if not isinstance(moves.right, Projected) or moves.left != ddt(x) or moves.right.args[0] != x:
        raise NotConcluded("it needs the projected velocity of the tokens")
    pull = moves.right.args[1]
    scaled = pull.opened(j) if isinstance(pull, VectorTokenSum) else None
    if not isinstance(scaled, Multiple) or scaled.args[1] != y:
        raise NotConcluded("its velocity is no pull")
    wants(share, Rel("=", pace * scaled.args[0], Item(m, i) * Item(m, j) * weight))
    wants(unit, Rel("=", Norm(x), 1))
    worth = worth_of(pair, i, j)
    wants(growth, *(Rel("=", ddt(Item(m, i)), rate * Item(m, i) * one) for one in worth))
    own = next(one for one in worth if rate * Item(m, i) * one == relation(growth, "=").right)
    above(speeds, pace)
    above(mass, Item(m, i))
    above(sign, rate)
    for fact in (heat, mirror, slopes, share, unit, motion, growth, speeds, mass, sign):
        of_all(fact, i, j, t)
    energy = total(total(Item(m, i) * Item(m, j) * pair / 2, j), i)
    speed = total(pace * Inner(ddt(x), ddt(x)), i)
    change = speed + rate * total(Item(m, i) * own**2, i)
    return All(Rel("=", ddt(energy), change), Rel("<=", 0, ddt(energy)))


def worth_of(pair: Any, i: Index, j: Index) -> tuple[Any, Any]:
    """Return what a mass is worth over the mean, ``F_i - Σ_k m_k F_k/M``, and F_i."""
    alone = total(Item(m, j) * pair, j)
    whole = total(Item(m, i) * alone, i) / total(Item(m, j), j)
    return alone - whole, alone


GROWS = Rule(
    "climbing with masses",
    "h_ij' = k_ij <x_i,x_j>'; h_ij = h_ji; k_ij = k_ji; τ_i p_ij = m_i m_j k_ij; |x_i| = 1; x_i' ="
    " P_i Σ_j p_ij x_j; m_i' = a m_i f_i, f_i = F_i - Σ_k m_k F_k/M or F_i, F_i = Σ_j m_j h_ij; "
    "0 <= τ_i; 0 <= m_i; 0 <= a, for every i, j: E' = Σ_i τ_i <x_i',x_i'> + a Σ_i m_i f_i² and "
    "0 <= E', E = ½ Σ_i Σ_j m_i m_j h_ij",
    "½ Σ_i Σ_j (m_i' m_j + m_i m_j') h_ij = Σ_i m_i' F_i = a Σ_i m_i f_i F_i = a Σ_i m_i f_i², as "
    "Σ_i m_i f_i = 0 where the mean is taken off; the rest is what it is for masses that stay",
    _grows,
)
GRADIENT = Rule(
    "gradient of a pair energy",
    "e_ij' = w_ij <x_i,v_j>'/2; w_ij = w_ji; τ_i p_ij = w_ij; |x_i| = 1, for every i, j; v_j = x_j,"
    " or v_j = M x_j; M is symmetric: (Σ_i Σ_j e_ij)' = Σ_i τ_i <x_i', P_i Σ_j p_ij v_j>",
    "½ Σ_i Σ_j w_ij (<x_i',M x_j> + <x_i,M x_j'>) = Σ_i <x_i', Σ_j w_ij M x_j> by symmetry, and "
    "<x_i',x_i> = 0, so that <x_i', v> = <x_i', P_i v>; of any motion, so it is dE",
    _gradient,
)
MOVES = Rule(
    "moving along a gradient",
    "E' = Σ_i τ_i <x_i',v_i>; x_i' = v_i, for every i: E' = Σ_i τ_i <x_i',x_i'>",
    "what is equal is put",
    _moves,
)
CLIMB_AT_A_PACE = Rule(
    "climbing at a pace",
    "E' = Σ_i τ_i <x_i',P_i Σ_j q_ij x_j>; x_i' = P_i Σ_j s q_ij x_j; 0 <= τ_i; 0 <= s, for every "
    "i: 0 <= E'",
    "x_i' = s v_i and E' = s Σ_i τ_i <v_i,v_i>: squares are >= 0, and where s = 0 nothing moves",
    _climb_at_a_pace,
)
