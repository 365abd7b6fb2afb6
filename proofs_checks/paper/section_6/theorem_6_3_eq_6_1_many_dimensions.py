"""Theorem 6.3, (6.1), Theorem 6.3 rate: one cluster for d >= n, for arbitrary Q, K with V = I.

Main results
------------
- Theorem 6.3: |x_i - x*| <= C e^{-λt}, with r0 = (1^T G^{-1} 1)^{-1/2}.
- (6.1): the exponent is exactly 1 (SA), e^β (USA), with Q, K e^{β<Qx*,Kx*>}; r0 κ is less.
- Theorem 6.3 rate: simulated tokens meet at the rate of the linearisation.

How it is proved
----------------
Theorem 6.3: a theorem; G B = I gives the pole w and its height r0, at which Lemma 6.4 speaks, and
C is what D(0) is at most there; both bounds are watched along runs. (6.1): the derived spectrum at
consensus, exact for symbolic n, d and masses 1/n; with Q, K by hand, for any masses. The rate is
evaluated along runs only, from 9 over it on. Cited: uniform points are almost surely independent;
stable fibres of a normally hyperbolic manifold.

References
----------
arXiv 2312.10794, Theorem 6.3 and (6.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr, Identity, Integer, Matrix, Rational, S, exp, sqrt
from sympy.matrices.expressions import MatrixExpr

from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Conclusion, Control, Equivalent, Verdict
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.proof import (
    ANY_SCORES,
    AT_CONSENSUS,
    AUTONOMOUS,
    CONE,
    CONTINUOUS,
    FASTER,
    HELD,
    NORM,
    ON_SPHERE,
    OWN_VALUES,
    PAIR,
    POSITIVE_WEIGHTS,
    R0,
    ROOM,
    SCHEDULED,
    ByModel,
    ConeRate,
    Counterexample,
    Flow,
    Statement,
    Trial,
    cone_rate_of,
    far_from_limit,
    leaves_sphere,
    modes,
    pair_trap,
    parting_values,
    refute_off_sphere,
    resting_tokens,
    statement_of,
    watch_independent,
)
from proofs_checks.proof.kinds import FLOWS
from proofs_checks.propositions import Rel
from proofs_checks.theorems import (
    HIGH,
    TOKEN,
    UNIT_AXIS,
    Concludes,
    H,
    Refusal,
    Z,
    almost_surely,
    at_the_pole,
    exponent_said,
    from_radius,
    met_in,
    run_from,
    solving,
    subject_in,
    tried_along,
    unproved,
    with_time,
    words_of,
)
from proofs_checks.theorems import Conclusion as Concluded
from theory.models import QK_SA, QK_USA, QKV, REPULSIVE, SA, USA
from theory.symbols import G, X, beta, d, n, t
from theory.terms import Diameter, Image, Inner, Name, Row, ddt


@dataclass(frozen=True)
class LinearlyIndependent:
    """Theorem 6.3 for linearly independent tokens: the pole w, its height, C and λ.

    Attributes
    ----------
    inverse : MatrixExpr
        B in ``w = X^T B 1 r0``, ``r0 = (1^T B 1)^{-1/2}``; a function of the Gram matrix G.
    constant : Expr
        C in ``R0``.
    rate : ConeRate, optional
        None for that of the model's own theorem.
    """

    inverse: MatrixExpr
    constant: Expr
    rate: ConeRate | None


def _pole_witness(inverse: MatrixExpr) -> str:
    """Exact tokens at which ``w = X^T B 1 r0`` isn't a unit vector of height r0, or ""."""
    if (G * inverse).doit() == Identity(n):
        return ""
    low, high = (Rational(3, 5), Rational(4, 5)), (Rational(5, 13), Rational(12, 13))
    tokens, ones = Matrix([[1, 0, 0], [*low, 0], [0, *high]]), Matrix([1, 1, 1])
    gram = tokens * tokens.T
    matrix = Matrix(inverse.subs(n, 3).subs(G.subs(n, 3), gram).doit())
    square = (ones.T * matrix * ones)[0]
    heights = list(gram * matrix * ones)  # <x_i, w> / r0
    length = (ones.T * matrix.T * gram * matrix * ones)[0] / square
    if any(value != 1 for value in heights) or length != 1:
        return f"tokens {tokens.tolist()}: <x_i,w>/r0 = {heights}, |w|² = {length}"
    return ""


def derive_independent(flow: Flow) -> LinearlyIndependent:
    """Return the pole, the radius of the cone, and that the rate of Lemma 6.4 is claimed."""
    return LinearlyIndependent(G**-1, _RADIUS, None)


def refute_independent(
    flow: Flow, prediction: LinearlyIndependent | None, budget: Budget
) -> Counterexample | None:
    """Break the pole, the constant, or what Lemma 6.4 says of the cone."""
    if prediction is None:
        return _parted_cone(flow, None, budget)
    if beta in prediction.constant.free_symbols:
        raise ValueError(f"Expected a constant in r0 alone but got {prediction.constant}.")
    if wrong := _pole_witness(prediction.inverse):
        return Counterexample(wrong)
    form = flow.still_form
    if form is not None and flow.attracts.holds and prediction.constant.free_symbols <= {R0}:
        if far := far_from_limit(form.kernel, prediction.constant):
            return Counterexample(far, {"n": "2", "d": ">= 2"})
    return _parted_cone(flow, prediction.rate, budget)


def _parted_cone(flow: Flow, rate: ConeRate | None, budget: Budget) -> Counterexample | None:
    """Refute Lemma 6.4 by more than one start, which has no probability."""
    found = statement_of(LEMMA_6_4).refute(flow, rate, budget)
    return None if found is not None and found == resting_tokens(flow) else found


def conclude_independent(flow: Flow, prediction: LinearlyIndependent) -> Concluded | Refusal:
    """Say Lemma 6.4 of independent tokens, which uniform ones are, from C for D(0)."""
    rate = prediction.rate
    own = met_in(flow, None if rate is None else rate.of(flow.model))
    if isinstance(own, Refusal):
        return own
    own = from_radius(own, prediction.constant.xreplace({R0: H}))
    return almost_surely(at_the_pole(own, prediction.inverse))


def say_independent(flow: Flow, prediction: LinearlyIndependent) -> str:
    """Say it at the model's own rate."""
    own = conclude_independent(flow, prediction)
    if isinstance(own, Refusal):
        return ""
    text = f"d >= n, uniform data: consensus almost surely, {words_of(own, 0, 0)}"
    return with_time(flow, own, f"{text}, h <= (1^T G^(-1) 1)^(-1/2)")


def watch(flow: Flow, prediction: LinearlyIndependent, budget: Budget) -> Trial:
    """Watch both bounds on random data."""
    rate = prediction.rate or cone_rate_of(flow)
    if rate is None or flow.schedule is None or not flow.schedule.constant:
        return Trial(silent="no rate is stated")
    return watch_independent(flow, rate, prediction.constant, budget)


_RADIUS = 2 * sqrt(R0**-2 - 1)

MANY_DIMENSIONS: Statement[LinearlyIndependent] = Statement(
    "Theorem 6.3",
    "d >= n, uniform data: consensus almost surely, exponentially in ∫s",
    Concludes(conclude_independent, words=(("d", "symbolic, d >= n"),)),
    derive_independent,
    refute_independent,
    watch,
    premises=(FLOWS, OWN_VALUES, CONTINUOUS, SCHEDULED, POSITIVE_WEIGHTS),
    bound=True,
    says=say_independent,
    typed=True,
)


_INDEPENDENT = LinearlyIndependent(G**-1, _RADIUS, CONE)
_HALVED = replace(
    CONE, scored=ByModel(*(CONE.of(model).subs(NORM, NORM / 2) for model in (QK_SA, QK_USA)))
)


THEOREM_6_3 = Claim(
    "Theorem 6.3",
    "d >= n, uniform data: |x_i - x*| <= C e^{-λ t}, with r0 = (1^T G^{-1} 1)^{-1/2}, for SA, USA "
    "and any Q, K with V = I, β of either sign.",
    (SA, USA, QK_SA, QK_USA),
    _INDEPENDENT,
    MANY_DIMENSIONS,
    (
        Control("G^{-1} -> G", prediction=replace(_INDEPENDENT, inverse=G)),
        Control(
            "SA rate r0 e^{-2β} -> r0 e^{2β}",
            prediction=replace(_INDEPENDENT, rate=replace(CONE, softmax=R0 * exp(2 * beta))),
        ),
        Control("Q, K and any V", model=(QKV,)),
        Control("|Q^T K| halved", prediction=replace(_INDEPENDENT, rate=_HALVED)),
        Control("C -> C/4", prediction=replace(_INDEPENDENT, constant=sqrt(R0**-2 - 1) / 2)),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
    cases=6,
    concludes=Conclusion.CONSENSUS,
    equivalents=(
        FASTER,
        Equivalent(
            "a lower rate, for r0 <= 1",
            ("prediction.rate*: sign", "prediction.rate*: e^u*", "prediction.rate*: squared"),
        ),
        Equivalent(
            "A_ij s_j/s_i >= m_j r0 e^{-βy}/s_i, y = (1-s_i²)^{1/2}, and -log s_i >= y²/2: at "
            "least m_j r0 e^{-β²/2}",
            ("prediction.rate.plain: β -> β²",),
        ),
        Equivalent(
            "for β >= 2/3 as for USA, Z_i <= e^β being over it; below, with Y = |x_i-w| + |x_j-w| "
            "for the widest pair, λ/r0 >= (1-q)/s_i + p/s_j, where q/(1-q) <= e^{2βY} p/(1-p), so "
            "λ/r0 >= 1 - tanh(βY/2)(1 - Y²/(2(e^{2βY}-1))) >= e^{-2β²} for Y <= 2",
            ("prediction.rate.softmax: β -> β²",),
        ),
    ),
)


def derive_exponent(flow: Flow) -> ByModel | None:
    """Return the rate at consensus, if all modes but rotations have it."""
    speaks = flow.form is not None or flow.scores is not None
    if not speaks or not flow.autonomous.holds or flow.model.kind != "flow":
        return None
    rates = {-value for value, _ in modes(flow)}
    return ByModel(*[*rates] * 2) if len(rates) == 1 else None


def refute_exponent(
    flow: Flow, prediction: ByModel | None, budget: Budget
) -> Counterexample | None:
    """Find another rate at consensus, or tokens that never meet."""
    found = leaves_sphere(flow.model, budget.rng)
    own = derive_exponent(flow)
    if found or prediction is None or own is None or own == prediction:
        return Counterexample(found) if found else parting_values(flow)
    rate = prediction.of(flow.model)
    # Q = I and K = ±I.
    for value, held in ((value, held) for value, _ in modes(flow) for held in (1, -1)):
        at = {beta: Rational(5, 4), n: 3, d: 3, NORM: 1, HELD: held}
        if (value + rate).subs(at).evalf(20).is_nonzero:
            scores = "" if flow.scores is None else f", {HELD} = {held}"
            return Counterexample(
                f"{flow.name}: near consensus modes change like e^(μt) with μ = {value}, "
                f"{value.subs(at).n(6)} at β = 5/4, n = 3{scores}, not {(-rate).subs(at).n(6)}"
            )
    trap = "" if flow.attracts.holds else pair_trap(flow.model)
    return Counterexample(trap, PAIR) if trap else None


def conclude_exponent(flow: Flow, prediction: ByModel) -> Concluded | Refusal:
    """Claim that runs to a consensus z have this exponent."""
    subject, rate = subject_in(flow), prediction.of(flow.model)
    if isinstance(subject, Refusal):
        return subject
    if flow.scores is not None:
        rate = rate.xreplace({HELD: Inner(Z, Image(flow.scores.matrix, Z))})
    return exponent_said(subject, rate)


def say_exponent(flow: Flow, prediction: ByModel) -> str:
    """Say the exponent that is claimed."""
    own = conclude_exponent(flow, prediction)
    said = "that of its modes" if isinstance(own, Refusal) else words_of(own)
    return f"the exponent of runs to consensus: {said}"


EXPONENT: Statement[ByModel] = Statement(
    "(6.1)",
    "the exponent of runs to consensus is that of its modes",
    Concludes(conclude_exponent, words=(("masses", "symbolic, sum 1"),)),
    derive_exponent,
    refute_exponent,
    says=say_exponent,
    premises=(ON_SPHERE, ANY_SCORES, AUTONOMOUS, POSITIVE_WEIGHTS),
    typed=True,
)


_RATE = ByModel(S.One, exp(beta), ByModel(S.One, exp(beta * HELD)))


EQUATION_6_1 = Claim(
    "(6.1)",
    "max_i |x_i - x*| <= C e^{-λt}: along runs to consensus that aren't at consensus the exponent "
    "is exactly 1 (SA), e^β (USA); with any Q, K and V = I 1 (SA), e^{β<Qx*,Kx*>} (USA).",
    (SA, USA, QK_SA, QK_USA),
    _RATE,
    EXPONENT,
    (
        Control("SA: 1 -> e^{-2β}, the proof's", prediction=replace(_RATE, softmax=exp(-2 * beta))),
        Control("USA: e^β -> 1", prediction=replace(_RATE, plain=S.One)),
        Control("V = -I", model=(REPULSIVE,)),
        Control("Q, K and any V", model=(QKV,)),
        Control(
            "USA with Q, K: e^{β<Qx*,Kx*>} -> e^β",
            prediction=replace(_RATE, scored=ByModel(S.One, exp(beta))),
        ),
    ),
    Verdict.PROVED,
    (ROOM, WARM),
    equivalents=(
        AT_CONSENSUS,
        Equivalent(AT_CONSENSUS.reason, ("QK-SA.velocity: e^u -> e^2u", "QK-SA.velocity: β -> β²")),
    ),
)


_WIDE = Diameter(Row(X, TOKEN), TOKEN)


def conclude_slope(flow: Flow, prediction: ByModel) -> Concluded | Refusal:
    """Claim that late D = max |x_i - x_j| falls at the rate, to 0.2 %, from heights over 1/10."""
    subject, rate, own = subject_in(flow), prediction.of(flow.model), derive_exponent(flow)
    if isinstance(subject, Refusal) or own is None:
        return Refusal(f"{subject}" if own else "modes have no one rate")
    rate = rate.xreplace({R0: H})
    off = Rel("<=", abs(ddt(_WIDE) / _WIDE + rate), rate / 500)
    late = Rel("<", 0, _WIDE), Rel("<=", 9, t * abs(own.of(flow.model)))
    start = UNIT_AXIS, HIGH, Rel("<=", S.One / 10, H), Rel("<=", beta, S(3) / 2)
    return unproved(off, (solving(subject), *start, *late), (Name("D", _WIDE),))


def watch_slope(flow: Flow, prediction: ByModel, budget: Budget) -> Trial:
    """Evaluate what is claimed late in runs from tokens of a hemisphere."""
    claim, own = conclude_slope(flow, prediction), derive_exponent(flow)
    if flow.given or isinstance(claim, Refusal) or own is None:
        return Trial(silent="no runs at given parameters")
    heats = (0.0, 0.4, 0.9, 1.5) if budget.full else (0.4, 1.2)
    runs = []
    for hot in heats:
        points = np.asarray(random_points(4, 5, budget.rng, budget.cases))
        points[..., -1] = np.abs(points[..., -1]) + 0.8
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        # In units of the time that modes take the runs of all models look alike.
        slow = 1 / float(abs(own.of(flow.model)).subs({beta: hot, n: 4}))
        runs += [run_from(flow.model, hot, x, (9.01, 10.0), slow) for x in points]
    return tried_along(claim, runs, {"n": "4", "d": "5", "beta": ", ".join(map(str, heats))})


LATE_SLOPE: Statement[ByModel] = Statement(
    "",
    "late slopes of runs",
    Concludes(conclude_slope),
    derive_exponent,
    refute_off_sphere,
    watch_slope,
    typed=True,
)


RATE_6_3 = Claim(
    "Theorem 6.3 rate",
    "Simulated tokens meet at the rate of the linearisation, 1 (SA) and e^β (USA), not at A.10's.",
    (SA, USA),
    ByModel(S.One, exp(beta)),
    LATE_SLOPE,
    (
        Control("A.10's λ", prediction=ByModel(R0 * exp(-2 * beta), R0 * exp(-beta))),
        Control("USA: e^β -> 1", prediction=ByModel(S.One, S.One)),
        Control("1 -> 2 (the rate of 1 - g_ij)", prediction=ByModel(Integer(2), exp(beta))),
    ),
    Verdict.SUPPORTED,
    (WARM,),
    cases=4,
    origin="extension",
    equivalents=(AT_CONSENSUS,),
)


CLAIMS = (THEOREM_6_3, EQUATION_6_1, RATE_6_3)
