"""When orthonormal tokens reach an angle: T of Theorem 6.8 in closed form, and (6.12).

Along γ' = f(γ), f > 0, a clock with T' f = 1 and T(0) = 0 reads the time; and ∫ dγ/f rises with β
where 1/f² does.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Piecewise,
    StrictLessThan,
    cancel,
)

from proofs_checks.propositions import Definition, Is, Rel, Subject, conjoined
from proofs_checks.theorems.angle_signs import (
    AT_ANGLES,
    BELOW_1,
    FROM_0,
    HOT,
    INSIDE,
    POWER,
    RATIO,
    in_ratio,
    rationally,
)
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import EQUAL, spared, undefined
from proofs_checks.theorems.equal_angles import ALIGNS, aligns, positive_base, reduced, restated
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
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import together as joined
from proofs_checks.theorems.order import wants
from proofs_checks.theorems.pulls import WARM, Pull
from proofs_checks.theorems.readers import Facts, flows
from theory.symbols import X, beta, gamma, n, t
from theory.terms import Sort

TIMES = Definition(
    "times of angles",
    "masses 1/n: from orthonormal tokens of {0} all <x_i,x_j>, i != j, are γ at the time {1} and "
    "at no other, for each 0 <= γ < 1",
    (Subject, Sort.NUMBER),
)
LATER = Definition(
    "angles are later",
    "masses 1/n: from orthonormal tokens of {0} all <x_i,x_j>, i != j, are 1-δ at one time T(1-δ), "
    "for each 0 < δ <= 1, and T rises with β where δ < 1",
    (Subject,),
)
FLOW_LENGTHS = Definition(
    "equal lengths of a flow",
    "masses 1/n: states of {0} with all <x_i,x_j> = γ, i != j, and lengths {1} are kept by its "
    "velocity, {1}' = {2}",
    (Subject, Sort.NUMBER, Sort.NUMBER),
)
LATER_FROM_LENGTHS = Definition(
    "angles are later, of equal lengths",
    "masses 1/n: from orthonormal tokens of {0} and equal lengths, which are given, all <x_i,x_j>, "
    "i != j, are 1-δ at one time T(1-δ), for each 0 < δ <= 1, and T rises with β where δ < 1",
    (Subject,),
)


def _aligned(aligned: Fact) -> tuple[Subject, Any]:
    if not isinstance(aligned.says, Is) or aligned.says.definition is not ALIGNS:
        raise NotConcluded("it needs that orthonormal tokens align")
    subject, rate = aligned.says.arguments
    return subject, rate


def _of_tokens(subject: Subject) -> None:
    """Refuse lengths and masses that move: they are in γ', and move with β too."""
    if set(subject.spaces) != {X}:
        raise NotConcluded("the state isn't of the tokens alone")


RANGE = frozenset({FROM_0, INSIDE, BELOW_1})


def _on_range(aligned: Fact, *facts: Fact) -> frozenset[Any]:
    """Return hypotheses without the range of γ, which the facts are of."""
    given = frozenset().union(*(fact.given for fact in facts)) - RANGE
    found: frozenset[Any] = aligned.given | given
    if any(_holds(one, gamma) for one in found):
        raise NotConcluded("more is assumed of γ")
    return found


def _holds(what: Any, symbol: Any) -> bool:
    """Whether a symbol stands in what is assumed, but for the model that it is assumed of."""
    if isinstance(what, Subject):
        return False
    return what == symbol or any(_holds(part, symbol) for part in what.args)


def _timed(aligned: Fact, clock: Fact, *, time: Any) -> Concluded:
    subject, rate = _aligned(aligned)
    _of_tokens(subject)
    wants(clock, Rel("=", rate * time.diff(gamma), 1))
    if t in rate.free_symbols | time.free_symbols or time.subs(gamma, 0) != 0:
        raise NotConcluded("the clock isn't 0 at right angles, or moves by itself")
    _on_range(aligned, clock)
    return Concluded(Is(TIMES, subject, time), spares=RANGE)


CLOCK = Rule(
    "clock of angles",
    "orthonormal tokens have γ' = f(γ), γ -> 1; T' f = 1 for 0 <= γ < 1, T(0) = 0: they are at γ "
    "at the time T(γ)",
    "f isn't 0 on [0, 1), and γ goes from 0 to 1, so f > 0: γ rises through each value once, and "
    "T(γ(t)) has the slope 1 and starts at 0",
    _timed,
)


def paces(rate: Any) -> tuple[Any, Any]:
    """Write γ' as what moves with neither γ nor β, times the rest."""
    found: tuple[Any, Any] = rate.as_independent(beta, gamma, as_Add=False)
    return found


def _slower(aligned: Fact, rate: Any, own: Any, rises: Fact, slower: Fact, *more: Fact) -> None:
    """Refuse but γ' = s(t) f(γ, β) > 0 where 1/f² rises with β, at each β > 0."""
    if t in own.free_symbols or beta not in own.free_symbols:
        raise NotConcluded("γ' isn't a pace times a function of γ and β")
    wants(rises, Rel("<", 0, rate))
    wants(slower, Rel("<", 0, (own**-2).diff(beta)))
    given = _on_range(aligned, rises, slower, *more)
    if any(_holds(one, beta) and one not in (HOT, WARM) for one in given):
        raise NotConcluded("more is assumed of β than that it isn't negative")


def _later(aligned: Fact, rises: Fact, slower: Fact) -> Concluded:
    subject, rate = _aligned(aligned)
    _of_tokens(subject)
    _slower(aligned, rate, paces(rate)[1], rises, slower)
    return Concluded(Is(LATER, subject), spares=RANGE)


def _lengthened(aligned: Fact, lengths: Fact) -> tuple[Any, Any, Any]:
    """Return γ', the lengths that are equal, and their velocity."""
    subject, rate = _aligned(aligned)
    if not isinstance(lengths.says, Is) or lengths.says.definition is not FLOW_LENGTHS:
        raise NotConcluded("it needs the velocity of lengths")
    whose, length, growth = lengths.says.arguments
    if whose != subject or len(subject.spaces) != 2:
        raise NotConcluded("the lengths are of another model, or more moves")
    return rate, length, growth


def over_angles(rate: Any, length: Any, growth: Any) -> Any:
    """Return ``d log r/dγ`` of lengths that have one clock with γ.

    Raises
    ------
    NotConcluded
        For others.
    """
    over = cancel(growth / (rate * length))
    if {length, t} & over.free_symbols:
        raise NotConcluded("angles and lengths have no one clock")
    return over


def _of_length(rate: Any, length: Any) -> Any:
    """Return γ' times what it is divided by: the lengths, or nothing."""
    found = rate * length if length in rate.free_symbols else rate
    if length in found.free_symbols:
        raise NotConcluded("γ' isn't divided by the lengths")
    return found


def _later_from_lengths(
    aligned: Fact, lengths: Fact, rises: Fact, slower: Fact, longer: Fact
) -> Concluded:
    rate, length, growth = _lengthened(aligned, lengths)
    over = over_angles(rate, length, growth)
    if length in (rate * length).free_symbols:
        raise NotConcluded("γ' isn't divided by the lengths")
    wants(longer, Rel("<=", 0, over.diff(beta)))
    own = paces(rate * length)[1]
    _slower(aligned, rate, own, rises, slower, lengths, longer)
    return Concluded(Is(LATER_FROM_LENGTHS, _aligned(aligned)[0]), spares=RANGE)


def stages(*numbers: Any) -> tuple[tuple[Any, ...], ...]:
    """Return what numbers are before a time that isn't of γ or β, and after it.

    Raises
    ------
    NotConcluded
        For numbers that change otherwise, or not at all.

    Examples
    --------
    >>> from sympy import Piecewise
    >>> from theory.symbols import tau
    >>> stages(Piecewise((1, t < tau), (gamma, True)), beta)
    ((1, beta), (gamma, beta))
    """
    pieces = {one for number in numbers for one in number.atoms(Piecewise)}
    cases = {tuple(branch.cond for branch in one.args) for one in pieces}
    first, *rest = cases.pop() if len(cases) == 1 else (None,)
    if not isinstance(first, StrictLessThan) or first.lhs != t or rest != [True]:
        raise NotConcluded("it isn't one thing before a time and another after")
    if first.rhs.free_symbols & {t, beta, gamma}:
        raise NotConcluded(f"the time {first.rhs} isn't one number for all γ and β")
    puts = ({one: one.args[place].expr for one in pieces} for place in (0, 1))
    return tuple(tuple(number.xreplace(put) for number in numbers) for put in puts)


def _later_in_stages(aligned: Fact, lengths: Fact, *facts: Fact) -> Concluded:
    rate, length, growth = _lengthened(aligned, lengths)
    (first, still), (second, grows) = stages(rate, growth)
    if still != 0 or len(facts) != 6:
        raise NotConcluded("lengths grow at first, or a sign is lacking")
    gains, longer = facts[4:]
    over = over_angles(second, length, grows)
    wants(gains, Rel("<=", 0, over))
    wants(longer, Rel("<=", 0, over.diff(beta)))
    for stage, (rises, slower) in zip((first, second), (facts[:2], facts[2:4]), strict=True):
        own = paces(_of_length(stage, length))[1]
        _slower(aligned, stage, own, rises, slower, lengths, gains, longer)
    return Concluded(Is(LATER_FROM_LENGTHS, _aligned(aligned)[0]), spares=RANGE)


LATE = Rule(
    "later angles",
    "orthonormal tokens have γ' = s(t) f(γ, β), γ -> 1; 0 < s f on [0, 1), 0 < ∂(1/f²)/∂β on "
    "(0, 1), for every β > 0: they are at 1-δ at one time, which rises with β",
    "γ rises through each value once, ∫ s = ∫ dγ/f up to then, and 1/f rises with β as 1/f² does",
    _later,
)


LATE_FROM_LENGTHS = Rule(
    "later angles of longer tokens",
    "orthonormal tokens of equal lengths r have γ' = s(t) f(γ, β)/r, γ -> 1, and r' = s(t) f g, "
    "g = g(γ, β); 0 < γ' on [0, 1), 0 < ∂(1/f²)/∂β and 0 <= ∂g/∂β on (0, 1), for every β > 0: they "
    "are at 1-δ at one time, which rises with β",
    "γ rises through each value once; d log r/dγ = g, so r at a given γ rises with β, r(0) being "
    "given; and ∫ s = ∫ r dγ/f up to then",
    _later_from_lengths,
)


LATE_IN_STAGES = Rule(
    "later angles of tokens that are longer from a time on",
    "orthonormal tokens of equal lengths r have γ' = s(t) f(γ, β), γ -> 1, f = a or a/r, a = a(γ, "
    "β), of two kinds, before a time and after it; r' = 0 before, d log r/dγ = g(γ, β) after; 0 < "
    "γ' on [0, 1), 0 < ∂(1/a²)/∂β on (0, 1) of both, 0 <= g and 0 <= ∂g/∂β, for every β > 0: they "
    "are at 1-δ at one time, which rises with β",
    "γ rises through each value once. Before, ∫ s = ∫ dγ/f, r being r(0); so at the higher of two "
    "β γ is lower at that time, and has passed what the other has only after it, with r >= r(0); "
    "from there on d log r/dγ and 1/a are more, so r is, and ∫ s = ∫ dγ/f",
    _later_in_stages,
)


def _lengths(subject: Subject) -> Facts:
    flows(subject)
    others = reduced(subject).others
    columns = all(symbol == X or symbol.shape == (n, 1) for symbol in subject.spaces)
    if len(others) != 1 or len(subject.spaces) != 2 or not columns:
        raise NotConcluded(f"the state of {subject.name} isn't of tokens and their lengths")
    length, growth = others[0]
    says = Is(FLOW_LENGTHS, subject, length, growth)
    return frozenset(), says, "equal entries have equal velocities in the algebra of I and J"


LENGTHS = Reader("lengths at equal angles", _lengths)


def _range(least: Any) -> tuple[Found, ...]:
    return tuple(assume(one) for one in (SEVERAL, HOT, least, BELOW_1))


def _clocked(aligned: Found, rate: Any, time: Any) -> Found:
    """Conclude that T reads the time."""
    facts, one = _range(FROM_0), Rel("=", rate * time.diff(gamma), 1)
    known = tuple(fact.fact for fact in facts if isinstance(fact, Theorem))
    signs = map(positive_base, undefined((one.left,), known))
    return apply(CLOCK, aligned, spared(EQUAL, one, *facts, *signs), time=time)


def _equation(aligned: Conclusion) -> tuple[Subject, Any]:
    says: Any = aligned.found.says
    return says.arguments[0], says.arguments[1]


def _said(aligned: Conclusion, said: Any) -> Found:
    """Write γ' as it is claimed."""
    own = _equation(aligned)[1]
    return aligned.found if own == said else restated(aligned.found, own, said)


def _with(aligned: Conclusion, found: Found, *says: Any) -> Conclusion:
    given = (
        *aligned.says.given,
        *(one for one in (SEVERAL, HOT) if one not in aligned.says.given),
    )
    return claimed(found, conjoined(says), given, aligned.names)


def times(pull: Pull, sight: Found, rate: Any, time: Any) -> Conclusion | None:
    """Conclude Theorem 6.8 with γ' and T in closed form, as they are claimed.

    Examples
    --------
    >>> from proofs_checks.theorems import common_sight, pull_of
    >>> from theory.models import USA
    >>> from theory.predictions import equiangular_rate, equiangular_time
    >>> subject = Subject.of(USA)
    >>> own = equiangular_rate(model="USA"), equiangular_time(model="USA")
    >>> times(pull_of(subject), common_sight(subject), *own).found.by.name
    'and'
    """
    aligned = aligns(pull, sight)
    if aligned is None:
        return None
    subject, said = pull.subject, _said(aligned, rate)
    found = apply(joined, said, _clocked(said, rate, time))
    return _with(aligned, found, Is(ALIGNS, subject, rate), Is(TIMES, subject, time))


def _slowing(rate: Any, pace: Any) -> tuple[Found, Found]:
    """``0 < γ'``, ``0 < ∂(1/f²)/∂β`` of γ' and s f."""
    own = paces(pace)[1]
    return (
        settle(AT_ANGLES, Rel("<", 0, rate), *_range(FROM_0)),
        settle(AT_ANGLES, Rel("<", 0, (own**-2).diff(beta)), *_range(INSIDE)),
    )


def _of_lengths(aligned: Found, rate: Any, lengths: Theorem) -> Found:
    """Conclude (6.12) of equal lengths that grow, or do so from a time on."""
    _, length, growth = lengths.says.arguments
    inside = _range(INSIDE)
    try:
        if not (rate.has(Piecewise) or growth.has(Piecewise)):
            more = over_angles(rate, length, growth).diff(beta)
            longer = settle(AT_ANGLES, Rel("<=", 0, more), *inside)
            facts = _slowing(rate, rate * length)
            return apply(LATE_FROM_LENGTHS, aligned, lengths, *facts, longer)
        (first, _), (second, grows) = stages(rate, growth)
        over = over_angles(second, length, grows)
        kinds = [_slowing(one, _of_length(one, length)) for one in (first, second)]
    except NotConcluded as short:
        return Refusal(str(short))
    more = (settle(AT_ANGLES, Rel("<=", 0, a), *inside) for a in (over, over.diff(beta)))
    return apply(LATE_IN_STAGES, aligned, lengths, *kinds[0], *kinds[1], *more)


def later(pull: Pull, sight: Found, time: Any = None) -> Conclusion | None:
    """Conclude (6.12): each angle is reached once, and later at a higher β; at T, if it is claimed.

    Examples
    --------
    >>> from proofs_checks.theorems import common_sight, pull_of
    >>> from theory.models import SA, USA
    >>> one, two = (Subject.of(model) for model in (SA, USA))
    >>> later(pull_of(one), common_sight(one)).found.by.name
    'later angles'
    >>> type(later(pull_of(two), common_sight(two)).found).__name__
    'Refusal'
    """
    aligned = aligns(pull, sight)
    if aligned is None:
        return None
    subject, rate = _equation(aligned)
    lengths = read(LENGTHS, subject)
    if isinstance(lengths, Theorem):
        found = _of_lengths(aligned.found, rate, lengths)
        return _with(aligned, found, Is(LATER_FROM_LENGTHS, subject))
    rises, slower = _slowing(rate, rate)
    found = apply(LATE, aligned.found, rises, slower)
    if time is None:
        return _with(aligned, found, Is(LATER, subject))
    found = apply(joined, _clocked(aligned.found, rate, time), found)
    return _with(aligned, found, Is(TIMES, subject, time), Is(LATER, subject))


__all__ = [
    "AT_ANGLES",
    "CLOCK",
    "LATE",
    "LATER",
    "LATE_FROM_LENGTHS",
    "LATE_IN_STAGES",
    "LENGTHS",
    "POWER",
    "RATIO",
    "TIMES",
    "in_ratio",
    "later",
    "rationally",
    "times",
]
