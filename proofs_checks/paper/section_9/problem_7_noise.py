"""Problem 7: what becomes of tokens with noise in the long run.

Main results
------------
OPEN in general. An answer for V = I and many tokens, dX = F dt + √(2κ) P∘dB, the equation being
ours: order below κ_u = I_1(β)/β, the uniform law above, where the transition is continuous.
`extensions/noise_onset` proves where and how order sets in, `extensions/noise_transitions` and
`extensions/noise_hysteresis` have the jump.

How it is tried
---------------
Runs of particles that start on half a circle, with a scheme of weak order 2, against the stable
stationary state of the mean field at the same noise.

References
----------
- arXiv 2312.10794, Section 9.4, Problem 7.
- arXiv 2510.20094 (√(2/k) dW is κ = 1/k), arXiv 2606.05140 (a coupling K is κ = 1/(2K)): USA.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr

from numerics import noisy, stationary_states
from numerics.arguments import FloatArray
from proofs_checks.claim import Budget, Claim, Control, Hypothesis, Verdict
from proofs_checks.proof import Flow, Sheet, Statement, Trial, open_problem
from proofs_checks.proof.stationary import DRIVEN, with_noise
from theory.models import USA
from theory.predictions import noise_threshold
from theory.symbols import beta, kappa


@dataclass(frozen=True)
class LongTime:
    """Order of tokens in the long run, on the circle.

    Attributes
    ----------
    beta : float
    shares : tuple of float
        Noise κ in units of `threshold`.
    ordered : tuple of bool
        Whether order is left at each of them; its size is that of the stable stationary state.
    threshold : Expr
        In β, for d = 2.
    """

    beta: float
    shares: tuple[float, ...]
    ordered: tuple[bool, ...]
    threshold: Expr


_TOKENS, _TIME, _STEP = 400, 14.0, 0.02


def decide_long_time(flow: Flow, prediction: LongTime) -> Sheet:
    """Say what is proved, that the drift stays on the sphere, and what nobody has proved."""
    lives = open_problem(
        "any of the models with noise: the law of the tokens tends to …",
        "answers for V = I and n → ∞ alone; runs are evidence, not a proof",
    )
    return Sheet((Flow.of_paper(flow.model.drift).on_sphere, lives))


def long_run(flow: Flow, prediction: LongTime, budget: Budget) -> Trial:
    """Compare the mean order of runs from half a circle with the stable stationary states."""
    hot, unit = prediction.beta, float(prediction.threshold.subs(beta, prediction.beta).evalf())
    noises = np.array([share * unit for share in prediction.shares])
    scope = {"n": str(_TOKENS), "d": "2", "beta": f"{hot:g}", "t": f"{_TIME:g}"}
    expected = []
    for noise, kept in zip(noises, prediction.ordered, strict=True):
        states = stationary_states(flow.model, float(noise), hot)
        expected.append(max(state.order_parameter for state in states if state.stable))
        if kept is not (expected[-1] > 0):
            words = f"κ = {noise:.4g}: the stable state has |m| = {expected[-1]:.3f}"
            return Trial(words, -1.0, noises.size, scope=scope)
    angles = budget.rng.uniform(0, np.pi, (noises.size, _TOKENS))
    starts = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    times = np.linspace(_TIME / 2, _TIME, 33)
    run = noisy(
        flow.model, starts, _TIME, _STEP, "weak2", budget.rng, t_eval=times, beta=hot, kappa=noises
    )
    order: FloatArray = np.linalg.norm(run.points.mean(axis=-2), axis=-1).mean(axis=0)
    slack, shown = np.inf, []
    for value, noise, share, most in zip(order, noises, prediction.shares, expected, strict=True):
        # Fluctuations without order are of the size 1/√(n(1 - κ_u/κ)).
        room = 0.05 if most else 3 / np.sqrt(_TOKENS * abs(1 - 1 / share))
        slack = min(slack, 1 - abs(value - most) / room)
        words = f"κ = {noise:.4g}: |Σ x_i|/n = {value:.3f}, not {most:.3f} ± {room:.3f}"
        if slack < 0:
            return Trial(words, slack, noises.size, scope=scope)
        shown.append(f"{value:.3f} at κ = {share:g} κ_u ({most:.3f} for n → ∞)")
    seen = f"|Σ x_i|/n is {', '.join(shown)}"
    return Trial("", float(slack), noises.size, seen=seen, scope=scope)


LONG_TIME: Statement[LongTime] = Statement(
    "",
    "with noise tokens order below a threshold and are uniform above",
    decide_long_time,
    trial=long_run,
    domain=(DRIVEN,),
    noisy=True,
)


def _warm(**parameters: float) -> float:
    return parameters["beta"] - 1e-9


_BETA_POSITIVE = Hypothesis("β > 0", _warm)
_NOISY_USA = with_noise(USA)
_LONG = LongTime(2.0, (0.4, 0.7, 1.8), (True, True, False), noise_threshold(beta, 2, "USA"))

PROBLEM_7 = Claim(
    "Problem 7",
    "With noise, d = 2, USA at β = 2: in the long run tokens order for κ below I_1(2)/2 and are "
    "uniform above; n → ∞. Open for other models.",
    _NOISY_USA,
    _LONG,
    LONG_TIME,
    (
        Control("order at 1.8 κ_u, β below β_*", prediction=replace(_LONG, ordered=(True,) * 3)),
        Control(
            "threshold of SA", prediction=replace(_LONG, threshold=noise_threshold(beta, 2, "SA"))
        ),
        Control("√(2κ) dB -> √κ dB", model=with_noise(USA, kappa / 2)),
        Control("β = 2 -> β = 6", prediction=replace(_LONG, beta=6.0, ordered=(False,) * 3)),
    ),
    Verdict.OPEN,
    (_BETA_POSITIVE,),
    cases=3,
)

CLAIMS = (PROBLEM_7,)
