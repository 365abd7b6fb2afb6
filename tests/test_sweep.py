"""Sweeps: the same bits everywhere, resumed or not; what is refused, and what is exported."""

from __future__ import annotations

import functools
import json
import os
import pickle
import sys
import threading
import tomllib
import types
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics import compile_model, integrate, sphere
from numerics.sweeps import Grid, SweepError, SweepResult, grid, open_executor, sweep
from numerics.sweeps import code as sweep_code
from theory import SA, USA

CELLS = grid(beta=[0.5, 2.0, 4.0], n=[5, 8])


# ------------------------------------------------------------- functions that workers can import


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


def same(a: SweepResult, b: SweepResult) -> bool:
    return set(a.values) == set(b.values) and all(
        a.values[name].dtype == b.values[name].dtype
        and a.values[name].shape == b.values[name].shape
        and a.values[name].tobytes() == b.values[name].tobytes()
        for name in a.values
    )


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("chunk-*")}


# --------------------------------------------------------------------------------- the same bits


@contextmanager
def local_cluster() -> Iterator[str]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])
def test_threads_and_processes_give_the_bits_of_a_serial_run(model, tmp_path):
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


def test_a_dask_cluster_gives_the_bits_of_a_serial_run(tmp_path):
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


def test_roots_of_every_kind():
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


def test_order_changes_nothing_and_few_chunks_wait(tmp_path):
    cells = grid(x=np.arange(1100) / 7)
    serial = sweep(draw, cells, rng=1)
    with Backwards() as executor:
        other = sweep(draw, cells, rng=1, executor=executor, out=tmp_path)
    assert same(other, serial)
    assert executor.most <= 256
    assert len(files(tmp_path)) == 550  # chunks of 2
    assert serial.values["end"].shape == (1100, 3)


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


# -------------------------------------------------------------------------------------- resuming


def test_resume_computes_only_what_is_missing(tmp_path):
    cells = grid(x=np.linspace(0, 1, 9))
    whole = sweep(draw, cells, rng=2)
    tracked = tmp_path / "sweep"
    first = sweep(draw, cells, rng=2, out=tracked)
    assert (first.resumed, first.recomputed, first.folder) == (0, (), tracked)
    before = files(tracked)
    (tracked / "chunk-0004.npz").unlink()
    (tracked / "chunk-0007.npz").unlink()
    (tracked / "chunk-0003.npz.tmp").write_bytes(b"half a chu")
    seen: list[tuple[int, int]] = []
    again = sweep(draw, cells, rng=2, out=tracked, progress=lambda *at: seen.append(at))
    assert seen == [(7, 9), (8, 9), (9, 9)]
    assert again.resumed == 7 and again.recomputed == ()
    assert same(again, whole) and files(tracked) == before
    assert not list(tracked.glob("*.tmp"))


def damage(kind: str, folder: Path, rng: np.random.Generator) -> None:
    path = folder / "chunk-0003.npz"
    data = bytearray(path.read_bytes())
    if kind == "flipped":
        place = int(rng.integers(len(data)))
        data[place] ^= 1 << int(rng.integers(8))
    elif kind == "truncated":
        del data[int(rng.integers(len(data))) :]
    elif kind == "empty":
        data.clear()
    elif kind == "zeros":  # a file system that lost the blocks but kept the length
        data = bytearray(len(data))
    elif kind == "noise":
        data = bytearray(rng.bytes(len(data)))
    elif kind == "another cell":
        data = bytearray((folder / "chunk-0005.npz").read_bytes())
    elif kind == "another sweep":
        sweep(draw, grid(x=np.linspace(0, 1, 6)), rng=99, out=folder / "other")
        data = bytearray((folder / "other" / "chunk-0003.npz").read_bytes())
    elif kind == "changed number":  # a valid archive with other numbers and the old checksum
        with np.load(path) as archive:
            arrays = dict(archive)
        arrays["count"] = arrays["count"] + 1
        np.savez(path, **arrays)
        return
    elif kind == "pickle":
        np.savez(path, end=np.array([object()], dtype=object))
        return
    path.write_bytes(data)


KINDS = ["truncated", "empty", "zeros", "noise", "another cell", "another sweep", "changed number"]


@pytest.mark.parametrize(
    ("kind", "repeats"), [("flipped", 60), ("pickle", 1), *((k, 5) for k in KINDS)]
)
def test_a_damaged_chunk_is_found_and_made_again(kind, repeats, tmp_path):
    cells = grid(x=np.linspace(0, 1, 6))
    sweep(draw, cells, rng=2, out=tmp_path)
    before, rng = files(tmp_path), np.random.default_rng(8)
    found = 0
    for _ in range(repeats):
        damage(kind, tmp_path, rng)
        again = sweep(draw, cells, rng=2, out=tmp_path)
        found += again.recomputed == (3,)
        assert same(again, sweep(draw, cells, rng=2))
        if again.recomputed:
            assert files(tmp_path) == before and again.resumed == 5
        else:  # a bit of the archive that carries nothing, such as a date
            assert kind == "flipped"
            (tmp_path / "chunk-0003.npz").write_bytes(before["chunk-0003.npz"])
    assert found == repeats or (kind == "flipped" and found > repeats / 2)


def test_damage_after_the_sweep_is_found_on_access(tmp_path):
    result = sweep(draw, grid(x=[1.0, 2.0]), out=tmp_path)
    path = tmp_path / "chunk-0001.npz"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match="Expected an intact chunk"):
        result.values["end"]
    path.unlink()
    with pytest.raises(FileNotFoundError, match="recomputes"):
        result.values["end"]


def test_no_values_stay_in_memory_and_empty_arrays_are_kept(tmp_path):
    def nothing(cell, rng):
        return {"none": np.zeros((2, 0)), "flag": cell["x"] > 1, "z": 1j * cell["x"]}

    result = sweep(nothing, grid(x=[1, 2]), out=tmp_path)
    assert result.values["none"].shape == (2, 2, 0)
    assert result.values["flag"].tolist() == [False, True]
    assert result.values["z"].tolist() == [1j, 2j]
    assert result.values["flag"] is not result.values["flag"]
    assert sorted(result.values) == ["flag", "none", "z"]
    assert same(sweep(nothing, grid(x=[1, 2]), out=tmp_path), result)


def test_files_are_readable_without_us(tmp_path):
    sweep(draw, grid(x=[1.0, 2.0]), out=tmp_path)
    with np.load(tmp_path / "chunk-0001.npz", allow_pickle=False) as archive:
        assert archive["end"].shape == (1, 3)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    project = Path(__file__).parent.parent / "pyproject.toml"
    version = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]
    assert manifest["code"]["attnflow"] == version
    assert manifest["sweep"]["function"]["function"].endswith("test_sweep.draw")
    assert manifest["code"]["versions"]["numpy"] == np.__version__


# ------------------------------------------------------------------------------ what is refused


def scaled(factor):
    def inner(cell, rng):
        return {"v": factor * cell["x"]}

    return inner


@pytest.mark.parametrize(
    ("function", "cells", "rng", "said"),
    [
        (functools.partial(draw, scale=2.0), grid(x=[1.0, 2.0]), 0, r"scale is 1\.0 there, 2\.0"),
        (draw, grid(x=[1.0, 2.0]), 0, r"function\.function is null there"),
        (functools.partial(draw, scale=1.0), grid(x=[1.0, 2.5]), 0, r"axes\.x\[1\] is 2\.0 there"),
        (functools.partial(draw, scale=1.0), grid(x=[1, 2]), 0, r"axes\.x\[0\] is 1\.0 there, 1 "),
        (functools.partial(draw, scale=1.0), grid(x=[1.0]), 0, r"count is 2 there, 1 now"),
        (functools.partial(draw, scale=1.0), [{"x": 1.0}, {"x": 3.0}], 0, r"cells\.axes"),
        (functools.partial(draw, scale=1.0), grid(x=[1.0, 2.0]), 1, r"entropy is 0 there, 1 now"),
    ],
)
def test_a_folder_of_another_sweep_is_refused(function, cells, rng, said, tmp_path):
    sweep(functools.partial(draw, scale=1.0), grid(x=[1.0, 2.0]), out=tmp_path)
    before = files(tmp_path)
    with pytest.raises(ValueError, match=said):
        sweep(function, cells, rng=rng, out=tmp_path)
    assert files(tmp_path) == before


def test_other_models_arrays_closures_and_versions_are_refused(tmp_path, monkeypatch):
    cells = grid(beta=[1.0], n=[3])
    sweep(functools.partial(flow, model=SA), cells, out=tmp_path / "m")
    assert sweep(functools.partial(flow, model=SA), cells, out=tmp_path / "m").resumed == 1
    with pytest.raises(ValueError, match=r"model\.fields\.velocity|model\.fields\.name"):
        sweep(functools.partial(flow, model=USA), cells, out=tmp_path / "m")
    with monkeypatch.context() as patch:
        patch.setattr(sweep_code, "version", lambda name="attnflow": "9.9")
        with pytest.raises(ValueError, match=r"attnflow is \"0.* there, \"9\.9\" now"):
            sweep(functools.partial(flow, model=SA), cells, out=tmp_path / "m")
    for folder, make in (
        ("array", lambda k: functools.partial(draw, scale=np.full(3, k))),
        ("closure", lambda k: scaled(k)),
    ):
        sweep(make(1.0), grid(x=[1.0]), out=tmp_path / folder)
        assert sweep(make(1.0), grid(x=[1.0]), out=tmp_path / folder).resumed == 1
        with pytest.raises(ValueError, match="Expected the sweep of"):
            sweep(make(2.0), grid(x=[1.0]), out=tmp_path / folder)


def test_an_edited_function_is_refused_and_a_comment_is_not(tmp_path, monkeypatch):
    text = "def work(cell, rng):\n    return {'v': 2 * cell['x']}\n"
    monkeypatch.syspath_prepend(str(tmp_path))

    def load(name, source):
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        module = __import__(name)
        monkeypatch.setattr(module.work, "__module__", "edited")
        return module.work

    out = tmp_path / "out"
    sweep(load("edited_1", text), grid(x=[1.0]), out=out)
    commented = text.replace("return", "# a comment\n    return")
    assert sweep(load("edited_2", commented), grid(x=[1.0]), out=out).resumed == 1
    edited = load("edited_3", text.replace("2", "3"))
    with pytest.raises(ValueError, match=r"an edited one.*accept_changes=True"):
        sweep(edited, grid(x=[1.0]), out=out)
    assert sweep(edited, grid(x=[1.0]), out=out, accept_changes=True).resumed == 1


def test_a_manifest_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text('{"sweep": {"sch', encoding="utf-8")
    with pytest.raises(ValueError, match="which can't be read"):
        sweep(draw, grid(x=[1.0]), out=tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="Expected a folder"):
        sweep(draw, grid(x=[1.0]), out=tmp_path / "file")


def test_none_is_not_a_seed_of_a_resumable_sweep(tmp_path):
    with pytest.raises(ValueError, match="rng=None"):
        sweep(draw, grid(x=[1.0]), rng=None, out=tmp_path)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([], "at least one cell"),
        ([3], r"cells\[0\]=3"),
        ([{1: 2}], r"cells\[0\]"),
        ([{"x": object()}], "functools.partial"),
        ([{"x": np.zeros(3)}], "functools.partial"),
        ([{"x": np.complex128(1)}], "Expected a number"),
    ],
)
def test_bad_cells(cells, said):
    with pytest.raises(ValueError, match=said):
        sweep(draw, cells)


def test_bad_axes():
    with pytest.raises(ValueError, match="at least one axis"):
        grid()
    for bad in ([], "text", 3.0):
        with pytest.raises(ValueError, match="Expected a non-empty sequence"):
            grid(x=bad)
    assert grid(x=np.arange(2), y=[np.float32(0.5), None]).axes == (
        ("x", (0, 1)),
        ("y", (0.5, None)),
    )
    cells = grid(x=[1, 2], y=["a", (1, 2.0)])
    assert isinstance(cells, Grid) and cells.shape == (2, 2)
    assert list(cells) == [{"x": x, "y": y} for x in (1, 2) for y in ("a", (1, 2.0))]
    assert cells[1:3] == (cells[1], cells[2]) and cells[-1] == cells[3]
    with pytest.raises(IndexError):
        cells[4]
    assert Grid((("x", np.array([1.5])),)) == grid(x=[1.5])


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


def test_functions_that_processes_cannot_import():
    with open_executor(jobs=2) as executor:
        with pytest.raises(ValueError, match="Expected a function that other processes can import"):
            sweep(lambda cell, rng: {"v": 1}, grid(x=[1]), executor=executor)
    with ThreadPoolExecutor(1) as executor:
        assert sweep(lambda cell, rng: {"v": 1}, grid(x=[1]), executor=executor).values["v"] == [1]
    with pytest.raises(ValueError, match="function=3"):
        sweep(3, grid(x=[1]))


# ---------------------------------------------------------------------------------- failing cells


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


ENTERED, GO_ON = threading.Event(), threading.Event()


def slow(cell, rng):
    ENTERED.set()
    assert GO_ON.wait(20)
    return {"v": cell["x"]}


def test_two_sweeps_of_one_process_on_one_folder(tmp_path):
    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(sweep, slow, grid(x=[1.0]), out=tmp_path)
        assert ENTERED.wait(20)
        with pytest.raises(SweepError, match="another thread of this process"):
            sweep(draw, grid(x=[1.0]), out=tmp_path)
        GO_ON.set()
        assert future.result(20).values["v"] == [1.0]
    assert sweep(slow, grid(x=[1.0]), out=tmp_path).resumed == 1


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


# ---------------------------------------------------------------------------------------- exports


def test_to_xarray_and_netcdf(tmp_path):
    xarray = pytest.importorskip("xarray")
    cells = grid(x=[0.5, 1.5, 2.5], word=["a", "b"], pair=[(1, 2)])
    result = sweep(draw, cells, rng=6, out=tmp_path / "sweep")
    dataset = result.to_xarray()
    assert dict(dataset.sizes) == {"x": 3, "word": 2, "pair": 1, "end_0": 3}
    for i, cell in enumerate(cells):
        at = dataset.sel(x=cell["x"], word=cell["word"], pair="(1, 2)")
        assert np.array_equal(at["end"], result.values["end"][i])
        assert int(at["count"]) == result.values["count"][i]
    assert dataset.attrs["seed"] == "6" and dataset.attrs["function"].endswith("draw")
    with warnings.catch_warnings():  # netCDF4 was built against other NumPy headers
        warnings.filterwarnings("ignore", "numpy.ndarray size changed", RuntimeWarning)
        result.to_netcdf(tmp_path / "sweep.nc")
    with xarray.open_dataset(tmp_path / "sweep.nc") as stored:
        assert stored.load().identical(dataset)
    assert not list(tmp_path.glob("*.tmp"))


def test_to_xarray_of_a_list_of_cells(tmp_path):
    pytest.importorskip("xarray")
    result = sweep(draw, [{"x": 1.0, "k": 2**80}, {"x": 2, "k": 1, "more": True}])
    dataset = result.to_xarray()
    assert dataset["end"].dims == ("cell", "end_0") and set(dataset.coords) == {"x", "k"}
    assert dataset["x"].values.tolist() == [1.0, 2.0]
    assert dataset["k"].values.tolist() == [str(2**80), "1"]
    with pytest.raises(ValueError, match=r"\['x'\]"):
        sweep(lambda cell, rng: {"x": 1}, grid(x=[1])).to_xarray()
    with pytest.raises(ValueError, match="real and the imaginary"):
        sweep(lambda cell, rng: {"v": 1j}, grid(x=[1])).to_netcdf(tmp_path / "z.nc")


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


def test_mpi_is_opened_as_its_library_says(monkeypatch):
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


def test_workers_take_one_thread_for_products(monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    with open_executor(jobs=2) as executor:
        inside = sweep(threads_seen, grid(k=[1, 2]), executor=executor).values["threads"]
    assert inside.tolist() == [1, 1] and "OPENBLAS_NUM_THREADS" not in os.environ
