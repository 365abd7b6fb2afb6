"""More cells in the folder of fewer: the same bytes, whatever stops it and however cells group."""

import json

import numpy as np
import pytest

from numerics.sweeps import extension, run, sweep


def walk(cell, rng):
    return {"end": rng.standard_normal(3) + cell["k"]}


def cells(count):
    return [{"k": k} for k in range(count)]


def chunks(folder):
    return {path.name: path.read_bytes() for path in folder.glob("chunk-*.npz")}


CALLS = []
"""Cells that were computed."""


def counted(cell, rng):
    CALLS.append(cell["k"])
    return walk(cell, rng)


@pytest.mark.every(4)
@pytest.mark.parametrize("most", [1024, 8, 5])
@pytest.mark.parametrize(("few", "many"), [(3, 4), (8, 9), (10, 40), (1, 30), (7, 13)])
def test_a_longer_sweep_goes_on(few, many, most, tmp_path, monkeypatch):
    """With as many cells a chunk as before, and with more."""
    monkeypatch.setattr(run, "_CHUNKS", most)
    sweep(counted, cells(few), out=tmp_path / "a")
    CALLS.clear()
    grown = sweep(counted, cells(many), out=tmp_path / "a")
    again = set(CALLS)
    fresh = sweep(counted, cells(many), out=tmp_path / "b")
    np.testing.assert_array_equal(grown.values["end"], fresh.values["end"])
    assert chunks(tmp_path / "a") == chunks(tmp_path / "b")
    assert tuple(grown.recomputed) == ()
    size = -(-many // most)
    assert again == set(range(few // size * size, many))


@pytest.mark.parametrize("most", [1024, 8])
def test_an_extension_that_is_stopped_goes_on(most, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_CHUNKS", most)
    stack = extension.np.stack
    fresh = sweep(walk, cells(20), out=tmp_path / "fresh")
    for stop in range(1, 4):
        folder = tmp_path / str(stop)
        sweep(walk, cells(16), out=folder)
        left = [stop]

        def stopped(arrays, left=left):
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            return stack(arrays)

        with monkeypatch.context() as patch:
            patch.setattr(extension.np, "stack", stopped)
            with pytest.raises(KeyboardInterrupt):
                sweep(walk, cells(20), out=folder)
        assert json.loads((folder / "manifest.json").read_text())["sweep"]["cells"]["count"] == 16
        grown = sweep(walk, cells(20), out=folder)
        size = -(-20 // most)
        assert grown.resumed == 16 // size * size
        np.testing.assert_array_equal(grown.values["end"], fresh.values["end"])
        assert chunks(folder) == chunks(tmp_path / "fresh")


def test_only_more_of_the_same_is_taken_over(tmp_path):
    sweep(walk, cells(4), out=tmp_path)
    before = chunks(tmp_path)
    for other, rng, said in (
        ([{"k": 1}, *cells(4)], 0, "number of cells is 4 there, 5 now"),
        (cells(3), 0, "number of cells is 4 there, 3 now"),
        (cells(5), 1, "seed entropy is 0 there, 1 now"),
        ([{"k": 1}, *cells(3)], 0, "other cells, as many"),
    ):
        with pytest.raises(ValueError, match=said):
            sweep(walk, other, rng=rng, out=tmp_path)
    assert chunks(tmp_path) == before
