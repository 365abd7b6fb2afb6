"""Theorem 4.2 without an explicit β: where almost every start meets at β = 0, most do at small β.

A start that ends in consensus at β = 0 is in an open hemisphere at some time; so it is at small β,
as solutions up to a time depend on β continuously; and from a hemisphere tokens meet, whenever they
are in one. Lengths, and what a field is divided by, are more than 0 along the solution at β = 0.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, OneMatrix, Piecewise, Pow, S, Tuple, sqrt
from sympy.core.function import Application

from proofs_checks.decide import CONTINUOUS
from proofs_checks.proof import scalars_of
from proofs_checks.propositions import Definition, Is, Proposition, Rel, Subject, free_of
from proofs_checks.theorems.almost_every import lately
from proofs_checks.theorems.clustered_starts import (
    LAW,
    from_almost_all,
    from_those_that_last,
    meeting_in,
    of_parameters,
    of_those_that_last,
)
from proofs_checks.theorems.consensus_modes import HELD
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    Theorem,
    apply,
    read,
)
from proofs_checks.theorems.lengths import LONG, SHORT
from proofs_checks.theorems.one_solution import rough
from proofs_checks.theorems.order import wants
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS, WARM
from proofs_checks.theorems.readers import TO_ONE, Facts, flows, solving
from theory.atoms import Elementwise
from theory.positive_part import PositivePart
from theory.symbols import X, beta, r, t, z

FATOU = "Fatou's lemma: lim inf P(S_β) >= E[lim inf 1(X(0) in S_β)]"
DEPENDS = "solutions on [0, T] depend continuously on a parameter (Grönwall)"
JOINT = Definition(
    "continuous in β",
    "the velocity of {0} is continuous in the state and in β >= 0, and locally Lipschitz in the "
    "state, where it has a value, but at a time at which it changes",
    (Subject,),
)
MEETING = "P(all tokens of each solution for all time tend to one point)"
SMALL = Definition("small heats", f"{LAW} {MEETING} -> 1 as β -> 0", (Subject,))
SMALL_IF_LASTING = Definition(
    "small heats, of those that last",
    f"{LAW} lim inf {MEETING} >= P(a solution at β = 0 lives for all time) as β -> 0",
    (Subject,),
)
_DIVIDES = (1 / z, 1 / sqrt(z))


# -- what is read off ----------------------------------------------------------------------------


def _continuous(expr: Expr) -> bool:
    """Whether a number is continuous in β, by its form."""
    for part in expr.atoms(Pow, Application):
        if beta not in part.free_symbols:
            continue
        if isinstance(part, Pow):
            whole = part.exp.is_integer and part.exp.is_positive
            if not whole and not part.base.is_positive:
                return False
        elif isinstance(part, PositivePart):
            if part.args[1] < 1:
                return False
        elif not isinstance(part, CONTINUOUS):
            return False
    return not expr.has(Piecewise)


def _smooth(velocity: Any) -> bool:
    """Whether a velocity is locally Lipschitz where what it divides by isn't 0, by its form."""
    divisors = {a for a in velocity.atoms(Elementwise) if a.body in _DIVIDES}
    whole = velocity.xreplace({a: OneMatrix(*a.shape) for a in divisors})
    parts = [whole, *(a.expr for a in divisors if a.expr != r)]
    return not any(map(rough, parts)) and all(map(_continuous, scalars_of(velocity)))


def _joint(subject: Subject) -> Facts:
    flows(subject)
    if subject.noisy or not {*subject.velocities} <= {*subject.spaces} <= {X, r}:
        raise NotConcluded(f"{subject.name} is no flow of tokens, or tokens and lengths")
    for velocity in subject.velocities.values():
        pieces = velocity.atoms(Piecewise)
        first = {one: one.args[0][0] for one in pieces}
        if not _smooth(lately(velocity)) or not _smooth(velocity.xreplace(first)):
            raise NotConcluded(f"the velocity of {subject.name} isn't known to be continuous")
    return frozenset(), Is(JOINT, subject), "softmax, kernels, products and projections of such"


CONTINUOUS_IN_BETA = Reader("continuous in β", _joint)


def _with(subject: Subject, change: Any) -> Subject:
    moves = (Tuple(block, space, change(how)) for block, space, how in subject.args[0])
    return Subject(Tuple(*moves), *subject.args[1:])


def at_zero(subject: Subject) -> Subject:
    """Return a model at β = 0."""
    return _with(subject, lambda how: how.xreplace({beta: S.Zero}))


def later(subject: Subject) -> Subject:
    """Return a model from the time t_0 on, past a change of its velocity.

    Examples
    --------
    >>> from theory.models import SA
    >>> later(Subject.of(SA)) == Subject.of(SA)
    True
    """
    return _with(subject, lambda how: lately(how).xreplace({t: t + HELD}))


# -- rules ---------------------------------------------------------------------------------------


def _from_hemispheres(joint: Fact, lemma: Fact) -> tuple[Subject, frozenset[Proposition]]:
    """Return the model of whose later times a lemma on hemispheres speaks, and what is given."""
    if not isinstance(joint.says, Is) or joint.says.definition is not JOINT or joint.given:
        raise NotConcluded("it needs a velocity that is continuous in β")
    subject: Subject = joint.says.arguments[0]
    own = later(subject)
    wants(lemma, TO_ONE)
    if solving(own) not in lemma.given:
        raise NotConcluded(f"it isn't about {subject.name} from each time on")
    starts = frozenset({solving(own), UNIT_AXIS, HIGH, SHORT, LONG})
    spared = starts | {WARM, Rel("<", 0, beta)}
    rest = lemma.given - spared
    of_parameters(rest)
    if any({beta, HELD} & free_of(one) for one in rest):
        raise NotConcluded("it isn't so at each small β, or at each time")
    return subject, spared


def _small(joint: Fact, lemma: Fact, meets: Fact) -> Concluded:
    subject, spared = _from_hemispheres(joint, lemma)
    if from_almost_all(meets) != at_zero(subject):
        raise NotConcluded("it is about another model at β = 0")
    return Concluded(Is(SMALL, subject), discharges={1: tuple(spared)})


def _small_if_lasting(
    joint: Fact, lemma: Fact, meets: Fact, mass: Fact, dimension: Fact
) -> Concluded:
    subject, spared = _from_hemispheres(joint, lemma)
    cold, starts = from_those_that_last(meets, mass, dimension)
    if cold != at_zero(subject):
        raise NotConcluded("it is about another model at β = 0")
    gone = {1: tuple(spared), 2: tuple(starts), 3: tuple(starts)}
    return Concluded(Is(SMALL_IF_LASTING, subject), discharges=gone)


_HOW = (
    "at some T, past any change of the velocity, all <x_i(T),z> > 1/2 at β = 0; the solution is "
    "near that of β = 0 on [0, T] for β below some β(X(0)) > 0, where all <x_i(T),z> > 1/4: an "
    "open hemisphere, of which the lemma speaks from T on"
)
SMALL_HEATS = Rule(
    "small heats",
    "the velocity is continuous in β and state; from h <= <x_i(t_0),w> at any time t_0 > 0 tokens "
    "tend to one point, at each β >= 0; at β = 0 from almost every start: for any law of starts "
    "with a density P(they tend to one point) -> 1 as β -> 0",
    _HOW,
    _small,
    (DEPENDS, FATOU),
)
SMALL_HEATS_IF_LASTING = Rule(
    "small heats, of those that last",
    "the velocity is continuous in β and state; from h <= <x_i(t_0),w> at any time t_0 > 0 tokens "
    "tend to one point, at each β >= 0; at β = 0 from starts with Σ_j m_j x_j ≠ 0; 0 < m_i; 2 <= "
    "d: lim inf P(they tend to one point) >= P(a solution at β = 0 lives for all time)",
    f"starts with Σ_j m_j x_j = 0 are null; {_HOW}",
    _small_if_lasting,
    (DEPENDS, FATOU),
)


def small_heat_starts(subject: Subject, lemma: Theorem, cold: Theorem) -> Found:
    """Conclude that tokens meet at small β from a lemma on hemispheres, and what is so at β = 0.

    Parameters
    ----------
    subject : Subject
    lemma : Theorem
        Of `later` of it.
    cold : Theorem
        Of `at_zero` of it.

    Examples
    --------
    >>> from proofs_checks.theorems.hemisphere import common_sight
    >>> from proofs_checks.theorems.starts import cold_starts
    >>> from theory.models import SA
    >>> own = Subject.of(SA)
    >>> cold = cold_starts(at_zero(own), 2, null=True).found
    >>> small_heat_starts(own, common_sight(own), cold).by.name
    'small heats'
    """
    joint, near, meets = read(CONTINUOUS_IN_BETA, subject), meeting_in(lemma), meeting_in(cold)
    if isinstance(meets, Refusal) or meets.says != TO_ONE:
        return apply(SMALL_HEATS, joint, near, meets)
    return apply(SMALL_HEATS_IF_LASTING, joint, near, *of_those_that_last(meets))
