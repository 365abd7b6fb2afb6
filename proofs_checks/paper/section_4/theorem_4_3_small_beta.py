"""Theorem 4.3, E.Theorem 4.3 proof: one cluster at small β.

Main results
------------
- Theorem 4.3: β < -log(1 - min m), so β <= 1/n: almost all data converge to one cluster.
- E.Theorem 4.3 proof: the argument serves every n and d with C = 1; compactness gives no C.

How it is proved
----------------
A theorem on energies of pairs: below the threshold no critical point but consensus is without a
direction of ascent. What the argument uses, (e^{βc}-1)c <= e^β - 1, and that the threshold is more
than min m, are theorems too. Exact for symbolic masses, d and β > 0; β = 0 is Theorem 4.1. The
erratum runs the same check with C in it. Cited: Łojasiewicz, the centre-stable manifold. No point
is drawn for the proof.

References
----------
arXiv 2312.10794, Theorem 4.3 and its proof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sympy import Expr, Integer, Rational, S, exp, limit, log

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
from proofs_checks.proof import (
    ATTENTION,
    CLIMBS,
    HEAT,
    ONE_MASS,
    ONLY_SPEED,
    PAIR,
    PAIR_ENERGY,
    SCHEDULED,
    Counterexample,
    Domain,
    Flow,
    How,
    Outcome,
    Statement,
    Step,
    apart,
    below_exponential,
    heat,
    heat_share,
    small_threshold,
)
from proofs_checks.proof.kinds import FLOWS, ONE_HEAT, SOME_HEAT
from proofs_checks.theorems import Concludes, Refusal, small_starts, subject_in
from proofs_checks.theorems import Conclusion as Concluded
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta, t


@dataclass(frozen=True)
class SmallBeta:
    """The inequality and the threshold of Theorem 4.3.

    Attributes
    ----------
    right : Expr
        ``(e^{βc} - 1) c <= right`` for c in [-1, 1]; a function of ``beta``.
    threshold, simple : Expr
        Below them every non-consensus equilibrium is a strict saddle; functions of ``ONE_MASS``.
        Where the weights hold no β they speak of the c in e^{cg}.
    """

    right: Expr
    threshold: Expr
    simple: Expr


def _share(flow: Flow) -> Expr | None:
    """Return a of ``c = a β``; 1 where c is a number."""
    own = heat(flow)
    if own is None or t in own.free_symbols:
        return None
    return heat_share(flow) if beta in own.free_symbols else S.One


def _exponential(flow: Flow) -> Step:
    """Whether the weights are ``s e^{cg}``, with 0 <= c < log 2 if c is a number."""
    text = "weights s(t) e^{cg}, 0 <= c < -log(1 - min m)"
    if flow.form is None:
        return Step(text, How.DERIVED)  # for the premises to say
    own = heat(flow)
    if own is None:
        return Step(text, How.DERIVED)
    first = own.subs(t, 0)
    if first.is_number and (first.is_negative or (first - log(2)).is_nonnegative):
        return Step(text, How.DERIVED, Outcome.FAILS, f"c = {own}, and min m <= 1/2")
    return Step(text, How.DERIVED)


SMALL_HEAT = Domain("β < -log(1 - min m)", _exponential)


def _scaled(flow: Flow, prediction: SmallBeta) -> SmallBeta:
    """Return the prediction in terms of c = a β."""
    share = _share(flow) or S.One
    return SmallBeta(
        prediction.right.subs(beta, beta / share),
        share * prediction.threshold,
        share * prediction.simple,
    )


def derive_small(flow: Flow) -> SmallBeta | None:
    """Return the inequality and the threshold of the flow's own c = a β."""
    share = _share(flow)
    if share is None:
        return None
    return SmallBeta(exp(share * beta) - 1, -log(1 - ONE_MASS) / share, ONE_MASS / share)


def refute_small(flow: Flow, prediction: SmallBeta | None, budget: Budget) -> Counterexample | None:
    """Tokens that never meet at a small β, or an inequality of the argument that fails."""
    # c = 1/3 is below the threshold log 2 of two tokens.
    free = beta in flow.model.parameters and beta not in flow.values and not flow.code
    places = [flow.at(beta=1 / (3 * (_share(flow) or S.One))), flow.cold] if free else [flow]
    for place in places[: 1 + flow.from_zero]:
        found = apart(place, budget.rng)
        if found and place is not flow:
            found = f"β = {place.number()}: {found}"
        if found:
            break
    if found:
        return Counterexample(found, PAIR)
    if prediction is None or _share(flow) is None:
        return None
    said = _scaled(flow, prediction)
    for found in (below_exponential(said.right), small_threshold(said.threshold, said.simple)):
        if found and not found.startswith("undecided"):
            return Counterexample(f"{flow.name}: {found}")
    return None


def conclude_small(flow: Flow, prediction: SmallBeta) -> Concluded | Refusal:
    """Say the inequality, that the threshold is more than the simple one, and consensus below it.

    Examples
    --------
    >>> conclude_small(Flow.of(SA), _SMALL).found.by.name
    'and'
    """
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    return small_starts(subject, prediction.right, prediction.threshold, prediction.simple)


SMALL: Statement[SmallBeta] = Statement(
    "Theorem 4.3",
    "β < -log(1 - min m): consensus from almost every start",
    Concludes(conclude_small),
    derive_small,
    refute_small,
    domain=(SOME_HEAT, SMALL_HEAT),
    premises=(ONE_HEAT, FLOWS, ATTENTION, SCHEDULED, PAIR_ENERGY, CLIMBS),
    typed=True,
    bound=True,
)


def _below(**parameters: float) -> float:
    return float(np.log(parameters["n"] / (parameters["n"] - 1)) - parameters["beta"])


_SMALL = SmallBeta(exp(beta) - 1, -log(1 - ONE_MASS), ONE_MASS)


THEOREM_4_3 = Claim(
    "Theorem 4.3",
    "β < -log(1 - min m) (so β <= 1/n): almost all data converge to one cluster.",
    (SA, USA),
    _SMALL,
    SMALL,
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
    """``β_0 >= constant/n`` for every n; β_0 a function of ``ONE_MASS`` = 1/n, or not given."""

    threshold: Expr | None
    constant: Expr


def derive_uniform(flow: Flow) -> UniformConstant | None:
    """Return the flow's own threshold, and the constant that it has."""
    own = derive_small(flow)
    return None if own is None else UniformConstant(own.threshold, own.simple / ONE_MASS)


def _for_all_sizes(threshold: Expr, constant: Expr) -> SmallBeta:
    return SmallBeta(exp(beta) - 1, threshold, constant * ONE_MASS)


def _scaled_limit(threshold: Expr) -> Expr:
    """Limit of ``n β_0(n)`` as n -> ∞."""
    return limit(threshold / ONE_MASS, ONE_MASS, 0, "+")


def refute_uniform(
    flow: Flow, prediction: UniformConstant | None, budget: Budget
) -> Counterexample | None:
    """Look at n β_0(n) as n -> ∞, else refute the threshold with its constant."""
    if prediction is None:
        return refute_small(flow, None, budget)
    threshold = prediction.threshold
    if threshold is None:
        return None
    if _scaled_limit(threshold) == 0:
        values = ", ".join(
            f"{(size * threshold.subs(ONE_MASS, Rational(1, size))).evalf(4)}"
            for size in (10, 1000)
        )
        return Counterexample(
            f"β_0 = {threshold} with μ = 1/n is positive for every n, yet n β_0 is "
            f"{values} at n = 10, 1000, and tends to 0: no C > 0 has β_0 >= C/n"
        )
    return refute_small(flow, _for_all_sizes(threshold, prediction.constant), budget)


def conclude_uniform(flow: Flow, prediction: UniformConstant) -> Concluded | Refusal:
    """Say what is said of the threshold with its constant, whatever n.

    Examples
    --------
    >>> print(conclude_uniform(Flow.of(SA), replace(_UNIFORM, threshold=None)).reason)
    some β_0(n, d) > 0 exists by compactness: nothing printed bounds n β_0 from below
    """
    if prediction.threshold is None:
        return Refusal(
            "some β_0(n, d) > 0 exists by compactness: nothing printed bounds n β_0 from below"
        )
    return conclude_small(flow, _for_all_sizes(prediction.threshold, prediction.constant))


UNIFORM: Statement[UniformConstant] = Statement(
    "",
    "β < C/n with one C for every n: consensus from almost every start",
    Concludes(conclude_uniform),
    derive_uniform,
    refute_uniform,
    domain=SMALL.domain,
    premises=SMALL.premises,
    typed=True,
)


_UNIFORM = UniformConstant(-log(1 - ONE_MASS), S.One)


ERRATUM_THEOREM_4_3 = Claim(
    "E.Theorem 4.3 proof",
    "The argument of 4.3 serves every n and d with C = 1, as (n-1)(e^β - 1) < 1 for β < "
    "log(n/(n-1)); compactness gives some β_0(n, d) > 0 only.",
    (SA, USA),
    _UNIFORM,
    UNIFORM,
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
