"""The checker uses nothing of the search."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from proofs_checks.certificates import format as certificates

pytestmark = pytest.mark.extras

ROOM = Path(certificates.__file__).parent


def test_the_checkers_share_no_code_with_the_searches() -> None:
    allowed = {"proofs_checks.certificates.format"}
    for name in ("checker_landscape", "certificates"):
        for node in ast.walk(ast.parse((ROOM / f"{name}.py").read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            ours = {x for x in names if x.split(".")[0] in ("proofs_checks", "numerics", "theory")}
            assert ours <= allowed, (name, ours)
