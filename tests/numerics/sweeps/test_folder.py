"""Folders of sweeps: resumed, damaged, and those of another sweep refused."""

from __future__ import annotations

import functools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import attnflow
from numerics import compile_model, integrate, sphere
from numerics.sweeps import code as sweep_code
from numerics.sweeps.folder import SweepError
from numerics.sweeps.grids import grid
from numerics.sweeps.run import sweep
from theory import SA, USA

pytestmark = pytest.mark.extras


def draw(cell, rng, scale=1.0):
    return {"end": scale * cell["x"] * rng.standard_normal(3), "count": rng.integers(1000)}


def flow(cell, rng, model, t_end=3.0):
    """A real evaluation: integrate random tokens of a model."""
    field = compile_model(model, beta=cell["beta"])
    start = sphere.random_points(cell["n"], 3, rng=rng)
    trajectory = integrate(field, start, t_end, t_eval=[0.0, 1.0, t_end], rtol=1e-9)
    gram = sphere.gram(trajectory.points[-1])
    return {"energy": trajectory.energy, "least": gram.min(), "steps": trajectory.times.size}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("chunk-*")}


# -------------------------------------------------------------------------------------- resuming


def test_resume_computes_only_what_is_missing(tmp_path, same):
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


@pytest.mark.slow
@pytest.mark.every(4)
@pytest.mark.parametrize(
    ("kind", "repeats"), [("flipped", 60), ("pickle", 1), *((k, 5) for k in KINDS)]
)
def test_a_damaged_chunk_is_found_and_made_again(kind, repeats, tmp_path, same):
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


def test_no_values_stay_in_memory_and_empty_arrays_are_kept(tmp_path, same):
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
    assert manifest["code"]["attnflow"] == attnflow.__version__
    assert manifest["sweep"]["function"]["function"].endswith("sweeps.test_folder.draw")
    assert manifest["code"]["versions"]["numpy"] == np.__version__


def scaled(factor):
    def inner(cell, rng):
        return {"v": factor * cell["x"]}

    return inner


# ------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("function", "cells", "rng", "said"),
    [
        (functools.partial(draw, scale=2.0), grid(x=[1.0, 2.0]), 0, r"scale is 1\.0 there, 2\.0"),
        (draw, grid(x=[1.0, 2.0]), 0, "function is another one there"),
        (functools.partial(draw, scale=1.0), grid(x=[1.0, 2.5]), 0, r"axes\.x\[1\] is 2\.0 there"),
        (functools.partial(draw, scale=1.0), grid(x=[1, 2]), 0, r"axes\.x\[0\] is 1\.0 there, 1 "),
        (functools.partial(draw, scale=1.0), grid(x=[1.0]), 0, "cells is 2 there, 1 now"),
        (functools.partial(draw, scale=1.0), [{"x": 1.0}, {"x": 3.0}], 0, r"axes is .* null now"),
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
    with pytest.raises(ValueError, match="model is SA there, USA now"):
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
        said = "scale has other values there" if folder == "array" else "factor is 1.0 there"
        with pytest.raises(ValueError, match=said) as caught:
            sweep(make(2.0), grid(x=[1.0]), out=tmp_path / folder)
        assert "sha256" not in str(caught.value)


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


ENTERED, GO_ON = threading.Event(), threading.Event()


def slow(cell, rng):
    ENTERED.set()
    assert GO_ON.wait(20)
    return {"v": cell["x"]}


# ---------------------------------------------------------------------------------- failing cells


def test_two_sweeps_of_one_process_on_one_folder(tmp_path):
    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(sweep, slow, grid(x=[1.0]), out=tmp_path)
        assert ENTERED.wait(20)
        with pytest.raises(SweepError, match="another thread of this process"):
            sweep(draw, grid(x=[1.0]), out=tmp_path)
        GO_ON.set()
        assert future.result(20).values["v"] == [1.0]
    assert sweep(slow, grid(x=[1.0]), out=tmp_path).resumed == 1
