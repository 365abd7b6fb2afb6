"""The single errors: wrong signs, factors β or n, exponents, a lost projection or symmetry.

Models, expressions, numbers, and the dataclasses, tuples and mappings of those are walked
through.
"""

from __future__ import annotations

import dataclasses
import inspect
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import sympy as sp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Claim
from theory.atoms import RowSoftmax, Tangent
from theory.models import Model
from theory.symbols import beta, d, n


@dataclass(frozen=True)
class Mutation:
    """One automatic error: where it sits, what it does, and the claim that carries it.

    Attributes
    ----------
    name : str
        Place and operation, such as ``"SA.velocity: × β"``.
    change : str
        The value before and after.
    twin : Claim
        The claim with this one change.
    """

    name: str
    change: str
    twin: Claim[Any, Any]


def _inside(expr: Any, change: Callable[[Any], Any]) -> Any:
    """Apply a change to the field below a projection, where a factor belongs."""
    if isinstance(expr, Tangent):
        return Tangent(expr.points, change(expr.field))
    return change(expr)


def _double_exponents(expr: Any) -> Any:
    """``e^u -> e^{2u}`` in exponentials and in the scores of a softmax."""
    if isinstance(expr, RowSoftmax):
        return expr.func(2 * _double_exponents(expr.scores), *expr.args[1:])
    if isinstance(expr, sp.exp):
        return sp.exp(2 * expr.exp)
    if not getattr(expr, "args", ()):
        return expr
    return expr.func(*(_double_exponents(arg) for arg in expr.args))


def _without_projection(expr: Any) -> Any:
    return expr.replace(lambda e: isinstance(e, Tangent), lambda e: e.field)


_Changes = Iterator[tuple[str, Any]]


def _of_expression(expr: Any, alphabet: frozenset[Any]) -> _Changes:
    """Wrong signs, factors and exponents of an expression, scalar or matrix.

    A factor comes from the alphabet: where nothing depends on β, or on n, it has no meaning.
    """
    if expr.is_number:
        yield from _of_number(expr)
        return
    factors = (("sign", sp.S.NegativeOne), ("× β", beta), ("× n", n))
    for name, factor in factors:
        if factor.is_number or factor in alphabet:
            yield name, _inside(expr, partial(operator.mul, factor))
    yield "e^u -> e^2u", _double_exponents(expr)
    yield "β -> β²", expr.xreplace({beta: beta**2})
    if expr.has(Tangent):
        yield "no projection", _without_projection(expr)
    if not isinstance(expr, MatrixExpr):
        yield "squared", expr**2


def _of_number(value: Any) -> _Changes:
    """Wrong sign and size of a number; a count stays whole."""
    if isinstance(value, bool):
        yield "not", not value
        return
    yield "sign", -value
    yield "+ 1", value + 1
    if isinstance(value, int):
        yield "- 1", value - 1
    else:
        yield "× 2", 2 * value
        yield "÷ 2", value / 2


def _without_symmetry(model: Model) -> _Changes:
    """Yield a factor w_i that sees labels and a value matrix that singles out directions."""
    w, v = sp.MatrixSymbol("w_i", n, 1), sp.MatrixSymbol("V_0", d, d)
    for name, symbol, change in (
        ("velocity: × w_i", w, lambda e: sp.DiagMatrix(w) * e),
        ("velocity: × V", v, lambda e: e * v),
    ):
        yield (
            name,
            replace(
                model,
                velocity=_inside(model.velocity, change),
                parameters=(*model.parameters, symbol),
            ),
        )


def _of_model(model: Model, energetic: bool, bare: bool) -> _Changes:
    """Errors of the velocity and, where the claim is on the energy, of the energy."""
    if bare:
        yield from _without_symmetry(model)
    fields = ("velocity", "energy") if energetic and model.energy is not None else ("velocity",)
    alphabet = frozenset({n, *model.parameters})
    for name in fields:
        if name == "velocity" and len(model.blocks) > 1:
            for symbol, expr in model.velocities.items():
                for change, value in _of_expression(expr, alphabet):
                    broken = {**model.velocities, symbol: value}
                    yield f"velocity of {symbol}: {change}", replace(model, velocity=broken)
            continue
        for change, value in _of_expression(getattr(model, name), alphabet):
            if name == "velocity" and model.noise is not None and model.noise.on is not None:
                if not isinstance(value, Tangent):
                    continue  # such a velocity has no rows for the noise
            yield f"{name}: {change}", replace(model, **{name: value})


def join_place(key: Any, change: str) -> str:
    """Put a place in front: ``"energy: sign"`` at ``"SA"`` is ``"SA.energy: sign"``."""
    return f"{key}.{change}" if ": " in change else f"{key}: {change}"


def symbols_of(value: Any) -> frozenset[Any]:
    """Collect the symbols that a value depends on."""
    if isinstance(value, Mapping):
        value = tuple(value.values())
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = tuple(getattr(value, field.name) for field in dataclasses.fields(value))
    if isinstance(value, tuple | list):
        return frozenset().union(*map(symbols_of, value))
    return frozenset(getattr(value, "free_symbols", ()))


def _name(value: Any) -> str:
    return value.name if isinstance(value, Model) else ""


def changes_of(
    value: Any, energetic: bool, alphabet: frozenset[Any], bare: bool = False
) -> _Changes:
    """Every single error of a value, found by walking through it."""
    if isinstance(value, Model):
        for change, broken in _of_model(value, energetic, bare):
            yield join_place(value.name, change), broken
    elif isinstance(value, bool | int | float):
        yield from _of_number(value)
    elif isinstance(value, sp.Lambda):
        for change, broken in _of_expression(value.expr, alphabet):
            yield change, sp.Lambda(value.signature, broken)
    elif isinstance(value, sp.Expr | MatrixExpr):
        yield from _of_expression(value, alphabet)
    elif isinstance(value, tuple | list):
        named = [_name(item) for item in value if isinstance(item, Model)]
        for index, item in enumerate(value):
            if index == 0 and len(value) == 2 and isinstance(item, sp.Symbol | sp.MatrixSymbol):
                continue  # a substitution (symbol, value): the symbol is a name, no prediction
            for change, broken in changes_of(item, energetic, alphabet, bare):
                # A model's own name is its place, unless it comes twice.
                place = change if named.count(_name(item)) == 1 else join_place(index, change)
                yield place, type(value)([*value[:index], broken, *value[index + 1 :]])
    elif isinstance(value, Mapping):
        for key, item in value.items():
            for change, broken in changes_of(item, energetic, alphabet, bare):
                yield join_place(key, change), {**value, key: broken}
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            if field.init:
                for change, broken in changes_of(getattr(value, field.name), energetic, alphabet):
                    try:
                        twin = replace(value, **{field.name: broken})
                    except ValueError:
                        continue  # a prediction that refuses a value says nothing of it
                    yield join_place(field.name, change), twin
    elif inspect.isfunction(value):
        yield from _of_function(value)


def _of_function(value: Callable[..., Any]) -> _Changes:
    """Errors of what a function returns, where that is an expression or a number."""

    def after(change: Callable[[Any], Any]) -> Callable[..., Any]:
        return lambda *args, **named: change(value(*args, **named))

    yield "sign", after(lambda e: -e)
    yield "× 2", after(lambda e: 2 * e)
    yield "+ 1", after(lambda e: e + 1)
