"""Rules on tokens that attract each other: least heights, diameters, softmax weights.

Each has its proof in its source. A family such as f_i is a term with a free token index; what is
said of it must hold for every token and at every time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import exp, oo, sqrt

from proofs_checks.propositions import All, Implies, Proposition, Rel, Tends, every, some
from proofs_checks.theorems.kernel import Concluded, Fact, NotConcluded, Rule
from proofs_checks.theorems.order import above, bounded, of_all, relation, wants
from theory.symbols import n, t
from theory.terms import (
    Diameter,
    Elapsed,
    Greatest,
    Image,
    Index,
    Inner,
    Least,
    Norm,
    OperatorNorm,
    Smaller,
    Sort,
    Vec,
    at,
    ddt,
    is_derivative,
    moving,
    put,
    sort_of,
    total,
)

SEVERAL = Rel("<=", 2, n)
"""Two tokens at least: a minimum over pairs is of something."""


def several(index: Index) -> Proposition:
    """Say that there are two tokens at least of those that an index is of."""
    return Rel("<=", 2, index.count)


def fresh(count: int, *terms: Any, over: Any = n) -> tuple[Index, ...]:
    """Return indices that no term has, of so many tokens."""
    used = {str(a) for term in terms for a in term.free_symbols}
    names = (f"{letter}{k}" for k in range(len(used) + count) for letter in "jkl")
    return tuple(Index(name, over) for name in names if name not in used)[:count]


def at_another(term: Any, index: Index, other: Index) -> Any:
    """Return a family at another token."""
    return put(term, {index: other})


# -- the sphere --------------------------------------------------------------------------------


def _unit_arms(first: Fact, second: Fact) -> list[Any]:
    arms = []
    for fact in (first, second):
        says = relation(fact, "=")
        if not isinstance(says.left, Norm) or says.right != 1:
            raise NotConcluded("it needs two vectors of length 1")
        arms.append(says.left.args[0])
    return arms


def _unit_product(first: Fact, second: Fact) -> Proposition:
    arms = _unit_arms(first, second)
    return All(Rel("<=", -1, Inner(*arms)), Rel("<=", Inner(*arms), 1))


def _operator_norm(first: Fact, second: Fact, map: Any) -> Proposition:
    u, v = _unit_arms(first, second)
    if sort_of(map) is not Sort.MAP or moving(map):
        raise NotConcluded(f"{map} is no constant matrix")
    inner, norm = Inner(u, Image(map, v)), OperatorNorm(map)
    return All(Rel("<=", -norm, inner), Rel("<=", inner, norm))


def _cosine(unit: Fact, positive: Fact, vector: Any) -> Proposition:
    says = relation(unit, "=")
    if not isinstance(says.left, Norm) or says.right != 1:
        raise NotConcluded("it needs a vector of length 1")
    square = Inner(vector, vector)
    above(positive, square, strict=True)
    return Rel("<=", Inner(says.left.args[0], vector) / sqrt(square), 1)


def _pair_over(first: Fact, second: Fact, axis: Fact, one: Fact, two: Fact, sign: Fact) -> Rel:
    units = [relation(fact, "=") for fact in (first, second, axis)]
    if any(not isinstance(one.left, Norm) or one.right != 1 for one in units):
        raise NotConcluded("it needs vectors of length 1")
    u, v, w = (one.left.args[0] for one in units)
    low = relation(one, "<=").left
    wants(one, Rel("<=", low, Inner(u, w)))
    wants(two, Rel("<=", low, Inner(v, w)))
    above(sign, low)
    return Rel("<=", 2 * low**2 - 1, Inner(u, v))


COSINE = Rule("cosine", "|u| = 1; 0 < <v,v>: <u,v>/√<v,v> <= 1", "Cauchy and Schwarz", _cosine)
OPERATOR_NORM = Rule(
    "operator norm",
    "|u| = 1; |v| = 1: -|M| <= <u,Mv> <= |M|",
    "Cauchy and Schwarz",
    _operator_norm,
)
PAIR_OVER = Rule(
    "two tokens over an equator",
    "|u| = |v| = |w| = 1; h <= <u,w>; h <= <v,w>; 0 <= h: 2h^2 - 1 <= <u,v>",
    "<u,v> = <u,w><v,w> + <u-<u,w>w, v-<v,w>w> >= h^2 - √(1-<u,w>^2) √(1-<v,w>^2)",
    _pair_over,
)
UNIT_PRODUCT = Rule(
    "product of unit vectors",
    "|u| = 1; |v| = 1: -1 <= <u,v> <= 1",
    "Cauchy and Schwarz",
    _unit_product,
)


# -- least values ------------------------------------------------------------------------------


def is_least(family: Any, indices: Iterable[Index]) -> Proposition:
    """Say that a family is least at its indices: the hypothesis that LEAST discharges."""
    indices = tuple(indices)
    others = fresh(len(indices), family)
    others = tuple(Index(str(j), i.count) for i, j in zip(indices, others, strict=True))
    moved = put(family, dict(zip(indices, others, strict=True)))
    return every(others, Rel("<=", family, moved))


def _least(
    motion: Fact,
    bound: Fact,
    factor: Fact,
    start: Fact,
    sign: Fact,
    finite: Fact,
    indices: tuple[Index, ...],
) -> Concluded:
    says = relation(motion, "=")
    if not is_derivative(says.left) or sort_of(says.left) is not Sort.NUMBER:
        raise NotConcluded("its first premise is the derivative of a family of numbers")
    family = says.left.args[0]
    if not set(indices) <= family.free_symbols:
        raise NotConcluded(f"the family has no index {indices}")
    hypothesis = is_least(family, indices)
    rate = relation(factor, "<", "<=").right
    above(factor, rate)
    wants(bound, Rel("<=", rate * family, says.right))
    least = relation(sign, "<", "<=").right
    above(sign, least)
    if moving(least) or set(indices) & least.free_symbols:
        raise NotConcluded("the bound at the start is one constant")
    wants(start, every(indices, Rel("<=", least, at(family))))
    of_all(motion, *indices, t)
    of_all(factor, *indices, t)
    bounded(finite, rate, *indices)
    of_all(bound, *indices, t, without=(hypothesis,))
    return Concluded(Rel("<=", least, family), {1: (hypothesis,)})


LEAST = Rule(
    "derivative of a minimum",
    "f_i' = v_i; [f_i <= f_j for every j] K_i f_i <= v_i; 0 <= K_i; r <= f_i(0) for every i; "
    "0 <= r; K_i is bounded up to t: r <= f_i",
    "f = min_i f_i is continuous, and its right derivative is the least of v_i over the least i, "
    "so >= K f with K >= 0 bounded on compact times: f >= 0 stays (Grönwall for its negative "
    "part), hence f' >= 0 and f never falls",
    _least,
    rocq="Rules.rule_least",
)


# -- diameters ---------------------------------------------------------------------------------


def pair_sight(weight: Any, i: Index, j: Index) -> Any:
    """Return ``η = min_{i≠k} p_ik + p_ki + Σ_{j≠i,k} min(p_ij, p_kj)``, of p_ij.

    Examples
    --------
    >>> from theory.symbols import G
    >>> from theory.terms import Entry
    >>> i, j = Index("i"), Index("j")
    >>> pair_sight(Entry(G, i, j), i, j) == pair_sight(Entry(G, j, i), j, i)
    True
    """
    a, b, c = fresh(3, weight, over=i.count)

    def p(one: Index, two: Index) -> Any:
        return weight.xreplace({i: one, j: two})

    return Least(p(a, b) + p(b, a) + total(Smaller(p(a, c), p(b, c)), c, (a, b)), (a, b))


def pair_pull(weight: Any, i: Index, j: Index) -> Any:
    """Return ``C = max_i Σ_{j≠i} p_ij``."""
    a, c = fresh(2, weight, over=i.count)
    return Greatest(total(weight.xreplace({i: a, j: c}), c, (a,)), a)


def averaging(points: Any, weight: Any, i: Index, j: Index) -> Proposition:
    """Say ``y_i' = Σ_j c_ij (y_j - y_i)``."""
    return Rel("=", ddt(points), total((at_another(points, i, j) - points) * weight, j))


def _averaged(motion: Fact, sign: Fact, points: Any, weight: Any, i: Index, j: Index) -> None:
    if j in points.free_symbols or i not in points.free_symbols:
        raise NotConcluded(f"the points are of token {i} alone")
    wants(motion, averaging(points, weight, i, j))
    above(sign, weight)
    of_all(motion, i, t)
    of_all(sign, i, j, t)


def _contraction(
    motion: Fact, sign: Fact, two: Fact, points: Any, weight: Any, i: Index, j: Index
) -> Proposition:
    _averaged(motion, sign, points, weight, i, j)
    wants(two, several(i))
    wide = Diameter(points, i)
    return Rel("<=", ddt(wide), -pair_sight(weight, i, j) * wide)


def _spreading(
    motion: Fact, sign: Fact, points: Any, weight: Any, i: Index, j: Index
) -> Proposition:
    _averaged(motion, sign, points, weight, i, j)
    wide = Diameter(points, i)
    return Rel("<=", -2 * pair_pull(weight, i, j) * wide, ddt(wide))


CONTRACTION = Rule(
    "contraction of a diameter",
    "y_i' = Σ_j c_ij (y_j - y_i); 0 <= c_ij; 2 <= n: (diam y)' <= -η(c) diam y",
    "for the widest pair and u along y_i - y_k: <u,y_j-y_i> <= 0 <= <u,y_j-y_k>, with difference "
    "D, so j ∉ {i,k} gives at most -min(c_ij,c_kj) D, j = k and i give -c_ik D and -c_ki D",
    _contraction,
    rocq="Contraction.contraction",
)
SPREADING = Rule(
    "least speed of a diameter",
    "y_i' = Σ_j c_ij (y_j - y_i); 0 <= c_ij: -2 C(c) diam y <= (diam y)'",
    "|(y_i - y_k)'| <= (C_i + C_k) D, as |y_j - y_i| <= D",
    _spreading,
)


def _gronwall(fact: Fact, finite: Fact, rate: Any) -> Proposition:
    says = relation(fact, "<=")
    of_all(fact, t)
    bounded(finite, rate)
    for derivative, other, falls in ((says.left, says.right, True), (says.right, says.left, False)):
        if not is_derivative(derivative) or other != -rate * derivative.args[0]:
            continue
        inside = derivative.args[0]
        carried = at(inside) * exp(-Elapsed(rate))
        return Rel("<=", inside, carried) if falls else Rel("<=", carried, inside)
    raise NotConcluded(f"it isn't a derivative against -({rate}) times what is derived")


GRONWALL = Rule(
    "Grönwall",
    "D' <= -λ D; λ is bounded up to t: D <= D(0) e^(-∫λ); -λ D <= D': D(0) e^(-∫λ) <= D",
    "D is continuous, and D e^(∫λ) has a Dini derivative of one sign",
    _gronwall,
    rocq="Rules.rule_gronwall",
)


# -- sight -------------------------------------------------------------------------------------


def _sight(fact: Fact, sign: Fact, two: Fact, i: Index, j: Index, weight: Any) -> Proposition:
    says, factor = relation(fact, "<=", "<"), relation(sign, "<", "<=").right
    above(sign, factor)
    wants(two, several(i))
    of_all(fact, i, j)
    if {i, j} & factor.free_symbols or says.left != factor * weight:
        raise NotConcluded("its left side isn't one factor times the weights")
    return Rel("<=", factor * pair_sight(weight, i, j), pair_sight(says.right, i, j))


def _pull(fact: Fact, sign: Fact, i: Index, j: Index, weight: Any) -> Proposition:
    says, factor = relation(fact, "<=", "<"), relation(sign, "<", "<=").right
    above(sign, factor)
    of_all(fact, i, j)
    if {i, j} & factor.free_symbols or says.right != factor * weight:
        raise NotConcluded("its right side isn't one factor times the weights")
    return Rel("<=", pair_pull(says.left, i, j), factor * pair_pull(weight, i, j))


def _column(fact: Fact, two: Fact, i: Index, j: Index) -> Proposition:
    says = relation(fact, "<=", "<")
    wants(two, several(i))
    of_all(fact, i, j)
    if i in says.left.free_symbols:
        raise NotConcluded(f"the bound of a column depends on {i}")
    return Rel("<=", total(says.left, j), pair_sight(says.right, i, j))


SIGHT = Rule(
    "sight of larger weights",
    "f p_ij <= c_ij for every i, j; 0 <= f; 2 <= n: f η(p) <= η(c)",
    "minima and sums of larger terms",
    _sight,
)
PULL = Rule(
    "pull of smaller weights",
    "c_ij <= f p_ij for every i, j; 0 <= f: C(c) <= f C(p)",
    "maxima and sums of smaller terms",
    _pull,
)
COLUMN = Rule(
    "sight of a column",
    "b_j <= p_ij for every i, j; 2 <= n: Σ_j b_j <= η(p)",
    "p_ik >= b_k, p_ki >= b_i, min(p_ij, p_kj) >= b_j",
    _column,
)


# -- limits ------------------------------------------------------------------------------------


def cone_points(points: Fact, axis: Fact, height: Fact, i: Index) -> tuple[Any, Any]:
    """Return x_i and ``y_i = x_i/<x_i,w>`` of unit tokens in an open hemisphere."""
    if not all(isinstance(relation(fact, "=").left, Norm) for fact in (points, axis)):
        raise NotConcluded("it needs the lengths of tokens and axis")
    x, w = relation(points, "=").left.args[0], relation(axis, "=").left.args[0]
    wants(points, Rel("=", Norm(x), 1))
    wants(axis, Rel("=", Norm(w), 1))
    if moving(w) or i in w.free_symbols:
        raise NotConcluded("the axis is one constant vector")
    above(height, Inner(x, w), strict=True)
    for fact in (points, height):
        of_all(fact, i, t)
    return x, x / Inner(x, w)


def _meets(
    motion: Fact,
    sign: Fact,
    points: Fact,
    axis: Fact,
    height: Fact,
    bound: Fact,
    limit: Fact,
    weight: Any,
    i: Index,
    j: Index,
) -> Proposition:
    x, y = cone_points(points, axis, height, i)
    _averaged(motion, sign, y, weight, i, j)
    says = relation(bound, "<=")
    of_all(bound, t)
    wants(bound, Rel("<=", Diameter(y, i), says.right))
    wants(limit, Tends(says.right, 0, oo))
    z = Vec("z")
    near = every(i, Implies(Tends(x, z, oo), Rel("<=", Norm(x - z), Diameter(y, i))))
    return All(some(z, every(i, Tends(x, z, oo))), every(z, near))


MEETS = Rule(
    "nested hulls",
    "y_i' = Σ_j c_ij (y_j - y_i); 0 <= c_ij; |x_i| = 1; |w| = 1; 0 < <x_i,w>; diam y <= b; "
    "b -> 0, with y_i = x_i/<x_i,w>: there is z with x_i -> z for every i, and |x_i - z| <= diam y",
    "the hull of the y_i never grows, so they share a limit y in each hull, |y_i - y| <= diam y; "
    "|y_i|, |y| >= 1, where v -> v/|v| shortens",
    _meets,
    rocq="Contraction.limit_point",
)
