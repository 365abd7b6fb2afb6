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

import numpy as np
from scipy.special import betaincinv
from sympy import Expr, S, hessian, lambdify

from numerics.compile import compile_model
from numerics.integration import integrate
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CENTRE_STABLE,
    ONLY_SPEED,
    PAIR,
    Array,
    Counterexample,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    Trial,
    U,
    V,
    apart,
    cited,
    derived,
    gap,
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


ORIGIN = {U: 0, V: 0}


def _top(potential: Expr) -> Expr:
    """Largest eigenvalue of the Hessian of a potential at 0."""
    return max(hessian(potential, (U, V)).subs(ORIGIN).eigenvals())


def refute_null_basin(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Tokens that never meet: an open set of starts that don't come to consensus."""
    found = apart(flow, budget.rng)
    return Counterexample(found, PAIR) if found else None


def decide(flow: Flow, prediction: Expr) -> Sheet:
    """Derive that 0 is a strict saddle of the potential; the theorem itself isn't proved here."""
    slopes = [prediction.diff(s).subs(ORIGIN) for s in (U, V)]
    critical = derived("∇V = 0 at 0", sum((abs(slope) for slope in slopes), S.Zero))
    top = _top(prediction)
    outcome = Outcome.HOLDS if top.is_positive else Outcome.FAILS
    strict = Step(f"top curvature {top} > 0 at 0: a strict saddle", How.DECIDED, outcome)
    null = gap("the starts that end at 0 are null", "no proof here: experiments")
    return Sheet(
        (critical, strict, null, cited(CENTRE_STABLE, critical, strict)),
        {"n": "3", "d": "2", "beta": "1/2", "masses": "1/n"},
    )


def _ascents(potential: Expr, budget: Budget) -> Trial:
    """Count the ascents of a potential that end at 0."""
    count = 40 * budget.cases
    starts = budget.rng.uniform(-1, 1, (count, 2))
    stuck = np.linalg.norm(_ascend(potential, starts, 60.0, 600), axis=1) < 0.05
    if not stuck.any():
        chance = f"probability < {5.3 / count:.2g} at 99.5 %"
        seen = f"0 of {count} ascents end at a strict saddle ({chance})"
        return Trial(cases=count, seen=seen)
    lower = float(betaincinv(int(stuck.sum()), count - int(stuck.sum()) + 1, 0.005))
    detail = (
        f"{int(stuck.sum())} of {count} starts, such as {starts[stuck][0].round(3)}, end at "
        f"0 (probability >= {lower:.2f}), where the top curvature is {_top(potential)}"
    )
    return Trial(detail, cases=count)


def watch(flow: Flow, prediction: Expr, budget: Budget) -> Trial:
    """Count the ascents that end at a saddle: of a potential at 0, and of the flow."""
    found = _ascents(prediction, budget)
    if found.violation or without_temperature(flow.model):
        return found if found.violation else Trial(silent=without_temperature(flow.model))
    points = np.asarray(random_points(3, 2, budget.rng, budget.cases))
    final = integrate(compile_model(flow.model, beta=0.5), points, 40.0, rtol=1e-5).points[-1]
    least = (final @ final.swapaxes(-1, -2)).min(axis=(-2, -1))
    if least.min() < 1 - 1e-3:
        case = int(least.argmin())
        shown = np.array2string(points[case], precision=3).replace("\n", "")
        return Trial(silent=f"x(0) = {shown}: min g = {least[case]:.4g} still at t = 40")
    return found


NULL_BASIN: Statement[Expr] = Statement(
    "",
    "gradient ascent converges to a strict saddle from a null set only",
    decide,
    refute=refute_null_basin,
    trial=watch,
)


_SADDLE = U**2 / 2 - U**4 / 4 - V**2 / 2


EQUATION_A_1 = Claim(
    "(A.1)",
    "Gradient ascent converges to a strict saddle from a null set only (a cited theorem).",
    (SA, USA),
    _SADDLE,
    NULL_BASIN,
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
