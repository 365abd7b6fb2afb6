"""(4.4): how far flows at β and at 0 part, D' <= K D + f for D = max_i |x_i - y_i|.

``x_i' = P_i A_i`` at β, ``y_i' = P_i B_i`` at 0, from one start. K is the constant of chords at 0,
and f a bound of |A_i - B_i| at one state.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    S,
    Tuple,
    factor_terms,
)

from proofs_checks.audit import SECOND
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.bounds import BOUNDED
from proofs_checks.theorems.chords import APART, IN_BALL, MOMENT, plain, steady_of
from proofs_checks.theorems.heat_forces import parted
from proofs_checks.theorems.kernel import Concluded, Fact, NotConcluded, Reader, Rule
from proofs_checks.theorems.order import of_all, of_parameters, relation, wants
from proofs_checks.theorems.readers import (
    TOKEN,
    Facts,
    pulled,
    solved_in,
    solving,
    weights_of,
)
from theory.symbols import X, beta, m, t
from theory.terms import (
    Item,
    Norm,
    Row,
    at,
    ddt,
    is_derivative,
    moving,
)
from theory.terms import Number as Term

HEATS = Definition(
    "two heats",
    "X solves {0}, and Y solves it at β = 0, for all {t} >= 0, from one start, all else the same",
    (Subject,),
)


def cooled(subject: Subject) -> Subject:
    """Return a model at β = 0.

    Examples
    --------
    >>> from theory.models import SA
    >>> cooled(Subject.of(SA)) == Subject.of(SA, {beta: 0})
    True
    """
    moves, *rest = subject.args
    cold = (Tuple(block, space, how.xreplace({beta: S.Zero})) for block, space, how in moves)
    found: Subject = Subject(Tuple(*cold), *rest)
    found._name = f"{subject.name} at β = 0"
    return found


# -- what is read --------------------------------------------------------------------------------


def _alone(subject: Subject) -> None:
    weights_of(subject)  # refuses what isn't kept on the sphere
    if set(subject.velocities) != {X}:
        raise NotConcluded("more than the tokens moves")


def _start(subject: Subject) -> Facts:
    _alone(subject)
    return frozenset({Is(HEATS, subject)}), Rel("=", at(APART), 0), "they start at one state"


def _units(subject: Subject) -> Facts:
    weights_of(subject)  # refuses what isn't kept on the sphere
    says = All(*(Rel("=", Norm(Row(one, TOKEN)), 1) for one in (X, SECOND)))
    return frozenset({Is(HEATS, subject)}), says, "<x_i, P_i F_i> = 0"


def _masses(subject: Subject) -> Facts:
    _alone(subject)
    says = Rel("=", Item(m, TOKEN), at(Item(m, TOKEN)))
    return frozenset({Is(HEATS, subject)}), says, "no velocity moves them"


SAME_START = Reader("one start at two heats", _start)
HEATS_UNIT = Reader("both heats on the sphere", _units)
HEATS_MASSES = Reader("masses at two heats", _masses)


# -- rules ---------------------------------------------------------------------------------------


def _heated(
    motion: Fact, rest: Fact, steady: Fact, apart: Fact, weight: Any, cold: Any
) -> Concluded:
    subject = solved_in(motion)
    wants(motion, pulled(weight))
    wants(rest, pulled(cold))
    if rest.given != {solving(cooled(subject))}:
        raise NotConcluded("it needs the velocity of that model at β = 0")
    for fact in (motion, rest):
        of_all(fact, TOKEN, t)
    if set(subject.velocities) | set(cooled(subject).velocities) != {X}:
        raise NotConcluded("more than the tokens moves")
    if MOMENT in subject.free_symbols:
        raise NotConcluded(f"{MOMENT} is a parameter and a name of ours")
    held = {t: MOMENT}
    size, pace = steady_of(steady, cold.xreplace(held))
    force = relation(apart, "<=").right
    wants(apart, Rel("<=", parted(weight.xreplace(held), cold.xreplace(held)), force))
    plain(force)
    for fact in (steady, apart):
        of_all(fact, TOKEN, MOMENT, t)
    balls = {Is(IN_BALL, one) for one in (subject, cooled(subject))}
    of_parameters((steady.given | apart.given) - balls)
    rate, more = (factor_terms(one.xreplace({MOMENT: t})) for one in (size + pace, force))
    says = Rel("<=", ddt(APART), rate * APART + more)
    own = frozenset({*balls, solving(subject), solving(cooled(subject))})
    return Concluded(says, spares=own, more=frozenset({Is(HEATS, subject)}))


def _compared(fact: Fact, bound: Fact, start: Fact, finite: Fact) -> Proposition:
    says, own = relation(fact, "<="), relation(bound, "=")
    of_all(fact, t)
    of_all(bound, t)
    if not is_derivative(says.left) or not is_derivative(own.left):
        raise NotConcluded("it compares derivatives")
    grown, other = says.left.args[0], own.left.args[0]
    more = says.right.xreplace({grown: S.Zero})
    rate = (says.right - more).expand().coeff(grown)
    if (says.right - rate * grown - more).expand() != 0 or grown in rate.atoms(Term):
        raise NotConcluded("the bound isn't K D + f")
    if (own.right - rate * other - more).expand() != 0:
        raise NotConcluded("they have other K and f")
    wants(start, Rel("=", at(grown), 0))
    wants(finite, Is(BOUNDED, rate))
    of_all(finite, t)
    if other.xreplace({t: S.Zero}) != 0 or moving(other.xreplace({t: S.One})):
        raise NotConcluded("it doesn't start at 0")
    return Rel("<=", grown, other)


HEATED = Rule(
    "chords of two heats",
    "x_i' = P_i A_i; y_i' = P_i B_i at β = 0; |B_i| <= S and |B_i'| <= L max_k |x_k'| of every "
    "motion in the ball; |A_i - B_i| <= f at every state in the ball, at each time held: D' <= (S "
    "+ L) D + f",
    "<u, P_x A(x) - P_y B(y)> = <u, P_x (A - B)(x)> + <u, P_x B(x) - P_y B(y)>, u = x_i - y_i: "
    "the first is at most f |u|, the second is that of chords, at most S |u|² + |u| L D; a "
    "derivative of a maximum is at most the largest of those that attain it, and where D = 0 it is "
    "at most f",
    _heated,
)
COMPARED = Rule(
    "comparison",
    "D' <= K D + f; v' = K v + f; D(0) = 0 = v(0); K is bounded up to t: D <= v",
    "(D - v)' <= K (D - v), and D - v is 0 at first: Grönwall",
    _compared,
)
