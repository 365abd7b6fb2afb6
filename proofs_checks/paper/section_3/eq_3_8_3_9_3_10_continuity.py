"""(3.8), (3.9), (3.10): USA as a flow of measures.

Main results
------------
- (3.8): the continuity equation of X[mu](x) = P_x ∫e^{β<x,y>} y dmu, weakly.
- (3.9): X[mu] = grad δE[mu] with δE[mu] = G_β * mu, G_β(t) = e^{βt}/β.
- (3.10): the continuity equation with the field grad(G_β * mu), weakly.

How it is proved
----------------
(3.8) is decided by the check of (3.4), (3.9) by that of Lemma 3.6. For (3.10) the row algebra
reduces d/dt ∫f dmu - ∫<grad f, grad φ> dmu to 0, the gradients' product being a trace over a
basis, for f = <b,x>^p with symbolic b and p. All three are watched at rational points. Cited:
the powers <b,x>^p span a dense set in C^1; finite measures are dense.

References
----------
arXiv 2312.10794, (3.8), (3.9) and (3.10).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sympy import DiagMatrix, log
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Evidence, Part, Verdict
from proofs_checks.paper.section_3.eq_3_4_weak_form import check_weak_form
from proofs_checks.paper.section_3.lemma_3_6_3_7_variations import FIRST_VARIATION
from proofs_checks.proof import (
    FINITE_MEASURES_ARE_DENSE,
    KERNEL_MASS,
    MEAN_FIELD,
    MOVE,
    NONZERO,
    PROBE_KERNEL,
    PROBE_POTENTIAL,
    PROBES,
    SUM_FIELD,
    TEST_FUNCTION,
    Identity,
    RowAlgebra,
    Witness,
    adding,
    at_tokens,
    compare,
    decimal,
    excludes_zero,
    settle,
    slope_along,
    slope_along_at,
    tested_witness,
    watched_evidence,
)
from theory.atoms import Elementwise, Tangent
from theory.engines import basis_trace, differential, residual
from theory.models import CAUSAL, REPULSIVE, SA, USA, Model
from theory.symbols import X, beta, d, m, z


def check_flux(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check ``d/dt ∫f dmu = ∫<grad f, grad φ> dmu`` for f = <b,x>^p with symbolic b and p.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : MatrixExpr
        The potential φ at the rows of ``PROBES``.
    budget : Budget
        Points to draw for a counterexample, and to watch.
    """
    algebra = RowAlgebra()
    moment = differential(at_tokens(TEST_FUNCTION), X, model.velocity)
    masses, move = algebra.column(m), algebra.vector(MOVE)
    rate = masses * algebra.column(moment)
    flux = masses * basis_trace(
        slope_along(algebra, TEST_FUNCTION) * slope_along(algebra, prediction), move
    )

    def gap(rng: np.random.Generator) -> tuple[Any, Any, Witness]:
        point = tested_witness([model.velocity, prediction, TEST_FUNCTION], rng)
        at = point.evaluator()
        left = sum(w[0] * row[0] for w, row in zip(at(m), at(moment), strict=True))
        right: Any = 0
        for axis in range(point.sizes[d]):
            pairs = zip(
                at(m),
                slope_along_at(TEST_FUNCTION, at, axis, point.sizes),
                slope_along_at(prediction, at, axis, point.sizes),
                strict=True,
            )
            right += sum(w[0] * a * b for w, a, b in pairs)
        return left, right, point

    def refute(rng: np.random.Generator) -> str:
        left, right, point = gap(rng)
        if not excludes_zero(left - right):
            return ""
        return f"d/dt ∫f dmu = {decimal(left)}, ∫<grad f, grad φ> dmu = {decimal(right)} at {point}"

    return watched_evidence(
        settle(
            [("d/dt ∫f dmu - ∫<grad f, grad φ> dmu", residual(rate - flux))],
            refute,
            replace(budget, cases=10 * budget.cases),
            f"d/dt ∫<b,x>^p dmu - ∫<grad <b,x>^p, grad φ> dmu for φ = {prediction}",
            legend=algebra.legend,
            scope={**NONZERO, "test functions": "<b,x>^p, b and p symbolic"},
            assumptions=(
                "the span of the powers <b,x>^p is dense in C^1 of the sphere",
                *FINITE_MEASURES_ARE_DENSE,
            ),
            identity=(m.T * moment, rate - flux),
        ),
        lambda rng: gap(rng)[:2],
        budget,
    )


def check_continuity(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check the weak continuity equation of a field, and watch ``x_i' = X[mu](x_i)`` at points."""
    evidence = check_weak_form(model, prediction, budget)
    if evidence.verdict is not Verdict.PROVED:
        return evidence
    same = Identity("x_i' - X[mu](x_i)", model.velocity, at_tokens(prediction))
    seen = compare([same], budget)
    return adding(evidence, "watched at rational points", seen.cases, seen.margin)


def check_first_gradient(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check ``φ = δE[mu]`` and ``X[mu] = grad φ``, and watch it at points, axis by axis."""

    def sides(rng: np.random.Generator) -> tuple[Any, Any]:
        point = Witness(rng, [model.velocity, at_tokens(prediction)])
        at, axis = point.evaluator(), int(rng.integers(point.sizes[d]))
        slopes = slope_along_at(prediction, at, axis, point.sizes)
        return slopes[0], at(model.velocity)[0][axis]

    return watched_evidence(FIRST_VARIATION.check(model, prediction, budget), sides, budget)


EQUATION_3_8 = Claim(
    "(3.8)",
    "USA on measures: mu_t + div(X[mu] mu) = 0 weakly, X[mu](x) = P_x ∫e^{β<x,y>} y dmu.",
    USA,
    SUM_FIELD,
    check_continuity,
    (
        Control("divided by Z", prediction=MEAN_FIELD),
        Control("a causal mask", model=CAUSAL),
        Control("tokens counted, not weighed", prediction=Tangent(PROBES, PROBE_KERNEL * X)),
        Control("no projection", prediction=PROBE_KERNEL * DiagMatrix(m) * X),
    ),
    Verdict.PROVED,
    cases=4,
)


EQUATION_3_9 = Claim(
    "(3.9)",
    "X[mu] = grad δE[mu] for USA, δE[mu] = G_β*mu, G_β(t) = e^{βt}/β.",
    USA,
    PROBE_POTENTIAL,
    check_first_gradient,
    (
        Control("½ G_β*mu", prediction=PROBE_POTENTIAL / 2),
        Control("G_β without 1/β", prediction=KERNEL_MASS),
        Control(
            "log ∫e^{β<x,y>} dmu / β, for SA", prediction=Elementwise(log(z) / beta, KERNEL_MASS)
        ),
        Control("the normalised flow SA", model=SA),
    ),
    Verdict.PROVED,
    cases=4,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


EQUATION_3_10 = Claim(
    "(3.10)",
    "USA solves mu_t + div(grad(G_β*mu) mu) = 0, G_β(t) = e^{βt}/β, in the weak sense.",
    USA,
    PROBE_POTENTIAL,
    check_flux,
    (
        Control("G_β without 1/β", prediction=KERNEL_MASS),
        Control("½ G_β*mu", prediction=PROBE_POTENTIAL / 2),
        Control("the normalised flow SA", model=SA),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    cases=2,
)


CLAIMS = (EQUATION_3_8, EQUATION_3_9, EQUATION_3_10)
