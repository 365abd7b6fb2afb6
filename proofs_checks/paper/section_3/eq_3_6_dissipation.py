"""(3.6): the energy grows by a weighted sum of |x_i'|^2.

How it is proved
----------------
A theorem on energies of pairs: dE/dt = Σ_i g_i |x_i'|^2 along solutions, with g = m_i Z_i for SA
and m_i for USA. For an energy of another form the row algebra reduces the difference to 0. Exact
for symbolic n, d, β and masses. Rational points, enclosed by intervals, are drawn only to refute;
an energy that depends on t itself changes at equilibria. That the energy never falls follows where
the weights are positive.

References
----------
arXiv 2312.10794, (3.6).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import (
    DiagMatrix,
    Expr,
    HadamardProduct,
    MatMul,
    MatrixExpr,
    MatrixSymbol,
    S,
    exp,
)

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.paper.section_3.remark_3_5_doubly_stochastic import OF_MODELS, derive_gradient
from proofs_checks.proof import (
    CLIMBS,
    NONZERO,
    RISES,
    STILL_ENERGY,
    SUM,
    Climb,
    Counterexample,
    Fixed,
    Flow,
    How,
    Outcome,
    Premise,
    RowAlgebra,
    Sheet,
    Statement,
    Step,
    Witness,
    apply,
    by_statement,
    decimal,
    derived,
    descends,
    entry_in_words,
    excludes_zero,
    explicit_change,
    gap,
    gradient_row,
    light_token_falls,
    pairwise,
    row_dot,
)
from proofs_checks.proof.kinds import IN_TIME, OF_ENERGY
from proofs_checks.theorems import Concludes, OfStated, dissipating, in_metric, rising
from theory.atoms import Elementwise, Tangent
from theory.energy import ENERGY, energy_gradient
from theory.engines import inner, residual
from theory.models import REPULSIVE, SA, USA, Model
from theory.symbols import X, beta, m, n, t, z


def climb_of(flow: Flow) -> Climb:
    """Return the flow's own form of a gradient, or Sinkhorn attention's, by Remark 3.5."""
    if flow.climb.step.holds:
        return flow.climb
    pace = S.One if flow.schedule is None or flow.schedule.sign != 1 else flow.schedule.factor
    still = flow if t not in pace.free_symbols else _at_rate(flow, 1 / pace)
    entropic = derive_gradient(still)
    if entropic is None:
        return flow.climb
    factor = pace * entropic.factor if still is not flow else entropic.factor
    said = f"Remark 3.5: x_i' = c P_i (1/m_i) dE/dx_i, c = {factor}"
    shown = by_statement(OF_MODELS, still, text=said)
    shown = replace(shown, evidence=said) if shown.holds else shown
    return Climb(factor, m if factor == 1 else m * (1 / factor), shown)


def _at_rate(flow: Flow, rate: Expr) -> Flow:
    """Return a flow of tokens on the sphere at another rate."""
    velocity = flow.model.velocity
    if not isinstance(velocity, Tangent):
        return flow
    field = (rate * velocity.field).doit()
    return replace(flow, model=replace(flow.model, velocity=Tangent(velocity.points, field)))


def _rises(flow: Flow, climb: Climb) -> Step:
    """Whether the weights are positive; Remark 3.5 is refuted where they aren't."""
    return RISES.test(flow) if climb is flow.climb else climb.step


def derive_weights(flow: Flow) -> MatrixExpr | None:
    """Return the metric derived from velocity and energy, if it is one.

    A stated metric that differs by more than a factor, or that no derived one replaces, is kept.
    """
    climb = climb_of(flow)
    found: MatrixExpr | None = climb.metric
    stated = flow.model.metric
    if found is None or not _rises(flow, climb).holds:
        return stated
    return found if stated is None or _without_factor(found) == _without_factor(stated) else stated


def _without_factor(column: MatrixExpr) -> frozenset[Any]:
    bare = column.as_coeff_mmul()[1] if isinstance(column, MatMul) else column
    if isinstance(bare, MatMul) and len(bare.args) == 1:
        bare = bare.args[0]
    return frozenset(bare.args if isinstance(bare, HadamardProduct) else (bare,))


def _residuals(model: Model, weights: MatrixExpr, symmetric: frozenset[Any]) -> tuple[Any, ...]:
    """Return residuals of dE and of dE/dt - Σ g_i |x_i'|², dE/dX, and what names stand for."""
    algebra = RowAlgebra(symmetric)
    ascent, gradient, own = gradient_row(algebra, model)
    velocity = algebra.vector(model.velocity)
    growth = inner(gradient, velocity)
    left = residual(growth - algebra.column(weights) * inner(velocity, velocity))
    return own, left, ascent, algebra.legend


def _symmetric(flow: Flow) -> frozenset[Any]:
    return frozenset(p for p in flow.model.parameters if flow.is_symmetric(p))


def refute_dissipation(
    flow: Flow, prediction: MatrixExpr | None, budget: Budget
) -> Counterexample | None:
    """Find a rational point where dE/dt isn't Σ g_i |x_i'|², or an equilibrium with ∂E/∂t."""
    if flow.model.energy is None or prediction is None or flow.code:
        return None
    found = explicit_change(flow)
    if found:
        return Counterexample(found, {"d": ">= 2"})
    if any(isinstance(p, MatrixSymbol) and str(p) in flow.given for p in flow.model.parameters):
        return None
    try:
        _, left, gradient, legend = _residuals(flow.model, prediction, _symmetric(flow))
    except (ValueError, NotImplementedError):
        return None
    if left == 0:
        return None
    values = {s: v for s, v in flow.values.items() if v.is_number}
    parts = [part.xreplace(values) for part in (flow.model.velocity, gradient, prediction)]
    for _ in range(max(budget.cases, 1)):
        point = Witness(budget.rng, parts)
        if point.scalars.get(t, S.Zero) < 0:
            continue
        at = point.evaluator()
        try:
            velocity, slope, weights = (at(part) for part in parts)
        except NotImplementedError:
            return None
        growth = sum(row_dot(g, v) for g, v in zip(slope, velocity, strict=True))
        claimed = sum(w[0] * row_dot(v, v) for w, v in zip(weights, velocity, strict=True))
        if excludes_zero(growth - claimed):
            shown = f"dE/dt, {flow.name}: residual {left}" + (f" with {legend}" if legend else "")
            return Counterexample(
                f"dE/dt = {decimal(growth)} but Σ g_i |x_i'|^2 = {decimal(claimed)} at {point} "
                f"({shown})"
            )
    return None


def decide_by_algebra(flow: Flow, prediction: MatrixExpr) -> Sheet:
    """Reduce ``dE/dt - Σ_i g_i |x_i'|^2`` to 0 for a column of weights g."""
    text = f"dE/dX·x' = Σ g_i |x_i'|^2, g = {prediction}"
    energy = flow.model.energy
    assert energy is not None  # a premise
    try:
        own, left, _, _ = _residuals(flow.model, prediction, _symmetric(flow))
    except (ValueError, NotImplementedError) as error:
        step, climb = gap(text, str(error)), climb_of(flow)
        if climb.step.holds and prediction == climb.metric:
            step = replace(climb.step, text=text, scope={}, enclosed=False)
        return Sheet((step, STILL_ENERGY.test(flow)), NONZERO, (), str(step))
    return Sheet(
        (
            derived("dE[U] = <dE/dX, U>", own),
            derived(text, left),
            STILL_ENERGY.test(flow),
        ),
        NONZERO,
        (
            energy_gradient(energy).T * flow.model.velocity
            - flow.model.velocity.T * DiagMatrix(prediction) * flow.model.velocity,
        ),
        f"dE/dt - Σ g_i |x_i'|^2 for {flow.name} (g = {prediction}): residual 0",
    )


def _states_energy(flow: Flow) -> Step:
    text = "a flow with an energy and a metric"
    if flow.model.kind != "flow":
        return Step(text, How.DERIVED, Outcome.FAILS, "a map, not a flow")
    if derive_weights(flow) is None:
        return Step(text, How.DERIVED, Outcome.FAILS, "the model states no metric")
    if flow.code:
        return Step(text, How.DERIVED, Outcome.GAP, f"{', '.join(flow.code)} is code")
    return Step(text, How.DERIVED)


ENERGETIC = Premise("ENERGETIC", _states_energy)


def decide_ascent(flow: Flow, prediction: MatrixExpr) -> Sheet:
    """Conclude from (3.6) and from the sign of its weights that the energy never falls."""
    identity = by_statement(DISSIPATES, flow, text="dE/dt = Σ g_i |x_i'|²")
    climb = climb_of(flow)
    climbs = CLIMBS.test(flow) if climb is flow.climb else climb.step
    positive = Step(
        f"g_i > 0, g = {prediction}",
        How.DECIDED,
        climbs.outcome,
        climbs.evidence,
        climbs.scope,
        enclosed=climbs.enclosed,
    )
    terms = {"g_i |x_i'|²": ">= 0"}
    rises = apply(SUM, "dE/dt >= 0", identity, positive, terms=terms)
    return Sheet(
        (identity, positive, rises), NONZERO, (), "dE/dt = Σ g_i |x_i'|² with weights g_i > 0"
    )


def refute_ascent(
    flow: Flow, prediction: MatrixExpr | None, budget: Budget
) -> Counterexample | None:
    """Find a place and a time where the energy falls, by the sign of the velocity over ∇E."""
    if flow.code or flow.model.kind != "flow" or flow.kernel is None or flow.form is None:
        return None
    if flow.energy_in_time:
        found = explicit_change(flow, falls=True)
        return Counterexample(found) if found else None
    if found := descends(flow):
        return Counterexample(found, {"n": "symbolic", "d": "symbolic"})
    found = light_token_falls(flow)
    return Counterexample(found, {"n": "3", "d": ">= 2"}) if found else None


def decide_timed(flow: Flow, prediction: MatrixExpr) -> Sheet:
    """Reduce ``dE/dX·x' - Σ_i g_i |x_i'|^2`` to 0 at every time; ∂E/∂t is the rest of dE/dt."""
    sheet = decide_by_algebra(flow, prediction)
    steps = [step for step in sheet.steps if step.text != STILL_ENERGY.test(flow).text]
    rest = derived("dE/dt = ∂E/∂t + dE/dX·x'", 0, "chain rule")
    return replace(sheet, steps=(*steps, rest), summary=f"∂E/∂t apart, {sheet.summary}")


def refute_timed(
    flow: Flow, prediction: MatrixExpr | None, budget: Budget
) -> Counterexample | None:
    """Find a rational point where dE/dX·x' isn't Σ g_i |x_i'|²."""
    return None if flow.energy_in_time else refute_dissipation(flow, prediction, budget)


def decide_gradient(flow: Flow, prediction: MatrixExpr) -> Sheet:
    """Conclude from the form of the velocity that it is the gradient in a metric, at each time."""
    climb = climb_of(flow)
    step = climb.step
    if step.holds and prediction != climb.metric:
        step = gap(step.text, f"in the metric {climb.metric}, not {prediction}")
    return Sheet((step,), NONZERO, (), f"g = {prediction}: {step.evidence}")


def refute_gradient(
    flow: Flow, prediction: MatrixExpr | None, budget: Budget
) -> Counterexample | None:
    """Find a stretch of time in which nothing moves, or a point where Y = x' shows it."""
    found = descends(flow, or_rests=True)
    return Counterexample(found) if found else refute_timed(flow, prediction, budget)


def _say_weights(sentence: str, flow: Flow, prediction: MatrixExpr) -> str:
    """Say a sentence with the weights that it is decided for."""
    return f"{sentence}, g_i = {entry_in_words(prediction)}"


_GRADIENT = "dE(X)[Y] = Σ g_i <x_i', Y_i>, Y tangent"
_TIMED = "dE/dt = ∂E/∂t + Σ g_i |x_i'|²"
_DISSIPATES = "dE/dt = Σ g_i |x_i'|²"


GRADIENT: Statement[MatrixExpr] = Statement(
    "gradient structure",
    _GRADIENT,
    Concludes(OfStated(in_metric), decide_gradient),
    derive_weights,
    refute_gradient,
    domain=(IN_TIME, OF_ENERGY),
    premises=(ENERGETIC,),
    says=Fixed(_say_weights, _GRADIENT),
    typed=True,
)
TIMED: Statement[MatrixExpr] = Statement(
    "dissipation identity with ∂E/∂t",
    _TIMED,
    Concludes(OfStated(dissipating), decide_timed),
    derive_weights,
    refute_timed,
    domain=(IN_TIME, OF_ENERGY),
    premises=(ENERGETIC,),
    says=Fixed(_say_weights, _TIMED),
    typed=True,
)
ASCENT: Statement[MatrixExpr] = Statement(
    "energy ascent",
    "the energy never falls",
    Concludes(OfStated(rising), decide_ascent),
    derive_weights,
    refute_ascent,
    domain=(OF_ENERGY,),
    premises=(ENERGETIC,),
    typed=True,
)
DISSIPATES: Statement[MatrixExpr] = Statement(
    "dissipation identity",
    _DISSIPATES,
    Concludes(OfStated(dissipating), decide_by_algebra),
    derive_weights,
    refute_dissipation,
    domain=(IN_TIME, OF_ENERGY),
    premises=(ENERGETIC,),
    cases=pairwise,
    says=Fixed(_say_weights, _DISSIPATES),
    typed=True,
    also=(TIMED, ASCENT, GRADIENT),
)


PARTITION = Elementwise(exp(beta * z), X * X.T) * m
"""The partition function ``Z_i = Σ_j m_j e^{β<x_i,x_j>}`` as a column."""


DISSIPATION = Claim(
    label="(3.6)",
    statement="The energy grows by Σ m_i Z_i |x_i'|^2 along SA and by Σ m_i |x_i'|^2 along USA.",
    model=(SA, USA),
    prediction=(HadamardProduct(m, PARTITION), m),
    check=DISSIPATES,
    controls=(
        Control("Z_i dropped in the identity of SA", prediction=(m, m)),
        Control("n in place of Z_i", prediction=(n * m, m)),
        Control("V = -I, the same energy", model=(replace(REPULSIVE, energy=ENERGY), USA)),
    ),
    expected=Verdict.PROVED,
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(
        Equivalent(
            "without P_i too: dE/dt = Σ <∂_i E, v_i> with ∂_i E = g_i v_i",
            ("*.velocity: no projection",),
        ),
    ),
)


CLAIMS = (DISSIPATION,)
