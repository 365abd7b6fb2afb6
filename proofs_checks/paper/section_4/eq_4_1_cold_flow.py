"""(4.1), E.Appendix A: the flow at β = 0.

Main results
------------
- (4.1): SA and USA are x_i' = P_i Σ_j m_j x_j, and |Σ m_j x_j| never falls.
- E.Appendix A: (4.1) is half the gradient of E_0 = Σ m_i m_j <x_i,x_j>; (4.1) itself is right, a
  sentence of Appendix A calls it the gradient flow.

How it is proved
----------------
(4.1) is a theorem on models in pull form: β = 0 is put in the velocity, whose weights are m_j where
Σ m_j = 1; the algebra of tokens has |M|²' = 2 Σ m_i |P_i M|² >= 0, M the barycentre. The erratum is
a theorem on energies of pairs: the velocity at β = 0 is the gradient of E_0/2, over Σ m_k where it
divides rows of weights. Exact for symbolic n, d and masses, whose sum is 1 in (4.1) alone.
Rational points, enclosed by intervals, are drawn only to refute.

References
----------
arXiv 2312.10794, (4.1) and Appendix A.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import DiagMatrix, Expr, HadamardProduct, Integer, OneMatrix, Rational, S
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.decide import decide_positive
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    AT_BETA_ZERO,
    ATTENTION,
    AUTONOMOUS,
    COLD_ONLY,
    MOVES,
    ON_SPHERE,
    Counterexample,
    Flow,
    Identity,
    RowAlgebra,
    Statement,
    at_value,
    at_zero,
    identities,
    leaves_sphere,
    vanishes,
)
from proofs_checks.proof.kinds import HEATED
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    drawn,
    in_metric,
    pull_in,
    subject_in,
)
from theory.atoms import Tangent
from theory.bounded import simplified
from theory.bounded import vanishes as is_zero
from theory.energy import interaction_energy
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA, USA, attention_form, gradient_flow
from theory.symbols import X, beta, m, n, z

_BARYCENTRE = OneMatrix(n, n) * DiagMatrix(m) * X


@dataclass(frozen=True)
class Cold:
    """The flow at a value of β, and how fast the barycentre ``M = Σ m_j x_j`` grows.

    Attributes
    ----------
    average : MatrixExpr, shape (n, d)
        F in ``x_i' = P_i F_i``, for masses of sum one.
    growth : Expr
        c in ``d|M|²/dt = c Σ_i m_i |P_i M|²``.
    at : Expr
        β.
    """

    average: MatrixExpr
    growth: Expr
    at: Expr = S.Zero


def _pace(flow: Flow) -> Expr | None:
    """Return k in ``x_i' = k P_i M`` at β = 0, for masses of sum one; None if it isn't constant."""
    form = flow.cold.still_form
    if form is None or not is_zero(form.kernel.diff(z)):
        return None
    return form.scale if form.normalised else form.scale * form.kernel


def derive_cold(flow: Flow) -> Cold | None:
    """Return the flow at β = 0 and the growth, of constant weights."""
    pace = _pace(flow)
    if pace in (None, S.Zero) or not flow.cold.autonomous.holds:
        return None
    return Cold(pace * _BARYCENTRE, 2 * pace)


def _factor(prediction: Cold) -> str:
    """Write k in front of ``Σ m_j x_j``, nothing for 1."""
    factor = prediction.average.as_coeff_mmul()[0]
    return "" if factor == 1 else f"({factor}) "


def _identity(flow: Flow, prediction: Cold) -> tuple[Identity, ...]:
    """Compare velocities at β; a normalised one after multiplication by the total mass."""
    velocity, form = at_value(flow.model, prediction.at), attention_form(flow.model)
    if velocity is None or form is None:
        raise NotImplementedError(f"{flow.name} is no scalar attention")
    return (
        Identity(
            f"x_i' of {flow.name} at β = {prediction.at} - P_i {_factor(prediction)}Σ m_j x_j",
            velocity,
            Tangent(X, prediction.average),
            OneMatrix(n, n) * m if form.normalised else None,
        ),
    )


def _growth(prediction: Cold, pace: Expr) -> Expr:
    """``d|M|²/dt - c m |P M|²`` of one summand: 2<M, m x'> with x' = k P M."""
    x, centre = vectors("x M", unit="x")
    velocity = centre - x * inner(x, centre)
    mass = RowAlgebra().column(m)
    grown = 2 * pace * mass * inner(centre, velocity)
    return grown - prediction.growth * mass * inner(velocity, velocity)


def _other_growth(flow: Flow, prediction: Cold) -> str:
    """Another growth than the predicted one, or one that is negative, for one token; or ""."""
    pace = _pace(flow)
    if pace is None:
        return ""
    left = residual(_growth(prediction, pace))
    if left != 0:
        return (
            f"d|M|²/dt = {2 * pace} Σ m_i |P_i M|²: minus the predicted one it leaves "
            f"{2 * pace - prediction.growth} for one token of mass 1 with |P M| = 1 "
            f"(residual {left})"
        )
    if pace.is_negative:
        return f"two tokens of mass 1/2 at a right angle: d|M|²/dt = {pace / 2} < 0"
    sign = decide_positive(pace)
    where = ", ".join(f"{name} = {at}" for name, at in sign.witness.items() if name != "z")
    return f"k = {pace} isn't positive: {where}" if sign.refuted else ""


def conclude_cold(flow: Flow, prediction: Cold) -> Conclusion | Refusal:
    """Say of the flow at β how it moves, and that the barycentre grows."""
    at = flow.at(beta=prediction.at) if beta in flow.model.parameters else flow
    pull = pull_in(at)
    if isinstance(pull, Refusal):
        return pull
    return drawn(pull, prediction.average, prediction.growth)


_SAME: Statement[Cold] = vanishes(
    "(4.1)",
    "β = 0: x_i' = k P_i Σ m_j x_j with a constant k > 0, and |Σ m_j x_j| never falls",
    replace(identities(_identity, "(4.1)", confined=True), first=_other_growth),
    derive_cold,
    domain=(HEATED, COLD_ONLY, at_zero(MOVES)),
    premises=tuple(map(at_zero, (ON_SPHERE, ATTENTION, AUTONOMOUS))),
)
COLD_FLOW = replace(_SAME, decide=Concludes(conclude_cold, words=(("beta", "0"),)), typed=True)


_COLD = Cold(_BARYCENTRE, Integer(2))


EQUATION_4_1 = Claim(
    "(4.1)",
    "β = 0: SA and USA are x_i' = P_i Σ_j m_j x_j, and |Σ m_j x_j| never falls.",
    (SA, USA),
    _COLD,
    COLD_FLOW,
    (
        Control("β = 1/10", prediction=replace(_COLD, at=Rational(1, 10))),
        Control("d|M|²/dt = Σ m_i |P_i M|²", prediction=replace(_COLD, growth=S.One)),
        Control(
            "tokens counted, not weighed", prediction=replace(_COLD, average=OneMatrix(n, n) * X)
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_4_1.hypotheses,
    cases=3,
    equivalents=(AT_BETA_ZERO,),
)


@dataclass(frozen=True)
class ScaledGradient:
    """Velocity at β = 0 = ``factor`` · gradient of ``Σ m_i m_j kernel(<x_i,x_j>)``."""

    kernel: Expr
    factor: Expr


def _weights(flow: Flow, prediction: ScaledGradient) -> tuple[Expr, Expr] | None:
    """Weights of the velocity at β = 0 and of the gradient, or None."""
    gradient = attention_form(gradient_flow(interaction_energy(2 * prediction.kernel), "E0"))
    form = attention_form(flow.model)
    if gradient is None or form is None:
        return None
    return (
        simplified((form.scale * form.kernel).subs(beta, 0)),
        simplified(gradient.scale * gradient.kernel),
    )


def refute_scaled_gradient(
    flow: Flow, prediction: ScaledGradient | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that leave the sphere, or other weights than the gradient's."""
    lost = leaves_sphere(flow.model, budget.rng)
    if lost or prediction is None:
        return Counterexample(lost) if lost else None
    found = _weights(flow, prediction)
    if found is None:
        return None
    weight, slope = found
    left = simplified(weight - prediction.factor * slope)
    if is_zero(left) is not False:
        return None
    return Counterexample(
        f"{flow.name}: velocity P_i Σ m_j ({weight}) x_j, gradient P_i Σ m_j ({slope}) x_j: "
        f"velocity minus {prediction.factor} gradient has weight {left}"
    )


def conclude_scaled_gradient(flow: Flow, prediction: ScaledGradient) -> Conclusion | Refusal:
    """Say that the velocity at β = 0 is the gradient of ``factor`` times the energy.

    Where rows of weights are divided by their sum, that is Σ m_k, which the metric has as a factor.
    """
    subject, form = subject_in(flow.at(beta=0)), attention_form(flow.model)
    if isinstance(subject, Refusal) or form is None:
        return subject if isinstance(subject, Refusal) else Refusal("it is no scalar attention")
    energy = interaction_energy(2 * prediction.factor * prediction.kernel)
    metric = HadamardProduct(m, OneMatrix(n, n) * m) if form.normalised else m
    return in_metric(subject, energy, metric, frozenset())


HALF_GRADIENT: Statement[ScaledGradient] = Statement(
    "",
    "β = 0: the velocity is half the gradient of Σ m_i m_j <x_i,x_j>",
    Concludes(conclude_scaled_gradient, words=(("beta", "0"),)),
    refute=refute_scaled_gradient,
    premises=(at_zero(ON_SPHERE),),
    typed=True,
)


_HALF = ScaledGradient(z, Rational(1, 2))


ERRATUM_APPENDIX_A = Claim(
    "E.Appendix A",
    "At β = 0 the flow (4.1) is half the gradient of E_0 = Σ m_i m_j <x_i,x_j>; Appendix A says "
    "the gradient.",
    (SA, USA),
    _HALF,
    HALF_GRADIENT,
    (
        Control("factor 1/2 -> 2", prediction=replace(_HALF, factor=Integer(2))),
        Control("E_0 with <x_i,x_j>²", prediction=replace(_HALF, kernel=z**2)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    printed=Control("as printed: factor 1", prediction=replace(_HALF, factor=S.One)),
    origin="erratum",
    kind="formula",
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(
        Equivalent(
            "E_0 is the prediction's kernel; the energy (3.5) does not enter", ("*.energy: *",)
        ),
        AT_BETA_ZERO,
    ),
)


CLAIMS = (EQUATION_4_1, ERRATUM_APPENDIX_A)
