"""Section 6.3, metastability: Problem 1 as evidence, and what coarsening runs add.

Plateaus and their lifetimes e^{β(1−cos θ)}, the merging law of two clusters, the rise of the energy
ΣΣ m_i m_j e^{−β(1−<x_i,x_j>)} at merges, merges in pairs, and two time scales that grow apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from sympy import Expr, Float, cos, exp, sin

from numerics import sphere
from numerics.coarsen import Coarsening, CoarsenStatus, coarsen
from numerics.forecast import M1, M2, THETA, compare_with_forecast, pair_log_time, pair_rate
from proofs_checks.claim import Budget, Claim, Control, Evidence, Hypothesis, Verdict
from theory.energy import pair_kernel
from theory.models import SA, USA, Model
from theory.symbols import beta, z
from theory.symbols import n as _N

Array = NDArray[np.float64]

_FEW, _MANY = 6, 12
_RTOL = 1e-5


def _size(budget: Budget) -> int:
    return _MANY if budget.full else _FEW


def _masses(budget: Budget, n: int) -> Array:
    """Draw masses that spread over a factor of about thirty, of total 1."""
    weights = np.exp(budget.rng.uniform(0, 3.5, n))
    return np.asarray(weights / weights.sum())


def _start(budget: Budget, n: int, d: int) -> Array:
    """Draw distinct uniform points: none within reach of a merge at the start."""
    while True:
        points = sphere.random_points(n, d, budget.rng)
        distances = sphere.pairwise_distances(points)
        if distances[~np.eye(n, dtype=bool)].min() > 0.02:
            return points


def _plateau(result: Coarsening) -> tuple[float, int, int]:
    """Longest stretch of log t with 1 < m < n clusters: its length, m, and the merge that ends it.

    Length 0 if the number of clusters is never in between.
    """
    best = (0.0, 0, 0)
    for k in range(1, len(result.merges)):
        left = result.n - sum(len(m.children) - 1 for m in result.merges[:k])
        length = result.merges[k].log_time - result.merges[k - 1].log_time
        if left < result.n and length > best[0]:
            best = (length, left, k)
    return best


def _cluster_state(result: Coarsening, k: int) -> tuple[Array, Array]:
    """Places and masses of the clusters halfway, in log t, through the plateau before merge k."""
    members = {p: [p] for p in range(result.n)}
    for merge in result.merges[:k]:
        members[merge.cluster] = [p for c in merge.children for p in members.pop(c)]
    middle = 0.5 * (result.merges[k - 1].log_time + result.merges[k].log_time)
    particles = result.at(middle)
    centres = np.array([result.masses[g] @ particles[g] for g in members.values()])
    masses = np.array([result.masses[g].sum() for g in members.values()])
    return centres / np.linalg.norm(centres, axis=1, keepdims=True), masses


def _scope(n: int, d: str, betas: str, times: str = "to the last merge") -> dict[str, str]:
    return {"n": str(n), "d": d, "beta": betas, "t": times}


# ---------------------------------------------------------------------------------- Problem 1


@dataclass(frozen=True)
class Plateaus:
    """What metastability predicts.

    Attributes
    ----------
    betas : (float, float, float)
        The first for the run from random points; its clusters live on at all of them.
    exponent : Expr
        Growth of the log lifetime with beta, in `THETA`, the least angle between two clusters.
    factor : float
        A plateau lasts at least this many times longer than it took to form.
    """

    betas: tuple[float, float, float]
    exponent: Expr
    factor: float = 10.0


def check_metastability(model: Model, prediction: Plateaus, budget: Budget) -> Evidence:
    """Find plateaus from random points, and measure how their lifetimes grow with β."""
    n, d = _size(budget), 2
    cold, warm, hot = prediction.betas
    if not (warm < hot and prediction.factor > 0):
        raise ValueError(
            "Expected two rising temperatures and a factor > 0 but got "
            f"betas={prediction.betas}, factor={prediction.factor}."
        )
    lengths, gaps = [], []
    for _ in range(budget.cases):
        result = coarsen(_start(budget, n, d), cold, model, rtol=_RTOL)
        length, left, k = _plateau(result)
        if result.status is not CoarsenStatus.CONSENSUS or length < math.log(prediction.factor):
            return Evidence(
                Verdict.REFUTED,
                f"no plateau at β = {cold:g}: {left} clusters last {math.exp(length):.3g} times "
                f"their time of formation, less than {prediction.factor:g}",
                _scope(n, str(d), f"{cold:g}"),
                cases=budget.cases,
            )
        lengths.append(length / math.log(10))
        centres, masses = _cluster_state(result, k)
        distances = sphere.pairwise_distances(centres)
        angle = float(distances[~np.eye(len(centres), dtype=bool)].min())
        lives = []
        for b in (warm, hot):
            merged = coarsen(centres, b, model, masses, rtol=_RTOL).merges
            lives.append(merged[0].log_time)
        # The lifetime is e^{β c}/β times a factor without β: c is what is left.
        found = (lives[1] - lives[0] + math.log(hot / warm)) / (hot - warm)
        expected = float(prediction.exponent.subs(THETA, Float(angle)))
        gaps.append(abs(found - expected) / max(abs(found), abs(expected)))
    worst, tolerance = max(gaps), 0.05
    detail = (
        f"plateaus last 10^{min(lengths):.1f} to 10^{max(lengths):.1f} times longer than they "
        f"take to form; log lifetime grows by {prediction.exponent} per unit of β, to {worst:.1%}"
    )
    scope = _scope(n, str(d), ", ".join(f"{b:g}" for b in prediction.betas))
    if not worst <= tolerance:
        return Evidence(
            Verdict.REFUTED,
            f"log lifetime doesn't grow by {prediction.exponent} per unit of β: off by {worst:.1%}",
            scope,
            cases=budget.cases,
            margin=1 - worst / tolerance,
        )
    return Evidence(
        Verdict.OPEN,
        detail,
        scope,
        ("finitely many random starts: evidence, not a proof for generic data",),
        budget.cases,
        1 - worst / tolerance,
    )


def _hot(**parameters: float) -> float:
    return parameters["beta"] - 4.0


PROBLEM_1 = Claim(
    "Problem 1",
    "For large β tokens stay near 1 < m < n clusters for times that grow like e^{cβ}.",
    SA,
    Plateaus((60.0, 200.0, 400.0), 1 - cos(THETA)),
    check_metastability,
    (
        Control("β = 60 -> β = 0.01", prediction=Plateaus((0.01, 200.0, 400.0), 1 - cos(THETA))),
        Control(
            "exponent 1 - cos θ -> 2 (1 - cos θ)",
            prediction=Plateaus((60.0, 200.0, 400.0), 2 * (1 - cos(THETA))),
        ),
        Control("the model USA, whose lifetimes grow as -cos θ", model=USA),
    ),
    Verdict.OPEN,
    (Hypothesis("β is large, here at least 4", _hot),),
    cases=2,
)


# ----------------------------------------------------------------------------------- merge law


@dataclass(frozen=True)
class MergeLaw:
    """The law of two clusters, at one temperature.

    Attributes
    ----------
    rate : Expr
        θ' in `THETA`, `M1`, `M2` and beta.
    beta : float
        Where it is tested.
    """

    rate: Expr
    beta: float = 60.0


_FAR = 7.0  # the next pair is e^7 times slower: its influence is a few thousandths
_APART = 0.1  # a hundred times the width of a cluster that has just merged


def check_merge_law(model: Model, prediction: MergeLaw, budget: Budget) -> Evidence:
    """Compare log times of merges with the quadrature of a law, where the next pair is far off."""
    at = {beta: sp.Rational(5, 4), THETA: 1, M1: sp.Rational(1, 3), M2: sp.Rational(2, 3)}
    own, said = (rate.subs(at).evalf(20) for rate in (pair_rate(model), prediction.rate))
    if abs(own - said) > sp.Rational(1, 10**9):
        detail = f"at β = 5/4, θ = 1, m = 1/3, 2/3 θ' is {own.n(6)}, not {said.n(6)}"
        return Evidence(Verdict.REFUTED, detail)
    n = _size(budget)
    errors: list[float] = []
    pairs = right = 0
    for case in range(budget.cases):
        result = coarsen(
            _start(budget, n, 2 + case % 2), prediction.beta, model, _masses(budget, n), _RTOL
        )
        starts = [-math.inf, *(merge.log_time for merge in result.merges[:-1])]
        masses = dict(enumerate(result.masses.tolist()))
        for start, found in zip(starts, compare_with_forecast(result), strict=True):
            merge = found.merge
            children = [masses[c] for c in merge.children]
            masses[merge.cluster] = merge.mass
            if found.gap < _FAR or found.angle < _APART:
                continue
            pairs += 1
            if not found.right or len(children) != 2:
                continue
            right += 1
            time = pair_log_time(
                prediction.rate, found.angle, prediction.beta, children[0], children[1]
            )
            errors.append(abs(float(np.logaddexp(start, time)) - merge.log_time))
    tolerance = 0.03
    scope = _scope(n, "2, 3", f"{prediction.beta:g}") | {"masses": "random, ratio to 30"}
    if not errors:
        return Evidence(Verdict.UNDECIDED, f"no merge stands {_FAR:g} apart in log t", scope)
    worst = max(errors)
    margin = 1 - worst / tolerance
    if worst > tolerance or right < pairs:
        return Evidence(
            Verdict.REFUTED,
            f"a merge comes {worst:.3g} in log t off the law; {right} of {pairs} pairs right",
            scope,
            cases=budget.cases,
            margin=margin,
        )
    return Evidence(
        Verdict.SUPPORTED,
        f"{len(errors)} merges at most {worst:.1e} in log t off the law (median "
        f"{np.median(errors):.1e}); all {pairs} pairs foretold",
        scope,
        cases=budget.cases,
        margin=margin,
    )


_WEIGHT = exp(-beta * (1 - cos(THETA)))

MERGE_LAW = Claim(
    "Merge law",
    "Two clusters far closer than others merge when the law of two clusters alone says.",
    SA,
    MergeLaw(pair_rate(SA)),
    check_merge_law,
    (
        Control(
            "without the masses: m2/m1 + m1/m2 -> 2",
            prediction=MergeLaw(-2 * sin(THETA) * _WEIGHT / (1 + _WEIGHT)),
        ),
        Control(
            "the law of USA", prediction=MergeLaw(-sin(THETA) * (M1 + M2) * exp(beta * cos(THETA)))
        ),
        Control("the model USA", model=USA),
    ),
    Verdict.SUPPORTED,
    cases=2,
    origin="extension",
)


# -------------------------------------------------------------------------------------- energy


@dataclass(frozen=True)
class Rise:
    """Rise of the energy when clusters of masses m1 and m2 at the angle θ merge, others fixed."""

    height: Expr


_LONG = 4.0  # a plateau this long in log t has settled before and after its middle


def _off_energy(model: Model, height: Expr) -> str:
    """Where the rise of ``2β e^{-β} E``, E the model's energy, isn't the one foretold, or "".

    Two clusters at rest but for each other have ``m1 m2 h(cos θ)`` in E, in the end ``m1 m2 h(1)``.
    """
    kernel = None if model.energy is None else pair_kernel(model.energy)
    if kernel is None:
        return f"{model.name} has no pair energy that could rise"
    rise = 2 * beta * exp(-beta) * M1 * M2 * (kernel.subs(z, 1) - kernel.subs(z, cos(THETA)))
    at = {beta: sp.Rational(5, 4), THETA: 1, M1: sp.Rational(1, 3), M2: sp.Rational(2, 3), _N: 3}
    left, right = (e.subs(at).evalf(20) for e in (rise, height))
    if abs(left - right) < sp.Rational(1, 10**12):
        return ""
    return f"at β = 5/4, θ = 1, m = 1/3, 2/3 the energy rises by {left.n(6)}, not {right.n(6)}"


def check_energy_rises(model: Model, prediction: Rise, budget: Budget) -> Evidence:
    """Compare the steps of the energy staircase with the rise foretold, each being positive."""
    n, hot = _size(budget), 60.0
    off = _off_energy(model, prediction.height)
    if off:
        return Evidence(Verdict.REFUTED, off)
    height = sp.lambdify((THETA, M1, M2, beta), prediction.height, "math")
    worst, steps, least = 0.0, 0, math.inf
    for _ in range(budget.cases):
        result = coarsen(_start(budget, n, 2), hot, model, _masses(budget, n), _RTOL)
        masses = dict(enumerate(result.masses.tolist()))
        fall = -float(np.diff(result.energies).min(initial=0.0))
        found = compare_with_forecast(result)
        times = [-math.inf, *(c.merge.log_time for c in found), math.inf]
        for k, comparison in enumerate(found):
            merge = comparison.merge
            children = [masses[c] for c in merge.children]
            masses[merge.cluster] = merge.mass
            rise = merge.energy_after - merge.energy_before
            least = min(least, rise)
            if rise <= 0 or fall > 1e-12:
                return Evidence(
                    Verdict.REFUTED, f"energy changes by {rise:.3g}, falls by {fall:.3g} in a step"
                )
            long = min(times[k + 1] - times[k], times[k + 2] - times[k + 1]) > _LONG
            if long and k > 0 and len(children) == 2:
                expected = height(comparison.angle, *children, hot)
                worst = max(worst, abs(rise - expected) / rise)
                steps += 1
    tolerance = 0.02
    scope = _scope(n, "2", f"{hot:g}") | {"masses": "random, ratio to 30"}
    if steps == 0:
        return Evidence(Verdict.UNDECIDED, "no merge lies between two long plateaus", scope)
    if worst > tolerance:
        return Evidence(
            Verdict.REFUTED,
            f"a rise is {worst:.3g} of itself off {prediction.height}",
            scope,
            cases=budget.cases,
            margin=1 - worst / tolerance,
        )
    return Evidence(
        Verdict.SUPPORTED,
        f"every merge raises the energy, by at least {least:.2g}; {steps} steps between plateaus "
        f"are {prediction.height} to {worst:.1e}",
        scope,
        cases=budget.cases,
        margin=1 - worst / tolerance,
    )


ENERGY_RISES = Claim(
    "Energy rises at merges",
    "Each merge raises the energy, two far clusters by 2 m1 m2 (1 - e^{-β(1 - cos θ)}).",
    SA,
    Rise(2 * M1 * M2 * (1 - _WEIGHT)),
    check_energy_rises,
    (
        Control("2 m1 m2 -> m1 m2", prediction=Rise(M1 * M2 * (1 - _WEIGHT))),
        Control("the energy falls", prediction=Rise(-2 * M1 * M2 * (1 - _WEIGHT))),
    ),
    Verdict.SUPPORTED,
    cases=2,
    origin="extension",
)


# --------------------------------------------------------------------------------------- pairs


@dataclass(frozen=True)
class Pairwise:
    """How many clusters take part in a merge, and the starts it is said of."""

    children: int = 2
    ring: bool = False


def check_pairwise(model: Model, prediction: Pairwise, budget: Budget) -> Evidence:
    """Count the clusters in each merge, from uniform points or from a ring about the pole."""
    n, hot = _size(budget), 20.0
    merges, closest = 0, math.inf
    for _ in range(budget.cases):
        points = _start(budget, n, 3)
        if prediction.ring:
            angles = 2 * np.pi * np.arange(3) / 3 + budget.rng.uniform(0, 2 * np.pi)
            high = 1 - 1 / (4 * hot)  # within the scale β^{-1/2}, where a ring contracts
            wide = math.sqrt(1 - high**2)
            points = np.stack(
                [wide * np.cos(angles), wide * np.sin(angles), np.full(3, high)], axis=1
            )
        result = coarsen(points, hot, model, rtol=_RTOL)
        for merge in result.merges:
            if len(merge.children) != prediction.children:
                return Evidence(
                    Verdict.REFUTED,
                    f"{len(merge.children)} clusters merge at log t = {merge.log_time:.6f}, "
                    f"not {prediction.children}",
                    _scope(len(points), "3", f"{hot:g}"),
                    cases=budget.cases,
                )
        merges += len(result.merges)
        times = np.array([merge.log_time for merge in result.merges])
        closest = min(closest, float(np.diff(times).min()))
    return Evidence(
        Verdict.SUPPORTED,
        f"{merges} merges, all of two clusters; the closest two are {closest:.2g} apart in log t",
        _scope(n, "3", f"{hot:g}"),
        cases=budget.cases,
        margin=closest / _RTOL,
    )


PAIRWISE_MERGING = Claim(
    "Pairwise merging",
    "From uniform random points every merge is of two clusters.",
    SA,
    Pairwise(),
    check_pairwise,
    (
        Control("start: uniform -> a regular ring about the pole", prediction=Pairwise(ring=True)),
        Control("two clusters -> three", prediction=Pairwise(3)),
    ),
    Verdict.SUPPORTED,
    cases=3,
    origin="extension",
)


# --------------------------------------------------------------------------------- time scales


@dataclass(frozen=True)
class Scales:
    """How the last merging time over the first is to grow.

    Attributes
    ----------
    betas : (float, float)
        Where it is measured.
    exponent : Expr
        Growth of the log of a merging time per unit of β, in `THETA`, the angle of the pair.
    factor : float
        Least value at the second β.
    """

    betas: tuple[float, float]
    exponent: Expr = 1 - cos(THETA)
    factor: float = 1e3


def _first_and_last(result: Coarsening) -> tuple[frozenset[frozenset[int]], ...]:
    """Return the clusters, as sets of tokens, that meet in the first and in the last merge."""
    members = {p: frozenset({p}) for p in range(result.n)}
    for merge in result.merges:
        members[merge.cluster] = frozenset().union(*(members[c] for c in merge.children))
    return tuple(frozenset(members[c] for c in result.merges[k].children) for k in (0, -1))


def check_two_scales(model: Model, prediction: Scales, budget: Budget) -> Evidence:
    """Measure log(T_last/T_first) of merges at two temperatures, and the angles of the pairs."""
    n = _size(budget)
    low, high = prediction.betas
    if not (low < high and prediction.factor > 0):
        raise ValueError(
            "Expected two rising temperatures and a factor > 0 but got "
            f"betas={prediction.betas}, factor={prediction.factor}."
        )
    growths, ratios, gaps = [], [], []
    for _ in range(4 * budget.cases):
        points = _start(budget, n, 2)
        runs = [coarsen(points, b, model, rtol=_RTOL) for b in (low, high)]
        found = [run.merges[-1].log_time - run.merges[0].log_time for run in runs]
        ratios.append(found)
        if _first_and_last(runs[0]) != _first_and_last(runs[1]):
            continue  # a close call in between was decided otherwise: two other times
        pairs = compare_with_forecast(runs[1])
        slow, fast = (
            float(prediction.exponent.subs(THETA, Float(pairs[k].angle))) for k in (-1, 0)
        )
        growths.append((found[1] - found[0]) / (high - low))
        gaps.append(abs(growths[-1] - (slow - fast)) / max(abs(growths[-1]), abs(slow - fast)))
        if len(gaps) == budget.cases:
            break
    scope = _scope(n, "2", f"{low:g}, {high:g}")
    first, last = np.median(np.array(ratios), axis=0) / math.log(10)
    if not gaps:
        verdict = Verdict.UNDECIDED if last >= math.log10(prediction.factor) else Verdict.REFUTED
        detail = f"last over first merging time 10^{last:.1f} at β = {high:g}, of other pairs"
        return Evidence(verdict, detail, scope, cases=len(ratios))
    growth, worst, tolerance = float(np.median(growths)), max(gaps), 0.1
    detail = (
        f"last over first merging time 10^{first:.1f} at β = {low:g}, 10^{last:.1f} at "
        f"β = {high:g}: its log grows by {growth:.3g} per unit of β, to {worst:.1%} the difference "
        f"of {prediction.exponent} at the last and the first pair"
    )
    margin = min(1 - worst / tolerance, last / math.log10(prediction.factor) - 1)
    verdict = Verdict.SUPPORTED if margin >= 0 else Verdict.REFUTED
    return Evidence(
        verdict,
        detail,
        scope,
        cases=len(ratios),
        margin=float(margin),
    )


TWO_TIME_SCALES = Claim(
    "Two time scales",
    "The last merging time exceeds the first by a factor e^{cβ}, c = cos θ_first - cos θ_last.",
    SA,
    Scales((20.0, 60.0)),
    check_two_scales,
    (
        Control("β = 20, 60 -> 0.01, 0.02", prediction=Scales((0.01, 0.02))),
        Control(
            "exponent 1 - cos θ -> 2 (1 - cos θ)",
            prediction=Scales((20.0, 60.0), 2 * (1 - cos(THETA))),
        ),
    ),
    Verdict.SUPPORTED,
    cases=2,
    origin="extension",
)

CLAIMS_METASTABILITY = (
    PROBLEM_1,
    MERGE_LAW,
    ENERGY_RISES,
    PAIRWISE_MERGING,
    TWO_TIME_SCALES,
)
"""The claims of this chapter, in paper order."""

__all__ = [
    "CLAIMS_METASTABILITY",
    "ENERGY_RISES",
    "MERGE_LAW",
    "PAIRWISE_MERGING",
    "PROBLEM_1",
    "TWO_TIME_SCALES",
    "MergeLaw",
    "Pairwise",
    "Plateaus",
    "Rise",
    "Scales",
    "check_energy_rises",
    "check_merge_law",
    "check_metastability",
    "check_pairwise",
    "check_two_scales",
]
