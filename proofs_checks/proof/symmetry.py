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
from sympy import Rational, sympify
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
    random_unit,
    show_rows,
)
from theory.atoms import Tangent
from theory.derivations import relabellings, rotations
from theory.masks import Mask
from theory.models import Model
from theory.symbols import d, k, n, width


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
def commutators(model: Model, permutes: bool) -> tuple[MatrixExpr, ...]:
    """``F(SX; Sm) - S F(X; m)`` for permutations S, or ``F(XR) - F(X) R`` for a rotation R.

    One a block that moves, and for permutations one a species that it has.
    """
    made = []
    for turn, moved in relabellings(model) if permutes else (rotations(model),):
        for symbol, velocity in model.velocities.items():
            after = velocity
            if symbol in moved:
                after = turn * velocity if permutes else velocity * turn
            made.append(velocity.xreplace(moved) - after)
    return tuple(made)


def state_at(model: Model, rng: np.random.Generator, sizes: tuple[int, int] = (3, 2)) -> Witness:
    """Draw a state of all blocks, each in its space, of so many tokens and dimensions."""
    point = Witness(rng, model.velocities.values(), *sizes)
    for block in model.blocks[1:]:
        rows, width = (int(sympify(size).subs(point.sizes)) for size in block.symbol.shape)
        if block.space == "sphere" or (block.space == "constant" and width == point.sizes[d]):
            point.matrices[block.symbol] = [list(random_unit(rng, width)) for _ in range(rows)]
        elif block.space in ("positive", "simplex"):
            drawn = rng.integers(1, 8, size=rows)
            point.matrices[block.symbol] = [[Rational(int(c), 8)] for c in drawn]
    return point


def symmetry_defect(model: Model, permutes: bool, rng: np.random.Generator) -> str:
    """Look at a rational point, or in floats where an operator isn't enclosed."""
    try:
        found = (_relabelled if permutes else _rotated)(model, state_at(model, rng))
    except NotImplementedError:
        found = _float_defect(model, permutes, rng)
    return f"{model.name}: {found}" if found else ""


def _relabelled(model: Model, point: Witness) -> str:
    """Exhibit an exact point where relabelling doesn't commute with the flow, or ""."""
    for _, moved in relabellings(model):
        size = len(point.matrices[next(iter(moved))])
        if size < 2:
            continue
        first, second, *others = range(size)
        for order in ([second, *others, first], [second, first, *others]):
            changed = {s: [point.matrices[s][i] for i in order] for s in moved}
            for symbol, velocity in model.velocities.items():
                before = point.evaluator()(velocity)
                after = point.evaluator(changed)(velocity)
                wanted = [before[i] for i in order] if symbol in moved else before
                if gap := _gap(symbol, after, wanted):
                    old, new = (
                        ", ".join(str(i + 1) for i in named) for named in (sorted(order), order)
                    )
                    return f"relabelling the tokens {old} as {new} changes {gap} at {point}"
    return ""


def _rotated(model: Model, point: Witness) -> str:
    """Exhibit an exact point where a rotation doesn't commute with the flow, or ""."""
    turn = [[interval(a) for a in row] for row in _TURN]
    _, moved = rotations(model)
    changed = {s: _times(point.matrices[s], _TURN) for s in moved}
    for symbol, velocity in model.velocities.items():
        before = point.evaluator()(velocity)
        after = point.evaluator(changed)(velocity)
        gap = _gap(symbol, after, _times(before, turn) if symbol in moved else before)
        if gap:
            said = "all tokens" if len(moved) == 1 else ", ".join(map(str, changed))
            return f"the rotation {show_rows(_TURN)} of {said} changes {gap} at {point}"
    return ""


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


def _float_defect(model: Model, permutes: bool, rng: np.random.Generator) -> str:
    """Evaluate both sides in floats, for a model that intervals can't enclose."""
    if len(model.blocks) > 1:
        raise NotImplementedError(f"no enclosure of {model.name}, a model of several blocks")
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


def _gap(symbol: Any, left: Sequence[Sequence[Any]], right: Sequence[Sequence[Any]]) -> str:
    """First entry in which two enclosures are disjoint, or ""."""
    letter = str(symbol).lower()
    for i, (first, second) in enumerate(zip(left, right, strict=True), start=1):
        for j, (a, b) in enumerate(zip(first, second, strict=True), start=1):
            if excludes_zero(a - b):
                return f"{letter}_{i}' in coordinate {j} by {decimal(a - b)}"
    return ""
