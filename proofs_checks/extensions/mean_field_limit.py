"""Mean-field limit: n tokens on the circle are within n^{-1/2}, or 1/n, of the continuity equation.

Main results
------------
W_2 of n tokens from the solution at t = 2, started from the density 1 + cos(θ)/2 + cos(2θ)/4, falls
like n^{-1/2} on average for independent draws and like 1/n for quantiles, at β = 1 and 4. It never
exceeds Dobrushin's bound of its start.

How it is proved
----------------
That the rate of the start is kept is Remark 3.3, cited as a statement on the same flow; that the
exponents aren't smaller at later times is measured: slopes of log W_2 against log n, with their
errors, at one β a run. A full run goes to n = 10⁵ with 20 systems of each size at both β, and on S²
compares two systems of n <= 2000 independent tokens with (log n/n)^{1/2}.

References
----------
Remark 3.3 of arXiv 2312.10794; Ajtai, Komlós and Tusnády (1984) for S². No paper states the claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from sympy import Expr, Rational, S, lambdify

from numerics.compile import compile_model
from numerics.continuity import MeanField, mean_field
from numerics.mean_field_limit import Convergence, mean_field_distances
from numerics.transport import wasserstein
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_3.remark_3_3_dobrushin import STABLE
from proofs_checks.proof import (
    AUTONOMOUS,
    HEAT,
    ON_SPHERE,
    Array,
    Flow,
    Sheet,
    Statement,
    Trial,
    by_statement,
    gap,
    not_asked,
    refute_off_sphere,
)
from proofs_checks.shared_runs import integrate
from theory.models import SA, Model
from theory.predictions import transport_lipschitz
from theory.symbols import beta

END = 2.0


def density(angle: Array) -> Array:
    """Density of the start, with respect to the uniform probability."""
    return np.asarray(1 + np.cos(angle) / 2 + np.cos(2 * angle) / 4)


@dataclass(frozen=True)
class Slopes:
    """Exponents of n in W_2, and the β of the equation that the tokens are compared with.

    Attributes
    ----------
    iid, quantile : Expr
        For independent draws, and for quantiles at the levels (i + u)/n.
    heat : Expr
        In the β of the tokens.
    """

    iid: Expr
    quantile: Expr
    heat: Expr = beta


def decide(flow: Flow, prediction: Slopes) -> Sheet:
    """Carry the rate of the start; that it is the rate is an experiment."""
    return Sheet(
        (
            by_statement(STABLE, flow, text="W_p(t) <= e^{Ct} W_p(0) (Remark 3.3)"),
            gap(
                f"W_2 ~ n^({prediction.iid}) for independent draws, n^({prediction.quantile}) for "
                "quantiles",
                "the exponents of the start are classical, those at t = 2 measured",
            ),
        ),
        {"n": "50 to 1600", "d": "2", "beta": "1 or 4", "masses": "1/n", "t": "2"},
    )


def _measured(model: Model, hot: float, said: Slopes, starts: str, budget: Budget) -> Convergence:
    """Distances of drawn systems from the equation at ``said.heat``."""
    sizes: tuple[int, ...]
    if budget.full:
        sizes, runs = (100, 1000, 10_000, 100_000), 20
    else:
        sizes, runs = ((50, 1600), 8) if starts == "iid" else ((50, 400), 1)
    limit = _equation(model, float(said.heat.subs(beta, hot)), budget.full)
    rtol = 1e-8 if budget.full else 1e-5
    return mean_field_distances(
        model, density, sizes, END, runs, starts, rng=budget.rng, limit=limit, rtol=rtol, beta=hot
    )


@lru_cache(maxsize=8)
def _equation(model: Model, hot: float, full: bool) -> MeanField:
    """Solve the continuity equation; 2 048 nodes are within 1e-8 of twice as many here."""
    return mean_field(model, density, END, [END], modes=None if full else 1024, beta=hot)


def watch_limit(flow: Flow, prediction: Slopes, budget: Budget) -> Trial:
    """Compare slopes with the exponents, and each distance with Dobrushin's bound."""
    heats = (1.0, 4.0) if budget.full else (float(budget.rng.choice([1.0, 4.0])),)
    worst, cases, seen = np.inf, 0, []
    constant = transport_lipschitz(beta, "SA" if flow.normalised else "USA", 2)
    for hot in heats:
        for starts, exponent in (("quantile", prediction.quantile), ("iid", prediction.iid)):
            found = _measured(flow.model, hot, prediction, starts, budget)
            slope, error = found.slope()
            # Means of eight systems: four errors, and what a fit of two sizes leaves out.
            room = 4 * error + 0.02
            off = abs(slope - float(exponent)) / room
            growth = float(lambdify(beta, constant, "scipy")(hot)) * END - np.log(found.growth)
            seen.append(f"β = {hot:g}, {starts}: slope {slope:.4f} ± {error:.2g}")
            cases += found.end.size
            worst = min(worst, 1 - off)
            if off > 1 or growth < 0:
                what = (
                    f"not {exponent}"
                    if off > 1
                    else f"W_2 grows by {found.growth:.4g}, more than C"
                )
                sizes = f"n = {found.sizes[0]} to {found.sizes[-1]}"
                return Trial(f"{flow.name}, {sizes}, {seen[-1]}, {what}", 1 - off, cases)
    if budget.full:
        slope, error = sphere_slope(flow.model, (125, 250, 500, 1000, 2000), 6, budget.rng)
        seen.append(f"S²: slope {slope:.3f} ± {error:.2g} against log(log n/n), not 1/2")
        if abs(slope - 0.5) > 4 * error + 0.03:
            return Trial(f"{flow.name}, {seen[-1]}", -1.0, cases)
    return Trial("", worst, cases, seen="; ".join(seen).replace(", not 1/2", ""))


def sphere_slope(
    model: Model, sizes: tuple[int, ...], runs: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Slope of log W_2 of two systems of n tokens on S² against log(log n/n), and its error.

    Starts are independent draws of the density 1 + u/2, u = <x, e_3>. By convexity the mean
    distance of two systems is at least that of one from its mean, and at most twice that of one
    from the limit.
    """
    field = compile_model(model, beta=1.0)
    means, errors = [], []
    for size in sizes:
        u = np.sqrt(1 + 8 * rng.random((2 * runs, size))) - 2
        around = 2 * np.pi * rng.random((2 * runs, size))
        flat = np.sqrt(1 - u**2)
        start = np.stack([flat * np.cos(around), flat * np.sin(around), u], axis=-1)
        end = integrate(field, start, 1.0, [1.0], rtol=1e-6).points[-1]
        apart = [wasserstein(end[k], end[runs + k]) for k in range(runs)]
        means.append(np.mean(apart))
        errors.append(np.std(apart, ddof=1) / np.sqrt(runs))
    x, y = np.log(np.log(sizes) / np.asarray(sizes)), np.log(means)
    pull = (x - x.mean()) / np.sum((x - x.mean()) ** 2)
    spread = np.sqrt(np.sum((pull * np.asarray(errors) / np.asarray(means)) ** 2))
    return float(pull @ y), float(spread)


LIMIT: Statement[Slopes] = Statement(
    "",
    "n tokens on the circle are near the continuity equation",
    decide,
    not_asked,
    refute_off_sphere,
    watch_limit,
    premises=(AUTONOMOUS, ON_SPHERE),
)


_SLOPES = Slopes(-S.Half, -S.One)


MEAN_FIELD_LIMIT = Claim(
    "Mean-field limit",
    "SA, circle, β = 1, 4, start 1 + cos(θ)/2 + cos(2θ)/4, t = 2: W_2 of n tokens from the "
    "continuity equation falls like n^{-1/2} for independent draws, 1/n for quantiles.",
    SA,
    _SLOPES,
    LIMIT,
    (
        Control("1/n for independent draws", prediction=replace(_SLOPES, iid=-S.One)),
        Control("n^{-1/2} for quantiles", prediction=replace(_SLOPES, quantile=-S.Half)),
        Control(
            "the equation at 5/4 of β", prediction=replace(_SLOPES, heat=Rational(5, 4) * beta)
        ),
    ),
    Verdict.SUPPORTED,
    cases=1,
    origin="extension",
    equivalents=(
        Equivalent(
            "another flow of attention: near its own equation, at the same rates",
            (*HEAT, "SA.velocity: sign", "SA.velocity: × β"),
        ),
    ),
)


CLAIMS = (MEAN_FIELD_LIMIT,)
