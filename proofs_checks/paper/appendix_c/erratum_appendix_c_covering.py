"""E.Appendix C: c bounds the curvature where the x_i are not all equal.

How it is proved
----------------
A theorem on energies of pairs: at β = 0 every critical point with two different points is a strict
saddle, as in Theorem 4.1, and consensus is a maximum, which is none. At exact equilibria "k
different points" is compared with the sign of the top rate, in floating point; with the printed
"x_i != x_j for i != j" saddles are left out, which refutes it.

References
----------
arXiv 2312.10794, Appendix C; Theorem 4.1 is cited.
"""

from __future__ import annotations

import numpy as np
from sympy import Expr, Integer, S

from numerics.compile import compile_model
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    ALL_ALIKE,
    AT_BETA_ZERO,
    CRITICAL,
    ONLY_SPEED,
    Counterexample,
    Flow,
    Statement,
    Trial,
    cold_speed,
    covariant_jacobian,
    leaves_sphere,
    without_temperature,
)
from proofs_checks.theorems import Concludes, Conclusion, Refusal, cold_saddles, subject_in
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, n


def derive_covering(flow: Flow) -> Expr | None:
    """Return 2: not all points are equal."""
    return Integer(2)


def refute_covering(flow: Flow, different: Expr | None, budget: Budget) -> Counterexample | None:
    """Tokens that leave the sphere."""
    off = leaves_sphere(flow.model, budget.rng)
    return Counterexample(off) if off else None


def conclude_covering(flow: Flow, different: Expr) -> Conclusion | Refusal:
    """Say that all critical points but consensus are strict saddles, and consensus a maximum.

    The velocity is the gradient of that energy over factors > 0.

    Examples
    --------
    >>> conclude_covering(Flow.of(SA), Integer(2)).found.by.name
    'and'
    """
    if different != 2:
        return Refusal("consensus alone is known to be no strict saddle: one point, not two")
    cold = subject_in(flow.at(beta=0) if beta in flow.model.parameters else flow)
    if isinstance(cold, Refusal):
        return cold
    return cold_saddles(cold)


def watch(flow: Flow, different: Expr, budget: Budget) -> Trial:
    """Compare "at least k different points" with the sign of the top rate at exact equilibria."""
    missing = without_temperature(flow.model)
    if missing or flow.given:
        return Trial(silent=missing or "no runs at given parameters")
    least, cases, field = np.inf, 0, compile_model(flow.model, beta=0.0)
    for tokens in (*CRITICAL, ALL_ALIKE):
        if cold_speed(flow.model, tokens) != 0:
            return Trial(silent=f"{flow.name}: {tokens} moves")
        distinct, size, cases = len(set(tokens)), len(tokens), cases + 1
        jacobian = covariant_jacobian(field, np.asarray(tokens, dtype=float))
        top = float(np.linalg.eigvals(jacobian).real.max())
        covered = bool(distinct >= different.subs(n, size))
        if covered != (top > 1e-6):
            word = "covered, but its" if covered else "an equilibrium left out, whose"
            detail = (
                f"{flow.name}, n = {size}, {tokens}, {distinct} different points: {word} top "
                f"rate is {top:.4g}"
            )
            return Trial(detail, -1.0, cases)
        least = min(least, top) if covered else least
    return Trial("", least, cases)


COVERING: Statement[Expr] = Statement(
    "",
    "two different points single out the strict saddles among equilibria at β = 0",
    Concludes(conclude_covering, words=(("beta", "0"),)),
    derive_covering,
    refute_covering,
    watch,
    typed=True,
)


ERRATUM_APPENDIX_C = Claim(
    "E.Appendix C",
    "c bounds the curvature where the x_i are not all equal; printed: where x_i != x_j for i != j.",
    (SA, USA),
    Integer(2),
    COVERING,
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
