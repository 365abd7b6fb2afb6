"""Several species in pull form: what is read of them, and rules on the tokens of all (T1, T2, T9a).

A token b_i of each species that moves has ``b_i' = P_i Σ_C Σ_j p_ij c_j``, c_j the tokens of each
species C, p_ij >= 0. Indices are of one species each: i and j of the n tokens of X, a and b of
those of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sympy import Rational, S, exp, oo

from proofs_checks.propositions import (
    All,
    Definition,
    Implies,
    Is,
    Proposition,
    Rel,
    Subject,
    Tends,
    conjoined,
    every,
    some,
)
from proofs_checks.theorems.attraction import is_least
from proofs_checks.theorems.kernel import Concluded, Fact, NotConcluded, Reader, Rule
from proofs_checks.theorems.order import above, bounded, of_all, relation, wants
from proofs_checks.theorems.readers import LIVES, OTHER, TOKEN, Facts, field_of, flows, solving
from theory.atoms import RowSoftmax
from theory.symbols import X, d, t
from theory.terms import (
    Diameter,
    Entry,
    Index,
    Inner,
    Least,
    Multiple,
    Norm,
    Projected,
    Row,
    Smaller,
    Sort,
    Vec,
    VectorSum,
    VectorTokenSum,
    at,
    ddt,
    entry,
    is_derivative,
    item,
    moving,
    row,
    sort_of,
    total,
)

Weights = Mapping[Any, Any]
"""p_ij of one species, by the species of the token j."""

Z, HALF = Vec("z"), Rational(1, 2)


def places(block: Any) -> tuple[Index, Index]:
    """Return two indices of a species: i and j of X, a and b of another.

    Examples
    --------
    >>> from theory.models import CROSS_ATTENTION
    >>> [places(block.symbol) for block in CROSS_ATTENTION.blocks]
    [(i, j), (a, b)]
    """
    if block == X:
        return TOKEN, OTHER
    return Index("a", block.shape[0]), Index("b", block.shape[0])


def species_of(subject: Subject) -> tuple[Any, ...]:
    """Return the blocks of a model of X and another species, and of nothing else.

    Raises
    ------
    NotConcluded
        Of other blocks.
    """
    flows(subject)
    blocks = tuple(sorted(subject.spaces, key=lambda block: (block != X, str(block))))
    if len(blocks) != 2 or blocks[0] != X or any(block.shape[1] != d for block in blocks):
        raise NotConcluded(f"{subject.name} isn't of two species of tokens")
    if not set(subject.spaces.values()) <= {"sphere", "constant"}:
        raise NotConcluded(f"a species of {subject.name} isn't on the sphere")
    return blocks


def pulls_in(field: Any, token: Any) -> dict[Any, Any]:
    """Return p_ij of a vector ``Σ_C Σ_j p_ij c_j``; P_i takes out what is along the token itself.

    Raises
    ------
    NotConcluded
        For another vector.
    """
    if field == token:
        return {}
    if isinstance(field, VectorSum):
        found: dict[Any, Any] = {}
        for part in field.args:
            for block, weight in pulls_in(part, token).items():
                found[block] = found.get(block, S.Zero) + weight
        return found
    if isinstance(field, Multiple):
        scale = field.args[0]
        return {block: scale * one for block, one in pulls_in(field.args[1], token).items()}
    if isinstance(field, VectorTokenSum):
        body = field.body
        pulled = body.args[1] if isinstance(body, Multiple) else body
        if isinstance(pulled, Row) and pulled.args[1] in field.bound:
            block = pulled.args[0]
            inside = field.opened(places(block)[1])
            return {block: inside.args[0] if isinstance(inside, Multiple) else S.One}
    raise NotConcluded("the field isn't a sum of tokens with weights")


def added(parts: Iterable[Any]) -> Any:
    """Return a sum of numbers or vectors; one by itself."""
    first, *rest = parts
    if not rest:
        return first
    return VectorSum(first, *rest) if sort_of(first) is Sort.VECTOR else sum(rest, start=first)


def pulled_by(block: Any, weights: Weights) -> Rel:
    """Say ``b_i' = P_i Σ_C Σ_j p_ij c_j``."""
    token = Row(block, places(block)[0])
    pulls = (total(Row(c, places(c)[1]) * weight, places(c)[1]) for c, weight in weights.items())
    return Rel("=", ddt(token), Projected(token, added(pulls)))


def _weights(subject: Subject, block: Any) -> dict[Any, Any]:
    token = places(block)[0]
    found = pulls_in(row(field_of(subject, block), token), Row(block, token))
    found = {c: found[c] for c in species_of(subject) if found.get(c, S.Zero) != 0}
    if not found:
        raise NotConcluded(f"nothing pulls the tokens of {block}")
    return found


def _motion(subject: Subject) -> Facts:
    says = []
    for block in species_of(subject):
        token = Row(block, places(block)[0])
        moves = block in subject.velocities
        still = Rel("=", token, at(token))
        says.append(pulled_by(block, _weights(subject, block)) if moves else still)
    text = "rows of the velocities, as P_i b_i = 0; what has no velocity stays"
    return frozenset({solving(subject)}), conjoined(says), text


def _unit(subject: Subject) -> Facts:
    says = []
    for block in species_of(subject):
        if subject.spaces[block] == "sphere":
            if block in subject.velocities:
                field_of(subject, block)
            says.append(Rel("=", Norm(Row(block, places(block)[0])), 1))
    return frozenset({solving(subject)}), conjoined(says), "<b_i, P_i F_i> = 0"


def _live_motion(subject: Subject) -> Facts:
    _, says, evidence = _motion(subject)
    return frozenset({Is(LIVES, subject)}), says, evidence


SPECIES = Reader("pull form of species", _motion)
LIVE_SPECIES = Reader("pull form of species, while it lives", _live_motion)
SPHERES = Reader("species on the sphere", _unit)


# -- one token of each species -------------------------------------------------------------------


def height_of(block: Any, place: int = 0) -> Any:
    """Return ``<b_i, w>``, of the first index of a species or of the second."""
    return Inner(Row(block, places(block)[place]), Vec("w"))


def cosine(first: Any, second: Any) -> Any:
    """Return ``<b_i, c_j>`` of tokens of two species, or of one."""
    return Inner(Row(first, places(first)[0]), Row(second, places(second)[1]))


def least_of(families: Mapping[Any, Any], block: Any) -> Proposition:
    """Say that a number of a token of a species is the least of those of all species."""
    own, (i, _) = families[block], places(block)
    return All(
        *(
            is_least(own, (i,)) if c == block else every(places(c)[0], Rel("<=", own, other))
            for c, other in families.items()
        )
    )


def _read(motion: Fact) -> tuple[Any, dict[Any, Any]]:
    """Return the species that moves, and its weights."""
    says = relation(motion, "=")
    token = says.left.args[0] if is_derivative(says.left) else None
    if not isinstance(token, Row) or not isinstance(says.right, Projected):
        raise NotConcluded("it needs the pulls of the tokens of a species")
    block = token.args[0]
    weights = pulls_in(says.right.args[1], token)
    wants(motion, pulled_by(block, weights))
    of_all(motion, places(block)[0], t)
    return block, weights


def _signs(facts: Iterator[Fact], block: Any, weights: Weights) -> None:
    """Take ``0 <= p_ij`` of every pair of tokens, species by species."""
    for c, weight in weights.items():
        sign = next(facts)
        above(sign, weight)
        of_all(sign, places(block)[0], places(c)[1], t)


def _units(fact: Fact, block: Any) -> None:
    i, _ = places(block)
    wants(fact, Rel("=", Norm(Row(block, i)), 1))
    of_all(fact, i, t)


def _taken(facts: tuple[Fact, ...]) -> Iterator[Fact]:
    """Yield facts one after the other; where one is lacking, say so."""
    yield from facts
    raise NotConcluded("a premise is lacking")


def _ended(facts: Iterator[Fact]) -> None:
    try:
        next(facts)
    except NotConcluded:
        return
    raise NotConcluded("there is a premise too many")


def _least(sign: Fact, *facts: Fact, blocks: tuple[Any, ...]) -> Concluded:
    least = relation(sign, "<", "<=").right
    above(sign, least)
    if moving(least) or least.has(Index):
        raise NotConcluded("the bound at the start is one constant")
    if len(facts) != 5 * len(blocks) or len(set(blocks)) < len(blocks):
        raise NotConcluded("it needs five premises of each species")
    motions = [relation(fact, "=") for fact in facts[::5]]
    if any(not is_derivative(one.left) for one in motions):
        raise NotConcluded("it needs the derivative of a family of numbers of each species")
    families = {block: one.left.args[0] for block, one in zip(blocks, motions, strict=True)}
    indices = {block: places(block)[0] for block in blocks}
    discharged = {}
    for place, (block, family) in enumerate(families.items()):
        motion, bound, factor, start, finite = facts[5 * place : 5 * place + 5]
        i = indices[block]
        if sort_of(family) is not Sort.NUMBER or family.atoms(Index) != {i}:
            raise NotConcluded(f"{family} is no number of a token of {block} alone")
        hypothesis = least_of(families, block)
        rate = relation(factor, "<", "<=").right
        above(factor, rate)
        wants(bound, Rel("<=", rate * family, motions[place].right))
        wants(start, every(i, Rel("<=", least, at(family))))
        of_all(motion, i, t)
        of_all(factor, i, t)
        bounded(finite, rate, i)
        of_all(bound, i, t, without=(hypothesis,))
        discharged[2 + 5 * place] = (hypothesis,)
    return Concluded(All(*(Rel("<=", least, family) for family in families.values())), discharged)


LEAST_OF_ALL = Rule(
    "derivative of a minimum over species",
    "0 <= r; for each species: f_i' = v_i; [f_i is the least of all species] K_i f_i <= v_i; 0 <= "
    "K_i; r <= f_i(0) for every i; K_i is bounded up to t: r <= f_i, of each species",
    "f, the least of all, is continuous, and its right derivative is the least of v_i over the "
    "least tokens, of whatever species, so >= K f with K >= 0 bounded on compact times: f >= 0 "
    "stays, hence f' >= 0 and f never falls",
    _least,
)


# -- cones ---------------------------------------------------------------------------------------

CONES = Definition(
    "limit points in cones",
    "every limit point of a token of {0} or {1} is, at every time, Σ_j θ_j x_j + Σ_b θ_b y_b of "
    "tokens of both, θ >= 0",
    (Sort.MAP, Sort.MAP),
)
IN_OWN_CONE = Definition(
    "in the cone of a species",
    "{0} is Σ_b θ_b y_b of the rows of {1}, θ_b >= 0, Σ_b θ_b >= {2}",
    (Sort.VECTOR, Sort.MAP, Sort.NUMBER),
)


def _cones(*facts: Fact, blocks: tuple[Any, ...]) -> Proposition:
    given, moved = _taken(facts), []
    if len(blocks) != 2 or len(set(blocks)) != 2:
        raise NotConcluded("it needs two species")
    for block in blocks:
        motion = next(given)
        token = Row(block, places(block)[0])
        if motion.says == Rel("=", token, at(token)):
            of_all(motion, places(block)[0], t)
            moved.append(block)
            continue
        own, weights = _read(motion)
        moved.append(own)
        if not set(weights) <= set(blocks):
            raise NotConcluded("a third species pulls")
        _signs(given, own, weights)
        for c, weight in weights.items():
            bounded(next(given), weight, places(own)[0], places(c)[1])
    _ended(given)
    if tuple(moved) != blocks:
        raise NotConcluded("it needs the motion of each species")
    return Is(CONES, *blocks)


CONES_OF_ALL = Rule(
    "cone of the tokens of two species",
    "for each species b_i' = P_i Σ_C Σ_j p_ij c_j, 0 <= p_ij, p_ij bounded up to t, or b_i = "
    "b_i(0): a limit point of a token is in the cone of all tokens, at every time",
    "rows of all species obey z_i' = Σ_j p_ij z_j - c_i z_i, so Z(t+s) = M Z(t) with M >= 0: a "
    "linear system with nonnegative entries off its diagonal keeps the orthant; cones of finitely "
    "many tokens are closed",
    _cones,
)


def of_limits(blocks: Iterable[Any], then: Proposition) -> Proposition:
    """Say something of every z to which all tokens tend."""
    tend = [every(places(b)[0], Tends(Row(b, places(b)[0]), Z, oo)) for b in blocks]
    return every(Z, Implies(conjoined(tend), then))


def own_cone(blocks: tuple[Any, ...], block: Any) -> Proposition:
    """Say that a limit of all tokens is in the cone of those of one species."""
    return of_limits(blocks, Is(IN_OWN_CONE, Z, block, S.One))


def _own_cone(
    motion: Fact, sign: Fact, unit: Fact, finite: Fact, blocks: tuple[Any, ...]
) -> Proposition:
    block, weights = _read(motion)
    if set(weights) != {block} or block not in blocks:
        raise NotConcluded(f"tokens of {block} see another species")
    _signs(iter((sign,)), block, weights)
    _units(unit, block)
    bounded(finite, weights[block], *places(block))
    return own_cone(blocks, block)


OWN_CONE = Rule(
    "cone of a species that sees itself alone",
    "y_a' = P_a Σ_b p_ab y_b; 0 <= p_ab; |y_a| = 1; p_ab is bounded up to t: for a z to which all "
    "tokens tend: z = Σ_b θ_b y_b, θ_b >= 0, Σ_b θ_b >= 1",
    "Y(t+s) = M Y(t) with M >= 0, and the cone of Y(t) is closed; 1 = |z| <= Σ_b θ_b |y_b|",
    _own_cone,
)


# -- one cluster ---------------------------------------------------------------------------------


def over_height(block: Any, place: int = 0) -> Any:
    """Return ``y_i = b_i/<b_i, w>``."""
    return Row(block, places(block)[place]) / height_of(block, place)


def width_of(blocks: tuple[Any, ...]) -> Any:
    """Return D, the diameter of the y_i of all species."""
    return Diameter(tuple(map(over_height, blocks)), tuple(places(b)[0] for b in blocks))


def averaged(block: Any, carried: Weights) -> Rel:
    """Say ``y_i' = Σ_C Σ_j c_ij (y_j - y_i)``."""
    own = over_height(block)
    means = (
        total((over_height(c, 1) - own) * weight, places(c)[1]) for c, weight in carried.items()
    )
    return Rel("=", ddt(own), added(means))


def _averages(
    given: Iterator[Fact], blocks: tuple[Any, ...], carried: Mapping[Any, Weights]
) -> None:
    """Take ``y_i' = Σ_C Σ_j c_ij (y_j - y_i)``, and ``0 <= c_ij``, of each species."""
    if len(set(blocks)) < len(blocks) or set(carried) != set(blocks):
        raise NotConcluded("it needs the weights of each species")
    for block in blocks:
        motion = next(given)
        if not set(carried[block]) <= set(blocks):
            raise NotConcluded("a species besides pulls")
        wants(motion, averaged(block, carried[block]))
        of_all(motion, places(block)[0], t)
        _signs(given, block, carried[block])


def _towards(*facts: Fact, blocks: tuple[Any, ...], carried: Any, common: Any) -> Proposition:
    given, weights = _taken(facts), {b: dict(own) for b, own in carried}
    _averages(given, blocks, weights)
    bound = None
    for block in blocks:
        low = next(given)
        says = relation(low, "<=")
        bound = says.left if bound is None else bound
        if common not in weights[block] or says != Rel("<=", bound, weights[block][common]):
            raise NotConcluded("it needs one bound of the weights that all give one species")
        of_all(low, places(block)[0], places(common)[1], t)
    _ended(given)
    if bound is None or bound.has(Index):
        raise NotConcluded("the bound is of some token")
    wide = width_of(blocks)
    return Rel("<=", ddt(wide), -(bound * common.shape[0]) * wide)


TOWARDS = Rule(
    "contraction towards a species that all see",
    "for each species y_i' = Σ_C Σ_j c_ij (y_j - y_i), 0 <= c_ij; b <= c_ij of every i and each of "
    "the l tokens j of one species: (diam y)' <= -l b diam y, of all species",
    "for the widest pair and u along y_i - y_k: <u,y_j-y_i> <= 0 <= <u,y_j-y_k>, with difference "
    "D, so each j of that species gives at most -b D, and the others at most 0",
    _towards,
)


def _meet(
    axis: Fact,
    bound: Fact,
    limit: Fact,
    *facts: Fact,
    blocks: tuple[Any, ...],
    carried: Any,
) -> Proposition:
    given = _taken(facts)
    _averages(given, blocks, {b: dict(own) for b, own in carried})
    for block in blocks:
        _units(next(given), block)
        height = next(given)
        above(height, height_of(block), strict=True)
        of_all(height, places(block)[0], t)
    _ended(given)
    wants(axis, Rel("=", Norm(Vec("w")), 1))
    wide, says = width_of(blocks), relation(bound, "<=")
    wants(bound, Rel("<=", wide, says.right))
    of_all(bound, t)
    wants(limit, Tends(says.right, S.Zero, oo))
    return meeting_of(blocks)


def meeting_of(blocks: tuple[Any, ...]) -> Proposition:
    """Say that all tokens tend to one z, and that each is no farther from it than D."""
    tend = conjoined([every(places(b)[0], Tends(Row(b, places(b)[0]), Z, oo)) for b in blocks])
    near = [
        every(places(b)[0], Rel("<=", Norm(Row(b, places(b)[0]) - Z), width_of(blocks)))
        for b in blocks
    ]
    return All(some(Z, tend), of_limits(blocks, conjoined(near)))


SPECIES_MEET = Rule(
    "nested hulls of several species",
    "|w| = 1; diam y <= b; b -> 0; for each species y_i' = Σ_C Σ_j c_ij (y_j - y_i), 0 <= c_ij, "
    "|b_i| = 1, 0 < <b_i,w>, with y_i = b_i/<b_i,w>: there is z to which all tokens tend, and |b_i "
    "- z| <= diam y",
    "the hull of all y_i never grows, so they share a limit y in each hull, |y_i - y| <= diam y; "
    "|y_i|, |y| >= 1, where v -> v/|v| shortens",
    _meet,
)


# -- bounds of weights ---------------------------------------------------------------------------


def _even_share(sizes: Fact, share: Any) -> Proposition:
    softmax = share.args[0] if isinstance(share, Entry) else None
    if type(softmax) is not RowSoftmax:
        raise NotConcluded(f"{share} is no share of a softmax")
    i, j = share.args[1:]
    if i == j or item(softmax.masses, j) != 1:
        raise NotConcluded(f"{share} isn't of tokens that are weighed alike")
    score = entry(softmax.scores, i, j)
    says = sizes.says
    if not isinstance(says, All) or not isinstance(says.args[-1], Rel):
        raise NotConcluded("it needs bounds of the scores")
    most = says.args[-1].right
    wants(sizes, All(Rel("<=", -most, score), Rel("<=", score, most)))
    of_all(sizes, j)
    if j in most.free_symbols:
        raise NotConcluded("the bound of the scores is of one token")
    return Rel("<=", exp(-2 * most) / softmax.scores.shape[1], share)


EVEN_SHARE = Rule(
    "share of one of l tokens that are weighed alike",
    "-N <= S_ij and S_ij <= N for every j: e^(-2N)/l <= A_ij, A_ij = e^(S_ij)/Σ_k e^(S_ik)",
    "e^(S_ij) >= e^(-N), and the sum of l terms is at most l e^N",
    _even_share,
)


def _smaller(first: Any, second: Any) -> Proposition:
    both = Smaller(first, second)
    return All(Rel("<=", both, first), Rel("<=", both, second))


SMALLER = Rule(
    "the smaller of two", "min(a, b) <= a and min(a, b) <= b", "order of numbers", _smaller
)


# -- near the limit ------------------------------------------------------------------------------


def nearness_of(blocks: tuple[Any, ...]) -> Any:
    """Return ``α = min <b_i, z>`` over the tokens of two species."""
    return Smaller(*(Least(Inner(Row(b, places(b)[0]), Z), places(b)[0]) for b in blocks))


def _late(cone: Fact, given: Iterator[Fact], blocks: tuple[Any, ...], common: Any) -> Any:
    """Return the bound of the weights that all give one species, after all that is needed."""
    wants(cone, own_cone(blocks, common))
    of_all(cone, t)
    if len(blocks) != 2 or len(set(blocks)) != 2:
        raise NotConcluded("it needs two species")
    bound = None
    for block in blocks:
        own, weights = _read(next(given))
        if own != block or not {common} <= set(weights) <= set(blocks):
            raise NotConcluded(f"it needs the pulls of the tokens of {block}")
        _signs(given, block, weights)
        _units(next(given), block)
        low = next(given)
        says = relation(low, "<=")
        bound = says.left if bound is None else bound
        wants(low, Rel("<=", bound, weights[common]))
        of_all(low, places(block)[0], places(common)[1], t)
    _ended(given)
    if bound is None or bound.has(Index) or moving(bound):
        raise NotConcluded("it needs one constant bound of the pulls")
    return bound


def _growth(cone: Fact, *facts: Fact, blocks: tuple[Any, ...], common: Any) -> Proposition:
    low, alpha = _late(cone, _taken(facts), blocks, common), nearness_of(blocks)
    rate = Rel("<=", low * (1 - alpha) / 2, ddt(alpha))
    return of_limits(blocks, Implies(Rel("<=", HALF, alpha), rate))


def _decay(
    cone: Fact, sign: Fact, *facts: Fact, blocks: tuple[Any, ...], common: Any, start: Any
) -> Proposition:
    low, alpha = _late(cone, _taken(facts), blocks, common), nearness_of(blocks)
    above(sign, low)
    if not start.is_Symbol or not start.is_nonnegative or start in low.free_symbols:
        raise NotConcluded(f"{start} is no time")
    late = All(Rel("<=", HALF, at(alpha, start)), Rel("<=", start, t))
    bound = Rel("<=", 1 - alpha, HALF * exp(-low * (t - start) / 2))
    return of_limits(blocks, Implies(late, bound))


_NEEDS = (
    "a limit of all tokens is in the cone of one species; for each species b_i' = P_i Σ_C Σ_j p_ij "
    "c_j, 0 <= p_ij, |b_i| = 1, and b <= p_ij for the tokens j of that species"
)
SPECIES_GROWTH = Rule(
    "late growth over species",
    f"{_NEEDS}: for a z to which all tokens tend and α = min <b_i,z> >= 1/2: b (1 - α)/2 <= α'",
    "z = Σ_j θ_j c_j, θ_j >= 0, Σ_j θ_j >= 1; so Σ_j θ_j <b_i,c_j> = α at a lowest i has <b_i,c_j> "
    "<= α for some j, and <b_i,z>' >= α Σ_j p_ij (1 - <b_i,c_j>) >= α b (1 - α)",
    _growth,
)
SPECIES_DECAY = Rule(
    "late decay over species",
    f"{_NEEDS}; 0 <= b: for a z to which all tokens tend, and α >= 1/2 at t_0 <= t: 1 - α <= ½ "
    "e^(-b (t - t_0)/2)",
    "α never falls where it is >= 0, so late growth holds from t_0 on, and (1 - α) e^(bt/2) falls",
    _decay,
)
