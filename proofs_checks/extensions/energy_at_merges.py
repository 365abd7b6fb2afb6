"""Energy rises at merges: each merge of clusters raises the energy.

How it is proved
----------------
Runs only: coarsening runs of SA on the circle at β = 60, with drawn masses over a factor of
thirty. Each merge must raise the energy; where it lies between two long plateaus the rise of two
clusters is compared with 2 m1 m2 (1 - e^{-β(1 - cos θ)}), to 2 %. That formula is compared with
the model's own energy first.

References
----------
arXiv 2312.10794, Section 6, Problem 1 (metastability).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sympy as sp
from sympy import Expr, cos, exp

from numerics.coarsening import M1, M2, THETA, coarsen, compare_with_forecast
from proofs_checks.claim import Budget, Claim, Control, Evidence, Part, Verdict
from proofs_checks.proof import (
    PAIR_WEIGHT,
    RTOL,
    distinct_start,
    run_scope,
    spread_masses,
    token_count,
)
from theory.energy import pair_kernel
from theory.models import SA, Model
from theory.symbols import beta, z
from theory.symbols import n as _N


@dataclass(frozen=True)
class Rise:
    """Rise of the energy when clusters of masses m1 and m2 at the angle θ merge, others fixed."""

    height: Expr


_LONG = 4.0  # a plateau this long in log t has settled before and after its middle


def _off_energy(model: Model, height: Expr) -> str:
    """Where the rise of ``2β e^{-β} E``, E the model's energy, isn't the one foretold, or "".

    Two clusters at rest but for each other have ``m1 m2 h(cos θ)`` in E, in the end ``m1 m2 h(1)``.
    """
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if kernel is None:
        return f"{model.name} has no pair energy that could rise"
    rise = 2 * beta * exp(-beta) * M1 * M2 * (kernel.subs(z, 1) - kernel.subs(z, cos(THETA)))
    at = {beta: sp.Rational(5, 4), THETA: 1, M1: sp.Rational(1, 3), M2: sp.Rational(2, 3), _N: 3}
    left, right = (e.subs(at).evalf(20) for e in (rise, height))
    if abs(left - right) < sp.Rational(1, 10**12):
        return ""
    return f"at β = 5/4, θ = 1, m = 1/3, 2/3 the energy rises by {left.n(6)}, not {right.n(6)}"


def check_energy_rises(model: Model, prediction: Rise, budget: Budget) -> Evidence:
    """Compare the steps of the energy staircase with the rise foretold, each being positive."""
    n, hot = token_count(budget), 60.0
    off = _off_energy(model, prediction.height)
    if off:
        return Evidence(Verdict.REFUTED, off)
    height = sp.lambdify((THETA, M1, M2, beta), prediction.height, "math")
    worst, steps, least = 0.0, 0, math.inf
    for _ in range(budget.cases):
        result = coarsen(distinct_start(budget, n, 2), hot, model, spread_masses(budget, n), RTOL)
        masses = dict(enumerate(result.masses.tolist()))
        fall = -float(np.diff(result.energies).min(initial=0.0))
        found = compare_with_forecast(result)
        times = [-math.inf, *(c.merge.log_time for c in found), math.inf]
        for k, comparison in enumerate(found):
            merge = comparison.merge
            children = [masses[c] for c in merge.children]
            masses[merge.cluster] = merge.mass
            rise = merge.energy_after - merge.energy_before
            least = min(least, rise)
            if rise <= 0 or fall > 1e-12:
                return Evidence(
                    Verdict.REFUTED, f"energy changes by {rise:.3g}, falls by {fall:.3g} in a step"
                )
            long = min(times[k + 1] - times[k], times[k + 2] - times[k + 1]) > _LONG
            if long and k > 0 and len(children) == 2:
                expected = height(comparison.angle, *children, hot)
                worst = max(worst, abs(rise - expected) / rise)
                steps += 1
    tolerance = 0.02
    scope = run_scope(n, "2", f"{hot:g}") | {"masses": "random, ratio to 30"}
    if steps == 0:
        return Evidence(Verdict.UNDECIDED, "no merge lies between two long plateaus", scope)
    if worst > tolerance:
        return Evidence(
            Verdict.REFUTED,
            f"a rise is {worst:.3g} of itself off {prediction.height}",
            scope,
            cases=budget.cases,
            margin=1 - worst / tolerance,
        )
    return Evidence(
        Verdict.SUPPORTED,
        f"every merge raises the energy, by at least {least:.2g}; {steps} steps between plateaus "
        f"are {prediction.height} to {worst:.1e}",
        scope,
        cases=budget.cases,
        margin=1 - worst / tolerance,
    )


ENERGY_RISES = Claim(
    "Energy rises at merges",
    "Each merge raises the energy, two far clusters by 2 m1 m2 (1 - e^{-β(1 - cos θ)}).",
    SA,
    Rise(2 * M1 * M2 * (1 - PAIR_WEIGHT)),
    check_energy_rises,
    (
        Control("2 m1 m2 -> m1 m2", prediction=Rise(M1 * M2 * (1 - PAIR_WEIGHT))),
        Control("the energy falls", prediction=Rise(-2 * M1 * M2 * (1 - PAIR_WEIGHT))),
    ),
    Verdict.SUPPORTED,
    cases=2,
    origin="extension",
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
)


CLAIMS = (ENERGY_RISES,)
