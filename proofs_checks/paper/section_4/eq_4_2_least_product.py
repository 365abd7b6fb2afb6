"""(4.2): the least inner product never falls once it is >= 0.

How it is proved
----------------
A theorem on models in pull form, x_i' = P_i Σ_j p_ij x_j with p_ij >= 0: the rate of a least pair
is at least its product times a factor >= 0. Exact for symbolic n, d, masses and β. The rate is
watched at drawn points.

References
----------
arXiv 2312.10794, (4.2).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sympy import (
    Expr,
    Rational,
    S,
    simplify,
)

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    AT_EVERY_BETA,
    CONTINUOUS,
    NONNEGATIVE_WEIGHTS,
    ON_SPHERE,
    ONLY_SPEED,
    OWN_VALUES,
    PACED,
    POSITIVE_WEIGHTS,
    Array,
    Counterexample,
    Fixed,
    Flow,
    Statement,
    Trial,
    falling_pair,
    of_tokens,
    pair_weight,
    refute_in_family,
    refute_off_sphere,
    short,
    unrun,
)
from proofs_checks.propositions import putting
from proofs_checks.theorems import (
    G0,
    Concludes,
    Conclusion,
    Refusal,
    Says,
    in_its_time,
    least_pair,
    pull_in,
    with_time,
    words_of,
)
from theory.models import REPULSIVE, SA, USA, Model


def _least_pair_rates(model: Model, points: Array, hot: Array) -> tuple[Array, Array]:
    """Least inner product of each system, and the least rate among the pairs that attain it."""
    velocity = compile_model(model, beta=hot)(points)
    gram = points @ points.swapaxes(-1, -2)
    rate = velocity @ points.swapaxes(-1, -2)
    rate = rate + rate.swapaxes(-1, -2)
    off = gram + 2 * np.eye(gram.shape[-1])
    flat = off.reshape(len(points), -1)
    place = flat.argmin(axis=1)
    rows = np.arange(len(points))
    return flat[rows, place], rate.reshape(len(points), -1)[rows, place]


def derive_least(flow: Flow) -> Expr:
    """Return the threshold of the argument, which no flow changes."""
    return S.Zero


def refute_least(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Find tokens that leave the sphere, or two that move apart from an inner product >= 0."""
    lost = refute_off_sphere(flow, prediction, budget)
    floor = S.Zero if prediction is None else prediction
    falls = Fixed(_falls, floor)
    return lost or _backwards(flow, floor) or falls(flow) or refute_in_family(flow, None, falls)


def _falls(floor: Expr, flow: Flow, said: Expr | None = None) -> Counterexample | None:
    """Two tokens of mass 1/2 that move apart at some inner product, at any time."""
    if flow.still_form is None or flow.schedule is None or flow.schedule.sign != 1:
        return None
    places = (Rational(1, 2), S.Zero, Rational(1, 8), Rational(9, 10), Rational(1, 4))
    found = falling_pair(pair_weight(flow), tuple(g for g in places if g >= floor))
    if found is None:
        return None
    place, value, where = found
    return Counterexample(
        f"{flow.name}, two tokens of mass 1/2, <x_1,x_2> = {place}: its derivative is "
        f"{simplify(value * (1 - place**2))} < 0 {where}"
    )


def _backwards(flow: Flow, floor: Expr) -> Counterexample | None:
    """Two near tokens that part when a flow with positive weights runs backwards.

    ``g' = s (A_12 + A_21)(1 - g²)``, so 1 - g changes by a bounded factor up to any time: tokens
    near enough to each other at the start are still so, and distinct.
    """
    schedule = flow.schedule
    if schedule is None or (moment := schedule.negative_at) is None or (1 - floor).is_nonpositive:
        return None
    needed = (ON_SPHERE, OWN_VALUES, CONTINUOUS, POSITIVE_WEIGHTS)
    if not all(premise.test(flow).holds for premise in needed):
        return None
    return Counterexample(
        f"two tokens that start near enough to each other: at t = {moment} still {floor} < g < 1, "
        f"g = <x_1,x_2>, and g' = s (A_12 + A_21)(1 - g²) < 0, as s = {schedule.factor} < 0",
        {"n": "2", "masses": "any"},
    )


def conclude_least(flow: Flow, prediction: Expr) -> Conclusion | Refusal:
    """Say that inner products that are at least g_0 >= 0 stay so; from a threshold on, if given."""
    pull = pull_in(flow)
    if isinstance(pull, Refusal):
        return pull
    own = least_pair(pull)
    shift = {G0: prediction + G0}
    given = tuple(putting(one, shift) for one in own.says.given)
    return in_its_time(flow, replace(own, says=Says(given, putting(own.says.then, shift))))


def say_least(flow: Flow, prediction: Expr) -> str:
    """Say it, and the rate at a least pair."""
    own = conclude_least(flow, prediction)
    if isinstance(own, Refusal):
        return ""
    at_pair = f"{words_of(own, 0)} for g_0 >= 0, at least pairs {words_of(own, 1)}"
    return with_time(flow, own, f"min <x_i,x_j> never falls once it is >= 0: {at_pair}")


def watch_least(flow: Flow, prediction: Expr, budget: Budget) -> Trial:
    """Watch the rate of the least pairs of drawn systems."""
    if unrun(flow):
        return Trial(silent=unrun(flow))
    floor, worst, count = float(prediction), np.inf, 300 * budget.cases
    for size, dimension in ((3, 2), (4, 3)):
        points = np.asarray(random_points(size, dimension, budget.rng, count))
        # Pull towards the first token so that all ranges of the minimum are met.
        pull = budget.rng.uniform(0, 1.5, (count, 1, 1))
        points = points + pull * points[:, :1]
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        hot = budget.rng.uniform(0.2, 4.0, count)
        least, rate = _least_pair_rates(flow.model, points, hot)
        rate = np.where(least >= floor, rate, np.inf)
        case = int(np.argmin(rate))
        if rate[case] < -1e-12:
            detail = (
                f"{flow.name}, β = {hot[case]:.4g}, x = {short(points[case])}: "
                f"min g = {least[case]:.4g} has g' = {rate[case]:.4g} < 0"
            )
            return Trial(detail, float(rate[case]), count)
        worst = min(worst, float(rate[case]))
    return Trial("", worst, 4 * count)


MONOTONE: Statement[Expr] = Statement(
    "(4.2)",
    "min <x_i,x_j> never falls once it is >= 0",
    Concludes(conclude_least),
    derive_least,
    of_tokens(refute_least),
    watch_least,
    premises=(ON_SPHERE, OWN_VALUES, CONTINUOUS, PACED, NONNEGATIVE_WEIGHTS),
    several_blocks=True,
    says=say_least,
    typed=True,
)


EQUATION_4_2 = Claim(
    "(4.2)",
    "min_ij <x_i,x_j> never decreases once it is >= 0: S_0^k is contained in S_0^{k+1}, the sets "
    "at the integer times k and k + 1.",
    (SA, USA),
    S.Zero,
    MONOTONE,
    (
        Control("min >= 0 -> min >= -9/10", prediction=Rational(-9, 10)),
        Control("V = -I", model=(REPULSIVE,)),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=4,
    equivalents=(
        ONLY_SPEED,
        AT_EVERY_BETA,
        Equivalent("only A_ij >= 0 is used, and β A_ij >= 0", ("*.velocity: × β",)),
        Equivalent("said of consensus only, where nothing moves", ("prediction: + 1",)),
    ),
)


CLAIMS = (EQUATION_4_2,)
