"""(4.4): the flows at β and at 0 stay close for a time.

How it is proved
----------------
The row algebra proves the chord identity behind D' <= 2 D + f for the largest deviation D; f is
the derived bound of the force, β or e^β - 1, and Grönwall's inequality, as comparison with the
solution of v' = 2 v + f, ends it. Exact for symbolic n, d, masses and t. Watched: pairs of runs
at β and 0, among them systems where the flows part fast.

References
----------
arXiv 2312.10794, (4.4).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sympy import Expr, S, exp, lambdify, simplify

from numerics.compile import compile_model
from numerics.integration import integrate
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    ATTENTION,
    AUTONOMOUS,
    CHORD,
    COMPARISON,
    EVEN_BOUND,
    GROWN,
    LEAST,
    MEAN_VALUE,
    ON_SPHERE,
    SCOPE_WARM_ANY_MASSES,
    SMALL_CHANGE_IN_BETA,
    TRIANGLE,
    WARM_ONLY,
    Array,
    ByModel,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    chord_algebra,
    derived,
    force_bound,
    gap,
    refute_off_sphere,
    short,
    unrun,
)
from theory.bounded import simplified
from theory.models import SA, USA, Model
from theory.predictions import temperature_deviation
from theory.symbols import beta, t


def _parting(model: Model, bound: Expr, hot: Array, points: Array) -> str:
    """Compare speeds at t = 0 with the slope of a bound that starts at 0; the violation, or ""."""
    if simplify(bound.subs(t, 0)) != 0:
        return ""
    warm = compile_model(model, beta=hot)(points)
    cold = compile_model(model, beta=np.zeros_like(hot))(points)
    rates = np.linalg.norm(warm - cold, axis=-1).max(axis=-1)
    slopes = np.broadcast_to(lambdify(beta, bound.diff(t).subs(t, 0), "numpy")(hot), hot.shape)
    place = int(np.argmax(rates - slopes))
    if rates[place] <= slopes[place] * (1 + 1e-9) + 1e-9:
        return ""
    return (
        f"{model.name}, β = {hot[place]:.4g}, x(0) = {short(points[place])}: at t = 0 the flows "
        f"part at the rate {rates[place]:.4g}, the bound grows at {slopes[place]:.4g}"
    )


def _deviation(
    model: Model, bound: Expr, hot: Array, points: Array, times: Array
) -> tuple[str, float]:
    """Compare the flows at β and at 0 with the bound; the violation, and the least margin."""
    parting = _parting(model, bound, hot, points)
    if parting:
        return parting, -1.0
    warm = integrate(compile_model(model, beta=hot), points, float(times[-1]), times, rtol=1e-10)
    cold = integrate(
        compile_model(model, beta=np.zeros_like(hot)), points, float(times[-1]), times, rtol=1e-10
    )
    apart = np.linalg.norm(warm.points - cold.points, axis=-1).max(axis=-1)
    allowed = np.asarray(lambdify((t, beta), bound, "numpy")(times[:, None], hot[None, :]))
    allowed = np.broadcast_to(allowed, apart.shape)
    slack = allowed + 1e-8 - apart
    # A bound below zero is no bound: its slack is negative and must stay so.
    scaled = slack / (np.abs(allowed) + 1e-8)
    place = np.unravel_index(int(np.argmin(scaled)), slack.shape)
    worst = float(scaled[place])
    if worst < 0:
        text = (
            f"{model.name}, β = {hot[place[1]]:.4g}, t = {times[place[0]]:.3g}, "
            f"x(0) = {short(points[place[1]])}: deviation {apart[place]:.4g}, "
            f"bound {allowed[place]:.4g}"
        )
        return text, worst
    return "", worst


def _token_and_group(hot: Array, rng: np.random.Generator) -> Array:
    """Return eleven tokens of the circle that pull at a twelfth, from about acos(1 - 1/(2β))."""
    angles = np.arccos(1 - rng.uniform(0.3, 0.8, hot.shape) / hot)[:, None]
    angles = angles * np.linspace(0.98, 1.02, 12)
    angles[:, 0] = 0.0
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def derive_deviation(flow: Flow) -> ByModel | None:
    """Return the bound of the flow's own force, if it has one and β enters."""
    force, reason = force_bound(flow.model)
    return None if reason or force == 0 else ByModel(force * GROWN / 2, force * GROWN / 2)


def _forces(flow: Flow) -> tuple[Expr, tuple[Step, ...]]:
    """Bound ``|F^β - F^0|``: the bound, and the steps to it."""
    force, reason = force_bound(flow.model)
    text = f"|F^β - F^0| <= {force} =: f"
    if reason:
        return force, (gap("|F^β - F^0| is bounded", reason),)
    if flow.normalised:
        slope = simplify(force / beta)
        move = Step(f"∂ log k/∂β = ({slope}) g, at most {slope}", How.DERIVED)
        return force, (move, apply(MEAN_VALUE, text, move))
    text = f"|k - 1| <= k(1) - 1 = {force} on [-1, 1]"
    top = Step(text, How.DERIVED, evidence="k rises, k(1) + k(-1) >= 2 as k(1) k(-1) = 1")
    return force, (top, apply(TRIANGLE, f"|F^β - F^0| <= {force} =: f", top))


def decide_deviation(flow: Flow, prediction: ByModel) -> Sheet:
    """Prove D' <= 2 D + f and solve it."""
    force, forces = _forces(flow)
    chord = derived("<x-y, P_x m - P_y m'> = <x-y, m-m'> - ½(<x,m>+<y,m'>)|x-y|²", chord_algebra())
    cold = Step("F^0 = Σ m_j x_j =: M, Σ m_j = 1", How.DERIVED, evidence="k = 1 at β = 0")
    hulls = apply(TRIANGLE, "|M| <= 1 and |M(x) - M(y)| <= D", cold)
    text = "D = max_i |x_i^β - x_i^0|: D' <= 2 D + f"
    grows = apply(LEAST, text, chord, hulls, *forces)
    solution = force * GROWN / 2
    left = simplified(solution.diff(t) - 2 * solution - force)
    solved = derived("v = f (e^{2t} - 1)/2: v' = 2 v + f, v(0) = 0", left)
    end = apply(COMPARISON, "D <= f (e^{2t} - 1)/2", grows, solved)
    steps = [chord, cold, hulls, *forces, grows, solved, end]
    bound = prediction.of(flow.model)
    text = f"f (e^{{2t}} - 1)/2 <= {bound}"
    ratio = simplified(bound / solution) if force != 0 else S.Zero
    larger = ratio.is_number and ratio >= 1
    outcome = Outcome.HOLDS if larger else Outcome.OTHER
    steps.append(Step(text, How.DERIVED, outcome, f"their ratio is {ratio}"))
    return Sheet(
        tuple(steps),
        {**SCOPE_WARM_ANY_MASSES, "masses": "symbolic, sum 1", "t": "symbolic, >= 0"},
        (CHORD, prediction.softmax, prediction.plain),
        f"D = max_i |x_i^β - x_i^0| has D' <= 2 D + f, f = {force}, hence D <= f (e^{{2t}} - 1)/2",
    )


def watch_deviation(flow: Flow, prediction: ByModel, budget: Budget) -> Trial:
    """Compare pairs of runs with the bound: late, early at large β, early at small β."""
    if unrun(flow):
        return Trial(silent=unrun(flow))
    rng, count, worst = budget.rng, budget.cases, np.inf
    for name in ("late", "hot", "mild"):
        if name == "late":
            # Late times are for small β; at large β the flows part at once.
            points = np.asarray(random_points(4, 2, rng, count))
            hot = np.exp(rng.uniform(np.log(0.02), np.log(1.5), count))
            times = [0.1, 0.5, 1.0, 2.0]
        elif name == "hot":
            # A token that a group pulls from the angle at which e^{βg} (1 - g²)^{1/2} is large.
            hot = rng.uniform(2.0, 8.0, count)
            points, times = _token_and_group(hot, rng), [1e-6, 1e-5]
        else:
            # A token between two opposite groups, at 45 degrees, feels most of the change.
            hot, times = rng.uniform(0.02, 0.3, count), [1e-3, 1e-2]
            points = _token_and_group(np.full_like(hot, 0.6), rng)
            points[:, 2::2] *= -1
        bound = prediction.of(flow.model)
        found, margin = _deviation(flow.model, bound, hot, points, np.array(times))
        if found:
            return Trial(found, margin, count)
        worst = min(worst, margin)
    return Trial("", worst, count)


DEVIATION: Statement[ByModel] = Statement(
    "(4.4)",
    "flows at β and at 0 part by f(β) (e^{2t}-1)/2 at most, f the bound of the force",
    decide_deviation,
    derive_deviation,
    refute_off_sphere,
    watch_deviation,
    domain=(WARM_ONLY,),
    premises=(ON_SPHERE, ATTENTION, AUTONOMOUS),
    bound=True,
)


_TEMPERATURE_DEVIATION = ByModel(
    temperature_deviation(model="SA"), temperature_deviation(model="USA")
)


EQUATION_4_4 = Claim(
    "(4.4)",
    "|x_i^β(t) - x_i^0(t)| <= β(e^{2t}-1)/2 (SA), (e^β-1)(e^{2t}-1)/2 (USA).",
    (SA, USA),
    _TEMPERATURE_DEVIATION,
    DEVIATION,
    (
        Control(
            "SA bound / 1000",
            prediction=replace(
                _TEMPERATURE_DEVIATION, softmax=_TEMPERATURE_DEVIATION.softmax / 1000
            ),
        ),
        Control(
            "USA bound / 1000",
            prediction=replace(_TEMPERATURE_DEVIATION, plain=_TEMPERATURE_DEVIATION.plain / 1000),
        ),
        Control(
            "e^{2t} - 1 -> (e^{2t} - 1)^4 / 1000 (too small at first)",
            prediction=replace(_TEMPERATURE_DEVIATION, softmax=beta * (exp(2 * t) - 1) ** 4 / 1000),
        ),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=8,
    equivalents=(
        EVEN_BOUND,
        Equivalent("|β F| <= β, and the tokens of β = 0 rest", ("SA.velocity: × β",)),
        SMALL_CHANGE_IN_BETA,
        Equivalent("a larger bound", ("prediction.softmax: e^u*", "prediction.plain: e^u*")),
    ),
)


CLAIMS = (EQUATION_4_4,)
