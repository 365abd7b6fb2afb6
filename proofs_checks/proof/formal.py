"""What the hypothesis of a gradient says, as a difference that is 0 for every row.

It is written while formulas are recorded, for another program to prove; otherwise nothing is done.
"""

from __future__ import annotations

from sympy import Expr
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof.row_algebra import RowAlgebra
from theory.atoms import Tangent
from theory.energy import energy_gradient
from theory.engines import inner, vectors
from theory.models import Model
from theory.recorded import is_recording
from theory.symbols import X


def gradient_form(model: Model, metric: MatrixExpr) -> Expr | None:
    """Return ``<a, g_i x_i' - P_i dE/dx_i>`` for any a."""
    if not is_recording() or model.energy is None:
        return None
    algebra = RowAlgebra()
    (probe,) = vectors("a")
    moved = algebra.vector(model.velocity) * algebra.column(metric)
    climbed = algebra.vector(Tangent(X, energy_gradient(model.energy)))
    return inner(probe, moved - climbed)
