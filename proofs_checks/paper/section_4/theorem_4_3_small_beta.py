"""Theorem 4.3, E.Theorem 4.3 proof: one cluster at small β.

Main results
------------
- Theorem 4.3: β < -log(1 - min m), so β <= 1/n: almost all data converge to one cluster.
- E.Theorem 4.3 proof: the argument serves every n and d with C = 1; compactness gives no C.

How it is proved
----------------
The Gram algebra derives the trace of the second variation when one token moves. Without ascent
direction Σ_{j≠i} m_j e^{βg} g >= 0; signs of derivatives prove (e^{βc}-1)c <= e^β-1, and the
threshold then puts all tokens in an open hemisphere. Exact for symbolic masses, d and β. The
erratum takes the limit of n β_0 and runs the same check. Cited: Łojasiewicz, the centre-stable
manifold, Lemma 6.4. No point is drawn for the proof.

References
----------
arXiv 2312.10794, Theorem 4.3 and its proof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Expr, Integer, Rational, S, Symbol, exp, limit, log, simplify

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
from proofs_checks.proof import (
    CENTRE_STABLE,
    HEAT,
    HOT,
    LOJASIEWICZ,
    ONLY_SPEED,
    SCOPE_WARM_ANY_MASSES,
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

ONE_MASS = Symbol("mu", positive=True)
"""Least mass, of a total of 1; 1/n for equal masses."""


@dataclass(frozen=True)
class SmallBeta:
    """The inequality and the threshold of Theorem 4.3.

    Attributes
    ----------
    right : Expr
        ``(e^{βc} - 1) c <= right`` for c in [-1, 1]; a function of ``beta``.
    threshold, simple : Expr
        Below them every non-consensus equilibrium is a strict saddle; functions of ``MASS``.
    """

    right: Expr
    threshold: Expr
    simple: Expr


def _inequality(right: Expr) -> str:
    """Prove ``(e^{βc}-1) c <= right`` on [-1,1], β >= 0; a counterexample, or what is undecided."""
    a, r, c = (Symbol(name, nonnegative=True) for name in "arc")
    left = (exp(HOT * c) - 1) * c
    # Rising for c >= 0, with e^{βc} = 1 + r; and left(-a) <= left(a).
    rising = left.diff(c).subs(exp(HOT * c), 1 + r).expand()
    mirror = left.subs(c, -a) - left.subs(c, a)
    square = -a * (exp(HOT * a / 2) - exp(-HOT * a / 2)) ** 2
    gap = simplify(right.subs(beta, HOT) - left.subs(c, 1))
    proved = rising.is_nonnegative and simplify((mirror - square).expand()) == 0
    if proved and gap.is_nonnegative:
        return ""
    for hot in (Rational(1, 3), Integer(2), Integer(5)):
        for place in (S.One, Rational(1, 2), -S.One):
            value = ((exp(hot * place) - 1) * place - right.subs(beta, hot)).evalf(20)
            if value > 0:
                return (
                    f"the argument's inequality fails, β = {hot}, c = {place}: left - right = "
                    f"{value.evalf(5)} > 0"
                )
    return "undecided: the inequality's sign"


def _threshold(prediction: SmallBeta) -> str:
    """Prove ``(1-μ)(e^β-1) < μ`` below the threshold, and threshold > simple, on (0, 1)."""
    if beta in prediction.threshold.free_symbols | prediction.simple.free_symbols:
        raise ValueError(
            f"Expected thresholds of β in the mass but got threshold={prediction.threshold}, "
            f"simple={prediction.simple}."
        )
    ratio = Symbol("r", positive=True)
    at = {ONE_MASS: ratio / (1 + ratio)}
    excess = (1 - ONE_MASS) * (exp(prediction.threshold) - 1) - ONE_MASS
    value = simplify(excess.subs(at))
    gain = prediction.threshold - prediction.simple
    slope = simplify(gain.diff(ONE_MASS).subs(at))
    if value == 0 and simplify(gain.subs(ONE_MASS, 0)) == 0 and slope.is_positive:
        return ""
    for tokens in (2, 3, 8):
        point = {ONE_MASS: Rational(1, tokens)}
        if excess.subs(point).evalf(20) > 1e-12:
            hot = prediction.threshold.subs(point)
            return (
                f"the argument's inequality fails, n = {tokens}, β = {hot}: (n-1)(e^β-1) - 1 = "
                f"{(tokens * excess.subs(point)).evalf(5)} > 0"
            )
        if gain.subs(point).evalf(20) < 0:
            return (
                f"beyond the argument, n = {tokens}: {prediction.simple.subs(point)} exceeds "
                f"its threshold {prediction.threshold.subs(point)} by "
                f"{-gain.subs(point).evalf(5)}"
            )
    return f"undecided: the threshold leaves (1-μ)(e^β-1) - μ = {value}, slope {slope}"


def _alone(slope: Expr) -> Expr:
    """Trace of the second variation of h(<x,y>) when x alone moves, y at rest."""
    step = Symbol("epsilon", real=True)
    x, y, u = vectors("x y u", unit="x y")
    product = inner(geodesic(x, project(x, u), step), y)
    first = product.diff(step).subs(step, 0)
    second = product.diff(step, 2).subs(step, 0)
    traced = slope.diff(z) * basis_trace((first**2).expand(), u) + slope * basis_trace(second, u)
    return residual(traced.subs(inner(x, y), z))


def check_small_beta(model: Any, prediction: SmallBeta, budget: Budget) -> Evidence:
    """Prove Theorem 4.3: one token's second variations, the inequality, and the threshold."""
    sides: list[Any] = []
    for flow in each(model):
        slope, reason = energy_slope(flow)
        if reason:
            return doubt(flow, reason, budget.rng)
        trace, said = _alone(slope), slope * (beta * (1 - z**2) - (d - 1) * z)
        sides += [pair_sum(trace), pair_sum(said)]
        expected = simplify(trace - said)
        opposite = simplify(trace.subs({z: -1, beta: Rational(1, 3), d: 3}))
        if not opposite.is_positive:
            # β = 1/3 is below the threshold log 2 of two tokens.
            apart = pair_trap(flow, hot=(Rational(1, 3),))
            detail = (
                f"{flow.name}: an antipodal pair in d = 3 at β = 1/3 has trace {opposite} <= 0 "
                "when one token moves: not shown a saddle"
            )
            verdict = Verdict.REFUTED if apart else Verdict.UNDECIDED
            return Evidence(verdict, "; ".join(part for part in (apart, detail) if part))
        if expected != 0:
            detail = f"{flow.name}: the trace minus h'(β(1-g²) - (d-1)g) is {expected}"
            return Evidence(Verdict.UNDECIDED, detail)
    for found in (_inequality(prediction.right), _threshold(prediction)):
        if found:
            undecided = found.startswith("undecided")
            return Evidence(Verdict.UNDECIDED if undecided else Verdict.REFUTED, found)
    if simplify(prediction.right - (exp(beta) - 1)) != 0:
        return Evidence(Verdict.UNDECIDED, f"the threshold belongs to e^β - 1, not {prediction}")
    return Evidence(
        Verdict.PROVED,
        "no ascent direction: Σ_{j≠i} m_j e^{βg}g >= 0, so <x_i, Σ m_j x_j> >= m_i - (1-m_i)"
        "(e^β-1) > 0 below -log(1 - min m): a hemisphere, hence consensus; -log(1-μ) > μ",
        {
            **SCOPE_WARM_ANY_MASSES,
            "beta": "0 <= β < -log(1 - min m), hence β <= 1/n",
            "d": "symbolic, >= 2",
        },
        (LOJASIEWICZ, CENTRE_STABLE, "Lemma 6.4"),
        identity=(*sides, prediction.threshold),
    )


def _below(**parameters: float) -> float:
    return float(np.log(parameters["n"] / (parameters["n"] - 1)) - parameters["beta"])


_SMALL = SmallBeta(exp(beta) - 1, -log(1 - ONE_MASS), ONE_MASS)


THEOREM_4_3 = Claim(
    "Theorem 4.3",
    "β < -log(1 - min m) (so β <= 1/n): almost all data converge to one cluster.",
    (SA, USA),
    _SMALL,
    check_small_beta,
    (
        Control(
            "the argument's inequality with the right side halved",
            prediction=replace(_SMALL, right=(exp(beta) - 1) / 2),
        ),
        Control(
            "the argument said to reach β = 2/n", prediction=replace(_SMALL, simple=2 * ONE_MASS)
        ),
        Control(
            "the argument up to twice its threshold",
            prediction=replace(_SMALL, threshold=-2 * log(1 - ONE_MASS)),
        ),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM, Hypothesis("β < log(n/(n-1))", _below)),
    concludes=Conclusion.CONSENSUS,
    equivalents=(
        ONLY_SPEED,
        Equivalent(
            "2β and β² are covered: d >= 3, n = 2, or at most 2 log(3/2) < 1 at d = 2 (Figure 2)",
            HEAT,
        ),
        Equivalent(
            "μ is larger, so the threshold exceeds it too",
            ("prediction.simple: sign", "prediction.simple: squared"),
        ),
        Equivalent("a larger right side", ("prediction.right: e^u*",)),
    ),
)


@dataclass(frozen=True)
class UniformConstant:
    """``β_0 >= constant/n`` for every n; β_0 a function of ``MASS`` = 1/n, None if not given."""

    threshold: Expr | None
    constant: Expr


def check_uniform_constant(model: Any, prediction: UniformConstant, budget: Budget) -> Evidence:
    """Look at n β_0(n) as n -> ∞, and prove the threshold with its constant.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : UniformConstant
        Threshold and constant.
    budget : Budget
        Passed on.
    """
    if prediction.threshold is None:
        detail = "some β_0(n, d) > 0 exists by compactness: nothing printed bounds n β_0 from below"
        return Evidence(Verdict.UNDECIDED, detail)
    scaled = limit(prediction.threshold / ONE_MASS, ONE_MASS, 0, "+")
    if scaled == 0:
        at = (10, 1000)
        values = ", ".join(
            f"{(size * prediction.threshold.subs(ONE_MASS, Rational(1, size))).evalf(4)}"
            for size in at
        )
        return Evidence(
            Verdict.REFUTED,
            f"β_0 = {prediction.threshold} with μ = 1/n is positive for every n, yet n β_0 is "
            f"{values} at n = 10, 1000, and tends to 0: no C > 0 has β_0 >= C/n",
        )
    small = SmallBeta(exp(beta) - 1, prediction.threshold, prediction.constant * ONE_MASS)
    evidence = check_small_beta(model, small, budget)
    if evidence.verdict is not Verdict.PROVED:
        return evidence
    return replace(evidence, detail=f"n β_0 -> {scaled}, at least 1 for every n; {evidence.detail}")


_UNIFORM = UniformConstant(-log(1 - ONE_MASS), S.One)


ERRATUM_THEOREM_4_3 = Claim(
    "E.Theorem 4.3 proof",
    "The argument of 4.3 serves every n and d with C = 1, as (n-1)(e^β - 1) < 1 for β < "
    "log(n/(n-1)); compactness gives some β_0(n, d) > 0 only.",
    (SA, USA),
    _UNIFORM,
    check_uniform_constant,
    (
        Control("the argument with C = 2", prediction=replace(_UNIFORM, constant=Integer(2))),
        Control(
            "the argument up to twice β_0",
            prediction=replace(_UNIFORM, threshold=-2 * log(1 - ONE_MASS)),
        ),
        Control("β_0 = 1/n²", prediction=replace(_UNIFORM, threshold=ONE_MASS**2)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    printed=Control(
        "a positive β_0 for each n and d", prediction=replace(_UNIFORM, threshold=None)
    ),
    origin="erratum",
    kind="gap",
    equivalents=(
        ONLY_SPEED,
        Equivalent(
            "2β and β² are covered below β_0 <= log 2: all d >= 3, n <= 4, and β <= 1 at d = 2 "
            "(Figure 2), as 2 log(n/(n-1)) < 1 for n >= 3",
            HEAT,
        ),
        Equivalent("a smaller constant", ("prediction.constant: sign", "prediction.constant: ÷ 2")),
    ),
)


CLAIMS = (THEOREM_4_3, ERRATUM_THEOREM_4_3)
