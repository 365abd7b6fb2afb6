"""(A.3): turning S by e^{εB}, B skew: E_0'' = (2/n) Σ_{S×S^c}<B²x_i,x_j>.

How it is proved
----------------
The second derivative is reduced to 0 in the Gram algebra, for every n and d; for even d there is
B with B² = -I. At drawn tokens, subsets and frames it is compared with finite differences of the
model's energy at β = 0; a wrong formula is refuted there.

References
----------
arXiv 2312.10794, Appendix A, (A.3); the hypotheses are those of Theorem 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.linalg import expm
from sympy import Expr, Symbol, expand, lambdify, simplify

from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Evidence, Part, Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    KERNEL_AT_BETA_ZERO,
    TURN,
    cold_kernel,
    each,
    pair_cut,
    tokens_off_sphere,
)
from theory.engines import inner, residual, vectors
from theory.models import REPULSIVE, SA, USA
from theory.symbols import X, n, z


@dataclass(frozen=True)
class TurnedCut:
    """``E_0'' = factor · <B² y_S, y_c>`` along x_i -> e^{εB} x_i, i in S, E_0 = Σ_ij <x_i,x_j>/n.

    ``sign`` is -1 for skew B, with B² = -I, and 1 for symmetric B, with B² = I.
    """

    factor: Expr
    sign: int = -1


def check_turned_cut(model: Any, prediction: TurnedCut, budget: Budget) -> Evidence:
    """Derive E_0'' along the rotation, and compare with finite differences of the energy.

    Parameters
    ----------
    model : Model or tuple of Model
        Models; E_0 is 2n times their energy at β = 0.
    prediction : TurnedCut
        Factor and kind of B.
    budget : Budget
        Configurations and subsets to draw.
    """
    worst, cases, tolerance, step = np.inf, 0, 1e-5, 1e-3
    block = np.array([[0.0, 1.0], [float(prediction.sign), 0.0]])
    for flow in each(model):
        cold = cold_kernel(flow)
        if cold is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no pair energy at β = 0")
        for size, dimension in ((3, 2), (5, 4)):
            kernel = lambdify(z, cold.subs(n, size), "numpy")
            frame = np.linalg.qr(budget.rng.standard_normal((dimension, dimension)))[0]
            turn = frame @ np.kron(np.eye(dimension // 2), block) @ frame.T
            for _ in range(budget.cases):
                points = np.asarray(random_points(size, dimension, budget.rng))
                chosen = np.arange(size) < budget.rng.integers(1, size)
                moved = []
                for amount in (-step, 0.0, step):
                    turned = points @ expm(amount * turn).T
                    moved.append(np.where(chosen[:, None], turned, points))
                lost = tokens_off_sphere(np.asarray(moved))
                if lost:
                    return Evidence(Verdict.REFUTED, f"{flow.name}, n = {size}: {lost}")
                # E_0 = 2n E, which has the masses 1/n.
                turns = np.asarray(moved)
                gram = turns @ turns.swapaxes(-1, -2)
                values = (kernel(gram) + np.zeros_like(gram)).sum(axis=(-2, -1)) / size
                found = (values[0] - 2 * values[1] + values[2]) / step**2
                y, c = points[chosen].sum(axis=0), points[~chosen].sum(axis=0)
                said = float(prediction.factor.subs(n, size)) * float((turn @ turn @ y) @ c)
                cases, worst = cases + 1, min(worst, 1 - abs(found - said) / tolerance)
                if worst < 0:
                    detail = (
                        f"{flow.name}, n = {size}, d = {dimension}: E_0'' = {found:.6g}, predicted "
                        f"{said:.6g}, for {int(chosen.sum())} tokens turned"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        if simplify(cold.diff(z)) != 1:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair has {cold} at β = 0")
    y, b, bb, c = vectors("y b B c")
    epsilon = Symbol("epsilon", real=True)
    moved_sum = y + b * epsilon + bb * (epsilon**2 / 2) + c
    bend = (inner(moved_sum, moved_sum) / n).diff(epsilon, 2).subs(epsilon, 0)
    # Skew B: <By, By> = -<y, B²y>.
    bend = expand(bend).subs(inner(b, b), -inner(y, bb))
    gap = bend - prediction.factor * inner(bb, c)
    if residual(gap) != 0 or prediction.sign != -1:
        detail = f"derived minus predicted: {residual(gap)}"
        return Evidence(Verdict.UNDECIDED, detail, cases=cases)
    return Evidence(
        Verdict.PROVED,
        "E_0'' - (2/n)<B²y_S,y_c>: residual 0 for skew B; d even and B² = -I: E_0'' = -(2/n)·cut > "
        "0; finite differences of the energy agree",
        {"n": "symbolic", "d": "symbolic", "beta": "0", "masses": "equal"},
        (),
        cases,
        worst,
        identity=(gap, prediction.factor * pair_cut(X * TURN.T * TURN.T * X.T)),
    )


_TURNED = TurnedCut(2 / n)


EQUATION_A_3 = Claim(
    "(A.3)",
    "Turning S by e^{εB}, B skew: E_0'' = (2/n) Σ_{S×S^c}<B²x_i,x_j>; B² = -I for even d.",
    (SA, USA),
    _TURNED,
    check_turned_cut,
    (
        Control("2/n -> 1/n", prediction=replace(_TURNED, factor=1 / n)),
        Control("B symmetric", prediction=replace(_TURNED, sign=1)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_4_1.hypotheses,
    cases=3,
    about=frozenset({Part.ENERGY}),
    equivalents=(KERNEL_AT_BETA_ZERO,),
)


CLAIMS = (EQUATION_A_3,)
