"""(B.5): at a critical point E'' along every curve of velocity v is the Hessian of v.

How it is proved
----------------
A theorem on energies of pairs, for every n, d and all masses, differentiates E twice along any
curve. Accelerations add Σ m_i <a_i, Σ_j m_j h' x_j>: nothing by what is across x_i at a critical
point, and the terms -|v_i|² g by what is along x_i, as tokens stay on the sphere. Curves drawn at
exact equilibria compare it with differences of the energy.

References
----------
arXiv 2312.10794, Appendix B, (B.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sympy import Expr, exp, lambdify

from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.proof import (
    CROSS,
    DIFFERENCES_AGREE,
    FIRST,
    HESSIAN,
    NORMS,
    OCTAHEDRON,
    PAIR_ENERGY,
    SQUARE_TOKENS,
    THREE_AGAINST_ONE,
    Flow,
    Statement,
    Trial,
    along_curve,
    compared,
    pair_bend,
    without_temperature,
)
from proofs_checks.theorems import Concludes, Conclusion, Refusal, bend_of_curve
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, z


@dataclass(frozen=True)
class CurveHessian:
    """``d²E/dt² = ½ Σ_ij m_i m_j value`` along curves of the sphere with velocities v.

    Attributes
    ----------
    value : Expr
        In ``z``, ``beta``, ``FIRST``, ``CROSS`` and ``NORMS``.
    anywhere : bool
        Whether the acceleration is said to be without effect at every point, not at critical ones.
    """

    value: Expr
    anywhere: bool = False


def derive_curve(flow: Flow) -> CurveHessian | None:
    """Return the second derivative of the flow's own pair."""
    return None if flow.kernel is None else CurveHessian(pair_bend(flow.kernel.diff(z)))


def conclude(flow: Flow, prediction: CurveHessian) -> Conclusion | Refusal:
    """Claim E'' along curves of any velocity and acceleration."""
    return bend_of_curve(flow, prediction.value, prediction.anywhere)


def watch(flow: Flow, prediction: CurveHessian, budget: Budget) -> Trial:
    """Compare with differences of the energy along curves drawn at exact equilibria."""
    if without_temperature(flow.model):
        return Trial(silent=f"{flow.name} has no energy in β")
    return compared(_along_curves(flow, prediction, budget), DIFFERENCES_AGREE)


def _along_curves(
    flow: Flow, prediction: CurveHessian, budget: Budget
) -> Iterator[tuple[float, str]]:
    """Yield the slack along drawn curves, in units of the tolerance."""
    tolerance = 1e-4
    value = lambdify((z, beta, FIRST, CROSS, NORMS), prediction.value, "numpy")
    for tokens in (SQUARE_TOKENS, THREE_AGAINST_ONE, OCTAHEDRON):
        points = np.asarray(tokens, dtype=float)
        size = len(points)
        if prediction.anywhere:
            points = np.asarray(random_points(size, points.shape[1], budget.rng))
        for _ in range(budget.cases):
            hot = float(budget.rng.uniform(1.2, 2.5))
            v, a = budget.rng.standard_normal((2, *points.shape))
            v -= (v * points).sum(axis=1, keepdims=True) * points
            found, pairs = along_curve(flow.model, points, hot, v, a, value)
            said = float(pairs.sum()) / (2 * size**2)
            off = abs(found - said) / (tolerance * float(np.abs(pairs).sum()) / size**2)
            yield (
                1 - off,
                f"{flow.name}, n = {size}, β = {hot:.4g}: along a curve E'' = {found:.6g}, "
                f"predicted {said:.6g}",
            )


ANY_CURVE: Statement[CurveHessian] = Statement(
    "",
    "at a critical point E'' depends on the velocity of a curve alone",
    Concludes(conclude),
    derive_curve,
    trial=watch,
    premises=(PAIR_ENERGY,),
    typed=True,
)


EQUATION_B_5 = Claim(
    "(B.5)",
    "At a critical point E'' is the Hessian (A.5) of v along every curve with velocity v.",
    (SA, USA),
    CurveHessian(HESSIAN),
    ANY_CURVE,
    (
        Control("at every point", prediction=CurveHessian(HESSIAN, True)),
        Control(
            "the factor β dropped",
            prediction=CurveHessian(exp(beta * z) * (FIRST**2 + 2 * CROSS - NORMS * z)),
        ),
        Control("2<v_i,v_j> -> <v_i,v_j>", prediction=CurveHessian(HESSIAN.subs(CROSS, CROSS / 2))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    cases=3,
    about=frozenset({Part.ENERGY}),
)


CLAIMS = (EQUATION_B_5,)
