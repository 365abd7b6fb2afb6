"""(2.6): (SA) is (2.3) with Q = K = V = I, and its speed is bounded.

How it is proved
----------------
The row algebra reduces (2.3) with the values put in, minus (SA), and the sum of a row of weights
minus 1, to 0. For masses 1/n the speed is at most Σ_{j≠i} A_ij, hence at most (n-1) k(g)/k(1)
for a positive kernel k that rises; the claimed bound over this one is a number of at least 1.
Watched: rational points for the identities, and the speed at drawn points of n = 2, d = 2 and n
= 4, d = 3.

References
----------
arXiv 2312.10794, (2.6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import (
    DiagMatrix,
    Expr,
    OneMatrix,
    Symbol,
    exp,
    expand,
    lambdify,
    simplify,
)
from sympy import (
    Identity as Unit,
)

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import SYMBOLIC, Identity, adding, compare
from theory.atoms import Elementwise
from theory.models import QKV, SA, USA, attention_form
from theory.symbols import K, Q, V, X, beta, d, m, n, z

GAP = Symbol("g", real=True)
"""Largest inner product of a token with another."""


@dataclass(frozen=True)
class SelfAttention:
    """(SA) as a case of (2.3), with weights that sum to one and a bound of its speed.

    Attributes
    ----------
    values : tuple of (MatrixSymbol, MatrixExpr)
        Values of Q, K and V.
    speed : Expr
        ``|x_i'| <= speed`` for equal masses, a function of ``n``, ``beta`` and ``GAP``.
    """

    values: tuple[tuple[Any, Any], ...]
    speed: Expr


def check_self_attention(model: Any, prediction: SelfAttention, budget: Budget) -> Evidence:
    """Substitute in (2.3), add up a row of weights, and bound the speed by Σ_{j≠i} A_ij.

    Parameters
    ----------
    model : tuple of Model
        (2.3) and (SA).
    prediction : SelfAttention
        Values and bound.
    budget : Budget
        Points for the identities; hundred times as many for the speed.
    """
    general, special = model
    form = attention_form(special)
    put = general.velocity.xreplace(dict(prediction.values)).doit()
    found = [Identity(f"{general.name} - {special.name}", put, special.velocity)]
    if form is not None:
        weights = DiagMatrix(Elementwise(form.kernel, X * X.T) * m) ** -1
        weights = weights * Elementwise(form.kernel, X * X.T) * DiagMatrix(m)
        found.append(Identity("Σ_j A_ij - 1", weights * OneMatrix(n, 1), OneMatrix(n, 1)))
    scope = {**SYMBOLIC, "masses": "symbolic; 1/n in the bound of the speed"}
    evidence = compare(found, budget, scope=scope)
    if evidence.verdict is not Verdict.PROVED:
        return evidence
    if form is None:
        return Evidence(Verdict.UNDECIDED, f"{special.name} is no scalar attention")
    count, worst = 100 * budget.cases, np.inf
    for size, dimension in ((2, 2), (4, 3)):
        points = np.asarray(random_points(size, dimension, budget.rng, count))
        hot = budget.rng.uniform(0.2, 6.0, count)
        speed = np.linalg.norm(compile_model(special, beta=hot)(points), axis=-1)
        gram = points @ points.swapaxes(-1, -2) - 2 * np.eye(size)
        bound = lambdify((n, beta, GAP), prediction.speed, "numpy")(
            size, hot[:, None], gram.max(axis=-1)
        )
        slack = (bound - speed) / np.abs(bound) + 1e-12
        case = np.unravel_index(int(slack.argmin()), slack.shape)
        worst = min(worst, float(slack[case]))
        if worst < 0:
            shown = np.array2string(points[case[0]], precision=3).replace("\n", "")
            detail = (
                f"{special.name}, β = {hot[case[0]]:.4g}, X = {shown}: |x_{case[1] + 1}'| = "
                f"{speed[case]:.4g} > {bound[case]:.4g}"
            )
            return Evidence(Verdict.REFUTED, detail, cases=2 * count, margin=worst)
    # |P_i Σ_j A_ij x_j| = |P_i Σ_{j≠i} A_ij x_j| <= Σ_{j≠i} A_ij <= (n-1) k(g)/k(1), k rising.
    hottest = Symbol("beta", positive=True)
    kernel = form.kernel.subs(beta, hottest)
    derived = (n - 1) * (kernel.subs(z, GAP) / kernel.subs(z, 1))
    ratio = simplify(expand(prediction.speed.subs(beta, hottest) / derived))
    if not (kernel.is_positive and kernel.diff(z).is_positive and ratio.is_number and ratio >= 1):
        return Evidence(Verdict.UNDECIDED, f"the bound over the derived one is {ratio}")
    return adding(
        evidence,
        f"weights e^{{βg}} > 0; |x_i'| <= Σ_{{j≠i}} A_ij <= {derived}, smallest slack {worst:.3g}",
        2 * count,
        worst,
    )


_CASE = ((Q, Unit(d)), (K, Unit(d)), (V, Unit(d)))


_SPEED = (n - 1) * exp(-beta * (1 - GAP))


_SELF = SelfAttention(_CASE, _SPEED)


EQUATION_2_6 = Claim(
    "(2.6)",
    "(SA) is (2.3) with Q=K=V=I: weights > 0 of sum 1; with masses 1/n |x_i'| <= "
    "(n-1)e^{-β(1-max g)}, which vanishes as β -> ∞ where no two tokens coincide.",
    (QKV, SA),
    _SELF,
    check_self_attention,
    (
        Control(
            "V = -I", prediction=replace(_SELF, values=((Q, Unit(d)), (K, Unit(d)), (V, -Unit(d))))
        ),
        Control(
            "Q = 2I",
            prediction=replace(_SELF, values=((Q, 2 * Unit(d)), (K, Unit(d)), (V, Unit(d)))),
        ),
        Control("the unnormalised flow USA", model=(QKV, USA)),
        Control("speed e^{-2β(1-g)}", prediction=replace(_SELF, speed=_SPEED.subs(beta, 2 * beta))),
        Control("speed without n - 1, halved", prediction=replace(_SELF, speed=_SPEED / (2 * n))),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=2,
    equivalents=(Equivalent("a larger bound, as n >= 1", ("prediction.speed: × n",)),),
)


CLAIMS = (EQUATION_2_6,)
