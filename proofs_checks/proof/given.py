"""Parameters as they are given: exact numbers, functions of t, value matrices I, graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import (
    Expr,
    Float,
    Heaviside,
    Identity,
    Integer,
    Matrix,
    Piecewise,
    Rational,
    S,
    ZeroMatrix,
    sympify,
)

from proofs_checks.decide import exact
from proofs_checks.proof.projection import projected
from theory.atoms import Elementwise, MaskedSoftmax, RowSoftmax, Tangent
from theory.bounded import vanishes
from theory.energy import pair_kernel
from theory.masks import GRAPH, Mask
from theory.models import Model
from theory.positive_part import with_positive_parts
from theory.symbols import X, d, k, t, z
from theory.weights import on_unit_rows

_TIMES = (0.0, 0.37, 1.0, 2.5, 11.0)
"""Where code is compared with the expression that it answered with."""


def number_of(value: Any) -> Expr | None:
    """Exact value of a number, or None."""
    try:
        if isinstance(value, float | np.floating):  # whole ones as they are: 2.0**63
            whole = float(value).is_integer()
            return Integer(int(value)) if whole else exact(Rational(str(value)))
        return exact(sympify(value))
    except (TypeError, ValueError, AttributeError):
        return None


def answer_of(value: Callable[[Any], Any]) -> Expr | None:
    """Ask a function of t about the symbol t; None where its answer isn't all there is to it."""
    try:
        found = sympify(value(t))
        if not isinstance(found, Expr) or found.free_symbols - {t}:
            return None
        for time in _TIMES:
            seen, said = float(value(time)), float(found.subs(t, Float(time)))
            if not abs(seen - said) <= 1e-9 * (1 + abs(said)):
                return None
    except Exception:  # code of a user's own: whatever it raises, nothing is known of it
        return None
    return exact(found)


def settled(model: Model, given: Mapping[str, Any]) -> tuple[Model, dict[str, Any]]:
    """Put multiples of the identity for square matrices given as such, and the graphs of masks.

    Returns the model, and what else is given. The velocity is one projection, and weights are
    written as the derivative of the energy is, where both are the same.
    """
    left = dict(given)
    if model.noise is not None:  # the noise is read off the velocity as it stands
        return model, left
    put = _scalars(model, given)
    if put:
        model = model.subs(put, model.name)
        left = {a: b for a, b in left.items() if a not in set(map(str, put))}
    for mask in (mask for mask in _atoms(model, Mask) if mask.kind == GRAPH):
        value = left.get(str(mask.parameter))
        if value is not None and not callable(value):
            model, _ = _with_sight(model, mask, value), left.pop(str(mask.parameter))
    return _in_one_form(model), left


def _scalars(model: Model, given: Mapping[str, Any]) -> dict[Any, Any]:
    """Multiples of the identity among the given matrices, as such.

    Queries and keys together: one alone leaves the other's k beside d.
    """
    found = {p: c for p in model.parameters if (c := _multiple(given.get(str(p)))) is not None}
    square = {p: c for p, c in found.items() if p.shape == (d, d)}
    wide = [p for p in model.parameters if getattr(p, "shape", ()) == (k, d)]
    if all(found.get(p, S.Zero) != 0 for p in wide):
        square |= {p: found[p] for p in wide}
    return {p: c * Identity(d) if c != 0 else ZeroMatrix(d, d) for p, c in square.items()}


def _multiple(value: Any) -> Expr | None:
    """Read c of an array c I; None for anything else."""
    if value is None or callable(value) or np.ndim(value) != 2:
        return None
    array = np.asarray(value)
    scale = number_of(array[0, 0]) if array.size else None
    is_scalar = scale is not None and np.array_equal(array, array[0, 0] * np.eye(len(array)))
    return scale if is_scalar else None


def with_numbers(
    model: Model, values: Mapping[Any, Expr], given: Mapping[str, Any]
) -> Model | None:
    """Put the given numbers into a model; None where matrices, masses or code are given too."""
    if {str(parameter) for parameter in values} != set(given):
        return None
    return model.subs(dict(values), model.name) if values else model


_PARTS = ("velocity", "energy", "metric")


def _atoms(model: Model, kind: Any) -> set[Any]:
    """Atoms of a kind in the expressions of a model."""
    parts = (getattr(model, name) for name in _PARTS)
    return set().union(*(part.atoms(kind) for part in parts if part is not None))


def _with_sight(model: Model, mask: Mask, value: Any) -> Model:
    """Put the matrix of who sees whom into a mask; without a zero there is no mask."""
    table = Mask.graph(Matrix(np.asarray(value).tolist()).applyfunc(exact)).parameter
    put: dict[Any, Any] = {mask: Mask(GRAPH, table, mask.shape[0])}
    if all(table):
        heads = (head for head in _atoms(model, MaskedSoftmax) if head.mask == mask)
        put = {head: RowSoftmax(head.scores, head.masses) for head in heads}
    parts = {
        name: part.xreplace(put) for name in _PARTS if (part := getattr(model, name)) is not None
    }
    symbol = mask.parameter
    rest = any(symbol in part.free_symbols for part in parts.values())
    kept = model.parameters if rest else tuple(p for p in model.parameters if p != symbol)
    return replace(model, **parts, parameters=kept)


@lru_cache(maxsize=256)
def _in_one_form(model: Model) -> Model:
    """Write distances of unit rows as inner products, and a kernel as the energy's derivative."""
    if model.space != "sphere":
        return model
    if len(model.blocks) > 1:
        rates = {
            points: projected(rate, points) if isinstance(rate, Tangent) else rate
            for points, rate in model.velocities.items()
        }
        return model if rates == model.velocities else replace(model, velocity=rates)
    velocity = on_unit_rows(projected(model.velocity))
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if kernel is not None:
        slope = kernel.diff(z)
        same = {
            atom: Elementwise(slope, atom.expr)
            for atom in velocity.atoms(Elementwise)
            if atom.expr == X * X.T and atom.body != slope and vanishes(atom.body - slope)
        }
        velocity = velocity.xreplace(same)
    return model if velocity == model.velocity else replace(model, velocity=velocity)


def _by_pieces(step: Heaviside) -> Expr:
    """Write a step by pieces; what one of time alone has at its jump moves nothing."""
    if t not in step.free_symbols or z in step.free_symbols:
        return step.rewrite(Piecewise)
    return Piecewise((S.Zero, step.args[0] < 0), (S.One, True))


def exact_model(model: Model) -> Model:
    """Return the model with every float as the rational number that it prints as, steps by pieces.

    |u| and max(u, 0) are positive parts, as in kernels given as text.
    """
    parts: dict[str, Any] = {}
    for name in _PARTS:
        if (part := getattr(model, name)) is None:
            continue
        put: dict[Any, Any] = {f: Rational(str(f)) for f in part.atoms(Float)}
        put |= {step: _by_pieces(step) for step in part.atoms(Heaviside)}
        for atom in part.atoms(Elementwise):
            body = with_positive_parts(atom.body)
            put |= {atom: Elementwise(body, atom.expr)} if body != atom.body else {}
        parts |= {name: part.xreplace(put)} if put else {}
    return replace(model, **parts) if parts else model


__all__ = ["answer_of", "exact_model", "number_of", "settled"]
