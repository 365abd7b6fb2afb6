"""T13: two solutions of a pull part at a rate K at most, D' <= K D for D = max_i |x_i - y_i|.

For ``x_i' = P_i A_i``, A_i = Σ_j p_ij x_j, it is enough that |A_i| <= S, and that along every curve
in the unit ball, which has the segments between two states in it, |A_i'| <= L max_k |x_k'|: then
K = S + L, whoever sees whom. Shares of a row move by what their scores move, and weights
m_j k(<x_i,x_j>) by the slope of k. The time is held while tokens are moved.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Mul,
    S,
    Symbol,
    Transpose,
    exp,
    factor_terms,
    log,
)

from proofs_checks.audit import SECOND
from proofs_checks.proof import How
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.features import is_featured, reach
from proofs_checks.theorems.kernel import (
    Concluded,
    Engine,
    Fact,
    NotConcluded,
    Reader,
    Rule,
)
from proofs_checks.theorems.order import above, of_all, of_parameters, relation, wants
from proofs_checks.theorems.places import softmax_of
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import (
    OTHER,
    TOKEN,
    Facts,
    flows,
    pulled,
    solved_in,
    solving,
)
from theory.atoms import MaskedSoftmax, RowSoftmax, Sinkhorn
from theory.function_ranges import log_slope, size_and_slope
from theory.masks import Mask
from theory.positions import Rotary
from theory.positive_part import PositivePart
from theory.symbols import X, m, t, z
from theory.terms import (
    Elapsed,
    Entry,
    Greatest,
    Image,
    Index,
    Inner,
    Item,
    Norm,
    OperatorNorm,
    Row,
    Sort,
    at,
    ddt,
    entry,
    moving,
    total,
)
from theory.terms import Number as Term
from theory.weights import SinkSoftmax

SCALING = (
    "Sinkhorn 1967: a positive symmetric kernel has one scaling, smooth in it by the implicit "
    "function theorem, as I + A is invertible for stochastic A > 0 with m_i A_ij = m_j A_ji"
)
PAIR = Definition("pair", "X and Y solve {0} for all t >= 0, with all else the same", (Subject,))
IN_BALL = Definition(
    "in the ball", "X moves smoothly with |x_i| <= 1, and all else of {0} rests", (Subject,)
)
"""Whatever X does there: segments between states are such motions, and no state need be one."""
SLOPED = Definition(
    "size and slope",
    "of {0} in [-1, 1] {1} is a function of size {2} at most and of Lipschitz constant {3}",
    (Sort.NUMBER,) * 4,
)
ANGLE = Inner(Row(SECOND, TOKEN), Row(SECOND, OTHER))
"""<y_i,y_j>."""
_EACH = Index("k")
APART = Greatest(Norm(Row(X, _EACH) - Row(SECOND, _EACH)), (_EACH,))
"""max_i |x_i - y_i|."""
CHORD = Norm(Row(X, TOKEN) - Row(SECOND, TOKEN))
"""|x_i - y_i|."""
FAST = Greatest(Norm(ddt(Row(X, _EACH))), (_EACH,))
"""max_k |x_k'|."""
MOMENT = Symbol("s", nonnegative=True)
"""A time that is held."""


def within(a: Any, size: Any) -> Proposition:
    """Say ``-size <= a`` and ``a <= size``."""
    return All(Rel("<=", -size, a), Rel("<=", a, size))


def output(weight: Any) -> Any:
    """Return ``A_i = Σ_j p_ij x_j``."""
    return total(Row(X, OTHER) * weight, OTHER)


def steady(weight: Any, size: Any, pace: Any) -> Proposition:
    """Say ``|A_i| <= size`` and ``|A_i'| <= pace max_k |x_k'|``."""
    pull = output(weight)
    return All(Rel("<=", Norm(pull), size), Rel("<=", Norm(ddt(pull)), pace * FAST))


# -- what is read --------------------------------------------------------------------------------


_TAKEN = "X moves in the unit ball; masses are positive, and rest"


def _in_ball(subject: Subject) -> Facts:
    flows(subject)
    says = Rel("<=", Norm(Row(X, TOKEN)), 1)
    return frozenset({Is(IN_BALL, subject)}), says, _TAKEN


def _resting_masses(subject: Subject) -> Facts:
    flows(subject)
    says = Rel("=", ddt(Item(m, TOKEN)), 0)
    return frozenset({Is(IN_BALL, subject)}), says, _TAKEN


def _positive_masses(subject: Subject) -> Facts:
    flows(subject)
    if m in subject.velocities:
        raise NotConcluded(f"the masses of {subject.name} move")
    return frozenset({Is(IN_BALL, subject)}), Rel("<", 0, Item(m, TOKEN)), _TAKEN


BALL = Reader("vectors in the unit ball", _in_ball)
BALL_STILL = Reader("masses that rest", _resting_masses)
BALL_MASSES = Reader("positive masses that rest", _positive_masses)


# -- what is decided -----------------------------------------------------------------------------


def _sloped(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide by the form of a function how large it is and how fast it changes."""
    if not isinstance(says, Is) or says.definition is not SLOPED or facts:
        raise NotConcluded("it isn't the size and slope of a function")
    place, kernel, size, slope = says.arguments
    body = kernel.xreplace({place: z})
    if z in kernel.free_symbols or not isinstance(place, Inner) or body.has(Term, t):
        raise NotConcluded("it isn't a function of one inner product")
    found = bounds_of(body)
    if found is None:
        raise NotConcluded("its size or slope isn't read off its form")
    if found != (size, slope):
        raise NotConcluded(f"by its form they are {found[0]} and {found[1]}")
    return "by its form: sums, products, exponentials, positive parts, reciprocals"


def bounds_of(body: Expr) -> tuple[Expr, Expr] | None:
    """Return size and Lipschitz constant of a function of z in [-1, 1]; None where it may jump."""
    if any(one.args[1] < 1 for one in body.atoms(PositivePart)):
        return None
    names = {s: Dummy(str(s), real=True) for s in body.free_symbols - {z} if s.is_real is None}
    found = size_and_slope(body.xreplace(names))
    back = {new: old for old, new in names.items()}
    return None if found is None else (found[0].xreplace(back), found[1].xreplace(back))


SLOPES = Engine("size and slope of a function", How.DECIDED, _sloped)


# -- rules ---------------------------------------------------------------------------------------


def size_of(fact: Fact, a: Any) -> Any:
    """Return N of ``-N <= a`` and ``a <= N``."""
    says = fact.says
    upper = says.args[-1] if isinstance(says, All) else None
    if not isinstance(upper, Rel) or says != within(a, upper.right):
        raise NotConcluded("it needs bounds on both sides of the same number")
    return upper.right


def _rate_of(fact: Fact, a: Any) -> Any:
    """Return L of ``|a'| <= L max_k |x_k'|``, one for all tokens; 0 of ``a' = 0``."""
    if fact.says == Rel("=", ddt(a), 0):
        return S.Zero
    rate = size_of(fact, ddt(a)) / FAST
    plain(rate)
    return rate


def plain(*numbers: Any) -> None:
    """Refuse bounds that depend on tokens."""
    for number in numbers:
        if number.has(X, Row) or number.has(FAST) or {TOKEN, OTHER, t} & number.free_symbols:
            raise NotConcluded(f"{number} isn't one bound for all")


def short(fact: Fact, v: Any) -> None:
    """Refuse a fact that isn't ``|v| <= 1``."""
    wants(fact, Rel("<=", Norm(v), 1))


def _fastest(index: Index) -> Proposition:
    moved = Norm(ddt(Row(X, index)))
    return Rel("<=", moved, FAST)


def _turned(fact: Fact, turned: Any) -> Proposition:
    says = relation(fact, "<=")
    field = turned.args[0] if isinstance(turned, Row) else None
    if not isinstance(field, Rotary) or moving(field.args[1]) or not isinstance(says.left, Norm):
        raise NotConcluded(f"{turned} is no row that is turned by its place")
    own = Row(field.field, turned.args[1])
    for plain, image in ((own, turned), (ddt(own), ddt(turned))):
        if says.left == Norm(plain):
            return Rel("<=", Norm(image), says.right)
    raise NotConcluded(f"{turned} is another row")


def _product(u: Fact, v: Fact, product: Any) -> Proposition:
    if not isinstance(product, Inner):
        raise NotConcluded(f"{product} is no inner product")
    short(u, product.args[0])
    short(v, product.args[1])
    return within(product, S.One)


def _product_moves(u: Fact, v: Fact, first: Fact, second: Fact, product: Any) -> Proposition:
    _product(u, v, product)
    paces = []
    for fact, arm in zip((first, second), product.args, strict=True):
        says = relation(fact, "<=")
        if says.left != Norm(ddt(arm)):
            raise NotConcluded("it needs how fast both factors move")
        paces.append(says.right)
    return within(ddt(product), Add(*paces))


def mapped_in(product: Any) -> tuple[Any, Any, Any]:
    """Return x, y and M of ``<x, M y>``, tokens and a matrix that rests.

    Raises
    ------
    NotConcluded
        For another inner product.
    """
    args = product.args if isinstance(product, Inner) else ()
    image = next((one for one in args if isinstance(one, Image)), None)
    rest = next((one for one in args if one != image), None)
    if image is None or moving(image.args[0]) or not isinstance(rest, Row):
        raise NotConcluded(f"{product} is no <x, M y>")
    if not isinstance(image.args[1], Row) or {rest.args[0], image.args[1].args[0]} != {X}:
        raise NotConcluded(f"{product} is of other vectors than tokens")
    return rest, image.args[1], image.args[0]


def _mapped(u: Fact, v: Fact, product: Any) -> Proposition:
    x, y, through = mapped_in(product)
    short(u, x)
    short(v, y)
    return within(product, OperatorNorm(through))


def _mapped_moves(u: Fact, v: Fact, first: Fact, second: Fact, product: Any) -> Proposition:
    _mapped(u, v, product)
    x, y, through = mapped_in(product)
    paces = []
    for fact, arm in ((first, x), (second, y)):
        says = relation(fact, "<=")
        if says.left != Norm(ddt(arm)):
            raise NotConcluded("it needs how fast both tokens move")
        paces.append(says.right)
    return within(ddt(product), OperatorNorm(through) * Add(*paces))


def _rests(mass: Fact, still: Fact, inside: Fact) -> None:
    wants(mass, Rel("<", 0, Item(m, TOKEN)), Rel("<", 0, Item(m, OTHER)))
    of_all(mass, *relation(mass, "<").right.free_symbols & {TOKEN, OTHER}, t)
    wants(still, Rel("=", ddt(Item(m, TOKEN)), 0))
    short(inside, Row(X, TOKEN))
    for fact in (still, inside):
        of_all(fact, TOKEN, t)


def _shares_move(mass: Fact, still: Fact, inside: Fact, slope: Fact, share: Any) -> Proposition:
    softmax = softmax_of(share, mass)
    _rests(mass, still, inside)
    if type(softmax) not in (RowSoftmax, MaskedSoftmax, SinkSoftmax) or softmax.masses != m:
        raise NotConcluded(f"{share} is no share of these masses")
    if share.args[1:] != (TOKEN, OTHER) or t in softmax.free_symbols:
        raise NotConcluded(f"{share} is of other tokens, or of a time that runs")
    if X in getattr(getattr(softmax, "sink", None), "free_symbols", ()):
        raise NotConcluded("the share of the sink moves")
    rate = _rate_of(slope, entry(softmax.scores, TOKEN, OTHER))
    of_all(slope, TOKEN, OTHER, t)
    return steady(share, S.One, 1 + rate)


def _balanced_moves(
    mass: Fact, still: Fact, inside: Fact, sized: Fact, slope: Fact, share: Any
) -> Proposition:
    _rests(mass, still, inside)
    matrix = share.args[0] if isinstance(share, Entry) else None
    if not isinstance(matrix, Sinkhorn) or matrix.masses != m or share.args[1:] != (TOKEN, OTHER):
        raise NotConcluded(f"{share} is no share of rows and columns that both add up")
    if Transpose(matrix.scores).doit() != matrix.scores or t in matrix.free_symbols:
        raise NotConcluded("the scores aren't symmetric, or of a time that runs")
    score = entry(matrix.scores, TOKEN, OTHER)
    size, rate = size_of(sized, score), _rate_of(slope, score)
    plain(size)
    for fact in (sized, slope):
        of_all(fact, TOKEN, OTHER, t)
    return steady(share, S.One, 1 + rate + rate * exp(4 * size))


def _parts_move(
    mass: Fact, still: Fact, inside: Fact, positive: Fact, slope: Fact, product: Any
) -> Proposition:
    _rests(mass, still, inside)
    above(positive, product, strict=True)
    rate = _rate_of(slope, log(product))
    for fact in (positive, slope):
        of_all(fact, TOKEN, OTHER, t)
    if t in product.free_symbols:
        raise NotConcluded("the time runs")
    term = product * Item(m, OTHER)
    return steady(term / total(term, OTHER), S.One, 1 + rate)


def _features_move(
    u: Fact, v: Fact, first: Fact, second: Fact, *signs: Fact, product: Any
) -> Proposition:
    if not is_featured(product):
        raise NotConcluded(f"{product} is no product of rows of features")
    known = {relation(one, "<=").right for one in signs if relation(one, "<=").left == 0}
    rate = S.Zero
    for row, inside, moves in zip(product.args, (u, v), (first, second), strict=True):
        token, far, body = Row(X, row.args[1]), reach(row), row.args[0].body
        short(inside, token)
        wants(moves, Rel("<=", Norm(ddt(token)), FAST))
        names = {s: Dummy(str(s), nonnegative=True) for s in known if s.is_Symbol}
        back = {new: old for old, new in names.items()}
        slope = None if far is None else log_slope(body.xreplace(names), far)
        if slope is None or body.has(t):
            raise NotConcluded(f"the slope of log {body} isn't read off its form")
        rate += slope.xreplace(back) * far
    return All(Rel("<", 0, product), within(ddt(log(product)), rate * FAST))


def kernel_in(weight: Any) -> Any:
    """Return k of weights ``W_ij m_j k(<x_i,x_j>)``, W_ij entries of masks.

    Raises
    ------
    NotConcluded
        For other weights.
    """
    masks = [
        a for a in Mul.make_args(weight) if isinstance(a, Entry) and isinstance(a.args[0], Mask)
    ]
    kernel = weight / Mul(Item(m, OTHER), *masks)
    body = kernel.xreplace({gram(TOKEN, OTHER): z})
    if len(set(masks)) < len(masks) or body.has(Term, Index, t) or z in kernel.free_symbols:
        raise NotConcluded("the weights aren't m_j k(<x_i,x_j>)")
    return kernel


def _kernel_moves(
    mass: Fact,
    still: Fact,
    inside: Fact,
    sloped: Fact,
    product: Fact,
    moves: Fact,
    weight: Any,
) -> Proposition:
    _rests(mass, still, inside)
    own = gram(TOKEN, OTHER)
    kernel = kernel_in(weight)
    says = sloped.says
    if not isinstance(says, Is) or says.definition is not SLOPED:
        raise NotConcluded("it needs the size and the slope of the weights")
    place, function, size, slope = says.arguments
    if (place, function) != (own, kernel):
        raise NotConcluded("it is another function than that of the weights")
    wants(product, within(own, S.One))
    rate = _rate_of(moves, own)
    plain(size, slope)
    for fact in (sloped, product, moves):
        of_all(fact, TOKEN, OTHER, t)
    whole = total(Item(m, OTHER), OTHER)
    return steady(weight, size * whole, (size + slope * rate) * whole)


def _exponentials_move(
    mass: Fact, still: Fact, inside: Fact, sized: Fact, slope: Fact, weight: Any
) -> Proposition:
    _rests(mass, still, inside)
    power = weight / Item(m, OTHER)
    if not isinstance(power, exp) or t in power.free_symbols:
        raise NotConcluded("the weights aren't m_j e^(S_ij), or of a time that runs")
    size, rate = size_of(sized, power.args[0]), _rate_of(slope, power.args[0])
    plain(size)
    for fact in (sized, slope):
        of_all(fact, TOKEN, OTHER, t)
    most = exp(size) * total(Item(m, OTHER), OTHER)
    return steady(weight, most, (1 + rate) * most)


def steady_of(fact: Fact, weight: Any) -> tuple[Any, Any]:
    """Return S and L of ``|A_i| <= S`` and ``|A_i'| <= L max_k |x_k'|``."""
    says = fact.says
    if not isinstance(says, All) or not all(isinstance(one, Rel) for one in says.args):
        raise NotConcluded("it needs bounds of the output and of its move")
    size, pace = says.args[0].right, says.args[-1].right / FAST
    wants(fact, steady(weight, size, pace))
    plain(size, pace)
    of_all(fact, TOKEN, t)
    return size, pace


def _multiple(fact: Fact, weight: Any, factor: Any) -> Proposition:
    size, pace = steady_of(fact, weight)
    if moving(factor) or {TOKEN, OTHER} & factor.free_symbols:
        raise NotConcluded(f"{factor} isn't one number")
    return steady(factor * weight, Abs(factor) * size, Abs(factor) * pace)


def _moves(motion: Fact, fact: Fact, weight: Any, value: Any) -> tuple[Any, Any, Any, Subject]:
    """Return |V|, S and L of the outputs of two solutions, and the model."""
    subject, norm = solved_in(motion), S.One
    if value is None:
        wants(motion, pulled(weight))
    else:
        wants(motion, pulled(weight, value))
        if not isinstance(value, Image) or value.args[1] != Row(X, OTHER) or moving(value.args[0]):
            raise NotConcluded(f"{value} is no image of a token")
        norm = OperatorNorm(value.args[0])
    of_all(motion, TOKEN, t)
    if set(subject.velocities) != {X} or MOMENT in subject.free_symbols:
        raise NotConcluded("more than the tokens moves")
    size, pace = steady_of(fact, weight.xreplace({t: MOMENT}))
    of_all(fact, MOMENT)
    of_parameters(fact.given - {Is(IN_BALL, subject)})
    return norm, size, pace, subject


def _of_pairs(says: Proposition, subject: Subject) -> Concluded:
    """Say of two solutions what is known of each: of states in the ball, or of one solution."""
    spares = frozenset({Is(IN_BALL, subject), solving(subject)})
    return Concluded(says, spares=spares, more=frozenset({Is(PAIR, subject)}))


def _at_present(rate: Any) -> Any:
    return factor_terms(factor_terms(rate)).xreplace({MOMENT: t})


def _part(motion: Fact, fact: Fact, weight: Any, value: Any = None) -> Concluded:
    norm, size, pace, subject = _moves(motion, fact, weight, value)
    rate = norm * _at_present(size + pace)
    return _of_pairs(Rel("<=", ddt(APART), rate * APART), subject)


def _each_chord(motion: Fact, fact: Fact, weight: Any, value: Any = None) -> Concluded:
    norm, size, pace, subject = _moves(motion, fact, weight, value)
    rate = norm * _at_present(2 * size + pace)
    if t in rate.free_symbols:
        raise NotConcluded(f"{rate} isn't one rate for all times")
    return _of_pairs(Rel("<=", CHORD, at(CHORD) + Elapsed(rate * APART)), subject)


FASTEST = Rule("the fastest", "|x_i'| <= max_k |x_k'|", "order", _fastest, routine=True)
TURNED_ROWS = Rule(
    "rows that turn with their place",
    "|v_i| <= a: |R_i v_i| <= a; |v_i'| <= a: |(R_i v_i)'| <= a",
    "R_i is a constant rotation",
    _turned,
    routine=True,
)
PRODUCT = Rule(
    "product in the ball", "|u| <= 1; |v| <= 1: -1 <= <u,v> <= 1", "Cauchy-Schwarz", _product
)
PRODUCT_MOVES = Rule(
    "move of a product",
    "|u| <= 1; |v| <= 1; |u'| <= a; |v'| <= b: -(a + b) <= <u,v>' <= a + b",
    "<u,v>' = <u',v> + <u,v'>, Cauchy-Schwarz",
    _product_moves,
)
MAPPED = Rule(
    "product through a matrix",
    "|x| <= 1; |y| <= 1: -|M| <= <x, M y> <= |M|",
    "Cauchy-Schwarz, |M y| <= |M| |y|",
    _mapped,
)
MAPPED_MOVES = Rule(
    "move of a product through a matrix",
    "|x| <= 1; |y| <= 1; |x'| <= a; |y'| <= b: -|M| (a + b) <= <x, M y>' <= |M| (a + b)",
    "<x, M y>' = <x', M y> + <x, M y'>, Cauchy-Schwarz",
    _mapped_moves,
)
EXPONENTIALS_MOVE = Rule(
    "move of exponentials",
    "0 < m_i; m_i' = 0; |x_i| <= 1; -N <= S_ij <= N; |S_ij'| <= L D for every i, j, D = max_k "
    "|x_k'|: |A_i| <= e^N M, |A_i'| <= (1 + L) e^N M D, A_i = Σ_j m_j e^(S_ij) x_j, M = Σ_j m_j",
    "|A_i'| <= Σ_j m_j e^(S_ij) (|x_j'| + |S_ij'|)",
    _exponentials_move,
)
SHARES_MOVE = Rule(
    "move of shares",
    "0 < m_i; m_i' = 0; |x_i| <= 1; |S_ij'| <= L D for every i, j, D = max_k |x_k'|: for a softmax "
    "of scores S, with any mask, or a sink that rests, |A_i| <= 1 and |A_i'| <= (1 + L) D, A_i = "
    "Σ_j A_ij x_j",
    "A_ij' = A_ij (S_ij' - Σ_k A_ik S_ik'), and 0 where j isn't seen: as the sink's share has the "
    "score 0 to spare, Σ_j |A_ij'| <= the mean distance of S' from its mean, at most its root mean "
    "square, at most L D; |A_i'| <= Σ_j A_ij |x_j'| + Σ_j |A_ij'|",
    _shares_move,
)
BALANCED_MOVE = Rule(
    "move of balanced shares",
    "0 < m_i; m_i' = 0; |x_i| <= 1; -N <= S_ij <= N, S_ij = S_ji; |S_ij'| <= L D for every i, j, D "
    "= max_k |x_k'|: for A_ij = e^(p_i + S_ij + p_j) m_j of rows that add up to 1, |A_i| <= 1 and "
    "|A_i'| <= (1 + L + L e^(4N)) D, A_i = Σ_j A_ij x_j",
    "e^(-p_i) = Σ_k m_k e^(S_ik + p_k), so p_i differ by 2N at most and A_ij >= e^(-4N) m_j/M: A "
    "shrinks ranges by 1 - e^(-4N). p' = -b - A p', b_i = Σ_k A_ik S_ik', so range(p') <= e^(4N) "
    "range(b) <= 2 L D e^(4N); A_ij' = A_ij (p_i' + S_ij' + p_j') is 0 in a row: |A_i'| <= D + L D "
    "+ range(p')/2",
    _balanced_moves,
    (SCALING,),
)
PARTS_MOVE = Rule(
    "move of parts of a sum",
    "0 < m_i; m_i' = 0; |x_i| <= 1; 0 < f_ij; |(log f_ij)'| <= L D for every i, j, D = max_k "
    "|x_k'|: |A_i| <= 1 and |A_i'| <= (1 + L) D, A_i = Σ_j f_ij m_j x_j/Σ_k f_ik m_k",
    "shares of the scores log f_ij: as for a softmax",
    _parts_move,
)
FEATURES_MOVE = Rule(
    "move of features",
    "|x_i| <= 1; |x_j| <= 1; |x_i'|, |x_j'| <= D = max_k |x_k'|; 0 < φ, ψ, |φ'| <= a φ on [-|M|, "
    "|M|], |ψ'| <= b ψ on [-|N|, |N|]: 0 < <φ(M x_i),ψ(N x_j)>, |(log <φ(M x_i),ψ(N x_j)>)'| <= "
    "(a |M| + b |N|) D",
    "a component of M x is at most |M| in size and moves by |M| D at most; each of the products "
    "moves by (a |M| + b |N|) D times itself at most",
    _features_move,
)
KERNEL_MOVES = Rule(
    "move of weights of an inner product",
    "0 < m_i; m_i' = 0; |x_i| <= 1; |k| <= a, of Lipschitz constant b on [-1, 1]; -1 <= g_ij <= 1;"
    " |g_ij'| <= c D, g_ij = <x_i,x_j>, D = max_k |x_k'|: |A_i| <= a M, |A_i'| <= (a + b c) M D, "
    "A_i = Σ_j m_j k(g_ij) x_j over those that are seen, M = Σ_j m_j",
    "|A_i'| <= Σ_j m_j (|k| |x_j'| + b |g_ij'|), and an entry of a mask is 0 or 1",
    _kernel_moves,
)
MULTIPLE = Rule(
    "multiple of an output",
    "|A_i| <= S; |A_i'| <= L D: |c A_i| <= |c| S and |(c A_i)'| <= |c| L D",
    "c is a constant",
    _multiple,
)
PART = Rule(
    "growth of chords",
    "x_i' = P_i A_i, A_i = Σ_j p_ij x_j; |A_i| <= S and |A_i'| <= L max_k |x_k'| of every motion in"
    " the ball, at each time held: D' <= (S + L) D of two solutions, D = max_i |x_i - y_i|; of "
    "x_i' = P_i V A_i |V| times that",
    "u = x_i - y_i, |u|² = 2 (1 - <x_i,y_i>): <u, P_x A - P_y B> = <P_x u, A - B> - ½ |u|² "
    "<x_i + y_i, B> <= |u| |A - B| + S |u|², and along the segment from y to x, which is in the "
    "ball, A moves by L D at most; a derivative of a maximum is at most the largest of those that "
    "attain it, and where D = 0 solutions are one",
    _part,
)
EACH_CHORD = Rule(
    "growth of each chord",
    "x_i' = P_i A_i, A_i = Σ_j p_ij x_j; |A_i| <= S and |A_i'| <= L max_k |x_k'| of every motion in"
    " the ball, at each time held: |x_i - y_i| <= |x_i - y_i|(0) + ∫_0^t (2 S + L) D of two "
    "solutions, D = max_i |x_i - y_i|; of x_i' = P_i V A_i |V| times that",
    "P_x A - P_y B = P_x (A - B) - <x-y,B> x - <y,B> (x - y), of length |A - B| + 2 S |x - y| at "
    "most, and along the segment from y to x, which is in the ball, A moves by L D at most",
    _each_chord,
)
