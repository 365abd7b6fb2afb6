"""(B.5): at a critical point E'' along every curve of velocity v is the Hessian of v.

How it is proved
----------------
A pair's second derivative along any curve is derived for every n, d and all masses; what the
accelerations add is Σ m_i <a_i, P_i Σ_j m_j h' x_j>, zero at a critical point: both are reduced
in the Gram algebra. Curves drawn at exact equilibria compare it with differences of the energy.

References
----------
arXiv 2312.10794, Appendix B, (B.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Expr, exp, expand, lambdify, simplify

from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Evidence, Part, Verdict
from proofs_checks.proof import (
    CROSS,
    FIRST,
    HESSIAN,
    NORMS,
    OCTAHEDRON,
    SQUARE_TOKENS,
    SYMBOLIC_SIZES,
    THREE_AGAINST_ONE,
    along_curve,
    each,
    pair_bend,
    without_temperature,
)
from theory.energy import pair_kernel
from theory.engines import inner, project, residual, vectors
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


def check_any_curve(model: Any, prediction: CurveHessian, budget: Budget) -> Evidence:
    """Derive the second variation along any curve, and compare with differences of the energy.

    Parameters
    ----------
    model : Model or tuple of Model
        Models with an isotropic pair energy.
    prediction : CurveHessian
        The Hessian of a pair.
    budget : Budget
        Curves to draw at every configuration.
    """
    worst, cases, tolerance = np.inf, 0, 1e-4
    arguments, identity = (z, beta, FIRST, CROSS, NORMS), list[Any]()
    value = lambdify(arguments, prediction.value, "numpy")
    for flow in each(model):
        if without_temperature(flow) or flow.energy is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no energy in β")
        for tokens in (SQUARE_TOKENS, THREE_AGAINST_ONE, OCTAHEDRON):
            points = np.asarray(tokens, dtype=float)
            size = len(points)
            if prediction.anywhere:
                points = np.asarray(random_points(size, points.shape[1], budget.rng))
            for _ in range(budget.cases):
                hot = float(budget.rng.uniform(1.2, 2.5))
                v, a = budget.rng.standard_normal((2, *points.shape))
                v -= (v * points).sum(axis=1, keepdims=True) * points
                found, pairs = along_curve(flow, points, hot, v, a, value)
                said = float(pairs.sum()) / (2 * size**2)
                gap = abs(found - said) / (tolerance * float(np.abs(pairs).sum()) / size**2)
                cases, worst = cases + 1, min(worst, 1 - gap)
                if gap > 1:
                    detail = (
                        f"{flow.name}, n = {size}, β = {hot:.4g}: along a curve E'' = {found:.6g}, "
                        f"predicted {said:.6g}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        kernel = pair_kernel(flow.energy)
        if kernel is None or prediction.anywhere:
            return Evidence(Verdict.UNDECIDED, "the acceleration counts off critical points")
        derived = pair_bend(kernel.diff(z))
        left = simplify(expand(derived - prediction.value))
        x, a, f = vectors("x a f", unit="x")
        # Σ_j m_j h' <P_i a, x_j> = <a, P_i f>, f the sum: zero where P_i f = 0.
        adjoint = inner(project(x, a), f) - inner(a, project(x, f))
        identity += [flow.energy, derived - prediction.value, adjoint]
        if left != 0 or residual(adjoint) != 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair leaves {left}", cases=cases)
    return Evidence(
        Verdict.PROVED,
        "a pair's second derivative is h''s² + h'(2<v,w> - (|v|²+|w|²)g) plus h' times its "
        "acceleration, whose sum is Σ m_i <a_i, P_i Σ_j m_j h' x_j> = 0 at a critical point",
        {**SYMBOLIC_SIZES, "beta": "symbolic"},
        (),
        cases,
        worst,
        identity=tuple(identity),
    )


EQUATION_B_5 = Claim(
    "(B.5)",
    "At a critical point E'' is the Hessian (A.5) of v along every curve with velocity v.",
    (SA, USA),
    CurveHessian(HESSIAN),
    check_any_curve,
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
