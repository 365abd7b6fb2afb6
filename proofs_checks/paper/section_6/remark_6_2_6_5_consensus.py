"""Remark 6.2, Remark 6.5: the linearisation at consensus.

Main results
------------
- Remark 6.2: no smooth measure is invariant: div F = -(n-1)(d-1) (USA: times e^β).
- Remark 6.5: consensus is exponentially stable as a set, at the rate 1 (SA), e^β (USA).

How it is proved
----------------
Both read the modes at consensus. Remark 6.2 is a theorem: their sum is negative, for any masses of
sum 1, so that a C^1 density is 0 there; and as E climbs, which has a factor 1/β, no measure with a
density stays (the paper has Poincaré recurrence and Theorem 6.1, so d >= 3). Remark 6.5 is one
too: all eigenvalues but d - 1 zeros (rotations) are at most minus the rate; cited is that a
normally hyperbolic manifold of equilibria is exponentially stable. No point is drawn.

References
----------
arXiv 2312.10794, Remarks 6.2 and 6.5; Theorem 6.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, Rational, S, exp, factor_terms

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_6.theorem_6_1_saddles import THEOREM_6_1
from proofs_checks.proof import (
    AT_CONSENSUS,
    ATTENTION,
    AUTONOMOUS,
    FASTER,
    HOT,
    ON_SPHERE,
    Counterexample,
    Flow,
    Statement,
    consensus_spectrum,
    leaves_sphere,
)
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    attracting_consensus,
    divergence_said,
    subject_in,
)
from theory.bounded import remainder, simplified
from theory.linearize import antipodal
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, d, n


def _eigenvalues(flow: Flow, place: str = "consensus") -> tuple[tuple[Expr, Expr], ...]:
    """Eigenvalues and multiplicities there, masses 1/n, at the given parameters."""
    of = consensus_spectrum if place == "consensus" else antipodal
    return tuple((v.subs(flow.values), count) for v, count, *_ in of(flow.model).eigenvalues)


def _is_linearised(flow: Flow) -> bool:
    return flow.autonomous.holds and flow.form is not None and flow.model.kind == "flow"


@dataclass(frozen=True)
class Divergence:
    """Divergence of the flow at consensus, with and without the division by Z_i."""

    softmax: Expr
    plain: Expr

    def of(self, flow: Flow) -> Expr:
        """Return the one that speaks of a flow."""
        return self.softmax if flow.normalised else self.plain


def _trace(flow: Flow) -> Expr:
    trace = sum((value * count for value, count in _eigenvalues(flow)), start=S.Zero)
    return factor_terms(trace)  # -β - 2 is -(β + 2)


def derive_divergence(flow: Flow) -> Divergence | None:
    """Return the trace of the linearisation at consensus."""
    if not _is_linearised(flow):
        return None
    trace = _trace(flow)
    return Divergence(trace, trace)


def refute_divergence(
    flow: Flow, prediction: Divergence | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that leave the sphere, or another trace at three tokens."""
    if off := leaves_sphere(flow.model, budget.rng):
        return Counterexample(off)
    if prediction is None or not _is_linearised(flow):
        return None
    trace, claimed = _trace(flow), prediction.of(flow)
    if remainder(trace - claimed) == 0:
        return None
    at = {n: 3, d: 2, beta: Rational(5, 4)}
    return Counterexample(
        f"{flow.name}: the divergence at consensus is {trace}, {trace.subs(at)} at n = 3, "
        f"d = 2, β = 5/4, not {claimed.subs(at)}"
    )


def conclude_divergence(flow: Flow, prediction: Divergence) -> Conclusion | Refusal:
    """Claim the divergence, that it is < 0, and that no measure with a density stays."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    return divergence_said(subject, prediction.of(flow))


_LINEARISED = (ON_SPHERE, ATTENTION, AUTONOMOUS)


NO_MEASURE: Statement[Divergence] = Statement(
    "Remark 6.2",
    "no smooth measure that is positive at consensus is invariant, div F < 0 there",
    Concludes(conclude_divergence),
    derive_divergence,
    refute_divergence,
    premises=_LINEARISED,
    typed=True,
)


_TRACE = -(n - 1) * (d - 1)


REMARK_6_2 = Claim(
    "Remark 6.2",
    "At consensus div F = -(n-1)(d-1) (USA: times e^β), not 0: no smooth measure that is positive "
    "there is invariant, and none with a density for β != 0.",
    (SA, USA),
    Divergence(_TRACE, exp(beta) * _TRACE),
    NO_MEASURE,
    (
        Control("divergence 0", prediction=Divergence(S.Zero, S.Zero)),
        Control("-n(d-1)", prediction=Divergence(-n * (d - 1), exp(beta) * _TRACE)),
        Control("USA without e^β", prediction=Divergence(_TRACE, _TRACE)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    THEOREM_6_1.hypotheses,
    equivalents=(AT_CONSENSUS,),
)


@dataclass(frozen=True)
class Attracting:
    """A set of equilibria of dimension d - 1, attracting at the rates, exponentially.

    Attributes
    ----------
    place : {"consensus", "antipodal"}
    softmax, plain : Expr
        Slowest rate off the set, with and without the division by Z_i.
    """

    place: str
    softmax: Expr
    plain: Expr

    def of(self, flow: Flow) -> Expr:
        """Return the rate that speaks of a flow."""
        return self.softmax if flow.normalised else self.plain


def derive_attracting(flow: Flow) -> Attracting | None:
    """Return the one rate at consensus, if all modes but rotations have it."""
    if not _is_linearised(flow):
        return None
    rates = {-value for value, _ in _eigenvalues(flow) if value != 0}
    return Attracting("consensus", *[*rates] * 2) if len(rates) == 1 else None


def _excess(value: Expr, rate: Expr) -> Expr:
    """How far an eigenvalue exceeds minus the rate, two tokens a cluster."""
    sizes = {s: Integer(2) for s in value.free_symbols if s != beta}
    return simplified((value + rate).subs(sizes).subs(beta, HOT))


def refute_attracting(
    flow: Flow, prediction: Attracting | None, budget: Budget
) -> Counterexample | None:
    """Find tokens that leave the sphere, or an eigenvalue above minus the rate."""
    if off := leaves_sphere(flow.model, budget.rng):
        return Counterexample(off)
    if prediction is None or not _is_linearised(flow):
        return None
    rate = prediction.of(flow)
    for value, count in _eigenvalues(flow, prediction.place):
        excess = _excess(value, rate)
        up = value.subs({n: 2, d: 2})
        up = up.subs({s: S.One for s in up.free_symbols})
        if prediction.place == "consensus" and up.is_positive:
            hot = flow.number() if beta in flow.values else S.One
            at = f"{flow.name}: consensus repels, {up} > 0 at n = d = 2, β = {hot}"
            return Counterexample(at)
        if value == 0 or excess.is_nonpositive or excess.free_symbols - {HOT}:
            continue
        for hot in (Rational(5, 4), Rational(1, 4)):
            if excess.subs(HOT, hot).evalf(15) > 0:
                return Counterexample(
                    f"{flow.name}, {prediction.place}: eigenvalue {value} (times {count}) exceeds "
                    f"{-rate} by {excess.subs(HOT, hot).n(6)} at β = {hot}, two tokens a cluster"
                )
    return None


def conclude_attracting(flow: Flow, prediction: Attracting) -> Conclusion | Refusal:
    """Say that consensus attracts, as a set: of opposite clusters it isn't said."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    if prediction.place != "consensus":
        return Refusal("opposite clusters aren't a set whose other modes are all below 0")
    return attracting_consensus(subject, prediction.of(flow))


STABLE_SET: Statement[Attracting] = Statement(
    "Remark 6.5",
    "consensus attracts exponentially, as a set",
    Concludes(conclude_attracting),
    derive_attracting,
    refute_attracting,
    premises=_LINEARISED,
    typed=True,
)


REMARK_6_5 = Claim(
    "Remark 6.5",
    "Consensus is exponentially stable as a set, at every rate below 1 (SA) and e^β (USA).",
    (SA, USA),
    Attracting("consensus", S.One, exp(beta)),
    STABLE_SET,
    (
        Control(
            "consensus -> antipodal clusters",
            prediction=Attracting("antipodal", S.One, exp(beta)),
        ),
        Control("rate 2 for SA", prediction=Attracting("consensus", Integer(2), exp(beta))),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    equivalents=(
        FASTER,
        AT_CONSENSUS,
        Equivalent("a rate of e^{2β} >= e^β is better", ("USA.velocity: e^u -> e^2u",)),
        Equivalent(
            "a lower rate",
            ("prediction.softmax: sign", "prediction.softmax: ÷ 2", "prediction.plain: sign"),
        ),
    ),
)


CLAIMS = (REMARK_6_2, REMARK_6_5)
