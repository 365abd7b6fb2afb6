"""Sums of heads and layers, F_i = Σ_h Σ_j A_ij V c_j + w σ(a x_i + b): sizes, and derivatives.

A_ij are shares of scores h <b_i, M c_j> over the tokens c_j of a species. All this is of states in
the unit balls; keys that rest may be of any length.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Max,
    Min,
    Mul,
    OneMatrix,
    Pow,
    S,
    Symbol,
    cos,
    erf,
    exp,
    expand,
    sin,
    sqrt,
    tanh,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof import How, layer_of
from proofs_checks.propositions import (
    EVERY,
    All,
    Bound,
    Implies,
    Is,
    Proposition,
    Rel,
    conjoined,
    every,
)
from proofs_checks.theorems.chords import size_of, within
from proofs_checks.theorems.field_states import (
    CONSTANT,
    LONGEST_KEY,
    fast,
    head_of,
    keys_within,
    token,
)
from proofs_checks.theorems.kernel import Engine, Fact, NotConcluded, Rule
from proofs_checks.theorems.one_solution import rough
from proofs_checks.theorems.order import above, of_all, relation, wants
from proofs_checks.theorems.species import places
from theory.function_ranges import enclosure, largest
from theory.positive_part import PositivePart
from theory.symbols import X, m, t, z
from theory.terms import (
    Greatest,
    Image,
    Index,
    Inner,
    Item,
    Multiple,
    Norm,
    OperatorNorm,
    Projected,
    Row,
    VectorSum,
    at,
    ddt,
    entry,
    free,
    is_derivative,
    moving,
)

SIZE_THERE, SLOPE_THERE = (Symbol(name, nonnegative=True) for name in ("s_0", "s_1"))
"""Size and Lipschitz constant of what layers apply to numbers."""
_ELSE = Symbol("y")


# -- vectors -------------------------------------------------------------------------------------


def _resting(still: Fact, known: Fact) -> Proposition:
    key = relation(still, "=").left
    if not isinstance(key, Row):
        raise NotConcluded("it is of keys")
    wants(still, Rel("=", key, at(key)))
    of_all(still, key.args[1], t)
    wants(known, keys_within(key.args[0]))
    return Rel("<=", Norm(key), LONGEST_KEY)


def vector_length(fact: Fact) -> tuple[Any, Any, bool]:
    """Return v and a of ``|v| <= a``, and whether v is a derivative."""
    says = relation(fact, "=", "<=")
    if not isinstance(says.left, Norm):
        raise NotConcluded("it needs the length of a vector")
    inside = says.left.args[0]
    moved = is_derivative(inside)
    return (inside.args[0] if moved else inside), says.right, moved


def _of(vector: Any, moved: bool) -> Norm:
    return Norm(ddt(vector) if moved else vector)


def norm_of(through: Any, rests: tuple[Fact, ...]) -> Any:
    """Return |M| of a matrix that stays; its value at the start where its shape doesn't say so."""
    if not isinstance(through, MatrixExpr):
        raise NotConcluded(f"{through} is no matrix")
    if not moving(through):
        return OperatorNorm(through)
    if len(rests) != 1 or rests[0].says != Is(CONSTANT, through):
        raise NotConcluded(f"{through} isn't known to stay")
    of_all(rests[0], t)
    return at(OperatorNorm(through))


def _image(fact: Fact, through: Any) -> Proposition:
    v, size, moved = vector_length(fact)
    return Rel("<=", _of(Image(through, v), moved), norm_of(through, ()) * size)


def _scaled(fact: Fact, factor: Any) -> Proposition:
    v, size, moved = vector_length(fact)
    if not isinstance(factor, Expr) or moving(factor) or factor.has(Index):
        raise NotConcluded(f"{factor} isn't one number")
    return Rel("<=", _of(Multiple(factor, v), moved), Abs(factor) * size)


def _summed(*facts: Fact, whole: Any) -> Proposition:
    found = [vector_length(fact) for fact in facts]
    parts = whole.args if isinstance(whole, VectorSum) else ()
    if tuple(v for v, _, _ in found) != tuple(parts) or len({moved for *_, moved in found}) != 1:
        raise NotConcluded("it needs the length of each term of a sum, or of each derivative")
    return Rel("<=", _of(whole, found[0][2]), sum(size for _, size, _ in found))


def _factored(v: Any) -> tuple[Any, Any]:
    return v.args if isinstance(v, Multiple) else (S.One, v)


def _differ(*facts: Fact, pairs: tuple[tuple[Any, Any], ...], hot: Any, cold: Any) -> Proposition:
    known = iter(facts)
    for place, whole in enumerate((hot, cold)):
        terms = whole.args if isinstance(whole, VectorSum) else (whole,)
        if Counter(terms) != Counter(pair[place] for pair in pairs):
            raise NotConcluded("they are the terms of another sum")
    size = S.Zero
    for one, other in pairs:
        if one != other:
            fact = next(known, None)
            if fact is None:
                raise NotConcluded("it needs how far terms are apart")
            says, (factor, u), (same, v) = relation(fact, "<="), _factored(one), _factored(other)
            wants(fact, Rel("<=", Norm(u - v), says.right))
            if factor != same or moving(factor) or factor.has(Index):
                raise NotConcluded(f"{factor} and {same} aren't one number")
            size += Abs(factor) * says.right
    if next(known, None) is not None:
        raise NotConcluded("there is a premise too many")
    return Rel("<=", Norm(hot - cold), size)


def _projected(motion: Fact, unit: Fact, size: Fact) -> Proposition:
    says = relation(motion, "=")
    foot = says.left.args[0] if is_derivative(says.left) else None
    field, most, moved = vector_length(size)
    wants(motion, Rel("=", ddt(foot), Projected(foot, field)))
    wants(unit, Rel("=", Norm(foot), 1))
    if moved:
        raise NotConcluded("it needs the length of the field")
    return Rel("<=", Norm(ddt(foot)), most)


RESTING = Rule(
    "keys that rest", "y_a = y_a(0); |y_a(0)| <= R for every a: |y_a| <= R", "order", _resting
)
IMAGE_LENGTH = Rule(
    "length of an image",
    "|v| <= a: |M v| <= |M| a; |v'| <= a: |(M v)'| <= |M| a",
    "the norm of M, which rests",
    _image,
)
MULTIPLE_LENGTH = Rule(
    "length of a multiple",
    "|v| <= a: |c v| <= |c| a; |v'| <= a: |(c v)'| <= |c| a",
    "c is a constant",
    _scaled,
)
SUM_LENGTH = Rule(
    "length of a sum of vectors",
    "|u| <= a; |v| <= b: |u + v| <= a + b; the same of derivatives",
    "the triangle inequality",
    _summed,
)
SUMS_DIFFER = Rule(
    "difference of two sums",
    "|u - u'| <= a; |v - v'| <= b: |(u + c v) - (u' + c v')| <= a + |c| b; equal terms differ by 0",
    "the triangle inequality",
    _differ,
)
PROJECTED_LENGTH = Rule(
    "length of a projection",
    "b_i' = P_i F_i; |b_i| = 1; |F_i| <= a: |b_i'| <= a",
    "P_i is an orthogonal projection",
    _projected,
)


# -- scores --------------------------------------------------------------------------------------


def mapped(product: Any, rests: tuple[Fact, ...]) -> tuple[Any, Any, Any]:
    """Return the two vectors and |M|, of ``<x, M y>`` or ``<x, y>``.

    Raises
    ------
    NotConcluded
        For another number.
    """
    found, norm = [], S.One
    for one in product.args if isinstance(product, Inner) else ():
        if isinstance(one, Image):
            norm *= norm_of(one.args[0], rests)
        found.append(one.args[1] if isinstance(one, Image) else one)
    if len(found) != 2 or not all(isinstance(one, Row) for one in found):
        raise NotConcluded(f"{product} is no <x, M y>")
    return found[0], found[1], norm


def size_of_vector(fact: Fact, v: Any) -> Any:
    """Return a of ``|v| <= a``."""
    known, size, moved = vector_length(fact)
    if known != v or moved:
        raise NotConcluded(f"it needs the length of {v}")
    return size


def _speed_of(fact: Fact, v: Any) -> Any:
    """Return a of ``|v'| <= a``; 0 of ``v = v(0)``."""
    if fact.says == Rel("=", v, at(v)):
        of_all(fact, t)
        return S.Zero
    known, size, moved = vector_length(fact)
    if known != v or not moved:
        raise NotConcluded(f"it needs how fast {v} moves")
    return size


def _product_size(u: Fact, v: Fact, *rests: Fact, product: Any) -> Proposition:
    x, y, norm = mapped(product, rests)
    return within(product, norm * size_of_vector(u, x) * size_of_vector(v, y))


def _product_speed(
    u: Fact, v: Fact, first: Fact, second: Fact, *rests: Fact, product: Any
) -> Proposition:
    x, y, norm = mapped(product, rests)
    far, near = size_of_vector(u, x), size_of_vector(v, y)
    pace = near * _speed_of(first, x) + far * _speed_of(second, y)
    return within(ddt(product), norm * pace)


def _fastest(block: Any, place: int) -> Proposition:
    return Rel("<=", Norm(ddt(token(block, place))), fast(block))


PRODUCT_SIZE = Rule(
    "product of vectors through a matrix",
    "|x| <= a; |y| <= b: -|M| a b <= <x, M y> <= |M| a b",
    "Cauchy-Schwarz, |M y| <= |M| |y|",
    _product_size,
)
PRODUCT_SPEED = Rule(
    "derivative of a product through a matrix",
    "|x| <= a; |y| <= b; |x'| <= p; |y'| <= q: |<x, M y>'| <= |M| (b p + a q), q = 0 of y = y(0)",
    "<x, M y>' = <x', M y> + <x, M y'>, Cauchy-Schwarz",
    _product_speed,
)
FASTEST_OF = Rule(
    "the fastest of a species", "|b_i'| <= max_k |b_k'|", "order", _fastest, routine=True
)


# -- heads and layers ----------------------------------------------------------------------------


def _weighed(masses: Any, mass: Fact) -> None:
    """Refuse masses that aren't known to be positive; all ones are."""
    if isinstance(masses, OneMatrix):
        return
    of = relation(mass, "<").right
    if not isinstance(of, Item) or of.args[0] != masses:
        raise NotConcluded("its masses aren't known to be positive")
    above(mass, of, strict=True)
    of_all(mass, of.args[1], t)


def _head_speed(
    mass: Fact, still: Fact, size: Fact, speed: Fact, slope: Fact, head: Any
) -> Proposition:
    share, value, _ = head_of(head)
    softmax = share.args[0]
    _weighed(softmax.masses, mass)
    wants(still, Rel("=", ddt(Item(m, places(X)[1])), 0))
    of_all(still, places(X)[1], t)
    if not isinstance(softmax.masses, OneMatrix) and softmax.masses != m:
        raise NotConcluded("its masses may move")
    long, pace = size_of_vector(size, value), _speed_of_image(speed, value)
    score, rate = entry(softmax.scores, *share.args[1:]), S.Zero
    if slope.says != Rel("=", ddt(score), 0):
        rate = size_of(slope, ddt(score))
    _one_for_all(share, long, pace, rate)
    for fact in (size, speed, slope):
        of_all(fact, *share.args[1:])
    return Rel("<=", Norm(ddt(head)), pace + long * rate)


def _speed_of_image(fact: Fact, value: Any) -> Any:
    if isinstance(value, Image) and fact.says == Rel("=", value.args[1], at(value.args[1])):
        norm_of(value.args[0], ())  # it stays
        of_all(fact, t)
        return S.Zero
    return _speed_of(fact, value)


def _one_for_all(share: Any, *numbers: Any) -> None:
    if any(number.has(share.args[1], share.args[2], Row) for number in map(_no_speeds, numbers)):
        raise NotConcluded("it needs bounds that are one for all tokens")


def _no_speeds(number: Any) -> Any:
    return number.xreplace({one: S.One for one in number.atoms(Greatest)})


def _head_differs(mass: Fact, size: Fact, sized: Fact, hot: Any, cold: Any) -> Proposition:
    (share, value, _), (other, same, _) = head_of(hot), head_of(cold)
    one, two = share.args[0], other.args[0]
    _weighed(one.masses, mass)
    if one.masses != two.masses or share.args[1:] != other.args[1:] or value != same:
        raise NotConcluded("they are heads over other tokens")
    gap = entry(one.scores, *share.args[1:]) - entry(two.scores, *share.args[1:])
    long, far = size_of_vector(size, value), size_of(sized, gap)
    _one_for_all(share, long, far)
    for fact in (size, sized):
        of_all(fact, *share.args[1:])
    return Rel("<=", Norm(hot - cold), long * far)


HEAD_SPEED = Rule(
    "derivative of a head",
    "0 < m_j; m_j' = 0; |v_j| <= s; |v_j'| <= p; |S_ij'| <= r for every i, j: |(Σ_j A_ij v_j)'| <= "
    "p + s r, of shares A_ij of scores S_ij of one mass each, or of m_j",
    "A_ij' = A_ij (S_ij' - Σ_k A_ik S_ik'), and a mean distance from the mean is at most the root "
    "mean square, at most r",
    _head_speed,
)
HEADS_DIFFER = Rule(
    "heads of other scores",
    "0 < m_j; |v_j| <= s; |S_ij - T_ij| <= N for every i, j: |Σ_j A_ij v_j - Σ_j B_ij v_j| <= s N, "
    "of shares A_ij of scores S_ij and B_ij of T_ij",
    "along T + θ (S - T) shares move by A_ij (w_j - Σ_k A_ik w_k), w = S - T, and a mean distance "
    "from the mean is at most the root mean square, at most N",
    _head_differs,
)


def layer_in(term: Any) -> tuple[Any, Any, Any, Any]:
    """Return w, a, b and σ of a row ``w σ(a x_i + b)``; matrices that rest, and σ of numbers.

    Raises
    ------
    NotConcluded
        For another vector.
    """
    found = layer_of(term.args[0]) if isinstance(term, Row) else None
    if found is None or any(moving(one) for one in found[:3]) or rough(term.args[0]):
        raise NotConcluded("it is no layer of matrices that rest, or isn't shown to be Lipschitz")
    if {t, SIZE_THERE, SLOPE_THERE} & found[3].free_symbols:
        raise NotConcluded("the layer knows the time, or has a name of ours")
    return found


def activation(term: Any, size: Any, slope: Any) -> tuple[Proposition, Proposition]:
    """Say that |σ| <= s over |z| <= |a| + |b|, and that there p is a Lipschitz constant of σ.

    Examples
    --------
    >>> from proofs_checks.propositions import Subject, written
    >>> from proofs_checks.theorems.field_states import field_row
    >>> from theory.models import MLP_BLOCK
    >>> field = field_row(Subject.of(MLP_BLOCK), X)
    >>> layer = next(one for one in field.args if isinstance(one, Row))
    >>> written(activation(layer, 1, 2)[0])
    'for every c: |c| <= |a| + |b| implies |c (erf(c √(2)/2) + 1)|/2 <= 1'
    """
    _, a, b, body = layer_in(term)
    reach = OperatorNorm(a) + OperatorNorm(b)
    other = body.xreplace({z: _ELSE})
    here, there = Rel("<=", Abs(z), reach), Rel("<=", Abs(_ELSE), reach)
    moved = Rel("<=", Abs(body - other), slope * Abs(z - _ELSE))
    return (
        every(z, Implies(here, Rel("<=", Abs(body), size))),
        every((z, _ELSE), Implies(All(here, there), moved)),
    )


def _most(expr: Any) -> Expr | None:
    """Return what a function is at most in size for -1 <= z <= 1; None where that isn't read."""
    if isinstance(expr, Abs):
        return _most(expr.args[0])
    if isinstance(expr, Add | Mul) and z in expr.free_symbols:
        parts = [_most(one) for one in expr.args]
        return None if None in parts else expr.func(*parts)
    if isinstance(expr, erf | tanh | sin | cos):
        real = {one: Dummy(real=True) for one in expr.free_symbols if one.is_real is None}
        return S.One if expr.args[0].xreplace(real).is_real else None
    if isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 0:
        top = _most(expr.base)
        return None if top is None else top**expr.exp
    inside = enclosure(expr, -S.One, S.One) if isinstance(expr, exp) else None
    return largest(expr) if inside is None else inside[1]


def _far(body: Any, reach: Any, slope: bool) -> Expr | None:
    """Return size or Lipschitz constant of a smooth function over |z| <= R, by its form."""
    if body.atoms(PositivePart, Max, Min) or (slope and body.has(Abs)):
        return None
    far = Dummy("R", positive=True)
    own = body.xreplace({z: far * z})
    found = _most(own.diff(z) if slope else own)
    return (
        None if found is None else (expand(found / far) if slope else found).xreplace({far: reach})
    )


def sizes_there(term: Any) -> tuple[Any, Any]:
    """Return size and Lipschitz constant of σ over |z| <= |a| + |b|, by its form; or their names.

    Examples
    --------
    >>> from proofs_checks.propositions import Subject
    >>> from proofs_checks.theorems.field_states import field_row
    >>> from theory.models import MLP_BLOCK
    >>> field = field_row(Subject.of(MLP_BLOCK), X)
    >>> sizes_there(next(one for one in field.args if isinstance(one, Row)))[0]
    OperatorNorm(a) + OperatorNorm(b)
    """
    _, a, b, body = layer_in(term)
    reach = OperatorNorm(a) + OperatorNorm(b)
    size, slope = (_far(body, reach, steep) for steep in (False, True))
    return (SIZE_THERE, SLOPE_THERE) if size is None or slope is None else (size, slope)


def _formed(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide size or Lipschitz constant of a function between two numbers by its form."""
    if facts or not isinstance(says, Bound) or len(says.bound) > 2 or says.quantifier != EVERY:
        raise NotConcluded("it isn't the size or the slope of a function")
    two = (z, _ELSE)[: len(says.bound)]
    inside = says.opened(*two)
    given, then = inside.args[:2] if isinstance(inside, Implies) else (says, says)
    here = given.args[0] if isinstance(given, All) else given
    if inside != Implies(given, then) or not all(isinstance(one, Rel) for one in (here, then)):
        raise NotConcluded("it isn't said between two numbers")
    if then.op != "<=":
        raise NotConcluded("it isn't said between two numbers")
    reach, slope = here.right, len(two) == 2
    if given != conjoined([Rel("<=", Abs(one), reach) for one in two]) or {*two} & free(reach):
        raise NotConcluded("it isn't said between two numbers")
    body, bound = then.left, then.right
    if slope:
        factor, rest = body.as_coeff_Mul()
        bound = bound / Abs(z - _ELSE)
        inside = rest.args[0] if isinstance(rest, Abs) else S.Zero
        parts = inside.as_independent(_ELSE, as_Add=True)
        body = factor * parts[0]
        if (parts[1] + parts[0].xreplace({z: _ELSE})) != 0 or not factor.is_positive:
            raise NotConcluded("it is no difference of a function at two places")
    if free(bound) & {*two} or _far(body, reach, slope) != bound:
        raise NotConcluded(f"by its form it is {_far(body, reach, slope)}")
    return "by its form: sums, products, exponentials, functions between -1 and 1"


FORMED = Engine("size and slope between two numbers", How.DECIDED, _formed)


def _bound_in(known: Fact) -> Any:
    """Return what is at most said of every number between two."""
    inside = known.says
    if not isinstance(inside, Bound) or not isinstance(inside.body, Implies):
        raise NotConcluded("it needs the size of a function")
    then = inside.opened(*(z, _ELSE)[: len(inside.bound)]).args[1]
    return then.right


def _layer_size(inside: Fact, known: Fact, layer: Any) -> Proposition:
    w, *_ = layer_in(layer)
    if size_of_vector(inside, Row(X, layer.args[1])) != 1:
        raise NotConcluded("it needs |x_i| <= 1")
    size = _bound_in(known)
    wants(known, activation(layer, size, S.Zero)[0])
    return Rel("<=", Norm(layer), OperatorNorm(w) * sqrt(w.shape[1]) * size)


def _layer_speed(inside: Fact, moves: Fact, known: Fact, layer: Any) -> Proposition:
    w, a, *_ = layer_in(layer)
    x = Row(X, layer.args[1])
    if size_of_vector(inside, x) != 1:
        raise NotConcluded("it needs |x_i| <= 1")
    slope = _bound_in(known) / Abs(z - _ELSE)
    wants(known, activation(layer, S.Zero, slope)[1])
    pace = _speed_of(moves, x)
    return Rel("<=", Norm(ddt(layer)), OperatorNorm(w) * OperatorNorm(a) * slope * pace)


LAYER_SIZE = Rule(
    "length of a layer",
    "|x_i| <= 1; |σ(z)| <= s where |z| <= |a| + |b|: |w σ(a x_i + b)| <= |w| √k s, k its width",
    "components of a x_i + b are at most |a| + |b| in size, and k numbers of size s are at most √k "
    "s long",
    _layer_size,
)
LAYER_SPEED = Rule(
    "derivative of a layer",
    "|x_i| <= 1; |x_i'| <= p; |σ(z) - σ(y)| <= s |z - y| where |z|, |y| <= |a| + |b|: |(w σ(a x_i "
    "+ b))'| <= |w| |a| s p",
    "σ moves each component by s times what a x_i + b moves it at most",
    _layer_speed,
)
