"""Proposition 3.4, E.Proposition 3.4: extremisers of the energy.

Main results
------------
- Proposition 3.4: the uniform measure alone minimises E, Dirac masses alone maximise it.
- E.Proposition 3.4: at d = 2 the expansion is a Fourier series; the printed one is 0/0.

How it is proved
----------------
The kernel has positive Taylor coefficients and the recurrence of the Gegenbauer polynomials
positive ones, so each coefficient of degree >= 1 is positive, for symbolic d. The minimum is
compared with the series of the Bessel function term by term. Cited: Schoenberg; uniqueness by
harmonic moments; the recurrence; moments of a coordinate. The erratum is a theorem on kernels
c e^{b cos φ}: with w = e^{iφ} each term of I_k is the one of the product of two exponential series;
31 terms are watched at drawn angles.

References
----------
- arXiv 2312.10794, Proposition 3.4 and its proof.
- Schoenberg: Gegenbauer polynomials are positive definite on the sphere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import (
    Expr,
    S,
    Symbol,
    besseli,
    besselj,
    cos,
    exp,
    gamma,
    gegenbauer,
    lambdify,
    oo,
)

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Hypothesis, Part, Verdict
from proofs_checks.proof import (
    DEGREE,
    DIRAC,
    KNOWN,
    LEAST_VALUE,
    PAIR_ENERGY,
    POSITIVE_BETA,
    STILL_ENERGY,
    UNIFORM,
    Counterexample,
    Fixed,
    Flow,
    Statement,
    Trial,
    kernel_series,
    less_than_minimum,
    more_than_maximum,
    tie_of,
)
from proofs_checks.proof.kinds import OF_PAIR_ENERGY
from proofs_checks.propositions import Subject
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Extremes,
    Refusal,
    in_cosines,
    stated_kernel,
    values_in,
)
from theory.derivations import phi as PHI
from theory.energy import energy_at, interaction_energy
from theory.models import REPULSIVE, USA, gradient_flow
from theory.predictions import EnergyBounds, energy_bounds
from theory.symbols import beta, d, t, z


def derive_bounds(flow: Flow) -> EnergyBounds | None:
    """Return the extreme energies of a positive definite kernel that is largest at 1."""
    kernel = flow.kernel
    if kernel is None or t in kernel.free_symbols:
        return None
    series = kernel_series(kernel)
    least = LEAST_VALUE if series is None else (series.mean(d) / 2).subs(POSITIVE_BETA, beta)
    return EnergyBounds(least, kernel.subs(z, 1) / 2, UNIFORM, DIRAC)


def _counter(find: Any, flow: Flow, prediction: Any, budget: Budget) -> Counterexample | None:
    found = "" if prediction is None else find(flow, prediction)
    where = flow.definite.scope if "coefficient" in found else {}
    return Counterexample(found, {"d": "2", **where}) if found else None


def _extremes(flow: Flow, prediction: EnergyBounds) -> Extremes | Refusal:
    """Return what theorems say of the energy of a flow, if measures are named as they do."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    energy, kernel = flow.model.energy, flow.kernel
    if energy is None or kernel is None:
        return Refusal("no energy of pairs is stated")
    if (prediction.minimiser, prediction.maximiser) != (UNIFORM, DIRAC):
        return Refusal("another measure is named than the uniform one, or Dirac masses")
    half = kernel.xreplace(values) / 2
    return Extremes(Subject.of(flow.model, values), energy_at(energy, values), half)


def conclude_least(flow: Flow, prediction: EnergyBounds) -> Conclusion | Refusal:
    """Claim that the uniform measure has the least energy, and which, if that is known."""
    own, low = _extremes(flow, prediction), prediction.minimum
    return own if isinstance(own, Refusal) else own.least(None if low == LEAST_VALUE else low)


def conclude_most(flow: Flow, prediction: EnergyBounds) -> Conclusion | Refusal:
    """Claim that Dirac masses have the most energy, and which."""
    own = _extremes(flow, prediction)
    return own if isinstance(own, Refusal) else own.most(prediction.maximum)


def conclude_only(flow: Flow, prediction: EnergyBounds) -> Conclusion | Refusal:
    """Claim that no other measure has as little, none as much energy, or so of -E."""
    own = _extremes(flow, prediction)
    return own if isinstance(own, Refusal) else own.alone()


def conclude_bounds(flow: Flow, prediction: EnergyBounds) -> Conclusion | Refusal:
    """Claim minimum, maximum, and that they are had by these measures alone."""
    own, low = _extremes(flow, prediction), prediction.minimum
    if isinstance(own, Refusal):
        return own
    return own.both(None if low == LEAST_VALUE else low, prediction.maximum)


def refute_bounds(flow: Flow, prediction: EnergyBounds) -> str:
    """Refute one of the three parts."""
    return (
        less_than_minimum(flow, prediction)
        or more_than_maximum(flow, prediction)
        or tie_of(flow, prediction)
    )


def _asked(name: str, says: str, conclude: Any, find: Any, *also: Any) -> Statement[EnergyBounds]:
    refute, premises = Fixed(_counter, find), (KNOWN, PAIR_ENERGY, STILL_ENERGY)
    own = (name, says, Concludes(conclude, warm=True), derive_bounds, refute)
    return Statement(*own, domain=(OF_PAIR_ENERGY,), premises=premises, also=also, typed=True)


_LEAST, _MOST = "the uniform measure minimises it", "Dirac masses maximise the energy"
BOUNDS = _asked(
    "Proposition 3.4",
    "the uniform measure alone minimises the energy, Dirac masses alone maximise it",
    conclude_bounds,
    refute_bounds,
    _asked("Proposition 3.4 maximum", _MOST, conclude_most, more_than_maximum),
    _asked("Proposition 3.4 minimum", _LEAST, conclude_least, less_than_minimum),
    _asked("Proposition 3.4 uniqueness", "no other extremiser", conclude_only, tie_of),
)


def _positive_beta(beta: float = 1.0, **_: float) -> float:
    return beta if beta > 0 else -1.0


def _at_least_two(d: float = 2, **_: float) -> float:
    return d - 2


EXTREMISERS = Claim(
    label="Proposition 3.4",
    statement="The uniform measure alone minimises the energy, and Dirac masses alone maximise it.",
    model=USA,
    prediction=energy_bounds(),
    check=BOUNDS,
    controls=(
        Control("h(t) = t^2", model=gradient_flow(interaction_energy(z**2))),
        Control("h(t) = -e^{βt}/β", model=gradient_flow(interaction_energy(-exp(beta * z) / beta))),
        Control(
            "minimum e^{-β}/2β",
            prediction=replace(energy_bounds(), minimum=exp(-beta) / (2 * beta)),
        ),
    ),
    expected=Verdict.PROVED,
    hypotheses=(
        Hypothesis("beta > 0", _positive_beta),
        Hypothesis("d >= 2", _at_least_two),
    ),
    about=frozenset({Part.ENERGY}),
)


ORDER = Symbol("lambda", nonnegative=True)
"""λ = (d-2)/2, 0 on the circle."""


@dataclass(frozen=True)
class Zonal:
    """``e^{β cos φ} = constant + Σ_k term`` at λ = 0, term in ``DEGREE``, ``ORDER`` and ``PHI``."""

    constant: Expr
    term: Expr


def derive_zonal(flow: Flow) -> Zonal | None:
    """Return the expansion of e^{β cos φ}."""
    return _CIRCLE


def refute_zonal(flow: Flow, prediction: Zonal | None, budget: Budget) -> Counterexample | None:
    """Find a degree at which the term is no number at λ = 0."""
    if prediction is None:
        return None
    for degree in range(1, 31):
        value = prediction.term.subs(ORDER, 0).subs(DEGREE, degree)
        if value.has(S.NaN, S.ComplexInfinity, oo):
            text = f"λ = 0, degree {degree}: the term {prediction.term.subs(DEGREE, degree)} is "
            return Counterexample(f"{text}{value}, no number")
    return None


def conclude_zonal(flow: Flow, prediction: Zonal) -> Conclusion | Refusal:
    """Claim the series of βh(cos φ), h twice the energy of a pair, and positive coefficients."""
    stated = stated_kernel(flow)
    if isinstance(stated, Refusal):
        return stated

    def wave(degree: Expr, angle: Expr) -> Expr:
        return prediction.term.subs(ORDER, 0).subs({DEGREE: degree, PHI: angle})

    return in_cosines(2 * beta * stated[1], prediction.constant, wave)


def watch_zonal(flow: Flow, prediction: Zonal, budget: Budget) -> Trial:
    """Compare 31 terms with the kernel at drawn angles and temperatures."""
    assert flow.kernel is not None  # a premise
    own = lambdify((PHI, beta), (beta * flow.kernel).subs(z, cos(PHI)), "scipy")
    angles = budget.rng.uniform(0, np.pi, 20 * budget.cases)
    hot = budget.rng.uniform(0.2, 3.0, angles.size)
    total = lambdify(beta, prediction.constant, "scipy")(hot) + np.zeros_like(hot)
    for degree in range(1, 31):
        value = prediction.term.subs(ORDER, 0).subs(DEGREE, degree)
        total = total + lambdify((PHI, beta), value, "scipy")(angles, hot)
    off = np.abs(total - own(angles, hot)) / np.exp(hot)
    case, margin = int(off.argmax()), 1 - float(off.max()) / 1e-12
    found = ""
    if margin < 0:
        found = (
            f"{flow.name}, φ = {angles[case]:.4g}, β = {hot[case]:.4g}: 31 terms give "
            f"{total[case]:.6g}, the kernel is {own(angles[case], hot[case]):.6g}"
        )
    return Trial(found, margin, angles.size)


ZONAL: Statement[Zonal] = Statement(
    "",
    "d = 2: e^{β cos φ} = I_0 + 2 Σ I_k cos kφ",
    Concludes(conclude_zonal, words=(("d", "2"), ("k", "symbolic")), warm=True),
    derive_zonal,
    refute_zonal,
    watch_zonal,
    premises=(PAIR_ENERGY,),
    typed=True,
)


_CIRCLE = Zonal(besseli(0, beta), 2 * besseli(DEGREE, beta) * cos(DEGREE * PHI))


_GEGENBAUER = (
    gamma(ORDER + 1)
    * (2 / beta) ** ORDER
    * besseli(DEGREE + ORDER, beta)
    * ((DEGREE + ORDER) / ORDER)
    * gegenbauer(DEGREE, ORDER, cos(PHI))
)


ERRATUM_PROPOSITION_3_4 = Claim(
    "E.Proposition 3.4",
    "d = 2: e^{β cos φ} = I_0 + 2 Σ I_k cos kφ, I_k(β) > 0; the printed expansion is 0/0 there.",
    USA,
    _CIRCLE,
    ZONAL,
    (
        Control(
            "the factor 2 dropped",
            prediction=replace(_CIRCLE, term=_CIRCLE.term / 2),
        ),
        Control(
            "J_k in place of I_k",
            prediction=replace(_CIRCLE, term=2 * besselj(DEGREE, beta) * cos(DEGREE * PHI)),
        ),
        Control("λ = 0 put into the term", prediction=replace(_CIRCLE, term=_GEGENBAUER)),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    cases=2,
    origin="erratum",
    kind="notation",
    equivalents=(Equivalent("the statement is on the energy alone", ("*.velocity: *",)),),
)


CLAIMS = (EXTREMISERS, ERRATUM_PROPOSITION_3_4)
