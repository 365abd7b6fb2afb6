"""(D.10), E.(D.10): how fast tokens align with the limit x*.

Main results
------------
(D.10): nearly orthonormal data: 1 - min <x_i,x*> <= e^{(1-γ(1/n)t)/(2n e^{2β})}, t >= 0.
E.(D.10): what (D.14) gives, and for which data; printed for any data with a limit x*.

How it is proved
----------------
(D.10) is only watched: runs of 2 and 4 tokens within about 1e-3 of an orthonormal system, and
the equiangular curves of 2 and 8 tokens by quadrature. The erratum is a theorem on limits of tokens
and any number γ_1 of (0, 1] for γ(1/n): (D.14) and Grönwall's inequality give it for t >= 1/n where
α(1/n) >= γ_1/2; for t <= 1/n the right side is at least 1.

References
----------
arXiv 2312.10794, Appendix D, (D.10), (D.14); (D.9) gives the hypothesis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.integrate import quad
from sympy import Expr, Rational, S, exp, lambdify, log, tanh

from numerics.compile import compile_model
from numerics.equiangular import equiangular_gamma
from proofs_checks.claim import WARM, Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import enclose
from proofs_checks.proof import (
    FASTER,
    START,
    Counterexample,
    Flow,
    Statement,
    Trial,
    equiangular_speed,
    leaves_sphere,
    never_exceeds,
    not_asked,
    refute_off_sphere,
    smallest_weight,
    without_temperature,
)
from proofs_checks.propositions import All, Is, Rel
from proofs_checks.shared_runs import integrate
from proofs_checks.theorems import (
    LEAST_MASS,
    ONE_MASS,
    OTHER,
    PAIR,
    SECOND,
    TO_ONE,
    TOKEN,
    Concludes,
    Conclusion,
    Refusal,
    aligning,
    nearness,
    of_limits,
    pull_in,
    run_from,
    subject_in,
    tried_along,
    unproved,
)
from theory.models import REPULSIVE, SA, Model
from theory.symbols import X, beta, gamma, n, t
from theory.terms import Greatest, Inner, Least, Name, Row, at


def _slow_alignment(model: Model, prediction: Expr) -> tuple[str, float]:
    """Compare exactly orthonormal tokens with the bound, at temperatures out of a run's reach.

    They stay equiangular, with α² = (1 + (n-1)γ)/n; the time to reach γ is ∫ dγ/γ'. The violation,
    and the least relative slack.
    """
    speed, worst = lambdify((gamma, beta, n), equiangular_speed(model), "math"), np.inf
    for size in (2, 8):
        for hot in (0.005, 0.3, 2.0, 5.0):
            if speed(0.0, hot, size) <= 0:
                return (
                    f"{model.name}, n = {size}, β = {hot}: γ' <= 0 at γ = 0: they don't meet",
                    -1.0,
                )
            unit = float(equiangular_gamma(1 / size, hot, size))
            bound = lambdify(t, prediction.subs({n: size, beta: hot, START: unit}), "math")
            for level in (0.05, 0.3, 0.6, 0.9, 0.999):
                time = quad(lambda g, b=hot, k=size: 1 / speed(g, b, k), 0, level)[0]
                gap = 1 - np.sqrt((1 + (size - 1) * level) / size)
                allowed = bound(time)
                if not gap <= allowed:
                    return (
                        f"{model.name}, n = {size}, β = {hot}, orthonormal tokens: at t = "
                        f"{time:.4g} 1 - α = {gap:.4g} > {allowed:.4g}"
                    ), 1 - gap / allowed
                worst = min(worst, 1 - gap / allowed)
    return "", float(worst)


_LEVEL = Least(Inner(Row(SECOND, TOKEN), Row(SECOND, OTHER)), (TOKEN, OTHER))
"""γ(t): of tokens that are orthonormal at first all angles are equal."""


def _most(block: Any) -> Expr:
    products = abs(Inner(Row(block, TOKEN), Row(block, OTHER)))
    return at(Greatest(products, (TOKEN, OTHER)))


def conclude_alignment(flow: Flow, prediction: Expr) -> Conclusion | Refusal:
    """Claim the bound of tokens within 1/100 of an orthonormal system, γ being of Y."""
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    bound = prediction.xreplace({START: at(_LEVEL, 1 / n)})
    near = Rel("<=", _most(X), Rational(1, 100)), Rel("=", _most(SECOND), 0)
    few = Rel("<=", 2, n), Rel("<=", n, 8), Rel("<=", beta, 5)
    given = Is(PAIR, subject), *near, LEAST_MASS, ONE_MASS, *few
    names = Name("alpha", nearness()), Name("gamma", _LEVEL)
    then = All(TO_ONE, of_limits(Rel("<=", 1 - nearness(), bound)))
    return unproved(then, given, names)


_TIMES = (0.05, 0.2, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""1/n among them."""


def watch_alignment(flow: Flow, prediction: Expr, budget: Budget) -> Trial:
    """Evaluate the bound along runs from near orthonormal tokens, beside orthonormal ones."""
    own, dimension = conclude_alignment(flow, prediction), 6
    missing = without_temperature(flow.model)
    if missing or flow.given or isinstance(own, Refusal):
        return Trial(silent=missing or "no runs at given parameters")
    slow, worst = _slow_alignment(flow.model, prediction)
    if slow:
        return Trial(slow, worst, 1, tried=own.says)
    runs = []
    for size in (2, 4):
        for hot in (0.3, 1.5):
            for noise in budget.rng.standard_normal((budget.cases, size, dimension)):
                axes = np.eye(dimension)[:size]
                points = axes + 1e-3 * noise
                points /= np.linalg.norm(points, axis=-1, keepdims=True)
                runs.append(run_from(flow.model, hot, points, _TIMES, second=axes))
    seen = (
        "holds along all runs from tokens within about 1e-3 of an orthonormal system, and on the "
        "equiangular curves of 2 and 8 tokens at β from 0.005 to 5"
    )
    scope = {"n": "2, 4; 2, 8", "d": "6; >= n", "beta": "0.3, 1.5; 0.005 to 5", "masses": "1/n"}
    found = tried_along(own, runs, scope, seen)
    margin = worst if found.margin is None else min(worst, found.margin)
    return replace(found, margin=margin)


ALIGNMENT: Statement[Expr] = Statement(
    "",
    "how fast nearly orthonormal tokens align with their limit",
    Concludes(conclude_alignment),
    not_asked,
    refute_off_sphere,
    watch_alignment,
    typed=True,
)


_ALIGNED = exp((1 - START * t) / (2 * n * exp(2 * beta)))


EQUATION_D_10 = Claim(
    "(D.10)",
    "Nearly orthonormal data: 1 - min <x_i,x*> <= e^{(1-γ(1/n)t)/(2n e^{2β})} for t >= 0.",
    SA,
    _ALIGNED,
    ALIGNMENT,
    (
        Control("exponent times 16 n² e^{2β}", prediction=exp(8 * (1 - START * t) * n)),
        Control("1 - γt -> -1 - γt, divisor dropped", prediction=exp(-1 - START * t)),
        Control("V = -I", model=REPULSIVE),
    ),
    Verdict.SUPPORTED,
    (WARM,),
    cases=3,
    equivalents=(
        FASTER,
        Equivalent("a larger bound", ("prediction: × n",)),
        Equivalent(
            "(D.8), also at 2β, gives γ >= 1/2 when the bound is still e^{-γ(1/n)/2} or more, "
            "above 1 - α, and from then on a faster rate",
            ("SA.velocity: e^u -> e^2u", "prediction: e^u -> e^2u", "prediction: β -> β²"),
        ),
    ),
)


@dataclass(frozen=True)
class Coverage:
    """For which data (D.10) is said to hold.

    Attributes
    ----------
    fraction : Expr or None
        ``α(1/n) >= fraction γ(1/n)`` is asked for t >= 1/n; with 0, only α > 0. Where it is
        positive, (D.14) must give (D.10). None: no condition is said.
    early : Expr
        ``α >= early`` is asked for t < 1/n.
    """

    fraction: Expr | None
    early: Expr


def _opposite_pair() -> str:
    """Two tokens of an open hemisphere so nearly opposite that (D.10) fails, n = 2, β = 1."""
    # γ' >= e^{-β}/n up to γ = 1/2 gives γ(1/2) >= e^{-1}/4; α' = 2A_12 α(1-α²) <= α.
    low = enclose(exp(-1)) / 4
    time = 2 / low
    bound = ((1 - low * time) / (4 * enclose(exp(2)))).exp()
    if not bound.b < 0.999:
        return ""
    return (
        f"n = 2, β = 1, α(0) = e^-T/1000 at T = {float(time.mid):.4g}: α(T) <= α(0) e^T, so 1-α >= "
        f"0.999 > {float(bound.b):.6g}, the bound at T"
    )


def _low_token(model: Model) -> str:
    """Three tokens of an open half circle, one of which starts behind the limit's equator."""
    angles = np.array([-1.45, -1.45, 1.45])
    points = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    end = integrate(compile_model(model, beta=1.0), points, 60.0, rtol=1e-9).points[-1]
    limit = end.mean(axis=0) / np.linalg.norm(end.mean(axis=0))
    alpha = float((points @ limit).min())
    bound = math.exp(math.exp(-2) / 6)
    if not 1 - alpha > bound:
        return ""
    return (
        f"{model.name}, n = 3, β = 1, angles -1.45, -1.45, 1.45: at t = 0 1-α = {1 - alpha:.4g} > "
        f"{bound:.4g}"
    )


def _late_pair(model: Model) -> str:
    """Two tokens with α(1/n) = γ(1/n)/2, and a time at which their α breaks (D.10), or ""."""
    if without_temperature(model):
        return ""
    for hot in (0.0, 3.0):
        first = float(equiangular_gamma(0.5, hot, 2))
        start = np.array([[first / 2, 1.0], [first / 2, -1.0]])
        start[:, 1] *= math.sqrt(1 - first**2 / 4)
        times = 0.5 + np.linspace(0.0, 2.0, 9) * (1 / first + 4 * math.exp(2 * hot))
        run = integrate(compile_model(model, beta=hot), start, times[-1], times, rtol=1e-9)
        level = run.points[:, :, 0].min(axis=-1)
        bound = np.exp((1 - first * run.times) / (4 * math.exp(2 * hot)))
        worst = int(np.argmax(1 - level - bound))
        if 1 - level[worst] > bound[worst] + 1e-6:
            return (
                f"{model.name}, n = 2, β = {hot:g}, α(1/2) = γ(1/2)/2 = {first / 2:.4g}: at t = "
                f"{run.times[worst]:.4g} 1-α = {1 - level[worst]:.5g} > {bound[worst]:.5g}"
            )
    return ""


def _too_low(share: Expr) -> str:
    """Say when (D.14) with equality breaks (D.10), at β = 0 and n = 2, or "".

    γ(1/2) = tanh(1/2) > 0.46, and α = 1 - (1-α_1) e^{-α_1 s/2} at t = 1/2 + s; beyond the time at
    which the exponents cross it is too low.
    """
    first = share * tanh(S.Half)
    late = (log(1 / (1 - first)) + S.One) / (tanh(S.Half) / 4 - first / 2)
    bound = (1 - tanh(S.Half) * (late + S.Half)) / 4
    left = log(1 - first) - first * late / 2
    if not (left - bound).evalf(20) > 0:
        return ""
    return (
        f"α(1/n) >= {share} γ(1/n), n = 2, β = 0: at t = 1/2 + {late.n(5)} (D.14) allows "
        f"log(1-α) = {left.n(5)} > {bound.n(5)}"
    )


def refute_coverage(
    flow: Flow, prediction: Coverage | None, budget: Budget
) -> Counterexample | None:
    """Find data under the conditions for which (D.10) fails, or a flow too slow for it."""
    if prediction is None or prediction.fraction is None:
        return None
    weight, reason = smallest_weight(flow.model)
    if prediction.fraction <= 0:
        found = _opposite_pair()
    elif prediction.early < 0:
        found = _low_token(flow.model)
    elif prediction.fraction < S.Half:
        found = _too_low(prediction.fraction)
    elif not reason and never_exceeds(exp(-2 * beta), weight):
        found = ""
    else:
        found = leaves_sphere(flow.model, budget.rng) or _late_pair(flow.model)
    return Counterexample(found) if found else None


def conclude_coverage(flow: Flow, prediction: Coverage) -> Conclusion | Refusal:
    """Integrate (D.14) from 1/n on; before, the right side is at least 1."""
    pull, share = pull_in(flow), prediction.fraction
    if isinstance(pull, Refusal):
        return pull
    if share is None:
        return Refusal("(D.14) speaks of t >= 1/n where α(1/n) >= γ(1/n)/2")
    return aligning(pull, START, share, prediction.early, _ALIGNED)


COVERAGE: Statement[Coverage] = Statement(
    "",
    "for which data (D.14) gives (D.10)",
    Concludes(conclude_coverage),
    not_asked,
    refute_coverage,
    typed=True,
)


ERRATUM_D_10 = Claim(
    "E.(D.10)",
    "(D.14) gives (D.10) for t >= 1/n where α(1/n) >= γ(1/n)/2, by (D.9); for t < 1/n take α >= 0.",
    SA,
    Coverage(S.Half, S.Zero),
    COVERAGE,
    (
        Control("t >= 1/n: α(1/n) >= γ(1/n)/2 -> α > 0", prediction=Coverage(S.Zero, S.Zero)),
        Control("t < 1/n: α >= 0 -> α >= -1", prediction=Coverage(S.Half, S.NegativeOne)),
        Control("all t, any data with a limit x*", prediction=Coverage(S.Zero, S.NegativeOne)),
    ),
    Verdict.PROVED,
    (WARM,),
    printed=Control("as printed: by (D.14), all t", prediction=Coverage(None, S.Zero)),
    origin="erratum",
    kind="gap",
    equivalents=(
        FASTER,
        Equivalent(
            "said of fewer data",
            ("prediction.fraction: + 1", "prediction.fraction: × 2", "prediction.early: + 1"),
        ),
    ),
)


CLAIMS = (EQUATION_D_10, ERRATUM_D_10)
