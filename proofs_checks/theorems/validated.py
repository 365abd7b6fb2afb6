"""Exact solutions from rational starts: where they are, as certificates bound it.

The search may use doubles; what it finds is checked in balls.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
from sympy import ImmutableMatrix, Rational, S, sqrt

from numerics.arguments import FloatArray
from numerics.compile import compile_model
from numerics.integration import integrate
from proofs_checks.certificates import (
    Certificate,
    NotCertified,
    certify_consensus,
    certify_run,
)
from proofs_checks.decide import enclose
from proofs_checks.proof import How
from proofs_checks.propositions import (
    All,
    Definition,
    Is,
    Proposition,
    Subject,
)
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed, conjunction
from proofs_checks.theorems.enclosed import accepted
from proofs_checks.theorems.kernel import (
    Concluded,
    Engine,
    Fact,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    settle,
)
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS
from proofs_checks.theorems.readers import TO_ONE, solving
from theory.models import SA, USA, Model
from theory.symbols import X, beta, t
from theory.terms import Sort

STARTS = Definition(
    "starts", "masses are 1/n and X(0) is {0}, each row divided by its length", (Sort.MAP,)
)
SURROUNDS = Definition(
    "surrounds", "no half circle holds the points {0}, rows divided by their lengths", (Sort.MAP,)
)
ENTERS = Definition(
    "enters",
    "masses 1/n: tokens of {0} that start at {1}, rows divided by their lengths, are in an open "
    "half space at t = {2}",
    (Subject, Sort.MAP, Sort.NUMBER),
)
FOLLOWED = Definition(
    "followed",
    "masses 1/n: tokens of {0} that start at {1} are at {3}, up to the angle {4}, at t = {2}, "
    "all rows divided by their lengths",
    (Subject, Sort.MAP, Sort.NUMBER, Sort.MAP, Sort.NUMBER),
)


def _rows(rows: Any) -> list[list[Any]]:
    """Return the rows of a rational matrix, none of them 0."""
    if not isinstance(rows, ImmutableMatrix) or not all(one.is_Rational for one in rows):
        raise NotConcluded("the points aren't rational")
    found = [list(rows.row(k)) for k in range(rows.rows)]
    if rows.rows < 2 or rows.cols < 2 or not all(map(any, found)):
        raise NotConcluded("they aren't two points or more of a sphere")
    return found


def _model_of(subject: Subject) -> tuple[Model, Any]:
    """Return SA or USA, and the β >= 0 at which it is a subject."""
    if set(subject.velocities) == {X}:
        heats = {S.Zero, S.One, *subject.velocities[X].atoms(Rational)}
        for model in (SA, USA):
            for heat in sorted(one for one in heats if one >= 0):
                if Subject.of(model, {beta: heat}) == subject:
                    return model, heat
    raise NotConcluded("certificates are on SA and USA at a rational β")


def _said(says: Proposition, definition: Definition) -> tuple[Any, ...]:
    if not isinstance(says, Is) or says.definition is not definition:
        raise NotConcluded(f"it isn't said by {definition.name!r}")
    return says.arguments


def _around(says: Proposition, facts: tuple[Fact, ...]) -> str:
    points = _rows(_said(says, SURROUNDS)[0])
    if len(points[0]) != 2:
        raise NotConcluded("the points aren't on a circle")

    def turn(i: int, j: int) -> Any:
        return points[i][0] * points[j][1] - points[i][1] * points[j][0]

    for i, j, k in combinations(range(len(points)), 3):
        turns = turn(j, k), turn(k, i), turn(i, j)
        if all(one > 0 for one in turns) or all(one < 0 for one in turns):
            return f"0 is inside the triangle of {i + 1}, {j + 1}, {k + 1}"
    raise NotConcluded("0 is inside no triangle of three of them")


@lru_cache(maxsize=32)
def entry_of(subject: Subject, rows: Any) -> Certificate:
    """Search for a time at which tokens from rational points are in an open half space.

    Raises
    ------
    NotConcluded
        Where none is certified.
    """
    model, heat = _model_of(subject)
    try:
        found = certify_consensus(_rows(rows), heat, model)
    except NotCertified as short:
        raise NotConcluded(str(short)) from short
    return accepted(found)


def _enters(says: Proposition, facts: tuple[Fact, ...]) -> str:
    subject, rows, time = _said(says, ENTERS)
    found = entry_of(subject, rows)
    if Rational(found.parameters["time"]) != time:
        raise NotConcluded(f"it is shown at t = {found.parameters['time']} alone")
    return f"{len(found.evidence['steps'])} steps"


def exact_rows(points: FloatArray) -> ImmutableMatrix:
    """Return the numbers that doubles are.

    Examples
    --------
    >>> exact_rows(np.array([[0.5, 2.0]]))
    Matrix([[1/2, 2]])
    """
    return ImmutableMatrix(*points.shape, [Rational(float(one)) for one in points.flat])


@lru_cache(maxsize=64)
def _followed_to(subject: Subject, rows: Any, time: Any) -> tuple[Certificate, Any, Any]:
    """Return a certificate on a run, where it ends, and how far from the solution that is."""
    model, heat = _model_of(subject)
    first = np.array(_rows(rows), dtype=float)
    doubles = all(Rational(float(one)) == one for one in (time, heat))
    if exact_rows(first) != rows or not doubles or not time > 0:
        raise NotConcluded("the start, the time and β aren't doubles, or no time passes")
    field = compile_model(model, beta=float(heat))
    run = integrate(field, first, float(time), t_eval=np.array([0.0, float(time)]), rtol=1e-12)
    try:
        found = certify_run(run)
    except NotCertified as short:
        raise NotConcluded(str(short)) from short
    last = exact_rows(run.points[-1])
    return accepted(found.certificate), last, Rational(found.certificate.parameters["error"])


def _angle(one: list[Any], two: list[Any]) -> Any:
    """Enclose the angle between two rows from above: at most π/2 times the chord."""
    lengths = [sqrt(sum(a**2 for a in row)) for row in (one, two)]
    chord = sqrt(sum((a / lengths[0] - b / lengths[1]) ** 2 for a, b in zip(one, two, strict=True)))
    return enclose(chord * Rational(8, 5)).b


def _follows(says: Proposition, facts: tuple[Fact, ...]) -> str:
    subject, rows, time, end, error = _said(says, FOLLOWED)
    _, last, bound = _followed_to(subject, rows, time)
    if not isinstance(end, ImmutableMatrix) or end.shape != last.shape or not error.is_Rational:
        raise NotConcluded("it isn't said of as many tokens, and of a rational angle")
    ends = zip(_rows(end), _rows(last), strict=True)
    apart = max((_angle(*pair) for pair in ends), key=float)
    if not apart < enclose(error - bound).a:
        raise NotConcluded(f"an angle of {float(apart) + float(bound):.3g} is shown alone")
    return f"a run that is right to {float(bound):.2g} ends within {float(apart):.2g} of it"


SURROUNDED = Engine("points around 0", How.DECIDED, _around)
ENTERED = Engine("a solution that enters", How.ENCLOSED, _enters)
FOLLOWING = Engine("a solution that is followed", How.ENCLOSED, _follows)


def certificate_of_entry(says: Proposition) -> Certificate:
    """Return the certificate behind a solution that enters an open half space."""
    subject, rows, _ = _said(says, ENTERS)
    return entry_of(subject, rows)


def certificate_of_run(says: Proposition) -> Certificate:
    """Return the certificate of the run beside which a solution is followed."""
    subject, rows, time, *_ = _said(says, FOLLOWED)
    return _followed_to(subject, rows, time)[0]


def _met(entered: Fact, meets: Fact) -> Concluded:
    subject, rows, time = _said(entered.says, ENTERS)
    if meets.says != TO_ONE or entered.given:
        raise NotConcluded("it needs that tokens meet, and nothing given of where they enter")
    if any(t in how.free_symbols for how in subject.velocities.values()) or not time >= 0:
        raise NotConcluded("the flow changes with the time")
    if rows.rows < 2 or not meets.given <= {solving(subject), HIGH, UNIT_AXIS, SEVERAL}:
        raise NotConcluded("more is assumed for it than a start in an open half space")
    return Concluded(
        meets.says,
        spares=frozenset({HIGH, UNIT_AXIS, SEVERAL}),
        more=frozenset({Is(STARTS, rows)}),
    )


AFTER_ENTRY = Rule(
    "meeting after a time",
    "tokens of F from a start are in an open half space at a time >= 0; of F, which doesn't change "
    "with the time, tokens of an open half space meet: from that start tokens meet",
    "from that time on they solve F too, and are at heights h > 0 over some w",
    _met,
)


def meeting_from(sight: Theorem, subject: Subject, rows: Any) -> Conclusion | Refusal:
    """Claim that tokens meet which start around 0, on a circle, as certificates show of them.

    Parameters
    ----------
    sight : Theorem
        T2: that tokens of an open half space meet.
    subject : Subject
    rows : ImmutableMatrix
        The start, each row to be divided by its length.

    Examples
    --------
    >>> from proofs_checks.theorems.hemisphere import common_sight
    >>> own = Subject.of(SA, {beta: S.One})
    >>> start = ImmutableMatrix([[3, 4], [-8, -15], [-4, 3]])
    >>> print(meeting_from(common_sight(own), own, start).found.by.name)
    and
    """
    try:
        time = Rational(entry_of(subject, rows).parameters["time"])
    except NotConcluded as short:
        return Refusal(str(short))
    says = Is(SURROUNDS, rows), Is(ENTERS, subject, rows, time)
    first = (settle(*one) for one in zip((SURROUNDED, ENTERED), says, strict=True))
    around, entered = first
    meets = apply(AFTER_ENTRY, entered, apply(part, apply(part, sight, place=1), place=0))
    found = apply(together, around, entered, meets)
    return claimed(found, All(*says, TO_ONE), (solving(subject), Is(STARTS, rows)))


def followed(subject: Subject, rows: Any, places: Any, error: Any) -> Conclusion:
    """Claim where a solution is at some times.

    Parameters
    ----------
    subject : Subject
    rows : ImmutableMatrix
        The start, of doubles.
    places : iterable of (Rational, ImmutableMatrix)
    error : Rational
        An angle.

    Examples
    --------
    >>> own, start = Subject.of(SA, {beta: S.One}), ImmutableMatrix([[1, 0], [0, 1]])
    >>> for error in (1, Rational(1, 100)):
    ...     print(type(followed(own, start, [(S.One / 8, start)], S(error)).found).__name__)
    Theorem
    Refusal
    """
    says = [Is(FOLLOWED, subject, rows, time, end, error) for time, end in places]
    return conjunction(*(claimed(settle(FOLLOWING, one), one, ()) for one in says))


__all__ = [
    "AFTER_ENTRY",
    "ENTERED",
    "ENTERS",
    "FOLLOWED",
    "FOLLOWING",
    "STARTS",
    "SURROUNDED",
    "SURROUNDS",
    "certificate_of_entry",
    "certificate_of_run",
    "exact_rows",
    "followed",
    "meeting_from",
]
