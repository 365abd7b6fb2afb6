"""Who decides on steps: their length, whether they are taken, and when time is lost.

Formulas of numbers, of arrays with a number for each system, and of machine code: both loops run
these very functions, which for that call no others. The length of a step is rounded to eight bits,
so that the last bits of a velocity, which differ from loop to loop and from machine to machine,
don't decide on a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SAFETY, LEAST, MOST = 0.9, 0.2, 10.0
"""Share of the length that the error allows; the factors by which a step may shrink and grow."""

CUT = 2.0**45 + 1.0
"""A length up to 1e294 is rounded to eight bits by Veltkamp's splitting: c − (c − h), c = CUT h."""


def error(five: Any, three: Any) -> Any:
    """Error of a row, from the squares of the estimates of both orders; NaN without a number."""
    return five / np.sqrt(five + 0.01 * three + 1e-300)


def next_length(h: Any, wrong: Any, grow: Any, exponent: float) -> Any:
    """Length of the next attempt after an error; `grow` bounds the factor."""
    factor = SAFETY * np.maximum(wrong, 1e-12) ** exponent
    length = h * np.fmin(grow, np.fmax(LEAST, factor))
    high = CUT * length
    return high - (high - length)


def trial_length(speed: Any, size: Any, span: Any) -> Any:
    """Length of the Euler step whose end tells how the velocity bends."""
    return np.fmin(0.01 * size / np.maximum(speed, 1e-300), span)


def first_length(
    speed: Any, bend: Any, trial: Any, tolerance: float, span: Any, power: float
) -> Any:
    """Guess the first step after Hairer, Nørsett, Wanner, section II.4.

    Parameters
    ----------
    speed, bend : float or array
        Largest lengths of a row of the velocity, and of its change over the trial step per time.
    trial : float or array
        Length of the trial step.
    tolerance : float
        Of a step.
    span : float
        The length of the run.
    power : float
        The exponent of the tableau.
    """
    steepest = np.maximum(np.maximum(speed, bend), 1e-300)
    guess = np.fmin(100.0 * trial, (0.01 * tolerance / steepest) ** -power)
    length = np.fmin(guess, span)
    high = CUT * length
    return high - (high - length)


def lost(h: Any, t: Any) -> Any:
    """Whether a step is below the spacing of the times about t, or has vanished."""
    return np.logical_not(h > 2e-15 * np.abs(t))
