"""(3.6): the energy grows by a weighted sum of |x_i'|^2.

How it is proved
----------------
The row algebra reduces dE/dt - Σ_i g_i |x_i'|^2 to 0, with g = m_i Z_i for SA and m_i for USA,
and the closed form of dE against the differential of the energy. Exact for symbolic n, d, β and
masses. Rational points, enclosed by intervals, are drawn only to refute.

References
----------
arXiv 2312.10794, (3.6).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sympy import DiagMatrix, HadamardProduct, MatrixExpr, exp

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.proof import (
    NONZERO,
    RowAlgebra,
    Witness,
    decimal,
    excludes_zero,
    gradient_row,
    models_of,
    row_dot,
    settle,
)
from theory.atoms import Elementwise
from theory.energy import ENERGY, energy_gradient
from theory.engines import inner, residual
from theory.models import REPULSIVE, SA, USA
from theory.symbols import X, beta, m, n, z


def check_dissipation(
    model: Any, prediction: MatrixExpr | tuple[MatrixExpr, ...], budget: Budget
) -> Evidence:
    """Compare dE/dt with ``Σ_i g_i |x_i'|^2``.

    Parameters
    ----------
    model : Model or tuple of Model
        Flows with an energy.
    prediction : MatrixExpr or tuple of MatrixExpr, shape (n, 1)
        The weights g, one column a model.
    budget : Budget
        Points to draw for a counterexample.
    """
    pairs = list(zip(models_of(model), _columns(prediction), strict=True))
    residuals, broken, legends = [], [], []
    for one, weights in pairs:
        algebra = RowAlgebra()
        ascent, gradient, own = gradient_row(algebra, one)
        velocity = algebra.vector(one.velocity)
        growth = inner(gradient, velocity)
        left = residual(growth - algebra.column(weights) * inner(velocity, velocity))
        residuals += [(f"dE, {one.name}", own), (f"dE/dt, {one.name}", left)]
        if left != 0:
            broken.append((one, weights, ascent))
            legends.append(algebra.legend)

    def refute(rng: np.random.Generator) -> str:
        one, weights, gradient = broken[0]
        point = Witness(rng, [one.velocity, gradient, weights])
        at = point.evaluator()
        velocity = at(one.velocity)
        growth = sum(row_dot(g, v) for g, v in zip(at(gradient), velocity, strict=True))
        claimed = sum(w[0] * row_dot(v, v) for w, v in zip(at(weights), velocity, strict=True))
        if not excludes_zero(growth - claimed):
            return ""
        return f"dE/dt = {decimal(growth)} but Σ g_i |x_i'|^2 = {decimal(claimed)} at {point}"

    return settle(
        residuals,
        refute,
        budget,
        "dE/dt - Σ g_i |x_i'|^2 for " + ", ".join(f"{a.name} (g = {g})" for a, g in pairs),
        legend="; ".join(legends),
        scope=NONZERO,
        identity=tuple(
            energy_gradient(a.energy).T * a.velocity
            - a.velocity.T * DiagMatrix(weights) * a.velocity
            for a, weights in pairs
        ),
    )


def _columns(prediction: MatrixExpr | tuple[MatrixExpr, ...]) -> tuple[MatrixExpr, ...]:
    return prediction if isinstance(prediction, tuple) else (prediction,)


PARTITION = Elementwise(exp(beta * z), X * X.T) * m
"""The partition function ``Z_i = Σ_j m_j e^{β<x_i,x_j>}`` as a column."""


DISSIPATION = Claim(
    label="(3.6)",
    statement="The energy grows by Σ m_i Z_i |x_i'|^2 along SA and by Σ m_i |x_i'|^2 along USA.",
    model=(SA, USA),
    prediction=(HadamardProduct(m, PARTITION), m),
    check=check_dissipation,
    controls=(
        Control("Z_i dropped in the identity of SA", prediction=(m, m)),
        Control("n in place of Z_i", prediction=(n * m, m)),
        Control("V = -I, the same energy", model=(replace(REPULSIVE, energy=ENERGY), USA)),
    ),
    expected=Verdict.PROVED,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(
        Equivalent(
            "without P_i too: dE/dt = Σ <∂_i E, v_i> with ∂_i E = g_i v_i",
            ("*.velocity: no projection",),
        ),
    ),
)


CLAIMS = (DISSIPATION,)
