"""Problem 6: no temperature selects among the futures of Example 9.3; every leave time is a limit.

How it is proved
----------------
Nobody has a principle. Runs of (9.4) from z_3 = (ε, 0), β from 10 to 10⁴, with ε = e^{-cβ}: the
middle path is left near t = c. First β -> ∞ leaves at once, first ε -> 0 never. ε is down to
e^{-5000}: while z_3 is that near the middle, log ε grows at a rate that is measured beside it.

References
----------
arXiv 2312.10794, Problem 6, Example 9.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from numerics.compile import VelocityField, compile_model
from proofs_checks.claim import Budget, Claim, Control, Verdict
from proofs_checks.proof import Array, Flow, Sheet, Statement, Trial, not_asked, open_problem
from proofs_checks.shared_runs import integrate
from theory.models import STEADY_ATTENTION


@dataclass(frozen=True)
class Leaves:
    """The time at which z_3 leaves the middle is said to tend to ``share`` · c, ε = e^{-cβ}."""

    share: float = 1.0


_RATES, _MORE_RATES = (0.1, 0.25, 0.5), (0.05, 0.1, 0.25, 0.5, 0.75, 0.9)
_HEATS, _MORE_HEATS = (10.0, 100.0, 1e3, 1e4), (10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4)
_START = np.array([[1.0, 1.0], [-1.0, 1.0], [0.0, 0.0]])
_END, _ROUNDING = 1.0, 1e-12


def decide(flow: Flow, said: Leaves) -> Sheet:
    """Say what is open."""
    text = "a principle selects one solution of (9.5)-(9.6)"
    return Sheet((open_problem(text, "limits in several orders differ: evidence, not a proof"),))


@dataclass(frozen=True)
class _Middle:
    """The path with z_3 on the axis, and how its first coordinate grows beside it.

    Attributes
    ----------
    field : VelocityField
    near : float
        A first coordinate at which the flow is linear in it.
    path : callable
        Tokens, and the log of the growth, at a time in [0, 1].
    """

    field: VelocityField
    near: float
    path: Callable[[float], Array]

    def end(self, log_start: float) -> float:
        """First coordinate of z_3 at t = 1, from e^{log_start}."""
        missing = log(self.near) - log_start
        if missing <= 0:
            return self._followed(0.0, exp(log_start))
        grown = float(self.path(_END)[-1])
        if grown < missing:
            return exp(log_start + grown)
        time = brentq(lambda t: float(self.path(t)[-1]) - missing, 0.0, _END)
        return self._followed(time, self.near)

    def on_the_axis(self) -> float:
        """First coordinate of z_3 at t = 1, from 0.

        It is 0 where the velocity is along the axis up to rounding, which a run would amplify.
        """
        places = (self.path(time)[:-1].reshape(3, 2).copy() for time in np.linspace(0.0, _END, 11))
        off = max(abs(float(self.field.unchecked(points, 0.0)[2, 0])) for points in places)
        return 0.0 if off <= _ROUNDING else self._followed(0.0, 0.0)

    def _followed(self, time: float, first: float) -> float:
        points = self.path(time)[:-1].reshape(3, 2).copy()
        points[2, 0] = first
        left = _END - time
        run = integrate(self.field, points, left, t_eval=[left], rtol=1e-8, atol=1e-200)
        return float(run.points[-1][2, 0])


def _middle(flow: Flow, heat: float) -> _Middle:
    """Follow the path with z_3 on the axis, and the linear growth beside it."""
    field = compile_model(flow.model, beta=heat, Q=np.eye(2), K=np.eye(2), V=np.eye(2))
    near = 1e-4 / heat

    def moved(time: float, state: Array) -> Array:
        points = state[:-1].reshape(3, 2).copy()
        points[2, 0] = 0.0
        velocity = field.unchecked(points, 0.0)
        points[2, 0] = near
        return np.append(velocity.ravel(), field.unchecked(points, 0.0)[2, 0] / near)

    start = np.append(_START.ravel(), 0.0)
    run = solve_ivp(moved, (0.0, _END), start, rtol=1e-8, atol=1e-10, dense_output=True)
    return _Middle(field, near, run.sol)


def watch(flow: Flow, said: Leaves, budget: Budget) -> Trial:
    """Run (9.4) on Example 9.3 and compare where z_3 is at t = 1 with a path that leaves at c."""
    heats, rates = (_MORE_HEATS, _MORE_RATES) if budget.full else (_HEATS, _RATES)
    worst, cases, places = np.inf, 0, list[str]()
    scope = {"n": "3", "d": "2", "beta": f"{heats[0]:g} to {heats[-1]:g}", "t": "1"}
    for heat in heats:
        middle = _middle(flow, heat)
        tolerance = 1.5 * log(heat) / heat
        for rate in (0.0, *rates, None):
            # First β: the token starts at ε = 1/2, and leaves at once. First ε: it never parts.
            at = 2.0 if rate is None else said.share * rate
            end = middle.on_the_axis() if rate is None else middle.end(log(0.5) - rate * heat)
            wanted = 0.0 if at >= _END else 1 - (1 - 0.5 * (rate == 0)) * exp(-(_END - at))
            slack = 1 - abs(end - wanted) / tolerance
            worst, cases = min(worst, slack), cases + 1
            if slack < 0:
                words = f"β = {heat:g}, c = {rate}: z_3 is at {end:.4g}, not {wanted:.4g}, at t = 1"
                return Trial(words, slack, cases, scope=scope)
            places.append(f"{end:.4g}")
    shown = ", ".join(f"{rate:g}" for rate in rates)
    seen = (
        f"β = {', '.join(f'{heat:g}' for heat in heats)}: left near t = c within 1.5 log β/β, at "
        f"once for ε = 1/2, never for ε = 0; at β = {heats[-1]:g} z_3 ends at "
        f"{', '.join(places[-len(rates) - 2 :])} for c = 0, {shown} and ε = 0"
    )
    return Trial("", worst, cases, seen=seen, scope=scope)


SELECTION: Statement[Leaves] = Statement(
    "", "which future cold attention selects", decide, not_asked, trial=watch
)

PROBLEM_6 = Claim(
    "Problem 6",
    "Example 9.3 from z_3 = (ε, 0): β first selects z_1 at once, ε first the mean, ε = e^{-cβ} "
    "the solution that leaves the mean at t = c; a selection principle is open.",
    STEADY_ATTENTION,
    Leaves(),
    SELECTION,
    (
        Control("it leaves at c -> at once", prediction=Leaves(0.0)),
        Control("it leaves at c -> 2c", prediction=Leaves(2.0)),
    ),
    Verdict.OPEN,
    cases=2,
)

CLAIMS = (PROBLEM_6,)
