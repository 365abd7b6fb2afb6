"""Every step of a theorem, evaluated where what is given for it holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Symbol

from proofs_checks.audit.places import Place, Untold
from proofs_checks.audit.solution import Solution
from proofs_checks.propositions import Bound, Proposition, Rel, free_of, written
from proofs_checks.theorems import Theorem, steps_of
from theory.symbols import X, t
from theory.terms import Index, Vec, moving


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


def audit(theorem: Theorem, solution: Solution) -> Audit:
    """Evaluate every step of a theorem along a solution.

    Parameters
    ----------
    theorem : Theorem
    solution : Solution
        Of the model that the theorem is of.

    Returns
    -------
    Audit

    Examples
    --------
    >>> from proofs_checks.audit.solution import solution_of
    >>> from proofs_checks.propositions import Subject
    >>> from proofs_checks.theorems import pull_of
    >>> from theory.models import SA
    >>> audit(pull_of(Subject.of(SA)).heights, solution_of(SA)).doubts
    ()
    """
    steps = steps_of(theorem)
    given = frozenset[Proposition]().union(*(step.given for step in steps))
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


def _asked(step: Theorem, on: Solution, own: dict[Any, Any]) -> tuple[int, Doubt | None]:
    """Count where a step is so, once for all theorems that it is of; return where it isn't."""
    free = frozenset[Any]().union(free_of(step.says), *map(free_of, step.given))
    numbers = frozenset((a, np.asarray(value).tobytes()) for a, value in own.items() if a in free)
    key = (step.says, step.given, numbers)
    if key not in on.asked:
        on.asked[key] = _found(step, on, own, free)
    found: tuple[int, Doubt | None] = on.asked[key]
    return found


def _found(
    step: Theorem, on: Solution, own: dict[Any, Any], free: frozenset[Any]
) -> tuple[int, Doubt | None]:
    found = 0
    indices = sorted((v for v in free if isinstance(v, Index)), key=str)
    for time in on.times:
        for place in Place(on, time, own).tokens(indices):
            here = replace(place, exact=True)
            if not all(map(here.holds, step.given)):
                continue
            so = place.holds(step.says)
            if so is False:
                return found, Doubt(step.says, time, {v: place.values[v] for v in indices})
            found += so is True
    return found, None


def _names(steps: list[Theorem], given: frozenset[Proposition], on: Solution) -> dict[Any, Any]:
    """Choose numbers for names: an axis amid the tokens, and what hypotheses on starts bound."""
    own: dict[Any, Any] = {}
    free = frozenset[Any]().union(*(free_of(step.says) for step in steps), *map(free_of, given))
    middle = on.states[0.0][X].mean(axis=0)
    for vector in (v for v in free if isinstance(v, Vec)):
        own[vector] = middle / np.linalg.norm(middle)
    for one in given:
        body = one.body if isinstance(one, Bound) else one
        indices = one.bound if isinstance(one, Bound) else ()
        if not isinstance(body, Rel) or body.op not in ("<", "<="):
            continue
        for name, term, choose in ((body.left, body.right, min), (body.right, body.left, max)):
            if isinstance(name, Symbol) and not isinstance(name, Index) and name != t:
                if name in {*on.numbers, *on.sizes} or moving(term):
                    continue
                start = Place(on, 0.0, own)
                try:
                    found = [place.number(term) for place in start.tokens(indices)]
                except (Untold, KeyError):
                    continue
                own[name] = choose(found)
    return own
