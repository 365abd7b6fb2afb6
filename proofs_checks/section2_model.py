"""Section 2: tokens stay on the sphere, and no token, no direction is special (Remark 2.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sympy import (
    DiagMatrix,
    HadamardProduct,
    MatrixSymbol,
    OneMatrix,
    Rational,
    S,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.row_algebra import (
    SYMBOLIC,
    RowAlgebra,
    Witness,
    as_interval,
    decimal,
    excludes_zero,
    models_of,
    off_sphere,
    settle,
    show_rows,
)
from theory.atoms import RowSoftmax, Tangent
from theory.energy import ENERGY, anchor_energy
from theory.equivariance import (
    Equivariance,
    is_permutation_equivariant,
    is_rotation_equivariant,
)
from theory.gram import inner, residual
from theory.models import (
    CAUSAL,
    QKV,
    REPULSIVE,
    SA,
    SINKHORN,
    SYMMETRIC_QKV,
    USA,
    Model,
    feed_forward,
    gradient_flow,
    multi_head,
)
from theory.symbols import V, X, beta, d, k, m, n, width, z

# Confinement


def check_confinement(model: Any, prediction: Any, budget: Budget) -> Evidence:
    """Compare ``<x_i, x_i'>`` with the prediction (zero) in the Gram algebra, for every row.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Expr
        The value of ``<x_i, x_i'>``.
    budget : Budget
        Points to draw for a counterexample.
    """
    residuals, legends, broken = [], [], []
    for one in models_of(model):
        algebra = RowAlgebra()
        radial = inner(algebra.vector(X), algebra.vector(one.velocity)) - prediction
        left = residual(radial)
        residuals.append((one.name, left))
        if left != 0:
            broken.append(one)
            legends.append(algebra.legend)

    def refute(rng: np.random.Generator) -> str:
        try:
            return off_sphere(broken[0].velocity, rng, prediction)
        except NotImplementedError:
            field, points = _floats(broken[0], rng)
            radial = np.sum(points * field(points), axis=-1) - float(prediction)
            return _seen("<x_i, x_i'> is off", radial, points)

    names = ", ".join(one.name for one in models_of(model))
    return settle(
        residuals,
        refute,
        budget,
        f"<x_i, x_i'> for {names}",
        legend="; ".join(legends),
        scope={**SYMBOLIC, "models": names},
        identity=tuple(
            HadamardProduct(X, one.velocity) * OneMatrix(d, 1) - prediction * OneMatrix(n, 1)
            for one in models_of(model)
        ),
    )


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


_FIELD = MatrixSymbol("F", n, d)
_ANY = Model("P F for any field F", Tangent(X, _FIELD), parameters=(_FIELD,))

CONFINEMENT = Claim(
    label="Confinement",
    statement="Tokens stay on the sphere: <x_i, x_i'> = 0 for SA, USA, (2.3), (2.7), (2.8).",
    model=(SA, USA, QKV, multi_head(2), feed_forward(1), SYMMETRIC_QKV, REPULSIVE, SINKHORN, _ANY),
    prediction=S.Zero,
    check=check_confinement,
    controls=(
        Control("SA without the projection", model=unprojected(SA)),
        Control("USA without the projection", model=unprojected(USA)),
        Control(
            "QKV with a residual term V x_i outside the projection",
            model=replace(QKV, velocity=QKV.velocity + X * V.T),
        ),
    ),
    expected=Verdict.PROVED,
)


# Remark 2.2 and its rotational twin

_DRAWN = 3
"""Tokens and dimension of a point in floats."""
_TURN = ((Rational(3, 5), Rational(4, 5)), (Rational(-4, 5), Rational(3, 5)))


def check_equivariance(model: Any, prediction: str, budget: Budget) -> Evidence:
    """Decide whether the velocity commutes with permutations, or with rotations.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : {"permutations", "rotations"}
        The group.
    budget : Budget
        Points to draw for a counterexample.
    """
    permutes = prediction == "permutations"
    prove: Callable[[Model], Equivariance] = (
        is_permutation_equivariant if permutes else is_rotation_equivariant
    )
    outcomes = [(one, prove(one)) for one in models_of(model)]
    broken = [one for one, outcome in outcomes if not outcome.proved]
    rules: dict[str, None] = {}
    for _, outcome in outcomes:
        rules.update(dict.fromkeys(outcome.rules))

    def refute(rng: np.random.Generator) -> str:
        moved = _permutation_defect if permutes else _rotation_defect
        try:
            return moved(broken[0], Witness(rng, [broken[0].velocity]))
        except NotImplementedError:
            return _float_defect(broken[0], permutes, rng)

    formula = "F(SX; Sm) - S F(X; m)" if permutes else "F(XR) - F(X)R"
    names = ", ".join(one.name for one, _ in outcomes)
    return settle(
        [(f"{formula}, {one.name}", 0 if o.proved else o.residual) for one, o in outcomes],
        refute,
        budget,
        f"{formula} for {names}",
        scope={**SYMBOLIC, "models": names},
        assumptions=tuple(rules),
        identity=tuple(_commutator(one, permutes) for one in models_of(model)),
    )


def _commutator(model: Model, permutes: bool) -> MatrixExpr:
    """``F(SX; Sm) - S F(X; m)`` for a permutation S, or ``F(XR) - F(X) R`` for a rotation R."""
    if permutes:
        turn = MatrixSymbol("S", n, n)
        return model.velocity.xreplace({X: turn * X, m: turn * m}) - turn * model.velocity
    turn = MatrixSymbol("R", d, d)
    return model.velocity.xreplace({X: X * turn}) - model.velocity * turn


def _permutation_defect(model: Model, point: Witness) -> str:
    order = [1, 2, 0]
    points = [point.matrices[X][i] for i in order]
    masses = [point.matrices[m][i] for i in order]
    before = point.evaluator()(model.velocity)
    after = point.evaluator({X: points, m: masses})(model.velocity)
    gap = _gap(after, [before[i] for i in order])
    if not gap:
        return ""
    return f"relabelling the tokens 1, 2, 3 as 2, 3, 1 changes {gap} at {point}"


def _rotation_defect(model: Model, point: Witness) -> str:
    points = _times(point.matrices[X], _TURN)
    before = point.evaluator()(model.velocity)
    after = point.evaluator({X: points})(model.velocity)
    gap = _gap(after, _times(before, [[as_interval(a) for a in row] for row in _TURN]))
    return f"the rotation {show_rows(_TURN)} of all tokens changes {gap} at {point}" if gap else ""


def _floats(model: Model, rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """Field of a model without an interval form, with drawn parameters, and a drawn point."""
    sizes = {n: _DRAWN, d: _DRAWN, k: 2, width: 2}
    values: dict[str, Any] = {}
    for parameter in model.parameters:
        shape = [int(sympify(s).subs(sizes)) for s in getattr(parameter, "shape", ())]
        values[str(parameter)] = rng.normal(size=shape) if shape else 1.25
    return compile_model(model, **values), random_points(_DRAWN, _DRAWN, rng)


def _seen(text: str, gap: Any, points: Any) -> str:
    if not np.abs(gap).max() > 1e-6:
        return ""
    shown = np.array2string(points, precision=3).replace("\n", "")
    return f"{text} by up to {np.abs(gap).max():.4g} at X = {shown}"


def _float_defect(model: Model, permutes: bool, rng: np.random.Generator) -> str:
    """Evaluate both sides in floats, for a model that intervals can't enclose."""
    field, points = _floats(model, rng)
    if permutes:
        order = [1, 2, 0]
        return _seen("relabelling is off", field(points[order]) - field(points)[order], points)
    turn = np.eye(_DRAWN)
    turn[:2, :2] = np.asarray(_TURN, dtype=float)
    return _seen("a rotation is off", field(points @ turn) - field(points) @ turn, points)


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


_OWN = MatrixSymbol("w", n, 1)
_ANCHORS, _PULLS = MatrixSymbol("W", k, d), MatrixSymbol("c", k, 1)

PERMUTATIONS = Claim(
    label="Remark 2.2",
    statement="Relabelling the tokens, with their masses, relabels their velocities.",
    model=(SA, USA, QKV, multi_head(2), feed_forward(1), SINKHORN),
    prediction="permutations",
    check=check_equivariance,
    controls=(
        Control("a causal mask", model=CAUSAL),
        Control(
            "a value matrix w_i I that depends on the label i",
            model=Model(
                "labelled SA",
                Tangent(X, DiagMatrix(_OWN) * RowSoftmax(beta * X * X.T, m) * X),
                parameters=(beta, _OWN),
            ),
        ),
    ),
    expected=Verdict.PROVED,
)

ROTATIONS = Claim(
    label="Rotation equivariance",
    statement="Rotating all tokens rotates their velocities, for SA, USA and V = -I.",
    model=(SA, USA, REPULSIVE, SINKHORN),
    prediction="rotations",
    check=check_equivariance,
    controls=(
        Control(
            "a value matrix V that is no multiple of I",
            model=Model(
                "SA with V",
                Tangent(X, RowSoftmax(beta * X * X.T, m) * X * V.T),
                parameters=(beta, V),
            ),
        ),
        Control(
            "fixed anchors that pull on the tokens",
            model=gradient_flow(ENERGY + anchor_energy(z, _ANCHORS, _PULLS), "anchored USA"),
        ),
    ),
    expected=Verdict.PROVED,
)

CLAIMS_SECTION_2 = (CONFINEMENT, PERMUTATIONS, ROTATIONS)
"""The claims of Section 2, in paper order."""

__all__ = [
    "CLAIMS_SECTION_2",
    "CONFINEMENT",
    "PERMUTATIONS",
    "ROTATIONS",
    "check_confinement",
    "check_equivariance",
    "unprojected",
]
