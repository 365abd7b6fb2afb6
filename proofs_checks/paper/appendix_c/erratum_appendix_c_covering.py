"""E.Appendix C: c bounds the curvature where the x_i are not all equal.

How it is proved
----------------
The check of Theorem 4.1 shows that every equilibrium with two different points is a strict
saddle at β = 0. At exact equilibria "k different points" is compared with the sign of the top
rate, in floating point; with the printed "x_i != x_j for i != j" saddles are left out, which
refutes it.

References
----------
arXiv 2312.10794, Appendix C; Theorem 4.1 is cited.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import Expr, Integer, S

from numerics.compile import compile_model
from proofs_checks.claim import Budget, Claim, Control, Evidence, Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    ALL_ALIKE,
    AT_BETA_ZERO,
    CRITICAL,
    ONLY_SPEED,
    cold_speed,
    covariant_jacobian,
    each,
    unreached,
    without_temperature,
)
from theory.models import REPULSIVE, SA, USA
from theory.symbols import n


def check_covering(model: Any, prediction: Expr, budget: Budget) -> Evidence:
    """Check that "at least k different points" singles out the strict saddles among equilibria.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows at β = 0.
    prediction : Expr
        k, in ``n``: 2 for "not all equal", n for "x_i != x_j whenever i != j".
    budget : Budget
        Not used: the equilibria are exact.
    """
    least, cases = np.inf, 0
    for flow in each(model):
        if without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, without_temperature(flow))
        field = compile_model(flow, beta=0.0)
        for tokens in (*CRITICAL, ALL_ALIKE):
            speed = cold_speed(flow, tokens)
            if speed != 0:
                return unreached(flow, f"{flow.name}: {tokens} moves, {speed}", budget.rng)
            different, size, cases = len(set(tokens)), len(tokens), cases + 1
            jacobian = covariant_jacobian(field, np.asarray(tokens, dtype=float))
            top = float(np.linalg.eigvals(jacobian).real.max())
            covered = bool(different >= prediction.subs(n, size))
            if covered != (top > 1e-6):
                word = "covered, but its" if covered else "an equilibrium left out, whose"
                detail = (
                    f"{flow.name}, n = {size}, {tokens}, {different} different points: {word} top "
                    f"rate is {top:.4g}"
                )
                return Evidence(Verdict.REFUTED, detail, cases=cases)
            least = min(least, top) if covered else least
    saddles = THEOREM_4_1.check(model, THEOREM_4_1.prediction, budget)
    if saddles.verdict is not Verdict.PROVED or prediction != 2:
        return Evidence(Verdict.UNDECIDED, f"{saddles.detail}, k = {prediction}", cases=cases)
    return Evidence(
        Verdict.PROVED,
        "every equilibrium with two different points is a strict saddle at β = 0 "
        f"({saddles.detail}); exact equilibria, {cases} in all, the least top rate is {least:.4g}",
        saddles.scope,
        (),
        cases,
        least,
        identity=saddles.identity,
    )


ERRATUM_APPENDIX_C = Claim(
    "E.Appendix C",
    "c bounds the curvature where the x_i are not all equal; printed: where x_i != x_j for i != j.",
    (SA, USA),
    Integer(2),
    check_covering,
    (
        Control("any point, consensus too", prediction=S.One),
        Control("three different points", prediction=Integer(3)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    printed=Control("as printed: all n points different", prediction=n),
    origin="erratum",
    kind="proof step",
    equivalents=(AT_BETA_ZERO, ONLY_SPEED),
)


CLAIMS = (ERRATUM_APPENDIX_C,)
