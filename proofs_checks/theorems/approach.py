"""(D.8), Remark D.1: how fast the one angle of orthonormal tokens comes to 1.

Equal angles are kept, γ' = f(γ). Where e <= f up to 1/2, and l (1 - γ) <= f from there on, γ is 1/2
after 1/(2e) at the latest, and 1 - γ falls like e^(-l t) then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Rational, S, cancel, exp

from proofs_checks.propositions import All, Definition, Implies, Is, Proposition, Rel, Subject
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.coefficients import COEFFICIENTS
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, SIGNS, needed, spared, undefined
from proofs_checks.theorems.equal_angles import EQUAL_IN_FLOWS, FLOW_ANGLES, positive_base
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import discharge, together
from proofs_checks.theorems.one_solution import ONE_SOLUTION, UNIQUE
from proofs_checks.theorems.order import SCALE, above, of_all, relation, wants
from proofs_checks.theorems.pulls import WARM
from theory.symbols import gamma, n, t
from theory.terms import Name, Sort, moving

HALF = Rational(1, 2)
APPROACHES = Definition(
    "approaches",
    "masses 1/n: from orthonormal tokens of {0}, alike in all else, all <x_i,x_j>, i != j, are one "
    "γ, and 1 - γ <= {1} for {t} >= {2}",
    (Subject, Sort.NUMBER, Sort.NUMBER),
)
LOW = Rel("<=", 0, gamma), Rel("<=", gamma, HALF)
HIGH = Rel("<=", HALF, gamma), Rel("<=", gamma, 1)
THREE = Rel("<=", 3, n)


def _constant(*numbers: Any) -> None:
    if any(gamma in a.free_symbols or moving(a) for a in numbers):
        raise NotConcluded("a rate depends on γ, or on the time")


def _approach(
    angles: Fact, unique: Fact, early: Fact, late: Fact, sign: Fact, *soon: Fact
) -> Concluded:
    if not isinstance(angles.says, Is) or angles.says.definition is not FLOW_ANGLES:
        raise NotConcluded("it needs that equal angles stay equal")
    subject, speed = angles.says.arguments
    wants(unique, Is(UNIQUE, subject))
    first, then = relation(early, "<="), relation(late, "<=")
    rate, origin = cancel(then.left / (1 - gamma)), 1 / (2 * first.left)
    _constant(first.left, rate)
    of_all(early, gamma, without=LOW)
    of_all(late, gamma, without=HIGH)
    wants(early, Rel("<=", first.left, speed))
    wants(late, Rel("<=", rate * (1 - gamma), speed))
    above(sign, first.left, strict=True)
    for one in soon:
        wants(one, Rel("<=", 2 * first.left, rate))
    start = S.Zero if soon else origin
    bound = exp(-rate * (t - origin)) / 2
    return Concluded(Is(APPROACHES, subject, bound, start), {2: LOW, 3: HIGH})


APPROACH = Rule(
    "approach of equal angles",
    "masses 1/n: equal angles are kept, γ' = f; one solution from each start; e <= f for 0 <= γ <= "
    "1/2; l (1 - γ) <= f for 1/2 <= γ <= 1; 0 < e; 2e <= l, if for every t: from "
    "orthonormal tokens 1 - γ <= ½ e^(-l (t - o)) for t >= o = 1/(2e), or t >= 0",
    "f(1/2) >= e, so γ is at least 1/2 from a time T <= o on, and there 1 - γ <= ½ e^(-l (t - T)), "
    "for l < 0 as it is ½ at most; before o γ >= e t, so 1 - γ <= ½ + e (o - t) <= ½ + ½ l (o - t) "
    "<= ½ e^(l (o - t))",
    _approach,
)


@dataclass(frozen=True)
class _Speed:
    """γ' = f of a model, with what says that f has a value."""

    angles: Any
    signs: tuple[Found, ...]

    @property
    def value(self) -> Any:
        return self.angles.says.arguments[1]

    def early(self, low: Any) -> Found:
        """``e <= f`` for 0 <= γ <= 1/2."""
        return spared(COEFFICIENTS, Rel("<=", low, self.value), *self._known(LOW))

    def late(self, rate: Any) -> Found:
        """``l (1 - γ) <= f`` for 1/2 <= γ <= 1."""
        per = cancel(self.value / (1 - gamma))
        least = spared(COEFFICIENTS, Rel("<=", rate, per), *self._known(HIGH))
        room = settle(ADDED, Rel("<=", 0, 1 - gamma), assume(HIGH[1]))
        says = Rel("<=", rate * (1 - gamma), self.value)
        return spared(ADDED, says, apply(SCALE, room, least), *needed(says, self.signs))

    def _known(self, given: tuple[Proposition, ...]) -> tuple[Found, ...]:
        return *map(assume, (WARM, SEVERAL, *given)), *self.signs


def approaching(
    subject: Subject, early: Any, late: Any, bound: Any, start: Any
) -> Conclusion | Refusal:
    """Bounds of γ', and ``1 - γ <= bound`` from a start on; for n >= 3 always, if it isn't 0.

    Parameters
    ----------
    subject : Subject
    early, late : Expr
        ``early <= γ'`` up to 1/2, ``late (1 - γ) <= γ'`` from there on.
    bound : Expr
        In t.
    start : Expr
        0, or by when γ is 1/2.

    Examples
    --------
    >>> from theory.models import USA
    >>> from theory.symbols import beta
    >>> rate, bound = exp(beta / 2), exp(-exp(beta / 2) * (t - n / 2)) / 2
    >>> own = approaching(Subject.of(USA), 1 / n, rate, bound, S.Zero)
    >>> own.found.says == own.says.then
    True
    """
    angles = read(EQUAL_IN_FLOWS, subject)
    if isinstance(angles, Refusal):
        return angles
    speed = angles.says.arguments[1]
    bases = undefined((speed, cancel(speed / (1 - gamma)), late, early), ())
    own = _Speed(angles, tuple(map(positive_base, bases)))
    first, then = own.early(early), own.late(late)
    sign = spared(SIGNS, Rel("<", 0, early))
    facts = angles, read(ONE_SOLUTION, subject), first, then, sign
    soon = spared(COEFFICIENTS, Rel("<=", 2 * early, late), *map(assume, (WARM, SEVERAL)))
    said = [
        _given(LOW, Rel("<=", early, speed)),
        _given(HIGH, Rel("<=", late * (1 - gamma), speed)),
        Is(APPROACHES, subject, bound, start),
    ]
    ranges = _within(first, LOW), _within(then, HIGH)
    shown = [*ranges, apply(APPROACH, *facts, *([soon] if start == 0 else []))]
    if start != 0:
        three = spared(COEFFICIENTS, Rel("<=", 2 * early, late), *map(assume, (WARM, THREE)))
        shown.append(apply(discharge, apply(APPROACH, *facts, three), hypothesis=THREE))
        said.append(Implies(THREE, Is(APPROACHES, subject, bound, S.Zero)))
    names = (Name("f", speed),)
    return claimed(apply(together, *shown), All(*said), (SEVERAL, WARM), names)


def _given(given: tuple[Proposition, ...], says: Proposition) -> Proposition:
    first, second = given
    return Implies(first, Implies(second, says))


def _within(found: Found, given: tuple[Proposition, ...]) -> Found:
    """Say it under both bounds of γ."""
    for bound in reversed(given):
        found = apply(discharge, found, hypothesis=bound)
    return found
