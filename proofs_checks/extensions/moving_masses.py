"""Moving masses: the energy grows by what tokens climb and by the spread of what masses are worth.

Main results
------------
- For ``x_i' = P_i Σ_j m_j e^{β<x_i,x_j>} x_j`` and ``m_i' = α m_i (Φ_i - Φ̄)``, where
  ``Φ_i = (1/β) Σ_j m_j e^{β<x_i,x_j>}`` and Φ̄ is its mean over the masses:
  ``dE/dt = Σ m_i |x_i'|² + α Σ m_i (Φ_i - Φ̄)²``.
- The sum of the masses stays, and at α = 0 the flow is USA with masses that are given.

How it is proved
----------------
Tokens as for (3.6), by the row algebra. For the masses ``Φ = dE/dm`` and the sum
``Σ Φ_i m_i'`` are read as polynomials in sums over tokens such as ``Σ m_i`` and ``Σ m_i Φ_i²``,
which reduces both sides to one, for every n, d, β and any masses. Rational points are drawn only to
refute. Runs keep the sum to rounding and climb; before a step is brought back to the sum it is
within 10 rtol of it.

References
----------
L. Chizat, G. Peyré, B. Schmitzer, F.-X. Vialard, An interpolating distance between optimal
transport and Fisher–Rao metrics, arXiv 1506.06430, for the metric. No paper states the claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import DiagMatrix, MatrixExpr, MatrixSymbol, OneMatrix, S

from numerics import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.paper.section_3.eq_3_6_dissipation import decide as decide_tokens
from proofs_checks.proof import (
    NONZERO,
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
    excludes_zero,
    gap,
    leaves_sphere,
    row_dot,
)
from proofs_checks.shared_runs import integrate
from theory.blocks import Block
from theory.derivations import dissipation
from theory.energy import ENERGY, energy_gradient, mass_gradient
from theory.engines import ScalarSums, differential
from theory.models import MOVING_MASSES, SA, Model, mean_over_masses
from theory.symbols import X, alpha, beta, m, n


@dataclass(frozen=True)
class Growth:
    """The two parts of dE/dt.

    Attributes
    ----------
    weights : MatrixExpr, shape (n, 1)
        g in ``Σ g_i |x_i'|²``.
    masses : MatrixExpr, shape (1, 1)
        What moving masses add.
    """

    weights: MatrixExpr
    masses: MatrixExpr


def tokens_of(model: Model) -> Model:
    """Return the tokens of a model, with masses as they are at a moment."""
    return replace(model, velocity=model.velocities[X], blocks=(Block(X, model.space),))


def derive_growth(flow: Flow) -> Growth | None:
    """Return both parts as they follow from the velocities and the energy."""
    if _has_masses(flow).outcome is not Outcome.HOLDS:
        return None
    try:
        found = dissipation(flow.model)
    except (ValueError, NotImplementedError):
        return None
    return None if found.masses is None else Growth(found.weights, found.masses.rate)


def refute_growth(flow: Flow, prediction: Growth | None, budget: Budget) -> Counterexample | None:
    """Find tokens that leave the sphere, masses that don't keep their sum, or another dE/dt."""
    model = flow.model
    if prediction is None or m not in model.velocities or model.energy is None:
        return None
    if off := leaves_sphere(tokens_of(model), budget.rng):
        return Counterexample(off)
    kept = model.blocks[[block.symbol for block in model.blocks].index(m)].space == "simplex"
    try:
        slopes = energy_gradient(model.energy), mass_gradient(model.energy)
    except ValueError:
        return None
    moves = model.velocities[X], model.velocities[m]
    parts = (*moves, *slopes, prediction.weights, prediction.masses)
    for case in range(1, 1 + max(budget.cases, 1)):
        point = Witness(budget.rng, parts)
        at = point.evaluator()
        speed, growth, slope, worth, weights, ((spread,),) = (at(part) for part in parts)
        total = sum(row[0] for row in growth)
        if kept and excludes_zero(total):
            return Counterexample(f"Σ m_i' = {decimal(total)} at {point}", cases=case)
        seen = sum(row_dot(a, b) for a, b in zip(slope, speed, strict=True))
        seen = seen + sum(row_dot(a, b) for a, b in zip(worth, growth, strict=True))
        said = sum(w[0] * row_dot(v, v) for w, v in zip(weights, speed, strict=True)) + spread
        if excludes_zero(seen - said):
            return Counterexample(
                f"dE/dt = {decimal(seen)}, not {decimal(said)}, at {point}", cases=case
            )
    return None


def _has_masses(flow: Flow) -> Step:
    text = "a flow of tokens and masses with an energy"
    model = flow.model
    if model.kind != "flow" or m not in model.velocities:
        return Step(text, How.DERIVED, Outcome.FAILS, "its masses don't move")
    if model.energy is None or model.metric is None:
        return Step(text, How.DERIVED, Outcome.FAILS, "no energy is stated")
    return Step(text, How.DERIVED)


def decide(flow: Flow, prediction: Growth) -> Sheet:
    """Reduce what tokens and masses add to dE/dt, and the change of the masses' sum, to 0."""
    model, sums = flow.model, ScalarSums()
    assert model.energy is not None  # a premise
    tokens = decide_tokens(replace(flow, model=tokens_of(model)), prediction.weights)
    moved, turn = model.velocities[m], MatrixSymbol("mu", n, 1)
    steps = list(tokens.steps)
    try:
        worth = mass_gradient(model.energy)
        own = sums.residual(differential(model.energy, m, turn), turn.T * worth)
        steps += [
            derived("dE[mu] = Σ Φ_i mu_i", own),
            derived("Σ Φ_i m_i' as predicted", sums.residual(worth.T * moved, prediction.masses)),
        ]
    except (ValueError, NotImplementedError) as error:
        steps.append(gap("Σ Φ_i m_i'", str(error)))
    if any(block.symbol == m and block.space == "simplex" for block in model.blocks):
        steps.append(derived("Σ m_i' = 0", sums.value(OneMatrix(1, n) * moved)))
    if alpha in model.parameters:
        still = model.subs({alpha: S.Zero})
        fixed = sums.value(turn.T * still.velocities[m])
        apart = 0 if alpha not in model.velocities[X].free_symbols else alpha
        steps += [
            derived("α = 0: m_i' = 0", fixed),
            derived("x_i' is that of given masses, for every α", apart, "α isn't in it"),
        ]
    parts = {"g_i |x_i'|²": ">= 0", "α m_i (Φ_i - <Φ>)²": ">= 0"}
    steps.append(apply(SUM, "dE/dt >= 0 for α >= 0, by the chain rule", *steps, terms=parts))
    return Sheet(
        tuple(steps),
        {**NONZERO, "alpha": "symbolic, >= 0", "masses": "symbolic, moving"},
        (*model.velocities.values(), prediction.masses),
        f"dE/dt - Σ g_i |x_i'|² - α Σ m_i (Φ_i - <Φ>)² for {flow.name}: residual 0",
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


GROWTH: Statement[Growth] = Statement(
    "moving masses",
    "dE/dt = Σ g_i |x_i'|² + α Σ m_i (Φ_i - <Φ>)², Σ m_i stays",
    decide,
    derive_growth,
    refute_growth,
    watch,
    premises=(Premise("MASSES", _has_masses),),
    several_blocks=True,
)

_WORTH = mass_gradient(ENERGY)


def _square(mean: MatrixExpr) -> MatrixExpr:
    spread = _WORTH - OneMatrix(n, 1) * mean
    return spread.T * DiagMatrix(m) * spread


_SPREAD = _square(mean_over_masses(_WORTH))


def _with(masses: MatrixExpr) -> Model:
    """Return the model with other velocities of the masses."""
    return replace(MOVING_MASSES, velocity={**MOVING_MASSES.velocities, m: masses})


_EACH = alpha * (DiagMatrix(m) * _WORTH)

MASSES = Claim(
    "Moving masses",
    "dE/dt = Σ m_i |x_i'|² + α Σ m_i (Φ_i - <Φ>)² for USA with m_i' = α m_i (Φ_i - <Φ>); the sum "
    "of the masses stays; α = 0 is USA.",
    MOVING_MASSES,
    Growth(m, alpha * _SPREAD),
    GROWTH,
    (
        Control("α dropped", prediction=Growth(m, _SPREAD)),
        Control(
            "mean over tokens in dE/dt",
            prediction=Growth(m, alpha * _square(OneMatrix(1, n) * _WORTH / n)),
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
