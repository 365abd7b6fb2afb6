"""Theorem 6.1: one cluster for d >= 3 and every β > 0.

How it is proved
----------------
A theorem on energies of pairs: the trace of the second variation along v_i = P_i u is the predicted
summand, pair by pair, and from d = 3 on it is positive off consensus where weights are e^{bg}, b >=
0: every other equilibrium is a strict saddle. Of other kernels its sign on [-1, 1) is decided in
powers of d - 3, in words. Cited: Łojasiewicz, the centre-stable manifold. No point is drawn.

References
----------
arXiv 2312.10794, Theorem 6.1; the trace is (A.6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial

from sympy import (
    Dummy,
    Expr,
    Integer,
    Mul,
    Poly,
    PolynomialError,
    Rational,
    S,
    Symbol,
    degree,
    expand,
    factor,
    factor_terms,
    together,
)

from proofs_checks.claim import (
    WARM,
    Budget,
    Claim,
    Conclusion,
    Control,
    Equivalent,
    Hypothesis,
    Verdict,
)
from proofs_checks.paper.appendix_b.remark_b_1_inertia import REMARK_B_1
from proofs_checks.proof import (
    ANALYTIC,
    AT_EVERY_BETA,
    ATTENTION,
    CLIMBS,
    ONLY_SPEED,
    PAIR,
    PAIR_ENERGY,
    SCHEDULED,
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
    almost_every_start,
    apart,
    apply,
    derived,
    gap,
    geodesic,
    pair_sum,
    refute_in_family,
    statement_of,
    subjects,
)
from proofs_checks.proof.kinds import FLOWS
from proofs_checks.theorems import Concludes, Refusal, starts_in_space, subject_in
from proofs_checks.theorems import Conclusion as Concluded
from theory.bounded import simplified
from theory.engines import basis_trace, inner, project, residual, vectors
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, d, t, z


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


_BEND = Symbol("B", real=True)
"""h''/h', of which the trace is linear."""


@cache
def _trace_summand() -> Expr:
    """Trace of the second variation along v_i = P_i u, a pair's part over h', in h''/h'."""
    step = Symbol("epsilon", real=True)
    x, y, u = vectors("x y u", unit="x y")
    product = inner(geodesic(x, project(x, u), step), geodesic(y, project(y, u), step))
    first = product.diff(step).subs(step, 0)
    second = product.diff(step, 2).subs(step, 0)
    traced = basis_trace(expand(first**2), u) * _BEND + basis_trace(second, u)
    return residual(traced / 2).subs(inner(x, y), z)


def _own_trace(bend: Expr) -> SaddleTrace:
    return SaddleTrace(1 - z, d - 2 - z + bend * (1 - z**2), Integer(3))


def _in_bend(bend: Expr, prediction: SaddleTrace) -> Expr:
    """Return the summand, of a flow's own trace as a polynomial in h''/h'."""
    own = z in bend.free_symbols and prediction == _own_trace(bend)
    said = _own_trace(_BEND) if own else prediction
    return said.factor * said.bracket


def _off_trace(bend: Expr, prediction: SaddleTrace) -> Expr:
    """Compare the summand with the derived one, as polynomials in h''/h' before it is put in."""
    left = residual(_trace_summand() - _in_bend(bend, prediction))
    return left if left == 0 else residual(left.xreplace({_BEND: bend}))


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


def _times_slope(coefficient: Expr, slope: Expr) -> tuple[Expr, Expr]:
    """Multiply by h' without dividing by it: ``(a + b h''/h') h'`` has the terms a h', b h''."""
    held = [part for part in Mul.make_args(coefficient) if part.has(_BEND)]
    if len(held) != 1 or not held[0].is_polynomial(_BEND) or degree(held[0], _BEND) > 1:
        return slope * coefficient.xreplace({_BEND: slope.diff(z) / slope}), S.Zero
    rest, inner_part = coefficient / held[0], expand(held[0])
    return (
        rest * inner_part.coeff(_BEND, 0) * slope,
        rest * inner_part.coeff(_BEND, 1) * slope.diff(z),
    )


def _sum_sign(flow: Flow, text: str, terms: tuple[Expr, Expr], strict: bool = True) -> Step:
    """Decide the sign of a sum for g in [-1, 1): of its terms, unless their ratio is c (1 + z)."""
    whole = partial(flow.sign, text, closed=(True, False))
    first, second = terms
    if first != 0 and z in simplified(second / first / (1 + z)).free_symbols:
        parts = whole(first, strict=strict), whole(factor(together(second)), strict=False)
        if all(part.holds for part in parts):
            return replace(
                next((part for part in parts if part.enclosed), parts[0]),
                evidence="each of its terms has that sign",
                scope={**parts[1].scope, **parts[0].scope},
                formal=tuple(part.formal for part in parts),
            )
    return whole(factor_terms(first + second), strict=strict)


def _sign_steps(flow: Flow, slope: Expr, prediction: SaddleTrace) -> tuple[Step, ...]:
    """Decide h' · factor · bracket > 0 for g in [-1, 1), d >= dimension and β.

    In powers of d - dimension every coefficient must be nonnegative, the constant one positive.
    """
    excess = Dummy("s", nonnegative=True)
    part = slope * prediction.factor * prediction.bracket
    text = f"h' ({prediction.factor})({prediction.bracket}) > 0 on [-1, 1)"
    if d in slope.free_symbols:
        # Decisions are on integers d >= 2.
        moved = part.subs(d, d + prediction.dimension - 2)
        return (flow.sign(text, moved, closed=(True, False)),)
    rest = _in_bend(simplified(slope.diff(z) / slope), prediction)
    try:
        shifted = Poly(rest.subs(d, prediction.dimension + excess), excess)
    except PolynomialError:
        return (gap(text, "no polynomial in d"),)
    if shifted.coeff_monomial(1) == 0:
        return (gap(text, f"0 at d = {prediction.dimension}"),)
    steps = []
    for (power,), coefficient in shifted.terms():
        named = f"{text}: coefficient of (d-{prediction.dimension})^{power}"
        step = _sum_sign(flow, named, _times_slope(factor(coefficient), slope), power == 0)
        steps.append(gap(named, step.evidence) if step.outcome is Outcome.FAILS else step)
    return tuple(steps)


def derive_trace(flow: Flow) -> SaddleTrace | None:
    """Return the summand over h' for the flow's own kernel, said for d >= 3."""
    if flow.kernel is None or t in flow.kernel.free_symbols:
        return None
    slope = simplified(flow.kernel.diff(z))
    if slope == 0:
        return None
    bend = simplified(slope.diff(z) / slope)
    return _own_trace(bend)


def refute_saddles(
    flow: Flow, prediction: SaddleTrace | None, budget: Budget
) -> Counterexample | None:
    """Tokens that never meet; or two tokens at which the predicted trace is wrong or negative."""
    own, room = derive_trace(flow), d + 1  # d >= 3

    def parted(member: Flow, said: Expr | None = None) -> Counterexample | None:
        found = apart(member, budget.rng, room=room)
        return Counterexample(found, PAIR) if found else None

    if prediction is None or own is None or prediction == own or not CLIMBS.test(flow).holds:
        return parted(flow) or refute_in_family(flow, None, parted)
    assert flow.kernel is not None  # it has a trace
    slope = simplified(flow.kernel.diff(z))
    left = _off_trace(simplified(slope.diff(z) / slope), prediction)
    if left != 0:
        at = {s: Rational(1, 2) for s in left.free_symbols} | {z: Rational(1, 3), d: Integer(5)}
        value = left.subs(at).evalf(20)
        if abs(value) > Rational(1, 10**9):
            return Counterexample(
                f"{flow.name}: derived minus predicted summand is {left}, for example "
                f"{value.n(6)} at inner product 1/3, d = 5, parameters 1/2"
            )
    negative = _negative_trace(slope, prediction)
    if negative:
        # Where the trace is negative the argument fails; tokens that never meet show more.
        more = apart(flow, budget.rng, room=room) or "the argument's inequality fails there"
        return Counterexample(f"{flow.name}: {negative}; {more}")
    return parted(flow)


def _trace_is_positive(flow: Flow) -> Step:
    """Whether the trace is positive at d = 3; h' >= 0 does the rest."""
    text = "for d = 3: h'(1-t) + h''(1-t²) > 0 on [-1, 1)"
    if flow.kernel is None:
        return Step(text, How.DECIDED, Outcome.FAILS, "no isotropic pair energy")
    slope = flow.kernel.diff(z)
    terms = slope * (1 - z), slope.diff(z) * (1 - z**2)
    plain = flow.sign(text, (terms[0] + terms[1]).subs(d, 3), closed=(True, False))
    if plain.holds and not plain.enclosed:
        return plain
    return _sum_sign(flow, text, tuple(term.subs(d, 3) for term in terms))


TRACE_POSITIVE = Premise("TRACE_POSITIVE", _trace_is_positive)


def conclude_saddles(flow: Flow, prediction: SaddleTrace) -> Concluded | Refusal:
    """Say what the trace is, that all critical points but consensus are strict saddles, and meet.

    Examples
    --------
    >>> conclude_saddles(Flow.of(SA), _TRACE).found.by.name
    'and'
    """
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    if subject.kind != "flow":  # a row of its own says which steps are short
        return Refusal("it is about flows")
    return starts_in_space(subject, prediction.factor * prediction.bracket, prediction.dimension)


def in_words(flow: Flow, prediction: SaddleTrace) -> Sheet:
    """Derive (A.6) and decide the sign of its summand, of kernels that no theorem reads."""
    assert flow.kernel is not None  # a premise
    slope = simplified(flow.kernel.diff(z))
    bend = simplified(slope.diff(z) / slope)
    own, said = _trace_summand().xreplace({_BEND: bend}), prediction.factor * prediction.bracket
    left = _off_trace(bend, prediction)
    identity = derived(f"(A.6): Σ_z Hess[Pz,Pz] = Σ m_i m_j h' {said}", left)
    signs = _sign_steps(flow, slope, prediction)
    positive = apply(
        SUM,
        "the trace is > 0 off consensus: every other equilibrium is a strict saddle",
        identity,
        *signs,
        terms={"g_ij < 1": "> 0", "g_ij = 1": ">= 0"},
    )
    ends = almost_every_start(flow, positive, statement_of(REMARK_B_1))
    steps = [identity, *signs, positive, *ends]
    return Sheet(
        tuple(steps),
        {**SCOPE_WARM, "d": f"symbolic, >= {prediction.dimension}", "masses": "symbolic"},
        (*subjects(flow.model), pair_sum(slope * own), pair_sum(slope * said)),
        f"trace of the second variation = Σ m_i m_j h' ({prediction.factor}) "
        f"({prediction.bracket}) > 0 off consensus for d >= {prediction.dimension}, h' = "
        f"{slope}: every other equilibrium is a strict saddle",
    )


SADDLES: Statement[SaddleTrace] = Statement(
    "Theorem 6.1",
    "d >= 3: consensus from almost every start",
    Concludes(conclude_saddles, in_words),
    derive_trace,
    refute_saddles,
    domain=(WARM_ONLY,),
    premises=(FLOWS, ATTENTION, SCHEDULED, PAIR_ENERGY, CLIMBS, ANALYTIC, TRACE_POSITIVE),
    typed=True,
)


_BRACKET = d - 2 - z + beta * (1 - z**2)


_TRACE = SaddleTrace(1 - z, _BRACKET, Integer(3))


THEOREM_6_1 = Claim(
    "Theorem 6.1",
    "d >= 3, β > 0: almost every initial condition converges to one cluster; at β = 0 it is "
    "Theorem 4.1.",
    (SA, USA),
    _TRACE,
    SADDLES,
    (
        Control("the argument at d = 2 too", prediction=replace(_TRACE, dimension=Integer(2))),
        Control("factor 1-g dropped", prediction=replace(_TRACE, factor=S.One)),
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
