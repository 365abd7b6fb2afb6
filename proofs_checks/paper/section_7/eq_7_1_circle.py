"""(7.1), (7.1) continuity: the flow on the circle, in angles and for measures.

Main results
------------
(7.1): θ_i' = -(1/n) Σ_j e^{β cos(θ_i-θ_j)} sin(θ_i-θ_j) for USA; at β = 0, Kuramoto.
(7.1) continuity: X[nu] = β^{-1} h'*nu (USA), over h*nu (SA), h = e^{β cos θ}, nu of tokens.

How it is proved
----------------
A theorem on tokens x_i = (cos θ_i, sin θ_i) has θ_i' as the component of the velocity along the
tangent, for every n, all masses and symbolic β; at β = 0, for masses of sum 1, it is Kuramoto's.
At a token the convolutions with the measure Σ_j m_j δ_(θ_j) are these sums, β not 0. No runs.

References
----------
arXiv 2312.10794, Section 7, (7.1) and the continuity equation on the circle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, S, cos, diff, exp, sin

from proofs_checks.claim import Budget, Claim, Control, Hypothesis, Verdict
from proofs_checks.proof import (
    ATTENTION,
    AUTONOMOUS,
    CIRCLE_KERNEL,
    KNOWN,
    MOVES,
    ON_SPHERE,
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Statement,
    Step,
    circle_normal_form,
    circle_terms,
    leaves_sphere,
    shown_on_circle,
)
from proofs_checks.proof.kinds import PAPER_WEIGHTS, UNLABELLED
from proofs_checks.propositions import Subject
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    convolving,
    coupled,
    turning,
    values_in,
)
from theory.bounded import simplified, vanishes
from theory.derivations import phi as PHI
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, z


def _nonzero_beta(beta: float = 1.0, **_: float) -> float:
    return abs(beta) if beta else -1.0


@dataclass(frozen=True)
class AngleRates:
    """``θ_i' = Σ_j m_j summand(θ_i-θ_j)``, and the division by ``Σ_j m_j weight`` for SA.

    Attributes
    ----------
    summand, weight : Expr
        Functions of ``PHI``, the difference θ_i - θ_j, and ``beta``.
    coupling : Expr or None
        Kuramoto's ``θ_i' = -Σ_j m_j coupling sin(θ_i-θ_j)``.
    kuramoto_beta : Expr
        The β at which the flow is said to be Kuramoto's.
    """

    summand: Expr
    weight: Expr
    coupling: Expr | None = S.One
    kuramoto_beta: Expr = S.Zero


def _angles(flow: Flow) -> tuple[Expr, Expr | None, str]:
    """Summand and weight of the angles' equation at the given parameters, and what fails."""
    summand, weight, reason = circle_terms(flow.model)
    put = dict(flow.values)  # at each time, if they depend on it
    return summand.subs(put), None if weight is None else weight.subs(put), reason


def derive_rates(flow: Flow) -> AngleRates | None:
    """Return the flow's own equation, with Kuramoto's coupling at β = 0 if it has one there."""
    summand, weight, reason = _angles(flow)
    if reason or flow.form is None:
        return None
    cold = flow.cold.weight
    constant = cold is not None and flow.cold.autonomous.holds and vanishes(cold.diff(z))
    coupling = simplified(cold) if constant and cold is not None and not flow.values else None
    if flow.normalised and coupling is not None and flow.cold.still_form is not None:
        coupling = flow.cold.still_form.scale
    return AngleRates(summand, S.One if weight is None else weight, coupling)


def _mismatch(flow: Flow, prediction: AngleRates) -> str:
    """Say what of the summand, the weight and Kuramoto's coupling isn't as predicted, or ""."""
    summand, divided, reason = _angles(flow)
    if reason:
        return ""
    weight = S.One if divided is None else divided
    expected = S.One if divided is None else prediction.weight
    # Numerators and denominators may share a factor, but it is a constant: they are two sums.
    left = circle_normal_form(diff(weight, PHI) * expected - weight * diff(expected, PHI))
    if left == 0:
        left = circle_normal_form(summand * expected - prediction.summand * weight)
    if left != 0:
        return f"{flow.name}: with φ = θ_i-θ_j, derived minus predicted summand is {left}"
    if prediction.coupling is None:
        return ""
    at = {beta: prediction.kuramoto_beta}
    # At β = 0 the division must be by Σ_j m_j = 1: its weight is the constant 1.
    for name, value, target in (
        ("summand", summand.subs(at), -prediction.coupling * sin(PHI)),
        ("weight", weight.subs(at), S.One),
    ):
        left = circle_normal_form(value - target)
        if left != 0:
            return f"{flow.name} at β = {prediction.kuramoto_beta}, Kuramoto {name}: {left}"
    return ""


def refute_rates(
    flow: Flow, prediction: AngleRates | None, budget: Budget
) -> Counterexample | None:
    """Tokens that leave the circle, or an equation that isn't the flow's."""
    found = leaves_sphere(flow.model, budget.rng)
    if not found and prediction is not None:
        found = _mismatch(flow, prediction)
    return Counterexample(found) if found else None


def conclude_rates(flow: Flow, prediction: AngleRates) -> Conclusion | Refusal:
    """Say how fast angles turn, and that at one β it is Kuramoto's model."""
    values, (_, divided, reason) = values_in(flow), _angles(flow)
    if isinstance(values, Refusal) or reason:
        return values if isinstance(values, Refusal) else Refusal(reason)

    def of(body: Expr) -> Callable[[Expr], Expr]:
        return lambda angle: body.xreplace(values).subs(PHI, angle)

    subject = Subject.of(flow.model, values)
    weight = None if divided is None else of(prediction.weight)
    own = turning(subject, of(prediction.summand), weight)
    if isinstance(own, Refusal) or prediction.coupling is None:
        return own
    if beta not in flow.model.parameters:
        return own
    return coupled(subject, own, prediction.coupling.xreplace(values), prediction.kuramoto_beta)


def _constant_weight(flow: Flow) -> Step:
    text = "h linear"
    slope = None if flow.weight is None else simplified(flow.weight.diff(z))
    if slope is None:
        return Step(text, How.DERIVED, Outcome.GAP, "the weights aren't k(<x_i,x_j>)")
    if vanishes(slope):
        return Step(text, How.DERIVED)
    return Step(text, How.DERIVED, Outcome.FAILS, f"h isn't linear, h'' = {slope}")


def derive_coupling(flow: Flow) -> Expr | None:
    """Return Kuramoto's coupling of a flow with constant weights."""
    if flow.weight is None or flow.still_form is None or not _constant_weight(flow).holds:
        return None
    return flow.still_form.scale if flow.normalised else flow.weight


def conclude_coupling(flow: Flow, prediction: Expr) -> Conclusion | Refusal:
    """Say that angles turn as in Kuramoto's model, by the mean of the sines or by their sum."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    coupling, subject = prediction.xreplace(values), Subject.of(flow.model, values)
    weight = (lambda angle: S.One) if flow.normalised else None
    return turning(subject, lambda angle: -coupling * sin(angle), weight)


_ATTENTION = (ON_SPHERE, ATTENTION, AUTONOMOUS)
KURAMOTO: Statement[Expr] = Statement(
    "Kuramoto",
    "d = 2: the flow is the Kuramoto model",
    Concludes(conclude_coupling, words=(("d", "2"),)),
    derive_coupling,
    domain=(PAPER_WEIGHTS, MOVES),
    premises=(*_ATTENTION, Premise("LINEAR", _constant_weight, kind=True)),
    typed=True,
)
ANGLES: Statement[AngleRates] = Statement(
    "(7.1)",
    "d = 2: θ_i' is a sum over the differences of angles",
    Concludes(conclude_rates, words=(("d", "2"),)),
    derive_rates,
    refute_rates,
    premises=(ON_SPHERE, ATTENTION, KNOWN),
    also=(KURAMOTO,),
    typed=True,
)


_KERNEL = exp(beta * cos(PHI))


_RATES = AngleRates(-_KERNEL * sin(PHI), _KERNEL)


EQUATION_7_1 = Claim(
    "(7.1)",
    "d = 2: θ_i' = -(1/n) Σ_j e^{β cos(θ_i-θ_j)} sin(θ_i-θ_j) (USA); at β = 0, Kuramoto.",
    (USA, SA),
    _RATES,
    ANGLES,
    (
        Control(
            "sin(θ_i-θ_j) -> sin(θ_j-θ_i)",
            prediction=AngleRates(_KERNEL * sin(PHI), _KERNEL),
        ),
        Control(
            "the factor 1/n dropped (n = 5)",
            prediction=AngleRates(-5 * _KERNEL * sin(PHI), 5 * _KERNEL, S(5)),
        ),
        Control(
            "Kuramoto at β = 1/10 in place of 0",
            prediction=AngleRates(-_KERNEL * sin(PHI), _KERNEL, S.One, S.One / 10),
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
)


@dataclass(frozen=True)
class Convolution:
    """``X[nu] = factor (h' * nu)``, divided by ``h * nu`` for SA.

    Attributes
    ----------
    kernel : Expr
        h, a function of ``PHI``.
    factor : Expr
        In ``beta``.
    """

    kernel: Expr
    factor: Expr


def derive_convolution(flow: Flow) -> Convolution | None:
    """Return the kernel whose convolutions give the velocity on the circle."""
    form = flow.still_form
    if form is None or flow.values or not flow.autonomous.holds:
        return None
    if form.normalised:
        kernel = form.kernel.subs(z, cos(PHI))
        slope = diff(kernel, PHI)
        factor = circle_normal_form(-form.scale * kernel * sin(PHI) / slope) if slope != 0 else None
    else:
        kernel, factor = None, S.One
        if flow.kernel is not None:
            kernel = flow.kernel.subs(z, cos(PHI))
            ratio = flow.climb.ratio  # the velocity may be a multiple of the gradient
            factor = S.One if ratio == 0 or z in ratio.free_symbols else ratio
    if kernel is None or factor is None or PHI in factor.free_symbols:
        return None
    return Convolution(kernel, factor)


def _off_convolution(flow: Flow, prediction: Convolution) -> str:
    """Say what of the convolutions isn't the flow's, or ""."""
    summand, weight, reason = _angles(flow)
    if reason:
        return ""
    slope = prediction.factor * diff(prediction.kernel, PHI)
    claimed = S.One if weight is None else prediction.kernel
    divisor = S.One if weight is None else weight
    # The factor that numerator and denominator share is a constant: they are two sums.
    left = circle_normal_form(diff(divisor, PHI) * claimed - divisor * diff(claimed, PHI))
    if left == 0:
        left = circle_normal_form(summand * claimed - slope * divisor)
    if left != 0:
        return (
            f"{flow.name}: the summand of θ_i' minus that of X[nu](θ_i) is {left}, "
            f"{shown_on_circle(left)}"
        )
    if weight is not None:
        ratio = circle_normal_form(prediction.kernel / weight)
        if PHI in ratio.free_symbols:
            return f"{flow.name}: kernel over weight is {ratio}, {shown_on_circle(ratio)}"
    return ""


def refute_convolution(
    flow: Flow, prediction: Convolution | None, budget: Budget
) -> Counterexample | None:
    """Tokens that leave the circle, or convolutions that aren't the flow's."""
    found = leaves_sphere(flow.model, budget.rng)
    if not found and prediction is not None:
        found = _off_convolution(flow, prediction)
    return Counterexample(found) if found else None


def conclude_convolution(flow: Flow, prediction: Convolution) -> Conclusion | Refusal:
    """Say that at a token the velocity is that of convolutions with the measure of the tokens."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values

    def of(body: Expr) -> Callable[[Expr], Expr]:
        return lambda angle: body.xreplace(values).subs(PHI, angle)

    subject, slope = Subject.of(flow.model, values), diff(prediction.kernel, PHI)
    factor = prediction.factor.xreplace(values)
    return convolving(subject, of(prediction.kernel), of(slope), factor, flow.normalised)


CONVOLVES: Statement[Convolution] = Statement(
    "(7.1) continuity",
    "d = 2: the velocity is a multiple of a convolution with h', or of one over another",
    Concludes(conclude_convolution, words=(("d", "2"),)),
    derive_convolution,
    refute_convolution,
    domain=(UNLABELLED,),
    premises=_ATTENTION,
    typed=True,
)


CONTINUITY = Claim(
    "(7.1) continuity",
    "On the circle X[nu] = β^{-1} h'*nu (USA), over h*nu (SA), h = e^{β cos θ}, nu = Σ_j m_j δ_θj.",
    (USA, SA),
    Convolution(CIRCLE_KERNEL, 1 / beta),
    CONVOLVES,
    (
        Control("1/β dropped", prediction=Convolution(CIRCLE_KERNEL, S.One)),
        Control("e^{β cos θ} -> e^{2β cos θ}", prediction=Convolution(CIRCLE_KERNEL**2, 1 / beta)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (Hypothesis("β != 0", _nonzero_beta),),
)


CLAIMS = (EQUATION_7_1, CONTINUITY)
