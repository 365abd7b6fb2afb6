"""Dissipation identities: along a gradient flow dE/dt = Σ_i g_i |x_i'|², (3.6) and its twins.

Derived, not typed in: the metric times the field is compared with the derivative of the energy, the
velocity of moving masses with its derivative by the masses; ∂E/∂t is added for an energy in time.
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
    S,
    Transpose,
    ZeroMatrix,
    cancel,
    default_sort_key,
    simplify,
)
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Elementwise, MaskedSoftmax, RowSoftmax, Tangent
from theory.bounded import vanishes
from theory.energy import energy_gradient, mass_gradient
from theory.engines import Rewriter, ScalarSums, partial
from theory.latex import latex_of
from theory.models import Model, mean_over_masses
from theory.noise import require_noiseless
from theory.summaries import Formulas, Summarised
from theory.symbols import X, m, n, t, z
from theory.weights import SinkSoftmax, on_unit_rows


@dataclass(frozen=True)
class MassRate(Summarised):
    """What moving masses add: ``α Σ_i m_i (Φ_i - Φ̄)²``, for ``m_i' = α m_i (Φ_i - Φ̄)``.

    Attributes
    ----------
    factor : Expr
        The rate α.
    worth : MatrixExpr, shape (n, 1)
        ``Φ = dE/dm``.
    mean : MatrixExpr, shape (1, 1)
        ``Φ̄ = Σ m_k Φ_k / Σ m_k``; zero where the sum of the masses isn't kept.
    residual : MatrixExpr, shape (n, 1)
        The masses' velocity less ``α m_i (Φ_i - Φ̄)``.
    total : Expr
        ``Σ m_i'`` where the sum is kept, in named sums.
    excess : Expr
        ``Σ Φ_i m_i' - α Σ m_i (Φ_i - Φ̄)²`` for these masses, in named sums.
    """

    factor: Expr
    worth: MatrixExpr
    mean: MatrixExpr
    residual: MatrixExpr
    total: Expr
    excess: Expr

    @property
    def proved(self) -> bool:
        """Whether nothing is left of the residuals."""
        return isinstance(self.residual, ZeroMatrix) and self.total == 0 and self.excess == 0

    @property
    def rate(self) -> MatrixExpr:
        """``α Σ m_i (Φ_i - Φ̄)²``, shape (1, 1)."""
        spread = _spread(self.worth, self.mean)
        return self.factor * spread.T * DiagMatrix(m) * spread


@dataclass(frozen=True)
class Dissipation(Formulas):
    """``dE/dt = Σ_i g_i |x_i'|²`` for a flow ``x_i' = P_i F_i``, and what else adds to it.

    Parameters
    ----------
    weights : MatrixExpr, shape (n, 1)
        The weights g, the model's metric.
    residual : MatrixExpr, shape (n, d)
        ``diag(g) F - dE/dX``. Where it is zero, ``dE/dX·X' = Σ <g_i F_i, P_i F_i>``, and a
        projection is idempotent and self-adjoint: the identity holds for every n and d.
    explicit : MatrixExpr, shape (1, 1)
        ``∂E/∂t``: zero for an energy without t.
    masses : MassRate, optional
        What masses that move add.
    velocity : MatrixExpr, shape (n, d)
        The tokens' velocity.
    """

    weights: MatrixExpr
    residual: MatrixExpr
    explicit: MatrixExpr
    masses: MassRate | None
    velocity: MatrixExpr

    _shown = ("weights", "explicit", "masses", "proved")

    def formulas(self) -> list[str]:
        """Write the identity.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        parts = [rf"\sum_i |\dot x_i|^2\, {latex_of(self.weights)}"]
        if not isinstance(self.explicit, ZeroMatrix):
            parts.insert(0, r"\frac{\partial E}{\partial t}")
        if self.masses is not None:
            mean = "" if isinstance(self.masses.mean, ZeroMatrix) else r" - \bar\Phi"
            square = rf"\left(\Phi_i{mean}\right)^2"
            parts.append(rf"{latex_of(self.masses.factor)} \sum_i m_i {square}")
        return [rf"\frac{{dE}}{{dt}} = {' + '.join(parts)}"]

    @property
    def proved(self) -> bool:
        """Whether every residual is zero."""
        own = bool(self.residual == ZeroMatrix(*self.residual.shape))
        return own and (self.masses is None or self.masses.proved)

    @property
    def rate(self) -> MatrixExpr:
        """``∂E/∂t + Σ g_i |x_i'|² + α Σ m_i (Φ_i - Φ̄)²`` as one expression, shape (1, 1)."""
        squares = Elementwise(z**2, self.velocity) * OneMatrix(self.velocity.shape[1], 1)
        parts = [self.weights.T * squares]
        if not isinstance(self.explicit, ZeroMatrix):
            parts.insert(0, self.explicit)
        if self.masses is not None:
            parts.append(self.masses.rate)
        return MatAdd(*parts) if len(parts) > 1 else parts[0]

    def __str__(self) -> str:
        """Write the identity."""
        parts = ["∂E/∂t"] if not isinstance(self.explicit, ZeroMatrix) else []
        parts.append("Σ g_i |x_i'|²")
        if self.masses is not None:
            mean = "" if isinstance(self.masses.mean, ZeroMatrix) else " - Φ̄"
            square = f"(Φ_i{mean})²" if mean else "Φ_i²"
            parts.append(f"{self.masses.factor} Σ m_i {square}")
        return f"dE/dt = {' + '.join(parts)}, g = {self.weights}"


@lru_cache(maxsize=64)
def dissipation(model: Model, symmetric: tuple[MatrixExpr, ...] = ()) -> Dissipation:
    """Derive the dissipation identity of a flow from its velocity, energy and metric.

    Parameters
    ----------
    model : Model
        A flow with an energy and a metric; of its blocks the tokens and the masses may move the
        energy, which may depend on t.
    symmetric : tuple of MatrixSymbol
        Matrices to be taken as symmetric, such as V in (3.12)-(3.14): a hypothesis of the result.

    Raises
    ------
    ValueError
        For a model without energy or metric, or an energy in other blocks that move.

    Examples
    --------
    >>> from theory import SA, USA
    >>> dissipation(USA).weights, dissipation(USA).proved
    (m, True)
    >>> dissipation(SA).weights
    HadamardProduct(m, [exp(beta*z) at z=X*X.T]*m)
    >>> from theory.models import MOVING_MASSES
    >>> print(dissipation(MOVING_MASSES))
    dE/dt = Σ g_i |x_i'|² + alpha Σ m_i (Φ_i - Φ̄)², g = m
    """
    require_noiseless(model)
    if model.energy is None or model.metric is None or model.kind != "flow":
        raise ValueError(
            "Expected a flow with an energy and a metric but got "
            f"model={model.name}; make one with gradient_flow(energy)."
        )
    velocities = model.velocities
    others = [s for s in velocities if s not in (X, m) and s in model.energy.free_symbols]
    if others:
        raise ValueError(
            f"Expected an energy of the tokens and their masses but got model={model.name} with "
            f"{', '.join(map(str, others))} in it, which move too."
        )
    velocity = velocities[X]
    field = velocity.field if isinstance(velocity, Tangent) else velocity
    plain = on_unit_rows(field) if model.space == "sphere" else field
    plain = plain.replace(_in_closed_form, lambda node: node.elementary())
    weighted = _expand(_diagonal(model.metric), plain)
    difference = MatAdd(weighted, -1 * energy_gradient(model.energy))
    for matrix in symmetric:
        difference = difference.xreplace({Transpose(matrix): matrix})
    residual = _one_form(
        difference.replace(lambda node: isinstance(node, Elementwise), _factor_out)
    )
    return Dissipation(
        model.metric,
        residual.doit().expand().doit(),
        partial(model.energy, t),
        _mass_rate(velocities[m], model.energy) if m in velocities else None,
        velocity,
    )


def _in_closed_form(node: Any) -> bool:
    if isinstance(node, MaskedSoftmax):
        return node.mask.everybody_sees
    return type(node) is RowSoftmax or isinstance(node, SinkSoftmax)


def _spread(worth: MatrixExpr, mean: MatrixExpr) -> MatrixExpr:
    """``Φ_i - Φ̄``."""
    return worth if isinstance(mean, ZeroMatrix) else worth - OneMatrix(n, 1) * mean


def _mass_rate(velocity: MatrixExpr, energy: MatrixExpr) -> MassRate:
    """Read the masses' velocity as ``α m_i (Φ_i - Φ̄)``, or as ``α m_i Φ_i``."""
    worth, rewriter = mass_gradient(energy), Rewriter()
    along = DiagMatrix(m) * worth
    words = rewriter.words(velocity)
    ratios = [words[w] / c for w, c in rewriter.words(along).items() if w in words]
    factor = simplify(ratios[0]) if ratios else S.Zero
    found = []
    for mean in (mean_over_masses(worth), ZeroMatrix(1, 1)):
        spread = _spread(worth, mean)
        left = rewriter.difference(velocity, factor * (DiagMatrix(m) * spread))
        residual = rewriter.assemble(left, m.shape)
        sums = ScalarSums()
        kept = not isinstance(mean, ZeroMatrix)
        total = cancel(sums.value(OneMatrix(1, n) * velocity)) if kept else S.Zero
        excess = sums.residual(worth.T * velocity, factor * spread.T * DiagMatrix(m) * spread)
        found.append(MassRate(factor, worth, mean, residual, total, excess))
    return next((rate for rate in found if rate.proved), found[0])


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
