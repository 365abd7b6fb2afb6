"""(4.4): the flows at β and at 0 stay close for a time, for arbitrary Q, K with V = I.

How it is proved
----------------
A theorem on two heats: the largest deviation D has D' <= 2|c| D + f at a pace c (1 in the paper) of
F^0 = c Σ m_j x_j, f a bound of the force, |c|β or |c|(e^β - 1), where |β||Q^T K| takes the place of
β with query and key matrices, by the operator norm; Grönwall's inequality, as comparison with the
solution of v' = 2|c| v + f, ends it. Watched: pairs of runs at β and 0, among them systems where
the flows part fast.

References
----------
arXiv 2312.10794, (4.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Expr, exp, lambdify, simplify

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    ANY_SCORES,
    AUTONOMOUS,
    EVEN_BOUND,
    NORM,
    ON_SPHERE,
    SMALL_CHANGE_IN_BETA,
    WARM_OR_SCORES,
    Array,
    ByModel,
    Flow,
    Statement,
    Trial,
    crossed,
    drawn_matrices,
    force_of,
    in_words,
    refute_off_sphere,
    short,
    unrun,
)
from proofs_checks.proof.kinds import VARIED
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import Concludes, Conclusion, Refusal, parting_at, subject_in
from theory.models import QK_SA, QK_USA, SA, USA, Model
from theory.predictions import temperature_deviation
from theory.symbols import beta, t
from theory.terms import OperatorNorm


def _parting(
    model: Model, bound: Expr, hot: Array, points: Array, matrices: Mapping[str, Any]
) -> str:
    """Compare speeds at t = 0 with the slope of a bound that starts at 0; the violation, or ""."""
    if simplify(bound.subs(t, 0)) != 0:
        return ""
    warm = compile_model(model, beta=hot, **matrices)(points)
    cold = compile_model(model, beta=np.zeros_like(hot), **matrices)(points)
    rates = np.linalg.norm(warm - cold, axis=-1).max(axis=-1)
    slopes = np.broadcast_to(lambdify(beta, bound.diff(t).subs(t, 0), "numpy")(hot), hot.shape)
    place = int(np.argmax(rates - slopes))
    if rates[place] <= slopes[place] * (1 + 1e-9) + 1e-9:
        return ""
    return (
        f"{model.name}, β = {hot[place]:.4g}{in_words(matrices)}, x(0) = {short(points[place])}: "
        f"at t = 0 the flows part at the rate {rates[place]:.4g}, the bound grows at "
        f"{slopes[place]:.4g}"
    )


def _deviation(
    model: Model,
    bound: Expr,
    hot: Array,
    points: Array,
    times: Array,
    matrices: Mapping[str, Any],
) -> tuple[str, float]:
    """Compare the flows at β and at 0 with the bound; the violation, and the least margin."""
    parting = _parting(model, bound, hot, points, matrices)
    if parting:
        return parting, -1.0
    fields = [compile_model(model, beta=b, **matrices) for b in (hot, np.zeros_like(hot))]
    warm, cold = (integrate(f, points, float(times[-1]), times, rtol=1e-10) for f in fields)
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
            f"{model.name}, β = {hot[place[1]]:.4g}{in_words(matrices)}, "
            f"t = {times[place[0]]:.3g}, "
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
    found = force_of(flow.model)
    bound = found.apart.subs(NORM, flow.norm)
    return None if found.lacking or bound == 0 else ByModel(bound, bound)


def conclude_deviation(flow: Flow, prediction: ByModel) -> Conclusion | Refusal:
    """Say how far the flows at β and at 0 part."""
    subject, bound = subject_in(flow), prediction.of(flow.model)
    if isinstance(subject, Refusal):
        return subject
    if flow.scores is not None:
        bound = bound.xreplace({NORM: OperatorNorm(flow.scores.matrix)})
    return parting_at(subject, bound)


def _pairs_of_runs(
    flow: Flow, budget: Budget
) -> Iterator[tuple[Array, Array, list[float], dict[str, Any], float]]:
    """Heats, tokens, times and matrices with their norm: late, early at large and small β."""
    rng, count = budget.rng, budget.cases
    # Late times are for small β; at large β the flows part at once.
    points = np.asarray(random_points(4, 2, rng, count))
    hot = np.exp(rng.uniform(np.log(0.02), np.log(1.5), count))
    matrices, norm = drawn_matrices(flow.model, 2, rng)
    if matrices:
        late = [0.1, 0.5, 1.0, 2.0]
        yield hot * np.where(np.arange(count) % 2, 1.0, -1.0), points, late, matrices, norm
        points, matrices, norm = crossed(count, 21)
        hot = rng.uniform(2.0, 8.0, count)
        for signed in (hot, -hot):
            yield signed, points, [1e-3, 1e-2, 0.25], matrices, norm
        return
    yield hot, points, [0.1, 0.5, 1.0, 2.0], {}, 1.0
    # A token that a group pulls from the angle at which e^{βg} (1 - g²)^{1/2} is large.
    hot = rng.uniform(2.0, 8.0, count)
    yield hot, _token_and_group(hot, rng), [1e-6, 1e-5], {}, 1.0
    # A token between two opposite groups, at 45 degrees, feels most of the change.
    hot = rng.uniform(0.02, 0.3, count)
    points = _token_and_group(np.full_like(hot, 0.6), rng)
    points[:, 2::2] *= -1
    yield hot, points, [1e-3, 1e-2], {}, 1.0


def watch_deviation(flow: Flow, prediction: ByModel, budget: Budget) -> Trial:
    """Compare pairs of runs with the bound: late, early at large β, early at small β."""
    if unrun(flow):
        return Trial(silent=unrun(flow))
    worst, count = np.inf, budget.cases
    for hot, points, times, matrices, norm in _pairs_of_runs(flow, budget):
        bound = prediction.of(flow.model).subs(NORM, norm)
        found, margin = _deviation(flow.model, bound, hot, points, np.array(times), matrices)
        if found:
            return Trial(found, margin, count)
        worst = min(worst, margin)
    return Trial("", worst, count)


_SAID = "flows at β and at 0 part by f(β) (e^{2t}-1)/2 at most, f the bound of the force"


def say_deviation(flow: Flow, prediction: ByModel) -> str:
    """Say the bound, where at β = 0 the flow is drawn to the mean at another pace than 1."""
    if force_of(flow.model).pace == 1:
        return _SAID
    return f"flows at β and at 0 part by {prediction.at(flow)} at most"


DEVIATION: Statement[ByModel] = Statement(
    "(4.4)",
    _SAID,
    Concludes(conclude_deviation, words=(("t", "symbolic, >= 0"),)),
    derive_deviation,
    refute_off_sphere,
    watch_deviation,
    domain=(VARIED, WARM_OR_SCORES),
    premises=(ON_SPHERE, ANY_SCORES, AUTONOMOUS),
    bound=True,
    says=say_deviation,
    typed=True,
)


_SCORED = ByModel(
    temperature_deviation(model="SA", norm=NORM), temperature_deviation(model="USA", norm=NORM)
)
_TEMPERATURE_DEVIATION = ByModel(
    temperature_deviation(model="SA"), temperature_deviation(model="USA"), _SCORED
)


EQUATION_4_4 = Claim(
    "(4.4)",
    "|x_i^β(t) - x_i^0(t)| <= β(e^{2t}-1)/2 (SA), (e^β-1)(e^{2t}-1)/2 (USA); with any Q, K and V = "
    "I, β of either sign, |β||Q^T K| takes the place of β.",
    (SA, USA, QK_SA, QK_USA),
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
        Control(
            "|Q^T K| halved (SA)",
            prediction=replace(
                _TEMPERATURE_DEVIATION,
                scored=replace(_SCORED, softmax=_SCORED.softmax.subs(NORM, NORM / 2)),
            ),
        ),
        Control(
            "|Q^T K| halved (USA)",
            prediction=replace(
                _TEMPERATURE_DEVIATION,
                scored=replace(_SCORED, plain=_SCORED.plain.subs(NORM, NORM / 2)),
            ),
        ),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=8,
    equivalents=(
        EVEN_BOUND,
        Equivalent("|β F| <= β, and the tokens of β = 0 rest", ("SA.velocity: × β",)),
        SMALL_CHANGE_IN_BETA,
        Equivalent("a larger bound", ("prediction.*softmax: e^u*", "prediction.*plain: e^u*")),
    ),
)


CLAIMS = (EQUATION_4_4,)
