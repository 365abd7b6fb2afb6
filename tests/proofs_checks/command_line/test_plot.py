"""Pictures again from their data, and what they say of themselves."""

import json
from functools import partial

import pytest

from numerics import codes, load, plot
from numerics.provenance import recorded
from proofs_checks.command_line.entry import main
from proofs_checks.command_line.pictures import as_typed

RUNS = {
    "coarsening.npz": "coarsen --n 6 --beta 20 --seed 2",
    "trajectory.npz": "simulate --n 5 --d 3 --t 1 --rows 3",
    "hardmax.npz": "hardmax --reading literal",
    "code.npz": "codes 4 3 --starts 2",
    "limits.npz": "limits --n 5 --t 4",
    "noise.npz": "noise --kappa 5.1",
    "density.npz": "mean-field --t-end 1 --modes 64",
    "hierarchy.npz": "hierarchy --n 2 --t 0.1 --rows 2 --copies 64 --cells 32",
    "phase_d2.npz": "phase --d 2 --n 4 --runs 2 --betas 1 4 2 --times 0 2 3",
}


SLOW = RUNS.keys() - {"code.npz", "hardmax.npz"}


@pytest.mark.every(7)
@pytest.mark.parametrize(
    "data", [pytest.param(d, marks=pytest.mark.slow if d in SLOW else ()) for d in RUNS]
)
def test_the_same_pictures_again(data, tmp_path, capsys):
    first, again = tmp_path / "first", tmp_path / "again"
    main([*RUNS[data].split(), "--out", str(first), "--format", "svg,png"])
    again.mkdir()
    (again / data).write_bytes((first / data).read_bytes())
    capsys.readouterr()
    assert main(["plot", str(again / data), "--format", "png,svg"]) == 0
    out = capsys.readouterr().out
    assert f"made by: attnflow {RUNS[data]}" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80
    drawn = sorted(path.name for path in again.glob("*.*") if path.suffix != ".npz")
    assert drawn == sorted(
        path.name
        for kind in ("*.png", "*.svg")
        for path in first.glob(kind)
        if recorded(path)["data"] == data
    )
    assert drawn
    for name in drawn:
        assert (first / name).read_bytes() == (again / name).read_bytes(), name


@pytest.mark.slow
def test_a_picture_names_its_command_and_is_drawn_again_alone(tmp_path, capsys):
    command = "coarsen --n 5 --beta 20 --seed 1 --style column --format pdf"
    assert main([*command.split(), "--out", str(tmp_path)]) == 0
    before = (tmp_path / "staircase.pdf").read_bytes()
    (tmp_path / "dendrogram.pdf").unlink()
    capsys.readouterr()
    assert main(["plot", str(tmp_path / "staircase.pdf"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["command"] == f"attnflow {command}" and said["seed"] == 1
    assert said["style"] == "column" and said["pictures"] == ["staircase.pdf"]
    assert (tmp_path / "staircase.pdf").read_bytes() == before
    assert not (tmp_path / "dendrogram.pdf").exists()


@pytest.mark.slow
def test_a_film_says_how_it_was_made_and_is_made_again(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(plot, "animate", partial(plot.animate, frames=3))
    command = "coarsen --n 5 --beta 20 --seed 1 --gif --format png"
    assert main([*command.split(), "--out", str(tmp_path)]) == 0
    film = tmp_path / "coarsening.gif"
    assert recorded(film)["command"] == f"attnflow {command}"
    before = film.read_bytes()
    film.rename(tmp_path / "mine.gif")
    assert main(["plot", str(tmp_path / "mine.gif")]) == 0
    assert film.read_bytes() == before and "made by: attnflow coarsen" in capsys.readouterr().out
    assert main(["plot", str(film), "--style", "column"]) == 2
    assert "Expected no --format or --style for a film" in capsys.readouterr().err


@pytest.mark.slow
def test_a_picture_elsewhere_finds_its_data(tmp_path, capsys):
    data, paper = tmp_path / "data", tmp_path / "paper"
    main(["hardmax", "--out", str(data), "--format", "png"])
    assert main(["plot", str(data / "hardmax.npz"), "--out", str(paper), "--format", "pdf"]) == 0
    before = (paper / "hardmax.pdf").read_bytes()
    assert recorded(paper / "hardmax.pdf")["data"] == "../data/hardmax.npz"
    assert main(["plot", str(paper / "hardmax.pdf")]) == 0
    assert (paper / "hardmax.pdf").read_bytes() == before
    (data / "hardmax.npz").unlink()
    capsys.readouterr()
    assert main(["plot", str(paper / "hardmax.pdf")]) == 1
    assert "aren't there: run the command above" in " ".join(capsys.readouterr().out.split())


def test_a_result_saved_in_python_is_drawn(tmp_path, capsys):
    path = codes(4, 3, 1.0, starts=2).save(tmp_path / "mine.npz", seed=0)
    assert load(path).points.shape == (4, 3)
    assert main(["plot", str(path), "--format", "png"]) == 0
    assert (tmp_path / "code.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plot", "nowhere.npz"], "Expected a file that exists but got FILE=nowhere.npz"),
        (["plot", __file__], "Expected a file .npz, .png, .svg, .pdf or .gif but got FILE="),
        (["coarsen", "--format", "gif"], "Expected some of png,pdf,svg"),
        (["coarsen", "--style", "poster"], "invalid choice: 'poster'"),
    ],
)
def test_mistakes_are_answered(words, said, capsys):
    assert main(words) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_json_says_how_it_was_made(capsys):
    assert main(["codes", "4", "3", "--starts", "2", "--seed", "5", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)["provenance"]
    assert made["command"] == "attnflow codes 4 3 --starts 2 --seed 5" and made["seed"] == 5
    assert len(made["sources"]) == 64 and "numpy" in made["versions"]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["codes", "4", "3", "--out=a b"], "attnflow codes 4 3"),
        (["--json", "codes", "--ou", "x", "4"], "attnflow codes 4"),
        (["derive", "t - t**3"], "attnflow derive 't - t**3'"),
    ],
)
def test_the_command_line_without_where_it_goes(words, kept):
    assert as_typed(words) == kept
