"""Theorem 4.2: P(S_β) -> 1 as β -> 0, with explicit β for P(S_β) >= P(S_0^k), for any Q, K.

How it is proved
----------------
A theorem on three: (4.5) keeps what is clustered at the time t at β = 0, for β <= b(t), in an open
hemisphere, from which tokens meet by Lemma 6.4; and at β = 0 the share of clustered starts tends to
1 by Theorem 4.1. Clopper-Pearson bounds of P(S_0^k) from drawn runs with n = 4, d = 2 are shown.
Cited: dominated convergence, and what Theorem 4.1 cites.

References
----------
arXiv 2312.10794, Theorem 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import betaincinv
from sympy import (
    Expr,
    Integer,
    Rational,
    S,
    log,
    simplify,
)

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.paper.section_4.eq_4_5_small_deviation import (
    SMALL_DEVIATION,
    SmallDeviation,
    derive_small,
)
from proofs_checks.proof import (
    ANY_SCORES,
    AUTONOMOUS,
    GROWN,
    HOT,
    NORM,
    ON_SPHERE,
    SMALL_CHANGE_IN_BETA,
    ByModel,
    Counterexample,
    Flow,
    Statement,
    Trial,
    drawn_matrices,
    falling_pair,
    force_of,
    in_words,
    pair_weight,
    refute_in_family,
    refute_off_sphere,
    short,
    twins,
    unrun,
)
from proofs_checks.proof.kinds import VARIED
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Refusal,
    clustered_in_time,
    cold_starts,
    concluded_by,
    met_in,
    subject_in,
)
from theory.bounded import remainder
from theory.models import QK_SA, QK_USA, QKV, REPULSIVE, SA, USA, Model
from theory.symbols import beta, t


@dataclass(frozen=True)
class ClusteredInTime:
    """Tokens ``near``-clustered at time k at β = 0 are ``kept``-clustered for all β <= β_k.

    Attributes
    ----------
    beta_softmax, beta_plain : Expr
        β_k as a function of t = k, a whole number.
    scored : ByModel
        The same with query and key matrices, of |β|, in `NORM`.
    near, error, kept : Expr
        Least inner product at β = 0, deviation allowed by (4.4), least inner product at β.
    """

    beta_softmax: Expr
    beta_plain: Expr
    scored: ByModel
    near: Expr
    error: Expr
    kept: Expr

    @property
    def hottest(self) -> ByModel:
        """β_k."""
        return ByModel(self.beta_softmax, self.beta_plain, self.scored)


def _opened(near: Expr, error: Expr) -> float:
    """Inner product of two points of inner product ``near`` after each has moved ``error``."""
    turn = 2 * np.arcsin(min(float(error) / 2, 1.0))
    return float(np.cos(min(np.arccos(float(near)) + 2 * turn, np.pi)))


def _refuse_clustered(prediction: ClusteredInTime) -> None:
    """Refuse numbers that are no inner products, no distance or no temperatures."""
    p = prediction
    rates = (p.beta_softmax, p.beta_plain, p.scored.softmax, p.scored.plain)
    hottest = [b.subs({t: 2, **dict.fromkeys(b.free_symbols - {t}, 1)}) for b in rates]
    if p.near > 1 or p.error < 0 or min(map(float, hottest)) <= 0:
        raise ValueError(
            f"Expected near <= 1, error >= 0 and β_k > 0 but got near={p.near}, error={p.error}, "
            f"β_2={hottest}."
        )


def _parted(flow: Model, hottest: Expr, prediction: ClusteredInTime) -> str:
    """Twelve tokens that are clustered at t = 2 at β = 0 but not at β_2, or ""; for a fast flow.

    They are balanced but for a small shift. Between the shifts that send them at β_2 to one side
    and to the other there is one that leaves them balanced, where β = 0 sends them to a side.
    """
    time, hot = 2.0, float(hottest.subs(t, 2))
    balanced, shifts = np.arccos([0.9, -0.3, -0.6]), np.linspace(-1e-2, 1e-2, 41)
    for _ in range(4):
        half = balanced + shifts[:, None] * [1.0, 0.0, 0.0]
        angles = np.concatenate([half, half, -half, -half], axis=1)
        points = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        cold, warm = (
            integrate(compile_model(flow, beta=b), points, time, rtol=1e-8).points[-1]
            for b in (0.0, hot)
        )
        least = [(x @ x.swapaxes(-1, -2)).min(axis=(-2, -1)) for x in (cold, warm)]
        inside = least[0] > float(prediction.near)
        gap = np.where(inside, least[1] - float(prediction.kept), np.inf)
        case = int(np.argmin(gap))
        if gap[case] < -1e-3:
            return (
                f"{flow.name}, n = 12, angles ±{short(half[case])}, each twice: at t = 2 min g = "
                f"{least[0][case]:.4g} at β = 0 but {least[1][case]:.4g} at β = {hot:.3g}"
            )
        turns = np.flatnonzero(np.diff(np.sign(warm[..., 0].sum(axis=-1))))
        if not len(turns):
            return ""
        shifts = np.linspace(shifts[turns[0]], shifts[turns[0] + 1], 41)
    return ""


def derive_clustered(flow: Flow) -> ClusteredInTime | None:
    """Return the β_k of (4.5), where β is free to tend to 0."""
    small = None if beta in flow.values or flow.code else derive_small(flow)
    if small is None:
        return None
    found = small.hottest.softmax, small.hottest.plain
    return ClusteredInTime(*found, ByModel(*found), small.near, small.error, small.kept)


def _parting(flow: Flow, *, first_order: bool = False) -> str:
    """Two tokens that move apart at β = 0, or to first order in β, hence at small β; or ""."""
    if flow.still_form is None or flow.schedule is None or flow.schedule.sign != 1:
        return ""
    if beta in flow.values or beta not in flow.model.parameters:
        return ""
    places = (S.Zero, S.Half, -S.Half, Rational(9, 10))
    rate = pair_weight(flow)
    words = "at β = 0 its derivative is"
    if first_order and simplify(rate.subs(beta, 0)) == 0:
        rate, words = rate.diff(beta), "to first order in β its derivative is β times"
    found = falling_pair(rate.subs(beta, 0), places)
    if found is None:
        return ""
    place, value, where = found
    return (
        f"{flow.name}, two tokens of mass 1/2, <x_1,x_2> = {place}: {words} "
        f"{simplify(value * (1 - place**2))} < 0 {where}, and so it is at small β: pairs that "
        "start at or below it never meet"
    )


def _refute_member(flow: Flow, said: Expr | None) -> Counterexample | None:
    found = _parting(flow, first_order=True)
    return Counterexample(found) if found else None


def refute_clustered(
    flow: Flow, prediction: ClusteredInTime | None, budget: Budget
) -> Counterexample | None:
    """Find two points that move too far apart, or tokens that never meet."""
    if prediction is not None:
        _refuse_clustered(prediction)
        opened = _opened(prediction.near, prediction.error)
        if opened < prediction.kept:
            return Counterexample(
                f"two points with inner product {prediction.near}, each moved by "
                f"{prediction.error}, have inner product {opened:.4g} < {prediction.kept}"
            )
    found = _parting(flow)
    if found:
        return Counterexample(found)
    member = refute_in_family(flow, None, _refute_member)
    return member or refute_off_sphere(flow, prediction, budget)


def conclude_clustered(flow: Flow, prediction: ClusteredInTime) -> Conclusion | Refusal:
    """Say which share of starts meets at β, where (4.5) keeps what is clustered at β = 0.

    Examples
    --------
    >>> conclude_clustered(Flow.of(SA), _CLUSTERED).found.by.name
    'and'
    """
    p, subject = prediction, subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    small = SmallDeviation(p.hottest, p.error, p.near, p.kept)
    kept = concluded_by(SMALL_DEVIATION, flow, small)
    first = subject_in(flow.at(beta=0))
    if isinstance(first, Refusal):
        return first
    lemma, cold = met_in(flow), cold_starts(first, 2, null=True)
    known: list[Conclusion] = []
    for one in (kept, lemma, cold):
        if isinstance(one, Refusal) or isinstance(one.found, Refusal):
            return one
        if one.found.says != one.says.then:
            return Refusal("it isn't what (4.5), Lemma 6.4 and Theorem 4.1 say")
        known.append(one)
    stays, meets, at_first = known
    return clustered_in_time(subject, stays, meets, at_first, p.near)


def _is_derived(flow: Flow, prediction: ClusteredInTime) -> bool:
    """Whether the bound of the force at β_k is the predicted error."""
    hottest = prediction.hottest.of(flow.model)
    moved = force_of(flow.model).apart.subs(beta, HOT).subs(HOT, hottest)
    return bool(remainder(moved - prediction.error) == 0)


_SMALL = 2.0**-18
"""Norm of Q^T K at which a wrong power of it or of β makes β_2 hot."""


def _heats(
    flow: Flow, prediction: ClusteredInTime, rng: np.random.Generator
) -> list[tuple[Expr, dict[str, Any]]]:
    """β_k with drawn query and key matrices, of both signs, or without any; small ones too."""
    hottest = prediction.hottest.of(flow.model)
    matrices, norm = drawn_matrices(flow.model, 2, rng)
    if not matrices:
        return [(hottest, {})]
    members = [(hottest.subs(NORM, norm), matrices)]
    if not _is_derived(flow, prediction):
        small = {"Q": np.eye(2), "K": _SMALL * np.eye(2)}
        members.append((hottest.subs(NORM, _SMALL), small))
    return [(sign * hot, given) for hot, given in members for sign in (1, -1)]


def watch_clustered(flow: Flow, prediction: ClusteredInTime, budget: Budget) -> Trial:
    """Bound P(S_0^k) from below by sampling, and look whether clustered draws stay so."""
    if unrun(flow):
        return Trial(silent=unrun(flow))
    if not _is_derived(flow, prediction):
        scalar = next((twin for _, twin, *_ in twins(flow)), flow)
        at_one = prediction.hottest.of(flow.model).subs(NORM, 1)
        if parted := _parted(scalar.model, at_one, prediction):
            return Trial(parted)
    count, total, worst, bounds = 50 * budget.cases, 0, np.inf, []
    points = np.asarray(random_points(4, 2, budget.rng, count))
    members = _heats(flow, prediction, budget.rng)
    field = compile_model(flow.model, beta=0.0, **members[0][1])
    cold = integrate(field, points, 4.0, np.array([2.0, 4.0]), 1e-6)
    for time, state in zip((2, 4), cold.points, strict=True):
        gram = state @ state.swapaxes(-1, -2)
        inside = gram.min(axis=(-2, -1)) > float(prediction.near)
        hits = int(inside.sum())
        lower = float(betaincinv(hits, count - hits + 1, 0.005)) if hits else 0.0
        value = float(members[0][0].subs(t, time))
        bounds.append(f"{flow.name}: P >= {lower:.3f} for β <= {value:.2g}")
        some = points[inside][:20]
        for hottest, matrices in members if len(some) else ():
            signed = float(hottest.subs(t, time))
            field = compile_model(flow.model, beta=signed, **matrices)
            final = integrate(field, some, float(time), rtol=1e-6).points[-1]
            least = (final @ final.swapaxes(-1, -2)).min(axis=(-2, -1))
            case, total = int(np.argmin(least)), total + len(some)
            worst = min(worst, float(least[case]) - float(prediction.kept))
            if worst < -1e-4:
                detail = (
                    f"{flow.name}, β = {signed:.3g}{in_words(matrices)}, x(0) = "
                    f"{short(some[case])}: in S_0^{time}, but min g = {least[case]:.4g} at t = "
                    f"{time}"
                )
                return Trial(detail, worst, count)
    seen = f"n = 4, d = 2: 99.5 % Clopper-Pearson bounds from {count} draws: {'; '.join(bounds)}"
    return Trial("", worst, total, seen=seen)


CLUSTERED: Statement[ClusteredInTime] = Statement(
    "Theorem 4.2",
    "P(S_β) -> 1 as β -> 0, with explicit β for P(S_β) >= P(S_0^k)",
    Concludes(conclude_clustered, words=(("beta", "-> 0"),)),
    derive_clustered,
    refute_clustered,
    watch_clustered,
    domain=(VARIED,),
    premises=(ON_SPHERE, ANY_SCORES, AUTONOMOUS),
    varies=(beta,),
    typed=True,
)


_SCORED = ByModel(1 / (4 * NORM * GROWN), log(1 + 1 / (4 * GROWN)) / NORM)
_CLUSTERED = ClusteredInTime(
    1 / (4 * GROWN),
    log(1 + 1 / (4 * GROWN)),
    _SCORED,
    Rational(3, 4),
    Rational(1, 8),
    Rational(1, 2),
)


THEOREM_4_2 = Claim(
    "Theorem 4.2",
    "P(S_β) -> 1 as β -> 0; explicitly, at the integer times k = 1, 2, …, P(S_β) >= P(S_0^k) for "
    "β <= b_k = 1/(4(e^{2k} - 1)) (SA), for β <= log(1 + b_k) (USA); with any Q, K and V = I for "
    "|β||Q^T K| at most that.",
    (SA, USA, QK_SA, QK_USA),
    _CLUSTERED,
    CLUSTERED,
    (
        Control("error 1/8 -> 1/2", prediction=replace(_CLUSTERED, error=Rational(1, 2))),
        Control("SA's b_k -> 40", prediction=replace(_CLUSTERED, beta_softmax=Integer(40))),
        Control("V = -I", model=(REPULSIVE,)),
        Control("Q, K and any V", model=(QKV,)),
        Control(
            "SA's b_k -> 40 with Q, K",
            prediction=replace(_CLUSTERED, scored=replace(_SCORED, softmax=Integer(40))),
        ),
    ),
    Verdict.PROVED,
    cases=3,
    equivalents=(
        SMALL_CHANGE_IN_BETA,
        Equivalent(
            "β A X has the paths of A X; at β = 0 nothing moves, and what is clustered will meet",
            ("SA.velocity: × β", "USA.velocity: × β"),
        ),
        Equivalent("β_m < 1, where β² < β", ("USA.velocity: β -> β²",)),
        Equivalent(
            "|P_i x_j| |e^{2βg}-1| <= (e^{2β}-1)/2, so tokens move 0.128 at most for m >= 1, and "
            "cos(arccos(3/4) + 4 arcsin(0.064)) > 1/2",
            ("USA.velocity: e^u -> e^2u",),
        ),
        Equivalent(
            "b_k and what is kept are as before: the sentence doesn't speak of the error",
            ("prediction.error: ÷ 2",),
        ),
        Equivalent(
            "twice the error is 1/4, for USA 1/(32 (e^{2m}-1)) more: of 3/4 more than 0 is left: "
            "S_0^k still is in hemispheres and meets; the sentence says no more",
            ("QK-*SA.velocity: e^u -> e^2u",),
        ),
        Equivalent(
            "said of fewer β, for m >= 1",
            ("prediction.beta_*: e^u*", "prediction.beta_*: squared", "prediction.scored.*: e^u*"),
        ),
        Equivalent("less is kept", ("prediction.kept: sign", "prediction.kept: ÷ 2")),
    ),
)


CLAIMS = (THEOREM_4_2,)
