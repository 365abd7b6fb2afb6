"""(3.16), E.(3.15): SA is a gradient in a weighted metric.

Main results
------------
- (3.16): the flow is the gradient of E in the metric of weight Z, and dE/dt follows.
- E.(3.15): the weight is Z = β δE; the printed field grad δE/δE is β X[mu].

How it is proved
----------------
(3.16): the row algebra reduces the change of E along any grad ψ, ψ = <b,x>^p, minus the metric
tensor of the velocity and grad ψ, to 0, as a trace over a basis, and dE/dt likewise; rational
points watch it. E.(3.15): it reduces <u, grad δE> - Z <u, x_i'> to 0. Rational points, in
intervals, refute; that the potential is δE is compared at one point. Cited: the powers <b,x>^p
span a dense set in C^1; finite measures are dense.

References
----------
arXiv 2312.10794, (3.15) and (3.16).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import DiagMatrix, MatrixSymbol, OneMatrix, Rational, exp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Evidence, Part, Verdict
from proofs_checks.proof import (
    FINITE_MEASURES_ARE_DENSE,
    KERNEL_MASS,
    MOVE,
    NONZERO,
    PROBE_MOVE,
    PROBE_POTENTIAL,
    PROBES,
    TEST_FUNCTION,
    RowAlgebra,
    Witness,
    at_tokens,
    decimal,
    excludes_zero,
    leaves_sphere,
    settle,
    slope_along,
    slope_along_at,
    tested_witness,
    watched_evidence,
)
from theory.atoms import Elementwise, Tangent
from theory.energy import energy_gradient, pair_kernel
from theory.engines import basis_trace, differential, inner, residual
from theory.models import REPULSIVE, SA, USA, Model
from theory.symbols import X, beta, d, m, n, z


def check_metric_tensor(model: Model, prediction: MatrixExpr, budget: Budget) -> Evidence:
    """Check ``dE[mu](-div(mu grad ψ)) = ∫<X[mu], grad ψ> w dmu`` for ψ = <b,x>^p.

    The right side is the metric tensor of weight w between the flow and any other motion: the
    flow is the gradient of E in this metric, and with ψ' = X itself it is dE/dt.

    Parameters
    ----------
    model : Model
        The flow with its energy.
    prediction : MatrixExpr
        The weight w at the rows of ``PROBES``.
    budget : Budget
        Points to draw for a counterexample, and to watch.
    """
    lost = leaves_sphere(model, budget.rng)
    if model.energy is None or lost:
        verdict = Verdict.REFUTED if lost else Verdict.UNDECIDED
        return Evidence(verdict, lost or f"{model.name} has no energy")
    algebra = RowAlgebra()
    gradient = energy_gradient(model.energy)
    weight = at_tokens(prediction)
    along = differential(TEST_FUNCTION, PROBES, PROBE_MOVE).xreplace(
        {PROBE_MOVE: model.velocity, PROBES: X}
    )
    climb, move = algebra.vector(gradient), algebra.vector(MOVE)
    ascent = basis_trace(slope_along(algebra, TEST_FUNCTION) * inner(move, climb), move)
    velocity = algebra.vector(model.velocity)
    along = basis_trace(slope_along(algebra, TEST_FUNCTION) * inner(move, velocity), move)
    tensor = algebra.column(m) * algebra.column(weight) * along
    square = algebra.column(m) * algebra.column(weight) * inner(velocity, velocity)
    growth = inner(climb, velocity) - square

    def gap(rng: np.random.Generator) -> tuple[Any, Any, Witness]:
        point = tested_witness([model.velocity, gradient, weight, TEST_FUNCTION], rng)
        at = point.evaluator()
        left: Any = 0
        right: Any = 0
        heavy = [w[0] * v[0] for w, v in zip(at(m), at(weight), strict=True)]
        for axis in range(point.sizes[d]):
            slopes = slope_along_at(TEST_FUNCTION, at, axis, point.sizes)
            left += sum(g[axis] * a for g, a in zip(at(gradient), slopes, strict=True))
            pairs = zip(heavy, at(model.velocity), slopes, strict=True)
            right += sum(w * v[axis] * a for w, v, a in pairs)
        return left, right, point

    def refute(rng: np.random.Generator) -> str:
        left, right, point = gap(rng)
        if not excludes_zero(left - right):
            return ""
        return f"dE along grad ψ = {decimal(left)}, <X, grad ψ> = {decimal(right)} at {point}"

    return watched_evidence(
        settle(
            [
                ("dE[grad ψ] - ∫<X, grad ψ> w dmu", residual(ascent - tensor)),
                ("dE/dt - ∫|X|² w dmu", residual(growth)),
            ],
            refute,
            replace(budget, cases=10 * budget.cases),
            f"dE[grad ψ] - ∫<X, grad ψ> w dmu and dE/dt - ∫|X|² w dmu for w = {prediction}",
            legend=algebra.legend,
            scope={**NONZERO, "test functions": "<b,x>^p, b and p symbolic"},
            assumptions=(
                "the span of the powers <b,x>^p is dense in C^1 of the sphere",
                *FINITE_MEASURES_ARE_DENSE,
            ),
            identity=(gradient, DiagMatrix(m) * DiagMatrix(weight) * model.velocity, growth),
        ),
        lambda rng: gap(rng)[:2],
        budget,
    )


EQUATION_3_16 = Claim(
    "(3.16)",
    "SA is the gradient of E in the metric ∫<grad ψ1, grad ψ2> Z dmu, and dE/dt = ∫|X|² Z dmu.",
    SA,
    KERNEL_MASS,
    check_metric_tensor,
    (
        Control("no weight: the metric of W_2", prediction=OneMatrix(n, 1)),
        Control("weight δE = Z/β", prediction=PROBE_POTENTIAL),
        Control("the flow USA", model=USA),
        Control("V = -I, the same energy", model=replace(REPULSIVE, energy=SA.energy)),
    ),
    Verdict.PROVED,
    cases=2,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


@dataclass(frozen=True)
class WeightedSlope:
    """``X[mu] = grad φ / w`` with both at the rows of ``PROBES``.

    Attributes
    ----------
    potential, weight : MatrixExpr, shape (l, 1)
    """

    potential: MatrixExpr
    weight: MatrixExpr


def _off_variation(model: Model, potential: MatrixExpr) -> str:
    """Where a potential isn't the first variation ``[h] m`` of the model's pair energy, or ""."""
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if kernel is None:
        return f"{model.name} has no pair energy"
    at = {z: Rational(1, 3), beta: Rational(5, 4), n: 3}
    factor, column = potential.as_coeff_mmul()
    claimed, own = (e.subs(at).evalf(20) for e in (factor * column.args[0].body, kernel))
    if abs(claimed - own) < Rational(1, 10**12):
        return ""
    return f"{model.name}: δE of a token at <x,y> = 1/3, β = 5/4 is {own.n(6)}, not {claimed.n(6)}"


def check_weighted_slope(model: Model, prediction: WeightedSlope, budget: Budget) -> Evidence:
    """Check that the velocity is the spherical gradient of a potential over a weight.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : WeightedSlope
        Potential and weight.
    budget : Budget
        Points to draw for a counterexample.
    """
    off = _off_variation(model, prediction.potential)
    if off:
        return Evidence(Verdict.REFUTED, off)
    move, probe = _moves()
    algebra = RowAlgebra()
    here = {PROBES: X, probe: move}
    slope = differential(prediction.potential, PROBES, Tangent(PROBES, probe)).xreplace(here)
    weight = prediction.weight.xreplace(here)
    own = inner(algebra.vector(move), algebra.vector(model.velocity))
    left = residual(algebra.column(slope) - algebra.column(weight) * own)

    def refute(rng: np.random.Generator) -> str:
        point = Witness(rng, [model.velocity, slope, weight])
        at = point.evaluator()
        rows = zip(at(slope), at(weight), at(move), at(model.velocity), strict=True)
        for i, (rate, heavy, u, velocity) in enumerate(rows, start=1):
            moved = sum(a * b for a, b in zip(u, velocity, strict=True))
            found = rate[0] / heavy[0]
            if excludes_zero(found - moved):
                ratio = f", ratio {decimal(found / moved)}" if excludes_zero(moved) else ""
                return (
                    f"<u, grad φ>/w = {decimal(found)} but <u, x_{i}'> = {decimal(moved)}{ratio} "
                    f"at {point}"
                )
        return ""

    return settle(
        [("<u, grad φ> - w <u, x_i'>", left)],
        refute,
        budget,
        f"grad φ - w x_i' for φ = {prediction.potential}, w = {prediction.weight}",
        legend=algebra.legend,
        scope=NONZERO,
        identity=(prediction.potential, prediction.weight, model.velocity),
        assumptions=("finite measures are dense: both sides are weakly continuous in mu",),
    )


def _moves() -> tuple[MatrixSymbol, MatrixSymbol]:
    return MatrixSymbol("U", n, d), MatrixSymbol("U_Y", *PROBES.shape)


_MASS = Elementwise(exp(beta * z), PROBES * X.T) * m


_VARIATION = Elementwise(exp(beta * z) / beta, PROBES * X.T) * m


ERRATUM_3_15 = Claim(
    "E.(3.15)",
    "(3.15) needs the weight Z = β δE: the printed field grad δE/δE is β X[mu].",
    SA,
    WeightedSlope(_VARIATION, _MASS),
    check_weighted_slope,
    (
        Control("δE = ∫e^{β<x,y>} in both places", prediction=WeightedSlope(_MASS, _MASS)),
        Control("the unnormalised flow USA", model=USA),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    printed=Control(
        "weight δE, the first variation", prediction=WeightedSlope(_VARIATION, _VARIATION)
    ),
    origin="erratum",
    kind="formula",
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


CLAIMS = (EQUATION_3_16, ERRATUM_3_15)
