"""Executors from the words of a command line: `--jobs N`, `--scheduler tcp://…`, `--scheduler mpi`.

Each is made elsewhere, by its library or in `processes`; the choice and clear errors are here.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from numerics.arguments import check_number, shown
from numerics.sweeps.processes import open_processes

__all__ = ["open_executor"]


MOST_JOBS = 1024
"""Largest number of processes; a mistyped one would bring the machine down."""


@contextmanager
def open_executor(
    jobs: int = 1, scheduler: str | None = None, *, timeout: float = 30.0
) -> Iterator[Executor | None]:
    """Open an executor for `sweep`, `cluster_counts` or `verify`, and close it afterwards.

    Parameters
    ----------
    jobs : int
        Number of processes of this machine. They are spawned, on every platform, so a script that
        calls this needs ``if __name__ == "__main__":``; they end when this process ends, even if
        it is killed. Matrix products take one thread in each, unless OPENBLAS_NUM_THREADS or its
        like is set.
    scheduler : str, optional
        Address of a running dask scheduler, such as ``tcp://host:8786``, whose workers must be
        able to import attnflow and the function; or ``"mpi"``, for a program started with
        ``mpiexec -n N python -m mpi4py.futures PROGRAM`` (our tests have no MPI).
    timeout : float
        Seconds to wait for the dask scheduler, and for its first worker.

    Yields
    ------
    concurrent.futures.Executor or None
        None for one job: the caller computes in this process.

    Raises
    ------
    ValueError
        For jobs < 1, for both jobs and a scheduler, and for an address that isn't one.
    ModuleNotFoundError
        Without the extra ``dask`` or ``mpi``.
    ConnectionError
        If the scheduler doesn't answer or has no worker.

    Examples
    --------
    >>> with open_executor(jobs=1) as executor:
    ...     executor is None
    True
    """
    if isinstance(jobs, bool) or not isinstance(jobs, int) or not 1 <= jobs <= MOST_JOBS:
        raise ValueError(
            f"Expected a number of processes >= 1, and <= {MOST_JOBS}, but got jobs={shown(jobs)}; "
            f"this machine has {os.cpu_count()} processors."
        )
    if scheduler is not None and not isinstance(scheduler, str):
        raise TypeError(
            "Expected an address such as 'tcp://host:8786', or 'mpi', but got "
            f"scheduler={shown(scheduler)}; leave it out for processes of this machine."
        )
    patience = check_number(timeout, "timeout", "give a number of seconds")
    if scheduler is not None and jobs != 1:
        raise ValueError(
            f"Expected jobs or a scheduler but got jobs={jobs} and scheduler={scheduler!r}; "
            "the scheduler knows its workers, drop jobs."
        )
    if scheduler == "mpi":
        with _load("mpi4py.futures", "mpi").MPIPoolExecutor() as executor:
            yield executor
    elif scheduler is not None:
        with _connected(scheduler, patience) as client, client.get_executor(pure=False) as executor:
            yield executor
    elif jobs == 1:
        yield None
    else:
        with _one_blas_thread(), open_processes(jobs) as executor:
            yield executor


@contextmanager
def _one_blas_thread() -> Iterator[None]:
    """Give each process that starts meanwhile one thread for products, unless the user says more.

    Workers that each start as many threads as there are processors wait for one another; dask's
    workers have one thread for the same reason.
    """
    names = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
    ours = [name for name in names if name not in os.environ]
    os.environ.update(dict.fromkeys(ours, "1"))
    try:
        yield
    finally:
        for name in ours:
            del os.environ[name]


def _load(module: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ModuleNotFoundError(
            f"Expected {module} to be importable but it isn't ({error}); install it with "
            f"pip install 'attnflow[{extra}]', or use jobs=N."
        ) from error


@contextmanager
def _connected(address: str, timeout: float) -> Iterator[Any]:
    """Connect to a scheduler that has a worker."""
    import asyncio  # a tenth of a second, which no other executor needs

    distributed = _load("distributed", "dask")
    try:
        with ThreadPoolExecutor(1) as thread:  # a notebook has a running event loop already
            thread.submit(asyncio.run, _probe(distributed, address, timeout)).result()
    except (OSError, TimeoutError) as error:
        raise ConnectionError(
            f"Expected a dask scheduler but nothing answered within {timeout:g} s at "
            f"scheduler={address!r}; start one with `dask scheduler`, or check the address."
        ) from error
    except ValueError as error:
        raise ValueError(
            f"Expected an address such as 'tcp://host:8786', or 'mpi', but got "
            f"scheduler={address!r} ({error}); `dask scheduler` prints its address."
        ) from error
    client = distributed.Client(address, timeout=timeout, set_as_default=False)
    with client:
        try:
            client.wait_for_workers(1, timeout=timeout)
        except TimeoutError as error:
            raise ConnectionError(
                f"Expected a worker but none came within {timeout:g} s at scheduler={address!r}; "
                f"start some with `dask worker {address}`."
            ) from error
        yield client


async def _probe(distributed: Any, address: str, timeout: float) -> None:
    """See whether dask answers: a client that can't connect leaves threads and noise behind."""
    (await distributed.comm.connect(address, timeout=timeout)).abort()
