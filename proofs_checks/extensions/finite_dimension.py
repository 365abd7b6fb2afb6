"""Finite d: pairs, Finite d: mean, Finite d: first order, Finite d: crossing, Crossing, first order, Spread of the pairs, Transition width.

Main results
------------
Finite d: pairs: the worst |g_ij - γ| is of order d^{-1/2} at the time of γ = 0.6.
Finite d: mean: the mean of g_ij is γ from the empirical mean, up to order d^{-1}.
Finite d: first order: with the propagated deviation every g_ij is known to order d^{-1}.
Finite d: crossing: the worst pair reaches 1 - δ at T(1-δ) up to order d^{-1/2}.
Crossing, first order: with the correction the time is known to order d^{-1}.
Spread of the pairs: Var g_ij = V/d + O(d^{-2}) at the time of γ = 0.6.
Transition width: a pair's time to 1 - δ has variance V/(dγ'²) + O(d^{-2}).

How it is proved
----------------
Runs only, SA and USA at β = 3/2, n = 5 (32 in full), growing d: the exponent of d is fitted with
its standard error, and variances are compared with the closed forms of the equiangular modes.

References
----------
arXiv 2312.10794, Theorem 6.8 and Figure 3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from numerics.compile import VelocityField, compile_model
from numerics.equiangular import equiangular_time as equiangular_clock
from numerics.integration import integrate
from numerics.sphere import random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Evidence, Verdict
from proofs_checks.proof import (
    ROOM,
    SIGMAS,
    Array,
    each,
    fit_power_law,
    leaves_sphere,
    without_temperature,
)
from theory.models import SA, USA
from theory.predictions import PARTS, equiangular_rate, mode_amplitude

Statistic = Literal["worst pair", "mean", "first order", "crossing", "crossing, first order"]


_DELTA = 1e-3  # level 1 - δ of Figure 3


_LEVEL = 0.6  # γ at the time of the snapshot


_BETA = 1.5  # β = 1 would hide a missing factor


_FLOWS = {flow.name: flow for flow in (SA, USA)}


def _reduced(points: Array) -> Array:
    """Rotate n < d tokens to R^n, by QR: inner products are kept."""
    if points.shape[-1] <= points.shape[-2]:
        return points
    triangle = np.asarray(np.linalg.qr(points.swapaxes(-1, -2), mode="r"))
    return np.ascontiguousarray(triangle.swapaxes(-1, -2))


def _parts(matrix: Array) -> tuple[Array, Array, Array]:
    """Split symmetric matrices with zero diagonal into mean, rows and pairs; n >= 3."""
    size = matrix.shape[-1]
    off = 1 - np.eye(size)
    mean = matrix.sum(axis=(-2, -1))[..., None, None] / (size * (size - 1)) * off
    row = (matrix - mean).sum(axis=-1) / (size - 2)
    rows = (row[..., :, None] + row[..., None, :]) * off
    return mean, rows, (matrix - mean - rows) * off


def _first_time(times: Array, gaps: Array, level: float) -> Array:
    """First time at which gaps, shape (time, ...), fall to the level, by linear log interpolation.

    NaN where they never do.
    """
    after = (gaps <= level).argmax(axis=0)
    never = (after == 0) | ~(gaps <= level).any(axis=0)
    low = np.maximum(after - 1, 0)
    logs = np.log(np.maximum(gaps, 1e-300))
    high_value = np.take_along_axis(logs, after[None], axis=0)[0]
    low_value = np.take_along_axis(logs, low[None], axis=0)[0]
    share = (low_value - np.log(level)) / np.where(never, 1.0, low_value - high_value)
    found: Array = times[low] + share * (times[after] - times[low])
    return np.where(never, np.nan, found)


@lru_cache(maxsize=64)
def _amplitude_values(curve: str, size: int, level: float) -> tuple[float, ...]:
    return tuple(float(mode_amplitude(part, level, _BETA, size, curve).evalf()) for part in PARTS)


@dataclass(frozen=True)
class _Runs:
    """Uniform tokens in one dimension, under one flow, measured against one curve.

    Attributes
    ----------
    field : VelocityField
    curve : {"SA", "USA"}
        Whose equiangular tokens are compared with.
    points : ndarray, shape (runs, n, min(n, d))
    """

    field: VelocityField
    curve: str
    points: Array

    @property
    def size(self) -> int:
        return int(self.points.shape[-2])

    def start(self) -> Array:
        """Return the initial inner products, zero on the diagonal."""
        return (self.points @ self.points.swapaxes(-1, -2)) * (1 - np.eye(self.size))

    def propagated(self, level: float) -> Array:
        """Deviation to first order at γ = level."""
        values = _amplitude_values(self.curve, self.size, level)
        mean, rows, pairs = _parts(self.start())
        return np.asarray(values[0] * mean + values[1] * rows + values[2] * pairs)

    def _snapshot(self, field: VelocityField, points: Array) -> Array:
        time = float(equiangular_clock(_LEVEL, _BETA, self.size, self.curve))
        end = integrate(field, points, time, [time], rtol=1e-8).points[-1]
        return (end @ end.swapaxes(-1, -2) - _LEVEL) * (1 - np.eye(self.size))

    def deviation(self) -> Array:
        """Gram matrix minus γ at the time when γ = 0.6, zero on the diagonal."""
        return self._snapshot(self.field, self.points)

    def mean_error(self) -> Array:
        """Mean product minus that of equiangular tokens with the same initial mean, a run each."""
        pairs = self.size * (self.size - 1)
        mean = self.start().sum(axis=(-2, -1)) / pairs
        gram = (1 - mean)[:, None, None] * np.eye(self.size) + mean[:, None, None]
        reference = compile_model(_FLOWS[self.curve], beta=_BETA)
        even = self._snapshot(reference, np.linalg.cholesky(gram))
        return np.asarray((self.deviation() - even).sum(axis=(-2, -1)) / pairs)

    def crossing(self) -> Array:
        """Time at which a pair first reaches 1 - δ, minus T(1-δ); NaN where it is far too late."""
        end = float(equiangular_clock(gap=_DELTA, beta=_BETA, n=self.size, model=self.curve))
        times = np.linspace(0.25 * end, 2.5 * end, 90)
        run = integrate(self.field, self.points, float(times[-1]), times, rtol=1e-8).points
        i, j = np.triu_indices(self.size, 1)
        gaps = np.square(run[:, :, i] - run[:, :, j]).sum(axis=-1) / 2
        matrix = np.zeros((len(self.points), self.size, self.size))
        matrix[:, i, j] = _first_time(times, gaps, _DELTA) - end
        return matrix + matrix.swapaxes(-1, -2)

    def speed(self, level: float) -> float:
        """γ' at γ = level."""
        return float(equiangular_rate(level, _BETA, self.size, self.curve).evalf())

    def error(self, statistic: Statistic) -> Array:
        """Largest error of a prediction over the pairs, one number a run."""
        if statistic == "mean":
            return np.abs(self.mean_error())
        if statistic in ("worst pair", "first order"):
            error = self.deviation()
            if statistic == "first order":
                error = error - self.propagated(_LEVEL)
        else:
            error = self.crossing()
            if statistic == "crossing, first order":
                error = error + self.propagated(1 - _DELTA) / self.speed(1 - _DELTA)
        return np.asarray(np.abs(error).max(axis=(-2, -1)))


def _draw(field: VelocityField, curve: str, shape: tuple[int, int, int], budget: Budget) -> _Runs:
    runs, size, dimension = shape
    points = np.asarray(random_points(size, dimension, budget.rng, runs))
    return _Runs(field, curve, _reduced(points))


@dataclass(frozen=True)
class Decay:
    """How an error against the equiangular curve decays with the dimension.

    Attributes
    ----------
    statistic : str
        "worst pair": largest |g_ij - γ|. "mean": mean of g_ij minus γ from the empirical mean
        γ_0. "first order": largest |g_ij - γ - H_ij|, H propagated. "crossing": largest error of
        a pair's time to 1 - δ; with ", first order" H_ij/γ' is subtracted.
    exponent : float
    curve : {"", "SA", "USA"}
        Whose γ and amplitudes; those of the flow by default.
    """

    statistic: Statistic
    exponent: float
    curve: str = ""


def _runs(budget: Budget) -> int:
    """Count the runs for a size: a standard error needs some, however small the budget."""
    return max(budget.cases, 12)


def _when(crossing: bool) -> str:
    """Say at which time a finite dimension is looked at, for a scope."""
    return f"when a pair reaches 1 - {_DELTA:g}" if crossing else f"T({_LEVEL:g})"


def _plan(budget: Budget) -> tuple[int, tuple[int, ...], int]:
    """Tokens, dimensions, and the least dimension that is fitted."""
    if budget.full:
        return 32, (16, 32, 64, 128, 256, 512, 1024), 64
    return 5, (32, 64, 128, 256, 512, 1024, 2048), 32


def check_decay(model: Any, prediction: Decay, budget: Budget) -> Evidence:
    """Run uniform tokens in growing dimension, and fit the exponent of the error.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Decay
        What decays, and how.
    budget : Budget
        Runs for each d; n = 32 and d up to 1024 in full.
    """
    size, dimensions, least = _plan(budget)
    worst, said = np.inf, []
    scope = {"n": str(size), "d": ", ".join(map(str, dimensions)), "beta": f"{_BETA:g}"}
    scope["t"] = _when(prediction.statistic.startswith("crossing"))
    cases = len(dimensions) * _runs(budget)
    for flow in each(model):
        if without_temperature(flow) or flow.name not in _FLOWS:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: no equiangular curve in closed form")
        lost = leaves_sphere(flow, budget.rng)
        if lost:
            return Evidence(Verdict.REFUTED, lost)
        curve = prediction.curve or flow.name
        field = compile_model(flow, beta=_BETA)
        errors = np.asarray(
            [
                _draw(field, curve, (_runs(budget), size, dimension), budget).error(
                    prediction.statistic
                )
                for dimension in dimensions
            ]
        )
        if np.isnan(errors).any():
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: a pair is not at 1 - δ at 2.5 times the time of {curve}'s curve",
                scope,
                cases=cases,
            )
        used = np.asarray(dimensions) >= least
        fit = fit_power_law(np.asarray(dimensions)[used], errors[used])
        margin = fit.margin(prediction.exponent)
        worst = min(worst, margin)
        ends = ", ".join(f"{errors[k].mean():.2g} at d = {dimensions[k]}" for k in (0, -1))
        if margin < 0:
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: the error decays like d^({fit}), not d^({prediction.exponent:g}); "
                f"{ends}",
                scope,
                cases=cases,
                margin=margin,
            )
        said.append(f"{flow.name}: d^({fit}), {ends}")
    return Evidence(
        Verdict.SUPPORTED,
        f"{prediction.statistic}: {'; '.join(said)}",
        scope,
        (),
        cases * len(said),
        worst,
    )


def _decay_claim(
    label: str, statement: str, right: Decay, *controls: Control[Any, Decay]
) -> Claim[Any, Decay]:
    flat = Control[Any, Decay]("no decay: exponent 0", prediction=replace(right, exponent=0.0))
    return Claim(
        label,
        statement,
        (SA, USA),
        right,
        check_decay,
        (*controls, flat),
        Verdict.SUPPORTED,
        (ROOM, WARM),
        cases=20,
        origin="extension",
    )


_WRONG_CURVE = "γ of USA for SA"


_SETTING = "Uniform tokens, β = 3/2, n = 5 (32 in full)"


WORST_PAIR = _decay_claim(
    "Finite d: pairs",
    f"{_SETTING}: the worst |g_ij - γ| is of order d^{{-1/2}} at the time of γ = 0.6.",
    Decay("worst pair", -0.5),
    Control("d^{-1/2} -> d^{-1}", prediction=Decay("worst pair", -1.0)),
    Control(_WRONG_CURVE, model=(SA,), prediction=Decay("worst pair", -0.5, "USA")),
)


MEAN = _decay_claim(
    "Finite d: mean",
    f"{_SETTING}: at the time of γ = 0.6 the mean of g_ij is γ started at the empirical mean γ_0, "
    "with an error of order d^{-1}.",
    Decay("mean", -1.0),
    Control("d^{-1} -> d^{-1/2}", prediction=Decay("mean", -0.5)),
    Control("the worst pair in place of the mean", prediction=Decay("worst pair", -1.0)),
)


FIRST_ORDER = _decay_claim(
    "Finite d: first order",
    f"{_SETTING}: every g_ij is γ plus its initial deviation, propagated part by part, with an "
    "error of order d^{-1}, at the time of γ = 0.6.",
    Decay("first order", -1.0),
    Control("the correction left out", prediction=Decay("worst pair", -1.0)),
    Control("amplitudes of USA for SA", model=(SA,), prediction=Decay("first order", -1.0, "USA")),
)


CROSSING = _decay_claim(
    "Finite d: crossing",
    f"{_SETTING}: the worst pair reaches 1 - δ, δ = 1/1000, at T(1-δ) up to order d^{{-1/2}}.",
    Decay("crossing", -0.5),
    Control("d^{-1/2} -> d^{-1}", prediction=Decay("crossing", -1.0)),
    Control(_WRONG_CURVE, model=(SA,), prediction=Decay("crossing", -0.5, "USA")),
)


CROSSING_FIRST_ORDER = _decay_claim(
    "Crossing, first order",
    f"{_SETTING}: a pair reaches 1 - δ, δ = 1/1000, at T(1-δ) - H_ij/γ', H the propagated "
    "deviation, with an error of order d^{-1}.",
    Decay("crossing, first order", -1.0),
    Control("the correction left out", prediction=Decay("crossing", -1.0)),
    Control(
        "amplitudes of USA for SA",
        model=(SA,),
        prediction=Decay("crossing, first order", -1.0, "USA"),
    ),
)


@dataclass(frozen=True)
class Width:
    """Variance over runs, times d, of a pair's product at γ = 0.6 or of its time to 1 - δ.

    Attributes
    ----------
    parts : tuple of str
        Parts of the deviation that count.
    crossing : bool
        The time, or the product.
    curve : str
        As in `Decay`.
    """

    parts: tuple[str, ...] = PARTS
    crossing: bool = False
    curve: str = ""


def check_width(model: Any, prediction: Width, budget: Budget) -> Evidence:
    """Compare the measured variance with the closed form at the largest dimension.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Width
        What the variance is made of.
    budget : Budget
        Runs, times 8.
    """
    size, dimensions, _ = _plan(budget)
    dimension, runs = dimensions[-1], 8 * _runs(budget)
    dims = {"mean": 1.0, "rows": size - 1.0, "pairs": size * (size - 3) / 2}
    worst, said = np.inf, []
    scope = {"n": str(size), "d": str(dimension), "beta": f"{_BETA:g}"}
    scope["t"] = _when(prediction.crossing)
    for flow in each(model):
        if without_temperature(flow) or flow.name not in _FLOWS:
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: no equiangular curve in closed form")
        lost = leaves_sphere(flow, budget.rng)
        if lost:
            return Evidence(Verdict.REFUTED, lost)
        curve = prediction.curve or flow.name
        level = 1 - _DELTA if prediction.crossing else _LEVEL
        values = dict(zip(PARTS, _amplitude_values(curve, size, level), strict=True))
        total = sum(dims[part] * values[part] ** 2 for part in prediction.parts)
        # Gaussian H: the mean square is a sum of chi-squares, few of which may dominate.
        fourth = sum(dims[part] * values[part] ** 4 for part in prediction.parts)
        expected = float(np.sqrt(2 * fourth / runs) / total)
        variance = float(total / (size * (size - 1) / 2))
        if prediction.crossing:
            variance /= float(equiangular_rate(level, _BETA, size, curve).evalf()) ** 2
        drawn = _draw(compile_model(flow, beta=_BETA), curve, (runs, size, dimension), budget)
        matrix = drawn.crossing() if prediction.crossing else drawn.deviation()
        pairs = np.triu_indices(size, 1)
        if np.isnan(matrix).any():
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: a pair is not at 1 - δ at 2.5 times the time of {curve}'s curve",
                scope,
                cases=runs,
            )
        squares = np.square(matrix[:, pairs[0], pairs[1]]).mean(axis=-1) * dimension / variance
        ratio = float(squares.mean())
        error = max(expected, float(squares.std(ddof=1) / np.sqrt(runs)))
        # 20/d: the next order of the variance, of relative size O(1/d).
        allowed = SIGMAS * error + 20 / dimension
        margin = 1 - abs(ratio - 1) / allowed
        worst = min(worst, float(margin))
        shown = f"{flow.name}: measured over predicted variance {ratio:.3f} ± {error:.3f}"
        if margin < 0:
            return Evidence(Verdict.REFUTED, shown, scope, cases=runs, margin=margin)
        said.append(f"{shown}, standard deviation {np.sqrt(variance / dimension):.3g}")
    return Evidence(Verdict.SUPPORTED, "; ".join(said), scope, (), runs * len(said), float(worst))


def _width_claim(label: str, statement: str, crossing: bool) -> Claim[Any, Width]:
    width = Width(crossing=crossing)
    return Claim(
        label,
        statement,
        (SA, USA),
        width,
        check_width,
        (
            Control("the mean part alone", prediction=replace(width, parts=("mean",))),
            Control("without the mean part", prediction=replace(width, parts=("rows", "pairs"))),
            Control("γ of USA for SA", model=(SA,), prediction=replace(width, curve="USA")),
        ),
        Verdict.SUPPORTED,
        (ROOM, WARM),
        cases=20,
        origin="extension",
        equivalents=(
            Equivalent(
                "it is the statement of the claim on the other of the two variances",
                ("prediction.crossing: not",),
            ),
        ),
    )


SPREAD = _width_claim(
    "Spread of the pairs",
    f"{_SETTING}: at the time of γ = 0.6, Var g_ij = V/d + O(d^{{-2}}), V the mean square of the "
    "amplitudes weighted by the parts' dimensions.",
    crossing=False,
)


TRANSITION_WIDTH = _width_claim(
    "Transition width",
    f"{_SETTING}: a pair's time to 1 - δ, δ = 1/1000, has variance V/(dγ'²) + O(d^{{-2}}); √ of it "
    "is the width of Figure 3's front there.",
    crossing=True,
)


CLAIMS = (WORST_PAIR, MEAN, FIRST_ORDER, CROSSING, CROSSING_FIRST_ORDER, SPREAD, TRANSITION_WIDTH)
