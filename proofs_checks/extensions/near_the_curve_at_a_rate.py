"""Near the curve, at a rate: the radius that a growth constant without n gives, for comparison.

How it is proved
----------------
Distances grow at most at the rate L = (4β+1)²/(8β) (2 for β <= 1/4), or chords at 2(1+β): tokens
that start within (ε-η) e^{-L T(1-η)}/2 of orthonormal ones keep within ε-η of γ until γ = 1-η, at
T(1-η). There all products are at least 1-ε, and (4.2) keeps them there. Rates that are too small
are refuted by equiangular tokens. The radius of "Near the curve" is larger, for large β by far.

References
----------
arXiv 2312.10794, Theorem 6.9, (D.6), (D.7).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr, S, exp, simplify

from numerics.equiangular import equiangular_time
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.extensions.lipschitz import LIPSCHITZ
from proofs_checks.paper.section_4.eq_4_2_least_product import EQUATION_4_2
from proofs_checks.paper.section_6.eq_6_9_6_10_rates import EQUATION_6_9
from proofs_checks.paper.section_6.theorem_6_8_equiangular import THEOREM_6_8
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CHAIN,
    GRONWALL,
    HOT,
    ONLY_SPEED,
    ROOM,
    TRIANGLE,
    WARMTH,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Step,
    apart,
    apply,
    by_statement,
    derived,
    exponential_weights,
    farthest_from_curve,
    gap,
    heat,
    leaves_sphere,
    not_asked,
    statement_of,
)
from theory.models import REPULSIVE, SA
from theory.predictions import chord_lipschitz, geodesic_lipschitz
from theory.symbols import beta


@dataclass(frozen=True)
class ConstantRates:
    """Starts within ``(ε-η) e^{-rate T(1-η)}/2`` of orthonormal ones have ``|g_ij - γ| <= ε``.

    Attributes
    ----------
    geodesic, chord : Expr
        Rates, in ``WARMTH``.
    """

    geodesic: Expr
    chord: Expr


def _at_rate(flow: Flow, curve: Step, rate: Expr, known: Expr, name: str) -> tuple[Step, ...]:
    """Prove the radius of one rate, which is to be the one that is known."""
    same = derived(f"the rate is that of {name}", simplify(rate - known))
    steep = rate.subs(WARMTH, HOT)
    text = f"max_i of the {name} from y_i, y_i orthonormal at t = 0: at most e^{{Lt}} θ"
    growth = by_statement(
        statement_of(LIPSCHITZ), flow, LIPSCHITZ.prediction, f"{name} grow at most at the rate L"
    )
    near = apply(GRONWALL, text, growth, same, rate=-steep)
    text = "|g_ij - γ| <= 2 e^{Lt} θ <= ε-η up to t = T(1-η)"
    return same, growth, near, apply(TRIANGLE, text, near, curve)


def decide(flow: Flow, prediction: ConstantRates) -> Sheet:
    """Keep products near γ until γ = 1-η by either rate; then min g rises."""
    if flow.angle_rate is None or not exponential_weights(flow).holds or heat(flow) != beta:
        return Sheet((gap("a softmax of e^(βg) with equal masses", "not of this form"),))
    rates = (
        (prediction.geodesic, geodesic_lipschitz(HOT).subs(HOT, WARMTH), "geodesic distances"),
        (prediction.chord, chord_lipschitz(WARMTH), "chords"),
    )
    solved = by_statement(statement_of(THEOREM_6_8), flow, text="Theorem 6.8: γ rises to 1, T(γ)")
    text = "(4.2): min g_ij never falls once it is >= 0"
    least = by_statement(statement_of(EQUATION_4_2), flow, S.Zero, text)
    curve = by_statement(
        statement_of(EQUATION_6_9), flow, flow.angle_rate, "<y_i,y_j> = γ, by (6.9)"
    )
    steps = [solved, least, curve]
    for rate, known, name in rates:
        steps += _at_rate(flow, curve, rate, known, name)
        text = "at T(1-η) g_ij >= 1-ε >= 0, and later g_ij and γ stay in [1-ε, 1]"
        steps.append(apply(CHAIN, text, solved, least, steps[-1]))
    return Sheet(
        tuple(steps),
        {
            "n": "symbolic, >= 2",
            "d": "symbolic, >= n",
            "beta": "symbolic, >= 0",
            "masses": "1/n",
            "start": "within θ of orthonormal",
        },
        (flow.model.velocity, prediction.geodesic, prediction.chord),
        "2θ e^{LT(1-η)} = ε-η: products are within ε-η of γ until γ = 1-η, then at least 1-ε",
    )


_CASES = ((2, 0), (2, 9), (10**4, 0))


def refute(flow: Flow, prediction: ConstantRates | None, budget: Budget) -> Counterexample | None:
    """Find equiangular tokens within the radius that leave γ by more than the tolerance."""
    if prediction is None:
        return None
    found = leaves_sphere(flow.model, budget.rng) or apart(flow, budget.rng)
    if found or not exponential_weights(flow).holds:
        return Counterexample(found) if found else None
    tolerance, late, name = 0.1, 0.01, "SA" if flow.normalised else "USA"
    for size, warm in _CASES:
        time = float(equiangular_time(1 - late, float(warm), size, name))
        for rate in (prediction.geodesic, prediction.chord):
            grown = float(rate.subs(WARMTH, warm)) * time
            radius = min(float((tolerance - late) / 2 * np.exp(min(-grown, 100.0))), 1.0)
            if radius < 1e-12:
                continue
            off = farthest_from_curve(radius, size, float(warm), name)
            if off > tolerance * (1 + 1e-6):
                return Counterexample(
                    f"{flow.name}, n = {size}, β = {warm}: equiangular tokens {radius:.4g} from "
                    f"orthonormal ones come to be {off:.4g} > ε = {tolerance} ahead of γ",
                    {"n": str(size), "beta": str(warm)},
                )
    return None


AT_A_RATE: Statement[ConstantRates] = Statement(
    "",
    "starts near orthonormal tokens keep to γ for ever, by a rate of growth without n",
    decide,
    not_asked,
    refute,
)


_RATES = ConstantRates(geodesic_lipschitz(HOT).subs(HOT, WARMTH), chord_lipschitz(WARMTH))


NEAR_AT_A_RATE = Claim(
    "Near the curve, at a rate",
    "SA: each token within (ε-η) e^{-L T(1-η)}/2 of an orthonormal system, L = (4β+1)²/(8β), 2 for "
    "β <= 1/4, or L = 2(1+β): |g_ij - γ| <= ε for all t >= 0.",
    SA,
    _RATES,
    AT_A_RATE,
    (
        Control("L -> e^{-β}", prediction=replace(_RATES, geodesic=exp(-WARMTH))),
        Control("2(1+β) -> e^{-β}", prediction=replace(_RATES, chord=exp(-WARMTH))),
        Control("the flow V = -I", model=REPULSIVE),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
    origin="extension",
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent(
            "rates of at least 1 become larger: the radius becomes smaller",
            ("prediction.*: × n", "prediction.*: squared", "prediction.*: e^u -> e^2u"),
        ),
    ),
)


CLAIMS = (NEAR_AT_A_RATE,)
