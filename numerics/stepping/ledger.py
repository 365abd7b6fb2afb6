"""The ledger of a run: what rounding of the velocity has done, and which form of it is used.

Both loops add `entry` to the rounding of a system at every accepted step, and ask `drowned` before
a step which form of the velocity it takes: sums of products, the faster one, or differences, whose
rounding vanishes where rows agree. No step is held to less than its own entry: `excess`. A run goes
to its end, and is said to be `exhausted` where rounding may have done more than it was to err.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SHARE = 0.01
"""Part of the tolerance that rounding may take of a step before differences are used."""

HALF = 0.5
"""Part of the tolerance that rounding may have taken of a run before differences are used."""

MOST = 4.0
"""Tolerances that rounding may take of a run: its bound is several times what is met."""

EPS = float(np.finfo(np.float64).eps)

ROUNDING = 16.0 * EPS
"""C·eps of the contract on the accuracy of a velocity."""


def entry(before: Any, after: Any, h: Any) -> Any:
    """Bound the rounding of a step of length h by the bounds of the velocity at both its ends."""
    return np.abs(h) * np.maximum(before, after)


def drowned(step: Any, total: Any, tolerance: float) -> Any:
    """Whether the entry of a step, or of all, says that products no longer carry the tolerance."""
    return np.logical_or(step > SHARE * tolerance, total > HALF * tolerance)


def excess(before: Any, after: Any, h: Any, tolerance: float) -> Any:
    """Tolerances that the rounding of a step takes, at least 1: what its error is held to.

    An error below that can't be told from rounding, and shorter steps would never end. The smaller
    bound counts: a step that goes too far may end where the velocity is anything.
    """
    return np.fmax(1.0, np.abs(h) * np.minimum(before, after) / tolerance)


def exhausted(total: Any, tolerance: float, steepness: Any) -> Any:
    """Whether rounding may have done more to a run than its tolerance allows.

    Tokens that go about a radian meet 16 (1 + |β|) eps, which no tolerance is below.
    """
    return total > MOST * np.maximum(tolerance, ROUNDING * (1.0 + np.abs(steepness)))
