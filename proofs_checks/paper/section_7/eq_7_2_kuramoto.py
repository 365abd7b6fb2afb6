"""(7.2): with equal ω_i the Kuramoto model is n grad F in the frame that turns at ω.

How it is proved
----------------
A theorem: the angles of both flows at β = 0 turn by the coupling of (7.2). Angles φ that it drives
have (φ_i - ωt)' = n ∂F, F the double sum of their cosines, and F = (K/2)|(1/n) Σ e^{iφ}|² by
cos(a - b) = cos a cos b + sin a sin b. Exact for every n and K; no runs.

References
----------
arXiv 2312.10794, Section 7, (7.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from sympy import Dummy, Expr, Rational, S, Symbol, cos, diff, expand, sin

from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    AT_BETA_ZERO,
    ATTENTION,
    AUTONOMOUS,
    COLD_ONLY,
    LINEAR,
    MOVES,
    ON_SPHERE,
    Counterexample,
    Flow,
    Statement,
    at_zero,
    circle_terms,
    leaves_sphere,
)
from proofs_checks.proof.kinds import OF_LINEAR, PAPER_WEIGHTS
from proofs_checks.propositions import Subject
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    PairSum,
    Refusal,
    driven,
    turning_frame,
    values_in,
)
from theory.bounded import remainder, simplified, vanishes
from theory.derivations import phi as PHI
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, n, z

OMEGA = Symbol("omega", real=True)
"""The common frequency."""


DETUNING = Symbol("delta_i", real=True)
"""What the frequency of a token differs from the common one by."""


COUPLING = Symbol("K", positive=True)
"""Strength of the coupling."""


@dataclass(frozen=True)
class Kuramoto:
    """``θ_i' = ω_i + (K/n) Σ_j sin(θ_j - θ_i)``, seen from a frame that turns.

    Attributes
    ----------
    frequency : Expr
        ω_i, in ``OMEGA`` and ``DETUNING``.
    frame : Expr
        Angular velocity of the frame in which no frequency is left.
    pair : Expr
        Summand of F over i and j, in ``PHI``, ``COUPLING`` and ``n``: θ' = n grad F there.
    temperature : Expr
        The β at which the flow is the coupling.
    """

    frequency: Expr
    frame: Expr
    pair: Expr
    temperature: Expr = S.Zero


_AT = {OMEGA: S.One, DETUNING: Rational(1, 3), COUPLING: S(2), n: S(5), PHI: S.One}
"""Where counterexamples are shown."""


def derive_kuramoto(flow: Flow) -> Kuramoto | None:
    """Return the potential of the flow's own coupling at β = 0, if its weights are constant."""
    form = flow.cold.still_form
    if form is None or not flow.cold.autonomous.holds or not vanishes(form.kernel.diff(z)):
        return None
    strength = form.scale if form.normalised else form.scale * form.kernel
    return Kuramoto(OMEGA, OMEGA, strength * COUPLING * cos(PHI) / (2 * n**2))


def _force(flow: Flow, prediction: Kuramoto) -> Expr | None:
    """Force of a pair at the temperature, or None."""
    summand, divided, reason = circle_terms(flow.model)
    if reason:
        return None
    where = {beta: prediction.temperature}
    return summand.subs(where) / (S.One if divided is None else divided.subs(where))


def _gradient(prediction: Kuramoto) -> Expr:
    slope = diff(prediction.pair, PHI)
    return slope - slope.subs(PHI, -PHI)


def refute_kuramoto(
    flow: Flow, prediction: Kuramoto | None, budget: Budget
) -> Counterexample | None:
    """Find a frequency that is left, a force that is no sine, or no gradient of the potential."""
    found = leaves_sphere(flow.model, budget.rng)
    if found:
        return Counterexample(found)
    if prediction is None:
        return None
    left = expand(prediction.frequency - prediction.frame)
    if left != 0:
        return Counterexample(
            f"in the frame the frequency {left} is left, {left.subs(_AT)} at ω = 1, δ_i = 1/3"
        )
    force = _force(flow, prediction)
    if force is None:
        return None
    ratio = simplified(force / sin(PHI))
    if vanishes(ratio.diff(PHI)) is False:
        left = remainder(force + sin(PHI))
        return Counterexample(
            f"{flow.name}, β = {prediction.temperature}: a pair's force plus sin φ is "
            f"{left.subs(_AT).n(6)} at φ = 1"
        )
    left = simplified(COUPLING * force / n - n * _gradient(prediction))
    if vanishes(left) is not False:
        return None
    return Counterexample(
        f"{flow.name}: a pair's part of θ_i' - n dF/dθ_i is {left.subs(_AT).n(6)} at φ = 1, "
        "K = 2, n = 5"
    )


def conclude_kuramoto(flow: Flow, prediction: Kuramoto) -> Conclusion | Refusal:
    """Say that angles that are driven by the flow's coupling climb F in the frame."""
    force = _force(flow, prediction)
    heated = beta in flow.model.parameters
    here = flow.at(beta=prediction.temperature) if heated else flow
    values = values_in(here)
    if force is None or isinstance(values, Refusal):
        return values if isinstance(values, Refusal) else Refusal("no single sum of angles")
    pair, level = prediction.pair.xreplace(values), Dummy("c", real=True)
    cosine = pair.subs(cos(PHI), level)
    if cosine.has(PHI):
        return Refusal(f"{pair} is no function of the cosine")
    slope = diff(pair, PHI)
    parts = ((pair, PHI), (slope - slope.subs(PHI, -PHI), PHI), (cosine, level))
    pairs, pulls, levels = (partial(body.subs, name) for body, name in parts)
    own = PairSum(pairs, pulls, levels, n**2 * levels(1))
    pull = partial(force.xreplace(values).subs, PHI)
    law = driven(prediction.frequency, COUPLING, pull)
    subject = Subject.of(here.model, values)
    return turning_frame(subject, law, pull, own, prediction.frame)


IN_FRAME: Statement[Kuramoto] = Statement(
    "(7.2)",
    "d = 2, β = 0: in a frame that turns, n grad F of the order parameter",
    Concludes(
        conclude_kuramoto,
        words=(("d", "2"), ("beta", "0"), ("masses", "1/n"), ("K", "symbolic, > 0")),
    ),
    derive_kuramoto,
    refute_kuramoto,
    domain=(PAPER_WEIGHTS, OF_LINEAR, COLD_ONLY, at_zero(MOVES)),
    premises=(LINEAR, *map(at_zero, (ON_SPHERE, ATTENTION, AUTONOMOUS))),
    typed=True,
)


_KURAMOTO = Kuramoto(OMEGA, OMEGA, COUPLING * cos(PHI) / (2 * n**2))


EQUATION_7_2 = Claim(
    "(7.2)",
    "With equal ω_i, in the frame that turns at ω, (7.2) is n grad F, F = (K/2)|(1/n) Σ e^{iθ}|².",
    (USA, SA),
    _KURAMOTO,
    IN_FRAME,
    (
        Control("different frequencies", prediction=replace(_KURAMOTO, frequency=OMEGA + DETUNING)),
        Control("the frame turns at -ω", prediction=replace(_KURAMOTO, frame=-OMEGA)),
        Control("K/(2n²) -> K/n²", prediction=replace(_KURAMOTO, pair=2 * _KURAMOTO.pair)),
        Control("β = 1/10", prediction=replace(_KURAMOTO, temperature=Rational(1, 10))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    equivalents=(AT_BETA_ZERO,),
)


CLAIMS = (EQUATION_7_2,)
