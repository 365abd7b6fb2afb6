"""(4.5): for β <= β_m the flows at β and at 0 are 1/8 apart at most at the time m, for any Q, K.

How it is proved
----------------
A theorem on two heats: β_m is put in the bound (4.4), with |Q^T K| β_m for query and key matrices
and V = I, and <x,y> changes by twice the deviation at most. Watched: pairs of runs at ±β_m and 0,
among them systems where the flows part fast.

References
----------
arXiv 2312.10794, (4.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sympy import Abs, Expr, Rational, S, log, sqrt

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    ANY_SCORES,
    AUTONOMOUS,
    GROWN,
    NORM,
    ON_SPHERE,
    SMALL_CHANGE_IN_BETA,
    WARM_OR_SCORES,
    Array,
    ByModel,
    Counterexample,
    Flow,
    Statement,
    Trial,
    crossed,
    drawn_matrices,
    force_of,
    heat_share,
    in_words,
    refute_off_sphere,
    score_share,
    short,
    unrun,
)
from proofs_checks.proof.kinds import VARIED
from proofs_checks.propositions import Rel
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import Concludes, Conclusion, Refusal, staying_at, subject_in
from theory.models import QK_SA, QK_USA, SA, USA
from theory.symbols import beta, t
from theory.terms import OperatorNorm


@dataclass(frozen=True)
class SmallDeviation:
    """``|x_i^β(t) - x_i^0(t)| <= error`` for β <= ``hottest``; near-clustered becomes kept.

    Attributes
    ----------
    hottest : ByModel
        β_m, functions of t.
    error, near, kept : Expr
    """

    hottest: ByModel
    error: Expr
    near: Expr
    kept: Expr


def _groups(count: int) -> Array:
    """Eight tokens of the circle in two groups, 4:4 and 7:1, at most a right angle apart."""
    apart = np.linspace(0.1, np.pi / 2, count)
    angles = [np.where(np.arange(8) < size, 0.0, turn) for size in (4, 7) for turn in apart]
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def _facing_pairs(count: int) -> Array:
    """Pairs of tokens of the circle from a right angle to almost opposite ones."""
    half = (np.pi - np.geomspace(1e-3, np.pi / 2, count)) / 2
    return np.stack(
        [
            np.stack([np.cos(half), np.sin(half)], axis=-1),
            np.stack([np.cos(half), -np.sin(half)], axis=-1),
        ],
        axis=1,
    )


def _moved_apart(prediction: SmallDeviation) -> Expr:
    """Least inner product after each of two points ``near`` apart has moved by a chord ``error``.

    A chord e is the angle 2 arcsin(e/2), cos = 1 - e²/2, sin = e sqrt(1 - e²/4); the two move
    in opposite directions.
    """
    e, c = prediction.error, prediction.near
    half, lift = 1 - e**2 / 2, e * sqrt(1 - e**2 / 4)
    twice, turn = 2 * half**2 - 1, 2 * half * lift
    return c * twice - sqrt(1 - c**2) * turn


def _refuse_no_distance(prediction: SmallDeviation) -> None:
    """Refuse numbers that are no inner product, no distance or no temperatures."""
    scored = prediction.hottest.scored or prediction.hottest
    rates = (prediction.hottest.softmax, prediction.hottest.plain, scored.softmax, scored.plain)
    hottest = [b.subs({t: 2, **dict.fromkeys(b.free_symbols - {t}, 1)}) for b in rates]
    if prediction.near > 1 or prediction.error < 0 or min(map(float, hottest)) <= 0:
        raise ValueError(
            f"Expected near <= 1, error >= 0 and β_m > 0 but got near={prediction.near}, "
            f"error={prediction.error}, β_2={hottest}; a control changes one of them within these."
        )


def derive_small(flow: Flow) -> SmallDeviation | None:
    """Return the β_m at which the bound of the flow's own force is 1/8."""
    share = heat_share(Flow.of(flow.model)) or score_share(flow.model)
    force = force_of(flow.model)
    if share is None or force.lacking or share.subs(NORM, flow.norm) == 0:
        return None
    share, grown = share.subs(NORM, flow.norm), force.grown
    hottest = ByModel(1 / (4 * share * grown), log(1 + 1 / (4 * grown)) / share)
    return SmallDeviation(hottest, Rational(1, 8), Rational(3, 4), S.Half)


def refute_small(
    flow: Flow, prediction: SmallDeviation | None, budget: Budget
) -> Counterexample | None:
    """Find two points that move too far apart, or tokens that leave the sphere."""
    if prediction is not None:
        _refuse_no_distance(prediction)
        opened = _moved_apart(prediction).evalf(20)
        if opened < prediction.kept:
            return Counterexample(
                f"two points with inner product {prediction.near}, both moved by "
                f"{prediction.error}: inner product {opened.n(6)} < {prediction.kept}"
            )
    return refute_off_sphere(flow, prediction, budget)


def conclude_small(flow: Flow, prediction: SmallDeviation) -> Conclusion | Refusal:
    """Say it at t > 0, for |β| where there are query and key matrices, else for β >= 0."""
    _refuse_no_distance(prediction)
    subject, size, hottest = subject_in(flow), beta, prediction.hottest.of(flow.model)
    if isinstance(subject, Refusal):
        return subject
    norms: tuple[Rel, ...] = ()
    if flow.scores is not None:
        size, norm = Abs(beta), OperatorNorm(flow.scores.matrix)
        hottest = hottest.xreplace({NORM: norm})
        norms = () if flow.norm == NORM else (Rel("<=", norm, flow.norm),)
    said = prediction.error, prediction.near, prediction.kept
    return staying_at(subject, size, hottest, *said, norms)


def _systems(flow: Flow, budget: Budget) -> Iterator[tuple[Array, float, dict[str, Any], float]]:
    """Tokens, times and matrices with their norm: the hardest systems.

    At late times these are pairs that face each other, at early ones, where β_m is large, a few
    light tokens that a heavy group pulls. With query and key matrices, one across two groups.
    """
    count = 6 * budget.cases
    matrices, norm = drawn_matrices(flow.model, 2, budget.rng)
    pairs = _facing_pairs(count)
    both = np.concatenate([pairs, np.asarray(random_points(2, 2, budget.rng, count))])
    if not matrices:
        yield from ((_groups(count), time, {}, 1.0) for time in (0.1, 0.01, 1e-4))
    else:
        yield from ((crossed(count, 21)[0], time, *crossed(1, 21)[1:]) for time in (0.25, 1.0))
    yield from ((both, time, matrices, norm) for time in (1.0, 2.0))


def watch_small(flow: Flow, prediction: SmallDeviation, budget: Budget) -> Trial:
    """Watch the hardest systems, at β of either sign with query and key matrices."""
    if unrun(flow):
        return Trial(silent=unrun(flow))
    hottest, worst, cases = prediction.hottest.of(flow.model), np.inf, 0
    for systems, time, matrices, norm in _systems(flow, budget):
        value = float(hottest.subs({t: time, NORM: norm}))
        for signed in (value, -value) if matrices else (value,):
            fields = [compile_model(flow.model, beta=hot, **matrices) for hot in (0.0, signed)]
            ends = [integrate(field, systems, time, rtol=1e-7).points[-1] for field in fields]
            apart = np.linalg.norm(ends[0] - ends[1], axis=-1).max(axis=-1)
            case, cases = int(apart.argmax()), cases + len(systems)
            slack = 1 - float(apart[case]) / float(prediction.error)
            worst = min(worst, slack)
            if slack < -1e-5:
                detail = (
                    f"{flow.name}, β = {signed:.4g}{in_words(matrices)}, t = {time}, x(0) = "
                    f"{short(systems[case])}: deviation {apart[case]:.4g} > {prediction.error}"
                )
                return Trial(detail, worst, cases)
    return Trial("", worst, cases, seen=f"largest deviation {1 - worst:.3f} of the bound")


SMALL_DEVIATION: Statement[SmallDeviation] = Statement(
    "(4.5)",
    "up to the time m at β <= β_m: a deviation of at most 1/8; 3/4-clustered becomes 1/2-clustered",
    Concludes(conclude_small, words=(("t", "symbolic, > 0"),)),
    derive_small,
    refute_small,
    watch_small,
    domain=(VARIED, WARM_OR_SCORES),
    premises=(ON_SPHERE, ANY_SCORES, AUTONOMOUS),
    typed=True,
)


_SCORED = ByModel(1 / (4 * NORM * GROWN), log(1 + 1 / (4 * GROWN)) / NORM)
_DEVIATION = SmallDeviation(
    ByModel(1 / (4 * GROWN), log(1 + 1 / (4 * GROWN)), _SCORED),
    Rational(1, 8),
    Rational(3, 4),
    Rational(1, 2),
)


EQUATION_4_5 = Claim(
    "(4.5)",
    "β <= β_m = 1/(4(e^{2t}-1)) for SA, log(1 + 1/(4(e^{2t}-1))) for USA: at time t the deviation "
    "|x_i^β - x_i^0| is at most 1/8, and what is 3/4-clustered at β = 0 is 1/2-clustered; with any "
    "Q, K and V = I for |β| <= β_m/|Q^T K|.",
    (SA, USA, QK_SA, QK_USA),
    _DEVIATION,
    SMALL_DEVIATION,
    (
        Control("error 1/8 -> 1/2", prediction=replace(_DEVIATION, error=S.Half)),
        Control("kept 1/2 -> 5/8", prediction=replace(_DEVIATION, kept=Rational(5, 8))),
        Control(
            "β_m of SA -> 40 β_m",
            prediction=replace(_DEVIATION, hottest=replace(_DEVIATION.hottest, softmax=10 / GROWN)),
        ),
        Control(
            "e^{2m} - 1 -> m for USA",
            prediction=replace(
                _DEVIATION, hottest=replace(_DEVIATION.hottest, plain=log(1 + 1 / t))
            ),
        ),
        Control(
            "|Q^T K| -> |Q^T K|/2 (SA)",
            prediction=replace(
                _DEVIATION,
                hottest=replace(
                    _DEVIATION.hottest, scored=replace(_SCORED, softmax=2 * _SCORED.softmax)
                ),
            ),
        ),
        Control(
            "|Q^T K| -> |Q^T K|/2 (USA)",
            prediction=replace(
                _DEVIATION,
                hottest=replace(
                    _DEVIATION.hottest, scored=replace(_SCORED, plain=2 * _SCORED.plain)
                ),
            ),
        ),
    ),
    Verdict.PROVED,
    (WARM,),
    cases=3,
    equivalents=(
        Equivalent(
            "the bound (4.4) is even in F: |F^β - F^0| and the Lipschitz constant of F^0 are",
            ("*.velocity: sign",),
        ),
        Equivalent(
            "the tokens of β = 0 rest, and β_m m <= m/(4(e^{2m}-1)) <= 1/8 as |F| <= 1",
            ("SA.velocity: × β",),
        ),
        SMALL_CHANGE_IN_BETA,
        Equivalent(
            "said of fewer β",
            ("prediction.hottest.*softmax: e^u -> e^2u", "prediction.hottest.*plain: e^u -> e^2u"),
        ),
        Equivalent(
            "with u = e^{2m}-1 and β_m = 1/(16u²) the error is at most u min(β_m/4, 1) <= 1/8: "
            "|F^β - F^0| <= min(β/2, 2)",
            ("prediction.hottest.softmax: squared",),
        ),
        Equivalent("less is kept", ("prediction.kept: sign", "prediction.kept: ÷ 2")),
    ),
)


CLAIMS = (EQUATION_4_5,)
