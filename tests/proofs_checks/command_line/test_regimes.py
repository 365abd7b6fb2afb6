"""Figure 2 from the claims' own hypotheses, against the exact rules of the claim and by eye."""

import json
from dataclasses import replace

import numpy as np
import pytest

from proofs_checks import CLAIMS
from proofs_checks.command_line.entry import main
from proofs_checks.command_line.plot_regimes import plot_regimes
from proofs_checks.command_line.regimes import regime_map
from proofs_checks.paper.section_4.figure_2_map import RULES


@pytest.mark.parametrize("n", [2, 3, 8, 32])
def test_map_agrees_with_the_rules_of_figure_2(n):
    """Off the thresholds, and but for what is cited or certified for small n."""
    betas = np.geomspace(1e-3, 2.0 * n * n, 97)
    found = regime_map(n, dimensions=sorted({2, 3, n, n + 1}), betas=betas)
    for column, d in enumerate(found.dimensions):
        spans = {rule.source.split(",")[0]: rule.interval(n, d) for rule in RULES[:3] + RULES[4:]}
        for label, covered in zip(found.labels, found.covered[:, :, column], strict=True):
            span = spans.get(label)
            if label == "Theorem 4.3":  # the rule states the simpler β <= 1/n
                assert np.all(covered[betas <= 1 / n])
                assert not np.any(covered[betas > np.log(n / (n - 1)) * (1 + 1e-12)])
            elif label in spans:
                low, high = (np.inf, -np.inf) if span is None else map(float, span)
                assert np.array_equal(covered, (betas >= low) & (betas <= high)), (label, d)


PAPER = [claim for claim in CLAIMS if claim.label != "Saddles on the circle"]


def test_red_strip_is_where_the_paper_has_none():
    betas = np.array([0.0, 0.1, 0.5, 4.9, 5.0, 50.0])
    assert not regime_map(8, dimensions=[2, 3, 8], betas=betas).open.any()
    found = regime_map(8, dimensions=[2, 3, 8], betas=betas, claims=PAPER)
    assert found.open[:, 0].tolist() == [False, False, True, True, False, False]
    assert not found.open[:, 1:].any()
    assert not regime_map(3).open.any()
    text = found.text()
    assert "Theorem 5.1" in text and "no claim" in text and max(map(len, text.splitlines())) <= 80


def test_a_claim_without_its_theorem_leaves_a_hole():
    """Nothing in the map is written by hand: take Theorem 6.1 away and d = 3 opens."""
    rest = [claim for claim in CLAIMS if claim.label != "Theorem 6.1"]
    assert regime_map(8, dimensions=[3], betas=[2.0], claims=rest).open.all()
    moved = [replace(c, hypotheses=()) if c.label == "Theorem 6.1" else c for c in CLAIMS]
    assert "Theorem 6.1" not in regime_map(8, claims=moved).labels


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 1}, "two tokens"),
        ({"n": 2.5}, "two tokens"),
        ({"n": 4, "dimensions": [1]}, "d >= 2"),
        ({"n": 4, "betas": [-1.0]}, "β >= 0"),
        ({"n": 4, "betas": [np.nan]}, "β >= 0"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        regime_map(**arguments)


def test_picture():
    ax = plot_regimes(regime_map(8))
    legend = {text.get_text() for text in ax.get_legend().get_texts()}
    assert {"Theorem 6.1", "Theorem 5.1", "Theorem 6.3: exponential rate"} <= legend
    assert "Saddles on the circle" in legend and "no claim" not in legend
    marks = {
        mark.get_text(): at for mark, at in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)
    }
    assert np.isclose(marks[r"$\log\frac{n}{n-1}$"], np.log(8 / 7))  # where the claim ends
    ax.figure.canvas.draw()


@pytest.mark.slow
def test_command_line(tmp_path, capsys):
    assert main(["claims", "--map", "8", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "regimes_n8.png").stat().st_size > 1000
    assert "n = 8" in capsys.readouterr().out
    assert main(["claims", "--map", "4", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["n"] == 4 and {row["label"] for row in data["covered"]} >= {"Theorem 6.1"}
    assert main(["claims", "--map", "1"]) == 2


def test_the_table_has_formulas_and_no_grid_points():
    text = regime_map(8, dimensions=[2, 3], claims=PAPER).text()
    plane, _, space = text.partition("d = 3")
    for line in (
        "Theorem 5.1            β >= (d-1)(n-1)²/π²",
        "Theorem 4.3            β >= 0, β < log(n/(n-1))",
        "no claim               β >= log(n/(n-1)), β < (d-1)(n-1)²/π²",
    ):
        assert line in plane
    assert "4.9" not in text and "0.13" not in text
    assert "no claim" not in space
    assert "Saddles on the circle  β >= -13/50" in regime_map(8, dimensions=[2]).text()


@pytest.mark.parametrize("betas", [None, [0.5], [2.0, 1e6]])
def test_no_row_depends_on_the_grid(betas):
    """Theorem 5.1 is of every d: at d = 4 its threshold was above the grid, its row missing."""
    found = regime_map(8, dimensions=[2, 4, 9], betas=betas, claims=PAPER)
    blocks = found.text().split("  d = ")[1:]
    for d, block in zip((2, 4, 9), blocks, strict=True):
        assert "Theorem 5.1            β >= (d-1)(n-1)²/π²" in block
        assert "Theorem 4.1            β = 0" in block
        assert ("Theorem 6.1            β >= 0" in block) == (d >= 3)
        assert ("Theorem 6.3            β >= 0" in block) == (d >= 8)


def test_the_grid_reaches_every_threshold():
    found = regime_map(8)
    last = found.covered[found.labels.index("Theorem 5.1"), -1]
    assert last.all()
    assert found.betas[-1] > 8 * 7**2 / np.pi**2


@pytest.mark.parametrize(
    ("without", "betas", "gap"),
    [
        ({"Theorem 5.1"}, None, "β >= log(n/(n-1))"),
        ({"Theorem 4.3"}, None, "β > 0, β < (d-1)(n-1)²/π²"),
        ({"Theorem 4.1", "Theorem 4.3"}, None, "β < (d-1)(n-1)²/π²"),
        ({"Theorem 4.1", "Theorem 4.3", "Theorem 5.1"}, None, "any β"),
        ((), [1.0, 2.0], "β >= log(n/(n-1)), β < (d-1)(n-1)²/π²"),
    ],
)
def test_a_gap_is_said_in_formulas(without, betas, gap):
    some = [claim for claim in PAPER if claim.label not in without]
    text = regime_map(8, dimensions=[2], betas=betas, claims=some).text()
    assert text.splitlines()[-1] == f"    no claim               {gap}"
    assert "no claim" not in regime_map(4, dimensions=[2], claims=PAPER).text()
