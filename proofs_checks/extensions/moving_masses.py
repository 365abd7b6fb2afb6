"""Moving masses: the energy grows by what tokens climb and by the spread of what masses are worth.

Main results
------------
- For ``x_i' = P_i Σ_j m_j e^{β<x_i,x_j>} x_j`` and ``m_i' = α m_i (Φ_i - Φ̄)``, where
  ``Φ_i = (1/β) Σ_j m_j e^{β<x_i,x_j>}`` and Φ̄ is its mean over the masses:
  ``dE/dt = Σ m_i |x_i'|² + α Σ m_i (Φ_i - Φ̄)²``.
- The sum of the masses stays, and at α = 0 the flow is USA with masses that are given.
- Of a model it is asked with the rate r of its masses in place of α: r < 0, or a sum that doesn't
  stay, refutes it.

How it is proved
----------------
A theorem on energies of pairs: they climb by what tokens climb, and with masses that move by what
they are worth over the mean. Of other energies the row algebra reduces both sides to one, and
``Φ = dE/dm`` and ``Σ Φ_i m_i'`` are read as polynomials in sums over tokens. Rational points are
drawn only to refute. Runs keep the sum to rounding and climb; before a step is brought back to the
sum it is within 10 rtol of it.

References
----------
L. Chizat, G. Peyré, B. Schmitzer, F.-X. Vialard, An interpolating distance between optimal
transport and Fisher–Rao metrics, arXiv 1506.06430, for the metric. No paper states the claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import DiagMatrix, Expr, MatrixExpr, MatrixSymbol, OneMatrix, S, ZeroMatrix, sympify

from numerics import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.paper.section_3.eq_3_6_dissipation import decide_by_algebra as decide_tokens
from proofs_checks.paper.section_3.eq_3_6_dissipation import derive_weights
from proofs_checks.proof import (
    NONZERO,
    ON_SPHERE,
    SUM,
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Sheet,
    Statement,
    Step,
    Trial,
    Witness,
    apply,
    decimal,
    derived,
    entry_in_words,
    excludes_zero,
    gap,
    leaves_sphere,
    row_dot,
    schedule_of,
)
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    growing_with_masses,
    subject_in,
)
from theory.blocks import Block
from theory.derivations import dissipation
from theory.energy import ENERGY, energy_gradient, mass_gradient
from theory.engines import ScalarSums, differential
from theory.models import MOVING_MASSES, SA, Model, mean_over_masses
from theory.symbols import X, alpha, beta, m, n, t


@dataclass(frozen=True)
class Growth:
    """The two parts of dE/dt.

    Attributes
    ----------
    weights : MatrixExpr, shape (n, 1)
        g in ``Σ g_i |x_i'|²``.
    rate : Expr
        The rate r of the masses; it may hold t.
    spread : MatrixExpr, shape (1, 1)
        ``Σ m_i (Φ_i - Φ̄)²``, of which moving masses add r.
    """

    weights: MatrixExpr
    rate: Expr
    spread: MatrixExpr

    @property
    def masses(self) -> MatrixExpr:
        """What moving masses add, (1, 1)."""
        return self.rate * self.spread


def _square(worth: MatrixExpr, mean: MatrixExpr) -> MatrixExpr:
    """``Σ m_i (Φ_i - mean)²``."""
    spread = worth - OneMatrix(n, 1) * mean
    return spread.T * DiagMatrix(m) * spread


def tokens_of(model: Model) -> Model:
    """Return the tokens of a model, with masses as they are at a moment."""
    return replace(model, velocity=model.velocities[X], blocks=(Block(X, model.space),))


def derive_growth(flow: Flow) -> Growth | None:
    """Return weights and rate as they follow from the velocities and the energy."""
    if _has_masses(flow).outcome is not Outcome.HOLDS:
        return None
    try:
        found = dissipation(flow.model).masses
    except (ValueError, NotImplementedError):
        return None
    weights = derive_weights(replace(flow, model=tokens_of(flow.model)))
    if found is None or weights is None:
        return None
    return Growth(weights, found.factor, _square(found.worth, mean_over_masses(found.worth)))


def _schedule(flow: Flow, prediction: Growth) -> Any:
    """Rate of the masses at the given parameters, as a factor of time."""
    return schedule_of(sympify(prediction.rate).subs(flow.values))


def refute_growth(flow: Flow, prediction: Growth | None, budget: Budget) -> Counterexample | None:
    """Find tokens that leave the sphere, a sum that doesn't stay, a rate < 0, or another dE/dt."""
    model = flow.model
    if prediction is None or m not in model.velocities or model.energy is None:
        return None
    if off := leaves_sphere(tokens_of(model), budget.rng):
        return Counterexample(off)
    try:
        slopes = energy_gradient(model.energy), mass_gradient(model.energy)
    except ValueError:
        return None
    moves = model.velocities[X], model.velocities[m]
    parts = (*moves, *slopes, prediction.weights, prediction.masses)
    falls_at = _schedule(flow, prediction).negative_at
    for case in range(1, 1 + max(budget.cases, 1)):
        point = Witness(budget.rng, parts)
        if falls_at is not None:
            now = {t: falls_at, **{s: v.subs(t, falls_at) for s, v in flow.values.items()}}
            point.scalars.update({s: now[s] for s in point.scalars if s in now})
        at = point.evaluator()
        speed, growth, slope, worth, weights, ((spread,),) = (at(part) for part in parts)
        total = sum(row[0] for row in growth)
        if excludes_zero(total):
            return Counterexample(f"Σ m_i' = {decimal(total)} at {point}", cases=case)
        seen = sum(row_dot(a, b) for a, b in zip(slope, speed, strict=True))
        seen = seen + sum(row_dot(a, b) for a, b in zip(worth, growth, strict=True))
        alone = sum(w[0] * row_dot(v, v) for w, v in zip(weights, speed, strict=True))
        if excludes_zero(seen - alone - spread):
            said = decimal(alone + spread)
            return Counterexample(f"dE/dt = {decimal(seen)}, not {said}, at {point}", cases=case)
        if falls_at is not None and spread.b < 0:
            less = f"dE/dt = {decimal(seen)} < Σ g_i |x_i'|² = {decimal(alone)}"
            return Counterexample(f"{less}, the rate being {prediction.rate}, at {point}")
    return None


def _has_masses(flow: Flow) -> Step:
    text = "a flow of tokens and masses with an energy"
    model = flow.model
    if model.kind != "flow" or m not in model.velocities:
        return Step(text, How.DERIVED, Outcome.FAILS, "its masses don't move")
    if model.energy is None or model.metric is None:
        return Step(text, How.DERIVED, Outcome.FAILS, "no energy is stated")
    return Step(text, How.DERIVED)


def conclude(flow: Flow, prediction: Growth) -> Conclusion | Refusal:
    """Say how the stated energy grows, and that the sum of the masses stays."""
    subject, energy = subject_in(flow), flow.model.energy
    if isinstance(subject, Refusal) or energy is None:
        return Refusal("no energy is stated") if energy is None else subject
    said = energy, prediction.weights, prediction.masses
    return growing_with_masses(subject, *(one.xreplace(flow.values) for one in said))


def decide(flow: Flow, prediction: Growth) -> Sheet:
    """Reduce dE/dt and the change of the masses' sum to 0: of energies that aren't read off."""
    model, sums = flow.model, ScalarSums()
    assert model.energy is not None  # a premise
    alone = replace(flow, model=tokens_of(model))
    tokens = decide_tokens(alone, prediction.weights)
    moved, turn = model.velocities[m], MatrixSymbol("mu", n, 1)
    steps = [ON_SPHERE.test(alone), *tokens.steps]
    try:
        worth = mass_gradient(model.energy)
        own = sums.residual(differential(model.energy, m, turn), turn.T * worth)
        steps += [
            derived("dE[mu] = Σ Φ_i mu_i", own),
            derived("Σ Φ_i m_i' as predicted", sums.residual(worth.T * moved, prediction.masses)),
        ]
    except (ValueError, NotImplementedError) as error:
        steps.append(gap("Σ Φ_i m_i'", str(error)))
    steps.append(derived("Σ m_i' = 0", sums.residual(OneMatrix(1, n) * moved, ZeroMatrix(1, 1))))
    if alpha in model.parameters:
        still = model.subs({alpha: S.Zero})
        fixed = sums.value(turn.T * still.velocities[m])
        apart = 0 if alpha not in model.velocities[X].free_symbols else alpha
        steps += [
            derived("α = 0: m_i' = 0", fixed),
            derived("x_i' is that of given masses, for every α", apart, "α isn't in it"),
        ]
    text, schedule = f"the rate r = {prediction.rate} >= 0", _schedule(flow, prediction)
    rises = schedule.sign == 1 or schedule.factor == 0
    steps.append(Step(text, How.DECIDED) if rises else gap(text, "its sign isn't known"))
    parts = {"g_i |x_i'|²": ">= 0", "r m_i (Φ_i - <Φ>)²": ">= 0"}
    steps.append(apply(SUM, "dE/dt >= 0, by the chain rule", *steps, terms=parts))
    return Sheet(
        tuple(steps),
        {**NONZERO, "alpha": "symbolic, >= 0", "masses": "symbolic, moving"},
        (*model.velocities.values(), prediction.masses),
        f"dE/dt - Σ g_i |x_i'|² - r Σ m_i (Φ_i - <Φ>)² for {flow.name}, g = {prediction.weights}, "
        f"r = {prediction.rate}: residual 0",
    )


_RTOL = 1e-8


def _run(model: Model, rng: np.random.Generator) -> tuple[Any, dict[str, Any], float]:
    size, warm = int(rng.integers(2, 12)), float(rng.uniform(0.3, 3.0))
    values: dict[str, Any] = {"beta": warm, "alpha": float(rng.uniform(0.0, 3.0))}
    state = {"X": random_points(size, 3, rng), "m": rng.uniform(0.05, 1.0, size)}
    names = [str(parameter) for parameter in model.parameters]
    field: Any = compile_model(model, **{name: values[name] for name in names})
    return integrate(field, state, 3.0, rtol=_RTOL), state, float(state["m"].sum())


def watch(flow: Flow, prediction: Growth, budget: Budget) -> Trial:
    """Run tokens and masses: the sum to rounding, its drift without a retraction, the energy."""
    if set(flow.model.parameters) - {beta, alpha}:
        return Trial(silent="it has other parameters than α and β")
    free = tuple(
        replace(block, space="positive") if block.symbol == m else block
        for block in flow.model.blocks
    )
    bare, cases = replace(flow.model, blocks=free), max(1, budget.cases // 5)
    worst = 0.0
    for _ in range(cases):
        seed = budget.rng.integers(2**32)
        run, _, total = _run(flow.model, np.random.default_rng(seed))
        loose, _, _ = _run(bare, np.random.default_rng(seed))
        kept, drift = (part.state["m"].sum(axis=(1, 2)) / total for part in (run, loose))
        fall = -np.min(np.diff(run.energy)) / np.max(np.abs(run.energy))
        shares = {
            "the sum is off by": np.max(np.abs(kept - 1)) / 1e-14,
            "a step drifts by": np.max(np.abs(np.diff(drift))) / (10 * _RTOL),
            "the energy falls by": fall / (10 * _RTOL),
        }
        text, share = max(shares.items(), key=lambda item: item[1])
        worst = max(worst, float(share))
        if worst > 1:
            return Trial(f"{flow.name}: {text} {share:.2g} of what is allowed", 1 - worst, cases)
    seen = f"sums, drifts and energies of runs within {worst:.0%} of what is allowed"
    scope = {"runs": "n in 2..11, d = 3, β in [0.3, 3], α in [0, 3], t to 3, rtol 1e-8"}
    return Trial(margin=1 - worst, cases=cases, seen=seen, scope=scope)


def say_growth(flow: Flow, prediction: Growth) -> str:
    """Say the weights and the rate of the flow."""
    weights = entry_in_words(prediction.weights)
    return f"{_GROWS}; g_i = {weights}, r = {prediction.rate}"


_GROWS = "dE/dt = Σ g_i |x_i'|² + r Σ m_i (Φ_i - <Φ>)² with a rate r >= 0, Σ m_i stays"


_SCOPE = ("alpha", "symbolic, >= 0"), ("masses", "symbolic, moving")
GROWTH: Statement[Growth] = Statement(
    "moving masses",
    _GROWS,
    Concludes(conclude, decide, _SCOPE),
    derive_growth,
    refute_growth,
    watch,
    premises=(Premise("MASSES", _has_masses, kind=True),),
    several_blocks=True,
    says=say_growth,
    typed=True,
)

_WORTH = mass_gradient(ENERGY)
_SPREAD = _square(_WORTH, mean_over_masses(_WORTH))


def _with(masses: MatrixExpr) -> Model:
    """Return the model with other velocities of the masses."""
    return replace(MOVING_MASSES, velocity={**MOVING_MASSES.velocities, m: masses})


_EACH = alpha * (DiagMatrix(m) * _WORTH)

MASSES = Claim(
    "Moving masses",
    "dE/dt = Σ m_i |x_i'|² + α Σ m_i (Φ_i - <Φ>)² for USA with m_i' = α m_i (Φ_i - <Φ>); the sum "
    "of the masses stays; α = 0 is USA.",
    MOVING_MASSES,
    Growth(m, alpha, _SPREAD),
    GROWTH,
    (
        Control("α dropped", prediction=Growth(m, S.One, _SPREAD)),
        Control(
            "mean over tokens in dE/dt",
            prediction=Growth(m, alpha, _square(_WORTH, OneMatrix(1, n) * _WORTH / n)),
        ),
        Control(
            "mean over tokens in m'",
            model=_with(_EACH - alpha * m * (OneMatrix(1, n) * _WORTH) / n),
        ),
        Control("total mass taken as 1", model=_with(_EACH - alpha * m * (m.T * _WORTH))),
        Control("no mean", model=_with(_EACH)),
        Control(
            "masses of SA",
            model=replace(MOVING_MASSES, velocity={**MOVING_MASSES.velocities, X: SA.velocity}),
        ),
        Control("masses that shrink", model=_with(-MOVING_MASSES.velocities[m])),
    ),
    Verdict.PROVED,
    cases=20,
    origin="extension",
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


CLAIMS = (MASSES,)
