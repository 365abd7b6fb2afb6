"""(7.3), (7.4): the energies that the flows on the circle climb, and their maxima.

Main results
------------
(7.3): Kuramoto, θ' = n grad F, F = (1/2n²) Σ cos(θ_i-θ_j) <= 1/2, equal for equal angles.
(7.4): USA, θ' = n grad E, E = (1/2βn²) Σ e^{β cos(θ_i-θ_j)} <= e^β/2β, for β > 0.

How it is proved
----------------
A theorem: along angles φ that move somehow the double sum has the slope Σ_i φ_i' f_i(φ)/n, and at
the tokens θ_i' = f_i(θ). The maximum: each pair's energy is largest where <x_i,x_j> = 1 alone, so
a sum that is as large has no other pairs. Exact for every n and masses 1/n; no runs.

References
----------
arXiv 2312.10794, Section 7, (7.3) and (7.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

from sympy import Dummy, Expr, Rational, S, cos, diff, exp, pi, simplify

from proofs_checks.claim import Budget, Claim, Control, Hypothesis, Part, Verdict
from proofs_checks.proof import (
    AT_BETA_ZERO,
    ATTENTION,
    AUTONOMOUS,
    CIRCLE_KERNEL,
    COLD_ONLY,
    HOT_ONLY,
    KNOWN,
    LINEAR,
    MOVES,
    ON_SPHERE,
    PAIR_ENERGY,
    POSITIVE_WEIGHTS,
    Counterexample,
    Flow,
    Statement,
    at_zero,
    circle_normal_form,
    circle_terms,
    leaves_sphere,
    not_zero_on_circle,
    shown_on_circle,
)
from proofs_checks.proof.kinds import OF_LINEAR, OF_PAIR_ENERGY, PAPER_WEIGHTS, UNDIVIDED
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Concludes, Conclusion, PairSum, Refusal, uphill, values_in
from theory.bounded import vanishes
from theory.derivations import phi as PHI
from theory.energy import pole_free
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, n, z


def _positive_beta(beta: float = 1.0, **_: float) -> float:
    return beta if beta > 0 else -1.0


@dataclass(frozen=True)
class CircleEnergy:
    """``F = Σ_ij pair(θ_i - θ_j)`` with θ' = n grad F, the largest value at equal angles.

    Attributes
    ----------
    pair : Expr
        An even function of ``PHI``, with ``n`` and ``beta``.
    largest : Expr
        max F.
    temperature : Expr, optional
        The β of the flow; symbolic by default.
    """

    pair: Expr
    largest: Expr
    temperature: Expr = beta


@lru_cache(maxsize=8)
def _reduced(flow: Flow) -> tuple[Expr, Expr | None, str]:
    """Summand and weight of θ_i', and what fails, if anything."""
    return circle_terms(flow.model)


def _terms(flow: Flow, prediction: CircleEnergy) -> tuple[Expr, str]:
    """Summand of θ_i' over j at the temperature, or why there is none."""
    summand, weight, reason = _reduced(flow)
    if reason:
        return S.Zero, reason
    where = {beta: prediction.temperature}
    return summand.subs(where) / (S.One if weight is None else weight.subs(where)), ""


def _own_energy(flow: Flow, temperature: Expr) -> Expr | None:
    """Energy of a pair by the flow's own kernel, at the temperature; None without one.

    At a fixed temperature it is that which the flow climbs at its own speed, if it climbs.
    """
    kernel = Flow.of(flow.model).kernel
    if kernel is None or temperature == beta:
        return None if kernel is None else kernel.subs(z, cos(PHI)) / (2 * n**2)
    try:
        own, climb = pole_free(kernel, beta, temperature), flow.at(beta=temperature).climb
    except ValueError:  # infinite at the temperature
        return None
    own = own.subs(beta, temperature).subs(z, cos(PHI)) / (2 * n**2)
    return climb.ratio * own if climb.step.holds else None


@lru_cache(maxsize=8)
def _gaps(flow: Flow, prediction: CircleEnergy) -> tuple[tuple[str, Expr], ...]:
    """Differences of energies, and of velocity and gradient, for a pair: 0 if it is as said."""
    slope = diff(prediction.pair, PHI)
    # d/dθ_i of Σ_ij pair(θ_i-θ_j): θ_i is the first angle of one pair, the second of another.
    gradient = slope - slope.subs(PHI, -PHI)
    own = _own_energy(flow, prediction.temperature)
    parts = [] if own is None else [("a pair's dE/dφ - dF/dφ", diff(own - prediction.pair, PHI))]
    force, _ = _terms(flow, prediction)
    parts.append(("a pair's part of θ_i' - n dF/dθ_i", force / n - n * gradient))
    return tuple((text, circle_normal_form(left)) for text, left in parts)


def _as_large(flow: Flow, prediction: CircleEnergy) -> str:
    """Two opposite tokens whose energy is that of equal angles, or more; or ""."""
    over = (prediction.pair.subs(PHI, pi) - prediction.pair.subs(PHI, 0)).subs(flow.values)
    over = (n**2 * over).subs({s: S.One for s in over.free_symbols - {n}})
    over = simplify(over.subs(n, 2))
    if not over.is_number or over.is_nonnegative is not True:
        return ""
    return f"two opposite tokens: E is {over / 2} over that of equal angles, parameters 1"


def refute_circle_energy(
    flow: Flow, prediction: CircleEnergy | None, budget: Budget
) -> Counterexample | None:
    """Give an angle where energy or gradient are others, or the energy of equal angles."""
    found = leaves_sphere(flow.model, budget.rng)
    if found:
        return Counterexample(found)
    if prediction is None or _terms(flow, prediction)[1]:
        return None
    if found := _as_large(flow, prediction):
        return Counterexample(found, {"n": "2", "d": "2", "masses": "1/2"})
    if flow.given:
        return None
    for text, left in _gaps(flow, prediction):
        if left != 0 and not_zero_on_circle(left):
            return Counterexample(f"{flow.name}: {text} is {shown_on_circle(left)} ({left})")
    top = n**2 * prediction.pair.subs(PHI, 0)
    if simplify(top - prediction.largest) != 0:
        return Counterexample(
            f"F is {top} at equal angles, not {prediction.largest}, e.g. at n = 3"
        )
    return None


def conclude_circle_energy(flow: Flow, prediction: CircleEnergy) -> Conclusion | Refusal:
    """Say that angles climb the claimed sum over pairs, and where it is largest."""
    heated = prediction.temperature != beta and beta in flow.model.parameters
    here = flow.at(beta=prediction.temperature) if heated else flow
    values, level = values_in(here), Dummy("c", real=True)
    if isinstance(values, Refusal):
        return values
    pair, largest = prediction.pair.xreplace(values), prediction.largest.xreplace(values)
    cosine = pair.subs(cos(PHI), level)
    if cosine.has(PHI):
        return Refusal(f"{pair} is no function of the cosine")
    slope = diff(pair, PHI)
    pull = slope - slope.subs(PHI, -PHI)
    parts = ((pair, PHI), (pull, PHI), (cosine, level))
    pairs, pulls, levels = (partial(body.subs, name) for body, name in parts)
    own = PairSum(pairs, pulls, levels, largest)
    return uphill(Subject.of(here.model, values), own)


def derive_cold_energy(flow: Flow) -> CircleEnergy | None:
    """Return the energy of the flow's own coupling at β = 0, if its weights are constant."""
    weight = flow.cold.weight
    if weight in (None, 0) or not flow.cold.autonomous.holds or not vanishes(weight.diff(z)):
        return None
    form = flow.cold.still_form
    assert form is not None  # it has a weight
    strength = form.scale if form.normalised else weight
    return CircleEnergy(strength * cos(PHI) / (2 * n**2), strength / 2, S.Zero)


def derive_circle_energy(flow: Flow) -> CircleEnergy | None:
    """Return the flow's own pair energy, for one that isn't divided by row sums."""
    own = _own_energy(flow, beta)
    if own is None or flow.form is None or flow.normalised:
        return None
    return CircleEnergy(own, n**2 * own.subs(PHI, 0))


COLD_CIRCLE: Statement[CircleEnergy] = Statement(
    "(7.3)",
    "d = 2, β = 0: θ' = n grad F, F largest for equal angles alone",
    Concludes(conclude_circle_energy, words=(("d", "2"), ("beta", "0"), ("masses", "1/n"))),
    derive_cold_energy,
    refute_circle_energy,
    domain=(PAPER_WEIGHTS, OF_LINEAR, COLD_ONLY, at_zero(MOVES)),
    premises=(LINEAR, *map(at_zero, (ON_SPHERE, ATTENTION, AUTONOMOUS, POSITIVE_WEIGHTS))),
    typed=True,
)
WARM_CIRCLE: Statement[CircleEnergy] = Statement(
    "(7.4)",
    "d = 2: θ' = n grad E of the own energy, E largest for equal angles alone",
    Concludes(conclude_circle_energy, words=(("d", "2"), ("masses", "1/n")), warm=True),
    derive_circle_energy,
    refute_circle_energy,
    domain=(PAPER_WEIGHTS, OF_PAIR_ENERGY, UNDIVIDED, HOT_ONLY),
    premises=(KNOWN, ON_SPHERE, ATTENTION, PAIR_ENERGY),
    typed=True,
)


_SYNC = cos(PHI) / (2 * n**2)


KURAMOTO_ENERGY = Claim(
    "(7.3)",
    "Kuramoto: θ' = n grad F with F = (1/2n²) Σ cos(θ_i-θ_j) <= 1/2, equal for equal angles.",
    (USA, SA),
    CircleEnergy(_SYNC, S.Half, S.Zero),
    COLD_CIRCLE,
    (
        Control("1/(2n²) -> 1/n²", prediction=CircleEnergy(2 * _SYNC, S.One, S.Zero)),
        Control("β = 1/10 in place of 0", prediction=CircleEnergy(_SYNC, S.Half, Rational(1, 10))),
        Control("V = -I", model=(REPULSIVE,)),
        Control("maximum 1", prediction=CircleEnergy(_SYNC, S.One, S.Zero)),
    ),
    Verdict.PROVED,
    equivalents=(AT_BETA_ZERO,),
)


_WARM_PAIR = CIRCLE_KERNEL / (2 * beta * n**2)


_TOP = exp(beta) / (2 * beta)


CIRCLE_ENERGY = Claim(
    "(7.4)",
    "USA on the circle: θ' = n grad E, E = (1/2βn²) Σ e^{β cos(θ_i-θ_j)} <= e^β/2β.",
    USA,
    CircleEnergy(_WARM_PAIR, _TOP),
    WARM_CIRCLE,
    (
        Control("E without 1/n²", prediction=CircleEnergy(n**2 * _WARM_PAIR, n**2 * _TOP)),
        Control("E without 1/β", prediction=CircleEnergy(beta * _WARM_PAIR, beta * _TOP)),
        Control("the normalised flow SA", model=SA),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (Hypothesis("β > 0", _positive_beta),),
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


CLAIMS = (KURAMOTO_ENERGY, CIRCLE_ENERGY)
