"""Lemma 3.6, Lemma 3.7: USA follows the first variation of E.

Main results
------------
- Lemma 3.6: the velocity is the gradient of the first variation G_β * mu.
- Lemma 3.7: the energy grows by ∫|grad(G_β * mu)|^2 dmu.

How it is proved
----------------
E[mu + ε w] is differentiated in the masses, for any signed w; it is quadratic in ε. The row
algebra reduces dE[mu](w) - ∫φ dw, <u, grad φ> - <u, x_i'>, and dE/dt - ∫|grad φ|^2 dmu to 0, the
square being a trace over a basis. Exact for symbolic n, d, β and masses. Cited: finite measures
are dense. Rational points, enclosed by intervals, are drawn only to refute.

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
    NONZERO,
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
from theory.atoms import Tangent
from theory.energy import energy_gradient, pair_kernel
from theory.engines import basis_trace, differential, inner, residual
from theory.models import SA, USA
from theory.symbols import beta, d, m, n, z

SIGNED_MASSES = MatrixSymbol("w", n, 1)


Left = tuple[tuple[tuple[str, Any], ...], tuple[Any, ...]]


def derive_variation(flow: Flow) -> MatrixExpr | None:
    """Return the first variation of the flow's energy; None for a flow that divides by row sums."""
    if flow.model.kind != "flow" or flow.normalised or flow.kernel is None:
        return None
    return convolution(pair_kernel(energy_of(flow.model)))


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


_DENSE = "finite measures are dense: both sides are weakly continuous in mu"
VARIES: Statement[MatrixExpr] = vanishes(
    "Lemma 3.6",
    "velocity = grad φ, φ the first variation of the energy",
    Vanishing(
        variation_left,
        variation_at_a_point,
        "dE[mu](w) - ∫φ dw and grad φ - x_i', E quadratic in mu",
        NONZERO,
        (f"{_DENSE} and w",),
    ),
    derive_variation,
    domain=(UNLABELLED, OF_PAIR_ENERGY, UNDIVIDED),
    premises=(ON_SPHERE, PAIR_ENERGY, KNOWN),
)
GROWS: Statement[MatrixExpr] = vanishes(
    "Lemma 3.7",
    "dE/dt = ∫|grad φ|² dmu, φ the first variation of the energy",
    Vanishing(
        growth_left,
        growth_at_a_point,
        "dE/dt - ∫|grad φ|^2 dmu",
        NONZERO,
        (_DENSE,),
        first=changes_by_itself,
    ),
    derive_variation,
    domain=(UNLABELLED, OF_PAIR_ENERGY, UNDIVIDED),
    premises=(ON_SPHERE, PAIR_ENERGY, STILL_ENERGY, KNOWN),
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
