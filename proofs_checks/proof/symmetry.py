"""No token and no direction is special (Remark 2.2): commutators, and where a model breaks them.

Defects are shown at rational points by intervals, or in floats for a model that intervals can't
enclose; `unprojected` is a model without its outermost projection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import MatrixSymbol, Rational, sympify
from sympy.matrices.expressions import MatrixExpr

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.decide import interval
from proofs_checks.proof.witness import (
    Witness,
    decimal,
    excludes_zero,
    given_number,
    given_rows,
    show_rows,
)
from theory.atoms import Tangent
from theory.masks import Mask
from theory.models import Model
from theory.symbols import X, d, k, m, n, width


def unprojected(model: Model) -> Model:
    """Return the model with its outermost projection dropped.

    Raises
    ------
    ValueError
        When the velocity isn't a projection.
    """
    if not isinstance(model.velocity, Tangent):
        raise ValueError(
            f"Expected a model whose velocity is Tangent(X, F) but got model={model.name}."
        )
    return replace(model, name=f"{model.name} without P", velocity=model.velocity.field)


_DRAWN = 3
"""Tokens and dimension of a point in floats."""


_TURN = ((Rational(3, 5), Rational(4, 5)), (Rational(-4, 5), Rational(3, 5)))


@lru_cache(maxsize=64)
def commutator(model: Model, permutes: bool) -> MatrixExpr:
    """``F(SX; Sm) - S F(X; m)`` for a permutation S, or ``F(XR) - F(X) R`` for a rotation R."""
    if permutes:
        turn = MatrixSymbol("S", n, n)
        return model.velocity.xreplace({X: turn * X, m: turn * m}) - turn * model.velocity
    turn = MatrixSymbol("R", d, d)
    return model.velocity.xreplace({X: X * turn}) - model.velocity * turn


def permutation_defect(model: Model, point: Witness) -> str:
    """Exhibit an exact point where relabelling doesn't commute with the flow, or ""."""
    first, second, *others = range(len(point.matrices[X]))
    before = point.evaluator()(model.velocity)
    for order in ([second, *others, first], [second, first, *others]):
        points = [point.matrices[X][i] for i in order]
        masses = [point.matrices[m][i] for i in order]
        after = point.evaluator({X: points, m: masses})(model.velocity)
        if gap := _gap(after, [before[i] for i in order]):
            old, new = (", ".join(str(i + 1) for i in named) for named in (sorted(order), order))
            return f"relabelling the tokens {old} as {new} changes {gap} at {point}"
    return ""


def rotation_defect(model: Model, point: Witness) -> str:
    """Exhibit an exact point where a rotation doesn't commute with the flow, or ""."""
    points = _times(point.matrices[X], _TURN)
    before = point.evaluator()(model.velocity)
    after = point.evaluator({X: points})(model.velocity)
    gap = _gap(after, _times(before, [[interval(a) for a in row] for row in _TURN]))
    return f"the rotation {show_rows(_TURN)} of all tokens changes {gap} at {point}" if gap else ""


def floats(model: Model, rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """Field of a model without an interval form, with drawn parameters, and a drawn point."""
    sizes = {n: _DRAWN, d: _DRAWN, k: 2, width: 2}
    values: dict[str, Any] = {}
    graphs = {mask.parameter for mask in model.velocity.atoms(Mask)}
    for parameter in model.parameters:
        shape = [int(sympify(s).subs(sizes)) for s in getattr(parameter, "shape", ())]
        if shape:
            drawn, rows = rng.normal(size=shape), given_rows(parameter, (shape[0], shape[1]))
            if parameter in graphs:  # who sees whom, each token itself
                drawn = np.maximum(drawn > 0, np.eye(shape[0]))
            values[str(parameter)] = drawn if rows is None else np.array(rows, dtype=float)
        else:
            values[str(parameter)] = float(given_number(parameter, Rational(5, 4)))
    return compile_model(model, **values), random_points(_DRAWN, _DRAWN, rng)


def seen(text: str, gap: Any, points: Any) -> str:
    """Report a gap in floats that rounding can't explain, or ""."""
    if not np.abs(gap).max() > 1e-6:
        return ""
    shown = np.array2string(points, precision=3).replace("\n", "")
    return f"{text} by up to {np.abs(gap).max():.4g} at X = {shown}"


def float_defect(model: Model, permutes: bool, rng: np.random.Generator) -> str:
    """Evaluate both sides in floats, for a model that intervals can't enclose."""
    field, points = floats(model, rng)
    if permutes:
        order = [1, 2, 0]
        return seen("relabelling is off", field(points[order]) - field(points)[order], points)
    turn = np.eye(_DRAWN)
    turn[:2, :2] = np.asarray(_TURN, dtype=float)
    return seen("a rotation is off", field(points @ turn) - field(points) @ turn, points)


def _times(rows: Sequence[Sequence[Any]], matrix: Sequence[Sequence[Any]]) -> list[list[Any]]:
    columns = list(zip(*matrix, strict=True))
    return [[sum(a * b for a, b in zip(row, c, strict=True)) for c in columns] for row in rows]


def _gap(left: Sequence[Sequence[Any]], right: Sequence[Sequence[Any]]) -> str:
    """First entry in which two enclosures are disjoint, or ""."""
    for i, (first, second) in enumerate(zip(left, right, strict=True), start=1):
        for j, (a, b) in enumerate(zip(first, second, strict=True), start=1):
            if excludes_zero(a - b):
                return f"x_{i}' in coordinate {j} by {decimal(a - b)}"
    return ""
