"""The checker uses nothing of the search: only its own files, the format, stdlib and flint."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from proofs_checks.certificates import format as certificates

ROOM = Path(certificates.__file__).parent
FILES = sorted([ROOM / "format.py", *(ROOM / "checker").rglob("*.py")])
CHECKER, FORMAT = "proofs_checks.certificates.checker", "proofs_checks.certificates.format"


def imported(path: Path) -> Iterator[str]:
    """Names that a file imports, wherever in it, written out in full."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def strangers(path: Path) -> list[str]:
    """What a file of the checker must not import."""
    rooms = (FORMAT,) if path.name == "format.py" else (FORMAT, CHECKER)
    return [
        name
        for name in imported(path)
        if not any(name == room or name.startswith(f"{room}.") for room in rooms)
        and name.split(".")[0] not in {*sys.stdlib_module_names, "flint"}
    ]


def test_all_files_of_the_checker_are_read() -> None:
    names = {path.name for path in FILES}
    assert {"format.py", "verify.py", "scalars.py", "landscape.py", "trajectory.py"} <= names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_checker_uses_nothing_of_the_search(path: Path) -> None:
    assert strangers(path) == []


@pytest.mark.parametrize(
    "text",
    [
        "from proofs_checks.certificates.search import scalars",
        "from proofs_checks.certificates import certify_run",
        "def f():\n    import numpy",
        "import theory.symbols",
    ],
)
def test_the_walk_sees_a_forbidden_import(text: str, tmp_path: Path) -> None:
    broken = tmp_path / "made_up.py"
    broken.write_text(text, encoding="utf-8")
    assert len(strangers(broken)) == 1
