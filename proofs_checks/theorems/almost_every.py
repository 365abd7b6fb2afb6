"""T7: from almost every start all tokens meet, where the energy has strict saddles alone.

What is used of a flow holds at all of its states: facts that are known of every solution, or of
every curve of states, are discharged, and what is concluded says something of the model itself.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Mul, Number, Piecewise, Pow, S, Symbol, exp, integrate, log, oo
from sympy.core.relational import StrictLessThan

from proofs_checks.decide import limit_at
from proofs_checks.proof import CENTRE_STABLE_DISC, How
from proofs_checks.propositions import (
    All,
    Definition,
    Is,
    Proposition,
    Rel,
    Subject,
    Tends,
    every,
)
from proofs_checks.theorems.engines import undefined
from proofs_checks.theorems.kernel import Concluded, Engine, Fact, NotConcluded, Reader, Rule
from proofs_checks.theorems.order import above, of_all, relation, wants
from proofs_checks.theorems.readers import (
    CURVE,
    OTHER,
    SOLVES,
    TOKEN,
    Facts,
    flows,
    solving,
    weights_of,
)
from proofs_checks.theorems.saddles import ON_CIRCLES, STRICT
from theory.atoms import MaskedSoftmax
from theory.masks import CAUSAL, GRAPH
from theory.masks import STRICT as STRICTLY_CAUSAL
from theory.positions import Rotary
from theory.symbols import X, m, r, t
from theory.terms import (
    Elapsed,
    Entry,
    Index,
    Inner,
    Item,
    Norm,
    Projected,
    Row,
    TokenSum,
    at,
    ddt,
    is_derivative,
    moving,
    shares,
    total,
)
from theory.terms import Number as Term
from theory.weights import SinkSoftmax

FINITE_LENGTH = (
    "Absil, Mahony and Andrews, SIAM J. Optim. 16 (2005), by Łojasiewicz' inequality: where an "
    "analytic function climbs by c |slope| |speed| at least the path has finite length"
)
CONVERGES = Definition(
    "converges", "each solution of {0} is global and its tokens converge", (Subject,)
)
MEETS = Definition(
    "meets", "from almost every start all tokens of {0} tend to one point", (Subject,)
)
FIRST = Definition("first", "from almost every start all tokens of {0} tend to x_1(0)", (Subject,))
FOLLOWS = Definition(
    "follows",
    "in {0} token k moves by x_1, ..., x_k alone, with weights > 0 of those that it sees, smooth "
    "and constant in t, and each but the first sees an earlier one",
    (Subject,),
)


# -- g: who sees earlier tokens alone ----------------------------------------------------------


def _earlier(mask: Any) -> bool:
    """Whether each token but the first sees an earlier one, and no token a later one."""
    if mask is None or not mask.triangular:
        return False
    if mask.kind == GRAPH:
        table = mask.parameter
        return all(any(table[k, j] for j in range(k)) for k in range(1, table.rows))
    return mask.kind in (CAUSAL, STRICTLY_CAUSAL)


def _of_two(score: Any) -> bool:
    """Whether a score is smooth, of tokens i and j and of constants alone."""
    rows = {row.args[0] for row in score.atoms(Row)}
    plain = all(a == X or (isinstance(a, Rotary) and a.args[0] == X) for a in rows)
    return plain and not score.atoms(TokenSum) and t not in score.free_symbols


def _follows(subject: Subject) -> Facts:
    flows(subject)
    weights = weights_of(subject)
    entries = [a for a in Mul.make_args(weights) if isinstance(a, Entry)]
    softmax = entries[0].args[0] if len(entries) == 1 else None
    rest = Mul(*(a for a in Mul.make_args(weights) if a not in entries))
    if not isinstance(softmax, MaskedSoftmax | SinkSoftmax) or not _earlier(
        getattr(softmax, "mask", None)
    ):
        raise NotConcluded(f"the weights of {subject.name} aren't of earlier tokens")
    if set(subject.velocities) != {X} or not rest.is_positive or rest.has(Term) or rest.has(t):
        raise NotConcluded(f"the speeds of {subject.name} aren't known to be constants > 0")
    above_line, _ = shares(entries[0])
    if not _of_two(above_line.xreplace({Item(m, OTHER): S.One})) or softmax.masses != m:
        raise NotConcluded(f"the scores of {subject.name} aren't of two tokens")
    return frozenset(), Is(FOLLOWS, subject), f"{softmax.mask} and row k of the weights"


FOLLOWING = Reader("earlier tokens", _follows)


def _first(follows: Fact, dimension: Fact) -> Proposition:
    if not isinstance(follows.says, Is) or follows.says.definition is not FOLLOWS:
        raise NotConcluded("it isn't that tokens follow earlier ones")
    wants(dimension, ON_CIRCLES)
    return Is(FIRST, *follows.says.arguments)


MEETS_FIRST = Rule(
    "meeting the first token",
    "token k moves by x_1, ..., x_k alone, each but the first sees an earlier one; 2 <= d: from "
    "almost every start all tokens tend to x_1(0)",
    "x_1 stays. Once x_j -> x_1 for j < k, u = <x_k,x_1> has u' >= c (1 - u²) - o(1), c > 0, so u "
    "-> ±1; the equilibria x_j = a (j < k), x_k = -a of the first k tokens have the rate Σ_(j<k) "
    "p_kj > 0 in x_k, so starts that tend to them are null; induction over k",
    _first,
    (CENTRE_STABLE_DISC,),
)


# -- a, b, c: gradients under speeds -----------------------------------------------------------

_ANALYTIC = (Add, Mul, Pow, exp, log, TokenSum, Inner, Symbol, Number)
"""What is analytic in the tokens where it is defined."""


def _analytic(a: Any) -> bool:
    """Whether a number is analytic in the tokens, of constants and nothing that moves else."""
    if isinstance(a, Entry):
        if not moving(a):
            return True
        try:
            return all(map(_analytic, shares(a)))
        except ValueError:
            return False
    if isinstance(a, Item):
        return bool(a.args[0] == m)
    if isinstance(a, Inner):
        return all(row.args[0] == X for row in a.atoms(Row)) and all(map(_analytic, a.atoms(Entry)))
    return isinstance(a, _ANALYTIC) and all(
        _analytic(b) for b in a.args if isinstance(b, Expr) and not isinstance(b, Index)
    )


def lately(a: Any) -> Any:
    """Put the last piece for what changes once, at a constant time."""
    for piece in a.atoms(Piecewise):
        (_, until), (last, rest) = piece.args if len(piece.args) == 2 else ((0, None), (0, None))
        one = isinstance(until, StrictLessThan) and until.lhs == t and not moving(until.rhs)
        if not one or rest != True:  # noqa: E712
            raise NotConcluded("the speeds change at more than one time")
        a = a.xreplace({piece: last})
    return a


def _of_all_states(subject: Subject, *found: Fact) -> frozenset[Proposition]:
    """Return hypotheses but for those on a solution or a curve of the model."""
    own = {solving(subject), Is(CURVE, subject)}
    return frozenset[Proposition]().union(*(fact.given for fact in found)) - own


def _speeds(strict: Fact, gradient: Fact, motion: Fact, sign: Fact) -> tuple[Subject, Any]:
    """Return the model of ``x_i' = (1/τ_i) P_i ∂_iE``, τ_i > 0, at all of its states, and τ_i."""
    moves, says = relation(motion, "="), relation(gradient, "=")
    solved = [one for one in motion.given if isinstance(one, Is) and one.definition is SOLVES]
    if len(solved) != 1 or moves.left != ddt(Row(X, TOKEN)):
        raise NotConcluded("it needs the velocity of the tokens of a model")
    subject = solved[0].arguments[0]
    if not is_derivative(says.left) or not isinstance(moves.right, Projected):
        raise NotConcluded("it needs the derivative of an energy, and a projected velocity")
    wants(strict, Is(STRICT, says.left.args[0]))
    if Is(CURVE, subject) not in gradient.given or Is(CURVE, subject) not in sign.given:
        raise NotConcluded("gradient and speeds are known along solutions alone")
    pace = relation(sign, "<").right
    above(sign, pace, strict=True)
    rate = pace * Inner(moves.left, moves.right)
    if not isinstance(says.right, TokenSum) or says.right.opened(TOKEN) != rate:
        raise NotConcluded("the velocity isn't that gradient over these factors")
    for fact in (motion, sign):
        of_all(fact, TOKEN, t)
    return subject, pace


def clocked(pace: Any) -> tuple[Any, Any]:
    """Split τ_i in what t enters and the rest."""
    ahead, rest = S.One, S.One
    for factor in Mul.make_args(pace):
        if t in factor.free_symbols:
            ahead *= factor
        else:
            rest *= factor
    if ahead.has(Term):
        raise NotConcluded("time and tokens enter the speeds together")
    return ahead, rest


def _clocks(clock: tuple[Fact, ...], slow: Any) -> None:
    """Refuse a factor of time whose inverse isn't shown to have an unbounded integral."""
    if slow == 1 and not clock:
        return
    if len(clock) != 1:
        raise NotConcluded("it needs that the clock runs on")
    wants(clock[0], Tends(Elapsed(1 / slow), oo, oo))


def _almost(strict: Fact, gradient: Fact, motion: Fact, sign: Fact, *clock: Fact) -> Concluded:
    subject, pace = _speeds(strict, gradient, motion, sign)
    slow, rest = clocked(pace)
    if set(subject.velocities) != {X}:
        raise NotConcluded("more than the tokens moves")
    if not _analytic(rest) or not _analytic(_pairs(gradient)):
        raise NotConcluded("energy or speeds aren't known to be analytic in the tokens")
    _clocks(clock, slow)
    given = _of_all_states(subject, strict, gradient, motion, sign, *clock)
    return Concluded(All(Is(CONVERGES, subject), Is(MEETS, subject)), given=given)


def _pairs(gradient: Fact) -> Any:
    """Return E of ``E' = ...``."""
    return relation(gradient, "=").left.args[0]


def _almost_lengths(
    strict: Fact,
    gradient: Fact,
    motion: Fact,
    sign: Fact,
    lengths: Fact,
    growth: Fact,
    *clock: Fact,
) -> Concluded:
    subject, pace = _speeds(strict, gradient, motion, sign)
    if set(subject.velocities) != {X, r}:
        raise NotConcluded("it is about tokens and lengths")
    length, says = Item(r, TOKEN), relation(lengths, "=")
    if says.left != ddt(length) or solving(subject) not in lengths.given:
        raise NotConcluded("it needs the velocity of the lengths")
    above(growth, lately(says.right), strict=True)
    if Is(CURVE, subject) not in growth.given or _before(says.right) not in (0, says.right):
        raise NotConcluded("lengths grow, at all states, from some time on, and stay before")
    slow, rest = clocked(lately(pace) / length)
    fast, rate = clocked(lately(says.right))
    if rest.has(Item(r, TOKEN)) or not (_analytic(rest) and _analytic(rate)):
        raise NotConcluded("speeds aren't 1/r_i times what is analytic in the tokens")
    if not _analytic(_pairs(gradient)) or fast * slow != 1:
        raise NotConcluded("energy or clock are others")
    for fact in (lengths, growth):
        of_all(fact, TOKEN, t)
    _clocks(clock, slow)
    facts = strict, gradient, motion, sign, lengths, growth, *clock
    given = _of_all_states(subject, *facts)
    return Concluded(All(Is(CONVERGES, subject), Is(MEETS, subject)), given=given)


def _before(a: Any) -> Any:
    """Put the first piece for what changes once."""
    return a.xreplace({piece: piece.args[0][0] for piece in a.atoms(Piecewise)})


def _runs_on(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide ``∫_0^t s -> infinity`` for an explicit speed s."""
    if not isinstance(says, Tends) or says.args[1:] != (oo, oo):
        raise NotConcluded("it isn't that something grows without bound")
    speed = says.args[0].args[0] if isinstance(says.args[0], Elapsed) else None
    if speed is None or speed.has(Term):
        raise NotConcluded("it is no integral of an explicit speed")
    total = integrate(speed, t)
    if undefined((speed,), facts) or limit_at(total, t, oo) != oo:
        raise NotConcluded("it isn't seen to grow without bound")
    return f"∫ = {total} + const grows without bound"


RUNS_ON = Engine("clock", How.DECIDED, _runs_on)


# -- (N): a token's own weight -----------------------------------------------------------------


def least_slope(heat: Any) -> Any:
    """``χ(b) = max c e^{-bc}`` over 0 <= c <= 1."""
    return Piecewise((exp(-heat), heat <= 1), (exp(-1) / heat, True))


def narrow(heat: Any) -> Proposition:
    """(N): ``(M - m_i) χ(b) < m_i e^b``, M = Σ_j m_j, of the masses at the start."""
    own, every_one = at(Item(m, TOKEN)), total(at(Item(m, TOKEN)), TOKEN)
    return every(TOKEN, Rel("<", (every_one - own) * least_slope(heat), own * exp(heat)))


def _own(weights: Fact, mass: Fact, still: Fact, unit: Fact, warm: Fact, own: Fact) -> Proposition:
    says = relation(weights, "=")
    inner = Inner(Row(X, TOKEN), Row(X, OTHER))
    heat = next((a.args[0].coeff(inner) for a in says.right.atoms(exp) if a.has(inner)), None)
    if heat is None or heat.has(Term) or t in heat.free_symbols:
        raise NotConcluded("the weights aren't those of scores b<x_i,x_j>")
    if heat == 0:
        raise NotConcluded("no masses of two tokens or more are in (N) at b = 0")
    share = Item(m, OTHER) * exp(heat * inner)
    sink = share / says.right - total(share, OTHER)
    if sink != 0 and not (sink.is_positive and not sink.has(Term)):
        raise NotConcluded("the weights aren't those of a softmax, with a sink or without")
    if not isinstance(says.left, Entry) or says.left.args[1:] != (TOKEN, OTHER):
        raise NotConcluded("it is no entry of a softmax")
    wants(mass, Rel("<", 0, Item(m, TOKEN)))
    wants(still, Rel("=", Item(m, TOKEN), at(Item(m, TOKEN))))
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    wants(warm, Rel("<=", 0, heat))
    wants(own, narrow(heat))
    for fact in (mass, unit, still):
        of_all(fact, TOKEN)
    of_all(weights, TOKEN, OTHER)
    return Rel("<", 0, total(says.left * inner, OTHER))


def _pulled_length(own: Fact, unit: Fact) -> Proposition:
    says = relation(own, "<")
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    of_all(unit, TOKEN)
    one = Index("k")
    if not isinstance(says.right, TokenSum) or says.right.but:
        raise NotConcluded("it isn't 0 < Σ_j p_ij <x_i,x_j>")
    weight = says.right.opened(OTHER) / Inner(Row(X, TOKEN), Row(X, OTHER))
    if says.left != 0 or says.right != total(weight * Inner(Row(X, TOKEN), Row(X, OTHER)), OTHER):
        raise NotConcluded("it isn't 0 < Σ_j p_ij <x_i,x_j>")
    pull = total(Row(X, OTHER) * weight, OTHER)
    each = weight.xreplace({OTHER: one})
    return Rel("<", 0, total(each * Inner(Row(X, one), pull), one))


OWN_WEIGHT = Rule(
    "own weight",
    "A_ij = m_j e^(b<x_i,x_j>)/(c + Σ_k m_k e^(b<x_i,x_k>)), c >= 0; 0 < m_i; m_i = m_i(0); "
    "|x_i| = 1; 0 <= b; (M - m_i) χ(b) < m_i e^b for every i: 0 < Σ_j A_ij <x_i,x_j>",
    "times the denominator it is m_i e^b + Σ_(j≠i) m_j g e^(b g) >= m_i e^b - (M - m_i) χ(b), as "
    "g e^(b g) >= -χ(b) = -max(c e^(-bc), 0 <= c <= 1) for -1 <= g <= 1",
    _own,
)
PULLED_LENGTH = Rule(
    "length of a pull",
    "0 < <x_i,A_i>; |x_i| = 1: 0 < <A_i,A_i>, A_i = Σ_j p_ij x_j",
    "Cauchy and Schwarz",
    _pulled_length,
)
ALMOST = Rule(
    "almost every start of a gradient",
    "strict saddles of E but for consensus; E' = Σ_i τ_i <x_i',v_i> of any curve; x_i' = v_i; 0 < "
    "τ_i at all states; ∫1/c -> infinity for τ_i = c(t) ρ_i(X): solutions converge, and from "
    "almost every start all tokens meet",
    "in the time ∫1/c x' = diag(1/ρ) grad E on a compact manifold, analytic: E' >= |∇E|·|X'|/κ "
    "gives paths of finite length; diag(1/ρ) Hess E has a positive eigenvalue at a strict saddle; "
    "discs of codimension >= 1, countably many, and their preimages under the flow are null",
    _almost,
    (FINITE_LENGTH, CENTRE_STABLE_DISC),
)
ALMOST_LENGTHS = Rule(
    "almost every start with lengths",
    "strict saddles of E but for consensus; E' = Σ_i τ_i <x_i',v_i> of any curve; x_i' = v_i; 0 < "
    "τ_i = r_i ρ_i(X); r_i' = μ_i(X); 0 < μ_i at all states; with one clock, from some time on: "
    "solutions are global and converge, and from almost every (X, r(0)) all tokens meet",
    "μ_i is between two numbers > 0 by compactness, so r_i grows like t and r_i/r_j is bounded: "
    "Łojasiewicz as without lengths; X -> X*, r_i/t -> μ_i(X*); (X, q), q = r/mean r, has in the "
    "time ∫1/mean r an autonomous flow, triangular at equilibria, with the block diag(1/(q ρ)) "
    "Hess E: starts that tend to a strict saddle are null; before, the flow in a time is a "
    "diffeomorphism",
    _almost_lengths,
    (FINITE_LENGTH, CENTRE_STABLE_DISC),
)
