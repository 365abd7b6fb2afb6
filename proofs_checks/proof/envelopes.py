"""Bounds of |g_ij - γ| that grow at first and fall later: tokens that break them, and runs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product as product_of
from typing import Any

import numpy as np
from sympy import Expr, Integer, Rational, S, Symbol, exp, lambdify, log, simplify, sqrt

from numerics.compile import compile_model
from numerics.equiangular import equiangular_gamma, equiangular_time
from proofs_checks.claim import Budget
from proofs_checks.proof.alphabet import HOT
from proofs_checks.proof.exponential import heat
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.models import without_temperature
from proofs_checks.proof.verdict import Trial
from proofs_checks.proof.weights import R0
from proofs_checks.said import Said, say
from proofs_checks.shared_runs import integrate
from theory.models import Model
from theory.predictions import equiangular_rate
from theory.symbols import beta, n, t, z


@dataclass(frozen=True)
class Envelope:
    """``|g_ij - γ| <= min{factor e^{rate t} eps0, tail}``, tail the larger for the two starts.

    Attributes
    ----------
    factor, rate : Expr
        In ``beta``, and ``n`` where the first bound has it.
    tail : Expr
        In ``R0``, the least height of a start, or ``n``; in ``beta`` and ``t``.
    curve : {"SA", "USA", "own"}
        Whose γ; that of the flow itself.
    """

    factor: Expr
    rate: Expr
    tail: Expr
    curve: str = "SA"


@dataclass(frozen=True)
class TimedEnvelope(Envelope):
    """The same in the time ``τ = ∫s`` of a flow with a schedule, in place of ``t``."""


def off_pace(flow: Flow, prediction: Envelope) -> str:
    """Orthonormal tokens of a flow with a schedule: on γ(∫s) and not on γ(t), or ""."""
    schedule, rate = flow.schedule, flow.angle_rate
    if schedule is None or schedule.constant or rate is None or prediction.curve == "own":
        return ""
    ratio = simplify(rate / equiangular_rate(model=prediction.curve))
    if ratio.free_symbols - {t}:
        return ""
    for time, _ in schedule.paces:
        if (ratio.subs(t, time) - 1).is_nonzero:
            return (
                f"orthonormal tokens have eps0 = 0, but at t = {time} γ' is {ratio.subs(t, time)} "
                f"times that of {prediction.curve}"
            )
    return ""


def fast_start(prediction: Envelope) -> str:
    """Equiangular tokens at γ = δ, that is γ(t+s) against γ(t): a time at which (6.11) fails.

    The orthonormal system nearest to them, their polar factor, is eps0 away.
    """
    curve = prediction.curve
    for count, hot in product_of((64, 10**4), (0.0, 0.25)):
        shift = 1e-2 / count
        # The least eigenvalue is 1-δ, the one of (1, ..., 1) is 1 + (n-1)δ.
        diagonal = 1 + (np.sqrt(1 + (count - 1) * shift) - 1) / count
        diagonal -= (1 - 1 / count) * (1 - np.sqrt(1 - shift))
        start = np.sqrt(2 - 2 * diagonal)
        early = float(equiangular_time(0.5, hot, count, curve))
        late = early + float(equiangular_time(shift, hot, count, curve))
        off = float(equiangular_gamma(late, hot, count, curve)) - 0.5
        bound = float(prediction.factor * exp(prediction.rate * early).subs(beta, hot)) * start
        if off > bound * (1 + 1e-6):
            return (
                f"n = {count}, β = {hot}, all products {shift:.3g} at first, eps0 = {start:.3g}: "
                f"at t = {early:.4g} they are {off:.4g} above γ = 1/2, more than {bound:.4g}"
            )
    # At β = 0 1-γ = n/(e^{2t}+n-1), so with e^{2s} = 2 and n = 2 all is exact.
    low = Rational(1, 3)
    for time in (Integer(4), Integer(12)):
        off = 2 / (exp(2 * time) + 1) - 2 / (2 * exp(2 * time) + 1)
        tails = [
            prediction.tail.subs({beta: 0, t: time, R0: height}).evalf(30)
            for height in (sqrt(S.Half), sqrt((1 + low) / 2))
        ]
        if off.evalf(30) > max(tails):
            return (
                f"n = 2, β = 0, <x_1,x_2> = {low} at first: at t = {time} it is {off.evalf(5)} "
                f"above γ, more than {max(tails).evalf(5)}"
            )
    return ""


def _ahead(size: int, low: Expr, speed: Expr) -> Expr:
    """γ(t+s) - γ(t) at β = 0 for γ(s) = low and e^{2t} = speed: 1-γ = n/(e^{2t}+n-1)."""
    late = (1 + (size - 1) * low) / (1 - low) * speed
    return size / (speed + size - 1) - size / (late + size - 1)


def ahead_at_the_event(prediction: Envelope) -> str:
    """Tokens on the event (D.5), all ahead of γ from the start, at β = 0; or "".

    They start at √(log d/(n d)), for n = 2 at √(log d/d): of n tokens with the products δ >= 0 a
    projection on the others is √n δ long at most.
    """
    for size, dimension, share in ((2, 100, 1), (10**4, 10**12, 100)):
        radius = sqrt(log(dimension) / dimension)
        for speed in (1, size + 1, exp(8), exp(24)):
            put = {beta: 0, n: size, t: log(speed) / 2}
            off = _ahead(size, radius / share, S(speed)).evalf(40)
            first = (prediction.factor * exp(prediction.rate * t) * radius).subs(put).evalf(40)
            bound = min(first, prediction.tail.subs(put).evalf(40))
            if off > bound * (1 + Rational(1, 10**9)):
                return (
                    f"n = {size}, d = {dimension}, β = 0, all products {(radius / share).n(4)} at "
                    f"first: at t = {put[t].n(4)} they are {off.n(5)} above γ, more than "
                    f"{bound.n(5)}"
                )
    return ""


def leaves_gamma(model: Model, curve: str) -> str:
    """Orthonormal tokens, on the event (D.5) in every dimension, that don't follow γ; or ""."""
    if without_temperature(model) or curve == "own":
        return ""
    others: dict[str, Any] = {
        str(s): 2 * np.eye(2)[:, : s.shape[1]] for s in model.parameters if s != beta
    }
    field = compile_model(model, beta=0.5, **others)
    end = integrate(field, np.eye(2), 0.5, rtol=1e-10).points[-1]
    found, right = float(end[0] @ end[1]), float(equiangular_gamma(0.5, 0.5, 2, curve))
    if abs(found - right) < 1e-6:
        return ""
    given = "".join(f", {name} = 2" for name in others)
    return (
        f"n = 2, β = 1/2{given}, orthonormal tokens: at t = 1/2 <x_1,x_2> = {found:.6g}, but γ of "
        f"{curve} is {right:.6g}, and the first bound tends to 0 as d -> ∞"
    )


def watch_envelope(flow: Flow, prediction: Envelope, budget: Budget) -> Trial:
    """Watch both bounds along runs from drawn tokens with n = 2, d = 3 and n = 4, d = 6."""
    missing = without_temperature(flow.model)
    if missing or flow.given or prediction.curve == "own":
        return Trial(silent=missing or "no runs around a γ of no name")
    times = np.asarray([0.05, 0.3, 1.0, 2.5, 6.0, 15.0, 40.0])
    worst, rng, cases = np.inf, budget.rng, 2 * budget.cases
    tail = lambdify((R0, beta, t), prediction.tail, "numpy")
    for size, dimension in ((2, 3), (4, 6)):
        frame = np.eye(dimension)[:size]
        noise = np.geomspace(1e-4, 1, budget.cases)[:, None, None]
        points = frame + noise * rng.standard_normal((budget.cases, size, dimension))
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        start = np.linalg.norm(points - frame, axis=-1).max(axis=-1)
        gram = points @ points.swapaxes(-1, -2)
        ones = np.ones((size, 1))
        opened = 1 / np.sqrt((ones.T @ np.linalg.solve(gram, ones))[:, 0, 0])
        hot = rng.uniform(0.1, 1.2, budget.cases)
        run = integrate(compile_model(flow.model, beta=hot), points, times[-1], times, rtol=1e-9)
        speed = lambdify(beta, prediction.rate, "numpy")(hot)
        upper = np.triu_indices(size, 1)
        for time, state in zip(run.times, run.points, strict=True):
            curve = np.asarray(
                [float(equiangular_gamma(time, float(b), size, prediction.curve)) for b in hot]
            )
            products = (state @ state.swapaxes(-1, -2))[:, upper[0], upper[1]]
            off = np.abs(products - curve[:, None]).max(axis=-1)
            first = float(prediction.factor) * np.exp(speed * time) * start
            second = np.maximum(tail(opened, hot, time), tail(size**-0.5, hot, time))
            bound = np.minimum(first, second)
            allowed = bound * (1 + 1e-6) + 1e-8
            slack = np.where(allowed > 0, 1 - off / np.abs(allowed), -1.0)
            case = int(np.argmin(slack))
            if slack[case] < 0:
                detail = (
                    f"{flow.name}, n = {size}, d = {dimension}, β = {hot[case]:.4g}, eps0 = "
                    f"{start[case]:.3g}: at t = {time:.3g} |g_ij - γ| = {off[case]:.4g} > "
                    f"{bound[case]:.4g}"
                )
                return Trial(detail, float(slack[case]), cases)
            worst = min(worst, float(slack[case]))
    return Trial("", worst, cases)


def size_and_heat(flow: Flow) -> tuple[Expr, Expr] | None:
    """Size S of the attention and heat h, for weights of size S e^{h(g-1)} at most; or None."""
    form, hot = flow.still_form, heat(flow)
    if form is None or hot is None or flow.schedule is None:
        return None
    if not hot.subs(beta, HOT).is_nonnegative:
        return None
    return abs(form.scale if form.normalised else (form.scale * form.kernel).subs(z, 1)), hot


def monotone_said(falling: Expr, rising: Expr) -> tuple[Said, ...]:
    """Say that one function of r0 is >= 0 and falls up to 1, and another rises."""
    high = Symbol("r_1", positive=True)
    between = (say(R0, "<=", high), say(high, "<=", 1))
    return (
        say(0, "<=", falling.subs(R0, high), between),
        say(falling.subs(R0, high), "<=", falling, between),
        say(rising, "<=", rising.subs(R0, high), between),
    )
