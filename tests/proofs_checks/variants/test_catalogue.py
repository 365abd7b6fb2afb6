"""The catalogue's table: no crash, no empty cell, witnesses evaluated again, controls that differ.

What is due is found without the derivations: where a number shows no obstruction at generic points,
the equation has to be derived.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from numerics.sphere import project
from proofs_checks import check_model
from proofs_checks.sample import sample_of
from proofs_checks.variants import (
    changed,
    control_of,
    entry_of,
    markdown,
    obstruction,
    part_of,
    plain,
)
from theory import catalogue

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
SAMPLE = ("USA", "pre-LN", "causal", "RoPE", "sink", "cross-attention", "pre-LN layer")


@pytest.fixture(scope="module")
def entries():
    kept = {}

    def entry(name):
        if name not in kept:
            kept[name] = entry_of(name, judged=False)
        return kept[name]

    return entry


def check_cells(entry):
    for column, text in entry.cells().items():
        assert text or column == "check_model", (entry.name, column)
        assert text != "open", (entry.name, column, entry.parts[column].note)


def check_witnesses(entry):
    for name, part in entry.parts.items():
        if part.derived:
            assert part.text and part.latex and part.witness is None, (entry.name, name)
            continue
        number = float(part.witness.number)
        assert abs(number) > 1e-7, (entry.name, name)
        assert float(part.witness.again()) == pytest.approx(number, rel=1e-6), (entry.name, name)
        data = plain(part.witness)
        assert data["number"] == number and np.shape(data["values"]["X"])[0] >= 2


def check_due(entry):
    """An equation is derived wherever a number at generic points shows nothing in its way.

    With a second species it may close together with the products of X and Y, which the number
    doesn't move along.
    """
    for name in ("gram", "equiangular", "spectrum"):
        seen = obstruction(name, entry.model)
        part = entry.parts[name]
        if seen is None:  # at the sample's graph; others may show something
            shown = part.witness is not None and part.witness.again() != 0
            assert part.derived or shown, (entry.name, name, part.note)
        elif name == "equiangular" and part.derived:
            assert "gamma_X" in part.text, (entry.name, str(seen))
        elif name == "gram" and part.derived:
            assert "G_X" in part.text, (entry.name, str(seen))
    if entry.model.energy is not None and entry.model.kind == "flow":
        assert entry.parts["dissipation"].derived, entry.name


def check_control(entry):
    word, model = control_of(entry.name)
    other = entry_of(entry.name, model, judged=False)
    assert changed(entry, other), (entry.name, word)
    assert changed(entry, entry_of(entry.name, judged=False)) == ()


@pytest.mark.every(7)
@pytest.mark.parametrize("name", SAMPLE)
def test_a_row(name, entries):
    for check in (check_cells, check_witnesses, check_due, check_control):
        check(entries(name))


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in catalogue() if name not in SAMPLE])
def test_every_row(name, entries):
    for check in (check_cells, check_witnesses, check_due, check_control):
        check(entries(name))


@pytest.mark.full
@pytest.mark.parametrize("name", [*catalogue(), "RoPE + sink", "causal + pre-LN", "graph + ReLU"])
def test_every_name_is_judged(name):
    report = check_model(catalogue(name))
    assert len(report.rows) > 60 and len(str(report)) > 1000
    assert max(map(len, str(report).splitlines())) <= 80


@pytest.mark.slow
@pytest.mark.parametrize("name", ["L2", "pre-LN", "cross-attention", "moving masses"])
def test_a_name_is_judged(name):
    counts = Counter(row.evidence.word for row in check_model(catalogue(name)).rows)
    if name == "L2":
        wanted = Counter(row.evidence.word for row in check_model(catalogue("SA")).rows)
        assert counts == wanted, "SA at 2β"
    assert counts["PROVED"] >= 1 or name == "cross-attention"


def test_known_answers():
    assert part_of(catalogue("pre-LN"), "spectrum").text.startswith(
        "0  (multiplicity d - 1),  -1/r  (multiplicity (d - 1)*(n - 1))"
    )
    assert "1 - gamma ~ exp(4 - 4*sqrt(t + 1))" in part_of(catalogue("CoD"), "equiangular").text
    assert "(1 - place)/place" in part_of(catalogue("causal"), "spectrum").text


@pytest.mark.slow
def test_keys_are_climbed_and_moving_masses_add_a_term():
    sample = sample_of(catalogue("cross-attention"))
    speed, step = sample.velocity()["X"], 1e-6
    ends = [
        sample.field.energy({**sample.state, "X": project(sample.state["X"] + s * step * speed)})
        for s in (1, -1)
    ]
    rate = float(ends[0] - ends[1]) / (2 * step)
    assert rate == pytest.approx(float(np.sum(speed**2)) / len(speed), rel=1e-7)
    assert part_of(sample.model, "dissipation").text == "dE/dt = sum_i m_i |x_i'|^2"
    assert "Φ̄" in part_of(catalogue("moving masses"), "dissipation").text


def test_the_page_has_every_name_and_no_empty_cell():
    table = [line for line in PAGE.splitlines() if line.startswith("| [")]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]
    assert [row[0].partition("]")[0].strip("[ ") for row in rows] == list(catalogue())
    assert all(len(row) == 8 and all(row) and "open" not in row for row in rows)
    assert all(f"\n## {name}\n" in PAGE for name in catalogue())


@pytest.mark.slow
def test_the_page_is_what_the_code_says(entries):
    for name in ("causal", "pre-LN"):
        text = markdown([entries(name)])
        section = text[text.index(f"## {name}") :]
        assert section in PAGE, f"run python docs/update.py --catalogue: {name}"
