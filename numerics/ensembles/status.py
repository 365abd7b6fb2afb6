"""How a system of an ensemble ended; the message names the remedy."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from numerics.stepping import Stop


class EnsembleStatus(IntEnum):
    """How a system ended; `.message` says it in words and names the remedy.

    After `MAX_STEPS` and `OVERFLOW` the later values are −1 or NaN.
    """

    FINISHED = 0
    CONSENSUS = 1
    MAX_STEPS = 2
    OVERFLOW = 3
    ROUNDING = 4

    @property
    def message(self) -> str:
        """What happened and what to do about it."""
        return _MESSAGES[self]


_MESSAGES = {
    EnsembleStatus.FINISHED: "The last time was reached.",
    EnsembleStatus.CONSENSUS: (
        "All pairs are within delta, or all particles are one to the tolerance: the convex "
        "hull of the points never grows (Lemma 6.4), so that what is observed is known for "
        "all later times."
    ),
    EnsembleStatus.MAX_STEPS: (
        "The number of steps was used up; raise max_steps, loosen rtol or shorten the times, or, "
        "for USA at large beta, use `coarsen`."
    ),
    EnsembleStatus.OVERFLOW: (
        "The step fell below the rounding of the time that was reached, as where a length reaches "
        "0, or the velocity left the range of numbers; shorten the times, or use `coarsen` at "
        "large beta."
    ),
    EnsembleStatus.ROUNDING: (
        "The last time was reached, but rounding of the velocity may have moved the points by more "
        "than rtol, see `reached`; use `coarsen` for SA and USA with positive beta, shorten the "
        "times, or loosen rtol."
    ),
}

_OF = {
    Stop.FINISHED: EnsembleStatus.FINISHED,
    Stop.MAX_STEPS: EnsembleStatus.MAX_STEPS,
    Stop.UNDERFLOW: EnsembleStatus.OVERFLOW,
    Stop.OVERFLOW: EnsembleStatus.OVERFLOW,
    Stop.CERTAIN: EnsembleStatus.CONSENSUS,
    Stop.ROUNDING: EnsembleStatus.ROUNDING,
}

STATUS_OF = np.array([_OF[Stop(k)] for k in range(len(_OF))], dtype=np.int64)
"""The status of a system by why its loop stopped."""
