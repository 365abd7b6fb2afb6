"""Antipodal lifetime, Two clusters: time, Two clusters: series.

Main results
------------
Antipodal lifetime: log(1/ε)/λ + O(1), λ = e^{-β}(q/Z+ + p/Z-) (SA), e^{-β} (USA).
Two clusters: time: 3 tokens against 2 take the time of the closed form.
Two clusters: series: the expansion of the merge time has a relative error of order β^{-2}.

How it is proved
----------------
Runs only. Lifetimes of 3 tokens against 2 near the antipodal state are compared with the
unstable eigenvalue of the derived linearisation; Hartman and Grobman's theorem is cited. Two
clusters on the circle are run from one angle to another and compared with a quadrature of their
own rate. The order of the series' error is fitted over β = 100 to 800 against that quadrature.

References
----------
arXiv 2312.10794, Section 6, Problem 1 (metastability); Hartman and Grobman's theorem.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Expr, Rational, S, exp, log, simplify

from numerics.coarsening import M1, M2, THETA, pair_log_time, pair_rate, two_cluster_log_time
from numerics.compile import compile_model
from numerics.integration import Event, integrate
from numerics.sphere import geodesic_distance
from proofs_checks.claim import WARM, Budget, Claim, Control, Evidence, Verdict
from proofs_checks.proof import COUNT_P, COUNT_Q, ByModel, each, fit_power_law, without_temperature
from theory.linearize import antipodal
from theory.models import SA, USA, Model
from theory.predictions import escape_time, two_cluster_time_asymptotic
from theory.symbols import beta, n

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
    sizes = {COUNT_P: 3, COUNT_Q: 2}
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


_PLUS, _MINUS = (
    COUNT_P * exp(beta) + COUNT_Q * exp(-beta),
    COUNT_Q * exp(beta) + COUNT_P * exp(-beta),
)


_ESCAPE = ByModel(exp(-beta) * (COUNT_Q / _PLUS + COUNT_P / _MINUS), exp(-beta))


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


CLAIMS = (LIFETIME, MEETING, LAPLACE)
