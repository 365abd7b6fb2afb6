"""(C.4), E.(C.4): as endomorphisms Hess_{g_β} E_β tends to ½ Hess E_0 at β = 0.

Main results
------------
(C.4): Hess_{g_β} E_β = ½ Hess_g E_0 + O(β).
E.(C.4): the factor ½ is missing in print.

How it is proved
----------------
Pair by pair at β = 0 the metric is n times the round one and E_β tends to (n/2) E_0: the
residual is 0, for every n and d. That the rest is O(β) cites (C.3); at exact equilibria the
difference at β = 0.1, 0.01, 0.001 is computed and stays below its bound. Both labels use one
check.

References
----------
arXiv 2312.10794, Appendix C, (C.4).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Expr, Integer, Rational, S, expand, simplify

from numerics.compile import compile_model
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Part, Verdict
from proofs_checks.proof import (
    ALL_ALIKE,
    HEAT,
    KERNEL_AT_BETA_ZERO,
    SQUARE_TOKENS,
    THREE_AGAINST_ONE,
    cold_kernel,
    cold_limit,
    covariant_jacobian,
    each,
    pair_bend,
    without_temperature,
)
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, USA, gradient_flow
from theory.symbols import n, z

_E_0 = interaction_energy(2 * z)


def check_metric_limit(model: Any, prediction: Expr, budget: Budget) -> Evidence:
    """Check ``Hess_{g_β} E_β = factor Hess E_0 + O(β)``, as endomorphisms at equilibria.

    Parameters
    ----------
    model : Model or tuple of Model
        Flows whose linearisation at an equilibrium is the endomorphism.
    prediction : Expr
        The factor.
    budget : Budget
        Not used: the equilibria are exact.
    """
    worst, cases, identity = np.inf, 0, list[Any]()
    target = compile_model(gradient_flow(_E_0, "grad E_0"))
    for flow in each(model):
        if without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, without_temperature(flow))
        for tokens in (SQUARE_TOKENS, THREE_AGAINST_ONE, ALL_ALIKE):
            points = np.asarray(tokens, dtype=float)
            limit_map = float(prediction) * covariant_jacobian(target, points)
            for hot in (0.1, 0.01, 0.001):
                warm = covariant_jacobian(compile_model(flow, beta=hot), points)
                gap = float(np.linalg.norm(warm - limit_map, 2))
                # (C.3) over n; then |½ Hess E_0| <= 2 and |Z_i^{-1} - 1| <= e^β - 1 for SA.
                near = 2 * (hot * np.exp(hot) + np.expm1(hot))
                bound = near + np.expm1(hot) * (2 + near)
                cases, worst = cases + 1, min(worst, 1 - gap / bound)
                if gap > bound:
                    detail = (
                        f"{flow.name}, {tokens}: at β = {hot} the endomorphisms differ by {gap:.4g}"
                        f" > {bound:.4g}"
                    )
                    return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
        cold = cold_kernel(flow)
        if cold is None:
            return Evidence(Verdict.UNDECIDED, f"{flow.name} has no pair energy")
        other = cold_limit(flow)
        if other:
            return Evidence(Verdict.REFUTED, other)
        # A pair of E_β over the metric's weight, Z_i = n at β = 0, and a pair of E_0.
        near = pair_bend(cold.diff(z)) / n
        identity += [flow.energy, near - prediction * pair_bend(2 / n)]
        left = simplify(expand(identity[-1]))
        if left != 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: a pair leaves {left}", cases=cases)
    return Evidence(
        Verdict.PROVED,
        f"pair by pair, at β = 0: the metric is n times the round one, and the endomorphism is "
        f"{prediction} Hess E_0: residual 0; at equilibria the difference is below its bound, O(β)",
        {"n": "symbolic", "d": "symbolic", "beta": "symbolic, -> 0", "masses": "1/n"},
        ("(C.3)",),
        cases,
        worst,
        identity=tuple(identity),
    )


EQUATION_C_4 = Claim(
    "(C.4)",
    "Hess_{g_β} E_β = ½ Hess_g E_0 + O(β) as endomorphisms: n g at β = 0, and E_β -> (n/2) E_0.",
    (SA, USA),
    S.Half,
    check_metric_limit,
    (
        Control("factor 1/2 -> 1/4", prediction=Rational(1, 4)),
        Control("factor 1/2 -> 2", prediction=Integer(2)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    about=frozenset({Part.VELOCITY, Part.ENERGY}),
    equivalents=(KERNEL_AT_BETA_ZERO, Equivalent("2β and β² are O(β) as β -> 0", HEAT)),
)


ERRATUM_C_4 = replace(
    EQUATION_C_4,
    label="E.(C.4)",
    statement="As endomorphisms Hess_{g_β} E_β = ½ Hess_g E_0 + O(β); the paper prints Hess_g E_0.",
    printed=Control("as printed: factor 1", prediction=S.One),
    origin="erratum",
    kind="formula",
)


CLAIMS = (EQUATION_C_4, ERRATUM_C_4)
