"""1 - γ of equal angles to first order at consensus: its rate, read off, and its law, a solution.

The rate is that at γ = 1, along lengths as they move there. A law of two pieces is continuous, and
each piece solves the equation in its own times.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Min, Piecewise, Pow, S, sqrt
from sympy.core.relational import LessThan, StrictLessThan

from proofs_checks.proof import CONTINUOUS_AT_EQUAL_ANGLES, Flow
from proofs_checks.propositions import Definition, Is, Rel, Subject
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, undefined
from proofs_checks.theorems.equal_angles import model_of, reduced
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.order import ROOT, SCALE, wants
from proofs_checks.theorems.readers import Facts, flows
from theory.symbols import X, t
from theory.terms import Sort, ddt, moving

NEAR_ONE = Definition(
    "rate near one",
    "masses 1/n: states of {0} with equal angles γ, and all else equal, are kept by its velocity; "
    "to first order in 1 - γ, what else moves being its symbol at t = 0, 1 - γ falls at the rate "
    "{1}",
    (Subject, Sort.NUMBER),
)
LAW_NEAR_ONE = Definition(
    "law near one",
    "masses 1/n: at equal angles γ of {0}, all else equal, what else moves being its symbol at t = "
    "0, (1 - γ)/(1 - γ(0)) is {1} to first order in 1 - γ",
    (Subject, Sort.NUMBER),
)


def _near_one(subject: Subject) -> Facts:
    flows(subject)
    if subject.spaces.get(X) != "sphere" or subject.noisy:
        raise NotConcluded(f"{subject.name} isn't a flow of tokens on the sphere")
    smooth = CONTINUOUS_AT_EQUAL_ANGLES.test(Flow.of(model_of(subject)))
    if not smooth.holds:
        raise NotConcluded(f"{smooth.text}: {smooth.evidence}")
    try:
        rate = reduced(subject).pace
    except ValueError as short:
        raise NotConcluded(str(short)) from short
    says = Is(NEAR_ONE, subject, rate)
    return frozenset(), says, "γ' over 1 - γ at γ = 1, G' being in the algebra of I and J"


def pieces(a: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return when a number of t >= 0 changes its form, None for never, and its forms.

    Examples
    --------
    >>> from theory.symbols import tau
    >>> pieces(Piecewise((2, t < tau), (t - Min(t, tau), True)))
    (tau, (2, t - tau))
    """
    cases = a.atoms(Piecewise)
    if not cases:
        return None, (a,)
    for case in cases:
        (_, until), (_, rest) = case.args if len(case.args) == 2 else ((0, None), (0, None))
        if not isinstance(until, StrictLessThan | LessThan) or rest != True:  # noqa: E712
            raise NotConcluded("it has more than two pieces")
        if until.lhs != t or moving(until.rhs):
            raise NotConcluded("its pieces aren't those before and after a time")
    if len(times := {case.args[0][1].rhs for case in cases}) > 1:
        raise NotConcluded("it changes at more than one time")
    (time,) = times
    first, last = (
        a.xreplace({case: case.args[place][0] for case in cases}).xreplace({Min(t, time): least})
        for place, least in ((0, t), (1, time))
    )
    if first.has(Piecewise) or last.has(Piecewise):
        raise NotConcluded("it has pieces of pieces")
    if time.is_nonpositive:
        return None, (last,)
    if not time.is_nonnegative:
        raise NotConcluded(f"{time} may be before the start")
    return time, (first, last)


def _steps(rate: Any, law: Any) -> list[tuple[Any, Any, tuple[Rel, ...]]]:
    """Return the pieces of a rate and of a law, and in which times each is meant."""
    (time, laws), (cut, rates) = pieces(law), pieces(rate)
    if time != cut:
        raise NotConcluded("the law changes its form where the rate doesn't")
    when: tuple[tuple[Rel, ...], ...] = ((),)
    if time is not None:
        when = (Rel("<=", t, time),), (Rel("<=", time, t),)
        if laws[0].subs(t, time) != laws[1].subs(t, time):
            raise NotConcluded("the law leaps")
    return list(zip(rates, laws, when, strict=True))


def _change(rate: Any, law: Any) -> Rel:
    return Rel("=", ddt(law), -rate * law)


def _law(near: Fact, *changes: Fact, law: Any) -> Concluded:
    if not isinstance(near.says, Is) or near.says.definition is not NEAR_ONE:
        raise NotConcluded("it needs the rate of 1 - γ near 1")
    subject, rate = near.says.arguments
    steps = _steps(rate, law)
    if len(steps) != len(changes):
        raise NotConcluded("it needs an equation of each piece")
    for (slope, one, when), fact in zip(steps, changes, strict=True):
        wants(fact, _change(slope, one))
        if any(t in given.free_symbols for given in fact.given.difference(when)):
            raise NotConcluded("it is known at some times alone")
        if moving(one.xreplace({t: S.One})) or moving(slope.xreplace({t: S.One})):
            raise NotConcluded("it isn't of t and constants alone")
    if steps[0][1].subs(t, 0) != 1:
        raise NotConcluded("at first it is 1")
    discharged = {place: when for place, (_, _, when) in enumerate(steps, start=1)}
    return Concluded(Is(LAW_NEAR_ONE, subject, law), discharged)


AT_ONE = Reader("rate near one", _near_one)
INTEGRATED = Rule(
    "law of angles near one",
    "1 - γ falls at the rate Λ(t), to first order; u' = -Λ u, in the times of each piece, where u "
    "doesn't leap; u(0) = 1: (1 - γ)/(1 - γ(0)) is u to first order",
    "the linear equation has one solution from each start",
    _law,
)


def _known(base: Any, when: tuple[Found, ...]) -> Found:
    """``0 < a`` of what is divided by, in its times: roots are at least what they are at t = 0."""
    found = settle(SIGNS, Rel("<", 0, base))
    if isinstance(found, Refusal):
        roots = [a for a in base.atoms(Pow) if a.exp == S.Half and base.coeff(a) != 0]
        rest = base - Add(*(base.coeff(a) * a for a in roots))
        parts = (settle(SIGNS, Rel("<", 0, one)) for one in Add.make_args(rest))
        positive = (one for one in parts if not isinstance(one, Refusal))
        least = (apply(SCALE, _at_least(S.Zero, base.coeff(a)), _rising(a)) for a in roots)
        found = settle(ADDED, Rel("<", 0, base), *positive, *least, *when)
    return found


def _at_least(low: Any, a: Any) -> Found:
    return settle(ADDED, Rel("<=", low, a), settle(SIGNS, Rel("<=", 0, a - low)))


def _rising(root: Any) -> Found:
    """``√a(0) <= √a`` of what rises."""
    first = root.base.subs(t, 0)
    signs = (settle(SIGNS, Rel("<=", 0, one)) for one in (first, sqrt(first)))
    sign, own = signs
    return apply(ROOT, sign, _at_least(first, root.base), own, root=sqrt(first))


def law_near_one(subject: Subject, law: Any) -> Conclusion | Refusal:
    """Claim the law of 1 - γ to first order.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.models import SA
    >>> law_near_one(Subject.of(SA), exp(-2 * t)).found.by.name
    'law of angles near one'
    >>> isinstance(law_near_one(Subject.of(SA), exp(-t)).found, Refusal)
    True
    """
    near = read(AT_ONE, subject)
    if isinstance(near, Refusal):
        return near
    try:
        steps = _steps(near.says.arguments[1], law)
    except NotConcluded as short:
        return Refusal(str(short))
    changes = []
    for slope, one, when in steps:
        given = tuple(map(assume, when))
        signs = (_known(base, given) for base in undefined((one, slope), ()))
        changes.append(settle(EQUAL, _change(slope, one), *signs))
    found = apply(INTEGRATED, near, *changes, law=law)
    return claimed(found, Is(LAW_NEAR_ONE, subject, law), ())
