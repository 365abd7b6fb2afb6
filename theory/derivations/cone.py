"""The flow in gnomonic coordinates over a hemisphere (A.10), for any weights with V = I."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import DiagMatrix, Integer, Inverse, MatAdd, MatMul, MatrixSymbol, S, Symbol, Transpose
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory.derivations.reduction import Reduction, Residual, require_flow, velocity_terms
from theory.engines import Rewriter, Words, inner, project, residual, vectors
from theory.latex import latex_of
from theory.models import Model
from theory.symbols import X, d, n
from theory.weights import on_unit_rows

Y = MatrixSymbol("Y", n, d)
"""Gnomonic coordinates y_i = x_i / s_i, one a row."""


s = MatrixSymbol("s", n, 1)
"""Heights s_i = <x_i, w> > 0 over the equator of a unit vector w."""


@dataclass(frozen=True)
class Gnomonic(Reduction):
    """``y_i' = Σ_j A_ij (s_j/s_i) (y_j - y_i)`` and ``s_i' = Σ_j A_ij (s_j - g_ij s_i)`` (A.10).

    Parameters
    ----------
    model : Model
        The model it was derived from.
    invariant : str
        The set of configurations on which it holds.
    proof : tuple of Residual
        The identities that were reduced to 0.
    weights : MatrixExpr, shape (n, n)
        A, in X and m.
    rate : MatrixExpr, shape (n, d)
        ``Y'`` in ``Y``, ``s`` and A.
    heights : MatrixExpr, shape (n, 1)
        ``s'`` in ``s``, A and X.
    """

    _shown = ("model", "invariant", "proved")

    weights: MatrixExpr
    rate: MatrixExpr
    heights: MatrixExpr

    def formulas(self) -> list[str]:
        """Write the equations of a place and of its height.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        return [
            r"\dot y_i = \sum_j A_{ij} \frac{s_j}{s_i} \left(y_j - y_i\right)",
            r"\dot s_i = \sum_j A_{ij} \left(s_j - \langle x_i, x_j\rangle s_i\right)",
            f"A_{{ij}} = {latex_of(self.weights)}",
        ]


def gnomonic(model: Model) -> Gnomonic:
    """Derive the flow in gnomonic coordinates over a hemisphere, for any weights A with V = I.

    Parameters
    ----------
    model : Model
        A flow whose field is ``A X``: queries and keys are free, values are the tokens.

    Returns
    -------
    Gnomonic
        Proved summand by summand in the inner-product algebra, hence for every n and d.

    Raises
    ------
    ValueError
        When the field isn't A X.

    Examples
    --------
    >>> from theory.models import SA
    >>> gnomonic(SA).proved
    True
    """
    require_flow(model)
    plain = Rewriter()
    total: Words = {}
    tangential = True
    for projected, field in velocity_terms(on_unit_rows(model.velocity)):
        tangential &= projected
        for word, coefficient in plain.words(field).items():
            if not word or word[-1] != X:
                raise ValueError(
                    f"Expected a field A X with values V = I but got velocity={model.velocity} in "
                    f"model={model.name}; queries and keys are free, the value matrix is not."
                )
            total[word[:-1]] = total.get(word[:-1], S.Zero) + coefficient
    weights = plain.assemble(total, (n, n))

    x, y, w = vectors("x_i x_j w", unit="x_i x_j w")
    weight = Symbol("A_ij", real=True)
    velocity = (project(x, y) if tangential else y) * weight
    s_i, s_j, g = inner(x, w), inner(y, w), inner(x, y)
    height = inner(velocity, w)
    # y_i = x_i / s_i, differentiated by the quotient rule with s_i' = <x_i', w>
    moved = velocity / s_i - x * (height / s_i**2)
    claimed = (y / s_j - x / s_i) * (weight * s_j / s_i)
    left = (moved - claimed).simplify()
    proof = (
        Residual("y_i' = Σ_j A_ij (s_j/s_i)(y_j - y_i), summand j", residual(inner(left, left))),
        *(
            Residual(f"its coefficient along {direction.base}", value)
            for direction, value in left.terms
        ),
        Residual(
            "s_i' = Σ_j A_ij (s_j - g_ij s_i), summand j",
            residual(height - weight * (s_j - g * s_i)),
        ),
    )
    heights = DiagMatrix(s)
    pull = DiagMatrix(plain.form(MatMul(Inverse(heights), weights, s)))
    rate = MatAdd(MatMul(Inverse(heights), weights, heights, Y), MatMul(Integer(-1), pull, Y))
    fall = DiagonalMatrix(MatMul(weights, X, Transpose(X)))
    return Gnomonic(
        model,
        "the tokens of an open hemisphere, s_i > 0 for all i; min_i s_i never falls if A >= 0",
        proof,
        weights,
        plain.form(rate),
        plain.form(MatAdd(MatMul(weights, s), MatMul(Integer(-1), fall, s))),
    )
