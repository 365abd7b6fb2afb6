"""Every step of a theorem, evaluated where what is given for it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from operator import and_
from typing import Any, Protocol

import numpy as np
from sympy import Add, Expr, MatrixSymbol, Symbol

from proofs_checks.audit.places import FALSE, TRUE, Place
from proofs_checks.audit.solution import (
    ABREAST,
    ON_CIRCLE,
    PAIRS,
    SECOND,
    SPECIES_HEATS,
    TWO_HEATS,
    Solution,
    beside,
    in_angles,
    model_of,
    solution_of,
)
from proofs_checks.propositions import (
    Bound,
    Is,
    Proposition,
    Rel,
    Subject,
    free_of,
    subjects_of,
    written,
)
from theory.symbols import X, d, m, n, r, t
from theory.terms import Index, Inner, Vec, is_value, moving


class Concluded(Protocol):
    """What is said under what is given, as a theorem has it; how it was concluded is no matter."""

    @property
    def says(self) -> Proposition:
        """What is said."""

    @property
    def given(self) -> frozenset[Proposition]:
        """Under what."""


class DoubtError(Exception):
    """What was concluded isn't so along a solution: an error of the program."""


@dataclass(frozen=True)
class Doubt:
    """A step that isn't so where its hypotheses are.

    Attributes
    ----------
    says : Proposition
    time : float
    values : dict
        Numbers of what is free.
    """

    says: Proposition
    time: float
    values: dict[Any, Any]

    def __str__(self) -> str:
        """Write what isn't so, and where."""
        where = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        return f"{written(self.says)} at t = {self.time}, {where}"


@dataclass(frozen=True)
class Audit:
    """What was found of the steps of a theorem.

    Attributes
    ----------
    held : int
        Steps that held wherever what is given for them did, once at least.
    untold : tuple of Proposition
        Steps that nothing tells at one time, or whose hypotheses held nowhere.
    doubts : tuple of Doubt
        Steps that failed: errors of a rule, an engine, a reader, or of this.
    """

    held: int
    untold: tuple[Proposition, ...]
    doubts: tuple[Doubt, ...]


def audit(steps: Iterable[Concluded], solution: Solution) -> Audit:
    """Evaluate every step of a theorem along a solution.

    Parameters
    ----------
    steps : iterable of Theorem
        As `theorems.steps_of` has them.
    solution : Solution
        Of the model that the theorem is of.

    Returns
    -------
    Audit

    Examples
    --------
    >>> from proofs_checks.audit.solution import solution_of
    >>> from proofs_checks.propositions import Subject
    >>> from proofs_checks.theorems import pull_of, steps_of
    >>> from theory.models import SA
    >>> audit(steps_of(pull_of(Subject.of(SA)).heights), solution_of(SA)).doubts
    ()
    """
    steps = list(steps)
    given = frozenset[Proposition]().union(*(step.given for step in steps))
    solution = _with_products(solution, given)
    own = _names(steps, given, solution)
    held, untold, doubts = 0, [], []
    for step in steps:
        found, doubt = _asked(step, solution, own)
        if doubt is not None:
            doubts.append(doubt)
        elif found:
            held += 1
        else:
            untold.append(step.says)
    return Audit(held, tuple(untold), tuple(doubts))


@dataclass(frozen=True)
class Ending:
    """What was found of the conclusion of a theorem alone.

    Attributes
    ----------
    doubt : Doubt or None
        Where it isn't so, if it isn't.
    margins : Mapping
        Of each inequality that it concludes, and that is told where what is given holds, the least
        margin, between 0 where a bound is attained and 1 where it is of no use.
    """

    doubt: Doubt | None
    margins: Mapping[Rel, float]


def subject_of(theorem: Concluded) -> Subject | None:
    """Return of what a theorem is; None where it is of numbers alone."""
    found = frozenset[Subject]().union(*map(subjects_of, (theorem.says, *theorem.given)))
    return next(iter(found), None)


MASSES, DIMENSION = (0.2, 0.5, 0.3), 4
"""Of the one solution that what is claimed is evaluated along: no two tokens alike, masses that
add up to 1, as some theorems have it, and independent tokens, as those of positive coordinates."""

OTHER_START = np.array([[0.5, 0.5, 0.5, 0.5], [0.1, 0.7, 0.5, 0.5], [0.5, 0.1, 0.7, 0.5]])
"""Of a second solution: unit vectors of positive coordinates."""

NUMBERLESS = (ArithmeticError, LookupError, NotImplementedError, TypeError, ValueError)
"""What is raised of code, of an end in finite time, of an atom that isn't evaluated."""


def pair_in(theorem: Concluded) -> str:
    """Return by which definition a second solution is given, or angles are, or ""."""
    names = {one.definition.name for one in theorem.given if isinstance(one, Is)}
    return next((kind for kind in (*PAIRS, ON_CIRCLE) if kind in names), "")


def _even(given: Proposition) -> bool:
    """Whether it is that all masses are 1/n at the start."""
    body = given.body if isinstance(given, Bound) else given
    return isinstance(body, Rel) and is_value(body.left) and body.right == 1 / n


@lru_cache(maxsize=128)
def _one_of(subject: Subject, pair: str = "", alike: bool = False) -> Solution:
    """Return a solution of what theorems are of, or two; its limit isn't looked for."""
    masses = np.full(len(MASSES), 1 / len(MASSES)) if alike else np.array(MASSES)
    if pair == ON_CIRCLE:
        found = solution_of(model_of(subject), 0, len(masses), 2, masses=masses)
        return in_angles(replace(found, ending=lambda: None))
    if pair in ("", ABREAST):
        even, size = pair == ABREAST, len(masses)
        found = solution_of(model_of(subject), 0, size, DIMENSION, masses=masses, even=even)
        found = replace(found, ending=lambda: None)
        return beside(found, pair, OTHER_START) if pair else found
    start = None if pair in (TWO_HEATS, SPECIES_HEATS) else OTHER_START
    return beside(_one_of(subject), pair, start)


def doubted(theorem: Concluded) -> Doubt | None:
    """Return where a conclusion isn't so, at three times of one solution; None where it is.

    Parameters
    ----------
    theorem : Theorem

    Returns
    -------
    Doubt or None

    Examples
    --------
    >>> from proofs_checks.propositions import Subject
    >>> from proofs_checks.theorems import pull_of
    >>> from theory.models import SA
    >>> doubted(pull_of(Subject.of(SA)).heights) is None
    True
    """
    subject = subject_of(theorem)
    if subject is None:
        return _doubted_of_points(theorem)
    if subject.noisy or subject.kind != "flow":
        return None
    try:
        solution = _one_of(subject, pair_in(theorem), any(map(_even, theorem.given)))
        solution = _with_products(solution, theorem.given)
        return _asked(theorem, solution, _names([theorem], theorem.given, solution))[1]
    except NUMBERLESS:
        return None


def _with_products(on: Solution, given: Iterable[Proposition]) -> Solution:
    """Return a solution with the matrices that products are given to be, at each time."""
    named = {
        one.right: one.left
        for one in given
        if isinstance(one, Rel) and one.op == "=" and isinstance(one.right, MatrixSymbol)
    }
    if not named:
        return on
    states = {
        time: {**state, **{name: on.matrix(product, time) for name, product in named.items()}}
        for time, state in on.states.items()
    }
    return replace(on, states=states, asked={}, _matrices={}, _functions={})


FREE = (0.3, 0.45, 0.7)
"""Numbers for what is free where no model is: between 0 and 1, as angles and lengths are."""


PLANE = np.array([[0.6, 0.8, 0.0, 0.0], [-0.8, 0.6, 0.0, 0.0]])
"""Two vectors whose product is 0 exactly, as that of two that are given so."""


def _doubted_of_points(theorem: Concluded) -> Doubt | None:
    """Return where what is said of points and numbers alone isn't so; None where it is."""
    said = theorem.says, *theorem.given
    state = {X: OTHER_START, m: np.array(MASSES)[:, None]}
    for one in sorted({a for part in said for a in part.atoms(MatrixSymbol)} - set(state), key=str):
        if one.shape != (n, 1):
            return None
        state[one] = state[m][::-1] * 2
    solution = Solution(None, {}, state[m][:, 0], {0.0: state}, (0.0,))
    try:
        free = sorted(frozenset[Any]().union(*map(free_of, said)) - {t, n, d}, key=str)
        vectors = [v for v in free if isinstance(v, Vec)]
        points = {v: OTHER_START[place % len(OTHER_START)] for place, v in enumerate(vectors)}
        relations = [one for one in theorem.given if isinstance(one, Rel)]
        for one in relations:
            if one.op == "=" and isinstance(one.left, Inner) and one.right == 0:
                points |= dict(zip(one.left.args, PLANE, strict=True))
        own = _names([theorem], theorem.given, solution, points)
        ends = {one.left for one in relations if one.op == "<" and one.right == 1}
        own = {a: v for a, v in own.items() if a not in ends}
        plain = [s for s in free if s not in own and isinstance(s, Symbol)]
        numbers = (s for s in plain if not isinstance(s, Index))
        own |= {s: FREE[place % len(FREE)] for place, s in enumerate(numbers)}
        return _asked(theorem, solution, own)[1]
    except NUMBERLESS:
        return None


def ending(theorem: Concluded, solution: Solution) -> Ending:
    """Evaluate the conclusion of a theorem along a solution, with the margins of its bounds.

    Parameters
    ----------
    theorem : Concluded
    solution : Solution

    Returns
    -------
    Ending

    Examples
    --------
    >>> from proofs_checks.audit.solution import solution_of
    >>> from proofs_checks.propositions import Subject
    >>> from proofs_checks.theorems import pull_of
    >>> from theory.models import SA
    >>> seen = ending(pull_of(Subject.of(SA)).heights, solution_of(SA))
    >>> seen.doubt is None, [0 < margin < 1 for margin in seen.margins.values()]
    (True, [True])
    """
    solution = _with_products(solution, theorem.given)
    own = _names([theorem], theorem.given, solution)
    free = frozenset[Any]().union(*map(free_of, (theorem.says, *theorem.given)))
    margins: dict[Rel, float] = {}
    indices = _indices(free)
    for time in solution.times:
        place = Place(solution, time, own).over(indices)
        for says, margin in place.margins(theorem.says, _given(theorem, place, indices)):
            margins[says] = min(margin, margins.get(says, margin))
    return Ending(_asked(theorem, solution, own)[1], margins)


def _asked(step: Concluded, on: Solution, own: dict[Any, Any]) -> tuple[int, Doubt | None]:
    """Count where a step is so, once for all theorems that it is of; return where it isn't."""
    free = frozenset[Any]().union(free_of(step.says), *map(free_of, step.given))
    numbers = frozenset((a, np.asarray(value).tobytes()) for a, value in own.items() if a in free)
    key = (step.says, step.given, numbers)
    if key not in on.asked:
        on.asked[key] = _found(step, on, own, free)
    found: tuple[int, Doubt | None] = on.asked[key]
    return found


def _found(
    step: Concluded, on: Solution, own: dict[Any, Any], free: frozenset[Any]
) -> tuple[int, Doubt | None]:
    indices, found = _indices(free), 0
    for time in on.times:
        place = Place(on, time, own).over(indices)
        given, so = _given(step, place, indices), place.holds(step.says)
        failing = np.argwhere(given & (so == FALSE))
        if len(failing):
            return found, Doubt(
                step.says, time, dict(zip(indices, failing[0].tolist(), strict=True))
            )
        found += int(np.sum(given & (so == TRUE)))
    return found, None


def _indices(free: frozenset[Any]) -> list[Index]:
    return sorted((v for v in free if isinstance(v, Index)), key=str)


def _given(step: Concluded, place: Place, indices: list[Index]) -> Any:
    """Of which tokens all that is given holds, as nearly as doubles tell."""
    here = replace(place, exact=True)
    every = np.ones(place.choices(indices), bool)
    return reduce(and_, (here.holds(one) == TRUE for one in step.given), every)


def _names(
    steps: list[Any],
    given: frozenset[Proposition],
    on: Solution,
    points: Mapping[Any, Any] | None = None,
) -> dict[Any, Any]:
    """Choose numbers for names: an axis amid the tokens, and what hypotheses on starts bound."""
    own: dict[Any, Any] = dict(points or {})
    free = frozenset[Any]().union(*(free_of(step.says) for step in steps), *map(free_of, given))
    for instant in (v for step in steps for v in _instants(step.says)):
        own[instant] = on.times[0]
    middle = on.states[0.0][X].mean(axis=0)
    for vector in (v for v in free if isinstance(v, Vec) and v not in own):
        own[vector] = middle / np.linalg.norm(middle)
    for one in given:
        if isinstance(one, Is) and one.definition.name == on.beside == ABREAST:
            own |= _abreast(one, on)
        body = one.body if isinstance(one, Bound) else one
        indices = one.bound if isinstance(one, Bound) else ()
        if not isinstance(body, Rel) or body.op not in ("<", "<="):
            continue
        for side, term, choose in (
            (body.left, body.right, np.min),
            (body.right, body.left, np.max),
        ):
            name, rest = _named(side)
            if name is not None:
                if name in {*on.numbers, *on.sizes} or moving(term):
                    continue
                start, early = Place(on, 0.0, own), Place(on, on.times[0], own)
                try:
                    found = float(choose(start.over(indices).number(term)) - early.number(rest))
                except LookupError:
                    continue
                if (name.is_positive and found <= 0) or (name.is_nonnegative and found < 0):
                    continue  # of such starts nothing is said
                own[name] = float(choose([found, own.get(name, found)]))  # of all that bound it
    return own | _defined(given, on, own)


def _named(side: Any) -> tuple[Symbol | None, Any]:
    """Return the name that a side of a hypothesis is of, and what stands beside it: ρ + t."""
    if not isinstance(side, Expr):
        return None, None
    names = [
        one
        for one in Add.make_args(side)
        if isinstance(one, Symbol) and not isinstance(one, Index) and one != t
    ]
    return (names[0], side - names[0]) if len(names) == 1 else (None, None)


def _defined(given: Iterable[Proposition], on: Solution, own: dict[Any, Any]) -> dict[Any, Any]:
    """Return what equations at the start give for names, which may stand in one another."""
    found: dict[Any, Any] = {}
    equations = [one for one in given if isinstance(one, Rel) and one.op == "="]
    named = [one for one in equations if isinstance(one.left, Symbol | Vec) and one.left != t]
    for one in (*named, *named):
        if not (one.left in {*on.numbers, *on.sizes} or moving(one.right)):
            with suppress(LookupError):
                found[one.left] = Place(on, 0.0, {**own, **found}).value(one.right)
    return found


def _abreast(given: Is, on: Solution) -> dict[Any, Any]:
    """Return the length that two solutions start with, and the least height of both."""
    start = on.states[0.0]
    axes = {a: start[a].mean(axis=0) for a in (X, SECOND)}
    heights = (start[a] @ (axis / np.linalg.norm(axis)) for a, axis in axes.items())
    least = min(float(of.min()) for of in heights)
    values = zip(given.arguments[1:], (float(start[r][0, 0]), least), strict=True)
    return {a: value for a, value in values if isinstance(a, Symbol) and value > 0}


def _instants(term: Any) -> Iterator[Symbol]:
    """Yield the symbols that are times at which something is looked at."""
    if is_value(term) and isinstance(term.args[1], Symbol):
        yield term.args[1]
    for part in term.args:
        yield from _instants(part)
