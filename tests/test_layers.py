"""Imports go one way, read off the syntax trees.

theory <- numerics <- proofs_checks <- attnflow <- tests
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("theory", "numerics", "proofs_checks", "attnflow", "tests")
DECLARED = {
    "numpy", "scipy", "sympy", "networkx", "hypothesis", "matplotlib", "pytest", "mpmath", "flint",
    "jinja2",
    "mpl_toolkits", "PIL",  # come with matplotlib
}  # fmt: skip
# Imported by name when the extra is asked for, never by an import statement elsewhere.
FOR_AN_EXTRA = {
    "numerics/machine_code.py": "numba llvmlite",
    "numerics/compiled_pulls.py": "numba",
    "numerics/stepping/pull_kernels.py": "numba",
    "numerics/fused/compiled.py": "numba",
    "numerics/fused/compiled_intervals.py": "numba",
    "numerics/ensembles/compiled.py": "numba",
    "numerics/coarsening/all_pairs.py": "numba",
    "numerics/coarsening/compiled.py": "numba",
    "numerics/coarsening/exponents.py": "numba",
    "numerics/coarsening/lists.py": "numba",
    "numerics/coarsening/march.py": "numba",
    "numerics/coarsening/split.py": "numba",
    "numerics/coarsening/neighbour_lists.py": "numba",
    "numerics/stepping/columns.py": "numba",
    "numerics/stepping/compiled.py": "numba",
    "numerics/stepping/kernels.py": "numba",
    "numerics/stepping/merging.py": "numba",
    "numerics/stepping/signature.py": "numba",
    # The site's own modules, and the group docs, without which these tests are skipped.
    "tests/test_docs.py": "numpydoc reference_pages gallery claims_pages links benchmarks",
}
EXTRAS = {"numba", "finufft", "ot", "ducc0", "xarray", "dask", "distributed", "mpi4py", "tqdm"}
EXTRAS |= {"llvmlite"}  # comes with numba
EXTRAS |= {"array_api_compat", "array_api_strict", "shtab"}
EXTRAS |= {"torch", "jax"}  # arrays of these may be passed in
EXTRAS |= {"safetensors", "tokenizers"}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> tuple[tuple[str, bool], ...]:
    """Return (top-level package, whether the import runs when the file is imported)."""
    found: list[tuple[str, bool]] = []
    waiting: list[tuple[ast.AST, bool]] = [(tree(path), True)]
    while waiting:
        node, top = waiting.pop()
        if isinstance(node, ast.Import):
            found += [(alias.name.split(".")[0], top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import, line {node.lineno}"
            found.append(((node.module or "").split(".")[0], top))
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("import_module", "__import__") and node.args:
                target = node.args[0]
                if isinstance(target, ast.Constant):
                    found.append((str(target.value).split(".")[0], False))
        inner = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Try)
        waiting += [(child, top and not inner) for child in ast.iter_child_nodes(node)]
    return tuple(found)


def violations(room: str, path: Path, root: Path = ROOT) -> list[str]:
    """Say which imports of a file the architecture does not allow."""
    where = path.relative_to(root).as_posix()
    allowed_rooms = set(ROOMS[: ROOMS.index(room) + 1])
    found = []
    for name, top in imports(path):
        if name in ROOMS:
            legal = name in allowed_rooms
        elif name in sys.stdlib_module_names or name == "__future__":
            legal = True
        elif room == "theory":
            legal = name == "sympy"
        else:
            legal = name in DECLARED or (name in EXTRAS and not top)
            legal = legal or name in FOR_AN_EXTRA.get(where, "").split()
            if room == "tests":
                legal = legal or name in EXTRAS
        if not legal:
            found.append(f"{where} imports {name}")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_one_way(room: str) -> None:
    files = sources(room)
    assert files, f"no Python files in {room}"
    assert [line for path in files for line in violations(room, path)] == []


@pytest.mark.parametrize(
    ("room", "name", "text"),
    [
        ("theory", "numpy", "import numpy"),
        ("theory", "numpy", "from numpy import array"),
        ("theory", "mpmath", "import mpmath"),
        ("theory", "scipy", "def f():\n    import scipy.linalg"),
        ("theory", "numerics", "from numerics import coarsen"),
        ("theory", "numpy", "import importlib\nimportlib.import_module('numpy')"),
        ("numerics", "proofs_checks", "import proofs_checks.claim"),
        ("numerics", "numba", "import numba"),
        ("numerics", "requests", "import requests"),
        ("proofs_checks", "tests", "import tests.helpers"),
        ("theory", "attnflow", "from attnflow import SA"),
        ("numerics", "attnflow", "import attnflow"),
        ("proofs_checks", "attnflow", "def f():\n    import attnflow as af"),
        ("attnflow", "tests", "import tests.helpers"),
    ],
)
def test_the_walk_sees_a_forbidden_import(room: str, name: str, text: str, tmp_path: Path) -> None:
    broken = tmp_path / room / "made_up.py"
    broken.parent.mkdir()
    broken.write_text(text, encoding="utf-8")
    assert violations(room, broken, tmp_path) == [f"{room}/made_up.py imports {name}"]


def test_theory_reads_and_writes_nothing() -> None:
    forbidden = {"open", "print", "input", "eval", "exec", "compile"}
    modules = {"os", "subprocess", "socket", "pathlib", "pickle", "shutil", "tempfile", "io"}
    for path in sources("theory"):
        calls = {
            node.func.id
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not calls & forbidden, (path, calls & forbidden)
        assert not {name for name, _ in imports(path)} & modules, path


def test_extras_are_imported_late_outside_tests() -> None:
    for room in ROOMS[1:4]:
        for path in sources(room):
            early = {name for name, top in imports(path) if top} & EXTRAS
            early -= set(FOR_AN_EXTRA.get(path.relative_to(ROOT).as_posix(), "").split())
            assert not early, f"{path.relative_to(ROOT)} needs {early} to be imported"


def test_modules_for_an_extra_are_named_late() -> None:
    names = {path.removesuffix(".py").replace("/", ".") for path in FOR_AN_EXTRA}
    for name in FOR_AN_EXTRA:
        assert (ROOT / name).exists(), name
    for room in ROOMS[:4]:
        for path in sources(room):
            if path.relative_to(ROOT).as_posix() in FOR_AN_EXTRA:
                continue  # one such module may build on another
            for node in ast.walk(tree(path)):
                if isinstance(node, ast.ImportFrom):
                    module = node.module or ""
                    mentioned = {module} | {f"{module}.{alias.name}" for alias in node.names}
                    assert not mentioned & names, path
