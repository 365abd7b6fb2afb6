"""E.(3.7): X[mu] is β^{-1} grad log ∫e^{β<x,y>} dmu.

How it is proved
----------------
A theorem on shares e^{β<x_i,x_j>}: at a point y_i that moves on the sphere, whatever tokens do, the
potential in which tokens and masses are held has the slope <y_i', P_i Σ_j a_ij x_j>, and at y_i =
x_i the second factor is the velocity; with 1/β inside the logarithm, as printed, the slope is β
times as much. Of weights that no theorem reads, as those of distances, the row algebra reduces
<u, grad φ(x_i)> - <u, x_i'> to 0. Rational points, enclosed by intervals, are drawn only to refute.

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
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Concludes, Conclusion, Refusal, held_slope_of, values_in
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


def conclude_potential(flow: Flow, prediction: MatrixExpr) -> Conclusion | Refusal:
    """Say that tokens move along the gradient of the potential, in which all else is held."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    return held_slope_of(Subject.of(flow.model, values), prediction.xreplace(values))


_SAYS = "velocity = grad of β^{-1} log ∫e^{β<x,y>} dmu"
_REDUCED: Statement[MatrixExpr] = vanishes(
    "",
    _SAYS,
    Vanishing(potential_left, potential_at_a_point, "grad φ(x_i) - x_i'", NONZERO),
    derive_potential,
)
POTENTIAL: Statement[MatrixExpr] = Statement(
    "(3.7)",
    _SAYS,
    Concludes(conclude_potential, _REDUCED.decide),
    derive_potential,
    _REDUCED.refute,
    domain=(UNLABELLED, DIVIDED, Domain("c ≠ 0", _varies)),
    premises=(ON_SPHERE, ATTENTION, AUTONOMOUS),
    says=say_potential,
    typed=True,
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
