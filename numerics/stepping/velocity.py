"""What the two loops integrate: a state of blocks of rows, and a velocity that bounds its rounding.

The state is one array of numbers. A block is a part of it: rows of one length, which stay on the
sphere (each step is projected) or move freely. A batch that shares its steps is as many blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from numerics.arguments import FloatArray, IntArray

ArrayVelocity: TypeAlias = Callable[[Any, Any], tuple[Any, Any]]
"""Velocity of the array loop: ``velocity(t, x) -> (v, bound)``.

x has the shape (systems, ..., n, d), unit rows on the sphere; t the shape (systems,), in plain
time. v is dx/dτ in the clock of the run, of the shape and the array library of x. bound, of the
shape (systems,) or 0.0, is a bound on the error of any row of v by rounding, in the same clock:
C (1 + |β|) eps Σ_j |w_ij| for sums of products, C (1 + |β|) eps Σ_{j≠i} |w_ij| |p_ij| for
differences. A system is what has steps of its own; the bound of a batch that shares its steps is
the largest.
"""


START, DIMENSION, COLUMNS, FIRST, RETRACTION = range(5)
"""Columns of the table of blocks, see `layout`."""

EUCLIDEAN, SPHERE = 0, 1
"""Retractions: after a step rows stay where they are, or are divided by their lengths."""


@dataclass(frozen=True, eq=False)
class CompiledVelocity:
    """Velocity of the compiled loop, of the type that `numerics.stepping.signature` declares.

    ``function(t, x, out, blocks, masses, parameters, scratch) -> bound`` writes dx/dτ at the flat
    state x into `out`. Block b is ``x[s : s + d * m].reshape(d, m)`` with s, d and m of its row of
    the table `blocks`: rows of the block are columns there, of length 1 on the sphere. `masses`
    has a number for every column, from ``blocks[b, FIRST]`` on; columns without mass pull on
    nobody, and move like the first column of their block. The value is a bound on the error of any
    column of `out` by rounding, as for `ArrayVelocity`: what is integrated along the run (see
    `numerics.stepping.ledger`).

    Attributes
    ----------
    function : object
        Made by ``numerics.stepping.signature.velocity``: one machine-code function, which the loop
        calls by its address, so that the loop is compiled once for all of them.
    parameters : ndarray
        Shape (blocks, k), rows of numbers that the function reads.
    scratch : callable
        (d, m) -> how many numbers of scratch it wants, for blocks of m columns at most.
    """

    function: Any
    parameters: FloatArray
    scratch: Callable[[int, int], int]


def layout(count: int, n: int, d: int, on_sphere: bool) -> IntArray:
    """Give the table of `count` blocks of n rows of length d, one after another.

    A row of the table holds where the block starts in the state, d, n, where its masses start, and
    its retraction.

    Examples
    --------
    >>> layout(2, 8, 3, on_sphere=True)
    array([[ 0,  3,  8,  0,  1],
           [24,  3,  8,  8,  1]])
    """
    blocks = np.empty((count, 5), dtype=np.int64)
    blocks[:, START] = np.arange(count) * n * d
    blocks[:, DIMENSION], blocks[:, COLUMNS] = d, n
    blocks[:, FIRST] = np.arange(count) * n
    blocks[:, RETRACTION] = SPHERE if on_sphere else EUCLIDEAN
    return blocks
