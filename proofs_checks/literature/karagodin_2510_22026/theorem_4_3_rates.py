"""Theorem 4.3 [2510.22026]: how fast equal angles close under each normalisation scheme.

Main results
------------
- 1-γ linearised at consensus, for masses 1/n, every n and β: e^{-2t} for post-LN; r0²/(r0+t)² for
  pre-LN and peri-LN; e^{-2αt} for nGPT; e^{-4(√(t+1)-1)} for CoD; for mix-LN e^{-2t} until τ, then
  e^{-2τ} (r0/(r0+t-τ))².

How it is proved
----------------
The I/J algebra evaluates the flow of inner products and lengths at G = (1-γ)I + γJ and equal
lengths, for symbolic n: that set is invariant, with γ' = f(γ, r, t), r' = g(γ, r, t). Linearised at
γ = 1 the rate of 1-γ is Λ = f/(1-γ) along r' = g(1, r, t), and the law is the solution of u' = -Λu,
u(0) = 1, of each piece in its times, which is free of n and β. Runs of the two equations to 1-γ =
1e-8 have the law's slope to 1e-3.

References
----------
N. Karagodin, S. Ge, Y. Polyanskiy, P. Rigollet, Normalization in attention dynamics,
arXiv 2510.22026, Theorem 4.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from sympy import Expr, Integer, Piecewise, Rational, Symbol, exp, lambdify, log, sqrt

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    CONTINUOUS_AT_EQUAL_ANGLES,
    EQUAL_ANGLES,
    Counterexample,
    Flow,
    Sheet,
    Statement,
    Trial,
    derived,
    gap,
    leaves_sphere,
    pairwise,
)
from proofs_checks.proof.kinds import IN_TIME, SPHERE, UNLABELLED
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Concludes, Conclusion, Refusal, law_near_one, values_in
from theory.bounded import simplified
from theory.models import COD, MIX_LN, NGPT, PERI_LN, PRE_LN, SA, USA, Model
from theory.symbols import X, alpha, beta, gamma, m, n, t, tau

_LENGTH = Symbol("r", positive=True)

_GROWING = _LENGTH**2 / (_LENGTH + t) ** 2

MODELS = (SA, PRE_LN, PERI_LN, NGPT, COD, MIX_LN)

LAWS = (
    exp(-2 * t),
    _GROWING,
    _GROWING,
    exp(-2 * alpha * t),
    exp(-4 * (sqrt(t + 1) - 1)),
    Piecewise(
        (exp(-2 * t), t <= tau),
        (exp(-2 * tau) * _LENGTH**2 / (_LENGTH + t - tau) ** 2, True),
    ),
)
"""1-γ over its start, linearised at consensus, for each of `MODELS`."""


@lru_cache(maxsize=32)
def _law(flow: Flow) -> tuple[Expr | None, str]:
    """Law that is derived for a flow, or why there is none."""
    found, reason = flow.equal_angles
    if found is None:
        return None, reason
    try:
        return flow.put(found.decay), ""
    except ValueError as error:
        return None, str(error)


def derive_law(flow: Flow) -> Expr | None:
    """Return the law of 1-γ near consensus."""
    return _law(flow)[0]


_POINTS: tuple[dict[Any, Any], ...] = tuple(
    {
        t: Rational(time),
        _LENGTH: Rational(5, 4),
        alpha: Rational(3, 2),
        tau: 2,
        beta: Rational(3, 2),
        n: 3,
    }
    for time in ("1/2", "3", "11")
)


def refute_law(flow: Flow, prediction: Expr | None, budget: Budget) -> Counterexample | None:
    """Find directions that leave the sphere, or compare the law with the prediction at times."""
    others = [block.symbol for block in flow.model.blocks[1:] if block.symbol != m]
    directions = Model(
        flow.name,
        flow.model.velocities[X],
        parameters=(*flow.model.parameters, *others),
        space=flow.model.space,
        kind=flow.model.kind,
    )
    if off := leaves_sphere(directions, budget.rng):
        return Counterexample(off)
    own, _ = _law(flow)
    if own is None or prediction is None:
        return None
    for point in _POINTS:
        seen, said = own.subs(point).evalf(20), prediction.subs(point).evalf(20)
        if not (seen.is_comparable and said.is_comparable):  # of symbols that have no number here
            continue
        if seen.is_finite and said.is_finite and abs(seen - said) > abs(seen) * Rational(1, 10**9):
            named = [s for s in point if own.has(s) or prediction.has(s)]
            where = ", ".join(f"{s} = {point[s]}" for s in named)
            return Counterexample(
                f"{flow.name}: 1-γ falls to {seen.n(6)} of its start, not {said.n(6)}, at {where}"
            )
    return None


def conclude_law(flow: Flow, prediction: Expr) -> Conclusion | Refusal:
    """Say that 1-γ follows the predicted law to first order."""
    values = values_in(flow)
    if isinstance(values, Refusal):
        return values
    return law_near_one(Subject.of(flow.model, values), prediction)


_SCOPE = (
    ("n", "symbolic, >= 2"),
    ("d", "symbolic, >= n"),
    ("beta", "symbolic"),
    ("masses", "1/n"),
    ("data", "equal angles and lengths, to first order in 1-γ"),
)


def _same(own: Expr, said: Expr) -> Expr:
    """Difference of two laws, of each piece its own."""
    if not own.has(Piecewise):
        return simplified(own - said)
    pieces = zip(own.args, said.args, strict=True) if said.has(Piecewise) else ()
    parts = [
        simplified(a - b) if where == other else Integer(1) for (a, where), (b, other) in pieces
    ]
    return sum((abs(part) for part in parts), Integer(0)) if parts else Integer(1)


def decide(flow: Flow, prediction: Expr) -> Sheet:
    """Integrate the rate, of laws whose equation isn't decided."""
    own, reason = _law(flow)
    text = f"(1-γ)/(1-γ(0)) = {prediction}, linearised at γ = 1"
    step = gap(text, reason) if own is None else derived(text, _same(own, prediction))
    found = flow.equal_angles[0]
    rhs = () if found is None else tuple(found.rhs.values())
    return Sheet(
        (EQUAL_ANGLES.test(flow), step),
        dict(_SCOPE),
        (*flow.model.velocities.values(), *rhs, prediction),
        f"G = (1-γ)I + γJ and equal lengths are invariant; e^{{-∫Λ}} is {prediction}",
    )


_AT = {alpha: 1.5, tau: 0.5}
_NEAR = 1e-8


@lru_cache(maxsize=32)
def _rates(flow: Flow) -> tuple[Callable[..., float], ...]:
    """Rates of γ and of the further scalars, functions of (β, n), t, γ and these; () for none."""
    found = flow.equal_angles[0]
    if found is None or not set(flow.model.parameters) <= {beta, *_AT}:
        return ()
    names = ((beta, n), t, gamma, *(s for s, _ in found.others))
    return tuple(lambdify(names, e.subs(_AT), "math") for e in found.rhs.values())


def _end(flow: Flow, warm: float, size: int) -> tuple[float, float] | None:
    """Time at which a run of equal angles has 1-γ = 1e-8, and the slope of log(1-γ) there."""
    rates = _rates(flow)
    if not rates:
        return None

    def slope(time: float, state: Any) -> list[float]:
        below = float(np.exp(state[0]))  # its logarithm keeps the digits of a small gap
        values = [float(f((warm, size), time, 1.0 - below, *state[1:])) for f in rates]
        return [-values[0] / below, *values[1:]]

    def near(time: float, state: Any) -> float:
        return float(state[0]) - math.log(_NEAR)

    near.terminal = True  # type: ignore[attr-defined]
    start = [math.log(0.7), *(1.0 for _ in rates[1:])]
    run = solve_ivp(slope, (0.0, 1e7), start, "LSODA", events=near, rtol=1e-10, atol=1e-10)
    if not run.t_events[0].size:
        return None
    time = float(run.t_events[0][0])
    return time, slope(time, run.y_events[0][0])[0]


def watch(flow: Flow, prediction: Expr, budget: Budget) -> Trial:
    """Run the equations of equal angles to 1-γ = 1e-8 and compare the slope with the law's."""
    worst, cases = 0.0, max(1, budget.cases // 10)
    steep = lambdify(((beta, n), t), log(prediction).diff(t).subs({**_AT, _LENGTH: 1}), "math")
    for _ in range(cases):
        warm, size = float(budget.rng.uniform(0, 4)), int(budget.rng.integers(2, 30))
        ended = _end(flow, warm, size)
        if ended is None:
            return Trial(silent="no run of equal angles came to 1-γ = 1e-8")
        worst = max(worst, abs(ended[1] / float(steep((warm, size), ended[0])) - 1))
    tolerance = 1e-3
    scope = {"runs": "1-γ to 1e-8, n in 2..29, β in [0, 4], r0 = 1, α = 3/2, τ = 1/2"}
    if worst > tolerance:
        said = f"the slope of log(1-γ) is {worst:.1e} off the law's"
        return Trial(said, 1 - worst / tolerance, cases, scope=scope)
    seen = f"the slope of log(1-γ) is the law's to {worst:.1e}"
    return Trial(margin=1 - worst / tolerance, cases=cases, seen=seen, scope=scope)


RATES: Statement[Expr] = Statement(
    "rates of schemes",
    "1-γ of equal angles, linearised at consensus, follows e^{-∫Λ}",
    Concludes(conclude_law, decide, _SCOPE),
    derive_law,
    refute_law,
    watch,
    domain=(SPHERE, IN_TIME, UNLABELLED),
    premises=(EQUAL_ANGLES, CONTINUOUS_AT_EQUAL_ANGLES),
    cases=pairwise,
    several_blocks=True,
    typed=True,
)


def _with(place: Model, law: Expr) -> tuple[Expr, ...]:
    """Laws with one of them changed."""
    return tuple(law if model is place else own for model, own in zip(MODELS, LAWS, strict=True))


THEOREM_4_3 = Claim(
    "Theorem 4.3 [2510.22026]",
    "1-γ of equal angles, linearised at consensus, is e^{-2t} for post-LN, r0²/(r0+t)² for pre-LN "
    "and peri-LN, e^{-2αt} for nGPT, e^{-4(√(t+1)-1)} for CoD; for mix-LN the first, then the "
    "second; whatever n and β are.",
    MODELS,
    LAWS,
    RATES,
    (
        Control("pre-LN as post-LN", prediction=_with(PRE_LN, exp(-2 * t))),
        Control("peri-LN with t^{-1}", prediction=_with(PERI_LN, _LENGTH / (_LENGTH + t))),
        Control("CoD half as fast", prediction=_with(COD, exp(-2 * (sqrt(t + 1) - 1)))),
        Control("nGPT without its gain", prediction=_with(NGPT, exp(-2 * t))),
        Control("USA for SA", model=(USA, *MODELS[1:])),
    ),
    Verdict.PROVED,
    origin="extension",
    equivalents=(
        Equivalent("the laws are free of β", ("*.velocity*: e^u -> e^2u", "*.velocity*: β -> β²")),
    ),
)


CLAIMS = (THEOREM_4_3,)
