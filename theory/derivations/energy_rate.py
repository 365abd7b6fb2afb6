"""Dissipation identities: along a gradient flow dE/dt = Σ_i g_i |x_i'|², (3.6) and its twins.

Derived, not typed in: the metric times the field is compared with the derivative of the energy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    DiagMatrix,
    Expr,
    HadamardProduct,
    MatAdd,
    MatMul,
    OneMatrix,
    Transpose,
    ZeroMatrix,
    default_sort_key,
)
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.bounded import vanishes
from theory.energy import energy_gradient
from theory.models import Model
from theory.symbols import m, z
from theory.weights import SinkSoftmax, on_unit_rows


@dataclass(frozen=True)
class Dissipation:
    """``dE/dt = Σ_i g_i |x_i'|²`` for a flow ``x_i' = P_i F_i``.

    Attributes
    ----------
    weights : MatrixExpr, shape (n, 1)
        The weights g, the model's metric.
    residual : MatrixExpr, shape (n, d)
        ``diag(g) F - dE/dX``. Where it is zero, ``dE/dt = Σ <g_i F_i, P_i F_i>``, and a
        projection is idempotent and self-adjoint: the identity holds for every n and d.
    """

    weights: MatrixExpr
    residual: MatrixExpr

    @property
    def proved(self) -> bool:
        """Whether the residual is zero."""
        return bool(self.residual == ZeroMatrix(*self.residual.shape))


@lru_cache(maxsize=64)
def dissipation(model: Model, symmetric: tuple[MatrixExpr, ...] = ()) -> Dissipation:
    """Derive the dissipation identity of a flow from its velocity, energy and metric.

    Parameters
    ----------
    model : Model
        A flow with an energy and a metric.
    symmetric : tuple of MatrixSymbol
        Matrices to be taken as symmetric, such as V in (3.12)-(3.14): a hypothesis of the result.

    Raises
    ------
    ValueError
        For a model without energy or metric, or whose velocity isn't a projected field.

    Examples
    --------
    >>> from theory import SA, USA
    >>> dissipation(USA).weights, dissipation(USA).proved
    (m, True)
    >>> dissipation(SA).weights
    HadamardProduct(m, [exp(beta*z) at z=X*X.T]*m)
    """
    if model.energy is None or model.metric is None or model.kind != "flow":
        raise ValueError(
            "Expected a flow with an energy and a metric but got "
            f"model={model.name}; make one with gradient_flow(energy)."
        )
    field = model.velocity.field if isinstance(model.velocity, Tangent) else model.velocity
    plain = on_unit_rows(field) if model.space == "sphere" else field
    plain = plain.replace(
        lambda node: type(node) is RowSoftmax or isinstance(node, SinkSoftmax),
        lambda node: node.elementary(),
    )
    weighted = _expand(_diagonal(model.metric), plain)
    difference = MatAdd(weighted, -1 * energy_gradient(model.energy))
    for matrix in symmetric:
        difference = difference.xreplace({Transpose(matrix): matrix})
    residual = _one_form(
        difference.replace(lambda node: isinstance(node, Elementwise), _factor_out)
    )
    return Dissipation(model.metric, residual.doit().expand().doit())


def _one_form(expr: MatrixExpr) -> MatrixExpr:
    """Write functions of one matrix that are equal, such as two forms of a sigmoid, as one."""
    seen: list[Elementwise] = []
    same: dict[Elementwise, Elementwise] = {}
    for atom in sorted(expr.atoms(Elementwise), key=default_sort_key):
        twin = next((a for a in seen if a.expr == atom.expr and vanishes(a.body - atom.body)), None)
        if twin is None:
            seen.append(atom)
        else:
            same[atom] = twin
    return expr.xreplace(same)


def _factor_out(atom: Elementwise) -> MatrixExpr:
    """Move a constant factor of the function in front of the matrix."""
    constant, rest = atom.body.as_independent(z, as_Add=False)
    return constant * Elementwise(rest, atom.expr) if constant != 1 else atom


def _diagonal(column: MatrixExpr) -> tuple[MatrixExpr, ...]:
    """``diag(a∘b∘…)`` as the product of the diagonal matrices, the masses first."""
    factors = column.args if isinstance(column, HadamardProduct) else (column,)
    ordered = sorted(factors, key=lambda factor: factor != m)
    return tuple(DiagMatrix(factor) for factor in ordered)


def _expand(left: tuple[MatrixExpr, ...], field: MatrixExpr) -> Any:
    """Multiply a sum from the left, term by term, with scalars in front."""
    terms = field.args if isinstance(field, MatAdd) else (field,)
    products = []
    for term in terms:
        coefficient: Expr | int = 1
        if isinstance(term, MatMul):
            coefficient, term = term.as_coeff_mmul()
        factors = [*left, *_factors(term)]
        if isinstance(factors[len(left)], OneMatrix) and factors[len(left)].shape[1] == 1:
            # diag(v) 1 = v
            factors[len(left) - 1 : len(left) + 1] = [left[-1].args[0]]
        products.append(MatMul(coefficient, *factors).doit())
    return MatAdd(*products) if len(products) > 1 else products[0]


def _factors(term: MatrixExpr) -> tuple[Any, ...]:
    """Return the factors of a product, nested products opened."""
    if not isinstance(term, MatMul):
        return (term,)
    return tuple(inner for factor in term.args for inner in _factors(factor))
