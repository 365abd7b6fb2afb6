"""Theorem 4.1 [2411.04990], and its rate: under a causal mask every token tends to the first.

Main results
------------
- Theorem 4.1: no token sees a later one and all but the first see an earlier one, V = I, any Q, K,
  β: x_1 stands still and x_k -> x_1, but for one start x_k(0) at most for given earlier tokens.
- Theorem 4.1 rate: a causal mask, masses 1/n: e^{t/2} (x_k - x_1) -> (k - 1) e, one e for all k,
  which isn't 0 unless x_2 = x_1.

How it is proved
----------------
Induction on k. Once x_1, ..., x_{k-1} are near x_1, g = <x_k,x_1> has g' >= κ(1-g²) - o(1), by the
Gram algebra and the least weight, so g -> 1 or g -> -1. The equation of x_k, the earlier tokens
being given, has a limit that repels at -x_1, where d(P_x p)(v) = v: two solutions near it part. The
rate is that of the triangular linearisation; its slowest mode solves an equation in k.

References
----------
Karagodin, Polyanskiy, Rigollet, Clustering in causal attention masking, arXiv 2411.04990.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sympy import Expr, Integer, Rational, S, oo, sympify

from numerics.compile import compile_model
from numerics.sphere import project as onto_sphere
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    AUTONOMOUS,
    CONTINUOUS,
    ON_SPHERE,
    ONLY_SPEED,
    ORDERED,
    SCHEDULED,
    SEES,
    Counterexample,
    Domain,
    Flow,
    How,
    Outcome,
    Premise,
    Statement,
    Step,
    Trial,
    masked_attention,
    parted_groups,
    parting_pair,
    refuse_sign,
    short,
    sight_of,
)
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import (
    FOLLOWER,
    Concludes,
    Conclusion,
    Refusal,
    approaching_first,
    following,
    in_its_time,
    subject_in,
)
from theory.masks import Mask
from theory.models import CAUSAL
from theory.symbols import beta, n

CAUSAL_QK = masked_attention("causal QK-SA", Mask.causal())

BLIND = masked_attention("blind", Mask.band(0))

STRICT_QK = masked_attention("strictly causal QK-SA", Mask.strictly_causal())


@dataclass(frozen=True)
class Leader:
    """``x_k -> sign x_1`` for all k but ``exceptions`` starts x_k(0), given the earlier tokens."""

    sign: int = 1
    exceptions: int = 1


def derive_leader(flow: Flow) -> Leader | None:
    """Return the first token, with one exception, where tokens are seen in some order."""
    return None if sight_of(flow) is None else Leader()


def refute_leader(flow: Flow, prediction: Leader | None, budget: Budget) -> Counterexample | None:
    """Find groups or pairs that never meet, a first token that moves, or exceptions left out."""
    if found := parting_pair(flow) or parted_groups(flow):
        return found
    sight = sight_of(flow)
    if sight is None or prediction is None or not SEES.test(flow).holds:
        return None
    if not ORDERED.test(flow).holds:
        return None
    scope = {"n": "2", "d": ">= 2", "masses": "1/2"}
    refuse_sign(prediction.sign)
    if prediction.sign != 1:
        text = "from <x_1,x_2> = g = 0 the product rises to 1: g' = c A_21 (1-g²) > 0"
        return Counterexample(text, scope)
    if prediction.exceptions < 1:
        return Counterexample("x_2 = -x_1, <x_1,x_2> = -1: P_2 x_1 = 0, both stand still", scope)
    return None


def conclude_leader(flow: Flow, prediction: Leader) -> Conclusion | Refusal:
    """Say that the tokens follow the first one, each but from as many starts at most."""
    schedule = flow.schedule
    moves = schedule is not None and not schedule.constant
    if moves and schedule is not None and schedule.total != oo:
        return Refusal(f"∫({schedule.factor})dt is bounded")
    subject = subject_in(flow, still=moves)
    if isinstance(subject, Refusal) or prediction.sign != 1:
        return subject if isinstance(subject, Refusal) else Refusal("x_k -> x_1 is shown")
    own = following(subject, Integer(prediction.exceptions))
    return own if isinstance(own, Refusal) else in_its_time(flow, own)


def _forward(flow: Flow) -> Step:
    text = "a mask that shows no later token"
    masks = flow.model.velocity.atoms(Mask)
    if not masks or any(mask.triangular is False for mask in masks):
        return Step(
            text, How.DERIVED, Outcome.FAILS, "it shows later tokens" if masks else "no mask"
        )
    if not all(mask.triangular for mask in masks):
        return Step(text, How.DERIVED, Outcome.FAILS, "who sees whom isn't given")
    return Step(text, How.DERIVED)


FORWARD = Domain("a mask of earlier tokens", _forward, kind=True)


LEADER: Statement[Leader] = Statement(
    "leader induction",
    "a mask of earlier tokens: from almost every start all tend to the first",
    Concludes(conclude_leader, words=(("data", "almost all"),)),
    derive_leader,
    refute_leader,
    domain=(FORWARD,),
    premises=(ON_SPHERE, CONTINUOUS, SEES, SCHEDULED, ORDERED),
    typed=True,
)


THEOREM_4_1 = Claim(
    "Theorem 4.1 [2411.04990]",
    "Under a mask that shows no later token, and all but the first an earlier one, with V = I and "
    "any Q, K, β: x_k -> x_1 for all k, but, given the earlier tokens, for one start x_k(0).",
    (CAUSAL, CAUSAL_QK, STRICT_QK),
    Leader(),
    LEADER,
    (
        Control("V = -I", model=(masked_attention("causal, V = -I", Mask.causal(), sign=-1),)),
        Control("tokens that see themselves alone", model=(BLIND,)),
        Control("the opposite point", prediction=Leader(-1)),
        Control("no exception", prediction=Leader(exceptions=0)),
    ),
    Verdict.PROVED,
    origin="extension",
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("at most one is at most two", ("prediction.exceptions: + 1",)),
    ),
)


@dataclass(frozen=True)
class Approach:
    """``e^{rate t} (x_i - x_1) -> share(i) e``, e the same for all tokens i."""

    rate: Expr = S.Half
    share: Expr = FOLLOWER - 1


def _causal(flow: Flow) -> Step:
    text = "a causal mask"
    only = flow.model.velocity.atoms(Mask) == {Mask.causal()}
    return Step(text, How.DERIVED, *(() if only else (Outcome.FAILS, "no causal mask")))


def _alike(flow: Flow) -> Step:
    text = "a softmax of scores that treat all tokens alike: A_kj = 1/k at consensus"
    sight = sight_of(flow)
    if sight is None or not sight.alike:
        return Step(text, How.DERIVED, Outcome.FAILS, f"{flow.name} isn't of this form")
    return Step(text, How.DERIVED, evidence="without the mask: permutation equivariant")


CAUSAL_ONLY = Domain("a causal mask", _causal, kind=True)
ALIKE = Premise("ALIKE", _alike)


def derive_approach(flow: Flow) -> Approach | None:
    """Return half the factor c of the field as the rate."""
    sight = sight_of(flow)
    return None if sight is None else Approach(sight.factor / 2)


def refute_approach(
    flow: Flow, prediction: Approach | None, budget: Budget
) -> Counterexample | None:
    """Compare the linearisation at consensus, for four tokens, with the mode and its rate."""
    if found := parting_pair(flow):
        return found
    sight = sight_of(flow)
    if sight is None or prediction is None or not sight.alike or sight.tokens == "symbolic":
        return None
    slopes = sight.slopes(4)
    mode = [prediction.share.subs(FOLLOWER, i + 1) for i in range(slopes.rows)]
    for i, row in enumerate(slopes.tolist(), start=1):
        seen = sum((a * w for a, w in zip(row, mode, strict=True)), S.Zero)
        left = (seen + prediction.rate * mode[i - 1]).subs({beta: Rational(5, 4), n: 4})
        if left.is_nonzero or (i == 2 and mode[1] != 1):
            return Counterexample(
                f"{flow.name}, n = {slopes.rows}: tokens with x_j - x_1 = {mode} ε e near "
                f"consensus: x_{i} moves by {seen} ε e, not by {-prediction.rate * mode[i - 1]} "
                "ε e, where e is the direction of x_2",
                {"n": str(slopes.rows), "d": ">= 2", "masses": "1/n"},
            )
    return None


def conclude_approach(flow: Flow, prediction: Approach) -> Conclusion | Refusal:
    """Say that tokens tend to the first one at the predicted rate, along the predicted mode."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    rate = sympify(prediction.rate).xreplace(flow.values)
    return approaching_first(subject, rate, prediction.share)


def watch(flow: Flow, prediction: Approach, budget: Budget) -> Trial:
    """Run five tokens of a cap until they are e^{-20} apart, and compare with the mode."""
    rate = sympify(prediction.rate).xreplace(flow.values)
    if flow.model.parameters != (beta,) or not (flow.autonomous.holds and rate.is_positive):
        return Trial(silent=f"{flow.name}: no numbers to run it at")
    worst, tolerance, time = 0.0, 5e-2, 20 / float(rate)
    shares = [float(prediction.share.subs(FOLLOWER, i)) for i in range(1, 6)]
    for _ in range(max(1, budget.cases // 5)):
        warm, points = float(budget.rng.uniform(0, 2)), random_points(5, 3, budget.rng)
        across = np.cross(points[0], points[1])
        points[1] = across / np.linalg.norm(across)
        points = onto_sphere(points[0] + 0.4 * points)
        end = integrate(compile_model(flow.model, beta=warm), points, time, rtol=1e-12).points[-1]
        apart = end - end[0]
        left = np.abs(apart - np.multiply.outer(shares, apart[1])).max() / np.abs(apart[1]).max()
        worst = max(worst, float(left))
        if worst > tolerance:
            said = f"β = {warm:.3g}, x(0) = {short(points)}: x_i - x_1 is {left:.2g} off the mode"
            return Trial(said, 1 - worst / tolerance, budget.cases)
    return Trial(margin=1 - worst / tolerance, cases=budget.cases)


APPROACH: Statement[Approach] = Statement(
    "rate of followers",
    "a causal mask: e^{ct/2} (x_k - x_1) has a limit, the (k-1)-fold of that of x_2",
    Concludes(conclude_approach, words=(("masses", "1/n"), ("data", "almost all"))),
    derive_approach,
    refute_approach,
    watch,
    domain=(CAUSAL_ONLY,),
    premises=(ON_SPHERE, CONTINUOUS, SEES, AUTONOMOUS, ALIKE),
    typed=True,
)


RATE = Claim(
    "Theorem 4.1 [2411.04990] rate",
    "Under a causal mask, masses 1/n and V = I, e^{t/2} (x_k - x_1) tends to (k-1) e, e not 0 "
    "unless x_2 = x_1, from almost every start, for any Q, K, β.",
    (CAUSAL, CAUSAL_QK),
    Approach(),
    APPROACH,
    (
        Control("e^{-t}, as without a mask", prediction=Approach(S.One)),
        Control("the same for all k", prediction=Approach(share=S.One)),
        Control("V = -I", model=(masked_attention("causal, V = -I", Mask.causal(), sign=-1),)),
    ),
    Verdict.PROVED,
    cases=5,
    origin="extension",
    equivalents=(
        Equivalent(
            "at consensus the softmax weights are those of the masses, at every temperature",
            AT_EVERY_BETA.names,
        ),
    ),
)


CLAIMS = (THEOREM_4_1, RATE)
