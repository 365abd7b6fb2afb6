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

from typing import Any

import numpy as np
from sympy import exp, log
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Claim, Control, Verdict
from proofs_checks.proof import (
    ATTENTION,
    AUTONOMOUS,
    MOVE,
    NONZERO,
    ON_SPHERE,
    Domain,
    Flow,
    How,
    Outcome,
    RowAlgebra,
    Statement,
    Step,
    Vanishing,
    convolution,
    entry_in_words,
    heat,
    potential_slope,
    slope_defect,
    vanishes,
)
from proofs_checks.proof.kinds import DIVIDED, UNLABELLED
from theory.atoms import Elementwise
from theory.engines import inner, residual
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, z

EXP_CONVOLUTION = convolution(exp(beta * z))


def derive_potential(flow: Flow) -> MatrixExpr | None:
    """Return ``c log ∫k dmu`` for a softmax of k with k' = k/c, else nothing."""
    form, hot = flow.still_form, heat(flow)
    if form is None or hot is None or not form.normalised or hot == 0:
        return None
    found: MatrixExpr = Elementwise(form.scale * log(z) / hot, convolution(form.kernel))
    return found


def potential_left(flow: Flow, prediction: MatrixExpr) -> Any:
    """``<u, grad φ(x_i)> - <u, x_i'>`` for any u."""
    algebra, velocity = RowAlgebra(), flow.model.velocity.xreplace(flow.values)
    own = inner(algebra.vector(MOVE), algebra.vector(velocity))
    left = residual(potential_slope(algebra, prediction) - own)
    return (("<u, grad φ(x_i)> - <u, x_i'>", left),), (prediction, velocity)


def potential_at_a_point(flow: Flow, prediction: MatrixExpr, rng: np.random.Generator) -> str:
    """Compare velocity and gradient in one direction at a drawn point."""
    return slope_defect(flow.model.subs(flow.values), prediction, rng)


def say_potential(flow: Flow, prediction: MatrixExpr) -> str:
    """Say the flow's own potential."""
    return f"velocity = grad of {entry_in_words(prediction)}"


def _varies(flow: Flow) -> Step:
    """Whether c isn't 0, by which the potential is divided."""
    cold = flow.normalised and heat(flow) == 0
    outcome = Outcome.FAILS if cold else Outcome.HOLDS
    return Step("weights e^{c<x_i,x_j>}, c ≠ 0", How.DERIVED, outcome, "c = 0" if cold else "")


POTENTIAL: Statement[MatrixExpr] = vanishes(
    "(3.7)",
    "velocity = grad of β^{-1} log ∫e^{β<x,y>} dmu",
    Vanishing(potential_left, potential_at_a_point, "grad φ(x_i) - x_i'", NONZERO),
    derive_potential,
    domain=(UNLABELLED, DIVIDED, Domain("c ≠ 0", _varies)),
    premises=(ON_SPHERE, ATTENTION, AUTONOMOUS),
    says=say_potential,
)


LOGARITHMIC = Claim(
    label="E.(3.7)",
    statement="X[mu] = β^{-1} grad log ∫e^{β<x,y>} dmu; the printed form lacks the outer 1/β.",
    model=SA,
    prediction=Elementwise(log(z) / beta, EXP_CONVOLUTION),
    check=POTENTIAL,
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
