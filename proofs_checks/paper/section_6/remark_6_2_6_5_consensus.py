"""Remark 6.2, Remark 6.5: the linearisation at consensus.

Main results
------------
- Remark 6.2: no smooth measure is invariant: div F = -(n-1)(d-1) (USA: times e^β).
- Remark 6.5: consensus is exponentially stable as a set, at the rate 1 (SA), e^β (USA).

How it is proved
----------------
Both read the derived spectrum at consensus, exact for symbolic n, d, β and masses 1/n: the trace
is negative, and all eigenvalues but d - 1 zeros (rotations) are at most minus the rate. No point
is drawn. Cited for Remark 6.2: Poincaré recurrence, and Theorem 6.1 (so d >= 3); for Remark 6.5:
a normally hyperbolic manifold of equilibria is exponentially stable.

References
----------
arXiv 2312.10794, Remarks 6.2 and 6.5; Theorem 6.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Rational, S, Symbol, exp, simplify

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.paper.section_6.theorem_6_1_saddles import THEOREM_6_1
from proofs_checks.proof import AT_CONSENSUS, FASTER, HOT, SCOPE_WARM, each, subjects
from theory.linearize import Spectrum, antipodal, consensus
from theory.models import REPULSIVE, SA, USA, Model, attention_form
from theory.symbols import beta, d, n


def _spectrum(flow: Model, place: str) -> Spectrum:
    return consensus(flow) if place == "consensus" else antipodal(flow)


@dataclass(frozen=True)
class Divergence:
    """Divergence of the flow at consensus, with and without the division by Z_i."""

    softmax: Expr
    plain: Expr


def check_divergence(model: Any, prediction: Divergence, budget: Budget) -> Evidence:
    """Compare the trace of the linearisation at consensus, which must not vanish.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Divergence
        The trace.
    budget : Budget
        Not used.
    """
    for flow in each(model):
        form = attention_form(flow)
        claimed = prediction.softmax if form and form.normalised else prediction.plain
        found = consensus(flow).eigenvalues
        trace = sum((value * count for value, count, *_ in found), start=S.Zero)
        gap = simplify(trace - claimed)
        if gap != 0:
            at = {n: 3, d: 2, beta: Rational(5, 4)}
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: the divergence at consensus is {trace}, {trace.subs(at)} at n = 3, "
                f"d = 2, β = 5/4, not {claimed.subs(at)}",
            )
        more = Symbol("s", positive=True)
        sign = simplify(trace.subs({n: more + 1}).subs(d, Symbol("l", positive=True) + 1))
        if not sign.is_negative:
            return Evidence(
                Verdict.REFUTED if trace == 0 else Verdict.UNDECIDED,
                f"{flow.name}: the divergence {trace} isn't negative, e.g. at n = 3, d = 2",
            )
    return Evidence(
        Verdict.PROVED,
        "div F < 0 at consensus, where F = 0: div(ρF) = 0 forces ρ = 0 there; and a.e. point being "
        "attracted by the null set of consensus, none but it is recurrent",
        {"n": "symbolic, >= 2", "d": "symbolic, >= 3", "beta": "symbolic, >= 0", "masses": "1/n"},
        (
            "Poincaré recurrence",
            "Theorem 6.1: almost every point converges to consensus, for d >= 3",
        ),
        identity=(prediction.softmax, prediction.plain),
    )


_TRACE = -(n - 1) * (d - 1)


REMARK_6_2 = Claim(
    "Remark 6.2",
    "No smooth measure is invariant: at consensus div F = -(n-1)(d-1) (USA: times e^β), not 0.",
    (SA, USA),
    Divergence(_TRACE, exp(beta) * _TRACE),
    check_divergence,
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


def check_attracting(model: Any, prediction: Attracting, budget: Budget) -> Evidence:
    """Check that all eigenvalues but the rotations are at most minus the rate.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Attracting
        The set and the rates.
    budget : Budget
        Not used.
    """
    for flow in each(model):
        form = attention_form(flow)
        rate = prediction.softmax if form and form.normalised else prediction.plain
        spectrum = _spectrum(flow, prediction.place)
        zero = sum((c for v, c, *_ in spectrum.eigenvalues if v == 0), start=S.Zero)
        if simplify(zero - (d - 1)) != 0:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: 0 has multiplicity {zero}")
        for value, count, *_ in spectrum.eigenvalues:
            if value == 0:
                continue
            sizes = {s: Integer(2) for s in value.free_symbols if s != beta}
            excess = (value + rate).subs(beta, HOT)
            if sizes:
                excess = excess.subs(sizes)
            if not simplify(excess).is_nonpositive:
                for hot in (Rational(5, 4), Rational(1, 4)):
                    at = value.subs(sizes).subs(beta, hot).n(6)
                    found = bool(at > -rate.subs(beta, hot))
                    if found:
                        break
                detail = (
                    f"{flow.name}, {prediction.place}: eigenvalue {value} (times {count}), {at} at "
                    f"β = {hot}, two tokens a cluster; claimed at most {-rate}"
                )
                return Evidence(Verdict.REFUTED if found else Verdict.UNDECIDED, detail)
    return Evidence(
        Verdict.PROVED,
        f"{prediction.place}: 0 with multiplicity d-1, the dimension of the set; all others at "
        f"most {-prediction.softmax} (SA), {-prediction.plain} (USA)",
        {**SCOPE_WARM, "masses": "1/n"},
        ("a normally hyperbolic manifold of equilibria is exponentially stable",),
        identity=subjects(model, prediction.softmax, prediction.plain),
    )


REMARK_6_5 = Claim(
    "Remark 6.5",
    "Consensus is exponentially stable as a set, at the rate 1 (SA) and e^β (USA).",
    (SA, USA),
    Attracting("consensus", S.One, exp(beta)),
    check_attracting,
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
