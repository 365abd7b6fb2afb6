"""(C.3): E_β - (n/2)E_0: |grad_i| <= n(e^β-1), |Hess| <= 2n(βe^β + e^β - 1), both O(β).

How it is proved
----------------
h' - 1 and h'' are bounded on [-1, 1] for every β >= 0, and summed over the pairs: exact, for
every n and d and masses 1/n. At drawn configurations and temperatures, and at one token apart
from the others, gradients and Hessians in floating point are compared with the bounds.

References
----------
arXiv 2312.10794, Appendix C, (C.3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Derivative, Expr, Symbol, exp, limit

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Part, Verdict
from proofs_checks.proof import (
    SCOPE_WARM_EQUAL_MASSES,
    TRIANGLE,
    Array,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    cold_kernel,
    cold_limit,
    covariant_jacobian,
    force_of,
    gap,
    pair_hessian,
    pair_sum,
    reduced,
    short,
    without_temperature,
)
from proofs_checks.said import say, saying
from theory.bounded import simplified
from theory.energy import interaction_energy
from theory.models import REPULSIVE, USA, Model, gradient_flow
from theory.symbols import beta, n, z

_HOT = Symbol("beta", positive=True)
_FORCE, _BEND, _ROOM = (Symbol(name, nonnegative=True) for name in "fbs")


@dataclass(frozen=True)
class ColdGap:
    """Bounds of the gradient, a token, and of the Hessian of ``E_β - (n/2) E_0``; in n and β.

    E_β = (1/2β) Σ_ij (e^{β<x_i,x_j>} - 1).
    """

    gradient: Expr
    hessian: Expr


def _one_apart(size: int, width: int, angle: float) -> Array:
    """All tokens but one at the first axis, and one at an angle to it."""
    points = np.tile(np.eye(width)[0], (size, 1))
    points[-1, :2] = np.cos(angle), np.sin(angle)
    return points


def derive_cold_gap(flow: Flow) -> ColdGap | None:
    """Return the bounds of the paper's energy."""
    return None if flow.kernel is None else _GAP


def refute_cold_gap(
    flow: Flow, prediction: ColdGap | None, budget: Budget
) -> Counterexample | None:
    """Compare the energy at β = 0 with (n/2) E_0."""
    other = cold_limit(flow.model)
    return Counterexample(other) if other else None


def _climb(flow: Flow) -> Model:
    """x_i' = (1/n) grad_i E_β for masses 1/n, whatever the flow's own velocity is."""
    energy = interaction_energy(flow.kernel)
    return gradient_flow(energy, f"grad of {flow.name}", parameters=(beta,))


def decide(flow: Flow, prediction: ColdGap) -> Sheet:
    """Bound h' - 1 and h'' on [-1, 1], and sum over the pairs."""
    cold = cold_kernel(flow.model)
    if flow.kernel is None or cold is None:
        return Sheet((gap("E_β is a pair energy", "no pair energy in β"),))
    text = "k = h - g: E_β - (n/2) E_0 = ½ Σ_ij k(g_ij) + const, k' = 0 at β = 0"
    start = reduced(text, cold.diff(z) - 1)
    start = saying(start, say(Derivative(cold, z), "=", 1))
    found = force_of(_climb(flow))
    force, reason = found.bound, found.lacking or ("" if found.pace == 1 else "h' isn't 1 at β = 0")
    text = f"|h' - 1| <= {force} on [-1, 1]"
    first = gap(text, reason) if reason else Step(text, How.DERIVED, evidence="h' = e^{cβg}")
    slope = flow.kernel.diff(z).subs(beta, _HOT)
    low, high = slope.subs(z, _ROOM - 1), slope.subs(z, 1 - _ROOM)
    warm = force.subs(beta, _HOT)
    first = saying(first, say(high - 1, "<=", warm), say(1 - low, "<=", warm))
    bent = flow.kernel.diff(z, 2)
    top = bent.subs(z, 1)
    hot = bent.subs(beta, _HOT)
    rising = hot.is_positive and hot.diff(z).is_positive
    text = f"0 <= h'' <= {top} on [-1, 1]"
    second = Step(text, How.DERIVED, evidence="h'' rises") if rising else gap(text, "signs")
    second = saying(
        second,
        say(0, "<=", hot),
        say(hot.subs(z, 1 - _ROOM), "<=", top.subs(beta, _HOT)),
    )
    chain, pairs = pair_hessian(flow.kernel.diff(z) - 1, "k")
    own = ColdGap(n * force, 2 * n * (top + force))
    grad = apply(TRIANGLE, f"|grad_i| = |P_i Σ_j (h'-1) x_j| <= {own.gradient}", start, first)
    text = f"|Hess| <= ½ Σ_ij 2 (|v_i|²+|v_j|²) (sup h'' + sup|h'-1|) = {own.hessian} for |v| = 1"
    steps = [start, first, second, chain, pairs, grad]
    steps.append(apply(TRIANGLE, text, start, first, second, pairs))
    for name in ("gradient", "hessian"):
        said = getattr(prediction, name)
        ratio = simplified(said / getattr(own, name))
        text = f"{name}: at most {said}"
        enough = ratio.is_number and ratio >= 1
        step = Step(text, How.DERIVED) if enough else gap(text, f"over ours it is {ratio}")
        sups = (say(_FORCE, "<=", warm), say(_BEND, "<=", top.subs(beta, _HOT)))
        bound = n * _FORCE if name == "gradient" else 2 * n * (_BEND + _FORCE)
        steps.append(saying(step, say(bound, "<=", said.subs(beta, _HOT), sups)))
        slope = limit(said.subs(beta, _HOT) / _HOT, _HOT, 0)
        text = f"{name}: O(β), the bound over β tends to {slope}"
        steps.append(Step(text, How.DERIVED) if slope.is_finite is not False else gap(text, ""))
    return Sheet(
        tuple(steps),
        SCOPE_WARM_EQUAL_MASSES,
        (
            pair_sum(n**2 / 2 * (flow.kernel - z)),
            own.gradient,
            prediction.gradient,
            own.hessian,
            prediction.hessian,
        ),
        "|h'-1| <= e^β-1 and h'' <= βe^β on [-1,1]; s² <= 2(|v|²+|w|²): gradients differ by at "
        f"most {prediction.gradient}, Hessians by {prediction.hessian}, both O(β)",
    )


def watch(flow: Flow, prediction: ColdGap, budget: Budget) -> Trial:
    """Compare gradients and Hessians with the bounds at drawn points."""
    if flow.kernel is None or without_temperature(flow.model) or flow.given:
        return Trial(silent=f"{flow.name} has no pair energy in β")
    worst, cases, climb = np.inf, 0, _climb(flow)
    cold = compile_model(climb, beta=0.0)
    for size, width in ((2, 2), (4, 3)):
        drawn = [
            (
                np.asarray(random_points(size, width, budget.rng)),
                float(np.exp(budget.rng.uniform(np.log(0.01), np.log(1.5)))),
            )
            for _ in range(budget.cases)
        ]
        # One cluster; and, where β is large, one token that is pulled by all the others.
        drawn += [(_one_apart(size, width, 0.0), 0.5), (_one_apart(size, width, 0.5), 3.0)]
        for points, hot in drawn:
            warm = compile_model(climb, beta=hot)
            lengths = size * np.linalg.norm(warm(points) - cold(points), axis=-1)
            bend = covariant_jacobian(warm, points) - covariant_jacobian(cold, points)
            norm = size * float(np.linalg.norm(bend, 2))
            cases += 1
            for name, found, bound in (
                ("gradient", float(lengths.max()), prediction.gradient),
                ("Hessian", norm, prediction.hessian),
            ):
                allowed = float(bound.subs({n: size, beta: hot}))
                worst = min(worst, 1 - found / allowed)
                if found > allowed * (1 + 1e-6) + 1e-8:
                    detail = (
                        f"{flow.name}, β = {hot:.4g}, X = {short(points)}: {name} differs by "
                        f"{found:.4g} > {allowed:.4g}"
                    )
                    return Trial(detail, worst, cases)
    return Trial("", worst, cases)


COLD_GAP: Statement[ColdGap] = Statement(
    "",
    "gradient and Hessian of E_β are those of (n/2) E_0 up to O(β)",
    decide,
    derive_cold_gap,
    refute_cold_gap,
    watch,
)


_GAP = ColdGap(n * (exp(beta) - 1), 2 * n * (beta * exp(beta) + exp(beta) - 1))


EQUATION_C_3 = Claim(
    "(C.3)",
    "E_β - (n/2)E_0: |grad_i| <= n(e^β-1), |Hess| <= 2n(βe^β + e^β - 1): both are O(β).",
    USA,
    _GAP,
    COLD_GAP,
    (
        Control("gradient bound / 20", prediction=replace(_GAP, gradient=_GAP.gradient / 20)),
        Control("Hessian bound / 20", prediction=replace(_GAP, hessian=_GAP.hessian / 20)),
        Control("Hessian O(β²)", prediction=replace(_GAP, hessian=n * beta**2 / 4)),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=4,
    about=frozenset({Part.ENERGY}),
    equivalents=(
        Equivalent(
            "a larger bound",
            (
                "prediction.gradient: × n",
                "prediction.gradient: e^u -> e^2u",
                "prediction.hessian: × n",
                "prediction.hessian: e^u -> e^2u",
            ),
        ),
    ),
)


CLAIMS = (EQUATION_C_3,)
