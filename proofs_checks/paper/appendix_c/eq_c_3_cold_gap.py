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
from typing import Any

import numpy as np
from sympy import Expr, Symbol, exp, simplify

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.proof import (
    Array,
    cold_limit,
    covariant_jacobian,
    each,
    force_bound,
    pair_sum,
    without_temperature,
)
from theory.energy import interaction_energy, pair_kernel
from theory.models import REPULSIVE, USA, gradient_flow
from theory.symbols import beta, n, z


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


def check_cold_gap(model: Any, prediction: ColdGap, budget: Budget) -> Evidence:
    """Bound h' - 1 and h'' on [-1, 1], and compare with gradients and Hessians at drawn points.

    Parameters
    ----------
    model : Model
        E_β is n² times its energy, up to a constant.
    prediction : ColdGap
        The bounds.
    budget : Budget
        Configurations to draw.
    """
    flow = each(model)[0]
    kernel = None if flow.energy is None else pair_kernel(flow.energy)
    if kernel is None or without_temperature(flow):
        return Evidence(Verdict.UNDECIDED, f"{flow.name} has no pair energy in β")
    other = cold_limit(flow)
    if other:
        return Evidence(Verdict.REFUTED, other)
    worst, cases = np.inf, 0
    # x_i' = (1/n) grad_i E_β for masses 1/n, whatever the model's own velocity is.
    climb = gradient_flow(interaction_energy(kernel), f"grad of {flow.name}", parameters=(beta,))
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
                    shown = np.array2string(points, precision=3).replace("\n", "")
                    detail = (
                        f"{flow.name}, β = {hot:.4g}, X = {shown}: {name} differs by {found:.4g} > "
                        f"{allowed:.4g}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
    force, reason = force_bound(climb)
    hottest = Symbol("beta", positive=True)
    slope = kernel.diff(z).subs(beta, hottest)
    bent = slope.diff(z)
    rising = bent.is_positive and bent.diff(z).is_positive
    # |h''s² + (h'-1)(2<v,w> - (..)g)| <= 2 (sup h'' + sup|h'-1|)(|v|²+|w|²), summed over ½ ij.
    derived = 2 * n * (bent.subs(z, 1).subs(hottest, beta) + force)
    ratios = simplify(prediction.gradient / (n * force)), simplify(prediction.hessian / derived)
    if reason or not rising or not all(r.is_number and r >= 1 for r in ratios):
        return Evidence(Verdict.UNDECIDED, f"{reason or ratios}", cases=cases, margin=worst)
    return Evidence(
        Verdict.PROVED,
        "|h'-1| <= e^β-1 and h'' <= βe^β on [-1,1]; s² <= 2(|v|²+|w|²): gradients differ by at "
        f"most {prediction.gradient}, Hessians by {prediction.hessian}, both O(β)",
        {"n": "symbolic", "d": "symbolic", "beta": "symbolic, >= 0", "masses": "1/n"},
        (),
        cases,
        worst,
        identity=(
            pair_sum(n**2 / 2 * (kernel - z)),
            n * force,
            prediction.gradient,
            derived,
            prediction.hessian,
        ),
    )


_GAP = ColdGap(n * (exp(beta) - 1), 2 * n * (beta * exp(beta) + exp(beta) - 1))


EQUATION_C_3 = Claim(
    "(C.3)",
    "E_β - (n/2)E_0: |grad_i| <= n(e^β-1), |Hess| <= 2n(βe^β + e^β - 1): both are O(β).",
    USA,
    _GAP,
    check_cold_gap,
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
