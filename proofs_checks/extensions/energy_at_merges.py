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

from numerics.coarsening import M1, M2, THETA, compare_with_forecast
from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.proof import (
    PAIR_WEIGHT,
    RTOL,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Trial,
    derived,
    distinct_start,
    gap,
    not_asked,
    run_scope,
    spread_masses,
    token_count,
    unproved,
)
from proofs_checks.shared_runs import coarsen
from theory.models import SA
from theory.symbols import beta, z
from theory.symbols import n as _N


@dataclass(frozen=True)
class Rise:
    """Rise of the energy when clusters of masses m1 and m2 at the angle θ merge, others fixed."""

    height: Expr


_LONG = 4.0  # a plateau this long in log t has settled before and after its middle


def _own_rise(flow: Flow) -> Expr | None:
    """Return the rise of ``2β e^{-β} E`` when two clusters at rest but for each other merge.

    They have ``m1 m2 h(cos θ)`` in E, in the end ``m1 m2 h(1)``.
    """
    if flow.kernel is None:
        return None
    fallen = flow.kernel.subs(z, 1) - flow.kernel.subs(z, cos(THETA))
    return 2 * beta * exp(-beta) * M1 * M2 * fallen


def refute_rise(flow: Flow, prediction: Rise | None, budget: Budget) -> Counterexample | None:
    """Find a point at which the energy rises by another amount."""
    rise = _own_rise(flow)
    if prediction is None or rise is None:
        return None
    at = {beta: sp.Rational(5, 4), THETA: 1, M1: sp.Rational(1, 3), M2: sp.Rational(2, 3), _N: 3}
    own, said = (e.subs(at).evalf(20) for e in (rise, prediction.height))
    if abs(own - said) < sp.Rational(1, 10**12):
        return None
    return Counterexample(
        f"at β = 5/4, θ = 1, m = 1/3, 2/3 the energy rises by {own.n(6)}, not {said.n(6)}"
    )


def decide(flow: Flow, prediction: Rise) -> Sheet:
    """Derive the rise of two clusters from the energy; that each merge is like theirs is watched.

    The energy is scaled by 2β e^{-β}.
    """
    rise, text = _own_rise(flow), f"two clusters alone: 2β e^{{-β}} E rises by {prediction.height}"
    if rise is None:
        alone = gap(text, f"{flow.name} has no pair energy that could rise")
    else:
        alone = derived(text, sp.simplify(rise - prediction.height))
    return Sheet((alone, unproved("each merge raises E, of two far clusters by that")))


def watch(flow: Flow, prediction: Rise, budget: Budget) -> Trial:
    """Compare the steps of the energy staircase with the rise foretold, each being positive."""
    n, hot = token_count(budget), 60.0
    if flow.kernel is None:
        return Trial(silent=f"{flow.name} has no pair energy")
    height = sp.lambdify((THETA, M1, M2, beta), prediction.height, "math")
    worst, steps, least = 0.0, 0, math.inf
    for _ in range(budget.cases):
        points = distinct_start(budget, n, 2)
        result = coarsen(
            points,
            beta=hot,
            model=flow.model,
            masses=spread_masses(budget, n),
            rtol=RTOL,
            error_bars=False,
        )
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
                return Trial(f"energy changes by {rise:.3g}, falls by {fall:.3g} in a step")
            long = min(times[k + 1] - times[k], times[k + 2] - times[k + 1]) > _LONG
            if long and k > 0 and len(children) == 2:
                expected = height(comparison.angle, *children, hot)
                worst = max(worst, abs(rise - expected) / rise)
                steps += 1
    tolerance = 0.02
    scope = run_scope(n, "2", f"{hot:g}") | {"masses": "random, ratio to 30"}
    if steps == 0:
        return Trial(silent="no merge lies between two long plateaus", scope=scope)
    margin = 1 - worst / tolerance
    if worst > tolerance:
        violation = f"a rise is {worst:.3g} of itself off {prediction.height}"
        return Trial(violation, margin, budget.cases, scope=scope)
    return Trial(
        margin=margin,
        cases=budget.cases,
        seen=f"every merge raises the energy, by at least {least:.2g}; {steps} steps between "
        f"plateaus are that to {worst:.1e}",
        scope=scope,
    )


RISES_AT_MERGES: Statement[Rise] = Statement(
    "", "each merge raises the energy", decide, not_asked, refute_rise, watch
)


ENERGY_RISES = Claim(
    "Energy rises at merges",
    "Each merge raises the energy, two far clusters by 2 m1 m2 (1 - e^{-β(1 - cos θ)}).",
    SA,
    Rise(2 * M1 * M2 * (1 - PAIR_WEIGHT)),
    RISES_AT_MERGES,
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
