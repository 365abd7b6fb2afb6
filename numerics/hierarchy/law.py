"""The law of the difference of two tokens, by the masses of cells of the circle, and distances.

`PairLaw` holds ψ of (8.1) over time; its distances are W₁.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np

from numerics.arguments import (
    FloatArray,
    check_number,
    check_whole,
)
from numerics.records import Result
from numerics.transport import cell_distance

CORE = 4
"""Cells at 0 that hold most of a law that is no longer resolved."""


class PairStatus(Enum):
    """How a run for the pair law ended."""

    FINISHED = "finished"
    CONCENTRATED = "concentrated"
    MAX_STEPS = "max_steps"

    @property
    def message(self) -> str:
        """What it means, and what to do."""
        return _MESSAGES[self]


_MESSAGES = {
    PairStatus.FINISHED: "The end time was reached, and the law is resolved by the cells.",
    PairStatus.CONCENTRATED: (
        f"The end time was reached, but most of the mass lies in the {CORE} cells at 0, where the "
        "scheme is of first order and distances are known to a cell only: raise cells."
    ),
    PairStatus.MAX_STEPS: (
        "The steps ran out: rows of later times are NaN. Raise max_steps, or lower cells or t_end."
    ),
}


@dataclass(frozen=True, eq=False)
class PairLaw(Result):
    """Law of ``theta_2 - theta_1`` over time, by the mass of cells of the circle.

    Parameters
    ----------
    times : (time,) array
        Times, ascending.
    edges : (cells + 1,) array
        From -π to π; 0 is one of them.
    masses : (time, cells) array
        Probability of each cell.
    closure : str
        Who closed the hierarchy: one of `CLOSURES`, or "none" for Monte Carlo.
    status : PairStatus
        How it ended.
    steps : int
        Steps that were taken.
    """

    _coordinates = (
        ("time", "times"),
        ("angle", "angles"),
    )
    _variables = (
        ("density", ("time", "angle")),
        ("masses", ("time", "angle")),
    )

    times: FloatArray
    edges: FloatArray
    masses: FloatArray
    closure: str
    status: PairStatus
    steps: int = 0

    @property
    def density(self) -> FloatArray:
        """Mean of ψ over each cell, shape (time, cells); 1/2π is uniform."""
        return np.asarray(self.masses / np.diff(self.edges))

    @property
    def angles(self) -> FloatArray:
        """Centres of the cells."""
        return np.asarray(0.5 * (self.edges[1:] + self.edges[:-1]))

    def near_zero(self, radius: float) -> FloatArray:
        """Mass of ``|x| <= radius``, shape (time,), cells being filled evenly.

        Parameters
        ----------
        radius : float
            In (0, π].

        Returns
        -------
        ndarray
            The mass, shape (time,).
        """
        reach = check_number(radius, "radius", "give an angle in (0, pi]")
        if not 0.0 < reach <= math.pi:
            raise ValueError(f"Expected a radius in (0, pi] but got radius={radius!r}.")
        inside = np.clip(self.edges, -reach, reach)
        share = np.diff(inside) / np.diff(self.edges)
        return np.asarray(self.masses @ share)

    def coarse(self, cells: int) -> PairLaw:
        """Join neighbouring cells.

        Parameters
        ----------
        cells : int
            An even divisor of the number there is.

        Returns
        -------
        PairLaw
            The law on the joined cells.
        """
        count = self.masses.shape[1]
        check_whole(cells, "cells", 2, count)
        if count % cells or cells % 2:
            raise ValueError(
                f"Expected an even divisor of {count} cells but got cells={cells}; halve them."
            )
        joined = self.masses.reshape(len(self.times), cells, -1).sum(axis=2)
        edges = self.edges[:: count // cells]
        return PairLaw(self.times, edges, joined, self.closure, self.status, self.steps)

    def distance(self, other: PairLaw) -> FloatArray:
        """Wasserstein distance W₁ to another law on the circle, at each common time.

        The cells of both are joined to the coarser ones, if one divides the other; the cut is the
        best one. Both laws being known by cells, an error of up to half of a cell's width times
        the mass that differs inside cells is not seen.

        Parameters
        ----------
        other : PairLaw
            The other law, at the same times.

        Returns
        -------
        (time,) array
            The distance, shape (time,), in radians.
        """
        if not isinstance(other, PairLaw) or self.times.shape != other.times.shape:
            raise ValueError("Expected a PairLaw at the same times; pass the same t_eval to both.")
        cells = min(self.masses.shape[1], other.masses.shape[1])
        mine, theirs = self.coarse(cells), other.coarse(cells)
        return cell_distance(mine.masses - theirs.masses)


def wrapped(angles: FloatArray) -> FloatArray:
    """Bring angles to [-π, π)."""
    return np.asarray(np.mod(angles + math.pi, 2 * math.pi) - math.pi)
