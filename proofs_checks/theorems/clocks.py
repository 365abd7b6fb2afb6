"""Clocks: the integral of an explicit speed in closed form, and masses that stay or are moved."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    Mul,
    Piecewise,
    Pow,
    StrictLessThan,
    exp,
    expand,
    log,
    simplify,
)

from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems.engines import EQUAL, SIGNS, needed, spared
from proofs_checks.theorems.kernel import Found, NotConcluded, Refusal, apply, read, settle
from proofs_checks.theorems.order import JOINED, KEPT, PRIMITIVE, START, TOKEN_SUM, in_case
from proofs_checks.theorems.readers import (
    CONSTANT_MASSES,
    MASS_MOTION,
    MASSES,
    OTHER,
    TOKEN,
)
from theory.bounded import primitive
from theory.symbols import m, t
from theory.terms import Item, Number, at, ddt, is_value, moving, total

TOTAL = total(Item(m, OTHER), OTHER)


@lru_cache(maxsize=64)
def masses(subject: Subject) -> tuple[dict[Any, Any], tuple[Found, ...], tuple[Found, ...]]:
    """Return what masses are at the start, the equations that say so, and signs at the start.

    Masses that move, but for their sum, have that sum alone.
    """
    positive = read(MASSES, subject)
    if m not in subject.velocities:
        names = {TOTAL: total(at(Item(m, OTHER)), OTHER), Item(m, TOKEN): at(Item(m, TOKEN))}
        return names, (read(CONSTANT_MASSES, subject),), (apply(START, positive),)
    summed = apply(TOKEN_SUM, positive, index=TOKEN)
    motion = read(MASS_MOTION, subject)
    still = spared(EQUAL, Rel("=", ddt(TOTAL), 0), motion, summed)
    return {TOTAL: at(TOTAL)}, (apply(KEPT, still),), (apply(START, summed),)


def at_start(a: Any, subject: Subject) -> Any:
    """Return a number with masses as they are at the start, where they stay so."""
    names, _, _ = masses(subject)
    if m in subject.velocities:
        return a.xreplace(names)
    if is_value(a):
        return a
    if isinstance(a, Item) and a.args[0] == m:
        return at(a)
    return a.func(*(at_start(part, subject) for part in a.args)) if a.has(Item) else a


def _named(speed: Any) -> tuple[Any, dict[Any, Any]]:
    """Return a speed with symbols for what stays, and what they stand for."""
    names: dict[Any, Any] = {}

    def still(a: Any) -> Any:
        if a.is_Symbol or a.is_number:
            return a
        return names.setdefault(a, Dummy(f"c{len(names)}", positive=True))

    def of(a: Any) -> Any:
        if not moving(a):
            return still(a) if isinstance(a, Expr) else a
        if isinstance(a, Number):
            raise NotConcluded(f"{a} moves, and no clock is known of it")
        if isinstance(a, Mul):
            rest = [one for one in a.args if not moving(one)]
            return Mul(still(Mul(*rest)), *(of(one) for one in a.args if moving(one)))
        return a.func(*map(of, a.args)) if a.args else a

    return of(speed), {name: a for a, name in names.items()}


def _antiderivative(speed: Any) -> Any:
    """Return F with F' = speed and F(0) = 0, for powers of t and a logarithm."""
    ahead, inside = speed.as_independent(t, as_Add=False)
    if inside == 1:
        return speed * t
    for power in inside.atoms(Pow):
        base = power.base
        if power.exp != -1 or not base.has(t):
            continue
        ratio = simplify(inside * base / base.diff(t))
        if not ratio.has(t):  # a/f times f' is the logarithm of f
            whole = base / base.subs(t, 0)
            terms = Add.make_args(expand(whole))
            falls = any(term.could_extract_minus_sign() for term in terms)
            return ahead * ratio * log(whole if falls else Add(*terms))
    if len(inside.atoms(Pow)) > 2 or (inside.has(exp) and inside.atoms(Pow)):
        raise NotConcluded(f"no clock is known of {speed}")
    found = primitive(inside, t)
    if found is None:
        raise NotConcluded(f"no clock is known of {speed}")
    return ahead * (found - found.subs(t, 0))


def clock_of(speed: Any, *facts: Found) -> tuple[Any, tuple[Found, ...]]:
    """Return ``F = ∫_0^t speed`` and the equations that say so.

    Raises
    ------
    NotConcluded
        Where no closed form is found.
    """
    if not moving(speed):
        return speed * t, ()
    plain, names = _named(speed)
    ahead, inside = plain.as_independent(t, as_Add=False)
    own = inside.xreplace(names)
    if isinstance(inside, Add):  # the algebra of terms integrates a sum term by term
        parts = [clock_of(term.xreplace(names), *facts) for term in inside.args]
        whole = Add(*(clock for clock, _ in parts))
        return ahead.xreplace(names) * whole, sum((more for _, more in parts), ())
    if isinstance(inside, Piecewise):
        whole = _by_cases(inside, own, names, facts)
    else:
        whole = apply(PRIMITIVE, _derived(inside, names, facts))
    if isinstance(whole, Refusal):
        raise NotConcluded(whole.reason)
    return ahead.xreplace(names) * whole.says.right, (whole,)


def _derived(speed: Any, names: dict[Any, Any], facts: tuple[Found, ...]) -> Found:
    """``F(t)' = speed``."""
    clock = _antiderivative(speed).xreplace(names)
    says = Rel("=", ddt(clock), speed.xreplace(names))
    return spared(EQUAL, says, *needed(says, facts))


def _by_cases(speed: Any, own: Any, names: dict[Any, Any], facts: tuple[Found, ...]) -> Found:
    """``∫_0^t speed``, one thing before a time and another after."""
    condition = speed.args[0].cond
    if not isinstance(condition, StrictLessThan) or len(speed.args) != 2:
        raise NotConcluded(f"no clock is known of {speed}")
    time = condition.rhs
    branches = in_case(speed, 0), expand(in_case(speed, 1).xreplace({t: t + time}))
    primitives = (_derived(branch, names, facts) for branch in branches)
    return apply(JOINED, *primitives, settle(SIGNS, Rel("<=", 0, time)), speed=own)
