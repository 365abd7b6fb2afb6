"""The compiled loop: whole runs without a return to Python, but for a user's events (numba).

A system at a time. It takes the steps of `numerics.stepping.arrays`: the same tableau, controller
and ledger, the same stages; sums over pairs differ in their last bits, which no step depends on.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import FloatArray, IntArray
from numerics.machine_code import SLOT, inlined, jit, lent
from numerics.stepping import controller, ledger
from numerics.stepping.columns import (
    ahead,
    combine,
    copy,
    extended,
    finite,
    largest,
    part,
    retract,
    slope,
    spread,
    squares,
    tolerances,
    worst,
)
from numerics.stepping.dense import DEFECT, DEPTH, QUARTERS
from numerics.stepping.merging import count, merge
from numerics.stepping.tableau import Tableau
from numerics.stepping.velocity import (
    COLUMNS,
    DIMENSION,
    FIRST,
    LANES,
    ROWS,
    START,
    Stop,
)

MOST = controller.MOST
FINISHED, MAX_STEPS, UNDERFLOW = int(Stop.FINISHED), int(Stop.MAX_STEPS), int(Stop.UNDERFLOW)
OVERFLOW, CERTAIN, PAUSED = int(Stop.OVERFLOW), int(Stop.CERTAIN), int(Stop.PAUSED)
GATHERED = int(Stop.GATHERED)
MERGER = -1  # columns are to be made one: nobody else hears of it
PIECES = 1 << DEPTH
EPS = float(np.finfo(np.float64).eps)

factor = inlined(controller.factor)
first_length = inlined(controller.first_length)
lost = inlined(controller.lost)
rounded = inlined(controller.rounded)
trial_length = inlined(controller.trial_length)
drowned, entry = inlined(ledger.drowned), inlined(ledger.entry)
excess = inlined(ledger.excess)


class Task(NamedTuple):
    """What a run is to do.

    Attributes
    ----------
    products, differences : function
        The velocity in both forms.
    end : float
        Time of the clock at its end.
    rtol, atol : float
        Tolerances.
    max_steps : int
        Attempts.
    budget : int
        Steps after which the loop pauses.
    timeless : bool
        Whether steps may be below the spacing of times: the velocity is smooth and free of time.
    outputs : bool
        Whether the loop itself takes the points at the times; not where events may stop it.
    close : float
        Squared distance of the pairs that are counted at the times; below 0: points are written.
    merging : float
        Squared distance at which columns become one; below 0: never.
    attractive : bool
        Whether pairs that are all close stay so.
    gathered : float
        Squared distance from the first row within which the rest is known; below 0: never.
    """

    products: Any
    differences: Any
    end: float
    rtol: float
    atol: float
    max_steps: int
    budget: int
    timeless: bool
    outputs: bool
    merging: float = -1.0
    gathered: float = -1.0
    close: float = -1.0
    attractive: bool = False


class Track(NamedTuple):
    """Where a run is; written by the loop."""

    blocks: IntArray
    x: FloatArray  # (N,): the state at t
    end: FloatArray  # (N,): that at the end of the last step
    k: FloatArray  # (all stages, N): the stages of that step, the first of them at x
    masses: FloatArray
    parameters: FloatArray
    multiple: FloatArray  # (columns,): how many rows a column stands for
    label: IntArray  # (rows,): the column of a row
    numbers: FloatArray
    counts: IntArray


T, ARRIVED, H, GROW, BOUND, AFTER, ROUNDING, TAKEN, BELOW = range(9)
STEPS, EVALUATIONS, ATTEMPTS, PLACE, TURNED, FRESH, SIZE, NODES, BROKEN, KNOWN = range(10)
"""Places in `numbers` and `counts`. TAKEN: the length of the last step; BELOW: what of the time is
lost in rounding; FRESH: the loop has yet to go on to the end of the last step;
NODES: how many nodes are stored; BROKEN: the last attempt met no number;
KNOWN: the pairs of rows that have become one column."""


class Room(NamedTuple):
    """Scratch."""

    y: FloatArray  # (N,)
    z: FloatArray
    start: FloatArray  # (N,): of a piece of a step
    stop: FloatArray
    k: FloatArray  # (all stages, N): of a piece
    rows: FloatArray  # (q, N): coefficients of the extension
    length: FloatArray  # (3, columns)
    twice: FloatArray
    scratch: FloatArray


class Sink(NamedTuple):
    """What is asked for, and where it goes."""

    times: FloatArray
    points: FloatArray  # (times, numbers), rows as rows; empty where pairs are counted
    counts: NDArray[np.int32]  # (times,)
    node_times: FloatArray
    nodes: FloatArray  # (nodes, numbers)


@inlined
def evaluate(task: Task, t: float, x: FloatArray, out: FloatArray, track: Track, room: Room) -> Any:
    """Velocity at x in the form in use; a bound on its rounding."""
    track.counts[EVALUATIONS] += 1
    if track.counts[TURNED] == 1:
        return task.differences(
            t, x, out, track.blocks, track.masses, track.parameters, room.scratch
        )
    return task.products(t, x, out, track.blocks, track.masses, track.parameters, room.scratch)


@inlined
def stages(
    tableau: Tableau, task: Task, t: float, h: float, x: FloatArray, k: FloatArray,
    end: FloatArray, track: Track, room: Room,
) -> Any:  # fmt: skip
    """Fill the stages of a step from x, whose first is there, and its end; the bound there."""
    bound, stages, a, c = 0.0, tableau.stages, tableau.a, tableau.c
    velocity = task.differences if track.counts[TURNED] == 1 else task.products
    blocks, masses, parameters = track.blocks, track.masses, track.parameters
    y, length, scratch = room.y, room.length[0], room.scratch
    for s in range(1, stages + 1):
        ahead(x, k, a, s, h, y)
        retract(y, blocks, end, length)
        bound = velocity(t + c[s] * h, end, k[s], blocks, masses, parameters, scratch)
    track.counts[EVALUATIONS] += stages
    return bound


@jit
def _first(tableau: Tableau, task: Task, sign: float, track: Track, room: Room) -> Any:
    """Length of the first step, after the velocity at the start."""
    t, blocks, length = track.numbers[T], track.blocks, room.length[0]
    span = abs(task.end - t)
    size = max(largest(track.x, blocks, length), 1e-300)
    speed = largest(track.k[0], blocks, length)
    trial = float(trial_length(speed, size, span))
    for i in range(room.y.shape[0]):
        room.y[i] = track.x[i] + sign * trial * track.k[0, i]
    retract(room.y, blocks, room.z, length)
    evaluate(task, t + sign * trial, room.z, room.y, track, room)
    for i in range(room.y.shape[0]):
        room.y[i] -= track.k[0, i]
    bend = largest(room.y, blocks, length) / max(trial, 1e-300)
    return rounded(first_length(speed, bend, trial, task.rtol + task.atol, span, tableau.exponent))


@inlined
def _extension(
    tableau: Tableau, task: Task, t: float, h: float, x: FloatArray, k: FloatArray,
    end: FloatArray, look: bool, track: Track, room: Room,
) -> bool:  # fmt: skip
    """Fill the coefficients of the extension; whether it holds, if that is to be looked at."""
    length, blocks = room.length, track.blocks
    for s in range(tableau.stages + 1, tableau.c.shape[0]):
        ahead(x, k, tableau.a, s, h, room.y)
        retract(room.y, blocks, room.z, length[0])
        evaluate(task, t + tableau.c[s] * h, room.z, k[s], track, room)
    for p in range(tableau.dense.shape[0]):
        combine(k, tableau.dense[p], tableau.c.shape[0], h, room.rows[p])
    if not look:
        return True
    defect, f = np.empty(x.shape[0]), np.empty(x.shape[0])
    top, least = 0.0, task.rtol + task.atol
    for theta in QUARTERS:
        slope(room.rows, theta, room.y, defect)
        extended(room.rows, x, theta, room.y)
        retract(room.y, blocks, room.z, length[0])
        evaluate(task, t + theta * h, room.z, f, track, room)
        for i in range(f.shape[0]):
            defect[i] = (defect[i] - h * f[i]) / DEFECT
        for b in range(blocks.shape[0]):
            one, over = room.length[1], room.length[2]
            tolerances(x, end, blocks, b, task.rtol, task.atol, over, one)
            squares(part(defect, blocks, b), one)
            for i in range(blocks[b, COLUMNS]):
                wrong = np.sqrt(one[i]) / over[i]
                if wrong > top or np.isnan(wrong):
                    top = wrong
    return bool(top <= max(1.0, 64 * EPS / least))


@inlined
def write(x: FloatArray, blocks: IntArray, label: IntArray, out: FloatArray) -> None:
    """Write the rows that the columns stand for."""
    at, first = 0, 0
    for b in range(blocks.shape[0]):
        s, d, m = blocks[b, START], blocks[b, DIMENSION], blocks[b, COLUMNS]
        for row in range(first, first + blocks[b, ROWS]):
            for a in range(d):
                out[at] = x[s + a * m + label[row]]
                at += 1
        first += blocks[b, ROWS]


@inlined
def _emit(x: FloatArray, place: int, task: Task, sink: Sink, track: Track, room: Room) -> bool:
    """Store what is asked for at a time; whether it is known for all later ones."""
    if task.close < 0.0:
        write(x, track.blocks, track.label, sink.points[place])
        return False
    n = len(track.label)
    m, d = track.blocks[0, COLUMNS], track.blocks[0, DIMENSION]
    columns = x[: d * m].reshape((d, m))
    found = count(columns, track.multiple[:m], task.close, _pairs_room(room, d, m), room.length[0])
    sink.counts[place] = found
    return bool(task.attractive and found == n * (n - 1) // 2)


@inlined
def _pairs_room(room: Room, d: int, m: int) -> FloatArray:
    """Scratch of `count`."""
    width = 2 * max(m, 2 * SLOT)
    return room.twice[: (d + 1) * width].reshape((d + 1, width))


@inlined
def inside(tableau: Tableau, task: Task, sink: Sink, last: int, track: Track, room: Room) -> bool:
    """Store what is asked for at the times from PLACE to `last`, which lie in the last step.

    Pieces of the step are halved until their extension holds. Whether all later values are known.
    """
    t, h = track.numbers[T], track.numbers[TAKEN]
    sign = 1.0 if h >= 0.0 else -1.0
    done, size = 0, PIECES
    while track.counts[PLACE] < last:
        begin, length = t + h * (done / PIECES), h * (size / PIECES)
        if size == PIECES:
            x, k, end = track.x, track.k, track.end
        else:
            x, k, end = room.start, room.k, room.stop
            stages(tableau, task, begin, length, x, k, end, track, room)
        look = tableau.checked and size > 1
        if not _extension(tableau, task, begin, length, x, k, end, look, track, room):
            if size == PIECES:
                copy(track.x, room.start)
                copy(track.k[0], room.k[0])
            size //= 2
            continue
        done += size
        border = t + h * (done / PIECES)
        while track.counts[PLACE] < last:
            at = track.counts[PLACE]
            if done < PIECES and sign * sink.times[at] > sign * border:
                break
            theta = min(max((sink.times[at] - begin) / length, 0.0), 1.0)
            if sink.times[at] == track.numbers[ARRIVED]:
                copy(track.end, room.z)
            else:
                extended(room.rows, x, theta, room.y)
                retract(room.y, track.blocks, room.z, room.length[0])
            if _emit(room.z, at, task, sink, track, room):
                return True
            track.counts[PLACE] += 1
        if done < PIECES:
            copy(end, room.start)
            copy(k[tableau.stages], room.k[0])
        size = done & -done
    return False


@inlined
def _near(task: Task, track: Track, room: Room) -> bool:
    """Whether any columns have come so near each other that they are to be one."""
    d, m = track.blocks[0, DIMENSION], track.blocks[0, COLUMNS]
    twice, columns = _pairs_room(room, d, m), part(track.x, track.blocks, 0)
    return bool(
        count(columns, track.multiple, task.merging, twice, room.length[0]) > track.counts[KNOWN]
    )


@jit
def _merged(task: Task, track: Track, room: Room) -> tuple[Track, Room]:
    """Make near columns one, and go on from there."""
    d, m = track.blocks[0, DIMENSION], track.blocks[0, COLUMNS]
    columns = track.x.reshape((d, m))
    size = track.counts[SIZE]
    left = merge(columns, track.masses, track.multiple, track.label, size, task.merging)
    width = (left + LANES - 1) // LANES * LANES
    new = np.empty((d, width))
    for j in range(width):
        for a in range(d):
            new[a, j] = columns[a, j if j < left else 0]
        if j >= left:
            track.masses[j], track.multiple[j] = 0.0, 0.0
    track.counts[SIZE], known = left, 0
    for j in range(left):
        known += int(track.multiple[j] * (track.multiple[j] - 1.0) / 2.0 + 0.5)
    track.counts[KNOWN] = known
    track.blocks[0, COLUMNS] = width
    track, room = _resized(new, track, room)
    track.numbers[BOUND] = evaluate(task, track.numbers[T], track.x, track.k[0], track, room)
    return track, room


@jit
def _resized(x: FloatArray, track: Track, room: Room) -> tuple[Track, Room]:
    """Give a run arrays for fewer columns."""
    d, m = x.shape
    n, total = d * m, track.k.shape[0]
    moved = Track(
        track.blocks, x.reshape(-1), np.empty(n), np.empty((total, n)), track.masses[:m],
        track.parameters, track.multiple[:m], track.label, track.numbers, track.counts,
    )  # fmt: skip
    return moved, Room(
        np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty((total, n)),
        np.empty((room.rows.shape[0], n)), room.length, room.twice, room.scratch,
    )  # fmt: skip


@jit
def _begin(tableau: Tableau, task: Task, sink: Sink, track: Track, room: Room) -> bool:
    """Look at the start; whether all values are known from there."""
    numbers, counts = track.numbers, track.counts
    sign = 1.0 if task.end >= numbers[T] else -1.0
    numbers[BOUND] = evaluate(task, numbers[T], track.x, track.k[0], track, room)
    numbers[H], numbers[GROW] = _first(tableau, task, sign, track, room), MOST
    while task.outputs and counts[PLACE] < len(sink.times):
        if sign * sink.times[counts[PLACE]] > sign * numbers[T]:
            break
        if _emit(track.x, counts[PLACE], task, sink, track, room):
            return True
        counts[PLACE] += 1
    return False


@inlined
def _attempt(tableau: Tableau, task: Task, track: Track, room: Room) -> bool:
    """Attempt a step; whether it is accepted."""
    numbers, counts = track.numbers, track.counts
    counts[ATTEMPTS] += 1
    sign, left = 1.0 if task.end >= numbers[T] else -1.0, abs(task.end - numbers[T])
    last = numbers[H] >= left * (1 - 1e-12)
    h = left if last else numbers[H]
    after = stages(tableau, task, numbers[T], sign * h, track.x, track.k, track.end, track, room)
    combine(track.k, tableau.five, tableau.stages + 1, h, room.y)
    both = tableau.three[0] != 0.0
    if both:
        combine(track.k, tableau.three, tableau.stages + 1, h, room.z)
    wrong = worst(
        track.x,
        track.end,
        room.y,
        room.z,
        both,
        track.blocks,
        task.rtol,
        task.atol,
        room.length[0],
        room.length[1],
        room.length[2],
    )
    if not finite(track.end):  # no estimate of the error may take that
        wrong = np.nan
    wrong /= excess(numbers[BOUND], after, h, task.rtol + task.atol)
    accepted = wrong <= 1.0
    counts[BROKEN] = 0 if np.isfinite(wrong) else 1
    grow = numbers[GROW] if accepted else 1.0
    numbers[H] = rounded(h * factor(wrong, grow, tableau.exponent))
    numbers[GROW] = MOST if accepted else 1.0
    if accepted:
        counts[STEPS] += 1
        numbers[TAKEN] = sign * h
        below = numbers[BELOW] + sign * h
        numbers[ARRIVED] = task.end if last else numbers[T] + below
        numbers[BELOW] = below - (numbers[ARRIVED] - numbers[T])
        numbers[AFTER] = after
        counts[FRESH] = 1
    return bool(accepted)


@inlined
def _go_on(tableau: Tableau, task: Task, track: Track, room: Room) -> None:
    """Go on to the end of the last step, with its entry in the ledger."""
    numbers, counts = track.numbers, track.counts
    numbers[ROUNDING] += entry(numbers[BOUND], numbers[AFTER], numbers[TAKEN])
    numbers[T], numbers[BOUND] = numbers[ARRIVED], numbers[AFTER]
    counts[FRESH] = 0
    copy(track.end, track.x)
    copy(track.k[tableau.stages], track.k[0])


@inlined
def _turn(task: Task, track: Track, room: Room) -> None:
    """Use differences from now on where the next step would be drowned without."""
    numbers, counts = track.numbers, track.counts
    h = min(numbers[H], abs(task.end - numbers[T]))
    note = entry(numbers[BOUND], numbers[BOUND], h)
    if drowned(note, numbers[ROUNDING] + note, task.rtol + task.atol):
        counts[TURNED] = 1
        numbers[BOUND] = evaluate(task, numbers[T], track.x, track.k[0], track, room)


@jit
def _known(task: Task, sink: Sink, track: Track) -> None:
    """Fill the times that are left with what stays as it is."""
    n = len(track.label)
    for place in range(track.counts[PLACE], len(sink.times)):
        if task.close < 0.0:
            write(track.x, track.blocks, track.label, sink.points[place])
        else:
            sink.counts[place] = n * (n - 1) // 2


@inlined
def _steps(tableau: Tableau, task: Task, sink: Sink, track: Track, room: Room) -> int:
    """Take steps until the end, a failure, the budget, no room for nodes, or a merger."""
    numbers, counts = track.numbers, track.counts
    taken = 0
    while True:
        if taken >= task.budget or (len(sink.nodes) > 0 and counts[NODES] == len(sink.nodes)):
            return PAUSED
        if counts[FRESH] == 1:
            _go_on(tableau, task, track, room)
            if task.merging >= 0.0 and _near(task, track, room):
                return MERGER
        if numbers[T] == task.end:
            return FINISHED
        if task.gathered >= 0.0 and spread(track.x, track.blocks) <= task.gathered:
            return GATHERED
        if lost(numbers[H], 0.0 if task.timeless else numbers[T]):
            return OVERFLOW if counts[BROKEN] == 1 else UNDERFLOW
        if counts[ATTEMPTS] >= task.max_steps:
            return MAX_STEPS
        if counts[TURNED] == 0:
            _turn(task, track, room)
        if not _attempt(tableau, task, track, room):
            continue
        taken += 1
        if len(sink.nodes) > 0:
            sink.node_times[counts[NODES]] = numbers[ARRIVED]
            write(track.end, track.blocks, track.label, sink.nodes[counts[NODES]])
            counts[NODES] += 1
        if not task.outputs:
            continue
        last, sign = counts[PLACE], 1.0 if task.end >= numbers[T] else -1.0
        while last < len(sink.times) and sign * sink.times[last] <= sign * numbers[ARRIVED]:
            last += 1
        if last > counts[PLACE] and inside(tableau, task, sink, last, track, room):
            return CERTAIN


@jit
def march(
    tableau: Tableau, task: Task, sink: Sink, track: Track, room: Room
) -> tuple[int, Track, Room]:
    """Run on; why that stopped, and the arrays, which are others after a merger."""
    code = MERGER
    if track.counts[EVALUATIONS] == 0 and _begin(tableau, task, sink, track, room):
        code = CERTAIN
    while code == MERGER:
        if task.merging >= 0.0 and track.counts[SIZE] == 1:
            code = CERTAIN
            break
        table, place, lane, space = _uncounted(tableau, sink, track, room)
        code = _steps(table, task, place, lane, space)
        if code == MERGER:
            track, room = _merged(task, track, room)
    if code == CERTAIN:
        _known(task, sink, track)
    return code, track, room


@inlined
def _uncounted(t: Tableau, s: Sink, a: Track, r: Room) -> tuple[Tableau, Sink, Track, Room]:
    """View all arrays without owners, so that their uses aren't counted."""
    return (
        Tableau(
            t.stages, lent(t.a), lent(t.c), lent(t.five), lent(t.three), t.exponent,
            lent(t.dense), t.checked,
        ),
        Sink(
            lent(s.times), lent(s.points), lent(s.counts), lent(s.node_times), lent(s.nodes)
        ),
        Track(
            lent(a.blocks), lent(a.x), lent(a.end), lent(a.k), lent(a.masses), lent(a.parameters),
            lent(a.multiple), lent(a.label), lent(a.numbers), lent(a.counts),
        ),
        Room(
            lent(r.y), lent(r.z), lent(r.start), lent(r.stop), lent(r.k), lent(r.rows),
            lent(r.length), lent(r.twice), lent(r.scratch),
        ),
    )  # fmt: skip


@jit
def prepare(
    start: FloatArray, masses: FloatArray, blocks: IntArray, parameters: FloatArray,
    tableau: Tableau, t: float, scratch: int, counting: bool,
) -> tuple[Track, Room]:  # fmt: skip
    """Arrays of a run from rows, block by block."""
    widest, deepest, size, rows, columns = 0, 0, 0, 0, 0
    for b in range(blocks.shape[0]):
        d, m = blocks[b, DIMENSION], blocks[b, COLUMNS]
        widest, deepest = max(widest, m), max(deepest, d)
        size, rows, columns = size + d * m, rows + blocks[b, ROWS], columns + m
    x, mass, multiple = np.empty(size), np.zeros(columns), np.zeros(columns)
    label = np.empty(rows, np.int64)
    at, first = 0, 0
    for b in range(blocks.shape[0]):
        s, d, m, n = blocks[b, START], blocks[b, DIMENSION], blocks[b, COLUMNS], blocks[b, ROWS]
        for i in range(m):
            row = i if i < n else 0
            for a in range(d):
                x[s + a * m + i] = start[at + row * d + a]
            if i < n:
                label[first + i] = i
                mass[blocks[b, FIRST] + i] = masses[first + i]
                multiple[blocks[b, FIRST] + i] = 1.0
        at, first = at + n * d, first + n
    total = tableau.c.shape[0]
    numbers, counts = np.zeros(9), np.zeros(10, np.int64)
    numbers[T], counts[SIZE] = t, rows
    twice = (deepest + 1) * 2 * max(widest, 2 * SLOT) if counting else 0
    track = Track(
        blocks.copy(), x, np.empty(size), np.empty((total, size)), mass, parameters, multiple,
        label, numbers, counts,
    )  # fmt: skip
    return track, Room(
        np.empty(size), np.empty(size), np.empty(size), np.empty(size), np.empty((total, size)),
        np.empty((tableau.dense.shape[0], size)), np.empty((3, widest)), np.empty(twice),
        np.empty(scratch),
    )  # fmt: skip
