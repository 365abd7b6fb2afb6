"""(6.1) of a pull: at what exponent solutions run to a consensus, by Perron's theorem.

Where ``x_i' = s_i P_i Σ_j q_ij x_j``, q_ij of tokens alone and continuous near consensus, and s_i
of time and of lengths that grow in step, -log max_i |x_i - z| / ∫s tends to the real part of an
eigenvalue of ``u_i' = Σ_j q_ij (u_i - u_j)`` at the consensus z, not of equal u_i.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Add,
    Dummy,
    MatMul,
    Mul,
    Piecewise,
    S,
    Symbol,
    exp,
    log,
    oo,
    piecewise_fold,
    simplify,
)

from proofs_checks.decide import bounds
from proofs_checks.propositions import (
    SOME,
    All,
    Any_,
    Bound,
    Definition,
    Is,
    Proposition,
    Rel,
    Subject,
    Tends,
    every,
    some,
)
from proofs_checks.theorems.consensus_modes import COUNTED, HELD, modes_in
from proofs_checks.theorems.kernel import Concluded, Fact, NotConcluded, Rule
from proofs_checks.theorems.order import above, of_all, of_parameters, relation, wants
from proofs_checks.theorems.perron import LINEARISED
from proofs_checks.theorems.readers import CURVE, SOLVES, TOKEN, pulled, solving
from proofs_checks.theorems.regular import NO_KERNEL, REGULAR
from theory.atoms import RowSoftmax
from theory.bounded import by_cases
from theory.symbols import X, d, m, n, r, t
from theory.terms import (
    Elapsed,
    Greatest,
    Index,
    Item,
    Norm,
    Row,
    Sort,
    Vec,
    ddt,
    free,
    moving,
)

Z, RATE = Vec("z"), Symbol("c", real=True)
SIZE = Greatest(Norm(Row(X, TOKEN) - Z), (TOKEN,))
"""max_i |x_i - z|."""
TO_CONSENSUS = every(TOKEN, Tends(Row(X, TOKEN), Z, oo))
AWAY = Rel("!=", SIZE, 0)
"""The solution isn't the consensus itself."""
TOGETHER = every(TOKEN, Rel("=", Row(X, TOKEN), Z))
UNIT_Z = Rel("=", Norm(Z), 1)
EQUAL_MASSES = every(TOKEN, Rel("=", Item(m, TOKEN), 1 / n))

IN_STEP = Definition(
    "in step",
    "where tokens tend to a consensus lengths of {0} grow so that r_i/r_j -> 1",
    (Subject,),
)
LIMITS = Definition("masses settle", "each mass of {0} tends to a limit", (Subject,))
DECAY = Definition(
    "decay",
    "{0} is the real part of an eigenvalue of u_i' = Σ_j q_ij (u_i - u_j), but for the one of "
    "equal u_i, q_ij = {1} in the end, where all x_i = {2}",
    (Sort.NUMBER, Sort.NUMBER, Sort.VECTOR),
)


def clock(speed: Any) -> Any:
    """Return ``∫_0^t speed``; t where the speed is 1."""
    return t if speed == 1 else Elapsed(speed)


def exponent(speed: Any) -> Any:
    """Return ``-log max_i |x_i - z| / ∫s``."""
    return -log(SIZE) / clock(speed)


def _subject(fact: Fact, definition: Definition) -> Subject:
    if not isinstance(fact.says, Is) or fact.says.definition is not definition:
        raise NotConcluded(f"it needs: {definition.words.format('the model')}")
    found: Subject = fact.says.arguments[0]
    return found


def _of_parameters(given: frozenset[Proposition], subject: Subject) -> None:
    """Refuse hypotheses about tokens but those that say what a run, or its matrices, are to be."""
    of_parameters(given - {Is(LIMITS, subject), Is(NO_KERNEL, subject)})


def _only(symbols: Any, number: Any) -> bool:
    """Whether a number moves by nothing but the time, and by columns that are named."""
    held = number.xreplace({Item(one, TOKEN): Symbol(str(one), positive=True) for one in symbols})
    return not held.has(X, Index) and not moving(held.xreplace({t: S.One}))


def _without(number: Any, factor: Any) -> Any:
    """Return a product without some of its factors."""
    rest = list(Mul.make_args(number))
    for one in Mul.make_args(factor):
        if one != 1 and one not in rest:
            raise NotConcluded(f"{factor} isn't in front")
        rest = [other for other in rest if other != one]
    return Mul(*rest)


def _of_tokens(number: Any) -> bool:
    """Whether a number isn't the same for all tokens, wherever they are."""
    return number.has(X) or any(isinstance(one, Index | Vec) for one in free(number))


def _still(number: Any) -> bool:
    """Whether neither the time nor lengths enter a number."""
    return t not in number.free_symbols and not number.has(r)


def at_one_heat(number: Any) -> Any:
    """Put t = 0 for the heat of a softmax of b(t) <x_i, M x_j>, b bounded.

    Where tokens are one, shares don't know the heat; near there they don't for all bounded ones.
    """
    return number.xreplace({one: _at_start(one) for one in number.atoms(RowSoftmax)})


def _at_start(softmax: RowSoftmax) -> RowSoftmax:
    if type(softmax) is not RowSoftmax or softmax.masses != m:
        return softmax
    if not isinstance(softmax.scores, MatMul) or t not in softmax.free_symbols:
        return softmax
    heat, letters = softmax.scores.as_coeff_matrices()
    pairs = (
        letters[0] == X and letters[-1] == X.T and not any(a.has(t, X, m) for a in letters[1:-1])
    )
    if not pairs or t not in heat.free_symbols:
        return softmax
    time = Dummy("t", nonnegative=True)
    parts = [a for a in Mul.make_args(heat) if t in a.free_symbols]  # a parameter is a number
    ends = bounds(Mul(*parts).xreplace({t: time}), time)
    known = all(end.is_number and end.is_finite for end in ends)
    return RowSoftmax(softmax.scores.xreplace({t: S.Zero}), m) if known else softmax


# -- lengths -------------------------------------------------------------------------------------


def _in_step(
    motion: Fact, regular: Fact, value: Fact, sign: Fact, whole: Fact, endless: Fact, pace: Any
) -> Concluded:
    subject = _subject(regular, REGULAR)
    says, equal = relation(motion, "="), relation(value, "=")
    wants(motion, Rel("=", ddt(Item(r, TOKEN)), equal.left))
    if motion.given != {solving(subject)} or says.right != equal.left:
        raise NotConcluded("it needs the motion of the lengths of that model")
    of_all(motion, TOKEN, t)
    given = value.given.union(sign.given, whole.given, endless.given, regular.given)
    spares = frozenset({Is(CURVE, subject), TOGETHER, UNIT_Z})
    _of_parameters(given - spares, subject)
    own, ratio = at_one_heat(_without(equal.left, pace)), _without(equal.right, pace)
    if not _only((), pace) or not _still(own) or not _still(ratio) or _of_tokens(ratio):
        raise NotConcluded("at consensus they don't grow alike, at a clock's pace")
    above(sign, ratio, strict=True)
    grown = relation(whole, "=")
    if grown.left != Elapsed(pace) or set(subject.velocities) != {X, r}:
        raise NotConcluded("the integral is of another pace")
    wants(endless, Tends(exp(-grown.right), 0, oo))
    return Concluded(Is(IN_STEP, subject), {0: (solving(subject),)}, spares)


GROWTH = Rule(
    "lengths in step",
    "r_i' = c w_i, w_i of tokens alone, shares of b(t) <x_i, M x_j>, b bounded, among them; parts "
    "of the velocity are continuous near consensus; where all x_j = z, |z| = 1: c w_i = c k; 0 < k;"
    " ∫_0^t c = F; e^(-F) -> 0: r_i/r_j -> 1",
    "as tokens tend to z, w_i -> k, for all b of a bounded set alike, so r_i = r_i(0) + (k + o(1)) "
    "F, and F -> ∞",
    _in_step,
)


# -- Perron --------------------------------------------------------------------------------------


def _power_of_lengths(speed: Any) -> bool:
    """Whether a speed is, in each case, a power of r_i times what time makes of it."""
    long = Symbol("r", positive=True)
    folded = piecewise_fold(speed.xreplace({Item(r, TOKEN): long}))
    cases = [case for case, _ in folded.args] if isinstance(folded, Piecewise) else [folded]
    return all(simplify(long * case.diff(long) / case).is_number for case in cases)


def _runs(
    motion: Fact, regular: Fact, sign: Fact, *settled: Fact, weight: Any, speed: Any
) -> Concluded:
    subject = _subject(regular, REGULAR)
    wants(motion, pulled(weight))
    if motion.given != {solving(subject)}:
        raise NotConcluded("it needs the velocity of that model, and nothing else given")
    of_all(motion, TOKEN, t)
    above(sign, speed, strict=True)
    of_all(sign, t)
    more = frozenset({solving(subject), TO_CONSENSUS, AWAY})
    rest = regular.given | sign.given - {solving(subject)}
    moves = set(subject.velocities) - {X}
    if moves == {r} and len(settled) == 1:
        if _subject(settled[0], IN_STEP) != subject:
            raise NotConcluded("the lengths are of another model")
        rest |= settled[0].given
    elif moves == {m} and not settled:
        more |= {Is(LIMITS, subject)}
    elif moves or settled:
        raise NotConcluded("more moves than the tokens")
    own = at_one_heat(_without(weight, speed))
    if not _only((r,), speed) or not _power_of_lengths(speed) or not _still(own):
        raise NotConcluded("time or lengths enter the weights beside a speed in front")
    _of_parameters(rest, subject)
    part = Is(DECAY, RATE, own, Z)
    says = some(RATE, All(part, Tends(exponent(speed), RATE, oo)))
    return Concluded(says, more=more)


RUNS = Rule(
    "exponent of a run to consensus",
    "x_i' = s_i P_i Σ_j q_ij x_j, s_i of time and a power of r_i, q_ij of the tokens alone, or a "
    "share of b(t) <x_i, M x_j>, b bounded; parts of the velocity are continuous near consensus; 0 "
    "< s_i; r_i/r_j -> 1, where there are lengths; masses tend to limits: where x_i -> z and not "
    "all x_i = z, -log max_i |x_i - z| / ∫s tends to the real part of an eigenvalue of u_i' = Σ_j "
    "q_ij (u_i - u_j), q_ij in the end, but for the one of equal u_i",
    "P_i x_j = x_j - x_i + (1 - g_ij) x_i, 1 - g_ij = |x_i - x_j|²/2, so in the time ∫s_1 "
    "differences v of tokens have v' = (L + o(1)) v, L that of q_ij in the end on differences: log "
    "|v| over that time tends to the real part of one of its eigenvalues, as v is never 0 where X "
    "isn't at rest; |x_i - z| is at most the integral of |x_i'| from then on, which is at most a "
    "constant times that of |v|; and were ∫s bounded v would not tend to 0",
    _runs,
    (LINEARISED,),
)


# -- modes that are listed -----------------------------------------------------------------------


def decay_in(runs: Fact) -> tuple[Subject, Any, Any]:
    """Return of what it is said that a run has an exponent: the model, the speed and q_ij."""
    body = runs.says.opened(RATE) if isinstance(runs.says, Bound) else None
    if not isinstance(body, All) or runs.says.quantifier != SOME or len(body.args) != 2:
        raise NotConcluded("it needs the exponent of a run")
    part, tends = body.args
    if not isinstance(part, Is) or part.definition is not DECAY or part.arguments[::2] != (RATE, Z):
        raise NotConcluded("it needs the exponent of a run")
    solved = [one for one in runs.given if isinstance(one, Is) and one.definition is SOLVES]
    over = tends.args[0] if isinstance(tends, Tends) else S.Zero
    if len(solved) != 1 or tends != Tends(over, RATE, oo):
        raise NotConcluded("it needs the exponent of a run")
    speed = -log(SIZE) / over
    speed = S.One if speed == t else speed.args[0] if isinstance(speed, Elapsed) else S.Zero
    wants(Fact(tends), Tends(exponent(speed), RATE, oo))
    return solved[0].arguments[0], speed, part.arguments[1]


def _listed(runs: Fact, modes: Fact, whole: Fact, *signs: Fact, speed: Any) -> Concluded:
    subject, own, later = modes_in(modes)
    if decay_in(runs)[1] != speed:
        raise NotConcluded("it needs the exponent of a run at that speed")
    if solving(subject) not in runs.given or m in subject.velocities:
        raise NotConcluded("they are modes of another model")
    counts = Add(*(count for _, count in own), *((n - 1) * count for _, count in later))
    wants(whole, Rel("=", counts, n * (d - 1)))
    turns = Add(*(count for value, count in own if value == 0))
    if (turns - (d - 1)).expand() != 0:
        raise NotConcluded("0 isn't counted d - 1 times, for the rotations")
    others = [value for value, _ in own if value != 0] + [value for value, _ in later]
    if len(signs) != len(others):
        raise NotConcluded("it needs the sign of every other eigenvalue")
    for value, sign in zip(others, signs, strict=True):
        wants(sign, Rel("<", value, 0))
        of_all(sign, COUNTED)
    pace = speed.xreplace({Item(r, TOKEN): Symbol("r", positive=True, real=True)}).xreplace(
        {t: HELD}
    )
    rates = [by_cases(-value / pace) for value in others]
    if any(rate.has(HELD) or {"r", str(HELD)} & set(map(str, rate.free_symbols)) for rate in rates):
        raise NotConcluded("the modes aren't at the pace of the run")
    first = len(others) - len(later)
    said = [Tends(exponent(speed), rate, oo) for rate in rates]
    said[first:] = [
        some(COUNTED, All(Rel("<=", 1 + COUNTED, n), one)) if one.has(COUNTED) else one
        for one in said[first:]
    ]
    says = said[0] if len(said) == 1 else Any_(*said)
    return Concluded(says, more=frozenset({EQUAL_MASSES}))


LISTED = Rule(
    "exponent among listed modes",
    "-log max_i |x_i - z| / ∫s tends to the real part of an eigenvalue of u_i' = Σ_j q_ij (u_i - "
    "u_j) but for equal u_i; eigenvalues s λ_k at consensus of masses 1/n, n (d - 1) in all, 0 "
    "counted d - 1 times; s λ_k < 0 for the others: the limit is one of these -λ_k",
    "the linearisation there is s times that of u, whose equal u_i have the 0 counted d - 1 times",
    _listed,
)
