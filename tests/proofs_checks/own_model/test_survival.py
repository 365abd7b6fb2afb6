"""Which theorems survive: a table by hand, of every model in use, against ``check_model``.

``survival.toml`` holds the table. ``not_decided_yet.txt`` holds the cells that the program doesn't
decide: it may only shrink, as a cell that is decided and listed fails, and so does one that isn't
decided and isn't listed. A verdict against the table always fails.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from sympy import Matrix

from proofs_checks import Verdict, check_model
from proofs_checks.own_model.check import rows
from theory.atoms import RowSoftmax, Tangent
from theory.masks import GRAPH, Mask
from theory.models import Model, catalogue
from theory.symbols import X, beta, m, n

PLACE = Path(__file__).parent
TABLE: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(
    (PLACE / "survival.toml").read_text(encoding="utf-8")
)
LISTED = (PLACE / "not_decided_yet.txt").read_text(encoding="utf-8").splitlines()
NOT_YET = {(model, row) for model, _, row in (line.partition(": ") for line in LISTED)}
MOST = 0
"""Cells that weren't decided at the last count; 258 were when the table became a test."""

HOLDS, FAILS = {Verdict.PROVED, Verdict.CERTIFIED}, {Verdict.REFUTED}
MEANT = {
    "proved": HOLDS,
    "in_a_range": HOLDS,
    "refuted": FAILS,
    "open": {Verdict.OPEN},
    "either": HOLDS | FAILS,
}
SILENT = {None, Verdict.UNDECIDED, Verdict.SUPPORTED}
"""No verdict, or one that says less than the table."""
GRAPHS = {
    "ring 5": ["11001", "11100", "01110", "00111", "10011"],
    "directed triangle": ["110", "011", "101"],
    "two pairs": ["1100", "1100", "0011", "0011"],
    "path 5": ["11000", "11100", "01110", "00111", "00011"],
    "star 4": ["1111", "1100", "1010", "1001"],
}


def model_of(name: str) -> Model:
    """The model of a name: of the catalogue, put together, or softmax attention on a graph."""
    if name not in GRAPHS:
        model = catalogue(name)
        assert isinstance(model, Model)
        return model
    table = Matrix([list(map(int, row)) for row in GRAPHS[name]])
    mask = Mask(GRAPH, Mask.graph(table).parameter, n)
    return Model(name, Tangent(X, RowSoftmax(beta * X * X.T, m, mask=mask) * X), parameters=(beta,))


@lru_cache(maxsize=1)
def found_of(name: str) -> dict[str, Any]:
    """Verdicts of the rows that the table has for a model."""
    asked = [row for listed in TABLE[name].values() for row in listed]
    return {row.name: row.evidence for row in check_model(model_of(name), only=asked).rows}


def test_the_table_names_rows_and_what_is_listed_is_of_it() -> None:
    known = {name for name, _, _ in rows()}
    cells = {
        (model, row)
        for model, kinds in TABLE.items()
        for listed in kinds.values()
        for row in listed
    }
    assert {row for _, row in cells} <= known
    assert len(cells) == 376
    assert len(NOT_YET) == len(LISTED) <= MOST
    assert cells >= NOT_YET
    assert all(kind in MEANT for kinds in TABLE.values() for kind in kinds)


@pytest.mark.full
@pytest.mark.parametrize("name", TABLE)
def test_survives(name: str) -> None:
    found = found_of(name)
    wrong, late = [], []
    for kind, listed in TABLE[name].items():
        for row in listed:
            evidence = found[row]
            said = f"{name}: {row}"
            if evidence.verdict in MEANT[kind]:
                late += [said] if (name, row) in NOT_YET else []
            elif evidence.verdict not in SILENT or (name, row) not in NOT_YET:
                wrong.append(f"{said}: {kind} by hand, {evidence.word} here: {evidence.detail}")
    assert not wrong, "\n".join(wrong)
    assert not late, "Decided: take these lines from not_decided_yet.txt:\n" + "\n".join(late)
