"""What a sweep's folder remembers: the code as well as the arguments, and only files for files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics import phase_diagram, sources
from numerics.sources import file_digests
from numerics.sweeps import code, grid, sweep
from numerics.sweeps.code import changes, code_of

CELLS = grid(x=[1.0, 2.0, 3.0])


def draw(cell: Any, rng: np.random.Generator) -> dict[str, Any]:
    return {"v": cell["x"] + rng.standard_normal(3)}


def manifest_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def rewritten(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    whole = manifest_of(folder)
    change(whole)
    (folder / "manifest.json").write_text(json.dumps(whole), encoding="utf-8")


def chunks(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("chunk-*.npz")}


# ------------------------------------------------------------------------------------- the code


def test_the_files_of_theory_and_numerics_but_for_pictures() -> None:
    names = set(file_digests())
    assert {"theory/models/model.py", "numerics/sphere.py", "numerics/sweeps/run.py"} <= names
    assert not any(name.startswith(("numerics/plot", "proofs_checks", "tests")) for name in names)
    root = Path(code.__file__).parent.parent.parent
    for package in ("theory", "numerics"):
        expected = {path.relative_to(root).as_posix() for path in (root / package).rglob("*.py")}
        assert {name for name in expected if "plot/" not in name} <= names


def test_the_ends_of_lines_are_no_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = []
    for k, end in enumerate((b"\n", b"\r\n")):
        package = tmp_path / str(k) / "theory"
        package.mkdir(parents=True)
        (package / "__init__.py").write_bytes(b"a = 1" + end)
        monkeypatch.setattr(sources.theory, "__file__", str(package / "__init__.py"))
        file_digests.cache_clear()
        digests.append(file_digests()["theory/__init__.py"])
    file_digests.cache_clear()
    assert digests[0] == digests[1]


CHANGES = [
    (lambda c: c["files"].update({"numerics/sphere.py": "0"}), r"numerics/sphere\.py is edited"),
    (lambda c: c["files"].update({"theory/gone.py": "0"}), r"theory/gone\.py is gone"),
    (lambda c: c["files"].pop("theory/atoms.py"), r"theory/atoms\.py is new"),
    (lambda c: c["versions"].update(numpy="1.0"), r'numpy is "1\.0" there, "\d'),
    (lambda c: c["versions"].update(scipy="1.0"), r'scipy is "1\.0" there, "\d'),
    (lambda c: c["versions"].update(numba="0.1"), r'numba is "0\.1" there'),
    (lambda c: c.update(attnflow="0.0"), r'attnflow is "0\.0" there'),
    (lambda c: c.update(function="0"), r"the function is an edited one"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_a_change_is_refused_by_name_or_accepted_and_recorded(
    change: Callable[[dict[str, Any]], object], said: str, tmp_path: Path
) -> None:
    whole = sweep(draw, CELLS, out=tmp_path)
    (tmp_path / "chunk-0001.npz").unlink()
    rewritten(tmp_path, lambda manifest: change(manifest["code"]))
    before, old = chunks(tmp_path), manifest_of(tmp_path)["code"]
    with pytest.raises(ValueError, match=rf"^Expected the code .* but got another: {said}.*accept"):
        sweep(draw, CELLS, out=tmp_path)
    assert chunks(tmp_path) == before and manifest_of(tmp_path)["code"] == old
    again = sweep(draw, CELLS, out=tmp_path, accept_changes=True)
    assert again.resumed == 2 and again.values["v"].tobytes() == whole.values["v"].tobytes()
    manifest = manifest_of(tmp_path)
    (record,) = manifest["changes"]
    assert record["from"] == old and record["kept"] == ["chunk-0000.npz", "chunk-0002.npz"]
    assert len(record["differences"]) == 1
    assert manifest["code"] == json.loads(json.dumps(code_of(draw)))
    assert sweep(draw, CELLS, out=tmp_path).resumed == 3  # accepted once is enough
    assert len(manifest_of(tmp_path)["changes"]) == 1


def test_accepting_changes_nothing_of_another_sweep(tmp_path: Path) -> None:
    sweep(draw, CELLS, out=tmp_path)
    for arguments in ({"cells": grid(x=[1.0])}, {"rng": 1}):
        with pytest.raises(ValueError, match="but got another one"):
            sweep(draw, **{"cells": CELLS, "out": tmp_path, "accept_changes": True, **arguments})
    assert manifest_of(tmp_path)["changes"] == []


def test_many_changes_are_counted(tmp_path: Path) -> None:
    sweep(draw, CELLS, out=tmp_path)
    rewritten(tmp_path, lambda manifest: manifest["code"]["files"].clear())
    with pytest.raises(ValueError, match=r"numerics/__init__\.py is new; .*; and \d\d+ more\. "):
        sweep(draw, CELLS, out=tmp_path)


def test_a_function_without_a_source_is_not_compared() -> None:
    one, other = dict(code_of(draw)), dict(code_of(draw)) | {"function": None}
    assert list(changes(one, other)) == list(changes(other, one)) == []


def test_a_folder_from_before_says_what_to_do(tmp_path: Path) -> None:
    sweep(draw, CELLS, out=tmp_path)

    def older(manifest: dict[str, Any]) -> None:
        """As written when the modules were numerics.sweep and numerics.phase."""
        manifest["sweep"].update(schema=1, attnflow="0.1.0")
        manifest["sweep"]["function"]["function"] = "numerics.phase._run"
        manifest["source"] = manifest.pop("code")["function"]
        del manifest["changes"]

    rewritten(tmp_path, older)
    before = chunks(tmp_path)
    for accept in (False, True):
        with pytest.raises(ValueError, match=r"^Expected .* but got .*schema=1 .*Choose another f"):
            sweep(draw, CELLS, out=tmp_path, accept_changes=accept)
    assert chunks(tmp_path) == before


@pytest.mark.parametrize(
    "text", ["[]", "3", '{"sweep": {"schema": 2}}', '{"sweep": 3}', "[" * 9999]
)
def test_a_manifest_of_something_else_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="which can't be read; choose another folder"):
        sweep(draw, CELLS, out=tmp_path)


def test_a_diagram_takes_accepted_changes(tmp_path: Path) -> None:
    arguments = {"n": 3, "betas": [1.0], "times": [0.0], "runs": 2, "out": tmp_path}
    first = phase_diagram(**arguments, backend="numpy")
    rewritten(tmp_path, lambda manifest: manifest["code"].update(attnflow="0.0"))
    with pytest.raises(ValueError, match="accept_changes=True"):
        phase_diagram(**arguments, backend="numpy")
    again = phase_diagram(**arguments, backend="numpy", accept_changes=True)
    assert np.array_equal(first.counts, again.counts)


# ----------------------------------------------------------------------------- what isn't a file


@pytest.mark.parametrize(
    "name", ["manifest.json", "lock", "chunk-0001.npz", "chunk-0001.npz.tmp", "manifest.json.tmp"]
)
@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_something_else_in_the_place_of_a_file(name: str, kind: str, tmp_path: Path) -> None:
    whole = sweep(draw, CELLS, out=tmp_path)
    (tmp_path / name).unlink(missing_ok=True)
    if kind == "folder":
        (tmp_path / name).mkdir()
    elif hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / name)  # opening it would wait forever
    else:
        pytest.skip("no named pipes here")
    with pytest.raises(ValueError, match=rf"^Expected a file but got .*{name}, .*remove it"):
        sweep(draw, CELLS, out=tmp_path)
    (tmp_path / name).rmdir() if kind == "folder" else (tmp_path / name).unlink()
    if name != "manifest.json":
        again = sweep(draw, CELLS, out=tmp_path)
        assert again.values["v"].tobytes() == whole.values["v"].tobytes()


def test_a_chunk_that_becomes_a_folder_is_damaged(tmp_path: Path) -> None:
    result = sweep(draw, CELLS, out=tmp_path)
    (tmp_path / "chunk-0001.npz").unlink()
    (tmp_path / "chunk-0001.npz").mkdir()
    with pytest.raises(ValueError, match="Expected an intact chunk"):
        result.values["v"]


def test_a_name_that_can_be_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for out in (tmp_path / "file", tmp_path / "file" / "deeper", tmp_path / "link"):
        with pytest.raises(ValueError, match=r"^Expected .*folder but got out=|^Expected the name"):
            sweep(draw, CELLS, out=out)
    with pytest.raises(ValueError, match=r"^Expected to make the folder .*but got: "):
        sweep(draw, CELLS, out=str(tmp_path) + "/a\0b")
    with pytest.raises(OSError, match=r"Expected to make the folder .*but got: "):
        sweep(draw, CELLS, out=tmp_path / ("long" * 200))
