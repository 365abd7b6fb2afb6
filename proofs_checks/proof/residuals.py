"""Statements that say that something vanishes: residuals of an algebra, and points that refute.

A residual that is 0 is a step; where one is left, drawn points are asked for a counterexample, and
where none is left a few points are watched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np

from proofs_checks.claim import Budget
from proofs_checks.decide import interval
from proofs_checks.proof.fixed import Fixed
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.hypotheses import Domain, Premise
from proofs_checks.proof.identity import TOLERANCE, Identity, at_tokens
from proofs_checks.proof.row_algebra import SYMBOLIC
from proofs_checks.proof.sheet import Sheet, Step, cited, derived, gap
from proofs_checks.proof.verdict import Counterexample, Statement, Trial
from proofs_checks.proof.witness import Witness, decimal, excludes_zero, leaves_sphere
from proofs_checks.readings import Reading

P = TypeVar("P")


@dataclass(frozen=True)
class Vanishing(Generic[P]):
    """What is said to vanish, and how a point shows that it doesn't.

    Attributes
    ----------
    left : callable
        ``left(flow, prediction)``: names and reduced differences, and what is compared.
    look : callable
        ``look(flow, prediction, rng)`` draws a point: what it shows against the statement, or "".
    says : str
        What was reduced to 0.
    words : Mapping
        Scope in words.
    cites : tuple of str
    rules : callable, optional
        ``rules(flow, prediction)``: what rewriting used, beside ``cites``.
    first : callable
        ``first(flow, prediction)``: a counterexample that is no drawn point, or "".
    draws : int
        Points to draw for each case of the budget.
    confined : bool
        Whether it is said of flows that stay on the sphere.
    sides : callable, optional
        ``sides(flow, prediction, rng)``: enclosures of both sides at a point, to watch.
    reads : callable, optional
        ``reads(flow, prediction)``: what a step says, where it isn't a difference that is recorded.
    """

    left: Callable[[Flow, P], tuple[tuple[tuple[str, Any], ...], tuple[Any, ...]]]
    look: Callable[[Flow, P, np.random.Generator], str]
    says: str
    words: Mapping[str, str] = field(default_factory=partial(dict, SYMBOLIC))
    cites: tuple[str, ...] = ()
    rules: Callable[[Flow, P], tuple[str, ...]] | None = None
    first: Callable[[Flow, P], str] | None = None
    draws: int = 1
    confined: bool = True
    sides: Callable[[Flow, P, np.random.Generator], tuple[Any, Any]] | None = None
    reads: Callable[[Flow, P], Reading | None] | None = None


def _refute(
    what: Vanishing[P], flow: Flow, prediction: P | None, budget: Budget
) -> Counterexample | None:
    """Draw points where a residual is left."""
    if prediction is None:
        return None
    found = leaves_sphere(flow.model, budget.rng) if what.confined else ""
    if not found and what.first is not None:
        found = what.first(flow, prediction)
    if found:
        return Counterexample(found)
    try:
        parts, _ = what.left(flow, prediction)
    except (ValueError, NotImplementedError):
        return None
    left = [(name, value) for name, value in parts if value != 0]
    if not left:
        return None
    name, value = left[0]
    for case in range(1, what.draws * max(budget.cases, 1) + 1):
        try:
            found = what.look(flow, prediction, budget.rng)
        except NotImplementedError:  # a point of no enclosure, such as tokens at right angles
            continue
        if found:
            return Counterexample(f"{found} ({name}: residual {value})", cases=case)
    return None


def _decide(what: Vanishing[P], flow: Flow, prediction: P) -> Sheet:
    """Reduce the differences to 0."""
    try:
        parts, compared = what.left(flow, prediction)
    except (ValueError, NotImplementedError) as error:
        return Sheet((gap(what.says, str(error)),), what.words)
    steps: tuple[Step, ...] = tuple(derived(f"{name} = 0", value) for name, value in parts)
    if what.reads is not None:
        steps = tuple(replace(step, formal=what.reads(flow, prediction)) for step in steps)
    used = () if what.rules is None else what.rules(flow, prediction)
    lemmas = tuple(cited(lemma, *steps) for lemma in (*what.cites, *used))
    return Sheet((*steps, *lemmas), what.words, compared, f"{what.says}: residual 0")


def _watch(what: Vanishing[P], flow: Flow, prediction: P, budget: Budget) -> Trial:
    """Look at both sides at drawn points."""
    assert what.sides is not None  # a trial was asked for
    worst = 0.0
    for _ in range(budget.cases):
        try:
            left, right = what.sides(flow, prediction, budget.rng)
        except NotImplementedError as error:
            return Trial(silent=str(error))
        if excludes_zero(left - right):
            return Trial(f"{decimal(left)} against {decimal(right)} at a point", -1.0, budget.cases)
        worst = max(worst, abs(float((left - right).mid)))
    return Trial("", 1 - worst / TOLERANCE, budget.cases)


def vanishes(
    name: str,
    sentence: str,
    what: Vanishing[P],
    derive: Callable[[Flow], P | None],
    *,
    domain: tuple[Domain, ...] = (),
    premises: tuple[Premise, ...] = (),
    also: tuple[Statement[Any], ...] = (),
    says: Callable[[Flow, P], str] | None = None,
    several_blocks: bool = False,
) -> Statement[P]:
    """Make the statement that something vanishes.

    Parameters
    ----------
    name, sentence, derive, domain, premises, also, says, several_blocks
        Of the statement.
    what : Vanishing
    """
    return Statement(
        name,
        sentence,
        Fixed(_decide, what),
        derive,
        Fixed(_refute, what),
        None if what.sides is None else Fixed(_watch, what),
        domain=domain,
        premises=premises,
        says=says,
        also=also,
        several_blocks=several_blocks,
    )


Identities = Callable[[Flow, P], tuple[Identity, ...]]


def _identities_left(make: Identities[P], flow: Flow, prediction: P) -> Any:
    parts, compared = [], []
    for identity in make(flow, prediction):
        parts.append((identity.text, identity.residual(frozenset())[0]))
        compared += [identity.left, identity.right]
    return tuple(parts), tuple(compared)


def _points(
    make: Identities[P], flow: Flow, prediction: P, rng: np.random.Generator
) -> Iterator[tuple[Identity, Witness, str, Any]]:
    """Gaps of identities, each at a drawn point."""
    for identity in make(flow, prediction):
        sides = (identity.left, identity.right, identity.weight)
        point = Witness(rng, [at_tokens(side) for side in sides if side is not None])
        for place, left in identity.gaps(point):
            yield identity, point, place, left


def _identities_at_a_point(
    make: Identities[P], flow: Flow, prediction: P, rng: np.random.Generator
) -> str:
    for identity, point, place, left in _points(make, flow, prediction, rng):
        if excludes_zero(left):
            return f"{identity.text}: {place} is off by {decimal(left)} at {point}"
    return ""


def _identities_watched(
    make: Identities[P], flow: Flow, prediction: P, rng: np.random.Generator
) -> tuple[Any, Any]:
    gaps = [left for *_, left in _points(make, flow, prediction, rng)]
    return max(gaps, key=lambda left: abs(float(left.mid)), default=interval(0)), interval(0)


def identities(
    make: Identities[P],
    says: str,
    *,
    words: Mapping[str, str] = SYMBOLIC,
    cites: tuple[str, ...] = (),
    confined: bool = False,
) -> Vanishing[P]:
    """Make what vanishes of identities between matrix expressions, row by row.

    Parameters
    ----------
    make : callable
        ``make(flow, prediction)``: the identities.
    says, words, cites, confined
        Of `Vanishing`.
    """
    return Vanishing(
        Fixed(_identities_left, make),
        Fixed(_identities_at_a_point, make),
        says,
        dict(words),
        cites,
        draws=10,
        confined=confined,
        sides=Fixed(_identities_watched, make),
    )
