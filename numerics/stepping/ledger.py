"""The ledger of a run: what rounding of the velocity has done, and which form of it is used.

Both loops add `entry` to the rounding of a system at every accepted step, and ask `drowned` which
form of the velocity the next step takes: sums of products, the faster one, or differences, whose
rounding vanishes where rows agree.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SHARE = 0.01
"""Part of the tolerance that rounding may take of a step before differences are used."""


def entry(before: Any, after: Any, h: Any) -> Any:
    """Bound the rounding of a step of length h by the bounds of the velocity at both its ends."""
    return np.abs(h) * np.maximum(before, after)


def drowned(step: Any, rtol: float) -> Any:
    """Whether the entry of a step says that products no longer carry the tolerance."""
    return step > SHARE * rtol
