"""Resumable sweeps: one pure function of (parameters, seed) over many cells, on any Executor.

Cell i draws from SeedSequence(root, spawn_key=(i,)), so that the bits depend on neither order,
workers nor restarts. Finished chunks are files written whole or not at all, each with a checksum,
beside a manifest of everything that fixes the result; a rerun computes only what is missing.
"""

from __future__ import annotations

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
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np

from numerics.arguments import check_executor, shown
from numerics.sphere import Rng, seed_sequence
from numerics.sweeps.code import code_of, unwrapped
from numerics.sweeps.folder import (
    CHECKSUM,
    Folder,
    SweepError,
    cannot_write,
    digest_of,
    identity_of,
    open_folder,
    qualified,
)
from numerics.sweeps.grids import (
    Array,
    Cell,
    Grid,
    Layout,
    StoredArrays,
    SweepResult,
    checked_cells,
)
from numerics.sweeps.processes import end_with_parent

CellFunction: TypeAlias = Callable[[Cell, np.random.Generator], Mapping[str, Any]]


_CHUNKS = 1024
"""A sweep has at most this many chunks: cells are grouped beyond it, one file and future each."""


_IN_FLIGHT = 256
"""Chunks handed to an executor and not yet gathered: bounds the memory of waiting results."""


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
                f"Expected every cell to finish but got an error: cell {start + k} ({dict(cell)}) "
                f"raised {type(error).__name__}: {error}"
            ) from error
        for name, array in arrays.items():
            stacked[name][k] = array
    return stacked


def _run_chunk_of_pool(
    function: CellFunction, start: int, cells: Sequence[Cell], root: np.random.SeedSequence
) -> dict[str, Array]:
    """Evaluate consecutive cells in a process that ends with its parent."""
    end_with_parent()
    return _run_chunk(function, start, cells, root)


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


def sweep(
    function: CellFunction,
    cells: Sequence[Cell],
    *,
    rng: Rng = 0,
    out: str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    progress: bool | Callable[[int, int], None] = False,
    accept_changes: bool = False,
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
        sweep computes only the missing and the damaged ones; one with more cells behind those of
        the folder takes these over and computes the rest. Up to 1024 cells each is a chunk,
        beyond that up to 1024 chunks of consecutive cells. The manifest holds the function's name
        and arguments, the cells and the seed; and the code: the source of the function (not of
        what else it calls outside attnflow, nor the globals it reads), digests of the files of
        theory and numerics but for pictures, and the versions of attnflow, NumPy, SciPy and numba.
        A call that differs in one is refused, with the names of what differs. No pickle is read.
    executor : concurrent.futures.Executor, optional
        Where to run: a process or thread pool, ``dask.distributed.Client.get_executor()``, or
        ``mpi4py.futures.MPIPoolExecutor``; this process by default. See `numerics.open_executor`.
    progress : bool or callable
        True shows the time left on standard error, with tqdm where it is installed; a callable
        gets (finished cells, all cells), at the start and after each chunk.
    accept_changes : bool
        Go on in a folder whose finished cells were computed by other code, because you know that
        they would come out the same; the manifest records what has changed. Other arguments,
        cells or seeds are refused all the same.

    Returns
    -------
    SweepResult
        Values of all cells.

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
    >>> from numerics import grid
    >>> def walk(cell, rng):
    ...     return {"end": rng.standard_normal(cell["steps"]).sum()}
    >>> result = sweep(walk, grid(steps=[1, 4, 9]), rng=7)
    >>> result.values["end"].shape
    (3,)
    """
    cells = checked_cells(cells)
    check_executor(executor)
    if not isinstance(accept_changes, bool | np.bool_):
        raise TypeError(
            f"Expected True or False but got accept_changes={shown(accept_changes)}; leave it out."
        )
    check_progress(progress)
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
    with reporting(progress, len(cells)) as report:
        if out is None:
            store = _Store(len(cells), size, None, report)
            _compute(function, cells, root, store, executor)
            return SweepResult(cells, store.values, name, root)
        identity = identity_of(function, cells, axes, root, size)
        code = code_of(function)

        def first(count: int) -> str:
            return digest_of(cells[:count])

        with open_folder(out, identity, code, bool(accept_changes), first) as folder:
            store = _Store(len(cells), size, folder, report)
            resumed = store.done
            _compute(function, cells, root, store, executor)
            stored = StoredArrays(folder, store.layout, len(cells), size)
            damaged = tuple(i for k in store.damaged for i in store.members(k))
            return SweepResult(cells, stored, name, root, folder.path, resumed, damaged)


def _check_function(function: Any, executor: Executor | None) -> None:
    if not callable(function):
        raise ValueError(
            f"Expected a function of (cell, rng) but got function={shown(function)}; "
            "define one at the top level of a module."
        )
    pool = isinstance(executor, ProcessPoolExecutor)
    if pool or type(executor).__module__.startswith("mpi4py"):
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
    # a worker of a user's own pool has nobody to tell it that its parent was killed
    run_chunk = _run_chunk_of_pool if isinstance(executor, ProcessPoolExecutor) else _run_chunk

    def task(k: int) -> tuple[Any, ...]:
        chunk = [cells[i] for i in store.members(k)]
        return run_chunk, function, store.members(k).start, chunk, root

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
            # a broken pool fails its futures itself, and those of Python 3.11 stop halfway at one
            # that was cancelled meanwhile: the rest would never come
            if failure is not None and not isinstance(failure, BrokenExecutor):
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


def check_progress(progress: Any) -> None:
    """Refuse what is neither a bool nor callable."""
    if not (callable(progress) or isinstance(progress, bool | np.bool_)):
        raise TypeError(
            f"Expected True, False or a function of (finished, all) but got "
            f"progress={shown(progress)}; leave it out."
        )


@contextmanager
def reporting(
    progress: bool | Callable[[int, int], None], total: int, unit: str = "cell"
) -> Iterator[Callable[[int], None]]:
    """Give a function of the number of finished cells, called at the start and on each chunk."""
    if callable(progress):

        def tell(done: int) -> None:
            try:
                progress(done, total)
            except TypeError as error:
                raise TypeError(
                    f"Expected a function of (finished, all) but got progress={shown(progress)}, "
                    f"which fails ({error}); write lambda done, total: ..."
                ) from error

        yield tell
    elif not progress:
        yield lambda done: None
    elif importlib.util.find_spec("tqdm"):
        tqdm = importlib.import_module("tqdm").tqdm
        bars: list[Any] = []

        def advance(done: int) -> None:
            if not bars:  # made here: what was resumed doesn't count for the time left
                bars.append(tqdm(total=total, initial=done, unit=unit))
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
