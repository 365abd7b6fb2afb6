"""T3: where some token is seen by all, directly or through others, tokens of a hemisphere meet.

Weights are at least low on the edges of a mask and row sums at most high, a constant times low:
in the time ∫high each n - 1 units bring tokens nearer by a factor, whatever the mask.
"""

from __future__ import annotations

from typing import Any

from sympy import Mul, S, exp, oo

from proofs_checks.propositions import Definition, Is, Proposition, Rel, Subject, Tends
from proofs_checks.theorems.attraction import averaging
from proofs_checks.theorems.clocks import at_start, clock_of, masses
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, VANISHES, needed, spared
from proofs_checks.theorems.kernel import (
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import rename, together
from proofs_checks.theorems.order import (
    CHAIN,
    LEAST_EQUAL,
    LEAST_OF,
    SCALE,
    TOKEN_SUM,
    above,
    bounded,
    of_all,
    relation,
    wants,
)
from proofs_checks.theorems.places import least_size
from proofs_checks.theorems.pulls import POINTS, H, Pull
from proofs_checks.theorems.ranges import Bounds
from proofs_checks.theorems.readers import MASSES, OTHER, TOKEN
from theory.masks import Mask
from theory.symbols import m, n, t
from theory.terms import Diameter, Elapsed, Entry, Item, at, moving, total

LED = Definition(
    "led",
    "by the graph of {0} every token sees one and some token is reached from all",
    (Subject,),
)
"""Of a graph that isn't given; others say it of themselves."""


def _is_led(led: Fact | None, mask: Mask) -> bool:
    """Whether it is said of a model that has no other mask."""
    if led is None or not isinstance(led.says, Is) or led.says.definition is not LED:
        return False
    rates = led.says.arguments[0].velocities.values()
    return {one for rate in rates for one in rate.atoms(Mask)} == {mask}


def _rooted_sight(
    motion: Fact,
    sign: Fact,
    edges: Fact,
    rows: Fact,
    positive: Fact,
    size: Fact,
    finite: Fact,
    clock: Fact,
    led: Fact | None = None,
    *,
    points: Any,
    weight: Any,
    mask: Any,
) -> Proposition:
    i, j = TOKEN, OTHER
    wants(motion, averaging(points, weight, i, j))
    above(sign, weight)
    low = relation(positive, "<").right
    above(positive, low, strict=True)
    wants(edges, Rel("<=", low * Entry(mask, i, j), weight))
    high = relation(rows, "<=").right
    wants(rows, Rel("<=", total(weight, j), high))
    if not isinstance(mask, Mask) or (mask.leader is not True and not _is_led(led, mask)):
        raise NotConcluded("no token is known to be seen by all, directly or through others")
    wants(size, least_size(mask))
    for fact in (motion, sign, edges, rows):
        of_all(fact, i, j, t)
    for fact in (positive, clock):
        of_all(fact, t)
    bounded(finite, high)
    share = low / high
    if {i, j} & (low.free_symbols | high.free_symbols) or moving(share):
        raise NotConcluded("its bounds aren't one pace times constants of all tokens")
    wants(clock, Rel("=", Elapsed(high), relation(clock, "=").right))
    wide, step = Diameter(points, i), (share / exp(1)) ** (n - 1)
    falls = exp(-step / (n - 1) * relation(clock, "=").right)
    return Rel("<=", wide, at(wide) * exp(step) * falls)


ROOTED_SIGHT = Rule(
    "rooted sight",
    "y_i' = Σ_j c_ij (y_j - y_i); 0 <= c_ij; low W_ij <= c_ij; Σ_j c_ij <= high; 0 < low; as many "
    "tokens as W needs; high is bounded up to t; ∫_0^t high = F: diam y <= diam y(0) e^(ε - ε "
    "F/(n-1)), ε = (low/(e high))^(n-1), for a constant low/high and a mask W with a token that "
    "every token sees, directly or through others, by its form or as it is said of a model",
    "in the time F rates have row sums at most 1, so over one unit the propagator, stochastic, has "
    "diagonal entries >= 1/e and entries >= low/(e high) on edges (low <= high, as some edge joins "
    "two tokens); n - 1 units along a path to that token, with stays, give a column >= ε, and the "
    "hull of the y_i shrinks by 1 - ε <= e^(-ε), at least F/(n-1) - 1 times",
    _rooted_sight,
)


def mask_of(pull: Pull) -> Mask | None:
    """Return the one mask of a model's weights."""
    found = pull.weight.atoms(Mask)
    return next(iter(found)) if len(found) == 1 else None


def seen_through(pull: Pull) -> Mask | None:
    """Return the mask that a model's weights have as a factor: they are 0 where it is.

    A mask inside scores, or of one head of several, is none.

    Examples
    --------
    >>> from proofs_checks.propositions import Subject
    >>> from proofs_checks.theorems.hemisphere import pull_of
    >>> from theory.models import CAUSAL, SA
    >>> [seen_through(pull_of(Subject.of(model))) for model in (CAUSAL, SA)]
    [Mask(causal), None]
    """
    return hiding(pull.weight)


def hiding(weight: Any) -> Mask | None:
    """Return the mask that a weight has as a factor."""
    pair = (TOKEN, OTHER)
    for factor in Mul.make_args(weight):
        if isinstance(factor, Entry) and factor.args[1:] == pair:
            matrix = factor.args[0]
            mask = matrix if isinstance(matrix, Mask) else getattr(matrix, "mask", None)
            if isinstance(mask, Mask):
                return mask
    return None


def edge_weight(pull: Pull, mask: Mask, bounds: Bounds) -> Found:
    """``K min_k m_k W_ij <= p_ij`` with masses as they are at the start."""
    low = bounds.below(pull.weight)
    if isinstance(low, Refusal):
        return low
    ahead, inside = low.says.left.as_independent(Item(m, OTHER), as_Add=False)
    if inside != Item(m, OTHER):
        return Refusal(f"the bound {low.says.left} isn't a multiple of a mass")
    masses_of = apply(rename, read(MASSES, pull.subject), values={TOKEN: OTHER})
    least = apply(
        SCALE, bounds.signed(Rel("<=", 0, ahead)), apply(LEAST_OF, masses_of, index=OTHER)
    )
    if isinstance(least, Refusal):
        return least
    _, equations, signs = masses(pull.subject)
    before = at_start(least.says.left, pull.subject)
    says = Rel("=", before, least.says.left)
    same = [apply(LEAST_EQUAL, one, index=TOKEN) for one in equations]
    known = read(MASSES, pull.subject), *signs, *bounds.more
    start = spared(EQUAL, says, *equations, *same, *needed(says, known))
    return apply(CHAIN, apply(CHAIN, start, least), low)


def rooted_sight(pull: Pull, bounds: Bounds, led: Theorem | None = None) -> Found:
    """``D <= D(0) e^(ε - ε F/(n-1))``, and that all tokens tend to one point.

    Parameters
    ----------
    pull : Pull
    bounds : Bounds
    led : Theorem, optional
        That some token is reached from all, by a graph that isn't given.
    """
    mask = mask_of(pull)
    if mask is None or (led is None and mask.leader is not True):
        return Refusal("no token is known to be seen by all, directly or through others")
    low = edge_weight(pull, mask, bounds)
    pulls = bounds.above(total(pull.weight, OTHER))
    if isinstance(low, Refusal) or isinstance(pulls, Refusal):
        return low if isinstance(low, Refusal) else pulls
    _, equations, signs = masses(pull.subject)
    most = pulls.says.args[2]
    if (before := at_start(most, pull.subject)) != most:
        pulls = apply(CHAIN, pulls, spared(EQUAL, Rel("=", most, before), *equations))
    if isinstance(pulls, Refusal):
        return pulls
    edge = low.says.args[1] / Entry(mask, TOKEN, OTHER)
    edges = apply(CHAIN, apply(SCALE, settle(SIGNS, Rel("<=", 0, H)), low), pull.at_least)
    inner = apply(TOKEN_SUM, pull.at_most, index=OTHER)
    over, high = apply(SCALE, settle(SIGNS, Rel("<=", 0, 1 / H)), pulls), pulls.says.args[2] / H
    says = Rel("<=", total(pull.carried, OTHER), high)
    rows = settle(
        ADDED, says, inner, over, pull.upright, *needed(says, (*pull.defined, *bounds.more))
    )
    try:
        clock, primitives = clock_of(high, *signs, *bounds.more)
    except NotConcluded as short:
        return Refusal(str(short))
    positive = spared(SIGNS, Rel("<", 0, H * edge), *signs)
    says = Rel("=", Elapsed(high), clock)
    whole = (
        primitives[0]
        if primitives and primitives[0].says == says
        else settle(EQUAL, says, *primitives)
    )
    size, finite = assume(least_size(mask)), pull.bounded(high, *bounds.more)
    facts = pull.averaging, pull.carried_sign, edges, rows, positive, size, finite, whole
    names = {"points": POINTS, "weight": pull.carried, "mask": mask}
    fast = apply(ROOTED_SIGHT, *facts, *(() if led is None else (led,)), **names)
    if isinstance(fast, Refusal):
        return fast
    several = least_size(mask)
    rest = settle(SIGNS, Rel("<", 0, several.left - 1))
    room = settle(ADDED, Rel("<", 0, n - 1), assume(several), rest)
    limit = spared(VANISHES, Tends(fast.says.right, S.Zero, oo), *signs, room)
    return apply(together, fast, pull.meets(fast, limit))
