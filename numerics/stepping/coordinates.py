"""A state of several blocks as one row of numbers, for the array loop.

Of what is positive the logarithms of its changes, so that it stays positive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.arguments import FloatArray
from numerics.compile import State
from numerics.stepping.velocity import Block
from theory import Block as Part

LOGARITHMIC = ("positive", "simplex")

SMALLEST = 1e-300
"""What has become smaller counts as that: its rate of change, relative to itself, is known."""


@dataclass(frozen=True, eq=False)
class Coordinates:
    """The blocks that move, one after another in a row.

    Attributes
    ----------
    parts : tuple of theory.Block
        The blocks.
    shapes : tuple of tuple of int
        Shape of each in one row: (..., rows, columns).
    units : tuple of ndarray or None
        Of a positive block, what its numbers are the logarithmic changes from: the value is
        ``unit * exp(numbers)``. It broadcasts over values with the leading axes of the rows.
    """

    parts: tuple[Part, ...]
    shapes: tuple[tuple[int, ...], ...]
    units: tuple[Any, ...]

    @classmethod
    def of(
        cls, parts: Sequence[Part], shapes: Sequence[Any], units: Mapping[str, Any]
    ) -> Coordinates:
        """Take the units of positive blocks by name."""
        positive = [units[str(p.symbol)] if p.space in LOGARITHMIC else None for p in parts]
        return cls(tuple(parts), tuple(tuple(shape) for shape in shapes), tuple(positive))

    @property
    def names(self) -> list[str]:
        """Names of the blocks."""
        return [str(part.symbol) for part in self.parts]

    @property
    def free(self) -> bool:
        """Whether some rows have no length of their own."""
        return any(part.space == "euclidean" for part in self.parts)

    def blocks(self, units: Sequence[Any]) -> tuple[Block, ...]:
        """Blocks of the stepper, with units for those that are positive."""
        return tuple(
            Block(
                shape,
                part.space == "sphere",
                unit if part.space in LOGARITHMIC else None,
                part.space == "simplex",
            )
            for part, shape, unit in zip(self.parts, self.shapes, units, strict=True)
        )

    def rows(self, state: Mapping[str, Any], lead: tuple[int, ...] = ()) -> FloatArray:
        """Coordinates of states with these leading axes, shape (*lead, numbers)."""
        return self._packed(
            [
                state[name] if unit is None else np.log(state[name] / unit)
                for name, unit in zip(self.names, self.units, strict=True)
            ],
            lead,
        )

    def slopes(
        self, velocity: Mapping[str, Any], state: Mapping[str, Any], lead: tuple[int, ...] = ()
    ) -> FloatArray:
        """Velocity of the coordinates, shape (*lead, numbers)."""
        return self._packed(
            [
                velocity[name] if unit is None else velocity[name] / state[name]
                for name, unit in zip(self.names, self.units, strict=True)
            ],
            lead,
        )

    def state(self, rows: FloatArray) -> State:
        """States at rows of coordinates, shape (..., numbers): the blocks that move."""
        found, at = {}, 0
        for name, shape, unit in zip(self.names, self.shapes, self.units, strict=True):
            size = math.prod(shape)
            value = rows[..., at : at + size].reshape(*rows.shape[:-1], *shape)
            found[name] = value if unit is None else _changed(unit, value)
            at += size
        return found

    def _packed(self, values: Sequence[Any], lead: tuple[int, ...]) -> FloatArray:
        parts = [
            np.broadcast_to(value, (*lead, *shape)).reshape(*lead, -1)
            for value, shape in zip(values, self.shapes, strict=True)
        ]
        return np.concatenate(parts, axis=-1)


def _changed(unit: FloatArray, logarithms: FloatArray) -> FloatArray:
    """Positive numbers after logarithmic changes; they stay > 0 where doubles end."""
    changed: FloatArray = np.maximum(unit * np.exp(logarithms), np.minimum(unit, SMALLEST))
    return changed
