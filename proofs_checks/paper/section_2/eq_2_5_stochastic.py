"""(2.5): the attention matrix has positive entries and rows of sum 1.

How it is proved
----------------
The row algebra reduces the sum of a row minus 1 to 0, exactly for every n, d, k, Q, K and all
masses. The entries are positive as the kernel of the scores is (SymPy's assumptions decide it)
and the masses are. Rational points, enclosed by intervals, are drawn only to refute.

References
----------
arXiv 2312.10794, (2.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import DiagMatrix, Expr, MatMul, OneMatrix, S, Transpose, exp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import SYMBOLIC, RowAlgebra, Witness, decimal, excludes_zero, settle
from theory.atoms import Elementwise, RowSoftmax
from theory.engines import residual
from theory.symbols import K, Q, X, beta, m, n


@dataclass(frozen=True)
class Stochastic:
    """Row sums of a matrix of weights, and whether every entry is said to be positive."""

    row_sum: Expr
    positive: bool = True


def _kernels(matrix: MatrixExpr) -> list[Expr]:
    """Functions applied to the scores in a matrix of weights."""
    if isinstance(matrix, RowSoftmax):
        matrix = matrix.elementary()
    return [part.body for part in matrix.atoms(Elementwise)]


def check_stochastic(model: MatrixExpr, prediction: Stochastic, budget: Budget) -> Evidence:
    """Check that rows sum to the prediction and that the kernel is positive.

    Parameters
    ----------
    model : MatrixExpr, shape (n, n)
        The weights.
    prediction : Stochastic
        Row sum and sign.
    budget : Budget
        Points to draw for a counterexample.
    """
    algebra = RowAlgebra()
    total = residual(algebra.column(model * OneMatrix(n, 1)) - prediction.row_sum)
    kernels = _kernels(model)
    signs = bool(kernels) and all(body.is_positive for body in kernels)

    def refute(rng: np.random.Generator) -> str:
        point = Witness(rng, [model])
        rows = point.evaluator()(model.elementary() if isinstance(model, RowSoftmax) else model)
        for i, row in enumerate(rows, start=1):
            gap = sum(row) - point.evaluator().scalar(prediction.row_sum)
            if excludes_zero(gap):
                return f"row {i} sums to {decimal(sum(row))} at {point}"
            for j, entry in enumerate(row, start=1):
                if prediction.positive and entry.b < 0:
                    return f"A_{i}{j} = {decimal(entry)} < 0 at {point}"
                if not prediction.positive and entry.a > 0:
                    return f"A_{i}{j} = {decimal(entry)} > 0 at {point}"
        return ""

    return settle(
        [
            ("Σ_j A_ij - row sum", total),
            ("sign", 0 if signs and prediction.positive else f"of {kernels}"),
        ],
        refute,
        budget,
        f"Σ_j A_ij - {prediction.row_sum}; the kernel {kernels} is positive, and so are masses",
        legend=algebra.legend,
        scope={**SYMBOLIC, "Q, K": "symbolic, k x d"},
        identity=(model * OneMatrix(n, 1) - prediction.row_sum * OneMatrix(n, 1),),
    )


_SCORES = beta * X * Q.T * K * X.T


STOCHASTIC = Claim(
    "(2.5)",
    "The attention matrix is row-stochastic with positive entries.",
    RowSoftmax(_SCORES, m),
    Stochastic(S.One),
    check_stochastic,
    (
        Control("no division by Z_i", model=Elementwise(exp, _SCORES) * DiagMatrix(m)),
        Control("the exponential dropped", model=_SCORES * DiagMatrix(m)),
        Control("row sum 1 -> n", prediction=Stochastic(n)),
        Control(
            "division by the column sums Σ_i m_i e^{S_ij}",
            model=MatMul(
                Elementwise(exp, _SCORES),
                DiagMatrix(Elementwise(exp, Transpose(_SCORES)) * m) ** -1,
                DiagMatrix(m),
            ),
        ),
    ),
    Verdict.PROVED,
    equivalents=(
        Equivalent("a softmax of any scores is stochastic", ("model: e^u*", "model: β -> β²")),
    ),
)


CLAIMS = (STOCHASTIC,)
