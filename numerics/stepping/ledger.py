"""The ledger of a run: what rounding of the velocity has done, and which form of it is used.

Both loops add `entry` to the rounding of a system at every accepted step, and ask `drowned` before
a step which form of the velocity it takes: sums of products, the faster one, or differences, whose
rounding vanishes where rows agree. A system whose tolerance is `exhausted` stops.
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

ROUNDING = 16.0 * float(np.finfo(np.float64).eps)
"""C·eps of the contract on the accuracy of a velocity."""


def entry(before: Any, after: Any, h: Any) -> Any:
    """Bound the rounding of a step of length h by the bounds of the velocity at both its ends."""
    return np.abs(h) * np.maximum(before, after)


def drowned(step: Any, total: Any, tolerance: float) -> Any:
    """Whether the entry of a step, or of all, says that products no longer carry the tolerance."""
    return np.logical_or(step > SHARE * tolerance, total > HALF * tolerance)


def exhausted(total: Any, tolerance: float) -> Any:
    """Whether rounding may have done more than the tolerance allows."""
    return total > MOST * tolerance
