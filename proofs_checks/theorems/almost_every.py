"""T7: from almost every start all tokens meet, where the energy has strict saddles alone.

What is used of a flow holds at all of its states: facts that are known of every solution, or of
every curve of states, are discharged, and what is concluded says something of the model itself.
"""

from __future__ import annotations

from typing import Any

from sympy import Dummy, Integer, MatrixBase, Mul, Piecewise, S, oo
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
)
from proofs_checks.theorems.analytic import analytic, of_product
from proofs_checks.theorems.cosines import POSITIVE
from proofs_checks.theorems.engines import known_sign, undefined
from proofs_checks.theorems.kernel import Concluded, Engine, Fact, NotConcluded, Reader, Rule
from proofs_checks.theorems.order import above, of_all, relation, wants
from proofs_checks.theorems.own_weight import of_ones
from proofs_checks.theorems.readers import (
    CURVE,
    OTHER,
    SOLVES,
    TOKEN,
    Facts,
    flows,
    pulled,
    solving,
    weights_of,
)
from proofs_checks.theorems.saddles import ON_CIRCLES, STRICT
from theory.atoms import MaskedSoftmax
from theory.bounded import primitive
from theory.masks import CAUSAL, GRAPH, Mask
from theory.masks import STRICT as STRICTLY_CAUSAL
from theory.symbols import X, beta, m, r, t
from theory.terms import (
    Elapsed,
    Entry,
    Image,
    Inner,
    Item,
    Projected,
    Row,
    Sort,
    TokenSum,
    VectorTokenSum,
    ddt,
    is_derivative,
    item,
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
HOT = Rel("<", 0, beta)
CONVERGES = Definition(
    "converges", "each solution of {0} is global and its tokens converge", (Subject,)
)
MEETS = Definition(
    "meets", "from almost every start all tokens of {0} tend to one point", (Subject,)
)
FIRST = Definition(
    "first",
    "from almost every start all tokens of {0} tend to x_{1}(0)",
    (Subject, Sort.NUMBER),
)
FOLLOWS = Definition(
    "follows",
    "the tokens of {0} have an order, from x_{1} on, in which each moves by itself and earlier "
    "ones alone, with weights > 0 of those that it sees, smooth and constant in t, and each but "
    "the first sees an earlier one",
    (Subject, Sort.NUMBER),
)

ALL_BUT = Definition(
    "all but some",
    "in an order of the tokens of {0} from x_{1} on, where those before token k tend to x_{1}(0), "
    "so does token k from all x_k(0) but {2} at most, given the starts of those",
    (Subject, Sort.NUMBER, Sort.NUMBER),
)


# -- g: who sees earlier tokens alone ----------------------------------------------------------


def _leader(mask: Any) -> int | None:
    """Return the place of the one token that sees no other, where no tokens see in a circle.

    Then they have an order in which each sees earlier ones alone, and each but the first one.
    """
    if mask is None or mask.kind != GRAPH:
        return 1 if mask is not None and mask.kind in (CAUSAL, STRICTLY_CAUSAL) else None
    table = mask.parameter
    if not isinstance(table, MatrixBase) or not of_ones(mask):
        return None
    left, waves = set(range(table.rows)), []
    while found := {k for k in left if not any(table[k, j] for j in left - {k})}:
        waves.append(found)
        left -= found
    return waves[0].pop() + 1 if not left and len(waves[0]) == 1 else None


def _of_two(share: Any) -> bool:
    """Whether a weight is positive, analytic in tokens i and j, and of constants else."""
    alone = not share.atoms(TokenSum, VectorTokenSum)
    images = [v for v in share.atoms(Image) if not moving(v.args[0])]
    own = share.xreplace({v: v.args[1] for v in images})  # they are linear
    return alone and analytic(own) and known_sign(share, ()) == POSITIVE


def _follows(subject: Subject) -> Facts:
    flows(subject)
    weights = weights_of(subject)
    entries = [a for a in Mul.make_args(weights) if isinstance(a, Entry)]
    softmax = entries[0].args[0] if len(entries) == 1 else None
    rest = Mul(*(a for a in Mul.make_args(weights) if a not in entries))
    mask = softmax if isinstance(softmax, Mask) else getattr(softmax, "mask", None)
    leader = _leader(mask)
    if not isinstance(softmax, Mask | MaskedSoftmax | SinkSoftmax) or leader is None:
        raise NotConcluded(f"the weights of {subject.name} aren't of earlier tokens")
    says, words = Is(FOLLOWS, subject, leader), f"{mask} and row k of the weights"
    if isinstance(softmax, Mask):
        if set(subject.velocities) != {X} or not _of_two(rest / Item(m, OTHER)):
            raise NotConcluded(
                f"the weights of {subject.name} aren't smooth and > 0, of two tokens"
            )
        return frozenset(), says, words
    hot = frozenset[Proposition]() if rest.is_positive else frozenset({HOT})
    paced = rest.xreplace({beta: Dummy(positive=True)} if hot else {})
    if set(subject.velocities) != {X} or not paced.is_positive or rest.has(Term) or rest.has(t):
        raise NotConcluded(f"the speeds of {subject.name} aren't known to be constants > 0")
    above_line, _ = shares(entries[0])
    free = moving(getattr(softmax, "sink", S.Zero)) or softmax.masses != m
    if free or not _of_two(above_line / Item(m, OTHER) / Entry(mask, TOKEN, OTHER)):
        raise NotConcluded(f"the scores of {subject.name} aren't of two tokens")
    return hot, says, words


FOLLOWING = Reader("earlier tokens", _follows)


def _first(follows: Fact, dimension: Fact) -> Proposition:
    if not isinstance(follows.says, Is) or follows.says.definition is not FOLLOWS:
        raise NotConcluded("it isn't that tokens follow earlier ones")
    wants(dimension, ON_CIRCLES)
    return Is(FIRST, *follows.says.arguments)


def _all_but(follows: Fact, count: Any) -> Proposition:
    if not isinstance(follows.says, Is) or follows.says.definition is not FOLLOWS:
        raise NotConcluded("it isn't that tokens follow earlier ones")
    if not (isinstance(count, Integer) and count >= 1):
        raise NotConcluded("one start stays behind: x_k = -x_1, where all before it are at x_1")
    return Is(ALL_BUT, *follows.says.arguments, count)


EACH_FOLLOWS = Rule(
    "following the first token",
    "in an order of the tokens each moves by itself and earlier ones alone, and each but the first "
    "sees an earlier one; 1 <= c: where those before token k tend to x_1(0), so does token k, but "
    "from c starts x_k(0) at most",
    "in that order x_1 stays, at a. Once x_j -> a for j < k, u = <x_k,a> has u' >= c (1 - u²) - "
    "o(1), c > 0, so u -> ±1. x_k' = F(x_k, t), x_j(t) being given, with F -> F*, F*(x) = c(x) P_x "
    "a, c > 0, and DF -> DF* near -a, where DF* = c is a multiple of the identity: two solutions "
    "that stay near -a part, |v - w|' >= (c/2)|v - w|, so that one at most tends to -a",
    _all_but,
)
MEETS_FIRST = Rule(
    "meeting the first token",
    "in an order of the tokens each moves by itself and earlier ones alone, and each but the first "
    "sees an earlier one; 2 <= d: from almost every start all tend to where the first starts",
    "in that order x_1 stays. Once x_j -> x_1 for j < k, u = <x_k,x_1> has u' >= c (1 - u²) - "
    "o(1), c > 0, so u -> ±1; the equilibria x_j = a (j < k), x_k = -a of the first k tokens have "
    "the rate Σ_(j<k) p_kj > 0 in x_k, so starts that tend to them are null; induction over k",
    _first,
    (CENTRE_STABLE_DISC,),
)


# -- a, b, c: gradients under speeds -----------------------------------------------------------


def lately(a: Any) -> Any:
    """Put the last piece for what changes once, at a constant time."""
    if len({piece.args[0][1] for piece in a.atoms(Piecewise)}) > 1:
        raise NotConcluded("the speeds change at more than one time")
    for piece in a.atoms(Piecewise):
        (_, until), (last, rest) = piece.args if len(piece.args) == 2 else ((0, None), (0, None))
        one = isinstance(until, StrictLessThan) and until.lhs == t and not moving(until.rhs)
        if not one or rest != True:  # noqa: E712
            raise NotConcluded("the speeds change at more than one time")
        a = a.xreplace({piece: last})
    return a


def of_its_states(subject: Subject) -> frozenset[Proposition]:
    """Return hypotheses on a solution or a curve of the model: what is said of all has none."""
    return frozenset({solving(subject), Is(CURVE, subject)})


def everywhere(subject: Subject, *facts: Fact) -> None:
    """Refuse what is known along solutions alone: that one has a value says nothing of others."""
    if any(solving(subject) in fact.given for fact in facts):
        raise NotConcluded("it is known along solutions alone, not at all states")


def _speeds(strict: Fact, gradient: Fact, motion: Fact, sign: Fact) -> tuple[Subject, Any]:
    """Return the model of ``x_i' = (1/τ_i) P_i ∂_iE``, τ_i > 0, at all of its states, and τ_i."""
    moves, says = relation(motion, "="), relation(gradient, "=")
    solved = [one for one in motion.given if isinstance(one, Is) and one.definition is SOLVES]
    if len(solved) != 1 or moves.left != ddt(Row(X, TOKEN)):
        raise NotConcluded("it needs the velocity of the tokens of a model")
    subject = solved[0].arguments[0]
    wants(motion, pulled(weights_of(subject)))
    everywhere(subject, strict, gradient, sign)
    if not is_derivative(says.left) or not isinstance(moves.right, Projected):
        raise NotConcluded("it needs the derivative of an energy, and a projected velocity")
    wants(strict, Is(STRICT, says.left.args[0]))
    if Is(CURVE, subject) not in gradient.given or Is(CURVE, subject) not in sign.given:
        raise NotConcluded("gradient and speeds are known along solutions alone")
    pace = relation(sign, "<").right
    above(sign, pace, strict=True)
    rate = pace * Inner(moves.left, moves.right)
    if says.right != total(rate, TOKEN):
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
    if not of_product(rest) or not analytic(energy_in(gradient)):
        raise NotConcluded("energy or speeds aren't known to be analytic in the tokens")
    _clocks(clock, slow)
    says = All(Is(CONVERGES, subject), Is(MEETS, subject))
    return Concluded(says, spares=of_its_states(subject))


def energy_in(gradient: Fact) -> Any:
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
    wants(lengths, Rel("=", ddt(length), item(subject.velocities[r], TOKEN)))
    above(growth, lately(says.right), strict=True)
    everywhere(subject, growth)
    if _before(says.right) not in (0, says.right):
        raise NotConcluded("lengths grow, from some time on, and stay before")
    lately(pace + says.right)  # both change at one time, if they do
    _, ahead = clocked(_before(pace))
    if not of_product(ahead.xreplace({length: S.One})):
        raise NotConcluded("speeds aren't known to be analytic before")
    slow, rest = clocked(lately(pace) / length)
    fast, rate = clocked(lately(says.right))
    if not (of_product(rest) and of_product(rate)):
        raise NotConcluded("speeds aren't 1/r_i times what is analytic in the tokens")
    if not analytic(energy_in(gradient)) or fast * slow != 1:
        raise NotConcluded("energy or clock are others")
    for fact in (lengths, growth):
        of_all(fact, TOKEN, t)
    _clocks(clock, slow)
    says = All(Is(CONVERGES, subject), Is(MEETS, subject))
    return Concluded(says, spares=of_its_states(subject))


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
    total = primitive(speed, t)
    if total is None or undefined((speed,), facts) or limit_at(total, t, oo) != oo:
        raise NotConcluded("it isn't seen to grow without bound")
    return f"∫ = {total} + const grows without bound"


RUNS_ON = Engine("clock", How.DECIDED, _runs_on)


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
