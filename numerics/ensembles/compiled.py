"""Many systems in the compiled loop (numba): one after another, in few calls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import FloatArray, IntArray
from numerics.interrupts import interrupts_later
from numerics.machine_code import jit
from numerics.stepping import Tableau
from numerics.stepping.compiled import (
    EVALUATIONS,
    PAUSED,
    ROUNDING,
    STEPS,
    Room,
    Sink,
    Task,
    Track,
    march,
    prepare,
)


@jit
def begin(
    tableau: Tableau, task: Task, system: int, starts: FloatArray, masses: FloatArray,
    blocks: IntArray, parameters: FloatArray, scratch: int,
) -> tuple[Track, Room]:  # fmt: skip
    """Arrays of the run of a system."""
    return prepare(
        starts[system], masses[min(system, masses.shape[0] - 1)], blocks,
        parameters[system : system + 1], tableau, 0.0, scratch,
        task.merging >= 0.0 or task.close >= 0.0,
    )  # fmt: skip


@jit
def march_on(
    tableau: Tableau, task: Task, system: int, track: Track, room: Room, starts: FloatArray,
    masses: FloatArray, blocks: IntArray, parameters: FloatArray, scratch: int, times: FloatArray,
    points: FloatArray, counts: NDArray[np.int32], work: IntArray, rounding: FloatArray,
    status: IntArray,
) -> tuple[int, Track, Room]:  # fmt: skip
    """Fill points (systems, times, numbers) or counts (systems, times), work, rounding, statuses.

    From a system on; it returns after about the steps of the budget, with the system that is next,
    and its run.
    """
    nodes, none = np.empty((0, 0)), np.empty(0)
    taken = 0
    while True:
        before = track.counts[STEPS]
        sink = Sink(times, points[system], counts[system], none, nodes)
        code, track, room = march(tableau, task, sink, track, room)
        work[system, 0], work[system, 1] = track.counts[STEPS], track.counts[EVALUATIONS]
        rounding[system] = track.numbers[ROUNDING]
        taken += track.counts[STEPS] - before
        if code != PAUSED:
            status[system] = code
            system += 1
            if system == starts.shape[0]:
                return system, track, room
            track, room = begin(tableau, task, system, starts, masses, blocks, parameters, scratch)
        if taken >= task.budget:
            return system, track, room


def march_all(
    tableau: Tableau, task: Task, starts: FloatArray, masses: FloatArray, blocks: IntArray,
    parameters: FloatArray, scratch: int, times: FloatArray, points: FloatArray,
    counts: NDArray[np.int32], work: IntArray, rounding: FloatArray, status: IntArray,
) -> None:  # fmt: skip
    """Fill what is asked for of all systems; a Ctrl-C is heard on the way."""
    given = starts, masses, blocks, parameters, scratch
    system, (track, room) = 0, begin(tableau, task, 0, *given)
    while system < len(starts):
        with interrupts_later():  # numba makes tuples of results: an error in there ends Python
            system, track, room = march_on(
                tableau,
                task,
                system,
                track,
                room,
                *given,
                times,
                points,
                counts,
                work,
                rounding,
                status,
            )
