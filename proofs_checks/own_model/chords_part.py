"""States between which no constant bounds the growth of chords: where T13 has none, two families.

Short lengths, and outputs near 0 that are divided by their length; and masses of the state.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Expr,
    Pow,
    Rational,
    S,
    Symbol,
    cancel,
    exp,
    factor,
    factor_terms,
    limit,
    oo,
    simplify,
    sympify,
    together,
)

from proofs_checks.claim import Budget
from proofs_checks.own_model.states import (
    INFINITE,
    has_rows_alone,
    lengths_of,
    velocities_at,
)
from proofs_checks.proof import Counterexample, Flow
from theory.bounded import affordable
from theory.symbols import X, beta, m, t

NEAR = Symbol("s", positive=True)
"""What tends to 0 along a family of pairs of states."""


def _turned(s: Any) -> list[Any]:
    """Return the unit vector at the angle 2 atan s, rational in s."""
    return [(1 - s**2) / (1 + s**2), 2 * s / (1 + s**2)]


def _opposite(vector: list[Any]) -> list[Any]:
    return [-entry for entry in vector]


def _families(hot: Expr) -> tuple[tuple[str, Any, Any, list[Any], list[Any]], ...]:
    """Name, both starts, masses and lengths; the starts differ in the last token alone."""
    east = [S.One, S.Zero]
    tilted = [Rational(4, 5), Rational(3, 5)]
    up, down = _opposite(_turned(NEAR)), _opposite(_turned(-NEAR))
    equal = [Rational(1, 2)] * 2
    return (
        (
            "x = (u, -u), y = (u, -v), <u,v> = 4/5, lengths s, masses 1/2",
            [east, _opposite(east)],
            [east, _opposite(tilted)],
            equal,
            [NEAR, NEAR],
        ),
        (
            "x_1 = y_1 = u, x_2, y_2 at the angle 2 atan s from -u on either side, "
            "m = (e^(-β<x_1,x_2>), e^(-β)), so that token 2 weighs both alike",
            [east, up],
            [east, down],
            [exp(hot * _turned(NEAR)[0]), exp(-hot)],
            [S.One, S.One],
        ),
    )


def _grows(growth: Expr) -> bool:
    """Whether a quotient grows along a family, by two values: limits of others take minutes."""
    far, near = (growth.subs(NEAR, Rational(1, 10**k)).evalf(60) for k in (4, 8))
    told = all(value.is_number and value.is_finite for value in (far, near))
    return told and bool(abs(near) > 100 * abs(far))


def _other_masses(flow: Flow) -> Counterexample | None:
    """Find the same tokens with other masses, which are of the state: they part at once."""
    at = {p: S.One for p in flow.model.parameters if p not in flow.values}
    tokens, heavy = [[S.One, S.Zero], [S.Zero, S.One]], [Rational(3, 4), Rational(1, 4)]
    try:
        one, two = (
            velocities_at(flow, tokens, masses, (), at)[X][0] for masses in ([S.Half] * 2, heavy)
        )
    except (ValueError, NotImplementedError, ZeroDivisionError):
        return None
    apart = sum((a - b) ** 2 for a, b in zip(one, two, strict=True))
    if not simplify(apart).is_positive:
        return None
    said = "the same orthogonal tokens with masses 1/2, and 3/4, 1/4: D = 0, x_1' differ, so D' > 0"
    put = ", ".join(f"{a} = {b}" for a, b in at.items())
    return Counterexample(f"n = 2, {said}{'; ' if put else ''}{put}", {"n": "2"})


def _joined(entry: Any) -> Expr:
    """Write over one denominator, with roots of what is factored in s: a limit needs no more."""
    found = sympify(entry).replace(exp, lambda power: exp(cancel(power)))
    roots = {a: a.base for a in found.atoms(Pow) if a.exp.is_integer is False and a.has(NEAR)}
    return factor_terms(together(found.xreplace({a: factor(b) ** a.exp for a, b in roots.items()})))


def parted(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find a family of pairs of states along which the growth of chords has no bound."""
    if not has_rows_alone(flow) or X not in flow.model.velocities:
        return None
    if m in flow.model.velocities:
        return _other_masses(flow)
    timed = (t,) if any(t in v.free_symbols for v in flow.model.velocities.values()) else ()
    at = {p: S.One for p in (*flow.model.parameters, *timed) if p not in flow.values}
    hot = flow.values.get(beta, S.One)
    if not hot.is_number:
        return None
    for named, first, second, masses, lengths in _families(hot)[not lengths_of(flow) :]:
        try:
            one, two = (
                velocities_at(flow, tokens, masses, lengths, at)[X][-1]
                for tokens in (first, second)
            )
        except (ValueError, NotImplementedError, ZeroDivisionError):
            continue
        chord = [a - b for a, b in zip(first[-1], second[-1], strict=True)]
        length = sum(a * a for a in chord)

        moved = [(c / length, a, b) for c, a, b in zip(chord, one, two, strict=True) if c != 0]
        if not _grows(sum(c * (a - b) for c, a, b in moved)):
            continue
        growth = sum(c * (_joined(a) - _joined(b)) for c, a, b in moved)
        if growth.has(*INFINITE) or NEAR not in growth.free_symbols or not affordable(growth):
            continue
        if limit(growth, NEAR, 0, "+") == oo:
            scaled = simplify(limit(NEAR * growth, NEAR, 0, "+"))
            put = ", ".join(f"{a} = {b}" for a, b in {**flow.values, **at}.items())
            text = f"n = 2, {named}: D'/D s -> {scaled} as s -> 0, D = |x_2 - y_2|, at {put}"
            return Counterexample(text, {"n": "2"})
    return None


__all__ = ["parted"]
