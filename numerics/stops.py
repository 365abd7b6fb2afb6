"""Times at which a velocity isn't smooth, and schedules that change within a step.

The error of a step is estimated from a dozen moments. What happens between two of them, or jumps,
isn't seen: a step must end where a schedule has a kink, and be shorter than a pulse.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import sympy
from numpy.typing import ArrayLike
from scipy.interpolate import BarycentricInterpolator
from scipy.optimize import brentq
from sympy import (
    Abs,
    Basic,
    Expr,
    Function,
    Heaviside,
    Lambda,
    Max,
    Min,
    Piecewise,
    Poly,
    Pow,
    ceiling,
    floor,
    sign,
)
from sympy.core.relational import Relational

from numerics.arguments import FloatArray, as_float, check_number
from theory.positive_part import PositivePart
from theory.symbols import t as TIME

SAMPLES = 65537
"""Moments of a run at which a schedule of arrays is looked at: a millisecond or two."""

CALLS = 4097
"""Moments at which one of numbers alone is looked at, call by call: a few milliseconds."""

NOTICED = 0.05
"""Share of the range of a schedule by which it may leave, within a step, the values that the step
has seen, and the polynomial through them: a smooth schedule that a step resolves follows that."""

NARROW = 64
"""A rise or pulse of a schedule below this part of a run may lie between the stages of its steps:
wider ones are met by several steps of any run that is worth its tolerance."""

FLANKS = (-8.0, -2.0, 0.0, 2.0, 8.0)
"""Widths from the middle of a pulse at which steps end: where it begins, is steep, is highest."""

Schedule: TypeAlias = Callable[[Any], Any]

_BENT = (Piecewise, Heaviside, Abs, sign, Max, Min, floor, ceiling, PositivePart)


def check_steps(
    max_step: float | None, t_stops: ArrayLike, begin: float, end: float
) -> tuple[float, FloatArray]:
    """Check the longest step, and the times that steps must meet: those inside the run, sorted.

    Raises
    ------
    TypeError, ValueError
        For anything but a length above 0 and finite times.
    """
    longest = np.inf
    if max_step is not None:
        longest = check_number(max_step, "max_step", "give the length of the longest step")
        if not longest > 0.0:
            raise ValueError(
                f"Expected a length above 0 but got max_step={max_step!r}; leave it out for steps "
                "as long as rtol allows."
            )
    stops = as_float(t_stops, "t_stops").reshape(-1)
    if not np.isfinite(stops).all():
        bad = float(stops[~np.isfinite(stops)][0])
        raise ValueError(f"Expected finite times but got t_stops with {bad!r}; drop it.")
    return longest, between(stops, begin, end)


def between(times: ArrayLike, begin: float, end: float) -> FloatArray:
    """Sort the times that lie inside a run, each once; its start too, where a kink has two sides.

    Examples
    --------
    >>> between([3.0, 1.0, 1.0, 9.0], 0.0, 5.0)
    array([1., 3.])
    """
    found = np.unique(np.asarray(times, dtype=np.float64))
    low, high = min(begin, end), max(begin, end)
    return found[(found >= low) & (found <= high)]


def expressions(field: Any) -> list[Basic]:
    """Collect what of a compiled field depends on time as an expression, numbers put in."""
    model, bound = getattr(field, "model", None), getattr(field, "parameters", {})
    velocity = getattr(model, "velocity", None)
    if not isinstance(velocity, Basic) and not isinstance(velocity, Mapping):
        return []
    parts = velocity.values() if isinstance(velocity, Mapping) else [velocity]
    numbers = {
        symbol: sympy.Float(float(value)) if value != int(value) else sympy.Integer(int(value))
        for symbol in getattr(model, "parameters", ())
        if np.ndim(value := bound.get(str(symbol), np.empty(1))) == 0
        and not callable(value)
        and np.isfinite(value)
    }
    found = [part.xreplace(numbers) for part in parts if TIME in part.free_symbols]
    return found + [answer for answer in map(_answer, schedules(field)) if answer is not None]


def schedules(field: Any) -> list[Schedule]:
    """Parameters of a compiled field that are functions of time."""
    return [value for value in getattr(field, "parameters", {}).values() if callable(value)]


def _answer(schedule: Schedule) -> Expr | None:
    """Ask a schedule for its expression: most functions of numbers have none."""
    try:
        answer = schedule(TIME)
    except Exception:  # most functions of numbers take no symbols, and fail in their own way
        return None
    return answer if isinstance(answer, Expr) and TIME in answer.free_symbols else None


def kinks(field: Any, begin: float, end: float) -> FloatArray:
    """Find the times of a run at which a velocity isn't smooth, as far as its form tells.

    And those at which a schedule rises or has a pulse that is narrow beside the run: roots of the
    polynomials in its functions, and of their derivatives, with the width that these have there.

    Parameters
    ----------
    field : VelocityField, SystemField or other
        What is integrated.
    begin, end : float
        The run.

    Returns
    -------
    ndarray
        Sorted times.

    Examples
    --------
    >>> from numerics import compile_model
    >>> from theory import SA
    >>> switched = SA.subs({"beta": 1 + 4 * Heaviside(TIME - 2)})
    >>> kinks(compile_model(switched), 0.0, 5.0)
    array([2.])
    """
    found: set[float] = set()
    for switch in {s for expr in expressions(field) for s in _switches(expr)}:
        if switch.free_symbols == {TIME}:
            found |= set(_zeros(switch, min(begin, end), max(begin, end)))
    for part in {part for expr in expressions(field) for part in _parts(expr)}:
        found |= set(_pulses(part, abs(end - begin) / NARROW))
    return between(sorted(found), begin, end)


def _switches(expr: Basic) -> Iterable[Expr]:
    """Functions at whose zeros an expression isn't smooth."""
    for part in expr.atoms(*_BENT):
        if isinstance(part, Piecewise):
            for _, condition in part.args:
                yield from (each.lhs - each.rhs for each in condition.atoms(Relational))
        elif isinstance(part, Max | Min):
            yield from (a - b for a, b in itertools.combinations(part.args, 2))
        elif isinstance(part, floor | ceiling):
            yield sympy.sin(sympy.pi * part.args[0])
        else:
            yield part.args[0]


def _pulses(part: Expr, narrow: float) -> Iterable[float]:
    """Yield times about the narrow pulses and rises of a schedule."""
    for each in part.atoms(Function, Pow):
        inner = each.args[0]
        if isinstance(each, _BENT) or not (
            inner.is_polynomial(TIME) and inner.free_symbols == {TIME}
        ):
            continue
        slope = inner.diff(TIME)
        for form, bend, power in ((inner, slope, 1.0), (slope, slope.diff(TIME), 0.5)):
            if TIME not in form.free_symbols:
                continue
            turn = np.array(Poly(bend, TIME).all_coeffs(), dtype=np.float64)
            for middle in np.roots(np.array(Poly(form, TIME).all_coeffs(), dtype=np.float64)):
                size = float(abs(np.polyval(turn, middle))) ** power
                width = 1.0 / size if size > 0.0 else math.inf
                if abs(middle.imag) <= width < narrow:  # of 1/(1 + u²) the pole beside it
                    yield from (middle.real + flank * width for flank in FLANKS)


def _zeros(switch: Expr, low: float, high: float) -> list[float]:
    """Zeros in an interval: of polynomials all, of others those between samples of either sign."""
    if switch.is_polynomial(TIME):
        poly = Poly(switch, TIME)
        if poly.degree() == 1:  # at any scale: other roots are right to an absolute 1e-20
            return [float(-poly.nth(0) / poly.nth(1))]
        roots = poly.nroots(n=20) if poly.degree() > 0 else []
        return [float(root) for root in roots if root.is_real]
    values = _values(switch, np.linspace(low, high, SAMPLES))
    at = sympy.lambdify(TIME, switch, "numpy")
    times, found = np.linspace(low, high, SAMPLES), []
    found += times[values == 0.0].tolist()
    for k in np.flatnonzero(values[1:] * values[:-1] < 0.0):
        found.append(brentq(lambda t: float(np.real(at(t))), times[k], times[k + 1], xtol=1e-15))
    return found


def _values(expr: Expr, times: FloatArray) -> FloatArray:
    """Values of an expression in time."""
    with np.errstate(all="ignore"):
        values = sympy.lambdify(TIME, expr, "numpy")(times)
        return np.broadcast_to(np.real(np.asarray(values)), times.shape).astype(np.float64)


def _called(schedule: Schedule, times: FloatArray) -> FloatArray:
    """Values of a function of time; the largest where it gives several."""
    values = (schedule(at) for at in times.tolist())
    return np.array(
        [value if isinstance(value, float) else float(np.max(value)) for value in values]
    )


def _looked_at(schedule: Schedule, times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Look at a function of time, at all times where it takes them as an array.

    What it says of an array counts where it says the same of numbers; else it is called at fewer.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            values = np.asarray(schedule(times.copy()), dtype=np.float64)
        except Exception:  # as of symbols: many functions of numbers take nothing else
            values = np.empty(0)
    if values.shape == times.shape:
        some = np.random.default_rng(0).choice(times.size, 32, replace=False)
        if np.allclose(values[some], _called(schedule, times[some]), equal_nan=True):
            return times, values
    few = times[:: (SAMPLES - 1) // (CALLS - 1)]
    return few, _called(schedule, few)


def _parts(expr: Basic) -> Iterable[Expr]:
    """Largest parts of an expression that depend on time alone."""
    scalar = isinstance(expr, Expr) and not isinstance(expr, Lambda)
    if scalar and not getattr(expr, "is_Matrix", False):
        if expr.free_symbols == {TIME}:
            if expr != TIME:
                yield expr
            return
    for part in expr.args:
        yield from _parts(part)


def warn_of_pulses(field: Any, nodes: FloatArray, inside: FloatArray) -> None:
    """Warn where a schedule changes within a step by what the step hasn't seen.

    Parameters
    ----------
    field : VelocityField, SystemField or other
        What was integrated.
    nodes : ndarray
        Times of the steps.
    inside : ndarray
        Fractions of a step at which the velocity was evaluated.
    """
    if nodes.size < 2 or not np.isfinite(nodes).all():
        return
    backward = nodes[-1] < nodes[0]
    nodes = nodes[::-1] if backward else nodes
    fractions = np.unique(np.clip(1.0 - inside if backward else inside, 1e-9, 1.0 - 1e-9))
    times = np.linspace(nodes[0], nodes[-1], SAMPLES)
    parts = {part for expr in expressions(field) for part in _parts(expr)}
    for part in parts:
        _warn_of_one(partial(_values, part), nodes, fractions, times, _values(part, times))
    for each in schedules(field):
        if _answer(each) is None:
            _warn_of_one(partial(_called, each), nodes, fractions, *_looked_at(each, times))


def _warn_of_one(
    schedule: Callable[[FloatArray], FloatArray],
    nodes: FloatArray,
    fractions: FloatArray,
    times: FloatArray,
    values: FloatArray,
) -> None:
    slack = NOTICED * np.ptp(values)
    if not slack > 0.0 or not np.isfinite(slack):
        return
    ends = schedule(nodes)
    cells = np.clip(np.searchsorted(nodes, times, side="right") - 1, 0, nodes.size - 2)
    low, high = np.minimum(ends[:-1], ends[1:])[cells], np.maximum(ends[:-1], ends[1:])[cells]
    for cell in np.unique(cells[(values < low - slack) | (values > high + slack)]):
        start, length = nodes[cell], nodes[cell + 1] - nodes[cell]
        met = schedule(start + fractions * length)
        own = (cells == cell) & (times != start)
        mine, smooth = values[own], BarycentricInterpolator(fractions, met)
        beyond = np.maximum(mine - met.max(), met.min() - mine)
        missed = np.abs(mine - smooth((times[own] - start) / length))
        beyond = np.minimum(beyond, missed) if mine.size else np.zeros(1)
        if beyond.max() > slack:
            where = float(times[own][np.argmax(beyond)])
            warnings.warn(
                f"A schedule changes by {beyond.max():.3g} near t={where:.6g}, within a step of "
                f"{length:.3g} that hasn't seen it: the run may be wrong. Give max_step= below "
                "the width of what happens there, or t_stops= around it.",
                stacklevel=4,
            )
            return
