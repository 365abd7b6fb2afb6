"""Precise asymptotics: Theorem 6.8 and the curve (6.12) at finite d, and metastable lifetimes.

Uniform tokens of R^d start at inner products of variance 1/d. The linearised Gram flow, in closed
form, gives their spread later, the width of the transition of Figure 3, and errors that decay like
d^{-1/2} without and d^{-1} with the correction. Extensions of the paper.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Rational, S, exp, log, simplify

from numerics.compile import VelocityField, compile_model
from numerics.equiangular import equiangular_time as equiangular_clock
from numerics.forecast import M1, M2, THETA, pair_log_time, pair_rate, two_cluster_log_time
from numerics.integrate import Event, integrate
from numerics.sphere import geodesic_distance, random_points
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.power_law import SIGMAS, fit_power_law
from proofs_checks.row_algebra import leaves_sphere, unreached
from proofs_checks.section4_small_beta import each
from proofs_checks.section4_thresholds import ByModel, without_temperature
from proofs_checks.section6_formulas import ROOM
from proofs_checks.spectra import P, Q
from theory.asymptotics import (
    PARTS,
    EquiangularModes,
    equiangular_modes,
    escape_time,
    mode_amplitude,
    normal_form,
)
from theory.gram import basis_trace, inner, vectors
from theory.linearize import antipodal
from theory.models import SA, USA, Model
from theory.predictions import equiangular_rate, two_cluster_time_asymptotic
from theory.reductions import NotClosed
from theory.symbols import beta, d, gamma, n

Array = NDArray[np.float64]

_CORNER = {n: Rational(7), beta: Rational(5, 4), gamma: Rational(1, 3)}


# -- the linearised Gram flow ------------------------------------------------------------------


@dataclass(frozen=True)
class Amplitudes:
    """Growth of the three parts of a deviation, from γ = 0 to γ; functions of γ, β and n.

    Attributes
    ----------
    mean, rows, pairs : ByModel
    variance : Expr
        Of an initial inner product of two uniform tokens, in ``d``.
    """

    mean: ByModel
    rows: ByModel
    pairs: ByModel
    variance: Expr


@lru_cache(maxsize=8)
def _modes(model: Model) -> EquiangularModes:
    return equiangular_modes(model)


def check_modes(model: Any, prediction: Amplitudes, budget: Budget) -> Evidence:
    """Derive the rates of the three parts for symbolic n, and differentiate the amplitudes.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Amplitudes
        Their closed forms, and the variance at the start.
    budget : Budget
        Not used.
    """
    x, y = vectors("x y", unit="y")
    identity: list[Expr] = [basis_trace(inner(x, y) ** 2, x) / d, prediction.variance]
    # x uniform: the mean of <x,y>² is the sum over an orthonormal basis, over d.
    variance = simplify(basis_trace(inner(x, y) ** 2, x) / d - prediction.variance)
    if variance != 0:
        gap = (1 / d - prediction.variance).subs(d, 5)
        return Evidence(Verdict.REFUTED, f"d = 5: E<x,y>² differs by {gap}")
    for flow in each(model):
        try:
            modes = _modes(flow)
        except (ValueError, NotClosed) as error:
            return Evidence(Verdict.UNDECIDED, str(error))
        if not modes.proved:
            return unreached(flow, f"{flow.name}: the parts are not invariant", budget.rng)
        for part in PARTS:
            amplitude = getattr(prediction, part).of(flow)
            start = simplify(amplitude.subs(gamma, 0))
            identity += [amplitude, modes.rate, getattr(modes, part)]
            gap = normal_form(log(amplitude).diff(gamma) * modes.rate - getattr(modes, part))
            if gap != 0 or start != 1:
                return Evidence(
                    Verdict.REFUTED,
                    f"{flow.name}, {part}: at γ = 0 it is {start}; its logarithm moves at "
                    f"{(getattr(modes, part) + gap).subs(_CORNER).n(6)}, derived "
                    f"{getattr(modes, part).subs(_CORNER).n(6)}, at n = 7, γ = 1/3, β = 5/4",
                )
    return Evidence(
        Verdict.PROVED,
        "the Gram flow linearised at (1-γ)I + γJ multiplies the parts by the derived rates, and "
        "γ' d log(amplitude)/dγ is each: residual 0; E<x_i,x_j>² = 1/d, different pairs "
        "uncorrelated by x -> -x",
        {"n": "symbolic, >= 4", "beta": "symbolic", "gamma": "symbolic", "masses": "1/n"},
        ("Schur's lemma: permutations act irreducibly on each part",),
        identity=tuple(identity),
    )


def _closed(part: str) -> ByModel:
    return ByModel(mode_amplitude(part, model="SA"), mode_amplitude(part, model="USA"))


_AMPLITUDES = Amplitudes(_closed("mean"), _closed("rows"), _closed("pairs"), 1 / d)
_PAIRS = (1 - gamma) * ((n - 1) * gamma + 1) ** (beta / n)

EQUIANGULAR_MODES = Claim(
    "Equiangular modes",
    "Deviations from equiangular grow, from γ = 0, by γ'/γ'(0) (mean), (1-γ)o^{β/(n-1)} (pairs), "
    "(1-γ)o^{a/2+nβ/(2(n-1)²)}e^{aβγ/2}(Z(γ)/Z(0))^{-a/2} (rows); o = (n-1)γ+1, a = (n-2)/(n-1), "
    "Z = e^β+(n-1)e^{βγ} (USA: 1).",
    (SA, USA),
    _AMPLITUDES,
    check_modes,
    (
        Control(
            "((n-1)γ+1)^{β/(n-1)} -> ^{β/n}",
            prediction=replace(_AMPLITUDES, pairs=ByModel(_PAIRS, _PAIRS)),
        ),
        Control(
            "rows of SA as those of USA",
            prediction=replace(
                _AMPLITUDES, rows=ByModel(_AMPLITUDES.rows.plain, _AMPLITUDES.rows.plain)
            ),
        ),
        Control("variance 1/d -> 1/(d-1)", prediction=replace(_AMPLITUDES, variance=1 / (d - 1))),
    ),
    Verdict.PROVED,
    origin="extension",
)


# -- finite dimension --------------------------------------------------------------------------

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


def _decay_claim(label: str, statement: str, right: Decay, *controls: Control) -> Claim:
    flat = Control("no decay: exponent 0", prediction=replace(right, exponent=0.0))
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


def _width_claim(label: str, statement: str, crossing: bool) -> Claim:
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


# -- metastable lifetimes ----------------------------------------------------------------------


_SLOPE = 2e-3  # relative tolerance of a lifetime's slope
_LOG_TIME = 1e-7  # tolerance of the logarithm of a time


@lru_cache(maxsize=8)
def _unstable(model: Model) -> tuple[Expr, ...]:
    return tuple(v for v, _ in antipodal(model, 3, 2, dimension=3).eigenvalues if v != 0)


def check_escape(model: Any, prediction: ByModel, budget: Budget) -> Evidence:
    """Compare the rate with the linearisation, and lifetimes of 3 tokens against 2 with both.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : ByModel
        The rate, in ``P``, ``Q`` and ``beta``: a lifetime grows like ``log(1/distance)/rate``.
    budget : Budget
        Random directions; more temperatures in full.
    """
    sizes = {P: 3, Q: 2}
    hots = (0.5, 1.0, 1.5, 2.0) if budget.full else (0.8, 1.3)
    distances = np.array([1e-3, 1e-5, 1e-7])
    worst, slopes = np.inf, 0
    for flow in each(model):
        if without_temperature(flow):
            return Evidence(Verdict.UNDECIDED, without_temperature(flow))
        rate = prediction.of(flow).subs(sizes)
        at = {beta: Rational(5, 4), n: 5}
        positive = [v for v in _unstable(flow) if v.subs(at) > 0]
        known = any(simplify((v - rate).rewrite(exp)) == 0 for v in positive)
        for hot in hots:
            field = compile_model(flow, beta=hot)
            for _ in range(budget.cases):
                side = budget.rng.standard_normal((5, 3)) * [0.0, 1.0, 1.0]
                # The mean displacement of each cluster is what escapes; make it visible.
                side[:, 1] += 2.0
                ends = np.array([1.0, 1.0, 1.0, -1.0, -1.0])[:, None] * [[1.0, 0.0, 0.0]]
                lives = []
                for distance in distances:
                    points = ends + distance * side
                    points /= np.linalg.norm(points, axis=-1, keepdims=True)
                    met = Event(lambda t, x: float(geodesic_distance(x[0], x[4])) - 2.0)
                    run = integrate(field, points, 1e4, rtol=1e-10, events=met)
                    lives.append(float(run.times[-1]))
                longer = np.diff(lives) / np.diff(-np.log(distances))
                wanted = float(escape_time(rate.subs(beta, hot), np.exp(-1.0)).evalf())
                off = float(np.abs(longer / wanted - 1).max())
                slopes += 1
                margin = 1 - off / _SLOPE
                worst = min(worst, margin)
                if margin < 0:
                    return Evidence(
                        Verdict.REFUTED,
                        f"{flow.name}, β = {hot}, 3 against 2: for each factor e closer the state "
                        f"lives {longer[-1]:.5g} longer, not {wanted:.5g}",
                        {"n": "5", "d": "3"},
                        cases=slopes,
                        margin=margin,
                    )
        if not known:
            detail = f"{flow.name}: {rate} is no eigenvalue: {_unstable(flow)}"
            return Evidence(Verdict.UNDECIDED, detail, cases=slopes)
    return Evidence(
        Verdict.SUPPORTED,
        "the rate is the unstable eigenvalue of the linearisation, and lifetimes grow by its "
        f"inverse for each factor e, to {_SLOPE * (1 - worst):.1e}",
        {"n": "5 = 3 + 2", "d": "3", "beta": ", ".join(map(str, hots)), "distance": "1e-7 to 1e-3"},
        ("Hartman-Grobman, for the constant that the distance adds to the lifetime",),
        slopes,
        worst,
    )


_PLUS, _MINUS = P * exp(beta) + Q * exp(-beta), Q * exp(beta) + P * exp(-beta)
_ESCAPE = ByModel(exp(-beta) * (Q / _PLUS + P / _MINUS), exp(-beta))

LIFETIME = Claim(
    "Antipodal lifetime",
    "p = 3 against q = 2 tokens, d = 3, displaced by ε in a generic direction, live log(1/ε)/λ + "
    "O(1), λ = e^{-β}(q/Z+ + p/Z-) (SA), e^{-β} (USA); Z± = pe^{±β} + qe^{∓β}.",
    (SA, USA),
    _ESCAPE,
    check_escape,
    (
        Control(
            "SA: λ of p = q, 2/(e^{2β}+1)",
            prediction=ByModel(2 / (exp(2 * beta) + 1), exp(-beta)),
        ),
        Control(
            "USA: e^{-β} -> e^{-2β}",
            prediction=ByModel(_ESCAPE.softmax, exp(-2 * beta)),
        ),
        Control("the flow SA at 3β/2", model=(SA.subs({beta: Rational(3, 2) * beta}),)),
    ),
    Verdict.SUPPORTED,
    (WARM,),
    cases=1,
    origin="extension",
)


def check_meeting(model: Model, prediction: Expr, budget: Budget) -> Evidence:
    """Run 3 tokens against 2 from one angle to another, and compare times with the quadrature.

    The rate is compared with the velocity first: the quadrature is of rates that are negative.

    Parameters
    ----------
    model : Model
        The flow.
    prediction : Expr
        θ' of two clusters, in ``THETA``, ``M1``, ``M2`` and ``beta``.
    budget : Budget
        Random pairs of angles.
    """
    if without_temperature(model):
        return Evidence(Verdict.UNDECIDED, without_temperature(model))
    worst, longest = np.inf, 0.0
    for _ in range(budget.cases):
        hot = float(budget.rng.uniform(1.0, 12.0 if budget.full else 6.0))
        first = float(budget.rng.uniform(0.8, 2.4))
        last = float(budget.rng.uniform(0.1, 0.5)) * first
        east, turned = np.array([1.0, 0.0]), np.array([np.cos(first), np.sin(first)])
        points = np.stack([east] * 3 + [turned] * 2)
        met = Event(lambda t, x, last=last: float(geodesic_distance(x[0], x[4])) - last)
        field = compile_model(model, beta=hot)
        ahead, behind = (np.array([-np.sin(a), np.cos(a)]) for a in (first, 0.0))
        seen = float(field(points)[4] @ ahead - field(points)[0] @ behind)
        put = {THETA: first, M1: 0.6, M2: 0.4, beta: hot, n: 5}
        said = float(prediction.subs(put))
        if abs(seen - said) > 1e-9 * abs(seen):
            return Evidence(
                Verdict.REFUTED,
                f"{model.name}, β = {hot:.4g}: at θ = {first:.4g} θ' = {seen:.8g}, not {said:.8g}",
                {"n": "3 + 2", "d": "2"},
                cases=budget.cases,
            )
        run = integrate(field, points, 1e9, rtol=1e-11, events=met)
        claimed = float(pair_log_time(prediction, first, hot, 0.6, 0.4, last))
        off = abs(float(run.log_times[-1]) - claimed)
        longest = max(longest, float(run.times[-1]))
        margin = 1 - off / _LOG_TIME
        worst = min(worst, margin)
        if margin < 0:
            return Evidence(
                Verdict.REFUTED,
                f"{model.name}, β = {hot:.4g}, from {first:.4g} to {last:.4g}: log t = "
                f"{run.log_times[-1]:.8g}, not {claimed:.8g}",
                {"n": "3 + 2", "d": "2"},
                cases=budget.cases,
                margin=margin,
            )
    return Evidence(
        Verdict.SUPPORTED,
        f"log times agree to {_LOG_TIME * (1 - worst):.1e}, the longest being {longest:.3g}",
        {
            **{"n": "3 + 2", "d": "2", "beta": "[1, 6], in full [1, 12]", "masses": "1/n"},
            "theta": "from [0.8, 2.4] to 0.1 to 0.5 times as much",
        },
        (),
        budget.cases,
        worst,
    )


_MERGE = pair_rate(SA)
_EQUAL_MASSES = pair_rate(SA).subs({M1: S.Half, M2: S.Half})

MEETING = Claim(
    "Two clusters: time",
    "3 tokens against 2 on the circle take, from an angle in [0.8, 2.4] to one tenth to one half "
    "of it, β in [1, 6] (12 in full), the time of the closed form.",
    SA,
    _MERGE,
    check_meeting,
    (
        Control("masses 3/5, 2/5 -> 1/2", prediction=_EQUAL_MASSES),
        Control("the law of USA", prediction=pair_rate(USA)),
        Control("the flow USA", model=USA),
    ),
    Verdict.SUPPORTED,
    (WARM,),
    cases=4,
    origin="extension",
)


@dataclass(frozen=True)
class Laplace:
    """Order of the relative error of the merge time's expansion as β grows.

    Attributes
    ----------
    exponent : float
    corrected : bool
        With the factor ``1 + 2 cos θ/(β sin² θ)``.
    masses : bool
        Whether the masses count.
    """

    exponent: float = -2.0
    corrected: bool = True
    masses: bool = True


def check_laplace(model: Any, prediction: Laplace, budget: Budget) -> Evidence:
    """Fit the order of the error of the expansion against the exact time, over random pairs.

    Parameters
    ----------
    model : Model or tuple of Model
        The flows.
    prediction : Laplace
        Order and form.
    budget : Budget
        Random angles and masses.
    """
    hots = np.array([100.0, 200.0, 400.0, 800.0])
    worst, fits = np.inf, []
    for flow in each(model):
        if flow.name not in ("SA", "USA"):
            return Evidence(Verdict.UNDECIDED, f"{flow.name}: no expansion")
        errors = np.empty((len(hots), max(budget.cases, 2)))
        for case in range(errors.shape[1]):
            theta = float(budget.rng.uniform(0.7, 1.4))
            m1 = float(budget.rng.uniform(0.15, 0.4))
            used = (m1, 1 - m1) if prediction.masses else (0.5, 0.5)
            for k, hot in enumerate(hots):
                exact = two_cluster_log_time(theta, float(hot), m1, 1 - m1, flow)
                series = two_cluster_time_asymptotic(
                    theta, float(hot), *used, flow.name, prediction.corrected
                )
                errors[k, case] = abs(np.expm1(float(log(series).evalf(20)) - exact))
        # Each pair has its own factor and the same exponent: divide the factors out.
        errors = np.maximum(errors, 1e-15)
        fit = fit_power_law(hots, errors / np.exp(np.log(errors).mean(axis=0)))
        margin = fit.margin(prediction.exponent)
        worst = min(worst, margin)
        scope = {"n": "2 clusters", "beta": "100 to 800", "theta": "[0.7, 1.4]"}
        scope["masses"] = "m1 in [0.15, 0.4], m2 = 1 - m1"
        if margin < 0:
            return Evidence(
                Verdict.REFUTED,
                f"{flow.name}: the error is of order β^({fit}), {errors[-1].max():.2g} at β = 800, "
                f"not β^({prediction.exponent:g})",
                scope,
                cases=budget.cases,
                margin=margin,
            )
        fits.append(f"{flow.name}: β^({fit}), at most {errors[-1].max():.2g} at β = 800")
    return Evidence(
        Verdict.SUPPORTED,
        f"relative error of the expansion: {'; '.join(fits)}",
        scope,
        (),
        budget.cases * len(fits),
        worst,
    )


LAPLACE = Claim(
    "Two clusters: series",
    "Merge time e^{β(1-cos θ)}(1+2cos θ/(β sin² θ))/((m1/m2+m2/m1)β sin² θ): relative error "
    "of order β^{-2}, θ in [0.7, 1.4], m1 in [0.15, 0.4].",
    (SA, USA),
    Laplace(),
    check_laplace,
    (
        Control("without the factor 1 + …", prediction=Laplace(corrected=False)),
        Control("β^{-2} -> β^{-1}", prediction=Laplace(-1.0)),
        Control("masses 1/2", model=(SA,), prediction=Laplace(masses=False)),
    ),
    Verdict.SUPPORTED,
    (WARM,),
    cases=6,
    origin="extension",
)

CLAIMS_ASYMPTOTICS = (
    EQUIANGULAR_MODES,
    WORST_PAIR,
    MEAN,
    FIRST_ORDER,
    CROSSING,
    CROSSING_FIRST_ORDER,
    SPREAD,
    TRANSITION_WIDTH,
    LIFETIME,
    MEETING,
    LAPLACE,
)
"""The claims of this file."""

__all__ = [
    "CLAIMS_ASYMPTOTICS",
    "CROSSING",
    "CROSSING_FIRST_ORDER",
    "EQUIANGULAR_MODES",
    "FIRST_ORDER",
    "LAPLACE",
    "LIFETIME",
    "MEAN",
    "MEETING",
    "SPREAD",
    "TRANSITION_WIDTH",
    "WORST_PAIR",
    "Amplitudes",
    "Decay",
    "Laplace",
    "Width",
    "check_decay",
    "check_escape",
    "check_laplace",
    "check_meeting",
    "check_modes",
    "check_width",
]
