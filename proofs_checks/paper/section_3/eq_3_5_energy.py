"""(3.5): the interaction energy, its bounds, and its limit as β -> 0.

How it is proved
----------------
A theorem on energies of pairs, with symbolic β > 0: E is the double sum of e^{βz}/β, which rises,
so that for mass one it lies between half its values at z = -1 and z = 1; without 1/β, the value at
z = 0, each pair has an expansion at β = 0 (t stands for β there) that begins with z. Watched: an
independent double sum over the Gram matrix, at rational points in intervals, and the bounds there.

References
----------
arXiv 2312.10794, (3.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from sympy import Derivative, Expr, Min, S, Symbol, exp, simplify

from proofs_checks.claim import (
    Budget,
    Claim,
    Control,
    Equivalent,
    Hypothesis,
    Part,
    Verdict,
)
from proofs_checks.decide import interval
from proofs_checks.proof import (
    KNOWN,
    PAIR_ENERGY,
    TEMPERATURES,
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Statement,
    Step,
    Trial,
    Witness,
    continuous,
    decimal,
    excludes_zero,
    gap,
    row_dot,
)
from proofs_checks.proof.kinds import OF_PAIR_ENERGY
from proofs_checks.propositions import Subject
from proofs_checks.said import say, saying
from proofs_checks.theorems import Concludes, Conclusion, Refusal, energy_between, values_in
from theory.bounded import remainder, simplified
from theory.energy import energy_at, interaction_energy, pole_free
from theory.models import REPULSIVE, SA, USA, gradient_flow
from theory.symbols import X, beta, m, z


@dataclass(frozen=True)
class PairEnergy:
    """``E = ½∬ h dmu dmu``, with bounds for mass one, and h - const as β -> 0.

    Attributes
    ----------
    kernel : Expr
        h in ``z`` and ``beta``.
    low, high : Expr
        Bounds of E over probability measures.
    cold : Expr
        What remains of h at β = 0.
    """

    kernel: Expr
    low: Expr
    high: Expr
    cold: Expr


WARM_HEAT = Symbol("beta", positive=True)


@lru_cache(maxsize=8)
def _growth(flow: Flow) -> tuple[int, Step]:
    """Whether the kernel of the energy rises (1) or falls (-1) on [-1, 1], and why."""
    text = "h is monotone on [-1, 1]"
    if flow.kernel is None:
        return 0, Step(text, How.DECIDED, Outcome.FAILS, "no kernel")
    smooth = continuous(flow.kernel)
    if not smooth.holds:
        return 0, gap(text, f"{smooth.text}: {smooth.evidence}")
    slope = flow.kernel.diff(z)
    warm = slope.subs(beta, WARM_HEAT)
    if warm.is_nonnegative or warm.is_nonpositive:
        sign = 1 if warm.is_nonnegative else -1
        step = Step(text, How.DECIDED, evidence=f"h' = {slope}")
        given = (say(0, "<", beta), say(-1, "<=", z), say(z, "<=", 1))
        return sign, saying(step, say(0, "<=", sign * Derivative(flow.kernel, z), given))
    found = {sign: flow.sign(text, sign * slope, strict=False) for sign in (1, -1)}
    for sign, step in found.items():
        if step.holds:
            return sign, step
    fails = all(step.outcome is Outcome.FAILS for step in found.values())
    return 0, found[1] if fails else gap(text, f"the sign of {slope}")


def _monotone(flow: Flow) -> Step:
    return _growth(flow)[1]


MONOTONE = Premise("MONOTONE", _monotone)


def _ends(flow: Flow) -> tuple[Expr, Expr]:
    """Least and largest energy of one pair, half the kernel at the ends of [-1, 1]."""
    assert flow.kernel is not None  # asked before
    low, high = flow.kernel.subs(z, -1) / 2, flow.kernel.subs(z, 1) / 2
    return (high, low) if _growth(flow)[0] < 0 else (low, high)


def _cold(flow: Flow) -> Expr | None:
    """Return what is left of the kernel at β = 0, a constant apart; None if it is infinite."""
    try:
        return None if flow.kernel is None else pole_free(flow.kernel, beta, 0)
    except ValueError:
        return None


def derive_energy(flow: Flow) -> PairEnergy | None:
    """Return the flow's own kernel, half its values at both ends, and what is left at β = 0."""
    cold = _cold(flow)
    if flow.kernel is None or cold is None or not _monotone(flow).holds:
        return None
    return PairEnergy(flow.kernel, *_ends(flow), cold)


def _at_points(flow: Flow, prediction: PairEnergy, budget: Budget) -> Iterator[tuple[str, float]]:
    """Yield what is wrong at drawn points, "" if nothing is, and the room between the bounds."""
    for _ in range(budget.cases):
        point = Witness(budget.rng, [flow.model.energy, prediction.high])
        point.scalars |= {beta: abs(point.scalars.get(beta, TEMPERATURES[0]))}
        total = sum(row[0] for row in point.matrices[m])
        point.matrices[m] = [[row[0] / total] for row in point.matrices[m]]
        at, pairs = point.evaluator(), list(zip(point.matrices[m], point.matrices[X], strict=True))
        # An independent double sum over the entries of the Gram matrix.
        terms = [
            at.scalar(a[0] * b[0]) * at.apply(prediction.kernel, interval(row_dot(x, y)))
            for a, x in pairs
            for b, y in pairs
        ]
        value, claimed = at(flow.model.energy)[0][0], sum(terms) / 2
        low, high = at.scalar(prediction.low), at.scalar(prediction.high)
        wrong = ""
        if excludes_zero(value - claimed):
            wrong = f"E = {decimal(value)} but ½ΣΣ m_i m_j h = {decimal(claimed)} at {point}"
        elif (low - value).a > 0 or (value - high).a > 0:
            wrong = f"E = {decimal(value)} out of bounds at {point}"
        # At one cluster the upper bound is attained, up to rounding.
        slack = max(min(float((value - low).mid), float((high - value).mid)), 0.0)
        room = float((high - low).mid)  # 0 of an energy that is one number: both are attained
        yield wrong and f"{flow.name}: {wrong}", slack / room if room else 0.0


def _beyond(flow: Flow, prediction: PairEnergy) -> tuple[Expr, Expr]:
    """By how much a pair's energy is over the larger bound, and under the smaller one."""
    low, high = _ends(flow)
    over, under = high - prediction.high, prediction.low - low
    return simplified(over.subs(beta, WARM_HEAT)), simplified(under.subs(beta, WARM_HEAT))


def _below_both(flow: Flow) -> Counterexample | None:
    """Find two tokens at a right angle whose energy is under half of both h(1) and h(-1)."""
    if flow.kernel is None or flow.model.energy is None or not continuous(flow.kernel).holds:
        return None
    h = flow.kernel.subs(flow.values)
    h = h.subs({s: S.One for s in h.free_symbols - {z}})
    value, least = (h.subs(z, 1) + h.subs(z, 0)) / 4, Min(h.subs(z, 1), h.subs(z, -1)) / 2
    if not (least - value).is_positive:
        return None
    said = f"E = {value} of two tokens, <x_1,x_2> = 0, masses 1/2, parameters 1"
    return Counterexample(f"{said}: below {least}", {"n": "2", "d": ">= 2", "masses": "1/2"})


def refute_energy(
    flow: Flow, prediction: PairEnergy | None, budget: Budget
) -> Counterexample | None:
    """Draw points where the double sum isn't the energy, or give clusters beyond a bound."""
    if prediction is None:
        return _below_both(flow)
    if prediction is None or flow.model.energy is None or flow.given:
        return None
    kernel, found = flow.kernel, ""
    same = kernel is not None and remainder(kernel - prediction.kernel) == 0
    if not same or not all(left.is_nonpositive for left in _beyond(flow, prediction)):
        found = next((wrong for wrong, _ in _at_points(flow, prediction, budget) if wrong), "")
    if found or kernel is None or not same:
        return Counterexample(found, cases=budget.cases) if found else None
    ends = [kernel.subs({z: place, beta: WARM_HEAT}) for place in (1, -1)]
    clusters = (
        ("one cluster", ends[0] / 2 - prediction.high.subs(beta, WARM_HEAT)),
        # Two opposite clusters have the energy (h(1) + h(-1))/4.
        ("an antipodal pair", prediction.low.subs(beta, WARM_HEAT) - sum(ends) / 4),
    )
    for place, excess in clusters:
        for heat in TEMPERATURES:
            value = excess.subs(WARM_HEAT, heat).evalf(20)
            if value.is_number and value > 1e-15:
                return Counterexample(
                    f"{flow.name}: {place} at β = {heat} is beyond the bound by {value.n(6)}"
                )
    cold = _cold(flow)
    if cold is not None and simplify(cold - prediction.cold) != 0:
        return Counterexample(
            f"{flow.name}: h - const -> {cold} as β -> 0, not {prediction.cold}, e.g. at 1/2"
        )
    return None


def conclude(flow: Flow, prediction: PairEnergy) -> Conclusion | Refusal:
    """Say what E is, where it lies, and what it tends to as β -> 0 where β isn't given."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    energy, kernel = flow.model.energy, flow.kernel
    assert energy is not None and kernel is not None  # premises
    ends = prediction.low.xreplace(values), prediction.high.xreplace(values)
    return energy_between(
        Subject.of(flow.model, values),
        energy_at(energy, values),
        prediction.kernel.xreplace(values),
        ends,
        prediction.cold if beta in kernel.free_symbols else None,
    )


def say_energy(flow: Flow, prediction: PairEnergy) -> str:
    """Say the kernel, the bounds, and the limit where β isn't given."""
    low, high = prediction.low, prediction.high
    said = f"E = ½∬ h dmu dmu, h = {prediction.kernel}; for mass one {low} <= E <= {high}"
    cold = f"; h - const -> {prediction.cold} as β -> 0"
    return said + (cold if flow.kernel is not None and beta in flow.kernel.free_symbols else "")


def watch_energy(flow: Flow, prediction: PairEnergy, budget: Budget) -> Trial:
    """Compare the energy with the double sum, and with its bounds, at drawn points."""
    worst = np.inf
    for wrong, slack in _at_points(flow, prediction, budget):
        if wrong:
            return Trial(wrong, -1.0, budget.cases)
        worst = min(worst, slack)
    return Trial("", worst, budget.cases)


PAIRS: Statement[PairEnergy] = Statement(
    "(3.5)",
    "the energy is ½∬ h dmu dmu, for mass one between half the values of h at ±1",
    Concludes(conclude, warm=True),
    derive_energy,
    refute_energy,
    watch_energy,
    domain=(OF_PAIR_ENERGY,),
    premises=(PAIR_ENERGY, KNOWN, MONOTONE),
    says=say_energy,
    typed=True,
)


_ENERGY = PairEnergy(exp(beta * z) / beta, exp(-beta) / (2 * beta), exp(beta) / (2 * beta), z)


def _heat(beta: float = 1.0, **_: float) -> float:
    return beta if beta > 0 else -1.0


EQUATION_3_5 = Claim(
    "(3.5)",
    "E = (1/2β)∬e^{β<x,y>} dmu dmu is in [e^{-β}/2β, e^β/2β]; E - 1/2β -> ½|∫x dmu|² as β -> 0.",
    (SA, USA),
    _ENERGY,
    PAIRS,
    (
        Control("1/β in place of 1/2β", prediction=replace(_ENERGY, kernel=2 * _ENERGY.kernel)),
        Control("no 1/β", prediction=replace(_ENERGY, kernel=exp(beta * z))),
        Control("E <= 1/2β", prediction=replace(_ENERGY, high=1 / (2 * beta))),
        Control("limit |∫x dmu|²", prediction=replace(_ENERGY, cold=2 * z)),
        Control("h = z²", model=(gradient_flow(interaction_energy(z**2), "z²"),)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (Hypothesis("β > 0", _heat),),
    cases=4,
    about=frozenset({Part.ENERGY}),
    equivalents=(
        Equivalent("a larger upper bound", ("prediction.high: e^u -> e^2u",)),
        Equivalent(
            "a smaller lower bound", ("prediction.low: sign", "prediction.low: e^u -> e^2u")
        ),
        Equivalent(
            "E >= 1/(2β), as every ∬<x,y>^k dmu dmu >= 0, and βe^{-β} <= 1",
            ("prediction.low: × β",),
        ),
        Equivalent(
            "larger: e^{β²}/β² >= e^β/β, as log β <= β - 1 <= β² - β", ("prediction.high: β -> β²",)
        ),
        Equivalent("larger, as e^β >= 2β", ("prediction.high: squared",)),
    ),
)


CLAIMS = (EQUATION_3_5,)
