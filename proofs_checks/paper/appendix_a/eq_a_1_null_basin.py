"""(A.1): gradient ascent converges to a strict saddle from a null set only.

How it is proved
----------------
Not proved here: the centre-stable manifold theorem is cited, and runs support it. Ascents of a
potential with a strict saddle at 0 start at drawn points, and none may end there; drawn systems
of three tokens on the circle at β = 1/2 must come to consensus.

References
----------
arXiv 2312.10794, Appendix A, (A.1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import betaincinv
from sympy import Expr, hessian, lambdify

from numerics.compile import compile_model
from numerics.integration import integrate
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CENTRE_STABLE,
    ONLY_SPEED,
    Array,
    U,
    V,
    each,
    leaves_sphere,
    without_temperature,
)
from theory.models import REPULSIVE, SA, USA


def _ascend(potential: Expr, points: Array, time: float, steps: int) -> Array:
    """Gradient ascent of a function of U and V by the classical Runge-Kutta method."""
    slope = lambdify((U, V), [potential.diff(U), potential.diff(V)], "numpy")

    def rate(state: Array) -> Array:
        first, second = slope(state[:, 0], state[:, 1])
        return np.stack(np.broadcast_arrays(first, second), axis=1).astype(float)

    h, state = time / steps, points
    for _ in range(steps):
        a = rate(state)
        b = rate(state + h / 2 * a)
        c = rate(state + h / 2 * b)
        state = state + h / 6 * (a + 2 * b + 2 * c + rate(state + h * c))
    return state


def check_null_basin(model: Any, prediction: Expr, budget: Budget) -> Evidence:
    """Count the ascents that end at a saddle: of a potential at 0, and of the model."""
    at = {U: 0, V: 0}
    slopes = [prediction.diff(U).subs(at), prediction.diff(V).subs(at)]
    if slopes != [0, 0]:
        return Evidence(Verdict.UNDECIDED, f"0 isn't critical: the gradient is {slopes}")
    top = max(hessian(prediction, (U, V)).subs(at).eigenvals())
    count = 40 * budget.cases
    starts = budget.rng.uniform(-1, 1, (count, 2))
    stuck = np.linalg.norm(_ascend(prediction, starts, 60.0, 600), axis=1) < 0.05
    if stuck.any():
        lower = float(betaincinv(int(stuck.sum()), count - int(stuck.sum()) + 1, 0.005))
        detail = (
            f"{int(stuck.sum())} of {count} starts, such as {starts[stuck][0].round(3)}, end at "
            f"0 (probability >= {lower:.2f}), where the top curvature is {top}"
        )
        return Evidence(Verdict.REFUTED, detail, cases=count)
    if not top.is_positive:
        return Evidence(Verdict.UNDECIDED, f"0 is no strict saddle: top curvature {top}")
    for flow in each(model):
        if without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, without_temperature(flow))
        lost = leaves_sphere(flow, budget.rng)
        if lost:
            return Evidence(Verdict.REFUTED, lost)
        points = np.asarray(random_points(3, 2, budget.rng, budget.cases))
        final = integrate(compile_model(flow, beta=0.5), points, 40.0, rtol=1e-5).points[-1]
        least = (final @ final.swapaxes(-1, -2)).min(axis=(-2, -1))
        if least.min() < 1 - 1e-3:
            case = int(least.argmin())
            shown = np.array2string(points[case], precision=3).replace("\n", "")
            detail = f"{flow.name}, β = 1/2, x(0) = {shown}: min g = {least[case]:.4g} at t = 40"
            return Evidence(Verdict.REFUTED, detail, cases=budget.cases)
    return Evidence(
        Verdict.SUPPORTED,
        f"0 of {count} ascents end at a strict saddle (probability < {5.3 / count:.2g} at 99.5 %)",
        {"n": "3", "d": "2", "beta": "1/2", "masses": "1/n"},
        (CENTRE_STABLE,),
        count,
    )


_SADDLE = U**2 / 2 - U**4 / 4 - V**2 / 2


EQUATION_A_1 = Claim(
    "(A.1)",
    "Gradient ascent converges to a strict saddle from a null set only (a cited theorem).",
    (SA, USA),
    _SADDLE,
    check_null_basin,
    (
        Control("u² -> u³: a degenerate saddle", prediction=U**3 / 2 - U**4 / 4 - V**2 / 2),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.SUPPORTED,
    cases=10,
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent(
            "β >= the threshold > 0 for n >= 2: only the speed changes", ("*.velocity: × β",)
        ),
        Equivalent("-V has a strict saddle at the same place", ("prediction: sign",)),
    ),
)


CLAIMS = (EQUATION_A_1,)
