"""What hypotheses about the form of a model say, as differences that are 0 for every row.

They are written while formulas are recorded, for another program to prove; otherwise nothing is
done, and a hypothesis is read off the model's form.
"""

from __future__ import annotations

from typing import Any

from sympy import DiagMatrix, Expr, Rational
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof.row_algebra import RowAlgebra
from theory.atoms import Elementwise, Tangent
from theory.energy import energy_gradient
from theory.engines import inner, vectors
from theory.models import Model, attention_form
from theory.recorded import is_recording
from theory.symbols import X, m


def tangency(model: Model) -> Expr | None:
    """Return ``<x_i, x_i'>``, which is 0 on the sphere."""
    if not is_recording():
        return None
    algebra = RowAlgebra()
    return inner(algebra.vector(X), algebra.vector(model.velocity))


def scalar_attention(model: Model) -> Expr | None:
    """Return ``<a, x_i' - c P_i Σ_j m_j k(<x_i,x_j>) x_j>`` for any a, over Z_i if normalised."""
    form = attention_form(model) if is_recording() else None
    if form is None:
        return None
    weights = Elementwise(form.kernel, X * X.T)
    field = weights * DiagMatrix(m) * X
    if form.normalised:
        field = DiagMatrix(weights * m) ** -1 * field
    return _apart(model.velocity, Tangent(X, form.scale * field))


def gradient_form(model: Model, metric: MatrixExpr) -> Expr | None:
    """Return ``<a, g_i x_i' - P_i dE/dx_i>`` for any a."""
    if not is_recording() or model.energy is None:
        return None
    algebra = RowAlgebra()
    (probe,) = vectors("a")
    moved = algebra.vector(model.velocity) * algebra.column(metric)
    climbed = algebra.vector(Tangent(X, energy_gradient(model.energy)))
    return inner(probe, moved - climbed)


def pair_energy(energy: Any, kernel: Expr) -> Expr | None:
    """Return ``E - ½ Σ_i Σ_j m_i m_j h(<x_i,x_j>)``, up to a constant that the energy may hold."""
    if not is_recording():
        return None
    algebra = RowAlgebra()
    pairs = Rational(1, 2) * m.T * Elementwise(kernel, X * X.T) * m
    return algebra.column(energy) - algebra.column(pairs)


def _apart(left: MatrixExpr, right: MatrixExpr) -> Expr:
    algebra = RowAlgebra()
    (probe,) = vectors("a")
    return inner(probe, algebra.vector(left) - algebra.vector(right))
