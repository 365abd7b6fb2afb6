"""E.(3.7): X[mu] is β^{-1} grad log ∫e^{β<x,y>} dmu.

How it is proved
----------------
The row algebra reduces <u, grad φ(x_i)> - <u, x_i'> to 0 for the potential φ with the factor 1/β
outside the logarithm, exactly for symbolic n, d, β, masses and u. With 1/β inside, as printed, a
residual is left. Rational points, enclosed by intervals, are drawn only to refute.

References
----------
arXiv 2312.10794, (3.7).
"""

from __future__ import annotations

from sympy import exp, log
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import (
    MOVE,
    NONZERO,
    RowAlgebra,
    convolution,
    potential_slope,
    settle,
    slope_defect,
)
from theory.atoms import Elementwise
from theory.engines import inner, residual
from theory.models import REPULSIVE, SA, USA, Model
from theory.symbols import beta, z

EXP_CONVOLUTION = convolution(exp(beta * z))


def check_potential(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check that the velocity is the spherical gradient of a potential.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : MatrixExpr
        The potential at the rows of ``PROBES``.
    budget : Budget
        Points to draw for a counterexample.
    """
    algebra = RowAlgebra()
    own = inner(algebra.vector(MOVE), algebra.vector(model.velocity))
    return settle(
        [("<u, grad φ(x_i)> - <u, x_i'>", residual(potential_slope(algebra, prediction) - own))],
        lambda rng: slope_defect(model, prediction, rng),
        budget,
        f"grad φ(x_i) - x_i' for φ = {prediction}",
        legend=algebra.legend,
        scope=NONZERO,
        identity=(prediction, model.velocity),
    )


LOGARITHMIC = Claim(
    label="E.(3.7)",
    statement="X[mu] = β^{-1} grad log ∫e^{β<x,y>} dmu; the printed form lacks the outer 1/β.",
    model=SA,
    prediction=Elementwise(log(z) / beta, EXP_CONVOLUTION),
    check=check_potential,
    controls=(
        Control("the unnormalised flow USA", model=USA),
        Control("V = -I", model=REPULSIVE),
        Control("no logarithm", prediction=EXP_CONVOLUTION / beta),
    ),
    printed=Control(
        "1/β inside the logarithm",
        prediction=Elementwise(log(z), convolution(exp(beta * z) / beta)),
    ),
    expected=Verdict.PROVED,
    origin="erratum",
    kind="formula",
)


CLAIMS = (LOGARITHMIC,)
