"""Lemma 3.6, Lemma 3.7: USA follows the first variation of E.

Main results
------------
- Lemma 3.6: the velocity is the gradient of the first variation G_β * mu.
- Lemma 3.7: the energy grows by ∫|grad(G_β * mu)|^2 dmu.

How it is proved
----------------
Theorems of n tokens with masses, exact for symbolic n, d, β and masses. Where masses move at any
speeds c_i, tokens held, E' is Σ_i c_i φ_i; in φ, a function of a place on the sphere, tokens and
masses are held, and its gradient at a token is how it moves. E' along the flow is that of a
gradient, Σ_i m_i |x_i'|². Rational points, enclosed by intervals, are drawn only to refute.

References
----------
arXiv 2312.10794, Lemmas 3.6 and 3.7.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import Integer, MatrixSymbol, ZeroMatrix, exp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Claim, Control, Equivalent, Part, Verdict
from proofs_checks.proof import (
    KNOWN,
    MOVE,
    ON_SPHERE,
    PAIR_ENERGY,
    PROBE_MOVE,
    PROBES,
    STILL_ENERGY,
    Flow,
    RowAlgebra,
    Statement,
    Vanishing,
    Witness,
    at_tokens,
    convolution,
    decimal,
    energy_of,
    excludes_zero,
    explicit_change,
    gradient_row,
    potential_slope,
    row_dot,
    slope_defect,
    vanishes,
)
from proofs_checks.proof.kinds import OF_PAIR_ENERGY, UNDIVIDED, UNLABELLED
from proofs_checks.propositions import Subject
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    first_variation,
    growth_along,
    values_in,
)
from theory.atoms import Tangent
from theory.energy import energy_at, energy_gradient
from theory.engines import basis_trace, differential, inner, residual
from theory.models import SA, USA
from theory.symbols import beta, d, m, n, z

SIGNED_MASSES = MatrixSymbol("w", n, 1)


Left = tuple[tuple[tuple[str, Any], ...], tuple[Any, ...]]


def derive_variation(flow: Flow) -> MatrixExpr | None:
    """Return the first variation of the flow's energy; None for a flow that divides by row sums."""
    if flow.model.kind != "flow" or flow.normalised or flow.kernel is None:
        return None
    return convolution(flow.kernel)


def variation_left(flow: Flow, prediction: MatrixExpr) -> Left:
    """Differentiate ``E[mu + ε w]`` in the masses for any signed w, exactly quadratic in ε."""
    energy, algebra = energy_of(flow.model), RowAlgebra()
    first = differential(energy, m, SIGNED_MASSES)
    third = differential(differential(first, m, SIGNED_MASSES), m, SIGNED_MASSES)
    claimed = at_tokens(prediction)
    weight = algebra.column(SIGNED_MASSES)
    varied = algebra.density(first, SIGNED_MASSES) - weight * algebra.column(claimed)
    velocity = algebra.vector(flow.model.velocity)
    slope = potential_slope(algebra, prediction) - inner(algebra.vector(MOVE), velocity)
    parts = (
        ("d/dε E[mu + ε w] - ∫φ dw", residual(varied)),
        ("third order in ε", 0 if isinstance(third, ZeroMatrix) else third),
        ("<u, grad φ(x_i)> - <u, x_i'>", residual(slope)),
    )
    return parts, (energy, prediction, flow.model.velocity)


def variation_at_a_point(flow: Flow, prediction: MatrixExpr, rng: np.random.Generator) -> str:
    """Compare both sides at a drawn point."""
    first, claimed = differential(energy_of(flow.model), m, SIGNED_MASSES), at_tokens(prediction)
    point = Witness(rng, [first, claimed])
    at = point.evaluator()
    own = at(first)[0][0]
    other = sum(w[0] * c[0] for w, c in zip(at(SIGNED_MASSES), at(claimed), strict=True))
    if excludes_zero(own - other):
        return f"dE[mu](w) = {decimal(own)} but ∫φ dw = {decimal(other)} at {point}"
    return slope_defect(flow.model, prediction, rng)


def growth_left(flow: Flow, prediction: MatrixExpr) -> Left:
    """Compare dE/dX·x' with ``∫ |grad φ|^2 dmu``; an energy that holds t changes by itself too."""
    algebra = RowAlgebra()
    _, gradient, own = gradient_row(algebra, flow.model)
    growth = inner(gradient, algebra.vector(flow.model.velocity))
    square = basis_trace(potential_slope(algebra, prediction) ** 2, algebra.vector(MOVE))
    left = residual(growth - algebra.column(m) * square)
    parts = (("dE", own), ("dE/dt - ∫|grad φ|^2 dmu", left))
    return parts, (flow.model.energy, prediction, flow.model.velocity)


def growth_at_a_point(flow: Flow, prediction: MatrixExpr, rng: np.random.Generator) -> str:
    """Compare dE/dX·x' with ``∫ |grad φ|^2 dmu`` at a drawn point."""
    ascent = energy_gradient(energy_of(flow.model))
    slope = at_tokens(differential(prediction, PROBES, Tangent(PROBES, PROBE_MOVE)))
    point = Witness(rng, [flow.model.velocity, ascent, slope])
    at = point.evaluator()
    pairs = zip(at(ascent), at(flow.model.velocity), strict=True)
    rate = sum(row_dot(g, v) for g, v in pairs)
    total: Any = 0
    for axis in range(point.sizes[d]):
        unit = [[Integer(c == axis) for c in range(point.sizes[d])]]
        along = point.evaluator({MOVE: unit * point.sizes[n]})
        total += sum(w[0] * s[0] ** 2 for w, s in zip(at(m), along(slope), strict=True))
    if not excludes_zero(rate - total):
        return ""
    return f"dE/dt = {decimal(rate)} but ∫|grad φ|^2 dmu = {decimal(total)} at {point}"


def changes_by_itself(flow: Flow, prediction: MatrixExpr) -> str:
    """Equilibrium at which an energy that depends on t changes, or ""."""
    return explicit_change(flow)


_VARIED = vanishes("", "", Vanishing(variation_left, variation_at_a_point, ""), derive_variation)
_GROWN = vanishes(
    "",
    "",
    Vanishing(growth_left, growth_at_a_point, "", first=changes_by_itself),
    derive_variation,
)


def _said(flow: Flow, prediction: MatrixExpr, claim: Any) -> Conclusion | Refusal:
    """Return a claim on the energy and the potential at the values of the flow."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    energy = energy_at(energy_of(flow.model), values)
    subject = Subject.of(flow.model, values)
    return claim(subject, energy, prediction.xreplace(values))


def conclude_variation(flow: Flow, prediction: MatrixExpr) -> Conclusion | Refusal:
    """Say that φ is the first variation, and that tokens move along its gradient."""
    return _said(flow, prediction, first_variation)


def conclude_growth(flow: Flow, prediction: MatrixExpr) -> Conclusion | Refusal:
    """Say that E' is the integral of the square of the gradient of φ."""
    return _said(flow, prediction, growth_along)


VARIES: Statement[MatrixExpr] = Statement(
    "Lemma 3.6",
    "velocity = grad φ, φ the first variation of the energy",
    Concludes(conclude_variation),
    derive_variation,
    _VARIED.refute,
    domain=(UNLABELLED, OF_PAIR_ENERGY, UNDIVIDED),
    premises=(ON_SPHERE, PAIR_ENERGY, KNOWN),
    typed=True,
)
GROWS: Statement[MatrixExpr] = Statement(
    "Lemma 3.7",
    "dE/dt = ∫|grad φ|² dmu, φ the first variation of the energy",
    Concludes(conclude_growth),
    derive_variation,
    _GROWN.refute,
    domain=(UNLABELLED, OF_PAIR_ENERGY, UNDIVIDED),
    premises=(ON_SPHERE, PAIR_ENERGY, STILL_ENERGY, KNOWN),
    typed=True,
)


FIRST_VARIATION = Claim(
    label="Lemma 3.6",
    statement="USA moves along the gradient of the first variation of the energy, G_β * mu.",
    model=USA,
    prediction=convolution(exp(beta * z) / beta),
    check=VARIES,
    controls=(
        Control("(1/2) G_β * mu", prediction=convolution(exp(beta * z) / (2 * beta))),
        Control("G_β without 1/β", prediction=convolution(exp(beta * z))),
        Control("the normalised flow SA", model=SA),
    ),
    expected=Verdict.PROVED,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


SLOPE_GROWTH = Claim(
    label="Lemma 3.7",
    statement="Along USA the energy grows by ∫|grad(G_β * mu)|^2 dmu.",
    model=USA,
    prediction=convolution(exp(beta * z) / beta),
    check=GROWS,
    controls=(
        Control("G_β without 1/β", prediction=convolution(exp(beta * z))),
        Control("the normalised flow SA", model=SA),
    ),
    expected=Verdict.PROVED,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(Equivalent("|grad φ|² is even in φ", ("prediction: sign",)),),
)


CLAIMS = (FIRST_VARIATION, SLOPE_GROWTH)
