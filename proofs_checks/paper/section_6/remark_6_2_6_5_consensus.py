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

from dataclasses import dataclass, replace

from sympy import Add, Expr, Integer, Mul, Rational, S, Symbol, exp, simplify

from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_6.theorem_6_1_saddles import THEOREM_6_1
from proofs_checks.proof import (
    AT_CONSENSUS,
    ATTENTION,
    AUTONOMOUS,
    FASTER,
    HOT,
    ON_SPHERE,
    SCOPE_WARM,
    SUM,
    WARM_ONLY,
    Counterexample,
    Flow,
    How,
    Outcome,
    Premise,
    Sheet,
    Statement,
    Step,
    apply,
    by_statement,
    cited,
    consensus_spectrum,
    derived,
    gap,
    leaves_sphere,
    statement_of,
    subjects,
)
from proofs_checks.said import say, saying
from theory.bounded import remainder, simplified
from theory.engines import inner, project, residual, vectors
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
    return sum((value * count for value, count in _eigenvalues(flow)), start=S.Zero)


def _summed(flow: Flow) -> Expr:
    """Return the trace as the sum that it is, of multiplicities times eigenvalues."""
    parts = [Mul(count, value, evaluate=False) for value, count in _eigenvalues(flow)]
    return Add(*parts, evaluate=False)


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


def decide_divergence(flow: Flow, prediction: Divergence) -> Sheet:
    """Derive the trace and its sign; a smooth density vanishes there, and nowhere is recurrence."""
    trace, claimed = _trace(flow), prediction.of(flow)
    more, wide = Symbol("s", positive=True), Symbol("l", positive=True)
    sign = simplified(trace.subs(n, more + 1).subs(d, wide + 1)).is_negative
    text = "div F < 0 there, for n, d >= 2"
    falls = Step(text, How.DECIDED) if sign else gap(text, f"the sign of {trace}")
    falls = saying(falls, say(trace, "<", 0, (say(2, "<=", n), say(2, "<=", d))))
    value = derived(f"div F = {claimed} at consensus", simplified(trace - claimed))
    value = saying(value, say(_summed(flow), "=", claimed))
    x, w = vectors("x w", unit="x")
    still = residual(inner(project(x, x), w))
    rest = derived("consensus is an equilibrium, F = 0", still, "P_x x = 0")
    text = "div(ρF) = ρ div F + <grad ρ, F> = ρ div F there: div(ρF) = 0 needs ρ = 0"
    density = apply(SUM, text, rest, value, falls, terms={"ρ": ">= 0", "-div F": "> 0"})
    meets = _clusters(flow)
    recurs = cited("Poincaré recurrence", meets)
    return Sheet(
        (rest, value, falls, density, meets, recurs),
        {"n": "symbolic, >= 2", "d": "symbolic, >= 3", "beta": "symbolic, >= 0", "masses": "1/n"},
        (prediction.softmax, prediction.plain),
        "div F < 0 at consensus, where F = 0: div(ρF) = 0 forces ρ = 0 there; and a.e. point being "
        "attracted by the null set of consensus, none but it is recurrent",
    )


def _clusters(flow: Flow) -> Step:
    """Whether Theorem 6.1 holds; it fails where one of its own hypotheses does."""
    text = "Theorem 6.1, d >= 3: almost every point converges to consensus"
    step = by_statement(statement_of(THEOREM_6_1), flow, text=text)
    fails = step.evidence.startswith(("REFUTED", "VACUOUS"))
    return replace(step, outcome=Outcome.FAILS) if fails else step


CLUSTERS = Premise("CLUSTERS", _clusters)


_LINEARISED = (ON_SPHERE, ATTENTION, AUTONOMOUS)


NO_MEASURE: Statement[Divergence] = Statement(
    "Remark 6.2",
    "d >= 3: no smooth measure is invariant, div F < 0 at consensus",
    decide_divergence,
    derive_divergence,
    refute_divergence,
    domain=(WARM_ONLY,),
    premises=(*_LINEARISED, CLUSTERS),
)


_TRACE = -(n - 1) * (d - 1)


REMARK_6_2 = Claim(
    "Remark 6.2",
    "No smooth measure is invariant: at consensus div F = -(n-1)(d-1) (USA: times e^β), not 0.",
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


def decide_attracting(flow: Flow, prediction: Attracting) -> Sheet:
    """Derive the spectrum: rotations, and the rest at most minus the rate."""
    rate, found = prediction.of(flow), _eigenvalues(flow, prediction.place)
    zero = sum((count for value, count in found if value == 0), start=S.Zero)
    text = f"{prediction.place}: 0 has the multiplicity d-1, the dimension of the set"
    steps = [saying(derived(text, simplify(zero - (d - 1))), say(zero, "=", d - 1))]
    for value, count in found:
        if value != 0:
            text = f"eigenvalue {value}, times {count}, is at most -({rate})"
            below = _excess(value, rate).is_nonpositive
            step = Step(text, How.DECIDED) if below else gap(text, "not for every β >= 0")
            steps.append(saying(step, say(value, "<=", -rate, (say(0, "<=", beta),))))
    steps.append(flow.sign(f"{rate} > 0", rate))
    return Sheet(
        (*steps, cited(MANIFOLD, *steps)),
        {**SCOPE_WARM, "masses": "1/n"},
        subjects(flow.model, prediction.softmax, prediction.plain),
        f"{prediction.place}: 0 with multiplicity d-1, the dimension of the set; all others at "
        f"most {-rate}",
    )


MANIFOLD = "a normally hyperbolic manifold of equilibria is exponentially stable"


STABLE_SET: Statement[Attracting] = Statement(
    "Remark 6.5",
    "masses 1/n: consensus attracts exponentially, as a set",
    decide_attracting,
    derive_attracting,
    refute_attracting,
    premises=_LINEARISED,
)


REMARK_6_5 = Claim(
    "Remark 6.5",
    "Consensus is exponentially stable as a set, at the rate 1 (SA) and e^β (USA).",
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
