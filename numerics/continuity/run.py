"""``mean_field``: a model, a density and a time; the continuity equation (3.1) solved."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from numerics.arguments import (
    FloatArray,
    as_float,
    as_number,
    check_model,
    check_number,
    check_watcher,
    check_whole,
)
from numerics.continuity.multipliers import multipliers
from numerics.continuity.particles import march
from numerics.continuity.result import MeanField
from numerics.continuity.spectral import compare
from numerics.continuity.start import Density, count_of, place
from theory.models import Model

MODES = {True: 2048, False: 512}
"""Modes by default, on the circle and above it."""

FEWEST, MOST = 16, 1 << 16
MOST_DIMENSIONS = 1000


def mean_field(
    model: Model,
    density: Density,
    t_end: float,
    t_eval: ArrayLike | None = None,
    d: int = 2,
    modes: int | None = None,
    *,
    rtol: float = 1e-9,
    max_steps: int = 10_000,
    report: Callable[[float], None] | None = None,
    **parameters: float,
) -> MeanField:
    """Solve a model's continuity equation: infinitely many tokens, on the circle or zonal above.

    Nodes start on a grid, carry their masses and are moved by the field that all of them make;
    volumes about them are integrated along, and with them the density. Once neighbours lie too far
    apart to say what is between them the nodes are particles with masses; the status says so.

    Parameters
    ----------
    model : Model
        A flow ``c P_i Σ_j m_j f(<x_i,x_j>) x_j``, divided by its row sums or not: SA, USA,
        ``gradient_flow`` of any smooth energy of pairs.
    density : callable or array_like
        Of the start, with respect to the uniform probability measure (uniform = 1). For d = 2 a
        function of an array of angles, or values at the angles ``2πk/N``; above, a function of
        u = <x,w> for a fixed unit vector w, or values at N equally spaced u from -1 to 1. It must
        have mean 1 to 1e-6, and is never normalised.
    t_end : float
        Last time, > 0.
    t_eval : array_like, optional
        Ascending times in [0, t_end]; 101 equally spaced ones by default.
    d : int
        Dimension of the space: 2 for the circle.
    modes : int, optional
        Fourier modes, or degrees, that the start may have: there are twice as many nodes. By
        default 2048 on the circle (or half the number of values, if that is more) and 512 above.
    rtol : float
        Tolerance of a step.
    max_steps : int
        Accepted steps at most.
    report : callable, optional
        Is told the time after each step.
    **parameters
        A number for every parameter of the model.

    Returns
    -------
    MeanField
        ``times``, ``density(t, angle)``, ``quantiles(t, levels)``, ``moments(t, k)``, ``energy``,
        ``gain``, ``mass``, ``status``, ``agreement`` with a spectral solver.

    Raises
    ------
    ValueError
        For a model without a continuity equation of this form (the message says what is missing), a
        density that isn't one, or an argument out of range.
    TypeError
        For arguments of a wrong kind.
    OverflowError
        When the velocity can't be represented, as that of USA beyond β = 709.

    Notes
    -----
    Source: (3.1)-(3.4), Section 7.1. The equation is derived by `theory.measures`.

    Examples
    --------
    Mode 2 of the uniform state grows at ``4 I_2(β)/(β I_0(β))``:

    >>> from theory import SA
    >>> from theory.predictions import mode_growth_rate
    >>> run = mean_field(SA, lambda angle: 1 + 1e-6 * np.cos(2 * angle), 1.0, modes=64, beta=4.0)
    >>> measured = np.log(run.moments(1.0, 2).real / run.moments(0.0, 2).real)
    >>> bool(abs(measured - float(mode_growth_rate(2, 4))) < 1e-8)
    True
    >>> run.status.message
    'The last time was reached, with a density that the nodes resolve.'
    """
    check_whole(d, "d", 2, MOST_DIMENSIONS)
    check_model(model)
    check_watcher(report, "report")
    law = multipliers(model, int(d), parameters)
    end = as_number(t_end, "t_end", "give a positive time")
    if not 0 < end < math.inf:
        raise ValueError(f"Expected a finite time > 0 but got t_end={t_end}; give one.")
    tolerance = check_number(rtol, "rtol", "give a number such as 1e-9")
    if not 1e-13 <= tolerance <= 1e-3:
        raise ValueError(
            f"Expected a tolerance in [1e-13, 1e-3] but got rtol={rtol}; leave it out for 1e-9."
        )
    check_whole(max_steps, "max_steps", 1)
    times = _times(t_eval, end)
    given = count_of(density)
    if modes is None:
        modes = max(MODES[d == 2], (given + 1) // 2)
    check_whole(modes, "modes", FEWEST, MOST)
    if 2 * modes < given and d == 2:
        raise ValueError(
            f"Expected at least {(given + 1) // 2} modes for {given} values but got modes={modes}; "
            "leave it out, or give fewer values."
        )
    geometry, start = place(density, law, 2 * modes, d)
    size = geometry.labels.size
    course = march(geometry, (0.0, np.zeros(2 * size + 1)), times, tolerance, max_steps, report)
    scale = math.exp(law.log_scale) if law.log_scale < 709 else math.inf
    energies = np.array([geometry.energy(row) for row in course.places])
    with np.errstate(invalid="ignore"):
        energy, gain = energies * scale, course.gains * scale
    return MeanField(
        model.name,
        d,
        course.times,
        energy,
        gain,
        np.full(course.times.shape, math.fsum(geometry.masses)),
        course.status,
        course.resolved_until,
        compare(geometry, course, tolerance),
        course.n_steps,
        course.n_evaluations,
        geometry,
        start,
        course,
        tolerance,
    )


def _times(t_eval: ArrayLike | None, end: float) -> FloatArray:
    if t_eval is None:
        return np.linspace(0.0, end, 101)
    times = np.atleast_1d(as_float(t_eval, "t_eval"))
    ascending = times.ndim == 1 and times.size > 0 and bool(np.all(np.diff(times) > 0))
    if not ascending or not 0 <= times[0] <= times[-1] <= end:
        raise ValueError(
            f"Expected ascending times in [0, {end:g}] but got t_eval={t_eval!r}; sort them, "
            "or raise t_end."
        )
    return times


__all__ = ["mean_field"]
