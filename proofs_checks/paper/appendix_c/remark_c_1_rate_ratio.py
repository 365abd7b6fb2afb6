"""Remark C.1: at an equilibrium the top rates of SA and USA have a ratio in [e^{-β}, e^β].

How it is proved
----------------
Z_i x_i' of SA is x_i' of USA, row by row, for every n and d: residual 0. So J of SA is M^{-1} J
of USA with e^{-β} <= Z_i <= e^β, and Courant and Fischer's principle for a pencil, cited, bounds
the ratio of positive top rates. At exact equilibria and drawn β both are computed and compared.

References
----------
arXiv 2312.10794, Appendix C, Remark C.1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import Expr, S, exp, simplify

from numerics.compile import compile_model
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    OCTAHEDRON,
    SQUARE_TOKENS,
    SYMBOLIC_SIZES,
    THREE_AGAINST_ONE,
    Identity,
    compare,
    covariant_jacobian,
    unreached,
)
from theory.atoms import Elementwise
from theory.models import REPULSIVE, SA, USA, attention_form
from theory.symbols import X, beta, m, z


def check_rate_ratio(model: Any, prediction: Expr, budget: Budget) -> Evidence:
    """Check that the top rates at an equilibrium differ by a factor in [1/r, r] at most.

    Parameters
    ----------
    model : tuple of Model
        The normalised flow, and the other.
    prediction : Expr
        r in ``beta``.
    budget : Budget
        Temperatures to draw at every equilibrium.
    """
    normalised, plain = model
    worst, cases = np.inf, 0
    for tokens in ((*SQUARE_TOKENS,), (*THREE_AGAINST_ONE,), ((1, 0), (-1, 0)), (*OCTAHEDRON,)):
        points = np.asarray(tokens, dtype=float)
        for hot in (0.1, 0.25, 2.0, 4.0, *budget.rng.uniform(0.2, 3.0, budget.cases)):
            tops = [
                float(np.linalg.eigvals(covariant_jacobian(field, points)).real.max())
                for field in (compile_model(flow, beta=float(hot)) for flow in model)
            ]
            bound = float(prediction.subs(beta, float(hot)))
            ratio = tops[0] / tops[1]
            cases += 1
            worst = min(worst, 1 - ratio / bound, ratio * bound - 1)
            if worst < -1e-6:
                detail = (
                    f"{tokens}, β = {hot:.4g}: top rates {tops[0]:.6g} ({normalised.name}) and "
                    f"{tops[1]:.6g} ({plain.name}), ratio {ratio:.4g}, bound {bound:.4g}"
                )
                return Evidence(Verdict.REFUTED, detail, cases=cases, margin=worst)
    form = attention_form(normalised)
    if form is None:
        return unreached(normalised, f"{normalised.name} is no scalar attention", budget.rng)
    kernel = Elementwise(form.kernel, X * X.T)
    same = compare(
        [Identity("Z_i x_i' - x_i'", normalised.velocity, plain.velocity, kernel * m)],
        Budget(2, budget.rng),
    )
    loose = [simplify(form.kernel.subs(z, s) / prediction**s) for s in (-1, 1)]
    if same.verdict is not Verdict.PROVED or loose != [1, 1]:
        return Evidence(
            Verdict.UNDECIDED,
            f"{same.detail}, ends over the bounds {loose}",
            cases=cases,
            margin=worst,
        )
    return Evidence(
        Verdict.PROVED,
        "J of SA is M^{-1} J of USA, M = diag(Z_i), e^{-β} <= Z_i <= e^β, so are the quotients; "
        "a β that makes every equilibrium a strict saddle for USA serves SA",
        {**SYMBOLIC_SIZES, "beta": "symbolic, >= 0", "masses": "symbolic, sum 1"},
        ("Courant-Fischer for the pencil H v = λ M v",),
        cases,
        worst,
        identity=(*same.identity, form.kernel.subs(z, 1) - prediction),
    )


REMARK_C_1 = Claim(
    "Remark C.1",
    "At an equilibrium the positive top rates of SA and USA have a ratio in [e^{-β}, e^β].",
    (SA, USA),
    exp(beta),
    check_rate_ratio,
    (
        Control("e^β -> e^{β/4}", prediction=exp(beta / 4)),
        Control("equal rates", prediction=S.One),
        Control("V = -I", model=(REPULSIVE, USA)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=2,
    equivalents=(Equivalent("a larger ratio", ("prediction: e^u -> e^2u",)),),
)


CLAIMS = (REMARK_C_1,)
