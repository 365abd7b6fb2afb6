"""The tutorial notebooks: committed without outputs, and every cell runs and shows what it ends in.

A cell runs as a notebook runs it: statements, then the value of a last expression, which is shown
by its `_repr_html_`, `_repr_latex_`, `_repr_png_` or `repr`.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from matplotlib.figure import Figure

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def cells(path: Path) -> list[str]:
    return ["".join(c["source"]) for c in read(path)["cells"] if c["cell_type"] == "code"]


def test_there_are_three() -> None:
    assert len(NOTEBOOKS) >= 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_whole_and_without_outputs(path: Path) -> None:
    book = read(path)
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert book["cells"][0]["cell_type"] == "markdown"
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    for cell in book["cells"]:
        assert set(cell) - {"outputs", "execution_count"} == {
            *("cell_type", "id", "metadata", "source")
        }
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None
            ast.parse("".join(cell["source"]))  # no magics
    assert any("import attnflow as af" in code for code in cells(path))


def shown(value: Any) -> str:
    """Show a value as a notebook would; which of its forms was shown."""
    if isinstance(value, Figure):
        value.canvas.draw()
        assert value.axes and all(axes.has_data() for axes in value.axes if axes.get_label() == "")
        return "figure"
    for form in ("_repr_html_", "_repr_latex_"):
        method = getattr(value, form, None)
        if method is not None:
            assert method().strip()
            return form
    assert len(repr(value).splitlines()) <= 20
    return "repr"


def run(path: Path) -> list[str]:
    """Run the cells of a notebook one after another; the forms that were shown."""
    names: dict[str, Any] = {"__name__": "__main__"}
    forms = []
    for k, code in enumerate(cells(path)):
        tree = ast.parse(code)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"{path.name} [{k}]", "exec"), names)
        if isinstance(last, ast.Expr):
            expression = ast.Expression(last.value)
            value = eval(compile(expression, f"{path.name} [{k}]", "eval"), names)
            if value is not None:
                forms.append(shown(value))
    return forms


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs(path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    forms = run(path)
    assert "figure" in forms and "_repr_html_" in forms
    assert {path.name for path in tmp_path.iterdir()} <= {".hypothesis"}  # of the library


def test_a_cell_that_fails_is_a_failure(tmp_path: Path) -> None:
    book = read(NOTEBOOKS[0])
    broken = {"cell_type": "code", "source": ["x = 1\n", "assert x == 2"]}
    (tmp_path / "broken.ipynb").write_text(json.dumps(book | {"cells": [broken]}), encoding="utf-8")
    with pytest.raises(AssertionError):
        run(tmp_path / "broken.ipynb")
