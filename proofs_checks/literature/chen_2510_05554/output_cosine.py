"""Long context [2510.05554]: what one attention layer makes of equal angles at β = γ log n.

Main results
------------
- Inputs of inner product ρ in (0, 1), masses 1/n, n -> ∞, g = γ(1-ρ): the cosine of two outputs
  Σ_j A_ij x_j tends to 1 for g < 1, to 4ρ/(1+3ρ) at g = 1, to ρ for g > 1; it is off by
  c n^{-2(1-g)} for g < 1, by c n^{-(g-1)} for g > 1, c not 0.
- Of x_i + η Σ_j A_ij x_j, η > 0, it tends to ρ(1+η)²/(1+(2η+η²)ρ), at g = 1 to
  ρ(1+η)²/((1+η/2)²+((1+η/2)η+η²/4)ρ), for g > 1 to ρ; it is off by c n^{-(1-g)} and c n^{-(g-1)}.

How it is proved
----------------
The I/J algebra evaluates the outputs' Gram matrix at G = (1-ρ)I + ρJ for symbolic n: equal angles
stay equal. The weights are powers of n, so the cosine is a ratio of sums of c n^i u^j, u = n^{-g},
with exponents i - gj linear in g: compared at both ends of 0 < g < 1, and at g = 1 with their
slopes, one is the largest of each sum, and the two coefficients give the limit. The same of the
ratio less its limit gives the error. Outputs of NumPy are compared with the ratio.

References
----------
S. Chen, Z. Lin, Y. Polyanskiy, P. Rigollet, Critical attention scaling in long-context
transformers, arXiv 2510.05554.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Expr, Integer, Rational, Symbol, cancel, factor, lambdify, log, together

from numerics.compile import compile_model
from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.proof import (
    LARGEST_POWER,
    Counterexample,
    Flow,
    How,
    Outcome,
    Sheet,
    Statement,
    Step,
    Trial,
    apply,
    derived,
    gap,
    pairwise,
)
from proofs_checks.said import Said, say, saying
from theory.derivations import equiangular
from theory.models import Model
from theory.predictions import (
    ATTENTION_OUTPUT,
    RESIDUAL_OUTPUT,
    OutputLimits,
    Regime,
    output_cosine,
    output_limit,
    output_regimes,
)
from theory.symbols import eta, load, n, rho

_HALF = eta / 2

LIMITS = (
    OutputLimits(Integer(1), 4 * rho / (1 + 3 * rho), rho, -2 * (1 - load), 1 - load),
    OutputLimits(
        rho * (1 + eta) ** 2 / (1 + (2 * eta + eta**2) * rho),
        rho * (1 + eta) ** 2 / ((1 + _HALF) ** 2 + ((1 + _HALF) * eta + eta**2 / 4) * rho),
        rho,
        load - 1,
        1 - load,
    ),
)
"""Limits and exponents of the errors, without and with the residual."""

_RANGES = ("g < 1", "g = 1", "g > 1")

_ODDS = Symbol("o", positive=True)
"""(1-ρ)/ρ."""

_GAIN = Symbol("eta_+", positive=True)


@lru_cache(maxsize=32)
def _regimes(model: Model) -> tuple[tuple[Regime, ...], str]:
    """Read the three ranges of g, or say why there are none."""
    try:
        return output_regimes(model), ""
    except (ValueError, NotImplementedError) as error:
        return (), str(error)


def _parts(expr: Expr) -> list[Expr]:
    """Numerator and denominator of a ratio, in (1-ρ)/ρ and η."""
    plain = together(expr.subs({rho: 1 / (1 + _ODDS), eta: _GAIN}))
    return [part.expand() for part in cancel(plain).as_numer_denom()]


def _never_zero(expr: Expr) -> bool:
    """Whether a ratio keeps its sign for 0 < ρ < 1 and η > 0: coefficients of one sign."""
    return all(part.is_positive or part.is_negative for part in _parts(expr))


def _signs_said(expr: Expr) -> list[Said]:
    """Say which quotient it is, and the signs of numerator and denominator."""
    parts = _parts(expr)
    quotient = parts[0] / parts[1]
    plain = expr.subs({rho: 1 / (1 + _ODDS), eta: _GAIN})
    same = [] if plain == quotient else [say(plain, "=", quotient)]
    signs = [
        say(0, "<", factor(part) if part.is_positive else factor(-part))
        for part in parts
        if not part.is_number
    ]
    return [*same, *signs] if signs else []


_INSIDE = (say(0, "<", rho), say(rho, "<", 1), say(0, "<", eta))


def _sign(text: str, expr: Expr) -> Step:
    outcome = Outcome.HOLDS if _never_zero(expr) else Outcome.GAP
    step = Step(text, How.DECIDED, outcome, "coefficients of one sign in (1-ρ)/ρ and η")
    return saying(step, *_signs_said(expr))


def decide(flow: Flow, prediction: OutputLimits) -> Sheet:
    """Evaluate the outputs at equal angles, and read limits and errors off the largest powers."""
    regimes, reason = _regimes(flow.model)
    text = "<y_i,y_j>/|y_i|² is a ratio of sums of c n^i u^j, u = n^{-g}, for equal angles"
    if not regimes:
        return Sheet((gap(text, reason),))
    left = [item.value for item in equiangular(flow.model).proof if not item.is_zero]
    ratio = derived(text, left[0] if left else 0, "the algebra of I and J; powers of n cancelled")
    steps = [ratio]
    said = (prediction.below, prediction.at, prediction.above)
    for where, regime, limit in zip(_RANGES, regimes, said, strict=True):
        bottom = _sign(f"{where}: the denominators' coefficients aren't 0", regime.bottom)
        leads = [
            apply(
                LARGEST_POWER,
                f"{where}: {name} one largest power",
                ratio,
                bottom,
                leader=leader,
                others=others,
            )
            for name, (leader, others) in zip(
                ("the numerator has", "the denominator has"), regime.orders[:2], strict=True
            )
        ]
        limits = derived(f"{where}: limit {limit}", cancel(regime.limit - limit))
        limits = saying(limits, say(regime.limit, "=", limit, _INSIDE))
        steps += [bottom, *leads, limits]
    errors = ((regimes[0], prediction.off_below), (regimes[2], prediction.off_above))
    for where, (regime, off) in zip(("g < 1", "g > 1"), errors, strict=True):
        error = _sign(f"{where}: the error's coefficient isn't 0", regime.error)
        lead = [
            apply(LARGEST_POWER, f"{where}: {name}", ratio, error, leader=first, others=others)
            for name, (first, others) in zip(
                ("one power leads the error", "one its denominator"), regime.orders[2:], strict=True
            )
        ]
        steps += [
            error,
            *lead,
            derived(f"{where}: off by c n^e, e = {off}", cancel(regime.off - off)),
        ]
    return Sheet(
        tuple(steps),
        {
            "n": "symbolic, n -> ∞",
            "d": "symbolic, >= n",
            "masses": "1/n",
            "data": "equal angles, 0 < ρ < 1, η > 0",
        },
        (flow.model.velocity, prediction.below, prediction.at, prediction.above),
        "the cosine is a ratio of sums of powers of n; the largest lead",
    )


_POINTS = tuple(
    {rho: Rational(a, 7), eta: Rational(b, 3)} for a, b in ((1, 2), (3, 4), (5, 1), (6, 7))
)


def refute(flow: Flow, prediction: OutputLimits | None, budget: Budget) -> Counterexample | None:
    """Compare the limits that the largest powers give with the predicted ones, exactly."""
    if prediction is None:
        return None
    try:
        output_cosine(flow.model)
    except (ValueError, NotImplementedError):
        return None
    said = {
        Rational(3, 4): prediction.below,
        Integer(1): prediction.at,
        Rational(5, 4): prediction.above,
    }
    for place, limit in said.items():
        found = output_limit(flow.model, place)
        for point in _POINTS:
            own, other = found.subs(point), limit.subs(point)
            if own != other:
                return Counterexample(
                    f"{flow.name}: the cosine tends to {own}, not {other}, at g = {place}, "
                    f"ρ = {point[rho]}, η = {point[eta]}"
                )
    regimes, _ = _regimes(flow.model)
    offs = ((0, Rational(3, 4), prediction.off_below), (2, Rational(5, 4), prediction.off_above))
    for which, place, off in offs if regimes else ():
        own, other = regimes[which].off.subs(load, place), off.subs(load, place)
        if own != other:
            return Counterexample(
                f"{flow.name}: off by c n^({own}), not c n^({other}), at g = {place}"
            )
    return None


_GROWN = (Integer(10) ** 30, Integer(10) ** 36)
"""Numbers of tokens at which the error's slope is read."""


def _slope(ratio: Expr, limit: Expr, place: Expr, point: dict[Any, Any]) -> Expr:
    """Slope of log|cosine - limit| against log n."""
    (power,) = ratio.free_symbols - {n, rho, eta}
    sizes = []
    for count in _GROWN:
        value = ratio.subs({power: count**-place, n: count}).subs(point)
        sizes.append(log(abs((value - limit.subs(point)).evalf(20, maxn=400))))
    return (sizes[1] - sizes[0]) / log(_GROWN[1] / _GROWN[0])


def watch(flow: Flow, prediction: OutputLimits, budget: Budget) -> Trial:
    """Compare the ratio with outputs of NumPy, and the error's slope with the predicted one."""
    try:
        ratio = output_cosine(flow.model)
    except (ValueError, NotImplementedError) as error:
        return Trial(silent=str(error))
    (power,) = ratio.free_symbols - {n, rho, eta}
    value = lambdify((n, power, rho, eta), ratio, "math")
    gained = eta in flow.model.parameters
    worst, tolerance, cases = 0.0, 1e-12, max(4, budget.cases)
    for _ in range(cases):
        size, angle = int(budget.rng.integers(2, 60)), float(budget.rng.uniform(0.05, 0.95))
        scale, gain = float(budget.rng.uniform(0.1, 4)), float(budget.rng.uniform(0.1, 3))
        gram = (1 - angle) * np.eye(size) + angle
        turned = np.linalg.qr(budget.rng.normal(size=(size, size)))[0]
        rest: dict[str, Any] = {"eta": gain} if gained else {}
        output = compile_model(flow.model, exponent=scale, **rest)(
            np.linalg.cholesky(gram) @ turned
        )
        lengths = np.linalg.norm(output, axis=1)
        cosines = output @ output.T / np.outer(lengths, lengths)
        said = value(size, size ** (-scale * (1 - angle)), angle, gain)
        worst = max(worst, float(np.abs(cosines[~np.eye(size, dtype=bool)] - said).max()))
    scope = {"outputs": "n in 2..59, ρ in [0.05, 0.95], γ in [0.1, 4], η in [0.1, 3]"}
    if worst > tolerance:
        return Trial(f"cosines are {worst:.1e} off the ratio", 1 - worst / tolerance, cases)
    point = _POINTS[int(budget.rng.integers(len(_POINTS)))]
    below, above = Rational(int(budget.rng.integers(5, 9)), 12), Rational(17, 12)
    for place, limit, off in (
        (below, prediction.below, prediction.off_below),
        (above, prediction.above, prediction.off_above),
    ):
        gap_ = abs(float(_slope(ratio, limit, place, point) - off.subs(load, place)))
        if not gap_ < 1e-2:
            return Trial(f"the error's slope is {gap_:.1e} off at g = {place}", -gap_, cases)
    seen = f"cosines of NumPy are the ratio's to {worst:.1e}; slopes of errors to 1e-2"
    return Trial(margin=1 - worst / tolerance, cases=cases, seen=seen, scope=scope)


OUTPUT_COSINE: Statement[OutputLimits] = Statement(
    "",
    "the cosine of outputs tends to a limit in each range of γ(1-ρ), at a power of n",
    decide,
    refute=refute,
    trial=watch,
    cases=pairwise,
)


def _scaled(model: Model, factor: Any) -> Model:
    exponent = model.parameters[0]
    return model.subs({exponent: factor * exponent}, name=f"{model.name}, {factor}γ")


_PLAIN, _RESIDUAL = LIMITS


LONG_CONTEXT = Claim(
    "Long context [2510.05554]",
    "Equal angles ρ, β = γ log n, n -> ∞: the cosine of attention outputs tends to 1, 4ρ/(1+3ρ), "
    "ρ as g = γ(1-ρ) <, =, > 1, off by c n^{-2(1-g)}, c n^{-(g-1)}; with a residual to others.",
    (ATTENTION_OUTPUT, RESIDUAL_OUTPUT),
    LIMITS,
    OUTPUT_COSINE,
    (
        Control(
            "2ρ/(1+ρ) at the threshold",
            prediction=(replace(_PLAIN, at=2 * rho / (1 + rho)), _RESIDUAL),
        ),
        Control(
            "n^{-(1-g)} without residual",
            prediction=(replace(_PLAIN, off_below=load - 1), _RESIDUAL),
        ),
        Control(
            "collapse with a residual",
            prediction=(_PLAIN, replace(_RESIDUAL, below=Integer(1))),
        ),
        Control("β = 2γ log n", model=(_scaled(ATTENTION_OUTPUT, 2), RESIDUAL_OUTPUT)),
        Control("residual ignored", model=(ATTENTION_OUTPUT, ATTENTION_OUTPUT)),
    ),
    Verdict.PROVED,
    origin="extension",
    equivalents=(
        Equivalent(
            "outputs of another sign or length have the same cosine",
            ("*.velocity: sign", "*.velocity: × n"),
        ),
    ),
)


CLAIMS = (LONG_CONTEXT,)
