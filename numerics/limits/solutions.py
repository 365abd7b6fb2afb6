"""Hardmax dynamics (9.5)-(9.6): every branch of a set-valued flow, event by event.

Each token follows the mean of the tokens of greatest score; where scores tie, there may be several
solutions, some of which leave a tie whenever they like. Example 9.3 has two families of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from numerics.arguments import (
    FloatArray,
    as_float,
    check_choice,
    check_finite,
    check_number,
    check_whole,
)
from numerics.limits.branches import (
    EventKind,
    Hardmax,
    HardmaxBranch,
    HardmaxEvent,
    HardmaxStatus,
    Leg,
    Piece,
)
from numerics.limits.choices import Tie, TooManyChoicesError, choices, kept
from numerics.limits.series import Matrices, Series, Sets, expand, first_fall, first_sign, slack

MOST_STEPS = 20_000
"""Steps of one branch; a branch that needs more has events without end, or stiff matrices."""

SLACK = 1e-9
"""A weight above minus this is no weight that has run out, but rounding."""


@dataclass(frozen=True)
class _Path:
    """A branch as far as it is known, and how it goes on."""

    time: float
    points: FloatArray
    sets: Sets
    legs: tuple[Leg, ...] = ()
    events: tuple[HardmaxEvent, ...] = ()


def hardmax(
    points: ArrayLike,
    t_end: float,
    Q: ArrayLike | None = None,
    K: ArrayLike | None = None,
    V: ArrayLike | None = None,
    *,
    reading: str = "filippov",
    leave: Callable[[float, float], float] | None = None,
    max_branches: int = 64,
) -> Hardmax:
    """Follow every solution of the hardmax dynamics (9.5)-(9.6).

    ``z_i' = V (mean of the z_j, j in C_i, - z_i)``, ``C_i`` the tokens j of greatest score
    ``<Q z_i, K z_j>``.

    Parameters
    ----------
    points : array_like, shape (n, d)
        The start, n >= 2, d >= 2; not necessarily on a sphere.
    t_end : float
        How far, > 0.
    Q, K : array_like, shape (k, d), optional
        The identity by default.
    V : array_like, shape (d, d), optional
        The identity by default.
    reading : {"filippov", "literal"}
        At a tie that lasts, any weights >= 0 that make it last, or equal ones, as printed.
    leave : callable, optional
        ``leave(low, high)``: which time in a free interval a family is shown at; the middle.
    max_branches : int
        More than these are not followed; the status says so.

    Returns
    -------
    Hardmax
        ``events`` and ``branches``; a family of solutions is one branch.

    Raises
    ------
    TypeError
        For entries that aren't real numbers.
    ValueError
        For shapes that don't fit, fewer than two tokens or dimensions, or no finite ``t_end > 0``.

    Examples
    --------
    >>> run = hardmax([[1, 1], [-1, 1], [0, 0]], 2.0, reading="literal")   # Example 9.3
    >>> len(run.branches), [branch.leaves for branch in run.branches]
    (3, [(), ((0.0, 2.0),), ((0.0, 2.0),)])
    >>> hardmax([[1, 1], [-1, 1], [0.1, 0.2]], 2.0).unique
    True
    """
    start, matrices = _read(points, Q, K, V, reading)
    t_end = check_number(t_end, "t_end", "give a time > 0")
    if t_end <= 0:
        raise ValueError(f"Expected t_end > 0 but got t_end={t_end}; time runs forwards.")
    check_whole(max_branches, "max_branches", 1)
    if leave is not None and not callable(leave):
        raise TypeError(f"Expected a function but got leave={leave!r}; leave(low, high) is a time.")
    search = _Search(matrices, t_end, leave or _middle, max_branches)
    return search.run(start)


def _middle(low: float, high: float) -> float:
    return (low + high) / 2


def _read(
    points: ArrayLike,
    Q: ArrayLike | None,
    K: ArrayLike | None,
    V: ArrayLike | None,
    reading: str,
) -> tuple[FloatArray, Matrices]:
    """Validate what `hardmax` is given."""
    start = as_float(points, "points")
    if start.ndim != 2 or min(start.shape) < 2:
        raise ValueError(
            "Expected at least two tokens in at least two dimensions but got points.shape="
            f"{start.shape}; give an array of shape (n, d)."
        )
    check_finite(start, "points")
    d = start.shape[1]
    found = {}
    for name, value in (("Q", Q), ("K", K), ("V", V)):
        matrix = np.eye(d) if value is None else as_float(value, name)
        square = name != "V" or matrix.shape == (d, d)
        if matrix.ndim != 2 or matrix.shape[1] != d or not square:
            shape = f"({d}, {d})" if name == "V" else f"(k, {d})"
            raise ValueError(
                f"Expected {name} of shape {shape} for points in {d} dimensions but got "
                f"{name}.shape={matrix.shape}; one column a coordinate."
            )
        check_finite(matrix, name)
        found[name] = matrix
    if found["Q"].shape != found["K"].shape:
        raise ValueError(
            f"Expected Q and K of one shape but got Q.shape={found['Q'].shape} and K.shape="
            f"{found['K'].shape}; scores are inner products of Q z_i and K z_j."
        )
    check_choice(reading, "reading", ("filippov", "literal"), "filippov slides along ties")
    return start, Matrices(found["Q"].T @ found["K"], found["V"], reading == "filippov")


@dataclass
class _Search:
    """Branches still to be followed, and those that are done."""

    matrices: Matrices
    t_end: float
    leave: Callable[[float, float], float]
    most: int
    done: list[HardmaxBranch] = field(default_factory=list)
    todo: list[_Path] = field(default_factory=list)
    status: HardmaxStatus = HardmaxStatus.FINISHED

    def run(self, start: FloatArray) -> Hardmax:
        scores = start @ self.matrices.scores @ start.T
        near = 1e-13 * self.matrices.size(start)
        ties = tuple(tuple(map(int, np.flatnonzero(row >= row.max() - near))) for row in scores)
        self._go_on(_Path(0.0, start, ties), Tie(start, ties), first=True)
        while self.todo and self.status is not HardmaxStatus.TOO_MANY_BRANCHES:
            if len(self.todo) + len(self.done) > self.most:
                self.status = HardmaxStatus.TOO_MANY_BRANCHES
                for path in self.todo:
                    self._end(path, HardmaxStatus.TOO_MANY_BRANCHES)
                break
            self._follow(self.todo.pop())
        branches = sorted(self.done, key=lambda b: (len(b.leaves), [e.time for e in b.events]))
        if self.status is HardmaxStatus.FINISHED:
            short = [b.status for b in branches if b.status is not HardmaxStatus.FINISHED]
            self.status = short[0] if short else HardmaxStatus.FINISHED
        reading = "filippov" if self.matrices.convex else "literal"
        return Hardmax(_all_events(branches), tuple(branches), self.status, reading)

    def _end(self, path: _Path, status: HardmaxStatus) -> None:
        self.done.append(HardmaxBranch(path.legs, path.events, status))

    def _go_on(
        self,
        path: _Path,
        tie: Tie,
        *,
        first: bool = False,
        held: Sets | None = None,
        leave: tuple[float, float] | None = None,
        only: Sets | None = None,
    ) -> None:
        """Queue every way in which a path goes on from a tie."""
        try:
            found = choices(tie, self.matrices, held) if only is None else (only,)
        except TooManyChoicesError:
            self._end(path, HardmaxStatus.TOO_MANY_BRANCHES)
            return
        if not found:
            self._end(path, HardmaxStatus.NO_SOLUTION)
        tried = {leg.sets for leg in path.legs if path.time - leg.start <= 1e-12 * (1 + path.time)}
        for sets in found:
            if sets in tried:  # rounding alone tells whether they last: round and round in no time
                self._end(path, HardmaxStatus.NOT_DETERMINED)
                continue
            places = tie.places
            events = tuple(
                HardmaxEvent(path.time, i, kind, before, after, leave)
                for i, (before, after) in enumerate(zip(path.sets, sets, strict=True))
                if (kind := _kind(before, after, tie.sets[i], places, first)) is not None
            )
            self.todo.append(_Path(path.time, tie.points, sets, path.legs, path.events + events))

    def _follow(self, path: _Path) -> None:
        """Follow one path to its next event, and queue what comes of it."""
        leg, tie, status = self._leg(path)
        if not leg.pieces:  # no weights keep the ties that were chosen, not even for a moment
            self._end(path, status)
            return
        on = replace(path, legs=(*path.legs, leg), time=leg.end)
        if Tie(leg.at(leg.start), leg.sets).open:
            self._leavings(path, leg)
        if tie is None:
            self._end(on, status)
        else:
            self._go_on(on, tie)

    def _leg(self, path: _Path) -> tuple[Leg, Tie | None, HardmaxStatus]:
        """Step until sets change; the tie there, or None where the branch ends."""
        time, points, pieces = path.time, path.points, list[Piece]()
        fresh: set[tuple[int, int]] = _tied(path)
        status = HardmaxStatus.FINISHED
        steps = sum(len(leg.pieces) for leg in path.legs)
        while True:
            series = expand(points, path.sets, self.matrices)
            if series is None:
                return (
                    Leg(path.time, time, path.sets, tuple(pieces)),
                    None,
                    HardmaxStatus.NO_SOLUTION,
                )
            if series.free:
                status = HardmaxStatus.NOT_DETERMINED
            length = min(series.length(), self.t_end - time)
            event = self._event(series, path.sets, length, fresh)
            step = length if event is None else event[0]
            if series.free and (spent := _weights_end(series, path.sets, step)) is not None:
                # Tokens move by the weights shown, which would be negative: the branch ends here.
                pieces.append(Piece(time, spent, series))
                return (
                    Leg(path.time, float(time + spent), path.sets, tuple(pieces)),
                    None,
                    HardmaxStatus.NOT_DETERMINED,
                )
            pieces.append(Piece(time, step, series))
            points = series.at(step)
            last = event is None and step >= self.t_end - time
            stuck = time + step == time
            time = float(self.t_end if last else time + step)
            leg = Leg(path.time, time, path.sets, tuple(pieces))
            if not np.isfinite(points).all() or np.abs(points).max() > 1e150:
                return leg, None, HardmaxStatus.OVERFLOW
            if event is not None:
                return leg, Tie(points, event[1]), status
            if last:
                return leg, None, status
            if steps + len(pieces) >= MOST_STEPS or stuck:
                return leg, None, HardmaxStatus.MAX_STEPS
            fresh = set()

    def _event(
        self, series: Series, sets: Sets, length: float, fresh: set[tuple[int, int]]
    ) -> tuple[float, Sets] | None:
        """First time in a step at which a score catches up or a weight runs out; the ties there."""
        noise = 1e-13 * self.matrices.size(series.points[0])
        falls: list[tuple[float, int, int]] = []
        for i, followed in enumerate(sets):
            gaps = series.scores[:, i, followed[0], None] - series.scores[:, i, :]
            for k in _suspects(gaps, length, followed):
                gap = gaps[:, k].copy()
                shift = 0
                if (i, k) in fresh:
                    shift = 1 + next((p for p, c in enumerate(gap[1:]) if abs(c) > 1e2 * noise), 0)
                found = first_fall(gap[shift:], length, noise / max(length, 1e-3) ** shift)
                if found is not None:
                    falls.append((found, i, k))
            if self.matrices.convex and len(followed) > 1 and not series.loose:
                for k in followed:
                    share = series.weights[:, i, k].copy()
                    if abs(share[0]) < 1e-9:
                        continue
                    found = first_fall(share, length, 1e-11)
                    if found is not None:
                        falls.append((found, i, i if i in followed else followed[0]))
        if series.loose and (out := self._runs_out(series, sets, length)) is not None:
            token = next(i for i, followed in enumerate(sets) if len(followed) > 1)
            falls.append((out, token, sets[token][0]))
        if not falls:
            return None
        time = min(falls)[0]
        now = [(i, k) for found, i, k in falls if found - time <= 1e-10 * (1 + time)]
        ties = tuple(
            tuple(sorted({*followed, *(k for i, k in now if i == token)}))
            for token, followed in enumerate(sets)
        )
        return time, ties

    def _runs_out(self, series: Series, sets: Sets, length: float) -> float | None:
        """First time in a step from which no weights keep the ties, where many did.

        Where a token rests at 0 and follows itself, the smallest weight stays 0 for good.
        """

        def left(time: float, least: float = 0.0) -> float:
            return slack(series.at(time), sets, self.matrices) - least

        if left(length) >= -SLACK:
            return None
        start = left(0.0)
        if start <= -SLACK:
            return 0.0
        least = 0.0 if start > SLACK else -SLACK
        return float(brentq(left, 0.0, length, args=(least,), xtol=1e-15, rtol=1e-14))

    def _leavings(self, path: _Path, leg: Leg) -> None:
        """Queue the families that leave a lasting tie at a time of their choice."""
        grid = [p.start + share * p.length for p in leg.pieces for share in (0.0, 0.5)]
        grid = [time for time in grid if time < leg.end]

        def options(time: float) -> tuple[Sets, ...]:
            return choices(Tie(leg.at(time), leg.sets), self.matrices, leg.sets)

        try:
            listed = [options(time) for time in grid]
        except TooManyChoicesError:
            self.status = HardmaxStatus.TOO_MANY_BRANCHES
            return
        for sets in dict.fromkeys(sets for found in listed for sets in found):
            runs = _runs([sets in found for found in listed])
            for first, last in runs:
                low, high = float(grid[first]), leg.end
                if first > 0:
                    low = self._edge(leg, sets, grid[first], grid[first - 1])
                if last < len(grid) - 1:
                    high = self._edge(leg, sets, grid[last], grid[last + 1])
                time = float(self.leave(low, high))
                if not low <= time <= high:
                    raise ValueError(
                        f"Expected a time in [{low}, {high}] but got leave={time}; the tie can be "
                        "left there alone."
                    )
                legs = path.legs if time == leg.start else (*path.legs, leg.cut(time))
                on = _Path(time, leg.at(time), leg.sets, legs, path.events)
                self._go_on(on, Tie(leg.at(time), leg.sets), leave=(low, high), only=sets)

    def _edge(self, leg: Leg, sets: Sets, inside: float, outside: float) -> float:
        """End of the times at which a tie can be left, between one inside and one outside."""
        for _ in range(60):
            middle = (inside + outside) / 2
            if middle in (inside, outside):
                break
            able = kept(Tie(leg.at(middle), leg.sets), sets, self.matrices) is not None
            inside, outside = (middle, outside) if able else (inside, middle)
        return float(inside)


def _tied(path: _Path) -> set[tuple[int, int]]:
    """Pairs (token, other) whose scores tie where a path goes on, and then part."""
    before: Sets = path.legs[-1].sets if path.legs else ()
    pairs = {
        (e.token, k) for e in path.events if e.time == path.time for k in (*e.before, *e.after)
    }
    pairs |= {(i, k) for i, followed in enumerate(before) for k in followed}
    return {(i, k) for i, k in pairs if k not in path.sets[i]}


def _suspects(gaps: FloatArray, length: float, followed: tuple[int, ...]) -> list[int]:
    """Tokens whose scores might catch up within a step."""
    powers = length ** np.arange(1, len(gaps))
    least = gaps[0] - powers @ np.abs(gaps[1:])
    return [int(k) for k in np.flatnonzero(least <= 0) if k not in followed]


def _runs(flags: list[bool]) -> list[tuple[int, int]]:
    """First and last places of the stretches of True."""
    edges = np.flatnonzero(np.diff([0, *map(int, flags), 0]))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _kind(
    before: tuple[int, ...],
    after: tuple[int, ...],
    tied: tuple[int, ...],
    places: tuple[int, ...],
    first: bool,
) -> EventKind | None:
    """Kind of an event, None where a token goes on as it did."""
    if first:
        return EventKind.CHOICE if len({places[k] for k in before}) > 1 else None
    if before == after:
        return None
    if len(after) < len(before):
        return EventKind.LEAVE
    return EventKind.SLIDE if len(after) > len(before) else EventKind.SWITCH


def _all_events(branches: list[HardmaxBranch]) -> tuple[HardmaxEvent, ...]:
    """Events of all branches, each once, by time."""
    found: dict[HardmaxEvent, list[int]] = {}
    for number, branch in enumerate(branches):
        for event in branch.events:
            found.setdefault(event, []).append(number)
    events = [replace(event, branches=tuple(numbers)) for event, numbers in found.items()]
    return tuple(sorted(events, key=lambda event: (event.time, event.token, event.after)))


def _weights_end(series: Series, sets: Sets, length: float) -> float | None:
    """Return the first time in a step at which a weight falls below 0, None where none does."""
    falls = []
    for i, followed in enumerate(sets):
        for k in followed if len(followed) > 1 else ():
            share = series.weights[:, i, k].copy()
            if abs(share[0]) < 1e-9:
                share[0] = 0.0
                found = 0.0 if first_sign(share, 1e-9) < 0 else None
            else:
                found = first_fall(share, length, 1e-11)
            if found is not None and found < length:
                falls.append(found)
    return min(falls, default=None)
