"""What the two loops integrate: a state of blocks of rows, and a velocity that bounds its rounding.

The state of a system is one array of numbers, its blocks one after another. A block is rows of one
length, which stay on the sphere (each step is projected) or move freely. A batch that shares its
steps is one system whose block has leading axes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np

from numerics.arguments import FloatArray, IntArray

ArrayVelocity: TypeAlias = Callable[[FloatArray, Any], tuple[Any, Any]]
"""Velocity of the array loop: ``velocity(t, x) -> (v, bound)``.

x has the shape (systems, numbers), with unit rows on the sphere, t the shape (systems,). v is dx/dt
in the clock of the run, of the shape and the array library of x. bound, of the shape (systems,) or
0.0, bounds the error of any row of v by rounding, in the same clock: C (1 + |β|) eps Σ_j |w_ij| for
sums of products, C (1 + |β|) eps Σ_{j≠i} |w_ij| |p_ij| for differences. A system is what has steps
of its own; the bound of a batch that shares its steps is the largest.
"""


@dataclass(frozen=True)
class Block:
    """Rows of one length, on the sphere or not.

    Attributes
    ----------
    shape : tuple of int
        (..., n, d); leading axes are a batch that shares its steps.
    on_sphere : bool
        The retraction after a step: rows are divided by their lengths, or stay where they are.
    unit : ndarray, optional
        Positive numbers of which the block's numbers are the logarithmic changes: what they stand
        for is ``unit * exp(numbers)``, with an error relative to itself.
    conserved : bool
        Whether the retraction brings the sum of what they stand for back to that of `unit`.
    """

    shape: tuple[int, ...]
    on_sphere: bool
    unit: Any = None
    conserved: bool = False

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True, eq=False)
class CompiledVelocity:
    """Velocity of the compiled loop, of the type that `numerics.stepping.signature` declares.

    ``function(t, x, out, blocks, masses, parameters, scratch) -> bound`` writes dx/dt at the flat
    state x, in the clock of the run, into `out`. With s, d and m of row b of the table `blocks`
    (see `layout`), block b is ``x[s : s + d * m].reshape(d, m)``: its rows are columns there, of
    length 1 on the sphere. `masses` has a number for every column, those of block b from
    ``blocks[b, FIRST]`` on; columns without mass pull on nobody and move like the first column of
    their block. The value bounds the error of any column of `out` by rounding, as for
    `ArrayVelocity`; it is what `numerics.stepping.ledger` adds up.

    Attributes
    ----------
    function : object
        Made by ``numerics.stepping.signature.velocity``: machine code that the loop calls by its
        address, so that the loop is compiled once for all of them.
    parameters : ndarray
        Shape (systems, k), rows of numbers; a function finds its own as ``parameters[b]``.
    scratch : callable
        (d, m) -> how many numbers of scratch it wants, for blocks of m columns at most.
    differences : object
        The same velocity by differences.
    """

    function: Any
    parameters: FloatArray
    scratch: Callable[[int, int], int]
    differences: Any


START, DIMENSION, COLUMNS, FIRST, ON_SPHERE, ROWS = range(6)
"""Columns of the table of blocks."""

LANES = 8
"""Columns are filled up to whole vectors: a remainder would cost as much as several."""


def layout(blocks: Sequence[Block]) -> IntArray:
    """Give the table of blocks of the compiled loop, a row for each batch entry of a block.

    A row holds where the block starts in the state, d, the columns (n filled up to whole vectors),
    where its masses start, whether it is on the sphere, and n.

    Examples
    --------
    >>> layout([Block((2, 6, 3), on_sphere=True)])
    array([[ 0,  3,  8,  0,  1,  6],
           [24,  3,  8,  8,  1,  6]])
    """
    rows = []
    start = first = 0
    for block in blocks:
        n, d = block.shape[-2:]
        columns = -(-n // LANES) * LANES
        for _ in range(math.prod(block.shape[:-2])):
            rows.append((start, d, columns, first, int(block.on_sphere), n))
            start, first = start + d * columns, first + columns
    return np.array(rows, dtype=np.int64)


FAR = 4.0
"""Squared length above which a row isn't brought back to the sphere: the step is refused.

A stage that overshoots by its radius sees none of the forces that threw it there, and an end may
lie along its own error: the estimates of both orders can be small by accident.
"""


class Stop(IntEnum):
    """Why a loop stopped: both give these numbers."""

    FINISHED = 0
    MAX_STEPS = 1
    UNDERFLOW = 2
    """The step fell below the spacing of times."""
    OVERFLOW = 3
    """The velocity or the state left the numbers."""
    CERTAIN = 4
    """All pairs are close, or all rows one, and stay so."""
    ROUNDING = 5
    """Rounding of the velocity may have done more than the tolerance allows."""
    GATHERED = 6
    """All rows are so close that the rest is known."""
    PAUSED = 7
    """Not stopped: there is room for no more nodes, or an event is to be looked at."""
