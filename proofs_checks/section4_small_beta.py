"""Section 4, small β: Theorem 4.1, the clustering of almost every initial condition at β = 0.

Every equilibrium but consensus is shown to be a strict saddle of ½|Σ m_j x_j|², the energy at
β = 0, by two explicit second variations: for every n, d >= 2 and all masses.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import (
    Expr,
    HadamardProduct,
    Integer,
    OneMatrix,
    Rational,
    S,
    Symbol,
    diff,
    simplify,
    symbols,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from proofs_checks.claim import Budget, Claim, Control, Evidence, Hypothesis, Verdict
from proofs_checks.row_algebra import RowAlgebra, leaves_sphere
from theory.atoms import Elementwise, Tangent
from theory.energy import pair_kernel, pole_free
from theory.gram import Vector, inner, project, residual, vectors
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.symbols import X, beta, m, n, t, z

LOJASIEWICZ = "Łojasiewicz: a bounded analytic gradient flow converges to one critical point"
CENTRE_STABLE = "centre-stable manifold theorem: strict saddles attract a null set"

P, Q, W = symbols("p q w", positive=True)
"""Masses: at x, at -x, and of the one token that is moved."""


@dataclass(frozen=True)
class Curvatures:
    """Second variations of the energy at the two kinds of equilibria other than consensus.

    Attributes
    ----------
    antipodal : Expr
        All tokens at x (mass p) moved along one unit tangent, the others (mass q) at -x.
    balanced : Expr
        One token (mass w) moved along a unit tangent, the barycentre being 0.
    """

    antipodal: Expr
    balanced: Expr


def each(model: Any) -> tuple[Model, ...]:
    """Return the models of a claim as a tuple."""
    return model if isinstance(model, tuple) else (model,)


def pair_sum(summand: Expr) -> MatrixExpr:
    """Return ``Σ_ij m_i m_j summand(g_ij)`` of a summand in z, for n tokens in R^d."""
    total: MatrixExpr = m.T * Elementwise(summand, X * X.T) * m
    return total


def products(left: MatrixExpr, right: MatrixExpr) -> MatrixExpr:
    """Return the inner products of the rows of two n×d matrices, a column."""
    column: MatrixExpr = DiagonalMatrix(left * right.T) * OneMatrix(n, 1)
    return column


def subjects(model: Any, *parts: Any) -> tuple[Any, ...]:
    """Return what an argument compares: the flows, their energies, and parts of the prediction."""
    energies = (flow.energy for flow in each(model) if flow.energy is not None)
    return (*(flow.velocity for flow in each(model)), *energies, *parts)


def geodesic(x: Vector, v: Vector, step: Symbol) -> Vector:
    """Return the geodesic from x with velocity v, up to the second order in the step."""
    return x + v * step - x * (inner(v, v) * step**2 / 2)


def energy_slope(model: Model) -> tuple[Expr, str]:
    """Return the slope h' of the energy's kernel, and why the model doesn't climb it, if so.

    A flow ``P_i Σ_j m_j f(g_ij) x_j``, divided by a positive row sum or not, climbs the energy of
    kernel h in a Riemannian metric when f = c h' with c > 0.
    """
    form = attention_form(model)
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if form is None or kernel is None:
        return z, f"{model.name}: the velocity or the energy is no isotropic pair sum"
    slope = simplify(kernel.diff(z))
    ratio = simplify(form.scale * form.kernel / slope)
    if z in ratio.free_symbols or not ratio.is_positive:
        return slope, f"{model.name}: velocity over gradient is {ratio}, not a positive constant"
    if form.normalised and not form.kernel.is_positive:
        return slope, f"{model.name}: softmax of the kernel {form.kernel}, which isn't positive"
    return slope, ""


def pair_trap(
    model: Model, least: Expr = S.NegativeOne, hot: tuple[Expr, ...] = (S.One, S.Zero)
) -> str:
    """Two equal tokens, exactly, that never meet: their inner product can't rise past a point.

    For two tokens of mass 1/2 the inner product g follows g' = f(g)(1-g²), divided by the row
    sum (f(1)+f(g))/2 if normalised. Where g' <= 0 at some g in (-1, 1), all that start at or below
    g stay there, so an open set of pairs doesn't converge to one point. Returns "" if none shows.

    Parameters
    ----------
    model : Model
        A flow with scalar attention; others have no such equation.
    least : Expr
        Only look at g >= least.
    hot : tuple of Expr
        The values of β to look at; the other parameters are 1.
    """
    form = attention_form(model)
    if form is None or model.kind != "flow" or t in (form.scale * form.kernel).free_symbols:
        return ""
    speed = form.scale * form.kernel * (1 - z**2)
    if form.normalised:
        speed = 2 * speed / (form.kernel.subs(z, 1) + form.kernel)
    places = sorted((Rational(k, 8) for k in range(-7, 8)), key=abs)
    for heat in hot if beta in speed.free_symbols else (S.One,):
        # Two tokens, so n = 2.
        others = {s: {beta: heat, n: Integer(2)}.get(s, S.One) for s in speed.free_symbols - {z}}
        for falls in (True, False):
            for place in (p for p in places if p >= least):
                value = speed.subs(others).subs(z, place)
                if value.is_negative if falls else value.is_zero:
                    fixed = ", ".join(f"{s} = {others[s]}" for s in sorted(others, key=str))
                    return (
                        f"{model.name}, two tokens of mass 1/2 in an open hemisphere"
                        f"{', ' + fixed if fixed else ''}: at <x_1,x_2> = {place} the derivative "
                        f"of <x_1,x_2> is {value}, so pairs that start at or below "
                        f"{'it separate and' if falls else 'it'} never meet"
                    )
    return ""


def doubt(
    model: Model,
    reason: str,
    rng: np.random.Generator,
    hot: tuple[Expr, ...] = (S.One, S.Zero),
) -> Evidence:
    """Evidence on a flow that an argument for clustering doesn't reach.

    Parameters
    ----------
    model : Model
        The flow.
    reason : str
        Why the argument doesn't reach it.
    rng : Generator
        Draws the points.
    hot : tuple of Expr
        Values of β that the statement is about.

    Returns
    -------
    Evidence
        REFUTED by tokens that leave the sphere or by a pair that never meets; else UNDECIDED.
    """
    found = leaves_sphere(model, rng) or pair_trap(model, hot=hot)
    return Evidence(Verdict.REFUTED if found else Verdict.UNDECIDED, found or reason)


@lru_cache(maxsize=32)
def _at_zero(model: Model) -> tuple[Expr | None, Expr] | None:
    """Weight of the velocity (None: no attention) and slope of the energy's kernel at β = 0."""
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if kernel is None:
        return None
    form = attention_form(model)
    weight = None if form is None else simplify((form.scale * form.kernel).subs(beta, 0))
    return weight, simplify(pole_free(kernel, beta, 0).diff(z))


def _second_variations(slope: Expr) -> Curvatures:
    """Derive the two second variations of ``½ c |M|²`` with M the barycentre."""
    step = Symbol("epsilon", real=True)
    x, u, rest = vectors("x u R", unit="x u")
    values = []
    for mass, others in ((P, x * -Q), (W, rest)):
        v = project(x, u)
        moved = geodesic(x, v, step) * mass + others
        energy = slope * inner(moved, moved) / 2
        curvature = diff(energy, step, 2).subs(step, 0) / inner(v, v)
        if others is rest:
            # Barycentre 0: <x, R> = -w and <u, R> = -w <u, x>.
            at = {inner(x, rest): -W, inner(u, rest): -W * inner(u, x)}
            curvature = curvature.subs(at)
        values.append(residual(curvature))
    return Curvatures(values[0], values[1])


_BARYCENTRE = OneMatrix(n, 1) * m.T * X
_PULL = Tangent(X, _BARYCENTRE)
EQUILIBRIA = (
    products(_PULL, _PULL)
    - products(_BARYCENTRE, _BARYCENTRE)
    + HadamardProduct(products(X, _BARYCENTRE), products(X, _BARYCENTRE))
)
"""``|P_i M|² - |M|² + <x_i,M>²`` for M = Σ m_j x_j, row by row: zero."""


def check_beta_zero(model: Any, prediction: Curvatures, budget: Budget) -> Evidence:
    """Prove Theorem 4.1: the equilibria, and a direction of positive second variation at each."""
    # P_x M = 0 leaves M = <x, M> x: the tokens are at ±M/|M|, or M = 0.
    equilibria = residual(RowAlgebra().column(EQUILIBRIA))
    for flow in each(model):
        parts = _at_zero(flow)
        if parts is None:
            reason = f"{flow.name} has no isotropic pair energy"
            return doubt(flow, reason, budget.rng, (S.Zero,))
        weight, slope = parts
        if weight is None or simplify(weight / slope).is_positive is not True:
            detail = f"{flow.name} at β = 0: weight {weight} is not a positive multiple of {slope}"
            return doubt(flow, detail, budget.rng, (S.Zero,))
        if z in slope.free_symbols:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} at β = 0: slope {slope}, not constant")
        found = _second_variations(slope)
        for name in ("antipodal", "balanced"):
            value, predicted = getattr(found, name), getattr(prediction, name)
            gap = residual(value - predicted)
            if gap != 0 or value.is_positive is not True:
                sign = "" if value.is_positive else ", not positive: no strict saddle"
                detail = (
                    f"{flow.name}, {name} equilibrium: second variation {value}{sign}; "
                    f"minus the predicted {predicted} leaves {gap}"
                )
                return Evidence(Verdict.REFUTED, detail)
    if equilibria != 0:
        return Evidence(Verdict.UNDECIDED, f"|P_x M|² - |M|² + <x,M>² = {equilibria}")
    return Evidence(
        Verdict.PROVED,
        f"P_x M = 0 only for x = ±M/|M| or M = 0; second variations {prediction.antipodal} "
        f"(antipodal) and {prediction.balanced} (M = 0) are positive: strict saddles",
        {"n": "symbolic", "d": "symbolic, d >= 2", "beta": "0", "masses": "symbolic"},
        (LOJASIEWICZ, CENTRE_STABLE),
        identity=(EQUILIBRIA, prediction.antipodal, prediction.balanced),
    )


def _zero(**parameters: float) -> float:
    return -abs(parameters["beta"])


THEOREM_4_1 = Claim(
    "Theorem 4.1",
    "At β = 0 almost every initial condition converges to one cluster.",
    (SA, USA),
    Curvatures(P * Q, W**2),
    check_beta_zero,
    (
        Control("V = -I", model=REPULSIVE),
        Control("antipodal curvature p q -> p (q - p)", prediction=Curvatures(P * (Q - P), W**2)),
        Control("balanced curvature w² -> w", prediction=Curvatures(P * Q, W)),
    ),
    Verdict.PROVED,
    (Hypothesis("β = 0", _zero),),
)

CLAIMS_SECTION_4 = (THEOREM_4_1,)
"""The claims of this chapter, in paper order."""

__all__ = [
    "CENTRE_STABLE",
    "CLAIMS_SECTION_4",
    "EQUILIBRIA",
    "LOJASIEWICZ",
    "THEOREM_4_1",
    "Curvatures",
    "check_beta_zero",
    "doubt",
    "each",
    "energy_slope",
    "geodesic",
    "pair_sum",
    "pair_trap",
    "products",
    "subjects",
]
