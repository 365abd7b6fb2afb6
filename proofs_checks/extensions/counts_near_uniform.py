"""Counts near uniform: tokens that start near equal spacing form as many clusters as a fast mode.

Main results
------------
A cluster is a local maximum of ``h*μ``, ``h = e^{β cos}``. The start is ``θ_j = 2πj/n + ε ξ_j``
with independent normal ξ_j, and clusters are counted at ``t = (log(1/ε) + 5)/λ_{k*}``. By then mode
k is behind the fastest, k*, by the factor ``e^{-lag}``, ``lag = (1 - λ_k/λ_{k*}) log(1/ε)``: counts
are modes with a lag below 2. Independent starts have other counts, at another time (Counts of
random starts); here they are a control.

How it is proved
----------------
Growth rates are derived from the flow's continuity equation and compared with the prediction. The
fastest degree is certified at each β, the tail of degrees included. That the mode which leads at
the end of the linear stage sets the count isn't proved: drawn systems of 256 tokens are run.

References
----------
Section 7.1 of arXiv 2312.10794 for the equation. No paper states the claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr, Rational, Symbol, besseli, besselj, lambdify

from numerics.smoothed_density import density_maxima
from proofs_checks.certificates import certify_fastest
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    AUTONOMOUS,
    ON_SPHERE,
    Array,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Trial,
    accepted,
    derived,
    gap,
    not_asked,
    refute_off_sphere,
)
from proofs_checks.shared_runs import ensemble
from theory.bounded import simplified
from theory.measures import continuity_equation
from theory.models import SA, USA
from theory.predictions import fastest_mode, mode_growth_rate
from theory.symbols import beta

MODE = Symbol("k", integer=True, positive=True)
"""Degree of a mode."""

TOKENS, LAG = 256, 2.0

_HOT = (9, 25)


@dataclass(frozen=True)
class NearUniform:
    """Which modes are counted.

    Attributes
    ----------
    rate : Expr
        Growth rate of ``MODE`` about the uniform state, in β.
    spread : float
        ε, which sets the lags and the counting time.
    start : float
        ε of the systems that are run.
    """

    rate: Expr
    spread: float
    start: float


def lags(rates: Array, spread: float) -> Array:
    """How far each mode is behind the fastest, in e-foldings, once that one has grown by 1/ε."""
    return np.asarray((1 - rates / rates.max()) * np.log(1 / spread))


def jittered(spread: float, runs: int, rng: np.random.Generator) -> Array:
    """Equally spaced tokens on the circle, each moved by ε times a normal number."""
    angles = 2 * np.pi * np.arange(TOKENS) / TOKENS + spread * rng.normal(size=(runs, TOKENS))
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def decide(flow: Flow, prediction: NearUniform) -> Sheet:
    """Derive the growth rates, certify the fastest mode; its reign afterwards is an experiment."""
    own = continuity_equation(flow.model).growth_rate(MODE, 2)
    steps = [
        derived(f"mode k grows at {prediction.rate}", simplified(own - prediction.rate)),
        *(
            accepted(
                f"β = {hot}: degree {fastest_mode(hot)} is the fastest of all",
                certify_fastest(Rational(hot)),
            )
            for hot in _HOT
        ),
        gap(
            f"counts are modes with (1 - λ_k/λ_k*) log(1/ε) < {LAG:g}",
            "which maxima are left by the nonlinear stage isn't proved",
        ),
    ]
    return Sheet(
        tuple(steps),
        {
            "n": str(TOKENS),
            "d": "2",
            "beta": ", ".join(map(str, _HOT)),
            "masses": "1/n",
            "epsilon": f"{prediction.spread:g}",
            "t": "(log(1/ε) + 5)/λ_k*",
        },
    )


def refute_rate(
    flow: Flow, prediction: NearUniform | None, budget: Budget
) -> Counterexample | None:
    """Compare growth rates with those of the flow, at two degrees and β = 5/2."""
    if found := refute_off_sphere(flow, prediction, budget):
        return found
    if prediction is None:
        return None
    if not 0 < prediction.spread < 1:
        return Counterexample(f"ε = {prediction.spread:.9g}: log(1/ε) is no time to grow in")
    try:
        own = continuity_equation(flow.model).growth_rate(MODE, 2)
    except ValueError:
        return None
    for k in (1, 3):
        at = {MODE: k, beta: Rational(5, 2)}
        exact, said = own.subs(at).evalf(20), prediction.rate.subs(at).evalf(20)
        if abs(exact - said) > 1e-12:
            return Counterexample(
                f"{flow.name}, β = 5/2: mode {k} grows at {exact.evalf(10)}, not {said.evalf(10)}"
            )
    return None


def watch_counts(flow: Flow, prediction: NearUniform, budget: Budget) -> Trial:
    """Count maxima of drawn systems once the fastest mode has grown to size 1."""
    runs, worst, seen = 4 * budget.cases, np.inf, []
    modes = np.arange(1, 40)
    rates_at = lambdify((MODE, beta), prediction.rate, "scipy")
    for hot in _HOT:
        rates = np.array([float(rates_at(int(k), float(hot))) for k in modes])
        behind = lags(rates, prediction.spread)
        time = (np.log(1 / prediction.spread) + 5) / rates.max()
        start = jittered(prediction.start, runs, budget.rng)
        run = ensemble(flow.model, start, t_eval=[0.0, time], beta=float(hot))
        assert run.points is not None  # nothing is observed in their place
        counts = density_maxima(run.points[-1], hot)
        fits = np.isin(counts, modes[behind < LAG])
        share, needed = float(fits.mean()), 0.85
        found = ", ".join(f"{k}: {c}" for k, c in enumerate(np.bincount(counts)) if c)
        first = modes[np.argsort(behind)[:2]]
        seen.append(
            f"β = {hot}: k* = {first[0]}, then {first[1]}, {behind[first[1] - 1]:.2g} behind; "
            f"counts {found}"
        )
        worst = min(worst, (share - needed) / (1 - needed))
        if share < needed:
            return Trial(
                f"{flow.name}, n = {TOKENS}, ε = {prediction.spread:g}, t = {time:.4g}, {seen[-1]}:"
                f" {share:.3f} of the runs count a mode less than {LAG:g} behind",
                worst,
                runs,
            )
    return Trial("", worst, len(_HOT) * runs, seen="; ".join(seen))


NEAR_UNIFORM: Statement[NearUniform] = Statement(
    "",
    "near-uniform starts form as many clusters as a mode that grows fastest",
    decide,
    not_asked,
    refute_rate,
    watch_counts,
    premises=(AUTONOMOUS, ON_SPHERE),
)


_RATE = mode_growth_rate(MODE, beta, 2, "SA")

_NEAR = NearUniform(_RATE, 1e-8, 1e-8)


COUNTS = Claim(
    "Counts near uniform",
    "SA, circle, θ_j = 2πj/n + εξ_j, ε = 1e-8, n = 256, β = 9, 25: at t = (log(1/ε)+5)/λ_k* the "
    "number of maxima of the density smoothed by e^{β cos} is a mode less than 2 e-foldings behind "
    "k*.",
    SA,
    _NEAR,
    NEAR_UNIFORM,
    (
        Control("rates k I_k/(β I_0)", prediction=replace(_NEAR, rate=_RATE / MODE)),
        Control(
            "J_k for I_k",
            prediction=replace(_NEAR, rate=_RATE.subs(besseli(MODE, beta), besselj(MODE, beta))),
        ),
        Control("starts that are independent: ε = 1", prediction=replace(_NEAR, start=1.0)),
        Control("the flow USA", model=USA),
    ),
    Verdict.SUPPORTED,
    cases=4,
    origin="extension",
    equivalents=(
        Equivalent(
            "lags change by log 2 of log(1/ε) = 18, less than what is left to 2",
            tuple(
                f"prediction.{part}: {change} 2" for part in ("spread", "start") for change in "×÷"
            ),
        ),
        Equivalent("a normal number is as likely as its negative", ("prediction.start: sign",)),
    ),
)


CLAIMS = (COUNTS,)
