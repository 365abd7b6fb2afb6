"""(3.16), E.(3.15): SA is a gradient in a weighted metric.

Main results
------------
- (3.16): the flow is the gradient of E in the metric of weight Z, and dE/dt follows.
- E.(3.15): the weight is Z = β δE; the printed field grad δE/δE is β X[mu].

How it is proved
----------------
(3.16): a theorem on energies of pairs: E' = Σ_i m_i w_i <x_i', v_i> along every curve of tokens, v
the velocity as it is written, w > 0, and E' = Σ_i m_i w_i |x_i'|² along solutions; of kernels that
no theorem reads, as Max, the row algebra reduces both for grad ψ, ψ = <b,x>^p, as a trace over a
basis. Rational points watch it. E.(3.15): a theorem too: where masses move, tokens held, E' is that
of the potential, whose gradient at a token is Z x'. Rational points, in intervals, refute. Cited,
where there is no theorem: the powers <b,x>^p span a dense set in C^1; finite measures are dense.

References
----------
arXiv 2312.10794, (3.15) and (3.16).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import (
    DiagMatrix,
    Expr,
    HadamardProduct,
    Integer,
    MatrixSymbol,
    OneMatrix,
    Rational,
    S,
    exp,
    simplify,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Claim, Control, Part, Verdict
from proofs_checks.proof import (
    CLIMBS,
    FINITE_MEASURES_ARE_DENSE,
    KERNEL_MASS,
    KNOWN,
    MOVE,
    NONZERO,
    ON_SPHERE,
    PAIR_ENERGY,
    PROBE_POTENTIAL,
    PROBES,
    TEST_FUNCTION,
    Flow,
    RowAlgebra,
    Statement,
    Vanishing,
    Witness,
    at_tokens,
    decimal,
    descends,
    energy_of,
    entry_in_words,
    excludes_zero,
    explicit_change,
    slope_along,
    slope_along_at,
    tested_witness,
    vanishes,
)
from proofs_checks.proof.kinds import OF_PAIR_ENERGY, UNLABELLED
from proofs_checks.propositions import Subject
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    in_metric_growing,
    subject_in,
    values_in,
    weighted_slope,
)
from theory.atoms import Elementwise, Tangent
from theory.bounded import remainder
from theory.energy import energy_gradient, pair_kernel
from theory.engines import basis_trace, differential, inner, residual
from theory.models import REPULSIVE, SA, USA, attention_form
from theory.symbols import X, beta, d, m, n, z

Left = tuple[tuple[tuple[str, Any], ...], tuple[Any, ...]]


def kernel_of(flow: Flow) -> Expr:
    """Kernel of a pair energy, its parameters as symbols."""
    kernel = pair_kernel(energy_of(flow.model))
    assert kernel is not None  # asked before
    return kernel


def derive_weight(flow: Flow) -> MatrixExpr | None:
    """Return the weight of the metric: the row sums with softmax, a constant without."""
    form = attention_form(flow.model)
    if form is None or flow.kernel is None or flow.model.energy is None:
        return None
    kernel = form.kernel if form.normalised else S.One
    slope = kernel_of(flow).diff(z)
    velocity = form.scale * form.kernel
    ratio = S.One if slope == velocity == 0 else simplify(velocity / slope)
    if z in ratio.free_symbols or ratio == 0:
        return None
    weight: MatrixExpr = Elementwise(kernel / ratio, PROBES * X.T) * m
    return weight if form.normalised else OneMatrix(n, 1) * (1 / ratio)


def tensor_left(flow: Flow, prediction: MatrixExpr) -> Left:
    """``dE[mu](-div(mu grad ψ)) = ∫<X[mu], grad ψ> w dmu`` for ψ = <b,x>^p, w at the ``PROBES``.

    The right side is the metric tensor of weight w between the flow and any other motion: the
    flow is the gradient of E in this metric, and with ψ' = X itself it is dE/dt.
    """
    model, algebra = flow.model, RowAlgebra()
    gradient, weight = energy_gradient(energy_of(model)), at_tokens(prediction)
    climb, move = algebra.vector(gradient), algebra.vector(MOVE)
    velocity = algebra.vector(model.velocity)
    ascent = basis_trace(slope_along(algebra, TEST_FUNCTION) * inner(move, climb), move)
    along = basis_trace(slope_along(algebra, TEST_FUNCTION) * inner(move, velocity), move)
    heavy = algebra.column(m) * algebra.column(weight)
    growth = inner(climb, velocity) - heavy * inner(velocity, velocity)
    parts = (
        ("dE[grad ψ] - ∫<X, grad ψ> w dmu", residual(ascent - heavy * along)),
        ("dE/dt - ∫|X|² w dmu", residual(growth)),
    )
    return parts, (gradient, DiagMatrix(m) * DiagMatrix(weight) * model.velocity, growth)


def _tensor_sides(
    flow: Flow, prediction: MatrixExpr, rng: np.random.Generator
) -> tuple[Any, Any, Witness]:
    """Both sides of the metric tensor at a drawn point."""
    velocity, weight = flow.model.velocity, at_tokens(prediction)
    gradient = energy_gradient(energy_of(flow.model))
    point = tested_witness([velocity, gradient, weight, TEST_FUNCTION], rng)
    at = point.evaluator()
    left: Any = 0
    right: Any = 0
    heavy = [w[0] * v[0] for w, v in zip(at(m), at(weight), strict=True)]
    for axis in range(point.sizes[d]):
        slopes = slope_along_at(TEST_FUNCTION, at, axis, point.sizes)
        left += sum(g[axis] * a for g, a in zip(at(gradient), slopes, strict=True))
        pairs = zip(heavy, at(velocity), slopes, strict=True)
        right += sum(w * v[axis] * a for w, v, a in pairs)
    return left, right, point


def tensor_at_a_point(flow: Flow, prediction: MatrixExpr, rng: np.random.Generator) -> str:
    """Compare both sides of the metric tensor at a drawn point."""
    left, right, point = _tensor_sides(flow, prediction, rng)
    if not excludes_zero(left - right):
        return ""
    return f"dE along grad ψ = {decimal(left)}, <X, grad ψ> = {decimal(right)} at {point}"


def tensor_watched(flow: Flow, prediction: MatrixExpr, rng: np.random.Generator) -> tuple[Any, Any]:
    """Both sides of the metric tensor at a drawn point."""
    return _tensor_sides(flow, prediction, rng)[:2]


def conclude_tensor(flow: Flow, prediction: MatrixExpr) -> Conclusion | Refusal:
    """Say that the velocity is the gradient in the metric Σ_i m_i w_i <., .>, and E' = Σ m w |x'|².

    Curves of tokens of measures move them along any grad ψ, and in other ways.
    """
    subject, values = subject_in(flow), values_in(flow)
    if isinstance(subject, Refusal):
        return subject
    if isinstance(values, Refusal):
        return values
    metric = HadamardProduct(m, at_tokens(prediction).xreplace(values))
    energy = energy_of(flow.model).xreplace(values)
    return in_metric_growing(subject, energy, metric, frozenset())


def no_metric(flow: Flow, prediction: MatrixExpr) -> str:
    """Equilibrium at which the energy changes by itself, a time of no positive weight; or ""."""
    return explicit_change(flow) or descends(flow, or_rests=True)


def say_weight(flow: Flow, prediction: MatrixExpr) -> str:
    """Say the weight of the flow's own metric."""
    return f"{_METRIC}, w = {entry_in_words(prediction)}"


_METRIC = (
    "the gradient of E in the metric ∫<grad ψ1, grad ψ2> w dmu, w > 0, and dE/dt = ∫|x'|² w dmu"
)


_WATCHED: Statement[MatrixExpr] = vanishes(
    "",
    _METRIC,
    Vanishing(
        tensor_left,
        tensor_at_a_point,
        "dE[grad ψ] - ∫<X, grad ψ> w dmu and dE/dt - ∫|X|² w dmu",
        {**NONZERO, "test functions": "<b,x>^p, b and p symbolic"},
        (
            "the span of the powers <b,x>^p is dense in C^1 of the sphere",
            *FINITE_MEASURES_ARE_DENSE,
        ),
        first=no_metric,
        draws=10,
        sides=tensor_watched,
    ),
    derive_weight,
)
TENSOR: Statement[MatrixExpr] = Statement(
    "(3.16)",
    _METRIC,
    Concludes(conclude_tensor, _WATCHED.decide),
    derive_weight,
    _WATCHED.refute,
    _WATCHED.trial,
    domain=(UNLABELLED, OF_PAIR_ENERGY),
    premises=(ON_SPHERE, PAIR_ENERGY, KNOWN, CLIMBS),
    says=say_weight,
    typed=True,
)


EQUATION_3_16 = Claim(
    "(3.16)",
    "On measures of tokens SA is the gradient of E in the metric ∫<grad ψ1, grad ψ2> Z dmu, and "
    "dE/dt = ∫|X|² Z dmu.",
    SA,
    KERNEL_MASS,
    TENSOR,
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


def off_variation(flow: Flow, prediction: WeightedSlope) -> str:
    """Where a potential isn't the first variation ``[h] m`` of the flow's pair energy, or ""."""
    if flow.kernel is None:
        return f"{flow.name} has no pair energy"
    own = kernel_of(flow)
    factor, column = prediction.potential.as_coeff_mmul()
    left = remainder(factor * column.args[0].body - own)
    if left == 0:
        return ""
    for hot in (Rational(5, 4), Rational(1, 2), Integer(3)):
        at = {z: Rational(1, 3), beta: hot, n: 3}
        value = left.subs(at).evalf(20)
        if value.is_number and abs(value) > Rational(1, 10**12):
            found = own.subs(at).n(6)
            return (
                f"{flow.name}: δE of a token at <x,y> = 1/3, β = {hot} is {found}, not "
                f"{(own + left).subs(at).n(6)}"
            )
    return ""


def derive_slope(flow: Flow) -> WeightedSlope | None:
    """Return the first variation and the weight of the flow's own velocity."""
    weight = derive_weight(flow)
    if weight is None or not flow.normalised:
        return None
    kernel = kernel_of(flow)
    potential = Elementwise(kernel, PROBES * X.T) * m
    return WeightedSlope(potential, weight)


def _slope_parts(flow: Flow, prediction: WeightedSlope) -> tuple[Any, Any, Any]:
    """``<u, grad φ>``, w and u at the tokens."""
    move, probe = _moves()
    here = {PROBES: X, probe: move}
    slope = differential(prediction.potential, PROBES, Tangent(PROBES, probe)).xreplace(here)
    return slope, prediction.weight.xreplace(here), move


def slope_left(flow: Flow, prediction: WeightedSlope) -> Left:
    """``<u, grad φ> = w <u, x_i'>`` for any u, and φ = δE."""
    algebra = RowAlgebra()
    slope, weight, move = _slope_parts(flow, prediction)
    own = inner(algebra.vector(move), algebra.vector(flow.model.velocity))
    left = residual(algebra.column(slope) - algebra.column(weight) * own)
    factor, column = prediction.potential.as_coeff_mmul()
    variation = simplify(factor * column.args[0].body - kernel_of(flow))
    parts = (("φ - δE", variation), ("<u, grad φ> - w <u, x_i'>", left))
    return parts, (prediction.potential, prediction.weight, flow.model.velocity)


def slope_at_a_point(flow: Flow, prediction: WeightedSlope, rng: np.random.Generator) -> str:
    """Compare the velocity with the gradient over the weight at a drawn point."""
    slope, weight, move = _slope_parts(flow, prediction)
    point = Witness(rng, [flow.model.velocity, slope, weight])
    at = point.evaluator()
    rows = zip(at(slope), at(weight), at(move), at(flow.model.velocity), strict=True)
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


def conclude_slope(flow: Flow, prediction: WeightedSlope) -> Conclusion | Refusal:
    """Say that φ is the first variation of E, and that its gradient at a token is w x'."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    return weighted_slope(
        Subject.of(flow.model, values),
        energy_of(flow.model).xreplace(values),
        prediction.potential.xreplace(values),
        prediction.weight.xreplace(values),
    )


_SLOPED: Statement[WeightedSlope] = vanishes(
    "", "", Vanishing(slope_left, slope_at_a_point, "", first=off_variation), derive_slope
)
SLOPE: Statement[WeightedSlope] = Statement(
    "",
    "velocity = grad δE / w",
    Concludes(conclude_slope),
    derive_slope,
    _SLOPED.refute,
    premises=(ON_SPHERE, PAIR_ENERGY),
    typed=True,
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
    SLOPE,
    (
        Control("δE = ∫e^{β<x,y>} in both places", prediction=WeightedSlope(_MASS, _MASS)),
        Control(
            "δE = (4/5)∫e^{β<x,y>}",
            prediction=WeightedSlope(
                Elementwise(4 * exp(beta * z) / 5, PROBES * X.T) * m, 4 * beta * _MASS / 5
            ),
        ),
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
