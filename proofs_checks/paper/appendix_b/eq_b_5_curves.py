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

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr, exp, expand, lambdify

from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Part, Verdict
from proofs_checks.proof import (
    CROSS,
    DIFFERENCES_AGREE,
    FIRST,
    HESSIAN,
    LINEARITY,
    NORMS,
    OCTAHEDRON,
    PAIR_ENERGY,
    SQUARE_TOKENS,
    SYMBOLIC_SIZES,
    THREE_AGAINST_ONE,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    Trial,
    along_curve,
    apply,
    bend_said,
    compared,
    derived,
    pair_bend,
    without_temperature,
)
from theory.bounded import remainder
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


def derive_curve(flow: Flow) -> CurveHessian | None:
    """Return the second derivative of the flow's own pair."""
    return None if flow.kernel is None else CurveHessian(pair_bend(flow.kernel.diff(z)))


def decide(flow: Flow, prediction: CurveHessian) -> Sheet:
    """Derive the second variation along any curve; accelerations drop out where P_i ∇_i E = 0."""
    assert flow.kernel is not None  # a premise
    left = pair_bend(flow.kernel.diff(z)) - prediction.value
    text = "a pair: h''u² + h'(2<v,w> - (|v|²+|w|²)g), u = <v,y>+<x,w>, plus h' (<a,y>+<x,b>)"
    pair = derived(text, remainder(expand(left)))
    pair = replace(pair, formal=bend_said(flow.kernel.diff(z), prediction.value))
    x, a, f = vectors("x a f", unit="x")
    # Σ_j m_j h' <P_i a, x_j> = <a, P_i f>, f the sum: zero where P_i f = 0.
    adjoint = inner(project(x, a), f) - inner(a, project(x, f))
    pushed = derived("<P_i a_i, f_i> = <a_i, P_i f_i>, f_i = Σ_j m_j h' x_j", residual(adjoint))
    text = "critical, P_i f_i = 0: the accelerations add Σ m_i <a_i, P_i f_i> = 0"
    gone = apply(LINEARITY, text, pair, pushed)
    if prediction.anywhere:
        gone = Step(text, How.BY_RULE, Outcome.OTHER, "said off critical points, where it counts")
    whole = apply(LINEARITY, "E'' = ½ Σ m_i m_j of the pairs along every curve", pair, gone)
    return Sheet(
        (pair, pushed, gone, whole),
        {**SYMBOLIC_SIZES, "beta": "symbolic"},
        (flow.model.energy, left, adjoint),
        "a pair's second derivative is h''s² + h'(2<v,w> - (|v|²+|w|²)g) plus h' times its "
        "acceleration, whose sum is Σ m_i <a_i, P_i Σ_j m_j h' x_j> = 0 at a critical point",
    )


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
    decide,
    derive_curve,
    trial=watch,
    premises=(PAIR_ENERGY,),
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
