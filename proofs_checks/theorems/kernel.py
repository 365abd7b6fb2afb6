"""The kernel: no other file makes a theorem.

A theorem says that what is given implies what is said, for all values of the variables that both
leave free, the time among them. So a variable that is free in nothing given is general; only such
a one may be summed over, integrated, or put elsewhere. Python can't seal an object: what is
trusted is `replayed`, which decides each leaf and concludes each step again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import import_module
from inspect import signature
from typing import Any

from proofs_checks.proof import How
from proofs_checks.propositions import (
    Proposition,
    Subject,
    called,
    free_of,
    subjects_of,
    whole,
    wordy,
    written,
)
from theory.terms import OtherTokensError

ROOM = "proofs_checks.theorems"
"""Where engines, rules and readers are trusted: what stands in a file of this room, by name."""


class NotConcluded(Exception):
    """A rule, an engine or a reader says why it doesn't conclude."""


@dataclass(frozen=True)
class Refusal:
    """Why there is no theorem.

    Attributes
    ----------
    reason : str
    says : Proposition, optional
        What was to be concluded, where that is known.
    """

    reason: str
    says: Proposition | None = None

    def __str__(self) -> str:
        """Write what was wanted, and why it isn't had."""
        return f"{'' if self.says is None else f'{written(self.says)}: '}{self.reason}"


@dataclass(frozen=True)
class Fact:
    """A premise as a rule or an engine sees it: what it says, and under which hypotheses."""

    says: Proposition
    given: frozenset[Proposition] = frozenset()

    def general(self, *variables: Any, without: Iterable[Proposition] = ()) -> bool:
        """Whether variables are free in no hypothesis, but for those that are discharged."""
        fixed = frozenset[Any]().union(*map(free_of, self.given - set(without)))
        return not fixed & set(variables)

    @property
    def variables(self) -> frozenset[Any]:
        """Variables that it holds for all values of."""
        return free_of(self.says).difference(*map(free_of, self.given))


@dataclass(frozen=True)
class Concluded:
    """What a rule concludes, where hypotheses change.

    Attributes
    ----------
    says : Proposition
    discharges : Mapping of int to tuple of Proposition
        Hypotheses of a premise, by its place, that the conclusion doesn't need; of that one alone.
    spares : frozenset of Proposition
        Hypotheses of whichever premise that the conclusion doesn't need.
    more : frozenset of Proposition
        Hypotheses that it needs besides.
    given : frozenset of Proposition, optional
        All hypotheses: of the rules of logic alone, which are about them.
    """

    says: Proposition
    discharges: Mapping[int, tuple[Proposition, ...]] = field(default_factory=dict)
    spares: frozenset[Proposition] = frozenset()
    more: frozenset[Proposition] = frozenset()
    given: frozenset[Proposition] | None = None


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule: premises as propositions to a conclusion; there is no text to hand to it.

    Attributes
    ----------
    name : str
    statement : str
        Premises and conclusion, in symbols.
    source : str
        Its proof in a line, or where it stands.
    conclude : callable
        ``conclude(*facts, **parameters)`` returns a proposition or `Concluded`, or raises
        `NotConcluded`.
    cites : tuple of str
        Of a lemma: the literature.
    routine : bool
        Whether pages may leave its steps out.
    rocq : str
        A theorem of Rocq's prelude that it is, module and name; "" for none.
    """

    name: str
    statement: str
    source: str
    conclude: Callable[..., Proposition | Concluded]
    cites: tuple[str, ...] = ()
    routine: bool = False
    rocq: str = ""


@dataclass(frozen=True, eq=False)
class Engine:
    """Decides exactly the proposition that is shown: ``decide(says, facts)`` returns its evidence.

    It raises `NotConcluded` where it finds nothing.
    """

    name: str
    how: How
    decide: Callable[[Proposition, tuple[Fact, ...]], str]
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads off a model's own expressions: ``read(subject)`` returns hypotheses and what is so."""

    name: str
    read: Callable[[Subject], tuple[frozenset[Proposition], Proposition, str]]


class Theorem:
    """What is said under what is given, and by what; made by this file alone.

    Attributes
    ----------
    says : Proposition
    given : frozenset of Proposition
    by : Rule, Engine, Reader or None
        None for what is assumed.
    premises : tuple of Theorem
    parameters : Mapping
        Of the rule, or the subject that was read.
    evidence : str
        What an engine found.
    """

    __slots__ = ("__weakref__", "by", "evidence", "given", "parameters", "premises", "says")

    says: Proposition
    given: frozenset[Proposition]
    by: Rule | Engine | Reader | None
    premises: tuple[Theorem, ...]
    parameters: Mapping[str, Any]
    evidence: str

    def __init__(self, *_: Any, **__: Any) -> None:
        """Refuse: theorems are concluded."""
        raise TypeError("Expected a theorem of the kernel; conclude it with apply, settle or read.")

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse: a theorem stays as it is."""
        raise TypeError(f"Expected a theorem as it is but got {name}={value}; conclude another.")

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Refuse: what is read back was concluded by nobody."""
        raise TypeError("Expected a theorem in its process but it is copied; conclude it again.")

    @property
    def fact(self) -> Fact:
        """What rules see of it."""
        return Fact(self.says, self.given)

    def __str__(self) -> str:
        """Write what it says, and under what."""
        under = "; ".join(sorted(map(written, self.given)))
        return written(self.says) + (f" (given: {under})" if under else "")


Found = Theorem | Refusal


def _made(
    says: Proposition,
    given: frozenset[Proposition],
    by: Any,
    premises: tuple[Theorem, ...] = (),
    parameters: Mapping[str, Any] | None = None,
    evidence: str = "",
) -> Found:
    """Make a theorem; words, loose names and two models in one are refused."""
    for one in (says, *given):
        whole(one, "a theorem")
        if wordy(one):
            return Refusal("words are no premise and no conclusion", says)
    models = set[Subject]().union(*(subjects_of(one) for one in (says, *given)))
    if len(models) > 1:
        names = " and ".join(sorted(model.name for model in models))
        return Refusal(f"premises about different models: {names}", says)
    found = object.__new__(Theorem)
    values = says, given, by, premises, dict(parameters or {}), evidence
    names = "says given by premises parameters evidence"
    for name, value in zip(names.split(), values, strict=True):
        object.__setattr__(found, name, value)
    return found


def _premises(found: tuple[Any, ...]) -> tuple[Theorem, ...]:
    for one in found:
        if isinstance(one, Refusal):
            raise NotConcluded(str(one))
        if not isinstance(one, Theorem):
            raise TypeError(f"Expected theorems but got {one!r}; text proves nothing.")
    return found


_signature = lru_cache(maxsize=256)(signature)  # of all rules, a hundred and some


def _fitting(rule: Rule, premises: int, parameters: Mapping[str, Any]) -> None:
    """Refuse other premises in number than a rule has, and parameters that it hasn't."""
    own = _signature(rule.conclude)
    if unknown := set(parameters) - set(own.parameters):
        raise TypeError(
            f"Expected parameters of {rule.name} but got {', '.join(sorted(unknown))}; what it "
            f"concludes isn't handed to it."
        )
    try:
        own.bind(*range(premises), **parameters)
    except TypeError as short:
        raise NotConcluded(f"it is {rule.statement}, not of {premises} premises") from short


REMEMBERED = 4096
"""Decisions and conclusions that are kept: those of all rows of a model."""


def _told(found: Any) -> Any:
    if isinstance(found, NotConcluded):
        raise NotConcluded(*found.args)
    return found


@lru_cache(maxsize=REMEMBERED)
def _evidence(engine: Engine, says: Proposition, facts: tuple[Fact, ...]) -> Any:
    """Decide: an engine sees nothing but its arguments, so that what it found is kept."""
    try:
        return engine.decide(says, facts)
    except NotConcluded as short:
        return short


@lru_cache(maxsize=REMEMBERED)
def _conclusion(
    rule: Rule, facts: tuple[Fact, ...], parameters: tuple[Any, ...], names: tuple[str, ...]
) -> Any:
    """Conclude from facts on models of these names: facts on models of other names are equal."""
    try:
        return rule.conclude(*facts, **dict(parameters))
    except NotConcluded as short:
        return short


def _concluded(rule: Rule, facts: tuple[Fact, ...], parameters: Mapping[str, Any]) -> Any:
    """Conclude: kept as decisions are, but for models that are named in hypotheses alone."""
    chosen = tuple(sorted(parameters.items()))
    try:
        hash(chosen)
    except TypeError:
        return rule.conclude(*facts, **parameters)
    names = tuple(name for one in facts for name in called(one.says))
    found = _told(_conclusion(rule, facts, chosen, names))
    says, given = (found.says, found.given) if isinstance(found, Concluded) else (found, None)
    hidden = (not names or given is not None) and subjects_of(says)
    return rule.conclude(*facts, **parameters) if hidden else found


def assume(says: Proposition) -> Found:
    """Take a proposition as given: it says itself, under itself.

    Examples
    --------
    >>> from proofs_checks.propositions import Rel
    >>> from theory.symbols import beta
    >>> print(assume(Rel("<=", 0, beta)))
    0 <= β (given: 0 <= β)
    """
    return _made(says, frozenset({says}), None)


def read(reader: Reader, subject: Subject) -> Found:
    """Read something off a model."""
    try:
        given, says, evidence = reader.read(subject)
    except (NotConcluded, OtherTokensError) as short:
        return Refusal(f"{reader.name}: {short}")
    return _made(says, given, reader, (), {"subject": subject}, evidence)


def settle(engine: Engine, says: Proposition, *facts: Found) -> Found:
    """Let an engine decide a proposition, given facts whose hypotheses it inherits."""
    whole(says, "an engine")
    try:
        premises = _premises(facts)
        evidence = _told(_evidence(engine, says, tuple(one.fact for one in premises)))
    except (NotConcluded, OtherTokensError) as short:
        return Refusal(f"{engine.name}: {short}", says)
    given = frozenset[Proposition]().union(*(one.given for one in premises))
    return _made(says, given, engine, premises, None, evidence)


def apply(rule: Rule, *premises: Found, **parameters: Any) -> Found:
    """Conclude by a rule.

    Examples
    --------
    >>> from proofs_checks.propositions import Rel
    >>> from proofs_checks.theorems.logic import discharge
    >>> from theory.symbols import beta
    >>> print(apply(discharge, assume(Rel("<=", 0, beta)), hypothesis=Rel("<=", 0, beta)))
    0 <= β implies 0 <= β
    """
    try:
        theorems = _premises(premises)
        _fitting(rule, len(theorems), parameters)
        found = _concluded(rule, tuple(one.fact for one in theorems), parameters)
    except (NotConcluded, OtherTokensError) as short:
        return Refusal(f"{rule.name}: {short}")
    found = found if isinstance(found, Concluded) else Concluded(found)
    return _made(found.says, _joined(rule, found, theorems), rule, theorems, parameters)


def _joined(rule: Rule, found: Concluded, premises: Sequence[Theorem]) -> frozenset[Proposition]:
    """Join the hypotheses of premises, but for those that a rule names: none can be forgotten."""
    if found.given is not None:
        if rule.conclude.__module__ != f"{ROOM}.logic":
            raise TypeError(f"Expected hypotheses by name but got all of them from {rule.name}.")
        return found.given
    kept = (one.given - set(found.discharges.get(k, ())) for k, one in enumerate(premises))
    return frozenset[Proposition]().union(*kept) - found.spares | found.more


def trusted(by: Any) -> bool:
    """Whether a rule, engine or reader is one of this room, by name and not by its looks."""
    function = by.conclude if isinstance(by, Rule) else getattr(by, "decide", None) or by.read
    module = getattr(function, "__module__", "")
    own = vars(import_module(module)) if module.startswith(f"{ROOM}.") else {}
    return any(value is by for value in own.values())


def replayed(theorem: Found) -> Found:
    """Decide each leaf and conclude each step again; a refusal where anything differs.

    It is what a verdict rests on: an object that looks like a theorem may have been made without
    the kernel.
    """

    @cache
    def again(one: Theorem) -> Found:
        try:
            by, premises = one.by, tuple(again(p) for p in one.premises)
            if by is not None and not trusted(by):
                return Refusal(f"{by.name} is no rule, engine or reader of ours", one.says)
            if by is None:
                found = assume(one.says)
            elif isinstance(by, Reader):
                found = read(by, one.parameters["subject"])
            elif isinstance(by, Engine):
                found = settle(by, one.says, *premises)
            else:
                found = apply(by, *premises, **one.parameters)
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            return Refusal(f"it isn't concluded again: {error}")
        same = isinstance(found, Refusal) or (found.says, found.given) == (one.says, one.given)
        if not same:
            return Refusal(f"it isn't what is concluded, {found}", one.says)
        return found

    return again(theorem) if isinstance(theorem, Theorem) else theorem
