"""Sweeps: the same bits everywhere, failures and progress."""

from __future__ import annotations

import functools
import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics import compile_model, integrate, sphere
from numerics.sweeps.executors import open_executor
from numerics.sweeps.folder import SweepError
from numerics.sweeps.grids import grid
from numerics.sweeps.run import sweep
from theory import SA, USA

pytestmark = pytest.mark.extras

CELLS = grid(beta=[0.5, 2.0, 4.0], n=[5, 8])


def draw(cell, rng, scale=1.0):
    return {"end": scale * cell["x"] * rng.standard_normal(3), "count": rng.integers(1000)}


def flow(cell, rng, model, t_end=3.0):
    """A real evaluation: integrate random tokens of a model."""
    field = compile_model(model, beta=cell["beta"])
    start = sphere.random_points(cell["n"], 3, rng=rng)
    trajectory = integrate(field, start, t_end, t_eval=[0.0, 1.0, t_end], rtol=1e-9)
    gram = sphere.gram(trajectory.points[-1])
    return {"energy": trajectory.energy, "least": gram.min(), "steps": trajectory.times.size}


def fails_at(cell, rng, bad):
    if cell["x"] == bad:
        raise ZeroDivisionError("the reason")
    return draw(cell, rng)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("chunk-*")}


@contextmanager
def local_cluster() -> Iterator[str]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


# --------------------------------------------------------------------------------- the same bits


@pytest.mark.slow
@pytest.mark.parametrize(
    "model", [SA, pytest.param(USA, marks=pytest.mark.full)], ids=["SA", "USA"]
)
def test_threads_and_processes_give_the_bits_of_a_serial_run(model, tmp_path, same):
    function = functools.partial(flow, model=model, t_end=2.0)
    serial = sweep(function, CELLS, rng=3)
    assert np.ptp(serial.values["steps"]) == 0 and np.ptp(serial.values["least"]) > 0
    with ThreadPoolExecutor(3) as threads:
        assert same(sweep(function, CELLS, rng=3, executor=threads), serial)
    with open_executor(jobs=2) as processes:
        assert isinstance(processes, ProcessPoolExecutor)
        assert same(sweep(function, CELLS, rng=3, executor=processes, out=tmp_path), serial)
        assert same(sweep(function, CELLS, rng=3, executor=processes), serial)
    assert not same(sweep(function, CELLS, rng=4), serial)


@pytest.mark.slow
def test_a_dask_cluster_gives_the_bits_of_a_serial_run(tmp_path, same):
    function = functools.partial(flow, model=SA, t_end=2.0)
    serial = sweep(function, CELLS, rng=3, out=tmp_path / "serial")
    with local_cluster() as address, open_executor(scheduler=address) as executor:
        assert type(executor).__module__.startswith("distributed")
        remote = sweep(function, CELLS, rng=3, executor=executor, out=tmp_path / "dask")
        with pytest.raises(SweepError, match=r"cell 2 .*ZeroDivisionError: the reason"):
            sweep(functools.partial(fails_at, bad=2), grid(x=range(4)), executor=executor)
    assert same(remote, serial)
    assert files(tmp_path / "dask") == files(tmp_path / "serial")


def test_a_model_travels_small():
    assert len(pickle.dumps(functools.partial(flow, model=SA))) < 1300


def test_cell_i_draws_from_spawn_key_i():
    result = sweep(draw, grid(x=[1.0, 2.0, 3.0]), rng=5)
    for i in range(3):
        rng = np.random.default_rng(np.random.SeedSequence(5, spawn_key=(i,)))
        expected = draw({"x": i + 1.0}, rng)
        assert np.array_equal(result.values["end"][i], expected["end"])
        assert result.values["count"][i] == expected["count"]


def test_roots_of_every_kind(same):
    cells = grid(x=[1.0, 2.0])
    child = np.random.SeedSequence(5).spawn(1)[0]
    nested = sweep(draw, cells, rng=child)
    rng = np.random.default_rng(np.random.SeedSequence(5, spawn_key=(0, 1)))
    assert np.array_equal(nested.values["end"][1], draw({"x": 2.0}, rng)["end"])
    twice = [sweep(draw, cells, rng=np.random.default_rng(1)) for _ in range(2)]
    assert same(*twice) and not same(twice[0], nested)
    assert not same(sweep(draw, cells, rng=None), sweep(draw, cells, rng=None))
    for bad in (-1, "seed"):
        with pytest.raises(ValueError, match="Expected a seed"):
            sweep(draw, cells, rng=bad)


class Backwards(Executor):
    """Does what it was given in reverse order, as late as it can, and counts what waits."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Any]] = []
        self.most = 0
        self.stop = False
        self.thread = threading.Thread(target=self.work)
        self.lock = threading.Lock()
        self.thread.start()

    def submit(self, function, /, *args, **kwargs):
        future: Future[Any] = Future()
        with self.lock:
            self.waiting.append((future, functools.partial(function, *args, **kwargs)))
            self.most = max(self.most, len(self.waiting))
        return future

    def work(self):
        while not self.stop:
            with self.lock:
                batch, self.waiting = self.waiting[::-1], []
            for future, job in batch:
                if future.set_running_or_notify_cancel():
                    try:
                        future.set_result(job())
                    except Exception as error:
                        future.set_exception(error)
            threading.Event().wait(0.01)

    def shutdown(self, wait=True, *, cancel_futures=False):
        self.stop = True
        self.thread.join()


@pytest.mark.slow
def test_order_changes_nothing_and_few_chunks_wait(tmp_path, same):
    cells = grid(x=np.arange(1100) / 7)
    serial = sweep(draw, cells, rng=1)
    with Backwards() as executor:
        other = sweep(draw, cells, rng=1, executor=executor, out=tmp_path)
    assert same(other, serial)
    assert executor.most <= 256
    assert len(files(tmp_path)) == 550  # chunks of 2
    assert serial.values["end"].shape == (1100, 3)


@pytest.mark.slow
def test_a_million_cells_are_a_thousand_chunks():
    cells = grid(a=range(1000), b=range(1000))
    seen = []
    with Backwards() as executor:
        with pytest.raises(SweepError, match=r"cell 0 \("):
            sweep(functools.partial(fails_at, bad=None), cells, executor=executor)
        seen.append(executor.most)
    assert seen[0] <= 256 and cells[-1] == {"a": 999, "b": 999}


def test_a_buffer_that_is_used_again_is_copied():
    buffer = np.zeros(2)

    def reuse(cell, rng):
        cell["x"] += 1  # its own copy
        buffer[:] = cell["x"]
        return {"v": buffer}

    cells = grid(x=range(3000))
    assert np.array_equal(sweep(reuse, cells).values["v"][:, 0], np.arange(3000) + 1)


# ------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (3.0, "Expected a mapping"),
        ({}, "Expected a mapping"),
        ({"a b": 1}, "identifiers"),
        ({"sha256": 1}, "identifiers"),
        ({1: 1}, "identifiers"),
        ({"v": "text"}, "arrays of numbers"),
        ({"v": [1, None]}, "arrays of numbers"),
        ({"v": [[1], [1, 2]]}, "inhomogeneous"),
    ],
)
def test_bad_values_name_their_cell(returned, said):
    with pytest.raises(SweepError, match=rf"cell 0 \(.*\) raised ValueError: .*{said}"):
        sweep(lambda cell, rng: returned, grid(x=[1.0]))


@pytest.mark.parametrize("count", [4, 4000])
def test_cells_must_agree(count, tmp_path):
    def changes(cell, rng):
        return {"v": np.zeros(2 if cell["x"] < count - 1 else 3)}

    with pytest.raises(SweepError, match=rf"{count - 1}.*names, dtypes and shapes"):
        sweep(changes, grid(x=range(count)), out=tmp_path if count == 4 else None)


# ---------------------------------------------------------------------------------- failing cells


@pytest.mark.every(3)
@pytest.mark.parametrize("where", ["serial", "threads", "processes"])
def test_a_failing_cell_is_named_and_the_others_are_kept(where, tmp_path):
    cells = grid(x=[0.0, 1.0, 2.0, 3.0])
    opened = {
        "serial": lambda: open_executor(1),
        "threads": lambda: ThreadPoolExecutor(1),
        "processes": lambda: open_executor(2),
    }[where]
    with opened() as executor:
        with pytest.raises(
            SweepError, match=r"cell 2 \(\{'x': 2.0\}\).*ZeroDivisionError: the reason"
        ) as caught:
            sweep(functools.partial(fails_at, bad=2.0), cells, out=tmp_path, executor=executor)
    assert "ZeroDivisionError" in repr(caught.value.__cause__) + str(caught.value.__cause__)
    kept = len(files(tmp_path))
    assert 2 <= kept < 4 and f"{kept} of 4 cells are finished and kept" in str(caught.value)
    with pytest.raises(SweepError, match="cell 2 "):  # the finished ones aren't tried again
        sweep(functools.partial(fails_at, bad=2.0), cells, out=tmp_path)
    assert len(files(tmp_path)) == kept


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished(tmp_path):
    def stops(cell, rng):
        if cell["x"] == 3:
            raise KeyboardInterrupt
        return {"v": cell["x"]}

    for folder in ("serial", "threads"):
        with ThreadPoolExecutor(1) as executor:
            with pytest.raises(KeyboardInterrupt) as caught:
                sweep(
                    stops,
                    grid(x=range(600)),
                    out=tmp_path / folder,
                    executor=executor if folder == "threads" else None,
                )
        if folder == "serial":
            assert "3 of 600 cells are finished" in caught.value.__notes__[0]
        assert len(files(tmp_path / folder)) >= 3


# --------------------------------------------------------------------------------------- progress


def test_progress_with_and_without_tqdm(capsys, monkeypatch, tmp_path):
    pytest.importorskip("tqdm")
    sweep(draw, grid(x=[1.0, 2.0]), progress=True, out=tmp_path)
    assert "2/2" in capsys.readouterr().err
    sweep(draw, grid(x=[1.0, 2.0]), progress=True, out=tmp_path)
    assert "2/2" in capsys.readouterr().err
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    sweep(draw, grid(x=[1.0, 2.0]), progress=True)
    assert "2 of 2 cells, 0 s left" in capsys.readouterr().err
    sweep(draw, grid(x=[1.0, 2.0]))
    assert capsys.readouterr() == ("", "")
