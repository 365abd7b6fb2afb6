"""The front door: names of the three rooms, late, and only where the rooms are ours."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import attnflow as af
import numerics
import proofs_checks
import theory
from attnflow import rooms
from attnflow.rooms import MODULES, ROOMS, public_names

ROOT = Path(af.__file__).parents[1]


def run(code, folder, *path):
    """Run code in a process of its own, with folders on the path before the checkout."""
    known = os.pathsep.join(str(each) for each in (*path, ROOT))
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": known, "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_public_name_is_there_and_in_one_room():
    lists = [room.__all__ for room in (theory, numerics, proofs_checks)]
    names = [name for room in lists for name in room]
    assert len(names) == len(set(names))
    assert af.__all__ == sorted({*names, *MODULES})
    assert set(dir(af)) == {*names, *MODULES, "__version__"}, "no os, no sys, no helper of ours"


@pytest.mark.parametrize("room", ROOMS)
def test_names_are_the_rooms_own(room):
    module = sys.modules[room]
    for name, home in public_names().items():
        if home == room and name != "CLAIMS":  # those import every statement
            assert getattr(af, name) is getattr(module, name)


@pytest.mark.parametrize("name", MODULES)
def test_modules(name):
    assert getattr(af, name) is sys.modules[f"{MODULES[name]}.{name}"]


def test_each_module_of_the_door_can_be_imported_from():
    named = [name for name in af.__all__ if isinstance(getattr(af, name), ModuleType)]
    assert set(MODULES) == set(named)
    for name in named:
        assert importlib.import_module(f"attnflow.{name}") is getattr(af, name)
    from attnflow.symbols import z

    assert z is af.symbols.z


def test_an_unknown_name_has_its_nearest():
    with pytest.raises(AttributeError, match="no attribute 'integrat'; nearest: integrate"):
        af.integrat  # noqa: B018


def test_the_import_is_light(tmp_path):
    found = run(
        "import sys, attnflow; print(*sorted({name.split('.')[0] for name in sys.modules}))",
        tmp_path,
    )
    assert found.returncode == 0, found.stderr
    loaded = set(found.stdout.split())
    assert "attnflow" in loaded
    assert not loaded & {"matplotlib", "scipy", "numpy", "sympy", "hypothesis", *ROOMS}


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["simulate", "--help"]])
def test_help_and_version_import_nothing_heavy(words, tmp_path):
    code = (
        "import sys; from attnflow.__main__ import main\n"
        f"status = main({words!r})\n"
        "print(status, *sorted({name.split('.')[0] for name in sys.modules}))"
    )
    found = run(code, tmp_path)
    status, *loaded = found.stdout.splitlines()[-1].split()
    assert status == "0"
    assert not set(loaded) & {"matplotlib", "scipy", "numpy", "sympy", "hypothesis", "theory"}
    assert "proofs_checks" in loaded


def test_the_module_is_the_command():
    found = subprocess.run(
        [sys.executable, "-m", "attnflow", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0
    assert found.stdout.startswith("attnflow ")


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_shadows_a_room_is_named(room, kind, tmp_path):
    path = tmp_path / (f"{room}.py" if kind == "file" else f"{room}/__init__.py")
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine = 1\n", encoding="utf-8")
    found = run("import attnflow", tmp_path, tmp_path)
    assert found.returncode == 1
    last = found.stderr.splitlines()[-1]
    assert last.startswith(f"ImportError: Expected the package {room} of attnflow at ")
    assert f"but got {path}, which shadows it; rename that file or folder" in last


def test_what_was_imported_before_is_named_too(tmp_path):
    (tmp_path / "theory.py").write_text("", encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import theory; sys.path.pop(0)\n"
    found = run(code + "import attnflow", tmp_path)
    assert str(tmp_path / "theory.py") in found.stderr.splitlines()[-1]


@pytest.mark.slow
def test_an_empty_folder_of_that_name_does_no_harm(tmp_path):
    (tmp_path / "numerics").mkdir()
    found = run("import attnflow; print(attnflow.sphere.__name__)", tmp_path, tmp_path)
    assert found.stdout.strip() == "numerics.sphere"


def test_a_loader_without_source_will_do(monkeypatch):
    """So is pytest's, of a package whose wheel brings a plugin."""
    expected = rooms.public_names()
    own_spec = rooms.own_spec

    def found(room, home):
        spec = own_spec(room, home)
        spec.loader = object()
        return spec

    monkeypatch.setattr(rooms, "own_spec", found)
    assert rooms.public_names() == expected
