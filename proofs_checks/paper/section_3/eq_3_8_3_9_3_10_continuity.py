"""(3.8), (3.9), (3.10): USA as a flow of measures.

Main results
------------
- (3.8): the continuity equation of X[mu](x) = P_x ∫e^{β<x,y>} y dmu, weakly.
- (3.9): X[mu] = grad δE[mu] with δE[mu] = G_β * mu, G_β(t) = e^{βt}/β.
- (3.10): the continuity equation with the field grad(G_β * mu), weakly.

How it is proved
----------------
(3.8) is a theorem on fields that read the measure of the tokens through integrals: f is any C^1
function, the measures are those of n tokens with masses. (3.9) is the theorem of Lemma 3.6. (3.10)
is that theorem on measures, with another: at a point that moves on the sphere, the potential in
which tokens and masses are held has the slope <y', F(y)>, F the field along which tokens move.
Where no theorem reads the weights the row algebra reduces d/dt ∫f dmu - ∫<grad f, grad φ> dmu to 0,
for f = <b,x>^p with symbolic b and p. All three are watched at rational points. Cited, of (3.10)
without a theorem: the powers <b,x>^p span a dense set in C^1; finite measures are dense.

References
----------
arXiv 2312.10794, (3.8), (3.9) and (3.10).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import DiagMatrix, log
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.paper.section_3.eq_3_4_weak_form import WEAK_FORM
from proofs_checks.paper.section_3.lemma_3_6_3_7_variations import FIRST_VARIATION
from proofs_checks.proof import (
    FINITE_MEASURES_ARE_DENSE,
    KERNEL_MASS,
    KNOWN,
    MEAN_FIELD,
    MOVE,
    NONZERO,
    ON_SPHERE,
    PAIR_ENERGY,
    PROBE_KERNEL,
    PROBE_POTENTIAL,
    PROBES,
    SUM_FIELD,
    TEST_FUNCTION,
    Counterexample,
    Flow,
    Identity,
    RowAlgebra,
    Statement,
    Trial,
    Vanishing,
    Witness,
    at_tokens,
    convolution,
    decimal,
    excludes_zero,
    identities,
    slope_along,
    slope_along_at,
    statement_of,
    tested_witness,
    vanishes,
)
from proofs_checks.proof.kinds import OF_PAIR_ENERGY, UNDIVIDED, UNLABELLED
from proofs_checks.propositions import Subject
from proofs_checks.theorems import (
    AlongField,
    Concludes,
    Conclusion,
    Refusal,
    values_in,
    weak_convolution,
    weak_solution,
)
from theory.atoms import Elementwise, Tangent
from theory.engines import basis_trace, differential, residual
from theory.models import CAUSAL, REPULSIVE, SA, USA
from theory.symbols import X, beta, d, m, z


def derive_potential(flow: Flow) -> MatrixExpr | None:
    """Return the first variation of the flow's energy, where rows aren't divided."""
    if flow.model.kind != "flow" or flow.normalised or flow.kernel is None:
        return None
    return convolution(flow.kernel)


def flux_left(flow: Flow, prediction: MatrixExpr) -> Any:
    """``d/dt ∫f dmu = ∫<grad f, grad φ> dmu`` for f = <b,x>^p with symbolic b and p."""
    algebra = RowAlgebra()
    moment = differential(at_tokens(TEST_FUNCTION), X, flow.model.velocity)
    masses, move = algebra.column(m), algebra.vector(MOVE)
    rate = masses * algebra.column(moment)
    flux = masses * basis_trace(
        slope_along(algebra, TEST_FUNCTION) * slope_along(algebra, prediction), move
    )
    left = residual(rate - flux)
    return (("d/dt ∫f dmu - ∫<grad f, grad φ> dmu", left),), (m.T * moment, rate - flux)


def _flux_sides(
    flow: Flow, prediction: MatrixExpr, rng: np.random.Generator
) -> tuple[Any, Any, Witness]:
    """Both sides at a drawn point."""
    velocity = flow.model.velocity
    moment = differential(at_tokens(TEST_FUNCTION), X, velocity)
    point = tested_witness([velocity, prediction, TEST_FUNCTION], rng)
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


def flux_at_a_point(flow: Flow, prediction: MatrixExpr, rng: np.random.Generator) -> str:
    """Compare both sides at a drawn point."""
    left, right, point = _flux_sides(flow, prediction, rng)
    if not excludes_zero(left - right):
        return ""
    return f"d/dt ∫f dmu = {decimal(left)}, ∫<grad f, grad φ> dmu = {decimal(right)} at {point}"


def flux_watched(flow: Flow, prediction: MatrixExpr, rng: np.random.Generator) -> tuple[Any, Any]:
    """Both sides at a drawn point."""
    return _flux_sides(flow, prediction, rng)[:2]


def field_identities(flow: Flow, prediction: MatrixExpr) -> tuple[Identity, ...]:
    """``x_i' = X[mu](x_i)``."""
    return (Identity("x_i' - X[mu](x_i)", flow.model.velocity, at_tokens(prediction)),)


def derive_field(flow: Flow) -> MatrixExpr | None:
    """Return the field of (3.4)."""
    return statement_of(WEAK_FORM).derive(flow)


def refute_field(
    flow: Flow, prediction: MatrixExpr | None, budget: Budget
) -> Counterexample | None:
    """Refute the weak form (3.4) of the field."""
    return statement_of(WEAK_FORM).refute(flow, prediction, budget)


def refute_gradient(
    flow: Flow, prediction: MatrixExpr | None, budget: Budget
) -> Counterexample | None:
    """Refute Lemma 3.6 for the potential."""
    return statement_of(FIRST_VARIATION).refute(flow, prediction, budget)


def watch_gradient(flow: Flow, prediction: MatrixExpr, budget: Budget) -> Trial:
    """Watch ``X[mu] = grad φ`` at points, axis by axis."""
    worst = 0.0
    for _ in range(budget.cases):
        point = Witness(budget.rng, [flow.model.velocity, at_tokens(prediction)])
        at, axis = point.evaluator(), int(budget.rng.integers(point.sizes[d]))
        left = slope_along_at(prediction, at, axis, point.sizes)[0]
        right = at(flow.model.velocity)[0][axis]
        if excludes_zero(left - right):
            found = f"grad φ has {decimal(left)}, X[mu] {decimal(right)} at {point}"
            return Trial(found, -1.0, budget.cases)
        worst = max(worst, abs(float((left - right).mid)))
    return Trial("", 1 - worst / 1e-15, budget.cases)


def conclude_flux(flow: Flow, prediction: MatrixExpr) -> Conclusion | Refusal:
    """Say that the measure solves its equation, along the gradient of the potential."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    return weak_convolution(Subject.of(flow.model, values), prediction.xreplace(values))


_WATCHED = vanishes(
    "",
    "x_i' = X[mu](x_i)",
    identities(field_identities, "x_i' - X[mu](x_i)"),
    derive_field,
)
ON_MEASURES: Statement[MatrixExpr] = Statement(
    "",
    "mu_t + div(X[mu] mu) = 0 weakly",
    Concludes(AlongField(weak_solution), words=(("beta", "symbolic"),)),
    derive_field,
    refute_field,
    _WATCHED.trial,
    typed=True,
)
GRADIENT: Statement[MatrixExpr] = Statement(
    "",
    "X[mu] = grad δE[mu]",
    statement_of(FIRST_VARIATION).decide,
    derive_potential,
    refute_gradient,
    watch_gradient,
    premises=(PAIR_ENERGY,),
    typed=True,
)
_SOLVED = "mu_t + div(grad(h*mu) mu) = 0 weakly, h the kernel of the energy"
_REDUCED: Statement[MatrixExpr] = vanishes(
    "",
    _SOLVED,
    Vanishing(
        flux_left,
        flux_at_a_point,
        "d/dt ∫<b,x>^p dmu - ∫<grad <b,x>^p, grad φ> dmu",
        {**NONZERO, "test functions": "<b,x>^p, b and p symbolic"},
        (
            "the span of the powers <b,x>^p is dense in C^1 of the sphere",
            *FINITE_MEASURES_ARE_DENSE,
        ),
        draws=10,
        sides=flux_watched,
    ),
    derive_potential,
)
FLUX: Statement[MatrixExpr] = Statement(
    "(3.10)",
    _SOLVED,
    Concludes(conclude_flux, _REDUCED.decide),
    derive_potential,
    _REDUCED.refute,
    _REDUCED.trial,
    domain=(UNLABELLED, OF_PAIR_ENERGY, UNDIVIDED),
    premises=(ON_SPHERE, PAIR_ENERGY, KNOWN),
    typed=True,
)


EQUATION_3_8 = Claim(
    "(3.8)",
    "USA on measures of tokens: mu_t + div(X[mu] mu) = 0 weakly, X[mu](x) = P_x ∫e^{β<x,y>} y dmu.",
    USA,
    SUM_FIELD,
    ON_MEASURES,
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
    GRADIENT,
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
    "On measures of tokens USA solves mu_t + div(grad(G_β*mu) mu) = 0, G_β(t) = e^{βt}/β, weakly.",
    USA,
    PROBE_POTENTIAL,
    FLUX,
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
