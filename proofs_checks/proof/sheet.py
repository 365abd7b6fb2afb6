"""Proof sheets: numbered steps that a mathematician can read, and how each of them holds.

A sheet is what ``decide(flow, prediction)`` returns. Its steps add up to a statement; what a sheet
is worth is said in ``verdict``, and nowhere else.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from sympy import Interval, Rational, Set, Symbol, oo, sympify

from proofs_checks.decide import Decision
from proofs_checks.said import Said, say, saying
from theory.bounded import vanishes
from theory.recorded import is_recorded
from theory.summaries import Summarised, html_table


class How(Enum):
    """How a step holds; the value is the word that a sheet prints."""

    DERIVED = "derived"
    """It reduces to 0 in an exact algebra, or is read off an expression."""
    DECIDED = "decided"
    """Root counting, signs of coefficients: exact."""
    ENCLOSED = "enclosed"
    """Interval arithmetic."""
    BY_RULE = "by rule"
    """One rule of ``rules`` applied to earlier steps."""
    CITED = "cited"
    """A lemma of ``lemmas``, whose hypotheses are steps."""
    BY_STATEMENT = "by statement"
    """Another statement, decided for the same flow."""


class Outcome(Enum):
    """What became of a step."""

    HOLDS = "holds"
    FAILS = "fails"
    """Of a hypothesis: the flow hasn't got it."""
    GAP = "gap"
    """No argument is known."""
    OTHER = "other"
    """The derivation gives something else than was predicted."""
    OPEN = "open"
    """An open problem of mathematics: nobody has an argument."""


@dataclass(frozen=True)
class Step:
    """One step of a proof.

    Attributes
    ----------
    text : str
        What it says, in symbols.
    how : How
    outcome : Outcome
    evidence : str
        What was found: the argument, or what is missing.
    scope : Mapping of Symbol to Set
        Where it holds, of the symbols that it restricts.
    cites : tuple of str
        Lemmas from the literature, or the hypotheses of another statement.
    enclosed : bool
        Whether interval arithmetic entered, here or in what is cited.
    formal : object
        What it says as it was written down, where that is kept: a difference of the Gram algebra
        inside `recording`, which is said to be 0; the question of a decision; a certificate.
    sources : tuple of int
        Of a typed step: the numbers of those that it is from.
    routine : int
        0 if a sheet always shows it; a long sheet folds those of 2 first, then those of 1.
    """

    text: str
    how: How
    outcome: Outcome = Outcome.HOLDS
    evidence: str = ""
    scope: Mapping[Symbol, Set] = field(default_factory=dict)
    cites: tuple[str, ...] = ()
    enclosed: bool = False
    formal: Any = field(default=None, compare=False, repr=False)
    sources: tuple[int, ...] = ()
    routine: int = 0

    def __getstate__(self) -> dict[str, Any]:
        """Leave ``formal`` in its process: a report travels, a theorem is concluded again."""
        return {**self.__dict__, "formal": None}

    @property
    def holds(self) -> bool:
        """Whether it holds."""
        return self.outcome is Outcome.HOLDS

    @property
    def how_words(self) -> str:
        """How it holds, or in which way it doesn't."""
        return self.how.value if self.holds else f"{self.how.value}: {self.outcome.name}"

    def __str__(self) -> str:
        """Text, how it holds, and the evidence."""
        words = self.how_words
        return f"{self.text} [{words}{'; ' if self.evidence else ''}{self.evidence}]"


POSITIVE, BOX = Interval.open(0, oo), "["


def _set_of(words: str) -> Set | None:
    """Range of a parameter as ``decide`` writes it: "> 0", or "[1/4, 4]"."""
    if words == "> 0":
        return POSITIVE
    if words.startswith(BOX):
        low, high = words[1:-1].split(",")
        return Interval(Rational(low.strip()), Rational(high.strip()))
    return None


def sets_of(words: Mapping[str, str]) -> dict[Symbol, Set]:
    """Ranges of parameters, of a scope in words."""
    return {Symbol(a): s for a, b in words.items() if (s := _set_of(b)) is not None}


def decided(text: str, decision: Decision) -> Step:
    """Step of a decision on a function of one inner product.

    It fails where a witness refutes, and is a gap where neither algebra nor intervals decide.
    """
    outcome = Outcome.GAP
    if decision.holds:
        outcome = Outcome.HOLDS
    elif decision.refuted:
        outcome = Outcome.FAILS
    enclosed = decision.holds and decision.enclosed
    scope = sets_of(decision.scope)
    how = How.ENCLOSED if enclosed else How.DECIDED
    asked = decision.asked
    return Step(text, how, outcome, decision.detail, scope, enclosed=enclosed, formal=asked)


def derived(text: str, left: Any, evidence: str = "residual 0") -> Step:
    """Step of a difference that an exact algebra reduces to ``left``: it holds if that is 0."""
    if is_recorded(left):
        return Step(text, How.DERIVED, evidence="recorded", formal=left)
    if left == 0:
        return Step(text, How.DERIVED, Outcome.HOLDS, evidence)
    return Step(text, How.DERIVED, Outcome.OTHER, f"residual {left}")


def reduced(text: str, left: Any) -> Step:
    """Step of a difference that is to be simplified to 0; a gap where that takes too long.

    A value that isn't 0 settles it before anything is simplified.
    """
    zero = vanishes(left)
    if zero is None:
        return gap(text, "the difference is too long to be simplified")
    return replace(derived(text, 0 if zero else left), formal=left)


def equal(text: str, left: Any, right: Any, given: tuple[Said, ...] = ()) -> Step:
    """Step of an equation between numbers, which holds if the difference simplifies to 0."""
    difference = (sympify(left) - sympify(right)).doit()
    step = derived(text, 0) if difference == 0 else reduced(text, difference)
    return saying(step, say(left, "=", right, given))


def gap(text: str, reason: str) -> Step:
    """Step for which no argument is known."""
    return Step(text, How.DERIVED, Outcome.GAP, reason)


SENTENCE = "the statement"
"""What a gap is about that names nothing else: a statement puts its own sentence there."""


def open_problem(text: str, reason: str) -> Step:
    """Step that is an open problem of mathematics: why what is seen of it is no proof."""
    return Step(text, How.DERIVED, Outcome.OPEN, reason, cites=(reason,))


def cited(lemma: str, *needs: Step) -> Step:
    """Lemma of the literature, whose hypotheses are steps: it is worth no more than they are."""
    text = lemma
    short = [step for step in needs if not step.holds]
    if short:
        return Step(text, How.CITED, Outcome.GAP, f"needs: {short[0]}", cites=(lemma,))
    return Step(text, How.CITED, cites=(lemma,), enclosed=any(step.enclosed for step in needs))


MOST = 20
"""Steps that a sheet shows, where the others are routine: what is read at a sitting."""


@dataclass(frozen=True)
class Sheet(Summarised):
    """Steps that add up to a statement about one flow.

    Attributes
    ----------
    steps : tuple of Step
    words : Mapping
        Scope in words, of n, d, the masses and β, before steps restrict it.
    identity : tuple
        What the steps compare, before any reduction.
    summary : str
        The argument in a line; the steps joined if empty.
    cases : int
        How many drawn cases the steps are of, 0 if none was drawn.
    vacuous : str
        Why the statement says nothing where it is asked, which the steps prove.
    typed : bool
        Whether its steps are propositions that a kernel concluded, the last one what is claimed.
    heading : Mapping
        What is printed above typed steps: what is claimed, under what, and what names stand for.
    concludes : object
        The theorem that typed steps end in, where they do: what an audit evaluates.
    given : tuple
        Propositions under which it is claimed.
    tried : object
        What runs are to try where no argument is known: what is claimed, and under what.
    """

    steps: tuple[Step, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[Any, ...] = ()
    summary: str = ""
    cases: int = 0
    vacuous: str = ""
    typed: bool = False
    heading: Mapping[str, str] = field(default_factory=dict)
    concludes: Any = field(default=None, compare=False, repr=False)
    given: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    tried: Any = field(default=None, compare=False, repr=False)

    _shown = ("holds", "steps", "scope", "summary", "vacuous", "cases")

    def __getstate__(self) -> dict[str, Any]:
        """Leave the theorem in its process, as a step does."""
        return {**self.__dict__, "concludes": None, "given": (), "tried": None}

    def _repr_html_(self) -> str:
        """Return the steps as a table; a long one without those that are routine."""
        rows = [(str(k), step.text, step.how_words, found) for k, step, found in self.shown()]
        return html_table("Sheet", rows, ("", "step", "how", "evidence"), self.summary)

    def _repr_latex_(self) -> str:
        """Return the steps as LaTeX, numbered; `latex_document` makes a document of sheets."""
        from proofs_checks.proof.latex import steps_of

        return "\n".join(steps_of(self))

    @property
    def holds(self) -> bool:
        """Whether every step holds."""
        return bool(self.steps) and all(step.holds for step in self.steps)

    @property
    def enclosed(self) -> bool:
        """Whether interval arithmetic entered."""
        return any(step.enclosed for step in self.steps)

    @property
    def missing(self) -> tuple[Step, ...]:
        """Steps that don't hold."""
        return tuple(step for step in self.steps if not step.holds)

    @property
    def cites(self) -> tuple[str, ...]:
        """Lemmas that the steps cite, each once."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.cites))

    @property
    def scope(self) -> dict[str, str]:
        """Scope in words: the intersection of what the steps allow."""
        found: dict[str, Set] = {}
        for step in self.steps:
            for symbol, where in step.scope.items():
                name = str(symbol)
                found[name] = found[name].intersect(where) if name in found else where
        words = dict(self.words)
        for name, where in found.items():
            said, shown = words.get(name, "symbolic"), shown_set(where)
            if said in ("symbolic", "symbolic, >= 0"):
                words[name] = shown
            elif shown != "symbolic, >= 0":
                words[name] = f"{said}; {shown}"
        return words

    def shown(self, every: bool = False) -> list[tuple[int, Step, str]]:
        """Return the steps that are shown, with their numbers and what was found.

        Where there are more than `MOST`, routine ones fold: what is from them names those shown
        that they are from. The last step, and one that doesn't hold, are always shown.

        Parameters
        ----------
        every : bool
            Whether all are shown.
        """
        left = set(range(1, len(self.steps) + 1))
        for level in (2, 1):
            if not every and len(left) > MOST:
                left -= {
                    number
                    for number, step in enumerate(self.steps[:-1], start=1)
                    if step.routine == level and step.holds
                }
        through: dict[int, set[int]] = {}
        shown = []
        for number, step in enumerate(self.steps, start=1):
            reached = {one for source in step.sources for one in through[source]}
            through[number] = {number} if number in left else reached
            if number in left:
                numbers = ", ".join(map(str, sorted(reached)))
                found = "; ".join(filter(None, (step.evidence, numbers)))
                shown.append((number, step, found))
        return shown

    def with_steps(self, before: Iterable[Step]) -> Sheet:
        """Return the sheet with steps in front, those that it has already left out.

        Typed steps rest on each other by their numbers, and on what is given above them alone.
        """
        if self.typed and self.holds:
            return self
        own = set(map(str, self.steps))
        return replace(self, steps=(*(s for s in before if str(s) not in own), *self.steps))

    def followed_by(self, more: Sheet) -> Sheet:
        """Return the sheet that goes on with the steps of another."""
        return Sheet(
            (*self.steps, *more.steps),
            {**self.words, **more.words},
            (*self.identity, *more.identity),
            more.summary or self.summary,
            self.cases + more.cases,
        )

    def __str__(self) -> str:
        """Numbered steps, at most 80 columns wide."""
        return "\n".join(sheet_lines(self))


def sheet_lines(sheet: Sheet, width: int = 80, every: bool = False) -> list[str]:
    """Write the heading and numbered steps as lines: what each says, how, and what was found."""
    lines, hang = [], len(str(len(sheet.steps))) + 2
    for title, text in sheet.heading.items():
        lines += textwrap.wrap(f"{title}: {text}", width, subsequent_indent=" " * hang)
    shown = sheet.shown(every)
    for number, step, found in shown:
        words = step.how.value if step.holds else f"{step.how.value}: {step.outcome.name}"
        first = f"{number}.".ljust(hang)
        lines += textwrap.wrap(
            f"{step.text} [{words}]",
            width,
            initial_indent=first,
            subsequent_indent=" " * hang,
        )
        indent = " " * (hang + 2)
        lines += textwrap.wrap(found, width, initial_indent=indent, subsequent_indent=indent)
    if len(shown) < len(sheet.steps):
        lines.append(f"({len(sheet.steps) - len(shown)} routine steps are folded.)")
    return lines


def shown_set(where: Set) -> str:
    """Write a range in words."""
    if isinstance(where, Interval):
        low, high = where.start, where.end
        if high == oo:
            return f"> {low}" if where.left_open else f"symbolic, >= {low}"
        return f"{'(' if where.left_open else '['}{low}, {high}{')' if where.right_open else ']'}"
    return str(where)
