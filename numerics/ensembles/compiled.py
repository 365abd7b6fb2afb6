"""Many systems in the compiled loop (numba): one after another, in one call."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import FloatArray, IntArray
from numerics.machine_code import jit
from numerics.stepping import Tableau
from numerics.stepping.compiled import EVALUATIONS, STEPS, Sink, Task, march, prepare


@jit
def march_all(
    tableau: Tableau, task: Task, starts: FloatArray, masses: FloatArray, blocks: IntArray,
    parameters: FloatArray, scratch: int, times: FloatArray, points: FloatArray,
    counts: NDArray[np.int32], work: IntArray, status: IntArray,
) -> None:  # fmt: skip
    """Fill points (systems, times, numbers) or counts (systems, times), work and statuses."""
    nodes, none = np.empty((0, 0)), np.empty(0)
    counting = task.merging >= 0.0 or task.close >= 0.0
    for s in range(starts.shape[0]):
        track, room = prepare(
            starts[s], masses[min(s, masses.shape[0] - 1)], blocks, parameters[s : s + 1],
            tableau, 0.0, scratch, counting,
        )  # fmt: skip
        sink = Sink(times, points[s], counts[s], none, nodes)
        status[s], track, room = march(tableau, task, sink, track, room)
        work[s, 0], work[s, 1] = track.counts[STEPS], track.counts[EVALUATIONS]
