"""What hardmax dynamics come to: statuses, events, and branches that are known at every time.

A branch is a solution of (9.5)-(9.6), or a family of them that leave ties when they like.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from numerics.arguments import FloatArray, check_number
from numerics.limits.series import Series, Sets
from numerics.records import Result
from theory.summaries import Summarised, Tabled


class HardmaxStatus(Enum):
    """How a branch, or the search for all of them, ended."""

    FINISHED = "finished"
    TOO_MANY_BRANCHES = "too many branches"
    NO_SOLUTION = "no solution"
    NOT_DETERMINED = "not determined"
    MAX_STEPS = "max steps"
    OVERFLOW = "overflow"

    @property
    def message(self) -> str:
        """What it means and what to do."""
        return _MESSAGES[self]


_MESSAGES = {
    HardmaxStatus.FINISHED: "Every branch reached t_end.",
    HardmaxStatus.TOO_MANY_BRANCHES: (
        "More branches than max_branches, or a tie with too many choices: those shown are not all; "
        "raise max_branches or shorten t_end."
    ),
    HardmaxStatus.NO_SOLUTION: (
        "A tie that no choice keeps: the equation as printed has no solution from there on; "
        "reading='filippov' slides along it."
    ),
    HardmaxStatus.NOT_DETERMINED: (
        "Somewhere the ties leave a velocity undetermined: one of a continuum is shown, as far as "
        "its weights stay positive; change the matrices a little."
    ),
    HardmaxStatus.MAX_STEPS: (
        "A branch took too many steps, perhaps with events without end; shorten t_end."
    ),
    HardmaxStatus.OVERFLOW: "Tokens grew beyond all doubles; shorten t_end.",
}


class EventKind(Enum):
    """What happens to the set that a token follows."""

    CHOICE = "chooses"
    """A tie at the start is resolved, or kept."""
    SWITCH = "switches"
    """From one place to another."""
    SLIDE = "starts to slide"
    """A tie begins that lasts."""
    LEAVE = "leaves"
    """A tie ends, or loses tokens."""


@dataclass(frozen=True)
class HardmaxEvent(Tabled):
    """A change of the set that a token follows.

    Parameters
    ----------
    time : float
        Time.
    token : int
        From 0.
    kind : EventKind
        Of which kind it is.
    before, after : tuple of int
        The tokens that tie for the greatest score up to now, and those followed from now on.
    leave : tuple of float, or None
        The interval of times at which the event may come, where it is free; `time` is one of them.
    branches : tuple of int
        Which branches it is part of.
    """

    time: float
    token: int
    kind: EventKind
    before: tuple[int, ...]
    after: tuple[int, ...]
    leave: tuple[float, float] | None = None
    branches: tuple[int, ...] = ()


@dataclass(frozen=True)
class Piece(Summarised):
    """A step: its start, its length, and the series of tokens and weights from there."""

    start: float
    length: float
    series: Series


@dataclass(frozen=True)
class Leg(Summarised):
    """A stretch in which every token follows one set.

    Attributes
    ----------
    start, end : float
    sets : tuple of tuple of int
        The tokens that each token follows.
    pieces : tuple of Piece
    """

    start: float
    end: float
    sets: Sets
    pieces: tuple[Piece, ...] = field(repr=False)

    def _piece(self, time: float) -> Piece:
        starts = np.array([piece.start for piece in self.pieces])
        return self.pieces[max(int(np.searchsorted(starts, time, "right")) - 1, 0)]

    def at(self, time: float) -> FloatArray:
        """Tokens at a time, shape (n, d)."""
        piece = self._piece(time)
        return piece.series.at(time - piece.start)

    def weights(self, time: float) -> FloatArray:
        """Weights at a time, shape (n, n): row i holds those of token i."""
        piece = self._piece(time)
        powers = (time - piece.start) ** np.arange(len(piece.series.weights))
        return np.asarray(np.tensordot(powers, piece.series.weights, 1))

    def cut(self, time: float) -> Leg:
        """Return the leg up to an earlier time."""
        pieces = tuple(piece for piece in self.pieces if piece.start < time) or self.pieces[:1]
        return Leg(self.start, time, self.sets, pieces)


@dataclass(frozen=True)
class HardmaxBranch(Result):
    """A solution, or a family of solutions that leave ties at times of their choice.

    Parameters
    ----------
    legs : tuple of Leg
        Pieces between events.
    events : tuple of HardmaxEvent
        Events that occurred, in the order of time.
    status : HardmaxStatus
        How it ended.
    """

    legs: tuple[Leg, ...] = field(repr=False)
    events: tuple[HardmaxEvent, ...]
    status: HardmaxStatus

    @property
    def t_end(self) -> float:
        """Up to when it is known."""
        return self.legs[-1].end if self.legs else 0.0

    @property
    def leaves(self) -> tuple[tuple[float, float], ...]:
        """Intervals of the leave times that are free, in order; none of a single solution.

        An interval that follows another is the one of the solution shown: it starts when the tie
        that it leaves begins.
        """
        found = [(event.time, event.leave) for event in self.events if event.leave is not None]
        return tuple(leave for _, leave in dict.fromkeys(found))

    def _leg(self, time: float) -> Leg:
        if not self.legs:
            raise ValueError(
                f"Expected a branch that begins but got one without a leg; {self.status.message}"
            )
        if not self.legs[0].start <= time <= self.t_end:
            raise ValueError(
                f"Expected a time in [0, {self.t_end}] but got time={time}; this branch is known "
                "there alone."
            )
        return next(leg for leg in self.legs if time <= leg.end)

    def at(self, time: float) -> FloatArray:
        """Return the tokens at a time.

        Parameters
        ----------
        time : float
            Time.

        Returns
        -------
        ndarray, shape (n, d)
            The tokens, shape (n, d).

        Raises
        ------
        ValueError
            Outside [0, t_end].
        """
        time = check_number(time, "time", "give a time of the branch")
        return self._leg(time).at(time)

    def weights(self, time: float) -> FloatArray:
        """Return the weights of the tokens that each token follows, at a time: shape (n, n).

        Parameters
        ----------
        time : float
            Time.

        Returns
        -------
        ndarray
            The weights, shape (n, n), rows of sum 1.
        """
        time = check_number(time, "time", "give a time of the branch")
        return self._leg(time).weights(time)


@dataclass(frozen=True)
class Hardmax(Result):
    """Every solution from a start.

    Parameters
    ----------
    events : tuple of HardmaxEvent
        All events, by time.
    branches : tuple of HardmaxBranch
        Those without a free time first.
    status : HardmaxStatus
        FINISHED if every branch was found and followed to the end.
    reading : str
        How ties are read.
    """

    events: tuple[HardmaxEvent, ...]
    branches: tuple[HardmaxBranch, ...]
    status: HardmaxStatus
    reading: str

    @property
    def unique(self) -> bool:
        """Whether there is exactly one solution."""
        return self.status is HardmaxStatus.FINISHED and len(self.branches) == 1
