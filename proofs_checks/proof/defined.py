"""Whether a velocity has a value at given parameters: X X^T/β has none at β = 0.

A pole of the weights counts only where they have no finite limit; a constant of an energy that is
infinite, such as that of ``exp(βz)/β``, moves no token.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import (
    Expr,
    MatMul,
    MatrixExpr,
    Pow,
    S,
    Symbol,
    factor,
    log,
    nan,
    oo,
    preorder_traversal,
    zoo,
)

from proofs_checks.decide import exact_zeros, first_count, has_value_at
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.sheet import How, Outcome, Step
from theory.atoms import Elementwise
from theory.bounded import BUDGET, cost
from theory.symbols import n, t, z


def scalars_of(velocity: Any) -> Iterator[Expr]:
    """Every coefficient and every entrywise function of a matrix expression."""
    walk = preorder_traversal(velocity)
    for part in walk:
        if isinstance(part, Elementwise):
            yield part.body
        elif isinstance(part, MatMul):
            yield part.as_coeff_mmul()[0]
        elif isinstance(part, Expr) and not isinstance(part, MatrixExpr):
            yield part
            walk.skip()


def first_size(model: Any, count: Symbol = n) -> int:
    """Return the first number of tokens, or dimensions, at which a model or subject has a velocity.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from theory.models import SA
    >>> first_size(SA), first_size(replace(SA, velocity=SA.velocity / (n - 2)))
    (2, 3)
    """
    return first_count((p for how in model.velocities.values() for p in scalars_of(how)), count)


def _pole(expr: Expr, parameter: Symbol, value: Expr) -> bool:
    """Whether an expression is infinite at a value, without a finite limit that is found."""
    if parameter not in expr.free_symbols:
        return False
    if not expr.subs(parameter, value).has(oo, -oo, zoo, nan):
        return False
    if cost(expr) > BUDGET:
        return True
    try:
        limit = expr.subs(z, Symbol("z", real=True)).limit(parameter, value, "+")
    except (NotImplementedError, ValueError, TypeError, AttributeError):
        return True
    return bool(limit.has(oo, -oo, zoo, nan) or limit.has(parameter))


def undefined_at(velocity: Any, parameter: Symbol, value: Expr) -> str:
    """Name what of a velocity has no value where a parameter has the given one, or ""."""
    for expr in scalars_of(velocity):
        if _pole(expr, parameter, value):
            return f"{expr} has no value at {parameter} = {value}"
    return ""


def singular_places(flow: Flow) -> tuple[Expr, ...]:
    """Inner products in [-1, 1] at which the weight of a flow has no value, exactly.

    Of scalar attention without free parameters; tokens there have no velocity.

    Examples
    --------
    >>> from theory.energy import interaction_energy
    >>> from theory.models import gradient_flow
    >>> singular_places(Flow.of(gradient_flow(interaction_energy(-1 / (2 * z - 1)))))
    (1/2,)
    """
    if flow.weight is None:
        return ()
    found: set[Expr] = set()
    for power in flow.weight.atoms(Pow, log):
        base = power.args[0]
        if power.is_Pow and not power.exp.is_negative:
            continue
        found |= {zero for zero, _ in exact_zeros(factor(base), z, -S.One, S.One) or ()}
    infinite = (oo, -oo, zoo, nan)
    lost = (place for place in found if flow.weight.subs(z, place).has(*infinite))
    return tuple(sorted(place for place in lost if not has_value_at(flow.weight, place)))


def defined(flow: Flow) -> Step:
    """Step that the velocity has a value at the given parameters, and at t = 0."""
    text = "the velocity has a value at the given parameters"
    velocity = flow.model.velocity
    for parameter, value in (*flow.values.items(), (t, S.Zero)):
        found = undefined_at(velocity, parameter, value.subs(t, 0))
        if found:
            return Step(text, How.DERIVED, Outcome.FAILS, found)
    schedule = flow.schedule
    if schedule is not None and schedule.lifetime == 0:
        found = f"{schedule.factor} isn't a finite real number at t = 0"
        return Step(text, How.DERIVED, Outcome.FAILS, found)
    return Step(text, How.DERIVED)


__all__ = ["defined", "first_size", "scalars_of", "singular_places", "undefined_at"]
