"""Legs of a coarsening run: the steps from one thing that happens to the next."""

from __future__ import annotations

import enum
import math
from typing import NamedTuple

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.coarsening.pairs import Pairs
from numerics.coarsening.step import Options, State, Step, observe, try_step
from numerics.stepping import EIGHT, MOST, factor


class Why(enum.IntEnum):
    """Why a leg ended."""

    FULL = 0  # for no reason: go on
    EVENT = 1  # a near pair, or the horizon, in the last step
    STATIONARY = 2
    HORIZON = 3  # reached before the first step
    MAX_STEPS = 4


class Leg(NamedTuple):
    """Accepted steps, and what was found at the end."""

    why: int
    places: FloatArray  # (k, d, m): where each step led
    lengths: FloatArray  # (k,)
    log_times: FloatArray  # (k,): at the end of each step
    energies: FloatArray  # (k,)
    state: State  # at the end
    step: Step | None  # the last step, after an EVENT
    first: IntArray  # near pairs of different components, and very near pairs, after it
    second: IntArray
    h: float
    rejected: int
    residual: float
    conditioning: float  # the least before a step
    frozen: float
    least: float = 0.0  # the largest tolerance of a step that rounding raised, else 0


def energy(masses: FloatArray, state: State) -> float:
    """Σ_i m_i (m_i + e^amax S_i) for masses of total 1."""
    s = state.speeds
    return float(masses @ (masses + math.exp(s.amax) * s.weight))


def diagnose(state: State, options: Options) -> tuple[float, float]:
    """Residual of the slowest cancellation, and conditioning of the fastest points."""
    s = state.speeds
    divisor = s.partition if options.normalised else np.ones_like(s.partition)
    speed = np.sqrt(np.einsum("km,km->m", s.u, s.u)) * math.exp(s.shift)
    felt = s.effort > 0
    residual = float(np.max(speed[felt] * divisor[felt] / s.effort[felt], initial=0.0))
    effort = float(np.max(s.effort / divisor))
    return residual, float(speed.max()) / effort if effort > 0 else 1.0


def leg(
    pairs: Pairs,
    state: State,
    h: float,
    options: Options,
    component: IntArray,
    radius: float,
    budget: int,
) -> Leg:
    """Take a step; the compiled loop takes steps until something happens.

    Parameters
    ----------
    pairs : Pairs
        Whose sums to use.
    state : State
        Where to begin.
    h : float
        Length of the first attempt.
    options : Options
        Of the run.
    component : (m,) int array
        Pairs within `radius` of each other are reported when it differs.
    radius : float
        The distance of a merge.
    budget : int
        How many steps may be taken, accepted and rejected.

    Returns
    -------
    Leg
    """
    residual, conditioning = diagnose(state, options)
    none = np.empty(0, dtype=np.int64)
    empty = np.empty(0)
    places = np.empty((0, *state.x.shape))
    rejected = 0
    if residual <= options.rounding or state.norm == 0:
        why = Why.STATIONARY
    elif options.log_t_end is not None and state.log_time >= options.log_t_end:
        why = Why.HORIZON
    else:
        why = Why.MAX_STEPS
        while rejected < budget:
            step = try_step(pairs, state, h, options)
            h *= float(factor(step.error, MOST, EIGHT.exponent))
            if step.error <= 1.0:
                return _accepted(pairs, step, h, options, component, radius, rejected, conditioning)
            rejected += 1
    return Leg(
        why, places, empty, empty, empty, state, None, none, none, h, rejected,
        residual, conditioning, 0.0,
    )  # fmt: skip


def _accepted(
    pairs: Pairs,
    step: Step,
    h: float,
    options: Options,
    component: IntArray,
    radius: float,
    rejected: int,
    conditioning: float,
) -> Leg:
    """Make a leg of one step."""
    after = observe(pairs, step.after, step.log_time, options)
    moved = np.flatnonzero((step.after != step.before.x).any(axis=0))
    i, j = pairs.close(step.after, moved, component, radius, options.core)
    ends = options.log_t_end is not None and step.log_time >= options.log_t_end
    happened = ends or len(i) > 0
    return Leg(
        Why.EVENT if happened else Why.FULL,
        step.after[None],
        np.array([step.h]),
        np.array([step.log_time]),
        np.array([energy(pairs.masses, after)]),
        after,
        step if happened else None,
        i,
        j,
        h,
        rejected,
        diagnose(after, options)[0],
        conditioning,
        step.h * step.before.speeds.frozen,
        step.least,
    )
