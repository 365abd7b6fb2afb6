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
    Subs,
    Symbol,
    besseli,
    besselj,
    cos,
    exp,
    gamma,
    gegenbauer,
    lambdify,
    oo,
    simplify,
)

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Hypothesis, Part, Verdict
from proofs_checks.decide import decide_positive_definite
from proofs_checks.proof import (
    DEGREE,
    DIRAC,
    KNOWN,
    LEAST_VALUE,
    PAIR_ENERGY,
    POSITIVE_BETA,
    STILL_ENERGY,
    SUM,
    UNIFORM,
    Counterexample,
    Fixed,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    below_top,
    cited,
    decided,
    equal,
    gap,
    kernel_series,
    less_than_minimum,
    more_than_maximum,
    recurrence_is_positive,
    same_minimum,
    tie_of,
    witness_values,
)
from proofs_checks.proof.kinds import OF_PAIR_ENERGY
from proofs_checks.said import say, saying
from proofs_checks.theorems import Concludes, Conclusion, Refusal, in_cosines, stated_kernel
from theory.derivations import phi as PHI
from theory.energy import interaction_energy
from theory.models import REPULSIVE, USA, gradient_flow
from theory.predictions import EnergyBounds, energy_bounds
from theory.symbols import beta, d, t, z

SCHOENBERG = "Schoenberg: the Gegenbauer polynomials are positive definite on the sphere"
HARMONIC = "a measure whose spherical harmonic moments of degree >= 1 vanish is uniform"
MOMENTS = "the moments of a coordinate under the uniform measure, (1/2)_j / (d/2)_j"

_UP_TO = (say(0, "<", beta), say(-1, "<=", z))
EVERY_MEASURE = {
    "n": "any measure",
    "d": "symbolic, at least 2",
    "beta": "symbolic, positive",
    "masses": "any measure of mass one",
}


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


def decide_maximum(flow: Flow, prediction: EnergyBounds) -> Sheet:
    """Decide that ``h(t) <= h(1)``: ``∬ h <= h(1)``, with equality at Dirac masses."""
    kernel = flow.kernel
    assert kernel is not None  # a premise
    top = kernel.subs(z, 1)
    highest = decided("h(t) <= h(1) on [-1, 1]", below_top(kernel, strict=False))
    highest = saying(highest, say(kernel, "<=", Subs(kernel, z, 1), (*_UP_TO, say(z, "<=", 1))))
    most = apply(SUM, "½∬ h <= h(1)/2", highest, terms={"h(1) - h(<x,y>)": ">= 0"})
    text = f"½∬ h = {prediction.maximum} at Dirac masses"
    taken = equal(text, Subs(kernel, z, 1) / 2, prediction.maximum)
    strict = below_top(kernel, strict=True)
    words = "h(t) < h(1) for t < 1: Dirac masses alone"
    if strict.refuted:
        values = witness_values(strict)
        at = f" with <x,y> = {strict.witness['z']}{', ' + values if values else ''}"
        words = f"h(t) <= h(1), but not unique: two atoms{at}"
    elif not strict.holds:
        words = "h(t) <= h(1)"
    return Sheet((highest, most, taken), EVERY_MEASURE, (top, prediction.maximum), words)


def decide_minimum(flow: Flow, prediction: EnergyBounds) -> Sheet:
    """Decide that h is positive definite, and compare the least value term by term."""
    kernel = flow.kernel
    assert kernel is not None  # a premise
    definite = decided("every Gegenbauer coefficient of degree >= 1 is >= 0", flow.definite)
    scope = {key: value for key, value in definite.scope.items() if str(key) != "unique"}
    definite = replace(definite, scope=scope)
    schoenberg = cited(SCHOENBERG, definite)
    least = apply(
        SUM,
        "½∬ h dmu dmu >= ½∬ h dσ dσ, σ uniform",
        schoenberg,
        terms={"coefficient × |moments|²": ">= 0"},
    )
    text = f"½∬ h dσ dσ = {prediction.minimum}"
    series = kernel_series(kernel)
    if prediction.minimum == LEAST_VALUE:
        value = Step(text, How.DERIVED, evidence="by definition")
    elif series is None:
        value = gap(text, "no closed form of the mean of h")
    else:
        lowest = prediction.minimum.subs(beta, POSITIVE_BETA)
        same = same_minimum(series, lowest) or simplify(lowest - series.mean(d) / 2) == 0
        value = Step(text, How.DERIVED) if same else gap(text, "not shown")
    alone = flow.definite.scope.get("unique") == "yes"
    words = ": the minimiser, and the only one" if alone else ": a minimiser"
    return Sheet(
        (definite, schoenberg, least, value, cited(MOMENTS, value)),
        EVERY_MEASURE,
        (flow.model.energy, prediction.minimum),
        flow.definite.detail + words,
    )


def decide_only(flow: Flow, prediction: EnergyBounds) -> Sheet:
    """Decide that every coefficient is > 0 and ``h(t) < h(1)`` for t < 1, of h or of -h."""
    kernel, definite = flow.kernel, flow.definite
    assert kernel is not None  # a premise
    text, of = "every Gegenbauer coefficient of degree >= 1 is > 0", ""
    if definite.refuted:  # what is least and what is largest change their places
        kernel, of, definite = -kernel, " of -h", decide_positive_definite(-kernel)
    many = decided(f"{text}{of}", definite)
    many = replace(many, scope={a: b for a, b in many.scope.items() if str(a) != "unique"})
    if many.holds and definite.scope.get("unique") != "yes":
        many = gap(text, "infinitely many even and odd Taylor coefficients aren't seen")
    text = "t P_k = a P_{k+1} + b P_{k-1} with a, b > 0 for k >= 1, d >= 2"
    up = Step(text, How.DERIVED) if recurrence_is_positive() else gap(text, "not shown")
    higher = decided(f"h(t) < h(1) for t < 1{of}", below_top(kernel, strict=True))
    higher = saying(higher, say(kernel, "<", Subs(kernel, z, 1), (*_UP_TO, say(z, "<", 1))))
    alone = cited(HARMONIC, many, up)
    said = f"no other minimiser, no other maximiser{of}"
    return Sheet((many, up, alone, higher), EVERY_MEASURE, (), said)


def refute_bounds(flow: Flow, prediction: EnergyBounds) -> str:
    """Refute one of the three parts."""
    return (
        less_than_minimum(flow, prediction)
        or more_than_maximum(flow, prediction)
        or tie_of(flow, prediction)
    )


def decide_bounds(flow: Flow, prediction: EnergyBounds) -> Sheet:
    """Join the minimum, the maximum and their uniqueness."""
    parts = [part(flow, prediction) for part in (decide_minimum, decide_maximum, decide_only)]
    return Sheet(
        tuple({str(step): step for part in parts for step in part.steps}.values()),
        EVERY_MEASURE,
        (flow.model.energy, prediction.minimum, prediction.maximum),
        "h has Taylor coefficients c a^l / l! > 0, so every Gegenbauer coefficient of degree "
        ">= 1 is positive; h(t) < h(1) for t < 1; the minimum agrees term by term with the "
        "series of the Bessel function",
    )


def _asked(name: str, says: str, decide: Any, find: Any, *also: Any) -> Statement[EnergyBounds]:
    refute, premises = Fixed(_counter, find), (KNOWN, PAIR_ENERGY, STILL_ENERGY)
    own = (name, says, decide, derive_bounds, refute)
    return Statement(*own, domain=(OF_PAIR_ENERGY,), premises=premises, also=also)


_LEAST, _MOST = "the uniform measure minimises it", "Dirac masses maximise the energy"
BOUNDS = _asked(
    "Proposition 3.4",
    "the uniform measure alone minimises the energy, Dirac masses alone maximise it",
    decide_bounds,
    refute_bounds,
    _asked("Proposition 3.4 maximum", _MOST, decide_maximum, more_than_maximum),
    _asked("Proposition 3.4 minimum", _LEAST, decide_minimum, less_than_minimum),
    _asked("Proposition 3.4 uniqueness", "no other extremiser", decide_only, tie_of),
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
