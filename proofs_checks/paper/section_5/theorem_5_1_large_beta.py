"""Theorem 5.1, E.Theorem 5.1: one cluster at large β.

Main results
------------
- Theorem 5.1: β >= (d-1)(n-1)²/π²: almost all initial conditions give one cluster.
- E.Theorem 5.1: β >= (d-1)n²/π² gives (n-1)τ* < π, which suffices; printed: π/2.

How it is proved
----------------
A theorem on energies of pairs: averaged over rotations of one side of a cut, the second variation
is minus the profile g, which is negative up to cos π/(n-1) from the threshold on, for symbolic n, d
and β: without ascent direction a tree of short arcs holds all tokens. That a² cos a < sin² a is a
rule; for few tokens the sign of a kernel's own profile is decided. Watched: such trees lie in a
hemisphere, polygons are unstable. Cited: Łojasiewicz, the centre-stable manifold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr, Rational, S, pi, sqrt

from proofs_checks.claim import (
    Budget,
    Claim,
    Conclusion,
    Control,
    Equivalent,
    Hypothesis,
    Verdict,
)
from proofs_checks.proof import (
    ANALYTIC,
    ATTENTION,
    CLIMBS,
    HEAT,
    ONE_CHANGE,
    ONLY_SPEED,
    PAIR,
    PAIR_ENERGY,
    POSITIVE_WEIGHTS,
    SCHEDULED,
    STRICT_CUTS,
    WARM_ONLY,
    Counterexample,
    FewTokens,
    Flow,
    PairAverage,
    Statement,
    Trial,
    apart,
    few_tokens,
    heat_share,
    rotated_pair,
    short_arcs,
    sign_of_profile,
    stable_polygon,
    tree_outside_hemisphere,
)
from proofs_checks.proof.kinds import FLOWS
from proofs_checks.theorems import (
    Concludes,
    Refusal,
    arcs_from,
    few_starts,
    large_starts,
    subject_in,
)
from proofs_checks.theorems import Conclusion as Conclusion_
from theory.bounded import simplified
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, d, n, z


@dataclass(frozen=True)
class LargeBeta:
    """What Theorem 5.1's proof needs.

    Attributes
    ----------
    bracket : Expr
        ``g(τ) e^{-β cos τ}``, of ``z = cos τ``, ``d`` and ``beta``.
    critical : Expr
        cos τ*, of ``d`` and ``beta``.
    threshold : Expr
        The β from which on (n-1) τ* < ``length``, of ``n`` and ``d``.
    length : Expr
        The total length of a tree of arcs that puts its vertices in an open hemisphere.
    """

    bracket: Expr
    critical: Expr
    threshold: Expr
    length: Expr


_Prediction = LargeBeta | FewTokens


def _slope(flow: Flow) -> Expr:
    assert flow.kernel is not None  # a premise
    return simplified(flow.kernel.diff(z))


def _scaled(prediction: LargeBeta) -> LargeBeta:
    """Return the prediction in terms of c = aβ, where its bracket is ``(d-1)z - aβ(1-z²)``."""
    share = simplified(-prediction.bracket.subs(z, 0) / beta)
    if not (share.is_number and share.is_positive):
        return prediction
    at = {beta: beta / share}
    return LargeBeta(
        prediction.bracket.subs(at),
        prediction.critical.subs(at),
        share * prediction.threshold,
        prediction.length,
    )


def derive_large(flow: Flow) -> _Prediction | None:
    """Return the paper's profile at a β, or the number of tokens that the flow's own one allows."""
    share = heat_share(flow)
    if share is not None:
        return LargeBeta(
            _BRACKET.subs(beta, share * beta),
            _CRITICAL.subs(beta, share * beta),
            _THRESHOLD / share,
            pi,
        )
    return few_tokens(flow)


def _own_bracket(flow: Flow) -> Expr:
    """Return minus the averaged second variation over h'."""
    slope = _slope(flow)
    return simplified(-rotated_pair(slope, PairAverage(S.One, S.NegativeOne)) / slope)


def _exceeds(flow: Flow, prediction: LargeBeta) -> str:
    """Say where the flow's own profile is above the predicted one, or ""."""
    excess = simplified(_own_bracket(flow) - prediction.bracket)
    if excess == 0 or excess.free_symbols - {z, beta, d, n}:
        return ""
    for place in (Rational(1, 3), -Rational(1, 2), S.Zero, S.One, -S.One):
        for hot in (Rational(5, 2), Rational(1, 3)):
            for room in (3, 2):
                value = excess.subs({z: place, beta: hot, d: room, n: 3})
                if value.is_positive:
                    return (
                        f"{flow.name}: averaged second variation over h', plus the predicted "
                        f"bracket, is {-excess}: at cos τ = {place}, β = {hot}, d = {room} it is "
                        f"{-value}"
                    )
    return ""


def refute_arcs(
    flow: Flow, prediction: _Prediction | None, budget: Budget
) -> Counterexample | None:
    """Find a profile that isn't the flow's, or arcs that are too long."""
    if not isinstance(prediction, LargeBeta) or flow.kernel is None:
        return None
    found, scaled = _exceeds(flow, prediction), _scaled(prediction)
    for why in (
        sign_of_profile(scaled.bracket, scaled.critical),
        short_arcs(scaled.threshold, scaled.length),
    ):
        found = found or ("" if why.startswith("undecided") else why)
    return Counterexample(found) if found else None


def refute_large(
    flow: Flow, prediction: _Prediction | None, budget: Budget
) -> Counterexample | None:
    """Two tokens that never meet, a profile that isn't the flow's, or arcs that are too long."""
    # c = 1 is above the threshold (d-1)/π² of two tokens for d <= 10.
    share = heat_share(flow)
    at_one = share is not None and str(beta) not in flow.given
    found = apart(flow.at(beta=1 / (share or S.One)) if at_one else flow, budget.rng)
    if found:
        return Counterexample(found, PAIR)
    # Of an energy that the flow doesn't climb the profile says nothing of the flow.
    return refute_arcs(flow, prediction, budget) if flow.climb.step.holds else None


def conclude_large(flow: Flow, prediction: _Prediction) -> Conclusion_ | Refusal:
    """Say how the profile changes sign, when arcs are short, and consensus.

    Examples
    --------
    >>> conclude_large(Flow.of(SA), _LARGE).found.by.name
    'and'
    """
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    if isinstance(prediction, FewTokens):
        return few_starts(subject, prediction.profile, prediction.most)
    p = prediction
    return large_starts(subject, p.bracket, p.critical, p.threshold, p.length)


def watch(flow: Flow, prediction: _Prediction, budget: Budget) -> Trial:
    """Draw trees of arcs of the length, and look at regular polygons."""
    length = prediction.length if isinstance(prediction, LargeBeta) else pi
    found, cases = tree_outside_hemisphere(float(length), budget)
    # At a pace that may rest no polygon has a rate of its own.
    if (
        not found
        and set(flow.model.parameters) == {beta}
        and not flow.given
        and flow.autonomous.holds
    ):
        found = stable_polygon(flow.model)
    return Trial(found, None, cases)


LARGE: Statement[_Prediction] = Statement(
    "Theorem 5.1",
    "consensus from almost every start, for few tokens or large β",
    Concludes(conclude_large),
    derive_large,
    refute_large,
    watch,
    domain=(WARM_ONLY,),
    premises=(
        FLOWS, ATTENTION, SCHEDULED, PAIR_ENERGY, CLIMBS, ANALYTIC, POSITIVE_WEIGHTS,
        ONE_CHANGE, STRICT_CUTS,
    ),
    typed=True,
)  # fmt: skip


_BRACKET = (d - 1) * z - beta * (1 - z**2)


_CRITICAL = (-(d - 1) + sqrt((d - 1) ** 2 + 4 * beta**2)) / (2 * beta)


_THRESHOLD = (d - 1) * (n - 1) ** 2 / pi**2


_LARGE = LargeBeta(_BRACKET, _CRITICAL, _THRESHOLD, pi)


def _above(**parameters: float) -> float:
    bound = (parameters["d"] - 1) * (parameters["n"] - 1) ** 2 / np.pi**2
    return float(parameters["beta"] - bound)


THEOREM_5_1 = Claim(
    "Theorem 5.1",
    "β >= (d-1)(n-1)²/π²: almost every initial condition converges to one cluster.",
    (SA, USA),
    _LARGE,
    LARGE,
    (
        Control(
            "the argument from a quarter of its threshold on",
            prediction=replace(_LARGE, threshold=_LARGE.threshold / 4),
        ),
        Control(
            "τ* with the other sign of the root",
            prediction=replace(
                _LARGE, critical=(-(d - 1) - sqrt((d - 1) ** 2 + 4 * beta**2)) / (2 * beta)
            ),
        ),
        Control("d - 1 -> d in g", prediction=replace(_LARGE, bracket=_BRACKET + z)),
        Control("tree of length π -> 3π/2", prediction=replace(_LARGE, length=3 * pi / 2)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (Hypothesis("β >= (d-1)(n-1)²/π²", _above),),
    cases=5,
    concludes=Conclusion.CONSENSUS,
    equivalents=(
        ONLY_SPEED,
        Equivalent(
            "β >= the threshold > 0 for n >= 2: only the speed changes", ("*.velocity: × β",)
        ),
        Equivalent(
            "2β and β² are covered: all d >= 3, n <= 4, or β² <= 1 at d = 2 (Figure 2)", HEAT
        ),
        Equivalent(
            "said of fewer β; where it is said of more, Figure 2 covers them (n <= 4 or d >= 3)",
            ("prediction.threshold: × n", "prediction.threshold: squared"),
        ),
    ),
)


def conclude_arcs(flow: Flow, prediction: _Prediction) -> Conclusion_ | Refusal:
    """Say from which β on n - 1 arcs of length τ* are short, whatever the flow climbs.

    Examples
    --------
    >>> conclude_arcs(Flow.of(SA), _DRAWN_LINE).found.by.name
    'and'
    """
    if isinstance(prediction, FewTokens):
        return Refusal("it is about a β from which arcs are short")
    p = prediction
    return arcs_from(_slope(flow), p.bracket, p.critical, p.threshold, p.length)


ARCS: Statement[_Prediction] = Statement(
    "",
    "n - 1 arcs of length τ* are short",
    Concludes(conclude_arcs),
    derive_large,
    refute_arcs,
    premises=(PAIR_ENERGY,),
    typed=True,
)


_DRAWN_LINE = LargeBeta(_BRACKET, _CRITICAL, (d - 1) * n**2 / pi**2, pi)
_HALF = _DRAWN_LINE.threshold / 2


ERRATUM_5_1 = Claim(
    "E.Theorem 5.1",
    "β >= (d-1)n²/π² gives (n-1)τ* < π, which suffices; the printed proof needs (n-1)τ* < π/2.",
    (SA, USA),
    _DRAWN_LINE,
    ARCS,
    (
        Control("π -> 3π/4", prediction=replace(_DRAWN_LINE, length=3 * pi / 4)),
        Control("n²/π² -> n²/(2π²)", prediction=replace(_DRAWN_LINE, threshold=_HALF)),
    ),
    Verdict.PROVED,
    printed=Control("as printed, with π/2", prediction=replace(_DRAWN_LINE, length=pi / 2)),
    origin="erratum",
    kind="proof step",
    equivalents=(
        Equivalent(
            "the arcs are of the profile g, which comes from the energy alone", ("*.velocity: *",)
        ),
        Equivalent(
            "said of fewer β; where it is said of more, Figure 2 covers them (n <= 4 or d >= 3)",
            ("prediction.threshold: × n", "prediction.threshold: squared"),
        ),
        Equivalent("a longer arc", ("prediction.length: + 1", "prediction.length: × 2")),
    ),
)


CLAIMS = (THEOREM_5_1, ERRATUM_5_1)
