"""The cells of a sweep, and what came out of them."""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import shown
from numerics.sources import version
from numerics.sweeps.folder import Folder
from theory.summaries import Tabled

Array: TypeAlias = NDArray[Any]


Cell: TypeAlias = Mapping[str, Any]
"""The parameters of one evaluation: names to numbers, texts, None, or tuples of these."""


Layout: TypeAlias = dict[str, tuple[str, tuple[int, ...]]]


@dataclass(frozen=True)
class Grid(Sequence[Cell]):
    """All combinations of the values of some axes, the last axis varying fastest.

    Parameters
    ----------
    axes : tuple of (name, tuple of values)
        In the order of the dimensions of ``SweepResult.to_xarray``.
    """

    axes: tuple[tuple[str, tuple[Any, ...]], ...]

    def __post_init__(self) -> None:
        """Refuse an empty axis, and values that JSON can't keep."""
        pairs = isinstance(self.axes, tuple | list) and all(
            isinstance(axis, tuple | list) and len(axis) == 2 and isinstance(axis[0], str)
            for axis in self.axes
        )
        if not pairs:
            raise TypeError(
                f"Expected pairs of a name and its values but got axes={shown(self.axes)}; "
                "write grid(beta=[1.0, 4.0])."
            )
        if not self.axes:
            raise ValueError(
                "Expected at least one axis but got none; write grid(beta=[1.0, 4.0])."
            )
        checked = []
        for name, values in self.axes:
            sized = isinstance(values, Sequence) or np.ndim(values) > 0
            if isinstance(values, str | bytes) or not sized or len(values) == 0:
                raise ValueError(
                    f"Expected a non-empty sequence of values but got {name}={shown(values)}; "
                    f"write {name}=[...]."
                )
            checked.append((name, tuple(_plain(name, value) for value in values)))
        object.__setattr__(self, "axes", tuple(checked))

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each axis."""
        return tuple(len(values) for _, values in self.axes)

    def __len__(self) -> int:
        """Return the number of cells."""
        return math.prod(self.shape)

    @overload
    def __getitem__(self, index: int) -> Cell: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Cell, ...]: ...
    def __getitem__(self, index: int | slice) -> Cell | tuple[Cell, ...]:
        """Make the cell of a number, or the cells of a slice."""
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        number, places = range(len(self))[index], []
        for _, values in reversed(self.axes):
            number, place = divmod(number, len(values))
            places.append(values[place])
        names = (name for name, _ in self.axes)
        return dict(zip(names, reversed(places), strict=True))


def grid(**axes: Sequence[Any] | Array) -> Grid:
    """Make the cells of a sweep as the product of named axes.

    Parameters
    ----------
    **axes
        The values of each parameter: numbers, texts, None, or tuples of these.

    Returns
    -------
    Grid
        A sequence of cells that remembers its axes; it stores the axes only.

    Raises
    ------
    ValueError
        For no axes, an empty one, one that isn't a sequence, or a value that JSON can't keep.

    Examples
    --------
    >>> cells = grid(beta=[1.0, 4.0], n=range(2, 5))
    >>> len(cells), dict(cells[4])
    (6, {'beta': 4.0, 'n': 3})
    """
    return Grid(tuple(axes.items()))  # type: ignore[arg-type]


def _plain(name: str, value: Any) -> Any:
    """Make a value one that JSON keeps, so that every worker and every rerun sees the same."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list | tuple):
        return tuple(_plain(name, entry) for entry in value)
    if value is None or type(value) in (bool, int, float, str):
        return value
    raise ValueError(
        f"Expected a number, a text, None or a tuple of these but got {name}={shown(value)}; pass "
        "what all cells share as an argument of functools.partial."
    )


def checked_cells(cells: Sequence[Cell]) -> Sequence[Cell]:
    """Check the cells of a sweep; a grid was checked when it was made."""
    if isinstance(cells, Grid):
        return cells
    if isinstance(cells, str | bytes | Mapping) or not isinstance(cells, Sequence):
        raise TypeError(
            f"Expected a grid or a list of cells but got cells={shown(cells)}; "
            "use grid(...), or a list of dictionaries."
        )
    checked = []
    for i, cell in enumerate(cells):
        if not isinstance(cell, Mapping) or not all(isinstance(name, str) for name in cell):
            raise ValueError(
                f"Expected a mapping from names to values but got cells[{i}]={shown(cell)}; "
                "use grid(...), or a list of dictionaries."
            )
        checked.append({name: _plain(name, value) for name, value in cell.items()})
    if not checked:
        raise ValueError("Expected at least one cell but got cells=[]; use grid(...).")
    return checked


class StoredArrays(Mapping[str, Array]):
    """Stacked arrays that are read from the chunks of a folder when they are asked for."""

    def __init__(self, folder: Folder, layout: Layout, count: int, size: int) -> None:
        self._folder, self._layout, self._count, self._size = folder, layout, count, size

    def __getitem__(self, name: str) -> Array:
        """Read one stacked array."""
        dtype, shape = self._layout[name]
        stacked = np.empty((self._count, *shape), dtype)
        for k, start in enumerate(range(0, self._count, self._size)):
            arrays = self._folder.read(k)
            if arrays is None:
                raise FileNotFoundError(
                    f"Expected a finished chunk but {self._folder.chunk_path(k)} is gone; "
                    "run the sweep again, it recomputes the chunk."
                )
            stacked[start : start + self._size] = arrays[name]
        return stacked

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._layout)

    def __len__(self) -> int:
        """Return the number of arrays."""
        return len(self._layout)

    def __repr__(self) -> str:
        """Show the names and the folder, not the values."""
        return f"<arrays {list(self._layout)} in {self._folder.path}>"


@dataclass(frozen=True, eq=False)
class SweepResult(Tabled):
    """What a sweep computed.

    Parameters
    ----------
    cells : sequence of Cell
        The parameters, in order.
    values : mapping from str to (len(cells), ...) array
        What the function returned, stacked over the cells. With a folder each access reads the
        chunks anew, so that only what is asked for is in memory.
    function : str
        Qualified name of the function.
    seed : numpy.random.SeedSequence
        The root: cell i drew from its spawn key (..., i).
    folder : Path or None
        Where the chunks are.
    resumed : int
        How many cells were taken from the folder.
    recomputed : tuple of int
        Cells whose chunk in the folder was damaged, or not of this sweep, and was made again.
    """

    cells: Sequence[Cell]
    values: Mapping[str, Array]
    function: str
    seed: np.random.SeedSequence
    folder: Path | None = None
    resumed: int = 0
    recomputed: tuple[int, ...] = ()

    def to_xarray(self) -> Any:
        """Make an ``xarray.Dataset``: one dimension an axis of the grid, coordinates its values.

        Cells that aren't a grid give one dimension ``cell``, with the parameters that all cells
        have as coordinates. Further dimensions of a value `v` are called ``v_0``, ``v_1``, ...
        Values of parameters that aren't all numbers or all texts become texts.

        Returns
        -------
        object
            The data set.

        Raises
        ------
        ModuleNotFoundError
            Without the extra ``xarray``.
        ValueError
            If a value has the name of a parameter.
        """
        try:
            xarray = importlib.import_module("xarray")
        except ImportError as error:
            raise ModuleNotFoundError(
                "Expected xarray to be importable but it isn't; install it with "
                "pip install 'attnflow[xarray]', or use the arrays in .values."
            ) from error
        if isinstance(self.cells, Grid):
            axes = {name: (name, _coordinate(values)) for name, values in self.cells.axes}
            dims, shape = tuple(axes), self.cells.shape
        else:
            common = [name for name in self.cells[0] if all(name in cell for cell in self.cells)]
            axes = {
                name: ("cell", _coordinate(tuple(cell[name] for cell in self.cells)))
                for name in common
            }
            dims, shape = ("cell",), (len(self.cells),)
        clash = sorted({*axes, *dims} & set(self.values))
        if clash:
            raise ValueError(
                f"Expected values named otherwise than the parameters but got {clash}; "
                "rename them in what the function returns, or use the arrays in .values."
            )
        data = {}
        for name, array in self.values.items():
            inner = tuple(f"{name}_{k}" for k in range(array.ndim - 1))
            data[name] = ((*dims, *inner), array.reshape(*shape, *array.shape[1:]))
        attributes = {
            "function": self.function,
            "attnflow": version(),
            "seed": str(self.seed.entropy),
            "spawn_key": str(self.seed.spawn_key),
        }
        return xarray.Dataset(data, coords=axes, attrs=attributes)

    def to_netcdf(self, path: str | os.PathLike[str]) -> None:
        """Write `to_xarray` as netCDF, whole or not at all, with the engine that is installed.

        Parameters
        ----------
        path : str | os.PathLike[str]
            Where the file is.

        Raises
        ------
        ModuleNotFoundError
            Without the extra ``xarray``.
        ValueError
            For complex values, which netCDF lacks.
        """
        dataset = self.to_xarray()
        for name, variable in dataset.data_vars.items():
            if variable.dtype.kind == "c":
                raise ValueError(
                    f"Expected real values but got {name} of dtype {variable.dtype}; return the "
                    "real and the imaginary part as two values."
                )
        target = Path(path)
        temporary = target.with_name(target.name + ".tmp")
        try:
            dataset.to_netcdf(temporary)
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def _coordinate(values: tuple[Any, ...]) -> Array:
    kinds = {type(value) for value in values}
    if kinds == {int, float} or (len(kinds) == 1 and kinds <= {bool, int, float, str}):
        array = np.asarray(values)
        if array.dtype.kind in "bifU" and (kinds != {int} or array.dtype.kind == "i"):
            return array
    return np.asarray([str(value) for value in values])
