"""E.Appendix C: c bounds the curvature where the x_i are not all equal.

How it is proved
----------------
The proof of Theorem 4.1 shows that every equilibrium with two different points is a strict saddle
at β = 0; the rates at consensus are none of a saddle. At exact equilibria "k different points" is
compared with the sign of the top rate, in floating point; with the printed "x_i != x_j for i != j"
saddles are left out, which refutes it.

References
----------
arXiv 2312.10794, Appendix C; Theorem 4.1 is cited.
"""

from __future__ import annotations

import numpy as np
from sympy import Expr, Integer, S, simplify

from numerics.compile import compile_model
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1
from proofs_checks.proof import (
    ALL_ALIKE,
    AT_BETA_ZERO,
    CRITICAL,
    ONLY_SPEED,
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    by_statement,
    cold_speed,
    consensus_spectrum,
    covariant_jacobian,
    derived,
    gap,
    leaves_sphere,
    statement_of,
    without_temperature,
)
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, n


def derive_covering(flow: Flow) -> Expr | None:
    """Return 2: not all points are equal."""
    return Integer(2)


def refute_covering(flow: Flow, different: Expr | None, budget: Budget) -> Counterexample | None:
    """Tokens that leave the sphere."""
    off = leaves_sphere(flow.model, budget.rng)
    return Counterexample(off) if off else None


def decide(flow: Flow, different: Expr) -> Sheet:
    """Cite the saddles of Theorem 4.1, and derive that consensus is none."""
    zero_beta = statement_of(THEOREM_4_1)
    words = "every equilibrium with two different points is a strict saddle at β = 0"
    saddles = by_statement(zero_beta, flow, text=f"Theorem 4.1, in its proof: {words}")
    proof = zero_beta.sheet(flow)
    if proof is None or not saddles.holds:
        return Sheet((saddles,))
    rates = [simplify(v.subs(beta, 0)) for v, _ in consensus_spectrum(flow.model).eigenvalues]
    text = f"at consensus the rates are {', '.join(map(str, rates))}: no saddle"
    stable = all(rate.is_nonpositive for rate in rates)
    consensus = Step(text, How.DERIVED) if stable else gap(text, "one is positive")
    least = derived(f"{different} different points suffice, and are needed", different - 2, "")
    return Sheet((saddles, consensus, least), proof.scope, proof.identity, f"{words}; 2 suffice")


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
    decide,
    derive_covering,
    refute_covering,
    watch,
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
