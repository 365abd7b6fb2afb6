"""A model with numbers: values of its parameters, and a state to evaluate it at.

`sample_of` gives any model the same generic ones each time, short enough to be printed: rows of
whole numbers over their length. What is said of a model at a sample can be evaluated again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product
from typing import Any

import numpy as np
from sympy import MatrixSymbol, preorder_traversal

from numerics.arguments import FloatArray
from numerics.compile import compile_model
from theory.masks import GRAPH, Mask
from theory.models import Model
from theory.symbols import d, k, m, n

SCALARS = (1.375, 0.625, 1.875, 0.375, 2.25)
"""Values of scalar parameters in turn: none of them 0, 1, or a simple multiple of another."""

MOMENT = 1.0
"""Time at which velocities are looked at."""


@dataclass(frozen=True)
class Sample:
    """A model, a value for each parameter, and a state.

    Attributes
    ----------
    model : Model
    values : Mapping
        Values of the parameters by name.
    state : Mapping
        Value of each block by name, the tokens ``"X"`` among them.
    masses : ndarray or None
        Masses of shape (n,), or None for 1/n.
    """

    model: Model
    values: Mapping[str, Any]
    state: Mapping[str, FloatArray]
    masses: FloatArray | None = None

    @cached_property
    def field(self) -> Any:
        """The compiled model."""
        return compile_model(self.model, **self.values, masses=self.masses)

    @property
    def weights(self) -> FloatArray:
        """Masses of the tokens, shape (n,)."""
        points = self.state["X"]
        if "m" in self.state:
            return np.asarray(self.state["m"]).reshape(-1)
        return np.full(len(points), 1 / len(points)) if self.masses is None else self.masses

    def at(self, **blocks: FloatArray) -> Sample:
        """Return the sample with other values of some blocks."""
        return replace(self, state={**self.state, **blocks})

    def velocity(self, t: float = MOMENT) -> dict[str, FloatArray]:
        """Velocity of each block that moves; for a map, the next layer."""
        if len(self.model.blocks) == 1:
            return {"X": np.asarray(self.field(self.state["X"], t))}
        return {name: np.asarray(value) for name, value in self.field(self.state, t).items()}

    def __str__(self) -> str:
        """State and parameters, as short as they go."""
        words = [f"{name} = {shown(value)}" for name, value in self.state.items()]
        words += [f"{name} = {shown(value)}" for name, value in self.values.items()]
        return ", ".join(words) if self.masses is None else f"{', '.join(words)}, masses"


def shown(value: Any) -> str:
    """Write numbers; a row of whole numbers over a whole number as ``(1, 2, 2)/3``."""
    array = np.asarray(value, dtype=float)
    if array.ndim == 0:
        return f"{float(array):g}"
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim > 1:
        return "[" + ", ".join(shown(row) for row in array) + "]"
    for length in range(1, 100):
        whole = np.round(array * length)
        if np.max(np.abs(array * length - whole), initial=0.0) < 1e-12:
            inner = ", ".join(f"{int(v)}" for v in whole)
            return f"({inner})" + (f"/{length}" if length > 1 else "")
    return "(" + ", ".join(f"{v:.4g}" for v in array) + ")"


def sample_of(
    model: Model, tokens: int | None = None, dimension: int | None = None, **values: Any
) -> Sample:
    """Give a model generic numbers, the same each time.

    Parameters
    ----------
    model : Model
    tokens, dimension : int, optional
        n and d; without them 3 and 3, more tokens where a mask shows all of so few, and dimension
        4 where an odd one is refused, as by rotations of pairs of coordinates.
    **values
        Values of parameters; what isn't given gets a generic one.

    Examples
    --------
    >>> from theory import SA
    >>> str(sample_of(SA, 2, 3))
    'X = [(-2, 2, 1)/3, (-1, 2, -2)/3], beta = 1.375'
    """
    masks = masks_of(model)
    count = tokens or max([3, *(mask.unseen[2] for mask in masks if mask.unseen)])
    graphs = [mask.parameter for mask in masks if mask.kind == GRAPH]
    sizes = (count, count + count % 2) if dimension is None else (dimension,)
    for size in sizes:
        found = _numbered(model, graphs, {n: count, d: size, k: size}, values)
        try:
            found.velocity()
        except ValueError:
            if size == sizes[-1]:
                raise
        else:
            break
    return found


def masks_of(model: Model) -> list[Mask]:
    """Return the masks in the velocities of a model."""
    nodes = (a for expr in model.velocities.values() for a in preorder_traversal(expr))
    return [a for a in nodes if isinstance(a, Mask)]


def _numbered(
    model: Model, graphs: Sequence[Any], sizes: Mapping[Any, int], values: Mapping[str, Any]
) -> Sample:
    """Give each parameter and block its numbers, at given sizes."""
    numbers: dict[str, Any] = {}
    for place, parameter in enumerate(model.parameters):
        name = str(parameter)
        if name in values:
            numbers[name] = values[name]
        elif not isinstance(parameter, MatrixSymbol):
            numbers[name] = 2 if parameter.is_integer else SCALARS[place % len(SCALARS)]
        elif parameter in graphs:  # a ring, each token seeing itself and the next
            count = sizes[n]
            numbers[name] = np.eye(count) + np.eye(count, k=1) + np.eye(count, k=1 - count)
        else:
            numbers[name] = _matrix(_sizes_of(parameter, sizes), place)
    state = {
        str(block.symbol): _block(block, _sizes_of(block.symbol, sizes), place)
        for place, block in enumerate(model.blocks)
    }
    return Sample(model, numbers, state)


def _sizes_of(symbol: Any, sizes: Mapping[Any, int]) -> tuple[int, int]:
    """Shape in numbers; a symbol that is neither n, d nor k is 2."""
    rows, columns = (
        int(size.subs({s: sizes.get(s, 2) for s in size.free_symbols})) for size in symbol.shape
    )
    return rows, columns


def _matrix(shape: tuple[int, int], place: int) -> FloatArray:
    """Halves between -3/2 and 3/2, no two rows alike."""
    drawn = np.random.default_rng(place).integers(-3, 4, size=shape) / 2
    return np.asarray(drawn + np.eye(*shape))


def _block(block: Any, shape: tuple[int, int], place: int) -> FloatArray:
    rows, columns = shape
    if block.space == "simplex":
        steps = np.arange(1.0, rows + 1)
        return np.asarray(steps / steps.sum())[:, None]
    if block.space == "positive":
        return np.asarray(1 + np.arange(rows) / 2)[:, None]
    if columns == 1:
        return np.asarray(np.arange(rows) / 2)[:, None]
    return unit_rows(rows, columns, place)


def unit_rows(rows: int, columns: int, skip: int = 0) -> FloatArray:
    """Make generic unit rows: whole numbers over their length.

    Examples
    --------
    >>> shown(unit_rows(2, 3))
    '[(-2, 2, 1)/3, (-1, 2, -2)/3]'
    """
    if columns == 1:
        return np.where(np.arange(rows) % 2, -1.0, 1.0)[:, None]
    found = _pythagorean(columns)
    order = np.random.default_rng(columns + skip).permutation(len(found))
    lattice = np.array([found[order[i % len(found)]] for i in range(rows)], dtype=float)
    return np.asarray(lattice / np.linalg.norm(lattice, axis=1, keepdims=True))


@lru_cache(maxsize=16)
def _pythagorean(columns: int) -> list[tuple[int, ...]]:
    """Vectors of small whole numbers, none of them 0, whose length is a whole number."""
    most = {2: 12, 3: 6}.get(columns, 5)
    entries = [v for v in range(-most, most + 1) if v]
    free = min(columns, 4)
    found = []
    for head in product(entries, repeat=free):
        row = head + tuple(1 + i % 2 for i in range(columns - free))
        square = sum(v * v for v in row)
        if math.isqrt(square) ** 2 == square and len({abs(v) for v in row}) > 1:
            found.append(row)
    return found


def equal_angles(rows: int, columns: int) -> FloatArray:
    """Make unit rows with one inner product between 0 and 1.

    Examples
    --------
    >>> shown(equal_angles(3, 3))
    '[(1, 2, 2)/3, (2, 1, 2)/3, (2, 2, 1)/3]'
    """
    own, other = next(_squares(rows))
    table = np.full((rows, columns), 0.0)
    table[:, :rows] = other
    table[np.arange(rows), np.arange(rows)] = own
    return np.asarray(table / np.linalg.norm(table, axis=1, keepdims=True))


def _squares(rows: int) -> Iterator[tuple[int, int]]:
    """Pairs a, b with a² + (rows-1) b² a square."""
    for size in range(1, 1000):
        for own in range(1, 6 * size):
            square = own**2 + (rows - 1) * size**2
            if own != size and math.isqrt(square) ** 2 == square:
                yield own, size


def levelled(sample: Sample, points: FloatArray) -> Sample:
    """Put the tokens at points, all of one mass, and make each further column that moves equal."""
    count = len(points)
    state = dict(sample.state)
    for block in sample.model.blocks[1:]:
        name = str(block.symbol)
        if block.symbol == m:
            state[name] = np.full((count, 1), 1 / count)
        elif block.moves and block.symbol.shape[1] == 1:
            state[name] = np.full((count, 1), 1.5)
    return replace(sample, state={**state, "X": points}, masses=None)
