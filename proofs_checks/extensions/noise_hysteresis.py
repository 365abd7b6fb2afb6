"""Problem 7, hysteresis: between κ_u and the fold the order of particles depends on their past.

How it is tried
---------------
Many tokens of USA on the circle at β = 5, κ = 5.1, with a scheme of weak order 2: those that start
near a point keep |Σ x_i|/n = 0.828 (the stable ordered state of the mean field), those that start
without order keep less than 0.15. A quick run takes 4 000 tokens to t = 1.2; a full one raises κ
from 4.7 to 5.5 and lowers it again with 10 000, ten time units at each. A thousand tokens leave the
uniform state by their fluctuations within tens of time units; fifty do at once, which is a control.

References
----------
arXiv 2510.20094 for the discontinuous transition of USA; no paper states the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from numerics import hysteresis, noisy, sphere, stationary_states
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import Flow, Statement, Trial, experiment
from proofs_checks.proof.stationary import DRIVEN, with_noise
from theory.models import SA, USA, attention_form
from theory.symbols import kappa, n


@dataclass(frozen=True)
class TwoFates:
    """Order of tokens at one noise, by their start.

    Attributes
    ----------
    beta, kappa : float
    ordered : float
        ``|Σ x_i|/n`` of tokens that start near a point, within 0.02; 0.03 in a quick run.
    uniform : float
        More than that of tokens that start without order; less than the unstable state's.
    tokens : int
        Of a system in a quick run; so many systems that there are 4 000 in all.
    """

    beta: float
    kappa: float
    ordered: float
    uniform: float
    tokens: int = 4000


_ALL, _TIME, _STEP = 4000, 1.2, 0.01
_LOOP, _LOOP_STEP = (4.7, 5.1, 5.5), 5e-3


def _short_run(flow: Flow, prediction: TwoFates, budget: Budget) -> tuple[float, float]:
    """Run tokens from either start; order over the second half, averaged over systems."""
    size = prediction.tokens
    angles = np.empty((2, max(1, _ALL // size), size))
    angles[0] = budget.rng.normal(0.0, 0.5, angles.shape[1:])
    # Without order, and without the fluctuations that the run takes time to lose.
    angles[1] = 2 * np.pi * np.arange(size) / size
    points = sphere.project(np.stack([np.cos(angles), np.sin(angles)], axis=-1))
    run = noisy(
        flow.model, points, _TIME, _STEP, "weak2", budget.rng, beta=prediction.beta,
        t_eval=np.linspace(_TIME / 2, _TIME, 21), kappa=prediction.kappa,
    )  # fmt: skip
    order = np.linalg.norm(run.points.mean(axis=-2), axis=-1).mean(axis=(0, 2))
    return float(order[0]), float(order[1])


def try_both(flow: Flow, prediction: TwoFates, budget: Budget) -> Trial:
    """Measure the order from both starts, or along a loop of the noise in a full run."""
    form = attention_form(flow.model.drift)
    if form is None or n in form.kernel.free_symbols | form.scale.free_symbols:
        return Trial(f"{flow.name}: the drift has no limit for many tokens", -1.0, 1)
    if prediction.tokens < 2:
        return Trial(f"{prediction.tokens} tokens are no system", -1.0, 1)
    states = stationary_states(flow.model, prediction.kappa, prediction.beta)
    stable = [state.order_parameter for state in states if state.stable]
    if len(stable) < 2:
        found = ", ".join(f"{value:.4f}" for value in stable)
        return Trial(f"κ = {prediction.kappa:g}: one stable state alone, |m| = {found}", -1.0, 1)
    between = max(state.order_parameter for state in states if not state.stable)
    if prediction.uniform > between:
        words = f"{prediction.uniform:g} is beyond the unstable state, |m| = {between:.4f}"
        return Trial(f"κ = {prediction.kappa:g}: {words}", -1.0, 1)
    if budget.full:
        loop = hysteresis(flow.model.drift, prediction.beta, _LOOP, rng=budget.rng, dt=_LOOP_STEP)
        (up, down), room, tokens = loop.at(prediction.kappa), 0.02, loop.n
    else:
        (up, down), room, tokens = _short_run(flow, prediction, budget), 0.03, prediction.tokens
    scope = {
        "n": str(tokens), "d": "2", "beta": f"{prediction.beta:g}", "kappa": f"{prediction.kappa:g}"
    }  # fmt: skip
    far = abs(up - prediction.ordered)
    margin = min(1 - far / room, (prediction.uniform - down) / abs(prediction.uniform))
    seen = (
        f"|Σ x_i|/n = {up:.3f} from an ordered start and {down:.3f} without order; stable states "
        f"have {', '.join(f'{value:.4f}' for value in stable)}"
    )
    if margin < 0:
        return Trial(f"κ = {prediction.kappa:g}: {seen}", margin, 2, scope=scope)
    return Trial("", margin, 2, seen=seen, scope=scope)


FATES: Statement[TwoFates] = experiment(
    "tokens keep order if they have it, and get none if they don't",
    try_both,
    domain=(DRIVEN,),
    noisy=True,
)

_FATES = TwoFates(5.0, 5.1, 0.828, 0.15)

PROBLEM_7_HYSTERESIS = Claim(
    "Problem 7, hysteresis",
    "Noise κ = 5.1, USA at β = 5, d = 2: many tokens keep |Σ x_i|/n = 0.828 if they start near a "
    "point (to 0.03; full: 0.02), and stay below 0.15 if they start without order.",
    with_noise(USA),
    _FATES,
    FATES,
    (
        Control("κ = 5.1 -> 8, beyond the fold", prediction=replace(_FATES, kappa=8.0)),
        Control("κ = 5.1 -> 4, below κ_u", prediction=replace(_FATES, kappa=4.0)),
        Control("SA, which is continuous", model=with_noise(SA)),
        Control("√(2κ) dB -> √κ dB", model=with_noise(USA, kappa / 2)),
        Control("50 tokens, which fluctuate", prediction=replace(_FATES, tokens=50)),
    ),
    Verdict.SUPPORTED,
    origin="extension",
    cases=2,
    equivalents=(
        Equivalent(
            "one token more or less among thousands",
            ("prediction.tokens: + 1", "prediction.tokens: - 1"),
        ),
        Equivalent(
            "so many tokens fluctuate by less than half of it as well",
            ("prediction.uniform: ÷ 2",),
        ),
    ),
)

CLAIMS = (PROBLEM_7_HYSTERESIS,)
