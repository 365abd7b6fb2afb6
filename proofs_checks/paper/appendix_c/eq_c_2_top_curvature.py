"""(C.2): at equilibria off consensus Hess E_0 has top eigenvalue >= 2(d-1)/d, so >= 2(d-1)/(dn).

How it is proved
----------------
Σ x = 0: the quotient is averaged over v_i = P_i z, with Σ g² >= n²/d by Cauchy-Schwarz (cited);
antipodal tokens: 2, exactly. Both are derived for symbolic n, d >= 2 and compared exactly. The
eigenvalues at exact equilibria are computed in floating point; the square shows 2(d-1)/d is
sharp.

References
----------
arXiv 2312.10794, Appendix C, (C.2); the hypotheses are those of Theorem 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Expr, Integer, Rational, Symbol, expand, simplify, sqrt

from numerics.compile import compile_model
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    ALL_ALIKE,
    CRITICAL,
    KERNEL_AT_BETA_ZERO,
    SIZES,
    SQUARE_TOKENS,
    P,
    Q,
    Rows,
    cold_kernel,
    cold_speed,
    covariant_jacobian,
    each,
)
from theory.energy import interaction_energy
from theory.engines import basis_trace, inner, project, residual, vectors
from theory.models import REPULSIVE, SA, USA, gradient_flow
from theory.symbols import d, n, z


@dataclass(frozen=True)
class TopCurvature:
    """Lower bounds of the top eigenvalue of Hess E_0, E_0 = Σ_ij <x_i,x_j>/n; in n and d.

    Attributes
    ----------
    balanced, antipodal : Expr
        At the two kinds of equilibria off consensus.
    least : Expr
        At all of them: the c of the paper.
    tokens : tuple of rows
        Exact equilibria to look at; the bound is sharp at the square.
    """

    balanced: Expr
    antipodal: Expr
    least: Expr
    tokens: tuple[Rows, ...] = CRITICAL


def _balanced_excess() -> Expr:
    """``Σ_z Hess[Pz,Pz] - balanced Σ_z |Pz|²`` at Σ x = 0 with Σ_ij g² at its least, n²/d."""
    x, y, e = vectors("x y e", unit="x y")
    pair = basis_trace(inner(project(x, e), project(y, e)), e)
    length = basis_trace(inner(project(x, e), project(x, e)), e)
    # Σ_ij g_ij² = |Σ x x^T|² >= (tr)²/d = n²/d, by Cauchy-Schwarz.
    summed = 2 / n * (n**2 * pair.subs(inner(x, y), 0) + n**2 / d * pair.coeff(inner(x, y), 2))
    return simplify(summed / (n * length))


def _antipodal_top() -> Expr:
    """Hess E_0[v,v]/|v|² along the relative mode sqrt(q/p) u at x and sqrt(p/q) u at -x."""
    x, u, epsilon = *vectors("x u", unit="x"), Symbol("epsilon", real=True)
    v = project(x, u)
    near, far = sqrt(Q / P), sqrt(P / Q)
    first = x + v * (near * epsilon) - x * (inner(v, v) * near**2 * epsilon**2 / 2)
    second = -x + v * (far * epsilon) + x * (inner(v, v) * far**2 * epsilon**2 / 2)
    total = first * P + second * Q
    bend = 2 * expand(inner(total, total)).coeff(epsilon, 2) / (P + Q)
    return simplify(residual(bend / (inner(v, v) * (P * near**2 + Q * far**2))))


def check_top_curvature(model: Any, prediction: TopCurvature, budget: Budget) -> Evidence:
    """Derive both bounds for every n and d, and compute the top eigenvalue at exact equilibria.

    Parameters
    ----------
    model : Model or tuple of Model
        Models; E_0 is 2n times their energy at β = 0.
    prediction : TopCurvature
        The bounds.
    budget : Budget
        Not used: the equilibria are exact.
    """
    worst, cases, seen = np.inf, 0, []
    for flow in each(model):
        cold = cold_kernel(flow)
        if cold is None or z not in cold.free_symbols:
            detail = f"{flow.name}: a pair has {cold} at β = 0, so Hess E_0 is no pair sum or 0"
            return Evidence(Verdict.UNDECIDED if cold is None else Verdict.REFUTED, detail)
        for tokens in (*prediction.tokens, SQUARE_TOKENS):
            points = np.asarray(tokens, dtype=float)
            size, width = points.shape
            # With masses 1/n this is the gradient of E_0 = 2n E.
            climb = gradient_flow(
                interaction_energy(2 * cold.subs(n, size)), f"grad of {flow.name}"
            )
            if cold_speed(climb, tokens) != 0:
                detail = f"{tokens} is no equilibrium of E_0, speed² {cold_speed(climb, tokens)}"
                return Evidence(Verdict.REFUTED, detail, cases=cases)
            jacobian = covariant_jacobian(compile_model(climb), points)
            top = float(np.linalg.eigvalsh((jacobian + jacobian.T) / 2).max())
            kind = prediction.balanced
            if float(np.linalg.norm(points.sum(axis=0))) > 1e-9 or width == 1:
                kind = prediction.antipodal
            put = {n: size, d: width}
            bound = max(float(kind.subs(put)), float(prediction.least.subs(put)))
            cases, worst = cases + 1, min(worst, (top + 1e-6 - bound) / bound)
            seen.append(f"{top:.4f}")
            if top < bound - 1e-6:
                detail = f"{flow.name}, {tokens}: top eigenvalue {top:.6g}, bound {bound:.6g}"
                return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        if top > bound + 1e-6:
            detail = f"{flow.name}: not sharp at the square, where {top:.6g} > {bound:.6g}"
            return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        if simplify(cold.diff(z)) != 1:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair has {cold} at β = 0")
    derived, predicted = (
        (_balanced_excess(), _antipodal_top()),
        (prediction.balanced, prediction.antipodal),
    )
    gaps = tuple(simplify(one - said) for one, said in zip(derived, predicted, strict=True))
    room = [simplify((said - prediction.least).subs(SIZES)) for said in predicted]
    if gaps != (0, 0) or not all(value.is_nonnegative for value in map(_positive_form, room)):
        return Evidence(Verdict.UNDECIDED, f"derived minus predicted {gaps}, room {room}")
    return Evidence(
        Verdict.PROVED,
        "Σ x = 0: along v_i = P_i z, averaged over z, the quotient is >= 2(d-1)/d, as Σ g² >= "
        "n²/d; antipodal: 2, exactly; so c = 2(d-1)/(dn) holds with room n, and 2(d-1)/d is "
        f"attained at the square; seen {', '.join(seen[: len(prediction.tokens)])}",
        {
            "n": "symbolic, >= 2",
            "d": "symbolic, >= 2",
            "beta": "0",
            "masses": "equal",
            "tokens": "equilibria off consensus",
        },
        ("Cauchy-Schwarz",),
        cases,
        worst,
        identity=(*derived, *predicted, prediction.least),
    )


def _positive_form(value: Expr) -> Expr:
    """Write a rational function with expanded numerator and denominator."""
    top, below = value.together().as_numer_denom()
    return expand(top) / expand(below)


APART: Rows = ((Integer(1), Integer(0)), (Rational(3, 5), Rational(4, 5)))
"""Two tokens that move: at 60° the top eigenvalue is 0."""


_TOP = TopCurvature(2 * (d - 1) / d, Integer(2), 2 * (d - 1) / (d * n))


EQUATION_C_2 = Claim(
    "(C.2)",
    "At equilibria off consensus Hess E_0 has top eigenvalue >= 2(d-1)/d (sharp), hence >= c = "
    "2(d-1)/(dn).",
    (SA, USA),
    _TOP,
    check_top_curvature,
    (
        Control("2(d-1)/d -> 2 if Σ x = 0", prediction=replace(_TOP, balanced=Integer(2))),
        Control("c = 2", prediction=replace(_TOP, least=Integer(2))),
        Control("antipodal: n", prediction=replace(_TOP, antipodal=n)),
        Control("consensus too", prediction=replace(_TOP, tokens=(ALL_ALIKE,))),
        Control(
            "two tokens at angle arccos(3/5), no equilibrium",
            prediction=replace(_TOP, tokens=(APART,)),
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_4_1.hypotheses,
    about=frozenset({Part.ENERGY}),
    equivalents=(
        Equivalent(
            "one of three against one turned over: two against two, another equilibrium",
            ("prediction.tokens.2.[012].0: sign",),
        ),
        KERNEL_AT_BETA_ZERO,
        Equivalent(
            "a smaller bound of the antipodal curvature",
            ("prediction.antipodal: sign", "prediction.antipodal: ÷ 2"),
        ),
        Equivalent(
            "a smaller c, as 2(d-1)/(dn) < 1",
            ("prediction.least: sign", "prediction.least: squared"),
        ),
        Equivalent("c = 2(d-1)/d holds for both kinds, with room n", ("prediction.least: × n",)),
    ),
)


CLAIMS = (EQUATION_C_2,)
