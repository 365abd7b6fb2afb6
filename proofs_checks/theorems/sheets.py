"""Sheets of theorems: every sentence is printed, and the last one must be what is claimed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from proofs_checks.audit import DoubtError, doubted
from proofs_checks.proof import How, Sheet, Step, gap, open_problem
from proofs_checks.propositions import Proposition, Rel, alike, names_in, wordy, written
from proofs_checks.theorems.folding import CALCULUS, READ
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    Found,
    Reader,
    Refusal,
    Rule,
    Theorem,
    replayed,
)
from theory.symbols import d, t
from theory.terms import Entry, Name, weight


@dataclass(frozen=True)
class Says:
    """What a statement says of a model.

    Attributes
    ----------
    given : tuple of Proposition
        Its hypotheses.
    then : Proposition
        Its conclusion, for all values of the variables that are free.
    """

    given: tuple[Proposition, ...]
    then: Proposition


class Unproved(Refusal):
    """No argument is known: runs try the proposition that is claimed, and it is never PROVED."""


class Unsolved(Unproved):
    """An open problem of mathematics."""


def steps_of(theorem: Theorem, full: bool = True) -> list[Theorem]:
    """Return the theorems that one rests on, each fact once and after its premises.

    What is assumed isn't a step; without ``full``, routine steps are left out.
    """
    order: dict[Fact, Theorem] = {}

    def visit(one: Theorem) -> None:
        if one.fact in order:
            return
        for premise in one.premises:
            visit(premise)
        order.setdefault(one.fact, one)

    visit(theorem)
    shown = [one for one in order.values() if one.by is not None]
    if full:
        return shown
    return [one for one in shown if not (isinstance(one.by, Rule) and one.by.routine)]


def _sources(one: Theorem, numbers: Mapping[Fact, int]) -> list[int]:
    """Return the numbers of the steps that one is from, through what isn't shown."""
    found: list[int] = []
    for premise in one.premises:
        if premise.fact in numbers:
            found.append(numbers[premise.fact])
        else:
            found += _sources(premise, numbers)
    return sorted(set(found))


def shown_step(
    one: Theorem, numbers: Mapping[Fact, int] | None = None, legend: tuple[Name, ...] = ()
) -> Step:
    """Return a theorem as a step of a sheet whose steps have numbers; `formal` is the theorem."""
    by = one.by
    assert by is not None  # what is assumed is no step
    how, evidence, cites = How.BY_RULE, by.name, getattr(by, "cites", ())
    if isinstance(by, Engine):
        how, evidence = by.how, one.evidence
    elif isinstance(by, Reader):
        how, evidence = How.DERIVED, one.evidence
    elif cites:
        how = How.CITED
    return Step(
        written(one.says, "text", legend),
        how,
        evidence=evidence,
        cites=cites,
        enclosed=how is How.ENCLOSED,
        formal=one,
        sources=tuple(_sources(one, numbers or {})),
        routine=2 if by in CALCULUS else 1 if by in READ else 0,
    )


def _meant(term: Any) -> Any:
    """Return what a long term is; an entry of a softmax is a quotient."""
    try:
        return weight(term) if isinstance(term, Entry) else term
    except ValueError:
        return term


def names_of(legend: tuple[Name, ...], said: Iterable[Proposition] | None = None) -> str:
    """Write the names of long terms and what they are: those that are used, where it is known."""
    meant = {name: Rel("=", _meant(name.term), _meant(name.term)) for name in legend}
    after = {name: legend[place + 1 :] for place, name in enumerate(legend)}
    used = set(legend if said is None else ())
    waiting = [(one, legend) for one in said or ()]
    while waiting:
        for name in names_in(*waiting.pop()) - used:
            used.add(name)
            waiting.append((meant[name], after[name]))
    entries = []
    for name in (one for one in legend if one in used and one.term != t):
        what = written(meant[name], "text", after[name]).split(" = ", 1)[0]
        own = written(Rel("=", name.term, name.term), "text", (name,)).split(" = ", 1)[0]
        entries.append(f"{own} = {what}")
    return "; ".join(entries)


def _dimension(given: tuple[Proposition, ...]) -> tuple[dict[str, str], list[Proposition]]:
    """Write what is assumed of d alone, and return what else is."""
    rooms = {
        one: "2" if one.op == "=" else f"symbolic, >= {one.left}"
        for one in given
        if one == Rel("=", d, 2)
        or (isinstance(one, Rel) and one.op == "<=" and one.right == d and one.left.is_Integer)
    }
    if len(rooms) != 1:
        return {}, list(given)
    return {"d": next(iter(rooms.values()))}, [one for one in given if one not in rooms]


def _headed(claimed: str, words: Mapping[str, str], names: str) -> dict[str, str]:
    entries = {"claim": claimed, **words, "where": names}
    return {title: text for title, text in entries.items() if text}


def as_sheet(says: Says, found: Found, legend: Iterable[Name] = (), *, full: bool = False) -> Sheet:
    """Return the sheet of a theorem: it holds if the theorem is what is claimed.

    Parameters
    ----------
    says : Says
        What is claimed.
    found : Theorem or Refusal
    legend : iterable of Name
        Names of long terms.
    full : bool
        Whether routine steps are shown.

    Returns
    -------
    Sheet
        With a gap for a refusal, another conclusion, or a hypothesis that isn't the claim's.

    Raises
    ------
    ValueError
        If two propositions of the sheet are printed alike.
    DoubtError
        If what is concluded isn't so along a solution.
    """
    legend = tuple(legend)

    def write(one: Proposition) -> str:
        return written(one, "text", legend)

    claimed = write(says.then)
    words, rest = _dimension(says.given)
    if rest:
        words["given"] = "; ".join(map(write, rest))
    if wordy(says.then) or any(map(wordy, says.given)):
        return Sheet((gap(claimed, "the claim is said in words"),), words, typed=True)
    if isinstance(found, Unproved):
        step = (open_problem if isinstance(found, Unsolved) else gap)(claimed, found.reason)
        heading = _headed(claimed, words, names_of(legend, (*says.given, says.then)))
        return Sheet((step,), words, typed=True, heading=heading, tried=says)
    if isinstance(found, Refusal):
        said = claimed if found.says is None else write(found.says)
        return Sheet((gap(said, found.reason),), words, typed=True)
    again = replayed(found)
    if isinstance(again, Refusal):
        return Sheet((gap(claimed, f"not concluded again: {again}"),), words, typed=True)
    shown = steps_of(again, full)
    if twins := alike([one.says for one in (*shown, again)], legend):
        raise ValueError(
            f"Expected propositions that are told apart but got two that print as "
            f"{write(twins[0])!r}; name their terms in the legend."
        )
    numbers = {one.fact: place for place, one in enumerate(shown, start=1)}
    steps = [shown_step(one, numbers, legend) for one in shown]
    if again.says != says.then:
        steps.append(gap(claimed, f"the sheet concludes: {write(again.says)}"))
    for extra in sorted(again.given - set(says.given), key=write):
        reason = f"the sheet assumes what the claim doesn't: {write(extra)}"
        steps.append(gap(claimed, reason))
    if len(steps) == len(shown) and (doubt := doubted(again)) is not None:
        raise DoubtError(f"what is concluded is evaluated to be false: {doubt}")
    all_said = (*says.given, says.then, *(one.says for one in shown))
    return Sheet(
        tuple(steps),
        words,
        identity=(again.says,),
        summary=claimed,
        typed=True,
        heading=_headed(claimed, words, names_of(legend, all_said)),
        concludes=again,
        given=says.given,
    )
