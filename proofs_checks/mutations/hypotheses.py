"""Mutations of hypotheses: one is dropped, weakened, or taken for granted where it is undecided.

A mutation is killed when the statement then says more of a model that lacks the hypothesis than it
said before. One that no such model tells apart is harmless: the rest of the statement notices by
itself, and the reason is what it says of those models.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np

from proofs_checks.claim import Budget, Question, Verdict
from proofs_checks.mutations.gallery import gallery
from proofs_checks.proof import (
    AUTONOMOUS,
    CLIMBS,
    PACED,
    RISES,
    SCHEDULED,
    Domain,
    Fixed,
    Flow,
    Outcome,
    Premise,
    Statement,
    Step,
    judge,
)

Hypothesis = Domain | Premise
WEAKER: dict[str, Premise] = {
    AUTONOMOUS.name: PACED,
    SCHEDULED.name: PACED,
    CLIMBS.name: RISES,
}
"""What a hypothesis is weakened to, by its name."""


SAID = (Verdict.PROVED, Verdict.CERTIFIED, Verdict.SUPPORTED)
"""What a statement says of a model that has its hypotheses."""


class Fate(Enum):
    """What became of a mutation of a hypothesis."""

    KILLED = "a model without it is said more of"
    HARMLESS = "the rest of the statement notices"
    UNTRIED = "no model of the gallery lacks it"


@dataclass(frozen=True)
class Weakening:
    """A statement with less of a hypothesis.

    Attributes
    ----------
    row : str
        Name of the statement.
    change : str
        "without X", "X -> Y", or "X undecided".
    hypothesis : Domain or Premise
    instead : Domain, Premise or None
        What takes its place.
    twin : Statement
    """

    row: str
    change: str
    hypothesis: Hypothesis
    instead: Hypothesis | None
    twin: Statement[Any]


@dataclass(frozen=True)
class Found:
    """A weakening, what became of it, and the models that say so."""

    weakening: Weakening
    fate: Fate
    reason: str


def name_of(hypothesis: Hypothesis) -> str:
    """Name of a premise, text of a domain."""
    return hypothesis.name if isinstance(hypothesis, Premise) else hypothesis.text


def _granted(hypothesis: Hypothesis, flow: Flow) -> Step:
    step = hypothesis.test(flow)
    return replace(step, outcome=Outcome.HOLDS) if step.outcome is Outcome.GAP else step


def weakenings(statement: Statement[Any], row: str) -> tuple[Weakening, ...]:
    """All mutations of a statement's hypotheses, in a fixed order.

    Parameters
    ----------
    statement : Statement
    row : str
        What to call it.
    """
    found = []
    for side in ("domain", "premises"):
        hypotheses: tuple[Hypothesis, ...] = getattr(statement, side)
        for place, hypothesis in enumerate(hypotheses):
            name = name_of(hypothesis)
            others: list[tuple[str, Hypothesis | None]] = [
                (f"without {name}", None),
                (f"{name} undecided", replace(hypothesis, test=Fixed(_granted, hypothesis))),
            ]
            if name in WEAKER:
                others.append((f"{name} -> {WEAKER[name].name}", WEAKER[name]))
            for change, other in others:
                kept = () if other is None else (other,)
                less = (*hypotheses[:place], *kept, *hypotheses[place + 1 :])
                changed: dict[str, Any] = {side: less}
                twin = replace(statement, **changed)
                found.append(Weakening(row, change, hypothesis, other, twin))
    return tuple(found)


def _verdict(statement: Statement[Any], flow: Flow) -> tuple[Verdict | None, str]:
    """Verdict and detail; None where it ends in an error."""
    try:
        evidence = judge(statement, flow, None, Budget(5, np.random.default_rng(0)), tried=False)
    except Exception as error:  # a statement without its hypothesis may do anything
        return None, f"{type(error).__name__}: {error}"
    return evidence.verdict, evidence.detail


def _lets_in(weakening: Weakening, flow: Flow) -> bool:
    """Whether the hypothesis keeps a model out that the mutation lets in."""
    if weakening.hypothesis.test(flow).holds:
        return False
    return weakening.instead is None or weakening.instead.test(flow).holds


def try_weakening(
    weakening: Weakening, statement: Statement[Any], flows: Sequence[Flow] | None = None
) -> Found:
    """Ask the mutated statement of the models that lack the hypothesis.

    Parameters
    ----------
    weakening : Weakening
    statement : Statement
        What it is a mutation of.
    flows : sequence of Flow, optional
        The gallery by default.
    """
    let_in = [flow for flow in (gallery() if flows is None else flows) if _lets_in(weakening, flow)]
    if not let_in:
        if weakening.instead is None:
            return Found(weakening, Fate.UNTRIED, "")
        return Found(weakening, Fate.HARMLESS, "it keeps no other model of the gallery out")
    noticed: Counter[str] = Counter()
    twin = weakening.twin
    for flow in let_in:
        # Where another hypothesis fails, nothing more is said than before.
        kept: tuple[Hypothesis, ...] = (*twin.domain, *twin.premises)
        other = next((each for each in kept if not each.test(flow).holds), None)
        if other is not None:
            noticed[f"lack {name_of(other)} too"] += 1
            continue
        after, detail = _verdict(twin, flow)
        if after is None:
            return Found(weakening, Fate.KILLED, f"{flow.model.name}: {detail}")
        if after in SAID:
            before, _ = _verdict(statement, flow)
            return Found(weakening, Fate.KILLED, f"{flow.model.name}: {before} -> {after}")
        noticed[f"end as {after}"] += 1
    words = ", ".join(f"{count} {reason}" for reason, count in noticed.most_common())
    return Found(weakening, Fate.HARMLESS, f"of {len(let_in)} models {words}")


def try_hypotheses(
    statement: Statement[Any], row: str, flows: Sequence[Flow] | None = None
) -> tuple[Found, ...]:
    """Try all mutations of a statement's hypotheses.

    Parameters
    ----------
    statement : Statement
    row : str
        What to call it.
    flows : sequence of Flow, optional
        The gallery by default.
    """
    return tuple(try_weakening(each, statement, flows) for each in weakenings(statement, row))


def hypotheses_table(rows: Mapping[str, Question], flows: Sequence[Flow] | None = None) -> str:
    """Say what became of the hypotheses of statements, a line each, and count.

    Parameters
    ----------
    rows : mapping of str to Statement
        Statements by name.
    flows : sequence of Flow, optional
        The gallery by default.
    """
    lines, counts = [], Counter[Fate]()
    for row, statement in rows.items():
        if not isinstance(statement, Statement):
            continue
        for found in try_hypotheses(statement, row, flows):
            counts[found.fate] += 1
            said = f"{row}: {found.weakening.change}: {found.fate.name.lower()}: {found.reason}"
            lines += textwrap.wrap(said, 80, subsequent_indent="  ")
    totals = ", ".join(f"{counts[fate]} {fate.name.lower()}" for fate in Fate)
    return "\n".join([*lines, f"{counts.total()} mutations of hypotheses: {totals}."])
