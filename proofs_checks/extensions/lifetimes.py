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

import numpy as np
from sympy import Expr, Rational, S, exp, log

from numerics.coarsening import M1, M2, THETA, pair_log_time, pair_rate, two_cluster_log_time
from numerics.compile import VelocityField, compile_model
from numerics.integration import Event
from numerics.sphere import geodesic_distance
from proofs_checks.claim import WARM, Budget, Claim, Control, Verdict
from proofs_checks.proof import (
    COUNT_P,
    COUNT_Q,
    Array,
    ByModel,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    Trial,
    cited,
    experiment,
    fit_power_law,
    gap,
    not_asked,
    pair_step,
    unproved,
    without_temperature,
)
from proofs_checks.shared_runs import integrate
from theory.bounded import vanishes
from theory.linearize import antipodal
from theory.models import SA, USA, Model
from theory.predictions import escape_time, normal_form, two_cluster_time_asymptotic
from theory.symbols import beta, n

_SLOPE = 2e-3  # relative tolerance of a lifetime's slope


_LOG_TIME = 1e-7  # tolerance of the logarithm of a time


@lru_cache(maxsize=8)
def _unstable(model: Model) -> tuple[Expr, ...]:
    return tuple(v for v, _ in antipodal(model, 3, 2, dimension=3).eigenvalues if v != 0)


_SIZES = {COUNT_P: 3, COUNT_Q: 2}


HARTMAN_GROBMAN = "Hartman-Grobman, for the constant that the distance adds to the lifetime"


def decide_escape(flow: Flow, prediction: ByModel) -> Sheet:
    """Find the rate among the eigenvalues of the linearisation that are positive."""
    rate = prediction.of(flow.model).subs(_SIZES)
    at = {beta: Rational(5, 4), n: 5}
    positive = [v for v in _unstable(flow.model) if v.subs(at) > 0]
    left = [(v - rate).rewrite(exp) for v in positive]
    known = any(vanishes(e) is not False and normal_form(e) == 0 for e in left)
    text = f"λ = {rate} is the unstable eigenvalue of 3 tokens against 2"
    if known:
        step = Step(text, How.DERIVED)
    else:
        step = Step(text, How.DERIVED, Outcome.OTHER, f"eigenvalues {_unstable(flow.model)}")
    lives = unproved("a lifetime is log(1/ε)/λ + O(1) for a generic direction")
    return Sheet((step, cited(HARTMAN_GROBMAN, step), lives))


def watch_escape(flow: Flow, prediction: ByModel, budget: Budget) -> Trial:
    """Compare lifetimes of 3 tokens against 2 with the rate.

    Directions are drawn; a full run has more temperatures.
    """
    missing = without_temperature(flow.model)
    if missing:
        return Trial(silent=missing)
    hots = (0.5, 1.0, 1.5, 2.0) if budget.full else (0.8, 1.3)
    scope = {"n": "5 = 3 + 2", "d": "3", "beta": ", ".join(map(str, hots))}
    scope["distance"] = "1e-7 to 1e-3"
    rate = prediction.of(flow.model).subs(_SIZES)
    worst, slopes = np.inf, 0
    for hot in hots:
        field = compile_model(flow.model, beta=hot)
        wanted = float(escape_time(rate.subs(beta, hot), np.exp(-1.0)).evalf())
        for _ in range(budget.cases):
            side = budget.rng.standard_normal((5, 3)) * [0.0, 1.0, 1.0]
            # The mean displacement of each cluster is what escapes; make it visible.
            side[:, 1] += 2.0
            longer = _lengthening(field, side)
            slopes += 1
            margin = 1 - float(np.abs(longer / wanted - 1).max()) / _SLOPE
            worst = min(worst, margin)
            if margin < 0:
                return Trial(
                    f"{flow.name}, β = {hot}, 3 against 2: for each factor e closer the state "
                    f"lives {longer[-1]:.5g} longer, not {wanted:.5g}",
                    margin,
                    slopes,
                    scope=scope,
                )
    found = f"lifetimes grow by 1/λ for each factor e, to {_SLOPE * (1 - worst):.1e}"
    return Trial(margin=worst, cases=slopes, seen=found, scope=scope)


def _lengthening(field: VelocityField, side: Array) -> Array:
    """Time that a factor e nearer to 3 tokens against 2 adds, at growing nearness."""
    distances = np.array([1e-3, 1e-5, 1e-7])
    ends = np.array([1.0, 1.0, 1.0, -1.0, -1.0])[:, None] * [[1.0, 0.0, 0.0]]
    lives = []
    for distance in distances:
        points = ends + distance * side
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        met = Event(lambda t, x: float(geodesic_distance(x[0], x[4])) - 2.0)
        run = integrate(field, points, 1e4, rtol=1e-10, events=met)
        lives.append(float(run.times[-1]))
    return np.asarray(np.diff(lives) / np.diff(-np.log(distances)))


ESCAPES: Statement[ByModel] = Statement(
    "",
    "an antipodal state lives log(1/ε)/λ + O(1)",
    decide_escape,
    not_asked,
    trial=watch_escape,
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
    ESCAPES,
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


def decide_meeting(flow: Flow, prediction: Expr) -> Sheet:
    """Derive θ' of two clusters; that its quadrature is the time is watched."""
    time = Step("t = ∫ dθ/θ'", How.DERIVED, evidence="the variables separate")
    return Sheet(
        (
            pair_step(flow, prediction),
            time,
            gap("run and quadrature agree", "in doubles: experiments"),
        )
    )


def _at_an_angle(
    flow: Flow, field: VelocityField, points: Array, first: float, hot: float, rate: Expr
) -> str:
    """Compare θ' of 3 tokens against 2 with the rate: the quadrature needs a negative one."""
    ahead, behind = (np.array([-np.sin(a), np.cos(a)]) for a in (first, 0.0))
    velocity = field(points)
    seen = float(velocity[4] @ ahead - velocity[0] @ behind)
    said = float(rate.subs({THETA: first, M1: 0.6, M2: 0.4, beta: hot, n: 5}))
    if abs(seen - said) <= 1e-9 * abs(seen):
        return ""
    return f"{flow.name}, β = {hot:.4g}: at θ = {first:.4g} θ' = {seen:.8g}, not {said:.8g}"


def watch_meeting(flow: Flow, prediction: Expr, budget: Budget) -> Trial:
    """Run 3 tokens against 2 from one drawn angle to another, and compare the quadrature."""
    missing = without_temperature(flow.model)
    if missing:
        return Trial(silent=missing)
    worst, longest = np.inf, 0.0
    scope = {"n": "3 + 2", "d": "2", "beta": "[1, 6], in full [1, 12]", "masses": "1/n"}
    scope["theta"] = "from [0.8, 2.4] to 0.1 to 0.5 times as much"
    for _ in range(budget.cases):
        hot = float(budget.rng.uniform(1.0, 12.0 if budget.full else 6.0))
        first = float(budget.rng.uniform(0.8, 2.4))
        last = float(budget.rng.uniform(0.1, 0.5)) * first
        east, turned = np.array([1.0, 0.0]), np.array([np.cos(first), np.sin(first)])
        points = np.stack([east] * 3 + [turned] * 2)
        met = Event(lambda t, x, last=last: float(geodesic_distance(x[0], x[4])) - last)
        field = compile_model(flow.model, beta=hot)
        other = _at_an_angle(flow, field, points, first, hot, prediction)
        if other:
            return Trial(other, cases=budget.cases, scope=scope)
        run = integrate(field, points, 1e9, rtol=1e-11, events=met)
        claimed = float(pair_log_time(prediction, first, hot, 0.6, 0.4, last))
        longest = max(longest, float(run.times[-1]))
        margin = 1 - abs(float(run.log_times[-1]) - claimed) / _LOG_TIME
        worst = min(worst, margin)
        if margin < 0:
            return Trial(
                f"{flow.name}, β = {hot:.4g}, from {first:.4g} to {last:.4g}: log t = "
                f"{run.log_times[-1]:.8g}, not {claimed:.8g}",
                margin,
                budget.cases,
                scope=scope,
            )
    found = f"log times agree to {_LOG_TIME * (1 - worst):.1e}, the longest being {longest:.3g}"
    return Trial(margin=worst, cases=budget.cases, seen=found, scope=scope)


MEETS: Statement[Expr] = Statement(
    "",
    "two clusters meet in the time of the closed form",
    decide_meeting,
    not_asked,
    trial=watch_meeting,
)


_MERGE = pair_rate(SA)


_EQUAL_MASSES = pair_rate(SA).subs({M1: S.Half, M2: S.Half})


MEETING = Claim(
    "Two clusters: time",
    "3 tokens against 2 on the circle take, from an angle in [0.8, 2.4] to one tenth to one half "
    "of it, β in [1, 6] (12 in full), the time of the closed form.",
    SA,
    _MERGE,
    MEETS,
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


def watch_laplace(flow: Flow, prediction: Laplace, budget: Budget) -> Trial:
    """Fit the order of the error of the expansion against the exact time, over random pairs."""
    if flow.name not in ("SA", "USA"):
        return Trial(silent=f"{flow.name}: no expansion")
    hots = np.array([100.0, 200.0, 400.0, 800.0])
    scope = {"n": "2 clusters", "beta": "100 to 800", "theta": "[0.7, 1.4]"}
    scope["masses"] = "m1 in [0.15, 0.4], m2 = 1 - m1"
    errors = np.empty((len(hots), max(budget.cases, 2)))
    for case in range(errors.shape[1]):
        theta = float(budget.rng.uniform(0.7, 1.4))
        m1 = float(budget.rng.uniform(0.15, 0.4))
        used = (m1, 1 - m1) if prediction.masses else (0.5, 0.5)
        for k, hot in enumerate(hots):
            exact = two_cluster_log_time(theta, float(hot), m1, 1 - m1, flow.model)
            series = two_cluster_time_asymptotic(
                theta, float(hot), *used, flow.name, prediction.corrected
            )
            errors[k, case] = abs(np.expm1(float(log(series).evalf(20)) - exact))
    # Each pair has its own factor and the same exponent: divide the factors out.
    errors = np.maximum(errors, 1e-15)
    fit = fit_power_law(hots, errors / np.exp(np.log(errors).mean(axis=0)))
    margin = fit.margin(prediction.exponent)
    most = f"{errors[-1].max():.2g} at β = 800"
    violation = (
        ""
        if margin >= 0
        else f"{flow.name}: the error is of order β^({fit}), {most}, "
        f"not β^({prediction.exponent:g})"
    )
    found = f"relative error of the expansion: β^({fit}), at most {most}"
    return Trial(violation, margin, budget.cases, seen=found, scope=scope)


EXPANDS: Statement[Laplace] = experiment(
    "the expansion of the merge time has a relative error of that order", watch_laplace
)


LAPLACE = Claim(
    "Two clusters: series",
    "Merge time e^{β(1-cos θ)}(1+2cos θ/(β sin² θ))/((m1/m2+m2/m1)β sin² θ): relative error "
    "of order β^{-2}, θ in [0.7, 1.4], m1 in [0.15, 0.4].",
    (SA, USA),
    Laplace(),
    EXPANDS,
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
