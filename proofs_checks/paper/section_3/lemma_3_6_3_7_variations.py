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

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.proof import (
    MOVE,
    NONZERO,
    PROBE_MOVE,
    PROBES,
    RowAlgebra,
    Witness,
    at_tokens,
    convolution,
    decimal,
    energy_of,
    excludes_zero,
    gradient_row,
    potential_slope,
    row_dot,
    settle,
    slope_defect,
)
from theory.atoms import Tangent
from theory.engines import basis_trace, differential, inner, residual
from theory.models import SA, USA, Model
from theory.symbols import beta, d, m, n, z

SIGNED_MASSES = MatrixSymbol("w", n, 1)


def check_first_variation(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check the first variation of the energy, and that the velocity is its spherical gradient.

    ``E[mu + ε w]`` is differentiated in the masses for any signed w: exactly quadratic in ε.

    Parameters
    ----------
    model : Model
        The flow with its energy.
    prediction : MatrixExpr
        The first variation at the rows of ``PROBES``.
    budget : Budget
        Points to draw for a counterexample.
    """
    energy = energy_of(model)
    algebra = RowAlgebra()
    first = differential(energy, m, SIGNED_MASSES)
    third = differential(differential(first, m, SIGNED_MASSES), m, SIGNED_MASSES)
    claimed = at_tokens(prediction)
    weight = algebra.column(SIGNED_MASSES)
    varied = algebra.density(first, SIGNED_MASSES) - weight * algebra.column(claimed)
    velocity = algebra.vector(model.velocity)
    slope = potential_slope(algebra, prediction) - inner(algebra.vector(MOVE), velocity)

    def refute(rng: np.random.Generator) -> str:
        point = Witness(rng, [first, claimed])
        at = point.evaluator()
        own = at(first)[0][0]
        other = sum(w[0] * c[0] for w, c in zip(at(SIGNED_MASSES), at(claimed), strict=True))
        if excludes_zero(own - other):
            return f"dE[mu](w) = {decimal(own)} but ∫φ dw = {decimal(other)} at {point}"
        return slope_defect(model, prediction, rng)

    return settle(
        [
            ("d/dε E[mu + ε w] - ∫φ dw", residual(varied)),
            ("third order in ε", 0 if isinstance(third, ZeroMatrix) else third),
            ("<u, grad φ(x_i)> - <u, x_i'>", residual(slope)),
        ],
        refute,
        budget,
        f"dE[mu](w) - ∫φ dw and grad φ - x_i' for φ = {prediction}, E quadratic in mu",
        legend=algebra.legend,
        scope=NONZERO,
        assumptions=("finite measures are dense: both sides are weakly continuous in mu and w",),
        identity=(model.energy, prediction, model.velocity),
    )


def check_slope_growth(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Compare dE/dt with ``∫ |grad φ|^2 dmu``.

    Parameters
    ----------
    model : Model
        The flow with its energy.
    prediction : MatrixExpr
        The potential φ at the rows of ``PROBES``.
    budget : Budget
        Points to draw for a counterexample.
    """
    algebra = RowAlgebra()
    ascent, gradient, own = gradient_row(algebra, model)
    growth = inner(gradient, algebra.vector(model.velocity))
    square = basis_trace(potential_slope(algebra, prediction) ** 2, algebra.vector(MOVE))
    left = residual(growth - algebra.column(m) * square)

    def refute(rng: np.random.Generator) -> str:
        slope = at_tokens(differential(prediction, PROBES, Tangent(PROBES, PROBE_MOVE)))
        point = Witness(rng, [model.velocity, ascent, slope])
        at = point.evaluator()
        pairs = zip(at(ascent), at(model.velocity), strict=True)
        rate = sum(row_dot(g, v) for g, v in pairs)
        total: Any = 0
        for axis in range(point.sizes[d]):
            unit = [[Integer(c == axis) for c in range(point.sizes[d])]]
            along = point.evaluator({MOVE: unit * point.sizes[n]})
            total += sum(w[0] * s[0] ** 2 for w, s in zip(at(m), along(slope), strict=True))
        if not excludes_zero(rate - total):
            return ""
        return f"dE/dt = {decimal(rate)} but ∫|grad φ|^2 dmu = {decimal(total)} at {point}"

    return settle(
        [("dE", own), ("dE/dt - ∫|grad φ|^2 dmu", left)],
        refute,
        budget,
        f"dE/dt - ∫|grad φ|^2 dmu for φ = {prediction}",
        legend=algebra.legend,
        scope=NONZERO,
        assumptions=("finite measures are dense: both sides are weakly continuous in mu",),
        identity=(model.energy, prediction, model.velocity),
    )


FIRST_VARIATION = Claim(
    label="Lemma 3.6",
    statement="USA moves along the gradient of the first variation of the energy, G_β * mu.",
    model=USA,
    prediction=convolution(exp(beta * z) / beta),
    check=check_first_variation,
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
    check=check_slope_growth,
    controls=(
        Control("G_β without 1/β", prediction=convolution(exp(beta * z))),
        Control("the normalised flow SA", model=SA),
    ),
    expected=Verdict.PROVED,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(Equivalent("|grad φ|² is even in φ", ("prediction: sign",)),),
)


CLAIMS = (FIRST_VARIATION, SLOPE_GROWTH)
