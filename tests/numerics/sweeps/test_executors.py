"""Executors by name: processes, dask, MPI, and what is missing."""

from __future__ import annotations

import os
import sys
import types
from concurrent.futures import ThreadPoolExecutor

import pytest

from numerics.sweeps.executors import open_executor
from numerics.sweeps.grids import grid
from numerics.sweeps.run import sweep

pytestmark = pytest.mark.extras


def draw(cell, rng, scale=1.0):
    return {"end": scale * cell["x"] * rng.standard_normal(3), "count": rng.integers(1000)}


# ------------------------------------------------------------------------------ what is refused


def test_functions_that_processes_cannot_import():
    with open_executor(jobs=2) as executor:
        with pytest.raises(ValueError, match="Expected a function that other processes can import"):
            sweep(lambda cell, rng: {"v": 1}, grid(x=[1]), executor=executor)
    with ThreadPoolExecutor(1) as executor:
        assert sweep(lambda cell, rng: {"v": 1}, grid(x=[1]), executor=executor).values["v"] == [1]
    with pytest.raises(ValueError, match="function=3"):
        sweep(3, grid(x=[1]))


# ---------------------------------------------------------------------------------------- exports


@pytest.mark.parametrize(
    ("module", "extra", "call"),
    [
        ("xarray", "xarray", lambda: sweep(draw, grid(x=[1.0])).to_xarray()),
        ("distributed", "dask", lambda: open_executor(scheduler="tcp://x:1").__enter__()),
        ("mpi4py.futures", "mpi", lambda: open_executor(scheduler="mpi").__enter__()),
    ],
)
def test_missing_extras_are_named(module, extra, call, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=rf"attnflow\[{extra}\]"):
        call()


# -------------------------------------------------------------------------------------- executors


def test_executors_by_name():
    with open_executor() as executor:
        assert executor is None
    for bad in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match="processes >= 1"):
            open_executor(jobs=bad).__enter__()
    with pytest.raises(ValueError, match="drop jobs"):
        open_executor(jobs=2, scheduler="tcp://x:1").__enter__()


def test_mpi_is_opened_as_its_library_says(monkeypatch, same):
    """The choice only; what MPI does is tested where there is one."""
    pool = types.SimpleNamespace(MPIPoolExecutor=ThreadPoolExecutor)
    monkeypatch.setitem(sys.modules, "mpi4py", types.SimpleNamespace(futures=pool))
    monkeypatch.setitem(sys.modules, "mpi4py.futures", pool)
    with open_executor(scheduler="mpi") as executor:
        assert same(sweep(draw, grid(x=[1, 2]), executor=executor), sweep(draw, grid(x=[1, 2])))


def test_schedulers_that_do_not_answer():
    pytest.importorskip("distributed")
    with pytest.raises(ConnectionError, match=r"within 0\.5 s at scheduler='tcp://127\.0\.0\.1:9'"):
        open_executor(scheduler="tcp://127.0.0.1:9", timeout=0.5).__enter__()
    for bad in ("nonsense", "foo://x:1", "tcp://127.0.0.1:port"):
        with pytest.raises(ValueError, match="Expected an address"):
            open_executor(scheduler=bad, timeout=0.5).__enter__()


def threads_seen(cell, rng):
    return {"threads": int(os.environ.get("OPENBLAS_NUM_THREADS", "0"))}


@pytest.mark.slow
def test_workers_take_one_thread_for_products(monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    with open_executor(jobs=2) as executor:
        inside = sweep(threads_seen, grid(k=[1, 2]), executor=executor).values["threads"]
    assert inside.tolist() == [1, 1] and "OPENBLAS_NUM_THREADS" not in os.environ
