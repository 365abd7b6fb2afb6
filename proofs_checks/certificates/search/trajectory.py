"""Searches for certificates of trajectories: nodes and steps that the checker replays.

Nodes come from ``numerics.integrate`` in doubles, of the velocity compiled from the model;
nothing rests on them, as ``checker/trajectory.py`` bounds the distance of the exact solution
from each node. Needs the extra ``certify``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import linprog
from sympy import exp

from numerics.arguments import FloatArray
from numerics.compile import compile_model
from numerics.integration import Trajectory, integrate
from proofs_checks.certificates.checker import (
    CONE_LEMMA,
    follow,
    hemisphere_statement,
    run_statement,
)
from proofs_checks.certificates.format import Certificate, Rejected, ball_arithmetic, fraction, seal
from proofs_checks.certificates.search.formulas import NotCertified
from theory.models import SA, Model, attention_form
from theory.noise import require_noiseless
from theory.summaries import Summarised
from theory.symbols import beta as BETA
from theory.symbols import z

PRECISION = 80
"""Bits of the certificates of trajectories."""
_BITS = 60
"""Nodes and steps are multiples of 2^-60."""


@dataclass(frozen=True, eq=False)
class CertifiedRun(Summarised):
    """An ordinary run in doubles with proved error bounds.

    Parameters
    ----------
    times : ndarray, shape (time,)
        The times of the trajectory.
    errors : ndarray, shape (time,)
        Upper bounds, in radians, of the largest geodesic distance of a token from its place in the
        exact solution from the same start.
    certificate : Certificate
        Also holds the nodes in between.
    """

    times: FloatArray
    errors: FloatArray
    certificate: Certificate


def stereographic(parameters: Sequence[Any]) -> list[Fraction]:
    """Exact rational point of the sphere: ``u -> (2u, |u|²-1)/(|u|²+1)``.

    Parameters
    ----------
    parameters : sequence of Any
        Rational numbers u, one fewer than coordinates.

    Returns
    -------
    list of Fraction
        Coordinates, of length 1 together.

    Examples
    --------
    >>> stereographic(["1/2"])
    [Fraction(4, 5), Fraction(-3, 5)]
    """
    u = [fraction(value) for value in parameters]
    square = sum((value * value for value in u), Fraction(0))
    return [*(2 * value / (square + 1) for value in u), (square - 1) / (square + 1)]


def hemisphere_pole(points: FloatArray) -> tuple[FloatArray, float]:
    """Direction w with the largest least height ``min_i <x_i, w>`` over max |w_k| <= 1, and it.

    The height is positive if and only if the points lie in an open hemisphere, up to rounding.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Tokens as unit rows.

    Returns
    -------
    tuple[ndarray, float]
        The direction, and the height.
    """
    n, d = points.shape
    # Maximise s with s - <x_i, w> <= 0.
    found = linprog(
        np.r_[np.zeros(d), -1.0],
        A_ub=np.c_[-points, np.ones(n)],
        b_ub=np.zeros(n),
        bounds=[(-1, 1)] * d + [(None, 1)],
    )
    best: Any = found.x
    return np.asarray(best[:d]), float(best[d])


def _name(model: Model) -> str:
    """Name that the checker knows the flow by; refuse any flow but SA and USA."""
    if not isinstance(model, Model):
        raise ValueError(f"Expected a theory.Model but got model={model!r}; give SA or USA.")
    require_noiseless(model)
    form = attention_form(model)
    if form is None or (form.kernel - exp(BETA * z)).simplify() != 0 or form.scale != 1:
        raise ValueError(
            f"Expected SA or USA but got model={model.name}; the error bounds are proved for "
            "weights e^(β<x,y>) and V = I only."
        )
    return "SA" if form.normalised else "USA"


def _reach(points: FloatArray, velocity: FloatArray, hot: float, softmax: bool) -> float:
    """Estimate how long the solution is analytic, a plan only: the checker decides."""
    gram = points @ points.T
    heat = np.exp(hot * gram)
    total = heat.sum(axis=1)
    mean = heat @ points / (total[:, None] if softmax else len(points))
    length = np.linalg.norm(mean, axis=1)
    spread = np.sqrt(np.maximum(1 - length**2, 0)) if softmax else total / len(points)
    radii = np.linspace(0, min(0.5, math.sqrt(1 + 0.58 / max(hot, 1e-3)) - 1), 25)[1:, None]
    kappa = np.expm1(hot * radii * (2 + radii))
    change = (
        ((1 + kappa) * radii + 2 * kappa * spread) / (1 - kappa)
        if softmax
        else ((1 + kappa) * (1 + radii) - 1) * spread
    )
    bound = np.linalg.norm(velocity, axis=1) + (1 + (1 + radii) ** 2) * change
    bound = bound + radii * (2 + radii) * length
    return float(radii[0, 0] * np.sum(1 / bound.max(axis=1)))


def _texts(rows: Sequence[Sequence[Fraction]]) -> list[list[str]]:
    return [[str(entry) for entry in row] for row in rows]


def _exact_rows(points: Any) -> list[list[Fraction]]:
    """Rows of exact numbers; doubles are taken at their exact values."""
    if isinstance(points, np.ndarray):
        return [[Fraction(float(entry)) for entry in row] for row in points]
    return [[fraction(entry) for entry in row] for row in points]


def certify_consensus(
    points: Any,
    beta: Any,
    model: Model = SA,
    t_max: float = 50.0,
    radius: Any = 0,
    order: int = 20,
    stride: float = 0.35,
    height: float = 1e-2,
    precision: int = PRECISION,
) -> Certificate:
    """Find evidence that tokens of equal mass come to an open hemisphere, hence to one point.

    Parameters
    ----------
    points : rows of exact rationals, or ndarray of shape (n, d)
        The start; each row is divided by its length, exactly. Doubles count at exact values.
    beta : exact rational
        Any β >= 0.
    model : Model
        SA or USA.
    t_max : float
        Largest time to try.
    radius : exact rational
        The claim is about every start whose tokens are within this angle of the points.
    order : int
        Degree of the Taylor polynomials.
    stride : float
        Step, as a part of the time in which the solution is known to be analytic.
    height : float
        Height over the equator at which the search stops.
    precision : int
        Bits.

    Returns
    -------
    Certificate
        Of the kind ``hemisphere``; ``proofs_checks.certificates.check`` decides whether it holds.

    Raises
    ------
    NotCertified
        When the tokens aren't in a hemisphere by ``t_max``.
    ValueError
        For another model.

    Examples
    --------
    >>> start = [stereographic([u]) for u in ("3", "1/4", "-1/2", "-5")]
    >>> certify_consensus(start, 1).parameters["model"]
    'SA'
    """
    name, hot, start = _name(model), fraction(beta), _exact_rows(points)
    if hot < 0 or len(start) < 2:
        raise ValueError(
            f"Expected at least two tokens and β >= 0 but got n={len(start)}, beta={hot}."
        )
    field = compile_model(model, beta=float(hot))
    first = np.array([[float(entry) for entry in row] for row in start])
    first = first / np.linalg.norm(first, axis=1, keepdims=True)
    unit = 2**_BITS
    time, steps, nodes, place = 0, [], [], first
    pole, above = hemisphere_pole(place)
    if above < height:
        run = integrate(field, first, t_max, rtol=1e-13)
    while above < height:
        reach = _reach(place, field(place), float(hot), name == "SA")
        # A multiple of 2^-40, so that times are exact in doubles.
        step = max(int(stride * reach * 2**40), 1) << (_BITS - 40)
        time += step
        if time / unit > float(run.times[-1]):
            raise NotCertified(
                f"no open hemisphere until t = {time / unit:.4g}: the best height is {above:.4g}"
            )
        place = run.at(time / unit)
        steps.append(step)
        nodes.append([[round(Fraction(float(entry)) * unit) for entry in row] for row in place])
        pole, above = hemisphere_pole(place)
    parameters = {
        "model": name,
        "beta": str(hot),
        "points": _texts(start),
        "radius": str(fraction(radius)),
        "time": str(Fraction(time, unit)),
    }
    evidence = {
        "bits": _BITS,
        "steps": steps,
        "nodes": nodes,
        "order": order,
        "pole": [round(float(entry) * 2**20) for entry in pole],
    }
    statement = hemisphere_statement(parameters)
    return seal("hemisphere", statement, parameters, evidence, (CONE_LEMMA,), precision)


def certify_run(
    trajectory: Trajectory, order: int = 20, stride: float = 0.35, precision: int = PRECISION
) -> CertifiedRun:
    """Bound, a posteriori, the error of an ordinary run at each of its times.

    Parameters
    ----------
    trajectory : Trajectory
        Of SA or USA from one system of points with equal masses, forward in time from t = 0.
    order, stride, precision : int, optional
        As for :func:`certify_consensus`.

    Returns
    -------
    CertifiedRun
        Times, bounds and the certificate.

    Raises
    ------
    NotCertified
        When the error bound grows until it says nothing.
    ValueError
        For a trajectory of another kind.

    Notes
    -----
    The exact solution starts from the exact values of the first points, divided by their lengths.
    """
    if not isinstance(trajectory, Trajectory):
        raise ValueError(
            f"Expected what integrate returns but got trajectory={type(trajectory).__name__}."
        )
    field = trajectory.field
    name = _name(field.model)
    hot: Any = field.parameters.get("beta")
    if trajectory.points.ndim != 3 or field.masses is not None or trajectory.clock != "plain":
        raise ValueError(
            "Expected one system of equal masses in the plain clock but got "
            f"points of shape {trajectory.points.shape}, masses={field.masses}, "
            f"clock={trajectory.clock!r}; integrate one such system."
        )
    if callable(hot) or np.ndim(hot) or not float(hot) >= 0:
        raise ValueError(f"Expected one β >= 0 but got beta={hot!r}.")
    if trajectory.log_times[0] != -math.inf:
        raise ValueError(
            "Expected times that begin where the run does, at its exact points, but got "
            f"times[0]={float(trajectory.times[0])!r}; give t_eval the start time too."
        )
    times = [Fraction(float(time)) for time in trajectory.times]
    if any(after <= before for before, after in pairwise(times)):
        raise ValueError("Expected increasing times but got a run backward or repeated times.")
    all_times, nodes, asked = [times[0]], [trajectory.points[0]], [0]
    for time, place in zip(times[1:], trajectory.points[1:], strict=True):
        while True:
            here, now = nodes[-1], all_times[-1]
            reach = _reach(here, field(here), float(hot), name == "SA")
            step = Fraction(stride * reach)
            if now + step >= time:
                break
            middle = float(now + step)
            all_times.append(Fraction(middle))
            nodes.append(trajectory.at(middle))
        all_times.append(time)
        nodes.append(place)
        asked.append(len(nodes) - 1)
    exact = [_exact_rows(node) for node in nodes]
    steps = [after - before for before, after in pairwise(all_times)]
    with ball_arithmetic(precision) as flint:
        try:
            balls = follow(name, fraction(Fraction(float(hot))), exact, steps, order, flint)
        except Rejected as rejection:
            raise NotCertified(f"the run is not certified: {rejection}") from rejection
        bounds = [math.nextafter(float(ball.upper()), math.inf) for ball in balls]
    parameters = {
        "model": name,
        "beta": str(Fraction(float(hot))),
        "radius": "0",
        "times": [str(time) for time in all_times],
        "nodes": [_texts(rows) for rows in exact],
        "error": str(Fraction(max(bounds))),
    }
    certificate = seal(
        "run", run_statement(parameters), parameters, {"order": order}, (), precision
    )
    return CertifiedRun(
        np.asarray(trajectory.times), np.array([bounds[k] for k in asked]), certificate
    )


__all__ = [
    "PRECISION",
    "CertifiedRun",
    "certify_consensus",
    "certify_run",
    "hemisphere_pole",
    "stereographic",
]
