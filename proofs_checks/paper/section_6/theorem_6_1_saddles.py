"""Theorem 6.1: one cluster for d >= 3 and every β >= 0.

How it is proved
----------------
The Gram algebra derives the trace of the second variation along v_i = P_i u, pair by pair, from
the energy; it must equal the predicted summand. Its sign on [-1, 1) for every d >= 3 and β >= 0
is decided in powers of d - 3 by the decisions of proofs_checks.decide. So every equilibrium but
consensus is a strict saddle. Cited: Łojasiewicz, and the centre-stable manifold. No point is
drawn for the proof.

References
----------
arXiv 2312.10794, Theorem 6.1; the trace is (A.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    Dummy,
    Expr,
    Integer,
    Poly,
    PolynomialError,
    Rational,
    S,
    Symbol,
    expand,
    factor,
    simplify,
)

from proofs_checks.claim import (
    WARM,
    Budget,
    Claim,
    Conclusion,
    Control,
    Equivalent,
    Evidence,
    Hypothesis,
    Verdict,
)
from proofs_checks.decide import decide_positive
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CENTRE_STABLE,
    LOJASIEWICZ,
    ONLY_SPEED,
    SCOPE_WARM,
    doubt,
    each,
    energy_slope,
    geodesic,
    pair_sum,
    pair_trap,
)
from theory.engines import basis_trace, inner, project, residual, vectors
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, d, z


def _space(**parameters: float) -> float:
    return parameters["d"] - 3


SPACE = Hypothesis("d >= 3", _space)


@dataclass(frozen=True)
class SaddleTrace:
    """``Σ_z Hess[Pz,Pz] = Σ_ij m_i m_j h'(g_ij) factor · bracket``, positive from a dimension on.

    Attributes
    ----------
    factor, bracket : Expr
        In ``z`` (the inner product), ``d`` and ``beta``.
    dimension : Expr
        The least d for which the bracket is said to be positive on [-1, 1).
    """

    factor: Expr
    bracket: Expr
    dimension: Expr


@lru_cache(maxsize=32)
def _trace_summand(bend: Expr) -> Expr:
    """Trace of the second variation along v_i = P_i u, a pair's part over h'; bend = h''/h'."""
    step = Symbol("epsilon", real=True)
    x, y, u = vectors("x y u", unit="x y")
    product = inner(geodesic(x, project(x, u), step), geodesic(y, project(y, u), step))
    first = product.diff(step).subs(step, 0)
    second = product.diff(step, 2).subs(step, 0)
    traced = basis_trace(expand(first**2), u) * bend + basis_trace(second, u)
    return residual(traced / 2).subs(inner(x, y), z)


def _negative_trace(slope: Expr, prediction: SaddleTrace) -> str:
    """Two tokens whose trace is exactly negative, or "" when no sampled pair has one."""
    part = slope * prediction.factor * prediction.bracket
    others = {s: S.One for s in part.free_symbols - {z, d, beta}}
    heats = (S.Zero, Rational(1, 3), Integer(2)) if beta in part.free_symbols else (S.Zero,)
    for hot in heats:
        for room in (prediction.dimension, prediction.dimension + 5):
            for place in range(-10, 10):
                at = {z: Rational(place, 10), d: room, beta: hot, **others}
                value = part.subs(at)
                if value.is_negative:
                    return (
                        f"two tokens with inner product {at[z]} in d = {room}, β = {hot}: h' = "
                        f"{slope.subs(at)}, bracket {prediction.bracket.subs(at)}, trace "
                        f"2 m_1 m_2 ({value}) < 0"
                    )
    return ""


@lru_cache(maxsize=32)
def _trace_sign(slope: Expr, prediction: SaddleTrace) -> Verdict:
    """Decide h' · factor · bracket > 0 for g in [-1, 1), d >= dimension and β >= 0.

    In powers of d - dimension every coefficient must be nonnegative, the constant one positive.
    """
    excess = Dummy("s", nonnegative=True)
    part = slope * prediction.factor * prediction.bracket
    try:
        shifted = Poly(part.subs(d, prediction.dimension + excess), excess)
    except PolynomialError:
        return Verdict.UNDECIDED
    found = Verdict.PROVED
    if shifted.coeff_monomial(1) == 0:
        return Verdict.UNDECIDED
    for (power,), coefficient in shifted.terms():
        reduced = factor(coefficient)
        for value in dict.fromkeys((reduced, reduced.subs(beta, 0))):
            decision = decide_positive(value, strict=power == 0, closed=(True, False))
            if not decision.holds or (decision.verdict is Verdict.CERTIFIED and decision.scope):
                return Verdict.UNDECIDED
            if decision.verdict is Verdict.CERTIFIED:
                found = Verdict.CERTIFIED
    return found


def check_saddle_trace(model: Any, prediction: SaddleTrace, budget: Budget) -> Evidence:
    """Derive the trace identity (A.6) from the energy and decide the sign of its summand."""
    verdict, slopes, sides = Verdict.PROVED, [], []
    for flow in each(model):
        slope, reason = energy_slope(flow)
        if reason:
            return doubt(flow, reason, budget.rng)
        bend = simplify(slope.diff(z) / slope)
        derived = _trace_summand(bend)
        said = prediction.factor * prediction.bracket
        sides += [pair_sum(slope * derived), pair_sum(slope * said)]
        gap = residual(derived - said)
        if gap != 0:
            at = {s: Rational(1, 2) for s in gap.free_symbols} | {z: Rational(1, 3), d: Integer(5)}
            value = gap.subs(at).evalf(20)
            verdict = Verdict.REFUTED if abs(value) > Rational(1, 10**9) else Verdict.UNDECIDED
            detail = (
                f"{flow.name}: derived minus predicted summand is {gap}, for example {value.n(6)} "
                "at inner product 1/3, d = 5, parameters 1/2"
            )
            return Evidence(verdict, detail)
        negative = _negative_trace(slope, prediction)
        if negative:
            # Where the trace is negative the argument fails; tokens that never meet show more.
            apart = pair_trap(flow) or "the argument's inequality fails there"
            return Evidence(Verdict.REFUTED, f"{flow.name}: {negative}; {apart}")
        sign = _trace_sign(slope, prediction)
        if sign is Verdict.UNDECIDED:
            detail = f"{flow.name}: sign of ({slope})·({prediction.factor})·({prediction.bracket})"
            return Evidence(sign, f"{detail} on [-1, 1) for d >= {prediction.dimension}")
        if sign is Verdict.CERTIFIED:
            verdict = sign
        slopes.append(f"{slope} ({flow.name})")
    return Evidence(
        verdict,
        f"trace of the second variation = Σ m_i m_j h' ({prediction.factor}) "
        f"({prediction.bracket}) > 0 off consensus for d >= {prediction.dimension}, h' = "
        f"{', '.join(slopes)}: every other equilibrium is a strict saddle",
        {**SCOPE_WARM, "d": f"symbolic, >= {prediction.dimension}", "masses": "symbolic"},
        (LOJASIEWICZ, CENTRE_STABLE),
        identity=tuple(sides),
    )


_BRACKET = d - 2 - z + beta * (1 - z**2)


THEOREM_6_1 = Claim(
    "Theorem 6.1",
    "d >= 3, β >= 0: almost every initial condition converges to one cluster.",
    (SA, USA),
    SaddleTrace(1 - z, _BRACKET, Integer(3)),
    check_saddle_trace,
    (
        Control("the argument at d = 2 too", prediction=SaddleTrace(1 - z, _BRACKET, Integer(2))),
        Control("factor 1-g dropped", prediction=SaddleTrace(S.One, _BRACKET, Integer(3))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (SPACE, WARM),
    concludes=Conclusion.CONSENSUS,
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("said of fewer d", ("prediction.dimension: + 1", "prediction.dimension: × 2")),
    ),
)


CLAIMS = (THEOREM_6_1,)
