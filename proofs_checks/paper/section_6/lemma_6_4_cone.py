"""Lemma 6.4: tokens of an open hemisphere meet, exponentially, for arbitrary Q, K with V = I.

How it is proved
----------------
A theorem on models in pull form, x_i' = P_i Σ_j p_ij x_j with p_ij >= 0: over the equator of w the
projected tokens y_i = x_i/<x_i,w> are averaged, so D = diam y falls at h times the least weight λ
of a column, in the time of the model; |x_i - z| <= D. λ is bounded from the model's own weights:
e^{-2β} of a softmax (USA e^{-β}); with query and key matrices the operator norm bounds the scores,
and it is e^{-2|β||Q^T K|} (e^{-|β||Q^T K|}), β of either sign. Under a mask some token is to be
seen by all, directly or through others. D is watched along drawn runs.

References
----------
arXiv 2312.10794, Lemma 6.4; (A.10).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from sympy import Expr, Rational, exp

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    CONE,
    CONTINUOUS,
    FASTER,
    NORM,
    OWN_VALUES,
    PAIR,
    POSITIVE_WEIGHTS,
    R0,
    SCHEDULED,
    ByModel,
    ConeRate,
    Counterexample,
    Flow,
    Statement,
    TimedCone,
    Trial,
    apart,
    cone_rate_of,
    of_tokens,
    parted_clumps,
    parted_groups,
    parting_values,
    refute_in_family,
    resting_tokens,
    sight_of,
    slow_clock,
    slow_pair,
    watch_hemispheres,
)
from proofs_checks.proof.kinds import FLOWS
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    met_in,
    with_time,
    words_of,
)
from theory.models import QK_SA, QK_USA, QKV, REPULSIVE, SA, USA
from theory.symbols import beta


@dataclass(frozen=True)
class OwnCone:
    """Consensus at the model's own rate, in its own time, as the theorem has it."""


_Cone = ConeRate | OwnCone


def derive_cone(flow: Flow) -> OwnCone:
    """Return that what the theorem has is claimed."""
    return OwnCone()


def refute_cone(flow: Flow, prediction: _Cone | None, budget: Budget) -> Counterexample | None:
    """Tokens of an open hemisphere that never meet, or meet more slowly than λ says."""
    stated = prediction if isinstance(prediction, ConeRate) else None
    rate = None if stated is None else stated.of(flow.model)
    timed = isinstance(stated, TimedCone)
    found = parting_values(flow) or parted_groups(flow) or _refute_rate(budget, timed, flow, rate)
    found = found or parted_clumps(flow) or _of_free_graph(flow) or resting_tokens(flow)
    return found or refute_in_family(flow, stated, partial(_refute_rate, budget, timed))


def _of_free_graph(flow: Flow) -> Counterexample | None:
    """Give a graph at which nobody moves, where any graph may be given."""
    sight = sight_of(flow)
    if sight is None or sight.mask is None or sight.leader is not None:
        return None
    text = f"{sight.mask.parameter} = I: tokens see themselves alone, and stand still for ever"
    return Counterexample(text, {"n": ">= 2", "d": ">= 2", "masses": "any"})


def _refute_rate(
    budget: Budget, timed: bool, flow: Flow, rate: Expr | None
) -> Counterexample | None:
    """Break one rate at one flow."""
    heats = flow.heats
    if rate is not None:
        heats = tuple(h for h in heats if rate.subs({R0: Rational(1, 2), beta: h}).is_positive)
    found = apart(flow, budget.rng, heats)
    if not found and rate is not None:
        found = slow_pair(flow, rate)
        if not found and not timed:
            found = slow_clock(flow, rate)
    return Counterexample(found, PAIR) if found else None


def conclude_cone(flow: Flow, prediction: _Cone) -> Conclusion | Refusal:
    """Say that D falls at the predicted rate, or at the model's own, and that all tokens meet."""
    if isinstance(prediction, OwnCone):
        return met_in(flow)
    return met_in(flow, prediction.of(flow.model))


def say_cone(flow: Flow, prediction: _Cone) -> str:
    """Say it at the model's own rate."""
    own = conclude_cone(flow, prediction)
    if isinstance(own, Refusal):
        return ""
    known = ""
    if flow.scores is not None and flow.norm != NORM:
        known = f", |{flow.scores.named}| <= {flow.norm}"
    text = f"from an open hemisphere, h <= <x_i(0),w>: consensus, {words_of(own, 0)}{known}"
    return with_time(flow, own, text)


def watch(flow: Flow, prediction: _Cone, budget: Budget) -> Trial:
    """Watch D along runs from random hemispheres."""
    stated = cone_rate_of(flow) if isinstance(prediction, OwnCone) else prediction
    if stated is None:
        return Trial(silent="no rate is stated")
    return watch_hemispheres(flow, stated, budget)


CONE_STATEMENT: Statement[_Cone] = Statement(
    "Lemma 6.4",
    "from an open hemisphere: consensus, exponentially in ∫s",
    Concludes(conclude_cone),
    derive_cone,
    of_tokens(refute_cone),
    watch,
    premises=(FLOWS, OWN_VALUES, CONTINUOUS, SCHEDULED, POSITIVE_WEIGHTS),
    bound=True,
    several_blocks=True,
    says=say_cone,
    typed=True,
)


def _scored(softmax: Expr, plain: Expr) -> ConeRate:
    """Return the prediction with other rates for query and key matrices alone."""
    return replace(CONE, scored=ByModel(softmax, plain))


_SCORED = CONE.scored or CONE

LEMMA_6_4 = Claim(
    "Lemma 6.4",
    "Tokens of an open hemisphere converge to one point, at a rate λ = r0 e^{-2β} (USA e^{-β}); "
    "with any Q, K and V = I, β of either sign, at r0 e^{-2|β||Q^T K|} (USA e^{-|β||Q^T K|}).",
    (SA, USA, QK_SA, QK_USA),
    CONE,
    CONE_STATEMENT,
    (
        Control(
            "SA rate r0 e^{-2β} -> r0 e^{2β}",
            prediction=replace(CONE, softmax=R0 * exp(2 * beta)),
        ),
        Control(
            "USA rate r0 e^{-β} -> r0 e^{2β}", prediction=replace(CONE, plain=R0 * exp(2 * beta))
        ),
        Control("V = -I", model=(REPULSIVE,)),
        Control("Q, K and any V", model=(QKV,)),
        Control(
            "|Q^T K| halved (SA)",
            prediction=_scored(_SCORED.softmax.subs(NORM, NORM / 2), _SCORED.plain),
        ),
        Control(
            "|Q^T K| halved (USA)",
            prediction=_scored(_SCORED.softmax, _SCORED.plain.subs(NORM, NORM / 2)),
        ),
        Control("|β| -> β (USA)", prediction=_scored(_SCORED.softmax, R0 * exp(-beta * NORM))),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=6,
    equivalents=(
        FASTER,
        Equivalent(
            "a lower rate, for r0 <= 1",
            (
                "prediction.*softmax: sign",
                "prediction.*softmax: e^u*",
                "prediction.*softmax: squared",
                "prediction.*plain: sign",
                "prediction.*plain: squared",
            ),
        ),
        Equivalent("a lower rate", ("prediction.*plain: e^u*",)),
        Equivalent(
            "A_ij s_j/s_i >= m_j r0 e^{-βy}/s_i, y = (1-s_i²)^{1/2}, and -log s_i >= y²/2: at "
            "least m_j r0 e^{-β²/2}",
            ("prediction.plain: β -> β²",),
        ),
        Equivalent(
            "for β >= 2/3 as for USA, Z_i <= e^β being over it; below, with Y = |x_i-w| + |x_j-w| "
            "for the widest pair, λ/r0 >= (1-q)/s_i + p/s_j, where q/(1-q) <= e^{2βY} p/(1-p), so "
            "λ/r0 >= 1 - tanh(βY/2)(1 - Y²/(2(e^{2βY}-1))) >= e^{-2β²} for Y <= 2",
            ("prediction.softmax: β -> β²",),
        ),
    ),
)


CLAIMS = (LEMMA_6_4,)
