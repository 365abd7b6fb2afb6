"""What a coarsening run reads off a model: its kernel, whether rows are normalised, and its clock.

A model coarsens here when its velocity is s(t) P_i Σ_j m_j h'(<x_i,x_j>) x_j with h' > 0, divided
by its row sums or not. With τ = ∫_0^t s it is the flow without s in the time τ.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from numerics.arguments import FloatArray
from numerics.coarsening.kernels import Kernel, exponential_kernel, read_kernel
from theory import attention_form, symbols
from theory.bounded import cost, exponential_parts
from theory.models import Model
from theory.symbols import t, z

_TAKE = "Use numerics.integrate, which takes any model."
_LONGEST = 60  # cost of a schedule that is integrated
_FARTHEST = 1e4  # |log t|
_DIGITS = 30


@dataclass(frozen=True)
class Clock:
    """The time of a run, log τ, and that of its model, log t.

    Attributes
    ----------
    shift : float
        What a constant factor adds: log t = log τ + shift.
    schedule : Expr or None
        s(t), after the shift: τ = ∫_0^t s.
    """

    shift: float = 0.0
    schedule: Any = None

    def shifted(self, shift: float) -> Clock:
        """Add to the shift."""
        return Clock(self.shift + shift, self.schedule)

    def outer(self, log_tau: float) -> float:
        """Give log t, inf for what never comes."""
        at = log_tau + self.shift
        if self.schedule is None or not math.isfinite(at):
            return at
        return _solved(self.schedule, at)

    def outers(self, log_taus: FloatArray) -> FloatArray:
        """Give log t for an array."""
        if self.schedule is None:
            return log_taus + self.shift
        return np.array([self.outer(float(value)) for value in log_taus])

    def inner(self, log_t: float) -> float:
        """Give log τ."""
        if self.schedule is None or not math.isfinite(log_t):
            return log_t - self.shift
        with mpmath.workdps(_digits(log_t)):
            total = _integral(self.schedule)[0](mpmath.exp(log_t))
            return float(mpmath.log(total)) - self.shift


@dataclass(frozen=True)
class Flow:
    """A model as a coarsening run sees it."""

    kernel: Kernel
    normalised: bool
    clock: Clock


@lru_cache(maxsize=64)
def read_flow(
    model: Model, beta: float | None, n: int, d: int, values: tuple[tuple[str, float], ...] = ()
) -> Flow:
    """Read a model at the values of its parameters.

    Raises
    ------
    ValueError
        If the model is no attention with V = I, has a kernel that isn't increasing, or depends on
        time by more than a factor.
    """
    form = attention_form(model) if model.kind == "flow" else None
    if form is None:
        raise ValueError(
            "Expected a model whose velocity is P_i sum_j m_j h'(<x_i,x_j>) x_j, over its row sums "
            f"or not, but got model={model.name}. {_TAKE}"
        )
    if form.scale == 1 and exponential_parts(form.kernel) == (1, symbols.beta):
        hot = _needed(model, beta)
        return Flow(
            exponential_kernel(hot, 0.0 if form.normalised else hot), form.normalised, Clock()
        )
    numbers: dict[Any, Any] = {symbols.n: sp.Integer(n), symbols.d: sp.Integer(d)}
    known = {str(parameter): parameter for parameter in model.parameters}
    numbers |= {known[name]: _exact(value) for name, value in values if name in known}
    if symbols.beta in model.parameters:
        numbers[symbols.beta] = _exact(_needed(model, beta))
    slope, schedule = form.kernel.xreplace(numbers), form.scale.xreplace(numbers)
    if t in slope.free_symbols:
        factor, slope = slope.as_independent(z, as_Add=False)
        schedule = schedule if form.normalised else schedule * factor
    left = sorted(str(s) for s in (slope.free_symbols - {z}) | (schedule.free_symbols - {t}))
    if left:
        problem = "depends on t by more than a factor" if left == ["t"] else f"holds {left}"
        raise ValueError(
            f"Expected a kernel in numbers and a factor s(t) but got model={model.name}, which "
            f"{problem}. Give parameters by keyword; numerics.integrate takes any model."
        )
    parts = exponential_parts(slope)
    if parts is not None and parts[1].is_nonnegative:
        rate = float(parts[1])
        kernel = exponential_kernel(rate, 0.0 if form.normalised else rate)
        schedule = schedule if form.normalised else schedule * parts[0]
    else:
        kernel = read_kernel(slope, model.name)
    return Flow(kernel, bool(form.normalised), _clock(schedule, model.name))


def _needed(model: Model, beta: float | None) -> float:
    if beta is None:
        raise ValueError(
            f"Expected a number for beta but got beta=None and model={model.name}, which has it; "
            "give the inverse temperature."
        )
    return beta


def _exact(value: float) -> sp.Rational:
    return sp.Rational(*value.as_integer_ratio())


def _clock(schedule: sp.Expr, name: str) -> Clock:
    """Make a clock of a positive factor."""
    if t not in schedule.free_symbols:
        value = sp.N(schedule, 30, maxn=1000)
        if not (value.is_number and value.is_positive and value.is_finite):
            raise ValueError(
                f"Expected a kernel that increases but got model={name} with the factor "
                f"{schedule}: tokens repel. {_TAKE}"
            )
        return Clock(0.0 if schedule == 1 else -float(sp.log(value)))
    rate = _integral(schedule)[1]
    with mpmath.workdps(_DIGITS):
        for log_t in range(-30, 31, 3):
            found = rate(mpmath.exp(log_t))
            if not (mpmath.isfinite(found) and not mpmath.im(found) and mpmath.re(found) > 0):
                raise ValueError(
                    f"Expected a factor s(t) > 0 but got model={name} with s={schedule}, which is "
                    f"{mpmath.nstr(found, 5)} at t={math.exp(log_t):.3g}. {_TAKE}"
                )
    return Clock(0.0, schedule)


@lru_cache(maxsize=64)
def _integral(schedule: sp.Expr) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Integrate s from 0, in closed form: ∫_0^t s, and s."""
    later = sp.Symbol("t", positive=True)
    rate = schedule.xreplace({t: later})
    whole = sp.integrate(rate, later, meijerg=False) if cost(rate) <= _LONGEST else sp.nan
    start = sp.limit(whole, later, 0) if not whole.has(sp.Integral, sp.nan) else sp.nan
    if whole.has(sp.Integral, sp.nan) or not start.is_finite:
        raise ValueError(
            f"Expected a factor s(t) with an integral from 0 in closed form but got s={schedule}. "
            f"{_TAKE}"
        )
    return sp.lambdify(later, whole - start, "mpmath"), sp.lambdify(later, rate, "mpmath")


def _digits(log_t: float) -> int:
    """Digits that the integral from 0 needs: near 0 it is a small difference."""
    return _DIGITS + int(max(0.0, -log_t))


def _solved(schedule: sp.Expr, log_tau: float) -> float:
    """Find log t with ∫_0^t s = τ: Newton's method in logarithms, within a bracket."""
    total, rate = _integral(schedule)
    low, high = -_FARTHEST, _FARTHEST
    at = log_tau
    for _ in range(200):
        with mpmath.workdps(_digits(at)):
            when = mpmath.exp(at)
            value = total(when)
            gap = float(mpmath.log(value) - log_tau) if value > 0 else -math.inf
            slope = float(rate(when) * when / value) if value > 0 else 0.0
        if gap < 0:
            low = at
        else:
            high = at
        if low > 0.99 * _FARTHEST:
            return math.inf
        following = at - gap / slope if slope > 0 else math.nan
        if not low < following < high:
            following = (
                0.5 * (low + high)
                if high < _FARTHEST and low > -_FARTHEST
                else (at + 2 * (1 + abs(at)) if gap < 0 else at - 2 * (1 + abs(at)))
            )
        if abs(following - at) <= 1e-16 * (1 + abs(at)):
            return following
        at = following
    return at
