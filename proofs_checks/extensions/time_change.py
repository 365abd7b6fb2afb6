"""Time change: a flow whose velocity has a factor s(t) is the flow without it, at the time ∫s.

Main results
------------
- SA scaled down as in CoD, ``x' = F(x)/√(t+1)``, is SA at the time ``2(√(t+1) - 1)``; USA that
  fades, ``x' = e^{-t} F(x)``, is USA at ``1 - e^{-t}`` and never gets beyond the time 1; SA that
  speeds up, ``x' = (1+t) F(x)``, is SA at ``t + t²/2``.

How it is proved
----------------
The velocity is ``c(t) F(x)`` by the algebra of tokens; for c > 0 tokens are read in the time ∫c,
and for other c solutions of a smooth F are unique. ∫c is τ, as τ' = c and τ(0) = 0. Rational points
and times are drawn only to refute. Runs of both flows to t and to τ(t) end within 10 rtol of each
other.

References
----------
Chain rule; Picard-Lindelöf. CoD is a scheme of arXiv 2510.22026. No paper states the claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Expr, Integral, MatrixExpr, Rational, exp, lambdify, sqrt

from numerics import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.decide import as_waves
from proofs_checks.proof import (
    SYMBOLIC,
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
    derived,
    gap,
    pairwise,
    row_defect,
    row_residual,
)
from proofs_checks.propositions import Subject
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import Concludes, Conclusion, Refusal, retimed, subject_in
from theory.bounded import simplified, vanishes
from theory.models import COD, SA, USA, Model
from theory.symbols import beta, t


@dataclass(frozen=True)
class Clock:
    """The time τ(t) at which the flow of a field is the model.

    Attributes
    ----------
    time : Expr
        τ, in t.
    field : MatrixExpr, shape (n, d)
        F, free of t.
    """

    time: Expr
    field: MatrixExpr


def _velocity(flow: Flow) -> MatrixExpr:
    """Velocity with the parameters that are given as functions of t."""
    moving = {p: value for p, value in flow.values.items() if t in value.free_symbols}
    found: MatrixExpr = flow.model.velocity
    return found.xreplace(moving) if moving else found


def derive_clock(flow: Flow) -> Clock | None:
    """Return τ = ∫s and F of a velocity s(t) F(x); None where there is no such factor."""
    found = flow.schedule
    if flow.model.kind != "flow" or found is None or found.constant:
        return None
    if found.at_a_pace is None:
        return None
    at, pace = found.at_a_pace
    still = _velocity(flow).xreplace({t: at}).doit()
    return Clock(found.clock, still if pace == 1 else still / pace)


def refute_clock(flow: Flow, prediction: Clock | None, budget: Budget) -> Counterexample | None:
    """Find a point and a time at which x' isn't τ' F(x), or a clock that starts elsewhere."""
    if prediction is None:
        return None
    start = simplified(prediction.time.subs(t, 0))
    if start != 0:
        return Counterexample(f"τ(0) = {start}, so that x(0) = y({start}) isn't y(0)")
    said = prediction.time.diff(t) * prediction.field
    schedule = flow.schedule
    moments = () if schedule is None else schedule.before_end((0, Rational(1, 2), 3))[1:]
    for case, moment in enumerate(moments, start=1):
        sides = [part.xreplace({t: moment}) for part in (_velocity(flow), said)]
        point = Witness(budget.rng, sides)
        left, right = map(point.evaluator(), sides)
        found = row_defect(left, right, f"x_{{i}}' - τ' F(x)_{{i}} at t = {moment}", point)
        if found:
            return Counterexample(found, cases=case)
    return None


def _has_schedule(flow: Flow) -> Step:
    text = "a velocity s(t) F(x)"
    if flow.code:
        return Step(text, How.DERIVED, Outcome.GAP, f"{', '.join(flow.code)} is code")
    found = None if flow.model.kind != "flow" else flow.schedule
    if found is None or found.constant:
        reason = "t doesn't enter as a factor" if found is None else "its velocity is free of t"
        return Step(text, How.DERIVED, Outcome.FAILS, reason)
    if found.lifetime is None:
        return gap(text, f"how long s = {found.factor} is finite and real")
    until = f", for t < {found.lifetime}" if found.ends else ""
    return Step(text, How.DERIVED, Outcome.HOLDS, f"s = {found.factor}{until}")


def conclude(flow: Flow, prediction: Clock) -> Conclusion | Refusal:
    """Say that the tokens are those of F at ∫s, and that ∫s is τ."""
    schedule = flow.schedule
    if schedule is None or schedule.ends:
        return Refusal("the flow ends")
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    pace = prediction.time.diff(t)
    if vanishes(as_waves(pace - schedule.factor)):
        pace = schedule.factor  # the same, as the velocity has it
    still = replace(flow.model, velocity=prediction.field)
    return retimed(subject, Subject.of(still, flow.values), prediction.time, pace)


def decide(flow: Flow, prediction: Clock) -> Sheet:
    """Reduce x' - τ' F(x) and τ(0) to 0: of flows that end, or of other forms."""
    text = f"x' = τ' F(x), τ = {prediction.time}"
    pace, schedule = prediction.time.diff(t), flow.schedule
    if schedule is not None and vanishes(as_waves(pace - schedule.factor)):
        pace = schedule.factor  # the same, as the velocity has it
    said = pace * prediction.field
    try:
        step = derived(text, simplified(row_residual(_velocity(flow), said)))
    except (ValueError, NotImplementedError) as error:
        step = gap(text, str(error))
    still = 0 if t not in prediction.field.free_symbols else t
    return Sheet(
        (
            step,
            derived("τ(0) = 0", simplified(prediction.time.subs(t, 0))),
            derived("F is free of t", still, "t isn't in it"),
            derived("x(t) = y(τ(t)) for y' = F(y), y(0) = x(0)", 0, "chain rule; uniqueness"),
        ),
        {**SYMBOLIC, "t": "symbolic"},
        (flow.model.velocity, prediction.time),
        f"x' - τ' F(x) for {flow.name}: residual 0, τ = {prediction.time}",
    )


_RTOL = 1e-8


def watch(flow: Flow, prediction: Clock, budget: Budget) -> Trial:
    """Run the flow to t and that of F to τ(t), and compare where tokens are."""
    if set(flow.model.parameters) - {beta} or prediction.time.free_symbols - {t}:
        return Trial(silent="it has other parameters than β")
    if prediction.time.has(Integral):
        return Trial(silent="its clock has no closed form")
    still = Model(
        "unscaled", prediction.field, parameters=flow.model.parameters, space=flow.model.space
    )
    schedule = flow.schedule
    # Three units of time, or nine tenths of its lifetime.
    span = 1.0 if schedule is None or not schedule.ends else 0.3 * float(schedule.lifetime)
    clock, cases, worst = lambdify(t, prediction.time, "math"), max(1, budget.cases // 5), 0.0
    for _ in range(cases):
        x = random_points(int(budget.rng.integers(2, 12)), 3, budget.rng)
        values: dict[str, Any] = {}
        if beta in flow.model.parameters:
            values = {"beta": float(budget.rng.uniform(0, 3))}
        end = float(budget.rng.uniform(0.2, 3.0) * span)
        timed = integrate(compile_model(flow.model, **values), x, end, rtol=_RTOL)
        plain = integrate(compile_model(still, **values), x, float(clock(end)), rtol=_RTOL)
        apart = float(np.max(np.abs(timed.points[-1] - plain.points[-1])))
        worst = max(worst, apart / (10 * _RTOL))
        if worst > 1:
            text = f"{flow.name}: tokens {apart:.1e} apart at t = {end:.3f}"
            return Trial(text, 1 - worst, cases)
    scope = {"runs": "n in 2..11, d = 3, β in [0, 3], t to 3, rtol 1e-8"}
    return Trial(
        margin=1 - worst, cases=cases, seen=f"runs agree to {10 * worst:.2g} rtol", scope=scope
    )


CLOCKS: Statement[Clock] = Statement(
    "time change",
    "x' = s(t) F(x) is the flow of F at the time ∫s",
    Concludes(conclude, decide, (("beta", "symbolic"), ("t", "symbolic"))),
    derive_clock,
    refute_clock,
    watch,
    premises=(Premise("SCHEDULE", _has_schedule, kind=True),),
    cases=pairwise,
    typed=True,
)


def timed(name: str, factor: Expr, model: Model) -> Model:
    """Return a model with a factor of time, without what it says of its energy."""
    return replace(
        model, name=name, velocity=factor * model.velocity, energy=None, metric=None, reference=""
    )


MODELS = (COD, timed("fading USA", exp(-t), USA), timed("speeding SA", 1 + t, SA))

CLOCK = (
    Clock(2 * (sqrt(t + 1) - 1), SA.velocity),
    Clock(1 - exp(-t), USA.velocity),
    Clock(t + t**2 / 2, SA.velocity),
)


def _with(place: int, clock: Clock) -> tuple[Clock, ...]:
    return (*CLOCK[:place], clock, *CLOCK[place + 1 :])


TIME_SCALED = Claim(
    "Time change",
    "CoD is SA at the time 2(√(t+1)-1); e^{-t} USA is USA at 1-e^{-t}; (1+t) SA is SA at t+t²/2.",
    MODELS,
    CLOCK,
    CLOCKS,
    (
        Control("√(t+1) - 1 in CoD", prediction=_with(0, Clock(sqrt(t + 1) - 1, SA.velocity))),
        Control("τ(0) = 1", prediction=_with(1, Clock(-exp(-t), USA.velocity))),
        Control("t² for t²/2", prediction=_with(2, Clock(t + t**2, SA.velocity))),
        Control("SA for USA", prediction=_with(1, Clock(1 - exp(-t), SA.velocity))),
    ),
    Verdict.PROVED,
    cases=20,
    origin="extension",
)


CLAIMS = (TIME_SCALED,)
