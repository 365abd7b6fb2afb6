"""Resumable sweeps: one pure function of (parameters, seed) over many cells, on any Executor.

Cell i draws from SeedSequence(root, spawn_key=(i,)), so that the bits depend on neither order,
workers nor restarts. Finished chunks are files written whole or not at all, each with a checksum,
beside a manifest of everything that fixes the result; a rerun computes only what is missing.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import math
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from numerics.sphere import Rng, seed_sequence
from numerics.sweep_folder import (
    CHECKSUM,
    Folder,
    SweepError,
    cannot_write,
    identity_of,
    open_folder,
    qualified,
    source_of,
    unwrapped,
    version,
)

__all__ = ["Cell", "Grid", "SweepError", "SweepResult", "grid", "sweep"]

Array: TypeAlias = NDArray[Any]
Cell: TypeAlias = Mapping[str, Any]
"""The parameters of one evaluation: names to numbers, texts, None, or tuples of these."""
CellFunction: TypeAlias = Callable[[Cell, np.random.Generator], Mapping[str, Any]]
Layout: TypeAlias = dict[str, tuple[str, tuple[int, ...]]]

_CHUNKS = 1024
"""A sweep has at most this many chunks: cells are grouped beyond it, one file and future each."""
_IN_FLIGHT = 256
"""Chunks handed to an executor and not yet gathered: bounds the memory of waiting results."""

# ------------------------------------------------------------------------------------------- cells


@dataclass(frozen=True)
class Grid(Sequence[Cell]):
    """All combinations of the values of some axes, the last axis varying fastest.

    Attributes
    ----------
    axes : tuple of (name, tuple of values)
        In the order of the dimensions of ``SweepResult.to_xarray``.
    """

    axes: tuple[tuple[str, tuple[Any, ...]], ...]

    def __post_init__(self) -> None:
        """Refuse an empty axis, and values that JSON can't keep."""
        if not self.axes:
            raise ValueError(
                "Expected at least one axis but got none; write grid(beta=[1.0, 4.0])."
            )
        checked = []
        for name, values in self.axes:
            if isinstance(values, str) or not hasattr(values, "__iter__") or len(values) == 0:
                raise ValueError(
                    f"Expected a non-empty sequence of values but got {name}={values!r}; "
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
        f"Expected a number, a text, None or a tuple of these but got {name}={value!r}; pass what "
        "all cells share as an argument of functools.partial."
    )


def _checked_cells(cells: Sequence[Cell]) -> Sequence[Cell]:
    if isinstance(cells, Grid):
        return cells
    checked = []
    for i, cell in enumerate(cells):
        if not isinstance(cell, Mapping) or not all(isinstance(name, str) for name in cell):
            raise ValueError(
                f"Expected a mapping from names to values but got cells[{i}]={cell!r}; "
                "use grid(...), or a list of dictionaries."
            )
        checked.append({name: _plain(name, value) for name, value in cell.items()})
    if not checked:
        raise ValueError("Expected at least one cell but got cells=[]; use grid(...).")
    return checked


# ----------------------------------------------------------------------------------------- workers


def _run_chunk(
    function: CellFunction, start: int, cells: Sequence[Cell], root: np.random.SeedSequence
) -> dict[str, Array]:
    """Evaluate consecutive cells, numbered from `start`: name -> (cells, ...) array."""
    stacked: dict[str, Array] = {}
    for k, cell in enumerate(cells):
        seed = np.random.SeedSequence(
            root.entropy, spawn_key=(*root.spawn_key, start + k), pool_size=root.pool_size
        )
        try:
            arrays = _arrays(function(dict(cell), np.random.default_rng(seed)))
            if not stacked:
                stacked = {
                    name: np.empty((len(cells), *array.shape), array.dtype)
                    for name, array in arrays.items()
                }
            _check_layout(_layout(stacked), {n: (a.dtype.str, a.shape) for n, a in arrays.items()})
        except Exception as error:
            raise SweepError(
                f"Expected every cell to finish but cell {start + k} ({dict(cell)}) raised "
                f"{type(error).__name__}: {error}"
            ) from error
        for name, array in arrays.items():
            stacked[name][k] = array
    return stacked


def _arrays(returned: Any) -> dict[str, Array]:
    if not isinstance(returned, Mapping) or not returned:
        raise ValueError(
            f"Expected a mapping from names to arrays but got {returned!r}; "
            "return {'energy': energy}, for example."
        )
    arrays = {name: np.asarray(value) for name, value in returned.items()}
    for name, array in arrays.items():
        if not isinstance(name, str) or not name.isidentifier() or name == CHECKSUM:
            raise ValueError(
                f"Expected names that are identifiers, and not {CHECKSUM!r}, but got {name!r}; "
                "rename the value."
            )
        if array.dtype.kind not in "biufc":
            raise ValueError(
                f"Expected arrays of numbers but got {name} of dtype {array.dtype}; "
                "encode it as numbers."
            )
    return arrays


def _layout(stacked: Mapping[str, Array]) -> Layout:
    """Dtype and shape of one cell of each stacked array."""
    return {name: (array.dtype.str, array.shape[1:]) for name, array in stacked.items()}


def _check_layout(expected: Layout, found: Layout) -> None:
    if expected != found:
        raise ValueError(
            f"Expected the names, dtypes and shapes of the other cells, {expected}, but got "
            f"{found}; return arrays of one dtype and shape from every cell."
        )


# ------------------------------------------------------------------------------------------ result


class _Stored(Mapping[str, Array]):
    """Stacked arrays that are read from the chunks of a folder when they are asked for."""

    def __init__(self, folder: Folder, layout: Layout, count: int, size: int) -> None:
        self._folder, self._layout, self._count, self._size = folder, layout, count, size

    def __getitem__(self, name: str) -> Array:
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
        return iter(self._layout)

    def __len__(self) -> int:
        return len(self._layout)

    def __repr__(self) -> str:
        return f"<arrays {list(self._layout)} in {self._folder.path}>"


@dataclass(frozen=True, eq=False)
class SweepResult:
    """What a sweep computed.

    Attributes
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


# -------------------------------------------------------------------------------------------- sweep


def sweep(
    function: CellFunction,
    cells: Sequence[Cell],
    *,
    rng: Rng = 0,
    out: str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    progress: bool | Callable[[int, int], None] = False,
) -> SweepResult:
    """Evaluate a function in every cell, resumably.

    The result has the same bits in this process, on threads, on processes and on a cluster, in
    whatever order the cells are done and however often the sweep was interrupted. (Libraries may
    sum large matrix products differently with another number of BLAS threads or on another kind of
    processor: fix OPENBLAS_NUM_THREADS or its like to compare such results.)

    Parameters
    ----------
    function : callable
        ``function(cell, rng)`` -> mapping from names to arrays, of the same dtypes and shapes in
        every cell; `cell` is a dictionary, `rng` a ``numpy.random.Generator``. For processes it
        must be importable: at the top level of a module, or a ``functools.partial`` of such a
        function. A ``Model`` may be an argument of the partial; compile it inside the function
        (printing is cached in each process).
    cells : Grid or sequence of mappings
        The parameters; see `grid`.
    rng : seed, SeedSequence, Generator or None
        Root of the randomness (SPEC 7). Cell i draws from the seed sequence with the spawn key
        (..., i). A Generator gives one integer, the root. None isn't taken together with `out`,
        because a rerun couldn't resume.
    out : path, optional
        Folder for the chunks and the manifest. A call with a folder that holds chunks of this very
        sweep computes only the missing and the damaged ones. Up to 1024 cells each is a chunk,
        beyond that up to 1024 chunks of consecutive cells. The manifest holds the version of
        attnflow, the name and the source of the function (not of what it calls, nor the globals
        it reads), its arguments, the cells and the seed; a call that differs in one is refused.
        No pickle is read.
    executor : concurrent.futures.Executor, optional
        Where to run: a process or thread pool, ``dask.distributed.Client.get_executor()``, or
        ``mpi4py.futures.MPIPoolExecutor``; this process by default. See `numerics.executors`.
    progress : bool or callable
        True shows the time left on standard error, with tqdm where it is installed; a callable
        gets (finished cells, all cells), at the start and after each chunk.

    Returns
    -------
    SweepResult

    Raises
    ------
    ValueError
        For cells, values or arguments that can't be kept, a function that processes can't import,
        or a folder of another sweep.
    SweepError
        If a cell fails (the message names it), a worker dies or the folder is in use.
    OSError
        If the disk is full or can't be written.
        After each of these, and after Ctrl-C, the finished chunks are kept and a rerun resumes.

    Examples
    --------
    >>> def walk(cell, rng):
    ...     return {"end": rng.standard_normal(cell["steps"]).sum()}
    >>> result = sweep(walk, grid(steps=[1, 4, 9]), rng=7)
    >>> result.values["end"].shape
    (3,)
    """
    cells = _checked_cells(cells)
    _check_function(function, executor)
    if rng is None and out is not None:
        raise ValueError(
            "Expected a seed together with out= but got rng=None; a rerun would draw other numbers "
            "and couldn't resume. Pass an integer."
        )
    root = seed_sequence(rng)
    bare = unwrapped(function)
    name = qualified(bare if hasattr(bare, "__qualname__") else type(bare))
    axes = cells.axes if isinstance(cells, Grid) else None
    size = -(-len(cells) // _CHUNKS)
    with _reporting(progress, len(cells)) as report:
        if out is None:
            store = _Store(len(cells), size, None, report)
            _compute(function, cells, root, store, executor)
            return SweepResult(cells, store.values, name, root)
        identity = identity_of(function, cells, axes, root, size)
        with open_folder(out, identity, source_of(function)) as folder:
            store = _Store(len(cells), size, folder, report)
            resumed = store.done
            _compute(function, cells, root, store, executor)
            stored = _Stored(folder, store.layout, len(cells), size)
            damaged = tuple(i for k in store.damaged for i in store.members(k))
            return SweepResult(cells, stored, name, root, folder.path, resumed, damaged)


def _check_function(function: Any, executor: Executor | None) -> None:
    if not callable(function):
        raise ValueError(
            f"Expected a function of (cell, rng) but got function={function!r}; "
            "define one at the top level of a module."
        )
    if isinstance(executor, ProcessPoolExecutor) or type(executor).__module__.startswith("mpi4py"):
        try:
            pickle.dumps(function)
        except Exception as error:
            raise ValueError(
                "Expected a function that other processes can import but got "
                f"function={function!r}; define it at the top level of a module, or use "
                "functools.partial of such a function, or a thread pool."
            ) from error


class _Store:
    """Where finished chunks go: files of a folder, or arrays in memory."""

    def __init__(
        self, count: int, size: int, folder: Folder | None, report: Callable[[int], None]
    ) -> None:
        self.count, self.size, self.folder, self.report = count, size, folder, report
        self.values: dict[str, Array] = {}
        self.layout: Layout = {}
        self.done = 0
        self.damaged: list[int] = []
        self.missing = list(range(-(-count // size)))
        if folder is not None:
            self.missing = [k for k in self.missing if not self._is_there(folder, k)]
        report(self.done)

    def members(self, k: int) -> range:
        """Numbers of the cells of a chunk."""
        return range(k * self.size, min((k + 1) * self.size, self.count))

    def kept(self) -> str:
        """Say what an interrupted sweep leaves."""
        if self.folder is None:
            return f"{self.done} of {self.count} cells were finished; with out= they'd be kept"
        return f"{self.done} of {self.count} cells are finished and kept in {self.folder.path}"

    def put(self, k: int, stacked: dict[str, Array]) -> None:
        """Keep a finished chunk."""
        self._check(k, stacked)
        if self.folder is not None:
            try:
                self.folder.write(k, stacked)
            except OSError as error:
                path = self.folder.chunk_path(k)
                raise cannot_write(path, error, self.kept()) from error
        else:
            for name, array in stacked.items():
                if name not in self.values:
                    self.values[name] = np.empty((self.count, *array.shape[1:]), array.dtype)
                self.values[name][self.members(k).start : self.members(k).stop] = array
        self.done += len(self.members(k))
        self.report(self.done)

    def _is_there(self, folder: Folder, k: int) -> bool:
        try:
            stacked = folder.read(k)
        except ValueError:
            self.damaged.append(k)
            return False
        if stacked is None:
            return False
        self._check(k, stacked)
        self.done += len(self.members(k))
        return True

    def _check(self, k: int, stacked: dict[str, Array]) -> None:
        self.layout = self.layout or _layout(stacked)
        try:
            _check_layout(self.layout, _layout(stacked))
        except ValueError as error:
            cells = self.members(k)
            raise SweepError(f"Cells {cells.start} to {cells.stop - 1} differ: {error}") from None


def _compute(
    function: CellFunction,
    cells: Sequence[Cell],
    root: np.random.SeedSequence,
    store: _Store,
    executor: Executor | None,
) -> None:
    """Compute the missing chunks; whatever stops it, say what is kept."""

    def task(k: int) -> tuple[Any, ...]:
        chunk = [cells[i] for i in store.members(k)]
        return _run_chunk, function, store.members(k).start, chunk, root

    resumes = "; run the same sweep again and it resumes." if store.folder else "."
    try:
        if executor is None:
            for k in store.missing:
                run, *arguments = task(k)
                store.put(k, run(*arguments))
        else:
            _gather(executor, task, store)
    except SweepError as error:
        raise SweepError(f"{error} ({store.kept()}{resumes})") from error.__cause__
    except KeyboardInterrupt as error:
        error.add_note(store.kept() + resumes)
        raise


def _gather(executor: Executor, task: Callable[[int], tuple[Any, ...]], store: _Store) -> None:
    """Keep a bounded number of chunks on the executor; after a failure, keep what still comes."""
    pending: dict[Future[dict[str, Array]], int] = {}
    queue = iter(store.missing)
    failure: BaseException | None = None
    try:
        while True:
            while failure is None and len(pending) < _IN_FLIGHT:
                k = next(queue, None)
                if k is None:
                    break
                try:
                    pending[executor.submit(*task(k))] = k
                except BrokenExecutor as error:
                    failure = error
            if not pending:
                break
            done, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=pending.__getitem__):
                k = pending.pop(future)
                raised = CancelledError() if future.cancelled() else future.exception()
                if raised is None:
                    store.put(k, future.result())
                else:
                    failure = failure or raised
            if failure is not None:
                pending = {future: k for future, k in pending.items() if not future.cancel()}
    except BaseException as error:
        for future, k in pending.items():
            future.cancel()
            interrupted = isinstance(error, KeyboardInterrupt) and not future.cancelled()
            if interrupted and future.done() and future.exception() is None:
                store.put(k, future.result())
        raise
    if isinstance(failure, SweepError | KeyboardInterrupt | SystemExit):
        raise failure
    if failure is not None:
        raise SweepError(
            f"Expected every worker to go on but got {type(failure).__name__} "
            f"({str(failure).rstrip('.')}): a worker was killed, ran out of memory, or can't "
            "import the function, which must be at the top level of a module that it finds. "
            "Start a new executor."
        ) from failure


@contextmanager
def _reporting(
    progress: bool | Callable[[int, int], None], total: int
) -> Iterator[Callable[[int], None]]:
    """Give a function of the number of finished cells, called at the start and on each chunk."""
    if callable(progress):
        yield lambda done: progress(done, total)
    elif not progress:
        yield lambda done: None
    elif importlib.util.find_spec("tqdm"):
        tqdm = importlib.import_module("tqdm").tqdm
        bars: list[Any] = []

        def advance(done: int) -> None:
            if not bars:  # made here: what was resumed doesn't count for the time left
                bars.append(tqdm(total=total, initial=done, unit="cell"))
            bars[0].update(done - bars[0].n)

        try:
            yield advance
        finally:
            for bar in bars:
                bar.close()
    else:
        line = _Line(total)
        try:
            yield line
        finally:
            print(file=sys.stderr)


class _Line:
    """One line on standard error with the time left, at most twice a second."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.start: tuple[float, int] | None = None
        self.shown = -math.inf

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        self.start = self.start or (now, done)
        if now - self.shown < 0.5 and done < self.total:
            return
        self.shown = now
        began, resumed = self.start
        text = f"{done} of {self.total} cells"
        if done > resumed:
            left = (now - began) * (self.total - done) / (done - resumed)
            text += f", {left:.0f} s left"
        print(f"\r{text:<60}", end="", file=sys.stderr, flush=True)
